"""Through an identity mapping nothing may diverge, whatever statements come: the texts
of psql's scripts (mirrored.py; test_identity_clients.py has what takes other clients)."""

import contextlib
import unittest

from harness import start_pair
from mirrored import SCHEMA, Mirrored, Scenarios
from rawclient import SYNC, bind, describe, execute, parse, query, statement


class Identity(Scenarios):
    @classmethod
    def setUpClass(cls):
        start_pair(cls, "identity")
        for cluster in (cls.primary, cls.shadow):
            cluster.psql("CREATE ROLE clerk LOGIN; CREATE ROLE boss LOGIN;"
                         "GRANT clerk TO boss;")
        cls.primary.psql("CREATE ROLE only_here LOGIN")

    def test_multi_statements(self):
        said = self.script(r"""
SELECT 1\; SELECT 2\; SELECT count(*) FROM item;
INSERT INTO item (name) VALUES ('a') RETURNING id\; UPDATE item SET price = 5 WHERE name = 'a'\; SELECT name, price FROM item WHERE name = 'a';
INSERT INTO item (name) VALUES ('b')\; SELECT 1/0\; INSERT INTO item (name) VALUES ('c');
SELECT count(*) FROM item;
BEGIN\; INSERT INTO item (name) VALUES ('d') RETURNING id\; COMMIT\; SELECT name FROM item WHERE name = 'd';
INSERT INTO item (name) VALUES ('e1') RETURNING id\; BEGIN\; INSERT INTO item (name) VALUES ('e2') RETURNING id\; COMMIT;
INSERT INTO item (name) VALUES ('f1') RETURNING id\; COMMIT\; INSERT INTO item (name) VALUES ('f2') RETURNING id\; SELECT 1/0;
BEGIN\; INSERT INTO item (name) VALUES ('g') RETURNING id\; SELECT 1/0\; COMMIT;
SELECT 'in a failed block';
COMMIT;
BEGIN\; INSERT INTO item (name) VALUES ('h') RETURNING id\; ROLLBACK\; INSERT INTO item (name) VALUES ('i') RETURNING id;
SELECT 1\; ROLLBACK\; SELECT 2;
SELECT 1\; SELEC 2\; SELECT 3;
INSERT INTO item (name) VALUES ('j')\; INSERT INTO item (name) VALUES ('j');
SELECT id, name FROM item WHERE id > 20 ORDER BY name COLLATE "C";
SELECT 1\;\; SELECT 2\; ;
BEGIN\; SAVEPOINT a\; SELECT 1/0\; ROLLBACK TO a;
ROLLBACK TO a; SELECT count(*) FROM item; COMMIT;
""", allowed={("inconclusive", "not-run"): 10})
        self.assertIn("d\n", said)

    def test_blocks(self):
        self.script(r"""
BEGIN; INSERT INTO item (name) VALUES ('a') RETURNING id; SAVEPOINT one;
UPDATE item SET price = 7 WHERE name = 'a'; SAVEPOINT two;
DELETE FROM item WHERE name = 'a'; ROLLBACK TO two; SELECT price FROM item WHERE name = 'a';
RELEASE one; COMMIT;
BEGIN; SAVEPOINT s; INSERT INTO line (item, quantity) VALUES (1, 0); SELECT 1; ROLLBACK TO s;
INSERT INTO line (item, quantity) VALUES (1, 1) RETURNING id; RELEASE s; SELECT 1/0; COMMIT;
SELECT count(*) FROM line;
BEGIN; SELECT nothing; SELECT 1; COMMIT; SELECT count(*) FROM item;
BEGIN; SAVEPOINT a; SAVEPOINT a; INSERT INTO item (name) VALUES ('b') RETURNING id; ROLLBACK TO a; RELEASE a; ROLLBACK TO a; COMMIT;
BEGIN; RELEASE nothing; ROLLBACK;
BEGIN; ROLLBACK TO nothing; ROLLBACK;
COMMIT; ROLLBACK; SAVEPOINT x; BEGIN; BEGIN; COMMIT;
START TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM item; INSERT INTO item (name) VALUES ('c') RETURNING id; COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT sum(quantity) FROM line; INSERT INTO item (name) VALUES ('no'); COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE; SELECT sum(quantity) FROM line; COMMIT;
BEGIN; SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT sum(quantity) FROM line; SHOW transaction_isolation; COMMIT;
BEGIN; SELECT 1 FROM item; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; ROLLBACK;
BEGIN; INSERT INTO item (name) VALUES ('d') RETURNING id; COMMIT AND CHAIN; INSERT INTO item (name) VALUES ('e') RETURNING id; ROLLBACK AND CHAIN; INSERT INTO item (name) VALUES ('f') RETURNING id; COMMIT;
BEGIN; SELECT 1/0; COMMIT AND CHAIN; SELECT count(*) FROM item; COMMIT;
BEGIN; SELECT 1/0; ROLLBACK AND CHAIN; SELECT count(*) FROM item; COMMIT;
COMMIT AND CHAIN; ABORT; END;
SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY;
INSERT INTO item (name) VALUES ('g');
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE;
SET TRANSACTION READ ONLY;
INSERT INTO item (name) VALUES ('h') RETURNING id;
SET default_transaction_isolation = 'serializable'; SHOW transaction_isolation; SELECT count(*) FROM item;
SELECT id, name, price FROM item ORDER BY id; SELECT * FROM line ORDER BY id;
""")

    def test_deferred(self):
        self.script(r"""
BEGIN; INSERT INTO child VALUES (1, 99); SELECT count(*) FROM child; COMMIT;
INSERT INTO child VALUES (2, 98);
SELECT * FROM child;
BEGIN; INSERT INTO child VALUES (3, 97); INSERT INTO parent VALUES (97); COMMIT;
BEGIN; INSERT INTO child VALUES (4, 96); SET CONSTRAINTS ALL IMMEDIATE; COMMIT;
BEGIN; SET CONSTRAINTS child_parent_fkey IMMEDIATE; INSERT INTO child VALUES (5, 95); COMMIT;
BEGIN; INSERT INTO child VALUES (6, 94); SAVEPOINT a; SET CONSTRAINTS ALL IMMEDIATE; ROLLBACK TO a; DELETE FROM child WHERE id = 6; COMMIT;
BEGIN; INSERT INTO child VALUES (7, 93); COMMIT AND CHAIN; SELECT 1; COMMIT;
UPDATE ranked SET rank = rank + 1; SELECT * FROM ranked ORDER BY rank;
BEGIN; UPDATE ranked SET rank = 2 WHERE id = 1; SELECT rank FROM ranked ORDER BY id; COMMIT;
INSERT INTO child VALUES (8, 92)\; SELECT count(*) FROM child;
SELECT * FROM child ORDER BY id;
""", setup="""
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE child (id int PRIMARY KEY,
    parent int REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE ranked (id int PRIMARY KEY,
    rank int UNIQUE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO ranked VALUES (1, 1), (2, 2), (3, 3);
""")

    def test_settings(self):
        self.script(r"""
SET search_path = other, public; SELECT what FROM twin; INSERT INTO twin VALUES ('added'); SELECT count(*) FROM twin;
SET search_path = public; SELECT what FROM twin;
BEGIN; SET LOCAL search_path = other; SELECT what FROM twin ORDER BY what COLLATE "C"; COMMIT; SELECT what FROM twin;
BEGIN; SET search_path = other; SELECT count(*) FROM twin; ROLLBACK; SELECT count(*) FROM twin;
BEGIN; SAVEPOINT a; SET search_path = other; SELECT count(*) FROM twin; ROLLBACK TO a; SELECT count(*) FROM twin; COMMIT; SELECT count(*) FROM twin;
SELECT set_config('search_path', 'other', false); SELECT count(*) FROM twin;
SELECT set_config('search_path', 'public', true); SELECT count(*) FROM twin;
RESET search_path; SELECT count(*) FROM twin; SHOW search_path;
SET search_path TO DEFAULT; SHOW search_path;
SET TimeZone = 'Asia/Tokyo'; SELECT at FROM moment ORDER BY id; SHOW TimeZone; INSERT INTO moment VALUES (3, '2024-01-01 00:00'); SELECT at FROM moment ORDER BY id;
SET TIME ZONE -7; SELECT at FROM moment ORDER BY id; SET TIME ZONE INTERVAL '+02:30' HOUR TO MINUTE; SELECT at FROM moment ORDER BY id; SET TIME ZONE LOCAL;
RESET TimeZone; SHOW TimeZone;
SET DateStyle = 'SQL, DMY'; SELECT at, at::date FROM moment ORDER BY id; SHOW DateStyle;
SET DateStyle = 'German'; SELECT at FROM moment ORDER BY id;
SET DateStyle = 'Postgres'; SELECT at FROM moment ORDER BY id; RESET DateStyle;
SET IntervalStyle = 'iso_8601'; SELECT i FROM moment ORDER BY id; SET IntervalStyle = sql_standard; SELECT i FROM moment ORDER BY id; SET IntervalStyle = postgres_verbose; SELECT i FROM moment ORDER BY id; RESET IntervalStyle;
SET extra_float_digits = 0; SELECT f, f / 3, b FROM moment ORDER BY id; SET extra_float_digits = -5; SELECT f FROM moment ORDER BY id;
SET bytea_output = escape; SELECT b FROM moment ORDER BY id; RESET ALL; SELECT b, f, i, at FROM moment ORDER BY id;
SET application_name = 'me'; SHOW application_name; SET app.user = '17'; SELECT current_setting('app.user'); SHOW app.user;
SELECT current_setting('app.none', true); SELECT current_setting('app.none2');
DISCARD ALL; SHOW application_name; SELECT count(*) FROM twin;
SET standard_conforming_strings = off; SELECT 'a\\b'; SELECT E'a\\b'; RESET standard_conforming_strings; SELECT 'a\\b';
SET enable_seqscan = off; SELECT count(*) FROM twin; SET work_mem = '1MB'; SHOW work_mem;
SET no_such = 1; SET work_mem = 'x';
SET client_min_messages = error; SHOW client_min_messages;
SET xmlbinary = hex; SET lc_monetary = 'C'; SELECT 12.5::money; SET check_function_bodies = off;
""", setup="""
CREATE TABLE twin (what text); INSERT INTO twin VALUES ('public');
CREATE SCHEMA other;
CREATE TABLE other.twin (what text, more int); INSERT INTO other.twin VALUES ('o');
CREATE TABLE moment (id int PRIMARY KEY, at timestamptz DEFAULT '2023-06-01 12:00+00',
    i interval DEFAULT '1 year 2 mons 3 days 04:05:06.7', f float8 DEFAULT 0.1,
    b bytea DEFAULT '\\x00ff41');
INSERT INTO moment (id) VALUES (1), (2);
""", allowed={("skipped", "side-effect"): 2})

    def test_roles(self):
        setup = SCHEMA + """
CREATE TABLE mine (id int, who text DEFAULT current_user);
GRANT SELECT, INSERT ON mine TO clerk;
GRANT ALL ON item, line TO only_there;
ALTER TABLE mine ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON mine USING (who = current_user);
INSERT INTO mine VALUES (1, 'clerk'), (2, 'boss');
CREATE SCHEMA clerk AUTHORIZATION clerk;
CREATE TABLE clerk.item (id int, here text);
INSERT INTO clerk.item VALUES (1, 'of the clerk');
GRANT ALL ON clerk.item TO clerk;
"""
        with contextlib.suppress(Exception):
            self.shadow.psql("CREATE ROLE only_there")
            self.primary.psql("CREATE ROLE only_there")
        script = """
SELECT current_user, session_user; SELECT * FROM mine ORDER BY id; SELECT * FROM item LIMIT 0;
INSERT INTO mine VALUES (3); SELECT * FROM mine ORDER BY id; SELECT * FROM line; DELETE FROM mine;
SELECT here FROM item;
"""
        with self.mirrored(setup, allowed={
                ("skipped", "unsupported"): 1,
                ("skipped", "rights"): 4}) as m:
            self.assertIn("of the clerk", m.psql(script, "clerk"))
            m.psql(script + "SET ROLE clerk;" + script + "RESET ROLE;" +
                   script + "SET ROLE postgres;", "boss")
            m.psql("SET ROLE clerk;" + script + "SET ROLE NONE;" + script +
                   "SET SESSION AUTHORIZATION clerk;" + script +
                   "RESET SESSION AUTHORIZATION;" + script +
                   "BEGIN; SET LOCAL ROLE clerk;" + script + "COMMIT;" +
                   "SELECT count(*) FROM line; DISCARD ALL;"
                   "SELECT count(*) FROM line;")
            m.psql("SELECT 1; SELECT count(*) FROM pg_class", "only_here")

    def test_temporary(self):
        self.script(r"""
CREATE TEMP TABLE note (id int, t text); INSERT INTO note VALUES (1, 'a'); SELECT * FROM note;
CREATE TEMP TABLE item AS SELECT id, 'hidden' AS name FROM public.item WHERE id < 3; SELECT * FROM item ORDER BY id; SELECT count(*) FROM public.item;
INSERT INTO item VALUES (9, 'temporary'); UPDATE item SET name = 'x' WHERE id = 9; SELECT * FROM item ORDER BY id;
DROP TABLE item; SELECT count(*) FROM item; SELECT name FROM item WHERE id = 5;
BEGIN; CREATE TEMP TABLE gone (x int) ON COMMIT DROP; INSERT INTO gone VALUES (1), (2); SELECT sum(x) FROM gone; COMMIT; SELECT * FROM gone;
CREATE TEMP TABLE kept (x int) ON COMMIT DELETE ROWS; BEGIN; INSERT INTO kept VALUES (1); SELECT count(*) FROM kept; COMMIT; SELECT count(*) FROM kept;
BEGIN; CREATE TEMP TABLE undone (x int); INSERT INTO undone VALUES (1); ROLLBACK; SELECT * FROM undone;
SELECT id, name INTO TEMP copied FROM item WHERE id < 5; SELECT * FROM copied ORDER BY id;
CREATE TEMP TABLE serials (id serial PRIMARY KEY, v text); INSERT INTO serials (v) VALUES ('a'), ('b') RETURNING id; SELECT * FROM serials ORDER BY id;
CREATE INDEX ON serials (v); SELECT * FROM serials WHERE v = 'a'; ALTER TABLE serials ADD COLUMN w int DEFAULT 3; SELECT * FROM serials ORDER BY id; TRUNCATE serials; SELECT count(*) FROM serials;
CREATE TEMP VIEW seen AS SELECT id FROM item WHERE id < 4; SELECT * FROM seen ORDER BY id;
CREATE TEMP SEQUENCE own; SELECT nextval('own'), nextval('own'); SELECT currval('own');
CREATE TABLE pg_temp.direct (x int); INSERT INTO pg_temp.direct VALUES (4); SELECT * FROM direct;
INSERT INTO item (name) SELECT t FROM note RETURNING name; 
BEGIN; SAVEPOINT a; CREATE TEMP TABLE sub (x int); ROLLBACK TO a; SELECT * FROM sub; ROLLBACK;
CREATE TEMP TABLE IF NOT EXISTS note (z int); SELECT * FROM note; 
ANALYZE note;
DISCARD TEMP; SELECT * FROM note; SELECT count(*) FROM item;
CREATE TEMP TABLE note (id int); DISCARD ALL; SELECT * FROM note;
CREATE TEMP TABLE line (a int); INSERT INTO line VALUES (1); SELECT * FROM line; SELECT count(*) FROM public.line;
ALTER TABLE line RENAME TO renamed; SELECT count(*) FROM line; SELECT * FROM renamed;
DROP TABLE renamed, copied;
""", allowed={("skipped", "maintenance"): 1, ("skipped", "ddl"): 4,
              # ALTER TABLE of a temporary table
              ("inconclusive", "session-state"): 4})

    def test_cursors(self):
        self.script(r"""
BEGIN; DECLARE c SCROLL CURSOR FOR SELECT id, name FROM item ORDER BY id;
FETCH 3 FROM c; FETCH BACKWARD 2 FROM c; MOVE 5 IN c; FETCH c; FETCH LAST FROM c; FETCH FIRST FROM c; FETCH ABSOLUTE 7 FROM c; FETCH RELATIVE -2 FROM c; MOVE BACKWARD ALL IN c; FETCH FORWARD ALL FROM c; FETCH PRIOR FROM c; FETCH 0 FROM c; CLOSE c; FETCH c; ROLLBACK;
BEGIN; DECLARE u CURSOR FOR SELECT id FROM item ORDER BY id FOR UPDATE; FETCH 2 FROM u; UPDATE item SET price = 42 WHERE CURRENT OF u; FETCH u; DELETE FROM line WHERE item = 3; DELETE FROM item WHERE CURRENT OF u; CLOSE u; COMMIT;
SELECT id, price FROM item ORDER BY id;
DECLARE h CURSOR WITH HOLD FOR SELECT id FROM item ORDER BY id; FETCH 2 FROM h; INSERT INTO item (name) VALUES ('late') RETURNING id; FETCH ALL FROM h; CLOSE h;
BEGIN; DECLARE k CURSOR WITH HOLD FOR SELECT id FROM line ORDER BY id; FETCH 2 FROM k; COMMIT; FETCH 2 FROM k; SELECT 1; FETCH 2 FROM k; CLOSE ALL; FETCH k;
DECLARE no CURSOR FOR SELECT 1;
BEGIN; DECLARE n NO SCROLL CURSOR FOR SELECT id FROM item ORDER BY id; FETCH 1 FROM n; FETCH BACKWARD 1 FROM n; ROLLBACK; FETCH n;
BEGIN; DECLARE i INSENSITIVE CURSOR FOR SELECT count(*) FROM item; INSERT INTO item (name) VALUES ('z') RETURNING id; FETCH i; COMMIT;
BEGIN; DECLARE a CURSOR FOR SELECT id FROM item ORDER BY id; SAVEPOINT s; FETCH 2 FROM a; ROLLBACK TO s; FETCH 2 FROM a; DECLARE b CURSOR FOR SELECT 1; ROLLBACK TO s; FETCH b; ROLLBACK;
BEGIN; DECLARE bin BINARY CURSOR FOR SELECT id, 1.5::numeric, now() - now() FROM item ORDER BY id; COMMIT;
BEGIN; DECLARE unsorted CURSOR FOR SELECT id FROM item; FETCH 2 FROM unsorted; MOVE 3 IN unsorted; FETCH 100 FROM unsorted; COMMIT;
""", allowed={("inconclusive", "limit-order"): 4})

    def test_generated(self):
        self.script(r"""
INSERT INTO made (v) VALUES ('a'); INSERT INTO made (v) VALUES ('b') RETURNING *; INSERT INTO made DEFAULT VALUES RETURNING id;
INSERT INTO made (id, v) VALUES (100, 'x'); INSERT INTO made (id, v) OVERRIDING SYSTEM VALUE VALUES (100, 'x') RETURNING id; INSERT INTO made (id, v) OVERRIDING USER VALUE VALUES (200, 'y') RETURNING id;
SELECT id, v, doubled FROM made ORDER BY id; SELECT * FROM made ORDER BY id;
UPDATE made SET v = 'longer' WHERE id = 1 RETURNING id, v, doubled; DELETE FROM made WHERE id = 2 RETURNING *;
SELECT nextval('counter'), nextval('counter'); SELECT currval('counter'), lastval(); SELECT setval('counter', 50); SELECT nextval('counter'); SELECT setval('counter', 50, false); SELECT nextval('counter');
SELECT last_value FROM counter; SELECT currval('made_id_seq');
INSERT INTO plain VALUES (nextval('counter'), 'n') RETURNING id; INSERT INTO plain (id, v) SELECT nextval('counter'), 'm' RETURNING id; INSERT INTO plain (v) VALUES ('d'), ('e'), (DEFAULT) RETURNING id, v;
INSERT INTO plain (v) SELECT 's' || n FROM generate_series(1, 5) n RETURNING id; INSERT INTO plain (v) SELECT 's' || n FROM generate_series(6, 9) n ORDER BY n;
SELECT * FROM plain ORDER BY id;
INSERT INTO both_keys (v) VALUES ('a'), ('b') RETURNING a, b; INSERT INTO both_keys (a, v) VALUES (70, 'c') RETURNING b; INSERT INTO both_keys VALUES (DEFAULT, DEFAULT, 'z') RETURNING *;
SELECT count(*), min(id), max(id) FROM made; SELECT now() - now(), current_date = now()::date, localtime IS NULL;
INSERT INTO clock (id) VALUES (1) RETURNING at, day, here; SELECT * FROM clock; SELECT now(), clock_timestamp(), current_date, localtime, statement_timestamp(), current_timestamp(2);
INSERT INTO clock (id, at) VALUES (2, now() + interval '1 day'), (3, clock_timestamp()); SELECT id, at > now() FROM clock ORDER BY id;
BEGIN; SELECT now(); SELECT pg_sleep(0.1); SELECT now(), clock_timestamp(); INSERT INTO clock VALUES (4) RETURNING at; COMMIT;
UPDATE clock SET at = now() WHERE id = 1 RETURNING at; SELECT age(at) < interval '1 hour' FROM clock ORDER BY id; SELECT extract(epoch FROM now());
SELECT random() < 2, gen_random_uuid() IS NULL;
INSERT INTO given (id, at) VALUES (1, now()) RETURNING *; INSERT INTO given (id, at) VALUES (2, now()) RETURNING *; UPDATE given SET seen = clock_timestamp() WHERE id = 1 RETURNING seen;
""", setup="""
CREATE SEQUENCE counter START 10;
CREATE TABLE made (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text DEFAULT 'none', doubled text GENERATED ALWAYS AS (v || v) STORED);
CREATE TABLE plain (id serial PRIMARY KEY, v text DEFAULT 'def');
CREATE TABLE both_keys (a bigserial, b int GENERATED BY DEFAULT AS IDENTITY, v text);
CREATE TABLE clock (id int, at timestamptz DEFAULT now(), day date DEFAULT current_date, here timestamp DEFAULT localtimestamp);
CREATE TABLE given (id int, at timestamptz, seen timestamptz);
""", allowed={("inconclusive", "volatile"): 3,
              ("inconclusive", "clock-predicate"): 3}, equal=False)

    def test_random(self):
        """What cannot be carried is inconclusive, and so is what reads it."""
        self.script(r"""
SELECT random(); SELECT gen_random_uuid(); SELECT count(*) FROM (SELECT random()) r;
INSERT INTO lucky (id, r) VALUES (1, random()); INSERT INTO lucky (id, r) VALUES (2, 0.5); SELECT * FROM lucky ORDER BY id;
INSERT INTO lucky (id) VALUES (3) RETURNING u; SELECT id FROM lucky WHERE r < 0.7 ORDER BY id; SELECT u FROM lucky ORDER BY id;
SELECT id FROM item ORDER BY random() LIMIT 2; SELECT id FROM item TABLESAMPLE BERNOULLI (50);
SELECT count(*) FROM item; SELECT count(*) FROM line;
""", setup=SCHEMA + """
CREATE TABLE lucky (id int PRIMARY KEY, r float8, u uuid DEFAULT gen_random_uuid());
""", allowed={("inconclusive", "volatile"): 9, ("inconclusive", "tainted"): 3,
              ("inconclusive", "unpinned"): 6,
              ("inconclusive", "limit-order"): 3}, equal=False)

    def test_carried_values_are_compared(self):
        """A generated column decides, until its table holds values that no answer
        showed."""
        m = Mirrored(self, "carried", """
CREATE TABLE ticket (id serial PRIMARY KEY, name text);
CREATE TABLE copied (id int, name text);
INSERT INTO ticket (name) VALUES ('a'), ('b');
""")
        self.addCleanup(m.parallax.stop, 5)
        self.shadow.psql("UPDATE ticket SET id = 70 WHERE name = 'b'", "carried")
        m.psql("SELECT id FROM ticket WHERE name = 'b';"
               "INSERT INTO ticket (name) VALUES ('c') RETURNING id;"
               "SELECT id, name FROM ticket WHERE name = 'b';"
               "INSERT INTO ticket (name) VALUES ('d');"
               "INSERT INTO copied SELECT * FROM ticket WHERE name = 'b';"
               "SELECT max(id), name FROM ticket WHERE name = 'b' GROUP BY name;"
               "SELECT min(id) FROM copied;")
        self.assertEqual(m.parallax.stop(60), 0)
        report = m.parallax.report()
        diverged = {group["statement"]: group["class"]
                    for group in report["divergences"]}
        self.assertEqual(diverged, {
            "select id from ticket where name = ?": "rows.value",
            "select id, name from ticket where name = ?": "rows.value"})
        self.assertEqual([(group["reason"], group["count"])
                          for group in report["reasons"]], [("unpinned", 2)])

    def test_open_choice_that_is_stored(self):
        """Which row a LIMIT takes is open, and so is what was written of it."""
        m = Mirrored(self, "choice", """
CREATE TABLE heap (n integer);
CREATE TABLE one (id integer PRIMARY KEY, v integer);
INSERT INTO heap VALUES (1), (2);
INSERT INTO one VALUES (1, 0);
CREATE TABLE other AS TABLE one;
""")
        self.addCleanup(m.parallax.stop, 5)
        self.shadow.psql("TRUNCATE heap; INSERT INTO heap VALUES (2), (1)",
                         "choice")
        m.psql("UPDATE other SET v = (SELECT n FROM heap ORDER BY n LIMIT 1);"
               "SELECT v FROM other;"
               "UPDATE one SET v = (SELECT n FROM heap LIMIT 1);"
               "SELECT v FROM one;")
        self.assertEqual(m.parallax.stop(60), 0)
        report = m.parallax.report()
        self.assertEqual(report["divergences"], [])
        self.assertEqual([(group["reason"], group["count"])
                          for group in report["reasons"]], [("tainted", 1)])

    def test_writes(self):
        self.script(r"""
INSERT INTO item (name, price) VALUES ('item 1', 9) ON CONFLICT DO NOTHING; INSERT INTO item (name, price) VALUES ('item 1', 9) ON CONFLICT (name) DO NOTHING RETURNING id;
INSERT INTO item (name, price) VALUES ('item 2', 9), ('new', 8) ON CONFLICT (name) DO UPDATE SET price = excluded.price + item.price RETURNING id, name, price;
INSERT INTO item (name) VALUES ('item 3') ON CONFLICT (name) DO UPDATE SET name = excluded.name WHERE item.id > 10 RETURNING id;
INSERT INTO item (name) VALUES ('after') RETURNING id;
MERGE INTO item USING (VALUES ('item 4', 1), ('merged', 2)) AS s (name, price) ON item.name = s.name WHEN MATCHED THEN UPDATE SET price = s.price WHEN NOT MATCHED THEN INSERT (id, name, price) VALUES (500, s.name, s.price);
WITH gone AS (DELETE FROM line WHERE quantity > 15 RETURNING item, quantity) SELECT * FROM gone ORDER BY item;
MERGE INTO item USING (SELECT 19 AS id) s ON item.id = s.id WHEN MATCHED THEN DELETE;
WITH put AS (INSERT INTO item (name) VALUES ('cte') RETURNING id) INSERT INTO line (item, quantity) SELECT id, 5 FROM put RETURNING id, item, quantity;
WITH up AS (UPDATE item SET price = price * 2 WHERE id < 4 RETURNING *), log AS (INSERT INTO line (id, item, quantity) SELECT 700 + id, id, 1 FROM up RETURNING id) SELECT (SELECT count(*) FROM up), (SELECT count(*) FROM log);
UPDATE item SET (price, tags) = (SELECT 3, ARRAY['x']) WHERE id = 7 RETURNING *; UPDATE item SET price = DEFAULT WHERE id = 8 RETURNING price; UPDATE item i SET price = l.quantity FROM line l WHERE l.item = i.id AND i.id = 9 RETURNING i.*, l.*;
DELETE FROM line USING item WHERE item.id = line.item AND item.name = 'item 10' RETURNING line.id; UPDATE item SET tags[2] = 'two', tags[1] = 'one' WHERE id = 6 RETURNING tags;
DELETE FROM item WHERE id = 11; SELECT * FROM item ORDER BY id; SELECT * FROM line ORDER BY id; TRUNCATE line; SELECT count(*) FROM line; TRUNCATE item, line RESTART IDENTITY; INSERT INTO item (name) VALUES ('first') RETURNING id;
INSERT INTO item (id, name) VALUES (1, 'twice'); INSERT INTO item (id, name) VALUES (NULL, 'x'); INSERT INTO item (name, price) VALUES ('y', 'not a number'); INSERT INTO nowhere VALUES (1); INSERT INTO item (name, price) VALUES ('big', 1e10);
SELECT * FROM item FOR UPDATE; SELECT id FROM item FOR NO KEY UPDATE SKIP LOCKED; SELECT id FROM item FOR SHARE NOWAIT; SELECT * FROM item ORDER BY id LIMIT 1 OFFSET 0; SELECT name FROM item ORDER BY name FETCH FIRST 3 ROWS ONLY;
LOCK TABLE item; BEGIN; LOCK TABLE item IN SHARE MODE; SELECT count(*) FROM item; COMMIT; TABLE item; VALUES (1, 'a'), (2, 'b');
""")

    def test_functions(self):
        self.script(r"""
SELECT add_item('f1'); SELECT count(*) FROM item; SELECT * FROM items_below(4) ORDER BY 1; CALL two_steps('c1'); CALL two_steps('c2'); SELECT name FROM item WHERE name LIKE 'c%' ORDER BY name;
DO $$ BEGIN INSERT INTO item (id, name) VALUES (900, 'do'); END $$; DO $$ BEGIN RAISE EXCEPTION 'no'; END $$; SELECT name FROM item WHERE id = 900;
DO $$ BEGIN INSERT INTO item (id, name) VALUES (901, 'do2'); COMMIT; INSERT INTO item (id, name) VALUES (902, 'do3'); ROLLBACK; END $$; SELECT count(*) FROM item;
BEGIN; CALL two_steps('c3'); ROLLBACK; BEGIN; SELECT add_item('f2'); COMMIT; SELECT count(*) FROM item;
CALL with_out(3, NULL); UPDATE item SET price = 77 WHERE id = 3; SELECT * FROM history ORDER BY 1, 2; DELETE FROM line WHERE item = 3; DELETE FROM item WHERE id = 3; SELECT old_price FROM history ORDER BY 1;
UPDATE item SET price = -1 WHERE id = 4; SELECT price FROM item WHERE id = 4; SELECT * FROM cheap ORDER BY id; INSERT INTO cheap (name, price) VALUES ('through view', 2) RETURNING name; UPDATE cheap SET price = 3 WHERE name = 'through view';
SELECT pg_advisory_lock(1), pg_try_advisory_lock(2); SELECT pg_advisory_unlock(1), pg_advisory_unlock(2); BEGIN; SELECT pg_advisory_xact_lock(5); COMMIT; SELECT pg_advisory_unlock_all();
LISTEN news; NOTIFY news, 'hello'; SELECT pg_notify('news', 'x'); UNLISTEN *; UNLISTEN news;
SELECT count(*) FROM item; SELECT * FROM generate_series(1, 3); SELECT unnest(ARRAY[3, 1, 2]); SELECT pg_backend_pid() > 0, version() IS NULL, current_database() IS NULL, pg_typeof(1);
SELECT count(*) FROM item, lateral (SELECT 1) x; SELECT inet_server_port() > 0; SELECT txid_current() > 0;
SELECT lo_create(4711); SELECT lo_from_bytea(4712, '\x00'); SELECT lo_unlink(4711);
""", setup=SCHEMA + """
CREATE FUNCTION add_item(n text) RETURNS int LANGUAGE sql AS $$ INSERT INTO item (name) VALUES (n) RETURNING id $$;
CREATE FUNCTION items_below(n int) RETURNS SETOF item LANGUAGE sql STABLE AS $$ SELECT * FROM item WHERE id < n $$;
CREATE PROCEDURE two_steps(n text) LANGUAGE plpgsql AS $$ BEGIN INSERT INTO item (name) VALUES (n || ' 1'); COMMIT; INSERT INTO item (name) VALUES (n || ' 2'); END $$;
CREATE PROCEDURE with_out(i int, INOUT o int) LANGUAGE plpgsql AS $$ BEGIN o := i * 2; END $$;
CREATE TABLE history (item int, old_price numeric, at timestamptz DEFAULT '2020-01-01');
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.price < 0 THEN RETURN NULL; END IF; INSERT INTO history VALUES (old.id, old.price); RETURN new; END $$;
CREATE TRIGGER keep BEFORE UPDATE ON item FOR EACH ROW EXECUTE FUNCTION keep();
CREATE VIEW cheap AS SELECT id, name, price FROM item WHERE price < 5;
""", allowed={("skipped", "side-effect"): 8, ("inconclusive", "unpinned"): 4,
              ("inconclusive", "volatile"): 4})

    def test_schema_changes(self):
        """The shadow has none of it; what hangs on it is no divergence."""
        self.script(r"""
CREATE TABLE fresh (id int, v text); INSERT INTO fresh VALUES (1, 'a'); SELECT * FROM fresh; SELECT f.v FROM fresh f JOIN item i ON i.id = f.id;
ALTER TABLE line ADD COLUMN note text DEFAULT 'n'; INSERT INTO line (item, quantity, note) VALUES (1, 2, 'x'); SELECT * FROM line WHERE item = 2; SELECT note FROM line LIMIT 0;
CREATE INDEX ON item (price); CREATE VIEW seen AS SELECT id FROM item; SELECT count(*) FROM seen; CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'; SELECT one();
ALTER TABLE fresh RENAME TO renamed; SELECT * FROM renamed; DROP TABLE renamed; CREATE TYPE mood AS ENUM ('sad', 'ok'); SELECT 'sad'::mood; CREATE TABLE IF NOT EXISTS item (id int);
CREATE SEQUENCE fresh_seq; SELECT nextval('fresh_seq'); CREATE SCHEMA fresh; CREATE TABLE fresh.t (x int); SELECT * FROM fresh.t; CREATE TABLE copied AS SELECT id FROM item; SELECT count(*) FROM copied; SELECT id INTO copied2 FROM item; SELECT count(*) FROM copied2;
VACUUM item; ANALYZE; REINDEX TABLE item; CLUSTER item USING item_pkey; CHECKPOINT; EXPLAIN SELECT 1; COMMENT ON TABLE item IS 'x'; GRANT SELECT ON item TO clerk;
BEGIN; CREATE TABLE undone (id int); ROLLBACK; SELECT * FROM undone; SELECT count(*) FROM item WHERE id < 10;
SELECT name FROM item WHERE id = 5; SELECT * FROM nowhere;
""", allowed={("skipped", "ddl"): 25, ("skipped", "maintenance"): 6,
              ("skipped", "unsupported"): 3, ("inconclusive", "tainted"): 25},
                    equal=False)

    def test_texts(self):
        with self.mirrored(setup=SCHEMA + "CREATE TABLE wide (" + ", ".join(
                f"c{n} int" + " DEFAULT 7" * (n < 100) for n in range(1600)) + ");"
                "CREATE TABLE words (id int, t text, b bytea);",
                allowed={("inconclusive", "truncated"): 1,
                         ("inconclusive", "undecodable"): 1}) as m:
            m.psql(r"""
; ;; -- nothing
/* only a comment */; SELEC 1; SELECT 'unfinished;
';
SELECT /* inside */ 1 -- behind
; SELECT $tag$ a ; b $tag$, $$;$$, E'\'', U&'d\0061t', 'it''s', "name" FROM item WHERE id = 1; SELECT 'x' 'y';
SELECT 1 FROM item WHERE; SELECT * FROM item WHERE name = 5; SELECT nothing(); SELECT 1 + ; SELECT "Item".id FROM item AS "Item" WHERE id = 2;
INSERT INTO wide DEFAULT VALUES; SELECT * FROM wide; INSERT INTO words VALUES (1, E'\u00e4\t\n\\', '\x0001ff'); SELECT * FROM words; SELECT t, length(t), b FROM words; SELECT E'\xff'; SELECT chr(0);
SELECT repeat('x', 100000); SELECT repeat('y', 3000000); SELECT string_agg(n::text, ',' ORDER BY n) FROM generate_series(1, 10000) n; SELECT n, md5(n::text) FROM generate_series(1, 60000) n; SELECT n, md5(n::text) FROM generate_series(1, 60000) n ORDER BY n DESC;
SELECT 1 AS "a;b", 2 AS ""; SELECT 'a' AS "?column?", NULL, ''; SELECT 1 AS a, 2 AS a; SELECT; SELECT FROM item;
""")
            one = m.raw()
            for size in (100_000, 900_000, 2_000_000):
                one.ask(query("SELECT length('" + "z" * size + "')"))
            one.ask(query("INSERT INTO words VALUES (2, '" + "z" * 800_000 +
                          "', NULL)"))
            one.ask(query(b"SELECT 'caf\xc3\xa9', '\xf0\x9f\x98\x80'"))
            one.ask(query(b"SELECT 'broken \xff\xfe'"))
            one.ask(statement("SELECT $1::text", [b"nul\0inside"]), SYNC)
            one.ask(statement("SELECT $1::text || 'x'", ["w" * 3_000_000]),
                    SYNC)
            one.end()
            for encoding, text in (("LATIN1", b"caf\xe9 \xdf"),
                                   ("SQL_ASCII", b"caf\xc3\xa9"),
                                   ("WIN1252", b"\x80 euro"),
                                   ("SJIS", b"\x83\x5c \x88\xc0")):
                one = m.raw(client_encoding=encoding)
                one.ask(query(b"INSERT INTO words (id, t) VALUES (7, '" + text
                              + b"')"))
                one.ask(query("SELECT t FROM words WHERE id = 7 ORDER BY t"))
                one.ask(statement("SELECT $1::text, id FROM words WHERE t = $1 "
                                  "ORDER BY id", [text]), SYNC)
                one.ask(query("SET client_encoding = 'UTF8'"))
                one.ask(query("SELECT t FROM words WHERE id = 7 ORDER BY t"))
                one.end()

    def test_types(self):
        values = r"""
SELECT '{"b": 1, "a": [1.0, null]}'::json, '{"b":1,"a":2}'::jsonb, ARRAY[[1,2],[3,NULL]], '{a,"b,c"}'::text[];
SELECT '[1,5)'::int4range, 'empty'::numrange, '{[1,2),[5,7)}'::int4multirange, '[2020-01-01,)'::daterange, tstzrange('2020-01-01Z', NULL);
SELECT mood, size, spot, (spot).x, moods, spots FROM thing ORDER BY id; SELECT thing FROM thing ORDER BY id; SELECT ROW(1, 'a', NULL), (SELECT t FROM thing t WHERE id = 1);
SELECT 1::smallint, 2::bigint, 1.10::numeric, 'NaN'::numeric, 'Infinity'::float8, 0.1::float4, -0.0::float8, true, 'c'::"char", 'n'::name, 'x'::char(5), 'v'::varchar(9), '\xde00'::bytea;
SELECT date '2020-02-29', time '24:00', timetz '12:00+02', timestamp '2020-01-01 00:00:00.000001', timestamptz '0044-03-15 BC', interval '1 mon -3 days 04:00', 'infinity'::date, '-infinity'::timestamptz;
SELECT 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid, '10.0.0.1/8'::inet, '10.0.0.0/8'::cidr, '08:00:2b:01:02:03'::macaddr, B'101', '101'::varbit, 12.34::money, 'a b'::tsvector, 'a & b'::tsquery;
SELECT point '(1,2)', box '(0,0),(1,1)', circle '<(1,1),2>', lseg '[(0,0),(1,1)]', path '((0,0),(1,1))', polygon '((0,0),(1,1))', line '{1,2,3}', 1::oid, 'int4'::regtype, '1/2'::pg_lsn, '(1,2)'::tid, '5'::xid;
SELECT id, mood > 'sad', size + 1 FROM thing ORDER BY mood, id; SELECT array_agg(id ORDER BY id), json_agg(t ORDER BY id) FROM thing t; SELECT jsonb_build_object('a', mood) FROM thing ORDER BY id; SELECT array_agg(spot ORDER BY id) FROM thing;
"""
        with self.mirrored(setup=SCHEMA + """
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy'); CREATE DOMAIN size AS int CHECK (value > 0); CREATE TYPE spot AS (x int, y text);
CREATE TABLE thing (id int PRIMARY KEY, mood mood, size size, spot spot, moods mood[], spots spot[]);
INSERT INTO thing VALUES (1, 'ok', 3, (1, 'a b'), '{sad,ok}', ARRAY[(1, 'x')::spot]), (2, NULL, NULL, NULL, NULL, NULL), (3, 'sad', 9, (NULL, ''), '{}', '{}');
""") as m:
            # other ids of the types on the shadow
            m.psql("UPDATE thing SET mood = 'happy', size = 0 WHERE id = 1; "
                   "UPDATE thing SET spot.x = 7 WHERE id = 1 RETURNING *;"
                   + values)
            one = m.raw()
            for sql in values.strip().split(";\n"):
                for sql in sql.split("; "):
                    for described in (describe(), b""):
                        for form in ([], [0], [1]):
                            one.ask(parse(sql), bind(results=form), described,
                                    execute(), SYNC)
            one.ask(parse("INSERT INTO thing (id, mood, size) VALUES ($1, $2, "
                          "$3) RETURNING mood, size"),
                    bind([b"\0\0\0\x09", "happy", b"\0\0\0\5"],
                         formats=[1, 0, 1], results=[0, 1]), execute(), SYNC)
            one.end()


if __name__ == "__main__":
    unittest.main()
