"""Sessions that pass uncaptured are counted, once each, and fail the gate."""

import re
import socket
import struct
import unittest

import rawclient as raw
from harness import Parallax, start_pair


def first_packet(**pairs):
    body = struct.pack(">I", 196608) + b"".join(
        raw.text(key) + raw.text(value) for key, value in pairs.items()) + b"\0"
    return struct.pack(">I", len(body) + 4) + body


class Uncaptured(unittest.TestCase):
    def setUp(self):
        start_pair(self, "uncaptured")
        self.proxy = Parallax(self.place, self.primary, self.shadow).start()

    def session(self, replication):
        client = socket.create_connection(("127.0.0.1", self.proxy.port), 30)
        client.sendall(first_packet(user="postgres", database="postgres",
                                    replication=replication) +
                       raw.query("SELECT 1"))
        data = b""
        while data.count(b"Z\0\0\0\5I") < 2:
            data += client.recv(65536)
        client.sendall(raw.TERMINATE)
        client.close()

    def gate(self):
        return self.place.exit_code([self.place.parallax, "gate",
                                     self.proxy.store])

    def test_replication_is_counted_and_the_gate_lacks_evidence(self):
        self.session("fal")
        self.session("database")
        self.session("On")
        self.place.wait_for(lambda: re.search(
            "process=mirror.*not captured", self.place.log(self.proxy.name)),
            "the count")
        # Read again from the segment's beginning: still two.
        self.assertEqual(self.proxy.stop(), 0)
        self.proxy.start()
        self.session("off")
        self.assertEqual(self.proxy.stop(), 0)
        self.assertIn("2 session(s) passed uncaptured", self.place.run(
            [self.place.parallax, "report", self.proxy.store]))
        report = self.proxy.report()
        # A statement and its transaction's end, of each captured session.
        self.assertEqual(report["verdicts"]["match"], 4, report["verdicts"])
        code, text = self.gate()
        self.assertIn("evidence.uncaptured_sessions", text)
        self.assertNotEqual(code, 0)


if __name__ == "__main__":
    unittest.main()
