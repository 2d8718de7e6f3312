"""parallax run --seed: the shadow is loaded while clients are at work, and the
mirror begins exactly where the snapshot ends."""

import os
import re
import signal
import time
import unittest

from harness import Parallax, assert_matched, start_pair
from test_tpcb_mapping import MIGRATION, assert_same_data

# tellers goes through a staging table, the others are streamed.
MAPPING = """
version: 1
tables:
  pgbench_accounts:
    rows: bank.accounts
    columns: {aid: account_id, bid: branch_id, abalance: balance, filler: padding}
  pgbench_branches:
    rows: bank.branches
    columns: {bid: branch_id, bbalance: balance, filler: padding}
  pgbench_tellers:
    rows: bank.tellers
    columns:
      tid: teller_id
      bid: branch_id
      tbalance: {column: balance, read: balance, write: "tbalance + 0"}
      filler: padding
  pgbench_history:
    rows: bank.history
    columns: {tid: teller_id, bid: branch_id, aid: account_id, mtime: at, filler: padding}
"""


class RunSeed(unittest.TestCase):
    def setUp(self):
        start_pair(self, "run-seed")

    def start(self, parallax, *options):
        parallax.start("--seed", *options)
        return parallax

    def wait_log(self, parallax, text, timeout=120):
        self.place.wait_for(lambda: text in self.place.log(parallax.name),
                            f"'{text}' in the log", timeout)

    def tpcb(self, scale, extra=""):
        self.primary.pgbench("-i", "-s", str(scale), "-q", "--foreign-keys")
        self.shadow.pgbench("-i", "-I", "dtpf")
        self.shadow.psql(MIGRATION)
        mapping = self.place.write("mapping.yaml", MAPPING)
        return Parallax(self.place, self.primary, self.shadow, mapping=mapping,
                        extra=extra)

    def test_under_traffic(self):
        # What comes while it is loaded may be more than is drained in 30 s.
        parallax = self.start(self.tpcb(10, "drain: 5 min\n"))
        seeded = False
        while not seeded:   # and one round more
            seeded = 'event="seeded"' in self.place.log(parallax.name)
            output = self.primary.pgbench("-n", "-c", 8, "-j", 2, "-t", 25,
                                          port=parallax.port)
            self.assertIn("number of failed transactions: 0", output)
        self.wait_log(parallax, 'event="mirror started"')
        self.assertEqual(parallax.stop(300), 0)
        # There was traffic while it was loaded.
        cut, end = (re.search(f'time=(\\S+) .*{event}',
                              self.place.log(parallax.name)).group(1)
                    for event in ('event="snapshot taken"', 'event="seeded"'))
        during = self.primary.psql(
            "SELECT count(*) FROM pgbench_history WHERE mtime BETWEEN "
            f"'{cut}'::timestamptz::timestamp AND "
            f"'{end}'::timestamptz::timestamp")
        self.assertGreater(int(during), 8)
        print("during the load:", during.strip())
        assert_matched(self, parallax.report())
        assert_same_data(self)

    def test_started_again(self):
        """The second start finds the position and does not load anew."""
        parallax = self.start(self.tpcb(1))
        self.primary.pgbench("-n", "-c", 4, "-t", 20, port=parallax.port)
        self.wait_log(parallax, 'event="mirror started"')
        self.assertEqual(parallax.stop(60), 0)
        self.start(parallax, "--truncate")
        self.wait_log(parallax, "continues from there")
        self.primary.pgbench("-n", "-c", 4, "-t", 20, port=parallax.port)
        self.assertEqual(parallax.stop(60), 0)
        self.assertEqual(parallax.report()["divergences"], [])
        assert_same_data(self)

    def test_old_journal_of_a_killed_relay(self):
        """What was lost before the snapshot is in the snapshot: no gap."""
        parallax = self.tpcb(1)
        parallax.start("--no-mirror")
        self.primary.pgbench("-n", "-c", 4, "-t", 20, port=parallax.port)
        os.kill(parallax.process_of("relay"), signal.SIGKILL)
        parallax.process.kill()
        parallax.process.wait()
        self.place.wait_for(
            lambda: not self.primary.psql(
                "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client "
                "backend' AND pid <> pg_backend_pid()"), "its clients to go")
        self.start(parallax)
        self.primary.pgbench("-n", "-c", 4, "-t", 20, port=parallax.port)
        self.wait_log(parallax, 'event="mirror started"')
        self.assertEqual(parallax.stop(60), 0)
        report = parallax.report()
        self.assertEqual(report["divergences"], [])
        self.assertEqual(report["exchanges"]["gaps"], 0)
        self.assertEqual(report["verdicts"]["inconclusive"], 0)
        assert_same_data(self)

    def simple(self, new="CREATE TABLE t (id serial PRIMARY KEY, v int)"):
        self.primary.psql("CREATE TABLE t (id serial PRIMARY KEY, v int); "
                          "INSERT INTO t (v) SELECT generate_series(1, 500); "
                          "SELECT setval('t_id_seq', 600)")
        self.shadow.psql(new)
        return Parallax(self.place, self.primary, self.shadow)

    def test_sequences_stand_as_in_the_snapshot(self):
        """Values that no answer shows come out alike: the shadow's sequence
        stands where the primary's stood then, not where it stands by now."""
        parallax = self.simple()
        locker = self.place.start(
            ["psql", "-h", "127.0.0.1", "-p", self.shadow.port, "-U",
             "postgres", "-c", "BEGIN; LOCK TABLE t IN SHARE MODE; SELECT "
             "pg_sleep(600)"], "locker")
        self.place.wait_for(lambda: self.shadow.psql(
            "SELECT 1 FROM pg_locks WHERE mode = 'ShareLock'"), "the lock")
        self.start(parallax)
        for i in range(20):
            self.primary.psql(f"INSERT INTO t (v) VALUES ({i})",
                              port=parallax.port)
        locker.kill()
        self.shadow.psql("SELECT pg_terminate_backend(pid) FROM "
                         "pg_stat_activity WHERE query LIKE '%pg_sleep(600)%' "
                         "AND pid <> pg_backend_pid()")
        self.wait_log(parallax, 'event="mirror started"')
        self.assertEqual(parallax.stop(60), 0)
        query = "SELECT * FROM t ORDER BY 1"
        self.assertEqual(self.primary.psql(query), self.shadow.psql(query))
        self.assertIn("620|19", self.shadow.psql(query))

    def test_refused_before_clients_are_let_in(self):
        parallax = self.simple()
        self.shadow.psql("INSERT INTO t VALUES (7, 7)")
        code, output = self.place.exit_code(
            [self.place.parallax, "run", "--seed", parallax.config])
        self.assertEqual(code, 1)
        self.assertIn("already has rows", output)
        self.assertNotIn('event="listening"', output)
        self.start(parallax, "--truncate")
        self.wait_log(parallax, 'event="mirror started"')
        self.assertEqual(parallax.stop(60), 0)
        self.assertEqual(self.shadow.psql("SELECT count(*) FROM t").strip(),
                         "500")

    def test_options(self):
        parallax = self.simple()
        for options in (("--truncate",), ("--seed", "--no-mirror")):
            code, output = self.place.exit_code(
                [self.place.parallax, "run", *options, parallax.config])
            self.assertEqual(code, 3, output)

    def test_clients_outlive_a_failed_load(self):
        parallax = self.simple("CREATE TABLE t (id int, v int CHECK (v < 9))")
        self.start(parallax)
        self.wait_log(parallax, "nothing is mirrored")
        self.assertEqual(self.primary.psql(
            "SELECT count(*) FROM t", port=parallax.port).strip(), "500")
        self.assertIsNone(parallax.process_of("mirror"))
        self.assertEqual(parallax.stop(60), 1)

    def test_stopped_while_loading(self):
        parallax = self.simple()
        self.place.start(
            ["psql", "-h", "127.0.0.1", "-p", self.shadow.port, "-U",
             "postgres", "-c", "BEGIN; LOCK TABLE t IN SHARE MODE; SELECT "
             "pg_sleep(600)"], "locker")
        self.place.wait_for(lambda: self.shadow.psql(
            "SELECT 1 FROM pg_locks WHERE mode = 'ShareLock'"), "the lock")
        self.start(parallax)
        begin = time.monotonic()
        self.assertEqual(parallax.stop(60), 1)
        self.assertLess(time.monotonic() - begin, 30)
        self.assertIn("seed interrupted", self.place.log(parallax.name))

    def test_waits_for_others(self):
        """A transaction that came not through here and has written; looked for
        by an account that may not see much."""
        parallax = self.simple()
        self.primary.psql("CREATE ROLE reader LOGIN; GRANT SELECT ON ALL TABLES "
                          "IN SCHEMA public TO reader; GRANT SELECT ON ALL "
                          "SEQUENCES IN SCHEMA public TO reader")
        with open(parallax.config) as file:
            text = file.read()
        self.assertIn("user: postgres}\nshadows", text)
        self.place.write("parallax.yaml", text.replace(
            "database: postgres, user: postgres}\nshadows",
            "database: postgres, user: reader}\nshadows"))
        writer = self.place.start(
            ["psql", "-h", "127.0.0.1", "-p", self.primary.port, "-U",
             "postgres", "-c", "BEGIN; INSERT INTO t VALUES (1000, 1); SELECT "
             "pg_sleep(3); COMMIT"], "writer")
        self.place.wait_for(lambda: self.primary.psql(
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(3)%' "
            "AND wait_event = 'PgSleep'"), "the writer")
        self.start(parallax)
        self.assertIsNotNone(writer.poll())
        self.wait_log(parallax, 'event="mirror started"')
        self.assertEqual(parallax.stop(60), 0)
        self.assertEqual(self.shadow.psql("SELECT count(*) FROM t").strip(),
                         "501")


if __name__ == "__main__":
    unittest.main()
