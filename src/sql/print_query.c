/* SELECT and VALUES, and the items of FROM. */
#include "sql/print_internal.h"

const char *print_persistence(const PgQuery__RangeVar *range)
{
	if (!range || !SQL_SET(range->relpersistence))
		return "";
	return *range->relpersistence == 't'   ? "TEMPORARY "
	       : *range->relpersistence == 'u' ? "UNLOGGED "
					       : "";
}

void print_relation(struct printer *printer, const PgQuery__RangeVar *range)
{
	if (!range) {
		print_fail(printer, "a relation is missing");
		return;
	}
	if (SQL_SET(range->catalogname)) {
		print_name(printer, range->catalogname);
		print_text(printer, ".");
	}
	if (SQL_SET(range->schemaname)) {
		print_name(printer, range->schemaname);
		print_text(printer, ".");
	}
	print_name(printer, range->relname);
}

void print_alias(struct printer *printer, const PgQuery__Alias *alias)
{
	if (!alias)
		return;
	print_text(printer, " AS ");
	print_name(printer, alias->aliasname);
	print_list(printer, " ", alias->colnames, alias->n_colnames,
		   print_name_node);
}

void print_range(struct printer *printer, const PgQuery__RangeVar *range)
{
	if (range && !range->inh)
		print_text(printer, "ONLY ");
	print_relation(printer, range);
	if (range)
		print_alias(printer, range->alias);
}

void print_range_node(struct printer *printer, const PgQuery__Node *node)
{
	if (SQL_IS(node, RANGE_VAR))
		print_range(printer, node->range_var);
	else
		print_unknown(printer, node);
}

/* name type COLLATE c: of the columns that a function's rows have. */
static void print_row_column(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__ColumnDef *column = SQL_AS(node, COLUMN_DEF, column_def);

	if (!column || !column->type_name) {
		print_unknown(printer, node);
		return;
	}
	print_name(printer, column->colname);
	print_text(printer, " ");
	print_type(printer, column->type_name);
	if (column->coll_clause) {
		print_text(printer, " COLLATE ");
		print_dotted(printer, column->coll_clause->collname,
			     column->coll_clause->n_collname);
	}
}

/* Constants as SEARCH and CYCLE want them: no cast but the typed literal. */
static void print_typed_literal(struct printer *printer,
				const PgQuery__Node *node)
{
	const PgQuery__TypeCast *cast = SQL_AS(node, TYPE_CAST, type_cast);

	if (!cast) {
		print_constant(printer, node);
		return;
	}
	print_type(printer, cast->type_name);
	print_text(printer, " ");
	print_constant(printer, cast->arg);
}

static void print_search(struct printer *printer,
			 const PgQuery__CTESearchClause *search)
{
	print_text(printer, search->search_breadth_first
				? " SEARCH BREADTH FIRST BY "
				: " SEARCH DEPTH FIRST BY ");
	print_items(printer, search->search_col_list, search->n_search_col_list,
		    print_name_node);
	print_text(printer, " SET ");
	print_name(printer, search->search_seq_column);
}

static void print_cycle(struct printer *printer,
			const PgQuery__CTECycleClause *cycle)
{
	print_text(printer, " CYCLE ");
	print_items(printer, cycle->cycle_col_list, cycle->n_cycle_col_list,
		    print_name_node);
	print_text(printer, " SET ");
	print_name(printer, cycle->cycle_mark_column);
	if (sql_unwrap(cycle->cycle_mark_value)) {
		print_text(printer, " TO ");
		print_typed_literal(printer, cycle->cycle_mark_value);
		print_text(printer, " DEFAULT ");
		print_typed_literal(printer, cycle->cycle_mark_default);
	}
	print_text(printer, " USING ");
	print_name(printer, cycle->cycle_path_column);
}

