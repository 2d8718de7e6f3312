/* A blocking connection of libpq's, and what it says of failures. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_CONNECT_H
#define PARALLAX_ADAPTERS_POSTGRES_CONNECT_H

#include <libpq-fe.h>

#include "adapters/adapter.h"

/*
 * NULL: the error is set, ERROR_DATABASE where a server answers and says no,
 * else ERROR_IO. label: shows as the application's name. Notices are dropped.
 */
PGconn *postgres_connect(const struct endpoint *endpoint, const char *label,
			 struct error *error);

/*
 * Sets the error to what the result says (NULL: to what the connection says),
 * with its SQLSTATE and hint: ERROR_DATABASE, or ERROR_IO if the connection is
 * lost. Always -1.
 */
int postgres_fail(PGconn *connection, const PGresult *result,
		  struct error *error);

void postgres_drop_notice(void *context, const PGresult *result);

#endif
