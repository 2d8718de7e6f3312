/*
 * A lens for schemas that have changed under their mapping. What the old schema
 * has gained and the new one does not have yet is *pending*: it is left out, as
 * if it did not exist.
 *
 *	ALTER TABLE users ADD COLUMN fax text	seen on the primary, not yet on the shadow
 *
 * leaves users.fax out of the lens until the shadow's catalog has it.
 */
#include "lens/compile/refit.h"

#include <string.h>

#include "lens/compile/name.h"
#include "lens/compile/table.h"
#include "lens/compile/type.h"

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
 * The primary's catalog is read later than the change that it is read for. So
 * it may hold changes that the mirror has not reached yet. A column that the
 * last lens did not know, and that the new schema lacks, is left out as if it
 * did not exist yet.
 */
bool compile_column_is_pending(const struct lens *lens,
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

bool compile_column_was_lost(const struct lens *lens,
			     const struct catalog_table *table,
			     const char *column)
{
	const struct lens_table *was = table_before(lens, table);

	for (size_t i = 0; was && i < was->column_count; i++)
		if (!strcmp(was->columns[i].old->name, column))
			return was->columns[i].lost;
	return false;
}

bool compile_table_is_pending(const struct lens *lens,
			      const struct catalog_table *table,
			      const struct mapping_table *entry)
{
	return lens->lenient && !entry && !table_before(lens, table) &&
	       !catalog_table(lens->new_catalog, table->schema, table->name);
}

bool lens_type_is_pending(const struct lens *lens,
			  const struct catalog_type *old)
{
	for (size_t i = 0; i < lens->pending.type_count; i++)
		if (lens->pending.types[i] == old->id)
			return true;
	return false;
}

/* Enums and domains that the old schema has gained since the last lens. */
void compile_find_pending_types(struct lens *lens)
{
	const struct catalog *old = lens->old_catalog;

	lens->pending.types = arena_array(&lens->arena, old->type_count + 1,
					  sizeof(*lens->pending.types));
	for (size_t i = 0; lens->lenient && i < old->type_count; i++) {
		const struct catalog_type *type = &old->types[i];
		const struct catalog_type *was =
		    lens->before ? catalog_type_named(lens->before->old_catalog,
						      type->schema, type->name)
				 : NULL;

		if ((type->class != TYPE_ENUM && type->class != TYPE_DOMAIN) ||
		    lens_renamed(&lens->names.types, type->schema,
				 type->name) ||
		    lens_same_type(lens, type))
			continue;
		if (!was || lens_type_is_pending(lens->before, was))
			lens->pending.types[lens->pending.type_count++] =
			    type->id;
	}
}

size_t lens_pending(const struct lens *lens)
{
	return lens->pending.count;
}

bool lens_is_pending(const struct lens *lens, const char *schema,
		     const char *name)
{
	for (size_t i = 0; lens->pending.count && i < lens->table_count; i++)
		if (lens->tables[i].pending &&
		    !strcmp(lens->tables[i].old->name, name) &&
		    (!*schema || !strcmp(lens->tables[i].old->schema, schema)))
			return true;
	return false;
}
