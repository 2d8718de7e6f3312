/*
 * Turns events of the journal into tasks of the schedule. Outside of a block,
 * statements are held until the end of their implicit transaction:
 *
 *	exchange: INSERT ...		held
 *	transaction end: commit		one task, TASK_SINGLE
 *
 *	exchange: BEGIN			a task; the block is open
 *	exchange: INSERT ...		a task
 *	exchange: COMMIT		waits for the outcome
 *	transaction end: commit		a task, TASK_END
 */
#include "mirror/intake.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "mirror/copy_input.h"
#include "mirror/explain.h"
#include "mirror/look.h"
#include "mirror/progress.h"

void task_free(struct task *task)
{
	task->mirror->held -= task->bytes;
	effect_drop(&task->effect);
	copy_input_close(&task->copy);
	if (task->judged_held)
		lens_release(task->version->lens, task->judged_by);
	if (task->version)
		lens_release(task->version->lens, task->plan);
	lens_version_drop(task->version);
	exchange_free(&task->exchange);
	exchange_transaction_end_free(&task->end);
	state_statements_free(&task->memories);
	arena_release(&task->arena);
	free(task);
}

/* All of a transaction sees one state. */
static bool has_one_snapshot(enum sql_isolation isolation)
{
	return isolation >= SQL_ISOLATION_REPEATABLE_READ;
}

static struct transaction *transaction_new(struct session *session,
					   uint64_t seq, int64_t at,
					   struct journal_position position)
{
	struct mirror *mirror = session->mirror;
	struct transaction *transaction = memory_alloc(sizeof(*transaction));
	const struct intent *doubt = progress_doubt(mirror, &session->id, seq);

	transaction->session = session;
	transaction->first_seq = transaction->last_seq = seq;
	transaction->started_at = at;
	transaction->position = position;
	if (session->in_block)
		transaction->snapshot =
		    session->chain_carried
			? session->chain_snapshot
			: has_one_snapshot(session_isolation(session));
	list_init(&transaction->tasks);
	list_append(&mirror->transactions, &transaction->in_mirror);
	list_append(&session->transactions, &transaction->in_session);
	if (doubt && doubt->word == INTENT_MATCHED)
		transaction->applied = transaction->matched = true;
	else if (doubt && !doubt->id)
		transaction->applied = transaction->unknown = true;
	else if (doubt)
		transaction->doubt = doubt->id;
	session->transaction = transaction;
	return transaction;
}

static struct task *task_new(struct session *session, enum task_form form)
{
	struct mirror *mirror = session->mirror;
	struct task *task = memory_alloc(sizeof(*task));
	struct transaction *transaction = session->transaction;

	task->mirror = mirror;
	task->session = session;
	task->transaction = transaction;
	task->item.session = &session->schedule;
	task->form = form;
	task->run = true;
	task->bytes = sizeof(*task) + 512;
	task->shadow_us = -1;
	task->text = "";
	list_init(&task->memories);
	list_init(&task->in_pending);
	list_init(&task->in_transaction);
	arena_init(&task->arena, 0);
	transaction->open++;
	mirror->held += task->bytes;
	return task;
}

static struct task *statement_task(struct session *session,
				   struct exchange *exchange)
{
	struct mirror *mirror = session->mirror;
	const struct exchange_statement *statement = exchange->statement;
	struct lens_session lens;
	struct task *task;

	if (!session->transaction)
		transaction_new(session, exchange->seq, statement->forwarded_at,
				statement->position)
		    ->began_after = statement->after;
	task = task_new(session, TASK_STATEMENT);
	task->exchange = exchange;
	task->item.seq = task->item.last_seq = exchange->seq;
	task->bytes +=
	    exchange->rows.size + statement->text.size + statement->bind.size;
	mirror->held +=
	    exchange->rows.size + statement->text.size + statement->bind.size;
	task->version = lens_version_hold(mirror->version);
	progress_guard(mirror, session, exchange->seq);
	task->text = progress_kills(mirror, &exchange->id, exchange->seq) < 2
			 ? session_piece(mirror, exchange, &task->arena,
					 &task->text_size)
			 : "";
	session_lens(session, &lens);
	task->plan = lens_plan(mirror->version->lens, &lens, task->text,
			       task->text_size, statement->parameter_types,
			       statement->parameter_type_count);
	progress_unguard(mirror);
	snapshot_begin(task);
	task->judged_by = task->plan;
	task->judged_text = task->text;
	task->judged_size = task->text_size;
	foresee_task(task);
	return task;
}

