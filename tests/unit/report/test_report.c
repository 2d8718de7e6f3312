#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <ctype.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/memory.h"
#include "report/format.h"
#include "report/report.h"
#include "unit/report/sample.h"

struct fixture {
	char path[64];
	struct arena arena;
	struct report report;
	struct store_content *content;
	struct buffer out;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct store *store;
	struct error error;

	snprintf(f->path, sizeof(f->path), "/tmp/parallax-report-XXXXXX");
	close(mkstemp(f->path));
	arena_init(&f->arena, 0);
	buffer_init(&f->out, 0);
	assert_int_equal(sample_store(f->path, &error), 0);
	assert_int_equal(store_open_read(f->path, &store, &error), 0);
	assert_int_equal(store_load(store, 3, &f->arena, &f->content, &error),
			 0);
	store_close(&store);
	f->content->path = "sample.store"; /* golden texts know no temp names */
	report_build(f->content, &f->arena, &f->report);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	char beside[80];

	unlink(f->path);
	snprintf(beside, sizeof(beside), "%s-wait", f->path);
	unlink(beside);
	arena_release(&f->arena);
	buffer_release(&f->out);
	free(f);
	return 0;
}

/* The hashes' key is another in each store: "#12ab9f" becomes "#......". */
static void mask_hashes(struct buffer *out)
{
	char *text = (char *)out->data;

	for (size_t i = 0; i + 6 < out->size; i++) {
		size_t digits = 0;

		if (text[i] != '#')
			continue;
		while (digits < 6 &&
		       isxdigit((unsigned char)text[i + 1 + digits]))
			digits++;
		if (digits == 6)
			memset(text + i + 1, '.', 6);
	}
}

/* PARALLAX_GOLDEN=write makes the files anew: read the diff before it goes in.
 */
static void expect_golden(struct buffer *out, const char *path)
{
	const char *mode = getenv("PARALLAX_GOLDEN");
	FILE *file = fopen(path, mode ? "w+" : "r");
	char *wanted;
	size_t size;

	assert_non_null(file);
	assert_false(out->failed);
	mask_hashes(out);
	if (mode) {
		fwrite(out->data, 1, out->size, file);
		rewind(file);
	}
	wanted = calloc(1, out->size + 4096);
	size = fread(wanted, 1, out->size + 4095, file);
	fclose(file);
	if (size != out->size || memcmp(wanted, out->data, size))
		fail_msg("not as %s:\n%s", path, buffer_string(out));
	free(wanted);
}

#define FOLDER "tests/unit/report/"

static void test_terminal(void **state)
{
	struct fixture *f = *state;
	struct report_options options = {.limit = 20, .width = 80};

	report_terminal(&f->report, 1, &options, &f->out);
	assert_null(memchr(f->out.data, 0x1b, f->out.size));
	expect_golden(&f->out, FOLDER "report-80.txt");
	buffer_clear(&f->out);
	options.width = 120;
	options.unicode = true;
	options.limit = 1;
	report_terminal(&f->report, 1, &options, &f->out);
	expect_golden(&f->out, FOLDER "report-120.txt");
}

/* The only escapes on a terminal are our own colours. */
static void test_terminal_colours(void **state)
{
	struct fixture *f = *state;
	struct report_options options = {
	    .limit = 20, .width = 80, .colour = true};
	const char *at;

	report_terminal(&f->report, 1, &options, &f->out);
	at = buffer_string(&f->out);
	while ((at = strchr(at, 0x1b))) {
		assert_int_equal(at[1], '[');
		at += 2 + strspn(at + 2, "0123456789");
		assert_int_equal(*at, 'm');
	}
}

static void test_html(void **state)
{
	struct fixture *f = *state;
	struct report_options options = {.limit = 20};
	const char *text;
	size_t scripts = 0;

	report_html(&f->report, 1, &options, &f->out);
	text = buffer_string(&f->out);
	assert_null(strstr(text, "alert(1)</script>"));
	assert_null(strstr(text, "<script>x"));
	assert_null(strstr(text, "<img"));
	assert_null(strstr(text, "<b>"));
	assert_null(strchr(text, 0x1b));
	assert_null(strstr(text, "http://"));
	assert_null(strstr(text, "https://"));
	assert_null(strstr(text, "<!--{"));
	for (const char *at = text; (at = strstr(at, "<script")); at++)
		scripts++;
	assert_int_equal(scripts, 1);
	assert_non_null(strstr(text, "script-src 'sha256-"));
	assert_non_null(
	    strstr(text, "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;"
			 "&quot; VALUES ($1, &#39;&quot;&amp;&#39;)"));
	assert_non_null(strstr(text, "&lt;b&gt;note&lt;/b&gt;"));
	assert_non_null(strstr(text, "12,857 of 12,858 exchanges"));
}

