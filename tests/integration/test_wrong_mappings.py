"""Mistakes that people make in mappings, and what finds each: `check` (the files
against the catalogs), `laws` (check's proof on the primary's rows), `traffic` (once
it touches them) or `verify` (the data at rest). The shadow holds data that was
migrated rightly. PARALLAX_SHOW=1 prints a line for each."""

import os
import sys
import unittest

import harness
import pair

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

EXAMPLE_TRAFFIC = """
SELECT * FROM users ORDER BY id
SELECT * FROM addresses ORDER BY user_id
SELECT * FROM articles ORDER BY sku
SELECT * FROM orders ORDER BY id
SELECT * FROM cats ORDER BY id
SELECT * FROM dogs ORDER BY id
UPDATE users SET bio = 'new', mails = NOT mails WHERE id = 2
UPDATE articles SET tag1 = 'x', width = 3 WHERE sku = 'A-2'
INSERT INTO cats VALUES (77, 'Seven', 7)
INSERT INTO articles (sku, label, color) VALUES ('Z', 'z', 'mauve')
UPDATE addresses SET city = 'Bergen' WHERE user_id = 1
SELECT theme, mails, bio, website, country, team_id FROM users ORDER BY id
SELECT zip, city FROM addresses ORDER BY user_id
SELECT width, height, color, tag1, tag2, price FROM articles ORDER BY sku
SELECT count(*) FROM cats
"""

# What finds it; name; what stands in the right mapping, what stands there
# instead.
WRONG = [
    ("verify traffic", "swapped names forgotten",
     "      first: last\n      last: first\n", ""),
    ("verify traffic", "two columns exchanged",
     "      users: user_id\n", "      users: Mixed Case\n",
     "      select: Mixed Case\n", "      select: user_id\n"),
    ("verify traffic", "shifted names forgotten",
     "      a: b\n      b: from\n", "      a: from\n      b: b\n"),
    ("verify traffic", "flag inverted", "{true: enabled, false: disabled}",
     "{true: disabled, false: enabled}"),
    ("laws verify traffic", "a value forgotten",
     "{0: low, 1: mid, 2: high}", "{0: low, 1: mid}"),
    ("verify traffic", "values in another order", "{0: low, 1: mid, 2: high}",
     "{0: high, 1: low, 2: mid}"),
    ("laws traffic", "NULL forgotten", 'c: C, ~: "-"}', "c: C}"),
    ("laws traffic", "NULL becomes false",
     'paid: {column: settled, values: {true: "Y", '
     'false: "N"}}', "paid: {column: settled, read: \"settled = 'Y'\", "
     "write: \"CASE WHEN paid THEN 'Y' ELSE 'N' END\"}"),
    ("laws traffic", "split off by one",
     "substr(name, position(' ' in name) + 1)",
     "substr(name, position(' ' in name))"),
    ("laws traffic", "split loses the third word",
     "substr(name, position(' ' in name) + 1)",
     "split_part(name, ' ', 2)"),
    ("laws verify traffic", "wrong factor", "(cents / 100.0)::numeric(10,2)",
     "(cents / 10.0)::numeric(10,2)"),
    ("laws verify traffic", "whole numbers divided",
     "(cents / 100.0)::numeric(10,2)",
     "(cents / 100)::numeric(10,2)"),
    ("laws traffic", "fraction lost",
     "round(balance * 100)", "round(balance) * 100"),
    ("laws traffic", "day off by one", "extract(doy from placed) - 1",
     "extract(doy from placed)"),
    ("traffic", "letters' case lost", "email: email_address", "email: {column: "
     "email_address, read: email_address, write: \"lower(email)\"}"),
    ("traffic", "a column that is used dropped", "      flags: dropped\n",
     "      flags: dropped\n      score: dropped\n"),
    ("check", "required column without a value", '      tenant: "1"\n', ""),
    ("check", "rows of another table", "rows: ledgers", "rows: tags"),
    ("traffic", "function not renamed",
     "functions:\n  app_twice: sales.twice\n", ""),
    ("laws traffic", "type not renamed", "types:\n  mood: sales.feeling\n", ""),
]


