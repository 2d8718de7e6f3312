/*
 * What one exchange puts into a plan: (statement, parameters, the primary's answer) ->
 * the steps that are sent. The primary's answer is "column=value ...", rows with ";"
 * between; a value is ~ for NULL.
 */
#include "unit/lens/support.h"

static const char old_schema[] =
    "users(id int4 serial key, mail text, at timestamptz clock, token uuid "
    "volatile, n int8)"
    "logs(id int8 always key, note text)"
    "loose(a int4, b text)"
    "users_id_seq(){sequence}";
static const char new_schema[] =
    "accounts(id int8 serial key, mail text, at timestamptz clock, token uuid "
    "volatile, n int4)"
    "logs(id int8 always key, note text)"
    "loose(a int4, b text)"
    "accounts_id_seq(){sequence}";
static const char mapping[] = "version: 1\n"
			      "tables: {users: {rows: accounts}}\n"
			      "sequences: {users_id_seq: accounts_id_seq}\n";

static struct plan_carried *carried;
static bool repeats; /* the text comes again */

/* ---- what is put in ---- */

static struct value value_of(const char *text)
{
	struct value value = {(const uint8_t *)text, strlen(text)};

	return strcmp(text, "~") ? value : (struct value){NULL, 0};
}

static size_t parameters_of(const char *text, struct value *values)
{
	char *copy = arena_string(&arena, text), *save = NULL;
	size_t count = 0;

	for (char *one = strtok_r(copy, " ", &save); one;
	     one = strtok_r(NULL, " ", &save))
		values[count++] = value_of(one);
	return count;
}

static const struct answer *answer_of(const char *text)
{
	static struct answer_column columns[8];
	static struct value values[64];
	static struct answer answer;
	char *save = NULL, *inner;
	size_t count = 0;

	if (!text)
		return NULL;
	answer = (struct answer){.outcome = ANSWER_OK,
				 .has_columns = true,
				 .columns = columns,
				 .rows = values};
	for (char *row = strtok_r(arena_string(&arena, text), ";", &save); row;
	     row = strtok_r(NULL, ";", &save)) {
		size_t column = 0;

		for (char *cell = strtok_r(row, " ", &inner); cell;
		     cell = strtok_r(NULL, " ", &inner)) {
			char *equal = strchr(cell, '=');

			*equal = 0;
			columns[column++] =
			    (struct answer_column){.name = cell};
			values[count++] = value_of(equal + 1);
		}
		answer.column_count = column;
		answer.row_held = ++answer.row_count;
	}
	return &answer;
}

/* ---- what comes out ---- */

static const char *step_text(const struct plan_step *step)
{
	static const char *const roles[] = {"prepare: ", "part: ", ""};
	const char *text =
	    arena_printf(&arena, "%s%s", roles[step->role], step->text);

	for (size_t i = 0; i < step->parameter_count; i++) {
		const struct value *value = &step->parameters[i];
		const char *held =
		    value->data ? arena_copy(&arena, value->data, value->size)
				: "NULL";

		text = arena_printf(&arena, "%s {$%zu=%s:%u}", text, i + 1,
				    held, step->parameter_types[i]);
	}
	return text;
}

static const char *steps_text(const struct plan_steps *steps)
{
	const char *text = "";

	for (size_t i = 0; i < steps->count; i++)
		text = arena_printf(&arena, "%s%s%s", text, i ? " ; " : "",
				    step_text(&steps->steps[i]));
	return arena_printf(&arena, "%s |%s%s", text,
			    steps->pinned ? " pinned" : "",
			    steps->pins_missing ? " pins-missing" : "");
}

struct row {
	const char *statement;
	const char *parameters; /* texts with blanks between, or NULL */
	const char *answer;	/* or NULL */
	const char *expected;	/* NULL: only what follows matters */
};

