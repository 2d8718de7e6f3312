#include "adapters/mysql/reserved.h"

const char *mysql_reserved_name(const PgQuery__FuncCall *call)
{
	const char *schema;

	if (!call || call->n_funcname != 2 ||
	    call->funcformat != PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX)
		return NULL;
	schema = sql_string_value(call->funcname[0]);
	return schema && !strcmp(schema, MYSQL_RESERVED)
		   ? sql_string_value(call->funcname[1])
		   : NULL;
}

const PgQuery__FuncCall *mysql_reserved(const PgQuery__Node *node,
					const char *name)
{
	const PgQuery__FuncCall *call = SQL_AS(node, FUNC_CALL, func_call);
	const char *found = mysql_reserved_name(call);

	return found && !strcmp(found, name) ? call : NULL;
}

const PgQuery__Node *mysql_clause(PgQuery__Node *const *args, size_t count,
				  const char *name, size_t *at)
{
	while (*at < count) {
		const PgQuery__Node *node = args[(*at)++];
		const PgQuery__NamedArgExpr *named =
		    SQL_AS(node, NAMED_ARG_EXPR, named_arg_expr);

		if (named && !strcmp(named->name, name))
			return named->arg;
	}
	return NULL;
}
