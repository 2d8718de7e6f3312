"""parallax check proves the laws: a right mapping passes, each kind of wrong one is
found on the primary's own rows, and nothing real is touched."""

import os
import re
import unittest

import harness
import pair

OLD = """
CREATE TABLE users (
    id serial PRIMARY KEY,
    email varchar(60) NOT NULL UNIQUE,
    name text,
    active boolean NOT NULL DEFAULT true,
    first text, last text,
    grade text,
    price numeric(12,4),
    visits bigint NOT NULL DEFAULT 0,
    born timestamp,
    seen timestamptz,
    ratio float8,
    place varchar(100),
    code text,
    tags text[],
    extra json,
    legacy integer,
    twice integer GENERATED ALWAYS AS (id * 2) STORED,
    CHECK (visits >= 0));
INSERT INTO users (email, name, active, first, last, grade, price, visits, born,
    seen, ratio, place, code, tags, extra, legacy)
SELECT 'U' || i || '@x.org',
    CASE WHEN i % 50 = 0 THEN NULL WHEN i % 3 = 0 THEN 'Ann Lee Marsh'
         ELSE 'Bob Ray' END,
    i % 2 = 0, 'f' || i, 'l' || i,
    CASE WHEN i = 1777 THEN 'rare' ELSE (ARRAY['a', 'b', NULL])[1 + i % 3] END,
    i / 7.0, i, timestamp '2020-01-01' + i * interval '37 min 1.5 s',
    timestamptz '2020-03-28 00:00+00' + i * interval '17 min',
    i / 3.0, CASE WHEN i = 1888 THEN repeat('p', 90) ELSE 'at ' || i END,
    CASE WHEN i % 2 = 0 THEN 'X' || i ELSE 'x' || i END,
    ARRAY['t' || i, NULL], json_build_object('n', i), i
FROM generate_series(1, 2000) i;
CREATE TABLE cats (id integer PRIMARY KEY, name text);
INSERT INTO cats SELECT i, 'cat ' || i FROM generate_series(1, 40) i;
CREATE TABLE dogs (id integer PRIMARY KEY, name text);
INSERT INTO dogs SELECT i, 'dog ' || i FROM generate_series(100, 140) i;
CREATE TABLE log (what text, at timestamptz DEFAULT now());
INSERT INTO log SELECT 'w' || i % 3 FROM generate_series(1, 30) i;
ALTER DATABASE postgres SET timezone = 'Europe/Berlin';
"""
NEW = """
CREATE TYPE state AS ENUM ('enabled', 'disabled');
CREATE TABLE accounts (
    tenant integer NOT NULL,
    id serial PRIMARY KEY,
    email_address text NOT NULL UNIQUE,
    first_name text, last_name text,
    status state NOT NULL DEFAULT 'enabled',
    last text, first text,
    grade char(1),
    price_tenths bigint,
    visits bigint NOT NULL DEFAULT 0,
    born timestamp, seen timestamptz, ratio float8,
    place varchar(100), code text, tags text[], extra jsonb,
    twice integer GENERATED ALWAYS AS (id * 2) STORED,
    token integer NOT NULL DEFAULT nextval('accounts_id_seq'),
    serial_no bigint GENERATED ALWAYS AS IDENTITY,
    CHECK (visits >= 0));
CREATE TABLE audit (id integer);
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE 'a real table was written'; END$$;
ALTER TABLE accounts ADD FOREIGN KEY (visits) REFERENCES accounts (id);
CREATE TABLE felines (id integer PRIMARY KEY, name text);
CREATE TABLE dogs (id integer PRIMARY KEY, name text);
CREATE TABLE pets (id integer PRIMARY KEY, name text);
CREATE TABLE log (what text, at timestamptz DEFAULT now());
DO $$DECLARE name text; BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND
        relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('CREATE TRIGGER loud BEFORE INSERT OR UPDATE OR DELETE '
            'OR TRUNCATE ON %I EXECUTE FUNCTION shout()', name);
    END LOOP; END$$;
"""
MAPPING = """version: 1
tables:
  users:
    rows: accounts
    columns:
      email: email_address
      name:
        read: "first_name || coalesce(' ' || last_name, '')"
        write:
          first_name: "split_part(name, ' ', 1)"
          last_name: "CASE WHEN position(' ' in name) > 0 THEN substr(name, position(' ' in name) + 1) END"
      active: {column: status, values: {true: enabled, false: disabled}}
      first: last
      last: first
      grade: {column: grade, values: {a: A, b: B, rare: R}}
      price: {column: price_tenths, read: "price_tenths / 10000.0", write: "round(price * 10000)"}
      legacy: dropped
    defaults:
      tenant: "1"
  cats:
    rows: felines
sequences: {users_id_seq: accounts_id_seq}
"""


