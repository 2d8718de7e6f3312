"""RETURNING of writes to several tables shows what was stored there: behind triggers,
generated columns and the types of the new columns. What both schemas change alike
matches; what the new one alone changes is seen."""

import json
import os
import unittest

from harness import Workplace, needs_engine
from pair import two_schemas


def trigger(table, body, events="INSERT OR UPDATE"):
    """A BEFORE trigger of its own function."""
    return f"""
CREATE FUNCTION change_{table}() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN {body} RETURN NEW; END$$;
CREATE TRIGGER change BEFORE {events} ON {table} FOR EACH ROW
  EXECUTE FUNCTION change_{table}();
"""


TRIM = "NEW.name := trim(NEW.name); IF NEW.name = 'skip' THEN RETURN NULL; END IF;"
STAMP = "NEW.note := coalesce(NEW.note, '') || '!';"

OLD = """
CREATE TABLE people (id int PRIMARY KEY, name text UNIQUE, bio text, mark text,
  shout text GENERATED ALWAYS AS (upper(name)) STORED, land text);
CREATE TABLE jobs (id int PRIMARY KEY, state text, note text, n int);
CREATE TABLE hosts (id int PRIMARY KEY);
CREATE TABLE homes (host int PRIMARY KEY, street text, town text);
CREATE TABLE quiet (id int PRIMARY KEY, a text, b text);
CREATE TABLE goods (id int PRIMARY KEY, price numeric, label text);
CREATE TABLE bare (id int, a text, b text);
INSERT INTO hosts SELECT generate_series(1, 9);
""" + trigger("people", TRIM + "NEW.bio := lower(NEW.bio);") + \
    trigger("jobs", STAMP) + trigger("homes", "NEW.street := initcap(NEW.street);")
NEW = """
CREATE TABLE lands (id serial PRIMARY KEY, name text UNIQUE);
CREATE TABLE persons (id int PRIMARY KEY, name text UNIQUE,
  shout text GENERATED ALWAYS AS (upper(name)) STORED, land_id int);
CREATE TABLE lives (person int PRIMARY KEY, bio text);
CREATE TABLE notes (person int PRIMARY KEY, mark text);
CREATE TABLE jobs_open (id int PRIMARY KEY, state text, note text, n int);
CREATE TABLE jobs_done (id int PRIMARY KEY, state text, note text, n int);
CREATE TABLE hosts (id int PRIMARY KEY, street text, town text);
CREATE TABLE quiet (id int PRIMARY KEY, a text);
CREATE TABLE quiet_more (of_quiet int PRIMARY KEY, b text);
CREATE TABLE goods (id int PRIMARY KEY, cents bigint);
CREATE TABLE labels (good int PRIMARY KEY, label varchar(3));
CREATE TABLE bare (id int, a text);
CREATE TABLE bare_more (of_bare int, b text);
INSERT INTO hosts SELECT generate_series(1, 9);
""" + trigger("persons", TRIM) + trigger("lives", "NEW.bio := lower(NEW.bio);") + \
    trigger("lands", "NEW.name := lower(NEW.name);") + \
    trigger("jobs_open", STAMP) + trigger("jobs_done", STAMP) + \
    trigger("hosts", "NEW.street := initcap(NEW.street);") + \
    trigger("quiet_more", "NEW.b := NEW.b || '?';")
