"""Names are looked up as the primary looks them up: search_path through SET,
set_config(), savepoints and roles. The mapping renames public.t, and other.t is
not in it: a name that is read otherwise than on the primary fails."""

import os
import signal
import time
import unittest

from harness import Parallax, start_pair
from rawclient import RawClient, SYNC, bind, describe, execute, parse, query

OLD = """
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'public');
CREATE SCHEMA other;
CREATE TABLE other.t (id int, v text);
INSERT INTO other.t VALUES (1, 'other');
CREATE SCHEMA app AUTHORIZATION app;
CREATE TABLE app.t (id int, v text);
INSERT INTO app.t VALUES (1, 'app');
GRANT USAGE ON SCHEMA other TO app;
GRANT ALL ON ALL TABLES IN SCHEMA public, other, app TO app;
CREATE FUNCTION go() RETURNS void LANGUAGE plpgsql AS
    $$ BEGIN SET search_path = other; END $$;
CREATE TABLE places (id int, place text);
INSERT INTO places VALUES (1, 'other'), (2, 'other');
"""
NEW = OLD.replace("TABLE t (id int PRIMARY KEY, v text)",
                  "TABLE tt (id int PRIMARY KEY, vv text)").replace(
                      "INTO t ", "INTO tt ")
MAPPING = "version: 1\ntables: {public.t: {rows: tt, columns: {v: vv}}}\n"


