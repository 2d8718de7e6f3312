/*
 * Keys of two columns over several tables, keys that tables share, and values that feed
 * several columns: (statement) -> its plan.
 */
#include "unit/lens/support.h"

static const char old_schema[] =
    "owners(id int4 key, name text)"
    "k(a int4, b int4, v text, w text, o int4 refs=owners){key a b}{unique v}"
    "q(a int4, b int4, s text){key a b}"
    "cats(id int4 key, name text)";
static const char new_schema[] =
    "owners(id int4 key, name text)"
    "k(a int4, b int4, v1 text unique, v2 text, o int4){key a b}"
    "kp(a int4, b int4, w text){key a b}"
    "q1(a int4, b int4, s text){key a b}"
    "q2(a int4, b int4, s text){key a b}"
    "pets(kind text, id int4, name text){key kind id}";
static const char mapping[] =
    "version: 1\n"
    "tables:\n"
    "  k:\n"
    "    rows: [k, {table: kp, join: {a: a, b: b}, when: w IS NOT NULL}]\n"
    "    columns:\n"
    "      v: {read: \"v1\", write: {v1: v, v2: \"upper(v)\"}}\n"
    "      w: kp.w\n"
    "  q: {rows: {any_of: [{table: q1, when: s = 'x'}, q2]}}\n"
    "  cats:\n"
    "    rows: {table: pets, where: \"kind = 'cat'\", set: {kind: "
    "\"'cat'\"}}\n";

