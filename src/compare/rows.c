/* Rows that are complete on both sides, and their order. */
#include "compare/internal.h"

static enum value_result compare_two(const struct compare_state *state,
				     const struct compare_column *column,
				     struct value primary, struct value shadow)
{
	struct value_side a = compare_value(state, false, column, primary);
	struct value_side b = compare_value(state, true, column, shadow);

	return value_compare(&a, &b, &column->rules);
}

enum row_result compare_cells(const struct compare_state *state, size_t primary,
			      size_t shadow, size_t i, enum reason *open)
{
	const struct compare_column *column = &state->columns[i];
	const struct value *a = compare_cell_primary(state, primary, i);
	const struct value *b = compare_cell_shadow(state, shadow, i);
	enum value_result result;

	if (state->primary->copy || column->same_form) {
		bool same = !a->data == !b->data && a->size == b->size &&
			    (!a->size || !memcmp(a->data, b->data, a->size));

		if (same)
			return ROW_EQUAL;
	}
	if (state->primary->copy)
		result = VALUE_DIFFERENT;
	else
		result = compare_two(state, column, *a, *b);
	if (result == VALUE_EQUAL)
		return ROW_EQUAL;
	if (column->open)
		*open = column->open;
	else if (result == VALUE_UNDECIDED)
		*open =
		    column->rules.clock ? REASON_VOLATILE : REASON_UNDECODABLE;
	else
		return ROW_DIFFERENT;
	return ROW_OPEN;
}

enum row_result compare_row(const struct compare_state *state, size_t primary,
			    size_t shadow, bool *differs, enum reason *reason)
{
	enum row_result whole = ROW_EQUAL;

	for (size_t i = 0; i < state->column_count; i++) {
		enum reason open = REASON_NONE;
		enum row_result result = ROW_EQUAL;

		if (!state->columns[i].ignore)
			result =
			    compare_cells(state, primary, shadow, i, &open);
		if (differs)
			differs[i] = result != ROW_EQUAL;
		if (result == ROW_OPEN && reason)
			*reason = open;
		if (result > whole)
			whole = result;
		if (whole == ROW_DIFFERENT && !differs)
			break;
	}
	return whole;
}

/* The result of comparing rows at equal positions. */
struct places {
	size_t open;
	size_t different;
	enum reason reason;
};

static void compare_places(const struct compare_state *state,
			   struct places *places)
{
	memset(places, 0, sizeof(*places));
	for (size_t i = 0; i < state->primary->row_held; i++) {
		switch (compare_row(state, i, i, NULL, &places->reason)) {
		case ROW_EQUAL:
			break;
		case ROW_OPEN:
			places->open++;
			break;
		case ROW_DIFFERENT:
			places->different++;
			break;
		}
	}
}

static const char *open_detail(struct compare_state *state, size_t rows)
{
	return arena_printf(state->arena,
			    "%zu of %zu rows differ only in columns that "
			    "cannot be decided",
			    rows, state->primary->row_held);
}

/* Whether the sort keys, as far as the answer shows them, are in the same
 * order. Only those before the first hidden one are ordered by themselves. */
static bool same_key_order(const struct compare_state *state, bool *hidden,
			   enum reason *open, size_t *wrong)
{
	const struct promise *promise = state->promise;
	bool same = true;

	*hidden = !promise->order_column_count;
	*open = REASON_NONE;
	*wrong = 0;
	for (size_t row = 0; row < state->primary->row_held; row++) {
		bool differs = false;

		for (size_t k = 0; k < promise->order_column_count; k++) {
			int i = promise->order_columns[k];

			if (i < 0 || (size_t)i >= state->column_count) {
				*hidden = true;
				break;
			}
			if (!state->columns[i].ignore &&
			    compare_cells(state, row, row, (size_t)i, open) ==
				ROW_DIFFERENT) {
				differs = true;
				break;
			}
		}
		if (!differs)
			continue;
		if (same)
			*wrong = row;
		same = false;
	}
	return same;
}

