/* The new tables in which an old one's rows live. */
#ifndef PARALLAX_LENS_COMPILE_PLACES_H
#define PARALLAX_LENS_COMPILE_PLACES_H

#include "lens/compile/compile.h"

/* Finds the table's places, before its columns are compiled. False: one of the
 * new tables is missing, which has been reported. */
bool compile_places(struct compile *compile, struct lens_table *table,
		    const struct mapping_table *entry,
		    const struct lens_name *renamed);
/* The place of that name. NULL: there is none, which has been reported. */
const struct lens_place *compile_place(struct compile *compile,
				       const struct lens_table *table,
				       const struct mapping_text *part);

#endif
