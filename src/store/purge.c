/*
 * Removes evidence by its age. Counts stay, so that they still add up to the
 * statements seen; what is gone are the examples: rows, messages, statements as
 * they ran, and results of verify.
 */
#include "store/purge.h"

#include "store/database.h"

static int has_drift(sqlite3 *database, const char *path, int64_t *has,
		     struct error *error)
{
	return database_number(database, path,
			       "SELECT count(*) FROM sqlite_schema "
			       "WHERE name = 'drift'",
			       has, error);
}

static int remove_older(sqlite3 *database, const char *path, const char *sql,
			int64_t before, uint64_t *count, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	int result;

	if (database_prepare(database, path, sql, &statement, error))
		return -1;
	sqlite3_bind_int64(statement, 1, before);
	result = database_step(database, path, statement, error);
	sqlite3_finalize(statement);
	*count += (uint64_t)sqlite3_changes64(database);
	return result;
}

static int purge(sqlite3 *database, const char *path, int64_t before,
		 uint64_t *count, struct error *error)
{
	int64_t drift = 0;

	/* Freed pages are overwritten, in the file and in its log. */
	if (has_drift(database, path, &drift, error) ||
	    database_run(database, path, "PRAGMA secure_delete = ON", error) ||
	    remove_older(database, path, "DELETE FROM divergence WHERE at < ?1",
			 before, count, error) ||
	    (drift &&
	     remove_older(database, path, "DELETE FROM drift WHERE at < ?1",
			  before, count, error)))
		return -1;
	return database_run(database, path, "PRAGMA wal_checkpoint(TRUNCATE)",
			    error);
}

int store_purge(const char *path, int64_t before, uint64_t *count,
		struct error *error)
{
	sqlite3 *database = NULL;
	int result;

	*count = 0;
	if (database_open_write(path, &database, error))
		return -1;
	result = purge(database, path, before, count, error);
	sqlite3_close(database);
	return result;
}
