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

/* t (id, a, b) with the key id; c (id, t) refers to t (id) as c_t. */
static struct catalog_type types[] = {
    {23, "pg_catalog", "int4", TYPE_INTEGER, 0, true, NULL, 0},
    {25, "pg_catalog", "text", TYPE_TEXT, 0, true, NULL, 0},
};
static struct catalog_column t_columns[] = {
    {.name = "id", .number = 1, .type = 23},
    {.name = "a", .number = 2, .type = 23},
    {.name = "b", .number = 3, .type = 25},
};
static struct catalog_column c_columns[] = {
    {.name = "id", .number = 1, .type = 23},
    {.name = "t", .number = 2, .type = 23},
};
static const int16_t first[] = {1}, second[] = {2}, third[] = {3};
static struct catalog_table tables[2];
static struct catalog_key t_keys[] = {
    {.name = "t_pkey",
     .kind = KEY_PRIMARY,
     .columns = first,
     .column_count = 1},
    {.name = "t_b", .kind = KEY_UNIQUE, .columns = third, .column_count = 1},
    /* of test_named_reference alone */
    {.name = "t_c",
     .kind = KEY_FOREIGN,
     .columns = second,
     .column_count = 1,
     .target = &tables[1],
     .target_columns = first},
};
static struct catalog_key c_keys[] = {
    {.name = "c_t",
     .kind = KEY_FOREIGN,
     .columns = second,
     .column_count = 1,
     .target = &tables[0],
     .target_columns = first},
};
static struct catalog catalog;
static unsigned numbers[] = {10, 11};
static struct catalogs catalogs = {
    .old_catalog = &catalog, .new_catalog = &catalog, .numbers = numbers};
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	tables[0] = (struct catalog_table){.schema = "public",
					   .name = "t",
					   .columns = t_columns,
					   .column_count = 3,
					   .keys = t_keys,
					   .key_count = 2};
	tables[1] = (struct catalog_table){.schema = "public",
					   .name = "c",
					   .columns = c_columns,
					   .column_count = 2,
					   .keys = c_keys,
					   .key_count = 1};
	catalogs.bodies = bodies_new();
	catalog.tables = tables;
	catalog.table_count = 2;
	map_init(&catalog.type_by_id);
	map_init(&catalog.table_by_name);
	for (size_t i = 0; i < 2; i++) {
		map_set(&catalog.type_by_id, &types[i].id, sizeof(types[i].id),
			&types[i]);
	}
	map_set(&catalog.table_by_name, "public\0t", 8, &tables[0]);
	map_set(&catalog.table_by_name, "public\0c", 8, &tables[1]);
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

static struct sql_traits *traits_of(const char *text)
{
	struct sql_traits *traits = arena_alloc(&arena, sizeof(*traits));
	struct sql_tree tree;
	struct error error;

	assert_int_equal(
	    postgres_parser.parse(text, strlen(text), &arena, &tree, &error),
	    0);
	assert_int_equal(sql_traits(tree.statements[0].node,
				    postgres_parser.dialect, &arena, traits,
				    &error),
			 0);
	return traits;
}

/* of: "t", "c" or "tc"; the first is what it writes. */
static struct reach_statement statement(const char *of, const char *text)
{
	unsigned *named = arena_array(&arena, 2, sizeof(*named));
	size_t count = strlen(of);

	for (size_t i = 0; i < count; i++)
		named[i] = of[i] == 't' ? 10 : 11;
	return (struct reach_statement){
	    .catalogs = &catalogs,
	    .parser = &postgres_parser,
	    .values = &postgres_values,
	    .traits = traits_of(text),
	    .tables = named,
	    .table_count = count,
	    .written = named,
	    .written_count = 1,
	    .text = text,
	    .text_size = strlen(text),
	};
}

static struct weigh_scope changes(const char *of, const char *text)
{
	struct reach_statement changing = statement(of, text);
	struct weigh_scope scope = {0};

	reach_changes(&changing, &arena, &scope);
	return scope;
}

struct asked {
	enum difference_kind kind;
	int column; /* CELL: which; -1: none */
	enum error_class error;
	const char *constraint;
	bool primary_failed, affected;
};

static struct weigh_scope inputs(const char *of, const char *text,
				 struct asked asked)
{
	struct reach_statement reading = statement(of, text);
	static const struct plan plan;
	struct weigh_difference found = {.kind = asked.kind};
	bool *columns = arena_array(&arena, 9, sizeof(*columns));
	struct comparison comparison = {
	    .found = &found,
	    .found_count = 1,
	    .error = asked.error,
	    .constraint = asked.constraint ? asked.constraint : "",
	    .primary_failed = asked.primary_failed,
	    .column_count = 8,
	};

