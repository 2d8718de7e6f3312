/*
 * The mirror reads a journal, rewrites each statement through a lens, runs it
 * on one shadow, compares the answers and counts the verdicts in a store.
 *
 * It is a process of its own, on one event loop. It resumes at its store's
 * position; `parallax replay` is the same over a journal that has ended.
 */
#ifndef PARALLAX_MIRROR_MIRROR_H
#define PARALLAX_MIRROR_MIRROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/adapter.h"
#include "base/error.h"
#include "compare/compare.h"
#include "journal/segment.h"
#include "store/store.h"

/* All strings are borrowed for as long as mirror_run runs. */
struct mirror_options {
	const char *name; /* of the shadow; names its position in the journal */
	const struct adapter *primary_adapter;
	const struct adapter *shadow_adapter;
	const char *journal;		   /* directory */
	struct journal_keys *journal_keys; /* of encrypted segments; or NULL */
	const char *store;		   /* path */
	struct endpoint shadow;
	struct endpoint primary; /* for its catalog */
	/* The primary by way of the relay, at the place that it keeps for
	 * mirrors: for second looks. host NULL: none are taken. */
	struct endpoint look;
	const char *mapping; /* path, or NULL: the identity */
	/* The mapping was checked against the databases: what no longer fits
	 * has changed since. (The same is assumed for a store with counts.) */
	bool checked;
	struct compare_rules compare;
	struct store_options evidence;
	bool set_role; /* sessions take on their client's role */
	/* ... as the shadow's user; otherwise by the logins of rights_file */
	bool unsafe_rights;
	const char *rights_file;
	/* True: tail the journal until told to stop. False: stop at its end. */
	bool follow;
	size_t session_max; /* shadow connections at most; 0: 64 */
	/* Its memory, approximately: an eighth is for exchanges read ahead
	 * (half, while running statements wait for later ones), a quarter for
	 * plans. */
	size_t memory;
	size_t window_bytes; /* of exchanges read ahead; 0: by memory */
	int64_t sync_us; /* between two syncs of the restart's files; 0: each
		        time */
	int64_t statement_timeout_us; /* of a shadow statement; 0: none */
	/*
	 * How long SIGTERM may take to reach the journal's current end; 0: 30
	 * s. The rest is done after the next start.
	 */
	int64_t drain_us;
	/*
	 * Whether a position is left in the journal's directory, so that the
	 * relay keeps the segments that are still needed (replay: no).
	 */
	bool register_position;
};

/*
 * Runs until stopped. SIGTERM or SIGINT drains to the journal's current end; a
 * second one ends at once. SIGUSR1 says that clients are going: the last second
 * looks are taken, and the relay is let go. SIGHUP reads the mapping again (running statements
 * finish with the old one; a mapping with mistakes is logged and the old one
 * stays). 0: ended in order. -1: could not start (journal, store, mapping,
 * primary's catalog), or the store could not be written. A shadow that is down
 * is not an error: it is tried again, and work waits.
 */
int mirror_run(const struct mirror_options *options, struct error *error);

/* Whether a store has a mirror's position, to continue from. The store is
 * created if absent. */
int mirror_has_begun(const char *store, bool *begun, struct error *error);

/* The head of a segment, in a journal that a relay has begun. */
struct mirror_beginning {
	struct journal_identity journal;
	uint32_t epoch;
	int64_t begun;			/* the time in that head */
	struct journal_position behind; /* the place after that record */
	uint64_t seq;			/* the newest seq before it */
};

/*
 * Makes the mirror of a store without a position begin there, since its shadow
 * holds everything before. A gap at that head does not count.
 */
int mirror_begin_at(const char *store, const struct mirror_beginning *at,
		    struct error *error);

#endif
