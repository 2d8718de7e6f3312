/* Functions of a type that the new schema replaces by one of another kind. */
#ifndef PARALLAX_LENS_REWRITE_REPLACED_H
#define PARALLAX_LENS_REWRITE_REPLACED_H

#include "lens/rewrite/rewrite.h"

/* Fails if the function is of enums, and the enum at hand is none any more. */
void rewrite_refuse_replaced(struct rewrite *rw, const struct scope *scope,
			     PgQuery__FuncCall *call);

#endif
