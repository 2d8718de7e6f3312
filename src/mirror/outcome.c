/* The meaning of the shadow's answers to a batch, for its statement. */
#include <stdlib.h>
#include <string.h>

#include "mirror/internal.h"

/* The statement's answer. If it was not run, that of the command that failed
 * before it. If it succeeded and its deferred constraints did not, theirs. */
const struct answer *outcome_answer(struct session *session)
{
	size_t count;
	const struct answer *answers =
	    session->mirror->ops->answers(session->shadow, &count);
	size_t at = session->answer_at;
	const struct answer *failure;

	if (at >= count) {
		failure = wave_failure(session, 0);
		return failure ? failure : session->wave.answer;
	}
	if (answers[at].outcome == ANSWER_FAILED)
		return &answers[at];
	if (answers[at].outcome != ANSWER_SKIPPED) {
		failure = wave_failure(session, at + 1);
		if (failure)
			return failure;
		return session->deferred_at < count &&
			       answers[session->deferred_at].outcome ==
				   ANSWER_FAILED
			   ? &answers[session->deferred_at]
			   : &answers[at];
	}
	while (at-- > 0)
		if (answers[at].outcome == ANSWER_FAILED)
			return &answers[at];
	return &answers[session->answer_at];
}

void outcome_read_id(struct session *session, struct task *task)
{
	size_t count;
	const struct answer *answers =
	    session->mirror->ops->answers(session->shadow, &count);
	uint64_t token;

	if (session->id_at >= count)
		return;
	token =
	    session->mirror->session_ops->read_token(&answers[session->id_at]);
	if (token)
		task->transaction->id = token;
}

enum error_class outcome_error(const struct answer *answer)
{
	return answer->outcome == ANSWER_FAILED ? answer->problem.class
						: ERROR_CLASS_NONE;
}

bool outcome_is_load(const struct answer *answer)
{
	return error_class_is_load(outcome_error(answer));
}

/* A write to several tables is answered by a query of its rows. They are the
 * affected rows, and the answer only if the primary gave one. */
static void count_rows(const struct task *task, struct answer *own)
{
	if (own->outcome != ANSWER_OK || !own->has_columns ||
	    task->primary.has_columns || task->primary.row_count ||
	    !task->plan->traits.writes)
		return;
	own->affected = (int64_t)own->row_count;
	own->has_columns = false;
	own->columns = NULL;
	own->rows = NULL;
	own->column_count = own->row_held = own->column_digest_count = 0;
	own->row_count = 0;
	own->capped = false;
	own->ordered = task->primary.ordered;
	own->unordered = task->primary.unordered;
}

void outcome_judge(struct task *task, const struct answer *answer)
{
	struct answer own = *answer;

	count_rows(task, &own);

	/* a slice of a portal ends as the primary says */
	if (task->portal && own.outcome == ANSWER_OK &&
	    task->primary.outcome == ANSWER_SUSPENDED)
		own.outcome = ANSWER_SUSPENDED;
	judge_answer(task, &own);
	twophase_judged(task, &own);
	task->judged = true;
}
