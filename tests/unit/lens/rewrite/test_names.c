/* Names that a statement gives twice, hides or gets wrong: what PostgreSQL
 * makes of them, the plan makes of them too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "unit/lens/catalogs.h"

static const char schema[] = "t(id int4 key, a text, b varchar)"
			     "u(id int4 key, a text, n int4)"
			     "w(id int4 key, a text, n int4)"
			     "g(id int4 key, twice int4 stored)"
			     "big(id int8)"
			     "other.t(id int4 key, c text)";
static const char new_schema[] = "t(id int4 key, a text, b varchar)"
				 "u(id int4 key, a text, n int4)"
				 "w2(id int4 key, a text, n int4)"
				 "g(id int4 key, twice int4 stored)"
				 "big(id int8)"
				 "other.t(id int4 key, c text)";

/* expected: the whole text, or "!..." a part of the reason. */
static const struct row {
	const char *statement;
	const char *expected;
} rows[] = {
    /* columns of one name */
    {"SELECT * FROM (SELECT id, a, a FROM t) s",
     "SELECT s.id AS id, s.a AS a, s.a_1 AS a FROM (SELECT t.id, t.a, t.a FROM "
     "t) AS s (id, a, a_1)"},
    {"WITH c AS (SELECT id, id FROM t) SELECT * FROM c",
     "WITH c AS (SELECT t.id, t.id FROM t) SELECT c.id AS id, c.id_1 AS id "
     "FROM c AS c (id, id_1)"},
    {"SELECT * FROM (SELECT 1 AS a_1, 2 AS a, 3 AS a) s",
     "SELECT s.a_1 AS a_1, s.a AS a, s.a_2 AS a FROM (SELECT 1 AS a_1, 2 AS a, "
     "3 AS a) AS s (a_1, a, a_2)"},
    {"SELECT s.a FROM (SELECT a, a FROM t) s", "!ambiguous"},
    /* names that may not be there twice */
    {"SELECT * FROM t, t", "!twice"},
    {"SELECT 1 FROM t x JOIN u x USING (id)", "!twice"},
    {"SELECT 1 FROM t JOIN u USING (id) AS t", "!twice"},
    {"UPDATE t SET a = 'x' FROM t", "!twice"},
    {"DELETE FROM t USING t", "!twice"},
    {"UPDATE t SET a = 'x', a = 'y'", "!set twice"},
    {"UPDATE t SET (b, a) = ('x', 'y'), a = 'z'", "!set twice"},
    {"SELECT t.a FROM t, other.t", "!ambiguous"},
    {"SELECT 1 FROM t x CROSS JOIN (u x CROSS JOIN LATERAL (SELECT x.id) s)",
     "!twice"},
    {"SELECT public.t.a FROM public.t, other.t",
     "SELECT t.a FROM public.t, other.t AS t_1"},
    {"SELECT 1 FROM t x, (SELECT x.id FROM u x) y",
     "SELECT 1 FROM t AS x, (SELECT x.id FROM u AS x) AS y"},
    /* a join's alias hides what is in it */
    {"SELECT * FROM (t JOIN u USING (id) AS x) AS y WHERE x.id = 1",
     "!not a table in scope"},
    {"SELECT x.id FROM t JOIN u USING (id) AS x",
     "SELECT t.id FROM t JOIN u ON t.id = u.id"},
    {"SELECT * FROM (t CROSS JOIN u) AS y (a, b, c, d, e, f, g)", "!fewer"},
    /* a row as one value is not a list of values: = means another thing */
    {"SELECT 1 FROM w x, w y WHERE x = y",
     "SELECT 1 FROM w2 AS x, w2 AS y WHERE ROW(x.id, x.a, x.n)::record = "
     "ROW(y.id, y.a, y.n)::record"},
    {"SELECT w IN (SELECT ROW(1, 'a', 2)) FROM w",
     "SELECT COALESCE(ROW(w.id, w.a, w.n)::record) IN (SELECT ROW(1, 'a', 2)) "
     "FROM w2 AS w"},
    {"SELECT ROW(w.*) = ROW(1, 'a', 2) FROM w",
     "SELECT ROW(w.id, w.a, w.n) = ROW(1, 'a', 2) FROM w2 AS w"},
    {"SELECT * FROM w, LATERAL (VALUES (w.*)) v",
     "SELECT w.id AS id, w.a AS a, w.n AS n, v.column1 AS column1, v.column2 "
     "AS column2, v.column3 AS column3 FROM w2 AS w, LATERAL (VALUES (w.id, "
     "w.a, w.n)) AS v"},
    {"SELECT w::w FROM w", "!cast"},
    {"SELECT f(w) FROM w", "!passed to a function"},
    {"SELECT row_to_json(s.*), row_to_json(s) FROM generate_series(1, 2) s",
     "SELECT row_to_json(s.*), row_to_json(s.s) FROM generate_series(1, 2) AS "
     "s"},
    /* a part of a column */
    {"UPDATE t SET a[1] = b, a[2:3] = 'x' WHERE id = 1",
     "UPDATE t SET a[1] = t.b, a[2 : 3] = 'x' WHERE t.id = 1"},
    {"UPDATE t SET (a.f, b) = (id, 'y')", "UPDATE t SET b = 'y', a.f = t.id"},
    {"UPDATE t SET a[1] = 'x', a = 'y'", "!set twice"},
    {"UPDATE t SET a = 'x', a[1] = 'y'", "!set twice"},
    {"INSERT INTO t (a[1], id, a[2]) VALUES ('x', 1, 'y')",
     "INSERT INTO t (a[1], id, a[2]) VALUES ('x', 1, 'y')"},
    {"INSERT INTO t (id, a.f) SELECT id, a FROM u",
     "INSERT INTO t (id, a.f) SELECT u.id, u.a FROM u"},
    {"INSERT INTO t (a, a) VALUES ('x', 'y')", "!twice"},
    {"INSERT INTO t (a[1], a) VALUES ('x', 'y')", "!twice"},
    /* what is generated is not written, and not copied by its name */
    {"INSERT INTO g VALUES (1, 2)", "!generated"},
    {"INSERT INTO g (twice, id) SELECT 1, 2", "!generated"},
    {"INSERT INTO g VALUES (1, DEFAULT)", "INSERT INTO g (id) VALUES (1)"},
    {"COPY g (id, twice) TO STDOUT", "!generated"},
    {"COPY g (id, id) TO STDOUT", "!twice"},
    {"COPY g TO STDOUT", "COPY (SELECT g.id FROM ONLY g) TO STDOUT"},
    /* varchar and text have text in common, int4 and int8 int8 */
    {"SELECT id FROM t LEFT JOIN (SELECT 1::int8 AS id) v USING (id)",
     "SELECT t.id FROM t LEFT JOIN (SELECT 1::int8 AS id) AS v ON t.id = v.id"},
    {"SELECT id FROM t LEFT JOIN big USING (id)",
     "SELECT t.id::bigint FROM t LEFT JOIN big ON t.id = big.id"},
    {"SELECT b FROM t JOIN (SELECT a AS b FROM u) v USING (b)",
     "SELECT t.b::pg_catalog.text FROM t JOIN (SELECT u.a AS b FROM u) AS v ON "
     "t.b = "
     "v.b"},
    /* the row of a table that is as it was keeps its type */
    {"SELECT u::u FROM u", "SELECT u::u FROM u"},
    {"SELECT f(u), f(u.*), u.f FROM u", "SELECT f(u), f(u.*), u.f FROM u"},
    {"SELECT (s.r).a FROM (SELECT u AS r FROM u) s",
     "SELECT (s.r).a FROM (SELECT u AS r FROM u) AS s"},
    {"SELECT x = y FROM u x, u y", "SELECT x = y FROM u AS x, u AS y"},
    {"SELECT NULL::u FROM u", "SELECT NULL::u FROM u"},
    {"SELECT u.g FROM u", "!no column"},
};

