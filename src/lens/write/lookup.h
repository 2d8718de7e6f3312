/* Values of a look-up table that may not be there yet (`create`). */
#ifndef PARALLAX_LENS_WRITE_LOOKUP_H
#define PARALLAX_LENS_WRITE_LOOKUP_H

#include "lens/rewrite/rewrite.h"

/* Notes a value for a column whose look-up adds values. The note is dropped
 * when a step is made for it; one that is left is a failure. */
void write_note_added(struct rewrite *rw, const struct lens_column *column,
		      PgQuery__Node *value);
/* Makes a step, or a CTE, for each noted value. from, where: of the statement,
 * for values that are not constants; both are copied. within: only as a CTE,
 * which must come after those that are hoisted already. */
void write_add_lookups(struct rewrite *rw, const struct scope *scope,
		       PgQuery__Node *const *from, size_t from_count,
		       const PgQuery__Node *where, bool within);
/* The same for constants only. */
void write_add_constant_lookups(struct rewrite *rw, const struct scope *scope);
void write_note_within(struct rewrite *rw, const struct lens_lookup *lookup,
		       const char *name);
/* Looks values up among the rows that the statement adds by CTEs. Called at the
 * end. */
void write_see_added_lookups(struct rewrite *rw, PgQuery__Node *statement);

#endif
