/*
 * A store's content, for report and gate: read as of one moment (one SQLite
 * snapshot) into an arena. Only src/store writes its SQL.
 */
#ifndef PARALLAX_STORE_READ_H
#define PARALLAX_STORE_READ_H

#include "base/arena.h"
#include "store/store.h"

struct drift; /* store/drift.h */

struct store_latency {
	uint64_t count;
	uint64_t mean, p50, p95, p99, max; /* us */
};

/* How often a fingerprint got a verdict. */
struct store_tally {
	enum verdict verdict;
	enum divergence_class class; /* as in struct store_exchange */
	enum reason reason;
	uint64_t count;
	uint64_t kept; /* divergences of it in the store */
	int64_t first_at, last_at;
	const char *detail; /* of the first that had one; or NULL */
};

/* There was a difference, and its reason excused it. */
bool store_excused(const struct store_tally *tally);

struct store_statement {
	uint64_t fingerprint; /* STORE_OTHER: everything after the cap */
	const char *text;     /* or NULL */
	const char *kind;     /* or NULL */
	uint64_t count;
	uint64_t verdicts[VERDICT_COUNT];
	uint64_t excused; /* of the inconclusive: with a difference */
	const struct store_tally *tallies; /* most frequent first */
	size_t tally_count;
	struct store_latency primary, shadow;
	int64_t first_at, last_at;
};

/* One side's answer. Texts are redacted already. */
struct store_outcome {
	/* "ok", "failed", "suspended", ...; "" not known */
	const char *outcome;
	const char *tag;	/* or NULL */
	const char *sqlstate;	/* FAILED, or NULL */
	const char *message;	/* FAILED, or NULL */
	const char *constraint; /* or NULL */
	uint64_t row_count;
	int64_t affected; /* -1: none */
	uint64_t warnings;
	const char *const *columns; /* names of its result columns */
	size_t column_count;
};

struct store_row {
	enum divergence_class class;
	uint64_t row;
	const char *const
	    *primary; /* column_count texts, or NULL: no such row */
	const char *const *shadow;
	const bool *differs; /* by column, or NULL */
};

struct store_evidence {
	uint64_t fingerprint;
	enum verdict verdict;
	enum divergence_class class;
	enum reason reason;
	uint64_t seq, session;
	uint32_t epoch;
	int64_t at;
	int64_t primary_us, shadow_us; /* -1: unknown */
	const char *client;	       /* or NULL, as those below */
	const char *old_statement;
	const char *new_statement;
	const char *detail;

	struct store_outcome primary, shadow;
	const char *const *columns; /* of the rows below */
	size_t column_count;
	const struct store_row *rows;
	size_t row_count;
	uint64_t row_total; /* differing rows, as far as known */
};

struct store_fact {
	const char *key;
	const char *value;
};

struct store_content {
	const char *path;
	const struct store_part *parts; /* oldest first */
	size_t part_count;
	uint64_t part;			/* the part that everything below
					   belongs to; 0: all parts */
	uint64_t count_all;		/* exchanges of all parts */
	const struct store_fact *facts; /* by key */
	size_t fact_count;

	uint64_t count; /* exchanges */
	uint64_t verdicts[VERDICT_COUNT];
	uint64_t classes[DIVERGENCE_COUNT]; /* of the diverged */
	uint64_t reasons[VERDICT_COUNT][REASON_COUNT];
	uint64_t excused; /* of the inconclusive: with a difference */
	struct store_latency primary, shadow;
	int64_t first_at, last_at; /* 0: no exchange */

	const struct store_statement *statements; /* most diverged first, then
						     by count */
	size_t statement_count;
	const struct store_evidence *evidence; /* by fingerprint, verdict,
						  class, reason; oldest first */
	size_t evidence_count;

	const struct drift *drift; /* of the data at rest, or NULL */

	int64_t waiting_since; /* the writer cannot write; 0: it can */
	const char *waiting_why;

	/* Set by cmd/losses.h, not from the store: records that the journal has
	 * lost and the store does not know of; and why the journal cannot be
	 * written, or its state is unknown, or NULL. */
	uint64_t untold;
	const char *journal_problem;
};

#define STORE_ALL_PARTS UINT64_MAX
/* The part that store_load reads of a store opened for reading; 0 (and if not
 * called): the last one. Latencies cover all parts. */
void store_read_part(struct store *store, uint64_t part);

/* evidence_limit: kept ones to read of each (fingerprint, verdict, class,
 * reason); 0: none. The arena's limit bounds what is read. */
int store_load(struct store *store, size_t evidence_limit, struct arena *arena,
	       struct store_content **content, struct error *error);

/* NULL if there is none. */
const char *store_fact(const struct store_content *content, const char *key);
/* As a number; 0 if absent or none. */
uint64_t store_fact_number(const struct store_content *content,
			   const char *key);
/* The exchanges that the mirror saw, less those counted in other parts. If it
 * has not recorded that, those it counted. */
uint64_t store_seen(const struct store_content *content);
/* Exchanges that were seen but not counted, or the reverse; 0: none, or the
 * mirror has not recorded how many it saw. */
int64_t store_unaccounted(const struct store_content *content);

#endif
