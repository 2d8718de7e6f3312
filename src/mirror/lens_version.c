/* Versions of mapping and schemas: what statements are rewritten by, and for
 * how long. */
#include <stdlib.h>

#include "base/log.h"
#include "base/memory.h"
#include "mirror/bodies.h"
#include "mirror/internal.h"

/* --- catalogs --- */

static void find_path_functions(struct catalogs *catalogs)
{
	const struct catalog *catalog = catalogs->old_catalog;

	for (size_t i = 0; i < catalog->function_count; i++)
		if (catalog->functions[i].sets_path)
			map_set_string(&catalogs->path_functions,
				       catalog->functions[i].name,
				       &catalog->functions[i]);
}

static void find_volatile_functions(const struct sql_dialect *dialect,
				    struct catalogs *catalogs)
{
	const struct catalog *catalog = catalogs->old_catalog;

	for (size_t i = 0; i < catalog->function_count; i++) {
		const struct catalog_function *function =
		    &catalog->functions[i];

		/* the dialect knows more about the engine's own functions */
		if (function->volatility == 'v' &&
		    dialect->function(function->name).volatility ==
			SQL_FUNCTION_PLAIN)
			map_set_string(&catalogs->volatile_functions,
				       function->name, (void *)function);
	}
}

/* A name's number never changes, since old and new sets are compared. */
static unsigned number_of(struct mirror *mirror,
			  const struct catalog_table *table)
{
	struct map *names = &mirror->table_names;
	char *name =
	    memory_alloc(strlen(table->schema) + strlen(table->name) + 2);
	size_t size = (size_t)snprintf(
	    name, strlen(table->schema) + strlen(table->name) + 2, "%s\t%s",
	    table->schema, table->name);
	uintptr_t number = (uintptr_t)map_get(names, name, size);

	if (!number) {
		number = names->count + 1;
		map_set(names, name, size, (void *)number);
	}
	free(name);
	return (unsigned)(number - 1);
}

struct catalogs *catalogs_new(struct mirror *mirror,
			      struct catalog *old_catalog,
			      struct catalog *new_catalog)
{
	struct catalogs *catalogs = memory_alloc(sizeof(*catalogs));

	catalogs->old_catalog = old_catalog;
	catalogs->new_catalog = new_catalog;
	catalogs->users = 1;
	catalogs->numbers = memory_alloc((old_catalog->table_count + 1) *
					 sizeof(*catalogs->numbers));
	for (size_t i = 0; i < old_catalog->table_count; i++)
		catalogs->numbers[i] =
		    number_of(mirror, &old_catalog->tables[i]);
	map_init(&catalogs->volatile_functions);
	find_volatile_functions(
	    mirror->options->primary_adapter->parser->dialect, catalogs);
	map_init(&catalogs->path_functions);
	find_path_functions(catalogs);
	catalogs->bodies = bodies_new();
	return catalogs;
}

void catalogs_drop(struct catalogs *catalogs)
{
	if (!catalogs || --catalogs->users)
		return;
	map_release(&catalogs->volatile_functions);
	map_release(&catalogs->path_functions);
	bodies_free(&catalogs->bodies);
	free(catalogs->numbers);
	catalog_free(&catalogs->old_catalog);
	catalog_free(&catalogs->new_catalog);
	free(catalogs);
}

unsigned catalogs_number(const struct catalogs *catalogs,
			 const struct catalog_table *table)
{
	return catalogs->numbers[table - catalogs->old_catalog->tables];
}

/* --- versions --- */

static struct lens_version *lens_version_new(struct catalogs *catalogs)
{
	struct lens_version *version = memory_alloc(sizeof(*version));

	version->catalogs = catalogs;
	catalogs->users++;
	version->users = 1;
	return version;
}

struct lens_version *lens_version_hold(struct lens_version *version)
{
	version->users++;
	return version;
}

void lens_version_drop(struct lens_version *version)
{
	if (!version || --version->users)
		return;
	lens_free(&version->lens);
	if (version->mapping)
		mapping_free(&version->mapping);
	catalogs_drop(version->catalogs);
	free(version);
}

static const char *file_of(const struct mirror *mirror)
{
	return mirror->options->mapping ? mirror->options->mapping : "identity";
}

/* Reads the mapping's file again; -1: it has mistakes. */
static int load(const struct mirror *mirror, struct lens_version *version,
		struct diagnostics *diagnostics)
{
	const char *path = mirror->options->mapping;

	return path ? mapping_load(path, diagnostics, &version->mapping) : 0;
}

