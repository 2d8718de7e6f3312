/* Queries, with the clauses that the tree has no slot for (reserved.h). */
#include "adapters/mysql/dialect.h"
#include "adapters/mysql/reserved.h"
#include "adapters/mysql/syntax.h"

static void print_select(struct printer *printer,
			 const PgQuery__SelectStmt *select);

/* ---- clauses ---- */

static const PgQuery__FuncCall *clauses_of(const PgQuery__SelectStmt *select)
{
	return select->n_window_clause
		   ? mysql_reserved(
			 select->window_clause[select->n_window_clause - 1],
			 MYSQL_CLAUSES)
		   : NULL;
}

static const PgQuery__Node *clause(const PgQuery__SelectStmt *select,
				   const char *name)
{
	const PgQuery__FuncCall *call = clauses_of(select);
	size_t at = 0;

	return call ? mysql_clause(call->args, call->n_args, name, &at) : NULL;
}

/* As it came from the text. */
static void print_hint(struct printer *printer,
		       const PgQuery__SelectStmt *select)
{
	const char *text = mysql_text_of(clause(select, "hint"));
	size_t size = text ? strlen(text) : 0;

	if (!text)
		return;
	if (size < 5 || strncmp(text, "/*+", 3) ||
	    strstr(text + 3, "*/") != text + size - 2) {
		print_fail(printer, "no rule to print a hint");
		return;
	}
	print_text(printer, text);
	print_text(printer, " ");
}

static void print_options(struct printer *printer,
			  const PgQuery__SelectStmt *select)
{
	const PgQuery__FuncCall *call = clauses_of(select);
	const PgQuery__Node *option;
	size_t at = 0;

	print_hint(printer, select);
	while (call && (option = mysql_clause(call->args, call->n_args,
					      "option", &at))) {
		mysql_print_word(printer, option);
		print_text(printer, " ");
	}
	if (select->n_distinct_clause)
		print_text(printer, "DISTINCT ");
}

static void print_into(struct printer *printer,
		       const PgQuery__SelectStmt *select)
{
	const PgQuery__FuncCall *call = clauses_of(select);
	const PgQuery__Node *target;
	const char *word = " INTO ";
	size_t at = 0;

	while (call &&
	       (target = mysql_clause(call->args, call->n_args, "into", &at))) {
		print_text(printer, word);
		print_expr(printer, target);
		word = ", ";
	}
	target = clause(select, "outfile");
	print_condition(printer, " INTO OUTFILE ", target);
	target = clause(select, "dumpfile");
	print_condition(printer, " INTO DUMPFILE ", target);
}

/* ---- one SELECT ---- */

static void print_group(struct printer *printer,
			const PgQuery__SelectStmt *select)
{
	const PgQuery__GroupingSet *set =
	    select->n_group_clause == 1
		? SQL_AS(select->group_clause[0], GROUPING_SET, grouping_set)
		: NULL;

	if (!select->n_group_clause)
		return;
	print_text(printer, " GROUP BY ");
	if (!set) {
		print_items(printer, select->group_clause,
			    select->n_group_clause, print_expr);
	} else if (set->kind ==
		   PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_ROLLUP) {
		print_items(printer, set->content, set->n_content, print_expr);
		print_text(printer, " WITH ROLLUP");
	} else {
		print_fail(printer, "no rule to print GROUPING SETS");
	}
}

static void print_windows(struct printer *printer,
			  const PgQuery__SelectStmt *select)
{
	size_t count = select->n_window_clause - (clauses_of(select) ? 1 : 0);

	if (!select->n_window_clause || !count)
		return;
	print_text(printer, " WINDOW ");
	print_items(printer, select->window_clause, count, print_named_window);
}

static void print_simple(struct printer *printer,
			 const PgQuery__SelectStmt *select)
{
	if (select->n_values_lists) {
		mysql_print_rows(
		    printer, select->values_lists, select->n_values_lists,
		    mysql_dialect_is_mariadb(printer->dialect) ? "" : "ROW");
		return;
	}
	print_text(printer, "SELECT ");
	print_options(printer, select);
	print_items(printer, select->target_list, select->n_target_list,
		    print_target);
	if (select->n_from_clause) {
		print_text(printer, " FROM ");
		print_items(printer, select->from_clause, select->n_from_clause,
			    print_from);
	} else if (sql_unwrap(select->where_clause)) {
		print_text(printer, " FROM DUAL");
	}
	print_condition(printer, " WHERE ", select->where_clause);
	print_group(printer, select);
	print_condition(printer, " HAVING ", select->having_clause);
	print_windows(printer, select);
}

static void print_value(struct printer *printer, const PgQuery__Node *node)
{
	print_expr(printer, node);
}

void mysql_print_rows(struct printer *printer, PgQuery__Node *const *rows,
		      size_t count, const char *word)
{
	print_text(printer, "VALUES ");
	for (size_t i = 0; i < count && !printer->failed; i++) {
		const PgQuery__List *row = SQL_AS(rows[i], LIST, list);

		if (!row) {
			print_unknown(printer, rows[i]);
			return;
		}
		buffer_printf(printer->out, "%s%s(", i ? ", " : "", word);
		print_items(printer, row->items, row->n_items, print_value);
		print_text(printer, ")");
	}
}

/* ---- set operations ---- */