static void print_cte(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__CommonTableExpr *cte =
	    SQL_AS(node, COMMON_TABLE_EXPR, common_table_expr);

	if (!cte) {
		print_unknown(printer, node);
		return;
	}
	print_name(printer, cte->ctename);
	print_list(printer, "", cte->aliascolnames, cte->n_aliascolnames,
		   print_name_node);
	switch (cte->ctematerialized) {
	case PG_QUERY__CTEMATERIALIZE__CTEMaterializeAlways:
		print_text(printer, " AS MATERIALIZED (");
		break;
	case PG_QUERY__CTEMATERIALIZE__CTEMaterializeNever:
		print_text(printer, " AS NOT MATERIALIZED (");
		break;
	default:
		print_text(printer, " AS (");
		break;
	}
	print_query(printer, cte->ctequery);
	print_text(printer, ")");
	if (cte->search_clause)
		print_search(printer, cte->search_clause);
	if (cte->cycle_clause)
		print_cycle(printer, cte->cycle_clause);
}

void print_with(struct printer *printer, const PgQuery__WithClause *with)
{
	if (!with)
		return;
	print_text(printer, with->recursive ? "WITH RECURSIVE " : "WITH ");
	print_items(printer, with->ctes, with->n_ctes, print_cte);
	print_text(printer, " ");
}

static void print_subselect(struct printer *printer,
			    const PgQuery__RangeSubselect *range)
{
	print_text(printer, range->lateral ? "LATERAL (" : "(");
	print_query(printer, range->subquery);
	print_text(printer, ")");
	print_alias(printer, range->alias);
}

/* A function in place of a table: casts only as CAST (...). */
static void print_table_function(struct printer *printer,
				 const PgQuery__Node *node)
{
	const PgQuery__TypeCast *cast = SQL_AS(node, TYPE_CAST, type_cast);

	if (!cast) {
		print_expr(printer, node);
		return;
	}
	print_text(printer, "CAST(");
	print_expr(printer, cast->arg);
	print_text(printer, " AS ");
	print_type(printer, cast->type_name);
	print_text(printer, ")");
}

/* An item of RangeFunction: a List of the call and its column definitions. */
static void print_rows_from(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__List *pair = SQL_AS(node, LIST, list);
	const PgQuery__List *columns;

	if (!pair || !pair->n_items) {
		print_unknown(printer, node);
		return;
	}
	print_table_function(printer, pair->items[0]);
	columns = pair->n_items > 1 ? SQL_AS(pair->items[1], LIST, list) : NULL;
	if (columns)
		print_list(printer, " AS ", columns->items, columns->n_items,
			   print_row_column);
}

static void print_range_function(struct printer *printer,
				 const PgQuery__RangeFunction *range)
{
	if (range->lateral)
		print_text(printer, "LATERAL ");
	if (range->is_rowsfrom)
		print_text(printer, "ROWS FROM (");
	print_items(printer, range->functions, range->n_functions,
		    print_rows_from);
	if (range->is_rowsfrom)
		print_text(printer, ")");
	if (range->ordinality)
		print_text(printer, " WITH ORDINALITY");
	print_alias(printer, range->alias);
	print_list(printer, range->alias ? " " : " AS ", range->coldeflist,
		   range->n_coldeflist, print_row_column);
}

static void print_table_column(struct printer *printer,
			       const PgQuery__Node *node)
{
	const PgQuery__RangeTableFuncCol *column =
	    SQL_AS(node, RANGE_TABLE_FUNC_COL, range_table_func_col);

	if (!column) {
		print_unknown(printer, node);
		return;
	}
	print_name(printer, column->colname);
	if (column->for_ordinality) {
		print_text(printer, " FOR ORDINALITY");
		return;
	}
	print_text(printer, " ");
	print_type(printer, column->type_name);
	if (sql_unwrap(column->colexpr)) {
		print_text(printer, " PATH ");
		print_operand(printer, column->colexpr);
	}
	if (sql_unwrap(column->coldefexpr)) {
		print_text(printer, " DEFAULT ");
		print_operand(printer, column->coldefexpr);
	}
	if (column->is_not_null)
		print_text(printer, " NOT NULL");
}

static void print_namespace(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__ResTarget *target = SQL_AS(node, RES_TARGET, res_target);

	if (!target) {
		print_unknown(printer, node);
	} else if (SQL_SET(target->name)) {
		print_operand(printer, target->val);
		print_text(printer, " AS ");
		print_name(printer, target->name);
	} else {
		print_text(printer, "DEFAULT ");
		print_operand(printer, target->val);
	}
}

