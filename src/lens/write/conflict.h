/* ON CONFLICT of an INSERT. */
#ifndef PARALLAX_LENS_WRITE_CONFLICT_H
#define PARALLAX_LENS_WRITE_CONFLICT_H

#include "lens/rewrite/rewrite.h"

/* Rewrites ON CONFLICT. target: the table that is inserted into, in scope. */
void write_conflict(struct rewrite *rw, struct scope *scope,
		    struct item *target, PgQuery__OnConflictClause *clause);

#endif
