/*
 * Calls of functions. Those with keywords among their arguments keep their name
 * and are marked as such (COERCE_SQL_SYNTAX):
 *
 *	EXTRACT(YEAR FROM d)		extract('year', d)
 *	TRIM(LEADING 'x' FROM s)	trim('leading', s, 'x')
 *	GROUP_CONCAT(a SEPARATOR ',')	group_concat(a, separator => ',')
 *	SUBSTRING(s FROM 2)		substring(s, 2), a plain call
 */
#include "adapters/mysql/parse_call.h"

#include "adapters/mysql/reserved.h"
#include "adapters/mysql/words.h"
#include "sql/build.h"

static PgQuery__Node *word(struct mysql_reader *reader,
			   const struct mysql_token *token)
{
	return sql_const_string(reader->arena, mysql_lower(reader, token));
}

static PgQuery__Node *call_node(struct mysql_reader *reader,
				PgQuery__FuncCall *call)
{
	return sql_wrap(reader->arena, call);
}

static PgQuery__Node *cast(struct mysql_reader *reader)
{
	PgQuery__Node *value = mysql_expression(reader);

	mysql_expect(reader, "as");
	return sql_cast(reader->arena, value, mysql_cast_type(reader));
}

/* CONVERT(v USING cs), CONVERT(v, type) */
static PgQuery__Node *convert(struct mysql_reader *reader)
{
	PgQuery__Node *value = mysql_expression(reader);

	if (mysql_accept(reader, "using"))
		return mysql_special(reader, "convert", value,
				     word(reader, mysql_take(reader)), NULL);
	mysql_expect(reader, ",");
	return sql_cast(reader->arena, value, mysql_cast_type(reader));
}

static PgQuery__Node *unit(struct mysql_reader *reader)
{
	const struct mysql_token *token = mysql_token(reader);

	if (token->kind != MYSQL_TOKEN_WORD ||
	    !mysql_word_is_unit(reader->text + token->start,
				token->end - token->start))
		return mysql_unexpected(reader, "a unit of time");
	return word(reader, mysql_take(reader));
}

static PgQuery__Node *extract(struct mysql_reader *reader)
{
	PgQuery__FuncCall *call = mysql_worded(reader, "extract");
	struct mysql_list list = {NULL, 0, 0};

	mysql_argument(reader, call, &list, unit(reader));
	mysql_expect(reader, "from");
	mysql_argument(reader, call, &list, mysql_expression(reader));
	return call_node(reader, call);
}

/* TIMESTAMPADD(unit, n, d), TIMESTAMPDIFF(unit, a, b) */
static PgQuery__Node *with_unit(struct mysql_reader *reader, const char *name)
{
	PgQuery__FuncCall *call = mysql_worded(reader, name);
	struct mysql_list list = {NULL, 0, 0};

	mysql_argument(reader, call, &list, unit(reader));
	while (mysql_accept(reader, ","))
		mysql_argument(reader, call, &list, mysql_expression(reader));
	return call_node(reader, call);
}

static PgQuery__Node *timestampadd(struct mysql_reader *reader)
{
	return with_unit(reader, "timestampadd");
}

static PgQuery__Node *timestampdiff(struct mysql_reader *reader)
{
	return with_unit(reader, "timestampdiff");
}

/* GET_FORMAT(DATE, 'USA') */
static PgQuery__Node *get_format(struct mysql_reader *reader)
{
	PgQuery__FuncCall *call = mysql_worded(reader, "get_format");
	struct mysql_list list = {NULL, 0, 0};

	if (!mysql_is(reader, "date") && !mysql_is(reader, "time") &&
	    !mysql_is(reader, "datetime") && !mysql_is(reader, "timestamp"))
		return mysql_unexpected(reader, "DATE, TIME or DATETIME");
	mysql_argument(reader, call, &list, word(reader, mysql_take(reader)));
	mysql_expect(reader, ",");
	mysql_argument(reader, call, &list, mysql_expression(reader));
	return call_node(reader, call);
}

