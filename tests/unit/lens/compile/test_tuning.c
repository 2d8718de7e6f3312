/* `compare:` and `private:` of a mapping: (the section) -> what a plan's answer is held
 * against; and which name is offered for one that is not there. */
#include <inttypes.h>

#include "lens/compile/nearest.h"
#include "unit/lens/support.h"

static const char old_schema[] =
    "users(id int4 key, email text, score numeric, at timestamptz)"
    "tags(id int4 key, label text)";
static const char new_schema[] =
    "accounts(id int4 key, email text, score numeric, at timestamptz)"
    "tags(id int4 key, label text)";

static const char *promise_text(const char *statement)
{
	static const char *const orders[] = {"none", "partial", "total"};
	const struct plan *plan = plan_in_public(statement);
	const struct promise *promise = &plan->promise;
	const char *text = orders[promise->order];

	if (promise->ignore)
		text = arena_printf(&arena, "%s ignored", text);
	if (promise->tolerance > 0)
		text = arena_printf(&arena, "%s within %g", text,
				    promise->tolerance);
	for (size_t i = 0; i < promise->column_count; i++) {
		const struct promise_column *column = &promise->columns[i];

		text = arena_printf(&arena, "%s %s%s%s%s", text, column->name,
				    column->ignore ? ":ignored" : "",
				    column->clock ? ":clock" : "",
				    column->shown ? ":shown" : "");
		if (column->tolerance > 0)
			text = arena_printf(&arena, "%s:%g", text,
					    column->tolerance);
	}
	lens_release(lens, plan);
	return text;
}

static const struct row {
	const char *sections; /* of the mapping */
	const char *statement;
	const char *expected;
} rows[] = {
    {"", "SELECT id, score FROM users ORDER BY id", "total id score"},
    {"compare: {users.email: ignore}", "SELECT id, email FROM users",
     "none id email:ignored"},
    {"compare: {public.users.email: ignore}",
     "SELECT lower(email), id FROM users", "none lower:ignored id"},
    {"compare: {users: ignore}", "SELECT id, email FROM users",
     "none id:ignored email:ignored"},
    {"compare: {users.score: {tolerance: 0.5}}",
     "SELECT score, sum(score), id FROM users GROUP BY id",
     "none score:0.5 sum:0.5 id"},
    {"compare: {users.email: clock}", "SELECT email, at FROM users",
     "none email:clock at"},
    {"compare: {users: unordered}", "SELECT id FROM users ORDER BY id",
     "none id"},
    {"compare: {users: unordered}", "SELECT id FROM tags ORDER BY id",
     "total id"},
    {"compare: {users: {unordered: true}, users.id: {tolerance: 2}}",
     "SELECT t.id, u.id FROM tags t JOIN users u ON u.id = t.id ORDER BY t.id",
     "none id id:2"},
    {"private: {users.email: public}", "SELECT email, id FROM users",
     "none email:shown id"},
};

static void test_sections(void **state)
{
	struct differing differing = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[512];

		snprintf(text, sizeof(text),
			 "version: 1\ntables: {users: {rows: accounts}}\n%s\n",
			 rows[i].sections);
		assert_int_equal(start_lens(old_schema, new_schema, text), 0);
		row_is(&differing, rows[i].sections,
		       promise_text(rows[i].statement), rows[i].expected);
		stop_lens(NULL);
	}
	assert_int_equal(differing.count, 0);
}

/* Of a statement, by its fingerprint: of that one alone. */
static void test_fingerprint(void **state)
{
	static const char meant[] = "SELECT id, score FROM users WHERE id = 1";
	static const char other[] = "SELECT score FROM users WHERE id = 1";
	const struct plan *plan;
	char text[512];
	uint64_t fingerprint;

	(void)state;
	assert_int_equal(start_lens(old_schema, new_schema,
				    "version: 1\n"
				    "tables: {users: {rows: accounts}}\n"),
			 0);
	plan = plan_in_public(meant);
	fingerprint = plan->fingerprint;
	lens_release(lens, plan);
	stop_lens(NULL);
	snprintf(text, sizeof(text),
		 "version: 1\ntables: {users: {rows: accounts}}\n"
		 "compare: {%016" PRIx64 ": {ignore: true, tolerance: 3, "
		 "unordered: true}}\n",
		 fingerprint);
	assert_int_equal(start_lens(old_schema, new_schema, text), 0);
	assert_string_equal(promise_text(meant),
			    "none ignored within 3 id score");
	assert_string_equal(
	    promise_text("SELECT id, score FROM users WHERE id = 20"),
	    "none ignored within 3 id score");
	assert_string_equal(promise_text(other), "total score");
	stop_lens(NULL);
}

static void test_nearest(void **state)
{
	static const char *const names[] = {"email", "user_id", "created_at",
					    "id", "Name"};
	static const struct {
		const char *name;
		const char *nearest;
	} asked[] = {
	    {"emial", "email"},
	    {"mail", "email"},
	    {"email", "email"},
	    {"userid", "user_id"},
	    {"user", NULL},
	    {"create_at", "created_at"},
	    {"name", "Name"},
	    {"ix", "id"},
	    {"zzzzzz", NULL},
	    {"", NULL},
	    {"created", "created_at"},
	};

	struct differing differing = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		const char *is = lens_nearest(asked[i].name, names, 5);
		const char *nearest = asked[i].nearest;

		row_is(&differing, asked[i].name, is ? is : "",
		       nearest ? nearest : "");
	}
	assert_int_equal(differing.count, 0);
	assert_null(lens_nearest("email", names, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sections),
	    cmocka_unit_test(test_fingerprint),
	    cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
