/* What a query reads through views, sub-queries and joins: which rows, by which
 * constants, and which columns. Each case is asked in both directions: a write that
 * it depends on, and one that it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/postgres/parse.h"
#include "adapters/postgres/postgres.h"
#include "adapters/postgres/value.h"
#include "mirror/bodies.h"
#include "mirror/reach.h"

/* u (id, mail, team), o (id, u, day, note), and the views v and w (id, n, x). */
static struct catalog_type types[] = {
    {23, "pg_catalog", "int4", TYPE_INTEGER, 0, true, NULL, 0},
    {25, "pg_catalog", "text", TYPE_TEXT, 0, true, NULL, 0},
};
static const struct catalog_column u_columns[] = {
    {.name = "id", .number = 1, .type = 23, .not_null = true},
    {.name = "mail", .number = 2, .type = 25},
    {.name = "team", .number = 3, .type = 23},
};
static const struct catalog_column o_columns[] = {
    {.name = "id", .number = 1, .type = 23, .not_null = true},
    {.name = "u", .number = 2, .type = 23, .not_null = true},
    {.name = "day", .number = 3, .type = 23},
    {.name = "note", .number = 4, .type = 25},
};
static const struct catalog_column view_columns[] = {
    {.name = "id", .number = 1, .type = 23},
    {.name = "n", .number = 2, .type = 23},
    {.name = "x", .number = 3, .type = 25},
};
static struct catalog_function function = {
    .name = "f", .volatility = 's', .body = "SELECT 1"};
enum { U, O, V, W, TABLES };
static const char names[] = "uovw";
static struct catalog_table tables[TABLES];
static struct catalog catalog = {.functions = &function, .function_count = 1};
static unsigned numbers[] = {10, 11, 12, 13};
static struct catalogs catalogs = {
    .old_catalog = &catalog, .new_catalog = &catalog, .numbers = numbers};
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	tables[U] = (struct catalog_table){.schema = "s",
					   .name = "u",
					   .columns = u_columns,
					   .column_count = 3};
	tables[O] = (struct catalog_table){.schema = "s",
					   .name = "o",
					   .columns = o_columns,
					   .column_count = 4};
	for (size_t i = V; i <= W; i++)
		tables[i] = (struct catalog_table){.schema = "s",
						   .name = i == V ? "v" : "w",
						   .kind = RELATION_VIEW,
						   .columns = view_columns,
						   .column_count = 3};
	catalogs.bodies = bodies_new();
	catalog.tables = tables;
	catalog.table_count = TABLES;
	map_init(&catalog.type_by_id);
	map_init(&catalog.table_by_name);
	for (size_t i = 0; i < 2; i++)
		map_set(&catalog.type_by_id, &types[i].id, sizeof(types[i].id),
			&types[i]);
	for (size_t i = 0; i < TABLES; i++) {
		const char key[] = {'s', '\0', names[i]};

		map_set(&catalog.table_by_name, key, sizeof(key), &tables[i]);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	map_release(&catalog.type_by_id);
	map_release(&catalog.table_by_name);
	bodies_free(&catalogs.bodies);
	arena_release(&arena);
	return 0;
}

/* of: the tables that it names. */
static struct reach_statement statement(const char *of, const char *text)
{
	struct sql_traits *traits = arena_alloc(&arena, sizeof(*traits));
	unsigned *named = arena_array(&arena, TABLES, sizeof(*named));
	struct sql_tree tree;
	struct error error;

	assert_int_equal(
	    postgres_parser.parse(text, strlen(text), &arena, &tree, &error),
	    0);
	assert_int_equal(sql_traits(tree.statements[0].node,
				    postgres_parser.dialect, &arena, traits,
				    &error),
			 0);
	for (size_t i = 0; of[i]; i++)
		named[i] = 10 + (unsigned)(strchr(names, of[i]) - names);
	return (struct reach_statement){
	    .catalogs = &catalogs,
	    .parser = &postgres_parser,
	    .values = &postgres_values,
	    .traits = traits,
	    .tables = named,
	    .table_count = strlen(of),
	    .written = named,
	    .written_count = 1,
	    .text = text,
	    .text_size = strlen(text),
	};
}

