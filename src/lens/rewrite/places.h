/* Reads of tables whose rows are in several new ones, or are some rows of one.
 */
#ifndef PARALLAX_LENS_REWRITE_PLACES_H
#define PARALLAX_LENS_REWRITE_PLACES_H

#include "lens/rewrite/rewrite.h"

/* Tables whose rows are in several new ones, or some of one. */
/* The name of a row of the relation in a place (0: the anchor's). */
const char *rewrite_relation_alias(struct relation *relation, size_t place);
/* table AS alias */
PgQuery__Node *rewrite_range(struct rewrite *rw, const struct scope *scope,
			     const struct catalog_table *table,
			     const char *alias);
/* *slot, the anchor's range, is joined to the parts. */
void rewrite_join_parts(struct rewrite *rw, const struct scope *scope,
			const struct item *item, PgQuery__Node **slot);
/* A column of the new rows that the old table has not: of the anchor (place 0,
 * name; NULL: its number) or a part. A derived table gives it under `as`. */
PgQuery__Node *rewrite_hidden_column(struct rewrite *rw,
				     struct relation *relation, const char *as,
				     size_t place, const char *name);
/* The condition that selects the anchor's rows, or NULL. */
PgQuery__Node *rewrite_anchor_filter(struct rewrite *rw,
				     const struct item *item);
/* A derived table of the old columns, of all anchors or of the one. */
PgQuery__Node *rewrite_derived_table(struct rewrite *rw, struct scope *scope,
				     struct item *item, bool inherits);
/* FOR UPDATE of a derived table goes to its anchors. */
void rewrite_lock_derived(struct rewrite *rw, const struct relation *relation,
			  const PgQuery__LockingClause *lock);
/* A query that reads the derived table reads that anchor alone: its rows can be
 * locked then, where it has no parts and is not locked yet. */
bool rewrite_can_stand_alone(const struct rewrite *rw,
			     const struct relation *relation);
void rewrite_stand_alone(struct rewrite *rw, const struct relation *relation,
			 size_t anchor, PgQuery__Node *query);
/* Leaves out parts and columns that nothing names. At the end. */
void rewrite_prune(struct rewrite *rw);
PgQuery__Node *rewrite_and(struct rewrite *rw, PgQuery__Node *left,
			   PgQuery__Node *right);

#endif
