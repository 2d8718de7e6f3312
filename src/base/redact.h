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

/*
 * Which parts of a database's message may be a customer's value. The adapter
 * finds them, since it knows its server's messages. Zeroed: the message is not
 * known, so any of it may be one.
 */
enum { REDACT_PARTS = 8 };

struct redact_part {
	uint32_t from, to; /* bytes of the message */
	/* A name, as it stood in the statement: a value that was taken for one
	 * fails with such a message, too. Else a value. */
	bool name;
};

struct redact_parts {
	bool known;
	uint32_t count; /* in their order */
	struct redact_part parts[REDACT_PARTS];
};

/* message NULL gives NULL. Names are shown. */
char *redact_message(const struct redactor *redactor,
		     const struct redact_parts *parts, const char *message);

/* Whether the name stands, whole, in what is shown of the message. */
bool redact_shows(const struct redact_parts *parts, const char *message,
		  const char *name);

#endif
