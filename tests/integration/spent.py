"""What a file of tests costs, for the table that run.py prints at its end.

Seconds of the clock depend on what else the machine does; CPU seconds much less.
Those of a server that pg_ctl has started are nobody's children's: its parent is
init. So watch() puts a process above the tests that such orphans fall to (Linux's
child subreaper), which adds up what each has used."""

import collections
import contextlib
import ctypes
import mmap
import os
import re
import signal
import struct
import sys
import threading
import time

PR_SET_CHILD_SUBREAPER = 36
TICKS = os.sysconf("SC_CLK_TCK")
SPENT = collections.Counter()
RUNNING = set()     # the servers that outlive a file: they are nobody's yet
LOCK = threading.Lock()
_orphans = None
_sleep = time.sleep


def add(what, amount=1):
    with LOCK:
        SPENT[what] += amount


@contextlib.contextmanager
def timed(what):
    began = time.monotonic()
    try:
        yield
    finally:
        add(what, time.monotonic() - began)


def pause(seconds):
    """A step of waiting for an event."""
    add("waiting", seconds)
    _sleep(seconds)


def sleep(seconds):
    """Any other sleep: it lasts as long as it lasts."""
    within = sys._getframe(1).f_globals.get("__name__")
    add("waiting" if within == "subprocess" else "fixed", seconds)
    _sleep(seconds)


def command(words, text=None):
    """Notes what a command is about to cost."""
    add("commands")
    words = [str(word) for word in words]
    if words[0].endswith("pgbench") and "-T" in words:
        add("fixed", float(words[words.index("-T") + 1]))
    databases(" ".join(words) + (text or ""))


def databases(text):
    """Notes those that a script makes."""
    add("databases", len(re.findall("CREATE DATABASE", text)))


def watch():
    """The caller goes on in a child; the process that was stays above it, until
    it has ended, and then ends as it did."""
    global _orphans
    _orphans = mmap.mmap(-1, 8)
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    child = os.fork()
    if not child:
        time.sleep = sleep
        return
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: os.kill(child, number))
    total = 0.0
    while True:
        pid, status, used = os.wait4(-1, 0)
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            if code < 0:
                print(f"the tests were ended by signal {-code}", flush=True)
                end_orphans()
            os._exit(code if code >= 0 else 128 - code)
        total += used.ru_utime + used.ru_stime
        _orphans[:] = struct.pack("d", total)


def end_orphans():
    """What the tests have left running: gently, then not."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with open("/proc/thread-self/children") as file:
            for pid in map(int, file.read().split()):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        _sleep(3)


def of_server(pid):
    """CPU seconds of a server that runs, and of its sessions that have ended."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / TICKS


def cpu():
    """CPU seconds so far: ours, our children's, the orphans', the servers'."""
    total = sum(os.times()[:4]) + sum(map(of_server, RUNNING))
    if _orphans:
        total += struct.unpack("d", _orphans[:])[0]
    return total


@contextlib.contextmanager
def file(costs):
    """Fills costs with what is spent within."""
    before, began, used = SPENT.copy(), time.monotonic(), cpu()
    yield
    costs.update({what: SPENT[what] - before[what] for what in SPENT})
    costs["seconds"] = time.monotonic() - began
    costs["cpu"] = cpu() - used


COLUMNS = (("seconds", "seconds", 1), ("cpu", "CPU", 1),
           ("servers", "servers", 0), ("starting", "starting", 1),
           ("stopping", "stopping", 1), ("databases", "databases", 0),
           ("commands", "commands", 0), ("fixed", "fixed", 1),
           ("waiting", "waiting", 1))


def table(files, rows=15):
    """The slowest files, and all together. files: {name: costs}"""
    listed = sorted(files, key=lambda name: -files[name]["seconds"])
    whole = collections.Counter()
    for costs in files.values():
        whole.update(costs)
    lines = [("the slowest files", [title for _, title, _ in COLUMNS])]
    for name, costs in [(name, files[name]) for name in listed[:rows]] + \
            [(f"all {len(files)} files", whole)]:
        lines.append((name, [f"{costs.get(key, 0):.{digits}f}"
                             for key, _, digits in COLUMNS]))
    return "\n".join(f"{name:24}" + "".join(f"{cell:>10}" for cell in cells)
                     for name, cells in lines) + \
        "\nservers: started; starting, stopping: seconds spent on that; fixed: " \
        "seconds of\nsleeps and timed loads; waiting: seconds of waits for an event"
