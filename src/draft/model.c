/* The model: new tables, their columns, and where both come from. */
#include "draft/internal.h"

#include <stdarg.h>
#include <stdio.h>

void vector_add(struct arena *arena, struct vector *vector, void *item)
{
	if (vector->count == vector->capacity) {
		size_t capacity = vector->capacity ? 2 * vector->capacity : 4;
		void **items = arena_array(arena, capacity, sizeof(*items));

		if (vector->count)
			memcpy(items, vector->items,
			       vector->count * sizeof(*items));
		vector->items = items;
		vector->capacity = capacity;
	}
	vector->items[vector->count++] = item;
}

void draft_need(struct draft *draft, const char *format, ...)
{
	char text[600];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	draft_add_need(draft->arena, draft->needs, text);
}

/* ---- finding ---- */

static struct new_table *table_in(const struct draft *draft, const char *schema,
				  const char *name)
{
	VECTOR_EACH (struct new_table, table, &draft->tables)
		if (!table->dropped && !strcmp(table->name, name) &&
		    !strcmp(table->schema, schema))
			return table;
	return NULL;
}

struct new_table *model_table(const struct draft *draft, const char *schema,
			      const char *name)
{
	if (SQL_SET(schema))
		return table_in(draft, schema, name);
	VECTOR_EACH (const char, path, &draft->path) {
		struct new_table *found = table_in(draft, path, name);

		if (found)
			return found;
	}
	return NULL;
}

struct new_column *model_column(const struct new_table *table, const char *name)
{
	VECTOR_EACH (struct new_column, column, &table->columns)
		if (!column->dropped && !strcmp(column->name, name))
			return column;
	return NULL;
}

struct draft_source *model_source(const struct new_table *table,
				  const struct catalog_table *old)
{
	VECTOR_EACH (struct draft_source, source, &table->sources)
		if (source->old == old)
			return source;
	return NULL;
}

struct feed *model_feed(const struct draft_source *source,
			const struct new_column *column)
{
	VECTOR_EACH (struct feed, feed, &source->feeds)
		if (feed->column == column)
			return feed;
	return NULL;
}

bool model_is_table(const struct catalog_table *table)
{
	return table->kind != RELATION_SEQUENCE;
}

const struct catalog_key *model_primary_key(const struct catalog_table *table)
{
	const struct catalog_key *unique = NULL;

	for (size_t i = 0; i < table->key_count; i++) {
		const struct catalog_key *key = &table->keys[i];

		if (key->kind == KEY_PRIMARY)
			return key;
		if (!unique && key->kind == KEY_UNIQUE && !key->partial)
			unique = key;
	}
	return unique;
}

bool model_is_unique(const struct catalog_table *table, int16_t number)
{
	for (size_t i = 0; i < table->key_count; i++) {
		const struct catalog_key *key = &table->keys[i];

		if (key->kind != KEY_FOREIGN && key->column_count == 1 &&
		    key->columns[0] == number)
			return true;
	}
	return false;
}

/* ---- making ---- */

struct new_table *model_add_table(struct draft *draft, const char *schema,
				  const char *name)
{
	struct new_table *table = arena_alloc(draft->arena, sizeof(*table));

	if (!SQL_SET(schema))
		schema = model_schema(draft);
	table->schema = arena_string(draft->arena, schema);
	table->name = arena_string(draft->arena, name);
	vector_add(draft->arena, &draft->tables, table);
	return table;
}

struct new_column *model_add_column(struct draft *draft,
				    struct new_table *table, const char *name)
{
	struct new_column *column = model_column(table, name);

	if (column)
		return column;
	column = arena_alloc(draft->arena, sizeof(*column));
	column->name = arena_string(draft->arena, name);
	column->type = model_text_type(draft);
	vector_add(draft->arena, &table->columns, column);
	return column;
}

struct draft_source *model_add_source(struct draft *draft,
				      struct new_table *table,
				      const struct catalog_table *old)
{
	struct draft_source *source =
	    arena_alloc(draft->arena, sizeof(*source));

	source->old = old;
	vector_add(draft->arena, &table->sources, source);
	return source;
}

struct feed *model_set_feed(struct draft *draft, struct draft_source *source,
			    struct new_column *column,
			    PgQuery__Node *expression, const char *unknown,
			    const char *why)
{
	struct feed *feed = model_feed(source, column);

	if (!feed) {
		feed = arena_alloc(draft->arena, sizeof(*feed));
		feed->column = column;
		vector_add(draft->arena, &source->feeds, feed);
	}
	feed->expression = expression;
	feed->unknown = expression ? NULL : unknown;
	feed->why = why;
	return feed;
}

struct renaming *model_renaming(struct draft *draft, struct vector *list,
				const char *schema, const char *name)
{
	struct renaming *item;

	VECTOR_EACH (struct renaming, found, list)
		if (!strcmp(found->new_name, name) &&
		    (!SQL_SET(schema) || !strcmp(found->new_schema, schema)))
			return found;
	if (!SQL_SET(schema))
		schema = model_schema(draft);
	item = arena_alloc(draft->arena, sizeof(*item));
	item->schema = item->new_schema = arena_string(draft->arena, schema);
	item->name = item->new_name = arena_string(draft->arena, name);
	vector_add(draft->arena, list, item);
	return item;
}

