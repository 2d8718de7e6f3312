"""Two engines at once: PostgreSQL's own record as the primary, and the same with its
capabilities turned off as the shadow (adapters/postgres/reduced.h), in one process.
Nothing differs from two full ones but what a missing capability makes impossible, and
that is said."""

import os
import re
import signal
import struct
import subprocess
import threading
import unittest

import extent
import rawclient
from harness import Parallax, needs_engine, start_pair
from test_copy_mapped import binary
import test_lowering
import test_matrix
import test_mirror_sessions
import test_rewrite_random
import test_verify

ENGINE = "postgres-reduced"


class Reduced:
    ENGINE = ENGINE

    @classmethod
    def setUpClass(cls):
        needs_engine(cls.ENGINE)
        os.environ["PARALLAX_TEST_ENGINE"] = cls.ENGINE
        cls.addClassCleanup(os.environ.pop, "PARALLAX_TEST_ENGINE")
        super().setUpClass()


class Waves(Reduced, test_lowering.Waves):
    """What runs in steps, with a savepoint of the driver's around each."""

    def test_writes(self):
        super().test_writes()
        log = self.place.log("shadow")
        for part in ("SAVEPOINT parallax_guard",
                     "INSERT INTO parallax.transactions"):
            self.assertIn(part, log)
        for part in ("txid_", " RETURNING id"):
            self.assertNotIn(part, log)


# What cannot be done without a capability, by the reason that the plan gives.
MISSING = (*test_lowering.UNSTEPPED, "the shadow's engine has no RETURNING",
           "engine has no sequences", "asks for a number of a sequence")


class Matrix(Reduced, test_matrix.Matrix):
    """Every statement under every change: what differs from two full engines is
    refused, for the want of a capability, and nothing else differs."""

    LONG = "every statement under every change, with the reduced engine"

    def look(self, workshop, change, units):
        results, wrong = super().look(workshop, change, units)
        for _, outcome in results:
            if any(each in (outcome.reason or "") for each in MISSING):
                reason = re.sub('"[^"]*"', "...", outcome.reason)
                self.refused[reason] = self.refused.get(reason, 0) + 1
            self.read += sum("parallax_returned" in step["text"]
                             for said in outcome.said
                             for step in said.get("steps", []))
        return results, wrong

    def test_every_change_by_every_statement(self):
        self.refused, self.read = {}, 0
        super().test_every_change_by_every_statement()
        print("read by a key:", self.read)
        for reason, count in sorted(self.refused.items()):
            print(f"refused: {count} {reason}")
        self.assertGreater(self.read, 0)

    def hold_pages(self, seen, old, new):
        """The pages are of two full engines."""


class Some(Matrix):
    LONG = None

    def changes(self):
        return ["rename-table", "split-optional"]


# A commit on the shadow waits for whoever holds this lock.
HELD = 42
SLOW = f"""
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
	'BEGIN PERFORM pg_advisory_xact_lock({HELD}); RETURN NULL; END';
CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON accounts
	DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();
"""


class Held(Reduced, unittest.TestCase):
    """Relay and mirror, and a session of the shadow that holds the mirror up."""

    def setUp(self):
        start_pair(self, "engines")
        self.primary.psql(test_lowering.OLD)
        self.shadow.psql(test_lowering.NEW)

    def start(self):
        self.parallax = Parallax(
            self.place, self.primary, self.shadow,
            mapping=self.place.write("mapping.yaml",
                                     test_lowering.MAPPING)).start()
        self.place.wait_for(self.mirror, "the mirror")

    def mirror(self):
        return self.parallax.process_of("mirror")

    def holding(self, lock):
        """A session of the shadow that holds a lock until it is let go. What it
        writes is committed then."""
        process = self.place.start(
            [self.place.tool("psql"), "-q", "-h", self.shadow.host, "-p",
             str(self.shadow.port), "-U", "postgres", "postgres"], "holder",
            stdin=subprocess.PIPE)
        process.stdin.write(f"BEGIN;\n{lock};\n".encode())
        process.stdin.flush()
        self.place.wait_for(lambda: self.count(
            "application_name = 'psql' AND state = 'idle in transaction' "
            "AND query NOT LIKE 'BEGIN%'"), "the lock")
        return process

    def count(self, condition):
        return int(self.shadow.psql(
            "SELECT count(*) FROM pg_stat_activity WHERE pid <> "
            f"pg_backend_pid() AND {condition}"))

    def let_go(self, process):
        process.communicate(b"COMMIT;\n")

    def waits(self):
        self.place.wait_for(lambda: self.count("wait_event_type = 'Lock'"),
                            "a statement that waits")

    def send(self, text):
        self.primary.psql(text, port=self.parallax.port)

    def end(self):
        self.assertEqual(self.parallax.stop(120), 0)
        report = self.parallax.report()
        self.assertEqual(report["divergences"], [])
        self.assertEqual(report["verdicts"]["failed"], 0)
        code, output = self.place.exit_code(
            [self.place.parallax, "verify", "--quiet", self.parallax.config])
        self.assertEqual(code, 0, output)


