/* Which database it is: the server's own number, and the database's in it. */
#include "adapters/postgres/catalog_reader.h"
#include "adapters/postgres/postgres.h"

static const char identity_sql[] =
    "SELECT (SELECT system_identifier::text "
    "FROM pg_catalog.pg_control_system()) || '/' || oid "
    "FROM pg_catalog.pg_database WHERE datname = current_database()";

int postgres_identity(struct catalog_reader **reader,
		      const struct endpoint *endpoint, char *out, size_t size,
		      struct error *error)
{
	PGconn *connection = catalog_reader_open(reader, endpoint, error);
	PGresult *rows;

	if (!connection)
		return -1;
	rows = PQexec(connection, identity_sql);
	if (PQresultStatus(rows) == PGRES_TUPLES_OK && PQntuples(rows) == 1 &&
	    !PQgetisnull(rows, 0, 0))
		snprintf(out, size, "%s", PQgetvalue(rows, 0, 0));
	else /* the function may have been revoked from PUBLIC */
		snprintf(out, size, "%s:%d/%s", endpoint->host, endpoint->port,
			 endpoint->database);
	PQclear(rows);
	return 0;
}
