/*
 * Functional notation: column(t) means t.column, unless a function of that name
 * takes t.
 *
 *	SELECT email(users) FROM users
 *	SELECT users.mail AS email FROM app.accounts AS users
 */
#include "lens/rewrite/field.h"

#include "lens/compile/name.h"
#include "lens/rewrite/from.h"
#include "lens/rewrite/refuse.h"

static bool takes_row(const struct rewrite *rw, const char *name)
{
	return lens_old_dialect(rw->lens)->function(name).takes_row;
}

static bool is_bare(const PgQuery__FuncCall *call)
{
	return call->n_funcname == 1 && call->n_args == 1 &&
	       !call->n_agg_order && !sql_unwrap(call->agg_filter) &&
	       !call->over && !call->agg_within_group && !call->agg_distinct &&
	       !call->func_variadic;
}

static bool is_mapped_column(const struct lens *lens, const char *name)
{
	for (size_t i = 0; i < lens->table_count; i++) {
		const struct lens_table *table = &lens->tables[i];

		for (size_t c = 0; table->mapped && c < table->column_count;
		     c++)
			if (same_name(table->columns[c].old->name, name))
				return true;
	}
	return false;
}

/* row.name, or row.* */
static PgQuery__Node *field_node(struct rewrite *rw,
				 const PgQuery__ColumnRef *row,
				 const char *name)
{
	const char *parts[4];
	size_t count = 0;

	for (size_t i = 0; i < row->n_fields; i++)
		if (!SQL_IS(row->fields[i], A_STAR))
			parts[count++] = sql_string_value(row->fields[i]);
	parts[count++] = name;
	return sql_column_parts(rw->arena, parts, count);
}

const PgQuery__ColumnRef *rewrite_field_call(struct rewrite *rw,
					     const struct scope *scope,
					     const PgQuery__FuncCall *call)
{
	const PgQuery__ColumnRef *row =
	    is_bare(call) ? SQL_AS(call->args[0], COLUMN_REF, column_ref)
			  : NULL;
	const char *name = sql_string_value(call->funcname[0]);
	struct resolved resolved;
	PgQuery__Node *field;

	if (!rw->qualify || !row || row->n_fields > 3 || takes_row(rw, name) ||
	    lens_has_function(rw->lens, name))
		return NULL;
	resolved = rewrite_scope_resolve(rw, scope, row);
	if (resolved.as == RESOLVED_COLUMN && resolved.source->facts.row &&
	    is_mapped_column(rw->lens, name))
		rewrite_fail(rw, row->location,
			     "a field of a row from a sub-query");
	if (!resolved.item || resolved.item->open)
		return NULL;
	field = field_node(rw, row, name);
	return rewrite_scope_peek(rw, scope, field) ? field->column_ref : NULL;
}