static struct weigh_scope changes(const char *text)
{
	const char *at = strstr(text, "INTO ")	   ? strstr(text, "INTO ") + 5
			 : strstr(text, "UPDATE ") ? strstr(text, "UPDATE ") + 7
						   : strstr(text, "FROM ") + 5;
	const char of[] = {*at, '\0'};
	struct reach_statement changing = statement(of, text);
	struct weigh_scope scope = {0};

	reach_changes(&changing, &arena, &scope);
	return scope;
}

enum { ROWS = -1 }; /* instead of a column: a row more, or less */

static struct weigh_scope inputs(const char *of, const char *text, int column)
{
	struct reach_statement reading = statement(of, text);
	static const struct plan plan;
	bool *columns = arena_array(&arena, 9, sizeof(*columns));
	struct weigh_difference found = {
	    .kind = column == ROWS ? DIFFERENCE_ROWS : DIFFERENCE_CELL};
	struct comparison comparison = {.found = &found,
					.found_count = 1,
					.constraint = "",
					.column_count = 8};

	if (column != ROWS) {
		columns[column] = true;
		found.columns = columns;
	}
	reach_inputs(&reading, &plan, &comparison, &arena);
	return found.hangs_on;
}

static void define(const char *view, const char *inner)
{
	tables[V].definition = view;
	tables[W].definition = inner;
	bodies_free(&catalogs.bodies);
	catalogs.bodies = bodies_new();
}

static bool meet(const char *change, const char *of, const char *text,
		 int column)
{
	struct weigh_scope changed = changes(change);
	struct weigh_scope on = inputs(of, text, column);

	return weigh_meets(&changed, &on);
}

#define OTHER_USER "INSERT INTO o (id, u, day) VALUES (1, 8, 3)"
#define THIS_USER  "INSERT INTO o (id, u, day) VALUES (1, 7, 3)"

/* Of the view, n for the id 7: whether another user's orders make a difference.
 * This user's always do. */
