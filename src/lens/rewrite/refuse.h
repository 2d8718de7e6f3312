/* Ends a rewrite without a plan: the statement is untranslatable, or not
 * mirrored. */
#ifndef PARALLAX_LENS_REWRITE_REFUSE_H
#define PARALLAX_LENS_REWRITE_REFUSE_H

#include "lens/rewrite/rewrite.h"

/* The statement is untranslatable. location: in its text; -1: unknown. */
void rewrite_fail(struct rewrite *rw, int location, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));
/* The statement needs an entry of the mapping that no longer fits, for the
 * given reason. */
void rewrite_misfit(struct rewrite *rw, int location, const char *what,
		    const char *name, const char *why)
    __attribute__((noreturn));
/* The statement names a table that the new schema lacks. */
void rewrite_refuse_dropped(struct rewrite *rw, const struct lens_table *table,
			    int location) __attribute__((noreturn));
/* The statement writes a column that cannot be written. */
void rewrite_refuse_unwritable(struct rewrite *rw,
			       const struct lens_column *column, int location)
    __attribute__((noreturn));
/* The statement has WHERE CURRENT OF, but its rows must be found by a query.
 * table: whose rows; NULL: it is for a look-up. */
void rewrite_refuse_cursor(struct rewrite *rw, const struct lens_table *table,
			   const PgQuery__Node *where);
/* The statement is not mirrored. */
void rewrite_skip(struct rewrite *rw, enum reason reason, const char *format,
		  ...) __attribute__((noreturn, format(printf, 3, 4)));
void rewrite_fix(struct rewrite *rw, const PgQuery__AConst *constant);

#endif
