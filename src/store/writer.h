/*
 * What a writer keeps in memory until its batch is written. An exchange that was
 * counted and has diverged is, until then,
 *
 *	statement {fingerprint, text: new, primary, shadow: its latencies}
 *	  tally {match ... diverged, pending: 1, pending_kept: 1}
 *	evidence_item {seq, client, statements, json}
 *
 * with the statement in the list of the dirty ones. store_commit adds each
 * pending number to its row; what is only in the file is not held here, but for
 * the fingerprints and how much evidence each of their tallies has.
 *
 * Private to src/store.
 */
#ifndef PARALLAX_STORE_WRITER_H
#define PARALLAX_STORE_WRITER_H

#include "base/map.h"
#include "store/internal.h"

#define STORE_WRITER "writer" /* the fact that names the newest writer */

struct tally {
	uint64_t part;
	enum verdict verdict;
	enum divergence_class class;
	enum reason reason;
	uint64_t kept; /* evidence of it, pending included */
	uint64_t pending_kept;
	uint64_t pending; /* count, not yet written */
	int64_t first_at; /* of pending */
	int64_t last_at;
	char *detail; /* not yet written, or NULL */
};

struct statement {
	uint64_t fingerprint;
	bool has_text; /* its text is known, here or in the file */
	char *text;    /* not yet written, or NULL */
	char *kind;
	struct tally *tallies;
	size_t tally_count;
	struct histogram *primary; /* pending, or NULL */
	struct histogram *shadow;
	bool dirty;
	struct statement *next_dirty;
};

struct evidence_item {
	struct evidence_item *next;
	uint64_t part;
	struct tally_key key;
	uint64_t seq, session;
	uint32_t epoch;
	int64_t at, primary_us, shadow_us;
	char *client, *old_statement, *new_statement, *detail, *json;
};

struct pending_fact {
	char *value; /* NULL: to be removed */
};

struct writer {
	struct map statements;	/* fingerprint -> struct statement */
	struct statement *last; /* the one counted last: they come in runs */
	struct statement *dirty;
	struct evidence_item *evidence;
	struct evidence_item **evidence_end;
	uint64_t evidence_total;
	struct map facts; /* key -> struct pending_fact */
	char token[33];
	struct redactor redactor;
	size_t cap;
	bool batch;
	bool waiting; /* the last write failed; see wait.h */
	bool lost;    /* another process writes now */
	sqlite3_stmt *get_fact, *set_fact, *remove_fact, *get_latency,
	    *put_statement, *put_tally, *put_divergence;
};

/* count.c: found, or made. A fingerprint too many is that of all the others. */
struct statement *writer_statement(struct writer *writer, uint64_t fingerprint);
struct tally *writer_tally(struct statement *statement, uint64_t part,
			   enum verdict verdict, enum divergence_class class,
			   enum reason reason);

/* fact.c: one that is pending, or NULL. */
struct pending_fact *writer_fact(const struct writer *writer, const char *key);

/* batch.c: drops what is pending, because it was written, or because it must
 * not be. */
void writer_forget(struct writer *writer, bool written);

#endif
