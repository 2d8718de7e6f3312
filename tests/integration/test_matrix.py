"""Every change of mappings/ by every kind of statement: see matrix/statements.sql.

What was seen is docs/coverage.md and docs/examples.md; `make docs-matrix` writes
them (PARALLAX_WRITE_DOCS=1), else they must say what was seen.
"""

import difflib
import json
import os
import unittest
from concurrent.futures import ThreadPoolExecutor

import matrix_pages
import pair
import statements
from harness import ROOT, Workplace

REFUSED = "constraints that refuse"
# table, key, a row that one locks, one that it does not
LOCKED = [("users", "id", 1, 2), ("orders", "id", 3, 1),
          ("addresses", "user_id", 4, 5), ("cats", "id", 1, 2),
          ("articles", "sku", "'A-1'", "'B-1'")]
TABLES = r"""
SELECT CASE WHEN n.nspname <> 'public' THEN n.nspname || '.' ELSE '' END ||
	c.relname, a.attname, t.typname || CASE WHEN a.atttypmod > 0 THEN
	substring(format_type(a.atttypid, a.atttypmod) from '\(.*\)') ELSE '' END
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
	JOIN pg_type t ON t.oid = a.atttypid
	JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
	AND n.nspname !~ '^pg_|^information_schema'
ORDER BY c.oid, a.attnum
"""


def tables_of(cluster, database):
    tables = {}
    for row in cluster.psql(TABLES, database).splitlines():
        table, column, kind = row.split("|")
        tables.setdefault(table, {})[column] = kind
    return tables


def told(unit, said):
    """One difference, for people."""
    lines = [f"[{unit.kind}] {unit.text()}",
             f"  {said.get('verdict')} {said.get('why', '')}: "
             f"{said.get('what', '')}"]
    lines += [f"  => {step['text']}" for step in said.get("steps", [])]
    for side in ("old", "new"):
        lines.append(f"  {side}: {json.dumps(said.get(side))}")
    return "\n".join(lines)


class Matrix(unittest.TestCase):
    def changes(self):
        return pair.changes()

    def units_of(self, change):
        return statements.parse(pair.read("statements.sql"))

    def test_every_change_by_every_statement(self):
        names = self.changes()
        with Workplace("matrix") as place:
            workshop = pair.Workshop(place)
            old = tables_of(workshop.cluster, "template_old")
            with ThreadPoolExecutor(2) as pool:
                found = list(pool.map(
                    lambda change: self.look(workshop, change,
                                             self.units_of(change)), names))
            new = {change: tables_of(workshop.cluster, f"{change}.new")
                   for change in names}
        seen = {}
        for change, (results, wrong) in zip(names, found):
            seen[change] = [(u, o) for u, o in results if o.mapped]
            with self.subTest(change=change):
                self.assertEqual(wrong, [], f"{change}:\n" + "\n".join(wrong))
                # A change that no statement touches proves nothing.
                self.assertTrue(seen[change])
        self.hold_pages(seen, old, new)

    def look(self, workshop, change, units):
        """([(unit, outcome)], what went wrong)"""
        results, wrong = [], []
        one = workshop.open(change)
        aside = workshop.open(change, migrated=True)
        # What the lens has loaded reads as the old data, and so does what the
        # migration makes of them.
        for name, which in (("loaded", one), ("migrated", aside)):
            for said in workshop.data(which)[0]:
                wrong.append(f"{name}: " + json.dumps(said))
        aside.close()
        for unit in units:
            outcome = statements.run_unit(workshop, one, unit)
            results.append((unit, outcome))
            wrong += [told(unit, said) for said in outcome.wrong]
            # A statement that the old schema refuses by mistake says nothing.
            for said in outcome.said:
                if ("state" in said["old"]) != (unit.kind == REFUSED):
                    wrong.append(f"on the old schema: {unit.text()} "
                                 f"{said['old']}")
        wrong += self.locks(one)
        # Nothing was left behind.
        for said in workshop.data(one)[0]:
            wrong.append("left: " + json.dumps(said))
        one.close()
        return results, wrong

    @staticmethod
    def locks(one):
        """Rows that one session has locked, seen by another: on both sides the
        same ones, and no more."""
        wrong = []
        for table, key, mine, other in LOCKED:
            rows = f"SELECT {key} FROM {table} WHERE {key} = "
            asked = [(rows + f"{mine} FOR UPDATE NOWAIT", True),
                     (rows + f"{other} FOR UPDATE NOWAIT", False),
                     (f"SELECT {key} FROM {table} ORDER BY {key} "
                      "FOR UPDATE SKIP LOCKED", False)]
            for text, refused in asked:
                for session in (0, 1):
                    one.raw("BEGIN", session=session)
                one.run(rows + f"{mine} FOR UPDATE")
                said = one.run(text, session=1)
                states = [said[side].get("state") for side in ("old", "new")]
                if states != (["55P03"] * 2 if refused else [None] * 2) or \
                        not refused and said["verdict"] != "match":
                    wrong.append(f"locked {mine} of {table}: {text}: " +
                                 json.dumps(said))
                for session in (0, 1):
                    one.raw("ROLLBACK", session=session)
        return wrong

    def hold_pages(self, seen, old, new):
        self.hold("coverage.md", matrix_pages.coverage(seen))
        self.hold("examples.md", matrix_pages.examples(seen, old, new))

    def hold(self, name, text):
        path = os.path.join(ROOT, "docs", name)
        if os.environ.get("PARALLAX_WRITE_DOCS"):
            with open(path, "w") as file:
                file.write(text)
        with self.subTest(page=name):
            with open(path) as file:
                there = file.read()
            # (assertEqual's own difference takes minutes.)
            differs = list(difflib.unified_diff(
                there.splitlines(), text.splitlines(), lineterm="", n=0))
            self.assertEqual(len(differs), 0,
                             f"docs/{name}: run make docs-matrix\n" +
                             "\n".join(differs[:60]))


if __name__ == "__main__":
    unittest.main()
