/* Values that live in a table of their own (`lookup`). */
#include "lens/compile.h"

#include <string.h>

static const char ALIAS[] = "looked_up";

static PgQuery__Node *range_of(struct arena *arena,
			       const struct catalog_table *table,
			       const char *alias)
{
	PgQuery__RangeVar *var =
	    sql_new(arena, &pg_query__range_var__descriptor);

	var->schemaname = arena_string(arena, table->schema);
	var->relname = arena_string(arena, table->name);
	var->inh = true;
	var->relpersistence = arena_string(arena, "p");
	var->location = -1;
	if (alias)
		var->alias = sql_alias(arena, alias, NULL, 0);
	return sql_wrap(arena, var);
}

/* (SELECT give FROM table WHERE by = value) */
static PgQuery__Node *look_up(struct arena *arena,
			      const struct catalog_table *table,
			      const struct catalog_column *give,
			      const struct catalog_column *by,
			      PgQuery__Node *value)
{
	PgQuery__SelectStmt *select = sql_select(arena);

	SQL_APPEND(
	    arena, select, target_list,
	    sql_target(arena, NULL, sql_column(arena, ALIAS, give->name)));
	SQL_APPEND(arena, select, from_clause, range_of(arena, table, ALIAS));
	select->where_clause =
	    sql_operator(arena, "=", sql_column(arena, ALIAS, by->name), value);
	return sql_sublink(arena, PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK,
			   sql_wrap(arena, select));
}

PgQuery__Node *lookup_key(struct arena *arena, const struct lens_lookup *lookup,
			  PgQuery__Node *value)
{
	return look_up(arena, lookup->table, lookup->key, lookup->value, value);
}

void compile_lookup(struct compile *compile, struct lens_table *table,
		    struct lens_column *column,
		    const struct mapping_column *entry)
{
	struct arena *arena = &compile->lens->arena;
	const struct mapping_lookup *said = &entry->lookup;
	const char *schema =
	    said->schema.text ? said->schema.text : table->table->schema;
	struct lens_lookup *lookup = arena_alloc(arena, sizeof(*lookup));

	column->changed = column->retyped = true;
	lookup->create = said->create;
	lookup->table =
	    catalog_table(compile->lens->new_catalog, schema, said->table.text);
	if (!lookup->table) {
		compile_report(compile, SEVERITY_ERROR, said->table.place,
			       compile_nearest_table(compile,
						     compile->lens->new_catalog,
						     said->table.text),
			       "the new schema has no table \"%s.%s\"", schema,
			       said->table.text);
		return;
	}
	lookup->value = compile_target(compile, lookup->table, &said->value);
	lookup->key = compile_target(compile, lookup->table, &said->key);
	if (!lookup->value || !lookup->key || !column->stored)
		return;
	column->lookup = lookup;
	column->recast = true;
	column->read =
	    look_up(arena, lookup->table, lookup->value, lookup->key,
		    sql_column(arena, table->places[column->place].row,
			       column->stored->name));
}
