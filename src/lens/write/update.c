/* UPDATE and DELETE. */
#include "lens/write/image.h"

#include <string.h>

static void note(struct rewrite *rw, const struct catalog_table *table,
		 bool written)
{
	const struct catalog_table ***list = written ? &rw->written : &rw->read;
	size_t *count = written ? &rw->written_count : &rw->read_count;
	size_t *capacity = written ? &rw->written_capacity : &rw->read_capacity;

	for (size_t i = 0; i < *count; i++)
		if ((*list)[i] == table)
			return;
	*list = rewrite_push(rw->arena, (void *)*list, count, capacity,
			     sizeof(**list));
	(*list)[*count - 1] = table;
}

/* A statement updates a row but once: not as a row of two old tables. */
static void refuse_shared(struct rewrite *rw, const struct lens_table *table)
{
	for (size_t i = 0; i < rw->written_count; i++) {
		const struct lens_table *other =
		    lens_table_of(rw->lens, rw->written[i]);

		if (!other || other == table ||
		    (!other->absorbed && !table->absorbed))
			continue;
		for (size_t a = 0; a < table->place_count; a++)
			for (size_t b = 0; b < other->place_count; b++)
				if (table->places[a].table ==
				    other->places[b].table)
					rewrite_fail(
					    rw, -1,
					    "\"%s\" and \"%s\", whose rows "
					    "are one in the new schema, are "
					    "written at once",
					    other->old->name, table->old->name);
	}
}

void note_table(struct rewrite *rw, const struct lens_table *table,
		bool written)
{
	if (written && table->mapped)
		refuse_shared(rw, table);
	note(rw, table->old, written);
}

void note_stored(struct rewrite *rw, const struct lens_table *table,
		 const struct lens_column *column, const struct facts *facts)
{
	struct lens_table *own = lens_table_of(rw->lens, table->old);
	struct lens_column *fed = &own->columns[column->index];
	bool unpinned = facts->unpinned || facts->volatile_value;

	if ((!facts->clock || fed->clock) && (!unpinned || fed->unpinned))
		return;
	fed->clock |= facts->clock;
	fed->unpinned |= unpinned;
	rw->lens->learned = true;
}

static void add_update_lookups(struct rewrite *rw, const struct scope *scope,
			       PgQuery__UpdateStmt *update)
{
	PgQuery__Node **from;

	if (!rw->added_count)
		return;
	from = arena_array(rw->arena, update->n_from_clause + 1, sizeof(*from));
	from[0] = sql_wrap(rw->arena, update->relation);
	for (size_t i = 0; i < update->n_from_clause; i++)
		from[i + 1] = update->from_clause[i];
	add_lookups(rw, scope, from, update->n_from_clause + 1,
		    update->where_clause, false);
}

/* The row that a cursor is at is one of the target's: nothing more need be
 * asked of it, and nothing more can be. */
static PgQuery__Node *add_filter(struct rewrite *rw, const struct item *target,
				 PgQuery__Node *filter, PgQuery__Node *where)
{
	if (!SQL_IS(where, CURRENT_OF_EXPR))
		filter = and_both(rw, anchor_filter(rw, target), filter);
	else if (filter)
		refuse_cursor(rw, target->relation->table, where);
	return and_both(rw, filter, where);
}

void rewrite_update(struct rewrite *rw, const struct scope *outer,
		    PgQuery__Node *query, struct outputs *outputs, bool top)
{
	PgQuery__UpdateStmt *update = query->update_stmt;
	struct scope *scope;
	struct item *target;
	PgQuery__Node *filter;

	if (rw->qualify && spread_takes_update(rw, update)) {
		spread_update(rw, outer, query, outputs, top);
		return;
	}
	scope = scope_new(rw, outer, true);
	scope->ctes = rewrite_with(rw, outer, scope->ctes, update->with_clause);
	target = target_item(rw, scope, update->relation);
	/* FROM items cannot see the target, but their names must differ. */
	filter =
	    rewrite_from(rw, scope, update->from_clause, update->n_from_clause);
	target_add(rw, scope, target);
	rewrite_predicate(rw, scope, &update->where_clause, true);
	update->where_clause =
	    add_filter(rw, target, filter, update->where_clause);
	rewrite_assignments(rw, scope, target, &update->n_target_list,
			    &update->target_list, false);
	add_update_lookups(rw, scope, update);
	if (scope->items.count > 1) { /* RETURNING *: the target comes first */
		memmove(scope->items.items + 1, scope->items.items,
			(scope->items.count - 1) * sizeof(target));
		scope->items.items[0] = target;
	}
	rewrite_targets(rw, scope, &update->n_returning_list,
			&update->returning_list, outputs);
	if (top)
		rw->order = ORDER_NONE;
}

void rewrite_delete(struct rewrite *rw, const struct scope *outer,
		    PgQuery__Node *query, struct outputs *outputs, bool top)
{
	PgQuery__DeleteStmt *del = query->delete_stmt;
	struct scope *scope;
	struct item *target;
	PgQuery__Node *filter;

	if (rw->qualify && spread_takes_delete(rw, del)) {
		spread_delete(rw, outer, query, outputs, top);
		return;
	}
	scope = scope_new(rw, outer, true);
	scope->ctes = rewrite_with(rw, outer, scope->ctes, del->with_clause);
	target = target_item(rw, scope, del->relation);
	filter =
	    rewrite_from(rw, scope, del->using_clause, del->n_using_clause);
	target_add(rw, scope, target);
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
		rw->order = ORDER_NONE;
}
