/*
 * What the relay keeps of users' passwords, so that it can log clients in by
 * itself: a file with a line for each, as "user" "secret", where a quote in a
 * name is doubled. What a secret looks like is the engine's.
 */
#ifndef PARALLAX_RELAY_SECRETS_H
#define PARALLAX_RELAY_SECRETS_H

#include "adapters/wire.h"
#include "base/error.h"

struct secrets;

/* -1: the error names the line. The file must be its owner's alone. */
int secrets_load(const char *path, const struct wire_ops *wire,
		 struct secrets **secrets, struct error *error);
void secrets_free(struct secrets **secrets); /* and wipes them */
/* context: a struct secrets. NULL: none is kept of that user. Valid until
 * secrets_free. */
const char *secrets_find(void *context, const char *user);

#endif
