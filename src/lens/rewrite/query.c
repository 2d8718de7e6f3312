/*
 * SELECT with all its clauses. Output columns keep their old names.
 *
 *	WITH a AS (SELECT id, email FROM users) SELECT email FROM a
 *
 *	WITH a AS (SELECT users.id, users.mail AS email FROM app.accounts AS users)
 *	SELECT a.email FROM a
 */
#include "lens/rewrite/query.h"

#include <string.h>

#include "lens/compile/type.h"
#include "lens/rewrite/expression.h"
#include "lens/rewrite/from.h"
#include "lens/rewrite/generated.h"
#include "lens/rewrite/group.h"
#include "lens/rewrite/labels.h"
#include "lens/rewrite/order.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/refuse.h"
#include "lens/rewrite/sort.h"

char *rewrite_output_name(struct rewrite *rw, const PgQuery__Node *node)
{
	const struct sql_dialect *dialect = rw->lens->old_parser->dialect;

	return arena_string(rw->arena, dialect->syntax->output_name(node));
}

void rewrite_outputs_add(struct rewrite *rw, struct outputs *outputs,
			 struct output output)
{
	outputs->items =
	    arena_push(rw->arena, outputs->items, &outputs->count,
		       &outputs->capacity, sizeof(*outputs->items));
	outputs->items[outputs->count - 1] = output;
	outputs->open |= output.open;
}

static void add_cte(struct rewrite *rw, const struct cte **ctes,
		    struct cte *cte)
{
	(void)rw;
	cte->next = *ctes;
	*ctes = cte;
}

static void name_outputs(struct rewrite *rw, struct outputs *outputs,
			 PgQuery__CommonTableExpr *expression)
{
	for (size_t i = 0; i < expression->n_aliascolnames; i++) {
		const char *name =
		    sql_string_value(expression->aliascolnames[i]);

		if (i < outputs->count && !outputs->open)
			outputs->items[i].name = name;
		else
			rewrite_outputs_add(rw, outputs,
					    (struct output){.name = name});
	}
}

static void add_search_columns(struct rewrite *rw, struct outputs *outputs,
			       PgQuery__CommonTableExpr *expression)
{
	if (expression->search_clause)
		rewrite_outputs_add(
		    rw, outputs,
		    (struct output){
			.name = expression->search_clause->search_seq_column});
	if (!expression->cycle_clause)
		return;
	rewrite_outputs_add(
	    rw, outputs,
	    (struct output){.name =
				expression->cycle_clause->cycle_mark_column});
	rewrite_outputs_add(
	    rw, outputs,
	    (struct output){.name =
				expression->cycle_clause->cycle_path_column});
}

/* WITH RECURSIVE: the first arm determines the columns that the second refers
 * to. */
static void recursive_query(struct rewrite *rw, struct scope *scope,
			    struct cte *cte,
			    PgQuery__CommonTableExpr *expression)
{
	PgQuery__SelectStmt *select =
	    SQL_AS(expression->ctequery, SELECT_STMT, select_stmt);
	struct outputs ignored = {0};

	if (!select || select->op != PG_QUERY__SET_OPERATION__SETOP_UNION ||
	    select->with_clause) {
		rewrite_query(rw, scope, expression->ctequery, &cte->outputs,
			      false);
		name_outputs(rw, &cte->outputs, expression);
		add_search_columns(rw, &cte->outputs, expression);
		return;
	}
	rewrite_select(rw, scope, select->larg, &cte->outputs, false);
	name_outputs(rw, &cte->outputs, expression);
	/* A value may come from either arm, so it is no column unchanged. */
	for (size_t i = 0; i < cte->outputs.count; i++)
		cte->outputs.items[i].facts.table = NULL;
	cte->pending = false;
	rewrite_select(rw, scope, select->rarg, &ignored, false);
	for (size_t i = 0; i < ignored.count && i < cte->outputs.count; i++) {
		rewrite_facts_join(&cte->outputs.items[i].facts,
				   &ignored.items[i].facts);
		rewrite_labels_join(&cte->outputs.items[i].facts,
				    &ignored.items[i].facts);
	}
	add_search_columns(rw, &cte->outputs, expression);
}

