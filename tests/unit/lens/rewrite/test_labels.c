/*
 * Enums whose labels are recoded: (statement) -> its plan. A value reads as its old
 * label and sorts as that did, whatever holds it.
 */
#include "unit/lens/support.h"

static const char old_schema[] = "mood{sad ok happy}"
				 "size{s m l}"
				 "dir{up down}"
				 "age{young old}"
				 "grade{c b a}"
				 "r(id int4 key, lit bool, mood mood, size "
				 "size, dir dir, age age, grade grade)"
				 "p(id int4 key, mood mood)";
static const char new_schema[] = "mood{sad ok happy}"
				 "feel{low mid high}"
				 "mark{bad fair good}"
				 "r(id int4 key, lit bool, feel feel, size_no "
				 "int4, dir text, age int4, mark mark)"
				 "p(id int4 key, mood mood)";
static const char mapping[] =
    "version: 1\n"
    "tables:\n"
    "  r:\n"
    "    columns:\n"
    "      mood: {column: feel, values: {sad: low, ok: mid, happy: high}}\n"
    "      size: {column: size_no, values: {s: 3, m: 1, l: 2}}\n"
    "      dir: {column: dir, values: {up: u, down: d}}\n"
    "      age: {column: age, values: {young: 1, old: 2}}\n"
    "      grade: {column: mark, values: {c: bad, b: fair, a: good}}\n";

