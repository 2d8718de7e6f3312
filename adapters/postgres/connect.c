#include "adapters/postgres/connect.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/postgres/postgres.h"

static const char *field(const PGresult *result, int code)
{
	return result ? PQresultErrorField(result, code) : NULL;
}

int postgres_fail(PGconn *connection, const PGresult *result,
		  struct error *error)
{
	bool lost = PQstatus(connection) != CONNECTION_OK;
	const char *text = field(result, PG_DIAG_MESSAGE_PRIMARY);
	const char *sqlstate = field(result, PG_DIAG_SQLSTATE);
	const char *hint = field(result, PG_DIAG_MESSAGE_HINT);

	if (!text)
		text = PQerrorMessage(connection);
	error_set(error, lost ? ERROR_IO : ERROR_DATABASE, "%.*s",
		  (int)strcspn(text, "\n"), text);
	snprintf(error->native, sizeof(error->native), "%s",
		 sqlstate ? sqlstate : "");
	if (hint)
		error_hint(error, "%.*s", (int)strcspn(hint, "\n"), hint);
	return -1;
}

void postgres_drop_notice(void *context, const PGresult *result)
{
	(void)context;
	(void)result;
}

PGconn *postgres_connect(const struct endpoint *endpoint, const char *label,
			 struct error *error)
{
	struct postgres_parameters parameters = {0};
	PGconn *connection;

	postgres_parameters(endpoint, &parameters);
	for (size_t i = 0; parameters.keywords[i]; i++)
		if (!strcmp(parameters.keywords[i], "application_name"))
			parameters.values[i] = label;
	connection =
	    PQconnectdbParams(parameters.keywords, parameters.values, 1);
	if (!connection) {
		error_set(error, ERROR_MEMORY, "libpq: out of memory");
		return NULL;
	}
	if (PQstatus(connection) == CONNECTION_OK) {
		PQsetNoticeReceiver(connection, postgres_drop_notice, NULL);
		return connection;
	}
	postgres_fail(connection, NULL, error);
	if (PQpingParams(parameters.keywords, parameters.values, 1) ==
	    PQPING_OK)
		error->kind = ERROR_DATABASE;
	PQfinish(connection);
	return NULL;
}

/* libpq's documentation: "The Password File", "The Connection Service File",
 * "Client Certificates". */
void postgres_driver_files(void (*found)(void *context, const char *path),
			   void *context)
{
	static const char *const variables[] = {
	    "PGPASSFILE", "PGSERVICEFILE", "PGSYSCONFDIR", "PGSSLROOTCERT",
	    "PGSSLCERT",  "PGSSLKEY",	   "PGSSLCRL"};
	static const char *const at_home[] = {".pgpass", ".pg_service.conf",
					      ".postgresql"};
	const char *home = getenv("HOME");
	char path[4096];

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		if (getenv(variables[i]))
			found(context, getenv(variables[i]));
	for (size_t i = 0; home && i < sizeof(at_home) / sizeof(*at_home); i++)
		if (snprintf(path, sizeof(path), "%s/%s", home, at_home[i]) <
		    (int)sizeof(path))
			found(context, path);
}
