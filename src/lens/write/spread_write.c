/*
 * UPDATE and DELETE of old rows that are in several new tables. A part is updated,
 * inserted or deleted by what its `when` says of the row before and after:
 *
 *	UPDATE users SET bio = NULL WHERE id = 1	(when: "bio IS NOT NULL")
 *
 *	SELECT 1 FROM accounts AS users LEFT JOIN profiles ... FOR NO KEY UPDATE
 *	WITH parallax_row_1 AS MATERIALIZED (SELECT ..., NULL::text AS bio, ...
 *		FROM accounts AS users LEFT JOIN profiles ... WHERE users.id = 1),
 *	     parallax_write_2 AS (UPDATE profiles ... WHERE bio IS NOT NULL),
 *	     parallax_write_3 AS (DELETE FROM profiles AS target USING
 *		parallax_row_1 ... WHERE NOT (bio IS NOT NULL)),
 *	     parallax_write_4 AS (INSERT INTO profiles ... WHERE bio IS NOT NULL,
 *		and there was none)
 *	SELECT FROM parallax_row_1
 *
 * Here each `bio` is the image's. A DELETE deletes from the parts, then from the
 * anchor.
 */
#include "lens/write/spread_write.h"

#include <string.h>

#include "lens/compile/parse.h"
#include "lens/compile/table.h"
#include "lens/rewrite/expression.h"
#include "lens/rewrite/from.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/recode.h"
#include "lens/rewrite/refuse.h"
#include "lens/write/default.h"
#include "lens/write/lookup.h"
#include "lens/write/lower.h"
#include "lens/write/set_query.h"
#include "lens/write/spread_insert.h"
#include "lens/write/stored.h"

static const struct lens_table *table_of(struct rewrite *rw,
					 const PgQuery__RangeVar *var)
{
	const struct scope bare = {.ctes = NULL};
	const struct cte *cte;
	bool known;
	const struct lens_table *table =
	    rewrite_scope_table(rw, &bare, var, &cte, &known);

	return table && !table->dropped ? table : NULL;
}

/* ---- is the anchor alone enough? ---- */

struct touching {
	const struct lens_table *table;
	const char *name; /* of the table in the statement */
	bool touches;
};

static enum sql_step find_touch(struct sql_place *place, void *context,
				struct error *error)
{
	struct touching *touching = context;
	const PgQuery__ColumnRef *ref;
	const char *name;

	(void)error;
	if (!SQL_AT(place, column_ref))
		return SQL_STEP_INTO;
	ref = (const PgQuery__ColumnRef *)place->message;
	name = sql_string_value(ref->fields[ref->n_fields - 1]);
	if (!name || same_name(name, touching->name))
		touching->touches = true; /* all of a row */
	for (size_t i = 0; i < touching->table->column_count; i++)
		if (touching->table->columns[i].parted &&
		    same_name(touching->table->columns[i].old->name, name))
			touching->touches = true;
	return SQL_STEP_OVER;
}

static bool feeds_part(const struct lens_table *table, const char *name)
{
	for (size_t p = 0; p < table->place_count; p++) {
		const struct lens_place *place = &table->places[p];

		for (size_t w = 0; p && w < place->write_count; w++)
			for (size_t i = 0; i < table->column_count; i++)
				if (place->writes[w].inputs[i] &&
				    same_name(table->columns[i].old->name,
					      name))
					return true;
	}
	return false;
}

static bool takes_in(struct rewrite *rw, const struct lens_table *table,
		     const PgQuery__Node *expression, const char *name)
{
	bool *inputs =
	    arena_array(rw->arena, table->column_count + 1, sizeof(bool));

	compile_inputs(table, sql_copy(rw->arena, expression), inputs);
	for (size_t i = 0; i < table->column_count; i++)
		if (inputs[i] && same_name(table->columns[i].old->name, name))
			return true;
	return false;
}

