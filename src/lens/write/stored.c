/*
 * RETURNING of an INSERT or UPDATE of several tables, where a trigger, a generated
 * column or a new column's type may change what was written. The old table is read
 * as any query reads it, but for each new table that the statement wrote stands
 * what its write returns:
 *
 *	INSERT INTO users (id, email, bio) VALUES (1, 'a', 'b')
 *	RETURNING id, email, bio
 *
 *	WITH parallax_row_1 AS (SELECT ... the old row ...),
 *	     parallax_write_2 AS (INSERT INTO accounts (id, mail) SELECT ...
 *		RETURNING id, mail),
 *	     parallax_write_3 AS (INSERT INTO profiles (account_id, bio) SELECT ...
 *		RETURNING account_id, bio)
 *	SELECT users.id, users.mail AS email, profiles.bio
 *	FROM parallax_write_2 AS users
 *	LEFT JOIN parallax_write_3 AS profiles ON profiles.account_id = users.id
 *
 * A table that an UPDATE leaves as it is stays, and is joined to the image by the
 * anchor's key. Where nothing can change what is returned, the image answers.
 */
#include "lens/write/stored.h"

#include <stdio.h>
#include <string.h>

#include "lens/compile/table.h"
#include "lens/rewrite/from.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/refuse.h"
#include "lens/write/returning.h"

/* Of the image, and of what an UPDATE of it returns. */
#define KEY "parallax_key_"

/* A new table in the FROM of an answer. */
struct stored_range {
	struct image *image;
	const struct lens_place *place;
	PgQuery__RangeVar *var;
	PgQuery__SelectStmt *answer;
};

static void walk(struct rewrite *rw, PgQuery__Node **node,
		 const struct sql_visitor *visitor)
{
	struct error error;

	error_init(&error);
	if (sql_walk(node, visitor, &error) < 0)
		rewrite_fail(rw, -1, "%s", error.message);
}

/* ---- what is returned ---- */

struct naming {
	const struct lens_table *table;
	const char *name; /* of the table in the statement */
	bool *named;	  /* by old column */
};

static enum sql_step note_name(struct sql_place *place, void *context,
			       struct error *error)
{
	struct naming *naming = context;
	const PgQuery__ColumnRef *ref;
	const char *last;

	(void)error;
	if (!SQL_AT(place, column_ref))
		return SQL_STEP_INTO;
	ref = (const PgQuery__ColumnRef *)place->message;
	last = sql_string_value(ref->fields[ref->n_fields - 1]);
	for (size_t i = 0; i < naming->table->column_count; i++)
		if (!last || same_name(last, naming->name) ||
		    same_name(last, naming->table->columns[i].old->name))
			naming->named[i] = true;
	return SQL_STEP_OVER;
}

/* Old columns that the list may name, before it is rewritten. */
static bool *named_columns(struct image *image, const char *name, size_t count,
			   PgQuery__Node *const *returning)
{
	struct arena *arena = image->rw->arena;
	struct naming naming = {
	    image->table, name,
	    arena_array(arena, image->table->column_count + 1, sizeof(bool))};
	struct sql_visitor visitor = {note_name, NULL, &naming};

	for (size_t i = 0; i < count; i++) {
		PgQuery__Node *node = returning[i];

		walk(image->rw, &node, &visitor);
	}
	return naming.named;
}

/* ---- where it is ---- */

static bool is_insert(const struct image *image)
{
	return !image->before;
}

/* The write of that kind; 0: of any. */
static const struct image_write *find_write(const struct image *image,
					    const struct lens_place *place,
					    PgQuery__Node__NodeCase kind)
{
	for (size_t i = 0; i < image->write_count; i++)
		if (image->writes[i].place == place &&
		    (!kind || image->writes[i].query->node_case == kind))
			return &image->writes[i];
	return NULL;
}

static bool is_written(const struct image *image,
		       const struct lens_place *place)
{
	return is_insert(image) || find_write(image, place, 0);
}

struct column_reads {
	const struct lens_table *table;
	bool *places;	/* by place: its row is read */
	bool reads_new; /* a query within reads one of the new tables */
};

static enum sql_step note_place(struct sql_place *place, void *context,
				struct error *error)
{
	struct column_reads *reading = context;
	const struct lens_table *table = reading->table;
	const PgQuery__ColumnRef *ref =
	    (const PgQuery__ColumnRef *)place->message;
	const PgQuery__RangeVar *var =
	    (const PgQuery__RangeVar *)place->message;

