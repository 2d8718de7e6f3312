/* Inside the journal: the writer's state, shared by writer*.c. */
#ifndef PARALLAX_JOURNAL_WRITER_INTERNAL_H
#define PARALLAX_JOURNAL_WRITER_INTERNAL_H

#include "base/buffer.h"
#include "journal/drain.h"
#include "journal/keys.h"
#include "journal/writer.h"

/* Losses that no Gap record reports yet. */
struct journal_loss {
	bool noted;
	bool resume;	 /* sessions' states are uncertain: record them in a new
		        segment */
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
	struct journal_options options; /* strings: owned copies; the sizes
					   are those in force */
	int directory;
	int lock;
	uint32_t epoch;
	uint64_t last_seq;
	struct journal_identity identity;
	uint64_t segment; /* records go into this one */
	uint64_t offset;  /* bytes put into it */
	uint64_t size;	  /* of all segments, except removed ones */

	struct journal_ring ring;
	struct journal_drain drain;
	struct buffer head;  /* of a segment being started */
	struct buffer heads; /* SessionOpens, for it */
	uint32_t heads_count;
	bool in_resume;
	bool keyed;	       /* the segment being filled is encrypted */
	uint8_t key[SEAL_KEY]; /* of the segment being started */
	bool next_keyed;       /* the one being started is */
	bool running;	       /* the drain's thread */
	bool head_told;
	int64_t rotate_at; /* monotonic us: a rotation failed, not before */

	enum journal_state state;
	bool shedding; /* until there is much room again */
	char problem[160];
	struct journal_loss loss;
	uint64_t lost; /* records, in all epochs */
	struct journal_stats stats;
};

/* Bytes of all segments, including unwritten ones. */
uint64_t journal_total_size(const struct journal_writer *writer);
/* Whether a journal of that size is below its cap by half a segment. */
bool journal_size_has_room(const struct journal_options *options,
			   uint64_t size);
bool journal_is_over(const struct journal_writer *writer);
/* Logs each change of the journal's state once. */
void journal_change_state(struct journal_writer *writer,
			  enum journal_state state, const char *problem);
/*
 * Starts the next segment, with a Gap of the losses. -1: there is no room in
 * the ring now. restart: of the epoch's first segment only; its Gap is written
 * if it has a reason.
 */
int journal_rotate(struct journal_writer *writer,
		   const Parallax__Journal__Gap *restart);
/* Has the relay pack its live sessions into heads; returns their number. */
uint32_t journal_collect_sessions(struct journal_writer *writer);
/* Begins or ends a time of shedding or blocking, if due. */
void journal_try_again(struct journal_writer *writer);
/* A Gap of the losses, in the current segment. -1: no room. */
int journal_tell_loss(struct journal_writer *writer);
void journal_loss_clear(struct journal_loss *loss);

#endif
