/*
 * UPDATE and DELETE of rows that live in one new table: in place.
 *
 *	UPDATE users SET email = 'b' WHERE id = 1
 *	UPDATE app.accounts AS users SET mail = 'b' WHERE users.id = 1
 */
#include "lens/write/update.h"

#include <string.h>

#include "lens/rewrite/expression.h"
#include "lens/rewrite/from.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/refuse.h"
#include "lens/write/lookup.h"
#include "lens/write/spread_write.h"

static void add_update_lookups(struct rewrite *rw, const struct scope *scope,
			       PgQuery__UpdateStmt *update)
{
	PgQuery__Node **from;

	if (!rw->lookups.added_count)
		return;
	from = arena_array(rw->arena, update->n_from_clause + 1, sizeof(*from));
	from[0] = sql_wrap(rw->arena, update->relation);
	for (size_t i = 0; i < update->n_from_clause; i++)
		from[i + 1] = update->from_clause[i];
	write_add_lookups(rw, scope, from, update->n_from_clause + 1,
			  update->where_clause, false);
}

/* The row at a cursor is one of the target's, so it needs no further condition;
 * nor does the syntax allow one. */
static PgQuery__Node *add_filter(struct rewrite *rw, const struct item *target,
				 PgQuery__Node *filter, PgQuery__Node *where)
{
	if (!SQL_IS(where, CURRENT_OF_EXPR))
		filter =
		    rewrite_and(rw, rewrite_anchor_filter(rw, target), filter);
	else if (filter)
		rewrite_refuse_cursor(rw, target->relation->table, where);
	return rewrite_and(rw, filter, where);
}

void write_update(struct rewrite *rw, const struct scope *outer,
		  PgQuery__Node *query, struct outputs *outputs, bool top)
{
	PgQuery__UpdateStmt *update = query->update_stmt;
	struct scope *scope;
	struct item *target;
	PgQuery__Node *filter;

	if (rw->qualify && write_spread_takes_update(rw, update)) {
		write_spread_update(rw, outer, query, outputs, top);
		return;
	}
	scope = rewrite_scope_new(rw, outer, true);
	scope->ctes = rewrite_with(rw, outer, scope->ctes, update->with_clause);
	target = rewrite_target(rw, scope, update->relation);
	/* Items of FROM cannot see the target, but their names must differ. */
	filter =
	    rewrite_from(rw, scope, update->from_clause, update->n_from_clause);
	rewrite_target_add(rw, scope, target);
	rewrite_predicate(rw, scope, &update->where_clause, true);
	update->where_clause =
	    add_filter(rw, target, filter, update->where_clause);
	write_assignments(rw, scope, target, &update->n_target_list,
			  &update->target_list, false);
	add_update_lookups(rw, scope, update);
	if (scope->items.count > 1) { /* the target is first in RETURNING * */
		memmove(scope->items.items + 1, scope->items.items,
			(scope->items.count - 1) * sizeof(target));
		scope->items.items[0] = target;
	}
	rewrite_targets(rw, scope, &update->n_returning_list,
			&update->returning_list, outputs);
	if (top)
		rw->answer.order = ORDER_NONE;
}

void write_delete(struct rewrite *rw, const struct scope *outer,
		  PgQuery__Node *query, struct outputs *outputs, bool top)
{
	PgQuery__DeleteStmt *del = query->delete_stmt;
	struct scope *scope;
	struct item *target;
	PgQuery__Node *filter;

	if (rw->qualify && write_spread_takes_delete(rw, del)) {
		write_spread_delete(rw, outer, query, outputs, top);
		return;
	}
	scope = rewrite_scope_new(rw, outer, true);
	scope->ctes = rewrite_with(rw, outer, scope->ctes, del->with_clause);
	target = rewrite_target(rw, scope, del->relation);
	filter =
	    rewrite_from(rw, scope, del->using_clause, del->n_using_clause);
	rewrite_target_add(rw, scope, target);
	rewrite_predicate(rw, scope, &del->where_clause, true);
	del->where_clause = add_filter(rw, target, filter, del->where_clause);
	if (scope->items.count > 1) {
		memmove(scope->items.items + 1, scope->items.items,
			(scope->items.count - 1) * sizeof(target));
		scope->items.items[0] = target;
	}
	rewrite_targets(rw, scope, &del->n_returning_list, &del->returning_list,
			outputs);
	if (top)
		rw->answer.order = ORDER_NONE;
}
