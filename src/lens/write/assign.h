/* SET lists of UPDATE, ON CONFLICT and MERGE. */
#ifndef PARALLAX_LENS_WRITE_ASSIGN_H
#define PARALLAX_LENS_WRITE_ASSIGN_H

#include "lens/rewrite/rewrite.h"

/* SET lists of UPDATE, ON CONFLICT and MERGE. apart: each column has a
 * sub-query of its own where one would do for several. Row sub-queries in
 * several actions of a MERGE end PostgreSQL 15. */
void write_assignments(struct rewrite *rw, struct scope *scope,
		       struct item *target, size_t *count,
		       PgQuery__Node ***list, bool apart);
/* Joins the sources of several columns again. At the end. */
void write_share_sources(struct rewrite *rw);

/* The value that a SET list gives each old column. */
struct set_values {
	PgQuery__Node **values; /* may be DEFAULT; NULL: not set */
	/* A row sub-query, that values name as old_query; or NULL */
	PgQuery__SelectStmt *query;
	const char **query_columns; /* with room for one more */
	size_t query_column_count;
	bool query_is_volatile;
};

void write_read_set(struct rewrite *rw, struct scope *scope,
		    struct item *target, size_t count, PgQuery__Node **list,
		    struct set_values *out);

#endif