static void print_xmltable(struct printer *printer,
			   const PgQuery__RangeTableFunc *range)
{
	print_text(printer, range->lateral ? "LATERAL XMLTABLE(" : "XMLTABLE(");
	print_list(printer, "XMLNAMESPACES", range->namespaces,
		   range->n_namespaces, print_namespace);
	if (range->n_namespaces)
		print_text(printer, ", ");
	print_primary(printer, range->rowexpr);
	print_text(printer, " PASSING ");
	print_primary(printer, range->docexpr);
	print_text(printer, " COLUMNS ");
	print_items(printer, range->columns, range->n_columns,
		    print_table_column);
	print_text(printer, ")");
	print_alias(printer, range->alias);
}

static void print_sample(struct printer *printer,
			 const PgQuery__RangeTableSample *sample)
{
	print_from(printer, sample->relation);
	print_text(printer, " TABLESAMPLE ");
	print_dotted(printer, sample->method, sample->n_method);
	print_text(printer, "(");
	print_items(printer, sample->args, sample->n_args, print_expr);
	print_text(printer, ")");
	if (sql_unwrap(sample->repeatable)) {
		print_text(printer, " REPEATABLE (");
		print_expr(printer, sample->repeatable);
		print_text(printer, ")");
	}
}

static const char *join_words(const PgQuery__JoinExpr *join)
{
	switch (join->jointype) {
	case PG_QUERY__JOIN_TYPE__JOIN_INNER:
		return join->is_natural || join->n_using_clause ||
			       sql_unwrap(join->quals)
			   ? "JOIN "
			   : "CROSS JOIN ";
	case PG_QUERY__JOIN_TYPE__JOIN_LEFT:
		return "LEFT JOIN ";
	case PG_QUERY__JOIN_TYPE__JOIN_RIGHT:
		return "RIGHT JOIN ";
	case PG_QUERY__JOIN_TYPE__JOIN_FULL:
		return "FULL JOIN ";
	default:
		return NULL;
	}
}

static void print_join(struct printer *printer, const PgQuery__JoinExpr *join)
{
	const char *words = join_words(join);
	bool bracket =
	    SQL_IS(join->rarg, JOIN_EXPR) && !join->rarg->join_expr->alias;

	if (!words) {
		print_fail(printer, "no rule to print a kind of join");
		return;
	}
	if (join->alias)
		print_text(printer, "(");
	print_from(printer, join->larg);
	print_text(printer, join->is_natural ? " NATURAL " : " ");
	print_text(printer, words);
	print_text(printer, bracket ? "(" : "");
	print_from(printer, join->rarg);
	print_text(printer, bracket ? ")" : "");
	if (sql_unwrap(join->quals)) {
		print_text(printer, " ON ");
		print_expr(printer, join->quals);
	}
	print_list(printer, " USING ", join->using_clause, join->n_using_clause,
		   print_name_node);
	print_alias(printer, join->join_using_alias);
	if (join->alias) {
		print_text(printer, ")");
		print_alias(printer, join->alias);
	}
}

void print_from(struct printer *printer, const PgQuery__Node *node)
{
	if (!print_enter(printer))
		return;
	if (print_own(printer, node)) {
		print_leave(printer);
		return;
	}
	if (SQL_IS(node, RANGE_VAR))
		print_range(printer, node->range_var);
	else if (SQL_IS(node, JOIN_EXPR))
		print_join(printer, node->join_expr);
	else if (SQL_IS(node, RANGE_SUBSELECT))
		print_subselect(printer, node->range_subselect);
	else if (SQL_IS(node, RANGE_FUNCTION))
		print_range_function(printer, node->range_function);
	else if (SQL_IS(node, RANGE_TABLE_FUNC))
		print_xmltable(printer, node->range_table_func);
	else if (SQL_IS(node, RANGE_TABLE_SAMPLE))
		print_sample(printer, node->range_table_sample);
	else
		print_unknown(printer, node);
	print_leave(printer);
}

void print_target(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__ResTarget *target = SQL_AS(node, RES_TARGET, res_target);

	if (!target) {
		print_unknown(printer, node);
		return;
	}
	print_expr(printer, target->val);
	if (SQL_SET(target->name)) {
		print_text(printer, " AS ");
		print_name(printer, target->name);
	}
}

