"""The psql processes that stay (sessions.py): a script finds nothing of an earlier one,
and nobody finds a session that stays."""

import time
import unittest

import harness
import spent

OTHERS = ("SELECT count(*) FROM pg_stat_activity WHERE backend_type = "
          "'client backend' AND pid <> pg_backend_pid()")


class Sessions(unittest.TestCase):
    def setUp(self):
        self.place = harness.Workplace("sessions")
        self.addCleanup(self.place.close)
        self.cluster = harness.SharedCluster.take(self.place, "server")
        self.psql = self.cluster.psql

    def started(self, *scripts):
        """How many processes these took."""
        before = spent.SPENT["commands"]
        for script in scripts:
            self.psql(script)
        return spent.SPENT["commands"] - before

    def test_one_process_for_several_scripts(self):
        self.assertEqual(self.started("SELECT 1", "SELECT 2;", "SELECT 3"), 1)
        self.assertEqual(self.psql("SELECT 'a\nb', NULL, 1;\nSELECT 2"),
                         "a\nb||1\n2\n")
        self.assertEqual(self.psql("SELECT 'unlike'\n\\g /dev/null\n"
                                   "SELECT format('SELECT %s', 5) \\gexec"),
                         "5\n")
        self.assertEqual(self.psql("-- a comment"), "")
        self.assertEqual(len(self.psql("SELECT repeat('x', 1000000)")), 1000001)

    def test_a_long_answer(self):
        """Its time grows as its length does: 100 MB took minutes once."""
        began = time.monotonic()
        rows = self.psql("SELECT repeat('x', 99) FROM generate_series(1, "
                         "1000000)")
        self.assertEqual(len(rows), 100_000_000)
        self.assertLess(time.monotonic() - began, 60)

    def test_nothing_is_left(self):
        self.psql("CREATE TABLE t (i integer)")
        self.assertEqual(self.started(
            "SET work_mem = '100MB'; CREATE TEMP TABLE mine (i integer);"
            "PREPARE one AS SELECT 1; SELECT pg_advisory_lock(1);"
            "BEGIN; INSERT INTO t VALUES (1)"), 0)
        self.assertEqual(self.psql(
            "SELECT current_setting('work_mem'), to_regclass('mine'), "
            "(SELECT count(*) FROM t), (SELECT count(*) FROM "
            "pg_prepared_statements)"), "4MB||0|0\n")

    def test_a_failure(self):
        """It ends the script where it is, and the session; the line is said."""
        for wrong in ("SELECT 1 / 0", "SELECT 'unfinished", "BEGIN; nonsense"):
            with self.subTest(wrong), \
                    self.assertRaises(harness.Failed) as failed:
                self.psql(f"SELECT 7;\n{wrong};\nSELECT 8")
            self.assertEqual(failed.exception.code, 3)
            self.assertRegex(failed.exception.output,
                             r"psql:<stdin>:[234]: ERROR: ")
            self.assertNotIn("8\n", failed.exception.output)
        self.assertIn("division by zero",
                      self.psql("SELECT 1 / 0", codes=None))
        self.assertEqual(self.psql("SELECT 9"), "9\n")

    def test_nobody_finds_it(self):
        self.assertEqual(self.started("SELECT 1"), 1)
        self.assertEqual(self.psql(OTHERS), "0\n")
        for database in ("one", "two"):
            self.cluster.create_database(database, "CREATE TABLE t (i integer)")
        self.psql("CREATE DATABASE three TEMPLATE one; DROP DATABASE two;"
                  "ALTER DATABASE one SET work_mem = '7MB'")
        self.assertEqual(self.psql("SHOW work_mem", "one"), "7MB\n")

    def test_a_server_that_started_again(self):
        self.psql("SELECT 1")
        self.cluster.stop("immediate")
        self.cluster.start()
        self.assertEqual(self.psql("SELECT 2"), "2\n")

    def test_few_stay(self):
        for number in range(6):
            self.cluster.create_database(f"d{number}")
        for number in range(6):
            self.psql("SELECT 1", f"d{number}")
        self.assertEqual(len(self.cluster.sessions.idle), 4)


if __name__ == "__main__":
    unittest.main()