MAPPING = """version: 1
tables:
  people:
    rows:
      - persons
      - {table: lives, join: {person: id}, when: "bio IS NOT NULL"}
      - {table: notes, join: {person: id}}
    columns:
      bio: lives.bio
      mark: notes.mark
      land: {lookup: {table: lands, value: name, key: id, column: land_id,
                      create: true}}
  jobs:
    rows: {any_of: [{table: jobs_open, when: "state = 'new'"}, jobs_done]}
  hosts: {rows: hosts}
  homes:
    rows: {table: hosts, key: {host: id}, absorbed: true, where: "street IS NOT NULL"}
  quiet:
    rows: [quiet, {table: quiet_more, join: {of_quiet: id}}]
    columns: {b: quiet_more.b}
  goods:
    rows: [goods, {table: labels, join: {good: id}}]
    columns:
      price: {column: cents, read: "cents / 100.0", write: "round(price * 100)"}
      label: labels.label
  bare:
    rows: [bare, {table: bare_more, join: {of_bare: id}}]
    columns: {b: bare_more.b}
"""
# What both schemas do.
SAME = """
INSERT INTO people (id, name, bio, mark) VALUES (1, ' Ann ', 'BIO', 'm'), (2, ' Bob', NULL, NULL) RETURNING id, name, bio, mark
INSERT INTO people (id, name, bio) VALUES (3, ' Cid', 'OLD') RETURNING *
INSERT INTO people (id, name, bio) VALUES (4, 'Dan', 'X') RETURNING id
INSERT INTO people (id, name) VALUES (5, 'skip '), (6, 'eve ')
INSERT INTO people (id, name) VALUES (61, 'skip '), (7, 'f') RETURNING id, upper(name)
INSERT INTO people AS p (id, name, bio) VALUES (8, ' g', 'G') RETURNING p.name || '/' || p.bio, p.shout
INSERT INTO people (id, name, land) VALUES (9, 'h', 'chile'), (10, 'i', 'cuba') RETURNING id, land
INSERT INTO people (id, name, bio) SELECT id + 20, name || '2 ', upper(bio) FROM people WHERE id < 5 RETURNING name, bio
WITH w AS (INSERT INTO people (id, name, bio) VALUES (40, ' w ', 'W') RETURNING id, name, bio) SELECT * FROM w
UPDATE people SET name = name || ' ', bio = upper(bio) WHERE id < 4 RETURNING id, name, bio, mark
UPDATE people SET bio = 'Only' WHERE id IN (1, 2) RETURNING id, name, bio
UPDATE people SET bio = NULL WHERE id = 2 RETURNING bio, name
UPDATE people SET mark = 'M' WHERE id IN (1, 2) RETURNING id, bio, mark
UPDATE people SET id = 31, bio = 'KEY' WHERE id = 3 RETURNING id, name, bio, shout
UPDATE people SET name = ' n' || people.id, bio = 'FROM' FROM (VALUES (1, 'x'), (2, 'y')) v (id, t) WHERE people.id = v.id RETURNING people.id, name, bio, v.t
UPDATE people SET bio = upper(t) FROM (VALUES (1, 'x'), (2, 'y')) v (id, t) WHERE people.id = v.id RETURNING people.id, name, bio, v.t
UPDATE people SET land = 'peru' WHERE id = 1 RETURNING land, bio
INSERT INTO people (id, name, bio) VALUES (1, ' again', 'AGAIN'), (50, ' New', 'NEW') ON CONFLICT (id) DO UPDATE SET name = excluded.name, bio = 'UP' || people.bio RETURNING id, name, bio, mark
INSERT INTO people (id, name, bio) VALUES (1, 'z', 'Z'), (51, ' Two', 'T') ON CONFLICT (id) DO UPDATE SET bio = excluded.bio RETURNING id, name, bio
INSERT INTO people (id, name, bio) VALUES (1, ' no', 'NO'), (52, ' Yes', 'YES') ON CONFLICT DO NOTHING RETURNING id, name, bio
WITH u AS (UPDATE people SET name = 'u ', bio = 'U' WHERE id = 50 RETURNING *) SELECT name, bio, shout FROM u
DELETE FROM people WHERE id IN (40, 52) RETURNING id, name, bio
SELECT * FROM people ORDER BY id
INSERT INTO jobs VALUES (1, 'new', 'a', 0), (2, 'done', NULL, 0) RETURNING *
INSERT INTO jobs VALUES (3, 'new', 'a', 0) RETURNING note
INSERT INTO jobs VALUES (4, 'done', 'a', 0)
UPDATE jobs SET n = 1 WHERE id < 3 RETURNING id, state, note
UPDATE jobs SET state = 'done' WHERE id IN (1, 2) RETURNING id, state, note
UPDATE jobs SET state = 'new', n = v.n FROM (VALUES (2, 7), (3, 8)) v (id, n) WHERE jobs.id = v.id RETURNING jobs.id, state, note, v.n
UPDATE jobs SET id = id + 100, state = 'done' WHERE id < 4 RETURNING id, note
INSERT INTO jobs VALUES (4, 'new', 'up', 1), (5, 'new', 'in', 1) ON CONFLICT (id) DO UPDATE SET state = excluded.state, note = jobs.note || 'up' RETURNING id, state, note
SELECT * FROM jobs ORDER BY id
INSERT INTO homes VALUES (1, 'old road', 'X'), (2, 'new road', NULL) RETURNING street, host
INSERT INTO homes (host, street) VALUES (3, 'high street')
INSERT INTO homes (host, street) VALUES (1, 'low road'), (4, 'mill lane') ON CONFLICT (host) DO UPDATE SET street = lower(excluded.street) RETURNING *
UPDATE homes SET street = lower(street) WHERE host < 3 RETURNING host, street
UPDATE homes SET host = host + 4, street = lower(street) WHERE host < 3 RETURNING host, street, town
SELECT * FROM homes ORDER BY host
INSERT INTO quiet VALUES (1, 'a', NULL) RETURNING *
INSERT INTO quiet VALUES (2, 'a', 'b') RETURNING id, a
UPDATE quiet SET a = 'c' WHERE id = 2 RETURNING a
INSERT INTO goods VALUES (1, 1.5, 'abc') RETURNING *
UPDATE goods SET price = price * 2, label = 'd' WHERE id = 1 RETURNING price, label
INSERT INTO bare VALUES (1, 'a', 'b') RETURNING *
UPDATE bare SET a = 'x', b = 'y' WHERE id = 1 RETURNING a, b
"""
# A trigger leaves rows out. An engine without RETURNING cannot show it of an UPDATE:
# the row is there all the same.
LEFT_OUT = """
UPDATE people SET name = 'skip', bio = bio WHERE id IN (1, 2) RETURNING id, name
UPDATE people SET name = 'skip', mark = mark WHERE id IN (1, 2)
"""
# What only the new schema does.
SEEN = """
INSERT INTO quiet VALUES (3, 'a', 'b') RETURNING id, b
INSERT INTO quiet VALUES (4, 'a', 'b') RETURNING *
UPDATE quiet SET b = 'c' WHERE id = 3 RETURNING a, b
UPDATE quiet SET a = 'c', b = b || 'c' WHERE id = 3 RETURNING id, b || a
INSERT INTO quiet VALUES (3, 'a', 'b') ON CONFLICT (id) DO UPDATE SET b = 'up' RETURNING b
INSERT INTO people (id, name, land) VALUES (70, 'v', 'Togo') RETURNING id, land
UPDATE people SET land = 'Mali', bio = 'x' WHERE id = 1 RETURNING land, bio
INSERT INTO goods VALUES (2, 9.999, 'abc') RETURNING price
UPDATE goods SET price = 0.001, label = 'd' WHERE id = 1 RETURNING price
"""