static void print_group(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__GroupingSet *set =
	    SQL_AS(node, GROUPING_SET, grouping_set);
	const char *words;

	if (!set) {
		print_expr(printer, node);
		return;
	}
	switch (set->kind) {
	case PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_EMPTY:
		print_text(printer, "()");
		return;
	case PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_ROLLUP:
		words = "ROLLUP";
		break;
	case PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_CUBE:
		words = "CUBE";
		break;
	case PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_SETS:
		words = "GROUPING SETS";
		break;
	default:
		print_unknown(printer, node);
		return;
	}
	if (!print_enter(printer))
		return;
	print_list(printer, words, set->content, set->n_content, print_group);
	print_leave(printer);
}

void print_named_window(struct printer *printer, const PgQuery__Node *node)
{
	if (!SQL_IS(node, WINDOW_DEF)) {
		print_unknown(printer, node);
		return;
	}
	print_name(printer, node->window_def->name);
	print_text(printer, " AS ");
	print_window(printer, node->window_def);
}

static void print_locking(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__LockingClause *locking =
	    SQL_AS(node, LOCKING_CLAUSE, locking_clause);

	if (!locking) {
		print_unknown(printer, node);
		return;
	}
	switch (locking->strength) {
	case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORKEYSHARE:
		print_text(printer, " FOR KEY SHARE");
		break;
	case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE:
		print_text(printer, " FOR SHARE");
		break;
	case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE:
		print_text(printer, " FOR NO KEY UPDATE");
		break;
	case PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORUPDATE:
		print_text(printer, " FOR UPDATE");
		break;
	default:
		print_unknown(printer, node);
		return;
	}
	if (locking->n_locked_rels) {
		print_text(printer, " OF ");
		print_items(printer, locking->locked_rels,
			    locking->n_locked_rels, print_range_node);
	}
	if (locking->wait_policy == PG_QUERY__LOCK_WAIT_POLICY__LockWaitSkip)
		print_text(printer, " SKIP LOCKED");
	else if (locking->wait_policy ==
		 PG_QUERY__LOCK_WAIT_POLICY__LockWaitError)
		print_text(printer, " NOWAIT");
}

static void print_row_list(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__List *row = SQL_AS(node, LIST, list);

	if (row)
		print_list(printer, "", row->items, row->n_items, print_expr);
	else
		print_unknown(printer, node);
}

static void print_distinct(struct printer *printer,
			   const PgQuery__SelectStmt *select)
{
	if (!select->n_distinct_clause)
		return;
	print_text(printer, "DISTINCT ");
	/* Plain DISTINCT is a list with one empty node. */
	if (!sql_unwrap(select->distinct_clause[0]))
		return;
	print_list(printer, "ON ", select->distinct_clause,
		   select->n_distinct_clause, print_expr);
	print_text(printer, " ");
}

static void print_into(struct printer *printer, const PgQuery__IntoClause *into)
{
	if (!into)
		return;
	print_text(printer, " INTO ");
	print_text(printer, print_persistence(into->rel));
	print_text(printer, "TABLE ");
	print_relation(printer, into->rel);
}

void print_condition(struct printer *printer, const char *word,
		     const PgQuery__Node *node)
{
	if (!sql_unwrap(node))
		return;
	print_text(printer, word);
	print_expr(printer, node);
}

/* One SELECT or VALUES, without the clauses that can follow a set operation. */
static void print_simple(struct printer *printer,
			 const PgQuery__SelectStmt *select)
{
	if (select->n_values_lists) {
		print_text(printer, "VALUES ");
		print_items(printer, select->values_lists,
			    select->n_values_lists, print_row_list);
		return;
	}
	print_text(printer, "SELECT ");
	print_distinct(printer, select);
	print_items(printer, select->target_list, select->n_target_list,
		    print_target);
	print_into(printer, select->into_clause);
	if (select->n_from_clause) {
		print_text(printer, " FROM ");
		print_items(printer, select->from_clause, select->n_from_clause,
			    print_from);
	}
	print_condition(printer, " WHERE ", select->where_clause);
	if (select->n_group_clause) {
		print_text(printer, select->group_distinct
					? " GROUP BY DISTINCT "
					: " GROUP BY ");
		print_items(printer, select->group_clause,
			    select->n_group_clause, print_group);
	}
	print_condition(printer, " HAVING ", select->having_clause);
	if (select->n_window_clause) {
		print_text(printer, " WINDOW ");
		print_items(printer, select->window_clause,
			    select->n_window_clause, print_named_window);
	}
}

