/* The commands that carry out a task, sent in one go. */
#include <inttypes.h>
#include <strings.h>

#include "base/memory.h"
#include "mirror/copy_input.h"
#include "mirror/internal.h"

#define SAVEPOINT "parallax_savepoint" /* the mirror's own */

enum { ROWS_SPARE = 4 * 1024 * 1024 };

struct shadow_command *batch_add(struct session *session, const char *text)
{
	struct shadow_command *command;

	if (session->command_count == session->command_capacity) {
		session->command_capacity = session->command_capacity * 2 + 16;
		session->commands = memory_resize(
		    session->commands,
		    session->command_capacity * sizeof(*session->commands));
	}
	command = &session->commands[session->command_count++];
	*command = (struct shadow_command){.text = text};
	return command;
}

struct shadow_command *batch_control(struct session *session,
				     enum session_control what)
{
	struct shadow_command *command = batch_add(session, NULL);

	if (session->mirror->session_ops->control(what, SAVEPOINT,
						  &session->arena, command))
		return command;
	session->command_count--;
	return NULL;
}

void batch_start(struct session *session)
{
	arena_clear(&session->arena);
	session->command_count = 0;
	session->answer_at = session->id_at = session->deferred_at = SIZE_MAX;
	session->savepoint = session->undone = false;
	session->wave = (struct wave){0};
	if (session->rollback_first) {
		batch_control(session, SESSION_ROLLBACK);
		session->rollback_first = false;
	}
}

/* As the first of a batch, or after a command that may have failed. */
static void control_regardless(struct session *session,
			       enum session_control what)
{
	struct shadow_command *command = batch_control(session, what);

	if (command)
		command->regardless = true;
}

/* Whether a savepoint may precede it. */
bool batch_may_save(const struct task *task)
{
	switch (task->plan->traits.kind) {
	case SQL_KIND_BEGIN:
	case SQL_KIND_COMMIT:
	case SQL_KIND_ROLLBACK:
	case SQL_KIND_SAVEPOINT:
	case SQL_KIND_RELEASE:
	case SQL_KIND_ROLLBACK_TO:
	case SQL_KIND_PREPARE_TRANSACTION:
	case SQL_KIND_SET_TRANSACTION:
		return false;
	default:
		return true;
	}
}

static size_t answering_steps(const struct task *task)
{
	size_t count = 0;

	for (size_t i = 0; i < task->steps.count; i++)
		count += task->steps.steps[i].role != STEP_PREPARE;
	return count;
}

static bool wants_savepoint(const struct task *task)
{
	const struct mirror *mirror = task->mirror;

	if (!batch_may_save(task))
		return false;
	return task->plan->mapped || task->exchange->problem ||
	       answering_steps(task) > 1 ||
	       map_get(&mirror->risky, &task->plan->fingerprint,
		       sizeof(task->plan->fingerprint));
}

static int64_t read_input(void *context, uint64_t offset, void *into,
			  size_t size)
{
	const struct exchange *exchange = context;
	struct error error;
	size_t got;

	if (exchange_input_read(exchange, offset, into, size, &got, &error))
		return -1;
	return (int64_t)got;
}

/* A portal of the client's continues as a cursor of ours. */
static void add_portal(struct session *session, struct task *task,
		       const struct plan_step *step,
		       struct shadow_command *last)
{
	const struct exchange_statement *statement = task->exchange->statement;
	const struct session_ops *ops = task->mirror->session_ops;
	uint64_t portal = statement->resumed ? statement->portal_message
					     : task->exchange->message;

	if (!statement->resumed) {
		ops->portal_open(portal, &session->arena, last);
		last = batch_add(session, NULL);
		last->rows_max = task->exchange->rows.size * 2 + ROWS_SPARE;
	} else {
		last->parameter_count = 0;
	}
	last->result_format = step ? step->result_format : 0;
	ops->portal_fetch(portal, statement->row_limit, &session->arena, last);
}

static void add_input(struct task *task, struct shadow_command *command)
{
	struct exchange *exchange = task->exchange;

	if (!exchange->copy_in && !exchange->copy_out)
		return;
	command->copy = true;
	command->input = task->copy ? copy_input_read : read_input;
	command->context = task->copy ? (void *)task->copy : exchange;
	command->input_failure = exchange->input_failure;
}

