"""Random statements (tests/truth/random/generator.py) over the old schema of
mappings/, under every change: on the old side, and by their plans on the new one.
Each transaction begins with the same data, is compared whole at its end, and taken
back; one that shows a difference is cut down to the statements that it takes.

    PARALLAX_RANDOM_STATEMENTS=50000    how many in all (2400, --long: 50000)
    PARALLAX_RANDOM_SEED=7              other ones
    PARALLAX_RANDOM_CHANGES="a b"       under these changes only
"""

import collections
import copy
import json
import os
import random
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

import extent
import pair
from harness import ROOT, Workplace
from statements import binary_of

sys.path.append(os.path.join(ROOT, "tests", "truth", "random"))

from generator import Generator                     # noqa: E402
from schemas import OIDS, SHOP                       # noqa: E402

SQL = {"bool": "bool", "int": "int4", "big": "int8", "small": "int2",
       "ref": "int4", "rank": "int4"}
SYNC = ("SELECT setval('teams_id_seq', {0}), setval('users_id_seq', {0}), "
        "setval('orders_id_seq', {0}), setval('ticket_seq', {0})")
# What a new schema does not refuse by its nature, as its migration says.
LAXER = {
    # its key, its reference and its NOT NULL are the host's now
    "absorb-table": {"23502", "23503", "23505"},
    # a key is one within each of the tables only
    "partition-rows": {"23505"},
    "combined-rows": {"23505"},
    # what is not found is null
    "inline-lookup": {"23503"},
    # a wider type
    "retype-column": {"22001", "22003"},
}


class Case:
    """A statement with its parameters."""

    def __init__(self, text, given, rng):
        self.text = text
        self.options = {}
        if given:
            binary = rng.random() < 0.5
            self.options = {
                "types": [OIDS[kind] for kind, _ in given],
                "parameters": [self.value(kind, value, binary)
                               for kind, value in given],
                "binary": rng.random() < 0.3}

    @staticmethod
    def value(kind, value, binary):
        text = str(value).lower() if kind == "bool" else str(value)
        if binary and (kind in SQL or kind in ("text", "email", "theme")):
            return binary_of(SQL.get(kind, "text"), text)
        return text

    def __str__(self):
        return self.text + ";" + (f"  -- {self.options['parameters']}"
                                  if self.options else "")


