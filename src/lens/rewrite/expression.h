/* Expressions: each column reference becomes its read expression on the new
 * side. */
#ifndef PARALLAX_LENS_REWRITE_EXPRESSION_H
#define PARALLAX_LENS_REWRITE_EXPRESSION_H

#include "lens/rewrite/rewrite.h"

void rewrite_facts_join(struct facts *into, const struct facts *from);
void rewrite_expression(struct rewrite *rw, struct scope *scope,
			PgQuery__Node **slot, struct facts *facts);
/* The same for conditions; filter: NULL counts as false there. */
void rewrite_predicate(struct rewrite *rw, struct scope *scope,
		       PgQuery__Node **slot, bool filter);
void rewrite_type(struct rewrite *rw, PgQuery__TypeName *type);
void rewrite_infer_parameter(struct rewrite *rw, const PgQuery__Node *node,
			     uint32_t type, bool assigned);
/* A compiled expression with the row's columns put in: by new name for a read
 * (of relation), by old name for a write (values[column->index]). */
PgQuery__Node *rewrite_expand_read(struct rewrite *rw,
				   const PgQuery__Node *read,
				   struct relation *relation);
PgQuery__Node *rewrite_expand_write(struct rewrite *rw,
				    const struct lens_table *table,
				    const PgQuery__Node *write,
				    PgQuery__Node *const *values);
/* Puts the columns in the place of t.* in a list of values. */
void rewrite_expand_stars(struct rewrite *rw, const struct scope *scope,
			  size_t *n, PgQuery__Node ***items);
/* All columns of an item as one value; named: field names matter. */
PgQuery__Node *rewrite_row(struct rewrite *rw, const struct item *item,
			   bool named, int location);

#endif
