/* Reports mistakes in a mapping, and finds the tables and columns that it
 * names. */
#ifndef PARALLAX_LENS_COMPILE_FIND_H
#define PARALLAX_LENS_COMPILE_FIND_H

#include "lens/compile/compile.h"

void compile_report(struct compile *compile, enum severity severity,
		    struct place place, const char *near, const char *format,
		    ...) __attribute__((format(printf, 5, 6)));
const char *compile_nearest_column(struct compile *compile,
				   const struct catalog_table *table,
				   const char *name);
const struct catalog_table *compile_find_table(const struct catalog *catalog,
					       const char *schema,
					       const char *name);
const char *compile_nearest_table(struct compile *compile,
				  const struct catalog *catalog,
				  const char *name);
/* The new column of that name. NULL: there is none, which has been reported. */
const struct catalog_column *compile_target(struct compile *compile,
					    const struct catalog_table *table,
					    const struct mapping_text *name);

#endif
