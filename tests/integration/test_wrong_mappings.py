"""Mistakes that people make in mappings, and what finds each: `check` (the files
against the catalogs), `laws` (check's proof on the primary's rows), `traffic` (once
it touches them) or `verify` (the data at rest). The shadow holds data that was
migrated rightly. PARALLAX_SHOW=1 prints a line for each."""

import json
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


class Candidate:
    """A mapping that is tried: a shadow of its own, of the one run."""

    def __init__(self, place, primary, shadow, database, name, mapping):
        self.place, self.primary = place, primary
        self.mapping = place.write(f"{name}.map", mapping)
        self.proxy = harness.Parallax(
            place, primary, shadow, database, name=name, mapping=self.mapping,
            shadow_database=name)
        self.found, self.told, self.verdicts = [], [], None

    def at_rest(self):
        """What finds it before there is traffic; False: it may not run."""
        if self.command("check"):
            if self.command("check", "--no-laws"):
                self.found.append("check")
                return False
            self.found.append("laws")
        if self.command("verify", "--no-store", "--recheck", "0") == 1:
            self.found.append("verify")
        return True

    def command(self, *words):
        code, output = self.place.exit_code(
            [self.place.parallax, *words, self.proxy.config])
        self.told.append(output)
        return code

    def take(self, report):
        self.told.append([(group["class"], group["detail"])
                          for group in report["divergences"]])
        self.verdicts = report["verdicts"]
        if self.verdicts["diverged"]:
            self.found.append("traffic")


def try_all(candidates, database, statements):
    """What finds each: at rest one by one, then by one stream of statements, which
    a mirror for each of them judges."""
    those = [one for one in candidates if one.at_rest()]
    place, shadow = those[0].place, those[0].proxy.shadow
    run = harness.Parallax(
        place, those[0].primary, shadow, database, name="all",
        entries=[f"{one.proxy.entry}, mapping: '{one.mapping}'"
                 for one in those])
    send(run, database, statements)
    for one, report in zip(those, reports(place, those)):
        one.take(report)


def send(run, database, statements):
    run.start()
    client = Client(run.port, database)
    for statement in statements.strip().splitlines():
        failed, _ = client.simple(statement)
        if failed:
            raise AssertionError((statement, failed))
    client.close()
    if run.stop(300):
        raise AssertionError(run.place.log(run.name))


def reports(place, candidates):
    stores = [one.proxy.store for one in candidates]
    told = json.loads(place.run([place.parallax, "report", "--format", "json",
                                 *stores]))["stores"]
    if [report["exchanges"]["seen"] for report in told] != \
            [told[0]["exchanges"]["seen"]] * len(candidates) or \
            [report["store"] for report in told] != stores:
        raise AssertionError("not each mirror has seen all")
    return told


def change(mapping, changes):
    for old, new in zip(changes[::2], changes[1::2]):
        if mapping.count(old) != 1:
            raise AssertionError(old)
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
        verdicts = cls.seed()
        if verdicts["match"] < 5 or verdicts["diverged"]:
            raise AssertionError(verdicts)

        cls.primary.psql("CREATE DATABASE tried TEMPLATE seed")
        mappings = [("rightly", cls.right)] + [
            (f"w{number}", change(cls.right, changes))
            for number, (_, _, *changes) in enumerate(WRONG)]
        cls.shadow.psql("".join(f"CREATE DATABASE {name} TEMPLATE seed "
                                "STRATEGY file_copy;\n"
                                for name, _ in mappings))
        cls.rightly, *cls.tried = [
            Candidate(cls.place, cls.primary, cls.shadow, "tried", *one)
            for one in mappings]
        try_all([cls.rightly, *cls.tried], "tried", TRAFFIC)

    @classmethod
    def seed(cls):
        one = Candidate(cls.place, cls.primary, cls.shadow, "seed", "seed",
                        cls.right)
        if one.command("check"):
            raise AssertionError(one.told)
        send(one.proxy, "seed", START.replace("\n ", " "))
        return one.proxy.report()["verdicts"]

    def test_right_mapping(self):
        one = self.rightly
        self.assertEqual(one.found, [], one.told)
        self.assertEqual(one.verdicts["diverged"], 0, one.told)
        self.assertEqual(one.verdicts["inconclusive"], 0, one.told)
        self.assertEqual(one.verdicts["untranslatable"], 0, one.told)

    def test_each_mistake_is_found(self):
        for (ways, what, *_), one in zip(WRONG, self.tried):
            with self.subTest(mistake=what):
                show(what, one.found, one.told)
                self.assertEqual(" ".join(one.found), ways, one.told)


class WrongExamples(unittest.TestCase):
    """Of the worked examples: rows in several tables, look-ups, documents."""

    @classmethod
    def setUpClass(cls):
        harness.start_pair(cls, "wrongexamples")
        for cluster in (cls.primary, cls.shadow):
            cluster.create_database("full")
            for file in ("old.sql", "data.sql"):
                cluster.psql(pair.read(file), "full")

        cls.primary.psql("CREATE DATABASE tried TEMPLATE full")
        cls.shadow.psql("".join(
            f"CREATE DATABASE e{number} TEMPLATE full "
            "STRATEGY file_copy;\n"
            for number in range(len(WRONG_EXAMPLES))))
        cls.tried = [cls.candidate(f"e{number}", example, changes)
                     for number, (_, example, _, *changes)
                     in enumerate(WRONG_EXAMPLES)]
        try_all(cls.tried, "tried", EXAMPLE_TRAFFIC)

    @classmethod
    def candidate(cls, name, example, changes):
        cls.shadow.psql(pair.migration(example), name)
        with open(os.path.join(pair.MAPPINGS, example + ".yaml")) as file:
            return Candidate(cls.place, cls.primary, cls.shadow, "tried", name,
                             change(file.read(), changes))

    def test_each_mistake_is_found(self):
        for (ways, example, what, *_), one in zip(WRONG_EXAMPLES, self.tried):
            with self.subTest(example=example, mistake=what):
                show(f"{example}: {what}", one.found, one.told)
                self.assertEqual(" ".join(one.found), ways, one.told)

    def test_there_are_enough(self):
        self.assertGreaterEqual(len(WRONG) + len(WRONG_EXAMPLES), 25)


if __name__ == "__main__":
    unittest.main()
