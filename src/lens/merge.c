/*
 * MERGE, where the target lives in one new table: in place, with SET lists as
 * those of UPDATE and rows as those of INSERT. It has no RETURNING, so values
 * that the primary generated cannot be carried.
 */
#include "lens/internal.h"

#include <string.h>

static void refuse_many(struct rewrite *rw, const struct lens_table *table,
			int location)
{
	if (is_spread(table) || table->absorbed)
		rewrite_fail(rw, location,
			     "MERGE into \"%s\", which lives in several tables "
			     "of the new schema",
			     table->old->name);
}

/* What an action for rows without a partner may name: the source alone. */
static struct scope *source_scope(struct rewrite *rw, struct scope *scope,
				  const struct item *target)
{
	struct scope *made = scope_new(rw, scope->outer, false);

	made->ctes = scope->ctes;
	made->level = scope->level;
	for (size_t i = 0; i < scope->items.count; i++)
		if (scope->items.items[i] != target)
			items_add(rw, &made->items, scope->items.items[i]);
	return made;
}

static void rewrite_when(struct rewrite *rw, struct scope *scope,
			 struct item *target, PgQuery__MergeWhenClause *when)
{
	struct scope *own =
	    when->matched ? scope : source_scope(rw, scope, target);

	rewrite_predicate(rw, own, &when->condition, true);
	switch (when->command_type) {
	case PG_QUERY__CMD_TYPE__CMD_UPDATE:
		rewrite_assignments(rw, own, target, &when->n_target_list,
				    &when->target_list);
		return;
	case PG_QUERY__CMD_TYPE__CMD_INSERT:
		rewrite_merge_insert(rw, own, target, when);
		return;
	case PG_QUERY__CMD_TYPE__CMD_DELETE:
	case PG_QUERY__CMD_TYPE__CMD_NOTHING:
		return;
	default:
		rewrite_fail(rw, -1, "an action of MERGE that is not known");
	}
}

void rewrite_merge(struct rewrite *rw, const struct scope *outer,
		   PgQuery__MergeStmt *merge)
{
	struct scope *scope = scope_new(rw, outer, true);
	struct item *target;
	bool inside = rw->filters_inside;

	scope->ctes = rewrite_with(rw, outer, scope->ctes, merge->with_clause);
	target = target_item(rw, scope, merge->relation);
	if (target->relation->table) {
		refuse_many(rw, target->relation->table,
			    merge->relation->location);
		note_table(rw, target->relation->table, false);
	}
	/* The source cannot see the target, but their names must differ. */
	rw->filters_inside = true; /* there is no WHERE for a source */
	rewrite_from(rw, scope, &merge->source_relation, 1);
	rw->filters_inside = inside;
	items_add(rw, &scope->items, target);
	rewrite_predicate(rw, scope, &merge->join_condition, true);
	merge->join_condition =
	    and_both(rw, anchor_filter(rw, target), merge->join_condition);
	for (size_t i = 0; i < merge->n_merge_when_clauses; i++)
		rewrite_when(rw, scope, target,
			     merge->merge_when_clauses[i]->merge_when_clause);
	rw->order = ORDER_NONE;
}
