/* The pure logic of verify. */
#include <errno.h>

#include "base/memory.h"
#include "verify/internal.h"

/* ---- chunks ---- */

void pace_init(struct pace *pace, int64_t target_us)
{
	*pace = (struct pace){.target_us = target_us, .size = PACE_FIRST};
}

static uint64_t within(uint64_t size)
{
	return size < PACE_LEAST  ? PACE_LEAST
	       : size > PACE_MOST ? PACE_MOST
				  : size;
}

void pace_took(struct pace *pace, uint64_t rows, int64_t us)
{
	double factor = (double)pace->target_us / (double)(us > 0 ? us : 1);
	uint64_t size = rows ? rows : pace->size;

	/* Half the rows in much the same time: a range has no index, and each
	 * chunk reads the whole table. One more for all the rest is cheapest.
	 */
	if (pace->last_us > pace->target_us && us > pace->target_us &&
	    size <= pace->last_size / 2 && us > pace->last_us * 3 / 4)
		pace->whole = true;
	pace->last_size = size;
	pace->last_us = us;
	if (factor > 4)
		factor = 4;
	if (factor < 0.25)
		factor = 0.25;
	pace->size = within((uint64_t)((double)size * factor));
}

bool pace_shrink(struct pace *pace)
{
	if (pace->size <= PACE_LEAST)
		return false;
	pace->size = within(pace->size / 4);
	return true;
}

static bool read_integer(struct value value, int64_t *number)
{
	char *end;

	if (!value.data)
		return false;
	errno = 0;
	*number = strtoll((const char *)value.data, &end, 10);
	return !errno && value.size &&
	       end == (const char *)value.data + value.size;
}

void span_init(struct key_span *span, struct value least, struct value most)
{
	*span = (struct key_span){0};
	span->known = read_integer(least, &span->next) &&
		      read_integer(most, &span->most) &&
		      span->next <= span->most;
}

enum span_end span_end(const struct key_span *span, uint64_t size, int64_t *to)
{
	if (!span->known)
		return SPAN_ASK;
	if (span->next > span->most ||
	    (uint64_t)span->most - (uint64_t)span->next < size)
		return SPAN_REST;
	if (span->sparse)
		return SPAN_ASK;
	*to = span->next + (int64_t)size - 1;
	return SPAN_AT;
}

void span_took(struct key_span *span, struct value to, uint64_t rows)
{
	int64_t last;

	span->known = span->known && read_integer(to, &last) &&
		      last >= span->next && last < INT64_MAX;
	if (!span->known)
		return;
	span->sparse =
	    ((uint64_t)last - (uint64_t)span->next) / 2 >= (rows ? rows : 1);
	span->next = last + 1;
}

/* ---- buckets ---- */

int verify_value_order(struct value a, struct value b)
{
	uint32_t common = a.size < b.size ? a.size : b.size;
	int order;

	if (!a.data || !b.data)
		return !b.data - !a.data;
	order = memcmp(a.data, b.data, common);
	return order ? order : (a.size > b.size) - (a.size < b.size);
}

static uint64_t number_of(struct value value)
{
	return value.data ? strtoull((const char *)value.data, NULL, 10) : 0;
}

size_t verify_differing_buckets(const struct database_result results[SIDES],
				struct arena *arena, struct bucket **buckets)
{
	const struct value **cells[SIDES];
	size_t count = 0;

	*buckets = arena_array(arena, CHECKSUM_BUCKETS, sizeof(**buckets));
	for (int side = 0; side < SIDES; side++) {
		const struct database_result *result = &results[side];

		cells[side] =
		    arena_array(arena, CHECKSUM_BUCKETS, sizeof(*cells[side]));
		for (size_t i = 0; i < result->row_count; i++) {
			const struct value *row =
			    &result->rows[i * result->column_count];
			uint64_t number = number_of(row[0]);

			if (number < CHECKSUM_BUCKETS)
				cells[side][number] = row;
		}
	}
	for (uint32_t i = 0; i < CHECKSUM_BUCKETS; i++) {
		const struct value *primary = cells[PRIMARY][i];
		const struct value *shadow = cells[SHADOW][i];
		uint64_t rows = primary ? number_of(primary[1]) : 0;
		uint64_t others = shadow ? number_of(shadow[1]) : 0;

		if (!primary && !shadow)
			continue;
		if (primary && shadow &&
		    !verify_value_order(primary[1], shadow[1]) &&
		    !verify_value_order(primary[2], shadow[2]))
			continue;
		(*buckets)[count++] =
		    (struct bucket){i, rows > others ? rows : others};
	}
	return count;
}

/* ---- lists of rows ---- */

static __thread const struct listing *sorted; /* qsort takes no context */

static int compare_keys(const struct listing *a, const struct value *left,
			const struct value *right)
{
	size_t width = a->key_count ? a->key_count : 1;
	int order = 0;

	for (size_t i = 0; !order && i < width; i++)
		order = verify_value_order(left[i], right[i]);
	return order;
}

