/* SET lists of UPDATE, ON CONFLICT and MERGE. */
#ifndef PARALLAX_LENS_WRITE_ASSIGN_H
#define PARALLAX_LENS_WRITE_ASSIGN_H

#include "lens/rewrite/rewrite.h"

/* Rewrites a SET list of UPDATE, ON CONFLICT or MERGE. apart: a sub-query for
 * each column, where one would serve several. (PostgreSQL 15 crashes on row
 * sub-queries in several actions of a MERGE.) */
void write_assignments(struct rewrite *rw, struct scope *scope,
		       struct item *target, size_t *count,
		       PgQuery__Node ***list, bool apart);
/* Gives targets of (a, b) = ... one source again. Called at the end. */
void write_share_sources(struct rewrite *rw);

/* The value that a SET list gives each old column. */
struct set_values {
	PgQuery__Node **values; /* by old column; may be DEFAULT; NULL: not
				   set */
	/* a row sub-query, which the values name as old_query; or NULL */
	PgQuery__SelectStmt *query;
	const char **query_columns; /* with room for another one */
	size_t query_column_count;
	bool query_is_volatile;
};

void write_read_set(struct rewrite *rw, struct scope *scope,
		    struct item *target, size_t count, PgQuery__Node **list,
		    struct set_values *out);

#endif
