"""The second look: what is in doubt is read again through the relay, and cleared, or
found to differ."""

import os
import sqlite3
import threading
import unittest

import harness

SCHEMA = """
CREATE TABLE hot (id int PRIMARY KEY, n int NOT NULL DEFAULT 0, note text);
INSERT INTO hot SELECT n, 0, 'note ' || n FROM generate_series(1, 4) n;
CREATE TABLE parent (code text PRIMARY KEY, hits int NOT NULL DEFAULT 0);
INSERT INTO parent SELECT 'p' || n FROM generate_series(1, 200) n;
CREATE TABLE child (id int PRIMARY KEY, code text, n int NOT NULL DEFAULT 0);
INSERT INTO child (id, code) SELECT n, 'p' || n FROM generate_series(1, 200) n;
"""
CASCADE = """
ALTER TABLE child ADD FOREIGN KEY (code) REFERENCES parent ON UPDATE CASCADE;
"""
NO_ACTION = """
ALTER TABLE child ADD FOREIGN KEY (code) REFERENCES parent;
"""

# Answers differ by the order of overlapping statements; the rows end up alike.
HOT = """
\\set id random(1, 4)
UPDATE hot SET n = n + 1 WHERE id = :id RETURNING n;
"""

# Each child has its own parent.
CHILDREN = """
\\set id random(101, 110)
UPDATE child SET n = n + 1 WHERE id = :id RETURNING n;
UPDATE hot SET n = n + 1 WHERE id = 1 + :id % 4 RETURNING n;
"""


