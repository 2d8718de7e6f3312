/* Facts by prefix, and questions about a store itself. */
#include "store/internal.h"
#include "store/database.h"

int store_each(struct store *store, const char *prefix, store_visit *visit,
	       void *context, struct error *error)
{
	sqlite3_stmt *rows = NULL;
	int result;

	if (database_prepare(store->database, store->path,
			     "SELECT key, value FROM fact "
			     "WHERE substr(key, 1, length(?1)) = ?1 "
			     "AND key >= ?1 ORDER BY key",
			     &rows, error))
		return -1;
	sqlite3_bind_text(rows, 1, prefix, -1, SQLITE_TRANSIENT);
	while ((result = database_step(store->database, store->path, rows,
				       error)) > 0)
		visit(context, database_text(rows, 0), database_text(rows, 1));
	sqlite3_finalize(rows);
	return result;
}

bool store_is_full(const struct store *store)
{
	return store->full;
}
