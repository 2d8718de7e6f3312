/* The names of things in the two schemas: what a report may show of a text. */
#include <string.h>

#include "lens/compile/compiled.h"
#include "lens/lens.h"

static void add(struct lens *lens, const char *name)
{
	if (name && *name)
		map_set_string(&lens->known, name, lens);
}

static void add_table(struct lens *lens, const struct catalog_table *table)
{
	add(lens, table->schema);
	add(lens, table->name);
	for (size_t i = 0; i < table->column_count; i++)
		add(lens, table->columns[i].name);
	for (size_t i = 0; i < table->key_count; i++)
		add(lens, table->keys[i].name);
}

static void add_catalog(struct lens *lens, const struct catalog *catalog)
{
	add(lens, catalog->database);
	for (size_t i = 0; i < catalog->table_count; i++)
		add_table(lens, &catalog->tables[i]);
	for (size_t i = 0; i < catalog->type_count; i++)
		add(lens, catalog->types[i].name);
	for (size_t i = 0; i < catalog->function_count; i++)
		add(lens, catalog->functions[i].name);
	for (size_t i = 0; i < catalog->role_count; i++)
		add(lens, catalog->roles[i].name);
}

/* "table", or each part of "schema.table". */
static bool knows(const void *context, const char *name)
{
	const struct lens *lens = context;

	if (map_get_string(&lens->known, name))
		return true;
	if (!strchr(name, '.'))
		return false;
	for (const char *at = name;; at++) {
		size_t size = strcspn(at, ".");

		if (!map_get(&lens->known, at, size))
			return false;
		at += size;
		if (!*at)
			return true;
	}
}

struct sql_known lens_known(struct lens *lens)
{
	if (!lens->known.count) {
		add_catalog(lens, lens->old_catalog);
		add_catalog(lens, lens->new_catalog);
	}
	return (struct sql_known){.knows = knows, .context = lens};
}
