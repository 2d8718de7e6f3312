"""Schemas that change under the mirror: by statements that pass the relay, with
and without `ddl: run`, by hand on either side, and so that the mapping does not
fit any more."""

import os
import signal
import threading
import unittest

from harness import Parallax, start_pair

OLD = """
CREATE TABLE users (id int PRIMARY KEY, email text);
CREATE TABLE tags (id int PRIMARY KEY, label text);
CREATE TABLE notes (id int PRIMARY KEY, body text);
"""
NEW = """
CREATE SCHEMA app;
CREATE TABLE app.people (id int PRIMARY KEY, email text);
CREATE TABLE tags (id int PRIMARY KEY, label text);
CREATE TABLE notes (id int PRIMARY KEY, content text);
"""
MAPPING = """version: 1
tables:
  users: {rows: app.people}
  notes: {columns: {body: content}}
"""


class Ddl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        start_pair(cls, "ddl")

    def open(self, name, run):
        for cluster, schema in ((self.primary, OLD), (self.shadow, NEW)):
            cluster.create_database(name, schema)
        self.name = name
        self.proxy = Parallax(
            self.place, self.primary, self.shadow, name, name=name,
            mapping=self.place.write(
                f"{name}.map", MAPPING + ("ddl: run\n" if run else "")))
        self.proxy.start()

    def send(self, text):
        return self.primary.psql(text, self.name, port=self.proxy.port)

    def notices(self):
        return [notice["text"] for notice in self.proxy.report()["notices"]]

    def wait_for_notice(self, part):
        return self.place.wait_for(
            lambda: next((text for text in self.notices() if part in text),
                         None), part)

    def wait_for_verdicts(self, verdict, count):
        self.place.wait_for(
            lambda: self.proxy.report()["verdicts"][verdict] >= count, verdict)

    def end(self):
        self.assertEqual(self.proxy.stop(), 0)
        self.report = self.proxy.report()
        self.assertEqual(self.report["exchanges"]["unaccounted"], 0)
        self.assertEqual(self.report["verdicts"]["failed"], 0)

    def reasons(self, verdict):
        return {row["reason"]: row["count"] for row in self.report["reasons"]
                if row["verdict"] == verdict}

    def details(self, verdict):
        return [example["detail"] for row in self.report["reasons"]
                if row["verdict"] == verdict for example in row["examples"]]

    def test_changes_run_on_the_shadow(self):
        self.open("run", True)
        self.send("""
CREATE TABLE fresh (id serial PRIMARY KEY, owner int REFERENCES users, t text);
ALTER TABLE users ADD COLUMN age int DEFAULT 7;
INSERT INTO users VALUES (1, 'a', 30);
INSERT INTO users (id, email) VALUES (2, 'b') RETURNING *;
INSERT INTO fresh (owner, t) VALUES (1, 'x') RETURNING id;
SELECT * FROM users ORDER BY id;
CREATE INDEX CONCURRENTLY by_age ON users (age);
BEGIN;
ALTER TABLE tags ADD COLUMN weight int NOT NULL DEFAULT 1;
INSERT INTO tags VALUES (1, 'one', 5);
COMMIT;
SELECT id, label, weight FROM tags;
BEGIN;
ALTER TABLE tags DROP COLUMN label;
ROLLBACK;
SELECT * FROM tags;
CREATE TYPE mood AS ENUM ('sad', 'ok');
ALTER TABLE fresh ADD COLUMN m mood;
UPDATE fresh SET m = 'ok' WHERE id = 1;
SELECT f.t, f.m, u.age FROM fresh f JOIN users u ON u.id = f.owner;
CREATE TABLE summary AS SELECT age, count(*) FROM users GROUP BY age;
SELECT * FROM summary ORDER BY age;
CREATE VIEW old_folk AS SELECT * FROM fresh;
SELECT t FROM old_folk;
DROP TABLE summary;
""")
        self.end()
        self.assertEqual(self.report["verdicts"]["diverged"], 0,
                         self.report["divergences"])
        self.assertEqual(self.report["verdicts"]["untranslatable"], 0,
                         self.details("untranslatable"))
        self.assertEqual(self.reasons("inconclusive"), {})
        self.assertEqual(self.reasons("skipped"), {})
        self.assertEqual(self.shadow.psql(
            "SELECT id, email, age FROM app.people ORDER BY id", "run"),
            "1|a|30\n2|b|7\n")
        self.assertEqual(self.shadow.psql(
            "SELECT weight FROM tags; SELECT m FROM fresh; SELECT indexdef "
            "LIKE '%people%' FROM pg_indexes WHERE indexname = 'by_age'",
            "run"), "5\nok\nt\n")
        # The primary's are there already where the mirror starts late.
        self.assertTrue(any("by a statement; the " in text
                            for text in self.notices()), self.notices())

    def test_what_cannot_run_is_told(self):
        self.open("cannot", True)
        self.send("""
ALTER TABLE notes ADD COLUMN stars int;
INSERT INTO notes (id, body) VALUES (1, 'a');
SELECT body FROM notes;
INSERT INTO notes (id, body, stars) VALUES (2, 'b', 3);
SELECT id FROM notes ORDER BY id;
SELECT id FROM users;
""")
        self.end()
        self.assertEqual(self.report["verdicts"]["diverged"], 0)
        self.assertEqual(self.reasons("untranslatable"), {"unsupported": 2})
        self.assertIn("more than rename", " ".join(
            self.details("untranslatable")))
        self.assertIn("\"stars\"", " ".join(self.details("untranslatable")))
        # The row that the shadow has not.
        self.assertEqual(self.reasons("inconclusive"), {"tainted": 1})

    def test_skipped_changes_and_a_shadow_that_follows(self):
        self.open("skip", False)
        self.send("""
INSERT INTO tags VALUES (1, 'one');
ALTER TABLE tags ADD COLUMN weight int DEFAULT 2;
SELECT id, label FROM tags;
SELECT * FROM tags;
SELECT id FROM users;
CREATE TABLE fresh (a int);
SELECT * FROM fresh;
""")
        # SELECT * before the shadow had the column, or the table
        self.wait_for_verdicts("inconclusive", 2)
        self.wait_for_notice("that the shadow and the mapping lack")
        self.shadow.psql("BEGIN; ALTER TABLE tags ADD COLUMN weight int "
                         "DEFAULT 2; CREATE TABLE fresh (a int); COMMIT",
                         "skip")
        text = self.wait_for_notice(
            "the shadow's: 1 table(s) new, 0 gone, 1 altered")
        self.assertIn("under the mirror", text)
        self.assertFalse(any("no longer fits the schemas" in notice or
                             "the shadow and the mapping lack" in notice
                             for notice in self.notices()), self.notices())
        self.send("SELECT * FROM tags; INSERT INTO tags VALUES (2, 'b', 9);"
                  "SELECT label, weight FROM tags ORDER BY id;"
                  "SELECT a FROM fresh;")
        self.end()
        self.assertEqual(self.report["verdicts"]["diverged"], 0)
        self.assertEqual(self.reasons("skipped"), {"ddl": 2})
        self.assertEqual(self.reasons("untranslatable"), {})
        self.assertEqual(self.reasons("inconclusive"), {"tainted": 2})
        self.assertEqual(self.shadow.psql(
            "SELECT weight FROM tags ORDER BY id", "skip"), "2\n9\n")

    def test_a_mapping_that_does_not_fit_any_more(self):
        self.open("broken", False)
        self.send("SELECT id FROM notes; SELECT id FROM tags;")
        self.wait_for_verdicts("match", 2)
        self.shadow.psql("ALTER TABLE notes RENAME COLUMN content TO words;"
                         "DROP TABLE tags", "broken")
        self.wait_for_notice("no longer fits the schemas: 2")
        self.send("SELECT body FROM notes; SELECT id FROM notes;"
                  "SELECT id FROM tags; SELECT id FROM users;")
        self.wait_for_verdicts("untranslatable", 2)
        # A mirror that is started anew by its supervisor lives with it, too.
        first = self.proxy.process_of("mirror")
        os.kill(first, signal.SIGKILL)
        self.place.wait_for(
            lambda: self.proxy.process_of("mirror") not in (None, first),
            "a second mirror")
        self.send("SELECT id FROM tags; SELECT id FROM users;")
        self.wait_for_verdicts("inconclusive", 1)
        self.shadow.psql("ALTER TABLE notes RENAME COLUMN words TO content;"
                         "CREATE TABLE tags (id int PRIMARY KEY, label text)",
                         "broken")
        self.place.wait_for(
            lambda: not any("no longer fits the schemas" in text
                            for text in self.notices()), "a mapping that fits")
        self.send("SELECT body FROM notes; SELECT id FROM tags;")
        self.end()
        self.assertEqual(self.report["verdicts"]["diverged"], 0)
        self.assertEqual(self.reasons("untranslatable"), {"schema": 2})
        self.assertEqual(self.reasons("inconclusive"), {"tainted": 1})
        self.assertIn("column \"body\"", self.details("untranslatable")[0] +
                      self.details("untranslatable")[1])

    def test_changes_past_the_relay(self):
        self.open("past", False)
        self.send("SELECT id FROM tags;")
        self.wait_for_verdicts("match", 1)
        for cluster in (self.shadow, self.primary):
            cluster.psql("ALTER TABLE tags ADD COLUMN extra int", "past")
        self.wait_for_notice(
            "the primary's: 0 table(s) new, 0 gone, 1 altered")
        # It came in whichever way was noticed first: the shadow's change
        # makes both be read.
        self.primary.psql("ALTER TABLE notes ADD COLUMN extra int", "past")
        self.wait_for_notice("past the relay")
        self.send("INSERT INTO tags VALUES (1, 'a', 3); SELECT * FROM tags;")
        self.end()
        self.assertEqual(self.report["verdicts"]["diverged"], 0)
        self.assertEqual(self.reasons("untranslatable"), {})

    def test_under_traffic(self):
        """Each statement by the schema that it was sent to."""
        self.open("traffic", True)
        self.send("INSERT INTO tags SELECT i, 'a' FROM "
                  "generate_series(1, 50) i;"
                  "INSERT INTO users SELECT i, 'a' FROM "
                  "generate_series(1, 50) i;")
        def traffic(n):
            self.send("".join(
                f"UPDATE users SET email = 'm{i}' WHERE id = {n};"
                f"SELECT id, email FROM users WHERE id = {n};"
                f"UPDATE tags SET label = 'l{i}' WHERE id = {n};"
                f"SELECT id, label FROM tags WHERE id = {n};"
                for i in range(150)))

        threads = [threading.Thread(target=traffic, args=(n,))
                   for n in range(1, 5)]
        for thread in threads:
            thread.start()
        for i in range(6):
            self.send(f"ALTER TABLE tags ADD COLUMN c{i} int DEFAULT {i};"
                      f"ALTER TABLE users ADD COLUMN c{i} int DEFAULT {i};"
                      f"UPDATE tags SET c{i} = 5 WHERE id = 9;"
                      f"SELECT * FROM users WHERE id = 9;"
                      f"SELECT * FROM tags WHERE id = 9;")
        for thread in threads:
            thread.join()
        self.end()
        self.assertEqual(self.report["verdicts"]["diverged"], 0,
                         self.report["divergences"])
        self.assertEqual(self.report["verdicts"]["untranslatable"], 0,
                         self.details("untranslatable"))
        self.assertEqual(
            self.primary.psql("TABLE tags ORDER BY id", "traffic"),
            self.shadow.psql("TABLE tags ORDER BY id", "traffic"))


if __name__ == "__main__":
    unittest.main()
