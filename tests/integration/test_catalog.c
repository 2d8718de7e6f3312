/*
 * The catalog of a real server, whose schema test_catalog.py has made:
 * CATALOG_HOST and CATALOG_PORT say where it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "adapters/database.h"

static struct catalog *catalog;
static struct endpoint endpoint;

static int read_catalog(void **state)
{
	const struct adapter *adapter = adapter_find("postgres");
	struct error error;

	(void)state;
	error_init(&error);
	endpoint.host = getenv("CATALOG_HOST");
	endpoint.port = (int)strtol(getenv("CATALOG_PORT"), NULL, 10);
	endpoint.database = "postgres";
	endpoint.user = "postgres";
	if (adapter_catalog(adapter, &endpoint, &catalog, &error)) {
		fprintf(stderr, "%s\n", error.message);
		return -1;
	}
	return 0;
}

static int free_catalog(void **state)
{
	(void)state;
	catalog_free(&catalog);
	assert_null(catalog);
	return 0;
}

static const struct catalog_column *column(const char *table, const char *name)
{
	const struct catalog_table *found =
	    catalog_table(catalog, "shop", table);
	const struct catalog_column *result;

	assert_non_null(found);
	result = catalog_column(found, name);
	if (!result)
		fail_msg("no column %s.%s", table, name);
	return result;
}

static void test_settings(void **state)
{
	(void)state;
	assert_string_equal(catalog->database, "postgres");
	assert_string_equal(catalog->account, "postgres");
	assert_string_equal(catalog->encoding, "UTF8");
	assert_non_null(catalog->collation);
	assert_true(*catalog->collation);
	assert_int_equal(catalog->table_folding, FOLDING_LOWER);
	assert_int_equal(catalog->column_folding, FOLDING_LOWER);
	assert_true(catalog->superuser);
	assert_non_null(strstr(catalog->search_path, "public"));
	assert_true(catalog->extension_count >= 1);
	assert_string_equal(catalog->extensions[0].name, "plpgsql");
}

static void test_tables(void **state)
{
	static const char *const path[] = {"nowhere", "shop", "public", NULL};
	const struct catalog_table *table =
	    catalog_resolve(catalog, path, "items");

	(void)state;
	assert_non_null(table);
	assert_string_equal(table->schema, "shop");
	assert_int_equal(table->kind, RELATION_TABLE);
	assert_true(table->has_triggers);
	assert_false(table->has_rules);
	assert_int_equal(table->privileges, 15);
	assert_ptr_equal(
	    map_get(&catalog->table_by_id, &table->id, sizeof(table->id)),
	    table);
	assert_null(catalog_resolve(catalog, path, "Items"));
	assert_non_null(catalog_table(catalog, "shop", "Odd \"Name\""));
	assert_int_equal(catalog_table(catalog, "shop", "item_view")->kind,
			 RELATION_VIEW);
	assert_false(catalog_table(catalog, "shop", "item_view")->has_rules);
	assert_int_equal(catalog_table(catalog, "shop", "parts")->kind,
			 RELATION_PARTITIONED);
	assert_false(catalog_table(catalog, "shop", "parts")->is_partition);
	assert_true(catalog_table(catalog, "shop", "parts_low")->is_partition);
	assert_true(catalog_table(catalog, "shop", "parent")->has_children);
	assert_false(catalog_table(catalog, "shop", "child")->has_children);
	assert_int_equal(catalog_table(catalog, "shop", "items_id_seq")->kind,
			 RELATION_SEQUENCE);
	assert_null(catalog_table(catalog, "pg_catalog", "pg_class"));
}

static void test_columns(void **state)
{
	const struct catalog_column *price = column("items", "price");

	(void)state;
	assert_string_equal(price->type_sql, "numeric(10,2)");
	assert_true(price->not_null);
	assert_int_equal(price->default_kind, DEFAULT_NONE);
	assert_string_equal(column("items", "mood")->type_sql, "shop.mood");
	/* `gone` was dropped: numbers have a hole, the array has none. */
	assert_null(
	    catalog_column(catalog_table(catalog, "shop", "items"), "gone"));
	assert_ptr_equal(
	    catalog_column_number(catalog_table(catalog, "shop", "items"),
				  price->number),
	    price);
}

static void test_second_engine(void **state)
{
	(void)state;
	assert_true(column("items", "id")->auto_increment);
	assert_true(column("orders", "id")->auto_increment);
	assert_true(column("orders", "number")->auto_increment);
	/* it has a sequence, but in an expression of its own */
	assert_false(column("orders", "label")->auto_increment);
	assert_false(column("items", "price")->auto_increment);
	assert_string_equal(column("lines", "code")->collation, "C");
	assert_null(column("items", "name")->collation);
	assert_null(column("lines", "n")->collation);
	assert_false(column("lines", "n")->is_unsigned);
}

