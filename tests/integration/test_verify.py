"""`parallax verify` against two real servers: what is equal is found equal, each
kind of drift is found, and live traffic makes none."""

import json
import os
import signal
import threading
import unittest

from harness import Parallax, ROOT, start_pair
from test_tpcb_mapping import MIGRATION

TYPES = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN amount AS numeric(10,2);
CREATE TYPE pair AS (a integer, b text);
CREATE TABLE every (id integer PRIMARY KEY, i2 smallint, i4 integer, i8 bigint,
    n numeric, n2 numeric(12,2), f4 real, f8 double precision, b boolean, t text,
    v varchar(20), c char(6), by bytea, d date, ti time, tz timetz, ts timestamp,
    tsz timestamptz, iv interval, u uuid, j json, jb jsonb, m mood, am amount,
    p pair, r int4range, ia integer[], ta text[], ma mood[], ip inet, mo money,
    bi bit(4), x xml);
INSERT INTO every SELECT i, i, -i, i * 1000000007::bigint, i / 7.0, i / 3.0,
    i / 7.0, i / 9.0, i % 3 = 0, 'text ' || i, 'v' || i, 'c', decode('00ff', 'hex'),
    date '2020-01-01' + i, '12:34:56.789', '12:00:00+02', timestamp
    '2020-01-01 00:00:00.123456' + i * interval '1 hour', now(),
    i * interval '25 hours', md5(i::text)::uuid, '{"b": 1, "a": [1.0, null]}',
    '{"k": 1}', 'ok', i, row(i, 'x,"y')::pair, int4range(i, i + 5), array[i, null, 3],
    array['a', 'b"c', null], '{sad,ok}', '10.0.0.1', i, '1010', '<a/>'
    FROM generate_series(1, 300) AS i;
INSERT INTO every (id) SELECT i FROM generate_series(1001, 1020) AS i;
INSERT INTO every (id, d, ts, f8, n, t) VALUES (2001, 'infinity', '-infinity',
    'NaN', 'NaN', ''), (2002, '-infinity', 'infinity', '-Infinity', 0, E'\\\\n\\t''');
"""

# What the hash of a row must tell apart: the column, the values before and after.
SUBTLE = (
    ("n", "5", "-5"), ("n", "0", "'NaN'"), ("n", "1", "10000"),
    ("i8", "1", "4294967296"), ("i8", "0", "NULL"), ("i8", "-1", "0"),
    ("t", "''", "NULL"), ("t", "'a '", "'a'"), ("t", "'a'", "'A'"),
    ("v", "''", "NULL"), ("b", "false", "NULL"), ("f8", "0", "NULL"),
    ("ts", "'2020-01-01 00:00:00.000001'", "'2020-01-01 01:11:34.967297'"),
    ("iv", "'1 day'", "'25 hours'"), ("by", "'\\x00'", "'\\x0000'"),
    ("jb", "'{\"a\": -5}'", "'{\"a\": 5}'"), ("ia", "'{1,2}'", "'{2,1}'"),
    ("ta", "'{a,NULL}'", "'{a,\"NULL\"}'"), ("m", "'sad'", "'ok'"),
    ("d", "'infinity'", "'-infinity'"), ("u", f"'{'0' * 32}'", f"'{'0' * 31}1'"),
)

KEYS = """
CREATE TABLE composite (a integer, b text, v integer, PRIMARY KEY (a, b));
CREATE TABLE natural_key (code text PRIMARY KEY, v integer);
CREATE TABLE unique_key (v integer, code integer NOT NULL UNIQUE);
CREATE TABLE by_uuid (id uuid PRIMARY KEY, v integer);
CREATE TABLE no_key (v integer, w text);
CREATE TABLE nothing (id integer PRIMARY KEY);
CREATE TABLE "Odd ""name" ("Id" integer PRIMARY KEY, "select" integer);
CREATE TABLE wide (id integer PRIMARY KEY, {wide});
CREATE TABLE parted (id integer PRIMARY KEY, v integer) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (500);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (500) TO (5000);
INSERT INTO composite SELECT i % 50, 'b' || i, i FROM generate_series(1, 2000) i;
INSERT INTO natural_key SELECT 'Code-' || i, i FROM generate_series(1, 2000) i;
INSERT INTO unique_key SELECT i, i FROM generate_series(1, 2000) i;
INSERT INTO by_uuid SELECT md5(i::text)::uuid, i FROM generate_series(1, 2000) i;
INSERT INTO no_key SELECT i % 20, 'w' || i % 10 FROM generate_series(1, 2000) i;
INSERT INTO "Odd ""name" SELECT i, i FROM generate_series(1, 100) i;
INSERT INTO wide SELECT i FROM generate_series(1, 100) i;
INSERT INTO parted SELECT i, i FROM generate_series(1, 1000) i;
""".format(wide=", ".join(f"c{i} integer DEFAULT {i}" for i in range(60)))

SHOP = """
CREATE TABLE users (id integer PRIMARY KEY, email text NOT NULL, active boolean,
    price numeric(10,2), level integer, flags integer, seen timestamptz,
    score double precision, hits integer);