static const char *filled(const struct row *row, const char *text)
{
	static struct value values[8];
	const struct plan *plan = plan_in_public(row->statement);
	struct plan_input input = {
	    .text = text,
	    .text_size = strlen(text),
	    .parameters = values,
	    .answer = answer_of(row->answer),
	    .carried = carried,
	    .transaction_at = 1000000,
	    .statement_at = -1,
	    .repeats = repeats,
	};
	struct plan_steps steps;
	struct error error;
	const char *result;

	if (row->parameters)
		input.parameter_count = parameters_of(row->parameters, values);
	error_init(&error);
	if (plan_fill(plan, &input, &arena, &steps, &error) < 0)
		result = arena_printf(&arena, "!%s", error.message);
	else
		result = steps_text(&steps);
	lens_release(lens, plan);
	return result;
}

/* literals and clocks */
static const struct row literals_rows[] = {
    {"SELECT 'a', 5, -3, 1.5e3, B'101' FROM users", NULL, NULL,
     "SELECT 'a', 5, -3, 1.5e3, B'101' FROM accounts AS users |"},
    {"SELECT now(), clock_timestamp(), current_time(0), localtimestamp FROM "
     "users",
     NULL, NULL,
     "SELECT '1970-01-01 00:00:01.000000+00'::timestamptz AS now, '1969-12-31 "
     "23:59:59.999999+00'::timestamptz AS clock_timestamp, '1970-01-01 "
     "00:00:01.000000+00'::timestamptz::timetz(0) AS \"current_time\", "
     "'1970-01-01 00:00:01.000000+00'::timestamptz::\"timestamp\" AS "
     "\"localtimestamp\" FROM accounts AS users |"},
    {"INSERT INTO loose VALUES (1, now()::text)", NULL, NULL,
     "INSERT INTO loose VALUES (1, '1970-01-01 "
     "00:00:01.000000+00'::timestamptz::text) |"},
    {"SELECT 1", NULL, NULL, "SELECT 1 |"},
    {"BEGIN", NULL, NULL, "BEGIN |"},
};

