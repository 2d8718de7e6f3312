/*
 * MERGE into a target that lives in one new table: in place. Its SET lists are
 * rewritten as those of UPDATE, its rows as those of INSERT.
 *
 *	MERGE INTO users u USING tags t ON u.id = t.id
 *	WHEN MATCHED THEN UPDATE SET email = t.label
 *
 *	MERGE INTO app.accounts AS u USING tags AS t ON u.id = t.id
 *	WHEN MATCHED THEN UPDATE SET mail = t.label
 *
 * MERGE has no RETURNING, so values that the primary generated cannot be
 * carried over.
 */
#include "lens/write/merge.h"

#include "lens/rewrite/expression.h"
#include "lens/rewrite/from.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/recode.h"
#include "lens/rewrite/refuse.h"
#include "lens/rewrite/touched.h"
#include "lens/write/assign.h"
#include "lens/write/insert_row.h"
#include "lens/write/insert_verbatim.h"
#include "lens/write/lookup.h"
#include "lens/write/own_rows.h"
#include "lens/write/spread_merge.h"

/* ---- reading the statement ---- */

/* An action for rows without a match may only name the source. */
static struct scope *source_scope(struct merge *merge)
{
	struct rewrite *rw = merge->rw;
	struct scope *scope = merge->scope;
	struct scope *made = rewrite_scope_new(rw, scope->outer, false);

	made->ctes = scope->ctes;
	made->level = scope->level;
	for (size_t i = 0; i < scope->items.count; i++)
		if (scope->items.items[i] != merge->target)
			rewrite_items_add(rw, &made->items,
					  scope->items.items[i]);
	return made;
}

bool write_merge_has(const struct merge *merge, PgQuery__CmdType command)
{
	for (size_t i = 0; i < merge->action_count; i++)
		if (merge->actions[i].when->command_type == command)
			return true;
	return false;
}

void write_merge_read_conditions(struct merge *merge)
{
	struct rewrite *rw = merge->rw;
	PgQuery__MergeStmt *statement = merge->statement;
	struct scope *source = source_scope(merge);

	rewrite_predicate(rw, merge->scope, &statement->join_condition, true);
	merge->action_count = statement->n_merge_when_clauses;
	merge->actions = arena_array(rw->arena, merge->action_count + 1,
				     sizeof(*merge->actions));
	for (size_t i = 0; i < merge->action_count; i++) {
		struct merge_action *action = &merge->actions[i];

		action->when =
		    statement->merge_when_clauses[i]->merge_when_clause;
		action->scope = action->when->matched ? merge->scope : source;
		rewrite_predicate(rw, action->scope, &action->when->condition,
				  true);
	}
	merge->inserts = write_merge_has(merge, PG_QUERY__CMD_TYPE__CMD_INSERT);
}

bool write_merge_is_stable(const struct merge *merge)
{
	const struct items *items = &merge->scope->items;

	for (size_t i = 0; i < items->count; i++)
		for (size_t c = 0; c < items->items[i]->count; c++)
			if (items->items[i]
				->columns[c]
				.source->facts.volatile_value)
				return false;
	return !merge->rw->touched.predicate.volatile_value;
}

struct insert write_merge_read_insert(struct merge *merge,
				      const struct merge_action *action)
{
	struct rewrite *rw = merge->rw;
	PgQuery__MergeWhenClause *when = action->when;
	PgQuery__InsertStmt *statement =
	    sql_new(rw->arena, &pg_query__insert_stmt__descriptor);
	struct insert insert = {.rw = rw,
				.scope = action->scope,
				.statement = statement,
				.target = merge->target,
				.table = merge->target->relation->table};
	PgQuery__Node *row = sql_list(rw->arena, when->values, when->n_values);

	statement->n_cols = when->n_target_list;
	statement->cols = when->target_list;
	statement->override = when->override;
	if (when->n_values)
		statement->select_stmt =
		    sql_wrap(rw->arena, sql_values(rw->arena, &row, 1));
	write_insert_read_columns(&insert);
	write_insert_read_source(&insert, NULL);
	return insert;
}

/* ---- the action of a row ---- */

PgQuery__Node *write_merge_join(struct merge *merge, PgQuery__Node *source,
				PgQuery__Node *target, PgQuery__Node *on)
{
	PgQuery__JoinExpr *join =
	    sql_new(merge->rw->arena, &pg_query__join_expr__descriptor);

	join->jointype = merge->inserts ? PG_QUERY__JOIN_TYPE__JOIN_LEFT
					: PG_QUERY__JOIN_TYPE__JOIN_INNER;
	join->larg = source;
	join->rarg = target;
	join->quals = on;
	return sql_wrap(merge->rw->arena, join);
}

/* CASE WHEN condition THEN number ... END, over the clauses with or without a
 * match. */
