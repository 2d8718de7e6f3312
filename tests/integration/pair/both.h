/* A statement on the old database, its plan on the new one, and the verdict. */
#ifndef TESTS_INTEGRATION_PAIR_BOTH_H
#define TESTS_INTEGRATION_PAIR_BOTH_H

#include "base/clock.h"
#include "compare/compare.h"
#include "integration/pair/copy.h"
#include "integration/pair/show.h"

static const struct compare_rules rules = {.clock_tolerance_us = 20000000,
					   .evidence_rows = SHOWN};

static bool dropped(const struct pair *pair,
		    const struct promise_column *column)
{
	if (!column->table || !column->column || !pair->mapping)
		return false;
	for (size_t t = 0; t < pair->mapping->table_count; t++) {
		const struct mapping_table *table = &pair->mapping->tables[t];

		if (strcmp(table->name.text, column->table->name) != 0)
			continue;
		for (size_t c = 0; c < table->column_count; c++)
			if (table->columns[c].dropped &&
			    !strcmp(table->columns[c].name.text,
				    column->column->name))
				return true;
	}
	return false;
}

/* The plan, but what the mapping drops is not looked at. False: nothing is. */
static bool without_dropped(const struct pair *pair, const struct plan *plan,
			    struct arena *arena, struct plan *made)
{
	struct promise_column *columns = arena_array(
	    arena, plan->promise.column_count + 1, sizeof(*columns));
	bool found = false;

	*made = *plan;
	made->promise.columns = columns;
	for (size_t i = 0; i < plan->promise.column_count; i++) {
		columns[i] = plan->promise.columns[i];
		if (dropped(pair, &columns[i]))
			found = columns[i].ignore = true;
	}
	return found;
}

/* A write that went to several tables is answered by a query of its rows. */
static void count_rows(const struct plan *plan, const struct answer *old,
		       struct answer *new)
{
	if (new->outcome != ANSWER_OK || !new->has_columns ||
	    old->has_columns || (old->affected < 0 && !plan->traits.writes))
		return;
	new->affected = (int64_t) new->row_count;
	new->has_columns = false;
	new->column_count = new->row_held = 0;
	new->row_count = 0;
}

/* The plan by which an answer is judged; it keeps those that get a name. */
static struct plan judged_by(struct pair *pair, struct session *session,
			     const struct plan *plan)
{
	enum sql_kind kind = plan->traits.kind;
	const char *name = plan->traits.name;
	bool cursor = kind == SQL_KIND_DECLARE || kind == SQL_KIND_FETCH;
	struct plan judged = *plan;

	for (size_t i = 0; name && i < NAMES; i++) {
		struct named *named = &session->named[i];
		bool free = !named->plan;

		if (!free &&
		    (named->cursor != cursor || strcmp(named->name, name) != 0))
			continue;
		if (kind == SQL_KIND_PREPARE || kind == SQL_KIND_DECLARE) {
			lens_release(pair->lens, named->plan);
			snprintf(named->name, sizeof(named->name), "%s", name);
			named->cursor = cursor;
			named->plan = plan;
			break;
		}
		if (free)
			break;
		judged = *named->plan;
		/* What is fetched of a cursor is a slice. */
		judged.promise.limited |= cursor;
		break;
	}
	return judged;
}

static void judge(struct pair *pair, const json_t *command,
		  const struct plan *plan, const struct said *old,
		  struct said *new, struct arena *arena, json_t *out)
{
	bool data =
	    !strcmp(json_string_value(json_object_get(command, "do")), "data");
	const struct compare_side old_side = {&old->answer, pair->old_catalog,
					      pair->old_adapter->values};
	const struct compare_side new_side = {&new->answer, pair->new_catalog,
					      pair->new_adapter->values};
	struct comparison comparison;
	struct plan forgiving;

	count_rows(plan, &old->answer, &new->answer);
	compare_answers(&old_side, &new_side, &plan->promise, &rules, arena,
			&comparison);
	if (data && comparison.verdict == VERDICT_DIVERGED &&
	    without_dropped(pair, plan, arena, &forgiving)) {
		compare_answers(&old_side, &new_side, &forgiving.promise,
				&rules, arena, &comparison);
		if (comparison.verdict == VERDICT_MATCH)
			json_object_set_new(out, "lossy", json_true());
	}
	json_object_set_new(out, "verdict",
			    json_string(verdict_name(comparison.verdict)));
	if (comparison.verdict == VERDICT_MATCH)
		return;
	json_object_set_new(
	    out, "why",
	    json_string(comparison.verdict == VERDICT_INCONCLUSIVE
			    ? reason_name(comparison.reason)
			    : divergence_name(comparison.class)));
	json_object_set_new(
	    out, "what",
	    json_string(comparison.detail ? comparison.detail : ""));
}

