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
		reaching->tables[reaching->table_count++] = table;
	}
	reaching->unknown |= !find_more(reaching);
}

/* What views show is known exactly, if the statement is a query that is: else they
 * show any row of any table that they name. */
static void find_views(struct reaching *reaching)
{
	for (size_t i = 0; i < reaching->table_count; i++) {
		const struct catalog_table *table = reaching->tables[i];
		const struct bodies *bodies;

		if (table->kind != RELATION_VIEW)
			continue;
		bodies = bodies_of_table(reaching->statement->catalogs, table);
		reaching->unknown |= bodies->all;
		if (!reach_knows_view(reaching, table))
			read_more(reaching, bodies);
	}
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
	reaching->chosen.query = reaching->shown.query = reaching->query;
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

static void find_rows_read(struct reaching *reaching, size_t at)
{
	const struct reach_relation *read =
	    reach_only_read(reaching, reaching->tables[at]);

	if (!read)
		return;
	reaching->fixed[at] = read->fixed;
	reaching->fixed_count[at] = read->fixed_count;
}

static void find_rows(struct reaching *reaching, size_t at)
{
	PgQuery__Node *tree = reaching->tree;
	const struct catalog_table *table = reaching->tables[at];
	const PgQuery__RangeVar *relation = NULL;
	PgQuery__Node *where = NULL;
	bool alone = reaching->table_count == 1 && !reaching->unknown;

	if (SQL_IS(tree, UPDATE_STMT)) {
		relation = tree->update_stmt->relation;
		where = tree->update_stmt->where_clause;
	} else if (SQL_IS(tree, DELETE_STMT)) {
		relation = tree->delete_stmt->relation;
		where = tree->delete_stmt->where_clause;
	}
	if (!relation || !where ||
	    strcmp(relation->relname, table->name) != 0 ||
	    reach_mentions(sql_unwrap(tree), table->name) != 1)
		return;
	reaching->fixed[at] = arena_array(reaching->arena, REACH_FIXED + 1,
					  sizeof(struct weigh_fixed));
	reaching->fixed_count[at] =
	    reach_fixed(reaching->statement, table, relation, alone, where,
			reaching->arena, reaching->fixed[at]);
}

static void find_query(struct reaching *reaching)
{
	reaching->query =
	    reach_query(reaching->statement, reaching->tables,
			reaching->table_count, reaching->tree, reaching->arena);
	if (reaching->query)
		reach_rows(reaching->statement, reaching->query,
			   reaching->arena);
	reach_find_reads(reaching);
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
	find_query(reaching);
	find_views(reaching);
	find_names(reaching);
	for (size_t i = 0; i < reaching->table_count; i++) {
		if (reaching->query)
			find_rows_read(reaching, i);
		else
			find_rows(reaching, i);
	}
}
