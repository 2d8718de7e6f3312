/* Calls that are written with words: reserved.h's, and functions'. */
#include "adapters/mysql/reserved.h"
#include "adapters/mysql/syntax.h"

const char *mysql_text_of(const PgQuery__Node *node)
{
	const PgQuery__AConst *constant = SQL_AS(node, A_CONST, a_const);

	return constant && constant->val_case == PG_QUERY__A__CONST__VAL_SVAL
		   ? constant->sval->sval
		   : NULL;
}

void mysql_print_word(struct printer *printer, const PgQuery__Node *constant)
{
	const char *text = mysql_text_of(constant);

	if (text && *text &&
	    !text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "0123456789_.")])
		print_text(printer, text);
	else
		print_fail(printer, "no rule to print a word");
}

/* ---- operators ---- */

static void print_infix(struct printer *printer, const PgQuery__FuncCall *call,
			const char *words)
{
	print_operand(printer, call->args[0]);
	print_text(printer, words);
	print_operand(printer, call->args[1]);
}

static void print_xor(struct printer *printer, const PgQuery__FuncCall *call)
{
	print_infix(printer, call, " XOR ");
}

static void print_div(struct printer *printer, const PgQuery__FuncCall *call)
{
	print_infix(printer, call, " DIV ");
}

static void print_regexp(struct printer *printer, const PgQuery__FuncCall *call)
{
	print_infix(printer, call, " REGEXP ");
}

static void print_null_safe(struct printer *printer,
			    const PgQuery__FuncCall *call)
{
	print_infix(printer, call, " <=> ");
}

static void print_member(struct printer *printer, const PgQuery__FuncCall *call)
{
	print_operand(printer, call->args[0]);
	print_text(printer, " MEMBER OF (");
	print_expr(printer, call->args[1]);
	print_text(printer, ")");
}

static void print_binary(struct printer *printer, const PgQuery__FuncCall *call)
{
	print_text(printer, "BINARY ");
	print_operand(printer, call->args[0]);
}

/* ---- constants and variables ---- */

/* Its text has the escapes already (reserved.h). */
static void print_nul_text(struct printer *printer,
			   const PgQuery__FuncCall *call)
{
	const char *text = mysql_text_of(call->args[0]);
	struct buffer probe;
	bool escapes;

	buffer_init(&probe, 0);
	printer->dialect->string(&probe, "\\");
	escapes = probe.size == 4; /* '\\' */
	buffer_release(&probe);
	if (!text || !escapes) {
		print_fail(printer, "no rule to print a string with NUL");
		return;
	}
	print_text(printer, "'");
	for (; *text; text++) {
		if (*text == '\'')
			buffer_append_byte(printer->out, '\'');
		buffer_append_byte(printer->out, (uint8_t)*text);
	}
	print_text(printer, "'");
}

static void print_introduced(struct printer *printer,
			     const PgQuery__FuncCall *call)
{
	const char *charset = mysql_text_of(call->args[0]);

	if (charset && !strcmp(charset, "N")) {
		print_text(printer, "N");
	} else {
		print_text(printer, "_");
		mysql_print_word(printer, call->args[0]);
		print_text(printer, " ");
	}
	print_expr(printer, call->args[1]);
}

static void print_literal(struct printer *printer,
			  const PgQuery__FuncCall *call)
{
	mysql_print_word(printer, call->args[0]);
	print_text(printer, " ");
	print_expr(printer, call->args[1]);
}

static void print_variable(struct printer *printer,
			   const PgQuery__FuncCall *call)
{
	const char *name = mysql_text_of(call->args[0]);

	print_text(printer, "@");
	print_quoted(printer, name ? name : "");
}

static void print_assign(struct printer *printer, const PgQuery__FuncCall *call)
{
	print_variable(printer, call);
	print_text(printer, " := ");
	print_operand(printer, call->args[1]);
}

static void print_setting(struct printer *printer,
			  const PgQuery__FuncCall *call)
{
	print_text(printer, "@@");
	mysql_print_word(printer, call->args[0]);
}

