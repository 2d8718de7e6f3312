/* parallax verify: the data at rest, through the lens. */
#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "cmd/arguments.h"
#include "cmd/checking.h"
#include "cmd/command.h"
#include "cmd/verify_print.h"
#include "journal/segment.h"
#include "verify/lag.h"
#include "verify/verify.h"

enum {
	DRIFTS = COMMAND_FAILED,
	NOT_COMPARED = COMMAND_EVIDENCE,
	PROGRESS_US = 1000000,
	TICK_US = 5000,
};

static const char help[] =
    "usage: parallax verify [options] CONFIG\n"
    "\n"
    "Compares the data at rest: the contents of the primary's tables with\n"
    "those of the shadow, through the mapping. Both databases compute\n"
    "checksums, chunk by chunk; rows are read only where these differ. Rows\n"
    "that differ are checked again, since a running mirror may be behind.\n"
    "The result goes into the shadow's store.\n"
    "\n"
    "  --tables LIST         tables of the primary, comma-separated (all)\n"
    "  --shadow NAME         which shadow of the config (the first)\n"
    "  --jobs N              tables to compare at once (2)\n"
    "  --chunk-time TIME     how long a chunk's statement should take (1 s)\n"
    "  --pause TIME          pause after each chunk (0)\n"
    "  --timeout TIME        time limit of one statement (10 min); 0: none\n"
    "  --recheck N           further checks of rows that differ (5); 0: none\n"
    "  --recheck-delay TIME  time between them (1 s)\n"
    "  --wait TIME           how long to wait for a mirror that is behind\n"
    "                        (60 s)\n"
    "  --no-wait             do not wait for the mirror\n"
    "  --stop-after N        stop a table when N rows differ (100000)\n"
    "  --show N              differing rows of a table to print (10)\n"
    "  --repair              copy differing rows to the shadow\n"
    "  --repair-under-load   the same while a mirror runs\n"
    "  --no-store            do not store the result\n"
    "  --no-sequences        do not look for sequences that are behind their\n"
    "                        columns\n"
    "  --quiet               no progress on stderr\n"
    "  --help                show the options\n"
    "\n"
    "Exit codes: 0 equal, 1 rows differ, 2 something could not be compared\n"
    "or decided, 3 usage or internal error.\n";

struct arguments {
	const char *config;
	const char *shadow;
	struct argument_list tables;
	uint64_t jobs, looks, stop_after, show;
	int64_t chunk_us, pause_us, timeout_us, delay_us, wait_us;
	bool no_wait, repair, under_load, no_store, quiet, no_sequences;
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	(void)number;
	interrupted++;
}

/* ---- the command line ---- */

/* False: the command ends with *code. */
static bool parse(int argc, char **argv, struct arguments *arguments, int *code)
{
	const struct argument table[] = {
	    {"tables", .names = &arguments->tables},
	    {"shadow", .text = &arguments->shadow},
	    {"jobs", .number = &arguments->jobs, .least = 1, .most = 64},
	    {"chunk-time", .time_us = &arguments->chunk_us},
	    {"pause", .time_us = &arguments->pause_us},
	    {"timeout", .time_us = &arguments->timeout_us},
	    {"recheck", .number = &arguments->looks, .most = 10000},
	    {"recheck-delay", .time_us = &arguments->delay_us},
	    {"wait", .time_us = &arguments->wait_us},
	    {"no-wait", .flag = &arguments->no_wait},
	    {"stop-after", .number = &arguments->stop_after, .least = 1,
	     .most = 10000000},
	    {"show", .number = &arguments->show, .most = VERIFY_ROWS_KEPT},
	    {"no-sequences", .flag = &arguments->no_sequences},
	    {"repair", .flag = &arguments->repair},
	    {"repair-under-load", .flag = &arguments->under_load},
	    {"no-store", .flag = &arguments->no_store},
	    {"quiet", .flag = &arguments->quiet},
	    {"CONFIG", .operand = &arguments->config},
	    {0}};

	*arguments = (struct arguments){.jobs = 2,
					.looks = 5,
					.stop_after = 100000,
					.show = 10,
					.chunk_us = 1000000,
					.timeout_us = 600 * 1000000LL,
					.delay_us = 1000000,
					.wait_us = 60 * 1000000LL};
	if (!arguments_read(argc, argv, help, table, code))
		return false;
	arguments->repair |= arguments->under_load;
	return true;
}

/* ---- running ---- */

static void watch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	interrupted = 0;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

