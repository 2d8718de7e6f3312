/*
 * What the settings of a session mean to the mirror, whatever an engine calls
 * them. Pure; names in any case.
 */
#ifndef PARALLAX_ADAPTERS_SETTING_H
#define PARALLAX_ADAPTERS_SETTING_H

#include <stdbool.h>

#include "base/arena.h"

enum setting_meaning {
	SETTING_PLAIN, /* nothing to the mirror: it is set on the shadow too */
	SETTING_OWN,   /* a limit, a label or a promise that the mirror sets
			  itself on the shadow */
	SETTING_ROLE,  /* as whom statements run */
	SETTING_AUTHORIZATION, /* who the session belongs to */
	SETTING_PATH,	/* where plain names are looked up: search_path; the
				  database that USE names */
	SETTING_FORMAT, /* how values and texts are written and read: a server
			   may report it, and a client may set it */
};

struct setting_ops {
	enum setting_meaning (*meaning)(const char *name);
	/* May a text that is not parsed (a body, a call) set one that means
	 * this? By its words: rather once too often. */
	bool (*may_set)(const char *text, enum setting_meaning meaning);
	/* Does this value of a role's setting take the role off again? NULL: it
	 * is not known. 'none'. */
	bool (*drops_role)(const char *value);
	/* The name of the one that has this meaning; of several, any. */
	const char *(*name)(enum setting_meaning meaning);
	/* A statement without parameters that sets one for its session. value
	 * NULL: to what it is already. In the arena. */
	char *(*assign)(const char *name, const char *value,
			struct arena *arena);
};

#endif
