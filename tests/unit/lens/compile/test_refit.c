/*
 * Schemas that have changed under a mapping that fitted them: (the schemas before, those
 * now, a statement) -> how much of the old one is pending, what is said, and the plan.
 */
#include "adapters/postgres/parse.h"
#include "unit/lens/support.h"

static const char mapping_text[] =
    "version: 1\n"
    "tables: {users: {rows: accounts, columns: {email: mail}}}\n";

#define USERS	 "users(id int4 key, email text)"
#define ACCOUNTS "accounts(id int4 key, mail text)"
#define TAGS	 "tags(id int4 key, label text)"

static const struct row {
	const char *old_before, *new_before;
	const char *old_now, *new_now;
	const char *statement;
	const char *expected; /* pending | diagnostics | plan */
} rows[] = {
    {USERS TAGS, ACCOUNTS TAGS, USERS TAGS, ACCOUNTS TAGS,
     "SELECT email FROM users",
     "0 | | SELECT users.mail AS email FROM accounts AS users"},
    {USERS TAGS, ACCOUNTS TAGS, USERS TAGS, "accounts(id int4 key)" TAGS,
     "SELECT email FROM users",
     "0 | table \"public.accounts\" of the new schema has no column \"mail\" | "
     "!column \"email\": table \"public.accounts\" of the new schema has no "
     "column \"mail\""},
    {USERS TAGS, ACCOUNTS TAGS, USERS TAGS, "accounts(id int4 key)" TAGS,
     "SELECT id FROM users",
     "0 | table \"public.accounts\" of the new schema has no column \"mail\" | "
     "SELECT users.id FROM accounts AS users"},
    {USERS TAGS, ACCOUNTS TAGS, USERS TAGS, "accounts(id int4 key)" TAGS,
     "UPDATE users SET email = 'x'",
     "0 | table \"public.accounts\" of the new schema has no column \"mail\" | "
     "!column \"email\": table \"public.accounts\" of the new schema has no "
     "column \"mail\""},
    {USERS TAGS, ACCOUNTS TAGS, USERS TAGS, TAGS, "SELECT id FROM users",
     "0 | the new schema has no table \"public.accounts\" | !table \"users\": "
     "the new schema has no table \"public.accounts\""},
    {USERS TAGS, ACCOUNTS TAGS, USERS TAGS, TAGS, "SELECT id FROM tags",
     "0 | the new schema has no table \"public.accounts\" | SELECT id FROM "
     "tags"},
    {USERS TAGS, ACCOUNTS TAGS, USERS TAGS, ACCOUNTS, "SELECT id FROM tags",
     "0 | table \"public.tags\" is not mentioned and not in the new schema | "
     "!table \"tags\": table \"public.tags\" is not mentioned and not in the "
     "new schema"},
    {USERS TAGS, ACCOUNTS TAGS, USERS TAGS, ACCOUNTS "tags(id int4 key)",
     "SELECT label FROM tags, users",
     "0 | column \"label\" of \"public.tags\" is not mentioned and not a "
     "column of \"public.tags\" in the new schema | !column \"label\": column "
     "\"label\" of \"public.tags\" is not mentioned and not a column of "
     "\"public.tags\" in the new schema"},
    {USERS TAGS, ACCOUNTS "tags(id int4 key)", USERS TAGS,
     ACCOUNTS "tags(id int4 key)", "SELECT label FROM tags",
     "0 | | SELECT label FROM tags"},
    {USERS TAGS, ACCOUNTS TAGS, "users(id int4 key, email text, n int4)" TAGS,
     ACCOUNTS TAGS, "SELECT * FROM users",
     "1 | | SELECT users.id AS id, users.mail AS email FROM accounts AS users"},
    {USERS TAGS, ACCOUNTS TAGS, "users(id int4 key, email text, n int4)" TAGS,
     ACCOUNTS TAGS, "SELECT n FROM users", "1 | | !column \"n\" is unknown"},
    {USERS TAGS, ACCOUNTS TAGS, "users(id int4 key, email text, n int4)" TAGS,
     "accounts(id int4 key, mail text, n int4)" TAGS, "SELECT n FROM users",
     "0 | | SELECT users.n FROM accounts AS users"},
    {USERS TAGS, ACCOUNTS TAGS, USERS TAGS "more(id int4)", ACCOUNTS TAGS,
     "SELECT id FROM more", "1 | | SELECT id FROM more"},
    {USERS TAGS, ACCOUNTS TAGS, USERS TAGS "more(id int4)",
     ACCOUNTS TAGS "more(id int4)", "SELECT more.id FROM more, users",
     "0 | | SELECT more.id FROM more, accounts AS users"},
    {USERS TAGS, ACCOUNTS TAGS, "users(id int4 key)" TAGS, ACCOUNTS TAGS,
     "SELECT id FROM users",
     "0 | table \"public.users\" of the old schema has no column \"email\" | "
     "!table \"users\": table \"public.users\" of the old schema has no column "
     "\"email\""},
    {USERS TAGS, ACCOUNTS TAGS, TAGS, ACCOUNTS TAGS, "SELECT id FROM tags",
     "0 | the old schema has no table \"users\" | SELECT id FROM tags"},
    {USERS TAGS, ACCOUNTS TAGS, "mood{sad}" USERS TAGS, ACCOUNTS TAGS,
     "SELECT 'sad'::mood", "0 | | SELECT 'sad'::mood"},
    {USERS TAGS, ACCOUNTS TAGS, "mood{sad}" USERS TAGS, ACCOUNTS TAGS,
     "SELECT 'sad'::mood FROM users",
     "0 | | SELECT 'sad'::mood FROM accounts AS users"},
};

