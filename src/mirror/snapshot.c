/*
 * Which moment of the primary a statement shows. The relay notes the newest seq
 * when each message went to the server; the snapshot lies behind that one of
 * the message that takes it. An example, seq on the left:
 *
 *	7	Parse SELECT, Bind		snapshot here: behind seq 7
 *	8	another session commits		not seen
 *	9	Execute				after 8, but it shows what was
 *						at 7: it overlaps 8
 *
 *	7	DECLARE c CURSOR ...		snapshot here
 *	8	another session commits		not seen
 *	9	FETCH FROM c			shows what was at 7
 *
 * Writes and utilities take theirs when they are executed. In a transaction
 * with one snapshot, its first message that needs one takes it, also if it
 * fails or the shadow does not run it.
 */
#include "mirror/intake.h"

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The cursor whose rows the task returns, or NULL. */
static const struct prepared *cursor_of(const struct task *task)
{
	const struct exchange_statement *statement = task->exchange->statement;
	enum sql_kind kind = task->plan->traits.kind;
	const char *name = NULL;

	if (kind == SQL_KIND_FETCH || kind == SQL_KIND_MOVE)
		name = task->plan->traits.name;
	else if (statement->resumed && !statement->portal_message)
		name = statement->portal; /* of a declared one */
	return name ? map_get_string(&task->session->cursors, name) : NULL;
}

void snapshot_begin(struct task *task)
{
	const struct exchange *exchange = task->exchange;
	const struct exchange_statement *statement = exchange->statement;
	const struct prepared *cursor = cursor_of(task);

	task->snapshot_after = statement->after;
	if (cursor)
		task->snapshot_after = least(cursor->after, statement->after);
	else if (statement->kind == EXCHANGE_EXECUTE &&
		 task->plan->traits.kind == SQL_KIND_SELECT)
		task->snapshot_after =
		    least(statement->bind_after, statement->after);
	task->item.after = statement->after;
	task->item.first = exchange->seq;
	if (!task->plan->reads_only ||
	    task->plan->traits.kind != SQL_KIND_SELECT)
		return; /* it takes locks, or waits for others' */
	task->item.after = task->snapshot_after;
	if (!(task->plan->traits.volatility &
	      (1u << SQL_FUNCTION_LOCK | 1u << SQL_FUNCTION_EFFECT)) &&
	    !conflict_effects_unknown(task->version->catalogs, task->plan))
		task->item.first = exchange->first;
}

static bool needs_snapshot(enum sql_kind kind)
{
	switch (kind) {
	case SQL_KIND_EMPTY:
	case SQL_KIND_BEGIN:
	case SQL_KIND_COMMIT:
	case SQL_KIND_ROLLBACK:
	case SQL_KIND_SAVEPOINT:
	case SQL_KIND_RELEASE:
	case SQL_KIND_ROLLBACK_TO:
	case SQL_KIND_PREPARE_TRANSACTION:
	case SQL_KIND_COMMIT_PREPARED:
	case SQL_KIND_ROLLBACK_PREPARED:
	case SQL_KIND_SET:
	case SQL_KIND_SET_TRANSACTION:
	case SQL_KIND_SET_CONSTRAINTS:
	case SQL_KIND_RESET:
	case SQL_KIND_SHOW:
	case SQL_KIND_FETCH:
	case SQL_KIND_MOVE:
	case SQL_KIND_LISTEN:
	case SQL_KIND_NOTIFY:
	case SQL_KIND_UNLISTEN:
	case SQL_KIND_LOCK:
		return false;
	default:
		return true;
	}
}

/* If the Parse belongs to an earlier transaction, it took no snapshot here. */
static uint64_t first_message(const struct task *task)
{
	const struct exchange_statement *statement = task->exchange->statement;
	uint64_t began = task->transaction->began_after;

	if (statement->parsed_after >= began)
		return least(statement->parsed_after, statement->bind_after);
	return statement->parse_after >= began ? statement->parse_after
					       : statement->bind_after;
}

void snapshot_follow(struct task *task)
{
	struct transaction *transaction = task->transaction;
	const struct exchange *exchange = task->exchange;

	if (exchange && task->form != TASK_END && transaction->snapshot &&
	    exchange->outcome != EXCHANGE_SKIPPED &&
	    exchange->outcome != EXCHANGE_EMPTY &&
	    needs_snapshot(task->plan->traits.kind)) {
		if (!transaction->snapshot_taken)
			transaction->snapshot_after = first_message(task);
		transaction->snapshot_taken = true;
		/* On the shadow, the first statement that runs takes it: it may
		 * show any table. */
		if (task->run && !transaction->snapshot_placed) {
			transaction->snapshot_placed = true;
			schedule_set_all(&task->item.reads);
			task->item.after = least(task->item.after,
						 transaction->snapshot_after);
		}
	}
	task->interval_after =
	    !exchange ? task->item.after : task->snapshot_after;
	if (transaction->snapshot_taken)
		task->interval_after = transaction->snapshot_after;
}
