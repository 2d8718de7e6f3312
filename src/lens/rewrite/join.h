/* Joins: the names that they bring into scope, and the columns that they
 * merge. */
#ifndef PARALLAX_LENS_REWRITE_JOIN_H
#define PARALLAX_LENS_REWRITE_JOIN_H

#include "lens/rewrite/from.h"

struct side rewrite_from_join(struct rewrite *rw, struct scope *scope,
			      PgQuery__JoinExpr *join);
/* Fails if a name means two items. Tables of two schemas may share one. */
void rewrite_refuse_twice(struct rewrite *rw, const struct items *items,
			  const struct items *more);

#endif
