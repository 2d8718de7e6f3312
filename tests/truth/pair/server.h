/* One of the two servers: a connection, and what it answered to a message. */
#ifndef TESTS_TRUTH_PAIR_SERVER_H
#define TESTS_TRUTH_PAIR_SERVER_H

#include <libpq-fe.h>

#include "adapters/adapter.h"
#include "base/memory.h"
#include "lens/plan.h"

enum { ANSWERS_MAX = 32, PARAMETERS_MAX = 1024 };

struct server {
	const char *name;
	PGconn *connection;
	PGresult *results[ANSWERS_MAX]; /* of the last message */
	size_t count;
	char **lines; /* of its COPY TO */
	int *line_sizes;
	size_t line_count;
	size_t copies; /* COPY FROM STDIN that it asked data for */
};

static void server_forget(struct server *server)
{
	for (size_t i = 0; i < server->count; i++)
		PQclear(server->results[i]);
	for (size_t i = 0; i < server->line_count; i++)
		PQfreemem(server->lines[i]);
	free(server->lines);
	free(server->line_sizes);
	server->lines = NULL;
	server->line_sizes = NULL;
	server->count = server->line_count = server->copies = 0;
}

static void server_close(struct server *server)
{
	server_forget(server);
	PQfinish(server->connection);
	server->connection = NULL;
}

static void server_send(struct server *server, const char *text)
{
	server_forget(server);
	PQsendQuery(server->connection, text);
}

static void server_send_step(struct server *server,
			     const struct plan_step *step)
{
	char *values[PARAMETERS_MAX] = {0};
	int lengths[PARAMETERS_MAX] = {0}, formats[PARAMETERS_MAX] = {0};
	Oid types[PARAMETERS_MAX] = {0};
	int count = (int)step->parameter_count;

	if (!count) {
		server_send(server, step->text);
		return;
	}
	server_forget(server);
	for (int i = 0; i < count && i < PARAMETERS_MAX; i++) {
		const struct value *value = &step->parameters[i];

		/* A copy, since libpq takes text up to its NUL. */
		if (value->data)
			values[i] = memory_copy(value->data, value->size);
		lengths[i] = (int)value->size;
		formats[i] = step->parameter_formats[i];
		types[i] = step->parameter_types[i];
	}
	PQsendQueryParams(server->connection, step->text, count, types,
			  (const char *const *)values, lengths, formats, 0);
	for (int i = 0; i < count && i < PARAMETERS_MAX; i++)
		free(values[i]);
}

static void copy_in(struct server *server, const char *data)
{
	server->copies++;
	if (!data) {
		PQputCopyEnd(server->connection, "no data");
		return;
	}
	PQputCopyData(server->connection, data, (int)strlen(data));
	PQputCopyEnd(server->connection, NULL);
}

static void copy_out(struct server *server)
{
	size_t room = 0;
	char *line;
	int size;

	while ((size = PQgetCopyData(server->connection, &line, 0)) > 0) {
		if (server->line_count == room) {
			room = room ? room * 2 : 64;
			server->lines = memory_resize(
			    server->lines, room * sizeof(*server->lines));
			server->line_sizes =
			    memory_resize(server->line_sizes,
					  room * sizeof(*server->line_sizes));
		}
		server->lines[server->line_count] = line;
		server->line_sizes[server->line_count++] = size;
	}
}

/* Up to the end of the message's answers. */
static void server_collect(struct server *server, const char *data)
{
	PGresult *result;

	while ((result = PQgetResult(server->connection))) {
		ExecStatusType status = PQresultStatus(result);

		if (status == PGRES_COPY_IN) {
			copy_in(server, data);
			PQclear(result);
		} else if (status == PGRES_COPY_OUT) {
			copy_out(server);
			PQclear(result);
		} else if (server->count < ANSWERS_MAX) {
			server->results[server->count++] = result;
		} else {
			PQclear(result);
		}
		if (PQstatus(server->connection) == CONNECTION_BAD)
			break;
	}
}

static const char *result_field(const PGresult *result, int code)
{
	const char *text = PQresultErrorField(result, code);

	return text ? text : "";
}

static bool result_failed(const PGresult *result)
{
	return PQresultStatus(result) == PGRES_FATAL_ERROR ||
	       PQresultStatus(result) == PGRES_BAD_RESPONSE;
}

/* The SQLSTATE of the message's failure, or "". */
static const char *server_failure(const struct server *server)
{
	const PGresult *last =
	    server->count ? server->results[server->count - 1] : NULL;

	if (!last || PQstatus(server->connection) == CONNECTION_BAD)
		return "08006";
	return result_failed(last) ? result_field(last, PG_DIAG_SQLSTATE) : "";
}

