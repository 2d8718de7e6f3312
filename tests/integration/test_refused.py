"""Statements that the lens cannot say: those that the primary refuses too hold up
no cutover, those that it takes do. Rows of a mapped table by their type are among
them, whether a FROM names the table or not."""

import unittest

from harness import Parallax, start_pair
from rawclient import SYNC, RawClient, query, statement

OLD = """
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
CREATE TABLE parted (id int, v text) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted DEFAULT;
"""
NEW = OLD + """
ALTER TABLE t RENAME TO tt;
ALTER TABLE tt RENAME v TO vv;
ALTER TABLE parted RENAME v TO vv;
"""
MAPPING = """
version: 1
tables:
  t: {rows: tt, columns: {v: vv}}
  parted: {columns: {v: vv}}
  parted_1: {columns: {v: vv}}
"""
REFUSED = {
    "SELECT vv FROM t": "vv",
    "COPY parted TO STDOUT": "not a plain table",
    "INSERT INTO t SELECT (r).* FROM (SELECT '(1,a)'::t AS r) x": "row type",
}
TAKEN = ("SELECT NULL::t", "SELECT ('(1,a)'::t).v",
         "SELECT (jsonb_populate_record(NULL::t, '{\"v\": \"c\"}')).v",
         "SELECT * FROM jsonb_populate_record(NULL::t, '{\"v\": \"c\"}')")
SAID = ("SELECT v(t), id(t) FROM t ORDER BY id(t)",
        "SELECT count(*) FROM t WHERE upper(v(t.*)) = 'A'")


class Refused(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        start_pair(cls, "refused")
        cls.primary.psql(OLD)
        cls.shadow.psql(NEW)
        cls.mapping = cls.place.write("map.yaml", MAPPING)

    def mirrored(self, name, *asked):
        """What is asked: (messages, whether the primary fails). Gives the
        report and the gate's exit code."""
        proxy = Parallax(self.place, self.primary, self.shadow, name=name,
                         mapping=self.mapping).start()
        client = RawClient(proxy.port, "postgres")
        for messages, fails in asked:
            kinds = client.ask(messages)
            self.assertEqual("E" in kinds, fails, (messages, kinds))
        client.end()
        self.assertEqual(proxy.stop(), 0)
        report = proxy.report()
        self.assertEqual(report["divergences"], [])
        code, _ = self.place.exit_code(
            [self.place.parallax, "gate", proxy.store])
        return report, code

    def reasons(self, report):
        return {group["verdict"] + " " + group["reason"]: group
                for group in report["reasons"]}

    def test_refused_by_the_primary(self):
        report, code = self.mirrored(
            "refused", (query("SELECT v FROM t ORDER BY id"), False),
            *((query(text), True) for text in REFUSED),
            (statement("SELECT 1; SELECT 2") + SYNC, True))
        self.assertEqual(report["verdicts"]["untranslatable"], 0)
        self.assertEqual(list(self.reasons(report)), ["skipped refused"])
        group = self.reasons(report)["skipped refused"]
        self.assertEqual(group["count"], len(REFUSED) + 1)
        details = " ".join(e["detail"] for e in group["examples"])
        for detail in (*REFUSED.values(), "several statements"):
            self.assertIn(detail, details)
        self.assertEqual(code, 0)

    def test_row_types_that_the_primary_takes(self):
        report, code = self.mirrored(
            "taken", *((query(text), False) for text in TAKEN + SAID))
        group, = report["reasons"]
        self.assertEqual((group["verdict"], group["count"]),
                         ("untranslatable", len(TAKEN)))
        self.assertIn('names the row type of "t"',
                      group["examples"][0]["detail"])
        self.assertGreaterEqual(report["verdicts"]["match"], len(SAID))
        self.assertEqual(code, 1)


if __name__ == "__main__":
    unittest.main()
