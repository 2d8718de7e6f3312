/* Statements that are neither queries nor writes, but contain one or name a
 * table. */
#ifndef PARALLAX_LENS_WRITE_UTILITY_H
#define PARALLAX_LENS_WRITE_UTILITY_H

#include "lens/rewrite/rewrite.h"

void write_utility(struct rewrite *rw, PgQuery__Node **statement,
		   enum sql_kind kind);

#endif
