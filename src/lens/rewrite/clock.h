/* Clocks, sequences and names in strings. */
#ifndef PARALLAX_LENS_REWRITE_CLOCK_H
#define PARALLAX_LENS_REWRITE_CLOCK_H

#include "lens/rewrite/rewrite.h"

bool clock_call(struct rewrite *rw, PgQuery__Node **slot, struct facts *facts);
bool clock_value_function(struct rewrite *rw, PgQuery__Node **slot,
			  struct facts *facts);
PgQuery__Node *special_node(struct rewrite *rw, struct special special);

#endif