static bool has_tail(const PgQuery__SelectStmt *select)
{
	return select->with_clause || select->n_sort_clause ||
	       sql_unwrap(select->limit_count) ||
	       sql_unwrap(select->limit_offset) || select->n_locking_clause ||
	       clause(select, "examined");
}

static bool gives_into(const PgQuery__SelectStmt *select)
{
	return clause(select, "into") || clause(select, "outfile") ||
	       clause(select, "dumpfile");
}

static void print_arm(struct printer *printer, const PgQuery__SelectStmt *arm,
		      const PgQuery__SelectStmt *above, bool left)
{
	bool bracket;

	if (!arm) {
		print_fail(printer, "a set operation without operands");
		return;
	}
	/* INTO behind the last arm would be the arm's. */
	bracket = has_tail(arm) || (!left && gives_into(above));
	if (arm->op > PG_QUERY__SET_OPERATION__SETOP_NONE)
		bracket =
		    bracket || !left ||
		    (arm->op != PG_QUERY__SET_OPERATION__SETOP_INTERSECT &&
		     above->op == PG_QUERY__SET_OPERATION__SETOP_INTERSECT);
	print_text(printer, bracket ? "(" : "");
	print_select(printer, arm);
	print_text(printer, bracket ? ")" : "");
}

static void print_set_operation(struct printer *printer,
				const PgQuery__SelectStmt *select)
{
	print_arm(printer, select->larg, select, true);
	print_text(printer,
		   select->op == PG_QUERY__SET_OPERATION__SETOP_UNION
		       ? " UNION "
		   : select->op == PG_QUERY__SET_OPERATION__SETOP_INTERSECT
		       ? " INTERSECT "
		       : " EXCEPT ");
	if (select->all)
		print_text(printer, "ALL ");
	print_arm(printer, select->rarg, select, false);
}

/* ---- WITH ---- */

static void print_cte(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__CommonTableExpr *cte =
	    SQL_AS(node, COMMON_TABLE_EXPR, common_table_expr);

	if (!cte) {
		print_unknown(printer, node);
		return;
	}
	print_name(printer, cte->ctename);
	print_list(printer, " ", cte->aliascolnames, cte->n_aliascolnames,
		   print_name_node);
	print_text(printer, " AS (");
	print_query(printer, cte->ctequery);
	print_text(printer, ")");
	if (!cte->cycle_clause)
		return;
	print_text(printer, " CYCLE ");
	print_items(printer, cte->cycle_clause->cycle_col_list,
		    cte->cycle_clause->n_cycle_col_list, print_name_node);
	print_text(printer, " RESTRICT");
}

void mysql_print_with(struct printer *printer, const PgQuery__WithClause *with)
{
	if (!with)
		return;
	print_text(printer, with->recursive ? "WITH RECURSIVE " : "WITH ");
	print_items(printer, with->ctes, with->n_ctes, print_cte);
	print_text(printer, " ");
}

/* ---- the tail ---- */

void mysql_print_order(struct printer *printer, PgQuery__Node *const *items,
		       size_t count)
{
	if (!count)
		return;
	print_text(printer, " ORDER BY ");
	print_items(printer, items, count, print_sort);
}

static void print_limit(struct printer *printer,
			const PgQuery__SelectStmt *select)
{
	bool ties = select->limit_option ==
		    PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES;
	bool fetch = ties || !sql_unwrap(select->limit_count);

	if (sql_unwrap(select->limit_offset) && fetch) {
		print_condition(printer, " OFFSET ", select->limit_offset);
		print_text(printer, " ROWS");
	}
	print_condition(printer, ties ? " FETCH FIRST " : " LIMIT ",
			select->limit_count);
	if (ties)
		print_text(printer, " ROWS WITH TIES");
	else if (!fetch)
		print_condition(printer, " OFFSET ", select->limit_offset);
	if (!clause(select, "examined"))
		return;
	print_text(printer, sql_unwrap(select->limit_count) ? "" : " LIMIT");
	print_condition(printer, " ROWS EXAMINED ", clause(select, "examined"));
}

static void print_locking(struct printer *printer,
			  const PgQuery__SelectStmt *select,
			  const PgQuery__LockingClause *locking)
{
	bool update =
	    locking->strength == PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORUPDATE;

	print_text(printer, update ? " FOR UPDATE"
			    : mysql_dialect_is_mariadb(printer->dialect)
				? " LOCK IN SHARE MODE"
				: " FOR SHARE");
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
	print_condition(printer, " WAIT ", clause(select, "wait"));
}

static void print_select(struct printer *printer,
			 const PgQuery__SelectStmt *select)
{
	if (!print_enter(printer))
		return;
	mysql_print_with(printer, select->with_clause);
	if (select->op > PG_QUERY__SET_OPERATION__SETOP_NONE)
		print_set_operation(printer, select);
	else
		print_simple(printer, select);
	mysql_print_order(printer, select->sort_clause, select->n_sort_clause);
	print_limit(printer, select);
	print_into(printer, select);
	for (size_t i = 0; i < select->n_locking_clause; i++)
		if (SQL_IS(select->locking_clause[i], LOCKING_CLAUSE))
			print_locking(
			    printer, select,
			    select->locking_clause[i]->locking_clause);
	print_leave(printer);
}

bool mysql_print_query(struct printer *printer, const PgQuery__Node *node)
{
	if (!SQL_IS(node, SELECT_STMT))
		return false;
	print_select(printer, node->select_stmt);
	return true;
}
