/*
 * The statements that compare two tables by checksums that the databases
 * compute. All are statements over the old schema, in the engine's dialect, and
 * are run as they are on the primary and through the lens on the shadow: both
 * answer in the same texts where the rows mean the same.
 *
 * A row's hash is a 64-bit integer over all columns compared, each taken to
 * one form; NULL, an empty text and the borders of columns are told apart.
 * Equal hashes are equal rows, as far as 64 bits go; rows that mean the same
 * may, for a few types, hash differently (docs/limits.md): look at the values
 * then.
 */
#ifndef PARALLAX_ADAPTERS_CHECKSUM_H
#define PARALLAX_ADAPTERS_CHECKSUM_H

#include "adapters/answer.h"
#include "adapters/catalog.h"
#include "adapters/database.h"

enum { CHECKSUM_BUCKETS = 1024 };

/* How the portable form of a row's hash is computed. Two engines share it if
 * each says the same; else rows are compared by value. */
enum checksum_form {
	CHECKSUM_FORM_NONE,   /* the engine has none that others have */
	CHECKSUM_FORM_ROW_MD5 /* of a row constructor's text */
};

struct checksum_column {
	const struct catalog_column *column;
	/* Its type is the same on the shadow: it needs no cast. */
	bool exact;
};

struct checksum_table { /* all borrowed */
	const struct catalog *catalog;
	const struct catalog_table *table;
	const struct checksum_column *columns; /* compared, the key's included
						*/
	size_t column_count;
	/* The first ones. The others are compared by value (clocks, floats and
	 * the like): a row's hash leaves them out, sums do not. Without a key
	 * all are strict. */
	size_t strict_count;
	const struct checksum_column *key; /* its columns in order */
	size_t key_count; /* 0: none; a row's hash stands for its key */
	/* The number of the key's first columns that ranges cover. 0: no
	 * ranges. */
	size_t range_count;
	bool portable; /* the slow form, which is the same on all servers */
	/* The two sides share no hash: all hashes are 0, no column is strict,
	 * and there is a key. */
	bool by_value;
};

/* Rows whose first key columns are in (from, to], and in one of the buckets. A
 * row whose key is NULL (on the shadow) is in bucket 0. */
struct checksum_range {
	const struct value *from; /* range_count texts, or NULL: open */
	const struct value *to;	  /* likewise */
	const uint32_t *buckets;  /* NULL: all */
	size_t bucket_count;
	bool nulls; /* instead: those whose first key column is NULL */
};

/* Statements are in the arena. Operations on a connection follow
 * adapters/database.h. */
struct checksum_ops {
	enum checksum_form portable;
	/* A new connection, with one text form whatever the database's
	 * settings. reads: it cannot write. timeout_ms: of a statement, whose
	 * error is then CANCELED; 0: none. */
	int (*prepare)(struct database *database, bool reads,
		       int64_t timeout_ms, struct error *error);
	/* mark (the caller frees it) is the same text for two servers that
	 * compute the same checksums; NULL: this one has the portable form
	 * at most. */
	int (*probe)(struct database *database, char **mark,
		     struct error *error);

	/* Whether its values have the same order on every server, whatever its
	 * settings. */
	bool (*ordered)(const struct catalog *catalog,
			const struct catalog_column *column);

	/* One row: the number of rows, and the sum of their hashes. */
	char *(*total)(struct arena *arena, const struct checksum_table *table,
		       const struct checksum_range *range);
	/* A row for each non-empty bucket: its number, its number of rows, the
	 * sum of their hashes. */
	char *(*buckets)(struct arena *arena,
			 const struct checksum_table *table,
			 const struct checksum_range *range);
	/* A row each: the key's texts (none without a key), the hash, the
	 * values of the columns that are not strict. */
	char *(*rows)(struct arena *arena, const struct checksum_table *table,
		      const struct checksum_range *range);
	/* One row: the least and the greatest text of the first key column,
	 * NULL where there is none. For those with an order. */
	char *(*extent)(struct arena *arena,
			const struct checksum_table *table);
	/* One row or none: range_count texts, those of the `count`th row after
	 * from. */
	char *(*boundary)(struct arena *arena,
			  const struct checksum_table *table,
			  const struct value *from, uint64_t count);
	/* The rows of these keys (key_count texts each, or one hash): a row
	 * each, the key's texts (or the hash), then all columns. raw: as they
	 * are to be written, else in the compared form. */
	char *(*values)(struct arena *arena, const struct checksum_table *table,
			const struct value *keys, size_t count, bool raw);

	/* Changes to one row; values are raw texts, one for each column of
	 * table->columns. update: sets those where `set` is true. Columns that
	 * the database generates are left out. */
	char *(*insert)(struct arena *arena, const struct checksum_table *table,
			const struct value *values);
	char *(*update)(struct arena *arena, const struct checksum_table *table,
			const struct value *key, const struct value *values,
			const bool *set);
	char *(*remove)(struct arena *arena, const struct checksum_table *table,
			const struct value *key);
};

#endif
