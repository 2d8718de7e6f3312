#include "store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "src/store/schema.sql.h"

enum { BUSY_MS = 5000 };

int database_failed(sqlite3 *database, const char *path, const char *what,
		    struct error *error)
{
	int code = database ? sqlite3_errcode(database) : SQLITE_NOMEM;

	switch (code & 0xff) {
	case SQLITE_NOTADB:
		error_set(error, ERROR_CORRUPT, "%s: not a Parallax store",
			  path);
		error_hint(error, "a store is what a mirror writes; see "
				  "`store:` of a shadow in the config");
		break;
	case SQLITE_CORRUPT:
		error_set(error, ERROR_CORRUPT, "%s: the store is damaged (%s)",
			  path, sqlite3_errmsg(database));
		error_hint(error, "its evidence cannot be relied on; replay "
				  "the journal into a new store");
		break;
	case SQLITE_NOMEM:
		error_set(error, ERROR_MEMORY, "%s: %s: out of memory", path,
			  what);
		break;
	case SQLITE_FULL:
		error_set(error, ERROR_IO, "%s: %s: no space left", path, what);
		break;
	default:
		error_set(error, ERROR_IO, "%s: %s: %s", path, what,
			  sqlite3_errmsg(database));
	}
	return -1;
}

int database_run(sqlite3 *database, const char *path, const char *sql,
		 struct error *error)
{
	if (sqlite3_exec(database, sql, NULL, NULL, NULL) != SQLITE_OK)
		return database_failed(database, path, "cannot use the store",
				       error);
	return 0;
}

int database_prepare(sqlite3 *database, const char *path, const char *sql,
		     sqlite3_stmt **statement, struct error *error)
{
	if (sqlite3_prepare_v3(database, sql, -1, SQLITE_PREPARE_PERSISTENT,
			       statement, NULL) != SQLITE_OK)
		return database_failed(database, path, "cannot use the store",
				       error);
	return 0;
}

int database_step(sqlite3 *database, const char *path, sqlite3_stmt *statement,
		  struct error *error)
{
	int result = sqlite3_step(statement);

	if (result == SQLITE_ROW)
		return 1;
	if (result != SQLITE_DONE)
		database_failed(database, path, "cannot use the store", error);
	sqlite3_reset(statement);
	return result == SQLITE_DONE ? 0 : -1;
}

const char *database_text(sqlite3_stmt *statement, int column)
{
	return (const char *)sqlite3_column_text(statement, column);
}

int database_number(sqlite3 *database, const char *path, const char *sql,
		    int64_t *number, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	int result;

	if (database_prepare(database, path, sql, &statement, error))
		return -1;
	result = database_step(database, path, statement, error);
	if (result > 0)
		*number = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return result < 0 ? -1 : 0;
}

/* fresh: it is still empty (only if it may be created). */
static int check_version(sqlite3 *database, const char *path, bool *fresh,
			 struct error *error)
{
	int64_t application = 0;
	int64_t version = 0;
	int64_t objects = 0;

	if (database_number(database, path, "PRAGMA application_id",
			    &application, error) ||
	    database_number(database, path, "PRAGMA user_version", &version,
			    error) ||
	    database_number(database, path,
			    "SELECT count(*) FROM sqlite_schema", &objects,
			    error))
		return -1;
	if (fresh) {
		*fresh = !application && !version && !objects;
		if (*fresh)
			return 0;
	}
	if (application != STORE_APPLICATION) {
		error_set(error, ERROR_CORRUPT, "%s: not a Parallax store",
			  path);
		return -1;
	}
	if (version != STORE_VERSION) {
		error_set(error, ERROR_CORRUPT,
			  "%s: a store of version %lld; this program uses "
			  "version %d",
			  path, (long long)version, STORE_VERSION);
		error_hint(error, "use the program that wrote it, or replay "
				  "the journal into a new store");
		return -1;
	}
	return 0;
}

/* Created here first, so that it never has the umask's mode. */
static int make_private(const char *path, struct error *error)
{
	struct stat status;
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (file < 0)
		return error_set_errno(error, ERROR_IO, "%s: cannot open",
				       path);
	if (!fstat(file, &status) && (status.st_mode & 077) &&
	    fchmod(file, 0600)) {
		error_set_errno(error, ERROR_IO, "%s: cannot make private",
				path);
		close(file);
		return -1;
	}
	close(file);
	return 0;
}

