/* parallax verify: the data at rest, through the lens. */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "cmd/checking.h"
#include "cmd/command.h"
#include "cmd/verify_print.h"
#include "config/text.h"
#include "rest/tide.h"
#include "rest/verify.h"

enum {
	DRIFTS = COMMAND_FAILED,
	NOT_COMPARED = COMMAND_EVIDENCE,
	PROGRESS_US = 1000000,
	TICK_US = 50000,
};

static const char usage[] =
    "usage: parallax verify [options] CONFIG\n"
    "\n"
    "Compares the data at rest: what the primary's tables hold, and what the "
    "shadow\n"
    "holds through the mapping. Both databases compute checksums, chunk by "
    "chunk; only\n"
    "where these differ are rows looked at. What differs is looked at again, "
    "as a\n"
    "running mirror may be behind. The result goes into the shadow's store.\n"
    "\n"
    "  --tables LIST         of the primary, with commas; all\n"
    "  --shadow NAME         which of the config's shadows; the first\n"
    "  --jobs N              tables at once (2)\n"
    "  --chunk-time TIME     what a chunk's statement may take (1 s)\n"
    "  --pause TIME          after each chunk (0)\n"
    "  --timeout TIME        of one statement (10 min); 0: none\n"
    "  --recheck N           further looks at what differs (5); 0: none\n"
    "  --recheck-delay TIME  between them (1 s)\n"
    "  --wait TIME           for a mirror that is behind (60 s)\n"
    "  --no-wait             do not ask how far the mirror is\n"
    "  --stop-after N        differing rows of a table (100000)\n"
    "  --show N              differing rows of a table to print (10)\n"
    "  --repair              copy what differs from the primary to the "
    "shadow\n"
    "  --repair-under-load   the same while a mirror runs\n"
    "  --no-store            print only\n"
    "  --quiet               no progress\n"
    "  --help\n"
    "\n"
    "Exit codes: 0 equal, 1 rows differ, 2 something could not be compared or "
    "not\n"
    "decided, 3 usage or internal error.\n";

struct arguments {
	const char *config;
	const char *shadow;
	const char **tables;
	size_t table_count;
	uint64_t jobs, looks, stop_after, show;
	int64_t chunk_us, pause_us, timeout_us, delay_us, wait_us;
	bool no_wait, repair, under_load, no_store, quiet;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted++;
}

/* ---- the command line ---- */

static int take_number(const char *option, uint64_t least, uint64_t most,
		       uint64_t *number)
{
	if (!text_number(optarg, least, most, number))
		return 0;
	fprintf(stderr,
		"verify: --%s takes a number from %" PRIu64 " to %" PRIu64 "\n",
		option, least, most);
	return -1;
}

static int take_time(const char *option, int64_t *us)
{
	if (!text_duration(optarg, us))
		return 0;
	fprintf(stderr, "verify: --%s takes a time, as 200ms, 5s or 1min\n",
		option);
	return -1;
}

/* Borrows from optarg, which is cut. */
static void take_tables(struct arguments *arguments)
{
	char *at = optarg;

	while (*at) {
		size_t length = strcspn(at, ",");
		bool more = at[length] == ',';

		at[length] = 0;
		arguments->tables = memory_resize(
		    arguments->tables,
		    (arguments->table_count + 1) * sizeof(*arguments->tables));
		if (*at)
			arguments->tables[arguments->table_count++] = at;
		at += length + more;
	}
}

