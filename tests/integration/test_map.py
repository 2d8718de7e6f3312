"""parallax map: what it drafts passes check, and is right where the data or the
migration's own SQL tell enough."""

import os
import subprocess
import unittest

import harness

LENS = os.path.join(harness.ROOT, "tests/integration/lens")
DEMO = os.path.join(harness.ROOT, "tests/demo")

OLD = """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
CREATE TABLE users (
    id serial PRIMARY KEY, email text NOT NULL UNIQUE, name text NOT NULL,
    active boolean NOT NULL DEFAULT true, level smallint NOT NULL DEFAULT 0,
    price numeric(10,2), feels mood, code text, flags int, born date);
CREATE TABLE notes (id int PRIMARY KEY, user_id int REFERENCES users,
    "a.b" text, "select" text, "null" text);
CREATE TABLE audit (at timestamptz, what text);
INSERT INTO users (email, name, active, level, price, feels, code, born)
SELECT 'u' || i || '@x', 'Ann' || i || ' Mc Lee', i % 3 = 0, i % 3, i * 1.25,
       (ARRAY['sad', 'ok', 'glad'])[1 + i % 3]::mood, 'C-' || i,
       '2020-01-01'::date + i
FROM generate_series(1, 40) i;
INSERT INTO notes SELECT i, i, 'a' || i, 's', NULL FROM generate_series(1, 9) i;
"""
MIGRATION = r"""
\set ON_ERROR_STOP on
BEGIN;
ALTER TABLE users RENAME TO accounts;
ALTER SEQUENCE users_id_seq RENAME TO accounts_id_seq;
ALTER TABLE accounts RENAME email TO email_address;
ALTER TABLE accounts ADD first_name text, ADD last_name text;
UPDATE accounts SET first_name = split_part(name, ' ', 1),
    last_name = substr(name, length(split_part(name, ' ', 1)) + 2);
ALTER TABLE accounts DROP COLUMN name;
ALTER TABLE accounts ADD status text NOT NULL DEFAULT 'enabled'
    CHECK (status IN ('enabled', 'disabled'));
UPDATE accounts SET status = 'disabled' WHERE NOT active;
UPDATE accounts SET status = 'enabled' WHERE active;
ALTER TABLE accounts DROP active, ALTER status DROP DEFAULT;
ALTER TABLE accounts ALTER level DROP DEFAULT, ALTER level TYPE text
    USING CASE level WHEN 0 THEN 'low' WHEN 1 THEN 'mid' WHEN 2 THEN 'high' END;
ALTER TABLE accounts ALTER price TYPE bigint USING round(price * 100);
ALTER TABLE accounts RENAME price TO cents;
ALTER TYPE mood RENAME VALUE 'ok' TO 'fine';
ALTER TYPE mood RENAME TO feeling;
ALTER TABLE accounts ALTER code TYPE varchar(20) USING code || '-x';
ALTER TABLE accounts DROP flags;
ALTER TABLE accounts ADD tenant int;
UPDATE accounts SET tenant = 7;
ALTER TABLE accounts ALTER tenant SET NOT NULL;
CREATE SCHEMA crm;
ALTER TABLE notes SET SCHEMA crm;
ALTER TABLE crm.notes RENAME "a.b" TO "c.d";
ALTER TABLE crm.notes RENAME "select" TO "dropped";
ALTER TABLE crm.notes RENAME user_id TO account_id;
DROP TABLE audit;
COMMIT;
"""
TRAFFIC = """
SELECT id, email, active, level, price, feels, code, born FROM users WHERE id < 9 ORDER BY id;
SELECT * FROM users ORDER BY id;
INSERT INTO users (email, name, active, level, price, feels) VALUES ('n@x', 'Bo Ray Fox', false, 2, 3.50, 'ok') RETURNING id, name, active;
UPDATE users SET price = price + 1, active = NOT active, feels = 'ok' WHERE id IN (2, 3) RETURNING price, active, feels;
UPDATE users SET name = 'Cy Dee', level = 1 WHERE email = 'n@x';
SELECT name, level FROM users WHERE active AND level = 1 ORDER BY id;
SELECT u.email, n."a.b", n."select", n."null" FROM notes n JOIN users u ON u.id = n.user_id ORDER BY n.id;
INSERT INTO notes (id, user_id, "a.b", "select") VALUES (100, 1, 'x', 'y');
DELETE FROM notes WHERE "a.b" = 'a3' RETURNING id, user_id;
SELECT level, count(*), sum(price) FROM users GROUP BY level ORDER BY level;
"""


def read(*path):
    with open(os.path.join(*path)) as file:
        return file.read()


