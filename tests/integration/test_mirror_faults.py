"""What goes wrong between journal and shadow, and costs no row and no verdict:
long messages, transactions that are prepared, full disks, sessions that the
shadow refuses, kills."""

import os
import signal
import sqlite3
import subprocess
import time
import unittest

import harness
import rawclient

MATCH_ONLY = {"diverged": 0, "inconclusive": 0, "skipped": 0,
              "untranslatable": 0, "failed": 0}


class Faults(unittest.TestCase):
    """Servers for all tests of a class, a database for each."""

    settings = {"max_prepared_transactions": 20}

    @classmethod
    def setUpClass(cls):
        cls.place = harness.Workplace("faults")
        cls.addClassCleanup(cls.place.close)
        cls.primary = harness.Cluster(cls.place, "primary",
                                      settings=cls.settings).start()
        cls.shadow = harness.Cluster(cls.place, "shadow",
                                     settings=cls.settings).start()

    def parallax(self, tables, shadow_tables=None, extra="", options=(),
                 start=True):
        name = f"f{id(self) % 100000}_{self._testMethodName[5:40]}"
        for cluster, text in ((self.primary, tables),
                              (self.shadow, shadow_tables or tables)):
            cluster.create_database(name, text)
        self.database = name
        parallax = harness.Parallax(self.place, self.primary, self.shadow,
                                    database=name, name=name, extra=extra)
        self.addCleanup(lambda: parallax.process and
                        self.place.stop_process(parallax.process, 1))
        return parallax.start(*options) if start else parallax

    def client(self, parallax):
        return rawclient.RawClient(parallax.port, self.database)

    def through(self, parallax, sql, **options):
        return self.primary.psql(sql, port=parallax.port,
                                 database=self.database, **options).strip()

    def there(self, sql):
        """What the shadow answers."""
        return self.shadow.psql(sql, database=self.database).strip()

    def same(self, sql):
        self.assertEqual(self.primary.psql(sql, database=self.database).strip(),
                         self.there(sql))

    def counted(self, parallax):
        """Waits until all that the relay has captured has a verdict."""
        before = [None]

        def settled():
            time.sleep(0.4)
            report = parallax.report()
            last, before[0] = before[0], report["exchanges"]["seen"]
            return (last == before[0] == report["exchanges"]["counted"]
                    and report)
        return self.place.wait_for(settled, "the verdicts", 60)

    def end(self, parallax, **expected):
        self.assertEqual(parallax.stop(), 0)
        report = parallax.report()
        verdicts = report["verdicts"]
        print(verdicts)
        self.assertEqual(sum(verdicts.values()), report["exchanges"]["seen"])
        for verdict, count in {**MATCH_ONLY, **expected}.items():
            self.assertEqual(verdicts[verdict], count, (verdict, report))
        return report

    def log(self, parallax):
        return self.place.log(parallax.name)


