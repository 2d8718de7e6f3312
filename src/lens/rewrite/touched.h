/* What a statement reads and writes: tables, and the facts about written
 * values. */
#ifndef PARALLAX_LENS_REWRITE_TOUCHED_H
#define PARALLAX_LENS_REWRITE_TOUCHED_H

#include "lens/rewrite/rewrite.h"

void rewrite_note_table(struct rewrite *rw, const struct lens_table *table,
			bool written);
/* The column gets a value with these facts. From now on it may hold a clock's
 * value, or one that was not carried over. */
void rewrite_note_stored(struct rewrite *rw, const struct lens_table *table,
			 const struct lens_column *column,
			 const struct facts *facts);

#endif
