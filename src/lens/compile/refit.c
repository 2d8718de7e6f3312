/* Lenses for schemas that have changed: what is ahead of the new schema. */
#include "lens/compile/compile.h"

#include <string.h>

static bool mapping_mentions(const struct mapping_table *entry,
			     const char *column)
{
	for (size_t i = 0; entry && i < entry->column_count; i++)
		if (!strcmp(entry->columns[i].name.text, column))
			return true;
	return false;
}

static const struct lens_table *table_before(const struct lens *lens,
					     const struct catalog_table *table)
{
	const struct catalog_table *was =
	    lens->before ? catalog_table(lens->before->old_catalog,
					 table->schema, table->name)
			 : NULL;

	return was ? lens_table_of(lens->before, was) : NULL;
}

/*
 * A primary's catalog is read later than the change that it is read for: it may
 * hold what the journal is still to tell of, and what is not mirrored. What has
 * come to the old schema since the last time (or is not known to have been
 * there) and is not in the new one is left out, as if it were not there yet.
 */
bool refit_column_is_ahead(const struct lens *lens,
			   const struct lens_table *table,
			   const struct mapping_table *entry,
			   const char *column)
{
	const struct lens_table *was;

	if (!lens->lenient || mapping_mentions(entry, column))
		return false;
	for (size_t i = 0; i < table->anchor_count; i++)
		if (catalog_column(table->places[i].table, column))
			return false;
	was = table_before(lens, table->old);
	for (size_t i = 0; was && i < was->column_count; i++)
		if (!strcmp(was->columns[i].old->name, column))
			return false;
	return true;
}

bool refit_column_was_lost(const struct lens *lens,
			   const struct catalog_table *table,
			   const char *column)
{
	const struct lens_table *was = table_before(lens, table);

	for (size_t i = 0; was && i < was->column_count; i++)
		if (!strcmp(was->columns[i].old->name, column))
			return was->columns[i].lost;
	return false;
}

bool refit_table_is_ahead(const struct lens *lens,
			  const struct catalog_table *table,
			  const struct mapping_table *entry)
{
	return lens->lenient && !entry && !table_before(lens, table) &&
	       !catalog_table(lens->new_catalog, table->schema, table->name);
}

bool lens_type_is_ahead(const struct lens *lens, const struct catalog_type *old)
{
	for (size_t i = 0; i < lens->ahead_type_count; i++)
		if (lens->ahead_types[i] == old->id)
			return true;
	return false;
}

/* Enums and domains that came to the old schema since the last time. */
void refit_find_types(struct lens *lens)
{
	const struct catalog *old = lens->old_catalog;

	lens->ahead_types = arena_array(&lens->arena, old->type_count + 1,
					sizeof(*lens->ahead_types));
	for (size_t i = 0; lens->lenient && i < old->type_count; i++) {
		const struct catalog_type *type = &old->types[i];
		const struct catalog_type *was =
		    lens->before ? catalog_type_named(lens->before->old_catalog,
						      type->schema, type->name)
				 : NULL;

		if ((type->class != TYPE_ENUM && type->class != TYPE_DOMAIN) ||
		    lens_renamed(&lens->types, type->schema, type->name) ||
		    lens_same_type(lens, type))
			continue;
		if (!was || lens_type_is_ahead(lens->before, was))
			lens->ahead_types[lens->ahead_type_count++] = type->id;
	}
}

size_t lens_ahead(const struct lens *lens)
{
	return lens->ahead_count;
}

bool lens_is_ahead(const struct lens *lens, const char *schema,
		   const char *name)
{
	for (size_t i = 0; lens->ahead_count && i < lens->table_count; i++)
		if (lens->tables[i].ahead &&
		    !strcmp(lens->tables[i].old->name, name) &&
		    (!*schema || !strcmp(lens->tables[i].old->schema, schema)))
			return true;
	return false;
}
