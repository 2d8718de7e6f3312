/* The second law: an update of one column changes that column alone. */
#include <string.h>

#include "laws/internal.h"

enum {
	ROWS_UPDATED = 60, /* of the sample, at once */
	VALUES_TRIED = 8,  /* of a column */
	LISTED_TRIED = 40, /* of a recoded one */
	ROWS_ALONE = 4,	   /* looked at by themselves for one value */
	ROWS_BY_KEY = 3,   /* updated among others */
};

struct updating {
	struct proof *proof;
	struct rows rows;		/* of the sample, that are updated */
	struct rows baseline;		/* as they read before the update */
	struct arena arena;		/* of the baseline */
	bool *compared;			/* columns that stay as they are */
	const char *text, *text_by_key; /* of the column at hand */
	bool filled;   /* all of them are there: else each goes alone */
	bool faithful; /* the baseline is what was written */
};

/* Conditions over several columns, which the primary may have too: the value
 * is one of another row. */
static bool is_condition(const struct proof *proof, const struct error *error)
{
	switch (proof->laws->shadow_adapter->errors->class(error->native,
							   error->message)) {
	case ERROR_CLASS_CHECK:
	case ERROR_CLASS_EXCLUSION:
	case ERROR_CLASS_UNIQUE:
		return true;
	default:
		return false;
	}
}

static enum outcome update(struct updating *updating, size_t column,
			   struct value value, const struct value *row,
			   struct error *error)
{
	struct proof *proof = updating->proof;
	size_t keys = row ? proof->key->column_count : 0;
	struct value *values =
	    arena_array(&proof->reading, keys + 1, sizeof(*values));
	uint32_t *types =
	    arena_array(&proof->reading, keys + 1, sizeof(*types));
	struct database_parameters parameters = {
	    .values = values, .types = types, .count = keys + 1};

	values[0] = value;
	types[0] = proof->about.old->columns[column].type;
	if (row)
		key_values(proof, row, values + 1, types + 1);
	return run_rewritten(proof,
			     row ? updating->text_by_key : updating->text,
			     &parameters, NULL, error);
}

/* ---- a row alone ---- */

static void judge_alone(struct updating *updating, size_t column,
			struct value value, const struct value *before,
			const struct rows *after)
{
	struct proof *proof = updating->proof;
	bool unseen_null = !value.data && !proof->null_seen[column];

	if (after->count != 1) {
		finding_add(proof,
			    unseen_null ? FINDING_NULL : FINDING_UPDATE_ROWS,
			    column, SIZE_MAX, NULL, before, NULL, NULL);
		return;
	}
	for (size_t i = 0; i < after->width; i++) {
		const struct value *expected =
		    i == column ? &value : &before[i];

		if (!updating->compared[i] ||
		    rows_cells_equal(proof, i, *expected, after->cells[i]))
			continue;
		if (unseen_null)
			finding_add(proof, FINDING_NULL, column, SIZE_MAX, NULL,
				    before, NULL, NULL);
		else if (i != column)
			finding_add(proof, FINDING_UPDATE_OTHER, column, i,
				    NULL, before, expected, &after->cells[i]);
		else if (!finding_told(proof, FINDING_VALUE, column))
			finding_add(proof, FINDING_UPDATE_LOST, column,
				    SIZE_MAX, NULL, before, expected,
				    &after->cells[i]);
	}
}

static void judge_refusal(struct proof *proof, size_t column,
			  struct value value, const struct value *row,
			  const struct error *error)
{
	enum finding_kind kind = FINDING_UPDATE_REFUSED;

	if (is_condition(proof, error))
		return;
	if (error->kind == ERROR_INTERNAL)
		kind = FINDING_UPDATE_UNTRANSLATABLE;
	else if (!value.data && !proof->null_seen[column])
		kind = FINDING_NULL;
	finding_add(proof, kind, column, SIZE_MAX, error, row, &value, NULL);
}

static enum outcome update_alone(struct updating *updating, size_t index,
				 size_t column, struct value value)
{
	struct proof *proof = updating->proof;
	const struct value *row =
	    &updating->rows.cells[index * updating->rows.width];
	struct rows before, after;
	struct error error;
	enum outcome outcome;

	error_init(&error);
	arena_clear(&proof->reading);
	outcome = run_mark(proof);
	if (!outcome)
		outcome = run_insert(proof, &updating->rows, index, 1, &error);
	if (!outcome)
		outcome = run_read(proof, &proof->reading, &before, &error);
	if (outcome == OUTCOME_LOST)
		return outcome;
	if (outcome || before.count != 1)
		return run_back(proof); /* the first law tells of it */
	outcome = update(updating, column, value, NULL, &error);
	if (outcome == OUTCOME_FAILED)
		judge_refusal(proof, column, value, row, &error);
	if (!outcome)
		outcome = run_read(proof, &proof->reading, &after, &error);
	if (!outcome) {
		judge_alone(updating, column, value, before.cells, &after);
		proof->laws->updates++;
	}
	return outcome == OUTCOME_LOST ? outcome : run_back(proof);
}

