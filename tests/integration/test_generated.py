"""Generated columns of the old schema in tables whose rows went elsewhere, and
what the mapping computes from them; partitions that share a new table; columns
that are generated in one of the schemas alone."""

import unittest

from harness import Parallax, assert_matched, start_pair

OLD = "".join(f"""
CREATE TABLE {name} (id int PRIMARY KEY, qty int, price int,
    total int GENERATED ALWAYS AS (qty * price) STORED, bio text);
""" for name in ("kept", "told", "moved")) + """
CREATE TABLE numbers (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
CREATE TABLE days (k int, d date, v text, PRIMARY KEY (k, d))
    PARTITION BY RANGE (d);
CREATE TABLE days_20 PARTITION OF days
    FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE days_21 PARTITION OF days
    FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
"""
DATA = "".join(f"""
INSERT INTO {name} (id, qty, price) SELECT i, i, i + 1
FROM generate_series(1, 10) i;
""" for name in ("kept", "told", "moved")) + """
INSERT INTO days SELECT i, date '2020-01-01' + i * 7, 'v' || i
FROM generate_series(1, 100) i;
"""
NEW = """
CREATE TABLE kept (id int PRIMARY KEY, qty int, price int,
    total int GENERATED ALWAYS AS (qty * price) STORED);
CREATE TABLE bios (kept_id int PRIMARY KEY, bio text);
CREATE TABLE told (id int PRIMARY KEY, qty int, price int,
    total int GENERATED ALWAYS AS (qty * price) STORED);
CREATE TABLE sizes (told_id int PRIMARY KEY, bio text, size text);
CREATE TABLE large (id int PRIMARY KEY, qty int, price int, total int, bio text);
CREATE TABLE small (LIKE large INCLUDING ALL);
CREATE TABLE numbers (id int PRIMARY KEY);
CREATE TABLE calendar (k int, d date, v text, PRIMARY KEY (k, d));
"""
MAPPING = """
version: 1
accept: {numbers: identity}
tables:
  kept:
    rows: [kept, {table: bios, join: {kept_id: id}}]
    columns: {bio: bios.bio}
  told:
    rows: [told, {table: sizes, join: {told_id: id}, when: "bio IS NOT NULL OR total > 30"}]
    columns:
      bio: sizes.bio
      total: {read: total, write: {sizes.size: "CASE WHEN total > 50 THEN 'L' ELSE 'S' END"}}
  moved:
    rows: {any_of: [{table: large, when: "total > 50"}, small]}
    columns:
      total: {column: total, read: total, write: total}
  days: {rows: calendar}
  days_20: {rows: {table: calendar, where: "d < '2021-01-01'"}}
  days_21: {rows: {table: calendar, where: "d >= '2021-01-01'"}}
"""
TRAFFIC = "".join(f"""
INSERT INTO {name} (id, qty, price) VALUES (100, 20, 3);
INSERT INTO {name} (id, qty, price, bio) VALUES (101, 2, 3, 'b'), (102, 9, 9, NULL);
INSERT INTO {name} (id, qty, price) VALUES (100, 1, 1)
    ON CONFLICT (id) DO UPDATE SET qty = excluded.qty + 1, bio = 'c';
UPDATE {name} SET qty = 70 WHERE id = 1;
UPDATE {name} SET qty = 0, bio = 'z' WHERE id = 9 RETURNING id, bio;
UPDATE {name} SET bio = 'large' WHERE total > 80 RETURNING id, total;
SELECT * FROM {name} ORDER BY id;
DELETE FROM {name} WHERE total = 0 RETURNING *;
SELECT id, total FROM {name} WHERE total > 50 ORDER BY 1;
""" for name in ("kept", "told", "moved")) + """
UPDATE days SET v = 'x' WHERE d < '2020-03-01' RETURNING *;
SELECT count(*) FROM days_20;
SELECT * FROM days_21 ORDER BY k LIMIT 5;
UPDATE kept SET qty = 71, bio = 'r' WHERE id = 2 RETURNING total;
INSERT INTO moved VALUES (110, 2, 3, DEFAULT, 'm') RETURNING *;
UPDATE kept SET qty = qty + 1, bio = 's' WHERE id = 2 RETURNING total;
"""


