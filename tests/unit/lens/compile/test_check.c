/* Mistakes of a mapping against catalogs: each is told, with its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "unit/lens/catalogs.h"

static const char old_schema[] =
    "users(id int4 key, email text, name text)tags(id int4, label text)";
static const char new_schema[] =
    "accounts(id int4 key, mail text, name text, tenant int4 notnull)"
    "tags(id int4, label text)";

static const struct row {
	const char *mapping;
	int line, column; /* 0: any */
	const char *message;
	const char *hint; /* or NULL */
} rows[] = {
    {"version: 1\ntables:\n  user: {rows: accounts}\n", 3, 3,
     "no table \"user\"", "users"},
    {"version: 1\ntables:\n  users: {rows: acounts}\n", 3, 17,
     "no table \"public.acounts\"", "accounts"},
    {"version: 1\ntables:\n  users:\n    rows: accounts\n    columns:\n"
     "      emial: mail\n",
     6, 7, "no column \"emial\"", "email"},
    {"version: 1\ntables:\n  users:\n    rows: accounts\n    columns:\n"
     "      email: mial\n",
     6, 14, "no column \"mial\"", "mail"},
    {"version: 1\ntables:\n  users:\n    rows: accounts\n", 0, 0,
     "column \"email\" of \"public.users\" is not mentioned", "mail"},
    {"version: 1\ntables:\n  users:\n    rows: accounts\n    columns: {email: "
     "mail}\n",
     0, 0, "\"tenant\" of \"public.accounts\" is NOT NULL", NULL},
    {"version: 1\ntables:\n  users:\n    rows: accounts\n    columns: {email: "
     "mail}\n"
     "    defaults: {tenat: \"1\"}\n",
     6, 16, "no column \"tenat\"", "tenant"},
    {"version: 1\ntables:\n  users:\n    rows: accounts\n    columns:\n"
     "      email: {column: mail, read: \"lower(mial)\", write: \"email\"}\n",
     0, 0, "\"mial\" is not a column of the new table", "mail"},
    {"version: 1\ntables:\n  users:\n    rows: accounts\n    columns:\n"
     "      email: {column: mail, read: \"mail\", write: \"lower(emial)\"}\n",
     0, 0, "\"emial\" is not a column of the old table", "email"},
    {"version: 1\ntables:\n  users:\n    rows: accounts\n    columns:\n"
     "      email: {column: mail, read: \"lower(\", write: \"email\"}\n",
     6, 0, "cannot be read", NULL},
    {"version: 1\ntables:\n  users:\n    rows: accounts\n    columns:\n"
     "      email: {column: mail, read: \"mail\", write: \"lower($1)\"}\n",
     6, 50, "$1 is not possible here", NULL},
    {"version: 1\ntables:\n  users:\n    rows: {table: accounts, where: "
     "\"id > (SELECT $2)\"}\n",
     4, 36, "$2 is not possible here", NULL},
    {"version: 1\ntables:\n  users:\n    rows: accounts\n    columns:\n"
     "      email: mail\n      name: mail\n",
     0, 0, "two different values are written to column", NULL},
    {"version: 1\ntypes: {nosuch: text}\n", 2, 0, "no type \"nosuch\"", NULL},
    {"version: 1\nsequences: {a: b}\n", 2, 0, "no sequence \"a\"", NULL},
    {"version: 1\ncompare:\n  userz.email: {ignore: true}\n", 0, 0,
     "no table \"userz\"", "users"},
    {"version: 1\n", 0, 0, "table \"public.users\" is not mentioned", NULL},
    {"version: 1\nrewrite:\n  - {match: 'a', replace: SELECT (1}\n", 3, 27,
     "replace is not a valid statement: syntax error", NULL},
    {"version: 1\nrewrite:\n  - {match: 'a', replace: SELECT 1; SELECT 2}\n", 3,
     27, "replace must be one statement, not 2", NULL},
};

