/* One server: what is sent to it, and what it says. */
#ifndef TESTS_INTEGRATION_PAIR_SERVER_H
#define TESTS_INTEGRATION_PAIR_SERVER_H

#include "integration/pair/session.h"

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

#endif
