/* Shared by the files that read FROM: from.c the items, join.c joins. */
#ifndef PARALLAX_LENS_REWRITE_FROM_H
#define PARALLAX_LENS_REWRITE_FROM_H

#include "lens/rewrite/rewrite.h"

/* The conditions of the list's tables (`where`), for the statement's own WHERE;
 * or NULL. */
PgQuery__Node *rewrite_from(struct rewrite *rw, struct scope *scope,
			    PgQuery__Node **list, size_t count);
/* The same as an item of FROM (*slot, its RangeVar), with the condition on its
 * rows: for a write that finds them by a query. */
struct item *rewrite_open_target(struct rewrite *rw, struct scope *scope,
				 PgQuery__Node **slot, PgQuery__Node **filter);
/* Opens the table that a statement writes. */
struct item *rewrite_target(struct rewrite *rw, struct scope *scope,
			    PgQuery__RangeVar *var);
/* Brings it into scope, with the existing FROM items. */
void rewrite_target_add(struct rewrite *rw, struct scope *scope,
			struct item *target);

struct side {			 /* the names that a FROM item brings into
				    scope */
	struct items items;	 /* by name, for qualified references */
	struct visible *columns; /* in order, for * and bare names */
	size_t count;
	bool open;
	PgQuery__Node *filter; /* the condition on its rows; or NULL */
};

/* An item of any kind, rewritten in its place. */
struct side rewrite_from_item(struct rewrite *rw, struct scope *scope,
			      PgQuery__Node **slot);
bool rewrite_is_one_of(const char *name, const char *const *names,
		       size_t count);

#endif
