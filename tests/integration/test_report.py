#!/usr/bin/python3
"""parallax report and parallax gate as commands: exit codes, files, errors, and
what they say of statements that are never decided."""

import json
import os
import pathlib
import re
import sqlite3
import stat
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

from harness import Parallax, start_pair

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.path.join(os.environ.get("PARALLAX_BUILD", ROOT / "build"),
                       "parallax")
AT = 1767322800000000


def make_store(path, diverged=0, matched=100, seen=None, version=3):
    """A store as a mirror leaves it, from the schema in the source."""
    database = sqlite3.connect(path)
    database.executescript((ROOT / "src/store/schema.sql").read_text())
    database.execute("PRAGMA application_id = %d" % 0x50525858)
    database.execute("PRAGMA user_version = %d" % version)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("INSERT INTO statement VALUES (7, 'SELECT $1', 'select',"
                     " NULL, NULL)")
    begin_part(database, 1, "")
    for verdict, kind, count in (("match", "none", matched),
                                 ("diverged", "rows.value", diverged)):
        if count:
            database.execute(
                "INSERT INTO tally VALUES (7, ?, ?, 'none', ?, 0, ?, ?, NULL, "
                "1)",
                (verdict, kind, count, AT, AT + 1))
    if seen is None:
        seen = matched + diverged
    database.execute("INSERT INTO fact VALUES ('seen', ?)", (str(seen),))
    database.commit()
    database.close()


def begin_part(database, number, cause):
    database.execute("INSERT INTO part VALUES (?, ?, ?, 'db 7:16384', "
                     "'/j', ?)", (number, AT + number * 1000000,
                                  f"{number:032x}", cause))


def run(*arguments, **more):
    return subprocess.run([PROGRAM, *map(str, arguments)],
                          capture_output=True, text=True, timeout=60, **more)


