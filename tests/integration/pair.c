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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <libpq-fe.h>

#include "adapters/adapter.h"
#include "adapters/postgres/postgres.h"
#include "adapters/postgres/reduced.h"
#include "base/clock.h"
#include "compare/compare.h"
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

/* What a server said to one statement. */
struct said {
	PGresult *result;
	struct answer answer;
	struct answer_problem problem;
};

struct given {
	struct value values[PARAMETERS];
	uint8_t formats[PARAMETERS];
	uint32_t types[PARAMETERS];
	size_t count;
	struct value copy; /* COPY's input */
	uint8_t binary;	   /* of the answer */
};

static const char *const path[] = {"public", NULL};
static const struct compare_rules rules = {.clock_tolerance_us = 20000000,
					   .evidence_rows = SHOWN};

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

/* --- What comes in ---------------------------------------------------------
 */

/* A text, {"hex": bytes}, or null. */
static struct value read_value(const json_t *json, struct arena *arena,
			       uint8_t *format)
{
	const char *hex = json_string_value(json_object_get(json, "hex"));
	struct value value = {0};
	uint8_t *bytes;

	*format = hex != NULL;
	if (json_is_string(json)) {
		value.data = (const uint8_t *)json_string_value(json);
		value.size = (uint32_t)json_string_length(json);
	} else if (hex) {
		value.size = (uint32_t)strlen(hex) / 2;
		bytes = arena_array(arena, value.size + 1, 1);
		for (uint32_t i = 0; i < value.size; i++) {
			char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};

			bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
		}
		value.data = bytes;
	}
	return value;
}

static void read_given(const json_t *command, struct arena *arena,
		       struct given *given)
{
	const json_t *list = json_object_get(command, "parameters");
	const json_t *types = json_object_get(command, "types");
	uint8_t format;

	memset(given, 0, sizeof(*given));
	given->count = json_array_size(list);
	if (given->count > PARAMETERS)
		exit(2);
	for (size_t i = 0; i < given->count; i++) {
		given->values[i] = read_value(json_array_get(list, i), arena,
					      &given->formats[i]);
		given->types[i] =
		    (uint32_t)json_integer_value(json_array_get(types, i));
	}
	given->copy =
	    read_value(json_object_get(command, "copy"), arena, &format);
	given->binary = json_is_true(json_object_get(command, "binary"));
}

/* --- One server ------------------------------------------------------------
 */

static PGresult *send_text(PGconn *connection, const char *text,
			   const struct value *values, const uint8_t *formats,
			   const uint32_t *types, size_t count, int binary)
{
	char **data = calloc(count + 1, sizeof(*data));
	int *lengths = calloc(count + 1, sizeof(*lengths));
	int *kinds = calloc(count + 1, sizeof(*kinds));
	Oid *oids = calloc(count + 1, sizeof(*oids));
	PGresult *result;

	for (size_t i = 0; i < count; i++) {
		/* A copy, since libpq takes text up to its NUL. */
		if (values[i].data) {
			data[i] = calloc(1, (size_t)values[i].size + 1);
			memcpy(data[i], values[i].data, values[i].size);
		}
		lengths[i] = (int)values[i].size;
		kinds[i] = formats[i];
		oids[i] = types[i];
	}
	result =
	    PQexecParams(connection, text, (int)count, oids,
			 (const char *const *)data, lengths, kinds, binary);
	for (size_t i = 0; i < count; i++)
		free(data[i]);
	free(data);
	free(lengths);
	free(kinds);
	free(oids);
	return result;
}

/* The end of a COPY: what the server said of it. */
static PGresult *copy_result(PGconn *connection)
{
	PGresult *result = PQgetResult(connection), *next;

	while ((next = PQgetResult(connection)) != NULL)
		PQclear(next);
	return result;
}

static PGresult *copy_in(PGconn *connection, const struct given *given)
{
	if (given->copy.size)
		PQputCopyData(connection, (const char *)given->copy.data,
			      (int)given->copy.size);
	PQputCopyEnd(connection, NULL);
	return copy_result(connection);
}

static PGresult *copy_out(PGconn *connection, struct arena *arena,
			  struct answer *answer)
{
	size_t room = 0, count = 0;
	struct value *rows = NULL;
	char *data;
	int size;

	while ((size = PQgetCopyData(connection, &data, 0)) > 0) {
		if (count == room) {
			room = room ? room * 2 : 16;
			rows = realloc(rows, room * sizeof(*rows));
		}
		rows[count].data =
		    (uint8_t *)arena_copy(arena, data, (size_t)size);
		rows[count++].size = (uint32_t)size;
		PQfreemem(data);
	}
	answer->rows = arena_array(arena, count + 1, sizeof(*rows));
	if (count)
		memcpy((struct value *)(uintptr_t)answer->rows, rows,
		       count * sizeof(*rows));
	free(rows);
	answer->row_held = count;
	answer->row_count = count;
	answer->column_count = 1;
	answer->has_columns = true;
	return copy_result(connection);
}

