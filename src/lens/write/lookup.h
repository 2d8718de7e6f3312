/* Values that live in a table of their own (`lookup`). */
#ifndef PARALLAX_LENS_WRITE_LOOKUP_H
#define PARALLAX_LENS_WRITE_LOOKUP_H

#include "lens/rewrite/rewrite.h"

/* Values of columns whose look-up is to be created. Notes one, if it
 * is; it is forgotten when a step for it is made, and left is a failure. */
void write_note_added(struct rewrite *rw, const struct lens_column *column,
		      PgQuery__Node *value);
/* A step, or a CTE, for each one noted; from, where: of the statement, which
 * values that are no constants are of. Both are copied. within: only a CTE,
 * behind those that are hoisted already, sees them. */
void write_add_lookups(struct rewrite *rw, const struct scope *scope,
		       PgQuery__Node *const *from, size_t from_count,
		       const PgQuery__Node *where, bool within);
/* Without such rows: constants only. */
void write_add_constant_lookups(struct rewrite *rw, const struct scope *scope);
void write_note_within(struct rewrite *rw, const struct lens_lookup *lookup,
		       const char *name);
/* At the end: what the statement adds by CTEs, it looks up there too. */
void write_see_added_lookups(struct rewrite *rw, PgQuery__Node *statement);

#endif
