/* What is asked of a catalog: names, numbers, keys, labels; and who holds it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "unit/lens/catalogs.h"

static const char schema[] =
    "mood{sad ok happy}"
    "t(id int4 key, a text unique, b int4, c int4){unique b c}"
    "other.t(x int4)"
    "child(id int4 key, t_id int4 refs=t, m mood, n int4[])"
    "bare()";

static struct catalog *catalog;

static int start(void **state)
{
	(void)state;
	catalog = catalog_of(schema);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	catalog_free(&catalog);
	return 0;
}

/* The longest name of a schema and of a table that there can be. */
static const char *long_name(void)
{
	static char name[600];

	memset(name, 'x', sizeof(name) - 1);
	return name;
}

static void test_tables(void **state)
{
	static const struct {
		const char *schema, *name;
		int table; /* its place in the schema, -1: there is none */
	} rows[] = {
	    {"public", "t", 0},	   {"other", "t", 1},	 {"public", "child", 2},
	    {"public", "bare", 3}, {"public", "T", -1},	 {"other", "child", -1},
	    {"", "t", -1},	   {"public", "", -1},	 {"publict", "", -1},
	    {"nosuch", "t", -1},   {"public", "t ", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct catalog_table *table =
		    catalog_table(catalog, rows[i].schema, rows[i].name);

		if (table != (rows[i].table < 0
				  ? NULL
				  : &catalog->tables[rows[i].table]))
			fail_msg("%s.%s", rows[i].schema, rows[i].name);
	}
	assert_null(catalog_table(catalog, long_name(), "t"));
	assert_null(catalog_table(catalog, "public", long_name()));
}

static void test_resolve(void **state)
{
	static const struct {
		const char *path[4];
		const char *name;
		int table;
	} rows[] = {
	    {{"public", NULL}, "t", 0},
	    {{"other", "public", NULL}, "t", 1},
	    {{"nosuch", "public", "other", NULL}, "t", 0},
	    {{"other", "public", NULL}, "child", 2},
	    {{"other", NULL}, "child", -1},
	    {{NULL}, "t", -1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_ptr_equal(
		    catalog_resolve(catalog, rows[i].path, rows[i].name),
		    rows[i].table < 0 ? NULL : &catalog->tables[rows[i].table]);
}

static void test_columns(void **state)
{
	static const struct {
		int table;
		const char *name;
		int16_t number;
		bool key; /* of a key that a foreign key may refer to */
	} rows[] = {
	    {0, "id", 1, true}, {0, "a", 2, true},     {0, "b", 3, true},
	    {0, "c", 4, true},	{2, "t_id", 2, false}, {2, "m", 3, false},
	    {1, "x", 1, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct catalog_table *table =
		    &catalog->tables[rows[i].table];
		const struct catalog_column *column =
		    catalog_column(table, rows[i].name);

		assert_non_null(column);
		assert_int_equal(column->number, rows[i].number);
		assert_ptr_equal(catalog_column_number(table, rows[i].number),
				 column);
		assert_int_equal(catalog_is_key(table, column), rows[i].key);
	}
	assert_null(catalog_column(&catalog->tables[0], "ID"));
	assert_null(catalog_column(&catalog->tables[3], "id"));
	assert_null(catalog_column_number(&catalog->tables[0], 0));
	assert_null(catalog_column_number(&catalog->tables[0], 5));
	assert_null(catalog_column_number(&catalog->tables[0], -1));
}

/* No foreign key may refer to the columns of a partial index. */
static void test_partial(void **state)
{
	const struct catalog_table *table = &catalog->tables[0];
	struct catalog_key *key =
	    (struct catalog_key *)(uintptr_t)&table->keys[1];

	(void)state;
	assert_true(catalog_is_key(table, catalog_column(table, "a")));
	key->partial = true;
	assert_false(catalog_is_key(table, catalog_column(table, "a")));
	assert_true(catalog_is_key(table, catalog_column(table, "id")));
	key->partial = false;
}

static void test_named_types(void **state)
{
	static const struct {
		const char *schema, *name;
		uint32_t id; /* 0: there is none */
	} rows[] = {
	    {"pg_catalog", "int4", 23},	   {NULL, "int4", 23},
	    {"pg_catalog", "_int4", 1007}, {"public", "int4", 0},
	    {NULL, "nosuch", 0},	   {NULL, "INT4", 0},
	};
	const struct catalog_type *mood =
	    catalog_type_named(catalog, "public", "mood");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct catalog_type *type =
		    catalog_type_named(catalog, rows[i].schema, rows[i].name);

		if ((type ? type->id : 0) != rows[i].id)
			fail_msg("%s", rows[i].name);
		if (type)
			assert_ptr_equal(catalog_type(catalog, type->id), type);
	}
	assert_null(catalog_type(catalog, 0));
	assert_null(catalog_type_named(catalog, "pg_catalog", "mood"));
	assert_int_equal(catalog_label(mood, "sad"), 0);
	assert_int_equal(catalog_label(mood, "happy"), 2);
	assert_int_equal(catalog_label(mood, "Sad"), -1);
	assert_int_equal(catalog_label(mood, ""), -1);
	assert_int_equal(
	    catalog_label(catalog_type_named(catalog, NULL, "int4"), "sad"),
	    -1);
}

/* The last of its holders frees it. */
static void test_shares(void **state)
{
	struct catalog *first = catalog_of("t(id int4)");
	struct catalog *second = catalog_share(first);
	struct catalog *third = catalog_share(second);

	(void)state;
	assert_ptr_equal(first, third);
	catalog_free(&second);
	assert_null(second);
	catalog_free(&first);
	assert_string_equal(catalog_table(third, "public", "t")->name, "t");
	catalog_free(&third);
	assert_null(third);
	catalog_free(&third);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tables),  cmocka_unit_test(test_resolve),
	    cmocka_unit_test(test_columns), cmocka_unit_test(test_partial),
	    cmocka_unit_test(test_shares),  cmocka_unit_test(test_named_types),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
