/* The tables of FROM: joins, index hints, JSON_TABLE. */
#include "adapters/mysql/reserved.h"
#include "adapters/mysql/syntax.h"

/* ---- joins ---- */

static const char *join_words(const PgQuery__JoinExpr *join)
{
	if (join->rtindex == MYSQL_STRAIGHT_JOIN)
		return " STRAIGHT_JOIN ";
	switch (join->jointype) {
	case PG_QUERY__JOIN_TYPE__JOIN_INNER:
		return join->is_natural ? " NATURAL JOIN " : " JOIN ";
	case PG_QUERY__JOIN_TYPE__JOIN_LEFT:
		return join->is_natural ? " NATURAL LEFT JOIN " : " LEFT JOIN ";
	case PG_QUERY__JOIN_TYPE__JOIN_RIGHT:
		return join->is_natural ? " NATURAL RIGHT JOIN "
					: " RIGHT JOIN ";
	default:
		return NULL;
	}
}

/* A join needs brackets on the right only: to the left is how joins without
 * brackets are read, with a condition or without. */
static void print_side(struct printer *printer, const PgQuery__Node *node,
		       bool bracket)
{
	print_text(printer, bracket ? "(" : "");
	print_from(printer, node);
	print_text(printer, bracket ? ")" : "");
}

static bool print_join(struct printer *printer, const PgQuery__JoinExpr *join)
{
	const char *words = join_words(join);

	if (!words || join->alias || join->join_using_alias)
		return false;
	print_side(printer, join->larg, false);
	print_text(printer, words);
	print_side(printer, join->rarg, SQL_IS(join->rarg, JOIN_EXPR));
	print_condition(printer, " ON ", join->quals);
	print_list(printer, " USING ", join->using_clause, join->n_using_clause,
		   print_name_node);
	return true;
}

/* ---- PARTITION and index hints ---- */

/* The names that may be none: USE INDEX (). */
static void print_names(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__List *list = SQL_AS(node, LIST, list);

	if (!list) {
		print_unknown(printer, node);
		return;
	}
	print_text(printer, "(");
	print_items(printer, list->items, list->n_items, print_name_node);
	print_text(printer, ")");
}

static void print_hints(struct printer *printer,
			const PgQuery__RangeTableSample *sample)
{
	for (size_t i = 0; i < sample->n_args; i++) {
		const PgQuery__NamedArgExpr *named =
		    SQL_AS(sample->args[i], NAMED_ARG_EXPR, named_arg_expr);

		if (!named || !strcmp(named->name, "partition"))
			continue;
		buffer_printf(printer->out, " %s ", named->name);
		print_names(printer, named->arg);
	}
}

static bool print_sample(struct printer *printer,
			 const PgQuery__RangeTableSample *sample)
{
	const PgQuery__RangeVar *range =
	    SQL_AS(sample->relation, RANGE_VAR, range_var);
	const char *method =
	    sample->n_method == 2 ? sql_string_value(sample->method[0]) : NULL;
	const PgQuery__Node *partition;
	size_t at = 0;

	if (!range || !method || strcmp(method, MYSQL_RESERVED))
		return false;
	print_relation(printer, range);
	partition =
	    mysql_clause(sample->args, sample->n_args, "partition", &at);
	if (partition) {
		print_text(printer, " PARTITION ");
		print_names(printer, partition);
	}
	print_alias(printer, range->alias);
	print_hints(printer, sample);
	return true;
}

/* ---- JSON_TABLE ---- */

static void print_columns(struct printer *printer,
			  const PgQuery__RangeTableFunc *table);

static void print_on(struct printer *printer, const PgQuery__FuncCall *call,
		     const char *name, const char *words)
{
	size_t at = 0;
	const PgQuery__Node *value =
	    mysql_clause(call->args, call->n_args, name, &at);
	const PgQuery__AConst *constant = SQL_AS(value, A_CONST, a_const);

	if (!value)
		return;
	if (SQL_IS(value, SET_TO_DEFAULT)) {
		print_text(printer, " ERROR");
	} else {
		print_text(printer,
			   constant && constant->isnull ? " " : " DEFAULT ");
		print_expr(printer, value);
	}
	print_text(printer, words);
}

static void print_column(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__RangeTableFunc *nested =
	    SQL_AS(node, RANGE_TABLE_FUNC, range_table_func);
	const PgQuery__RangeTableFuncCol *column =
	    SQL_AS(node, RANGE_TABLE_FUNC_COL, range_table_func_col);
	const PgQuery__FuncCall *call;
	size_t at = 0;

	if (nested) {
		print_text(printer, "NESTED PATH ");
		print_expr(printer, nested->rowexpr);
		print_columns(printer, nested);
		return;
	}
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
	mysql_print_type(printer, column->type_name);
	call = mysql_reserved(column->coldefexpr, MYSQL_CLAUSES);
	if (call && mysql_clause(call->args, call->n_args, "exists", &at))
		print_text(printer, " EXISTS");
	print_text(printer, " PATH ");
	print_expr(printer, column->colexpr);
	if (!call)
		return;
	print_on(printer, call, "empty", " ON EMPTY");
	print_on(printer, call, "error", " ON ERROR");
}

static void print_columns(struct printer *printer,
			  const PgQuery__RangeTableFunc *table)
{
	if (!print_enter(printer))
		return;
	print_list(printer, " COLUMNS ", table->columns, table->n_columns,
		   print_column);
	print_leave(printer);
}

static bool print_json_table(struct printer *printer,
			     const PgQuery__RangeTableFunc *table)
{
	print_text(printer, "JSON_TABLE(");
	print_expr(printer, table->docexpr);
	print_text(printer, ", ");
	print_expr(printer, table->rowexpr);
	print_columns(printer, table);
	print_text(printer, ")");
	print_alias(printer, table->alias);
	return true;
}

bool mysql_print_from(struct printer *printer, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_JOIN_EXPR:
		return print_join(printer, node->join_expr);
	case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE:
		return print_sample(printer, node->range_table_sample);
	case PG_QUERY__NODE__NODE_RANGE_TABLE_FUNC:
		return print_json_table(printer, node->range_table_func);
	default:
		return false;
	}
}