	(void)error;
	for (size_t i = 0; i < table->place_count; i++) {
		const struct lens_place *at = &table->places[i];

		if (SQL_AT(place, column_ref) &&
		    same_name(sql_string_value(ref->fields[0]), at->row))
			reading->places[i] = true;
		if (SQL_AT(place, range_var) &&
		    same_name(var->relname, at->table->name))
			reading->reads_new = true;
	}
	return SQL_STEP_INTO;
}

static struct column_reads read_column(const struct image *image,
				       const struct lens_column *column)
{
	const struct lens_table *table = image->table;
	struct arena *arena = image->rw->arena;
	struct column_reads reading = {
	    table, arena_array(arena, table->place_count + 1, sizeof(bool)),
	    false};
	struct sql_visitor visitor = {note_place, NULL, &reading};
	PgQuery__Node *read = column->read;

	if (read)
		walk(image->rw, &read, &visitor);
	for (size_t i = 0; !read && i < table->place_count; i++)
		reading.places[i] = column->place ? i == column->place
						  : i < table->anchor_count;
	return reading;
}

/* ---- can a place change it? ---- */

/* What is written into the place's column is the value itself, and the column
 * holds it as it is. */
static bool is_copied(const struct lens_column *column,
		      const struct lens_place *place)
{
	for (size_t w = 0; w < place->write_count; w++) {
		const struct lens_write *write = &place->writes[w];

		if (same_name(write->target->name, column->stored->name))
			return !write->expression &&
			       write->source == column->index &&
			       write->target->generated != GENERATED_STORED &&
			       write->target->modifier == column->old->modifier;
	}
	/* An absorbed row's key finds its host, which has it. */
	for (size_t j = 0; j < place->join_count; j++)
		if (same_name(place->joins[j].target->name,
			      column->stored->name))
			return true;
	return false;
}

static bool may_change(const struct image *image,
		       const struct lens_column *column)
{
	const struct lens_table *table = image->table;
	struct column_reads reading = read_column(image, column);
	bool plain = !column->read && !column->lookup && !column->values &&
		     !column->retyped;

	for (size_t i = 0; !column->dropped && i < table->place_count; i++) {
		const struct lens_place *place = &table->places[i];

		if (reading.places[i] && is_written(image, place) &&
		    (!plain || place->table->has_triggers ||
		     !is_copied(column, place)))
			return true;
	}
	return false;
}

/* A trigger can leave a row out, which is then not counted either. */
static bool may_leave_out(const struct image *image)
{
	const struct lens_table *table = image->table;

	for (size_t i = 0; i < table->anchor_count; i++)
		if (table->places[i].table->has_triggers &&
		    is_written(image, &table->places[i]))
			return true;
	return false;
}

/* ---- can it be read? ---- */

static bool anchors_are_written(const struct image *image)
{
	const struct lens_table *table = image->table;

	for (size_t i = 0; i < table->anchor_count; i++)
		if (!is_written(image, &table->places[i]))
			return false;
	return true;
}

static bool moves_rows(const struct image *image)
{
	const struct lens_table *table = image->table;

	for (size_t i = 0; !is_insert(image) && i < table->anchor_count; i++)
		if (find_write(image, &table->places[i],
			       PG_QUERY__NODE__NODE_INSERT_STMT))
			return true;
	return false;
}

static bool sets_key(const struct image *image)
{
	for (size_t k = 0; k < image->key_count; k++) {
		bool known = false;

		for (size_t i = 0; i < image->table->anchor_count; i++) {
			const struct lens_place *place =
			    &image->table->places[i];

			for (size_t w = 0; w < place->write_count; w++) {
				if (!same_name(place->writes[w].target->name,
					       image->key_names[k]))
					continue;
				known = true;
				if (write_image_sets(image,
						     place->writes[w].inputs))
					return true;
			}
		}
		if (!known)
			return true;
	}
	return false;
}

static bool writes_any(const struct lens_place *place)
{
	for (size_t w = 0; w < place->write_count; w++)
		if (place->writes[w].target->generated != GENERATED_STORED)
			return true;
	return false;
}

/* What the INSERT of a place names: its key must be among it. */
static bool gives(const struct lens_place *place,
		  const struct catalog_column *column)
{
	if (column->generated == GENERATED_STORED)
		return false;
	for (size_t w = 0; w < place->write_count; w++)
		if (place->writes[w].target == column)
			return true;
	for (size_t e = 0; e < place->extra_count; e++)
		if (place->extras[e].target == column)
			return true;
	return false;
}

