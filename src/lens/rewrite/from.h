/* FROM: from.c reads its items, join.c its joins. */
#ifndef PARALLAX_LENS_REWRITE_FROM_H
#define PARALLAX_LENS_REWRITE_FROM_H

#include "lens/rewrite/rewrite.h"

/* Rewrites the items of FROM. Returns the conditions of their tables (`where`),
 * which belong to the statement's WHERE; or NULL. */
PgQuery__Node *rewrite_from(struct rewrite *rw, struct scope *scope,
			    PgQuery__Node **list, size_t count);
/* Opens the table that a statement writes as an item of FROM (*slot, its
 * RangeVar), with the condition on its rows: for a write that finds them by a
 * query. */
struct item *rewrite_open_target(struct rewrite *rw, struct scope *scope,
				 PgQuery__Node **slot, PgQuery__Node **filter);
/* Opens the table that a statement writes. */
struct item *rewrite_target(struct rewrite *rw, struct scope *scope,
			    PgQuery__RangeVar *var);
/* Brings the target into scope, beside the existing FROM items. */
void rewrite_target_add(struct rewrite *rw, struct scope *scope,
			struct item *target);

struct side {			 /* the names that a FROM item brings into
				    scope */
	struct items items;	 /* by name, for qualified references */
	struct visible *columns; /* in order; for * and bare names */
	size_t count;
	bool open;
	PgQuery__Node *filter; /* the condition on its rows; or NULL */
};

/* Rewrites an item of any type in its place. */
struct side rewrite_from_item(struct rewrite *rw, struct scope *scope,
			      PgQuery__Node **slot);
bool rewrite_is_one_of(const char *name, const char *const *names,
		       size_t count);

#endif
