/*
 * INSERT of old rows that go to several new tables, or into another's rows:
 *
 *	INSERT INTO users (id, email, bio) VALUES (1, 'a', 'b')
 *
 *	WITH parallax_row_1 AS MATERIALIZED (SELECT old_row.id AS id, ... FROM
 *		(VALUES (1::integer, 'a'::text, 'b'::text)) AS old_row (...)),
 *	     parallax_write_2 AS (INSERT INTO accounts (id, mail) SELECT
 *		parallax_row_1.id, parallax_row_1.email FROM parallax_row_1),
 *	     parallax_write_3 AS (INSERT INTO profiles (account_id, bio)
 *		SELECT parallax_row_1.id, ... WHERE ... the part's `when` ...)
 *	SELECT FROM parallax_row_1
 *
 * One counter numbers all of these names.
 */
#include "lens/write/spread_insert.h"

#include <string.h>

#include "lens/compile/table.h"
#include "lens/compile/type.h"
#include "lens/rewrite/expression.h"
#include "lens/rewrite/from.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/recode.h"
#include "lens/rewrite/refuse.h"
#include "lens/rewrite/touched.h"
#include "lens/write/insert_row.h"
#include "lens/write/lookup.h"
#include "lens/write/spread_write.h"
#include "lens/write/stored.h"

bool write_spread_takes_insert(struct rewrite *rw,
			       const PgQuery__InsertStmt *statement)
{
	const struct scope bare = {.ctes = NULL};
	const struct cte *cte;
	bool known;
	const struct lens_table *table =
	    rewrite_scope_table(rw, &bare, statement->relation, &cte, &known);

	return table && !table->dropped &&
	       (lens_is_spread(table) || table->absorbed);
}

struct image *write_spread_insert_image(struct insert *insert,
					struct scope *scope)
{
	struct rewrite *rw = insert->rw;
	const PgQuery__RangeVar *var = insert->statement->relation;
	const struct scope bare = {.ctes = NULL};
	const struct cte *cte;
	bool known;
	const struct lens_table *table =
	    rewrite_scope_table(rw, &bare, var, &cte, &known);

	rewrite_note_table(rw, table, true);
	rw->mapped = true;
	return write_image_new(
	    rw, scope, table, var->alias ? NULL : table->old->schema,
	    var->alias ? var->alias->aliasname : var->relname);
}

/* All old columns of the rows: the given values, and the old defaults. */
static void fill_image(struct insert *insert, struct image *image)
{
	struct rewrite *rw = insert->rw;
	const struct lens_table *table = insert->table;
	PgQuery__Node *source = write_insert_source(insert);

	if (source)
		SQL_APPEND(rw->arena, image->select, from_clause, source);
	for (size_t i = 0; i < table->column_count; i++) {
		const struct lens_column *column = &table->columns[i];
		PgQuery__Node *value;

		image->set[i] = true;
		if (column->old->generated == GENERATED_STORED)
			continue;
		value =
		    source && insert->given[i] >= 0
			? sql_column(rw->arena, INSERT_ROW, column->old->name)
			: write_insert_value(insert, i, 0, false);
		/* Where none is carried, a pin is what generates it. */
		if (rewrite_is_pin(rw, value))
			value = sql_cast(rw->arena, value,
					 lens_type(rw->lens, rw->arena,
						   rw->lens->old_catalog,
						   column->old, true));
		else if (!(source && insert->given[i] >= 0) || !insert->rows ||
			 column->unpinned)
			value = rewrite_coerce(rw, column, value);
		image->values[i] = value;
	}
}

/* ---- into another's rows ---- */

PgQuery__Node *write_image_is_host(struct image *image, const char *alias)
{
	struct rewrite *rw = image->rw;
	const struct lens_place *place = &image->table->places[0];
	PgQuery__Node *condition = NULL;

	for (size_t j = 0; j < place->join_count; j++)
		condition = rewrite_and(
		    rw, condition,
		    sql_operator(rw->arena, "=",
				 sql_column(rw->arena, alias,
					    place->joins[j].target->name),
				 write_image_expression(
				     image, place->joins[j].expression)));
	return condition;
}

