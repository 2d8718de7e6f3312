/*
 * The scheduler against a model: a simulated primary with row locks makes
 * histories of (seq, after), a simulated shadow with row locks runs them. Each
 * row must see the same writers in the same order, and nothing may stop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "mirror/schedule.h"

enum { SESSIONS = 6, TABLES = 3, ROWS = 2, STEPS = 6, HISTORY = 400 };
enum { LOCKS = TABLES * ROWS };

static uint64_t state;

static unsigned pick(unsigned limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 11) % limit;
}

struct event { /* an exchange, or the end of a transaction, or both */
	struct schedule_item item;
	unsigned session;
	unsigned lock; /* table * ROWS + row */
	bool write;
	uint64_t transaction;
};

struct order {
	uint64_t writers[HISTORY * 2];
	size_t count;
};

static void order_add(struct order *order, uint64_t transaction)
{
	if (order->count && order->writers[order->count - 1] == transaction)
		return;
	order->writers[order->count++] = transaction;
}

/* --- the primary --- */

enum phase { IDLE, FORWARDED, WAITING, ANSWERED };

struct client {
	enum phase phase;
	struct event *event;
	uint64_t transaction;
	unsigned next_lock; /* ascending within a transaction: no deadlocks */
	bool in_block;
};

struct history {
	struct event *events[HISTORY];
	size_t count;
	struct order orders[LOCKS];
};

static void execute(struct client *client, uint64_t *owners,
		    struct history *history)
{
	struct event *event = client->event;

	if (event->write) {
		uint64_t *owner = &owners[event->lock];

		if (*owner && *owner != client->transaction) {
			client->phase = WAITING;
			return;
		}
		*owner = client->transaction;
		order_add(&history->orders[event->lock], client->transaction);
	}
	if (event->item.ends)
		for (size_t i = 0; i < LOCKS; i++)
			if (owners[i] == client->transaction)
				owners[i] = 0;
	client->phase = ANSWERED;
}

static void forward(struct client *client, unsigned session, bool singles,
		    uint64_t last_seq, uint64_t *transactions)
{
	struct event *event = memory_alloc(sizeof(*event));

	event->session = session;
	event->item.after = last_seq;
	if (!client->in_block) {
		client->transaction = ++*transactions;
		client->next_lock = 0;
	}
	event->transaction = client->transaction;
	if (client->in_block && (!pick(4) || client->next_lock >= LOCKS)) {
		event->item.ends = true;
		client->in_block = false;
	} else {
		event->lock =
		    client->next_lock + pick(LOCKS - client->next_lock);
		client->next_lock = event->lock + 1;
		event->write = pick(3) != 0;
		if (!client->in_block && singles && pick(2))
			event->item.ends = true;
		else
			client->in_block = true;
		schedule_set_add(event->write ? &event->item.writes
					      : &event->item.reads,
				 event->lock / ROWS);
	}
	client->event = event;
	client->phase = FORWARDED;
}

static void make_history(struct history *history, bool singles)
{
	struct client clients[SESSIONS] = {0};
	uint64_t owners[LOCKS] = {0};
	uint64_t seq = 0, transactions = 0;

	*history = (struct history){0};
	for (;;) {
		unsigned session = pick(SESSIONS);
		struct client *client = &clients[session];
		bool open = false;

		switch (client->phase) {
		case IDLE:
			/* towards the end only those in a block go on */
			if (history->count < HISTORY / 2 || client->in_block)
				forward(client, session, singles, seq,
					&transactions);
			break;
		case FORWARDED:
		case WAITING:
			execute(client, owners, history);
			break;
		case ANSWERED:
			client->event->item.seq = ++seq;
			if (client->event->item.ends &&
			    !schedule_set_empty(&client->event->item.writes))
				seq++;
			client->event->item.last_seq = seq;
			assert_true(history->count < HISTORY);
			history->events[history->count++] = client->event;
			client->phase = IDLE;
			break;
		}
		for (size_t i = 0; i < SESSIONS; i++)
			open |= clients[i].phase != IDLE || clients[i].in_block;
		if (history->count >= HISTORY / 2 && !open)
			return;
	}
}

/* --- the shadow --- */

struct run {
	struct schedule schedule;
	struct schedule_session sessions[SESSIONS];
	struct event *running[SESSIONS];
	bool blocked[SESSIONS];
	uint64_t owners[LOCKS];
	unsigned owner_session[LOCKS];
	struct order orders[LOCKS];
	size_t added;
	size_t forced;
	size_t broken;
};

