/*
 * What became of a transaction, by a table in which each one leaves its number
 * (reduced.h): for engines that give a transaction no name of their own.
 *
 *	BEGIN; UPDATE accounts ...
 *	INSERT INTO parallax.transactions ... RETURNING token	4711
 *	COMMIT (the connection is lost)
 *	INSERT INTO parallax.transactions VALUES (4711) ON CONFLICT DO NOTHING
 *		nothing was inserted: it was committed
 *		a row was: it was not, and cannot be any more
 *		it waits for a lock: it is still running
 */
#ifndef PARALLAX_ADAPTERS_POSTGRES_BOOKKEEPING_H
#define PARALLAX_ADAPTERS_POSTGRES_BOOKKEEPING_H

#include "adapters/seed.h"
#include "adapters/session.h"

/* Makes the table, if it is not there. See adapter.prepare_shadow. */
int bookkeeping_prepare(const struct endpoint *shadow, struct error *error);

/* Members of struct session_ops. */
void bookkeeping_token(struct shadow_command *out);
void bookkeeping_fate(uint64_t token, struct arena *arena,
		      struct shadow_command *out);
enum transaction_fate bookkeeping_read_fate(const struct answer *answer);
/* None has a token: its row is not to be seen yet. */
void bookkeeping_list_prepared(const char *prefix, struct arena *arena,
			       struct shadow_command *out);

/* Members of struct seed_ops. */
int bookkeeping_seed_token(struct database *shadow, char **token,
			   struct error *error);
int bookkeeping_seed_fate(struct database *shadow, const char *token,
			  enum transaction_fate *fate, struct error *error);

#endif