const struct cte *rewrite_with(struct rewrite *rw, const struct scope *outer,
			       const struct cte *ctes,
			       PgQuery__WithClause *with)
{
	PgQuery__Node **list = NULL;
	size_t count = 0;
	struct cte **made;

	if (!with)
		return ctes;
	made = arena_array(rw->arena, with->n_ctes + 1, sizeof(*made));
	rw->ctes.depth++;
	for (size_t i = 0; i < with->n_ctes; i++) {
		made[i] = arena_alloc(rw->arena, sizeof(**made));
		made[i]->name = with->ctes[i]->common_table_expr->ctename;
		made[i]->pending = true;
		if (with->recursive)
			add_cte(rw, &ctes, made[i]);
	}
	for (size_t i = 0; i < with->n_ctes; i++) {
		PgQuery__CommonTableExpr *expression =
		    with->ctes[i]->common_table_expr;
		struct scope *scope = rewrite_scope_new(rw, outer, true);

		scope->ctes = ctes;
		if (with->recursive) {
			recursive_query(rw, scope, made[i], expression);
		} else {
			rewrite_query(rw, scope, expression->ctequery,
				      &made[i]->outputs, false);
			name_outputs(rw, &made[i]->outputs, expression);
			add_cte(rw, &ctes, made[i]);
		}
		made[i]->pending = false;
		for (size_t n = 0; n < rw->ctes.hoisted_count; n++)
			sql_append(rw->arena, &count, &list,
				   rw->ctes.hoisted[n]);
		rw->ctes.hoisted_count = 0;
		rw->ctes.hoisted = NULL;
		sql_append(rw->arena, &count, &list, with->ctes[i]);
	}
	rw->ctes.depth--;
	with->n_ctes = count;
	with->ctes = list;
	return ctes;
}

void rewrite_query(struct rewrite *rw, const struct scope *outer,
		   PgQuery__Node *query, struct outputs *outputs, bool top)
{
	if (++rw->depth > 200)
		rewrite_fail(rw, -1, "queries are nested too deeply");
	switch (query->node_case) {
	case PG_QUERY__NODE__NODE_SELECT_STMT:
		rewrite_select(rw, outer, query->select_stmt, outputs, top);
		break;
	case PG_QUERY__NODE__NODE_INSERT_STMT:
		rw->writers->insert(rw, outer, query, outputs, top);
		break;
	case PG_QUERY__NODE__NODE_UPDATE_STMT:
		rw->writers->update(rw, outer, query, outputs, top);
		break;
	case PG_QUERY__NODE__NODE_DELETE_STMT:
		rw->writers->delete (rw, outer, query, outputs, top);
		break;
	case PG_QUERY__NODE__NODE_MERGE_STMT:
		rw->writers->merge(rw, outer, query);
		break;
	default:
		rewrite_fail(rw, -1, "a query of type %s",
			     sql_node_name(query));
	}
	rw->depth--;
}

/* ---- the target list ---- */

static PgQuery__Node *target_of(struct rewrite *rw,
				const struct visible *column)
{
	if (!column->name) /* a relation with unknown columns */
		return sql_target(
		    rw->arena, NULL,
		    sql_star(rw->arena, column->source->relation->alias));
	return sql_target(rw->arena, column->name,
			  rewrite_source(rw, column->source));
}

/* Appends an item's columns. An item with unknown columns stays q.*. */
static void expand_item(struct rewrite *rw, const struct item *item,
			size_t *count, PgQuery__Node ***made,
			struct outputs *outputs)
{
	if (item->open) {
		if (rw->qualify && !item->relation)
			rewrite_fail(rw, -1,
				     "* over a join whose columns are "
				     "not all known");
		if (rw->qualify)
			sql_append(rw->arena, count, made,
				   sql_target(rw->arena, NULL,
					      sql_star(rw->arena,
						       item->relation->alias)));
		rewrite_outputs_add(rw, outputs, (struct output){.open = true});
		return;
	}
	for (size_t i = 0; i < item->count; i++) {
		if (rw->qualify)
			sql_append(rw->arena, count, made,
				   target_of(rw, &item->columns[i]));
		rewrite_outputs_add(
		    rw, outputs,
		    (struct output){.name = item->columns[i].name,
				    .facts = item->columns[i].source->facts,
				    .source = item->columns[i].source});
	}
}