static void answer_rows(const PGresult *result, struct arena *arena,
			struct answer *answer)
{
	size_t columns = (size_t)PQnfields(result);
	size_t rows = (size_t)PQntuples(result);
	struct answer_column *heads =
	    arena_array(arena, columns + 1, sizeof(*heads));
	struct value *values =
	    arena_array(arena, columns * rows + 1, sizeof(*values));

	for (size_t c = 0; c < columns; c++) {
		heads[c].name = PQfname(result, (int)c);
		heads[c].type = PQftype(result, (int)c);
		heads[c].modifier = PQfmod(result, (int)c);
		heads[c].table = PQftable(result, (int)c);
		heads[c].attribute = (uint16_t)PQftablecol(result, (int)c);
	}
	for (size_t i = 0; i < columns * rows; i++) {
		int r = (int)(i / columns), c = (int)(i % columns);

		if (PQgetisnull(result, r, c))
			continue;
		values[i].data = (const uint8_t *)PQgetvalue(result, r, c);
		values[i].size = (uint32_t)PQgetlength(result, r, c);
	}
	answer->has_columns = PQresultStatus(result) == PGRES_TUPLES_OK;
	answer->columns = heads;
	answer->column_count = columns;
	answer->rows = values;
	answer->row_held = rows;
	answer->row_count = rows;
}

static void answer_lines(const struct server *server, struct arena *arena,
			 struct answer *answer)
{
	struct value *values =
	    arena_array(arena, server->line_count + 1, sizeof(*values));

	for (size_t i = 0; i < server->line_count; i++)
		values[i] = (struct value){(uint8_t *)server->lines[i],
					   (uint32_t)server->line_sizes[i]};
	answer->copy = true;
	answer->rows = values;
	answer->row_held = answer->row_count = server->line_count;
}

/* The last answer, as the product compares it. It borrows from the server. */
static void server_answer(const struct server *server,
			  const struct adapter *adapter, struct arena *arena,
			  struct answer *answer)
{
	const PGresult *result =
	    server->count ? server->results[server->count - 1] : NULL;

	memset(answer, 0, sizeof(*answer));
	answer->tag = "";
	answer->affected = -1;
	answer->outcome = ANSWER_FAILED;
	answer->problem = (struct answer_problem){
	    "ERROR", "08006", ERROR_CLASS_CONNECTION, "", {.known = false}, ""};
	if (!result)
		return;
	if (result_failed(result)) {
		const char *code = result_field(result, PG_DIAG_SQLSTATE);
		const char *message =
		    result_field(result, PG_DIAG_MESSAGE_PRIMARY);

		answer->problem = (struct answer_problem){
		    result_field(result, PG_DIAG_SEVERITY_NONLOCALIZED),
		    code,
		    adapter->errors->class(code, message),
		    message,
		    {.known = false},
		    result_field(result, PG_DIAG_CONSTRAINT_NAME)};
		return;
	}
	answer->outcome = ANSWER_OK;
	answer->tag = PQcmdStatus((PGresult *)(uintptr_t)result);
	answer->affected = adapter->decode->affected(answer->tag);
	if (server->line_count)
		answer_lines(server, arena, answer);
	else
		answer_rows(result, arena, answer);
}

static bool same_value(const struct value *a, const struct value *b)
{
	if (!a->data || !b->data)
		return !a->data == !b->data;
	return a->size == b->size && !memcmp(a->data, b->data, a->size);
}

/* Types by name: the two servers number them on their own. */
static bool same_type(const struct catalog *old, uint32_t a,
		      const struct catalog *new, uint32_t b)
{
	const struct catalog_type *x = catalog_type(old, a);
	const struct catalog_type *y = catalog_type(new, b);

	if (!x || !y)
		return a == b;
	return !strcmp(x->name, y->name) && !strcmp(x->schema, y->schema);
}

/* To the byte: outcome, tag, columns' names and types, rows in their order. */
static bool answers_identical(const struct answer *a, const struct catalog *old,
			      const struct answer *b, const struct catalog *new)
{
	size_t cells = a->row_held * (a->copy ? 1 : a->column_count);

	if (a->outcome != b->outcome)
		return false;
	if (a->outcome == ANSWER_FAILED)
		return !strcmp(a->problem.code, b->problem.code);
	if (strcmp(a->tag, b->tag) || a->column_count != b->column_count ||
	    a->row_count != b->row_count)
		return false;
	for (size_t i = 0; i < a->column_count; i++)
		if (strcmp(a->columns[i].name, b->columns[i].name) ||
		    a->columns[i].modifier != b->columns[i].modifier ||
		    !same_type(old, a->columns[i].type, new,
			       b->columns[i].type))
			return false;
	for (size_t i = 0; i < cells; i++)
		if (!same_value(&a->rows[i], &b->rows[i]))
			return false;
	return true;
}

#endif
