/* parallax map CONFIG: writes a first mapping, for the user to correct. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "adapters/database.h"
#include "adapters/sample.h"
#include "base/memory.h"
#include "cmd/arguments.h"
#include "cmd/command.h"
#include "config/mapping.h"
#include "draft/draft.h"
#include "lens/lens.h"

enum { FILE_SIZE_MAX = 64 * 1024 * 1024 };

static const char help[] =
    "usage: parallax map [options] CONFIG\n"
    "\n"
    "Writes a first mapping, from both catalogs and a bounded look at the\n"
    "data, or from the migration's own SQL. Each guess states its reason.\n"
    "Open points are listed at the end and on stderr. It only reads the\n"
    "databases. Exits with 0 if nothing is left open, 1 if something is (the\n"
    "mapping is written all the same), 3 if no mapping is written.\n"
    "\n"
    "  --shadow NAME    which shadow of the config (the first)\n"
    "  --from-sql FILE  the migration; may be given several times, in order\n"
    "  --output FILE    write to this file, which must not exist yet\n"
    "  --no-data        read the catalogs only, no rows\n"
    "  --help           show the options\n";

struct arguments {
	const char *config;
	const char *shadow;
	const char *output;
	struct argument_list files;
	bool no_data;
};

/* Everything that a draft is made of. */
struct drafting {
	const struct arguments *arguments;
	const struct config *config;
	const struct config_shadow *shadow;
	const struct adapter *primary_adapter;
	const struct adapter *shadow_adapter;
	struct catalog *old_catalog, *new_catalog;
	struct database *primary, *shadow_data;
	struct draft_file *files;
	struct arena arena;
	struct buffer text;
	struct draft_needs needs;
};

static int fail(const struct error *error, const char *what)
{
	command_complain("map", what, error);
	return -1;
}

/* ---- what there is ---- */

static int read_file(struct drafting *drafting, const char *path,
		     struct draft_file *out)
{
	struct buffer text;
	FILE *file = fopen(path, "r");
	size_t got = 0;
	int result = 0;

	buffer_init(&text, FILE_SIZE_MAX);
	while (file && !buffer_reserve(&text, 65536)) {
		got = fread(text.data + text.size, 1, 65536, file);
		text.size += got;
		if (!got)
			break;
	}
	if (!file || ferror(file)) {
		fprintf(stderr, "parallax map: %s: cannot be read: %s\n", path,
			strerror(errno));
		result = -1;
	} else if (text.failed) {
		fprintf(stderr, "parallax map: %s: the file is too long\n",
			path);
		result = -1;
	}
	out->name = path;
	out->size = text.size;
	out->text =
	    arena_copy(&drafting->arena,
		       text.size ? (const char *)text.data : "", text.size);
	if (file)
		fclose(file);
	buffer_release(&text);
	return result;
}

static int read_files(struct drafting *drafting)
{
	const struct argument_list *files = &drafting->arguments->files;
	int result = 0;

	drafting->files = arena_alloc(&drafting->arena,
				      files->count * sizeof(*drafting->files));
	for (size_t i = 0; i < files->count; i++)
		if (read_file(drafting, files->items[i], &drafting->files[i]))
			result = -1;
	return result;
}

static int read_catalogs(struct drafting *drafting)
{
	struct error error;

	error_init(&error);
	if (adapter_catalog(drafting->primary_adapter,
			    &drafting->config->primary.endpoint,
			    &drafting->old_catalog, &error))
		return fail(&error, "primary");
	error_init(&error);
	if (!adapter_catalog(drafting->shadow_adapter,
			     &drafting->shadow->endpoint,
			     &drafting->new_catalog, &error))
		return 0;
	fail(&error, drafting->shadow->name);
	if (!drafting->arguments->files.count) {
		fputs("    hint: without the shadow, the migration's SQL is "
		      "needed: --from-sql\n",
		      stderr);
		return -1;
	}
	draft_add_need(&drafting->arena, &drafting->needs,
		       "the shadow could not be read: check the mapping "
		       "against it with `parallax check`");
	return 0;
}

/* A database that cannot be sampled gives no evidence; nothing else is lost. */
static struct database *open_data(const struct adapter *adapter,
				  const char *what,
				  const struct endpoint *endpoint)
{
	const struct database_ops *ops = adapter->database;
	struct database *database = NULL;
	struct error error;

	error_init(&error);
	if (ops->open(endpoint, "parallax map", &database, &error) ||
	    adapter->sample->begin(database, &error)) {
		fail(&error, what);
		ops->close(&database);
	}
	return database;
}

static void open_both(struct drafting *drafting)
{
	if (drafting->arguments->no_data)
		return;
	drafting->primary = open_data(drafting->primary_adapter, "primary",
				      &drafting->config->primary.endpoint);
	if (drafting->new_catalog)
		drafting->shadow_data =
		    open_data(drafting->shadow_adapter, drafting->shadow->name,
			      &drafting->shadow->endpoint);
}

/* ---- the draft, held against what there is ---- */

