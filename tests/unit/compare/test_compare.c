#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/postgres/postgres.h"
#include "adapters/postgres/value.h"
#include "answers.h"

static struct arena arena;
static struct catalog catalog;
static const struct compare_rules rules = {
    .clock_tolerance_us = 2000000,
    .float_ulps = 4,
    .evidence_rows = 3,
};

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	test_catalog_init(&catalog);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	test_catalog_release(&catalog);
	arena_release(&arena);
	return 0;
}

static struct comparison hold(const struct promise *promise,
			      const struct answer *primary,
			      const struct answer *shadow)
{
	struct comparison result;

	test_compare_answers(promise, primary, &catalog, shadow, &catalog,
			     &rules, &arena, &result);
	return result;
}

/* Letters of a case's flags: column k's "k:flags". */
struct row_case {
	const char *columns;
	const char *primary;
	const char *shadow;
	enum promise_order order;
	bool limited;
	const char *flags; /* by column: c clock, v volatile, u unpinned, i
			      ignore, k the key, . nothing */
	enum verdict verdict;
	enum divergence_class class;
	enum reason reason;
	const char *detail; /* or NULL: any */
};

#define IN	"a:23 b:25"
#define CLOCKED "a:23 t:1184"
static const struct row_case row_cases[] = {
    {IN, "1|x;2|y", "1|x;2|y", ORDER_NONE, 0, "", VERDICT_MATCH, 0, 0, ""},
    {IN, "", "", ORDER_TOTAL, 0, "", VERDICT_MATCH, 0, 0, ""},
    {IN, "1|x;2|y", "2|y;1|x", ORDER_NONE, 0, "", VERDICT_MATCH, 0, 0, NULL},
    {IN, "1|x;2|y", "2|y;1|x", ORDER_TOTAL, 0, "", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_ORDER, 0, "the same 2 rows are in another order"},
    {IN, "1|x;2|y", "1|x", ORDER_NONE, 0, "", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_MISSING, 0, "1 row is missing on the shadow"},
    {IN, "1|x", "1|x;2|y;3|z", ORDER_NONE, 0, "", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_EXTRA, 0, "2 rows are on the shadow alone"},
    {IN, "1|x;1|x", "1|x;1|x;1|x", ORDER_NONE, 0, "", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_EXTRA, 0, "1 row is on the shadow alone"},
    {IN, "1|x;2|y;3|z", "3|z;2|Y;1|x", ORDER_NONE, 0, "k", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_VALUE, 0, "column b differs in 1 of 3 rows"},
    {IN, "1|x;2|y;3|z", "3|z;2|Y;1|x", ORDER_NONE, 0, "", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_VALUE, 0, "column b differs in 1 of 3 rows"},
    {IN, "1|x", "2|y", ORDER_NONE, 0, "", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_VALUE, 0, "columns a and b differ in 1 of 1 rows"},
    {IN, "1|x;2|y", "1|~;2|y", ORDER_NONE, 0, "", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_VALUE, 0, "column b differs in 1 of 2 rows"},
    {IN, "1|x;2|y", "1|x;3|y", ORDER_NONE, 0, "i.", VERDICT_MATCH, 0, 0, ""},
    {IN, "1|x;2|y", "8|y;9|x", ORDER_NONE, 0, "u.", VERDICT_INCONCLUSIVE, 0,
     REASON_UNPINNED, NULL},
    {IN, "1|x;2|y", "2|y;1|x", ORDER_NONE, 0, "u.", VERDICT_MATCH, 0, 0, NULL},
    {IN, "1|x;2|y", "1|x;2|q", ORDER_NONE, 0, ".v", VERDICT_INCONCLUSIVE, 0,
     REASON_VOLATILE, NULL},
    {IN, "1|x;2|y", "1|x;7|q", ORDER_NONE, 0, ".v", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_MISSING, 0, NULL},
    /* ties may stand as they like; keys may not */
    {IN, "1|x;1|y;2|z", "1|y;1|x;2|z", ORDER_PARTIAL, 0, "s.", VERDICT_MATCH, 0,
     0, NULL},
    {IN, "1|x;1|y;2|z", "2|z;1|x;1|y", ORDER_PARTIAL, 0, "s.", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_ORDER, 0, NULL},
    {IN, "1|x;1|y;2|z", "2|z;1|x;1|y", ORDER_PARTIAL, 0, "",
     VERDICT_INCONCLUSIVE, 0, REASON_ROW_ORDER, NULL},
    /* a LIMIT over what is not totally ordered */
    {IN, "1|x;2|y", "3|z;2|y", ORDER_NONE, 1, "", VERDICT_INCONCLUSIVE,
     DIVERGENCE_ROWS_MISSING, REASON_LIMIT_ORDER, NULL},
    {IN, "1|x;2|y", "2|y", ORDER_NONE, 1, "", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_MISSING, 0, NULL},
    {IN, "1|x;2|y", "1|x;2|z", ORDER_PARTIAL, 1, "s.", VERDICT_INCONCLUSIVE,
     DIVERGENCE_ROWS_VALUE, REASON_LIMIT_ORDER, NULL},
    {IN, "1|x;2|y", "1|x;3|y", ORDER_PARTIAL, 1, "s.", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_VALUE, 0, NULL},
    {IN, "1|x;2|y", "1|x;2|z", ORDER_TOTAL, 1, "", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_VALUE, 0, NULL},
    /* values by type */
    {"n:1700", "1.0;2", "2.00;1", ORDER_NONE, 0, "", VERDICT_MATCH, 0, 0, NULL},
    {"n:1700", "1.0;2", "1;2.0", ORDER_TOTAL, 0, "", VERDICT_MATCH, 0, 0, NULL},
    {"n:1700", "1.0;2", "1;2.5", ORDER_TOTAL, 0, "", VERDICT_DIVERGED,
     DIVERGENCE_ROWS_VALUE, 0, "column n differs in 1 of 2 rows"},
    {"f:701", "0.3;7", "7;0.30000000000000004", ORDER_NONE, 0, "",
     VERDICT_MATCH, 0, 0, NULL},
    {"r:9000", "[1,2);x", "[1,2);y", ORDER_NONE, 0, "", VERDICT_INCONCLUSIVE, 0,
     REASON_UNDECODABLE, NULL},
    /* clocks */
    {CLOCKED, "1|2020-01-01 00:00:00+00", "1|2020-01-01 00:00:01.5+00",
     ORDER_NONE, 0, ".c", VERDICT_MATCH, 0, 0, NULL},
    {CLOCKED, "1|2020-01-01 00:00:00+00", "1|2020-01-01 00:00:02.5+00",
     ORDER_NONE, 0, ".c", VERDICT_DIVERGED, DIVERGENCE_ROWS_VALUE, 0,
     "column t differs in 1 of 1 rows"},
    {CLOCKED, "1|2020-01-01 00:00:00+00", "1|2020-01-01 00:00:01.5+00",
     ORDER_NONE, 0, "", VERDICT_DIVERGED, DIVERGENCE_ROWS_VALUE, 0, NULL},
    /* pairing by nearest exact value first would fail here */
    {CLOCKED, "1|2020-01-01 00:00:00+00;1|2020-01-01 00:00:02+00",
     "1|2020-01-01 00:00:04+00;1|2020-01-01 00:00:02+00", ORDER_NONE, 0, ".c",
     VERDICT_MATCH, 0, 0, NULL},
};

