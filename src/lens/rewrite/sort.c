/*
 * ORDER BY, GROUP BY, DISTINCT ON: what an item of their lists means, an
 * output's name, its number or an expression.
 *
 *	SELECT id FROM users ORDER BY email DESC
 *	SELECT users.id FROM app.accounts AS users ORDER BY users.mail DESC
 */
#include "lens/rewrite/sort.h"

#include <string.h>

#include "lens/rewrite/expression.h"
#include "lens/rewrite/labels.h"
#include "lens/rewrite/refuse.h"

static const char *bare_name(const PgQuery__Node *node)
{
	PgQuery__ColumnRef *ref = SQL_AS(node, COLUMN_REF, column_ref);

	return ref && ref->n_fields == 1 ? sql_string_value(ref->fields[0])
					 : NULL;
}

/* The output that an ORDER BY item means by SQL-92: a bare name is an output
 * column first, a number is a position. NULL: neither. */
static const struct output *sorted_output(const struct outputs *outputs,
					  const PgQuery__Node *node)
{
	const PgQuery__AConst *constant = SQL_AS(node, A_CONST, a_const);
	const char *name = bare_name(node);
	int at = constant && constant->val_case == PG_QUERY__A__CONST__VAL_IVAL
		     ? constant->ival->ival
		     : 0;

	for (size_t i = 0; name && i < outputs->count; i++)
		if (same_name(outputs->items[i].name, name))
			return &outputs->items[i];
	return at > 0 && (size_t)at <= outputs->count ? &outputs->items[at - 1]
						      : NULL;
}

/* Labels of a recoded enum are sorted by the output's expression, repeated as a
 * sort key. */
static void sort_labels(struct rewrite *rw, const PgQuery__SelectStmt *select,
			const struct outputs *outputs,
			const struct output *output, PgQuery__Node **slot)
{
	size_t at = (size_t)(output - outputs->items);
	const struct facts *facts = &output->facts;

	if (outputs->open || select->n_target_list != outputs->count ||
	    !rewrite_labels_can_repeat(
		rw, select->target_list[at]->res_target->val))
		rewrite_fail(rw, -1,
			     "\"%s\" is an enum with recoded labels: its order "
			     "on the new side is not known",
			     output->name ? output->name : "");
	*slot = rewrite_labels_sort_key(
	    rw, facts, output->source,
	    sql_copy(rw->arena, select->target_list[at]->res_target->val));
}

/* Rewrites a sort key. labels: sorts labels of a recoded enum in their
 * order. */
static void sort_value(struct rewrite *rw, struct scope *scope,
		       PgQuery__Node **slot, struct facts *facts, bool labels)
{
	PgQuery__RowExpr *row = SQL_AS(*slot, ROW_EXPR, row_expr);
	struct source *source = rewrite_scope_peek(rw, scope, *slot);

	if (row) {
		rewrite_expand_stars(rw, scope, &row->n_args, &row->args);
		for (size_t i = 0; i < row->n_args; i++)
			sort_value(rw, scope, &row->args[i], facts, labels);
		return;
	}
	rewrite_expression(rw, scope, slot, facts);
	if (labels && facts->labels)
		*slot = rewrite_labels_sort_key(rw, facts, source, *slot);
}

static void sort_item(struct rewrite *rw, struct scope *scope,
		      PgQuery__Node **slot, const PgQuery__SelectStmt *select,
		      const struct outputs *outputs, struct facts *facts,
		      bool labels)
{
	const struct output *output = sorted_output(outputs, *slot);

	if (output) {
		rewrite_facts_join(facts, &output->facts);
		if (labels && output->facts.labels)
			sort_labels(rw, select, outputs, output, slot);
		return;
	}
	if (!SQL_IS(*slot, A_CONST))
		sort_value(rw, scope, slot, facts, labels);
}

/* Rewrites an item of GROUP BY. A name is an input column first, then an output
 * column, then a column of a query around it. */
void rewrite_group(struct rewrite *rw, struct scope *scope,
		   PgQuery__Node **slot, const struct outputs *outputs)
{
	const char *name = bare_name(*slot);
	PgQuery__GroupingSet *set = SQL_AS(*slot, GROUPING_SET, grouping_set);
	PgQuery__RowExpr *row = SQL_AS(*slot, ROW_EXPR, row_expr);
	const struct output *output = NULL;

	if (set) {
		for (size_t i = 0; i < set->n_content; i++)
			rewrite_group(rw, scope, &set->content[i], outputs);
		return;
	}
	if (row) {
		for (size_t i = 0; i < row->n_args; i++)
			rewrite_group(rw, scope, &row->args[i], outputs);
		return;
	}
	if (SQL_IS(*slot, A_CONST) ||
	    (name && !rewrite_scope_peek_own(rw, scope, *slot)))
		output = sorted_output(outputs, *slot);
	if (output) {
		rewrite_facts_join(&rw->touched.predicate, &output->facts);
		/* By position, since the name might mean a new column. */
		if (name && rw->qualify && !outputs->open)
			*slot = sql_const_integer(rw->arena,
						  output - outputs->items + 1);
		return;
	}
	if (SQL_IS(*slot, A_CONST))
		return;
	rewrite_expression(rw, scope, slot, &rw->touched.predicate);
}

