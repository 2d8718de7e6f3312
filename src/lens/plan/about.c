/* What a lens knows about its tables, for work on the data at rest. */
#include "lens/lens.h"

#include <string.h>

#include "lens/compile/table.h"
#include "lens/compile/value.h"
#include "lens/write/own_rows.h"

struct gathering {
	const struct lens *lens;
	struct lens_about_place *places;
	size_t count;
	size_t capacity;
};

/* ---- columns ---- */

static const struct lens_write *write_of(const struct lens_table *table,
					 const struct lens_column *column)
{
	const struct lens_place *place = &table->places[column->place];

	for (size_t i = 0; i < place->write_count; i++)
		if (place->writes[i].source == column->index &&
		    place->writes[i].target == column->stored)
			return &place->writes[i];
	return NULL;
}

static bool is_direct(const struct lens_table *table,
		      const struct lens_column *column)
{
	const struct lens_write *write;

	if (!column->stored || column->read)
		return false;
	write = write_of(table, column);
	return write && !write->expression;
}

static const struct catalog_column *own_value(const struct lens_table *table,
					      const struct lens_column *column)
{
	if (!write_lookup_is_own(table, column))
		return NULL;
	for (size_t i = 0; i < table->column_count; i++)
		if (table->columns[i].stored == column->lookup->value &&
		    is_direct(table, &table->columns[i]))
			return table->columns[i].old;
	return NULL;
}

static void about_column(const struct lens_table *table,
			 const struct lens_column *column,
			 struct lens_about_column *about)
{
	bool direct = is_direct(table, column);

	*about = (struct lens_about_column){
	    .old = column->old,
	    .place = column->location,
	    .home = table->places[column->place].table,
	    .stored = column->stored,
	    .values = column->values,
	    .value_count = column->value_count,
	    .own_value = own_value(table, column),
	    .dropped = column->dropped,
	    .lost = column->lost,
	    .writable = column->writable,
	    .computed = column->computed,
	    .direct = direct,
	    .plain = direct && !column->values && !column->retyped,
	    .ignore = column->ignore,
	    .shown = column->shown,
	    .tolerance = column->tolerance,
	};
}

/* ---- places ---- */

static struct lens_about_place *add_place(struct gathering *gathering,
					  const struct catalog_table *table,
					  enum lens_use use)
{
	struct lens_about_place *place;

	for (size_t i = 0; i < gathering->count; i++) {
		place = &gathering->places[i];
		if (place->table != table)
			continue;
		if (use < place->use)
			place->use = use;
		return place;
	}
	if (gathering->count == gathering->capacity)
		return NULL;
	place = &gathering->places[gathering->count++];
	place->table = table;
	place->use = use;
	return place;
}

/* Notes a table that an expression names. Compiled expressions name the
 * schema. */
static enum sql_step find_named(struct sql_place *place, void *context,
				struct error *error)
{
	struct gathering *gathering = context;
	const struct catalog *catalog = gathering->lens->new_catalog;
	const PgQuery__RangeVar *var;

	(void)error;
	if (!SQL_AT(place, range_var))
		return SQL_STEP_INTO;
	var = (const PgQuery__RangeVar *)place->message;
	for (size_t i = 0; i < catalog->table_count; i++)
		if (same_name(catalog->tables[i].name, var->relname) &&
		    (!SQL_SET(var->schemaname) ||
		     same_name(catalog->tables[i].schema, var->schemaname)) &&
		    catalog->tables[i].kind != RELATION_SEQUENCE)
			add_place(gathering, &catalog->tables[i], LENS_READ);
	return SQL_STEP_OVER;
}

static void add_named(struct gathering *gathering, PgQuery__Node *expression)
{
	struct sql_visitor visitor = {find_named, NULL, gathering};
	struct error error;

	if (expression)
		sql_walk(&expression, &visitor, &error);
}

static void add_of_place(struct gathering *gathering,
			 const struct lens_place *place)
{
	for (size_t i = 0; i < place->write_count; i++)
		add_named(gathering, place->writes[i].expression);
	for (size_t i = 0; i < place->extra_count; i++)
		add_named(gathering, place->extras[i].expression);
	add_named(gathering, place->when);
	add_named(gathering, place->where);
}

