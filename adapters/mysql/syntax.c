/* How MySQL writes types, casts, parameters, and statements that are no query. */
#include "adapters/mysql/syntax.h"

static void print_parameter(struct buffer *out, int number)
{
	(void)number; /* values are sent in the order of the text */
	buffer_append_byte(out, '?');
}

static bool type_words(struct buffer *out, const PgQuery__TypeName *type)
{
	const char *name =
	    type->n_names == 1 ? sql_string_value(type->names[0]) : NULL;

	if (name)
		buffer_append_string(out, name);
	return name;
}

static void print_cast(struct printer *printer, const PgQuery__TypeCast *cast)
{
	print_text(printer, "CAST(");
	print_expr(printer, cast->arg);
	print_text(printer, " AS ");
	mysql_print_type(printer, cast->type_name);
	print_text(printer, ")");
}

/* There is no such clause: a generated value is one that is not given. */
static void print_overriding(struct buffer *out, PgQuery__OverridingKind kind)
{
	(void)out;
	(void)kind;
}

static void print_conflict(struct printer *printer,
			   const PgQuery__OnConflictClause *conflict)
{
	if (conflict->action != PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE)
		return;
	print_text(printer, " ON DUPLICATE KEY UPDATE ");
	print_assignments(printer, conflict->target_list,
			  conflict->n_target_list);
}

static bool print_call_statement(struct printer *printer,
				 const PgQuery__Node *node)
{
	const PgQuery__CallStmt *call = SQL_AS(node, CALL_STMT, call_stmt);

	if (!call || !call->funccall)
		return false;
	print_text(printer, "CALL ");
	print_call(printer, call->funccall);
	return true;
}

static bool print_statement(struct printer *printer, const PgQuery__Node *node)
{
	return print_call_statement(printer, node) ||
	       mysql_print_transaction(printer, node) ||
	       mysql_print_session(printer, node) ||
	       mysql_print_utility(printer, node) ||
	       mysql_print_definition(printer, node);
}

void mysql_print_any(struct printer *printer, const PgQuery__Node *node)
{
	if (!sql_unwrap(node))
		print_fail(printer, "a statement is missing");
	else if (!print_statement(printer, node))
		print_query(printer, node);
}

static bool print_its_own(struct printer *printer, const PgQuery__Node *node)
{
	return mysql_print_expression(printer, node) ||
	       mysql_print_from(printer, node) ||
	       mysql_print_query(printer, node) ||
	       mysql_print_write(printer, node);
}

const struct sql_syntax_ops mysql_syntax = {
    .own = print_its_own,
    .parameter = print_parameter,
    .type_words = type_words,
    .cast = print_cast,
    .call = mysql_call_syntax,
    .overriding = print_overriding,
    .conflict = print_conflict,
    .statement = print_statement,
};
