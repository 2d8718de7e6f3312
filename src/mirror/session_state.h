/*
 * The statements that left state in a client's session, by their old text: what
 * a new connection to the shadow is told.
 */
#ifndef PARALLAX_MIRROR_SESSION_STATE_H
#define PARALLAX_MIRROR_SESSION_STATE_H

#include "base/list.h"
#include "sql/traits.h"

struct session;

struct state_statement {
	struct link in_list;
	enum sql_kind kind;
	char *name; /* of the setting, statement, table; "" all */
	char *text; /* NULL: forgets those of its kind and name */
};

/* At the end of a list, which owns it. The texts are copied. */
void state_statement_add(struct link *into, enum sql_kind kind,
			 const char *name, const char *text);
/* Takes it from its list. */
void state_statement_free(struct state_statement *memory);
void state_statements_free(struct link *memories);

/* Moves them into the session's own; each takes the place of those before. */
void session_remember(struct session *session, struct link *memories);
/* The session's, as one string (the caller frees it; NULL: none), and back. */
char *session_save(const struct session *session);
void session_load(struct session *session, const char *text);

#endif
