/*
 * MERGE into a table whose rows are in several new ones, or in another's. The
 * image has the rows of the source that something is done with, each with the
 * target's row that it met and the number of its action; what an action writes
 * is then written as an UPDATE, DELETE or INSERT of several tables is.
 */
#ifndef PARALLAX_LENS_WRITE_SPREAD_MERGE_H
#define PARALLAX_LENS_WRITE_SPREAD_MERGE_H

#include "lens/rewrite/rewrite.h"

/* Into a table whose rows are in several, or another's. */
bool write_spread_takes_merge(struct rewrite *rw,
			      const PgQuery__MergeStmt *merge);
void write_spread_merge(struct rewrite *rw, const struct scope *outer,
			PgQuery__Node *query);

#endif