class Kills(Held):
    """The mirror dies where it hurts, and each write is there exactly once."""

    def kill_mirror(self):
        before = self.mirror()
        os.kill(before, signal.SIGKILL)
        self.place.wait_for(lambda: self.mirror() not in (None, before),
                            "another mirror", 60)

    def test_between_waves(self):
        """The rows are found and locked, the first place is written."""
        self.start()
        holder = self.holding("LOCK TABLE profiles IN SHARE MODE")
        self.send("UPDATE users SET n = n + 1, bio = bio || '!' WHERE id < 9")
        self.waits()
        self.kill_mirror()
        self.let_go(holder)
        self.end()

    def test_in_commit(self):
        """Its COMMIT is under way, and goes through without the mirror."""
        self.shadow.psql(SLOW)
        self.start()
        holder = self.holding(f"SELECT pg_advisory_xact_lock({HELD})")
        self.send("UPDATE users SET n = n + 1, bio = bio || '!' WHERE id < 9")
        self.waits()
        self.kill_mirror()
        self.let_go(holder)
        self.end()
        self.assertNotIn("is not known", self.place.log("parallax"))

    def test_in_commit_that_fails(self):
        """... and is undone: it is made again."""
        self.shadow.psql(SLOW)
        self.start()
        holder = self.holding(f"SELECT pg_advisory_xact_lock({HELD})")
        self.send("UPDATE users SET n = n + 1, bio = bio || '!' WHERE id < 9")
        self.waits()
        before = self.mirror()
        os.kill(self.parallax.process.pid, signal.SIGSTOP)
        os.kill(before, signal.SIGKILL)
        self.shadow.psql("SELECT pg_terminate_backend(pid) FROM "
                         "pg_stat_activity WHERE wait_event_type = 'Lock'")
        os.kill(self.parallax.process.pid, signal.SIGCONT)
        self.place.wait_for(lambda: self.mirror() not in (None, before),
                            "another mirror", 60)
        self.let_go(holder)
        self.end()

    def test_again_and_again(self):
        self.start()
        done = threading.Event()

        def work(first):
            for i in range(40):
                self.send(f"UPDATE users SET n = n + 1, bio = bio || '{i}' "
                          f"WHERE id BETWEEN {first} AND {first + 9};"
                          "INSERT INTO users VALUES "
                          f"({100000 + 100 * first + i}, NULL, {i}, 'x');")

        clients = [threading.Thread(target=work, args=(first,))
                   for first in (1, 11, 21)]
        for client in clients:
            client.start()
        for _ in range(5):
            done.wait(0.7)
            self.kill_mirror()
        for client in clients:
            client.join()
        self.end()


class Races(Held):
    """A row of ON CONFLICT comes, or goes, after it was looked for: the statement
    looks again."""

    UPSERT = ("INSERT INTO users VALUES (50000, 'late', 1, 'x') ON CONFLICT (id) "
              "DO UPDATE SET n = users.n + 1, bio = excluded.bio RETURNING id, n")

    def race(self, on_primary, on_shadow):
        """Both happen beside the relay; the second one is under way on the shadow
        when the mirror looks."""
        self.start()
        self.primary.psql(on_primary)
        holder = self.holding(on_shadow)
        self.send(self.UPSERT)
        self.waits()
        self.let_go(holder)
        self.end()
        report = self.parallax.report()
        self.assertEqual(report["verdicts"]["inconclusive"], 0, report)

    def test_row_that_came(self):
        self.race("INSERT INTO users VALUES (50000, 'late', 7, NULL)",
                  "INSERT INTO accounts VALUES (50000, 'late', 7)")

    def test_row_that_went(self):
        for cluster, table in ((self.primary, "users"),
                               (self.shadow, "accounts")):
            more = ", NULL" if table == "users" else ""
            cluster.psql(f"INSERT INTO {table} VALUES "
                         f"(50000, 'late', 7{more})")
        self.race("DELETE FROM users WHERE id = 50000",
                  "DELETE FROM accounts WHERE id = 50000")