# The same of the worked examples: name of the example first.
WRONG_EXAMPLES = [
    ("laws verify traffic", "split-optional", "wrong join key",
     "join: {account: id}",
     "join: {account: level}"),
    ("laws", "split-optional", "forgotten part of a condition",
     "bio IS NOT NULL OR website IS NOT NULL", "bio IS NOT NULL"),
    ("laws traffic", "split-optional", "forgotten part",
     "      bio: profiles.bio\n", "      bio: dropped\n"),
    ("verify traffic", "split-required",
     "wrong join key, the same in writing and reading",
     "join: {user_id: id}}", 'join: {user_id: "9 - id"}}'),
    ("verify traffic", "split-required", "values of a part exchanged",
     '{true: "on", false: "off"}', '{true: "off", false: "on"}'),
    ("laws", "many-to-many", "a part without its condition",
     ', when: "team_id IS NOT NULL"', ""),
    ("laws verify traffic", "absorb-table", "wrong predicate",
     "street IS NOT NULL",
     "postcode IS NOT NULL"),
    ("laws verify traffic", "absorb-table", "wrong join key",
     "key: {user_id: id}",
     "key: {user_id: score}"),
    ("laws verify traffic", "union-tables", "wrong predicate",
     "where: \"kind = 'cat'\"",
     "where: \"kind = 'dog'\""),
    ("verify traffic", "union-tables",
     "predicates exchanged, in writing and reading",
     "where: \"kind = 'cat'\", set: {kind: \"'cat'\"}",
     "where: \"kind = 'tac'\", set: {kind: \"'tac'\"}",
     "where: \"kind = 'dog'\", set: {kind: \"'dog'\"}",
     "where: \"kind = 'cat'\", set: {kind: \"'cat'\"}",
     "where: \"kind = 'tac'\", set: {kind: \"'tac'\"}",
     "where: \"kind = 'dog'\", set: {kind: \"'dog'\"}"),
    ("laws verify traffic", "union-tables", "predicate forgotten",
     "where: \"kind = 'cat'\", ", ""),
    ("verify traffic", "lookup-table", "look-up of another table's column",
     "lookup: {table: countries, value: name, key: id",
     "lookup: {table: teams, value: title, key: id"),
    ("traffic", "lookup-table", "values are not created",
     "column: color, create: true",
     "column: color, create: false"),
    ("laws", "inline-lookup", "wrong join key",
     "WHERE c.id = category_id)", "WHERE c.id = category_id + 1)"),
    ("laws verify traffic", "pack-json", "swapped columns, on one side",
     "(attributes->>'width')::integer", "(attributes->>'height')::integer",
     "      height:\n        read: \"(attributes->>'height')::integer\"",
     "      height:\n        read: \"(attributes->>'width')::integer\""),
    ("verify traffic", "pack-array",
     "swapped columns, in writing and reading",
     'tag1: {read: "tags[1]", write: {tags: "ARRAY[tag1, tag2]"}}',
     'tag1: {read: "tags[2]", write: {tags: "ARRAY[tag2, tag1]"}}',
     'tag2: {read: "tags[2]", write: {tags: "ARRAY[tag1, tag2]"}}',
     'tag2: {read: "tags[1]", write: {tags: "ARRAY[tag2, tag1]"}}'),
    ("laws verify traffic", "pack-array", "off-by-one index",
     '"size[2]"', '"size[3]"'),
    ("check", "merge-columns", "a part is not kept",
     "coalesce('+' || city, '')\"}\n"
     "      city:", "coalesce('+' || zip, '')\"}\n      city:"),
    ("laws verify traffic", "merge-columns", "wrong time zone",
     'day: {read: "ordered_at::date"',
     'day: {read: "(ordered_at AT TIME ZONE \'UTC\' AT TIME ZONE '
     '\'Asia/Tokyo\')::date"'),
    ("laws", "retype-column", "lossy type",
     'read: "round(price, 2)", write: price',
     'read: "round(price, 2)", write: "price::real::numeric"'),
    ("laws traffic", "retype-column", "wrong case of a flag",
     '"mails::integer"',
     '"(NOT mails)::integer"'),
    ("laws verify traffic", "int-to-uuid", "cut off by one",
     "right(team_uid::text, 8)",
     "right(team_uid::text, 7)"),
]


