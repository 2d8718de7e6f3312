/*
 * GROUP BY a key: the columns that it determines (worked example in group.c).
 */
#ifndef PARALLAX_LENS_REWRITE_GROUP_H
#define PARALLAX_LENS_REWRITE_GROUP_H

#include "lens/rewrite/rewrite.h"

/* The relations of one query of which GROUP BY holds a key. */
struct grouping {
	struct relation **relations; /* whose key is grouped */
	size_t count;
};

/* Finds them, before the targets are rewritten; and adds the columns to GROUP
 * BY, after all of the query is. */
void rewrite_group_start(struct rewrite *rw, struct scope *scope,
			 const PgQuery__SelectStmt *select,
			 struct grouping *grouping);
void rewrite_group_end(struct rewrite *rw, struct scope *scope,
		       PgQuery__SelectStmt *select, struct grouping *grouping);

#endif