static void take_rows(const PGresult *result, struct arena *arena,
		      struct answer *answer)
{
	int columns = PQnfields(result), rows = PQntuples(result);
	struct answer_column *names =
	    arena_array(arena, (size_t)columns + 1, sizeof(*names));
	struct value *values =
	    arena_array(arena, (size_t)(columns * rows) + 1, sizeof(*values));

	for (int c = 0; c < columns; c++)
		names[c] = (struct answer_column){
		    .name = PQfname(result, c),
		    .format = (uint8_t)PQfformat(result, c),
		    .type = PQftype(result, c),
		    .modifier = PQfmod(result, c),
		};
	for (int i = 0; i < rows * columns; i++) {
		int r = i / columns, c = i % columns;

		if (PQgetisnull(result, r, c))
			continue;
		values[i].data = (uint8_t *)PQgetvalue(result, r, c);
		values[i].size = (uint32_t)PQgetlength(result, r, c);
	}
	answer->columns = names;
	answer->column_count = (size_t)columns;
	answer->has_columns = PQresultStatus(result) == PGRES_TUPLES_OK;
	answer->rows = values;
	answer->row_held = (size_t)rows;
	answer->row_count = (uint64_t)rows;
}

static void take_problem(const PGresult *result, struct answer_problem *problem)
{
	const char *constraint =
	    PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *message =
	    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	problem->severity = "ERROR";
	problem->code = state ? state : "?????";
	problem->message = message ? message : PQresultErrorMessage(result);
	problem->class = adapter_find("postgres")
			     ->errors->class(problem->code, problem->message);
	problem->constraint = constraint ? constraint : "";
}

/* Reads on where COPY wants it, and makes an answer of it all. */
static void hear(struct pair *pair, PGconn *connection, PGresult *result,
		 const struct given *given, struct arena *arena,
		 struct said *said)
{
	struct answer *answer = &said->answer;
	ExecStatusType status = PQresultStatus(result);

	memset(said, 0, sizeof(*said));
	if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT) {
		PQclear(result);
		answer->copy = true;
		result = status == PGRES_COPY_IN
			     ? copy_in(connection, given)
			     : copy_out(connection, arena, answer);
	} else {
		take_rows(result, arena, answer);
	}
	said->result = result;
	status = PQresultStatus(result);
	answer->outcome =
	    status == PGRES_EMPTY_QUERY ? ANSWER_EMPTY
	    : status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK
		? ANSWER_OK
		: ANSWER_FAILED;
	answer->tag = PQcmdStatus(result);
	answer->affected = pair->old_adapter->decode->affected(answer->tag);
	if (answer->outcome == ANSWER_FAILED) {
		take_problem(result, &answer->problem);
		answer->has_columns = false;
		answer->row_held = answer->row_count = 0;
	}
}

/* --- What goes out ---------------------------------------------------------
 */

static json_t *show_value(struct value value)
{
	char hex[41];

	if (!value.data)
		return json_null();
	json_t *text = json_stringn((const char *)value.data, value.size);

	if (text)
		return text;
	for (uint32_t i = 0; i < value.size && i < 20; i++)
		snprintf(hex + 2 * i, 3, "%02x", value.data[i]);
	return json_string(hex);
}

static json_t *show(const struct answer *answer, bool rows)
{
	json_t *shown = json_pack("{s:s, s:I, s:I}", "tag", answer->tag,
				  "affected", (json_int_t)answer->affected,
				  "rows", (json_int_t)answer->row_count);

	if (answer->outcome == ANSWER_FAILED)
		json_object_update_new(
		    shown,
		    json_pack("{s:s, s:s, s:s}", "state", answer->problem.code,
			      "message", answer->problem.message, "constraint",
			      answer->problem.constraint));
	if (rows) {
		json_t *list = json_array();

		for (size_t r = 0; r < answer->row_held && r < SHOWN; r++) {
			json_t *row = json_array();

			for (size_t c = 0; c < answer->column_count; c++)
				json_array_append_new(
				    row,
				    show_value(
					answer->rows[r * answer->column_count +
						     c]));
			json_array_append_new(list, row);
		}
		json_object_set_new(shown, "values", list);
	}
	return shown;
}

