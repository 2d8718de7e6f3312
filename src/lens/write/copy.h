/*
 * COPY FROM into a table of which the mapping does more than rename columns:
 * the rows go into a temporary table of the old columns, and from there by an
 * INSERT that is rewritten as any other. What the primary refused for its form,
 * the temporary table refuses; what it refused for a constraint, the INSERT.
 */
#ifndef PARALLAX_LENS_WRITE_COPY_H
#define PARALLAX_LENS_WRITE_COPY_H

#include "lens/rewrite/rewrite.h"

/* Turns the COPY into an INSERT from a temporary table, rw->staged. */
void write_copy(struct rewrite *rw, PgQuery__Node **statement,
		const struct lens_table *table);

#endif
