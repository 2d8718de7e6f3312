/* parallax gate: a policy turns stores into an exit code. */
#include <getopt.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cmd/command.h"
#include "cmd/stores.h"
#include "report/gate.h"

static const char usage[] =
    "usage: parallax gate [options] STORE...\n"
    "\n"
    "Holds what the mirrors found against a policy, and says why. With "
    "several\n"
    "stores, each must hold.\n"
    "\n"
    "  --policy FILE              YAML; without it the default rules apply,\n"
    "                             which are printed\n"
    "  --format text|json|junit   (default text)\n"
    "  --output FILE              write there (mode 0600), not to stdout\n"
    "  --help\n"
    "\n"
    "Exit codes: 0 the policy holds, 1 it is broken, 2 not enough evidence,\n"
    "3 usage or internal error. A broken policy wins over lacking evidence.\n";

enum form { FORM_TEXT, FORM_JSON, FORM_JUNIT };

struct arguments {
	enum form form;
	const char *policy;
	const char *output;
};

/* -1: a message is out. 1: --help. */
static int parse(int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {
	    {"policy", required_argument, NULL, 'p'},
	    {"format", required_argument, NULL, 'f'},
	    {"output", required_argument, NULL, 'o'},
	    {"help", no_argument, NULL, 'h'},
	    {0}};
	int option;

	optind = 1;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (option) {
		case 'p':
			arguments->policy = optarg;
			break;
		case 'f':
			if (!strcmp(optarg, "text"))
				arguments->form = FORM_TEXT;
			else if (!strcmp(optarg, "json"))
				arguments->form = FORM_JSON;
			else if (!strcmp(optarg, "junit"))
				arguments->form = FORM_JUNIT;
			else {
				fprintf(stderr,
					"gate: no format '%s'; there are "
					"text, json and junit\n",
					optarg);
				return -1;
			}
			break;
		case 'o':
			arguments->output = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			return 1;
		default:
			fputs("see 'parallax gate --help'\n", stderr);
			return -1;
		}
	}
	if (optind == argc) {
		fputs("gate: which store? see 'parallax gate --help'\n",
		      stderr);
		return -1;
	}
	return 0;
}

static int load_policy(const char *path, struct arena *arena,
		       struct gate_policy *policy)
{
	struct diagnostics diagnostics;
	int result;

	if (!path) {
		gate_policy_default(policy);
		return 0;
	}
	diagnostics_init(&diagnostics);
	result = gate_policy_load(path, arena, &diagnostics, policy);
	diagnostics_print(&diagnostics, stderr);
	diagnostics_release(&diagnostics);
	return result;
}

static bool wants_colour(const struct arguments *arguments)
{
	const char *off = getenv("NO_COLOR");

	return !arguments->output && isatty(STDOUT_FILENO) && !(off && *off);
}

static int gate_run(int argc, char **argv)
{
	static const int codes[] = {[GATE_PASS] = COMMAND_OK,
				    [GATE_LACKS] = COMMAND_EVIDENCE,
				    [GATE_FAIL] = COMMAND_FAILED};
	struct arguments arguments = {0};
	int result = parse(argc, argv, &arguments);
	int code = COMMAND_USAGE;
	struct store_content **contents;
	struct gate_outcome *outcomes;
	struct gate_policy policy;
	struct error error;
	struct arena arena;
	struct buffer out;
	size_t count;

	if (result)
		return result > 0 ? COMMAND_OK : COMMAND_USAGE;
	count = (size_t)(argc - optind);
	error_init(&error);
	arena_init(&arena, STORES_LIMIT);
	buffer_init(&out, 0);
	contents = memory_alloc(count * sizeof(*contents));
	outcomes = memory_alloc(count * sizeof(*outcomes));
	if (load_policy(arguments.policy, &arena, &policy))
		goto out;
	if (stores_load(argv + optind, count, 0, &arena, contents, &error)) {
		stores_complain("gate", &error);
		goto out;
	}
	for (size_t i = 0; i < count; i++)
		gate_judge(&policy, contents[i], clock_unix_us(), &arena,
			   &outcomes[i]);
	if (arguments.form == FORM_JSON)
		gate_json(&policy, outcomes, count, &out);
	else if (arguments.form == FORM_JUNIT)
		gate_junit(&policy, outcomes, count, &out);
	else
		gate_text(&policy, outcomes, count, wants_colour(&arguments),
			  &out);
	if (output_write(arguments.output, &out, &error))
		stores_complain("gate", &error);
	else
		code = codes[gate_worst(outcomes, count)];
out:
	buffer_release(&out);
	free(outcomes);
	free(contents);
	arena_release(&arena);
	return code;
}

const struct command command_gate = {
    .name = "gate",
    .summary = "hold what the mirrors found against a policy",
    .run = gate_run,
};