static void take_diagnostics(struct drafting *drafting,
			     const struct diagnostics *diagnostics)
{
	for (size_t i = 0; i < diagnostics->count; i++) {
		const struct diagnostic *item = &diagnostics->items[i];

		if (item->severity == SEVERITY_ERROR)
			draft_add_need(
			    &drafting->arena, &drafting->needs,
			    arena_printf(&drafting->arena, "line %d: %s%s%s%s",
					 item->place.line, item->message,
					 item->hint ? " (" : "",
					 item->hint ? item->hint : "",
					 item->hint ? ")" : ""));
	}
}

static void check(struct drafting *drafting)
{
	struct diagnostics diagnostics;
	struct mapping *mapping = NULL;
	struct lens *lens = NULL;

	diagnostics_init(&diagnostics);
	if (!mapping_parse("draft", (const char *)drafting->text.data,
			   drafting->text.size, &diagnostics, &mapping) &&
	    drafting->new_catalog && !drafting->needs.shadow_behind &&
	    !lens_new(drafting->primary_adapter->parser,
		      drafting->shadow_adapter->parser, mapping,
		      drafting->old_catalog, drafting->new_catalog,
		      &diagnostics, &lens))
		lens_free(&lens);
	take_diagnostics(drafting, &diagnostics);
	mapping_free(&mapping);
	diagnostics_release(&diagnostics);
}

static void make(struct drafting *drafting)
{
	struct draft_input input = {
	    .primary_adapter = drafting->primary_adapter,
	    .shadow_adapter = drafting->shadow_adapter,
	    .primary = drafting->old_catalog,
	    .shadow = drafting->new_catalog,
	    .primary_data = drafting->primary,
	    .shadow_data = drafting->shadow_data,
	    .files = drafting->files,
	    .file_count = drafting->arguments->files.count,
	};

	buffer_append_string(
	    &drafting->text,
	    "# A first mapping, drafted by `parallax map`. Read each line "
	    "before you trust it;\n# then check it against both databases with "
	    "`parallax check`.\n");
	draft_write(&input, &drafting->arena, &drafting->text,
		    &drafting->needs);
	check(drafting);
	draft_write_needs(&drafting->needs, &drafting->text);
}

/* ---- out ---- */

/* Never overwrites a mapping that someone has worked on. */
static FILE *open_output(const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	FILE *out = file < 0 ? NULL : fdopen(file, "w");

	if (!out)
		fprintf(stderr, "parallax map: %s: cannot be written: %s\n",
			path, strerror(errno));
	return out;
}

static int put(const struct drafting *drafting, FILE *out)
{
	const struct buffer *text = &drafting->text;
	bool whole = !text->failed &&
		     fwrite(text->data, 1, text->size, out) == text->size;

	if (out != stdout)
		whole &= !fclose(out);
	else
		whole &= !fflush(out);
	if (!whole)
		fputs("parallax map: the mapping could not be written\n",
		      stderr);
	return whole ? 0 : -1;
}

static void tell(const struct drafting *drafting)
{
	const struct draft_needs *needs = &drafting->needs;

	for (size_t i = 0; i < needs->count; i++)
		fprintf(stderr, "needs: %s\n", needs->items[i]);
	if (needs->count)
		fprintf(stderr,
			"parallax map: %zu open point%s, listed at the end of "
			"the mapping\n",
			needs->count, needs->count == 1 ? " is" : "s are");
}

static int draft(const struct config *config, const struct arguments *arguments)
{
	struct drafting drafting = {.arguments = arguments, .config = config};
	int result = COMMAND_USAGE;
	FILE *out = stdout;

	arena_init(&drafting.arena, 0);
	buffer_init(&drafting.text, 0);
	drafting.shadow = command_shadow("map", config, arguments->shadow);
	if (!drafting.shadow)
		goto out;
	drafting.primary_adapter = adapter_find(config->primary.engine);
	drafting.shadow_adapter = adapter_find(drafting.shadow->engine);
	if (read_files(&drafting) || read_catalogs(&drafting))
		goto out;
	if (arguments->output && !(out = open_output(arguments->output)))
		goto out;
	open_both(&drafting);
	make(&drafting);
	if (put(&drafting, out))
		goto out;
	tell(&drafting);
	result = drafting.needs.count ? COMMAND_FAILED : COMMAND_OK;
out:
	if (drafting.primary)
		drafting.primary_adapter->database->close(&drafting.primary);
	if (drafting.shadow_data)
		drafting.shadow_adapter->database->close(&drafting.shadow_data);
	catalog_free(&drafting.old_catalog);
	catalog_free(&drafting.new_catalog);
	buffer_release(&drafting.text);
	arena_release(&drafting.arena);
	return result;
}

static int run_map(int argc, char **argv)
{
	struct arguments arguments = {0};
	const struct argument table[] = {
	    {"shadow", .text = &arguments.shadow},
	    {"from-sql", .texts = &arguments.files},
	    {"output", .text = &arguments.output},
	    {"no-data", .flag = &arguments.no_data},
	    {"CONFIG", .operand = &arguments.config},
	    {0}};
	struct config *config;
	int result;

	if (!arguments_read(argc, argv, help, table, &result))
		return result;
	config = command_config(arguments.config);
	result = config ? draft(config, &arguments) : COMMAND_USAGE;
	config_free(&config);
	argument_list_release(&arguments.files);
	return result;
}

const struct command command_map = {"map", "write a first mapping", run_map};
