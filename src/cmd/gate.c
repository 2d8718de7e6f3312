/* parallax gate: a policy turns stores into an exit code. */
#include "base/clock.h"
#include "base/memory.h"
#include "cmd/arguments.h"
#include "cmd/command.h"
#include "cmd/stores.h"
#include "report/gate.h"

static const char help[] =
    "usage: parallax gate [options] STORE...\n"
    "\n"
    "Checks what the mirrors found against a policy, and prints the reason\n"
    "for each rule. With several stores, every store must satisfy it.\n"
    "\n"
    "  --policy FILE              a YAML file; without it the default rules\n"
    "                             apply, and are printed\n"
    "  --format text|json|junit   output format (text)\n"
    "  --output FILE              write to FILE (mode 0600), not to stdout\n"
    "  --part last|all|N          the part of the evidence, instead of the\n"
    "                             policy's evidence.part (last)\n"
    "  --help                     show the options\n"
    "\n"
    "Exit codes: 0 policy satisfied, 1 rule broken, 2 not enough evidence,\n"
    "3 usage or internal error. A broken rule takes precedence over missing\n"
    "evidence.\n";

enum { FORM_TEXT, FORM_JSON, FORM_JUNIT };

static const char *const forms[] = {
    [FORM_TEXT] = "text", [FORM_JSON] = "json", [FORM_JUNIT] = "junit", NULL};

struct arguments {
	unsigned form;
	const char *policy;
	const char *output;
	const char *part;
	struct argument_list stores;
};

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

/* The exit code. */
static int gate(const struct arguments *arguments)
{
	static const int codes[] = {[GATE_PASS] = COMMAND_OK,
				    [GATE_LACKS] = COMMAND_EVIDENCE,
				    [GATE_FAIL] = COMMAND_FAILED};
	size_t count = arguments->stores.count;
	int code = COMMAND_USAGE;
	struct store_content **contents;
	struct gate_outcome *outcomes;
	struct gate_policy policy;
	struct error error;
	struct arena arena;
	struct buffer out;
	uint64_t part;

	if (stores_part(arguments->part, &part))
		return arguments_wrong("gate", STORES_PART_WRONG);
	error_init(&error);
	arena_init(&arena, STORES_LIMIT);
	buffer_init(&out, 0);
	contents = memory_alloc(count * sizeof(*contents));
	outcomes = memory_alloc(count * sizeof(*outcomes));
	if (load_policy(arguments->policy, &arena, &policy))
		goto out;
	if (arguments->part)
		policy.part = part;
	if (stores_load(arguments->stores.items, count, 0, policy.part, &arena,
			contents, &error)) {
		command_complain("gate", NULL, &error);
		goto out;
	}
	for (size_t i = 0; i < count; i++)
		gate_judge(&policy, contents[i], clock_unix_us(), &arena,
			   &outcomes[i]);
	if (arguments->form == FORM_JSON)
		gate_json(&policy, outcomes, count, &out);
	else if (arguments->form == FORM_JUNIT)
		gate_junit(&policy, outcomes, count, &out);
	else
		gate_text(&policy, outcomes, count,
			  stores_output_coloured(arguments->output), &out);
	if (stores_write_output(arguments->output, &out, &error))
		command_complain("gate", NULL, &error);
	else
		code = codes[gate_worst(outcomes, count)];
out:
	buffer_release(&out);
	free(outcomes);
	free(contents);
	arena_release(&arena);
	return code;
}

static int run_gate(int argc, char **argv)
{
	struct arguments arguments = {0};
	const struct argument table[] = {
	    {"policy", .text = &arguments.policy},
	    {"format", .choice = &arguments.form, .choices = forms},
	    {"output", .text = &arguments.output},
	    {"part", .text = &arguments.part},
	    {"STORE", .operands = &arguments.stores},
	    {0}};
	int code;

	if (!arguments_read(argc, argv, help, table, &code))
		return code;
	code = gate(&arguments);
	argument_list_release(&arguments.stores);
	return code;
}

const struct command command_gate = {
    .name = "gate",
    .summary = "check what the mirrors found against a policy",
    .run = run_gate,
};
