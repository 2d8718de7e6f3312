/*
 * Redaction: values leave as a shape and a keyed hash, so that equality can be
 * seen and content cannot: `text(12)#9f3a1c`, `int#77aa01`, `NULL`. The same
 * value has the same hash within one store, and another in another.
 */
#ifndef PARALLAX_BASE_REDACT_H
#define PARALLAX_BASE_REDACT_H

#include <stdbool.h>
#include <stdint.h>

enum { REDACT_KEY_SIZE = 32 };

struct redactor {
	uint8_t key[REDACT_KEY_SIZE];
	bool show_values; /* values leave as they are, cut to a length */
};

/* Results are the caller's (free). text NULL is SQL NULL. */
char *redact_value(const struct redactor *redactor, const char *text);

/* A value that may be shown, cut to a length; likewise. */
char *redact_public(const char *text);

/* Which part of a database's message may be a customer's value. */
enum redact_content {
	/* Text in quotes or brackets, and free numbers. */
	REDACT_PARTS,
	/* Nothing: it only names tables, columns, constraints and the like. */
	REDACT_NOTHING,
	/* Everything: a function or a trigger wrote it. */
	REDACT_ALL,
};

/* message NULL gives NULL. */
char *redact_message(const struct redactor *redactor,
		     enum redact_content content, const char *message);

#endif
