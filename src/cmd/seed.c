/* parallax seed CONFIG: loads the shadows from the primary. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cmd/checking.h"
#include "cmd/command.h"
#include "cmd/seed.h"
#include "rest/seed.h"

static void usage(FILE *out)
{
	fputs(
	    "usage: parallax seed [options] CONFIG\n"
	    "\n"
	    "Loads the shadows from the primary through their mappings, as of "
	    "one snapshot.\n"
	    "Interrupted (Ctrl-C), it goes on with the tables that are not "
	    "loaded when it is\n"
	    "run again. Exits 0 when all is loaded, 1 if not, 3 for a wrong "
	    "command line.\n"
	    "\n"
	    "  --shadow NAME  this one of the config's shadows; all\n"
	    "  --tables LIST  these tables of the primary alone, "
	    "NAME,SCHEMA.NAME,...\n"
	    "  --jobs N       load so many tables at once; 4\n"
	    "  --truncate     empty tables that have rows already, and begin "
	    "anew\n"
	    "  --help         show this\n",
	    out);
}

struct arguments {
	const char *config;
	const char *shadow;
	const char *const *tables; /* NULL: all */
	char *table_text;
	unsigned jobs;
	bool truncate;
};

static int parse_jobs(const char *text, unsigned *jobs)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*end || !*text || !value || value > SEED_JOBS_MAX) {
		fprintf(stderr, "parallax seed: --jobs takes 1 to %d\n",
			SEED_JOBS_MAX);
		return -1;
	}
	*jobs = (unsigned)value;
	return 0;
}

/* "a,b.c": a NULL-ended list, whose text is the caller's to free. */
static const char *const *split_tables(const char *text, char **copy)
{
	size_t count = 1, at = 0;
	const char **list;
	char *save = NULL;

	for (const char *it = text; *it; it++)
		count += *it == ',';
	list = memory_alloc((count + 1) * sizeof(*list));
	*copy = memory_string(text);
	for (char *name = strtok_r(*copy, ", ", &save); name;
	     name = strtok_r(NULL, ", ", &save))
		list[at++] = name;
	return list;
}

