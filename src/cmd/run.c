/* parallax run CONFIG: the command line; supervisor.c does the work. */
#include "cmd/arguments.h"
#include "cmd/check.h"
#include "cmd/checking.h"
#include "cmd/command.h"
#include "cmd/supervisor.h"

static const char help[] =
    "usage: parallax run [options] CONFIG\n"
    "\n"
    "Stands between clients and the primary, and mirrors their statements to\n"
    "the shadows. SIGTERM shuts it down in order, SIGHUP reloads mappings and\n"
    "certificates.\n"
    "\n"
    "  --check         run 'parallax check' and exit\n"
    "  --no-check      start without checking the databases\n"
    "  --no-mirror     start the relay and the journal only\n"
    "  --seed          load the shadows first, from a snapshot taken just\n"
    "                  before clients are let in; then mirror their work\n"
    "  --truncate      with --seed: empty the shadows' tables first\n"
    "  --print-config  print the settings in force, secrets masked\n"
    "  --help-config   list all keys of a config file\n"
    "  --help          show the options\n";

struct arguments {
	bool check;
	bool no_check;
	bool no_mirror;
	bool seed;
	bool truncate;
	bool print_config;
	const char *path;
};

static void describe_config(FILE *out)
{
	config_describe(out, command_engines());
}

/* False: the command ends with *code. */
static bool parse(int argc, char **argv, struct arguments *arguments, int *code)
{
	const struct argument table[] = {
	    {"check", .flag = &arguments->check},
	    {"no-check", .flag = &arguments->no_check},
	    {"no-mirror", .flag = &arguments->no_mirror},
	    {"seed", .flag = &arguments->seed},
	    {"truncate", .flag = &arguments->truncate},
	    {"print-config", .flag = &arguments->print_config},
	    {"help-config", .print = describe_config},
	    {"CONFIG", .operand = &arguments->path},
	    {0}};

	if (!arguments_read(argc, argv, help, table, code))
		return false;
	if (arguments->truncate && !arguments->seed)
		*code = arguments_wrong("run", "--truncate needs --seed");
	else if (arguments->seed && arguments->no_mirror)
		*code = arguments_wrong(
		    "run", "--seed excludes --no-mirror: it needs the mirrors");
	else
		return true;
	return false;
}

/* The config, if it and the mapping files have no errors; otherwise NULL.
 * Errors and warnings go to stderr. */
static struct config *load(const char *path)
{
	struct config *config = command_config(path);
	struct diagnostics diagnostics;
	struct checking checking;
	int result;

	if (!config)
		return NULL;
	diagnostics_init(&diagnostics);
	checking_init(&checking, config, &diagnostics);
	result = checking_mappings(&checking);
	diagnostics_print(&diagnostics, stderr);
	checking_release(&checking);
	diagnostics_release(&diagnostics);
	if (result)
		config_free(&config);
	return config;
}

static int run_run(int argc, char **argv)
{
	struct arguments arguments = {0};
	struct supervisor_options options = {0};
	struct config *config;
	int result;

	/* Before arguments_read, which reorders them. */
	options.title = argv[0];
	options.title_size =
	    (size_t)(argv[argc - 1] - argv[0]) + strlen(argv[argc - 1]) + 1;
	if (!parse(argc, argv, &arguments, &result))
		return result;
	if (arguments.check)
		return check_config(arguments.path, &check_defaults);
	config = load(arguments.path);
	if (!config)
		return COMMAND_FAILED;
	if (arguments.print_config) {
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
