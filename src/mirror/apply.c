/*
 * Carries tasks out on their session's connection. The shadow follows the
 * primary's transactions, and a statement that fails there affects no other.
 *
 * A block whose statement failed without a savepoint, or whose connection was
 * lost, is run again from its first statement; its tasks are kept until it is
 * over. If the connection was lost during a COMMIT, the shadow is asked by the
 * transaction's id whether it was committed.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "mirror/copy_input.h"
#include "mirror/internal.h"
#include "mirror/progress.h"

enum {
	ATTEMPTS_MAX = 8,
	LOOKS_MAX = 3, /* with fewer attempts: otherwise the statement is the
		          cause */
	SESSIONS_DEFAULT = 64,
	HOLD_US = 100 * 1000,
};

static void next_step(struct session *session);

/* The session's task is done; the session may be freed after this. */
static void over(struct session *session)
{
	struct mirror *mirror = session->mirror;
	struct task *task = session->task;

	session->task = session->running = NULL;
	session->phase = APPLY_IDLE;
	session->rerun = NULL;
	if (!mirror->monitor_asked) /* otherwise a cancel may still be under
				       way */
		session->cancelled = session->deadlocked = false;
	if (session->rollback_first)
		connection_close(session); /* its locks are released at once */
	session->used_at = clock_monotonic_us();
	session->commit_due = false;
	watch_over(session);
	list_remove(&session->in_busy);
	mirror->read_on = false;
	schedule_done(&mirror->schedule, &task->item);
	stall_stepped(mirror);
	judge_finish(task);
}

static void end_verdict(struct task *task, enum verdict verdict,
			enum divergence_class class, enum reason reason)
{
	task->end_verdict = verdict;
	task->end_class = class;
	task->end_reason = reason;
}

/* A client that disconnected: nobody knows how its transaction ended. */
static bool is_abandoned(const struct task *task)
{
	return task->end && task->end->outcome == EXCHANGE_UNKNOWN;
}

static void note_abandoned(struct task *task)
{
	if (!is_abandoned(task))
		return;
	end_verdict(task, VERDICT_INCONCLUSIVE, DIVERGENCE_NONE,
		    REASON_ABANDONED);
	taint_transaction(task->transaction);
}

/* The transaction cannot continue; its writes are missing. */
static void give_up(struct session *session, enum reason reason)
{
	struct task *task = session->task;

	if (task->exchange && task->run && !task->judged)
		judge_verdict(task, VERDICT_INCONCLUSIVE, reason, NULL);
	if (task->end)
		end_verdict(task, VERDICT_INCONCLUSIVE, DIVERGENCE_NONE,
			    reason);
	task->shadow_failed = true;
	taint_transaction(task->transaction);
	task->transaction->lost = true;
	if (session->block_open)
		session->rollback_first = true;
	session->block_open = false;
	over(session);
}

/* The shadow has no role for the session, or refuses its settings: its writes
 * are missing there. */
static void refuse(struct session *session)
{
	struct task *task = session->task;
	bool rights = session->refused == REASON_RIGHTS;
	enum verdict verdict = rights ? VERDICT_SKIPPED : VERDICT_INCONCLUSIVE;

	if (task->exchange && task->run && !task->judged)
		judge_verdict(
		    task, verdict, session->refused,
		    rights ? "the shadow has no role for the client"
			   : "the shadow refuses the session's settings");
	if (task->end)
		end_verdict(task, verdict, DIVERGENCE_NONE, session->refused);
	note_abandoned(task);
	if (!rights)
		taint_transaction(task->transaction);
	task->transaction->doubt = 0; /* nobody can ask for it */
	session->block_open = false;
	over(session);
}

void apply_refused(struct session *session, enum reason reason)
{
	session->refused = reason;
	session->waiting = false;
	session->phase = APPLY_IDLE;
	if (session->task)
		refuse(session);
}

/* --- running a block again --- */

static bool is_rerun(const struct task *task)
{
	return task->exchange && task->run && !task->skip_rerun;
}

/* From the transaction's first statement up to the session's task. */
static void rewind_block(struct session *session)
{
	struct transaction *transaction = session->task->transaction;

	transaction->id = 0;
	session->rerun = transaction->tasks.next;
}

