/*
 * FROM: tables, sub-queries, functions and joins (as parse_clause.c of
 * PostgreSQL).
 *
 *	FROM users u, tags
 *	FROM app.accounts AS u, tags
 */
#include "lens/rewrite/from.h"

#include <string.h>

#include "lens/compile/table.h"
#include "lens/rewrite/expression.h"
#include "lens/rewrite/join.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/refuse.h"
#include "lens/rewrite/touched.h"

static void set_alias(struct rewrite *rw, PgQuery__Alias **alias,
		      const char *name, bool columns)
{
	PgQuery__Alias *made = sql_alias(rw->arena, name, NULL, 0);

	if (columns && *alias) {
		made->n_colnames = (*alias)->n_colnames;
		made->colnames = (*alias)->colnames;
	}
	*alias = made;
}

static struct side side_of(struct rewrite *rw, struct item *item)
{
	struct side side = {
	    .columns = item->columns, .count = item->count, .open = item->open};

	rewrite_items_add(rw, &side.items, item);
	return side;
}

static void rename_table(struct rewrite *rw, const struct scope *scope,
			 PgQuery__RangeVar *var, const struct lens_table *table,
			 const char *alias)
{
	if (table->dropped)
		rewrite_refuse_dropped(rw, table, var->location);
	if (table->mapped)
		rw->mapped = rw->changed = true;
	if (!rw->qualify)
		return;
	var->relname = arena_string(rw->arena, table->table->name);
	if (SQL_SET(var->schemaname) ||
	    rewrite_needs_schema(rw, scope, table->table))
		var->schemaname = arena_string(rw->arena, table->table->schema);
	if (strcmp(alias, var->relname) != 0 || var->alias)
		set_alias(rw, &var->alias, alias, false);
}

bool rewrite_is_one_of(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (same_name(name, names[i]))
			return true;
	return false;
}

/* Gives columns of one name distinct names. An asterisk over them is written
 * out, and a reference to one of them would be ambiguous. */
static void tell_apart(struct rewrite *rw, struct item *item,
		       PgQuery__Alias **alias)
{
	const char **names =
	    arena_array(rw->arena, item->count + 1, sizeof(*names));
	bool twice = false;

	if (!rw->qualify || item->open)
		return;
	for (size_t i = 0; i < item->count; i++) {
		size_t number = 0;

		names[i] = item->columns[i].name;
		while (rewrite_is_one_of(names[i], names, i)) {
			names[i] =
			    arena_printf(rw->arena, "%.40s_%zu",
					 item->columns[i].name, ++number);
			twice = true;
		}
	}
	if (!twice)
		return;
	for (size_t i = 0; i < item->count; i++)
		item->columns[i].source->name = names[i];
	*alias =
	    sql_alias(rw->arena, item->relation->alias, names, item->count);
}

/* Replaces the old table by the new one with its parts, or by a derived
 * table. */
static struct side spread_table(struct rewrite *rw, struct scope *scope,
				struct item *item, PgQuery__Node **slot)
{
	struct side side = side_of(rw, item);
	const struct lens_table *table = item->relation->table;

	if (table->dropped || !rw->qualify)
		return side;
	if (item->relation->named) {
		*slot = rewrite_derived_table(rw, scope, item,
					      (*slot)->range_var->inh);
		return side;
	}
	if (lens_has_parts(table))
		rewrite_join_parts(rw, scope, item, slot);
	side.filter = rewrite_anchor_filter(rw, item);
	return side;
}

/* A view that only the old schema has: its query, as a derived table. */
static struct side from_view(struct rewrite *rw, struct scope *scope,
			     const struct lens_table *table, const char *name,
			     const char *const *aliases, size_t alias_count,
			     PgQuery__Node **slot)
{
	const struct catalog_table *old = table->old;
	const char **columns =
	    arena_array(rw->arena, old->column_count + 1, sizeof(*columns));
	struct scope *inner = rewrite_scope_new(rw, NULL, true);
	struct outputs outputs = {0};
	struct sql_tree tree = {0};
	struct item *item;
	struct error error;

	error_init(&error);
	if (rw->lens->old_parser->parse(old->definition,
					strlen(old->definition), rw->arena,
					&tree, &error) < 0 ||
	    tree.count != 1)
		rewrite_fail(rw, -1, "the view \"%s\" cannot be read: %s",
			     old->name, error.message);
	sql_forget_places(sql_unwrap(tree.statements[0].node));
	rewrite_query(rw, inner, tree.statements[0].node, &outputs, false);
	for (size_t i = 0; i < old->column_count; i++)
		columns[i] =
		    i < alias_count ? aliases[i] : old->columns[i].name;
	item = rewrite_item_of_outputs(rw, scope, name, &outputs, columns,
				       old->column_count);
	item->relation->lockable = true;
	*slot = sql_range_subselect(rw->arena, tree.statements[0].node,
				    item->relation->alias, columns,
				    old->column_count);
	rw->mapped = rw->changed = true;
	return side_of(rw, item);
}

