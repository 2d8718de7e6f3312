/* A command is a file in src/cmd that exports one of these; main.c lists them.
 */
#ifndef PARALLAX_CMD_COMMAND_H
#define PARALLAX_CMD_COMMAND_H

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

#endif
