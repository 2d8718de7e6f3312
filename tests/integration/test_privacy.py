#!/usr/bin/python3
"""No value of a client's reaches a file of Parallax but the journal's segments, nor
what it prints. Secrets are planted wherever a statement, an answer or a session can
hold one; then every file and every output is looked through."""

import contextlib
import glob
import os
import pathlib
import re
import secrets
import signal
import sqlite3
import unittest

import psycopg2

import rawclient
from harness import Parallax, start_pair

# Each is in all that is planted, in one form or another.
SECRET = re.compile(rb"g[e3]heim|GEHEIM", re.IGNORECASE)

SCHEMA = """
CREATE TYPE mood AS ENUM ('glad', 'sad'{label});
CREATE TABLE t (id int PRIMARY KEY, note {type}, mood mood);
CREATE TABLE "Quoted" ("Id" int PRIMARY KEY, "Note" {type});
CREATE TABLE pairs (name text PRIMARY KEY, n int{unique});
INSERT INTO pairs VALUES ('01geheim', 1), ('02geheim', 2);
CREATE FUNCTION boom(what text, code text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    {boom}
    RETURN 'fine';
END $$;
CREATE FUNCTION hint(what text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    RAISE WARNING 'warned of %', what;
    RETURN 1;
END $$;
CREATE FUNCTION as_int(what text) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
    {as_int}
END $$;
"""

BOOM = """RAISE EXCEPTION 'duplicate key value violates unique constraint "%"', what
        USING ERRCODE = code, DETAIL = what, HINT = what, CONSTRAINT = what,
        COLUMN = what, TABLE = what, SCHEMA = what, DATATYPE = what;"""

PRIMARY = SCHEMA.format(label=", '10geheim', 'geheim \"x', '»geheim«'",
                        type="text", unique="", boom="",
                        as_int="RETURN 1;")
SHADOW = SCHEMA.format(label="", type="varchar(12)", unique=" UNIQUE",
                       boom=BOOM, as_int="RETURN what::int;")

# Statements that fail on the shadow alone, or on both sides, or write nothing.
STATEMENTS = r"""
INSERT INTO t VALUES (1, '11geheim, which is too long');
INSERT INTO t VALUES (2, E'12geheim\n and too long'), (3, $$13geheim $x$ long $$);
INSERT INTO t VALUES (4, $tag$14geheim and too long$tag$);
INSERT INTO t VALUES (5, U&'15geheim and too \006cong');
INSERT INTO t (id, note) VALUES (6, N'16geheim and too long');
INSERT INTO t (id, mood) VALUES (7, '10geheim');
INSERT INTO t (id, mood) VALUES (8, 'geheim "x');
INSERT INTO t (id, mood) VALUES (9, '»geheim«');
INSERT INTO "Quoted" ("Id", "Note") VALUES (1, '17geheim and too long');
/* 18geheim */ INSERT INTO t (id, note) VALUES (10, 'too long: 18geheim') -- 19geheim
;
UPDATE pairs SET n = 7 WHERE name = '01geheim';
UPDATE pairs SET n = 7 WHERE name = '02geheim';
SELECT name, n FROM pairs ORDER BY name;
SELECT boom('20geheim', '23505');
SELECT boom('21geheim', '22P02');
SELECT boom('22geheim', '42703');
SELECT boom('23geheim', '42P01');
SELECT boom('24geheim', 'XX000');
SELECT boom('»25geheim«', '22012');
SELECT hint('26geheim');
SELECT as_int('27geheim');
SELECT as_int('28 "geheim": "x');
DO $$BEGIN RAISE NOTICE '29geheim'; END$$;
DO $$BEGIN RAISE EXCEPTION '»30geheim«' USING ERRCODE = '23514'; END$$;
SELECT * FROM t WHERE note = "31geheim";
SET app.token = geheim35;
SET app.token TO "36geheim";
SET LOCAL app.token = '37geheim', geheim38;
SET SESSION app.other TO geheim39;
ALTER ROLE postgres SET app.token = geheim40;
ALTER ROLE postgres RESET app.token;
SELECT set_config('app.third', '41geheim', false);
PREPARE geheim42 AS SELECT '43geheim' || $1;
EXECUTE geheim42('44geheim');
CREATE TEMPORARY TABLE draft (a text DEFAULT '45geheim', b text CHECK (b <> '46geheim'));
INSERT INTO draft VALUES ('47geheim', '46geheim');
CREATE TEMPORARY TABLE copied AS SELECT '48geheim'::text AS a;
BEGIN;
DECLARE geheim49 CURSOR FOR SELECT '50geheim'::text;
FETCH 1 FROM geheim49;
SAVEPOINT geheim51;
ROLLBACK TO geheim51;
COMMIT;
NOTIFY box, '52geheim';
SELECT '53geheim'::int;
SELECT '2026-54-geheim'::date, '54geheim'::json, 'geheim54'::uuid;
SELECT x'55' || '55geheim';
COPY t (id, note) FROM stdin;
100	56geheim and too long
101	57geheim
\.
COPY t (id, note) FROM stdin;
102	58geheim	59geheim
\.
SELECT note FROM t ORDER BY id;
COMMENT ON TABLE t IS '60geheim';
SELECT 1 AS "plain", note AS "Note 1" FROM t AS "outer" WHERE "outer".id = 1;
VALUES (1, '61geheim'), (2, '62geheim');
EXPLAIN (COSTS off) SELECT * FROM t WHERE note = '63geheim';
"""

