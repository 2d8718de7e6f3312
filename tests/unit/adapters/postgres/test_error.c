#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/postgres/postgres.h"
#include "adapters/postgres/wire_state.h"

static void test_classes(void **state)
{
	static const struct {
		const char *code, *message;
		enum error_class class;
	} cases[] = {
	    {"42501", "permission denied for table gr", ERROR_CLASS_PERMISSION},
	    {"42501",
	     "new row violates row-level security policy for table \"t\"",
	     ERROR_CLASS_POLICY},
	    {"42501", NULL, ERROR_CLASS_PERMISSION},
	    {"23505", "", ERROR_CLASS_UNIQUE},
	    {"23P01", "", ERROR_CLASS_EXCLUSION},
	    {"23503", "", ERROR_CLASS_FOREIGN_KEY},
	    {"23502", "", ERROR_CLASS_NOT_NULL},
	    {"23514", "", ERROR_CLASS_CHECK},
	    {"22003", "", ERROR_CLASS_VALUE},
	    {"22021", "", ERROR_CLASS_ENCODING},
	    {"42P01", "", ERROR_CLASS_UNDEFINED},
	    {"42702", "", ERROR_CLASS_AMBIGUOUS},
	    {"42P07", "", ERROR_CLASS_DUPLICATE},
	    {"42803", "", ERROR_CLASS_STATEMENT},
	    {"40P01", "", ERROR_CLASS_LOAD},
	    {"53300", "", ERROR_CLASS_LOAD},
	    {"57014", "", ERROR_CLASS_CANCELED},
	    {"25P02", "", ERROR_CLASS_BLOCK_FAILED},
	    {"25P01", "", ERROR_CLASS_NO_BLOCK},
	    {"25001", "", ERROR_CLASS_REFUSES_BLOCK},
	    {"2D000", "", ERROR_CLASS_REFUSES_BLOCK},
	    {"08P01", "", ERROR_CLASS_PROTOCOL},
	    {"08006", "", ERROR_CLASS_CONNECTION},
	    {"P0001", "", ERROR_CLASS_OTHER},
	    {"", "", ERROR_CLASS_OTHER},
	    {NULL, NULL, ERROR_CLASS_OTHER},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(error_class_name(postgres_errors.class(
					cases[i].code, cases[i].message)),
				    error_class_name(cases[i].class));
}

/* What remains of a message: values as ?, names of the statement as !. */
static void expect_shown(const char *message, const char *shown)
{
	struct redact_parts parts;
	char out[400] = "";
	size_t at = 0, size = 0;

	postgres_errors.values(message, &parts);
	for (size_t i = 0; parts.known && i < parts.count; i++) {
		const struct redact_part *part = &parts.parts[i];

		size += (size_t)snprintf(out + size, sizeof(out) - size,
					 "%.*s%s", (int)(part->from - at),
					 message + at, part->name ? "!" : "?");
		at = part->to;
	}
	if (parts.known)
		snprintf(out + size, sizeof(out) - size, "%s", message + at);
	else
		snprintf(out, sizeof(out), "hidden");
	assert_string_equal(out, shown);
}

static void test_values(void **state)
{
	(void)state;
	expect_shown("value too long for type character varying(12)",
		     "value too long for type character varying(12)");
	expect_shown("invalid input syntax for type integer: \"ann\"",
		     "invalid input syntax for type integer: \"?\"");
	expect_shown(
	    "invalid input syntax for type numeric(10,2): \"a\"b: \"c\"",
	    "invalid input syntax for type numeric(10,2): \"?\"");
	expect_shown("duplicate key value violates unique constraint \"u\"",
		     "duplicate key value violates unique constraint \"u\"");
	expect_shown("null value in column \"a\" of relation \"t\" violates "
		     "not-null constraint",
		     "null value in column \"a\" of relation \"t\" violates "
		     "not-null constraint");
	expect_shown("column \"ann\" does not exist",
		     "column \"!\" does not exist");
	expect_shown("column \"a\" of relation \"t\" does not exist",
		     "column \"!\" of relation \"!\" does not exist");
	expect_shown("function f(integer, character varying) does not exist",
		     "function !(integer, character varying) does not exist");
	expect_shown("operator does not exist: integer = text",
		     "operator does not exist: integer = text");
	expect_shown("syntax error at or near \"ann\"",
		     "syntax error at or near \"?\"");
	expect_shown("unterminated quoted string at or near \"'ann\"",
		     "unterminated quoted string at or near \"?\"");
	expect_shown("savepoint \"ann\" does not exist",
		     "savepoint \"?\" does not exist");
	expect_shown("permission denied for table t",
		     "permission denied for table t");
	expect_shown("division by zero", "division by zero");
	expect_shown(
	    "column \"x\" is of type integer but expression is of type "
	    "text",
	    "column \"x\" is of type integer but expression is of type "
	    "text");
}

/* A value ends as late as the rest of the message allows. */
static void test_hostile_values(void **state)
{
	(void)state;
	expect_shown("value \"x\" is out of range for type ann\" is out of "
		     "range for type integer",
		     "value \"?\" is out of range for type integer");
	expect_shown("enum label \"a\" already exists\" already exists",
		     "enum label \"?\" already exists");
}

/* An application's own words, and the server's in another language. */
static void test_unknown_messages(void **state)
{
	(void)state;
	expect_shown("no credit for ann", "hidden");
	expect_shown("ung\xc3\xbcltige Eingabesyntax f\xc3\xbcr Typ integer: "
		     "\xc2\xbb"
		     "ann\xc2\xab",
		     "hidden");
	expect_shown("division by zero for ann", "hidden");
	expect_shown("", "hidden");
	expect_shown("permission denied for table t\nann", "hidden");
	expect_shown("value too long for type character varying(12): ann",
		     "hidden");
}

/* The server says which of its functions raised it. */
static void expect_authored(const char *fields, size_t size, bool authored)
{
	struct wire_problem problem;

	postgres_problem_parse(&problem, (const uint8_t *)fields, size);
	assert_string_equal(problem.sqlstate, "23505");
	assert_int_equal(problem.authored, authored);
}

static void test_authored(void **state)
{
	static const char raised[] = "SERROR\0C23505\0Mno\0Rexec_stmt_raise\0";
	static const char server[] = "SERROR\0C23505\0Mno\0R_bt_check_unique\0";
	static const char cut[] = "SERROR\0C23505\0Mno\0Rexec_stmt_rais";

	(void)state;
	expect_authored(raised, sizeof(raised), true);
	expect_authored(server, sizeof(server), false);
	expect_authored(cut, sizeof(cut), false);
	expect_authored(raised, sizeof(raised) - 20, false);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_classes),
	    cmocka_unit_test(test_authored),
	    cmocka_unit_test(test_values),
	    cmocka_unit_test(test_hostile_values),
	    cmocka_unit_test(test_unknown_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
