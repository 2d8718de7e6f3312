/*
 * What may explain the differences that were found in a task's answer: brings
 * the candidates, each with what it has changed, to compare/weigh.h. For
 * example:
 *
 *     DELETE FROM gr WHERE id = 4, permission denied on the shadow alone
 *         overlap   UPDATE accounts ... of another session: not the right
 *         tainted   gr, the row with id 3, that an earlier failure left: not
 *                   the right either
 *     nothing covers it: diverged
 */
#include "mirror/explain.h"

#include "mirror/look_decide.h"
#include "mirror/reach.h"
#include "mirror/taint.h"

/* --- of the statement itself --- */

static void weigh_reason(struct comparison *comparison, enum reason reason,
			 const struct weigh_scope *changed)
{
	const struct weigh_candidate candidate = {reason, changed};

	weigh_candidate(comparison->found, comparison->found_count, &candidate);
}

static const unsigned *numbers(struct task *task,
			       const struct catalog_table *const *tables,
			       size_t count,
			       const struct catalog_table *const *more,
			       size_t more_count)
{
	const struct catalogs *catalogs = task->version->catalogs;
	unsigned *out =
	    arena_array(&task->arena, count + more_count + 1, sizeof(*out));

	for (size_t i = 0; i < count; i++)
		out[i] = catalogs_number(catalogs, tables[i]);
	for (size_t i = 0; i < more_count; i++)
		out[count + i] = catalogs_number(catalogs, more[i]);
	return out;
}

void explain_inputs(struct task *task, const struct plan *plan,
		    const struct answer *shadow)
{
	const struct adapter *adapter = task->mirror->options->primary_adapter;
	const struct exchange_statement *statement = task->exchange->statement;
	struct decoded_bind bind = {0};
	struct reach_statement reach = {
	    .catalogs = task->version->catalogs,
	    .parser = adapter->parser,
	    .values = adapter->values,
	    .traits = task->stands_for_unknown ? NULL : &plan->traits,
	    .text = task->judged_text,
	    .text_size = task->judged_size,
	    .affected = (task->exchange->outcome == EXCHANGE_FAILED
			     ? shadow->affected
			     : task->primary.affected) > 0,
	};
	struct error error;

	reach.tables =
	    numbers(task, plan->tables_read, plan->tables_read_count,
		    plan->tables_written, plan->tables_written_count);
	reach.table_count =
	    plan->tables_read_count + plan->tables_written_count;
	reach.written = reach.tables + plan->tables_read_count;
	reach.written_count = plan->tables_written_count;
	if (task->judged_by == task->plan && statement->bind.size &&
	    !adapter->decode->bind(statement->bind, &task->arena, &bind,
				   &error)) {
		reach.parameters = bind.values;
		reach.formats = bind.formats;
		reach.parameter_count = bind.value_count;
		if (statement->parameter_type_count >= bind.value_count)
			reach.types = statement->parameter_types;
	}
	reach_inputs(&reach, plan, task->comparison, &task->arena);
}

/* set_config() of a role may return the login's name there. */
static bool shows_login(const struct task *task)
{
	const struct shadow *shadow = task->session->shadow;

	return shadow && setting_names_role(task) &&
	       task->mirror->ops->role_assumed(shadow);
}

/* The name of the stand-in for the client's role says nothing about the schema.
 */
static bool names_stand_in(const struct task *task, const struct plan *plan)
{
	const struct shadow *shadow = task->session->shadow;

	if (!shadow || !task->mirror->ops->stood_in(shadow))
		return false;
	for (size_t i = 0; i < plan->traits.function_count; i++) {
		const char *name = plan->traits.functions[i].name;

		if (!strcmp(name, "current_user") || !strcmp(name, "user") ||
		    !strcmp(name, "current_role"))
			return true;
	}
	return false;
}

static void weigh_all_tainted(struct task *task, const struct plan *plan)
{
	struct weigh_scope scope = {.all_data = true};

	if (!plan->tables_read_count && !plan->tables_written_count)
		return;
	/* the lost exchanges may have been anything */
	if (task->mirror->taint_all == REASON_GAP)
		scope.all_names = scope.rights = true;
	if (task->mirror->taint_all != REASON_NONE)
		weigh_reason(task->comparison, task->mirror->taint_all, &scope);
}

void explain_answer(struct task *task, const struct plan *plan,
		    const struct answer *shadow)
{
	struct comparison *comparison = task->comparison;
	struct weigh_scope changed = {0};

	explain_inputs(task, plan, shadow);
	if (task->exchange->seq <= task->mirror->restart_seq)
		weigh_reason(comparison, REASON_RESTART, NULL);
	if (task->session->state_lost)
		weigh_reason(comparison, REASON_SESSION_STATE, NULL);
	if (names_stand_in(task, plan))
		weigh_reason(comparison, REASON_RIGHTS, NULL);
	if (shows_login(task))
		weigh_reason(comparison, REASON_VOLATILE, NULL);
	if (unpinned_scope(task, plan, shadow, &changed))
		weigh_reason(comparison, REASON_UNPINNED, &changed);
	if (changed_scope(task, shadow, &changed))
		weigh_reason(comparison, REASON_TAINTED, &changed);
	taint_weigh(task);
	weigh_all_tainted(task, plan);
}

/* --- overlaps --- */

bool explain_is_open(const struct task *task)
{
	const struct comparison *comparison = task->comparison;

	for (size_t i = 0; comparison && i < comparison->found_count; i++)
		if (!comparison->found[i].covered)
			return true;
	return false;
}

static bool is_apart(const struct task *task, const struct past *past)
{
	return past->session == task->session ||
	       look_view(past->seq, past->after, task->interval_after,
			 task->exchange->seq) != LOOK_OVERLAPS;
}

/* Others do not see uncommitted changes, nor those that are never committed. */
void explain_past(struct task *task, const struct past *past)
{
	bool committed = past->end && past->commits;

	if (is_apart(task, past))
		return;
	for (size_t i = 0; i < past->effects.count; i++) {
		struct weigh_scope lasting =
		    effect_lasting(past->effects.list[i]);

		weigh_reason(task->comparison, REASON_OVERLAP,
			     committed
				 ? effect_scope(past->effects.list[i], task)
				 : &lasting);
	}
	if (past->effects.more && past->end)
		explain_unseen(task, past->effects.more_names);
}

void explain_unseen(struct task *task, bool schema)
{
	const struct weigh_scope scope = {
	    .all_data = true,
	    .all_names = schema,
	    .rights = schema,
	    .sequences = true,
	    .locks = true,
	};

	weigh_reason(task->comparison, REASON_OVERLAP, &scope);
}

void explain_read(struct task *task)
{
	struct transaction *transaction = task->transaction;

	task->effect = effect_new(task);
	effects_add(&transaction->effects, task->effect);
	if (task->exchange) {
		struct past past = {.seq = task->exchange->seq,
				    .after = task->exchange->statement->after,
				    .session = task->session};

		effects_add(&past.effects, task->effect);
		judge_past(task->mirror, &past);
	}
	if (task->end) {
		struct past past = {
		    .seq = task->end->seq,
		    .after = task->end->after,
		    .effects = transaction->effects,
		    .session = task->session,
		    .end = true,
		    .commits =
			task->commits || task->end->outcome == EXCHANGE_UNKNOWN,
		};

		memset(&transaction->effects, 0, sizeof(transaction->effects));
		judge_past(task->mirror, &past);
	}
}