static void print_interval(struct printer *printer,
			   const PgQuery__FuncCall *call)
{
	print_text(printer, "INTERVAL ");
	print_operand(printer, call->args[0]);
	print_text(printer, " ");
	mysql_print_word(printer, call->args[1]);
}

/* ---- functions ---- */

static void print_convert(struct printer *printer,
			  const PgQuery__FuncCall *call)
{
	print_text(printer, "CONVERT(");
	print_expr(printer, call->args[0]);
	print_text(printer, " USING ");
	mysql_print_word(printer, call->args[1]);
	print_text(printer, ")");
}

static void print_match(struct printer *printer, const PgQuery__FuncCall *call)
{
	const PgQuery__RowExpr *row = SQL_AS(call->args[0], ROW_EXPR, row_expr);
	const char *mode = mysql_text_of(call->args[2]);

	if (!row || !mode) {
		print_fail(printer, "MATCH without its columns");
		return;
	}
	print_list(printer, "MATCH ", row->args, row->n_args, print_expr);
	print_text(printer, " AGAINST (");
	print_operand(printer, call->args[1]);
	print_text(printer, !strcmp(mode, "boolean")	 ? " IN BOOLEAN MODE)"
			    : !strcmp(mode, "expansion") ? " WITH QUERY "
							   "EXPANSION)"
							 : ")");
}

static void print_next(struct printer *printer, const PgQuery__FuncCall *call)
{
	print_text(printer, "NEXT VALUE FOR ");
	print_expr(printer, call->args[0]);
}

static void print_previous(struct printer *printer,
			   const PgQuery__FuncCall *call)
{
	print_text(printer, "PREVIOUS VALUE FOR ");
	print_expr(printer, call->args[0]);
}

static void print_default(struct printer *printer,
			  const PgQuery__FuncCall *call)
{
	print_text(printer, "DEFAULT(");
	print_expr(printer, call->args[0]);
	print_text(printer, ")");
}

static void print_extract(struct printer *printer,
			  const PgQuery__FuncCall *call)
{
	print_text(printer, "EXTRACT(");
	mysql_print_word(printer, call->args[0]);
	print_text(printer, " FROM ");
	print_expr(printer, call->args[1]);
	print_text(printer, ")");
}

/* The first argument is a word. */
static void print_first_word(struct printer *printer,
			     const PgQuery__FuncCall *call)
{
	print_text(printer, sql_string_value(call->funcname[0]));
	print_text(printer, "(");
	mysql_print_word(printer, call->args[0]);
	for (size_t i = 1; i < call->n_args; i++) {
		print_text(printer, ", ");
		print_expr(printer, call->args[i]);
	}
	print_text(printer, ")");
}

static void print_trim(struct printer *printer, const PgQuery__FuncCall *call)
{
	print_text(printer, "TRIM(");
	mysql_print_word(printer, call->args[0]);
	if (call->n_args == 3) {
		print_text(printer, " ");
		print_expr(printer, call->args[2]);
	}
	print_text(printer, " FROM ");
	print_expr(printer, call->args[1]);
	print_text(printer, ")");
}

static size_t print_positional(struct printer *printer,
			       const PgQuery__FuncCall *call)
{
	size_t i = 0;

	for (; i < call->n_args && !SQL_IS(call->args[i], NAMED_ARG_EXPR);
	     i++) {
		print_text(printer, i ? ", " : "");
		print_expr(printer, call->args[i]);
	}
	return i;
}

static void print_char(struct printer *printer, const PgQuery__FuncCall *call)
{
	size_t at;
	const PgQuery__Node *charset;

	print_text(printer, "CHAR(");
	at = print_positional(printer, call);
	charset = mysql_clause(call->args, call->n_args, "using", &at);
	if (charset) {
		print_text(printer, " USING ");
		mysql_print_word(printer, charset);
	}
	print_text(printer, ")");
}

