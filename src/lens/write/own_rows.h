/*
 * INSERT into a table in which the statement itself looks values up: a row of
 * its own may be meant (a table that refers to itself by a new key, a WITH that
 * inserts what the main query refers to), which no sub-query of the statement
 * sees. So the rows are computed first, each with the key that it will have:
 *
 *	WITH parallax_row_1 AS (SELECT gen_random_uuid() AS parallax_key,
 *		old_row.id AS parallax_value, old_row.* FROM (VALUES ...) AS
 *		old_row ...)
 *	INSERT INTO staff (uid, legacy, boss_uid)
 *	SELECT ..., COALESCE((SELECT uid FROM staff WHERE legacy = ...),
 *			     parallax_found_1.parallax_key, what is refused)
 *	FROM parallax_row_1 AS old_row LEFT JOIN parallax_row_1 AS ...
 *
 * They are joined, not looked up by a sub-query: a load has many rows.
 */
#ifndef PARALLAX_LENS_WRITE_OWN_ROWS_H
#define PARALLAX_LENS_WRITE_OWN_ROWS_H

#include "lens/write/insert.h"

/* Does the column refer to rows of its own table (without `create`)? */
bool write_lookup_is_own(const struct lens_table *table,
			 const struct lens_column *column);
/* Rows that the statement itself may look up. */
/* Is it so? Then write_insert_query must write them. */
bool write_reads_own_rows(struct insert *insert);
/* For who cannot: untranslatable, if it is so. */
void write_own_rows_refuse(const struct insert *insert);
/* The source's rows become a CTE's; write_own_rows_from: what stands for them.
 * When all cells are made. */
void write_own_rows_start(struct insert *insert, PgQuery__Node *source);
PgQuery__Node *write_own_rows_from(const struct insert *insert);
/* What goes into a new column, which that old one feeds (or NULL); NULL: as
 * ever. */
PgQuery__Node *write_own_rows_cell(struct insert *insert,
				   const struct catalog_column *target,
				   const struct lens_column *column);

#endif
