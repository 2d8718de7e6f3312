"""parallax seed: the shadow is loaded through the mapping, whatever it is."""

import os
import signal
import time
import unittest

from harness import Parallax, start_pair

OLD = """
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TYPE shade AS ENUM ('dark', 'light');
CREATE DOMAIN label AS text CHECK (value <> 'never');
CREATE TABLE plain (id serial PRIMARY KEY, "Odd Name" text, at timestamptz,
  b bytea, f double precision, n numeric(10,2), tags text[], j jsonb,
  shade shade, up text GENERATED ALWAYS AS (upper("Odd Name")) STORED);
CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text UNIQUE, name text, active boolean, mood mood, legacy label,
  boss int REFERENCES users, price numeric(8,2));
CREATE TABLE orders (id bigserial PRIMARY KEY, user_id int NOT NULL REFERENCES
  users, placed date, note char(5));
CREATE TABLE audit (what text);
CREATE TABLE parted (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE parted_a PARTITION OF parted FOR VALUES FROM (MINVALUE) TO
  ('2026-01-01');
CREATE TABLE parted_b PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO
  (MAXVALUE);
CREATE TABLE base (id int);
CREATE TABLE derived (more text) INHERITS (base);
CREATE SEQUENCE ticket START 5 INCREMENT 3;
CREATE SEQUENCE lost;
"""

NEW = """
CREATE TYPE feeling AS ENUM ('fine', 'poor');
CREATE TYPE shade AS ENUM ('dark', 'light');
CREATE TABLE plain (id serial PRIMARY KEY, "Odd Name" text, at timestamptz,
  b bytea, f double precision, n numeric(10,2), tags text[], j jsonb,
  shade shade, up text GENERATED ALWAYS AS (upper("Odd Name")) STORED);
CREATE SCHEMA people;
CREATE TABLE people.accounts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY
  KEY, email_address text UNIQUE, first_name text, last_name text, status text,
  feeling feeling, superior bigint REFERENCES people.accounts,
  price_cents bigint, tenant_id int NOT NULL);
CREATE TABLE purchases (id bigserial PRIMARY KEY, account_id bigint NOT NULL
  REFERENCES people.accounts, placed date, note char(5));
CREATE TABLE parted (id int, day date);
CREATE TABLE base (id int);
CREATE TABLE derived (more text) INHERITS (base);
CREATE SEQUENCE ticket_number INCREMENT 3;
CREATE TABLE fired (what text);
CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO fired VALUES (TG_TABLE_NAME); RETURN NULL; END $$;
CREATE TRIGGER fire AFTER INSERT ON purchases FOR EACH ROW EXECUTE FUNCTION
  fire();
"""

MAPPING = """
version: 1
tables:
  users:
    rows: people.accounts
    columns:
      email: email_address
      name:
        read: "first_name || ' ' || last_name"
        write:
          first_name: "split_part(name, ' ', 1)"
          last_name: "substr(name, length(split_part(name, ' ', 1)) + 2)"
      active: {column: status, values: {true: enabled, false: disabled}}
      mood: {column: feeling, values: {good: fine, bad: poor}}
      legacy: dropped
      boss: superior
      price: {column: price_cents, read: "price_cents / 100.0", write: "round(price * 100)"}
    defaults: {tenant_id: "1"}
  orders: {rows: purchases, columns: {user_id: account_id}}
  audit: dropped
  parted_a: dropped
  parted_b: dropped
sequences: {ticket: ticket_number, orders_id_seq: purchases_id_seq}
"""

ROWS = r"""
INSERT INTO plain ("Odd Name", at, b, f, n, tags, j, shade)
SELECT CASE WHEN i % 7 = 0 THEN NULL ELSE E'a\\b\t' || chr(10) || i || 'é' END,
  now() - i * interval '1 hour', decode(md5(i::text), 'hex'), 0.1 * i,
  i / 3.0, ARRAY['x', NULL, '{' || i], jsonb_build_object('i', i),
  CASE i % 2 WHEN 0 THEN 'dark' ELSE 'light' END::shade
FROM generate_series(1, 2000) i;
INSERT INTO users (email, name, active, mood, legacy, boss, price)
SELECT i || '@example.com', CASE WHEN i % 5 = 0 THEN NULL ELSE 'Ann B. ' || i
  END, i % 3 = 0, CASE i % 2 WHEN 0 THEN 'good' ELSE 'bad' END::mood, 'x',
  CASE WHEN i > 10 THEN i - 10 WHEN i = 3 THEN 250000 END, i / 4.0
FROM generate_series(1, 250000) i;
INSERT INTO orders (user_id, placed, note) SELECT i, date '2026-01-01' + i % 99,
  'n' || i % 9 FROM generate_series(1, 3000) i;
INSERT INTO audit SELECT 'x';
INSERT INTO parted SELECT i, date '2025-06-01' + i FROM generate_series(1, 500)
  i;
INSERT INTO base SELECT i FROM generate_series(1, 10) i;
INSERT INTO derived SELECT i, 'd' FROM generate_series(1, 5) i;
SELECT nextval('ticket') FROM generate_series(1, 4);
SELECT setval('users_id_seq', 900000);
"""

