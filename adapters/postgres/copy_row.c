/*
 * Rows of COPY's text format, one line each, as values and back:
 *
 *	7\tone\\ttab\t\\N\n	"7", "one<tab>tab", NULL
 *
 * The decoder takes what a server sends (COPY TO STDOUT in the manual, "Text
 * Format"); a byte that is not part of an escape stands for itself.
 */
#include "adapters/postgres/copy_row.h"

#include <string.h>

/* The byte that an escape stands for; letters other than these stand for
 * themselves. */
static uint8_t unescaped(uint8_t letter)
{
	switch (letter) {
	case 'b':
		return '\b';
	case 'f':
		return '\f';
	case 'n':
		return '\n';
	case 'r':
		return '\r';
	case 't':
		return '\t';
	case 'v':
		return '\v';
	default:
		return letter;
	}
}

/* One cell, whose bytes have neither tab nor end. */
static int read_cell(const char *text, size_t size, struct arena *arena,
		     struct value *out, struct error *error)
{
	uint8_t *data;
	size_t length = 0;

	*out = (struct value){0};
	if (size == 2 && text[0] == '\\' && text[1] == 'N')
		return 0;
	data = arena_alloc(arena, size + 1);
	for (size_t i = 0; i < size; i++) {
		uint8_t byte = (uint8_t)text[i];

		if (byte == '\\') {
			if (++i == size)
				return error_set(error, ERROR_PROTOCOL,
						 "a row of COPY ends within an "
						 "escape");
			byte = unescaped((uint8_t)text[i]);
		}
		data[length++] = byte;
	}
	*out = (struct value){data, (uint32_t)length};
	return 0;
}

static size_t count_cells(const char *data, size_t size)
{
	size_t count = 1;

	for (size_t i = 0; i < size; i++)
		count += data[i] == '\t';
	return count;
}

int postgres_read_row(const char *data, size_t size, struct arena *arena,
		      struct value **values, size_t *count, struct error *error)
{
	const char *end;

	if (!size || data[size - 1] != '\n' || size > UINT32_MAX)
		return error_set(error, ERROR_PROTOCOL,
				 "a row of COPY has no end");
	end = data + size - 1;
	*count = count_cells(data, size - 1);
	*values = arena_array(arena, *count, sizeof(**values));
	for (size_t i = 0; i < *count; i++) {
		const char *tab = memchr(data, '\t', (size_t)(end - data));
		const char *stop = tab ? tab : end;

		if (read_cell(data, (size_t)(stop - data), arena, &(*values)[i],
			      error))
			return -1;
		data = tab ? tab + 1 : end;
	}
	return 0;
}

void postgres_write_row(struct buffer *out, const struct value *values,
			size_t count)
{
	static const char bytes[] = "\b\f\n\r\t\v\\";
	static const char letters[] = "bfnrtv\\";

	for (size_t i = 0; i < count; i++) {
		if (i)
			buffer_append_byte(out, '\t');
		if (!values[i].data)
			buffer_append_string(out, "\\N");
		for (size_t k = 0; values[i].data && k < values[i].size; k++) {
			uint8_t byte = values[i].data[k];
			const char *at =
			    byte ? strchr(bytes, (char)byte) : NULL;

			if (at) {
				buffer_append_byte(out, '\\');
				byte = (uint8_t)letters[at - bytes];
			}
			buffer_append_byte(out, byte);
		}
	}
	buffer_append_byte(out, '\n');
}

/* 7,"one ""two""", : NULL is nothing, and all else has quotes. */
void postgres_write_row_reduced(struct buffer *out, const struct value *values,
				size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (i)
			buffer_append_byte(out, ',');
		if (!values[i].data)
			continue;
		buffer_append_byte(out, '"');
		for (size_t k = 0; k < values[i].size; k++) {
			if (values[i].data[k] == '"')
				buffer_append_byte(out, '"');
			buffer_append_byte(out, values[i].data[k]);
		}
		buffer_append_byte(out, '"');
	}
	buffer_append_byte(out, '\n');
}
