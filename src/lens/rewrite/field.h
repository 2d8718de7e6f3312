/* Functional notation: column(t) means t.column, unless a function of that name
 * takes t. */
#ifndef PARALLAX_LENS_REWRITE_FIELD_H
#define PARALLAX_LENS_REWRITE_FIELD_H

#include "lens/rewrite/rewrite.h"

/* The column that a call in functional notation means. NULL: it is a real
 * call. */
const PgQuery__ColumnRef *rewrite_field_call(struct rewrite *rw,
					     const struct scope *scope,
					     const PgQuery__FuncCall *call);

#endif
