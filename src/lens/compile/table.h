/* What a compiled lens knows of an old table. */
#ifndef PARALLAX_LENS_COMPILE_TABLE_H
#define PARALLAX_LENS_COMPILE_TABLE_H

#include "lens/compile/compiled.h"

struct lens_table *lens_table_of(const struct lens *lens,
				 const struct catalog_table *old);
/* Is a row of the new table of the same name and type as it was? */
bool lens_keeps_row(const struct lens_table *table);
bool lens_has_parts(const struct lens_table *table);
/* Is it a derived table wherever it is read? */
bool lens_is_derived(const struct lens_table *table);
/* Does a write of it go to several tables? */
bool lens_is_spread(const struct lens_table *table);
/* Are its rows all the rows of one new table? */
bool lens_is_whole(const struct lens_table *table);

#endif
