-- order: total
SELECT * FROM t WHERE id = 5;
-- order: total
-- $1=5
SELECT v FROM t WHERE k = $1;
-- order: none
SELECT v FROM t WHERE k > 3;
-- order: partial
SELECT a, b FROM pair ORDER BY a;
-- order: total
SELECT a, b FROM pair ORDER BY b, a;
-- order: total
SELECT c FROM pair WHERE a = 1 ORDER BY b;
-- order: partial
SELECT c FROM pair WHERE a IN (1, 2) ORDER BY b;
-- order: total
SELECT t.v, pair.c FROM t JOIN pair ON pair.b = t.id WHERE pair.a = 2 ORDER BY t.id;
-- order: total
SELECT a, count(*) FROM pair GROUP BY a ORDER BY a;
-- order: partial
SELECT a, count(*) FROM pair GROUP BY a ORDER BY count(*);
-- order: total
SELECT count(*), max(v) FROM t;
-- order: total
SELECT DISTINCT a FROM pair ORDER BY a;
-- order: none
SELECT id, generate_series(1, 2) FROM t WHERE id = 1;
-- order: partial
SELECT id, generate_series(1, 2) FROM t ORDER BY id;
-- order: total
SELECT k FROM t ORDER BY 1 LIMIT 3;
-- order: total
SELECT k, v FROM t ORDER BY k LIMIT 3 OFFSET 2;
INSERT INTO t (k) VALUES (100) RETURNING id, u, at, v;
INSERT INTO t (k) VALUES (101), (102), (103) RETURNING *;
-- binary
INSERT INTO t (k) VALUES (104) RETURNING id, u;
-- $1=105
-- binary
INSERT INTO t (k) VALUES ($1) RETURNING *;
INSERT INTO t (id, k) VALUES (DEFAULT, 106), (nextval('t_id_seq'), 107) RETURNING id;
INSERT INTO t (k, u) VALUES (108, gen_random_uuid()) RETURNING u, id;
INSERT INTO t (k) VALUES (currval('t_id_seq') + 1000) RETURNING k, id;
INSERT INTO t (k) VALUES (lastval() + 2000) RETURNING k, id;
INSERT INTO i (t_id, j) VALUES (1, '{"a": 1}') RETURNING *;
INSERT INTO i DEFAULT VALUES RETURNING id;
INSERT INTO i (t_id) SELECT id FROM t WHERE id < 4;
INSERT INTO i (id, t_id) OVERRIDING SYSTEM VALUE VALUES (500, 1) RETURNING id, double;
INSERT INTO i (id, t_id) VALUES (501, 1);
INSERT INTO t (k) VALUES (1) ON CONFLICT (k) DO UPDATE SET v = excluded.v || '!' RETURNING id, k, v;
INSERT INTO t (k) VALUES (1), (200) ON CONFLICT DO NOTHING RETURNING k;
INSERT INTO pair VALUES (9, 9, 'nine') RETURNING a, b, c;
INSERT INTO pair (a, b) VALUES (10, 1), (10, 2);
INSERT INTO "Mixed Case" VALUES (3, 'three') RETURNING "Id", "select";
UPDATE t SET v = 'x', at = now() WHERE id = 1 RETURNING id, v, at;
UPDATE t SET at = DEFAULT, "on" = DEFAULT WHERE id = 2 RETURNING id;
UPDATE t SET at = clock_timestamp() - interval '1 day' WHERE id = 3;
UPDATE pair SET (b, c) = (SELECT 77, 'seven') WHERE a = 9;
UPDATE "Mixed Case" SET "select" = 'uno' WHERE "Id" = 1 RETURNING *;
DELETE FROM pair WHERE a = 10 RETURNING *;
SELECT nextval('s'), nextval('s') AS again;
SELECT nextval('s');
SELECT currval('s'), lastval();
SELECT setval('s', 50);
SELECT now(), current_timestamp(2), current_date, current_time, localtime, localtimestamp(0), statement_timestamp(), clock_timestamp();
SELECT at <= now() FROM t WHERE id = 1;
SELECT twice(k) FROM t ORDER BY id;
SELECT random() < 2, pg_backend_pid() > 0;
SELECT id, v FROM t WHERE at BETWEEN now() - interval '1 hour' AND now() ORDER BY id;
SELECT nosuch;
SELECT 1 FRM t;
INSERT INTO pair VALUES (9, 77, 'again');
INSERT INTO nosuch VALUES (1);
BEGIN;
CREATE TEMP TABLE tmp (x int, y text) ON COMMIT DROP;
COMMIT;
SET work_mem = '5MB';
SHOW work_mem;
DO $$ BEGIN PERFORM 1; END $$;
SELECT k, v FROM t;
SELECT * FROM i;
SELECT * FROM pair;
-- order: none
SELECT k FROM (SELECT k FROM t LIMIT 100) x;
-- order: total
SELECT x.k FROM (SELECT k FROM t ORDER BY k LIMIT 3) x ORDER BY x.k;
-- order: partial
SELECT x.k FROM (SELECT k, v FROM t ORDER BY v LIMIT 300) x ORDER BY x.k;
-- order: partial
SELECT DISTINCT ON (a) a, b FROM pair WHERE b < 0 ORDER BY a;
-- order: total
SELECT DISTINCT ON (a) a, b FROM pair ORDER BY a, b;
-- order: none
SELECT k FROM t WHERE NOT EXISTS (SELECT 1 FROM pair p JOIN pair q ON t.id = 5 AND p.a = -1) AND k < 20;
PREPARE q (int) AS INSERT INTO t (k) VALUES ($1) RETURNING k;
EXECUTE q (900);
PREPARE r AS SELECT now() > '2000-01-01', nextval('s') > 0;
EXECUTE r;
