/*
 * Values that PostgreSQL generates (sql/dialect_generated.h has examples). From the
 * manual: 9.9.5 (clocks), 9.17 (sequences).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "adapters/postgres/dialect.h"
#include "adapters/postgres/parse_text.h"
#include "sql/build.h"

static const char *function_name(const PgQuery__FuncCall *call)
{
	return sql_string_value(call->funcname[call->n_funcname - 1]);
}

/* ---- clocks ---- */

static bool reads_clock_call(const PgQuery__FuncCall *call,
			     struct sql_clock *clock)
{
	const char *name = function_name(call);

	if (call->n_args || call->agg_star || call->over ||
	    (call->n_funcname > 1 &&
	     !postgres_dialect.is_builtin(sql_string_value(call->funcname[0]))))
		return false;
	clock->form = SQL_CLOCK_INSTANT;
	clock->precision = -1;
	clock->statement = !strcmp(name, "statement_timestamp") ||
			   !strcmp(name, "clock_timestamp");
	return clock->statement || !strcmp(name, "now") ||
	       !strcmp(name, "transaction_timestamp");
}

static bool reads_clock(const PgQuery__Node *node, struct sql_clock *clock)
{
	const PgQuery__SQLValueFunction *function =
	    SQL_AS(node, SQLVALUE_FUNCTION, sqlvalue_function);

	if (SQL_IS(node, FUNC_CALL))
		return reads_clock_call(node->func_call, clock);
	if (!function)
		return false;
	clock->statement = false;
	clock->precision = function->typmod;
	switch (function->op) {
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_DATE:
		clock->form = SQL_CLOCK_DATE;
		return true;
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME:
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N:
		clock->form = SQL_CLOCK_TIME;
		return true;
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP:
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
		clock->form = SQL_CLOCK_INSTANT;
		return true;
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME:
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N:
		clock->form = SQL_CLOCK_LOCAL_TIME;
		return true;
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP:
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
		clock->form = SQL_CLOCK_LOCAL;
		return true;
	default:
		return false; /* who is asking: the session has it */
	}
}

static PgQuery__Node *cast_to(struct arena *arena, PgQuery__Node *value,
			      const char *type, int precision)
{
	PgQuery__TypeName *name = sql_type(arena, NULL, type);

	if (precision >= 0)
		SQL_APPEND(arena, name, typmods,
			   sql_const_integer(arena, precision));
	return sql_cast(arena, value, name);
}

/* A constant with its zone: it is read as an instant first. */
static PgQuery__Node *clock_node(struct arena *arena, PgQuery__Node *instant,
				 const struct sql_clock *clock)
{
	static const char *const types[] = {
	    [SQL_CLOCK_LOCAL] = "timestamp",
	    [SQL_CLOCK_DATE] = "date",
	    [SQL_CLOCK_TIME] = "timetz",
	    [SQL_CLOCK_LOCAL_TIME] = "time",
	};

	if (clock->form == SQL_CLOCK_INSTANT)
		return cast_to(arena, instant, "timestamptz", clock->precision);
	return cast_to(arena, cast_to(arena, instant, "timestamptz", -1),
		       types[clock->form], clock->precision);
}

static void append_instant(struct buffer *out, int64_t at)
{
	time_t seconds = (time_t)(at / 1000000);
	long micros = (long)(at % 1000000);
	struct tm tm;

	if (micros < 0) {
		micros += 1000000;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	buffer_printf(out, "%04d-%02d-%02d %02d:%02d:%02d.%06ld+00",
		      tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		      tm.tm_min, tm.tm_sec, micros);
}

/* ---- sequences ---- */

static const struct {
	const char *name;
	enum sql_generated kind;
	size_t arguments;
} calls[] = {
    {"nextval", SQL_GENERATED_NEXT, 1},
    {"currval", SQL_GENERATED_CURRENT, 1},
    {"lastval", SQL_GENERATED_LAST, 0},
};

/* nextval('s'), nextval('s'::regclass) */
static PgQuery__AConst *named_sequence(const PgQuery__FuncCall *call)
{
	PgQuery__Node *argument = call->n_args ? call->args[0] : NULL;
	PgQuery__AConst *constant;

	if (SQL_IS(argument, TYPE_CAST))
		argument = argument->type_cast->arg;
	constant = SQL_AS(argument, A_CONST, a_const);
	return constant && constant->val_case == PG_QUERY__A__CONST__VAL_SVAL
		   ? constant
		   : NULL;
}

static void read_call(const PgQuery__Node *node,
		      struct sql_generated_call *found)
{
	const PgQuery__FuncCall *call = SQL_AS(node, FUNC_CALL, func_call);

	memset(found, 0, sizeof(*found));
	if (!call || call->over)
		return;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (call->n_args != calls[i].arguments ||
		    strcmp(function_name(call), calls[i].name) != 0)
			continue;
		found->kind = calls[i].kind;
		found->name = calls[i].name;
		found->sequence = named_sequence(call);
	}
}

static PgQuery__Node *make_call(struct arena *arena, enum sql_generated kind,
				const char *sequence)
{
	PgQuery__Node *name =
	    sequence ? sql_const_string(arena, sequence) : NULL;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		if (calls[i].kind == kind)
			return sql_call(arena, "pg_catalog", calls[i].name,
					&name, calls[i].arguments);
	return NULL;
}

/* Which way it goes, the sequence says itself. */
static void append_move(struct buffer *out, const char *sequence, int64_t least,
			int64_t most)
{
	buffer_append_string(out, "SELECT pg_catalog.setval(");
	postgres_dialect.string(out, sequence);
	buffer_printf(out,
		      ", past) FROM (SELECT CASE WHEN seqincrement > 0 THEN "
		      "%" PRId64 " ELSE %" PRId64 " END AS past, seqincrement "
		      "FROM pg_catalog.pg_sequence WHERE seqrelid = ",
		      most, least);
	postgres_dialect.string(out, sequence);
	buffer_printf(out,
		      "::pg_catalog.regclass) AS way, %s WHERE CASE WHEN "
		      "seqincrement > 0 THEN last_value < past ELSE last_value "
		      "> past END OR (last_value = past AND NOT is_called)",
		      sequence);
}

const struct sql_generated_ops postgres_generated = {
    .reads_clock = reads_clock,
    .clock = clock_node,
    .append_instant = append_instant,
    .read_call = read_call,
    .call = make_call,
    .append_move = append_move,
};
