/* From the whole table to the keys of the rows that differ. */
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "verify/internal.h"

enum {
	LISTED = 200000,      /* rows of one list, about */
	LISTED_ALL = 1000000, /* where each list reads the whole table */
};

static uint64_t number(struct value value)
{
	return value.data ? strtoull((const char *)value.data, NULL, 10) : 0;
}

static bool same_total(const struct database_result results[SIDES])
{
	const struct value *a = results[PRIMARY].rows;
	const struct value *b = results[SHADOW].rows;

	return !verify_value_order(a[0], b[0]) &&
	       !verify_value_order(a[1], b[1]);
}

static void add_suspects(struct work *work, const struct value *keys,
			 size_t count)
{
	size_t width = key_width(&work->table);

	if (work->suspect_count + count > work->suspect_capacity) {
		work->suspect_capacity = 2 * (work->suspect_count + count) + 64;
		work->suspects =
		    memory_resize(work->suspects, work->suspect_capacity *
						      sizeof(*work->suspects));
	}
	for (size_t i = 0; i < count; i++)
		work->suspects[work->suspect_count++] =
		    (struct suspect){.key = keys + i * width};
}

/* One list of the rows in some buckets, on both sides. */
static int list_rows(struct work *work, const struct checksum_range *range,
		     struct error *error)
{
	const char *texts[SIDES];
	struct database_result results[SIDES];
	struct listing sides[SIDES];
	const struct value *keys;
	size_t count;

	for (int side = 0; side < SIDES; side++)
		texts[side] = pair_checksum(work->pair, side)
				  ->rows(&work->scratch, &work->table, range);
	if (pair_query(work->pair, texts, results, error))
		return -1;
	for (int side = 0; side < SIDES; side++)
		sides[side] = (struct listing){
		    results[side].rows, results[side].row_count,
		    results[side].column_count, work->table.key_count};
	count =
	    listing_differences(sides, work_alike, work, work->arena, &keys);
	add_suspects(work, keys, count);
	pair_release(work->pair, results);
	return 0;
}

static bool is_enough(struct work *work)
{
	if (work->suspect_count < work->verify->options->stop_after)
		return false;
	work->result->capped = true;
	return true;
}

/* A range that differs: its buckets, then the rows of those that do. */
static int drill(struct work *work, const struct checksum_range *range,
		 struct error *error)
{
	const char *texts[SIDES];
	uint64_t most =
	    range->to || work->table.range_count ? LISTED : LISTED_ALL;
	struct checksum_range part = *range;
	struct database_result results[SIDES];
	struct bucket *buckets;
	uint32_t *numbers;
	size_t count;

	for (int side = 0; side < SIDES; side++)
		texts[side] =
		    pair_checksum(work->pair, side)
			->buckets(&work->scratch, &work->table, range);
	if (pair_query(work->pair, texts, results, error))
		return -1;
	count = verify_differing_buckets(results, &work->scratch, &buckets);
	pair_release(work->pair, results);
	numbers = arena_array(&work->scratch, count + 1, sizeof(*numbers));
	for (size_t i = 0; i < count && !is_enough(work);) {
		uint64_t rows = 0;

		part.buckets = numbers;
		part.bucket_count = 0;
		while (i < count && (!rows || rows + buckets[i].rows < most)) {
			rows += buckets[i].rows;
			numbers[part.bucket_count++] = buckets[i++].number;
		}
		if (list_rows(work, &part, error))
			return -1;
	}
	return 0;
}

/* Looks for the key of the last row of the next chunk; false: there is none,
 * the chunk is all that is left. -1: error. */
static int ask_end(struct work *work, const struct value *from, uint64_t size,
		   struct value *into, struct error *error)
{
	const struct checksum_ops *checksum =
	    pair_checksum(work->pair, PRIMARY);
	struct database_result result;
	int found;

	if (pair_query_one(
		work->pair, PRIMARY,
		checksum->boundary(&work->scratch, &work->table, from, size),
		&result, error))
		return -1;
	found = result.row_count > 0;
	for (size_t i = 0; found && i < work->table.range_count; i++) {
		into[i] = result.rows[i];
		into[i].data = (const uint8_t *)arena_copy(
		    work->arena,
		    into[i].data ? into[i].data : (const uint8_t *)"",
		    into[i].size);
	}
	work->pair->adapters[PRIMARY]->database->release(&result);
	return found;
}

struct chunks {
	struct pace pace;
	struct key_span span;
	const struct value *from; /* the end of the last one; NULL: none yet */
};

/* The same for what comes next, by the span of the keys where it tells. */
static int find_end(struct work *work, const struct chunks *chunks,
		    struct value *into, struct error *error)
{
	uint64_t size = chunks->pace.size;
	int64_t to;

	if (work->table.by_value && size > LISTED)
		size = LISTED;
	if (!work->table.range_count || chunks->pace.whole)
		return false;
	switch (span_end(&chunks->span, size, &to)) {
	case SPAN_REST:
		return false;
	case SPAN_AT:
		into->data =
		    (const uint8_t *)arena_printf(work->arena, "%" PRId64, to);
		into->size = (uint32_t)strlen((const char *)into->data);
		return true;
	case SPAN_ASK:
		break;
	}
	return ask_end(work, chunks->from, size, into, error);
}

