#!/usr/bin/python3
"""Side by side with its peers: direct, HAProxy, PgBouncer, Parallax.

Machines are noisy, so every figure is a ratio of two runs of the same round,
the targets take turns within a round, and the median of the rounds' ratios is
reported with its spread. Never a pass or fail: `make bench` prints, people read.

What is measured begins when a run is warm. A new server process has its catalogs
to read and the table's pages to map, which takes seconds for a large table;
PgBouncer uses those of earlier runs again, and only PgBouncer would begin warm.

Parallax runs with capture on and no mirror, so that what is measured is the
client path. CPU is the proxy process's own, from /proc.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "integration"))

import peers  # noqa: E402
from harness import Cluster, Workplace  # noqa: E402

MODES = ("simple", "extended", "prepared")
WARM_UP = 2  # seconds, not measured
# Small enough to be warm after that with 32 clients; and one in which the clients
# of TPC-B are not all after the same branch.
SELECT_SCALE, TPCB_SCALE = 1, 10


class Series:
    """The figures of one workload: by target, one entry a round."""

    def __init__(self, name):
        self.name = name
        self.tps = {}
        self.cpu = {}

    def add(self, target, tps, cpu_us):
        self.tps.setdefault(target, []).append(tps)
        self.cpu.setdefault(target, []).append(cpu_us)

    def ratios(self, figures, target, base):
        return [a / b for a, b in zip(figures[target], figures[base]) if b]

    def show(self):
        print(f"\n{self.name}")
        print(f"  {'':10} {'TPS':>9} {'/direct':>8} {'/pgbouncer':>22}"
              f" {'CPU s/100k':>11} {'/pgbouncer':>22}")
        for target in self.tps:
            line = f"  {target:10} {statistics.median(self.tps[target]):9.0f}"
            direct = self.ratios(self.tps, target, "direct")
            line += f" {statistics.median(direct):8.2f}"
            line += " " + spread(self.ratios(self.tps, target, "pgbouncer"))
            if target != "direct":
                cpu = statistics.median(self.cpu[target]) / 10
                line += f" {cpu:11.2f} "
                line += spread(self.ratios(self.cpu, target, "pgbouncer"))
            print(line, flush=True)
        for target in list(self.tps)[4:]:
            print(f"  parallax / {target}: TPS",
                  spread(self.ratios(self.tps, "parallax", target)), "CPU",
                  spread(self.ratios(self.cpu, "parallax", target)), flush=True)


def spread(ratios):
    return (f"{statistics.median(ratios):6.2f}"
            f" ({min(ratios):5.2f} to {max(ratios):5.2f})")


PROGRESS = re.compile(r"progress: ([\d.]+) s, ([\d.]+) tps")


def pgbench(place, target, seconds, clients, mode, script):
    """Runs pgbench once; gives (TPS, the proxy's CPU in us a transaction), both of
    the time after the warm-up."""
    process = subprocess.Popen(
        [place.tool("pgbench"), "-n", "-h", target.host, "-p", str(target.port),
         "-c", str(clients), "-j", "1", "-M", mode, "-P", "1",
         "-T", str(WARM_UP + seconds), *script],
        text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        **place.identity)
    said = []
    began = ended = used = transactions = 0
    for line in process.stderr:
        said.append(line)
        report = PROGRESS.match(line)
        if not report:
            continue
        cpu = target.cpu_seconds()
        at = float(report.group(1))
        if at < WARM_UP - 0.5:
            continue
        if not began:
            began, cpu_before = at, cpu
        else:
            transactions += float(report.group(2)) * (at - ended)
            used = cpu - cpu_before
        ended = at
    if process.wait() or not transactions:
        raise RuntimeError("".join(said))
    return transactions / (ended - began), used * 1e6 / transactions


def rounds(place, targets, name, arguments, clients, mode, script):
    series = Series(name)
    for turn in range(arguments.rounds):
        # Each round begins with another target, and every other one goes
        # backwards: none is always first, or always behind the same one.
        shift = turn % len(targets)
        order = targets[shift:] + targets[:shift]
        for target in reversed(order) if turn % 2 else order:
            tps, cpu = pgbench(place, target, arguments.seconds, clients, mode,
                               script)
            series.add(target.name, tps, cpu)
    # Rounds began with different targets: put the lines in one order.
    series.tps = {t.name: series.tps[t.name] for t in targets}
    series.show()


def large_result(targets, rows, turns):
    query = ("SELECT i, i * 2, 'row number ' || i, repeat('x', 60)"
             f" FROM generate_series(1, {rows}) AS i")
    rates = {target.name: [] for target in targets}
    for turn in range(turns):
        for target in targets:
            size, seconds = peers.read_result(target.host, target.port,
                                              "bench", query)
            rates[target.name].append(size / seconds / 1e6)
    print(f"\none result of {rows} rows")
    for target in targets:
        ratios = [a / b for a, b in zip(rates[target.name], rates["direct"])]
        peak = target.peak_memory_kib()
        print(f"  {target.name:10} {statistics.median(rates[target.name]):7.0f}"
              f" MB/s, /direct {spread(ratios)}"
              + (f", peak {peak / 1024:.1f} MiB" if peak else ""), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int,
                        default=int(os.environ.get("BENCH_ROUNDS", 7)))
    parser.add_argument("--seconds", type=int,
                        default=int(os.environ.get("BENCH_SECONDS", 3)),
                        help=f"of a run, after {WARM_UP} to warm up")
    parser.add_argument("--clients", default="1,8,32")
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--only", choices=("select", "tpcb", "large"))
    parser.add_argument("--beside", action="append", default=[],
                        metavar="NAME=PROGRAM", help="another build of Parallax")
    arguments = parser.parse_args()

    with Workplace("bench") as place:
        primary = Cluster(place, "primary", settings={
            "max_connections": 200, "shared_buffers": "256MB",
            "fsync": "off", "synchronous_commit": "off"})
        primary.start()
        for database, scale in (("bench", SELECT_SCALE), ("tpcb", TPCB_SCALE)):
            primary.create_database(database)
            place.run([place.tool("pgbench"), "-i", "-q", "-s", str(scale),
                       "-h", primary.host, "-p", str(primary.port), database])
        targets = peers.start_all(
            place, primary, [one.split("=", 1) for one in arguments.beside])
        if arguments.only in (None, "select"):
            for clients in arguments.clients.split(","):
                for mode in arguments.modes.split(","):
                    rounds(place, targets, f"select-only, {mode}, {clients}"
                           " clients", arguments, int(clients), mode,
                           ["-S", "bench"])
        if arguments.only in (None, "tpcb"):
            rounds(place, targets, "TPC-B, prepared, 8 clients", arguments, 8,
                   "prepared", ["tpcb"])
        if arguments.only in (None, "large"):
            large_result(targets, 1000000, 3)


if __name__ == "__main__":
    main()
