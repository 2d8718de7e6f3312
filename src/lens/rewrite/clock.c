/*
 * Clocks become the primary's, which each exchange fills in:
 *
 *	SELECT now()
 *	SELECT '2026-01-02 00:00:00.000001+00'::timestamptz AS now
 */
#include "lens/rewrite/clock.h"

#include <ctype.h>
#include <string.h>

PgQuery__Node *rewrite_special(struct rewrite *rw, struct special special)
{
	PgQuery__Node *node = sql_const_string(rw->arena, "\001special");

	*ARENA_PUSH(rw->arena, &rw->filled, special) = special;
	/* Locations of a text are 0 and up; ours tell which special it is. */
	node->a_const->location = -1000 - (int)(rw->filled.special_count - 1);
	rw->changed = true;
	return node;
}

static PgQuery__Node *clock_node(struct rewrite *rw, bool statement,
				 const char *type, int precision)
{
	PgQuery__TypeName *name = sql_type(rw->arena, NULL, "timestamptz");
	PgQuery__Node *node = rewrite_special(
	    rw,
	    (struct special){.kind = statement ? SPECIAL_STATEMENT_CLOCK
					       : SPECIAL_TRANSACTION_CLOCK});
	bool plain = !strcmp(type, "timestamptz");

	if (precision >= 0 && plain)
		SQL_APPEND(rw->arena, name, typmods,
			   sql_const_integer(rw->arena, precision));
	node = sql_cast(rw->arena, node, name);
	if (plain)
		return node;
	name = sql_type(rw->arena, NULL, type);
	if (precision >= 0)
		SQL_APPEND(rw->arena, name, typmods,
			   sql_const_integer(rw->arena, precision));
	return sql_cast(rw->arena, node, name);
}

bool rewrite_clock_call(struct rewrite *rw, PgQuery__Node **slot,
			struct facts *facts)
{
	PgQuery__FuncCall *call = SQL_AS(*slot, FUNC_CALL, func_call);
	const char *name;
	bool statement;

	if (!call || call->n_args || call->agg_star || call->over ||
	    rw->deferred)
		return false;
	if (call->n_funcname > 1 &&
	    !same_name(sql_string_value(call->funcname[0]), "pg_catalog"))
		return false;
	name = sql_string_value(call->funcname[call->n_funcname - 1]);
	statement = same_name(name, "statement_timestamp") ||
		    same_name(name, "clock_timestamp");
	if (!statement && !same_name(name, "now") &&
	    !same_name(name, "transaction_timestamp"))
		return false;
	*slot = clock_node(rw, statement, "timestamptz", -1);
	facts->clock = true;
	return true;
}

bool rewrite_clock_value(struct rewrite *rw, PgQuery__Node **slot,
			 struct facts *facts)
{
	PgQuery__SQLValueFunction *function =
	    SQL_AS(*slot, SQLVALUE_FUNCTION, sqlvalue_function);
	const char *type;

	if (!function)
		return false;
	switch (function->op) {
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
		type = "date";
		break;
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME:
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N:
		type = "timetz";
		break;
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
		type = "timestamptz";
		break;
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME:
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N:
		type = "time";
		break;
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
		type = "timestamp";
		break;
	default:
		return false; /* who is asking: the session has it */
	}
	facts->clock = true;
	if (rw->deferred)
		return false;
	*slot = clock_node(rw, false, type, function->typmod);
	return true;
}
