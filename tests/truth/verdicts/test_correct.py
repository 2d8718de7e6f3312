"""Correct mappings under concurrent load: each kind of schema change under each
workload. Nothing diverges, every exchange has its verdict, few are inconclusive, and
the data on both sides is equal afterwards.

PARALLAX_SHOW=1 lists what was not decided. PARALLAX_WORKLOADS and PARALLAX_KINDS
choose some of them, by their names."""

import os
import unittest

import extent
import stage
import workloads

SHOW = bool(os.environ.get("PARALLAX_SHOW"))

def chosen(variable, all_of_them):
    names = os.environ.get(variable, "").split()
    return [one for one in all_of_them if not names or one.name in names]


class Correct(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.kinds = chosen("PARALLAX_KINDS", stage.KINDS)
        cls.stage = stage.Stage(cls, "truth")
        for kind in cls.kinds:
            cls.stage.prepare(kind.name, kind.migration())
        cls.transactions = extent.number(
            "transactions of a workload", 160, 2000, "PARALLAX_TRANSACTIONS")

    def test_each_workload(self):
        print()
        for number, workload in enumerate(workloads.WORKLOADS):
            if workload in chosen("PARALLAX_WORKLOADS", workloads.WORKLOADS):
                with self.subTest(workload.name):
                    self.look(workload, self.kinds_of(number))

    def kinds_of(self, number):
        """Some of the kinds, others for each workload; in the end all come as often."""
        count = min(len(self.kinds), extent.number(
            "kinds of schema change under each workload", 2, len(self.kinds)))
        return [self.kinds[(number + 3 * at + at // 4) % len(self.kinds)]
                for at in range(count)]

    def look(self, workload, kinds):
        run = self.stage.run(workload.name, [
            (kind.name, kind.mapping()) for kind in kinds])
        took = run.go(lambda run: workload.run(
            self.stage.place, run.port, run.name, self.transactions))
        wrong = []
        seen = shares = 0
        for shadow in run.shadows:
            report = shadow.report()
            wrong += [f"{workload.name}, {shadow.name}: {what}"
                      for what in faults(workload, shadow, report)]
            seen += report["exchanges"]["counted"]
            shares = max(shares, report["verdicts"]["inconclusive"] /
                         max(1, report["exchanges"]["counted"]))
            if SHOW:
                for row in shadow.undecided():
                    print("   ", shadow.name, *row)
        print(f"{workload.name}: {seen} exchanges, {seen / took:.0f} a second,"
              f" inconclusive {shares:.2%} at most", flush=True)
        run.drop()
        for what in wrong:
            print(what, flush=True)
        self.assertEqual(wrong, [])


def faults(workload, shadow, report):
    """What a shadow with a right mapping must not show."""
    exchanges, verdicts = report["exchanges"], report["verdicts"]
    for group in report["divergences"]:
        yield (f"diverged {group['class']}: {group['count']} "
               f"{group['statement']} {group['detail']} "
               f"{group['evidence'][:1]}")
    if exchanges["seen"] != exchanges["counted"] or exchanges["gaps"] or \
            exchanges["unaccounted"] or \
            sum(verdicts.values()) != exchanges["seen"]:
        yield f"does not add up: {exchanges} {verdicts}"
    for verdict in ("failed", "untranslatable"):
        if verdicts[verdict]:
            yield f"{verdict}: {shadow.undecided()}"
    by_reason = {}
    for verdict, reason, _, count, _ in shadow.undecided():
        if verdict == "inconclusive":
            by_reason[reason] = by_reason.get(reason, 0) + count
    for reason, count in by_reason.items():
        if count > workload.ceiling(reason) * exchanges["seen"]:
            yield f"inconclusive {reason}: {count} of {exchanges['seen']}"
    code, output = shadow.command("verify", "--no-store", "--recheck", "0")
    if code > 1 or stage.drifted(output) - set(workload.drift):
        yield f"verify: {output}"


if __name__ == "__main__":
    unittest.main()
