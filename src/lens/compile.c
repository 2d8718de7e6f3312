/* A mapping held against both catalogs becomes the lens's tables. */
#include "lens/compile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

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

static const char *nearest_table(struct compile *compile,
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

/* Is the schema named in a search_path setting ("$user", public)? */
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

static const struct catalog_table *find_table(const struct catalog *catalog,
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

static struct lens_table *entry_of(struct compile *compile,
				   const struct catalog_table *old)
{
	return &compile->lens->tables[old - compile->lens->old_catalog->tables];
}

static const struct mapping_column *column_entry(
    const struct mapping_table *entry, const char *name)
{
	for (size_t i = 0; entry && i < entry->column_count; i++)
		if (!strcmp(entry->columns[i].name.text, name))
			return &entry->columns[i];
	return NULL;
}

static bool same_type(struct compile *compile, const struct catalog_column *old,
		      const struct catalog_column *new)
{
	const struct lens *lens = compile->lens;
	const struct catalog_type *a =
	    catalog_type(lens->old_catalog, old->type);
	const struct catalog_type *b =
	    catalog_type(lens->new_catalog, new->type);
	const struct lens_name *renamed;

	if (old->modifier != new->modifier)
		return false;
	if (!a || !b)
		return same_name(old->type_sql, new->type_sql);
	renamed = lens_renamed(&lens->types, a->schema, a->name);
	if (renamed)
		return !strcmp(renamed->name, b->name) &&
		       (!renamed->schema ||
			!strcmp(renamed->schema, b->schema));
	return !strcmp(a->name, b->name) && !strcmp(a->schema, b->schema);
}

/* Would an assignment coerce a value otherwise on the new side? */
static bool needs_cast(struct compile *compile,
		       const struct lens_column *column)
{
	const struct lens *lens = compile->lens;
	const struct catalog_type *a =
	    catalog_type(lens->old_catalog, column->old->type);
	const struct catalog_type *b =
	    catalog_type(lens->new_catalog, column->stored->type);

	if (!a || !b)
		return true;
	/* A length alone makes no other value: it refuses or it does not. */
	return !((a->class == TYPE_TEXT || a->class == TYPE_CHAR) &&
		 a->class == b->class && !strcmp(a->name, b->name));
}

/* An enum that the new schema has under another name, or not at all. */
static bool has_other_labels(struct compile *compile,
			     const struct lens_column *column)
{
	const struct lens *lens = compile->lens;
	const struct catalog_type *type =
	    catalog_type(lens->old_catalog, column->old->type);

	if (!type || type->class != TYPE_ENUM)
		return false;
	return lens_renamed(&lens->types, type->schema, type->name) ||
	       !catalog_type_named(lens->new_catalog, type->schema, type->name);
}

/* The mapping need not outlive the lens. */
static const struct mapping_value *copy_values(
    struct compile *compile, const struct mapping_column *entry)
{
	struct arena *arena = &compile->lens->arena;
	struct mapping_value *values =
	    arena_array(arena, entry->value_count, sizeof(*values));

	for (size_t i = 0; i < entry->value_count; i++) {
		values[i].old_value.text =
		    arena_string(arena, entry->values[i].old_value.text);
		values[i].new_value.text =
		    arena_string(arena, entry->values[i].new_value.text);
	}
	return values;
}

/* A column without a place: the rest of its table goes on. */
static void set_misfit(struct compile *compile, struct lens_column *column)
{
	compile->errors--;
	column->misfit = arena_string(&compile->lens->arena, compile->first);
	column->stored = NULL;
	column->read = NULL;
	column->values = NULL;
	column->value_count = 0;
	column->changed = column->retyped = true;
	column->writable = column->dropped = column->labels = false;
}

static void read_column(struct compile *compile, struct lens_table *table,
			struct lens_column *column,
			const struct mapping_column *entry)
{
	const char *stored = column->old->name;
	struct place place = entry ? entry->place : compile->table_place;
	const char *near;

	column->writable = true;
	column->unpinned =
	    column->old->generated == GENERATED_SERIAL ||
	    column->old->generated == GENERATED_IDENTITY_ALWAYS ||
	    column->old->generated == GENERATED_IDENTITY_DEFAULT ||
	    column->old->default_kind == DEFAULT_SEQUENCE ||
	    column->old->default_kind == DEFAULT_VOLATILE;
	column->clock = column->old->default_kind == DEFAULT_CLOCK;
	if (entry && entry->column.text) {
		stored = entry->column.text;
		place = entry->column.place;
	} else if (entry &&
		   (entry->dropped || entry->read.text || entry->write_count)) {
		stored = NULL;
	}
	if (stored) {
		column->stored = catalog_column(table->table, stored);
		near = compile_nearest_column(compile, table->table, stored);
		if (!column->stored && entry)
			compile_report(compile, SEVERITY_ERROR, place, near,
				       "table \"%s.%s\" of the new schema has "
				       "no column \"%s\"",
				       table->table->schema, table->table->name,
				       stored);
		else if (!column->stored)
			compile_report(
			    compile, SEVERITY_ERROR, place, near,
			    "column \"%s\" of \"%s.%s\" is not mentioned and "
			    "not a column of \"%s.%s\" in the new schema",
			    stored, table->old->schema, table->old->name,
			    table->table->schema, table->table->name);
	}
	if (column->stored) {
		column->new_type = column->stored->type;
		column->retyped =
		    !same_type(compile, column->old, column->stored);
		column->recast = column->retyped && needs_cast(compile, column);
		column->changed =
		    strcmp(column->stored->name, column->old->name) != 0;
	}
	if (!entry)
		return;
	column->dropped = entry->dropped;
	if (entry->value_count) {
		column->values = copy_values(compile, entry);
		column->value_count = entry->value_count;
		column->changed = true;
		if (!stored)
			compile_report(compile, SEVERITY_ERROR, place, NULL,
				       "`values` needs the new column that "
				       "holds them: say `column:`");
		compile_values(compile, column, entry);
		column->labels = has_other_labels(compile, column);
		column->retyped |= column->labels; /* it reads as text */
	}
	if (entry->read.text) {
		column->changed = column->retyped = true;
		column->read =
		    compile_expression(compile, &entry->read, table->table,
				       table->old->name, "the new table");
		/* A bare constant is a position in ORDER BY and GROUP BY. */
		if (SQL_IS(column->read, A_CONST))
			column->read = sql_cast(
			    &compile->lens->arena, column->read,
			    lens_type(compile->lens, &compile->lens->arena,
				      compile->lens->old_catalog, column->old,
				      false));
	} else if (entry->dropped || !column->stored) {
		const struct catalog_type *type =
		    catalog_type(compile->lens->old_catalog, column->old->type);

		column->changed = true;
		column->retyped = !type || !lens_same_type(compile->lens, type);
		column->read = sql_cast(
		    &compile->lens->arena,
		    sql_const_null(&compile->lens->arena),
		    lens_type(compile->lens, &compile->lens->arena,
			      compile->lens->old_catalog, column->old, false));
	}
	/* A name that is not there has been told of. */
	if (!entry->dropped && !entry->read.text && !stored)
		compile_report(compile, SEVERITY_WARNING, place, NULL,
			       "column \"%s\" is written but never read: it "
			       "reads as NULL",
			       column->old->name);
	if (entry->read.text && !entry->dropped && !entry->write_count) {
		column->writable = false;
		compile_report(compile, SEVERITY_WARNING, place, NULL,
			       "column \"%s\" has `read` and no `write`: "
			       "statements that write it are untranslatable",
			       column->old->name);
	}
}

static void compile_column(struct compile *compile, struct lens_table *table,
			   struct lens_column *column,
			   const struct mapping_column *entry)
{
	size_t errors = compile->errors;
	char first[sizeof(compile->first)];

	/* Its own mistakes, if it is they alone that are lived with. */
	memcpy(first, compile->first, sizeof(first));
	compile->errors = 0;
	read_column(compile, table, column, entry);
	if (compile->lens->lenient && compile->errors == 1)
		set_misfit(compile, column);
	if (errors)
		memcpy(compile->first, first, sizeof(first));
	compile->errors += errors;
}

static void add_write(struct compile *compile, struct lens_table *table,
		      const struct catalog_column *target, size_t source,
		      PgQuery__Node *expression, struct place place)
{
	struct lens_write *write;

	for (size_t i = 0; i < table->write_count; i++) {
		if (table->writes[i].target != target)
			continue;
		/* Several old columns may say the same of one new column. */
		if (expression &&
		    sql_equal(table->writes[i].expression, expression))
			return;
		compile_report(compile, SEVERITY_ERROR, place, NULL,
			       "column \"%s\" of the new table is written "
			       "twice, and not alike",
			       target->name);
	}
	write = &table->writes[table->write_count++];
	write->target = target;
	write->source = source;
	write->expression = expression;
	write->inputs = arena_array(&compile->lens->arena,
				    table->column_count + 1, sizeof(bool));
	if (expression)
		compile_inputs(table, expression, write->inputs);
	else
		write->inputs[source] = true;
}

static void compile_writes(struct compile *compile, struct lens_table *table,
			   const struct mapping_table *entry)
{
	size_t room = table->column_count + 1;

	for (size_t i = 0; entry && i < entry->column_count; i++)
		room += entry->columns[i].write_count;
	table->writes =
	    arena_array(&compile->lens->arena, room, sizeof(*table->writes));
	for (size_t i = 0; i < table->column_count; i++) {
		struct lens_column *column = &table->columns[i];
		const struct mapping_column *said =
		    column_entry(entry, column->old->name);
		struct place place = said ? said->place : compile->table_place;

		if (said && said->write_count) {
			for (size_t w = 0; w < said->write_count; w++) {
				const struct mapping_assignment *assign =
				    &said->writes[w];
				const struct catalog_column *target =
				    catalog_column(table->table,
						   assign->name.text);
				PgQuery__Node *node = compile_expression(
				    compile, &assign->expression, table->old,
				    table->table->name, "the old table");

				if (!target && same_name(said->column.text,
							 assign->name.text))
					continue; /* told with `column` */
				if (!target)
					compile_report(
					    compile, SEVERITY_ERROR,
					    assign->name.place,
					    compile_nearest_column(
						compile, table->table,
						assign->name.text),
					    "table \"%s.%s\" of the new schema "
					    "has no column \"%s\"",
					    table->table->schema,
					    table->table->name,
					    assign->name.text);
				else if (node)
					add_write(compile, table, target, i,
						  node, assign->name.place);
			}
			continue;
		}
		if (column->stored && column->writable && !column->dropped)
			add_write(compile, table, column->stored, i, NULL,
				  place);
	}
}

static void compile_extras(struct compile *compile, struct lens_table *table,
			   const struct mapping_table *entry)
{
	if (!entry)
		return;
	table->extras =
	    arena_array(&compile->lens->arena, entry->default_count + 1,
			sizeof(*table->extras));
	for (size_t i = 0; i < entry->default_count; i++) {
		const struct mapping_assignment *assign = &entry->defaults[i];
		const struct catalog_column *target =
		    catalog_column(table->table, assign->name.text);
		struct lens_extra *extra;

		if (!target) {
			compile_report(
			    compile, SEVERITY_ERROR, assign->name.place,
			    compile_nearest_column(compile, table->table,
						   assign->name.text),
			    "table \"%s.%s\" of the new schema has no column "
			    "\"%s\"",
			    table->table->schema, table->table->name,
			    assign->name.text);
			continue;
		}
		for (size_t w = 0; w < table->write_count; w++)
			if (table->writes[w].target == target)
				compile_report(
				    compile, SEVERITY_ERROR, assign->name.place,
				    NULL,
				    "column \"%s\" of the new table is "
				    "written twice",
				    target->name);
		extra = &table->extras[table->extra_count];
		extra->target = target;
		extra->expression =
		    compile_expression(compile, &assign->expression, table->old,
				       table->table->name, "the old table");
		if (extra->expression)
			table->extra_count++;
	}
}

static bool is_fed(const struct lens_table *table,
		   const struct catalog_column *column)
{
	for (size_t i = 0; i < table->write_count; i++)
		if (table->writes[i].target == column)
			return true;
	for (size_t i = 0; i < table->extra_count; i++)
		if (table->extras[i].target == column)
			return true;
	return false;
}

static void check_fed(struct compile *compile, struct lens_table *table)
{
	if (table->old->kind != RELATION_TABLE &&
	    table->old->kind != RELATION_PARTITIONED)
		return;
	for (size_t i = 0; i < table->table->column_count; i++) {
		const struct catalog_column *column = &table->table->columns[i];

		if (column->not_null && !column->default_sql &&
		    column->generated == GENERATED_NONE &&
		    !is_fed(table, column))
			compile_report(
			    compile, SEVERITY_ERROR, compile->table_place, NULL,
			    "column \"%s\" of \"%s.%s\" is NOT NULL without a "
			    "default, and nothing writes it: give it a value "
			    "under `defaults`",
			    column->name, table->table->schema,
			    table->table->name);
	}
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

static bool is_mapped(const struct lens_table *table)
{
	if (table->renamed || table->extra_count ||
	    table->column_count != table->table->column_count)
		return true;
	for (size_t i = 0; i < table->column_count; i++) {
		const struct lens_column *column = &table->columns[i];

		if (column->changed || column->retyped || !column->stored ||
		    !column->writable || default_differs(column) ||
		    column->stored != &table->table->columns[i])
			return true;
	}
	return table->write_count != table->column_count;
}

static void compile_table(struct compile *compile, struct lens_table *table,
			  const struct mapping_table *entry)
{
	struct lens *lens = compile->lens;
	const struct catalog_table *old = table->old;
	const char *schema = old->schema;
	const char *name = old->name;
	const struct lens_name *renamed = NULL;
	struct place place = entry ? entry->place : compile->file_place;

	if (old->kind == RELATION_SEQUENCE && !entry)
		renamed = lens_renamed(&lens->sequences, schema, name);
	if (renamed) {
		schema = renamed->schema ? renamed->schema : schema;
		name = renamed->name;
	}
	if (entry && entry->new_schema.text)
		schema = entry->new_schema.text;
	if (entry && entry->rows.text) {
		name = entry->rows.text;
		place = entry->rows.place;
	}
	compile->table_place = entry ? entry->place : compile->file_place;
	table->column_count = old->column_count;
	table->columns = arena_array(&lens->arena, old->column_count + 1,
				     sizeof(*table->columns));
	for (size_t i = 0; i < old->column_count; i++) {
		table->columns[i].old = &old->columns[i];
		table->columns[i].index = i;
	}
	if (entry && entry->dropped) {
		table->dropped = table->mapped = true;
		return;
	}
	table->table = catalog_table(lens->new_catalog, schema, name);
	if (!table->table && old->kind == RELATION_SEQUENCE) {
		table->dropped = table->mapped = true;
		return;
	}
	if (!table->table) {
		const char *near =
		    nearest_table(compile, lens->new_catalog, name);

		compile_report(compile, SEVERITY_ERROR, place, near,
			       entry ? "the new schema has no table \"%s.%s\""
				     : "table \"%s.%s\" is not mentioned and "
				       "not in the new schema",
			       schema, name);
		table->dropped = table->mapped = true;
		return;
	}
	table->renamed = strcmp(schema, old->schema) || strcmp(name, old->name);
	while (
	    table->column_count &&
	    refit_column_is_ahead(lens, table, entry,
				  old->columns[table->column_count - 1].name)) {
		table->column_count--;
		table->ahead = true;
		lens->ahead_count++;
	}
	for (size_t i = 0; i < table->column_count; i++)
		compile_column(compile, table, &table->columns[i],
			       column_entry(entry, old->columns[i].name));
	if (old->kind == RELATION_SEQUENCE) {
		table->mapped = table->renamed;
		return;
	}
	compile_writes(compile, table, entry);
	compile_extras(compile, table, entry);
	check_fed(compile, table);
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
	if (!compile->diagnostics->error_count || lens->lenient)
		table->mapped = is_mapped(table);
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
		const struct catalog_table *table =
		    find_table(old, entry->schema.text, entry->name.text);

		if (!table) {
			compile_report(
			    compile, SEVERITY_ERROR, entry->name.place,
			    nearest_table(compile, old, entry->name.text),
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

static void add_tuning(struct compile *compile,
		       const struct mapping_compare *compare,
		       const struct catalog_table *table)
{
	struct lens *lens = compile->lens;
	struct lens_tuning *tuning = &lens->tunings[lens->tuning_count++];

	tuning->table = table;
	if (!table && compare->fingerprint.text)
		tuning->fingerprint =
		    strtoull(compare->fingerprint.text, NULL, 16);
	tuning->ignore = !table && compare->ignore;
	tuning->tolerance = table ? 0 : compare->tolerance;
	tuning->unordered = compare->unordered;
}

static void compile_compares(struct compile *compile,
			     const struct mapping *mapping)
{
	const struct catalog *old = compile->lens->old_catalog;

	if (mapping)
		compile->lens->tunings = arena_array(
		    &compile->lens->arena, mapping->compare_count + 1,
		    sizeof(*compile->lens->tunings));
	for (size_t i = 0; mapping && i < mapping->compare_count; i++) {
		const struct mapping_compare *compare = &mapping->compares[i];
		const struct catalog_table *table;
		struct lens_table *entry;
		bool found = !compare->column.text;

		if (!compare->table.text) {
			add_tuning(compile, compare, NULL);
			continue;
		}
		const char *dot = strchr(compare->table.text, '.');
		const char *schema =
		    dot ? arena_copy(&compile->lens->scratch,
				     compare->table.text,
				     (size_t)(dot - compare->table.text))
			: NULL;
		const char *name = dot ? dot + 1 : compare->table.text;

		table = find_table(old, schema, name);
		if (!table) {
			compile_report(compile, SEVERITY_ERROR,
				       compare->table.place,
				       nearest_table(compile, old, name),
				       "the old schema has no table \"%s\"",
				       compare->table.text);
			continue;
		}
		entry = entry_of(compile, table);
		if (!compare->column.text && compare->unordered)
			add_tuning(compile, compare, table);
		for (size_t c = 0; c < entry->column_count; c++) {
			struct lens_column *column = &entry->columns[c];

			if (compare->column.text &&
			    strcmp(compare->column.text, column->old->name))
				continue;
			found = true;
			column->clock = column->clock || compare->clock;
			column->ignore = column->ignore || compare->ignore;
			if (compare->tolerance > 0)
				column->tolerance = compare->tolerance;
		}
		if (!found)
			compile_report(
			    compile, SEVERITY_ERROR, compare->column.place,
			    compile_nearest_column(compile, table,
						   compare->column.text),
			    "table \"%s\" of the old schema has no column "
			    "\"%s\"",
			    compare->table.text, compare->column.text);
	}
}

static int compile_all(struct compile *compile, const struct mapping *mapping)
{
	struct lens *lens = compile->lens;
	const struct catalog *old = lens->old_catalog;
	const struct mapping_table **entries;

	compile->file_place =
	    (struct place){mapping ? mapping->file : "identity", 1, 1};
	lens->tables = arena_array(&lens->arena, old->table_count + 1,
				   sizeof(*lens->tables));
	lens->table_count = old->table_count;
	if (mapping)
		compile_names(compile, mapping);
	entries = match_tables(compile, mapping);
	for (size_t i = 0; i < old->table_count; i++) {
		const struct catalog_table *key = &old->tables[i];

		lens->tables[i].old = key;
		if (refit_table_is_ahead(lens, key, entries[i])) {
			lens->tables[i].ahead = true;
			lens->ahead_count++;
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
	refit_find_types(lens);
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

struct lens_table *lens_table_of(const struct lens *lens,
				 const struct catalog_table *old)
{
	return map_get(&lens->by_old, &old, sizeof(old));
}
