"""Recoded columns (`values`) compared with what is of another type: nothing is
rounded to a value that is there, nor is out of range."""

import json
import unittest

from harness import Workplace
from pair import two_schemas

OLD = """
CREATE TYPE st AS ENUM ('1', 'a');
CREATE TABLE items (id int PRIMARY KEY, kind smallint, letter char(2));
INSERT INTO items VALUES (1, 1, 'a'), (2, 2, 'bb'), (3, 2, NULL);
"""
NEW = """
CREATE TYPE state AS ENUM ('1', 'a');
CREATE TABLE items (id int PRIMARY KEY, kind text, letter text);
INSERT INTO items VALUES (1, 'one', 'A'), (2, 'two', 'B'), (3, 'two', NULL);
"""
MAPPING = """version: 1
types: {st: state}
tables:
  items:
    columns:
      kind: {values: {1: one, 2: two}}
      letter: {values: {a: A, bb: B}}
"""
INT4, INT8, TEXT, NUMERIC = 23, 20, 25, 1700
# The statement; its parameter's type and value; how many rows it finds.
CASES = (
    ("kind = $1", INT8, "70000", 0),
    ("kind = $1", INT8, "2", 2),
    ("kind = $1", INT4, "1", 1),
    ("kind = $1", NUMERIC, "1.5", 0),
    ("kind = $1", NUMERIC, "1.0", 1),
    ("kind = $1", 0, "2", 2),
    ("kind = $1::bigint", 0, "70000", 0),
    ("kind = $1::numeric", 0, "1.6", 0),
    ("$1 = kind", INT8, "70000", 0),
    ("kind = ANY ($1)", 1016, "{70000,1}", 1),
    ("kind = ANY ($1)", 0, "{1,2}", 3),
    ("kind = ANY ($1::bigint[])", 0, "{70000,2}", 2),
    ("kind = ANY ($1::numeric[])", 0, "{1.6}", 0),
    ("letter = $1", TEXT, "a", 1),
    ("letter = $1", 0, "bb", 1),
    ("kind = '1'::st::text::smallint AND kind = $1", INT8, "1", 1),
    ("letter = 'a'::st::text AND kind = $1", INT8, "1", 1),
    ("letter = ANY (ARRAY['a']::st[]::text[]) AND kind = $1", INT8, "1", 1),
    ("letter = ANY ('{a}'::st[]::text[]) AND kind = $1", INT8, "1", 1),
    ("kind = 70000 OR kind = $1", INT8, "1", 1),
    ("kind = 1.5 OR kind = $1", INT8, "1", 1),
)


class Recoded(unittest.TestCase):
    def test_other_types(self):
        with Workplace("recoded") as place:
            pair = two_schemas(place, OLD, NEW, MAPPING)
            for condition, kind, value, count in CASES:
                text = f"SELECT id FROM items WHERE {condition} ORDER BY id"
                with self.subTest(condition, kind=kind, value=value):
                    said = pair.run(text, types=[kind], parameters=[value])
                    self.assertEqual(said.get("verdict"), "match",
                                     json.dumps(said, indent=1))
                    self.assertEqual(said["old"]["rows"], count)
            pair.close()

    def test_functions_of_a_type_that_is_replaced(self):
        """The new type has none of them: not rewritten, and said why."""
        old = ("CREATE TYPE mood AS ENUM ('sad', 'glad');"
               "CREATE TABLE people (id int PRIMARY KEY, mood mood);"
               "INSERT INTO people VALUES (1, 'glad'), (2, NULL)")
        new = ("CREATE TABLE people (id int PRIMARY KEY, mood text);"
               "INSERT INTO people VALUES (1, 'good'), (2, NULL)")
        mapping = ("version: 1\ntables:\n  people:\n    columns:\n"
                   "      mood: {values: {sad: bad, glad: good}}\n")
        with Workplace("functions") as place:
            pair = two_schemas(place, old, new, mapping)
            for call in ("hashenum(mood)", "hashenumextended(mood, 1)",
                         "enum_cmp(mood, 'sad')", "enum_out(mood)",
                         "hashenum(NULL::mood)", "hashenum('sad'::mood)",
                         "enum_smaller(mood, NULL::mood)"):
                with self.subTest(call):
                    said = pair.run(f"SELECT {call} FROM people ORDER BY id")
                    self.assertEqual(said["action"], "untranslatable",
                                     json.dumps(said, indent=1))
                    self.assertIn("mood", said["detail"])
            pair.close()

    def test_functions_of_a_type_that_becomes_text(self):
        """`types:` says so, or the column's own type does."""
        old = ("CREATE TYPE mood AS ENUM ('sad', 'glad');"
               "CREATE TYPE size AS ENUM ('small', 'large');"
               "CREATE TABLE people (id int PRIMARY KEY, mood mood, size size);"
               "INSERT INTO people VALUES (1, 'glad', 'small'), (2, NULL, NULL)")
        new = ("CREATE TYPE size AS ENUM ('small', 'large');"
               "CREATE TABLE persons (id int PRIMARY KEY, mood text, size size);"
               "INSERT INTO persons VALUES (1, 'glad', 'small'), (2, NULL, NULL)")
        mapping = ("version: 1\ntables:\n  people: {rows: persons}\n"
                   "types: {mood: text}\n")
        with Workplace("functions") as place:
            pair = two_schemas(place, old, new, mapping)
            for text in ("SELECT hashenum(mood) FROM people",
                         "SELECT hashenum(NULL::mood)",
                         "SELECT enum_range('sad'::mood, NULL)",
                         "SELECT enum_first(NULL::mood) FROM people",
                         "SELECT id FROM people WHERE enum_cmp(mood, 'sad') > 0",
                         "SELECT enum_out(p.m) FROM "
                         "(SELECT mood AS m FROM people) p",
                         "SELECT hashenum(coalesce(mood, 'sad')) FROM people"):
                with self.subTest(text):
                    said = pair.run(text)
                    self.assertEqual(said["action"], "untranslatable",
                                     json.dumps(said, indent=1))
                    self.assertIn("mood", said["detail"])
            # What stays an enum is not refused; what hashes its labels'
            # numbers, which each server gives for itself, proves nothing.
            for text, verdict in (
                    ("SELECT enum_range(size), enum_cmp(size, 'large') "
                     "FROM people ORDER BY id", "match"),
                    ("SELECT hashenum(size) FROM people ORDER BY id",
                     "inconclusive")):
                with self.subTest(text):
                    said = pair.run(text)
                    self.assertEqual(said.get("verdict"), verdict,
                                     json.dumps(said, indent=1))
            pair.close()


if __name__ == "__main__":
    unittest.main()