/* The asterisk. A join with unknown columns is written as q.* of each of its
 * relations, in order, unless it merges columns. */
static void expand_star(struct rewrite *rw, const struct scope *scope,
			const struct resolved *resolved, size_t *count,
			PgQuery__Node ***made, struct outputs *outputs)
{
	if (resolved->item) {
		expand_item(rw, resolved->item, count, made, outputs);
		return;
	}
	for (size_t i = 0; i < scope->items.count; i++) {
		const struct item *item = scope->items.items[i];
		bool merged = false;

		if (!item->columns_visible || item->hidden)
			continue;
		for (size_t c = 0; c < item->count; c++)
			merged |=
			    item->columns[c].source->kind == SOURCE_MERGED;
		if (!item->open || item->relation || merged || !rw->qualify) {
			expand_item(rw, item, count, made, outputs);
			continue;
		}
		/* Its relations follow it in scope, with their columns
		 * hidden. */
		for (size_t n = i + 1; n < scope->items.count; n++) {
			const struct item *leaf = scope->items.items[n];

			if (leaf->columns_visible)
				break;
			if (leaf->relation && !leaf->hidden)
				expand_item(rw, leaf, count, made, outputs);
		}
	}
}

static bool is_star(const PgQuery__Node *value)
{
	PgQuery__ColumnRef *ref = SQL_AS(value, COLUMN_REF, column_ref);

	return ref && ref->n_fields &&
	       SQL_IS(ref->fields[ref->n_fields - 1], A_STAR);
}

/* (t).* in a target list. */
static bool is_row_star(const PgQuery__Node *value)
{
	PgQuery__AIndirection *at = SQL_AS(value, A_INDIRECTION, a_indirection);

	return at && at->n_indirection &&
	       SQL_IS(at->indirection[at->n_indirection - 1], A_STAR);
}

static bool expand_target(struct rewrite *rw, struct scope *scope,
			  PgQuery__ResTarget *target, size_t *count,
			  PgQuery__Node ***made, struct outputs *outputs)
{
	struct resolved resolved;
	PgQuery__ColumnRef *ref;

	if (is_star(target->val)) {
		resolved =
		    rewrite_scope_resolve(rw, scope, target->val->column_ref);
		if (resolved.as != RESOLVED_STAR) {
			rewrite_outputs_add(rw, outputs,
					    (struct output){.open = true});
			return true;
		}
		expand_star(rw, scope, &resolved, count, made, outputs);
		return true;
	}
	if (!is_row_star(target->val))
		return false;
	ref = SQL_AS(target->val->a_indirection->arg, COLUMN_REF, column_ref);
	if (!ref || target->val->a_indirection->n_indirection != 1) {
		struct facts facts = {0};

		rewrite_expression(rw, scope, &target->val->a_indirection->arg,
				   &facts);
		rewrite_outputs_add(rw, outputs, (struct output){.open = true});
		if (rw->qualify)
			sql_append(rw->arena, count, made,
				   sql_target(rw->arena, NULL, target->val));
		return true;
	}
	resolved = rewrite_scope_resolve(rw, scope, ref);
	if (resolved.as == RESOLVED_ROW) {
		expand_item(rw, resolved.item, count, made, outputs);
		return true;
	}
	rewrite_outputs_add(rw, outputs, (struct output){.open = true});
	if (rw->qualify) {
		struct facts facts = {0};

		rewrite_expression(rw, scope, &target->val->a_indirection->arg,
				   &facts);
		sql_append(rw->arena, count, made,
			   sql_target(rw->arena, NULL, target->val));
	}
	return true;
}