INSERT INTO users SELECT i, 'u' || i || '@x', CASE i % 3 WHEN 0 THEN true WHEN 1
    THEN false END, i / 4.0, i % 3, i, timestamptz '2024-01-01' + i * interval
    '1 min', i / 8.0, i FROM generate_series(1, 5000) i;
CREATE TABLE audit (id integer PRIMARY KEY);
INSERT INTO audit VALUES (1);
"""
SHOP_MIGRATION = """
CREATE SCHEMA sales;
ALTER TABLE users SET SCHEMA sales;
ALTER TABLE sales.users RENAME TO accounts;
ALTER TABLE sales.accounts RENAME email TO email_address;
ALTER TABLE sales.accounts ADD status text, ADD cents bigint;
UPDATE sales.accounts SET status = CASE active WHEN true THEN 'on' WHEN false
    THEN 'off' ELSE '-' END, cents = round(price * 100);
ALTER TABLE sales.accounts DROP active, DROP price, DROP flags;
ALTER TABLE sales.accounts ALTER level TYPE bigint;
DROP TABLE audit;
"""
SHOP_MAPPING = """version: 1
tables:
  users:
    rows: sales.accounts
    columns:
      email: email_address
      active: {column: status, values: {true: on, false: off, ~: "-"}}
      price: {column: cents, read: "cents / 100.0", write: "round(price * 100)"}
      flags: dropped
  audit: dropped
compare:
  users.seen: clock
  users.score: {tolerance: 0.5}
  users.hits: ignore
"""

PARTS = """
    create table users(id int primary key, email text, bio text, country
        text);
    insert into users select i, 'e'||i, case when i%2=0 then 'bio'||i end,
        'c'||(i%3) from generate_series(1,1000) i;
    create table orders(id int primary key, status text, v int);
    insert into orders select i, case when i%4=0 then 'open' else 'done'
        end, i from generate_series(1,1000) i;
    create table cats(id int primary key, name text);
    insert into cats select i,'n'||i from generate_series(1,100) i;
    analyze;
"""
PARTS_NEW = """
    create table accounts(id int primary key, email text, country_id int);
    create table profiles(account_id int primary key, bio text);
    create table countries(id serial primary key, name text unique);
    insert into countries(name) values ('c0'),('c1'),('c2');
    insert into accounts select i,'e'||i,(i%3)+1 from
        generate_series(1,1000) i;
    insert into profiles select i,'bio'||i from generate_series(2,1000,2)
        i;
    create table orders_open(id int primary key, status text, v int);
    create table orders_done(id int primary key, status text, v int);
    insert into orders_open select i,'open',i from
        generate_series(4,1000,4) i;
    insert into orders_done select i,'done',i from generate_series(1,1000)
        i where i%4<>0;
    create table pets(id int primary key, name text, kind text);
    insert into pets select i,'n'||i,'cat' from generate_series(1,100) i;
    insert into pets select i+1000,'d','dog' from generate_series(1,9) i;
    analyze;
