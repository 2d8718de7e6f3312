/*
 * MERGE into a table whose rows are in several new ones, or in another's. The
 * image has the rows of the source that something is done with, each with the
 * target's row that it met and the number of its action; what an action writes
 * is then written as an UPDATE, DELETE or INSERT of several tables is.
 */
#include "lens/write/spread_merge.h"

#include "lens/compile/table.h"
#include "lens/rewrite/from.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/recode.h"
#include "lens/rewrite/refuse.h"
#include "lens/write/insert_row.h"
#include "lens/write/merge.h"
#include "lens/write/set_query.h"
#include "lens/write/spread_insert.h"
#include "lens/write/spread_write.h"

bool write_spread_takes_merge(struct rewrite *rw,
			      const PgQuery__MergeStmt *merge)
{
	const struct scope bare = {.ctes = NULL};
	const struct cte *cte;
	bool known;
	const struct lens_table *table =
	    rewrite_scope_table(rw, &bare, merge->relation, &cte, &known);

	return table && !table->dropped &&
	       (lens_is_spread(table) || table->absorbed);
}

struct spread_merge {
	struct merge merge;
	struct image *image;
	struct locators found;
	PgQuery__Node *number; /* of the action, in the image */
	bool *kept; /* by old column: the writes of an UPDATE name it */
};

/* ---- what each action leaves in the old columns ---- */

static void read_update(struct spread_merge *spread,
			struct merge_action *action)
{
	struct rewrite *rw = spread->merge.rw;
	const struct lens_table *table = spread->image->table;
	struct set_values set;

	write_read_set(rw, action->scope, spread->merge.target,
		       action->when->n_target_list, action->when->target_list,
		       &set);
	write_set_apart(rw, table, &set);
	for (size_t i = 0; i < table->column_count; i++) {
		action->set[i] = set.values[i] != NULL;
		if (action->set[i])
			action->values[i] = write_image_set_value(
			    spread->image, i, set.values[i]);
	}
}

static void read_insert(struct spread_merge *spread,
			struct merge_action *action)
{
	struct rewrite *rw = spread->merge.rw;
	const struct lens_table *table = spread->image->table;
	struct insert insert = write_merge_read_insert(&spread->merge, action);

	write_insert_check_writable(&insert);
	if (insert.parts)
		rewrite_fail(rw, -1, "a part of a column is written by MERGE");
	write_merge_note_row(&insert);
	for (size_t i = 0; i < table->column_count; i++) {
		const struct lens_column *column = &table->columns[i];
		PgQuery__Node *value = write_insert_value(&insert, i, 0, false);

		action->set[i] = true;
		if (value)
			action->values[i] = rewrite_coerce(rw, column, value);
	}
}

static void read_actions(struct spread_merge *spread)
{
	struct merge *merge = &spread->merge;
	PgQuery__SelectStmt *select = spread->image->select;
	size_t room = spread->image->table->column_count + 1;

	for (size_t i = 0; i < merge->action_count; i++) {
		struct merge_action *action = &merge->actions[i];

		action->values = arena_array(merge->rw->arena, room,
					     sizeof(*action->values));
		action->set =
		    arena_array(merge->rw->arena, room, sizeof(*action->set));
		if (action->when->command_type ==
		    PG_QUERY__CMD_TYPE__CMD_UPDATE)
			read_update(spread, action);
		if (action->when->command_type ==
		    PG_QUERY__CMD_TYPE__CMD_INSERT)
			read_insert(spread, action);
		write_merge_add_lookups(merge, i, select->from_clause,
					select->where_clause);
	}
}

/* An old column of the image's rows, by their actions; NULL: an INSERT leaves
 * it to the table to compute it. */
