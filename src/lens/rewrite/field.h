/* column(t), which stands for t.column where no function of that name takes t.
 */
#ifndef PARALLAX_LENS_REWRITE_FIELD_H
#define PARALLAX_LENS_REWRITE_FIELD_H

#include "lens/rewrite/rewrite.h"

/* The column that a call in functional notation, column(t), stands for; NULL:
 * it is a call. */
const PgQuery__ColumnRef *rewrite_field_call(struct rewrite *rw,
					     const struct scope *scope,
					     const PgQuery__FuncCall *call);

#endif
