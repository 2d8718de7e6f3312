/* The new tables where an old one's rows live. */
#ifndef PARALLAX_LENS_COMPILE_PLACES_H
#define PARALLAX_LENS_COMPILE_PLACES_H

#include "lens/compile/compile.h"

/* Where the rows live, before the columns are compiled. False: one of the new
 * tables is missing (reported). */
bool compile_places(struct compile *compile, struct lens_table *table,
		    const struct mapping_table *entry,
		    const struct lens_name *renamed);
/* The place that a part's name means, NULL if none (reported). */
const struct lens_place *compile_place(struct compile *compile,
				       const struct lens_table *table,
				       const struct mapping_text *part);

#endif
