/* Reads tables whose rows live in several new tables, or are some rows of
 * one. */
#ifndef PARALLAX_LENS_REWRITE_PLACES_H
#define PARALLAX_LENS_REWRITE_PLACES_H

#include "lens/rewrite/rewrite.h"

/* The alias of a place of the relation (0: the anchor). */
const char *rewrite_relation_alias(struct relation *relation, size_t place);
/* The table as an item of FROM, with that alias. */
PgQuery__Node *rewrite_range(struct rewrite *rw, const struct scope *scope,
			     const struct catalog_table *table,
			     const char *alias);
/* Joins the parts to *slot, the anchor's item of FROM. */
void rewrite_join_parts(struct rewrite *rw, const struct scope *scope,
			const struct item *item, PgQuery__Node **slot);
/* A column of the new row that the old table lacks: of the anchor (place 0;
 * name NULL: its number) or of a part. A derived table returns it as `as`. */
PgQuery__Node *rewrite_hidden_column(struct rewrite *rw,
				     struct relation *relation, const char *as,
				     size_t place, const char *name);
/* The condition that selects the anchor's rows, or NULL. */
PgQuery__Node *rewrite_anchor_filter(struct rewrite *rw,
				     const struct item *item);
/* A derived table of the old columns, of all anchors or of the one. */
PgQuery__Node *rewrite_derived_table(struct rewrite *rw, struct scope *scope,
				     struct item *item, bool inherits);
/* Its queries, by anchor; NULL: it is no derived table. */
PgQuery__SelectStmt **rewrite_arms(const struct rewrite *rw,
				   const struct relation *relation);
/* FOR UPDATE of a derived table goes to its anchors. */
void rewrite_lock_derived(struct rewrite *rw, const struct relation *relation,
			  const PgQuery__LockingClause *lock);
/* Whether a copy of the query may read one anchor instead of the derived table,
 * so that the anchor's rows can be locked. It must have no parts and not be
 * locked yet. */
bool rewrite_can_stand_alone(const struct rewrite *rw,
			     const struct relation *relation);
void rewrite_stand_alone(struct rewrite *rw, const struct relation *relation,
			 size_t anchor, PgQuery__Node *query);
/* Drops the parts and columns that the statement does not name. Called at the
 * end. */
void rewrite_prune(struct rewrite *rw);
PgQuery__Node *rewrite_and(struct rewrite *rw, PgQuery__Node *left,
			   PgQuery__Node *right);

#endif
