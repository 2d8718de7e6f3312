/*
 * Recoded, looked-up and computed columns: (statement) -> its plan. Where a constant is
 * compared, the column is named as it is stored, so that its index serves.
 */
#include "unit/lens/support.h"

static const char old_schema[] =
    "mood{sad ok happy}"
    "r(id int4 key, lit bool, mood mood, level int4, code text, note text, "
    "land text, amount numeric:10.2)"
    "p(id int4 key, mood mood)";
static const char new_schema[] =
    "feel{low mid high}"
    "r(id int4 key, state text, feel feel, level text, code int4, note text, "
    "land_id int4, cents int8)"
    "lands(id int4 serial key, name text unique)"
    "mood{sad ok happy}"
    "p(id int4 key, mood mood)";
static const char mapping[] =
    "version: 1\n"
    "tables:\n"
    "  r:\n"
    "    columns:\n"
    "      lit: {column: state, values: {true: 'on', false: 'off'}}\n"
    "      mood: {column: feel, values: {sad: low, ok: mid, happy: high}}\n"
    "      level: {column: level, values: {1: one, 2: two, 3: three}}\n"
    "      code: {column: code, values: {a: 1, b: 2, null: 0}}\n"
    "      land: {lookup: {table: lands, value: name, key: id, column: "
    "land_id, create: true}}\n"
    "      amount: {column: cents, read: \"cents / 100.0\", write: \"(amount * "
    "100)::int8\"}\n";

