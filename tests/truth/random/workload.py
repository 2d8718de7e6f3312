"""Sends random statements of one seed through the relay and judges the verdicts.

    python3 tests/truth/random/workload.py SEED COUNT [SEED COUNT ...]
"""

import collections
import os
import random
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "integration")]

import harness                       # noqa: E402
from client import Client            # noqa: E402
from generator import Generator      # noqa: E402

# Each old table through the mapping, by hand.
SAME = [
    ("SELECT id, email, name, active, first, last, level, grade, score, born "
     "FROM users",
     "SELECT id, email_address, first_name || coalesce(' ' || last_name, ''), "
     "status = 'enabled', last, first, array_position('{low,mid,high}', "
     "tier::text) - 1, lower(nullif(grade_code, '-')), score, born "
     "FROM accounts"),
    ("SELECT 1, upper(email) FROM users", "SELECT tenant, shout FROM accounts"),
    ('SELECT id, users, balance, "Group", "select", email FROM accounts',
     'SELECT id, user_id, (cents / 100.0)::numeric(10,2), "Order", '
     '"Mixed Case", contact FROM ledgers'),
    ('SELECT "Id", "from", "a b", a, b FROM "Weird Table"',
     'SELECT "ID", "where", a, b, "from" FROM "select"'),
    ("SELECT id, user_id, qty, state, placed, paid, note FROM crm.orders",
     "SELECT id, account_id, qty, state, make_date(year, 1, 1) + day, "
     "settled = 'Y', note FROM sales.orders"),
    ("SELECT id, label, status FROM tags", "SELECT id, label, status FROM tags"),
]

START = """
INSERT INTO users (email, name, active, first, last, level, grade, score, born)
 SELECT 'e' || i || '@x', CASE WHEN i % 4 > 0 THEN 'Name' || i || CASE WHEN i % 3
 > 0 THEN ' Of Them' ELSE '' END END, i % 3 = 0, 'f' || i % 3, nullif('l' || i % 4,
 'l0'), nullif(i % 4, 3), CASE i % 4 WHEN 0 THEN 'a' WHEN 1 THEN 'b' WHEN 2 THEN
 'c' END, i * 3 % 10, DATE '2000-01-01' + i FROM generate_series(1, 12) i
INSERT INTO accounts SELECT i, nullif(i % 5, 0), i * 1.25, 'g' || i % 3, i % 4,
 'e' || i || '@x' FROM generate_series(1, 9) i
INSERT INTO "Weird Table" SELECT i, nullif('from' || i % 3, 'from0'), i % 4,
 10 - i, nullif(i % 3, 0) FROM generate_series(1, 8) i
INSERT INTO crm.orders (user_id, qty, state, placed, paid, note) SELECT
 nullif(i % 6, 0), i % 5, CASE i % 3 WHEN 0 THEN 'sad' WHEN 1 THEN 'ok' END::mood,
 DATE '2023-12-25' + i, nullif(i % 3, 0) = 1, nullif('n' || i % 4, 'n1') FROM
 generate_series(1, 14) i
INSERT INTO tags SELECT i, 'label' || i % 3, nullif(i % 3, 1)::text FROM
 generate_series(1, 6) i
"""


