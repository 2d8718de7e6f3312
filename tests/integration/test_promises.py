"""What the manual promises of a whole run: sockets, logins, privacy, what the
journal says, replay, and a mapping that changes while it runs."""

import glob
import json
import os
import re
import signal
import struct
import time
import unittest

import harness
import rawclient

ALONE = True  # see run.py: it measures time

HBA = """local all all trust
host replication all 127.0.0.1/32 trust
host all checked_md5 127.0.0.1/32 md5
host all checked_scram 127.0.0.1/32 scram-sha-256
host all checked_plain 127.0.0.1/32 password
host all all 127.0.0.1/32 trust
"""

SCHEMA = """
CREATE ROLE checked_md5 LOGIN;
CREATE ROLE checked_scram LOGIN;
CREATE ROLE checked_plain LOGIN;
SET password_encryption = 'md5';
ALTER ROLE checked_md5 PASSWORD 'pass-one';
SET password_encryption = 'scram-sha-256';
ALTER ROLE checked_scram PASSWORD 'pass-two';
ALTER ROLE checked_plain PASSWORD 'pass-three';
"""

TABLES = """
CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE,
                    seen timestamptz DEFAULT now());
GRANT ALL ON users TO PUBLIC;
GRANT ALL ON SEQUENCE users_id_seq TO PUBLIC;
"""