const char *model_schema(const struct draft *draft)
{
	return draft->path.count ? draft->path.items[0]
				 : expression_inverse(draft)->default_schema();
}

const char *model_text_type(const struct draft *draft)
{
	return draft->parser->dialect->names->type(SQL_TYPE_TEXT);
}

void model_path(struct draft *draft, const char *search_path)
{
	const char *first = expression_inverse(draft)->default_schema();

	draft->path = (struct vector){0};
	if (!search_path)
		search_path = "";
	while (*search_path) {
		size_t size;

		search_path += strspn(search_path, " ,\"'");
		size = strcspn(search_path, ",\"'");
		while (size && search_path[size - 1] == ' ')
			size--;
		if (size && *search_path != '$')
			vector_add(draft->arena, &draft->path,
				   arena_copy(draft->arena, search_path, size));
		search_path += strcspn(search_path, ",\"'");
	}
	if (!draft->path.count)
		vector_add(draft->arena, &draft->path,
			   (void *)(uintptr_t)first);
}

const char *model_type_text(struct draft *draft, const PgQuery__TypeName *type)
{
	PgQuery__TypeName *own = (PgQuery__TypeName *)(uintptr_t)type;
	const char *text = NULL;
	struct buffer out;
	struct error error;

	/* a type that a cast can name can be named alone */
	if (!expression_text(
		draft,
		sql_cast(draft->arena, sql_const_null(draft->arena), own)))
		return NULL;
	error_init(&error);
	buffer_init(&out, PARSER_LENGTH_LIMIT);
	if (!sql_print(sql_wrap(draft->arena, own), draft->parser->dialect,
		       &out, NULL, &error))
		text = arena_string(draft->arena, buffer_string(&out));
	buffer_release(&out);
	return text;
}

/* A type by its bare name: the engine's own, or else any. */
static const struct catalog_type *type_named(const struct draft *draft,
					     const char *name)
{
	const struct catalog *catalog = draft->primary;

	for (size_t i = 0; i < catalog->type_count; i++)
		if (!strcmp(catalog->types[i].name, name) &&
		    draft->parser->dialect->is_builtin(
			catalog->types[i].schema))
			return &catalog->types[i];
	return catalog_type_named(catalog, NULL, name);
}

/* The type of a column of CREATE or ALTER. */
void model_type(struct draft *draft, struct new_column *column,
		const PgQuery__TypeName *type)
{
	const char *name =
	    type && type->n_names
		? sql_string_value(type->names[type->n_names - 1])
		: NULL;
	const struct catalog_type *known = NULL;
	const char *text;

	if (!name)
		return;
	text = expression_inverse(draft)->sequenced(name);
	if (text) {
		column->type = text;
		column->class = TYPE_INTEGER;
		column->generated = true;
		return;
	}
	text = model_type_text(draft, type);
	column->type = text ? text : name;
	known = type_named(draft, name);
	column->class = known ? known->class : TYPE_OTHER;
	if (type->n_array_bounds)
		column->class = TYPE_ARRAY;
}

/* ---- from catalogs ---- */

static void take_column(struct draft *draft, struct new_column *column,
			const struct catalog *catalog,
			const struct catalog_column *from)
{
	const struct catalog_type *type = catalog_type(catalog, from->type);

	column->type =
	    arena_string(draft->arena, from->type_sql ? from->type_sql
						      : model_text_type(draft));
	column->class = type ? type->class : TYPE_OTHER;
	while (type && type->class == TYPE_DOMAIN) {
		type = catalog_type(catalog, type->element);
		column->class = type ? type->class : TYPE_OTHER;
	}
	column->not_null = from->not_null;
	column->has_default = from->default_sql != NULL;
	column->generated = from->generated != GENERATED_NONE;
	column->sequence_schema = from->sequence_schema;
	column->sequence = from->sequence;
}

void model_type_of(struct draft *draft, struct new_column *column,
		   const struct catalog_table *old, const char *name)
{
	const struct catalog_column *from = catalog_column(old, name);
	struct new_column taken = {0};

	if (!from)
		return;
	take_column(draft, &taken, draft->primary, from);
	column->type = taken.type;
	column->class = taken.class;
}

static void take_keys(struct draft *draft, struct new_table *table,
		      const struct catalog_table *from)
{
	const struct catalog_key *primary = model_primary_key(from);

	table->key = table->references = (struct vector){0};
	for (size_t i = 0; primary && i < primary->column_count; i++) {
		const struct catalog_column *column =
		    catalog_column_number(from, primary->columns[i]);

		if (column)
			vector_add(draft->arena, &table->key,
				   (char *)(uintptr_t)column->name);
	}
	for (size_t i = 0; i < from->key_count; i++) {
		const struct catalog_key *key = &from->keys[i];
		struct reference *reference;
		const struct catalog_column *column, *target;

		if (key->kind != KEY_FOREIGN || key->column_count != 1 ||
		    !key->target)
			continue;
		column = catalog_column_number(from, key->columns[0]);
		target =
		    catalog_column_number(key->target, key->target_columns[0]);
		if (!column)
			continue;
		reference = arena_alloc(draft->arena, sizeof(*reference));
		reference->column = column->name;
		reference->schema = key->target->schema;
		reference->table = key->target->name;
		reference->target = target ? target->name : NULL;
		vector_add(draft->arena, &table->references, reference);
	}
}

