"""COPY FROM into tables of which the mapping does more than rename columns: text,
CSV and binary, with WHERE, with columns left out, in blocks, failing; and the data
that comes of it."""

import os
import struct
import unittest

from harness import ROOT, Parallax, load_shop, start_pair
from rawclient import COPY_DONE, RawClient, copy_data, copy_fail, query


def binary(*rows):
    data = b"PGCOPY\n\xff\r\n\0" + struct.pack(">ii", 0, 0)
    for row in rows:
        data += struct.pack(">h", len(row))
        for value in row:
            data += (struct.pack(">i", -1) if value is None else
                     struct.pack(">i", len(value)) + value)
    return data + struct.pack(">h", -1)


class CopyMapped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        start_pair(cls, "copy-mapped")
        load_shop(cls.primary, cls.shadow)
        for cluster in (cls.primary, cls.shadow):
            cluster.psql("CREATE ROLE app LOGIN; GRANT ALL ON ALL TABLES IN "
                         "SCHEMA public TO app; GRANT ALL ON ALL SEQUENCES IN "
                         "SCHEMA public TO app")
        cls.shadow.psql("GRANT ALL ON SCHEMA catalogue TO app; GRANT ALL ON "
                        "ALL TABLES IN SCHEMA catalogue TO app; GRANT ALL ON "
                        "ALL SEQUENCES IN SCHEMA catalogue TO app")
        mapping = cls.place.take(os.path.join(ROOT, "mappings/shop.yaml"))
        proxy = Parallax(cls.place, cls.primary, cls.shadow,
                         mapping=mapping).start()
        cls.said = []
        for user in ("postgres", "app"):
            client = RawClient(proxy.port, "postgres", user)
            cls.traffic(client, 1000 if user == "app" else 0)
            client.end()
        proxy.stop()
        cls.report = proxy.report()

    @classmethod
    def copy(cls, client, text, *data, end=COPY_DONE):
        client.send(query(text))
        messages = client.until("GZ")
        if messages[-1][0] == "G":
            client.send(*(copy_data(part) for part in data), end)
            messages = client.until("Z")
        cls.said += [body.rstrip(b"\0").decode() if kind == "C" else
                     body.split(b"\0C")[1][:5].decode()
                     for kind, body in messages if kind in "CE"]

    @classmethod
    def traffic(cls, client, n):
        copy = cls.copy
        copy(client, "COPY users (id, email, name, active) FROM STDIN",
             f"{n + 10}\tc{n}1@x\tCyd Ann Poe\tt\n".encode(),
             f"{n + 11}\tc{n}2@x\t\\N\tf\n{n + 12}\tc{n}3@x\ta\\tb c\tf".encode(),
             b"\n\\.\n")
        copy(client, "COPY users (active, email, id, score) FROM STDIN WITH "
             "(FORMAT csv, HEADER, FORCE_NULL (score), NULL 'nil')",
             b"a,b,c,d\n" + f"yes,\"q,{n}@x\",{n + 13},nil\n".encode() +
             f"no,r{n}@x,{n + 14},5\n".encode())
        copy(client, "COPY users (id, email, active, legacy_flags) FROM STDIN "
             "BINARY", binary(
                 (struct.pack(">i", n + 15), b"bin%d@x" % n, b"\1", None),
                 (struct.pack(">i", n + 16), b"bim%d@x" % n, b"\0", None)))
        copy(client, "COPY products (id, title, price, kind) FROM STDIN "
             "WHERE price > 2 AND products.title <> 'no'",
             f"{n + 20}\tTen\t10.005\tbook\n{n + 21}\tOne\t1\tfood\n"
             f"{n + 22}\tno\t7\tfood\n{n + 23}\tSix\t6\t\\N\n".encode())
        copy(client, "BEGIN")
        for i in range(2):  # the same table twice, in one transaction
            copy(client, "COPY orders (id, user_id, quantity, state, note) "
                 "FROM STDIN",
                 f"{n + 30 + i}\t1\t3\tpaid\tnote {i}\n".encode())
        copy(client, "SELECT id, user_id, quantity, note FROM orders "
             f"WHERE id >= {n + 30} ORDER BY id")
        copy(client, "COMMIT")
        # wrong in their form, refused by a key, a NULL, given up
        copy(client, "COPY users (id, email, active) FROM STDIN",
             f"{n + 40}\tw{n}@x\tperhaps\n".encode())
        copy(client, "COPY users (id, email) FROM STDIN",
             f"{n + 41}\tc{n}1@x\n".encode())
        copy(client, "COPY users (id, email) FROM STDIN",
             f"{n + 42}\t\\N\n".encode())
        copy(client, "COPY users (id, email) FROM STDIN",
             f"{n + 43}\tgone{n}@x\n".encode(), end=copy_fail("no more"))
        copy(client, "BEGIN")
        copy(client, "COPY users (id, email) FROM STDIN",
             f"{n + 44}\tback{n}@x\n".encode())
        copy(client, "ROLLBACK")
        # whole rows, and an id that nothing shows
        copy(client, "COPY orders FROM STDIN",
             f"{n + 50}\t2\t1\t4\tgone\t\\N\n".encode())
        copy(client, "COPY users (email) FROM STDIN WITH (FORMAT csv)",
             f"made{n}@x\n".encode())
        copy(client, "COPY users (id, email) FROM STDIN WHERE score > 3",
             f"{n + 60}\twhere{n}@x\n".encode())
        copy(client, "SELECT id, email, name, active, score, legacy_flags "
             "FROM users WHERE email NOT LIKE 'made%' AND email NOT LIKE "
             "'where%' ORDER BY id")
        copy(client, "SELECT id, title, price, kind FROM products ORDER BY id")
        copy(client, "SELECT * FROM orders ORDER BY id")

    def test_the_primary_did_what_was_meant(self):
        once = ["COPY 3", "COPY 2", "COPY 2", "COPY 2", "BEGIN", "COPY 1",
                "COPY 1", "SELECT 2", "COMMIT", "22P02", "23505", "23502",
                "57014", "BEGIN", "COPY 1", "ROLLBACK", "COPY 1", "COPY 1",
                "COPY 1"]
        self.assertEqual(self.said[:len(once)], once)
        self.assertEqual(self.said[len(once) + 3:][:len(once)], once)

    def test_all_match(self):
        verdicts = self.report["verdicts"]
        self.assertEqual(verdicts["diverged"], 0, self.report["divergences"])
        self.assertEqual(verdicts["failed"], 0)
        told = {(row["verdict"], row["reason"]):
                [example["detail"] for example in row["examples"]]
                for row in self.report["reasons"]}
        # WHERE over a column that has its default; clients that gave up
        self.assertEqual(set(told), {("untranslatable", "unsupported"),
                                     ("inconclusive", "load")}, told)
        self.assertEqual(verdicts["untranslatable"], 2, told)
        self.assertEqual(verdicts["inconclusive"], 2, told)
        self.assertIn("which is not among the columns",
                      told["untranslatable", "unsupported"][0])

    def test_the_data_is_the_same(self):
        old = self.primary.psql(
            "SELECT id, email, name, active, score FROM users WHERE email "
            "NOT LIKE 'made%' AND email NOT LIKE 'where%' ORDER BY id;"
            "SELECT id, title, price, kind FROM products ORDER BY id;"
            "SELECT id, user_id, product_id, quantity, state, note FROM orders "
            "ORDER BY id; SELECT count(*) FROM users WHERE email LIKE 'made%'")
        new = self.shadow.psql(
            "SELECT id, email_address, first_name || ' ' || last_name, "
            "status = 'enabled', score FROM accounts WHERE email_address "
            "NOT LIKE 'made%' AND email_address NOT LIKE 'where%' ORDER BY id;"
            "SELECT id, label, round(price_cents / 100.0, 2), CASE kind_code "
            "WHEN 'B' THEN 'book' WHEN 'F' THEN 'food' WHEN 'O' THEN 'other' "
            "END FROM catalogue.items ORDER BY id;"
            "SELECT id, account_id, product_id, quantity, CASE state WHEN "
            "'open' THEN 'new' WHEN 'settled' THEN 'paid' ELSE 'gone' END, "
            "note FROM orders ORDER BY id; "
            "SELECT count(*) FROM accounts WHERE email_address LIKE 'made%'")
        self.assertEqual(old, new)
        for row in ("10|c01@x|Cyd Ann Poe|t|7", "12|c03@x|a\tb c|f|7",
                    "13|q,0@x||t|", "15|bin0@x||t|7", "20|Ten|10.01|book",
                    "50|2|1|4|gone|"):
            self.assertIn(row, new)


if __name__ == "__main__":
    unittest.main()
