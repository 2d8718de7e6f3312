/*
 * A connection on which the failure of a statement undoes that statement alone
 * (reduced.h): each one in a transaction has a savepoint of the driver's, of
 * which nobody else knows.
 *
 *	SAVEPOINT parallax_guard	aside
 *	UPDATE ...			a command of the batch
 *	RELEASE parallax_guard		aside; behind one that failed:
 *					ROLLBACK TO parallax_guard before it
 *
 * Commands go one by one, since what follows hangs on what became of each.
 */
#include <ctype.h>
#include <strings.h>

#include "adapters/postgres/shadow_state.h"

#define GUARD "parallax_guard"

/* First words of statements that steer the transaction: no savepoint of ours
 * may stand around these. */
static const char *const steering[] = {
    "abort",
    "begin",
    "commit",
    "end",
    "release",
    "rollback",
    "start",
    "savepoint",
    "prepare transaction",
    "set transaction",
    "set session characteristics",
    "set local transaction",
};

static bool steers(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	for (size_t i = 0; i < sizeof(steering) / sizeof(*steering); i++) {
		size_t size = strlen(steering[i]);

		if (!strncasecmp(text, steering[i], size) &&
		    !isalnum((unsigned char)text[size]) && text[size] != '_')
			return true;
	}
	return false;
}

static bool needs_guard(const struct shadow *shadow)
{
	return PQtransactionStatus(shadow->connection) == PQTRANS_INTRANS &&
	       !steers(shadow->commands[shadow->sent].text);
}

static bool begin_command(struct shadow *shadow)
{
	static const char *const savepoint[] = {"SAVEPOINT " GUARD};

	if (!needs_guard(shadow))
		return shadow_send_segment(shadow);
	shadow->guard = GUARD_SET;
	return shadow_send_aside(shadow, savepoint, 1);
}

static bool end_command(struct shadow *shadow)
{
	static const char *const undo[] = {"ROLLBACK TO " GUARD,
					   "RELEASE " GUARD};
	bool failed =
	    shadow->answers[shadow->answered - 1].outcome == ANSWER_FAILED;

	shadow->guard = GUARD_NONE;
	return failed ? shadow_send_aside(shadow, undo, 2)
		      : shadow_send_aside(shadow, undo + 1, 1);
}

bool shadow_guard_next(struct shadow *shadow, bool *more)
{
	*more = true;
	switch (shadow->guard) {
	case GUARD_SET:
		shadow->guard = GUARD_RUN;
		return shadow_send_segment(shadow);
	case GUARD_RUN:
		return end_command(shadow);
	case GUARD_NONE:
		break;
	}
	*more = shadow->sent < shadow->count;
	return !*more || begin_command(shadow);
}
