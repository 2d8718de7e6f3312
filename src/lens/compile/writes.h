/* What feeds the columns of the new tables, and which of their rows are meant.
 */
#ifndef PARALLAX_LENS_COMPILE_WRITES_H
#define PARALLAX_LENS_COMPILE_WRITES_H

#include "lens/compile/compile.h"

/* What feeds the new columns, after the columns. */
void compile_writes(struct compile *compile, struct lens_table *table,
		    const struct mapping_table *entry);
void compile_conditions(struct compile *compile, struct lens_table *table,
			const struct mapping_table *entry);
/* Does a write of an old row put something into the place's column? */
bool compile_place_feeds(const struct lens_place *place,
			 const struct catalog_column *column);

#endif
