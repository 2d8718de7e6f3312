/* parallax check CONFIG: every mistake at once, against the live databases. */
#include <unistd.h>

#include "cmd/arguments.h"
#include "cmd/check.h"
#include "cmd/checking.h"

enum { SAMPLE_DEFAULT = 1000, SAMPLE_MAX = 1000 * 1000 };

const struct check_options check_defaults = {.laws.sample = SAMPLE_DEFAULT};

static const char help[] =
    "usage: parallax check [options] CONFIG\n"
    "\n"
    "Checks config and mappings against both databases. Reports every\n"
    "mistake at once, as file:line:column. Exits with 0 if there is no error\n"
    "(warnings are allowed), 1 if there is one, 3 for a wrong command line.\n"
    "\n"
    "  --offline   read the files only, connect to nothing\n"
    "  --sample N  prove the laws on about N rows of each table (1000)\n"
    "  --all       prove them on every row\n"
    "  --no-laws   do not prove the mapping's laws\n"
    "  --no-rules  do not compare the schemas where traffic may not show a\n"
    "              difference: defaults, keys, triggers, policies, grants,\n"
    "              sequences, swapped columns\n"
    "  --help      show the options\n";

static int report(const struct checking *checking, bool offline)
{
	const struct diagnostics *diagnostics = checking->diagnostics;
	size_t warnings = diagnostics_warnings(diagnostics);

	diagnostics_print(diagnostics, stdout);
	if (checking->proved_tables)
		printf("tried the laws on %zu row%s of %zu table%s, and by %zu "
		       "update%s\n",
		       checking->proved_rows,
		       checking->proved_rows == 1 ? "" : "s",
		       checking->proved_tables,
		       checking->proved_tables == 1 ? "" : "s",
		       checking->proved_updates,
		       checking->proved_updates == 1 ? "" : "s");
	if (offline)
		printf("checked the files only, ");
	else
		printf("checked %zu table%s, ", checking->table_count,
		       checking->table_count == 1 ? "" : "s");
	printf("%zu mapped, %zu error%s, %zu warning%s\n",
	       checking->mapped_count, diagnostics->error_count,
	       diagnostics->error_count == 1 ? "" : "s", warnings,
	       warnings == 1 ? "" : "s");
	return diagnostics->error_count ? COMMAND_FAILED : COMMAND_OK;
}

int check_config(const char *path, const struct check_options *options)
{
	bool offline = options->offline;
	struct diagnostics diagnostics;
	struct config *config = NULL;
	struct checking checking;
	int result;

	diagnostics_init(&diagnostics);
	if (config_load(path, command_engines(), &diagnostics, &config)) {
		const struct checking none = {.diagnostics = &diagnostics};

		result = report(&none, true);
		diagnostics_release(&diagnostics);
		return result;
	}
	checking_init(&checking, config, &diagnostics);
	checking.unreachable = SEVERITY_ERROR;
	checking.safety = true;
	checking_mappings(&checking);
	if (!offline && !checking_databases(&checking) && !options->no_laws)
		checking_laws(&checking, &options->laws);
	if (!offline && !options->no_rules)
		checking_skew(&checking);
	result = report(&checking, offline);
	checking_release(&checking);
	diagnostics_release(&diagnostics);
	config_free(&config);
	return result;
}

static int run_check(int argc, char **argv)
{
	struct check_options options = check_defaults;
	uint64_t sample = options.laws.sample;
	const char *config = NULL;
	const struct argument table[] = {
	    {"offline", .flag = &options.offline},
	    {"sample", .number = &sample, .least = 1, .most = SAMPLE_MAX},
	    {"all", .flag = &options.laws.all},
	    {"no-laws", .flag = &options.no_laws},
	    {"no-rules", .flag = &options.no_rules},
	    {"CONFIG", .operand = &config},
	    {0}};
	int code;

	if (!arguments_read(argc, argv, help, table, &code))
		return code;
	options.laws.sample = (size_t)sample;
	options.laws.progress = isatty(STDERR_FILENO);
	return check_config(config, &options);
}

const struct command command_check = {
    "check", "check config and mapping against both databases", run_check};
