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

/* How many ReadyForQuery answer it. */
static uint32_t owes_ready(const struct pending *pending)
{
	if (pending->kind == PENDING_SYNC)
		return pending->inside ? 0 : pending->syncs;
	return pending->kind == PENDING_QUERY ||
	       pending->kind == PENDING_FUNCTION;
}

static int queue_grow(struct wire *wire)
{
	size_t capacity = wire->queue_capacity ? wire->queue_capacity * 2 : 8;
	struct pending *queue = malloc(capacity * sizeof(*queue));

	if (!queue)
		return wire_bad(wire, "out of memory");
	for (size_t i = 0; i < wire->queue_count; i++)
		queue[i] = *queue_at(wire, i);
	free(wire->queue);
	wire->queue = queue;
	wire->queue_capacity = capacity;
	wire->queue_head = 0;
	return 0;
}

struct pending *queue_push(struct wire *wire, enum pending_kind kind)
{
	struct pending *pending;

	if (wire->perhaps_skipping && kind != PENDING_SYNC) {
		wire_bad(wire, "a statement behind a failed COPY with Sync in "
			       "its input");
		return NULL;
	}
	/* In COPY the server ends the session for it: COPY is over. */
	if (wire->client_state == CLIENT_COPY && kind != PENDING_SYNC &&
	    kind != PENDING_COPY_END)
		wire->client_state = CLIENT_READY;
	if (wire->queue_count == wire->queue_capacity && queue_grow(wire))
		return NULL;
	pending = queue_at(wire, wire->queue_count++);
	memset(pending, 0, sizeof(*pending));
	pending->kind = kind;
	pending->syncs = kind == PENDING_SYNC;
	wire->owed += owes_ready(pending);
	pending->after = wire->moment.seq;
	return pending;
}

/* However many Syncs stand in a COPY's input, they take one place. */
int queue_push_sync(struct wire *wire, bool malformed)
{
	bool inside = wire->client_state == CLIENT_COPY;
	struct pending *last =
	    wire->queue_count ? queue_at(wire, wire->queue_count - 1) : NULL;

	if (inside && malformed)
		wire->malformed_inside = true;
	if (inside && last && last->inside && last->syncs < UINT32_MAX) {
		last->syncs++;
		return 0;
	}
	last = queue_push(wire, PENDING_SYNC);
	if (!last)
		return -1;
	if (inside)
		wire->owed -= owes_ready(last); /* COPY takes it */
	last->inside = inside;
	last->malformed = malformed;
	return 0;
}

static void pending_release(struct wire *wire, struct pending *pending)
{
	wire->owed -= owes_ready(pending);
	if (pending->portal)
		named_unref(wire, &pending->portal->named);
	if (pending->prepared)
		named_unref(wire, &pending->prepared->named);
	if (pending->displaced)
		named_unref(wire, pending->displaced);
	if (pending->partial_rollbacks.at)
		free(pending->partial_rollbacks.at);
}

void queue_pop(struct wire *wire)
{
	/* Its place is taken by a later push only. */
	struct pending *head = queue_at(wire, 0);

	wire->queue_head = (wire->queue_head + 1) & (wire->queue_capacity - 1);
	wire->queue_count--;
	pending_release(wire, head);
	/* What no COPY took: the server ignores it. */
	head = queue_head(wire);
	if (head && head->kind == PENDING_COPY_END)
		queue_pop(wire);
}

/* Takes out entries in the middle, which hold nothing. */
static void queue_cut(struct wire *wire, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		wire->owed -= owes_ready(queue_at(wire, i));
	for (size_t i = to; i < wire->queue_count; i++)
		*queue_at(wire, i - (to - from)) = *queue_at(wire, i);
	wire->queue_count -= to - from;
}

void queue_pop_sync(struct wire *wire)
{
	struct pending *head = queue_head(wire);
	bool doubtful = head->doubtful;

	if (head->syncs > 1) {
		wire->owed -= !head->inside;
		head->syncs--;
	} else {
		queue_pop(wire);
	}
	/* If COPY swallowed all of those in doubt, this was the answer to the
	 * next behind them, and nothing comes of as many at the end. */
	for (size_t i = 0; doubtful && i < wire->queue_count; i++) {
		if (queue_at(wire, i)->kind == PENDING_SYNC)
			queue_at(wire, i)->doubtful = true;
		else if (queue_at(wire, i)->kind != PENDING_COPY_END)
			break;
	}
}

struct pending *queue_answered(struct wire *wire)
{
	struct pending *head;

	while ((head = queue_head(wire)) && head->kind == PENDING_SYNC &&
	       head->doubtful)
		queue_pop(wire);
	return head;
}

bool queue_idle(const struct wire *wire)
{
	for (size_t i = 0; i < wire->queue_count; i++)
		if (!wire->queue[(wire->queue_head + i) &
				 (wire->queue_capacity - 1)]
			 .doubtful)
			return false;
	return true;
}

/* Of the input's Flushes nothing comes while COPY goes on. */
static void queue_drop_flushes(struct wire *wire)
{
	size_t at = 1;

	while (at < wire->queue_count) {
		if (queue_at(wire, at)->kind == PENDING_SYNC) {
			at++;
		} else if (queue_at(wire, at)->kind == PENDING_MALFORMED) {
			queue_cut(wire, at, at + 1);
			wire->malformed_inside = true;
		} else {
			break;
		}
	}
}

bool queue_copy_begin(struct wire *wire)
{
	size_t end = 1;
	size_t kept = 0;

	wire->malformed_inside = false;
	queue_drop_flushes(wire);
	while (end < wire->queue_count &&
	       queue_at(wire, end)->kind == PENDING_SYNC) {
		struct pending *sync = queue_at(wire, end++);

		wire->owed -= owes_ready(sync);
		sync->inside = true;
		if (sync->malformed)
			wire->malformed_inside = true;
		if (kept++)
			queue_at(wire, 1)->syncs += sync->syncs;
	}
	if (kept > 1) {
		queue_cut(wire, 2, end);
		end = 2;
	}
	return end < wire->queue_count;
}

void queue_copy_end(struct wire *wire, bool failed)
{
	size_t end = 1;

	while (end < wire->queue_count && queue_at(wire, end)->inside) {
		struct pending *sync = queue_at(wire, end++);

		sync->doubtful = failed;
		if (failed)
			sync->inside = false;
		wire->owed += owes_ready(sync);
	}
	if (!failed && end > 1) {
		queue_cut(wire, 1, end);
		end = 1;
	}
	if (end < wire->queue_count &&
	    queue_at(wire, end)->kind == PENDING_COPY_END)
		queue_cut(wire, end, end + 1);
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