class Messages(Faults):
    def test_message_of_many_statements(self):
        """A savepoint's rollback is one, wherever it stands in its message."""
        parallax = self.parallax("CREATE TABLE t (id int PRIMARY KEY)")
        client = self.client(parallax)
        for first, count in ((1, 61), (11, 64), (21, 1000)):
            client.ask(rawclient.query(
                f"BEGIN; INSERT INTO t VALUES ({first}); "
                + "SELECT 1; " * count +
                f"SAVEPOINT s; INSERT INTO t VALUES ({first + 1}); ROLLBACK TO "
                f"s; INSERT INTO t VALUES ({first + 2}); COMMIT"))
        client.end()
        self.end(parallax)
        self.assertEqual(self.there("SELECT string_agg(id::text, ',' "
                                    "ORDER BY id) FROM t"),
                         "1,3,11,13,21,23")

    def test_names_are_no_shapes(self):
        """What a session calls its own things is no other statement."""
        parallax = self.parallax("CREATE TABLE t (id int PRIMARY KEY)")
        client = self.client(parallax)
        for i in range(40):
            client.ask(rawclient.query(
                f"BEGIN; SAVEPOINT s_{i}; ROLLBACK TO SAVEPOINT s_{i}; RELEASE "
                f"s_{i}; DECLARE \"C{i}\" CURSOR FOR SELECT 1; FETCH NEXT FROM "
                f"\"C{i}\"; MOVE c{i}_ IN t; CLOSE \"C{i}\"; COMMIT"))
            client.ask(rawclient.query("ROLLBACK"))
            client.ask(rawclient.query(
                f"PREPARE p{i} AS SELECT 2; EXECUTE p{i}; DEALLOCATE p{i}"))
        client.end()
        self.assertEqual(parallax.stop(), 0)
        self.assertLess(parallax.report()["statements"], 20)

    def test_prepared_transactions(self):
        """They follow the primary's outcome, and may end in any session."""
        parallax = self.parallax("CREATE TABLE t (id int PRIMARY KEY, n int);"
                                 "INSERT INTO t VALUES (1, 0), (2, 0)")
        one, two = self.client(parallax), self.client(parallax)
        one.ask(rawclient.query("BEGIN; UPDATE t SET n = 1 WHERE id = 1"))
        one.ask(rawclient.query("SELECT 1/0"))
        one.ask(rawclient.query("PREPARE TRANSACTION 'x'"))
        one.ask(rawclient.query("UPDATE t SET n = 2 WHERE id = 1"))
        for i in range(20):
            first, second = (one, two) if i % 2 else (two, one)
            first.ask(rawclient.query("BEGIN"))
            first.ask(rawclient.query(f"UPDATE t SET n = n + {i} WHERE id = 2"))
            first.ask(rawclient.query(f"PREPARE TRANSACTION 'it''s {i}'"))
            verb = "ROLLBACK" if i % 5 == 4 else "COMMIT"
            second.ask(rawclient.query(f"{verb} PREPARED 'it''s {i}'"))
            second.ask(rawclient.query("SELECT n FROM t WHERE id = 2"))
        # what the primary refuses, the shadow refuses
        one.ask(rawclient.query("BEGIN; UPDATE t SET n = 3 WHERE id = 1; "
                                "PREPARE TRANSACTION 'long'"))
        two.ask(rawclient.query("BEGIN; PREPARE TRANSACTION 'long'"))
        two.ask(rawclient.query("COMMIT PREPARED 'none'"))
        two.ask(rawclient.query("COMMIT PREPARED 'long'"))
        for client in (one, two):
            client.end()
        self.end(parallax)
        self.same("SELECT * FROM t ORDER BY id")
        self.assertEqual(self.there("SELECT count(*) FROM pg_prepared_xacts"),
                         "0")

    def test_prepared_on_one_server(self):
        """Both databases in one cluster: the names do not meet."""
        tables = "CREATE TABLE t (id int PRIMARY KEY)"
        parallax = self.parallax(tables)
        self.primary.create_database("one_server", tables)
        parallax.stop()
        with open(parallax.config) as file:
            text = file.read()
        with open(parallax.config, "w") as file:
            file.write(text.replace(
                f"port: {self.shadow.port}, database: {self.database}",
                f"port: {self.primary.port}, database: one_server"))
        os.remove(parallax.store)
        parallax.start()
        self.through(parallax, "BEGIN; INSERT INTO t VALUES (1); PREPARE "
                     "TRANSACTION 'x'; COMMIT PREPARED 'x'")
        self.end(parallax)
        self.assertEqual(self.primary.psql("SELECT * FROM t",
                                           database="one_server").strip(), "1")

    def test_left_prepared(self):
        """A mirror that is killed leaves none, and ends what was left."""
        parallax = self.parallax("CREATE TABLE t (id int PRIMARY KEY, n int);"
                                 "INSERT INTO t SELECT i, 0 FROM "
                                 "generate_series(1, 5) i")
        client = self.client(parallax)
        for i in range(1, 5):
            client.ask(rawclient.query(f"BEGIN; UPDATE t SET n = 1 WHERE id = "
                                       f"{i}; PREPARE TRANSACTION 'x{i}'"))
        self.counted(parallax)
        os.kill(parallax.process_of("mirror"), signal.SIGKILL)
        client.ask(rawclient.query("COMMIT PREPARED 'x1'"))
        client.ask(rawclient.query("ROLLBACK PREPARED 'x2'"))
        self.place.wait_for(lambda: self.there(
            "SELECT count(*) FROM pg_prepared_xacts") == "2", "both ends")
        client.ask(rawclient.query("COMMIT PREPARED 'x3'"))
        # one that nobody has ended: as if its PREPARE had been given up
        self.assertEqual(parallax.stop(), 0)
        with sqlite3.connect(parallax.store) as store:
            self.assertEqual(store.execute(
                "DELETE FROM fact WHERE key LIKE 'prepared:%'").rowcount, 1)
        store.close()
        parallax.start()
        self.place.wait_for(lambda: self.there(
            "SELECT count(*) FROM pg_prepared_xacts") == "0", "its end")
        self.assertIn("stayed prepared on the shadow",
                      self.log(parallax))
        self.place.wait_for(
            lambda: "stayed prepared" in str(parallax.report()["notices"]),
            "the notice")
        self.primary.psql("ROLLBACK PREPARED 'x4'", database=self.database)
        parallax.stop()
        self.same("SELECT * FROM t ORDER BY id")

    def test_parts_of_the_evidence(self):
        """Another mapping, by reload or at a start, or another shadow."""
        path = self.place.write("parts.yaml", "version: 1\n")
        tables = "CREATE TABLE t (id int PRIMARY KEY)"
        parallax = self.parallax(tables, start=False)
        with open(parallax.config, "a") as file:
            file.write(f"mapping: '{path}'\n")
        parallax.start()
        self.through(parallax, "INSERT INTO t VALUES (1); SELECT 1")
        self.counted(parallax)
        self.place.write("parts.yaml", "version: 1\n# reloaded\n")
        os.kill(parallax.process.pid, signal.SIGHUP)
        self.place.wait_for(lambda: 'cause="another mapping"' in
                            self.log(parallax), "a new part")
        self.through(parallax, "INSERT INTO t VALUES (2)")
        self.counted(parallax)
        self.assertEqual(parallax.stop(), 0)
        self.shadow.psql(f'DROP DATABASE "{self.database}"')
        self.shadow.create_database(self.database, tables)
        parallax.start()
        self.place.wait_for(lambda: 'cause="another shadow database"' in
                            self.log(parallax), "a new part")
        self.through(parallax, "SELECT 1")
        report = self.end(parallax, match=2)
        self.assertIn("part 3 of the evidence", str(report["notices"]))


