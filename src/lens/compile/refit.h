/* Lenses for schemas that have changed: what is ahead of the new schema. */
#ifndef PARALLAX_LENS_COMPILE_REFIT_H
#define PARALLAX_LENS_COMPILE_REFIT_H

#include "lens/compile/compiled.h"

/* Was it a column that the new schema does not have (lens_column.lost)
 * before? */
bool compile_column_was_lost(const struct lens *lens,
			     const struct catalog_table *table,
			     const char *column);
/* Is it to be left out, as if it were not there yet? */
bool compile_table_is_pending(const struct lens *lens,
			      const struct catalog_table *table,
			      const struct mapping_table *entry);
bool compile_column_is_pending(const struct lens *lens,
			       const struct lens_table *table,
			       const struct mapping_table *entry,
			       const char *column);
void compile_find_pending_types(struct lens *lens);
/* Is it an old type that is ahead of the new schema (lens_refit)? */
bool lens_type_is_pending(const struct lens *lens,
			  const struct catalog_type *old);

#endif
