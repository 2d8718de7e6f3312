/* Patterns and templates: what matches, what is refused, what is given up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/pattern.h"

static struct pattern *pattern_of(const char *text)
{
	struct pattern *pattern = NULL;
	struct error error;

	error_init(&error);
	if (pattern_new(text, &pattern, &error))
		fail_msg("%s: %s", text, error.message);
	return pattern;
}

static enum pattern_result find(const char *pattern, const char *text,
				struct pattern_span *spans)
{
	struct pattern *made = pattern_of(pattern);
	enum pattern_result result =
	    pattern_find(made, text, strlen(text), spans);

	pattern_free(&made);
	assert_null(made);
	return result;
}

static void test_finds_anywhere_and_ignores_case(void **state)
{
	struct pattern_span spans[PATTERN_GROUP_LIMIT + 1];

	(void)state;
	assert_int_equal(find("B(c)(x)?", "abcd", spans), PATTERN_FOUND);
	assert_int_equal(spans[0].start, 1);
	assert_int_equal(spans[0].end, 3);
	assert_int_equal(spans[1].start, 2);
	assert_int_equal(spans[1].end, 3);
	assert_int_equal(spans[2].start, spans[2].end);
	assert_int_equal(find("^b", "abc", spans), PATTERN_NONE);
	assert_int_equal(find("(?-i)B", "abc", spans), PATTERN_NONE);
}

static void test_refuses_with_the_place(void **state)
{
	static const struct {
		const char *pattern, *message;
	} rows[] = {
	    {"a(b", "missing closing parenthesis (at character 4)"},
	    {"[z-a]", "range out of order in character class (at character 4)"},
	    {"a\\C", "\\C"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct pattern *pattern = NULL;
		struct error error;

		error_init(&error);
		assert_int_equal(pattern_new(rows[i].pattern, &pattern, &error),
				 -1);
		assert_null(pattern);
		assert_int_equal(error.kind, ERROR_CONFIG);
		assert_non_null(strstr(error.message, rows[i].message));
	}
}

static void test_gives_up(void **state)
{
	struct pattern_span spans[PATTERN_GROUP_LIMIT + 1];
	char *deep = test_malloc(200001);

	(void)state;
	assert_int_equal(
	    find("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", spans),
	    PATTERN_LIMIT);
	memset(deep, '(', 100000);
	memset(deep + 100000, ')', 100000);
	deep[200000] = '\0';
	assert_int_equal(find("^(\\((?1)*\\))$", deep, spans), PATTERN_LIMIT);
	test_free(deep);
}

/* Bytes that are no UTF-8 match nothing, and what stands beside them does. */
static void test_bad_bytes(void **state)
{
	struct pattern_span spans[PATTERN_GROUP_LIMIT + 1];

	(void)state;
	assert_int_equal(find("a.b",
			      "a\xff"
			      "b",
			      spans),
			 PATTERN_NONE);
	assert_int_equal(find("b$",
			      "a\xff"
			      "b",
			      spans),
			 PATTERN_FOUND);
	assert_int_equal(spans[0].start, 2);
}

static void test_templates(void **state)
{
	struct pattern *pattern = pattern_of("(a)(?<name>b)");
	struct pattern_template made;
	struct arena arena;
	struct error error;

	(void)state;
	arena_init(&arena, 0);
	error_init(&error);
	assert_int_equal(pattern_template(pattern, "x $1 $$ \\1\\\\${name}\\0",
					  &arena, &made, &error),
			 0);
	assert_false(made.plain);
	assert_int_equal(made.count, 5);
	assert_string_equal(made.pieces[0].text, "x $1 $$ ");
	assert_null(made.pieces[1].text);
	assert_int_equal(made.pieces[1].group, 1);
	assert_string_equal(made.pieces[2].text, "\\");
	assert_int_equal(made.pieces[3].group, 2);
	assert_null(made.pieces[4].text);
	assert_int_equal(made.pieces[4].group, 0);
	assert_int_equal(
	    pattern_template(pattern, "SELECT $1", &arena, &made, &error), 0);
	assert_true(made.plain);
	assert_int_equal(
	    pattern_template(pattern, "a\\3", &arena, &made, &error), -1);
	assert_string_equal(error.message,
			    "the pattern has no such group (at character 2)");
	assert_int_equal(
	    pattern_template(pattern, "${nme}", &arena, &made, &error), -1);
	assert_int_equal(
	    pattern_template(pattern, "${name", &arena, &made, &error), -1);
	assert_int_equal(
	    pattern_template(pattern, "a\\n", &arena, &made, &error), -1);
	arena_release(&arena);
	pattern_free(&pattern);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_finds_anywhere_and_ignores_case),
	    cmocka_unit_test(test_refuses_with_the_place),
	    cmocka_unit_test(test_gives_up),
	    cmocka_unit_test(test_bad_bytes),
	    cmocka_unit_test(test_templates),
	};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
