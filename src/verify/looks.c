/*
 * Looks again at differing rows, by value, until they are equal or have stayed
 * different for long enough (suspect_look).
 */
#include <inttypes.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "verify/internal.h"

enum {
	BATCH = 500,	       /* keys of one statement */
	BATCH_BYTES = 200000,  /* about; longer statements are not parsed */
	STEP_US = 5000,	       /* between looks, at first */
	STEP_BUSY_US = 20000,  /* as long as few rows keep changing */
	BUSY_MOST = 2 * BATCH, /* suspects */
	WINDOWS = 4, /* how long a row that keeps changing is looked at */
};

/* ---- two rows, by value ---- */

static bool cells_equal(const struct work *work, size_t column, struct value a,
			struct value b)
{
	const struct verify_options *options = work->verify->options;
	uint32_t type = work->table.columns[column].column->type;
	struct value_side primary, shadow;

	if (!verify_value_order(a, b))
		return true;
	if (!a.data || !b.data)
		return false;
	/* The shadow's query gives it as of the old type. */
	primary = (struct value_side){options->primary_adapter->values,
				      options->old_catalog, type, 0, a};
	shadow = (struct value_side){options->shadow_adapter->values,
				     options->old_catalog, type, 0, b};
	return value_compare(&primary, &shadow, &work->rules[column]) ==
	       VALUE_EQUAL;
}

/* Of two listed rows: the values behind key and hash. */
bool work_alike(void *context, const struct value *primary,
		const struct value *shadow)
{
	const struct work *work = context;
	const struct checksum_table *table = &work->table;
	size_t at = table->key_count + 1;

	for (size_t i = table->strict_count; i < table->column_count; i++, at++)
		if (!cells_equal(work, i, primary[at], shadow[at]))
			return false;
	return true;
}

bool work_equal(const struct work *work, const struct value *a,
		const struct value *b, bool *differs)
{
	bool equal = true;

	for (size_t i = 0; i < work->table.column_count; i++) {
		bool same = cells_equal(work, i, a[i], b[i]);

		if (differs)
			differs[i] = !same;
		equal &= same;
	}
	return equal;
}

/* ---- the rows of a batch of keys, on one side ---- */

struct look_found {		 /* of one suspect */
	const struct value *row; /* its columns, or NULL */
	size_t count;
	uint64_t state; /* a digest of all its rows */
};

struct look_batch {
	struct suspect *suspects[BATCH];
	size_t count;
	struct database_result results[SIDES];
	struct look_found found[SIDES][BATCH];
};

static __thread size_t width_sorted;

static int by_key(const void *left, const void *right)
{
	const struct suspect *a = *(struct suspect *const *)left;
	const struct suspect *b = *(struct suspect *const *)right;
	int order = 0;

	for (size_t i = 0; !order && i < width_sorted; i++)
		order = verify_value_order(a->key[i], b->key[i]);
	return order;
}

/* The suspect of a row, or NULL. Suspects are in order of their keys. */
static size_t find(const struct look_batch *batch, const struct value *key)
{
	struct suspect wanted = {.key = key};
	const struct suspect *pointer = &wanted;
	size_t low = 0, high = batch->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = by_key(&pointer, &batch->suspects[middle]);

		if (!order)
			return middle;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return SIZE_MAX;
}

static uint64_t digest_row(const struct value *row, size_t count)
{
	struct rows_digest digest;

	rows_digest_start(&digest, NULL, 0, count);
	for (size_t i = 0; i < count; i++) {
		if (row[i].data)
			rows_digest_cell(&digest, row[i].data, row[i].size);
		else
			rows_digest_null(&digest);
	}
	rows_digest_row_end(&digest);
	return digest.unordered.low ^ digest.unordered.high;
}

static int read_side(struct work *work, struct look_batch *batch, int side,
		     struct error *error)
{
	const struct checksum_table *table = &work->table;
	struct database_result *result = &batch->results[side];
	size_t width = key_width(table);
	struct value *keys =
	    arena_array(&work->scratch, batch->count * width, sizeof(*keys));

