/* `ddl: run`: what becomes of schema changes; and lenses refitted to them. */
#include "unit/lens/support.h"

static const char old_schema[] =
    "users(id int4 key, email text)tags(id int4 key, label text)"
    "orders(id int4 key, note text)";
static const char new_schema[] =
    "app.people(id int4 key, email text)tags(id int4 key, label text)"
    "orders(id int4 key, remark text)";
static const char mapping[] = "version: 1\n"
			      "ddl: run\n"
			      "tables:\n"
			      "  users: {rows: app.people}\n"
			      "  orders: {columns: {note: remark}}\n";

static const char *plan_text(const char *text, enum plan_action *action,
			     enum reason *reason)
{
	static const char *const path[] = {"public", NULL};
	struct lens_session session = {.search_path = path};
	struct plan_input input = {.text = text, .text_size = strlen(text)};
	const struct plan *plan =
	    lens_plan(lens, &session, text, strlen(text), NULL, 0);
	struct plan_steps steps;
	struct error error;
	const char *got = plan->detail;

	*action = plan->action;
	*reason = plan->reason;
	error_init(&error);
	if (plan->action == PLAN_RUN)
		got = plan_fill(plan, &input, &arena, &steps, &error)
			  ? error.message
			  : steps.steps[0].text;
	got = arena_string(&arena, got);
	lens_release(lens, plan);
	return got;
}

/* "=": as written; "!...": untranslatable; "#...": skipped. */
static const struct row {
	const char *statement;
	const char *expected;
} rows[] = {
    {"CREATE TABLE  fresh (a int, b text)", "="},
    {"alter table tags add column x int", "="},
    {"ALTER TABLE users ADD COLUMN x int DEFAULT 'a b'::text::int",
     "ALTER TABLE app.people ADD COLUMN x int DEFAULT 'a b'::text::int"},
    {"ALTER TABLE ONLY public.\"users\" DROP COLUMN email",
     "ALTER TABLE ONLY app.people DROP COLUMN email"},
    {"ALTER TABLE users RENAME COLUMN email TO mail",
     "ALTER TABLE app.people RENAME COLUMN email TO mail"},
    {"ALTER TABLE users RENAME TO customers", "!of this kind"},
    {"CREATE INDEX CONCURRENTLY i ON users (email) WHERE id > 3",
     "CREATE INDEX  i ON app.people (email) WHERE id > 3"},
    {"create unique index concurrently on tags(label)",
     "create unique index  on tags(label)"},
    {"DROP INDEX CONCURRENTLY i", "DROP INDEX  i"},
    {"CREATE INDEX ON orders (id)", "CREATE INDEX ON public.orders (id)"},
    {"CREATE INDEX ON orders (note)", "!more than rename the table"},
    {"ALTER TABLE orders ADD COLUMN x int", "!more than rename the table"},
    {"CREATE TABLE child (u int REFERENCES users, t int REFERENCES tags)",
     "CREATE TABLE child (u int REFERENCES app.people, t int REFERENCES "
     "tags)"},
    {"CREATE VIEW v AS SELECT email FROM users", "!of this kind"},
    {"CREATE VIEW v AS SELECT label FROM tags", "="},
    {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT id FROM users'",
     "!in a string or a body"},
    {"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT id FROM "
     "users_of'",
     "="},
    {"DROP TABLE tags, users", "!DROP of \"users\""},
    {"DROP TABLE IF EXISTS tags", "="},
    {"GRANT SELECT ON users TO public", "GRANT SELECT ON app.people TO public"},
    {"CREATE ROLE x", "#acts on the server"},
    {"CREATE TABLE made AS SELECT id, note FROM orders",
     "CREATE TABLE made AS SELECT orders.id, orders.remark AS note FROM "
     "orders"},
    {"COMMENT ON TABLE tags IS 'users'' own'", "="},
};

static void test_rows(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *expected = rows[i].expected;
		enum plan_action action;
		enum reason reason;
		const char *got =
		    plan_text(rows[i].statement, &action, &reason);
		bool good;

		if (*expected == '!')
			good = action == PLAN_UNTRANSLATABLE &&
			       strstr(got, expected + 1);
		else if (*expected == '#')
			good = action == PLAN_SKIP && reason == REASON_DDL &&
			       strstr(got, expected + 1);
		else
			good = action == PLAN_RUN &&
			       !strcmp(got, *expected == '=' ? rows[i].statement
							     : expected);
		if (!good)
			printf("%s\n  is   %s\n  not  %s\n", rows[i].statement,
			       got, expected);
		failed += !good;
	}
	assert_int_equal(failed, 0);
}

