/* What a query promises about its answer: columns, order, number of rows. */
#include "sql/traits_internal.h"
#include "sql/walk.h"

static const char *last_name(PgQuery__Node *const *names, size_t count)
{
	while (count) {
		const char *name = sql_string_value(names[--count]);

		if (name)
			return name;
	}
	return NULL;
}

static bool is_star(const PgQuery__Node *node)
{
	const PgQuery__ColumnRef *ref = SQL_AS(node, COLUMN_REF, column_ref);
	const PgQuery__AIndirection *part =
	    SQL_AS(node, A_INDIRECTION, a_indirection);

	if (ref)
		return ref->n_fields &&
		       SQL_IS(ref->fields[ref->n_fields - 1], A_STAR);
	return part && part->n_indirection &&
	       SQL_IS(part->indirection[part->n_indirection - 1], A_STAR);
}

static void take_outputs(PgQuery__Node *const *items, size_t count,
			 struct arena *arena, struct sql_traits *traits)
{
	traits->outputs = arena_array(arena, count, sizeof(*traits->outputs));
	traits->output_count = count;
	traits->outputs_known = true;
	for (size_t i = 0; i < count; i++) {
		const PgQuery__ResTarget *target =
		    SQL_AS(items[i], RES_TARGET, res_target);
		struct sql_output *output = &traits->outputs[i];

		output->name = "";
		if (!target)
			continue;
		output->expression = target->val;
		output->star = is_star(target->val);
		if (output->star) {
			traits->outputs_known = false;
			continue;
		}
		output->name = SQL_SET(target->name)
				   ? target->name
				   : sql_figure_name(target->val);
	}
}

static void take_values(const PgQuery__SelectStmt *select, struct arena *arena,
			struct sql_traits *traits)
{
	const PgQuery__List *row = SQL_AS(select->values_lists[0], LIST, list);
	size_t count = row ? row->n_items : 0;

	traits->outputs = arena_array(arena, count, sizeof(*traits->outputs));
	traits->output_count = count;
	traits->outputs_known = true;
	for (size_t i = 0; i < count; i++)
		traits->outputs[i].name =
		    arena_printf(arena, "column%zu", i + 1);
}

/* Output columns before the first asterisk, whose places are known. */
static size_t placed_outputs(const struct sql_traits *traits)
{
	size_t count = 0;

	while (count < traits->output_count && !traits->outputs[count].star)
		count++;
	return count;
}

/* The output column that an ORDER BY item is, or -1. */
static int find_output(const PgQuery__Node *item,
		       const struct sql_traits *traits)
{
	const PgQuery__AConst *constant = SQL_AS(item, A_CONST, a_const);
	const PgQuery__ColumnRef *ref = SQL_AS(item, COLUMN_REF, column_ref);
	const char *name =
	    ref && ref->n_fields == 1 ? sql_string_value(ref->fields[0]) : NULL;
	size_t placed = placed_outputs(traits);

	if (constant && !constant->isnull &&
	    constant->val_case == PG_QUERY__A__CONST__VAL_IVAL) {
		int number = constant->ival->ival;

		return number > 0 && (size_t)number <= placed ? number - 1 : -1;
	}
	for (size_t i = 0; name && i < placed; i++)
		if (!strcmp(traits->outputs[i].name, name))
			return (int)i;
	for (size_t i = 0; i < placed; i++)
		if (traits->outputs[i].expression &&
		    sql_equal(item, traits->outputs[i].expression))
			return (int)i;
	return -1;
}

static void take_order(const PgQuery__SelectStmt *select, struct arena *arena,
		       struct sql_traits *traits)
{
	traits->ordered = select->n_sort_clause;
	traits->sort_keys = arena_array(arena, select->n_sort_clause,
					sizeof(*traits->sort_keys));
	for (size_t i = 0; i < select->n_sort_clause; i++) {
		const PgQuery__SortBy *sort =
		    SQL_AS(select->sort_clause[i], SORT_BY, sort_by);
		struct sql_sort_key *key;

		if (!sort)
			continue;
		key = &traits->sort_keys[traits->sort_key_count++];
		key->expression = sort->node;
		key->output = find_output(sort->node, traits);
		key->descending =
		    sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_DESC;
		key->with_operator =
		    sort->sortby_dir == PG_QUERY__SORT_BY_DIR__SORTBY_USING;
		key->nulls_first =
		    sort->sortby_nulls ==
			PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST ||
		    (sort->sortby_nulls ==
			 PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT &&
		     key->descending);
	}
}