static bool in_condition(struct rewrite *rw, const struct lens_table *table,
			 const char *name)
{
	for (size_t p = 0; p < table->place_count; p++)
		if (table->places[p].when &&
		    takes_in(rw, table, table->places[p].when, name))
			return true;
	return false;
}

/* Whether it finds the host row of an absorbed table's row. */
static bool in_key(struct rewrite *rw, const struct lens_table *table,
		   const char *name)
{
	const struct lens_place *place = &table->places[0];

	for (size_t j = 0; j < place->join_count; j++)
		if (takes_in(rw, table, place->joins[j].expression, name))
			return true;
	return false;
}

static bool sets_key(struct rewrite *rw, const struct lens_table *table,
		     const PgQuery__UpdateStmt *update)
{
	for (size_t i = 0; i < update->n_target_list; i++)
		if (in_key(rw, table, update->target_list[i]->res_target->name))
			return true;
	return false;
}

/* Whether an UPDATE names anything outside the anchor. */
bool write_spread_takes_update(struct rewrite *rw, PgQuery__UpdateStmt *update)
{
	const struct lens_table *table = table_of(rw, update->relation);
	struct touching touching = {
	    .table = table,
	    .name = update->relation->alias ? update->relation->alias->aliasname
					    : update->relation->relname};
	struct sql_visitor visitor = {find_touch, NULL, &touching};
	PgQuery__Node *node;
	struct error error;

	if (table && table->absorbed)
		return sets_key(rw, table, update);
	if (!table || !lens_is_spread(table))
		return false;
	if (table->anchor_count > 1)
		return true;
	for (size_t i = 0; i < update->n_target_list; i++) {
		const char *name = update->target_list[i]->res_target->name;

		if (feeds_part(table, name) || in_condition(rw, table, name))
			return true;
	}
	node = sql_wrap(rw->arena, update);
	if (sql_walk(&node, &visitor, &error) < 0)
		return true;
	return touching.touches;
}

bool write_spread_takes_delete(struct rewrite *rw, PgQuery__DeleteStmt *del)
{
	const struct lens_table *table = table_of(rw, del->relation);

	return table && (lens_is_spread(table) || table->absorbed);
}

/* ---- UPDATE ---- */

static void update_anchor(struct image *image, const struct locators *found,
			  size_t anchor, bool moves)
{
	struct rewrite *rw = image->rw;
	const struct lens_place *place = &image->table->places[anchor];

	if (!moves) {
		write_image_update(image, place,
				   write_image_is_anchor(image, found, anchor));
		return;
	}
	write_image_update(
	    image, place,
	    rewrite_and(rw, write_image_is_anchor(image, found, anchor),
			write_image_is_in(image, anchor, false)));
	write_image_delete(
	    image, place,
	    rewrite_and(rw, write_image_is_anchor(image, found, anchor),
			write_image_is_in(image, anchor, true)));
	write_image_insert(
	    image, place,
	    rewrite_and(rw, write_image_was_in(image, found, anchor, true),
			write_image_is_in(image, anchor, false)));
}

/* Whether the statement writes anything in the place, or which rows are in it.
 */
static bool is_due(const struct image *image, const struct lens_place *place)
{
	for (size_t w = 0; w < place->write_count; w++)
		if (write_image_sets(image, place->writes[w].inputs))
			return true;
	return write_image_sets_any(image, place->when);
}

static void update_part(struct image *image, const struct locators *found,
			size_t part)
{
	struct rewrite *rw = image->rw;
	const struct lens_place *place = &image->table->places[part];
	PgQuery__Node *missing;

	if (!is_due(image, place))
		return;
	if (!write_image_sets_any(image, place->when)) {
		write_image_update(image, place,
				   write_image_is_part(image, found, part));
		return;
	}
	write_image_update(
	    image, place,
	    rewrite_and(rw, write_image_is_part(image, found, part),
			write_image_condition(image, place->when, false)));
	write_image_delete(
	    image, place,
	    rewrite_and(rw, write_image_is_part(image, found, part),
			write_image_condition(image, place->when, true)));
	missing = sql_is_null(
	    rw->arena, write_image_part_column(image, found, part, 0), false);
	write_image_insert(
	    image, place,
	    rewrite_and(rw, missing,
			write_image_condition(image, place->when, false)));
}

