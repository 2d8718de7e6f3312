/*
 * The store: one SQLite file (WAL) with what a mirror found and where it is.
 * Written by one mirror, read by report, gate and live page at any time.
 *
 * Writing is in batches: all that is told between store_begin and store_commit
 * is kept in memory and written in one SQLite transaction by store_commit, so
 * that counts, divergences and the mirror's position move together and a crash
 * loses or repeats none of them. (A power cut may take the last commits of the
 * store's machine, whole ones.) After a store_commit that failed nothing is
 * written and nothing forgotten: call it again later, or store_rollback.
 *
 * The newest writer owns the store: the commits of one before it fail.
 *
 * What a store may grow to is bounded: STORE_STATEMENTS fingerprints, the
 * exchanges of further ones are counted under STORE_OTHER; evidence up to a cap
 * for each (fingerprint, verdict, class, reason) and STORE_EVIDENCE in all.
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

enum { STORE_STATEMENTS = 20000, STORE_EVIDENCE = 10000 };
#define STORE_OTHER UINT64_MAX /* the fingerprint of all after the cap */

/*
 * Facts for readers. The others are between writers: they may hold values that
 * no report should show (a session's settings), so store_load leaves them out.
 * Numbers are decimal, times unix microseconds.
 */
#define STORE_FACT_SHADOW   "shadow" /* its name in the config */
#define STORE_FACT_MAPPING  "mapping.file"
#define STORE_FACT_STARTED  "run.started_at" /* the first run's */
#define STORE_FACT_ENDED    "run.ended_at"   /* absent: still running */
#define STORE_FACT_POSITION "position"	     /* in the mirror's own format */
#define STORE_FACT_JUDGED                                                      \
	"judged" /* all exchanges up to this seq are counted */
/* Of a shadow that was loaded under traffic: "SEGMENT OFFSET", the place in the
 * journal after which its mirror began. */
#define STORE_FACT_CUT	   "seed.cut"
#define STORE_FACT_JOURNAL "journal.directory"
/* Records that the journal lost: according to the gaps that were read, and
 * according to its relay in the journal's directory. */
#define STORE_FACT_LOST	  "journal.lost"
#define STORE_FACT_STATED "journal.stated"
#define STORE_FACT_LAG	  "lag" /* exchanges read and not yet counted */
/* Exchanges read from the journal; must equal those counted. */
#define STORE_FACT_SEEN		 "seen"
#define STORE_FACT_GAPS		 "gaps"		 /* how many; absent: none */
#define STORE_FACT_GAP_EXCHANGES "gap.exchanges" /* lost in them, if known */
/* Sessions whose statements were passed on and not captured. */
#define STORE_FACT_UNCAPTURED	 "sessions.uncaptured"
#define STORE_FACT_UNCAPTURED_TO "sessions.uncaptured:" /* counted so far */
#define STORE_FACT_CATALOG_OLD	 "catalog.old"		/* versions */
#define STORE_FACT_CATALOG_NEW	 "catalog.new"
#define STORE_FACT_SHOW_VALUES	 "show_values" /* "true": evidence has values */
/* What statements have shown about columns; see lens_learned. */
#define STORE_FACT_CLOCKS	 "lens.clocks"
#define STORE_FACT_UNPINNED	 "lens.unpinned"
#define STORE_FACT_GAP_PREFIX	 "gap:" /* "gap:3" = one sentence for people */
#define STORE_FACT_SCHEMA_PREFIX "schema:" /* "schema:AT" = a sentence */
#define STORE_FACT_WARNING_PREFIX                                              \
	"warning:" /* "warning:writers" = a sentence */

/* Opens for writing; creates file (0600) and schema if absent. */
int store_open(const char *path, struct store **store, struct error *error);
/* Creates it, if absent, and checks that it is of this version and can be
 * written. A mirror that uses it does not notice. */
int store_prepare(const char *path, struct error *error);
/* Opens for reading only; fails if absent or of another version. */
int store_open_read(const char *path, struct store **store,
		    struct error *error);
