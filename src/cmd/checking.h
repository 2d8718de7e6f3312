/* The checks of `check`, and of `run` before it starts and reloads. */
#ifndef PARALLAX_CMD_CHECKING_H
#define PARALLAX_CMD_CHECKING_H

#include "adapters/catalog.h"
#include "config/config.h"
#include "config/mapping.h"
#include "lens/lens.h"

struct checking {
	const struct config *config;	 /* borrowed */
	struct diagnostics *diagnostics; /* borrowed; its places must outlive
					    the checking */
	/* The level for a database that does not answer: an error for check, a
	 * warning for run, which continues without it. */
	enum severity unreachable;
	bool safety;		   /* check rights and access rules, too */
	struct mapping **mappings; /* by shadow; NULL: none, or a bad one */
	struct catalog *primary;   /* NULL: unreachable */
	struct catalog **shadows;  /* by shadow, likewise */
	struct lens **lenses;	   /* by shadow; NULL: it did not compile */
	/* Their connections, while databases are looked at. */
	struct catalog_reader *primary_reader, **readers;
	size_t table_count;   /* of the primary */
	size_t mapped_count;  /* entries of all mappings */
	size_t proved_tables; /* of all shadows; checking_laws */
	size_t proved_rows;
	size_t proved_updates;
};

void checking_init(struct checking *checking, const struct config *config,
		   struct diagnostics *diagnostics);
void checking_release(struct checking *checking);

/* Reads the mapping files, and those of TLS. -1: errors were added. */
int checking_mappings(struct checking *checking);

/*
 * Connects to all databases (blocking; each has a time limit), compiles the
 * lenses, and looks at accounts, roles and settings. After checking_mappings.
 * -1: errors were added.
 */
int checking_databases(struct checking *checking);

/* Closes the connections that the checks share. checking_release does, too. */
void checking_hang_up(struct checking *checking);

/* Compares the schemas' defaults, triggers, keys, checks, policies, grants,
 * indexes and sequences. After checking_databases. */
void checking_skew(struct checking *checking);
/* Only the sequences: those that are behind their columns. */
void checking_sequences(struct checking *checking);

/* The rows that the proof of laws looks at. */
struct checking_laws {
	size_t sample; /* of each table */
	bool all;
	bool progress; /* on the terminal behind stderr */
};

/*
 * Warns of what the mappings may lose, and proves their laws on the primary's
 * rows. After checking_databases; of a shadow that has an error it does
 * nothing.
 */
void checking_laws(struct checking *checking,
		   const struct checking_laws *options);

#endif
