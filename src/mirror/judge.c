/* Turns the shadow's answers into verdicts, and counts them. */
#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "mirror/copy_input.h"
#include "mirror/explain.h"
#include "mirror/intake.h"
#include "mirror/look.h"
#include "mirror/progress.h"

enum { PENDING_US = 10 * 1000 * 1000 };

/* The fingerprint of a transaction's end; no statement has it. */
#define END_FINGERPRINT UINT64_C(0x656e640000000001)
#define END_TEXT	"(end of transaction)"

/* --- the primary's answer --- */

static const struct answer_problem *problems(
    struct task *task, const struct exchange_problem *from, size_t count)
{
	const struct error_ops *errors =
	    task->mirror->options->primary_adapter->errors;
	struct answer_problem *out =
	    arena_array(&task->arena, count, sizeof(*out));

	for (size_t i = 0; i < count; i++) {
		out[i] = (struct answer_problem){
		    .severity = from[i].severity,
		    .code = from[i].sqlstate,
		    .class = errors->class(from[i].sqlstate, from[i].message),
		    .message = from[i].message,
		    .constraint = from[i].constraint,
		};
		if (!from[i].authored)
			errors->values(from[i].message, &out[i].values);
		if (!redact_shows(&out[i].values, from[i].message,
				  from[i].constraint))
			out[i].constraint = "";
	}
	return out;
}

static bool decode_rows(struct task *task, const struct decoded_bind *bind,
			struct error *error)
{
	const struct exchange *exchange = task->exchange;
	const struct decode_ops *decode =
	    task->mirror->options->primary_adapter->decode;
	struct answer *answer = &task->primary;

	answer->copy = exchange->copy_in || exchange->copy_out;
	if (exchange->copy_in ||
	    (!exchange->columns.size && !exchange->row_count))
		return true;
	answer->has_columns = true;
	if (exchange->copy_out)
		answer->column_count = 1;
	else if (exchange->columns.size &&
		 decode->columns(exchange->columns, bind->result_formats,
				 bind->result_format_count, &task->arena,
				 &answer->columns, &answer->column_count,
				 error))
		return false;
	if (exchange->rows.size &&
	    decode->rows(exchange->rows, exchange->copy_out,
			 &answer->column_count, &task->arena, &answer->rows,
			 &answer->row_held, error))
		return false;
	answer->row_count = exchange->row_count;
	answer->capped = answer->row_held < answer->row_count;
	if (exchange->has_digests) {
		answer->ordered = exchange->ordered;
		answer->unordered = exchange->unordered;
		answer->column_digests = exchange->column_digests;
		answer->column_digest_count = exchange->column_digest_count;
	}
	return true;
}

/* Fills task->primary, task->steps. */
bool judge_decode(struct task *task, struct error *error)
{
	const struct exchange *exchange = task->exchange;
	const struct exchange_statement *statement = exchange->statement;
	const struct decode_ops *decode =
	    task->mirror->options->primary_adapter->decode;
	struct answer *answer = &task->primary;
	struct decoded_bind bind = {0};
	struct plan_input input;
	uint32_t *types;

	if (task->filled)
		return true;
	if (statement->bind.size &&
	    decode->bind(statement->bind, &task->arena, &bind, error))
		return false;
	*answer = (struct answer){
	    .outcome = (enum answer_outcome)exchange->outcome,
	    .tag = exchange->tag,
	    .affected = decode->affected(exchange->tag),
	    .matched = -1,
	    .changed = -1,
	    .warnings =
		problems(task, exchange->warnings, exchange->warning_kept),
	    .warning_held = exchange->warning_kept,
	    .warning_count = exchange->warning_count,
	    .duration_us = exchange->completed_at - statement->forwarded_at,
	};
	if (exchange->problem)
		answer->problem = *problems(task, exchange->problem, 1);
	if (!decode_rows(task, &bind, error))
		return false;
	task->result_formats = bind.result_formats;
	task->result_format_count = bind.result_format_count;
	types = arena_array(&task->arena, bind.value_count, sizeof(*types));
	for (size_t i = 0;
	     i < bind.value_count && i < statement->parameter_type_count; i++)
		types[i] = statement->parameter_types[i];
	input = (struct plan_input){
	    .text = task->text,
	    .text_size = task->text_size,
	    .parameters = bind.values,
	    .parameter_formats = bind.formats,
	    .parameter_types = types,
	    .parameter_count = bind.value_count,
	    .old_values = task->mirror->options->primary_adapter->values,
	    .new_values = task->mirror->options->shadow_adapter->values,
	    .result_formats = bind.result_formats,
	    .result_format_count =
		task_crosses_engines(task) ? 0 : bind.result_format_count,
	    .answer = answer,
	    .carried = task->session->carried,
	    .transaction_at = task->transaction->started_at,
	    .statement_at = statement->forwarded_at,
	    .many = task->many,
	    .repeats = *statement->statement_name && !task->portal,
	};
	if (plan_fill(task->plan, &input, &task->arena, &task->steps, error) ||
	    copy_input_open(task, error))
		return false;
	if (task->steps.staged)
		answer->copy = false; /* the answer is an INSERT's */
	task->filled = true;
	return true;
}