class Generated(unittest.TestCase):
    def setUp(self):
        start_pair(self, "generated")

    def test_all(self):
        self.primary.psql(OLD + DATA)
        self.shadow.psql(NEW)
        mapping = self.place.write("mapping.yaml", MAPPING)
        parallax = Parallax(self.place, self.primary, self.shadow,
                            mapping=mapping)
        code, output = parallax.check()
        self.assertEqual(code, 0, output)
        self.assertNotIn("share", output)
        self.assertIn('"numbers.id" is filled by a sequence', output)
        for command in ("seed", "verify"):
            self.place.run([self.place.parallax, command, parallax.config])
        # What the write expressions made of them.
        self.assertEqual(self.shadow.psql(
            "SELECT told_id, size FROM sizes ORDER BY 1 LIMIT 2"),
            "6|S\n7|L\n")
        self.assertEqual(self.shadow.psql(
            "SELECT min(id) FROM large"), "7\n")
        parallax.start()
        self.primary.psql(TRAFFIC, port=parallax.port)
        self.assertEqual(parallax.stop(), 0)
        report = parallax.report()
        self.assertEqual(report["divergences"], [])
        verdicts = {key: count for key, count in report["verdicts"].items()
                    if count and key != "match"}
        # What is computed from columns that are computed is read from the write.
        self.assertEqual(verdicts, {})
        self.assertEqual(self.shadow.psql(
            "SELECT size FROM sizes WHERE told_id = 1"), "L\n")
        self.assertEqual(self.shadow.psql(
            "SELECT total FROM large WHERE id = 1"), "140\n")
        code, output = self.place.exit_code(
            [self.place.parallax, "verify", "--quiet", parallax.config])
        self.assertEqual(code, 0, output)
        self.assertIn("5 tables equal, 0 with drift", output)