static void start(struct run *run, struct schedule_item *item)
{
	struct event *event = (struct event *)(void *)item;

	assert_null(run->running[event->session]);
	run->running[event->session] = event;
	run->blocked[event->session] = false;
}

/* One running statement makes a step; false if it is stopped by a lock. */
static bool step(struct run *run, unsigned session)
{
	struct event *event = run->running[session];

	if (event->write) {
		uint64_t *owner = &run->owners[event->lock];

		if (*owner && *owner != event->transaction) {
			run->blocked[session] = true;
			return false;
		}
		*owner = event->transaction;
		run->owner_session[event->lock] = session;
		order_add(&run->orders[event->lock], event->transaction);
	}
	if (event->item.ends)
		for (size_t i = 0; i < LOCKS; i++)
			if (run->owners[i] == event->transaction)
				run->owners[i] = 0;
	run->running[session] = NULL;
	schedule_done(&run->schedule, &event->item);
	return true;
}

/* Those that are stopped, from the oldest on, until something can go on. */
static bool resolve(struct run *run, enum schedule_hurry hurry)
{
	struct schedule_item *item = NULL;
	uint64_t above = 0;

	while (!item) {
		struct event *oldest = NULL;

		for (unsigned i = 0; i < SESSIONS; i++)
			if (run->running[i] && run->blocked[i] &&
			    run->running[i]->item.seq > above &&
			    (!oldest ||
			     run->running[i]->item.seq < oldest->item.seq))
				oldest = run->running[i];
		if (!oldest)
			break;
		above = oldest->item.seq;
		schedule_pass(&run->schedule, &oldest->item);
		schedule_hurry(&run->schedule,
			       &run->sessions[run->owner_session[oldest->lock]],
			       hurry);
		item = schedule_next(&run->schedule);
	}
	if (!item)
		item = schedule_force(&run->schedule);
	if (!item)
		return false;
	if (hurry == SCHEDULE_NOT_AT_ALL)
		run->broken++;
	else
		run->forced++;
	start(run, item);
	return true;
}

static void play(struct run *run, struct history *history, size_t window)
{
	memset(run, 0, sizeof(*run));
	schedule_init(&run->schedule);
	for (size_t i = 0; i < SESSIONS; i++)
		schedule_session_init(&run->sessions[i]);
	while (run->added < history->count || run->schedule.count) {
		struct schedule_item *item;
		bool moved = false;

		while (run->added < history->count &&
		       run->schedule.count < window) {
			struct event *event = history->events[run->added++];

			event->item.session = &run->sessions[event->session];
			schedule_add(&run->schedule, &event->item);
		}
		while ((item = schedule_next(&run->schedule))) {
			start(run, item);
			if (pick(2))
				break;
		}
		for (size_t i = 0; i < 2 * SESSIONS && !moved; i++) {
			unsigned session = pick(SESSIONS);

			if (run->running[session])
				moved = step(run, session);
		}
		for (unsigned i = 0; i < SESSIONS && !moved; i++)
			if (run->running[i])
				moved = step(run, i);
		if (moved)
			continue;
		/* all is stopped by locks: what releases them is further on,
		 * or it is for us to let it pass */
		if (run->added < history->count)
			window++;
		else if (!resolve(run, SCHEDULE_NOT_SOFTLY) &&
			 !resolve(run, SCHEDULE_NOT_AT_ALL))
			fail_msg("stopped with %zu items", run->schedule.count);
	}
}

static void free_history(struct history *history)
{
	for (size_t i = 0; i < history->count; i++)
		free(history->events[i]);
}

static void blocks_write_in_the_primarys_order(void **unused)
{
	size_t forced = 0;

	(void)unused;
	for (unsigned round = 0; round < 400; round++) {
		struct history *history = memory_alloc(sizeof(*history));
		struct run *run = memory_alloc(sizeof(*run));

		state = 88172645463325252u + round;
		make_history(history, false);
		play(run, history, round % 2 ? HISTORY : 4 + round % 32);
		for (size_t i = 0; i < LOCKS; i++) {
			assert_int_equal(run->orders[i].count,
					 history->orders[i].count);
			assert_memory_equal(
			    run->orders[i].writers, history->orders[i].writers,
			    run->orders[i].count * sizeof(uint64_t));
		}
		assert_int_equal(run->broken, 0);
		if (round % 2)
			forced += run->forced;
		free_history(history);
		free(run);
		free(history);
	}
	assert_int_equal(forced, 0);
}