	reading.affected = asked.affected;
	if (asked.column >= 0) {
		columns[asked.column] = true;
		found.columns = columns;
	}
	reach_inputs(&reading, &plan, &comparison, &arena);
	return found.hangs_on;
}

static void expect(bool wanted, const char *of, const char *change,
		   const char *read_of, const char *read, struct asked asked)
{
	struct weigh_scope changed = changes(of, change);
	struct weigh_scope on = inputs(read_of, read, asked);

	if (weigh_meets(&changed, &on) != wanted)
		fail_msg("%s / %s: %s", change, read,
			 wanted ? "do not meet" : "meet");
}

static const struct asked cell0 = {
    DIFFERENCE_CELL, 0, ERROR_CLASS_NONE, NULL, false, false};
static const struct asked cell1 = {
    DIFFERENCE_CELL, 1, ERROR_CLASS_NONE, NULL, false, false};
static const struct asked rows = {DIFFERENCE_ROWS, -1,	 ERROR_CLASS_NONE, NULL,
				  false,	   false};

static void test_columns(void **state)
{
	const char *set_a = "UPDATE t SET a = 5 WHERE id = 7";

	(void)state;
	expect(true, "t", set_a, "t", "SELECT a, b FROM t", cell0);
	expect(false, "t", set_a, "t", "SELECT a, b FROM t", cell1);
	expect(true, "t", set_a, "t", "SELECT a + 1, b FROM t", cell0);
	expect(true, "t", set_a, "t", "SELECT b FROM t WHERE a = 1", cell0);
	expect(true, "t", set_a, "t", "SELECT b FROM t WHERE a = 1", rows);
	expect(false, "t", set_a, "t", "SELECT a FROM t WHERE b = 'x'", rows);
	expect(true, "t", set_a, "t", "SELECT b FROM t ORDER BY a LIMIT 1",
	       cell0);
	expect(true, "t", set_a, "t",
	       "SELECT a AS x, b FROM t ORDER BY x LIMIT 1", rows);
	expect(true, "t", set_a, "t", "SELECT t FROM t", cell0);
	expect(true, "t", set_a, "t", "SELECT * FROM t", cell0);
	expect(false, "t", set_a, "c", "SELECT id FROM c", rows);
	expect(true, "t", set_a, "tc", "SELECT c.id FROM c NATURAL JOIN t",
	       rows);
	expect(true, "t", set_a, "tc",
	       "SELECT id FROM c WHERE t IN (SELECT a FROM t)", rows);
}

static void test_rows(void **state)
{
	const char *delete = "DELETE FROM t WHERE id = 7";
	const char *insert = "INSERT INTO t (id, a, b) VALUES (9, 1, 'x')";

	(void)state;
	expect(true, "t", delete, "t", "SELECT b FROM t", rows);
	expect(true, "t", delete, "t", "SELECT b FROM t WHERE id = 7", rows);
	expect(false, "t", delete, "t", "SELECT b FROM t WHERE id = 8", rows);
	expect(false, "t", delete, "t",
	       "SELECT b FROM t WHERE 8 = t.id AND a > 2", cell0);
	expect(true, "t", delete, "t", "SELECT b FROM t WHERE id = 8 OR a > 2",
	       cell0);
	expect(true, "t", insert, "t", "SELECT count(*) FROM t", cell0);
	expect(false, "t", insert, "t", "SELECT count(*) FROM t WHERE b = 'y'",
	       cell0);
	expect(true, "t", insert, "t", "SELECT a FROM t WHERE id = 09", cell0);
	/* the row may have been another before, or after */
	expect(true, "t", "UPDATE t SET id = 8 WHERE id = 7", "t",
	       "SELECT b FROM t WHERE id = 8", rows);
	/* twice in one statement: which one, is not known */
	expect(true, "t", delete, "t",
	       "SELECT x.b FROM t x, t y WHERE x.id = 8", rows);
	expect(true, "t", "INSERT INTO t SELECT 9, 1, 'x'", "t",
	       "SELECT b FROM t WHERE id = 8", rows);
	expect(true, "t",
	       "INSERT INTO t (id, a) VALUES (9, 1) ON CONFLICT (a) DO UPDATE "
	       "SET b = 'z'",
	       "t", "SELECT b FROM t WHERE id = 8", rows);
}

