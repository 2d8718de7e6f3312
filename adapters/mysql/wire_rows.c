/*
 * Rows as they stream by: counted, digested and, up to max_result, kept. One
 * machine reads them whole or in pieces of any size, with the same result:
 *
 *	text	03 'a' 'b' 'c'  fb		"abc", NULL
 *	binary	00  08  2a 00 00 00		42 (LONG), NULL: bit 3 of the bitmap
 *
 * MySQL's source documentation, "Text Resultset Row" and "Binary Protocol
 * Resultset Row" (the bitmap's first two bits are not used).
 */
#include "adapters/mysql/wire_state.h"

enum { LENGTH_ENCODED = -1, NULL_BITS = 2 };

/* How many bytes a binary value of a column's type has. */
static int value_width(uint8_t type)
{
	switch (type) {
	case 0x06: /* NULL */
		return 0;
	case 0x01: /* TINY */
		return 1;
	case 0x02: /* SHORT */
	case 0x0d: /* YEAR */
		return 2;
	case 0x03: /* LONG */
	case 0x09: /* INT24 */
	case 0x04: /* FLOAT */
		return 4;
	case 0x08: /* LONGLONG */
	case 0x05: /* DOUBLE */
		return 8;
	default: /* times, too: their length is one byte */
		return LENGTH_ENCODED;
	}
}

static int row_malformed(struct wire *wire)
{
	return mysql_bad(wire, "malformed row");
}

/* Whether a row of this size is kept; after the first that is not, none is. */
static bool row_keep(struct wire *wire, uint32_t size)
{
	struct wire_answer *answer = &wire->answer;
	size_t limit = wire->limits->max_result;

	if (answer->capped)
		return false;
	if (answer->kept > limit || size > WIRE_ROW_KEPT ||
	    size + 4 > limit - answer->kept) {
		answer->capped = true;
		return false;
	}
	answer->kept += size + 4;
	return true;
}

static void row_tell(struct wire *wire, struct bytes row)
{
	wire->events->row(wire->context, mysql_command_head(wire)->message,
			  wire->answer.index, row);
}

static int row_begin(struct wire *wire, const struct packet_piece *piece)
{
	struct wire_answer *answer = &wire->answer;

	answer->keeping = row_keep(wire, piece->frame);
	buffer_clear(&answer->row);
	buffer_clear(&answer->head);
	answer->part_size = 0;
	answer->cell = 0;
	answer->in_cell = false;
	answer->head_known = !answer->binary;
	return 0;
}

/* The mark and the bitmap of a binary row. */
static int row_head(struct wire *wire, struct packet_cursor *cursor)
{
	struct wire_answer *answer = &wire->answer;
	size_t size = 1 + (answer->column_count + NULL_BITS + 7) / 8;
	size_t take = size - answer->head.size;

	if (take > packet_left(cursor))
		take = packet_left(cursor);
	buffer_append(&answer->head, cursor->at, take);
	cursor->at += take;
	if (answer->head.failed)
		return mysql_bad(wire, "out of memory");
	if (answer->head.size < size)
		return 0;
	answer->head_known = true;
	return answer->head.data[0] ? row_malformed(wire) : 0;
}

static bool cell_is_null(const struct wire_answer *answer)
{
	size_t bit = answer->cell + NULL_BITS;

	return answer->binary &&
	       answer->head.data[1 + bit / 8] & 1 << (bit % 8);
}

enum cell_length { CELL_MORE, CELL_BAD, CELL_NULL, CELL_KNOWN };

/* A cell's length, of which some bytes may have come before. */
static enum cell_length cell_length(struct wire_answer *answer,
				    struct packet_cursor *cursor,
				    uint64_t *length)
{
	int width = answer->binary ? value_width(answer->types[answer->cell])
				   : LENGTH_ENCODED;
	size_t wanted;

	if (width != LENGTH_ENCODED) {
		*length = (uint64_t)width;
		return CELL_KNOWN;
	}
	if (!answer->part_size) {
		if (!packet_left(cursor))
			return CELL_MORE;
		if (!answer->binary && *cursor->at == PACKET_NULL) {
			cursor->at++;
			return CELL_NULL;
		}
		answer->part[answer->part_size++] = *cursor->at++;
	}
	wanted = packet_length_width(answer->part[0]);
	if (!wanted)
		return CELL_BAD;
	while (answer->part_size < wanted && packet_left(cursor))
		answer->part[answer->part_size++] = *cursor->at++;
	if (answer->part_size < wanted)
		return CELL_MORE;
	answer->part_size = 0;
	*length = wanted == 1
		      ? answer->part[0]
		      : packet_get_integer(answer->part + 1, wanted - 1);
	return CELL_KNOWN;
}

