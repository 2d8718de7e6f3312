"""`compare:` and `private:` of the mapping with traffic: by column, by table and by a
statement's fingerprint."""

import unittest

from harness import Parallax, start_pair
from rawclient import RawClient, query

OLD = """
CREATE TABLE item (id integer PRIMARY KEY, name text, price numeric, secret text);
INSERT INTO item SELECT n, 'item ' || n, n, 'old ' || n FROM generate_series(1, 3) n;
CREATE TABLE heap (place integer PRIMARY KEY, n integer);
INSERT INTO heap VALUES (1, 1), (2, 2);
"""
# What the migration did to the values, and in which order rows stand.
NEW = OLD + """
UPDATE item SET name = 'ITEM ' || id, secret = 'new ' || id;
UPDATE item SET price = price + 0.5;
UPDATE heap SET place = 10 - place;
"""
ROUGH = "SELECT price FROM item WHERE id = 1"
IGNORED = "SELECT upper(secret) FROM item WHERE id = 2"
SORTED = "SELECT n FROM heap ORDER BY place"
SHOWN = "SELECT id, name, secret FROM item WHERE id = 3"


class Tuned(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        start_pair(cls, "tuned")
        cls.primary.psql(OLD)
        cls.shadow.psql(NEW)
        first = cls.run_with("version: 1\nprivate: {item.name: public}\n", "first")
        cls.prints = {group["statement"]: group["fingerprint"]
                      for group in first["divergences"]}
        cls.first = first

    @classmethod
    def run_with(cls, mapping, name):
        proxy = Parallax(cls.place, cls.primary, cls.shadow, name=name,
                         mapping=cls.place.write(f"{name}.map.yaml", mapping))
        code, told = proxy.check()
        if code:
            raise AssertionError(told)
        proxy.start()
        client = RawClient(proxy.port, "postgres")
        for text in (ROUGH, IGNORED, SORTED, SHOWN):
            client.ask(query(text))
        client.end()
        if proxy.stop():
            raise AssertionError("it ended badly")
        return proxy.report()

    def diverged(self, report):
        return sorted(group["statement"] for group in report["divergences"])

    def test_nothing_said(self):
        self.assertEqual(
            sorted(group["class"] for group in self.first["divergences"]),
            ["rows.order", "rows.value", "rows.value", "rows.value"])

    def test_public_columns_are_shown(self):
        group, = [g for g in self.first["divergences"]
                  if g["statement"].startswith("select id, name")]
        row = group["evidence"][0]["rows"][0]
        self.assertEqual((row["primary"][1], row["shadow"][1]),
                         ("item 3", "ITEM 3"))
        self.assertRegex(row["primary"][2], r"^text\(5\)#")

    def test_by_fingerprint_and_table(self):
        rough = self.prints["select price from item where id = ?"]
        ignored = self.prints["select upper(secret) from item where id = ?"]
        report = self.run_with(
            f"version: 1\ncompare:\n  {rough}: {{tolerance: 0.5}}\n"
            f"  {ignored}: ignore\n  heap: unordered\n", "second")
        self.assertEqual(self.diverged(report),
                         ["select id, name, secret from item where id = ?"])

    def test_order_by_fingerprint(self):
        unordered = self.prints["select n from heap order by place"]
        report = self.run_with(
            f"version: 1\ncompare: {{{unordered}: unordered}}\n", "fourth")
        self.assertEqual(len(self.diverged(report)), 3)
        self.assertNotIn("select n from heap order by place",
                         self.diverged(report))

    def test_a_tolerance_is_no_more_than_said(self):
        rough = self.prints["select price from item where id = ?"]
        report = self.run_with(
            f"version: 1\ncompare: {{{rough}: {{tolerance: 0.4}}}}\n", "third")
        self.assertIn("select price from item where id = ?",
                      self.diverged(report))


if __name__ == "__main__":
    unittest.main()