static enum outcome update_some_alone(struct updating *updating, size_t column,
				      struct value value)
{
	enum outcome outcome = OUTCOME_OK;
	size_t step = updating->rows.count / ROWS_ALONE + 1;

	for (size_t i = 0; !outcome && i < updating->rows.count; i += step)
		outcome = update_alone(updating, i, column, value);
	return outcome;
}

/* ---- rows together ---- */

static enum outcome fill_scratch(struct updating *updating)
{
	struct proof *proof = updating->proof;
	struct error error;
	enum outcome outcome;

	error_init(&error);
	arena_clear(&updating->arena);
	outcome = run_empty(proof);
	if (!outcome)
		outcome = run_insert(proof, &updating->rows, 0,
				     updating->rows.count, &error);
	if (!outcome)
		outcome = run_read(proof, &updating->arena, &updating->baseline,
				   &error);
	updating->filled =
	    !outcome && updating->baseline.count == updating->rows.count;
	updating->faithful =
	    updating->filled &&
	    rows_same(proof, &updating->rows, &updating->baseline,
		      updating->compared, SIZE_MAX, (struct value){0});
	if (!outcome && !updating->filled)
		outcome = run_empty(proof);
	return outcome == OUTCOME_LOST ? outcome : OUTCOME_OK;
}

/* Behind a mark, for run_back to lead back to: the update, of all rows or of
 * the one with this key, and the rows after it. */
static enum outcome try_update(struct updating *updating, size_t column,
			       struct value value, const struct value *key,
			       struct rows *after)
{
	struct proof *proof = updating->proof;
	struct error error;
	enum outcome outcome = run_mark(proof);

	arena_clear(&proof->reading);
	error_init(&error);
	if (!outcome)
		outcome = update(updating, column, value, key, &error);
	if (!outcome)
		outcome = run_read(proof, &proof->reading, after, &error);
	return outcome;
}

/* All rows get the value; *holds: each reads it, and nothing else changed. */
static enum outcome update_together(struct updating *updating, size_t column,
				    struct value value, bool *holds)
{
	struct proof *proof = updating->proof;
	struct rows after;
	enum outcome outcome =
	    try_update(updating, column, value, NULL, &after);

	*holds = false;
	if (!outcome)
		*holds = rows_same(proof, &updating->baseline, &after,
				   updating->compared, column, value);
	if (*holds)
		proof->laws->updates += updating->rows.count;
	return outcome == OUTCOME_LOST ? outcome : run_back(proof);
}

/* The rows after an update by key: that one, and the others as they were. */
static bool others_stay(struct updating *updating, size_t row, size_t column,
			struct value value, const struct rows *after)
{
	struct rows expected = updating->rows;
	size_t width = expected.width;
	struct value *cells =
	    arena_array(&updating->proof->reading, expected.count * width + 1,
			sizeof(*cells));

	memcpy(cells, expected.cells, expected.count * width * sizeof(*cells));
	cells[row * width + column] = value;
	expected.cells = cells;
	return rows_same(updating->proof, &expected, after, updating->compared,
			 SIZE_MAX, (struct value){0});
}

static enum outcome update_by_key(struct updating *updating, size_t row,
				  size_t column, struct value value)
{
	struct proof *proof = updating->proof;
	const struct value *cells =
	    &updating->rows.cells[row * updating->rows.width];
	struct rows after;
	enum outcome outcome =
	    try_update(updating, column, value, cells, &after);

	if (!outcome && !others_stay(updating, row, column, value, &after))
		finding_add(proof, FINDING_UPDATE_ROWS, column, SIZE_MAX, NULL,
			    cells, NULL, NULL);
	if (!outcome)
		proof->laws->updates++;
	return outcome == OUTCOME_LOST ? outcome : run_back(proof);
}

static bool is_in_key(const struct proof *proof, size_t column)
{
	for (size_t i = 0; i < proof->key->column_count; i++)
		if (proof->key->columns[i] ==
		    proof->about.old->columns[column].number)
			return true;
	return false;
}

/* ---- one column ---- */

static bool is_among(const struct value *values, size_t count,
		     struct value value)
{
	for (size_t i = 0; i < count; i++)
		if (values[i].size == value.size &&
		    !values[i].data == !value.data &&
		    (!value.size ||
		     !memcmp(values[i].data, value.data, value.size)))
			return true;
	return false;
}

/* Values that the column holds somewhere, from all over the sample, and NULL
 * if it may. */
static size_t pick_values(const struct proof *proof, size_t column,
			  struct value *values, size_t capacity)
{
	const struct rows *sample = &proof->sample;
	size_t count = 0;
	size_t step = sample->count / (2 * capacity) + 1;

