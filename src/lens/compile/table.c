/* Questions about an old table in a compiled lens. */
#include "lens/compile/table.h"

#include <string.h>

#include "lens/compile/compile.h"

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

bool lens_is_unpinned(const struct lens *lens, const struct catalog_table *old,
		      const struct catalog_column *column)
{
	const struct lens_table *table = lens_table_of(lens, old);
	size_t i = (size_t)(column - old->columns);

	return !table || i >= table->column_count || table->columns[i].unpinned;
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
		table->mapped = compile_is_mapped(table);
	}
}

bool lens_has_parts(const struct lens_table *table)
{
	return table->place_count > table->anchor_count;
}

bool lens_is_derived(const struct lens_table *table)
{
	return table->anchor_count > 1;
}

bool lens_is_spread(const struct lens_table *table)
{
	return table->place_count > 1;
}

bool lens_is_whole(const struct lens_table *table)
{
	return table->place_count == 1 && !table->absorbed &&
	       !table->places[0].where;
}

bool lens_keeps_row(const struct lens_table *table)
{
	if (table->dropped || table->renamed ||
	    table->column_count != table->table->column_count)
		return false;
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].changed || table->columns[i].retyped ||
		    table->columns[i].stored != &table->table->columns[i])
			return false;
	return true;
}