static struct promise promise_of(const struct row_case *row, size_t width)
{
	static int sorted[1];
	struct catalog_table *table = arena_alloc(&arena, sizeof(*table));
	struct catalog_key *key = arena_alloc(&arena, sizeof(*key));
	int16_t *numbers = arena_array(&arena, 1, sizeof(*numbers));
	struct promise_column *columns =
	    arena_array(&arena, width, sizeof(*columns));
	struct promise promise = {.order = row->order, .limited = row->limited};

	promise.limited = row->limited;
	promise.columns = columns;
	promise.column_count = width;
	table->keys = key;
	table->key_count = 1;
	key->kind = KEY_PRIMARY;
	key->columns = numbers;
	key->column_count = 1;
	for (size_t i = 0; row->flags[i]; i++) {
		char flag = row->flags[i];

		columns[i].clock = flag == 'c';
		columns[i].volatile_value = flag == 'v';
		columns[i].unpinned = flag == 'u';
		columns[i].ignore = flag == 'i';
		if (flag == 's') {
			sorted[0] = (int)i;
			promise.order_columns = sorted;
			promise.order_column_count = 1;
		}
		if (flag == 'k') {
			struct catalog_column *column =
			    arena_alloc(&arena, sizeof(*column));

			column->number = numbers[0] = (int16_t)(i + 1);
			columns[i].table = table;
			columns[i].column = column;
		}
	}
	return promise;
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(row_cases) / sizeof(*row_cases); i++) {
		const struct row_case *row = &row_cases[i];
		struct answer primary, shadow;
		struct comparison result;
		struct promise promise;

		test_answer(&arena, row->columns, row->primary, &primary);
		test_answer(&arena, row->columns, row->shadow, &shadow);
		promise = promise_of(row, primary.column_count);
		result = hold(&promise, &primary, &shadow);
		if (result.verdict != row->verdict ||
		    (row->class && result.class != row->class) ||
		    result.reason != row->reason ||
		    (row->detail && strcmp(result.detail, row->detail)))
			fail_msg("case %zu (%s / %s): %s %s %s '%s'", i,
				 row->primary, row->shadow,
				 verdict_name(result.verdict),
				 divergence_name(result.class),
				 reason_name(result.reason), result.detail);
	}
}

