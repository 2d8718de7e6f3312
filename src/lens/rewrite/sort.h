/* ORDER BY, GROUP BY, DISTINCT ON: the meaning of their items. */
#ifndef PARALLAX_LENS_REWRITE_SORT_H
#define PARALLAX_LENS_REWRITE_SORT_H

#include "lens/rewrite/rewrite.h"

/* Rewrites DISTINCT ON and ORDER BY, after the targets. */
void rewrite_sorts(struct rewrite *rw, struct scope *scope,
		   PgQuery__SelectStmt *select, const struct outputs *outputs,
		   struct facts *facts);
bool rewrite_is_distinct_on(const PgQuery__SelectStmt *select);
/* Rewrites an item of GROUP BY. */
void rewrite_group(struct rewrite *rw, struct scope *scope,
		   PgQuery__Node **slot, const struct outputs *outputs);
/* ORDER BY of a query that can sort only by its own columns (DISTINCT, UNION).
 * If one of them holds recoded labels (labels.h), a query around it sorts.
 * Called at the end of the query. */
void rewrite_sort_around(struct rewrite *rw, PgQuery__SelectStmt *select,
			 const struct outputs *outputs);

#endif
