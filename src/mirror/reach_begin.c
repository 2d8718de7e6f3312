/* What a statement reads, before a difference is looked at: its tables, the columns
 * that it names, and the rows that it chooses. For example:
 *
 *     SELECT u.name, count(o.id) FROM users u LEFT JOIN orders o
 *         ON o.user_id = u.id WHERE u.id = 7 GROUP BY u.name
 *     tables  users, orders
 *     chosen  users.id, orders.user_id, users.name
 *     rows    users with id = 7, and so orders with user_id = 7
 */
#include "mirror/bodies.h"
#include "mirror/reach_inputs.h"

/* --- tables --- */

static bool is_among(const struct reaching *reaching, const char *name)
{
	for (size_t i = 0; i < reaching->table_count; i++)
		if (!strcmp(reaching->tables[i]->name, name))
			return true;
	return false;
}

static void read_more(struct reaching *reaching, const struct bodies *bodies)
{
	reaching->unknown |= bodies->all;
	for (size_t i = 0; i < bodies->count; i++) {
		if (reaching->more_count == REACH_MORE) {
			reaching->unknown = true;
			return;
		}
		reaching->more[reaching->more_count++] = bodies->tables[i];
	}
}

/* Functions of the application that are not immutable read tables. false: one of
 * the names that it reads is unknown. */
static bool find_more(struct reaching *reaching)
{
	const struct sql_traits *traits = reaching->statement->traits;
	const struct catalog *catalog =
	    reaching->statement->catalogs->old_catalog;

	if (!traits)
		return false;
	for (size_t i = 0; i < traits->table_count; i++)
		if (!is_among(reaching, traits->tables[i].name))
			return false;
	for (size_t i = 0; i < traits->function_count; i++)
		for (size_t k = 0; k < catalog->function_count; k++)
			if (!strcmp(catalog->functions[k].name,
				    traits->functions[i].name) &&
			    catalog->functions[k].volatility != 'i' &&
			    traits->functions[i].volatility ==
				SQL_FUNCTION_PLAIN)
				read_more(reaching,
					  bodies_of_function(
					      reaching->statement->catalogs,
					      traits->functions[i].name));
	return true;
}

static void find_tables(struct reaching *reaching)
{
	const struct reach_statement *statement = reaching->statement;

	for (size_t i = 0; i < statement->table_count; i++) {
		const struct catalog_table *table =
		    reach_table(statement->catalogs, statement->tables[i]);

		if (!table || reaching->table_count == REACH_TABLES) {
			reaching->unknown = true;
			continue;
		}
		/* parents and their parts show each other's rows */
		if ((table->kind != RELATION_TABLE &&
		     table->kind != RELATION_VIEW) ||
		    table->has_children || table->is_partition ||
		    table->has_rules || table->policy_reads_more)
			reaching->unknown = true;
		if (table->kind == RELATION_VIEW)
			read_more(reaching,
				  bodies_of_table(statement->catalogs, table));
		reaching->tables[reaching->table_count++] = table;
	}
	reaching->unknown |= !find_more(reaching);
}

/* --- names --- */

static bool is_limited(const PgQuery__SelectStmt *select)
{
	return select->limit_count || select->limit_offset ||
	       select->n_distinct_clause || select->n_group_clause ||
	       select->group_distinct || select->n_window_clause ||
	       select->op != PG_QUERY__SET_OPERATION__SETOP_NONE ||
	       reach_calls(select->target_list, select->n_target_list);
}

/* The parts of an output list that choose no rows. */
static void names_of_select(struct reaching *reaching,
			    PgQuery__SelectStmt *select)
{
	size_t outputs = select->n_target_list;

	if (!is_limited(select))
		select->n_target_list = 0;
	reach_collect(&select->base, &reaching->chosen);
	select->n_target_list = outputs;
}

static void names_of_update(struct reaching *reaching,
			    PgQuery__UpdateStmt *update)
{
	reach_collect_node(update->where_clause, &reaching->chosen);
	reach_collect_list(update->from_clause, update->n_from_clause,
			   &reaching->chosen);
	if (update->with_clause)
		reach_collect(&update->with_clause->base, &reaching->chosen);
}