static const json_t *at(const json_t *value, const char *key)
{
	const json_t *found = json_object_get(value, key);

	if (!found)
		fail_msg("no member '%s'", key);
	return found;
}

static void test_json(void **state)
{
	struct fixture *f = *state;
	struct report_options options = {.limit = 20};
	const json_t *store;
	const json_t *group;
	const json_t *evidence;
	json_int_t sum = 0;
	json_t *root;
	const char *key;
	json_t *value;

	report_json(&f->report, 1, &options, &f->out);
	root = json_loads(buffer_string(&f->out), 0, NULL);
	assert_non_null(root);
	assert_string_equal(json_string_value(at(root, "format")),
			    "parallax-report");
	assert_int_equal(json_integer_value(at(root, "version")), 1);
	store = json_array_get(at(root, "stores"), 0);
	json_object_foreach((json_t *)at(store, "verdicts"), key, value) sum +=
	    json_integer_value(value);
	assert_int_equal(
	    sum, json_integer_value(at(at(store, "exchanges"), "counted")));
	assert_int_equal(
	    json_integer_value(at(at(store, "exchanges"), "unaccounted")), 1);
	/* An error comes first, however rare. */
	group = json_array_get(at(store, "divergences"), 0);
	assert_string_equal(json_string_value(at(group, "class")),
			    "error.shadow");
	group = json_array_get(at(store, "divergences"), 1);
	assert_string_equal(json_string_value(at(group, "fingerprint")),
			    "a1b2c3d4e5f60718");
	assert_string_equal(json_string_value(at(group, "class")),
			    "rows.value");
	assert_int_equal(json_integer_value(at(group, "count")), 41);
	evidence = json_array_get(at(group, "evidence"), 0);
	assert_string_equal(json_string_value(at(evidence, "at")),
			    "2026-01-02T03:00:05.000000Z");
	assert_int_equal(json_array_size(at(evidence, "rows")), 2);
	assert_true(json_is_null(
	    at(json_array_get(at(evidence, "rows"), 1), "shadow")));
	assert_null(json_object_get(at(store, "facts"), "writer"));
	json_decref(root);
}

static void test_empty(void **state)
{
	struct fixture *f = *state;
	struct store_content content = {.path = "empty.store"};
	struct report report;
	struct report_options options = {.limit = 20, .width = 80};

	report_build(&content, &f->arena, &report);
	report_terminal(&report, 1, &options, &f->out);
	expect_golden(&f->out, FOLDER "report-empty.txt");
	buffer_clear(&f->out);
	report_html(&report, 1, &options, &f->out);
	assert_non_null(strstr(buffer_string(&f->out), "No evidence yet"));
	assert_null(strstr(buffer_string(&f->out), "No divergence"));
}

static void expect_line(const char *in, size_t columns, const char *wanted)
{
	struct buffer out;

	buffer_init(&out, 0);
	format_line(&out, in, columns);
	assert_string_equal(buffer_string(&out), wanted);
	buffer_release(&out);
}

static void test_lines(void **state)
{
	(void)state;
	expect_line("a\n\t b  c ", 0, "a b c");
	expect_line("abcdef", 6, "abcdef");
	expect_line("abcdefg", 6, "abcde\u2026");
	expect_line("\u00e9\u00e9\u00e9\u00e9", 3, "\u00e9\u00e9\u2026");
	expect_line("x\x1b[31m\xff", 0, "x\uFFFD[31m\uFFFD");
	expect_line("", 5, "");
}

static void test_figures(void **state)
{
	char out[FORMAT_SIZE];

	(void)state;
	assert_string_equal(format_count(out, 0), "0");
	assert_string_equal(format_count(out, 999), "999");
	assert_string_equal(format_count(out, 1234567), "1,234,567");
	assert_string_equal(format_share(out, 0, 0), "0.00 %");
	assert_string_equal(format_share(out, 1, 1000000), "<0.01 %");
	assert_string_equal(format_share(out, 999999, 1000000), ">99.99 %");
	assert_string_equal(format_share(out, 5, 5), "100.00 %");
	assert_string_equal(format_us(out, 999), "999 us");
	assert_string_equal(format_us(out, 1500), "1.50 ms");
	assert_string_equal(format_us(out, 2500000), "2.50 s");
	assert_string_equal(format_iso(out, SAMPLE_AT + 1),
			    "2026-01-02T03:00:00.000001Z");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_terminal),
	    TEST(test_terminal_colours),
	    TEST(test_html),
	    TEST(test_json),
	    TEST(test_empty),
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_figures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
