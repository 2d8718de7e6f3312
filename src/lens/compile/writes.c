/*
 * What feeds the columns of the new tables, and which of their rows are meant:
 *
 *	name: {write: {first: "f(name)", last: "g(name)"}}
 *
 * gives a lens_write for first and one for last, both with the input name.
 */
#include "lens/compile/writes.h"

#include <string.h>

#include "lens/compile/column.h"
#include "lens/compile/find.h"
#include "lens/compile/lookup.h"
#include "lens/compile/parse.h"
#include "lens/compile/places.h"

static void add_write(struct compile *compile, const struct lens_table *table,
		      struct lens_place *place,
		      const struct catalog_column *target, size_t source,
		      PgQuery__Node *expression, struct place location)
{
	struct lens_write *write;

	for (size_t i = 0; i < place->write_count; i++) {
		if (place->writes[i].target != target)
			continue;
		/* Several old columns may give the same expression for one new
		 * column. */
		if (expression &&
		    sql_equal(place->writes[i].expression, expression))
			return;
		compile_report(compile, SEVERITY_ERROR, location, NULL,
			       "two different values are written to column "
			       "\"%s\" of the new table",
			       target->name);
	}
	write = &place->writes[place->write_count++];
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

/* An expression of `write:` goes to the part that it names, otherwise to every
 * anchor. */
static void add_assigned(struct compile *compile, struct lens_table *table,
			 const struct mapping_column *from, size_t source)
{
	for (size_t w = 0; w < from->write_count; w++) {
		const struct mapping_assignment *assign = &from->writes[w];
		const struct lens_place *part = NULL;
		PgQuery__Node *node =
		    compile_over_old(compile, table, &assign->expression);

		if (assign->part.text) {
			part = compile_place(compile, table, &assign->part);
			if (!part)
				continue;
		}
		for (size_t i = 0; i < table->place_count; i++) {
			struct lens_place *place = &table->places[i];
			const struct catalog_column *target;

			if (part ? place != part : i >= table->anchor_count)
				continue;
			/* Reported already, under `column`. */
			if (same_name(from->column.text, assign->name.text) &&
			    !catalog_column(place->table, assign->name.text))
				continue;
			target = compile_target(compile, place->table,
						&assign->name);
			if (target && node)
				add_write(
				    compile, table, place, target, source,
				    i ? sql_copy(&compile->lens->arena, node)
				      : node,
				    assign->name.place);
		}
	}
}

/* Whether the column belongs to the key that finds the host row of an absorbed
 * table. */
static bool is_locator(const struct lens_table *table,
		       const struct lens_column *column)
{
	const struct lens_place *place = &table->places[0];

	for (size_t i = 0; table->absorbed && i < place->join_count; i++)
		if (place->joins[i].target == column->stored)
			return true;
	return false;
}

/* The expression that is written to `stored`. NULL: the old column itself. */
static PgQuery__Node *stored_value(struct compile *compile,
				   const struct lens_table *table,
				   const struct lens_column *column,
				   const struct lens_place *place,
				   const struct catalog_column *target,
				   struct place location)
{
	struct arena *arena = &compile->lens->arena;

	if (target->generated != GENERATED_STORED &&
	    column->old->generated == GENERATED_STORED) {
		if (column->generation && !column->values && !column->lookup)
			return sql_copy(arena, column->generation);
		compile_report(
		    compile, SEVERITY_ERROR, location, NULL,
		    "column \"%s\" is generated, and \"%s\" of the new "
		    "schema is not: give its value with `read` and `write`",
		    column->old->name, target->name);
	}
	if (!column->lookup)
		return NULL;
	return compile_lookup_written(compile, table, column, place->table);
}

static void add_stored(struct compile *compile, struct lens_table *table,
		       struct lens_column *column, struct place location)
{
	if (!column->stored || !column->writable || column->dropped ||
	    is_locator(table, column))
		return;
	for (size_t i = 0; i < table->place_count; i++) {
		struct lens_place *place = &table->places[i];
		const struct catalog_column *target;

		if (column->place ? i != column->place
				  : i >= table->anchor_count)
			continue;
		target = catalog_column(place->table, column->stored->name);
		if (target)
			add_write(compile, table, place, target, column->index,
				  stored_value(compile, table, column, place,
					       target, location),
				  location);
	}
}

/* `join:` of a part. */
static void compile_joins(struct compile *compile, struct lens_table *table,
			  struct lens_place *place,
			  const struct mapping_place *from)
{
	struct arena *arena = &compile->lens->arena;

	place->joins =
	    arena_array(arena, from->join_count + 1, sizeof(*place->joins));
	for (size_t i = 0; i < from->join_count; i++) {
		const struct mapping_assignment *assign = &from->joins[i];
		struct lens_join *join = &place->joins[place->join_count];
		bool *inputs =
		    arena_array(arena, table->column_count + 1, sizeof(bool));

		join->target =
		    compile_target(compile, place->table, &assign->name);
		join->expression =
		    compile_over_old(compile, table, &assign->expression);
		if (!join->target || !join->expression)
			continue;
		place->join_count++;
		compile_inputs(table, join->expression, inputs);
		for (size_t c = 0; c < table->column_count; c++)
			if (inputs[c] && table->columns[c].parted)
				compile_report(
				    compile, SEVERITY_ERROR,
				    assign->expression.place, NULL,
				    "column \"%s\" is itself in a part: a join "
				    "is made from columns of the first table",
				    table->columns[c].old->name);
		add_write(compile, table, place, join->target, 0,
			  join->expression, assign->name.place);
	}
}

static void compile_keys(struct compile *compile, struct lens_table *table,
			 const struct mapping_table *entry)
{
	struct arena *arena = &compile->lens->arena;
	struct lens_place *place = &table->places[0];

	place->joins =
	    arena_array(arena, entry->key_count + 1, sizeof(*place->joins));
	for (size_t i = 0; i < entry->key_count; i++) {
		const struct mapping_assignment *key = &entry->keys[i];
		struct lens_join *join = &place->joins[place->join_count];

		if (!catalog_column(table->old, key->name.text)) {
			compile_report(compile, SEVERITY_ERROR, key->name.place,
				       compile_nearest_column(
					   compile, table->old, key->name.text),
				       "table \"%s.%s\" of the old schema has "
				       "no column \"%s\"",
				       table->old->schema, table->old->name,
				       key->name.text);
			continue;
		}
		join->target =
		    compile_target(compile, place->table, &key->expression);
		join->expression = sql_column(arena, LENS_ROW, key->name.text);
		place->join_count += join->target != NULL;
	}
}

static void add_extra(struct compile *compile, struct lens_table *table,
		      struct lens_place *place,
		      const struct mapping_assignment *assign)
{
	const struct catalog_column *target =
	    compile_target(compile, place->table, &assign->name);
	struct lens_extra *extra = &place->extras[place->extra_count];

	if (!target)
		return;
	for (size_t w = 0; w < place->write_count; w++)
		if (place->writes[w].target == target)
			compile_report(compile, SEVERITY_ERROR,
				       assign->name.place, NULL,
				       "column \"%s\" of the new table is "
				       "written twice",
				       target->name);
	extra->target = target;
	extra->expression =
	    compile_over_old(compile, table, &assign->expression);
	place->extra_count += extra->expression != NULL;
}

static void compile_extras(struct compile *compile, struct lens_table *table,
			   size_t at, const struct mapping_table *entry)
{
	struct lens_place *place = &table->places[at];
	const struct mapping_place *from = &entry->places[at];

	place->extras = arena_array(&compile->lens->arena,
				    entry->default_count + from->set_count + 1,
				    sizeof(*place->extras));
	for (size_t i = 0; i < from->set_count; i++)
		add_extra(compile, table, place, &from->sets[i]);
	for (size_t i = 0; i < entry->default_count; i++) {
		const struct mapping_assignment *assign = &entry->defaults[i];
		const struct lens_place *part = NULL;

		if (assign->part.text)
			part = compile_place(compile, table, &assign->part);
		if (assign->part.text ? part == place
				      : at < table->anchor_count)
			add_extra(compile, table, place, assign);
	}
}

bool compile_place_feeds(const struct lens_place *place,
			 const struct catalog_column *column)
{
	for (size_t i = 0; i < place->write_count; i++)
		if (place->writes[i].target == column)
			return true;
	for (size_t i = 0; i < place->extra_count; i++)
		if (place->extras[i].target == column)
			return true;
	return false;
}

static void check_fed(struct compile *compile, const struct lens_place *place)
{
	for (size_t i = 0; i < place->table->column_count; i++) {
		const struct catalog_column *column = &place->table->columns[i];

		if (column->not_null && !column->default_sql &&
		    column->generated == GENERATED_NONE &&
		    !compile_place_feeds(place, column))
			compile_report(
			    compile, SEVERITY_ERROR, compile->table_place, NULL,
			    "column \"%s\" of \"%s.%s\" is NOT NULL without a "
			    "default, and nothing writes it: give it a value "
			    "under `defaults`",
			    column->name, place->table->schema,
			    place->table->name);
	}
}

void compile_writes(struct compile *compile, struct lens_table *table,
		    const struct mapping_table *entry)
{
	bool is_table = table->old->kind == RELATION_TABLE ||
			table->old->kind == RELATION_PARTITIONED;
	size_t room = table->column_count + 1;

	for (size_t i = 0; entry && i < entry->column_count; i++)
		room += entry->columns[i].write_count;
	for (size_t i = 0; i < table->place_count; i++)
		table->places[i].writes = arena_array(
		    &compile->lens->arena,
		    room + (entry ? entry->places[i].join_count : 0),
		    sizeof(*table->places[i].writes));
	if (table->absorbed)
		compile_keys(compile, table, entry);
	for (size_t i = table->anchor_count; i < table->place_count; i++)
		compile_joins(compile, table, &table->places[i],
			      &entry->places[i]);
	for (size_t i = 0; i < table->column_count; i++) {
		struct lens_column *column = &table->columns[i];
		const struct mapping_column *from =
		    compile_column_entry(entry, column->old->name);

		if (from && from->write_count)
			add_assigned(compile, table, from, i);
		else
			add_stored(compile, table, column,
				   from ? from->place : compile->table_place);
	}
	for (size_t i = 0; i < table->place_count; i++) {
		if (entry)
			compile_extras(compile, table, i, entry);
		/* If `join` has a mistake, its columns are not reported as
		 * unwritten. */
		if (is_table && !table->absorbed &&
		    (!entry || table->places[i].join_count ==
				   entry->places[i].join_count))
			check_fed(compile, &table->places[i]);
	}
	table->writes = table->places[0].writes;
	table->write_count = table->places[0].write_count;
	table->extras = table->places[0].extras;
	table->extra_count = table->places[0].extra_count;
}

/* An absorbed table without `where` has a row where one of the columns that it
 * writes is not null. */
static PgQuery__Node *default_where(struct compile *compile,
				    const struct lens_place *place)
{
	struct arena *arena = &compile->lens->arena;
	PgQuery__BoolExpr *any =
	    sql_new(arena, &pg_query__bool_expr__descriptor);

	any->boolop = PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR;
	any->location = -1;
	for (size_t i = 0; i < place->write_count; i++)
		SQL_APPEND(
		    arena, any, args,
		    sql_is_null(arena,
				sql_column(arena, LENS_ROW,
					   place->writes[i].target->name),
				true));
	if (any->n_args == 1)
		return any->args[0];
	return any->n_args ? sql_wrap(arena, any) : NULL;
}

void compile_conditions(struct compile *compile, struct lens_table *table,
			const struct mapping_table *entry)
{
	for (size_t i = 0; entry && i < table->place_count; i++) {
		struct lens_place *place = &table->places[i];
		const struct mapping_place *from = &entry->places[i];
		struct compile_row row = {place->table,
					  place->row,
					  {place->name, place->table->name},
					  false};

		if (from->when.text)
			place->when =
			    compile_over_old(compile, table, &from->when);
		if (from->where.text)
			place->where = compile_expression(
			    compile, &from->where, &row, 1, "the new table");
	}
	if (table->absorbed && !table->places[0].where)
		table->places[0].where =
		    default_where(compile, &table->places[0]);
}
