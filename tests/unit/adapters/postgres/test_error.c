#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/postgres/postgres.h"

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
	assert_true(postgres_errors.related("23505", "23503"));
	assert_false(postgres_errors.related("23505", "22003"));
	assert_false(postgres_errors.related("", ""));
	assert_false(postgres_errors.related(NULL, "23505"));
}

static void test_content(void **state)
{
	enum redact_content (*content)(const char *) = postgres_errors.content;

	(void)state;
	assert_int_equal(content("42703"), REDACT_NOTHING);
	assert_int_equal(content("23505"), REDACT_NOTHING);
	assert_int_equal(content("22P02"), REDACT_PARTS);
	assert_int_equal(content("42601"), REDACT_PARTS);
	assert_int_equal(content(""), REDACT_PARTS);
	assert_int_equal(content(NULL), REDACT_PARTS);
	assert_int_equal(content("P0001"), REDACT_ALL);
	assert_int_equal(content("P0002"), REDACT_ALL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_classes),
	    cmocka_unit_test(test_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
