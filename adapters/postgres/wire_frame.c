/* Framing: type, length, body. See struct message for what goes where. */
#include "adapters/postgres/wire_state.h"

#include <stdarg.h>

int wire_bad(struct wire *wire, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(wire->reason_text, sizeof(wire->reason_text), format,
		  arguments);
	va_end(arguments);
	wire->reason = wire->reason_text;
	return -1;
}

bool framer_at_border(const struct framer *framer)
{
	return !framer->message && !framer->head_size;
}

static uint32_t framer_held_limit(const struct wire *wire,
				  const struct message *message)
{
	if (message->held != UINT32_MAX)
		return message->held;
	if (wire->limits->max_statement >= WIRE_LARGE_MAX)
		return WIRE_LARGE_MAX;
	return (uint32_t)wire->limits->max_statement + 1024;
}

/* The type stands alone in front: what it may not do here needs no length. */
static enum framing framer_admit(struct wire *wire, const struct message *table,
				 unsigned state, uint8_t type)
{
	const struct message *message = &table[type];

	if (message->name && message->states & state)
		return FRAMING_DONE;
	if (message->name)
		wire_bad(wire, "message %s out of place", message->name);
	else
		wire_bad(wire, "unknown message type 0x%02x", type);
	return FRAMING_REFUSED;
}

/* A head is complete: the limits are checked before anything is waited for. */
static enum framing framer_start(struct wire *wire, struct framer *framer,
				 const struct message *table,
				 const uint8_t *head)
{
	const struct message *message = &table[head[0]];
	uint32_t length = bytes_get_u32(head + 1);

	if (length < 4 || length - 4 < message->least ||
	    length - 4 > message->most) {
		wire_bad(wire, "message %s with impossible length %u",
			 message->name, length);
		return FRAMING_REFUSED;
	}
	framer->message = message;
	framer->total = framer->remaining = length - 4;
	framer->streaming = framer->discarding = false;
	return FRAMING_DONE;
}

/* The body is complete in `held` (or `held` is its kept prefix). */
static int framer_end_held(struct wire *wire, struct framer *framer)
{
	const struct message *message = framer->message;
	int result = message->whole(wire, framer->held.data,
				    (uint32_t)framer->held.size, framer->total);

	buffer_release(&framer->held);
	framer->message = NULL;
	return result;
}

/* Some of a body that is not whole in this run; *used of it are taken. */
static int framer_part(struct wire *wire, struct framer *framer,
		       const uint8_t *data, size_t size, size_t *used)
{
	const struct message *message = framer->message;
	uint32_t limit = framer_held_limit(wire, message);
	uint32_t take =
	    size < framer->remaining ? (uint32_t)size : framer->remaining;

	if (!framer->streaming && !framer->discarding) {
		if (framer->held.size < limit) {
			if (take > limit - framer->held.size)
				take = limit - (uint32_t)framer->held.size;
			buffer_append(&framer->held, data, take);
			if (framer->held.failed)
				return wire_bad(wire, "out of memory");
			framer->remaining -= take;
			*used = take;
			return framer->remaining
				   ? 0
				   : framer_end_held(wire, framer);
		}
		if (message->piece) {
			framer->streaming = true;
			if (message->piece(wire, framer->held.data,
					   (uint32_t)framer->held.size,
					   framer->remaining, true))
				return -1;
			buffer_release(&framer->held);
		} else {
			framer->discarding = true;
		}
	}
	framer->remaining -= take;
	*used = take;
	if (framer->discarding)
		return framer->remaining ? 0 : framer_end_held(wire, framer);
	if (message->piece(wire, data, take, framer->remaining, false))
		return -1;
	if (!framer->remaining)
		framer->message = NULL;
	return 0;
}

/* The head in framer->head or, the usual case, in place. */
static const uint8_t *framer_head(struct framer *framer, const uint8_t *data,
				  size_t size, size_t *used)
{
	size_t take;

	if (!framer->head_size && size >= sizeof(framer->head)) {
		*used = sizeof(framer->head);
		return data;
	}
	take = sizeof(framer->head) - framer->head_size;
	if (take > size)
		take = size;
	memcpy(framer->head + framer->head_size, data, take);
	framer->head_size = (uint8_t)(framer->head_size + take);
	*used = take;
	return framer->head_size == sizeof(framer->head) ? framer->head : NULL;
}

/*
 * The messages from a border on that stand whole in the run, with nothing wrong
 * in their heads: the usual case, which leaves no trace in the framer. *used
 * bytes are theirs.
 */
static int framer_run_whole(struct wire *wire, const struct message *table,
			    const unsigned *state, const uint8_t *data,
			    size_t size, size_t *used)
{
	const uint8_t *at = data;
	const uint8_t *const end = data + size;
	int result = 0;

	while (end - at >= 5 && !result) {
		const struct message *message = &table[at[0]];
		/* That of an impossible length is above any `most`. */
		uint32_t body = bytes_get_u32(at + 1) - 4;

		if (!(message->states & *state) || body < message->least ||
		    body > message->most || body > (size_t)(end - at) - 5)
			break;
		at += 5;
		result = message->whole(wire, at, body, body);
		at += body;
	}
	*used = (size_t)(at - data);
	return result;
}

enum framing framer_run(struct wire *wire, struct framer *framer,
			const struct message *table, unsigned *state,
			const uint8_t *data, size_t size, size_t *good)
{
	size_t position = 0;

	*good = 0;
	while (position < size) {
		size_t used = 0;

		if (framer_at_border(framer)) {
			if (framer_run_whole(wire, table, state,
					     data + position, size - position,
					     &used))
				return FRAMING_FAILED;
			position += used;
			if (position == size)
				break;
		}
		if (!framer->message) {
			const uint8_t *head;

			*good = position;
			if (!framer->head_size &&
			    framer_admit(wire, table, *state, data[position]))
				return FRAMING_REFUSED;
			head = framer_head(framer, data + position,
					   size - position, &used);
			position += used;
			if (!head)
				break;
			framer->head_size = 0;
			if (framer_start(wire, framer, table, head))
				return FRAMING_REFUSED;
		}
		if (framer->remaining == framer->total &&
		    framer->remaining <= size - position &&
		    !framer->held.size && !framer->streaming) {
			const struct message *message = framer->message;
			const uint8_t *at = data + position;

			position += framer->total;
			framer->message = NULL;
			if (message->whole(wire, at, framer->total,
					   framer->total))
				return FRAMING_FAILED;
			continue;
		}
		if (position == size)
			break;
		if (framer_part(wire, framer, data + position, size - position,
				&used))
			return FRAMING_FAILED;
		position += used;
	}
	*good = size;
	return FRAMING_DONE;
}
