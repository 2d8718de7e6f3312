/*
 * Values on their way into the new columns, rows that a statement itself looks up, keys that
 * conflict: (statement) -> its plan.
 */
#include "unit/lens/support.h"

static const char old_schema[] =
    "staff(id int4 key, name text, boss int4)"
    "codes(code text key, n int2, v varchar:5, c bpchar:3, d date, x float8, b "
    "bytea, j jsonb, arr text[])"
    "pair(a int4, b int4, note text){key a b}"
    "keyed(id int4 key, mail text unique, n int4)";
static const char new_schema[] =
    "staff(uid uuid key volatile, id int4 unique, name text, boss_uid uuid)"
    "codes(code text key, n int8, v varchar:10, c text, d timestamp, x "
    "numeric, b text, j json, arr jsonb)"
    "pair(a int4, b int4, note2 text){key a b}"
    "keyed(id int4 key, mail2 text unique, n int4)";
static const char mapping[] =
    "version: 1\n"
    "tables:\n"
    "  staff: {columns: {boss: {lookup: {table: staff, value: id, key: uid, "
    "column: boss_uid}}}}\n"
    "  codes:\n"
    "    columns:\n"
    "      d: {column: d, read: \"d::date\", write: d}\n"
    "      x: {column: x, read: \"x::float8\", write: x}\n"
    "      b: {column: b, read: \"decode(b, 'hex')\", write: \"encode(b, "
    "'hex')\"}\n"
    "      j: {column: j, read: \"j::jsonb\", write: \"j::json\"}\n"
    "      arr: {column: arr, read: \"CASE WHEN arr IS NOT NULL THEN "
    "ARRAY(SELECT jsonb_array_elements_text(arr)) END\", write: "
    "\"to_jsonb(arr)\"}\n"
    "      c: {column: c, read: \"c::char(3)\", write: \"c::text\"}\n"
    "  pair: {columns: {note: note2}}\n"
    "  keyed: {columns: {mail: mail2}}\n";

static const struct plan_row coerced[] = {
    /* a value is coerced to the old column's type first, but not cut to its length */
    {"INSERT INTO codes (code, n) VALUES ('a', 1.6), ('b', '2')",
     "INSERT INTO codes (code, n, c, d, x, b, j, arr) VALUES ('a', "
     "1.6::smallint, NULL::bpchar::text, NULL::date, NULL::double precision, "
     "encode(NULL::bytea, 'hex'), NULL::jsonb::\"json\", "
     "to_jsonb(NULL::text[])), ('b', '2'::smallint, NULL::bpchar::text, "
     "NULL::date, NULL::double precision, encode(NULL::bytea, 'hex'), "
     "NULL::jsonb::\"json\", to_jsonb(NULL::text[]))"},
    {"INSERT INTO codes (code, v) VALUES ('a', 'longer than five')",
     "INSERT INTO codes (code, v, c, d, x, b, j, arr) VALUES ('a', 'longer "
     "than five', NULL::bpchar::text, NULL::date, NULL::double precision, "
     "encode(NULL::bytea, 'hex'), NULL::jsonb::\"json\", "
     "to_jsonb(NULL::text[]))"},
    {"INSERT INTO codes (code, c, d) VALUES ('a', 'x', '2020-01-02')",
     "INSERT INTO codes (code, c, d, x, b, j, arr) VALUES ('a', "
     "'x'::bpchar::text, '2020-01-02'::date, NULL::double precision, "
     "encode(NULL::bytea, 'hex'), NULL::jsonb::\"json\", "
     "to_jsonb(NULL::text[]))"},
    {"INSERT INTO codes (code, d) VALUES ('a', '2020-01-02 10:00'::timestamp)",
     "INSERT INTO codes (code, c, d, x, b, j, arr) VALUES ('a', "
     "NULL::bpchar::text, '2020-01-02 10:00'::timestamp::date, NULL::double "
     "precision, encode(NULL::bytea, 'hex'), NULL::jsonb::\"json\", "
     "to_jsonb(NULL::text[]))"},
    {"INSERT INTO codes (code, x, b) VALUES ('a', '1.50', '\\\\x00ff')",
     "INSERT INTO codes (code, c, d, x, b, j, arr) VALUES ('a', "
     "NULL::bpchar::text, NULL::date, '1.50'::double precision, "
     "encode('\\\\x00ff'::bytea, 'hex'), NULL::jsonb::\"json\", "
     "to_jsonb(NULL::text[]))"},
    {"INSERT INTO codes (code, j, arr) VALUES ('a', '{\"k\": 1}', '{p,q}'), "
     "('b', NULL, ARRAY['r'])",
     "INSERT INTO codes (code, c, d, x, b, j, arr) VALUES ('a', "
     "NULL::bpchar::text, NULL::date, NULL::double precision, "
     "encode(NULL::bytea, 'hex'), '{\"k\": 1}'::jsonb::\"json\", "
     "to_jsonb('{p,q}'::text[])), ('b', NULL::bpchar::text, NULL::date, "
     "NULL::double precision, encode(NULL::bytea, 'hex'), "
     "NULL::jsonb::\"json\", to_jsonb(ARRAY['r']::text[]))"},
    {"UPDATE codes SET n = n + 1.5, v = 'q', c = 'ab', d = d + 1, x = x / 3",
     "UPDATE codes SET n = (codes.n + 1.5)::smallint, v = 'q', c = "
     "'ab'::bpchar::text, d = (codes.d::date + 1)::date, x = (codes.x::float8 "
     "/ 3)::double precision"},
    {"UPDATE codes SET arr = arr || 'z'::text, j = j || '{\"z\": 1}'",
     "UPDATE codes SET j = (codes.j::jsonb || '{\"z\": 1}')::jsonb::\"json\", "
     "arr = to_jsonb((CASE WHEN codes.arr IS NOT NULL THEN ARRAY(SELECT "
     "jsonb_array_elements_text(codes.arr)) END || 'z'::text)::text[])"},
    {"SELECT n, v, c, d, x, b, j, arr FROM codes",
     "SELECT codes.n, codes.v, codes.c::char(3), codes.d::date, "
     "codes.x::float8, decode(codes.b, 'hex') AS b, codes.j::jsonb, CASE WHEN "
     "codes.arr IS NOT NULL THEN ARRAY(SELECT "
     "jsonb_array_elements_text(codes.arr)) END AS arr FROM codes"},
    {"SELECT code FROM codes WHERE c = 'x' AND d = '2020-01-02' AND arr @> "
     "'{p}'",
     "SELECT codes.code FROM codes WHERE codes.c::char(3) = 'x' AND "
     "codes.d::date = '2020-01-02' AND CASE WHEN codes.arr IS NOT NULL THEN "
     "ARRAY(SELECT jsonb_array_elements_text(codes.arr)) END @> '{p}'"},
};

