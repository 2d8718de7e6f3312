#include "adapters/mysql/packet.h"

#include <string.h>

bool packet_at_border(const struct packet_framer *framer)
{
	return !framer->inside && !framer->head_size;
}

/* A frame's head is complete. */
static void packet_frame_begin(struct packet_framer *framer)
{
	framer->left = (uint32_t)packet_get_integer(framer->head, 3);
	framer->continued = framer->left == PACKET_FRAME_MAX;
	framer->head_size = 0;
	if (framer->inside) {
		framer->sequence = framer->head[3];
		return;
	}
	framer->inside = true;
	framer->total = 0;
	framer->frame = framer->left;
	framer->sequence = framer->head[3];
}

/* The head of a frame; false: it is not complete yet. */
static bool packet_take_head(struct packet_framer *framer, const uint8_t *data,
			     size_t size, size_t *used)
{
	size_t take = PACKET_HEAD - framer->head_size;

	if (take > size)
		take = size;
	memcpy(framer->head + framer->head_size, data, take);
	framer->head_size = (uint8_t)(framer->head_size + take);
	*used = take;
	if (framer->head_size < PACKET_HEAD)
		return false;
	packet_frame_begin(framer);
	return true;
}

enum packet_result packet_next(struct packet_framer *framer,
			       const uint8_t *data, size_t size, size_t *used,
			       struct packet_piece *piece)
{
	size_t take;

	*used = 0;
	/* Between frames: at a border, or behind a frame of the longest size.
	 * A loop, since such a frame's end gives no piece of its own. */
	while (!framer->inside || (!framer->left && framer->continued)) {
		size_t head;
		bool whole =
		    packet_take_head(framer, data + *used, size - *used, &head);

		*used += head;
		if (!whole)
			return PACKET_MORE;
	}
	take = size - *used < framer->left ? size - *used : framer->left;
	if (!take && framer->left)
		return PACKET_MORE;
	piece->data = data + *used;
	piece->size = take;
	piece->before = framer->total;
	piece->frame = framer->frame;
	piece->sequence = framer->sequence;
	piece->first = framer->total == 0;
	framer->left -= (uint32_t)take;
	framer->total += take;
	piece->last = !framer->left && !framer->continued;
	*used += take;
	if (piece->last)
		framer->inside = false;
	return PACKET_OK;
}

void packet_put_head(uint8_t *out, size_t size, uint8_t sequence)
{
	out[0] = (uint8_t)size;
	out[1] = (uint8_t)(size >> 8);
	out[2] = (uint8_t)(size >> 16);
	out[3] = sequence;
}

struct packet_cursor packet_cursor_of(const void *data, size_t size)
{
	struct packet_cursor cursor = {data, data};

	if (size)
		cursor.end += size;
	return cursor;
}

size_t packet_left(const struct packet_cursor *cursor)
{
	return (size_t)(cursor->end - cursor->at);
}

uint64_t packet_get_integer(const uint8_t *in, size_t width)
{
	uint64_t value = 0;

	for (size_t i = width; i > 0; i--)
		value = value << 8 | in[i - 1];
	return value;
}

enum packet_result packet_take_integer(struct packet_cursor *cursor,
				       size_t width, uint64_t *value)
{
	if (width > packet_left(cursor))
		return PACKET_BAD;
	*value = packet_get_integer(cursor->at, width);
	cursor->at += width;
	return PACKET_OK;
}

size_t packet_length_width(uint8_t first)
{
	switch (first) {
	case PACKET_NULL:
	case PACKET_ERROR:
		return 0;
	case 0xfc:
		return 3;
	case 0xfd:
		return 4;
	case 0xfe:
		return 9;
	default:
		return 1;
	}
}

enum packet_result packet_take_length(struct packet_cursor *cursor,
				      uint64_t *value)
{
	size_t width;

	if (!packet_left(cursor))
		return PACKET_BAD;
	width = packet_length_width(*cursor->at);
	if (width == 1) {
		*value = *cursor->at++;
		return PACKET_OK;
	}
	if (!width || width > packet_left(cursor))
		return PACKET_BAD;
	cursor->at++;
	return packet_take_integer(cursor, width - 1, value);
}

enum packet_result packet_take_bytes(struct packet_cursor *cursor, size_t size,
				     struct bytes *out)
{
	if (size > packet_left(cursor))
		return PACKET_BAD;
	out->data = cursor->at;
	out->size = size;
	if (size)
		cursor->at += size;
	return PACKET_OK;
}

enum packet_result packet_take_string(struct packet_cursor *cursor,
				      struct bytes *out)
{
	uint64_t size;

	if (packet_take_length(cursor, &size) || size > packet_left(cursor))
		return PACKET_BAD;
	return packet_take_bytes(cursor, (size_t)size, out);
}

enum packet_result packet_take_name(struct packet_cursor *cursor,
				    struct bytes *out)
{
	size_t left = packet_left(cursor);
	const uint8_t *nul = left ? memchr(cursor->at, 0, left) : NULL;

	if (!nul)
		return PACKET_BAD;
	out->data = cursor->at;
	out->size = (size_t)(nul - cursor->at);
	cursor->at = nul + 1;
	return PACKET_OK;
}

void packet_copy(char *out, size_t size, struct bytes name)
{
	size_t take = name.size < size - 1 ? name.size : size - 1;

	if (take)
		memcpy(out, name.data, take);
	out[take] = 0;
}