class Blocks(Held):
    """The failure of a statement undoes that statement, and its block goes on."""

    def test_failure_within_a_block(self):
        plain = "CREATE TABLE plain (id integer PRIMARY KEY{})"
        self.primary.psql(plain.format(""))
        self.shadow.psql(plain.format(" CHECK (id <> 2)"))
        self.shadow.psql("ALTER DATABASE postgres SET log_statement = 'all'")
        self.start()
        client = rawclient.RawClient(self.parallax.port, "postgres")
        for text in ("BEGIN", "INSERT INTO plain VALUES (1)",
                     "INSERT INTO plain VALUES (2)",
                     "INSERT INTO plain VALUES (3) RETURNING id", "COMMIT"):
            self.assertNotIn("E", client.ask(rawclient.query(text)))
        client.end()
        self.assertEqual(self.parallax.stop(), 0)
        report = self.parallax.report()
        self.assertEqual([one["class"] for one in report["divergences"]],
                         ["error.shadow"], report)
        self.assertEqual(self.shadow.psql("SELECT id FROM plain").split(),
                         ["1", "3"])
        # It was not begun again for a savepoint of the mirror's.
        self.assertEqual(self.place.log("shadow").count(
            "INSERT INTO plain VALUES (1)"), 1)


class Characteristics(Reduced, test_mirror_sessions.Characteristics):
    """An engine that begins a transaction in two commands."""

    OWN = [*test_mirror_sessions.Characteristics.OWN, ": BEGIN ISOLATION",
           ": START TRANSACTION READ"]


