#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/postgres/postgres.h"
#include "adapters/session.h"
#include "adapters/setting.h"

static const struct session_ops *const ops = &postgres_session;

static struct value text(const char *text)
{
	return (struct value){(const uint8_t *)text,
			      text ? (uint32_t)strlen(text) : 0};
}

static struct answer answer_of(const struct value *rows, size_t row_count,
			       size_t column_count)
{
	return (struct answer){.outcome = ANSWER_OK,
			       .rows = rows,
			       .row_held = row_count,
			       .column_count = column_count};
}

static void test_control(void **state)
{
	static const struct {
		enum session_control what;
		const char *text;
	} cases[] = {
	    {SESSION_BEGIN, "BEGIN"},
	    {SESSION_COMMIT, "COMMIT"},
	    {SESSION_ROLLBACK, "ROLLBACK"},
	    {SESSION_COMMIT_CHAIN, "COMMIT AND CHAIN"},
	    {SESSION_ROLLBACK_CHAIN, "ROLLBACK AND CHAIN"},
	    {SESSION_SAVEPOINT, "SAVEPOINT a_1"},
	    {SESSION_RELEASE, "RELEASE a_1"},
	    {SESSION_ROLLBACK_TO, "ROLLBACK TO a_1"},
	    {SESSION_DEFER, "SET CONSTRAINTS ALL DEFERRED"},
	    {SESSION_CHECK_DEFERRED, "SET CONSTRAINTS ALL IMMEDIATE"},
	    {SESSION_DURABLE, "SET LOCAL synchronous_commit = on"},
	    {SESSION_PREPARE, "PREPARE TRANSACTION 'a_1'"},
	    {SESSION_COMMIT_PREPARED, "COMMIT PREPARED 'a_1'"},
	    {SESSION_ROLLBACK_PREPARED, "ROLLBACK PREPARED 'a_1'"},
	};
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		/* what is the caller's stays */
		struct shadow_command command = {.rows_max = 7,
						 .regardless = true};

		assert_true(
		    ops->control(cases[i].what, "a_1", &arena, &command));
		assert_string_equal(command.text, cases[i].text);
		assert_int_equal(command.rows_max, 7);
		assert_true(command.regardless);
		assert_int_equal(command.parameter_count, 0);
	}
	arena_release(&arena);
}

/* The client's names, as they are. */
static void test_names(void **state)
{
	struct shadow_command command = {0};
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	ops->control(SESSION_SAVEPOINT, "a \"b", &arena, &command);
	assert_string_equal(command.text, "SAVEPOINT \"a \"\"b\"");
	ops->control(SESSION_RELEASE, "Select", &arena, &command);
	assert_string_equal(command.text, "RELEASE \"Select\"");
	ops->control(SESSION_ROLLBACK_TO, "order", &arena, &command);
	assert_string_equal(command.text, "ROLLBACK TO \"order\"");
	arena_release(&arena);
}

static void test_begin(void **state)
{
	static const struct {
		struct sql_characteristics given;
		const char *begin, *reduced, *later;
	} cases[] = {
	    {{0}, "BEGIN", NULL, NULL},
	    {{SQL_ISOLATION_SERIALIZABLE, SQL_CHOICE_ON, SQL_CHOICE_OFF},
	     "BEGIN ISOLATION LEVEL serializable, READ ONLY, NOT DEFERRABLE",
	     "SET TRANSACTION ISOLATION LEVEL serializable, READ ONLY, NOT "
	     "DEFERRABLE",
	     "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL "
	     "serializable, READ ONLY, NOT DEFERRABLE"},
	    {{SQL_ISOLATION_REPEATABLE_READ, SQL_CHOICE_NONE, SQL_CHOICE_ON},
	     "BEGIN ISOLATION LEVEL repeatable read, DEFERRABLE",
	     "SET TRANSACTION ISOLATION LEVEL repeatable read, DEFERRABLE",
	     "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL "
	     "repeatable read, DEFERRABLE"},
	    {{SQL_ISOLATION_DEFAULT, SQL_CHOICE_OFF, SQL_CHOICE_NONE},
	     "BEGIN READ WRITE",
	     "SET TRANSACTION READ WRITE",
	     "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE"},
	};
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct shadow_command commands[SESSION_BEGIN_MAX] = {0};

		assert_int_equal(ops->begin(&cases[i].given, &arena, commands),
				 1);
		assert_string_equal(commands[0].text, cases[i].begin);
		assert_int_equal(postgres_session_reduced.begin(
				     &cases[i].given, &arena, commands),
				 cases[i].reduced ? 2 : 1);
		assert_string_equal(commands[0].text, "START TRANSACTION");
		if (!cases[i].reduced)
			continue;
		assert_string_equal(commands[1].text, cases[i].reduced);
		ops->characterise(SESSION_LATER, &cases[i].given, &arena,
				  commands);
		assert_string_equal(commands[0].text, cases[i].later);
	}
	arena_release(&arena);
}