struct lens_version *lens_version_read(struct mirror *mirror,
				       struct catalogs *catalogs,
				       struct error *error)
{
	struct lens_version *version = lens_version_new(catalogs);
	struct diagnostics diagnostics;

	diagnostics_init(&diagnostics);
	if (load(mirror, version, &diagnostics) ||
	    lens_new(mirror->options->primary_adapter->parser,
		     mirror->options->shadow_adapter->parser, version->mapping,
		     catalogs->old_catalog, catalogs->new_catalog, &diagnostics,
		     &version->lens)) {
		diagnostics_print(&diagnostics, stderr);
		error_set(error, ERROR_CONFIG, "%s: the mapping has mistakes",
			  file_of(mirror));
		lens_version_drop(version);
		version = NULL;
	}
	diagnostics_release(&diagnostics);
	return version;
}

static void refit(struct mirror *mirror, struct lens_version *version,
		  struct diagnostics *diagnostics)
{
	const struct catalogs *catalogs = version->catalogs;

	lens_refit(mirror->options->primary_adapter->parser,
		   mirror->options->shadow_adapter->parser, version->mapping,
		   catalogs->old_catalog, catalogs->new_catalog,
		   mirror->version ? mirror->version->lens : NULL, diagnostics,
		   &version->lens);
	version->misfits = diagnostics->error_count;
	if (!version->misfits)
		return;
	diagnostics_print(diagnostics, stderr);
	for (size_t i = 0; i < diagnostics->count && !*version->misfit; i++)
		if (diagnostics->items[i].severity == SEVERITY_ERROR)
			snprintf(version->misfit, sizeof(version->misfit), "%s",
				 diagnostics->items[i].message);
}

struct lens_version *lens_version_refit(struct mirror *mirror,
					struct catalogs *catalogs)
{
	struct lens_version *version = lens_version_new(catalogs);
	struct diagnostics diagnostics;

	diagnostics_init(&diagnostics);
	if (load(mirror, version, &diagnostics)) {
		/* the file was broken meanwhile, which changes nothing */
		diagnostics_print(&diagnostics, stderr);
		lens_version_drop(version);
		version = NULL;
	} else {
		refit(mirror, version, &diagnostics);
	}
	diagnostics_release(&diagnostics);
	return version;
}

void lens_version_use(struct mirror *mirror, struct lens_version *version)
{
	struct error error;

	for (int i = 0; i < LENS_LESSON_COUNT; i++) {
		enum lens_lesson lesson = (enum lens_lesson)i;
		struct buffer columns;

		buffer_init(&columns, 0);
		lens_learned(mirror->version->lens, lesson, &columns);
		lens_teach(version->lens, lesson, buffer_string(&columns));
		buffer_release(&columns);
	}
	mirror->lessons = UINT64_MAX; /* to be saved, whatever it has learned */
	lens_version_drop(mirror->version);
	mirror->version = version;
	lens_limit_bytes(version->lens, mirror->options->memory / 4);
	if (part_begin(mirror, version, &error))
		mirror_fail(mirror, &error);
}

/* --- what was prepared before --- */

/* The text by which a statement was prepared on the shadow. */
static const char *text_by(const struct plan *plan, const char *text,
			   struct arena *arena)
{
	struct plan_input input = {.text = text, .text_size = strlen(text)};
	struct plan_steps steps;
	struct error error;

	if (plan_fill(plan, &input, arena, &steps, &error) || steps.count != 1)
		return NULL;
	return steps.steps[0].text;
}

bool lens_version_renews(struct lens_version *version,
			 const struct session *session,
			 struct prepared *prepared)
{
	struct lens_session lens;
	const struct plan *plan;
	const char *before, *now;
	struct arena arena;
	bool same;

	if (prepared->version == version && prepared->key == session->key)
		return true;
	arena_init(&arena, 0);
	session_lens(session, &lens);
	plan = lens_plan(version->lens, &lens, prepared->text,
			 strlen(prepared->text), NULL, 0);
	before = text_by(prepared->plan, prepared->text, &arena);
	now = text_by(plan, prepared->text, &arena);
	same = before && now && !strcmp(before, now);
	arena_release(&arena);
	if (!same) {
		lens_release(version->lens, plan);
		return false;
	}
	lens_release(prepared->version->lens, prepared->plan);
	lens_version_drop(prepared->version);
	prepared->version = lens_version_hold(version);
	prepared->plan = plan;
	prepared->key = session->key;
	return true;
}
