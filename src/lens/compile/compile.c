/*
 * Compiles a mapping and both catalogs into the lens's tables:
 *
 *	users:
 *	  rows: app.accounts
 *	  columns: {email: mail, active: {column: state, values: {true: 'on'}}}
 *
 * becomes a lens_table of users. Its one place is app.accounts. It has a
 * lens_column (how it is read) for each old column, and a lens_write (what
 * feeds it) for each new one.
 */
#include "lens/compile/compile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "lens/compile/column.h"
#include "lens/compile/find.h"
#include "lens/compile/name.h"
#include "lens/compile/places.h"
#include "lens/compile/refit.h"
#include "lens/compile/rule.h"
#include "lens/compile/tuning.h"
#include "lens/compile/writes.h"

struct lens_table *compile_table_of(struct compile *compile,
				    const struct catalog_table *old)
{
	return &compile->lens->tables[old - compile->lens->old_catalog->tables];
}

struct place compile_kept_place(const struct compile *compile,
				struct place place)
{
	place.file = compile->lens->file;
	return place;
}

static bool default_differs(const struct lens_column *column)
{
	const char *a = column->old->default_sql;
	const char *b = column->stored->default_sql;

	if (column->old->default_kind != DEFAULT_NONE &&
	    column->old->default_kind != DEFAULT_CONSTANT &&
	    column->old->default_kind != DEFAULT_STABLE)
		return false;
	if (column->old->generated != GENERATED_NONE)
		return false;
	return a && b ? strcmp(a, b) != 0 : a != b;
}

/* Whether only that schema computes the column. */
static bool is_generated_apart(const struct lens_column *column)
{
	return (column->old->generated == GENERATED_STORED) !=
	       (column->stored->generated == GENERATED_STORED);
}

bool compile_is_mapped(const struct lens_table *table)
{
	if (table->renamed || table->extra_count || table->place_count > 1 ||
	    table->absorbed || table->places[0].where ||
	    table->column_count != table->table->column_count)
		return true;
	for (size_t i = 0; i < table->column_count; i++) {
		const struct lens_column *column = &table->columns[i];

		if (column->changed || column->retyped || !column->stored ||
		    !column->writable || default_differs(column) ||
		    is_generated_apart(column) ||
		    column->stored != &table->table->columns[i])
			return true;
	}
	return table->write_count != table->column_count;
}

static void check_entries(struct compile *compile,
			  const struct catalog_table *old,
			  const struct mapping_table *entry)
{
	for (size_t i = 0; entry && i < entry->column_count; i++)
		if (!catalog_column(old, entry->columns[i].name.text))
			compile_report(
			    compile, SEVERITY_ERROR,
			    entry->columns[i].name.place,
			    compile_nearest_column(compile, old,
						   entry->columns[i].name.text),
			    "table \"%s.%s\" of the old schema has no column "
			    "\"%s\"",
			    old->schema, old->name,
			    entry->columns[i].name.text);
}

static void compile_table(struct compile *compile, struct lens_table *table,
			  const struct mapping_table *entry)
{
	struct lens *lens = compile->lens;
	const struct catalog_table *old = table->old;
	const struct lens_name *renamed = NULL;

	if (old->kind == RELATION_SEQUENCE && !entry)
		renamed = lens_renamed(&lens->names.sequences, old->schema,
				       old->name);
	compile->table_place = entry ? entry->place : compile->file_place;
	table->location = compile_kept_place(compile, compile->table_place);
	table->column_count = old->column_count;
	table->columns = arena_array(&lens->arena, old->column_count + 1,
				     sizeof(*table->columns));
	for (size_t i = 0; i < old->column_count; i++) {
		table->columns[i].old = &old->columns[i];
		table->columns[i].index = i;
	}
	table->expanded =
	    !entry && old->kind == RELATION_VIEW && old->definition &&
	    !catalog_table(lens->new_catalog, old->schema, old->name);
	if ((entry && entry->dropped) || table->expanded ||
	    !compile_places(compile, table, entry, renamed)) {
		table->dropped = table->mapped = true;
		return;
	}
	table->renamed = strcmp(table->table->schema, old->schema) ||
			 strcmp(table->table->name, old->name);
	table->verbatim =
	    !entry && !table->renamed && old->kind != RELATION_SEQUENCE;
	while (table->column_count &&
	       compile_column_is_pending(
		   lens, table, entry,
		   old->columns[table->column_count - 1].name)) {
		table->column_count--;
		table->pending = true;
		table->verbatim = false;
		lens->pending.count++;
	}
	for (size_t i = 0; i < table->column_count; i++)
		compile_column(compile, table, &table->columns[i], entry);
	for (size_t i = 0; i < table->column_count; i++)
		table->verbatim &= !table->columns[i].misfit;
	if (old->kind == RELATION_SEQUENCE) {
		table->mapped = table->renamed;
		return;
	}
	compile_writes(compile, table, entry);
	compile_conditions(compile, table, entry);
	check_entries(compile, old, entry);
	if (!compile->diagnostics->error_count || lens->lenient)
		table->mapped = !table->verbatim && compile_is_mapped(table);
}

