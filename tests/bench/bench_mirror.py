#!/usr/bin/python3
"""The mirror's rate: what a journal of pgbench costs to replay.

Each program records a journal of its own (the relay, no mirror), from databases
that are equal. Then the programs take turns to replay it onto a shadow that is
made anew each time. Printed are exchanges a second of the clock and of the
mirror's own CPU, and the shadow server's CPU a transaction beside the primary's
while it was recorded; medians of the rounds, with their spread.

--beside NAME=PROGRAM measures another build too; its figures are also given as
ratios of this one's to that one's within a round.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "integration"))

from bench import spread  # noqa: E402
from harness import BUILD, Cluster, Workplace  # noqa: E402

WORKLOADS = {  # name: pgbench's script, transactions of each of 8 clients
    "point statements": (["-S"], 10000),
    "TPC-B": (["-N"], 1500),
}
CLIENTS = 8
TICKS = os.sysconf("SC_CLK_TCK")


def server_cpu(cluster):
    """Seconds used by a server and by those of its processes that have ended."""
    with open(f"/proc/{cluster.pid()}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / TICKS


def own_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def renew(cluster, template):
    """The database that is recorded, or replayed onto, as it was."""
    cluster.psql("DROP DATABASE IF EXISTS bench WITH (FORCE);\n"
                 f"CREATE DATABASE bench TEMPLATE {template} STRATEGY file_copy;\n"
                 "CHECKPOINT")


class Program:
    """A build of Parallax, with its config and its journals."""

    def __init__(self, place, name, path, primary, shadow):
        self.place, self.name = place, name
        self.primary, self.shadow = primary, shadow
        self.path = place.path(f"parallax-{name}")
        place.run(["cp", path, self.path])
        self.runs = []

    def config(self, workload):
        self.port = self.place.free_port()
        folder = self.place.path(f"{self.name}-{workload.replace(' ', '-')}")
        return self.place.write(f"{self.name}.yaml", f"""
listen: 127.0.0.1:{self.port}
primary: {{engine: postgres, host: 127.0.0.1, port: {self.primary.port},
  database: bench, user: postgres}}
shadows:
  - {{name: bench, host: 127.0.0.1, port: {self.shadow.port}, database: bench,
     user: postgres, unsafe_rights: true, store: {folder}.db}}
journal: {{directory: {folder}, max_size: 4 GiB}}
log: {{level: warn}}
""")

    def record(self, workload):
        script, count = WORKLOADS[workload]
        renew(self.primary, "template_bench")
        relay = self.place.start(
            [self.path, "run", "--no-mirror", self.config(workload)], self.name)
        self.place.wait_for_port(self.port)
        before = server_cpu(self.primary)
        self.place.run([self.place.tool("pgbench"), "-n", "-h", "127.0.0.1",
                        "-p", self.port, "-U", "postgres", "-c", CLIENTS, "-M",
                        "prepared", "-t", count, *script, "bench"])
        self.place.stop_process(relay, 60)
        self.primary_cpu = server_cpu(self.primary) - before
        self.transactions = CLIENTS * count
        self.runs = []

    def replay(self):
        """Adds (exchanges/s, exchanges/CPU s, shadow's CPU / primary's)."""
        renew(self.shadow, "template_bench")
        store = self.place.path(f"{self.name}-replay.db")
        for end in ("", "-wal", "-shm"):
            if os.path.exists(store + end):
                os.remove(store + end)
        began, used, server = time.monotonic(), own_cpu(), server_cpu(self.shadow)
        self.place.run([self.path, "replay", "--store", store,
                        self.place.path(f"{self.name}.yaml")])
        seconds, cpu = time.monotonic() - began, own_cpu() - used
        server = server_cpu(self.shadow) - server
        verdicts = json.loads(self.place.run(
            [self.path, "report", "--format", "json", store]))["stores"][0]["verdicts"]
        count = sum(verdicts.values())
        if verdicts["match"] < count - 20:
            raise RuntimeError(f"{self.name}: {verdicts}")
        self.runs.append((count / seconds, count / cpu, server / self.primary_cpu))


def show(workload, programs):
    print(f"\n{workload}, {CLIENTS} clients, {programs[0].transactions} transactions")
    print(f"  {'':10} {'exchanges/s':>12} {'/CPU second':>12}"
          f" {'shadow CPU / primary':>24}")
    for one in programs:
        rate, cpu, server = zip(*one.runs)
        print(f"  {one.name:10} {statistics.median(rate):12.0f}"
              f" {statistics.median(cpu):12.0f} {spread(server):>24}")
    for other in programs[1:]:
        pairs = list(zip(programs[0].runs, other.runs))
        print(f"  this / {other.name}: exchanges/s"
              f" {spread([a[0] / b[0] for a, b in pairs])}, of a CPU second"
              f" {spread([a[1] / b[1] for a, b in pairs])}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int,
                        default=int(os.environ.get("BENCH_ROUNDS", 5)))
    parser.add_argument("--beside", action="append", default=[],
                        metavar="NAME=PROGRAM")
    arguments = parser.parse_args()
    builds = [("this", os.path.join(BUILD, "parallax")),
              *(one.split("=", 1) for one in arguments.beside)]
    with Workplace("bench-mirror") as place:
        clusters = [Cluster(place, name, settings={
            "fsync": "off", "synchronous_commit": "off", "autovacuum": "off",
            "shared_buffers": "256MB"}) for name in ("primary", "shadow")]
        for cluster in clusters:
            cluster.start()
            cluster.create_database("template_bench")
            cluster.pgbench("-i", "-q", "-s", "1", database="template_bench")
        programs = [Program(place, name, path, *clusters) for name, path in builds]
        for workload in WORKLOADS:
            for program in programs:
                program.record(workload)
            for turn in range(arguments.rounds):
                for program in reversed(programs) if turn % 2 else programs:
                    program.replay()
            show(workload, programs)


if __name__ == "__main__":
    main()