"""
PARTS_MAPPING = """version: 1
tables:
  users:
    rows:
      - accounts
      - {table: profiles, join: {account_id: id}, when: "bio IS NOT NULL"}
    columns:
      bio: profiles.bio
      country: {lookup: {table: countries, value: name, key: id, column: country_id, create: true}}
  orders:
    rows:
      any_of:
        - {table: orders_open, when: "status = 'open'"}
        - orders_done
  cats:
    rows: {table: pets, where: "kind = 'cat'", set: {kind: "'cat'"}}
"""


class Verify(unittest.TestCase):
    def setUp(self):
        start_pair(self, "verify")

    def both(self, sql):
        for cluster in (self.primary, self.shadow):
            cluster.psql(sql + "ANALYZE;")

    def setup_parallax(self, mapping=None, extra="", **options):
        if mapping:
            mapping = self.place.write("mapping.yaml", mapping)
        self.parallax = Parallax(self.place, self.primary, self.shadow,
                                 mapping=mapping, extra=extra, **options)

    def verify(self, *options, code=None):
        got, output = self.place.exit_code(
            [self.place.parallax, "verify", "--quiet", "--recheck-delay",
             "100ms", *options, self.parallax.config])
        if code is not None:
            self.assertEqual(got, code, output)
        return output

    def drift(self):
        tables = self.parallax.report()["drift"]["tables"]
        return {table["table"]: table for table in tables}

    # Equal pairs

    def test_types_are_equal_and_told_apart(self):
        self.both(TYPES)
        # Settings that change how values look as text.
        self.shadow.psql("ALTER DATABASE postgres SET datestyle = 'SQL, DMY';"
                         "ALTER DATABASE postgres SET timezone = 'Asia/Tokyo';"
                         "ALTER DATABASE postgres SET bytea_output = 'escape';"
                         "ALTER DATABASE postgres SET intervalstyle ="
                         " 'sql_standard';"
                         "ALTER DATABASE postgres SET extra_float_digits = -5;")
        self.shadow.psql("UPDATE every SET tsz = p.tsz FROM (VALUES "
                         + ", ".join(f"({line.replace('|', chr(44) + chr(39))}'"
                                     "::timestamptz)" for line in
                                     self.primary.psql(
                                         "SELECT id, tsz FROM every WHERE tsz"
                                         " IS NOT NULL").splitlines())
                         + ") AS p (id, tsz) WHERE p.id = every.id")
        # Each difference in a copy of the table, whose hashes are its own.
        copies = [f"copy{number}" for number in range(len(SUBTLE))]
        for cluster, values in ((self.primary, 1), (self.shadow, 2)):
            cluster.psql("".join(
                f"CREATE TABLE {copy} (LIKE every INCLUDING ALL);"
                f"INSERT INTO {copy} SELECT * FROM every;"
                f"UPDATE {copy} SET {subtle[0]} = {subtle[values]}"
                " WHERE id = 7;" for copy, subtle in zip(copies, SUBTLE)) +
                "ANALYZE;")
        self.setup_parallax()
        output = self.verify("--recheck", "0", code=1)
        self.assertIn("public.every: equal, 322 rows", output)
        for copy, (column, old, new) in zip(copies, SUBTLE):
            with self.subTest(column=column, old=old, new=new):
                self.assertIn(f"public.{copy}: 1 row differs: 1 with other "
                              f"values ({column})", output)
        self.shadow.psql("".join(
            f"UPDATE {copy} SET {column} = {old} WHERE id = 7;"
            for copy, (column, old, _) in zip(copies, SUBTLE)))
        self.assertIn(f"{len(SUBTLE) + 1} tables equal",
                      self.verify("--recheck", "0", code=0))

    def test_values_that_change_places(self):
        """No sum of the rows' or the columns' own hashes cancels them out."""
        changes = ("a = 9, b = -4 WHERE id = 4",
                   "a = b, b = a WHERE id = 4",
                   "a = CASE id WHEN 4 THEN 5 ELSE 4 END WHERE id IN (4, 5)",
                   "c = CASE id WHEN 4 THEN 'x5' ELSE 'x4' END"
                   " WHERE id IN (4, 5)",
                   "c = c || d, d = '' WHERE id = 4")
        self.both("".join(
            f"CREATE TABLE t{number} (id integer PRIMARY KEY, a integer, b"
            " integer, c text, d text);"
            f"INSERT INTO t{number} SELECT i, i, -i, 'x' || i, 'y' || i"
            " FROM generate_series(1, 1000) i;"
            for number in range(len(changes))))
        self.setup_parallax()
        self.assertIn(f"{len(changes)} tables equal", self.verify(code=0))
        self.shadow.psql("".join(f"UPDATE t{number} SET {change};"
                                 for number, change in enumerate(changes)))
        output = self.verify("--recheck", "0", code=1)
        for number, change in enumerate(changes):
            with self.subTest(change=change):
                self.assertRegex(output, f"public.t{number}: [12] rows? differs?:")

    def test_keys_of_all_kinds(self):
        self.both(KEYS)
        self.setup_parallax()
        output = self.verify(code=0)
        self.assertIn("9 tables equal, 0 with drift", output)
        self.assertNotIn("parted_1", output)
        self.shadow.psql("""
            UPDATE composite SET v = 0 WHERE b = 'b77';
            DELETE FROM natural_key WHERE code = 'Code-5';
            INSERT INTO natural_key VALUES ('code-5', 1);
            UPDATE unique_key SET code = -code WHERE code = 9;
            DELETE FROM by_uuid WHERE v = 1000;
            DELETE FROM no_key WHERE ctid IN
                (SELECT ctid FROM no_key WHERE v = 3 LIMIT 2);
            UPDATE no_key SET w = 'new' WHERE v = 4;
            INSERT INTO nothing VALUES (1);
            UPDATE "Odd ""name" SET "select" = 0 WHERE "Id" = 50;
            UPDATE wide SET c59 = 0 WHERE id = 50;
            DELETE FROM parted WHERE id IN (7, 999);""")
        self.verify("--recheck", "1", code=1)
        found = {name: (table["missing"], table["extra"], table["value"])
                 for name, table in self.drift().items()}
        self.assertEqual(found, {
            "composite": (0, 0, 1), "natural_key": (1, 1, 0),
            "unique_key": (1, 1, 0), "by_uuid": (1, 0, 0),
            "no_key": (102, 100, 0), "nothing": (0, 1, 0),
            'Odd "name': (0, 0, 1), "wide": (0, 0, 1), "parted": (2, 0, 0)})
        self.assertEqual(self.drift()["wide"]["differs"], ["c59"])

    def test_integer_keys_with_gaps(self):
        """Ends of chunks are computed from the keys where these are dense, and
        asked for where they are not: no row is left out or counted twice."""
        self.both("""
            CREATE TABLE t (id bigint PRIMARY KEY, v integer);
            INSERT INTO t SELECT i, 1 FROM generate_series(1, 60000) i;
            INSERT INTO t SELECT i::bigint * 1000003, 1
                FROM generate_series(1, 60000) i;
            INSERT INTO t SELECT 70000000000 + i * 3, 1
                FROM generate_series(1, 60000) i;
            INSERT INTO t VALUES (-9223372036854775808, 1),
                (9223372036854775807, 1), (-4000000000, 1);""")
        self.setup_parallax()
        self.assertIn("public.t: equal, 180,003 rows", self.verify(code=0))
        wrong = (1, 19999, 20000, 20001, 60000, 1000003, 60000180000,
                 70000000003, 70000180000, -9223372036854775808,
                 9223372036854775807, -4000000000)
        more = (0, 70000180001, 9223372036854775806, -9223372036854775807)
        self.shadow.psql(
            f"UPDATE t SET v = 2 WHERE id IN {wrong};"
            "INSERT INTO t SELECT unnest(ARRAY"
            f"[{', '.join(map(str, more))}]), 1;"
            "DELETE FROM t WHERE id IN (2, 2000006, 70000000006);")
        self.verify("--recheck", "0", code=1)
        table = self.drift()["t"]
        self.assertEqual((table["missing"], table["extra"], table["value"]),
                         (3, len(more), len(wrong)))

    def test_another_encoding(self):
        """Where the servers' hashes differ, the portable form is used."""
        self.primary.psql("CREATE DATABASE app")
        self.shadow.psql("CREATE DATABASE app ENCODING 'LATIN1' TEMPLATE"
                         " template0 LOCALE 'C'")
        for cluster in (self.primary, self.shadow):
            cluster.psql(
                "SET client_encoding = 'UTF8';" + TYPES.replace(
                    "now()", "timestamptz '2024-01-01'") + KEYS +
                "INSERT INTO natural_key VALUES ('\u00e9\u00fc', 1);",
                database="app")
        self.setup_parallax(database="app")
        self.assertIn("10 tables equal", self.verify(code=0))
        self.shadow.psql("SET client_encoding = 'UTF8'; UPDATE natural_key SET"
                         " v = 2 WHERE code = '\u00e9\u00fc';"
                         "UPDATE every SET n = -n WHERE id = 3;"
                         "UPDATE every SET t = '' WHERE id = 1001",
                         database="app")
        self.verify("--recheck", "0", code=1)
        self.assertEqual(self.drift()["natural_key"]["value"], 1)
        self.assertEqual(self.drift()["every"]["differs"], ["n", "t"])

    # A mapping

    def shop(self):
        self.both(SHOP)
        self.shadow.psql(SHOP_MIGRATION)
        self.setup_parallax(SHOP_MAPPING)

    def test_mapped_table(self):
        self.shop()
        output = self.verify(code=0)
        self.assertIn("public.users: equal, 5,000 rows", output)
        self.assertIn("dropped by the mapping: flags", output)
        self.assertIn("by the mapping (compare): hits", output)
        self.assertIn("public.audit: dropped by the mapping", output)
        # Within what compare: allows.
        self.shadow.psql("UPDATE sales.accounts SET seen = seen + '1 s', score ="
                         " score + 0.4, hits = 0 WHERE id % 2 = 0")
        self.verify(code=0)
        self.shadow.psql("""
            UPDATE sales.accounts SET seen = seen + '3 s' WHERE id = 11;
            UPDATE sales.accounts SET score = score + 1 WHERE id = 12;
            UPDATE sales.accounts SET status = 'off' WHERE id = 15;
            UPDATE sales.accounts SET status = 'odd' WHERE id = 16;
            UPDATE sales.accounts SET cents = cents + 1 WHERE id = 17;
            UPDATE sales.accounts SET level = 5000000000 WHERE id = 18;
            UPDATE sales.accounts SET email_address = NULL WHERE id = -1;
            DELETE FROM sales.accounts WHERE id = 20;
            INSERT INTO sales.accounts (id, email_address, status)
                VALUES (-1, '', 'on');""")
        self.verify("--recheck", "1", code=1)
        users = self.drift()["users"]
        self.assertEqual((users["missing"], users["extra"], users["value"]),
                         (1, 1, 6))
        self.assertEqual(set(users["differs"]), {
            "active", "price", "level", "seen", "score"})
        # Only shapes leave.
        self.assertNotIn("@x", json.dumps(users))
        missing = [row for row in users["rows"]
                   if row["class"] == "rows.missing"]
        self.assertRegex(missing[0]["key"][0], "^int#[0-9a-f]{6}$")
        # A part of the tables; what was found of the others stays.
        self.shadow.psql("TRUNCATE sales.accounts")
        self.verify("--tables", "audit", code=0)
        self.assertEqual(self.drift()["users"]["value"], 6)

    def test_rows_in_several_tables(self):
        """Split, looked up, partitioned, in union with others."""
        self.primary.psql(PARTS)
        self.shadow.psql(PARTS_NEW)
        self.setup_parallax(PARTS_MAPPING)
        self.assertIn("3 tables equal", self.verify(code=0))
        self.shadow.psql("""
            DELETE FROM profiles WHERE account_id = 10;
            UPDATE profiles SET bio = 'zz' WHERE account_id = 20;
            UPDATE accounts SET country_id = 1 WHERE id = 5;
            DELETE FROM accounts WHERE id = 7;
            DELETE FROM orders_open WHERE id = 8;
            INSERT INTO orders_done VALUES (5000, 'done', 1), (12, 'open', 12);
            DELETE FROM pets WHERE id = 3;""")
        self.verify("--recheck", "0", code=1)
        found = {name: (table["missing"], table["extra"], table["value"])
                 for name, table in self.drift().items()}
        self.assertEqual(found, {"users": (1, 0, 3), "orders": (1, 2, 0),
                                 "cats": (1, 0, 0)})
        self.assertEqual(self.drift()["users"]["differs"], ["bio", "country"])
        self.verify("--repair", "--recheck", "0", code=0)
        self.verify("--recheck", "0", code=0)
        self.assertEqual(self.shadow.psql(
            "SELECT count(*) FROM pets WHERE kind = 'dog'"), "9\n")

    def test_what_cannot_be_compared(self):
        self.both("CREATE TABLE t (id integer PRIMARY KEY, v integer);"
                  "CREATE TABLE u (id integer PRIMARY KEY);"
                  "INSERT INTO t VALUES (1, 1);")
        self.shadow.psql("ALTER TABLE t ALTER v TYPE text;"
                         "UPDATE t SET v = 'secret words'")
        self.setup_parallax()
        output = self.verify(code=2)
        self.assertIn("public.t: not compared: shadow:", output)
        self.assertIn("public.u: equal", output)
        self.assertNotIn("secret words", output)
        self.assertEqual(self.drift()["t"]["state"], "failed")
        self.assertIn("no table 'nix'", self.verify("--tables", "nix", code=3))
        self.verify("--jobs", "0", code=3)
        self.verify("--nix", code=3)

    def test_show_values(self):
        self.both("CREATE TABLE t (id integer PRIMARY KEY, v text);"
                  "INSERT INTO t VALUES (1, 'one');")
        self.shadow.psql("UPDATE t SET v = 'other'")
        self.setup_parallax(extra="compare: {show_values: true}\n")
        self.assertIn("id 1: v one, there other", self.verify(
            "--recheck", "0", code=1))

    def test_public_columns(self):
        self.both("CREATE TABLE t (id integer PRIMARY KEY, v text, w text);"
                  "INSERT INTO t VALUES (1, 'one', 'two');")
        self.shadow.psql("UPDATE t SET v = 'other', w = 'hidden'")
        self.setup_parallax("version: 1\nprivate: {t.id: public, t.v: public}\n")
        self.assertRegex(
            self.verify("--recheck", "0", code=1),
            r"id 1: v one, there other; w text\(3\)#\w+, there text\(6\)#\w+")

    # Store, report, gate

    def gate(self, text):
        policy = self.place.write("policy.yaml", "version: 1\n" + text)
        return self.place.exit_code([self.place.parallax, "gate", "--policy",
                                     policy, self.parallax.store])

    def test_store_and_gate(self):
        self.both("CREATE TABLE t (id integer PRIMARY KEY);"
                  "CREATE TABLE u (id integer PRIMARY KEY);"
                  "INSERT INTO t SELECT generate_series(1, 300);")
        self.setup_parallax()
        wanted = "drift: {required: true, max_age: 1 h}\n"
        self.verify("--tables", "t", code=0)
        code, output = self.gate(wanted)
        self.assertIn("LACKS  drift.required: 1 of 2 tables", output)
        self.assertIn("PASS   drift.max: 0", output)
        self.verify(code=0)
        code, output = self.gate(wanted)
        self.assertIn("PASS   drift.required: 2 of 2 tables", output)
        self.assertIn("PASS   drift.max_age", output)
        self.shadow.psql("DELETE FROM t WHERE id <= 150")
        self.verify("--tables", "public.t", "--recheck", "0", code=1)
        code, output = self.gate(wanted)
        self.assertEqual(code, 1)
        self.assertIn("FAIL   drift.max: 150", output)
        code, output = self.gate("drift: {max: 200}\n")
        self.assertIn("PASS   drift.max: 150", output)
        report = self.parallax.report()["drift"]
        self.assertEqual(report["rows"], 150)
        text = self.place.run([self.place.parallax, "report",
                               self.parallax.store])
        self.assertIn("1 of 2 tables equal, 150 rows differ", text)
        page = self.place.run([self.place.parallax, "report", "--format",
                               "html", self.parallax.store])
        self.assertIn("Data at rest", page)
        code, output = self.gate("drift: {max_age: 1 ms}\n")
        self.assertIn("LACKS  drift.max_age", output)
        code, output = self.gate("divergences: {classes: {drift: 1}}\n")
        self.assertEqual(code, 3)
        self.assertIn("drift: {max: 0}", output)

    def test_stops_at_a_bound(self):
        self.both("CREATE TABLE t (id integer PRIMARY KEY, v integer);"
                  "INSERT INTO t SELECT i, i FROM generate_series(1, 100000) i;")
        self.shadow.psql("UPDATE t SET v = v + 1")
        self.setup_parallax()
        output = self.verify("--stop-after", "1000", "--recheck", "0", code=1)
        self.assertIn("public.t: at least", output)
        self.assertTrue(self.drift()["t"]["capped"])
        output = self.verify("--recheck", "0", code=1)
        self.assertIn("100,000 rows differ", output)

    # Repair

    def test_repair(self):
        self.shop()
        self.both(KEYS + """
            CREATE TABLE parent (id integer PRIMARY KEY);
            CREATE TABLE child (id integer GENERATED ALWAYS AS IDENTITY PRIMARY
                KEY, parent integer REFERENCES parent, twice integer GENERATED
                ALWAYS AS (parent * 2) STORED);
            INSERT INTO parent SELECT generate_series(1, 20);
            INSERT INTO child (parent) SELECT generate_series(1, 20);""")
        self.shadow.psql("""
            DELETE FROM child WHERE parent = 3;
            DELETE FROM parent WHERE id = 3;
            INSERT INTO parent VALUES (77);
            INSERT INTO child (parent) VALUES (77);
            UPDATE sales.accounts SET status = 'off', cents = 5 WHERE id = 15;
            DELETE FROM sales.accounts WHERE id = 20;
            INSERT INTO sales.accounts (id, email_address, status)
                VALUES (-1, '', 'on');
            DELETE FROM no_key WHERE ctid IN
                (SELECT ctid FROM no_key WHERE v = 3 LIMIT 2);
            INSERT INTO no_key VALUES (3, 'w3'), (100, NULL);
            DELETE FROM composite WHERE a = 7;
            INSERT INTO natural_key VALUES ('more', 1);""")
        output = self.verify("--repair", "--recheck", "1", code=0)
        self.assertIn("repaired", output)
        self.verify("--recheck", "0", code=0)
        self.assertEqual(
            self.shadow.psql("SELECT status, cents, hits FROM sales.accounts"
                             " WHERE id IN (15, 20) ORDER BY id"),
            "on|375|15\n-|500|20\n")
        # What the shadow refuses stays drift, and is told.
        self.shadow.psql("DELETE FROM unique_key WHERE code < 4;"
                         "ALTER TABLE unique_key ADD CHECK (v <> 2)")
        output = self.verify("--repair", "--recheck", "0", code=1)
        self.assertIn("1 row differs: 1 missing", output)
        self.assertIn("2 repaired", output)
        self.assertIn("violates check constraint", output)

    # Beside a running mirror

    def bank(self):
        for cluster in (self.primary, self.shadow):
            cluster.pgbench("-i", "-s", "2", "-q")
            cluster.psql("CREATE TABLE quiet (id integer PRIMARY KEY, v integer);"
                         "INSERT INTO quiet SELECT i, i FROM"
                         " generate_series(1, 1000) i")
        self.shadow.psql(MIGRATION)
        # That a clock feeds the history's mtime, the mirror learns by itself.
        with open(os.path.join(ROOT, "mappings/pgbench.yaml")) as file:
            self.setup_parallax(file.read())

    def traffic(self):
        """Four clients, in rounds until the Event that this returns is set, at a
        rate that the mirror keeps up with: else each look at it waits for more."""
        over = threading.Event()

        def rounds():
            while not over.is_set():
                self.primary.pgbench("-n", "-c", 4, "-t", 25, "-R", 200,
                                     port=self.parallax.port)
        thread = threading.Thread(target=rounds)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(over.set)
        self.place.wait_for(lambda: self.primary.psql(
            "SELECT count(*) FROM pgbench_history") != "0\n", "the traffic")
        return over, thread

    def test_live_traffic(self):
        self.bank()
        self.parallax.start()
        over, thread = self.traffic()
        for _ in range(4):
            output = self.verify("--recheck", "10")
            self.assertNotIn("differ:", output)
            self.assertNotIn("differs:", output)
            self.assertNotIn("not compared:", output)
        # What is wrong is found all the same while it runs.
        self.shadow.psql("UPDATE quiet SET v = -1 WHERE id = 500;"
                         "DELETE FROM quiet WHERE id = 501")
        output = self.verify("--recheck", "10", code=1)
        self.assertIn("public.quiet: 2 rows differ: 1 missing on the shadow, 1"
                      " with other values (v)", output)
        self.assertIn("a relay is running", self.verify("--repair", code=3))
        self.assertTrue(thread.is_alive(), "the traffic failed")
        over.set()
        thread.join()
        self.assertEqual(self.parallax.stop(120), 0)
        self.verify("--repair", code=0)
        self.verify(code=0)

    def test_mirror_that_is_behind(self):
        self.bank()
        self.parallax.start()
        self.primary.psql("UPDATE quiet SET v = v + 1 WHERE id < 10",
                          port=self.parallax.port)
        self.place.wait_for(lambda: "counted" in self.parallax.report()[
            "exchanges"] and self.parallax.report()["exchanges"]["counted"],
            "the mirror")
        self.verify(code=0)
        mirror = self.parallax.process_of("mirror")
        os.kill(mirror, signal.SIGSTOP)
        try:
            self.primary.psql("UPDATE quiet SET v = v + 1 WHERE id < 10",
                              port=self.parallax.port)
            output = self.verify("--wait", "1s", code=2)
            self.assertIn("the mirror is behind", output)
            # Without asking the mirror, it is drift.
            self.verify("--no-wait", "--no-store", code=1)
            timer = threading.Timer(2, os.kill, (mirror, signal.SIGCONT))
            timer.start()
            self.verify(code=0)
            timer.join()
        finally:
            os.kill(mirror, signal.SIGCONT)
        self.assertEqual(self.parallax.stop(120), 0)


if __name__ == "__main__":
    unittest.main()
