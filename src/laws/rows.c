/* The first law: what is written reads back equal. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "laws/internal.h"

enum { KEYS_LOOKED_FOR = 4 }; /* rows of a batch that are read by their key */

bool rows_cells_equal(const struct proof *proof, size_t column, struct value a,
		      struct value b)
{
	const struct laws *laws = proof->laws;
	const struct catalog *catalog = laws->primary_catalog;
	const struct lens_about_column *about = &proof->about.columns[column];
	struct value_rules rules = {.float_ulps = laws->float_ulps,
				    .tolerance = about->tolerance};
	struct value_side primary, shadow;

	if (!a.data || !b.data)
		return !a.data && !b.data;
	if (a.size == b.size && !memcmp(a.data, b.data, a.size))
		return true;
	/* Both print as of the old type. */
	primary = (struct value_side){laws->primary_adapter->values, catalog,
				      about->old->type, 0, a};
	shadow = (struct value_side){laws->shadow_adapter->values, catalog,
				     about->old->type, 0, b};
	return value_compare(&primary, &shadow, &rules) == VALUE_EQUAL;
}

static bool row_is(const struct proof *proof, const struct value *expected,
		   const struct value *got, const bool *compared, size_t but,
		   struct value value)
{
	for (size_t i = 0; i < proof->about.old->column_count; i++)
		if (compared[i] &&
		    !rows_cells_equal(proof, i, i == but ? value : expected[i],
				      got[i]))
			return false;
	return true;
}

bool rows_same(struct proof *proof, const struct rows *expected,
	       const struct rows *got, const bool *compared, size_t but,
	       struct value value)
{
	size_t count = expected->count;
	bool *used;
	bool same = count == got->count;

	if (!same)
		return false;
	used = memory_alloc(count + 1);
	/* Mostly they come in the order in which they were written. */
	for (size_t i = 0; same && i < count; i++) {
		const struct value *row = &expected->cells[i * expected->width];
		size_t tried = 0;

		while (tried < count) {
			size_t at = (i + tried) % count;

			if (!used[at] &&
			    row_is(proof, row, &got->cells[at * got->width],
				   compared, but, value)) {
				used[at] = true;
				break;
			}
			tried++;
		}
		same = tried < count;
	}
	free(used);
	return same;
}

/* ---- rows by themselves ---- */

static size_t compare_row(struct proof *proof, const struct value *wrote,
			  const struct value *read)
{
	size_t differing = 0;

	for (size_t i = 0; i < proof->about.old->column_count; i++) {
		if (!proof->compared[i] ||
		    rows_cells_equal(proof, i, wrote[i], read[i]))
			continue;
		differing++;
		finding_add(proof, FINDING_VALUE, i, SIZE_MAX, NULL, wrote,
			    &wrote[i], &read[i]);
	}
	return differing;
}

static enum outcome prove_row(struct proof *proof, const struct rows *rows,
			      size_t index, bool *holds)
{
	const struct value *row = &rows->cells[index * rows->width];
	struct rows read;
	struct error error;
	enum outcome outcome;

	error_init(&error);
	arena_clear(&proof->reading);
	*holds = false;
	outcome = run_mark(proof);
	if (!outcome)
		outcome = run_insert(proof, rows, index, 1, &error);
	if (outcome == OUTCOME_FAILED)
		finding_add(proof, FINDING_REFUSED, SIZE_MAX, SIZE_MAX, &error,
			    row, NULL, NULL);
	if (outcome)
		goto out;
	outcome = run_read(proof, &proof->reading, &read, &error);
	if (outcome == OUTCOME_FAILED)
		finding_add(proof, FINDING_UNREAD, SIZE_MAX, SIZE_MAX, &error,
			    row, NULL, NULL);
	else if (!outcome && read.count != 1)
		finding_add(proof,
			    read.count ? FINDING_REPEATED : FINDING_MISSING,
			    SIZE_MAX, SIZE_MAX, NULL, row, NULL, NULL);
	else if (!outcome)
		*holds = !compare_row(proof, row, read.cells);
out:
	return outcome == OUTCOME_LOST ? outcome : run_back(proof);
}