static const struct plan_row labels[] = {
    /* an enum that the new schema has, one that is a number, one that is a text */
    {"SELECT mood, size, dir FROM r",
     "SELECT CASE r.feel WHEN 'low' THEN 'sad'::public.mood WHEN 'mid' THEN "
     "'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood END AS mood, "
     "CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END "
     "AS size, CASE r.dir WHEN 'u' THEN 'up' WHEN 'd' THEN 'down' END AS dir "
     "FROM r"},
    {"SELECT id FROM r WHERE mood = 'sad'",
     "SELECT r.id FROM r WHERE r.feel = 'low'"},
    {"SELECT id FROM r WHERE mood = 'sad'::mood",
     "SELECT r.id FROM r WHERE r.feel = 'low'"},
    {"SELECT id FROM r WHERE mood <> 'sad'",
     "SELECT r.id FROM r WHERE r.feel <> 'low'"},
    {"SELECT id FROM r WHERE mood IN ('sad', 'happy')",
     "SELECT r.id FROM r WHERE r.feel IN ('low', 'high')"},
    {"SELECT id FROM r WHERE mood = ANY ('{sad,ok}')",
     "SELECT r.id FROM r WHERE r.feel = ANY (ARRAY(SELECT CASE old_value WHEN "
     "'sad'::public.mood THEN 'low'::public.feel WHEN 'ok'::public.mood THEN "
     "'mid'::public.feel WHEN 'happy'::public.mood THEN 'high'::public.feel "
     "END FROM unnest('{sad,ok}'::public.mood[]) AS old_value))"},
    {"SELECT id FROM r WHERE mood = ANY ('{sad,ok}'::mood[])",
     "SELECT r.id FROM r WHERE r.feel = ANY (ARRAY(SELECT CASE old_value WHEN "
     "'sad'::public.mood THEN 'low'::public.feel WHEN 'ok'::public.mood THEN "
     "'mid'::public.feel WHEN 'happy'::public.mood THEN 'high'::public.feel "
     "END FROM unnest('{sad,ok}'::mood[]) AS old_value))"},
    {"SELECT id FROM r WHERE mood = 'nosuch'",
     "SELECT r.id FROM r WHERE r.feel = 'no label'::int4"},
    {"SELECT id FROM r WHERE mood IN ('sad', 'nosuch')",
     "SELECT r.id FROM r WHERE r.feel IN ('low', 'no label'::int4)"},
    {"SELECT id FROM r WHERE size > 's'",
     "SELECT r.id FROM r WHERE pg_catalog.array_position(ARRAY['s', 'm', 'l'], "
     "CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' "
     "END) > 1"},
    {"SELECT id FROM r WHERE size = 'm'",
     "SELECT r.id FROM r WHERE r.size_no = '1'"},
    {"SELECT id FROM r WHERE size < 'l' AND size >= 's'",
     "SELECT r.id FROM r WHERE pg_catalog.array_position(ARRAY['s', 'm', 'l'], "
     "CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' "
     "END) < 3 AND pg_catalog.array_position(ARRAY['s', 'm', 'l'], CASE "
     "r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END) >= "
     "1"},
    {"SELECT id FROM r WHERE dir > 'up'",
     "SELECT r.id FROM r WHERE pg_catalog.array_position(ARRAY['up', 'down'], "
     "CASE r.dir WHEN 'u' THEN 'up' WHEN 'd' THEN 'down' END) > 1"},
    {"SELECT id FROM r WHERE 'ok' < mood",
     "SELECT r.id FROM r WHERE 'ok' < CASE r.feel WHEN 'low' THEN "
     "'sad'::public.mood WHEN 'mid' THEN 'ok'::public.mood WHEN 'high' THEN "
     "'happy'::public.mood END"},
    {"SELECT id FROM r ORDER BY mood",
     "SELECT r.id FROM r ORDER BY CASE r.feel WHEN 'low' THEN "
     "'sad'::public.mood WHEN 'mid' THEN 'ok'::public.mood WHEN 'high' THEN "
     "'happy'::public.mood END"},
    {"SELECT id FROM r ORDER BY size DESC",
     "SELECT r.id FROM r ORDER BY pg_catalog.array_position(ARRAY['s', 'm', "
     "'l'], CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN "
     "'l' END) DESC"},
    {"SELECT size FROM r ORDER BY size",
     "SELECT CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN "
     "'l' END AS size FROM r ORDER BY pg_catalog.array_position(ARRAY['s', "
     "'m', 'l'], CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' "
     "THEN 'l' END)"},
    {"SELECT dir AS d FROM r ORDER BY d DESC",
     "SELECT CASE r.dir WHEN 'u' THEN 'up' WHEN 'd' THEN 'down' END AS d FROM "
     "r ORDER BY pg_catalog.array_position(ARRAY['up', 'down'], CASE r.dir "
     "WHEN 'u' THEN 'up' WHEN 'd' THEN 'down' END) DESC"},
    {"SELECT mood, count(*) FROM r GROUP BY mood ORDER BY mood",
     "SELECT CASE r.feel WHEN 'low' THEN 'sad'::public.mood WHEN 'mid' THEN "
     "'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood END AS mood, "
     "count(*) FROM r GROUP BY CASE r.feel WHEN 'low' THEN 'sad'::public.mood "
     "WHEN 'mid' THEN 'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood "
     "END ORDER BY mood"},
    {"SELECT size, count(*) FROM r GROUP BY size ORDER BY size",
     "SELECT CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN "
     "'l' END AS size, count(*) FROM r GROUP BY CASE r.size_no WHEN '3' THEN "
     "'s' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END ORDER BY "
     "pg_catalog.array_position(ARRAY['s', 'm', 'l'], CASE r.size_no WHEN '3' "
     "THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END)"},
    {"SELECT DISTINCT size FROM r ORDER BY size",
     "SELECT parallax_sorted.c1 AS size FROM (SELECT DISTINCT CASE r.size_no "
     "WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END AS size FROM "
     "r) AS parallax_sorted (c1) ORDER BY pg_catalog.array_position(ARRAY['s', "
     "'m', 'l'], parallax_sorted.c1)"},
    {"SELECT DISTINCT ON (size) size, id FROM r ORDER BY size, id",
     "SELECT DISTINCT ON (pg_catalog.array_position(ARRAY['s', 'm', 'l'], CASE "
     "r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END)) "
     "CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END "
     "AS size, r.id FROM r ORDER BY pg_catalog.array_position(ARRAY['s', 'm', "
     "'l'], CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN "
     "'l' END), id"},
    {"SELECT max(mood), min(mood) FROM r",
     "SELECT max(CASE r.feel WHEN 'low' THEN 'sad'::public.mood WHEN 'mid' "
     "THEN 'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood END), "
     "min(CASE r.feel WHEN 'low' THEN 'sad'::public.mood WHEN 'mid' THEN "
     "'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood END) FROM r"},
    {"SELECT max(size), min(size) FROM r",
     "SELECT (ARRAY['s', 'm', 'l'])[max(pg_catalog.array_position(ARRAY['s', "
     "'m', 'l'], CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' "
     "THEN 'l' END))] AS max, (ARRAY['s', 'm', "
     "'l'])[min(pg_catalog.array_position(ARRAY['s', 'm', 'l'], CASE r.size_no "
     "WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END))] AS min FROM "
     "r"},
    {"SELECT a.id, b.id FROM r a JOIN r b ON a.size < b.size",
     "SELECT a.id, b.id FROM r AS a JOIN r AS b ON "
     "pg_catalog.array_position(ARRAY['s', 'm', 'l'], CASE a.size_no WHEN '3' "
     "THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END) < "
     "pg_catalog.array_position(ARRAY['s', 'm', 'l'], CASE b.size_no WHEN '3' "
     "THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END)"},
    {"SELECT r.id FROM r JOIN p USING (mood)",
     "SELECT r.id FROM r JOIN p ON CASE r.feel WHEN 'low' THEN "
     "'sad'::public.mood WHEN 'mid' THEN 'ok'::public.mood WHEN 'high' THEN "
     "'happy'::public.mood END = p.mood"},
    {"SELECT id FROM r WHERE mood IN (SELECT mood FROM p)",
     "SELECT r.id FROM r WHERE CASE r.feel WHEN 'low' THEN 'sad'::public.mood "
     "WHEN 'mid' THEN 'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood "
     "END IN (SELECT p.mood FROM p)"},
    {"SELECT id FROM r WHERE mood::text LIKE '%a%'",
     "SELECT r.id FROM r WHERE CASE r.feel WHEN 'low' THEN 'sad'::public.mood "
     "WHEN 'mid' THEN 'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood "
     "END::text LIKE '%a%'"},
    {"SELECT id FROM r WHERE mood IS NULL",
     "SELECT r.id FROM r WHERE CASE r.feel WHEN 'low' THEN 'sad'::public.mood "
     "WHEN 'mid' THEN 'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood "
     "END IS NULL"},
    {"SELECT mood::text || '!' FROM r",
     "SELECT CASE r.feel WHEN 'low' THEN 'sad'::public.mood WHEN 'mid' THEN "
     "'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood END::text || '!' "
     "FROM r"},
    {"SELECT coalesce(mood, 'ok') FROM r",
     "SELECT COALESCE(CASE r.feel WHEN 'low' THEN 'sad'::public.mood WHEN "
     "'mid' THEN 'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood END, "
     "'ok') FROM r"},
    {"SELECT coalesce(size, 'l') FROM r ORDER BY 1",
     "SELECT COALESCE(CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN "
     "'2' THEN 'l' END, 'l') FROM r ORDER BY "
     "pg_catalog.array_position(ARRAY['s', 'm', 'l'], COALESCE(CASE r.size_no "
     "WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END, 'l'))"},
    {"SELECT CASE WHEN id = 1 THEN mood ELSE 'happy' END FROM r ORDER BY 1",
     "SELECT CASE WHEN r.id = 1 THEN CASE r.feel WHEN 'low' THEN "
     "'sad'::public.mood WHEN 'mid' THEN 'ok'::public.mood WHEN 'high' THEN "
     "'happy'::public.mood END ELSE 'happy' END FROM r ORDER BY 1"},
    {"SELECT greatest(mood, 'ok'), least(size, 'm') FROM r",
     "SELECT GREATEST(CASE r.feel WHEN 'low' THEN 'sad'::public.mood WHEN "
     "'mid' THEN 'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood END, "
     "'ok'), (ARRAY['s', 'm', 'l'])[LEAST(pg_catalog.array_position(ARRAY['s', "
     "'m', 'l'], CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' "
     "THEN 'l' END), 2)] AS \"least\" FROM r"},
    {"SELECT enum_first(mood), enum_last(size) FROM r",
     "SELECT enum_first(CASE r.feel WHEN 'low' THEN 'sad'::public.mood WHEN "
     "'mid' THEN 'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood END), "
     "'l' AS enum_last FROM r"},
    {"SELECT enum_range(NULL::mood)", "="},
    {"SELECT mood FROM r UNION SELECT mood FROM p ORDER BY 1",
     "SELECT CASE r.feel WHEN 'low' THEN 'sad'::public.mood WHEN 'mid' THEN "
     "'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood END AS mood FROM "
     "r UNION SELECT p.mood FROM p ORDER BY 1"},
    {"SELECT size FROM r UNION ALL SELECT 'm'::size ORDER BY size",
     "SELECT parallax_sorted.c1 AS size FROM (SELECT CASE r.size_no WHEN '3' "
     "THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END AS size FROM r UNION "
     "ALL SELECT 'm'::text AS size) AS parallax_sorted (c1) ORDER BY "
     "pg_catalog.array_position(ARRAY['s', 'm', 'l'], parallax_sorted.c1)"},
    {"SELECT row_number() OVER (PARTITION BY size ORDER BY dir, id) FROM r",
     "SELECT row_number() OVER (PARTITION BY CASE r.size_no WHEN '3' THEN 's' "
     "WHEN '1' THEN 'm' WHEN '2' THEN 'l' END ORDER BY "
     "pg_catalog.array_position(ARRAY['up', 'down'], CASE r.dir WHEN 'u' THEN "
     "'up' WHEN 'd' THEN 'down' END), r.id) FROM r"},
    {"SELECT s.mood FROM (SELECT mood FROM r) s ORDER BY s.mood",
     "SELECT s.mood FROM (SELECT CASE r.feel WHEN 'low' THEN "
     "'sad'::public.mood WHEN 'mid' THEN 'ok'::public.mood WHEN 'high' THEN "
     "'happy'::public.mood END AS mood FROM r) AS s ORDER BY s.mood"},
    {"SELECT s.m FROM (SELECT max(size) AS m FROM r GROUP BY lit) s ORDER BY m",
     "SELECT s.m FROM (SELECT (ARRAY['s', 'm', "
     "'l'])[max(pg_catalog.array_position(ARRAY['s', 'm', 'l'], CASE r.size_no "
     "WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END))] AS m FROM r "
     "GROUP BY r.lit) AS s ORDER BY pg_catalog.array_position(ARRAY['s', 'm', "
     "'l'], s.m)"},
    {"WITH a AS (SELECT size AS z FROM r) SELECT z FROM a WHERE z > 's' ORDER "
     "BY z",
     "WITH a AS (SELECT CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' "
     "WHEN '2' THEN 'l' END AS z FROM r) SELECT a.z FROM a WHERE "
     "pg_catalog.array_position(ARRAY['s', 'm', 'l'], a.z) > 1 ORDER BY "
     "pg_catalog.array_position(ARRAY['s', 'm', 'l'], a.z)"},
    {"SELECT 'sad'::mood", "="},
    {"SELECT 'sad'::mood < 'ok'::mood", "="},
    {"SELECT mood = 'sad', size > 'm' FROM r",
     "SELECT r.feel = 'low', pg_catalog.array_position(ARRAY['s', 'm', 'l'], "
     "CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' "
     "END) > 2 FROM r"},
    {"SELECT mode() WITHIN GROUP (ORDER BY size) FROM r",
     "!the order of \"size\", whose labels the mapping recodes, is used in an "
     "unsupported way"},
    {"SELECT r.mood < ANY ('{ok}') FROM r",
     "SELECT CASE r.feel WHEN 'low' THEN 'sad'::public.mood WHEN 'mid' THEN "
     "'ok'::public.mood WHEN 'high' THEN 'happy'::public.mood END < ANY "
     "('{ok}') FROM r"},
    {"SELECT id FROM r WHERE size = (SELECT max(size) FROM r)",
     "SELECT r.id FROM r WHERE CASE r.size_no WHEN '3' THEN 's' WHEN '1' THEN "
     "'m' WHEN '2' THEN 'l' END = (SELECT (ARRAY['s', 'm', "
     "'l'])[max(pg_catalog.array_position(ARRAY['s', 'm', 'l'], CASE "
     "r_1.size_no WHEN '3' THEN 's' WHEN '1' THEN 'm' WHEN '2' THEN 'l' END))] "
     "AS max FROM r AS r_1)"},
};

