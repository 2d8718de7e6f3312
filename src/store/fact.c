/* Facts: written at once or with the open batch, and read. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "store/database.h"
#include "store/writer.h"

enum { FACT_LIMIT = 64 << 20 };

int fact_write(struct store *store, sqlite3_stmt *statement, const char *key,
	       const char *value, struct error *error)
{
	int result;

	sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
	if (value)
		sqlite3_bind_text(statement, 2, value, -1, SQLITE_STATIC);
	result = database_step(store->database, store->path, statement, error);
	sqlite3_clear_bindings(statement);
	return result;
}

struct pending_fact *writer_fact(const struct writer *writer, const char *key)
{
	return map_get_string(&writer->facts, key);
}

int store_set(struct store *store, const char *key, const char *value,
	      struct error *error)
{
	struct writer *writer = store->writer;
	struct pending_fact *fact;

	if (value && strlen(value) > FACT_LIMIT)
		return error_set(error, ERROR_LIMIT,
				 "fact '%s' is too long for a store", key);
	if (!writer->batch)
		return fact_write(
		    store, value ? writer->set_fact : writer->remove_fact, key,
		    value, error);
	fact = writer_fact(writer, key);
	if (!fact) {
		fact = memory_alloc(sizeof(*fact));
		map_set_string(&writer->facts, key, fact);
	}
	free(fact->value);
	fact->value = memory_string(value);
	return 0;
}

int store_get(struct store *store, const char *key, char **value,
	      struct error *error)
{
	const struct pending_fact *fact =
	    store->writer ? writer_fact(store->writer, key) : NULL;
	int result;

	if (fact) {
		*value = memory_string(fact->value);
		return 0;
	}
	sqlite3_bind_text(store->get_fact, 1, key, -1, SQLITE_TRANSIENT);
	result =
	    database_step(store->database, store->path, store->get_fact, error);
	if (result < 0)
		return -1;
	*value = NULL;
	if (result) {
		*value = memory_string(database_text(store->get_fact, 0));
		sqlite3_reset(store->get_fact);
	}
	return 0;
}

int store_read_fact(const char *path, const char *key, char **value,
		    struct error *error)
{
	struct store *store = NULL;
	struct stat status;
	int result;

	*value = NULL;
	if (!path || (stat(path, &status) && errno == ENOENT))
		return 0;
	if (store_open_read(path, &store, error))
		return -1;
	result = store_get(store, key, value, error);
	store_close(&store);
	return result;
}

int store_add(struct store *store, const char *key, uint64_t more,
	      struct error *error)
{
	char *now = NULL;
	char sum[24];

	if (store_get(store, key, &now, error))
		return -1;
	snprintf(sum, sizeof(sum), "%llu",
		 (now ? strtoull(now, NULL, 10) : 0) +
		     (unsigned long long)more);
	free(now);
	return store_set(store, key, sum, error);
}

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
