/*
 * A plan whose steps take rows of one another, sent in waves:
 *
 *	wave 1	BEGIN; SAVEPOINT; lock the rows; find the rows
 *	wave 2	write place 1 with those rows; write place 2; answer; RELEASE
 *
 * All waves are one statement: the savepoint is set before the first, and what
 * fails in any of them is the statement's failure. A plan without such steps is
 * one wave.
 */
#include <string.h>

#include "mirror/internal.h"

enum { ROWS_KEPT = 16 * 1024 * 1024 }; /* bytes of one step's */

void wave_start(struct session *session, const struct task *task)
{
	struct wave *wave = &session->wave;
	size_t room = task->steps.count + 1;

	*wave = (struct wave){0};
	wave->answers =
	    arena_array(&session->arena, room, sizeof(*wave->answers));
	wave->commands =
	    arena_array(&session->arena, room, sizeof(*wave->commands));
	for (size_t i = 0; i < room; i++)
		wave->commands[i] = SIZE_MAX;
}

static bool is_ready(const struct wave *wave, const struct plan_step *step)
{
	for (size_t i = 0; i < step->hole_count; i++)
		if (!wave->answers[step->holes[i].source])
			return false;
	return true;
}

int wave_bind(struct session *session, const struct task *task, size_t index,
	      struct plan_step *bound, struct error *error)
{
	struct wave *wave = &session->wave;

	wave->partial = !is_ready(wave, &task->steps.steps[index]);
	if (wave->partial) {
		wave->next = index;
		return 1;
	}
	return plan_bind(&task->steps, index, wave->answers, &session->arena,
			 bound, error);
}

void wave_sent(struct session *session, const struct task *task, size_t index)
{
	const struct plan_step *step = &task->steps.steps[index];
	struct shadow_command *command =
	    &session->commands[session->command_count - 1];

	session->wave.commands[index] = session->command_count - 1;
	if (step->kept && command->rows_max < ROWS_KEPT)
		command->rows_max = ROWS_KEPT;
}

static const struct answer *failure(const struct answer *answers, size_t from,
				    size_t end)
{
	for (size_t i = from; i < end; i++)
		if (answers[i].outcome == ANSWER_FAILED)
			return &answers[i];
	return NULL;
}

const struct answer *wave_failure(const struct session *session, size_t from)
{
	size_t count;
	const struct answer *answers =
	    session->mirror->ops->answers(session->shadow, &count);

	return failure(answers, from,
		       session->wave.end < count ? session->wave.end : count);
}

bool wave_wants_rights(const struct session *session, const struct task *task,
		       const struct answer *answer)
{
	size_t count;
	const struct answer *answers =
	    session->mirror->ops->answers(session->shadow, &count);

	if (answer->outcome != ANSWER_FAILED ||
	    answer->problem.class != ERROR_CLASS_PERMISSION)
		return false;
	for (size_t i = 0; i < task->steps.count; i++)
		if (session->wave.commands[i] < count &&
		    answer == &answers[session->wave.commands[i]])
			return task->steps.steps[i].wants_rights;
	return false;
}

/* What lives on when the next batch is submitted. */
static const struct answer *keep(struct arena *arena,
				 const struct answer *answer)
{
	struct answer *kept = arena_copy(arena, answer, sizeof(*kept));
	size_t cells = answer->row_held * answer->column_count;
	struct answer_column *columns =
	    arena_array(arena, answer->column_count + 1, sizeof(*columns));
	struct value *rows = arena_array(arena, cells + 1, sizeof(*rows));

	for (size_t c = 0; c < answer->column_count; c++) {
		columns[c] = answer->columns[c];
		columns[c].name = arena_string(arena, answer->columns[c].name);
	}
	for (size_t i = 0; i < cells; i++) {
		uint8_t *data;

		rows[i] = answer->rows[i];
		if (!rows[i].data)
			continue;
		data = arena_alloc(arena, rows[i].size + 1);
		memcpy(data, rows[i].data, rows[i].size);
		rows[i].data = data;
	}
	kept->tag = arena_string(arena, answer->tag);
	kept->warnings = NULL;
	kept->warning_held = 0;
	kept->columns = columns;
	kept->rows = rows;
	kept->column_digests = arena_copy(arena, answer->column_digests,
					  answer->column_digest_count *
					      sizeof(*answer->column_digests));
	return kept;
}

void wave_keep(struct session *session, const struct task *task)
{
	struct wave *wave = &session->wave;
	size_t count;
	const struct answer *answers =
	    session->mirror->ops->answers(session->shadow, &count);

	for (size_t i = 0; i < task->steps.count; i++) {
		const struct plan_step *step = &task->steps.steps[i];

		if (wave->commands[i] < count &&
		    (step->kept || step->role == STEP_ANSWER))
			wave->answers[i] =
			    keep(&session->arena, &answers[wave->commands[i]]);
		if (step->role == STEP_ANSWER && wave->answers[i])
			wave->answer = wave->answers[i];
		wave->commands[i] = SIZE_MAX;
	}
}