static bool moves_rows(struct image *image)
{
	for (size_t i = 0; i < image->table->anchor_count; i++)
		if (write_image_sets_any(image, image->table->places[i].when))
			return true;
	return false;
}

/* More rows than one of the row sub-query are an error, as they are where it
 * stands for a row. It is computed once, so its rows are counted beside it. */
static PgQuery__Node *range_of_query(struct image *image,
				     struct set_values *set)
{
	static const char count[] = "count(*) OVER ()";
	struct rewrite *rw = image->rw;
	PgQuery__SelectStmt *counted = sql_select(rw->arena);

	SQL_APPEND(
	    rw->arena, counted, target_list,
	    sql_target(rw->arena, NULL, sql_star(rw->arena, "old_query")));
	SQL_APPEND(rw->arena, counted, target_list,
		   sql_target(rw->arena, NULL, write_image_parsed(rw, count)));
	SQL_APPEND(rw->arena, counted, from_clause,
		   sql_range_subselect(rw->arena,
				       sql_wrap(rw->arena, set->query),
				       "old_query", NULL, 0));
	set->query = counted;
	set->query_columns[set->query_column_count++] = "parallax_count";
	write_image_refuse_several(
	    image, sql_column(rw->arena, "old_query", "parallax_count"));
	return write_set_range(rw, set);
}

PgQuery__Node *write_image_set_value(struct image *image, size_t index,
				     PgQuery__Node *value)
{
	struct rewrite *rw = image->rw;
	const struct lens_column *column = &image->table->columns[index];

	if (SQL_IS(value, SET_TO_DEFAULT))
		value = write_default_node(rw, image->table, column, false);
	if (!value || column->dropped)
		return NULL;
	/* Reported now if `values` does not list it. */
	if (column->values && rewrite_is_constant(value))
		rewrite_recode_write(rw, column, sql_copy(rw->arena, value),
				     false);
	return rewrite_coerce(rw, column, value);
}

/* Each old column as the statement leaves it. */
void write_image_set(struct image *image, const struct item *target,
		     const struct set_values *set)
{
	const struct lens_table *table = image->table;

	image->before = target;
	for (size_t i = 0; i < table->column_count; i++) {
		image->set[i] = set && set->values[i];
		if (image->set[i])
			image->values[i] =
			    write_image_set_value(image, i, set->values[i]);
	}
}

/* One image for each row, however many of FROM go with it. */
static void make_distinct(struct image *image)
{
	struct rewrite *rw = image->rw;

	for (size_t i = 0; i < image->extra_count; i++) {
		PgQuery__ResTarget *target = image->extras[i]->res_target;

		if (!strncmp(target->name, "parallax_key_", 13) ||
		    !strcmp(target->name, "parallax_place"))
			SQL_APPEND(rw->arena, image->select, distinct_clause,
				   sql_copy(rw->arena, target->val));
	}
}

/* Whether the statement writes a column that a foreign key may refer to. */
static bool changes_key(const struct image *image)
{
	const struct lens_table *table = image->table;

	for (size_t p = 0; p < table->anchor_count; p++) {
		const struct lens_place *place = &table->places[p];

		for (size_t w = 0; w < place->write_count; w++)
			if (write_image_sets(image, place->writes[w].inputs) &&
			    catalog_is_key(place->table,
					   place->writes[w].target))
				return true;
	}
	return false;
}

/* As weak as the statement's lock on the primary. A lock that must be made
 * stronger can deadlock. */
