/* parallax replay: a mirror over a kept journal, until its end. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cmd/command.h"
#include "cmd/processes.h"

static void usage(FILE *out)
{
	fputs(
	    "usage: parallax replay [options] CONFIG\n"
	    "\n"
	    "Runs what a journal holds on a shadow, from the journal's oldest "
	    "segment (or from\n"
	    "where the store says an earlier replay stopped) to its end. The "
	    "shadow must be as\n"
	    "the primary was when the journal began. The relay need not run.\n"
	    "\n"
	    "  --journal DIR   instead of the config's\n"
	    "  --store FILE    instead of the shadow's: its own counts and "
	    "position\n"
	    "  --shadow NAME   which of the config's shadows; the first\n"
	    "  --mapping FILE  instead of the shadow's\n"
	    "  --help          show this\n",
	    out);
}

struct arguments {
	const char *config;
	const char *journal;
	const char *store;
	const char *shadow;
	const char *mapping;
};

/* 0, or an exit code (with *done). */
static int parse(int argc, char **argv, struct arguments *arguments, bool *done)
{
	static const struct option long_options[] = {
	    {"journal", required_argument, NULL, 'j'},
	    {"store", required_argument, NULL, 's'},
	    {"shadow", required_argument, NULL, 'n'},
	    {"mapping", required_argument, NULL, 'm'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	int letter;

	*done = true;
	optind = 1;
	while ((letter = getopt_long(argc, argv, "h", long_options, NULL)) !=
	       -1) {
		switch (letter) {
		case 'j':
			arguments->journal = optarg;
			break;
		case 's':
			arguments->store = optarg;
			break;
		case 'n':
			arguments->shadow = optarg;
			break;
		case 'm':
			arguments->mapping = optarg;
			break;
		case 'h':
			usage(stdout);
			return COMMAND_OK;
		default:
			usage(stderr);
			return COMMAND_USAGE;
		}
	}
	if (optind != argc - 1) {
		usage(stderr);
		return COMMAND_USAGE;
	}
	arguments->config = argv[optind];
	*done = false;
	return 0;
}

static const struct config_shadow *find_shadow(const struct config *config,
					       const char *name)
{
	for (size_t i = 0; i < config->shadow_count; i++)
		if (!name || !strcmp(config->shadows[i].name, name))
			return &config->shadows[i];
	return NULL;
}

static int replay(const struct config *config,
		  const struct arguments *arguments)
{
	const struct config_shadow *shadow =
	    find_shadow(config, arguments->shadow);
	struct mirror_options options;
	struct error error;
	char text[1200];

	if (!shadow) {
		fprintf(stderr, "parallax replay: %s has no shadow '%s'\n",
			arguments->config,
			arguments->shadow ? arguments->shadow : "");
		return COMMAND_USAGE;
	}
	options = mirror_options_of(config, shadow);
	if (arguments->journal)
		options.journal = arguments->journal;
	if (arguments->store)
		options.store = arguments->store;
	if (arguments->mapping)
		options.mapping = arguments->mapping;
	error_init(&error);
	if (!mirror_run(&options, &error))
		return COMMAND_OK;
	error_print(&error, text, sizeof(text));
	fprintf(stderr, "parallax replay: %s\n", text);
	return COMMAND_FAILED;
}

static int run_replay(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct diagnostics diagnostics;
	struct config *config = NULL;
	bool done;
	int result = parse(argc, argv, &arguments, &done);

	if (done)
		return result;
	diagnostics_init(&diagnostics);
	if (config_load(arguments.config, &diagnostics, &config)) {
		diagnostics_print(&diagnostics, stderr);
		result = COMMAND_FAILED;
	} else {
		log_init(config->log_level, "replay");
		result = replay(config, &arguments);
		config_free(&config);
	}
	diagnostics_release(&diagnostics);
	return result;
}

const struct command command_replay = {
    "replay", "run a kept journal on a shadow", run_replay};
