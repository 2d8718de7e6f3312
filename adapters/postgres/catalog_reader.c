/*
 * A new connection costs a server more than most queries of its catalog. So the
 * readings of one database, one after the other, share one:
 *
 *	catalog, access rules, triggers and grants, sequences: one login
 */
#include "adapters/postgres/catalog_reader.h"

#include <stdlib.h>

#include "adapters/postgres/connect.h"
#include "adapters/postgres/postgres.h"
#include "base/memory.h"

struct catalog_reader {
	PGconn *connection;
};

/* Makes it so; false: it has been lost meanwhile. */
static bool is_new(PGconn *connection)
{
	PGresult *done = PQexec(connection, "RESET ALL");
	bool result = PQresultStatus(done) == PGRES_COMMAND_OK;

	PQclear(done);
	return result;
}

PGconn *catalog_reader_open(struct catalog_reader **reader,
			    const struct endpoint *endpoint,
			    struct error *error)
{
	PGconn *connection;

	if (*reader && is_new((*reader)->connection))
		return (*reader)->connection;
	postgres_catalog_reader_free(reader);
	connection = postgres_connect(endpoint, "parallax", error);
	if (!connection)
		return NULL;
	*reader = memory_alloc(sizeof(**reader));
	(*reader)->connection = connection;
	return connection;
}

int catalog_reader_done(struct catalog_reader **reader, int result)
{
	if (result)
		postgres_catalog_reader_free(reader);
	return result;
}

void postgres_catalog_reader_free(struct catalog_reader **reader)
{
	if (!*reader)
		return;
	PQfinish((*reader)->connection);
	free(*reader);
	*reader = NULL;
}
