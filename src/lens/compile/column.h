/* How each old column is read from the new rows. */
#ifndef PARALLAX_LENS_COMPILE_COLUMN_H
#define PARALLAX_LENS_COMPILE_COLUMN_H

#include "lens/compile/compile.h"

const struct mapping_column *compile_column_entry(
    const struct mapping_table *entry, const char *name);
/* How the column is read, from its entry (NULL: the mapping says nothing). */
void compile_column(struct compile *compile, struct lens_table *table,
		    struct lens_column *column,
		    const struct mapping_table *entry);

#endif