void judge_unfilled(struct task *task, const struct error *error)
{
	if (error->kind == ERROR_LIMIT)
		judge_verdict(task, VERDICT_UNTRANSLATABLE, REASON_UNSUPPORTED,
			      error->message);
	else
		judge_verdict(task, VERDICT_FAILED, REASON_INTERNAL,
			      error->message);
}

/* --- overlaps --- */

static bool all_seen(const struct task *task)
{
	return task->seen_count >= task->exchange->in_flight;
}

/* Whether this one was in flight at the task's answer. */
static void note_seen(struct task *task, const struct past *past)
{
	if (past->session == task->session ||
	    past->after >= task->exchange->seq ||
	    past->seq <= task->exchange->seq || all_seen(task))
		return;
	for (size_t i = 0; i < task->seen_count; i++)
		if (task->seen[i] == past->session)
			return;
	if (task->seen_count == task->seen_capacity) {
		size_t capacity = task->seen_capacity * 2 + 8;
		struct session **more =
		    arena_array(&task->arena, capacity, sizeof(*more));

		if (task->seen_count)
			memcpy(more, task->seen,
			       task->seen_count * sizeof(*more));
		task->seen = more;
		task->seen_capacity = capacity;
	}
	task->seen[task->seen_count++] = past->session;
}

static void weigh_past(struct task *task)
{
	const struct mirror *mirror = task->mirror;
	size_t held =
	    mirror->past_count < PAST_MAX ? mirror->past_count : PAST_MAX;

	if (task->item.broken)
		explain_unseen(task, false);
	for (size_t i = 0; i < held && explain_is_open(task); i++) {
		const struct past *past =
		    &mirror->past[(mirror->past_count - 1 - i) % PAST_MAX];

		explain_past(task, past);
		note_seen(task, past);
	}
	if (held == PAST_MAX &&
	    mirror->past[mirror->past_count % PAST_MAX].seq >
		task->interval_after)
		explain_unseen(task, true);
}

/* Sets the verdict from the weighed differences. */
static void take_verdict(struct task *task)
{
	const struct comparison *comparison = task->comparison;

	compare_settle(task->comparison);
	task->verdict = comparison->verdict;
	task->class = comparison->class;
	task->reason = comparison->reason;
	task->detail = comparison->detail && *comparison->detail
			   ? comparison->detail
			   : NULL;
}

static void settle(struct task *task)
{
	list_remove(&task->in_pending);
	task->pending = false;
	if (task->weighed)
		take_verdict(task);
	if (task->look)
		task->look_counts = look_settled(task);
	unpinned_spread(task);
	task->transaction->open--;
	judge_count(task->session);
}

void judge_past(struct mirror *mirror, const struct past *past)
{
	struct past *slot = &mirror->past[mirror->past_count++ % PAST_MAX];

	effects_release(&slot->effects);
	*slot = *past;
	LIST_EACH(&mirror->pending, it)
	{
		struct task *task = LIST_ITEM(it, struct task, in_pending);

		note_seen(task, past);
		explain_past(task, past);
		if (!explain_is_open(task) || all_seen(task))
			settle(task);
	}
}

void judge_release(struct mirror *mirror)
{
	for (size_t i = 0; i < PAST_MAX; i++)
		effects_release(&mirror->past[i].effects);
}

