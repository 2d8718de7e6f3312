/* The image of a write to several tables (image.h has an example). */
#include "lens/write/image.h"

#include <string.h>

#include "lens/compile/parse.h"
#include "lens/rewrite/expression.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/recode.h"
#include "lens/rewrite/refuse.h"

/* A name of ours that occurs nowhere in the statement. */
static const char *own_name(struct rewrite *rw, const char *stem)
{
	const char *name;

	do {
		name = arena_printf(rw->arena, "parallax_%s_%zu", stem,
				    ++rw->ctes.name_count);
	} while (rw->text && memmem(rw->text, rw->size, name, strlen(name)));
	return name;
}

/* ---- the image ---- */

struct image *write_image_new(struct rewrite *rw, struct scope *scope,
			      const struct lens_table *table,
			      const char *schema, const char *name)
{
	struct image *image = arena_alloc(rw->arena, sizeof(*image));
	struct relation *relation = arena_alloc(rw->arena, sizeof(*relation));
	struct item *item;
	size_t room = table->column_count + 1;

	image->rw = rw;
	image->scope = scope;
	image->table = table;
	image->select = sql_select(rw->arena);
	image->values = arena_array(rw->arena, room, sizeof(*image->values));
	image->set = arena_array(rw->arena, room, sizeof(*image->set));
	item = image->item =
	    rewrite_item_of_table(rw, scope, table, schema, name, NULL, 0);
	relation->table = table;
	relation->named = arena_array(rw->arena, room, sizeof(bool));
	relation->alias = own_name(rw, "row");
	item->relation = relation;
	for (size_t i = 0; i < item->count; i++) {
		struct source *source = item->columns[i].source;

		source->kind = SOURCE_PLAIN;
		source->relation = relation;
	}
	return image;
}

PgQuery__Node *write_image_column(struct image *image, size_t index)
{
	return rewrite_source(image->rw, image->item->columns[index].source);
}

PgQuery__Node *write_image_extra(struct image *image, const char *name,
				 PgQuery__Node *value)
{
	struct arena *arena = image->rw->arena;

	sql_append(arena, &image->extra_count, &image->extras,
		   sql_target(arena, name, value));
	return sql_column(arena, image->item->relation->alias, name);
}

PgQuery__Node *write_image_expression(struct image *image,
				      const PgQuery__Node *expression)
{
	struct rewrite *rw = image->rw;
	const struct lens_table *table = image->table;
	bool *inputs =
	    arena_array(rw->arena, table->column_count + 1, sizeof(bool));
	PgQuery__Node **values =
	    arena_array(rw->arena, table->column_count + 1, sizeof(*values));
	PgQuery__Node *copy = sql_copy(rw->arena, expression);

	compile_inputs(table, copy, inputs);
	for (size_t i = 0; i < table->column_count; i++)
		if (inputs[i])
			values[i] = write_image_column(image, i);
	return rewrite_expand_write(rw, table, copy, values);
}

PgQuery__Node *write_image_not(struct rewrite *rw, PgQuery__Node *condition)
{
	PgQuery__BoolExpr *not =
	    sql_new(rw->arena, &pg_query__bool_expr__descriptor);

	not ->boolop = PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR;
	not ->location = -1;
	SQL_APPEND(rw->arena, not, args, condition);
	return sql_wrap(rw->arena, not );
}

PgQuery__Node *write_image_condition(struct image *image,
				     const PgQuery__Node *when, bool negated)
{
	struct rewrite *rw = image->rw;
	PgQuery__Node *items[2];
	PgQuery__Node *known;

	if (!when)
		return NULL;
	items[0] = write_image_expression(image, when);
	items[1] = sql_const_bool(rw->arena, false);
	known = sql_coalesce(rw->arena, items, 2);
	return negated ? write_image_not(rw, known) : known;
}

PgQuery__Node *write_image_is_in(struct image *image, size_t anchor,
				 bool negated)
{
	const struct lens_table *table = image->table;
	struct rewrite *rw = image->rw;
	PgQuery__Node *condition = NULL;

	if (table->anchor_count < 2)
		return NULL;
	/* The first table whose condition is true takes the row. */
	for (size_t i = 0; i <= anchor; i++)
		condition =
		    rewrite_and(rw, condition,
				write_image_condition(
				    image, table->places[i].when, i < anchor));
	return condition && negated ? write_image_not(rw, condition)
				    : condition;
}