/* A cell that is not whole in this piece. */
static int cell_begin(struct wire *wire, uint64_t length)
{
	struct wire_answer *answer = &wire->answer;

	if (!answer->hash)
		answer->hash = XXH3_createState();
	if (!answer->hash)
		return mysql_bad(wire, "out of memory");
	XXH3_128bits_reset(answer->hash);
	answer->in_cell = true;
	answer->cell_left = length;
	return 0;
}

static void cell_more(struct wire_answer *answer, struct packet_cursor *cursor)
{
	size_t take = packet_left(cursor);
	XXH128_hash_t hash;

	if (take > answer->cell_left)
		take = (size_t)answer->cell_left;
	XXH3_128bits_update(answer->hash, cursor->at, take);
	cursor->at += take;
	answer->cell_left -= take;
	if (answer->cell_left)
		return;
	hash = XXH3_128bits_digest(answer->hash);
	rows_digest_cell_hashed(&answer->rows,
				(struct digest){hash.low64, hash.high64});
	answer->in_cell = false;
	answer->cell++;
}

/* The next cell, or what there is of it. *more: the piece is used up. */
static int row_cell(struct wire *wire, struct packet_cursor *cursor, bool *more)
{
	struct wire_answer *answer = &wire->answer;
	enum cell_length result = CELL_NULL;
	uint64_t length = 0;

	if (answer->in_cell) {
		cell_more(answer, cursor);
		*more = answer->in_cell;
		return 0;
	}
	if (!cell_is_null(answer))
		result = cell_length(answer, cursor, &length);
	switch (result) {
	case CELL_MORE:
		*more = true;
		return 0;
	case CELL_BAD:
		return row_malformed(wire);
	case CELL_NULL:
		rows_digest_null(&answer->rows);
		answer->cell++;
		return 0;
	case CELL_KNOWN:
		break;
	}
	if (length > packet_left(cursor))
		return cell_begin(wire, length);
	rows_digest_cell(&answer->rows, cursor->at, (size_t)length);
	cursor->at += length;
	answer->cell++;
	return 0;
}

static int row_walk(struct wire *wire, const uint8_t *data, size_t size)
{
	struct wire_answer *answer = &wire->answer;
	struct packet_cursor cursor = packet_cursor_of(data, size);
	bool more = false;

	if (!answer->head_known && row_head(wire, &cursor))
		return -1;
	if (!answer->head_known)
		return 0;
	while (answer->cell < answer->column_count && !more)
		if (row_cell(wire, &cursor, &more))
			return -1;
	return packet_left(&cursor) ? row_malformed(wire) : 0;
}

/* Keeps a row that comes in pieces. */
static int row_gather(struct wire *wire, const struct packet_piece *piece)
{
	struct wire_answer *answer = &wire->answer;

	buffer_append(&answer->row, piece->data, piece->size);
	if (answer->row.failed)
		return mysql_bad(wire, "out of memory");
	if (piece->last) {
		row_tell(wire,
			 (struct bytes){answer->row.data, answer->row.size});
		buffer_release(&answer->row);
	}
	return 0;
}

int mysql_row_piece(struct wire *wire, const struct packet_piece *piece)
{
	struct wire_answer *answer = &wire->answer;

	if (piece->first && row_begin(wire, piece))
		return -1;
	if (row_walk(wire, piece->data, piece->size))
		return -1;
	if (piece->last) {
		if (!answer->head_known || answer->cell < answer->column_count)
			return row_malformed(wire);
		rows_digest_row_end(&answer->rows);
	}
	if (!answer->keeping)
		return 0;
	if (piece->first && piece->last) {
		row_tell(wire, (struct bytes){piece->data, piece->size});
		return 0;
	}
	return row_gather(wire, piece);
}

enum packet_result mysql_value_skip(struct packet_cursor *cursor, uint8_t type)
{
	int width = value_width(type);
	struct bytes value;

	return width == LENGTH_ENCODED
		   ? packet_take_string(cursor, &value)
		   : packet_take_bytes(cursor, (size_t)width, &value);
}
