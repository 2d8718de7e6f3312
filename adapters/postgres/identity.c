/* Which database it is: the server's own number, and the database's in it. */
#include "adapters/database.h"
#include "adapters/postgres/postgres.h"

int postgres_identity(const struct endpoint *endpoint, char *out, size_t size,
		      struct error *error)
{
	const char *text =
	    "SELECT (SELECT system_identifier::text "
	    "FROM pg_catalog.pg_control_system()) || '/' || oid "
	    "FROM pg_catalog.pg_database WHERE datname = current_database()";
	struct database *database = NULL;
	struct database_result rows = {0};
	int result;

	if (postgres_database.open(endpoint, "parallax:identity", &database,
				   error))
		return -1;
	result = postgres_database.query(database, text, NULL, &rows, error);
	if (!result && rows.row_count == 1 && rows.rows[0].data)
		snprintf(out, size, "%.*s", (int)rows.rows[0].size,
			 (const char *)rows.rows[0].data);
	else /* the function may have been revoked from PUBLIC */
		snprintf(out, size, "%s:%d/%s", endpoint->host, endpoint->port,
			 endpoint->database);
	if (!result)
		postgres_database.release(&rows);
	postgres_database.close(&database);
	return 0;
}
