/*
 * The store: one SQLite file (WAL) with what a mirror found and where it is.
 * Written by one mirror, read by report, gate and live page at any time.
 *
 * Writing is in batches: store_begin .. store_commit is one SQLite transaction,
 * so that counts, divergences and the mirror's position move together and a
 * crash loses or repeats none of them.
 */
#ifndef PARALLAX_STORE_STORE_H
#define PARALLAX_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/histogram.h"
#include "compare/compare.h"
#include "compare/verdict.h"

struct store;

/* Opens for writing, making file (0600) and schema if absent. */
int store_open(const char *path, struct store **store, struct error *error);
/* Opens for reading only; fails if absent or of another version. */
int store_open_read(const char *path, struct store **store,
		    struct error *error);
void store_close(struct store **store);

int store_begin(struct store *store, struct error *error);
int store_commit(struct store *store, struct error *error);
int store_rollback(struct store *store, struct error *error);

/*
 * Counts one or more exchanges of one fingerprint and verdict. Kept in memory
 * until store_commit, so it is cheap to call for each exchange.
 * text: the statement with its literals taken out (seen once is enough; may be
 * NULL later). us < 0: no latency.
 */
struct store_exchange {
	uint64_t fingerprint;
	const char *text;
	const char *kind; /* "SELECT", ... of sql/traits */
	enum verdict verdict;
	enum divergence_class class; /* DIVERGED */
	enum reason reason;
	const char *detail;	     /* untranslatable, skipped, failed: why; or NULL */
	int64_t at;		     /* unix us */
	int64_t primary_us;
	int64_t shadow_us;
};
int store_count(struct store *store, const struct store_exchange *exchange,
		struct error *error);

/* Keeps a divergence (or inconclusive difference) with redacted evidence, up to the cap for its fingerprint. */
struct store_divergence {
	struct store_exchange exchange;
	uint64_t seq;
	uint64_t session;
	uint32_t epoch;
	const char *client;
	const char *old_statement; /* literals taken out, unless show_values */
	const char *new_statement; /* as run, literals taken out likewise */
	const struct comparison *comparison; /* values are redacted on the way in */
	const struct answer *primary; /* outcomes */
	const struct answer *shadow;
};
int store_divergence(struct store *store,
		     const struct store_divergence *divergence,
		     struct error *error);

struct store_options {
	size_t evidence_per_fingerprint; /* 10 */
	bool show_values;		 /* false: keyed hash and shape */
};
void store_configure(struct store *store, const struct store_options *options);

/* Small facts by name: the mirror's position, catalogs' versions, gaps, ... */
int store_set(struct store *store, const char *key, const char *value,
	      struct error *error);
/* *value is the caller's (free), NULL if there is none. */
int store_get(struct store *store, const char *key, char **value,
	      struct error *error);

#endif
