/* SELECT with all its clauses. */
#ifndef PARALLAX_LENS_REWRITE_QUERY_H
#define PARALLAX_LENS_REWRITE_QUERY_H

#include "lens/rewrite/rewrite.h"

void rewrite_query(struct rewrite *rw, const struct scope *outer,
		   PgQuery__Node *query, struct outputs *outputs, bool top);
void rewrite_select(struct rewrite *rw, const struct scope *outer,
		    PgQuery__SelectStmt *select, struct outputs *outputs,
		    bool top);
const struct cte *rewrite_with(struct rewrite *rw, const struct scope *outer,
			       const struct cte *ctes,
			       PgQuery__WithClause *with);
void rewrite_targets(struct rewrite *rw, struct scope *scope, size_t *count,
		     PgQuery__Node ***targets, struct outputs *outputs);
void rewrite_outputs_add(struct rewrite *rw, struct outputs *outputs,
			 struct output output);

/* The name that the primary gives to an output column without an alias. It is
 * in the arena. */
char *rewrite_output_name(struct rewrite *rw, const PgQuery__Node *node);

#endif
