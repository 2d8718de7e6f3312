/*
 * Inside the journal: the thread that empties the ring into segment files. It
 * creates, writes, renames and removes them, has them synced (by the syncer's
 * thread) and reads the mirrors' positions; the event loop does none of this.
 *
 * Bytes that could not be written stay in the ring and are tried again twice a
 * second.
 */
#ifndef PARALLAX_JOURNAL_DRAIN_H
#define PARALLAX_JOURNAL_DRAIN_H

#include <pthread.h>
#include <stdatomic.h>

#include "journal/ring.h"
#include "journal/segment.h"
#include "journal/state.h"
#include "journal/syncer.h"
#include "journal/writer.h"

enum journal_trouble { JOURNAL_TROUBLE_WRITE, JOURNAL_TROUBLE_SEGMENT };

struct journal_drain {
	struct journal_ring *ring;
	const struct journal_options *options; /* the writer's */
	int directory;
	uint32_t epoch;
	pthread_t thread;
	struct journal_syncer *syncer;

	/* The thread's own. */
	int file;
	int spare; /* the next segment's file, opened ahead; -1: none */
	uint64_t segment;
	/* Encrypts the frames of that segment, and of the one that is being
	 * started; NULL: they are not encrypted. */
	struct seal *seal, *next_seal;
	size_t closed;	 /* bytes of the ring's oldest run, already encrypted */
	uint64_t offset; /* bytes written to it, a record
					   border */
	struct journal_segment *sealed; /* the older ones, ascending */
	size_t sealed_count;
	size_t sealed_capacity;
	uint64_t sealed_size;
	bool dirty; /* bytes written since the last sync was requested */
	int64_t sync_at;
	int64_t retry_at;
	int64_t retain_at;
	bool positions_bad;
	uint64_t sync_errors_told;
	int state;			  /* its file; -1: none */
	struct journal_state_note stated; /* as it is there */
	bool state_bad;			  /* it could not be written: logged */
	bool gone; /* the directory was removed: logged */

	/* What the event loop reads. */
	atomic_int failing; /* an errno; 0: writing */
	atomic_int trouble; /* enum journal_trouble, of failing */
	atomic_uint_least64_t bytes;
	atomic_uint_least64_t write_errors;
	atomic_uint_least64_t removed; /* bytes of removed segments */
	atomic_uint_least64_t segments;
	atomic_uint_least64_t segment_seen;
	atomic_uint_least64_t offset_seen;

	/* What the event loop tells the thread. */
	atomic_uint_least64_t lost_records;   /* in all epochs */
	atomic_uint_least64_t lost_exchanges; /* likewise */
	atomic_bool shedding;

	/* What the event loop asks for. */
	atomic_bool retain;
	atomic_bool short_of_room;
	atomic_bool hurry;
	atomic_bool stopping;
	bool clean; /* set before stopping, as the next */
	uint64_t last_seq;
	sem_t stopped;
	int result; /* set before stopped */
	struct error error;
};

/*
 * Starts the thread. Everything but the first block is zero, except what
 * recovery found: segment (the newest that exists), sealed, sealed_size; state,
 * stated and the losses.
 */
int journal_drain_start(struct journal_drain *drain, struct error *error);

/* The end is near: the reserve is freed and writing tried at once. */
void journal_drain_hurry(struct journal_drain *drain);

/*
 * Writes what is published, syncs it, records the epoch's end (clean: in order;
 * last_seq) and ends the thread. 0: all is done. -1: something could not be
 * written. 1: it has not ended in that time, and may yet: drain, ring and
 * options must stay for good.
 */
int journal_drain_stop(struct journal_drain *drain, bool clean,
		       uint64_t last_seq, int64_t microseconds,
		       struct error *error);

/* The meaning of an errno of `failing`, for people. */
void journal_drain_problem(const struct journal_drain *drain, int code,
			   char *out, size_t size);

/* Frees a stopped drain's memory. */
void journal_drain_release(struct journal_drain *drain);

#endif
