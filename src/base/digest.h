/*
 * Digests of an answer's rows, taken as the rows stream by: by the relay of the
 * primary's answer, by the shadow driver of the shadow's. Both must use this
 * file, or nothing ever matches.
 *
 * A cell is its bytes as the server sent them (in the column's wire format) or
 * NULL. A row's hash folds its cells in order. `ordered` folds row hashes in
 * order; `unordered` adds them, so that it is free of order; a column's digest
 * adds its cells' hashes, likewise. All sums are modulo 2^128 in two lanes.
 *
 * No allocation: the caller owns the column array (column_capacity long);
 * columns past it are left out of `columns` but are part of the rows' digests.
 */
#ifndef PARALLAX_BASE_DIGEST_H
#define PARALLAX_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct digest {
	uint64_t low;
	uint64_t high;
};

struct rows_digest {
	uint64_t row_count;
	struct digest ordered;
	struct digest unordered;
	struct digest *columns; /* borrowed */
	size_t column_count;	/* columns in use */
	size_t column_capacity;
	struct digest row; /* the current row's */
	size_t cell;	   /* index of the next cell in it */
};

/* Starts an answer of column_count columns and zeroes their digests. */
void rows_digest_start(struct rows_digest *digest, struct digest *columns,
		       size_t column_capacity, size_t column_count);
void rows_digest_cell(struct rows_digest *digest, const void *data,
		      size_t size);
/* A cell whose hash (XXH3, 128 bits, of its bytes) was computed in pieces. */
void rows_digest_cell_hashed(struct rows_digest *digest, struct digest hash);
void rows_digest_null(struct rows_digest *digest);
void rows_digest_row_end(struct rows_digest *digest);

bool digest_equal(struct digest a, struct digest b);

#endif
