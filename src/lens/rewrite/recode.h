/* Columns recoded by `values`: reads, writes and comparisons. */
#ifndef PARALLAX_LENS_REWRITE_RECODE_H
#define PARALLAX_LENS_REWRITE_RECODE_H

#include "lens/rewrite/rewrite.h"

PgQuery__Node *rewrite_recode_read(struct rewrite *rw,
				   const struct lens_column *column,
				   PgQuery__Node *stored);
PgQuery__Node *rewrite_recode_write(struct rewrite *rw,
				    const struct lens_column *column,
				    PgQuery__Node *value, bool cast);
bool rewrite_recode_comparison(struct rewrite *rw, struct scope *scope,
			       PgQuery__Node **slot, struct facts *facts,
			       bool filter);
bool rewrite_is_constant(const PgQuery__Node *node);
/* Whether it is the placeholder for a value of the primary's answer. */
bool rewrite_is_pin(const struct rewrite *rw, const PgQuery__Node *node);
/* How often the column's write expression uses the old value. */
size_t rewrite_recode_uses(const struct lens_column *column);
/* Recodes column < constant and the like, if the stored values sort as the old
 * labels do (lens_column.ordered). */
bool rewrite_recode_order(struct rewrite *rw, struct scope *scope,
			  PgQuery__AExpr *operation, struct facts *facts);
/* The stored column, if it can serve as the sort key; or NULL. */
PgQuery__Node *rewrite_recode_sort_key(struct rewrite *rw,
				       const struct source *source);
PgQuery__Node *rewrite_coerce(struct rewrite *rw,
			      const struct lens_column *column,
			      PgQuery__Node *value);

#endif
