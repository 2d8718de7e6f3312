/* Clocks, sequences and names in strings. */
#ifndef PARALLAX_LENS_REWRITE_CLOCK_H
#define PARALLAX_LENS_REWRITE_CLOCK_H

#include "lens/rewrite/rewrite.h"

bool rewrite_clock_call(struct rewrite *rw, PgQuery__Node **slot,
			struct facts *facts);
bool rewrite_clock_value(struct rewrite *rw, PgQuery__Node **slot,
			 struct facts *facts);
PgQuery__Node *rewrite_special(struct rewrite *rw, struct special special);

#endif
