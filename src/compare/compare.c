/*
 * The order of decision: outcome, columns, affected rows, rows, order,
 * warnings. The first that differs is the verdict.
 */
#include "compare/internal.h"

bool compare_is_load_failure(const char *sqlstate)
{
	/* Deadlock, serialization, no lock to be had, canceled, a server that
	 * goes down or is not up. */
	static const char *const states[] = {"40001", "40P01", "55P03", "57014",
					     "57P01", "57P02", "57P03"};

	if (!sqlstate)
		return false;
	if (!strncmp(sqlstate, "53", 2)) /* insufficient resources */
		return true;
	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++)
		if (!strcmp(sqlstate, states[i]))
			return true;
	return false;
}

static const char *state_of(const struct answer *answer)
{
	const char *sqlstate = answer->problem.sqlstate;

	return sqlstate && *sqlstate ? sqlstate : "(none)";
}

/* " of constraint x", or nothing: a message may hold values, a name does not.
 */
static const char *constraint_of(const struct compare_state *state,
				 const struct answer *answer)
{
	const char *constraint = answer->problem.constraint;

	if (!constraint || !*constraint)
		return "";
	return arena_printf(state->arena, " (constraint %s)", constraint);
}

static void both_failed(struct compare_state *state)
{
	const char *primary = state_of(state->primary);
	const char *shadow = state_of(state->shadow);

	if (compare_is_load_failure(primary) ||
	    compare_is_load_failure(shadow)) {
		compare_inconclusive(state, REASON_LOAD,
				     arena_printf(state->arena,
						  "failed with %s on the "
						  "primary, %s on the shadow",
						  primary, shadow));
		return;
	}
	/* Of several violations at once, which one is named first is no
	 * promise: the class of the state decides. */
	if (!strncmp(primary, shadow, 2)) {
		compare_match_verdict(state);
		return;
	}
	compare_diverged(
	    state, DIVERGENCE_ERROR_DIFFERS,
	    arena_printf(state->arena,
			 "failed with %s%s on the primary, "
			 "%s%s on the shadow",
			 primary, constraint_of(state, state->primary), shadow,
			 constraint_of(state, state->shadow)));
}

static void one_failed(struct compare_state *state, const struct answer *failed,
		       enum divergence_class class, const char *side)
{
	const char *detail =
	    arena_printf(state->arena, "failed with %s%s on the %s alone",
			 state_of(failed), constraint_of(state, failed), side);

	state->out->class = class;
	if (compare_is_load_failure(failed->problem.sqlstate))
		compare_inconclusive(state, REASON_LOAD, detail);
	else
		compare_diverged(state, class, detail);
}

/* false: decided. */
static bool compare_outcome(struct compare_state *state)
{
	const struct answer *primary = state->primary;
	const struct answer *shadow = state->shadow;

	if (primary->outcome == ANSWER_ABANDONED) {
		compare_inconclusive(state, REASON_ABANDONED, "");
	} else if (primary->outcome == ANSWER_SKIPPED) {
		compare_inconclusive(state, REASON_NOT_RUN, "");
	} else if (shadow->outcome == ANSWER_ABANDONED ||
		   shadow->outcome == ANSWER_SKIPPED) {
		compare_inconclusive(state, REASON_SHADOW_LOST,
				     "no answer came from the shadow");
	} else if (primary->outcome == ANSWER_FAILED &&
		   shadow->outcome == ANSWER_FAILED) {
		both_failed(state);
	} else if (shadow->outcome == ANSWER_FAILED) {
		one_failed(state, shadow, DIVERGENCE_ERROR_SHADOW, "shadow");
	} else if (primary->outcome == ANSWER_FAILED) {
		one_failed(state, primary, DIVERGENCE_ERROR_PRIMARY, "primary");
	} else if (primary->outcome == ANSWER_EMPTY &&
		   shadow->outcome == ANSWER_EMPTY) {
		compare_match_verdict(state);
	} else {
		return true;
	}
	return false;
}

/* Rows read are counted by the rows stage, which has more to say of them. */
static bool compare_affected(struct compare_state *state)
{
	const struct answer *primary = state->primary;
	const struct answer *shadow = state->shadow;
	bool rows = primary->has_columns || primary->copy;

	if (rows && !state->plan->traits.writes)
		return true;
	if (primary->affected < 0 || shadow->affected < 0 ||
	    primary->affected == shadow->affected)
		return true;
	compare_rows_diverged(
	    state, DIVERGENCE_AFFECTED,
	    arena_printf(state->arena,
			 "%lld rows were affected on the primary, %lld on "
			 "the shadow",
			 (long long)primary->affected,
			 (long long)shadow->affected));
	return false;
}

