"""No process of ours may die of a signal that its test has not sent, and no sanitizer
may have complained, whatever else the test looked at: a Workplace (harness.py) looks for
both in what its processes print and in their exit codes.

A test sends signals by os.kill, or by a method of Popen, which comes to that. `parallax
run` logs of which signal a process of its has died; one that it kills, because it does
not end in time, it names before."""

import glob
import os
import re
import signal

SANITIZERS = ("Sanitizer: ", ": runtime error: ")
DIED = re.compile(r'name="([^"]*)" signal=(\d+)')
KILLED = re.compile(r'did not end in time" name="([^"]*)"')
watching = []
_kill = os.kill


def kill(pid, number):
    for watch in watching:
        watch.sent.add(int(number))
    _kill(pid, number)


os.kill = kill


class Watch:
    """What happens from here on, until close()."""

    def __init__(self):
        self.sent = set()
        self.found = []
        watching.append(self)

    def ended(self, what, code):
        """An exit code, as subprocess has it."""
        if code is not None and code < 0 and -code not in self.sent:
            self.found.append(f"{what} died of {name_of(-code)}")

    def printed(self, what, text):
        if any(mark in text for mark in SANITIZERS):
            self.found += [f"{what}: {line.strip()}"
                           for line in text.splitlines()
                           if any(mark in line for mark in SANITIZERS)][:3]

    def logged(self, what, text):
        self.printed(what, text)
        killed = set(KILLED.findall(text))
        for process, number in DIED.findall(text):
            number = int(number)
            if number not in self.sent and not (
                    number == signal.SIGKILL and process in killed):
                self.found.append(
                    f"{what}: {process} died of {name_of(number)}")

    def close(self, folder):
        """Gives what was found, in the logs and cores of the folder too."""
        if self in watching:
            watching.remove(self)
        for path in sorted(glob.glob(os.path.join(folder, "*.log"))):
            with open(path, errors="replace") as file:
                self.logged(os.path.basename(path), file.read())
        for path in glob.glob(os.path.join(folder, "core*")):
            if os.path.isfile(path):
                self.found.append(f"there is a core: {os.path.basename(path)}")
        return self.found


def name_of(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
