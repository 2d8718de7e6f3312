/* parallax check CONFIG: every mistake at once, against the live databases. */
#include <getopt.h>

#include "cmd/check.h"
#include "cmd/checking.h"

static void usage(FILE *out)
{
	fputs("usage: parallax check [--offline] CONFIG\n"
	      "\n"
	      "Holds config and mapping against both databases and tells every "
	      "mistake at\n"
	      "once, as file:line:column. Exits 0 if there is no error "
	      "(warnings are allowed),\n"
	      "1 if there is one, 3 for a wrong command line.\n"
	      "\n"
	      "  --offline  look at the files only, connect to nothing\n"
	      "  --help     show this\n",
	      out);
}

static int report(const struct checking *checking, bool offline)
{
	const struct diagnostics *diagnostics = checking->diagnostics;
	size_t warnings = diagnostics_warnings(diagnostics);

	diagnostics_print(diagnostics, stdout);
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

int check_config(const char *path, bool offline)
{
	struct diagnostics diagnostics;
	struct config *config = NULL;
	struct checking checking;
	int result;

	diagnostics_init(&diagnostics);
	if (config_load(path, &diagnostics, &config)) {
		struct checking none = {.diagnostics = &diagnostics};

		result = report(&none, true);
		diagnostics_release(&diagnostics);
		return result;
	}
	checking_init(&checking, config, &diagnostics);
	checking.unreachable = SEVERITY_ERROR;
	checking_mappings(&checking);
	if (!offline)
		checking_databases(&checking);
	result = report(&checking, offline);
	checking_release(&checking);
	diagnostics_release(&diagnostics);
	config_free(&config);
	return result;
}

static int run_check(int argc, char **argv)
{
	static const struct option long_options[] = {
	    {"offline", no_argument, NULL, 'o'},
	    {"help", no_argument, NULL, 'h'},
	    {NULL, 0, NULL, 0}};
	bool offline = false;
	int letter;

	optind = 1;
	while ((letter = getopt_long(argc, argv, "h", long_options, NULL)) !=
	       -1) {
		if (letter == 'h') {
			usage(stdout);
			return COMMAND_OK;
		}
		if (letter != 'o') {
			usage(stderr);
			return COMMAND_USAGE;
		}
		offline = true;
	}
	if (optind != argc - 1) {
		usage(stderr);
		return COMMAND_USAGE;
	}
	return check_config(argv[optind], offline);
}

const struct command command_check = {
    "check", "hold config and mapping against both databases", run_check};