SAME = (
    ("SELECT * FROM plain ORDER BY 1", "SELECT * FROM plain ORDER BY 1"),
    ("SELECT id, email, split_part(name, ' ', 1), substr(name, 5), CASE WHEN "
     "active THEN 'enabled' ELSE 'disabled' END, CASE mood WHEN 'good' THEN "
     "'fine' ELSE 'poor' END, boss, round(price * 100), 1 FROM users ORDER BY "
     "1", "SELECT id, email_address, first_name, last_name, status, feeling, "
     "superior, price_cents, tenant_id FROM people.accounts ORDER BY 1"),
    ("SELECT id, user_id, placed, note FROM orders ORDER BY 1",
     "SELECT id, account_id, placed, note FROM purchases ORDER BY 1"),
    ("SELECT id, day FROM parted ORDER BY 1",
     "SELECT id, day FROM parted ORDER BY 1"),
    ("SELECT id FROM ONLY base ORDER BY 1",
     "SELECT id FROM ONLY base ORDER BY 1"),
    ("SELECT id, more FROM derived ORDER BY 1",
     "SELECT id, more FROM derived ORDER BY 1"),
)


class SeedTest(unittest.TestCase):
    """Databases of its own for each test, on servers that all share."""

    count = 0

    @classmethod
    def setUpClass(cls):
        start_pair(cls, "seed")
        cls.shadow.psql("CREATE ROLE loader LOGIN")

    def make(self, old, new, mapping=None, user="postgres"):
        SeedTest.count += 1
        self.name = f"seed{SeedTest.count}"
        for cluster, sql in ((self.primary, old), (self.shadow, new)):
            cluster.create_database(self.name, sql)
        path = None
        if mapping:
            path = self.place.write(f"{self.name}-mapping.yaml", mapping)
        self.parallax = Parallax(self.place, self.primary, self.shadow,
                                 database=self.name, mapping=path,
                                 name=self.name)
        if user != "postgres":
            with open(self.parallax.config) as file:
                text = file.read()
            self.place.write(f"{self.name}.yaml", text.replace(
                "user: postgres, store", f"user: {user}, store"))
            self.shadow.psql(
                "GRANT ALL ON ALL TABLES IN SCHEMA public TO loader; "
                "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO loader",
                self.name)

    def seed(self, *options, code=0):
        got, output = self.place.exit_code(
            [self.place.parallax, "seed", *options, self.parallax.config])
        self.assertEqual(got, code, output)
        return output

    def old(self, sql):
        return self.primary.psql(sql, self.name).strip()

    def new(self, sql):
        return self.shadow.psql(sql, self.name).strip()

    def same(self, pairs=SAME):
        for old, new in pairs:
            left, right = self.old(old), self.new(new)
            self.assertGreater(len(left), 0)
            self.assertTrue(left == right, new)


