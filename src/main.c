/* The command table, nothing else. */
#include <stdio.h>
#include <string.h>

#include "cmd/command.h"

extern const struct command command_check;
extern const struct command command_gate;
extern const struct command command_journal;
extern const struct command command_map;
extern const struct command command_purge;
extern const struct command command_replay;
extern const struct command command_report;
extern const struct command command_rights;
extern const struct command command_run;
extern const struct command command_seed;
extern const struct command command_verify;

static const struct command *const commands[] = {
    &command_run,    &command_check,  &command_map,	&command_rights,
    &command_seed,   &command_verify, &command_journal, &command_replay,
    &command_report, &command_gate,   &command_purge,	NULL,
};

static void usage(FILE *out)
{
	fprintf(out, "usage: parallax COMMAND [options]\n\ncommands:\n");
	for (size_t i = 0; commands[i]; i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name,
			commands[i]->summary);
	fprintf(out, "\n'parallax COMMAND --help' prints a command's options, "
		     "'parallax --version' the version.\n");
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		usage(stderr);
		return COMMAND_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return 0;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("parallax %s\n", PARALLAX_VERSION);
		return 0;
	}
	command_protect();
	for (size_t i = 0; commands[i]; i++)
		if (!strcmp(argv[1], commands[i]->name))
			return commands[i]->run(argc - 1, argv + 1);
	fprintf(stderr, "parallax: no command '%s'; see 'parallax --help'\n",
		argv[1]);
	return COMMAND_USAGE;
}