static json_t *show_plan(const struct plan *plan)
{
	static const char *const actions[] = {[PLAN_RUN] = "run",
					      [PLAN_UNTRANSLATABLE] =
						  "untranslatable",
					      [PLAN_SKIP] = "skip",
					      [PLAN_SESSION] = "session"};
	static const char *const orders[] = {"none", "partial", "total"};
	bool refused =
	    plan->action == PLAN_UNTRANSLATABLE || plan->action == PLAN_SKIP;

	return json_pack("{s:s, s:s, s:s, s:i, s:b, s:b, s:s, s:s}", "action",
			 actions[plan->action], "reason",
			 refused ? reason_name(plan->reason) : "", "detail",
			 refused && plan->detail ? plan->detail : "",
			 "position", plan->position, "mapped", plan->mapped,
			 "reads_only", plan->reads_only, "order",
			 orders[plan->promise.order], "kind",
			 sql_kind_name(plan->traits.kind));
}

/* --- Both of them ----------------------------------------------------------
 */

static bool dropped(const struct pair *pair,
		    const struct promise_column *column)
{
	if (!column->table || !column->column || !pair->mapping)
		return false;
	for (size_t t = 0; t < pair->mapping->table_count; t++) {
		const struct mapping_table *table = &pair->mapping->tables[t];

		if (strcmp(table->name.text, column->table->name) != 0)
			continue;
		for (size_t c = 0; c < table->column_count; c++)
			if (table->columns[c].dropped &&
			    !strcmp(table->columns[c].name.text,
				    column->column->name))
				return true;
	}
	return false;
}

/* The plan, but what the mapping drops is not looked at. False: nothing is. */
static bool without_dropped(const struct pair *pair, const struct plan *plan,
			    struct arena *arena, struct plan *made)
{
	struct promise_column *columns = arena_array(
	    arena, plan->promise.column_count + 1, sizeof(*columns));
	bool found = false;

	*made = *plan;
	made->promise.columns = columns;
	for (size_t i = 0; i < plan->promise.column_count; i++) {
		columns[i] = plan->promise.columns[i];
		if (dropped(pair, &columns[i]))
			found = columns[i].ignore = true;
	}
	return found;
}

/* A write that went to several tables is answered by a query of its rows. */
static void count_rows(const struct plan *plan, const struct answer *old,
		       struct answer *new)
{
	if (new->outcome != ANSWER_OK || !new->has_columns ||
	    old->has_columns || (old->affected < 0 && !plan->traits.writes))
		return;
	new->affected = (int64_t) new->row_count;
	new->has_columns = false;
	new->column_count = new->row_held = 0;
	new->row_count = 0;
}

/* The plan by which an answer is judged; it keeps those that get a name. */
static struct plan judged_by(struct pair *pair, struct session *session,
			     const struct plan *plan)
{
	enum sql_kind kind = plan->traits.kind;
	const char *name = plan->traits.name;
	bool cursor = kind == SQL_KIND_DECLARE || kind == SQL_KIND_FETCH;
	struct plan judged = *plan;

	for (size_t i = 0; name && i < NAMES; i++) {
		struct named *named = &session->named[i];
		bool free = !named->plan;

		if (!free &&
		    (named->cursor != cursor || strcmp(named->name, name) != 0))
			continue;
		if (kind == SQL_KIND_PREPARE || kind == SQL_KIND_DECLARE) {
			lens_release(pair->lens, named->plan);
			snprintf(named->name, sizeof(named->name), "%s", name);
			named->cursor = cursor;
			named->plan = plan;
			break;
		}
		if (free)
			break;
		judged = *named->plan;
		/* What is fetched of a cursor is a slice. */
		judged.promise.limited |= cursor;
		break;
	}
	return judged;
}

static void judge(struct pair *pair, const json_t *command,
		  const struct plan *plan, const struct said *old,
		  struct said *new, struct arena *arena, json_t *out)
{
	bool data =
	    !strcmp(json_string_value(json_object_get(command, "do")), "data");
	const struct compare_side old_side = {&old->answer, pair->old_catalog,
					      pair->old_adapter->values,
					      pair->old_adapter->errors};
	const struct compare_side new_side = {&new->answer, pair->new_catalog,
					      pair->new_adapter->values,
					      pair->new_adapter->errors};
	struct comparison comparison;
	struct plan forgiving;

	count_rows(plan, &old->answer, &new->answer);
	compare_answers(&old_side, &new_side, &plan->promise, &rules, arena,
			&comparison);
	if (data && comparison.verdict == VERDICT_DIVERGED &&
	    without_dropped(pair, plan, arena, &forgiving)) {
		compare_answers(&old_side, &new_side, &forgiving.promise,
				&rules, arena, &comparison);
		if (comparison.verdict == VERDICT_MATCH)
			json_object_set_new(out, "lossy", json_true());
	}
	json_object_set_new(out, "verdict",
			    json_string(verdict_name(comparison.verdict)));
	if (comparison.verdict == VERDICT_MATCH)
		return;
	json_object_set_new(
	    out, "why",
	    json_string(comparison.verdict == VERDICT_INCONCLUSIVE
			    ? reason_name(comparison.reason)
			    : divergence_name(comparison.class)));
	json_object_set_new(
	    out, "what",
	    json_string(comparison.detail ? comparison.detail : ""));
}

