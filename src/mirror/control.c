/*
 * The client's statements that steer its transactions, in the words of the
 * shadow's engine. The tree says what the statement is; the engine says how
 * that is written there:
 *
 *	START TRANSACTION READ ONLY	session_ops.begin
 *	SAVEPOINT "a b"			session_ops.control(SESSION_SAVEPOINT)
 *	COMMIT AND CHAIN		session_ops.control(SESSION_COMMIT_CHAIN)
 *	SET default_transaction_isolation TO 'serializable'
 *					session_ops.characterise(SESSION_LATER)
 */
#include "mirror/internal.h"

static struct shadow_command *add_begin(struct session *session,
					const struct sql_traits *traits)
{
	struct shadow_command commands[SESSION_BEGIN_MAX] = {0};
	struct shadow_command *last = NULL;
	size_t count = session->mirror->session_ops->begin(
	    &traits->transaction, &session->arena, commands);

	for (size_t i = 0; i < count; i++) {
		last = batch_add(session, NULL);
		*last = commands[i];
	}
	return last;
}

static struct shadow_command *add_control(struct session *session,
					  enum session_control what,
					  const char *name)
{
	struct shadow_command *command = batch_add(session, NULL);

	if (session->mirror->session_ops->control(what, name, &session->arena,
						  command))
		return command;
	session->command_count--;
	return NULL;
}

static struct shadow_command *add_characteristics(
    struct session *session, enum session_scope scope,
    const struct sql_characteristics *given)
{
	struct shadow_command *command;

	if (!sql_characteristics_given(given))
		return NULL; /* it is something else: a snapshot */
	command = batch_add(session, NULL);
	session->mirror->session_ops->characterise(scope, given,
						   &session->arena, command);
	return command;
}

/* A setting that stands for a characteristic. */
static struct shadow_command *add_setting(struct session *session,
					  const struct sql_traits *traits,
					  const char *text)
{
	struct sql_characteristics given;
	bool present;

	if (!setting_characteristics(session->mirror, traits, text, &given,
				     &present))
		return NULL;
	return add_characteristics(
	    session, present ? SESSION_PRESENT : SESSION_LATER, &given);
}

struct shadow_command *control_add(struct session *session,
				   const struct plan *plan, const char *text)
{
	const struct sql_traits *traits = &plan->traits;

	if (plan->ruled)
		return NULL;
	switch (traits->kind) {
	case SQL_KIND_BEGIN:
		return add_begin(session, traits);
	case SQL_KIND_COMMIT:
		return add_control(session,
				   traits->chain ? SESSION_COMMIT_CHAIN
						 : SESSION_COMMIT,
				   NULL);
	case SQL_KIND_ROLLBACK:
		return add_control(session,
				   traits->chain ? SESSION_ROLLBACK_CHAIN
						 : SESSION_ROLLBACK,
				   NULL);
	case SQL_KIND_SAVEPOINT:
		return add_control(session, SESSION_SAVEPOINT, traits->name);
	case SQL_KIND_RELEASE:
		return add_control(session, SESSION_RELEASE, traits->name);
	case SQL_KIND_ROLLBACK_TO:
		return add_control(session, SESSION_ROLLBACK_TO, traits->name);
	case SQL_KIND_SET_TRANSACTION:
		return add_characteristics(session,
					   traits->of_session ? SESSION_LATER
							      : SESSION_PRESENT,
					   &traits->transaction);
	case SQL_KIND_SET:
		return add_setting(session, traits, text);
	default:
		return NULL;
	}
}