void judge_expire(struct mirror *mirror, bool all)
{
	int64_t now = clock_monotonic_us();

	LIST_EACH(&mirror->pending, it)
	{
		struct task *task = LIST_ITEM(it, struct task, in_pending);

		if (!all && now - task->pending_since < PENDING_US)
			continue;
		/* a statement that still runs there may have come first; no
		 * change of schema or rights is visible before it is answered
		 */
		explain_unseen(task, false);
		settle(task);
	}
}

/* --- verdicts --- */

void judge_verdict(struct task *task, enum verdict verdict, enum reason reason,
		   const char *detail)
{
	task->verdict = verdict;
	task->class = DIVERGENCE_NONE;
	task->reason = reason;
	task->detail = detail ? arena_string(&task->arena, detail) : NULL;
}

/*
 * A client that did not ask for a description got rows without columns. They
 * are taken to be the shadow's columns, in the formats that the client chose.
 */
static void describe(struct task *task, const struct answer *shadow)
{
	const struct catalogs *catalogs = task->version->catalogs;
	struct answer *primary = &task->primary;
	size_t formats = task->result_format_count;
	struct answer_column *columns;

	if (task->exchange->statement->kind != EXCHANGE_EXECUTE ||
	    task->exchange->columns.size || primary->copy ||
	    !shadow->has_columns ||
	    (primary->outcome != ANSWER_OK &&
	     primary->outcome != ANSWER_SUSPENDED) ||
	    (primary->row_count &&
	     primary->column_count != shadow->column_count))
		return;
	columns = arena_array(&task->arena, shadow->column_count + 1,
			      sizeof(*columns));
	for (size_t i = 0; i < shadow->column_count; i++) {
		const struct catalog_type *type = catalog_type(
		    catalogs->new_catalog, shadow->columns[i].type);

		columns[i] = shadow->columns[i];
		columns[i].name = arena_string(&task->arena, columns[i].name);
		columns[i].table = 0;
		columns[i].attribute = 0;
		columns[i].format = formats == 0   ? 0
				    : formats == 1 ? task->result_formats[0]
				    : i < formats  ? task->result_formats[i]
						   : 0;
		if (type)
			type = catalog_type_named(catalogs->old_catalog,
						  type->schema, type->name);
		if (type || task_crosses_engines(task))
			columns[i].type = type ? type->id : 0;
	}
	primary->has_columns = true;
	primary->columns = columns;
	primary->column_count = shadow->column_count;
}

/* A privileged role has fewer rights on the shadow, on purpose. */
static bool wants_rights_of_stand_in(const struct task *task,
				     const struct answer *shadow)
{
	const struct mirror *mirror = task->mirror;
	enum error_class class = shadow->problem.class;

	if (task->primary.outcome == ANSWER_FAILED || !task->session->shadow ||
	    !mirror->ops->stood_in(task->session->shadow))
		return false;
	return class == ERROR_CLASS_PERMISSION || class == ERROR_CLASS_POLICY;
}

