/*
 * Values that a database generates: identities, sequences, clocks, random values,
 * and the number that the session was given last. Two databases generate others,
 * so the primary's are carried over where they are known: a placeholder stands for
 * each, which every exchange fills in (lens/plan/fill.c).
 *
 *	SELECT nextval('users_id_seq'), now()
 *	SELECT <cell 0,0>::int8 AS nextval, <transaction's clock>::timestamptz AS now
 *
 * How an engine writes such a call is known to its dialect
 * (sql/dialect_generated.h) alone.
 */
#ifndef PARALLAX_LENS_REWRITE_GENERATED_H
#define PARALLAX_LENS_REWRITE_GENERATED_H

#include "lens/rewrite/rewrite.h"

enum generator { /* what gives a column its value in a row that leaves it out */
		 GENERATOR_NONE,
		 GENERATOR_IDENTITY, /* numbers of the column's own */
		 GENERATOR_SEQUENCE, /* of a sequence that the default names */
		 GENERATOR_CLOCK,
		 GENERATOR_RANDOM, /* another value each time */
};
enum generator rewrite_generator(const struct catalog_column *column);
/* An identity or a sequence? */
bool rewrite_draws_number(const struct catalog_column *column);
/* Does each row get another value? Of a clock, the rows of one statement share
 * theirs. */
bool rewrite_draws(const struct catalog_column *column);
/* Its numbers cannot be asked for: they come with the insert alone. */
bool rewrite_numbers_on_insert(const struct rewrite *rw,
			       const struct catalog_column *column);

/* What stands for a value that each exchange fills in. */
PgQuery__Node *rewrite_special(struct rewrite *rw, struct special special);

/* A clock: *slot is done, but where the values are those of a later EXECUTE. */
bool rewrite_clock(struct rewrite *rw, PgQuery__Node **slot,
		   struct facts *facts);
/* The session's last number, of a sequence or of all: *slot is done. */
bool rewrite_carried_call(struct rewrite *rw, PgQuery__Node **slot);

/* Is it such a call (of a sequence that it names, unless of the last one)? */
bool rewrite_reads_generated(const struct rewrite *rw,
			     const PgQuery__Node *node,
			     struct sql_generated_call *call);
/* That it names, as the new side writes it, to be moved past what is carried;
 * NULL: none, or the engine has none. */
const char *rewrite_call_sequence(struct rewrite *rw,
				  const struct sql_generated_call *call);
/* That feeds a new column, likewise. */
const char *rewrite_sequence_of(struct rewrite *rw,
				const struct catalog_column *column);
PgQuery__Node *rewrite_next_value(struct rewrite *rw, const char *sequence);
/* What a placeholder says where no value is known: the call itself. type: cast
 * to, or NULL. */
const char *rewrite_generated_text(struct rewrite *rw, enum sql_generated kind,
				   const char *sequence,
				   const struct catalog_type *type);
/* Fails if a sequence is still asked for, and the new engine has none. */
void rewrite_refuse_sequences(struct rewrite *rw, PgQuery__Node *statement);

#endif
