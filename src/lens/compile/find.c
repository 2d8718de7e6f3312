/* Reports mistakes in a mapping, and finds the tables and columns that it
 * names. */
#include "lens/compile/find.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lens/compile/nearest.h"

void compile_report(struct compile *compile, enum severity severity,
		    struct place place, const char *near, const char *format,
		    ...)
{
	char message[512];
	char hint[256];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (severity == SEVERITY_ERROR && !compile->errors++)
		snprintf(compile->first, sizeof(compile->first), "%s", message);
	if (near)
		snprintf(hint, sizeof(hint), "did you mean \"%s\"?", near);
	diagnostics_add(compile->diagnostics, severity, place,
			near ? hint : NULL, "%s", message);
}

const char *compile_nearest_table(struct compile *compile,
				  const struct catalog *catalog,
				  const char *name)
{
	const char **names = arena_array(
	    &compile->lens->scratch, catalog->table_count + 1, sizeof(*names));

	for (size_t i = 0; i < catalog->table_count; i++)
		names[i] = catalog->tables[i].name;
	return lens_nearest(name, names, catalog->table_count);
}

const char *compile_nearest_column(struct compile *compile,
				   const struct catalog_table *table,
				   const char *name)
{
	const char **names = arena_array(
	    &compile->lens->scratch, table->column_count + 1, sizeof(*names));

	for (size_t i = 0; i < table->column_count; i++)
		names[i] = table->columns[i].name;
	return lens_nearest(name, names, table->column_count);
}

/* Whether a search_path setting ("$user", public) names the schema. */
static bool in_path(const char *path, const char *schema)
{
	size_t size = strlen(schema);

	for (const char *at = path; at && (at = strstr(at, schema)); at++) {
		bool starts = at == path || strchr(", \"", at[-1]);
		bool ends = !at[size] || strchr(", \"", at[size]);

		if (starts && ends)
			return true;
	}
	return false;
}

const struct catalog_table *compile_find_table(const struct catalog *catalog,
					       const char *schema,
					       const char *name)
{
	const struct catalog_table *found = NULL;

	if (schema)
		return catalog_table(catalog, schema, name);
	for (size_t i = 0; i < catalog->table_count; i++) {
		const struct catalog_table *table = &catalog->tables[i];

		if (strcmp(table->name, name))
			continue;
		if (!found || in_path(catalog->search_path, table->schema))
			found = table;
	}
	return found;
}

const struct catalog_column *compile_target(struct compile *compile,
					    const struct catalog_table *table,
					    const struct mapping_text *name)
{
	const struct catalog_column *column =
	    name->text ? catalog_column(table, name->text) : NULL;

	if (!column && name->text)
		compile_report(
		    compile, SEVERITY_ERROR, name->place,
		    compile_nearest_column(compile, table, name->text),
		    "table \"%s.%s\" of the new schema has no column \"%s\"",
		    table->schema, table->name, name->text);
	return column;
}
