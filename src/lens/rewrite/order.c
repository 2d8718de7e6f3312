/*
 * What a statement promises about the order of its rows:
 *
 *	ORDER BY id			total: a key decides
 *	ORDER BY name			partial: rows of one name come in any order
 *	WHERE id = 3 ORDER BY name	total: there is one row
 */
#include "lens/rewrite/order.h"

#include <string.h>

#include "lens/rewrite/recode.h"

/* Collects equalities that hold for each row: conjuncts of WHERE and of inner
 * joins. */
void rewrite_collect_edges(struct rewrite *rw, const struct scope *scope,
			   const PgQuery__Node *node)
{
	PgQuery__BoolExpr *both = SQL_AS(node, BOOL_EXPR, bool_expr);
	PgQuery__AExpr *operation = SQL_AS(node, A_EXPR, a_expr);
	PgQuery__Node *sides[2];

	if (both && both->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR)
		for (size_t i = 0; i < both->n_args; i++)
			rewrite_collect_edges(rw, scope, both->args[i]);
	if (!operation ||
	    operation->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP ||
	    !same_name(sql_string_value(operation->name[0]), "="))
		return;
	sides[0] = operation->lexpr;
	sides[1] = operation->rexpr;
	for (int i = 0; i < 2; i++) {
		struct source *left = rewrite_scope_peek(rw, scope, sides[i]);
		struct source *right = rewrite_scope_peek(rw, scope, sides[!i]);
		struct edge *edge;

		if (!left || (!right && !rewrite_is_constant(sides[!i])))
			continue;
		edge = ARENA_PUSH(rw->arena, &rw->answer, edge);
		edge->left = left;
		edge->right = right;
	}
}

struct covered {
	struct source **items;
	size_t count, capacity;
	struct relation **whole; /* relations of which one row is determined */
	size_t whole_count;
};

static bool is_covered(const struct covered *covered,
		       const struct source *source)
{
	for (size_t i = 0; i < covered->whole_count; i++)
		if (source->kind != SOURCE_MERGED &&
		    source->relation == covered->whole[i])
			return true;
	for (size_t i = 0; i < covered->count; i++)
		if (rewrite_source_same(covered->items[i], source))
			return true;
	if (source->kind != SOURCE_MERGED)
		return false;
	return is_covered(covered, source->left) &&
	       is_covered(covered, source->right);
}

static void cover(struct rewrite *rw, struct covered *covered,
		  struct source *source)
{
	covered->items =
	    arena_push(rw->arena, covered->items, &covered->count,
		       &covered->capacity, sizeof(*covered->items));
	covered->items[covered->count - 1] = source;
	/* In an inner join it equals both sides. */
	if (source->kind == SOURCE_MERGED &&
	    source->join == PG_QUERY__JOIN_TYPE__JOIN_INNER) {
		cover(rw, covered, source->left);
		cover(rw, covered, source->right);
	} else if (source->kind == SOURCE_MERGED &&
		   source->join == PG_QUERY__JOIN_TYPE__JOIN_LEFT) {
		cover(rw, covered, source->left);
	}
}

static bool key_covered(const struct covered *covered, const struct item *item,
			const struct catalog_key *key)
{
	const struct lens_table *table = item->relation->table;

	if (key->kind == KEY_FOREIGN || key->partial || key->deferrable ||
	    !key->column_count)
		return false;
	for (size_t i = 0; i < key->column_count; i++) {
		const struct catalog_column *column =
		    catalog_column_number(table->old, key->columns[i]);
		bool found = false;

		if (!column || !column->not_null)
			return false;
		for (size_t c = 0; c < item->count; c++)
			if (item->columns[c].source->column &&
			    item->columns[c].source->column->old == column)
				found = is_covered(covered,
						   item->columns[c].source);
		if (!found)
			return false;
	}
	return true;
}

static bool row_covered(const struct covered *covered, const struct item *item)
{
	const struct lens_table *table = item->relation->table;

	for (size_t i = 0; i < covered->whole_count; i++)
		if (covered->whole[i] == item->relation)
			return true;
	for (size_t k = 0; table && k < table->old->key_count; k++)
		if (key_covered(covered, item, &table->old->keys[k]))
			return true;
	return false;
}

/* Whether the covered columns distinguish any two rows of FROM. */
static bool rows_covered(struct rewrite *rw, const struct scope *scope,
			 struct covered *covered)
{
	bool grown = true;
	size_t leaves = 0;

	covered->whole = arena_array(rw->arena, scope->items.count + 1,
				     sizeof(*covered->whole));
	while (grown) {
		grown = false;
		for (size_t i = 0; i < rw->answer.edge_count; i++) {
			struct edge *edge = &rw->answer.edges[i];

			if (is_covered(covered, edge->left) ||
			    (edge->right && !is_covered(covered, edge->right)))
				continue;
			cover(rw, covered, edge->left);
			grown = true;
		}
		for (size_t i = 0; i < scope->items.count; i++) {
			struct item *item = scope->items.items[i];
			bool done = false;

			for (size_t w = 0; w < covered->whole_count; w++)
				done |= covered->whole[w] == item->relation;
			if (!item->relation || done ||
			    !row_covered(covered, item))
				continue;
			covered->whole[covered->whole_count++] = item->relation;
			grown = true;
		}
	}
	for (size_t i = 0; i < scope->items.count; i++)
		leaves += scope->items.items[i]->relation != NULL;
	return covered->whole_count == leaves;
}

static enum sql_step look_for_rows(struct sql_place *place, void *context,
				   struct error *error)
{
	const struct lens *lens = context;
	PgQuery__FuncCall *call;
	const char *name;

