/*
 * The levels of a query: a view is read as the sub-query that it stands for. For
 * example, where buyers is SELECT u.id, count(o.id) AS n FROM users u JOIN orders o
 * ON o.user_id = u.id GROUP BY u.id:
 *
 *     SELECT n FROM buyers b WHERE b.id = 7
 *     query       relations  b (the view buyers)
 *                 outputs    n = b.n
 *       of b      relations  u (users), o (orders)
 *                 outputs    id = u.id, n = count(o.id)
 */
#include "mirror/reach_query.h"
#include "sql/traits.h"

struct building {
	const struct reach_statement *statement;
	const struct catalog_table *const *tables; /* of the statement */
	size_t table_count;
	struct arena *arena;
	size_t *query_count;
	size_t view_depth;
	bool in_view;
	bool closed; /* volatile functions: each row computed counts */
	bool failed; /* it reads what is not known */
};

static struct reach_query *build(struct building *building,
				 PgQuery__SelectStmt *select,
				 const struct reach_query *parent,
				 const struct reach_query *outer);

/* --- relations --- */

static struct reach_relation *add_relation(struct building *building,
					   struct reach_query *query,
					   const PgQuery__Alias *alias)
{
	struct reach_relation *relation =
	    arena_alloc(building->arena, sizeof(*relation));

	*relation = (struct reach_relation){
	    .fixed = arena_array(building->arena, REACH_FIXED + 1,
				 sizeof(*relation->fixed)),
	    .always = arena_array(building->arena, REACH_FIXED + 1,
				  sizeof(*relation->always)),
	};
	if (alias) {
		relation->name = alias->aliasname;
		relation->renamed = alias->n_colnames > 0;
	}
	*ARENA_PUSH(building->arena, query, relation) = relation;
	return relation;
}

static bool is_common(const struct reach_query *query, const char *name)
{
	for (; query; query = query->parent)
		for (size_t i = 0; query->select->with_clause &&
				   i < query->select->with_clause->n_ctes;
		     i++) {
			const PgQuery__CommonTableExpr *common =
			    SQL_AS(query->select->with_clause->ctes[i],
				   COMMON_TABLE_EXPR, common_table_expr);

			if (!common || !strcmp(common->ctename, name))
				return true;
		}
	return false;
}

/* The only one of that name; in a view, names have their schema. */
static const struct catalog_table *table_named(const struct building *building,
					       const PgQuery__RangeVar *var)
{
	const struct catalog_table *found = NULL;
	size_t count = 0;

	if (building->in_view)
		return SQL_SET(var->schemaname)
			   ? catalog_table(
				 building->statement->catalogs->old_catalog,
				 var->schemaname, var->relname)
			   : NULL;
	for (size_t i = 0; i < building->table_count; i++)
		if (!strcmp(building->tables[i]->name, var->relname)) {
			found = building->tables[i];
			count++;
		}
	return count == 1 ? found : NULL;
}

/* Functions that read tables, or count each row that they are called for. */
bool reach_calls_unknown(const struct reach_statement *statement,
			 const struct sql_traits *traits)
{
	const struct catalog *catalog = statement->catalogs->old_catalog;

	for (size_t i = 0; i < traits->function_count; i++)
		for (size_t k = 0; k < catalog->function_count; k++)
			if (!strcmp(catalog->functions[k].name,
				    traits->functions[i].name) &&
			    catalog->functions[k].volatility != 'i')
				return true;
	return false;
}

static bool computes_anew(const struct sql_traits *traits)
{
	return traits->volatility &
	       ~(1u << SQL_FUNCTION_PLAIN | 1u << SQL_FUNCTION_CLOCK);
}

/* NULL: what it reads is not known so exactly. */
static struct reach_query *build_view(const struct building *building,
				      const struct catalog_table *view)
{
	const struct parser *parser = building->statement->parser;
	struct building within = *building;
	struct reach_query *query;
	struct sql_traits traits;
	struct sql_tree tree;
	struct error error;

	if (!view->definition || within.view_depth++ == REACH_VIEW_DEPTH ||
	    parser->parse(view->definition, strlen(view->definition),
			  building->arena, &tree, &error) ||
	    tree.count != 1 || !SQL_IS(tree.statements[0].node, SELECT_STMT) ||
	    sql_traits(tree.statements[0].node, parser->dialect,
		       building->arena, &traits, &error) ||
	    reach_calls_unknown(building->statement, &traits))
		return NULL;
	within.in_view = true;
	within.closed = computes_anew(&traits);
	within.failed = false;
	query =
	    build(&within, tree.statements[0].node->select_stmt, NULL, NULL);
	return within.failed ? NULL : query;
}

static bool is_followed(const struct catalog_table *table)
{
	return (table->kind == RELATION_TABLE ||
		table->kind == RELATION_VIEW) &&
	       !table->policy_reads_more;
}

static void add_table(struct building *building, struct reach_query *query,
		      const PgQuery__RangeVar *var)
{
	struct reach_relation *relation =
	    add_relation(building, query, var->alias);

	if (!var->alias)
		relation->name = var->relname;
	if (!SQL_SET(var->schemaname) && is_common(query, var->relname)) {
		query->columns_unknown = true; /* a part of its own */
		return;
	}
	relation->table = table_named(building, var);
	query->columns_unknown |= !relation->table || relation->renamed;
	if (relation->table && relation->table->kind == RELATION_VIEW)
		relation->query = build_view(building, relation->table);
	if (building->in_view &&
	    (!relation->table || !is_followed(relation->table) ||
	     (relation->table->kind == RELATION_VIEW && !relation->query)))
		building->failed = true;
}

