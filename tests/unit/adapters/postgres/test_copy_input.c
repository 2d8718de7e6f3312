/*
 * A client's COPY data as values. Each input is read whole, and byte by byte: the rows
 * are the same. A row is shown as [a|b|~], with ~ for NULL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/postgres/copy_input.h"
#include "adapters/postgres/parse.h"
#include "base/buffer.h"

struct input {
	const char *options;
	const char *data;
	size_t size;	  /* 0: a string */
	const char *rows; /* "!": a part of the problem behind it */
};

#define BINARY_HEAD "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define BYTES(data) data, sizeof(data) - 1

static const struct input inputs[] = {
    {"", "7\tone\n8\t\\N\n", 0, "[7|one][8|~]"},
    {"", "7\tone\n8\ttwo", 0, "[7|one][8|two]"},
    {"", "7\tone\r\n8\ttwo\r\n", 0, "[7|one][8|two]"},
    {"", "7\tone\r8\ttwo\r", 0, "[7|one][8|two]"},
    {"", "a\\tb\\\\\\n\\b\\f\\r\\v\\q\\\t\t\n", 0, "[a\tb\\\n\b\f\r\vq\t|]"},
    {"", "\\101\\x42\\x4\\1012\\x\\8\n", 0, "[AB\004A2x8]"},
    {"", "a\\\nb\n\\\\N\n\n", 0, "[a\nb][\\N][]"},
    {"", "1\n\\.\n2\n", 0, "[1]"},
    {"", "1\n\\.", 0, "[1]"},
    {"", "", 0, ""},
    {"", "1\n2\r\n", 0, "[1]!ends in another way"},
    {"", "1\r\n2\n", 0, "[1]!ends in another way"},
    {"", "1\\", 0, "!within an escape"},
    {"WITH (HEADER, DELIMITER '|', NULL '')", "a|b\n1|\n|2\n", 0, "[1|~][~|2]"},
    {"DELIMITER ';' NULL AS '-'", "a;-\n", 0, "[a|~]"},
    {"WITH (HEADER off)", "a\n", 0, "[a]"},
    {"WITH (FORMAT csv)", "7,\"one \"\"two\"\"\",\n,\"\",a\n", 0,
     "[7|one \"two\"|~][~||a]"},
    {"WITH (FORMAT csv)", "\"a\nb\r\n,c\",d\"e,f\"g\n\"\\.\"\n", 0,
     "[a\nb\r\n,c|de,fg][\\.]"},
    {"WITH (FORMAT csv)", "1\r\n2\r\n", 0, "[1][2]"},
    {"WITH (FORMAT csv)", "1\n\\.\n2\n", 0, "[1]"},
    {"WITH (FORMAT csv)", "\n\"\"\n", 0, "[~][]"},
    {"WITH (FORMAT csv)", "\"a", 0, "!no end"},
    {"CSV HEADER", "x,y\n1,2\n", 0, "[1|2]"},
    {"WITH (FORMAT csv, HEADER match)", "\"x\ny\",y\n1,2\n", 0, "[1|2]"},
    {"WITH (FORMAT csv, QUOTE '''', ESCAPE '\\', DELIMITER ';', NULL 'NULL')",
     "'a\\'b\\\\c\\d';NULL;'NULL'\n", 0, "[a'b\\c\\d|~|NULL]"},
    {"WITH (FORMAT csv, QUOTE '''')", "'it''s',\"x\"\n", 0, "[it's|\"x\"]"},
    {"WITH (FORMAT binary)",
     BYTES(BINARY_HEAD "\0\2\0\0\0\1A\377\377\377\377\0\1\0\0\0\0\377\377"),
     "[A|~][]"},
    {"BINARY", BYTES(BINARY_HEAD "\0\1\0\0\0\2AB"), "[AB]!within a row"},
    {"BINARY", BYTES(BINARY_HEAD "\0\1\0\0\0\3AB"), "!within a row"},
    {"BINARY", BYTES("PGCOPX\n\377\r\n\0\0\0\0\0\0\0\0\0"),
     "!header is not known"},
    {"BINARY", BYTES("PGCOPY\n\377\r\n\0\0\1\0\0\0\0\0\0"),
     "!header is not known"},
    {"BINARY", BYTES(BINARY_HEAD "\177\377"), "!too many values"},
    {"BINARY", BYTES("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\2xx\377\377"), ""},
    /* options that change what the data mean */
    {"WITH (ENCODING 'latin1')", "", 0, "!encoding"},
    {"WITH (FORMAT csv, FORCE_NULL (a))", "", 0, "!force_null"},
    {"WITH (DEFAULT '*')", "", 0, "!default"},
    {"WITH (FORMAT odd)", "", 0, "!FORMAT"},
    {"WITH (DELIMITER 'ab')", "", 0, "!delimiter"},
};