/* One step, with the rows of those before it; false: it failed. */
static bool run_step(struct pair *pair, struct session *session,
		     const struct plan_steps *steps, size_t index,
		     const struct answer **answers, struct said *said,
		     const struct given *given, struct arena *arena)
{
	struct plan_step step;
	struct error error;

	error_init(&error);
	if (plan_bind(steps, index, answers, arena, &step, &error) < 0) {
		fprintf(stderr, "%s\n", error.message);
		exit(2);
	}
	hear(pair, session->new,
	     send_text(session->new, step.text, step.parameters,
		       step.parameter_formats, step.parameter_types,
		       step.parameter_count, step.result_format),
	     given, arena, said);
	answers[index] = &said->answer;
	return said->answer.outcome != ANSWER_FAILED;
}

static void run_steps(struct pair *pair, struct session *session,
		      const struct plan_steps *steps, const struct given *given,
		      struct arena *arena, struct said *new, json_t *out)
{
	bool own = steps->count > 1 &&
		   PQtransactionStatus(session->new) == PQTRANS_IDLE;
	struct said *said = calloc(steps->count + 1, sizeof(*said));
	const struct answer **answers =
	    calloc(steps->count + 1, sizeof(*answers));
	json_t *shown = json_array();
	bool failed = false;

	if (own)
		PQclear(PQexec(session->new, "BEGIN"));
	for (size_t i = 0; i < steps->count; i++) {
		const struct plan_step *step = &steps->steps[i];

		json_array_append_new(shown,
				      json_pack("{s:b, s:s}", "answer",
						step->role == STEP_ANSWER,
						"text", step->text));
		if (failed)
			continue;
		failed = !run_step(pair, session, steps, i, answers, &said[i],
				   given, arena);
		if (step->role == STEP_ANSWER || failed)
			*new = said[i];
	}
	for (size_t i = 0; i < steps->count; i++)
		if (said[i].result != new->result)
			PQclear(said[i].result);
	free(said);
	free(answers);
	if (own)
		PQclear(PQexec(session->new, failed ? "ROLLBACK" : "COMMIT"));
	json_object_set_new(out, "steps", shown);
}

static json_t *run_plan(struct pair *pair, struct session *session,
			const json_t *command, const char *text,
			const struct plan *plan, struct said *old,
			const struct given *given, struct arena *arena)
{
	struct plan_input input = {
	    .text = text,
	    .text_size = strlen(text),
	    .parameters = given->values,
	    .parameter_formats = given->formats,
	    .parameter_types = given->types,
	    .parameter_count = given->count,
	    .old_values = pair->old_adapter->values,
	    .new_values = pair->new_adapter->values,
	    .result_formats = &given->binary,
	    .result_format_count = 1,
	    .answer = &old->answer,
	    .carried = session->carried,
	    .transaction_at = session->began,
	    .statement_at = clock_unix_us(),
	};
	json_t *out = show_plan(plan);
	struct given converted = *given;
	struct plan_steps steps;
	struct said new = {0};
	struct error error;

	error_init(&error);
	if (plan->action != PLAN_RUN && plan->action != PLAN_SESSION)
		return out;
	if ((!plan->ruled &&
	     copy_convert(pair, text, &converted.copy, arena, &error)) ||
	    plan_fill(plan, &input, arena, &steps, &error) < 0) {
		json_object_update_new(
		    out,
		    error.kind == ERROR_LIMIT
			? json_pack("{s:s, s:s}", "action", "untranslatable",
				    "detail", error.message)
			: json_pack("{s:s, s:s}", "verdict", "failed", "what",
				    error.message));
		return out;
	}
	run_steps(pair, session, &steps, &converted, arena, &new, out);
	/* Its answer is that of an INSERT. */
	if (steps.staged)
		old->answer.copy = false;
	struct plan judged = judged_by(pair, session, plan);

	if (new.result)
		judge(pair, command, &judged, old, &new, arena, out);
	else
		json_object_set_new(out, "verdict", json_string("match"));
	bool told = strcmp(json_string_value(json_object_get(out, "verdict")),
			   "match") != 0;
	if (new.result)
		json_object_set_new(out, "new", show(&new.answer, told));
	json_object_set_new(out, "old", show(&old->answer, told));
	PQclear(new.result);
	return out;
}

#endif