/* Of what outlives the session. */
static bool changes_schema(const struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;

	if (task->exchange->outcome != EXCHANGE_OK || traits->temporary ||
	    task->temporary)
		return false;
	return traits->kind == SQL_KIND_DDL ||
	       traits->kind == SQL_KIND_SELECT_INTO;
}

/* It may make, alter or lock sequences until its transaction ends. */
static bool holds_sequences(const struct task *task)
{
	switch (task->plan->traits.kind) {
	case SQL_KIND_DDL:
	case SQL_KIND_DDL_TEMP:
	case SQL_KIND_SELECT_INTO:
	case SQL_KIND_TRUNCATE:
		return true;
	default:
		return conflict_effects_unknown(task->version->catalogs,
						task->plan);
	}
}

/* Appends to its transaction and hands it to the schedule. */
static void emit(struct task *task)
{
	struct transaction *transaction = task->transaction;
	struct session *session = task->session;
	struct mirror *mirror = task->mirror;

	if (task->exchange && task->form != TASK_END && task->run) {
		conflict_find_sets(task);
		if (task->plan->traits.volatility & 1u << SQL_FUNCTION_LOCK)
			task->item.ends = true;
	}
	twophase_follow(task);
	snapshot_follow(task);
	transaction->last_seq = task->item.last_seq;
	list_remove(&task->in_transaction);
	list_append(&transaction->tasks, &task->in_transaction);
	schedule_set_merge(&transaction->written, &task->item.writes);
	explain_read(task);
	if (task->exchange && changes_schema(task))
		transaction->changes_schema = true;
	if (task->exchange && task->run && holds_sequences(task))
		transaction->holds_sequences = true;
	if (task->form != TASK_STATEMENT) {
		if (transaction->changes_schema && task->commits)
			schema_changed(mirror, transaction);
		task->item.ends = true;
		transaction->ended = true;
		if (session->transaction == transaction)
			session->transaction = NULL;
		session_transaction_over(session, task->commits);
	}
	schedule_add(&mirror->schedule, &task->item);
}

/* What was held as an implicit transaction is a block of ours. */
static void flush_held(struct session *session)
{
	LIST_EACH(&session->held, it)
	emit(LIST_ITEM(it, struct task, in_transaction));
}

static void emit_ending(struct session *session,
			struct exchange_transaction_end *end)
{
	struct task *task = session->ending;

	session->ending = NULL;
	session->chained = task->chain && !end;
	session->chain_carried = task->chain;
	session->chain_snapshot = task->chain && session->transaction->snapshot;
	task->end = end;
	if (end) {
		task->item.last_seq = end->seq;
		task->commits = end->outcome == EXCHANGE_COMMIT;
	}
	emit(task);
}

static void note_isolation(struct session *session, const struct task *task)
{
	const struct sql_traits *traits = &task->plan->traits;
	struct sql_characteristics given = traits->transaction;
	bool present = !traits->of_session;

	if (traits->kind == SQL_KIND_SET &&
	    !setting_characteristics(session->mirror, traits, task->text,
				     &given, &present))
		return;
	if (present && given.isolation)
		session->transaction->snapshot =
		    has_one_snapshot(given.isolation);
}

/* A block begins. */
static void note_begin(struct session *session)
{
	session->in_block = true;
	session->aborted = false;
	if (session->transaction)
		session->transaction->snapshot =
		    has_one_snapshot(session_isolation(session));
}