static void test_evidence(void **state)
{
	struct answer primary, shadow;
	struct comparison result;
	struct promise promise = {0};

	(void)state;
	test_answer(&arena, IN, "1|x;2|~;3|c;4|d;5|e", &primary);
	test_answer(&arena, IN, "1|x;2|b;3|C;4|D;5|E", &shadow);
	result = hold(&promise, &primary, &shadow);
	assert_int_equal(result.class, DIVERGENCE_ROWS_VALUE);
	assert_int_equal(result.difference_count, 3);
	assert_int_equal(result.difference_total, 4);
	assert_int_equal(result.column_count, 2);
	assert_string_equal(result.column_names[1], "b");
	assert_int_equal(result.differences[0].row, 1);
	assert_string_equal(result.differences[0].primary[0], "2");
	assert_null(result.differences[0].primary[1]);
	assert_string_equal(result.differences[0].shadow[1], "b");
	assert_false(result.differences[0].differs[0]);
	assert_true(result.differences[0].differs[1]);
}

static struct answer outcome(enum answer_outcome kind, const char *sqlstate)
{
	struct answer answer = {.outcome = kind, .tag = "", .affected = -1};

	answer.problem.severity = "ERROR";
	answer.problem.code = sqlstate;
	answer.problem.class =
	    adapter_find("postgres")->errors->class(sqlstate, NULL);
	answer.problem.message = "secret";
	answer.problem.constraint = "";
	return answer;
}

