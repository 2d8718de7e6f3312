"""Look-ups that find rows of their own statement, where matrix/ has other forms:
keys that a sequence gives, old names that the new table has for something else."""

import json
import unittest

from harness import Workplace
from pair import two_schemas

OLD = """
CREATE TABLE cust (id serial PRIMARY KEY, name text);
CREATE TABLE inv (cust_id int NOT NULL REFERENCES cust, no int, amt numeric);
CREATE TABLE coded (id serial PRIMARY KEY, v text);
CREATE TABLE late (cust_id int REFERENCES cust DEFERRABLE);
CREATE TABLE n (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  up bigint REFERENCES n, t text NOT NULL DEFAULT 'd');
"""
NEW = """
CREATE TABLE cust (uid uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  legacy serial UNIQUE NOT NULL, name text);
CREATE TABLE inv (cust_uid uuid NOT NULL REFERENCES cust, no int, amt numeric);
CREATE TABLE coded (id serial PRIMARY KEY, code text UNIQUE, v text);
ALTER SEQUENCE coded_id_seq RESTART 100;
CREATE TABLE late (cust_uid uuid REFERENCES cust DEFERRABLE);
CREATE TABLE n (k int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id bigint GENERATED ALWAYS AS IDENTITY UNIQUE, up_k int REFERENCES n,
  t text NOT NULL DEFAULT 'd');
"""
MAPPING = """version: 1
tables:
  cust: {columns: {id: legacy}}
  inv:
    columns:
      cust_id: {lookup: {table: cust, value: legacy, key: uid, column: cust_uid}}
  coded:
    columns: {id: {read: id, write: {id: id, code: "'C' || id"}}}
  late:
    columns:
      cust_id: {lookup: {table: cust, value: legacy, key: uid, column: cust_uid}}
  n:
    columns:
      up: {lookup: {table: n, value: id, key: k, column: up_k}}
"""
MATCH = """
WITH c AS (INSERT INTO cust (name) VALUES ('f') RETURNING id) INSERT INTO inv (cust_id, no) SELECT id, 1 FROM c RETURNING *
WITH c AS (INSERT INTO cust (id, name) VALUES (50, 'f') RETURNING id) INSERT INTO inv (cust_id, no, amt) SELECT id, 1, 2.3 FROM c RETURNING *
WITH c AS (INSERT INTO cust (id) VALUES (51)) INSERT INTO inv (cust_id, no) VALUES (51, 2), (50, 3)
WITH c AS (INSERT INTO cust DEFAULT VALUES RETURNING id) INSERT INTO inv (cust_id) SELECT id FROM c
INSERT INTO n DEFAULT VALUES RETURNING *
INSERT INTO n (up) VALUES (1) RETURNING *
INSERT INTO n (up, t) VALUES (1, DEFAULT), (2, 'x'), (4, 'before') RETURNING *
INSERT INTO n (id, up) OVERRIDING SYSTEM VALUE VALUES (100, 101), (101, 100) RETURNING id, up
INSERT INTO n (up) SELECT 100 RETURNING id, up
INSERT INTO n (up, t) SELECT id, t FROM n WHERE id > 99 RETURNING id, up
PREPARE x (int, int) AS INSERT INTO n (id, up) OVERRIDING SYSTEM VALUE VALUES ($1, $2)
EXECUTE x (200, 200)
EXECUTE x (201, 1)
INSERT INTO inv (cust_id, no) VALUES (9999, 9)
INSERT INTO inv (cust_id, no) SELECT 9990 + no, no FROM inv
UPDATE inv SET cust_id = 9999
UPDATE inv SET cust_id = cust_id + 9000 WHERE no = 1
INSERT INTO n (up) VALUES (9999)
UPDATE n SET up = 9999 WHERE id = 1
UPDATE n SET up = NULL WHERE id = 1
INSERT INTO coded (v) VALUES ('z') RETURNING *
INSERT INTO coded (v) VALUES ('y'), ('x') RETURNING v, id
INSERT INTO coded (v) SELECT 'q' RETURNING id
INSERT INTO coded DEFAULT VALUES RETURNING id
SELECT * FROM coded ORDER BY id
SELECT setval('coded_id_seq', 1000)
UPDATE coded SET id = DEFAULT
UPDATE coded SET id = nextval('coded_id_seq') WHERE v = 'q'
UPDATE coded SET id = nextval('coded_id_seq') + 10, v = v || 'w' WHERE v > 'q'
SELECT id FROM coded ORDER BY id
INSERT INTO late (cust_id) VALUES (NULL) RETURNING *
SELECT * FROM n ORDER BY id
INSERT INTO coded (id, v) VALUES (7, 'x') ON CONFLICT (id) DO UPDATE SET v = EXCLUDED.v || coded.v WHERE EXISTS (SELECT 1 WHERE coded.v <> EXCLUDED.v) RETURNING v
SELECT * FROM inv ORDER BY cust_id, no
"""
REFUSED = (
    ("INSERT INTO coded (id, v) VALUES (7, 'x') ON CONFLICT (id) DO UPDATE SET v "
     "= 'y' WHERE EXISTS (SELECT 1 WHERE v = 'x')", '"v" is ambiguous'),
    ("MERGE INTO n USING (VALUES (300, 300)) v (id, up) ON n.id = v.id WHEN NOT "
     "MATCHED THEN INSERT (id, up) OVERRIDING SYSTEM VALUE VALUES (v.id, v.up)",
     "that it may look up, but cannot see"),
    ("WITH i AS (INSERT INTO inv (cust_id) VALUES (90)) INSERT INTO cust (id) "
     "VALUES (90)", "that the statement inserts after it"),
)


class OwnRows(unittest.TestCase):
    def test_own_rows(self):
        with Workplace("own-rows") as place:
            pair = two_schemas(place, OLD, NEW, MAPPING)
            for text in MATCH.strip().splitlines():
                said = pair.run(text)
                self.assertEqual(said.get("verdict"), "match",
                                 f"{text}\n{json.dumps(said, indent=1)}")
            for text, reason in REFUSED:
                said = pair.run(text)
                self.assertEqual(said["action"], "untranslatable", text)
                self.assertIn(reason, said["detail"])
            pair.close()


if __name__ == "__main__":
    unittest.main()
