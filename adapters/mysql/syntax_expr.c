/* Expressions that MySQL writes otherwise than PostgreSQL. */
#include "adapters/mysql/reserved.h"
#include "adapters/mysql/syntax.h"
#include "adapters/mysql/words.h"

/* a + b: brackets around each operand that is no single token, since the
 * engines' precedences differ. */
static bool print_binary(struct printer *printer, const PgQuery__AExpr *expr)
{
	const char *name =
	    expr->n_name == 1 ? sql_string_value(expr->name[0]) : NULL;

	if (expr->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP || !name ||
	    !sql_unwrap(expr->lexpr) || !sql_unwrap(expr->rexpr))
		return false;
	if (!*name || name[strspn(name, "|&<>=+-*/%^")])
		return false;
	print_operand(printer, expr->lexpr);
	buffer_printf(printer->out, " %s ", name);
	print_operand(printer, expr->rexpr);
	return true;
}

/* VALUES(c): the column of the row that could not be inserted. */
static bool print_excluded(struct printer *printer,
			   const PgQuery__ColumnRef *ref)
{
	const char *table =
	    ref->n_fields == 2 ? sql_string_value(ref->fields[0]) : NULL;

	if (!table || strcmp(table, "excluded"))
		return false;
	print_text(printer, "VALUES(");
	print_name_node(printer, ref->fields[1]);
	print_text(printer, ")");
	return true;
}

/* Whether the server reads the word before '(' as a function's name. */
static bool is_function_word(const char *name)
{
	size_t size = strlen(name);

	return size &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz_0123456789") == size &&
	       (*name > '9' || *name < '0') &&
	       (!mysql_word_is_reserved(name, size) ||
		mysql_word_is_callable(name, size));
}

/* Quoted, left() and rank() would be other functions. */
static bool print_plain_call(struct printer *printer,
			     const PgQuery__FuncCall *call)
{
	const char *name =
	    call->n_funcname == 1 ? sql_string_value(call->funcname[0]) : NULL;

	if (!name || !is_function_word(name) ||
	    call->funcformat == PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX)
		return false;
	print_text(printer, name);
	print_call_rest(printer, call);
	return true;
}

bool mysql_print_expression(struct printer *printer, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_A_EXPR:
		return print_binary(printer, node->a_expr);
	case PG_QUERY__NODE__NODE_COLUMN_REF:
		return print_excluded(printer, node->column_ref);
	case PG_QUERY__NODE__NODE_FUNC_CALL:
		return print_plain_call(printer, node->func_call);
	default:
		return false;
	}
}
