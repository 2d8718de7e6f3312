/*
 * An engine's SQL for loading one database from another (src/seed/seed.h): what
 * the lens does not say. Texts are whole statements; functions append one.
 * Names are as the catalog has them, and quoted here.
 */
#ifndef PARALLAX_ADAPTERS_SEED_H
#define PARALLAX_ADAPTERS_SEED_H

#include "adapters/catalog.h"
#include "base/buffer.h"

struct seed_sql {
	/* What a session begins with, NULL-ended: text forms of values that
	 * both sides read alike, no time limits, no rows hidden. */
	const char *const *read_setup;
	const char *const *write_setup;

	/* One snapshot for several sessions: each begins, the first exports
	 * (one value), the others import it. */
	const char *begin_read;
	const char *export_snapshot;
	void (*import_snapshot)(struct buffer *out, const char *snapshot);
	/* One value, in the transaction above: a count of all transactions that
	 * have written. Equal counts: nothing was written between. */
	const char *write_count;

	/* In this database, other clients' transactions that have written, all
	 * that are open, and sessions: three values of one row. */
	const char *others;

	/* Of each table: schema, name, 't' if it is a part of another, 't' if
	 * others inherit from it, bytes, rows (estimated; -1: not known). */
	const char *table_sizes;

	/* All of a table's own rows; columns: a quoted list, or NULL. nested:
	 * with those of its parts. */
	void (*copy_out)(struct buffer *out, const char *table,
			 const char *columns, bool nested);
	void (*copy_in)(struct buffer *out, const char *table,
			const char *columns);
	/* A table that goes with the transaction; made, and emptied. columns:
	 * "name type, ...". */
	void (*make_staging)(struct buffer *out, const char *table,
			     const char *columns);
	void (*empty)(struct buffer *out, const char *tables);

	/* The session's constraints of keys and triggers are not looked at;
	 * only an account with the right for it may say so. */
	const char *unguarded;
	/* In a transaction: constraints that may wait, wait; and no more. */
	const char *defer;
	const char *settle;
	/* Lets a constraint wait that may not, and undoes that. */
	void (*make_deferrable)(struct buffer *out,
				const struct catalog_table *table,
				const char *constraint, bool deferrable);
	/* Of each foreign key that holds for all rows: its table, its name, and
	 * a query that gives 't' if a row breaks it. */
	const char *foreign_keys;

	/* One value each: the id of the open transaction; and 'committed',
	 * 'aborted', 'in progress' or NULL (forgotten) of one. */
	const char *transaction_id;
	void (*transaction_status)(struct buffer *out, const char *id);

	/* A sequence's newest value, and 't' if it was given out. */
	void (*sequence_read)(struct buffer *out,
			      const struct catalog_table *sequence);
	void (*sequence_set)(struct buffer *out,
			     const struct catalog_table *sequence,
			     const char *value, bool given);
	/* Moves the sequence that feeds a column past the column's values, if
	 * it is not; gives a row if it was moved. */
	void (*sequence_pass)(struct buffer *out,
			      const struct catalog_table *table,
			      const struct catalog_column *column);
};

#endif