class Path(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        start_pair(cls, "path")
        for cluster in (cls.primary, cls.shadow):
            cluster.psql("CREATE ROLE app LOGIN")
        cls.mapping = cls.place.write("map.yaml", MAPPING)

    def setUp(self):
        self.name = self.id().rsplit(".", 1)[-1]
        for cluster, schema in ((self.primary, OLD), (self.shadow, NEW)):
            cluster.create_database(self.name, schema)
        self.proxy = Parallax(self.place, self.primary, self.shadow, self.name,
                              mapping=self.mapping, name=self.name).start()
        self.addCleanup(self.proxy.stop, 5)
        self.client = RawClient(self.proxy.port, self.name)

    def script(self, text):
        """Gives what the primary answered."""
        return self.place.run(
            [self.place.tool("psql"), "-XAtq", "-h", "127.0.0.1", "-p",
             self.proxy.port, "-U", "postgres", "-d", self.name, "-f", "-"],
            input=text, codes=None, timeout=60).split("\n")

    def extended(self, text, *values, **options):
        kinds = self.client.ask(parse(text), bind(values, **options),
                                describe(), execute(), SYNC)
        self.assertNotIn("E", kinds, (text, kinds))

    def simple(self, text):
        kinds = self.client.ask(query(text))
        self.assertNotIn("E", kinds, (text, kinds))

    def finish(self, unknown=0):
        """All matches, but for what is not decided as its names are not
        known."""
        self.client.end()
        self.assertEqual(self.proxy.stop(60), 0)
        report = self.proxy.report()
        verdicts, exchanges = report["verdicts"], report["exchanges"]
        self.assertEqual(report["divergences"], [])
        self.assertEqual(exchanges["seen"], exchanges["counted"])
        self.assertEqual(
            [(group["verdict"], group["reason"], group["count"])
             for group in report["reasons"]],
            [("inconclusive", "session-state", unknown)] if unknown else [])
        self.assertEqual(verdicts["match"], exchanges["seen"] - unknown)

    def test_set_config(self):
        said = self.script("""
SELECT v FROM t;
SELECT set_config('search_path', 'other', false); SELECT v FROM t;
BEGIN; SELECT set_config('search_path', 'public', true); SELECT v FROM t; COMMIT; SELECT v FROM t;
BEGIN; SELECT pg_catalog.set_config('Search_Path'::text, 'public', false), 1; SELECT v FROM t; ROLLBACK; SELECT v FROM t;
SELECT set_config('search_path', 'pub' || 'lic', 't'); SELECT v FROM t;
SELECT set_config('search_path', current_schema() || ', public', false); SELECT v FROM t;
SELECT set_config('search_path', 'public', false) WHERE false; SELECT v FROM t;
SELECT set_config('search_path', 1/0 || 'public', false); SELECT v FROM t;
SELECT set_config('search_path', NULL, false); SELECT v FROM t;
SELECT set_config('search_path', place, false) FROM places; SELECT v FROM t;
SELECT set_config('app.user', 'public', false); SELECT v FROM t; SELECT current_setting('app.user');
PREPARE p (text) AS SELECT set_config('search_path', $1, false); EXECUTE p('public'); SELECT v FROM t; EXECUTE p('other'); SELECT v FROM t;
DISCARD ALL; SELECT v FROM t;
""")
        self.assertEqual((said.count("public"), said.count("other")), (11, 14))
        self.assertIn("other, public", said)
        self.finish()

    def test_parameters(self):
        """As PostgREST does it, in each transaction."""
        for schema in ("other", "public", "app", "other"):
            self.simple("BEGIN")
            self.extended("SELECT set_config('search_path', $1, true), "
                          "set_config($2, $3, $4)", schema, "app.user", "me",
                          "t")
            self.extended("SELECT v FROM t WHERE id = $1", "1")
            self.simple("COMMIT")
            self.extended("SELECT v FROM t")
        self.extended("SELECT set_config($1, $2, $3)", "search_path", "other",
                      "false")
        self.extended("SELECT v FROM t")
        self.finish()

    def test_savepoints(self):
        said = self.script("""
BEGIN; SAVEPOINT a; SET search_path = other; SELECT v FROM t; ROLLBACK TO a; SELECT v FROM t; COMMIT; SELECT v FROM t;
BEGIN; SET LOCAL search_path = other; SAVEPOINT a; SET LOCAL search_path = public; SELECT v FROM t; ROLLBACK TO a; SELECT v FROM t; COMMIT; SELECT v FROM t;
BEGIN; SAVEPOINT a; SET search_path = other; RELEASE a; SELECT v FROM t; ROLLBACK; SELECT v FROM t;
BEGIN; SAVEPOINT a; SET search_path = other; RELEASE a; COMMIT; SELECT v FROM t;
BEGIN; SAVEPOINT a; SET search_path = public; SAVEPOINT a; SET search_path = app; SELECT v FROM t; ROLLBACK TO a; SELECT v FROM t; RELEASE a; SELECT v FROM t; ROLLBACK TO a; SELECT v FROM t; COMMIT; SELECT v FROM t;
BEGIN; SAVEPOINT a; SET search_path = public; SELECT 1/0; SET search_path = app; ROLLBACK TO a; SELECT v FROM t; RESET search_path; SELECT v FROM t; COMMIT; SELECT v FROM t;
BEGIN; SET search_path = other; SAVEPOINT a; SET LOCAL search_path TO DEFAULT; SELECT v FROM t; RELEASE a; COMMIT; SELECT v FROM t;
SET LOCAL search_path = app; SELECT v FROM t; SET ROLE no_such; SELECT v FROM t;
RESET ALL; BEGIN; SAVEPOINT a; CREATE TEMP TABLE t (id int, v text); SELECT v FROM t; ROLLBACK TO a; SELECT v FROM t; COMMIT; SELECT v FROM t;
""")
        self.assertEqual([s for s in said if s in ("public", "other", "app")],
                         ["other", "public", "public", "public", "other",
                          "public", "other", "public", "other", "app",
                          "public", "public", "other", "other", "other",
                          "public", "public", "public", "other", "other",
                          "other", "public", "public"])
        self.finish()

    def test_temporary(self):
        """They hide the mapped table as long as they are there."""
        said = self.script("""
BEGIN; CREATE TEMP TABLE t ON COMMIT DROP AS SELECT 'temp' AS v; SELECT v FROM t; COMMIT; SELECT v FROM t;
BEGIN; CREATE TEMP TABLE t (v text) ON COMMIT DROP; INSERT INTO t VALUES ('temp'); SELECT v FROM t; ROLLBACK; SELECT v FROM t;
BEGIN; CREATE TEMP TABLE t (v text) ON COMMIT DROP; DROP TABLE t; SELECT v FROM t; COMMIT; SELECT v FROM t;
CREATE TEMP TABLE t (v text) ON COMMIT DROP; SELECT v FROM t;
BEGIN; CREATE TEMP TABLE u (v text) ON COMMIT DROP; CREATE TEMP TABLE t AS SELECT 'temp' AS v; COMMIT; SELECT v FROM t; DROP TABLE t; SELECT v FROM t;
BEGIN; CREATE TEMP TABLE t AS SELECT 'temp' AS v; SAVEPOINT a; DROP TABLE t; SELECT v FROM t; ROLLBACK TO a; SELECT v FROM t; COMMIT; SELECT v FROM t;
DISCARD TEMP; SELECT v FROM t;
SELECT 'temp' AS v INTO TEMP t; SELECT v FROM t; DISCARD ALL; SELECT v FROM t;
""")
        self.assertEqual([s for s in said if s in ("public", "temp")],
                         ["temp", "public", "temp", "public", "public",
                          "public", "public", "temp", "public", "public",
                          "temp", "temp", "public", "temp", "public"])
        self.finish()

    def test_roles(self):
        said = self.script("""
SET ROLE app; SELECT v FROM t; RESET ROLE; SELECT v FROM t;
BEGIN; SET LOCAL ROLE app; SELECT v FROM t; COMMIT; SELECT v FROM t;
BEGIN; SAVEPOINT a; SET SESSION AUTHORIZATION app; SELECT v FROM t; ROLLBACK TO a; SELECT v FROM t; COMMIT;
SELECT set_config('role', 'app', false); SELECT v FROM t; SET ROLE none; SELECT v FROM t;
SET SESSION AUTHORIZATION app; SELECT v FROM t; SET SESSION AUTHORIZATION DEFAULT; SELECT v FROM t;
""")
        self.assertEqual(said.count("public"), 5)
        self.finish()

    def test_prepared(self):
        """The primary reads the names of a prepared statement anew."""
        self.script("""
PREPARE q AS SELECT v FROM t; EXECUTE q; SET search_path = other; EXECUTE q; SET search_path = public; EXECUTE q;
""")
        self.finish(unknown=1)

    def test_unknown(self):
        self.script("""
SELECT 1 FROM (SELECT set_config('search_path', 'other', false)) s; SELECT v FROM t; SELECT v FROM public.t; SELECT 1;
BEGIN; SAVEPOINT a; SET search_path = public; SELECT v FROM t; ROLLBACK TO a; SELECT v FROM t; ROLLBACK; SELECT v FROM t;
SET search_path = public; SELECT v FROM t;
BEGIN; DO $$ BEGIN SET search_path = other; END $$; SELECT v FROM t; UPDATE t SET v = 'x'; ROLLBACK; SELECT v FROM t;
DO $$ BEGIN PERFORM set_config('search_path', 'other', false); END $$; SELECT v FROM t; RESET ALL; SELECT v FROM t;
SELECT go(); SELECT v FROM t; SET search_path = public; SELECT v FROM t;
DECLARE c CURSOR WITH HOLD FOR SELECT set_config('search_path', 'other', false); SELECT v FROM t; FETCH c; SELECT v FROM t; SET search_path TO DEFAULT; SELECT v FROM t;
""")
        self.finish(unknown=9)

    def test_restart(self):
        """A mirror that starts anew knows the path as it was committed."""
        self.simple("SELECT set_config('search_path', 'o' || 'ther', false)")
        self.simple("BEGIN; SAVEPOINT a; SET search_path = public; "
                    "ROLLBACK TO a; COMMIT")
        self.restart()
        self.simple("SELECT v FROM t")
        self.simple("BEGIN; SAVEPOINT a")
        self.simple("SET search_path = public")
        self.simple("ROLLBACK TO a")
        self.simple("COMMIT")
        self.restart()
        self.simple("SELECT v FROM t")
        self.extended("SELECT FROM (SELECT set_config($1, $2, $3)) s",
                      "search_path", "other", "f")
        self.restart()
        self.simple("SELECT v FROM t")
        self.simple("RESET search_path")
        self.restart()
        self.simple("SELECT v FROM t")
        self.finish(unknown=1)

    def restart(self):
        time.sleep(1.5)  # until it has written what it has counted
        before = self.proxy.process_of("mirror")
        os.kill(before, signal.SIGKILL)
        self.place.wait_for(
            lambda: self.proxy.process_of("mirror") not in (None, before),
            "a new mirror")


if __name__ == "__main__":
    unittest.main()