void rewrite_targets(struct rewrite *rw, struct scope *scope, size_t *count,
		     PgQuery__Node ***targets, struct outputs *outputs)
{
	PgQuery__Node **made = NULL;
	size_t made_count = 0;

	for (size_t i = 0; i < *count; i++) {
		PgQuery__ResTarget *target = (*targets)[i]->res_target;
		struct output output = {0};
		const char *name;

		if (expand_target(rw, scope, target, &made_count, &made,
				  outputs))
			continue;
		name = SQL_SET(target->name)
			   ? target->name
			   : rewrite_output_name(rw, target->val);
		output.name = name;
		output.source = rewrite_scope_peek(rw, scope, target->val);
		rewrite_expression(rw, scope, &target->val, &output.facts);
		if (output.source) {
			output.facts.table = output.source->facts.table;
			output.facts.column = output.source->facts.column;
		}
		if (!SQL_SET(target->name) &&
		    strcmp(rw->lens->parser->dialect->syntax->output_name(
			       target->val),
			   name) != 0)
			target->name = arena_string(rw->arena, name);
		rewrite_outputs_add(rw, outputs, output);
		sql_append(rw->arena, &made_count, &made, (*targets)[i]);
	}
	if (rw->qualify) {
		*count = made_count;
		*targets = made;
	}
}

/* ---- FOR UPDATE ---- */

static struct item *locked_item(struct rewrite *rw, const struct scope *scope,
				const PgQuery__RangeVar *var)
{
	struct item *found = NULL;

	for (size_t n = 0; var && n < scope->items.count; n++)
		if (same_name(scope->items.items[n]->name, var->relname))
			found = scope->items.items[n];
	if (!found || !found->relation)
		rewrite_fail(rw, var ? var->location : -1,
			     "FOR UPDATE OF names an unknown table");
	return found;
}

/* Whether FOR UPDATE needs a list. A row in several tables is locked by its
 * anchor; one of a derived table is locked inside it. */
static bool needs_list(const struct scope *scope)
{
	for (size_t n = 0; n < scope->items.count; n++) {
		const struct relation *relation =
		    scope->items.items[n]->relation;

		if (relation && (relation->named || relation->aliases))
			return true;
	}
	return false;
}

static void lock_item(struct rewrite *rw, const struct item *item,
		      const PgQuery__LockingClause *lock,
		      PgQuery__LockingClause *made)
{
	PgQuery__RangeVar *var;

	/* The server refuses to lock rows of an outer join's nullable side. */
	if (item->relation->named && !item->relation->nullable) {
		rewrite_lock_derived(rw, item->relation, lock);
		return;
	}
	var = sql_new(rw->arena, &pg_query__range_var__descriptor);
	var->relname = arena_string(rw->arena, item->relation->alias);
	var->inh = true;
	var->relpersistence = arena_string(rw->arena, "p");
	var->location = -1;
	SQL_APPEND(rw->arena, made, locked_rels, sql_wrap(rw->arena, var));
}

/* False: the clause has nothing left to lock. */
static bool lock_clause(struct rewrite *rw, const struct scope *scope,
			PgQuery__LockingClause *lock)
{
	PgQuery__LockingClause made;

	if (!lock || !rw->qualify ||
	    (!lock->n_locked_rels && !needs_list(scope)))
		return true;
	made = *lock;
	made.n_locked_rels = 0;
	made.locked_rels = NULL;
	for (size_t i = 0; i < lock->n_locked_rels; i++)
		lock_item(rw,
			  locked_item(rw, scope,
				      SQL_AS(lock->locked_rels[i], RANGE_VAR,
					     range_var)),
			  lock, &made);
	for (size_t n = 0; !lock->n_locked_rels && n < scope->items.count; n++)
		if (scope->items.items[n]->relation &&
		    scope->items.items[n]->relation->lockable)
			lock_item(rw, scope->items.items[n], lock, &made);
	*lock = made;
	return lock->n_locked_rels > 0;
}

