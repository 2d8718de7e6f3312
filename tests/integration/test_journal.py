"""What becomes of the evidence when the journal is another one, is cut short or
cannot be written; and which moment of the primary a statement shows."""

import json
import os
import shutil
import signal
import subprocess
import time
import unittest

import harness
import rawclient

TABLE = "CREATE TABLE t (id serial PRIMARY KEY, n int)"
LACKS = 2


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        harness.start_pair(cls, "journal")

    def begin(self, start=True):
        name = "j_" + self._testMethodName[5:40]
        for cluster in (self.primary, self.shadow):
            cluster.create_database(name)
            cluster.psql(TABLE, database=name)
        self.database = name
        parallax = harness.Parallax(self.place, self.primary, self.shadow,
                                    database=name, name=name)
        self.addCleanup(lambda: parallax.process and
                        self.place.stop_process(parallax.process, 1))
        return parallax.start() if start else parallax

    def through(self, parallax, sql):
        return self.primary.psql(sql, port=parallax.port,
                                 database=self.database).strip()

    def insert(self, parallax, count):
        script = self.place.write("insert.sql",
                                  "INSERT INTO t (n) VALUES (1);\n")
        self.primary.pgbench("-n", "-f", script, "-c", "4", "-t", count // 4,
                             port=parallax.port, database=self.database)

    def gate(self, parallax):
        """(exit code, {rule: result}, output)"""
        code, out = self.place.exit_code(
            [self.place.parallax, "gate", "--format", "json", parallax.store])
        rules = json.loads(out[out.index("{"):])["stores"][0]["rules"]
        return code, {rule["rule"]: rule["result"] for rule in rules}, out

    def counted(self, parallax, least=1, part=1):
        """Waits until so many exchanges of a part of the evidence were seen and
        have a verdict."""
        def settled():
            report = parallax.report()
            exchanges = report["exchanges"]
            return (report["part"] == part and
                    (exchanges["seen"] or 0) >= least and
                    exchanges["seen"] == exchanges["counted"])
        self.place.wait_for(settled, f"{least} verdicts", 90)

    def assert_gap(self, parallax, told):
        report = parallax.report()
        self.assertEqual(report["exchanges"]["gaps"], 1, report["notices"])
        self.assertIn(told, str(report["notices"]))
        code, rules, out = self.gate(parallax)
        self.assertEqual((code, rules["evidence.max_gaps"]), (LACKS, "lacks"),
                         out)


class Identity(Case):
    def test_deleted_between_runs(self):
        """600 statements go into a journal that no mirror has read."""
        parallax = self.begin()
        self.insert(parallax, 100)
        self.assertEqual(parallax.stop(), 0)
        self.assertEqual(self.gate(parallax)[1]["evidence.max_gaps"], "pass")
        parallax.start("--no-mirror")
        self.insert(parallax, 600)
        self.assertEqual(parallax.stop(), 0)
        shutil.rmtree(parallax.journal)
        parallax.start()
        self.insert(parallax, 100)
        self.assertEqual(parallax.stop(), 0)
        self.assert_gap(parallax, "has taken the place of")
        report = parallax.report()
        self.assertIn("another journal", str(report))
        # what the new one holds was not taken for what was done before
        self.assertEqual(report["exchanges"]["unaccounted"], 0)
        self.assertEqual(self.shadow.psql("SELECT count(*) FROM t",
                                          database=self.database).strip(),
                         "200")

    def test_replaced_while_it_runs(self):
        parallax = self.begin()
        self.insert(parallax, 20)
        self.counted(parallax, 40)
        shutil.rmtree(parallax.journal)
        self.place.wait_for(lambda: "removed or replaced" in
                            self.place.log(parallax.name), "the mirror's word")
        # nothing is read now, and the gate knows why
        code, rules, out = self.gate(parallax)
        self.assertEqual((code, rules["journal"]), (LACKS, "lacks"), out)
        self.insert(parallax, 600)
        os.kill(parallax.process_of("relay"), signal.SIGKILL)
        self.place.wait_for(lambda: os.path.exists(
            os.path.join(parallax.journal, "identity")), "another journal")
        self.place.wait_for_port(parallax.port)
        self.insert(parallax, 20)
        self.counted(parallax, 40, part=2)
        self.assertEqual(parallax.stop(), 0)
        self.assert_gap(parallax, "has taken the place of")

    def test_lost_end(self):
        """An older copy of the folder in its place: what came behind is gone."""
        parallax = self.begin()
        self.insert(parallax, 20)
        self.counted(parallax, 40)
        copy = parallax.journal + "-copy"
        self.assertEqual(parallax.stop(), 0)
        shutil.copytree(parallax.journal, copy)
        parallax.start()
        self.insert(parallax, 20)
        self.assertEqual(parallax.stop(), 0)
        shutil.rmtree(parallax.journal)
        shutil.move(copy, parallax.journal)
        for folder, _, files in os.walk(parallax.journal):
            for path in [folder] + [os.path.join(folder, f) for f in files]:
                self.place.own(path)
        parallax.start()
        self.insert(parallax, 20)
        self.assertEqual(parallax.stop(), 0)
        self.assert_gap(parallax, "lost end")


