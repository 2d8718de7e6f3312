/*
 * Pairing the rows of two answers as multisets, near linear in their number:
 * rows are found by a hash of the canonical forms of all columns that compare
 * exactly; where several agree in these, the relaxed columns (tolerances, open
 * ones) decide, in their sorted order.
 */
#include "compare/internal.h"

enum {
	PAIRS_TRIED_MAX = 64 * 1024, /* limit of compared row pairs */
	KEY_COLUMNS_MAX = 32,
};

/* A row as it is searched for. */
struct row_key {
	struct digest strict;
	const struct value *relaxed; /* forms of the relaxed columns */
	size_t relaxed_count;
	size_t row;
};

static struct value form_of(const struct compare_state *state, bool shadow,
			    size_t row, size_t cell)
{
	const struct compare_column *column = &state->columns[cell];
	struct value in = shadow ? *compare_cell_shadow(state, row, cell)
				 : *compare_cell_primary(state, row, cell);
	struct value out = in;
	struct value_side side;

	if (!in.data || state->primary->copy)
		return in;
	side = compare_value(state, shadow, column, in);
	if (column->by_text) {
		const char *text = value_text(&side, state->arena);

		out.data = (const uint8_t *)text;
		out.size = (uint32_t)strlen(text);
		return out;
	}
	if (column->same_form)
		return in;
	value_canonical(&side, state->arena, &out);
	return out;
}

static int order_values(const struct value *a, const struct value *b)
{
	uint32_t shorter = a->size < b->size ? a->size : b->size;
	int order;

	if (!a->data || !b->data)
		return !a->data - !b->data;
	order = shorter ? memcmp(a->data, b->data, shorter) : 0;
	if (order)
		return order;
	return a->size < b->size ? -1 : a->size > b->size;
}

static int order_digests(const struct digest *a, const struct digest *b)
{
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	if (a->low != b->low)
		return a->low < b->low ? -1 : 1;
	return 0;
}

static int order_relaxed(const struct row_key *a, const struct row_key *b)
{
	for (size_t i = 0; i < a->relaxed_count; i++) {
		int order = order_values(&a->relaxed[i], &b->relaxed[i]);

		if (order)
			return order;
	}
	return 0;
}

static int order_keys(const void *left, const void *right)
{
	const struct row_key *a = left;
	const struct row_key *b = right;
	int order = order_digests(&a->strict, &b->strict);

	if (!order)
		order = order_relaxed(a, b);
	if (order)
		return order;
	return a->row < b->row ? -1 : a->row > b->row;
}

/* Hashes the forms of some cells of a row. columns: which ones (NULL: all that
 * are neither ignored nor relaxed). */
static struct digest hash_row(const struct compare_state *state, bool shadow,
			      size_t row, const size_t *columns, size_t count)
{
	struct rows_digest digest;

	rows_digest_start(&digest, NULL, 0, 0);
	for (size_t i = 0; i < count; i++) {
		size_t cell = columns ? columns[i] : i;
		struct value form;

		if (!columns && (state->columns[cell].ignore ||
				 state->columns[cell].relaxed))
			continue;
		form = form_of(state, shadow, row, cell);
		if (form.data)
			rows_digest_cell(&digest, form.data, form.size);
		else
			rows_digest_null(&digest);
	}
	rows_digest_row_end(&digest);
	return digest.unordered;
}

static struct row_key *keys_of(const struct compare_state *state, bool shadow,
			       size_t count)
{
	struct row_key *keys = arena_array(state->arena, count, sizeof(*keys));
	size_t relaxed = 0;

	for (size_t i = 0; i < state->column_count; i++)
		relaxed +=
		    state->columns[i].relaxed && !state->columns[i].ignore;
	for (size_t row = 0; row < count; row++) {
		struct value *forms =
		    arena_array(state->arena, relaxed, sizeof(*forms));
		size_t used = 0;

		for (size_t i = 0; i < state->column_count && relaxed; i++)
			if (state->columns[i].relaxed &&
			    !state->columns[i].ignore)
				forms[used++] = form_of(state, shadow, row, i);
		keys[row].strict =
		    hash_row(state, shadow, row, NULL, state->column_count);
		keys[row].relaxed = forms;
		keys[row].relaxed_count = used;
		keys[row].row = row;
	}
	qsort(keys, count, sizeof(*keys), order_keys);
	return keys;
}

/* Pairs two rows unless they differ. */
static bool try_pair(const struct compare_state *state,
		     struct compare_match *match, size_t primary, size_t shadow)
{
	enum reason reason = REASON_NONE;
	enum row_result result =
	    compare_row(state, primary, shadow, NULL, &reason);

