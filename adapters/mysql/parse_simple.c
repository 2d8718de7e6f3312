/* The operands of operators: brackets, subqueries, CASE, prefixes. */
#include "adapters/mysql/parse_predicate.h"
#include "adapters/mysql/words.h"
#include "sql/build.h"

/* c -> '$.a' is JSON_EXTRACT(c, '$.a'); c ->> '$.a' that, unquoted. */
static PgQuery__Node *json_path(struct mysql_reader *reader,
				PgQuery__Node *node)
{
	bool unquote = mysql_is(reader, "->>");
	PgQuery__Node *args[2] = {node, NULL};

	if (reader->failed || (!unquote && !mysql_is(reader, "->")))
		return node;
	if (reader->mode->server == MYSQL_SERVER_MARIADB)
		return mysql_fail(reader, "MariaDB has no operator ->");
	mysql_take(reader);
	args[1] = mysql_string(reader);
	node = sql_call(reader->arena, NULL, "json_extract", args, 2);
	return unquote ? sql_call(reader->arena, NULL, "json_unquote", &node, 1)
		       : node;
}

/* ---- brackets ---- */

static PgQuery__Node *row(struct mysql_reader *reader,
			  const struct mysql_list *list,
			  PgQuery__CoercionForm form)
{
	PgQuery__Node *node =
	    sql_row(reader->arena, list->items, list->item_count);

	node->row_expr->row_format = form;
	return node;
}

static PgQuery__Node *bracketed(struct mysql_reader *reader)
{
	struct mysql_list list = {NULL, 0, 0};

	if (mysql_is_query(reader))
		return sql_sublink(reader->arena,
				   PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK,
				   mysql_query_operand(reader));
	mysql_expect(reader, "(");
	mysql_expressions(reader, &list);
	mysql_expect(reader, ")");
	if (list.item_count == 1)
		return list.items[0];
	return row(reader, &list,
		   PG_QUERY__COERCION_FORM__COERCE_IMPLICIT_CAST);
}

static PgQuery__Node *worded_row(struct mysql_reader *reader)
{
	struct mysql_list list = {NULL, 0, 0};

	mysql_take(reader);
	mysql_expect(reader, "(");
	mysql_expressions(reader, &list);
	mysql_expect(reader, ")");
	return row(reader, &list,
		   PG_QUERY__COERCION_FORM__COERCE_EXPLICIT_CALL);
}

static PgQuery__Node *exists(struct mysql_reader *reader)
{
	mysql_take(reader);
	if (!mysql_is_query(reader))
		return mysql_unexpected(reader, "a query");
	return sql_sublink(reader->arena,
			   PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK,
			   mysql_query_operand(reader));
}

/* ---- CASE ---- */

static PgQuery__Node *case_when(struct mysql_reader *reader)
{
	PgQuery__CaseWhen *when =
	    sql_new(reader->arena, &pg_query__case_when__descriptor);

	when->location = -1;
	when->expr = mysql_expression(reader);
	mysql_expect(reader, "then");
	when->result = mysql_expression(reader);
	return sql_wrap(reader->arena, when);
}

static PgQuery__Node *case_of(struct mysql_reader *reader)
{
	PgQuery__CaseExpr *expr =
	    sql_new(reader->arena, &pg_query__case_expr__descriptor);
	struct mysql_list list = {NULL, 0, 0};

	mysql_take(reader);
	expr->location = -1;
	if (!mysql_is(reader, "when"))
		expr->arg = mysql_expression(reader);
	while (mysql_accept(reader, "when"))
		mysql_add(reader, &list, case_when(reader));
	if (!list.item_count)
		mysql_unexpected(reader, "WHEN");
	if (mysql_accept(reader, "else"))
		expr->defresult = mysql_expression(reader);
	mysql_expect(reader, "end");
	MYSQL_PUT(expr, args, list);
	return sql_wrap(reader->arena, expr);
}

/* ---- prefixes ---- */

static bool is_number(const PgQuery__Node *node)
{
	const PgQuery__AConst *constant = SQL_AS(node, A_CONST, a_const);

	if (!constant || constant->isnull)
		return false;
	if (constant->val_case == PG_QUERY__A__CONST__VAL_IVAL)
		return constant->ival->ival >= 0;
	return constant->val_case == PG_QUERY__A__CONST__VAL_FVAL &&
	       *constant->fval->fval != '-' &&
	       !strpbrk(constant->fval->fval, "xb");
}

/* -5 is a constant, as PostgreSQL's parser has it. */
static PgQuery__Node *minus(struct mysql_reader *reader)
{
	int32_t place = (int32_t)mysql_take(reader)->start;
	bool literal = !mysql_is(reader, "(") && !mysql_is(reader, "{");
	PgQuery__Node *node = mysql_simple_expression(reader);

	if (!literal || !is_number(node))
		return sql_operator(reader->arena, "-", NULL, node);
	node->a_const->location = place;
	if (node->a_const->val_case == PG_QUERY__A__CONST__VAL_IVAL &&
	    node->a_const->ival->ival)
		node->a_const->ival->ival = -node->a_const->ival->ival;
	else if (node->a_const->val_case == PG_QUERY__A__CONST__VAL_FVAL)
		node->a_const->fval->fval = arena_printf(
		    reader->arena, "-%s", node->a_const->fval->fval);
	return node;
}

static PgQuery__Node *negation(struct mysql_reader *reader)
{
	mysql_take(reader);
	return mysql_not(reader, mysql_simple_expression(reader));
}