class Laws(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        harness.start_pair(cls, "laws")
        cls.primary.psql(OLD)
        cls.shadow.psql(NEW)
        cls.made = {cluster.name: {} for cluster in (cls.primary, cls.shadow)}

    def copy(self, cluster, sql):
        """A copy of its database that this script has changed; a check changes
        nothing, so the next one has it too."""
        made = self.made[cluster.name]
        if sql not in made:
            name = made[sql] = f"laws{len(made) + 1}"
            cluster.psql(f"CREATE DATABASE {name} TEMPLATE postgres "
                         "STRATEGY file_copy;\n"
                         f"ALTER DATABASE {name} SET timezone = "
                         f"'Europe/Berlin';\n\\c {name}\n{sql}", "template1")
        return made[sql]

    def check(self, mapping, *options, old="", new="", extra="", role=None):
        """On copies of both databases that old and new changed."""
        primary = self.copy(self.primary, old)
        name = self.name = self.copy(self.shadow, new)
        self.path = self.place.write(f"{name}.map", mapping)
        parallax = harness.Parallax(self.place, self.primary, self.shadow,
                                    primary, mapping=self.path, name=name,
                                    shadow_database=name, extra=extra)
        if role:
            with open(parallax.config) as file:
                text = file.read()
            self.place.write(f"{name}.yaml", re.sub(
                r"user: postgres, store", f"user: {role}, store", text))
        return self.place.exit_code(
            [self.place.parallax, "check", "--no-rules", *options,
             parallax.config])

    def change(self, *changes):
        mapping = MAPPING
        for old, new in zip(changes[::2], changes[1::2]):
            self.assertEqual(mapping.count(old), 1, old)
            mapping = mapping.replace(old, new)
        return mapping

    def line_of(self, mapping, text):
        return mapping[:mapping.index(text)].count("\n") + 1

    def test_right_mapping(self):
        before = self.shadow.psql("SELECT last_value, is_called FROM "
                                  "accounts_id_seq")
        code, output = self.check(MAPPING, "--sample", "300")
        self.assertEqual(code, 0, output)
        self.assertRegex(output, r"tried the laws on [34]\d\d rows of 4 tables, "
                         r"and by \d{3,} updates")
        self.assertIn("0 errors", output)
        # The seldom values are among them; the dropped column is told of.
        self.assertRegex(output, r'note: "users.legacy" is dropped: (3\d\d) '
                         r'of \1 rows')
        # Nothing real has moved.
        self.assertEqual(before, self.shadow.psql(
            "SELECT last_value, is_called FROM accounts_id_seq", self.name))
        self.assertEqual("0\n0\n0", self.shadow.psql(
            "SELECT count(*) FROM accounts UNION ALL SELECT count(*) FROM "
            "felines UNION ALL SELECT count(*) FROM pg_class WHERE "
            "relpersistence = 't'", self.name).strip())

    def test_all_rows(self):
        code, output = self.check(MAPPING, "--all", "--sample", "1")
        self.assertEqual(code, 0, output)
        rows = int(re.search(r"laws on (\d+) rows", output).group(1))
        self.assertGreater(rows, 2111)
        self.assertLess(rows, 2150)

    def test_only_the_sample(self):
        mapping = self.change('coalesce(\' \' || last_name, \'\')"',
                              'coalesce(\' \' || last_name, \'\') || '
                              'CASE WHEN id = 1234 THEN \'!\' ELSE \'\' END"')
        code, output = self.check(mapping, "--sample", "10")
        self.assertEqual(code, 0, output)
        code, output = self.check(mapping, "--all", "--sample", "10")
        self.assertEqual(code, 1, output)
        self.assertRegex(output, r'"users.name" does not read back as it was '
                         r'written: 1 of 20\d\d rows, such as id = int#')

    def test_no_laws(self):
        mapping = self.change("first: last\n      last: first\n",
                              'first: {column: first, read: "upper(first)", '
                              'write: first}\n')
        code, output = self.check(mapping)
        self.assertEqual(code, 1, output)
        code, output = self.check(mapping, "--no-laws")
        self.assertEqual(code, 0, output)
        self.assertNotIn("tried", output)

    def test_a_sequence_that_the_mapping_moves(self):
        new = "CREATE SEQUENCE tenants AS integer"
        mapping = self.change('tenant: "1"', 'tenant: "nextval(\'tenants\')"')
        code, output = self.check(mapping, "--sample", "20", new=new)
        self.assertEqual(code, 0, output)
        self.assertIn("rows of 4 tables", output)
        self.assertEqual("1|f", self.shadow.psql(
            "SELECT last_value, is_called FROM tenants", self.name).strip())
        mapping = mapping.replace("tenants'", "public.tenants'")
        code, output = self.check(mapping, "--sample", "20", new=new)
        self.assertEqual(code, 0, output)
        self.assertIn("rows of 3 tables", output)
        self.assertIn('warning: the laws of "users" are not proved: they would '
                      'move sequence public.tenants', output)
        self.assertEqual("1|f", self.shadow.psql(
            "SELECT last_value, is_called FROM tenants", self.name).strip())

    def test_rights(self):
        new = ("REVOKE TEMPORARY ON DATABASE {0} FROM PUBLIC; "
               "GRANT ALL ON ALL TABLES IN SCHEMA public TO weak;")
        self.shadow.psql("CREATE ROLE weak LOGIN")
        name = f"laws{len(self.made[self.shadow.name]) + 1}"
        code, output = self.check(MAPPING, new=new.format(name), role="weak")
        self.assertEqual(code, 1, output)
        self.assertRegex(output, r'error: the laws of "users" cannot be proved: '
                         r'no scratch table can be made: permission denied')
        code, output = self.check(
            MAPPING, new="GRANT ALL ON ALL TABLES IN SCHEMA public TO weak",
            role="weak")
        self.assertEqual(code, 0, output)
        self.assertIn("rows of 4 tables", output)

    def test_values_are_shown_when_asked_for(self):
        mapping = self.change(", rare: R", "")
        code, output = self.check(mapping,
                                  extra="compare: {show_values: true}\n")
        self.assertEqual(code, 1, output)
        self.assertIn("hold", output)
        self.assertRegex(output, r"forgets 1 value that 1 row of the primary "
                         r"holds: rare \(1 row\)")
        self.assertIn("such as id = 1777, wrote rare, read NULL", output)

    def test_usage(self):
        for options in (["--sample", "0"], ["--sample", "-3"],
                        ["--sample", "1x"], ["--sample", "99999999"],
                        ["--sample"], ["--every"]):
            code, output = self.check(MAPPING, *options)
            self.assertEqual(code, 3, output)

    # what is wrong, changes of the mapping, of the old and the new schema,
    # what is told, and where (text in the mapping)
    WRONG = [
        ("split off by one",
         ["position(' ' in name) + 1)", "position(' ' in name))"], "", "",
         r'"users.name" does not read back as it was written: at least 200 of '
         r'\d+ rows, such as id = int#\w+, wrote text\(\d+\)#\w+, read text',
         "      name:"),
        ("split loses the third word",
         ["substr(name, position(' ' in name) + 1)",
          "split_part(name, ' ', 2)"], "", "",
         r'"users.name" does not read back', "      name:"),
        ("value forgotten", [", rare: R", ""], "", "",
         r'`values` of "users.grade" forgets 1 value that 1 row of the primary '
         r'holds: text\(4\)#\w+ \(1 row\)', "      grade:"),
        ("values exchanged on one side",
         ["{column: grade, values: {a: A, b: B, rare: R}}",
          "{column: grade, read: \"CASE grade WHEN 'A' THEN 'b' WHEN 'B' THEN "
          "'a' WHEN 'R' THEN 'rare' END\", write: \"upper(left(grade, 1))\"}"],
         "", "", r'"users.grade" does not read back', "      grade:"),
        ("wrong factor", ["/ 10000.0", "/ 1000.0"], "", "",
         r'"users.price" does not read back', "      price:"),
        ("whole numbers divided", ["/ 10000.0", "/ 10000"], "", "",
         r'"users.price" does not read back', "      price:"),
        ("fraction lost", ["round(price * 10000)", "round(price) * 10000"],
         "", "", r'"users.price" does not read back', "      price:"),
        ("letters' case lost", ["email: email_address",
                                'email: {column: email_address, '
                                'read: email_address, '
                                'write: "lower(email)"}'], "", "",
         r'"users.email" does not read back', "      email:"),
        ("letters' case lost in a unique key",
         ["      first: last\n", '      code: {column: code, read: code, '
          'write: "lower(code)"}\n      first: last\n'], "",
         "ALTER TABLE accounts ADD UNIQUE (code)",
         r'"users.code" does not read back', "      code:"),
        ("swapped columns, on one side",
         ["      first: last\n      last: first\n",
          '      first: {read: "first", write: {last: "first"}}\n'
          '      last: {read: "last", write: {first: "last"}}\n'], "", "",
         r'"users.first" does not read back', "      first:"),
        ("one new column for two", [
            "      first: last\n      last: first\n",
            '      first: {read: "first", write: {first: "coalesce(last, '
            'first)"}}\n      last: {read: "first", write: {first: '
            '"coalesce(last, first)"}}\n'], "",
         "", r'"users.first" does not read back', "      first:"),
        ("an update changes another column",
         ["      last: first\n",
          '      last: {read: "first", write: {first: "last", '
          'code: "CASE WHEN last IS NULL THEN \'none\' ELSE code END"}}\n'
          '      code: {read: code, write: {code: "CASE WHEN last IS NULL THEN '
          '\'none\' ELSE code END"}}\n'],
         "", "", r'"users.last" can be NULL on the primary, which no row '
         r'looked at is, and NULL is not kept', "      last:"),
        ("wrong time zone",
         ["      first: last\n",
          '      seen: {column: seen, read: "seen AT TIME ZONE \'UTC\'", '
          'write: "seen AT TIME ZONE \'Europe/Berlin\'"}\n'
          '      first: last\n'], "",
         "ALTER TABLE accounts ALTER seen TYPE timestamp",
         r'"users.seen" does not read back', "      seen:"),
        ("a zone less where clocks change", [], "",
         "ALTER TABLE accounts ALTER seen TYPE timestamp",
         r"depends on the session's time zone", "  users:"),
        ("day off by one", [
            "      first: last\n",
            '      born: {column: born, read: "born + interval \'1 day\'", '
            'write: "born"}\n      first: last\n'], "", "",
         r'"users.born" does not read back', "      born:"),
        ("timestamp to date", [], "",
         "ALTER TABLE accounts ALTER born TYPE date",
         r'"users.born" does not read back', "  users:"),
        ("numeric with less digits",
         ["      price: {column: price_tenths, read: \"price_tenths / "
          "10000.0\", write: \"round(price * 10000)\"}\n", ""], "",
         "ALTER TABLE accounts ADD price numeric(10,2)",
         r'"users.price" does not read back', "  users:"),
        ("bigint to int", [], "UPDATE users SET visits = 5000000000 "
         "WHERE id = 99", "ALTER TABLE accounts DROP CONSTRAINT "
         "accounts_visits_fkey; ALTER TABLE accounts ALTER visits TYPE int",
         r'rows of "users" cannot be written: 1 of \d+ rows, such as id = '
         r'int#\w+: .*out of range', "  users:"),
        ("shorter varchar", [], "",
         "ALTER TABLE accounts ALTER place TYPE varchar(50)",
         r'rows of "users" cannot be written: 1 of \d+ rows', "  users:"),
        ("float8 to float4", [], "",
         "ALTER TABLE accounts ALTER ratio TYPE float4",
         r'"users.ratio" does not read back', "  users:"),
        ("text with a blank at the end to char", [],
         "UPDATE users SET code = repeat(' ', 2) || 'é  ' WHERE id = 7; "
         "ALTER TABLE users ALTER code TYPE varchar(7)",
         "ALTER TABLE accounts ALTER code TYPE char(7)",
         r'"users.code" does not read back', "  users:"),
        ("NULL to NOT NULL", [], "",
         "ALTER TABLE accounts ALTER first_name SET NOT NULL",
         r'rows of "users" cannot be written: \d+ of \d+ rows, such as .*null '
         r'value in column "first_name"', "  users:"),
        ("a new check", [], "", "ALTER TABLE accounts ADD CHECK (visits < "
         "1950)", r'rows of "users" cannot be written: .*violates check '
         r'constraint', "  users:"),
        ("a default that is refused", ['tenant: "1"', 'tenant: "NULL"'], "",
         "", r'rows of "users" cannot be written: .*null value in column '
         r'"tenant"', "  users:"),
        ("a default that fails", ['tenant: "1"', 'tenant: "email"'], "", "",
         r'rows of "users" cannot be written: .*"tenant"', "  users:"),
        ("two columns that were equal so far",
         ["      last: first\n",
          '      last: {read: "first", write: {first: "last"}}\n'
          '      code: {read: "first", write: {first: "last"}}\n'],
         "UPDATE users SET code = last", "",
         r'an UPDATE of "users.last" changes "users.code" too: such as id = '
         r'int#\w+, wrote text\(\d+\)#\w+, read', "      last:"),
        ("a column that an update does not reach",
         ["      last: first\n",
          '      last: {read: "first", write: {first: "last"}}\n'
          '      code: {read: "first", write: {first: "last"}}\n'],
         "UPDATE users SET code = last", "",
         r'an UPDATE of "users.code" does not read back', "      code:"),
        ("a NULL that an update cannot write", [],
         "", "ALTER TABLE accounts ALTER ratio SET NOT NULL",
         r'"users.ratio" can be NULL on the primary, which no row looked at '
         r'is, and NULL is not kept: .*null value in column "ratio"',
         "  users:"),
        ("unique key that is new", [], "UPDATE users SET code = 'same'",
         "ALTER TABLE accounts ADD UNIQUE (code)",
         r'rows of "users" go through alone, but not together: .*duplicate key '
         r'value violates unique constraint "accounts_code_key"', "  users:"),
        ("unique key that two rows violate", [], "UPDATE users SET code = "
         "'same' WHERE id IN (3, 1500)",
         "ALTER TABLE accounts ADD UNIQUE (code)",
         r'unique key "accounts_code_key" of "public.accounts" refuses rows of '
         r'"users": 2 rows of the primary have 1 value in common',
         "  users:"),
        ("wrong key", ["      first: last\n",
                       '      id: {column: id, read: "id + 1", '
                       'write: id}\n      first: last\n'], "", "",
         r'"users.id" does not read back', "      id:"),
        ("NULL becomes a text", [
            "      first: last\n", '      code: {column: code, read: '
            '"coalesce(code, \'\')", write: code}\n      first: last\n'],
         "UPDATE users SET code = NULL WHERE id = 5", "",
         r'"users.code" does not read back as it was written: 1 of \d+ rows, '
         r'such as id = int#\w+, wrote NULL, read', "      code:"),
        ("two tables in one", ["rows: felines\n",
                               "rows: pets\n  dogs: {rows: pets}\n"], "",
         "", r'"cats" and "dogs" share "public.pets": rows of the others are '
         r'seen in "cats"', "  cats:"),
        ("two tables in one, with the same keys",
         ["rows: felines\n", "rows: pets\n  dogs: {rows: pets}\n"],
         "UPDATE dogs SET id = id - 99", "",
         r'"cats" and "dogs" share "public.pets": rows of the others keep out '
         r'rows of "dogs": duplicate key', "  dogs:"),
        ("an array's elements cut", [], "",
         "ALTER TABLE accounts ALTER tags TYPE varchar(3)[]",
         r'rows of "users" cannot be written', "  users:"),
    ]

    def test_each_wrong_one_is_found(self):
        """All that are wrong for the same old schema are shadows of one check."""
        for old in dict.fromkeys(old for _, _, old, *_ in self.WRONG):
            cases = [(f"wrong{number}", self.change(*one[1]), one)
                     for number, one in enumerate(self.WRONG) if one[2] == old]
            code, output = self.check_all(old, cases)
            for name, mapping, (what, *_, told, where) in cases:
                with self.subTest(wrong=what):
                    line = self.line_of(mapping, where)
                    self.assertRegex(output, re.escape(self.place.path(
                        f"{name}.map")) + f":{line}:\\d+: "
                        f"(error|warning): (?=[^\n]*{told})")
            self.assertEqual(code, int(": error: " in output), output)

    def check_all(self, old, cases):
        """One check: a shadow for each case, with a mapping of its own."""
        primary = self.copy(self.primary, old)
        entries = []
        for name, mapping, (_, _, _, new, *_) in cases:
            path = self.place.write(f"{name}.map", mapping)
            one = harness.Parallax(self.place, self.primary, self.shadow,
                                   primary, name=name, shadow_database=self.copy(
                                       self.shadow, new))
            entries.append(f"{one.entry}, mapping: '{path}'")
        parallax = harness.Parallax(self.place, self.primary, self.shadow,
                                    primary, name="wrong", entries=entries)
        said = parallax.check("--no-rules", "--sample", "250")
        if os.environ.get("PARALLAX_SHOW"):
            print(*said, sep="\n")
        return said


class WorkedExamples(unittest.TestCase):
    """The laws of each change in mappings/, on a shadow that is loaded and, where
    other tables are read, on one that is not."""

    @classmethod
    def setUpClass(cls):
        cls.place = harness.Workplace("examples")
        cls.addClassCleanup(cls.place.close)
        cls.server = harness.SharedCluster.take(cls.place, "server")
        for name, files in (("old", ["old.sql"]),
                            ("full", ["old.sql", "data.sql"])):
            cls.server.create_database(name)
            for file in files:
                cls.server.psql(pair.read(file), name)

    def check(self, change, template):
        name = f"{change}-{template}"
        self.server.psql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" '
                         "STRATEGY file_copy")
        self.server.psql(pair.migration(change), name)
        mapping = self.place.take(os.path.join(harness.ROOT, "mappings",
                                               change + ".yaml"))
        parallax = harness.Parallax(self.place, self.server, self.server,
                                    "full", mapping=mapping, name=name)
        with open(parallax.config) as file:
            text = file.read()
        head, tail = text.split("shadows:")
        self.place.write(f"{name}.yaml", head + "shadows:" + tail.replace(
            "database: full", f"database: {name}"))
        before = self.counts(name)
        code, output = parallax.check("--no-rules")  # sequences stand still
        self.assertEqual(self.counts(name), before)
        if os.environ.get("PARALLAX_SHOW"):
            print(name, code, output, sep="\n")
        return code, output

    def counts(self, name):
        """What would have moved, if a real table or sequence had."""
        return self.server.psql(
            "SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM "
            "pg_stat_user_tables ORDER BY 1; "
            "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1",
            name)

    def test_each_example_holds(self):
        for change in pair.changes():
            reads = change in ("inline-lookup", "lookup-table", "combined",
                               "natural-to-surrogate", "self-reference",
                               "absorb-table")
            for template in ("full", "old") if reads else ("full",):
                with self.subTest(change=change, shadow=template):
                    code, output = self.check(change, template)
                    self.assertEqual(code, 0, output)
                    self.assertRegex(output, "tried the laws on [1-9]")
                    self.assertNotIn("are not proved", output)


if __name__ == "__main__":
    unittest.main()
