/*
 * Names of tables and sequences in strings:
 *
 *	SELECT setval('users_id_seq', 7), 'users'::regclass
 *	SELECT setval('app.accounts_id_seq', 7), 'app.accounts'::regclass
 */
#include "lens/rewrite/object_name.h"

#include <ctype.h>
#include <string.h>

#include "lens/compile/name.h"
#include "lens/rewrite/refuse.h"

/* Scans one identifier in a string. Returns the place after it, or NULL. */
static const char *scan_name(struct rewrite *rw, const char *at,
			     const char **name)
{
	char *out = arena_alloc(rw->arena, strlen(at) + 1);
	char quote = lens_old_dialect(rw->lens)->quote;
	size_t size = 0;

	*name = out;
	if (*at == quote) {
		for (at++; *at; at++) {
			if (*at == quote && *++at != quote)
				return at;
			out[size++] = *at;
		}
		return NULL;
	}
	while (*at && *at != '.' && *at != quote &&
	       !isspace((unsigned char)*at))
		out[size++] = (char)tolower((unsigned char)*at++);
	return size && (!*at || *at == '.') ? at : NULL;
}

static const struct lens_table *named_relation(struct rewrite *rw,
					       const char *text,
					       const char **schema,
					       const char **name)
{
	PgQuery__RangeVar var = PG_QUERY__RANGE_VAR__INIT;
	const struct cte *cte;
	bool known;
	const char *at = scan_name(rw, text, name);

	*schema = NULL;
	if (at && *at == '.') {
		*schema = *name;
		at = scan_name(rw, at + 1, name);
	}
	if (!at || *at)
		return NULL;
	var.schemaname = (char *)(uintptr_t)*schema;
	var.relname = (char *)(uintptr_t)*name;
	return rewrite_scope_table(rw, NULL, &var, &cte, &known);
}

const char *rewrite_name(struct rewrite *rw, const char *schema,
			 const char *name)
{
	const struct sql_dialect *dialect = lens_new_dialect(rw->lens);
	struct buffer buffer;
	const char *text;

	buffer_init(&buffer, 0);
	if (schema) {
		sql_print_name(dialect, &buffer, schema);
		buffer_append_byte(&buffer, '.');
	}
	sql_print_name(dialect, &buffer, name);
	text = arena_string(rw->arena, buffer_string(&buffer));
	buffer_release(&buffer);
	return text;
}

/* The new text for a relation's name in a string. NULL: it stays the same. */
static const char *relation_name(struct rewrite *rw, const char *text)
{
	const char *schema, *name;
	const struct lens_table *table =
	    named_relation(rw, text, &schema, &name);
	const struct lens_name *renamed;

	if (table && table->table && table->renamed)
		return rewrite_name(rw, table->table->schema,
				    table->table->name);
	rw->mapped |= table && table->dropped;
	if (table && table->dropped)
		rewrite_refuse_dropped(rw, table, -1);
	renamed = lens_renamed(&rw->lens->names.sequences, schema, name);
	if (!renamed || table)
		return NULL;
	return rewrite_name(rw, renamed->schema ? renamed->schema : schema,
			    renamed->name);
}

const char *rewrite_sequence_name(struct rewrite *rw, const char *text)
{
	const char *schema, *name;
	const struct lens_table *table =
	    named_relation(rw, text, &schema, &name);
	const struct lens_name *renamed;

	if (table && table->table)
		return rewrite_name(rw, table->table->schema,
				    table->table->name);
	renamed = lens_renamed(&rw->lens->names.sequences, schema, name);
	if (renamed)
		return rewrite_name(rw,
				    renamed->schema ? renamed->schema : schema,
				    renamed->name);
	return rewrite_name(rw, schema, name);
}

/* Renames the column that a call names after the table. */
static void rename_column(struct rewrite *rw, PgQuery__FuncCall *call,
			  const char *relation)
{
	PgQuery__AConst *constant = SQL_AS(call->args[1], A_CONST, a_const);
	const char *schema, *name;
	const struct lens_table *table =
	    named_relation(rw, relation, &schema, &name);

	if (!constant || constant->val_case != PG_QUERY__A__CONST__VAL_SVAL ||
	    !table || !table->mapped)
		return;
	rewrite_fix(rw, constant);
	rw->mapped = true;
	for (size_t i = 0; i < table->column_count; i++) {
		const struct lens_column *column = &table->columns[i];

		if (!same_name(column->old->name, constant->sval->sval))
			continue;
		if (!column->stored)
			rewrite_fail(rw, constant->location,
				     "column \"%s\" has no place of its own "
				     "in the new schema",
				     column->old->name);
		call->args[1] =
		    sql_const_string(rw->arena, column->stored->name);
		rw->changed = rw->mapped = true;
	}
}

void rewrite_name_call(struct rewrite *rw, PgQuery__FuncCall *call)
{
	const struct sql_function_traits traits =
	    lens_old_dialect(rw->lens)->function(
		sql_string_value(call->funcname[call->n_funcname - 1]));
	size_t most = traits.takes_column ? 1 : 2;

	if (!traits.takes_relation)
		return;
	for (size_t i = 0; i < call->n_args && i < most; i++) {
		PgQuery__AConst *constant =
		    SQL_AS(call->args[i], A_CONST, a_const);
		const char *renamed;

		if (!constant ||
		    constant->val_case != PG_QUERY__A__CONST__VAL_SVAL)
			continue;
		rewrite_fix(rw, constant);
		if (traits.takes_column && call->n_args == 2)
			rename_column(rw, call, constant->sval->sval);
		renamed = relation_name(rw, constant->sval->sval);
		if (!renamed)
			continue;
		call->args[i] = sql_const_string(rw->arena, renamed);
		rw->changed = rw->mapped = true;
	}
}

static enum sql_type_trait type_trait(const struct rewrite *rw,
				      const PgQuery__TypeName *type)
{
	if (!type->n_names)
		return SQL_TYPE_PLAIN;
	return lens_old_dialect(rw->lens)->names->type_trait(
	    sql_string_value(type->names[type->n_names - 1]));
}

void rewrite_name_cast(struct rewrite *rw, PgQuery__TypeCast *cast)
{
	PgQuery__AConst *constant = SQL_AS(cast->arg, A_CONST, a_const);
	const char *renamed;

	if (!constant || constant->val_case != PG_QUERY__A__CONST__VAL_SVAL ||
	    type_trait(rw, cast->type_name) != SQL_TYPE_RELATION_NAME)
		return;
	rewrite_fix(rw, constant);
	renamed = relation_name(rw, constant->sval->sval);
	if (renamed) {
		cast->arg = sql_const_string(rw->arena, renamed);
		rw->changed = rw->mapped = true;
	}
}

bool rewrite_shows_number(const struct rewrite *rw,
			  const PgQuery__TypeCast *cast)
{
	const PgQuery__TypeCast *inner =
	    SQL_AS(cast->arg, TYPE_CAST, type_cast);
	enum sql_type_trait from =
	    inner ? type_trait(rw, inner->type_name) : SQL_TYPE_PLAIN;

	return (from == SQL_TYPE_RELATION_NAME ||
		from == SQL_TYPE_OBJECT_NAME) &&
	       type_trait(rw, cast->type_name) == SQL_TYPE_OBJECT_NUMBER;
}