class Values(Held):
    """Binary forms are one engine's own: they go to the other one as texts."""

    INTEGER, TEXT, POINT = 23, 25, 600

    def test_binary_forms(self):
        for cluster in (self.primary, self.shadow):
            cluster.psql("CREATE TABLE counted (id serial PRIMARY KEY, at date)")
        self.shadow.psql("SELECT setval('counted_id_seq', 77)")
        self.start()
        client = rawclient.RawClient(self.parallax.port, "postgres")

        def ask(sql, values, types):
            answer = client.ask(rawclient.statement(
                sql, values, types, formats=(1,), results=(1,)), rawclient.SYNC)
            self.assertNotIn("E", answer, sql)

        ask("UPDATE users SET n = $1, bio = $3 WHERE id = $2 RETURNING id, n, bio",
            [struct.pack(">i", -5), struct.pack(">i", 7), b"seven"],
            [self.INTEGER, self.INTEGER, self.TEXT])
        ask("SELECT id, n, email, 1.5::numeric, now() FROM users WHERE id = $1",
            [struct.pack(">i", 7)], [self.INTEGER])
        # What the primary has generated is carried over.
        ask("INSERT INTO counted (at) VALUES ($1) RETURNING id, at",
            [struct.pack(">i", 366)], [1082])
        # Of a type whose binary form nobody here reads.
        ask("SELECT $1", [struct.pack(">dd", 1, 2)], [self.POINT])
        client.end()
        self.end()
        verdicts = self.parallax.report()["verdicts"]
        self.assertEqual(verdicts["untranslatable"], 1, verdicts)
        self.assertGreaterEqual(verdicts["match"], 3, verdicts)
        self.assertEqual(self.shadow.psql("SELECT id, at FROM counted"),
                         self.primary.psql("SELECT id, at FROM counted"))


    ODD = """
CREATE TABLE odd (id serial PRIMARY KEY, ok boolean, raw bytea, at timestamptz,
    local timestamp, day date, n numeric, flags boolean[], span interval,
    drawn boolean DEFAULT random() < 0.5,
    token bytea DEFAULT decode(md5(random()::text), 'hex'))
"""
    TEXTS = (
        (b"t", b"\\x00ff5c", b"2024-01-02 03:04:05.5+01", b"2024-01-02 00:00:00",
         b"0044-03-15 BC", b"1.50", b"{t,NULL,f}", b"1 mon 24:00:00"),
        (b"off", b"a\\\\b", b"infinity", b"-infinity", b"infinity", b"NaN",
         b"{}", b"-1 days"),
        (None,) * 8,
    )
    # As the reduced engine writes them, and as texts that both engines share.
    WRITTEN = ("yes", "no", "\\000\\377\\134", "20240102 020405.5+00",
               "20240102 000000", "00440315 BC", "1.50", "{t,NULL,f}",
               "INFINITY", "-INFINITY", "NAN")

    def test_texts(self):
        for cluster in (self.primary, self.shadow):
            cluster.psql(self.ODD)
        # What fails shows the texts as they came.
        self.shadow.psql("ALTER DATABASE postgres SET "
                         "log_parameter_max_length_on_error = -1")
        self.start()
        client = rawclient.RawClient(self.parallax.port, "postgres")

        def ask(sql, values, types=(0,)):
            return client.ask(rawclient.statement(sql, values, list(types)),
                              rawclient.SYNC)

        columns = ("ok", "raw", "at", "local", "day", "n", "flags", "span")
        for texts in self.TEXTS:
            for id in ("DEFAULT", "1"):
                failed = "E" in ask(
                    f"INSERT INTO odd (id, {', '.join(columns)}) VALUES ({id}, $1, "
                    "$2, $3, $4, $5, $6, $7, $8) RETURNING *", texts, [0] * 8)
                self.assertEqual(failed, id == "1")
        for column, text in zip(columns, self.TEXTS[0]):
            self.assertIn("D", ask(
                f"SELECT id FROM odd WHERE {column} = $1", [text]), column)
        # Both servers refuse it.
        self.assertIn("E", ask("UPDATE odd SET day = $1", [b"no day"]))
        # The primary's adapter reads no such text, so nobody knows its form.
        self.assertNotIn("E", ask("UPDATE odd SET day = $1 WHERE id = 1",
                                  [b"tomorrow"]))
        client.end()
        self.assertEqual(self.parallax.stop(120), 0)
        report = self.parallax.report()
        self.assertEqual(report["verdicts"]["untranslatable"], 1, report)
        self.assertEqual(report["divergences"], [])
        query = "SELECT * FROM odd WHERE id > 1 ORDER BY id"
        self.assertEqual(self.primary.psql(query), self.shadow.psql(query))
        self.assertEqual(self.shadow.psql("SELECT day FROM odd WHERE id = 1"),
                         "0044-03-15 BC\n")
        log = self.place.log("shadow")
        for text in self.WRITTEN:
            self.assertIn(f"= '{text}'", log)


class Dialect(Held):
    """The engine has a dialect of its own: a statement that the mapping leaves alone
    is printed, too, and none runs on the shadow as the client wrote it."""

    WRITTEN = "/* as the client wrote it */"
    STATEMENTS = (
        "CREATE TEMPORARY TABLE t (v int DEFAULT '4'::int)",
        "INSERT INTO plain VALUES (1, E'a\\tb'), (2, 'c''d'), (3, '\\e'), (4, $$f$$)",
        "INSERT INTO plain SELECT g, 'x' || g::text FROM generate_series(5, 9) g",
        "UPDATE plain SET b = b || '!' WHERE id IN (1, 3) RETURNING id, b",
        "DELETE FROM plain WHERE b LIKE 'c%'",
        "SELECT b, CASE WHEN id > '2'::int THEN B'101' END FROM plain ORDER BY id",
        "SELECT count(*) FROM plain, users WHERE users.id = plain.id",
        "SET work_mem = '5MB'", "SHOW work_mem",
        "BEGIN", "DECLARE c CURSOR FOR SELECT b FROM plain ORDER BY id",
        "FETCH 2 FROM c", "CLOSE c", "COMMIT",
        "PREPARE p (int) AS SELECT b FROM plain WHERE id = $1", "EXECUTE p ('4')",
        # The rewriter does not read it, and both servers refuse it.
        "SELECT 'x' FROM plain, plain")

    def test_nothing_as_written(self):
        for cluster in (self.primary, self.shadow):
            cluster.psql("CREATE TABLE plain (id integer PRIMARY KEY, b text)")
        self.shadow.psql("ALTER DATABASE postgres SET log_statement = 'all'")
        self.start()
        client = rawclient.RawClient(self.parallax.port, "postgres")
        for text in self.STATEMENTS:
            client.ask(rawclient.query(f"{text} {self.WRITTEN}"))
        # By its shape, with other literals; and as the client prepared it.
        for value in ("one", "tw\\o", "three"):
            client.ask(rawclient.query(f"SELECT b FROM plain WHERE b <> '{value}' "
                                       f"ORDER BY id {self.WRITTEN}"))
            client.ask(rawclient.statement(
                f"INSERT INTO plain VALUES ($1, '{value}') {self.WRITTEN}",
                [str(50 + len(value)).encode()], [0]), rawclient.SYNC)
        # No rule prints it, and the mapping does not mention what it is of.
        client.ask(rawclient.query(f"LOCK plain IN SHARE MODE {self.WRITTEN}"))
        client.end()
        self.end()
        log = self.place.log("shadow")
        self.assertNotIn(self.WRITTEN, log)
        for part in ("CAST(E'2' AS integer)", "E'tw\\\\o'", "B'101'"):
            self.assertIn(part, log)
        report = self.parallax.report()
        self.assertEqual(report["verdicts"]["untranslatable"], 0, report)
        query = "SELECT * FROM plain ORDER BY id"
        self.assertEqual(self.primary.psql(query), self.shadow.psql(query))


