/*
 * Rows of a client's COPY data (manual, COPY, "File Formats"), of which a piece
 * is at hand:
 *
 *	7\tone\\ttab\t\\N\n8\ttw	"7", "one<tab>tab", NULL; then MORE
 *	7,"one ""two""",\n	"7", "one "two"", NULL
 *
 * It takes what the server takes. A row with too many or too few cells is
 * passed on, since the shadow refuses it as the primary did.
 */
#include "adapters/postgres/copy_input.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/memory.h"

enum line_end { END_UNKNOWN, END_NEWLINE, END_RETURN, END_BOTH };

enum { BINARY_HEAD = 19, BINARY_CELLS_MAX = 4096 };

static const uint8_t signature[11] = "PGCOPY\n\377\r\n";

struct copy_reader {
	struct copy_options options;
	enum line_end end; /* as the first line ends */
	bool begun;	   /* the header is read */
	bool over;
	uint8_t *cells; /* of a row, without escapes */
	size_t cells_size;
};

/* A row while it is read: data[at] is next. */
struct copy_reading {
	struct copy_reader *reader;
	const uint8_t *data;
	size_t size;
	size_t at;
	bool last;
	struct arena *arena;
	struct error *error;
	struct value *values;
	size_t count, capacity;
	/* The cell at hand: its bytes without escapes, and where it began. */
	uint8_t *cell;
	size_t length;
	size_t from;
	bool quoted; /* CSV: it has quotes, so it is not NULL */
};

static enum copy_result bad(struct copy_reading *reading, const char *why)
{
	error_set(reading->error, ERROR_LIMIT,
		  "the data of COPY cannot be read: %s", why);
	return COPY_BAD;
}

static void add_value(struct copy_reading *reading, struct value value)
{
	reading->values =
	    arena_push(reading->arena, reading->values, &reading->count,
		       &reading->capacity, sizeof(*reading->values));
	reading->values[reading->count - 1] = value;
}

/* ---- lines ---- */

/* The bytes of a line's end at a place; 0: none is there. -1: it depends on the
 * next byte, which is not at hand. */
static int end_at(struct copy_reading *reading)
{
	struct copy_reader *reader = reading->reader;
	uint8_t byte = reading->data[reading->at];
	bool pair;

	if (byte == '\n' && reader->end != END_RETURN &&
	    reader->end != END_BOTH) {
		reader->end = END_NEWLINE;
		return 1;
	}
	if (byte != '\r' || reader->end == END_NEWLINE)
		return 0;
	if (reading->at + 1 == reading->size && !reading->last &&
	    reader->end != END_RETURN)
		return -1;
	pair = reading->at + 1 < reading->size &&
	       reading->data[reading->at + 1] == '\n';
	if (reader->end == END_UNKNOWN)
		reader->end = pair ? END_BOTH : END_RETURN;
	if (reader->end == END_BOTH)
		return pair ? 2 : 0;
	return 1;
}

/* Ends the cell that ends before `at`. */
static void end_cell(struct copy_reading *reading)
{
	const char *null = reading->reader->options.null;
	size_t raw = reading->at - reading->from;
	struct value value = {reading->cell, (uint32_t)reading->length};

	if (!reading->quoted && raw == strlen(null) &&
	    !memcmp(reading->data + reading->from, null, raw))
		value = (struct value){0};
	add_value(reading, value);
	reading->cell += reading->length;
	reading->length = 0;
	reading->from = reading->at + 1;
	reading->quoted = false;
}

static unsigned digit_of(uint8_t byte)
{
	if (byte >= '0' && byte <= '9')
		return byte - '0';
	byte |= 0x20;
	return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10u : 99;
}

/* Digits of a base from `at` on, `most` of them: how many. */
static size_t take_digits(const struct copy_reading *reading, size_t at,
			  unsigned base, size_t most, uint8_t *value)
{
	unsigned number = 0;
	size_t count = 0;

	while (count < most && at + count < reading->size &&
	       digit_of(reading->data[at + count]) < base)
		number = number * base + digit_of(reading->data[at + count++]);
	*value = (uint8_t)number;
	return count;
}

/* \b, \n, \101, \x41; the reading is at the byte behind the backslash. What is
 * no escape stands for itself. */