static int make_tables(sqlite3 *database, const char *path, struct error *error)
{
	char pragmas[96];

	snprintf(pragmas, sizeof(pragmas),
		 "PRAGMA application_id = %d; PRAGMA user_version = %d;",
		 STORE_APPLICATION, STORE_VERSION);
	if (database_run(database, path, "BEGIN IMMEDIATE", error))
		return -1;
	if (database_run(database, path, schema_sql, error) ||
	    database_run(database, path, pragmas, error) ||
	    database_run(database, path, "COMMIT", error)) {
		sqlite3_exec(database, "ROLLBACK", NULL, NULL, NULL);
		return -1;
	}
	return 0;
}

int database_open_write(const char *path, sqlite3 **database,
			struct error *error)
{
	sqlite3 *handle = NULL;
	bool fresh = false;

	if (make_private(path, error))
		return -1;
	if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL) !=
	    SQLITE_OK) {
		database_failed(handle, path, "cannot open", error);
		goto failed;
	}
	sqlite3_busy_timeout(handle, BUSY_MS);
	/* The version first: a foreign file is not switched to WAL mode.
	 * NORMAL: a power failure may lose the last commits, never half of one.
	 */
	if (check_version(handle, path, &fresh, error) ||
	    database_run(handle, path,
			 "PRAGMA journal_mode = WAL;"
			 "PRAGMA synchronous = NORMAL;"
			 "PRAGMA journal_size_limit = 67108864",
			 error) ||
	    (fresh && make_tables(handle, path, error)))
		goto failed;
	*database = handle;
	return 0;
failed:
	sqlite3_close(handle);
	return -1;
}

/* path as the URI by which SQLite opens a file that nobody writes. */
static int open_immutable(const char *path, sqlite3 **handle)
{
	struct buffer uri;
	int result;

	buffer_init(&uri, 0);
	buffer_append_string(&uri, "file:");
	for (const char *at = path; *at; at++) {
		if (strchr("%?#", *at))
			buffer_printf(&uri, "%%%02x", *at);
		else
			buffer_append_byte(&uri, (uint8_t)*at);
	}
	buffer_append_string(&uri, "?immutable=1");
	result = sqlite3_open_v2(buffer_string(&uri), handle,
				 SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
	buffer_release(&uri);
	return result;
}

/* A WAL file next to it: it is, or was, being written. */
static bool has_wal(const char *path)
{
	struct stat status;
	struct buffer name;
	bool found;

	buffer_init(&name, 0);
	buffer_printf(&name, "%s-wal", path);
	found = !stat(buffer_string(&name), &status) && status.st_size;
	buffer_release(&name);
	return found;
}

int database_open_read(const char *path, sqlite3 **database,
		       struct error *error)
{
	sqlite3 *handle = NULL;
	struct stat status;
	int64_t objects;

	if (stat(path, &status)) {
		bool absent = errno == ENOENT;

		error_set_errno(error, ERROR_IO, "%s: cannot open the store",
				path);
		if (absent)
			error_hint(error, "a mirror creates it; give the path "
					  "of `store:` in the config");
		return -1;
	}
	if (!S_ISREG(status.st_mode))
		return error_set(error, ERROR_IO,
				 "%s: not a file, so not a store", path);
	if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READONLY, NULL) !=
	    SQLITE_OK) {
		database_failed(handle, path, "cannot open", error);
		goto failed;
	}
	sqlite3_busy_timeout(handle, BUSY_MS);
	/* In a read-only folder a WAL store can only be opened as a file that
	 * nobody writes. That is right if no WAL is left. */
	if (sqlite3_exec(handle, "SELECT count(*) FROM sqlite_schema", NULL,
			 NULL, NULL) != SQLITE_OK &&
	    (sqlite3_errcode(handle) == SQLITE_CANTOPEN ||
	     sqlite3_errcode(handle) == SQLITE_READONLY) &&
	    !has_wal(path)) {
		sqlite3_close(handle);
		handle = NULL;
		if (open_immutable(path, &handle) != SQLITE_OK) {
			database_failed(handle, path, "cannot open", error);
			goto failed;
		}
	}
	if (database_number(handle, path, "SELECT count(*) FROM sqlite_schema",
			    &objects, error) ||
	    check_version(handle, path, NULL, error))
		goto failed;
	*database = handle;
	return 0;
failed:
	sqlite3_close(handle);
	return -1;
}