static PgQuery__Node *prefixed(struct mysql_reader *reader)
{
	if (mysql_is(reader, "-"))
		return minus(reader);
	if (mysql_accept(reader, "+"))
		return mysql_simple_expression(reader);
	if (mysql_accept(reader, "~"))
		return sql_operator(reader->arena, "~", NULL,
				    mysql_simple_expression(reader));
	if (mysql_is(reader, "!") || mysql_is(reader, "not"))
		return negation(reader);
	mysql_take(reader); /* BINARY */
	return mysql_special(reader, "binary", mysql_simple_expression(reader),
			     NULL, NULL);
}

static bool is_prefixed(const struct mysql_reader *reader)
{
	return mysql_is(reader, "-") || mysql_is(reader, "+") ||
	       mysql_is(reader, "~") || mysql_is(reader, "!") ||
	       mysql_is(reader, "binary") ||
	       (mysql_is(reader, "not") &&
		reader->mode->flags & MYSQL_HIGH_NOT_PRECEDENCE);
}

/* INTERVAL(a, b) is a function: a comma stands in its brackets. */
static bool is_interval_call(const struct mysql_reader *reader)
{
	size_t depth = 0;

	for (size_t i = 1; !mysql_is_kind(reader, i, MYSQL_TOKEN_END); i++) {
		if (mysql_is_at(reader, i, "("))
			depth++;
		else if (mysql_is_at(reader, i, ")"))
			depth--;
		if (!depth)
			return false;
		if (depth == 1 && mysql_is_at(reader, i, ","))
			return true;
	}
	return false;
}

/* INTERVAL v unit */
static PgQuery__Node *interval(struct mysql_reader *reader)
{
	PgQuery__Node *value;
	const struct mysql_token *unit;

	if (is_interval_call(reader))
		return mysql_call(reader);
	mysql_take(reader);
	value = mysql_expression(reader);
	unit = mysql_token(reader);
	if (unit->kind != MYSQL_TOKEN_WORD ||
	    !mysql_word_is_unit(reader->text + unit->start,
				unit->end - unit->start))
		return mysql_unexpected(reader, "a unit of time");
	mysql_take(reader);
	return mysql_special(
	    reader, "interval", value,
	    sql_const_string(reader->arena, mysql_lower(reader, unit)), NULL);
}

static PgQuery__Node *sequence(struct mysql_reader *reader, const char *name)
{
	mysql_take(reader);
	mysql_expect(reader, "value");
	mysql_expect(reader, "for");
	return mysql_special(reader, name, mysql_column(reader), NULL, NULL);
}

static PgQuery__Node *parameter(struct mysql_reader *reader)
{
	PgQuery__ParamRef *ref =
	    sql_new(reader->arena, &pg_query__param_ref__descriptor);

	ref->location = (int32_t)mysql_take(reader)->start;
	ref->number = ++reader->parameters;
	return sql_wrap(reader->arena, ref);
}

static PgQuery__Node *default_value(struct mysql_reader *reader)
{
	PgQuery__Node *node;

	mysql_take(reader);
	if (!mysql_accept(reader, "("))
		return sql_default(reader->arena);
	node =
	    mysql_special(reader, "default", mysql_column(reader), NULL, NULL);
	mysql_expect(reader, ")");
	return node;
}

static PgQuery__Node *worded(struct mysql_reader *reader)
{
	if (mysql_is(reader, "case"))
		return case_of(reader);
	if (mysql_is(reader, "exists"))
		return exists(reader);
	if (mysql_is(reader, "row") && mysql_is_at(reader, 1, "("))
		return worded_row(reader);
	if (mysql_is(reader, "interval"))
		return interval(reader);
	if (mysql_is(reader, "default"))
		return default_value(reader);
	if (mysql_is(reader, "next") && mysql_is_at(reader, 1, "value"))
		return sequence(reader, "next");
	if (mysql_is(reader, "previous") && mysql_is_at(reader, 1, "value"))
		return sequence(reader, "previous");
	return mysql_call(reader);
}

static PgQuery__Node *primary(struct mysql_reader *reader)
{
	PgQuery__Node *node;

	if (is_prefixed(reader))
		return prefixed(reader);
	node = mysql_constant(reader);
	if (node)
		return node;
	if (mysql_is(reader, "("))
		return bracketed(reader);
	if (mysql_is_kind(reader, 0, MYSQL_TOKEN_PARAMETER))
		return parameter(reader);
	if (mysql_is_kind(reader, 0, MYSQL_TOKEN_VARIABLE) ||
	    mysql_is(reader, "@@"))
		return mysql_variable(reader);
	if (mysql_is_kind(reader, 0, MYSQL_TOKEN_WORD) ||
	    mysql_is_kind(reader, 0, MYSQL_TOKEN_QUOTED)) {
		node = worded(reader);
		return node ? node : json_path(reader, mysql_column(reader));
	}
	return mysql_unexpected(reader, "an expression");
}

static PgQuery__Node *collated(struct mysql_reader *reader, PgQuery__Node *node)
{
	PgQuery__CollateClause *clause =
	    sql_new(reader->arena, &pg_query__collate_clause__descriptor);

	clause->arg = node;
	clause->location = -1;
	SQL_APPEND(reader->arena, clause, collname,
		   sql_string(reader->arena,
			      mysql_is(reader, "binary")
				  ? mysql_lower(reader, mysql_take(reader))
			      : mysql_is_kind(reader, 0, MYSQL_TOKEN_STRING)
				  ? mysql_lex_value(reader->mode, reader->text,
						    mysql_take(reader),
						    reader->arena, NULL)
				  : mysql_name(reader)));
	return sql_wrap(reader->arena, clause);
}

PgQuery__Node *mysql_simple_expression(struct mysql_reader *reader)
{
	PgQuery__Node *node;

	if (!mysql_enter(reader))
		return NULL;
	node = primary(reader);
	while (mysql_accept(reader, "collate"))
		node = collated(reader, node);
	mysql_leave(reader);
	return node;
}
