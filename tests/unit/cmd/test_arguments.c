/* A command's line, by a table: what goes where, and what is said of the rest.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>
#include <cmocka.h>

#include "cmd/arguments.h"
#include "cmd/command.h"

static const char *const forms[] = {"text", "json", "html", NULL};

/* What a command would read, and what was printed meanwhile. */
static struct {
	bool flag;
	const char *text;
	uint64_t jobs, limit;
	int64_t pause;
	unsigned form;
	struct argument_list files, tables, stores;
	const char *config;
	char out[512];
	int code;
} got;

static void describe(FILE *out)
{
	fputs("described\n", out);
}

#define OPTIONS                                                                \
	{"flag", .flag = &got.flag}, {"text", .text = &got.text},              \
	    {"jobs", .number = &got.jobs, .least = 1, .most = 64},             \
	    {"limit", .number = &got.limit, .least = 2},                       \
	    {"pause", .time_us = &got.pause},                                  \
	    {"format", .choice = &got.form, .choices = forms},                 \
	    {"file", .texts = &got.files}, {"tables", .names = &got.tables},   \
	{                                                                      \
		"describe", .print = describe                                  \
	}

static const struct argument one[] = {
    OPTIONS, {"CONFIG", .operand = &got.config}, {0}};
static const struct argument several[] = {
    OPTIONS, {"STORE", .operands = &got.stores}, {0}};

static void release(void)
{
	argument_list_release(&got.files);
	argument_list_release(&got.tables);
	argument_list_release(&got.stores);
}

/* Both streams go to got.out. */
static bool read_line(const struct argument *table,
		      const char *const *arguments)
{
	char *argv[16] = {(char *)(uintptr_t) "seed"};
	int kept[2] = {dup(STDOUT_FILENO), dup(STDERR_FILENO)};
	FILE *file = tmpfile();
	int argc = 1;
	size_t size;
	bool read;

	release();
	memset(&got, 0, sizeof(got));
	got.jobs = 4;
	got.code = -1;
	for (; *arguments; arguments++)
		argv[argc++] = (char *)(uintptr_t)*arguments;
	assert_non_null(file);
	fflush(NULL);
	dup2(fileno(file), STDOUT_FILENO);
	dup2(fileno(file), STDERR_FILENO);
	read = arguments_read(argc, argv, "the help\n", table, &got.code);
	fflush(NULL);
	for (int i = 0; i < 2; i++) {
		dup2(kept[i], STDOUT_FILENO + i);
		close(kept[i]);
	}
	rewind(file);
	size = fread(got.out, 1, sizeof(got.out) - 1, file);
	got.out[size] = 0;
	fclose(file);
	return read;
}

#define READ(table, ...)                                                       \
	read_line(table, (const char *const[]){__VA_ARGS__, NULL})

static void each_kind_goes_where_the_table_says(void **state)
{
	(void)state;
	assert_true(READ(one, "--flag", "--text", "--words", "--jobs=64",
			 "--limit", "18446744073709551615", "--pause", "1.5 s",
			 "--format", "html", "c.yaml"));
	assert_true(got.flag);
	assert_string_equal(got.text, "--words");
	assert_int_equal(got.jobs, 64);
	assert_true(got.limit == UINT64_MAX);
	assert_int_equal(got.pause, 1500000);
	assert_int_equal(got.form, 2);
	assert_string_equal(got.config, "c.yaml");
	assert_string_equal(got.out, "");
}

static void what_is_not_given_stays(void **state)
{
	(void)state;
	assert_true(READ(one, "c.yaml"));
	assert_false(got.flag);
	assert_null(got.text);
	assert_int_equal(got.jobs, 4);
	assert_null(got.tables.items);
	assert_null(got.files.items);
}

static void options_may_follow_operands(void **state)
{
	(void)state;
	assert_true(READ(several, "a", "--jobs", "3", "b", "--", "--flag"));
	assert_int_equal(got.jobs, 3);
	assert_false(got.flag);
	assert_int_equal(got.stores.count, 3);
	assert_string_equal(got.stores.items[0], "a");
	assert_string_equal(got.stores.items[1], "b");
	assert_string_equal(got.stores.items[2], "--flag");
	assert_null(got.stores.items[3]);
}