static struct catalog *catalog, *new_catalog;
static struct lens *lens;
static const char *const path[] = {"public", NULL};

static const char *plan_text(const char *text, struct arena *arena)
{
	struct lens_session session = {.search_path = path, .key = 1};
	const struct plan *plan =
	    lens_plan(lens, &session, text, strlen(text), NULL, 0);
	struct plan_input input = {.text = text, .text_size = strlen(text)};
	struct plan_steps steps;
	struct error error;
	const char *result;

	error_init(&error);
	if (plan->action == PLAN_UNTRANSLATABLE)
		result = arena_printf(arena, "!%s", plan->detail);
	else if (plan_fill(plan, &input, arena, &steps, &error) < 0)
		result = arena_printf(arena, "!%s", error.message);
	else
		result = arena_string(arena, steps.steps[steps.count - 1].text);
	lens_release(lens, plan);
	return result;
}

static void test_rows(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *text = plan_text(rows[i].statement, &arena);

		if (*rows[i].expected == '!' && *text == '!' &&
		    strstr(text, rows[i].expected + 1))
			continue;
		if (strcmp(text, rows[i].expected))
			print_message("%s\n", rows[i].statement);
		assert_string_equal(text, rows[i].expected);
	}
	arena_release(&arena);
}

/* An object's number is its server's own; where it only chooses, it does. */
static void test_numbers(void **state)
{
	static const char shown[] = "SELECT 't'::regclass::oid";
	static const char chooses[] =
	    "SELECT id FROM t WHERE tableoid = 't'::regclass::oid";
	struct lens_session session = {.search_path = path, .key = 1};
	const struct plan *plan =
	    lens_plan(lens, &session, shown, strlen(shown), NULL, 0);

	(void)state;
	assert_true(plan->promise.columns[0].volatile_value);
	lens_release(lens, plan);
	plan = lens_plan(lens, &session, chooses, strlen(chooses), NULL, 0);
	assert_false(plan->promise.columns[0].volatile_value);
	lens_release(lens, plan);
}

static int set_up(void **state)
{
	static const char mapping[] = "version: 1\ntables: {w: {rows: w2}}";
	static struct catalog_function function = {
	    .schema = "public", .name = "f", .volatility = 'i'};

	(void)state;
	catalog = catalog_of(schema);
	catalog->functions = &function;
	catalog->function_count = 1;
	new_catalog = catalog_of(new_schema);
	lens = lens_of(mapping, catalog, new_catalog);
	lens_rewrite_all(lens);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	lens_free(&lens);
	catalog_free(&catalog);
	catalog_free(&new_catalog);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows),
					   cmocka_unit_test(test_numbers)};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