static bool is_unlockable_call(const struct sql_dialect *dialect,
			       const PgQuery__FuncCall *call)
{
	const char *name =
	    sql_string_value(call->funcname[call->n_funcname - 1]);

	return call->over || sql_is_aggregate(dialect, call) ||
	       (name && dialect->function(name).rows == SQL_FUNCTION_ROWS_SET);
}

static enum sql_step find_unlockable(struct sql_place *place, void *context,
				     struct error *error)
{
	const struct sql_dialect *dialect = context;

	(void)error;
	if (SQL_AT(place, sub_link))
		return SQL_STEP_OVER;
	if (!SQL_AT(place, func_call))
		return SQL_STEP_INTO;
	return is_unlockable_call(dialect,
				  (const PgQuery__FuncCall *)place->message)
		   ? SQL_STEP_STOP
		   : SQL_STEP_INTO;
}

/* Whether the server refuses to lock rows of this query, whatever the clause
 * names. Then the clause stays, since inside a derived table it would be
 * accepted. */
static bool is_unlockable(struct rewrite *rw, PgQuery__SelectStmt *select)
{
	struct sql_visitor visitor = {
	    find_unlockable, NULL,
	    (void *)(uintptr_t)lens_old_dialect(rw->lens)};
	struct error error;

	if (select->n_group_clause || select->having_clause ||
	    select->n_distinct_clause)
		return true;
	for (size_t i = 0; i < select->n_target_list; i++)
		if (sql_walk(&select->target_list[i], &visitor, &error))
			return true;
	return false;
}

static void lock_clauses(struct rewrite *rw, const struct scope *scope,
			 PgQuery__SelectStmt *select)
{
	size_t count = 0;

	if (select->n_locking_clause && needs_list(scope) &&
	    is_unlockable(rw, select))
		return;
	for (size_t i = 0; i < select->n_locking_clause; i++)
		if (lock_clause(rw, scope,
				SQL_AS(select->locking_clause[i],
				       LOCKING_CLAUSE, locking_clause)))
			select->locking_clause[count++] =
			    select->locking_clause[i];
	select->n_locking_clause = count;
}

/* ---- values that the answer itself shows ---- */

/* SELECT nextval('s'): the answer's only row shows the value. */
static void pin_sequences(struct rewrite *rw, PgQuery__SelectStmt *select)
{
	if (rw->deferred || select->n_from_clause || select->where_clause ||
	    select->n_values_lists || select->n_group_clause ||
	    select->having_clause || select->limit_count ||
	    select->limit_offset)
		return;
	for (size_t i = 0; i < select->n_target_list; i++)
		if (is_star(select->target_list[i]->res_target->val))
			return;
	for (size_t i = 0; i < select->n_target_list; i++) {
		PgQuery__ResTarget *target = select->target_list[i]->res_target;
		struct special special = {.kind = SPECIAL_PIN, .column = i};
		struct sql_generated_call call;
		const char *sequence;

		if (!rewrite_reads_generated(rw, target->val, &call))
			continue;
		special.type = lens_new_type_for(rw->lens, SQL_TYPE_COUNT);
		sequence = rewrite_call_sequence(rw, &call);
		if (call.kind == SQL_GENERATED_NEXT)
			special.sequence = sequence;
		special.fallback =
		    rewrite_generated_text(rw, call.kind, sequence, NULL);
		if (!SQL_SET(target->name))
			target->name = arena_string(rw->arena, call.name);
		target->val = sql_cast(
		    rw->arena, rewrite_special(rw, special),
		    lens_type_for(rw->lens, rw->arena, SQL_TYPE_COUNT));
		rw->answer.pin_rows = 1;
	}
}

/* ---- SELECT ---- */

