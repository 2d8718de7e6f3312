"""The relay and PostgreSQL itself answer alike, whatever a client sends.

PARALLAX_SEQUENCES sets how many random sequences are compared (5,000),
PARALLAX_SEED which ones; differential.py makes them."""

import collections
import concurrent.futures
import os
import re
import unittest

from differential import (SCHEMA, Difference, End, Pair, Sequence, kinds, mask)
from harness import Cluster, Parallax, Workplace

SEQUENCES = int(os.environ.get("PARALLAX_SEQUENCES", 5000))
SEED = int(os.environ.get("PARALLAX_SEED", 1))
WORKERS = 4

# Where capture gives up by design; all else must be followed.
GIVEN_UP = ("replication",
            "statements behind a failed COPY with Sync in its input",
            "a statement behind a failed COPY with Sync in its input")


def run_some(worker, port, relay_port, numbers):
    """In a process of its own: (answers seen by kind, resets, what differed)."""
    pair = Pair(End(port, f"d{worker:06}"), End(relay_port, f"r{worker:06}"),
                SEED)
    seen, wrong = collections.Counter(), []
    for number in numbers:
        try:
            for kind in kinds(pair.run(number)[0]).split(" "):
                seen[kind[:1]] += 1
        except Difference as difference:
            wrong.append(str(difference))
            for end in pair.ends:
                end.close()
            if len(wrong) == 3:
                break
    for end in pair.ends:
        end.close()
    return seen, pair.resets, wrong


class Protocol(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = Workplace("protocol")
        cls.addClassCleanup(cls.place.close)
        cls.primary = Cluster(cls.place, "primary").start()
        cls.primary.create_database("template")
        cls.primary.psql(SCHEMA, "template")
        cls.names = [f"{side}{worker:06}" for worker in range(WORKERS + 1)
                     for side in "dr"]
        cls.primary.psql("".join(
            f"CREATE DATABASE {name} TEMPLATE template;\n"
            for name in cls.names))
        cls.proxy = Parallax(cls.place, cls.primary, cls.primary, "template")
        cls.proxy.start("--no-mirror")

    def reasons(self):
        """Why sessions were not captured."""
        return collections.Counter(
            re.findall(r'a session is not captured.*reason="([^"]*)"',
                       self.place.log(self.proxy.name)))

    def test_random_sequences(self):
        seen, resets, wrong = collections.Counter(), 0, []
        with concurrent.futures.ProcessPoolExecutor(WORKERS) as pool:
            for result in [pool.submit(
                    run_some, worker, self.primary.port, self.proxy.port,
                    range(worker, SEQUENCES, WORKERS))
                    for worker in range(WORKERS)]:
                some, lost, differ = result.result()
                seen += some
                resets += lost
                wrong += differ
        print(f"{SEQUENCES} sequences, seed {SEED}: {sum(seen.values())}"
              f" messages, {resets} tried again after a reset;"
              f" not captured: {dict(self.reasons())}")
        self.assertEqual(wrong, [], "\n".join(wrong))
        for kind in "RKSZTDCEINVAGH123ntsv":
            self.assertIn(kind, seen, "no sequence was answered with it")
        self.assertEqual(
            [reason for reason in self.reasons() if reason not in GIVEN_UP],
            [])
        for worker in range(WORKERS):
            both = [self.primary.psql(
                "SELECT * FROM t ORDER BY id; SELECT * FROM few ORDER BY n;"
                "SELECT last_value FROM numbers", f"{side}{worker:06}")
                for side in "dr"]
            self.assertEqual(both[0], both[1])


if __name__ == "__main__":
    unittest.main()
