/* A blocking connection by libpq. */
#include "adapters/database.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/postgres/connect.h"
#include "adapters/postgres/postgres.h"
#include "base/memory.h"

struct database {
	PGconn *connection;
	PGcancel *cancel;
	char *piece; /* of a COPY, libpq's */
};

/* "COPY users, line 12, column email": the place in its input where a COPY
 * failed, without the value that follows it. */
static void add_copy_context(const PGresult *result, struct error *error)
{
	const char *text =
	    result ? PQresultErrorField(result, PG_DIAG_CONTEXT) : NULL;
	const char *end;

	if (!text || strncmp(text, "COPY ", 5) != 0)
		return;
	end = strstr(text, ": ");
	error_hint(error, "%.*s",
		   (int)(end ? (size_t)(end - text) : strcspn(text, "\n")),
		   text);
}

static int set_error(struct database *database, const PGresult *result,
		     struct error *error)
{
	postgres_fail(database->connection, result, error);
	add_copy_context(result, error);
	return -1;
}

static void database_close(struct database **pointer)
{
	struct database *database = *pointer;

	if (!database)
		return;
	*pointer = NULL;
	if (database->piece)
		PQfreemem(database->piece);
	PQfreeCancel(database->cancel);
	PQfinish(database->connection);
	free(database);
}

static int database_open(const struct endpoint *endpoint, const char *label,
			 struct database **out, struct error *error)
{
	PGconn *connection = postgres_connect(endpoint, label, error);
	struct database *database;

	if (!connection)
		return -1;
	database = memory_alloc(sizeof(*database));
	database->connection = connection;
	database->cancel = PQgetCancel(database->connection);
	*out = database;
	return 0;
}

static int64_t affected_of(PGresult *result)
{
	const char *text = PQcmdTuples(result);

	return text && *text ? strtoll(text, NULL, 10) : -1;
}

static void fill_result(PGresult *rows, struct database_result *result)
{
	int width = PQnfields(rows);
	const char **columns =
	    memory_alloc((size_t)(width + 1) * sizeof(*columns));
	uint32_t *types = memory_alloc((size_t)(width + 1) * sizeof(*types));

	memset(result, 0, sizeof(*result));
	result->row_count = (size_t)PQntuples(rows);
	result->column_count = (size_t)width;
	result->affected = affected_of(rows);
	result->driver = rows;
	result->rows =
	    memory_alloc((result->row_count * result->column_count + 1) *
			 sizeof(*result->rows));
	for (int c = 0; c < width; c++) {
		columns[c] = PQfname(rows, c);
		types[c] = PQftype(rows, c);
	}
	result->columns = columns;
	result->types = types;
	for (size_t r = 0; r < result->row_count; r++)
		for (int c = 0; c < width; c++) {
			struct value *value =
			    &result->rows[r * result->column_count + (size_t)c];

			if (PQgetisnull(rows, (int)r, c))
				continue;
			value->data =
			    (const uint8_t *)PQgetvalue(rows, (int)r, c);
			value->size = (uint32_t)PQgetlength(rows, (int)r, c);
		}
}

static void database_release(struct database_result *result)
{
	if (result->driver)
		PQclear(result->driver);
	free(result->rows);
	free((void *)(uintptr_t)result->columns);
	free((void *)(uintptr_t)result->types);
	memset(result, 0, sizeof(*result));
}

static PGresult *execute(struct database *database, const char *text,
			 const struct database_parameters *parameters)
{
	const char **values;
	int *lengths, *formats;
	PGresult *rows;
	size_t count = parameters ? parameters->count : 0;

	values = memory_alloc((count + 1) * sizeof(*values));
	lengths = memory_alloc((count + 1) * sizeof(*lengths));
	formats = memory_alloc((count + 1) * sizeof(*formats));
	for (size_t i = 0; i < count; i++) {
		const struct value *value = &parameters->values[i];

		formats[i] = parameters->formats ? parameters->formats[i] : 0;
		lengths[i] = (int)value->size;
		/* libpq reads a text up to its NUL. */
		if (value->data && !formats[i])
			values[i] =
			    memory_copy((const char *)value->data, value->size);
		else
			values[i] = (const char *)value->data;
	}
	rows = PQexecParams(database->connection, text, (int)count,
			    parameters ? parameters->types : NULL, values,
			    lengths, formats, 0);
	for (size_t i = 0; i < count; i++)
		if (!formats[i])
			free((void *)(uintptr_t)values[i]);
	free(values);
	free(lengths);
	free(formats);
	return rows;
}

static int database_query(struct database *database, const char *text,
			  const struct database_parameters *parameters,
			  struct database_result *result, struct error *error)
{
	PGresult *rows = execute(database, text, parameters);
	ExecStatusType status = PQresultStatus(rows);

