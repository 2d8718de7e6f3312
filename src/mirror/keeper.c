/*
 * What takes the mirror's own rights goes over a connection of its own, since
 * no session of a client's has them: sequences are moved past the values that
 * the primary drew.
 *
 *	session A: INSERT ... VALUES (7)      session B: INSERT ... VALUES (9)
 *	keeper:    moves s past 7; moves s past 9
 *	           both go on when the keeper's batch is answered
 *
 * All that wait go in one batch. A sequence that the session's own transaction
 * has made, altered or locked is not seen from here: that session moves it
 * itself, as the role that made it.
 */
#include "adapters/shadow.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "mirror/internal.h"

enum { KEEPER_COMMANDS = 256 };

static struct session *new_keeper(struct mirror *mirror)
{
	struct session *keeper = memory_alloc(sizeof(*keeper));

	keeper->mirror = mirror;
	keeper->role = memory_string("");
	keeper->polled = -1;
	list_init(&keeper->in_busy);
	list_init(&keeper->in_keeper);
	arena_init(&keeper->arena, 0);
	return keeper;
}

void keeper_close(struct mirror *mirror)
{
	struct session *keeper = mirror->keeper;

	if (!keeper)
		return;
	connection_close(keeper);
	arena_release(&keeper->arena);
	free(keeper->commands);
	free(keeper->role);
	free(keeper);
	mirror->keeper = NULL;
}

static size_t count_moves(const struct task *task)
{
	size_t count = 0;

	for (size_t i = 0; i < task->steps.count; i++)
		count += task->steps.steps[i].role == STEP_PREPARE;
	return count;
}

static void ask(struct mirror *mirror)
{
	struct session *keeper = mirror->keeper;

	keeper->command_count = 0;
	LIST_EACH(&mirror->keeper_waiting, it)
	{
		struct session *session =
		    LIST_ITEM(it, struct session, in_keeper);
		const struct task *task = session->running;

		if (keeper->command_count >= KEEPER_COMMANDS)
			break;
		for (size_t i = 0; i < task->steps.count; i++) {
			struct shadow_command *command;

			if (task->steps.steps[i].role != STEP_PREPARE)
				continue;
			command = batch_add(keeper, task->steps.steps[i].text);
			command->regardless = true;
			command->rows_max = 64;
		}
		list_remove(it);
		list_append(&mirror->keeper_asked, it);
	}
	connection_submit(keeper, APPLY_PINS);
}

static void pump(struct mirror *mirror)
{
	if (list_empty(&mirror->keeper_waiting) ||
	    !list_empty(&mirror->keeper_asked))
		return;
	if (!mirror->keeper)
		mirror->keeper = new_keeper(mirror);
	if (!mirror->keeper->shadow) {
		if (!mirror->keeper->waiting)
			connection_open(mirror->keeper);
	} else if (mirror->ops->state(mirror->keeper->shadow) == SHADOW_IDLE) {
		ask(mirror);
	}
}

bool keeper_moves(struct session *session, struct task *task)
{
	struct mirror *mirror = session->mirror;

	if (task->moved || !count_moves(task))
		return false;
	if (task->transaction->holds_sequences) {
		task->moves = task->moved = true;
		return false;
	}
	session->running = task;
	session->phase = APPLY_PINS;
	list_append(&mirror->keeper_waiting, &session->in_keeper);
	pump(mirror);
	return true;
}

void keeper_forget(struct session *session)
{
	/* its commands, if sent, are still answered, and the answers come in
	 * the order of the list */
	struct mirror *mirror = session->mirror;
	bool asked = false;

	LIST_EACH(&mirror->keeper_asked, it)
	asked |= it == &session->in_keeper;
	if (!asked) {
		list_remove(&session->in_keeper);
		return;
	}
	connection_close(mirror->keeper);
	list_remove(&session->in_keeper);
	keeper_lost(mirror);
}

/* It stays where it is, which is logged once. */
static void note_failure(const struct answer *answer)
{
	static bool told;

	if (told)
		return;
	told = true;
	LOG_WARN("a sequence of the shadow could not be moved past the "
		 "primary's values",
		 "code=%s hint=\"the shadow's user needs UPDATE on all "
		 "sequences: parallax rights\"",
		 answer->problem.code);
}

void keeper_ready(struct mirror *mirror)
{
	struct link done;
	size_t count = 0, at = 0;
	const struct answer *answers = NULL;

	list_init(&done);
	if (!list_empty(&mirror->keeper_asked))
		answers = mirror->ops->answers(mirror->keeper->shadow, &count);
	LIST_EACH(&mirror->keeper_asked, it)
	{
		struct session *session =
		    LIST_ITEM(it, struct session, in_keeper);
		struct task *task = session->running;

		task->moved = true;
		for (size_t n = count_moves(task); n && at < count; n--, at++)
			if (answers[at].outcome == ANSWER_FAILED)
				note_failure(&answers[at]);
		list_remove(it);
		list_append(&done, it);
	}
	mirror->keeper->phase = APPLY_IDLE;
	LIST_EACH(&done, it)
	{
		list_remove(it);
		apply_moved(LIST_ITEM(it, struct session, in_keeper));
	}
	pump(mirror);
}

/* Moving a sequence twice is harmless. */
void keeper_lost(struct mirror *mirror)
{
	LIST_EACH(&mirror->keeper_asked, it)
	{
		list_remove(it);
		list_append(&mirror->keeper_waiting, it);
	}
	pump(mirror);
}

void keeper_retry(struct mirror *mirror)
{
	struct session *keeper = mirror->keeper;

	if (!keeper || !keeper->waiting ||
	    clock_monotonic_us() < keeper->retry_at)
		return;
	keeper->waiting = false;
	if (!keeper->shadow)
		connection_open(keeper);
}