/* values that the primary's answer shows */
static const struct row pins_rows[] = {
    {"INSERT INTO users (mail) VALUES ('a') RETURNING id, token", NULL,
     "id=42 token=u1",
     "prepare: SELECT pg_catalog.setval('public.accounts_id_seq', past) FROM "
     "(SELECT CASE WHEN seqincrement > 0 THEN 42 ELSE 42 END AS past, "
     "seqincrement FROM pg_catalog.pg_sequence WHERE seqrelid = "
     "'public.accounts_id_seq'::pg_catalog.regclass) AS way, "
     "public.accounts_id_seq WHERE CASE WHEN seqincrement > 0 THEN last_value "
     "< past ELSE last_value > past END OR (last_value = past AND NOT "
     "is_called) ; INSERT INTO accounts AS users (id, mail, at, token) VALUES "
     "($1, 'a', '1970-01-01 00:00:01.000000+00'::timestamptz, $2) RETURNING "
     "users.id, users.token {$1=42:23} {$2=u1:2950} | pinned"},
    {"INSERT INTO users (mail) VALUES ('a') RETURNING id, token", NULL, NULL,
     "INSERT INTO accounts AS users (id, mail, at, token) VALUES (DEFAULT, "
     "'a', '1970-01-01 00:00:01.000000+00'::timestamptz, DEFAULT) RETURNING "
     "users.id, users.token | pins-missing"},
    {"INSERT INTO users (mail) VALUES ('a') RETURNING id, token", NULL,
     "id=42 token=~",
     "prepare: SELECT pg_catalog.setval('public.accounts_id_seq', past) FROM "
     "(SELECT CASE WHEN seqincrement > 0 THEN 42 ELSE 42 END AS past, "
     "seqincrement FROM pg_catalog.pg_sequence WHERE seqrelid = "
     "'public.accounts_id_seq'::pg_catalog.regclass) AS way, "
     "public.accounts_id_seq WHERE CASE WHEN seqincrement > 0 THEN last_value "
     "< past ELSE last_value > past END OR (last_value = past AND NOT "
     "is_called) ; INSERT INTO accounts AS users (id, mail, at, token) VALUES "
     "($1, 'a', '1970-01-01 00:00:01.000000+00'::timestamptz, $2) RETURNING "
     "users.id, users.token {$1=42:23} {$2=NULL:2950} | pinned"},
    {"INSERT INTO users (mail) VALUES ('a') RETURNING id, token", NULL,
     "id=x token=u1",
     "INSERT INTO accounts AS users (id, mail, at, token) VALUES ($1, 'a', "
     "'1970-01-01 00:00:01.000000+00'::timestamptz, $2) RETURNING users.id, "
     "users.token {$1=x:23} {$2=u1:2950} | pinned"},
    {"INSERT INTO users (mail) VALUES ('a'), ('b') RETURNING id, token", NULL,
     "id=9 token=u1;id=7 token=u2",
     "prepare: SELECT pg_catalog.setval('public.accounts_id_seq', past) FROM "
     "(SELECT CASE WHEN seqincrement > 0 THEN 9 ELSE 7 END AS past, "
     "seqincrement FROM pg_catalog.pg_sequence WHERE seqrelid = "
     "'public.accounts_id_seq'::pg_catalog.regclass) AS way, "
     "public.accounts_id_seq WHERE CASE WHEN seqincrement > 0 THEN last_value "
     "< past ELSE last_value > past END OR (last_value = past AND NOT "
     "is_called) ; INSERT INTO accounts AS users (id, mail, at, token) VALUES "
     "($1, 'a', '1970-01-01 00:00:01.000000+00'::timestamptz, $2), ($3, 'b', "
     "'1970-01-01 00:00:01.000000+00'::timestamptz, $4) RETURNING users.id, "
     "users.token {$1=9:23} {$2=u1:2950} {$3=7:23} {$4=u2:2950} | pinned"},
    {"INSERT INTO users (mail) VALUES ('a'), ('b') RETURNING id, token", NULL,
     "id=9 token=u1",
     "INSERT INTO accounts AS users (id, mail, at, token) VALUES (DEFAULT, "
     "'a', '1970-01-01 00:00:01.000000+00'::timestamptz, DEFAULT), (DEFAULT, "
     "'b', '1970-01-01 00:00:01.000000+00'::timestamptz, DEFAULT) RETURNING "
     "users.id, users.token | pins-missing"},
    {"INSERT INTO users (mail) VALUES ('a') RETURNING id", NULL, "id=42",
     "prepare: SELECT pg_catalog.setval('public.accounts_id_seq', past) FROM "
     "(SELECT CASE WHEN seqincrement > 0 THEN 42 ELSE 42 END AS past, "
     "seqincrement FROM pg_catalog.pg_sequence WHERE seqrelid = "
     "'public.accounts_id_seq'::pg_catalog.regclass) AS way, "
     "public.accounts_id_seq WHERE CASE WHEN seqincrement > 0 THEN last_value "
     "< past ELSE last_value > past END OR (last_value = past AND NOT "
     "is_called) ; INSERT INTO accounts AS users (id, mail, at) VALUES ($1, "
     "'a', '1970-01-01 00:00:01.000000+00'::timestamptz) RETURNING users.id "
     "{$1=42:23} | pinned pins-missing"},
    {"INSERT INTO users (mail) VALUES ($1) RETURNING id, token", "m",
     "id=42 token=u1",
     "prepare: SELECT pg_catalog.setval('public.accounts_id_seq', past) FROM "
     "(SELECT CASE WHEN seqincrement > 0 THEN 42 ELSE 42 END AS past, "
     "seqincrement FROM pg_catalog.pg_sequence WHERE seqrelid = "
     "'public.accounts_id_seq'::pg_catalog.regclass) AS way, "
     "public.accounts_id_seq WHERE CASE WHEN seqincrement > 0 THEN last_value "
     "< past ELSE last_value > past END OR (last_value = past AND NOT "
     "is_called) ; INSERT INTO accounts AS users (id, mail, at, token) VALUES "
     "($2, $1, '1970-01-01 00:00:01.000000+00'::timestamptz, $3) RETURNING "
     "users.id, users.token {$1=m:25} {$2=42:23} {$3=u1:2950} | pinned"},
    {"INSERT INTO users (mail, id) VALUES ('a', DEFAULT) RETURNING token, id, "
     "at",
     NULL, "token=u id=5 at=2020-01-01",
     "prepare: SELECT pg_catalog.setval('public.accounts_id_seq', past) FROM "
     "(SELECT CASE WHEN seqincrement > 0 THEN 5 ELSE 5 END AS past, "
     "seqincrement FROM pg_catalog.pg_sequence WHERE seqrelid = "
     "'public.accounts_id_seq'::pg_catalog.regclass) AS way, "
     "public.accounts_id_seq WHERE CASE WHEN seqincrement > 0 THEN last_value "
     "< past ELSE last_value > past END OR (last_value = past AND NOT "
     "is_called) ; INSERT INTO accounts AS users (id, mail, at, token) VALUES "
     "($1, 'a', COALESCE($2, '1970-01-01 "
     "00:00:01.000000+00'::timestamptz::timestamp with time zone), $3) "
     "RETURNING users.token, users.id, users.at {$1=5:23} {$2=2020-01-01:1184} "
     "{$3=u:2950} | pinned"},
    {"INSERT INTO users (id, mail) VALUES (3, 'a') RETURNING id, token", NULL,
     "id=3 token=u",
     "INSERT INTO accounts AS users (id, mail, at, token) VALUES (3::integer, "
     "'a', '1970-01-01 00:00:01.000000+00'::timestamptz, $1) RETURNING "
     "users.id, users.token {$1=u:2950} | pinned"},
    {"INSERT INTO logs (note) VALUES ('a') RETURNING *", NULL, "id=-4 note=a",
     "prepare: SELECT pg_catalog.setval('public.logs_id_seq', past) FROM "
     "(SELECT CASE WHEN seqincrement > 0 THEN -4 ELSE -4 END AS past, "
     "seqincrement FROM pg_catalog.pg_sequence WHERE seqrelid = "
     "'public.logs_id_seq'::pg_catalog.regclass) AS way, public.logs_id_seq "
     "WHERE CASE WHEN seqincrement > 0 THEN last_value < past ELSE last_value "
     "> past END OR (last_value = past AND NOT is_called) ; INSERT INTO logs "
     "(note, id) OVERRIDING SYSTEM VALUE VALUES ('a', $1) RETURNING * "
     "{$1=-4:20} | pinned"},
    {"INSERT INTO logs (note) SELECT b FROM loose RETURNING id", NULL,
     "id=5;id=6",
     "INSERT INTO logs (note, id) OVERRIDING SYSTEM VALUE SELECT b, "
     "pg_catalog.nextval('public.logs_id_seq')::bigint FROM loose "
     "RETURNING id | pins-missing"},
    {"WITH w AS (INSERT INTO logs (note) VALUES ('a') RETURNING id) SELECT id "
     "FROM w",
     NULL, "id=5",
     "WITH w AS (INSERT INTO logs (note) VALUES ('a') RETURNING id) SELECT id "
     "FROM w | pins-missing"},
};

