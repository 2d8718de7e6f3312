/*
 * How PostgreSQL's functions are undone (sql/dialect_inverse.h has examples). From
 * the manual: 9.3 to 9.5, 9.9 and 9.16; 8.1.4 (serial types).
 */
#include <string.h>
#include <strings.h>

#include "adapters/postgres/dialect.h"
#include "adapters/postgres/parse_text.h"
#include "sql/build.h"

/* The name of a function of the engine's own, or NULL. */
static const char *name_of(const PgQuery__FuncCall *call)
{
	const char *schema;

	if (!call->n_funcname || call->n_funcname > 2)
		return NULL;
	schema = sql_string_value(call->funcname[0]);
	if (call->n_funcname == 2 && !postgres_dialect.is_builtin(schema))
		return NULL;
	return sql_string_value(call->funcname[call->n_funcname - 1]);
}

static const struct known {
	const char *name;
	enum sql_call_meaning meaning;
	size_t least, most; /* arguments */
	size_t argument;    /* that it is of; SIZE_MAX: of all */
} known[] = {
    {"round", SQL_CALL_ROUND, 1, 2, 0},
    {"trunc", SQL_CALL_ROUND, 1, 2, 0},
    {"floor", SQL_CALL_ROUND, 1, 1, 0},
    {"ceil", SQL_CALL_ROUND, 1, 1, 0},
    {"ceiling", SQL_CALL_ROUND, 1, 1, 0},
    {"jsonb_build_object", SQL_CALL_OBJECT, 0, SIZE_MAX, SIZE_MAX},
    {"json_build_object", SQL_CALL_OBJECT, 0, SIZE_MAX, SIZE_MAX},
    {"timezone", SQL_CALL_ZONE, 2, 2, 1},
    {"extract", SQL_CALL_SECONDS, 2, 2, 1},
    {"date_part", SQL_CALL_SECONDS, 2, 2, 1},
    {"to_timestamp", SQL_CALL_INSTANT, 1, 1, 0},
    {"concat_ws", SQL_CALL_JOIN, 1, SIZE_MAX, SIZE_MAX},
};

/* extract('epoch', t), not extract('year', t) */
static bool is_epoch(const PgQuery__Node *field)
{
	const PgQuery__AConst *constant = SQL_AS(field, A_CONST, a_const);

	return constant && !constant->isnull &&
	       constant->val_case == PG_QUERY__A__CONST__VAL_SVAL &&
	       !strcasecmp(constant->sval->sval, "epoch");
}

static enum sql_call_meaning meaning(const PgQuery__FuncCall *call,
				     const PgQuery__Node **argument)
{
	const char *name = name_of(call);

	*argument = NULL;
	for (size_t i = 0; name && i < sizeof(known) / sizeof(*known); i++) {
		const struct known *it = &known[i];

		if (strcmp(name, it->name) || call->n_args < it->least ||
		    call->n_args > it->most)
			continue;
		if (it->meaning == SQL_CALL_SECONDS && !is_epoch(call->args[0]))
			break;
		if (it->argument != SIZE_MAX)
			*argument = call->args[it->argument];
		return it->meaning;
	}
	return SQL_CALL_OTHER;
}

static bool is_pure(const PgQuery__FuncCall *call)
{
	static const char *const pure[] = {
	    "abs",
	    "btrim",
	    "ceil",
	    "ceiling",
	    "char_length",
	    "concat",
	    "concat_ws",
	    "date_part",
	    "extract",
	    "floor",
	    "json_build_object",
	    "jsonb_build_object",
	    "left",
	    "length",
	    "lower",
	    "lpad",
	    "ltrim",
	    "overlay",
	    "position",
	    "replace",
	    "reverse",
	    "right",
	    "round",
	    "rpad",
	    "rtrim",
	    "split_part",
	    "strpos",
	    "substr",
	    "substring",
	    "timezone",
	    "to_timestamp",
	    "trunc",
	    "upper",
	};
	const char *name = name_of(call);

	for (size_t i = 0; name && i < sizeof(pure) / sizeof(*pure); i++)
		if (!strcmp(name, pure[i]))
			return true;
	return false;
}

/* ---- what is built ---- */

static PgQuery__Node *seconds(struct arena *arena, PgQuery__Node *instant)
{
	PgQuery__Node *arguments[] = {sql_const_string(arena, "epoch"),
				      instant};

	return sql_call(arena, NULL, "date_part", arguments, 2);
}

static PgQuery__Node *instant_of(struct arena *arena, PgQuery__Node *value)
{
	return sql_call(arena, NULL, "to_timestamp", &value, 1);
}

static PgQuery__Node *member(struct arena *arena, PgQuery__Node *object,
			     const char *key)
{
	return sql_operator(arena, "->>", object, sql_const_string(arena, key));
}