static const struct option options_known[] = {
    {"tables", required_argument, NULL, 't'},
    {"shadow", required_argument, NULL, 'n'},
    {"jobs", required_argument, NULL, 'j'},
    {"chunk-time", required_argument, NULL, 'c'},
    {"pause", required_argument, NULL, 'p'},
    {"timeout", required_argument, NULL, 'l'},
    {"recheck", required_argument, NULL, 'r'},
    {"recheck-delay", required_argument, NULL, 'd'},
    {"wait", required_argument, NULL, 'w'},
    {"no-wait", no_argument, NULL, 'W'},
    {"stop-after", required_argument, NULL, 's'},
    {"show", required_argument, NULL, 'o'},
    {"repair", no_argument, NULL, 'R'},
    {"repair-under-load", no_argument, NULL, 'U'},
    {"no-store", no_argument, NULL, 'S'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {0}};

static int take_option(int letter, struct arguments *arguments)
{
	switch (letter) {
	case 't':
		take_tables(arguments);
		return 0;
	case 'n':
		arguments->shadow = optarg;
		return 0;
	case 'j':
		return take_number("jobs", 1, 64, &arguments->jobs);
	case 'c':
		return take_time("chunk-time", &arguments->chunk_us);
	case 'p':
		return take_time("pause", &arguments->pause_us);
	case 'l':
		return take_time("timeout", &arguments->timeout_us);
	case 'r':
		return take_number("recheck", 0, 10000, &arguments->looks);
	case 'd':
		return take_time("recheck-delay", &arguments->delay_us);
	case 'w':
		return take_time("wait", &arguments->wait_us);
	case 'W':
		arguments->no_wait = true;
		return 0;
	case 's':
		return take_number("stop-after", 1, 10000000,
				   &arguments->stop_after);
	case 'o':
		return take_number("show", 0, VERIFY_ROWS_KEPT,
				   &arguments->show);
	case 'R':
		arguments->repair = true;
		return 0;
	case 'U':
		arguments->repair = arguments->under_load = true;
		return 0;
	case 'S':
		arguments->no_store = true;
		return 0;
	case 'q':
		arguments->quiet = true;
		return 0;
	default:
		fputs("see 'parallax verify --help'\n", stderr);
		return -1;
	}
}

/* -1: a message is out. 1: --help. */
static int parse(int argc, char **argv, struct arguments *arguments)
{
	int letter;

	*arguments = (struct arguments){.jobs = 2,
					.looks = 5,
					.stop_after = 100000,
					.show = 10,
					.chunk_us = 1000000,
					.timeout_us = 600 * 1000000LL,
					.delay_us = 1000000,
					.wait_us = 60 * 1000000LL};
	optind = 1;
	while ((letter = getopt_long(argc, argv, "h", options_known, NULL)) >=
	       0) {
		if (letter == 'h') {
			fputs(usage, stdout);
			return 1;
		}
		if (take_option(letter, arguments))
			return -1;
	}
	if (optind != argc - 1) {
		fputs(usage, stderr);
		return -1;
	}
	arguments->config = argv[optind];
	return 0;
}

/* ---- running ---- */

static void watch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	interrupted = 0;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Until the jobs are done; a signal ends them early. */
static void wait_for(struct verify *verify, bool quiet)
{
	int64_t began = clock_monotonic_us();
	int64_t shown = began;

	while (verify->running) {
		int64_t now = clock_monotonic_us();

		/* Again and again: a statement may have begun since. */
		if (interrupted)
			verify_cancel(verify);
		if (!quiet && now - shown >= PROGRESS_US) {
			verify_print_progress(verify, now - began);
			shown = now;
		}
		usleep(TICK_US);
	}
	verify_join(verify);
}

static int code_of(const struct verify *verify)
{
	bool lacks = false;

	for (size_t i = 0; i < verify->table_count; i++) {
		const struct verify_table *table = &verify->tables[i];

		if (verify_drift(table))
			return DRIFTS;
		lacks |= table->state == VERIFY_FAILED ||
			 table->state == VERIFY_UNDECIDED || table->undecided;
	}
	return lacks ? NOT_COMPARED : COMMAND_OK;
}

static int complain(const struct error *error)
{
	char text[1200];

	error_print(error, text, sizeof(text));
	fprintf(stderr, "parallax verify: %s\n", text);
	return COMMAND_USAGE;
}

static int run(const struct arguments *arguments, struct checking *checking)
{
	const struct config *config = checking->config;
	const struct config_shadow *shadow = config->shadows;
	struct verify_options options = {
	    .adapter = adapter_find(config->primary.engine),
	    .primary = &config->primary.endpoint,
	    .shadow = &shadow->endpoint,
	    .mapping = checking->mappings[0],
	    .old_catalog = checking->primary,
	    .new_catalog = checking->shadows[0],
	    .rules = {.clock_tolerance_us = config->compare.clock_tolerance_us,
		      .float_ulps = config->compare.float_ulps},
	    .tables = arguments->tables,
	    .table_count = arguments->table_count,
	    .jobs = (unsigned)arguments->jobs,
	    .chunk_us = arguments->chunk_us,
	    .pause_us = arguments->pause_us,
	    .timeout_us = arguments->timeout_us,
	    .looks = (unsigned)arguments->looks,
	    .delay_us = arguments->delay_us,
	    .wait_us = arguments->wait_us,
	    .stop_after = arguments->stop_after,
	    .journal = arguments->no_wait ? NULL : config->journal.directory,
	    .store = shadow->store,
	    .repair = arguments->repair,
	};
	struct verify *verify = NULL;
	struct redactor redactor = {0};
	struct error error;
	int64_t began = clock_monotonic_us();
	int code = COMMAND_USAGE;

	error_init(&error);
	if (verify_open(&options, &verify, &error) ||
	    verify_print_redactor(arguments->no_store ? NULL : shadow->store,
				  config->compare.show_values, &redactor,
				  &error) ||
	    verify_start(verify, &error)) {
		complain(&error);
		goto out;
	}
	wait_for(verify, arguments->quiet);
	if (arguments->repair && verify_repair(verify, &error)) {
		complain(&error);
		goto out;
	}
	verify_print(verify, &redactor, arguments->show,
		     clock_monotonic_us() - began);
	if (!arguments->no_store &&
	    verify_print_store(verify, shadow->store, &redactor, &error)) {
		complain(&error);
		goto out;
	}
	code = code_of(verify);
out:
	verify_close(&verify);
	return code;
}

/* A mirror would apply what is in flight on top of what was copied. */
static bool may_repair(const struct arguments *arguments,
		       const struct config *config,
		       const struct config_shadow *shadow)
{
	struct tide *tide = NULL;
	struct error error;
	uint64_t newest = 0, passed = 0;
	bool behind;

	if (!arguments->repair || arguments->under_load)
		return true;
	error_init(&error);
	if (tide_flows(config->journal.directory)) {
		fputs("parallax verify: a relay is running: what it mirrors at "
		      "this moment could be applied on top of what --repair "
		      "copies; stop it first, or say --repair-under-load\n",
		      stderr);
		return false;
	}
	if (tide_open(config->journal.directory, shadow->store, &tide,
		      &error) ||
	    (tide && (tide_newest(tide, &newest, &error) ||
		      tide_passed(tide, &passed, &error)))) {
		complain(&error);
		tide_close(&tide);
		return false;
	}
	behind = tide && passed < newest;
	tide_close(&tide);
	if (behind)
		fputs("parallax verify: the journal holds exchanges that the "
		      "mirror has still to apply: let it read them first, or "
		      "say --repair-under-load\n",
		      stderr);
	return !behind;
}

static int find_shadow(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->shadow_count; i++)
		if (!name || !strcmp(config->shadows[i].name, name))
			return (int)i;
	fprintf(stderr, "parallax verify: %s has no shadow '%s'\n",
		config->file, name ? name : "");
	return -1;
}

