/* parallax replay: a mirror over a kept journal, until its end. */
#include <string.h>

#include "base/log.h"
#include "cmd/arguments.h"
#include "cmd/command.h"
#include "cmd/processes.h"

static const char help[] =
    "usage: parallax replay [options] CONFIG\n"
    "\n"
    "Runs a journal's exchanges on a shadow, from the oldest segment to the\n"
    "end. If the store has the position of an earlier replay, it continues\n"
    "from there. The shadow must be in the primary's state at the beginning\n"
    "of the journal. The relay need not run. Exits with 0 at the journal's\n"
    "end, 1 if it could not get there, 3 for a wrong command line.\n"
    "\n"
    "  --journal DIR   this journal instead of the config's\n"
    "  --store FILE    this store instead of the shadow's\n"
    "  --shadow NAME   which shadow of the config (the first)\n"
    "  --mapping FILE  this mapping instead of the shadow's\n"
    "  --help          show the options\n";

struct arguments {
	const char *config;
	const char *journal;
	const char *store;
	const char *shadow;
	const char *mapping;
};

static int replay(const struct config *config,
		  const struct arguments *arguments)
{
	const struct config_shadow *shadow =
	    command_shadow("replay", config, arguments->shadow);
	struct mirror_options options;
	struct error error;

	if (!shadow)
		return COMMAND_USAGE;
	error_init(&error);
	if (processes_take_keys(config, &error)) {
		command_complain("replay", NULL, &error);
		return COMMAND_FAILED;
	}
	options = mirror_options_of(config, shadow);
	if (arguments->journal)
		options.journal = arguments->journal;
	if (arguments->store)
		options.store = arguments->store;
	if (arguments->mapping)
		options.mapping = arguments->mapping;
	if (!mirror_run(&options, &error))
		return COMMAND_OK;
	command_complain("replay", NULL, &error);
	return COMMAND_FAILED;
}

static int run_replay(int argc, char **argv)
{
	struct arguments arguments = {0};
	const struct argument table[] = {
	    {"journal", .text = &arguments.journal},
	    {"store", .text = &arguments.store},
	    {"shadow", .text = &arguments.shadow},
	    {"mapping", .text = &arguments.mapping},
	    {"CONFIG", .operand = &arguments.config},
	    {0}};
	struct config *config;
	int result;

	if (!arguments_read(argc, argv, help, table, &result))
		return result;
	config = command_config(arguments.config);
	if (!config)
		return COMMAND_FAILED;
	log_init(config->log_level, "replay");
	result = replay(config, &arguments);
	config_free(&config);
	return result;
}

const struct command command_replay = {
    "replay", "run a kept journal on a shadow", run_replay};