static PgQuery__Node *value_by_action(struct spread_merge *spread, size_t index)
{
	struct merge *merge = &spread->merge;
	struct rewrite *rw = merge->rw;
	size_t room = merge->action_count + 1, count = 0;
	PgQuery__Node **when = arena_array(rw->arena, room, sizeof(*when));
	PgQuery__Node **then = arena_array(rw->arena, room, sizeof(*then));
	PgQuery__Node *before = NULL;

	for (size_t i = 0; i < merge->action_count; i++) {
		const struct merge_action *action = &merge->actions[i];

		if (action->values[index]) {
			when[count] =
			    sql_const_integer(rw->arena, (int64_t)i + 1);
			then[count++] = action->values[index];
			continue;
		}
		if (action->when->command_type ==
		    PG_QUERY__CMD_TYPE__CMD_INSERT)
			return NULL;
		if (action->when->command_type ==
			PG_QUERY__CMD_TYPE__CMD_UPDATE &&
		    spread->kept[index] && !before)
			before = rewrite_source(
			    rw, merge->target->columns[index].source);
	}
	if (!count)
		return before;
	if (before)
		before = rewrite_coerce(
		    rw, &spread->image->table->columns[index], before);
	return sql_case(rw->arena, write_merge_action(merge), when, then, count,
			before);
}

/* ---- the image ---- */

static PgQuery__Node *positive(struct rewrite *rw, PgQuery__Node *number)
{
	return sql_operator(rw->arena, ">", number,
			    sql_const_integer(rw->arena, 0));
}

/* FROM and WHERE. The target's rows are locked before, where the two meet: with
 * rows of the source alone there would be none to lock. */
static void make_rows(struct spread_merge *spread, PgQuery__Node *range,
		      PgQuery__Node *on, PgQuery__Node *where)
{
	struct merge *merge = &spread->merge;
	struct rewrite *rw = merge->rw;
	PgQuery__SelectStmt *select = spread->image->select;
	PgQuery__Node *join = write_merge_join(
	    merge, merge->statement->source_relation, range, on);
	PgQuery__Node *found = sql_is_null(
	    rw->arena, sql_copy(rw->arena, spread->found.inner[0]), true);

	SQL_APPEND(rw->arena, select, from_clause, join);
	SQL_APPEND(rw->arena, select, from_clause,
		   write_merge_choice(merge, found));
	select->where_clause =
	    rewrite_and(rw, where, positive(rw, write_merge_action(merge)));
}

static void lock_rows(struct spread_merge *spread)
{
	struct merge *merge = &spread->merge;
	PgQuery__JoinExpr *join =
	    spread->image->select->from_clause[0]->join_expr;
	PgQuery__JoinType type = join->jointype;

	if (!write_merge_is_stable(merge))
		return;
	join->jointype = PG_QUERY__JOIN_TYPE__JOIN_INNER;
	write_image_lock_first(spread->image, merge->target);
	join->jointype = type;
}

static void complete(struct spread_merge *spread)
{
	struct image *image = spread->image;
	bool *named = image->item->relation->named;

	for (size_t i = 0; i < image->table->column_count; i++) {
		named[i] |= spread->kept[i];
		if (named[i])
			image->values[i] = value_by_action(spread, i);
	}
	write_image_complete(image);
}

/* ---- the writes ---- */

/* For the image's row. */
static PgQuery__Node *takes(struct spread_merge *spread, size_t number)
{
	struct merge *merge = &spread->merge;

	return write_merge_takes(
	    merge, sql_copy(merge->rw->arena, spread->number), number);
}

/* Whether the action moves rows of an absorbed table to other rows of its host.
 */
static bool brings(struct spread_merge *spread,
		   const struct merge_action *action)
{
	struct image *image = spread->image;

	if (action->when->command_type == PG_QUERY__CMD_TYPE__CMD_INSERT)
		return true;
	image->set = action->set;
	return action->when->command_type == PG_QUERY__CMD_TYPE__CMD_UPDATE &&
	       write_image_changes_host(image);
}

static void spare_hosts(struct spread_merge *spread)
{
	struct merge *merge = &spread->merge;

	for (size_t i = 0; i < merge->action_count; i++)
		if (brings(spread, &merge->actions[i]))
			write_image_spare_hosts(spread->image,
						takes(spread, i));
}

