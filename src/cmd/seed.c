/* parallax seed CONFIG: loads the shadows from the primary. */
#include <signal.h>
#include <unistd.h>

#include "cmd/arguments.h"
#include "cmd/checking.h"
#include "cmd/command.h"
#include "cmd/seed.h"
#include "seed/seed.h"

static const char help[] =
    "usage: parallax seed [options] CONFIG\n"
    "\n"
    "Loads the shadows from the primary through their mappings, as of one\n"
    "snapshot. After an interruption (Ctrl-C), the next run loads the\n"
    "remaining tables. Exits with 0 when all is loaded, 1 if not, 3 for a\n"
    "wrong command line.\n"
    "\n"
    "  --shadow NAME  only this shadow of the config (all)\n"
    "  --tables LIST  only these tables of the primary: NAME,SCHEMA.NAME,...\n"
    "  --jobs N       tables to load at once (4; fewer for little data)\n"
    "  --truncate     empty the tables to be loaded, and start over\n"
    "  --help         show the options\n";

struct arguments {
	const char *config;
	const char *shadow;
	struct argument_list tables;
	uint64_t jobs; /* 0: the default */
	bool truncate;
};

struct seed_options seed_options_of(const struct checking *checking,
				    size_t index,
				    const struct seed_snapshot *snapshot)
{
	const struct config *config = checking->config;
	const struct config_shadow *shadow = &config->shadows[index];

	return (struct seed_options){
	    .primary_adapter = adapter_find(config->primary.engine),
	    .shadow_adapter = adapter_find(shadow->engine),
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
	command_complain("seed", NULL, error);
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
	options.tables = arguments->tables.items;
	options.jobs = (unsigned)arguments->jobs;
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
		fprintf(
		    stderr,
		    "parallax seed: interrupted; run it again to continue\n");
		result = COMMAND_FAILED;
		break;
	}
	buffer_release(&state);
	return result;
}

/* All of them, or the one that is named. */
static int seed_shadows(const struct checking *checking,
			const struct config_shadow *only,
			const struct arguments *arguments)
{
	const struct config *config = checking->config;
	struct seed_snapshot snapshot;
	struct error error;
	int result = COMMAND_OK;

	error_init(&error);
	if (seed_snapshot_open(&snapshot, adapter_find(config->primary.engine),
			       &config->primary.endpoint, checking->primary, 0,
			       &error))
		return complain(&error);
	for (size_t i = 0; !result && i < config->shadow_count; i++)
		if (!only || only == &config->shadows[i])
			result = seed_one(checking, i, arguments, &snapshot);
	seed_snapshot_close(&snapshot);
	return result;
}

static int seed(const struct config *config, const struct arguments *arguments)
{
	const struct config_shadow *only = NULL;
	struct diagnostics diagnostics;
	struct checking checking;
	int result;

	if (arguments->shadow &&
	    !(only = command_shadow("seed", config, arguments->shadow)))
		return COMMAND_USAGE;
	diagnostics_init(&diagnostics);
	checking_init(&checking, config, &diagnostics);
	checking.unreachable = SEVERITY_ERROR;
	result = checking_mappings(&checking) || checking_databases(&checking)
		     ? COMMAND_FAILED
		     : COMMAND_OK;
	checking_hang_up(&checking);
	diagnostics_print(&diagnostics, stderr);
	if (!result)
		result = seed_shadows(&checking, only, arguments);
	checking_release(&checking);
	diagnostics_release(&diagnostics);
	return result;
}

static int run_seed(int argc, char **argv)
{
	struct arguments arguments = {0};
	const struct argument table[] = {
	    {"shadow", .text = &arguments.shadow},
	    {"tables", .names = &arguments.tables},
	    {"jobs", .number = &arguments.jobs, .least = 1,
	     .most = SEED_JOBS_MAX},
	    {"truncate", .flag = &arguments.truncate},
	    {"CONFIG", .operand = &arguments.config},
	    {0}};
	struct config *config;
	int result = COMMAND_FAILED;

	if (!arguments_read(argc, argv, help, table, &result))
		return result;
	config = command_config(arguments.config);
	if (config) {
		log_init(config->log_level, "seed");
		result = seed(config, &arguments);
		config_free(&config);
	}
	argument_list_release(&arguments.tables);
	return result;
}

const struct command command_seed = {
    "seed", "load the shadows from the primary", run_seed};
