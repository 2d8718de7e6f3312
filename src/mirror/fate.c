/*
 * Was it committed? A connection that is lost while a COMMIT is under way, or a
 * mirror that dies then, leaves a transaction in doubt: the shadow is asked by
 * the token that the transaction had.
 *
 *	COMMIT (connection lost) ... fate of 4711?
 *	committed: its statements are stepped over; aborted: they run again
 */
#include <inttypes.h>

#include "base/clock.h"
#include "base/log.h"
#include "mirror/internal.h"

enum { ASK_AGAIN_US = 20 * 1000 };

void fate_ask(struct session *session)
{
	session->command_count = 0;
	arena_clear(&session->arena);
	session->mirror->session_ops->fate(session->task->transaction->doubt,
					   &session->arena,
					   batch_add(session, NULL));
	connection_submit(session, APPLY_CHECK);
}

static enum transaction_fate fate(const struct session *session)
{
	size_t count;
	const struct answer *answers =
	    session->mirror->ops->answers(session->shadow, &count);

	return count ? session->mirror->session_ops->read_fate(&answers[0])
		     : TRANSACTION_FORGOTTEN;
}

bool fate_answered(struct session *session)
{
	struct transaction *transaction = session->task->transaction;

	switch (fate(session)) {
	case TRANSACTION_RUNNING:
		/* its backend has not yet noticed that the connection is lost
		 */
		session->retry_at = clock_monotonic_us() + ASK_AGAIN_US;
		session->waiting = true;
		session->phase = APPLY_CHECK;
		return false;
	case TRANSACTION_COMMITTED:
	case TRANSACTION_PREPARED:
		transaction->applied = true;
		break;
	case TRANSACTION_ABORTED:
		transaction->applied = false;
		break;
	case TRANSACTION_FORGOTTEN:
		LOG_WARN("it is not known whether a transaction was committed",
			 "session=%" PRIu64 " id=%" PRIu64, session->id.session,
			 transaction->doubt);
		transaction->unknown = transaction->applied = true;
		break;
	}
	transaction->doubt = 0;
	return true;
}
