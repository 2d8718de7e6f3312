/*
 * GROUP BY a key: the other columns of its row may then stand alone. The server
 * sees that of a table's primary key, not of what a mapping made of it: the
 * columns that are named are grouped too. They are the same in each row of a
 * group, so the groups stay what they were.
 */
#ifndef PARALLAX_LENS_REWRITE_GROUP_H
#define PARALLAX_LENS_REWRITE_GROUP_H

#include "lens/rewrite/rewrite.h"

/* GROUP BY of a key determines the row on the old side; on the new one
 * the columns it determines may have to be said. */
struct grouping {
	struct relation **relations; /* whose key is grouped */
	size_t count;
};

/* Before the targets are rewritten, and behind all of the query. */
void rewrite_group_start(struct rewrite *rw, struct scope *scope,
			 const PgQuery__SelectStmt *select,
			 struct grouping *grouping);
void rewrite_group_end(struct rewrite *rw, struct scope *scope,
		       PgQuery__SelectStmt *select, struct grouping *grouping);

#endif