class Promises(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = harness.Workplace("promises")
        cls.addClassCleanup(cls.place.close)
        cls.primary = harness.Cluster(cls.place, "primary", hba=HBA,
                                      settings={"wal_level": "logical"})
        cls.shadow = harness.Cluster(cls.place, "shadow")
        for cluster in (cls.primary, cls.shadow):
            cluster.start().psql(SCHEMA)
        Promises.count = 0

    def parallax(self, options=(), tables=TABLES, shadow_tables=None, extra="",
                 mapping=None, name=None):
        """On a database of its own."""
        Promises.count += 1
        name = name or f"p{Promises.count}"
        for cluster, text in ((self.primary, tables),
                              (self.shadow, shadow_tables or tables)):
            cluster.create_database(name, text)
        parallax = harness.Parallax(self.place, self.primary, self.shadow,
                                    database=name, name=name, extra=extra,
                                    mapping=mapping)
        parallax.database = name
        self.addCleanup(lambda: parallax.process and
                        self.place.stop_process(parallax.process, 1))
        return parallax.start(*options)

    def through(self, parallax, sql, user="postgres", **options):
        return self.primary.psql(sql, port=parallax.port, user=user,
                                 database=parallax.database, **options).strip()

    def journal(self, parallax, *options):
        return [json.loads(line) for line in self.place.run(
            [self.place.parallax, "journal", *options,
             parallax.journal]).splitlines()]

    def stop(self, parallax):
        """Drains; gives the report, in which every exchange has a verdict."""
        self.assertEqual(parallax.stop(), 0)
        report = parallax.report()
        self.assertEqual(report["exchanges"]["unaccounted"], 0)
        return report

    def mirror(self, parallax):
        return self.place.wait_for(lambda: parallax.process_of("mirror"),
                                   "a mirror")

    def sessions_on_shadow(self, parallax):
        return int(self.shadow.psql(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = "
            f"'{parallax.database}'"))

    def test_every_login_passes_through(self):
        parallax = self.parallax()
        logins = {"checked_md5": "pass-one", "checked_scram": "pass-two",
                  "checked_plain": "pass-three"}
        for user, password in logins.items():
            psql = ["psql", "-XAtq", "-h", "127.0.0.1", "-p", parallax.port,
                    "-U", user, "-d", parallax.database, "-c",
                    "INSERT INTO users (email) VALUES (current_user) "
                    "RETURNING email"]
            self.assertIn(user, self.place.run(
                psql, env={"PGPASSWORD": password}))
            code, output = self.place.exit_code(psql,
                                                env={"PGPASSWORD": "wrong"})
            self.assertEqual(code, 2)
            self.assertIn("password authentication failed", output)
        report = self.stop(parallax)
        self.assertEqual(report["verdicts"]["match"],
                         report["exchanges"]["seen"])
        rows = "SELECT id, email FROM users ORDER BY id"
        self.assertEqual(*(one.psql(rows, database=parallax.database)
                           for one in (self.primary, self.shadow)))

    def test_replication_passes_uncaptured(self):
        parallax = self.parallax()
        answer = self.place.run(
            ["psql", "-XAtq", "-c", "IDENTIFY_SYSTEM",
             f"host=127.0.0.1 port={parallax.port} user=postgres "
             f"dbname={parallax.database} replication=database"])
        self.assertIn(parallax.database, answer)
        self.assertEqual(self.stop(parallax)["exchanges"]["seen"], 0)

    def test_unix_sockets_on_both_sides(self):
        parallax = self.parallax()
        self.stop(parallax)
        folder = self.place.path("sockets")
        os.mkdir(folder)
        self.place.own(folder)
        with open(parallax.config) as file:
            text = file.read()
        text = text.replace("host: 127.0.0.1", f"host: {self.primary.sockets}")
        text = text.replace("listen: ", f"listen: ['{folder}:{parallax.port}', "
                            ).replace(f":{parallax.port}\n",
                                      f":{parallax.port}]\n")
        self.place.write(os.path.basename(parallax.config),
                         "listen_tcp_to_socket: true\n" + text)
        parallax.start()
        self.through(parallax, "INSERT INTO users (email) VALUES ('u') "
                     "RETURNING id", host=folder)
        report = self.stop(parallax)
        self.assertEqual(report["verdicts"]["match"], 2, text)
        self.assertEqual(os.listdir(folder), [])

    def test_idle_clients_cost_the_shadow_nothing(self):
        parallax = self.parallax()
        clients = [rawclient.RawClient(parallax.port, parallax.database)
                   for _ in range(100)]
        clients[0].ask(rawclient.query("SELECT 1"))
        self.place.wait_for(
            lambda: parallax.report()["exchanges"]["counted"] == 2,
            "the verdicts")
        # The one that asked, and the mirror's own. One more has read the
        # catalog, and stays for some seconds.
        self.place.wait_for(lambda: self.sessions_on_shadow(parallax) <= 2,
                            "no more than two sessions on the shadow")
        for client in clients:
            client.end()
        self.stop(parallax)

    def test_values_show_nowhere(self):
        secret, number = "Zq7hiddenQz", "987654321"
        old = TABLES + "CREATE TABLE n (id int PRIMARY KEY, v text, e int);"
        new = TABLES + ("CREATE TABLE n2 (id int PRIMARY KEY, vv text, e int "
                        "CHECK (e < 100));")
        mapping = self.place.write(
            "privacy.yaml", "version: 1\ntables: {n: {rows: n2, columns: "
            "{v: vv}}}\n")
        parallax = self.parallax(tables=old, shadow_tables=new, mapping=mapping,
                                 extra="log: {level: debug}\n")
        client = rawclient.RawClient(parallax.port, parallax.database)
        for sql in (f"SELECT '{secret}'::int", f"SELECT U&'{secret}', "
                    f"N'{secret}', E'{secret}', $a${secret}$a$ -- {secret}",
                    f"SELECT * FROM n WHERE v = '{secret}",
                    f"SELECT * FROM n WHERE v = v '{secret}'",
                    f"INSERT INTO n VALUES (1, '{secret}', {number})",
                    f"SELECT * FROM n WHERE v = '{secret}' ORDER BY id",
                    f"COPY n TO STDOUT -- {secret}",
                    f"SELECT NULL::n, '{secret}'",
                    f"DO $$BEGIN RAISE EXCEPTION '{secret}'; END$$",
                    f"SET application_name = '{secret}'"):
            client.ask(rawclient.query(sql))
        client.ask(rawclient.statement("INSERT INTO n VALUES ($1, $2, $3)",
                                       ["2", secret, number]), rawclient.SYNC)
        client.ask(rawclient.statement("INSERT INTO n VALUES ($1, $2, $3)",
                                       ["3", secret, secret]), rawclient.SYNC)
        client.end()
        report = self.stop(parallax)
        self.assertGreater(report["verdicts"]["diverged"], 0)
        self.assertGreater(report["verdicts"]["untranslatable"], 0)
        self.assertGreater(report["verdicts"]["skipped"], 0)
        texts = {"log": self.place.log(parallax.name)}
        for form in ("text", "json", "html"):
            texts[form] = self.place.run([self.place.parallax, "report",
                                          "--format", form, parallax.store])
        texts["journal"] = self.place.run([self.place.parallax, "journal",
                                           parallax.journal])
        for path in glob.glob(parallax.store + "*"):
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600, path)
            with open(path, "rb") as file:
                texts[path] = file.read().decode("latin1")
        for name, text in texts.items():
            self.assertNotIn(secret, text, name)
            self.assertNotIn(number, text, name)

    def test_printed_config_holds_no_secret(self):
        path = self.place.write(
            "secrets.yaml", "primary: {host: a, database: b, user: c, "
            "password: hush1, options: \"password = 'hu\\\\'sh2 x' "
            "connect_timeout=3\"}\n"
            "shadows: [{host: a, database: b, user: c, password: hush4}]\n")
        output = self.place.run([self.place.parallax, "run", "--print-config",
                                 path])
        self.assertNotIn("sh2", output)
        self.assertNotIn("hush", output)
        self.assertIn("password = *** connect_timeout=3", output)

    def test_lessons_outlive_the_mirror(self):
        """Which columns a clock or a generator feeds, statements have shown: a
        mirror that starts again and a mapping that is read again know it."""
        tables = ("CREATE TABLE given (id int PRIMARY KEY, at timestamptz);"
                  "CREATE TABLE made (id int, token uuid DEFAULT "
                  "gen_random_uuid());"
                  "CREATE TABLE copied (id int, token uuid);")
        mapping = self.place.write("lessons.yaml", "version: 1\n")
        parallax = self.parallax(tables=tables, mapping=mapping)
        self.through(parallax, "INSERT INTO given VALUES (1, now());"
                     "SELECT at FROM given; INSERT INTO made VALUES (1);"
                     "INSERT INTO copied SELECT * FROM made;")
        self.place.wait_for(
            lambda: parallax.report()["verdicts"]["match"] == 8, "verdicts")
        mirror = self.mirror(parallax)
        os.kill(mirror, signal.SIGKILL)
        self.place.wait_for(lambda: parallax.process_of("mirror") not in
                            (None, mirror), "another mirror")
        self.through(parallax, "SELECT id, at FROM given;"
                     "SELECT id, token FROM copied;")
        self.place.wait_for(
            lambda: parallax.report()["exchanges"]["counted"] == 12, "verdicts")
        parallax.process.send_signal(signal.SIGHUP)
        self.place.wait_for(lambda: "mapping reloaded" in
                            self.place.log(parallax.name), "the mapping")
        self.through(parallax, "SELECT at, id FROM given;"
                     "SELECT token, id FROM copied;")
        report = self.stop(parallax)
        self.assertEqual(report["divergences"], [])
        self.assertEqual([(one["reason"], one["count"])
                          for one in report["reasons"]], [("unpinned", 2)])

    def test_one_mirror_a_store(self):
        """A second one is refused, and the first one goes on."""
        parallax = self.parallax()
        mirror = self.mirror(parallax)
        self.through(parallax, "INSERT INTO users (email) VALUES ('a')")
        self.place.wait_for(
            lambda: parallax.report()["verdicts"]["match"] == 2, "verdicts")
        refused = "another mirror is at work on"
        code, output = self.place.exit_code(
            [self.place.parallax, "replay", parallax.config])
        self.assertEqual(code, 1)
        self.assertIn(refused, output)
        # A run of its own but for the store: its relay works.
        with open(parallax.config) as file:
            text = file.read()
        second = self.place.write("second.yaml", text.replace(
            parallax.journal, self.place.path("second-journal")).replace(
            f"127.0.0.1:{parallax.port}",
            f"127.0.0.1:{self.place.free_port()}"))
        process = self.place.start(
            [self.place.parallax, "run", "--no-check", second], "second")
        self.place.wait_for(lambda: refused in self.place.log("second"),
                            "the refusal")
        self.place.stop_process(process, 1)
        self.assertEqual(self.mirror(parallax), mirror)
        self.through(parallax, "UPDATE users SET email = email || 'b'")
        self.assertEqual(self.stop(parallax)["verdicts"]["match"], 4)

    def test_store_that_cannot_be_written(self):
        """It is refused at the start, not tried for ever."""
        parallax = self.parallax()
        self.stop(parallax)
        with open(parallax.config) as file:
            text = file.read()
        text_file = self.place.write("text", "not a database, but a text\n" * 99)
        for store, reason in ((self.place.folder, "Is a directory"),
                              (self.place.path("no/such.db"),
                               "No such file or directory"),
                              (text_file, "not a Parallax store")):
            path = self.place.write(
                "unwritable.yaml", text.replace(parallax.store, store))
            code, output = self.place.exit_code(
                [self.place.parallax, "run", path], timeout=30)
            self.assertEqual(code, 1)
            self.assertRegex(output, f'cannot write the store" reason="'
                             f'{re.escape(store)}: .*{reason}')

    def test_reload_turns_known_statements(self):
        """Those that clients prepared before go by the new mapping too."""
        mapping = ("version: 1\ntables: {{users: {{rows: people, columns: "
                   "{{email: {}}}}}}}\n")
        path = self.place.write("turn.yaml", mapping.format("mail"))
        parallax = self.parallax(
            mapping=path, shadow_tables="CREATE TABLE people (id int PRIMARY "
            "KEY, mail text, post text, seen timestamptz);")
        client = rawclient.RawClient(parallax.port, parallax.database)
        client.ask(rawclient.parse("INSERT INTO users (id, email) VALUES "
                                   "($1, $2)", name="s", types=(23, 25)),
                   rawclient.SYNC)
        insert = [rawclient.execute(), rawclient.SYNC]
        client.ask(rawclient.bind([1, "a"], statement="s"), *insert)
        self.place.wait_for(
            lambda: parallax.report()["exchanges"]["counted"] == 2,
            "the verdicts")
        self.place.write("turn.yaml", mapping.format("post"))
        parallax.process.send_signal(signal.SIGHUP)
        self.place.wait_for(lambda: 'event="mapping reloaded"' in
                            self.place.log(parallax.name), "the reload")
        client.ask(rawclient.bind([2, "b"], statement="s"), *insert)
        client.end()
        self.stop(parallax)
        self.assertEqual(self.shadow.psql(
            "SELECT id, mail, post FROM people ORDER BY id",
            database=parallax.database).split(), ["1|a|", "2||b"])

    def test_reload_does_not_execute_by_the_old_mapping(self):
        """What was prepared in SQL before is told as undecided, not matched."""
        mapping = ("version: 1\ntables: {{users: {{rows: people, columns: "
                   "{{email: {}}}}}}}\n")
        path = self.place.write("again.yaml", mapping.format("mail"))
        parallax = self.parallax(
            mapping=path, shadow_tables="CREATE TABLE people (id int PRIMARY "
            "KEY, mail text, post text, seen timestamptz);")
        client = rawclient.RawClient(parallax.port, parallax.database)
        client.ask(rawclient.query("PREPARE s (int, text) AS INSERT INTO users "
                                   "(id, email) VALUES ($1, $2)"))
        client.ask(rawclient.query("EXECUTE s(1, 'a')"))
        self.place.wait_for(
            lambda: parallax.report()["exchanges"]["counted"] == 4,
            "the verdicts")
        self.place.write("again.yaml", mapping.format("post"))
        parallax.process.send_signal(signal.SIGHUP)
        self.place.wait_for(lambda: 'event="mapping reloaded"' in
                            self.place.log(parallax.name), "the reload")
        client.ask(rawclient.query("EXECUTE s(2, 'b')"))
        client.ask(rawclient.query("DEALLOCATE s"))
        client.ask(rawclient.query("PREPARE s (int, text) AS INSERT INTO users "
                                   "(id, email) VALUES ($1, $2)"))
        client.ask(rawclient.query("EXECUTE s(3, 'c')"))
        client.end()
        report = self.stop(parallax)
        self.assertEqual(self.shadow.psql(
            "SELECT id, mail, post FROM people ORDER BY id",
            database=parallax.database).split(), ["1|a|", "3||c"])
        self.assertEqual([(reason["reason"], reason["count"])
                          for reason in report["reasons"]],
                         [("session-state", 1)])

    def full(self, policy):
        """A journal that fills while the mirror stands; gives the report."""
        parallax = self.parallax()
        self.stop(parallax)
        with open(parallax.config) as file:
            text = file.read()
        self.place.write(os.path.basename(parallax.config), text.replace(
            "journal: {", "journal: {segment_size: 1 MiB, max_size: 4 MiB, "
            f"when_full: {policy}, "))
        parallax.start()
        mirror = self.mirror(parallax)
        os.kill(mirror, signal.SIGSTOP)
        script = self.place.write("full.sql", f"SELECT '{'x' * 600}';\n")
        bench = self.place.start(
            [self.place.tool("pgbench"), "-n", "-h", "127.0.0.1", "-p",
             parallax.port, "-U", "postgres", "-f", script, "-c", "2", "-t",
             "3000", parallax.database], f"full-{policy}")
        self.place.wait_for(lambda: 'event="journal full"' in
                            self.place.log(parallax.name), "a full journal")
        if policy == "shed":
            self.assertEqual(bench.wait(30), 0)
        else:
            time.sleep(0.5)
            self.assertIsNone(bench.poll())
        os.kill(mirror, signal.SIGCONT)
        self.place.wait_for(lambda: 'event="journal can be written again"' in
                            self.place.log(parallax.name), "room")
        self.assertEqual(bench.wait(30), 0)
        self.assertEqual(self.through(parallax, "SELECT 1"), "1")
        self.place.wait_for(lambda: len(glob.glob(
            parallax.journal + "/segment-*")) < 3, "old segments to go")
        return self.stop(parallax)["exchanges"]

    def test_full_journal_blocks(self):
        exchanges = self.full("block")
        self.assertEqual(exchanges["seen"], 2 * 6000 + 2)
        self.assertEqual(exchanges["gaps"], 0)

    def test_full_journal_sheds(self):
        exchanges = self.full("shed")
        self.assertLess(exchanges["seen"], 2 * 6000)
        self.assertEqual(exchanges["gaps"], 1)

    def test_replay_into_a_fresh_shadow(self):
        parallax = self.parallax()
        self.stop(parallax)
        with open(parallax.config) as file:
            text = file.read()
        self.place.write(os.path.basename(parallax.config), text.replace(
            "journal: {", "journal: {keep: 1 h, "))
        parallax.start()
        for name in "abcde":
            self.through(parallax, "BEGIN; INSERT INTO users (email) VALUES "
                         f"('{name}') RETURNING id; COMMIT")
        seen = self.stop(parallax)["exchanges"]["seen"]
        self.shadow.psql(f"DROP DATABASE {parallax.database}")
        self.shadow.create_database(parallax.database, TABLES)
        store = self.place.path("again.db")
        replay = [self.place.parallax, "replay", "--store", store,
                  parallax.config]
        report = [self.place.parallax, "report", "--format", "json", store]
        for _ in range(2):  # the second finds nothing left to do
            self.place.run(replay)
            found = json.loads(self.place.run(report))["stores"][0]
            self.assertEqual(found["exchanges"]["counted"], seen)
            self.assertEqual(found["verdicts"]["match"], seen)
        rows = "SELECT id, email FROM users ORDER BY id"
        self.assertEqual(*(one.psql(rows, database=parallax.database)
                           for one in (self.primary, self.shadow)))

    def test_a_statement_that_kills_the_mirror_twice(self):
        """It is failed and stepped over; what follows is judged. A kill while
        the shadow works is nobody's fault, so the note is made here that the
        mirror makes while it rewrites or compares."""
        parallax = self.parallax()
        client = rawclient.RawClient(parallax.port, parallax.database)
        client.ask(rawclient.query("SELECT 1"))
        self.place.wait_for(
            lambda: parallax.report()["exchanges"]["counted"] == 2, "a verdict")
        # Long on the shadow only, so that the kill comes in its midst.
        self.shadow.psql(
            "CREATE FUNCTION slow() RETURNS int LANGUAGE sql AS "
            "'SELECT 1 FROM pg_sleep(20)'", database=parallax.database)
        self.primary.psql("CREATE FUNCTION slow() RETURNS int LANGUAGE sql AS "
                          "'SELECT 1'", database=parallax.database)
        client.ask(rawclient.query("SELECT slow()"))
        running = ("SELECT pid FROM pg_stat_activity WHERE state = 'active' "
                   "AND query LIKE '%slow()%' AND pid <> pg_backend_pid()")
        for _ in range(2):
            self.place.wait_for(lambda: self.shadow.psql(running).strip(),
                                "it to run", 40)
            record = next(one for one in self.journal(parallax, "--values")
                          if one.get("statement", {}).get("text") ==
                          "SELECT slow()")
            with open(parallax.store + ".crash", "r+b", 0) as file:
                file.write(struct.pack("=IIQQ", record["writer"],
                                       record["epoch"], record["session"],
                                       record["end"]["seq"]))
            os.kill(self.mirror(parallax), signal.SIGKILL)
            self.shadow.psql("SELECT pg_terminate_backend(pid, 5000) FROM "
                             f"({running}) AS running")
        client.ask(rawclient.query("SELECT 2"))
        client.end()
        report = self.place.wait_for(
            lambda: parallax.report()["exchanges"]["counted"] >= 6 and
            parallax.report(), "the verdicts")
        self.assertEqual(report["verdicts"]["failed"], 1, report)
        self.assertEqual(report["verdicts"]["match"], 4 + 1)
        self.stop(parallax)


if __name__ == "__main__":
    unittest.main()
