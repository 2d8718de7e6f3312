/*
 * Which exchange may run on the shadow when. Pure logic; the reasons are in
 * docs/design.md, "Exchange and order".
 *
 * Items are added in the order of seq. Those of one session run one by one. An
 * item is a statement, the end of a transaction, or both at once (a statement
 * that is its own transaction). Across sessions only ends matter: two
 * statements of transactions that were open together on the primary did not
 * touch the same row, or one of them would have waited for the other's end. So,
 * for items X and Y of two sessions that conflict (share a table, at least one
 * of them writes):
 *
 * Hard: X ends a transaction that wrote, X.seq <= Y.after: Y waits for X. Y
 * ends one, and X, a statement, has X.seq <= Y.after: likewise. So it goes for
 * two statements that lock, one of which goes round locks (SKIP LOCKED) where
 * others would have waited: it saw the other's, or the other way round.
 *
 * Soft: they overlapped. X ends a transaction whose first write was seen before
 * Y's answer: if they met at a row, X's locks were gone before Y was answered,
 * even if X's own answer was seen later: Y waits for X. X ends one and was
 * answered before the read Y, or the other way round: in the order of seq. X
 * wrote, its end is not known yet, and Y writes: X first.
 *
 * Hard waits cannot form a circle (each points to a smaller seq). Soft ones
 * can, and their object can be stopped by a lock, so the caller may lift them:
 * schedule_force when nothing runs, schedule_pass and schedule_hurry when what
 * runs is blocked.
 */
#ifndef PARALLAX_MIRROR_SCHEDULE_H
#define PARALLAX_MIRROR_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"

/* A set of tables, by their number modulo 256. Two tables that share a bit only
 * cost concurrency. All bits: everything. */
struct schedule_set {
	uint64_t bits[4];
};

void schedule_set_add(struct schedule_set *set, unsigned table);
void schedule_set_all(struct schedule_set *set);
void schedule_set_merge(struct schedule_set *set,
			const struct schedule_set *more);
bool schedule_set_meets(const struct schedule_set *a,
			const struct schedule_set *b);
bool schedule_set_empty(const struct schedule_set *set);

enum schedule_hurry {
	SCHEDULE_CALM,
	SCHEDULE_NOT_SOFTLY, /* has no soft waits */
	SCHEDULE_NOT_AT_ALL, /* does not wait */
};

/* A session, embedded by the caller, who adds its items in order. */
struct schedule_session {
	struct link queue; /* items not done, in order */
	enum schedule_hurry hurried;
	/* The current transaction, as added so far. */
	struct schedule_set written;
	uint64_t first_write; /* seq, 0: none */
	struct link open;     /* statements whose end is not yet known */
};

enum schedule_state {
	SCHEDULE_WAITING,
	SCHEDULE_RUNNING,
	SCHEDULE_DONE,
};

struct schedule_item {
	/* Set by the caller before schedule_add. */
	struct schedule_session *session;
	uint64_t seq;	   /* of its statement; of the end if it is only an
			      end */
	uint64_t last_seq; /* of its last exchange: from then on others know
			      that it is done */
	uint64_t after;	   /* of the message that took its snapshot */
	uint64_t first;	   /* newest seq when its answer began, if its rows
			      were chosen by then; else seq. 0: seq */
	struct schedule_set reads;
	struct schedule_set writes; /* written or locked, by this statement */
	bool ends;		    /* ends a transaction, or releases locks */
	bool skips; /* does not wait for locks, but notices them */

	/* Private. */
	enum schedule_state state;
	struct link in_session;
	struct link in_open;
	struct link in_statements; /* of the schedule, without those that are
				      only ends */
	struct link in_releases;   /* ends of transactions that wrote */
	struct schedule_set released;
	uint64_t first_write;
	const struct schedule_item *end; /* its transaction's, once known */
	bool statement;
	bool passed;
	bool broken; /* ran before an item that it had to wait for, or after
		        one that had to wait for it (NOT_AT_ALL) */
	bool queued; /* is in candidates */
	bool clear;  /* a candidate that was found not to wait */
	bool hard;   /* the wait below is set */
	struct schedule_item *waits_for;
	struct link waiters; /* the items that wait for this one */
	struct link in_waiters;
	struct link in_candidates;
};

struct schedule {
	struct link statements;
	struct link releases;
	struct link candidates; /* heads to examine */
	struct link waiting;	/* heads that wait, in no order */
	size_t count;		/* items not done */
	size_t running;
};

void schedule_init(struct schedule *schedule);
void schedule_session_init(struct schedule_session *session);

/* Items come roughly in the order of seq; one that was held back is put in its
 * place. The item's memory must stay until schedule_done. */
void schedule_add(struct schedule *schedule, struct schedule_item *item);

/* An item that may run now (it is RUNNING from here on), or NULL. */
struct schedule_item *schedule_next(struct schedule *schedule);

/* An item is finished and is removed. */
void schedule_done(struct schedule *schedule, struct schedule_item *item);

/* Of the items with soft waits only, the one with the smallest seq, as
 * schedule_next would return it; NULL if there is none. For when nothing runs.
 */
struct schedule_item *schedule_force(struct schedule *schedule);

/* The item runs but is blocked by a lock: soft waits for it are lifted. */
void schedule_pass(struct schedule *schedule, struct schedule_item *item);

/*
 * The session holds what others wait for: its items do not wait until its
 * transaction has ended. NOT_AT_ALL is for a circle that the primary did not
 * have: an answer of an earlier write was seen behind that of a later one, and
 * the shadow has run them in the order of their answers.
 */
void schedule_hurry(struct schedule *schedule, struct schedule_session *session,
		    enum schedule_hurry hurry);

#endif