/* Rows are counted where there was one to take them. */
static PgQuery__Node *write_host(struct image *image)
{
	struct rewrite *rw = image->rw;
	const struct lens_place *place = &image->table->places[0];
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	PgQuery__UpdateStmt *update;
	const char *name;

	if (!write_image_update(image, place,
				write_image_is_host(image, IMAGE_TARGET)))
		return NULL;
	update = rw->ctes.hoisted[rw->ctes.hoisted_count - 1]
		     ->common_table_expr->ctequery->update_stmt;
	name = rw->ctes.hoisted[rw->ctes.hoisted_count - 1]
		   ->common_table_expr->ctename;
	for (size_t j = 0; j < place->join_count; j++)
		SQL_APPEND(
		    rw->arena, update, returning_list,
		    sql_target(rw->arena, NULL,
			       sql_column(rw->arena, IMAGE_TARGET,
					  place->joins[j].target->name)));
	SQL_APPEND(rw->arena, select, from_clause, write_image_range(rw, name));
	select->where_clause = write_image_is_host(image, name);
	return sql_sublink(rw->arena, PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK,
			   sql_wrap(rw->arena, select));
}

/* ---- ON CONFLICT ---- */

struct key_set { /* old columns that together are unique */
	size_t *columns;
	size_t count;
};

struct conflict {
	struct insert *insert;
	struct key_set *sets;
	size_t set_count;
	bool *lacks;		/* by old column: may be null, and must not */
	struct image *given[2]; /* the rows, before the new ones are known */
	size_t given_count;
};

static size_t *add_set(struct conflict *conflict, size_t width)
{
	struct key_set *set = &conflict->sets[conflict->set_count++];

	set->columns = arena_array(conflict->insert->rw->arena, width + 1,
				   sizeof(*set->columns));
	set->count = width;
	return set->columns;
}

static void add_key(struct conflict *conflict, const struct catalog_key *key)
{
	const struct lens_table *table = conflict->insert->table;
	size_t *columns = add_set(conflict, key->column_count);

	for (size_t c = 0; c < key->column_count; c++)
		for (size_t i = 0; i < table->column_count; i++)
			if (table->columns[i].old->number == key->columns[c])
				columns[c] = i;
}

static bool has_column(const struct lens_table *table,
		       const struct key_set *set, int16_t number)
{
	for (size_t i = 0; i < set->count; i++)
		if (table->columns[set->columns[i]].old->number == number)
			return true;
	return false;
}

static bool is_key(const struct lens_table *table, const struct key_set *set)
{
	for (size_t k = 0; k < table->old->key_count; k++) {
		const struct catalog_key *key = &table->old->keys[k];
		bool same = key->kind != KEY_FOREIGN && !key->partial &&
			    key->column_count == set->count;

		for (size_t c = 0; c < key->column_count; c++)
			same = same && has_column(table, set, key->columns[c]);
		if (same)
			return true;
	}
	return false;
}

static void add_elements(struct conflict *conflict,
			 const PgQuery__InferClause *infer)
{
	struct rewrite *rw = conflict->insert->rw;
	const struct lens_table *table = conflict->insert->table;
	size_t *columns = add_set(conflict, infer->n_index_elems);

	if (infer->where_clause)
		rewrite_fail(rw, infer->location,
			     "ON CONFLICT of a partial index of \"%s\"",
			     table->old->name);
	for (size_t n = 0; n < infer->n_index_elems; n++) {
		const PgQuery__IndexElem *element =
		    infer->index_elems[n]->index_elem;
		bool found = false;

		for (size_t i = 0; i < table->column_count; i++)
			if (same_name(table->columns[i].old->name,
				      element->name)) {
				columns[n] = i;
				found = true;
			}
		if (!found)
			rewrite_fail(rw, infer->location,
				     "ON CONFLICT of an expression of \"%s\"",
				     table->old->name);
	}
	if (!is_key(table, &conflict->sets[0]))
		rewrite_fail(rw, infer->location,
			     "ON CONFLICT of columns of \"%s\" that are no key",
			     table->old->name);
}

