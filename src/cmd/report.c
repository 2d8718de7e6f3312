/* parallax report: what one or several stores say, for people or programs. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "cmd/command.h"
#include "cmd/stores.h"
#include "report/report.h"

static const char usage[] =
    "usage: parallax report [options] STORE...\n"
    "\n"
    "Tells what the mirrors found: verdicts, divergences with their evidence,\n"
    "what could not be decided and why, latencies. One STORE for each shadow.\n"
    "\n"
    "  --format text|json|html   text (default) is for a terminal; html is "
    "one\n"
    "                            self-contained file\n"
    "  --output FILE             write there (mode 0600), not to stdout\n"
    "  --limit N                 groups of divergences and rows of tables to\n"
    "                            show (default 20; 0: all)\n"
    "  --help\n"
    "\n"
    "Exit codes: 0 done, 3 usage or internal error. Whether a store is good\n"
    "enough is for 'parallax gate' to say.\n";

enum { DEFAULT_LIMIT = 20, EVIDENCE = 3 };

enum form { FORM_TEXT, FORM_JSON, FORM_HTML };

struct arguments {
	enum form form;
	const char *output;
	size_t limit;
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

static bool wants_colour(const struct arguments *arguments)
{
	const char *off = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return !arguments->output && isatty(STDOUT_FILENO) && !(off && *off) &&
	       !(terminal && !strcmp(terminal, "dumb"));
}

/* -1: a message is out. 1: --help. */
static int parse(int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {
	    {"format", required_argument, NULL, 'f'},
	    {"output", required_argument, NULL, 'o'},
	    {"limit", required_argument, NULL, 'l'},
	    {"help", no_argument, NULL, 'h'},
	    {0}};
	int option;
	char *end;

	optind = 1;
	while ((option = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
		switch (option) {
		case 'f':
			if (!strcmp(optarg, "text"))
				arguments->form = FORM_TEXT;
			else if (!strcmp(optarg, "json"))
				arguments->form = FORM_JSON;
			else if (!strcmp(optarg, "html"))
				arguments->form = FORM_HTML;
			else {
				fprintf(stderr,
					"report: no format '%s'; there are "
					"text, json and html\n",
					optarg);
				return -1;
			}
			break;
		case 'o':
			arguments->output = optarg;
			break;
		case 'l':
			errno = 0;
			arguments->limit = strtoul(optarg, &end, 10);
			if (errno || *end || end == optarg || *optarg == '-') {
				fprintf(stderr,
					"report: --limit takes a number, not "
					"'%s'\n",
					optarg);
				return -1;
			}
			if (!arguments->limit)
				arguments->limit = SIZE_MAX;
			break;
		case 'h':
			fputs(usage, stdout);
			return 1;
		default:
			fputs("see 'parallax report --help'\n", stderr);
			return -1;
		}
	}
	if (optind == argc) {
		fputs("report: which store? see 'parallax report --help'\n",
		      stderr);
		return -1;
	}
	return 0;
}

static int report_run(int argc, char **argv)
{
	struct arguments arguments = {.limit = DEFAULT_LIMIT};
	int result = parse(argc, argv, &arguments);
	struct report_options options;
	struct store_content **contents;
	struct report *reports;
	struct error error;
	struct arena arena;
	struct buffer out;
	size_t count;

	if (result)
		return result > 0 ? COMMAND_OK : COMMAND_USAGE;
	count = (size_t)(argc - optind);
	setlocale(LC_CTYPE, "");
	options = (struct report_options){
	    .limit = arguments.limit,
	    .width = arguments.output ? 100 : terminal_width(),
	    .colour = wants_colour(&arguments),
	    .unicode = !strcmp(nl_langinfo(CODESET), "UTF-8"),
	};
	error_init(&error);
	arena_init(&arena, STORES_LIMIT);
	buffer_init(&out, 0);
	contents = memory_alloc(count * sizeof(*contents));
	reports = memory_alloc(count * sizeof(*reports));
	result = stores_load(argv + optind, count, EVIDENCE, &arena, contents,
			     &error);
	if (!result) {
		for (size_t i = 0; i < count; i++)
			report_build(contents[i], &arena, &reports[i]);
		if (arguments.form == FORM_JSON)
			report_json(reports, count, &options, &out);
		else if (arguments.form == FORM_HTML)
			report_html(reports, count, &options, &out);
		else
			report_terminal(reports, count, &options, &out);
		result = output_write(arguments.output, &out, &error);
	}
	if (result)
		stores_complain("report", &error);
	buffer_release(&out);
	free(reports);
	free(contents);
	arena_release(&arena);
	return result ? COMMAND_USAGE : COMMAND_OK;
}

const struct command command_report = {
    .name = "report",
    .summary = "tell what the mirrors found (text, JSON, HTML)",
    .run = report_run,
};
