/* What an INSERT or COPY leaves out: the old default, on the new side. */
#ifndef PARALLAX_LENS_WRITE_DEFAULT_H
#define PARALLAX_LENS_WRITE_DEFAULT_H

#include "lens/rewrite/rewrite.h"

/* The sequence of the new column that holds the old one unchanged; otherwise
 * that of the old default, by its new name. NULL: none. */
const char *write_column_sequence(struct rewrite *rw,
				  const struct lens_table *table,
				  const struct lens_column *column);
/* The old default of a column as an expression on the new side. NULL: the new
 * table's own default serves. */
PgQuery__Node *write_default_node(struct rewrite *rw,
				  const struct lens_table *table,
				  const struct lens_column *column, bool leave);
/* Whether the new table generates the column's value in the same way as the old
 * one. */
bool write_default_is_kept(const struct lens_column *column);

#endif