static const PgQuery__CopyStmt *copy_of(const char *options,
					struct arena *arena)
{
	const char *text = arena_printf(arena, "COPY t FROM STDIN %s", options);
	struct sql_tree tree;
	struct error error;

	assert_int_equal(
	    postgres_parser.parse(text, strlen(text), arena, &tree, &error), 0);
	return tree.statements[0].node->copy_stmt;
}

static void show_row(struct buffer *out, const struct copy_row *row)
{
	for (size_t i = 0; i < row->count; i++) {
		const struct value *value = &row->values[i];

		buffer_append_string(out, i ? "|" : "[");
		if (value->data)
			buffer_append(out, value->data, value->size);
		else
			buffer_append_string(out, "~");
	}
	buffer_append_string(out, row->count ? "]" : "[]");
}

static void show_problem(struct buffer *out, const struct error *error,
			 const char *expected)
{
	const char *part = strchr(expected, '!');

	assert_int_equal(error->kind, ERROR_LIMIT);
	buffer_append_string(out, "!");
	buffer_append_string(out, part && strstr(error->message, part + 1)
				      ? part + 1
				      : error->message);
}

/* step: how many more bytes are at hand after each MORE. */
static const char *rows_of(const struct input *input, size_t step,
			   struct arena *arena)
{
	size_t size = input->size ? input->size : strlen(input->data);
	struct copy_reader *reader = NULL;
	struct buffer out;
	struct error error;
	size_t from = 0, to = step < size ? step : size;
	const char *shown;
	bool more = true;

	buffer_init(&out, 0);
	error_init(&error);
	if (postgres_copy.open(copy_of(input->options, arena), &reader,
			       &error)) {
		show_problem(&out, &error, input->rows);
		more = false;
	}
	while (more) {
		struct copy_row row = {0};
		size_t consumed = 0;
		/* (of its own size, so that a sanitizer sees what is beyond) */
		uint8_t *data =
		    arena_copy(arena, input->data + from, to - from);

		switch (postgres_copy.next(reader, data, to - from, to == size,
					   arena, &row, &consumed, &error)) {
		case COPY_ROW:
			show_row(&out, &row);
			from += consumed;
			break;
		case COPY_MORE:
			assert_true(to < size);
			to = step < size - to ? to + step : size;
			break;
		case COPY_END:
			more = to < size && from == to;
			if (more)
				to++;
			break;
		case COPY_BAD:
			show_problem(&out, &error, input->rows);
			more = false;
			break;
		}
	}
	postgres_copy.close(&reader);
	shown = arena_string(arena, buffer_string(&out));
	buffer_release(&out);
	return shown;
}

static void test_rows(void **state)
{
	size_t differing = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(inputs) / sizeof(*inputs); i++)
		for (size_t step = 1; step < 64; step++) {
			struct arena arena;
			const char *is;

			arena_init(&arena, 0);
			is = rows_of(&inputs[i], step, &arena);
			if (strcmp(is, inputs[i].rows) != 0) {
				print_error("%zu (%s), %zu bytes at a time\n"
					    "  is       %s\n  expected %s\n",
					    i, inputs[i].options, step, is,
					    inputs[i].rows);
				differing++;
			}
			arena_release(&arena);
		}
	assert_int_equal(differing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
