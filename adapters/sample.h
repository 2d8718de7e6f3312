/*
 * The contract of a bounded look at data, for guesses: over a blocking
 * connection (database.h) that is made read-only. Functions return 0 or -1 with
 * the error set.
 */
#ifndef PARALLAX_ADAPTERS_SAMPLE_H
#define PARALLAX_ADAPTERS_SAMPLE_H

#include "adapters/database.h"

enum {
	SAMPLE_VALUE_MAX = 200, /* characters of a value; the rest is cut */
};

/* Tests whether an old column reads back after being written. Expressions are
 * SQL over names; new columns may have a part: "part.name". */
struct sample_proof {
	const char *const *new_parts; /* NULL in it: none */
	const char *const *new_columns;
	const char *const *new_types; /* NULL in it: as the expression is */
	const char *const *writes;    /* over the old row */
	size_t count;
	const char *column; /* the old one */
	const char *read;   /* over the new columns */
};

struct sample_ops {
	/* From here on nothing is written, and nothing waits for long. */
	int (*begin)(struct database *database, struct error *error);
	/* The first rows of a table in the order of its key (or of all its
	 * columns), so that repeating it gives the same rows. Columns as in the
	 * catalog, values as text. */
	int (*rows)(struct database *database,
		    const struct catalog_table *table, size_t limit,
		    struct database_result *result, struct error *error);
	/* The labels of an enum, in their order: one column. */
	int (*labels)(struct database *database,
		      const struct catalog_type *type,
		      struct database_result *result, struct error *error);
	/* On the same rows: their number, and how many read back equal. */
	int (*prove)(struct database *database,
		     const struct catalog_table *table,
		     const struct sample_proof *proof, size_t limit,
		     size_t *tried, size_t *equal, struct error *error);
};

#endif