class Returning(unittest.TestCase):
    # Statements that this engine cannot run, by a part of the reason.
    REFUSED = ()
    LEFT_OUT = LEFT_OUT

    def hold(self, pair, text, verdict):
        said = pair.run(text)
        if any(each in (said.get("detail") or "") for each in self.REFUSED):
            self.refused.append(text)
            return
        if said.get("verdict") != verdict:
            self.wrong.append("\n  ".join(
                [text, *(f"{key}: {json.dumps(said[key])}" for key in
                         ("detail", "verdict", "what", "old", "new")
                         if said.get(key)),
                 *(one["text"] for one in said.get("steps", []))]))

    def test_returning(self):
        self.wrong, self.refused = [], []
        with Workplace("returning") as place:
            pair = two_schemas(place, OLD, NEW, MAPPING)
            for text in (SAME.strip() + self.LEFT_OUT).splitlines():
                self.hold(pair, text, "match")
            for text in SEEN.strip().splitlines():
                self.hold(pair, text, "diverged")
            pair.close()
        self.assertFalse(self.wrong, "\n".join(self.wrong))
        for text in self.refused:
            print("refused:", text)
        self.assertLess(len(self.refused), 8)


class InSteps(Returning):
    ENGINE = "postgres-steps"

    @classmethod
    def setUpClass(cls):
        needs_engine(cls.ENGINE)
        os.environ["PARALLAX_TEST_ENGINE"] = cls.ENGINE
        cls.addClassCleanup(os.environ.pop, "PARALLAX_TEST_ENGINE")
        super().setUpClass()


class Reduced(InSteps):
    ENGINE = "postgres-reduced"
    REFUSED = ("the shadow's engine has no RETURNING",)
    LEFT_OUT = ""


if __name__ == "__main__":
    unittest.main()
