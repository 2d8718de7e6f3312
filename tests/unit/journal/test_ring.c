/* The ring, against a queue that cannot be wrong; and with two threads. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "journal/ring.h"

enum { RING = 64 * 1024, STEPS = 400000, MARKS_MAX = 4096 };

/* What was put in and is not yet out: byte number n is byte_of(n). */
struct model {
	uint64_t filled;
	uint64_t published;
	uint64_t taken;
	uint64_t mark_at[MARKS_MAX];
	uint64_t mark_size[MARKS_MAX];
	size_t mark_first;
	size_t mark_last;
};

static uint8_t byte_of(uint64_t number)
{
	return (uint8_t)(number * 2654435761u >> 13);
}

static void put(struct journal_ring *ring, struct model *model, size_t size,
		bool segment)
{
	uint8_t *place = journal_ring_reserve(ring, size);
	bool fits = size <= ring->size - (model->filled - model->taken);

	assert_int_equal(place != NULL, fits);
	if (!place)
		return;
	if (segment) {
		size_t at = model->mark_last % MARKS_MAX;

		if (!journal_ring_mark_segment(ring, model->mark_last + 1, size,
					       NULL))
			return;
		model->mark_at[at] = model->filled;
		model->mark_size[at] = size;
		model->mark_last++;
	}
	for (size_t i = 0; i < size; i++)
		place[i] = byte_of(model->filled + i);
	journal_ring_commit(ring, size);
	model->filled += size;
}

static void take(struct journal_ring *ring, struct model *model)
{
	struct journal_ring_run run;
	uint64_t end = model->published;
	bool segment = false;
	size_t size;

	if (model->mark_first != model->mark_last) {
		size_t at = model->mark_first % MARKS_MAX;

		segment =
		    model->mark_at[at] == model->taken && model->taken < end;
		if (segment)
			end = model->taken + model->mark_size[at];
		else if (model->mark_at[at] < end)
			end = model->mark_at[at];
	}
	assert_int_equal(journal_ring_peek(ring, &run), end > model->taken);
	assert_int_equal(run.size, end - model->taken);
	assert_int_equal(run.segment, segment ? model->mark_first + 1 : 0);
	for (size_t i = 0; i < run.size; i++)
		assert_int_equal(run.data[i], byte_of(model->taken + i));
	if (!run.size)
		return;
	size = segment ? run.size : 1 + (size_t)rand() % run.size;
	if (rand() % 8 == 0) {
		/* A write has failed: the same run comes again. */
		assert_true(journal_ring_peek(ring, &run));
		assert_int_equal(run.segment,
				 segment ? model->mark_first + 1 : 0);
	}
	journal_ring_advance(ring, size);
	model->taken += size;
	model->mark_first += segment;
}

static void is_a_queue(void **unused)
{
	static struct journal_ring ring;
	static struct model model;
	struct error error;

	(void)unused;
	srand(7);
	error_init(&error);
	assert_int_equal(journal_ring_init(&ring, RING, &error), 0);
	for (int step = 0; step < STEPS; step++) {
		size_t most = rand() % 16 ? 300 : RING + 10;

		switch (rand() % 5) {
		case 0:
		case 1:
			put(&ring, &model, 1 + (size_t)rand() % most,
			    rand() % 50 == 0);
			break;
		case 2:
			journal_ring_publish(&ring);
			model.published = model.filled;
			break;
		default:
			take(&ring, &model);
		}
		assert_int_equal(journal_ring_used(&ring),
				 model.filled - model.taken);
		assert_int_equal(journal_ring_pending(&ring),
				 model.filled - model.published);
	}
	assert_true(model.taken > 20 * (uint64_t)RING);
	journal_ring_release(&ring);
}

/* An empty ring begins again at its start: little of it is touched. */
static void stays_small_when_emptied(void **unused)
{
	static struct journal_ring ring;
	struct journal_ring_run run;
	struct error error;
	uint8_t *most = NULL;

	(void)unused;
	error_init(&error);
	assert_int_equal(journal_ring_init(&ring, 32 << 20, &error), 0);
	for (int i = 0; i < 100000; i++) {
		uint8_t *place = journal_ring_reserve(&ring, 1000);

		assert_non_null(place);
		if (place > most)
			most = place;
		*place = (uint8_t)i;
		journal_ring_commit(&ring, 1000);
		journal_ring_publish(&ring);
		assert_true(journal_ring_peek(&ring, &run));
		assert_int_equal(*run.data, (uint8_t)i);
		journal_ring_advance(&ring, run.size);
	}
	assert_true(most - ring.data <= JOURNAL_RING_RESTART + 1000);
	journal_ring_release(&ring);
}

enum { THREAD_BYTES = 64 * 1024 * 1024 };

static void *consume(void *argument)
{
	struct journal_ring *ring = argument;
	struct journal_ring_run run;
	uint64_t taken = 0;
	uint64_t wrong = 0;

	while (taken < THREAD_BYTES) {
		if (!journal_ring_peek(ring, &run)) {
			journal_ring_wait(ring, false, 100000);
			continue;
		}
		for (size_t i = 0; i < run.size; i++)
			wrong += run.data[i] != byte_of(taken + i);
		journal_ring_advance(ring, run.size);
		taken += run.size;
	}
	return (void *)(uintptr_t)wrong;
}

static void between_two_threads(void **unused)
{
	static struct journal_ring ring;
	struct error error;
	pthread_t thread;
	uint64_t filled = 0;
	void *wrong;

	(void)unused;
	srand(11);
	error_init(&error);
	assert_int_equal(journal_ring_init(&ring, 1 << 20, &error), 0);
	assert_int_equal(pthread_create(&thread, NULL, consume, &ring), 0);
	for (uint64_t segment = 1; filled < THREAD_BYTES;) {
		size_t size = 1 + (size_t)rand() % 5000;
		uint8_t *place;

		if (size > THREAD_BYTES - filled)
			size = THREAD_BYTES - filled;
		place = journal_ring_reserve(&ring, size);
		if (!place) {
			journal_ring_publish(&ring);
			continue;
		}
		if (rand() % 100 == 0 &&
		    journal_ring_mark_segment(&ring, segment, size, NULL))
			segment++;
		for (size_t i = 0; i < size; i++)
			place[i] = byte_of(filled + i);
		journal_ring_commit(&ring, size);
		filled += size;
		if (rand() % 20 == 0)
			journal_ring_publish(&ring);
	}
	journal_ring_publish(&ring);
	pthread_join(thread, &wrong);
	assert_int_equal((uintptr_t)wrong, 0);
	assert_int_equal(journal_ring_used(&ring), 0);
	journal_ring_release(&ring);
}

/* Whoever sleeps is woken at once. */
static void wakes(void **unused)
{
	static struct journal_ring ring;
	struct error error;
	int64_t began = clock_monotonic_us();

	(void)unused;
	error_init(&error);
	assert_int_equal(journal_ring_init(&ring, RING, &error), 0);
	journal_ring_wake(&ring); /* the next wait ends at once */
	journal_ring_wait(&ring, false, 5000000);
	assert_true(clock_monotonic_us() - began < 2000000);
	began = clock_monotonic_us();
	journal_ring_wait(&ring, false, 20000);
	assert_true(clock_monotonic_us() - began >= 19000);
	journal_ring_release(&ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(is_a_queue),
	    cmocka_unit_test(stays_small_when_emptied),
	    cmocka_unit_test(between_two_threads),
	    cmocka_unit_test(wakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
