/* Reading one database's catalog: its queries and the cells of their rows. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_CATALOG_QUERY_H
#define PARALLAX_ADAPTERS_POSTGRES_CATALOG_QUERY_H

#include <libpq-fe.h>
#include <xxhash.h>

#include "adapters/adapter.h"

struct catalog_reading {
	PGconn *connection;
	struct catalog *catalog; /* the catalog being read, with its arena */
	struct error *error;	 /* of the caller */
	XXH3_state_t *version;
	int64_t deadline; /* of all queries; monotonic us */
};

/* Over the reader's connection (catalog_reader.h). */
int reading_open(struct catalog_reading *reading,
		 struct catalog_reader **reader,
		 const struct endpoint *endpoint);
/* Over an open connection; its time limit starts again. */
void reading_begin(struct catalog_reading *reading);

/* NULL: the error is set. The caller clears the result. */
PGresult *reading_query(struct catalog_reading *reading, const char *text);
int reading_command(struct catalog_reading *reading, const char *text);

/* Cells. Texts are copied into the catalog's arena; NULL is NULL. */
const char *reading_text(struct catalog_reading *reading, const PGresult *rows,
			 int row, int column);
bool reading_bool(const PGresult *rows, int row, int column);
uint32_t reading_id(const PGresult *rows, int row, int column);
long reading_number(const PGresult *rows, int row, int column);
/* "1 2 5" */
const int16_t *reading_numbers(struct catalog_reading *reading,
			       const PGresult *rows, int row, int column,
			       size_t *count);

#endif