static bool ends_block(const struct task *task)
{
	enum sql_kind kind = task->plan->traits.kind;

	return kind == SQL_KIND_COMMIT || kind == SQL_KIND_ROLLBACK ||
	       kind == SQL_KIND_PREPARE_TRANSACTION;
}

static void take_exchange(struct session *session, struct exchange *exchange)
{
	struct task *task;
	bool ok = exchange->outcome == EXCHANGE_OK ||
		  exchange->outcome == EXCHANGE_SUSPENDED;
	enum sql_kind kind;

	if (session->ending)
		emit_ending(session, NULL);
	if (session->in_block && exchange->statement->status_before == 'E')
		session->aborted = true;
	task = statement_task(session, exchange);
	if (session->own_look)
		look_claim(task);
	kind = task->plan->traits.kind;
	if (ok)
		session_follow(session, task);
	if (exchange->outcome == EXCHANGE_SUSPENDED && session->in_block &&
	    !exchange->statement->resumed && kind == SQL_KIND_SELECT &&
	    task->plan->reads_only) {
		session_open_portal(session, task);
		task->portal = true;
	} else if (exchange->statement->resumed && task->run &&
		   !session_has_portal(session,
				       exchange->statement->portal_message)) {
		foresee_verdict(task, VERDICT_SKIPPED, REASON_UNSUPPORTED,
				"fetches the rest of a portal outside a "
				"transaction block, or of one that writes");
	}
	if (ends_block(task) && exchange->outcome != EXCHANGE_SKIPPED &&
	    (session->in_block || !list_empty(&session->held))) {
		flush_held(session);
		task->form = TASK_END;
		task->commits = ok && kind != SQL_KIND_ROLLBACK &&
				foresee_completion(session->mirror, exchange) !=
				    SESSION_COMPLETED_ROLLBACK;
		task->chain = ok && task->plan->traits.chain;
		session->in_block = task->chain;
		session->aborted = false;
		session->ending = task;
		return;
	}
	if (!session->in_block && kind == SQL_KIND_BEGIN && ok) {
		flush_held(session);
		note_begin(session);
	}
	if (session->in_block) {
		if (exchange->outcome == EXCHANGE_FAILED)
			session->aborted = true;
		else if (ok && kind == SQL_KIND_ROLLBACK_TO)
			session->aborted = false;
		note_isolation(session, task);
		emit(task);
		return;
	}
	list_append(&session->held, &task->in_transaction);
}

static struct task *bare_end(struct session *session,
			     struct exchange_transaction_end *end)
{
	struct task *task = task_new(session, TASK_END);

	task->end = end;
	task->item.seq = task->item.last_seq = end ? end->seq : 0;
	task->item.after = end ? end->after : 0;
	task->commits = end && end->outcome == EXCHANGE_COMMIT;
	return task;
}

static void take_end(struct session *session,
		     struct exchange_transaction_end *end,
		     struct journal_position position)
{
	struct link *only = session->held.next;

	if (session->chained && !session->ending) {
		/* reported by the COMMIT; its message continued in the new
		 * block */
		session->chained = false;
		session->mirror->seen -= !session->look;
		exchange_transaction_end_free(&end);
		return;
	}
	session->blind = session->aborted = false;
	if (session->ending) {
		session->in_block = session->ending->chain;
		emit_ending(session, end);
		return;
	}
	if (!list_empty(&session->held) && only->next == &session->held) {
		struct task *task =
		    LIST_ITEM(only, struct task, in_transaction);

		task->form = TASK_SINGLE;
		task->end = end;
		task->item.last_seq = end->seq;
		task->commits = end->outcome == EXCHANGE_COMMIT;
		emit(task);
	} else {
		flush_held(session);
		if (!session->transaction)
			transaction_new(session, end->seq, end->at, position);
		emit(bare_end(session, end));
	}
	session->in_block = false;
}