/* -1: go on; else the exit code. */
static int parse(int argc, char **argv, struct arguments *arguments)
{
	static const struct option long_options[] = {
	    {"shadow", required_argument, NULL, 'n'},
	    {"tables", required_argument, NULL, 't'},
	    {"jobs", required_argument, NULL, 'j'},
	    {"truncate", no_argument, NULL, 'e'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	int letter;

	optind = 1;
	while ((letter = getopt_long(argc, argv, "h", long_options, NULL)) !=
	       -1)
		switch (letter) {
		case 'n':
			arguments->shadow = optarg;
			break;
		case 't':
			free(arguments->table_text);
			free((void *)(uintptr_t)arguments->tables);
			arguments->tables =
			    split_tables(optarg, &arguments->table_text);
			break;
		case 'j':
			if (parse_jobs(optarg, &arguments->jobs))
				return COMMAND_USAGE;
			break;
		case 'e':
			arguments->truncate = true;
			break;
		case 'h':
			usage(stdout);
			return COMMAND_OK;
		default:
			usage(stderr);
			return COMMAND_USAGE;
		}
	if (optind != argc - 1 ||
	    (arguments->tables && !arguments->tables[0])) {
		usage(stderr);
		return COMMAND_USAGE;
	}
	arguments->config = argv[optind];
	return -1;
}

struct seed_options seed_options_of(const struct checking *checking,
				    size_t index,
				    const struct seed_snapshot *snapshot)
{
	const struct config *config = checking->config;
	const struct config_shadow *shadow = &config->shadows[index];

	return (struct seed_options){
	    .adapter = adapter_find(config->primary.engine),
	    .primary = config->primary.endpoint,
	    .shadow = shadow->endpoint,
	    .shadow_name = shadow->name,
	    .old_catalog = checking->primary,
	    .new_catalog = checking->shadows[index],
	    .mapping = checking->mappings[index],
	    .mapping_file = shadow->mapping,
	    .snapshot = snapshot,
	    .show_values = config->compare.show_values,
	};
}

void seed_signals(sigset_t *signals)
{
	sigemptyset(signals);
	sigaddset(signals, SIGINT);
	sigaddset(signals, SIGTERM);
	sigaddset(signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, signals, NULL);
}

static int complain(const struct error *error)
{
	char text[1200];

	error_print(error, text, sizeof(text));
	fprintf(stderr, "parallax seed: %s\n", text);
	return COMMAND_FAILED;
}

static int seed_one(const struct checking *checking, size_t index,
		    const struct arguments *arguments,
		    const struct seed_snapshot *snapshot)
{
	struct seed_options options =
	    seed_options_of(checking, index, snapshot);
	const char *store = checking->config->shadows[index].store;
	struct buffer state;
	struct error error;
	sigset_t signals;
	int result = COMMAND_OK;

	error_init(&error);
	buffer_init(&state, 0);
	buffer_printf(&state, "%s.seed", store);
	options.state = buffer_string(&state);
	options.tables = arguments->tables;
	options.jobs = arguments->jobs;
	options.truncate = arguments->truncate;
	options.form = isatty(STDOUT_FILENO) ? SEED_TERMINAL : SEED_LINES;
	seed_signals(&signals);
	switch (seed_run(&options, &signals, &error)) {
	case SEED_DONE:
		break;
	case SEED_FAILED:
		result = complain(&error);
		break;
	case SEED_INTERRUPTED:
		fprintf(stderr, "parallax seed: interrupted; run it again to "
				"go on\n");
		result = COMMAND_FAILED;
		break;
	}
	buffer_release(&state);
	return result;
}

static int seed_all(const struct checking *checking,
		    const struct arguments *arguments)
{
	const struct config *config = checking->config;
	struct seed_snapshot snapshot;
	struct error error;
	bool found = false;
	int result = COMMAND_OK;

	error_init(&error);
	if (seed_snapshot_open(&snapshot, adapter_find(config->primary.engine),
			       &config->primary.endpoint, checking->primary, 0,
			       &error))
		return complain(&error);
	for (size_t i = 0; !result && i < config->shadow_count; i++) {
		if (arguments->shadow &&
		    strcmp(config->shadows[i].name, arguments->shadow) != 0)
			continue;
		found = true;
		result = seed_one(checking, i, arguments, &snapshot);
	}
	seed_snapshot_close(&snapshot);
	if (found)
		return result;
	fprintf(stderr, "parallax seed: %s has no shadow '%s'\n",
		arguments->config, arguments->shadow ? arguments->shadow : "");
	return COMMAND_USAGE;
}

static int with_config(const struct arguments *arguments)
{
	struct diagnostics diagnostics;
	struct config *config = NULL;
	struct checking checking;
	int result = COMMAND_FAILED;

	diagnostics_init(&diagnostics);
	if (config_load(arguments->config, &diagnostics, &config)) {
		diagnostics_print(&diagnostics, stderr);
		diagnostics_release(&diagnostics);
		return COMMAND_FAILED;
	}
	log_init(config->log_level, "seed");
	checking_init(&checking, config, &diagnostics);
	checking.unreachable = SEVERITY_ERROR;
	if (!checking_mappings(&checking) && !checking_databases(&checking))
		result = COMMAND_OK;
	diagnostics_print(&diagnostics, stderr);
	if (!result)
		result = seed_all(&checking, arguments);
	checking_release(&checking);
	diagnostics_release(&diagnostics);
	config_free(&config);
	return result;
}

static int run_seed(int argc, char **argv)
{
	struct arguments arguments = {0};
	int result = parse(argc, argv, &arguments);

	if (result < 0)
		result = with_config(&arguments);
	free(arguments.table_text);
	free((void *)(uintptr_t)arguments.tables);
	return result;
}

const struct command command_seed = {
    "seed", "load the shadows from the primary", run_seed};