static bool told(const struct diagnostics *diagnostics, const struct row *row)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct diagnostic *item = &diagnostics->items[i];

		if (!strstr(item->message, row->message))
			continue;
		if (row->line && item->place.line != row->line)
			continue;
		if (row->column && item->place.column != row->column)
			continue;
		if (row->hint &&
		    (!item->hint || !strstr(item->hint, row->hint)))
			continue;
		return true;
	}
	return false;
}

static void test_mistakes(void **state)
{
	struct catalog *old = catalog_of(old_schema);
	struct catalog *new = catalog_of(new_schema);
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct diagnostics diagnostics;
		struct mapping *mapping = NULL;
		struct lens *lens = NULL;

		diagnostics_init(&diagnostics);
		if (mapping_parse("m.yaml", rows[i].mapping,
				  strlen(rows[i].mapping), &diagnostics,
				  &mapping) == 0)
			assert_int_equal(
			    lens_new(&postgres_parser, &postgres_parser,
				     mapping, old, new, &diagnostics, &lens),
			    -1);
		assert_null(lens);
		if (!told(&diagnostics, &rows[i])) {
			failed++;
			printf("not told: %s\n", rows[i].message);
			diagnostics_print(&diagnostics, stdout);
		}
		diagnostics_release(&diagnostics);
		mapping_free(&mapping);
	}
	assert_int_equal(failed, 0);
	catalog_free(&old);
	catalog_free(&new);
}

/* All of a file's mistakes come at once. */
static void test_all_at_once(void **state)
{
	static const char text[] =
	    "version: 1\ntables:\n  users:\n    rows: accounts\n    columns:\n"
	    "      email: mial\n      nmae: name\n  tgas: {rows: tags}\n";
	struct catalog *old = catalog_of(old_schema);
	struct catalog *new = catalog_of(new_schema);
	struct diagnostics diagnostics;
	struct mapping *mapping = NULL;
	struct lens *lens = NULL;

	(void)state;
	diagnostics_init(&diagnostics);
	assert_int_equal(
	    mapping_parse("m.yaml", text, strlen(text), &diagnostics, &mapping),
	    0);
	assert_int_equal(lens_new(&postgres_parser, &postgres_parser, mapping,
				  old, new, &diagnostics, &lens),
			 -1);
	assert_true(diagnostics.error_count >= 4);
	diagnostics_release(&diagnostics);
	mapping_free(&mapping);
	catalog_free(&old);
	catalog_free(&new);
}

/* One mistake is told once, and nothing that follows from it. */
static void test_once(void **state)
{
	static const char *const texts[] = {
	    "version: 1\ntables:\n  users:\n    rows: accounts\n    columns:\n"
	    "      email: mial\n    defaults: {tenant: \"1\"}\n",
	    "version: 1\ntables:\n  users:\n    rows: accounts\n    columns:\n"
	    "      email: {column: mial, read: mail, write: \"lower(email)\"}\n"
	    "    defaults: {tenant: \"1\"}\n",
	    "version: 1\ntables:\n  users:\n    rows: accounts\n    columns:\n"
	    "      email: {column: mial, values: {a: b}}\n"
	    "    defaults: {tenant: \"1\"}\n",
	};
	struct catalog *old = catalog_of(old_schema);
	struct catalog *new = catalog_of(new_schema);

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct diagnostics diagnostics;
		struct mapping *mapping = NULL;
		struct lens *lens = NULL;

		diagnostics_init(&diagnostics);
		assert_int_equal(mapping_parse("m.yaml", texts[i],
					       strlen(texts[i]), &diagnostics,
					       &mapping),
				 0);
		assert_int_equal(lens_new(&postgres_parser, &postgres_parser,
					  mapping, old, new, &diagnostics,
					  &lens),
				 -1);
		if (diagnostics.count != 1)
			diagnostics_print(&diagnostics, stdout);
		assert_int_equal(diagnostics.count, 1);
		diagnostics_release(&diagnostics);
		mapping_free(&mapping);
	}
	catalog_free(&old);
	catalog_free(&new);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mistakes),
	    cmocka_unit_test(test_all_at_once),
	    cmocka_unit_test(test_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
