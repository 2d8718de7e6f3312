/*
 * The error that a fallible function reports to its caller.
 *
 * Fallible functions return 0 or -1. They fill the caller's struct error on
 * failure and leave it untouched on success. The boundary (a session, a
 * command) logs it, once.
 */
#ifndef PARALLAX_BASE_ERROR_H
#define PARALLAX_BASE_ERROR_H

#include <stddef.h>

enum error_kind {
	ERROR_NONE = 0,
	ERROR_USAGE,	/* the command line */
	ERROR_CONFIG,	/* config or mapping file */
	ERROR_IO,	/* file, socket */
	ERROR_PROTOCOL, /* a peer's bytes */
	ERROR_CORRUPT,	/* a journal's or store's bytes */
	ERROR_DATABASE, /* a database server refused */
	ERROR_LIMIT,	/* one of our bounds was reached */
	ERROR_MEMORY,
	ERROR_INTERNAL,
};

struct error {
	enum error_kind kind;
	/* The engine's own code of a database's error: "42601", "1064";
	 * otherwise empty. */
	char native[16];
	char message[512];
	char hint[256]; /* what to do about it, or empty */
	char file[256]; /* the place, if there is one; otherwise empty */
	int line;	/* from 1; 0: none */
	int column;	/* from 1; 0: none */
};

/* Clears *error to "no error". */
void error_init(struct error *error);

/* Sets kind and message (printf); returns -1, so that a caller can return it.
 */
int error_set(struct error *error, enum error_kind kind, const char *format,
	      ...) __attribute__((format(printf, 3, 4)));

/* As error_set, followed by ": strerror(errno)". */
int error_set_errno(struct error *error, enum error_kind kind,
		    const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a hint to an error that is set. */
void error_hint(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds a place to an error that is set. */
void error_at(struct error *error, const char *file, int line, int column);

/* Writes "file:line:column: message (hint: ...)" into out, always terminated.
 */
void error_print(const struct error *error, char *out, size_t size);

#endif