static void test_outcomes(void **state)
{
	static const struct {
		enum answer_outcome primary;
		const char *primary_state;
		enum answer_outcome shadow;
		const char *shadow_state;
		enum verdict verdict;
		enum divergence_class class;
		enum reason reason;
	} cases[] = {
	    {ANSWER_OK, "", ANSWER_OK, "", VERDICT_MATCH, 0, 0},
	    {ANSWER_EMPTY, "", ANSWER_EMPTY, "", VERDICT_MATCH, 0, 0},
	    {ANSWER_OK, "", ANSWER_FAILED, "42703", VERDICT_DIVERGED,
	     DIVERGENCE_ERROR_SHADOW, 0},
	    {ANSWER_FAILED, "23505", ANSWER_OK, "", VERDICT_DIVERGED,
	     DIVERGENCE_ERROR_PRIMARY, 0},
	    {ANSWER_FAILED, "23505", ANSWER_FAILED, "23505", VERDICT_MATCH, 0,
	     0},
	    {ANSWER_FAILED, "23505", ANSWER_FAILED, "23503", VERDICT_MATCH, 0,
	     0},
	    {ANSWER_FAILED, "23505", ANSWER_FAILED, "42703", VERDICT_DIVERGED,
	     DIVERGENCE_ERROR_DIFFERS, 0},
	    /* of one family */
	    {ANSWER_FAILED, "42702", ANSWER_FAILED, "42803", VERDICT_MATCH, 0,
	     0},
	    {ANSWER_FAILED, "22003", ANSWER_FAILED, "22021", VERDICT_MATCH, 0,
	     0},
	    /* begin alike, and mean other things */
	    {ANSWER_FAILED, "42501", ANSWER_FAILED, "42P01", VERDICT_DIVERGED,
	     DIVERGENCE_ERROR_DIFFERS, 0},
	    {ANSWER_FAILED, "25P02", ANSWER_FAILED, "25001", VERDICT_DIVERGED,
	     DIVERGENCE_ERROR_DIFFERS, 0},
	    /* the application's own */
	    {ANSWER_FAILED, "P0001", ANSWER_FAILED, "P0001", VERDICT_MATCH, 0,
	     0},
	    {ANSWER_FAILED, "P0001", ANSWER_FAILED, "P0002", VERDICT_DIVERGED,
	     DIVERGENCE_ERROR_DIFFERS, 0},
	    {ANSWER_FAILED, "40001", ANSWER_OK, "", VERDICT_INCONCLUSIVE, 0,
	     REASON_LOAD},
	    {ANSWER_OK, "", ANSWER_FAILED, "53200", VERDICT_INCONCLUSIVE, 0,
	     REASON_LOAD},
	    {ANSWER_ABANDONED, "", ANSWER_OK, "", VERDICT_INCONCLUSIVE, 0,
	     REASON_ABANDONED},
	    {ANSWER_SKIPPED, "", ANSWER_OK, "", VERDICT_INCONCLUSIVE, 0,
	     REASON_NOT_RUN},
	    {ANSWER_OK, "", ANSWER_ABANDONED, "", VERDICT_INCONCLUSIVE, 0,
	     REASON_SHADOW_LOST},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct answer primary =
		    outcome(cases[i].primary, cases[i].primary_state);
		struct answer shadow =
		    outcome(cases[i].shadow, cases[i].shadow_state);
		struct promise promise = {0};
		struct comparison result = hold(&promise, &primary, &shadow);

		assert_int_equal(result.verdict, cases[i].verdict);
		assert_int_equal(result.reason, cases[i].reason);
		if (cases[i].class)
			assert_int_equal(result.class, cases[i].class);
		assert_null(strstr(result.detail, "secret"));
	}
}

static void test_affected(void **state)
{
	struct answer primary = outcome(ANSWER_OK, "");
	struct answer shadow = outcome(ANSWER_OK, "");
	struct promise promise = {.writes = true};
	struct comparison result;

	(void)state;
	primary.affected = 3;
	shadow.affected = 2;
	result = hold(&promise, &primary, &shadow);
	assert_int_equal(result.class, DIVERGENCE_AFFECTED);
	assert_string_equal(
	    result.detail,
	    "3 rows were affected on the primary, 2 on the shadow");
	promise.clock_predicate = true;
	result = hold(&promise, &primary, &shadow);
	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(result.reason, REASON_CLOCK_PREDICATE);
}

