"""What must not reach a client: a log that nobody reads, a journal's disk that
hangs."""

import glob
import json
import itertools
import os
import re
import signal
import socket
import subprocess
import threading
import time
import unittest

import harness

ALONE = True  # see run.py: it measures time

GARBAGE = b"GET / HTTP/1.1\r\nHost: garbage\r\n\r\n"
FROZEN = 6          # seconds
WAITED = 4          # who has waited longer, has waited for the disk
CONNECTIONS = 4000  # more lines than a pipe and the log's queue hold

TABLES = "CREATE TABLE notes (id serial PRIMARY KEY, body text);"

# Put before the C library: while the flag's file is there, whatever writes to
# the journal's folder hangs.
HANGS = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>
static void hang(int fd)
{
	char link[64], path[4096];
	ssize_t size;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	size = readlink(link, path, sizeof(path) - 1);
	if (size <= 0)
		return;
	path[size] = 0;
	while (strstr(path, "-journal") && access(getenv("HANG_FLAG"), F_OK) == 0)
		usleep(1000);
}
#define HANG(type, name, parameters, arguments)                     \
	type name parameters                                        \
	{                                                           \
		static type (*real) parameters;                     \
		if (!real)                                          \
			real = (type(*) parameters)dlsym(RTLD_NEXT, #name); \
		hang(fd);                                           \
		return real arguments;                              \
	}
HANG(ssize_t, pwrite, (int fd, const void *d, size_t n, off_t o), (fd, d, n, o))
HANG(ssize_t, pwrite64, (int fd, const void *d, size_t n, off_t o),
     (fd, d, n, o))
HANG(int, fdatasync, (int fd), (fd))
HANG(int, fsync, (int fd), (fd))
HANG(int, ftruncate, (int fd, off_t size), (fd, size))
HANG(int, unlinkat, (int fd, const char *n, int f), (fd, n, f))
HANG(int, renameat, (int fd, const char *a, int to, const char *b),
     (fd, a, to, b))
HANG(int, renameat2,
     (int fd, const char *a, int to, const char *b, unsigned f),
     (fd, a, to, b, f))
HANG(int, openat, (int fd, const char *n, int f, int m), (fd, n, f, m))
"""


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
        # What is logged once, of links without TLS, is while there is room.
        self.through(parallax, "SELECT 1")
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
        # Warnings about the configuration are printed before the log begins.
        logged = list(itertools.dropwhile(
            lambda line: not line.startswith("time="), lines))
        self.assertTrue(logged)
        for line in logged:
            self.assertRegex(line, r"^time=\S+ level=\w+ process=")
        report = parallax.report()["exchanges"]
        self.assertEqual((report["seen"], report["unaccounted"]), (4, 0))

    def freeze(self, policy, text, seconds=FROZEN):
        """pgbench goes on while the journal's disk hangs; gives (transactions
        done, the longest of them in seconds, exchanges in the journal, lost
        ones as its gaps tell, gaps)."""
        library = self.place.path("hangs.so")
        source = self.place.write("hangs.c", HANGS)
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-w", "-o", library,
                        source, "-ldl"], check=True)
        flag = self.place.path("hang")
        parallax = harness.Parallax(self.place, self.primary, self.shadow)
        with open(parallax.config) as file:
            config = file.read()
        self.place.write(os.path.basename(parallax.config), config.replace(
            "journal: {", "journal: {buffer: 16 MiB, keep: 1 h, "
            f"when_full: {policy}, "))
        parallax.process = self.place.start(
            [self.place.parallax, "run", parallax.config], parallax.name,
            env={"LD_PRELOAD": library, "HANG_FLAG": flag})
        self.place.wait_for_port(parallax.port)
        script = self.place.write("script.sql", text)
        bench = self.place.start(
            [self.place.tool("pgbench"), "-n", "-h", "127.0.0.1", "-p",
             parallax.port, "-U", "postgres", "-f", script, "-c", "4", "-l",
             "-T", seconds + 4, "postgres"], "bench")
        time.sleep(2)
        self.place.write("hang", "")
        time.sleep(seconds)
        os.unlink(flag)
        self.assertEqual(bench.wait(60), 0, self.place.log("bench"))
        done = int(re.search(r"actually processed: (\d+)",
                             self.place.log("bench"))[1])
        latency = []
        for path in glob.glob(self.place.path("pgbench_log.*")):
            with open(path) as file:
                latency += [int(line.split()[2]) / 1e6 for line in file]
        self.assertEqual(len(latency), done)
        self.assertEqual(parallax.stop(), 0)
        records = [json.loads(line) for line in self.place.run(
            [self.place.parallax, "journal", parallax.journal]).splitlines()]
        ends = sum("end" in record for record in records)
        gaps = [record["gap"] for record in records if "gap" in record]
        lost = sum(int(gap.get("exchanges", 0)) for gap in gaps)
        report = parallax.report()["exchanges"]
        self.assertEqual(report["unaccounted"], 0)
        transactions = sum("transaction_end" in record for record in records)
        self.assertEqual(report["seen"], ends + transactions)
        self.assertEqual(report["gaps"], len(gaps))
        print(f"{policy}: {done} done, longest {max(latency):.2f} s, {ends} "
              f"in the journal, {lost} lost in {len(gaps)} gaps")
        return done, max(latency), ends, lost, len(gaps)

    def test_a_disk_that_hangs_costs_nothing(self):
        done, longest, ends, lost, gaps = self.freeze(
            "shed", "INSERT INTO notes (body) VALUES ('a');\n\\sleep 5 ms\n")
        self.assertLess(longest, WAITED)
        self.assertEqual((ends, lost, gaps), (done, 0, 0))

    def test_a_disk_that_hangs_sheds(self):
        done, longest, ends, lost, gaps = self.freeze(
            "shed", f"SELECT '{'x' * 8000}';\n")
        self.assertLess(longest, WAITED)
        self.assertEqual(ends + lost, done)
        self.assertGreater(lost, 0)
        # one while it hung; on a busy machine another before it has caught up
        self.assertIn(gaps, (1, 2))

    def test_a_disk_that_hangs_blocks(self):
        done, longest, ends, lost, gaps = self.freeze(
            "block", f"SELECT '{'x' * 8000}';\n")
        self.assertGreater(longest, 3)
        self.assertEqual((ends, lost, gaps), (done, 0, 0))


if __name__ == "__main__":
    unittest.main(verbosity=2)
