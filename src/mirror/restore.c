/*
 * What a new connection of a session is told again, before its next statement:
 * settings, prepared statements, temporary tables, in the order in which the
 * client made them, each through the lens as it is now.
 *
 *	SET work_mem = '64MB'; PREPARE p AS SELECT ...; (connection lost)
 *	new connection: SET work_mem = '64MB'; PREPARE p AS SELECT ...
 */
#include "mirror/internal.h"

/* A role that a restored statement resets there. answer_at: the command that
 * takes on the session's role, if it has one. */
static void restore_role(struct session *session, const struct plan *plan,
			 const char *text)
{
	struct task task = {.mirror = session->mirror,
			    .session = session,
			    .plan = plan,
			    .text = text};
	bool local;

	if (!setting_names_role(&task))
		return;
	session->answer_at = session->command_count - 1;
	if (setting_drops_role(&task, &local))
		batch_role(session, false);
}

static void send_steps(struct session *session,
		       const struct state_statement *memory,
		       const struct plan *plan, const struct plan_steps *steps)
{
	for (size_t i = 0; i < steps->count; i++) {
		struct shadow_command *command =
		    control_add(session, plan, memory->text);

		if (!command)
			command = batch_add(session,
					    arena_string(&session->arena,
							 steps->steps[i].text));
		command->regardless = true;
	}
}

/* Sends settings and prepared statements to a new connection. */
void restore_send(struct session *session)
{
	struct mirror *mirror = session->mirror;
	struct lens_session lens;

	batch_start(session);
	session_lens(session, &lens);
	LIST_EACH(&session->memories, it)
	{
		const struct state_statement *memory =
		    LIST_ITEM(it, struct state_statement, in_list);
		const struct plan *plan =
		    lens_plan(mirror->version->lens, &lens, memory->text,
			      strlen(memory->text), NULL, 0);
		struct plan_input input = {.text = memory->text,
					   .text_size = strlen(memory->text)};
		struct plan_steps steps;
		struct error error;

		if (!plan_fill(plan, &input, &session->arena, &steps, &error))
			send_steps(session, memory, plan, &steps);
		restore_role(session, plan, memory->text);
		lens_release(mirror->version->lens, plan);
		if (memory->kind == SQL_KIND_DDL_TEMP)
			session->state_lost = true;
	}
	connection_submit(session, APPLY_RESTORE);
}

bool restore_lost_role(struct session *session)
{
	size_t count;
	const struct answer *answers =
	    session->mirror->ops->answers(session->shadow, &count);

	return session->answer_at < count &&
	       answers[session->answer_at].outcome == ANSWER_FAILED;
}