static void find_sets(struct conflict *conflict,
		      const PgQuery__InferClause *infer)
{
	struct rewrite *rw = conflict->insert->rw;
	const struct lens_table *table = conflict->insert->table;
	const char *name =
	    infer && SQL_SET(infer->conname) ? infer->conname : NULL;

	conflict->sets = arena_array(rw->arena, table->old->key_count + 2,
				     sizeof(*conflict->sets));
	if (infer && !name)
		add_elements(conflict, infer);
	for (size_t k = 0; (!infer || name) && k < table->old->key_count; k++) {
		const struct catalog_key *key = &table->old->keys[k];

		if (name ? same_name(key->name, name)
			 : key->kind != KEY_FOREIGN && !key->partial)
			add_key(conflict, key);
	}
	for (size_t s = 0; s < conflict->set_count; s++)
		for (size_t c = 0; c < conflict->sets[s].count; c++) {
			const struct lens_column *column =
			    &table->columns[conflict->sets[s].columns[c]];

			if (column->parted)
				rewrite_fail(rw, -1,
					     "ON CONFLICT of \"%s\", whose key "
					     "is not in one new table",
					     table->old->name);
		}
	if (name && !conflict->set_count)
		rewrite_fail(rw, infer->location,
			     "constraint \"%s\" is not known", name);
}

/* Whether a row with these values already exists. */
static PgQuery__Node *is_same(struct conflict *conflict,
			      const struct item *target,
			      PgQuery__Node *const *values)
{
	struct rewrite *rw = conflict->insert->rw;
	PgQuery__BoolExpr *any =
	    sql_new(rw->arena, &pg_query__bool_expr__descriptor);

	any->boolop = PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR;
	any->location = -1;
	for (size_t s = 0; s < conflict->set_count; s++) {
		const struct key_set *set = &conflict->sets[s];
		PgQuery__Node *same = NULL;

		for (size_t c = 0; c < set->count; c++)
			same = rewrite_and(
			    rw, same,
			    sql_operator(
				rw->arena, "=",
				rewrite_source(
				    rw,
				    target->columns[set->columns[c]].source),
				sql_copy(rw->arena, values[set->columns[c]])));
		SQL_APPEND(rw->arena, any, args, same);
	}
	return any->n_args == 1 ? any->args[0] : sql_wrap(rw->arena, any);
}

/* NOT EXISTS (SELECT FROM the old table WHERE it is the same) */
static PgQuery__Node *is_new(struct conflict *conflict,
			     PgQuery__Node *const *values, PgQuery__Node *first)
{
	struct insert *insert = conflict->insert;
	struct rewrite *rw = insert->rw;
	struct scope *scope = rewrite_scope_new(rw, insert->scope, true);
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	PgQuery__BoolExpr *any =
	    sql_new(rw->arena, &pg_query__bool_expr__descriptor);
	PgQuery__Node *range = sql_copy(
	    rw->arena, sql_wrap(rw->arena, insert->statement->relation));
	PgQuery__Node *filter = NULL;
	PgQuery__Node *there;
	struct item *target = rewrite_open_target(rw, scope, &range, &filter);

	SQL_APPEND(rw->arena, select, from_clause, range);
	select->where_clause =
	    rewrite_and(rw, filter, is_same(conflict, target, values));
	there = sql_sublink(rw->arena, PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK,
			    sql_wrap(rw->arena, select));
	any->boolop = PG_QUERY__BOOL_EXPR_TYPE__OR_EXPR;
	any->location = -1;
	SQL_APPEND(rw->arena, any, args,
		   rewrite_and(rw, first, write_image_not(rw, there)));
	for (size_t i = 0; i < insert->table->column_count; i++)
		if (conflict->lacks[i])
			SQL_APPEND(rw->arena, any, args,
				   sql_is_null(rw->arena,
					       sql_copy(rw->arena, values[i]),
					       false));
	return any->n_args == 1 ? any->args[0] : sql_wrap(rw->arena, any);
}

static PgQuery__Node **all_columns(struct image *image)
{
	size_t count = image->table->column_count;
	PgQuery__Node **values =
	    arena_array(image->rw->arena, count + 1, sizeof(*values));

	for (size_t i = 0; i < count; i++)
		if (image->values[i])
			values[i] = write_image_column(image, i);
	return values;
}