static void test_defaults(void **state)
{
	static const struct {
		const char *table;
		const char *column;
		enum default_kind kind;
		enum generated_kind generated;
		const char *sequence;
	} expected[] = {
	    {"items", "id", DEFAULT_SEQUENCE, GENERATED_SERIAL, "items_id_seq"},
	    {"orders", "id", DEFAULT_SEQUENCE, GENERATED_IDENTITY_ALWAYS,
	     "orders_id_seq"},
	    {"orders", "number", DEFAULT_SEQUENCE, GENERATED_IDENTITY_DEFAULT,
	     "orders_number_seq"},
	    {"orders", "label", DEFAULT_VOLATILE, GENERATED_NONE, "labels"},
	    {"orders", "made", DEFAULT_CLOCK, GENERATED_NONE, NULL},
	    {"orders", "made_wall", DEFAULT_CLOCK, GENERATED_NONE, NULL},
	    {"orders", "made_utc", DEFAULT_CLOCK, GENERATED_NONE, NULL},
	    {"orders", "made_text", DEFAULT_CLOCK, GENERATED_NONE, NULL},
	    {"orders", "made_day", DEFAULT_CLOCK, GENERATED_NONE, NULL},
	    {"orders", "made_or_random", DEFAULT_VOLATILE, GENERATED_NONE,
	     NULL},
	    {"orders", "token", DEFAULT_VOLATILE, GENERATED_NONE, NULL},
	    {"orders", "custom", DEFAULT_VOLATILE, GENERATED_NONE, NULL},
	    {"orders", "who", DEFAULT_STABLE, GENERATED_NONE, NULL},
	    {"orders", "state", DEFAULT_CONSTANT, GENERATED_NONE, NULL},
	    {"orders", "sum", DEFAULT_CONSTANT, GENERATED_NONE, NULL},
	    {"orders", "twice", DEFAULT_NONE, GENERATED_STORED, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		const struct catalog_column *found =
		    column(expected[i].table, expected[i].column);

		if (found->default_kind != expected[i].kind ||
		    found->generated != expected[i].generated)
			fail_msg("%s: default %d, generated %d", found->name,
				 found->default_kind, found->generated);
		if (expected[i].sequence) {
			assert_non_null(found->sequence);
			assert_string_equal(found->sequence,
					    expected[i].sequence);
			assert_string_equal(found->sequence_schema, "shop");
		} else {
			assert_null(found->sequence);
		}
	}
	assert_string_equal(column("items", "id")->default_sql,
			    "nextval('shop.items_id_seq'::regclass)");
}

static void test_keys(void **state)
{
	const struct catalog_table *table =
	    catalog_table(catalog, "shop", "lines");
	const struct catalog_key *key;

	(void)state;
	assert_int_equal(table->key_count, 4);
	key = &table->keys[0];
	assert_int_equal(key->kind, KEY_PRIMARY);
	assert_int_equal(key->column_count, 2);
	assert_int_equal(key->columns[0], 2);
	assert_int_equal(key->columns[1], 1);
	key = &table->keys[1];
	assert_int_equal(key->kind, KEY_UNIQUE);
	assert_int_equal(key->column_count, 1); /* INCLUDE is no key */
	assert_false(key->partial);
	assert_true(table->keys[2].partial);
	key = &table->keys[3];
	assert_int_equal(key->kind, KEY_FOREIGN);
	assert_ptr_equal(key->target, catalog_table(catalog, "shop", "items"));
	assert_int_equal(key->columns[0], 2);
	assert_int_equal(key->target_columns[0], 1);
	assert_true(key->deferrable);
}

static void test_types(void **state)
{
	static const struct {
		const char *schema;
		const char *name;
		enum type_class class;
		bool one_form;
	} expected[] = {
	    {"pg_catalog", "int4", TYPE_INTEGER, true},
	    {"pg_catalog", "_int4", TYPE_ARRAY, true},
	    {"pg_catalog", "_numeric", TYPE_ARRAY, false},
	    {"pg_catalog", "bpchar", TYPE_CHAR, false},
	    {"pg_catalog", "int4range", TYPE_RANGE, false},
	    {"pg_catalog", "name", TYPE_TEXT, true},
	    {"pg_catalog", "point", TYPE_OTHER, false},
	    {"shop", "mood", TYPE_ENUM, true},
	    {"shop", "_mood", TYPE_ARRAY, false},
	    {"shop", "positive", TYPE_DOMAIN, true},
	    {"shop", "pair", TYPE_COMPOSITE, false},
	    {"shop", "items", TYPE_COMPOSITE, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
		const struct catalog_type *type = catalog_type_named(
		    catalog, expected[i].schema, expected[i].name);

		if (!type || type->class != expected[i].class ||
		    type->one_form != expected[i].one_form)
			fail_msg("type %s", expected[i].name);
		assert_ptr_equal(catalog_type(catalog, type->id), type);
	}
	assert_int_equal(catalog_type_named(catalog, NULL, "positive")->element,
			 23);
	assert_int_equal(catalog_type_named(catalog, NULL, "_int4")->element,
			 23);
	/* In their order, which is not that of the texts. */
	assert_int_equal(
	    catalog_type_named(catalog, "shop", "mood")->label_count, 2);
	assert_int_equal(
	    catalog_label(catalog_type_named(catalog, "shop", "mood"), "sad"),
	    0);
	assert_int_equal(
	    catalog_label(catalog_type_named(catalog, "shop", "mood"), "glad"),
	    1);
	assert_int_equal(
	    catalog_label(catalog_type_named(catalog, "shop", "mood"), "mad"),
	    -1);
}

static void test_functions(void **state)
{
	bool found_own = false;
	bool found_random = false;

	(void)state;
	for (size_t i = 0; i < catalog->function_count; i++) {
		const struct catalog_function *function =
		    &catalog->functions[i];

		if (!strcmp(function->name, "token") &&
		    !strcmp(function->schema, "shop"))
			found_own = function->volatility == 'v';
		if (!strcmp(function->name, "random"))
			found_random = function->volatility == 'v';
		assert_string_not_equal(function->name, "lower");
	}
	assert_true(found_own);
	assert_true(found_random);
}

static void test_version(void **state)
{
	const struct adapter *adapter = adapter_find("postgres");
	struct catalog *again = NULL;
	struct error error;

	(void)state;
	assert_int_equal(adapter_catalog(adapter, &endpoint, &again, &error),
			 0);
	assert_true(again->version == catalog->version);
	catalog_free(&again);
}

/* A look at the schema: what changes it shows, and nothing else does. */
static void test_mark(void **state)
{
	static const struct {
		const char *statement;
		bool changes;
	} rows[] = {
	    {"CREATE TABLE marked (a int, b text)", true},
	    {"INSERT INTO marked SELECT i, 'b' FROM generate_series(1, 999) i",
	     false},
	    {"ANALYZE marked", false},
	    {"CREATE TEMPORARY TABLE hidden (a int)", false},
	    {"ALTER TABLE marked ALTER a SET DEFAULT 3", true},
	    {"CREATE UNIQUE INDEX marked_a ON marked (a)", true},
	    {"ALTER TABLE marked ADD CHECK (a > 0)", true},
	    {"CREATE TYPE marked_mood AS ENUM ('a')", true},
	    {"ALTER TYPE marked_mood ADD VALUE 'b'", true},
	    {"CREATE FUNCTION marked_f() RETURNS int LANGUAGE sql AS 'SELECT "
	     "1'",
	     true},
	    {"CREATE OR REPLACE FUNCTION marked_f() RETURNS int LANGUAGE sql "
	     "VOLATILE AS 'SELECT 2'",
	     true},
	    {"CREATE VIEW marked_v AS SELECT a FROM marked", true},
	    {"ALTER TABLE marked RENAME b TO c", true},
	    {"DROP VIEW marked_v", true},
	    {"DROP TABLE marked", true},
	};
	const struct adapter *adapter = adapter_find("postgres");
	struct database *database = NULL;
	struct catalog_reader *reader = NULL;
	struct catalog *reread;
	struct error error;
	uint64_t before, after, known;

	(void)state;
	error_init(&error);
	assert_int_equal(
	    adapter->database->open(&endpoint, "test", &database, &error), 0);
	assert_int_equal(
	    adapter->catalog_mark(&reader, &endpoint, &before, &error), 0);
	known = before;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (adapter->database->query(database, rows[i].statement, NULL,
					     NULL, &error))
			fail_msg("%s: %s", rows[i].statement, error.message);
		assert_int_equal(
		    adapter->catalog_mark(&reader, &endpoint, &after, &error),
		    0);
		if ((before != after) != rows[i].changes)
			fail_msg("%s", rows[i].statement);
		assert_int_equal(adapter->catalog_reread(&reader, &endpoint,
							 &known, &reread,
							 &error),
				 0);
		assert_true(known == after);
		if (!reread != !rows[i].changes)
			fail_msg("%s: read anew?", rows[i].statement);
		if (reread)
			assert_string_equal(reread->search_path,
					    catalog->search_path);
		catalog_free(&reread);
		before = after;
	}
	adapter->catalog_reader_free(&reader);
	assert_null(reader);
	adapter->database->close(&database);
}

static void test_refused(void **state)
{
	const struct adapter *adapter = adapter_find("postgres");
	struct endpoint wrong = endpoint;
	struct catalog *none = NULL;
	struct error error;

	(void)state;
	wrong.database = "no_such_database";
	error_init(&error);
	assert_int_equal(adapter_catalog(adapter, &wrong, &none, &error), -1);
	assert_null(none);
	assert_int_equal(error.kind, ERROR_DATABASE);
	assert_non_null(strstr(error.message, "no_such_database"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_settings),
	    cmocka_unit_test(test_tables),
	    cmocka_unit_test(test_columns),
	    cmocka_unit_test(test_second_engine),
	    cmocka_unit_test(test_defaults),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_functions),
	    cmocka_unit_test(test_version),
	    cmocka_unit_test(test_mark),
	    cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests_name("catalog", tests, read_catalog,
					   free_catalog);
}
