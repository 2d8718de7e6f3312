/* `rewrite:` rules: the plan that each statement gets, or why it gets none. */
#include "unit/lens/support.h"

static const char schema[] = "users(id int4 serial key, email text)"
			     "tags(id int4 key, label text)";
static const char new_schema[] = "accounts(id int4 serial key, mail text)"
				 "tags(id int4 key, label text)";
static const char mapping[] =
    "version: 1\n"
    "tables: {users: {rows: accounts, columns: {email: mail}}}\n"
    "rewrite:\n"
    "  - {match: '^select pg_advisory_lock', skip: locks are the application's "
    "own}\n"
    "  - {match: '^begin|^commit|^fetch|^execute', skip: never}\n"
    "  - match: '^select first\\((\\?), (\\?)\\)'\n"
    "    replace: \"SELECT second(\\\\2, \\\\1, '?', now())\"\n"
    "  - match: '^call old_(\\w+)\\((?<arguments>.*)\\)$'\n"
    "    replace: 'CALL new_\\1(${arguments})'\n"
    "  - {match: '^select twice\\((.*)\\)', replace: 'SELECT \\1 + \\1'}\n"
    "  - {match: '^select quoted\\((.*)\\)', replace: \"SELECT '\\\\1'\"}\n"
    "  - {match: '^select dollars\\((.*)\\)', replace: 'SELECT $$\\1$$'}\n"
    "  - {match: '^select comment\\((.*)\\)', replace: 'SELECT 1 --\\1'}\n"
    "  - {match: '^select escaped\\((.*)\\)', replace: 'SELECT E\\1'}\n"
    "  - {match: '^select two\\((.*)\\)', replace: 'SELECT 1; SELECT \\1'}\n"
    "  - {match: '^select broken\\((.*)\\)', replace: 'SELECT ((\\1)'}\n"
    "  - {match: '^select typmod\\((.*)\\)', replace: 'SELECT "
    "x::varchar(\\1)'}\n"
    "  - {match: '^select many (.*)', replace: 'SELECT \\1'}\n"
    "  - {match: '^select swapped', replace: 'SELECT f($3, $1)'}\n"
    "  - {match: '^select ends', replace: 'COMMIT'}\n"
    "  - {match: '^select (a+)+$', replace: 'SELECT 1'}\n"
    "  - {match: '^merge into users', replace: 'DELETE FROM accounts'}\n"
    "  - {match: '^grok', replace: 'INSERT INTO accounts DEFAULT VALUES'}\n"
    "  - {match: '^vacuum', replace: 'ANALYZE accounts'}\n";

static const struct plan *plan_of(const char *text)
{
	static const char *const path[] = {"public", NULL};
	struct lens_session session = {.search_path = path};

	return lens_plan(lens, &session, text, strlen(text), NULL, 0);
}

static const char *filled(const struct plan *plan, const char *text,
			  size_t parameters, struct plan_steps *steps)
{
	static const struct value values[] = {{(const uint8_t *)"a", 1},
					      {(const uint8_t *)"b", 1},
					      {(const uint8_t *)"c", 1}};
	struct plan_input input = {.text = text,
				   .text_size = strlen(text),
				   .parameters = values,
				   .parameter_count = parameters,
				   .transaction_at = 86400000000LL};
	struct error error;

	error_init(&error);
	if (plan_fill(plan, &input, &arena, steps, &error) < 0)
		return arena_string(&arena, error.message);
	return steps->steps[steps->count - 1].text;
}

/* "!...": untranslatable, and a part of why; "#...": skipped, and why. */
static const struct row {
	const char *statement;
	const char *expected;
} rows[] = {
    {"SELECT pg_advisory_lock(4)", "#locks are the application's own"},
    {"select  /* now */ PG_advisory_lock ( 4 )",
     "#locks are the application's own"},
    {"SELECT pg_advisory_lock_shared(4, 5)",
     "#locks are the application's own"},
    {"BEGIN", "BEGIN"},
    {"EXECUTE x(1)", "EXECUTE x(1)"},
    {"SELECT first(1, 'a''b')", "SELECT second('a''b', 1, '?', '1970-01-02 "
				"00:00:00.000000+00'::timestamptz)"},
    {"SELECT first($1, $2)", "SELECT second($1, $2, '?', '1970-01-02 "
			     "00:00:00.000000+00'::timestamptz)"},
    {"CALL old_thing(1, 'x', now())", "CALL new_thing(1, 'x', '1970-01-02 "
				      "00:00:00.000000+00'::timestamptz)"},
    {"SELECT twice(21)", "SELECT 21 + 21"},
    {"SELECT twice(-21)", "SELECT (-21) + (-21)"},
    {"SELECT quoted('x')", "!within quotes or a comment"},
    {"SELECT dollars('x')", "!within quotes or a comment"},
    {"SELECT comment('x')", "!within quotes or a comment"},
    /* no escape, but a constant of a type named e */
    {"SELECT escaped('\\')", "SELECT '\\'::e"},
    {"SELECT two(1)", "!is 2 statements"},
    {"SELECT broken('secret')", "!does not parse (line 1, column 21"},
    {"SELECT typmod(3)", "SELECT x::varchar(3)"},
    {"SELECT typmod(4)", "SELECT x::varchar(4)"},
    {"SELECT many 1 IN (1, 2, 3)", "SELECT 1 IN (1, 2, 3)"},
    {"SELECT swapped($1, $2, $3)", "SELECT f($1, $2)"},
    {"SELECT swapped($1, $2)", "!a parameter that the statement lacks"},
    {"SELECT ends()", "!acts on transactions"},
    {"SELECT aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_", "!takes too long"},
    {"MERGE INTO users u USING tags t ON u.id = t.id WHEN MATCHED THEN DELETE",
     "DELETE FROM accounts"},
    {"GROK users", "INSERT INTO accounts DEFAULT VALUES"},
    {"VACUUM users", "ANALYZE accounts"},
    {"SELECT email FROM users", "SELECT users.mail AS email FROM accounts AS "
				"users"},
};