PgQuery__Node *write_image_value(struct image *image,
				 const struct lens_write *write)
{
	struct rewrite *rw = image->rw;
	const struct lens_column *column;
	PgQuery__Node *value;

	if (write->expression)
		return write_image_expression(image, write->expression);
	column = &image->table->columns[write->source];
	value = write_image_column(image, write->source);
	return column->values ? rewrite_recode_write(rw, column, value, true)
			      : value;
}

bool write_image_sets(const struct image *image, const bool *inputs)
{
	for (size_t i = 0; i < image->table->column_count; i++)
		if (inputs[i] && image->set[i])
			return true;
	return false;
}

bool write_image_sets_any(const struct image *image,
			  const PgQuery__Node *expression)
{
	bool *inputs = arena_array(
	    image->rw->arena, image->table->column_count + 1, sizeof(bool));

	if (!expression)
		return false;
	compile_inputs(image->table, sql_copy(image->rw->arena, expression),
		       inputs);
	return write_image_sets(image, inputs);
}

/* ---- hoisted CTEs ---- */

static PgQuery__Node *make_cte(struct rewrite *rw, const char *name,
			       PgQuery__Node *query, bool materialized)
{
	PgQuery__CommonTableExpr *cte =
	    sql_new(rw->arena, &pg_query__common_table_expr__descriptor);

	cte->ctename = arena_string(rw->arena, name);
	cte->ctequery = query;
	cte->ctematerialized =
	    materialized ? PG_QUERY__CTEMATERIALIZE__CTEMaterializeAlways
			 : PG_QUERY__CTEMATERIALIZE__CTEMaterializeDefault;
	cte->location = -1;
	return sql_wrap(rw->arena, cte);
}

const char *write_image_hoist(struct rewrite *rw, const char *stem,
			      void *statement)
{
	const char *name = own_name(rw, stem);

	sql_append(rw->arena, &rw->ctes.hoisted_count, &rw->ctes.hoisted,
		   make_cte(rw, name, sql_wrap(rw->arena, statement), false));
	return name;
}

void write_image_start(struct image *image)
{
	struct rewrite *rw = image->rw;

	sql_append(rw->arena, &rw->ctes.hoisted_count, &rw->ctes.hoisted,
		   make_cte(rw, image->item->relation->alias,
			    sql_wrap(rw->arena, image->select), true));
}

bool write_image_is_settled(const PgQuery__Node *value)
{
	while (SQL_IS(value, TYPE_CAST))
		value = value->type_cast->arg;
	return !value || SQL_IS(value, COLUMN_REF) ||
	       rewrite_is_constant(value);
}

/* A value that the primary computes from the new row. Its inputs must not be
 * computed here as well, or each would be computed twice. NULL: unknown. */
static PgQuery__Node *generated_value(struct image *image,
				      const struct lens_column *column)
{
	struct rewrite *rw = image->rw;
	const struct lens_table *table = image->table;
	PgQuery__Node **values =
	    arena_array(rw->arena, table->column_count + 1, sizeof(*values));

	if (!column->generation)
		return NULL;
	for (size_t i = 0; i < table->column_count; i++) {
		if (!column->inputs[i])
			continue;
		values[i] = image->values[i];
		if (values[i] && image->set[i] &&
		    !write_image_is_settled(values[i]))
			return NULL;
		if (!values[i] && image->before)
			values[i] = rewrite_source(
			    rw, image->before->columns[i].source);
		if (!values[i])
			return NULL;
	}
	return rewrite_expand_write(rw, table, column->generation, values);
}

void write_image_complete(struct image *image)
{
	struct rewrite *rw = image->rw;
	PgQuery__SelectStmt *select = image->select;
	const struct lens_table *table = image->table;

	for (size_t i = 0; i < table->column_count; i++) {
		const bool *inputs = table->columns[i].inputs;

		if (!image->item->relation->named[i])
			continue;
		if (!image->values[i] && image->before &&
		    !(inputs && write_image_sets(image, inputs)))
			image->values[i] = rewrite_source(
			    rw, image->before->columns[i].source);
		if (!image->values[i])
			image->values[i] =
			    generated_value(image, &table->columns[i]);
		if (!image->values[i])
			rewrite_fail(rw, -1,
				     "generated column \"%s\" of a table whose "
				     "rows are in several tables",
				     table->columns[i].old->name);
		SQL_APPEND(rw->arena, select, target_list,
			   sql_target(rw->arena, table->columns[i].old->name,
				      image->values[i]));
	}
	for (size_t i = 0; i < image->extra_count; i++)
		SQL_APPEND(rw->arena, select, target_list, image->extras[i]);
}