static PgQuery__LockClauseStrength lock_strength(struct image *image)
{
	return image->deletes || changes_key(image)
		   ? PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORUPDATE
		   : PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORNOKEYUPDATE;
}

static PgQuery__Node *lock_of(struct image *image, const char *target)
{
	struct rewrite *rw = image->rw;
	PgQuery__LockingClause *lock =
	    sql_new(rw->arena, &pg_query__locking_clause__descriptor);
	PgQuery__RangeVar *var =
	    sql_new(rw->arena, &pg_query__range_var__descriptor);

	lock->strength = lock_strength(image);
	lock->wait_policy = PG_QUERY__LOCK_WAIT_POLICY__LockWaitBlock;
	var->relname = arena_string(rw->arena, target);
	var->inh = true;
	var->relpersistence = arena_string(rw->arena, "p");
	var->location = -1;
	SQL_APPEND(rw->arena, lock, locked_rels, sql_wrap(rw->arena, var));
	return sql_wrap(rw->arena, lock);
}

/* SELECT 1 FROM what the image is made of FOR NO KEY UPDATE OF the target */
static PgQuery__Node *lock_query(struct image *image, const char *target)
{
	struct rewrite *rw = image->rw;
	PgQuery__SelectStmt *select =
	    sql_copy(rw->arena, sql_wrap(rw->arena, image->select))
		->select_stmt;

	select->n_target_list = 0;
	select->n_distinct_clause = 0;
	SQL_APPEND(
	    rw->arena, select, target_list,
	    sql_target(rw->arena, NULL, sql_const_integer(rw->arena, 1)));
	SQL_APPEND(rw->arena, select, locking_clause, lock_of(image, target));
	return sql_wrap(rw->arena, select);
}

void write_image_lock_within(struct image *image,
			     const struct relation *relation)
{
	struct rewrite *rw = image->rw;

	if (write_lower_wants_steps(rw) && !relation->named)
		write_image_hoist(
		    rw, "lock",
		    lock_query(image, relation->alias)->select_stmt);
}

/* In steps, the query that finds the rows must also lock them. */
static void lock_found(struct image *image, const struct relation *relation)
{
	struct rewrite *rw = image->rw;

	if (!write_lower_wants_steps(rw) || relation->named)
		return;
	if (!image->distinct && !image->counts)
		SQL_APPEND(rw->arena, image->select, locking_clause,
			   lock_of(image, relation->alias));
	else if (!rw->touched.predicate.volatile_value)
		write_image_lock_within(image, relation);
}

void write_image_lock_first(struct image *image, const struct item *target)
{
	struct rewrite *rw = image->rw;
	const struct relation *relation = target->relation;

	if (rw->deferred)
		return;
	if (image->scope->ctes || rw->ctes.depth ||
	    rw->touched.predicate.volatile_value) {
		lock_found(image, relation);
		return;
	}
	if (!relation->named) {
		ARENA_PUSH(rw->arena, rw, step)->node =
		    lock_query(image, relation->alias);
		return;
	}
	/* One anchor after the other: UNION has no rows to lock. */
	for (size_t i = 0; rewrite_can_stand_alone(rw, relation) &&
			   i < relation->table->anchor_count;
	     i++) {
		PgQuery__Node *query = lock_query(image, relation->alias);

		rewrite_stand_alone(rw, relation, i, query);
		ARENA_PUSH(rw->arena, rw, step)->node = query;
	}
}

static void lock_derived_rows(struct image *image, const struct item *target)
{
	PgQuery__LockingClause lock = PG_QUERY__LOCKING_CLAUSE__INIT;

	lock.strength = lock_strength(image);
	lock.wait_policy = PG_QUERY__LOCK_WAIT_POLICY__LockWaitBlock;
	if (target->relation->named)
		rewrite_lock_derived(image->rw, target->relation, &lock);
}

/* ---- RETURNING ---- */

