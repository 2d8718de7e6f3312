/* Questions about an old table in a compiled lens. */
#ifndef PARALLAX_LENS_COMPILE_TABLE_H
#define PARALLAX_LENS_COMPILE_TABLE_H

#include "lens/compile/compiled.h"

struct lens_table *lens_table_of(const struct lens *lens,
				 const struct catalog_table *old);
/* Whether the new table's row type has the same name and columns. */
bool lens_keeps_row(const struct lens_table *table);
bool lens_has_parts(const struct lens_table *table);
/* Whether every read of it needs a derived table. */
bool lens_is_derived(const struct lens_table *table);
/* Whether a write to it may go to several tables. */
bool lens_is_spread(const struct lens_table *table);
/* Whether its rows are all the rows of one new table. */
bool lens_is_whole(const struct lens_table *table);

#endif
