/* Rows of COPY as values and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/postgres/copy_row.h"

static struct arena arena;

static int start(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

struct row {
	const char *copied;
	const char *values[4]; /* NULL: null, as far as count */
	size_t count;
	const char *reduced;
};

static const struct row rows[] = {
    {"7\tone\n", {"7", "one"}, 2, "\"7\",\"one\"\n"},
    {"\n", {""}, 1, "\"\"\n"},
    {"\\N\n", {NULL}, 1, "\n"},
    {"\\N\t\t\\N\n", {NULL, "", NULL}, 3, ",\"\",\n"},
    {"\\\\N\t\\\\\n", {"\\N", "\\"}, 2, "\"\\N\",\"\\\"\n"},
    {"a\\tb\\nc\\rd\\be\\ff\\vg\n",
     {"a\tb\nc\rd\be\ff\vg"},
     1,
     "\"a\tb\nc\rd\be\ff\vg\"\n"},
    {"\"q\",\t\\\\.\n", {"\"q\",", "\\."}, 2, "\"\"\"q\"\",\",\"\\.\"\n"},
    {"\303\251\t\n", {"\303\251", ""}, 2, "\"\303\251\",\"\"\n"},
};

static void test_rows(void **state)
{
	struct buffer out;
	struct error error;

	(void)state;
	buffer_init(&out, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *row = &rows[i];
		struct value *values;
		size_t count;

		assert_int_equal(postgres_read_row(row->copied,
						   strlen(row->copied), &arena,
						   &values, &count, &error),
				 0);
		assert_int_equal(count, row->count);
		for (size_t k = 0; k < count; k++) {
			assert_int_equal(!values[k].data, !row->values[k]);
			if (!values[k].data)
				continue;
			assert_int_equal(values[k].size,
					 strlen(row->values[k]));
			assert_memory_equal(values[k].data, row->values[k],
					    values[k].size);
		}
		buffer_clear(&out);
		postgres_write_row(&out, values, count);
		assert_string_equal(buffer_string(&out), row->copied);
		buffer_clear(&out);
		postgres_write_row_reduced(&out, values, count);
		assert_string_equal(buffer_string(&out), row->reduced);
	}
	buffer_release(&out);
}

/* Escapes that a server need not have made. */
static void test_other_escapes(void **state)
{
	static const char row[] = "\\a\\.\\N1\n";
	struct value *values;
	struct error error;
	size_t count;

	(void)state;
	assert_int_equal(postgres_read_row(row, strlen(row), &arena, &values,
					   &count, &error),
			 0);
	assert_int_equal(count, 1);
	assert_int_equal(values[0].size, 4);
	assert_memory_equal(values[0].data, "a.N1", 4);
}

static void test_malformed(void **state)
{
	static const char *const texts[] = {"", "7", "7\t8", "7\\\n",
					    "\\\t8\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct value *values;
		struct error error;
		size_t count;

		error_init(&error);
		assert_int_equal(postgres_read_row(texts[i], strlen(texts[i]),
						   &arena, &values, &count,
						   &error),
				 -1);
		assert_int_equal(error.kind, ERROR_PROTOCOL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rows),
	    cmocka_unit_test(test_other_escapes),
	    cmocka_unit_test(test_malformed),
	};

	return cmocka_run_group_tests(tests, start, end);
}