class Waits(Faults):
    """What stands in the way for a while, or for good."""

    def tiny_disk(self, parallax):
        """The store on a file system of its own, of 3 MiB."""
        folder = self.place.path(parallax.name + "-disk")
        os.mkdir(folder)
        if os.geteuid() or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=3m,mode=777", "tmpfs",
                 folder], check=False).returncode:
            self.skipTest("no file system can be mounted")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=False)
        self.place.own(folder)
        with open(parallax.config) as file:
            text = file.read()
        store = os.path.join(folder, "store.db")
        with open(parallax.config, "w") as file:
            file.write(text.replace(parallax.store, store))
        parallax.store = store
        return os.path.join(folder, "ballast")

    def fill(self, ballast):
        with open(ballast, "wb", 0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass

    def test_full_disk(self):
        """Nothing is committed without its intent, nothing twice."""
        parallax = self.parallax(
            "CREATE TABLE t (id serial PRIMARY KEY, n int)", start=False)
        ballast = self.tiny_disk(parallax)
        parallax.start()
        self.through(parallax, "INSERT INTO t (n) VALUES (0)")
        self.counted(parallax)
        self.fill(ballast)
        script = self.place.write("disk.sql", "INSERT INTO t (n) VALUES (1);\n")
        self.primary.pgbench("-n", "-f", script, "-c", "4", "-t", "150",
                             port=parallax.port, database=self.database)
        self.place.wait_for(lambda: "the store cannot be written" in
                            self.log(parallax), "a full disk")
        mirror = parallax.process_of("mirror")
        os.kill(mirror, signal.SIGKILL)  # what is committed must be known
        time.sleep(1)
        os.remove(ballast)
        self.counted(parallax)
        self.fill(ballast)
        self.through(parallax, "INSERT INTO t (n) SELECT 2 FROM "
                     "generate_series(1, 10)")
        time.sleep(1.5)
        os.remove(ballast)
        self.counted(parallax)
        self.assertEqual(parallax.stop(), 0)
        report = parallax.report()
        self.assertEqual(report["verdicts"]["diverged"], 0)
        self.assertEqual(self.there("SELECT count(*), sum(n) FROM t"),
                         "611|620")
        self.assertIn("the disk of the store was full", str(report["notices"]))

    def test_procedures_once(self):
        """CALL and DO, while the mirror is killed at random."""
        parallax = self.parallax(
            "CREATE TABLE t (id int PRIMARY KEY, n int);"
            "INSERT INTO t VALUES (1, 0), (2, 0), (3, 0);"
            "CREATE PROCEDURE plain() LANGUAGE sql AS "
            "'UPDATE t SET n = n + 1 WHERE id = 1';"
            "CREATE PROCEDURE commits() LANGUAGE plpgsql AS $$BEGIN "
            "UPDATE t SET n = n + 1 WHERE id = 2; COMMIT; END$$")
        script = self.place.write("calls.sql", "CALL plain();\nCALL commits();"
                                  "\nDO $$BEGIN UPDATE t SET n = n + 1 WHERE "
                                  "id = 3; END$$;\n")
        bench = self.place.start(
            [self.place.tool("pgbench"), "-n", "-h", "127.0.0.1", "-p",
             parallax.port, "-U", "postgres", "-f", script, "-c", "1", "-t",
             "300", self.database], "calls")
        for _ in range(4):
            time.sleep(0.6)
            mirror = parallax.process_of("mirror")
            if mirror:
                os.kill(mirror, signal.SIGKILL)
        self.assertEqual(bench.wait(60), 0)
        self.counted(parallax)
        self.assertEqual(parallax.stop(), 0)
        report = parallax.report()
        print(report["verdicts"], report["reasons"])
        self.assertEqual(report["verdicts"]["diverged"], 0)
        rows = [int(n) for n in
                self.there("SELECT n FROM t ORDER BY id").split()]
        self.assertEqual(rows[2], 300)
        # one that may commit by itself may be lost at a kill, which is said
        self.assertLessEqual(max(rows), 300)
        self.assertGreaterEqual(min(rows), 300 - 4)
        if min(rows) < 300:
            self.assertIn("mirror-restart", str(report["reasons"]))

    def test_commits_are_durable(self):
        parallax = self.parallax(
            "CREATE TABLE t (id serial, n text DEFAULT "
            "current_setting('synchronous_commit'))")
        self.through(parallax, "SET synchronous_commit = off; "
                     "INSERT INTO t DEFAULT VALUES")
        self.place.run([self.place.tool("psql"), "-h", "127.0.0.1", "-p",
                        parallax.port, "-U", "postgres", "-c",
                        "INSERT INTO t DEFAULT VALUES", self.database],
                       env={**os.environ,
                            "PGOPTIONS": "-c synchronous_commit=off"})
        parallax.stop()
        self.assertEqual(self.there("SELECT DISTINCT n FROM t"), "on")

    def test_renamed_sessions(self):
        """Who waits for whom is known whatever the clients call themselves."""
        parallax = self.parallax(
            "CREATE TABLE q (id serial PRIMARY KEY, taken int);"
            "INSERT INTO q (taken) SELECT 0 FROM generate_series(1, 400)")
        script = self.place.write(
            "renamed.sql",
            "SELECT set_config('application_name', 'web', false);\n"
            "BEGIN;\nSELECT id FROM q WHERE taken = 0 ORDER BY id LIMIT 1 "
            "FOR UPDATE SKIP LOCKED \\gset\n"
            "UPDATE q SET taken = 1 WHERE id = :id;\nCOMMIT;\n")
        self.primary.pgbench("-n", "-f", script, "-c", "6", "-t", "40",
                             port=parallax.port, database=self.database)
        self.place.wait_for(lambda: (lambda e: e["seen"] == e["counted"] > 1000)
                            (parallax.report()["exchanges"]), "the verdicts",
                            60)
        parallax.stop()
        self.same("SELECT count(*) FROM q WHERE taken = 1")

    def test_refused_login(self):
        """Its session is inconclusive; nobody waits for it."""
        parallax = self.parallax("CREATE TABLE t (id int PRIMARY KEY)")
        self.primary.psql("CREATE ROLE only_here")
        env = {**os.environ, "PGOPTIONS": "-c role=only_here"}
        long = {**os.environ, "PGOPTIONS": "-c app.note=" + "x" * 8990}
        for one in (env, long):
            self.place.run([self.place.tool("psql"), "-h", "127.0.0.1", "-p",
                            parallax.port, "-U", "postgres", "-c", "SELECT 1",
                            self.database], env=one, codes=None)
        self.through(parallax, "INSERT INTO t VALUES (1)")
        report = self.counted(parallax)
        self.assertEqual(report["verdicts"]["diverged"], 0)
        self.assertGreaterEqual(report["verdicts"]["match"], 2)
        self.assertEqual({one["reason"] for one in report["reasons"]},
                         {"session-state"})
        self.assertIn("were refused by the shadow", str(report["notices"]))
        self.assertEqual(self.log(parallax).count(
            "refuses the settings of a session"), 2)
        parallax.stop()
        self.same("SELECT * FROM t")

    def test_primary_that_refuses(self):
        """A role or database that is not there is no reason to wait."""
        parallax = self.parallax("", start=False)
        with open(parallax.config) as file:
            text = file.read()
        for before, after in (
                (f"port: {self.primary.port}, database: {self.database}",
                 f"port: {self.primary.port}, database: nowhere"),
                ("user: postgres}\n", "user: nobody_there}\n")):
            path = self.place.write("refused.yaml",
                                    text.replace(before, after, 1))
            code, output = self.place.exit_code(
                [self.place.parallax, "run", path], timeout=60)
            self.assertEqual(code, 1, output)
            self.assertIn("does not exist", output)

    def test_hung_shadow(self):
        """It shows in the log within ten seconds, and in the report."""
        parallax = self.parallax("CREATE TABLE t (id int PRIMARY KEY)")
        client = self.client(parallax)
        client.ask(rawclient.query("INSERT INTO t VALUES (1)"))
        self.counted(parallax)
        self.shadow.pause()
        try:
            started = time.monotonic()
            client.ask(rawclient.query("INSERT INTO t VALUES (2)"))
            self.through(parallax, "INSERT INTO t VALUES (3)")
            self.place.wait_for(lambda: "a statement waits" in
                                self.log(parallax), "a line in the log", 20)
            self.assertLess(time.monotonic() - started, 10 + 4)
        finally:
            self.shadow.resume()
        client.end()
        report = self.end(parallax)
        self.assertIn("waited on the shadow for more than",
                      str(report["notices"]))


if __name__ == "__main__":
    unittest.main()