class TestMap(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        harness.start_pair(cls, "map")

    def pair(self, name, old, new, shadow=None, mapping=None):
        """Databases of both sides, and a config of them."""
        for cluster, sql in ((self.primary, old), (self.shadow, new)):
            cluster.create_database(name, sql)
        return self.config(name, shadow, mapping)

    def config(self, name, shadow=None, mapping=None):
        return harness.Parallax(self.place, self.primary,
                                shadow or self.shadow, name, mapping,
                                name=f"{name}-{mapping is not None}")

    def map(self, parallax, *options):
        """(exit code, mapping, what was told on stderr)"""
        done = subprocess.run(
            [self.place.parallax, "map", *options, parallax.config],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            check=False, timeout=60, **self.place.identity)
        return done.returncode, done.stdout, done.stderr

    def checked(self, name, text):
        """A Parallax with the drafted mapping, which check accepts."""
        path = self.place.write(f"{name}.map", text)
        parallax = self.config(name, mapping=path)
        code, output = parallax.check()
        self.assertEqual(code, 0, f"{output}\n{text}")
        return parallax

    def send(self, parallax, name, sql, text):
        """No statement of it diverges, and each is decided."""
        parallax.start()
        self.primary.psql(sql, name, port=parallax.port)
        parallax.stop()
        report = parallax.report()
        verdicts = report["verdicts"]
        self.assertEqual(
            {key: value for key, value in verdicts.items()
             if value and key != "match"}, {},
            f"{report['divergences']}\n{text}")
        self.assertGreater(verdicts["match"], 5)

    # by catalogs and data

    def test_examples_by_data(self):
        """The example mappings' schemas: the draft serves all statements that
        the hand-written mapping serves."""
        for case in ("shop", "pgbench"):
            with self.subTest(case=case):
                parallax = self.pair(case, read(LENS, case, "old.sql"),
                                     read(LENS, case, "new.sql"))
                code, text, told = self.map(parallax)
                self.assertEqual(code, 0, told + text)
                self.assertEqual(told, "")
                self.checked(case, text)
                self.run_statements(case, text)

    def run_statements(self, case, text):
        for side, cluster in (("old", self.primary), ("new", self.shadow)):
            self.primary.psql(f"CREATE DATABASE {case}_{side}")
            self.primary.psql(read(LENS, case, f"{side}.sql"),
                              f"{case}_{side}")
        path = self.place.write(f"{case}.drafted", text)
        done = subprocess.run(
            [os.path.join(harness.BUILD, "tests/integration/test_lens"),
             self.primary.host, str(self.primary.port), f"{case}_old",
             f"{case}_new", path,
             os.path.join(LENS, case, "statements.sql")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            check=False)
        self.assertEqual(done.returncode, 0, f"{done.stdout}\n{text}")

    def test_each_guess_says_why(self):
        parallax = self.pair("whys", read(LENS, "shop", "old.sql"),
                             read(LENS, "shop", "new.sql"))
        _, text, _ = self.map(parallax)
        for line in ("user_id: account_id  # guessed: the same value in 4 of "
                     "4 rows looked at",
                     "state:  # guessed: 3 values, one for one in 5 of 5 rows",
                     "rows: catalogue.items  # guessed: 1 column of the same",
                     "legacy_flags: dropped  # guessed: no new column",
                     'tenant_id: "1"  # guessed: all 4 rows looked at have it',
                     "it reads back equal in 4 rows looked at"):
            self.assertIn(line, text)
        # What is unchanged is not there.
        for word in ("tags", "score", "created_at", "quantity"):
            self.assertNotIn(word, text)

    def test_without_data(self):
        """No rows are looked at: less is known, and that is told."""
        parallax = self.pair("blind", read(LENS, "shop", "old.sql"),
                             read(LENS, "shop", "new.sql"))
        code, text, told = self.map(parallax, "--no-data")
        self.assertEqual(code, 1, text)
        self.assertIn("rows: accounts  # guessed: names, columns and types",
                      text)
        self.assertIn('user_id: account_id  # guessed: the foreign key', text)
        self.assertNotIn("rows looked at", text)
        self.assertIn("needs: ", told)
        for line in told.splitlines()[:-1]:
            self.assertIn(f"# {line}", text)

    def test_data_that_disagrees(self):
        parallax = self.pair(
            "odd", "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t "
            "SELECT i, md5(i::text) FROM generate_series(1, 30) i",
            "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t "
            "SELECT i, 'x' || i FROM generate_series(1, 30) i")
        code, text, told = self.map(parallax)
        self.assertEqual(code, 1, text)
        self.assertIn('column "v" of "t": its value in the new schema is '
                      "another in 30 of 30 rows", told)

    def test_keys_are_no_recodes(self):
        """Values that come but once are never listed: they are data."""
        parallax = self.pair(
            "private", "CREATE TABLE t (id int PRIMARY KEY, mail text); INSERT "
            "INTO t SELECT i, 'secret' || i FROM generate_series(1, 8) i",
            "CREATE TABLE t (id int PRIMARY KEY, mail text); INSERT INTO t "
            "SELECT i, 'hidden' || i FROM generate_series(1, 8) i")
        _, text, told = self.map(parallax)
        self.assertNotIn("secret", text + told)
        self.assertNotIn("hidden", text + told)

    def test_split_by_catalogs(self):
        parallax = self.pair(
            "parts", "CREATE TABLE users (id int PRIMARY KEY, email text, bio "
            "text); CREATE TABLE places (id int PRIMARY KEY, country text)",
            "CREATE TABLE users (id int PRIMARY KEY, email text); CREATE TABLE "
            "profiles (user_id int PRIMARY KEY REFERENCES users, bio text); "
            "CREATE TABLE countries (id serial PRIMARY KEY, name text UNIQUE); "
            "CREATE TABLE places (id int PRIMARY KEY, country_id int "
            "REFERENCES countries)")
        _, text, _ = self.map(parallax)
        self.assertIn("      - {table: profiles, join: {user_id: id}, when: "
                      '"bio IS NOT NULL"}  # guessed: ', text)
        self.assertIn("      bio: profiles.bio  # guessed: ", text)
        self.assertIn("country: {lookup: {table: countries, value: name, key: "
                      "id, column: country_id, create: true}}  # guessed: ",
                      text)

    # by the migration's SQL

    def test_from_sql(self):
        """A migration in place: its draft needs nothing and holds in traffic."""
        parallax = self.pair("moved", OLD, OLD + MIGRATION)
        path = self.place.write("moved.sql", MIGRATION)
        code, text, told = self.map(parallax, "--from-sql", path)
        self.assertEqual((code, told), (0, ""), text)
        self.assertIn('tenant: "7"', text)
        self.assertIn("flags: dropped\n", text)
        self.send(self.checked("moved", text), "moved", TRAFFIC, text)

    def test_from_sql_before_it_is_run(self):
        """The shadow is not migrated yet, or not there: the SQL is enough."""
        parallax = self.pair("before", OLD, OLD)
        path = self.place.write("before.sql", MIGRATION)
        code, behind, told = self.map(parallax, "--from-sql", path)
        self.assertEqual(code, 1, behind)
        self.assertIn("is it migrated?", told)
        gone = harness.Cluster(self.place, "gone")
        code, alone, told = self.map(self.config("before", gone),
                                     "--from-sql", path)
        self.assertEqual(code, 1, alone)
        self.assertIn("the shadow could not be read", told)
        said = [[line for line in text.splitlines() if line[:1] != "#"]
                for text in (behind, alone)]
        self.assertEqual(*said)
        # Once it is run, that mapping holds.
        self.shadow.psql(MIGRATION, "before")
        self.send(self.checked("before", alone), "before", TRAFFIC, alone)

    def test_demo(self):
        """The demo's migration copies from a schema `old`."""
        parallax = self.pair("shop_demo", read(DEMO, "primary.sql"),
                             read(DEMO, "shadow.sql"))
        dump = self.place.run(
            [self.place.tool("pg_dump"), "-h", self.primary.host, "-p",
             self.primary.port, "-U", "postgres", "--no-owner", "shop_demo"])
        self.shadow.psql("CREATE SCHEMA old;\n"
                         + dump.replace("public.", "old."), "shop_demo")
        self.shadow.psql(read(DEMO, "migrate.sql"), "shop_demo")
        path = self.place.take(os.path.join(DEMO, "migrate.sql"))
        code, text, told = self.map(parallax, "--from-sql", path)
        self.assertEqual((code, told), (0, ""), text)
        # It has not the mistake that the demo's own mapping was given.
        self.assertIn("last_name: \"substr(name, length(split_part(name, ' ', "
                      '1)) + 2)"', text)
        proxy = self.checked("shop_demo", text)
        self.send(proxy, "shop_demo",
                  read(DEMO, "traffic", "back-office.sql"), text)

    def test_from_sql_new_keys_and_zones(self):
        """A new key that references take from the table which they refer to,
        whether the old key feeds it or its default does; times and zones."""
        old = """
            CREATE TABLE people (id serial PRIMARY KEY, name text);
            CREATE TABLE firms (id serial PRIMARY KEY, name text);
            CREATE TABLE bills (id serial PRIMARY KEY,
                person_id int NOT NULL REFERENCES people,
                firm_id int REFERENCES firms, at timestamp, due timestamptz);
            INSERT INTO people (name) SELECT 'p' || i FROM generate_series(1, 9) i;
            INSERT INTO firms (name) SELECT 'f' || i FROM generate_series(1, 9) i;
            INSERT INTO bills (person_id, firm_id, at, due)
            SELECT 1 + i % 9, nullif(i % 10, 0), date '2020-01-01' + i,
                timestamptz '2020-01-01 12:00Z' + i * interval '1 day'
            FROM generate_series(1, 40) i"""
        migration = """
            ALTER TABLE people ADD uid uuid NOT NULL DEFAULT gen_random_uuid()
                UNIQUE;
            ALTER TABLE firms ADD uid uuid;
            UPDATE firms SET uid = md5(id::text)::uuid;
            ALTER TABLE bills ADD person_uid uuid, ADD firm_uid uuid;
            UPDATE bills SET person_uid = p.uid FROM people p
                WHERE p.id = person_id;
            UPDATE bills b SET firm_uid = f.uid FROM firms AS f
                WHERE b.firm_id = f.id;
            ALTER TABLE bills DROP person_id, DROP firm_id,
                ALTER at TYPE timestamptz USING at AT TIME ZONE 'UTC',
                ALTER due TYPE timestamp
                    USING timezone('Europe/Berlin', due);"""
        parallax = self.pair("keys", old, old + ";" + migration)
        path = self.place.write("keys.sql", migration)
        code, text, told = self.map(parallax, "--from-sql", path)
        self.assertEqual((code, told), (0, ""), text)
        for one, many in (("person", "people"), ("firm", "firms")):
            self.assertIn(f"{one}_id: {{lookup: {{table: {many}, value: id, "
                          f"key: uid, column: {one}_uid}}}}\n", text)
        self.assertIn("read: \"(at AT TIME ZONE 'UTC')::timestamp\"", text)
        self.assertIn("# true if no value lies in an hour", text)
        self.checked("keys", text)
        # What the migration made is what the lens sees.
        drafted = self.config("keys", mapping=self.place.path("keys.map"))
        self.place.run([self.place.parallax, "verify", "--quiet",
                        drafted.config])

    def test_from_sql_minus_of_no_number(self):
        """jsonb - 'member' is no subtraction."""
        old = """
            CREATE TABLE things (id int PRIMARY KEY, data jsonb);
            INSERT INTO things SELECT i, jsonb_build_object('x', i, 'y', i)
            FROM generate_series(1, 9) i"""
        migration = """
            ALTER TABLE things ADD x int;
            UPDATE things SET x = (data ->> 'x')::int, data = data - 'x';"""
        parallax = self.pair("minus", old, old + ";" + migration)
        path = self.place.write("minus.sql", migration)
        code, text, told = self.map(parallax, "--from-sql", path)
        self.assertEqual(code, 1, text)
        self.assertIn('read: "NULL /* fill in */"', text)
        self.assertIn('column "data" of "things": say `read:`', told)

    def test_from_sql_copies_are_told(self):
        """A column filled from another table that stays, by more than a
        look-up: it is not passed over."""
        old = """
            CREATE TABLE people (id int PRIMARY KEY, name text);
            CREATE TABLE bills (id int PRIMARY KEY, person_id int)"""
        migration = """
            ALTER TABLE bills ADD payer text;
            UPDATE bills SET payer = upper(name) FROM people p
                WHERE p.id = person_id;"""
        parallax = self.pair("copies", old, old + ";" + migration)
        path = self.place.write("copies.sql", migration)
        code, text, told = self.map(parallax, "--from-sql", path)
        self.assertEqual(code, 1, text)
        self.assertIn('needs: column "payer" of the new table "bills" is '
                      'filled from rows of "people"', told)

    def test_what_is_not_read(self):
        parallax = self.pair("unread", OLD, OLD)
        path = self.place.write(
            "unread.sql", "DO $$ BEGIN NULL; END $$;\nSELECT upgrade();\n"
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';\n"
            "ALTER TABLE\n")
        code, text, told = self.map(parallax, "--from-sql", path)
        self.assertEqual(code, 1)
        self.assertTrue(text.startswith("# A first mapping"), text)
        for line, what in ((1, "a DO block"), (2, "a function is called"),
                           (3, "a function, trigger or rule"),
                           (4, "cannot be read: syntax error")):
            self.assertIn(f"needs: {path}:{line}: {what}", told)

    def test_merged_tables_are_told(self):
        """Thirteen tables that are merged into one by sums: none is dropped
        without a word; one that is copied and stays is no move."""
        names = [f"sales_{number}" for number in range(13)]
        old = "".join(f"CREATE TABLE {name} (id int PRIMARY KEY, kind text, "
                      "n int);\n" for name in [*names, "plain", "gone"])
        migration = "CREATE TABLE sales AS " + " UNION ALL ".join(
            f"SELECT '{name}' AS source, kind, sum(n) AS n FROM {name} "
            "GROUP BY kind" for name in names) + (
                f";\nDROP TABLE {', '.join(names)};\n"
                "CREATE TABLE archive AS SELECT * FROM plain;\n"
                "DROP TABLE gone;\n")
        parallax = self.pair("merged", old, old + migration)
        path = self.place.write("merged.sql", migration)
        code, text, told = self.map(parallax, "--from-sql", path)
        self.assertEqual(code, 1, text)
        for name in names:
            self.assertIn(f"  {name}: dropped  # needs: {path}:1 reads it "
                          '(CREATE TABLE "sales")', text)
            self.assertIn(f'needs: table "{name}" is dropped, but', told)
        self.assertIn("  gone: dropped\n", text)
        self.assertNotIn("  plain:", text)
        self.assertIn(f'needs: {path}:3: rows of "plain" are copied into '
                      '"archive" and stay where they are', told)

    # what is open

    def test_check_explains_what_is_open(self):
        parallax = self.pair(
            "opened", "CREATE TABLE t (id int PRIMARY KEY, a text)",
            "CREATE TABLE t (id int PRIMARY KEY, low text, need int NOT NULL)")
        path = self.place.write(
            "opened.sql", "ALTER TABLE t ADD low text; UPDATE t SET low = "
            "lower(a); ALTER TABLE t DROP a; ALTER TABLE t ADD need int NOT "
            "NULL")
        code, text, told = self.map(parallax, "--from-sql", path)
        self.assertEqual(code, 1, text)
        self.assertIn('say `read:`, its value from the new row: lower() cannot '
                      "be undone", told)
        mapping = self.place.write("opened.map", text)
        code, output = self.config("opened", mapping=mapping).check()
        self.assertEqual(code, 1, output)
        lines = text.splitlines()
        for what, start in (('the read of "a"', "        read:"),
                            ('the default of "need"', "      need:")):
            line = 1 + next(i for i, each in enumerate(lines)
                            if each.startswith(start))
            self.assertRegex(
                output, rf"opened.map:{line}:\d+: error: {what} was left open")
        self.assertEqual(output.count("error: "), 2, output)

    # the command

    def test_output(self):
        parallax = self.pair("out", OLD, OLD + MIGRATION)
        path = self.place.path("out.yaml")
        code, text, _ = self.map(parallax)
        code_file, nothing, _ = self.map(parallax, "--output", path)
        self.assertEqual((code_file, nothing), (code, ""))
        self.assertEqual(read(path), text, "twice, it is the same")
        code, _, told = self.map(parallax, "--output", path)
        self.assertEqual(code, 3)
        self.assertIn("out.yaml: cannot be written: File exists", told)
        self.assertEqual(read(path), text)

    def test_only_reads(self):
        """An account that may write nothing is enough; what it may not read is
        no evidence."""
        parallax = self.pair("weak", OLD, OLD + MIGRATION)
        for cluster, role in ((self.primary, "reader"),
                              (self.shadow, "blind")):
            cluster.psql(f"CREATE ROLE {role} LOGIN", "weak")
        self.primary.psql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO "
                          "reader", "weak")
        config = read(parallax.config).replace(
            "database: weak, user: postgres}",
            "database: weak, user: reader}").replace(
            "user: postgres, store", "user: blind, store")
        self.place.write(os.path.basename(parallax.config), config)
        code, text, told = self.map(parallax)
        self.assertIn(code, (0, 1), told)
        self.assertIn("rows: accounts", text)
        self.assertNotIn("of the same values", text)

    def test_refusals(self):
        parallax = self.pair("refused", OLD, OLD)
        gone = self.config("refused", harness.Cluster(self.place, "gone2"))
        for options, config, told in (
                ([], gone, "--from-sql"),
                (["--shadow", "none"], parallax, "no shadow 'none'"),
                (["--from-sql", "/no/such.sql"], parallax, "cannot be read"),
                (["--nothing"], parallax,
                 "no option --nothing; see 'parallax map --help'")):
            with self.subTest(options=options):
                code, text, output = self.map(config, *options)
                self.assertEqual((code, text), (3, ""), output)
                self.assertIn(told, output)


if __name__ == "__main__":
    unittest.main()
