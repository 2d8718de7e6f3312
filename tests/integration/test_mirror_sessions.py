"""What a session is, followed on the shadow: blocks, savepoints, settings,
prepared statements, cursors, temporary tables, COPY, failures."""

import sqlite3
import unittest

import rawclient
from harness import Parallax, start_pair

SCHEMA = """
CREATE TABLE item (id serial PRIMARY KEY, name text UNIQUE, n int NOT NULL
    DEFAULT 0, CHECK (n < 1000));
CREATE TABLE part (id int PRIMARY KEY, item int REFERENCES item
    DEFERRABLE INITIALLY DEFERRED);
CREATE SCHEMA other;
CREATE TABLE other.item (id int, note text);
INSERT INTO other.item VALUES (1, 'of the other schema');
INSERT INTO item (name, n) SELECT 'n' || i, i FROM generate_series(1, 20) i;
CREATE ROLE app LOGIN;
GRANT ALL ON ALL TABLES IN SCHEMA public, other TO app;
GRANT ALL ON SCHEMA public, other TO app;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO app;
"""

SCRIPT = r"""
\set ON_ERROR_STOP off
BEGIN; UPDATE item SET n = n + 1 WHERE id = 1; COMMIT;
BEGIN; UPDATE item SET n = 5000 WHERE id = 1; SELECT 1; ROLLBACK;
BEGIN;
UPDATE item SET n = 50 WHERE id = 2;
SAVEPOINT a;
UPDATE item SET n = 5000 WHERE id = 2;
SELECT 1;
ROLLBACK TO a;
SELECT n FROM item WHERE id = 2;
RELEASE a;
INSERT INTO item (name) VALUES ('n1');
COMMIT;
SELECT n FROM item WHERE id = 2;
BEGIN; SELECT 1/0; COMMIT;
INSERT INTO item (name) VALUES ('single') RETURNING id;
INSERT INTO item (name) VALUES ('single');
UPDATE item SET n = 7 WHERE id = 3 \; UPDATE item SET n = 5000 WHERE id = 3;
SELECT n FROM item WHERE id = 3;
UPDATE item SET n = 8 WHERE id = 3 \; SELECT n FROM item WHERE id = 3 \; SELECT 2;
BEGIN \; UPDATE item SET n = 9 WHERE id = 3 \; COMMIT \; BEGIN \; UPDATE item SET n = 10 WHERE id = 3;
ROLLBACK;
SELECT n FROM item WHERE id = 3;
BEGIN; INSERT INTO part VALUES (1, 999); COMMIT;
BEGIN; INSERT INTO part VALUES (2, 1); COMMIT;
BEGIN; INSERT INTO part VALUES (3, 999); SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM item; UPDATE item SET n = 3 WHERE id = 5; COMMIT;
BEGIN; SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT sum(n) FROM item; COMMIT AND CHAIN;
SELECT sum(n) FROM item; COMMIT;
SET search_path = other, public;
SELECT note FROM item;
BEGIN; SET LOCAL search_path = public; SELECT name FROM item WHERE id = 4; COMMIT;
SELECT note FROM item;
BEGIN; SET search_path = public; SELECT name FROM item WHERE id = 4; ROLLBACK;
SELECT note FROM item;
RESET search_path;
SELECT name FROM item WHERE id = 4;
SET statement_timeout = '10s';
SHOW statement_timeout;
SET TIME ZONE 'Asia/Tokyo';
SELECT '2024-01-01 00:00:00+00'::timestamptz;
PREPARE one (int) AS SELECT name FROM item WHERE id = $1;
EXECUTE one(6);
PREPARE two AS UPDATE item SET n = n + 1 WHERE id = 7 RETURNING n;
EXECUTE two;
DEALLOCATE one;
EXECUTE one(6);
BEGIN; DECLARE c CURSOR FOR SELECT id, name FROM item ORDER BY id; FETCH 3 FROM c; MOVE 2 IN c; FETCH NEXT FROM c; CLOSE c; FETCH c; ROLLBACK;
CREATE TEMP TABLE tmp (a int, b text);
INSERT INTO tmp SELECT id, name FROM item WHERE id < 5;
SELECT * FROM tmp ORDER BY a;
CREATE TEMP TABLE item (x int);
INSERT INTO item VALUES (42);
SELECT * FROM item;
DROP TABLE item;
COPY tmp FROM STDIN;
10	ten
11	eleven
\.
COPY (SELECT * FROM tmp ORDER BY a) TO STDOUT;
COPY public.item (id, name) FROM STDIN;
1	twice
\.
SELECT set_config('application_name', 'me', false);
LISTEN ch; NOTIFY ch;
DISCARD ALL;
SELECT * FROM tmp;
SELECT name FROM item WHERE id = 4;
SELECT nope FROM item;
SELEC 1;
SELECT count(*) FROM item WHERE name LIKE 'n%';
BEGIN; UPDATE item SET n = 100 WHERE id = 8;
"""