	if (result == ROW_DIFFERENT)
		return false;
	match->shadow_of[primary] = (int64_t)shadow;
	match->primary_of[shadow] = (int64_t)primary;
	match->missing--;
	match->extra--;
	if (result == ROW_OPEN) {
		match->open++;
		match->reason = reason;
	}
	return true;
}

/* Rows that agree in all strict columns. In sorted order, a row smaller than
 * the other side's smallest has no partner. That is exact for one relaxed
 * column; for several, the remaining rows are tried each with each. */
static void match_group(const struct compare_state *state,
			struct compare_match *match,
			const struct row_key *primary, size_t primary_count,
			const struct row_key *shadow, size_t shadow_count)
{
	size_t i = 0;
	size_t j = 0;
	size_t tried = 0;

	while (i < primary_count && j < shadow_count) {
		if (try_pair(state, match, primary[i].row, shadow[j].row)) {
			i++;
			j++;
		} else if (order_relaxed(&primary[i], &shadow[j]) < 0) {
			i++;
		} else {
			j++;
		}
	}
	if (!primary->relaxed_count)
		return;
	for (i = 0; i < primary_count; i++) {
		if (match->shadow_of[primary[i].row] != MATCH_NONE)
			continue;
		for (j = 0; j < shadow_count; j++) {
			if (match->primary_of[shadow[j].row] != MATCH_NONE)
				continue;
			if (++tried > PAIRS_TRIED_MAX)
				return;
			if (try_pair(state, match, primary[i].row,
				     shadow[j].row))
				break;
		}
	}
}

static size_t group_end(const struct row_key *keys, size_t start, size_t count)
{
	size_t end = start + 1;

	while (end < count &&
	       digest_equal(keys[end].strict, keys[start].strict))
		end++;
	return end;
}

static int64_t *no_partners(const struct compare_state *state, size_t count)
{
	int64_t *partners =
	    arena_array(state->arena, count + 1, sizeof(*partners));

	for (size_t i = 0; i < count; i++)
		partners[i] = MATCH_NONE;
	return partners;
}

void match_rows(const struct compare_state *state, struct compare_match *match)
{
	size_t primary_count = state->primary->row_held;
	size_t shadow_count = state->shadow->row_held;
	struct row_key *primary = keys_of(state, false, primary_count);
	struct row_key *shadow = keys_of(state, true, shadow_count);
	size_t i = 0;
	size_t j = 0;

	match->shadow_of = no_partners(state, primary_count);
	match->primary_of = no_partners(state, shadow_count);
	match->missing = primary_count;
	match->extra = shadow_count;
	match->open = 0;
	match->reason = REASON_NONE;
	while (i < primary_count && j < shadow_count) {
		int order =
		    order_digests(&primary[i].strict, &shadow[j].strict);
		size_t i_end = group_end(primary, i, primary_count);
		size_t j_end = group_end(shadow, j, shadow_count);

		if (!order)
			match_group(state, match, primary + i, i_end - i,
				    shadow + j, j_end - j);
		if (order <= 0)
			i = i_end;
		if (order >= 0)
			j = j_end;
	}
}

/* Output columns that show the whole primary key of a table. */
static size_t key_columns(const struct compare_state *state, size_t *columns)
{
	for (size_t i = 0; i < state->column_count; i++) {
		const struct promise_column *promise =
		    state->columns[i].promise;
		const struct catalog_key *key = NULL;
		size_t found = 0;

		if (!promise || !promise->table || !promise->column)
			continue;
		for (size_t k = 0; k < promise->table->key_count; k++)
			if (promise->table->keys[k].kind == KEY_PRIMARY)
				key = &promise->table->keys[k];
		if (!key || key->column_count > KEY_COLUMNS_MAX)
			continue;
		for (size_t k = 0; k < key->column_count; k++)
			for (size_t c = 0; c < state->column_count; c++) {
				const struct compare_column *column =
				    &state->columns[c];

				if (!column->promise || column->relaxed ||
				    column->ignore ||
				    column->promise->table != promise->table ||
				    !column->promise->column ||
				    column->promise->column->number !=
					key->columns[k])
					continue;
				columns[found++] = c;
				break;
			}
		if (found && found == key->column_count)
			return found;
	}
	return 0;
}

static void pair_changed(const struct compare_state *state,
			 struct compare_match *match, size_t primary,
			 size_t shadow)
{
	enum reason reason = REASON_NONE;

	match->shadow_of[primary] = (int64_t)shadow;
	match->primary_of[shadow] = (int64_t)primary;
	match->missing--;
	match->extra--;
	if (compare_row(state, primary, shadow, NULL, &reason) == ROW_OPEN) {
		match->open++;
		match->reason = reason;
	}
}