	(void)error;
	if (!SQL_AT(place, func_call))
		return SQL_STEP_INTO;
	call = (PgQuery__FuncCall *)place->message;
	name = sql_string_value(call->funcname[call->n_funcname - 1]);
	if (lens_old_dialect(lens)->function(name).rows ==
	    SQL_FUNCTION_ROWS_SET)
		return SQL_STEP_STOP;
	for (size_t i = 0; i < lens->old_catalog->function_count; i++)
		if (lens->old_catalog->functions[i].set_returning &&
		    same_name(lens->old_catalog->functions[i].name, name))
			return SQL_STEP_STOP;
	return SQL_STEP_INTO;
}

/* Whether a target may return several rows for one. */
static bool multiplies(struct rewrite *rw, const PgQuery__SelectStmt *select)
{
	struct sql_visitor visitor = {look_for_rows, NULL, rw->lens};
	struct error error;

	for (size_t i = 0; i < select->n_target_list; i++) {
		PgQuery__Node *node = select->target_list[i];

		if (sql_walk(&node, &visitor, &error) != 0)
			return true;
	}
	return false;
}

static int output_of(struct rewrite *rw, const struct scope *scope,
		     const struct outputs *outputs, const PgQuery__Node *node,
		     struct source **source)
{
	PgQuery__ColumnRef *ref = SQL_AS(node, COLUMN_REF, column_ref);
	PgQuery__AConst *constant = SQL_AS(node, A_CONST, a_const);

	*source = NULL;
	if (constant && constant->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
		int at = constant->ival->ival;

		if (at < 1 || (size_t)at > outputs->count || outputs->open)
			return -1;
		*source = outputs->items[at - 1].source;
		return at - 1;
	}
	if (ref && ref->n_fields == 1)
		for (size_t i = 0; i < outputs->count; i++)
			if (same_name(outputs->items[i].name,
				      sql_string_value(ref->fields[0]))) {
				*source = outputs->items[i].source;
				return outputs->open ? -1 : (int)i;
			}
	if (scope)
		*source = rewrite_scope_peek(rw, scope, node);
	for (size_t i = 0; *source && !outputs->open && i < outputs->count; i++)
		if (rewrite_source_same(outputs->items[i].source, *source))
			return (int)i;
	return -1;
}

static bool has_output(const int *columns, size_t count, int output)
{
	for (size_t i = 0; i < count; i++)
		if (columns[i] == output)
			return true;
	return false;
}

static bool outputs_sorted(const struct rewrite *rw,
			   const struct outputs *outputs)
{
	if (outputs->open || !outputs->count)
		return false;
	for (size_t i = 0; i < outputs->count; i++)
		if (!has_output(rw->answer.order_columns,
				rw->answer.order_column_count, (int)i))
			return false;
	return true;
}

static void sort_keys(struct rewrite *rw, const struct scope *scope,
		      const PgQuery__SelectStmt *select,
		      const struct outputs *outputs, struct covered *covered)
{
	rw->answer.order_columns =
	    arena_array(rw->arena, select->n_sort_clause + 1,
			sizeof(*rw->answer.order_columns));
	rw->answer.order_column_count = select->n_sort_clause;
	for (size_t i = 0; i < select->n_sort_clause; i++) {
		PgQuery__SortBy *sort =
		    SQL_AS(select->sort_clause[i], SORT_BY, sort_by);
		struct source *source = NULL;

		rw->answer.order_columns[i] =
		    sort ? output_of(rw, scope, outputs, sort->node, &source)
			 : -1;
		if (source && covered)
			cover(rw, covered, source);
	}
}

/* Whether ORDER BY covers all keys of GROUP BY. */
static bool groups_covered(struct rewrite *rw, const struct scope *scope,
			   const PgQuery__SelectStmt *select,
			   const struct outputs *outputs,
			   const struct covered *covered)
{
	for (size_t i = 0; i < select->n_group_clause; i++) {
		struct source *source =
		    rewrite_scope_peek(rw, scope, select->group_clause[i]);
		int output = -1;

		if (!source)
			output = output_of(rw, scope, outputs,
					   select->group_clause[i], &source);
		if (output >= 0 &&
		    has_output(rw->answer.order_columns,
			       rw->answer.order_column_count, output))
			continue;
		if (!source || !is_covered(covered, source))
			return false;
	}
	return true;
}

void rewrite_find_order(struct rewrite *rw, const struct scope *scope,
			const PgQuery__SelectStmt *select,
			const struct outputs *outputs)
{
	struct covered covered = {0};
	bool multiplied = multiplies(rw, select);
	bool distinct_on = select->n_distinct_clause &&
			   select->distinct_clause[0]->node_case !=
			       PG_QUERY__NODE__NODE__NOT_SET;
	bool total = false;

	sort_keys(rw, scope, select, outputs, &covered);
	if (select->n_group_clause)
		total = !multiplied &&
			groups_covered(rw, scope, select, outputs, &covered);
	else if (!select->n_distinct_clause || distinct_on)
		total = !multiplied && rows_covered(rw, scope, &covered);
	total = total || outputs_sorted(rw, outputs);
	if (total)
		rw->answer.order = ORDER_TOTAL;
	else
		rw->answer.order =
		    select->n_sort_clause ? ORDER_PARTIAL : ORDER_NONE;
}

void rewrite_find_union_order(struct rewrite *rw,
			      const PgQuery__SelectStmt *select,
			      const struct outputs *outputs)
{
	sort_keys(rw, NULL, select, outputs, NULL);
	if (outputs_sorted(rw, outputs) ||
	    (select->n_values_lists == 1 && !multiplies(rw, select)))
		rw->answer.order = ORDER_TOTAL;
	else
		rw->answer.order =
		    select->n_sort_clause ? ORDER_PARTIAL : ORDER_NONE;
}
