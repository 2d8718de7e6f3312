#include "compare/internal.h"

enum { NAMED_COLUMNS = 3 };

void compare_settle(struct comparison *comparison)
{
	const struct weigh_difference *decides =
	    weigh_decides(comparison->found, comparison->found_count);

	if (!decides)
		return;
	comparison->class = decides->class;
	comparison->detail = decides->detail;
	comparison->reason = decides->covered;
	comparison->verdict =
	    decides->covered ? VERDICT_INCONCLUSIVE : VERDICT_DIVERGED;
}

void compare_undecided(struct compare_state *state, enum reason reason,
		       const char *detail)
{
	state->out->verdict = VERDICT_INCONCLUSIVE;
	state->out->reason = reason;
	state->out->detail = detail;
}

/* A reason why no difference need be a fault of the schema. */
static uint32_t open_by_promise(const struct promise *promise,
				enum difference_kind kind)
{
	uint32_t open = 0;

	if (promise->clock_predicate)
		open |= COMPARE_BECAUSE(REASON_CLOCK_PREDICATE);
	if (promise->volatile_effect || promise->tablesample)
		open |= COMPARE_BECAUSE(REASON_VOLATILE);
	/* what it skips depends on all other sessions */
	if (promise->skips_locked &&
	    (kind == DIFFERENCE_COUNT || kind == DIFFERENCE_ROWS ||
	     kind == DIFFERENCE_CELL || kind == DIFFERENCE_ORDER))
		open |= COMPARE_BECAUSE(REASON_OVERLAP);
	return open;
}

struct weigh_difference *compare_found(struct compare_state *state,
				       enum difference_kind kind,
				       enum divergence_class class,
				       uint32_t open, const char *detail)
{
	struct comparison *out = state->out;
	struct weigh_difference *found;

	/* each column once, and only a few of them */
	if (!out->found)
		out->found = arena_array(state->arena, state->column_count + 8,
					 sizeof(*out->found));
	found = &out->found[out->found_count++];
	*found = (struct weigh_difference){
	    .kind = kind,
	    .class = class,
	    .detail = detail,
	    .open = open | open_by_promise(state->promise, kind),
	};
	return found;
}

void compare_found_cells(struct compare_state *state, const bool *columns,
			 uint32_t open, const char *detail)
{
	struct weigh_difference *found = compare_found(
	    state, DIFFERENCE_CELL, DIVERGENCE_ROWS_VALUE, open, detail);

	if (columns)
		found->columns =
		    arena_copy(state->arena, columns,
			       (state->column_count + 1) * sizeof(*columns));
}

static const char **texts(const struct compare_state *state, bool shadow,
			  size_t row)
{
	const char **out =
	    arena_array(state->arena, state->column_count + 1, sizeof(*out));

	for (size_t i = 0; i < state->column_count; i++) {
		const struct value *cell =
		    shadow ? compare_cell_shadow(state, row, i)
			   : compare_cell_primary(state, row, i);

		struct value_side side =
		    compare_value(state, shadow, &state->columns[i], *cell);

		out[i] = value_text(&side, state->arena);
	}
	return out;
}

void evidence_add(struct compare_state *state, enum divergence_class class,
		  int64_t primary_row, int64_t shadow_row)
{
	struct comparison *out = state->out;
	struct difference *differences;
	struct difference *kept;

	out->difference_total++;
	if (out->difference_count >= state->rules->evidence_rows)
		return;
	if (!out->differences)
		out->differences =
		    arena_array(state->arena, state->rules->evidence_rows,
				sizeof(*out->differences));
	/* Owned here until it is given back. */
	differences = (struct difference *)out->differences;
	kept = &differences[out->difference_count++];
	kept->class = class;
	kept->row = (uint64_t)(primary_row >= 0 ? primary_row : shadow_row);
	if (primary_row >= 0)
		kept->primary = texts(state, false, (size_t)primary_row);
	if (shadow_row >= 0)
		kept->shadow = texts(state, true, (size_t)shadow_row);
	if (class == DIVERGENCE_ROWS_VALUE && primary_row >= 0 &&
	    shadow_row >= 0) {
		bool *differs = arena_array(
		    state->arena, state->column_count + 1, sizeof(*differs));

		compare_row(state, (size_t)primary_row, (size_t)shadow_row,
			    differs, NULL);
		kept->differs = differs;
	}
}

const char *evidence_columns(const struct compare_state *state,
			     const bool *differs, const char *verb_one,
			     const char *verb_many)
{
	const char *list = "";
	size_t count = 0;
	size_t named = 0;

	for (size_t i = 0; i < state->column_count; i++)
		count += differs[i];
	for (size_t i = 0; i < state->column_count && named < NAMED_COLUMNS;
	     i++) {
		if (!differs[i])
			continue;
		named++;
		list = arena_printf(state->arena, "%s%s%s", list,
				    named == 1	     ? ""
				    : named == count ? " and "
						     : ", ",
				    state->columns[i].name);
	}
	if (count > named)
		list = arena_printf(state->arena, "%s and %zu more", list,
				    count - named);
	return arena_printf(state->arena, "column%s %s %s",
			    count == 1 ? "" : "s", list,
			    count == 1 ? verb_one : verb_many);
}
