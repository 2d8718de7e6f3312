/*
 * The facade of SQLite: only src/store includes this. Failures are reported as
 * struct error: ERROR_CORRUPT for a damaged file, otherwise ERROR_IO.
 */
#ifndef PARALLAX_STORE_DATABASE_H
#define PARALLAX_STORE_DATABASE_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum {
	STORE_APPLICATION = 0x50525858, /* "PRXX" */
	STORE_VERSION = 3,
};

/* path is for messages. All return -1. */
int database_failed(sqlite3 *database, const char *path, const char *what,
		    struct error *error);

/* Opens or creates a store, with its tables. */
int database_open_write(const char *path, sqlite3 **database,
			struct error *error);
int database_open_read(const char *path, sqlite3 **database,
		       struct error *error);

int database_run(sqlite3 *database, const char *path, const char *sql,
		 struct error *error);
/* A prepared statement that is kept; its owner finalises it. */
int database_prepare(sqlite3 *database, const char *path, const char *sql,
		     sqlite3_stmt **statement, struct error *error);
/* 1: a row; 0: done (and reset); -1: failed (and reset). */
int database_step(sqlite3 *database, const char *path, sqlite3_stmt *statement,
		  struct error *error);

/* The result of a query of one number; without a row, *number is unchanged. */
int database_number(sqlite3 *database, const char *path, const char *sql,
		    int64_t *number, struct error *error);

/* A text column that may be NULL, valid until the next step. */
const char *database_text(sqlite3_stmt *statement, int column);

#endif
