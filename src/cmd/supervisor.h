/*
 * The supervisor keeps one relay and the mirrors running, each a process of its
 * own, and ends them in order. It opens no connection and no journal, and is
 * not on the client path: if it dies, its processes end in order by themselves.
 *
 * Processes are forked, not executed. So a process that is started again has
 * the config that was checked, not what the file says now, and the program that
 * was started, not one installed over it; and no password shows in a command
 * line. The supervisor has no thread and no library's state that a fork could
 * break.
 */
#ifndef PARALLAX_CMD_SUPERVISOR_H
#define PARALLAX_CMD_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

struct supervisor_options {
	const struct config *config;
	bool mirrors; /* false: relay and journal only */
	bool check;   /* check the mappings against the databases first */
	/* Load the shadows: the relay starts when the snapshot exists, the
	 * mirrors when all is loaded. truncate: empty their tables first. */
	bool seed, truncate;
	/* argv's memory, for the processes' names in ps; or NULL */
	char *title;
	size_t title_size;
};

/*
 * Runs until SIGTERM or SIGINT. Returns the command's exit code. 0: all ended
 * in order. 1: the mapping was refused, a store cannot be written, the relay
 * could not start, a shadow could not be loaded, or a process had to be killed
 * in the end.
 */
int supervisor_run(const struct supervisor_options *options);

#endif
