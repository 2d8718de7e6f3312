"""TPC-B through a renaming mapping: nothing diverges, and afterwards the data of
both sides is equal row by row, seen through the mapping."""

import os
import unittest

from harness import Parallax, ROOT, assert_matched, start_pair

TRANSACTIONS = int(os.environ.get("PARALLAX_TPCB_TRANSACTIONS", "150"))  # a client

# The migration that mappings/pgbench.yaml describes.
MIGRATION = """
CREATE SCHEMA bank;
ALTER TABLE pgbench_accounts SET SCHEMA bank;
ALTER TABLE pgbench_branches SET SCHEMA bank;
ALTER TABLE pgbench_tellers SET SCHEMA bank;
ALTER TABLE pgbench_history SET SCHEMA bank;
ALTER TABLE bank.pgbench_accounts RENAME TO accounts;
ALTER TABLE bank.pgbench_branches RENAME TO branches;
ALTER TABLE bank.pgbench_tellers RENAME TO tellers;
ALTER TABLE bank.pgbench_history RENAME TO history;
ALTER TABLE bank.accounts RENAME aid TO account_id;
ALTER TABLE bank.accounts RENAME bid TO branch_id;
ALTER TABLE bank.accounts RENAME abalance TO balance;
ALTER TABLE bank.accounts RENAME filler TO padding;
ALTER TABLE bank.accounts ALTER account_id TYPE bigint;
ALTER TABLE bank.branches RENAME bid TO branch_id;
ALTER TABLE bank.branches RENAME bbalance TO balance;
ALTER TABLE bank.branches RENAME filler TO padding;
ALTER TABLE bank.tellers RENAME tid TO teller_id;
ALTER TABLE bank.tellers RENAME bid TO branch_id;
ALTER TABLE bank.tellers RENAME tbalance TO balance;
ALTER TABLE bank.tellers RENAME filler TO padding;
ALTER TABLE bank.history RENAME tid TO teller_id;
ALTER TABLE bank.history RENAME bid TO branch_id;
ALTER TABLE bank.history RENAME aid TO account_id;
ALTER TABLE bank.history RENAME mtime TO at;
ALTER TABLE bank.history RENAME filler TO padding;
ALTER TABLE bank.history ALTER account_id TYPE bigint;
"""

# The same rows in the same order: (on the primary, on the shadow).
SAME = (
    ("SELECT aid, bid, abalance, filler FROM pgbench_accounts ORDER BY 1",
     "SELECT account_id, branch_id, balance, padding FROM bank.accounts"
     " ORDER BY 1"),
    ("SELECT bid, bbalance, filler FROM pgbench_branches ORDER BY 1",
     "SELECT branch_id, balance, padding FROM bank.branches ORDER BY 1"),
    ("SELECT tid, bid, tbalance, filler FROM pgbench_tellers ORDER BY 1",
     "SELECT teller_id, branch_id, balance, padding FROM bank.tellers"
     " ORDER BY 1"),
)
# Fed by a clock: compared within the tolerance.
HISTORY = (
    "SELECT tid, bid, aid, delta, extract(epoch FROM mtime) FROM"
    " pgbench_history ORDER BY 1, 2, 3, 4, 5",
    "SELECT teller_id, branch_id, account_id, delta, extract(epoch FROM at)"
    " FROM bank.history ORDER BY 1, 2, 3, 4, 5")


def assert_same_data(test):
    for old, new in SAME:
        # Not assertEqual, which would show all rows.
        test.assertTrue(test.primary.psql(old) == test.shadow.psql(new), new)
    old, new = (cluster.psql(query).splitlines() for cluster, query in
                zip((test.primary, test.shadow), HISTORY))
    test.assertEqual(len(old), len(new))
    for one, other in zip(old, new):
        left, right = one.split("|"), other.split("|")
        test.assertEqual(left[:4], right[:4])
        test.assertLess(abs(float(left[4]) - float(right[4])), 2)


class TpcbMapping(unittest.TestCase):
    def setUp(self):
        start_pair(self, "tpcb-mapping")
        for cluster in (self.primary, self.shadow):
            cluster.pgbench("-i", "-s", "1", "-q")
        self.shadow.psql(MIGRATION)
        mapping = self.place.take(os.path.join(ROOT, "mappings/pgbench.yaml"))
        self.parallax = Parallax(self.place, self.primary, self.shadow,
                                 mapping=mapping, extra="drain: 5 min\n")

    def run_mode(self, mode):
        code, output = self.parallax.check()
        self.assertEqual(code, 0, output)
        self.parallax.start()
        output = self.primary.pgbench("-n", "-c", 8, "-j", 2, "-M", mode, "-t",
                                      TRANSACTIONS, port=self.parallax.port)
        self.assertIn("number of failed transactions: 0", output)
        self.parallax.stop(300)
        assert_matched(self, self.parallax.report())
        assert_same_data(self)

    def test_simple(self):
        self.run_mode("simple")

    def test_prepared(self):
        self.run_mode("prepared")


if __name__ == "__main__":
    unittest.main()