static void gather(struct gathering *gathering, const struct lens_table *table)
{
	for (size_t i = 0; i < table->place_count; i++) {
		struct lens_about_place *place =
		    add_place(gathering, table->places[i].table, LENS_ROWS);

		if (place)
			place->joined |= i >= table->anchor_count;
	}
	for (size_t i = 0; i < table->column_count; i++) {
		const struct lens_column *column = &table->columns[i];

		if (column->lookup)
			add_place(gathering, column->lookup->table,
				  column->lookup->create ? LENS_VALUES
							 : LENS_READ);
	}
	for (size_t i = 0; i < table->place_count; i++)
		add_of_place(gathering, &table->places[i]);
	for (size_t i = 0; i < table->column_count; i++)
		add_named(gathering, table->columns[i].read);
}

/* ---- the host of an absorbed table ---- */

static const struct catalog_column *stored_in(const struct lens_table *table,
					      const char *name)
{
	for (size_t i = 0; i < table->column_count; i++) {
		const struct lens_column *column = &table->columns[i];

		if (column->stored && !column->place && !column->dropped &&
		    same_name(column->stored->name, name))
			return column->old;
	}
	return NULL;
}

static bool find_pairs(const struct lens_table *table,
		       const struct lens_table *host, struct lens_pair *pairs)
{
	const struct lens_place *place = &table->places[0];

	for (size_t i = 0; i < place->join_count; i++) {
		const char *name = place->joins[i].target->name;

		pairs[i].column = stored_in(table, name);
		pairs[i].host = stored_in(host, name);
		if (!pairs[i].column || !pairs[i].host)
			return false;
	}
	return place->join_count > 0;
}

static void find_host(const struct lens *lens, const struct lens_table *table,
		      struct arena *arena, struct lens_about *about)
{
	struct lens_pair *pairs =
	    arena_array(arena, table->places[0].join_count + 1, sizeof(*pairs));

	for (size_t i = 0; i < lens->table_count; i++) {
		const struct lens_table *host = &lens->tables[i];

		if (host->dropped || host->absorbed ||
		    host->table != table->table ||
		    !find_pairs(table, host, pairs))
			continue;
		about->host = host->old;
		about->host_pairs = pairs;
		about->host_pair_count = table->places[0].join_count;
		return;
	}
}

/* ---- the whole table ---- */

void lens_about(const struct lens *lens, const struct catalog_table *old,
		struct arena *arena, struct lens_about *about)
{
	const struct lens_table *table = lens_table_of(lens, old);
	struct lens_about_column *columns;
	struct gathering gathering = {.lens = lens};

	*about = (struct lens_about){.old = old, .place = table->location};
	if (table->dropped) {
		about->dropped = true;
		return;
	}
	about->mapped = table->mapped;
	about->absorbed = table->absorbed;
	gathering.capacity = lens->new_catalog->table_count;
	gathering.places = arena_array(arena, gathering.capacity + 1,
				       sizeof(*gathering.places));
	gather(&gathering, table);
	about->places = gathering.places;
	about->place_count = gathering.count;
	columns = arena_array(arena, table->column_count + 1, sizeof(*columns));
	for (size_t i = 0; i < table->column_count; i++) {
		about_column(table, &table->columns[i], &columns[i]);
		about->loses |= columns[i].lost;
		about->looks_in_itself |=
		    write_lookup_is_own(table, &table->columns[i]);
	}
	about->columns = columns;
	if (table->absorbed)
		find_host(lens, table, arena, about);
}

bool lens_lists_value(const struct lens *lens,
		      const struct lens_about_column *column, const char *text)
{
	const struct catalog_type *type =
	    catalog_type(lens->old_catalog, column->old->type);
	enum type_class class = type ? type->class : TYPE_OTHER;

	if (!text) /* SQL null stays null unless `values` says otherwise */
		return true;
	for (size_t i = 0; i < column->value_count; i++)
		if (lens_same_value(class, column->values[i].old_value.text,
				    text))
			return true;
	return false;
}