static void restart_block(struct session *session, enum reason reason)
{
	struct transaction *transaction = session->task->transaction;

	if (transaction->attempts++ >= ATTEMPTS_MAX) {
		give_up(session, reason);
		return;
	}
	if (session->block_open)
		session->rollback_first = true;
	session->block_open = false;
	rewind_block(session);
	next_step(session);
}

/* The next task to be run again; NULL: none is left. */
static struct task *rerun_task(struct session *session)
{
	while (session->rerun) {
		struct task *task =
		    LIST_ITEM(session->rerun, struct task, in_transaction);

		if (task == session->task ||
		    session->rerun == &task->transaction->tasks) {
			session->rerun = NULL;
			break;
		}
		if (is_rerun(task))
			return task;
		session->rerun = session->rerun->next;
	}
	return NULL;
}

static void mark_risky(struct task *task)
{
	map_set(&task->mirror->risky, &task->plan->fingerprint,
		sizeof(task->plan->fingerprint), task->mirror);
}

/* --- what follows a batch --- */

static void undo(struct session *session)
{
	bool block = session->task->form == TASK_STATEMENT;

	session->command_count = 0;
	if (block) {
		batch_control(session, SESSION_ROLLBACK_TO);
		batch_control(session, SESSION_RELEASE);
	} else {
		batch_control(session, SESSION_ROLLBACK);
		session->block_open = false;
	}
	session->running = session->task;
	connection_submit(session, APPLY_UNDO);
}

/* From its beginning, with its locks released. */
static void run_again(struct session *session)
{
	if (session->task->form != TASK_SINGLE) {
		restart_block(session, REASON_LOAD);
		return;
	}
	if (session->task->transaction->attempts++ >= ATTEMPTS_MAX) {
		give_up(session, REASON_LOAD);
		return;
	}
	if (session->block_open)
		session->rollback_first = true;
	session->block_open = false;
	next_step(session);
}

/* Only the statement, if it can be undone by itself. */
static void repeat(struct session *session)
{
	if (session->task->form == TASK_SINGLE || session->savepoint) {
		session->repeats = true;
		undo(session);
	} else {
		run_again(session);
	}
}

/* Its next action must be recorded on disk first, and cannot be. */
static void hold(struct session *session)
{
	session->phase = APPLY_IDLE;
	session->running = NULL;
	session->retry_at = clock_monotonic_us() + HOLD_US;
	session->waiting = true;
}

static void commit(struct session *session)
{
	struct task *task = session->task;

	if (task->commits && task->transaction->id &&
	    progress_intent(task->transaction)) {
		session->commit_due = true;
		hold(session);
		return;
	}
	session->commit_due = false;
	if (batch_end(session, task) != BATCH_SENT) {
		over(session);
		return;
	}
	session->running = task;
	connection_submit(session, APPLY_COMMIT);
}

/* Has what failed left its transaction as it was before? */
static bool failure_is_undone(const struct session *session)
{
	const struct task *task = session->task;

	return session->savepoint || task->form == TASK_SINGLE ||
	       session->mirror->session_ops->failure ==
		   SESSION_FAILURE_ENDS_STATEMENT;
}

/* A statement that succeeded on the primary failed on the shadow. */
static void failed_alone(struct session *session, const struct answer *answer)
{
	struct task *task = session->task;

	if (session->cancelled) {
		judge_verdict(
		    task, VERDICT_INCONCLUSIVE, REASON_LOAD,
		    "blocked by a lock that did not block it on the primary");
		task->judged = task->shadow_failed = true;
		task->skip_rerun = true;
	} else if (task->copy && copy_input_problem(task->copy)) {
		judge_unfilled(task, copy_input_problem(task->copy));
		task->judged = task->shadow_failed = task->skip_rerun = true;
	} else if (outcome_is_load(answer) &&
		   (session->deadlocked ||
		    outcome_error(answer) != ERROR_CLASS_CANCELED)) {
		session->deadlocked = false;
		run_again(session);
		return;
	} else if (answer->stale && !task->renewed) {
		task->renewed = true;
		repeat(session);
		return;
	} else if (task->plan->looks_first && task->looks < LOOKS_MAX &&
		   outcome_error(answer) == ERROR_CLASS_UNIQUE) {
		task->looks++;
		repeat(session);
		return;
	} else if (displace_failed(session, task, answer) ||
		   displace_begin(task, answer)) {
		repeat(session);
		return;
	} else if (wave_wants_rights(session, task, answer)) {
		judge_verdict(task, VERDICT_SKIPPED, REASON_RIGHTS,
			      "a step of it needs a right on the shadow that "
			      "the statement itself does not");
		task->judged = task->shadow_failed = task->skip_rerun = true;
	} else if (failure_is_undone(session) || !batch_may_save(task)) {
		outcome_judge(task, answer);
		if (outcome_is_load(answer)) { /* the mirror's own time limit */
			task->verdict = VERDICT_DIVERGED;
			task->class = DIVERGENCE_TIMEOUT;
			task->reason = REASON_NONE;
		}
		task->skip_rerun = true;
	} else {
		mark_risky(task);
		restart_block(session, REASON_LOAD);
		return;
	}
	if (task->form == TASK_SINGLE ? session->block_open
				      : session->savepoint) {
		undo(session);
	} else if (failure_is_undone(session)) {
		over(session);
	} else {
		/* the block is aborted, and no savepoint could precede it */
		session->rollback_first = true;
		session->block_open = false;
		rewind_block(session);
		next_step(session);
	}
}

