"""The other lowering of writes to several tables: in steps, as for an engine whose
statements cannot write within WITH (tests/README.md, "Lowerings"). What the tests of
the one lowering find, those of the other must find too. The long run (extent.py) runs
all of them; the other one what steps are for: the statements that write, under the
changes by which they write to several tables, and fewer random ones of these."""

import os
import re
import unittest

import extent
import pair
from harness import Parallax, start_pair
import test_matrix
import test_places
import test_random_changes
import test_rewrite_random
import test_wrong_mappings

# What an engine cannot do in steps, by the reason that the plan gives.
UNSTEPPED = ("within another statement", "can be met by neither first",
             "beside a write of it")


class InSteps:
    @classmethod
    def setUpClass(cls):
        os.environ["PARALLAX_TEST_LOWERING"] = "steps"
        cls.addClassCleanup(os.environ.pop, "PARALLAX_TEST_LOWERING")
        super().setUpClass()


OLD = """
CREATE TABLE users (id integer PRIMARY KEY, email text UNIQUE, n integer, bio text);
INSERT INTO users SELECT i, i || '@x', 0, nullif('bio ' || i % 7, 'bio 3')
	FROM generate_series(1, 20000) i;
"""
NEW = """
CREATE TABLE accounts (id integer PRIMARY KEY, mail text UNIQUE, n integer);
CREATE TABLE profiles (account integer PRIMARY KEY REFERENCES accounts,
	bio text CHECK (bio <> 'refused'));
INSERT INTO accounts SELECT i, i || '@x', 0 FROM generate_series(1, 20000) i;
INSERT INTO profiles SELECT i, 'bio ' || i % 7 FROM generate_series(1, 20000) i
	WHERE i % 7 <> 3;
"""
MAPPING = """
version: 1
tables:
  users:
    rows:
      - accounts
      - {table: profiles, join: {account: id}, when: "bio IS NOT NULL"}
    columns: {email: mail, bio: profiles.bio}
"""
# Each is a statement alone, or a transaction; the planted fault is at REFUSED.
WRITES = [
    "UPDATE users SET bio = upper(bio), n = n + 1 WHERE id < 9 RETURNING id, n, bio",
    "UPDATE users SET bio = NULL WHERE id IN (1, 3, 4)",
    "UPDATE users SET bio = 'again' WHERE id IN (1, 3, 4)",
    "UPDATE users SET bio = 'none' WHERE id = -1",
    # more rows than are put into a statement: they stay on the shadow
    "UPDATE users SET bio = coalesce(bio, 'none') || id, n = n + 1",
    "DELETE FROM users WHERE id BETWEEN 100 AND 2100",
    "INSERT INTO users SELECT i, 'new' || i, 1, 'x' FROM generate_series(100, 2100) i",
    # ... as the shadow finds, for the primary tells of none
    "INSERT INTO users SELECT i, 'y' || i, 1, 'y' FROM generate_series(1, 20000) i"
    " ON CONFLICT DO NOTHING",
    "INSERT INTO users VALUES (1, 'z', 1, 'z'), (30000, 'w', 1, NULL)"
    " ON CONFLICT (id) DO UPDATE SET n = users.n + 1, bio = excluded.bio"
    " RETURNING id, n",
    "MERGE INTO users u USING (VALUES (1), (2), (30001)) v (id) ON u.id = v.id"
    " WHEN MATCHED AND u.id = 2 THEN DELETE WHEN MATCHED THEN UPDATE SET bio = 'm'"
    " WHEN NOT MATCHED THEN INSERT (id, email) VALUES (v.id, 'merged')",
    "WITH gone AS (DELETE FROM users WHERE id = 5 RETURNING *) INSERT INTO users"
    " SELECT id + 40000, email || '!', n, bio FROM gone RETURNING id, bio",
    "BEGIN; UPDATE users SET bio = 'a' WHERE id = 6; SAVEPOINT s;"
    " UPDATE users SET bio = 'b', email = 'b' WHERE id = 6; ROLLBACK TO s;"
    " UPDATE users SET bio = bio || 'c', n = 7 WHERE id = 6; COMMIT",
    "BEGIN; DELETE FROM users WHERE id = 7; ROLLBACK",
]
# They fail on both sides, in whichever step.
FAIL = [
    "UPDATE users SET email = '1@x', bio = 'dup' WHERE id = 6",
    "INSERT INTO users VALUES (6, 'six', 1, 'dup')",
    "BEGIN; UPDATE users SET bio = 'lost' WHERE id = 6;"
    " UPDATE users SET bio = 'lost', n = 1 / (n - n) WHERE id = 6; COMMIT",
]
REFUSED = "UPDATE users SET n = 77, bio = 'refused' WHERE id = 8"
MENDED = "UPDATE users SET n = 78, bio = 'mended' WHERE id = 8"