static int by_key(const void *left, const void *right)
{
	const struct value *a = *(const struct value *const *)left;
	const struct value *b = *(const struct value *const *)right;
	int order = compare_keys(sorted, a, b);

	for (size_t i = 0; !order && i < sorted->width; i++)
		order = verify_value_order(a[i], b[i]);
	return order;
}

static const struct value **sort(const struct listing *side,
				 struct arena *arena)
{
	const struct value **rows =
	    arena_array(arena, side->row_count + 1, sizeof(*rows));

	for (size_t i = 0; i < side->row_count; i++)
		rows[i] = &side->rows[i * side->width];
	sorted = side;
	if (side->row_count)
		qsort(rows, side->row_count, sizeof(*rows), by_key);
	return rows;
}

/* How many rows from `at` on have the key of the first of them. */
static size_t run_of(const struct listing *side, const struct value **rows,
		     size_t at)
{
	size_t end = at + 1;

	while (end < side->row_count &&
	       !compare_keys(side, rows[at], rows[end]))
		end++;
	return end - at;
}

static bool rows_alike(const struct listing *side, const struct value *a,
		       const struct value *b, listing_alike *alike,
		       void *context)
{
	if (verify_value_order(a[side->key_count], b[side->key_count]))
		return false;
	return side->width <= side->key_count + 1 || alike(context, a, b);
}

static bool runs_alike(const struct listing *side, const struct value **a,
		       size_t a_count, const struct value **b, size_t b_count,
		       listing_alike *alike, void *context)
{
	if (a_count != b_count)
		return false;
	for (size_t i = 0; i < a_count; i++)
		if (!rows_alike(side, a[i], b[i], alike, context))
			return false;
	return true;
}

static void keep_key(const struct listing *side, const struct value *row,
		     struct arena *arena, struct value *into)
{
	size_t width = side->key_count ? side->key_count : 1;

	for (size_t i = 0; i < width; i++) {
		into[i] = row[i];
		if (row[i].data)
			into[i].data =
			    arena_copy(arena, row[i].data, row[i].size);
	}
}

size_t listing_differences(const struct listing sides[SIDES],
			   listing_alike *alike, void *context,
			   struct arena *arena, const struct value **keys)
{
	const struct listing *a = &sides[PRIMARY];
	const struct listing *b = &sides[SHADOW];
	size_t width = a->key_count ? a->key_count : 1;
	const struct value **left, **right;
	size_t i = 0, j = 0, count = 0, capacity = 16;
	struct value *out = memory_alloc(capacity * width * sizeof(*out));
	struct arena scratch;

	arena_init(&scratch, 0);
	left = sort(a, &scratch);
	right = sort(b, &scratch);
	while (i < a->row_count || j < b->row_count) {
		int order = i == a->row_count ? 1
			    : j == b->row_count
				? -1
				: compare_keys(a, left[i], right[j]);
		size_t more_left = order <= 0 ? run_of(a, left, i) : 0;
		size_t more_right = order >= 0 ? run_of(b, right, j) : 0;

		if (!runs_alike(a, left + i, more_left, right + j, more_right,
				alike, context)) {
			if (count == capacity) {
				capacity *= 2;
				out = memory_resize(out, capacity * width *
							     sizeof(*out));
			}
			keep_key(a, more_left ? left[i] : right[j], arena,
				 out + count++ * width);
		}
		i += more_left;
		j += more_right;
	}
	*keys = arena_copy(arena, out, count * width * sizeof(*out));
	free(out);
	arena_release(&scratch);
	return count;
}

/* ---- looking again ---- */

static bool has_seen(const struct suspect *suspect, uint64_t state)
{
	uint32_t held = suspect->seen_count < SUSPECT_HISTORY
			    ? suspect->seen_count
			    : SUSPECT_HISTORY;

	for (uint32_t i = 0; i < held; i++)
		if (suspect->seen[i] == state)
			return true;
	return false;
}

void suspect_look(struct suspect *suspect, const struct looks *looks,
		  int64_t now, uint64_t primary, uint64_t shadow, bool equal,
		  uint64_t mark, uint64_t passed)
{
	uint32_t newest = (suspect->seen_count - 1) % SUSPECT_HISTORY;
	bool changed = !suspect->seen_count || suspect->seen[newest] != primary;

	if (suspect->state != SUSPECT_OPEN)
		return;
	if (changed) {
		suspect->seen[suspect->seen_count++ % SUSPECT_HISTORY] =
		    primary;
		suspect->since = now;
		suspect->mark = 0;
	}
	if (equal || has_seen(suspect, shadow)) {
		suspect->state = SUSPECT_EQUAL;
		return;
	}
	if (!suspect->mark && now - suspect->since >= REPLAY_LAG_DELAY_US)
		suspect->mark = mark ? mark : 1;
	if (now - suspect->since < looks->window_us)
		return;
	if (!looks->mirrored || (suspect->mark && passed >= suspect->mark))
		suspect->state = SUSPECT_DRIFT;
}