static void test_references(void **state)
{
	(void)state;
	expect(true, "t", "DELETE FROM t WHERE id = 7", "c", "SELECT id FROM c",
	       rows);
	expect(true, "t", "UPDATE t SET id = 8 WHERE id = 7", "c",
	       "SELECT t FROM c", cell0);
	expect(false, "t", "UPDATE t SET a = 8 WHERE id = 7", "c",
	       "SELECT t FROM c", cell0);
	expect(false, "c", "DELETE FROM c", "t", "SELECT id FROM t", rows);
}

static void test_errors(void **state)
{
	const char *insert = "INSERT INTO t (id, a, b) VALUES (9, 1, 'x')";
	struct asked value = {
	    DIFFERENCE_VALUE, -1, ERROR_CLASS_VALUE, NULL, false, true};
	struct asked check = {
	    DIFFERENCE_VALUE, -1, ERROR_CLASS_CHECK, NULL, false, true};
	struct asked key = {DIFFERENCE_KEY, -1,	  ERROR_CLASS_UNIQUE,
			    "t_b",	    true, false};
	struct asked unknown_key = {DIFFERENCE_KEY, -1,	  ERROR_CLASS_UNIQUE,
				    "elsewhere",    true, false};
	struct asked reference = {DIFFERENCE_REFERENCE,
				  -1,
				  ERROR_CLASS_FOREIGN_KEY,
				  "c_t",
				  true,
				  false};
	struct asked right = {
	    DIFFERENCE_RIGHT, -1, ERROR_CLASS_PERMISSION, NULL, false, true};
	struct weigh_scope on;

	(void)state;
	/* constants only: nothing */
	expect(false, "t", "DELETE FROM t", "t", insert, value);
	expect(false, "t", "DELETE FROM t", "t", insert, check);
	expect(false, "t", "DELETE FROM t", "t", "UPDATE t SET a = 99999",
	       value);
	expect(true, "t", "UPDATE t SET b = 'y'", "t", "UPDATE t SET a = 9",
	       check);
	/* what is computed from them too, unless it reads a row */
	expect(false, "t", "DELETE FROM t", "t",
	       "INSERT INTO t (id, b) VALUES (9, repeat('x', 20) || 'y')",
	       value);
	expect(false, "t", "DELETE FROM t", "t",
	       "UPDATE t SET b = upper(repeat('x', 20))", value);
	expect(
	    true, "t", "UPDATE t SET b = 'y'", "t",
	    "INSERT INTO t (id, b) VALUES (9, 'x' || (SELECT min(b) FROM t))",
	    value);
	value.affected = false; /* was there a row? */
	expect(true, "t", "DELETE FROM t", "t", "UPDATE t SET a = 99999",
	       value);
	value.affected = true;
	expect(true, "t", "UPDATE t SET a = 3", "t", "UPDATE t SET a = a + 1",
	       value);
	expect(false, "t", "UPDATE t SET b = 'y'", "t",
	       "UPDATE t SET a = a + 1 WHERE id > 2", value);
	/* that key, with that value */
	expect(true, "t", "INSERT INTO t (id, b) VALUES (1, 'x')", "t", insert,
	       key);
	expect(false, "t", "INSERT INTO t (id, b) VALUES (1, 'y')", "t", insert,
	       key);
	expect(false, "t", "UPDATE t SET a = 2", "t", insert, key);
	expect(true, "t", "UPDATE t SET b = 'x' WHERE id = 3", "t", insert,
	       key);
	expect(true, "t", "INSERT INTO t (id, b) VALUES (1, 'y')", "t", insert,
	       unknown_key);
	/* both tables' keys */
	expect(true, "t", "DELETE FROM t", "c", "INSERT INTO c VALUES (1, 2)",
	       reference);
	expect(false, "t", "UPDATE t SET a = 3", "c",
	       "INSERT INTO c VALUES (1, 2)", reference);
	/* data gives and takes no right */
	expect(false, "t", "DELETE FROM t", "t", "DELETE FROM t", right);
	on = inputs("t", "DELETE FROM t", right);
	assert_true(on.rights);
	assert_string_equal(on.names[0], "t");
}

