/*
 * What differs from engine to engine in the text of a statement. One record an
 * engine, which its adapter fills; the printer asks it.
 */
#ifndef PARALLAX_SQL_DIALECT_H
#define PARALLAX_SQL_DIALECT_H

#include <stdbool.h>

#include "base/buffer.h"

struct sql_dialect {
	const char *name;
	char quote; /* around identifiers; doubled within */
	/* Must a word (lower case, a plain identifier) be quoted as a name? */
	bool (*reserved)(const char *word);
	/* Does a function of this name act outside the database: on the
	 * server's files, its other sessions, other servers? Extensions' count
	 * in whatever schema they live. */
	bool (*acts_outside)(const char *name);
	/* Appends a string constant. */
	void (*string)(struct buffer *out, const char *text);
};

#endif
