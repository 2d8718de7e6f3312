/*
 * Queries of the catalog, within a time limit, and the cells of their rows. A
 * server that hangs must not hang its reader.
 */
#include "adapters/postgres/catalog_query.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/postgres/catalog_reader.h"
#include "adapters/postgres/connect.h"
#include "base/clock.h"

enum { READ_LIMIT_US = 30 * 1000 * 1000 };

static int wait_readable(struct catalog_reading *reading)
{
	struct pollfd item = {PQsocket(reading->connection), POLLIN, 0};
	int64_t left = reading->deadline - clock_monotonic_us();
	int ready = left > 0 ? poll(&item, 1, (int)(left / 1000) + 1) : 0;

	if (ready > 0 || (ready < 0 && errno == EINTR))
		return 0;
	return error_set(reading->error, ERROR_DATABASE,
			 "the server does not answer");
}

/* NULL: the error is set. The caller clears the result. */
PGresult *reading_query(struct catalog_reading *reading, const char *text)
{
	PGresult *kept = NULL;
	PGresult *result;

	if (!PQsendQuery(reading->connection, text)) {
		postgres_fail(reading->connection, NULL, reading->error);
		return NULL;
	}
	for (;;) {
		while (PQisBusy(reading->connection)) {
			if (wait_readable(reading))
				goto failed;
			if (!PQconsumeInput(reading->connection)) {
				postgres_fail(reading->connection, NULL,
					      reading->error);
				goto failed;
			}
		}
		result = PQgetResult(reading->connection);
		if (!result)
			break;
		PQclear(kept);
		kept = result;
	}
	if (kept && (PQresultStatus(kept) == PGRES_TUPLES_OK ||
		     PQresultStatus(kept) == PGRES_COMMAND_OK))
		return kept;
	postgres_fail(reading->connection, kept, reading->error);
failed:
	PQclear(kept);
	return NULL;
}

int reading_command(struct catalog_reading *reading, const char *text)
{
	PGresult *result = reading_query(reading, text);

	PQclear(result);
	return result ? 0 : -1;
}

/* Values of the current row; text is copied into the catalog's arena. */
const char *reading_text(struct catalog_reading *reading, const PGresult *rows,
			 int row, int column)
{
	if (PQgetisnull(rows, row, column))
		return NULL;
	return arena_string(&reading->catalog->arena,
			    PQgetvalue(rows, row, column));
}

bool reading_bool(const PGresult *rows, int row, int column)
{
	return PQgetvalue(rows, row, column)[0] == 't';
}

uint32_t reading_id(const PGresult *rows, int row, int column)
{
	return (uint32_t)strtoul(PQgetvalue(rows, row, column), NULL, 10);
}

long reading_number(const PGresult *rows, int row, int column)
{
	return strtol(PQgetvalue(rows, row, column), NULL, 10);
}

/* "1 2 5" */
const int16_t *reading_numbers(struct catalog_reading *reading,
			       const PGresult *rows, int row, int column,
			       size_t *count)
{
	const char *text = PQgetvalue(rows, row, column);
	int16_t *numbers;

	numbers = arena_array(&reading->catalog->arena, strlen(text) / 2 + 1,
			      sizeof(*numbers));
	*count = 0;
	while (*text) {
		char *end;

		numbers[(*count)++] = (int16_t)strtol(text, &end, 10);
		if (end == text)
			break;
		text = *end ? end + 1 : end;
	}
	return numbers;
}

int reading_open(struct catalog_reading *reading,
		 struct catalog_reader **reader,
		 const struct endpoint *endpoint)
{
	reading->connection =
	    catalog_reader_open(reader, endpoint, reading->error);
	if (!reading->connection)
		return -1;
	reading_begin(reading);
	return 0;
}

void reading_begin(struct catalog_reading *reading)
{
	reading->deadline = clock_monotonic_us() + READ_LIMIT_US;
}
