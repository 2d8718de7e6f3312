/* Functions of a type that the new schema replaces by a type of another
 * class. */
#ifndef PARALLAX_LENS_REWRITE_REPLACED_H
#define PARALLAX_LENS_REWRITE_REPLACED_H

#include "lens/rewrite/rewrite.h"

/* Fails if the function takes enums and its argument is no longer one. */
void rewrite_refuse_replaced(struct rewrite *rw, const struct scope *scope,
			     PgQuery__FuncCall *call);

#endif