static const struct plan_row values[] = {
    /* a constant goes through `values`, and the column is read as it is stored */
    {"SELECT id FROM r WHERE lit = true",
     "SELECT r.id FROM r WHERE r.state = 'on'"},
    {"SELECT id FROM r WHERE lit = 't'",
     "SELECT r.id FROM r WHERE r.state = 'on'"},
    {"SELECT id FROM r WHERE 'off' = lit",
     "SELECT r.id FROM r WHERE 'off' = r.state"},
    {"SELECT id FROM r WHERE lit <> false",
     "SELECT r.id FROM r WHERE r.state <> 'off'"},
    {"SELECT id FROM r WHERE lit", "SELECT r.id FROM r WHERE r.state = 'on'"},
    {"SELECT id FROM r WHERE NOT lit",
     "SELECT r.id FROM r WHERE NOT CASE r.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END"},
    {"SELECT id FROM r WHERE lit IS TRUE",
     "SELECT r.id FROM r WHERE CASE r.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END IS TRUE"},
    {"SELECT id FROM r WHERE lit IS NOT FALSE",
     "SELECT r.id FROM r WHERE CASE r.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END IS NOT FALSE"},
    {"SELECT id FROM r WHERE lit IS NULL",
     "SELECT r.id FROM r WHERE CASE r.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END IS NULL"},
    {"SELECT id FROM r WHERE lit = NULL",
     "SELECT r.id FROM r WHERE CASE r.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END = NULL"},
    {"SELECT id FROM r WHERE lit IN (true, false)",
     "SELECT r.id FROM r WHERE r.state IN ('on', 'off')"},
    {"SELECT id FROM r WHERE lit NOT IN ('t')",
     "SELECT r.id FROM r WHERE r.state NOT IN ('on')"},
    {"SELECT id FROM r WHERE lit IN (true, NULL)",
     "SELECT r.id FROM r WHERE CASE r.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END IN (TRUE, NULL)"},
    {"SELECT id FROM r WHERE lit = ANY ('{t}')",
     "SELECT r.id FROM r WHERE r.state = ANY (ARRAY(SELECT CASE old_value WHEN "
     "TRUE THEN 'on' WHEN FALSE THEN 'off' END FROM unnest('{t}'::boolean[]) "
     "AS old_value))"},
    {"SELECT id FROM r WHERE lit = ANY (ARRAY[true, NULL])",
     "SELECT r.id FROM r WHERE CASE r.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END = ANY (ARRAY[TRUE, NULL])"},
    {"SELECT id FROM r WHERE lit <> ALL ('{t}')",
     "SELECT r.id FROM r WHERE CASE r.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END <> ALL ('{t}')"},
    {"SELECT id FROM r WHERE lit > false",
     "SELECT r.id FROM r WHERE CASE r.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END > FALSE"},
    {"SELECT id FROM r WHERE lit AND level = 1 OR NOT lit",
     "SELECT r.id FROM r WHERE (r.state = 'on' AND r.level = 'one') OR NOT "
     "CASE r.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END"},
    {"SELECT id FROM r WHERE CASE WHEN lit THEN level = 1 END",
     "SELECT r.id FROM r WHERE CASE WHEN CASE r.state WHEN 'on' THEN TRUE WHEN "
     "'off' THEN FALSE END THEN r.level = 'one' END"},
    {"SELECT lit = true, lit AND true, NOT lit FROM r",
     "SELECT r.state = 'on', CASE r.state WHEN 'on' THEN TRUE WHEN 'off' THEN "
     "FALSE END AND TRUE, NOT CASE r.state WHEN 'on' THEN TRUE WHEN 'off' THEN "
     "FALSE END FROM r"},
    {"SELECT lit, count(*) FROM r GROUP BY lit HAVING lit = true",
     "SELECT CASE r.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS "
     "lit, count(*) FROM r GROUP BY CASE r.state WHEN 'on' THEN TRUE WHEN "
     "'off' THEN FALSE END HAVING CASE r.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END = TRUE"},
    {"SELECT id FROM r WHERE level = 2",
     "SELECT r.id FROM r WHERE r.level = 'two'"},
    {"SELECT id FROM r WHERE level = 9",
     "SELECT r.id FROM r WHERE CASE r.level WHEN 'one' THEN '1'::integer WHEN "
     "'two' THEN '2'::integer WHEN 'three' THEN '3'::integer END = 9"},
    {"SELECT id FROM r WHERE level = '3'",
     "SELECT r.id FROM r WHERE r.level = 'three'"},
    {"SELECT id FROM r WHERE level = 1.0",
     "SELECT r.id FROM r WHERE r.level = 'one'"},
    {"SELECT id FROM r WHERE level + 1 = 3",
     "SELECT r.id FROM r WHERE CASE r.level WHEN 'one' THEN '1'::integer WHEN "
     "'two' THEN '2'::integer WHEN 'three' THEN '3'::integer END + 1 = 3"},
    {"SELECT id FROM r WHERE level IN (1, 3)",
     "SELECT r.id FROM r WHERE r.level IN ('one', 'three')"},
    {"SELECT id FROM r WHERE level IN (1, 9)",
     "SELECT r.id FROM r WHERE CASE r.level WHEN 'one' THEN '1'::integer WHEN "
     "'two' THEN '2'::integer WHEN 'three' THEN '3'::integer END IN (1, 9)"},
    {"SELECT id FROM r WHERE level = ANY ('{1,9}')",
     "SELECT r.id FROM r WHERE r.level = ANY (ARRAY(SELECT CASE old_value WHEN "
     "'1'::integer THEN 'one' WHEN '2'::integer THEN 'two' WHEN '3'::integer "
     "THEN 'three' END FROM unnest('{1,9}'::integer[]) AS old_value))"},
    {"SELECT id FROM r WHERE level = ANY (ARRAY[1, 2]::int8[])",
     "SELECT r.id FROM r WHERE CASE r.level WHEN 'one' THEN '1'::integer WHEN "
     "'two' THEN '2'::integer WHEN 'three' THEN '3'::integer END = ANY "
     "(ARRAY[1, 2]::int8[])"},
    {"SELECT id FROM r WHERE code = 'a'",
     "SELECT r.id FROM r WHERE CASE r.code WHEN '1' THEN 'a' WHEN '2' THEN 'b' "
     "WHEN '0' THEN NULL END = 'a'"},
    {"SELECT id FROM r WHERE code <> 'a'",
     "SELECT r.id FROM r WHERE CASE r.code WHEN '1' THEN 'a' WHEN '2' THEN 'b' "
     "WHEN '0' THEN NULL END <> 'a'"},
    {"SELECT id FROM r WHERE code IS NULL",
     "SELECT r.id FROM r WHERE CASE r.code WHEN '1' THEN 'a' WHEN '2' THEN 'b' "
     "WHEN '0' THEN NULL END IS NULL"},
    {"SELECT id FROM r WHERE code IN ('a', 'b')",
     "SELECT r.id FROM r WHERE CASE r.code WHEN '1' THEN 'a' WHEN '2' THEN 'b' "
     "WHEN '0' THEN NULL END IN ('a', 'b')"},
    {"SELECT id FROM r WHERE coalesce(code, 'none') = 'none'",
     "SELECT r.id FROM r WHERE COALESCE(CASE r.code WHEN '1' THEN 'a' WHEN '2' "
     "THEN 'b' WHEN '0' THEN NULL END, 'none') = 'none'"},
    {"SELECT level, code, lit FROM r ORDER BY level DESC NULLS LAST",
     "SELECT CASE r.level WHEN 'one' THEN '1'::integer WHEN 'two' THEN "
     "'2'::integer WHEN 'three' THEN '3'::integer END AS level, CASE r.code "
     "WHEN '1' THEN 'a' WHEN '2' THEN 'b' WHEN '0' THEN NULL END AS code, CASE "
     "r.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS lit FROM r "
     "ORDER BY level DESC NULLS LAST"},
    {"SELECT DISTINCT lit FROM r",
     "SELECT DISTINCT CASE r.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE "
     "END AS lit FROM r"},
    {"SELECT id FROM r WHERE (lit, level) = (true, 1)",
     "SELECT r.id FROM r WHERE (CASE r.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END, CASE r.level WHEN 'one' THEN '1'::integer WHEN 'two' "
     "THEN '2'::integer WHEN 'three' THEN '3'::integer END) = (TRUE, 1)"},
    {"SELECT id FROM r WHERE level IN (SELECT id FROM p)",
     "SELECT r.id FROM r WHERE CASE r.level WHEN 'one' THEN '1'::integer WHEN "
     "'two' THEN '2'::integer WHEN 'three' THEN '3'::integer END IN (SELECT "
     "p.id FROM p)"},
    {"SELECT id FROM r ORDER BY lit, level",
     "SELECT r.id FROM r ORDER BY CASE r.state WHEN 'on' THEN TRUE WHEN 'off' "
     "THEN FALSE END, CASE r.level WHEN 'one' THEN '1'::integer WHEN 'two' "
     "THEN '2'::integer WHEN 'three' THEN '3'::integer END"},
};

