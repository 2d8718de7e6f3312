/*
 * Names of PostgreSQL by what they mean (sql/dialect_names.h has examples). From the
 * manual: 5.5 (system columns), 8.19 (object identifiers), chapter 9 (functions).
 */
#include <string.h>

#include "adapters/postgres/dialect.h"
#include "sql/build.h"

static bool is_builtin(const char *schema)
{
	return schema && !strcmp(schema, "pg_catalog");
}

static bool is_system_table(const char *schema, const char *table)
{
	return is_builtin(schema) ||
	       (schema && !strcmp(schema, "information_schema")) ||
	       (!SQL_SET(schema) && !strncmp(table, "pg_", 3));
}

static const char *temporary_schema(void)
{
	return "pg_temp";
}

static bool is_temporary(const char *schema)
{
	return schema && !strncmp(schema, "pg_temp", 7);
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

/* ---- functions ---- */

/* A prefix ends in '*'; the first that fits is meant. */
static const struct {
	const char *name;
	unsigned traits;
} functions[] = {
    {"any_value", SQL_TAKES_ROW},
    {"array_agg", SQL_TAKES_ROW},
    {"concat", SQL_TAKES_ROW},
    {"count", SQL_TAKES_ROW},
    {"currval", SQL_TAKES_RELATION},
    {"enum_first", SQL_TAKES_ENUM | SQL_GIVES_FIRST_LABEL},
    {"enum_last", SQL_TAKES_ENUM | SQL_GIVES_LAST_LABEL},
    {"enum_range", SQL_TAKES_ENUM | SQL_GIVES_LABELS},
    {"enum_*", SQL_TAKES_ENUM},
    {"has_sequence_privilege", SQL_TAKES_RELATION},
    {"has_table_privilege", SQL_TAKES_RELATION},
    {"hash_record", SQL_TAKES_ROW},
    {"hashenum*", SQL_TAKES_ENUM},
    {"json_agg", SQL_TAKES_ROW},
    {"json_agg_strict", SQL_TAKES_ROW},
    {"json_build_array", SQL_TAKES_ROW},
    {"jsonb_agg", SQL_TAKES_ROW},
    {"jsonb_agg_strict", SQL_TAKES_ROW},
    {"jsonb_build_array", SQL_TAKES_ROW},
    {"lo_*", SQL_GIVES_NUMBER},
    {"nextval", SQL_TAKES_RELATION},
    {"num_nonnulls", SQL_TAKES_ROW},
    {"num_nulls", SQL_TAKES_ROW},
    {"pg_collation_for", SQL_TAKES_ROW},
    {"pg_column_compression", SQL_TAKES_ROW},
    {"pg_column_size", SQL_TAKES_ROW},
    {"pg_get_serial_sequence", SQL_TAKES_RELATION | SQL_TAKES_COLUMN},
    {"pg_indexes_size", SQL_TAKES_RELATION},
    {"pg_relation_size", SQL_TAKES_RELATION},
    {"pg_table_size", SQL_TAKES_RELATION},
    {"pg_total_relation_size", SQL_TAKES_RELATION},
    {"pg_typeof", SQL_TAKES_ROW},
    {"quote_literal", SQL_TAKES_ROW},
    {"quote_nullable", SQL_TAKES_ROW},
    {"record_out", SQL_TAKES_ROW},
    {"record_send", SQL_TAKES_ROW},
    {"row_to_json", SQL_TAKES_ROW},
    {"setval", SQL_TAKES_RELATION},
    {"to_json", SQL_TAKES_ROW},
    {"to_jsonb", SQL_TAKES_ROW},
    {"to_regclass", SQL_TAKES_RELATION},
};

static unsigned function_traits(const char *name)
{
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		size_t size = strlen(functions[i].name);

		if (functions[i].name[size - 1] == '*'
			? !strncmp(name, functions[i].name, size - 1)
			: !strcmp(name, functions[i].name))
			return functions[i].traits;
	}
	return 0;
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
    .is_builtin = is_builtin,
    .is_system_table = is_system_table,
    .temporary_schema = temporary_schema,
    .is_temporary = is_temporary,
    .is_system_column = is_system_column,
    .row_identity = row_identity,
    .type = type_for,
    .builtin_type = builtin_type,
    .wider = wider,
    .unbounded = unbounded,
    .least = least,
    .type_trait = type_trait,
    .function_traits = function_traits,
    .always = always,
    .position = position,
    .text_at = text_at,
    .texts = array_of,
};