PgQuery__Node *write_image_range(struct rewrite *rw, const char *name)
{
	PgQuery__RangeVar *var =
	    sql_new(rw->arena, &pg_query__range_var__descriptor);

	var->relname = arena_string(rw->arena, name);
	var->inh = true;
	var->relpersistence = arena_string(rw->arena, "p");
	var->location = -1;
	return sql_wrap(rw->arena, var);
}

static PgQuery__Node *range_image(struct image *image)
{
	return write_image_range(image->rw, image->item->relation->alias);
}

static PgQuery__RangeVar *range_target(struct image *image,
				       const struct lens_place *place)
{
	return rewrite_range(image->rw, image->scope, place->table,
			     IMAGE_TARGET)
	    ->range_var;
}

/* ---- the writes ---- */

PgQuery__Node *write_image_only_chosen(const struct image *image,
				       PgQuery__Node *where)
{
	struct rewrite *rw = image->rw;

	if (!image->chosen)
		return where;
	return rewrite_and(rw, where, sql_copy(rw->arena, image->chosen));
}

static void hoist_write(struct image *image, const struct lens_place *place,
			void *statement)
{
	struct rewrite *rw = image->rw;
	struct image_write *write = ARENA_PUSH(rw->arena, image, write);

	write->place = place;
	write->name = write_image_hoist(rw, "write", statement);
	write->query = rw->ctes.hoisted[rw->ctes.hoisted_count - 1]
			   ->common_table_expr->ctequery;
}

bool write_image_update(struct image *image, const struct lens_place *place,
			PgQuery__Node *where)
{
	struct rewrite *rw = image->rw;
	PgQuery__UpdateStmt *update =
	    sql_new(rw->arena, &pg_query__update_stmt__descriptor);

	for (size_t w = 0; w < place->write_count; w++)
		if (write_image_sets(image, place->writes[w].inputs) &&
		    place->writes[w].target->generated != GENERATED_STORED)
			SQL_APPEND(
			    rw->arena, update, target_list,
			    sql_target(
				rw->arena, place->writes[w].target->name,
				write_image_value(image, &place->writes[w])));
	if (!update->n_target_list)
		return false;
	update->relation = range_target(image, place);
	SQL_APPEND(rw->arena, update, from_clause, range_image(image));
	update->where_clause = write_image_only_chosen(image, where);
	hoist_write(image, place, update);
	return true;
}

void write_image_delete(struct image *image, const struct lens_place *place,
			PgQuery__Node *where)
{
	struct rewrite *rw = image->rw;
	PgQuery__DeleteStmt *del =
	    sql_new(rw->arena, &pg_query__delete_stmt__descriptor);

	del->relation = range_target(image, place);
	SQL_APPEND(rw->arena, del, using_clause, range_image(image));
	del->where_clause = write_image_only_chosen(image, where);
	write_image_hoist(rw, "write", del);
}

static void insert_column(struct image *image, PgQuery__InsertStmt *insert,
			  PgQuery__SelectStmt *select,
			  const struct catalog_column *target,
			  PgQuery__Node *value)
{
	struct arena *arena = image->rw->arena;

	if (target->generated == GENERATED_IDENTITY_ALWAYS)
		insert->override =
		    PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE;
	SQL_APPEND(arena, insert, cols, sql_target(arena, target->name, NULL));
	SQL_APPEND(arena, select, target_list, sql_target(arena, NULL, value));
}

void write_image_insert(struct image *image, const struct lens_place *place,
			PgQuery__Node *where)
{
	struct rewrite *rw = image->rw;
	PgQuery__InsertStmt *insert =
	    sql_new(rw->arena, &pg_query__insert_stmt__descriptor);
	PgQuery__SelectStmt *select = sql_select(rw->arena);

	insert->relation =
	    rewrite_range(rw, image->scope, place->table, NULL)->range_var;
	insert->override = PG_QUERY__OVERRIDING_KIND__OVERRIDING_NOT_SET;
	for (size_t w = 0; w < place->write_count; w++)
		if (place->writes[w].target->generated != GENERATED_STORED)
			insert_column(
			    image, insert, select, place->writes[w].target,
			    write_image_value(image, &place->writes[w]));
	for (size_t e = 0; e < place->extra_count; e++)
		if (place->extras[e].target->generated != GENERATED_STORED)
			insert_column(image, insert, select,
				      place->extras[e].target,
				      write_image_expression(
					  image, place->extras[e].expression));
	SQL_APPEND(rw->arena, select, from_clause, range_image(image));
	select->where_clause = write_image_only_chosen(image, where);
	insert->select_stmt = sql_wrap(rw->arena, select);
	hoist_write(image, place, insert);
}