# What psql would not send as one statement.
ODD = (r"SELECT * FROM t WHERE note = 'O\'32geheim or so', id",
       "SELECT * FROM t WHERE note = 'O\\'33geheim' -- it's\n",
       "SELECT '34geheim", "SELECT \"34geheim", "SELECT $x$34geheim", "/* 34geheim",
       "SELECT 1; SELECT '53geheim'::int; SELECT 2")


class Privacy(unittest.TestCase):
    def setUp(self):
        start_pair(self, "privacy")
        self.primary.psql(PRIMARY)
        self.shadow.psql(SHADOW)
        self.outputs = {}

    def psql(self, parallax, script):
        # what psql itself prints may hold anything
        self.place.run([self.place.tool("psql"), "-XAtq", "-h", "127.0.0.1",
                        "-p", parallax.port, "-U", "postgres", "-f", "-",
                        "application_name=64geheim options='-c "
                        "app.start=65geheim' dbname=postgres"],
                       input=script, codes=None)

    @staticmethod
    def extended(parallax):
        client = rawclient.RawClient(parallax.port, "postgres")
        for sql, values in (
                ("INSERT INTO t (id, note) VALUES (200, $1)",
                 ["66geheim and too long"]),
                ("SELECT as_int($1)", ["67geheim"]),
                ("SELECT n FROM pairs WHERE name = $1", ["01geheim"])):
            client.ask(rawclient.statement(sql, values),
                       rawclient.message("S"))
        client.ask(rawclient.parse("SELECT '68geheim'", "69geheim") +
                   rawclient.bind((), "", "69geheim") + rawclient.execute(),
                   rawclient.message("S"))
        for sql in ODD:
            client.ask(rawclient.query(sql))
        client.close()

    def restart_mirror(self, parallax):
        """Settings survive it, so they are stored somewhere."""
        connection = psycopg2.connect(host="127.0.0.1", port=parallax.port,
                                      user="postgres", dbname="postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET app.kept = '70geheim'")
            cursor.execute("PREPARE kept AS SELECT '71geheim', $1::int")
            cursor.execute("SELECT 1")
            self.place.wait_for(lambda: b"state:" in self.stored(parallax),
                                "the session's state in the store")
            killed = parallax.process_of("mirror")
            os.kill(killed, signal.SIGKILL)
            self.place.wait_for(
                lambda: parallax.process_of("mirror") not in (None, killed),
                "another mirror")
            cursor.execute("SELECT current_setting('app.kept')")
            cursor.execute("EXECUTE kept(7)")
        connection.close()

    @staticmethod
    def stored(parallax):
        found = b""
        for path in glob.glob(parallax.store + "*"):
            with open(path, "rb") as file:
                found += file.read()
        return found

    def print_all(self, parallax):
        def output(name, *command):
            self.outputs[name] = self.place.run(
                [self.place.parallax, *command], codes=None)
        for form in ("text", "json", "html"):
            output(f"report {form}", "report", "--format", form, "--limit",
                   "0", parallax.store)
        output("gate", "gate", parallax.store)
        output("journal", "journal", parallax.journal)
        output("verify", "verify", "--show", "20", parallax.config)
        output("check", "check", parallax.config)

    def files(self, parallax, segments=False):
        for path in glob.glob(parallax.store + "*") + \
                glob.glob(parallax.journal + "/*") + \
                [self.place.path(parallax.name + ".log")]:
            if segments or "/segment-" not in path:
                with open(path, "rb") as file:
                    yield path, file.read()

    def assert_no_secret(self, parallax, segments=False):
        found = []
        for name, content in [*self.files(parallax, segments),
                              *((name, text.encode()) for name, text
                                in self.outputs.items())]:
            self.assertTrue(content or "/" in name, f"{name} is empty")
            for match in list(SECRET.finditer(content))[:5]:
                found.append((name, content[max(0, match.start() - 60):
                                            match.end() + 30]))
        self.assertFalse(found, "\n".join(map(str, found)))

    def test_no_value_is_kept(self):
        parallax = Parallax(self.place, self.primary, self.shadow,
                            extra="log: {level: debug}\n").start()
        self.psql(parallax, STATEMENTS)
        self.extended(parallax)
        self.restart_mirror(parallax)
        parallax.stop()
        report = parallax.report()
        self.print_all(parallax)
        self.assert_no_secret(parallax)
        self.assert_readable(parallax, report)

    def key_file(self, *keys):
        path = self.place.write("journal.key", "\n".join(keys) + "\n")
        os.chmod(path, 0o600)
        return path

    def test_encrypted_journal(self):
        old, new = (secrets.token_hex(32) for _ in range(2))
        key_file = self.key_file(old)
        parallax = Parallax(self.place, self.primary, self.shadow)
        self.place.write(
            "parallax.yaml", pathlib.Path(parallax.config).read_text().replace(
                "journal: {", f"journal: {{encryption: '{key_file}', "))
        parallax.start()
        self.psql(parallax, STATEMENTS)
        self.restart_mirror(parallax)
        # the next segment has the new key, after SIGHUP
        self.key_file(new, old)
        parallax.process.send_signal(signal.SIGHUP)
        self.place.wait_for(lambda: "keys of the journal reloaded" in
                            self.place.log(parallax.name), "the new key")
        parallax.stop()
        self.assertEqual(parallax.report()["exchanges"]["gaps"], 0)
        self.assert_no_secret(parallax, segments=True)
        # all of it can be read, by who has the key
        read = [self.place.parallax, "journal", "--values", parallax.journal]
        self.assertIn("37geheim", self.place.run([*read, "--keys", key_file]))
        code, output = self.place.exit_code(read)
        self.assertEqual(code, 1)
        self.assertIn("is needed to read it", output)
        self.assertNotIn("geheim", output)
        self.restart_without_key(parallax, new, old)

    def test_bad_key_file(self):
        """`check` and `run` refuse it, with the place."""
        parallax = Parallax(self.place, self.primary, self.shadow)
        config = pathlib.Path(parallax.config).read_text()
        for content, mode, said in ((None, 0o600, "No such file"),
                                    ("0011", 0o600, "64 hex digits"),
                                    ("", 0o600, "no key is in it"),
                                    ("ab" * 32, 0o640, "open to others")):
            path = self.place.path("bad.key")
            if content is not None:
                self.place.write("bad.key", content)
                os.chmod(path, mode)
            self.place.write("parallax.yaml", config.replace(
                "journal: {", f"journal: {{encryption: '{path}', "))
            for command in ("check", "run"):
                code, output = self.place.exit_code(
                    [self.place.parallax, command, parallax.config])
                self.assertEqual(code, 1, output)
                self.assertIn(said, output)

    def restart_without_key(self, parallax, new, old):
        self.key_file(new)
        parallax.process = self.place.start(
            [self.place.parallax, "run", parallax.config], "refused")
        self.assertEqual(parallax.process.wait(60), 1)
        self.assertIn("is not in the journal's key file",
                      self.place.log("refused"))
        self.key_file(new, old)
        parallax.start()
        self.psql(parallax, "SELECT 'after', '72geheim';")
        parallax.stop()
        self.assertEqual(parallax.report()["exchanges"]["unaccounted"], 0)
        self.assert_no_secret(parallax, segments=True)

    def test_purge(self):
        parallax = Parallax(self.place, self.primary, self.shadow,
                            extra="compare: {show_values: true}\n").start()
        self.psql(parallax, STATEMENTS)
        parallax.stop()
        self.assertIn(b"27geheim", self.stored(parallax))
        before = parallax.report()["exchanges"]
        purge = [self.place.parallax, "purge", parallax.config, "--before"]
        self.assertIn(" 0 piece(s)", self.place.run([*purge, "1 d"]))
        output = self.place.run([*purge, "0"])
        self.assertNotIn(" 0 piece(s)", output)
        self.assertNotIn(b"27geheim", self.stored(parallax))
        report = parallax.report()
        self.assertEqual(report["exchanges"], before)
        self.assertTrue(report["divergences"])
        for wrong in ("yesterday", "-1 d", ""):
            self.assertEqual(self.place.exit_code([*purge, wrong])[0], 3)

    def test_memory_is_private(self):
        """No other process of the user looks into ours."""
        parallax = Parallax(self.place, self.primary, self.shadow).start()
        pids = [parallax.process.pid,
                *self.place.children(parallax.process.pid)]
        look = "import sys; open('/proc/%s/mem' % sys.argv[1], 'rb')"
        for pid in pids:
            code, output = self.place.exit_code(
                ["/usr/bin/python3", "-c", look, pid])
            self.assertEqual(code, 1, f"{pid} can be read")
            self.assertIn("PermissionError", output)
        parallax.stop()

    def test_no_link_is_followed(self):
        """What someone puts in the way of our files stays as it is."""
        target = self.place.write("target", "precious")
        for name in (".crash", ".intents", ".key", ""):
            parallax = Parallax(self.place, self.primary, self.shadow,
                                name="linked")
            link = parallax.store + name
            os.symlink(target, link)
            process = self.place.start(
                [self.place.parallax, "run", parallax.config], "linked")
            self.place.wait_for(
                lambda: "Too many levels of symbolic links" in
                self.place.log("linked"), f"a refusal of {link}")
            self.place.stop_process(process)
            self.assertEqual(pathlib.Path(target).read_text(), "precious")
            for path in [*glob.glob(parallax.store + "*"),
                         self.place.path("linked.log")]:
                os.unlink(path)

    @staticmethod
    def statements(parallax):
        with contextlib.closing(sqlite3.connect(parallax.store)) as store:
            return {text for text, in
                    store.execute("SELECT text FROM statement")}

    def assert_readable(self, parallax, report):
        """Types, lengths and known names still show."""
        for wanted in ("value too long for type character varying(12)",
                       "invalid input syntax for type integer: "):
            self.assertIn(wanted, self.outputs["report json"])
        statements = self.statements(parallax)
        for wanted in ('select * from t where note = "?"',
                       "set app.token = ?", "set app.token to ?",
                       "alter role postgres set app.token = ?",
                       "prepare ? as select ? || ?", "execute ?(?)",
                       "select * from t where note = ? <unreadable>",
                       "select <unreadable>", "savepoint ?",
                       'insert into "Quoted" ("Id", "Note") values (?, ?)',
                       'select ? as "plain", note as "Note 1" from t as '
                       '"outer" where "outer".id = ?'):
            self.assertIn(wanted, statements)
        self.assertEqual(report["exchanges"]["unaccounted"], 0)
        # the restarted mirror knew the settings
        for group in report["divergences"]:
            self.assertNotIn("current_setting", group["statement"])


if __name__ == "__main__":
    unittest.main()