/* The rows are the same; checks whether they are in the promised order. */
static void compare_order(struct compare_state *state,
			  const struct compare_match *match,
			  const struct places *places)
{
	enum promise_order order = state->promise->order;
	enum reason open = REASON_NONE;
	bool hidden = false;
	bool right = true;
	size_t wrong = 0;

	if (order == ORDER_TOTAL)
		right = !places->different;
	else if (order == ORDER_PARTIAL)
		right = same_key_order(state, &hidden, &open, &wrong);
	if (!right) {
		bool unpinned =
		    state->promise->unpinned_sort && !state->promise->pinned;

		for (size_t i = 0; i < state->primary->row_held; i++)
			if (compare_row(state, i, i, NULL, NULL) ==
			    ROW_DIFFERENT)
				evidence_add(state, DIVERGENCE_ROWS_ORDER,
					     (int64_t)i, (int64_t)i);
		compare_found(
		    state, DIFFERENCE_ORDER, DIVERGENCE_ROWS_ORDER,
		    unpinned ? COMPARE_BECAUSE(REASON_UNPINNED) : 0,
		    arena_printf(state->arena,
				 "the same %zu rows are in another order",
				 state->primary->row_held));
	} else if (match->open) {
		compare_found_cells(state, NULL, COMPARE_BECAUSE(match->reason),
				    open_detail(state, match->open));
	} else if (open) {
		compare_found(state, DIFFERENCE_ORDER, DIVERGENCE_ROWS_ORDER,
			      COMPARE_BECAUSE(open),
			      "the sort keys cannot be decided");
	} else if (hidden && order == ORDER_PARTIAL) {
		compare_found(
		    state, DIFFERENCE_ORDER, DIVERGENCE_ROWS_ORDER,
		    COMPARE_BECAUSE(REASON_ROW_ORDER),
		    "the same rows in another order; the answer does not show "
		    "what it is sorted by");
	}
}

static const char *rows_phrase(struct compare_state *state, size_t count,
			       const char *what)
{
	return arena_printf(state->arena, "%zu row%s %s", count,
			    count == 1 ? " is" : "s are", what);
}

/* Counts and evidence of unmatched rows; the sentence for people. */
struct findings {
	size_t changed; /* pairs that differ for certain */
	size_t missing;
	size_t extra;
	bool *differs;	   /* columns of the changed */
	bool *certain;	   /* ... and for certain */
	const char *rows;  /* of missing and extra, or NULL */
	const char *cells; /* of the changed, or NULL */
};

static void gather(struct compare_state *state,
		   const struct compare_match *match, struct findings *found)
{
	bool *row =
	    arena_array(state->arena, state->column_count + 1, sizeof(bool));
	memset(found, 0, sizeof(*found));
	found->certain =
	    arena_array(state->arena, state->column_count + 1, sizeof(bool));
	found->differs =
	    arena_array(state->arena, state->column_count + 1, sizeof(bool));
	found->missing = match->missing;
	found->extra = match->extra;
	for (size_t i = 0; i < state->primary->row_held; i++) {
		int64_t j = match->shadow_of[i];

		if (j == MATCH_NONE) {
			evidence_add(state, DIVERGENCE_ROWS_MISSING, (int64_t)i,
				     MATCH_NONE);
			continue;
		}
		if (compare_row(state, i, (size_t)j, row, NULL) !=
		    ROW_DIFFERENT)
			continue;
		found->changed++;
		evidence_add(state, DIVERGENCE_ROWS_VALUE, (int64_t)i, j);
		for (size_t k = 0; k < state->column_count; k++) {
			enum reason open;

			found->differs[k] |= row[k];
			found->certain[k] |=
			    row[k] && compare_cells(state, i, (size_t)j, k,
						    &open) == ROW_DIFFERENT;
		}
	}
	for (size_t j = 0; j < state->shadow->row_held && !state->prefix; j++)
		if (match->primary_of[j] == MATCH_NONE)
			evidence_add(state, DIVERGENCE_ROWS_EXTRA, MATCH_NONE,
				     (int64_t)j);
	if (found->missing)
		found->rows =
		    rows_phrase(state, found->missing, "missing on the shadow");
	if (found->extra && !state->prefix)
		found->rows = arena_printf(
		    state->arena, "%s%s%s", found->rows ? found->rows : "",
		    found->rows ? ", " : "",
		    rows_phrase(state, found->extra, "on the shadow alone"));
	if (found->changed)
		found->cells =
		    arena_printf(state->arena, "%s in %zu of %zu rows",
				 evidence_columns(state, found->differs,
						  "differs", "differ"),
				 found->changed, state->primary->row_held);
}

