/* INSERT, UPDATE, DELETE, MERGE. */
#include "sql/print_internal.h"

static void print_returning(struct printer *printer,
			    PgQuery__Node *const *items, size_t count)
{
	if (!count)
		return;
	print_text(printer, " RETURNING ");
	for (size_t i = 0; i < count && !printer->failed; i++) {
		const PgQuery__ResTarget *target =
		    SQL_AS(items[i], RES_TARGET, res_target);

		if (!target) {
			print_unknown(printer, items[i]);
			return;
		}
		print_text(printer, i ? ", " : "");
		print_expr(printer, target->val);
		if (SQL_SET(target->name)) {
			print_text(printer, " AS ");
			print_name(printer, target->name);
		}
	}
}

static void print_column(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__ResTarget *target = SQL_AS(node, RES_TARGET, res_target);

	if (!target) {
		print_unknown(printer, node);
		return;
	}
	print_name(printer, target->name);
	print_indirection(printer, target->indirection, target->n_indirection);
}

/* a = 1, (b, c) = (SELECT ...): a multiple assignment is one target for
 * each of its columns, all with the same source. */
void print_assignments(struct printer *printer, PgQuery__Node *const *items,
		       size_t count)
{
	size_t i = 0;

	if (!count)
		print_fail(printer, "UPDATE without assignments");
	while (i < count && !printer->failed) {
		const PgQuery__ResTarget *target =
		    SQL_AS(items[i], RES_TARGET, res_target);
		const PgQuery__MultiAssignRef *multi =
		    target ? SQL_AS(target->val, MULTI_ASSIGN_REF,
				    multi_assign_ref)
			   : NULL;
		size_t columns = multi ? (size_t)multi->ncolumns : 1;

		if (!target || !columns || columns > count - i ||
		    (multi && multi->colno != 1)) {
			print_unknown(printer, items[i]);
			return;
		}
		print_text(printer, i ? ", " : "");
		if (multi) {
			print_list(printer, "", items + i, columns,
				   print_column);
		} else {
			print_column(printer, items[i]);
		}
		print_text(printer, " = ");
		print_expr(printer, multi ? multi->source : target->val);
		i += columns;
	}
}

void print_insert(struct printer *printer, const PgQuery__InsertStmt *insert)
{
	if (!print_enter(printer))
		return;
	print_with(printer, insert->with_clause);
	print_text(printer, "INSERT INTO ");
	print_relation(printer, insert->relation);
	if (insert->relation)
		print_alias(printer, insert->relation->alias);
	print_list(printer, " ", insert->cols, insert->n_cols, print_column);
	printer->dialect->syntax->overriding(printer->out, insert->override);
	if (sql_unwrap(insert->select_stmt)) {
		print_text(printer, " ");
		print_query(printer, insert->select_stmt);
	} else {
		print_text(printer, " DEFAULT VALUES");
	}
	if (insert->on_conflict_clause)
		printer->dialect->syntax->conflict(printer,
						   insert->on_conflict_clause);
	print_returning(printer, insert->returning_list,
			insert->n_returning_list);
	print_leave(printer);
}

static void print_from_list(struct printer *printer, const char *word,
			    PgQuery__Node *const *items, size_t count)
{
	if (!count)
		return;
	print_text(printer, word);
	print_items(printer, items, count, print_from);
}

void print_update(struct printer *printer, const PgQuery__UpdateStmt *update)
{
	if (!print_enter(printer))
		return;
	print_with(printer, update->with_clause);
	print_text(printer, "UPDATE ");
	print_range(printer, update->relation);
	print_text(printer, " SET ");
	print_assignments(printer, update->target_list, update->n_target_list);
	print_from_list(printer, " FROM ", update->from_clause,
			update->n_from_clause);
	print_condition(printer, " WHERE ", update->where_clause);
	print_returning(printer, update->returning_list,
			update->n_returning_list);
	print_leave(printer);
}

void print_delete(struct printer *printer, const PgQuery__DeleteStmt *stmt)
{
	if (!print_enter(printer))
		return;
	print_with(printer, stmt->with_clause);
	print_text(printer, "DELETE FROM ");
	print_range(printer, stmt->relation);
	print_from_list(printer, " USING ", stmt->using_clause,
			stmt->n_using_clause);
	print_condition(printer, " WHERE ", stmt->where_clause);
	print_returning(printer, stmt->returning_list, stmt->n_returning_list);
	print_leave(printer);
}

static void print_merge_insert(struct printer *printer,
			       const PgQuery__MergeWhenClause *when)
{
	print_text(printer, "INSERT");
	print_list(printer, " ", when->target_list, when->n_target_list,
		   print_column);
	printer->dialect->syntax->overriding(printer->out, when->override);
	if (when->n_values)
		print_list(printer, " VALUES ", when->values, when->n_values,
			   print_expr);
	else
		print_text(printer, " DEFAULT VALUES");
}

static void print_merge_when(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__MergeWhenClause *when =
	    SQL_AS(node, MERGE_WHEN_CLAUSE, merge_when_clause);

	if (!when) {
		print_unknown(printer, node);
		return;
	}
	print_text(printer,
		   when->matched ? " WHEN MATCHED" : " WHEN NOT MATCHED");
	if (sql_unwrap(when->condition)) {
		print_text(printer, " AND ");
		print_operand(printer, when->condition);
	}
	print_text(printer, " THEN ");
	switch (when->command_type) {
	case PG_QUERY__CMD_TYPE__CMD_UPDATE:
		print_text(printer, "UPDATE SET ");
		print_assignments(printer, when->target_list,
				  when->n_target_list);
		return;
	case PG_QUERY__CMD_TYPE__CMD_DELETE:
		print_text(printer, "DELETE");
		return;
	case PG_QUERY__CMD_TYPE__CMD_INSERT:
		print_merge_insert(printer, when);
		return;
	case PG_QUERY__CMD_TYPE__CMD_NOTHING:
		print_text(printer, "DO NOTHING");
		return;
	default:
		print_unknown(printer, node);
		return;
	}
}

void print_merge(struct printer *printer, const PgQuery__MergeStmt *merge)
{
	if (!print_enter(printer))
		return;
	print_with(printer, merge->with_clause);
	print_text(printer, "MERGE INTO ");
	print_range(printer, merge->relation);
	print_text(printer, " USING ");
	print_from(printer, merge->source_relation);
	print_text(printer, " ON ");
	print_expr(printer, merge->join_condition);
	for (size_t i = 0; i < merge->n_merge_when_clauses; i++)
		print_merge_when(printer, merge->merge_when_clauses[i]);
	print_leave(printer);
}