/* The name, if the call may be of the engine's own function; otherwise "". */
static const char *own_name(const struct sql_dialect *dialect,
			    const PgQuery__FuncCall *call)
{
	const char *schema =
	    call->n_funcname == 2 ? sql_string_value(call->funcname[0]) : "";

	if (!call->n_funcname || call->n_funcname > 2 || !schema ||
	    (*schema && !dialect->is_builtin(schema)))
		return "";
	return last_name(call->funcname, call->n_funcname);
}

bool sql_is_aggregate(const struct sql_dialect *dialect,
		      const PgQuery__FuncCall *call)
{
	if (call->over)
		return false;
	return call->agg_star || call->agg_within_group || call->agg_distinct ||
	       sql_unwrap(call->agg_filter) || call->n_agg_order ||
	       dialect->function(own_name(dialect, call)).rows ==
		   SQL_FUNCTION_ROWS_AGGREGATE;
}

/* The effect of the target list of a query without GROUP BY on its rows. */
struct answer_rows {
	const struct sql_dialect *dialect;
	bool aggregate;
	bool open; /* a call that may return many rows */
};

static enum sql_step look_for_rows(struct sql_place *place, void *context,
				   struct error *error)
{
	struct answer_rows *rows = context;
	const PgQuery__FuncCall *call;

	(void)error;
	if (SQL_AT(place, sub_link))
		return SQL_STEP_OVER; /* a level of its own */
	if (!SQL_AT(place, func_call))
		return SQL_STEP_INTO;
	call = (PgQuery__FuncCall *)place->message;
	if (sql_is_aggregate(rows->dialect, call)) {
		rows->aggregate = true;
		return SQL_STEP_OVER; /* no set can be returned within */
	}
	if (rows->dialect->function(own_name(rows->dialect, call)).rows !=
	    SQL_FUNCTION_ROWS_ONE)
		rows->open = true;
	return SQL_STEP_INTO;
}

static bool is_single_row(const PgQuery__SelectStmt *select,
			  const struct sql_dialect *dialect)
{
	const PgQuery__AConst *limit =
	    SQL_AS(select->limit_count, A_CONST, a_const);
	struct answer_rows rows = {.dialect = dialect};
	struct sql_visitor visitor = {.pre = look_for_rows, .context = &rows};
	struct error ignored;

	if (limit && limit->val_case == PG_QUERY__A__CONST__VAL_IVAL &&
	    limit->ival->ival <= 1 &&
	    select->limit_option !=
		PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES)
		return true;
	if (select->op != PG_QUERY__SET_OPERATION__SETOP_NONE)
		return false;
	if (select->n_values_lists)
		return select->n_values_lists == 1;
	if (select->n_group_clause)
		return false;
	for (size_t i = 0; i < select->n_target_list; i++) {
		PgQuery__Node *target = select->target_list[i];

		if (sql_walk(&target, &visitor, &ignored))
			return false;
	}
	return !rows.open && (rows.aggregate || !select->n_from_clause);
}

static void take_select(const PgQuery__SelectStmt *select,
			const struct sql_dialect *dialect, struct arena *arena,
			struct sql_traits *traits)
{
	const PgQuery__SelectStmt *first = select;

	while (first->larg)
		first = first->larg;
	if (first->n_values_lists)
		take_values(first, arena, traits);
	else
		take_outputs(first->target_list, first->n_target_list, arena,
			     traits);
	traits->set_operation =
	    select->op > PG_QUERY__SET_OPERATION__SETOP_NONE;
	traits->limited =
	    sql_unwrap(select->limit_count) || sql_unwrap(select->limit_offset);
	traits->distinct = select->n_distinct_clause;
	traits->distinct_on =
	    select->n_distinct_clause && sql_unwrap(select->distinct_clause[0]);
	traits->grouped = select->n_group_clause;
	traits->single_row = is_single_row(select, dialect);
	take_order(select, arena, traits);
}

void traits_answer(const PgQuery__Node *query,
		   const struct sql_dialect *dialect, struct arena *arena,
		   struct sql_traits *traits)
{
	PgQuery__Node *const *items = NULL;
	size_t count = 0;

	if (SQL_IS(query, SELECT_STMT)) {
		take_select(query->select_stmt, dialect, arena, traits);
		return;
	}
	if (SQL_IS(query, INSERT_STMT)) {
		items = query->insert_stmt->returning_list;
		count = query->insert_stmt->n_returning_list;
	} else if (SQL_IS(query, UPDATE_STMT)) {
		items = query->update_stmt->returning_list;
		count = query->update_stmt->n_returning_list;
	} else if (SQL_IS(query, DELETE_STMT)) {
		items = query->delete_stmt->returning_list;
		count = query->delete_stmt->n_returning_list;
	}
	traits->has_returning = count;
	if (count)
		take_outputs(items, count, arena, traits);
}