static const struct plan_row keys[] = {
    /* of two columns, over several tables */
    {"SELECT v, w FROM k WHERE a = 1 AND b = 2",
     "SELECT k.v1 AS v, kp.w FROM k LEFT JOIN kp ON kp.a = k.a AND kp.b = k.b "
     "WHERE k.a = 1 AND k.b = 2"},
    {"SELECT k.a, k.v FROM k GROUP BY k.a, k.b",
     "SELECT k.a, k.v1 AS v FROM k GROUP BY k.a, k.b, k.v1"},
    {"UPDATE k SET w = 'x' WHERE a = 1",
     "SELECT 1 FROM k LEFT JOIN kp ON kp.a = k.a AND kp.b = k.b WHERE k.a = 1 "
     "FOR NO KEY UPDATE OF k ; WITH parallax_row_1 AS MATERIALIZED (SELECT k.a "
     "AS a, k.b AS b, 'x'::text AS w, k.a AS parallax_key_1, k.b AS "
     "parallax_key_2, kp.a AS parallax_part_1_1, kp.b AS parallax_part_1_2 "
     "FROM k LEFT JOIN kp ON kp.a = k.a AND kp.b = k.b WHERE k.a = 1), "
     "parallax_write_2 AS (UPDATE kp AS target SET w = parallax_row_1.w FROM "
     "parallax_row_1 WHERE (target.a = parallax_row_1.parallax_part_1_1 AND "
     "target.b = parallax_row_1.parallax_part_1_2) AND "
     "COALESCE(parallax_row_1.w IS NOT NULL, FALSE)), parallax_write_3 AS "
     "(DELETE FROM kp AS target USING parallax_row_1 WHERE (target.a = "
     "parallax_row_1.parallax_part_1_1 AND target.b = "
     "parallax_row_1.parallax_part_1_2) AND NOT COALESCE(parallax_row_1.w IS "
     "NOT NULL, FALSE)), parallax_write_4 AS (INSERT INTO kp (a, b, w) SELECT "
     "parallax_row_1.a, parallax_row_1.b, parallax_row_1.w FROM parallax_row_1 "
     "WHERE parallax_row_1.parallax_part_1_1 IS NULL AND "
     "COALESCE(parallax_row_1.w IS NOT NULL, FALSE)) SELECT  FROM "
     "parallax_row_1"},
    {"UPDATE k SET b = b + 10 WHERE a = 1",
     "SELECT 1 FROM k LEFT JOIN kp ON kp.a = k.a AND kp.b = k.b WHERE k.a = 1 "
     "FOR UPDATE OF k ; WITH parallax_row_1 AS MATERIALIZED (SELECT (k.b + "
     "10)::integer AS b, k.a AS parallax_key_1, k.b AS parallax_key_2, kp.a AS "
     "parallax_part_1_1, kp.b AS parallax_part_1_2 FROM k LEFT JOIN kp ON kp.a "
     "= k.a AND kp.b = k.b WHERE k.a = 1), parallax_write_2 AS (UPDATE k AS "
     "target SET b = parallax_row_1.b FROM parallax_row_1 WHERE target.a = "
     "parallax_row_1.parallax_key_1 AND target.b = "
     "parallax_row_1.parallax_key_2), parallax_write_3 AS (UPDATE kp AS target "
     "SET b = parallax_row_1.b FROM parallax_row_1 WHERE target.a = "
     "parallax_row_1.parallax_part_1_1 AND target.b = "
     "parallax_row_1.parallax_part_1_2) SELECT  FROM parallax_row_1"},
    {"UPDATE q SET s = 'x' WHERE a = 1",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT q.a AS a, q.b AS b, "
     "'x'::text AS s, q.parallax_key_1 AS parallax_key_1, q.parallax_key_2 AS "
     "parallax_key_2, q.parallax_place AS parallax_place FROM (SELECT "
     "parallax_arm.* FROM (SELECT q1.a AS a, q1.b AS b, q1.a AS "
     "parallax_key_1, q1.b AS parallax_key_2, 0 AS parallax_place FROM q1 FOR "
     "NO KEY UPDATE OF q1) AS parallax_arm UNION ALL SELECT parallax_arm.* "
     "FROM (SELECT q2.a AS a, q2.b AS b, q2.a AS parallax_key_1, q2.b AS "
     "parallax_key_2, 1 AS parallax_place FROM q2 FOR NO KEY UPDATE OF q2) AS "
     "parallax_arm) AS q WHERE q.a = 1), parallax_write_2 AS (UPDATE q1 AS "
     "target SET s = parallax_row_1.s FROM parallax_row_1 WHERE ((target.a = "
     "parallax_row_1.parallax_key_1 AND target.b = "
     "parallax_row_1.parallax_key_2) AND parallax_row_1.parallax_place = 0) "
     "AND COALESCE(parallax_row_1.s = 'x', FALSE)), parallax_write_3 AS "
     "(DELETE FROM q1 AS target USING parallax_row_1 WHERE ((target.a = "
     "parallax_row_1.parallax_key_1 AND target.b = "
     "parallax_row_1.parallax_key_2) AND parallax_row_1.parallax_place = 0) "
     "AND NOT COALESCE(parallax_row_1.s = 'x', FALSE)), parallax_write_4 AS "
     "(INSERT INTO q1 (a, b, s) SELECT parallax_row_1.a, parallax_row_1.b, "
     "parallax_row_1.s FROM parallax_row_1 WHERE parallax_row_1.parallax_place "
     "<> 0 AND COALESCE(parallax_row_1.s = 'x', FALSE)), parallax_write_5 AS "
     "(UPDATE q2 AS target SET s = parallax_row_1.s FROM parallax_row_1 WHERE "
     "((target.a = parallax_row_1.parallax_key_1 AND target.b = "
     "parallax_row_1.parallax_key_2) AND parallax_row_1.parallax_place = 1) "
     "AND NOT COALESCE(parallax_row_1.s = 'x', FALSE)), parallax_write_6 AS "
     "(DELETE FROM q2 AS target USING parallax_row_1 WHERE ((target.a = "
     "parallax_row_1.parallax_key_1 AND target.b = "
     "parallax_row_1.parallax_key_2) AND parallax_row_1.parallax_place = 1) "
     "AND NOT (NOT COALESCE(parallax_row_1.s = 'x', FALSE))), parallax_write_7 "
     "AS (INSERT INTO q2 (a, b, s) SELECT parallax_row_1.a, parallax_row_1.b, "
     "parallax_row_1.s FROM parallax_row_1 WHERE parallax_row_1.parallax_place "
     "<> 1 AND NOT COALESCE(parallax_row_1.s = 'x', FALSE)) SELECT  FROM "
     "parallax_row_1"},
    {"DELETE FROM q WHERE b = 2 RETURNING a, s",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT q.a AS a, q.s AS s, "
     "q.parallax_key_1 AS parallax_key_1, q.parallax_key_2 AS parallax_key_2, "
     "q.parallax_place AS parallax_place FROM (SELECT parallax_arm.* FROM "
     "(SELECT q1.a AS a, q1.b AS b, q1.s AS s, q1.a AS parallax_key_1, q1.b AS "
     "parallax_key_2, 0 AS parallax_place FROM q1 FOR UPDATE OF q1) AS "
     "parallax_arm UNION ALL SELECT parallax_arm.* FROM (SELECT q2.a AS a, "
     "q2.b AS b, q2.s AS s, q2.a AS parallax_key_1, q2.b AS parallax_key_2, 1 "
     "AS parallax_place FROM q2 FOR UPDATE OF q2) AS parallax_arm) AS q WHERE "
     "q.b = 2), parallax_write_2 AS (DELETE FROM q1 AS target USING "
     "parallax_row_1 WHERE (target.a = parallax_row_1.parallax_key_1 AND "
     "target.b = parallax_row_1.parallax_key_2) AND "
     "parallax_row_1.parallax_place = 0), parallax_write_3 AS (DELETE FROM q2 "
     "AS target USING parallax_row_1 WHERE (target.a = "
     "parallax_row_1.parallax_key_1 AND target.b = "
     "parallax_row_1.parallax_key_2) AND parallax_row_1.parallax_place = 1) "
     "SELECT parallax_row_1.a, parallax_row_1.s FROM parallax_row_1"},
    {"INSERT INTO k VALUES (5, 5, 'five', 'w', NULL) ON CONFLICT DO NOTHING",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.a AS a, old_row.b AS "
     "b, old_row.v AS v, old_row.w AS w, old_row.o AS o FROM (VALUES "
     "(5::integer, 5::integer, 'five'::text, 'w'::text, NULL::integer)) AS "
     "old_row (a, b, v, w, o) WHERE NOT EXISTS (SELECT  FROM k AS k_1 WHERE "
     "(k_1.a = old_row.a AND k_1.b = old_row.b) OR k_1.v1 = old_row.v)), "
     "parallax_write_2 AS (INSERT INTO k (a, b, v1, v2, o) SELECT "
     "parallax_row_1.a, parallax_row_1.b, parallax_row_1.v, "
     "upper(parallax_row_1.v), parallax_row_1.o FROM parallax_row_1), "
     "parallax_write_3 AS (INSERT INTO kp (a, b, w) SELECT parallax_row_1.a, "
     "parallax_row_1.b, parallax_row_1.w FROM parallax_row_1 WHERE "
     "COALESCE(parallax_row_1.w IS NOT NULL, FALSE)) SELECT  FROM "
     "parallax_row_1"},
    {"INSERT INTO k VALUES (1, 2, 'other', 'w', NULL) ON CONFLICT (b, a) DO "
     "NOTHING",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.a AS a, old_row.b AS "
     "b, old_row.v AS v, old_row.w AS w, old_row.o AS o FROM (VALUES "
     "(1::integer, 2::integer, 'other'::text, 'w'::text, NULL::integer)) AS "
     "old_row (a, b, v, w, o) WHERE NOT EXISTS (SELECT  FROM k AS k_1 WHERE "
     "k_1.b = old_row.b AND k_1.a = old_row.a)), parallax_write_2 AS (INSERT "
     "INTO k (a, b, v1, v2, o) SELECT parallax_row_1.a, parallax_row_1.b, "
     "parallax_row_1.v, upper(parallax_row_1.v), parallax_row_1.o FROM "
     "parallax_row_1), parallax_write_3 AS (INSERT INTO kp (a, b, w) SELECT "
     "parallax_row_1.a, parallax_row_1.b, parallax_row_1.w FROM parallax_row_1 "
     "WHERE COALESCE(parallax_row_1.w IS NOT NULL, FALSE)) SELECT  FROM "
     "parallax_row_1"},
    {"INSERT INTO k VALUES (9, 9, 'one', 'w', NULL) ON CONFLICT (v) DO NOTHING",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.a AS a, old_row.b AS "
     "b, old_row.v AS v, old_row.w AS w, old_row.o AS o FROM (VALUES "
     "(9::integer, 9::integer, 'one'::text, 'w'::text, NULL::integer)) AS "
     "old_row (a, b, v, w, o) WHERE NOT EXISTS (SELECT  FROM k AS k_1 WHERE "
     "k_1.v1 = old_row.v)), parallax_write_2 AS (INSERT INTO k (a, b, v1, v2, "
     "o) SELECT parallax_row_1.a, parallax_row_1.b, parallax_row_1.v, "
     "upper(parallax_row_1.v), parallax_row_1.o FROM parallax_row_1), "
     "parallax_write_3 AS (INSERT INTO kp (a, b, w) SELECT parallax_row_1.a, "
     "parallax_row_1.b, parallax_row_1.w FROM parallax_row_1 WHERE "
     "COALESCE(parallax_row_1.w IS NOT NULL, FALSE)) SELECT  FROM "
     "parallax_row_1"},
    {"INSERT INTO q VALUES (1, 2, 'z'), (7, 7, 'x') ON CONFLICT DO NOTHING "
     "RETURNING a",
     "WITH parallax_row_2 AS MATERIALIZED (SELECT old_row.a AS a, old_row.b AS "
     "b, old_row.s AS s, row_number() OVER () AS parallax_order FROM (VALUES "
     "(1::integer, 2::integer, 'z'::text), (7::integer, 7::integer, "
     "'x'::text)) AS old_row (a, b, s)), parallax_row_3 AS MATERIALIZED "
     "(SELECT parallax_row_2.a AS a, parallax_row_2.b AS b, parallax_row_2.s "
     "AS s, row_number() OVER (PARTITION BY parallax_row_2.a, parallax_row_2.b "
     "ORDER BY parallax_row_2.parallax_order) = 1 OR parallax_row_2.a IS NULL "
     "OR parallax_row_2.b IS NULL AS parallax_first FROM parallax_row_2), "
     "parallax_row_1 AS MATERIALIZED (SELECT parallax_row_3.a AS a, "
     "parallax_row_3.b AS b, parallax_row_3.s AS s FROM parallax_row_3 WHERE "
     "parallax_row_3.parallax_first AND NOT EXISTS (SELECT  FROM (SELECT q1.a "
     "AS a, q1.b AS b FROM q1 UNION ALL SELECT q2.a AS a, q2.b AS b FROM q2) "
     "AS q_1 WHERE q_1.a = parallax_row_3.a AND q_1.b = parallax_row_3.b)), "
     "parallax_write_4 AS (INSERT INTO q1 (a, b, s) SELECT parallax_row_1.a, "
     "parallax_row_1.b, parallax_row_1.s FROM parallax_row_1 WHERE "
     "COALESCE(parallax_row_1.s = 'x', FALSE)), parallax_write_5 AS (INSERT "
     "INTO q2 (a, b, s) SELECT parallax_row_1.a, parallax_row_1.b, "
     "parallax_row_1.s FROM parallax_row_1 WHERE NOT COALESCE(parallax_row_1.s "
     "= 'x', FALSE)) SELECT parallax_row_1.a FROM parallax_row_1"},
};

