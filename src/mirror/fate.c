/*
 * Was it committed? A connection that is lost while a COMMIT is under way, or a
 * mirror that dies then, leaves a transaction in doubt: the shadow is asked by
 * the token that the transaction had.
 *
 *	COMMIT (connection lost) ... fate of 4711?
 *	committed: its statements are stepped over; aborted: they run again
 *
 * A shadow that crashed may have lost the log of 4711, and then gives this number
 * to another transaction. So all that are in doubt are asked for before another
 * one begins, and one that was not committed is withdrawn from the disk before it
 * runs again.
 */
#include <inttypes.h>

#include <stdio.h>

#include "adapters/adapter.h"
#include "adapters/seed.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "mirror/internal.h"
#include "mirror/progress.h"

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

static bool ask_again(struct session *session)
{
	session->retry_at = clock_monotonic_us() + ASK_AGAIN_US;
	session->waiting = true;
	session->phase = APPLY_CHECK;
	return false;
}

/* Not applied: -1 if the disk is full. */
static int withdraw(struct transaction *transaction)
{
	struct mirror *mirror = transaction->session->mirror;
	const struct intent *intent = progress_doubt(
	    mirror, &transaction->session->id, transaction->first_seq);

	return intent ? progress_withdraw(mirror, intent) : 0;
}

bool fate_answered(struct session *session)
{
	struct transaction *transaction = session->task->transaction;

	switch (fate(session)) {
	case TRANSACTION_RUNNING:
		/* its backend has not yet noticed that the connection is lost
		 */
		transaction->doubt_told = true;
		return ask_again(session);
	case TRANSACTION_COMMITTED:
	case TRANSACTION_PREPARED:
		transaction->applied = true;
		break;
	case TRANSACTION_ABORTED:
		if (withdraw(transaction))
			return ask_again(session);
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

/* Only for those of this run: fate_ask_all() has asked for what an earlier one
 * left, and a transaction of it may have to wait for others before its turn. */
bool fate_comes_first(struct mirror *mirror)
{
	if (!mirror->doubts)
		return false;
	LIST_EACH(&mirror->transactions, it)
	{
		const struct transaction *transaction =
		    LIST_ITEM(it, struct transaction, in_mirror);

		if (transaction->doubt && transaction->doubt_here &&
		    !transaction->doubt_told && !transaction->lost)
			return true;
	}
	mirror->doubts = false;
	return false;
}

/* What is running, or forgotten, is asked for again when its statements are read:
 * no number is given out twice for these. */
static int ask_now(struct mirror *mirror, struct database *shadow,
		   const struct intent *intent, struct error *error)
{
	enum transaction_fate fate;
	char token[24];

	snprintf(token, sizeof(token), "%" PRIu64, intent->id);
	if (mirror->options->shadow_adapter->seed->fate(shadow, token, &fate,
							error))
		return -1;
	return fate == TRANSACTION_ABORTED ? progress_withdraw(mirror, intent)
					   : 0;
}

/* The list is another one after each withdrawal. */
static int ask_each(struct mirror *mirror, struct database *shadow,
		    struct error *error)
{
	size_t at = 0;

	while (at < mirror->intents.count) {
		const struct intent *intent = mirror->intents.entries[at].value;
		size_t before = mirror->intents.count;

		if (intent->word == INTENT_COMMITS && intent->id &&
		    ask_now(mirror, shadow, intent, error))
			return -1;
		at += mirror->intents.count == before;
	}
	return 0;
}

int fate_ask_all(struct mirror *mirror, struct error *error)
{
	const struct database_ops *ops =
	    mirror->options->shadow_adapter->database;
	struct database *shadow = NULL;
	int result;

	if (!mirror->intents.count)
		return 0;
	result = ops->open(&mirror->options->shadow, "parallax:fates", &shadow,
			   error);
	if (!result)
		result = ask_each(mirror, shadow, error);
	ops->close(&shadow);
	return result;
}
