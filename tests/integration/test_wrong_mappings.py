"""Mistakes that people make in mappings: each is refused by `check` or found as
diverged once traffic touches it. The shadow holds data that was migrated rightly."""

import os
import sys
import unittest

import harness

RANDOM = os.path.join(harness.ROOT, "tests", "truth", "random")
sys.path.append(RANDOM)

from client import Client                         # noqa: E402
from workload import START                        # noqa: E402

TRAFFIC = """
SELECT * FROM users WHERE id < 6
SELECT id, level, grade, active, last FROM users ORDER BY id
INSERT INTO users (email, name, level, grade) VALUES ('New@X', 'Ann Mary Lee', 2, NULL) RETURNING id
INSERT INTO users (email, name, active) VALUES ('o@x', 'One', false) RETURNING id, active, last
SELECT email, name, level, grade, score FROM users WHERE email IN ('New@X', 'o@x')
UPDATE users SET name = 'Bob Ray', active = NOT active WHERE id = 3 RETURNING name, active
SELECT count(*) FROM users WHERE active
SELECT id, users, balance, "Group", "select" FROM accounts
INSERT INTO accounts (id, users, balance) VALUES (100, 2, 12.34)
SELECT balance * 2, balance::text FROM accounts WHERE id IN (1, 100)
SELECT u.email, a.balance FROM users u JOIN accounts a ON a.users = u.id
SELECT * FROM "Weird Table"
UPDATE "Weird Table" SET a = 77 WHERE "Id" = 2
SELECT a, b, "a b" FROM "Weird Table" WHERE "Id" = 2
SELECT id, placed, paid, state FROM crm.orders
INSERT INTO crm.orders (user_id, placed, paid, state) VALUES (1, '2024-03-01', NULL, 'happy') RETURNING id, placed, paid
SELECT count(*) FROM crm.orders WHERE paid IS NULL OR placed < '2024-01-01'
UPDATE crm.orders SET qty = 3 WHERE state = 'sad'::mood RETURNING id, state
SELECT app_twice(id) FROM crm.orders ORDER BY id LIMIT 3
DELETE FROM crm.orders WHERE placed = '2023-12-28' RETURNING id
"""

# name, what stands in the right mapping, what stands there instead
WRONG = [
    ("swapped names forgotten",
     "      first: last\n      last: first\n", ""),
    ("two columns exchanged",
     "      users: user_id\n", "      users: Mixed Case\n",
     "      select: Mixed Case\n", "      select: user_id\n"),
    ("shifted names forgotten",
     "      a: b\n      b: from\n", "      a: from\n      b: b\n"),
    ("flag inverted", "{true: enabled, false: disabled}",
     "{true: disabled, false: enabled}"),
    ("a value forgotten", "{0: low, 1: mid, 2: high}", "{0: low, 1: mid}"),
    ("values in another order", "{0: low, 1: mid, 2: high}",
     "{0: high, 1: low, 2: mid}"),
    ("NULL forgotten", 'c: C, ~: "-"}', "c: C}"),
    ("NULL becomes false", 'paid: {column: settled, values: {true: "Y", '
     'false: "N"}}', "paid: {column: settled, read: \"settled = 'Y'\", "
     "write: \"CASE WHEN paid THEN 'Y' ELSE 'N' END\"}"),
    ("split off by one", "substr(name, position(' ' in name) + 1)",
     "substr(name, position(' ' in name))"),
    ("split loses the third word", "substr(name, position(' ' in name) + 1)",
     "split_part(name, ' ', 2)"),
    ("wrong factor", "(cents / 100.0)::numeric(10,2)",
     "(cents / 10.0)::numeric(10,2)"),
    ("whole numbers divided", "(cents / 100.0)::numeric(10,2)",
     "(cents / 100)::numeric(10,2)"),
    ("fraction lost", "round(balance * 100)", "round(balance) * 100"),
    ("day off by one", "extract(doy from placed) - 1",
     "extract(doy from placed)"),
    ("letters' case lost", "email: email_address", "email: {column: "
     "email_address, read: email_address, write: \"lower(email)\"}"),
    ("a column that is used dropped", "      flags: dropped\n",
     "      flags: dropped\n      score: dropped\n"),
    ("required column without a value", '      tenant: "1"\n', ""),
    ("rows of another table", "rows: ledgers", "rows: tags"),
    ("function not renamed", "functions:\n  app_twice: sales.twice\n", ""),
    ("type not renamed", "types:\n  mood: sales.feeling\n", ""),
]


class WrongMappings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = harness.Workplace("wrong")
        cls.addClassCleanup(cls.place.close)
        cls.primary = harness.Cluster(cls.place, "primary").start()
        cls.shadow = harness.Cluster(cls.place, "shadow").start()
        with open(os.path.join(RANDOM, "mapping.yaml")) as file:
            cls.right = file.read()
        for cluster, side in ((cls.primary, "old"), (cls.shadow, "new")):
            cluster.create_database("seed")
            with open(os.path.join(RANDOM, f"{side}.sql")) as file:
                cluster.psql(file.read(), "seed")
        verdicts = cls.send("seed", cls.right, START.replace("\n ", " "))
        if verdicts["match"] < 5 or verdicts["diverged"]:
            raise AssertionError(verdicts)

    @classmethod
    def send(cls, name, mapping, statements):
        """Through a Parallax of its own; gives the verdicts, or None if check
        refuses."""
        proxy = harness.Parallax(
            cls.place, cls.primary, cls.shadow, name, name=name,
            mapping=cls.place.write(f"{name}.map", mapping))
        code, cls.told = proxy.check()
        if code:
            return None
        proxy.start()
        client = Client(proxy.port, name)
        for statement in statements.strip().splitlines():
            failed, _ = client.simple(statement)
            if failed:
                raise AssertionError((statement, failed))
        client.close()
        proxy.stop()
        report = proxy.report()
        cls.told = [(group["class"], group["detail"])
                    for group in report["divergences"]]
        return report["verdicts"]

    def judge(self, name, mapping):
        for cluster in (self.primary, self.shadow):
            cluster.psql(f"CREATE DATABASE {name} TEMPLATE seed")
        return self.send(name, mapping, TRAFFIC)

    def test_right_mapping(self):
        verdicts = self.judge("rightly", self.right)
        self.assertEqual(verdicts["diverged"], 0, self.told)
        self.assertEqual(verdicts["inconclusive"], 0, self.told)
        self.assertEqual(verdicts["untranslatable"], 0, self.told)

    def test_each_mistake_is_found(self):
        for number, (what, *changes) in enumerate(WRONG):
            with self.subTest(mistake=what):
                mapping = self.right
                for old, new in zip(changes[::2], changes[1::2]):
                    self.assertEqual(mapping.count(old), 1, old)
                    mapping = mapping.replace(old, new)
                verdicts = self.judge(f"w{number}", mapping)
                if os.environ.get("PARALLAX_SHOW"):
                    print(f"{what}: {verdicts and verdicts['diverged']}",
                          self.told)
                if verdicts:
                    self.assertGreater(verdicts["diverged"], 0, verdicts)


if __name__ == "__main__":
    unittest.main()
