#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/redact.h"
#include "base/utf8.h"

static const struct redactor hidden = {.key = {1, 2, 3}};
static const struct redactor other_key = {.key = {3, 2, 1}};
static const struct redactor shown = {.show_values = true};

/* Whether a value's redacted form begins with the shape, then '#', 6 hex. */
static void expect_shape(const char *value, const char *shape)
{
	char *out = redact_value(&hidden, value);

	assert_int_equal(strncmp(out, shape, strlen(shape)), 0);
	assert_int_equal(out[strlen(shape)], '#');
	assert_int_equal(strlen(out), strlen(shape) + 7);
	free(out);
}

static void test_shapes(void **state)
{
	char *out;

	(void)state;
	expect_shape("0", "int");
	expect_shape("-12345678901234567890", "int");
	expect_shape("1.5", "number");
	expect_shape("1e-9", "number");
	expect_shape("1e", "text(2)");
	expect_shape("t", "bool");
	expect_shape("2026-01-02", "date");
	expect_shape("2026-01-02 03:04:05+00", "timestamp");
	expect_shape("2026-01-02x", "text(11)");
	expect_shape("00000000-0000-4000-8000-00000000000a", "uuid");
	expect_shape("", "text(0)");
	expect_shape("h\xc3\xa9", "text(2)");
	out = redact_value(&hidden, NULL);
	assert_string_equal(out, "NULL");
	free(out);
	out = redact_value(&shown, "secret");
	assert_string_equal(out, "secret");
	free(out);
}

static void test_equality_shows(void **state)
{
	char *a = redact_value(&hidden, "ann");
	char *b = redact_value(&hidden, "ann");
	char *c = redact_value(&hidden, "bob");
	char *d = redact_value(&other_key, "ann");

	(void)state;
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	assert_string_not_equal(a, d);
	free(a);
	free(b);
	free(c);
	free(d);
}

static void test_messages(void **state)
{
	static const struct {
		enum redact_content content;
		const char *message, *secret, *kept;
	} cases[] = {
	    {REDACT_PARTS, "invalid input syntax for type integer: \"abc\"",
	     "abc", "invalid input syntax for type integer: \"text(3)#"},
	    {REDACT_PARTS, "invalid input value for enum mood: \"a\"abc\"b\"",
	     "abc", "invalid input value for enum mood"},
	    {REDACT_PARTS, "Duplicate entry 'abc' for key 'PRIMARY'", "abc",
	     "Duplicate entry"},
	    {REDACT_PARTS, "Key (email)=(abc@x.org) already exists", "abc",
	     " already exists"},
	    {REDACT_PARTS, "syntax error at or near \"abc\"", "abc",
	     "syntax error at or near"},
	    {REDACT_PARTS, "value 99812 is out of range", "99812",
	     "is out of range"},
	    {REDACT_ALL, "no credit for abc", "abc", "text(17)#"},
	    {REDACT_PARTS, "unterminated 'abc", "abc", "unterminated '"},
	    {REDACT_PARTS, "array {abc} is bad", "abc", "array {"},
	    {REDACT_NOTHING, "column \"flags\" does not exist", NULL,
	     "column \"flags\" does not exist"},
	    {REDACT_NOTHING,
	     "duplicate key value violates unique constraint \"u\"", NULL,
	     "constraint \"u\""},
	    {REDACT_PARTS, "can't do this", NULL, "can't do this"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *out =
		    redact_message(&hidden, cases[i].content, cases[i].message);

		if (cases[i].secret)
			assert_null(strstr(out, cases[i].secret));
		if (!strstr(out, cases[i].kept))
			fail_msg("%s: lacks '%s'", out, cases[i].kept);
		free(out);
		out =
		    redact_message(&shown, cases[i].content, cases[i].message);
		assert_string_equal(out, cases[i].message);
		free(out);
	}
	assert_null(redact_message(&hidden, REDACT_PARTS, NULL));
}

static void expect_clean(const char *in, size_t limit, const char *wanted)
{
	char *out = utf8_clean(in, limit);

	assert_string_equal(out, wanted);
	free(out);
}

static void test_clean(void **state)
{
	(void)state;
	expect_clean("plain\n\ttext", 100, "plain\n\ttext");
	expect_clean("a\x1b[31m", 100, "a\uFFFD[31m");
	expect_clean("\xff\xc0\xaf", 100, "\uFFFD\uFFFD\uFFFD");
	expect_clean("\xed\xa0\x80", 100, "\uFFFD\uFFFD\uFFFD");
	expect_clean("caf\xc3\xa9", 4, "caf\u2026");
	expect_clean("caf\xc3\xa9", 5, "caf\u00e9");
	expect_clean("cut \xe2\x80", 100, "cut \uFFFD\uFFFD");
	expect_clean("x\u202Egnp", 100, "x\uFFFDgnp");
	assert_null(utf8_clean(NULL, 5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_shapes),
	    cmocka_unit_test(test_equality_shows),
	    cmocka_unit_test(test_messages),
	    cmocka_unit_test(test_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
