"""The mirror against real servers: TPC-B through an identity mapping, what is left
of it when the mirror or the shadow goes down in mid-run, and a mapping with a
mistake. (A right mapping is test_tpcb_mapping's.)"""

import os
import signal
import sqlite3
import threading
import time
import unittest

from harness import Parallax, start_pair

CLIENTS = 8
TRANSACTIONS = int(os.environ.get("PARALLAX_TPCB_TRANSACTIONS", "150"))  # of each


def verdicts(path):
    """Counts by verdict, and seen, of a store."""
    with sqlite3.connect(path) as store:
        counts = dict(store.execute(
            "SELECT verdict, sum(count) FROM tally GROUP BY verdict"))
        seen = store.execute(
            "SELECT value FROM fact WHERE key = 'seen'").fetchone()
    return counts, int(seen[0]) if seen else 0


RENAMING = """
ALTER TABLE pgbench_accounts RENAME TO accounts;
ALTER TABLE accounts RENAME abalance TO balance;
ALTER TABLE pgbench_tellers RENAME TO tellers;
ALTER TABLE tellers RENAME tbalance TO balance;
ALTER TABLE pgbench_branches RENAME TO branches;
ALTER TABLE branches RENAME bbalance TO balance;
CREATE SCHEMA log;
ALTER TABLE pgbench_history SET SCHEMA log;
ALTER TABLE log.pgbench_history RENAME TO history;
ALTER TABLE log.history RENAME mtime TO at;
"""

MAPPING = """
version: 1
tables:
  pgbench_accounts: {rows: accounts, columns: {abalance: balance}}
  pgbench_tellers: {rows: tellers, columns: {tbalance: balance}}
  pgbench_branches: {rows: branches, columns: {bbalance: balance}}
  pgbench_history: {rows: log.history, columns: {mtime: at}}
"""

TABLES = (("pgbench_accounts", "aid, bid, abalance"),
          ("pgbench_tellers", "tid, bid, tbalance"),
          ("pgbench_branches", "bid, bbalance"),
          ("pgbench_history", "tid, bid, aid, delta"))


def tables_of(cluster):
    return [cluster.psql(
        f"SELECT count(*) || md5(string_agg(t::text, ',' ORDER BY t::text))"
        f" FROM (SELECT {columns} FROM {table}) t")
            for table, columns in TABLES]


