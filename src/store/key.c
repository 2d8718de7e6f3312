/*
 * The store's key: values are hashed with it, and the state of sessions is
 * encrypted. It is no part of the store, so that a copy of the store (for a
 * report, say) gives neither away.
 *
 *	shadow.store		the fact "key": a hash of the key
 *	shadow.store.key	the key, 64 hex digits
 */
#include "store/key.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

static const char fact_name[] = "key";

static char *file_name(const char *path, const char *tail)
{
	struct buffer name;

	buffer_init(&name, 0);
	buffer_printf(&name, "%s.key%s", path, tail);
	buffer_string(&name);
	return (char *)name.data;
}

/* --- the file --- */

/* 1: read; 0: there is none. */
static int read_file(const char *name, uint8_t key[SEAL_KEY],
		     struct error *error)
{
	char text[SEAL_HEX + 2];
	struct stat status;
	ssize_t got;
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return error_set_errno(error, ERROR_IO, "%s: cannot open",
				       name);
	got = fstat(fd, &status) ? -1 : read(fd, text, sizeof(text));
	close(fd);
	if (got < 0)
		return error_set_errno(error, ERROR_IO, "%s: cannot read",
				       name);
	if (status.st_mode & 077)
		return error_set(error, ERROR_CONFIG,
				 "%s: the store's key is open to others; its "
				 "mode must be 0600",
				 name);
	if (got && text[got - 1] == '\n')
		got--;
	if (!seal_parse(text, (size_t)got, key))
		return error_set(error, ERROR_CORRUPT,
				 "%s: not a key (64 hex digits)", name);
	seal_wipe(text, sizeof(text));
	return 1;
}

/* Whole or not at all, and only one of two that try. */
static int make_file(const char *path, const char *name, struct error *error)
{
	char text[SEAL_HEX + 2], tail[32];
	uint8_t key[SEAL_KEY];
	char *draft;
	int result = 0, fd;

	snprintf(tail, sizeof(tail), ".%ld", (long)getpid());
	draft = file_name(path, tail);
	seal_random(key, sizeof(key));
	seal_print(key, text);
	text[SEAL_HEX] = '\n';
	unlink(draft);
	fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
		  0600);
	if (fd < 0 || write(fd, text, SEAL_HEX + 1) != SEAL_HEX + 1 ||
	    fsync(fd) || (link(draft, name) && errno != EEXIST))
		result =
		    error_set_errno(error, ERROR_IO, "%s: cannot create", name);
	if (fd >= 0)
		close(fd);
	unlink(draft);
	free(draft);
	seal_wipe(key, sizeof(key));
	seal_wipe(text, sizeof(text));
	return result;
}

/* --- which store it belongs to --- */

static int bind_statement(sqlite3 *database, const char *path, const char *sql,
			  const uint8_t key[SEAL_KEY], sqlite3_stmt **statement,
			  struct error *error)
{
	char text[SEAL_HEX + 1];
	uint8_t hash[SEAL_KEY];

	if (database_prepare(database, path, sql, statement, error))
		return -1;
	seal_derive(key, "identity", hash);
	seal_print(hash, text);
	sqlite3_bind_text(*statement, 1, fact_name, -1, SQLITE_STATIC);
	sqlite3_bind_text(*statement, 2, text, -1, SQLITE_TRANSIENT);
	return 0;
}

/* Notes it in a store that has none yet; whether it is the one noted. */
static int claim(sqlite3 *database, const char *path,
		 const uint8_t key[SEAL_KEY], bool *same, struct error *error)
{
	sqlite3_stmt *statement = NULL;
	int result = 0;

	if (bind_statement(database, path,
			   "INSERT OR IGNORE INTO fact VALUES (?1, ?2)", key,
			   &statement, error))
		return -1;
	result = database_step(database, path, statement, error);
	sqlite3_finalize(statement);
	if (result ||
	    bind_statement(database, path,
			   "SELECT 1 FROM fact WHERE key = ?1 AND value = ?2",
			   key, &statement, error))
		return -1;
	result = database_step(database, path, statement, error);
	sqlite3_finalize(statement);
	*same = result > 0;
	return result < 0 ? -1 : 0;
}

static int has_key(sqlite3 *database, const char *path, int64_t *has,
		   struct error *error)
{
	return database_number(database, path,
			       "SELECT count(*) FROM fact WHERE key = 'key'",
			       has, error);
}

int store_key_load(sqlite3 *database, const char *path, uint8_t key[SEAL_KEY],
		   struct error *error)
{
	static const char hint[] = "put back the file that belongs to the "
				   "store, or begin with a new store";
	char *name = file_name(path, "");
	int64_t has = 0;
	bool same = true;
	int result = has_key(database, path, &has, error);

	if (!result)
		result = read_file(name, key, error);
	if (!result && has) {
		result = error_set(error, ERROR_IO,
				   "%s: the store's key is missing", name);
		error_hint(error, "%s", hint);
	} else if (!result && !make_file(path, name, error)) {
		result = read_file(name, key, error);
	}
	if (result > 0 && claim(database, path, key, &same, error))
		result = -1;
	if (result > 0 && !same) {
		result = error_set(error, ERROR_CORRUPT,
				   "%s: this is another store's key", name);
		error_hint(error, "%s", hint);
	}
	free(name);
	return result > 0 ? 0 : -1;
}

void store_key_redactor(const uint8_t key[SEAL_KEY], struct redactor *redactor)
{
	_Static_assert((int)REDACT_KEY_SIZE == (int)SEAL_KEY, "one size");
	seal_derive(key, "values", redactor->key);
}