/* What a setting says of transactions. */
static void test_characteristic(void **state)
{
	static const struct {
		const char *name, *value;
		struct sql_characteristics given;
	} cases[] = {
	    {"default_transaction_isolation",
	     "Repeatable Read",
	     {.isolation = SQL_ISOLATION_REPEATABLE_READ}},
	    {"transaction_isolation",
	     "serializable",
	     {.isolation = SQL_ISOLATION_SERIALIZABLE}},
	    {"transaction_isolation", "no such level", {0}},
	    {"DEFAULT_TRANSACTION_READ_ONLY",
	     "on",
	     {.read_only = SQL_CHOICE_ON}},
	    {"transaction_read_only", "f", {.read_only = SQL_CHOICE_OFF}},
	    {"transaction_read_only", "o", {0}},
	    {"transaction_read_only", "", {0}},
	    {"transaction_read_only", "truely", {0}},
	    {"transaction_deferrable", "YES", {.deferrable = SQL_CHOICE_ON}},
	    {"default_transaction_deferrable",
	     NULL,
	     {.deferrable = SQL_CHOICE_OFF}},
	    {"work_mem", "on", {0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sql_characteristics given;

		assert_int_equal(postgres_settings.characteristic(
				     cases[i].name, cases[i].value, &given),
				 sql_characteristics_given(&cases[i].given));
		assert_int_equal(given.isolation, cases[i].given.isolation);
		assert_int_equal(given.read_only, cases[i].given.read_only);
		assert_int_equal(given.deferrable, cases[i].given.deferrable);
	}
}

static void test_portal(void **state)
{
	struct shadow_command command = {.text = "SELECT 1",
					 .parameter_count = 2};
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	ops->portal_open(12, &arena, &command);
	assert_string_equal(
	    command.text,
	    "DECLARE parallax_portal_12 NO SCROLL CURSOR FOR SELECT 1");
	assert_int_equal(command.parameter_count, 2);
	ops->portal_fetch(12, 5, &arena, &command);
	assert_string_equal(command.text,
			    "FETCH FORWARD 5 FROM parallax_portal_12");
	ops->portal_fetch(12, 0, &arena, &command);
	assert_string_equal(command.text, "FETCH ALL FROM parallax_portal_12");
	ops->portal_close(12, &arena, &command);
	assert_string_equal(command.text, "CLOSE parallax_portal_12");
	arena_release(&arena);
}

static void test_completion(void **state)
{
	(void)state;
	assert_int_equal(ops->completion("SELECT 3"), SESSION_COMPLETED_READ);
	assert_int_equal(ops->completion("ROLLBACK"),
			 SESSION_COMPLETED_ROLLBACK);
	assert_int_equal(ops->completion("COMMIT"), SESSION_COMPLETED);
	assert_int_equal(ops->completion("INSERT 0 1"), SESSION_COMPLETED);
	assert_int_equal(ops->completion(""), SESSION_COMPLETED);
}

static void test_fate(void **state)
{
	static const struct {
		const char *text;
		enum transaction_fate fate;
	} cases[] = {
	    {"in progress", TRANSACTION_RUNNING},
	    {"committed", TRANSACTION_COMMITTED},
	    {"prepared", TRANSACTION_PREPARED},
	    {"aborted", TRANSACTION_ABORTED},
	    {"committe", TRANSACTION_FORGOTTEN},
	    {"committed!", TRANSACTION_FORGOTTEN},
	    {"", TRANSACTION_FORGOTTEN},
	    {NULL, TRANSACTION_FORGOTTEN},
	};
	struct shadow_command command = {0};
	struct answer none = answer_of(NULL, 0, 1), failed;
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct value row = text(cases[i].text);
		struct answer answer = answer_of(&row, 1, 1);

		assert_int_equal(ops->read_fate(&answer), cases[i].fate);
		failed = answer;
		failed.outcome = ANSWER_FAILED;
		assert_int_equal(ops->read_fate(&failed),
				 TRANSACTION_FORGOTTEN);
	}
	assert_int_equal(ops->read_fate(&none), TRANSACTION_FORGOTTEN);
	ops->fate(UINT64_MAX, &arena, &command);
	assert_int_equal(command.parameter_count, 1);
	assert_memory_equal(command.parameters[0].data, "18446744073709551615",
			    20);
	assert_true(command.rows_max > 0);
	arena_release(&arena);
}

static void test_token(void **state)
{
	struct value row = text("4711");
	struct answer answer = answer_of(&row, 1, 1);

	(void)state;
	assert_int_equal(ops->read_token(&answer), 4711);
	row = text(NULL); /* it has written nothing */
	assert_int_equal(ops->read_token(&answer), 0);
	row = text("123456789012345678901234567890");
	assert_int_equal(ops->read_token(&answer), 0);
	row = text("4711");
	answer.outcome = ANSWER_SKIPPED;
	assert_int_equal(ops->read_token(&answer), 0);
	answer = answer_of(NULL, 0, 1);
	assert_int_equal(ops->read_token(&answer), 0);
}

static void test_waits(void **state)
{
	uint32_t backends[] = {1, UINT32_MAX, 30};
	struct value rows[4] = {text("30"), text("1"), text("4294967295"),
				text("0")};
	struct answer answer = answer_of(rows, 2, 2);
	struct shadow_command command = {0};
	struct session_wait *waits = NULL;
	struct arena arena;
	size_t count = 0;

	(void)state;
	arena_init(&arena, 0);
	ops->waits(backends, 3, &arena, &command);
	assert_int_equal(command.parameters[0].size,
			 strlen("{1,4294967295,30}"));
	assert_memory_equal(command.parameters[0].data, "{1,4294967295,30}",
			    command.parameters[0].size);
	ops->waits(backends, 0, &arena, &command);
	assert_memory_equal(command.parameters[0].data, "{}", 2);
	assert_int_equal(ops->read_waits(&answer, &arena, &waits, &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(waits[0].waiter, 30);
	assert_int_equal(waits[0].holder, 1);
	assert_int_equal(waits[1].waiter, UINT32_MAX);
	assert_int_equal(waits[1].holder, 0);
	answer.column_count = 1;
	assert_int_equal(ops->read_waits(&answer, &arena, &waits, &count), -1);
	answer.outcome = ANSWER_FAILED;
	assert_int_equal(ops->read_waits(&answer, &arena, &waits, &count), -1);
	arena_release(&arena);
}

static void test_prepared(void **state)
{
	struct value rows[4] = {text("parallax-1-2"), text("77"), text(NULL),
				text(NULL)};
	struct answer answer = answer_of(rows, 2, 2);
	struct session_prepared *list = NULL;
	struct arena arena;
	size_t count = 0;

	(void)state;
	arena_init(&arena, 0);
	assert_int_equal(ops->read_prepared(&answer, &arena, &list, &count), 0);
	assert_int_equal(count, 2);
	assert_string_equal(list[0].name, "parallax-1-2");
	assert_int_equal(list[0].token, 77);
	assert_string_equal(list[1].name, "");
	assert_int_equal(list[1].token, 0);
	answer.outcome = ANSWER_FAILED;
	assert_int_equal(ops->read_prepared(&answer, &arena, &list, &count),
			 -1);
	arena_release(&arena);
}

static void test_settings(void **state)
{
	const struct setting_ops *settings = &postgres_settings;
	struct arena arena;

	(void)state;
	arena_init(&arena, 0);
	assert_string_equal(settings->name(SETTING_PATH), "search_path");
	assert_string_equal(
	    settings->assign("search_path", "a, \"b'c\"", &arena),
	    "SELECT pg_catalog.set_config('search_path', "
	    "'a, \"b''c\"', false)");
	assert_string_equal(settings->assign("role", NULL, &arena),
			    "SELECT pg_catalog.set_config('role', "
			    "pg_catalog.current_setting('role'), false)");
	arena_release(&arena);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_control),
	    cmocka_unit_test(test_portal),
	    cmocka_unit_test(test_completion),
	    cmocka_unit_test(test_fate),
	    cmocka_unit_test(test_token),
	    cmocka_unit_test(test_waits),
	    cmocka_unit_test(test_prepared),
	    cmocka_unit_test(test_settings),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_begin),
	    cmocka_unit_test(test_characteristic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