static void nothing_stops_and_known_order_is_kept(void **unused)
{
	size_t broken = 0;

	(void)unused;
	for (unsigned round = 0; round < 400; round++) {
		struct history *history = memory_alloc(sizeof(*history));
		struct run *run = memory_alloc(sizeof(*run));
		uint64_t end[HISTORY * 2] = {0}, begin[HISTORY * 2] = {0};

		state = 1234567u + round * 77;
		make_history(history, true);
		for (size_t i = 0; i < history->count; i++) {
			struct event *event = history->events[i];

			if (event->item.ends)
				end[event->transaction] = event->item.last_seq;
			if (!begin[event->transaction])
				begin[event->transaction] = event->item.after;
		}
		play(run, history, round % 3 ? HISTORY : 3 + round % 16);
		for (size_t i = 0; i < LOCKS; i++) {
			struct order *order = &run->orders[i];

			assert_int_equal(order->count,
					 history->orders[i].count);
			for (size_t j = 1; j < order->count; j++) {
				/* not later's end before earlier's beginning */
				uint64_t a = order->writers[j - 1];
				uint64_t b = order->writers[j];

				if (!run->broken)
					assert_false(end[b] <= begin[a]);
			}
		}
		broken += run->broken > 0;
		free_history(history);
		free(run);
		free(history);
	}
	print_message("%zu of 400 histories with an impossible order\n",
		      broken);
}

/* A locks rows, B goes round them; both ends are known when they are added. */
static void who_skips_locks_sees_those_of_before(void **unused)
{
	struct schedule schedule;
	struct schedule_session a, b;
	struct schedule_item lock = {.session = &a, .seq = 1, .last_seq = 1};
	struct schedule_item skip = {
	    .session = &b, .seq = 2, .last_seq = 2, .after = 1, .skips = true};
	struct schedule_item end_a = {
	    .session = &a, .seq = 3, .last_seq = 3, .after = 2, .ends = true};
	struct schedule_item end_b = {
	    .session = &b, .seq = 4, .last_seq = 4, .after = 2, .ends = true};

	(void)unused;
	schedule_init(&schedule);
	schedule_session_init(&a);
	schedule_session_init(&b);
	schedule_set_add(&lock.writes, 7);
	schedule_set_add(&skip.writes, 7);
	schedule_add(&schedule, &lock);
	schedule_add(&schedule, &skip);
	schedule_add(&schedule, &end_a);
	schedule_add(&schedule, &end_b);
	assert_ptr_equal(schedule_next(&schedule), &lock);
	assert_null(schedule_next(&schedule));
	schedule_done(&schedule, &lock);
	assert_ptr_equal(schedule_next(&schedule), &skip);
	assert_null(schedule_next(&schedule)); /* A's end waits for B's look */
	schedule_done(&schedule, &skip);
	assert_ptr_equal(schedule_next(&schedule), &end_a);
	schedule_done(&schedule, &end_a);
	assert_ptr_equal(schedule_next(&schedule), &end_b);
	schedule_done(&schedule, &end_b);
}

/* B's end is hurried before A's read, which is known to have come first: what
 * the read shows afterwards says nothing. */
static void who_is_jumped_is_told(void **unused)
{
	struct schedule schedule;
	struct schedule_session a, b;
	struct schedule_item read = {.session = &a, .seq = 2, .last_seq = 2};
	struct schedule_item other = {.session = &a, .seq = 3, .last_seq = 3};
	struct schedule_item write = {.session = &b, .seq = 1, .last_seq = 1};
	struct schedule_item end = {
	    .session = &b, .seq = 4, .last_seq = 4, .after = 3, .ends = true};

	(void)unused;
	schedule_init(&schedule);
	schedule_session_init(&a);
	schedule_session_init(&b);
	schedule_set_add(&write.writes, 7);
	schedule_set_add(&read.reads, 7);
	schedule_set_add(&other.reads, 8);
	schedule_add(&schedule, &write);
	schedule_add(&schedule, &read);
	schedule_add(&schedule, &other);
	schedule_add(&schedule, &end);
	assert_ptr_equal(schedule_next(&schedule), &write);
	schedule_done(&schedule, &write);
	assert_ptr_equal(schedule_next(&schedule), &read);
	assert_null(schedule_next(&schedule));
	schedule_hurry(&schedule, &b, SCHEDULE_NOT_AT_ALL);
	assert_ptr_equal(schedule_next(&schedule), &end);
	assert_true(end.broken);
	assert_true(read.broken);
	assert_false(other.broken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_skips_locks_sees_those_of_before),
	    cmocka_unit_test(who_is_jumped_is_told),
	    cmocka_unit_test(blocks_write_in_the_primarys_order),
	    cmocka_unit_test(nothing_stops_and_known_order_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
