/*
 * How each old column is read from the new rows:
 *
 *	email: mail				mail, as it is stored
 *	active: {column: state, values: ...}	state, by values
 *	price: {read: "cents / 100.0"}		an expression over the new row
 *	flags: dropped				NULL of the old type
 */
#include "lens/compile/column.h"

#include <string.h>

#include "lens/compile/find.h"
#include "lens/compile/lookup.h"
#include "lens/compile/name.h"
#include "lens/compile/parse.h"
#include "lens/compile/places.h"
#include "lens/compile/refit.h"
#include "lens/compile/type.h"
#include "lens/compile/value.h"

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
	renamed = lens_renamed(&lens->names.types, a->schema, a->name);
	if (renamed)
		return !strcmp(renamed->name, b->name) &&
		       (!renamed->schema ||
			!strcmp(renamed->schema, b->schema));
	return !strcmp(a->name, b->name) && !strcmp(a->schema, b->schema);
}

/* Whether an assignment would coerce a value differently on the new side. */
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
	/* A length alone does not change a value; it only refuses some. */
	return !((a->class == TYPE_TEXT || a->class == TYPE_CHAR) &&
		 a->class == b->class && !strcmp(a->name, b->name));
}

/* An enum that the new schema renamed or dropped, or whose old labels are
 * missing there or have another order. */
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
	if (!same || lens_renamed(&lens->names.types, type->schema, type->name))
		return true;
	for (size_t i = 0; i < type->label_count; i++) {
		int at = catalog_label(same, type->labels[i]);

		if (at <= last)
			return true;
		last = at;
	}
	return false;
}

/* How values of `stored` compare. 0: unknown. */
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

/* Whether the new values of an enum sort as its labels did. */
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

/* The column has no place any more. The rest of its table stays usable. */
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
 * Whether the new schema lacks the column of a table that the mapping does not
 * mention. Statements that name it fail there, and that is the finding. After a
 * change of the schema (lens_refit), a column is lost only if it was lost
 * before. Otherwise the mirror is merely behind the primary.
 */
static bool column_is_lost(const struct compile *compile,
			   const struct lens_table *table,
			   const struct lens_column *column)
{
	return table->verbatim &&
	       (!compile->lens->lenient ||
		compile_column_was_lost(compile->lens, table->old,
					column->old->name));
}

/* The new column that holds an old one: the entry's, or the one of the same
 * name. */
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

/* Whether the expression names a row of a part. */
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

/* For a column in the key of an absorbed table: the new column that it is. */
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

	column->location = compile_kept_place(compile, place);
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
		/* Labels of an enum are read back as text. */
		column->changed = column->retyped = true;
		if (!stored)
			compile_report(compile, SEVERITY_ERROR, place, NULL,
				       "`values` needs the new column that "
				       "holds them: give it with `column:`");
		compile_values(compile, column, entry);
		/* Its old labels are read as text, because the new schema lacks
		 * their type. */
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
	/* A missing name has been reported. */
	if (!entry->dropped && !entry->read.text && !stored)
		compile_report(compile, SEVERITY_WARNING, place, NULL,
			       "column \"%s\" is written but never read: it "
			       "reads as NULL",
			       column->old->name);
	if (entry->read.text && !entry->dropped && !entry->write_count) {
		column->writable = false;
		/* A column that no statement can write is no loss. */
		if (column->old->generated != GENERATED_STORED)
			compile_report(
			    compile, SEVERITY_WARNING, place, NULL,
			    "column \"%s\" has `read` and no `write`: "
			    "statements that write it are untranslatable",
			    column->old->name);
	}
}

void compile_column(struct compile *compile, struct lens_table *table,
		    struct lens_column *column,
		    const struct mapping_table *whole)
{
	size_t errors = compile->errors;
	char first[sizeof(compile->first)];

	/* If the column's own mistakes are all there are, only the column is a
	 * misfit. */
	memcpy(first, compile->first, sizeof(first));
	compile->errors = 0;
	read_column(compile, table, column, whole);
	if (compile->lens->lenient && compile->errors == 1)
		set_misfit(compile, column);
	if (errors)
		memcpy(compile->first, first, sizeof(first));
	compile->errors += errors;
}