static const struct plan_row several[] = {
    /* a value that feeds several columns is computed once */
    {"UPDATE k SET v = random()::text",
     "UPDATE k SET (v1, v2) = (SELECT old_value.v::text, "
     "upper(old_value.v::text) FROM (SELECT random()::text::text AS v WHERE "
     "pg_catalog.num_nulls(k.a) >= 0) AS old_value)"},
    {"UPDATE k SET v = 'n' || a::text, w = v",
     "SELECT 1 FROM k LEFT JOIN kp ON kp.a = k.a AND kp.b = k.b FOR UPDATE OF "
     "k ; WITH parallax_row_1 AS MATERIALIZED (SELECT k.a AS a, k.b AS b, ('n' "
     "|| k.a::text)::text AS v, k.v1::text AS w, k.a AS parallax_key_1, k.b AS "
     "parallax_key_2, kp.a AS parallax_part_1_1, kp.b AS parallax_part_1_2 "
     "FROM k LEFT JOIN kp ON kp.a = k.a AND kp.b = k.b), parallax_write_2 AS "
     "(UPDATE k AS target SET v1 = parallax_row_1.v, v2 = "
     "upper(parallax_row_1.v) FROM parallax_row_1 WHERE target.a = "
     "parallax_row_1.parallax_key_1 AND target.b = "
     "parallax_row_1.parallax_key_2), parallax_write_3 AS (UPDATE kp AS target "
     "SET w = parallax_row_1.w FROM parallax_row_1 WHERE (target.a = "
     "parallax_row_1.parallax_part_1_1 AND target.b = "
     "parallax_row_1.parallax_part_1_2) AND COALESCE(parallax_row_1.w IS NOT "
     "NULL, FALSE)), parallax_write_4 AS (DELETE FROM kp AS target USING "
     "parallax_row_1 WHERE (target.a = parallax_row_1.parallax_part_1_1 AND "
     "target.b = parallax_row_1.parallax_part_1_2) AND NOT "
     "COALESCE(parallax_row_1.w IS NOT NULL, FALSE)), parallax_write_5 AS "
     "(INSERT INTO kp (a, b, w) SELECT parallax_row_1.a, parallax_row_1.b, "
     "parallax_row_1.w FROM parallax_row_1 WHERE "
     "parallax_row_1.parallax_part_1_1 IS NULL AND COALESCE(parallax_row_1.w "
     "IS NOT NULL, FALSE)) SELECT  FROM parallax_row_1"},
    {"UPDATE k SET (v, o) = (SELECT 'q' || k.a, NULL::int4)",
     "UPDATE k SET (v1, v2, o) = (SELECT old_query.v::text, "
     "upper(old_query.v::text), old_query.o FROM (SELECT 1) AS parallax_one "
     "LEFT JOIN LATERAL (SELECT 'q' || k.a, NULL::int4) AS old_query (v, o) ON "
     "TRUE)"},
    {"UPDATE k SET (v, o) = (SELECT random()::text || k.a, NULL::int4)",
     "UPDATE k SET (v1, v2, o) = (SELECT old_query.v::text, "
     "upper(old_query.v::text), old_query.o FROM (SELECT 1) AS parallax_one "
     "LEFT JOIN LATERAL (SELECT random()::text || k.a, NULL::int4) AS "
     "old_query (v, o) ON TRUE)"},
    {"UPDATE k SET (v, w) = (SELECT name, 'w' FROM owners WHERE id = k.o)",
     "SELECT 1 FROM k LEFT JOIN kp ON kp.a = k.a AND kp.b = k.b, (SELECT 1) AS "
     "parallax_one LEFT JOIN LATERAL (SELECT old_query.*, count(*) OVER () "
     "FROM (SELECT owners.name, 'w' FROM owners WHERE owners.id = k.o) AS "
     "old_query) AS old_query (v, w, parallax_count) ON TRUE FOR UPDATE OF k ; "
     "WITH parallax_row_1 AS MATERIALIZED (SELECT k.a AS a, k.b AS b, "
     "old_query.v::text AS v, old_query.w::text AS w, CASE WHEN "
     "old_query.parallax_count > 1 THEN (SELECT n FROM (VALUES (1), (2)) AS "
     "twice (n)) END AS parallax_twice, k.a AS parallax_key_1, k.b AS "
     "parallax_key_2, kp.a AS parallax_part_1_1, kp.b AS parallax_part_1_2 "
     "FROM k LEFT JOIN kp ON kp.a = k.a AND kp.b = k.b, (SELECT 1) AS "
     "parallax_one LEFT JOIN LATERAL (SELECT old_query.*, count(*) OVER () "
     "FROM (SELECT owners.name, 'w' FROM owners WHERE owners.id = k.o) AS "
     "old_query) AS old_query (v, w, parallax_count) ON TRUE), "
     "parallax_write_2 AS (UPDATE k AS target SET v1 = parallax_row_1.v, v2 = "
     "upper(parallax_row_1.v) FROM parallax_row_1 WHERE target.a = "
     "parallax_row_1.parallax_key_1 AND target.b = "
     "parallax_row_1.parallax_key_2), parallax_write_3 AS (UPDATE kp AS target "
     "SET w = parallax_row_1.w FROM parallax_row_1 WHERE (target.a = "
     "parallax_row_1.parallax_part_1_1 AND target.b = "
     "parallax_row_1.parallax_part_1_2) AND COALESCE(parallax_row_1.w IS NOT "
     "NULL, FALSE)), parallax_write_4 AS (DELETE FROM kp AS target USING "
     "parallax_row_1 WHERE (target.a = parallax_row_1.parallax_part_1_1 AND "
     "target.b = parallax_row_1.parallax_part_1_2) AND NOT "
     "COALESCE(parallax_row_1.w IS NOT NULL, FALSE)), parallax_write_5 AS "
     "(INSERT INTO kp (a, b, w) SELECT parallax_row_1.a, parallax_row_1.b, "
     "parallax_row_1.w FROM parallax_row_1 WHERE "
     "parallax_row_1.parallax_part_1_1 IS NULL AND COALESCE(parallax_row_1.w "
     "IS NOT NULL, FALSE)) SELECT  FROM parallax_row_1"},
    {"UPDATE k SET v = (SELECT max(name) FROM owners) WHERE a = 2",
     "UPDATE k SET (v1, v2) = (SELECT old_value.v::text, "
     "upper(old_value.v::text) FROM (SELECT (SELECT max(owners.name) FROM "
     "owners)::text AS v) AS old_value) WHERE k.a = 2"},
    {"INSERT INTO k (a, b, v) SELECT id + 20, 1, random()::text FROM owners",
     "WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.a::integer AS a, "
     "old_row.b::integer AS b, old_row.v::text AS v, NULL::text AS w, "
     "NULL::integer AS o FROM (SELECT owners.id + 20, 1, random()::text FROM "
     "owners) AS old_row (a, b, v)), parallax_write_2 AS (INSERT INTO k (a, b, "
     "v1, v2, o) SELECT parallax_row_1.a, parallax_row_1.b, parallax_row_1.v, "
     "upper(parallax_row_1.v), parallax_row_1.o FROM parallax_row_1), "
     "parallax_write_3 AS (INSERT INTO kp (a, b, w) SELECT parallax_row_1.a, "
     "parallax_row_1.b, parallax_row_1.w FROM parallax_row_1 WHERE "
     "COALESCE(parallax_row_1.w IS NOT NULL, FALSE)) SELECT  FROM "
     "parallax_row_1"},
    {"MERGE INTO k USING owners ON k.a = owners.id WHEN MATCHED AND k.w IS "
     "NULL THEN DELETE WHEN MATCHED THEN UPDATE SET w = owners.name",
     "SELECT 1 FROM owners JOIN (k LEFT JOIN kp ON kp.a = k.a AND kp.b = k.b) "
     "ON k.a = owners.id, LATERAL (SELECT CASE WHEN kp.w IS NULL THEN 1 ELSE 2 "
     "END AS action) AS parallax_choice_1 WHERE parallax_choice_1.action > 0 "
     "FOR NO KEY UPDATE OF k ; WITH parallax_row_1 AS MATERIALIZED (SELECT k.a "
     "AS a, k.b AS b, CASE parallax_choice_1.action WHEN 2 THEN "
     "owners.name::text END AS w, k.a AS parallax_key_1, k.b AS "
     "parallax_key_2, parallax_choice_1.action AS parallax_action, CASE WHEN "
     "(count(*) OVER (PARTITION BY k.a, k.b) > 1 AND k.a IS NOT NULL) AND k.b "
     "IS NOT NULL THEN (SELECT n FROM (VALUES (1), (2)) AS twice (n)) END AS "
     "parallax_twice, kp.a AS parallax_part_1_1, kp.b AS parallax_part_1_2 "
     "FROM owners JOIN (k LEFT JOIN kp ON kp.a = k.a AND kp.b = k.b) ON k.a = "
     "owners.id, LATERAL (SELECT CASE WHEN kp.w IS NULL THEN 1 ELSE 2 END AS "
     "action) AS parallax_choice_1 WHERE parallax_choice_1.action > 0), "
     "parallax_write_2 AS (UPDATE kp AS target SET w = parallax_row_1.w FROM "
     "parallax_row_1 WHERE ((target.a = parallax_row_1.parallax_part_1_1 AND "
     "target.b = parallax_row_1.parallax_part_1_2) AND "
     "COALESCE(parallax_row_1.w IS NOT NULL, FALSE)) AND "
     "parallax_row_1.parallax_action = 2), parallax_write_3 AS (DELETE FROM kp "
     "AS target USING parallax_row_1 WHERE ((target.a = "
     "parallax_row_1.parallax_part_1_1 AND target.b = "
     "parallax_row_1.parallax_part_1_2) AND NOT COALESCE(parallax_row_1.w IS "
     "NOT NULL, FALSE)) AND parallax_row_1.parallax_action = 2), "
     "parallax_write_4 AS (INSERT INTO kp (a, b, w) SELECT parallax_row_1.a, "
     "parallax_row_1.b, parallax_row_1.w FROM parallax_row_1 WHERE "
     "(parallax_row_1.parallax_part_1_1 IS NULL AND COALESCE(parallax_row_1.w "
     "IS NOT NULL, FALSE)) AND parallax_row_1.parallax_action = 2), "
     "parallax_write_5 AS (DELETE FROM kp AS target USING parallax_row_1 WHERE "
     "(target.a = parallax_row_1.parallax_part_1_1 AND target.b = "
     "parallax_row_1.parallax_part_1_2) AND parallax_row_1.parallax_action = "
     "1), parallax_write_6 AS (DELETE FROM k AS target USING parallax_row_1 "
     "WHERE (target.a = parallax_row_1.parallax_key_1 AND target.b = "
     "parallax_row_1.parallax_key_2) AND parallax_row_1.parallax_action = 1) "
     "SELECT  FROM parallax_row_1"},
};