/* Too many rows to pass from one step to another through the mirror: they stay
 * on the shadow. */
static void keep_rows_there(struct session *session, const char *problem)
{
	struct task *task = session->running;

	session->wave.partial = false;
	session->running = NULL;
	if (!task->many) {
		task->many = true;
		task->filled = false;
		if (task == session->task)
			repeat(session);
		else
			run_again(session);
		return;
	}
	judge_verdict(task, VERDICT_UNTRANSLATABLE, REASON_UNSUPPORTED,
		      problem);
	task->judged = task->shadow_failed = task->skip_rerun = true;
	if (task == session->task &&
	    (task->form == TASK_SINGLE || session->savepoint))
		undo(session);
	else
		run_again(session);
}

/* The next wave of the current statement. False: there is none. */
static bool go_on(struct session *session)
{
	struct task *task = session->running;
	enum apply_phase phase = session->phase;
	struct error error;

	if (!session->wave.partial || wave_failure(session, 0))
		return false;
	error_init(&error);
	if (batch_go_on(session, task, &error) == BATCH_SENT)
		connection_submit(session, phase);
	else
		keep_rows_there(session, error.message);
	return true;
}

static void after_run(struct session *session)
{
	struct task *task = session->task;
	const struct answer *answer = outcome_answer(session);
	bool failed = task->exchange->problem != NULL;

	if (!answer) {
		give_up(session, REASON_INTERNAL);
		return;
	}
	outcome_read_id(session, task);
	if (!failed && setting_names_role(task))
		session->role_lost = answer->outcome == ANSWER_FAILED;
	if (answer->outcome == ANSWER_FAILED && !failed &&
	    task->form == TASK_SINGLE && session->block_open && !task->alone &&
	    outcome_error(answer) == ERROR_CLASS_REFUSES_BLOCK) {
		/* it commits by itself; nothing of it has been done */
		task->alone = true;
		session->rollback_first = true;
		session->block_open = false;
		next_step(session);
		return;
	}
	if (answer->outcome == ANSWER_FAILED && !failed) {
		failed_alone(session, answer);
		return;
	}
	outcome_judge(task, answer);
	if (failed)
		task->skip_rerun = true;
	if (session->wave.partial &&
	    (task->form == TASK_SINGLE || session->savepoint)) {
		undo(session); /* it failed before its last wave */
		return;
	}
	if (failed && task->form == TASK_STATEMENT && !session->undone) {
		/* it could not take a savepoint, and has changed the block */
		session->rollback_first = true;
		session->block_open = false;
		rewind_block(session);
		next_step(session);
		return;
	}
	if (task->form == TASK_SINGLE && session->block_open) {
		commit(session);
		return;
	}
	over(session);
}

static void after_commit(struct session *session)
{
	struct task *task = session->task;
	const struct answer *answer = outcome_answer(session);
	bool own = task->form == TASK_END && task->exchange && task->run &&
		   task->filled;
	bool done;

	if (!answer) {
		give_up(session, REASON_INTERNAL);
		return;
	}
	done = answer->outcome == ANSWER_OK &&
	       (!task->commits ||
		session->mirror->session_ops->completion(answer->tag) !=
		    SESSION_COMPLETED_ROLLBACK);
	session->block_open = done && task->chain;
	if (!done && task->commits && outcome_is_load(answer)) {
		restart_block(session, REASON_LOAD);
		return;
	}
	if (own)
		outcome_judge(task, answer);
	if (!done && task->commits) {
		taint_transaction(task->transaction);
		if (!own)
			end_verdict(task, VERDICT_DIVERGED,
				    DIVERGENCE_ERROR_SHADOW, REASON_NONE);
	}
	note_abandoned(task);
	over(session);
}

