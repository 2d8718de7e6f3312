/*
 * Inside the journal: the ring between the event loop, which encodes records
 * into it, and the thread that writes them to disk. One producer, one consumer;
 * neither ever waits for the other.
 *
 *	producer		consumer
 *	reserve, commit ...	peek
 *	publish		 ->	(writes)
 *				advance
 *
 * The bytes are frames, one behind the other, and nothing else: what the
 * consumer has to write is one run of memory, also where it passes the ring's
 * end, since the ring's memory is mapped twice in a row. Where a segment starts
 * is said beside them, by a mark.
 */
#ifndef PARALLAX_JOURNAL_RING_H
#define PARALLAX_JOURNAL_RING_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/seal.h"

enum {
	JOURNAL_RING_MARKS = 64,
	/* An empty ring starts at its first byte again once it is this far on.
	 * So a ring that is emptied in time stays in the processor's cache. */
	JOURNAL_RING_RESTART = 128 * 1024,
};

struct journal_ring_mark {
	uint64_t at;   /* before this byte */
	uint64_t size; /* bytes of the segment's head; 0: the ring restarts */
	uint64_t segment;
	uint64_t shift;
	uint8_t key[SEAL_KEY]; /* of the segment; if keyed */
	bool keyed;
};

/* Positions count bytes since the ring was made and only grow. */
struct journal_ring {
	uint8_t *data;
	size_t size;
	struct journal_ring_mark marks[JOURNAL_RING_MARKS];
	/* The producer's. */
	uint64_t filled; /* committed, published or not */
	uint64_t filled_shift;
	uint64_t marked;
	_Alignas(64) atomic_uint_least64_t head;
	atomic_uint_least64_t mark_head;
	/* The consumer's. */
	_Alignas(64) atomic_uint_least64_t tail;
	atomic_uint_least64_t mark_tail;
	uint64_t shift;
	_Alignas(64) atomic_bool sleeping;
	atomic_bool woken;
	sem_t wake;
};

/* size: rounded up to whole pages. */
int journal_ring_init(struct journal_ring *ring, size_t size,
		      struct error *error);
void journal_ring_release(struct journal_ring *ring);

/* --- the producer's --- */

/* Room for so many bytes after the committed ones; NULL: there is none. */
uint8_t *journal_ring_reserve(struct journal_ring *ring, size_t size);
/* The first `size` of the reserved bytes are a run of whole frames. */
void journal_ring_commit(struct journal_ring *ring, size_t size);
/* The next `size` bytes to be committed start a segment. False: too many marks
 * are pending; try again later. */
/* key: that its frames are to be encrypted with; NULL: none. */
bool journal_ring_mark_segment(struct journal_ring *ring, uint64_t segment,
			       size_t size, const uint8_t *key);
/* Publishes the committed bytes to the consumer; wakes it if it sleeps. */
void journal_ring_publish(struct journal_ring *ring);
/* Bytes committed that are not written yet. */
size_t journal_ring_used(const struct journal_ring *ring);
/* Of those, the unpublished ones. */
size_t journal_ring_pending(const struct journal_ring *ring);

/* --- the consumer's --- */

struct journal_ring_run {
	uint8_t *data; /* may be encrypted in place */
	size_t size;
	uint64_t segment;   /* 0: more of the current segment */
	const uint8_t *key; /* of the segment that starts; or NULL */
};

/* The oldest run of bytes: a segment's whole head, or frames. False: none. */
bool journal_ring_peek(struct journal_ring *ring, struct journal_ring_run *run);
/* So many bytes of the run (all of a segment's head) are done. */
void journal_ring_advance(struct journal_ring *ring, size_t size);
/* Sleeps until something is published, until woken, or for so long. retry: also
 * while the ring holds something that could not be written. */
void journal_ring_wait(struct journal_ring *ring, bool retry,
		       int64_t microseconds);

/* Any thread: ends a wait, or the next one. */
void journal_ring_wake(struct journal_ring *ring);

#endif