static void lists_grow(void **state)
{
	(void)state;
	assert_true(READ(one, "--file", "a,b", "--tables", "t, s.u ,,my table",
			 "--file", "", "--tables", "v", "c.yaml"));
	assert_int_equal(got.files.count, 2);
	assert_string_equal(got.files.items[0], "a,b");
	assert_string_equal(got.files.items[1], "");
	assert_null(got.files.items[2]);
	assert_int_equal(got.tables.count, 4);
	assert_string_equal(got.tables.items[0], "t");
	assert_string_equal(got.tables.items[1], "s.u");
	assert_string_equal(got.tables.items[2], "my table");
	assert_string_equal(got.tables.items[3], "v");
	assert_null(got.tables.items[4]);
}

/* One line, which says what is wrong and where to read on. */
static void assert_refused(const char *what)
{
	char line[256];

	snprintf(line, sizeof(line),
		 "parallax seed: %s; see 'parallax seed --help'\n", what);
	assert_string_equal(got.out, line);
	assert_int_equal(got.code, COMMAND_USAGE);
}

#define REFUSED(what, ...)                                                     \
	do {                                                                   \
		assert_false(READ(one, __VA_ARGS__));                          \
		assert_refused(what);                                          \
	} while (0)

static void wrong_values_are_told(void **state)
{
	static const char jobs[] = "--jobs takes a number from 1 to 64";
	static const char limit[] = "--limit takes a number from 2";
	static const char pause[] =
	    "--pause takes a time such as 200ms, 5s or 1min";
	static const char format[] = "--format takes text, json or html";
	static const char tables[] = "--tables takes names separated by commas";

	(void)state;
	REFUSED(jobs, "--jobs", "0", "c");
	REFUSED(jobs, "--jobs", "65", "c");
	REFUSED(jobs, "--jobs", "-1", "c");
	REFUSED(jobs, "--jobs", "3x", "c");
	REFUSED(jobs, "--jobs=", "c");
	REFUSED(jobs, "c", "--jobs");
	REFUSED(limit, "--limit", "1", "c");
	REFUSED(limit, "--limit", "18446744073709551616", "c");
	REFUSED(pause, "--pause", "5", "c");
	REFUSED(format, "--format", "pdf", "c");
	REFUSED(format, "--format", "", "c");
	REFUSED(tables, "--tables", "", "c");
	REFUSED(tables, "--tables", " , ", "c");
	REFUSED("--text takes a value", "--text");
	REFUSED("--file takes a value", "--file");
	REFUSED("--flag takes no value", "--flag=yes", "c");
}

static void unknown_options_are_told(void **state)
{
	(void)state;
	REFUSED("there is no option --wrong", "--wrong=5", "c");
	REFUSED("there is no option -x", "-xh", "c");
	REFUSED("there is no option -x", "c", "-x");
	/* Of more than one the beginning. */
	REFUSED("there is no option --t", "--t", "c");
	assert_true(READ(one, "--for", "json", "c"));
	assert_int_equal(got.form, 1);
}

static void operands_are_counted(void **state)
{
	(void)state;
	REFUSED("exactly one CONFIG is required", "--flag");
	REFUSED("exactly one CONFIG is required", "a", "b");
	assert_false(READ(several, "--flag"));
	assert_refused("at least one STORE is required");
}

static void what_prints_ends_the_command(void **state)
{
	(void)state;
	assert_false(READ(one, "--help"));
	assert_string_equal(got.out, "the help\n");
	assert_int_equal(got.code, COMMAND_OK);
	assert_false(READ(one, "-h", "--wrong"));
	assert_string_equal(got.out, "the help\n");
	assert_false(READ(one, "--describe"));
	assert_string_equal(got.out, "described\n");
	assert_int_equal(got.code, COMMAND_OK);
}

static void nothing_is_left_to_release_of_a_wrong_line(void **state)
{
	(void)state;
	assert_false(READ(one, "--tables", "a", "--file", "b", "--wrong"));
	assert_null(got.tables.items);
	assert_null(got.files.items);
	assert_int_equal(got.tables.count + got.files.count, 0);
}

static int tear_down(void **state)
{
	(void)state;
	release();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_kind_goes_where_the_table_says),
	    cmocka_unit_test(what_is_not_given_stays),
	    cmocka_unit_test(options_may_follow_operands),
	    cmocka_unit_test(lists_grow),
	    cmocka_unit_test(wrong_values_are_told),
	    cmocka_unit_test(unknown_options_are_told),
	    cmocka_unit_test(operands_are_counted),
	    cmocka_unit_test(what_prints_ends_the_command),
	    cmocka_unit_test(nothing_is_left_to_release_of_a_wrong_line),
	};

	return cmocka_run_group_tests(tests, NULL, tear_down);
}
