/* How a rewrite ends without a plan: untranslatable, or not mirrored. */
#ifndef PARALLAX_LENS_REWRITE_REFUSE_H
#define PARALLAX_LENS_REWRITE_REFUSE_H

#include "lens/rewrite/rewrite.h"

/* Ends the rewrite: untranslatable (location: in the tree, -1: none). */
void rewrite_fail(struct rewrite *rw, int location, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
/* The same for an entry of the mapping that no longer fits, with the reason. */
void rewrite_misfit(struct rewrite *rw, int location, const char *what,
		    const char *name, const char *why)
    __attribute__((noreturn));
/* For a table that the new schema lacks. */
void rewrite_refuse_dropped(struct rewrite *rw, const struct lens_table *table,
			    int location) __attribute__((noreturn));
/* For a column that cannot be written. */
void rewrite_refuse_unwritable(struct rewrite *rw,
			       const struct lens_column *column, int location)
    __attribute__((noreturn));
/* For WHERE CURRENT OF, where the rows must be found by a query, which it is
 * not for. table NULL: for the sake of a look-up. */
void rewrite_refuse_cursor(struct rewrite *rw, const struct lens_table *table,
			   const PgQuery__Node *where);
/* Ends the rewrite: not mirrored. */
void rewrite_skip(struct rewrite *rw, enum reason reason, const char *format,
		  ...) __attribute__((noreturn, format(printf, 3, 4)));
void rewrite_fix(struct rewrite *rw, const PgQuery__AConst *constant);

#endif