	memset(batch->found[side], 0, sizeof(batch->found[side]));
	for (size_t i = 0; i < batch->count; i++)
		memcpy(keys + i * width, batch->suspects[i]->key,
		       width * sizeof(*keys));
	if (pair_query_one(
		work->pair, side,
		pair_checksum(work->pair, side)
		    ->values(&work->scratch, table, keys, batch->count, false),
		result, error))
		return -1;
	for (size_t i = 0; i < result->row_count; i++) {
		const struct value *row =
		    &result->rows[i * result->column_count];
		size_t at = find(batch, row);
		struct look_found *found;

		if (at == SIZE_MAX)
			continue;
		found = &batch->found[side][at];
		found->row = row + width;
		found->count++;
		/* A sum, so that the rows' order does not matter. */
		found->state += digest_row(found->row, table->column_count);
	}
	return 0;
}

/* The primary first: what it shows then, the shadow may show later. */
static int read_batch(struct work *work, struct look_batch *batch,
		      struct error *error)
{
	width_sorted = key_width(&work->table);
	qsort(batch->suspects, batch->count, sizeof(*batch->suspects), by_key);
	memset(batch->results, 0, sizeof(batch->results));
	for (int side = 0; side < SIDES; side++)
		if (read_side(work, batch, side, error)) {
			pair_release(work->pair, batch->results);
			return -1;
		}
	return 0;
}

static enum divergence_class class_of(const struct look_found *primary,
				      const struct look_found *shadow)
{
	if (primary->count > shadow->count)
		return DIVERGENCE_ROWS_MISSING;
	if (primary->count < shadow->count)
		return DIVERGENCE_ROWS_EXTRA;
	return DIVERGENCE_ROWS_VALUE;
}

static bool are_equal(const struct work *work, const struct look_found *primary,
		      const struct look_found *shadow)
{
	if (primary->count != shadow->count)
		return false;
	if (!primary->count || primary->state == shadow->state)
		return true;
	return primary->count == 1 &&
	       work_equal(work, primary->row, shadow->row, NULL);
}

/* ---- all that are open ---- */

struct watch {
	struct looks looks;
	uint64_t mark, passed;
	int64_t began;
	size_t open;
	bool changing; /* some of them have changed since the look before */
	bool behind;   /* some wait for nothing but the mirror */
	bool report;   /* the last look: the rows are kept */
};

static const struct value *copy_row(struct arena *arena,
				    const struct value *row, size_t count)
{
	struct value *copy;

	if (!row)
		return NULL;
	copy = arena_array(arena, count + 1, sizeof(*copy));
	for (size_t i = 0; i < count; i++) {
		copy[i] = row[i];
		if (row[i].data)
			copy[i].data =
			    arena_copy(arena, row[i].data, row[i].size);
	}
	return copy;
}

static void keep(struct work *work, const struct suspect *suspect,
		 const struct look_found *primary,
		 const struct look_found *shadow)
{
	struct verify_table *result = work->result;
	size_t count = work->table.column_count;
	bool *differs = arena_array(work->arena, count + 1, sizeof(*differs));
	struct verify_row *row;

	if (primary->row && shadow->row && primary->count == shadow->count)
		work_equal(work, primary->row, shadow->row, differs);
	for (size_t i = 0; i < count; i++)
		result->differs[i] |= differs[i];
	if (result->kept_count == VERIFY_ROWS_KEPT)
		return;
	if (!result->kept)
		result->kept = arena_array(work->arena, VERIFY_ROWS_KEPT,
					   sizeof(*result->kept));
	row = (struct verify_row *)&result->kept[result->kept_count++];
	row->class = suspect->class;
	row->key = suspect->key;
	row->primary = copy_row(work->arena, primary->row, count);
	row->shadow = copy_row(work->arena, shadow->row, count);
	row->differs = differs;
}

/* Without a key there may be many equal rows of one hash. */
static void count_drift(struct work *work, struct suspect *suspect,
			size_t primary, size_t shadow)
{
	struct verify_table *result = work->result;
	size_t many = primary > shadow ? primary - shadow : shadow - primary;

	suspect->weight = work->table.key_count || !many ? 1 : many;
	if (suspect->class == DIVERGENCE_ROWS_MISSING)
		result->missing += suspect->weight;
	else if (suspect->class == DIVERGENCE_ROWS_EXTRA)
		result->extra += suspect->weight;
	else
		result->value += suspect->weight;
}