/* Of the other tables of the statement, as the image carries them. */
static void carry_item(struct image *image, struct scope *scope,
		       const struct item *item, size_t number)
{
	struct rewrite *rw = image->rw;
	struct item *carried = arena_alloc(rw->arena, sizeof(*carried));

	if (item->open)
		rewrite_fail(rw, -1,
			     "RETURNING beside \"%s\", whose columns are not "
			     "known",
			     item->name ? item->name : "a join");
	*carried = *item;
	carried->relation = image->item->relation;
	carried->columns =
	    arena_array(rw->arena, item->count + 1, sizeof(*carried->columns));
	for (size_t i = 0; i < item->count; i++) {
		struct source *source = arena_alloc(rw->arena, sizeof(*source));
		const char *name = arena_printf(
		    rw->arena, "parallax_from_%zu_%zu", number, i + 1);

		source->kind = SOURCE_PLAIN;
		source->relation = image->item->relation;
		source->name = name;
		source->facts = item->columns[i].source->facts;
		write_image_extra(image, name,
				  rewrite_source(rw, item->columns[i].source));
		carried->columns[i].name = item->columns[i].name;
		carried->columns[i].source = source;
	}
	rewrite_items_add(rw, &scope->items, carried);
}

static void carry_items(struct image *image, struct scope *scope,
			const struct scope *from, const struct item *target)
{
	for (size_t i = 0; i < from->items.count; i++)
		if (from->items.items[i] != target)
			carry_item(image, scope, from->items.items[i], i + 1);
}

struct answering { /* of an UPDATE or DELETE */
	const struct scope *outer, *from;
	const struct item *target;
	PgQuery__WithClause *with;
	size_t count; /* of RETURNING */
	PgQuery__Node **returning;
	struct outputs *outputs;
};

static PgQuery__SelectStmt *rows_of_image(struct image *image,
					  struct answering *answering)
{
	struct rewrite *rw = image->rw;
	struct scope *scope = rewrite_scope_new(rw, answering->outer, true);

	scope->ctes = answering->from->ctes;
	rewrite_items_add(rw, &scope->items, image->item);
	if (answering->count)
		carry_items(image, scope, answering->from, answering->target);
	rewrite_targets(rw, scope, &answering->count, &answering->returning,
			answering->outputs);
	return write_image_rows(image, answering->count, answering->returning,
				NULL);
}

static PgQuery__SelectStmt *rows_stored(struct image *image,
					const PgQuery__RangeVar *relation,
					struct answering *answering)
{
	struct rewrite *rw = image->rw;
	bool carries = answering->count && answering->from->items.count > 1;
	struct stored stored;

	write_stored_open(&stored, image, answering->outer,
			  answering->from->ctes, relation);
	if (carries)
		carry_items(image, stored.scope, answering->from,
			    answering->target);
	rewrite_targets(rw, stored.scope, &answering->count,
			&answering->returning, answering->outputs);
	return write_stored_rows(&stored, answering->count,
				 answering->returning, carries);
}

/* relation: of an UPDATE, as the statement names it; NULL: rows that go. */
static void write_answer(struct image *image, PgQuery__Node *query,
			 const PgQuery__RangeVar *relation,
			 struct answering *answering)
{
	PgQuery__SelectStmt *select =
	    relation && write_stored_is_needed(image, answering->target->name,
					       answering->count,
					       answering->returning)
		? rows_stored(image, relation, answering)
		: rows_of_image(image, answering);

	write_image_complete(image);
	write_image_answer(image, query, answering->with, select);
}

/* ---- rows of absorbed tables ---- */

