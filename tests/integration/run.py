#!/usr/bin/python3
"""Runs the tests of a folder (this one, or the first argument): test_*.py with
unittest. Further arguments choose test files by name or a part of it. The last line
counts what passed, failed and was skipped.

--jobs N runs N files at a time, each with what it prints when it has ended; those
that take longest begin. A file that measures time or memory says ALONE = True: those
come last, one by one. --long runs what is too long for each merge as well, which the
closing lines name otherwise (extent.py). The closing table says where the time went
(spent.py)."""

import argparse
import collections
import contextlib
import glob
import io
import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
import unittest

import extent
import spent

HERE = os.path.dirname(os.path.abspath(__file__))
COUNTS = ("passed", "failed", "skipped")
# Begun in this order, so that none of them runs on when all else has ended.
LONGEST = ("test_laws", "test_wrong_mappings", "test_seed", "test_mirror_faults",
           "test_seed_changes", "test_lowering", "test_verify", "test_matrix",
           "test_rewrite_random", "test_mirror", "test_generated", "test_places",
           "test_run_seed", "test_half_open", "test_rights", "test_ddl",
           "test_random_changes", "test_identity_clients")
TELLING = threading.Lock()


class Result(unittest.TextTestResult):
    """One line a test, with its seconds."""

    def startTest(self, test):
        self.began = time.monotonic()
        super().startTest(test)
        self.stream.flush()

    def addSuccess(self, test):
        self.passed = getattr(self, "passed", 0) + 1
        unittest.TestResult.addSuccess(self, test)
        self.stream.writeln(f"ok ({time.monotonic() - self.began:.1f} s)")


def tests_of(name):
    """The tests of a file that this run does, as one suite."""
    def each(suite):
        for test in suite:
            yield from each(test) if isinstance(test, unittest.TestSuite) \
                else [test]
    return unittest.TestSuite(extent.without_long(
        each(unittest.defaultTestLoader.loadTestsFromNames([name]))))


def run(names, stream):
    """The counts of these files' tests."""
    total = {**dict.fromkeys(COUNTS, 0), "costs": {}, "left": {}}
    for name in names:
        costs = total["costs"][name] = {}
        with spent.file(costs):
            result = unittest.TextTestRunner(
                stream=stream, verbosity=2,
                resultclass=Result).run(tests_of(name))
        total["left"][name] = extent.take_left()
        total["passed"] += getattr(result, "passed", 0)
        total["failed"] += len(result.failures) + len(result.errors)
        total["skipped"] += len(result.skipped)
    return total


def work():
    """Runs the files whose names come in, and tells of each in a line."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a child of a test prints is no answer
    spent.watch()
    for line in sys.stdin:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            counts = run([line.strip()], printed)
        answers.write(json.dumps({"text": printed.getvalue(), **counts}) + "\n")
        answers.flush()


def hand_out(folder, names, total, files, left):
    """One worker's life: takes names until there are none."""
    worker = subprocess.Popen(
        [sys.executable, os.path.abspath(__file__), "--worker", folder],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    while True:
        try:
            name = names.get_nowait()
        except queue.Empty:
            break
        worker.stdin.write(name + "\n")
        worker.stdin.flush()
        line = worker.stdout.readline()
        said = json.loads(line) if line else {
            "text": f"{name}: its process ended\n", "failed": 1}
        with TELLING:
            print(f"== {name}\n{said['text']}", end="", flush=True)
            total.update({key: said.get(key, 0) for key in COUNTS})
            files.update(said.get("costs", {}))
            left.update(said.get("left", {}))
        if not line:
            break
    worker.stdin.close()
    worker.wait()


def place_of(name):
    return (LONGEST.index(name) if name in LONGEST else len(LONGEST), name)


def run_apart(folder, names, jobs):
    total, files, left = collections.Counter(), {}, {}
    alone = {name for name in names
             if re.search("^ALONE = True", open(os.path.join(
                 folder, name + ".py")).read(), re.MULTILINE)}
    for some, count in ((set(names) - alone, jobs), (alone, 1)):
        waiting = queue.Queue()
        for name in sorted(some, key=place_of):
            waiting.put(name)
        workers = [threading.Thread(target=hand_out,
                                    args=(folder, waiting, total, files, left))
                   for _ in range(min(count, len(some)))]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        total["failed"] += waiting.qsize()  # no worker was left for them
    return {**total, "costs": files, "left": left}


def told_left(left):
    """What only --long runs, file by file."""
    return "\n".join(["left to make check-long (run.py --long):", *[
        f"  {name}: {'; '.join(left[name])}"
        for name in sorted(left) if left[name]]])


def chosen(names, parts):
    """Those whose name one of the parts is, or is in, if it is no whole name."""
    return [name for name in names if not parts or any(
        part == name if part in names else part in name for part in parts)]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--worker", action="store_true")
    parser.add_argument("folder", nargs="?", default=HERE)
    parser.add_argument("parts", nargs="*")
    options = parser.parse_args()
    folder = os.path.abspath(options.folder)
    sys.path[:0] = [folder, HERE]
    if options.long:
        os.environ[extent.VARIABLE] = "1"
    if options.worker:
        return work()
    names = chosen(sorted(
        os.path.basename(path)[:-3]
        for path in glob.glob(os.path.join(folder, "test_*.py"))),
        options.parts)
    if options.jobs > 1:
        total = run_apart(folder, names, options.jobs)
    else:
        spent.watch()
        total = run(names, sys.stdout)
    if total["costs"]:
        print(spent.table(total["costs"]))
    if any(total["left"].values()):
        print(told_left(total["left"]))
    print(", ".join(f"{total[key]} {key}" for key in COUNTS), flush=True)
    # A skipped test is one that did not run: that is not a pass.
    return 1 if total["failed"] or total["skipped"] or not total["passed"] \
        else 0


if __name__ == "__main__":
    sys.exit(main())
