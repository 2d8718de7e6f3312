/*
 * Where transactions end. Whether one is open is what the server's status flags
 * say, not the text; the text says only how one ended, or that one ended and
 * the next began in one statement:
 *
 *	BEGIN			OK, in transaction
 *	INSERT			OK, in transaction
 *	BEGIN			OK, in transaction	commit
 *	UPDATE			ERR 1213		rollback
 *	INSERT			OK			commit (of itself)
 *
 * ERR has no flags. Some errors undo the whole transaction, always; of others
 * it depends on a setting of the server's, so its end is unknown (trap: 1205
 * with innodb_rollback_on_timeout).
 */
#include "adapters/mysql/wire_state.h"

/* MariaDB's knowledge base, "MariaDB Error Codes". */
enum {
	ERROR_CHANGED_SINCE_READ = 1020, /* innodb_snapshot_isolation */
	ERROR_DURING_COMMIT = 1180,
	ERROR_LOCK_TIMEOUT = 1205,
	ERROR_LOCK_TABLE_FULL = 1206,
	ERROR_DEADLOCK = 1213,
	ERROR_XA_TIMEOUT = 1613,
	ERROR_XA_DEADLOCK = 1614,
	ERROR_ROLLBACK_DURING_COMMIT = 3101, /* group replication */
};

static bool error_undoes_all(uint32_t code)
{
	return code == ERROR_DEADLOCK || code == ERROR_LOCK_TABLE_FULL ||
	       code == ERROR_DURING_COMMIT || code == ERROR_XA_DEADLOCK ||
	       code == ERROR_ROLLBACK_DURING_COMMIT;
}

static bool error_may_undo_all(uint32_t code)
{
	return code == ERROR_LOCK_TIMEOUT || code == ERROR_XA_TIMEOUT ||
	       code == ERROR_CHANGED_SINCE_READ;
}

void mysql_transaction_end(struct wire *wire, enum wire_transaction outcome,
			   uint64_t message, uint64_t after, uint64_t first)
{
	wire->moment.seq++;
	wire->doubtful = false;
	wire->events->transaction_end(wire->context, outcome, message, after,
				      first, NULL);
}

/* Of the command under way. */
static void end_here(struct wire *wire, enum wire_transaction outcome,
		     uint64_t first)
{
	const struct wire_command *head = mysql_command_head(wire);

	mysql_transaction_end(wire, outcome,
			      head->message ? head->message : wire->answered,
			      head->after, first);
}

static enum wire_transaction outcome_of(const struct wire *wire, uint8_t verb)
{
	if (verb == VERB_ROLLBACK)
		return WIRE_ROLLBACK;
	return wire->doubtful || verb == VERB_OPAQUE ? WIRE_UNKNOWN
						     : WIRE_COMMIT;
}

void mysql_transaction_status(struct wire *wire, uint16_t status, uint8_t verb,
			      bool statement, uint64_t first)
{
	bool was = wire->in_transaction;
	bool is = status & STATUS_IN_TRANSACTION;
	bool ends = verb == VERB_BEGIN || verb == VERB_COMMIT ||
		    verb == VERB_ROLLBACK || !is;

	wire->status = status;
	wire->in_transaction = is;
	if (was && ends)
		end_here(wire, outcome_of(wire, verb), first);
	else if (!was && !is && statement)
		end_here(wire, WIRE_COMMIT, first);
}

void mysql_transaction_error(struct wire *wire,
			     const struct wire_problem *problem, bool statement,
			     uint64_t first)
{
	if (!wire->in_transaction) {
		if (statement)
			end_here(wire, WIRE_ROLLBACK, first);
		return;
	}
	if (error_undoes_all(problem->code)) {
		wire->in_transaction = false;
		end_here(wire, WIRE_ROLLBACK, first);
	} else if (error_may_undo_all(problem->code)) {
		wire->doubtful = true;
	}
}