static void unescape(struct copy_reading *reading)
{
	static const char letters[] = "bfnrtv";
	static const char meanings[] = "\b\f\n\r\t\v";
	uint8_t byte = reading->data[reading->at];
	const char *letter = byte ? strchr(letters, byte) : NULL;
	size_t digits;
	uint8_t value;

	if (letter) {
		value = (uint8_t)meanings[letter - letters];
		reading->at++;
	} else if (byte == 'x' &&
		   (digits =
			take_digits(reading, reading->at + 1, 16, 2, &value))) {
		reading->at += digits + 1;
	} else if ((digits = take_digits(reading, reading->at, 8, 3, &value))) {
		reading->at += digits;
	} else {
		value = byte;
		reading->at++;
	}
	reading->cell[reading->length++] = value;
}

/* Whether a line is \. alone, which ends the data; the reading is behind its
 * end. */
static bool is_last_line(const struct copy_reading *reading, int end)
{
	size_t length = reading->at - (size_t)end;

	return length == 2 && reading->data[0] == '\\' &&
	       reading->data[1] == '.';
}

/* ROW: the line has ended. */
static enum copy_result end_line(struct copy_reading *reading, int end)
{
	end_cell(reading);
	reading->at += (size_t)end;
	if (!is_last_line(reading, end))
		return COPY_ROW;
	reading->reader->over = true;
	return COPY_END;
}

/* What follows the last line's end, or a line without one. */
static enum copy_result end_of_data(struct copy_reading *reading)
{
	if (!reading->last)
		return COPY_MORE;
	return reading->size ? end_line(reading, 0) : COPY_END;
}

/* Does the line end here, or is that not known? *result is what it gives. */
static bool takes_end(struct copy_reading *reading, enum copy_result *result)
{
	uint8_t byte = reading->data[reading->at];
	int end = end_at(reading);

	if (end < 0)
		*result = COPY_MORE;
	else if (end)
		*result = end_line(reading, end);
	else if (byte == '\n' || byte == '\r')
		*result = bad(reading, "a line ends in another way than "
				       "the first one");
	else
		return false;
	return true;
}

static enum copy_result text_line(struct copy_reading *reading)
{
	const struct copy_options *options = &reading->reader->options;

	while (reading->at < reading->size) {
		uint8_t byte = reading->data[reading->at];
		enum copy_result result;

		if (takes_end(reading, &result))
			return result;
		if (byte == (uint8_t)options->delimiter) {
			end_cell(reading);
			reading->at++;
		} else if (byte != '\\') {
			reading->cell[reading->length++] = byte;
			reading->at++;
		} else if (reading->size - reading->at < 5 && !reading->last) {
			return COPY_MORE; /* the longest escape is \101 */
		} else if (++reading->at == reading->size) {
			return bad(reading, "it ends within an escape");
		} else {
			unescape(reading);
		}
	}
	return end_of_data(reading);
}

/* Within quotes; the reading is behind the first one. True: behind the last. */
static bool csv_quoted(struct copy_reading *reading)
{
	const struct copy_options *options = &reading->reader->options;

	while (reading->at < reading->size) {
		uint8_t byte = reading->data[reading->at];
		bool more = reading->at + 1 < reading->size;
		uint8_t next = more ? reading->data[reading->at + 1] : 0;

		if (byte == (uint8_t)options->escape) {
			if (!more && !reading->last)
				return false;
			if (more && (next == (uint8_t)options->escape ||
				     next == (uint8_t)options->quote)) {
				reading->cell[reading->length++] = next;
				reading->at += 2;
				continue;
			}
		}
		reading->at++;
		if (byte == (uint8_t)options->quote)
			return true;
		reading->cell[reading->length++] = byte;
	}
	return false;
}

static enum copy_result csv_line(struct copy_reading *reading)
{
	const struct copy_options *options = &reading->reader->options;

	while (reading->at < reading->size) {
		uint8_t byte = reading->data[reading->at];
		enum copy_result result;

		if (takes_end(reading, &result))
			return result;
		if (byte == (uint8_t)options->delimiter)
			end_cell(reading);
		reading->at++;
		if (byte == (uint8_t)options->delimiter)
			continue;
		if (byte == (uint8_t)options->quote) {
			reading->quoted = true;
			if (!csv_quoted(reading))
				return reading->last
					   ? bad(reading,
						 "a quoted value has no end")
					   : COPY_MORE;
		} else {
			reading->cell[reading->length++] = byte;
		}
	}
	return end_of_data(reading);
}

/* ---- binary ---- */

static bool has(const struct copy_reading *reading, size_t size)
{
	return reading->size - reading->at >= size;
}