static void judge(struct work *work, struct look_batch *batch,
		  struct watch *watch, int64_t now)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct look_found *primary = &batch->found[PRIMARY][i];
		const struct look_found *shadow = &batch->found[SHADOW][i];
		struct suspect *suspect = batch->suspects[i];
		uint32_t seen = suspect->seen_count;
		int64_t age;

		suspect_look(suspect, &watch->looks, now, primary->state,
			     shadow->state, are_equal(work, primary, shadow),
			     watch->mark, watch->passed);
		suspect->class = class_of(primary, shadow);
		if (suspect->state == SUSPECT_DRIFT) {
			count_drift(work, suspect, primary->count,
				    shadow->count);
			keep(work, suspect, primary, shadow);
		}
		if (suspect->state != SUSPECT_OPEN)
			continue;
		watch->open++;
		watch->changing |= seen && suspect->seen_count > seen;
		age = now - suspect->since;
		watch->behind |= age >= watch->looks.window_us;
	}
}

static size_t key_bytes(const struct work *work, const struct suspect *suspect)
{
	size_t bytes = 0;

	for (size_t i = 0; i < key_width(&work->table); i++)
		bytes += suspect->key[i].size;
	return bytes;
}

static int look(struct work *work, struct watch *watch, struct error *error)
{
	struct look_batch *batch = memory_alloc(sizeof(*batch));
	int result = 0;

	watch->open = 0;
	watch->changing = watch->behind = false;
	for (size_t i = 0; i < work->suspect_count && !result;) {
		int64_t now;

		size_t bytes = 0;

		batch->count = 0;
		while (i < work->suspect_count && batch->count < BATCH &&
		       bytes < BATCH_BYTES) {
			struct suspect *suspect = &work->suspects[i++];

			if (suspect->state != SUSPECT_OPEN)
				continue;
			batch->suspects[batch->count++] = suspect;
			bytes += key_bytes(work, suspect);
		}
		if (!batch->count)
			break;
		arena_clear(&work->scratch);
		now = clock_monotonic_us();
		if (work->verify->stop) {
			result = error_set(error, ERROR_IO, "interrupted");
		} else if (read_batch(work, batch, error)) {
			result = -1;
		} else {
			judge(work, batch, watch, now);
			pair_release(work->pair, batch->results);
		}
	}
	free(batch);
	return result;
}

static int read_lag(struct work *work, struct watch *watch, struct error *error)
{
	if (!work->lag)
		return 0;
	if (replay_lag_newest(work->lag, &watch->mark, error))
		return -1;
	return replay_lag_judged(work->lag, &watch->passed, error);
}

static void undecided(struct work *work, const struct watch *watch)
{
	struct verify_table *result = work->result;
	char text[256];

	result->undecided = watch->open;
	if (!watch->open)
		return;
	if (watch->behind)
		snprintf(text, sizeof(text),
			 "%zu rows differ, but the mirror is behind: it has "
			 "judged exchanges up to %" PRIu64 " of %" PRIu64,
			 watch->open, watch->passed, watch->mark);
	else
		snprintf(text, sizeof(text),
			 "%zu rows differed and kept changing on the primary: "
			 "compare at a quieter time",
			 watch->open);
	free(result->problem);
	result->problem = memory_string(text);
}

int work_looks(struct work *work, struct error *error)
{
	const struct verify_options *options = work->verify->options;
	struct watch watch = {
	    .looks = {.window_us = (int64_t)options->looks * options->delay_us,
		      .mirrored = work->lag && options->looks}};
	int64_t most = WINDOWS * watch.looks.window_us;
	int64_t step = STEP_US;

	/* Each look at a table without a key reads all of it. */
	if (!work->table.key_count)
		step = options->delay_us;
	watch.began = clock_monotonic_us();
	for (;;) {
		int64_t passed;

		if (read_lag(work, &watch, error) || look(work, &watch, error))
			return -1;
		passed = clock_monotonic_us() - watch.began;
		if (!watch.open ||
		    passed > (watch.behind && most < options->wait_us
				  ? options->wait_us
				  : most))
			break;
		usleep((useconds_t)step);
		step += step / 2;
		if (step > options->delay_us)
			step = options->delay_us;
		if (watch.changing && watch.open <= BUSY_MOST &&
		    work->table.key_count && step > STEP_BUSY_US)
			step = STEP_BUSY_US;
	}
	undecided(work, &watch);
	return 0;
}