	if (result)
		memset(result, 0, sizeof(*result));
	if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK &&
	    status != PGRES_EMPTY_QUERY) {
		set_error(database, rows, error);
		PQclear(rows);
		return -1;
	}
	if (result)
		fill_result(rows, result);
	else
		PQclear(rows);
	return 0;
}

static int database_control(struct database *database,
			    enum session_control what, const char *name,
			    struct error *error)
{
	struct arena arena;
	int result;

	arena_init(&arena, 0);
	result =
	    database_query(database, postgres_control_text(what, name, &arena),
			   NULL, NULL, error);
	arena_release(&arena);
	return result;
}

/* ---- COPY ---- */

static int start_copy(struct database *database, const char *text,
		      ExecStatusType expected, struct error *error)
{
	PGresult *rows = PQexec(database->connection, text);
	int result = 0;

	if (PQresultStatus(rows) != expected) {
		result = PQresultStatus(rows) == PGRES_FATAL_ERROR
			     ? set_error(database, rows, error)
			     : error_set(error, ERROR_INTERNAL,
					 "the statement is no such COPY");
	}
	PQclear(rows);
	return result;
}

static int database_copy_out(struct database *database, const char *text,
			     struct error *error)
{
	return start_copy(database, text, PGRES_COPY_OUT, error);
}

static int database_copy_in(struct database *database, const char *text,
			    struct error *error)
{
	return start_copy(database, text, PGRES_COPY_IN, error);
}

/* The server's final answer to a COPY. */
static int end_copy(struct database *database, int64_t *copied,
		    struct error *error)
{
	PGresult *rows;
	int result = 0;

	while ((rows = PQgetResult(database->connection))) {
		if (PQresultStatus(rows) != PGRES_COMMAND_OK && !result)
			result = set_error(database, rows, error);
		else if (copied)
			*copied = affected_of(rows);
		PQclear(rows);
	}
	return result;
}

static int database_copy_read(struct database *database, const char **data,
			      size_t *size, struct error *error)
{
	int length;

	if (database->piece)
		PQfreemem(database->piece);
	database->piece = NULL;
	length = PQgetCopyData(database->connection, &database->piece, 0);
	if (length > 0) {
		*data = database->piece;
		*size = (size_t)length;
		return 1;
	}
	if (length == -2) {
		set_error(database, NULL, error);
		end_copy(database, NULL, error);
		return -1;
	}
	return end_copy(database, NULL, error);
}

static int database_copy_write(struct database *database, const char *data,
			       size_t size, struct error *error)
{
	enum { PIECE_MAX = 1 << 30 };

	while (size) {
		int piece = size > PIECE_MAX ? PIECE_MAX : (int)size;

		if (PQputCopyData(database->connection, data, piece) != 1)
			return set_error(database, NULL, error);
		data += piece;
		size -= (size_t)piece;
	}
	return 0;
}

static int database_copy_end(struct database *database, const char *failure,
			     int64_t *rows, struct error *error)
{
	if (PQputCopyEnd(database->connection, failure) != 1)
		return set_error(database, NULL, error);
	return end_copy(database, rows, error);
}

static void database_cancel(struct database *database)
{
	char message[256];

	if (database->cancel)
		PQcancel(database->cancel, message, sizeof(message));
}

static bool database_alive(const struct database *database)
{
	return PQstatus(database->connection) == CONNECTION_OK;
}

static int database_only_look(struct database *database, int64_t lock_us,
			      int64_t statement_us, struct error *error)
{
	static const char *const settings[] = {
	    "SET default_transaction_read_only = on",
	    "SET default_transaction_isolation = 'read committed'",
	    "SET row_security = off",
	};
	char text[80];

	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++)
		if (database_query(database, settings[i], NULL, NULL, error))
			return -1;
	snprintf(text, sizeof(text), "SET lock_timeout = %lld",
		 (long long)(lock_us / 1000));
	if (database_query(database, text, NULL, NULL, error))
		return -1;
	snprintf(text, sizeof(text), "SET statement_timeout = %lld",
		 (long long)(statement_us / 1000));
	return database_query(database, text, NULL, NULL, error);
}

const struct database_ops postgres_database = {
    .open = database_open,
    .close = database_close,
    .only_look = database_only_look,
    .query = database_query,
    .release = database_release,
    .control = database_control,
    .copy_out = database_copy_out,
    .copy_read = database_copy_read,
    .copy_in = database_copy_in,
    .copy_write = database_copy_write,
    .copy_end = database_copy_end,
    .cancel = database_cancel,
    .alive = database_alive,
};
