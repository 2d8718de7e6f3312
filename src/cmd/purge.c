/* parallax purge: removes what was kept before a time. */
#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cmd/arguments.h"
#include "cmd/command.h"
#include "config/text.h"
#include "journal/purge.h"
#include "store/purge.h"

static const char help[] =
    "usage: parallax purge --before TIME [options] CONFIG\n"
    "\n"
    "Removes what the journal and the stores keep of exchanges before a time:\n"
    "the journal's segments that every mirror has passed, the evidence of\n"
    "divergences, results of verify. Counts and statements without their\n"
    "values stay. It can be run while `parallax run` is running.\n"
    "\n"
    "  --before TIME  2026-12-01 or 2026-12-01T10:00:00Z (UTC), or an age: 30 "
    "d\n"
    "  --all          also segments that a mirror still needs: it finds a "
    "gap,\n"
    "                 and what it missed is inconclusive\n"
    "  --help         show the options\n"
    "\n"
    "Exit codes: 0 done; 1 something could not be removed, as reported on\n"
    "stderr; 3 wrong usage.\n";

struct arguments {
	const char *config, *before;
	bool all;
};

/* Unix microseconds; -1: no time. */
static int64_t time_of(const char *text)
{
	static const char *const forms[] = {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ",
					    "%Y-%m-%d %H:%M:%S"};
	int64_t age;

	for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct tm parts = {0};
		const char *end = strptime(text, forms[i], &parts);

		if (end && !*end)
			return (int64_t)timegm(&parts) * 1000000;
	}
	return text_duration(text, &age) ? -1 : clock_unix_us() - age;
}

static bool exists(const char *path)
{
	struct stat status;

	return path && !stat(path, &status);
}

static int purge_journal(const char *directory, const char *const *mirrors,
			 int64_t before, bool all)
{
	struct journal_purged purged;
	struct error error;

	error_init(&error);
	if (!exists(directory))
		return 0;
	if (journal_purge(directory, all ? NULL : mirrors, before, all, &purged,
			  &error)) {
		command_complain("purge", directory, &error);
		return -1;
	}
	printf("%s: %" PRIu64 " segment(s) removed, %" PRIu64 " bytes\n",
	       directory, purged.segments, purged.bytes);
	if (purged.kept)
		printf("%s: %" PRIu64 " older segment(s) stay, since a mirror "
		       "has not passed them\n",
		       directory, purged.kept);
	return 0;
}

static int purge_store(const char *path, int64_t before)
{
	struct error error;
	uint64_t count;

	error_init(&error);
	if (!exists(path))
		return 0;
	if (store_purge(path, before, &count, &error)) {
		command_complain("purge", NULL, &error);
		return -1;
	}
	printf("%s: %" PRIu64 " piece(s) of evidence removed\n", path, count);
	return 0;
}

static int purge(const struct arguments *arguments, int64_t before)
{
	struct config *config = command_config(arguments->config);
	const char **names;
	int result;

	if (!config)
		return COMMAND_FAILED;
	names = memory_alloc((config->shadow_count + 1) * sizeof(*names));
	for (size_t i = 0; i < config->shadow_count; i++)
		names[i] = config->shadows[i].name;
	result = purge_journal(config->journal.directory, names, before,
			       arguments->all);
	free(names);
	for (size_t i = 0; i < config->shadow_count; i++)
		result |= purge_store(config->shadows[i].store, before);
	config_free(&config);
	return result ? COMMAND_FAILED : COMMAND_OK;
}

static int run_purge(int argc, char **argv)
{
	struct arguments arguments = {0};
	const struct argument table[] = {
	    {"before", .text = &arguments.before},
	    {"all", .flag = &arguments.all},
	    {"CONFIG", .operand = &arguments.config},
	    {0}};
	int64_t before;
	int code;

	if (!arguments_read(argc, argv, help, table, &code))
		return code;
	before = arguments.before ? time_of(arguments.before) : -1;
	if (before < 0) {
		fprintf(stderr, "parallax purge: --before needs a time, such "
				"as 2026-12-01 or 30 d\n");
		return COMMAND_USAGE;
	}
	return purge(&arguments, before);
}

const struct command command_purge = {
    .name = "purge",
    .summary = "remove what was kept before a time",
    .run = run_purge,
};
