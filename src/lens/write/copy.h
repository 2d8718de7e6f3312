/*
 * COPY FROM into a table, if the mapping does more than rename its columns
 * (worked example in copy.c).
 */
#ifndef PARALLAX_LENS_WRITE_COPY_H
#define PARALLAX_LENS_WRITE_COPY_H

#include "lens/rewrite/rewrite.h"

/* Replaces the COPY by an INSERT from a temporary table, and sets
 * rw->staged. */
void write_copy(struct rewrite *rw, PgQuery__Node **statement,
		const struct lens_table *table);

#endif