static void test_columns(void **state)
{
	static const struct {
		const char *primary, *shadow, *detail;
	} cases[] = {
	    {"a:23", "b:23",
	     "column 1 is named a on the primary, b on the shadow"},
	    {"a:23", "a:20",
	     "column 1 (a) is of type int4 on the primary, int8 on the shadow"},
	    {"a:23", "a:23 b:23", "1 columns on the primary, 2 on the shadow"},
	};
	struct answer primary, shadow;
	struct promise_column column = {.retyped = true};
	struct promise promise = {0};
	struct comparison result;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		test_answer(&arena, cases[i].primary, "", &primary);
		test_answer(&arena, cases[i].shadow, "", &shadow);
		result = hold(&promise, &primary, &shadow);
		assert_int_equal(result.verdict, VERDICT_DIVERGED);
		assert_int_equal(result.class, DIVERGENCE_COLUMNS);
		assert_string_equal(result.detail, cases[i].detail);
	}
	/* a type that the mapping renames */
	struct promise_type renamed = {.old_type = 23, .new_type = 20};

	promise.types = &renamed;
	promise.type_count = 1;
	test_answer(&arena, "a:23", "5;7", &primary);
	test_answer(&arena, "a:20", "7;5", &shadow);
	assert_int_equal(hold(&promise, &primary, &shadow).verdict,
			 VERDICT_MATCH);
	test_answer(&arena, "a:1700", "7;5", &shadow);
	assert_int_equal(hold(&promise, &primary, &shadow).class,
			 DIVERGENCE_COLUMNS);
	promise.type_count = 0;
	promise.columns = &column;
	promise.column_count = 1;
	test_answer(&arena, "a:23", "5;7", &primary);
	test_answer(&arena, "a:1700", "7.0;5.00", &shadow);
	assert_int_equal(hold(&promise, &primary, &shadow).verdict,
			 VERDICT_MATCH);
	/* of another kind: the same text is the same */
	test_answer(&arena, "a:25", "7;5", &shadow);
	assert_int_equal(hold(&promise, &primary, &shadow).verdict,
			 VERDICT_MATCH);
	test_answer(&arena, "a:25", "7;x", &shadow);
	result = hold(&promise, &primary, &shadow);
	assert_int_equal(result.verdict, VERDICT_INCONCLUSIVE);
	assert_int_equal(result.reason, REASON_UNDECODABLE);
}

/* Keeps the first rows only, as a cap does. */
static void cap(struct answer *answer, size_t held)
{
	answer->row_held = held;
	answer->capped = held < answer->row_count;
}