/* [BOTH|LEADING|TRAILING] [what] FROM s, or s alone. */
static PgQuery__Node *trim(struct mysql_reader *reader)
{
	bool side = mysql_is(reader, "both") || mysql_is(reader, "leading") ||
		    mysql_is(reader, "trailing");
	PgQuery__Node *args[3] = {NULL, NULL, NULL};
	PgQuery__FuncCall *call = mysql_worded(reader, "trim");

	args[0] = side ? word(reader, mysql_take(reader))
		       : sql_const_string(reader->arena, "both");
	if (!side || !mysql_is(reader, "from"))
		args[2] = mysql_expression(reader);
	if (mysql_accept(reader, "from")) {
		args[1] = mysql_expression(reader);
	} else if (!side) {
		return sql_call(reader->arena, NULL, "trim", args + 2, 1);
	} else {
		mysql_unexpected(reader, "FROM");
	}
	call->n_args = args[2] ? 3 : 2;
	call->args =
	    arena_copy(reader->arena, args, call->n_args * sizeof(*args));
	return call_node(reader, call);
}

static PgQuery__Node *substring(struct mysql_reader *reader)
{
	struct mysql_list list = {NULL, 0, 0};

	mysql_add(reader, &list, mysql_expression(reader));
	if (mysql_accept(reader, "from")) {
		mysql_add(reader, &list, mysql_expression(reader));
		if (mysql_accept(reader, "for"))
			mysql_add(reader, &list, mysql_expression(reader));
	} else {
		while (mysql_accept(reader, ","))
			mysql_add(reader, &list, mysql_expression(reader));
	}
	return sql_call(reader->arena, NULL, "substring", list.items,
			list.item_count);
}

/* POSITION(a IN b) is LOCATE(a, b). */
static PgQuery__Node *position(struct mysql_reader *reader)
{
	PgQuery__Node *args[2];

	args[0] = mysql_bit_expression(reader);
	mysql_expect(reader, "in");
	args[1] = mysql_expression(reader);
	return sql_call(reader->arena, NULL, "locate", args, 2);
}

static PgQuery__Node *character(struct mysql_reader *reader)
{
	PgQuery__FuncCall *call = mysql_worded(reader, "char");
	struct mysql_list list = {NULL, 0, 0};

	do
		mysql_argument(reader, call, &list, mysql_expression(reader));
	while (mysql_accept(reader, ","));
	if (mysql_accept(reader, "using"))
		mysql_argument(reader, call, &list,
			       mysql_named(reader, "using",
					   word(reader, mysql_take(reader))));
	return call_node(reader, call);
}

/* VALUES(c) in ON DUPLICATE KEY UPDATE: what the row would have been. */
static PgQuery__Node *values(struct mysql_reader *reader)
{
	const char *parts[] = {"excluded", mysql_name(reader)};

	while (mysql_accept(reader, "."))
		parts[1] = mysql_name_part(reader);
	if (reader->failed)
		return NULL;
	return sql_column_parts(reader->arena, parts, 2);
}

/* WEIGHT_STRING(s AS CHAR(n)) */
static PgQuery__Node *weight_string(struct mysql_reader *reader)
{
	PgQuery__FuncCall *call = mysql_worded(reader, "weight_string");
	struct mysql_list list = {NULL, 0, 0};
	PgQuery__Node *value = mysql_expression(reader);

	if (mysql_accept(reader, "as"))
		value = sql_cast(reader->arena, value, mysql_cast_type(reader));
	mysql_argument(reader, call, &list, value);
	return call_node(reader, call);
}

static const struct {
	const char *name;
	PgQuery__Node *(*read)(struct mysql_reader *reader);
} forms[] = {
    {"cast", cast},
    {"char", character},
    {"convert", convert},
    {"extract", extract},
    {"get_format", get_format},
    {"mid", substring},
    {"position", position},
    {"substr", substring},
    {"substring", substring},
    {"timestampadd", timestampadd},
    {"timestampdiff", timestampdiff},
    {"trim", trim},
    {"value", values},
    {"values", values},
    {"weight_string", weight_string},
};