/* what a session has drawn */
static const struct row sequences_rows[] = {
    {"SELECT currval('users_id_seq')", NULL, NULL,
     "SELECT pg_catalog.currval('public.accounts_id_seq')::int8 AS currval | "
     "pins-missing"},
    {"SELECT lastval()", NULL, NULL,
     "SELECT pg_catalog.lastval()::int8 AS lastval | pins-missing"},
    {"SELECT nextval('users_id_seq')", NULL, "nextval=12",
     "prepare: SELECT pg_catalog.setval('public.accounts_id_seq', past) FROM "
     "(SELECT CASE WHEN seqincrement > 0 THEN 12 ELSE 12 END AS past, "
     "seqincrement FROM pg_catalog.pg_sequence WHERE seqrelid = "
     "'public.accounts_id_seq'::pg_catalog.regclass) AS way, "
     "public.accounts_id_seq WHERE CASE WHEN seqincrement > 0 THEN last_value "
     "< past ELSE last_value > past END OR (last_value = past AND NOT "
     "is_called) ; SELECT $1::int8 AS nextval {$1=12:20} | pinned"},
    {"SELECT currval('users_id_seq'), lastval()", NULL, NULL,
     "SELECT pg_catalog.currval('public.accounts_id_seq')::int8 AS currval, "
     "pg_catalog.lastval()::int8 AS lastval | pins-missing"},
    {"INSERT INTO logs (note) VALUES ('a') RETURNING id", NULL, "id=77",
     "prepare: SELECT pg_catalog.setval('public.logs_id_seq', past) FROM "
     "(SELECT CASE WHEN seqincrement > 0 THEN 77 ELSE 77 END AS past, "
     "seqincrement FROM pg_catalog.pg_sequence WHERE seqrelid = "
     "'public.logs_id_seq'::pg_catalog.regclass) AS way, public.logs_id_seq "
     "WHERE CASE WHEN seqincrement > 0 THEN last_value < past ELSE last_value "
     "> past END OR (last_value = past AND NOT is_called) ; INSERT INTO logs "
     "(note, id) OVERRIDING SYSTEM VALUE VALUES ('a', $1) RETURNING id "
     "{$1=77:20} | pinned"},
    {"SELECT currval('users_id_seq'), lastval()", NULL, NULL,
     "SELECT pg_catalog.currval('public.accounts_id_seq')::int8 AS currval, "
     "pg_catalog.lastval()::int8 AS lastval | pins-missing"},
    {"INSERT INTO loose VALUES (currval('users_id_seq'), 'x')", NULL, NULL,
     "INSERT INTO loose VALUES ('12'::int8, 'x') | pinned pins-missing"},
    /* which of the two it is, the answer does not show */
    {"INSERT INTO loose VALUES (nextval('users_id_seq'), "
     "currval('users_id_seq')::text) RETURNING a",
     NULL, NULL,
     "INSERT INTO loose VALUES "
     "(pg_catalog.nextval('public.accounts_id_seq')::integer, "
     "'12'::int8::text) RETURNING a | pinned pins-missing"},
    {"SELECT nextval('users_id_seq')", NULL, NULL,
     "SELECT pg_catalog.nextval('public.accounts_id_seq')::int8 AS nextval | "
     "pins-missing"},
    {"SELECT nextval('nosuch')", NULL, "nextval=3",
     "part: SELECT pg_catalog.setval('nosuch', past) FROM (SELECT CASE WHEN "
     "seqincrement > 0 THEN 3 ELSE 3 END AS past, seqincrement FROM "
     "pg_catalog.pg_sequence WHERE seqrelid = 'nosuch'::pg_catalog.regclass) "
     "AS way, nosuch WHERE CASE WHEN seqincrement > 0 THEN last_value < past "
     "ELSE last_value > past END OR (last_value = past AND NOT is_called) ; "
     "SELECT $1::int8 AS nextval {$1=3:20} | pinned"},
    {"SELECT currval('public.nosuch')", NULL, NULL,
     "SELECT pg_catalog.currval('public.nosuch')::int8 AS currval | "
     "pins-missing"},
    {"SELECT setval('users_id_seq', 5)", NULL, "setval=5",
     "SELECT setval('public.accounts_id_seq', 5) |"},
};

