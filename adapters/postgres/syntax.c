/* How PostgreSQL writes types, casts, parameters and ON CONFLICT. */
#include "adapters/postgres/syntax.h"

#include <string.h>

#include "sql/printer.h"

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

static bool type_words(struct buffer *out, const PgQuery__TypeName *type)
{
	const char *words = words_of(type);

	if (words)
		buffer_append_string(out, words);
	return words;
}

static void print_cast(struct printer *printer, const PgQuery__TypeCast *cast)
{
	print_operand(printer, cast->arg);
	print_text(printer, "::");
	print_type(printer, cast->type_name);
}

/* The standard's form, for an engine that has no other. */
static void print_standard_cast(struct printer *printer,
				const PgQuery__TypeCast *cast)
{
	print_text(printer, "CAST(");
	print_operand(printer, cast->arg);
	print_text(printer, " AS ");
	print_type(printer, cast->type_name);
	print_text(printer, ")");
}

static void print_parameter(struct buffer *out, int number)
{
	buffer_printf(out, "$%d", number);
}

static void print_overriding(struct buffer *out, PgQuery__OverridingKind kind)
{
	if (kind == PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE)
		buffer_append_string(out, " OVERRIDING USER VALUE");
	else if (kind == PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE)
		buffer_append_string(out, " OVERRIDING SYSTEM VALUE");
}

/* ---- ON CONFLICT ---- */

static void print_index_elem(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__IndexElem *elem = SQL_AS(node, INDEX_ELEM, index_elem);

	if (!elem) {
		print_unknown(printer, node);
		return;
	}
	postgres_print_keyed(printer, elem->expr, elem->name);
	postgres_print_class(printer, elem->collation, elem->n_collation,
			     elem->opclass, elem->n_opclass);
	if (elem->n_opclassopts)
		print_fail(printer, "no rule to print operator class options");
	if (elem->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_ASC)
		print_text(printer, " ASC");
	else if (elem->ordering == PG_QUERY__SORT_BY_DIR__SORTBY_DESC)
		print_text(printer, " DESC");
	if (elem->nulls_ordering == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST)
		print_text(printer, " NULLS FIRST");
	else if (elem->nulls_ordering ==
		 PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST)
		print_text(printer, " NULLS LAST");
}

static void print_conflict(struct printer *printer,
			   const PgQuery__OnConflictClause *conflict)
{
	const PgQuery__InferClause *infer;

	print_text(printer, " ON CONFLICT");
	infer = conflict->infer;
	if (infer) {
		print_list(printer, " ", infer->index_elems,
			   infer->n_index_elems, print_index_elem);
		print_condition(printer, " WHERE ", infer->where_clause);
		if (SQL_SET(infer->conname)) {
			print_text(printer, " ON CONSTRAINT ");
			print_name(printer, infer->conname);
		}
	}
	if (conflict->action ==
	    PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_NOTHING) {
		print_text(printer, " DO NOTHING");
		return;
	}
	print_text(printer, " DO UPDATE SET ");
	print_assignments(printer, conflict->target_list,
			  conflict->n_target_list);
	print_condition(printer, " WHERE ", conflict->where_clause);
}

#define SYNTAX(its_cast)                                                       \
	.output_name = postgres_output_name, .parameter = print_parameter,     \
	.type_words = type_words, .cast = (its_cast),                          \
	.call = postgres_call_syntax, .overriding = print_overriding,          \
	.conflict = print_conflict, .statement = postgres_print_statement

const struct sql_syntax_ops postgres_syntax = {SYNTAX(print_cast)};
const struct sql_syntax_ops postgres_syntax_reduced = {
    SYNTAX(print_standard_cast)};