class Run:
    """The statements of one change."""

    def __init__(self, workshop, change, seed):
        self.workshop = workshop
        self.change = change
        self.rng = random.Random(f"{change} {seed}")
        self.generator = Generator(self.rng.randrange(1 << 30),
                                   self.schema(change))
        self.pair = workshop.open(change)
        self.counts = collections.Counter()
        self.reasons = collections.Counter()
        self.laxer = collections.Counter()
        self.number = 1000
        differs, _, _ = workshop.data(self.pair)
        self.found = [json.dumps(said) for said in differs]

    @staticmethod
    def schema(change):
        """The tables that the mapping names come more often."""
        named = pair.named(change)
        schema = copy.copy(SHOP)
        schema.tables = [table for table in SHOP.tables
                         for _ in range(4 if table.name in named else 1)]
        return schema

    def go(self, count):
        begun = len(self.found)
        while not begun and self.counts["run"] < count and \
                len(self.found) < 3:
            cases = self.cases(self.rng.randint(1, 12))
            difference = self.transaction(cases, self.counts)
            if difference:
                self.found.append(self.shrunk(cases, difference))
        self.pair.close()
        return self

    def cases(self, count):
        cases = []
        while len(cases) < count:
            template = self.generator.statement()
            for _ in range(self.rng.choice([1, 1, 2])):
                text, given = self.generator.variant(
                    template, self.rng.random() < 0.4)
                # A parameter whose type is told by nothing else is declared.
                cases.append(Case(text, given, self.rng))
        return cases

    def sync(self):
        """Sequences keep what a statement that failed has taken of them."""
        self.number += 1000
        said = self.pair.run(SYNC.format(self.number))
        if said.get("verdict") != "match":
            raise AssertionError(f"{self.change}: {said}")

    def transaction(self, cases, counts):
        """Gives what differs, or None."""
        difference = None
        wrote = False
        self.sync()
        self.pair.raw("BEGIN")
        for case in cases:
            self.pair.raw("SAVEPOINT random")
            said = self.pair.run(case.text, **case.options)
            counts["run"] += 1
            counts["mapped"] += said["mapped"]
            state = self.judge(said, counts, "MERGE" in case.text)
            if state == "wrong":
                difference = (case, said)
                break
            if state == "ok":
                self.pair.raw("RELEASE random")
                wrote |= not said["reads_only"]
            else:
                self.pair.raw("ROLLBACK TO random")
            if state != "ok" or "ON CONFLICT" in case.text:
                self.sync()
        if not difference:
            self.pair.raw("SET CONSTRAINTS ALL IMMEDIATE")
            if wrote:
                difference = self.data(counts)
        self.pair.raw("ROLLBACK")
        return difference

    def data(self, counts):
        differs, _, lossy = self.workshop.data(self.pair, True)
        counts["compared"] += 1
        if lossy:
            raise AssertionError("a dropped column was written")
        return ("data", differs[0]) if differs else None

    def judge(self, said, counts, merges):
        """ok, undone (it is to be taken back on both sides), or wrong."""
        if said["action"] in ("untranslatable", "skip"):
            counts["untranslatable"] += 1
            self.reasons[said["detail"] or said["reason"]] += 1
            return "undone"
        state = said["old"].get("state")
        if said["verdict"] == "match":
            counts["refused" if state else "match"] += 1
            return "undone" if state else "ok"
        if said.get("why") == "error.primary" and \
                state in LAXER.get(self.change, ()):
            self.laxer[state] += 1
            return "undone"
        # Of several faults in one statement, which is found first is no promise:
        # MERGE writes a row before it computes the next one.
        if said.get("why") == "error.differs" and \
                {state[:2], said["new"]["state"][:2]} in (
                    [{"21", "23"}, {"21", "22"}, {"22", "23"}] if merges
                    else [{"21", "23"}]):
            counts["refused"] += 1
            return "undone"
        if said["verdict"] == "inconclusive":
            counts["inconclusive"] += 1
            self.reasons["inconclusive: " + said["why"]] += 1
            return "undone"
        return "wrong"

    def shrunk(self, cases, difference):
        """As few of them as show a difference, told for people."""
        nothing = collections.Counter()
        at = len(cases)
        if difference[0] != "data":
            cases = cases[:cases.index(difference[0]) + 1]
        while at > 0:
            at -= 1
            fewer = cases[:at] + cases[at + 1:]
            again = fewer and self.transaction(fewer, nothing)
            if again:
                cases, difference = fewer, again
        said = difference[1]
        lines = [f"under {self.change}:"] + [f"  {case}" for case in cases]
        lines += [f"{said.get('verdict')} {said.get('why', '')} "
                  f"{said.get('what', '')}"]
        lines += [f"  => {step['text']}" for step in said.get("steps", [])]
        lines += [f"  {side}: {json.dumps(said.get(side))}"
                  for side in ("old", "new")]
        return "\n".join(lines)


class RandomMatrix(unittest.TestCase):
    STATEMENTS = (2400, 50000)  # as a rule, in the long run

    def changes(self):
        return os.environ.get("PARALLAX_RANDOM_CHANGES", "").split() or \
            pair.changes()

    def test_no_difference_under_any_change(self):
        total = extent.number("random statements", *self.STATEMENTS,
                              "PARALLAX_RANDOM_STATEMENTS")
        seed = os.environ.get("PARALLAX_RANDOM_SEED", "1")
        names = self.changes()
        each = -(-total // len(names))
        with Workplace("matrix-random") as place:
            workshop = pair.Workshop(place)
            with ThreadPoolExecutor(2) as pool:
                runs = list(pool.map(
                    lambda change: Run(workshop, change, seed).go(each), names))
        self.tell(runs)
        for run in runs:
            with self.subTest(change=run.change):
                self.assertEqual(run.found, [], "\n\n".join(run.found))
                # What cannot be decided says nothing: it must be little.
                self.assertLess(run.counts["inconclusive"],
                                run.counts["run"] / 20)
                self.assertGreater(run.counts["match"], run.counts["run"] / 2)

    @staticmethod
    def tell(runs):
        whole = collections.Counter()
        for run in runs:
            whole.update(run.counts)
            if os.environ.get("PARALLAX_RANDOM_STATEMENTS"):
                print(f"{run.change}: {dict(run.counts)} "
                      f"laxer {dict(run.laxer)}")
                for reason, count in run.reasons.most_common(12):
                    print(f"    {count} {reason}")
        print(dict(whole), flush=True)


if __name__ == "__main__":
    unittest.main()
