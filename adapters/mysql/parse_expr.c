/*
 * Expressions by MySQL's precedence (manual, "Operator Precedence"), from the
 * loosest:
 *
 *	OR, XOR, AND, NOT, comparison and IS, BETWEEN IN LIKE REGEXP,
 *	|, &, << >>, + -, * / DIV %, ^, || as CONCAT, unary - ~, !, COLLATE
 *
 *	NOT a = 1 OR b | 2 + 3	(NOT (a = 1)) OR (b | (2 + 3))
 */
#include "adapters/mysql/parse_predicate.h"

#include "sql/build.h"

/* ---- AND, OR ---- */

/* As PostgreSQL's parser: a left operand of the same kind takes the right one
 * in. The first operand of a chain makes the node. */
static PgQuery__Node *join(struct mysql_reader *reader, PgQuery__Node *left,
			   PgQuery__Node *right, PgQuery__BoolExprType kind,
			   struct mysql_list *chain)
{
	PgQuery__BoolExpr *expr = SQL_AS(left, BOOL_EXPR, bool_expr);

	if (!expr || expr->boolop != kind) {
		expr = sql_new(reader->arena, &pg_query__bool_expr__descriptor);
		expr->boolop = kind;
		expr->location = -1;
		mysql_add(reader, chain, left);
		left = sql_wrap(reader->arena, expr);
	} else if (!chain->item_count) {
		for (size_t i = 0; i < expr->n_args; i++)
			mysql_add(reader, chain, expr->args[i]);
	}
	mysql_add(reader, chain, right);
	expr->args = chain->items;
	expr->n_args = chain->item_count;
	return left;
}

/* ---- | & << + * ^ || ---- */

static int binary_level(const struct mysql_reader *reader)
{
	static const struct {
		const char *what;
		int level;
	} levels[] = {{"|", 1}, {"&", 2},   {"<<", 3},	{">>", 3},
		      {"+", 4}, {"-", 4},   {"*", 5},	{"/", 5},
		      {"%", 5}, {"div", 5}, {"mod", 5}, {"^", 6}};

	if (mysql_is(reader, "||"))
		return reader->mode->flags & MYSQL_PIPES_AS_CONCAT ? 7 : 0;
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		if (mysql_is(reader, levels[i].what))
			return levels[i].level;
	return 0;
}

static PgQuery__Node *binary(struct mysql_reader *reader, char *name,
			     PgQuery__Node *left, PgQuery__Node *right)
{
	PgQuery__Node *args[] = {left, right};

	if (!strcmp(name, "||"))
		return sql_call(reader->arena, NULL, "concat", args, 2);
	if (!strcmp(name, "div"))
		return mysql_special(reader, "div", left, right, NULL);
	if (!strcmp(name, "mod"))
		name = "%";
	return sql_operator(reader->arena, name, left, right);
}

static PgQuery__Node *climb(struct mysql_reader *reader, int least)
{
	PgQuery__Node *left;
	int level;

	if (!mysql_enter(reader))
		return NULL;
	left = mysql_simple_expression(reader);
	while ((level = binary_level(reader)) >= least && level) {
		char *name = mysql_lower(reader, mysql_take(reader));

		left = binary(reader, name, left, climb(reader, level + 1));
	}
	mysql_leave(reader);
	return left;
}

PgQuery__Node *mysql_bit_expression(struct mysql_reader *reader)
{
	return climb(reader, 1);
}

/* ---- comparison, IS ---- */

static const char *comparison(struct mysql_reader *reader)
{
	static const char *const names[] = {"=",  "<=>", ">=", ">",
					    "<=", "<",	 "<>"};

	if (mysql_accept(reader, "!="))
		return "<>";
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mysql_accept(reader, names[i]))
			return names[i];
	return NULL;
}

/* a = ANY (SELECT ...) */
static PgQuery__Node *quantified(struct mysql_reader *reader, const char *name,
				 PgQuery__Node *left, bool all)
{
	PgQuery__Node *link =
	    sql_sublink(reader->arena,
			all ? PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK
			    : PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK,
			mysql_query_operand(reader));

	if (!strcmp(name, "<=>"))
		return mysql_fail(reader, "<=> takes no ANY or ALL");
	link->sub_link->testexpr = left;
	SQL_APPEND(reader->arena, link->sub_link, oper_name,
		   sql_string(reader->arena, name));
	return link;
}

