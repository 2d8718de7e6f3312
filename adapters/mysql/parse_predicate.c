/*
 * What binds tighter than a comparison and looser than |:
 *
 *	a NOT IN (SELECT b FROM t)	NOT (a = ANY (...)), as PostgreSQL has it
 *	a SOUNDS LIKE b			soundex(a) = soundex(b)
 */
#include "adapters/mysql/parse_predicate.h"

#include "sql/build.h"

PgQuery__Node *mysql_not(struct mysql_reader *reader, PgQuery__Node *node)
{
	PgQuery__BoolExpr *expr =
	    sql_new(reader->arena, &pg_query__bool_expr__descriptor);

	expr->boolop = PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR;
	expr->location = -1;
	SQL_APPEND(reader->arena, expr, args, node);
	return sql_wrap(reader->arena, expr);
}

static PgQuery__Node *new_a_expr(struct mysql_reader *reader,
				 PgQuery__AExprKind kind, const char *name,
				 PgQuery__Node *left, PgQuery__Node *right)
{
	PgQuery__Node *node = sql_operator(reader->arena, name, left, right);

	node->a_expr->kind = kind;
	return node;
}

static PgQuery__Node *between(struct mysql_reader *reader, PgQuery__Node *left,
			      bool negated)
{
	PgQuery__Node *bounds[2];

	bounds[0] = mysql_bit_expression(reader);
	mysql_expect(reader, "and");
	bounds[1] = mysql_predicate(reader);
	return new_a_expr(reader,
			  negated ? PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN
				  : PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN,
			  negated ? "NOT BETWEEN" : "BETWEEN", left,
			  sql_list(reader->arena, bounds, 2));
}

static PgQuery__Node *in(struct mysql_reader *reader, PgQuery__Node *left,
			 bool negated)
{
	struct mysql_list list = {NULL, 0, 0};
	PgQuery__Node *link;

	if (mysql_is(reader, "(") && mysql_is_query(reader)) {
		link = sql_sublink(reader->arena,
				   PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK,
				   mysql_query_operand(reader));
		link->sub_link->testexpr = left;
		return negated ? mysql_not(reader, link) : link;
	}
	mysql_expect(reader, "(");
	mysql_expressions(reader, &list);
	mysql_expect(reader, ")");
	return new_a_expr(reader, PG_QUERY__A__EXPR__KIND__AEXPR_IN,
			  negated ? "<>" : "=", left,
			  sql_list(reader->arena, list.items, list.item_count));
}

static PgQuery__Node *like(struct mysql_reader *reader, PgQuery__Node *left,
			   bool negated)
{
	PgQuery__Node *pattern = mysql_bit_expression(reader);

	if (mysql_accept(reader, "escape"))
		pattern = mysql_special(reader, "like_escape", pattern,
					mysql_bit_expression(reader), NULL);
	return new_a_expr(reader, PG_QUERY__A__EXPR__KIND__AEXPR_LIKE,
			  negated ? "!~~" : "~~", left, pattern);
}

static PgQuery__Node *regexp(struct mysql_reader *reader, PgQuery__Node *left,
			     bool negated)
{
	PgQuery__Node *node = mysql_special(reader, "regexp", left,
					    mysql_bit_expression(reader), NULL);

	return negated ? mysql_not(reader, node) : node;
}

/* a SOUNDS LIKE b: SOUNDEX(a) = SOUNDEX(b) (the manual). */
static PgQuery__Node *sounds(struct mysql_reader *reader, PgQuery__Node *left)
{
	PgQuery__Node *right = mysql_bit_expression(reader);

	return sql_operator(
	    reader->arena, "=",
	    sql_call(reader->arena, NULL, "soundex", &left, 1),
	    sql_call(reader->arena, NULL, "soundex", &right, 1));
}

static PgQuery__Node *member(struct mysql_reader *reader, PgQuery__Node *left)
{
	PgQuery__Node *document;

	mysql_accept(reader, "of");
	mysql_expect(reader, "(");
	document = mysql_expression(reader);
	mysql_expect(reader, ")");
	return mysql_special(reader, "member", left, document, NULL);
}

static bool is_predicate(const struct mysql_reader *reader, size_t ahead)
{
	return mysql_is_at(reader, ahead, "in") ||
	       mysql_is_at(reader, ahead, "between") ||
	       mysql_is_at(reader, ahead, "like") ||
	       mysql_is_at(reader, ahead, "regexp") ||
	       mysql_is_at(reader, ahead, "rlike");
}

static PgQuery__Node *one_predicate(struct mysql_reader *reader,
				    PgQuery__Node *left)
{
	bool negated = mysql_accept(reader, "not");

	if (mysql_accept(reader, "in"))
		return in(reader, left, negated);
	if (mysql_accept(reader, "between"))
		return between(reader, left, negated);
	if (mysql_accept(reader, "like"))
		return like(reader, left, negated);
	mysql_take(reader); /* REGEXP or RLIKE */
	return regexp(reader, left, negated);
}

PgQuery__Node *mysql_predicate(struct mysql_reader *reader)
{
	PgQuery__Node *left = mysql_bit_expression(reader);

	while (!reader->failed) {
		if (is_predicate(reader, mysql_is(reader, "not") ? 1 : 0))
			left = one_predicate(reader, left);
		else if (mysql_accept_two(reader, "sounds", "like"))
			left = sounds(reader, left);
		else if (mysql_accept_two(reader, "member", "of"))
			left = member(reader, left);
		else
			break;
	}
	return left;
}