/* The existing rows, after DO UPDATE. */
static struct image *update_existing(struct conflict *conflict,
				     struct image *given,
				     PgQuery__OnConflictClause *clause)
{
	struct insert *insert = conflict->insert;
	struct rewrite *rw = insert->rw;
	struct scope *scope = rewrite_scope_new(rw, insert->scope, true);
	PgQuery__Node *range = sql_copy(
	    rw->arena, sql_wrap(rw->arena, insert->statement->relation));
	struct item *excluded = arena_alloc(rw->arena, sizeof(*excluded));
	PgQuery__Node *filter = NULL;
	struct item *target = rewrite_open_target(rw, scope, &range, &filter);
	struct set_values set;
	struct image *image;

	*excluded = *given->item;
	excluded->schema = NULL;
	excluded->name = "excluded";
	excluded->columns_visible = false;
	rewrite_items_add(rw, &scope->items, target);
	rewrite_items_add(rw, &scope->items, excluded);
	filter = rewrite_and(rw, filter,
			     is_same(conflict, target, all_columns(given)));
	rewrite_predicate(rw, scope, &clause->where_clause, true);
	write_read_set(rw, scope, target, clause->n_target_list,
		       clause->target_list, &set);
	if (set.query)
		rewrite_fail(rw, clause->location,
			     "ON CONFLICT sets columns of \"%s\" from a row "
			     "sub-query",
			     insert->table->old->name);
	image = write_image_new(rw, scope, insert->table, target->schema,
				target->name);
	SQL_APPEND(rw->arena, image->select, from_clause, range);
	SQL_APPEND(rw->arena, image->select, from_clause,
		   write_image_range(rw, given->item->relation->alias));
	image->select->where_clause =
	    rewrite_and(rw, filter, clause->where_clause);
	write_image_set(image, target, &set);
	write_add_lookups(rw, scope, image->select->from_clause,
			  image->select->n_from_clause,
			  image->select->where_clause, true);
	write_image_lock_within(image, target->relation);
	write_spread_update_places(image, target);
	return image;
}

/* ---- the statement ---- */

PgQuery__Node *write_image_insert_places(struct image *image)
{
	const struct lens_table *table = image->table;

	if (table->absorbed)
		return write_host(image);
	for (size_t i = 0; i < table->place_count; i++) {
		const struct lens_place *place = &table->places[i];

		write_image_insert(
		    image, place,
		    i < table->anchor_count
			? write_image_is_in(image, i, false)
			: write_image_condition(image, place->when, false));
	}
	return NULL;
}

static bool is_value(const PgQuery__Node *value)
{
	while (SQL_IS(value, TYPE_CAST))
		value = value->type_cast->arg;
	return SQL_IS(value, A_CONST) && !value->a_const->isnull;
}

/* Whether a required column of the old table may be null in some row. */
static bool may_lack(const struct insert *insert, const struct image *image,
		     size_t column)
{
	const struct catalog_column *old = insert->table->columns[column].old;
	ptrdiff_t at = insert->given[column];

	if (!old->not_null || !image->values[column] ||
	    rewrite_is_pin(insert->rw, image->values[column]))
		return false;
	if (at < 0)
		return false; /* its default */
	if (!insert->rows)
		return true;
	for (size_t r = 0; r < insert->row_count; r++)
		if (!is_value(insert->rows[r][at]))
			return true;
	return false;
}

/* The old table refuses such a row before it looks for one that is there: it
 * goes in, to be refused. */
static void find_lacks(struct conflict *conflict, const struct image *image)
{
	struct insert *insert = conflict->insert;

	conflict->lacks = arena_array(
	    insert->rw->arena, insert->table->column_count + 1, sizeof(bool));
	for (size_t i = 0; i < insert->table->column_count; i++)
		conflict->lacks[i] = may_lack(insert, image, i);
}

/* Puts an image before this one, which reads all of it. */
static struct image *precede(struct conflict *conflict, struct image *image)
{
	struct insert *insert = conflict->insert;
	struct rewrite *rw = insert->rw;
	struct image *given =
	    write_image_new(rw, rewrite_scope_new(rw, insert->scope, true),
			    insert->table, NULL, "excluded");

	given->select = image->select;
	given->values = image->values;
	given->set = image->set;
	image->select = sql_select(rw->arena);
	write_image_start(given);
	image->values = all_columns(given);
	SQL_APPEND(rw->arena, image->select, from_clause,
		   write_image_range(rw, given->item->relation->alias));
	conflict->given[conflict->given_count++] = given;
	return given;
}