void judge_answer(struct task *task, const struct answer *shadow)
{
	struct mirror *mirror = task->mirror;
	const struct mirror_options *options = mirror->options;
	struct comparison *comparison =
	    arena_alloc(&task->arena, sizeof(*comparison));
	const struct compare_side old_side = {
	    &task->primary, task->version->catalogs->old_catalog,
	    options->primary_adapter->values};
	const struct compare_side new_side = {
	    shadow, task->version->catalogs->new_catalog,
	    options->shadow_adapter->values};
	struct plan plan = *task->judged_by;

	/* a FETCH of a cursor gives a slice */
	if (task->plan->traits.kind == SQL_KIND_FETCH || task->portal)
		plan.promise.limited = true;
	plan.promise.pinned = unpinned_has_none(task);
	describe(task, shadow);
	compare_answers(&old_side, &new_side, &plan.promise, &options->compare,
			&task->arena, comparison);
	task->shadow_us = shadow->duration_us;
	task->shadow_failed = shadow->outcome == ANSWER_FAILED;
	if (task->copy && copy_input_problem(task->copy)) {
		judge_unfilled(task, copy_input_problem(task->copy));
		return;
	}
	task->verdict = comparison->verdict;
	task->class = comparison->class;
	task->reason = comparison->reason;
	task->detail = comparison->detail && *comparison->detail
			   ? comparison->detail
			   : NULL;
	if (task->verdict == VERDICT_MATCH && task->look)
		look_expect(task, comparison);
	else if (task->verdict == VERDICT_MATCH)
		return;
	task->comparison = comparison;
	task->shadow = *shadow;
	task->shadow.rows = NULL;
	task->shadow.row_held = 0;
	task->shadow.tag = arena_string(&task->arena, shadow->tag);
	task->shadow.warnings = NULL;
	task->shadow.warning_held = 0;
	task->shadow.columns = NULL;
	task->shadow.column_count = 0;
	task->shadow.column_digests = NULL;
	task->shadow.column_digest_count = 0;
	if (task->shadow_failed) {
		struct answer_problem *problem = &task->shadow.problem;

		problem->severity =
		    arena_string(&task->arena, problem->severity);
		problem->code = arena_string(&task->arena, problem->code);
		problem->message = arena_string(&task->arena, problem->message);
		problem->constraint =
		    arena_string(&task->arena, problem->constraint);
	}
	if (task->look_equal) {
		explain_inputs(task, &plan, shadow);
		take_verdict(task);
		return;
	}
	if (task->verdict != VERDICT_DIVERGED)
		return;
	if (task->shadow_failed && wants_rights_of_stand_in(task, shadow)) {
		judge_verdict(task, VERDICT_SKIPPED, REASON_RIGHTS,
			      "a plain owner stands in for the client's role, "
			      "and may not do this");
		task->comparison = NULL;
		return;
	}
	explain_answer(task, &plan, shadow);
	take_verdict(task);
}

void judge_finish(struct task *task)
{
	task->finished = true;
	unpinned_note_pins(task);
	effect_learn(task->effect, task);
	if (task->form != TASK_STATEMENT && task->transaction->schema_awaited)
		schema_applied(task->mirror);
	task->mirror->moved_at = clock_monotonic_us();
	task->weighed = task->exchange && task->form != TASK_END &&
			task->verdict == VERDICT_DIVERGED &&
			explain_is_open(task);
	if (task->weighed) {
		weigh_past(task);
		if (explain_is_open(task) && !all_seen(task)) {
			task->pending = true;
			task->pending_since = clock_monotonic_us();
			list_append(&task->mirror->pending, &task->in_pending);
			return;
		}
	}
	settle(task);
}

/* --- counts --- */

/*
 * Names that came from the statement are shown if the statement's own text as
 * it is kept shows them, or if they are known. Others may be values that the
 * client quoted in the wrong way (name = "ann").
 */
static void show_names(const struct task *task, struct redact_parts *values,
		       const char *message)
{
	static const struct redact_parts all = {.known = true};
	struct sql_known known = lens_known(task->version->lens);

	for (size_t i = 0; i < values->count; i++) {
		struct redact_part *part = &values->parts[i];
		char *name;

		if (!part->name)
			continue;
		name = memory_copy(message + part->from, part->to - part->from);
		part->name =
		    known.knows(known.context, name) ||
		    redact_shows(&all, task->plan->fingerprint_text, name);
		free(name);
	}
}

static void keep_evidence(struct mirror *mirror, struct task *task,
			  const struct store_exchange *counted)
{
	const struct parser *parser = mirror->options->shadow_adapter->parser;
	bool plain = mirror->options->evidence.show_values;
	struct store_divergence divergence = {
	    .exchange = *counted,
	    .seq = task->exchange->seq,
	    .session = task->session->id.session,
	    .epoch = task->session->id.epoch,
	    .client = task->session->client,
	    .old_statement = plain ? task->text : task->plan->fingerprint_text,
	    .comparison = task->comparison,
	    .primary = &task->primary,
	    .shadow = &task->shadow,
	};
	struct sql_known known = lens_known(task->version->lens);
	struct buffer text;
	struct error error;

	show_names(task, &task->primary.problem.values,
		   task->primary.problem.message);
	show_names(task, &task->shadow.problem.values,
		   task->shadow.problem.message);
	buffer_init(&text, 0);
	for (size_t i = 0; i < task->steps.count; i++) {
		const struct plan_step *step = &task->steps.steps[i];

		if (step->role != STEP_ANSWER)
			continue;
		if (plain)
			buffer_append_string(&text, step->text);
		else
			parser->fingerprint(step->text, strlen(step->text),
					    &known, &text);
	}
	divergence.new_statement = buffer_string(&text);
	if (store_divergence(mirror->store, &divergence, &error))
		mirror_fail(mirror, &error);
	buffer_release(&text);
}

