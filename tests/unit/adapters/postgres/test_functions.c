/* What the names of PostgreSQL's functions say of them. */
#include "adapters/postgres/functions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/postgres/parse.h"

static const char *const names[] = {
#define FUNCTION(name, volatility, rows, flags) name,
#define FAMILY(...)
#include "adapters/postgres/functions.def"
#undef FUNCTION
#undef FAMILY
};

static const char *const families[] = {
#define FUNCTION(...)
#define FAMILY(prefix, volatility, rows, flags) prefix,
#include "adapters/postgres/functions.def"
#undef FUNCTION
#undef FAMILY
};

/* The search is by halves. */
static void test_order(void **state)
{
	(void)state;
	for (size_t i = 1; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i - 1], names[i]) >= 0)
			fail_msg("%s stands before %s", names[i - 1], names[i]);
}

static bool says_something(const struct sql_function_traits *traits)
{
	return traits->volatility || traits->rows || traits->writes ||
	       traits->takes_names || traits->acts_outside ||
	       traits->takes_relation || traits->takes_row ||
	       traits->takes_enum || traits->gives_number;
}

static void test_each_says_something(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct sql_function_traits traits = postgres_function(names[i]);

		if (!says_something(&traits))
			fail_msg("%s", names[i]);
	}
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		struct sql_function_traits traits =
		    postgres_function(families[i]);

		if (!says_something(&traits))
			fail_msg("%s", families[i]);
	}
}

static void test_functions(void **state)
{
	static const struct {
		const char *name;
		struct sql_function_traits traits;
	} cases[] = {
	    {"f", {.writes = false}},
	    {"", {.writes = false}},
	    {"now",
	     {.volatility = SQL_FUNCTION_CLOCK, .rows = SQL_FUNCTION_ROWS_ONE}},
	    {"age",
	     {.volatility = SQL_FUNCTION_CLOCK,
	      .rows = SQL_FUNCTION_ROWS_ONE,
	      .arguments = 1}},
	    {"nextval",
	     {.volatility = SQL_FUNCTION_SEQUENCE,
	      .rows = SQL_FUNCTION_ROWS_ONE,
	      .writes = true,
	      .takes_names = true}},
	    {"currval",
	     {.volatility = SQL_FUNCTION_SEQUENCE,
	      .rows = SQL_FUNCTION_ROWS_ONE,
	      .takes_names = true}},
	    {"count", {.rows = SQL_FUNCTION_ROWS_AGGREGATE}},
	    {"string_agg",
	     {.rows = SQL_FUNCTION_ROWS_AGGREGATE, .shows_order = true}},
	    {"unnest", {.rows = SQL_FUNCTION_ROWS_SET}},
	    {"lo_import",
	     {.volatility = SQL_FUNCTION_EFFECT,
	      .rows = SQL_FUNCTION_ROWS_ONE,
	      .writes = true,
	      .takes_names = true,
	      .acts_outside = true}},
	    /* of a family, of two, and of one beside what is its own */
	    {"to_regclass", {.takes_names = true}},
	    {"pg_typeof", {.takes_names = true}},
	    {"pg_stat_get_snapshot_timestamp",
	     {.volatility = SQL_FUNCTION_SERVER, .takes_names = true}},
	    {"pg_ls_dir",
	     {.volatility = SQL_FUNCTION_SERVER,
	      .rows = SQL_FUNCTION_ROWS_SET,
	      .takes_names = true,
	      .acts_outside = true}},
	    {"dblink_exec",
	     {.volatility = SQL_FUNCTION_EFFECT,
	      .rows = SQL_FUNCTION_ROWS_ONE,
	      .writes = true,
	      .takes_names = true,
	      .acts_outside = true}},
	    {"dblink_get_result", {.acts_outside = true}},
	    {"pg_sleep",
	     {.volatility = SQL_FUNCTION_SLEEP,
	      .rows = SQL_FUNCTION_ROWS_ONE,
	      .takes_names = true}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct sql_function_traits is =
		    postgres_function(cases[i].name);
		const struct sql_function_traits *right = &cases[i].traits;

		if (is.volatility != right->volatility ||
		    is.rows != right->rows || is.writes != right->writes ||
		    is.takes_names != right->takes_names ||
		    is.acts_outside != right->acts_outside ||
		    is.shows_order != right->shows_order ||
		    is.arguments != right->arguments)
			fail_msg("%s", cases[i].name);
	}
}

static void test_names(void **state)
{
	const struct sql_dialect *dialect = postgres_parser.dialect;

	(void)state;
	assert_true(dialect->is_builtin("pg_catalog"));
	assert_false(dialect->is_builtin("public"));
	assert_false(dialect->is_builtin(""));
	assert_true(dialect->is_temporary("pg_temp"));
	assert_false(dialect->is_temporary("public"));
	assert_true(dialect->means_clock(" Now"));
	assert_true(dialect->means_clock("today 10:00"));
	assert_false(dialect->means_clock("nowhere"));
	assert_false(dialect->means_clock(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_order),
	    cmocka_unit_test(test_each_says_something),
	    cmocka_unit_test(test_functions),
	    cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