ROWS = b"".join(b'%d\trow %d\\t"x",\t%s\t%d.50\t2026-01-02\n' %
                (i, i, (b"t", b"f", b"\\N")[i % 3], i)
                for i in range(1000, 31000))


class Copies(Held):
    """A client's COPY data are turned into the form of the shadow's engine: CSV,
    whatever the client sends."""

    FORM = r"(?i)COPY plain .*FROM STDIN WITH \(FORMAT E?'?csv"
    TAKEN = (
        ("COPY plain FROM STDIN", b"1\tone\tt\t1.5\t2026-01-01\n",
         b"2\t\\N\t\\N\t\\N\t\\N\n3\t\tf\tNaN\tinfinity\n\\.\n"),
        ("COPY plain (b, id) FROM STDIN WITH (DELIMITER '|', NULL '', HEADER)",
         b"b|id\r\na\\\\b\\x41\\101\\|c|4\r\n", b"|5\r\n"),
        ("COPY plain (id, b, ok) FROM STDIN WITH (FORMAT csv, HEADER, QUOTE '''')",
         b"id,b,ok\n6,'it''s\n\"two\", lines',yes\n7,'',\n", b"8,,no"),
        ("COPY plain FROM STDIN CSV DELIMITER ';' ESCAPE '\\'",
         b'9;"a\\"b";t;1;2026-01-03\n\\.\n'),
        ("COPY plain (id, b, ok, n, at) FROM STDIN BINARY", binary(
            (struct.pack(">i", 10), "b\u00e9".encode(), b"\1",
             struct.pack(">hhhhh", 1, 0, 0, 1, 12), struct.pack(">i", 366)),
            (struct.pack(">i", 11), None, b"\0", None, None))),
        ("COPY plain FROM STDIN", *(ROWS[at:at + 60001] for at in
                                    range(0, len(ROWS), 60001))),
        # both servers refuse these
        ("COPY plain FROM STDIN",
         b"50\tx\tt\t1\t2026-01-01\n1\ttwice\tt\t1\t\\N\n"),
        ("COPY plain (id, b) FROM STDIN", b"51\n"),
        ("COPY plain (id, n) FROM STDIN CSV", b"52,no number\n"),
    )
    REFUSED = (
        ("COPY plain (id, b) FROM STDIN WITH (ENCODING 'latin1')", b"60\t\xe9\n"),
        ("COPY plain (id, b) FROM STDIN WITH (FORMAT csv, FORCE_NULL (b))",
         b'61,""\n'),
        ("COPY places FROM STDIN BINARY",
         binary((struct.pack(">i", 1), struct.pack(">dd", 1, 2)))),
    )

    def copy(self, client, text, *data, end=rawclient.COPY_DONE):
        client.send(rawclient.query(text))
        messages = client.until("GZ")
        self.assertEqual(messages[-1][0], "G", text)
        client.send(*map(rawclient.copy_data, data), end)
        client.until("Z")

    def compare(self, table):
        query = f"SELECT * FROM {table} ORDER BY 1"
        self.assertEqual(self.primary.psql(query), self.shadow.psql(query))

    def make(self, tables):
        for cluster in (self.primary, self.shadow):
            cluster.psql(tables)
        self.shadow.psql("ALTER DATABASE postgres SET log_statement = 'all'")
        self.start()
        return rawclient.RawClient(self.parallax.port, "postgres")

    def test_forms(self):
        client = self.make("CREATE TABLE plain (id integer PRIMARY KEY, b text, "
                           "ok boolean, n numeric, at date)")
        for text, *data in self.TAKEN:
            self.copy(client, text, *data)
        self.copy(client, "COPY plain FROM STDIN", b"53\t",
                  end=rawclient.copy_fail("enough"))
        client.ask(rawclient.query("BEGIN"))
        self.copy(client, "COPY plain (id) FROM STDIN", b"54\n")
        client.ask(rawclient.query("SAVEPOINT s"))
        self.copy(client, "COPY plain (id) FROM STDIN", b"54\n")
        client.ask(rawclient.query("ROLLBACK TO s; COMMIT"))
        self.mapped(client)
        client.end()
        self.end()
        verdicts = self.parallax.report()["verdicts"]
        self.assertEqual(verdicts["untranslatable"], 0, verdicts)
        self.compare("plain")
        self.assertEqual(
            self.shadow.psql("SELECT count(*) FROM plain").strip(), "30012")
        self.assertRegex(self.place.log("shadow"), self.FORM)

    def mapped(self, client):
        """Nothing: the engine cannot write to two tables within a COPY."""

    def test_what_cannot_be_turned(self):
        client = self.make("CREATE TABLE plain (id integer PRIMARY KEY, b text);"
                           "CREATE TABLE places (id integer PRIMARY KEY, at point)")
        for text, *data in self.REFUSED:
            self.copy(client, text, *data)
        client.ask(rawclient.query("INSERT INTO plain VALUES (90, 'after')"))
        client.end()
        self.assertEqual(self.parallax.stop(120), 0)
        report = self.parallax.report()
        self.assertEqual(report["divergences"], [])
        self.assertEqual(report["verdicts"]["untranslatable"],
                         len(self.REFUSED), report["verdicts"])
        self.assertEqual(self.shadow.psql("SELECT * FROM plain").strip(),
                         "90|after")


