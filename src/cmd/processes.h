/* What the supervisor's processes do. Each returns its process's exit code. */
#ifndef PARALLAX_CMD_PROCESSES_H
#define PARALLAX_CMD_PROCESSES_H

#include <stdbool.h>

#include "config/config.h"
#include "mirror/mirror.h"

/* A mirror of this shadow, by the config, over the existing journal. */
struct mirror_options mirror_options_of(const struct config *config,
					const struct config_shadow *shadow);

/*
 * Reads the keys of the journal, if it is to be encrypted. Once, before any process
 * is started: a descriptor cannot be read twice.
 */
int processes_take_keys(const struct config *config, struct error *error);

/* looks: the folder of the socket for the mirrors' second looks; NULL: none. */
int process_relay(const struct config *config, bool has_mirrors,
		  const char *looks);
/* checked: process_check has found no mistakes. */
int process_mirror(const struct config *config, size_t shadow, bool checked,
		   const char *looks);
/* Checks the mappings against the databases; a database that does not answer is
 * a warning. 1: mistakes, which are printed to stderr. */
int process_check(const struct config *config);

/*
 * Loads the shadows that have no mirror's position yet, all from one snapshot,
 * and writes the position at which their mirrors begin: the relay's next start.
 * Calls `taken` once the snapshot exists; no statement may have gone through
 * the relay before. Nothing is loaded if a rehearsal fails.
 */
int process_seed(const struct config *config, bool truncate,
		 void (*taken)(void));

#endif
