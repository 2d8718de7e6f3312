"""The mirror against real servers: TPC-B through an identity mapping, and what
is left of it when the mirror or the shadow goes down in mid-run."""

import os
import signal
import sqlite3
import threading
import time
import unittest

from harness import Cluster, Parallax, Workplace

SECONDS = int(os.environ.get("PARALLAX_TPCB_SECONDS", "8"))


def verdicts(path):
    """Counts by verdict, and seen, of a store."""
    with sqlite3.connect(path) as store:
        counts = dict(store.execute(
            "SELECT verdict, sum(count) FROM tally GROUP BY verdict"))
        seen = store.execute(
            "SELECT value FROM fact WHERE key = 'seen'").fetchone()
    return counts, int(seen[0]) if seen else 0


def tables_of(cluster):
    rows = {}
    for table, order in (("pgbench_accounts", "aid"),
                         ("pgbench_tellers", "tid"),
                         ("pgbench_branches", "bid"),
                         ("pgbench_history", "tid, bid, aid, delta")):
        columns = "tid, bid, aid, delta" if "history" in table else "*"
        rows[table] = cluster.psql(
            f"SELECT md5(string_agg(t::text, ',' ORDER BY {order}))"
            f" || count(*) FROM (SELECT {columns} FROM {table}) t")
    return rows


class TpcB(unittest.TestCase):
    def setUp(self):
        self.place = Workplace("tpcb")
        self.addCleanup(self.place.close)
        self.primary = Cluster(self.place, "primary").start()
        self.shadow = Cluster(self.place, "shadow").start()
        for cluster in (self.primary, self.shadow):
            cluster.pgbench("-i", "-s", "2", "-q")
        # the rows are the same but for nothing: no clock in them yet
        self.parallax = Parallax(self.place, self.primary,
                                 self.shadow).start()

    def drive(self, mode="simple", meanwhile=None):
        output = []

        def bench():
            output.append(self.primary.pgbench(
                "-n", "-c", "8", "-j", "2", "-T", str(SECONDS), "-M", mode,
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

    def finish(self):
        """Stops; gives (counts, seen) and shows how long it took."""
        begun = time.monotonic()
        code = self.parallax.stop(120)
        if os.environ.get("SHOW_LOG"):
            print(self.place.log("parallax")[-3000:])
        counts, seen = verdicts(self.parallax.store)
        print(f"caught up in {time.monotonic() - begun:.1f} s, exit {code}: "
              f"{counts} of {seen}")
        return counts, seen

    def judge(self, share=0.01):
        counts, seen = self.finish()
        total = sum(counts.values())
        if set(counts) - {"match"}:
            with sqlite3.connect(self.parallax.store) as store:
                for row in store.execute(
                        "SELECT s.text, t.verdict, t.class, t.reason, t.count,"
                        " t.detail FROM tally t JOIN statement s USING"
                        " (fingerprint) WHERE verdict != 'match'"):
                    print(row)
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

    def test_mirror_killed(self):
        def kill():
            for _ in range(3):
                time.sleep(SECONDS / 4)
                os.kill(self.mirror_process(), signal.SIGKILL)
        output = self.drive(meanwhile=kill)
        self.assertIn("number of failed transactions: 0", output)
        self.judge()

    def test_shadow_stopped(self):
        def stop():
            time.sleep(SECONDS / 4)
            self.shadow.stop("immediate")
            time.sleep(SECONDS / 2)
            self.shadow.start()
        output = self.drive(meanwhile=stop)
        self.assertIn("number of failed transactions: 0", output)
        self.judge()

    def test_shadow_hangs(self):
        def hang():
            time.sleep(SECONDS / 4)
            self.shadow.pause()
            time.sleep(SECONDS / 2)
            self.shadow.resume()
        output = self.drive(meanwhile=hang)
        self.assertIn("number of failed transactions: 0", output)
        self.judge()


if __name__ == "__main__":
    unittest.main()
