#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "adapters/postgres/decode.h"
#include "base/buffer.h"

static struct arena arena;
static struct error error;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, 0);
	error_init(&error);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	return 0;
}

static struct bytes bytes_of(const struct buffer *buffer)
{
	struct bytes bytes = {buffer->data, buffer->size};

	return bytes;
}

/* The first `size` bytes in a block of their own, so that ASan sees overruns.
 */
static struct bytes cut(const struct buffer *buffer, size_t size)
{
	struct bytes bytes = {arena_copy(&arena, buffer->data, size), size};
	uint8_t *exact = malloc(size ? size : 1);

	memcpy(exact, buffer->data, size);
	bytes.data = exact;
	return bytes;
}

static void append_value(struct buffer *out, const char *text)
{
	if (!text) {
		buffer_append_u32(out, UINT32_MAX);
		return;
	}
	buffer_append_u32(out, (uint32_t)strlen(text));
	buffer_append_string(out, text);
}

static void append_formats(struct buffer *out, const char *formats)
{
	buffer_append_u16(out, (uint16_t)strlen(formats));
	for (; *formats; formats++)
		buffer_append_u16(out, (uint16_t)(*formats - '0'));
}

static void append_bind(struct buffer *out, const char *formats,
			const char *results)
{
	append_formats(out, formats);
	buffer_append_u16(out, 3);
	append_value(out, "one");
	append_value(out, NULL);
	append_value(out, "");
	append_formats(out, results);
}

static void assert_value(struct value value, const char *text)
{
	if (!text) {
		assert_null(value.data);
		return;
	}
	assert_non_null(value.data);
	assert_int_equal(value.size, strlen(text));
	assert_memory_equal(value.data, text, value.size);
}

static void test_bind(void **state)
{
	static const struct {
		const char *formats, *results, *spread;
	} cases[] = {
	    {"", "", "000"},
	    {"1", "1", "111"},
	    {"0", "", "000"},
	    {"010", "0110", "010"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct decoded_bind bind;
		struct buffer buffer;

		buffer_init(&buffer, 0);
		append_bind(&buffer, cases[i].formats, cases[i].results);
		assert_int_equal(postgres_decode.bind(bytes_of(&buffer), &arena,
						      &bind, &error),
				 0);
		assert_int_equal(bind.value_count, 3);
		assert_value(bind.values[0], "one");
		assert_value(bind.values[1], NULL);
		assert_value(bind.values[2], "");
		for (int k = 0; k < 3; k++)
			assert_int_equal(bind.formats[k],
					 cases[i].spread[k] - '0');
		assert_int_equal(bind.result_format_count,
				 strlen(cases[i].results));
		for (size_t k = 0; k < bind.result_format_count; k++)
			assert_int_equal(bind.result_formats[k],
					 cases[i].results[k] - '0');
		for (size_t size = 0; size < buffer.size; size++) {
			struct bytes part = cut(&buffer, size);

			assert_int_equal(
			    postgres_decode.bind(part, &arena, &bind, &error),
			    -1);
			assert_int_equal(error.kind, ERROR_CORRUPT);
			free((void *)part.data);
		}
		buffer_append_byte(&buffer, 0);
		assert_int_equal(postgres_decode.bind(bytes_of(&buffer), &arena,
						      &bind, &error),
				 -1);
		buffer_release(&buffer);
	}
}

static void test_bind_bad(void **state)
{
	static const char *const formats[] = {"01", "0000", "2"};
	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct decoded_bind bind;
		struct buffer buffer;

		buffer_init(&buffer, 0);
		append_bind(&buffer, formats[i], "");
		assert_int_equal(postgres_decode.bind(bytes_of(&buffer), &arena,
						      &bind, &error),
				 -1);
		buffer_release(&buffer);
	}
}

static void append_field(struct buffer *out, const char *name, unsigned n)
{
	buffer_append(out, name, strlen(name) + 1);
	buffer_append_u32(out, 1000 + n);
	buffer_append_u16(out, (uint16_t)n);
	buffer_append_u32(out, 20 + n);
	buffer_append_u16(out, 8);
	buffer_append_u32(out, UINT32_MAX);
	buffer_append_u16(out, n % 2);
}

static int columns_of(struct bytes bytes, const char *formats,
		      const struct answer_column **columns, size_t *count)
{
	uint8_t codes[8];

	for (size_t i = 0; i < strlen(formats); i++)
		codes[i] = (uint8_t)(formats[i] - '0');
	return postgres_decode.columns(bytes, codes, strlen(formats), &arena,
				       columns, count, &error);
}