static bool gives_key(const struct lens_place *place)
{
	const struct catalog_table *table = place->table;

	for (size_t k = 0; k < table->key_count; k++) {
		const struct catalog_key *key = &table->keys[k];
		bool given = write_returning_is_sure(table, key);

		for (size_t c = 0; given && c < key->column_count; c++)
			given = gives(place, catalog_column_number(
						 table, key->columns[c]));
		if (given)
			return true;
	}
	return false;
}

static bool inserts_into(const struct image *image,
			 const struct lens_place *place)
{
	return is_insert(image)
		   ? !image->table->absorbed
		   : find_write(image, place,
				PG_QUERY__NODE__NODE_INSERT_STMT) != NULL;
}

/* Whether all that the statement leaves in a place was returned by its writes,
 * or none of it. */
static bool place_returns(const struct image *image,
			  const struct lens_place *place)
{
	if (!is_written(image, place))
		return true;
	if (place->table->has_rules)
		return false; /* a rule has no RETURNING */
	if (!lens_new_dialect(image->rw->lens)->returning &&
	    inserts_into(image, place) && !gives_key(place))
		return false;
	if (is_insert(image))
		return !image->table->absorbed || writes_any(place);
	/* Rows that stay where they are may need no write. */
	return find_write(image, place, PG_QUERY__NODE__NODE_UPDATE_STMT);
}

bool write_stored_is_possible(const struct image *image)
{
	/* Rows that move are found by their keys beside other tables' rows. */
	if (image->distinct && moves_rows(image) && sets_key(image))
		return false;
	for (size_t i = 0; i < image->table->place_count; i++)
		if (!place_returns(image, &image->table->places[i]))
			return false;
	return true;
}

static bool is_readable(const struct image *image,
			const struct lens_column *column)
{
	return !column->misfit && (column->read || column->stored) &&
	       !read_column(image, column).reads_new;
}

bool write_stored_is_needed(struct image *image, const char *name, size_t count,
			    PgQuery__Node *const *returning)
{
	const struct lens_table *table = image->table;
	bool *named = named_columns(image, name, count, returning);
	bool needed = may_leave_out(image);

	for (size_t i = 0; i < table->column_count; i++) {
		const struct lens_column *column = &table->columns[i];

		/* Of several anchors all columns are read at first. */
		if ((named[i] || lens_is_derived(table)) &&
		    !is_readable(image, column))
			return false;
		needed |= named[i] && may_change(image, column);
	}
	return needed && write_stored_is_possible(image);
}

/* ---- the answer ---- */

void write_stored_open(struct stored *stored, struct image *image,
		       const struct scope *outer, const struct cte *ctes,
		       const PgQuery__RangeVar *relation)
{
	struct rewrite *rw = image->rw;
	PgQuery__Node *filter;

	stored->image = image;
	stored->scope = rewrite_scope_new(rw, outer, true);
	stored->scope->ctes = ctes;
	stored->range =
	    sql_wrap(rw->arena, sql_copy_message(rw->arena, &relation->base));
	/* The rows were written: they need not be told from others. */
	stored->item =
	    rewrite_open_target(rw, stored->scope, &stored->range, &filter);
	rewrite_items_add(rw, &stored->scope->items, stored->item);
}

static const char *alias_of(const PgQuery__RangeVar *var)
{
	return var->alias ? var->alias->aliasname : var->relname;
}

/* The joins of an anchor with its parts; gives the anchor. */
static PgQuery__RangeVar *note_ranges(const struct stored *stored,
				      size_t anchor, PgQuery__Node *from,
				      PgQuery__SelectStmt *answer)
{
	struct rewrite *rw = stored->image->rw;
	const struct lens_table *table = stored->image->table;
	size_t place = table->place_count;

	while (SQL_IS(from, JOIN_EXPR)) {
		*ARENA_PUSH(rw->arena, &rw->finish, range) =
		    (struct stored_range){
			stored->image, &table->places[--place],
			from->join_expr->rarg->range_var, answer};
		from = from->join_expr->larg;
	}
	*ARENA_PUSH(rw->arena, &rw->finish, range) = (struct stored_range){
	    stored->image, &table->places[anchor], from->range_var, answer};
	return from->range_var;
}