static struct row_key *leftover_keys(const struct compare_state *state,
				     bool shadow, const int64_t *partners,
				     size_t row_count, const size_t *columns,
				     size_t column_count, size_t *count)
{
	struct row_key *keys =
	    arena_array(state->arena, row_count + 1, sizeof(*keys));

	*count = 0;
	for (size_t row = 0; row < row_count; row++) {
		if (partners[row] != MATCH_NONE)
			continue;
		keys[*count].strict =
		    hash_row(state, shadow, row, columns, column_count);
		keys[(*count)++].row = row;
	}
	qsort(keys, *count, sizeof(*keys), order_keys);
	return keys;
}

/* Rows with one primary key are one row. */
static void pair_by_key(const struct compare_state *state,
			struct compare_match *match)
{
	size_t columns[KEY_COLUMNS_MAX];
	size_t column_count = key_columns(state, columns);
	struct row_key *primary, *shadow;
	size_t primary_count, shadow_count;
	size_t i = 0;
	size_t j = 0;

	if (!column_count)
		return;
	primary = leftover_keys(state, false, match->shadow_of,
				state->primary->row_held, columns, column_count,
				&primary_count);
	shadow = leftover_keys(state, true, match->primary_of,
			       state->shadow->row_held, columns, column_count,
			       &shadow_count);
	while (i < primary_count && j < shadow_count) {
		int order =
		    order_digests(&primary[i].strict, &shadow[j].strict);

		if (!order)
			pair_changed(state, match, primary[i].row,
				     shadow[j].row);
		i += order <= 0;
		j += order >= 0;
	}
}

static void pair_by_place(const struct compare_state *state,
			  struct compare_match *match)
{
	for (size_t i = 0; i < state->primary->row_held; i++)
		if (match->shadow_of[i] == MATCH_NONE &&
		    match->primary_of[i] == MATCH_NONE)
			pair_changed(state, match, i, i);
}

/* How much two rows have in common. */
static size_t likeness(const struct compare_state *state, bool *differs,
		       size_t primary, size_t shadow)
{
	size_t same = 0;

	if (compare_row(state, primary, shadow, differs, NULL) != ROW_DIFFERENT)
		return SIZE_MAX;
	for (size_t i = 0; i < state->column_count; i++)
		if (!differs[i] && !state->columns[i].ignore)
			same += compare_cell_primary(state, primary, i)->data
				    ? 2
				    : 1; /* two NULLs mean little */
	return same;
}

/* Pairs each primary row with the shadow row that shares most with it. */
static void pair_by_likeness(const struct compare_state *state,
			     struct compare_match *match)
{
	bool *differs =
	    arena_array(state->arena, state->column_count + 1, sizeof(bool));
	size_t tried = 0;

	for (size_t i = 0; i < state->primary->row_held && match->extra; i++) {
		int64_t best = MATCH_NONE;
		size_t most = 0;

		if (match->shadow_of[i] != MATCH_NONE)
			continue;
		for (size_t j = 0; j < state->shadow->row_held; j++) {
			size_t same;

			if (match->primary_of[j] != MATCH_NONE)
				continue;
			if (++tried > PAIRS_TRIED_MAX)
				return;
			same = likeness(state, differs, i, j);
			if (same > most) {
				most = same;
				best = (int64_t)j;
			}
		}
		if (best != MATCH_NONE)
			pair_changed(state, match, i, (size_t)best);
	}
}

void match_leftovers(const struct compare_state *state,
		     struct compare_match *match)
{
	bool alike = state->primary->row_held == state->shadow->row_held;

	if (state->primary->row_held == 1 && state->shadow->row_held == 1) {
		pair_by_place(state, match);
		return;
	}
	pair_by_key(state, match);
	if (alike && state->promise->order == ORDER_TOTAL)
		pair_by_place(state, match);
	pair_by_likeness(state, match);
}

/* A sum over its values, free of their order. */
static struct digest digest_column(const struct compare_state *state,
				   bool shadow, size_t column)
{
	size_t rows =
	    shadow ? state->shadow->row_held : state->primary->row_held;
	struct digest sum = {0};

	for (size_t row = 0; row < rows; row++) {
		struct digest one = hash_row(state, shadow, row, &column, 1);

		sum.high += one.high;
		sum.low += one.low;
	}
	return sum;
}

bool match_column_differs(const struct compare_state *state, size_t column)
{
	/* equal within a tolerance: forms do not decide */
	if (state->columns[column].relaxed)
		return false;
	return !digest_equal(digest_column(state, false, column),
			     digest_column(state, true, column));
}