static const struct plan_row ordered[] = {
    /* the new column sorts as the labels did: it is taken as it is stored */
    {"SELECT id, age FROM r WHERE age > 'young'",
     "SELECT r.id, CASE r.age WHEN '1' THEN 'young' WHEN '2' THEN 'old' END AS "
     "age FROM r WHERE r.age > '1'"},
    {"SELECT id FROM r WHERE 'b' <= grade",
     "SELECT r.id FROM r WHERE 'fair' <= r.mark"},
    {"SELECT id FROM r WHERE grade < 'nosuch'",
     "!a constant is not a label of type \"grade\", which the mapping recodes"},
    {"SELECT id FROM r WHERE grade BETWEEN 'c' AND 'b'",
     "SELECT r.id FROM r WHERE pg_catalog.array_position(ARRAY['c', 'b', 'a'], "
     "CASE r.mark WHEN 'bad' THEN 'c' WHEN 'fair' THEN 'b' WHEN 'good' THEN "
     "'a' END) BETWEEN 1 AND 2"},
    {"SELECT id FROM r ORDER BY age, grade DESC",
     "SELECT r.id FROM r ORDER BY r.age, r.mark DESC"},
    {"SELECT age AS a FROM r ORDER BY a",
     "SELECT CASE r.age WHEN '1' THEN 'young' WHEN '2' THEN 'old' END AS a "
     "FROM r ORDER BY r.age"},
    {"SELECT age, count(*) FROM r GROUP BY age ORDER BY age",
     "SELECT CASE r.age WHEN '1' THEN 'young' WHEN '2' THEN 'old' END AS age, "
     "count(*) FROM r GROUP BY CASE r.age WHEN '1' THEN 'young' WHEN '2' THEN "
     "'old' END ORDER BY pg_catalog.array_position(ARRAY['young', 'old'], CASE "
     "r.age WHEN '1' THEN 'young' WHEN '2' THEN 'old' END)"},
    {"SELECT max(grade), min(age) FROM r",
     "SELECT CASE max(r.mark) WHEN 'bad' THEN 'c' WHEN 'fair' THEN 'b' WHEN "
     "'good' THEN 'a' END AS max, CASE min(r.age) WHEN '1' THEN 'young' WHEN "
     "'2' THEN 'old' END AS min FROM r"},
    {"SELECT a.id, b.id FROM r a, r b WHERE a.grade > b.grade",
     "SELECT a.id, b.id FROM r AS a, r AS b WHERE "
     "pg_catalog.array_position(ARRAY['c', 'b', 'a'], CASE a.mark WHEN 'bad' "
     "THEN 'c' WHEN 'fair' THEN 'b' WHEN 'good' THEN 'a' END) > "
     "pg_catalog.array_position(ARRAY['c', 'b', 'a'], CASE b.mark WHEN 'bad' "
     "THEN 'c' WHEN 'fair' THEN 'b' WHEN 'good' THEN 'a' END)"},
    {"SELECT DISTINCT grade FROM r ORDER BY grade",
     "SELECT parallax_sorted.c1 AS grade FROM (SELECT DISTINCT CASE r.mark "
     "WHEN 'bad' THEN 'c' WHEN 'fair' THEN 'b' WHEN 'good' THEN 'a' END AS "
     "grade FROM r) AS parallax_sorted (c1) ORDER BY "
     "pg_catalog.array_position(ARRAY['c', 'b', 'a'], parallax_sorted.c1)"},
    {"SELECT row_number() OVER (ORDER BY grade, id) FROM r",
     "SELECT row_number() OVER (ORDER BY r.mark, r.id) FROM r"},
    {"SELECT id FROM r WHERE age = 'old' AND grade IN ('a', 'c')",
     "SELECT r.id FROM r WHERE r.age = '2' AND r.mark IN ('good', 'bad')"},
    {"SELECT id FROM r WHERE age > (SELECT min(age) FROM r)",
     "SELECT r.id FROM r WHERE pg_catalog.array_position(ARRAY['young', "
     "'old'], CASE r.age WHEN '1' THEN 'young' WHEN '2' THEN 'old' END) > "
     "pg_catalog.array_position(ARRAY['young', 'old'], (SELECT CASE "
     "min(r_1.age) WHEN '1' THEN 'young' WHEN '2' THEN 'old' END AS min FROM r "
     "AS r_1))"},
    {"SELECT age = 'young', age < 'old' FROM r",
     "SELECT r.age = '1', r.age < '2' FROM r"},
    {"SELECT s.age FROM (SELECT age FROM r) s ORDER BY s.age",
     "SELECT s.age FROM (SELECT CASE r.age WHEN '1' THEN 'young' WHEN '2' THEN "
     "'old' END AS age FROM r) AS s ORDER BY "
     "pg_catalog.array_position(ARRAY['young', 'old'], s.age)"},
    {"SELECT ARRAY[age] < ARRAY['old'::age] FROM r",
     "!the order of \"age\", whose labels the mapping recodes, is used in an "
     "unsupported way"},
    {"SELECT id FROM r ORDER BY age USING >",
     "SELECT r.id FROM r ORDER BY r.age USING >"},
    {"SELECT string_agg(age::text, ',' ORDER BY age) FROM r",
     "SELECT string_agg(CASE r.age WHEN '1' THEN 'young' WHEN '2' THEN 'old' "
     "END::text, ',' ORDER BY r.age) FROM r"},
};

static void test_labels(void **state)
{
	(void)state;
	CHECK_PLANS(labels);
}

static void test_ordered(void **state)
{
	(void)state;
	CHECK_PLANS(ordered);
}

static int start(void **state)
{
	(void)state;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_labels),
	    cmocka_unit_test(test_ordered),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
