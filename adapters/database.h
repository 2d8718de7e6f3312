/*
 * The contract of a plain, blocking connection to a database: for the work at
 * rest (seed, verify, the proof of laws), never on the client path. Not
 * thread-safe: one connection belongs to one thread at a time.
 *
 * Functions return 0 or -1 with the error set (ERROR_DATABASE with the server's
 * own code, or ERROR_IO when the connection is lost); after ERROR_IO the
 * connection can only be closed.
 */
#ifndef PARALLAX_ADAPTERS_DATABASE_H
#define PARALLAX_ADAPTERS_DATABASE_H

#include "adapters/adapter.h"
#include "adapters/answer.h"
#include "adapters/session.h"

struct database;

/* Values of one statement, all as text or all binary. */
struct database_parameters {
	const struct value *values;
	const uint8_t *formats; /* NULL: all text */
	const uint32_t *types;	/* NULL: none known */
	size_t count;
};

/* A small answer, entirely in memory. Release it, even if empty. */
struct database_result {
	struct value *rows; /* row-major, text; a value is NUL-ended */
	size_t row_count;
	const char *const *columns; /* names */
	const uint32_t *types;	    /* of the columns, the engine's ids */
	size_t column_count;
	int64_t affected; /* from the tag; -1: the tag has none */
	void *driver;	  /* private */
};

struct database_ops {
	/* label: the application's name on the server. */
	int (*open)(const struct endpoint *endpoint, const char *label,
		    struct database **database, struct error *error);
	void (*close)(struct database **database);

	/*
	 * For looks at a database at work: from now on the connection reads
	 * only, and each statement sees what was committed before it. It fails
	 * if it waits for a lock or runs for longer than that, or if a row
	 * policy would hide rows from it.
	 */
	int (*only_look)(struct database *database, int64_t lock_us,
			 int64_t statement_us, struct error *error);

	/* One statement; parameters may be NULL. result may be NULL. */
	int (*query)(struct database *database, const char *text,
		     const struct database_parameters *parameters,
		     struct database_result *result, struct error *error);
	void (*release)(struct database_result *result);
	/* A step of the transaction; name: of a savepoint. */
	int (*control)(struct database *database, enum session_control what,
		       const char *name, struct error *error);

	/* COPY ... TO STDOUT: start, then read until 0. *data is valid until
	 * the next call. 1: a chunk (a line, in text formats); 0: the end. */
	int (*copy_out)(struct database *database, const char *text,
			struct error *error);
	int (*copy_read)(struct database *database, const char **data,
			 size_t *size, struct error *error);
	/* COPY ... FROM STDIN: start, write any pieces, end. failure: gives up
	 * with that message. rows (may be NULL): how many were copied. */
	int (*copy_in)(struct database *database, const char *text,
		       struct error *error);
	int (*copy_write)(struct database *database, const char *data,
			  size_t size, struct error *error);
	int (*copy_end)(struct database *database, const char *failure,
			int64_t *rows, struct error *error);

	/* From another thread: ends the running statement soon, with an error.
	 */
	void (*cancel)(struct database *database);
	/* Whether it is open and not lost. */
	bool (*alive)(const struct database *database);
};

#endif