static void refit(const char *old, const char *new, bool follows, size_t errors)
{
	struct diagnostics diagnostics;
	struct mapping *parsed = NULL;

	struct catalog *old_before = old_catalog, *new_before = new_catalog;
	struct lens *before = lens;

	old_catalog = catalog_of(old);
	new_catalog = catalog_of(new);
	diagnostics_init(&diagnostics);
	assert_int_equal(mapping_parse("mapping", mapping, strlen(mapping),
				       &diagnostics, &parsed),
			 0);
	lens_refit(&postgres_parser, &postgres_parser, parsed, old_catalog,
		   new_catalog, follows ? before : NULL, &diagnostics, &lens);
	lens_free(&before);
	catalog_free(&old_before);
	catalog_free(&new_before);
	assert_int_equal(diagnostics.error_count, errors);
	diagnostics_release(&diagnostics);
	mapping_free(&parsed);
}

static void expect(const char *text, const char *expected)
{
	enum plan_action action;
	enum reason reason;
	const char *got = plan_text(text, &action, &reason);

	if (*expected != '!') {
		assert_int_equal(action, PLAN_RUN);
		assert_string_equal(got, expected);
		return;
	}
	assert_int_equal(action, PLAN_UNTRANSLATABLE);
	assert_int_equal(reason, REASON_SCHEMA);
	if (!strstr(got, expected + 1))
		fail_msg("%s: %s", text, got);
}

/* A table or column without a place is left; the others go on. */
static void test_refit(void **state)
{
	static const char old[] =
	    "users(id int4 key, email text, extra int4)"
	    "tags(id int4 key, label text)orders(id int4 key, note text)"
	    "gone(id int4)";

	(void)state;
	refit(old,
	      "app.people(id int4 key, email text, extra int4)"
	      "orders(id int4 key, remark text)tags(id int4 key, label text)"
	      "gone(id int4)",
	      false, 0);
	refit(old,
	      "app.people(id int4 key, email text)"
	      "orders(id int4 key, remark text, must int4 notnull)"
	      "tags(id int4 key, label text)",
	      true, 3);
	expect("SELECT label FROM tags", "SELECT label FROM tags");
	expect("SELECT email FROM users",
	       "SELECT users.email FROM app.people AS users");
	expect("INSERT INTO users (id, email) VALUES (1, 'a')",
	       "INSERT INTO app.people AS users (id, email) VALUES (1, 'a')");
	expect("UPDATE users SET email = 'b'",
	       "UPDATE app.people AS users SET email = 'b'");
	expect("SELECT extra FROM users", "!column \"extra\"");
	expect("SELECT * FROM users", "!column \"extra\"");
	expect("UPDATE users SET extra = 1", "!column \"extra\"");
	expect("INSERT INTO users VALUES (1, 'a', 2)", "!column \"extra\"");
	expect("SELECT id FROM orders", "!table \"orders\"");
	expect("TRUNCATE orders", "!table \"orders\"");
	expect("COPY orders FROM STDIN", "!table \"orders\"");
	expect("SELECT id FROM gone", "!not in the new schema");
	refit(old_schema, new_schema, false, 0);
	expect("SELECT id FROM orders", "SELECT orders.id FROM orders");
}

/* What is new on the old side alone is not there yet; what has gone from the
 * new side is missed. */
static void test_refit_follows(void **state)
{
	(void)state;
	refit("users(id int4 key, email text, extra int4, more int4)"
	      "tags(id int4 key, label text, extra int4)"
	      "orders(id int4 key, note text)fresh(a int4)",
	      "app.people(id int4 key, email text)tags(id int4 key, label text)"
	      "orders(id int4 key, remark text)",
	      true, 0);
	expect("SELECT * FROM tags", "SELECT * FROM tags");
	expect("SELECT * FROM users", "SELECT users.id AS id, users.email AS "
				      "email FROM app.people AS users");
	expect("INSERT INTO users VALUES (1, 'a')",
	       "INSERT INTO app.people AS users (id, email) VALUES (1, 'a')");
	expect("SELECT a FROM fresh", "SELECT a FROM fresh");
	expect("ALTER TABLE users ADD COLUMN extra int",
	       "ALTER TABLE app.people ADD COLUMN extra int");
	refit("users(id int4 key, email text, extra int4, more int4)"
	      "tags(id int4 key, label text, extra int4)"
	      "orders(id int4 key, note text)fresh(a int4)",
	      "app.people(id int4 key, email text, extra int4)"
	      "tags(id int4 key, extra int4)orders(id int4 key, remark text)",
	      true, 1);
	expect("SELECT * FROM users",
	       "SELECT users.id AS id, users.email AS email, users.extra AS "
	       "extra FROM app.people AS "
	       "users");
	expect("SELECT id, extra FROM tags", "SELECT tags.id, tags.extra FROM "
					     "tags");
	expect("SELECT label FROM tags", "!column \"label\"");
}

static int start(void **state)
{
	(void)state;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_refit),
	    cmocka_unit_test(test_refit_follows),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