class TestSeed(SeedTest):
    def test_all_forms(self):
        self.make(OLD, NEW, MAPPING)
        self.old(ROWS)
        output = self.seed("--jobs", "4")
        self.same()
        self.assertEqual(self.new("SELECT count(*) FROM fired"), "0")
        self.assertIn("public.users: 250000 rows", output)
        self.assertIn("through the mapping", output)
        self.assertNotIn("public.audit", output)
        self.assertIn("loaded 6 tables", output)
        # accounts -> accounts, purchases -> accounts
        self.assertIn("2 foreign keys hold", output)
        self.assertIn("sequence public.lost is not set", output)
        self.assertEqual(self.new("SELECT nextval('ticket_number')"),
                         self.old("SELECT nextval('ticket')"))
        self.assertEqual(self.new("SELECT nextval('purchases_id_seq')"),
                         self.old("SELECT nextval('orders_id_seq')"))
        self.assertEqual(self.new("SELECT nextval('plain_id_seq')"), "2001")
        # Has no name there, but the column that it feeds has a sequence.
        self.assertEqual(self.new("SELECT nextval('people.accounts_id_seq')"),
                         "900001")
        self.assertFalse(os.path.exists(self.parallax.store + ".seed"))

    def test_refuses_what_is_not_empty(self):
        self.make("CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int "
                  "REFERENCES t)", "CREATE TABLE t (id int PRIMARY KEY); "
                  "CREATE TABLE u (id int REFERENCES t)")
        self.old("INSERT INTO t SELECT generate_series(1, 5); "
                 "INSERT INTO u VALUES (1)")
        self.new("INSERT INTO t VALUES (77); INSERT INTO u VALUES (77)")
        output = self.seed(code=1)
        self.assertIn("already has rows in public.t, public.u", output)
        self.assertIn("--truncate", output)
        self.assertEqual(self.new("SELECT * FROM t"), "77")
        self.seed("--truncate")
        self.assertEqual(self.new("SELECT count(*), max(id) FROM t"), "5|5")
        # A part of them: what refers to it is in the way of TRUNCATE.
        self.old("DELETE FROM u; INSERT INTO t VALUES (6)")
        self.seed("--truncate", "--tables", "t")
        self.assertEqual(self.new("SELECT count(*) FROM t"), "6")
        self.assertEqual(self.new("SELECT count(*) FROM u"), "1")

    def test_tables(self):
        self.make(OLD, NEW, MAPPING)
        self.old("INSERT INTO base VALUES (1); INSERT INTO parted VALUES (1, "
                 "'2026-01-01')")
        output = self.seed("--tables", "public.base,parted")
        self.assertIn("loaded 2 tables, 2 rows", output)
        self.assertIn("not checked", output)
        for name in ("nonesuch", "audit", "parted_a", "other.base"):
            output = self.seed("--tables", name, code=1)
            self.assertIn(f"no table {name} to load", output)
        self.seed("--tables", "", code=3)
        self.seed("--jobs", "0", code=3)
        self.seed("--shadow", "other", code=3)

    def test_error_names_table_and_row(self):
        self.make("CREATE TABLE t (id int, secret text)",
                  "CREATE TABLE t (id int, secret varchar(12))")
        self.old("INSERT INTO t SELECT i, 'code-' || i FROM generate_series(1, "
                 "150000) i; UPDATE t SET secret = 'a secret too long' WHERE "
                 "id = 120000")
        output = self.seed(code=1)
        self.assertIn("public.t: ", output)
        self.assertIn("column secret", output)
        self.assertIn("among the rows 100001 to 150000", output)
        self.assertNotIn("a secret", output)
        self.assertEqual(self.new("SELECT count(*) FROM t"), "0")

    def test_broken_key_is_told(self):
        self.make("CREATE TABLE a (id int PRIMARY KEY); "
                  "CREATE TABLE b (id int, a int REFERENCES a)",
                  "CREATE TABLE a (id int PRIMARY KEY); "
                  "CREATE TABLE b (id int, a int REFERENCES a)",
                  "version: 1\ntables:\n  b: {columns: {a: {column: a, "
                  "read: 'a - 1', write: 'a + 1'}}}\n")
        self.old("INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1, 1), "
                 "(2, NULL)")
        self.assertIn("2 tables", self.seed())
        self.old("INSERT INTO b VALUES (3, 2)")
        output = self.seed("--truncate", code=1)
        self.assertIn("b_a_fkey is violated", output)

    def test_rows_that_the_mapping_loses(self):
        """A rewritten INSERT that stores fewer rows than were read."""
        self.make("CREATE TABLE t (id int)", "CREATE TABLE t (id int); "
                  "CREATE FUNCTION eat() RETURNS trigger LANGUAGE plpgsql AS "
                  "$$ BEGIN IF new.id = 5 THEN RETURN NULL; END IF; RETURN "
                  "new; END $$; CREATE TRIGGER eat BEFORE INSERT ON t FOR EACH "
                  "ROW EXECUTE FUNCTION eat(); ALTER TABLE t ENABLE ALWAYS "
                  "TRIGGER eat", "version: 1\ntables:\n  t: {columns: {id: "
                  "{column: id, read: 'id', write: 'id'}}}\n")
        self.old("INSERT INTO t SELECT generate_series(1, 9)")
        output = self.seed(code=1)
        self.assertIn("9 rows were read and 8 written", output)

    def test_what_cannot_be_loaded(self):
        self.make("CREATE TABLE t (id int); CREATE TABLE u (id int)",
                  "CREATE TABLE t (id int); CREATE TABLE u (id int)",
                  "version: 1\ntables:\n  t: {columns: {id: {read: '1'}}}\n")
        output = self.seed(code=1)
        self.assertIn("public.t cannot be loaded", output)
        self.assertIn("1 table cannot be loaded", output)


    def test_keys_to_a_partitioned_table(self):
        schema = ("CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);"
                  "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (50);"
                  "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (50) TO (99);"
                  "CREATE TABLE c (id int REFERENCES p) PARTITION BY RANGE "
                  "(id);"
                  "CREATE TABLE c1 PARTITION OF c FOR VALUES FROM (0) TO (99);")
        self.make(schema, schema)
        self.old("INSERT INTO p SELECT generate_series(1, 98); INSERT INTO c "
                 "SELECT id FROM p")
        output = self.seed()
        self.assertIn("1 foreign key holds", output)
        self.same((("SELECT * FROM c ORDER BY 1",) * 2,))

    def test_several_shadows(self):
        self.make("CREATE TABLE t (id int)", "CREATE TABLE t (id int)")
        self.shadow.create_database("other")
        self.shadow.psql("CREATE TABLE t (id bigint)", "other")
        self.old("INSERT INTO t SELECT generate_series(1, 9)")
        with open(self.parallax.config) as file:
            lines = file.read().splitlines()
        at = next(i for i, line in enumerate(lines) if "- {name" in line)
        lines.insert(at + 1, lines[at].replace(
            f"name: {self.name}", "name: other").replace(
            f"database: {self.name}", "database: other").replace(
            ".db'", "-other.db'"))
        self.place.write(f"{self.name}.yaml", "\n".join(lines) + "\n")
        self.seed("--shadow", "other")
        self.assertEqual(self.new("SELECT count(*) FROM t"), "0")
        self.seed("--truncate")
        self.assertEqual(self.new("SELECT count(*) FROM t"), "9")
        self.assertEqual(self.shadow.psql("SELECT count(*) FROM t",
                                          "other").strip(), "9")

    def test_live_line_on_a_terminal(self):
        self.make("CREATE TABLE t (id int, t text)",
                  "CREATE TABLE t (id int, t text)")
        self.old("INSERT INTO t SELECT i, repeat('x', 200) FROM "
                 "generate_series(1, 400000) i; ANALYZE t")
        output = self.place.run(
            ["script", "-qec", f"{self.place.parallax} seed "
             f"{self.parallax.config}", "/dev/null"])
        self.assertRegex(output, "\033\\[K0 of 1 tables, [0-9]+ rows, "
                         "[0-9]+ rows/s, about [0-9]+ s left, at public.t")
        self.assertIn("loaded 1 table, 400000 rows", output)


