/*
 * What a writer keeps in memory until its batch is written. An exchange that
 * diverged is held as
 *
 *	statement {fingerprint, text: new, primary, shadow: its latencies}
 *	  tally {match ... diverged, pending: 1, pending_kept: 1}
 *	evidence_item {seq, client, statements, json}
 *
 * with the statement in the list of dirty ones. store_commit adds each pending
 * number to its row. Of what is already in the file, only the fingerprints and
 * the amount of evidence of each tally are held here.
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
	struct seal *seal; /* of sealed facts */
	size_t cap;
	bool batch;
	bool waiting; /* the last write failed; see wait.h */
	bool lost;    /* another process writes now */
	sqlite3_stmt *get_fact, *set_fact, *remove_fact, *get_latency,
	    *put_statement, *put_tally, *put_divergence;
};

/* count.c: found, or made. Past STORE_STATEMENTS, the one of STORE_OTHER. */
struct statement *writer_statement(struct writer *writer, uint64_t fingerprint);
struct tally *writer_tally(struct statement *statement, uint64_t part,
			   enum verdict verdict, enum divergence_class class,
			   enum reason reason);

/* fact.c: the pending one, or NULL. */
struct pending_fact *writer_fact(const struct writer *writer, const char *key);

/* batch.c: drops what is pending, after it was written or to roll it back. */
void writer_forget(struct writer *writer, bool written);

#endif