static bool has_tail(const PgQuery__SelectStmt *select)
{
	return select->with_clause || select->n_sort_clause ||
	       sql_unwrap(select->limit_count) ||
	       sql_unwrap(select->limit_offset) || select->n_locking_clause;
}

/* An operand of a set operation: bare if it binds correctly. */
static void print_arm(struct printer *printer, const PgQuery__SelectStmt *arm,
		      const PgQuery__SelectStmt *above, bool left)
{
	bool bracket;

	if (!arm) {
		print_fail(printer, "a set operation without operands");
		return;
	}
	bracket = has_tail(arm);
	if (arm->op > PG_QUERY__SET_OPERATION__SETOP_NONE &&
	    arm->op != PG_QUERY__SET_OPERATION__SETOP_INTERSECT)
		bracket = bracket || !left ||
			  above->op == PG_QUERY__SET_OPERATION__SETOP_INTERSECT;
	else if (arm->op == PG_QUERY__SET_OPERATION__SETOP_INTERSECT)
		bracket = bracket || !left;
	print_text(printer, bracket ? "(" : "");
	print_select(printer, arm);
	print_text(printer, bracket ? ")" : "");
}

static void print_set_operation(struct printer *printer,
				const PgQuery__SelectStmt *select)
{
	print_arm(printer, select->larg, select, true);
	switch (select->op) {
	case PG_QUERY__SET_OPERATION__SETOP_UNION:
		print_text(printer, " UNION ");
		break;
	case PG_QUERY__SET_OPERATION__SETOP_INTERSECT:
		print_text(printer, " INTERSECT ");
		break;
	case PG_QUERY__SET_OPERATION__SETOP_EXCEPT:
		print_text(printer, " EXCEPT ");
		break;
	default:
		print_fail(printer, "no rule to print a set operation");
		return;
	}
	if (select->all)
		print_text(printer, "ALL ");
	print_arm(printer, select->rarg, select, false);
}

static void print_limit(struct printer *printer,
			const PgQuery__SelectStmt *select)
{
	if (sql_unwrap(select->limit_offset)) {
		print_text(printer, " OFFSET ");
		print_operand(printer, select->limit_offset);
	}
	if (!sql_unwrap(select->limit_count))
		return;
	if (select->limit_option ==
	    PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES) {
		print_text(printer, " FETCH FIRST (");
		print_expr(printer, select->limit_count);
		print_text(printer, ") ROWS WITH TIES");
	} else {
		print_text(printer, " LIMIT ");
		print_operand(printer, select->limit_count);
	}
}

void print_select(struct printer *printer, const PgQuery__SelectStmt *select)
{
	if (!print_enter(printer))
		return;
	print_with(printer, select->with_clause);
	if (select->op > PG_QUERY__SET_OPERATION__SETOP_NONE)
		print_set_operation(printer, select);
	else
		print_simple(printer, select);
	if (select->n_sort_clause) {
		print_text(printer, " ORDER BY ");
		print_items(printer, select->sort_clause, select->n_sort_clause,
			    print_sort);
	}
	print_limit(printer, select);
	for (size_t i = 0; i < select->n_locking_clause; i++)
		print_locking(printer, select->locking_clause[i]);
	print_leave(printer);
}

void print_query(struct printer *printer, const PgQuery__Node *node)
{
	if (print_own(printer, node))
		return;
	if (SQL_IS(node, SELECT_STMT))
		print_select(printer, node->select_stmt);
	else if (SQL_IS(node, INSERT_STMT))
		print_insert(printer, node->insert_stmt);
	else if (SQL_IS(node, UPDATE_STMT))
		print_update(printer, node->update_stmt);
	else if (SQL_IS(node, DELETE_STMT))
		print_delete(printer, node->delete_stmt);
	else if (SQL_IS(node, MERGE_STMT))
		print_merge(printer, node->merge_stmt);
	else
		print_unknown(printer, node);
}