static enum copy_result short_of(struct copy_reading *reading)
{
	return reading->last ? bad(reading, "it ends within a row") : COPY_MORE;
}

/* The header and its extension. */
static enum copy_result binary_head(struct copy_reading *reading)
{
	size_t extension;

	if (!has(reading, BINARY_HEAD))
		return short_of(reading);
	if (memcmp(reading->data, signature, sizeof(signature)) != 0 ||
	    bytes_get_u32(reading->data + 11) & 0xffff0000u)
		return bad(reading, "its header is not known");
	reading->at = BINARY_HEAD;
	extension = bytes_get_u32(reading->data + 15);
	if (extension > COPY_ROW_MAX)
		return bad(reading, "its header is too long");
	if (!has(reading, extension))
		return short_of(reading);
	reading->at += extension;
	return COPY_ROW;
}

static enum copy_result binary_row(struct copy_reading *reading)
{
	size_t count;

	if (!has(reading, 2))
		return short_of(reading);
	count = bytes_get_u16(reading->data + reading->at);
	reading->at += 2;
	if (count == 0xffff) {
		reading->reader->over = true;
		return COPY_END;
	}
	if (count > BINARY_CELLS_MAX)
		return bad(reading, "a row has too many values");
	for (size_t i = 0; i < count; i++) {
		struct value value = {0};
		uint32_t size;

		if (!has(reading, 4))
			return short_of(reading);
		size = bytes_get_u32(reading->data + reading->at);
		reading->at += 4;
		if (size != UINT32_MAX) {
			if (!has(reading, size))
				return short_of(reading);
			value =
			    (struct value){reading->data + reading->at, size};
			reading->at += size;
		}
		add_value(reading, value);
	}
	return COPY_ROW;
}

/* ---- rows ---- */

static enum copy_result read_row(struct copy_reading *reading)
{
	switch (reading->reader->options.form) {
	case COPY_BINARY:
		return binary_row(reading);
	case COPY_CSV:
		return csv_line(reading);
	default:
		return text_line(reading);
	}
}

/* Past a header, which is no row. */
static enum copy_result read_head(struct copy_reading *reading)
{
	const struct copy_options *options = &reading->reader->options;
	enum copy_result result = COPY_ROW;

	if (options->form == COPY_BINARY)
		result = binary_head(reading);
	else if (options->header)
		result = read_row(reading);
	if (result != COPY_ROW)
		return result;
	reading->reader->begun = true;
	reading->data += reading->at;
	reading->size -= reading->at;
	reading->at = reading->from = reading->count = 0;
	return COPY_ROW;
}

static enum copy_result next(struct copy_reader *reader, const uint8_t *data,
			     size_t size, bool last, struct arena *arena,
			     struct copy_row *row, size_t *consumed,
			     struct error *error)
{
	enum line_end before = reader->end;
	struct copy_reading reading = {.reader = reader,
				       .data = data,
				       .size = size,
				       .last = last,
				       .arena = arena,
				       .error = error};
	enum copy_result result;

	if (reader->over)
		return COPY_END;
	if (reader->cells_size <= size) {
		reader->cells_size = size * 2 + 1;
		reader->cells =
		    memory_resize(reader->cells, reader->cells_size);
	}
	reading.cell = reader->cells;
	result = reader->begun ? COPY_ROW : read_head(&reading);
	if (result == COPY_ROW)
		result = read_row(&reading);
	if (result == COPY_ROW) {
		row->values = reading.values;
		row->count = reading.count;
		*consumed = (size_t)(reading.data - data) + reading.at;
	} else if (result == COPY_MORE && size >= COPY_ROW_MAX) {
		result = bad(&reading, "a row is too long");
	} else if (result == COPY_MORE) {
		reader->begun &= reading.data == data;
		reader->end = before;
	}
	return result;
}

static int open_reader(const PgQuery__CopyStmt *statement,
		       struct copy_reader **out, struct error *error)
{
	struct copy_options options;

	if (postgres_copy_options(statement, &options, error))
		return -1;
	*out = memory_alloc(sizeof(**out));
	(*out)->options = options;
	return 0;
}

static void close_reader(struct copy_reader **reader)
{
	if (*reader)
		free((*reader)->cells);
	free(*reader);
	*reader = NULL;
}

static uint8_t format(const struct copy_reader *reader)
{
	return reader->options.form == COPY_BINARY;
}

const struct copy_ops postgres_copy = {
    .open = open_reader,
    .close = close_reader,
    .format = format,
    .next = next,
};