static void names_of_delete(struct reaching *reaching,
			    PgQuery__DeleteStmt *delete)
{
	reach_collect_node(delete->where_clause, &reaching->chosen);
	reach_collect_list(delete->using_clause, delete->n_using_clause,
			   &reaching->chosen);
	if (delete->with_clause)
		reach_collect(&delete->with_clause->base, &reaching->chosen);
}

static void find_names(struct reaching *reaching)
{
	PgQuery__Node *tree = reaching->tree;

	if (!tree) {
		reaching->chosen.all = reaching->shown.all = true;
		return;
	}
	reach_collect_node(tree, &reaching->shown);
	if (SQL_IS(tree, SELECT_STMT))
		names_of_select(reaching, tree->select_stmt);
	else if (SQL_IS(tree, UPDATE_STMT))
		names_of_update(reaching, tree->update_stmt);
	else if (SQL_IS(tree, DELETE_STMT))
		names_of_delete(reaching, tree->delete_stmt);
	else
		reach_collect_node(tree, &reaching->chosen);
}

/* --- rows --- */

static const PgQuery__RangeVar *find_from(PgQuery__Node *const *items,
					  size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		const PgQuery__RangeVar *var =
		    SQL_AS(items[i], RANGE_VAR, range_var);
		const PgQuery__JoinExpr *join =
		    SQL_AS(items[i], JOIN_EXPR, join_expr);

		if (var && !strcmp(var->relname, name))
			return var;
		if (join) {
			PgQuery__Node *const sides[2] = {join->larg,
							 join->rarg};
			const PgQuery__RangeVar *found =
			    find_from(sides, 2, name);

			if (found)
				return found;
		}
	}
	return NULL;
}

static void find_rows(struct reaching *reaching, size_t at)
{
	PgQuery__Node *tree = reaching->tree;
	const struct catalog_table *table = reaching->tables[at];
	const PgQuery__RangeVar *relation = NULL;
	PgQuery__Node *where = NULL;
	bool alone = reaching->table_count == 1 && !reaching->unknown;

	if (!tree || reach_mentions(sql_unwrap(tree), table->name) != 1)
		return;
	if (SQL_IS(tree, SELECT_STMT) &&
	    tree->select_stmt->op == PG_QUERY__SET_OPERATION__SETOP_NONE) {
		relation =
		    find_from(tree->select_stmt->from_clause,
			      tree->select_stmt->n_from_clause, table->name);
		where = tree->select_stmt->where_clause;
	} else if (SQL_IS(tree, UPDATE_STMT) &&
		   !strcmp(tree->update_stmt->relation->relname, table->name)) {
		relation = tree->update_stmt->relation;
		where = tree->update_stmt->where_clause;
	} else if (SQL_IS(tree, DELETE_STMT) &&
		   !strcmp(tree->delete_stmt->relation->relname, table->name)) {
		relation = tree->delete_stmt->relation;
		where = tree->delete_stmt->where_clause;
	}
	if (!relation || !where)
		return;
	reaching->fixed[at] = arena_array(reaching->arena, REACH_FIXED + 1,
					  sizeof(struct weigh_fixed));
	reaching->fixed_count[at] =
	    reach_fixed(reaching->statement, table, relation, alone, where,
			reaching->arena, reaching->fixed[at]);
}

/* --- rows that are joined --- */

static const PgQuery__RangeVar *relation_of(const struct reaching *reaching,
					    size_t at)
{
	const PgQuery__SelectStmt *select =
	    SQL_AS(reaching->tree, SELECT_STMT, select_stmt);
	const char *name = reaching->tables[at]->name;

	if (!select || select->op != PG_QUERY__SET_OPERATION__SETOP_NONE ||
	    reach_mentions(&((PgQuery__SelectStmt *)(uintptr_t)select)->base,
			   name) != 1)
		return NULL;
	return find_from(select->from_clause, select->n_from_clause, name);
}

/* The table and the column that a reference means; -1: not known. */
static int joined(const struct reaching *reaching, const PgQuery__Node *node,
		  int16_t *column)
{
	for (size_t i = 0; i < reaching->table_count; i++) {
		const PgQuery__RangeVar *relation = relation_of(reaching, i);
		const struct catalog_column *meant =
		    relation ? reach_column(reaching->tables[i], relation,
					    false, node)
			     : NULL;

		if (!meant)
			continue;
		*column = meant->number;
		return (int)i;
	}
	return -1;
}

