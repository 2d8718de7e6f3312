"""How much a run of the tests does: as much as a merge needs, or all of it (`run.py
--long`, as `make check-long` says). What the shorter run leaves out is told in the
closing lines of run.py.

    class Everything(unittest.TestCase):
        LONG = "each statement under each mapping"     # what only the long run does

    count = extent.number("random statements", 300, 20000, "PARALLAX_COUNT")
"""

import os

VARIABLE = "PARALLAX_LONG"
_left = []


def long():
    return VARIABLE in os.environ


def number(what, short, all_of_them, variable=None):
    """How many of these there are to run; the variable of the environment, if it is
    set, says so for both."""
    given = os.environ.get(variable or "")
    if given:
        return int(given)
    if long() or short == all_of_them:
        return all_of_them
    leave(f"{all_of_them - short} of {all_of_them} {what}")
    return short


def leave(what):
    if what not in _left:
        _left.append(what)


def take_left():
    """What was left out since it was last asked for."""
    left = _left[:]
    _left.clear()
    return left


def without_long(tests):
    """Those of them that this run does."""
    kept = []
    for test in tests:
        what = getattr(test, "LONG", None)
        if what and not long():
            leave(what)
        else:
            kept.append(test)
    return kept
