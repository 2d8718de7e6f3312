/* What a statement reads and writes: tables, and what columns hold then. */
#ifndef PARALLAX_LENS_REWRITE_TOUCHED_H
#define PARALLAX_LENS_REWRITE_TOUCHED_H

#include "lens/rewrite/rewrite.h"

void rewrite_note_table(struct rewrite *rw, const struct lens_table *table,
			bool written);
/* The column is given a value of these facts: what it holds from now on may be
 * a clock's, or one that was not carried. */
void rewrite_note_stored(struct rewrite *rw, const struct lens_table *table,
			 const struct lens_column *column,
			 const struct facts *facts);

#endif
