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

/* invalid "abc": only the value is hidden. */
static const struct redact_parts value_at_9 = {
    .known = true, .count = 1, .parts = {{.from = 9, .to = 12}}};
static const struct redact_parts name_at_9 = {
    .known = true, .count = 1, .parts = {{9, 12, .name = true}}};
static const struct redact_parts nothing = {.known = true};
static const struct redact_parts unknown = {.known = false};

static void expect_message(const struct redact_parts *parts,
			   const char *message, const char *begins,
			   const char *ends)
{
	char *out = redact_message(&hidden, parts, message);
	size_t size = strlen(out);

	assert_int_equal(strncmp(out, begins, strlen(begins)), 0);
	assert_true(size >= strlen(ends));
	assert_string_equal(out + size - strlen(ends), ends);
	free(out);
	out = redact_message(&shown, parts, message);
	assert_string_equal(out, message);
	free(out);
}

static void test_messages(void **state)
{
	(void)state;
	expect_message(&value_at_9, "invalid \"abc\" here",
		       "invalid \"text(3)#", "\" here");
	expect_message(&value_at_9, "invalid \"123\" here", "invalid \"int#",
		       "\" here");
	expect_message(&name_at_9, "invalid \"abc\" here",
		       "invalid \"abc\" here", "");
	expect_message(&nothing, "division by zero", "division by zero", "");
	expect_message(&unknown, "no credit for abc", "text(17)#", "");
	assert_null(redact_message(&hidden, &nothing, NULL));
}

static void test_shows(void **state)
{
	const char *message = "invalid \"abc\" in key abcd_key";

	(void)state;
	assert_true(redact_shows(&value_at_9, message, "abcd_key"));
	assert_false(redact_shows(&value_at_9, message, "abc"));
	assert_false(redact_shows(&value_at_9, message, "abcd"));
	assert_true(redact_shows(&name_at_9, message, "abc"));
	assert_false(redact_shows(&unknown, message, "abcd_key"));
	assert_false(redact_shows(&value_at_9, message, ""));
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
	    cmocka_unit_test(test_shows),
	    cmocka_unit_test(test_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
