/* (mapping, statement) -> text of the plan, or the reason there is none. */
#include "unit/lens/support.h"

static const char old_schema[] =
    "users(id int4 serial key, email text notnull unique, name text, "
    "active bool default=true, price numeric, flags int4, at timestamptz clock)"
    "tags(id int4 key, label text, made timestamptz clock)"
    "sums(id numeric, total int4)"
    "log(id int8 always key, note text, u uuid volatile)";
static const char new_schema[] =
    "app.accounts(id int8 serial key, mail text notnull unique, first text, "
    "last text, state text, cents int8, at timestamptz clock, tenant int4 "
    "notnull)"
    "tags(id int4 key, label text, made timestamptz clock)"
    "sums(id numeric, total int4)"
    "log(id int8 always key, note text, u uuid volatile)";
static const char mapping[] =
    "version: 1\n"
    "tables:\n"
    "  users:\n"
    "    rows: app.accounts\n"
    "    columns:\n"
    "      email: mail\n"
    "      name:\n"
    "        read: \"first || ' ' || last\"\n"
    "        write: {first: \"f(name)\", last: \"g(name)\"}\n"
    "      active: {column: state, values: {true: 'on', false: 'off'}}\n"
    "      price: {column: cents, read: \"cents / 100.0\"}\n"
    "      flags: dropped\n"
    "    defaults: {tenant: \"1\"}\n";

static const char *const path[] = {"public", NULL};
static const char *const temporary[] = {"mine", "tags", NULL};

static const struct plan *plan_of(const char *text, bool temporaries)
{
	struct lens_session session = {.search_path = path, .key = temporaries};

	if (temporaries)
		session.temporary_tables = temporary;
	return lens_plan(lens, &session, text, strlen(text), NULL, 0);
}

static const char *filled(const struct plan *plan, const char *text,
			  const struct answer *answer, struct plan_steps *steps)
{
	struct plan_input input = {
	    .text = text,
	    .text_size = strlen(text),
	    .answer = answer,
	    .transaction_at = 86400000000LL + 1,
	    .statement_at = 2 * 86400000000LL,
	};
	struct error error;

	error_init(&error);
	if (plan_fill(plan, &input, &arena, steps, &error) < 0)
		return arena_string(&arena, error.message);
	return steps->steps[steps->count - 1].text;
}

/* expected: the whole text; "=": as it was written; "!...": a part of the
 * reason; "#": skipped. */
