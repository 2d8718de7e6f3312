/*
 * Answers of which not every row was kept. Counts and digests decide where they
 * can. Unequal digests prove unequal values only if a type has one byte form.
 */
#include "compare/internal.h"

/* Whether column i is known to have other bytes on the shadow. */
static bool column_differs(const struct compare_state *state, size_t i)
{
	if (i >= state->primary->column_digest_count ||
	    i >= state->shadow->column_digest_count)
		return false;
	return !digest_equal(state->primary->column_digests[i],
			     state->shadow->column_digests[i]);
}

static bool decides(const struct compare_column *column)
{
	return column->same_form && !column->relaxed && !column->ignore;
}

static void counts_differ(struct compare_state *state)
{
	uint64_t primary = state->primary->row_count;
	uint64_t shadow = state->shadow->row_count;

	if (state->prefix && shadow > primary) {
		compare_found(state, DIFFERENCE_ROWS, DIVERGENCE_ROWS_EXTRA,
			      COMPARE_BECAUSE(REASON_DIGEST),
			      "the primary was stopped by a row limit");
		return;
	}
	state->out->difference_total =
	    primary > shadow ? primary - shadow : shadow - primary;
	compare_found(
	    state, DIFFERENCE_ROWS,
	    primary > shadow ? DIVERGENCE_ROWS_MISSING : DIVERGENCE_ROWS_EXTRA,
	    0,
	    arena_printf(
		state->arena, "%llu rows on the primary, %llu on the shadow",
		(unsigned long long)primary, (unsigned long long)shadow));
}

/* Equal numbers of rows with unequal digests, which some columns explain. */
static void columns_differ(struct compare_state *state, const bool *differs)
{
	bool *decided =
	    arena_array(state->arena, state->column_count + 1, sizeof(bool));
	enum reason reason = REASON_NONE;
	bool other = false;
	bool any = false;

	for (size_t i = 0; i < state->column_count; i++) {
		const struct compare_column *column = &state->columns[i];

		if (!differs[i] || column->ignore)
			continue;
		decided[i] = decides(column);
		any |= decided[i];
		if (column->open)
			reason = column->open;
		else
			other = true;
	}
	if (any) {
		uint32_t open =
		    state->limited && state->promise->order != ORDER_TOTAL
			? COMPARE_BECAUSE(REASON_LIMIT_ORDER)
			: 0;
		const char *detail = arena_printf(
		    state->arena, "%s somewhere in %llu rows (by digest)",
		    evidence_columns(state, decided, "differs", "differ"),
		    (unsigned long long)state->primary->row_count);
		bool *one = arena_array(state->arena, state->column_count + 1,
					sizeof(bool));

		for (size_t i = 0; i < state->column_count; i++) {
			if (!decided[i])
				continue;
			one[i] = true;
			compare_found_cells(state, one, open, detail);
			one[i] = false;
		}
	} else {
		compare_found_cells(
		    state, differs,
		    COMPARE_BECAUSE(other || !reason ? REASON_DIGEST : reason),
		    evidence_columns(state, differs, "has other bytes",
				     "have other bytes"));
	}
}

/* The columns' digests agree, or do not decide: rows in another order, or cells
 * in other rows. */
static void rows_differ(struct compare_state *state)
{
	bool whole =
	    state->column_count <= state->primary->column_digest_count &&
	    state->column_count <= state->shadow->column_digest_count;
	bool one_form = true;

	if (digest_equal(state->primary->unordered, state->shadow->unordered)) {
		bool unpinned =
		    state->promise->unpinned_sort && !state->promise->pinned;

		if (state->promise->order == ORDER_TOTAL)
			compare_found(
			    state, DIFFERENCE_ORDER, DIVERGENCE_ROWS_ORDER,
			    unpinned ? COMPARE_BECAUSE(REASON_UNPINNED) : 0,
			    "same rows in another order (by digest)");
		else if (state->promise->order == ORDER_PARTIAL)
			compare_found(
			    state, DIFFERENCE_ORDER, DIVERGENCE_ROWS_ORDER,
			    COMPARE_BECAUSE(REASON_DIGEST),
			    "same rows in another order; the sort keys were "
			    "not kept");
		return;
	}
	for (size_t i = 0; i < state->column_count; i++)
		one_form &= decides(&state->columns[i]);
	if (state->limited && state->promise->order != ORDER_TOTAL)
		compare_found_cells(state, NULL,
				    COMPARE_BECAUSE(REASON_LIMIT_ORDER), "");
	else
		compare_found_cells(
		    state, NULL, one_form ? 0 : COMPARE_BECAUSE(REASON_DIGEST),
		    !one_form ? ""
		    : whole   ? "each column holds the same values, but in "
				"other rows (by digest)"
			      : "rows differ (by digest)");
}

/* The kept rows of a totally ordered answer have known positions. true: one of
 * them has decided. */
static bool compare_held(struct compare_state *state)
{
	size_t held = state->primary->row_held < state->shadow->row_held
			  ? state->primary->row_held
			  : state->shadow->row_held;
	bool *differs =
	    arena_array(state->arena, state->column_count + 1, sizeof(bool));
	bool *row =
	    arena_array(state->arena, state->column_count + 1, sizeof(bool));
	size_t count = 0;

	if (state->promise->order != ORDER_TOTAL)
		return false;
	for (size_t i = 0; i < held; i++) {
		if (compare_row(state, i, i, row, NULL) != ROW_DIFFERENT)
			continue;
		count++;
		evidence_add(state, DIVERGENCE_ROWS_VALUE, (int64_t)i,
			     (int64_t)i);
		for (size_t k = 0; k < state->column_count; k++)
			differs[k] |= row[k];
	}
	if (!count)
		return false;
	compare_found_cells(
	    state, differs, 0,
	    arena_printf(state->arena, "%s in %zu of the first %zu rows",
			 evidence_columns(state, differs, "differs", "differ"),
			 count, held));
	return true;
}

void compare_capped(struct compare_state *state)
{
	bool *differs =
	    arena_array(state->arena, state->column_count + 1, sizeof(bool));
	bool any = false;

	if (state->primary->row_count != state->shadow->row_count) {
		counts_differ(state);
		return;
	}
	if (!compare_has_digests(state) || !compare_bytes_alike(state)) {
		if (!compare_held(state))
			compare_found_cells(state, NULL,
					    COMPARE_BECAUSE(REASON_DIGEST), "");
		return;
	}
	if (!digest_equal(state->primary->unordered,
			  state->shadow->unordered) &&
	    compare_held(state))
		return;
	for (size_t i = 0; i < state->column_count && !state->primary->copy;
	     i++) {
		differs[i] = column_differs(state, i);
		any |= differs[i];
	}
	if (any)
		columns_differ(state, differs);
	else
		rows_differ(state);
}