class Waves(InSteps, unittest.TestCase):
    """Through relay and mirror: how the steps follow one another there."""

    def setUp(self):
        start_pair(self, "waves")
        self.primary.psql(OLD)
        self.shadow.psql(NEW + "ALTER DATABASE postgres SET log_statement = 'all'")
        self.parallax = Parallax(
            self.place, self.primary, self.shadow,
            mapping=self.place.write("mapping.yaml", MAPPING)).start()

    def send(self, text):
        return self.place.exit_code(
            [self.place.tool("psql"), "-h", self.primary.host, "-p",
             self.parallax.port, "-U", "postgres", "-v", "ON_ERROR_STOP=1",
             *[part for statement in text.split("; ")
               for part in ("-c", statement)], "postgres"])

    def test_writes(self):
        for text in WRITES + [REFUSED, MENDED]:
            self.assertEqual(self.send(text)[0], 0, text)
        for text in FAIL:
            self.assertNotEqual(self.send(text)[0], 0, text)
        self.parallax.stop(300)
        report = self.parallax.report()
        verdicts = report["verdicts"]
        shown = (verdicts, report["divergences"])
        self.assertEqual([one["class"] for one in report["divergences"]],
                         ["error.shadow"], shown)
        self.assertEqual(verdicts["diverged"], 1, shown)
        for verdict in ("inconclusive", "skipped", "untranslatable", "failed"):
            self.assertEqual(verdicts[verdict], 0, shown)
        code, output = self.place.exit_code(
            [self.place.parallax, "verify", "--quiet", self.parallax.config])
        self.assertEqual(code, 0, output)
        # In steps: else all of it was the other lowering.
        for part in ("AS parallax_rows (",
                     "CREATE TEMPORARY TABLE parallax_rows_"):
            self.assertIn(part, self.place.log("shadow"))


# The changes by which a row of an old table lives in several new ones.
SEVERAL = ["split-required", "split-optional", "absorb-table", "partition-rows",
           "lookup-table", "many-to-many", "combined", "combined-rows"]
FEW = 10    # statements that take steps by any other change, at the most


class Matrix(InSteps, test_matrix.Matrix):
    LONG = "the changes by which rows stay in one table, and statements that " \
        "write to no table of the mapping"

    def look(self, workshop, change, units):
        results, wrong = super().look(workshop, change, units)
        self.steps[change] = sum(
            len(said.get("steps", [])) > 2
            for _, outcome in results for said in outcome.said)
        self.refused[change] = [
            outcome.reason for _, outcome in results if outcome.reason and
            any(reason in outcome.reason for reason in UNSTEPPED)]
        return results, wrong

    def test_every_change_by_every_statement(self):
        self.steps, self.refused = {}, {}
        super().test_every_change_by_every_statement()
        print("in steps:", self.steps, "refused:",
              {name: len(said) for name, said in self.refused.items() if said})
        # Else it was the other lowering.
        self.assertEqual({name for name in self.steps if self.steps[name] > FEW},
                         set(SEVERAL), self.steps)
        for name, said in self.refused.items():
            self.assertLess(len(said), 12, (name, said))

    def hold_pages(self, seen, old, new):
        """The pages are of the other lowering."""


class Writes(Matrix):
    LONG = None

    def changes(self):
        return SEVERAL

    def units_of(self, change):
        """Those that write to a table that the change's mapping names."""
        named = "|".join(pair.named(change))
        return [unit for unit in super().units_of(change)
                if re.search(r"INSERT|(?<!FOR )UPDATE|DELETE|MERGE|TRUNCATE|"
                             "FROM STDIN", unit.text()) and
                re.search(rf"\b({named})\b", unit.text())]


class WrongMappings(InSteps, test_wrong_mappings.WrongMappings):
    LONG = "wrong mappings"


class WrongExamples(InSteps, test_wrong_mappings.WrongExamples):
    LONG = "wrong mappings"


class RandomStatements(InSteps, test_rewrite_random.RandomStatements):
    LONG = "random statements through relay and mirror"


class RandomMatrix(InSteps, test_random_changes.RandomMatrix):
    STATEMENTS = (400, 20000)

    def changes(self):
        return super().changes() if extent.long() else SEVERAL


class Places(InSteps, test_places.Places):
    CLIENTS = 16
    TRANSACTIONS = (25, 150)


class Upserts(Places):
    """Of rows that others write, and of some that others put in at the same time."""

    LONG = "upserts of 16 clients"
    SCRIPT = """
\\set old random(11, 300)
\\set new random(100001, 100300)
\\set aid case when :client_id % 2 = 0 then :old else :new end
\\set hot random(1, 10)
\\set delta random(-5000, 5000)
BEGIN;
INSERT INTO pgbench_accounts VALUES (:aid, 1, :delta, nullif('f' || :delta % 3, 'f0')) ON CONFLICT (aid) DO UPDATE SET abalance = pgbench_accounts.abalance + excluded.abalance, filler = excluded.filler RETURNING aid, abalance, filler;
UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = 1;
INSERT INTO pgbench_accounts VALUES (:hot, 1, :delta, NULL), (100400 + :hot, 1, :delta, 'new') ON CONFLICT (aid) DO UPDATE SET filler = nullif('hot', pgbench_accounts.filler) WHERE pgbench_accounts.abalance <> excluded.abalance;
INSERT INTO pgbench_tellers (tid, bid, tbalance) VALUES (:hot, 1, :delta) ON CONFLICT (tid) DO UPDATE SET tbalance = :delta - pgbench_tellers.tbalance;
INSERT INTO notes VALUES (:hot + 5, :delta, 1) ON CONFLICT (tid) DO UPDATE SET total = notes.total + 1, last = excluded.last;
DELETE FROM pgbench_accounts WHERE aid = 100400 + :hot AND abalance % 2 = 0;
COMMIT;
"""


if __name__ == "__main__":
    unittest.main()
