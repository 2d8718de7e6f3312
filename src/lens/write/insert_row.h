/* The new table's row for the row that an INSERT gives. */
#ifndef PARALLAX_LENS_WRITE_INSERT_ROW_H
#define PARALLAX_LENS_WRITE_INSERT_ROW_H

#include "lens/write/insert.h"

/* Whether a value must be added that the new table would not generate. */
bool write_insert_needs_values(struct insert *insert);
/* Whether a volatile value of that place would be computed more than once. */
bool write_insert_computes_twice(struct insert *insert, size_t place);
bool write_insert_computes_any_twice(struct insert *insert);
/* Whether a volatile default would be computed more than once. */
bool write_insert_draws_twice(const struct insert *insert);
/* Makes the new row by renaming columns only. False: that is not enough. */
bool write_insert_rename_only(struct insert *insert);
/* ... from the rows of VALUES; or from the query, as a derived table. */
void write_insert_values(struct insert *insert);
void write_insert_query(struct insert *insert);
/* The column's value for a row; NULL: DEFAULT of the new table will do.
 * leave false: an expression is needed. */
PgQuery__Node *write_insert_value(struct insert *insert, size_t index,
				  size_t row, bool leave);
/* What the statement gives as `(...) AS old_row (columns)`, each cell of the
 * old column's type; NULL: it gives no values (DEFAULT VALUES). */
PgQuery__Node *write_insert_source(struct insert *insert);
/* A column of it. */
PgQuery__Node *write_insert_row_column(struct insert *insert, size_t index);
/* The mapping's value for a new column, from write_insert_source's row; NULL:
 * none. */
PgQuery__Node *write_insert_new_value(struct insert *insert,
				      const struct catalog_column *target);

#endif
