/*
 * The journal's writer: the relay's end, on its event loop.
 *
 * Records are encoded into a ring of bytes in memory; a thread writes them to
 * segment files. Nothing here waits for a disk, a mirror or that thread: where
 * the ring has no room, records are lost, counted, and the journal says which
 * (Gap). Errors of writing are never fatal: what could not be written stays in
 * the ring and is tried again.
 *
 * How the relay uses it:
 *	open	before it listens
 *	append	for each record, as things happen
 *	flush	once per turn of the loop, when sessions are consistent: here
 *		segments rotate, and `resume` is called
 *	tick	from a timer (every 100 ms or so)
 *	full	after flush and tick; if so, stop reading clients
 *	close	when drained
 *
 * One thread calls all of this. Only open and close touch the disk.
 */
#ifndef PARALLAX_JOURNAL_WRITER_H
#define PARALLAX_JOURNAL_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "journal/journal.pb-c.h"
#include "journal/segment.h"

struct journal_keys;
struct journal_writer;

typedef ssize_t journal_write_function(int fd, const void *data, size_t size,
				       off_t offset);

struct journal_options {
	const char *directory; /* made (0700) if missing; its parent exists */
	const char *engine;    /* "postgres" */
	uint32_t writer;       /* which relay, from 1 */
	uint64_t segment_size; /* bytes; at most a quarter of max_size counts */
	size_t buffer;	       /* the ring's bytes; 0: 32 MiB */
	uint64_t max_size;     /* bytes of all segments; 0: no cap */
	/*
	 * When max_size is reached, or half of the ring holds unwritten bytes.
	 * True: journal_writer_full() says so, and appends still succeed until
	 * the ring has no byte left. False: appends are lost once max_size is
	 * reached or the ring has no byte left, until there is room; then a Gap
	 * reports them.
	 */
	bool block_when_full;
	int64_t sync_us; /* between fdatasyncs; 0: with each tick */
	int64_t keep_us; /* passed segments stay this long; 0: not */
	/*
	 * Mirrors that must have registered before any segment goes (names,
	 * NULL at the end; NULL: none is known). Mirrors that registered by
	 * themselves count too. Without any mirror, segments go by keep_us
	 * only, and never if that is 0.
	 */
	const char *const *mirrors;
	/*
	 * Called at a new segment's start: emits journal_writer_resume for each
	 * live session, in its state after all records appended so far. Called
	 * from flush, tick and close only. May be NULL.
	 */
	void (*resume)(struct journal_writer *writer, void *context);
	void *context;
	/* Segments are encrypted; NULL: they are not. Borrowed. */
	struct journal_keys *keys;
	/* NULL: pwrite; tests set their own. Called by the thread. */
	journal_write_function *write;
};

/*
 * Opens a journal for writing: takes the lock, cuts a torn tail, starts a new
 * epoch and its first segment, with a Gap at its head if segments of an older
 * epoch precede it. Errors: another writer has the lock; no access; no room for
 * the first record. Strings in options are copied.
 */
int journal_writer_open(struct journal_writer **writer,
			const struct journal_options *options,
			struct error *error);

uint32_t journal_writer_epoch(const struct journal_writer *writer);
/* The newest seq in the journal; at open that of earlier epochs: continue
 * there. */
uint64_t journal_writer_last_seq(const struct journal_writer *writer);

/*
 * A session as the writer sees it, embedded in the relay's. It remembers which
 * messages have lost a part, so that the rest of them is dropped too.
 */
struct journal_stream {
	uint64_t session;
	uint64_t lost_first; /* messages; 0: none */
	uint64_t lost_last;
	uint64_t gap; /* the gap whose list of sessions has this one */
};

void journal_stream_init(struct journal_stream *stream, uint64_t session);

/*
 * Appends a record; fills in its writer, epoch and session. True: it is in the
 * journal or will be with the next flush. False: it was lost (the journal is
 * full and sheds, or cannot be written, or the record is larger than
 * JOURNAL_RECORD_MAX), is counted, and all later records of that message will
 * be lost by themselves: the relay may save itself the work
 * (journal_stream_lost), but must still give those with an End or a
 * TransactionEnd, so that their seq is counted into the gap.
 * The record is not kept. Keep Input and Answer records at or below 1 MiB.
 */
bool journal_writer_append(struct journal_writer *writer,
			   struct journal_stream *stream,
			   Parallax__Journal__Record *record);

/* Whether a message has already lost a part. */
static inline bool journal_stream_lost(const struct journal_stream *stream,
				       uint64_t message)
{
	return message && message >= stream->lost_first &&
	       message <= stream->lost_last;
}

/*
 * Emits one live session at a segment's head; only from within `resume`. Sets
 * opened->resumed; the caller has filled in all other fields,
 * transaction_status and transaction included.
 */
void journal_writer_resume(struct journal_writer *writer,
			   const struct journal_stream *stream,
			   Parallax__Journal__SessionOpen *opened);

/* Bytes appended and not yet given to the thread. Append gives them by itself
 * above 256 KiB. */
size_t journal_writer_pending(const struct journal_writer *writer);

/* Gives the appended bytes to the thread; rotates when the segment is full. */
void journal_writer_flush(struct journal_writer *writer);

/*
 * Waits until all flushed bytes are in the files. False: not within that time.
 * For tests and commands: nothing on the client path waits.
 */
bool journal_writer_wait(struct journal_writer *writer, int64_t microseconds);

/*
 * For a timer: as flush; begins and ends times of shedding or blocking. (The
 * thread has its own clock for syncs, retries and retention.)
 */
void journal_writer_tick(struct journal_writer *writer);

/* Requests the removal of segments that nobody needs; happens by itself once a
 * second. */
void journal_writer_retain(struct journal_writer *writer);

/*
 * block_when_full: the journal is full, and clients must not be read until this
 * is false again (half a segment has become free). Without it always false.
 */
bool journal_writer_full(const struct journal_writer *writer);

enum journal_state {
	JOURNAL_WRITING,
	JOURNAL_FULL,	 /* blocked or shedding, by policy */
	JOURNAL_FAILING, /* writing fails; shedding once the ring is full */
};

struct journal_stats {
	enum journal_state state;
	uint64_t records; /* appended in this epoch */
	uint64_t bytes;	  /* written in this epoch */
	uint64_t lost_records;
	uint64_t lost_exchanges;
	uint64_t gaps; /* Gap records of this epoch */
	uint64_t write_errors;
	uint64_t sync_errors;
	uint64_t segments;   /* files */
	uint64_t size;	     /* bytes of all segments, and in the ring */
	uint64_t buffered;   /* bytes in the ring */
	uint64_t segment;    /* the one being written, by the thread */
	uint64_t offset;     /* in it */
	int64_t synced_at;   /* unix us of the last fdatasync; 0: none yet */
	const char *problem; /* of JOURNAL_FAILING, else ""; until next call */
};

void journal_writer_stats(const struct journal_writer *writer,
			  struct journal_stats *stats);

/*
 * Flushes, syncs, releases the lock, frees; within some seconds: a thread that
 * hangs in a write is not waited for (an error, and its memory stays). drained:
 * all sessions are closed and their records appended, so that the next start's
 * Gap says that nothing is lost (it does not if `resume` still knows a
 * session). Errors: the last flush or sync failed (everything is freed all the
 * same).
 */
int journal_writer_close(struct journal_writer **writer, bool drained,
			 struct error *error);

#endif