static struct side from_table(struct rewrite *rw, struct scope *scope,
			      PgQuery__Node **slot)
{
	PgQuery__RangeVar *var = (*slot)->range_var;
	const struct cte *cte;
	bool known;
	const struct lens_table *table =
	    rewrite_scope_table(rw, scope, var, &cte, &known);
	const char *name = var->alias ? var->alias->aliasname : var->relname;
	size_t count;
	const char **aliases = rewrite_alias_columns(rw, var->alias, &count);
	struct outputs unknown = {.open = true};
	struct item *item;

	if (cte && cte->pending)
		rewrite_fail(rw, var->location,
			     "\"%s\" is used before it is defined", name);
	if (cte || !table) {
		item = rewrite_item_of_outputs(rw, scope, name,
					       cte ? &cte->outputs : &unknown,
					       aliases, count);
		item->relation->lockable = !cte;
		if (rw->qualify && strcmp(item->relation->alias, name) != 0)
			set_alias(rw, &var->alias, item->relation->alias, true);
		tell_apart(rw, item, &var->alias);
		return side_of(rw, item);
	}
	rewrite_note_table(rw, table, false);
	if (table->expanded)
		return from_view(rw, scope, table, name, aliases, count, slot);
	item = rewrite_item_of_table(rw, scope, table, table->old->schema, name,
				     aliases, count);
	if (var->alias)
		item->schema = NULL; /* an alias hides the table's own name */
	rename_table(rw, scope, var, table, item->relation->alias);
	return spread_table(rw, scope, item, slot);
}

static struct side from_query(struct rewrite *rw, struct scope *scope,
			      PgQuery__RangeSubselect *range)
{
	struct outputs outputs = {0};
	struct scope *inner = scope;
	size_t count;
	const char **aliases = rewrite_alias_columns(rw, range->alias, &count);
	const char *name = range->alias ? range->alias->aliasname : "";
	struct item *item;

	if (!range->lateral) {
		/* It sees the names of the enclosing queries, and the WITH. */
		inner = rewrite_scope_new(rw, scope->level->outer, false);
		inner->ctes = scope->ctes;
		inner->level =
		    scope->level->outer ? scope->level->outer->level : inner;
	}
	rewrite_query(rw, inner, range->subquery, &outputs, false);
	item =
	    rewrite_item_of_outputs(rw, scope, name, &outputs, aliases, count);
	item->relation->lockable = true;
	if (rw->qualify && strcmp(item->relation->alias, name) != 0)
		set_alias(rw, &range->alias, item->relation->alias, true);
	tell_apart(rw, item, &range->alias);
	return side_of(rw, item);
}

/* The columns of a well-known function in FROM; NULL: unknown. "": the column
 * takes the function's alias. */