static void values_lists(struct rewrite *rw, struct scope *scope,
			 PgQuery__SelectStmt *select, struct outputs *outputs)
{
	for (size_t i = 0; i < select->n_values_lists; i++) {
		PgQuery__List *row = select->values_lists[i]->list;

		rewrite_expand_stars(rw, scope, &row->n_items, &row->items);
		if (!row->n_items)
			rewrite_fail(rw, -1, "VALUES without columns");
		for (size_t n = 0; n < row->n_items; n++) {
			struct facts facts = {0};

			rewrite_expression(rw, scope, &row->items[n], &facts);
			if (!i)
				rewrite_outputs_add(
				    rw, outputs,
				    (struct output){
					.name = arena_printf(
					    rw->arena, "column%zu", n + 1)});
			if (n >= outputs->count)
				continue;
			rewrite_facts_join(&outputs->items[n].facts, &facts);
			rewrite_labels_join(&outputs->items[n].facts, &facts);
		}
	}
}

static void set_operation(struct rewrite *rw, struct scope *scope,
			  PgQuery__SelectStmt *select, struct outputs *outputs)
{
	struct outputs right = {0};

	rewrite_select(rw, scope, select->larg, outputs, false);
	rewrite_select(rw, scope, select->rarg, &right, false);
	if (right.open && rw->qualify && outputs->open != right.open)
		outputs->open = true;
	for (size_t i = 0; i < outputs->count; i++) {
		struct output *output = &outputs->items[i];

		if (i < right.count) {
			rewrite_facts_join(&output->facts,
					   &right.items[i].facts);
			if (right.items[i].facts.column != output->facts.column)
				output->facts.table = NULL;
		}
		if (!output->facts.table)
			output->facts.column = NULL;
		if (i < right.count)
			rewrite_labels_join(&output->facts,
					    &right.items[i].facts);
		output->source = NULL;
		/* The rows are compared to find equal ones, so their values
		 * choose rows. */
		if (!select->all)
			rewrite_facts_join(&rw->touched.predicate,
					   &output->facts);
	}
}

static void windows(struct rewrite *rw, struct scope *scope,
		    PgQuery__SelectStmt *select)
{
	for (size_t i = 0; i < select->n_window_clause; i++)
		rewrite_expression(rw, scope, &select->window_clause[i],
				   &rw->touched.predicate);
}

/* The order of a sub-query matters only if it takes some of its rows. */
static void find_inner_order(struct rewrite *rw, const struct scope *scope,
			     const PgQuery__SelectStmt *select,
			     const struct outputs *outputs)
{
	enum promise_order order = rw->answer.order;
	int *columns = rw->answer.order_columns;
	size_t count = rw->answer.order_column_count;

	if (scope)
		rewrite_find_order(rw, scope, select, outputs);
	else
		rewrite_find_union_order(rw, select, outputs);
	if (rw->answer.order != ORDER_TOTAL)
		rw->open_choice = true;
	rw->answer.order = order;
	rw->answer.order_columns = columns;
	rw->answer.order_column_count = count;
}