bool rewrite_is_distinct_on(const PgQuery__SelectStmt *select)
{
	/* A plain DISTINCT is a list with one empty node. */
	return select->n_distinct_clause &&
	       select->distinct_clause[0]->node_case !=
		   PG_QUERY__NODE__NODE__NOT_SET;
}

void rewrite_sorts(struct rewrite *rw, struct scope *scope,
		   PgQuery__SelectStmt *select, const struct outputs *outputs,
		   struct facts *facts)
{
	bool distinct_on = rewrite_is_distinct_on(select);

	for (size_t i = 0; distinct_on && i < select->n_distinct_clause; i++)
		sort_item(rw, scope, &select->distinct_clause[i], select,
			  outputs, &rw->touched.predicate, true);
	for (size_t i = 0; i < select->n_sort_clause; i++)
		sort_item(rw, scope, &select->sort_clause[i]->sort_by->node,
			  select, outputs, facts,
			  distinct_on || !select->n_distinct_clause);
}

/* ---- ORDER BY of DISTINCT and of UNION ---- */

/* The output that an ORDER BY item means, in a query that sorts only by
 * outputs. */
static size_t output_sorted_by(struct rewrite *rw,
			       const PgQuery__SelectStmt *select,
			       const struct outputs *outputs,
			       const PgQuery__Node *node)
{
	const PgQuery__ColumnRef *ref = SQL_AS(node, COLUMN_REF, column_ref);
	const PgQuery__AConst *constant = SQL_AS(node, A_CONST, a_const);

	if (constant && constant->val_case == PG_QUERY__A__CONST__VAL_IVAL)
		return (size_t)constant->ival->ival - 1;
	for (size_t i = 0; i < outputs->count; i++)
		if ((ref && ref->n_fields == 1 &&
		     same_name(outputs->items[i].name,
			       sql_string_value(ref->fields[0]))))
			return i;
	for (size_t i = 0; i < select->n_target_list; i++)
		if (sql_equal(select->target_list[i]->res_target->val, node))
			return i;
	rewrite_fail(rw, -1,
		     "ORDER BY of a query with DISTINCT is not an output");
}

/* Turns the query into SELECT columns FROM (the query) ORDER BY ... Clauses
 * that belong at the top move there. */
static void move_inside(struct rewrite *rw, PgQuery__SelectStmt *select,
			const struct outputs *outputs,
			const char *const *columns)
{
	PgQuery__SelectStmt *inner = sql_select(rw->arena);
	PgQuery__SelectStmt *outer = sql_select(rw->arena);
	PgQuery__SelectStmt whole = *select;

	*inner = whole;
	inner->with_clause = NULL;
	inner->into_clause = NULL;
	inner->n_sort_clause = 0;
	inner->sort_clause = NULL;
	inner->limit_count = inner->limit_offset = NULL;
	inner->limit_option = outer->limit_option;
	*select = *outer;
	select->with_clause = whole.with_clause;
	select->into_clause = whole.into_clause;
	select->n_sort_clause = whole.n_sort_clause;
	select->sort_clause = whole.sort_clause;
	select->limit_count = whole.limit_count;
	select->limit_offset = whole.limit_offset;
	select->limit_option = whole.limit_option;
	SQL_APPEND(rw->arena, select, from_clause,
		   sql_range_subselect(rw->arena, sql_wrap(rw->arena, inner),
				       "parallax_sorted", columns,
				       outputs->count));
	for (size_t i = 0; i < outputs->count; i++)
		SQL_APPEND(rw->arena, select, target_list,
			   sql_target(rw->arena, outputs->items[i].name,
				      sql_column(rw->arena, "parallax_sorted",
						 columns[i])));
}

void rewrite_sort_around(struct rewrite *rw, PgQuery__SelectStmt *select,
			 const struct outputs *outputs)
{
	size_t *keys =
	    arena_array(rw->arena, select->n_sort_clause + 1, sizeof(*keys));
	const char **columns =
	    arena_array(rw->arena, outputs->count + 1, sizeof(*columns));
	const struct catalog_type *type = NULL;

	for (size_t i = 0; i < outputs->count && !type; i++)
		type = outputs->items[i].facts.labels;
	if (!type || !select->n_sort_clause)
		return;
	if (outputs->open)
		rewrite_labels_refuse(rw, type);
	type = NULL;
	for (size_t i = 0; i < select->n_sort_clause; i++) {
		keys[i] = output_sorted_by(
		    rw, select, outputs, select->sort_clause[i]->sort_by->node);
		if (keys[i] < outputs->count &&
		    outputs->items[keys[i]].facts.labels)
			type = outputs->items[keys[i]].facts.labels;
	}
	if (!type)
		return;
	for (size_t i = 0; i < outputs->count; i++)
		columns[i] = arena_printf(rw->arena, "c%zu", i + 1);
	move_inside(rw, select, outputs, columns);
	for (size_t i = 0; i < select->n_sort_clause; i++) {
		PgQuery__SortBy *sort = select->sort_clause[i]->sort_by;
		const struct facts *facts = &outputs->items[keys[i]].facts;

		sort->node =
		    sql_column(rw->arena, "parallax_sorted", columns[keys[i]]);
		if (facts->labels)
			sort->node = rewrite_labels_sort_key(rw, facts, NULL,
							     sort->node);
	}
	rw->changed = true;
}