static void after_rerun(struct session *session)
{
	struct task *task = session->running;
	const struct answer *answer = outcome_answer(session);

	outcome_read_id(session, task);
	if (!answer ||
	    (answer->outcome == ANSWER_FAILED && !task->exchange->problem)) {
		if (answer && !outcome_is_load(answer))
			mark_risky(task);
		restart_block(session, REASON_LOAD);
		return;
	}
	session->rerun = session->rerun->next;
	next_step(session);
}

/* --- a task's way --- */

/* An earlier run of the mirror committed its transaction, or this one did and
 * has lost the answer. */
static void step_over(struct session *session)
{
	struct task *task = session->task;
	bool known = task->transaction->doubt_here &&
		     !task->transaction->unknown && task->form == TASK_END;

	if (task->exchange && task->run && !task->judged &&
	    !task->transaction->matched)
		judge_verdict(task,
			      known ? VERDICT_MATCH : VERDICT_INCONCLUSIVE,
			      known ? REASON_NONE : REASON_RESTART, NULL);
	if (task->transaction->unknown) {
		if (task->end)
			end_verdict(task, VERDICT_INCONCLUSIVE, DIVERGENCE_NONE,
				    REASON_RESTART);
		taint_transaction(task->transaction);
	}
	/* else the end was carried out; only that is known */
	over(session);
}

static bool needs_shadow(const struct session *session, const struct task *task)
{
	if (task->transaction->doubt)
		return true;
	if (task->transaction->applied || task->transaction->lost)
		return false;
	if (task->form == TASK_END)
		return session->block_open || task->transaction->id ||
		       (session->rollback_first && session->shadow) ||
		       session->rerun;
	return task->run;
}

static void without_shadow(struct session *session)
{
	struct task *task = session->task;

	if (task->transaction->applied) {
		step_over(session);
		return;
	}
	if (task->transaction->lost) {
		give_up(session, REASON_SHADOW_LOST);
		return;
	}
	if (task->form == TASK_END && task->exchange && task->run)
		judge_verdict(task, VERDICT_MATCH, REASON_NONE, NULL);
	note_abandoned(task);
	over(session);
}

/* Whether its sequences are moved first. One that cannot be read is judged by
 * batch_statement(). */
static bool must_move(struct session *session, struct task *task)
{
	struct error error;

	return judge_decode(task, &error) && keeper_moves(session, task);
}

void apply_moved(struct session *session)
{
	session->running = NULL;
	session->phase = APPLY_IDLE;
	next_step(session);
}

static void run(struct session *session)
{
	struct task *task = session->task;
	struct task *again = rerun_task(session);

	if (again) {
		session->running = again;
		if (must_move(session, again))
			return;
		if (batch_statement(session, again, true) == BATCH_SENT) {
			connection_submit(session, APPLY_RERUN);
			return;
		}
		session->rerun = session->rerun->next;
		run(session);
		return;
	}
	if (task->form == TASK_END) {
		if (session->block_open)
			commit(session);
		else
			without_shadow(session);
		return;
	}
	if (!task->run || (task->judged && task->skip_rerun)) {
		note_abandoned(task);
		over(session);
		return;
	}
	if (session->commit_due) {
		commit(session);
		return;
	}
	if (session->role_lost && !setting_names_role(task)) {
		/* it would run in another role than the client's */
		judge_verdict(task, VERDICT_SKIPPED, REASON_RIGHTS,
			      "the session could not take on its role there");
		task->judged = task->skip_rerun = true;
		note_abandoned(task);
		over(session);
		return;
	}
	if (batch_is_unmarked(task) && progress_intent(task->transaction)) {
		hold(session);
		return;
	}
	session->running = task;
	if (must_move(session, task))
		return;
	switch (batch_statement(session, task, false)) {
	case BATCH_SENT:
		connection_submit(session, APPLY_RUN);
		return;
	case BATCH_NOTHING:
		judge_verdict(task, VERDICT_MATCH, REASON_NONE, NULL);
		break;
	case BATCH_IMPOSSIBLE:
		break;
	}
	note_abandoned(task);
	over(session);
}

