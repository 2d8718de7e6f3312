/*
 * Errors of a database, by what went wrong. Each engine turns its own codes
 * into these classes; nothing outside of adapters/ knows a code's meaning. The
 * code itself is kept beside the class, for people.
 */
#ifndef PARALLAX_ADAPTERS_ERROR_CLASS_H
#define PARALLAX_ADAPTERS_ERROR_CLASS_H

#include <stdbool.h>

#include "base/redact.h"

enum error_class {
#define ERROR_CLASS(symbol, name, family) ERROR_CLASS_##symbol,
#include "adapters/error_class.def"
#undef ERROR_CLASS
	ERROR_CLASS_COUNT
};

const char *error_class_name(enum error_class class);

/* Depends on load: deadlock, serialization, an unavailable lock or resource,
 * cancellation, a server that shuts down. Such a failure is followed, not
 * compared. */
bool error_class_is_load(enum error_class class);
/* A constraint refused it. */
bool error_class_is_integrity(enum error_class class);
/* One class or one family: what an application would take for the same error.
 * Two errors of class OTHER are not: nothing is known of them. */
bool error_class_is_alike(enum error_class a, enum error_class b);
/* A name that is unknown, ambiguous or taken. */
bool error_class_is_name(enum error_class class);

struct error_ops {
	/* code and message as the engine gave them; message may be NULL. */
	enum error_class (*class)(const char *code, const char *message);
	/*
	 * Which parts of a message of the server's may be a customer's value.
	 * A message that the engine does not know stays unknown, as do all
	 * messages in other languages than English.
	 */
	void (*values)(const char *message, struct redact_parts *out);
};

/* Likewise, of a message that came from a server of either engine. */
void error_values(const struct error_ops *primary,
		  const struct error_ops *shadow, const char *message,
		  struct redact_parts *out);

#endif
