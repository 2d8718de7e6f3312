/* The two databases and the sessions of each, side by side. */
#ifndef TESTS_INTEGRATION_PAIR_SESSION_H
#define TESTS_INTEGRATION_PAIR_SESSION_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <libpq-fe.h>

#include "adapters/adapter.h"
#include "lens/lens.h"

enum {
	SESSIONS = 4,
	PARAMETERS = 64,
	NAMES = 32,
	SHOWN = 5,
	TABLES = 32,
	RELATIONS = 64
};

/* What EXECUTE or FETCH of a name stands for. */
struct named {
	char name[64];
	bool cursor;
	const struct plan *plan;
};

struct session {
	PGconn *old, *new;
	struct plan_carried *carried;
	int64_t began; /* its transaction */
	struct named named[NAMES];
};

struct relations {
	Oid oids[RELATIONS];
	size_t count;
};

/* A read of an old table, its plan, and the relations that both sides of it
 * take their rows from: what no transaction has written reads as before. */
struct watched {
	char *text;
	const struct plan *plan;
	bool learnt;
	struct relations old, new;
};

struct pair {
	const struct adapter *old_adapter, *new_adapter;
	const char *host, *port, *old_name, *new_name;
	struct catalog *old_catalog, *new_catalog;
	struct mapping *mapping;
	struct lens *lens;
	struct session sessions[SESSIONS];
	struct watched watched[TABLES];
};

static PGconn *connect_to(struct pair *pair, const char *name)
{
	const char *keys[] = {
	    "host", "port", "dbname", "user", "client_encoding", NULL};
	const char *values[] = {pair->host, pair->port, name,
				"postgres", "UTF8",	NULL};
	PGconn *connection = PQconnectdbParams(keys, values, 0);

	if (PQstatus(connection) != CONNECTION_OK) {
		fprintf(stderr, "%s", PQerrorMessage(connection));
		exit(2);
	}
	PQclear(PQexec(connection,
		       "SET client_min_messages = error;"
		       "SET statement_timeout = '30s'; SET jit = off"));
	return connection;
}

static struct session *session_of(struct pair *pair, const json_t *command)
{
	json_int_t number =
	    json_integer_value(json_object_get(command, "session"));
	struct session *session;

	if (number < 0 || number >= SESSIONS)
		exit(2);
	session = &pair->sessions[number];
	if (!session->old) {
		session->old = connect_to(pair, pair->old_name);
		session->new = connect_to(pair, pair->new_name);
		session->carried = plan_carried_new();
	}
	return session;
}

#endif