/* ---- what the server must refuse ---- */

PgQuery__Node *write_image_parsed(struct rewrite *rw, const char *text)
{
	PgQuery__Node *node = NULL;
	struct error error;

	error_init(&error);
	if (parser_expression(rw->lens->parser, text, rw->arena, &node,
			      &error) < 0)
		rewrite_fail(rw, -1, "%s", error.message);
	sql_forget_places(sql_unwrap(node));
	return node;
}

/* Raises an error if the condition is true. */
static void refuse_if(struct image *image, PgQuery__Node *condition)
{
	static const char twice[] =
	    "CASE WHEN true THEN "
	    "(SELECT n FROM (VALUES (1), (2)) AS twice (n)) END";
	PgQuery__Node *node = write_image_parsed(image->rw, twice);

	node->case_expr->args[0]->case_when->expr = condition;
	write_image_extra(image, "parallax_twice", node);
}

static PgQuery__Node *is_several(struct rewrite *rw, PgQuery__Node *count)
{
	return sql_operator(rw->arena, ">", count,
			    sql_const_integer(rw->arena, 1));
}

void write_image_refuse_several(struct image *image, PgQuery__Node *count)
{
	refuse_if(image, is_several(image->rw, count));
}

void write_image_refuse_twice(struct image *image, PgQuery__Node *const *keys,
			      size_t count)
{
	struct rewrite *rw = image->rw;
	PgQuery__Node *rows =
	    write_image_parsed(rw, "count(*) OVER (PARTITION BY 1)");
	PgQuery__WindowDef *window = rows->func_call->over;
	PgQuery__Node *condition = is_several(rw, rows);

	window->n_partition_clause = 0;
	for (size_t i = 0; i < count; i++) {
		SQL_APPEND(rw->arena, window, partition_clause,
			   sql_copy(rw->arena, keys[i]));
		condition = rewrite_and(
		    rw, condition,
		    sql_is_null(rw->arena, sql_copy(rw->arena, keys[i]), true));
	}
	refuse_if(image, condition);
}

/* ---- the answer ---- */

PgQuery__SelectStmt *write_image_rows(struct image *image, size_t count,
				      PgQuery__Node **returning,
				      PgQuery__Node *where)
{
	PgQuery__SelectStmt *select = sql_select(image->rw->arena);

	select->n_target_list = count;
	select->target_list = returning;
	SQL_APPEND(image->rw->arena, select, from_clause, range_image(image));
	select->where_clause = where;
	return select;
}

PgQuery__SelectStmt *write_image_union(struct rewrite *rw,
				       PgQuery__SelectStmt *left,
				       PgQuery__SelectStmt *right)
{
	PgQuery__SelectStmt *both = sql_select(rw->arena);

	both->op = PG_QUERY__SET_OPERATION__SETOP_UNION;
	both->all = true;
	both->larg = left;
	both->rarg = right;
	return both;
}

void write_image_answer(const struct image *image, PgQuery__Node *query,
			PgQuery__WithClause *with, PgQuery__SelectStmt *select)
{
	struct rewrite *rw = image->rw;

	rw->changed = true;
	if (rw->ctes.depth && with)
		rewrite_fail(rw, -1,
			     "a WITH of its own in a write of \"%s\", whose "
			     "rows are in several tables, within WITH",
			     image->table->old->name);
	if (!rw->ctes.depth) {
		if (!with) {
			with = sql_new(rw->arena,
				       &pg_query__with_clause__descriptor);
			with->location = -1;
		}
		for (size_t i = 0; i < rw->ctes.hoisted_count; i++)
			SQL_APPEND(rw->arena, with, ctes, rw->ctes.hoisted[i]);
		rw->ctes.hoisted_count = 0;
		rw->ctes.hoisted = NULL;
		select->with_clause = with;
	}
	query->node_case = PG_QUERY__NODE__NODE_SELECT_STMT;
	query->select_stmt = select;
}
