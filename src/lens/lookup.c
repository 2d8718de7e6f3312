/* Values that live in a table of their own (`lookup`). */
#include "lens/compile.h"

#include <string.h>

static const char ALIAS[] = "looked_up";

static PgQuery__Node *range_of(struct arena *arena,
			       const struct catalog_table *table,
			       const char *alias)
{
	/* A compiled expression serves any session: with its schema. */
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
	compile_inner_name(compile, ALIAS);
	column->recast = true;
	column->read =
	    look_up(arena, lookup->table, lookup->value, lookup->key,
		    sql_column(arena, table->places[column->place].row,
			       column->stored->name));
}

/* ---- values that are not there yet ---- */

void note_added(struct rewrite *rw, const struct lens_column *column,
		PgQuery__Node *value)
{
	struct added *added;

	if (!column->lookup || !column->lookup->create)
		return;
	if (SQL_IS(value, A_CONST) && value->a_const->isnull)
		return;
	if (rw->deferred)
		rewrite_fail(rw, -1,
			     "column \"%s\" has a look-up that is created: a "
			     "PREPARE cannot do it",
			     column->old->name);
	added = PUSH(rw, rw, added);
	added->column = column;
	added->value = value;
}

/* SELECT DISTINCT value FROM the statement's tables */
static PgQuery__SelectStmt *values_of(struct rewrite *rw,
				      const struct added *added,
				      PgQuery__Node *const *from, size_t count,
				      const PgQuery__Node *where)
{
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	bool constant = is_constant(added->value);

	SQL_APPEND(rw->arena, select, target_list,
		   sql_target(rw->arena, "value",
			      coerce_old(rw, added->column,
					 sql_copy(rw->arena, added->value))));
	if (constant)
		return select;
	for (size_t i = 0; i < count; i++)
		SQL_APPEND(rw->arena, select, from_clause,
			   sql_copy(rw->arena, from[i]));
	if (where)
		select->where_clause = sql_copy(rw->arena, where);
	return select;
}

/* INSERT INTO table (value) SELECT DISTINCT ... that are not there */
static PgQuery__Node *add_missing(struct rewrite *rw, const struct scope *scope,
				  const struct lens_lookup *lookup,
				  PgQuery__SelectStmt *values)
{
	struct arena *arena = rw->arena;
	PgQuery__InsertStmt *insert =
	    sql_new(arena, &pg_query__insert_stmt__descriptor);
	PgQuery__OnConflictClause *conflict =
	    sql_new(arena, &pg_query__on_conflict_clause__descriptor);
	PgQuery__SelectStmt *select = sql_select(arena);
	PgQuery__SelectStmt *there = sql_select(arena);
	PgQuery__BoolExpr *missing =
	    sql_new(arena, &pg_query__bool_expr__descriptor);
	PgQuery__Node *nothing = sql_new(arena, &pg_query__node__descriptor);

	SQL_APPEND(arena, there, from_clause,
		   range_table(rw, scope, lookup->table, ALIAS));
	there->where_clause = sql_operator(
	    arena, "=", sql_column(arena, ALIAS, lookup->value->name),
	    sql_column(arena, "parallax_added", "value"));
	missing->boolop = PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR;
	missing->location = -1;
	SQL_APPEND(arena, missing, args,
		   sql_sublink(arena, PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK,
			       sql_wrap(arena, there)));
	SQL_APPEND(arena, select, distinct_clause, nothing);
	SQL_APPEND(arena, select, target_list,
		   sql_target(arena, NULL,
			      sql_column(arena, "parallax_added", "value")));
	SQL_APPEND(arena, select, from_clause,
		   sql_range_subselect(arena, sql_wrap(arena, values),
				       "parallax_added", NULL, 0));
	select->where_clause = and_both(
	    rw,
	    sql_is_null(arena, sql_column(arena, "parallax_added", "value"),
			true),
	    sql_wrap(arena, missing));
	insert->relation =
	    range_table(rw, scope, lookup->table, NULL)->range_var;
	insert->override = PG_QUERY__OVERRIDING_KIND__OVERRIDING_NOT_SET;
	SQL_APPEND(arena, insert, cols,
		   sql_target(arena, lookup->value->name, NULL));
	insert->select_stmt = sql_wrap(arena, select);
	/* Another may have added it since. */
	conflict->action = PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING;
	conflict->location = -1;
	insert->on_conflict_clause = conflict;
	return sql_wrap(arena, insert);
}

void add_lookups(struct rewrite *rw, const struct scope *scope,
		 PgQuery__Node *const *from, size_t from_count,
		 const PgQuery__Node *where)
{
	for (size_t i = 0; i < rw->added_count; i++) {
		const struct added *added = &rw->addeds[i];
		PgQuery__SelectStmt *values;

		if (!is_constant(added->value) && (!from || scope->ctes))
			rewrite_fail(rw, -1,
				     "column \"%s\" has a look-up that is "
				     "created, of values that cannot be told "
				     "before",
				     added->column->old->name);
		values = values_of(rw, added, from, from_count, where);
		PUSH(rw, rw, step)->node =
		    add_missing(rw, scope, added->column->lookup, values);
	}
	rw->added_count = 0;
}