static const struct row {
	const char *statement;
	const char *expected;
} rows[] = {
    {"SELECT 1", "="},
    {"select   *  from tags", "="},
    {"SELECT email FROM users WHERE id = 3",
     "SELECT users.mail AS email FROM app.accounts AS users WHERE users.id = "
     "3"},
    {"SELECT u.email e FROM users u WHERE u.active",
     "SELECT u.mail AS e FROM app.accounts AS u WHERE u.state = 'on'"},
    {"SELECT id FROM users WHERE active IN (true, false)",
     "SELECT users.id FROM app.accounts AS users WHERE users.state IN ('on', "
     "'off')"},
    {"SELECT count(*) FROM users GROUP BY name",
     "SELECT count(*) FROM app.accounts AS users GROUP BY users.first || ' ' "
     "|| users.last"},
    {"SELECT label FROM tags JOIN users USING (id)",
     "SELECT tags.label FROM tags JOIN app.accounts AS users ON tags.id = "
     "users.id"},
    {"SELECT flags FROM users",
     "SELECT NULL::integer AS flags FROM app.accounts AS users"},
    {"SELECT id FROM users ORDER BY email DESC LIMIT 5",
     "SELECT users.id FROM app.accounts AS users ORDER BY users.mail DESC "
     "LIMIT 5"},
    {"DELETE FROM users WHERE email = 'a'",
     "DELETE FROM app.accounts AS users WHERE users.mail = 'a'"},
    {"UPDATE users SET email = 'b' WHERE id = 1",
     "UPDATE app.accounts AS users SET mail = 'b' WHERE users.id = 1"},
    {"UPDATE users SET name = 'Ann' WHERE id = 1",
     "UPDATE app.accounts AS users SET first = f('Ann'::text), last = "
     "g('Ann'::text) WHERE users.id = 1"},
    {"UPDATE users SET name = lower(email)",
     "UPDATE app.accounts AS users SET (first, last) = (SELECT "
     "f(old_value.name::text), g(old_value.name::text) FROM (SELECT "
     "lower(users.mail)::text AS name) AS old_value)"},
    {"UPDATE users SET active = false",
     "UPDATE app.accounts AS users SET state = 'off'"},
    {"UPDATE users SET active = NULL::bool",
     "UPDATE app.accounts AS users SET state = NULL"},
    /* the merged column is a numeric: 3 / 2 is 1.5 */
    {"SELECT id / 2 AS half FROM users JOIN sums USING (id)",
     "SELECT users.id::numeric / 2 AS half FROM app.accounts AS users JOIN "
     "sums ON users.id = sums.id"},
    {"SELECT id FROM users JOIN log USING (id)",
     "SELECT users.id FROM app.accounts AS users JOIN log ON users.id = "
     "log.id"},
    {"INSERT INTO tags (id) VALUES (1)",
     "INSERT INTO tags (id, made) VALUES (1, '1970-01-02 "
     "00:00:00.000001+00'::timestamptz)"},
    {"SELECT now()", "SELECT '1970-01-02 00:00:00.000001+00'::timestamptz AS "
		     "now"},
    {"SELECT clock_timestamp()",
     "SELECT '1970-01-03 00:00:00.000000+00'::timestamptz AS "
     "clock_timestamp"},
    {"SELECT current_date FROM tags",
     "SELECT '1970-01-02 00:00:00.000001+00'::timestamptz::date AS "
     "\"current_date\" FROM tags"},
    {"LOCK TABLE users", "LOCK TABLE app.accounts IN ACCESS EXCLUSIVE MODE"},
    {"BEGIN", "="},
    {"SET work_mem = '4MB'", "="},
    {"UPDATE users SET price = 3", "!no `write`"},
    {"INSERT INTO users (price) VALUES (3)", "!no `write`"},
    {"SELECT mail FROM users", "!mail"},
    {"SELECT u.nope FROM users u", "!nope"},
    {"SELECT nope.id FROM users", "!not a table in scope"},
    {"MERGE INTO users u USING tags t ON u.id = t.id WHEN MATCHED THEN DELETE",
     "MERGE INTO app.accounts AS u USING tags AS t ON u.id = t.id WHEN MATCHED "
     "THEN DELETE"},
    {"MERGE INTO users USING (SELECT 3 AS id, 'a b' AS name) s ON users.id = "
     "s.id WHEN MATCHED AND active THEN UPDATE SET email = name WHEN NOT "
     "MATCHED THEN INSERT (id, email) VALUES (id, name)",
     "!ambiguous"},
    {"MERGE INTO users USING (SELECT 3 AS id, 'a b' AS name) s ON users.id = "
     "s.id WHEN NOT MATCHED AND name > 'a' THEN INSERT (id, email, name, "
     "active) VALUES (id, 'm', name, false)",
     "MERGE INTO app.accounts AS users USING (SELECT 3 AS id, 'a b' AS name) "
     "AS s ON users.id = s.id WHEN NOT MATCHED AND (s.name > 'a') THEN INSERT "
     "(id, mail, first, last, state, at, tenant) VALUES (s.id::integer, 'm', "
     "f(s.name::text), g(s.name::text), 'off', '1970-01-02 "
     "00:00:00.000001+00'::timestamptz, 1)"},
    {"MERGE INTO tags USING users ON tags.id = users.id WHEN NOT MATCHED THEN "
     "INSERT (id) VALUES (users.id)",
     "MERGE INTO tags USING app.accounts AS users ON tags.id = users.id WHEN "
     "NOT MATCHED THEN INSERT (id, made) VALUES (users.id, '1970-01-02 "
     "00:00:00.000001+00'::timestamptz)"},
    {"MERGE INTO tags USING (SELECT 1 AS one) s ON tags.id = one WHEN MATCHED "
     "THEN UPDATE SET made = now()",
     "MERGE INTO tags USING (SELECT 1 AS one) AS s ON tags.id = one WHEN "
     "MATCHED THEN UPDATE SET made = '1970-01-02 "
     "00:00:00.000001+00'::timestamptz"},
    {"MERGE INTO users USING tags ON users.id = tags.id WHEN MATCHED THEN "
     "UPDATE SET price = 3",
     "!no `write`"},
    {"SELECT u::users FROM users u", "!cast"},
    {"SELECT NULL::users", "!row type of \"users\""},
    {"SELECT NULL::users[] FROM tags", "!row type of \"users\""},
    {"SELECT ('(1,a)'::public.users).email", "!row type of \"users\""},
    {"SELECT * FROM jsonb_populate_record(NULL::users, '{}')",
     "!row type of \"users\""},
    {"SELECT 1 FROM tags WHERE label = (SELECT (NULL::users).email)",
     "!row type of \"users\""},
    {"INSERT INTO tags (id) VALUES ((NULL::users).id)",
     "!row type of \"users\""},
    {"PREPARE p (users) AS SELECT 1", "!row type of \"users\""},
    {"SELECT NULL::tags, NULL::nothing", "="},
    {"SELECT email(users) FROM users",
     "SELECT users.mail AS email FROM app.accounts AS users"},
    {"SELECT id FROM users u WHERE active(u.*) ORDER BY name(u)",
     "SELECT u.id FROM app.accounts AS u WHERE CASE u.state WHEN 'on' THEN "
     "TRUE WHEN 'off' THEN FALSE END ORDER BY u.first || ' ' || u.last"},
    {"SELECT name(x) FROM (SELECT name FROM users) x",
     "SELECT x.name FROM (SELECT users.first || ' ' || users.last AS name FROM "
     "app.accounts AS users) AS x"},
    {"SELECT xmin(u) FROM users u", "SELECT u.xmin FROM app.accounts AS u"},
    {"SELECT email(x.u) FROM (SELECT u FROM users u) x", "!a field of a row"},
    {"SELECT flags(u), lower(email(u)), label(t) FROM users u, tags t",
     "SELECT NULL::integer AS flags, lower(u.mail), t.label FROM "
     "app.accounts AS u, tags AS t"},
    {"SELECT jsonb_typeof(x.j) FROM (SELECT to_jsonb(email) AS j FROM users) x",
     "SELECT jsonb_typeof(x.j) FROM (SELECT to_jsonb(users.mail) AS j FROM "
     "app.accounts AS users) AS x"},
    {"SELECT label(tags) FROM tags", "="},
    {"COPY users FROM STDIN", "!no `write`"},
    {"COPY users (id, email) FROM STDIN WHERE name > 'a'",
     "!\"name\", which is not among"},
    {"SELECT FROM users WHERE (", "!syntax"},
    {"SELECT oops oops oops", "="},
    {"CREATE TABLE x (a int)", "#"},
    {"VACUUM", "#"},
    {"EXPLAIN SELECT 1", "#"},
    {"NOTIFY a", "#"},
};