TOTAL = "GENERATED ALWAYS AS (qty * price) STORED"
# The old schema computes these, the new one does not (or holds them wider, or
# in one of two tables); costs and its kin the other way round.
WAS = ("sums", "wide", "halves")
IS = ("costs", "ids", "parts")
APART_OLD = "".join(
    f"CREATE TABLE {name} (id int PRIMARY KEY, qty int, price int, "
    f"total int {TOTAL if name in WAS else ''}, bio text);"
    for name in WAS + ("costs", "parts")) + f"""
CREATE TABLE ids (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, qty int,
    price int, total int, bio text, gone int);
CREATE TABLE noted (id int PRIMARY KEY, qty int, price int, total int {TOTAL});
CREATE TABLE coded (id serial PRIMARY KEY,
    code int GENERATED ALWAYS AS (id * 2) STORED, q int);
CREATE TABLE sources (id int PRIMARY KEY, qty int, price int);
INSERT INTO sources SELECT i, i, 2 FROM generate_series(300, 305) i;
"""
APART_NEW = f"""
CREATE TABLE sums (id int PRIMARY KEY, qty int, price int, total int, bio text);
CREATE TABLE wider (id int PRIMARY KEY, qty int, price int, sum bigint, bio text);
CREATE TABLE large (id int PRIMARY KEY, qty int, price int, total int, bio text);
CREATE TABLE small (id int PRIMARY KEY, qty int, price int, total int {TOTAL}, bio text);
CREATE TABLE costs (id int PRIMARY KEY, qty int, price int, total int {TOTAL}, bio text);
CREATE TABLE ids (total int {TOTAL}, id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    qty int, price int, bio text);
CREATE TABLE parts (id int PRIMARY KEY, qty int, price int, total int {TOTAL});
CREATE TABLE bios (id int PRIMARY KEY, bio text);
CREATE TABLE noted (id int PRIMARY KEY, qty int, price int);
CREATE TABLE coded (id serial PRIMARY KEY, code int, q int);
CREATE TABLE sources (id int PRIMARY KEY, qty int, price int);
"""
APART_DATA = "".join(
    f"INSERT INTO {name} (id, qty, price, total, bio) OVERRIDING SYSTEM VALUE "
    f"SELECT i, i, i + 1, i * (i + 1), 'b' || i "
    f"FROM generate_series(1, 50) i;" for name in IS) + "".join(
    f"INSERT INTO {name} (id, qty, price) SELECT i, i, i + 1 "
    f"FROM generate_series(1, 50) i;" for name in WAS + ("noted",)) + """
SELECT setval('ids_id_seq', 1000);
"""
APART_MAPPING = """
version: 1
tables:
  wide: {rows: wider, columns: {total: sum}}
  halves: {rows: {any_of: [{table: large, when: "total > 50"}, small]}}
  ids: {columns: {gone: dropped}}
  parts: {rows: [parts, {table: bios, join: {id: id}, when: "bio IS NOT NULL"}], columns: {bio: bios.bio}}
  noted: {columns: {total: {read: "qty * price"}}}
  # Alike but for what is generated: named, so that statements are rewritten.
  sums: {rows: sums}
  costs: {rows: costs}
  coded: {rows: coded}
"""
WAS_TRAFFIC = "".join(f"""
INSERT INTO {name} (id, qty, price) VALUES (100, 20, 3);
INSERT INTO {name} VALUES (101, 2, 3, DEFAULT, 'b'), (102, 9, 9, DEFAULT, NULL);
INSERT INTO {name} (total, id, qty) VALUES (DEFAULT, 103, 5);
INSERT INTO {name} (id, qty, price) SELECT id, qty, price FROM sources;
INSERT INTO {name} (id, qty, price) VALUES (100, 7, 1) ON CONFLICT (id)
    DO UPDATE SET qty = excluded.qty + 1, bio = excluded.total;
UPDATE {name} SET qty = 70 WHERE id = 1;
UPDATE {name} SET total = DEFAULT WHERE id < 4;
UPDATE {name} SET total = DEFAULT, price = qty - 1 WHERE id < 9;
UPDATE {name} SET bio = 'many' WHERE total > 80;
UPDATE {name} SET (qty, price) = (SELECT 3, 4) WHERE id = 12;
MERGE INTO {name} t USING (VALUES (200, 3), (2, 8)) v (id, n) ON t.id = v.id
    WHEN MATCHED THEN UPDATE SET qty = n
    WHEN NOT MATCHED THEN INSERT (id, qty, price, total) VALUES (v.id, n, 4, DEFAULT);
COPY {name} (id, qty, price) FROM STDIN;
400\t3\t4
401\t5\t\\N
\\.
DELETE FROM {name} WHERE total = 0;
SELECT * FROM {name} ORDER BY id;
SELECT id FROM {name} WHERE total BETWEEN 20 AND 90 ORDER BY total, id;
""" for name in WAS) + "".join(f"""
INSERT INTO {name} VALUES (110, 2, 3, DEFAULT) RETURNING *;
UPDATE {name} SET qty = 6 WHERE id = 110 RETURNING total;
""" for name in ("sums", "wide")) + """
INSERT INTO noted VALUES (110, 2, 3, DEFAULT), (111, 2, 3, DEFAULT);
INSERT INTO noted (total, id) VALUES (DEFAULT, 112);
UPDATE noted SET total = DEFAULT WHERE id < 4;
UPDATE noted SET total = DEFAULT, qty = 5 WHERE id < 9 RETURNING *;
SELECT * FROM noted ORDER BY id;
"""
# Its key is drawn by the shadow too, once for both columns.
CODED_TRAFFIC = """
INSERT INTO coded (q) VALUES (1);
INSERT INTO coded (q) VALUES (2), (3);
INSERT INTO coded (id, q) VALUES (DEFAULT, 4);
INSERT INTO coded DEFAULT VALUES;
INSERT INTO coded (q) SELECT 5;
COPY coded (q) FROM STDIN;
6
\\.
INSERT INTO coded (id, q) VALUES (DEFAULT, 7) RETURNING *;
INSERT INTO coded (q) VALUES (8), (9) RETURNING id;
INSERT INTO coded DEFAULT VALUES RETURNING code;
INSERT INTO coded (q) SELECT 10 RETURNING id;
SELECT * FROM coded ORDER BY id;
"""
IS_TRAFFIC = "".join(f"""
INSERT INTO {name} (id, qty, price, total) {over} VALUES (100, 20, 3, 60);
INSERT INTO {name} (total, id, qty, price, bio) {over}
    VALUES (6, 101, 2, 3, 'b'), (81, 102, 9, 9, NULL);
INSERT INTO {name} (id, qty, price, total) {over}
    SELECT id, qty, price, qty * price FROM sources;
INSERT INTO {name} (id, qty, price, total) {over} VALUES (100, 7, 3, 21)
    ON CONFLICT (id) DO UPDATE SET qty = excluded.qty, total = excluded.total;
UPDATE {name} SET total = qty * price WHERE id < 4;
UPDATE {name} SET qty = 70, total = 70 * price WHERE id = 1;
UPDATE {name} SET total = total WHERE id IN (1, 2, 900);
UPDATE {name} SET (qty, total) = (SELECT 3, 39) WHERE id = 12;
UPDATE {name} SET (total) = ROW(39) WHERE id = 12;
UPDATE {name} SET bio = 'many' WHERE total > 80;
MERGE INTO {name} t USING (VALUES (200, 3), (12, 9)) v (id, n) ON t.id = v.id
    WHEN MATCHED THEN UPDATE SET qty = n, total = n * price
    WHEN NOT MATCHED THEN INSERT (id, qty, price, total) {over} VALUES (v.id, n, 4, n * 4);
COPY {name} (id, qty, total, price) FROM STDIN;
400\t3\t12\t4
401\t5\t\\N\t\\N
\\.
DELETE FROM {name} WHERE total = 81;
SELECT * FROM {name} ORDER BY id;
SELECT id FROM {name} WHERE total BETWEEN 20 AND 90 ORDER BY total, id;
PREPARE p_{name} (int, int) AS UPDATE {name} SET total = $2 WHERE id = $1 RETURNING id, total;
EXECUTE p_{name} (5, 30);
""" for name, over in (("costs", ""), ("parts", ""),
                       ("ids", "OVERRIDING SYSTEM VALUE"))) + """
UPDATE costs SET total = 6 WHERE id = 2 RETURNING *;
INSERT INTO costs VALUES (110, 2, 3, 6, 'x') RETURNING total, id;
INSERT INTO ids (qty, price, total) VALUES (2, 3, 6) RETURNING *;
UPDATE ids SET gone = 5 WHERE id < 7;
COPY costs TO STDOUT;
"""


