"""Random statements through a rich mapping: nothing may diverge, and the data must
be the same afterwards (tests/truth/random). For more:

    PARALLAX_RANDOM="SEED COUNT [SEED COUNT ...]"
"""

import io
import os
import sys
import unittest

import harness

sys.path.append(os.path.join(harness.ROOT, "tests", "truth", "random"))

from workload import Workload                     # noqa: E402


class RandomStatements(unittest.TestCase):
    MOST_UNTRANSLATABLE = 50  # one of so many

    def test_nothing_diverges(self):
        numbers = list(map(int, os.environ.get(
            "PARALLAX_RANDOM", "1 1000 2 1000").split()))
        with harness.Workplace("random") as place:
            workload = Workload(place)
            for seed, count in zip(numbers[::2], numbers[1::2]):
                with self.subTest(seed=seed):
                    workload.run(seed, count)
                    self.judge(workload)

    def judge(self, workload):
        shown = io.StringIO()
        workload.show(shown)
        report, told = workload.report, shown.getvalue()
        verdicts = report["verdicts"]
        self.assertEqual(verdicts["diverged"], 0, told)
        self.assertEqual(verdicts["failed"], 0, told)
        self.assertEqual(workload.differs, [], told)
        self.assertEqual(report["exchanges"]["unaccounted"], 0, told)
        # Most of what is sent must say something.
        self.assertLess(verdicts["untranslatable"],
                        workload.sent / self.MOST_UNTRANSLATABLE, told)
        self.assertLess(verdicts["inconclusive"], workload.sent / 50, told)
        self.assertLess(sum(workload.errors.values()), workload.sent / 8,
                        told)


if __name__ == "__main__":
    unittest.main()
