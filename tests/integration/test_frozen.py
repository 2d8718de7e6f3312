"""What must not reach a client: a log that nobody reads."""

import os
import signal
import socket
import subprocess
import threading
import time
import unittest

import harness

GARBAGE = b"GET / HTTP/1.1\r\nHost: garbage\r\n\r\n"
CONNECTIONS = 4000  # more lines than a pipe and the log's queue hold

TABLES = "CREATE TABLE notes (id serial PRIMARY KEY, body text);"


class Frozen(unittest.TestCase):
    def setUp(self):
        harness.start_pair(self, "frozen")
        for cluster in (self.primary, self.shadow):
            cluster.psql(TABLES)

    def through(self, parallax, sql):
        return self.primary.psql(sql, port=parallax.port).strip()

    def test_a_log_that_nobody_reads(self):
        parallax = harness.Parallax(self.place, self.primary, self.shadow)
        reading, writing = os.pipe()
        parallax.process = subprocess.Popen(
            [self.place.parallax, "run", parallax.config],
            stdin=subprocess.DEVNULL, stdout=writing, stderr=writing,
            cwd=self.place.folder, start_new_session=True,
            **self.place.identity)
        self.place.processes.append(parallax.process)
        os.close(writing)
        self.place.wait_for_port(parallax.port)
        for _ in range(CONNECTIONS):
            with socket.create_connection(("127.0.0.1", parallax.port),
                                          5) as client:
                client.sendall(GARBAGE)
                client.settimeout(10)
                try:
                    while client.recv(4096):
                        pass
                except ConnectionResetError:
                    pass
        began = time.monotonic()
        self.assertEqual(self.through(
            parallax, "INSERT INTO notes (body) VALUES ('a') RETURNING body"),
            "a")
        self.assertLess(time.monotonic() - began, 5)
        seen = []

        def read():
            with os.fdopen(reading, errors="replace") as pipe:
                seen.extend(pipe)
        reader = threading.Thread(target=read, daemon=True)
        reader.start()
        self.place.wait_for(lambda: any('event="log lines dropped"' in line
                                        for line in seen), "a count")
        parallax.process.send_signal(signal.SIGTERM)
        self.assertEqual(parallax.process.wait(60), 0)
        reader.join(30)
        lines = list(seen)
        dropped = sum(int(line.split("count=")[1]) for line in lines
                      if 'event="log lines dropped"' in line)
        errors = sum('event="protocol error"' in line for line in lines)
        self.assertGreater(dropped, 0)
        self.assertEqual(errors + dropped, CONNECTIONS)
        for line in lines:
            self.assertRegex(line, r"^time=\S+ level=\w+ process=")
        report = parallax.report()["exchanges"]
        self.assertEqual((report["seen"], report["unaccounted"]), (2, 0))


if __name__ == "__main__":
    unittest.main(verbosity=2)