class OneSided(unittest.TestCase):
    def setUp(self):
        start_pair(self, "onesided")
        self.primary.psql(APART_OLD)
        self.shadow.psql(APART_NEW)
        mapping = self.place.write("mapping.yaml", APART_MAPPING)
        self.parallax = Parallax(self.place, self.primary, self.shadow,
                                 mapping=mapping)

    def command(self, name, *options):
        return self.place.exit_code(
            [self.place.parallax, name, *options, self.parallax.config])

    def prepare(self):
        self.primary.psql(APART_DATA)
        code, output = self.parallax.check()
        self.assertEqual(code, 0, output)
        for name in ("seed", "verify"):
            code, output = self.command(name)
            self.assertEqual(code, 0, output)

    def test_statements(self):
        self.prepare()
        self.assertEqual(self.shadow.psql(
            "SELECT sum(total) FROM sums UNION ALL SELECT sum(sum) FROM wider "
            "UNION ALL SELECT sum(total) FROM costs"),
            "44200\n44200\n44200\n")
        self.parallax.start()
        self.primary.psql(WAS_TRAFFIC + CODED_TRAFFIC + IS_TRAFFIC,
                          port=self.parallax.port)
        self.assertEqual(self.parallax.stop(), 0)
        assert_matched(self, self.parallax.report())
        code, output = self.command("verify")
        self.assertEqual(code, 0, output)

    def test_repair(self):
        self.prepare()
        self.shadow.psql("UPDATE sums SET total = 1 WHERE id < 3;"
                         "UPDATE wider SET sum = 1, qty = 1 WHERE id = 3;"
                         "UPDATE costs SET qty = 1 WHERE id = 4")
        self.assertEqual(self.command("verify", "--quiet")[0], 1)
        code, output = self.command("verify", "--repair", "--recheck", "0")
        self.assertEqual(code, 0, output)
        self.assertEqual(self.command("verify")[0], 0)

    def test_another_value(self):
        """What the application writes is not what the new schema computes."""
        self.prepare()
        self.parallax.start()
        self.primary.psql(
            "UPDATE costs SET total = 1 WHERE id = 2;"
            "SELECT total FROM costs WHERE id = 2", port=self.parallax.port)
        self.assertEqual(self.parallax.stop(), 0)
        found = self.parallax.report()["divergences"]
        self.assertEqual([one["class"] for one in found], ["rows.value"])
        code, output = self.command("verify")
        self.assertEqual(code, 1, output)
        self.assertIn("public.costs: 1 row differs: 1 with other values (total)",
                      output)

    def test_check_finds_another_value(self):
        self.primary.psql(APART_DATA + "UPDATE costs SET total = 7;")
        code, output = self.parallax.check()
        self.assertEqual(code, 1, output)
        self.assertIn('"costs.total" does not read back as it was written',
                      output)

    def test_value_for_generated(self):
        self.prepare()
        self.parallax.start()
        self.primary.psql(
            "\\set ON_ERROR_STOP 0\n"
            "UPDATE sums SET total = 5 WHERE id = 1;\n"
            "INSERT INTO sums (id, total) VALUES (500, 5);",
            port=self.parallax.port)
        self.assertEqual(self.parallax.stop(), 0)
        report = self.parallax.report()
        self.assertEqual(report["divergences"], [])
        self.assertEqual(report["verdicts"]["skipped"], 2)
        self.assertEqual([(reason["verdict"], reason["reason"])
                          for reason in report["reasons"]],
                         [("skipped", "refused")])

    def test_recoded(self):
        """One that the old schema computes is not recoded by `values`."""
        mapping = self.place.write("recoded.yaml", APART_MAPPING.replace(
            "  sums: {rows: sums}\n", "") + """
  sums: {columns: {total: {column: total, values: {1: 2, 2: 1}}}}
""")
        code, output = Parallax(self.place, self.primary, self.shadow,
                                mapping=mapping).check()
        self.assertEqual(code, 1, output)
        self.assertIn('recoded.yaml:13:20: error: column "total" is generated',
                      output)


if __name__ == "__main__":
    unittest.main()