/* An absorbed row goes: its columns of the other table's row are as new. */
static void clear_columns(struct image *image, const struct locators *found)
{
	struct rewrite *rw = image->rw;
	const struct lens_place *place = &image->table->places[0];
	PgQuery__UpdateStmt *update =
	    sql_new(rw->arena, &pg_query__update_stmt__descriptor);

	for (size_t w = 0; w < place->write_count; w++)
		SQL_APPEND(rw->arena, update, target_list,
			   sql_target(rw->arena, place->writes[w].target->name,
				      sql_default(rw->arena)));
	update->relation =
	    rewrite_range(rw, image->scope, place->table, IMAGE_TARGET)
		->range_var;
	SQL_APPEND(rw->arena, update, from_clause,
		   write_image_range(rw, image->item->relation->alias));
	update->where_clause = write_image_only_chosen(
	    image, write_image_is_anchor(image, found, 0));
	write_image_hoist(rw, "write", update);
}

bool write_image_changes_host(const struct image *image)
{
	const struct lens_place *place = &image->table->places[0];

	for (size_t j = 0; image->table->absorbed && j < place->join_count; j++)
		if (write_image_sets_any(image, place->joins[j].expression))
			return true;
	return false;
}

void write_image_spare_hosts(struct image *image, PgQuery__Node *comes)
{
	struct rewrite *rw = image->rw;
	PgQuery__UpdateStmt *update =
	    rw->ctes.hoisted[rw->ctes.hoisted_count - 1]
		->common_table_expr->ctequery->update_stmt;
	PgQuery__SelectStmt *select = write_image_rows(
	    image, 0, NULL,
	    rewrite_and(rw, comes, write_image_is_host(image, IMAGE_TARGET)));

	update->where_clause = rewrite_and(
	    rw, update->where_clause,
	    write_image_not(rw,
			    sql_sublink(rw->arena,
					PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK,
					sql_wrap(rw->arena, select))));
}

/* All of the row becomes part of another one. */
static void change_host(struct image *image, const struct locators *found)
{
	struct rewrite *rw = image->rw;
	bool *set = image->set;
	size_t count = image->table->column_count;

	image->set = arena_array(rw->arena, count + 1, sizeof(bool));
	for (size_t i = 0; i < count; i++)
		image->set[i] = true;
	write_image_update(image, &image->table->places[0],
			   write_image_is_host(image, IMAGE_TARGET));
	image->set = set;
	clear_columns(image, found);
	write_image_spare_hosts(image, write_image_only_chosen(image, NULL));
}

/* ---- the statements ---- */

void write_image_update_places(struct image *image,
			       const struct locators *found)
{
	bool moves = moves_rows(image);

	if (write_image_changes_host(image)) {
		change_host(image, found);
		return;
	}

	for (size_t i = 0; i < image->table->place_count; i++)
		if (i < image->table->anchor_count)
			update_anchor(image, found, i, moves);
		else
			update_part(image, found, i);
}

void write_spread_update_places(struct image *image, struct item *target)
{
	struct locators found = write_image_locate(image, target);

	if (image->distinct)
		make_distinct(image);
	write_image_start(image);
	write_image_update_places(image, &found);
}

