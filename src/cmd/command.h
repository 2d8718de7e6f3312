/* A command is a file in src/cmd that exports one of these; main.c lists them.
 */
#ifndef PARALLAX_CMD_COMMAND_H
#define PARALLAX_CMD_COMMAND_H

#include "base/error.h"
#include "config/config.h"

/* Exit codes of all commands; gate also uses 1 (fail) and 2 (no evidence). */
enum {
	COMMAND_OK = 0,
	COMMAND_FAILED = 1,
	COMMAND_EVIDENCE = 2,
	COMMAND_USAGE = 3
};

struct command {
	const char *name;
	const char *summary; /* one line */
	/* argv[0] is the command's name. --help prints to stdout, returns 0. */
	int (*run)(int argc, char **argv);
};

/* Passwords, keys and customers' values are in memory: it is neither dumped nor
 * read by other processes of the same user. */
void command_protect(void);

/* Prints the error to stderr, as the command's; of what (such as a database's
 * name), or NULL. */
void command_complain(const char *command, const char *what,
		      const struct error *error);

/* The known engines, for config_load; ends with a NULL name. */
const struct config_engine *command_engines(void);

/* The file's config (config_free), or NULL: its mistakes were printed to
 * stderr. */
struct config *command_config(const char *path);

/* The config's shadow of this name, or its first (name NULL). NULL: there is
 * none, which is reported on stderr. */
const struct config_shadow *command_shadow(const char *command,
					   const struct config *config,
					   const char *name);

#endif