static const struct plan_row lookups[] = {
    /* a constant finds its key first */
    {"SELECT land FROM r",
     "SELECT (SELECT looked_up.name FROM public.lands AS looked_up WHERE "
     "looked_up.id = r.land_id) AS land FROM r"},
    {"SELECT id FROM r WHERE land = 'FR'",
     "SELECT r.id FROM r WHERE r.land_id = (SELECT looked_up.id FROM "
     "public.lands AS looked_up WHERE looked_up.name = 'FR'::text)"},
    {"SELECT id FROM r WHERE 'FR' = land",
     "SELECT r.id FROM r WHERE (SELECT looked_up.id FROM public.lands AS "
     "looked_up WHERE looked_up.name = 'FR'::text) = r.land_id"},
    {"SELECT id FROM r WHERE land <> 'FR'",
     "SELECT r.id FROM r WHERE (SELECT looked_up.name FROM public.lands AS "
     "looked_up WHERE looked_up.id = r.land_id) <> 'FR'"},
    {"SELECT id FROM r WHERE land IN ('FR', 'XX')",
     "SELECT r.id FROM r WHERE (SELECT looked_up.name FROM public.lands AS "
     "looked_up WHERE looked_up.id = r.land_id) IN ('FR', 'XX')"},
    {"SELECT id FROM r WHERE land = ANY ('{FR}')",
     "SELECT r.id FROM r WHERE (SELECT looked_up.name FROM public.lands AS "
     "looked_up WHERE looked_up.id = r.land_id) = ANY ('{FR}')"},
    {"SELECT id FROM r WHERE land IS NULL",
     "SELECT r.id FROM r WHERE (SELECT looked_up.name FROM public.lands AS "
     "looked_up WHERE looked_up.id = r.land_id) IS NULL"},
    {"SELECT id FROM r WHERE land = NULL",
     "SELECT r.id FROM r WHERE r.land_id = (SELECT looked_up.id FROM "
     "public.lands AS looked_up WHERE looked_up.name = NULL::text)"},
    {"SELECT id FROM r WHERE land LIKE 'F%'",
     "SELECT r.id FROM r WHERE (SELECT looked_up.name FROM public.lands AS "
     "looked_up WHERE looked_up.id = r.land_id) LIKE 'F%'"},
    {"SELECT land, count(*) FROM r GROUP BY land ORDER BY land",
     "SELECT (SELECT looked_up.name FROM public.lands AS looked_up WHERE "
     "looked_up.id = r.land_id) AS land, count(*) FROM r GROUP BY (SELECT "
     "looked_up.name FROM public.lands AS looked_up WHERE looked_up.id = "
     "r.land_id) ORDER BY land"},
    {"SELECT id FROM r ORDER BY land, id",
     "SELECT r.id FROM r ORDER BY (SELECT looked_up.name FROM public.lands AS "
     "looked_up WHERE looked_up.id = r.land_id), id"},
    {"SELECT land = 'FR' FROM r",
     "SELECT (SELECT looked_up.name FROM public.lands AS looked_up WHERE "
     "looked_up.id = r.land_id) = 'FR' FROM r"},
    {"SELECT DISTINCT land FROM r",
     "SELECT DISTINCT (SELECT looked_up.name FROM public.lands AS looked_up "
     "WHERE looked_up.id = r.land_id) AS land FROM r"},
    {"SELECT a.id, b.id FROM r a JOIN r b USING (land)",
     "SELECT a.id, b.id FROM r AS a JOIN r AS b ON (SELECT looked_up.name FROM "
     "public.lands AS looked_up WHERE looked_up.id = a.land_id) = (SELECT "
     "looked_up.name FROM public.lands AS looked_up WHERE looked_up.id = "
     "b.land_id)"},
    /* computed columns stay what `read` says */
    {"SELECT amount FROM r WHERE amount = 2.5",
     "SELECT r.cents / 100.0 AS amount FROM r WHERE r.cents / 100.0 = 2.5"},
    {"SELECT sum(amount) FROM r", "SELECT sum(r.cents / 100.0) FROM r"},
    {"SELECT id FROM r ORDER BY amount",
     "SELECT r.id FROM r ORDER BY r.cents / 100.0"},
};

static void test_values(void **state)
{
	(void)state;
	CHECK_PLANS(values);
}

static void test_lookups(void **state)
{
	(void)state;
	CHECK_PLANS(lookups);
}

static int start(void **state)
{
	(void)state;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_lookups),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
