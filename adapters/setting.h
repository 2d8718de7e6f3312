/*
 * The meaning of a session's settings for the mirror, whatever an engine calls
 * them. Pure; names in any case.
 */
#ifndef PARALLAX_ADAPTERS_SETTING_H
#define PARALLAX_ADAPTERS_SETTING_H

#include <stdbool.h>

#include "base/arena.h"
#include "sql/characteristics.h"

enum setting_meaning {
	SETTING_PLAIN, /* nothing special: it is set on the shadow too */
	SETTING_OWN,   /* a limit, a label or a promise that the mirror sets
			  itself on the shadow */
	SETTING_ROLE,  /* the role that statements run as */
	SETTING_AUTHORIZATION, /* who the session belongs to */
	/* Where plain names are looked up: the search path; where names
	 * have no path, the database that USE names. */
	SETTING_PATH,
	/* A characteristic of all later transactions, or of the one under way:
	 * see characteristic. */
	SETTING_LATER,
	SETTING_PRESENT,
	SETTING_FORMAT, /* how values and texts are written and read: a server
			   may report it, and a client may set it */
};

struct setting_ops {
	enum setting_meaning (*meaning)(const char *name);
	/* Whether an unparsed text (a body, a call) may set one with this
	 * meaning. Decided by its words; in doubt, true. */
	bool (*may_set)(const char *text, enum setting_meaning meaning);
	/* Whether this value of a role's setting resets the role ("none").
	 * NULL: the value is not known. */
	bool (*drops_role)(const char *value);
	/* What such a setting with that value says. False: nothing, or the
	 * value is none of the setting's. value NULL: its default; the field
	 * that it is about then has any choice but NONE. */
	bool (*characteristic)(const char *name, const char *value,
			       struct sql_characteristics *out);
	/* The name of a setting with this meaning; of several, any. */
	const char *(*name)(enum setting_meaning meaning);
	/* A statement without parameters that sets one for its session. value
	 * NULL: to its present value. In the arena. */
	char *(*assign)(const char *name, const char *value,
			struct arena *arena);
};

#endif
