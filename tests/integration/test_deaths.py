"""The harness itself: a process that dies of a signal fails its test, unless the test
has sent it, and so does what a sanitizer says (deaths.py)."""

import os
import signal
import unittest

from harness import Workplace

ENDED = 'event="process ended" name="mirror-a" signal={} lived_ms=3'
KILLED = 'event="killed: it did not end in time" name="mirror-{}"'


class Deaths(unittest.TestCase):
    def run_shell(self, script, act=None):
        with Workplace("deaths") as place:
            process = place.start(["/bin/sh", "-c", script], "shell")
            if act:
                act(place, process)
            process.wait(10)

    def fails(self, message, *arguments):
        with self.assertRaisesRegex(AssertionError, message):
            self.run_shell(*arguments)

    def test_a_process_of_the_test(self):
        self.fails("/bin/sh died of SIGABRT", "kill -ABRT $$")
        self.fails("/bin/sh died of SIGKILL", "kill -KILL $$")
        self.run_shell("sleep 60", lambda place, process:
                       os.kill(process.pid, signal.SIGABRT))
        self.run_shell("sleep 60", lambda place, process: process.kill())
        self.run_shell("exit 3")

    def test_a_command(self):
        self.fails("/bin/sh died of SIGSEGV", "true", lambda place, process:
                   place.exit_code(["/bin/sh", "-c", "kill -SEGV $$"]))

    def test_a_process_of_parallax_run(self):
        self.fails("mirror-a died of SIGSEGV", f"echo '{ENDED.format(11)}'")
        self.fails("mirror-a died of SIGKILL", f"echo '{KILLED.format('b')}'; "
                   f"echo '{ENDED.format(9)}'")
        self.run_shell(f"echo '{KILLED.format('a')}'; echo '{ENDED.format(9)}'")

    def test_a_sanitizer(self):
        complaint = "echo '==1==ERROR: AddressSanitizer: heap-use-after-free'"
        self.fails("heap-use-after-free", complaint)
        self.fails("heap-use-after-free", "true", lambda place, process:
                   place.exit_code(["/bin/sh", "-c", complaint + "; exit 1"]))
        # A long line is looked through once.
        self.run_shell("head -c 3000000 /dev/zero | tr '\\0' y")
        self.fails("shift exponent", "echo 'a.c:1:2: runtime error: shift "
                   "exponent 64 is too large'")


if __name__ == "__main__":
    unittest.main()
