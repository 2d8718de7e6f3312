/* Sequences, and other names of relations in strings. */
#ifndef PARALLAX_LENS_REWRITE_SEQUENCE_H
#define PARALLAX_LENS_REWRITE_SEQUENCE_H

#include "lens/rewrite/rewrite.h"

/* currval and lastval: the value that the session was given last. */
bool rewrite_carried_call(struct rewrite *rw, PgQuery__Node **slot);
/* nextval, currval, ..., regclass: names in strings. True: *slot is done. */
bool rewrite_name_call(struct rewrite *rw, PgQuery__FuncCall *call);
/* The new text of a relation's name in a string, or NULL if it is the same. */
const char *rewrite_relation_name(struct rewrite *rw, const char *text);
/* schema.name as the new side writes it (schema may be NULL). */
const char *rewrite_name(struct rewrite *rw, const char *schema,
			 const char *name);
/* A sequence by its name in a string; printed as the new side writes it. */
const char *rewrite_sequence_name(struct rewrite *rw, const char *text);
/* Is it nextval or currval of a constant, or lastval() (sequence NULL)? */
bool rewrite_is_sequence_call(const PgQuery__Node *node, const char **name,
			      const char **sequence);
const char *rewrite_sequence_of(struct rewrite *rw,
				const struct catalog_column *column);

#endif