static const struct plan_row own_rows[] = {
    /* rows that the statement itself looks up */
    {"INSERT INTO staff VALUES (1, 'a', NULL)",
     "INSERT INTO staff (id, name, boss_uid) VALUES (1, 'a', (SELECT "
     "looked_up.uid FROM public.staff AS looked_up WHERE looked_up.id = "
     "NULL::integer))"},
    {"INSERT INTO staff VALUES (2, 'b', 11)",
     "WITH parallax_row_1 AS (SELECT gen_random_uuid() AS parallax_key, "
     "old_row.id AS parallax_value, old_row.id AS id, old_row.name AS name, "
     "old_row.boss AS boss FROM (VALUES (2::integer, 'b'::text, 11::integer)) "
     "AS old_row (id, name, boss)) INSERT INTO staff (id, name, boss_uid, uid) "
     "SELECT old_row.parallax_value, old_row.name, COALESCE((SELECT "
     "parallax_stored.uid FROM public.staff AS parallax_stored WHERE "
     "parallax_stored.id = old_row.boss::integer), "
     "parallax_found_1.parallax_key, CASE WHEN old_row.boss::integer IS NOT "
     "NULL THEN (SELECT parallax_found_1.parallax_key FROM (VALUES (1), (2)) "
     "AS none_is_found (n)) END), old_row.parallax_key FROM parallax_row_1 AS "
     "old_row LEFT JOIN parallax_row_1 AS parallax_found_1 ON "
     "parallax_found_1.parallax_value = old_row.boss::integer"},
    {"INSERT INTO staff (id, name, boss) VALUES (2, 'b', 3), (3, 'c', NULL)",
     "WITH parallax_row_1 AS (SELECT gen_random_uuid() AS parallax_key, "
     "old_row.id AS parallax_value, old_row.id AS id, old_row.name AS name, "
     "old_row.boss AS boss FROM (VALUES (2::integer, 'b'::text, 3::integer), "
     "(3::integer, 'c'::text, NULL::integer)) AS old_row (id, name, boss)) "
     "INSERT INTO staff (id, name, boss_uid, uid) SELECT "
     "old_row.parallax_value, old_row.name, COALESCE((SELECT "
     "parallax_stored.uid FROM public.staff AS parallax_stored WHERE "
     "parallax_stored.id = old_row.boss::integer), "
     "parallax_found_1.parallax_key, CASE WHEN old_row.boss::integer IS NOT "
     "NULL THEN (SELECT parallax_found_1.parallax_key FROM (VALUES (1), (2)) "
     "AS none_is_found (n)) END), old_row.parallax_key FROM parallax_row_1 AS "
     "old_row LEFT JOIN parallax_row_1 AS parallax_found_1 ON "
     "parallax_found_1.parallax_value = old_row.boss::integer"},
    {"INSERT INTO staff (id, name) SELECT n, 'x' FROM generate_series(1, 2) n",
     "INSERT INTO staff (id, name, boss_uid) SELECT old_row.id::integer, "
     "old_row.name::text, (SELECT looked_up.uid FROM public.staff AS looked_up "
     "WHERE looked_up.id = NULL::integer) FROM (SELECT n.n, 'x' FROM "
     "generate_series(1, 2) AS n) AS old_row (id, name)"},
    {"INSERT INTO staff SELECT n, 'x', n FROM generate_series(1, 2) n "
     "RETURNING id, boss",
     "WITH parallax_row_1 AS (SELECT gen_random_uuid() AS parallax_key, "
     "old_row.id::integer AS parallax_value, old_row.id AS id, old_row.name AS "
     "name, old_row.boss AS boss FROM (SELECT n.n, 'x', n.n FROM "
     "generate_series(1, 2) AS n) AS old_row (id, name, boss)) INSERT INTO "
     "staff (id, name, boss_uid, uid) SELECT old_row.parallax_value, "
     "old_row.name::text, COALESCE((SELECT parallax_stored.uid FROM "
     "public.staff AS parallax_stored WHERE parallax_stored.id = "
     "old_row.boss::integer), parallax_found_1.parallax_key, CASE WHEN "
     "old_row.boss::integer IS NOT NULL THEN (SELECT "
     "parallax_found_1.parallax_key FROM (VALUES (1), (2)) AS none_is_found "
     "(n)) END), old_row.parallax_key FROM parallax_row_1 AS old_row LEFT JOIN "
     "parallax_row_1 AS parallax_found_1 ON parallax_found_1.parallax_value = "
     "old_row.boss::integer RETURNING staff.id, COALESCE((SELECT looked_up.id "
     "FROM public.staff AS looked_up WHERE looked_up.uid = staff.boss_uid), "
     "(SELECT looked_up.id FROM (SELECT parallax_key, parallax_value FROM "
     "parallax_row_1) AS looked_up (uid, id) WHERE looked_up.uid = "
     "staff.boss_uid)) AS boss"},
    {"UPDATE staff SET boss = 2 WHERE id = 1",
     "UPDATE staff SET boss_uid = (SELECT looked_up.uid FROM public.staff AS "
     "looked_up WHERE looked_up.id = 2::integer) WHERE staff.id = 1"},
    {"UPDATE staff SET boss = id",
     "UPDATE staff SET boss_uid = (SELECT looked_up.uid FROM public.staff AS "
     "looked_up WHERE looked_up.id = staff.id::integer)"},
    {"UPDATE staff SET id = 5 WHERE id = 1",
     "UPDATE staff SET id = 5 WHERE staff.id = 1"},
    {"DELETE FROM staff WHERE boss = 1 RETURNING *",
     "DELETE FROM staff WHERE staff.boss_uid = (SELECT looked_up.uid FROM "
     "public.staff AS looked_up WHERE looked_up.id = 1) RETURNING staff.id AS "
     "id, staff.name AS name, (SELECT looked_up.id FROM public.staff AS "
     "looked_up WHERE looked_up.uid = staff.boss_uid) AS boss"},
    {"INSERT INTO staff VALUES (1, 'a', 12) ON CONFLICT (id) DO UPDATE SET "
     "boss = excluded.boss",
     "WITH parallax_row_1 AS (SELECT gen_random_uuid() AS parallax_key, "
     "old_row.id AS parallax_value, old_row.id AS id, old_row.name AS name, "
     "old_row.boss AS boss FROM (VALUES (1::integer, 'a'::text, 12::integer)) "
     "AS old_row (id, name, boss)) INSERT INTO staff (id, name, boss_uid, uid) "
     "SELECT old_row.parallax_value, old_row.name, COALESCE((SELECT "
     "parallax_stored.uid FROM public.staff AS parallax_stored WHERE "
     "parallax_stored.id = old_row.boss::integer), "
     "parallax_found_1.parallax_key, CASE WHEN old_row.boss::integer IS NOT "
     "NULL THEN (SELECT parallax_found_1.parallax_key FROM (VALUES (1), (2)) "
     "AS none_is_found (n)) END), old_row.parallax_key FROM parallax_row_1 AS "
     "old_row LEFT JOIN parallax_row_1 AS parallax_found_1 ON "
     "parallax_found_1.parallax_value = old_row.boss::integer ON CONFLICT (id) "
     "DO UPDATE SET boss_uid = COALESCE((SELECT looked_up.uid FROM "
     "public.staff AS looked_up WHERE looked_up.id = COALESCE((SELECT "
     "looked_up.id FROM public.staff AS looked_up WHERE looked_up.uid = "
     "excluded.boss_uid), (SELECT looked_up.id FROM (SELECT parallax_key, "
     "parallax_value FROM parallax_row_1) AS looked_up (uid, id) WHERE "
     "looked_up.uid = excluded.boss_uid))::integer), (SELECT looked_up.uid "
     "FROM (SELECT parallax_key, parallax_value FROM parallax_row_1) AS "
     "looked_up (uid, id) WHERE looked_up.id = COALESCE((SELECT looked_up.id "
     "FROM public.staff AS looked_up WHERE looked_up.uid = excluded.boss_uid), "
     "(SELECT looked_up.id FROM (SELECT parallax_key, parallax_value FROM "
     "parallax_row_1) AS looked_up (uid, id) WHERE looked_up.uid = "
     "excluded.boss_uid))::integer))"},
};