static void partition_by(struct rewrite *rw, const struct key_set *set,
			 PgQuery__Node *const *values,
			 PgQuery__WindowDef *window)
{
	window->n_partition_clause = 0;
	for (size_t c = 0; c < set->count; c++)
		SQL_APPEND(rw->arena, window, partition_clause,
			   sql_copy(rw->arena, values[set->columns[c]]));
}

/* No other row of the statement before it has its key, or that is null. */
static PgQuery__Node *is_first(struct rewrite *rw, const struct key_set *set,
			       PgQuery__Node *const *values,
			       PgQuery__Node *order)
{
	PgQuery__Node *first = write_image_parsed(
	    rw, "row_number() OVER (PARTITION BY 1 ORDER BY 1) = 1 OR false");
	PgQuery__BoolExpr *any = first->bool_expr;
	PgQuery__WindowDef *window =
	    any->args[0]->a_expr->lexpr->func_call->over;

	partition_by(rw, set, values, window);
	window->order_clause[0]->sort_by->node = sql_copy(rw->arena, order);
	any->n_args = 1;
	for (size_t c = 0; c < set->count; c++)
		SQL_APPEND(
		    rw->arena, any, args,
		    sql_is_null(rw->arena,
				sql_copy(rw->arena, values[set->columns[c]]),
				false));
	return first;
}

/* Of rows that are the same among themselves the first goes in; and a key that
 * is generated (or computed at all) is computed once. */
static void settle_keys(struct conflict *conflict, struct image *image)
{
	struct insert *insert = conflict->insert;
	struct rewrite *rw = insert->rw;
	bool several = !insert->rows || insert->row_count > 1;
	PgQuery__Node *order, *first = NULL;
	bool settled = true;

	for (size_t s = 0; s < conflict->set_count; s++)
		for (size_t c = 0; c < conflict->sets[s].count; c++)
			settled &= write_image_is_settled(
			    image->values[conflict->sets[s].columns[c]]);
	if (!several && settled)
		return;
	order =
	    write_image_extra(precede(conflict, image), "parallax_order",
			      write_image_parsed(rw, "row_number() OVER ()"));
	if (!several)
		return;
	for (size_t s = 0; s < conflict->set_count; s++)
		first = rewrite_and(
		    rw, first,
		    is_first(rw, &conflict->sets[s], image->values, order));
	first = write_image_extra(precede(conflict, image), "parallax_first",
				  first);
	image->select->where_clause = first;
}

/* Two rows of one statement conflict with one existing row. */
static void refuse_same(const struct conflict *conflict, struct image *image,
			PgQuery__Node *const *given)
{
	const struct key_set *set = &conflict->sets[0];
	PgQuery__Node **keys =
	    arena_array(image->rw->arena, set->count + 1, sizeof(*keys));

	for (size_t c = 0; c < set->count; c++)
		keys[c] = given[set->columns[c]];
	write_image_refuse_twice(image, keys, set->count);
}

/* ---- the answer ---- */

static PgQuery__SelectStmt *inserted_rows(struct insert *insert,
					  struct image *image,
					  PgQuery__Node *where)
{
	PgQuery__InsertStmt *statement = insert->statement;

	return insert->stored
		   ? write_stored_rows(insert->stored,
				       statement->n_returning_list,
				       statement->returning_list, false)
		   : write_image_rows(image, statement->n_returning_list,
				      statement->returning_list, where);
}

/* RETURNING again, as it was written, of other rows. */
static PgQuery__Node **returning_again(struct insert *insert,
				       struct scope *scope, size_t *count)
{
	struct rewrite *rw = insert->rw;
	PgQuery__Node **returning =
	    arena_array(rw->arena, insert->returning_count + 1, sizeof(void *));
	struct outputs ignored = {0};

	*count = insert->returning_count;
	for (size_t i = 0; i < *count; i++)
		returning[i] = sql_copy(rw->arena, insert->returning[i]);
	rewrite_targets(rw, scope, count, &returning, &ignored);
	return returning;
}

static struct scope *scope_of_image(struct insert *insert, struct image *image)
{
	struct rewrite *rw = insert->rw;
	struct scope *scope = rewrite_scope_new(rw, insert->scope, true);

