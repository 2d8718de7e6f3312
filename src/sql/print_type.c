/* Names of types. */
#include "sql/print_internal.h"

/* Types that the grammar names with words of its own. */
static const struct {
	const char *name;
	const char *words;
	bool modifiers; /* the words take (n) or (n, m) */
} words_of_types[] = {
    {"bool", "boolean", false},
    {"bpchar", "char", true},
    {"float4", "real", false},
    {"float8", "double precision", false},
    {"int2", "smallint", false},
    {"int4", "integer", false},
    {"int8", "bigint", false},
    {"interval", "interval", false},
    {"numeric", "numeric", true},
    {"time", "time", false},
    {"timestamp", "timestamp", false},
    {"timestamptz", "timestamp with time zone", false},
    {"timetz", "time with time zone", false},
    {"varchar", "varchar", true},
};

static bool plain_modifiers(const PgQuery__TypeName *type)
{
	for (size_t i = 0; i < type->n_typmods; i++) {
		const PgQuery__AConst *constant =
		    SQL_AS(type->typmods[i], A_CONST, a_const);

		if (!constant ||
		    constant->val_case != PG_QUERY__A__CONST__VAL_IVAL ||
		    constant->ival->ival < 0)
			return false;
	}
	return true;
}

static const char *words_of(const PgQuery__TypeName *type)
{
	const char *schema;
	const char *name;

	if (type->n_names != 2)
		return NULL;
	schema = sql_string_value(type->names[0]);
	name = sql_string_value(type->names[1]);
	if (!schema || !name || strcmp(schema, "pg_catalog"))
		return NULL;
	for (size_t i = 0; i < sizeof(words_of_types) / sizeof(*words_of_types);
	     i++) {
		if (strcmp(name, words_of_types[i].name))
			continue;
		if (type->n_typmods)
			return words_of_types[i].modifiers &&
				       plain_modifiers(type) &&
				       (type->n_typmods == 1 ||
					!strcmp(name, "numeric"))
				   ? words_of_types[i].words
				   : NULL;
		/* "char" alone is char(1). */
		return strcmp(name, "bpchar") ? words_of_types[i].words : NULL;
	}
	return NULL;
}

void print_type(struct printer *printer, const PgQuery__TypeName *type)
{
	const char *words;

	if (!type || !type->n_names) {
		print_fail(printer, "a type is missing");
		return;
	}
	words = words_of(type);
	if (type->setof)
		print_text(printer, "SETOF ");
	if (words)
		print_text(printer, words);
	else
		print_dotted(printer, type->names, type->n_names);
	if (type->pct_type)
		print_text(printer, "%TYPE");
	print_list(printer, "", type->typmods, type->n_typmods, print_expr);
	for (size_t i = 0; i < type->n_array_bounds; i++) {
		const PgQuery__Integer *bound =
		    SQL_AS(type->array_bounds[i], INTEGER, integer);

		if (bound && bound->ival >= 0)
			buffer_printf(printer->out, "[%d]", bound->ival);
		else
			print_text(printer, "[]");
	}
}

void print_type_node(struct printer *printer, const PgQuery__Node *node)
{
	if (SQL_IS(node, TYPE_NAME))
		print_type(printer, node->type_name);
	else
		print_unknown(printer, node);
}