def found_by(place, proxy, statements):
    """What finds it, in order; and what it told."""
    found, told = [], []

    def parallax(*command):
        code, output = place.exit_code([place.parallax, *command, proxy.config])
        told.append(output)
        return code

    if parallax("check", "--no-laws"):
        return ["check"], told
    if parallax("check"):
        found.append("laws")
    if parallax("verify", "--no-store", "--recheck", "0") == 1:
        found.append("verify")
    proxy.start()
    client = Client(proxy.port, proxy.name)
    for statement in statements.strip().splitlines():
        failed, _ = client.simple(statement)
        if failed:
            raise AssertionError((statement, failed))
    client.close()
    proxy.stop()
    report = proxy.report()
    told.append([(group["class"], group["detail"])
                 for group in report["divergences"]])
    if report["verdicts"]["diverged"]:
        found.append("traffic")
    return found, told


def change(test, mapping, changes):
    for old, new in zip(changes[::2], changes[1::2]):
        test.assertEqual(mapping.count(old), 1, old)
        mapping = mapping.replace(old, new)
    return mapping


def show(what, found, told):
    if os.environ.get("PARALLAX_SHOW"):
        print(f"{what}: {' '.join(found)}", flush=True)
    if os.environ.get("PARALLAX_SHOW") == "2":
        print(*told, sep="\n")


class WrongMappings(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        harness.start_pair(cls, "wrong")
        with open(os.path.join(RANDOM, "mapping.yaml")) as file:
            cls.right = file.read()
        for cluster, side in ((cls.primary, "old"), (cls.shadow, "new")):
            cluster.create_database("seed")
            cluster.load(os.path.join(RANDOM, f"{side}.sql"), "seed")
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
        for number, (ways, what, *changes) in enumerate(WRONG):
            with self.subTest(mistake=what):
                mapping = change(self, self.right, changes)
                name = f"w{number}"
                for cluster in (self.primary, self.shadow):
                    cluster.psql(f"CREATE DATABASE {name} TEMPLATE seed")
                proxy = harness.Parallax(
                    self.place, self.primary, self.shadow, name, name=name,
                    mapping=self.place.write(f"{name}.map", mapping))
                found, told = found_by(self.place, proxy, TRAFFIC)
                show(what, found, told)
                self.assertEqual(" ".join(found), ways, told)


class WrongExamples(unittest.TestCase):
    """Of the worked examples: rows in several tables, look-ups, documents."""

    @classmethod
    def setUpClass(cls):
        harness.start_pair(cls, "wrongexamples")
        for cluster in (cls.primary, cls.shadow):
            cluster.create_database("full")
            for file in ("old.sql", "data.sql"):
                cluster.psql(pair.read(file), "full")

    def find(self, number, example, changes):
        name = f"e{number}"
        for cluster in (self.primary, self.shadow):
            cluster.psql(f"CREATE DATABASE {name} TEMPLATE full")
        self.shadow.psql(pair.read(example + ".sql"), name, options=("-1",))
        with open(os.path.join(pair.MAPPINGS, example + ".yaml")) as file:
            mapping = change(self, file.read(), changes)
        proxy = harness.Parallax(
            self.place, self.primary, self.shadow, name, name=name,
            mapping=self.place.write(f"{name}.map", mapping))
        return found_by(self.place, proxy, EXAMPLE_TRAFFIC)

    def test_each_mistake_is_found(self):
        for number, (ways, example, what, *changes) in enumerate(
                WRONG_EXAMPLES):
            with self.subTest(example=example, mistake=what):
                found, told = self.find(number, example, changes)
                show(f"{example}: {what}", found, told)
                self.assertEqual(" ".join(found), ways, told)

    def test_there_are_enough(self):
        self.assertGreaterEqual(len(WRONG) + len(WRONG_EXAMPLES), 25)


if __name__ == "__main__":
    unittest.main()
