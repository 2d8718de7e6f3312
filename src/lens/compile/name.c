/*
 * `sequences:`, `types:` and `functions:` of a mapping:
 *
 *	types: {mood: sales.mood}
 *
 * maps the name mood to {sales, mood}; lens_renamed looks it up by mood and by
 * public.mood.
 */
#include "lens/compile/name.h"

#include <stdio.h>
#include <string.h>

#include "lens/compile/find.h"
#include "lens/compile/nearest.h"

static struct lens_name *split_name(struct arena *arena, const char *text)
{
	struct lens_name *name = arena_alloc(arena, sizeof(*name));
	const char *dot = strchr(text, '.');

	if (dot) {
		name->schema = arena_copy(arena, text, (size_t)(dot - text));
		name->name = arena_string(arena, dot + 1);
	} else {
		name->name = arena_string(arena, text);
	}
	return name;
}

static bool type_exists(const struct catalog *catalog,
			const struct lens_name *name)
{
	return catalog_type_named(catalog, name->schema, name->name) != NULL;
}

static bool function_exists(const struct catalog *catalog,
			    const struct lens_name *name)
{
	for (size_t i = 0; i < catalog->function_count; i++)
		if (!strcmp(catalog->functions[i].name, name->name) &&
		    (!name->schema ||
		     !strcmp(catalog->functions[i].schema, name->schema)))
			return true;
	return false;
}

static bool sequence_exists(const struct catalog *catalog,
			    const struct lens_name *name)
{
	for (size_t i = 0; i < catalog->table_count; i++)
		if (catalog->tables[i].kind == RELATION_SEQUENCE &&
		    !strcmp(catalog->tables[i].name, name->name) &&
		    (!name->schema ||
		     !strcmp(catalog->tables[i].schema, name->schema)))
			return true;
	return false;
}

enum object { SEQUENCE, TYPE, FUNCTION };

static const char *near_name(struct compile *compile,
			     const struct catalog *catalog, enum object object,
			     const char *name)
{
	size_t room = catalog->table_count + catalog->type_count +
		      catalog->function_count + 1;
	const char **names =
	    arena_array(&compile->lens->scratch, room, sizeof(*names));
	size_t count = 0;

	for (size_t i = 0; object == SEQUENCE && i < catalog->table_count; i++)
		if (catalog->tables[i].kind == RELATION_SEQUENCE)
			names[count++] = catalog->tables[i].name;
	for (size_t i = 0; object == TYPE && i < catalog->type_count; i++)
		names[count++] = catalog->types[i].name;
	for (size_t i = 0; object == FUNCTION && i < catalog->function_count;
	     i++)
		names[count++] = catalog->functions[i].name;
	return lens_nearest(name, names, count);
}

typedef bool exists_function(const struct catalog *, const struct lens_name *);

static void compile_renames(struct compile *compile, struct map *map,
			    const struct mapping_rename *renames, size_t count,
			    enum object object)
{
	static const char *const words[] = {"sequence", "type", "function"};
	static exists_function *const exists[] = {sequence_exists, type_exists,
						  function_exists};
	struct lens *lens = compile->lens;

	for (size_t i = 0; i < count; i++) {
		struct lens_name *from =
		    split_name(&lens->arena, renames[i].from.text);
		struct lens_name *to =
		    split_name(&lens->arena, renames[i].to.text);

		if (!exists[object](lens->old_catalog, from))
			compile_report(compile, SEVERITY_ERROR,
				       renames[i].from.place,
				       near_name(compile, lens->old_catalog,
						 object, from->name),
				       "the old schema has no %s \"%s\"",
				       words[object], renames[i].from.text);
		if (!exists[object](lens->new_catalog, to))
			compile_report(compile, SEVERITY_ERROR,
				       renames[i].to.place,
				       near_name(compile, lens->new_catalog,
						 object, to->name),
				       "the new schema has no %s \"%s\"",
				       words[object], renames[i].to.text);
		if (map_set_string(map, renames[i].from.text, to))
			compile_report(compile, SEVERITY_ERROR,
				       renames[i].from.place, NULL,
				       "%s \"%s\" is renamed twice",
				       words[object], renames[i].from.text);
	}
}

void compile_names(struct compile *compile, const struct mapping *mapping)
{
	struct lens *lens = compile->lens;

	compile_renames(compile, &lens->names.sequences, mapping->sequences,
			mapping->sequence_count, SEQUENCE);
	compile_renames(compile, &lens->names.types, mapping->types,
			mapping->type_count, TYPE);
	compile_renames(compile, &lens->names.functions, mapping->functions,
			mapping->function_count, FUNCTION);
}

const struct lens_name *lens_renamed(const struct map *names,
				     const char *schema, const char *name)
{
	char key[256];
	const struct lens_name *found = NULL;

	if (!names->count)
		return NULL;
	if (schema && *schema) {
		snprintf(key, sizeof(key), "%s.%s", schema, name);
		found = map_get_string(names, key);
	}
	return found ? found : map_get_string(names, name);
}

bool lens_has_function(const struct lens *lens, const char *name)
{
	const struct catalog *catalog = lens->old_catalog;

	for (size_t i = 0; i < catalog->function_count; i++)
		if (!strcmp(catalog->functions[i].name, name) &&
		    !lens_old_dialect(lens)->is_builtin(
			catalog->functions[i].schema))
			return true;
	return false;
}