static void test_rows(void **state)
{
	static const struct {
		const char *view, *inner;
		bool any;
	} cases[] = {
	    {"SELECT u.id, count(o.id) AS n, u.mail FROM s.u JOIN s.o "
	     "ON o.u = u.id GROUP BY u.id",
	     NULL, false},
	    {"SELECT u.id, count(o.id) AS n, u.mail FROM s.u LEFT JOIN s.o "
	     "ON u.id = o.u GROUP BY u.mail, u.id",
	     NULL, false},
	    {"SELECT o.u AS id, count(*) AS n, max(o.note) FROM s.o GROUP BY "
	     "o.u",
	     NULL, false},
	    /* ... not what it groups by */
	    {"SELECT min(o.u) AS id, count(*) AS n, '' FROM s.o GROUP BY o.day",
	     NULL, true},
	    {"SELECT o.u + 0, count(*) AS n, '' FROM s.o GROUP BY o.u", NULL,
	     true},
	    {"SELECT o.u, count(*) AS n, '' FROM s.o GROUP BY ROLLUP (o.u)",
	     NULL, true},
	    {"SELECT o.u, count(*) AS n, '' FROM s.o", NULL, true},
	    /* a constant in the view */
	    {"SELECT o.u + 0, o.day AS n, o.note FROM s.o WHERE o.u = 7", NULL,
	     false},
	    /* a join with another column */
	    {"SELECT u.id, o.day AS n, u.mail FROM s.u JOIN s.o ON o.u = "
	     "u.team",
	     NULL, true},
	    {"SELECT u.id, o.day AS n, u.mail FROM s.u, s.o WHERE o.u = u.id",
	     NULL, false},
	    {"SELECT u.id, o.day AS n, u.mail FROM s.u, s.o WHERE o.u = u.id "
	     "OR o.day = 3",
	     NULL, true},
	    /* what is closed */
	    {"SELECT o.u, o.day, o.note FROM s.o ORDER BY o.day LIMIT 5", NULL,
	     true},
	    {"SELECT o.u, o.day, o.note FROM s.o OFFSET 1", NULL, true},
	    {"SELECT DISTINCT ON (o.day) o.u, o.day, o.note FROM s.o", NULL,
	     true},
	    {"SELECT DISTINCT o.u, o.day, o.note FROM s.o", NULL, false},
	    {"SELECT o.u, row_number() OVER (ORDER BY o.day), o.note FROM s.o",
	     NULL, true},
	    {"SELECT o.u, nextval('q')::int, o.note FROM s.o", NULL, true},
	    {"SELECT o.u, o.day, random()::text FROM s.o", NULL, true},
	    {"SELECT o.u, f(o.day), o.note FROM s.o", NULL, true},
	    /* each arm for itself */
	    {"SELECT o.u, o.day, o.note FROM s.o UNION ALL SELECT u.id, "
	     "u.team, u.mail FROM s.u",
	     NULL, false},
	    {"SELECT u.id, u.team, u.mail FROM s.u UNION SELECT o.u, o.day, "
	     "o.note FROM s.o",
	     NULL, false},
	    {"SELECT o.u, o.day, o.note FROM s.o UNION ALL SELECT o.day, o.u, "
	     "o.note FROM s.o",
	     NULL, false},
	    {"SELECT o.u, o.day, o.note FROM s.o EXCEPT SELECT u.id, u.team, "
	     "u.mail FROM s.u",
	     NULL, false},
	    {"(SELECT o.u, o.day, o.note FROM s.o UNION SELECT u.id, u.team, "
	     "u.mail FROM s.u) LIMIT 1",
	     NULL, true},
	    /* sub-queries */
	    {"SELECT b.k, b.c AS n, '' FROM (SELECT o.u AS k, count(*) AS c "
	     "FROM s.o GROUP BY o.u) b",
	     NULL, false},
	    {"SELECT b.k, b.c AS n, '' FROM (SELECT o.u AS k, o.day AS c "
	     "FROM s.o LIMIT 9) b",
	     NULL, true},
	    {"SELECT u.id, b.c AS n, '' FROM s.u JOIN (SELECT o.u, count(*) "
	     "AS c FROM s.o GROUP BY o.u) b ON b.u = u.id",
	     NULL, false},
	    {"SELECT u.id, (SELECT count(*) FROM s.o WHERE o.u = u.id) AS n, "
	     "'' FROM s.u",
	     NULL, false},
	    {"SELECT u.id, (SELECT count(*) FROM s.o WHERE o.u = u.team) AS n, "
	     "'' FROM s.u",
	     NULL, true},
	    {"SELECT u.id, b.c AS n, '' FROM s.u LEFT JOIN LATERAL (SELECT "
	     "max(o.day) AS c FROM s.o WHERE o.u = u.id) b ON true",
	     NULL, false},
	    {"WITH c AS (SELECT o.u, o.day FROM s.o) SELECT u.id, c.day AS n, "
	     "'' FROM s.u JOIN c ON c.u = u.id",
	     NULL, true},
	    {"WITH c AS (SELECT o.u, o.day FROM s.o WHERE o.u = 7) SELECT "
	     "u.id, c.day AS n, '' FROM s.u JOIN c ON c.u = u.id",
	     NULL, false},
	    /* views over views */
	    {"SELECT w.id, w.n, w.x FROM s.w",
	     "SELECT o.u, o.day, o.note FROM s.o", false},
	    {"SELECT w.n AS id, w.id AS n, w.x FROM s.w",
	     "SELECT o.day, o.u, o.note FROM s.o", false},
	    {"SELECT w.id, w.n, w.x FROM s.w",
	     "SELECT o.u, o.day, o.note FROM s.o LIMIT 1", true},
	    {"SELECT u.id, w.n, w.x FROM s.u LEFT JOIN s.w USING (id)",
	     "SELECT o.u, o.day, o.note FROM s.o", false},
	    {"SELECT u.id, w.n, w.x FROM s.u NATURAL JOIN s.w",
	     "SELECT o.u, o.day, o.note FROM s.o", true},
	    /* of what is not known, nothing */
	    {"SELECT o.u, o.day, o.note FROM s.o, s.strange", NULL, true},
	    {"SELECT o.u, o.day, o.note FROM s.o TABLESAMPLE system (9)", NULL,
	     true},
	    {"SELECT o.k, o.day, o.note FROM s.o o (i, k, day, note)", NULL,
	     true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *text = "SELECT id, n FROM v WHERE id = 7";

		define(cases[i].view, cases[i].inner);
		if (!meet(THIS_USER, "v", text, 1))
			fail_msg("this user's: %s", cases[i].view);
		if (!meet(THIS_USER, "v", text, ROWS))
			fail_msg("this user's row: %s", cases[i].view);
		if (meet(OTHER_USER, "v", text, 1) != cases[i].any)
			fail_msg("another user's %s: %s",
				 cases[i].any ? "does not" : "does",
				 cases[i].view);
	}
}

/* In the statement's own joins, and where it reads the view among others. */
static void test_statements(void **state)
{
	static const struct {
		const char *of, *text;
		bool any;
	} cases[] = {
	    {"v", "SELECT n FROM v WHERE v.id = 7 AND n > 2", false},
	    {"v", "SELECT n FROM v b WHERE 7 = b.id", false},
	    {"v", "SELECT n FROM v WHERE id IN (7, 8)", true},
	    {"v", "SELECT n FROM v WHERE id = 7 OR n = 2", true},
	    {"v", "SELECT n FROM v", true},
	    {"v", "SELECT n FROM v b (n, id, x) WHERE b.id = 7", true},
	    {"v", "SELECT n FROM (SELECT * FROM v) b WHERE b.id = 7", false},
	    {"v", "SELECT n FROM (SELECT n, id FROM v LIMIT 1) b WHERE id = 7",
	     true},
	    {"v", "SELECT a.n FROM v a JOIN v b USING (id) WHERE a.id = 7",
	     false},
	    {"v", "SELECT a.n FROM v a JOIN v b ON a.id = b.id WHERE a.id = 7",
	     false},
	    {"v",
	     "SELECT n FROM v WHERE id = 7 UNION SELECT n FROM v WHERE id = 7",
	     false},
	    {"v", "SELECT n FROM v WHERE id = 7 UNION SELECT n FROM v", true},
	    {"uv", "SELECT v.n FROM u JOIN v ON v.id = u.id WHERE u.id = 7",
	     false},
	    {"uv", "SELECT v.n FROM u JOIN v USING (id) WHERE u.id = 7", false},
	    {"uv",
	     "SELECT v.n FROM u LEFT JOIN v ON v.id = u.team WHERE u.id = 7",
	     true},
	    {"uv",
	     "SELECT (SELECT n FROM v WHERE id = u.id) FROM u WHERE "
	     "u.id = 7",
	     false /* the view's own id */},
	    {"uv",
	     "SELECT (SELECT n FROM v WHERE v.id = u.id) FROM u WHERE "
	     "u.id = 7",
	     false},
	    /* a write that reads it is not looked at so closely */
	    {"uv", "UPDATE u SET team = n FROM v WHERE v.id = 7", true},
	    {"uv", "WITH z AS (DELETE FROM u) SELECT n FROM v WHERE id = 7",
	     true},
	};

	(void)state;
	define("SELECT o.u, o.day AS n, o.note FROM s.o", NULL);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *text = cases[i].text;

		if (!meet(THIS_USER, cases[i].of, text, 0))
			fail_msg("this user's: %s", text);
		if (meet(OTHER_USER, cases[i].of, text, 0) != cases[i].any)
			fail_msg("another user's %s: %s",
				 cases[i].any ? "does not" : "does", text);
	}
}

