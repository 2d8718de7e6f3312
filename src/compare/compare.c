/*
 * The order of decision: outcome, columns, affected rows, rows, order,
 * warnings. The first that differs decides the verdict.
 */
#include "compare/internal.h"

static const char *code_of(const struct answer *answer)
{
	const char *code = answer->problem.code;

	return code && *code ? code : "(none)";
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

static enum difference_kind kind_of(enum error_class class)
{
	switch (class) {
	case ERROR_CLASS_UNDEFINED:
	case ERROR_CLASS_AMBIGUOUS:
	case ERROR_CLASS_DUPLICATE:
	case ERROR_CLASS_SYNTAX:
	case ERROR_CLASS_TYPE:
		return DIFFERENCE_NAME;
	case ERROR_CLASS_PERMISSION:
		return DIFFERENCE_RIGHT;
	case ERROR_CLASS_POLICY:
		return DIFFERENCE_POLICY;
	case ERROR_CLASS_VALUE:
	case ERROR_CLASS_ENCODING:
	case ERROR_CLASS_NOT_NULL:
	case ERROR_CLASS_CHECK:
		return DIFFERENCE_VALUE;
	case ERROR_CLASS_UNIQUE:
	case ERROR_CLASS_EXCLUSION:
		return DIFFERENCE_KEY;
	case ERROR_CLASS_FOREIGN_KEY:
		return DIFFERENCE_REFERENCE;
	case ERROR_CLASS_LOAD:
	case ERROR_CLASS_CANCELED:
		return DIFFERENCE_LOAD;
	default:
		return DIFFERENCE_FAILURE;
	}
}

static void error_found(struct compare_state *state,
			const struct answer *failed, enum error_class error,
			enum divergence_class class, const char *detail)
{
	enum difference_kind kind = kind_of(error);

	state->out->error = error;
	state->out->constraint =
	    failed->problem.constraint ? failed->problem.constraint : "";
	state->out->primary_failed = failed == state->primary;
	compare_found(
	    state, kind, class,
	    kind == DIFFERENCE_LOAD ? COMPARE_BECAUSE(REASON_LOAD) : 0, detail);
}

/* Errors that have no class are told apart by their codes, which two engines do
 * not share. */
static bool same_failure(const struct compare_state *state)
{
	const struct answer_problem *a = &state->primary->problem;
	const struct answer_problem *b = &state->shadow->problem;

	if (a->class != ERROR_CLASS_OTHER || b->class != ERROR_CLASS_OTHER)
		return error_class_is_alike(a->class, b->class);
	return !state->one_engine ||
	       !strcmp(code_of(state->primary), code_of(state->shadow));
}

static void both_failed(struct compare_state *state)
{
	const char *primary = code_of(state->primary);
	const char *shadow = code_of(state->shadow);
	enum error_class theirs = state->primary->problem.class;
	enum error_class ours = state->shadow->problem.class;
	bool load = error_class_is_load(theirs) || error_class_is_load(ours);

	if (!load && same_failure(state))
		return;
	error_found(state, state->shadow, load ? ERROR_CLASS_LOAD : ours,
		    DIVERGENCE_ERROR_DIFFERS,
		    arena_printf(state->arena,
				 "failed with %s%s on the primary, "
				 "%s%s on the shadow",
				 primary, constraint_of(state, state->primary),
				 shadow, constraint_of(state, state->shadow)));
	/* the reason for one need not explain the other */
	if (!load && kind_of(theirs) != kind_of(ours))
		compare_found(state, kind_of(theirs), DIVERGENCE_ERROR_DIFFERS,
			      0, state->out->found[0].detail);
}

static void one_failed(struct compare_state *state, const struct answer *failed,
		       enum divergence_class class, const char *side)
{
	error_found(
	    state, failed, failed->problem.class, class,
	    arena_printf(state->arena, "failed with %s%s on the %s alone",
			 code_of(failed), constraint_of(state, failed), side));
}

/* false: decided. */
static bool compare_outcome(struct compare_state *state)
{
	const struct answer *primary = state->primary;
	const struct answer *shadow = state->shadow;

	if (primary->outcome == ANSWER_ABANDONED) {
		compare_undecided(state, REASON_ABANDONED, "");
	} else if (primary->outcome == ANSWER_SKIPPED) {
		compare_undecided(state, REASON_NOT_RUN, "");
	} else if (shadow->outcome == ANSWER_ABANDONED ||
		   shadow->outcome == ANSWER_SKIPPED) {
		compare_undecided(state, REASON_SHADOW_LOST,
				  "no answer came from the shadow");
	} else if (primary->outcome == ANSWER_FAILED &&
		   shadow->outcome == ANSWER_FAILED) {
		both_failed(state);
	} else if (shadow->outcome == ANSWER_FAILED) {
		one_failed(state, shadow, DIVERGENCE_ERROR_SHADOW, "shadow");
	} else if (primary->outcome == ANSWER_FAILED) {
		one_failed(state, primary, DIVERGENCE_ERROR_PRIMARY, "primary");
	} else {
		return primary->outcome != ANSWER_EMPTY ||
		       shadow->outcome != ANSWER_EMPTY;
	}
	return false;
}

/* The rows stage counts the rows read, and can say more about them. */
static bool compare_affected(struct compare_state *state)
{
	const struct answer *primary = state->primary;
	const struct answer *shadow = state->shadow;
	bool rows = primary->has_columns || primary->copy;

	if (rows && !state->promise->writes)
		return true;
	if (primary->affected < 0 || shadow->affected < 0 ||
	    primary->affected == shadow->affected)
		return true;
	compare_found(
	    state, DIFFERENCE_COUNT, DIVERGENCE_AFFECTED, 0,
	    arena_printf(state->arena,
			 "%lld rows were affected on the primary, %lld on "
			 "the shadow",
			 (long long)primary->affected,
			 (long long)shadow->affected));
	return false;
}

/* Of each, the states and the number; texts may differ legitimately. */
static void compare_warnings(struct compare_state *state)
{
	const struct answer *primary = state->primary;
	const struct answer *shadow = state->shadow;
	size_t held = primary->warning_held < shadow->warning_held
			  ? primary->warning_held
			  : shadow->warning_held;

	for (size_t i = 0; i < held; i++)
		if (strcmp(primary->warnings[i].code,
			   shadow->warnings[i].code)) {
			compare_found(
			    state, DIFFERENCE_WARNING, DIVERGENCE_WARNING, 0,
			    arena_printf(
				state->arena,
				"warning %zu is %s on the primary, %s on the "
				"shadow",
				i + 1, primary->warnings[i].code,
				shadow->warnings[i].code));
			return;
		}
	if (primary->warning_count != shadow->warning_count)
		compare_found(state, DIFFERENCE_WARNING, DIVERGENCE_WARNING, 0,
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
		/* The bytes of a text are what the client shows, whatever its
		 * type. Binary values mean what their type says. */
		if (column->primary->format &&
		    (column->retyped || !state->one_engine))
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

/* Whether the two answers have the same bytes, in an acceptable order. */
static bool same_digests(const struct compare_state *state)
{
	const struct answer *primary = state->primary;
	const struct answer *shadow = state->shadow;

	if (primary->row_count != shadow->row_count ||
	    !compare_has_digests(state) || !compare_bytes_alike(state))
		return false;
	if (digest_equal(primary->ordered, shadow->ordered))
		return true;
	return state->promise->order == ORDER_NONE &&
	       digest_equal(primary->unordered, shadow->unordered);
}

/* Of a totally ordered answer, the first rows are those that the primary sent
 * before its row limit. The rest is ignored. */
static void cut_shadow(struct compare_state *state)
{
	static const struct digest none;
	struct answer *cut;

	if (!state->prefix || state->promise->order != ORDER_TOTAL ||
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
		return;
	if (same_digests(state))
		return;
	if (primary->row_held == primary->row_count &&
	    shadow->row_held == shadow->row_count)
		compare_rows(state);
	else
		compare_capped(state);
}

void compare_answers(const struct compare_side *old_side,
		     const struct compare_side *new_side,
		     const struct promise *promise,
		     const struct compare_rules *rules, struct arena *arena,
		     struct comparison *out)
{
	const struct answer *primary = old_side->answer;
	const struct answer *shadow = new_side->answer;
	struct compare_state state = {
	    .sides = {*old_side, *new_side},
	    .one_engine = old_side->values == new_side->values,
	    .promise = promise,
	    .primary = primary,
	    .old_catalog = old_side->catalog,
	    .shadow = shadow,
	    .new_catalog = new_side->catalog,
	    .rules = rules,
	    .arena = arena,
	    .out = out,
	};

	memset(out, 0, sizeof(*out));
	out->verdict = VERDICT_MATCH;
	out->detail = "";
	out->constraint = "";
	state.prefix = primary->outcome == ANSWER_SUSPENDED &&
		       shadow->outcome != ANSWER_SUSPENDED;
	state.limited = promise->limited || promise->nested_limit ||
			promise->distinct_on ||
			primary->outcome == ANSWER_SUSPENDED ||
			shadow->outcome == ANSWER_SUSPENDED;
	if (compare_outcome(&state) && compare_columns(&state) &&
	    compare_affected(&state)) {
		if (primary->has_columns || primary->copy) {
			cut_shadow(&state);
			compare_result(&state);
		}
		if (!out->found_count && rules->warnings)
			compare_warnings(&state);
	}
	weigh_open(out->found, out->found_count);
	compare_settle(out);
}
