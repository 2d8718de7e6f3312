/* The cache of plans: what is one plan and what is two, which goes first, what is given
 * out stays; and what a lens learns of statements and hands on. */
#include "unit/lens/support.h"

static const char schema[] =
    "users(id int4 serial key, mail text, active bool, "
    "at timestamptz, note text)";
static const char new_schema[] =
    "accounts(id int4 serial key, mail text, state text, at timestamptz, note "
    "text)";
static const char mapping[] =
    "version: 1\n"
    "tables: {users: {rows: accounts, columns: {active: {column: state,\n"
    "  values: {true: y, false: n}}}}}\n";

static const char *const path[] = {"public", NULL};

static const struct plan *plan_of(const char *text, uint64_t key,
				  const uint32_t *types, size_t count)
{
	struct lens_session session = {.search_path = path, .key = key};

	return lens_plan(lens, &session, text, strlen(text), types, count);
}

static struct lens_statistics statistics(void)
{
	struct lens_statistics result;

	lens_statistics(lens, &result);
	return result;
}

static void test_one_plan(void **state)
{
	static const struct {
		const char *first, *second;
		bool same;
	} rows[] = {
	    {"SELECT mail FROM users WHERE id = 1",
	     "SELECT mail FROM users WHERE id = 2", true},
	    {"SELECT mail FROM users WHERE id = 1",
	     "SELECT  mail\n/* x */ FROM users WHERE id = 20 -- y", true},
	    {"SELECT mail FROM users WHERE mail = 'a'",
	     "SELECT mail FROM users WHERE mail = 'o''b'", true},
	    {"SELECT mail FROM users WHERE id = 1",
	     "SELECT mail FROM users WHERE id = '1'", false},
	    {"SELECT mail FROM users WHERE id = 1",
	     "SELECT mail FROM users WHERE id = $1", false},
	    {"SELECT mail FROM users WHERE id IN (1, 2)",
	     "SELECT mail FROM users WHERE id IN (1, 2, 3)", false},
	    {"SELECT mail FROM users", "SELECT \"MAIL\" FROM users", false},
	    /* the plan hangs on the value */
	    {"SELECT id FROM users WHERE active = 't'",
	     "SELECT id FROM users WHERE active = 'f'", false},
	    {"SELECT id FROM users WHERE active = 't' AND id = 1",
	     "SELECT id FROM users WHERE active = 't' AND id = 2", true},
	    {"UPDATE users SET active = true",
	     "UPDATE users SET active = false", false},
	    {"SELECT mail, id FROM users ORDER BY 1",
	     "SELECT mail, id FROM users ORDER BY 2", false},
	    {"SELECT nextval('users_id_seq')", "SELECT nextval('other')",
	     false},
	    {"SELECT 'users'::regclass", "SELECT 'nosuch'::regclass", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct plan *first = plan_of(rows[i].first, 1, NULL, 0);
		const struct plan *second = plan_of(rows[i].second, 1, NULL, 0);

		if ((first == second) != rows[i].same)
			fail_msg("%s\n%s", rows[i].first, rows[i].second);
		lens_release(lens, first);
		lens_release(lens, second);
	}
}

/* The session's key and the parameters' types are part of it. */
static void test_sessions(void **state)
{
	static const char text[] = "SELECT mail FROM users WHERE note = $1";
	static const uint32_t is_text[] = {25}, is_int[] = {23};
	const struct plan *plans[] = {
	    plan_of(text, 1, NULL, 0),
	    plan_of(text, 2, NULL, 0),
	    plan_of(text, 1, is_text, 1),
	    plan_of(text, 1, is_int, 1),
	};

	(void)state;
	for (size_t i = 0; i < 4; i++)
		for (size_t n = 0; n < i; n++)
			assert_ptr_not_equal(plans[i], plans[n]);
	assert_ptr_equal(plan_of(text, 2, NULL, 0), plans[1]);
	assert_ptr_equal(plan_of(text, 1, is_int, 1), plans[3]);
	lens_release(lens, plans[1]);
	lens_release(lens, plans[3]);
	for (size_t i = 0; i < 4; i++)
		lens_release(lens, plans[i]);
}

static void ask(char column)
{
	char text[64];

	snprintf(text, sizeof(text), "SELECT mail AS %c FROM users", column);
	lens_release(lens, plan_of(text, 1, NULL, 0));
}

static bool is_cached(char column)
{
	uint64_t hits = statistics().hits;

	ask(column);
	return statistics().hits > hits;
}

/* The one that was used longest ago goes; the newest stays, whatever its size. */
static void test_bytes(void **state)
{
	size_t plans;

	(void)state;
	lens_limit_bytes(lens, 12 * 1024);
	for (char column = 'a'; column <= 'z'; column++) {
		ask(column);
		ask('a');
	}
	plans = statistics().plans;
	assert_in_range(plans, 2, 25);
	assert_int_equal(statistics().evictions, 26 - plans);
	assert_true(is_cached('z'));
	assert_true(is_cached('a'));
	assert_false(is_cached('b'));
	lens_limit_bytes(lens, 1);
	ask('k');
	assert_int_equal(statistics().plans, 1);
}

/* What is given out is there until it is given back, and is that which it was. */
static void test_given_out(void **state)
{
	const struct plan *plan =
	    plan_of("SELECT note FROM users WHERE id = 3", 1, NULL, 0);
	const struct plan *again;

	(void)state;
	lens_limit_bytes(lens, 1);
	ask('a');
	assert_string_equal(
	    plan_steps_text(plan, "SELECT note FROM users WHERE id = 3"),
	    "SELECT users.note FROM accounts AS users WHERE users.id = 3");
	again = plan_of("SELECT note FROM users WHERE id = 3", 1, NULL, 0);
	assert_ptr_not_equal(plan, again);
	lens_release(lens, plan);
	lens_release(lens, again);
	lens_release(lens, NULL);
}

/* ---- what it learns ---- */

static const char *learned(enum lens_lesson lesson)
{
	struct buffer out;
	const char *text;

	buffer_init(&out, 0);
	lens_learned(lens, lesson, &out);
	text = arena_string(&arena, buffer_string(&out));
	buffer_release(&out);
	return text;
}

static void test_lessons(void **state)
{
	static const struct {
		const char *statement;
		const char *clocks, *unpinned;
		unsigned lessons; /* that it is one of */
	} rows[] = {
	    {"SELECT now() FROM users", "", "public\tusers\tid\n", 0},
	    {"UPDATE users SET note = 'x'", "", "public\tusers\tid\n", 0},
	    {"UPDATE users SET at = now()", "public\tusers\tat\n",
	     "public\tusers\tid\n", 1},
	    {"UPDATE users SET at = now() WHERE id = 1", "public\tusers\tat\n",
	     "public\tusers\tid\n", 0},
	    {"INSERT INTO users (note) VALUES (random()::text)",
	     "public\tusers\tat\n", "public\tusers\tid\npublic\tusers\tnote\n",
	     1},
	    {"UPDATE users SET mail = at::text",
	     "public\tusers\tmail\npublic\tusers\tat\n",
	     "public\tusers\tid\npublic\tusers\tnote\n", 1},
	};
	uint64_t before = lens_lessons(lens);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		lens_release(lens, plan_of(rows[i].statement, 1, NULL, 0));
		assert_string_equal(learned(LENS_CLOCK), rows[i].clocks);
		assert_string_equal(learned(LENS_UNPINNED), rows[i].unpinned);
		assert_int_equal(lens_lessons(lens) - before, rows[i].lessons);
		before = lens_lessons(lens);
	}
}

/* Lines that are none, and names that are not there, say nothing. */
static void test_taught(void **state)
{
	const struct plan *plan;

	(void)state;
	lens_teach(lens, LENS_CLOCK,
		   "public\tusers\tnote\npublic\tusers\tnosuch\n"
		   "public\tnosuch\tat\nother\tusers\tat\nno line\n"
		   "public\tusers\n\npublic\tusers\tmail");
	assert_string_equal(learned(LENS_CLOCK), "public\tusers\tnote\n");
	lens_teach(lens, LENS_UNPINNED, "public\tusers\tmail\n");
	plan = plan_of("SELECT note, mail, at FROM users", 1, NULL, 0);
	assert_true(plan->promise.columns[0].clock);
	assert_false(plan->promise.columns[0].unpinned);
	assert_true(plan->promise.columns[1].unpinned);
	assert_false(plan->promise.columns[2].clock);
	lens_release(lens, plan);
}

static int start(void **state)
{
	(void)state;
	return start_lens(schema, new_schema, mapping);
}

#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, start, stop_lens)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_one_plan),  TEST(test_sessions), TEST(test_bytes),
	    TEST(test_given_out), TEST(test_lessons),  TEST(test_taught),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