static void test_capped(void **state)
{
	static const struct {
		const char *columns, *primary, *shadow;
		enum promise_order order;
		const char *flags;
		enum verdict verdict;
		enum divergence_class class;
		enum reason reason;
	} cases[] = {
	    {IN, "1|x;2|y", "1|x;2|y", ORDER_TOTAL, "", VERDICT_MATCH, 0, 0},
	    {IN, "1|x;2|y", "2|y;1|x", ORDER_NONE, "", VERDICT_MATCH, 0, 0},
	    {IN, "1|x;2|y", "2|y;1|x", ORDER_TOTAL, "", VERDICT_DIVERGED,
	     DIVERGENCE_ROWS_ORDER, 0},
	    {IN, "1|x;2|y", "2|y;1|x", ORDER_PARTIAL, "", VERDICT_INCONCLUSIVE,
	     0, REASON_DIGEST},
	    {IN, "1|x;2|y", "1|x", ORDER_NONE, "", VERDICT_DIVERGED,
	     DIVERGENCE_ROWS_MISSING, 0},
	    {IN, "1|x;2|y", "1|x;2|z", ORDER_NONE, "", VERDICT_DIVERGED,
	     DIVERGENCE_ROWS_VALUE, 0},
	    {IN, "1|x;2|y", "1|y;2|x", ORDER_NONE, "", VERDICT_DIVERGED,
	     DIVERGENCE_ROWS_VALUE, 0},
	    {IN, "1|x;2|y", "1|x;2|z", ORDER_NONE, ".v", VERDICT_INCONCLUSIVE,
	     0, REASON_VOLATILE},
	    {"n:1700 a:23", "1|1;2|2", "1.0|1;2|2", ORDER_NONE, "",
	     VERDICT_INCONCLUSIVE, 0, REASON_DIGEST},
	    {"n:1700 a:23", "1|1;2|2", "1.0|1;2|3", ORDER_NONE, "",
	     VERDICT_DIVERGED, DIVERGENCE_ROWS_VALUE, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct row_case row = {.order = cases[i].order,
				       .flags = cases[i].flags};
		struct answer primary, shadow;
		struct comparison result;
		struct promise promise;

		test_answer(&arena, cases[i].columns, cases[i].primary,
			    &primary);
		test_answer(&arena, cases[i].columns, cases[i].shadow, &shadow);
		cap(&primary, 0);
		cap(&shadow, 1);
		promise = promise_of(&row, primary.column_count);
		result = hold(&promise, &primary, &shadow);
		if (result.verdict != cases[i].verdict ||
		    (cases[i].class && result.class != cases[i].class) ||
		    result.reason != cases[i].reason)
			fail_msg("case %zu: %s %s %s '%s'", i,
				 verdict_name(result.verdict),
				 divergence_name(result.class),
				 reason_name(result.reason), result.detail);
	}
}

static void test_row_limit(void **state)
{
	struct answer primary, shadow;
	struct promise promise = {.order = ORDER_TOTAL};

	(void)state;
	test_answer(&arena, IN, "1|x;2|y", &primary);
	test_answer(&arena, IN, "1|x;2|y;3|z", &shadow);
	primary.outcome = ANSWER_SUSPENDED;
	assert_int_equal(hold(&promise, &primary, &shadow).verdict,
			 VERDICT_MATCH);
	test_answer(&arena, IN, "3|z;1|x;2|y", &shadow);
	assert_int_equal(hold(&promise, &primary, &shadow).verdict,
			 VERDICT_DIVERGED);
	promise.order = ORDER_NONE;
	assert_int_equal(hold(&promise, &primary, &shadow).verdict,
			 VERDICT_MATCH);
	test_answer(&arena, IN, "3|z;1|x;4|y", &shadow);
	assert_int_equal(hold(&promise, &primary, &shadow).verdict,
			 VERDICT_INCONCLUSIVE);
}

/* What is sorted by generated values that were not carried may stand in
 * another order. */
static void test_unpinned_sort(void **state)
{
	struct answer primary, shadow;
	struct promise promise = {.order = ORDER_TOTAL, .unpinned_sort = true};

	(void)state;
	test_answer(&arena, IN, "1|x;2|y", &primary);
	test_answer(&arena, IN, "2|y;1|x", &shadow);
	assert_int_equal(hold(&promise, &primary, &shadow).reason,
			 REASON_UNPINNED);
	primary.row_held = shadow.row_held = 1;
	primary.capped = shadow.capped = true;
	assert_int_equal(hold(&promise, &primary, &shadow).reason,
			 REASON_UNPINNED);
	promise.pinned = true;
	assert_int_equal(hold(&promise, &primary, &shadow).class,
			 DIVERGENCE_ROWS_ORDER);
}

static void test_copy(void **state)
{
	struct answer primary, shadow;
	struct promise promise = {0};

	(void)state;
	test_answer(&arena, "line:25", "1\t2\n;3\t4\n", &primary);
	test_answer(&arena, "line:25", "3\t4\n;1\t2\n", &shadow);
	primary.copy = shadow.copy = true;
	primary.has_columns = shadow.has_columns = false;
	primary.column_count = shadow.column_count = 2;
	assert_int_equal(hold(&promise, &primary, &shadow).verdict,
			 VERDICT_MATCH);
	promise.order = ORDER_TOTAL;
	assert_int_equal(hold(&promise, &primary, &shadow).class,
			 DIVERGENCE_ROWS_ORDER);
	test_answer(&arena, "line:25", "3\t4\n", &shadow);
	shadow.copy = true;
	assert_int_equal(hold(&promise, &primary, &shadow).class,
			 DIVERGENCE_ROWS_MISSING);
}

static void test_warnings(void **state)
{
	struct answer primary = outcome(ANSWER_OK, "");
	struct answer shadow = outcome(ANSWER_OK, "");
	struct answer_problem warning = {.severity = "WARNING",
					 .code = "01000",
					 .message = "",
					 .constraint = ""};
	struct compare_rules strict = rules;
	struct comparison result;
	struct promise promise = {0};

	(void)state;
	primary.warnings = &warning;
	primary.warning_held = primary.warning_count = 1;
	assert_int_equal(hold(&promise, &primary, &shadow).verdict,
			 VERDICT_MATCH);
	strict.warnings = true;
	test_compare_answers(&promise, &primary, &catalog, &shadow, &catalog,
			     &strict, &arena, &result);
	assert_int_equal(result.class, DIVERGENCE_WARNING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	    TEST(test_rows),	  TEST(test_evidence),	    TEST(test_outcomes),
	    TEST(test_affected),  TEST(test_columns),	    TEST(test_capped),
	    TEST(test_row_limit), TEST(test_unpinned_sort), TEST(test_copy),
	    TEST(test_warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
