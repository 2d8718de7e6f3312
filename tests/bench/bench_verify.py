#!/usr/bin/python3
"""`parallax verify` beside reading both tables out and comparing the texts.

1,000,000 rows of 10 columns on two servers, equal. In each round verify and the
comparison by COPY (both sides read at once by psql, held against each other by
cmp) take turns; figures are ratios of the two within a round, medians of the
rounds with their spread. The bytes are counted on the sockets, by a forwarder
that stands before each server in a run of its own, which is not timed.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "integration"))

from harness import Cluster, Parallax, Workplace  # noqa: E402

TABLE = """
CREATE TABLE items (id bigint PRIMARY KEY, owner integer NOT NULL, code bigint,
    price numeric(12,2), name text, digest text, active boolean,
    changed timestamptz, day date, weight double precision);
"""
FILL = """
INSERT INTO items SELECT i, i % 1000, i * 7, (i * 37 % 100000) / 100.0,
    'item ' || i, md5(i::text), i % 2 = 0,
    timestamptz '2020-01-01' + i * interval '1 s',
    date '2020-01-01' + (i % 1000)::int, i / 7.0
    FROM generate_series(1, {rows}) AS i;
"""
MIGRATION = """
ALTER TABLE items RENAME TO articles;
ALTER TABLE articles RENAME name TO title;
ALTER TABLE articles ALTER owner TYPE bigint;
"""
MAPPING = """version: 1
tables:
  items:
    rows: articles
    columns: {name: title}
"""


class Forwarder:
    """Passes a port's connections on to a server and counts the bytes."""

    def __init__(self, port):
        self.target = port
        self.count = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self.pump, args=(source, target),
                                 daemon=True).start()

    def pump(self, source, target):
        try:
            while data := source.recv(1 << 18):
                with self.lock:
                    self.count += len(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.close()


def verify(place, parallax):
    begin = time.monotonic()
    output = place.run([place.parallax, "verify", "--quiet", "--no-store",
                        parallax.config])
    if "1 table equal" not in output:
        raise RuntimeError(output)
    return time.monotonic() - begin


def copies(place, ports, tables):
    """Both sides at once, held against each other as they come."""
    command = ["cmp"] + [
        f"<({place.tool('psql')} -X -q -h 127.0.0.1 -p {port} -U postgres -c "
        f"'COPY {table} TO STDOUT' bench)"
        for port, table in zip(ports, tables)]
    begin = time.monotonic()
    subprocess.run(["bash", "-c", " ".join(command)], check=True)
    return time.monotonic() - begin


def spread(figures):
    return (f"{statistics.median(figures):.3g}"
            f" ({min(figures):.3g} to {max(figures):.3g})")


def measure(place, clusters, name, label, mapping, tables, rounds):
    parallax = Parallax(place, *clusters, database="bench", mapping=mapping,
                        name=name)
    ports = [cluster.port for cluster in clusters]
    runs = {"verify": lambda: verify(place, parallax),
            "copy": lambda: copies(place, ports, tables)}
    seconds = {what: [] for what in runs}
    for turn in range(rounds + 1):
        for what in sorted(runs, reverse=turn % 2):
            taken = runs[what]()
            if turn:  # the first one warms up
                seconds[what].append(taken)
    counted = [Forwarder(port) for port in ports]
    verify(place, Parallax(place, *counted, database="bench", mapping=mapping,
                           name=name + "-counted"))
    verified = sum(one.count for one in counted)
    for one in counted:
        one.count = 0
    copies(place, [one.port for one in counted], tables)
    copied = sum(one.count for one in counted)
    for one in counted:
        one.close()
    ratios = [a / b for a, b in zip(seconds["verify"], seconds["copy"])]
    print(f"\n{label}\n  verify {spread(seconds['verify'])} s, COPY and compare"
          f" {spread(seconds['copy'])} s: ratio {spread(ratios)}\n"
          f"  bytes: verify {verified:,}, COPY {copied:,}:"
          f" {100 * verified / copied:.4f} %", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--rounds", type=int,
                        default=int(os.environ.get("BENCH_ROUNDS", 5)))
    arguments = parser.parse_args()

    with Workplace("bench-verify") as place:
        clusters = [Cluster(place, name, settings={
            "shared_buffers": "512MB", "synchronous_commit": "off",
            "autovacuum": "off"}).start() for name in ("primary", "shadow")]
        for cluster in clusters:
            cluster.create_database("bench")
            cluster.psql(TABLE + FILL.format(rows=arguments.rows)
                         + "VACUUM ANALYZE;", database="bench")
        print(f"verify, {arguments.rows:,} rows of 10 columns")
        measure(place, clusters, "same", "the same schema", None,
                ("items", "items"), arguments.rounds)
        clusters[1].psql(MIGRATION + "VACUUM ANALYZE articles;",
                         database="bench")
        measure(place, clusters, "mapped",
                "table and column renamed, integer to bigint",
                place.write("mapping.yaml", MAPPING), ("items", "articles"),
                arguments.rounds)


if __name__ == "__main__":
    main()