static void print_weight_string(struct printer *printer,
				const PgQuery__FuncCall *call)
{
	const PgQuery__TypeCast *cast =
	    SQL_AS(call->args[0], TYPE_CAST, type_cast);

	print_text(printer, "WEIGHT_STRING(");
	print_expr(printer, cast ? cast->arg : call->args[0]);
	if (cast) {
		print_text(printer, " AS ");
		mysql_print_type(printer, cast->type_name);
	}
	print_text(printer, ")");
}

/* GROUP_CONCAT(a ORDER BY b SEPARATOR ',' LIMIT 1) */
static void print_aggregate(struct printer *printer,
			    const PgQuery__FuncCall *call)
{
	const struct {
		const char *clause;
		const char *words;
	} tails[] = {{"separator", " SEPARATOR "},
		     {"limit", " LIMIT "},
		     {"offset", " OFFSET "}};

	print_text(printer, sql_string_value(call->funcname[0]));
	print_text(printer, call->agg_distinct ? "(DISTINCT " : "(");
	print_positional(printer, call);
	mysql_print_order(printer, call->agg_order, call->n_agg_order);
	for (size_t i = 0; i < 3; i++) {
		size_t at = 0;
		const PgQuery__Node *value = mysql_clause(
		    call->args, call->n_args, tails[i].clause, &at);

		if (!value)
			continue;
		print_text(printer, tails[i].words);
		print_expr(printer, value);
	}
	print_text(printer, ")");
}

struct rule {
	const char *name;
	size_t least; /* arguments */
	size_t most;
	struct sql_call_syntax syntax;
};

static const struct rule reserved_rules[] = {
    {"assign", 2, 2, {print_assign, true}},
    {"binary", 1, 1, {print_binary, true}},
    {"convert", 2, 2, {print_convert, false}},
    {"default", 1, 1, {print_default, false}},
    {"div", 2, 2, {print_div, true}},
    {"interval", 2, 2, {print_interval, false}},
    {"introduced", 2, 2, {print_introduced, false}},
    {"literal", 2, 2, {print_literal, false}},
    {"match", 3, 3, {print_match, false}},
    {"member", 2, 2, {print_member, true}},
    {"next", 1, 1, {print_next, false}},
    {"null_safe", 2, 2, {print_null_safe, true}},
    {"previous", 1, 1, {print_previous, false}},
    {"regexp", 2, 2, {print_regexp, true}},
    {"setting", 1, 1, {print_setting, false}},
    {"text", 1, 1, {print_nul_text, false}},
    {"variable", 1, 1, {print_variable, false}},
    {"xor", 2, 2, {print_xor, true}},
};

static const struct rule function_rules[] = {
    {"char", 1, SIZE_MAX, {print_char, false}},
    {"extract", 2, 2, {print_extract, false}},
    {"get_format", 2, 2, {print_first_word, false}},
    {"group_concat", 1, SIZE_MAX, {print_aggregate, false}},
    {"json_arrayagg", 1, SIZE_MAX, {print_aggregate, false}},
    {"timestampadd", 1, SIZE_MAX, {print_first_word, false}},
    {"timestampdiff", 1, SIZE_MAX, {print_first_word, false}},
    {"trim", 2, 3, {print_trim, false}},
    {"weight_string", 1, 1, {print_weight_string, false}},
};

static const struct sql_call_syntax *find(const struct rule *rules,
					  size_t count, const char *name,
					  size_t arguments)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(name, rules[i].name) &&
		    arguments >= rules[i].least && arguments <= rules[i].most)
			return &rules[i].syntax;
	return NULL;
}

const struct sql_call_syntax *mysql_call_syntax(const PgQuery__FuncCall *call)
{
	const char *name = mysql_reserved_name(call);

	if (name)
		return find(reserved_rules,
			    sizeof(reserved_rules) / sizeof(*reserved_rules),
			    name, call->n_args);
	name =
	    call->n_funcname == 1 ? sql_string_value(call->funcname[0]) : NULL;
	return name ? find(function_rules,
			   sizeof(function_rules) / sizeof(*function_rules),
			   name, call->n_args)
		    : NULL;
}