/* What has the anchor's key as the image has it. */
static PgQuery__Node *key_there(const struct stored *stored, size_t anchor,
				const PgQuery__RangeVar *var, size_t k)
{
	const struct image *image = stored->image;
	struct arena *arena = image->rw->arena;
	const char *name = is_written(image, &image->table->places[anchor])
			       ? arena_printf(arena, KEY "%zu", k + 1)
			       : image->key_names[k];

	return sql_column(arena, alias_of(var), name);
}

/* FROM ..., parallax_row_1 WHERE the anchor's key is the image's */
static void join_image(const struct stored *stored,
		       const PgQuery__RangeVar *const *anchors,
		       PgQuery__SelectStmt **arms, PgQuery__SelectStmt *answer)
{
	const struct image *image = stored->image;
	struct rewrite *rw = image->rw;
	const char *row = image->item->relation->alias;
	size_t count = image->table->anchor_count;

	for (size_t k = 0; k <= image->key_count; k++) {
		bool is_place = k == image->key_count;
		const char *name =
		    is_place ? "parallax_place"
			     : arena_printf(rw->arena, KEY "%zu", k + 1);
		PgQuery__Node *there = NULL;

		/* A row that moves is in another place than the image says. */
		if (is_place && (!arms || moves_rows(image)))
			continue;
		for (size_t a = 0; a < count; a++) {
			there = is_place
				    ? sql_const_integer(rw->arena, (int64_t)a)
				    : key_there(stored, a, anchors[a], k);
			if (arms)
				SQL_APPEND(rw->arena, arms[a], target_list,
					   sql_target(rw->arena, name, there));
		}
		if (arms)
			there = sql_column(rw->arena,
					   stored->item->relation->alias, name);
		answer->where_clause =
		    rewrite_and(rw, answer->where_clause,
				sql_operator(rw->arena, "=", there,
					     sql_column(rw->arena, row, name)));
	}
	SQL_APPEND(rw->arena, answer, from_clause, write_image_range(rw, row));
}

PgQuery__SelectStmt *write_stored_rows(struct stored *stored, size_t count,
				       PgQuery__Node **returning, bool carries)
{
	struct image *image = stored->image;
	struct rewrite *rw = image->rw;
	size_t anchor_count = image->table->anchor_count;
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	PgQuery__SelectStmt **arms = rewrite_arms(rw, stored->item->relation);
	const PgQuery__RangeVar **anchors =
	    arena_array(rw->arena, anchor_count + 1, sizeof(*anchors));

	select->n_target_list = count;
	select->target_list = returning;
	SQL_APPEND(rw->arena, select, from_clause, stored->range);
	for (size_t a = 0; a < anchor_count; a++) {
		anchors[a] = note_ranges(
		    stored, a, arms ? arms[a]->from_clause[0] : stored->range,
		    select);
		if (arms && is_written(image, &image->table->places[a]))
			arms[a]->where_clause = NULL;
	}
	if (carries || !anchors_are_written(image))
		join_image(stored, anchors, arms, select);
	return select;
}

/* ---- what the writes return ---- */

struct usage {
	struct rewrite *rw;
	const PgQuery__RangeVar *var;
	const PgQuery__WithClause *with; /* before the answer: not entered */
	const char **names; /* columns of it that the answer names */
	size_t name_count, name_capacity;
	PgQuery__Node **slot;
};

static enum sql_step note_use(struct sql_place *place, void *context,
			      struct error *error)
{
	struct usage *usage = context;
	const PgQuery__ColumnRef *ref =
	    (const PgQuery__ColumnRef *)place->message;
	const char *name;

	(void)error;
	if ((const void *)place->message == usage->with)
		return SQL_STEP_OVER;
	if (SQL_AT(place, range_var) &&
	    (const void *)place->message == usage->var)
		usage->slot = place->slot;
	if (!SQL_AT(place, column_ref) || ref->n_fields != 2 ||
	    !same_name(sql_string_value(ref->fields[0]), alias_of(usage->var)))
		return SQL_STEP_INTO;
	name = sql_string_value(ref->fields[1]);
	for (size_t i = 0; i < usage->name_count; i++)
		if (same_name(usage->names[i], name))
			return SQL_STEP_OVER;
	*ARENA_PUSH(usage->rw->arena, usage, name) = name;
	return SQL_STEP_OVER;
}