static void add_step(struct session *session, struct task *task,
		     const struct plan_step *step)
{
	struct shadow_command *command =
	    control_add(session, task->plan, task->text);

	if (!command)
		command = batch_add(session, step->text);
	twophase_command(task, &session->arena, command);
	command->parameters = step->parameters;
	command->parameter_formats = step->parameter_formats;
	command->parameter_types = step->parameter_types;
	command->parameter_count = step->parameter_count;
	command->result_format = step->result_format;
	command->rows_max = task->exchange->rows.size * 2 + ROWS_SPARE;
	if (*task->exchange->statement->statement_name && !task->portal)
		command->repeats = task->exchange->statement->parse_after + 1;
	if (task->steps.staged ? step->takes_input : step->role == STEP_ANSWER)
		add_input(task, command);
	if (step->role != STEP_ANSWER)
		return;
	if (task->portal)
		add_portal(session, task, step, command);
	session->answer_at = session->command_count - 1;
}

/* As far as the rows that they take are known. */
static int add_steps(struct session *session, struct task *task,
		     struct error *error)
{
	struct wave *wave = &session->wave;
	int result = 0;

	for (size_t i = wave->next; i < task->steps.count && !result; i++) {
		struct plan_step step;

		if (task->steps.steps[i].role == STEP_PREPARE && !task->moves)
			continue; /* by the keeper */
		result = wave_bind(session, task, i, &step, error);
		if (result)
			break;
		add_step(session, task, &step);
		wave_sent(session, task, i);
	}
	if (!task->steps.count && task->portal) {
		struct shadow_command *command = batch_add(session, NULL);

		command->rows_max = task->exchange->rows.size * 2 + ROWS_SPARE;
		add_portal(session, task, NULL, command);
		session->answer_at = session->command_count - 1;
	}
	wave->end = session->command_count;
	return result < 0 ? -1 : 0;
}

/* Asks the shadow for what the primary found at its implicit commit. */
static void add_deferred(struct session *session, const struct task *task)
{
	if (task->exchange->statement->status_before != 'I')
		return;
	if (batch_control(session, SESSION_CHECK_DEFERRED))
		session->deferred_at = session->command_count - 1;
}

void batch_role(struct session *session, bool local)
{
	struct mirror *mirror = session->mirror;
	struct shadow_command *command;

	if (!mirror->ops->role_assumed(session->shadow))
		return;
	command = batch_add(session, NULL);
	mirror->session_ops->role(session->shadow, local, command);
	command->regardless = true;
}

static bool writes(const struct task *task)
{
	return !task->plan->reads_only || task->plan->traits.writes ||
	       !schedule_set_empty(&task->item.writes);
}

/* Whether a transaction of its own can go without BEGIN. One that only reads
 * need not be recognised after a crash; the others refuse a block. */
static bool runs_alone(const struct task *task)
{
	enum sql_kind kind = task->plan->traits.kind;

	if (sql_kind_is_session(kind) && kind != SQL_KIND_EXECUTE)
		return true;
	if (task->exchange->problem) /* for lack of a block */
		return mirror_primary_error(task->mirror, task->exchange) ==
		       ERROR_CLASS_NO_BLOCK;
	if (kind == SQL_KIND_MAINTENANCE)
		return true;
	/* A procedure may commit by itself and then refuses a block. To try it
	 * in a block first would use up sequences. A DO's text says whether it
	 * commits. */
	if (kind == SQL_KIND_CALL)
		return true;
	if (kind == SQL_KIND_DO)
		return task->alone ||
		       task->mirror->options->primary_adapter->session
			   ->may_end_transaction(task->text);
	return answering_steps(task) == 1 && !writes(task);
}

bool batch_is_unmarked(const struct task *task)
{
	enum sql_kind kind = task->plan->traits.kind;

	return task->form == TASK_SINGLE && !task->exchange->problem &&
	       (kind == SQL_KIND_CALL || kind == SQL_KIND_DO) &&
	       runs_alone(task);
}

static void add_id(struct session *session, struct task *task)
{
	if (task->transaction->id || !writes(task) || task->exchange->problem)
		return;
	session->id_at = session->command_count;
	session->mirror->session_ops->token(batch_add(session, NULL));
}