class Full(Case):
    def tiny_disk(self, parallax):
        os.mkdir(parallax.journal)
        if os.geteuid() or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=80m,mode=700", "tmpfs",
                 parallax.journal], check=False).returncode:
            self.skipTest("no file system can be mounted")
        self.addCleanup(subprocess.run, ["umount", "-l", parallax.journal],
                        check=False)
        self.place.own(parallax.journal)
        with open(parallax.config) as file:
            text = file.read()
        with open(parallax.config, "w") as file:
            file.write(text.replace("journal: {",
                                    "journal: {buffer: 16 MiB, "))
        return os.path.join(parallax.journal, "ballast")

    def fill(self, ballast):
        with open(ballast, "wb", 0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass

    def overflow(self, parallax):
        """More than the buffer of 16 MiB holds."""
        script = self.place.write("long.sql", f"SELECT '{'x' * 8000}';\n")
        self.primary.pgbench("-n", "-f", script, "-c", "4", "-t", "500",
                             port=parallax.port, database=self.database)

    def test_full_disk(self):
        parallax = self.begin(start=False)
        ballast = self.tiny_disk(parallax)
        parallax.start()
        self.insert(parallax, 20)
        self.counted(parallax, 40)
        rules = self.gate(parallax)[1]
        self.assertNotIn("journal", rules)
        self.assertNotIn("losses", rules)
        self.fill(ballast)
        self.insert(parallax, 20)  # into the buffer; nothing is lost yet
        def fails():
            code, rules, out = self.gate(parallax)
            return (code == LACKS and rules.get("journal") == "lacks" and
                    "No space left" in out)
        self.place.wait_for(fails, "the gate's word of a full disk")
        self.overflow(parallax)
        def loses():
            code, rules, _ = self.gate(parallax)
            return code == LACKS and rules.get("losses") == "lacks"
        self.place.wait_for(loses, "the gate's word of losses")
        notices = str(parallax.report()["notices"])
        self.assertIn("No space left", notices)
        self.assertIn("no gap in the store accounts for them", notices)
        os.remove(ballast)
        def told():
            rules = self.gate(parallax)[1]
            return "losses" not in rules and "journal" not in rules
        self.place.wait_for(told, "a gap in the place of the losses")
        self.insert(parallax, 20)
        self.assertEqual(parallax.stop(), 0)
        self.assert_gap(parallax, "No space left")
        self.assertEqual(parallax.report()["exchanges"]["unaccounted"], 0)

    def test_killed_on_a_full_disk(self):
        """Nobody is left to say it, but for the file."""
        parallax = self.begin(start=False)
        ballast = self.tiny_disk(parallax)
        parallax.start()
        self.insert(parallax, 20)
        self.counted(parallax, 40)
        self.fill(ballast)
        self.overflow(parallax)
        self.place.wait_for(lambda: "losses" in self.gate(parallax)[1],
                            "losses")
        for pid in [parallax.process.pid,
                    *self.place.children(parallax.process.pid)]:
            os.kill(pid, signal.SIGKILL)
        parallax.process.wait()
        time.sleep(0.5)
        code, rules, out = self.gate(parallax)
        self.assertEqual((code, rules["losses"], rules["journal"]),
                         (LACKS, "lacks", "lacks"), out)
        os.remove(ballast)
        parallax.start()
        self.insert(parallax, 20)
        self.assertEqual(parallax.stop(), 0)
        code, rules, out = self.gate(parallax)
        self.assertNotIn("losses", rules)
        self.assert_gap(parallax, "relay restarted")


class Moments(Case):
    """Others commit between the messages of one statement."""

    def setUp(self):
        self.parallax = self.begin()
        self.through(self.parallax, "INSERT INTO t (n) VALUES (1)")
        self.client = rawclient.RawClient(self.parallax.port, self.database)

    def another(self):
        self.through(self.parallax, "INSERT INTO t (n) VALUES (2)")

    def rows(self, *parts):
        return self.client.ask(*parts).count("D")

    def end(self):
        """No difference is a divergence: an order could be either."""
        self.client.end()
        self.assertEqual(self.parallax.stop(), 0)
        report = self.parallax.report()
        print(report["verdicts"])
        self.assertEqual(report["divergences"], [])
        self.assertEqual(report["verdicts"]["diverged"], 0)
        self.assertEqual(report["exchanges"]["unaccounted"], 0)

    def test_portal_bound_before(self):
        c = rawclient
        for _ in range(5):
            seen = int(self.through(self.parallax, "SELECT count(*) FROM t"))
            self.client.ask(c.parse("SELECT * FROM t"), c.bind(), c.FLUSH,
                            until="2")
            self.another()
            self.assertEqual(self.rows(c.execute(), c.SYNC), seen)
        self.end()

    def test_portal_in_slices(self):
        c = rawclient
        self.through(self.parallax,
                     "INSERT INTO t (n) SELECT 1 FROM generate_series(1, 9)")
        self.client.ask(c.query("BEGIN"))
        self.client.ask(c.parse("SELECT * FROM t ORDER BY id"),
                        c.bind(portal="p"), c.FLUSH, until="2")
        self.another()
        self.assertEqual(self.rows(c.execute("p", 4), c.SYNC), 4)
        self.another()
        self.assertEqual(self.rows(c.execute("p", 4), c.SYNC), 4)
        self.assertEqual(self.rows(c.execute("p", 0), c.SYNC), 2)
        self.client.ask(c.query("COMMIT"))
        self.end()

    def test_cursor_declared_before(self):
        c = rawclient
        for _ in range(5):
            seen = int(self.through(self.parallax, "SELECT count(*) FROM t"))
            self.client.ask(c.query("BEGIN"))
            self.client.ask(c.query("DECLARE c CURSOR FOR SELECT * FROM t"))
            self.another()
            self.assertEqual(self.rows(c.query("FETCH ALL FROM c")), seen)
            self.client.ask(c.query("COMMIT"))
        self.end()

    def test_snapshot_of_a_parse(self):
        """REPEATABLE READ: the first message that needs a snapshot takes it."""
        c = rawclient
        for first in (
                [c.parse("SELECT * FROM t", "s"), c.SYNC],
                [c.query("PREPARE q AS SELECT 1")],
                [c.query("DECLARE d CURSOR FOR SELECT 1")]):
            seen = int(self.through(self.parallax, "SELECT count(*) FROM t"))
            self.client.ask(c.query("BEGIN ISOLATION LEVEL REPEATABLE READ"))
            self.client.ask(*first)
            self.another()
            self.assertEqual(self.rows(c.query("SELECT * FROM t")), seen)
            self.client.ask(c.query("COMMIT"))
            self.client.ask(c.query("DEALLOCATE ALL"))
        self.end()

    def test_one_round_trip(self):
        """All of a statement in one run of bytes: nothing is doubtful."""
        c = rawclient
        for _ in range(20):
            self.another()
            self.client.ask(c.statement("SELECT * FROM t ORDER BY id"), c.SYNC)
        self.client.end()
        self.assertEqual(self.parallax.stop(), 0)
        verdicts = self.parallax.report()["verdicts"]
        print(verdicts)
        self.assertEqual(verdicts["match"], sum(verdicts.values()))


if __name__ == "__main__":
    unittest.main()
