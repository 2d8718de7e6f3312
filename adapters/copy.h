/*
 * The data that a client sends with a COPY, as values: between engines whose
 * copies have other forms. For COPY t (a, b) FROM STDIN (FORMAT csv)
 *
 *	7,"one ""two"""\n8,\n	("7", "one "two""), ("8", NULL)
 *
 * The shadow's rows are written by seed_ops.write_row.
 */
#ifndef PARALLAX_ADAPTERS_COPY_H
#define PARALLAX_ADAPTERS_COPY_H

#include "adapters/answer.h"
#include "base/arena.h"
#include "base/error.h"
#include "sql/tree.h"

struct copy_reader;

enum copy_result {
	COPY_ROW,
	COPY_MORE, /* the row does not end in the data */
	COPY_END,  /* no more rows, whatever else follows */
	COPY_BAD,  /* error says why */
};

enum { COPY_ROW_MAX = 64 * 1024 * 1024 }; /* a longer row is refused */

struct copy_row {
	struct value *values; /* their bytes: the data's or the reader's, until
				 the next call */
	size_t count;
};

struct copy_ops {
	/* A reader for the data of a statement. -1 with ERROR_LIMIT: its options
	 * cannot be followed; error says which. */
	int (*open)(const PgQuery__CopyStmt *statement,
		    struct copy_reader **reader, struct error *error);
	void (*close)(struct copy_reader **reader);
	/* The format of its values: 0 text, 1 binary. */
	uint8_t (*format)(const struct copy_reader *reader);
	/* The row at the beginning of the data. *consumed is set for ROW. last:
	 * nothing follows the data. */
	enum copy_result (*next)(struct copy_reader *reader,
				 const uint8_t *data, size_t size, bool last,
				 struct arena *arena, struct copy_row *row,
				 size_t *consumed, struct error *error);
};

#endif