/* parameters and their types on the shadow */
static const struct row parameters_rows[] = {
    {"SELECT mail FROM users WHERE id = $1", "7", NULL,
     "SELECT users.mail FROM accounts AS users WHERE users.id = $1 {$1=7:23} "
     "|"},
    {"SELECT mail FROM users WHERE n = $1 AND mail = $2", "7 x", NULL,
     "SELECT users.mail FROM accounts AS users WHERE users.n = $1 AND "
     "users.mail = $2 {$1=7:20} {$2=x:25} |"},
    {"UPDATE users SET n = $1 WHERE id = $2", "~ 3", NULL,
     "UPDATE accounts AS users SET n = $1::bigint WHERE users.id = $2 "
     "{$1=NULL:20} {$2=3:23} |"},
    {"SELECT $1::int4, $2 FROM users", "1 b", NULL,
     "SELECT $1::int4, $2 FROM accounts AS users {$1=1:0} {$2=b:0} |"},
    {"INSERT INTO loose VALUES ($1, $2)", "1 b", NULL,
     "INSERT INTO loose VALUES ($1, $2) {$1=1:23} {$2=b:25} |"},
    {"SELECT b FROM loose WHERE a = $2", "1 2", NULL,
     "SELECT b FROM loose WHERE a = $2 {$1=1:0} {$2=2:23} |"},
    {"SELECT mail FROM users LIMIT $1", "3", NULL,
     "SELECT users.mail FROM accounts AS users LIMIT $1 {$1=3:20} |"},
};

