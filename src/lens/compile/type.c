/*
 * Old types as the new schema has them:
 *
 *	types: {mood: sales.feeling}
 *
 * makes mood sales.feeling, and mood[] sales.feeling[]. An enum that the new
 * schema lacks becomes text, a domain its base type.
 */
#include "lens/compile/type.h"

#include <string.h>

#include "lens/compile/name.h"

const struct catalog_type *lens_builtin_type(const struct sql_dialect *dialect,
					     const struct catalog *catalog,
					     const char *name)
{
	for (size_t i = 0; i < catalog->type_count; i++)
		if (!strcmp(catalog->types[i].name, name) &&
		    dialect->is_builtin(catalog->types[i].schema))
			return &catalog->types[i];
	return NULL;
}

const struct catalog_type *lens_old_type_for(const struct lens *lens,
					     enum sql_type_role role)
{
	const struct sql_dialect *dialect = lens_old_dialect(lens);

	return lens_builtin_type(dialect, lens->old_catalog,
				 dialect->names->type(role));
}

const struct catalog_type *lens_new_type_for(const struct lens *lens,
					     enum sql_type_role role)
{
	const struct sql_dialect *dialect = lens_new_dialect(lens);

	return lens_builtin_type(dialect, lens->new_catalog,
				 dialect->names->type(role));
}

PgQuery__TypeName *lens_type_for(const struct lens *lens, struct arena *arena,
				 enum sql_type_role role)
{
	return sql_type(arena, NULL, lens_new_dialect(lens)->names->type(role));
}

const struct catalog_type *lens_named_type(const struct lens *lens,
					   const PgQuery__TypeName *name)
{
	if (!name->n_names)
		return NULL;
	return catalog_type_named(
	    lens->old_catalog,
	    name->n_names > 1 ? sql_string_value(name->names[0]) : NULL,
	    sql_string_value(name->names[name->n_names - 1]));
}

const struct catalog_type *lens_same_type(const struct lens *lens,
					  const struct catalog_type *old)
{
	const struct lens_name *renamed =
	    lens_renamed(&lens->names.types, old->schema, old->name);
	const char *schema =
	    renamed && renamed->schema ? renamed->schema : old->schema;
	const char *name = renamed ? renamed->name : old->name;
	const struct catalog_type *found =
	    catalog_type_named(lens->new_catalog, schema, name);

	if (found || !renamed || renamed->schema)
		return found;
	return lens_builtin_type(lens_new_dialect(lens), lens->new_catalog,
				 name);
}

/* What values of the type become if the new schema lacks it: labels of an enum
 * become text, values of a domain those of its base type. */
static const struct catalog_type *new_type(const struct lens *lens,
					   const struct catalog_type *old)
{
	const struct catalog_type *found = lens_same_type(lens, old);
	const struct catalog_type *base = NULL;

	if (found)
		return found;
	if (old->class == TYPE_ENUM)
		base = lens_old_type_for(lens, SQL_TYPE_TEXT);
	else if (old->class == TYPE_DOMAIN)
		base = catalog_type(lens->old_catalog, old->element);
	if (!base)
		return old;
	return lens_old_dialect(lens)->is_builtin(base->schema)
		   ? base
		   : new_type(lens, base);
}