/* Returns the condition on the written rows; NULL: all. */
static PgQuery__Node *write_action(struct spread_merge *spread, size_t number)
{
	struct merge *merge = &spread->merge;
	struct rewrite *rw = merge->rw;
	struct image *image = spread->image;
	const struct merge_action *action = &merge->actions[number];
	bool *named = image->item->relation->named;
	PgQuery__BoolExpr *any;
	PgQuery__Node *taken;

	image->set = action->set;
	image->chosen = takes(spread, number);
	switch (action->when->command_type) {
	case PG_QUERY__CMD_TYPE__CMD_UPDATE:
		image->item->relation->named = spread->kept;
		write_image_update_places(image, &spread->found);
		image->item->relation->named = named;
		if (write_image_changes_host(image))
			spare_hosts(spread);
		return NULL;
	case PG_QUERY__CMD_TYPE__CMD_DELETE:
		write_image_delete_places(image, &spread->found);
		if (image->table->absorbed)
			spare_hosts(spread);
		return NULL;
	default:
		break;
	}
	taken = write_image_insert_places(image);
	if (!taken)
		return NULL;
	any = sql_new(rw->arena, &pg_query__bool_expr__descriptor);
	any->boolop = PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR;
	any->location = -1;
	SQL_APPEND(rw->arena, any, args,
		   write_image_not(rw, takes(spread, number)));
	SQL_APPEND(rw->arena, any, args, taken);
	return sql_wrap(rw->arena, any);
}

/* Of CTEs that write the server runs the last one first: rows must have gone
 * before others come with their keys. */
static PgQuery__Node *write_places(struct spread_merge *spread)
{
	static const PgQuery__CmdType order[] = {
	    PG_QUERY__CMD_TYPE__CMD_INSERT, PG_QUERY__CMD_TYPE__CMD_UPDATE,
	    PG_QUERY__CMD_TYPE__CMD_DELETE};
	const struct merge *merge = &spread->merge;
	PgQuery__Node *written = NULL;

	for (size_t n = 0; n < 3; n++)
		for (size_t i = 0; i < merge->action_count; i++)
			if (merge->actions[i].when->command_type == order[n])
				written = rewrite_and(merge->rw, written,
						      write_action(spread, i));
	return written;
}

/* ---- the statement ---- */

void write_spread_merge(struct rewrite *rw, const struct scope *outer,
			PgQuery__Node *query)
{
	PgQuery__MergeStmt *statement = query->merge_stmt;
	struct spread_merge spread = {
	    .merge = {.rw = rw, .statement = statement}};
	struct merge *merge = &spread.merge;
	struct scope *scope = rewrite_scope_new(rw, outer, true);
	PgQuery__Node *range = sql_wrap(rw->arena, statement->relation);
	PgQuery__Node *filter = NULL;
	PgQuery__Node *where;
	struct image *image;

	merge->scope = scope;
	scope->ctes =
	    rewrite_with(rw, outer, scope->ctes, statement->with_clause);
	merge->target = rewrite_open_target(rw, scope, &range, &filter);
	where = rewrite_from(rw, scope, &statement->source_relation, 1);
	rewrite_target_add(rw, scope, merge->target);
	write_merge_read_conditions(merge);
	image = spread.image =
	    write_image_new(rw, scope, merge->target->relation->table,
			    merge->target->schema, merge->target->name);
	spread.found = write_image_locate(image, merge->target);
	spread.kept = arena_array(rw->arena, image->table->column_count + 1,
				  sizeof(bool));
	make_rows(&spread, range,
		  rewrite_and(rw, filter, statement->join_condition), where);
	read_actions(&spread);
	image->counts = true;
	lock_rows(&spread);
	spread.number = write_image_extra(image, "parallax_action",
					  write_merge_action(merge));
	if (write_merge_has(merge, PG_QUERY__CMD_TYPE__CMD_UPDATE) ||
	    write_merge_has(merge, PG_QUERY__CMD_TYPE__CMD_DELETE))
		write_image_refuse_twice(image, spread.found.inner,
					 spread.found.inner_count);
	write_image_start(image);
	where = write_places(&spread);
	complete(&spread);
	write_image_answer(image, query, statement->with_clause,
			   write_image_rows(image, 0, NULL, where));
}