static int check_and_run(const struct arguments *arguments,
			 struct config *config)
{
	struct config one = *config; /* what of others is wrong is no matter */
	struct diagnostics diagnostics;
	struct checking checking;
	int code = COMMAND_USAGE;
	int index = find_shadow(config, arguments->shadow);

	if (index < 0 ||
	    !may_repair(arguments, config, &config->shadows[index]))
		return code;
	one.shadows = &config->shadows[index];
	one.shadow_count = 1;
	diagnostics_init(&diagnostics);
	checking_init(&checking, &one, &diagnostics);
	checking.unreachable = SEVERITY_ERROR;
	if (checking_mappings(&checking) || checking_databases(&checking))
		diagnostics_print(&diagnostics, stderr);
	else
		code = run(arguments, &checking);
	checking_release(&checking);
	diagnostics_release(&diagnostics);
	return code;
}

static int run_verify(int argc, char **argv)
{
	struct diagnostics diagnostics;
	struct arguments arguments;
	struct config *config = NULL;
	int code = COMMAND_USAGE;
	int parsed = parse(argc, argv, &arguments);

	if (parsed) {
		free(arguments.tables);
		return parsed > 0 ? COMMAND_OK : COMMAND_USAGE;
	}
	watch_signals();
	diagnostics_init(&diagnostics);
	if (config_load(arguments.config, &diagnostics, &config)) {
		diagnostics_print(&diagnostics, stderr);
	} else {
		log_init(config->log_level, "verify");
		code = check_and_run(&arguments, config);
		config_free(&config);
	}
	diagnostics_release(&diagnostics);
	free(arguments.tables);
	return code;
}

const struct command command_verify = {
    "verify", "compare the data at rest through the mapping", run_verify};
