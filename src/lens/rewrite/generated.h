/*
 * Values that a database generates: identities, sequences, clocks, random
 * values, and the number that the session drew last. Two databases generate
 * different ones, so the primary's are carried over where they are known. A
 * placeholder stands for each; every exchange fills it in (lens/plan/fill.c).
 *
 *	SELECT nextval('users_id_seq'), now()
 *	SELECT <cell 0,0>::int8 AS nextval, <transaction's clock>::timestamptz AS now
 *
 * Only the dialect knows how an engine writes such a call
 * (sql/dialect_generated.h).
 */
#ifndef PARALLAX_LENS_REWRITE_GENERATED_H
#define PARALLAX_LENS_REWRITE_GENERATED_H

#include "lens/rewrite/rewrite.h"

enum generator { /* what gives a column its value if the row leaves it out */
		 GENERATOR_NONE,
		 GENERATOR_IDENTITY, /* the column's own numbers */
		 GENERATOR_SEQUENCE, /* a sequence that the default names */
		 GENERATOR_CLOCK,
		 GENERATOR_RANDOM, /* a new value each time */
};
enum generator rewrite_generator(const struct catalog_column *column);
/* Whether an identity or a sequence feeds the column. */
bool rewrite_draws_number(const struct catalog_column *column);
/* Whether each row gets a value of its own. (All rows of one statement share a
 * clock's value.) */
bool rewrite_draws(const struct catalog_column *column);
/* Whether its numbers come only with the insert: no call can ask for one
 * before. */
bool rewrite_numbers_on_insert(const struct rewrite *rw,
			       const struct catalog_column *column);

/* The placeholder for a value that each exchange fills in. */
PgQuery__Node *rewrite_special(struct rewrite *rw, struct special special);

/* Replaces a clock. False: it is none, or (in PREPARE) must be read at
 * EXECUTE. */
bool rewrite_clock(struct rewrite *rw, PgQuery__Node **slot,
		   struct facts *facts);
/* Replaces a call that asks for the session's last number, of one or of any
 * sequence. */
bool rewrite_carried_call(struct rewrite *rw, PgQuery__Node **slot);

/* Whether the call asks for the last number, or for a number of a sequence that
 * it names. */
bool rewrite_reads_generated(const struct rewrite *rw,
			     const PgQuery__Node *node,
			     struct sql_generated_call *call);
/* The sequence that the call names, as the new side writes it. NULL: it names
 * none, or the engine has none. */
const char *rewrite_call_sequence(struct rewrite *rw,
				  const struct sql_generated_call *call);
/* The sequence that feeds a new column, likewise. */
const char *rewrite_sequence_of(struct rewrite *rw,
				const struct catalog_column *column);
PgQuery__Node *rewrite_next_value(struct rewrite *rw, const char *sequence);
/* What the placeholder becomes if no value is known: the call itself. type: to
 * cast to, or NULL. */
const char *rewrite_generated_text(struct rewrite *rw, enum sql_generated kind,
				   const char *sequence,
				   const struct catalog_type *type);
/* Fails if the statement still asks for a sequence's number and the new engine
 * has no sequences. */
void rewrite_refuse_sequences(struct rewrite *rw, PgQuery__Node *statement);

#endif
