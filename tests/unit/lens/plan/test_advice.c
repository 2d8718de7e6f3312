#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "lens/lens.h"
#include "unit/lens/catalogs.h"

/* All warnings of a mapping, one to a line. */
static struct buffer told;

static void advise(const char *old_schema, const char *new_schema,
		   const char *mapping)
{
	struct catalog *old = catalog_of(old_schema);
	struct catalog *new = catalog_of(new_schema);
	struct lens *lens = lens_of(mapping, old, new);
	struct diagnostics diagnostics;

	assert_non_null(lens);
	diagnostics_init(&diagnostics);
	buffer_clear(&told);
	lens_advise(lens, adapter_find("postgres")->proof, &diagnostics);
	for (size_t i = 0; i < diagnostics.count; i++) {
		enum severity severity = diagnostics.items[i].severity;

		assert_int_not_equal(severity, SEVERITY_ERROR);
		buffer_printf(&told, "%d: %s%s\n",
			      diagnostics.items[i].place.line,
			      severity == SEVERITY_NOTE ? "note: " : "",
			      diagnostics.items[i].message);
	}
	diagnostics_release(&diagnostics);
	lens_free(&lens);
	catalog_free(&old);
	catalog_free(&new);
}

static void expect(const char *text)
{
	if (!strstr(buffer_string(&told), text))
		fail_msg("\"%s\" is not in:\n%s", text, buffer_string(&told));
}

static void expect_nothing(void)
{
	assert_string_equal(buffer_string(&told), "");
}

#define TABLES "version: 1\ntables:\n"

static void test_lossy_types(void **state)
{
	(void)state;
	advise("users(id int8 key, at timestamptz)",
	       "users(id int4 key, at date)", NULL);
	expect("\"users.id\" is bigint and becomes integer: ");
	expect("\"users.at\" is timestamp with time zone and becomes date: ");
	advise("users(id int8 key, at timestamptz)",
	       "users(id int4 key, at date)",
	       TABLES "  users:\n    columns:\n"
		      "      id: {column: id, read: id, write: id}\n"
		      "      at: {column: at, read: at, write: at}\n");
	expect_nothing(); /* what the mapping says is its own affair */
}

static void test_nulls(void **state)
{
	(void)state;
	advise("users(id int4 key, a text)",
	       "users(id int4 key, b text notnull)",
	       TABLES "  users:\n    columns:\n      a: b\n");
	expect("5: \"users.a\" can be NULL and becomes NOT NULL");
	advise("users(id int4 key)", "users(id int4 key, b text, c text clock)",
	       NULL);
	expect("column \"b\" of \"public.users\" stays NULL");
	assert_null(strstr(buffer_string(&told), "\"c\""));
	advise("users(id int4 key)", "users(id int4 key, b text)",
	       TABLES "  users:\n    defaults: {b: \"'x'\"}\n");
	expect_nothing();
	advise("users(id int4 serial key)", "users(id int4 always key)", NULL);
	expect("\"users.id\" becomes GENERATED ALWAYS");
}

static void test_new_keys(void **state)
{
	(void)state;
	advise("users(id int4 key, a text)",
	       "users(id int4 key, a text unique)", NULL);
	expect("unique key \"users_a_key\" (a) of \"public.users\" is not one "
	       "of \"users\"");
	advise("users(id int4 key, a text unique)",
	       "people(no int4 key, b text unique)",
	       TABLES "  users: {rows: people, columns: {id: no, a: b}}\n");
	expect_nothing();
	/* A key of the new schema's own making. */
	advise("users(id int4, a text)",
	       "users(id int4, a text, no int8 serial key)", NULL);
	expect_nothing();
	/* What read gives back differs where write's input did. */
	advise("users(id int4 key)", "users(uid text key)",
	       TABLES "  users:\n    columns:\n      id: {column: uid, "
		      "read: \"uid::int\", write: \"id::text\"}\n");
	expect_nothing();
	advise("users(id int4 key, a text)", "users(uid text key, a text)",
	       TABLES "  users:\n    columns:\n      id: {column: uid, "
		      "read: \"1\", write: \"id::text || a\"}\n");
	expect("unique key \"users_uid_key\" (uid)");
}

static void test_old_keys(void **state)
{
	(void)state;
	advise("users(id int4 key, a text unique)",
	       "users(id int4 key, a text)", NULL);
	expect("unique key \"users_a_key\" (a) of \"users\" is not kept");
}

static void test_parts(void **state)
{
	const char *mapping =
	    TABLES "  users:\n    rows:\n      - users\n"
		   "      - {table: profiles, join: {account: id}, when: \"bio "
		   "IS NOT NULL\"}\n"
		   "    columns: {bio: profiles.bio}\n";

	(void)state;
	advise(
	    "users(id int4 key, bio text)",
	    "users(id int4 key) profiles(account int4 key, bio text notnull)",
	    mapping);
	expect_nothing();
	advise("users(id int4 key, bio text)",
	       "users(id int4 key) profiles(account int4 key, bio text unique, "
	       "more text)",
	       mapping);
	expect("unique key \"profiles_bio_key\" (bio) of \"public.profiles\"");
	expect("column \"more\" of \"public.profiles\" stays NULL");
}

static void test_shared(void **state)
{
	(void)state;
	advise("cats(id int4 key) dogs(id int4 key)", "pets(id int4 key)",
	       TABLES "  cats: {rows: pets}\n  dogs: {rows: pets}\n");
	expect("rows of 2 old tables share \"public.pets\"");
}

/* Once a type, where its first column becomes another. */
static void test_replaced_enums(void **state)
{
	(void)state;
	advise("mood{sad ok} size{s m}"
	       "people(id int4 key, mood mood, was mood, size size)",
	       "size{s m}"
	       "persons(id int4 key, mood text, was text, size size)",
	       TABLES "  people: {rows: persons}\ntypes: {mood: text}\n");
	assert_string_equal(
	    buffer_string(&told),
	    "3: note: \"people.mood\" is an enum and becomes text: statements "
	    "that call functions of enums (such as enum_cmp and hashenum) on "
	    "values of its type are untranslatable\n");
	advise("mood{sad ok} people(id int4 key, mood mood)",
	       "people(id int4 key, mood text)", TABLES "  {}\n");
	expect_nothing();
}

static int release(void **state)
{
	(void)state;
	buffer_release(&told);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lossy_types),
	    cmocka_unit_test(test_nulls),
	    cmocka_unit_test(test_new_keys),
	    cmocka_unit_test(test_old_keys),
	    cmocka_unit_test(test_parts),
	    cmocka_unit_test(test_shared),
	    cmocka_unit_test(test_replaced_enums),
	};

	buffer_init(&told, 0);
	return cmocka_run_group_tests(tests, NULL, release);
}
