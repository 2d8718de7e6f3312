/* All the data, or what a transaction may have written of it. */
#ifndef TESTS_INTEGRATION_PAIR_DATA_H
#define TESTS_INTEGRATION_PAIR_DATA_H

#include "integration/pair/both.h"

static const char *const path[] = {"public", NULL};

/* The relations that the transaction has locked; written: as a writer does. */
static void read_locks(PGconn *connection, bool written,
		       struct relations *relations)
{
	PGresult *result =
	    PQexec(connection,
		   written ? "SELECT relation FROM pg_locks WHERE locktype = "
			     "'relation' AND "
			     "pid = pg_backend_pid() AND relation >= 16384 AND "
			     "mode NOT IN "
			     "('AccessShareLock', 'RowShareLock')"
			   : "SELECT relation FROM pg_locks WHERE locktype = "
			     "'relation' AND "
			     "pid = pg_backend_pid() AND relation >= 16384");

	if (PQresultStatus(result) != PGRES_TUPLES_OK ||
	    PQntuples(result) > RELATIONS) {
		fprintf(stderr, "locks: %d, %s\n", PQntuples(result),
			PQerrorMessage(connection));
		exit(2);
	}
	relations->count = (size_t)PQntuples(result);
	for (size_t i = 0; i < relations->count; i++)
		relations->oids[i] =
		    (Oid)strtoul(PQgetvalue(result, (int)i, 0), NULL, 10);
	PQclear(result);
}

static bool overlap(const struct relations *one, const struct relations *other)
{
	for (size_t i = 0; i < one->count; i++)
		for (size_t j = 0; j < other->count; j++)
			if (one->oids[i] == other->oids[j])
				return true;
	return false;
}

static void exec_both(struct session *session, const char *text)
{
	PQclear(PQexec(session->old, text));
	PQclear(PQexec(session->new, text));
}

static struct watched *watched_of(struct pair *pair, const char *text)
{
	struct lens_session lens = {.search_path = path, .key = 1};

	for (size_t i = 0; i < TABLES; i++) {
		struct watched *watched = &pair->watched[i];

		if (!watched->text) {
			watched->text = strdup(text);
			watched->plan = lens_plan(pair->lens, &lens, text,
						  strlen(text), NULL, 0);
		}
		if (!strcmp(watched->text, text))
			return watched;
	}
	fprintf(stderr, "more than %d tables\n", TABLES);
	exit(2);
}

static json_t *compare_table(struct pair *pair, struct session *session,
			     const json_t *command, struct watched *watched,
			     struct arena *arena)
{
	bool learns = !watched->learnt &&
		      PQtransactionStatus(session->old) == PQTRANS_IDLE &&
		      PQtransactionStatus(session->new) == PQTRANS_IDLE;
	static const struct given nothing;
	struct said old;
	json_t *out;

	if (learns)
		exec_both(session, "BEGIN");
	hear(pair, session->old, PQexec(session->old, watched->text), &nothing,
	     arena, &old);
	out = run_plan(pair, session, command, watched->text, watched->plan,
		       &old, &nothing, arena);
	if (!json_object_get(out, "old"))
		json_object_set_new(out, "old", show(&old.answer, false));
	PQclear(old.result);
	if (learns) {
		read_locks(session->old, false, &watched->old);
		read_locks(session->new, false, &watched->new);
		watched->learnt = true;
		exec_both(session, "ROLLBACK");
	}
	return out;
}

/* Adds what one table has said to what all have. */
static void add_table(json_t *all, const char *text, json_t *said)
{
	const char *action = json_string_value(json_object_get(said, "action"));
	const char *verdict =
	    json_string_value(json_object_get(said, "verdict"));

	if (!strcmp(action, "untranslatable"))
		json_array_append_new(
		    json_object_get(all, "gone"),
		    json_pack("[s, O]", text, json_object_get(said, "detail")));
	else if (!verdict || strcmp(verdict, "match") != 0)
		json_array_append(json_object_get(all, "differs"), said);
	if (json_is_true(json_object_get(said, "lossy")))
		json_object_set_new(all, "lossy", json_true());
	json_decref(said);
}

static json_t *data(struct pair *pair, const json_t *command,
		    struct arena *arena)
{
	struct session *session = session_of(pair, command);
	const json_t *texts = json_object_get(command, "texts");
	bool written = json_is_true(json_object_get(command, "written"));
	json_t *all =
	    json_pack("{s:[], s:[], s:b}", "differs", "gone", "lossy", false);
	struct relations old, new;
	json_int_t compared = 0;

	if (written) {
		read_locks(session->old, true, &old);
		read_locks(session->new, true, &new);
	}
	for (size_t i = 0; i < json_array_size(texts); i++) {
		const char *text = json_string_value(json_array_get(texts, i));
		struct watched *watched = watched_of(pair, text);

		if (written && watched->learnt &&
		    !overlap(&old, &watched->old) &&
		    !overlap(&new, &watched->new))
			continue;
		compared++;
		add_table(
		    all, text,
		    compare_table(pair, session, command, watched, arena));
	}
	json_object_set_new(all, "compared", json_integer(compared));
	return all;
}

#endif