static bool returns(size_t count, PgQuery__Node *const *list, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		const PgQuery__ResTarget *target = list[i]->res_target;
		const PgQuery__ColumnRef *ref =
		    SQL_AS(target->val, COLUMN_REF, column_ref);

		if (SQL_SET(target->name)
			? same_name(target->name, name)
			: ref && same_name(sql_string_value(
					       ref->fields[ref->n_fields - 1]),
					   name))
			return true;
	}
	return false;
}

/* A column of the row that was written, or the key that the image has for it. */
static PgQuery__Node *returned(const struct image *image,
			       const struct image_write *write,
			       const char *name)
{
	struct arena *arena = image->rw->arena;
	const char *from = NULL, *column = name;
	size_t key = 0;

	sscanf(name, KEY "%zu", &key);
	if (SQL_IS(write->query, UPDATE_STMT))
		from = key ? image->item->relation->alias : IMAGE_TARGET;
	else if (key)
		column = image->key_names[key - 1];
	return sql_target(arena, column == name ? NULL : name,
			  sql_column(arena, from, column));
}

static void return_columns(const struct image *image,
			   const struct image_write *write,
			   const struct usage *usage)
{
	PgQuery__InsertStmt *insert =
	    SQL_AS(write->query, INSERT_STMT, insert_stmt);
	PgQuery__UpdateStmt *update =
	    SQL_AS(write->query, UPDATE_STMT, update_stmt);
	size_t *count =
	    insert ? &insert->n_returning_list : &update->n_returning_list;
	PgQuery__Node ***list =
	    insert ? &insert->returning_list : &update->returning_list;
	struct arena *arena = image->rw->arena;

	for (size_t i = 0; i < usage->name_count; i++)
		if (!returns(*count, *list, usage->names[i]))
			sql_append(arena, count, list,
				   returned(image, write, usage->names[i]));
	if (!*count)
		sql_append(arena, count, list,
			   sql_target(arena, "parallax_one",
				      sql_const_integer(arena, 1)));
}

static PgQuery__SelectStmt *select_returned(struct rewrite *rw,
					    const struct image_write *write,
					    const struct usage *usage)
{
	PgQuery__SelectStmt *select = sql_select(rw->arena);

	for (size_t i = 0; i < usage->name_count; i++)
		SQL_APPEND(
		    rw->arena, select, target_list,
		    sql_target(rw->arena, NULL,
			       sql_column(rw->arena, NULL, usage->names[i])));
	SQL_APPEND(rw->arena, select, from_clause,
		   write_image_range(rw, write->name));
	return select;
}

/* All that was written into the place, one after the other. */
static PgQuery__Node *range_of_writes(const struct stored_range *range,
				      const struct usage *usage)
{
	const struct image *image = range->image;
	struct rewrite *rw = image->rw;
	const char *alias = alias_of(range->var);
	const struct image_write *first = NULL;
	PgQuery__SelectStmt *all = NULL;
	PgQuery__Node *node;

	for (size_t i = 0; i < image->write_count; i++) {
		const struct image_write *write = &image->writes[i];
		PgQuery__SelectStmt *one;

		if (write->place != range->place)
			continue;
		return_columns(image, write, usage);
		one = select_returned(rw, write, usage);
		all = first ? write_image_union(rw, all, one) : one;
		first = first ? first : write;
	}
	if (!first || all->op == PG_QUERY__SET_OPERATION__SETOP_UNION)
		return first ? sql_range_subselect(rw->arena,
						   sql_wrap(rw->arena, all),
						   alias, NULL, 0)
			     : NULL;
	node = write_image_range(rw, first->name);
	node->range_var->alias = sql_alias(rw->arena, alias, NULL, 0);
	return node;
}

void write_stored_finish(struct rewrite *rw)
{
	for (size_t i = 0; i < rw->finish.range_count; i++) {
		struct stored_range *range = &rw->finish.ranges[i];
		struct usage usage = {.rw = rw,
				      .var = range->var,
				      .with = range->answer->with_clause};
		struct sql_visitor visitor = {note_use, NULL, &usage};
		PgQuery__Node *root = sql_wrap(rw->arena, range->answer);

		if (!is_written(range->image, range->place))
			continue;
		walk(rw, &root, &visitor);
		if (usage.slot)
			*usage.slot = range_of_writes(range, &usage);
	}
}

bool write_stored_reads(const struct rewrite *rw, const PgQuery__RangeVar *var)
{
	for (size_t i = 0; i < rw->finish.range_count; i++)
		if (rw->finish.ranges[i].var == var)
			return true;
	return false;
}