static PgQuery__Node *part(struct arena *arena, PgQuery__Node *text,
			   const char *separator, int64_t n)
{
	PgQuery__Node *arguments[] = {text, sql_const_string(arena, separator),
				      sql_const_integer(arena, n)};

	return sql_call(arena, NULL, "split_part", arguments, 3);
}

static PgQuery__Node *without_first(struct arena *arena, PgQuery__Node *text,
				    int64_t count)
{
	PgQuery__Node *arguments[] = {text,
				      sql_const_integer(arena, count + 1)};

	return sql_call(arena, NULL, "substr", arguments, 2);
}

static PgQuery__Node *without_last(struct arena *arena, PgQuery__Node *text,
				   int64_t count)
{
	PgQuery__Node *arguments[] = {text, sql_const_integer(arena, -count)};

	return sql_call(arena, NULL, "left", arguments, 2);
}

/* ---- texts that are cut in two ---- */

#define UP_TO	"split_part($c, $s, 1)"
#define UP_LAST "left($c, -length(split_part(reverse($c), $s, 1)) - 1)"
#define JOINED	"$1 || $s || $2"
#define HOLDS	"each value has $s in it"

static const struct sql_split splits[] = {
    {SQL_SPLIT_FIRST, UP_TO, "substr($c, length(split_part($c, $s, 1)) + $m)",
     JOINED, HOLDS},
    {SQL_SPLIT_OTHER, UP_TO,
     "substring($c, length(split_part($c, $s, 1)) + $m)", JOINED, HOLDS},
    {SQL_SPLIT_OTHER, UP_TO,
     "substring($c from length(split_part($c, $s, 1)) + $m)", JOINED, HOLDS},
    {SQL_SPLIT_OTHER, UP_TO, "substr($c, position($s in $c) + $l)", JOINED,
     HOLDS},
    {SQL_SPLIT_OTHER, UP_TO, "substring($c from position($s in $c) + $l)",
     JOINED, HOLDS},
    {SQL_SPLIT_OTHER, UP_TO, "substr($c, strpos($c, $s) + $l)", JOINED, HOLDS},
    {SQL_SPLIT_OTHER, UP_TO, "substring($c from strpos($c, $s) + $l)", JOINED,
     HOLDS},
    {SQL_SPLIT_OTHER, UP_TO, "split_part($c, $s, 2)", JOINED,
     "each value has $s in it, and but once"},
    {SQL_SPLIT_OTHER, "left($c, position($s in $c) - 1)",
     "substr($c, position($s in $c) + $l)", JOINED, HOLDS},
    {SQL_SPLIT_OTHER, "left($c, strpos($c, $s) - 1)",
     "substr($c, strpos($c, $s) + $l)", JOINED, HOLDS},
    {SQL_SPLIT_OTHER, "substring($c from 1 for position($s in $c) - 1)",
     "substring($c from position($s in $c) + $l)", JOINED, HOLDS},
    {SQL_SPLIT_LAST, UP_LAST, "reverse(split_part(reverse($c), $s, 1))", JOINED,
     HOLDS},
    {SQL_SPLIT_OTHER, "left($c, $k)", "substr($c, $n)", "$1 || $2", NULL},
    {SQL_SPLIT_OTHER, "substr($c, 1, $k)", "substr($c, $n)", "$1 || $2", NULL},
    {SQL_SPLIT_OTHER, "substring($c from 1 for $k)", "substring($c from $n)",
     "$1 || $2", NULL},
    {SQL_SPLIT_OTHER, "$c / $k", "$c % $k", "$1 * $k + $2", NULL},
    {SQL_SPLIT_OTHER, "$c::date", "$c::time", "$1 + $2", NULL},
};

static const struct sql_split *all_splits(size_t *count)
{
	*count = sizeof(splits) / sizeof(*splits);
	return splits;
}

/* ---- definitions ---- */

static const char *sequenced(const char *type)
{
	static const struct {
		const char *name, *type;
	} serials[] = {
	    {"serial", "integer"},   {"serial4", "integer"},
	    {"bigserial", "bigint"}, {"serial8", "bigint"},
	    {"serial2", "smallint"}, {"smallserial", "smallint"},
	};

	for (size_t i = 0; i < sizeof(serials) / sizeof(*serials); i++)
		if (!strcmp(type, serials[i].name))
			return serials[i].type;
	return NULL;
}

static const char *sequence_name(struct arena *arena, const char *table,
				 const char *column)
{
	return arena_printf(arena, "%s_%s_seq", table, column);
}

static const char *default_schema(void)
{
	return "public";
}

const struct sql_inverse_ops postgres_inverse = {
    .meaning = meaning,
    .is_pure = is_pure,
    .seconds = seconds,
    .instant = instant_of,
    .member = member,
    .part = part,
    .without_first = without_first,
    .without_last = without_last,
    .splits = all_splits,
    .sequenced = sequenced,
    .sequence_name = sequence_name,
    .default_schema = default_schema,
};
