/*
 * What the proof of a mapping's laws asks of an engine: scratch tables, in
 * which rows are written and read back without touching a real one, and a
 * sample of a table's rows. Implemented by adapters/postgres/proof.c.
 *
 * Functions that fail set the error as adapters/database.h says.
 */
#ifndef PARALLAX_ADAPTERS_PROOF_H
#define PARALLAX_ADAPTERS_PROOF_H

#include "adapters/database.h"
#include "base/buffer.h"

struct proof_ops {
	/* The schema of a real table's scratch table. */
	const char *(*scratch_schema)(const struct catalog_table *real);

	/*
	 * Opens a transaction in which values print as they do in any other
	 * that was opened so, in that time zone. reads: it only reads, as of
	 * one moment. timeout_ms bounds each of its statements.
	 */
	int (*begin)(struct database *database, const char *time_zone,
		     bool reads, int64_t timeout_ms, struct error *error);

	/*
	 * Makes the scratch table `name`, with the columns, defaults, checks
	 * and keys of the real table; without its rows, foreign keys and
	 * triggers. Values that a sequence feeds come from a sequence of its
	 * own, so that no real one moves.
	 */
	int (*scratch)(struct database *database,
		       const struct catalog_table *real, const char *name,
		       struct error *error);
	/* Fills it with at most limit rows of the real one; reports the number.
	 */
	int (*fill)(struct database *database, const struct catalog_table *real,
		    const char *name, size_t limit, int64_t *rows,
		    struct error *error);
	/* Makes a scratch sequence, which hides a real one of that name where
	 * it is named without its schema. */
	int (*sequence)(struct database *database, const char *name,
			struct error *error);
	/* Empties scratch tables: of names, all. */
	int (*empty)(struct database *database, const char *const *names,
		     size_t count, struct error *error);

	/*
	 * Appends the query for a sample of about `rows` rows spread over the
	 * table, the same each time while the table is; for all rows if it has
	 * no more. columns is a list as SQL. May look at the table to find how
	 * large it is.
	 */
	int (*sample)(struct database *database,
		      const struct catalog_table *table, const char *columns,
		      size_t rows, struct buffer *query, struct error *error);

	/*
	 * Appends the query for rows at the edges of a column: no value, the
	 * smallest, the largest, the shortest and the longest.
	 */
	void (*edges)(const struct catalog *catalog,
		      const struct catalog_table *table, const char *columns,
		      const struct catalog_column *column,
		      struct buffer *query);

	/*
	 * Appends "::type" for a value to be shown as of that type without a
	 * length it would be cut to; nothing for a type that another database
	 * may not have.
	 */
	void (*cast)(const struct catalog *catalog, uint32_t type,
		     struct buffer *query);

	/*
	 * Whether storing a value of the old column in the new one can change
	 * it. `why` says how, for people ("fractions are rounded to 2 digits").
	 */
	bool (*narrows)(const struct catalog *old_catalog,
			const struct catalog_column *old_column,
			const struct catalog *new_catalog,
			const struct catalog_column *new_column, char *why,
			size_t size);
};

#endif
