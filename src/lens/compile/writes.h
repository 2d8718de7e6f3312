/* The inputs of the new tables' columns, and which of their rows are meant. */
#ifndef PARALLAX_LENS_COMPILE_WRITES_H
#define PARALLAX_LENS_COMPILE_WRITES_H

#include "lens/compile/compile.h"

/* The inputs of the new columns, after the columns are compiled. */
void compile_writes(struct compile *compile, struct lens_table *table,
		    const struct mapping_table *entry);
void compile_conditions(struct compile *compile, struct lens_table *table,
			const struct mapping_table *entry);
/* Whether a write of an old row puts something into the place's column. */
bool compile_place_feeds(const struct lens_place *place,
			 const struct catalog_column *column);

#endif
