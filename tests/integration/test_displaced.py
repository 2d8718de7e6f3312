"""Keys that no answer shows: the shadow draws its own, and one of them may be a key
that the primary gives to a later row, which is carried over. The row in the way moves;
no row is lost."""

import unittest

import harness

SCHEMA = """
CREATE TABLE orders (id serial PRIMARY KEY, owner int, note text);
CREATE TABLE items (order_id int REFERENCES orders ON UPDATE CASCADE, n int);
CREATE TABLE held (id serial PRIMARY KEY, v int);
CREATE TABLE holds (held_id int REFERENCES held, n int);
CREATE TABLE watched (id serial PRIMARY KEY, v int);
CREATE TABLE log (n int);
CREATE TABLE shown (id serial PRIMARY KEY, v int);
CREATE TABLE unique_owner (id serial PRIMARY KEY, owner int UNIQUE);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO log VALUES (1); RETURN NEW; END $$;
CREATE TRIGGER noted AFTER UPDATE ON watched
    FOR EACH ROW EXECUTE FUNCTION note();
"""
OLD = SCHEMA + """
CREATE TABLE bills (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v int);
"""
NEW = SCHEMA + """
CREATE TABLE invoices (number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v int);
SELECT setval('invoices_number_seq', 1);
"""
# The shadow's sequences are one ahead, as after an INSERT that failed there.
AHEAD = "".join(f"SELECT setval('{name}_id_seq', 1);\n" for name in (
    "orders", "held", "watched", "shown", "unique_owner"))
MAPPING = """
version: 1
tables:
  bills: {rows: invoices, columns: {id: number}}
"""
# Both databases insert; the shadow's second row has the third one's key.
TWO = "INSERT INTO {0} (v) VALUES (1), (2);\n"
THIRD = "INSERT INTO {0} (v) VALUES (3) RETURNING id;\n"

LOAD = """
INSERT INTO orders (owner, note) VALUES (:client_id, 'a'), (:client_id, 'b');
INSERT INTO orders (owner, note) VALUES (:client_id, 'c') RETURNING id;
INSERT INTO orders (owner, note) SELECT :client_id, 'd' FROM generate_series(1, 3);
INSERT INTO orders (owner, note) VALUES (:client_id, 'e'), (:client_id, 'f')
    RETURNING id, note;
"""


class Displaced(unittest.TestCase):
    def start(self, shadow=""):
        harness.start_pair(self, "displaced")
        self.primary.psql(OLD)
        self.shadow.psql("\\o /dev/null\n" + NEW + AHEAD + shadow)
        self.parallax = harness.Parallax(
            self.place, self.primary, self.shadow,
            mapping=self.place.write("mapping.yaml", MAPPING)).start()

    def run_all(self, sql):
        self.primary.psql(sql, port=self.parallax.port)
        return self.finish()

    def finish(self):
        self.assertEqual(self.parallax.stop(), 0)
        return self.parallax.report()

    def assert_equal(self, query, new_query=None):
        self.assertEqual(self.shadow.psql(new_query or query),
                         self.primary.psql(query))

    def test_the_row_in_the_way_moves(self):
        self.start()
        report = self.run_all(
            "INSERT INTO orders (owner) VALUES (1), (2);\n"
            "INSERT INTO orders (owner) VALUES (3) RETURNING id;\n"
            "INSERT INTO orders (owner) SELECT 4;\n"
            "BEGIN;\n"
            "INSERT INTO orders (owner) VALUES (5), (6) RETURNING id;\n"
            "COMMIT;\n" + TWO.format("bills") + THIRD.format("bills"))
        self.assertEqual(report["verdicts"]["match"],
                         report["exchanges"]["seen"], report["reasons"])
        self.assert_equal("SELECT owner FROM orders ORDER BY 1")
        self.assert_equal("SELECT id, owner FROM orders "
                          "WHERE owner IN (3, 5, 6) ORDER BY 1")
        self.assert_equal("SELECT v FROM bills ORDER BY 1",
                          "SELECT v FROM invoices ORDER BY 1")
        self.assert_equal("SELECT id FROM bills WHERE v = 3",
                          "SELECT number FROM invoices WHERE v = 3")

    def test_what_refers_to_it_moves_or_holds_it(self):
        self.start()
        report = self.run_all(
            "INSERT INTO orders (owner) VALUES (1), (2);\n"
            "INSERT INTO items SELECT id, 7 FROM orders WHERE owner = 2;\n"
            "INSERT INTO orders (owner) VALUES (3) RETURNING id;\n" +
            TWO.format("held") +
            "INSERT INTO holds SELECT id, 8 FROM held WHERE v = 2;\n" +
            THIRD.format("held"))
        self.assertEqual(report["divergences"], [])
        self.assert_equal("SELECT o.owner, n FROM items "
                          "JOIN orders o ON o.id = order_id")
        # nothing may move: what was known before is what is known now
        self.assertEqual(self.shadow.psql("SELECT v FROM held ORDER BY 1"),
                         "1\n2\n")
        self.assertEqual([row["reason"] for row in report["reasons"]],
                         ["unpinned"])

    def test_nothing_else_moves(self):
        """No trigger fires: that INSERT is inconclusive. A duplicate in a table whose
        keys were all carried is a fault, and so is one of another key."""
        self.start("INSERT INTO shown VALUES (1, 0);\n"
                   "INSERT INTO unique_owner VALUES (100, 3);\n")
        report = self.run_all(
            TWO.format("watched") + THIRD.format("watched") +
            "INSERT INTO shown (v) VALUES (1) RETURNING id;\n"
            "INSERT INTO unique_owner (owner) VALUES (1), (2);\n"
            "INSERT INTO unique_owner (owner) VALUES (4) RETURNING id;\n"
            "INSERT INTO unique_owner (owner) VALUES (3) RETURNING id;\n")
        self.assertEqual(self.shadow.psql("SELECT count(*) FROM log"), "0\n")
        self.assertEqual(
            self.shadow.psql("SELECT id, v FROM shown"), "1|0\n")
        self.assertEqual(
            {(group["class"], group["statement"])
             for group in report["divergences"]},
            {("error.shadow", "insert into shown (v) values (?) returning id"),
             ("error.shadow", "insert into unique_owner (owner) values (?) "
              "returning id")})
        self.assert_equal(
            "SELECT id, owner FROM unique_owner WHERE owner = 4")

    def test_under_load(self):
        self.start()
        self.place.run(
            [self.place.tool("pgbench"), "-h", "127.0.0.1", "-U", "postgres",
             "-n", "-p", self.parallax.port, "-c", 8, "-j", 1, "-t", 40,
             "-f", self.place.write("load.sql", LOAD), "postgres"])
        report = self.finish()
        self.assertEqual(report["verdicts"]["match"],
                         report["exchanges"]["seen"], report["reasons"])
        self.assert_equal("SELECT owner, note, count(*) FROM orders "
                          "GROUP BY 1, 2 ORDER BY 1, 2")
        self.assert_equal("SELECT id, owner, note FROM orders "
                          "WHERE note IN ('c', 'e', 'f') ORDER BY 1")


if __name__ == "__main__":
    unittest.main()
