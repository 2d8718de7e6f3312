/* Inside the journal: the writer's state, shared by writer*.c. */
#ifndef PARALLAX_JOURNAL_WRITER_INTERNAL_H
#define PARALLAX_JOURNAL_WRITER_INTERNAL_H

#include "base/buffer.h"
#include "journal/writer.h"

/* What was lost and is not yet told by a Gap record. */
struct journal_loss {
	bool noted;
	bool resume; /* sessions' states are uncertain: tell it in a new segment
		      */
	uint64_t number; /* of this loss, so that a session is listed once */
	uint64_t records;
	uint64_t exchanges;
	uint64_t first_seq;
	uint64_t last_seq;
	uint64_t *sessions;
	size_t session_count;
	size_t session_capacity;
	bool any_session;
	char reason[160];
};

struct journal_writer {
	struct journal_options options; /* strings: owned copies */
	int directory;
	int lock;
	struct journal_syncer *syncer;
	uint32_t epoch;
	uint64_t last_seq;
	uint64_t segment_size; /* in force */

	int file;
	uint64_t segment;
	uint64_t offset;      /* written of it, a record border */
	struct buffer buffer; /* whole frames, behind offset */
	struct buffer heads;  /* SessionOpens of a segment being started */
	uint32_t heads_count;
	bool in_resume;
	struct journal_segment *sealed; /* the older ones, ascending */
	size_t sealed_count;
	size_t sealed_capacity;
	uint64_t sealed_size; /* bytes of all of them */

	enum journal_state state;
	char problem[160];
	struct journal_loss loss;
	bool dirty;	 /* written since the last sync was asked for */
	int64_t sync_at; /* monotonic us, as are the next three */
	int64_t retry_at;
	int64_t retain_at;
	int64_t rotate_at; /* a rotation failed: not before this */
	uint64_t sync_errors_told;
	bool positions_bad;
	struct journal_stats stats;
};

/* Bytes of all segments, what is not yet written included. */
uint64_t journal_total_size(const struct journal_writer *writer);
/* Whether a journal of that size is under its cap by half a segment. */
bool journal_has_room(const struct journal_writer *writer, uint64_t size);
bool journal_is_over(const struct journal_writer *writer);
/* Says once per change what the journal's state is. */
void journal_change_state(struct journal_writer *writer,
			  enum journal_state state, const char *problem);
/* Writes the buffer; on failure what is not written stays in it. */
int journal_write_buffer(struct journal_writer *writer);
/*
 * Starts the next segment (the buffer is empty). It is written beside its place
 * and renamed, so that a reader never sees one without its head. On failure
 * all is as before, and the state FAILING. restart: of the epoch's first
 * segment only; its Gap stands there if it has a reason.
 */
int journal_rotate(struct journal_writer *writer,
		   const Parallax__Journal__Gap *restart);
/* Has the relay pack its live sessions into heads; how many there are. */
uint32_t journal_collect_sessions(struct journal_writer *writer);
/* Ends a time of shedding or blocking, if it can be ended. */
void journal_try_again(struct journal_writer *writer);
/* Packs a Gap of what was lost; the caller clears it once it is safe. */
int journal_pack_loss(struct journal_writer *writer);
void journal_loss_clear(struct journal_loss *loss);

#endif
