"""`rewrite:` rules with traffic: replaced, skipped, and what cannot be."""

import os
import unittest

from harness import ROOT, Parallax, start_pair
from rawclient import RawClient, SYNC, bind, describe, execute, parse, query

FOLDER = os.path.join(ROOT, "tests/integration/lens/rules")
SEARCH = "SELECT id FROM docs WHERE to_tsvector('english', body) @@ " \
    "plainto_tsquery('english', {}) ORDER BY id"
MORE = r"""
  - {match: '^select id from docs where (a+)+$', skip: never}
  - {match: '^insert into docs .* values \((.*)\)$', replace: 'INSERT INTO pages VALUES (''\1'')'}
  - {match: '^delete from docs', skip: deleted by hand}
  - {match: '^begin|^commit', skip: never}
"""


class Rules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        start_pair(cls, "rules")
        for cluster, side in ((cls.primary, "old"), (cls.shadow, "new")):
            cluster.load(os.path.join(FOLDER, f"{side}.sql"))
        with open(os.path.join(ROOT, "mappings/rules.yaml")) as file:
            mapping = cls.place.write("map.yaml", file.read().rstrip() + MORE)
        proxy = Parallax(cls.place, cls.primary, cls.shadow, mapping=mapping)
        code, told = proxy.check()
        if code:
            raise AssertionError(told)
        proxy.start()
        client = RawClient(proxy.port, "postgres")

        def extended(text, *values):
            kinds = client.ask(parse(text), bind(values), describe(),
                               execute(), SYNC)
            assert "E" not in kinds, (text, kinds)

        def simple(text, fails=False):
            kinds = client.ask(query(text))
            assert ("E" in kinds) == fails, (text, kinds)

        for word in ("cats", "dogs", "o''clock", "') --", "\\"):
            simple(SEARCH.format(f"'{word}'"))
        for most in range(3):
            extended("SELECT id, title FROM search($1, $2)", "dogs", most)
            simple(f"SELECT id, title FROM search('cat', {most})")
        simple("BEGIN")
        simple("UPDATE docs SET title = 'new', body = 'a new cat' WHERE id = 2")
        simple("COMMIT")
        extended("UPDATE docs SET title = $1, body = $2 WHERE id = $3",
                 "'); DROP TABLE pages; --", None, 3)
        simple("SELECT * FROM docs ORDER BY id")
        simple("SELECT pg_advisory_lock(1)")
        simple("SELECT pg_advisory_unlock(1)")
        simple("SELECT id FROM docs WHERE aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
               fails=True)
        simple("INSERT INTO docs (id, title) VALUES (7, 'seven')")
        simple("SELECT title FROM docs WHERE id = 7")
        simple("DELETE FROM docs WHERE id = 1")
        simple("SELECT id FROM docs ORDER BY id")
        client.end()
        cls.code = proxy.stop()
        cls.report = proxy.report()
        cls.rows = cls.shadow.psql(
            "SELECT id, title, content, edits FROM pages ORDER BY id")

    def test_replaced_statements_match(self):
        verdicts = self.report["verdicts"]
        self.assertEqual(verdicts["diverged"], 0, self.report["divergences"])
        self.assertEqual(verdicts["failed"], 0)
        # 5 and 6 searches, BEGIN, 2 updates, COMMIT, a read; ends of these
        self.assertGreaterEqual(verdicts["match"], 16)

    def test_the_shadow_holds_what_the_rule_wrote(self):
        self.assertIn("2|new|a new cat|1", self.rows)
        self.assertIn("3|'); DROP TABLE pages; --||1", self.rows)

    def reasons(self, verdict):
        return {(row["reason"], row["count"])
                for row in self.report["reasons"]
                if row["verdict"] == verdict}

    def details(self, verdict):
        return {example["detail"] for row in self.report["reasons"]
                if row["verdict"] == verdict for example in row["examples"]}

    def test_verdicts_add_up_and_say_why(self):
        verdicts = self.report["verdicts"]
        exchanges = self.report["exchanges"]
        self.assertEqual(sum(verdicts.values()), exchanges["counted"])
        self.assertEqual(exchanges["unaccounted"], 0)
        # one that the primary refuses, and no rule can be told to fit
        self.assertEqual(self.reasons("skipped"),
                         {("rule", 3), ("refused", 1)})
        limit, = self.details("skipped") - {
            "locks are the application's own", "deleted by hand"}
        self.assertRegex(limit, "rule at line [0-9]+: matching takes too long")
        self.assertEqual(self.reasons("untranslatable"), {("rule", 1)})
        self.assertIn("within quotes", *self.details("untranslatable"))

    def test_what_was_not_written_is_tainted(self):
        self.assertEqual(self.reasons("inconclusive"), {("tainted", 2)})


if __name__ == "__main__":
    unittest.main()