/* A foreign key that only the new schema has: c (id) refers to t (id). */
static void test_added_reference(void **state)
{
	const char *insert = "INSERT INTO c (id, t) VALUES (1, 2)";
	struct catalog_table new[] = {tables[0], tables[1]};
	struct catalog_key key = {.name = "c_new",
				  .kind = KEY_FOREIGN,
				  .columns = first,
				  .column_count = 1,
				  .target = &new[0],
				  .target_columns = first};
	struct catalog new_catalog = {.tables = new, .table_count = 2};
	struct asked reference = {DIFFERENCE_REFERENCE,
				  -1,
				  ERROR_CLASS_FOREIGN_KEY,
				  "c_new",
				  false,
				  false};

	(void)state;
	new[1].keys = &key;
	map_init(&new_catalog.table_by_name);
	map_set(&new_catalog.table_by_name, "public\0c", 8, &new[1]);
	catalogs.new_catalog = &new_catalog;
	expect(true, "t", "DELETE FROM t WHERE id = 1", "c", insert, reference);
	expect(true, "t", "DELETE FROM t", "c", insert, reference);
	/* not the row that its other key refers to, nor other columns */
	expect(false, "t", "DELETE FROM t WHERE id = 2", "c", insert,
	       reference);
	expect(false, "t", "UPDATE t SET a = 3", "c", insert, reference);
	catalogs.new_catalog = &catalog;
	map_release(&new_catalog.table_by_name);
}

/* The rows that follow by a foreign key have the key's values. */
static void test_followers(void **state)
{
	const char *delete = "DELETE FROM t WHERE id = 7";
	struct asked reference = {DIFFERENCE_REFERENCE,
				  -1,
				  ERROR_CLASS_FOREIGN_KEY,
				  "c_t",
				  false,
				  false};

	(void)state;
	expect(true, "t", delete, "c", "SELECT id FROM c WHERE t = 7", rows);
	expect(false, "t", delete, "c", "SELECT id FROM c WHERE t = 8", rows);
	/* other columns of the row are not the key's */
	expect(true, "t", "DELETE FROM t WHERE a = 7", "c",
	       "SELECT id FROM c WHERE t = 8", rows);
	/* a default may take the key's place */
	c_columns[1].default_kind = DEFAULT_CONSTANT;
	expect(true, "t", delete, "c", "SELECT id FROM c WHERE t = 8", rows);
	c_columns[1].default_kind = DEFAULT_NONE;
	/* what stops a delete refers to that row */
	expect(true, "c", "INSERT INTO c VALUES (1, 7)", "t", delete,
	       reference);
	expect(false, "c", "INSERT INTO c VALUES (1, 8)", "t", delete,
	       reference);
	expect(true, "t", delete, "c", "INSERT INTO c VALUES (1, 7)",
	       reference);
	expect(false, "t", delete, "c", "INSERT INTO c VALUES (1, 8)",
	       reference);
}

