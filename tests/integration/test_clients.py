"""Real clients through relay and mirror: psql, psycopg, pgbench, JDBC. Each must
get what the primary gives, and nothing may diverge."""

import os
import shutil
import unittest

import psycopg2
import psycopg2.extras

from harness import Parallax, ROOT, start_pair

SCHEMA = """
CREATE TABLE people (
    id serial PRIMARY KEY,
    name text NOT NULL,
    born date,
    pay numeric(10,2) NOT NULL DEFAULT 0,
    joined timestamptz NOT NULL DEFAULT now()
);
"""

PSQL = r"""
\echo -- simple
SELECT 1, 'two', NULL::int, 3.50;
INSERT INTO people (name, born) VALUES ('Ada', '1815-12-10') RETURNING id, name;
SELECT name FROM people ORDER BY id;
BEGIN; UPDATE people SET pay = 7 WHERE name = 'Ada'; SELECT pay FROM people; ROLLBACK;
SELECT pay FROM people \; SELECT count(*) FROM people;
PREPARE one (int) AS SELECT name FROM people WHERE id = $1;
EXECUTE one(1);
DEALLOCATE one;
BEGIN;
DECLARE all_people CURSOR FOR SELECT name FROM people ORDER BY id;
FETCH 1 FROM all_people;
FETCH 5 FROM all_people;
CLOSE all_people;
COMMIT;
COPY people (name, born) FROM STDIN;
Grace	1906-12-09
Edsger	1930-05-11
\.
COPY (SELECT name, born FROM people ORDER BY name) TO STDOUT;
SET search_path = public, pg_catalog;
SHOW search_path;
CREATE TEMP TABLE note (t text);
INSERT INTO note VALUES ('kept');
SELECT * FROM note;
DELETE FROM people WHERE name = 'Edsger';
\set ON_ERROR_STOP off
SELECT 1/0;
SELECT no_such_column FROM people;
INSERT INTO people (id, name) VALUES (1, 'twice');
"""


class Clients(unittest.TestCase):
    """One pair of servers for all; the shadow has the same schema."""

    @classmethod
    def setUpClass(cls):
        start_pair(cls, "clients")

    def setUp(self):
        for cluster in (self.primary, self.shadow):
            cluster.psql("DROP DATABASE IF EXISTS app")
            cluster.create_database("app", SCHEMA)
        self.proxy = Parallax(self.place, self.primary, self.shadow, "app",
                              name=self._testMethodName)
        self.proxy.start()

    def finish(self, least):
        """Drains; every exchange must be accounted for, none diverged."""
        self.proxy.stop()
        report = self.proxy.report()
        verdicts = report["verdicts"]
        exchanges = report["exchanges"]
        if verdicts["diverged"] or exchanges["unaccounted"]:
            self.place.show_logs()
        self.assertEqual([(group["class"], group["statement"], group["detail"])
                          for group in report["divergences"]], [])
        self.assertEqual(exchanges["seen"], exchanges["counted"])
        self.assertEqual(exchanges["gaps"], 0)
        self.assertEqual(verdicts["diverged"], 0)
        self.assertEqual(verdicts["failed"], 0)
        self.assertGreaterEqual(verdicts["match"], least, verdicts)
        return report

    def same_data(self, table="people"):
        query = f"SELECT * FROM {table} ORDER BY id"
        self.assertEqual(self.primary.psql(query.replace("*", "id, name, born, pay"), "app"),
                         self.shadow.psql(query.replace("*", "id, name, born, pay"), "app"))

    def test_psql_gets_what_the_primary_gives(self):
        through = self.primary.psql(PSQL, "app", port=self.proxy.port,
                                    codes=None)
        self.finish(20)
        self.same_data()
        # The same script straight at a fresh database prints the same.
        self.primary.create_database("direct")
        self.addCleanup(self.primary.psql, "DROP DATABASE direct")
        self.primary.psql(SCHEMA, "direct")
        self.assertEqual(through,
                         self.primary.psql(PSQL, "direct", codes=None))

    def connect(self, **options):
        return psycopg2.connect(host="127.0.0.1", port=self.proxy.port,
                                dbname="app", user="postgres", **options)

    def test_psycopg(self):
        with self.connect() as connection:
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO people (name, pay) VALUES (%s, %s) "
                               "RETURNING id", ("O'Brien \\ \u00e9", 12.5))
                number = cursor.fetchone()[0]
                psycopg2.extras.execute_values(
                    cursor, "INSERT INTO people (name, born) VALUES %s",
                    [(f"n{i}", f"2000-01-{i + 1:02}") for i in range(20)])
                cursor.execute("SELECT name, pay FROM people WHERE id = %s",
                               (number,))
                self.assertEqual(cursor.fetchone()[0], "O'Brien \\ \u00e9")
            connection.commit()
            with connection.cursor("server_side") as cursor:
                cursor.itersize = 6
                cursor.execute("SELECT name FROM people ORDER BY name, id")
                self.assertEqual(len(list(cursor)), 21)
            with connection.cursor() as cursor:
                with self.assertRaises(psycopg2.errors.UniqueViolation):
                    cursor.execute("INSERT INTO people (id, name) "
                                   "VALUES (%s, 'x')", (number,))
                connection.rollback()
                cursor.execute("SELECT count(*) FROM people")
                self.assertEqual(cursor.fetchone()[0], 21)
        connection.close()
        self.finish(8)

    def test_pgbench_in_its_three_protocol_modes(self):
        for cluster in (self.primary, self.shadow):
            cluster.pgbench("-i", "-q", "-s", 1, database="app")
        for mode in ("simple", "extended", "prepared"):
            output = self.primary.pgbench(
                "-n", "-M", mode, "-c", 4, "-t", 100, database="app",
                port=self.proxy.port)
            self.assertIn("number of failed transactions: 0", output)
        self.finish(3 * 4 * 100 * 7 * 9 // 10)
        for table in ("accounts", "branches", "tellers"):
            query = f"SELECT * FROM pgbench_{table} ORDER BY 1"
            self.assertEqual(self.primary.psql(query, "app"),
                             self.shadow.psql(query, "app"))

    def test_jdbc(self):
        jar = "/usr/share/java/postgresql.jar"
        classes = self.place.path("classes")
        os.makedirs(classes, exist_ok=True)
        self.place.own(classes)
        self.place.run(["javac", "-cp", jar, "-d", classes, shutil.copy(
            os.path.join(ROOT, "tests/integration/JdbcClient.java"),
            self.place.folder)])
        output = self.place.run([
            "java", "-cp", f"{classes}:{jar}", "JdbcClient",
            f"jdbc:postgresql://127.0.0.1:{self.proxy.port}/app", "postgres"])
        self.assertIn("jdbc ok", output)
        self.finish(60)
        self.same_data()


if __name__ == "__main__":
    unittest.main()