static bool key_is_integer(const struct checksum_table *table)
{
	const struct catalog_type *type;

	if (table->range_count != 1 || table->key_count != 1)
		return false;
	type = catalog_type(table->catalog, table->key[0].column->type);
	return type && type->class == TYPE_INTEGER;
}

static int find_span(struct work *work, struct key_span *span,
		     struct error *error)
{
	struct database_result result;

	*span = (struct key_span){0};
	if (!key_is_integer(&work->table))
		return 0;
	if (pair_query_one(work->pair, PRIMARY,
			   pair_checksum(work->pair, PRIMARY)
			       ->extent(&work->scratch, &work->table),
			   &result, error))
		return -1;
	span_init(span, result.rows[0], result.rows[1]);
	work->pair->adapters[PRIMARY]->database->release(&result);
	return 0;
}

/* Two engines that share no checksum: all rows are read. */
static int compare_values(struct work *work, const struct checksum_range *range,
			  uint64_t rows, struct error *error)
{
	if (rows > LISTED_ALL)
		return error_set(error, ERROR_LIMIT,
				 "the engines share no checksum, and the table "
				 "has too many rows to read them at once: its "
				 "key has no order that both sides know");
	return list_rows(work, range, error);
}

static int compare_range(struct work *work, const struct checksum_range *range,
			 uint64_t *rows, struct error *error)
{
	const char *texts[SIDES];
	struct database_result results[SIDES];
	uint64_t others;
	bool same;

	for (int side = 0; side < SIDES; side++)
		texts[side] = pair_checksum(work->pair, side)
				  ->total(&work->scratch, &work->table, range);
	if (pair_query(work->pair, texts, results, error))
		return -1;
	*rows = number(results[PRIMARY].rows[0]);
	others = number(results[SHADOW].rows[0]);
	work->result->shadow_rows += others;
	same = same_total(results);
	pair_release(work->pair, results);
	work->result->rows += *rows;
	if (work->table.by_value)
		return compare_values(work, range,
				      *rows > others ? *rows : others, error);
	return same ? 0 : drill(work, range, error);
}

static void rest_a_while(struct work *work)
{
	int64_t left = work->verify->options->pause_us;

	while (left > 0 && !work->verify->stop) {
		int64_t part = left < 100000 ? left : 100000;

		usleep((useconds_t)part);
		left -= part;
	}
}

/* 1: there are more; 0: it was the last. */
static int next_chunk(struct work *work, struct chunks *chunks,
		      struct error *error)
{
	struct value *to =
	    arena_array(work->arena, work->table.range_count + 1, sizeof(*to));
	struct checksum_range range = {.from = chunks->from};
	uint64_t rows = 0;
	int64_t began, took;
	int found;

	arena_clear(&work->scratch);
	if (work->verify->stop)
		return error_set(error, ERROR_IO, "interrupted");
	found = find_end(work, chunks, to, error);
	if (found < 0)
		return -1;
	if (found)
		range.to = to;
	began = clock_monotonic_us();
	if (compare_range(work, &range, &rows, error))
		return -1;
	if (!found || is_enough(work))
		return 0;
	took = clock_monotonic_us() - began;
	/* A few rows do not show how long many take. */
	if (rows >= chunks->pace.size / 2 || took > chunks->pace.target_us)
		pace_took(&chunks->pace, rows, took);
	span_took(&chunks->span, to[0], rows);
	chunks->from = to;
	return 1;
}

static bool is_canceled(const struct work *work, const struct error *error)
{
	for (int side = 0; side < SIDES; side++)
		if (work->pair->adapters[side]->errors->class(
			error->native, error->message) == ERROR_CLASS_CANCELED)
			return true;
	return false;
}

/* Ended by the time limit, and a smaller one may do. */
static bool try_smaller(struct work *work, struct pace *pace,
			const struct error *error)
{
	return work->table.range_count && !work->verify->stop &&
	       is_canceled(work, error) && pace_shrink(pace);
}

/* Likewise; as often as it takes. */
static int try_chunk(struct work *work, struct chunks *chunks,
		     struct error *error)
{
	size_t suspects = work->suspect_count;
	uint64_t rows = work->result->rows;
	uint64_t others = work->result->shadow_rows;

	for (;;) {
		struct error failure;
		int more;

		error_init(&failure);
		more = next_chunk(work, chunks, &failure);
		if (more >= 0)
			return more;
		if (!try_smaller(work, &chunks->pace, &failure)) {
			*error = failure;
			return -1;
		}
		work->suspect_count = suspects;
		work->result->rows = rows;
		work->result->shadow_rows = others;
	}
}

int work_chunks(struct work *work, struct error *error)
{
	struct chunks chunks = {0};
	int more = 1;

	pace_init(&chunks.pace, work->verify->options->chunk_us);
	if (find_span(work, &chunks.span, error))
		return -1;
	while (more > 0) {
		more = try_chunk(work, &chunks, error);
		if (more > 0)
			rest_a_while(work);
	}
	if (!more && work->table.range_count && !work->result->capped) {
		/* Rows of the shadow that are in no range. */
		struct checksum_range nulls = {.nulls = true};
		uint64_t rows;

		return compare_range(work, &nulls, &rows, error);
	}
	return more;
}
