/* Writes to several tables in steps, for an engine whose statements cannot
 * write within WITH: (statement) -> the steps, in their order; and the rows of
 * one put into another. */
#include "adapters/postgres/parse.h"
#include "unit/lens/support.h"

static const char old_schema[] =
    "users(id int4 key, email text, theme text, bio text)"
    "people(id int4 key, email text, bio text)"
    "homes(user_id int4 key, street text) logs(id int4 key, said text)";
static const char new_schema[] =
    "users(id int4 key, mail text, street text)"
    "settings(user_id int4 key refs=users, theme text)"
    "profiles(user_id int4 key refs=users, bio text)"
    "people(id int4 key, email text)"
    "bios(person int4 key refs=people deferrable, bio text)"
    "logs(id int4 key, said text)";
static const char mapping[] =
    "version: 1\n"
    "tables:\n"
    "  users:\n"
    "    rows:\n"
    "      - users\n"
    "      - {table: settings, join: {user_id: id}}\n"
    "      - {table: profiles, join: {user_id: id}, when: bio IS NOT NULL}\n"
    "    columns:\n"
    "      email: mail\n"
    "      theme: settings.theme\n"
    "      bio: profiles.bio\n"
    "  people:\n"
    "    rows: [people, {table: bios, join: {person: id}}]\n"
    "    columns: {bio: bios.bio}\n"
    "  homes:\n"
    "    rows: {table: users, key: {user_id: id}, absorbed: true}\n";

static const char *const path[] = {"public", NULL};

/* Parts of the steps' texts, in their order; the one that answers begins with
 * '='. "!": of the reason that there is no plan. */
static const struct row {
	const char *statement;
	const char *parts[8];
} rows[] = {
    {"SELECT email FROM users", {"=SELECT users.mail AS email FROM users"}},
    {"UPDATE users SET email = 'a'", {"=UPDATE users SET mail = 'a'"}},
    {"UPDATE users SET theme = 'a' WHERE id = 1",
     {"FOR NO KEY UPDATE OF users", "SELECT 'a'",
      "UPDATE settings AS target SET theme = ", "=SELECT  FROM (SELECT )"}},
    {"UPDATE users SET bio = email",
     {"FOR NO KEY UPDATE OF users", "SELECT ", "DELETE FROM profiles",
      "UPDATE profiles AS target", "INSERT INTO profiles",
      "=SELECT  FROM (SELECT )"}},
    /* Children go before their parents, and come behind them. */
    {"DELETE FROM users WHERE id = 1 RETURNING email",
     {"FOR UPDATE OF users", "SELECT ", "DELETE FROM settings",
      "DELETE FROM profiles", "DELETE FROM users", "=SELECT "}},
    {"INSERT INTO users VALUES (1, 'a', 'b', 'c')",
     {"SELECT ", "INSERT INTO users ", "INSERT INTO settings ",
      "INSERT INTO profiles ", "=SELECT "}},
    /* A key that is in several tables: neither can go first, but where the
     * check can wait. */
    {"UPDATE users SET id = 2, theme = 'x' WHERE id = 1",
     {"!\"settings_user_id_fkey\" can be met by neither first"}},
    {"UPDATE people SET id = 2, bio = 'x' WHERE id = 1",
     {"FOR UPDATE OF people",
      "SET CONSTRAINTS public.bios_person_fkey DEFERRED", "SELECT ",
      "UPDATE people", "UPDATE bios", "=SELECT "}},
    /* Two rows of one key, of which one may be there: the rows are locked
     * between what they are found by and what is made of them. */
    {"INSERT INTO users VALUES (1, 'a', 'b', 'c') ON CONFLICT (id) DO UPDATE "
     "SET theme = excluded.theme",
     {"SELECT ", "FOR NO KEY UPDATE OF users", "SELECT ", "SELECT ",
      "UPDATE settings", "INSERT INTO users ", "INSERT INTO settings ",
      "INSERT INTO profiles "}},
    /* What reads sees what was there before. */
    {"WITH d AS (DELETE FROM logs RETURNING id) SELECT count(*) FROM users",
     {"=SELECT count(*) FROM users", "DELETE FROM logs"}},
    {"WITH d AS (DELETE FROM logs RETURNING id) UPDATE users SET email = 'x' "
     "FROM d WHERE d.id = users.id",
     {"DELETE FROM logs", "=UPDATE users SET mail = 'x' FROM (SELECT ) AS d"}},
    {"WITH d AS (DELETE FROM logs RETURNING id) SELECT users.email FROM d, "
     "logs, users",
     {"!it reads \"logs\" beside a write of it"}},
    {"WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i "
     "< 3) UPDATE users SET theme = 'x' FROM n WHERE users.id = n.i",
     {"WITH RECURSIVE n AS (", "FOR NO KEY UPDATE OF users", "SELECT DISTINCT",
      "UPDATE settings", "=SELECT "}},
    /* What nobody reads may be wrong all the same: the engine looks at it. */
    {"WITH a AS (SELECT 1 AS n), b AS (SELECT n FROM a), c AS (SELECT n FROM "
     "a) "
     "DELETE FROM homes",
     {"FOR NO KEY UPDATE", "SET street = DEFAULT",
      "=WITH a AS (SELECT 1 AS n), b AS (SELECT a.n FROM a), c AS (SELECT a.n "
      "FROM a) SELECT "}},
    {"DELETE FROM homes",
     {"FOR NO KEY UPDATE", "SELECT ", "SET street = DEFAULT", "=SELECT "}},
    {"PREPARE p AS UPDATE users SET theme = 'a'",
     {"!within another statement"}},
};

