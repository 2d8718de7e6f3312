#!/usr/bin/python3
"""What a transaction costs the proxy: instructions of its own, and system calls.

Both are counted, not timed, so they hardly change with whatever else the machine
does: callgrind counts the instructions that a process runs outside of the kernel,
strace its calls of the kernel. Each figure is the difference of two runs, with few
and with many transactions, divided by the difference of their numbers, so that
start-up and logins cancel out.

    instructions.py                          Parallax beside PgBouncer
    instructions.py --beside old=PROGRAM     beside another build, too
    instructions.py --functions 20           the functions that cost most
"""

import argparse
import collections
import glob
import os
import re
import signal
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "integration"))

import peers  # noqa: E402
from harness import Cluster, Workplace  # noqa: E402

MODES = ("simple", "extended", "prepared")
FEW = 50  # transactions of a client


class Count:
    """What one run has used: a number for each name."""

    def __init__(self, names):
        self.names = collections.Counter(names)

    def per_transaction(self, fewer, transactions):
        return {name: (self.names[name] - fewer.names[name]) / transactions
                for name in {*self.names, *fewer.names}}


def callgrind_counts(folder):
    """Instructions by function, of all processes that wrote their counts there."""
    names = collections.Counter()
    for path in glob.glob(os.path.join(folder, "callgrind.*")):
        known, here, called = {}, "", False
        with open(path, errors="replace") as file:
            for line in file:
                function = re.match(r"fn=\((\d+)\)(?: (.*))?", line)
                if function:
                    number, name = function.groups()
                    here = known.setdefault(number, name)
                    continue
                naming = re.match(r"cfn=\((\d+)\) (.*)", line)
                if naming:
                    known[naming.group(1)] = naming.group(2)
                elif line.startswith("calls="):
                    called = True  # the next line is what the callee used
                elif re.match(r"[+\-*\d]", line):
                    if not called:
                        names[here] += int(line.split()[1])
                    called = False
    return names


def strace_counts(path):
    """System calls by name, from strace's summary."""
    names = collections.Counter()
    with open(path) as file:
        for line in file:
            fields = line.split()
            if len(fields) >= 5 and fields[0].replace(".", "").isdigit() \
                    and fields[-1] != "total":
                names[fields[-1]] = int(fields[3])
    return names


def fresh_folder(place):
    """For the counts; and no journal of an older run, whose reading costs."""
    folder = place.path("counts")
    place.run(["rm", "-rf", folder, *glob.glob(place.path("*-journal"))])
    place.run(["mkdir", folder])
    return folder


def load(place, target, arguments, mode, transactions):
    place.run([place.tool("pgbench"), "-n", "-S", "-h", target.host, "-p",
               target.port, "-c", arguments.clients, "-j", 1, "-M", mode, "-t",
               transactions, "bench"])


def instructions(place, primary, start, arguments, mode, transactions):
    """Of one run, under callgrind."""
    folder = fresh_folder(place)
    target = start(place, primary, wrapper=[
        "valgrind", "--tool=callgrind", "--trace-children=yes", "--quiet",
        f"--callgrind-out-file={folder}/callgrind.%p"])
    load(place, target, arguments, mode, transactions)
    place.stop_process(place.processes[-1], grace=60)
    return Count(callgrind_counts(folder))


def system_calls(place, primary, start, arguments, mode, transactions):
    fresh_folder(place)
    target = start(place, primary)
    program = place.processes[-1]
    summary = place.path("calls")
    # As ourselves: Parallax lets no process of its own user trace it, only root.
    tracer = subprocess.Popen(
        ["strace", "-f", "-c", "-q", "-o", summary,
         *(f"--attach={pid}" for pid in target.pids)])
    place.wait_for(lambda: traced(target), "strace")
    load(place, target, arguments, mode, transactions)
    tracer.send_signal(signal.SIGINT)
    tracer.wait()
    place.stop_process(program)
    return Count(strace_counts(summary))


def traced(target):
    for pid in target.pids:
        with open(f"/proc/{pid}/status") as file:
            if "TracerPid:\t0\n" in file.read():
                return False
    return True


def measure(place, primary, start, arguments, mode, counted):
    many = counted(place, primary, start, arguments, mode,
                   FEW + arguments.transactions)
    few = counted(place, primary, start, arguments, mode, FEW)
    return many.per_transaction(
        few, arguments.transactions * arguments.clients)


def show(mode, figures, arguments):
    """figures: by target, (instructions by function, system calls by name)."""
    print(f"\nselect-only, {mode}, {arguments.clients} clients:"
          " of one transaction")
    base = next(iter(figures))
    for target, (functions, calls) in figures.items():
        used, made = sum(functions.values()), sum(calls.values())
        line = f"  {target:12} {used:8.0f} instructions, {made:5.2f} calls"
        if target != base:
            line += (f"  /{base}"
                     f" {used / sum(figures[base][0].values()):5.2f}"
                     f" {made / sum(figures[base][1].values()):5.2f}")
        print(line)
        print("   ", ", ".join(
            f"{name} {count:.2f}" for name, count in
            sorted(calls.items(), key=lambda item: -item[1])
            if count >= 0.005))
        for name, count in sorted(functions.items(), key=lambda item:
                                  -item[1])[:arguments.functions]:
            print(f"    {count:8.0f} {name}")
        sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--transactions", type=int, default=300,
                        help="of each client")
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--functions", type=int, default=0, metavar="N")
    parser.add_argument("--only", choices=("instructions", "calls"))
    parser.add_argument("--alone", action="store_true",
                        help="without PgBouncer")
    parser.add_argument("--beside", action="append", default=[],
                        metavar="NAME=PROGRAM", help="another build of Parallax")
    arguments = parser.parse_args()
    starts = {"pgbouncer": peers.start_pgbouncer,
              "parallax": peers.start_parallax}
    if arguments.alone:
        del starts["pgbouncer"]
    for one in arguments.beside:
        name, program = one.split("=", 1)
        starts[name] = lambda place, primary, name=name, program=program, \
            **options: peers.start_parallax(place, primary, name, program,
                                            **options)

    with Workplace("instructions") as place:
        primary = Cluster(place, "primary", settings={"fsync": "off"})
        primary.start()
        primary.create_database("bench")
        place.run([place.tool("pgbench"), "-i", "-q", "-h", primary.host, "-p",
                   primary.port, "bench"])
        for mode in arguments.modes.split(","):
            figures = {}
            for name, start in starts.items():
                figures[name] = [
                    measure(place, primary, start, arguments, mode, counted)
                    if arguments.only in (None, what) else {"": 1}
                    for what, counted in (("instructions", instructions),
                                          ("calls", system_calls))]
            show(mode, figures, arguments)


if __name__ == "__main__":
    main()