/* What an outer join keeps is there, whatever its condition says. */
static void test_outer_joins(void **state)
{
	static const struct {
		const char *text;
		bool any; /* orders of the user 8 make a difference */
	} cases[] = {
	    {"SELECT o.day FROM u LEFT JOIN o ON o.u = u.id WHERE u.id = 7",
	     false},
	    {"SELECT o.day FROM o LEFT JOIN u ON o.u = u.id WHERE u.id = 7",
	     false},
	    {"SELECT o.day FROM o FULL JOIN u ON o.u = u.id WHERE u.id = 7",
	     false},
	    {"SELECT o.day FROM u LEFT JOIN o ON o.u = 7", false},
	    {"SELECT o.day FROM o RIGHT JOIN u ON o.u = 7", false},
	    {"SELECT o.day FROM o LEFT JOIN u ON o.u = 7", true},
	    {"SELECT o.day FROM o FULL JOIN u ON o.u = 7", true},
	    {"SELECT o.day FROM o JOIN u ON o.u = 7", false},
	    /* a user that only joins nothing may have any team */
	    {"SELECT o.day FROM o LEFT JOIN u ON u.id = 7 AND u.id = o.u",
	     true},
	    /* both are on the side that is kept */
	    {"SELECT o.day FROM u CROSS JOIN o LEFT JOIN u y ON o.u = u.id "
	     "WHERE u.id = 7",
	     true},
	    {"SELECT o.day FROM u CROSS JOIN o JOIN u y ON o.u = u.id "
	     "WHERE u.id = 7",
	     false},
	    {"SELECT o.day FROM u x CROSS JOIN o LEFT JOIN u y ON y.id = x.id "
	     "AND y.id = o.u WHERE x.id = 7",
	     true},
	    {"SELECT o.day FROM u x LEFT JOIN u y ON y.id = x.id LEFT JOIN o "
	     "ON o.u = y.id WHERE x.id = 7",
	     false},
	    {"SELECT o.day FROM u x LEFT JOIN (u y JOIN o ON o.u = y.id) ON "
	     "y.id = x.id WHERE x.id = 7",
	     false},
	    {"SELECT o.day FROM (u x JOIN o ON o.u = x.id) j WHERE j.day = 7",
	     true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *text = cases[i].text;

		if (!meet(THIS_USER, "uo", text, ROWS))
			fail_msg("this user's: %s", text);
		if (meet(OTHER_USER, "uo", text, ROWS) != cases[i].any)
			fail_msg("another user's %s: %s",
				 cases[i].any ? "does not" : "does", text);
	}
}

/* Which columns matter: those behind what is asked for, and those that rows are
 * joined, grouped, chosen by. */
static void test_columns(void **state)
{
	static const char counted[] =
	    "SELECT u.id, count(o.id) AS n, u.mail FROM s.u JOIN s.o ON "
	    "o.u = u.id GROUP BY u.id";
	static const struct {
		const char *view, *change, *text;
		int column;
		bool wanted;
	} cases[] = {
	    {counted, "UPDATE o SET day = 3", "SELECT n FROM v", 0, false},
	    {counted, "UPDATE o SET u = 3", "SELECT n FROM v", 0, true},
	    {counted, "UPDATE o SET u = 3", "SELECT n FROM v", ROWS, true},
	    {counted, "DELETE FROM o", "SELECT n FROM v", 0, true},
	    /* it is never NULL: it only counts rows */
	    {counted, "UPDATE o SET id = 3", "SELECT n FROM v", 0, false},
	    {"SELECT u.id, count(o.day) AS n, u.mail FROM s.u JOIN s.o ON "
	     "o.u = u.id GROUP BY u.id",
	     "UPDATE o SET day = 3", "SELECT n FROM v", 0, true},
	    {"SELECT u.id, count(DISTINCT o.id) AS n, u.mail FROM s.u JOIN s.o "
	     "ON o.u = u.id GROUP BY u.id",
	     "UPDATE o SET id = 3", "SELECT n FROM v", 0, true},
	    {"SELECT u.id, count(o.id) FILTER (WHERE o.day = 1) AS n, u.mail "
	     "FROM s.u JOIN s.o ON o.u = u.id GROUP BY u.id",
	     "UPDATE o SET day = 3", "SELECT n FROM v", 0, true},
	    {"SELECT u.id, max(o.id) AS n, u.mail FROM s.u JOIN s.o ON "
	     "o.u = u.id GROUP BY u.id",
	     "UPDATE o SET id = 3", "SELECT n FROM v", 0, true},
	    {counted, "UPDATE u SET mail = 'y'", "SELECT n FROM v", 0, false},
	    {counted, "UPDATE u SET mail = 'y'", "SELECT n, x FROM v", 0,
	     false},
	    {counted, "UPDATE u SET mail = 'y'", "SELECT n, x FROM v", 1, true},
	    {counted, "UPDATE u SET mail = 'y'", "SELECT * FROM v", 0, true},
	    {counted, "UPDATE u SET mail = 'y'", "SELECT v FROM v", 0, true},
	    {counted, "UPDATE u SET mail = 'y'",
	     "SELECT n FROM v WHERE x = 'y'", ROWS, true},
	    {counted, "UPDATE u SET team = 1", "SELECT * FROM v", 0, false},
	    {"SELECT o.id, o.u AS n, o.note FROM s.o WHERE o.day > 5",
	     "UPDATE o SET day = 1", "SELECT n FROM v", 0, true},
	    {"SELECT o.id, o.u AS n, o.note FROM s.o ORDER BY o.day",
	     "UPDATE o SET note = 'y'", "SELECT n FROM v", 0, false},
	    {"SELECT o.id, o.u AS n, o.note FROM s.o ORDER BY 3 LIMIT 1",
	     "UPDATE o SET note = 'y'", "SELECT n FROM v", 0, true},
	    {"SELECT DISTINCT o.id, o.u AS n, o.note FROM s.o",
	     "UPDATE o SET note = 'y'", "SELECT n FROM v", ROWS, true},
	    {"SELECT o.id, o.u AS n, o.note FROM s.o UNION SELECT 1, 2, 'x'",
	     "UPDATE o SET note = 'y'", "SELECT n FROM v", ROWS, true},
	    {"SELECT o.id, o.u AS n, o.note FROM s.o UNION ALL SELECT 1, 2, "
	     "'x'",
	     "UPDATE o SET note = 'y'", "SELECT n FROM v", ROWS, false},
	    {"SELECT o.id, o.u AS n, regexp_split_to_table(o.note, ',') "
	     "FROM s.o",
	     "UPDATE o SET note = 'y'", "SELECT n FROM v", ROWS, true},
	    /* a reference from within */
	    {"SELECT u.id, (SELECT count(*) FROM s.o WHERE o.u = u.team) AS n, "
	     "'' FROM s.u",
	     "UPDATE u SET team = 9", "SELECT n FROM v", 0, true},
	    {"SELECT u.id, (SELECT count(*) FROM s.o WHERE o.u = u.team) AS n, "
	     "'' FROM s.u",
	     "UPDATE u SET mail = 'y'", "SELECT n FROM v", 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		define(cases[i].view, NULL);
		if (meet(cases[i].change, "v", cases[i].text,
			 cases[i].column) != cases[i].wanted)
			fail_msg("%s / %s / %s: %s", cases[i].view,
				 cases[i].change, cases[i].text,
				 cases[i].wanted ? "do not meet" : "meet");
	}
	/* ... in the statement's own text */
	assert_false(meet("UPDATE o SET id = 3", "uo",
			  "SELECT count(o.id) FROM u JOIN o ON o.u = u.id "
			  "WHERE u.id = 7",
			  0));
	assert_true(meet("UPDATE o SET id = 3", "uo",
			 "SELECT sum(o.id) FROM u JOIN o ON o.u = u.id "
			 "WHERE u.id = 7",
			 0));
	/* another name for a column */
	assert_true(meet("UPDATE o SET u = 3", "o",
			 "SELECT day FROM o x (id, day, u, note)", 0));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_statements, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_outer_joins, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(test_columns, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
