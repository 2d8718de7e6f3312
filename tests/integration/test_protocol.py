"""The relay and PostgreSQL itself answer alike, whatever a client sends.

PARALLAX_SEQUENCES sets how many random sequences are compared (2,000, in the long run
20,000), PARALLAX_SEED which ones; differential.py makes them."""

import collections
import concurrent.futures
import os
import re
import struct
import unittest

import extent
import rawclient as raw
from differential import (SCHEMA, Difference, End, Pair, Sequence, kinds, mask)
from harness import Parallax, SharedCluster, Workplace

SEED = int(os.environ.get("PARALLAX_SEED", 1))
WORKERS = 4

# Where capture gives up by design; all else must be followed.
GIVEN_UP = ("replication",
            "a malformed Flush or Sync in a failed COPY",
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
        cls.primary = SharedCluster.take(cls.place, "primary")
        cls.primary.create_database("template", SCHEMA)
        cls.names = [f"{side}{worker:06}" for worker in range(WORKERS + 1)
                     for side in "dr"]
        cls.primary.psql("".join(
            f"CREATE DATABASE {name} TEMPLATE template "
            "STRATEGY file_copy;\n"
            for name in cls.names))
        cls.proxy = Parallax(cls.place, cls.primary, cls.primary, "template")
        cls.proxy.start("--no-mirror")

    def reasons(self):
        """Why sessions were not captured."""
        return collections.Counter(
            re.findall(r'a session is not captured.*reason="([^"]*)"',
                       self.place.log(self.proxy.name)))

    def test_random_sequences(self):
        count = extent.number("sequences of messages", 2000, 20000,
                              "PARALLAX_SEQUENCES")
        seen, resets, wrong = collections.Counter(), 0, []
        with concurrent.futures.ProcessPoolExecutor(WORKERS) as pool:
            for result in [pool.submit(
                    run_some, worker, self.primary.port, self.proxy.port,
                    range(worker, count, WORKERS))
                    for worker in range(WORKERS)]:
                some, lost, differ = result.result()
                seen += some
                resets += lost
                wrong += differ
        print(f"{count} sequences, seed {SEED}: {sum(seen.values())}"
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


class Named(unittest.TestCase):
    """What was thrown out once, though PostgreSQL answers it."""

    @classmethod
    def setUpClass(cls):
        cls.place = Workplace("protocol-named")
        cls.addClassCleanup(cls.place.close)
        cls.primary = SharedCluster.take(cls.place, "primary")
        for name in ("d000000", "r000000"):
            cls.primary.create_database(name, SCHEMA)

    def setUp(self):
        self.proxy = Parallax(self.place, self.primary, self.primary,
                              "r000000", name=self._testMethodName)
        self.proxy.start("--no-mirror")
        self.addCleanup(self.proxy.stop)

    def same(self, *parts, startup=None):
        """The messages of both answers, which are the same."""
        pair = Pair(End(self.primary.port, "d000000"),
                    End(self.proxy.port, "r000000"))
        sequence = Sequence(0, 0)
        # What it begins with, if anything, and all else are one packet.
        sequence.startup, sequence.closes = startup, True
        sequence.packets = [b"".join(parts)] if parts else []
        sequence.random.random = lambda: 0
        answers = pair.attempt(sequence)
        for end in pair.ends:
            end.close()
        self.assertEqual(mask(answers[0]), mask(answers[1]))
        return kinds(answers[1]).rpartition("K Z:I")[2].split()

    def captured(self):
        self.assertNotIn("not captured", self.place.log(self.proxy.name))

    def test_copy_with_a_bad_row_and_sync_in_one_packet(self):
        got = self.same(raw.parse("COPY few FROM STDIN"), raw.bind(),
                        raw.execute(), raw.copy_data(b"bad\n"), raw.SYNC)
        self.assertEqual(got[-1], "Z:I")
        self.same(raw.query("COPY few FROM STDIN"), raw.copy_data(b"bad\n"),
                  raw.SYNC, raw.query("SELECT 1"))
        self.captured()

    def test_copy_wholly_pipelined_then_a_query(self):
        got = self.same(raw.query("COPY few FROM STDIN"),
                        raw.copy_data(b"1\n"), raw.COPY_DONE,
                        raw.query("SELECT 1"), raw.SYNC)
        self.assertEqual("".join(got), "GCZ:ITDCZ:IZ:I")
        self.captured()

    def test_sync_in_copy(self):
        got = self.same(raw.parse("COPY few FROM STDIN"), raw.bind(),
                        raw.execute(), raw.SYNC, raw.copy_data(b"1\n"),
                        raw.SYNC, raw.COPY_DONE, raw.SYNC,
                        raw.query("SELECT 1"))
        self.assertEqual("".join(got), "12GCZ:ITDCZ:I")
        self.captured()

    def test_a_malformed_flush_or_sync_in_copy(self):
        # COPY ignores both; outside of it each is an error.
        twice = raw.query("COPY few FROM STDIN; COPY few FROM STDIN")
        flush, sync = raw.message("H", b"what"), raw.message("S", b"what")
        for ends, answer in ((raw.COPY_DONE, "GCGCZ:I"),
                             (raw.copy_fail("end"), "GCGE:57014Z:I")):
            got = self.same(twice, flush, sync, raw.COPY_DONE, ends,
                            raw.SYNC, raw.query("SELECT 1"))
            self.assertEqual("".join(
                kind for kind in got if kind[0] in "GCEZTD" and
                kind[1:2] in ("", ":")), answer + "Z:ITDCZ:I")
        self.captured()

    def test_a_malformed_sync_in_a_failed_copy(self):
        # An error of its own if COPY had failed before it, else nothing.
        sync = raw.message("S", b"what")
        got = self.same(raw.query("COPY view FROM STDIN"), sync, raw.SYNC,
                        raw.query("SELECT 1"))
        self.assertEqual(got.count("Z:I"), 4)
        got = self.same(raw.query("COPY few FROM STDIN"), sync,
                        raw.copy_fail("end"), raw.query("SELECT 1"))
        self.assertEqual(got.count("Z:I"), 2)
        self.assertEqual(
            re.findall(r'not captured.*reason="([^"]*)"',
                       self.place.log(self.proxy.name)),
            ["a malformed Flush or Sync in a failed COPY"] * 2)

    def test_a_first_message_with_the_startup_packet(self):
        who = b"user\0postgres\0database\0startup\0\0"
        startup = struct.pack(">II", len(who) + 8, 196608) + who
        for first, answer in ((raw.query("SELECT 1"), "TDCZ:I"),
                              (raw.parse("SELECT 1") + raw.SYNC, "1Z:I"),
                              (raw.TERMINATE, ""),
                              (raw.query("SELECT 1") + raw.TERMINATE,
                               "TDCZ:I")):
            self.assertEqual("".join(self.same(first, startup=startup)),
                             answer)
        self.captured()

    def test_terminate_as_the_first_bytes(self):
        self.assertEqual(self.same(startup=raw.TERMINATE), [])

    def test_a_bind_that_is_too_short(self):
        got = self.same(raw.parse("SELECT 1"), raw.message("B", b"\0"),
                        raw.SYNC, raw.message("B"), raw.SYNC,
                        raw.query("SELECT 1"))
        self.assertEqual("".join(got[-4:]), "TDCZ:I")
        self.assertEqual([kind for kind in got if kind[:2] == "E:"],
                         ["E:08P01"] * 2)
        self.captured()

    def test_a_cancel_request_of_any_length(self):
        for size in (0, 4, 8, 12, 260, 9000):
            packet = struct.pack(">II", size + 8, 80877102) + bytes(size)
            self.assertEqual(self.same(startup=packet), [])

    def test_replication_is_read_as_the_server_reads_it(self):
        for value, captured in (("False", True), ("FALSE", True), ("OFF", True),
                                ("fal", True), ("no", True), ("0", True),
                                ("of", True), ("database", False),
                                ("TRUE", False), ("o", None), ("", None),
                                ("Database", None), ("2", None)):
            before = self.place.log(self.proxy.name).count("not captured")
            pairs = raw.text("user") + raw.text("postgres") + raw.text(
                "database") + raw.text("startup") + raw.text(
                "replication") + raw.text(value) + b"\0"
            got = self.same(raw.query("SELECT 1"), startup=struct.pack(
                ">II", len(pairs) + 8, 196608) + pairs)
            if captured is None:
                self.assertIn("E:22023", got, value)
            self.assertEqual(
                self.place.log(self.proxy.name).count("not captured") - before,
                int(captured is False), value)

    def test_protocol_3_2_is_asked_for(self):
        pairs = raw.text("user") + raw.text("postgres") + raw.text(
            "database") + raw.text("startup") + b"\0"
        got = self.same(raw.query("SELECT 1"), startup=struct.pack(
            ">II", len(pairs) + 8, 196610) + pairs)
        self.assertEqual("".join(got), "TDCZ:I")

    def test_names_are_cut_as_the_server_cuts_them(self):
        long = "n" * 63
        got = self.same(
            raw.parse("SELECT 1", long + "a"), raw.bind(
                (), long + "p", long + "b"), raw.execute(long + "q"),
            raw.parse("SELECT 2", long + "c"), raw.SYNC)
        self.assertEqual("".join(got[:3]), "12D")
        self.assertEqual([kind for kind in got if kind[:2] == "E:"],
                         ["E:42P05"])
        self.captured()


if __name__ == "__main__":
    unittest.main()