	if (!proof->about.old->columns[column].not_null)
		values[count++] = (struct value){0};
	for (size_t start = 0; start < step; start++)
		for (size_t i = start; i < sample->count && count < capacity;
		     i += step) {
			struct value value =
			    sample->cells[i * sample->width + column];

			if (value.data && !is_among(values, count, value))
				values[count++] = value;
		}
	return count;
}

static enum outcome prove_value(struct updating *updating, size_t column,
				struct value value, bool *holds)
{
	enum outcome outcome = OUTCOME_OK;

	*holds = false;
	if (updating->filled)
		outcome = update_together(updating, column, value, holds);
	if (outcome || *holds)
		return outcome;
	/* By themselves, from an empty table; then the rows come back. */
	outcome = run_empty(updating->proof);
	if (!outcome)
		outcome = update_some_alone(updating, column, value);
	if (!outcome && updating->filled)
		outcome = fill_scratch(updating);
	return outcome;
}

/* values: that an update of all rows has kept. */
static enum outcome prove_by_key(struct updating *updating, size_t column,
				 const struct value *values, size_t count)
{
	struct proof *proof = updating->proof;
	enum outcome outcome = OUTCOME_OK;

	if (!count || !proof->key || !updating->faithful ||
	    is_in_key(proof, column) ||
	    finding_told(proof, FINDING_KEY, SIZE_MAX))
		return OUTCOME_OK;
	for (size_t i = 0;
	     !outcome && i < ROWS_BY_KEY && i < updating->rows.count; i++)
		outcome =
		    update_by_key(updating, i, column, values[(i + 1) % count]);
	return outcome;
}

static enum outcome prove_column(struct updating *updating, size_t column)
{
	struct proof *proof = updating->proof;
	size_t capacity = proof->about.columns[column].value_count
			      ? LISTED_TRIED
			      : VALUES_TRIED;
	struct value *values =
	    arena_array(&proof->arena, capacity + 1, sizeof(*values));
	size_t count = pick_values(proof, column, values, capacity);
	size_t kept = 0;
	enum outcome outcome = OUTCOME_OK;

	updating->text = statement_update(proof, column, false);
	if (proof->key)
		updating->text_by_key = statement_update(proof, column, true);
	for (size_t i = 0;
	     !outcome && i < count &&
	     !finding_told(proof, FINDING_UPDATE_UNTRANSLATABLE, column);
	     i++) {
		bool holds;

		outcome = prove_value(updating, column, values[i], &holds);
		if (holds)
			values[kept++] = values[i];
	}
	return outcome ? outcome : prove_by_key(updating, column, values, kept);
}

/* The row that an absorbed one is in: another may not be there. */
static bool names_host(const struct lens_about *about,
		       const struct lens_about_column *column)
{
	for (size_t i = 0; i < about->host_pair_count; i++)
		if (about->host_pairs[i].column == column->old)
			return true;
	return false;
}

/* A reference to a row of its own table, or what is looked up there: the
 * sample's rows refer to themselves. */
static bool refers_to_own(const struct lens_about *about,
			  const struct lens_about_column *column)
{
	bool found = column->own_value != NULL;

	for (size_t i = 0; i < about->old->column_count; i++)
		found |= about->columns[i].own_value == column->old;
	return found;
}

static bool is_updatable(const struct lens_about *about,
			 const struct lens_about_column *column)
{
	return column->writable && !column->dropped && !column->computed &&
	       column->old->generated != GENERATED_STORED &&
	       column->old->generated != GENERATED_IDENTITY_ALWAYS &&
	       !names_host(about, column) && !refers_to_own(about, column);
}

enum outcome updates_prove(struct proof *proof)
{
	struct updating updating = {.proof = proof, .rows = proof->sample};
	size_t width = proof->sample.width;
	enum outcome outcome;

	if (updating.rows.count > ROWS_UPDATED)
		updating.rows.count = ROWS_UPDATED;
	if (!updating.rows.count || !proof->given_count)
		return OUTCOME_OK;
	arena_init(&updating.arena, 0);
	updating.compared = arena_array(&proof->arena, width + 1, sizeof(bool));
	/* What a server computes, or nobody can write, may change. */
	for (size_t i = 0; i < width; i++)
		updating.compared[i] =
		    proof->compared[i] && proof->about.columns[i].writable &&
		    !proof->about.columns[i].computed &&
		    proof->about.columns[i].old->generated != GENERATED_STORED;
	outcome = fill_scratch(&updating);
	for (size_t i = 0; !outcome && i < width; i++)
		if (is_updatable(&proof->about, &proof->about.columns[i]))
			outcome = prove_column(&updating, i);
	arena_release(&updating.arena);
	return outcome == OUTCOME_LOST ? outcome : run_empty(proof);
}