class Looks(unittest.TestCase):
    def setUp(self):
        harness.start_pair(self, "look")

    def databases(self, primary="", shadow=""):
        for cluster, own in ((self.primary, primary), (self.shadow, shadow)):
            cluster.psql(SCHEMA + own)

    def prepared(self, looks=True, extra=""):
        extra = f"mirror: {{looks: {str(looks).lower()}}}\n{extra}"
        self.parallax = harness.Parallax(self.place, self.primary, self.shadow,
                                         extra=extra)
        return self.parallax

    def load(self, script, clients, transactions, mode="simple"):
        return self.place.run(
            [self.place.tool("pgbench"), "-h", "127.0.0.1", "-U", "postgres",
             "-n", "-p", self.parallax.port, "-c", clients, "-j", 2,
             "-t", transactions, "-M", mode, "-f",
             self.place.write("load.sql", script), "postgres"], timeout=240)

    def load_to_doubt(self):
        """Whether the order of two clients comes out otherwise is chance: the load is
        repeated until it has."""
        for times in range(1, 6):
            self.load(HOT, 16, 40)
            # each statement is a transaction, whose end counts too
            self.place.wait_for(
                lambda: int(self.fact("seen") or 0) >= times * 2 * 640 and
                self.fact("lag") == "0", "the mirror", 90)
            if self.inconclusive(self.parallax.report()):
                return
        self.fail("nothing was in doubt: the test shows nothing")

    def through(self, sql):
        return self.primary.psql(sql, port=self.parallax.port)

    def finish(self):
        self.assertEqual(self.parallax.stop(), 0)
        report = self.parallax.report()
        exchanges = report["exchanges"]
        self.assertEqual(exchanges["seen"], exchanges["counted"])
        self.assertEqual(exchanges["gaps"], 0)
        return report

    def fact(self, key):
        with sqlite3.connect(f"file:{self.parallax.store}?mode=ro",
                             uri=True) as store:
            row = store.execute("SELECT value FROM fact WHERE key = ?",
                                (key,)).fetchone()
        return row[0] if row else ""

    def inconclusive(self, report):
        return sum(group["count"] for group in report["reasons"]
                   if group["verdict"] == "inconclusive")

    def counts(self):
        """The primary's and the shadow's rows."""
        query = "SELECT * FROM hot ORDER BY id"
        return [cluster.psql(query) for cluster in (self.primary, self.shadow)]

    def test_harmless_taints_are_cleared(self):
        """16 clients on four rows: no false alarm, and nothing stays in doubt."""
        self.databases()
        self.prepared().start()
        self.load_to_doubt()
        report = self.finish()
        self.assertEqual(report["divergences"], [])
        self.assertEqual(self.fact("mirror.tainted"), "")
        primary, shadow = self.counts()
        self.assertEqual(primary, shadow)

    def test_a_difference_after_that_is_a_divergence(self):
        """Once the taint is cleared, a real fault of the same rows counts."""
        self.databases()
        self.prepared().start()
        self.load(HOT, 16, 40)
        # each statement is a transaction
        self.place.wait_for(lambda: int(self.fact("seen") or 0) >= 2 * 640
                            and self.fact("lag") == "0"
                            and not self.fact("mirror.tainted"),
                            "the taints to be cleared", 90)
        self.shadow.psql("UPDATE hot SET n = -1 WHERE id = 3")
        self.through("SELECT n FROM hot WHERE id = 3")
        report = self.finish()
        self.assertEqual([(group["class"], group["count"])
                          for group in report["divergences"]],
                         [("rows.value", 1)])

    def test_a_lost_on_update_is_found(self):
        """The new schema lost the foreign key's ON UPDATE CASCADE. Under load, the
        rows that the failed statements leave are a divergence, with its root."""
        self.databases(primary=CASCADE, shadow=NO_ACTION)
        self.prepared().start()
        over = threading.Event()

        def rename():
            for n in range(1, 21):
                self.through(f"UPDATE parent SET code = 'q{n}' "
                             f"WHERE code = 'p{n}'")
            over.set()

        renames = threading.Thread(target=rename)
        renames.start()
        try:
            self.load(CHILDREN, 8, 60, "prepared")
        finally:
            renames.join()
        self.assertTrue(over.is_set())
        report = self.finish()
        failed = [group for group in report["divergences"]
                  if group["class"] == "error.shadow"]
        found = [group for group in report["divergences"]
                 if group["class"] != "error.shadow"]
        self.assertEqual([group["statement"].lower().split(" set ")[0]
                          for group in failed], ["update parent"])
        # both tables' codes differ now, and nothing else does
        tables = {group["statement"].lower().split("from public.")[1].split()[0]
                  for group in found}
        self.assertIn("parent", tables, report["divergences"])
        self.assertLessEqual(tables, {"parent", "child"})
        for group in found:
            self.assertIn("root: the statement with seq", group["detail"])
        code, _ = self.place.exit_code(
            [self.place.parallax, "gate", self.parallax.store])
        self.assertNotEqual(code, 0)

    def test_what_a_divergence_left_is_confirmed(self):
        """The shadow refuses to delete: the row that stays is a divergence, with the
        failed statement as its root."""
        self.databases(shadow="""
            CREATE FUNCTION stay() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN RAISE 'stay' USING ERRCODE = '23514'; END$$;
            CREATE TABLE held (id int REFERENCES hot);
            INSERT INTO held VALUES (2);""", primary="""
            CREATE TABLE held (id int);""")
        self.prepared().start()
        self.through("DELETE FROM hot WHERE id = 2")
        self.through("UPDATE hot SET n = n + 1 WHERE id = 1")
        report = self.finish()
        classes = {group["class"]: group for group in report["divergences"]}
        self.assertEqual(set(classes), {"error.shadow", "rows.extra"})
        self.assertIn("root", classes["rows.extra"]["detail"])

    def test_what_has_no_root_is_left(self):
        """A look finds what a certain divergence left, and a difference in a column
        that no statement explains: it accuses nobody of that."""
        self.databases(shadow="""
            ALTER TABLE hot ADD CHECK (note <> 'refused');
            UPDATE hot SET n = -1 WHERE id = 2;""")
        self.prepared().start()
        self.through("UPDATE hot SET note = 'refused' WHERE id = 2")
        self.through("UPDATE hot SET note = 'refused' WHERE id = 3")
        report = self.finish()
        looks = [group for group in report["divergences"]
                 if group["class"] != "error.shadow"]
        self.assertEqual([(group["class"], group["count"]) for group in looks],
                         [("rows.value", 1)], report["divergences"])

    def test_looks_are_counted_apart(self):
        """The verdicts add up to the clients' statements."""
        self.databases()
        self.prepared().start()
        # until a statement is in doubt, which takes writes that overlap
        for rounds in range(1, 21):
            self.load(HOT, 16, 40)
            if self.inconclusive(self.parallax.report()):
                break
        report = self.finish()
        self.assertGreater(self.inconclusive(report), 0,
                           "nothing was in doubt: no look was taken")
        # pgbench's own statements, each with the end of its transaction
        self.assertEqual(report["exchanges"]["seen"], rounds * 2 * 16 * 40)
        with sqlite3.connect(f"file:{self.parallax.store}?mode=ro",
                             uri=True) as store:
            statements = [text for text, in store.execute(
                "SELECT text FROM statement")]
        self.assertFalse([text for text in statements
                          if "from public.hot" in text.lower()], statements)

    def test_an_account_without_rights_is_a_warning(self):
        self.databases()
        self.primary.psql("CREATE ROLE looker LOGIN")
        parallax = self.prepared()
        with open(parallax.config) as file:
            text = file.read().replace("user: postgres}", "user: looker}", 1)
        self.place.write(os.path.basename(parallax.config), text)
        parallax.start()
        self.load_to_doubt()
        report = self.finish()
        self.assertEqual(report["divergences"], [])
        self.assertIn("permission denied", self.fact("warning:looks"))

    def test_without_looks_the_taint_stays(self):
        self.databases()
        self.prepared(looks=False).start()
        self.load_to_doubt()
        report = self.finish()
        self.assertEqual(report["divergences"], [])
        self.assertNotEqual(self.fact("mirror.tainted"), "")


if __name__ == "__main__":
    unittest.main()
