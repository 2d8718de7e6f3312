/* What a statement promises about the order of its rows. */
#ifndef PARALLAX_LENS_REWRITE_ORDER_H
#define PARALLAX_LENS_REWRITE_ORDER_H

#include "lens/rewrite/rewrite.h"

void rewrite_collect_edges(struct rewrite *rw, const struct scope *scope,
			   const PgQuery__Node *node);
void rewrite_find_order(struct rewrite *rw, const struct scope *scope,
			const PgQuery__SelectStmt *select,
			const struct outputs *outputs);
void rewrite_find_union_order(struct rewrite *rw,
			      const PgQuery__SelectStmt *select,
			      const struct outputs *outputs);

#endif
