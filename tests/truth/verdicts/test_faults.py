"""Planted faults under concurrent load, as shadows of one stream: each is found, with
its class and its root, and nothing is reported that is none. Before the load, check and
verify are asked, too: docs/faults.md has what finds which fault.

PARALLAX_FAULTS chooses some of them by their names; PARALLAX_SHOW=1 lists what each
shadow reported and what it left undecided; PARALLAX_WRITE_DOCS=1 writes the page."""

import os
import re
import unittest

import extent
import stage
from faults import FAULTS
from touches import TOUCHING

SHOW = bool(os.environ.get("PARALLAX_SHOW"))
WRITE = bool(os.environ.get("PARALLAX_WRITE_DOCS"))
PAGE = os.path.join(stage.HERE, "..", "..", "..", "docs", "faults.md")
AT_ONCE = 12    # shadows of one stream


class Right:
    """A shadow without a fault: nothing may be reported of it."""
    name, found, mapping = "right", None, staticmethod(lambda: None)

    @staticmethod
    def is_true(group):
        return False


def chosen():
    names = os.environ.get("PARALLAX_FAULTS", "").split()
    if names:
        return [one for one in FAULTS if one.name in names]
    # some of each sort
    count = extent.number("planted faults", 5, len(FAULTS))
    return [FAULTS[number * len(FAULTS) // count] for number in range(count)]


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = stage.Stage(cls, "faults")
        cls.stage.prepare("right", "")
        cls.transactions = extent.number("transactions of the faults", 128,
                                         960, "PARALLAX_TRANSACTIONS")

    def test_each_fault_is_found(self):
        faults = chosen()
        wrong = []
        print()
        for at in range(0, len(faults), AT_ONCE):
            wrong += self.plant(f"faults{at}", faults[at:at + AT_ONCE])
        for what in wrong:
            print(what, flush=True)
        self.assertEqual(wrong, [])

    def plant(self, name, faults):
        """Gives what was wrong."""
        for fault in faults:
            self.stage.prepare(fault.name, fault.migration())
        faults = [Right, *faults]
        run = self.stage.run(name, [(fault.name, fault.mapping())
                                    for fault in faults])
        said = [commands(shadow) for shadow in run.shadows]
        run.go(lambda run: TOUCHING.run(
            self.stage.place, run.port, run.name, self.transactions))
        wrong = [f"{fault.name}: {what}"
                 for fault, shadow in zip(faults, run.shadows)
                 for what in judge(fault, shadow)]
        rows = {fault.name: row(fault, *by)
                for fault, by in zip(faults, said) if fault is not Right}
        if said[0] != (False, False):
            wrong.append(f"right: check, verify: {said[0]}")
        run.drop()
        return wrong + list(page(rows))


def commands(shadow):
    """Whether check and verify find something."""
    code, output = shadow.command("check")
    if SHOW:
        print(shadow.name, code, output)
    return (code != 0,
            shadow.command("verify", "--no-store", "--recheck", "0")[0] != 0)


def judge(fault, shadow):
    """What is wrong in the verdicts about a fault."""
    report = shadow.report()
    groups = report["divergences"]
    undecided = shadow.undecided()
    if SHOW:
        show(fault, groups, undecided)
    if report["exchanges"]["seen"] != sum(report["verdicts"].values()):
        yield f"does not add up: {report['exchanges']} {report['verdicts']}"
    for group in groups:
        if not fault.is_true(group):
            yield (f"no root: {group['class']} {group['count']} "
                   f"{group['statement']} {group['detail']} "
                   f"{group['evidence'][:1]}")
    if fault.found and not any(fault.is_root(group) for group in groups):
        yield f"not found: {fault.found}; undecided: {undecided}"


def show(fault, groups, undecided):
    print(f"-- {fault.name}")
    for group in groups:
        print("   ", group["class"], group["count"], group["statement"],
              group["detail"])
    for one in undecided:
        print("      ", *one)


# --- docs/faults.md ---

def row(fault, check, verify):
    traffic = (f"`{fault.found[0]}`" if fault.found else
               f"only inconclusive (`{fault.undecided}`)" if fault.undecided
               else "no")
    return (f"| {fault.what} | {'yes' if check else 'no'} | {traffic} | "
            f"{'yes' if verify else 'no'} | <!-- {fault.name} -->")


def page(rows):
    """Writes the rows, or gives those that the page has otherwise."""
    with open(PAGE, encoding="utf-8") as file:
        lines = file.read().splitlines()
    there = {match[1]: at for at, line in enumerate(lines)
             if (match := re.search(r"<!-- (\S+) -->$", line))}
    for name, text in rows.items():
        if name in there and lines[there[name]] == text:
            continue
        if not WRITE:
            yield f"{name}: docs/faults.md lacks: {text}"
        elif name in there:
            lines[there[name]] = text
        else:
            lines.append(text)
    if WRITE:
        with open(PAGE, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    unittest.main()
