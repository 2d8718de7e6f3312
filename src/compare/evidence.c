#include "compare/internal.h"

enum { NAMED_COLUMNS = 3 };

void compare_match_verdict(struct compare_state *state)
{
	state->out->verdict = VERDICT_MATCH;
	state->out->class = DIVERGENCE_NONE;
	state->out->reason = REASON_NONE;
	state->out->detail = "";
}

void compare_diverged(struct compare_state *state, enum divergence_class class,
		      const char *detail)
{
	state->out->verdict = VERDICT_DIVERGED;
	state->out->class = class;
	state->out->reason = REASON_NONE;
	state->out->detail = detail;
}

void compare_inconclusive(struct compare_state *state, enum reason reason,
			  const char *detail)
{
	state->out->verdict = VERDICT_INCONCLUSIVE;
	state->out->reason = reason;
	state->out->detail = detail;
}

/* Why rows may differ for no fault of the schema. */
static enum reason excuse(const struct compare_state *state)
{
	const struct plan *plan = state->plan;

	if (plan->clock_predicate)
		return REASON_CLOCK_PREDICATE;
	if (plan->volatile_effect || plan->traits.tablesample)
		return REASON_VOLATILE;
	if (plan->traits.skips_locked)
		return REASON_OVERLAP;
	return REASON_NONE;
}

void compare_rows_diverged(struct compare_state *state,
			   enum divergence_class class, const char *detail)
{
	enum reason reason = excuse(state);

	state->out->class = class;
	if (reason)
		compare_inconclusive(state, reason, detail);
	else
		compare_diverged(state, class, detail);
}

static const char **texts(const struct compare_state *state, bool shadow,
			  size_t row)
{
	const char **out =
	    arena_array(state->arena, state->column_count + 1, sizeof(*out));

	for (size_t i = 0; i < state->column_count; i++) {
		const struct answer_column *column =
		    shadow ? state->columns[i].shadow
			   : state->columns[i].primary;
		const struct value *cell =
		    shadow ? compare_cell_shadow(state, row, i)
			   : compare_cell_primary(state, row, i);

		out[i] = state->values->text(
		    shadow ? state->new_catalog : state->old_catalog,
		    column->type, column->format, *cell, state->arena);
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
	/* Ours until it is given back. */
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
