/* Columns whose values live in a table of their own (`lookup:`). */
#ifndef PARALLAX_LENS_COMPILE_LOOKUP_H
#define PARALLAX_LENS_COMPILE_LOOKUP_H

#include "lens/compile/compile.h"

/* The table's alias in a look-up's query; and the one that
 * write_see_added_lookups leaves alone. */
#define LOOKUP_ALIAS  "looked_up"
#define LOOKUP_STORED "parallax_stored"

/* A column's look-up: its `read` and the expression of its write. */
void compile_lookup(struct compile *compile, struct lens_table *table,
		    struct lens_column *column,
		    const struct mapping_column *entry);
PgQuery__Node *lens_lookup_key(struct arena *arena,
			       const struct lens_lookup *lookup,
			       PgQuery__Node *value);
/* The same, which write_see_added_lookups leaves alone. */
PgQuery__Node *lens_lookup_key_stored(struct arena *arena,
				      const struct lens_lookup *lookup,
				      PgQuery__Node *value);
/* The expression that a look-up's column writes to a table. */
PgQuery__Node *compile_lookup_written(const struct compile *compile,
				      const struct lens_table *table,
				      const struct lens_column *column,
				      const struct catalog_table *written);
/* The foreign key of that column alone (target: to that table; NULL: to any);
 * NULL: it has none. */
const struct catalog_key *lens_lookup_reference(
    const struct catalog_table *table, const struct catalog_column *column,
    const struct catalog_table *target);
/* Whether the new table can have two rows with one value. */
bool lens_lookup_is_unique(const struct lens_lookup *lookup);

#endif