static const struct plan_row keys[] = {
    /* of one column and of two */
    {"INSERT INTO pair VALUES (1, 2, 'x') ON CONFLICT (a, b) DO UPDATE SET "
     "note = pair.note || excluded.note",
     "INSERT INTO pair (a, b, note2) VALUES (1, 2, 'x') ON CONFLICT (a, b) DO "
     "UPDATE SET note2 = pair.note2 || excluded.note2"},
    {"INSERT INTO pair VALUES (1, 2, 'x') ON CONFLICT (b, a) DO NOTHING",
     "INSERT INTO pair (a, b, note2) VALUES (1, 2, 'x') ON CONFLICT (b, a) DO "
     "NOTHING"},
    {"INSERT INTO keyed VALUES (1, 'a', 1) ON CONFLICT (mail) DO UPDATE SET n "
     "= keyed.n + 1",
     "INSERT INTO keyed (id, mail2, n) VALUES (1, 'a', 1) ON CONFLICT (mail2) "
     "DO UPDATE SET n = keyed.n + 1"},
    {"INSERT INTO keyed VALUES (1, 'a', 1) ON CONFLICT ON CONSTRAINT "
     "keyed_mail_key DO NOTHING",
     "INSERT INTO keyed (id, mail2, n) VALUES (1, 'a', 1) ON CONFLICT (mail2) "
     "DO NOTHING"},
    {"INSERT INTO keyed VALUES (1, 'a', 1) ON CONFLICT (mail) WHERE n > 0 DO "
     "NOTHING",
     "INSERT INTO keyed (id, mail2, n) VALUES (1, 'a', 1) ON CONFLICT (mail2) "
     "WHERE keyed.n > 0 DO NOTHING"},
    {"INSERT INTO keyed VALUES (1, 'a', 1) ON CONFLICT (lower(mail)) DO "
     "NOTHING",
     "INSERT INTO keyed (id, mail2, n) VALUES (1, 'a', 1) ON CONFLICT "
     "((lower(keyed.mail2))) DO NOTHING"},
    {"INSERT INTO keyed VALUES (1, 'a', 1) ON CONFLICT (mail COLLATE \"C\" "
     "text_ops) DO NOTHING",
     "INSERT INTO keyed (id, mail2, n) VALUES (1, 'a', 1) ON CONFLICT (mail2 "
     "COLLATE \"C\" text_ops) DO NOTHING"},
};

static void test_coerced(void **state)
{
	(void)state;
	CHECK_PLANS(coerced);
}

static void test_own_rows(void **state)
{
	(void)state;
	CHECK_PLANS(own_rows);
}

static void test_keys(void **state)
{
	(void)state;
	CHECK_PLANS(keys);
}

static int start(void **state)
{
	(void)state;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_coerced),
	    cmocka_unit_test(test_own_rows),
	    cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
