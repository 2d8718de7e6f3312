/* Shared by the files of src/verify only. */
#ifndef PARALLAX_VERIFY_INTERNAL_H
#define PARALLAX_VERIFY_INTERNAL_H

#include "adapters/checksum.h"
#include "adapters/database.h"
#include "lens/lens.h"
#include "runner/runner.h"
#include "verify/lag.h"
#include "verify/verify.h"

/* ---- both databases (pair.c) ---- */

enum { PRIMARY, SHADOW, SIDES };

/* One job's connections. */
struct verify_pair {
	const struct verify_options *options;
	const struct adapter *adapters[SIDES];
	struct database *sides[SIDES];
	struct lens *lens;
	struct runner runner;
};

int pair_open(struct verify_pair *pair, const struct verify_options *options,
	      struct error *error);
void pair_close(struct verify_pair *pair);
/* Whether both connections are open and not lost. */
bool pair_alive(const struct verify_pair *pair);
/* Statements over the old schema, each in its side's dialect, on both sides at
 * once. Errors say which side. Release both results with pair_release. */
int pair_query(struct verify_pair *pair, const char *const texts[SIDES],
	       struct database_result results[SIDES], struct error *error);
/* On one side only. */
int pair_query_one(struct verify_pair *pair, int side, const char *text,
		   struct database_result *result, struct error *error);
void pair_release(struct verify_pair *pair,
		  struct database_result results[SIDES]);
static inline const struct checksum_ops *pair_checksum(
    const struct verify_pair *pair, int side)
{
	return pair->adapters[side]->checksum;
}
/* A step of the transaction on one side. */
/* A message without the side that it names at its head. */
const char *pair_said(const char *message);
int pair_control(struct verify_pair *pair, int side, enum session_control what,
		 struct error *error);

/* Why a table could not be compared (verify.c). */
void verify_table_problem(struct verify_table *table,
			  const struct verify_options *options,
			  const struct error *error);

/* ---- the logic, without I/O (steps.c) ---- */

/* Determines the size of the next chunk. */
struct pace {
	int64_t target_us;
	uint64_t size; /* rows */
	uint64_t last_size;
	int64_t last_us;
	bool whole; /* no more chunks: a range costs as much as all the rest */
};

enum { PACE_FIRST = 20000, PACE_LEAST = 500, PACE_MOST = 5000000 };

void pace_init(struct pace *pace, int64_t target_us);
/* A chunk of `rows` took so long. */
void pace_took(struct pace *pace, uint64_t rows, int64_t us);
/* One was ended by the time limit: false if it cannot be smaller. */
bool pace_shrink(struct pace *pace);

/*
 * The keys that are left of a table whose key is one integer: `size` of them
 * are at most `size` rows, so that a chunk's end needs no look at the rows.
 * Where few of them are taken that makes small chunks: then the database is
 * asked.
 */
struct key_span {
	bool known;
	bool sparse;  /* the last chunk had many keys for its rows */
	int64_t next; /* the least key that is left */
	int64_t most;
};

enum span_end { SPAN_ASK, SPAN_AT, SPAN_REST };

/* The table's least and greatest key, as texts; NULL: it is empty. */
void span_init(struct key_span *span, struct value least, struct value most);
/* Where the next chunk ends: at *to, or it takes all that is left. */
enum span_end span_end(const struct key_span *span, uint64_t size, int64_t *to);
/* A chunk up to that key had so many rows. */
void span_took(struct key_span *span, struct value to, uint64_t rows);

struct bucket {
	uint32_t number;
	uint64_t rows; /* the larger side's */
};

/* From two answers of `buckets`: those that differ, ascending, in the arena. */
size_t verify_differing_buckets(const struct database_result results[SIDES],
				struct arena *arena, struct bucket **buckets);

/*
 * Two lists of rows (key, hash, values), held against each other: gives the
 * keys whose rows differ, each once, in the arena; *count of them. alike may
 * say of two rows with one hash that their values are equal all the same.
 */
struct listing {
	const struct value *rows;
	size_t row_count;
	size_t width;
	size_t key_count; /* 0: the hash at 0 is the key */
};
typedef bool listing_alike(void *context, const struct value *primary,
			   const struct value *shadow);
size_t listing_differences(const struct listing sides[SIDES],
			   listing_alike *alike, void *context,
			   struct arena *arena, const struct value **keys);
int verify_value_order(struct value a, struct value b); /* NULL first */

/*
 * What is known of a key whose rows differed at the first look. Each look tells
 * the primary's state and whether the shadow's is equal to it.
 *
 * EQUAL: the shadow has shown what the primary has, or had at one of the looks.
 * DRIFT: the primary's row has stood for `window`, all of that time read by the
 * mirror, and the shadow's differed at every look.
 */
enum suspect_state { SUSPECT_OPEN, SUSPECT_EQUAL, SUSPECT_DRIFT };

enum { SUSPECT_HISTORY = 24 };

struct suspect {
	const struct value *key;
	enum suspect_state state;
	uint64_t seen[SUSPECT_HISTORY]; /* the primary's states */
	uint32_t seen_count;		/* ever */
	int64_t since;			/* the newest of them */
	uint64_t mark; /* seq that the mirror must be past; 0: none yet */
	enum divergence_class class;
	uint64_t weight; /* rows that it counts for */
};

struct looks {
	int64_t window_us;
	bool mirrored; /* there is a mirror to wait for */
};

/* now: when the primary was read; mark: the newest seq in the journal;
 * passed: the seq up to which the mirror has judged all. */
void suspect_look(struct suspect *suspect, const struct looks *looks,
		  int64_t now, uint64_t primary, uint64_t shadow, bool equal,
		  uint64_t mark, uint64_t passed);

/* ---- one table ---- */

/* A job on a table. */
struct work {
	struct verify *verify;
	struct verify_table *result;
	struct verify_pair *pair;
	struct replay_lag *lag; /* or NULL */
	char *clocks;	      /* columns fed by one, as lens_learned has them */
	struct arena *arena;  /* the result's */
	struct arena scratch; /* of a chunk */
	struct checksum_table table;
	size_t whole_count; /* of table.columns with those not compared */
	struct value_rules *rules; /* by column of table.columns */
	struct suspect *suspects;
	size_t suspect_count, suspect_capacity;
};

/* Kept for repair: the work without its connections. */
struct verify_drift {
	struct work work;
};

/* columns.c: what is compared, and by which key. 1: nothing to compare
 * (state is set). */
int work_prepare(struct work *work, struct error *error);
/* chunks.c: finds the suspects. */
int work_chunks(struct work *work, struct error *error);
/* looks.c: looks at them again, keeps those that are left. */
int work_looks(struct work *work, struct error *error);
/* Two rows of all columns, by value; where differs is given, it says in which.
 */
bool work_equal(const struct work *work, const struct value *a,
		const struct value *b, bool *differs);
bool work_alike(void *work, const struct value *primary,
		const struct value *shadow);

static inline size_t key_width(const struct checksum_table *table)
{
	return table->key_count ? table->key_count : 1;
}

#endif