static void test_rows(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *expected = rows[i].expected;
		const struct plan *plan = plan_of(rows[i].statement, false);
		struct plan_steps steps;
		bool good;
		const char *got = plan->detail ? plan->detail : "";

		if (*expected == '!') {
			good = plan->action == PLAN_UNTRANSLATABLE &&
			       strstr(got, expected + 1);
		} else if (*expected == '#') {
			good = plan->action == PLAN_SKIP;
		} else {
			if (plan->action == PLAN_RUN ||
			    plan->action == PLAN_SESSION)
				got = filled(plan, rows[i].statement, NULL,
					     &steps);
			if (!strcmp(expected, "="))
				expected = rows[i].statement;
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

static void test_literals_are_lifted(void **state)
{
	struct lens_statistics before, after;
	struct plan_steps steps;
	const char *a = "SELECT id FROM users WHERE email = 'x' AND id > -5";
	const char *b =
	    "SELECT id FROM users WHERE email = 'o''y' AND id > -77";
	const struct plan *first = plan_of(a, false);
	const struct plan *second;

	(void)state;
	lens_statistics(lens, &before);
	second = plan_of(b, false);
	lens_statistics(lens, &after);
	assert_ptr_equal(first, second);
	assert_int_equal(after.hits, before.hits + 1);
	assert_string_equal(
	    filled(second, b, NULL, &steps),
	    "SELECT users.id FROM app.accounts AS users WHERE users.mail = "
	    "'o''y' AND users.id > (-77)");
	lens_release(lens, first);
	lens_release(lens, second);
}

/* What a plan hangs on is part of its key. */
static void test_literals_are_kept(void **state)
{
	static const char *const pairs[][2] = {
	    {"SELECT id, email FROM users ORDER BY 1",
	     "SELECT id, email FROM users ORDER BY 2"},
	    {"SELECT id FROM users WHERE active = 't'",
	     "SELECT id FROM users WHERE active = 'f'"},
	    {"SELECT nextval('users_id_seq')", "SELECT nextval('tags_id_seq')"},
	    {"INSERT INTO users (email, active) VALUES ('a', 't')",
	     "INSERT INTO users (email, active) VALUES ('a', 'f')"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		const struct plan *a = plan_of(pairs[i][0], false);
		const struct plan *b = plan_of(pairs[i][1], false);
		struct plan_steps steps;
		const char *x = filled(a, pairs[i][0], NULL, &steps);
		const char *y = filled(b, pairs[i][1], NULL, &steps);

		assert_ptr_not_equal(a, b);
		assert_string_not_equal(x, y);
		lens_release(lens, a);
		lens_release(lens, b);
	}
}

static void test_temporary_tables_hide(void **state)
{
	const char *text =
	    "SELECT x, mine.y FROM mine JOIN users u ON u.id = x";
	const char *tags = "SELECT label FROM tags";
	struct plan_steps steps;
	const struct plan *plan = plan_of(text, true);
	const struct plan *plain = plan_of(tags, true);

	(void)state;
	assert_int_equal(plan->action, PLAN_RUN);
	assert_string_equal(filled(plan, text, NULL, &steps),
			    "SELECT x, mine.y FROM mine JOIN app.accounts AS u "
			    "ON u.id = x");
	assert_int_equal(plain->tables_read_count, 0);
	lens_release(lens, plan);
	lens_release(lens, plain);
}

static void test_pins(void **state)
{
	const char *text =
	    "INSERT INTO log (note) VALUES ('a'), ('b') RETURNING "
	    "id, note, u";
	const uint8_t eight[] = {0, 0, 0, 0, 0, 0, 0, 8};
	struct answer_column columns[] = {
	    {.name = "id", .format = 1}, {.name = "note"}, {.name = "u"}};
	struct value values[] = {{eight, 8},
				 {(const uint8_t *)"a", 1},
				 {(const uint8_t *)"U", 1},
				 {(const uint8_t *)"\0\0\0\0\0\0\0\7", 8},
				 {(const uint8_t *)"b", 1},
				 {(const uint8_t *)"V", 1}};
	struct answer answer = {.outcome = ANSWER_OK,
				.has_columns = true,
				.columns = columns,
				.column_count = 3,
				.rows = values,
				.row_held = 2,
				.row_count = 2};
	struct plan_steps steps;
	const struct plan *plan = plan_of(text, false);

	(void)state;
	assert_false(plan->pins_missing);
	assert_string_equal(filled(plan, text, &answer, &steps),
			    "INSERT INTO log (note, id, u) OVERRIDING SYSTEM "
			    "VALUE VALUES ('a', "
			    "$1, $2), ('b', $3, $4) RETURNING id, note, u");
	assert_true(steps.pinned);
	assert_int_equal(steps.count, 2);
	assert_int_equal(steps.steps[0].role, STEP_PREPARE);
	assert_string_equal(
	    steps.steps[0].text,
	    "SELECT pg_catalog.setval('public.log_id_seq', past) FROM (SELECT "
	    "CASE WHEN seqincrement > 0 THEN 8 ELSE 7 END AS past, "
	    "seqincrement FROM pg_catalog.pg_sequence WHERE seqrelid = "
	    "'public.log_id_seq'::pg_catalog.regclass) AS way, "
	    "public.log_id_seq WHERE CASE WHEN seqincrement > 0 THEN "
	    "last_value < past ELSE last_value > past END OR (last_value = "
	    "past AND NOT is_called)");
	assert_int_equal(steps.steps[1].parameter_count, 4);
	assert_int_equal(steps.steps[1].parameter_formats[0], 1);
	assert_int_equal(steps.steps[1].parameter_types[0], 20);
	assert_int_equal(steps.steps[1].parameter_types[1], 2950);
	/* Fewer rows than were inserted: which is which is not known. */
	answer.row_count = answer.row_held = 1;
	assert_string_equal(
	    filled(plan, text, &answer, &steps),
	    "INSERT INTO log (note, id, u) OVERRIDING SYSTEM VALUE VALUES "
	    "('a', DEFAULT, DEFAULT), ('b', DEFAULT, DEFAULT) RETURNING id, "
	    "note, u");
	assert_true(steps.pins_missing);
	lens_release(lens, plan);
}

/* COPY into what is more than renamed: by way of a temporary table. */
static void test_copy_in_steps(void **state)
{
	const char *text = "COPY users (id, email, active) FROM STDIN WITH "
			   "(FORMAT csv, HEADER) "
			   "WHERE users.id > 3";
	static const char *const expected[] = {
	    "CREATE TEMPORARY TABLE parallax_copy_4e21 (id integer, email "
	    "text, "
	    "active boolean) ON COMMIT DROP",
	    "COPY pg_temp.parallax_copy_4e21 (id, email, active) FROM STDIN "
	    "WITH "
	    "(format 'csv', header)",
	    "INSERT INTO app.accounts AS users (id, mail, first, last, state, "
	    "at, "
	    "tenant) SELECT old_row.id::integer, old_row.email::text, "
	    "f(NULL::text), g(NULL::text), CASE old_row.active::boolean WHEN "
	    "TRUE "
	    "THEN 'on' WHEN FALSE THEN 'off' END, '1970-01-02 "
	    "00:00:00.000001+00'::timestamptz, 1 FROM (SELECT users.id, "
	    "users.email, users.active FROM pg_temp.parallax_copy_4e21 AS "
	    "users "
	    "WHERE users.id > 3) AS old_row (id, email, active)",
	    "DROP TABLE pg_temp.parallax_copy_4e21",
	};
	const struct plan *plan = plan_of(text, false);
	struct plan_steps steps;

	(void)state;
	assert_int_equal(plan->action, PLAN_RUN);
	filled(plan, text, NULL, &steps);
	assert_true(steps.staged);
	assert_int_equal(steps.count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(steps.steps[i].text, expected[i]);
		assert_int_equal(steps.steps[i].role,
				 i == 2 ? STEP_ANSWER : STEP_PART);
		assert_int_equal(steps.steps[i].takes_input, i == 1);
	}
	assert_int_equal(plan->tables_written_count, 1);
	assert_string_equal(plan->tables_written[0]->name, "users");
	lens_release(lens, plan);
}

static void test_facts(void **state)
{
	const struct plan *plan =
	    plan_of("SELECT u.id, lower(email), at, s.at FROM users u JOIN "
		    "(SELECT id, made AS at FROM tags) s USING (id) WHERE at > "
		    "'2020-01-01'",
		    false);

	(void)state;
	lens_release(lens, plan);
	plan = plan_of("SELECT u.id, lower(email), u.at, s.made FROM users u "
		       "JOIN (SELECT id, made FROM tags) s ON s.id = u.id "
		       "WHERE s.made > '2020-01-01' ORDER BY u.id",
		       false);
	assert_int_equal(plan->action, PLAN_RUN);
	assert_int_equal(plan->promise.column_count, 4);
	assert_string_equal(plan->promise.columns[0].column->name, "id");
	assert_true(plan->promise.columns[0].unpinned);
	assert_true(plan->promise.columns[0].retyped);
	assert_null(plan->promise.columns[1].column);
	assert_true(plan->promise.columns[2].clock);
	assert_true(plan->promise.columns[3].clock);
	assert_string_equal(plan->promise.columns[3].table->name, "tags");
	assert_true(plan->promise.clock_predicate);
	assert_int_equal(plan->tables_read_count, 2);
	assert_int_equal(plan->tables_written_count, 0);
	assert_true(plan->reads_only);
	lens_release(lens, plan);
	plan = plan_of("INSERT INTO log (note) VALUES ('x')", false);
	assert_true(plan->pins_missing);
	assert_int_equal(plan->tables_written_count, 1);
	lens_release(lens, plan);
}

/* A column that a statement feeds from a clock shows a clock from then on, and
 * in that statement's own answer. */
static void test_learning(void **state)
{
	const char *read = "SELECT label FROM tags WHERE id = 1";
	const struct plan *plan = plan_of(read, false);
	const struct plan *write;

	(void)state;
	assert_false(plan->promise.columns[0].clock);
	write = plan_of("UPDATE tags SET label = now()::text", false);
	lens_release(lens, write);
	assert_false(
	    plan->promise.columns[0].clock); /* ours: still as it was */
	lens_release(lens, plan);
	plan = plan_of(read, false);
	assert_true(plan->promise.columns[0].clock);
	lens_release(lens, plan);
	plan = plan_of("INSERT INTO log (note) VALUES (now()::text) "
		       "RETURNING id, note",
		       false);
	assert_false(plan->promise.columns[0].clock);
	assert_true(plan->promise.columns[1].clock);
	lens_release(lens, plan);
}

static void test_bounded(void **state)
{
	struct lens_statistics statistics;
	char text[64];

	(void)state;
	for (int i = 0; i < 12000; i++) {
		snprintf(text, sizeof(text), "SELECT label AS c%d FROM tags",
			 i);
		lens_release(lens, plan_of(text, false));
	}
	lens_statistics(lens, &statistics);
	assert_true(statistics.plans <= 10000);
	assert_true(statistics.evictions >= 2000);
}

static void plan_any(const char *text)
{
	const struct plan *plan = plan_of(text, false);
	struct plan_steps steps;

	if (plan->action == PLAN_UNTRANSLATABLE || plan->action == PLAN_SKIP)
		assert_non_null(plan->detail);
	else
		assert_non_null(filled(plan, text, NULL, &steps));
	lens_release(lens, plan);
	arena_clear(&arena);
}

/* All the forms that the printer knows, alone and beside a mapped table: each
 * has a plan or a reason. */
static void test_corpus(void **state)
{
	static char text[128 * 1024];
	static struct sql_statement places[1024];
	const struct parser *parser = adapter_find("postgres")->parser;
	FILE *file = fopen("tests/unit/sql/corpus.sql", "rb");
	size_t count;

	(void)state;
	if (!file)
		fail_msg("run from the root");
	count = parser->split(text, fread(text, 1, sizeof(text) - 1, file),
			      places, 1024);
	fclose(file);
	assert_true(count > 100);
	for (size_t i = 0; i < count; i++) {
		const char *one = arena_copy(&arena, text + places[i].offset,
					     places[i].length);
		const char *two = arena_printf(
		    &arena, "WITH zz AS (SELECT 1 FROM users) %s", one);
		char *three = memory_string(two);

		plan_any(one);
		plan_any(three);
		free(three);
	}
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
	    cmocka_unit_test(test_literals_are_lifted),
	    cmocka_unit_test(test_literals_are_kept),
	    cmocka_unit_test(test_temporary_tables_hide),
	    cmocka_unit_test(test_pins),
	    cmocka_unit_test(test_copy_in_steps),
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_learning),
	    cmocka_unit_test(test_corpus),
	    cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, start, stop_lens);
}
