/* Inside the journal: what a writer finds when it opens a directory. */
#ifndef PARALLAX_JOURNAL_RECOVER_H
#define PARALLAX_JOURNAL_RECOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "journal/segment.h"

struct journal_keys;

#define JOURNAL_RESERVE "reserve"

struct journal_past {
	struct journal_keys *keys;	  /* borrowed */
	struct journal_segment *segments; /* malloc'ed, the caller's */
	size_t segment_count;
	uint64_t last_segment; /* 0: none */
	uint32_t epoch;	       /* 0: none */
	uint64_t last_seq;
	struct journal_identity identity; /* made, where there was none */
	bool seen;			  /* a whole record was found */
	bool clean;	/* the last epoch was closed in order */
	bool same_boot; /* the machine has not been started since it began */
};

/*
 * keys: of encrypted segments, or NULL. With the lock held: cuts a torn tail off the newest segment, removes
 * unfinished files, and reports the state before.
 */
int journal_recover(const char *path, int directory, struct journal_keys *keys,
		    struct journal_past *past, struct error *error);

/* Records in the epoch file how an epoch stands (clean: it ended in order). */
int journal_epoch_save(int directory, uint32_t epoch, bool clean,
		       uint64_t last_seq, struct error *error);

#endif