/* The commands before the statement. */
static void add_open(struct session *session, struct task *task)
{
	bool single = task->form == TASK_SINGLE;

	if (single && runs_alone(task))
		return;
	if (single ||
	    (!session->block_open && task->plan->traits.kind != SQL_KIND_BEGIN))
		batch_control(session, SESSION_BEGIN);
	session->block_open = true;
	session->savepoint = !single && wants_savepoint(task);
	if (session->savepoint)
		batch_control(session, SESSION_SAVEPOINT);
}

static void add_undo(struct session *session, struct task *task)
{
	add_deferred(session, task);
	control_regardless(session, session->savepoint ? SESSION_ROLLBACK_TO
						       : SESSION_ROLLBACK);
	session->undone = true;
}

/* The commands after it; none if a further wave follows. */
static void add_close(struct session *session, struct task *task)
{
	bool failed = task->exchange->problem != NULL;
	bool single = task->form == TASK_SINGLE;
	bool local;

	if (session->wave.partial)
		return;
	if (failed && (single ? session->block_open : session->savepoint)) {
		add_undo(session, task);
		session->block_open = !single;
	}
	if (session->savepoint)
		batch_control(session, SESSION_RELEASE);
	if (session->block_open)
		add_id(session, task);
	if (setting_drops_role(task, &local))
		batch_role(session, local);
}

enum batch batch_go_on(struct session *session, struct task *task,
		       struct error *error)
{
	wave_keep(session, task);
	session->command_count = 0;
	session->answer_at = SIZE_MAX;
	if (add_steps(session, task, error))
		return BATCH_IMPOSSIBLE;
	add_close(session, task);
	return BATCH_SENT;
}

enum batch batch_statement(struct session *session, struct task *task,
			   bool rerun)
{
	struct error error;
	size_t first;

	if (!judge_decode(task, &error)) {
		if (!rerun)
			judge_unfilled(task, &error);
		return BATCH_IMPOSSIBLE;
	}
	if (!task->steps.count && !task->portal)
		return BATCH_NOTHING;
	batch_start(session);
	wave_start(session, task);
	first = session->command_count;
	add_open(session, task);
	displace_add(session, task);
	if (add_steps(session, task, &error)) {
		/* no rows are known yet that could be too many */
		if (!rerun)
			judge_verdict(task, VERDICT_FAILED, REASON_INTERNAL,
				      error.message);
		return BATCH_IMPOSSIBLE;
	}
	add_close(session, task);
	if (first)
		session->commands[first].regardless = true;
	return BATCH_SENT;
}

/* Whether the shadow finds at its end what the primary found. */
static void add_failed_end(struct session *session, const struct task *task)
{
	if (twophase_prepares(task)) {
		twophase_command(task, &session->arena,
				 batch_add(session, NULL));
		twophase_undo(task, &session->arena, batch_add(session, NULL));
	} else {
		batch_control(session, SESSION_CHECK_DEFERRED);
	}
	control_regardless(session, SESSION_ROLLBACK);
}

/* The client's own statement as the end: its rewritten form. */
static bool ends_by_itself(const struct task *task)
{
	return task->form == TASK_END && task->exchange && task->filled &&
	       task->steps.count && task->commits;
}

static void add_end(struct session *session, const struct task *task)
{
	if (ends_by_itself(task) && task->chain)
		batch_control(session, SESSION_COMMIT_CHAIN);
	else if (ends_by_itself(task) && twophase_prepares(task))
		twophase_command(task, &session->arena,
				 batch_add(session, NULL));
	else if (task->commits)
		batch_control(session, SESSION_COMMIT);
	else
		batch_control(session, task->chain ? SESSION_ROLLBACK_CHAIN
						   : SESSION_ROLLBACK);
}

enum batch batch_end(struct session *session, struct task *task)
{
	struct error error;

	if (task->exchange && task->run && !judge_decode(task, &error))
		judge_unfilled(task, &error);
	batch_start(session);
	if (task->commits && session->sets_by_call)
		batch_control(session, SESSION_DURABLE);
	session->answer_at = session->command_count;
	if (task->form == TASK_END && task->exchange &&
	    task->exchange->problem && task->run)
		add_failed_end(session, task);
	else
		add_end(session, task);
	return BATCH_SENT;
}
