/* Columns whose values live in a table of their own (`lookup:`). */
#ifndef PARALLAX_LENS_COMPILE_LOOKUP_H
#define PARALLAX_LENS_COMPILE_LOOKUP_H

#include "lens/compile/compile.h"

/* The alias of the table in a look-up's query. write_see_added_lookups leaves
 * queries with the second one alone. */
#define LOOKUP_ALIAS  "looked_up"
#define LOOKUP_STORED "parallax_stored"

/* Compiles a column's look-up: its read and the expression that it writes. */
void compile_lookup(struct compile *compile, struct lens_table *table,
		    struct lens_column *column,
		    const struct mapping_column *entry);
PgQuery__Node *lens_lookup_key(struct arena *arena,
			       const struct lens_lookup *lookup,
			       PgQuery__Node *value);
/* The same, for a query that write_see_added_lookups leaves alone. */
PgQuery__Node *lens_lookup_key_stored(struct arena *arena,
				      const struct lens_lookup *lookup,
				      PgQuery__Node *value);
/* The expression that a look-up's column writes to the table. */
PgQuery__Node *compile_lookup_written(const struct compile *compile,
				      const struct lens_table *table,
				      const struct lens_column *column,
				      const struct catalog_table *written);
/* The foreign key of that column alone, to target (NULL: to any table). NULL:
 * it has none. */
const struct catalog_key *lens_lookup_reference(
    const struct catalog_table *table, const struct catalog_column *column,
    const struct catalog_table *target);
/* Whether the look-up table has at most one row for each value. */
bool lens_lookup_is_unique(const struct lens_lookup *lookup);

#endif
