/* Expressions: each column reference becomes the expression that reads it on
 * the new side. */
#ifndef PARALLAX_LENS_REWRITE_EXPRESSION_H
#define PARALLAX_LENS_REWRITE_EXPRESSION_H

#include "lens/rewrite/rewrite.h"

void rewrite_facts_join(struct facts *into, const struct facts *from);
void rewrite_expression(struct rewrite *rw, struct scope *scope,
			PgQuery__Node **slot, struct facts *facts);
/* The same for a condition. filter: NULL counts as false in it. */
void rewrite_predicate(struct rewrite *rw, struct scope *scope,
		       PgQuery__Node **slot, bool filter);
void rewrite_type(struct rewrite *rw, PgQuery__TypeName *type);
void rewrite_infer_parameter(struct rewrite *rw, const PgQuery__Node *node,
			     uint32_t type, bool assigned);
/* A compiled expression with a row's columns put in: for a read, those of the
 * relation by their new names; for a write, values[column->index] of each old
 * column. */
PgQuery__Node *rewrite_expand_read(struct rewrite *rw,
				   const PgQuery__Node *read,
				   struct relation *relation);
PgQuery__Node *rewrite_expand_write(struct rewrite *rw,
				    const struct lens_table *table,
				    const PgQuery__Node *write,
				    PgQuery__Node *const *values);
/* Replaces t.* in a list of values by the row's columns. */
void rewrite_expand_stars(struct rewrite *rw, const struct scope *scope,
			  size_t *n, PgQuery__Node ***items);
/* All columns of an item as one value. named: its fields need names. */
PgQuery__Node *rewrite_row(struct rewrite *rw, const struct item *item,
			   bool named, int location);

#endif
