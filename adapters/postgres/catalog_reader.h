/* The connection that a command's readings of one database share. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_CATALOG_READER_H
#define PARALLAX_ADAPTERS_POSTGRES_CATALOG_READER_H

#include <libpq-fe.h>

#include "adapters/adapter.h"

/* Opens it if *reader is NULL or lost; one that is open gets its settings back
 * as they were. The connection stays the reader's. NULL: the error is set,
 * *reader is NULL. */
PGconn *catalog_reader_open(struct catalog_reader **reader,
			    const struct endpoint *endpoint,
			    struct error *error);
/* Gives the result back. If it is not 0, the connection may be in any state:
 * it is closed. */
int catalog_reader_done(struct catalog_reader **reader, int result);

#endif
