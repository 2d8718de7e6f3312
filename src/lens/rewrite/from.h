/* What the files that read FROM share: from.c the items, join.c joins. */
#ifndef PARALLAX_LENS_FROM_H
#define PARALLAX_LENS_FROM_H

#include "lens/rewrite/rewrite.h"

struct side {			 /* what a FROM item brings into reach */
	struct items items;	 /* by name, for qualified references */
	struct visible *columns; /* in order, for * and bare names */
	size_t count;
	bool open;
	PgQuery__Node *filter; /* what its rows must be; or NULL */
};

/* An item of any kind, rewritten in its place. */
struct side from_item(struct rewrite *rw, struct scope *scope,
		      PgQuery__Node **slot);
struct side from_join(struct rewrite *rw, struct scope *scope,
		      PgQuery__JoinExpr *join);

/* A name may stand for one item alone, but for tables of two schemas. */
void refuse_twice(struct rewrite *rw, const struct items *items,
		  const struct items *more);

bool is_one_of(const char *name, const char *const *names, size_t count);

#endif
