/* A mapping held against both catalogs becomes the lens's tables. */
#include "lens/compile/compile.h"

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

static struct lens_table *entry_of(struct compile *compile,
				   const struct catalog_table *old)
{
	return &compile->lens->tables[old - compile->lens->old_catalog->tables];
}

const struct mapping_column *compile_column_entry(
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

/* An enum that the new schema has under another name, or not at all, or that
 * lacks old labels there or has them in another order. */
static bool has_other_labels(struct compile *compile,
			     const struct lens_column *column)
{
	const struct lens *lens = compile->lens;
	const struct catalog_type *type =
	    catalog_type(lens->old_catalog, column->old->type);
	const struct catalog_type *same;
	int last = -1;

	if (!type || type->class != TYPE_ENUM)
		return false;
	same = catalog_type_named(lens->new_catalog, type->schema, type->name);
	if (!same || lens_renamed(&lens->types, type->schema, type->name))
		return true;
	for (size_t i = 0; i < type->label_count; i++) {
		int at = catalog_label(same, type->labels[i]);

		if (at <= last)
			return true;
		last = at;
	}
	return false;
}

/* Does a value of `stored` sort before another one? 0: it cannot be told. */
static int compare_stored(struct compile *compile,
			  const struct lens_column *column, const char *a,
			  const char *b)
{
	const struct catalog_type *type =
	    catalog_type(compile->lens->new_catalog, column->stored->type);
	int64_t left = 0, right = 0;

	if (type && type->class == TYPE_ENUM) {
		left = catalog_label(type, a);
		right = catalog_label(type, b);
	} else if (type && type->class == TYPE_INTEGER) {
		left = strtoll(a, NULL, 10);
		right = strtoll(b, NULL, 10);
	}
	return (left > right) - (left < right);
}

/* Do the new values of an enum sort as its labels did? */
static bool keeps_order(struct compile *compile,
			const struct lens_column *column)
{
	const struct catalog_type *type =
	    catalog_type(compile->lens->old_catalog, column->old->type);

	if (!type || !column->stored)
		return false;
	for (size_t i = 0; i < column->value_count; i++)
		for (size_t n = 0; n < column->value_count; n++) {
			const struct mapping_value *a = &column->values[i];
			const struct mapping_value *b = &column->values[n];

			if (!a->old_value.text || !a->new_value.text ||
			    !b->old_value.text || !b->new_value.text)
				return false;
			if (catalog_label(type, a->old_value.text) <
				catalog_label(type, b->old_value.text) &&
			    compare_stored(compile, column, a->new_value.text,
					   b->new_value.text) >= 0)
				return false;
		}
	return true;
}

/* A place that outlives the mapping. */
static struct place kept_place(const struct compile *compile,
			       struct place place)
{
	place.file = compile->lens->file;
	return place;
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
	column->writable = column->dropped = column->computed = false;
	column->labels = column->ordered = false;
}

/*
 * A column that the new schema does not have, of a table that the mapping does
 * not mention: statements that name it fail there, and that is the answer to
 * the question. After a change of the schema (lens_refit), only if it was lost
 * before: else it is the mirror that lags behind.
 */
static bool column_is_lost(const struct compile *compile,
			   const struct lens_table *table,
			   const struct lens_column *column)
{
	return table->verbatim &&
	       (!compile->lens->lenient ||
		refit_column_was_lost(compile->lens, table->old,
				      column->old->name));
}

/* The new column that an old one is stored in, as said or by the same name. */
static void find_stored(struct compile *compile, struct lens_table *table,
			struct lens_column *column,
			const struct mapping_column *entry, const char *name,
			struct place place)
{
	const struct lens_place *at = &table->places[0];
	const char *near;

	if (entry && entry->part.text)
		at = compile_place(compile, table, &entry->part);
	if (!at)
		return;
	column->place = (size_t)(at - table->places);
	if (column->place < table->anchor_count)
		column->place = 0;
	column->stored = catalog_column(at->table, name);
	near = compile_nearest_column(compile, at->table, name);
	if (!column->stored && entry)
		compile_report(compile, SEVERITY_ERROR, place, near,
			       "table \"%s.%s\" of the new schema has no "
			       "column \"%s\"",
			       at->table->schema, at->table->name, name);
	else if (!column->stored && column_is_lost(compile, table, column))
		column->lost = true;
	else if (!column->stored)
		compile_report(
		    compile, SEVERITY_ERROR, place, near,
		    "column \"%s\" of \"%s.%s\" is not mentioned "
		    "and not a column of \"%s.%s\" in the new schema",
		    name, table->old->schema, table->old->name,
		    at->table->schema, at->table->name);
	for (size_t i = 1;
	     column->stored && !column->place && i < table->anchor_count; i++)
		if (!catalog_column(table->places[i].table, name))
			compile_report(
			    compile, SEVERITY_ERROR, place, NULL,
			    "column \"%s\" is not in \"%s.%s\": the tables of "
			    "any_of have the same columns",
			    name, table->places[i].table->schema,
			    table->places[i].table->name);
	column->parted = column->place > 0;
}

static enum sql_step find_part(struct sql_place *place, void *context,
			       struct error *error)
{
	bool *found = context;
	const char *first;

	(void)error;
	if (!SQL_AT(place, column_ref))
		return SQL_STEP_INTO;
	first =
	    sql_string_value(((PgQuery__ColumnRef *)place->message)->fields[0]);
	*found |= first && !strncmp(first, LENS_ROW, sizeof(LENS_ROW) - 1) &&
		  strcmp(first, LENS_ROW) != 0;
	return SQL_STEP_OVER;
}

/* Does the expression name a row of a part? */
static bool names_part(PgQuery__Node *expression)
{
	bool found = false;
	struct sql_visitor visitor = {find_part, NULL, &found};
	struct error error;

	sql_walk(&expression, &visitor, &error);
	return found;
}

static void mark_generated(struct lens_column *column)
{
	column->unpinned =
	    column->old->generated == GENERATED_SERIAL ||
	    column->old->generated == GENERATED_IDENTITY_ALWAYS ||
	    column->old->generated == GENERATED_IDENTITY_DEFAULT ||
	    column->old->default_kind == DEFAULT_SEQUENCE ||
	    column->old->default_kind == DEFAULT_VOLATILE;
	column->clock = column->old->default_kind == DEFAULT_CLOCK;
}

static PgQuery__Node *null_of_type(struct compile *compile,
				   const struct lens_column *column)
{
	struct lens *lens = compile->lens;

	return sql_cast(&lens->arena, sql_const_null(&lens->arena),
			lens_type(lens, &lens->arena, lens->old_catalog,
				  column->old, false));
}

static void compile_read(struct compile *compile, struct lens_table *table,
			 struct lens_column *column,
			 const struct mapping_column *entry)
{
	struct lens *lens = compile->lens;

	column->changed = column->retyped = true;
	column->read = compile_over_new(compile, table, &entry->read);
	if (!column->read)
		return;
	column->parted = names_part(column->read);
	/* A bare constant is a position in ORDER BY and GROUP BY. */
	if (SQL_IS(column->read, A_CONST))
		column->read =
		    sql_cast(&lens->arena, column->read,
			     lens_type(lens, &lens->arena, lens->old_catalog,
				       column->old, false));
}

/* Of an absorbed table: the new column that a column of its key is. */
static const struct mapping_text *key_column(const struct mapping_table *entry,
					     const char *name)
{
	for (size_t i = 0; entry && i < entry->key_count; i++)
		if (same_name(entry->keys[i].name.text, name))
			return &entry->keys[i].expression;
	return NULL;
}

static void read_column(struct compile *compile, struct lens_table *table,
			struct lens_column *column,
			const struct mapping_table *whole)
{
	const struct mapping_column *entry =
	    compile_column_entry(whole, column->old->name);
	const struct mapping_text *key = key_column(whole, column->old->name);
	const char *stored = column->old->name;
	struct place place = entry ? entry->place : compile->table_place;

	column->said = kept_place(compile, place);
	column->writable = true;
	if (column->old->generated == GENERATED_STORED)
		compile_generation(compile, table, column);
	mark_generated(column);
	if (entry && entry->column.text) {
		stored = entry->column.text;
		place = entry->column.place;
	} else if (entry &&
		   (entry->dropped || entry->read.text || entry->write_count)) {
		stored = NULL;
	} else if (key) {
		stored = key->text;
		place = key->place;
	}
	if (stored)
		find_stored(compile, table, column, entry, stored, place);
	if (column->stored) {
		column->new_type = column->stored->type;
		column->retyped =
		    !same_type(compile, column->old, column->stored);
		column->recast = column->retyped && needs_cast(compile, column);
		column->computed =
		    column->stored->generated == GENERATED_STORED &&
		    column->old->generated != GENERATED_STORED;
		column->changed =
		    column->place ||
		    strcmp(column->stored->name, column->old->name) != 0;
	}
	if (!entry)
		return;
	column->dropped = entry->dropped;
	if (entry->lookup.table.text) {
		compile_lookup(compile, table, column, entry);
		return;
	}
	if (entry->value_count) {
		column->values = copy_values(compile, entry);
		column->value_count = entry->value_count;
		/* An enum's labels are read back as texts. */
		column->changed = column->retyped = true;
		if (!stored)
			compile_report(compile, SEVERITY_ERROR, place, NULL,
				       "`values` needs the new column that "
				       "holds them: say `column:`");
		compile_values(compile, column, entry);
		/* Its old labels, as a text: its own type is not there. */
		column->labels = has_other_labels(compile, column);
		column->ordered =
		    column->labels && keeps_order(compile, column);
		column->retyped |= column->labels;
	}
	if (entry->read.text) {
		compile_read(compile, table, column, entry);
	} else if (entry->dropped || !column->stored) {
		const struct catalog_type *type =
		    catalog_type(compile->lens->old_catalog, column->old->type);

		column->changed = true;
		column->retyped = !type || !lens_same_type(compile->lens, type);
		column->read = null_of_type(compile, column);
	}
	/* A name that is not there has been told of. */
	if (!entry->dropped && !entry->read.text && !stored)
		compile_report(compile, SEVERITY_WARNING, place, NULL,
			       "column \"%s\" is written but never read: it "
			       "reads as NULL",
			       column->old->name);
	if (entry->read.text && !entry->dropped && !entry->write_count) {
		column->writable = false;
		/* What nobody can write is no loss. */
		if (column->old->generated != GENERATED_STORED)
			compile_report(
			    compile, SEVERITY_WARNING, place, NULL,
			    "column \"%s\" has `read` and no `write`: "
			    "statements that write it are untranslatable",
			    column->old->name);
	}
}

static void compile_column(struct compile *compile, struct lens_table *table,
			   struct lens_column *column,
			   const struct mapping_table *whole)
{
	size_t errors = compile->errors;
	char first[sizeof(compile->first)];

	/* Its own mistakes, if it is they alone that are lived with. */
	memcpy(first, compile->first, sizeof(first));
	compile->errors = 0;
	read_column(compile, table, column, whole);
	if (compile->lens->lenient && compile->errors == 1)
		set_misfit(compile, column);
	if (errors)
		memcpy(compile->first, first, sizeof(first));
	compile->errors += errors;
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

/* Is it the one schema alone that computes the column? */
static bool is_generated_apart(const struct lens_column *column)
{
	return (column->old->generated == GENERATED_STORED) !=
	       (column->stored->generated == GENERATED_STORED);
}

static bool is_mapped(const struct lens_table *table)
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
		renamed =
		    lens_renamed(&lens->sequences, old->schema, old->name);
	compile->table_place = entry ? entry->place : compile->file_place;
	table->said = kept_place(compile, compile->table_place);
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
	while (
	    table->column_count &&
	    refit_column_is_ahead(lens, table, entry,
				  old->columns[table->column_count - 1].name)) {
		table->column_count--;
		table->ahead = true;
		table->verbatim = false;
		lens->ahead_count++;
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
		table->mapped = !table->verbatim && is_mapped(table);
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

		table = compile_find_table(old, schema, name);
		if (!table) {
			compile_report(
			    compile, SEVERITY_ERROR, compare->table.place,
			    compile_nearest_table(compile, old, name),
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
			column->shown =
			    column->shown || compare->privacy == PRIVATE_PUBLIC;
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

bool lens_keeps_column(const struct lens *lens, const struct catalog_table *old,
		       const struct catalog_column *column)
{
	const struct lens_table *table = lens_table_of(lens, old);
	size_t i = (size_t)(column - old->columns);

	return !table || i >= table->column_count || !table->columns[i].lost;
}

size_t lens_places(const struct lens *lens, const struct catalog_table *old,
		   const struct catalog_table **places, size_t capacity)
{
	const struct lens_table *table = lens_table_of(lens, old);

	if (!table || table->dropped)
		return 0;
	for (size_t i = 0; i < table->place_count && i < capacity; i++)
		places[i] = table->places[i].table;
	return table->place_count;
}

void lens_at_rest(struct lens *lens)
{
	for (size_t i = 0; i < lens->table_count; i++) {
		struct lens_table *table = &lens->tables[i];

		if (!table->verbatim)
			continue;
		table->verbatim = false;
		table->mapped = is_mapped(table);
	}
}