/* A look is counted only if it found a divergence. */
static bool is_apart(struct mirror *mirror, const struct task *task)
{
	if (!task->session->look)
		return false;
	mirror->seen += task->look_counts;
	return !task->look_counts;
}

static void count_task(struct mirror *mirror, struct task *task)
{
	struct error error;

	if (is_apart(mirror, task))
		return;
	if (task->exchange) {
		const struct exchange *exchange = task->exchange;
		bool excused =
		    task->verdict == VERDICT_INCONCLUSIVE && task->comparison;
		struct store_exchange counted = {
		    .part = task->version->part,
		    .fingerprint = task->plan->fingerprint,
		    .text = task->plan->fingerprint_text,
		    .kind = task->look ? "LOOK"
				       : sql_kind_name(task->plan->traits.kind),
		    .verdict = task->verdict,
		    .class = task->verdict == VERDICT_DIVERGED ? task->class
			     : excused ? task->comparison->class
				       : DIVERGENCE_NONE,
		    .reason = task->verdict == VERDICT_DIVERGED ? REASON_NONE
								: task->reason,
		    .detail = task->detail,
		    .at = exchange->completed_at,
		    .primary_us = exchange->completed_at -
				  exchange->statement->forwarded_at,
		    .shadow_us = task->shadow_us,
		};

		mirror->counted++;
		if (store_count(mirror->store, &counted, &error))
			mirror_fail(mirror, &error);
		if (task->comparison)
			keep_evidence(mirror, task, &counted);
	}
	if (task->end && !task->look) {
		struct store_exchange counted = {
		    .fingerprint = END_FINGERPRINT,
		    .text = END_TEXT,
		    .kind = "end",
		    .verdict = task->end_verdict,
		    .class = task->end_class,
		    .reason = task->end_reason,
		    .at = task->end->at,
		    .primary_us = -1,
		    .shadow_us = -1,
		};

		mirror->counted++;
		if (store_count(mirror->store, &counted, &error))
			mirror_fail(mirror, &error);
	}
}

static void count_transaction(struct session *session,
			      struct transaction *transaction)
{
	struct mirror *mirror = session->mirror;
	struct task *last =
	    LIST_ITEM(transaction->tasks.previous, struct task, in_transaction);
	bool commits = last->commits;
	bool matched = true;

	LIST_EACH(&transaction->tasks, it)
	{
		struct task *task = LIST_ITEM(it, struct task, in_transaction);

		count_task(mirror, task);
		twophase_counted(task);
		matched &= task->verdict == VERDICT_MATCH &&
			   task->end_verdict == VERDICT_MATCH;
		if (commits)
			session_remember(session, &task->memories);
		list_remove(it);
		task_free(task);
		mirror->batched++;
	}
	mirror->changed = true;
	progress_counted(transaction, matched);
	list_remove(&transaction->in_mirror);
	list_remove(&transaction->in_session);
	effects_release(&transaction->effects);
	free(transaction);
}

static void forget_session(struct session *session)
{
	struct mirror *mirror = session->mirror;
	char key[64];
	struct error error;

	snprintf(key, sizeof(key), "state:%" PRIu32 ".%" PRIu32 ".%" PRIu64,
		 session->id.writer, session->id.epoch, session->id.session);
	if (!list_empty(&session->memories) &&
	    store_set(mirror->store, key, NULL, &error))
		mirror_fail(mirror, &error);
	connection_close(session);
	progress_gone(session);
	session_free(session);
}

void judge_count(struct session *session)
{
	while (!list_empty(&session->transactions)) {
		struct transaction *transaction = LIST_ITEM(
		    session->transactions.next, struct transaction, in_session);

		if (!transaction->ended || transaction->open)
			return;
		count_transaction(session, transaction);
	}
	if (session->closed && !session->task && !session->ending &&
	    list_empty(&session->held) && list_empty(&session->schedule.queue))
		forget_session(session);
}
