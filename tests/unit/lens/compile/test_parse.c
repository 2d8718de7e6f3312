/* Expressions of a mapping: what stands for a column of the row, and what for one of a
 * query within the expression. (read, or write) -> the plan that it is put into. */
#include "unit/lens/support.h"

static const char old_schema[] =
    "t(id int4 key, a text, b int4, gen int4 stored=b*2)";
static const char new_schema[] =
    "s(id int4 key, x text, y int4, b int4) p(t_id int4 key, z text) l(id int4 "
    "key, name text) other.l(id int4, name text)";

struct row {
	const char *expression;
	const char *expected;
};

/* over the new row */
static const struct row reads[] = {
    {"x", "SELECT u.x AS a FROM s AS u"},
    {"s.x", "SELECT u.x AS a FROM s AS u"},
    {"S.X", "SELECT u.x AS a FROM s AS u"},
    {"p.z", "SELECT p.z AS a FROM s AS u LEFT JOIN p ON p.t_id = u.id"},
    {"coalesce(p.z, x)",
     "SELECT COALESCE(p.z, u.x) AS a FROM s AS u LEFT JOIN p ON p.t_id = u.id"},
    {"x || y", "SELECT u.x || u.y AS a FROM s AS u"},
    {"-y", "SELECT - u.y AS a FROM s AS u"},
    {"y + 1", "SELECT u.y + 1 AS a FROM s AS u"},
    {"(SELECT max(l.name) FROM l)",
     "SELECT (SELECT max(l.name) FROM public.l) AS a FROM s AS u"},
    {"(SELECT l.name FROM l WHERE l.id = y)",
     "SELECT (SELECT l.name FROM public.l WHERE l.id = u.y) AS a FROM s AS u"},
    {"(SELECT name FROM l WHERE id = y)",
     "SELECT (SELECT name FROM public.l WHERE id = u.y) AS a FROM s AS u"},
    {"(SELECT name FROM l AS s WHERE s.id = y)",
     "SELECT (SELECT name FROM public.l AS s WHERE s.id = u.y) AS a FROM s AS "
     "u"},
    {"(SELECT n FROM (SELECT name AS n FROM l WHERE l.id = y) q)",
     "SELECT (SELECT n FROM (SELECT name AS n FROM public.l WHERE l.id = u.y) "
     "AS q) AS a FROM s AS u"},
    {"(SELECT g FROM generate_series(1, y) g LIMIT 1)::text",
     "SELECT (SELECT g FROM generate_series(1, u.y) AS g LIMIT 1)::text AS a "
     "FROM s AS u"},
    {"(WITH l AS (SELECT 1 AS name) SELECT name FROM l)::text",
     "SELECT (WITH l AS (SELECT 1 AS name) SELECT name FROM l)::text AS a FROM "
     "s AS u"},
    {"(SELECT l.name FROM other.l l WHERE l.id = s.id)",
     "SELECT (SELECT l.name FROM other.l AS l WHERE l.id = u.id) AS a FROM s "
     "AS u"},
    {"(SELECT string_agg(e, ',') FROM unnest(ARRAY[x]) e)",
     "SELECT (SELECT string_agg(e, ',') FROM unnest(ARRAY[u.x]) AS e) AS a "
     "FROM s AS u"},
    {"CASE y WHEN 1 THEN 'one' ELSE x END",
     "SELECT CASE u.y WHEN 1 THEN 'one' ELSE u.x END AS a FROM s AS u"},
    {"x::varchar(3)", "SELECT u.x::varchar(3) AS a FROM s AS u"},
    {"now()::text", "SELECT now()::text AS a FROM s AS u"},
    {"'k'", "SELECT 'k'::text AS a FROM s AS u"},
    {"NULL", "SELECT NULL::text AS a FROM s AS u"},
    {"(SELECT u.name FROM l u WHERE u.id = y)",
     "SELECT (SELECT u.name FROM public.l AS u WHERE u.id = u_1.y) AS a FROM s "
     "AS u_1"},
    {"EXISTS (SELECT 1 FROM l WHERE l.id = s.id)::text",
     "SELECT EXISTS (SELECT 1 FROM public.l WHERE l.id = u.id)::text AS a FROM "
     "s AS u"},
    {"(ARRAY[x, z])[1]", "SELECT (ARRAY[u.x, p.z])[1] AS a FROM s AS u LEFT "
			 "JOIN p ON p.t_id = u.id"},
    {"(SELECT x)", "SELECT (SELECT u.x) AS a FROM s AS u"},
};

/* over the old row, which is the updated one */
static const struct row writes[] = {
    {"a", "UPDATE s AS t SET x = 'v'::text WHERE t.id = 1"},
    {"upper(a)", "UPDATE s AS t SET x = upper('v'::text) WHERE t.id = 1"},
    {"t.a", "UPDATE s AS t SET x = 'v'::text WHERE t.id = 1"},
    {"a || b", "UPDATE s AS t SET x = 'v'::text || t.b WHERE t.id = 1"},
    {"(SELECT l.id::text FROM l WHERE l.name = a)",
     "UPDATE s AS t SET x = (SELECT l.id::text FROM public.l WHERE l.name = "
     "'v'::text) WHERE t.id = 1"},
    {"gen", "UPDATE s AS t SET id = t.id WHERE t.id = 1"},
    {"gen + 1", "UPDATE s AS t SET id = t.id WHERE t.id = 1"},
    {"CASE WHEN b > 0 THEN a END", "UPDATE s AS t SET x = CASE WHEN t.b > 0 "
				   "THEN 'v'::text END WHERE t.id = 1"},
    {"coalesce(a, 'none')",
     "UPDATE s AS t SET x = COALESCE('v'::text, 'none') WHERE t.id = 1"},
    {"left(a, 3)::varchar(9)",
     "UPDATE s AS t SET x = \"left\"('v'::text, 3)::varchar(9) WHERE t.id = 1"},
    {"(SELECT id::text FROM l WHERE name = t.a LIMIT 1)",
     "UPDATE s AS t SET x = (SELECT id::text FROM public.l WHERE name = "
     "'v'::text LIMIT 1) WHERE t.id = 1"},
};

static void check(const struct row *rows, size_t count, const char *format,
		  const char *statement)
{
	struct differing differing = {0};

	for (size_t i = 0; i < count; i++) {
		char text[1024];

		snprintf(text, sizeof(text), format, rows[i].expression);
		assert_int_equal(start_lens(old_schema, new_schema, text), 0);
		row_is(&differing, rows[i].expression, plan_shown(statement),
		       rows[i].expected);
		stop_lens(NULL);
	}
	assert_int_equal(differing.count, 0);
}

#define MAPPING(read, write)                                                   \
	"version: 1\ntables:\n  t:\n"                                          \
	"    rows: [s, {table: p, join: {t_id: id}}]\n"                        \
	"    columns:\n      gen: dropped\n"                                   \
	"      a:\n        read: \"" read "\"\n        write: {x: \"" write    \
	"\", p.z: b::text}\n"

static void test_reads(void **state)
{
	(void)state;
	check(reads, sizeof(reads) / sizeof(*reads), MAPPING("%s", "a"),
	      "SELECT u.a FROM t u");
}

static void test_writes(void **state)
{
	(void)state;
	check(writes, sizeof(writes) / sizeof(*writes), MAPPING("x", "%s"),
	      "UPDATE t SET a = 'v' WHERE id = 1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads),
	    cmocka_unit_test(test_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