/* Waits until the jobs are done; a signal ends them early. */
static void wait_for(struct verify *verify, bool quiet)
{
	int64_t began = clock_monotonic_us();
	int64_t shown = began;

	while (verify->running) {
		int64_t now = clock_monotonic_us();

		/* Repeatedly: a statement may have begun since. */
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

static void complain(const struct error *error)
{
	command_complain("verify", NULL, error);
}

static int run(const struct arguments *arguments, struct checking *checking)
{
	const struct config *config = checking->config;
	const struct config_shadow *shadow = config->shadows;
	struct verify_options options = {
	    .primary_adapter = adapter_find(config->primary.engine),
	    .shadow_adapter = adapter_find(shadow->engine),
	    .primary = &config->primary.endpoint,
	    .shadow = &shadow->endpoint,
	    .mapping = checking->mappings[0],
	    .old_catalog = checking->primary,
	    .new_catalog = checking->shadows[0],
	    .rules = {.clock_tolerance_us = config->compare.clock_tolerance_us,
		      .float_ulps = config->compare.float_ulps},
	    .tables = arguments->tables.items,
	    .table_count = arguments->tables.count,
	    .jobs = (unsigned)arguments->jobs,
	    .chunk_us = arguments->chunk_us,
	    .pause_us = arguments->pause_us,
	    .timeout_us = arguments->timeout_us,
	    .looks = (unsigned)arguments->looks,
	    .delay_us = arguments->delay_us,
	    .wait_us = arguments->wait_us,
	    .stop_after = arguments->stop_after,
	    .journal_keys = config->journal.encryption,
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

/* A mirror would apply pending exchanges on top of the copied rows. */
static bool may_repair(const struct arguments *arguments,
		       const struct config *config,
		       const struct config_shadow *shadow)
{
	struct replay_lag *lag = NULL;
	struct error error;
	uint64_t newest = 0, passed = 0;
	bool behind;

	if (!arguments->repair || arguments->under_load)
		return true;
	error_init(&error);
	if (config->journal.directory &&
	    journal_is_written(config->journal.directory)) {
		fputs("parallax verify: a relay is running, and its statements "
		      "could be applied on top of the rows that --repair "
		      "copies; stop it first, or give --repair-under-load\n",
		      stderr);
		return false;
	}
	if (replay_lag_open(config->journal.directory,
			    config->journal.encryption, shadow->store, &lag,
			    &error) ||
	    (lag && (replay_lag_newest(lag, &newest, &error) ||
		     replay_lag_judged(lag, &passed, &error)))) {
		complain(&error);
		replay_lag_close(&lag);
		return false;
	}
	behind = lag && passed < newest;
	replay_lag_close(&lag);
	if (behind)
		fputs("parallax verify: the journal holds exchanges that the "
		      "mirror has not applied yet; let it finish first, or "
		      "give --repair-under-load\n",
		      stderr);
	return !behind;
}

/* No row shows a sequence that is behind its column: it shows at the next
 * INSERT after the cutover. */
static int find_behind(const struct arguments *arguments,
		       struct checking *checking, int code)
{
	size_t before = checking->diagnostics->error_count;

	if (code == COMMAND_USAGE || arguments->no_sequences ||
	    arguments->tables.count)
		return code;
	checking_sequences(checking);
	if (checking->diagnostics->error_count == before)
		return code;
	diagnostics_print(checking->diagnostics, stdout);
	return DRIFTS;
}

static int check_and_run(const struct arguments *arguments,
			 const struct config *config)
{
	const struct config_shadow *shadow =
	    command_shadow("verify", config, arguments->shadow);
	struct config one = *config; /* mistakes in other shadows' mappings
				        do not matter */
	struct diagnostics diagnostics;
	struct checking checking;
	int code = COMMAND_USAGE;

	if (!shadow || !may_repair(arguments, config, shadow))
		return code;
	one.shadows = &config->shadows[shadow - config->shadows];
	one.shadow_count = 1;
	diagnostics_init(&diagnostics);
	checking_init(&checking, &one, &diagnostics);
	checking.unreachable = SEVERITY_ERROR;
	if (checking_mappings(&checking) || checking_databases(&checking))
		diagnostics_print(&diagnostics, stderr);
	else
		code = find_behind(arguments, &checking,
				   run(arguments, &checking));
	checking_release(&checking);
	diagnostics_release(&diagnostics);
	return code;
}

static int run_verify(int argc, char **argv)
{
	struct arguments arguments;
	struct config *config;
	int code = COMMAND_USAGE;

	if (!parse(argc, argv, &arguments, &code))
		return code;
	watch_signals();
	config = command_config(arguments.config);
	if (config) {
		log_init(config->log_level, "verify");
		code = check_and_run(&arguments, config);
		config_free(&config);
	}
	argument_list_release(&arguments.tables);
	return code;
}

const struct command command_verify = {
    "verify", "compare the data at rest through the mapping", run_verify};
