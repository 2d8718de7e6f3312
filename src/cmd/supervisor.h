/*
 * The supervisor: keeps one relay and the mirrors running, each a process of
 * its own, and ends them in order. It opens no connection and no journal, and
 * is not on the client path: if it dies, its processes end in order by
 * themselves.
 *
 * Processes are forked and not executed anew. So one that is started again has
 * the config that was checked, not what the file says by now, and the program
 * that was started, not one that was installed over it; and no password shows
 * in a command line. The supervisor has no thread and no library's state that a
 * fork could tear.
 */
#ifndef PARALLAX_CMD_SUPERVISOR_H
#define PARALLAX_CMD_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

struct supervisor_options {
	const struct config *config;
	bool mirrors; /* false: relay and journal only */
	bool check;   /* hold the mappings against the databases first */
	/* Load the shadows: the relay starts when a snapshot stands, the
	 * mirrors when all is loaded. truncate: empty their tables first. */
	bool seed, truncate;
	/* argv's memory, for the processes' names in ps; or NULL */
	char *title;
	size_t title_size;
};

/*
 * Runs until SIGTERM or SIGINT. Gives the command's exit code: 0 if all ended
 * in order, 1 if the mapping was refused, a store cannot be written, the relay
 * could not start, or something had to be killed in the end; or a shadow could
 * not be loaded.
 */
int supervisor_run(const struct supervisor_options *options);

#endif
