/* Lenses for schemas that have changed: what the new schema does not have
 * yet. */
#ifndef PARALLAX_LENS_COMPILE_REFIT_H
#define PARALLAX_LENS_COMPILE_REFIT_H

#include "lens/compile/compiled.h"

/* Whether the column was lost in the last lens (lens_column.lost). */
bool compile_column_was_lost(const struct lens *lens,
			     const struct catalog_table *table,
			     const char *column);
/* Whether to leave it out, as if it did not exist yet. */
bool compile_table_is_pending(const struct lens *lens,
			      const struct catalog_table *table,
			      const struct mapping_table *entry);
bool compile_column_is_pending(const struct lens *lens,
			       const struct lens_table *table,
			       const struct mapping_table *entry,
			       const char *column);
void compile_find_pending_types(struct lens *lens);
/* Whether it is an old type that the new schema does not have yet
 * (lens_refit). */
bool lens_type_is_pending(const struct lens *lens,
			  const struct catalog_type *old);

#endif
