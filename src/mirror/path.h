/*
 * How a session's names are looked up on the primary: the settings for it, and
 * the temporary tables, which come and go by the same rules; so does the
 * isolation of its later transactions. Each has the
 * session's value, and perhaps one of SET LOCAL that hides it until the
 * transaction ends. A rollback, to a savepoint or of the transaction, restores
 * both. Knows no statements.
 */
#ifndef PARALLAX_MIRROR_PATH_H
#define PARALLAX_MIRROR_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum path_part {
	PATH_SEARCH,	    /* a list of names */
	PATH_ROLE,	    /* "none": that of the authorization */
	PATH_AUTHORIZATION, /* "": that of the login */
	PATH_TEMPORARY,	    /* a list of names */
	PATH_UNTIL_COMMIT,  /* ... of those that go with the transaction */
	PATH_ISOLATION,	    /* of later transactions, by the standard's name;
			       "": the server's default */
	PATH_PARTS
};

struct path_value {
	char *kept; /* NULL: not known */
	bool hidden;
	char *local; /* if hidden; NULL: not known */
};

struct path_level {
	char *savepoint; /* "" the transaction's beginning */
	uint64_t seq;	 /* of the statement that set it */
	struct path_value values[PATH_PARTS];
};

struct path {
	struct path_value values[PATH_PARTS];
	struct path_level *levels;
	size_t level_count; /* 0: nothing has changed in the transaction */
};

/* All parts are "". */
void path_init(struct path *path);
void path_release(struct path *path);

/* NULL: not known. */
const char *path_get(const struct path *path, enum path_part part);
void path_set(struct path *path, enum path_part part, const char *text,
	      bool local);

void path_savepoint(struct path *path, const char *name, uint64_t seq);
/* seq: of the savepoint, which stays. False: there is no such savepoint. */
bool path_rollback_to(struct path *path, const char *name, uint64_t *seq);
void path_release_savepoint(struct path *path, const char *name);
/* Of the transaction. */
void path_end(struct path *path, bool commit);

/*
 * a, "B c", $user: a NULL-ended list in one piece, to be given to free(). user:
 * what "$user" stands for. Empty names are left out.
 */
const char **path_names(const char *text, const char *user);
bool path_names_user(const char *text);
/* The list with one more name, or without it, or two joined; to be given to
 * free(). */
char *path_with(const char *text, const char *name);
char *path_without(const char *text, const char *name);
char *path_joined(const char *text, const char *other);

#endif
