/*
 * Names of PostgreSQL by what they mean (sql/dialect_names.h has examples). From the
 * manual: 5.5 (system columns), 8.19 (object identifiers).
 */
#include <string.h>

#include "adapters/postgres/dialect.h"
#include "adapters/postgres/parse_text.h"
#include "sql/build.h"

static bool is_system_table(const char *schema, const char *table)
{
	return postgres_dialect.is_builtin(schema) ||
	       (schema && !strcmp(schema, "information_schema")) ||
	       (!SQL_SET(schema) && !strncmp(table, "pg_", 3));
}

static const char *temporary_schema(void)
{
	return "pg_temp";
}

static bool is_system_column(const char *name)
{
	static const char *const names[] = {"ctid", "xmin", "xmax",
					    "cmin", "cmax", "tableoid"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

static const char *row_identity(void)
{
	return "ctid";
}

/* ---- types ---- */

static const char *type_for(enum sql_type_role role)
{
	switch (role) {
	case SQL_TYPE_POSITION:
		return "int4";
	case SQL_TYPE_COUNT:
		return "int8";
	case SQL_TYPE_TEXT:
		break;
	}
	return "text";
}

static PgQuery__TypeName *builtin_type(struct arena *arena, const char *name)
{
	return sql_type(arena, "pg_catalog", name);
}

static const char *wider(const char *left, const char *right)
{
	static const char *const pairs[][2] = {
	    {"int2", "int4"},	  {"int2", "int8"},    {"int4", "int8"},
	    {"float4", "float8"}, {"varchar", "text"},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if ((!strcmp(left, pairs[i][0]) &&
		     !strcmp(right, pairs[i][1])) ||
		    (!strcmp(left, pairs[i][1]) && !strcmp(right, pairs[i][0])))
			return pairs[i][1];
	return NULL;
}

/* bpchar without a length keeps all; char alone means one, as bit does. */
static const char *unbounded(const char *type)
{
	if (!strcmp(type, "bpchar"))
		return "bpchar";
	if (!strcmp(type, "bit") || !strcmp(type, "varbit"))
		return "varbit";
	return NULL;
}

static const char *least(const char *type)
{
	if (!strcmp(type, "int4"))
		return "-2147483648";
	if (!strcmp(type, "int8"))
		return "-9223372036854775808";
	return NULL;
}

static enum sql_type_trait type_trait(const char *type)
{
	if (!strcmp(type, "regclass"))
		return SQL_TYPE_RELATION_NAME;
	if (!strncmp(type, "reg", 3))
		return SQL_TYPE_OBJECT_NAME;
	return strcmp(type, "oid") ? SQL_TYPE_PLAIN : SQL_TYPE_OBJECT_NUMBER;
}

/* ---- expressions ---- */

static PgQuery__Node *always(struct arena *arena, PgQuery__Node *column)
{
	return sql_operator(
	    arena, ">=", sql_call(arena, "pg_catalog", "num_nulls", &column, 1),
	    sql_const_integer(arena, 0));
}

static PgQuery__Node *array_of(struct arena *arena, const char *const *texts,
			       size_t count)
{
	PgQuery__AArrayExpr *array =
	    sql_new(arena, &pg_query__a__array_expr__descriptor);

	array->location = -1;
	for (size_t i = 0; i < count; i++)
		SQL_APPEND(arena, array, elements,
			   sql_const_string(arena, texts[i]));
	return sql_wrap(arena, array);
}

static PgQuery__Node *position(struct arena *arena, const char *const *texts,
			       size_t count, PgQuery__Node *value)
{
	PgQuery__Node *arguments[2] = {array_of(arena, texts, count), value};

	return sql_call(arena, "pg_catalog", "array_position", arguments, 2);
}

static PgQuery__Node *text_at(struct arena *arena, const char *const *texts,
			      size_t count, PgQuery__Node *at)
{
	PgQuery__AIndices *index =
	    sql_new(arena, &pg_query__a__indices__descriptor);
	PgQuery__AIndirection *indirection =
	    sql_new(arena, &pg_query__a__indirection__descriptor);

	index->uidx = at;
	indirection->arg = array_of(arena, texts, count);
	SQL_APPEND(arena, indirection, indirection, sql_wrap(arena, index));
	return sql_wrap(arena, indirection);
}

const struct sql_name_ops postgres_names = {
    .is_system_table = is_system_table,
    .temporary_schema = temporary_schema,
    .is_system_column = is_system_column,
    .row_identity = row_identity,
    .type = type_for,
    .builtin_type = builtin_type,
    .wider = wider,
    .unbounded = unbounded,
    .least = least,
    .type_trait = type_trait,
    .always = always,
    .position = position,
    .text_at = text_at,
    .texts = array_of,
};