static PgQuery__Node *choose(struct merge *merge, bool matched)
{
	struct arena *arena = merge->rw->arena;
	size_t room = merge->action_count + 1, count = 0;
	PgQuery__Node **when = arena_array(arena, room, sizeof(*when));
	PgQuery__Node **then = arena_array(arena, room, sizeof(*then));
	PgQuery__Node *otherwise = NULL;

	for (size_t i = 0; i < merge->action_count && !otherwise; i++) {
		const PgQuery__MergeWhenClause *clause = merge->actions[i].when;
		bool nothing =
		    clause->command_type == PG_QUERY__CMD_TYPE__CMD_NOTHING;
		PgQuery__Node *number =
		    sql_const_integer(arena, nothing ? 0 : (int64_t)i + 1);

		if (clause->matched != matched)
			continue;
		if (!sql_unwrap(clause->condition)) {
			otherwise = number;
			continue;
		}
		when[count] = sql_copy(arena, clause->condition);
		then[count++] = number;
	}
	if (!otherwise)
		otherwise = sql_const_integer(arena, 0);
	return count ? sql_case(arena, NULL, when, then, count, otherwise)
		     : otherwise;
}

PgQuery__Node *write_merge_choice(struct merge *merge, PgQuery__Node *found)
{
	struct arena *arena = merge->rw->arena;
	PgQuery__SelectStmt *select = sql_select(arena);
	PgQuery__Node *matched = choose(merge, true);
	PgQuery__Node *action = matched;
	PgQuery__Node *range;

	if (merge->inserts)
		action = sql_case(arena, NULL, &found, &matched, 1,
				  choose(merge, false));
	SQL_APPEND(arena, select, target_list,
		   sql_target(arena, "action", action));
	merge->choice =
	    rewrite_scope_alias(merge->rw, merge->scope, "parallax_choice");
	range = sql_range_subselect(arena, sql_wrap(arena, select),
				    merge->choice, NULL, 0);
	range->range_subselect->lateral = true;
	return range;
}

PgQuery__Node *write_merge_action(const struct merge *merge)
{
	return sql_column(merge->rw->arena, merge->choice, "action");
}

PgQuery__Node *write_merge_takes(const struct merge *merge,
				 PgQuery__Node *value, size_t action)
{
	struct arena *arena = merge->rw->arena;

	return sql_operator(arena, "=", value,
			    sql_const_integer(arena, (int64_t)action + 1));
}

/* ---- values that look-up tables lack ---- */

void write_merge_note_row(struct insert *insert)
{
	write_own_rows_refuse(insert);
	for (size_t i = 0; i < insert->table->column_count; i++) {
		const struct lens_column *column = &insert->table->columns[i];

		if (column->lookup && column->lookup->create)
			write_note_added(
			    insert->rw, column,
			    write_insert_value(insert, i, 0, false));
	}
}

/* The steps before the statement must know which values it will write. */
static void refuse_untold(const struct merge *merge)
{
	const struct rewrite *rw = merge->rw;
	bool told = write_merge_is_stable(merge) && !merge->scope->ctes;

	for (size_t i = 0; i < rw->lookups.added_count; i++)
		if (rw->deferred || (!told && !rewrite_is_constant(
						  rw->lookups.addeds[i].value)))
			rewrite_fail(
			    merge->rw, -1,
			    "this MERGE cannot add values to the look-up table "
			    "of column \"%s\": they are unknown before it runs",
			    rw->lookups.addeds[i].column->old->name);
}

void write_merge_add_lookups(struct merge *merge, size_t action,
			     PgQuery__Node *const *from,
			     const PgQuery__Node *where)
{
	struct rewrite *rw = merge->rw;
	PgQuery__Node *taken =
	    write_merge_takes(merge, write_merge_action(merge), action);

	if (where)
		taken = rewrite_and(rw, sql_copy(rw->arena, where), taken);
	refuse_untold(merge);
	write_add_lookups(rw, merge->scope, from, 2, taken, false);
}

/* ---- in place ---- */

/* Refuses a volatile value that is used more than once. INSERT puts a sub-query
 * around it, but MERGE has no place for one. */
static void refuse_drawn_twice(struct insert *insert)
{
	bool twice = write_insert_draws_twice(insert);

	for (size_t n = 0; insert->rows && n < insert->width; n++)
		twice |= insert->drawn && insert->drawn[n] &&
			 write_insert_computes_twice(insert, n);
	if (twice)
		rewrite_fail(insert->rw, -1,
			     "a volatile value of MERGE feeds several columns");
}