static const char *const *function_columns(const char *name)
{
	static const struct {
		const char *name;
		const char *columns[4];
	} known[] = {
	    {"generate_series", {""}},
	    {"generate_subscripts", {""}},
	    {"regexp_split_to_table", {""}},
	    {"string_to_table", {""}},
	    {"json_object_keys", {""}},
	    {"jsonb_object_keys", {""}},
	    {"json_array_elements", {"value"}},
	    {"jsonb_array_elements", {"value"}},
	    {"json_array_elements_text", {"value"}},
	    {"jsonb_array_elements_text", {"value"}},
	    {"json_each", {"key", "value"}},
	    {"jsonb_each", {"key", "value"}},
	    {"json_each_text", {"key", "value"}},
	    {"jsonb_each_text", {"key", "value"}},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (same_name(name, known[i].name))
			return known[i].columns;
	return NULL;
}

static struct output plain_output(const char *name, const struct facts *facts)
{
	struct output output = {.name = name};

	output.facts = *facts;
	return output;
}

static void function_outputs(struct rewrite *rw, PgQuery__RangeFunction *range,
			     const struct facts *facts, struct outputs *outputs)
{
	PgQuery__List *pair = SQL_AS(range->functions[0], LIST, list);
	PgQuery__FuncCall *call =
	    pair && pair->n_items ? SQL_AS(pair->items[0], FUNC_CALL, func_call)
				  : NULL;
	const char *name = "";
	const char *const *columns = NULL;

	if (call)
		name = sql_string_value(call->funcname[call->n_funcname - 1]);
	for (size_t i = 0; i < range->n_coldeflist; i++) {
		PgQuery__ColumnDef *def =
		    SQL_AS(range->coldeflist[i], COLUMN_DEF, column_def);

		rewrite_outputs_add(
		    rw, outputs, plain_output(def ? def->colname : "", facts));
	}
	if (range->n_coldeflist == 0 && range->n_functions == 1)
		columns = function_columns(name);
	/* unnest() gives several columns only for an array of rows. */
	if (!columns && facts->labels)
		columns = function_columns("generate_series");
	if (columns) {
		const char *alias =
		    range->alias ? range->alias->aliasname : name;

		for (size_t i = 0; i < 4 && columns[i]; i++)
			rewrite_outputs_add(
			    rw, outputs,
			    plain_output(*columns[i] ? columns[i] : alias,
					 facts));
	}
	if (!columns && !range->n_coldeflist)
		outputs->open = true;
	if (range->ordinality && !outputs->open)
		rewrite_outputs_add(
		    rw, outputs,
		    plain_output("ordinality", &(struct facts){0}));
}

/* The name that the server gives to the function without an alias; for a scalar
 * function, to its column, too. */
static const char *function_name(struct rewrite *rw,
				 const PgQuery__RangeFunction *range)
{
	PgQuery__List *pair = SQL_AS(range->functions[0], LIST, list);

	return pair && pair->n_items ? rewrite_output_name(rw, pair->items[0])
				     : "";
}

static struct side from_function(struct rewrite *rw, struct scope *scope,
				 PgQuery__RangeFunction *range)
{
	struct facts facts = {0};
	struct outputs outputs = {0};
	size_t count;
	const char **aliases = rewrite_alias_columns(rw, range->alias, &count);
	const char *name =
	    range->alias ? range->alias->aliasname : function_name(rw, range);
	struct item *item;

	for (size_t i = 0; i < range->n_functions; i++) {
		rewrite_expression(rw, scope, &range->functions[i], &facts);
		if (facts.labels && range->n_functions > 1)
			rewrite_fail(rw, -1,
				     "one of several functions returns labels "
				     "of \"%s\", which the mapping recodes",
				     facts.labels->name);
	}
	for (size_t i = 0; i < range->n_coldeflist; i++)
		rewrite_expression(rw, scope, &range->coldeflist[i], &facts);
	/* It has become a clock, or has a new name. */
	if (!range->alias && range->n_functions == 1 &&
	    strcmp(function_name(rw, range), name) != 0)
		set_alias(rw, &range->alias, name, false);
	function_outputs(rw, range, &facts, &outputs);
	item =
	    rewrite_item_of_outputs(rw, scope, name, &outputs, aliases, count);
	if (rw->qualify && strcmp(item->relation->alias, name) != 0) {
		/* A scalar function's alias also names its column. */
		if (!count && outputs.count == 1 && !outputs.open)
			range->alias =
			    sql_alias(rw->arena, item->relation->alias,
				      &outputs.items[0].name, 1);
		else
			set_alias(rw, &range->alias, item->relation->alias,
				  true);
	}
	return side_of(rw, item);
}

static struct side from_table_function(struct rewrite *rw, struct scope *scope,
				       PgQuery__RangeTableFunc *range)
{
	struct facts facts = {0};
	struct outputs outputs = {0};
	size_t count;
	const char **aliases = rewrite_alias_columns(rw, range->alias, &count);
	const char *name = range->alias ? range->alias->aliasname : "xmltable";
	struct item *item;

	rewrite_expression(rw, scope, &range->docexpr, &facts);
	rewrite_expression(rw, scope, &range->rowexpr, &facts);
	for (size_t i = 0; i < range->n_namespaces; i++)
		rewrite_expression(rw, scope, &range->namespaces[i], &facts);
	for (size_t i = 0; i < range->n_columns; i++) {
		rewrite_expression(rw, scope, &range->columns[i], &facts);
		rewrite_outputs_add(
		    rw, &outputs,
		    plain_output(
			range->columns[i]->range_table_func_col->colname,
			&facts));
	}
	item =
	    rewrite_item_of_outputs(rw, scope, name, &outputs, aliases, count);
	if (rw->qualify && strcmp(item->relation->alias, name) != 0)
		set_alias(rw, &range->alias, item->relation->alias, true);
	return side_of(rw, item);
}

static struct side from_sample(struct rewrite *rw, struct scope *scope,
			       PgQuery__Node **slot)
{
	PgQuery__Node *sample = *slot;
	PgQuery__Node **relation = &sample->range_table_sample->relation;
	struct side side = rewrite_from_item(rw, scope, relation);
	PgQuery__Node *joined = *relation;
	PgQuery__Node **anchor = relation;

	if (SQL_IS(joined, RANGE_SUBSELECT))
		rewrite_fail(rw, -1,
			     "TABLESAMPLE of a table whose rows are in several "
			     "tables");
	while (SQL_IS(*anchor, JOIN_EXPR))
		anchor = &(*anchor)->join_expr->larg;
	if (anchor == relation)
		return side;
	*relation = *anchor;
	*anchor = sample;
	*slot = joined;
	return side;
}

struct side rewrite_from_item(struct rewrite *rw, struct scope *scope,
			      PgQuery__Node **slot)
{
	PgQuery__Node *node = *slot;
	struct facts ignored = {0};

	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_RANGE_VAR:
		return from_table(rw, scope, slot);
	case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
		return from_query(rw, scope, node->range_subselect);
	case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
		return from_function(rw, scope, node->range_function);
	case PG_QUERY__NODE__NODE_RANGE_TABLE_FUNC:
		return from_table_function(rw, scope, node->range_table_func);
	case PG_QUERY__NODE__NODE_JOIN_EXPR:
		return rewrite_from_join(rw, scope, node->join_expr);
	case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE: {
		PgQuery__RangeTableSample *sample = node->range_table_sample;

		for (size_t i = 0; i < sample->n_args; i++)
			rewrite_expression(rw, scope, &sample->args[i],
					   &ignored);
		rewrite_expression(rw, scope, &sample->repeatable, &ignored);
		rw->touched.predicate.volatile_value = true;
		return from_sample(rw, scope, slot);
	}
	default:
		rewrite_fail(rw, -1, "a FROM item of type %s",
			     sql_node_name(node));
	}
}