static PgQuery__Node *compare(struct mysql_reader *reader, const char *name,
			      PgQuery__Node *left)
{
	bool all = mysql_is(reader, "all");

	if ((all || mysql_is(reader, "any") || mysql_is(reader, "some")) &&
	    mysql_is_at(reader, 1, "(")) {
		mysql_take(reader);
		return quantified(reader, name, left, all);
	}
	if (!strcmp(name, "<=>"))
		return mysql_special(reader, "null_safe", left,
				     mysql_predicate(reader), NULL);
	return sql_operator(reader->arena, name, left, mysql_predicate(reader));
}

static PgQuery__Node *boolean_test(struct mysql_reader *reader,
				   PgQuery__Node *left,
				   PgQuery__BoolTestType kind, bool negated)
{
	PgQuery__BooleanTest *test =
	    sql_new(reader->arena, &pg_query__boolean_test__descriptor);

	test->arg = left;
	test->booltesttype = kind + (negated ? 1 : 0);
	test->location = -1;
	return sql_wrap(reader->arena, test);
}

static PgQuery__Node *is_test(struct mysql_reader *reader, PgQuery__Node *left)
{
	bool negated = mysql_accept(reader, "not");

	if (mysql_accept(reader, "null"))
		return sql_is_null(reader->arena, left, negated);
	if (mysql_accept(reader, "true"))
		return boolean_test(reader, left,
				    PG_QUERY__BOOL_TEST_TYPE__IS_TRUE, negated);
	if (mysql_accept(reader, "false"))
		return boolean_test(
		    reader, left, PG_QUERY__BOOL_TEST_TYPE__IS_FALSE, negated);
	if (mysql_accept(reader, "unknown"))
		return boolean_test(reader, left,
				    PG_QUERY__BOOL_TEST_TYPE__IS_UNKNOWN,
				    negated);
	return mysql_unexpected(reader, "NULL, TRUE, FALSE or UNKNOWN");
}

static PgQuery__Node *compared(struct mysql_reader *reader)
{
	PgQuery__Node *left = mysql_predicate(reader);

	while (!reader->failed) {
		const char *name = comparison(reader);

		if (name)
			left = compare(reader, name, left);
		else if (mysql_accept(reader, "is"))
			left = is_test(reader, left);
		else
			break;
	}
	return left;
}

static PgQuery__Node *negated(struct mysql_reader *reader)
{
	PgQuery__Node *node;

	/* Otherwise it binds like '!'. */
	if (reader->mode->flags & MYSQL_HIGH_NOT_PRECEDENCE ||
	    !mysql_is(reader, "not"))
		return compared(reader);
	if (!mysql_enter(reader))
		return NULL;
	mysql_take(reader);
	node = mysql_not(reader, negated(reader));
	mysql_leave(reader);
	return node;
}

static PgQuery__Node *all_of(struct mysql_reader *reader)
{
	PgQuery__Node *left = negated(reader);
	struct mysql_list chain = {NULL, 0, 0};

	while (mysql_accept(reader, "and") || mysql_accept(reader, "&&"))
		left = join(reader, left, negated(reader),
			    PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR, &chain);
	return left;
}

static PgQuery__Node *one_of(struct mysql_reader *reader)
{
	PgQuery__Node *left = all_of(reader);

	while (mysql_accept(reader, "xor"))
		left = mysql_special(reader, "xor", left, all_of(reader), NULL);
	return left;
}

static bool accept_or(struct mysql_reader *reader)
{
	return mysql_accept(reader, "or") ||
	       (!(reader->mode->flags & MYSQL_PIPES_AS_CONCAT) &&
		mysql_accept(reader, "||"));
}

static PgQuery__Node *any_of(struct mysql_reader *reader)
{
	PgQuery__Node *left = one_of(reader);
	struct mysql_list chain = {NULL, 0, 0};

	while (accept_or(reader))
		left = join(reader, left, one_of(reader),
			    PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR, &chain);
	return left;
}

PgQuery__Node *mysql_expression(struct mysql_reader *reader)
{
	PgQuery__Node *node;

	if (!mysql_enter(reader))
		return NULL;
	/* @a := 1 binds loosest, to the right. */
	if (mysql_is_kind(reader, 0, MYSQL_TOKEN_VARIABLE) &&
	    mysql_is_at(reader, 1, ":=")) {
		PgQuery__Node *variable = mysql_variable(reader);

		mysql_take(reader);
		node = mysql_special(reader, "assign",
				     variable->func_call->args[0],
				     mysql_expression(reader), NULL);
	} else {
		node = any_of(reader);
	}
	mysql_leave(reader);
	return node;
}

void mysql_expressions(struct mysql_reader *reader, struct mysql_list *list)
{
	do
		mysql_add(reader, list, mysql_expression(reader));
	while (mysql_accept(reader, ","));
}