static void write_row(struct merge *merge, const struct merge_action *action)
{
	struct rewrite *rw = merge->rw;
	PgQuery__MergeWhenClause *when = action->when;
	struct insert insert = write_merge_read_insert(merge, action);
	PgQuery__InsertStmt *statement = insert.statement;
	PgQuery__SelectStmt *select;

	if (insert.parts && insert.table->mapped)
		rewrite_fail(rw, -1, "MERGE writes a part of a column");
	if (insert.table->verbatim) {
		write_insert_verbatim(&insert);
	} else if (write_insert_needs_values(&insert)) {
		write_insert_check_writable(&insert);
		refuse_drawn_twice(&insert);
		write_merge_note_row(&insert);
		rw->changed = true;
		write_insert_values(&insert);
	}
	if (insert.overrides)
		statement->override =
		    PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE;
	select = SQL_AS(statement->select_stmt, SELECT_STMT, select_stmt);
	when->n_target_list = statement->n_cols;
	when->target_list = statement->cols;
	when->override = statement->override;
	when->n_values = select ? select->values_lists[0]->list->n_items : 0;
	when->values = select ? select->values_lists[0]->list->items : NULL;
}

static void rewrite_action(struct merge *merge, struct merge_action *action)
{
	struct rewrite *rw = merge->rw;
	PgQuery__MergeWhenClause *when = action->when;
	struct facts facts = {0};

	switch (when->command_type) {
	case PG_QUERY__CMD_TYPE__CMD_UPDATE:
		write_assignments(rw, action->scope, merge->target,
				  &when->n_target_list, &when->target_list,
				  true);
		return;
	case PG_QUERY__CMD_TYPE__CMD_INSERT:
		if (merge->target->relation->table) {
			write_row(merge, action);
			return;
		}
		for (size_t i = 0; i < when->n_values; i++)
			if (!SQL_IS(when->values[i], SET_TO_DEFAULT))
				rewrite_expression(rw, action->scope,
						   &when->values[i], &facts);
		return;
	case PG_QUERY__CMD_TYPE__CMD_DELETE:
	case PG_QUERY__CMD_TYPE__CMD_NOTHING:
		return;
	default:
		rewrite_fail(rw, -1, "an action of MERGE that is not known");
	}
}

/* The statement's FROM, to find the values for look-ups. */
static PgQuery__Node **copy_from(struct merge *merge)
{
	struct rewrite *rw = merge->rw;
	struct arena *arena = rw->arena;
	PgQuery__MergeStmt *statement = merge->statement;
	PgQuery__Node **from = arena_array(arena, 2, sizeof(*from));
	PgQuery__Node *target = sql_wrap(arena, statement->relation);
	PgQuery__Node *row = sql_star(arena, merge->target->relation->alias);

	from[0] = write_merge_join(merge, statement->source_relation, target,
				   statement->join_condition);
	from[1] = write_merge_choice(
	    merge, sql_distinct(arena, row, sql_const_null(arena), false));
	return from;
}

static void merge_in_place(struct rewrite *rw, const struct scope *outer,
			   PgQuery__MergeStmt *statement)
{
	struct merge merge = {.rw = rw, .statement = statement};
	bool inside = rw->filters_inside;
	PgQuery__Node **from = NULL;

	merge.scope = rewrite_scope_new(rw, outer, true);
	merge.scope->ctes =
	    rewrite_with(rw, outer, merge.scope->ctes, statement->with_clause);
	merge.target = rewrite_target(rw, merge.scope, statement->relation);
	if (merge.target->relation->table)
		rewrite_note_table(rw, merge.target->relation->table, false);
	/* The source cannot see the target, but their names must differ. */
	rw->filters_inside = true; /* there is no WHERE that could filter the
				      source */
	rewrite_from(rw, merge.scope, &statement->source_relation, 1);
	rw->filters_inside = inside;
	rewrite_items_add(rw, &merge.scope->items, merge.target);
	write_merge_read_conditions(&merge);
	statement->join_condition =
	    rewrite_and(rw, rewrite_anchor_filter(rw, merge.target),
			statement->join_condition);
	for (size_t i = 0; i < merge.action_count; i++) {
		rewrite_action(&merge, &merge.actions[i]);
		if (!rw->lookups.added_count)
			continue;
		if (!from)
			from = copy_from(&merge);
		write_merge_add_lookups(&merge, i, from, NULL);
	}
}

void write_merge(struct rewrite *rw, const struct scope *outer,
		 PgQuery__Node *query)
{
	PgQuery__MergeStmt *merge = query->merge_stmt;

	if (rw->ctes.depth)
		rewrite_fail(rw, -1, "MERGE within WITH");
	if (merge->with_clause && merge->with_clause->recursive)
		rewrite_fail(rw, -1, "WITH RECURSIVE before MERGE");
	if (rw->qualify && write_spread_takes_merge(rw, merge))
		write_spread_merge(rw, outer, query);
	else
		merge_in_place(rw, outer, merge);
	rw->answer.order = ORDER_NONE;
}
