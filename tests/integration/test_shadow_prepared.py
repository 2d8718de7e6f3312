"""What a client has prepared is prepared once on the shadow, too, and nothing that
happens to such a statement there makes a verdict that is none."""

import unittest

import rawclient as raw
from harness import Parallax, assert_matched, start_pair

TABLES = """
CREATE TABLE t (id int PRIMARY KEY, n int);
INSERT INTO t SELECT i, i FROM generate_series(1, 10) i;
ALTER DATABASE postgres SET log_statement = 'all';
"""
TEXT = "SELECT n FROM t WHERE id = $1"


class ShadowPrepared(unittest.TestCase):
    def setUp(self):
        start_pair(self, "shadow-prepared")
        for cluster in (self.primary, self.shadow):
            cluster.psql(TABLES)
        mapping = self.place.write("mapping.yaml", "version: 1\nddl: run\n")
        self.parallax = Parallax(self.place, self.primary, self.shadow,
                                 mapping=mapping).start()
        self.client = raw.RawClient(self.parallax.port, "postgres")

    def prepare(self, text=TEXT, name="s"):
        return self.client.ask(raw.parse(text, name), raw.SYNC)

    def run_it(self, value=1, name="s", times=1):
        for _ in range(times):
            answer = self.client.ask(raw.bind([value], statement=name),
                                     raw.execute(), raw.SYNC)
        return answer

    def ends_matched(self):
        self.client.end()
        self.parallax.stop()
        assert_matched(self, self.parallax.report())

    def names_on_the_shadow(self, text):
        return [line.split("execute ")[1].split(":")[0]
                for line in self.place.log("shadow").splitlines()
                if "execute " in line and line.endswith(text)]

    def test_prepared_at_the_second_time(self):
        self.prepare()
        self.run_it(times=5)
        self.ends_matched()
        self.assertEqual(self.names_on_the_shadow(TEXT),
                         ["<unnamed>", *["parallax_1"] * 4])

    def test_without_a_name_it_is_not(self):
        for _ in range(3):
            self.client.ask(raw.statement(TEXT, [1]), raw.SYNC)
        self.ends_matched()
        self.assertEqual(self.names_on_the_shadow(TEXT), ["<unnamed>"] * 3)

    def test_deallocated(self):
        for text in ("DISCARD ALL", "DEALLOCATE ALL"):
            self.prepare()
            self.run_it(times=3)
            self.client.ask(raw.query(text))
        self.prepare()
        self.run_it(times=3)
        self.ends_matched()

    def test_failures_of_each_kind(self):
        """At the shadow's Parse, at its Bind, behind another failure."""
        self.prepare()
        self.run_it(times=2)
        self.assertIn("E", self.run_it("x"))
        for text in ("BEGIN", "SELECT 1/0"):
            self.client.ask(raw.query(text))
        self.assertIn("E", self.run_it())
        self.client.ask(raw.query("ROLLBACK"))
        self.run_it(times=2)
        self.prepare("SELECT id FROM t WHERE n / ($1::int) > 0", "d")
        self.run_it(0, "d", times=3)
        self.ends_matched()

    def test_a_parse_that_fails(self):
        """Each time, and the statement is another one."""
        self.prepare("SELECT x.n FROM t x WHERE x.id = $1")
        self.shadow.psql("ALTER TABLE t RENAME n TO m")
        self.run_it(times=4)
        self.client.end()
        self.parallax.stop()
        report = self.parallax.report()
        self.assertEqual([(one["class"], one["count"])
                          for one in report["divergences"]],
                         [("error.shadow", 4)])

    def test_schema_changes(self):
        """A star's columns change, as the primary says too (0A000); what is
        prepared anew is another statement."""
        self.prepare("SELECT * FROM t WHERE id = $1")
        self.run_it(times=3)
        self.client.ask(raw.query("ALTER TABLE t ADD more int"))
        self.assertIn("E", self.run_it())
        self.client.ask(raw.query("DEALLOCATE ALL"))
        self.prepare("SELECT * FROM t WHERE id = $1")
        self.run_it(times=3)
        self.ends_matched()

    def test_deallocated_on_the_shadow_alone(self):
        """Behind the driver's back, outside a block and in one, where a savepoint
        cannot undo what failed."""
        for cluster, body in ((self.primary, "NULL"),
                              (self.shadow, "EXECUTE 'DEALLOCATE ALL'")):
            cluster.psql("CREATE FUNCTION drops() RETURNS int LANGUAGE plpgsql AS "
                         f"$$BEGIN {body}; RETURN 1; END$$")
        self.prepare()
        for block in (False, True):
            self.run_it(times=3)
            if block:
                self.client.ask(raw.query("BEGIN"))
                self.client.ask(raw.query("UPDATE t SET n = n + 1 WHERE id = 2"))
            self.client.ask(raw.query("SELECT drops()"))
            self.run_it(times=2)
            if block:
                self.client.ask(raw.query("COMMIT"))
        self.ends_matched()
        self.assertEqual(self.shadow.psql("SELECT n FROM t WHERE id = 2"), "3\n")

    def test_clocks(self):
        """A text into which a clock's value is put comes again, too."""
        text = "UPDATE t SET n = $1 WHERE id = 1 AND now() > '2020-01-01'"
        self.prepare(text)
        self.run_it(times=4)
        self.ends_matched()
        self.assertEqual(
            [line.split("execute ")[1].split(":")[0]
             for line in self.place.log("shadow").splitlines()
             if "execute " in line and "UPDATE t SET n" in line],
            ["<unnamed>", *["parallax_1"] * 3])

    def test_many(self):
        """More than there is room for."""
        for turn in range(2):
            for i in range(400):
                if not turn:
                    self.prepare(f"SELECT n + {i} FROM t WHERE id = $1", f"s{i}")
                self.run_it(name=f"s{i}")
        self.ends_matched()


if __name__ == "__main__":
    unittest.main()