static enum divergence_class class_of(const struct compare_state *state,
				      const struct findings *found)
{
	size_t primary = state->primary->row_held;
	size_t shadow = state->shadow->row_held;

	if (primary > shadow)
		return DIVERGENCE_ROWS_MISSING;
	if (shadow > primary && !state->prefix)
		return DIVERGENCE_ROWS_EXTRA;
	return found->missing ? DIVERGENCE_ROWS_MISSING : DIVERGENCE_ROWS_VALUE;
}

/* With a LIMIT over an open order the rows may differ, but not their number,
 * nor the visible sort keys. */
static bool limit_excuses(const struct compare_state *state)
{
	enum reason open;
	bool hidden;
	size_t wrong;

	if (!state->limited)
		return false;
	if (state->promise->order == ORDER_TOTAL &&
	    !state->promise->nested_limit && !state->promise->distinct_on)
		return false;
	if (state->primary->row_held != state->shadow->row_held &&
	    !state->promise->nested_limit && !state->prefix)
		return false;
	if (state->promise->order != ORDER_PARTIAL ||
	    !state->promise->limited || state->promise->nested_limit ||
	    state->prefix)
		return true;
	return same_key_order(state, &hidden, &open, &wrong);
}

/* A table's own column, shown unchanged, does not depend on an order. */
static bool is_computed(const struct compare_state *state, size_t column)
{
	return !state->columns[column].promise ||
	       !state->columns[column].promise->column;
}

/*
 * Each column that holds other values over all rows is a difference of its own,
 * however rows are paired. The others may have been paired wrongly, so together
 * they are one.
 */
static void cells_differ(struct compare_state *state,
			 const struct findings *found, uint32_t open,
			 const char *detail)
{
	size_t size = state->column_count + 1;
	bool *one = arena_array(state->arena, size, sizeof(bool));
	bool whole = !found->missing && (!found->extra || state->prefix);
	uint32_t order = state->promise->order_shows && whole
			     ? COMPARE_BECAUSE(REASON_ROW_ORDER)
			     : 0;
	bool moved = false;
	bool computed = true;

	for (size_t i = 0; i < state->column_count; i++) {
		if (!found->certain[i])
			continue;
		computed &= is_computed(state, i);
		if (!whole || state->prefix ||
		    !match_column_differs(state, i)) {
			moved = true;
			continue;
		}
		one[i] = true;
		compare_found_cells(state, one,
				    open | (is_computed(state, i) ? order : 0),
				    detail);
		one[i] = false;
	}
	if (moved)
		compare_found_cells(state, found->certain,
				    open | (computed ? order : 0), detail);
}

static void rows_differ(struct compare_state *state,
			struct compare_match *match)
{
	struct findings found;
	uint32_t open = 0;
	const char *detail;

	match_leftovers(state, match);
	gather(state, match, &found);
	if (!found.rows && !found.cells) {
		compare_found_cells(state, NULL, COMPARE_BECAUSE(match->reason),
				    open_detail(state, match->open));
		return;
	}
	if (limit_excuses(state))
		open = COMPARE_BECAUSE(REASON_LIMIT_ORDER);
	detail = !found.cells  ? found.rows
		 : !found.rows ? found.cells
			       : arena_printf(state->arena, "%s; %s",
					      found.rows, found.cells);
	if (found.rows)
		compare_found(state, DIFFERENCE_ROWS, class_of(state, &found),
			      open, detail);
	if (found.cells)
		cells_differ(state, &found, open, detail);
}

void compare_rows(struct compare_state *state)
{
	struct places places = {0};
	struct compare_match match;
	bool alike = state->primary->row_held == state->shadow->row_held;

	if (alike) {
		compare_places(state, &places);
		if (!places.different && !places.open)
			return;
		if (!places.different && state->promise->order == ORDER_TOTAL) {
			compare_found_cells(state, NULL,
					    COMPARE_BECAUSE(places.reason),
					    open_detail(state, places.open));
			return;
		}
	}
	match_rows(state, &match);
	if (match.missing || (match.extra && !state->prefix))
		rows_differ(state, &match);
	else if (alike)
		compare_order(state, &match, &places);
	else if (match.open)
		compare_found_cells(state, NULL, COMPARE_BECAUSE(match.reason),
				    open_detail(state, match.open));
}