static const struct plan *plan_of(const char *text)
{
	struct lens_session session = {.search_path = path, .key = 1};

	return lens_plan(lens, &session, text, strlen(text), NULL, 0);
}

static int fill(const struct plan *plan, const char *text, bool many,
		struct plan_steps *steps)
{
	struct plan_input input = {
	    .text = text, .text_size = strlen(text), .many = many};
	struct error error;

	return plan_fill(plan, &input, &arena, steps, &error);
}

static bool is_step(const struct plan_step *step, const char *part)
{
	bool answers = part && *part == '=';

	return part && answers == (step->role == STEP_ANSWER) &&
	       strstr(step->text, part + answers);
}

static bool matches(const struct row *row)
{
	const struct plan *plan = plan_of(row->statement);
	struct plan_steps steps = {0};
	bool same;

	if (plan->action != PLAN_RUN) {
		same = row->parts[0][0] == '!' && plan->detail &&
		       strstr(plan->detail, row->parts[0] + 1);
	} else {
		same = row->parts[0][0] != '!' &&
		       !fill(plan, row->statement, false, &steps);
		for (size_t i = 0; same && i < steps.count; i++)
			same = i < 8 ? is_step(&steps.steps[i], row->parts[i])
				     : true;
		if (steps.count < 8)
			same = same && !row->parts[steps.count];
	}
	if (!same) {
		print_error("%s: %s\n", row->statement,
			    plan->detail ? plan->detail : "");
		for (size_t i = 0; i < steps.count; i++)
			print_error("  %zu %s%s\n", i,
				    steps.steps[i].role == STEP_ANSWER ? "="
								       : "",
				    steps.steps[i].text);
	}
	lens_release(lens, plan);
	return same;
}

static void test_steps(void **state)
{
	size_t failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		failed += !matches(&rows[i]);
	assert_int_equal(failed, 0);
}

/* ---- rows ---- */

static const char update[] = "UPDATE users SET theme = 'a' WHERE id = 1";

static const struct answer *answer_of(const struct value *values, size_t count)
{
	static const struct answer_column columns[] = {
	    {.name = "theme", .type = 25}, {.name = "Key", .type = 23}};
	struct answer *answer = arena_alloc(&arena, sizeof(*answer));

	answer->columns = columns;
	answer->column_count = 2;
	answer->rows = values;
	answer->row_held = count;
	answer->row_count = count;
	return answer;
}

