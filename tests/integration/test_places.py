"""Rows in several new tables, under concurrent load through the proxy: TPC-B over
a split table, a partitioned one and one united with another. Nothing diverges, and all
data is equal afterwards, seen through the mapping."""

import unittest

import extent
from harness import Parallax, assert_matched, start_pair

# The notes are a table of their own on the primary, on the shadow some of the
# rows of another.
NOTES = """
CREATE TABLE notes (tid integer PRIMARY KEY, last integer, total bigint NOT NULL);
INSERT INTO notes SELECT tid, NULL, 0 FROM pgbench_tellers;
"""
MIGRATION = """
CREATE TABLE owners (id integer PRIMARY KEY, branch integer);
CREATE TABLE balances (owner integer PRIMARY KEY REFERENCES owners,
	amount integer NOT NULL);
CREATE TABLE paddings (owner integer PRIMARY KEY REFERENCES owners, text text);
INSERT INTO owners SELECT aid, bid FROM pgbench_accounts;
INSERT INTO balances SELECT aid, abalance FROM pgbench_accounts;
INSERT INTO paddings SELECT aid, filler FROM pgbench_accounts
	WHERE filler IS NOT NULL;
CREATE TABLE rich (LIKE pgbench_tellers INCLUDING ALL);
CREATE TABLE poor (LIKE pgbench_tellers INCLUDING ALL);
INSERT INTO poor SELECT * FROM pgbench_tellers;
ALTER TABLE pgbench_branches ADD last integer, ADD total bigint;
DROP TABLE pgbench_accounts, pgbench_tellers;
CREATE TABLE notices (teller integer PRIMARY KEY, kind text NOT NULL,
	last integer, total bigint);
INSERT INTO notices SELECT tid, 'teller', last, total FROM notes;
INSERT INTO notices VALUES (-1, 'other', 1, 1);
DROP TABLE notes;
"""
MAPPING = """
version: 1
tables:
  pgbench_accounts:
    rows:
      - owners
      - {table: balances, join: {owner: aid}}
      - {table: paddings, join: {owner: aid}, when: "filler IS NOT NULL"}
    columns:
      aid: id
      bid: branch
      abalance: balances.amount
      filler: {column: paddings.text, read: "paddings.text::character(84)",
               write: "filler"}
  pgbench_tellers:
    rows:
      any_of: [{table: rich, when: "tbalance > 0"}, poor]
  notes:
    rows: {table: notices, where: "kind = 'teller'", set: {kind: "'teller'"}}
    columns: {tid: teller}
"""
# Accounts 1 to 10 are written by who has locked the branch, and by no one who waits
# for it: that would be a deadlock on the primary now and then. Nor does a statement
# alone write a hot row: which of two that overlap came first, nobody can tell.
SCRIPT = """
\\set aid random(11, 100000)
\\set tid random(1, 10)
\\set delta random(-5000, 5000)
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;
UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = 1;
MERGE INTO pgbench_accounts a USING (VALUES (:tid::integer)) v (id) ON a.aid = v.id WHEN MATCHED AND a.abalance > 0 THEN UPDATE SET abalance = a.abalance - 1, filler = 'merged' WHEN MATCHED THEN UPDATE SET abalance = a.abalance + 1, filler = NULL WHEN NOT MATCHED THEN INSERT (aid, abalance) VALUES (v.id, 0);
MERGE INTO pgbench_tellers t USING (SELECT :tid::integer AS id, :delta::integer AS delta) s ON t.tid = s.id WHEN MATCHED AND t.tbalance > 0 THEN UPDATE SET tbalance = - t.tbalance WHEN MATCHED THEN UPDATE SET tbalance = t.tbalance + s.delta;
UPDATE notes SET last = :delta, total = total + 1 WHERE tid = :tid;
UPDATE pgbench_accounts SET filler = nullif(filler, 'x') WHERE aid = :tid RETURNING aid, abalance;
COMMIT;
"""


class Places(unittest.TestCase):
    CLIENTS = 8
    TRANSACTIONS = (150, 150)   # of a client: as a rule, in the long run
    SCRIPT = SCRIPT

    def setUp(self):
        start_pair(self, "places")
        for cluster in (self.primary, self.shadow):
            cluster.pgbench("-i", "-s", "1", "-q")
            cluster.psql(NOTES)
        self.shadow.psql(MIGRATION)
        mapping = self.place.write("mapping.yaml", MAPPING)
        # Writes to several tables take the shadow longer than one did the primary.
        self.parallax = Parallax(self.place, self.primary, self.shadow,
                                 mapping=mapping, extra="drain: 5 min\n")

    def run_mode(self, mode):
        code, output = self.parallax.check()
        self.assertEqual(code, 0, output)
        script = self.place.write("script.sql", self.SCRIPT)
        count = extent.number(f"transactions of each of {self.CLIENTS} clients",
                              *self.TRANSACTIONS, "PARALLAX_TPCB_TRANSACTIONS")
        self.parallax.start()
        output = self.primary.pgbench(
            "-n", "-c", self.CLIENTS, "-j", 2, "-M", mode, "-t", count, "-f",
            script, port=self.parallax.port)
        self.assertIn("number of failed transactions: 0", output)
        self.parallax.stop(300)
        assert_matched(self, self.parallax.report())
        code, output = self.place.exit_code(
            [self.place.parallax, "verify", "--quiet", self.parallax.config])
        self.assertEqual(code, 0, output)

    def test_simple(self):
        self.run_mode("simple")

    def test_prepared(self):
        self.run_mode("prepared")


if __name__ == "__main__":
    unittest.main()