static void add_sub_query(struct building *building, struct reach_query *query,
			  const PgQuery__RangeSubselect *range)
{
	struct reach_relation *relation =
	    add_relation(building, query, range->alias);
	const PgQuery__Node *within = range->subquery;
	const struct reach_query *named;

	if (SQL_IS(within, SELECT_STMT))
		relation->query = build(building, within->select_stmt, query,
					range->lateral ? query : query->outer);
	else
		building->failed = true;
	query->columns_unknown |= !reach_is_knowable(relation);
	named = reach_first_arm(relation->query);
	for (size_t i = 0; named && i < named->output_count; i++)
		query->columns_unknown |= !named->outputs[i].name;
}

static void add_from(struct building *building, struct reach_query *query,
		     const PgQuery__Node *item)
{
	const PgQuery__JoinExpr *join = SQL_AS(item, JOIN_EXPR, join_expr);

	if (SQL_IS(item, RANGE_VAR)) {
		add_table(building, query, item->range_var);
	} else if (SQL_IS(item, RANGE_SUBSELECT)) {
		add_sub_query(building, query, item->range_subselect);
	} else if (join) {
		query->names_hidden |= join->alias || join->join_using_alias;
		query->merges |= join->is_natural || join->n_using_clause;
		add_from(building, query, join->larg);
		add_from(building, query, join->rarg);
	} else { /* a function's rows, a sample */
		query->columns_unknown = true;
		building->failed |= !SQL_IS(item, RANGE_FUNCTION);
	}
}

/* --- parts --- */

struct part_search {
	struct building *building;
	struct reach_query *query;
};

/* Sub-queries in expressions, and those of WITH: FROM's are relations. */
static enum sql_step find_part(struct sql_place *place, void *context,
			       struct error *error)
{
	struct part_search *search = context;
	struct reach_query *query = search->query;
	PgQuery__SelectStmt *select = (PgQuery__SelectStmt *)place->message;
	struct reach_query *part;

	(void)error;
	if (SQL_AT(place, range_subselect))
		return SQL_STEP_OVER;
	search->building->failed |=
	    SQL_AT(place, insert_stmt) || SQL_AT(place, update_stmt) ||
	    SQL_AT(place, delete_stmt) || SQL_AT(place, merge_stmt);
	if (!SQL_AT(place, select_stmt) || select == query->select)
		return SQL_STEP_INTO;
	if (select == query->select->larg || select == query->select->rarg)
		return SQL_STEP_OVER;
	part = build(search->building, select, query,
		     place->parent && SQL_AT(place->parent, common_table_expr)
			 ? query->outer
			 : query);
	if (part)
		*ARENA_PUSH(search->building->arena, query, part) = part;
	return SQL_STEP_OVER;
}

static void find_parts(struct building *building, struct reach_query *query)
{
	struct part_search search = {building, query};
	const struct sql_visitor visitor = {find_part, NULL, &search};
	struct error error;

	if (sql_walk_message(&query->select->base, &visitor, &error))
		building->failed = true;
}

/* --- queries --- */

static void build_arms(struct building *building, struct reach_query *query)
{
	query->arms[0] =
	    build(building, query->select->larg, query, query->outer);
	query->arms[1] =
	    build(building, query->select->rarg, query, query->outer);
}

static struct reach_query *build(struct building *building,
				 PgQuery__SelectStmt *select,
				 const struct reach_query *parent,
				 const struct reach_query *outer)
{
	struct reach_query *query;

	if (building->failed || ++*building->query_count > REACH_QUERIES) {
		building->failed = true;
		return NULL;
	}
	query = arena_alloc(building->arena, sizeof(*query));
	*query = (struct reach_query){
	    .select = select,
	    .parent = parent,
	    .outer = outer,
	    .in_view = building->in_view,
	    .closed =
		building->closed ||
		reach_is_closed(building->statement->parser->dialect, select),
	};
	if (select->op != PG_QUERY__SET_OPERATION__SETOP_NONE) {
		build_arms(building, query);
	} else {
		for (size_t i = 0; i < select->n_from_clause; i++)
			add_from(building, query, select->from_clause[i]);
		for (size_t i = 0; i < select->n_target_list; i++)
			reach_add_output(building->arena, query,
					 select->target_list[i]);
		query->outputs_unknown |= select->n_values_lists > 0;
	}
	find_parts(building, query);
	return query;
}

struct reach_query *reach_query(const struct reach_statement *statement,
				const struct catalog_table *const *tables,
				size_t table_count, PgQuery__Node *tree,
				struct arena *arena)
{
	size_t query_count = 0;
	struct building building = {
	    .statement = statement,
	    .tables = tables,
	    .table_count = table_count,
	    .arena = arena,
	    .query_count = &query_count,
	};
	struct reach_query *query;

	if (!SQL_IS(tree, SELECT_STMT) || !statement->traits)
		return NULL;
	building.closed = computes_anew(statement->traits) ||
			  reach_calls_unknown(statement, statement->traits);
	query = build(&building, tree->select_stmt, NULL, NULL);
	return building.failed ? NULL : query;
}
