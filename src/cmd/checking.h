/* What `check` checks, and `run` before it starts and reloads. */
#ifndef PARALLAX_CMD_CHECKING_H
#define PARALLAX_CMD_CHECKING_H

#include "adapters/catalog.h"
#include "config/config.h"
#include "config/mapping.h"

struct checking {
	const struct config *config;	 /* borrowed */
	struct diagnostics *diagnostics; /* borrowed; its places need the
					    checking to live on */
	/* Of a database that does not answer: an error for check, a warning for
	 * run, which goes on without it. */
	enum severity unreachable;
	struct mapping **mappings; /* by shadow; NULL: none, or a bad one */
	struct catalog *primary;   /* NULL: unreachable */
	struct catalog **shadows;  /* by shadow, likewise */
	size_t table_count;	   /* of the primary */
	size_t mapped_count;	   /* entries of all mappings */
};

void checking_init(struct checking *checking, const struct config *config,
		   struct diagnostics *diagnostics);
void checking_release(struct checking *checking);

/* Reads the mapping files. -1: errors were added. */
int checking_mappings(struct checking *checking);

/*
 * Connects to all databases (blocking; each has a time limit), compiles the
 * lenses, and looks at accounts, roles and settings. After checking_mappings.
 * -1: errors were added.
 */
int checking_databases(struct checking *checking);

#endif
