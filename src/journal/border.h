/*
 * Whether a segment has lost its end at a record's border, which no torn record
 * shows. Each head says which seq came before it:
 *
 *	segment 5	... seq 101, 102
 *	segment 6	head: 105 came before; Gap: up to 105 lost	nothing
 *is missing segment 7	head: 110 came before; SessionOpen		106..110
 *are
 */
#ifndef PARALLAX_JOURNAL_BORDER_H
#define PARALLAX_JOURNAL_BORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "journal/journal.pb-c.h"

struct journal_border {
	uint32_t epoch;	     /* 0: nothing is known */
	uint64_t last_seq;   /* read in it, or reported as lost */
	uint64_t missing_to; /* the head just read says more; or 0 */
};

/*
 * Looks at the records in order. True: the segment before it lacks *first to
 * *last.
 */
bool journal_border_follow(struct journal_border *border,
			   const Parallax__Journal__Record *record,
			   uint64_t *first, uint64_t *last);

/* Something that is reported in another way is missing. */
void journal_border_forget(struct journal_border *border);

#endif