/* Of each, the states and how many; texts may name what differs by right. */
static void compare_warnings(struct compare_state *state)
{
	const struct answer *primary = state->primary;
	const struct answer *shadow = state->shadow;
	size_t held = primary->warning_held < shadow->warning_held
			  ? primary->warning_held
			  : shadow->warning_held;

	for (size_t i = 0; i < held; i++)
		if (strcmp(primary->warnings[i].sqlstate,
			   shadow->warnings[i].sqlstate)) {
			compare_diverged(
			    state, DIVERGENCE_WARNING,
			    arena_printf(
				state->arena,
				"warning %zu is %s on the primary, %s on the "
				"shadow",
				i + 1, primary->warnings[i].sqlstate,
				shadow->warnings[i].sqlstate));
			return;
		}
	if (primary->warning_count != shadow->warning_count)
		compare_diverged(state, DIVERGENCE_WARNING,
				 arena_printf(state->arena,
					      "%zu warnings on the primary, "
					      "%zu on the shadow",
					      primary->warning_count,
					      shadow->warning_count));
}

bool compare_bytes_alike(const struct compare_state *state)
{
	for (size_t i = 0; i < state->column_count; i++) {
		const struct compare_column *column = &state->columns[i];

		if (column->primary->format != column->shadow->format)
			return false;
		/* Bytes of a text are what the client shows, whatever type
		 * they are of; binary ones mean what their type says. */
		if (column->primary->format && column->retyped)
			return false;
	}
	return true;
}

bool compare_has_digests(const struct compare_state *state)
{
	static const struct digest none;

	return !digest_equal(state->primary->ordered, none) &&
	       !digest_equal(state->shadow->ordered, none);
}

/* Are the two answers the same bytes, in an order that will do? */
static bool same_digests(const struct compare_state *state)
{
	const struct answer *primary = state->primary;
	const struct answer *shadow = state->shadow;

	if (primary->row_count != shadow->row_count ||
	    !compare_has_digests(state) || !compare_bytes_alike(state))
		return false;
	if (digest_equal(primary->ordered, shadow->ordered))
		return true;
	return state->plan->order == ORDER_NONE &&
	       digest_equal(primary->unordered, shadow->unordered);
}

/* Of a totally ordered answer, the first rows are those that the primary sent
 * before its row limit: the rest is put aside. */
static void cut_shadow(struct compare_state *state)
{
	static const struct digest none;
	struct answer *cut;

	if (!state->prefix || state->plan->order != ORDER_TOTAL ||
	    state->shadow->row_held < state->primary->row_count)
		return;
	cut = arena_copy(state->arena, state->shadow, sizeof(*cut));
	cut->row_held = (size_t)state->primary->row_count;
	cut->row_count = state->primary->row_count;
	cut->capped = false;
	cut->ordered = cut->unordered = none;
	cut->column_digest_count = 0;
	state->shadow = cut;
	state->prefix = false;
}

static void compare_result(struct compare_state *state)
{
	const struct answer *primary = state->primary;
	const struct answer *shadow = state->shadow;

	if (!primary->row_count && (!shadow->row_count || state->prefix))
		compare_match_verdict(state);
	else if (same_digests(state))
		compare_match_verdict(state);
	else if (primary->row_held == primary->row_count &&
		 shadow->row_held == shadow->row_count)
		compare_rows(state);
	else
		compare_capped(state);
}

void compare_answers(const struct value_ops *values, const struct plan *plan,
		     const struct answer *primary,
		     const struct catalog *old_catalog,
		     const struct answer *shadow,
		     const struct catalog *new_catalog,
		     const struct compare_rules *rules, struct arena *arena,
		     struct comparison *out)
{
	struct compare_state state = {
	    .values = values,
	    .plan = plan,
	    .primary = primary,
	    .old_catalog = old_catalog,
	    .shadow = shadow,
	    .new_catalog = new_catalog,
	    .rules = rules,
	    .arena = arena,
	    .out = out,
	};

	memset(out, 0, sizeof(*out));
	compare_match_verdict(&state);
	state.prefix = primary->outcome == ANSWER_SUSPENDED &&
		       shadow->outcome != ANSWER_SUSPENDED;
	state.limited = plan->limited || plan->traits.nested_limit ||
			plan->traits.distinct_on ||
			primary->outcome == ANSWER_SUSPENDED ||
			shadow->outcome == ANSWER_SUSPENDED;
	if (!compare_outcome(&state) || !compare_columns(&state) ||
	    !compare_affected(&state))
		return;
	if (primary->has_columns || primary->copy) {
		cut_shadow(&state);
		compare_result(&state);
	}
	if (out->verdict == VERDICT_MATCH && rules->warnings)
		compare_warnings(&state);
}