void store_close(struct store **store);
/* A fact of the store at that path, which the caller frees; NULL if there is no
 * such fact or no store yet. */
int store_read_fact(const char *path, const char *key, char **value,
		    struct error *error);

int store_begin(struct store *store, struct error *error);
int store_commit(struct store *store, struct error *error);
/* After a failed commit: whether space is lacking, or the disk is faulty. */
bool store_is_full(const struct store *store);
int store_rollback(struct store *store, struct error *error);

/*
 * What verdicts belong to, each as a text that changes when the thing does.
 * Verdicts of another mapping, shadow or journal than the previous ones are a
 * new part of the evidence.
 */
struct store_part {
	const char *mapping; /* a digest of its file; "": none */
	const char *shadow;
	const char *journal;
	/* Set by store_begin_part. */
	uint64_t number;   /* 1, 2, ... */
	int64_t began;	   /* unix us */
	const char *cause; /* what changed; "": the first part; NULL: it is
			      the existing part */
};
/* Written at once: the newest part if it belongs to these, otherwise a new one.
 */
int store_begin_part(struct store *store, struct store_part *part,
		     struct error *error);

/*
 * Counts one or more exchanges of one fingerprint and verdict. Kept in memory
 * until store_commit, so it is cheap to call for each exchange. text: the
 * statement without its literals (once is enough; may be NULL later). us < 0:
 * no latency.
 */
struct store_exchange {
	uint64_t part; /* 0: the one that was begun last */
	uint64_t fingerprint;
	const char *text;
	const char *kind; /* "SELECT", ... of sql/traits */
	enum verdict verdict;
	/* DIVERGED: its class. INCONCLUSIVE: the difference that the reason
	 * excused; NONE if there was none. */
	enum divergence_class class;
	enum reason reason;
	const char *detail; /* untranslatable, skipped, failed: why; or NULL */
	int64_t at;	    /* unix us */
	int64_t primary_us;
	int64_t shadow_us;
};
int store_count(struct store *store, const struct store_exchange *exchange,
		struct error *error);

/*
 * Keeps a divergence (or an inconclusive difference) with redacted evidence, up
 * to the cap: the first ones, so that the root stays. It does not count: call
 * store_count for the same exchange as well.
 */
struct store_divergence {
	struct store_exchange exchange;
	uint64_t seq;
	uint64_t session;
	uint32_t epoch;
	const char *client;
	const char *old_statement; /* literals taken out, unless show_values */
	const char *new_statement; /* as run, literals taken out likewise */
	/* values are redacted here */
	const struct comparison *comparison;
	const struct answer *primary; /* outcomes */
	const struct answer *shadow;
};
int store_divergence(struct store *store,
		     const struct store_divergence *divergence,
		     struct error *error);

struct store_options {
	size_t evidence_per_fingerprint; /* and verdict, class, reason: 10 */
	bool show_values;		 /* false: keyed hash and shape */
};
void store_configure(struct store *store, const struct store_options *options);

/*
 * Small facts by name. In a batch they are written with it (and store_get sees
 * them at once); outside a batch they are written at once. value NULL: removes.
 */
int store_set(struct store *store, const char *key, const char *value,
	      struct error *error);
/* Adds to a decimal fact (absent: 0). */
int store_add(struct store *store, const char *key, uint64_t more,
	      struct error *error);
/* *value is the caller's (free), NULL if there is none. */
int store_get(struct store *store, const char *key, char **value,
	      struct error *error);
/* Likewise, of facts that hold customers' values: encrypted with the store's
 * key. */
enum { STORE_SEALED_MAX = 32 << 20 };
int store_set_sealed(struct store *store, const char *key, const char *value,
		     struct error *error);
int store_get_sealed(struct store *store, const char *key, char **value,
		     struct error *error);
/* Each fact in the file (without the open batch's changes) whose name begins
 * with the prefix, by name. */
typedef void store_visit(void *context, const char *key, const char *value);
int store_each(struct store *store, const char *prefix, store_visit *visit,
	       void *context, struct error *error);

#endif
