/*
 * The contract about rights: whose logins stand on a shadow for the roles of
 * the clients, and how an administrator makes them.
 *
 *	client's role    login on the shadow    what it is there
 *	app              "parallax:app"         a member of app, and of no other
 *	postgres         "parallax:postgres"    a member of a plain owner of the
 *	                                        database, who stands in for it
 *
 * On a cluster of the shadow's own, app logs in as itself, with a new password.
 * Functions block; 0, or -1 with the error set.
 */
#ifndef PARALLAX_ADAPTERS_RIGHTS_H
#define PARALLAX_ADAPTERS_RIGHTS_H

#include "adapters/adapter.h"
#include "base/buffer.h"

/* A role of the primary that may log in. */
struct rights_client {
	const char *role;
	bool beyond; /* it reaches beyond a database, so another role stands
		        in */
	const char *login;
	const char *password;
};

struct rights_setup {
	const struct endpoint *primary;
	const struct endpoint *shadow; /* user: the mirror's own account */
	const char *password;	       /* of the mirror's own account */
	bool own_cluster;
	const struct rights_client *clients;
	size_t count;
};

/* The result for a client's role. */
struct rights_outcome {
	const char *role;
	const char *login; /* or NULL: the role does not exist */
	bool stood_in;
};

/* A remaining way to exceed the client's role, or to log in as another. */
struct rights_finding {
	const char *what;
	const char *hint;
};

struct rights_ops {
	size_t name_bytes; /* of a role's name: longer ones are cut */

	/* The primary's roles that may log in, without login and password. */
	int (*clients)(const struct endpoint *primary, struct arena *arena,
		       struct rights_client **clients, size_t *count,
		       struct error *error);
	/* The name of a role's login; in the arena. */
	const char *(*login)(struct arena *arena, const char *role);
	/* The set-up as a script for an administrator of the shadow. It can be
	 * run again; it contains verifiers instead of passwords. */
	int (*script)(const struct rights_setup *setup, struct buffer *out,
		      struct error *error);
	/* Runs it, all or nothing. admin: the driver's way to write a login. */
	int (*run)(const char *admin, const struct endpoint *shadow,
		   const char *script, struct arena *arena,
		   struct rights_outcome **outcomes, size_t *count,
		   struct error *error);
	/* The remaining risks, from the shadow's catalog. */
	int (*remains)(struct catalog_reader **reader,
		       const struct endpoint *shadow, struct arena *arena,
		       struct rights_finding **findings, size_t *count,
		       struct error *error);
	/* How the primary admits the relay's own address or user without a
	 * password. */
	int (*open_doors)(struct catalog_reader **reader,
			  const struct endpoint *primary, struct arena *arena,
			  struct rights_finding **findings, size_t *count,
			  struct error *error);
};

#endif