class TestGuarded(SeedTest):
    """An account that may not turn keys and triggers off."""

    CIRCLE = """
    CREATE TABLE c (id int PRIMARY KEY);
    CREATE TABLE z (id int PRIMARY KEY, c int NOT NULL REFERENCES c);
    CREATE TABLE a (id int PRIMARY KEY, z int REFERENCES z, up int REFERENCES
      a);
    CREATE TABLE head (id int PRIMARY KEY, body int NOT NULL);
    CREATE TABLE body (id int PRIMARY KEY, head int NOT NULL REFERENCES head
      %s);
    ALTER TABLE head ADD FOREIGN KEY (body) REFERENCES body DEFERRABLE;
    """
    DATA = """
    INSERT INTO c SELECT generate_series(1, 1000);
    INSERT INTO z SELECT i, i FROM generate_series(1, 1000) i;
    INSERT INTO a SELECT i, i % 1000 + 1, CASE WHEN i < 250000 THEN i + 1 END
      FROM generate_series(1, 250000) i;
    BEGIN; SET CONSTRAINTS ALL DEFERRED;
    INSERT INTO head SELECT i, i FROM generate_series(1, 500) i;
    INSERT INTO body SELECT i, i FROM generate_series(1, 500) i; COMMIT;
    """
    ROWS = tuple((f"SELECT * FROM {table} ORDER BY 1",) * 2
                 for table in ("c", "z", "a", "head", "body"))
    MAPPING = ("version: 1\ntables:\n  a: {columns: {z: {column: z, read: 'z',"
               " write: 'z + 0'}}}\n")

    def test_order_and_circles(self):
        self.make(self.CIRCLE % "DEFERRABLE", self.CIRCLE % "DEFERRABLE",
                  self.MAPPING, user="loader")
        self.old(self.DATA)
        output = self.seed("--jobs", "4")
        self.same(self.ROWS)
        self.assertIn("in the order of their keys", output)
        self.assertIn("foreign keys held while loading", output)
        self.seed("--truncate", "--jobs", "4")
        self.same(self.ROWS)

    def test_circle_that_may_not_wait(self):
        self.make(self.CIRCLE % "", self.CIRCLE % "", user="loader")
        self.old(self.DATA)
        output = self.seed(code=1)
        self.assertIn("in a circle", output)
        self.new("ALTER TABLE head OWNER TO loader; "
                 "ALTER TABLE body OWNER TO loader")
        self.seed()
        self.same(self.ROWS)
        self.assertEqual(self.new(
            "SELECT condeferrable, condeferred FROM pg_constraint WHERE "
            "conname = 'body_head_fkey'"), "f|f")

    def test_look_up_in_itself(self):
        """Rows refer to later ones, of what would be another chunk."""
        self.make("CREATE TABLE p (id int PRIMARY KEY, boss int REFERENCES p)",
                  "CREATE TABLE p (uid uuid PRIMARY KEY DEFAULT "
                  "gen_random_uuid(), legacy int UNIQUE NOT NULL, boss_uid uuid "
                  "REFERENCES p)", "version: 1\ntables:\n  p: {columns: {id: "
                  "legacy, boss: {lookup: {table: p, value: legacy, key: uid, "
                  "column: boss_uid}}}}\n")
        self.old("INSERT INTO p SELECT i, CASE WHEN i % 9 > 0 THEN i % 150000 + "
                 "1 END FROM generate_series(1, 150000) i")
        self.seed("--jobs", "4")
        self.same((("SELECT * FROM p ORDER BY 1",
                    "SELECT p.legacy, b.legacy FROM p LEFT JOIN p b ON b.uid = "
                    "p.boss_uid ORDER BY 1"),))

    LOOKS = """
    CREATE TABLE a (id int PRIMARY KEY, z int);
    CREATE TABLE z (id int PRIMARY KEY, a int);
    INSERT INTO z SELECT i FROM generate_series(1, 50000) i;
    INSERT INTO a SELECT id, id FROM z;
    """
    LOOKED = """
    CREATE TABLE z (uid serial PRIMARY KEY, id int UNIQUE, a int);
    CREATE TABLE a (uid serial PRIMARY KEY, id int UNIQUE, z int);
    """
    LOOK = ("  {0}: {{columns: {{{1}: {{lookup: {{table: {1}, value: id, key: "
            "uid, column: {1}}}}}}}}}\n")

    def test_look_ups_wait_without_keys(self):
        self.make(self.LOOKS, self.LOOKED, "version: 1\ntables:\n" +
                  self.LOOK.format("a", "z"))
        self.seed("--jobs", "4")
        self.same((("SELECT id, z FROM a ORDER BY 1",
                    "SELECT a.id, z.id FROM a LEFT JOIN z ON z.uid = a.z "
                    "ORDER BY 1"),))

    def test_look_ups_in_a_circle(self):
        self.make(self.LOOKS, self.LOOKED, "version: 1\ntables:\n" +
                  self.LOOK.format("a", "z") + self.LOOK.format("z", "a"))
        self.assertRegex(self.seed(code=1),
                         "public.a and public.z refer to each other")
        self.assertEqual(self.new("SELECT count(*) FROM z"), "0")

    def test_triggers_are_told_of(self):
        self.make(OLD, NEW, MAPPING, user="loader")
        self.new("GRANT USAGE ON SCHEMA people TO loader; "
                 "GRANT ALL ON ALL TABLES IN SCHEMA people TO loader;"
                 "GRANT ALL ON ALL SEQUENCES IN SCHEMA people TO loader")
        self.old("INSERT INTO users (email) VALUES ('a'); "
                 "INSERT INTO orders (user_id) VALUES (1)")
        output = self.seed()
        self.assertIn("triggers or rules fire while public.purchases", output)
        self.assertEqual(self.new("SELECT * FROM fired"), "purchases")


