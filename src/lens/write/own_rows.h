/*
 * INSERT into a table in which the statement itself looks up values (worked
 * example in own_rows.c).
 */
#ifndef PARALLAX_LENS_WRITE_OWN_ROWS_H
#define PARALLAX_LENS_WRITE_OWN_ROWS_H

#include "lens/write/insert.h"

/* Whether the column refers to rows of its own table (without `create`). */
bool write_lookup_is_own(const struct lens_table *table,
			 const struct lens_column *column);
/* Whether the statement may look up its own rows. Then write_insert_query must
 * write them. */
bool write_reads_own_rows(struct insert *insert);
/* Fails if the statement may look up its own rows, for a caller that cannot
 * support it. */
void write_own_rows_refuse(const struct insert *insert);
/* Makes the source's rows a CTE, when all cells are made. write_own_rows_from
 * returns its replacement in FROM. */
void write_own_rows_start(struct insert *insert, PgQuery__Node *source);
PgQuery__Node *write_own_rows_from(const struct insert *insert);
/* The value for a new column that the old one feeds (or NULL). NULL: it needs
 * no special value. */
PgQuery__Node *write_own_rows_cell(struct insert *insert,
				   const struct catalog_column *target,
				   const struct lens_column *column);

#endif
