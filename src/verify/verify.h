/*
 * Compares the data at rest through the lens: checksums computed by both
 * databases, chunk by chunk; where they differ, buckets of the chunk, then
 * rows, then values. What differs is looked at again, since a mirror may be
 * behind. What is promised: docs/commands.md, "parallax verify".
 *
 * Every query is a statement over the old schema: run as it is on the primary,
 * and through the lens on the shadow.
 */
#ifndef PARALLAX_VERIFY_VERIFY_H
#define PARALLAX_VERIFY_VERIFY_H

#include <stdatomic.h>

#include "adapters/adapter.h"
#include "base/arena.h"
#include "compare/verdict.h"
#include "config/mapping.h"

enum { VERIFY_ROWS_KEPT = 100 }; /* of one table, with their values */

struct verify_options { /* all borrowed */
	const struct adapter *primary_adapter;
	const struct adapter *shadow_adapter;
	const struct endpoint *primary;
	const struct endpoint *shadow;
	const struct mapping *mapping; /* or NULL */
	const struct catalog *old_catalog;
	const struct catalog *new_catalog;
	struct value_rules rules;  /* clock tolerance, float ULPs */
	const char *const *tables; /* "name" or "schema.name"; NULL: all */
	size_t table_count;
	unsigned jobs;	     /* tables at once */
	int64_t chunk_us;    /* how long a chunk's statement should take */
	int64_t pause_us;    /* after each chunk */
	int64_t timeout_us;  /* of one statement; 0: none */
	unsigned looks;	     /* again, at what differs */
	int64_t delay_us;    /* between them */
	int64_t wait_us;     /* the longest wait for a mirror that is behind */
	uint64_t stop_after; /* differing rows of one table */
	const char
	    *journal_keys;   /* its key file, if it is encrypted; or NULL */
	const char *journal; /* to learn the mirror's position; NULL: not
			        used */
	const char *store;   /* of the mirror; may not exist */
	bool repair;
};

struct verify_row {		     /* that differs */
	enum divergence_class class; /* rows.missing, rows.extra, rows.value */
	const struct value *key;     /* key_count texts */
	const struct value *primary; /* column_count texts, or NULL: no row */
	const struct value *shadow;
	const bool *differs; /* by column */
	bool repaired;
};

enum verify_state {
	VERIFY_WAITS,
	VERIFY_RUNS,
	VERIFY_EQUAL,
	VERIFY_DRIFT,
	VERIFY_UNDECIDED, /* rows that kept changing, or a mirror too far
			     behind; no row is known to differ */
	VERIFY_FAILED,	  /* could not be compared: problem */
	VERIFY_DROPPED,	  /* by the mapping: nothing to compare */
};

struct verify_table {
	const struct catalog_table *table;
	_Atomic enum verify_state state;
	_Atomic uint64_t rows; /* of the primary, as far as compared */
	char *problem;	       /* FAILED, UNDECIDED: why; possibly a server's
			     message, which may quote values; malloc'ed */
	bool server_said;      /* whether the problem may quote values */
	struct redact_parts values; /* in it */
	char *note;		    /* what was left out, or NULL; malloc'ed */
	uint64_t shadow_rows;
	uint64_t missing, extra, value; /* rows that differ */
	uint64_t undecided;
	uint64_t repaired;
	bool capped; /* stopped: at least so many */
	int64_t at;  /* unix us: when it was done */

	struct arena arena;	/* of what follows */
	const char *const *key; /* names */
	const bool *key_shown;	/* its values are public */
	size_t key_count;	/* 0: none */
	const char *const *columns;
	const bool *column_shown;
	size_t column_count;
	bool *differs; /* by column: in some row */
	const struct verify_row *kept;
	size_t kept_count;
	const struct verify_drift *drift; /* private, for repair */
};

struct verify {
	const struct verify_options *options;
	struct verify_table *tables;
	size_t table_count;
	const struct catalog_table **others; /* not asked for */
	size_t other_count;
	_Atomic bool stop;	/* set it to end early */
	_Atomic size_t running; /* jobs */
	struct verify_run *run; /* private */
};

/* Lists the tables. -1: an unknown one is named. */
int verify_open(const struct verify_options *options, struct verify **verify,
		struct error *error);
/* Starts the jobs; they run in threads of their own. */
int verify_start(struct verify *verify, struct error *error);
/* After running is 0, or to wait for that; cancels running statements if stop
 * is set. */
void verify_join(struct verify *verify);
/*
 * After verify_join: copies differing rows from the primary to the shadow, in
 * transactions of some rows, and looks at them again. Rows that are equal then
 * count as repaired, and no longer as drift. Rows that cannot be written are
 * reported as the table's problem. -1: no connection.
 */
int verify_repair(struct verify *verify, struct error *error);
/* From any thread: ends soon; unfinished tables are FAILED. */
void verify_cancel(struct verify *verify);
void verify_close(struct verify **verify);

uint64_t verify_drift(const struct verify_table *table);

#endif