static PgQuery__TypeName *make_type(const struct lens *lens,
				    struct arena *arena,
				    const struct catalog *catalog,
				    const struct catalog_column *column,
				    bool bare)
{
	const struct catalog_type *type = catalog_type(catalog, column->type);
	PgQuery__TypeName *parsed = NULL;
	PgQuery__TypeName *made;
	const struct sql_dialect *dialect = catalog == lens->old_catalog
						? lens_old_dialect(lens)
						: lens_new_dialect(lens);
	const struct catalog_type *element;
	const char *unbounded;
	struct error error;
	bool array;

	error_init(&error);
	if (column->type_sql)
		(void)parser_type(catalog == lens->old_catalog
				      ? lens->old_parser
				      : lens->parser,
				  column->type_sql, arena, &parsed, &error);
	if (parsed)
		sql_forget_places(&parsed->base);
	if (!type)
		return parsed;
	array = type->class == TYPE_ARRAY;
	element = array ? catalog_type(catalog, type->element) : NULL;
	if (!element)
		element = type;
	unbounded = dialect->names->unbounded(element->name);
	if (bare && parsed &&
	    (unbounded || element->class == TYPE_TEXT ||
	     element->class == TYPE_CHAR)) {
		parsed->n_typmods = 0;
		if (unbounded && !array)
			return sql_type(arena, NULL, unbounded);
	}
	if (dialect->is_builtin(element->schema))
		return parsed;
	if (catalog == lens->old_catalog)
		element = new_type(lens, element);
	made = dialect->is_builtin(element->schema)
		   ? sql_type(arena, NULL, element->name)
		   : sql_type(arena, element->schema, element->name);
	if (array && parsed) {
		made->n_array_bounds = parsed->n_array_bounds;
		made->array_bounds = parsed->array_bounds;
	}
	return made;
}

PgQuery__TypeName *lens_type(struct lens *lens, struct arena *arena,
			     const struct catalog *catalog,
			     const struct catalog_column *column, bool bare)
{
	struct {
		const struct catalog_column *column;
		uintptr_t bare;
	} key = {column, bare};
	PgQuery__TypeName *type =
	    map_get(&lens->names.made_types, &key, sizeof(key));

	if (!type) {
		type = make_type(lens, &lens->arena, catalog, column, bare);
		if (!type)
			return NULL;
		map_set(&lens->names.made_types, &key, sizeof(key), type);
	}
	return (PgQuery__TypeName *)sql_copy_message(arena, &type->base);
}

static const struct catalog_type *array_of(const struct catalog *catalog,
					   uint32_t element)
{
	for (size_t i = 0; element && i < catalog->type_count; i++)
		if (catalog->types[i].class == TYPE_ARRAY &&
		    catalog->types[i].element == element)
			return &catalog->types[i];
	return NULL;
}

void lens_find_renamed_types(struct lens *lens)
{
	const struct catalog *old = lens->old_catalog;

	lens->renamed_types = arena_array(&lens->arena, old->type_count + 1,
					  sizeof(*lens->renamed_types));
	for (size_t i = 0; i < old->type_count; i++) {
		const struct catalog_type *type = &old->types[i];
		const struct catalog_type *element =
		    type->class == TYPE_ARRAY ? catalog_type(old, type->element)
					      : type;
		struct promise_type *renamed =
		    &lens->renamed_types[lens->renamed_type_count];

		if (!element || !lens_renamed(&lens->names.types,
					      element->schema, element->name))
			continue;
		renamed->old_type = type->id;
		renamed->new_type = lens_new_type(lens, type->id);
		lens->renamed_type_count += renamed->new_type != 0;
	}
}

uint32_t lens_new_type(const struct lens *lens, uint32_t old)
{
	const struct catalog_type *type = catalog_type(lens->old_catalog, old);
	const struct catalog_type *found;

	if (!type)
		return lens->old_parser == lens->parser && old < 16384 ? old
								       : 0;
	if (lens_recodes_type(lens, old))
		return 0; /* a label of the old type: its meaning depends on the
			     context */
	if (type->class == TYPE_ARRAY) {
		found = array_of(lens->new_catalog,
				 lens_new_type(lens, type->element));
		return found ? found->id : 0;
	}
	found = lens_same_type(lens, type);
	return found ? found->id : 0;
}

bool lens_recodes_type(const struct lens *lens, uint32_t old_type)
{
	for (size_t t = 0; t < lens->table_count; t++)
		for (size_t i = 0; i < lens->tables[t].column_count; i++)
			if (lens->tables[t].columns[i].labels &&
			    lens->tables[t].columns[i].old->type == old_type)
				return true;
	return false;
}
