/* parallax report: presents one or several stores to people or programs. */
#include <langinfo.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/memory.h"
#include "cmd/arguments.h"
#include "cmd/command.h"
#include "cmd/stores.h"
#include "report/report.h"

static const char help[] =
    "usage: parallax report [options] STORE...\n"
    "\n"
    "Prints what the mirrors found: verdicts, divergences with their\n"
    "evidence, undecided exchanges with their reasons, latencies. There is\n"
    "one STORE for each shadow.\n"
    "\n"
    "  --format text|json|html   text (default) is for a terminal; html is\n"
    "                            one self-contained file\n"
    "  --output FILE             write to FILE (mode 0600), not to stdout\n"
    "  --limit N                 problems and rows of tables to show (20;\n"
    "                            0: all); the report says what is left out\n"
    "  --part last|all|N         the part of the evidence (last); a new part\n"
    "                            begins when the mapping, the shadow or the\n"
    "                            journal changes\n"
    "  --help                    show the options\n"
    "\n"
    "Exit codes: 0 done, 3 usage or internal error. 'parallax gate' decides\n"
    "whether the result is good enough.\n";

enum { DEFAULT_LIMIT = 20, EVIDENCE = 3 };

enum { FORM_TEXT, FORM_JSON, FORM_HTML };

static const char *const forms[] = {
    [FORM_TEXT] = "text", [FORM_JSON] = "json", [FORM_HTML] = "html", NULL};

struct arguments {
	unsigned form;
	const char *output;
	uint64_t limit; /* 0: none */
	const char *part;
	struct argument_list stores;
};

static size_t terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize window;
	unsigned long told = columns ? strtoul(columns, NULL, 10) : 0;

	if (told >= 40 && told <= 1000)
		return told;
	if (isatty(STDOUT_FILENO) &&
	    !ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) && window.ws_col >= 40)
		return window.ws_col;
	return 100;
}

/* The exit code. */
static int report(const struct arguments *arguments)
{
	size_t count = arguments->stores.count;
	struct report_options options = {
	    .limit = arguments->limit ? (size_t)arguments->limit : SIZE_MAX,
	    .width = arguments->output ? 100 : terminal_width(),
	    .colour = stores_output_coloured(arguments->output),
	    .unicode = !strcmp(nl_langinfo(CODESET), "UTF-8"),
	};
	struct store_content **contents;
	struct report *reports;
	struct error error;
	struct arena arena;
	struct buffer out;
	uint64_t part;
	int result;

	if (stores_part(arguments->part, &part))
		return arguments_wrong("report", STORES_PART_WRONG);
	error_init(&error);
	arena_init(&arena, STORES_LIMIT);
	buffer_init(&out, 0);
	contents = memory_alloc(count * sizeof(*contents));
	reports = memory_alloc(count * sizeof(*reports));
	result = stores_load(arguments->stores.items, count, EVIDENCE, part,
			     &arena, contents, &error);
	if (!result) {
		for (size_t i = 0; i < count; i++)
			report_build(contents[i], &arena, &reports[i]);
		if (arguments->form == FORM_JSON)
			report_json(reports, count, &options, &out);
		else if (arguments->form == FORM_HTML)
			report_html(reports, count, &options, &out);
		else
			report_terminal(reports, count, &options, &out);
		result = stores_write_output(arguments->output, &out, &error);
	}
	if (result)
		command_complain("report", NULL, &error);
	buffer_release(&out);
	free(reports);
	free(contents);
	arena_release(&arena);
	return result ? COMMAND_USAGE : COMMAND_OK;
}

static int run_report(int argc, char **argv)
{
	struct arguments arguments = {.limit = DEFAULT_LIMIT};
	const struct argument table[] = {
	    {"format", .choice = &arguments.form, .choices = forms},
	    {"output", .text = &arguments.output},
	    {"limit", .number = &arguments.limit},
	    {"part", .text = &arguments.part},
	    {"STORE", .operands = &arguments.stores},
	    {0}};
	int code;

	if (!arguments_read(argc, argv, help, table, &code))
		return code;
	setlocale(LC_CTYPE, "");
	code = report(&arguments);
	argument_list_release(&arguments.stores);
	return code;
}

const struct command command_report = {
    .name = "report",
    .summary = "print what the mirrors found (text, JSON, HTML)",
    .run = run_report,
};
