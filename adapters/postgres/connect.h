/* A blocking connection of libpq, and its failures. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_CONNECT_H
#define PARALLAX_ADAPTERS_POSTGRES_CONNECT_H

#include <libpq-fe.h>

#include "adapters/adapter.h"

/*
 * NULL: the error is set, ERROR_DATABASE if a server refuses, otherwise
 * ERROR_IO. label: the application's name. Notices are dropped.
 */
PGconn *postgres_connect(const struct endpoint *endpoint, const char *label,
			 struct error *error);

/*
 * Sets the error from the result (NULL: from the connection), with its SQLSTATE
 * and hint: ERROR_DATABASE, or ERROR_IO if the connection is lost. Always
 * returns -1.
 */
int postgres_fail(PGconn *connection, const PGresult *result,
		  struct error *error);

void postgres_drop_notice(void *context, const PGresult *result);

#endif
