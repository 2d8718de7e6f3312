/* What feeds the new tables' columns, and which of their rows are old rows. */
#ifndef PARALLAX_LENS_COMPILE_WRITES_H
#define PARALLAX_LENS_COMPILE_WRITES_H

#include "lens/compile/compile.h"

/* What feeds the new columns; called after the columns are compiled. */
void compile_writes(struct compile *compile, struct lens_table *table,
		    const struct mapping_table *entry);
void compile_conditions(struct compile *compile, struct lens_table *table,
			const struct mapping_table *entry);
/* Whether a write to the old table writes this column of the place. */
bool compile_place_feeds(const struct lens_place *place,
			 const struct catalog_column *column);

#endif