/* ---- rows together ---- */

static enum outcome find_keys(struct proof *proof, const struct rows *rows,
			      size_t first, size_t count)
{
	size_t width = proof->key->column_count;
	size_t step = count / KEYS_LOOKED_FOR + 1;
	enum outcome outcome = OUTCOME_OK;

	for (size_t i = first; !outcome && i < first + count; i += step) {
		const struct value *row = &rows->cells[i * rows->width];
		struct value *values =
		    arena_array(&proof->reading, width, sizeof(*values));
		uint32_t *types =
		    arena_array(&proof->reading, width, sizeof(*types));
		struct database_parameters key = {
		    .values = values, .types = types, .count = width};
		struct database_result result;
		struct error error;

		error_init(&error);
		key_values(proof, row, values, types);
		outcome = run_rewritten(proof, proof->select_key, &key, &result,
					&error);
		if (outcome == OUTCOME_LOST)
			break;
		if (outcome || result.row_count != 1)
			finding_add(proof, FINDING_KEY, SIZE_MAX, SIZE_MAX,
				    outcome ? &error : NULL, row, NULL, NULL);
		if (!outcome)
			proof->laws->shadow_adapter->database->release(&result);
		outcome = OUTCOME_OK;
	}
	return outcome;
}

/* Writes and reads a batch; *error tells why it does not hold, if the database
 * did. */
static enum outcome try_batch(struct proof *proof, const struct rows *rows,
			      size_t first, size_t count, bool *holds,
			      struct error *error)
{
	struct rows expected = {.cells = rows->cells + first * rows->width,
				.count = count,
				.width = rows->width};
	struct rows read;
	enum outcome outcome = run_insert(proof, rows, first, count, error);

	arena_clear(&proof->reading);
	*holds = false;
	if (!outcome)
		outcome = run_read(proof, &proof->reading, &read, error);
	if (!outcome)
		*holds = rows_same(proof, &expected, &read, proof->compared,
				   SIZE_MAX, (struct value){0});
	if (*holds && proof->key)
		outcome = find_keys(proof, rows, first, count);
	return outcome == OUTCOME_LOST ? outcome : run_empty(proof);
}

static enum outcome prove_batch(struct proof *proof, const struct rows *rows,
				size_t first, size_t count)
{
	struct error error;
	bool holds;
	size_t broken = 0;
	enum outcome outcome;

	error_init(&error);
	outcome = try_batch(proof, rows, first, count, &holds, &error);
	if (outcome || holds)
		return outcome;
	for (size_t i = 0; i < count; i++) {
		outcome = prove_row(proof, rows, first + i, &holds);
		if (outcome)
			return outcome;
		broken += !holds;
		if (proof->broken + broken >= LAWS_BROKEN_MAX)
			break;
	}
	outcome = run_empty(proof);
	proof->broken += broken;
	proof->enough = proof->broken >= LAWS_BROKEN_MAX;
	/* An INSERT of many rows may be untranslatable where one of one is. */
	if (!broken && error.kind != ERROR_INTERNAL && count > 1)
		finding_add(proof, FINDING_TOGETHER, SIZE_MAX, SIZE_MAX,
			    error.kind ? &error : NULL, NULL, NULL, NULL);
	return outcome;
}

enum outcome rows_prove(struct proof *proof, const struct rows *rows)
{
	enum outcome outcome = OUTCOME_OK;

	for (size_t first = 0;
	     !outcome && first < rows->count && proof->broken < LAWS_BROKEN_MAX;
	     first += proof->batch) {
		size_t count = rows->count - first;

		if (count > proof->batch)
			count = proof->batch;
		outcome = prove_batch(proof, rows, first, count);
		proof->tried += count;
		proof->laws->rows += count;
		laws_progressed(proof);
	}
	return outcome;
}