/* Functions that are written without brackets, too. */
static bool is_bare(const char *name)
{
	static const char *const names[] = {
	    "current_date", "current_time", "current_timestamp",
	    "current_user", "localtime",    "localtimestamp",
	    "utc_date",	    "utc_time",	    "utc_timestamp"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

/* The name of a call that begins here, in lower case if it is no quoted one;
 * NULL: none begins. */
static char *call_name(struct mysql_reader *reader)
{
	const struct mysql_token *token = mysql_token(reader);
	const char *text = reader->text + token->start;
	size_t size = token->end - token->start;

	if (token->kind == MYSQL_TOKEN_QUOTED)
		return mysql_is_at(reader, 1, "(") ? mysql_name(reader) : NULL;
	if (mysql_word_is_reserved(text, size) &&
	    !mysql_word_is_callable(text, size) &&
	    !mysql_is(reader, "convert") && !mysql_is(reader, "match"))
		return NULL;
	if (!mysql_is_at(reader, 1, "("))
		return is_bare(mysql_lower(reader, token))
			   ? mysql_lower(reader, mysql_take(reader))
			   : NULL;
	if (token[1].spaced && mysql_word_wants_bracket(text, size) &&
	    !(reader->mode->flags & MYSQL_IGNORE_SPACE))
		return mysql_fail(reader,
				  "white space between \"%.*s\" and \"(\"",
				  (int)size, text);
	return mysql_lower(reader, mysql_take(reader));
}

/* What the tree has a node of its own for: COALESCE, NULLIF, GREATEST. */
static PgQuery__Node *own_node(struct mysql_reader *reader, PgQuery__Node *node,
			       const char *name)
{
	const PgQuery__FuncCall *call = node->func_call;
	bool least = !strcmp(name, "least");
	PgQuery__MinMaxExpr *expr;

	if (!call->n_args || call->over || call->agg_distinct)
		return node;
	if (!strcmp(name, "coalesce"))
		return sql_coalesce(reader->arena, call->args, call->n_args);
	if (!strcmp(name, "nullif") && call->n_args == 2) {
		node = sql_operator(reader->arena, "=", call->args[0],
				    call->args[1]);
		node->a_expr->kind = PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF;
		return node;
	}
	if (!least && strcmp(name, "greatest"))
		return node;
	expr = sql_new(reader->arena, &pg_query__min_max_expr__descriptor);
	expr->op = least ? PG_QUERY__MIN_MAX_OP__IS_LEAST
			 : PG_QUERY__MIN_MAX_OP__IS_GREATEST;
	expr->location = -1;
	expr->args = call->args;
	expr->n_args = call->n_args;
	return sql_wrap(reader->arena, expr);
}

static PgQuery__Node *plain(struct mysql_reader *reader, const char *schema,
			    const char *name)
{
	PgQuery__Node *call = sql_call(reader->arena, schema, name, NULL, 0);

	mysql_call_arguments(reader, call->func_call);
	return schema ? call : own_node(reader, call, name);
}

/* database.function(...) */
static PgQuery__Node *qualified(struct mysql_reader *reader)
{
	const char *schema;
	const char *name;

	if (!mysql_is_name(reader, 0) || !mysql_is_at(reader, 1, ".") ||
	    !mysql_is_at(reader, 3, "("))
		return NULL;
	schema = mysql_name(reader);
	mysql_take(reader);
	name = mysql_name_part(reader);
	return reader->failed ? NULL : plain(reader, schema, name);
}

static PgQuery__Node *bare(struct mysql_reader *reader, const char *name)
{
	return sql_call(reader->arena, NULL, name, NULL, 0);
}

PgQuery__Node *mysql_call(struct mysql_reader *reader)
{
	bool quoted = mysql_is_kind(reader, 0, MYSQL_TOKEN_QUOTED);
	char *name = call_name(reader);
	PgQuery__Node *node;

	if (reader->failed)
		return NULL;
	if (!name)
		return qualified(reader);
	if (!mysql_is(reader, "("))
		return bare(reader, name);
	if (quoted && (mysql_word_is_reserved(name, strlen(name)) ||
		       mysql_word_wants_bracket(name, strlen(name))))
		return mysql_fail(reader, "a function called `%s`", name);
	if (!quoted && !strcmp(name, "match"))
		return mysql_match(reader);
	for (size_t i = 0; !quoted && i < sizeof(forms) / sizeof(*forms); i++) {
		if (strcmp(name, forms[i].name))
			continue;
		mysql_expect(reader, "(");
		node = forms[i].read(reader);
		mysql_expect(reader, ")");
		return node;
	}
	return plain(reader, NULL, name);
}
