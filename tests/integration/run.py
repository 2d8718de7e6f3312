#!/usr/bin/python3
"""Runs the tests of a folder (this one, or the first argument): test_*.py with
unittest. Further arguments choose test files by a part of their names. The last
line counts what passed, failed and was skipped."""

import glob
import os
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


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


def main():
    folder = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else HERE
    sys.path[:0] = [folder, HERE]
    suite = unittest.TestSuite()
    for path in sorted(glob.glob(os.path.join(folder, "test_*.py"))):
        name = os.path.basename(path)[:-3]
        if len(sys.argv) > 2 and not any(p in name for p in sys.argv[2:]):
            continue
        suite.addTests(unittest.defaultTestLoader.loadTestsFromName(name))
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2,
                                     resultclass=Result)
    result = runner.run(suite)
    failed = len(result.failures) + len(result.errors)
    print(f"{getattr(result, 'passed', 0)} passed, {failed} failed, "
          f"{len(result.skipped)} skipped", flush=True)
    # A skipped test is one that did not run: that is not a pass.
    return 1 if failed or result.skipped or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
