/*
 * What the mirror itself says in a session of the shadow, beside its clients'
 * statements. Each operation builds one command of a batch, and what it brings
 * back is read by its counterpart, so that nothing outside of an engine's
 * folder knows a word of its SQL:
 *
 *	control(SESSION_SAVEPOINT, "p", ...)	SAVEPOINT p
 *	portal_fetch(7, 100, ...)		FETCH FORWARD 100 FROM ...
 *	token(...), read_token(answer)		which transaction is this?
 *	fate(token, ...), read_fate(answer)	what became of it?
 *
 * A builder sets the command's text, and parameters and limits where it needs
 * them; all else in the command is the caller's. What it makes is in the arena.
 */
#ifndef PARALLAX_ADAPTERS_SESSION_H
#define PARALLAX_ADAPTERS_SESSION_H

#include "adapters/shadow.h"
#include "sql/characteristics.h"

/* Steps of a transaction. Savepoints have the client's names or the mirror's;
 * prepared transactions have names of letters, digits, dashes and underscores.
 */
enum session_control {
	SESSION_BEGIN, /* with the session's characteristics; see also begin */
	SESSION_COMMIT,
	SESSION_COMMIT_CHAIN, /* another one begins at once */
	SESSION_ROLLBACK,
	SESSION_ROLLBACK_CHAIN,
	SESSION_SAVEPOINT, /* name, and of the two below */
	SESSION_RELEASE,
	SESSION_ROLLBACK_TO, /* the savepoint stays */
	SESSION_DEFER,	     /* constraints that may wait, wait */
	/* Constraints that wait for the commit are looked at now. */
	SESSION_CHECK_DEFERRED,
	/* The transaction under way is on disk when its commit is answered,
	 * whatever the client has set. */
	SESSION_DURABLE,
	SESSION_PREPARE, /* of transactions that outlive their session, by name
			  */
	SESSION_COMMIT_PREPARED,
	SESSION_ROLLBACK_PREPARED,
};

/* Of which transactions characteristics are set. */
enum session_scope {
	SESSION_PRESENT, /* the one under way, before its first query */
	SESSION_LATER,	 /* all later ones of the session */
};

enum { SESSION_BEGIN_MAX = 2 }; /* commands of begin */

/* What of a transaction is undone when one of its statements fails. */
enum session_failure {
	SESSION_FAILURE_ENDS_BLOCK, /* all but a rollback is refused then */
	SESSION_FAILURE_ENDS_STATEMENT,
};

/* What became of a transaction. */
enum transaction_fate {
	TRANSACTION_FORGOTTEN, /* the server does not know any more */
	TRANSACTION_RUNNING,
	TRANSACTION_COMMITTED,
	TRANSACTION_PREPARED,
	TRANSACTION_ABORTED,
};

/* What an answer's tag says of its statement. */
enum session_completion {
	SESSION_COMPLETED, /* it may have written */
	SESSION_COMPLETED_READ,
	SESSION_COMPLETED_ROLLBACK, /* also of a COMMIT that undid all */
};

struct session_wait {
	uint32_t waiter; /* see shadow_ops.backend */
	uint32_t holder; /* 0: no session: a prepared transaction */
};

struct session_prepared {
	const char *name;
	uint64_t token;
};

struct session_ops {
	enum session_failure failure;

	/* False: the engine has no such step, and goes without. */
	bool (*control)(enum session_control what, const char *name,
			struct arena *arena, struct shadow_command *out);
	/* Begins a transaction for the client. Fills up to SESSION_BEGIN_MAX
	 * commands and returns their number; the last one's answer is that of
	 * the client's statement. A characteristic that is not given is the
	 * session's; one that the engine does not know is left out.
	 * START TRANSACTION READ ONLY; SET TRANSACTION ISOLATION LEVEL
	 * SERIALIZABLE and START TRANSACTION READ ONLY. */
	size_t (*begin)(const struct sql_characteristics *given,
			struct arena *arena,
			struct shadow_command commands[SESSION_BEGIN_MAX]);
	/* Sets those that are given, of which there is one at least. */
	void (*characterise)(enum session_scope scope,
			     const struct sql_characteristics *given,
			     struct arena *arena, struct shadow_command *out);
	enum session_completion (*completion)(const char *tag);
	/* Whether an unparsed text (the body of a DO) may end transactions.
	 * Decided by its words; in doubt, true. */
	bool (*may_end_transaction)(const char *text);

	/* A query of the client's, whose rows are taken in slices: by a number,
	 * as long as its transaction is open. open turns the command of the
	 * query into that. rows 0: all that are left. */
	void (*portal_open)(uint64_t portal, struct arena *arena,
			    struct shadow_command *query);
	void (*portal_fetch)(uint64_t portal, uint32_t rows,
			     struct arena *arena, struct shadow_command *out);
	void (*portal_close)(uint64_t portal, struct arena *arena,
			     struct shadow_command *out);

	/* Takes on the client's role again, for good or until the transaction
	 * ends. Only where the shadow says role_assumed. */
	void (*role)(const struct shadow *shadow, bool local,
		     struct shadow_command *out);

	/* What the transaction under way can be asked for by later, from any
	 * session; 0: it has written nothing yet, or the answer says nothing.
	 */
	void (*token)(struct shadow_command *out);
	uint64_t (*read_token)(const struct answer *answer);
	void (*fate)(uint64_t token, struct arena *arena,
		     struct shadow_command *out);
	/* An answer that says nothing is FORGOTTEN. */
	enum transaction_fate (*read_fate)(const struct answer *answer);

	/* Which of these backends are stopped by a lock, and by whom. The list
	 * is in the arena. */
	void (*waits)(const uint32_t *backends, size_t count,
		      struct arena *arena, struct shadow_command *out);
	/* -1: the answer does not say. */
	int (*read_waits)(const struct answer *answer, struct arena *arena,
			  struct session_wait **waits, size_t *count);
	/* Cancels what another session of this account runs. */
	void (*cancel)(uint32_t backend, struct arena *arena,
		       struct shadow_command *out);

	/* Prepared transactions in this database whose names begin so. */
	void (*list_prepared)(const char *prefix, struct arena *arena,
			      struct shadow_command *out);
	int (*read_prepared)(const struct answer *answer, struct arena *arena,
			     struct session_prepared **list, size_t *count);
};

#endif
