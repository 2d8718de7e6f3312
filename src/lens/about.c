/* The lens's tables, told to those who work on rows at rest. */
#include "lens/about.h"

#include "lens/internal.h"

static const struct lens_write *write_of(const struct lens_table *table,
					 size_t index)
{
	for (size_t i = 0; i < table->write_count; i++)
		if (table->writes[i].source == index)
			return &table->writes[i];
	return NULL;
}

static bool is_direct(const struct lens_table *table, size_t index)
{
	const struct lens_column *column = &table->columns[index];
	const struct lens_write *write = write_of(table, index);

	return column->stored && !column->read && write && !write->expression;
}

static void about_column(const struct lens_table *table, size_t index,
			 struct lens_about_column *about)
{
	const struct lens_column *column = &table->columns[index];
	bool direct = is_direct(table, index);

	*about = (struct lens_about_column){
	    .old = column->old,
	    .place = column->place,
	    .stored = column->stored,
	    .values = column->values,
	    .value_count = column->value_count,
	    .dropped = column->dropped,
	    .writable = column->writable,
	    .direct = direct,
	    .plain = direct && !column->values && !column->retyped,
	    .ignore = column->ignore,
	    .tolerance = column->tolerance,
	};
}

void lens_about(const struct lens *lens, const struct catalog_table *old,
		struct arena *arena, struct lens_about *about)
{
	const struct lens_table *table = lens_table_of(lens, old);
	struct lens_about_column *columns;
	struct lens_place *places;

	*about = (struct lens_about){.old = old, .place = table->place};
	if (table->dropped) {
		about->dropped = true;
		return;
	}
	about->mapped = table->mapped;
	places = arena_array(arena, 1, sizeof(*places));
	places[0].table = table->table;
	about->places = places;
	about->place_count = 1;
	columns = arena_array(arena, table->column_count + 1, sizeof(*columns));
	for (size_t i = 0; i < table->column_count; i++)
		about_column(table, i, &columns[i]);
	about->columns = columns;
}

bool lens_lists_value(const struct lens *lens,
		      const struct lens_about_column *column, const char *text)
{
	const struct catalog_type *type =
	    catalog_type(lens->old_catalog, column->old->type);
	enum type_class class = type ? type->class : TYPE_OTHER;

	if (!text) /* keeps its meaning unless something else is said */
		return true;
	for (size_t i = 0; i < column->value_count; i++)
		if (same_old_value(class, column->values[i].old_value.text,
				   text))
			return true;
	return false;
}
