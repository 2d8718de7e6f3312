/*
 * Two databases with one data under two schemas, and the lens between them:
 * runs statements of the old schema on the old one, their plans on the new one,
 * and compares the answers as the mirror does. It is spoken to in JSON, one
 * object a line (tests/integration/pair.py):
 *
 *	{"do": "run", "text": ..., "parameters": [text, {"hex": ...}, null],
 *	 "types": [...], "binary": true, "copy": text or {"hex": ...},
 *	 "session": 0}
 *	{"do": "data", "text": "", "texts": [...], "written": false}
 *				these reads of old tables, one by one; written:
 *				those only whose rows the transaction may have
 *				changed, on either side. Gives what differs
 *				("differs"), which the mapping drops ("gone"),
 *				if a column that it drops does ("lossy"), and
 *				how many were compared
 *	{"do": "raw", "side": "old" | "new" | "both", "text": ...}
 *
 * and answers each with one. usage: pair HOST PORT OLD NEW MAPPING
 */
#include "adapters/postgres/postgres.h"
#include "adapters/postgres/reduced.h"
#include "integration/pair/data.h"

static bool is_named(const struct session *session, const struct plan *plan)
{
	if (plan->traits.kind != SQL_KIND_PREPARE &&
	    plan->traits.kind != SQL_KIND_DECLARE)
		return false;
	for (size_t i = 0; i < NAMES; i++)
		if (session->named[i].plan == plan)
			return true;
	return false;
}

static json_t *run(struct pair *pair, const json_t *command,
		   struct arena *arena)
{
	struct session *session = session_of(pair, command);
	struct lens_session lens = {.search_path = path, .key = 1};
	const char *text = json_string_value(json_object_get(command, "text"));
	struct given given;
	struct said old;
	const struct plan *plan;
	json_t *out;

	read_given(command, arena, &given);
	if (PQtransactionStatus(session->old) == PQTRANS_IDLE)
		session->began = clock_unix_us();
	hear(pair, session->old,
	     send_text(session->old, text, given.values, given.formats,
		       given.types, given.count, given.binary),
	     &given, arena, &old);
	plan = lens_plan(pair->lens, &lens, text, strlen(text), given.types,
			 given.count);
	out = run_plan(pair, session, command, text, plan, &old, &given, arena);
	if (!json_object_get(out, "old"))
		json_object_set_new(out, "old", show(&old.answer, false));
	if (!is_named(session, plan))
		lens_release(pair->lens, plan);
	PQclear(old.result);
	return out;
}

static json_t *raw(struct pair *pair, const json_t *command,
		   struct arena *arena)
{
	struct session *session = session_of(pair, command);
	const char *text = json_string_value(json_object_get(command, "text"));
	const char *side = json_string_value(json_object_get(command, "side"));
	static const struct given nothing;
	json_t *out = json_object();
	struct said said;

	if (PQtransactionStatus(session->old) == PQTRANS_IDLE)
		session->began = clock_unix_us();
	for (int i = 0; i < 2; i++) {
		PGconn *connection = i ? session->new : session->old;
		const char *name = i ? "new" : "old";

		if (strcmp(side, "both") != 0 && strcmp(side, name) != 0)
			continue;
		hear(pair, connection, PQexec(connection, text), &nothing,
		     arena, &said);
		json_object_set_new(out, name, show(&said.answer, true));
		PQclear(said.result);
	}
	return out;
}

static void serve(struct pair *pair)
{
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0) {
		json_error_t where;
		json_t *command = json_loads(line, 0, &where), *out;
		const char *what;
		struct arena arena;
		char *text;

		what = json_string_value(json_object_get(command, "do"));
		if (!what ||
		    !json_is_string(json_object_get(command, "text"))) {
			fprintf(stderr, "not a command: %s\n", line);
			exit(2);
		}
		arena_init(&arena, 0);
		out = !strcmp(what, "raw")    ? raw(pair, command, &arena)
		      : !strcmp(what, "data") ? data(pair, command, &arena)
					      : run(pair, command, &arena);
		text = json_dumps(out, JSON_COMPACT);
		puts(text ? text : "{}");
		fflush(stdout);
		free(text);
		json_decref(out);
		json_decref(command);
		arena_release(&arena);
	}
	free(line);
}

/* PARALLAX_TEST_ENGINE: the engine that the new database stands for. */
static const struct adapter *new_adapter(void)
{
	const char *name = getenv("PARALLAX_TEST_ENGINE");
	const struct adapter *const engines[] = {
	    &adapter_postgres, &adapter_postgres_printed,
	    &adapter_postgres_steps, &adapter_postgres_reduced};

	for (size_t i = 0; name && i < sizeof(engines) / sizeof(*engines); i++)
		if (!strcmp(engines[i]->name, name))
			return engines[i];
	if (name && *name) {
		fprintf(stderr, "there is no engine %s\n", name);
		exit(2);
	}
	return &adapter_postgres;
}

static int prepare(struct pair *pair, const char *mapping)
{
	struct endpoint old = {.host = pair->host,
			       .port = (int)strtol(pair->port, NULL, 10),
			       .database = pair->old_name,
			       .user = "postgres"};
	struct endpoint new = old;
	struct diagnostics diagnostics;
	struct error error;
	int result = 0;

	new.database = pair->new_name;
	error_init(&error);
	diagnostics_init(&diagnostics);
	pair->old_adapter = adapter_find("postgres");
	pair->new_adapter = new_adapter();
	if (adapter_catalog(pair->old_adapter, &old, &pair->old_catalog,
			    &error) < 0 ||
	    adapter_catalog(pair->new_adapter, &new, &pair->new_catalog,
			    &error) < 0) {
		fprintf(stderr, "%s\n", error.message);
		result = 2;
	} else if ((strcmp(mapping, "-") != 0 &&
		    mapping_load(mapping, &diagnostics, &pair->mapping) < 0) ||
		   lens_new(pair->old_adapter->parser,
			    pair->new_adapter->parser, pair->mapping,
			    pair->old_catalog, pair->new_catalog, &diagnostics,
			    &pair->lens) < 0) {
		diagnostics_print(&diagnostics, stderr);
		result = 2;
	}
	diagnostics_release(&diagnostics);
	return result;
}

int main(int argc, char **argv)
{
	struct pair pair = {0};
	int result;

	if (argc < 6) {
		fprintf(stderr, "usage: pair HOST PORT OLD NEW MAPPING\n");
		return 2;
	}
	pair.host = argv[1];
	pair.port = argv[2];
	pair.old_name = argv[3];
	pair.new_name = argv[4];
	result = prepare(&pair, argv[5]);
	if (!result)
		serve(&pair);
	for (size_t i = 0; i < SESSIONS; i++) {
		for (size_t n = 0; n < NAMES; n++)
			lens_release(pair.lens, pair.sessions[i].named[n].plan);
		plan_carried_free(&pair.sessions[i].carried);
		PQfinish(pair.sessions[i].old);
		PQfinish(pair.sessions[i].new);
	}
	for (size_t i = 0; i < TABLES && pair.watched[i].text; i++) {
		lens_release(pair.lens, pair.watched[i].plan);
		free(pair.watched[i].text);
	}
	lens_free(&pair.lens);
	if (pair.mapping)
		mapping_free(&pair.mapping);
	catalog_free(&pair.old_catalog);
	catalog_free(&pair.new_catalog);
	return result;
}