static const struct plan_row shared[] = {
    /* a key that other tables' rows are in has the column that tells them apart */
    {"INSERT INTO cats VALUES (1, 'Kit'), (3, 'Kat') ON CONFLICT (id) DO "
     "NOTHING",
     "INSERT INTO pets AS cats (id, name, kind) VALUES (1, 'Kit', 'cat'), (3, "
     "'Kat', 'cat') ON CONFLICT (id, kind) DO NOTHING"},
    {"INSERT INTO cats VALUES (1, 'Kit') ON CONFLICT (id) DO UPDATE SET name = "
     "excluded.name || cats.name RETURNING *",
     "INSERT INTO pets AS cats (id, name, kind) VALUES (1, 'Kit', 'cat') ON "
     "CONFLICT (id, kind) DO UPDATE SET name = excluded.name || cats.name "
     "RETURNING cats.id AS id, cats.name AS name"},
    {"INSERT INTO cats VALUES (1, 'Kit') ON CONFLICT DO NOTHING",
     "INSERT INTO pets AS cats (id, name, kind) VALUES (1, 'Kit', 'cat') ON "
     "CONFLICT DO NOTHING"},
    {"UPDATE cats SET id = id + 5 WHERE name = 'Tom'",
     "UPDATE pets AS cats SET id = cats.id + 5 WHERE cats.kind = 'cat' AND "
     "cats.name = 'Tom'"},
};

static void test_keys(void **state)
{
	(void)state;
	CHECK_PLANS(keys);
}

static void test_several(void **state)
{
	(void)state;
	CHECK_PLANS(several);
}

static void test_shared(void **state)
{
	(void)state;
	CHECK_PLANS(shared);
}

static int start(void **state)
{
	(void)state;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_several),
	    cmocka_unit_test(test_shared),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