class PrintedCopies(Copies):
    """... or text, and into the temporary table of a COPY in steps."""

    ENGINE = "postgres-printed"
    FORM = r"(?i)COPY plain .*FROM STDIN\n"

    def mapped(self, client):
        self.copy(client, "COPY users (id, email, bio) FROM STDIN CSV HEADER",
                  b'x,y,z\n40000,"a""b",\n40001,c,"d\ne"\n')
        self.assertEqual(self.primary.psql(
            "SELECT count(*) FROM users WHERE id >= 40000").strip(), "2")


class Random(test_rewrite_random.RandomStatements):
    """Random statements, for an engine that lacks nothing, but has a dialect of its
    own: each is printed."""

    def setUp(self):
        needs_engine("postgres-printed")
        os.environ["PARALLAX_TEST_ENGINE"] = "postgres-printed"
        self.addCleanup(os.environ.pop, "PARALLAX_TEST_ENGINE")
        number = extent.number(
            "random statements with another dialect", 300, 3000)
        before = os.environ.get("PARALLAX_RANDOM")
        os.environ["PARALLAX_RANDOM"] = before or f"7 {number}"
        if before is None:
            self.addCleanup(os.environ.pop, "PARALLAX_RANDOM")


class AtRest(Reduced, unittest.TestCase):
    """Data at rest: an engine that reads other rows of COPY, and hashes by another
    function."""

    ODD = """
INSERT INTO users VALUES (30001, E'tab\\tand\\nline', 1, E'\\\\N "quoted", \\\\.'),
    (30002, '', 2, ''), (30003, NULL, 3, NULL), (30004, E'\\\\', 4, ',');
"""
    SCHEMA = test_verify.TYPES + test_verify.KEYS + "DROP TABLE no_key;"

    def setUp(self):
        start_pair(self, "at-rest")
        self.primary.psql(self.SCHEMA + test_lowering.OLD + self.ODD)
        self.shadow.psql(self.SCHEMA + test_lowering.NEW)
        tables = self.shadow.psql(
            "SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') "
            "FROM pg_tables WHERE schemaname = 'public'").strip()
        self.shadow.psql(f"TRUNCATE {tables};"
                         "ALTER DATABASE postgres SET log_statement = 'all'")
        self.parallax = Parallax(
            self.place, self.primary, self.shadow,
            mapping=self.place.write("mapping.yaml", test_lowering.MAPPING))

    def run_command(self, *command, code=0):
        got, output = self.place.exit_code(
            [self.place.parallax, *command, self.parallax.config])
        self.assertEqual(got, code, output)
        return output

    def verify(self, code):
        self.run_command("verify", "--recheck", "0", code=code)
        return {one["table"].split(".")[-1]
                for one in self.parallax.report()["drift"]["tables"]
                if one["missing"] + one["extra"] + one["value"]}

    def test_seed_and_verify(self):
        self.run_command("seed")
        for table, order in (("every", "id"), ("natural_key", "code"),
                             ("composite", "a, b")):
            query = f"SELECT * FROM {table} ORDER BY {order}"
            self.assertEqual(self.primary.psql(query), self.shadow.psql(query))
        self.assertEqual(
            self.primary.psql("SELECT id, email, bio FROM users ORDER BY id"),
            self.shadow.psql("SELECT a.id, mail, bio FROM accounts a LEFT JOIN "
                             "profiles p ON p.account = a.id ORDER BY a.id"))
        self.assertEqual(self.verify(0), set())
        log = self.place.log("shadow")
        self.assertRegex(log, "(?i)COPY .* WITH \\(FORMAT '?csv")
        for text in ("hashtextextended", "hashint8extended", "md5(convert_to"):
            self.assertNotIn(text, log)

        self.shadow.psql("UPDATE every SET n = -n WHERE id = 3;"
                         "UPDATE natural_key SET v = 2 WHERE code = 'Code-7';"
                         "DELETE FROM composite WHERE v = 5;"
                         "INSERT INTO by_uuid VALUES (md5('more')::uuid, 1);"
                         "UPDATE profiles SET bio = NULL WHERE account = 30002")
        self.assertEqual(self.verify(1), {"every", "natural_key", "composite",
                                          "by_uuid", "users"})
        self.run_command("verify", "--repair", "--recheck", "0")
        query = "SELECT * FROM every ORDER BY id"
        self.assertEqual(self.primary.psql(query), self.shadow.psql(query))

    def test_no_key(self):
        """Rows that no hash and no key pairs cannot be compared, and that is
        said."""
        for cluster in (self.primary, self.shadow):
            cluster.psql("CREATE TABLE no_key (v integer, w text)")
        self.run_command("seed")
        output = self.run_command("verify", "--recheck", "0", code=2)
        self.assertIn("the table has no key to pair its rows by", output)


