/*
 * What stands in and behind the brackets of a call:
 *
 *	count(DISTINCT a, b) OVER (PARTITION BY c)
 *	group_concat(a ORDER BY b DESC SEPARATOR ', ' LIMIT 3)
 */
#include "adapters/mysql/parse_call.h"
#include "adapters/mysql/words.h"
#include "sql/build.h"

/* Aggregates with ORDER BY, SEPARATOR and LIMIT in their brackets. */
static bool takes_order(const PgQuery__FuncCall *call)
{
	const char *name = sql_string_value(call->funcname[0]);

	return call->n_funcname == 1 && (!strcmp(name, "group_concat") ||
					 !strcmp(name, "json_arrayagg"));
}

static void tail(struct mysql_reader *reader, PgQuery__FuncCall *call,
		 struct mysql_list *list)
{
	struct mysql_list order = {NULL, 0, 0};
	PgQuery__Node *count = NULL;
	PgQuery__Node *offset = NULL;

	call->funcformat = PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX;
	mysql_order_by(reader, &order);
	MYSQL_PUT(call, agg_order, order);
	if (mysql_accept(reader, "separator"))
		mysql_argument(
		    reader, call, list,
		    mysql_named(reader, "separator", mysql_constant(reader)));
	mysql_limit(reader, &count, &offset);
	if (offset)
		mysql_argument(reader, call, list,
			       mysql_named(reader, "offset", offset));
	if (count)
		mysql_argument(reader, call, list,
			       mysql_named(reader, "limit", count));
}

static void within_group(struct mysql_reader *reader, PgQuery__FuncCall *call)
{
	struct mysql_list order = {NULL, 0, 0};

	mysql_expect(reader, "(");
	mysql_order_by(reader, &order);
	mysql_expect(reader, ")");
	MYSQL_PUT(call, agg_order, order);
	call->agg_within_group = true;
}

void mysql_call_arguments(struct mysql_reader *reader, PgQuery__FuncCall *call)
{
	struct mysql_list list = {NULL, 0, 0};

	mysql_expect(reader, "(");
	if (mysql_accept(reader, "*")) {
		call->agg_star = true;
	} else if (!mysql_is(reader, ")")) {
		call->agg_distinct = mysql_accept(reader, "distinct") ||
				     mysql_accept(reader, "distinctrow");
		mysql_accept(reader, "all");
		mysql_expressions(reader, &list);
		MYSQL_PUT(call, args, list);
		if (takes_order(call))
			tail(reader, call, &list);
	}
	mysql_expect(reader, ")");
	if (mysql_is(reader, "within") && mysql_is_at(reader, 1, "group")) {
		mysql_take(reader);
		mysql_take(reader);
		within_group(reader, call);
	}
	if (mysql_accept(reader, "over"))
		call->over = mysql_over(reader);
}

static const char *match_mode(struct mysql_reader *reader)
{
	if (mysql_accept_two(reader, "in", "boolean")) {
		mysql_expect(reader, "mode");
		return "boolean";
	}
	if (mysql_accept_two(reader, "in", "natural")) {
		mysql_expect(reader, "language");
		mysql_expect(reader, "mode");
	}
	if (!mysql_accept_two(reader, "with", "query"))
		return "";
	mysql_expect(reader, "expansion");
	return "expansion";
}

PgQuery__Node *mysql_match(struct mysql_reader *reader)
{
	struct mysql_list columns = {NULL, 0, 0};
	PgQuery__Node *value;
	const char *mode;

	mysql_expect(reader, "(");
	mysql_expressions(reader, &columns);
	mysql_expect(reader, ")");
	mysql_expect(reader, "against");
	mysql_expect(reader, "(");
	value = mysql_bit_expression(reader);
	mode = match_mode(reader);
	mysql_expect(reader, ")");
	return mysql_special(
	    reader, "match",
	    sql_row(reader->arena, columns.items, columns.item_count), value,
	    sql_const_string(reader->arena, mode));
}