static void next_step(struct session *session)
{
	if (!session->ready) {
		if (!list_empty(&session->memories)) {
			restore_send(session);
			return;
		}
		session->ready = true;
	}
	if (session->task->transaction->doubt)
		fate_ask(session);
	else if (fate_comes_first(session->mirror))
		hold(session);
	else if (!needs_shadow(session, session->task))
		without_shadow(session);
	else
		run(session);
}

void apply_ready(struct session *session)
{
	if (!session->task)
		return;
	switch (session->phase) {
	case APPLY_IDLE:
		next_step(session);
		break;
	case APPLY_RESTORE:
		session->ready = true;
		session->role_lost = restore_lost_role(session);
		next_step(session);
		break;
	case APPLY_CHECK:
		if (fate_answered(session))
			next_step(session);
		break;
	case APPLY_PINS:
		break;
	case APPLY_RERUN:
		if (!go_on(session))
			after_rerun(session);
		break;
	case APPLY_RUN:
		if (!go_on(session))
			after_run(session);
		break;
	case APPLY_COMMIT:
		after_commit(session);
		break;
	case APPLY_UNDO:
		if (session->repeats) {
			session->repeats = false;
			session->running = NULL;
			next_step(session);
		} else {
			over(session);
		}
		break;
	}
}

void apply_lost(struct session *session)
{
	struct task *task = session->task;
	enum apply_phase phase = session->phase;

	if (phase == APPLY_PINS)
		keeper_forget(session);
	session->phase = APPLY_IDLE;
	session->running = NULL;
	session->commit_due = false;
	if (session->temporary_count || session->cursors.count)
		session->state_lost = true;
	if (!task) {
		session->waiting = false; /* until there is something to do */
		return;
	}
	if (phase == APPLY_COMMIT && task->commits && task->transaction->id) {
		task->transaction->doubt = task->transaction->id;
		task->transaction->doubt_told = false;
		task->transaction->doubt_here = true;
		session->mirror->doubts = true;
	}
	if (phase == APPLY_RUN && task->form == TASK_SINGLE &&
	    session->id_at == SIZE_MAX && !session->wave.partial &&
	    task->plan->traits.writes && !task->exchange->problem) {
		/* alone and unrecorded: it may be done or not */
		give_up(session, REASON_SHADOW_LOST);
		return;
	}
	if (phase == APPLY_UNDO && !session->repeats)
		task->skip_rerun = true;
	session->repeats = false;
	rewind_block(session);
}

/* Closes connections of sessions whose state can be restored later, to make
 * room. */
static void make_room(struct mirror *mirror)
{
	size_t most = mirror->options->session_max
			  ? mirror->options->session_max
			  : SESSIONS_DEFAULT;
	struct session *oldest = NULL;

	if (mirror->connections < most)
		return;
	for (size_t i = 0; i < mirror->sessions.count; i++) {
		struct session *session = mirror->sessions.entries[i].value;

		if (session->shadow && !session->task && !session->block_open &&
		    !session->temporary_count && !session->cursors.count &&
		    (!oldest || session->used_at < oldest->used_at))
			oldest = session;
	}
	if (oldest)
		connection_close(oldest);
}

void apply_start(struct task *task)
{
	struct session *session = task->session;
	struct mirror *mirror = task->mirror;

	session->task = task;
	session->started_at = clock_monotonic_us();
	list_append(&mirror->busy, &session->in_busy);
	stall_stepped(mirror);
	if (session->refused != REASON_NONE) {
		refuse(session);
		return;
	}
	if (!needs_shadow(session, task)) {
		if (task->form == TASK_END || task->transaction->applied ||
		    task->transaction->lost) {
			without_shadow(session);
			return;
		}
		note_abandoned(task);
		over(session);
		return;
	}
	if (session->shadow) {
		next_step(session);
		return;
	}
	/* a connection that was lost between two statements of a block */
	if (task->form != TASK_SINGLE)
		rewind_block(session);
	if (!session->waiting) {
		make_room(mirror);
		connection_open(session);
	}
}

size_t apply_dispatch(struct mirror *mirror)
{
	struct schedule_item *item;
	size_t started = 0;

	while (!mirror->failed && (item = schedule_next(&mirror->schedule))) {
		apply_start((struct task *)(void *)item);
		started++;
	}
	return started;
}