static struct new_table *take_table(struct draft *draft,
				    const struct catalog *catalog,
				    const struct catalog_table *from)
{
	struct new_table *table =
	    model_add_table(draft, from->schema, from->name);

	table->view =
	    from->kind == RELATION_VIEW || from->kind == RELATION_MATERIALIZED;
	for (size_t i = 0; i < from->column_count; i++)
		take_column(
		    draft,
		    model_add_column(draft, table, from->columns[i].name),
		    catalog, &from->columns[i]);
	take_keys(draft, table, from);
	return table;
}

struct new_table *model_fresh_table(struct draft *draft, const char *schema,
				    const char *name)
{
	const struct catalog_table *from = NULL;
	struct new_table *table;

	if (!SQL_SET(schema))
		schema = draft->path.items[0];
	if (draft->shadow)
		from = catalog_table(draft->shadow, schema, name);
	if (from)
		table = take_table(draft, draft->shadow, from);
	else
		table = model_add_table(draft, schema, name);
	table->fresh = true;
	table->unseen = !from;
	return table;
}

void model_start(struct draft *draft)
{
	for (size_t i = 0; i < draft->primary->table_count; i++) {
		const struct catalog_table *old = &draft->primary->tables[i];
		struct new_table *table;
		struct draft_source *source;

		if (!model_is_table(old))
			continue;
		table = take_table(draft, draft->primary, old);
		source = model_add_source(draft, table, old);
		VECTOR_EACH (struct new_column, column, &table->columns)
			model_set_feed(
			    draft, source, column,
			    sql_column(draft->arena, NULL, column->name), NULL,
			    NULL);
	}
}

/* Objects that the SQL creates and the shadow lacks; the first few by name. */
struct missing {
	struct buffer names;
	size_t count;
};

static void add_missing(struct missing *missing, const struct new_table *table,
			const struct new_column *column)
{
	enum { SHOWN = 5 };

	if (missing->count++ >= SHOWN)
		return;
	buffer_printf(&missing->names, "%s\"%s.%s\"",
		      missing->count > 1 ? ", " : "",
		      column ? table->name : table->schema,
		      column ? column->name : table->name);
}

static void tell_missing(struct draft *draft, struct missing *missing)
{
	if (missing->count) {
		draft->needs->shadow_behind = true;
		draft_need(draft,
			   "the shadow has not %zu of the tables and columns "
			   "that the migration makes (%s%s): is it migrated?",
			   missing->count, buffer_string(&missing->names),
			   missing->count > 5 ? ", ..." : "");
	}
	buffer_release(&missing->names);
}

/* Completes a table that the migration creates from the shadow. */
static void join_table(struct draft *draft, struct new_table *table,
		       struct missing *missing)
{
	const struct catalog_table *from =
	    catalog_table(draft->shadow, table->schema, table->name);
	const struct catalog_table *before =
	    catalog_table(draft->primary, table->schema, table->name);

	table->catalog = from;
	if (!from) {
		add_missing(missing, table, NULL);
		return;
	}
	VECTOR_EACH (struct new_column, column, &table->columns) {
		const struct catalog_column *known =
		    catalog_column(from, column->name);

		if (known)
			take_column(draft, column, draft->shadow, known);
		else if (!column->dropped)
			add_missing(missing, table, column);
	}
	for (size_t i = 0; i < from->column_count; i++) {
		const char *name = from->columns[i].name;

		/* A shadow that is not migrated yet still has old columns. */
		if (model_column(table, name) ||
		    (before && catalog_column(before, name)))
			continue;
		take_column(draft, model_add_column(draft, table, name),
			    draft->shadow, &from->columns[i]);
	}
	take_keys(draft, table, from);
}

void model_join_shadow(struct draft *draft)
{
	size_t made = draft->tables.count;
	struct missing missing = {0};

	buffer_init(&missing.names, 0);
	for (size_t i = 0; i < made; i++) {
		struct new_table *table = draft->tables.items[i];

		if (!table->dropped)
			join_table(draft, table, &missing);
	}
	tell_missing(draft, &missing);
	for (size_t i = 0; i < draft->shadow->table_count; i++) {
		const struct catalog_table *from = &draft->shadow->tables[i];
		struct new_table *table;

		if (!model_is_table(from) ||
		    table_in(draft, from->schema, from->name))
			continue;
		if (made &&
		    catalog_table(draft->primary, from->schema, from->name))
			continue; /* not migrated yet */
		table = take_table(draft, draft->shadow, from);
		table->fresh = true;
		table->catalog = from;
	}
}
