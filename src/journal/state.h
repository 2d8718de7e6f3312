/*
 * A journal that cannot be written cannot say so. In its directory lies a small
 * file, `state`, whose block is taken while there is room; its writer keeps it
 * open and overwrites it in place, so that neither a full disk nor a want of
 * descriptors matters. An example, for a full disk:
 *
 *	journal 6f0e7c52-... epoch 3 lost 34 20 shedding 1 at 1767322800000000
 *	problem write failed: No space left on device
 *
 * (on one line, behind a checksum of it). lost: records and exchanges, in all
 * epochs of the journal. Each Gap and each segment's head says how many records
 * were lost by then, so that a store that has read them knows what it lacks.
 */
#ifndef PARALLAX_JOURNAL_STATE_H
#define PARALLAX_JOURNAL_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "journal/segment.h"

#define JOURNAL_STATE "state"

struct journal_state_note {
	char journal[JOURNAL_IDENTITY_TEXT]; /* its identity; "": none */
	uint32_t epoch;
	uint64_t lost_records;
	uint64_t lost_exchanges;
	bool shedding;	   /* exchanges are being lost */
	int64_t at;	   /* unix us */
	char problem[160]; /* why it cannot be written; "": it can */
};

/* Opens it in a directory and allocates its block; *found receives the existing
 * content. -1: it cannot be created, which is logged; everything else works
 * without it. */
int journal_state_open(int directory, struct journal_state_note *found);
/* 0, or an errno. */
int journal_state_write(int file, const struct journal_state_note *note);

/*
 * For readers, by the directory's path. 1: read; 0: the directory has none, or
 * does not exist; -1: it cannot be read.
 */
int journal_state_read(const char *directory, struct journal_state_note *note,
		       struct error *error);

#endif
