#include "adapters/postgres/decode.h"

/* The rest of a run of bytes. A read past its end sets bad and returns 0; bad
 * is checked once, after the reads. */
struct cursor {
	const uint8_t *at;
	size_t left;
	bool bad;
};

static const uint8_t *take(struct cursor *cursor, size_t size)
{
	const uint8_t *at = cursor->at;

	if (cursor->bad || size > cursor->left) {
		cursor->bad = true;
		return NULL;
	}
	cursor->at += size;
	cursor->left -= size;
	return at;
}

static uint16_t take_u16(struct cursor *cursor)
{
	const uint8_t *at = take(cursor, 2);

	return at ? bytes_get_u16(at) : 0;
}

static uint32_t take_u32(struct cursor *cursor)
{
	const uint8_t *at = take(cursor, 4);

	return at ? bytes_get_u32(at) : 0;
}

static const char *take_string(struct cursor *cursor)
{
	const uint8_t *end = NULL;
	const char *start;

	if (!cursor->bad && cursor->left)
		end = memchr(cursor->at, 0, cursor->left);
	if (!end) {
		cursor->bad = true;
		return "";
	}
	start = (const char *)cursor->at;
	cursor->left -= (size_t)(end - cursor->at) + 1;
	cursor->at = end + 1;
	return start;
}

/* A cell: a length (-1: NULL) and as many bytes. */
static struct value take_value(struct cursor *cursor)
{
	struct value value = {NULL, 0};
	uint32_t size = take_u32(cursor);

	if (cursor->bad || size == UINT32_MAX)
		return value;
	value.data = take(cursor, size);
	if (value.data)
		value.size = size;
	return value;
}

static struct cursor cursor_of(struct bytes bytes)
{
	struct cursor cursor = {bytes.data, bytes.size, false};

	return cursor;
}

static int truncated(struct error *error, const char *what)
{
	return error_set(error, ERROR_CORRUPT, "%s is cut short or malformed",
			 what);
}

/* A count and as many format codes. NULL: malformed (or a code above 1). */
static const uint8_t *take_formats(struct cursor *cursor, struct arena *arena,
				   size_t *count)
{
	size_t held = take_u16(cursor);
	uint8_t *formats;

	if (cursor->bad || held > cursor->left / 2) {
		cursor->bad = true;
		return NULL;
	}
	formats = arena_array(arena, held, sizeof(*formats));
	for (size_t i = 0; i < held; i++) {
		uint16_t format = take_u16(cursor);

		if (format > 1)
			cursor->bad = true;
		formats[i] = (uint8_t)format;
	}
	*count = held;
	return cursor->bad ? NULL : formats;
}

static int decode_bind(struct bytes bind, struct arena *arena,
		       struct decoded_bind *out, struct error *error)
{
	struct cursor cursor = cursor_of(bind);
	struct decoded_bind decoded = {0};
	const uint8_t *formats;
	size_t format_count = 0;
	struct value *values;
	uint8_t *spread;

	formats = take_formats(&cursor, arena, &format_count);
	decoded.value_count = take_u16(&cursor);
	if (cursor.bad || decoded.value_count > cursor.left / 4)
		return truncated(error, "Bind");
	if (format_count > 1 && format_count != decoded.value_count)
		return error_set(error, ERROR_CORRUPT,
				 "Bind has %zu format codes for %zu values",
				 format_count, decoded.value_count);
	values = arena_array(arena, decoded.value_count, sizeof(*values));
	spread = arena_array(arena, decoded.value_count, sizeof(*spread));
	for (size_t i = 0; i < decoded.value_count; i++) {
		values[i] = take_value(&cursor);
		if (format_count)
			spread[i] = formats[format_count == 1 ? 0 : i];
	}
	decoded.values = values;
	decoded.formats = spread;
	decoded.result_formats =
	    take_formats(&cursor, arena, &decoded.result_format_count);
	if (cursor.bad || cursor.left)
		return truncated(error, "Bind");
	*out = decoded;
	return 0;
}

enum { FIELD_MINIMUM = 19 }; /* bytes of a RowDescription's field of no name */

/* Fills columns and returns true if the bytes are a complete RowDescription. */
static bool read_description(struct bytes bytes, struct arena *arena,
			     struct answer_column **out, size_t *count)
{
	struct cursor cursor = cursor_of(bytes);
	size_t held = take_u16(&cursor);
	struct answer_column *columns;

	if (cursor.bad || held > cursor.left / FIELD_MINIMUM)
		return false;
	columns = arena_array(arena, held, sizeof(*columns));
	for (size_t i = 0; i < held; i++) {
		struct answer_column *column = &columns[i];
		uint16_t format;

		column->name = take_string(&cursor);
		column->table = take_u32(&cursor);
		column->attribute = take_u16(&cursor);
		column->type = take_u32(&cursor);
		take_u16(&cursor); /* the type's size; the catalog has it */
		column->modifier = (int32_t)take_u32(&cursor);
		format = take_u16(&cursor);
		if (cursor.bad || format > 1)
			return false;
		column->format = (uint8_t)format;
	}
	*out = columns;
	*count = held;
	return !cursor.left;
}