void write_spread_update(struct rewrite *rw, const struct scope *outer,
			 PgQuery__Node *query, struct outputs *outputs,
			 bool top)
{
	PgQuery__UpdateStmt *update = query->update_stmt;
	struct scope *scope = rewrite_scope_new(rw, outer, true);
	PgQuery__Node *range = sql_wrap(rw->arena, update->relation);
	const PgQuery__RangeVar *relation =
	    sql_copy(rw->arena, range)->range_var;
	PgQuery__Node *filter = NULL;
	PgQuery__Node *others;
	struct set_values set;
	struct item *target;
	struct image *image;

	scope->ctes = rewrite_with(rw, outer, scope->ctes, update->with_clause);
	target = rewrite_open_target(rw, scope, &range, &filter);
	rewrite_refuse_cursor(rw, target->relation->table,
			      update->where_clause);
	others =
	    rewrite_from(rw, scope, update->from_clause, update->n_from_clause);
	filter = rewrite_and(rw, filter, others);
	rewrite_target_add(rw, scope, target);
	rewrite_predicate(rw, scope, &update->where_clause, true);
	write_read_set(rw, scope, target, update->n_target_list,
		       update->target_list, &set);
	image = write_image_new(rw, scope, target->relation->table,
				target->schema, target->name);
	SQL_APPEND(rw->arena, image->select, from_clause, range);
	for (size_t i = 0; i < update->n_from_clause; i++)
		SQL_APPEND(rw->arena, image->select, from_clause,
			   update->from_clause[i]);
	if (set.query)
		SQL_APPEND(rw->arena, image->select, from_clause,
			   range_of_query(image, &set));
	image->select->where_clause =
	    rewrite_and(rw, filter, update->where_clause);
	write_image_set(image, target, &set);
	write_add_lookups(rw, scope, image->select->from_clause,
			  image->select->n_from_clause,
			  image->select->where_clause, false);
	if (update->n_from_clause)
		image->distinct = true;
	else
		lock_derived_rows(image, target);
	write_image_lock_first(image, target);
	write_spread_update_places(image, target);
	write_answer(image, query, relation,
		     &(struct answering){outer, scope, target,
					 update->with_clause,
					 update->n_returning_list,
					 update->returning_list, outputs});
	if (top)
		rw->answer.order = ORDER_NONE;
}

void write_image_delete_places(struct image *image,
			       const struct locators *found)
{
	const struct lens_table *table = image->table;

	for (size_t i = table->anchor_count; i < table->place_count; i++)
		write_image_delete(image, &table->places[i],
				   write_image_is_part(image, found, i));
	for (size_t i = 0; !table->absorbed && i < table->anchor_count; i++)
		write_image_delete(image, &table->places[i],
				   write_image_is_anchor(image, found, i));
	if (table->absorbed)
		clear_columns(image, found);
}

void write_spread_delete(struct rewrite *rw, const struct scope *outer,
			 PgQuery__Node *query, struct outputs *outputs,
			 bool top)
{
	PgQuery__DeleteStmt *del = query->delete_stmt;
	struct scope *scope = rewrite_scope_new(rw, outer, true);
	PgQuery__Node *range = sql_wrap(rw->arena, del->relation);
	PgQuery__Node *filter = NULL;
	PgQuery__Node *others;
	struct item *target;
	struct image *image;
	struct locators found;
	const struct lens_table *table;

	scope->ctes = rewrite_with(rw, outer, scope->ctes, del->with_clause);
	target = rewrite_open_target(rw, scope, &range, &filter);
	table = target->relation->table;
	rewrite_refuse_cursor(rw, table, del->where_clause);
	others =
	    rewrite_from(rw, scope, del->using_clause, del->n_using_clause);
	filter = rewrite_and(rw, filter, others);
	rewrite_target_add(rw, scope, target);
	rewrite_predicate(rw, scope, &del->where_clause, true);
	image = write_image_new(rw, scope, table, target->schema, target->name);
	SQL_APPEND(rw->arena, image->select, from_clause, range);
	for (size_t i = 0; i < del->n_using_clause; i++)
		SQL_APPEND(rw->arena, image->select, from_clause,
			   del->using_clause[i]);
	image->select->where_clause =
	    rewrite_and(rw, filter, del->where_clause);
	write_image_set(image, target, NULL);
	image->deletes = !table->absorbed;
	found = write_image_locate(image, target);
	image->distinct = del->n_using_clause > 0;
	if (image->distinct)
		make_distinct(image);
	else
		lock_derived_rows(image, target);
	write_image_lock_first(image, target);
	write_image_start(image);
	write_image_delete_places(image, &found);
	write_answer(image, query, NULL,
		     &(struct answering){outer, scope, target, del->with_clause,
					 del->n_returning_list,
					 del->returning_list, outputs});
	if (top)
		rw->answer.order = ORDER_NONE;
}