PgQuery__Node *rewrite_from(struct rewrite *rw, struct scope *scope,
			    PgQuery__Node **list, size_t count)
{
	PgQuery__Node *filter = NULL;

	for (size_t i = 0; i < count; i++) {
		/* A lateral item sees the items before it. */
		struct side side = rewrite_from_item(rw, scope, &list[i]);

		rewrite_refuse_twice(rw, &scope->items, &side.items);
		for (size_t n = 0; n < side.items.count; n++)
			rewrite_items_add(rw, &scope->items,
					  side.items.items[n]);
		filter = rewrite_and(rw, filter, side.filter);
	}
	return filter;
}

struct item *rewrite_open_target(struct rewrite *rw, struct scope *scope,
				 PgQuery__Node **slot, PgQuery__Node **filter)
{
	const struct scope bare = {.ctes = NULL};
	const struct cte *cte;
	bool known;
	PgQuery__RangeVar *var = (*slot)->range_var;
	const struct lens_table *table =
	    rewrite_scope_table(rw, &bare, var, &cte, &known);
	struct side side;

	rewrite_note_table(rw, table, true);
	/* CTEs are no targets of a write. But the query for the row's image
	 * could see a CTE of that name. */
	if (scope->ctes && table)
		var->schemaname = arena_string(rw->arena, table->old->schema);
	side = from_table(rw, scope, slot);
	*filter = side.filter;
	return side.items.items[0];
}

void rewrite_target_add(struct rewrite *rw, struct scope *scope,
			struct item *target)
{
	rewrite_refuse_twice(rw, &scope->items, &(struct items){&target, 1, 1});
	rewrite_items_add(rw, &scope->items, target);
}

struct item *rewrite_target(struct rewrite *rw, struct scope *scope,
			    PgQuery__RangeVar *var)
{
	const struct cte *cte;
	bool known;
	const struct scope bare = {.ctes = NULL};
	const struct lens_table *table =
	    rewrite_scope_table(rw, &bare, var, &cte, &known);
	const char *name = var->alias ? var->alias->aliasname : var->relname;
	struct outputs unknown = {.open = true};
	struct item *item;

	if (!table) {
		item =
		    rewrite_item_of_outputs(rw, scope, name, &unknown, NULL, 0);
		if (strcmp(item->relation->alias, name) != 0)
			set_alias(rw, &var->alias, item->relation->alias,
				  false);
		return item;
	}
	rewrite_note_table(rw, table, true);
	item = rewrite_item_of_table(rw, scope, table, table->old->schema, name,
				     NULL, 0);
	item->relation->aliases = NULL; /* only the anchor is the target */
	if (var->alias)
		item->schema = NULL;
	rename_table(rw, scope, var, table, item->relation->alias);
	return item;
}