/* One step, with the rows of those before it; false: it failed. */
static bool run_step(struct pair *pair, struct session *session,
		     const struct plan_steps *steps, size_t index,
		     const struct answer **answers, struct said *said,
		     const struct given *given, struct arena *arena)
{
	struct plan_step step;
	struct error error;

	error_init(&error);
	if (plan_bind(steps, index, answers, arena, &step, &error) < 0) {
		fprintf(stderr, "%s\n", error.message);
		exit(2);
	}
	hear(pair, session->new,
	     send_text(session->new, step.text, step.parameters,
		       step.parameter_formats, step.parameter_types,
		       step.parameter_count, step.result_format),
	     given, arena, said);
	answers[index] = &said->answer;
	return said->answer.outcome != ANSWER_FAILED;
}

static void run_steps(struct pair *pair, struct session *session,
		      const struct plan_steps *steps, const struct given *given,
		      struct arena *arena, struct said *new, json_t *out)
{
	bool own = steps->count > 1 &&
		   PQtransactionStatus(session->new) == PQTRANS_IDLE;
	struct said *said = calloc(steps->count + 1, sizeof(*said));
	const struct answer **answers =
	    calloc(steps->count + 1, sizeof(*answers));
	json_t *shown = json_array();
	bool failed = false;

	if (own)
		PQclear(PQexec(session->new, "BEGIN"));
	for (size_t i = 0; i < steps->count; i++) {
		const struct plan_step *step = &steps->steps[i];

		json_array_append_new(shown,
				      json_pack("{s:b, s:s}", "answer",
						step->role == STEP_ANSWER,
						"text", step->text));
		if (failed)
			continue;
		failed = !run_step(pair, session, steps, i, answers, &said[i],
				   given, arena);
		if (step->role == STEP_ANSWER || failed)
			*new = said[i];
	}
	for (size_t i = 0; i < steps->count; i++)
		if (said[i].result != new->result)
			PQclear(said[i].result);
	free(said);
	free(answers);
	if (own)
		PQclear(PQexec(session->new, failed ? "ROLLBACK" : "COMMIT"));
	json_object_set_new(out, "steps", shown);
}

static json_t *run_plan(struct pair *pair, struct session *session,
			const json_t *command, const char *text,
			const struct plan *plan, struct said *old,
			const struct given *given, struct arena *arena)
{
	struct plan_input input = {
	    .text = text,
	    .text_size = strlen(text),
	    .parameters = given->values,
	    .parameter_formats = given->formats,
	    .parameter_types = given->types,
	    .parameter_count = given->count,
	    .result_formats = &given->binary,
	    .result_format_count = 1,
	    .answer = &old->answer,
	    .carried = session->carried,
	    .transaction_at = session->began,
	    .statement_at = clock_unix_us(),
	};
	json_t *out = show_plan(plan);
	struct plan_steps steps;
	struct said new = {0};
	struct error error;

	error_init(&error);
	if (plan->action != PLAN_RUN && plan->action != PLAN_SESSION)
		return out;
	if (plan_fill(plan, &input, arena, &steps, &error) < 0) {
		json_object_update_new(out, json_pack("{s:s, s:s}", "verdict",
						      "failed", "what",
						      error.message));
		return out;
	}
	run_steps(pair, session, &steps, given, arena, &new, out);
	/* Its answer is that of an INSERT. */
	if (steps.staged)
		old->answer.copy = false;
	struct plan judged = judged_by(pair, session, plan);

	if (new.result)
		judge(pair, command, &judged, old, &new, arena, out);
	else
		json_object_set_new(out, "verdict", json_string("match"));
	bool told = strcmp(json_string_value(json_object_get(out, "verdict")),
			   "match") != 0;
	if (new.result)
		json_object_set_new(out, "new", show(&new.answer, told));
	json_object_set_new(out, "old", show(&old->answer, told));
	PQclear(new.result);
	return out;
}

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

/* --- All the data ----------------------------------------------------------
 */

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
	const struct adapter *const engines[] = {&adapter_postgres,
						 &adapter_postgres_steps,
						 &adapter_postgres_reduced};

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
	if (pair->old_adapter->catalog_read(&old, &pair->old_catalog, &error) <
		0 ||
	    pair->new_adapter->catalog_read(&new, &pair->new_catalog, &error) <
		0) {
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