/* Statements that name it are untranslatable from now on. */
static void set_table_misfit(struct compile *compile, struct lens_table *table)
{
	table->misfit = arena_string(&compile->lens->arena, compile->first);
	table->dropped = table->mapped = true;
}

static const struct mapping_table **match_tables(struct compile *compile,
						 const struct mapping *mapping)
{
	const struct catalog *old = compile->lens->old_catalog;
	const struct mapping_table **entries = arena_array(
	    &compile->lens->scratch, old->table_count + 1, sizeof(*entries));

	for (size_t i = 0; mapping && i < mapping->table_count; i++) {
		const struct mapping_table *entry = &mapping->tables[i];
		const struct catalog_table *table = compile_find_table(
		    old, entry->schema.text, entry->name.text);

		if (!table) {
			compile_report(
			    compile, SEVERITY_ERROR, entry->name.place,
			    compile_nearest_table(compile, old,
						  entry->name.text),
			    "the old schema has no table \"%s%s%s\"",
			    entry->schema.text ? entry->schema.text : "",
			    entry->schema.text ? "." : "", entry->name.text);
			continue;
		}
		if (entries[table - old->tables]) {
			compile_report(
			    compile, SEVERITY_ERROR, entry->name.place, NULL,
			    "table \"%s\" is mapped twice", entry->name.text);
			continue;
		}
		entries[table - old->tables] = entry;
	}
	return entries;
}

static int compile_all(struct compile *compile, const struct mapping *mapping)
{
	struct lens *lens = compile->lens;
	const struct catalog *old = lens->old_catalog;
	const struct mapping_table **entries;

	compile->file_place =
	    (struct place){mapping ? mapping->file : "identity", 1, 1};
	lens->file = arena_string(&lens->arena, compile->file_place.file);
	lens->tables = arena_array(&lens->arena, old->table_count + 1,
				   sizeof(*lens->tables));
	lens->table_count = old->table_count;
	if (mapping)
		compile_names(compile, mapping);
	entries = match_tables(compile, mapping);
	for (size_t i = 0; i < old->table_count; i++) {
		const struct catalog_table *key = &old->tables[i];

		lens->tables[i].old = key;
		if (compile_table_is_pending(lens, key, entries[i])) {
			lens->tables[i].pending = true;
			lens->pending.count++;
			continue;
		}
		map_set(&lens->by_old, &key, sizeof(key), &lens->tables[i]);
		compile->errors = 0;
		compile_table(compile, &lens->tables[i], entries[i]);
		if (lens->lenient && compile->errors)
			set_table_misfit(compile, &lens->tables[i]);
	}
	compile_compares(compile, mapping);
	if (mapping)
		compile_rules(compile, mapping);
	compile_find_pending_types(lens);
	lens->ddl_run = mapping && mapping->ddl_run;
	return compile->diagnostics->error_count ? -1 : 0;
}

int lens_compile(struct lens *lens, const struct mapping *mapping,
		 struct diagnostics *diagnostics)
{
	struct compile compile = {.lens = lens, .diagnostics = diagnostics};
	size_t before = diagnostics->error_count;
	int result;

	diagnostics->error_count = 0;
	result = compile_all(&compile, mapping);
	diagnostics->error_count += before;
	arena_clear(&lens->scratch);
	return result;
}
