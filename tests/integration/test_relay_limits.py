"""The relay's memory is bounded, and one bad peer harms no other session."""

import os
import socket
import struct
import sys
import unittest

from harness import Cluster, Parallax, ROOT, Workplace

sys.path.insert(0, os.path.join(ROOT, "tests/bench"))
import peers  # noqa: E402

READY = b"Z\0\0\0\5I"
IN_BLOCK = b"Z\0\0\0\5T"


def memory_kib(pid, key):
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    raise KeyError(key)


def startup(port, user=b"postgres", database=b"app"):
    """A connection that is logged in and idle."""
    connection = socket.create_connection(("127.0.0.1", port), 30)
    body = b"user\0" + user + b"\0database\0" + database + b"\0\0"
    connection.sendall(struct.pack("!II", len(body) + 8, 196608) + body)
    read_until(connection, READY)
    return connection


def read_until(connection, tail):
    data = bytearray()
    while not data.endswith(tail):
        more = connection.recv(1 << 20)
        if not more:
            raise EOFError(bytes(data[-1000:]))
        data += more
    return bytes(data)


def read_all(connection):
    data = b""
    while True:
        try:
            more = connection.recv(65536)
        except ConnectionResetError:
            return data
        if not more:
            return data
        data += more


def query(connection, text, ready=READY):
    body = text.encode() + b"\0"
    connection.sendall(b"Q" + struct.pack("!I", len(body) + 4) + body)
    return read_until(connection, ready)


