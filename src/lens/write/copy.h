/*
 * COPY FROM into a table, if the mapping does more than rename its columns
 * (worked example in copy.c).
 */
#ifndef PARALLAX_LENS_WRITE_COPY_H
#define PARALLAX_LENS_WRITE_COPY_H

#include "lens/rewrite/rewrite.h"

/* Gives a COPY FROM the options of the shadow's form, if its dialect is another
 * one: its data are converted, too. False: its engine has no COPY. */
bool write_copy_form(const struct lens *lens, struct arena *arena,
		     PgQuery__CopyStmt *copy);
/* Replaces the COPY by an INSERT from a temporary table, and sets
 * rw->staged. */
void write_copy(struct rewrite *rw, PgQuery__Node **statement,
		const struct lens_table *table);

#endif
