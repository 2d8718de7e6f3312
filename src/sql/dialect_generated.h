/*
 * The part of a dialect that knows the values which an engine generates: clocks,
 * sequences and inserts' identities. What a statement asks for is recognised in
 * its tree; what stands for it is built, or appended as text. In the examples,
 * PostgreSQL stands before the ';', MySQL behind it.
 */
#ifndef PARALLAX_SQL_DIALECT_GENERATED_H
#define PARALLAX_SQL_DIALECT_GENERATED_H

#include "base/buffer.h"
#include "sql/tree.h"

/* A call that reads a clock. */
struct sql_clock {
	bool statement; /* the statement's time, or a later one; else the
			   transaction's: clock_timestamp(); now() */
	enum sql_clock_form {
		SQL_CLOCK_INSTANT,    /* now(); none */
		SQL_CLOCK_LOCAL,      /* localtimestamp; now() */
		SQL_CLOCK_DATE,	      /* current_date; curdate() */
		SQL_CLOCK_TIME,	      /* current_time; none */
		SQL_CLOCK_LOCAL_TIME, /* localtime; curtime() */
	} form;
	int precision; /* digits behind the second; -1: all that there are */
};

enum sql_generated {
	SQL_GENERATED_NONE,
	SQL_GENERATED_NEXT,    /* of a sequence: nextval('s'); none */
	SQL_GENERATED_CURRENT, /* the session's last of it: currval('s'); none
				*/
	SQL_GENERATED_LAST, /* the session's last: lastval(); last_insert_id()
			     */
};

/* A call that gives a value of a sequence, or one that an insert got. */
struct sql_generated_call {
	enum sql_generated kind;
	const char *name; /* the function's, which names the output column */
	/* That names the sequence. NULL: none is named (LAST), or it is not
	 * known before the statement runs. */
	PgQuery__AConst *sequence;
};

struct sql_generated_ops {
	/* ---- clocks ---- */

	/* Is it a call of a clock, of which the rewrite knows all? */
	bool (*reads_clock)(const PgQuery__Node *node, struct sql_clock *clock);
	/* What that clock showed: of a constant that append_instant writes. */
	PgQuery__Node *(*clock)(struct arena *arena, PgQuery__Node *instant,
				const struct sql_clock *clock);
	/* Appends a constant's text: microseconds since 1970, UTC.
	 * 2026-01-02 00:00:00.000001+00; the same without the zone. */
	void (*append_instant)(struct buffer *out, int64_t at);

	/* ---- sequences and identities ---- */

	/* Fills call; kind NONE: it is no such call. */
	void (*read_call)(const PgQuery__Node *node,
			  struct sql_generated_call *call);
	/* The call. sequence: its name, printed; NULL for LAST. NULL: the
	 * engine has no such call. */
	PgQuery__Node *(*call)(struct arena *arena, enum sql_generated kind,
			       const char *sequence);
	/* Appends the statement that moves a sequence (its name, printed) past
	 * both values, never backwards. NULL: the engine has no sequences, and
	 * its identities move by what is inserted. SELECT setval(...); NULL. */
	void (*append_move)(struct buffer *out, const char *sequence,
			    int64_t least, int64_t most);
};

#endif
