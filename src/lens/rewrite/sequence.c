/*
 * Sequences, and other names of relations in strings:
 *
 *	SELECT nextval('users_id_seq'), 'users'::regclass
 *	SELECT nextval('accounts_id_seq'), 'accounts'::regclass
 */
#include "lens/rewrite/sequence.h"

#include <ctype.h>
#include <string.h>

#include "lens/compile/name.h"
#include "lens/rewrite/clock.h"
#include "lens/rewrite/refuse.h"

/* One identifier of a name in a string; gives the place behind it, or NULL. */
static const char *scan_name(struct rewrite *rw, const char *at,
			     const char **name)
{
	char *out = arena_alloc(rw->arena, strlen(at) + 1);
	size_t size = 0;

	*name = out;
	if (*at == '"') {
		for (at++; *at; at++) {
			if (*at == '"' && *++at != '"')
				return at;
			out[size++] = *at;
		}
		return NULL;
	}
	while (*at && *at != '.' && *at != '"' && !isspace((unsigned char)*at))
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
	const struct sql_dialect *dialect = rw->lens->parser->dialect;
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

const char *rewrite_relation_name(struct rewrite *rw, const char *text)
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

const char *rewrite_sequence_of(struct rewrite *rw,
				const struct catalog_column *column)
{
	if (!column || !column->sequence)
		return NULL;
	return rewrite_name(rw, column->sequence_schema, column->sequence);
}

static bool takes_relation(const char *name)
{
	static const char *const names[] = {"nextval",
					    "currval",
					    "setval",
					    "to_regclass",
					    "pg_relation_size",
					    "pg_total_relation_size",
					    "pg_table_size",
					    "pg_indexes_size",
					    "has_table_privilege",
					    "has_sequence_privilege",
					    "pg_get_serial_sequence"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (same_name(name, names[i]))
			return true;
	return false;
}

static void rename_serial_column(struct rewrite *rw, PgQuery__FuncCall *call,
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

bool rewrite_name_call(struct rewrite *rw, PgQuery__FuncCall *call)
{
	const char *name =
	    sql_string_value(call->funcname[call->n_funcname - 1]);

	if (!takes_relation(name))
		return false;
	for (size_t i = 0; i < call->n_args && i < 2; i++) {
		PgQuery__AConst *constant =
		    SQL_AS(call->args[i], A_CONST, a_const);
		const char *renamed;

		if (!constant ||
		    constant->val_case != PG_QUERY__A__CONST__VAL_SVAL)
			continue;
		rewrite_fix(rw, constant);
		if (same_name(name, "pg_get_serial_sequence")) {
			if (i)
				break;
			if (call->n_args == 2)
				rename_serial_column(rw, call,
						     constant->sval->sval);
		}
		renamed = rewrite_relation_name(rw, constant->sval->sval);
		if (!renamed)
			continue;
		call->args[i] = sql_const_string(rw->arena, renamed);
		rw->changed = rw->mapped = true;
	}
	return true;
}

bool rewrite_carried_call(struct rewrite *rw, PgQuery__Node **slot)
{
	PgQuery__FuncCall *call = SQL_AS(*slot, FUNC_CALL, func_call);
	struct special special = {.kind = SPECIAL_LASTVAL,
				  .fallback = "pg_catalog.lastval()"};
	PgQuery__AConst *constant;
	const char *name;

	if (!call || call->n_args > 1 || call->over || rw->deferred)
		return false;
	name = sql_string_value(call->funcname[call->n_funcname - 1]);
	if (same_name(name, "currval") && call->n_args) {
		PgQuery__Node *argument = call->args[0];

		if (SQL_IS(argument, TYPE_CAST))
			argument = argument->type_cast->arg;
		constant = SQL_AS(argument, A_CONST, a_const);
		if (!constant ||
		    constant->val_case != PG_QUERY__A__CONST__VAL_SVAL)
			return false;
		rewrite_fix(rw, constant);
		special.kind = SPECIAL_CURRVAL;
		special.sequence =
		    rewrite_sequence_name(rw, constant->sval->sval);
		special.fallback = arena_printf(
		    rw->arena, "pg_catalog.currval('%s')", special.sequence);
	} else if (!same_name(name, "lastval") || call->n_args) {
		return false;
	}
	*slot = sql_cast(rw->arena, rewrite_special(rw, special),
			 sql_type(rw->arena, NULL, "int8"));
	return true;
}

bool rewrite_is_sequence_call(const PgQuery__Node *node, const char **name,
			      const char **sequence)
{
	PgQuery__FuncCall *call = SQL_AS(node, FUNC_CALL, func_call);
	const PgQuery__Node *argument;

	if (!call || call->over)
		return false;
	*name = sql_string_value(call->funcname[call->n_funcname - 1]);
	*sequence = NULL;
	if (same_name(*name, "lastval"))
		return true;
	if (!same_name(*name, "nextval") && !same_name(*name, "currval"))
		return false;
	argument = call->n_args == 1 ? call->args[0] : NULL;
	if (SQL_IS(argument, TYPE_CAST))
		argument = argument->type_cast->arg;
	if (!SQL_IS(argument, A_CONST) ||
	    argument->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
		return false;
	*sequence = argument->a_const->sval->sval;
	return true;
}