	rewrite_items_add(rw, &scope->items, image->item);
	return scope;
}

/* The rows that were there, in the same way as those that were not. */
static PgQuery__SelectStmt *updated_rows(struct insert *insert,
					 struct image *updated)
{
	struct stored stored;
	PgQuery__Node **returning;
	size_t count;

	if (!insert->stored) {
		returning = returning_again(
		    insert, scope_of_image(insert, updated), &count);
		return write_image_rows(updated, count, returning, NULL);
	}
	write_stored_open(&stored, updated, insert->scope->outer,
			  insert->scope->ctes, insert->statement->relation);
	returning = returning_again(insert, stored.scope, &count);
	return write_stored_rows(&stored, count, returning, false);
}

/* Where what an UPDATE stores cannot be read, neither is what is inserted. */
static void answer_from_image(struct insert *insert, struct image *image)
{
	PgQuery__InsertStmt *statement = insert->statement;

	if (!insert->stored)
		return;
	insert->stored = NULL;
	statement->returning_list =
	    returning_again(insert, scope_of_image(insert, image),
			    &statement->n_returning_list);
}

/* Existing rows are updated, the others are inserted. */
static PgQuery__SelectStmt *insert_or_update(struct conflict *conflict,
					     struct image *image)
{
	struct insert *insert = conflict->insert;
	struct rewrite *rw = insert->rw;
	PgQuery__InsertStmt *statement = insert->statement;
	struct image *given =
	    write_image_new(rw, rewrite_scope_new(rw, insert->scope, true),
			    insert->table, NULL, "excluded");
	struct image *updated;
	PgQuery__SelectStmt *inserts, *updates;
	PgQuery__Node *where;

	*given = (struct image){.rw = given->rw,
				.scope = given->scope,
				.table = given->table,
				.item = given->item,
				.select = image->select,
				.values = image->values,
				.set = image->set};
	image->select = sql_select(rw->arena);
	write_image_start(given);
	image->values = all_columns(given);
	SQL_APPEND(rw->arena, image->select, from_clause,
		   write_image_range(rw, given->item->relation->alias));
	image->select->where_clause = is_new(conflict, image->values, NULL);
	updated =
	    update_existing(conflict, given, statement->on_conflict_clause);
	refuse_same(conflict, image, image->values);
	refuse_same(conflict, updated, image->values);
	write_image_start(image);
	where = write_image_insert_places(image);
	if (!write_stored_is_possible(updated))
		answer_from_image(insert, image);
	updates = updated_rows(insert, updated);
	inserts = inserted_rows(insert, image, where);
	write_image_complete(given);
	write_image_complete(updated);
	write_image_complete(image);
	return write_image_union(rw, inserts, updates);
}

void write_spread_insert(struct insert *insert, struct image *image,
			 PgQuery__Node *query)
{
	PgQuery__InsertStmt *statement = insert->statement;
	PgQuery__OnConflictClause *clause = statement->on_conflict_clause;
	struct conflict conflict = {.insert = insert};
	PgQuery__SelectStmt *answer;
	PgQuery__Node *where;

	write_insert_check_writable(insert);
	if (insert->parts)
		rewrite_fail(insert->rw, -1,
			     "a part of a column is written, of a table whose "
			     "rows are in several");
	fill_image(insert, image);
	if (clause) {
		find_sets(&conflict, clause->infer);
		find_lacks(&conflict, image);
		insert->rw->touched.looks_first = true;
	}
	if (clause &&
	    clause->action == PG_QUERY__ON_CONFLICT_ACTION__ONCONFLICT_UPDATE) {
		answer = insert_or_update(&conflict, image);
		write_image_answer(image, query, statement->with_clause,
				   answer);
		return;
	}
	if (clause && conflict.set_count) {
		settle_keys(&conflict, image);
		image->select->where_clause = is_new(
		    &conflict, image->values, image->select->where_clause);
	}
	write_image_start(image);
	where = write_image_insert_places(image);
	for (size_t i = 0; i < conflict.given_count; i++)
		write_image_complete(conflict.given[i]);
	write_image_complete(image);
	answer = inserted_rows(insert, image, where);
	write_image_answer(image, query, statement->with_clause, answer);
}