class Workload:
    def __init__(self, place):
        self.place = place
        self.primary = harness.Cluster(place, "primary").start()
        self.shadow = harness.Cluster(place, "shadow").start()

    def run(self, seed, count):
        name = f"random_{seed}"
        for cluster, side in ((self.primary, "old"), (self.shadow, "new")):
            cluster.create_database(name)
            with open(os.path.join(HERE, f"{side}.sql")) as file:
                cluster.psql(file.read(), name)
        self.proxy = harness.Parallax(
            self.place, self.primary, self.shadow, name, name=name,
            mapping=self.place.take(os.path.join(HERE, "mapping.yaml")),
            extra="compare: {show_values: true}\n")
        code, output = self.proxy.check()
        if code:
            raise AssertionError(output)
        self.proxy.start()
        self.errors = collections.Counter()
        self.sent = 0
        self.failures = []
        began = time.monotonic()
        self.send(seed, count, name)
        self.took = time.monotonic() - began
        self.proxy.stop()
        self.report = self.proxy.report()
        self.differs = [
            (old, new) for old, new in SAME
            if sorted(self.primary.psql(old, name).splitlines()) !=
            sorted(self.shadow.psql(new, name).splitlines())]
        return self.report

    def send(self, seed, count, database):
        generator = Generator(seed)
        choices = random.Random(seed + 1)
        client = Client(self.proxy.port, database)
        client.simple("SET statement_timeout = '20s'")
        for statement in START.strip().replace("\n ", " ").splitlines():
            self.note(statement, client.simple(statement))
        number = 0
        while self.sent < count:
            template = generator.statement()
            number += 1
            again = choices.choice([1, 1, 2, 3])
            if choices.random() < 0.5:
                for _ in range(again):
                    text, _ = generator.variant(template, False)
                    self.note(text, client.simple(text))
                continue
            text, values = generator.variant(template, True)
            kinds = [kind for kind, _ in values]
            # In a write, the cast to the old column's type would let pass
            # what the primary takes for text and refuses.
            undeclared = choices.random() < 0.25 and not re.search(
                "INSERT|UPDATE|DELETE", text)
            declared = [] if undeclared else kinds
            prepared = f"s{number}" if again > 1 else ""
            for turn in range(again):
                binary = [choices.random() < 0.5 and not undeclared
                          for _ in values]
                self.note(text, client.extended(
                    prepared, None if turn else text, declared, values, binary,
                    choices.randint(0, 1)))
                values = [(kind, generator.value(kind)) for kind in kinds]
                if self.last_failed:
                    break # not prepared at all
            if choices.random() < 0.2:
                end = choices.choice(["COMMIT", "ROLLBACK"])
                client.simple("BEGIN")
                text, _ = generator.variant(generator.statement(), False)
                self.note(text, client.simple(text))
                client.simple(end)
        client.close()

    def note(self, text, answer):
        self.sent += 1
        self.last_failed = answer[0]
        if answer[0]:
            self.errors[answer[0][0]] += 1
            self.failures.append((text, answer[0]))

    def show(self, file=sys.stdout):
        report = self.report
        print(f"{self.sent} sent in {self.took:.0f} s, refused by the primary: "
              f"{sum(self.errors.values())} {dict(self.errors)}", file=file)
        print("verdicts:", report["verdicts"], file=file)
        for reason in report.get("reasons", []):
            if reason["verdict"] == "match":
                continue
            print(f"  {reason['verdict']} {reason['reason']}: "
                  f"{reason['count']}", file=file)
            for example in reason["examples"]:
                print(f"    {example['count']} x {example['detail']}\n"
                      f"      {example['statement'][:200]}", file=file)
                for one in example["evidence"][:1]:
                    print(f"      old: {one['old_statement']}\n"
                          f"      new: {one['new_statement']}\n"
                          f"      shadow: {one['shadow']['message']}",
                          file=file)
        for group in report["divergences"]:
            print(f"DIVERGED {group['class']} {group['count']} of "
                  f"{group['of']}: {group['detail']}", file=file)
            for one in group["evidence"][:1]:
                print(f"  old: {one['old_statement']}\n"
                      f"  new: {one['new_statement']}\n"
                      f"  detail: {one['detail']}\n"
                      f"  primary: {one['primary']}\n"
                      f"  shadow: {one['shadow']}\n"
                      f"  rows: {one['rows'][:3]}", file=file)
        for old, new in self.differs:
            print(f"DATA DIFFERS: {old}", file=file)


def main():
    with harness.Workplace("random") as place:
        workload = Workload(place)
        numbers = list(map(int, sys.argv[1:]))
        for seed, count in zip(numbers[::2], numbers[1::2]):
            print(f"=== seed {seed}", flush=True)
            workload.run(seed, count)
            workload.show()
            if os.environ.get("SHOW_ERRORS"):
                for text, error in workload.failures:
                    print("REFUSED", error, text)


if __name__ == "__main__":
    main()