class Sessions(unittest.TestCase):
    def setUp(self):
        start_pair(self, "sessions")
        for cluster in (self.primary, self.shadow):
            cluster.psql(SCHEMA)
        self.parallax = Parallax(self.place, self.primary,
                                 self.shadow).start()

    def others(self):
        """Verdicts other than match, and the counts."""
        self.parallax.stop(60)
        with sqlite3.connect(self.parallax.store) as store:
            seen = int(store.execute(
                "SELECT value FROM fact WHERE key = 'seen'").fetchone()[0])
            total = store.execute("SELECT sum(count) FROM tally").fetchone()[0]
            rows = store.execute(
                "SELECT s.text, t.verdict, t.class, t.reason, t.count, t.detail"
                " FROM tally t JOIN statement s USING (fingerprint)"
                " WHERE verdict != 'match'").fetchall()
        self.assertEqual(total, seen)
        for row in rows:
            print(row)
        return rows

    def same(self):
        query = ("SELECT * FROM item ORDER BY 1; SELECT * FROM part ORDER BY 1;"
                 "SELECT * FROM other.item")
        self.assertEqual(self.primary.psql(query), self.shadow.psql(query))

    def test_psql(self):
        for user in ("postgres", "app"):
            self.primary.psql(SCRIPT, port=self.parallax.port, user=user,
                              codes=None)
        rows = self.others()
        self.assertEqual([row for row in rows if row[1] == "diverged"], [])
        self.same()


SHOW = ["SHOW transaction_isolation", "SHOW transaction_read_only",
        "SHOW transaction_deferrable"]
BLOCK = ["BEGIN", *SHOW, "COMMIT"]
LOST = None  # the shadow loses the session's connection
CHARACTERISTICS = [
    *BLOCK,
    "BEGIN ISOLATION LEVEL SERIALIZABLE, READ ONLY, DEFERRABLE", *SHOW,
    'SAVEPOINT "a ""b"', "SELECT count(*) FROM item", 'ROLLBACK TO "a ""b"',
    'RELEASE "a ""b"', "SAVEPOINT select_1", "SELECT 1/0",
    "ROLLBACK TO select_1", "COMMIT AND CHAIN", *SHOW, "ROLLBACK AND CHAIN",
    *SHOW, "COMMIT",
    "START TRANSACTION READ WRITE, NOT DEFERRABLE", *SHOW, "ROLLBACK",
    "BEGIN", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", *SHOW,
    "SET transaction_read_only = on", *SHOW, "COMMIT",
    "BEGIN", "BEGIN READ ONLY", *SHOW, "COMMIT", "COMMIT",
    # each has its own memory
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    LOST, *BLOCK,
    "SET default_transaction_isolation TO 'serializable'",
    "SET default_transaction_deferrable TO on", LOST, *BLOCK,
    "RESET default_transaction_read_only", LOST, *BLOCK,
    "SET default_transaction_isolation TO DEFAULT", LOST, *BLOCK,
    # undone with its transaction
    "BEGIN", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "ROLLBACK",
    LOST, *BLOCK,
    "SET default_transaction_isolation = 'no such level'",
    "RESET ALL", LOST, *BLOCK,
]


# How a read of the catalog begins.
CATALOG = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Characteristics(unittest.TestCase):
    """What a client says of its transactions holds on the shadow, also on a new
    connection, in the words of the shadow's engine."""

    # The client's own texts, which the shadow is not sent.
    OWN = ["START TRANSACTION READ WRITE", "SET default_transaction_deferrable",
           "SET transaction_read_only"]

    def test_characteristics(self):
        start_pair(self, "characteristics")
        for cluster in (self.primary, self.shadow):
            cluster.psql(SCHEMA)
        self.shadow.psql("ALTER DATABASE postgres SET log_statement = 'all'")
        self.parallax = Parallax(self.place, self.primary,
                                 self.shadow).start()
        client = rawclient.RawClient(self.parallax.port, "postgres")
        for text in CHARACTERISTICS:
            if text is LOST:
                self.lose()
            else:
                client.ask(rawclient.query(text))
        client.end()
        self.assertEqual(self.parallax.stop(), 0)
        report = self.parallax.report()
        verdicts = report["verdicts"]
        self.assertEqual(report["divergences"], [])
        self.assertEqual(verdicts["match"], sum(verdicts.values()), verdicts)
        # Not of those who read the catalog.
        log = "\n".join(line for line in self.place.log("shadow").splitlines()
                        if not line.endswith(CATALOG))
        for text in self.OWN:
            self.assertNotIn(text, log)

    def lose(self):
        before = [None]

        def caught_up():
            exchanges = self.parallax.report()["exchanges"]
            last, before[0] = before[0], exchanges["seen"]
            return last == before[0] == exchanges["counted"]

        self.place.wait_for(caught_up, "the verdicts", 60)
        self.shadow.psql("SELECT pg_terminate_backend(pid) FROM "
                         "pg_stat_activity WHERE application_name LIKE "
                         "'parallax:%'")


if __name__ == "__main__":
    unittest.main()
