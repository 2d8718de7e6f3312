/* INSERT, REPLACE, UPDATE, DELETE. */
#include "adapters/mysql/reserved.h"
#include "adapters/mysql/syntax.h"

static void print_returning(struct printer *printer,
			    PgQuery__Node *const *items, size_t count)
{
	if (!count)
		return;
	print_text(printer, " RETURNING ");
	print_items(printer, items, count, print_target);
}

/* ---- INSERT ---- */

static bool is_replace(const PgQuery__InferClause *infer)
{
	const char *first = infer && infer->n_index_elems
				? sql_string_value(infer->index_elems[0])
				: NULL;

	return first && !strcmp(first, "replace");
}

static void print_insert_options(struct printer *printer,
				 const PgQuery__InferClause *infer)
{
	print_text(printer, is_replace(infer) ? "REPLACE " : "INSERT ");
	for (size_t i = is_replace(infer) ? 1 : 0;
	     infer && i < infer->n_index_elems; i++) {
		const char *word = sql_string_value(infer->index_elems[i]);

		if (word)
			buffer_printf(printer->out, "%s ", word);
		else if (!SQL_IS(infer->index_elems[i], NAMED_ARG_EXPR))
			print_unknown(printer, infer->index_elems[i]);
	}
	print_text(printer, "INTO ");
}

static void print_partition(struct printer *printer,
			    const PgQuery__InferClause *infer)
{
	size_t at = 0;
	const PgQuery__Node *node =
	    infer ? mysql_clause(infer->index_elems, infer->n_index_elems,
				 "partition", &at)
		  : NULL;

	if (SQL_IS(node, LIST))
		print_list(printer, " PARTITION ", node->list->items,
			   node->list->n_items, print_name_node);
}

static void print_column(struct printer *printer, const PgQuery__Node *node)
{
	if (SQL_IS(node, RES_TARGET))
		print_name(printer, node->res_target->name);
	else
		print_unknown(printer, node);
}

static void print_source(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__SelectStmt *select =
	    SQL_AS(node, SELECT_STMT, select_stmt);

	if (select && select->n_values_lists && !select->with_clause &&
	    !select->n_sort_clause && !sql_unwrap(select->limit_count))
		mysql_print_rows(printer, select->values_lists,
				 select->n_values_lists, "");
	else
		print_query(printer, node);
}

static void print_insert(struct printer *printer,
			 const PgQuery__InsertStmt *insert)
{
	const PgQuery__OnConflictClause *conflict = insert->on_conflict_clause;
	const PgQuery__InferClause *infer = conflict ? conflict->infer : NULL;

	if (insert->with_clause ||
	    (conflict &&
	     conflict->action ==
		 PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING)) {
		print_fail(printer, "no rule to print this INSERT");
		return;
	}
	print_insert_options(printer, infer);
	print_relation(printer, insert->relation);
	print_partition(printer, infer);
	print_list(printer, " ", insert->cols, insert->n_cols, print_column);
	print_text(printer, " ");
	if (sql_unwrap(insert->select_stmt))
		print_source(printer, insert->select_stmt);
	else
		print_text(printer, "VALUES ()");
	if (conflict)
		printer->dialect->syntax->conflict(printer, conflict);
	print_returning(printer, insert->returning_list,
			insert->n_returning_list);
}

/* ---- UPDATE and DELETE ---- */

static const PgQuery__FuncCall *clauses_of(const PgQuery__Node *where)
{
	return mysql_reserved(where, MYSQL_CLAUSES);
}

static const PgQuery__Node *clause(const PgQuery__FuncCall *call,
				   const char *name)
{
	size_t at = 0;

	return call ? mysql_clause(call->args, call->n_args, name, &at) : NULL;
}

static void print_options(struct printer *printer,
			  const PgQuery__FuncCall *call)
{
	const PgQuery__Node *option;
	size_t at = 0;

	while (call && (option = mysql_clause(call->args, call->n_args,
					      "option", &at))) {
		mysql_print_word(printer, option);
		print_text(printer, " ");
	}
}

static void print_tail(struct printer *printer, const PgQuery__Node *where)
{
	const PgQuery__FuncCall *call = clauses_of(where);

	if (!call) {
		print_condition(printer, " WHERE ", where);
		return;
	}
	print_condition(printer, " WHERE ", clause(call, "where"));
	mysql_print_order(printer, call->agg_order, call->n_agg_order);
	print_condition(printer, " LIMIT ", clause(call, "limit"));
	print_condition(printer, " OFFSET ", clause(call, "offset"));
}

static void print_tables(struct printer *printer,
			 const PgQuery__RangeVar *relation,
			 PgQuery__Node *const *items, size_t count)
{
	if (relation && count) {
		print_fail(printer, "no rule to print a write's other tables");
	} else if (relation) {
		print_relation(printer, relation);
		print_alias(printer, relation->alias);
	} else {
		print_items(printer, items, count, print_from);
	}
}

static void print_update(struct printer *printer,
			 const PgQuery__UpdateStmt *update)
{
	mysql_print_with(printer, update->with_clause);
	print_text(printer, "UPDATE ");
	print_options(printer, clauses_of(update->where_clause));
	print_tables(printer, update->relation, update->from_clause,
		     update->n_from_clause);
	print_text(printer, " SET ");
	print_assignments(printer, update->target_list, update->n_target_list);
	print_tail(printer, update->where_clause);
	print_returning(printer, update->returning_list,
			update->n_returning_list);
}

static void print_delete(struct printer *printer,
			 const PgQuery__DeleteStmt *stmt)
{
	const PgQuery__FuncCall *call = clauses_of(stmt->where_clause);
	const PgQuery__Node *target;
	const char *blank = "";
	size_t at = 0;

	mysql_print_with(printer, stmt->with_clause);
	print_text(printer, "DELETE ");
	print_options(printer, call);
	while (call && (target = mysql_clause(call->args, call->n_args,
					      "target", &at))) {
		print_text(printer, blank);
		print_expr(printer, target);
		blank = ", ";
	}
	print_text(printer, *blank ? " FROM " : "FROM ");
	print_tables(printer, stmt->relation, stmt->using_clause,
		     stmt->n_using_clause);
	print_tail(printer, stmt->where_clause);
	print_returning(printer, stmt->returning_list, stmt->n_returning_list);
}

bool mysql_print_write(struct printer *printer, const PgQuery__Node *node)
{
	bool write = SQL_IS(node, INSERT_STMT) || SQL_IS(node, UPDATE_STMT) ||
		     SQL_IS(node, DELETE_STMT);

	if (!write || !print_enter(printer))
		return write;
	if (SQL_IS(node, INSERT_STMT))
		print_insert(printer, node->insert_stmt);
	else if (SQL_IS(node, UPDATE_STMT))
		print_update(printer, node->update_stmt);
	else
		print_delete(printer, node->delete_stmt);
	print_leave(printer);
	return true;
}