/* a.x = b.y, and the rows of a have one value in x: so have those of b in y. */
static bool carry_over(struct reaching *reaching, int from, int16_t from_column,
		       int to, int16_t to_column)
{
	const struct reach_link link = {reaching->tables[from],
					reaching->tables[to], &from_column,
					&to_column, 1};
	struct weigh_fixed found[REACH_FIXED];
	size_t count = reaching->fixed_count[to];

	for (size_t i = 0; i < count; i++)
		if (reaching->fixed[to][i].column == to_column)
			return false;
	if (count >= REACH_FIXED ||
	    !reach_carry(reaching->statement, &link, reaching->fixed[from],
			 reaching->fixed_count[from], found))
		return false;
	if (!reaching->fixed[to])
		reaching->fixed[to] =
		    arena_array(reaching->arena, REACH_FIXED + 1,
				sizeof(struct weigh_fixed));
	reaching->fixed[to][reaching->fixed_count[to]++] = found[0];
	return true;
}

static bool carry_equal(struct reaching *reaching, const PgQuery__Node *node)
{
	const PgQuery__BoolExpr *all = SQL_AS(node, BOOL_EXPR, bool_expr);
	const PgQuery__AExpr *equals = SQL_AS(node, A_EXPR, a_expr);
	int16_t columns[2];
	bool found = false;
	int left, right;

	if (all && all->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR)
		for (size_t i = 0; i < all->n_args; i++)
			if (SQL_IS(all->args[i], A_EXPR))
				found |= carry_equal(reaching, all->args[i]);
	if (!equals || !reach_is_equals(equals))
		return found;
	left = joined(reaching, equals->lexpr, &columns[0]);
	right = joined(reaching, equals->rexpr, &columns[1]);
	if (left < 0 || right < 0 || left == right)
		return false;
	return carry_over(reaching, left, columns[0], right, columns[1]) ||
	       carry_over(reaching, right, columns[1], left, columns[0]);
}

static bool carry_joins(struct reaching *reaching, PgQuery__Node *const *items,
			size_t count)
{
	bool found = false;

	for (size_t i = 0; i < count; i++) {
		const PgQuery__JoinExpr *join =
		    SQL_AS(items[i], JOIN_EXPR, join_expr);

		if (!join)
			continue;
		found |= carry_joins(reaching, &join->larg, 1);
		found |= carry_joins(reaching, &join->rarg, 1);
		found |= carry_equal(reaching, join->quals);
	}
	return found;
}

/*
 * Each join of a query only brings rows together that its condition holds for, an
 * outer join's too: what WHERE fixes on one side is there, and the other side's
 * other rows make no difference.
 */
static void find_joined_rows(struct reaching *reaching)
{
	const PgQuery__SelectStmt *select =
	    SQL_AS(reaching->tree, SELECT_STMT, select_stmt);

	for (size_t i = 0; select && i < reaching->table_count; i++) {
		bool carried = carry_joins(reaching, select->from_clause,
					   select->n_from_clause);

		carried |= carry_equal(reaching, select->where_clause);
		if (!carried)
			return;
	}
}

void reach_begin(struct reaching *reaching)
{
	const struct reach_statement *statement = reaching->statement;
	struct sql_tree tree;
	struct error error;

	find_tables(reaching);
	if (statement->text &&
	    !statement->parser->parse(statement->text, statement->text_size,
				      reaching->arena, &tree, &error) &&
	    tree.count == 1)
		reaching->tree = tree.statements[0].node;
	if (SQL_IS(reaching->tree, PREPARE_STMT) ||
	    SQL_IS(reaching->tree, EXECUTE_STMT) ||
	    SQL_IS(reaching->tree, FETCH_STMT) ||
	    SQL_IS(reaching->tree, DECLARE_CURSOR_STMT) ||
	    SQL_IS(reaching->tree, COPY_STMT) ||
	    SQL_IS(reaching->tree, EXPLAIN_STMT))
		reaching->tree = NULL;
	find_names(reaching);
	for (size_t i = 0; i < reaching->table_count; i++)
		find_rows(reaching, i);
	find_joined_rows(reaching);
}