/* Whether no row with the values is left. */
static void test_exact(void **state)
{
	static const struct {
		const char *text;
		bool exact;
	} cases[] = {
	    {"DELETE FROM t WHERE id = 7", true},
	    {"DELETE FROM t WHERE id = 7 AND b = 'x'", true},
	    {"DELETE FROM t WHERE id = 7 AND a > 2", false},
	    {"DELETE FROM t WHERE id = 7 OR a = 2", false},
	    {"DELETE FROM t WHERE id > 7", false},
	    {"DELETE FROM t", false},
	    {"UPDATE t SET a = 1 WHERE id = 7", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct weigh_scope scope = changes("t", cases[i].text);

		if (scope.places[0].exact != cases[i].exact)
			fail_msg("%s", cases[i].text);
	}
}

/* A row of constants and defaults depends on no other. */
static void test_stored(void **state)
{
	const char *insert = "INSERT INTO t (id) VALUES (9) RETURNING a, b";

	(void)state;
	expect(false, "t", "DELETE FROM t", "t", insert, cell0);
	expect(false, "t", "INSERT INTO t (id, a) VALUES (9, 9)", "t", insert,
	       rows);
	expect(true, "t", "DELETE FROM t", "t",
	       "INSERT INTO t (id) VALUES ((SELECT max(id) FROM t)) "
	       "RETURNING a",
	       cell0);
	expect(true, "t", "DELETE FROM t", "t",
	       "INSERT INTO t (id) SELECT 9 RETURNING a", cell0);
	expect(true, "t", "DELETE FROM t", "t",
	       "INSERT INTO t (id) VALUES (9) ON CONFLICT DO NOTHING", rows);
	expect(true, "c", "DELETE FROM c", "tc",
	       "INSERT INTO t (id) VALUES ((SELECT max(id) FROM c)) "
	       "RETURNING a",
	       cell0);
	t_columns[1].default_kind = DEFAULT_STABLE;
	expect(true, "t", "DELETE FROM t", "t", insert, cell0);
	t_columns[1].default_kind = DEFAULT_NONE;
	tables[0].has_triggers = tables[0].alters_rows = true;
	tables[0].triggers = "";
	expect(true, "t", "DELETE FROM t", "t", insert, cell0);
}

/* A key of the new schema alone: two new rows collide in any order. */
static void test_new_key(void **state)
{
	static const struct catalog_key keys[] = {
	    {.name = "t_a",
	     .kind = KEY_UNIQUE,
	     .columns = second,
	     .column_count = 1},
	};
	struct catalog_table strict = tables[0];
	struct catalog new_catalog = {.tables = &strict, .table_count = 1};
	const char *insert = "INSERT INTO t (id, a) VALUES (9, 1)";
	struct asked key = {DIFFERENCE_KEY, -1,	   ERROR_CLASS_UNIQUE,
			    "t_a",	    false, false};

	(void)state;
	strict.keys = keys;
	strict.key_count = 1;
	map_init(&new_catalog.table_by_name);
	map_set(&new_catalog.table_by_name, "public\0t", 8, &strict);
	catalogs.new_catalog = &new_catalog;
	expect(false, "t", "INSERT INTO t (id, a) VALUES (8, 1)", "t", insert,
	       key);
	expect(true, "t", "DELETE FROM t WHERE a = 1", "t", insert, key);
	expect(false, "t", "DELETE FROM t WHERE a = 2", "t", insert, key);
	expect(true, "t", "UPDATE t SET a = 2 WHERE id = 3", "t", insert, key);
	/* the old schema has it, too: which came first does matter */
	t_keys[1].columns = second;
	expect(true, "t", "INSERT INTO t (id, a) VALUES (8, 1)", "t", insert,
	       key);
	t_keys[1].columns = third;
	catalogs.new_catalog = &catalog;
	map_release(&new_catalog.table_by_name);
}

static void test_joins(void **state)
{
	const char *insert = "INSERT INTO c VALUES (1, 7)";

	(void)state;
	expect(true, "c", insert, "tc",
	       "SELECT c.id FROM t JOIN c ON c.t = t.id WHERE t.id = 7", rows);
	expect(false, "c", insert, "tc",
	       "SELECT c.id FROM t JOIN c ON c.t = t.id WHERE t.id = 8", rows);
	expect(false, "c", insert, "tc",
	       "SELECT count(c.id) FROM t LEFT JOIN c ON c.t = t.id AND "
	       "c.id > 0 WHERE t.id = 8",
	       cell0);
	expect(false, "c", insert, "tc",
	       "SELECT c.id FROM t, c WHERE c.t = t.id AND t.id = 8", rows);
	expect(true, "c", insert, "tc",
	       "SELECT c.id FROM t JOIN c ON c.t = t.a WHERE t.id = 8", rows);
	expect(true, "c", insert, "tc",
	       "SELECT c.id FROM t JOIN c ON c.t = t.id OR c.id = 1 "
	       "WHERE t.id = 8",
	       rows);
}

static void forget_bodies(void)
{
	bodies_free(&catalogs.bodies);
	catalogs.bodies = bodies_new();
}

/* Triggers, functions and views touch what their texts name. */
static void test_bodies(void **state)
{
	const char *insert = "INSERT INTO t (id) VALUES (9)";
	struct catalog_function function = {
	    .name = "f", .volatility = 's', .body = "SELECT 1 FROM C"};

	(void)state;
	tables[0].has_triggers = true;
	expect(true, "t", insert, "c", "SELECT id FROM c", rows);
	tables[0].triggers = "BEGIN INSERT INTO log VALUES (1); END";
	forget_bodies();
	expect(false, "t", insert, "c", "SELECT id FROM c", rows);
	forget_bodies();
	tables[0].triggers = "BEGIN INSERT INTO \"c\" VALUES (1); END";
	expect(true, "t", insert, "c", "SELECT id FROM c", rows);
	/* ... by a function, which names it */
	forget_bodies();
	catalog.functions = &function;
	catalog.function_count = 1;
	tables[0].triggers = "PERFORM f(1);";
	expect(true, "t", insert, "c", "SELECT id FROM c", rows);
	tables[0].has_triggers = false;
	expect(true, "c", "DELETE FROM c", "t", "SELECT f(a) FROM t", cell0);
	forget_bodies();
	function.body = "SELECT 1 FROM d";
	expect(false, "c", "DELETE FROM c", "t", "SELECT f(a) FROM t", cell0);
	/* what it does is not known */
	forget_bodies();
	function.body = NULL;
	expect(true, "c", "DELETE FROM c", "t", "SELECT f(a) FROM t", cell0);
	forget_bodies();
	catalog.function_count = 0;
	/* a view */
	tables[0].kind = RELATION_VIEW;
	tables[0].definition = " SELECT c.id FROM public.c;";
	expect(true, "c", "DELETE FROM c", "t", "SELECT id FROM t", rows);
	tables[0].definition = " SELECT 1 AS id;";
	forget_bodies();
	expect(false, "c", "DELETE FROM c", "t", "SELECT id FROM t", rows);
}

/* t refers to c, and c to t: only the key that failed matters, if its name says
 * which it is. */
static void test_named_reference(void **state)
{
	const char *delete = "DELETE FROM t WHERE id = 7";
	struct asked reference = {DIFFERENCE_REFERENCE,
				  -1,
				  ERROR_CLASS_FOREIGN_KEY,
				  "c_t",
				  false,
				  false};

	(void)state;
	tables[0].key_count = 3;
	expect(true, "c", "UPDATE c SET t = 7 WHERE id = 1", "t", delete,
	       reference);
	expect(false, "c", "UPDATE c SET id = 7 WHERE id = 1", "t", delete,
	       reference);
	reference.constraint = "t_c";
	expect(true, "c", "UPDATE c SET id = 7 WHERE id = 1", "t",
	       "UPDATE t SET a = 7 WHERE id = 7", reference);
	reference.constraint = "elsewhere";
	expect(true, "c", "UPDATE c SET id = 7 WHERE id = 1", "t",
	       "UPDATE t SET a = 7 WHERE id = 7", reference);
	/* a new row lacks the one it refers to, whatever else refers to that;
	 * a row that goes is missed by those that refer to it */
	expect(false, "c", "INSERT INTO c VALUES (1, 2)", "c",
	       "INSERT INTO c VALUES (2, 2)", reference);
	expect(true, "t", "DELETE FROM t", "c", "INSERT INTO c VALUES (2, 2)",
	       reference);
	/* ... and those that refer to what goes with it */
	expect(true, "c", "UPDATE c SET id = 7 WHERE id = 1", "t", delete,
	       reference);
	expect(true, "c", "INSERT INTO c VALUES (1, 7)", "t", delete,
	       reference);
}

static void test_parameters(void **state)
{
	static const uint8_t seven[] = {0, 0, 0, 7};
	const struct value parameter = {seven, 4};
	const uint8_t format = 1;
	const uint32_t type = 23;
	struct reach_statement update =
	    statement("t", "UPDATE t SET a = 5 WHERE id = $1");
	struct weigh_scope changed = {0}, on;

	(void)state;
	update.parameters = &parameter;
	update.formats = &format;
	update.types = &type;
	update.parameter_count = 1;
	changed = (struct weigh_scope){0};
	reach_changes(&update, &arena, &changed);
	assert_int_equal(changed.places[0].fixed_count, 1);
	on = inputs("t", "SELECT a FROM t WHERE id = 8", cell0);
	assert_false(weigh_meets(&changed, &on));
	on = inputs("t", "SELECT a FROM t WHERE id = '7'", cell0);
	assert_true(weigh_meets(&changed, &on));
	/* of a type that is not known, bytes mean nothing */
	update.types = NULL;
	changed = (struct weigh_scope){0};
	reach_changes(&update, &arena, &changed);
	assert_int_equal(changed.places[0].fixed_count, 0);
}

/* What is not known reaches further. */
static void test_unknown(void **state)
{
	(void)state;
	tables[0].policy_reads_more = true;
	expect(true, "c", "DELETE FROM c", "t", "SELECT id FROM t", rows);
	tables[0].policy_reads_more = false;
	tables[0].kind = RELATION_VIEW;
	expect(true, "c", "DELETE FROM c", "t", "SELECT id FROM t", rows);
	tables[0].kind = RELATION_TABLE;
	expect(true, "c", "DELETE FROM c", "t", "SELECT id FROM t, strange",
	       rows);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_columns, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_references, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_named_reference, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(test_added_reference, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(test_followers, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_exact, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_stored, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_new_key, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_joins, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_bodies, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_parameters, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_unknown, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
