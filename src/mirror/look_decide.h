/*
 * The second look's theory, without I/O: what a look saw, and what follows from
 * its answer. See docs/design.md, "The second look".
 */
#ifndef PARALLAX_MIRROR_LOOK_DECIDE_H
#define PARALLAX_MIRROR_LOOK_DECIDE_H

#include "base/bytes.h"
#include "compare/weigh.h"
#include "mirror/taint.h"

/* What a read shows of a transaction, by its end. For example, of a read that
 * was sent after 10 and answered as 12:
 *
 *	ended at 9			seen
 *	ended at 11, sent after 8	overlaps: the snapshot may be older
 *	ended at 14, sent after 12	unseen
 *
 * The schedule of the shadow keeps to the same numbers: what is seen has ended
 * there before the read, and what is unseen ends after it.
 */
enum look_view { LOOK_SEEN, LOOK_UNSEEN, LOOK_OVERLAPS };

enum look_view look_view(uint64_t end_seq, uint64_t end_after,
			 uint64_t read_after, uint64_t read_seq);

/* Whether the text, of a statement in the mirror's own session, is the question
 * under way. Its greeting and settings may be read from the journal only after
 * that was asked, and answer nothing. */
bool look_is_question(const char *question, const struct bytes *text);

struct look_facts {
	bool ran;      /* on both sides */
	bool capped;   /* an answer was not kept completely */
	bool equal;    /* both sides gave the same rows */
	bool certain;  /* the rows are in doubt for certain divergences only */
	bool triggers; /* code of the application's writes to the table as well,
			  and may store what no statement shows */
	/* What may explain it was weighed. Of equal answers: one difference
	 * that stands for any in these rows. */
	const struct weigh_difference *found;
	size_t found_count;
};

/* Equal answers count only if nothing overlapped them. A difference counts only
 * if nothing covers it, and if it follows from certain divergences: otherwise
 * writes that overlapped earlier may have ended in another order on the shadow,
 * with answers alike. */
enum taint_answer look_decide(const struct look_facts *facts);

#endif
