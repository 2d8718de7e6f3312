"""MERGE over the shop's mapping, by the simple and the extended protocol: the
verdicts, and the data that it leaves behind."""

import os
import unittest

from harness import ROOT, Parallax, load_shop, start_pair
from rawclient import RawClient, SYNC, bind, describe, execute, parse, query

UPSERT = """MERGE INTO users u USING (SELECT $1::int AS id, $2::text AS email,
$3::text AS name, $4::boolean AS active) s ON u.email = s.email
WHEN MATCHED AND s.name IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET name = s.name, active = s.active
WHEN NOT MATCHED AND s.name IS NOT NULL THEN
INSERT (id, email, name, active) VALUES (s.id, s.email, s.name, s.active)
WHEN NOT MATCHED THEN DO NOTHING"""


class Merge(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        start_pair(cls, "merge")
        load_shop(cls.primary, cls.shadow)
        mapping = cls.place.take(os.path.join(ROOT, "mappings/shop.yaml"))
        proxy = Parallax(cls.place, cls.primary, cls.shadow,
                         mapping=mapping).start()
        client = RawClient(proxy.port, "postgres")
        cls.tags = []

        def extended(text, *values):
            client.send(parse(text), bind(values), describe(), execute(), SYNC)
            cls.take(client.until("Z"))

        def simple(text):
            client.send(query(text))
            cls.take(client.until("Z"))

        extended(UPSERT, 50, "new@x", "New Man", "f")
        extended(UPSERT, 51, "ann@x", "Ann Other Name", "f")
        extended(UPSERT, 52, "dan@x", None, None)
        extended(UPSERT, 53, "nobody@x", None, None)
        simple("BEGIN")
        simple("MERGE INTO orders o USING users u ON o.user_id = u.id "
               "WHEN MATCHED AND u.active THEN UPDATE SET state = 'gone', "
               "note = u.name WHEN MATCHED THEN UPDATE SET quantity = "
               "quantity * 2 WHEN NOT MATCHED THEN INSERT (id, user_id) "
               "VALUES (100 + u.id, u.id)")
        simple("SELECT id, user_id, quantity, state, note FROM orders "
               "ORDER BY id")
        simple("COMMIT")
        # both fail, and alike
        simple("MERGE INTO users u USING tags t ON u.id = 1 WHEN MATCHED THEN "
               "UPDATE SET score = t.id")
        # an id that the primary makes and nothing shows
        simple("MERGE INTO users u USING tags t ON u.id = t.id + 1000 WHEN NOT "
               "MATCHED AND t.id = 1 THEN INSERT (email, name) VALUES "
               "('made@x', now()::text)")
        simple("SELECT email, score FROM users WHERE email = 'made@x'")
        simple("MERGE INTO users u USING tags t ON u.id = t.id WHEN MATCHED "
               "THEN UPDATE SET nosuch = 1")
        client.end()
        proxy.stop()
        cls.report = proxy.report()

    @classmethod
    def take(cls, messages):
        cls.tags += [body.rstrip(b"\0").decode() if kind == "C" else "error"
                     for kind, body in messages if kind in "CE"]

    def test_the_primary_did_what_was_meant(self):
        self.assertEqual(
            self.tags, ["MERGE 1", "MERGE 1", "MERGE 1", "MERGE 0", "BEGIN",
                        "MERGE 5", "SELECT 6", "COMMIT", "error", "MERGE 1",
                        "SELECT 1", "error"])

    def test_all_match(self):
        verdicts = self.report["verdicts"]
        self.assertEqual(verdicts["diverged"], 0, self.report["divergences"])
        self.assertEqual(verdicts["inconclusive"], 0)
        self.assertEqual(verdicts["untranslatable"], 0)
        self.assertEqual(verdicts["skipped"], 1)  # nosuch, which is refused
        self.assertEqual(sum(verdicts.values()),
                         self.report["exchanges"]["counted"])

    def test_the_data_is_the_same(self):
        old = self.primary.psql(
            "SELECT id, email, name, active, score FROM users "
            "WHERE email <> 'made@x' ORDER BY id;"
            "SELECT id, user_id, quantity, state, note FROM orders ORDER BY id")
        new = self.shadow.psql(
            "SELECT id, email_address, first_name || ' ' || last_name, "
            "status = 'enabled', score FROM accounts "
            "WHERE email_address <> 'made@x' ORDER BY id;"
            "SELECT id, account_id, quantity, CASE state WHEN 'open' THEN "
            "'new' WHEN 'settled' THEN 'paid' ELSE 'gone' END, note "
            "FROM orders ORDER BY id")
        self.assertEqual(old, new)
        self.assertIn("50|new@x|New Man|f|7", new)
        self.assertIn("1|ann@x|Ann Other Name|f|3", new)
        self.assertNotIn("dan@x", new)


if __name__ == "__main__":
    unittest.main()