class TpcB(unittest.TestCase):
    def setUp(self):
        start_pair(self, "tpcb")
        for cluster in (self.primary, self.shadow):
            cluster.pgbench("-i", "-s", "2", "-q")
        self.mapping = None

    def rename(self):
        self.shadow.psql(RENAMING)
        self.mapping = self.place.write("mapping.yaml", MAPPING)

    def drive(self, mode="simple", meanwhile=None, script=()):
        # What happens meanwhile takes its time.
        count = TRANSACTIONS * (3 if meanwhile else 1)
        self.total = count * CLIENTS
        output = []
        self.parallax = Parallax(self.place, self.primary, self.shadow,
                                 mapping=self.mapping,
                                 extra="drain: 5 min\n").start()

        def bench():
            output.append(self.primary.pgbench(
                "-n", "-c", CLIENTS, "-j", 2, "-t", count, "-M", mode, *script,
                port=self.parallax.port))
        thread = threading.Thread(target=bench)
        thread.start()
        if meanwhile:
            meanwhile()
        thread.join()
        self.assertTrue(output, "pgbench failed")
        print("\n".join(line for line in output[0].splitlines()
                        if "tps" in line or "latency" in line
                        or "failed" in line))
        return output[0]

    def wait_for_share(self, share):
        """Until so much of the transactions has been done."""
        self.place.wait_for(lambda: int(self.primary.psql(
            "SELECT count(*) FROM pgbench_history")) >= share * self.total,
            f"{share} of the load", 300)

    def finish(self):
        """Stops; gives (counts, seen) and shows how long it took."""
        begun = time.monotonic()
        code = self.parallax.stop(300)
        counts, seen = verdicts(self.parallax.store)
        print(f"caught up in {time.monotonic() - begun:.1f} s, exit {code}: "
              f"{counts} of {seen}")
        return counts, seen

    def show_others(self, counts):
        """What is no match."""
        if set(counts) - {"match"}:
            with sqlite3.connect(self.parallax.store) as store:
                for row in store.execute(
                        "SELECT s.text, t.verdict, t.class, t.reason, t.count,"
                        " t.detail FROM tally t JOIN statement s USING"
                        " (fingerprint) WHERE verdict != 'match'"):
                    print(row)

    def judge(self, share=0.01):
        counts, seen = self.finish()
        total = sum(counts.values())
        self.show_others(counts)
        self.assertEqual(total, seen)
        self.assertNotIn("diverged", counts)
        # pgbench asks the system's catalogs about partitions, once
        self.assertLessEqual(counts.pop("skipped", 0), 4)
        self.assertEqual(set(counts) - {"match", "inconclusive"}, set())
        self.assertLess(counts.get("inconclusive", 0), share * total)
        self.assertEqual(tables_of(self.primary), tables_of(self.shadow))

    def mirror_process(self):
        return self.place.wait_for(
            lambda: self.parallax.process_of("mirror"), "the mirror's process")

    def test_identity(self):
        self.drive()
        self.judge()

    def test_identity_prepared(self):
        self.drive("prepared")
        self.judge()

    def test_wrong_mapping_is_found(self):
        self.rename()
        self.mapping = self.place.write("mapping.yaml", MAPPING.replace(
            "{abalance: balance}",
            "{abalance: {read: balance + 1, write: {balance: abalance}}}"))
        self.drive()
        counts, seen = self.finish()
        self.assertEqual(sum(counts.values()), seen)
        with sqlite3.connect(self.parallax.store) as store:
            rows = store.execute(
                "SELECT s.text, t.class FROM tally t JOIN statement s USING"
                " (fingerprint) WHERE verdict = 'diverged'").fetchall()
        self.assertEqual(rows, [
            ("select abalance from pgbench_accounts where aid = ?",
             "rows.value")])

    def test_mirror_killed(self):
        def kill():
            for quarter in range(1, 4):
                self.wait_for_share(quarter / 4)
                os.kill(self.mirror_process(), signal.SIGKILL)
        output = self.drive(meanwhile=kill)
        self.assertIn("number of failed transactions: 0", output)
        self.judge()

    def test_shadow_stopped(self):
        def stop():
            self.wait_for_share(0.25)
            self.shadow.stop("immediate")
            self.wait_for_share(0.75)
            self.shadow.start()
        output = self.drive(meanwhile=stop)
        self.assertIn("number of failed transactions: 0", output)
        self.judge()

    def test_shadow_loses_its_log(self):
        """Crashes while COMMITs are under way whose log is not on its disk. The
        shadow then gives their numbers to others."""
        def crash():
            for quarter in range(1, 4):
                self.wait_for_share(quarter / 4)
                slow = "ALTER SYSTEM SET commit_delay = {}"
                self.shadow.psql(slow.format(100000))
                self.shadow.psql("SELECT pg_reload_conf()")
                time.sleep(0.3)
                self.shadow.stop("immediate")
                self.shadow.start()
                self.shadow.psql(slow.format(0))
                self.shadow.psql("SELECT pg_reload_conf()")
        for name, value in (("fsync", "on"), ("commit_siblings", 0),
                            ("wal_writer_delay", "10s")):
            self.shadow.psql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.shadow.psql("SELECT pg_reload_conf()")
        # Nothing waits for another's lock: eight COMMITs at a time.
        script = self.place.write("insert.sql", """
            BEGIN;
            INSERT INTO pgbench_history (tid, bid, aid, delta)
                VALUES (1, 1, :client_id, 1);
            SELECT count(*) FROM pgbench_branches;
            END;""")
        output = self.drive(meanwhile=crash, script=("-f", script))
        self.assertIn("number of failed transactions: 0", output)
        counts, seen = self.finish()
        self.show_others(counts)
        self.assertEqual(counts, {"match": seen})
        self.assertEqual(tables_of(self.primary), tables_of(self.shadow))

    def test_shadow_hangs(self):
        def hang():
            self.wait_for_share(0.25)
            self.shadow.pause()
            self.wait_for_share(0.75)
            self.shadow.resume()
        output = self.drive(meanwhile=hang)
        self.assertIn("number of failed transactions: 0", output)
        self.judge()


if __name__ == "__main__":
    unittest.main()
