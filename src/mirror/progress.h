/*
 * What a restart needs, so that no exchange is lost, applied or counted twice
 * (progress.c): the position, the transactions about to be committed, and what
 * the mirror was doing.
 */
#ifndef PARALLAX_MIRROR_PROGRESS_H
#define PARALLAX_MIRROR_PROGRESS_H

#include "mirror/internal.h"

enum intent_word {
	INTENT_COMMITS,	  /* it is about to be committed */
	INTENT_MATCHED,	  /* it was, and all its verdicts are matches */
	INTENT_WITHDRAWN, /* it was not, and cannot be any more */
};

/* A transaction that is about to be committed. A second record says what became
 * of it. */
struct intent {
	uint32_t writer;
	uint32_t epoch;
	uint64_t session;
	uint64_t first_seq;
	uint64_t last_seq;
	uint64_t id;   /* on the shadow */
	uint64_t word; /* enum intent_word */
};

/* From now on the store is this mirror's alone; -1: it is another's. */
int progress_claim(struct mirror *mirror, struct error *error);
int progress_open(struct mirror *mirror, struct journal_position *from,
		  struct error *error);
void progress_close(struct mirror *mirror);
/* The records of statements under way belong to another journal. */
void progress_forget(struct mirror *mirror);
/* The first lens takes over what an earlier run's has learned. */
int progress_teach(struct mirror *mirror, struct error *error);
bool progress_is_done(struct mirror *mirror,
		      const struct exchange_session_id *id, uint64_t seq);
/* Whether the gap there precedes the snapshot that the shadow was loaded from:
 * the one at the head of the segment that the relay then began. */
bool progress_in_cut(const struct mirror *mirror,
		     struct journal_position position);
/* -1: it cannot be written now, and its action must wait. An id of 0: the
 * shadow cannot answer later. */
int progress_intent(struct transaction *transaction);
int progress_withdraw(struct mirror *mirror, const struct intent *intent);
const struct intent *progress_doubt(struct mirror *mirror,
				    const struct exchange_session_id *id,
				    uint64_t first_seq);
void progress_counted(struct transaction *transaction, bool matched);
void progress_gone(struct session *session);
void progress_batch(struct mirror *mirror, bool last);
void progress_guard(struct mirror *mirror, const struct session *session,
		    uint64_t seq);
void progress_unguard(struct mirror *mirror);
unsigned progress_kills(struct mirror *mirror,
			const struct exchange_session_id *id, uint64_t seq);

#endif