static void plain_select(struct rewrite *rw, struct scope *scope,
			 PgQuery__SelectStmt *select, struct outputs *outputs,
			 bool top)
{
	bool limited = select->limit_count || select->limit_offset;
	struct facts sort = {0};
	bool grouped = rw->grouped;
	bool inside = rw->filters_inside;
	PgQuery__Node *filter;
	struct grouping grouping;
	bool chooses = limited || rewrite_is_distinct_on(select);
	/* Equalities hold only for the rows of their own query. */
	struct edge *edges = rw->answer.edges;
	size_t edge_count = rw->answer.edge_count,
	       edge_capacity = rw->answer.edge_capacity;

	rw->answer.edges = NULL;
	rw->answer.edge_count = rw->answer.edge_capacity = 0;
	rw->grouped = false;
	rw->filters_inside = false;

	filter =
	    rewrite_from(rw, scope, select->from_clause, select->n_from_clause);
	rw->filters_inside = inside;
	if (top || chooses)
		rewrite_collect_edges(rw, scope, select->where_clause);
	/* Names are resolved before any of them is rewritten. */
	PgQuery__SelectStmt *before = NULL;

	if (top || chooses) {
		before = arena_alloc(rw->arena, sizeof(*before));
		*before = *select;
		before->sort_clause = arena_array(
		    rw->arena, select->n_sort_clause + 1, sizeof(void *));
		for (size_t i = 0; i < select->n_sort_clause; i++)
			before->sort_clause[i] =
			    sql_copy(rw->arena, select->sort_clause[i]);
		before->group_clause = arena_array(
		    rw->arena, select->n_group_clause + 1, sizeof(void *));
		for (size_t i = 0; i < select->n_group_clause; i++)
			before->group_clause[i] =
			    sql_copy(rw->arena, select->group_clause[i]);
	}
	rewrite_predicate(rw, scope, &select->where_clause, true);
	select->where_clause = rewrite_and(rw, filter, select->where_clause);
	if (top)
		pin_sequences(rw, select);
	rewrite_group_start(rw, scope, select, &grouping);
	rw->grouped = select->n_group_clause || select->having_clause;
	rewrite_targets(rw, scope, &select->n_target_list, &select->target_list,
			outputs);
	for (size_t i = 0; i < select->n_group_clause; i++)
		rewrite_group(rw, scope, &select->group_clause[i], outputs);
	rewrite_predicate(rw, scope, &select->having_clause, true);
	windows(rw, scope, select);
	rewrite_sorts(rw, scope, select, outputs,
		      limited || select->n_distinct_clause
			  ? &rw->touched.predicate
			  : &sort);
	if (top)
		rw->touched.unpinned_sort = sort.unpinned;
	rewrite_group_end(rw, scope, select, &grouping);
	rw->grouped = grouped;
	if (select->n_distinct_clause)
		for (size_t i = 0; i < outputs->count; i++)
			rewrite_facts_join(&rw->touched.predicate,
					   &outputs->items[i].facts);
	if (top)
		rewrite_find_order(rw, scope, before, outputs);
	if (chooses && (!top || rewrite_is_distinct_on(select)))
		find_inner_order(rw, scope, before, outputs);
	rw->answer.edges = edges;
	rw->answer.edge_count = edge_count;
	rw->answer.edge_capacity = edge_capacity;
}

void rewrite_select(struct rewrite *rw, const struct scope *outer,
		    PgQuery__SelectStmt *select, struct outputs *outputs,
		    bool top)
{
	struct scope *scope = rewrite_scope_new(rw, outer, true);
	struct facts limit = {0};
	const struct catalog_type *count =
	    lens_old_type_for(rw->lens, SQL_TYPE_COUNT);

	scope->ctes = rewrite_with(rw, outer, scope->ctes, select->with_clause);
	if (select->n_values_lists)
		values_lists(rw, scope, select, outputs);
	else if (select->op > PG_QUERY__SET_OPERATION__SETOP_NONE)
		set_operation(rw, scope, select, outputs);
	else
		plain_select(rw, scope, select, outputs, top);
	if (top && (select->n_values_lists ||
		    select->op > PG_QUERY__SET_OPERATION__SETOP_NONE))
		rewrite_find_union_order(rw, select, outputs);
	else if ((select->limit_count || select->limit_offset) &&
		 (select->n_values_lists ||
		  select->op > PG_QUERY__SET_OPERATION__SETOP_NONE))
		find_inner_order(rw, NULL, select, outputs);
	if (count) {
		rewrite_infer_parameter(rw, select->limit_count, count->id,
					false);
		rewrite_infer_parameter(rw, select->limit_offset, count->id,
					false);
	}
	rewrite_expression(rw, scope, &select->limit_count, &limit);
	rewrite_expression(rw, scope, &select->limit_offset, &limit);
	lock_clauses(rw, scope, select);
	if (top)
		rw->answer.limited =
		    select->limit_count || select->limit_offset;
	if (select->op > PG_QUERY__SET_OPERATION__SETOP_NONE ||
	    (select->n_distinct_clause && !rewrite_is_distinct_on(select)))
		rewrite_sort_around(rw, select, outputs);
}