class Commands(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        self.store = self.path / "shadow.store"

    def policy(self, text):
        path = self.path / "policy.yaml"
        path.write_text("version: 1\n" + text)
        return path

    def test_report_forms(self):
        make_store(self.store, diverged=2)
        text = run("report", self.store)
        self.assertEqual((text.returncode, text.stderr), (0, ""))
        self.assertIn("102 of 102 exchanges accounted for", text.stdout)
        self.assertNotIn("\033", text.stdout)
        told = json.loads(run("report", "--format", "json",
                              self.store).stdout)
        self.assertEqual(told["format"], "parallax-report")
        self.assertEqual(told["stores"][0]["verdicts"]["diverged"], 2)
        self.assertEqual(told["stores"][0]["divergences"][0]["fingerprint"],
                         "0000000000000007")

    def test_output_is_private(self):
        make_store(self.store)
        page = self.path / "report.html"
        page.write_text("x" * 1000000)
        page.chmod(0o644)
        result = run("report", "--format=html", "--output", page, self.store)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(stat.S_IMODE(page.stat().st_mode), 0o600)
        html = page.read_text()
        self.assertTrue(html.startswith("<!doctype html>"))
        self.assertTrue(html.endswith("</html>\n"))

    def test_several_stores(self):
        other = self.path / "other.store"
        make_store(self.store)
        make_store(other, diverged=1)
        told = json.loads(run("report", "--format=json", self.store,
                              other).stdout)
        self.assertEqual(len(told["stores"]), 2)
        self.assertEqual(run("gate", self.store).returncode, 0)
        self.assertEqual(run("gate", self.store, other).returncode, 1)

    def test_bad_stores(self):
        make_store(self.path / "newer", version=99)
        (self.path / "text").write_text("not a database, but long enough to "
                                        "have a header of a hundred bytes " * 4)
        (self.path / "empty").write_text("")
        make_store(self.store)
        whole = self.store.read_bytes()
        (self.path / "torn").write_bytes(whole[:4096])
        for name, message in (("absent", "No such file"),
                              ("newer", "version 99"),
                              ("text", "not a Parallax store"),
                              ("empty", "not a Parallax store"),
                              ("torn", "damaged"),
                              ("", "not a file")):
            for command in ("report", "gate"):
                result = run(command, self.path / name)
                self.assertEqual(result.returncode, 3, name)
                self.assertIn(message, result.stderr, name)
                self.assertEqual(result.stdout, "")

    def test_usage(self):
        make_store(self.store)
        for arguments in (["report"], ["gate"],
                          ["report", "--format", "pdf", self.store],
                          ["report", "--limit", "-1", self.store],
                          ["gate", "--wrong", self.store],
                          ["gate", "--policy", "/nonexistent", self.store],
                          ["report", "--output", "/nonexistent/x",
                           self.store]):
            result = run(*arguments)
            self.assertEqual(result.returncode, 3, arguments)
            self.assertNotEqual(result.stderr, "", arguments)
        for command in ("report", "gate"):
            result = run(command, "--help")
            self.assertEqual(result.returncode, 0)
            self.assertIn("usage:", result.stdout)

    def test_gate_exit_codes(self):
        make_store(self.store)
        self.assertEqual(run("gate", self.store).returncode, 0)
        lacking = self.policy("evidence: {min_compared: 101}\n")
        result = run("gate", "--policy", lacking, self.store)
        self.assertEqual(result.returncode, 2)
        self.assertIn("LACKS  evidence.min_compared: 100 (at least 101; "
                      "line 2)", result.stdout)
        unaccounted = self.path / "unaccounted"
        make_store(unaccounted, seen=101)
        self.assertEqual(run("gate", unaccounted).returncode, 2)
        diverged = self.path / "diverged"
        make_store(diverged, diverged=1, seen=500)
        result = run("gate", diverged)
        self.assertEqual(result.returncode, 1)
        self.assertIn("no --policy: these default rules apply", result.stdout)

    def test_gate_bad_policy(self):
        make_store(self.store)
        result = run("gate", "--policy",
                     self.policy("evidense: {}\ndivergences: {max: x}\n"),
                     self.store)
        self.assertEqual(result.returncode, 3)
        self.assertIn("policy.yaml:2:1: error", result.stderr)
        self.assertIn("evidence", result.stderr)
        self.assertIn("policy.yaml:3:20: error", result.stderr)

    def test_gate_forms(self):
        make_store(self.store, diverged=1)
        told = json.loads(run("gate", "--format=json", self.store).stdout)
        self.assertEqual(told["result"], "fail")
        suites = xml.etree.ElementTree.fromstring(
            run("gate", "--format=junit", self.store).stdout)
        suite = suites.find("testsuite")
        self.assertEqual(suite.get("failures"), "1")
        self.assertEqual(len(suite.findall("testcase")),
                         int(suite.get("tests")))

    def test_while_a_writer_holds_the_store(self):
        make_store(self.store)
        writer = sqlite3.connect(self.store, isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE tally SET count = 7")
        result = run("report", self.store)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("100 of 100", result.stdout)
        writer.execute("ROLLBACK")
        writer.close()


class ManyProblems(unittest.TestCase):
    """60 statements with frequent differences of value, and what they must
    not hide: a DELETE that fails each time and is rare, an order, a statement
    that is never decided, a difference that was excused."""

    KINDS = (("diverged", "error.shadow", "none", 40),
             ("diverged", "rows.order", "none", 2),
             ("inconclusive", "none", "tainted", 12),
             ("inconclusive", "rows.extra", "volatile", 3))

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.store = pathlib.Path(self.folder.name) / "shadow.store"
        make_store(self.store, matched=100000, seen=100000 + 60 * 500 + 57 + 70)
        database = sqlite3.connect(self.store)
        tallies = [("diverged", "rows.value", "none", 500)] * 60
        for number, tally in enumerate([*tallies, *self.KINDS], 100):
            database.execute("INSERT INTO statement VALUES (?, ?, 'select', "
                             "NULL, NULL)", (number, f"SELECT {number}"))
            database.execute(
                "INSERT INTO tally (fingerprint, verdict, class, reason, "
                "count, kept, first_at, last_at, part) VALUES (?, ?, ?, ?, ?, "
                "0, ?, ?, 1)", (number, *tally, AT, AT + 1))
        database.execute("INSERT INTO tally (fingerprint, verdict, class, "
                         "reason, count, kept, first_at, last_at, part) "
                         "VALUES (163, 'match', 'none', 'none', 70, 0, ?, ?, "
                         "1)",
                         (AT, AT))
        database.commit()
        database.close()

    def test_every_class_is_shown(self):
        told = json.loads(run("report", "--format=json", self.store).stdout)
        told = told["stores"][0]
        self.assertEqual([group["class"] for group in told["divergences"]],
                         ["error.shadow"] + ["rows.value"] * 16 +
                         ["rows.order"])
        self.assertEqual([group["fingerprint"] for group in told["undecided"]],
                         ["00000000000000a2"])
        self.assertEqual([group["class"] for group in told["excused"]],
                         ["rows.extra"])
        self.assertEqual(told["problems"], {
            "total": 64, "shown": 20, "left_out": {"rows.value": 44}})
        text = run("report", self.store).stdout
        places = [text.index(name) for name in
                  ("1. error.shadow", "2. rows.value", "undecided  12 of its",
                   "rows.order  2 of its", "excused  3 of its",
                   "44 more not shown: 44 rows.value: --limit 0")]
        self.assertEqual(places, sorted(places))
        page = run("report", "--format=html", self.store).stdout
        chips = re.findall(r'button type="button" data-class="([^"]+)"', page)
        self.assertEqual(chips, ["error.shadow", "rows.value", "undecided",
                                 "rows.order", "excused"])
        self.assertEqual(
            set(re.findall(r'<details class="group [a-z]+" '
                           r'data-class="([^"]+)"', page)), set(chips))
        self.assertIn('data-total="64"', page)
        self.assertIn("44 more are not on this page: 44 rows.value", page)

    def test_nothing_is_left_out(self):
        told = json.loads(run("report", "--format=json", "--limit=0",
                              self.store).stdout)["stores"][0]
        self.assertEqual(len(told["divergences"]), 62)
        self.assertEqual(told["problems"]["left_out"], {})
        self.assertNotIn("more not shown",
                         run("report", "--limit=0", self.store).stdout)

    def test_gate_names_them(self):
        text = run("gate", self.store)
        self.assertEqual(text.returncode, 1)
        for line in ("00000000000000a0: 40 of 40 exchanges, error.shadow "
                     "(40 in all): SELECT 160",
                     "00000000000000a1: 2 of 2 exchanges, rows.order",
                     "FAIL   evidence.undecided_statements: 1 (at most 0; "
                     "default)",
                     "00000000000000a2: 12 of 12 exchanges, tainted 12"):
            self.assertIn(line, text.stdout)
        told = json.loads(run("gate", "--format=json", self.store).stdout)
        rule, = [rule for rule in told["stores"][0]["rules"]
                 if rule["rule"] == "evidence.undecided_statements"]
        self.assertEqual(rule["result"], "fail")
        self.assertIn("00000000000000a2", rule["note"])
        suites = xml.etree.ElementTree.fromstring(
            run("gate", "--format=junit", self.store).stdout)
        case, = [case for case in suites.iter("testcase")
                 if case.get("name") == "divergences.max"]
        lines = case.find("failure").text.splitlines()
        self.assertEqual([line.split(", ")[1].split(" ")[0] for line in lines],
                         ["error.shadow", "rows.value", "rows.order"])


class Parts(unittest.TestCase):
    """Evidence of an earlier mapping is not that of the one in force."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        self.store = self.path / "shadow.store"
        make_store(self.store, diverged=5, seen=135)
        database = sqlite3.connect(self.store)
        begin_part(database, 2, "another mapping")
        database.execute("INSERT INTO tally VALUES (7, 'match', 'none', "
                         "'none', 30, 0, ?, ?, NULL, 2)", (AT, AT + 1))
        database.commit()
        database.close()

    def told(self, *options):
        return json.loads(run("report", "--format=json", *options,
                              self.store).stdout)["stores"][0]

    def test_report(self):
        last = self.told()
        self.assertEqual((last["part"], last["verdicts"]["match"],
                          last["verdicts"]["diverged"]), (2, 30, 0))
        self.assertEqual([part["number"] for part in last["parts"]], [1, 2])
        self.assertEqual(last["parts"][1]["cause"], "another mapping")
        self.assertEqual(self.told("--part=1")["verdicts"]["diverged"], 5)
        everything = self.told("--part", "all")
        self.assertEqual((everything["part"],
                          everything["verdicts"]["match"]), (None, 130))
        text = run("report", self.store).stdout
        self.assertIn("part    2 of 2, since 2026-01-02 03:00:02 UTC; mapping "
                      "00000000, shadow db 7:16384", text)
        self.assertIn("part    all 2", run("report", "--part", "all",
                                           self.store).stdout)
        self.assertIn("2 of 2, since", run("report", "--format=html",
                                           self.store).stdout)

    def test_gate(self):
        last = run("gate", self.store)
        self.assertEqual(last.returncode, 0, last.stdout)
        self.assertIn("note   this is part 2 of 2 of the evidence",
                      last.stdout)
        self.assertEqual(run("gate", "--part=1", self.store).returncode, 1)
        self.assertEqual(run("gate", "--part=all", self.store).returncode, 1)
        policy = self.path / "policy.yaml"
        policy.write_text("version: 1\nevidence: {part: all}\n")
        self.assertEqual(run("gate", "--policy", policy,
                             self.store).returncode, 1)
        self.assertEqual(run("gate", "--policy", policy, "--part=last",
                             self.store).returncode, 0)
        told = json.loads(run("gate", "--format=json", self.store).stdout)
        self.assertEqual((told["stores"][0]["part"],
                          told["stores"][0]["parts"]), (2, 2))

    def test_refused(self):
        for command in ("report", "gate"):
            for part, message in (("3", "there is no part 3"),
                                  ("0", "--part takes last, all or a number"),
                                  ("first", "--part takes last")):
                result = run(command, "--part", part, self.store)
                self.assertEqual(result.returncode, 3, part)
                self.assertIn(message, result.stderr)
        policy = self.path / "policy.yaml"
        policy.write_text("version: 1\nevidence: {part: first}\n")
        result = run("gate", "--policy", policy, self.store)
        self.assertEqual(result.returncode, 3)
        self.assertIn("evidence.part must be a part", result.stderr)


class Excused(unittest.TestCase):
    """A difference that a reason excuses, each time: no divergence, and no
    green gate."""

    @classmethod
    def setUpClass(cls):
        start_pair(cls, "excused")
        cls.primary.psql("CREATE TABLE t (id int); INSERT INTO t "
                         "SELECT generate_series(1, 9)")
        cls.shadow.psql("CREATE TABLE t (id int); INSERT INTO t "
                        "SELECT generate_series(9, 1, -1)")

    def test_never_decided(self):
        proxy = Parallax(self.place, self.primary, self.shadow).start()
        self.primary.psql("SELECT count(*) FROM t;\n" * 2000 +
                          "SELECT id FROM t LIMIT 2;\n" * 6, port=proxy.port)
        self.assertEqual(proxy.stop(), 0)
        report = proxy.report()
        self.assertEqual(report["divergences"], [])
        self.assertEqual(report["excused_exchanges"], 6)
        group, = report["undecided"]
        self.assertEqual((group["count"], group["of"], group["share"]),
                         (6, 6, 1))
        self.assertTrue(group["evidence"])
        code, text = self.place.exit_code(
            [self.place.parallax, "gate", proxy.store])
        self.assertEqual(code, 1, text)
        self.assertIn("FAIL   evidence.undecided_statements: 1", text)
        self.assertIn("PASS   evidence.excused: 0.15 % (6)", text)
        policy = self.place.write("policy.yaml", "version: 1\nevidence: "
                                  "{undecided_statements: 1, excused: 5}\n")
        code, text = self.place.exit_code(
            [self.place.parallax, "gate", "--policy", policy, proxy.store])
        self.assertEqual(code, 1, text)
        self.assertIn("FAIL   evidence.excused: 6 (at most 5; line 2)", text)


if __name__ == "__main__":
    unittest.main()
