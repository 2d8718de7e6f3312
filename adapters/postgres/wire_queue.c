/*
 * The queue of messages that the server owes an answer. A message takes its
 * effect on the tables of names when it is forwarded, so that those behind it
 * in a pipeline find what it makes; if the server skips it, that is undone.
 */
#include "adapters/postgres/wire_state.h"

struct pending *queue_at(struct wire *wire, size_t index)
{
	return &wire->queue[(wire->queue_head + index) &
			    (wire->queue_capacity - 1)];
}

struct pending *queue_head(struct wire *wire)
{
	return wire->queue_count ? &wire->queue[wire->queue_head] : NULL;
}

/* Whether a ReadyForQuery answers it. */
static bool owes_ready(enum pending_kind kind)
{
	return kind == PENDING_QUERY || kind == PENDING_FUNCTION ||
	       kind == PENDING_SYNC;
}

struct pending *queue_push(struct wire *wire, enum pending_kind kind)
{
	struct pending *pending;

	if (wire->queue_count == wire->queue_capacity) {
		size_t capacity =
		    wire->queue_capacity ? wire->queue_capacity * 2 : 8;
		struct pending *queue = malloc(capacity * sizeof(*queue));

		if (!queue) {
			wire_bad(wire, "out of memory");
			return NULL;
		}
		for (size_t i = 0; i < wire->queue_count; i++)
			queue[i] = *queue_at(wire, i);
		free(wire->queue);
		wire->queue = queue;
		wire->queue_capacity = capacity;
		wire->queue_head = 0;
	}
	pending = queue_at(wire, wire->queue_count++);
	memset(pending, 0, sizeof(*pending));
	pending->kind = kind;
	wire->owed += owes_ready(kind);
	pending->after = wire->moment.seq;
	return pending;
}

static void pending_release(struct wire *wire, struct pending *pending)
{
	wire->owed -= owes_ready(pending->kind);
	if (pending->portal)
		named_unref(wire, &pending->portal->named);
	if (pending->prepared)
		named_unref(wire, &pending->prepared->named);
	named_unref(wire, pending->displaced);
	free(pending->partial_rollbacks.at);
}

void queue_pop(struct wire *wire)
{
	struct pending head = *queue_head(wire);

	wire->queue_head = (wire->queue_head + 1) & (wire->queue_capacity - 1);
	wire->queue_count--;
	pending_release(wire, &head);
}

/* Takes back what a message did to the tables. */
static void pending_undo(struct wire *wire, struct pending *pending)
{
	struct names *names = &wire->prepared;
	struct named *made = NULL;
	struct named *displaced = NULL;

	switch (pending->kind) {
	case PENDING_PARSE:
		made = pending->prepared ? &pending->prepared->named : NULL;
		break;
	case PENDING_BIND:
		made = pending->portal ? &pending->portal->named : NULL;
		names = &wire->portals;
		break;
	case PENDING_CLOSE:
		if (pending->displaced && pending->displaced->is_portal)
			names = &wire->portals;
		break;
	default:
		return;
	}
	if (made && made->installed)
		named_unref(wire, names_remove(names, made->name));
	if (pending->displaced && !names_get(names, pending->displaced->name) &&
	    names_put(names, pending->displaced, &displaced))
		return; /* no memory: it is not known any more, no more */
}

void queue_skip(struct wire *wire, size_t from, size_t to)
{
	size_t count = to - from;

	for (size_t i = from; i < to; i++) {
		struct pending *pending = queue_at(wire, i);

		if (pending->message)
			wire_end_message(wire, pending->message, 0,
					 WIRE_SKIPPED, NULL);
	}
	for (size_t i = to; i > from; i--) {
		pending_undo(wire, queue_at(wire, i - 1));
		pending_release(wire, queue_at(wire, i - 1));
	}
	for (size_t i = to; i < wire->queue_count; i++)
		*queue_at(wire, i - count) = *queue_at(wire, i);
	wire->queue_count -= count;
}

/* A long queue's memory is not kept for an idle session. */
void queue_trim(struct wire *wire)
{
	if (wire->queue_count || wire->queue_capacity <= 16)
		return;
	free(wire->queue);
	wire->queue = NULL;
	wire->queue_capacity = wire->queue_head = 0;
}
