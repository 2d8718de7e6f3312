/* parallax run CONFIG: the command line; supervisor.c does the work. */
#include <getopt.h>

#include "cmd/check.h"
#include "cmd/checking.h"
#include "cmd/command.h"
#include "cmd/supervisor.h"

static void usage(FILE *out)
{
	fputs(
	    "usage: parallax run [options] CONFIG\n"
	    "\n"
	    "Stands between clients and the primary, and mirrors what they do "
	    "to the shadows.\n"
	    "SIGTERM ends it in order, SIGHUP reads the mappings again.\n"
	    "\n"
	    "  --check         do what 'parallax check' does, and end\n"
	    "  --no-check      start without asking the databases\n"
	    "  --no-mirror     relay and journal only\n"
	    "  --seed          load the shadows first, from a snapshot of the "
	    "time at which\n"
	    "                  clients are let in; mirror what they did since, "
	    "when it is done\n"
	    "  --truncate      with --seed: empty tables that have rows "
	    "already\n"
	    "  --print-config  show what is in force, with secrets masked\n"
	    "  --help-config   list all keys of a config file\n"
	    "  --help          show this\n",
	    out);
}

enum action { ACTION_RUN, ACTION_CHECK, ACTION_PRINT };

struct arguments {
	enum action action;
	bool no_check;
	bool no_mirror;
	bool seed;
	bool truncate;
	const char *path;
};

/* -1: go on; else the exit code. */
static int parse(int argc, char **argv, struct arguments *arguments)
{
	static const struct option long_options[] = {
	    {"check", no_argument, NULL, 'c'},
	    {"no-check", no_argument, NULL, 'n'},
	    {"no-mirror", no_argument, NULL, 'm'},
	    {"seed", no_argument, NULL, 's'},
	    {"truncate", no_argument, NULL, 't'},
	    {"print-config", no_argument, NULL, 'p'},
	    {"help-config", no_argument, NULL, 'k'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	int letter;

	optind = 1;
	while ((letter = getopt_long(argc, argv, "h", long_options, NULL)) !=
	       -1)
		switch (letter) {
		case 'c':
			arguments->action = ACTION_CHECK;
			break;
		case 'n':
			arguments->no_check = true;
			break;
		case 'm':
			arguments->no_mirror = true;
			break;
		case 's':
			arguments->seed = true;
			break;
		case 't':
			arguments->truncate = true;
			break;
		case 'p':
			arguments->action = ACTION_PRINT;
			break;
		case 'k':
			config_describe(stdout);
			return COMMAND_OK;
		case 'h':
			usage(stdout);
			return COMMAND_OK;
		default:
			usage(stderr);
			return COMMAND_USAGE;
		}
	if (optind != argc - 1 || (arguments->truncate && !arguments->seed) ||
	    (arguments->seed && arguments->no_mirror)) {
		usage(stderr);
		return COMMAND_USAGE;
	}
	arguments->path = argv[optind];
	return -1;
}

/* The config, if it and the mapping files are free of errors; else NULL. What
 * is wrong, and what is doubtful, goes to stderr. */
static struct config *load(const char *path)
{
	struct diagnostics diagnostics;
	struct config *config = NULL;

	diagnostics_init(&diagnostics);
	if (config_load(path, &diagnostics, &config)) {
		diagnostics_print(&diagnostics, stderr);
	} else {
		struct checking checking;
		int result;

		checking_init(&checking, config, &diagnostics);
		result = checking_mappings(&checking);
		diagnostics_print(&diagnostics, stderr);
		checking_release(&checking);
		if (result)
			config_free(&config);
	}
	diagnostics_release(&diagnostics);
	return config;
}

static int run_run(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct supervisor_options options = {0};
	struct config *config;
	int result;

	/* Before getopt_long, which moves the arguments' order about. */
	options.title = argv[0];
	options.title_size =
	    (size_t)(argv[argc - 1] - argv[0]) + strlen(argv[argc - 1]) + 1;
	result = parse(argc, argv, &arguments);
	if (result >= 0)
		return result;
	if (arguments.action == ACTION_CHECK)
		return check_config(arguments.path, &check_defaults);
	config = load(arguments.path);
	if (!config)
		return COMMAND_FAILED;
	if (arguments.action == ACTION_PRINT) {
		config_print(config, stdout);
		config_free(&config);
		return COMMAND_OK;
	}
	log_init(config->log_level, "supervisor");
	options.config = config;
	options.mirrors = !arguments.no_mirror;
	options.check = !arguments.no_check && !arguments.no_mirror;
	options.seed = arguments.seed;
	options.truncate = arguments.truncate;
	result = supervisor_run(&options);
	config_free(&config);
	return result;
}

const struct command command_run = {
    "run", "stand between clients and primary, and mirror to the shadows",
    run_run};