class RelayLimits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = Workplace("relay-limits")
        cls.addClassCleanup(cls.place.close)
        cls.primary = Cluster(cls.place, "primary", settings={
            "max_connections": 1100}).start()
        cls.primary.create_database("app")

    def setUp(self):
        self.proxy = Parallax(self.place, self.primary, self.primary, "app",
                              name=self._testMethodName)
        self.proxy.start("--no-mirror")
        self.addCleanup(self.proxy.stop)
        self.relay = self.place.wait_for(
            lambda: self.place.children(self.proxy.process.pid), "a relay")[0]
        # Sanitizers keep freed memory back: their figures say nothing.
        self.exact = "sanitize" not in os.environ.get("PARALLAX_BUILD", "") \
            and "address" not in os.environ.get("PARALLAX_BUILD", "")

    def test_a_million_rows_pass_in_constant_memory(self):
        size, _ = peers.read_result(
            "127.0.0.1", self.proxy.port, "app",
            "SELECT i, 'row ' || i, repeat('x', 80)"
            " FROM generate_series(1, 1000000) AS i")
        self.assertGreater(size, 100_000_000)
        if self.exact:
            self.assertLess(memory_kib(self.relay, "VmHWM"), 32 * 1024)

    def test_a_client_that_does_not_read_costs_no_memory(self):
        slow = startup(self.proxy.port)
        body = b"SELECT repeat('x', 1000) FROM generate_series(1, 100000)\0"
        slow.sendall(b"Q" + struct.pack("!I", len(body) + 4) + body)
        other = startup(self.proxy.port)
        for _ in range(100):
            self.assertIn(b"SELECT 1", query(other, "SELECT 1"))
        if self.exact:
            self.assertLess(memory_kib(self.relay, "VmHWM"), 32 * 1024)
        self.assertGreater(len(read_until(slow, READY)), 100_000_000)
        slow.close()
        other.close()

    def test_long_names_cost_no_memory(self):
        client = startup(self.proxy.port)
        for number in range(300):
            name = b"%04d" % number + b"n" * 1_000_000 + b"\0"
            body = name + b"SELECT 1\0\0\0"
            client.sendall(b"P" + struct.pack("!I", len(body) + 4) + body +
                           b"S\0\0\0\4")
            read_until(client, READY)
        if self.exact:
            self.assertLess(memory_kib(self.relay, "VmHWM"), 48 * 1024)
        # What PostgreSQL's table has for it: the first 63 bytes.
        body = b"\0" + b"0007" + b"n" * 59 + b"\0\0\0\0\0\0\0"
        client.sendall(b"B" + struct.pack("!I", len(body) + 4) + body +
                       b"E\0\0\0\x09\0\0\0\0\0S\0\0\0\4")
        self.assertIn(b"SELECT 1", read_until(client, READY))
        client.close()

    def test_a_thousand_idle_clients(self):
        idle = [startup(self.proxy.port) for _ in range(1000)]
        if self.exact:
            self.assertLess(memory_kib(self.relay, "VmRSS"), 64 * 1024)
        for connection in idle[::100]:
            query(connection, "SELECT 1")
        for connection in idle:
            connection.close()

    def test_bad_peers_end_their_own_session_only(self):
        bystander = startup(self.proxy.port)
        query(bystander, "BEGIN", IN_BLOCK)
        port = self.proxy.port

        # A length of 2 GB: the server closes without a word.
        client = startup(port)
        client.sendall(b"Q" + struct.pack("!I", 0x7fffffff))
        self.assertEqual(b"", read_all(client))
        # A length below the least.
        client = startup(port)
        client.sendall(b"Q" + struct.pack("!I", 3))
        self.assertEqual(b"", read_all(client))
        # A message that no client sends.
        client = startup(port)
        client.sendall(b"\x01" + struct.pack("!I", 4))
        self.assertIn(b"08P01", read_all(client))
        # A password out of place.
        client = startup(port)
        client.sendall(b"p" + struct.pack("!I", 9) + b"what\0")
        self.assertIn(b"08P01", read_all(client))
        # A client that vanishes in mid-message.
        client = startup(port)
        client.sendall(b"Q" + struct.pack("!I", 100) + b"SELECT")
        client.close()
        # Rubbish instead of a startup packet.
        for rubbish in (b"GET / HTTP/1.0\r\n\r\n", b"\0\0\0\0\0\0\0\0",
                        os.urandom(64), struct.pack("!II", 9, 196608) + b"x"):
            client = socket.create_connection(("127.0.0.1", port), 10)
            client.sendall(rubbish)
            client.shutdown(socket.SHUT_WR)
            read_all(client)
        # A backend that is killed in mid-row.
        client = startup(port)
        body = (b"SELECT repeat('x', 10000) FROM generate_series(1, 100000)\0")
        client.sendall(b"Q" + struct.pack("!I", len(body) + 4) + body)
        client.recv(1000)
        self.primary.psql("SELECT pg_terminate_backend(pid) FROM"
                          " pg_stat_activity WHERE query LIKE 'SELECT repeat%'"
                          " AND pid <> pg_backend_pid()")
        read_all(client)

        self.assertIn(b"42", query(bystander, "SELECT 42", IN_BLOCK))

    def test_encryption_requests_are_answered_no(self):
        for code in (80877103, 80877104):
            client = socket.create_connection(("127.0.0.1", self.proxy.port))
            client.sendall(struct.pack("!II", 8, code))
            self.assertEqual(client.recv(1), b"N")
            client.close()

    def test_a_cancel_request_reaches_its_backend(self):
        client = socket.create_connection(("127.0.0.1", self.proxy.port), 30)
        body = b"user\0postgres\0database\0app\0\0"
        client.sendall(struct.pack("!II", len(body) + 8, 196608) + body)
        greeting = read_until(client, READY)
        key = greeting.index(b"K\0\0\0\x0c") + 5
        text = b"SELECT pg_sleep(60)\0"
        client.sendall(b"Q" + struct.pack("!I", len(text) + 4) + text)
        self.place.wait_for(
            lambda: self.primary.psql("SELECT count(*) FROM pg_stat_activity"
                                      " WHERE query LIKE '%sleep(60)%' AND"
                                      " pid <> pg_backend_pid()").strip() == "1",
            "the statement to run")
        cancel = socket.create_connection(("127.0.0.1", self.proxy.port))
        cancel.sendall(struct.pack("!II", 16, 80877102) + greeting[key:key + 8])
        self.assertEqual(read_all(cancel), b"")
        self.assertIn(b"57014", read_until(client, READY))


if __name__ == "__main__":
    unittest.main()