class TestInterrupted(SeedTest):
    SCHEMA = ("CREATE TABLE small (id int PRIMARY KEY, t text);"
              "CREATE TABLE large (id int PRIMARY KEY, t text);"
              "CREATE TABLE last (id int);")

    def setUp(self):
        self.make(self.SCHEMA, self.SCHEMA)
        self.old("INSERT INTO small SELECT i, 'x' FROM generate_series(1, 90) "
                 "i; INSERT INTO large SELECT i, repeat('y', 50) FROM "
                 "generate_series(1, 200000) i; INSERT INTO last VALUES (1)")
        self.pairs = tuple((f"SELECT * FROM {table} ORDER BY 1",) * 2
                           for table in ("small", "large", "last"))

    def start(self):
        """A seed that waits for a lock on `large`, with small loaded."""
        self.place.start(
            ["psql", "-h", "127.0.0.1", "-p", self.shadow.port, "-U",
             "postgres", "-c", "BEGIN; LOCK TABLE large IN SHARE MODE; SELECT "
             "pg_sleep(600)", self.name], f"{self.name}-locker")
        self.place.wait_for(lambda: self.new(
            "SELECT 1 FROM pg_locks WHERE mode = 'ShareLock' AND relation = "
            "'large'::regclass"), "the lock")
        process = self.place.start(
            [self.place.parallax, "seed", "--jobs", "2", self.parallax.config],
            self.name + "-seed")
        self.place.wait_for(
            lambda: "public.small: 90 rows" in self.place.log(
                self.name + "-seed"), "small to be loaded")
        self.place.wait_for(lambda: self.new(
            "SELECT 1 FROM pg_locks WHERE NOT granted"), "large to wait")
        return process

    def unlock(self):
        self.new("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                 "WHERE query LIKE '%LOCK TABLE large%' AND pid <> "
                 "pg_backend_pid()")

    def test_interrupt_and_go_on(self):
        process = self.start()
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), 1)
        self.assertIn("run it again to continue",
                      self.place.log(self.name + "-seed"))
        self.unlock()
        self.assertEqual(self.new("SELECT count(*) FROM large"), "0")
        output = self.seed()
        self.assertRegex(output, "continuing: [12] of 3 tables are loaded")
        self.assertNotIn("public.small: ", output)
        self.assertNotIn("warning", output)
        self.same(self.pairs)
        self.assertIn("already has rows", self.seed(code=1))

    def test_killed(self):
        process = self.start()
        process.kill()
        process.wait()
        self.unlock()
        self.place.wait_for(lambda: not self.new(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = "
            "'parallax seed'"), "the seed's sessions to end")
        # Written to since: what was loaded is older.
        self.old("UPDATE small SET t = 'z'")
        output = self.seed()
        self.assertIn("warning: the primary was written to", output)
        self.seed("--truncate")
        self.same(self.pairs)

    def test_noted_but_gone(self):
        """A state file that is older than the shadow is not believed."""
        process = self.start()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 1)
        self.unlock()
        self.new("TRUNCATE small, large, last")
        self.seed()
        self.same(self.pairs)

    def test_commit_that_was_not_noted(self):
        """Killed between the commit and the note of it."""
        process = self.start()
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        self.unlock()
        path = self.parallax.store + ".seed"
        with open(path) as file:
            lines = [line for line in file if not line.startswith("loaded")]
        self.place.write(os.path.basename(path), "".join(lines) + "commit 12")
        self.assertIn("continuing", self.seed())
        self.same(self.pairs)

    def test_one_snapshot(self):
        """What is written while it loads is not seen, in no table."""
        process = self.start()
        self.old("INSERT INTO large VALUES (0, 'later'); "
                 "INSERT INTO last VALUES (2); DELETE FROM small")
        self.unlock()
        self.assertEqual(process.wait(60), 0)
        self.assertEqual(self.new("SELECT count(*) FROM small"), "90")
        self.assertEqual(self.new("SELECT count(*) FROM large"), "200000")
        self.assertEqual(self.new("SELECT count(*) FROM last"), "1")


if __name__ == "__main__":
    unittest.main()