static const char *refitted(const struct row *row)
{
	struct catalog *old_before = catalog_of(row->old_before);
	struct catalog *new_before = catalog_of(row->new_before);
	struct lens *before = lens_of(mapping_text, old_before, new_before);
	struct diagnostics diagnostics;
	struct mapping *mapping = NULL;
	const char *text;

	assert_non_null(before);
	arena_init(&arena, 0);
	old_catalog = catalog_of(row->old_now);
	new_catalog = catalog_of(row->new_now);
	diagnostics_init(&diagnostics);
	mapping_parse("m", mapping_text, strlen(mapping_text), &diagnostics,
		      &mapping);
	lens_refit(&postgres_parser, &postgres_parser, mapping, old_catalog,
		   new_catalog, before, &diagnostics, &lens);
	text = arena_printf(&arena, "%zu |", lens_pending(lens));
	for (size_t i = 0; i < diagnostics.count; i++)
		text = arena_printf(&arena, "%s %s", text,
				    diagnostics.items[i].message);
	text =
	    arena_printf(&arena, "%s | %s", text, plan_shown(row->statement));
	mapping_free(&mapping);
	diagnostics_release(&diagnostics);
	lens_free(&before);
	catalog_free(&old_before);
	catalog_free(&new_before);
	return text;
}

static void test_rows(void **state)
{
	struct differing differing = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *is = refitted(&rows[i]);

		row_is(&differing, rows[i].statement, is, rows[i].expected);
		stop_lens(NULL);
	}
	assert_int_equal(differing.count, 0);
}

static void test_pending(void **state)
{
	static const struct {
		const char *schema, *name;
		bool pending;
	} names[] = {
	    {"public", "more", true}, {"", "more", true},
	    {"other", "more", false}, {"public", "users", false},
	    {"public", "tags", true}, {"public", "nosuch", false},
	};
	const struct row row = {USERS TAGS,
				ACCOUNTS TAGS,
				USERS "tags(id int4 key, label text, n int4)"
				      "more(id int4)",
				ACCOUNTS TAGS,
				"SELECT 1",
				NULL};

	(void)state;
	refitted(&row);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (lens_is_pending(lens, names[i].schema, names[i].name) !=
		    names[i].pending)
			fail_msg("%s.%s", names[i].schema, names[i].name);
	stop_lens(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_pending),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