/* The session is gone and its transaction with it, end or not. */
static void take_close(struct session *session, bool clean)
{
	session->closed = true;
	session->closed_clean = clean;
	if (session->ending)
		emit_ending(session, NULL);
	flush_held(session);
	if (session->transaction) {
		struct task *task = bare_end(session, NULL);

		task->item.seq = task->item.last_seq =
		    session->transaction->last_seq;
		emit(task);
	}
	session->in_block = false;
	judge_count(session);
}

void intake_end(struct mirror *mirror)
{
	for (size_t i = mirror->sessions.count; i-- > 0;)
		take_close(mirror->sessions.entries[i].value, false);
}

static struct session *session_of(struct mirror *mirror,
				  const struct exchange_session_id *id)
{
	struct session *session = session_find(mirror, id);

	if (session)
		return session;
	/* its beginning is lost, or was before the first segment */
	session = session_open(mirror, id, NULL);
	session->blind = true;
	return session;
}

static void load_state(struct session *session)
{
	struct mirror *mirror = session->mirror;
	char key[64], *text = NULL;
	struct error error;

	snprintf(key, sizeof(key), "state:%" PRIu32 ".%" PRIu32 ".%" PRIu64,
		 session->id.writer, session->id.epoch, session->id.session);
	if (store_get_sealed(mirror->store, key, &text, &error)) {
		mirror_fail(mirror, &error);
		return;
	}
	if (text)
		session_load(session, text);
	free(text);
}

static void take_opened(struct mirror *mirror,
			const struct exchange_session *opened)
{
	struct session *session = session_find(mirror, &opened->id);

	if (session) {
		if (opened->resumed && opened->known &&
		    (opened->transaction_status != 'I') != session->in_block)
			session->blind = opened->transaction_status != 'I';
		return;
	}
	session = session_open(mirror, &opened->id, opened);
	session->look = opened->look;
	session->blind = opened->resumed && opened->transaction_status != 'I';
	load_state(session);
}

/* A look of another mirror, or of an earlier run of this one. It was in flight
 * like any other. */
static void pass_look(struct session *session, struct journal_event *event)
{
	struct past past = {.session = session};

	if (event->kind != JOURNAL_EXCHANGE)
		return;
	past.seq = event->exchange->seq;
	past.after = event->exchange->statement->after;
	judge_past(session->mirror, &past);
}

void intake_event(struct mirror *mirror, struct journal_event *event)
{
	struct session *session;
	uint64_t seq = 0;

	switch (event->kind) {
	case JOURNAL_SESSION_OPENED:
		take_opened(mirror, event->session);
		return;
	case JOURNAL_GAP:
		loss_take_gap(mirror, event->gap, event->position);
		return;
	case JOURNAL_SESSION_UNCAPTURED:
		loss_take_uncaptured(mirror, event);
		return;
	case JOURNAL_SESSION_CHANGED:
		/* It is not followed yet: statements that depend on it are not
		 * judged. */
		session_of(mirror, &event->id)->state_lost = true;
		return;
	case JOURNAL_SESSION_CLOSED:
		session = session_find(mirror, &event->id);
		if (session)
			take_close(session, event->clean);
		return;
	case JOURNAL_EXCHANGE:
		seq = event->exchange->seq;
		break;
	case JOURNAL_TRANSACTION_END:
		seq = event->transaction_end->seq;
		break;
	}
	session = session_of(mirror, &event->id);
	if (seq > mirror->last_seq)
		mirror->last_seq = seq;
	if (progress_is_done(mirror, &event->id, seq)) {
		if (event->kind == JOURNAL_TRANSACTION_END)
			session->blind = false;
		return;
	}
	if (session->look && event->kind == JOURNAL_EXCHANGE)
		look_greeted(session, event->exchange);
	if (session->look && !session->own_look) {
		pass_look(session, event);
		return;
	}
	mirror->seen += !session->look;
	mirror->changed = true;
	if (event->kind == JOURNAL_EXCHANGE) {
		struct exchange *exchange = event->exchange;

		event->exchange = NULL;
		take_exchange(session, exchange);
	} else {
		struct exchange_transaction_end *end = event->transaction_end;

		event->transaction_end = NULL;
		take_end(session, end, event->position);
	}
}
