/*
 * Rows as they stream by: counted, digested and, up to max_result, kept. A row
 * that is whole in a run of bytes takes the fast way; one that spans several
 * is digested by a machine that gives the same result for every split.
 */
#include "adapters/postgres/wire_state.h"

/* Once the number of columns is known; later calls do nothing. */
int reply_count(struct wire *wire, size_t column_count)
{
	struct reply *reply = &wire->reply;
	size_t capacity = column_count < WIRE_COLUMN_DIGESTS
			      ? column_count
			      : WIRE_COLUMN_DIGESTS;

	reply->has_rows = true;
	if (reply->counted)
		return 0;
	if (capacity > reply->column_capacity) {
		free(reply->columns);
		reply->column_capacity = 0;
		reply->columns = malloc(capacity * sizeof(*reply->columns));
		if (!reply->columns)
			return wire_bad(wire, "out of memory");
		reply->column_capacity = capacity;
	}
	rows_digest_start(&reply->rows, reply->columns, reply->column_capacity,
			  column_count);
	reply->counted = true;
	return 0;
}

/* Whether a row of this size is kept; after the first that is not, none is. */
static bool reply_keep(struct wire *wire, uint32_t size)
{
	struct reply *reply = &wire->reply;
	size_t limit = wire->limits->max_result;

	if (reply->capped)
		return false;
	if (reply->kept > limit || size > WIRE_ROW_KEPT ||
	    size + 4 > limit - reply->kept) {
		reply->capped = true;
		return false;
	}
	reply->kept += size + 4;
	return true;
}

static void reply_tell(struct wire *wire, const uint8_t *row, uint32_t size)
{
	struct bytes bytes = {row, size};

	wire->events->row(wire->context, queue_head(wire)->message,
			  wire->reply.index, bytes);
}

int reply_row(struct wire *wire, const uint8_t *body, uint32_t size)
{
	struct rows_digest *rows = &wire->reply.rows;
	const uint8_t *end = body + size;
	const uint8_t *at = body + 2;
	size_t count = bytes_get_u16(body);

	if (!wire->reply.counted && reply_count(wire, count))
		return -1;
	for (size_t i = 0; i < count; i++) {
		uint32_t length;

		if (end - at < 4)
			return wire_bad(wire, "malformed DataRow");
		length = bytes_get_u32(at);
		at += 4;
		if (length == UINT32_MAX) {
			rows_digest_null(rows);
			continue;
		}
		if (length > (size_t)(end - at))
			return wire_bad(wire, "malformed DataRow");
		rows_digest_cell(rows, at, length);
		at += length;
	}
	if (at != end)
		return wire_bad(wire, "malformed DataRow");
	rows_digest_row_end(rows);
	if (reply_keep(wire, size))
		reply_tell(wire, body, size);
	return 0;
}

int reply_copy(struct wire *wire, const uint8_t *body, uint32_t size)
{
	struct rows_digest *rows = &wire->reply.rows;

	if (reply_count(wire, 1))
		return -1;
	rows_digest_cell(rows, body, size);
	rows_digest_row_end(rows);
	if (reply_keep(wire, size))
		reply_tell(wire, body, size);
	return 0;
}

/* Begins a row that comes in pieces. */
static int piece_begin(struct wire *wire, uint32_t total)
{
	struct reply *reply = &wire->reply;

	if (!reply->hash) {
		reply->hash = XXH3_createState();
		if (!reply->hash)
			return wire_bad(wire, "out of memory");
	}
	reply->keeping = reply_keep(wire, total);
	buffer_clear(&reply->row);
	reply->part_size = 0;
	reply->in_cell = false;
	reply->count_known = false;
	reply->cells_left = 0;
	return 0;
}

static int piece_keep(struct wire *wire, const uint8_t *data, uint32_t size,
		      uint32_t rest)
{
	struct reply *reply = &wire->reply;

	if (!reply->keeping)
		return 0;
	buffer_append(&reply->row, data, size);
	if (reply->row.failed)
		return wire_bad(wire, "out of memory");
	if (!rest) {
		reply_tell(wire, reply->row.data, (uint32_t)reply->row.size);
		buffer_release(&reply->row);
		reply->keeping = false;
	}
	return 0;
}

static void cell_begin(struct reply *reply, uint32_t size)
{
	XXH3_128bits_reset(reply->hash);
	reply->in_cell = true;
	reply->cell_left = size;
}

static void cell_more(struct reply *reply, const uint8_t *data, uint32_t size)
{
	XXH3_128bits_update(reply->hash, data, size);
	reply->cell_left -= size;
}

static void cell_end(struct reply *reply)
{
	XXH128_hash_t hash = XXH3_128bits_digest(reply->hash);
	struct digest digest = {hash.low64, hash.high64};

	rows_digest_cell_hashed(&reply->rows, digest);
	reply->in_cell = false;
}

/* Gathers `size` bytes of a number that may be split; true: they are there. */
static bool part_take(struct reply *reply, uint8_t size, const uint8_t **data,
		      uint32_t *left)
{
	while (reply->part_size < size && *left) {
		reply->part[reply->part_size++] = *(*data)++;
		(*left)--;
	}
	if (reply->part_size < size)
		return false;
	reply->part_size = 0;
	return true;
}

static int row_walk(struct wire *wire, const uint8_t *data, uint32_t left,
		    uint32_t rest)
{
	struct reply *reply = &wire->reply;

	if (!reply->count_known) {
		if (!part_take(reply, 2, &data, &left))
			return 0;
		reply->count_known = true;
		reply->cells_left = bytes_get_u16(reply->part);
		if (reply_count(wire, reply->cells_left))
			return -1;
	}
	while (reply->cells_left) {
		uint32_t take;

		if (!reply->in_cell) {
			uint32_t length;

			if (!part_take(reply, 4, &data, &left))
				return 0;
			length = bytes_get_u32(reply->part);
			if (length == UINT32_MAX) {
				rows_digest_null(&reply->rows);
				reply->cells_left--;
				continue;
			}
			if (length > left + (uint64_t)rest)
				return wire_bad(wire, "malformed DataRow");
			cell_begin(reply, length);
		}
		take = left < reply->cell_left ? left : reply->cell_left;
		cell_more(reply, data, take);
		data += take;
		left -= take;
		if (reply->cell_left)
			return 0;
		cell_end(reply);
		reply->cells_left--;
	}
	if (left || rest)
		return wire_bad(wire, "malformed DataRow");
	return 0;
}

int reply_row_piece(struct wire *wire, const uint8_t *data, uint32_t size,
		    uint32_t rest, bool first)
{
	struct reply *reply = &wire->reply;

	if (first && piece_begin(wire, size + rest))
		return -1;
	if (row_walk(wire, data, size, rest))
		return -1;
	if (!rest) {
		if (!reply->count_known || reply->cells_left)
			return wire_bad(wire, "malformed DataRow");
		rows_digest_row_end(&reply->rows);
	}
	return piece_keep(wire, data, size, rest);
}

int reply_copy_piece(struct wire *wire, const uint8_t *data, uint32_t size,
		     uint32_t rest, bool first)
{
	struct reply *reply = &wire->reply;

	if (first) {
		if (reply_count(wire, 1) || piece_begin(wire, size + rest))
			return -1;
		cell_begin(reply, size + rest);
	}
	cell_more(reply, data, size);
	if (!rest) {
		cell_end(reply);
		rows_digest_row_end(&reply->rows);
	}
	return piece_keep(wire, data, size, rest);
}