/* a text that comes again: each time the same one */
static const struct row repeated_rows[] = {
    {"INSERT INTO users (mail) VALUES ($1)", "m", NULL,
     "INSERT INTO accounts AS users (mail, at) VALUES ($1, $2::timestamptz) "
     "{$1=m:25} {$2=1970-01-01 00:00:01.000000+00:0} | pins-missing"},
    {"UPDATE loose SET b = now()::text WHERE b < current_date::text OR b > "
     "clock_timestamp()::text",
     NULL, NULL,
     "UPDATE loose SET b = $1::timestamptz::text WHERE b < "
     "$1::timestamptz::date::text OR b > $2::timestamptz::text {$1=1970-01-01 "
     "00:00:01.000000+00:0} {$2=1969-12-31 23:59:59.999999+00:0} |"},
    {"SELECT now() FROM loose GROUP BY now()", NULL, NULL,
     "SELECT $1::timestamptz AS now FROM loose GROUP BY $1::timestamptz "
     "{$1=1970-01-01 00:00:01.000000+00:0} |"},
    {"SELECT nextval('users_id_seq')", NULL, "nextval=12", NULL},
    {"INSERT INTO loose VALUES (currval('users_id_seq'), 'x')", NULL, NULL,
     "INSERT INTO loose VALUES ($1::int8, 'x') {$1=12:0} | pinned "
     "pins-missing"},
    /* a utility statement has no parameters */
    {"DECLARE c CURSOR FOR SELECT now() FROM loose", NULL, NULL,
     "DECLARE c CURSOR FOR SELECT '1970-01-01 00:00:01.000000+00'::timestamptz "
     "AS now FROM loose |"},
};

static void check(const struct row *rows, size_t count)
{
	struct differing differing = {0};

	for (size_t i = 0; i < count; i++) {
		const char *is = filled(&rows[i], rows[i].statement);

		row_is(
		    &differing,
		    arena_printf(&arena, "%s (%s) <%s>", rows[i].statement,
				 rows[i].parameters ? rows[i].parameters : "",
				 rows[i].answer ? rows[i].answer : ""),
		    is, rows[i].expected ? rows[i].expected : is);
	}
	assert_int_equal(differing.count, 0);
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof(*(rows)))

static void test_literals(void **state)
{
	(void)state;
	CHECK(literals_rows);
}

static void test_pins(void **state)
{
	(void)state;
	CHECK(pins_rows);
}

static void test_sequences(void **state)
{
	(void)state;
	CHECK(sequences_rows);
}

static void test_parameters(void **state)
{
	(void)state;
	CHECK(parameters_rows);
}

static void test_repeated(void **state)
{
	(void)state;
	repeats = true;
	CHECK(repeated_rows);
	repeats = false;
}

/* One plan, filled with another text of its shape; a text of another one. */
static void test_texts(void **state)
{
	const struct row row = {"SELECT mail FROM users WHERE n = 1", NULL,
				NULL, NULL};

	(void)state;
	assert_string_equal(
	    filled(&row, "select  mail from users where n = 'it''s'"),
	    "SELECT users.mail FROM accounts AS users WHERE users.n = 'it''s' "
	    "|");
	assert_string_equal(filled(&row, "SELECT 1, 2"),
			    "!the statement is not the plan's");
	assert_string_equal(
	    filled(&(struct row){"SELECT nosuch FROM users", NULL, NULL, NULL},
		   "SELECT nosuch FROM users"),
	    "!the plan is not to be run: column \"nosuch\" is unknown");
}

static int start(void **state)
{
	(void)state;
	carried = plan_carried_new();
	return start_lens(old_schema, new_schema, mapping);
}

static int stop(void **state)
{
	plan_carried_free(&carried);
	return stop_lens(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_literals, start, stop),
	    cmocka_unit_test_setup_teardown(test_pins, start, stop),
	    cmocka_unit_test_setup_teardown(test_sequences, start, stop),
	    cmocka_unit_test_setup_teardown(test_repeated, start, stop),
	    cmocka_unit_test_setup_teardown(test_parameters, start, stop),
	    cmocka_unit_test_setup_teardown(test_texts, start, stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