static void test_columns(void **state)
{
	static const struct {
		const char *formats, *expect;
	} cases[] = {{"", "01"}, {"1", "11"}, {"0", "00"}, {"10", "10"}};
	const struct answer_column *columns;
	struct buffer buffer;
	size_t count;

	(void)state;
	buffer_init(&buffer, 0);
	buffer_append_u16(&buffer, 2);
	append_field(&buffer, "id", 0);
	append_field(&buffer, "", 1);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		assert_int_equal(columns_of(bytes_of(&buffer), cases[i].formats,
					    &columns, &count),
				 0);
		assert_int_equal(count, 2);
		assert_string_equal(columns[0].name, "id");
		assert_string_equal(columns[1].name, "");
		assert_int_equal(columns[1].type, 21);
		assert_int_equal(columns[1].table, 1001);
		assert_int_equal(columns[1].attribute, 1);
		assert_int_equal(columns[1].modifier, -1);
		for (int k = 0; k < 2; k++)
			assert_int_equal(columns[k].format,
					 cases[i].expect[k] - '0');
	}
	assert_int_equal(columns_of(bytes_of(&buffer), "101", &columns, &count),
			 -1);
	for (size_t size = 0; size < buffer.size; size++) {
		struct bytes part = cut(&buffer, size);

		assert_int_equal(columns_of(part, "", &columns, &count), -1);
		free((void *)part.data);
	}
	buffer_release(&buffer);
}

static void test_columns_of_copy(void **state)
{
	(void)state;
	for (unsigned width = 0; width <= 1664; width++) {
		for (unsigned binary = 0; binary < 2; binary++) {
			const struct answer_column *columns;
			struct buffer buffer;
			size_t count;

			buffer_init(&buffer, 0);
			buffer_append_byte(&buffer, (uint8_t)binary);
			buffer_append_u16(&buffer, (uint16_t)width);
			for (unsigned i = 0; i < width; i++)
				buffer_append_u16(&buffer, (uint16_t)binary);
			assert_int_equal(
			    columns_of(bytes_of(&buffer), "", &columns, &count),
			    0);
			assert_int_equal(count, width);
			for (unsigned i = 0; i < width; i++)
				assert_int_equal(columns[i].format, binary);
			arena_clear(&arena);
			buffer_release(&buffer);
		}
	}
}

static void append_row(struct buffer *out, const char *a, const char *b)
{
	struct buffer row;

	buffer_init(&row, 0);
	buffer_append_u16(&row, 2);
	append_value(&row, a);
	append_value(&row, b);
	buffer_append_u32(out, (uint32_t)row.size);
	buffer_append(out, row.data, row.size);
	buffer_release(&row);
}

static void test_rows(void **state)
{
	const struct value *rows;
	struct buffer buffer;
	size_t boundary;
	size_t width = 0;
	size_t count;

	(void)state;
	buffer_init(&buffer, 0);
	assert_int_equal(postgres_decode.rows(bytes_of(&buffer), false, &width,
					      &arena, &rows, &count, &error),
			 0);
	assert_int_equal(count, 0);
	append_row(&buffer, "a", NULL);
	boundary = buffer.size;
	append_row(&buffer, "", "bcd");
	for (int given = 0; given < 2; given++) {
		width = given ? 2 : 0;
		assert_int_equal(postgres_decode.rows(bytes_of(&buffer), false,
						      &width, &arena, &rows,
						      &count, &error),
				 0);
		assert_int_equal(width, 2);
		assert_int_equal(count, 2);
		assert_value(rows[0], "a");
		assert_value(rows[1], NULL);
		assert_value(rows[2], "");
		assert_value(rows[3], "bcd");
	}
	for (size_t size = 1; size < buffer.size; size++) {
		struct bytes part = cut(&buffer, size);

		width = 0;
		assert_int_equal(postgres_decode.rows(part, false, &width,
						      &arena, &rows, &count,
						      &error),
				 size == boundary ? 0 : -1);
		free((void *)part.data);
	}
	width = 3;
	assert_int_equal(postgres_decode.rows(bytes_of(&buffer), false, &width,
					      &arena, &rows, &count, &error),
			 -1);
	buffer_release(&buffer);
}

static void test_rows_of_copy(void **state)
{
	const struct value *rows;
	struct buffer buffer;
	size_t width = 4;
	size_t count;

	(void)state;
	buffer_init(&buffer, 0);
	append_value(&buffer, "1\t2\n");
	append_value(&buffer, "");
	assert_int_equal(postgres_decode.rows(bytes_of(&buffer), true, &width,
					      &arena, &rows, &count, &error),
			 0);
	assert_int_equal(count, 2);
	assert_int_equal(width, 1);
	assert_value(rows[0], "1\t2\n");
	assert_value(rows[1], "");
	buffer_release(&buffer);
}

static void test_affected(void **state)
{
	static const struct {
		const char *tag;
		int64_t affected;
	} cases[] = {{"INSERT 0 5", 5},	    {"UPDATE 0", 0},
		     {"SELECT 12", 12},	    {"COPY 9000000000", 9000000000},
		     {"CREATE TABLE", -1},  {"", -1},
		     {"BEGIN", -1},	    {"DROP ", -1},
		     {"SELECT 12x", -1},    {"X 99999999999999999999", -1},
		     {"ALTER DATABASE", -1}};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(postgres_decode.affected(cases[i].tag),
				 cases[i].affected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_bind, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_bind_bad, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_columns, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_columns_of_copy, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(test_rows, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_rows_of_copy, set_up,
					    tear_down),
	    cmocka_unit_test(test_affected),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