class Rights(unittest.TestCase):
    """Of a role that may do what the statement does, and no more."""

    GRANTS = """
CREATE ROLE stepper LOGIN;
GRANT SELECT, DELETE ON {tables} TO stepper;
GRANT UPDATE ({bio}) ON {bios} TO stepper;
"""

    def setUp(self):
        start_pair(self, "step-rights")
        self.primary.psql(test_lowering.OLD + self.GRANTS.format(
            tables="users", bio="bio", bios="users"))
        self.shadow.psql(test_lowering.NEW + self.GRANTS.format(
            tables="accounts, profiles", bio="bio", bios="profiles"))
        self.parallax = Parallax(
            self.place, self.primary, self.shadow,
            mapping=self.place.write("mapping.yaml",
                                     test_lowering.MAPPING)).start()

    def send(self, text):
        self.primary.psql(text, port=self.parallax.port, user="stepper")

    def test_lock_of_a_delete(self):
        """It takes UPDATE to lock a row: the DELETE is left out, and is no fault of
        the schema. What the role lacks for the statement itself is one."""
        self.send("SELECT n FROM users WHERE id = 5")
        self.send("DELETE FROM users WHERE id = 5")
        self.shadow.psql("REVOKE SELECT ON accounts FROM stepper")
        self.send("SELECT n FROM users WHERE id = 6")
        self.assertEqual(self.parallax.stop(), 0)
        report = self.parallax.report()
        self.assertEqual(report["verdicts"]["skipped"], 1, report)
        self.assertEqual([one["class"] for one in report["divergences"]],
                         ["error.shadow"], report)


if __name__ == "__main__":
    unittest.main()