static void test_rows(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *expected = rows[i].expected;
		const struct plan *plan = plan_of(rows[i].statement);
		const char *got = plan->detail ? plan->detail : "";
		struct plan_steps steps;
		bool good;

		if (*expected == '!') {
			good = plan->action == PLAN_UNTRANSLATABLE &&
			       plan->reason == REASON_RULE &&
			       strstr(got, expected + 1) &&
			       !strstr(got, "secret");
		} else if (*expected == '#') {
			good = plan->action == PLAN_SKIP &&
			       plan->reason == REASON_RULE &&
			       !strcmp(got, expected + 1);
		} else {
			if (plan->action == PLAN_RUN ||
			    plan->action == PLAN_SESSION)
				got =
				    filled(plan, rows[i].statement, 3, &steps);
			good = !strcmp(got, expected);
		}
		if (!good)
			printf("%s\n  is   %s\n  not  %s\n", rows[i].statement,
			       got, expected);
		failed += !good;
		lens_release(lens, plan);
	}
	assert_int_equal(failed, 0);
}

/* A plan says whether a rule wrote its text: the mirror then sends that. */
static void test_ruled(void **state)
{
	static const struct {
		const char *statement;
		bool ruled;
	} cases[] = {
	    {"VACUUM users", true},
	    {"SELECT email FROM users", false},
	    {"BEGIN READ ONLY", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct plan *plan = plan_of(cases[i].statement);

		assert_int_equal(plan->ruled, cases[i].ruled);
		lens_release(lens, plan);
	}
}

/* One plan for all values, unless its form hangs on one. */
static void test_plans_are_shared(void **state)
{
	static const char *const pairs[][2] = {
	    {"SELECT first(1, 'a')", "SELECT first(2, 'b')"},
	    {"SELECT twice(3)", "SELECT twice(4)"},
	    {"SELECT pg_advisory_lock(3)", "SELECT pg_advisory_lock(4)"},
	    {"SELECT quoted('x')", "SELECT quoted('y')"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		const struct plan *a = plan_of(pairs[i][0]);
		const struct plan *b = plan_of(pairs[i][1]);

		assert_ptr_equal(a, b);
		lens_release(lens, a);
		lens_release(lens, b);
	}
}

static void test_parameters_are_chosen(void **state)
{
	const char *text = "SELECT swapped($1, $2, $3)";
	const struct plan *plan = plan_of(text);
	struct plan_steps steps;

	(void)state;
	assert_string_equal(filled(plan, text, 3, &steps), "SELECT f($1, $2)");
	assert_int_equal(steps.steps[0].parameter_count, 2);
	assert_int_equal(*steps.steps[0].parameters[0].data, 'c');
	assert_int_equal(*steps.steps[0].parameters[1].data, 'a');
	assert_string_equal(filled(plan, text, 2, &steps),
			    "the statement has no parameter $3");
	lens_release(lens, plan);
}

/* What a statement touches is told of it as it was written. */
static void test_tables_are_noted(void **state)
{
	const struct plan *plan = plan_of(
	    "MERGE INTO users u USING tags t ON u.id = t.id WHEN MATCHED THEN "
	    "DELETE");

	(void)state;
	assert_int_equal(plan->tables_written_count, 1);
	assert_string_equal(plan->tables_written[0]->name, "users");
	assert_int_equal(plan->tables_read_count, 2);
	assert_string_equal(plan->tables_read[1]->name, "tags");
	assert_false(plan->pins_missing);
	assert_false(plan->reads_only);
	lens_release(lens, plan);
	plan = plan_of("SELECT ends(email) FROM users");
	assert_true(plan->reads_only);
	assert_int_equal(plan->tables_read_count, 1);
	lens_release(lens, plan);
}

static int start(void **state)
{
	(void)state;
	return start_lens(schema, new_schema, mapping);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_ruled),
	    cmocka_unit_test(test_plans_are_shared),
	    cmocka_unit_test(test_parameters_are_chosen),
	    cmocka_unit_test(test_tables_are_noted),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