static int bind(size_t index, const struct answer *found,
		struct plan_step *bound)
{
	const struct plan *plan = plan_of(update);
	const struct answer *answers[4] = {NULL, found};
	struct plan_steps steps;
	struct error error;
	int result;

	assert_int_equal(fill(plan, update, false, &steps), 0);
	assert_int_equal(steps.count, 4);
	assert_true(steps.steps[1].kept);
	assert_int_equal(steps.steps[2].hole_count, 1);
	error_init(&error);
	result = plan_bind(&steps, index, answers, &arena, bound, &error);
	if (result)
		assert_int_equal(error.kind, ERROR_LIMIT);
	lens_release(lens, plan);
	return result;
}

static void test_rows_are_put_in(void **state)
{
	static const struct value values[] = {{(const uint8_t *)"a", 1},
					      {(const uint8_t *)"7", 1},
					      {NULL, 0},
					      {(const uint8_t *)"9", 1}};
	struct plan_step step;

	(void)state;
	assert_int_equal(bind(2, answer_of(values, 2), &step), 0);
	assert_non_null(strstr(
	    step.text, "FROM (SELECT * FROM (VALUES ($1, $2), ($3, $4)) AS "
		       "parallax_rows (theme, \"Key\") LIMIT 2) AS "
		       "parallax_row_"));
	assert_int_equal(step.parameter_count, 4);
	assert_int_equal(step.parameter_types[0], 25);
	assert_int_equal(step.parameter_types[3], 23);
	assert_null(step.parameters[2].data);
	assert_memory_equal(step.parameters[3].data, "9", 1);
}

/* Their types are told all the same. */
static void test_no_rows(void **state)
{
	struct plan_step step;

	(void)state;
	assert_int_equal(bind(2, answer_of(NULL, 0), &step), 0);
	assert_non_null(strstr(step.text, "(VALUES ($1, $2)) AS parallax_rows "
					  "(theme, \"Key\") LIMIT 0)"));
	assert_int_equal(step.parameter_count, 2);
	assert_int_equal(step.parameter_types[1], 23);
	assert_null(step.parameters[0].data);
}

static void test_rows_that_are_too_many(void **state)
{
	enum { COUNT = 40000 };
	struct value *values = arena_array(&arena, COUNT * 2, sizeof(*values));
	struct answer *capped;
	struct plan_step step;

	(void)state;
	assert_int_equal(bind(2, answer_of(values, COUNT), &step), -1);
	capped = (struct answer *)(uintptr_t)answer_of(values, 10);
	capped->capped = true;
	assert_int_equal(bind(2, capped, &step), -1);
}

/* They stay on the server. */
static void test_many_rows(void **state)
{
	static const char *const parts[] = {
	    "FOR NO KEY UPDATE OF users",
	    "CREATE TEMPORARY TABLE parallax_rows_1 ON COMMIT DROP AS SELECT ",
	    "FROM (SELECT * FROM pg_temp.parallax_rows_1) AS parallax_row_",
	    "=FROM (SELECT * FROM pg_temp.parallax_rows_1) AS parallax_row_",
	    "DROP TABLE pg_temp.parallax_rows_1"};
	const struct plan *plan = plan_of(update);
	struct plan_steps steps;

	(void)state;
	assert_int_equal(fill(plan, update, true, &steps), 0);
	assert_int_equal(steps.count, 5);
	for (size_t i = 0; i < steps.count; i++) {
		assert_true(is_step(&steps.steps[i], parts[i]));
		assert_int_equal(steps.steps[i].hole_count, 0);
		assert_false(steps.steps[i].kept);
	}
	lens_release(lens, plan);
}

static int start(void **state)
{
	(void)state;
	shadow_parser = &postgres_parser_steps;
	return start_lens(old_schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_steps),
	    cmocka_unit_test(test_rows_are_put_in),
	    cmocka_unit_test(test_no_rows),
	    cmocka_unit_test(test_rows_that_are_too_many),
	    cmocka_unit_test(test_many_rows),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
