/* ORDER BY, GROUP BY, DISTINCT ON: the meaning of their items. */
#ifndef PARALLAX_LENS_REWRITE_SORT_H
#define PARALLAX_LENS_REWRITE_SORT_H

#include "lens/rewrite/rewrite.h"

/* DISTINCT ON and ORDER BY, behind the targets. */
void rewrite_sorts(struct rewrite *rw, struct scope *scope,
		   PgQuery__SelectStmt *select, const struct outputs *outputs,
		   struct facts *facts);
bool rewrite_is_distinct_on(const PgQuery__SelectStmt *select);
/* An item of GROUP BY. */
void rewrite_group(struct rewrite *rw, struct scope *scope,
		   PgQuery__Node **slot, const struct outputs *outputs);
/* ORDER BY of what can sort by its own columns only (DISTINCT, UNION): if one
 * of them holds labels that are recoded (labels.h), the query becomes one
 * around it, which sorts. At the end of the query. */
void rewrite_sort_around(struct rewrite *rw, PgQuery__SelectStmt *select,
			 const struct outputs *outputs);

#endif
