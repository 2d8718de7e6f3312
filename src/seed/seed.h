/*
 * Loads a shadow from the primary through the lens: all tables as of one
 * snapshot, several at once, each in one transaction on the shadow.
 *
 * Where the mapping only renames, a table's COPY is streamed into the new
 * table's. Else its rows go, some at a time, into a temporary table of the old
 * columns, and from there by an INSERT over the old schema, which the lens
 * rewrites: so every mapping loads, and by the rules that traffic obeys.
 *
 * What was loaded is noted in a small file, so that an interrupted seed goes
 * on. A transaction's id is noted before it commits: after a crash, the shadow
 * says whether it did.
 */
#ifndef PARALLAX_SEED_SEED_H
#define PARALLAX_SEED_SEED_H

#include <signal.h>

#include "adapters/adapter.h"
#include "config/mapping.h"

enum seed_form {
	SEED_TERMINAL, /* lines, and a live one at the bottom */
	SEED_LINES,
	SEED_LOG, /* through base/log.h */
};

enum { SEED_JOBS = 4, SEED_JOBS_MAX = 64 };

struct seed_snapshot;

struct seed_options { /* all borrowed */
	const struct adapter *primary_adapter;
	const struct adapter *shadow_adapter;
	struct endpoint primary;
	struct endpoint shadow;
	const char *shadow_name;
	const struct catalog *old_catalog;
	const struct catalog *new_catalog;
	const struct mapping *mapping;	      /* NULL: the identity */
	const char *mapping_file;	      /* or NULL */
	const struct seed_snapshot *snapshot; /* open for as long as it runs */
	const char *state;	   /* the file's path; NULL: nothing is noted */
	const char *const *tables; /* NULL-ended; NULL: all */
	unsigned jobs;		   /* 0: SEED_JOBS */
	bool truncate;		   /* empties tables that are not empty */
	bool show_values;	   /* errors are not redacted */
	/* Finds all mistakes before anything is loaded (and empties tables,
	 * with `truncate`), and ends. */
	bool rehearse;
	enum seed_form form;
};

struct seed_stand { /* the state of a sequence of the primary */
	const struct catalog_table *sequence;
	char *value; /* NULL: not read */
	bool given;
};

/* A snapshot of the primary that stays for as long as it is open, and its
 * sequences at that time, which are outside of all snapshots. */
struct seed_snapshot {
	const struct adapter *adapter; /* the primary's */
	struct database *database;
	char *name;
	char *mark; /* changes once anything was written */
	struct seed_stand *stands;
	size_t stand_count;
	/* Of other clients, when it was taken. */
	uint64_t open_transactions;
	uint64_t sessions;
};

/*
 * quiet_us: how long to wait for a moment without another client's transaction,
 * so that whatever commits later has begun later; where only some are left that
 * have not written, it is taken all the same. 0: takes it at once.
 */
int seed_snapshot_open(struct seed_snapshot *snapshot,
		       const struct adapter *adapter,
		       const struct endpoint *primary,
		       const struct catalog *catalog, int64_t quiet_us,
		       struct error *error);
void seed_snapshot_close(struct seed_snapshot *snapshot);

enum seed_end {
	SEED_DONE,
	SEED_FAILED,	  /* error says why */
	SEED_INTERRUPTED, /* by a signal; the loaded tables are recorded */
};

/*
 * Runs until done, or until one of the signals, which the caller has blocked
 * in all threads and which are taken here. A table that is not empty, and not
 * noted as loaded, is an error unless `truncate`.
 */
enum seed_end seed_run(const struct seed_options *options,
		       const sigset_t *signals, struct error *error);

#endif