/* The same for a CopyOutResponse: an overall format, then one a column. */
static bool read_copy_response(struct bytes bytes, struct arena *arena,
			       struct answer_column **out, size_t *count)
{
	struct cursor cursor = cursor_of(bytes);
	const uint8_t *overall = take(&cursor, 1);
	struct answer_column *columns;
	const uint8_t *formats;
	size_t held = 0;

	if (!overall || *overall > 1)
		return false;
	formats = take_formats(&cursor, arena, &held);
	if (!formats || cursor.left)
		return false;
	columns = arena_array(arena, held, sizeof(*columns));
	for (size_t i = 0; i < held; i++) {
		columns[i].name = "";
		columns[i].modifier = -1;
		columns[i].format = formats[i];
	}
	*out = columns;
	*count = held;
	return true;
}

static int decode_columns(struct bytes bytes, const uint8_t *result_formats,
			  size_t result_format_count, struct arena *arena,
			  const struct answer_column **out, size_t *count,
			  struct error *error)
{
	struct answer_column *columns = NULL;
	size_t held = 0;

	/*
	 * Nothing in the bytes says which of the two they are. No
	 * CopyOutResponse of up to 1,664 columns (the engine's limit) reads as
	 * a whole RowDescription: with the count that its first bytes would
	 * give, it is too short or too long. So the order of trying decides.
	 */
	if (!read_description(bytes, arena, &columns, &held)) {
		if (!read_copy_response(bytes, arena, &columns, &held))
			return truncated(error, "RowDescription");
	} else if (result_format_count == 1) {
		for (size_t i = 0; i < held; i++)
			columns[i].format = result_formats[0];
	} else if (result_format_count) {
		if (result_format_count != held)
			return error_set(
			    error, ERROR_CORRUPT,
			    "Bind has %zu result formats for %zu columns",
			    result_format_count, held);
		for (size_t i = 0; i < held; i++)
			columns[i].format = result_formats[i];
	}
	*out = columns;
	*count = held;
	return 0;
}

/* Counts the messages; -1: a length passes the end. */
static int count_rows(struct bytes rows, size_t *count)
{
	struct cursor cursor = cursor_of(rows);

	*count = 0;
	while (cursor.left) {
		take(&cursor, take_u32(&cursor));
		if (cursor.bad)
			return -1;
		++*count;
	}
	return 0;
}

static int decode_copy(struct bytes rows, size_t count, struct arena *arena,
		       const struct value **out)
{
	struct cursor cursor = cursor_of(rows);
	struct value *values = arena_array(arena, count, sizeof(*values));

	for (size_t i = 0; i < count; i++) {
		values[i].size = take_u32(&cursor);
		values[i].data = take(&cursor, values[i].size);
	}
	*out = values;
	return 0;
}

static int decode_rows(struct bytes rows, bool copy, size_t *column_count,
		       struct arena *arena, const struct value **out,
		       size_t *row_count, struct error *error)
{
	struct cursor cursor = cursor_of(rows);
	struct value *values;
	size_t width = *column_count;
	size_t count;

	if (count_rows(rows, &count))
		return truncated(error, "a row");
	if (copy) {
		*column_count = 1;
		*row_count = count;
		return decode_copy(rows, count, arena, out);
	}
	if (!width && count) {
		struct cursor first = cursor_of(rows);

		if (take_u32(&first) < 2)
			return truncated(error, "DataRow");
		width = take_u16(&first);
	}
	/* Each cell has at least four bytes, which bounds the allocation. */
	if (count && width > rows.size / count / 4)
		return truncated(error, "DataRow");
	values = arena_array(arena, count * width, sizeof(*values));
	for (size_t row = 0; row < count; row++) {
		struct cursor cells = {NULL, take_u32(&cursor), false};
		size_t held;

		cells.at = take(&cursor, cells.left);
		held = take_u16(&cells);
		if (!cells.bad && held != width)
			return error_set(
			    error, ERROR_CORRUPT,
			    "DataRow has %zu cells where %zu were described",
			    held, width);
		for (size_t i = 0; i < width; i++)
			values[row * width + i] = take_value(&cells);
		if (cells.bad || cells.left)
			return truncated(error, "DataRow");
	}
	*column_count = width;
	*row_count = count;
	*out = values;
	return 0;
}

static int64_t decode_affected(const char *tag)
{
	const char *word = strrchr(tag, ' ');
	int64_t affected = 0;

	if (!word || !*++word)
		return -1;
	for (; *word; word++) {
		int digit = *word - '0';

		if (digit < 0 || digit > 9 ||
		    affected > (INT64_MAX - digit) / 10)
			return -1;
		affected = affected * 10 + digit;
	}
	return affected;
}

const struct decode_ops postgres_decode = {
    .bind = decode_bind,
    .columns = decode_columns,
    .rows = decode_rows,
    .affected = decode_affected,
};
