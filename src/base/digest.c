#include "base/digest.h"

#include <xxhash.h>

static const uint64_t digest_null_seed = 0x6e756c6c6e756c6cULL;

static struct digest digest_add(struct digest a, struct digest b)
{
	struct digest sum = {a.low + b.low, a.high + b.high};

	return sum;
}

void rows_digest_start(struct rows_digest *digest, struct digest *columns,
		       size_t column_capacity, size_t column_count)
{
	memset(digest, 0, sizeof(*digest));
	digest->columns = columns;
	digest->column_capacity = column_capacity;
	digest->column_count =
	    column_count < column_capacity ? column_count : column_capacity;
	if (digest->column_count)
		memset(columns, 0, digest->column_count * sizeof(*columns));
}

static void rows_digest_add_cell(struct rows_digest *digest, struct digest cell)
{
	uint64_t state[4] = {digest->row.low, digest->row.high, cell.low,
			     cell.high};
	XXH128_hash_t row = XXH3_128bits(state, sizeof(state));

	digest->row.low = row.low64;
	digest->row.high = row.high64;
	if (digest->cell < digest->column_count)
		digest->columns[digest->cell] =
		    digest_add(digest->columns[digest->cell], cell);
	digest->cell++;
}

void rows_digest_cell(struct rows_digest *digest, const void *data, size_t size)
{
	XXH128_hash_t hash = XXH3_128bits(data, size);
	struct digest cell = {hash.low64, hash.high64};

	rows_digest_add_cell(digest, cell);
}

void rows_digest_cell_hashed(struct rows_digest *digest, struct digest hash)
{
	rows_digest_add_cell(digest, hash);
}

void rows_digest_null(struct rows_digest *digest)
{
	struct digest cell = {digest_null_seed, ~digest_null_seed};

	rows_digest_add_cell(digest, cell);
}

void rows_digest_row_end(struct rows_digest *digest)
{
	uint64_t state[4] = {digest->ordered.low, digest->ordered.high,
			     digest->row.low, digest->row.high};
	XXH128_hash_t ordered = XXH3_128bits(state, sizeof(state));
	static const struct digest empty;

	digest->ordered.low = ordered.low64;
	digest->ordered.high = ordered.high64;
	digest->unordered = digest_add(digest->unordered, digest->row);
	digest->row = empty;
	digest->cell = 0;
	digest->row_count++;
}

bool digest_equal(struct digest a, struct digest b)
{
	return a.low == b.low && a.high == b.high;
}
