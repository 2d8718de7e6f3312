/* INSERT of old rows that go to several new tables, or into another's rows. */
#include "lens/insert.h"

#include <string.h>

#include "lens/image.h"

bool spread_takes_insert(struct rewrite *rw,
			 const PgQuery__InsertStmt *statement)
{
	const struct scope bare = {.ctes = NULL};
	const struct cte *cte;
	bool known;
	const struct lens_table *table =
	    scope_table(rw, &bare, statement->relation, &cte, &known);

	return table && !table->dropped &&
	       (is_spread(table) || table->absorbed);
}

struct image *spread_insert_image(struct insert *insert, struct scope *scope)
{
	struct rewrite *rw = insert->rw;
	const PgQuery__RangeVar *var = insert->statement->relation;
	const struct scope bare = {.ctes = NULL};
	const struct cte *cte;
	bool known;
	const struct lens_table *table =
	    scope_table(rw, &bare, var, &cte, &known);

	note_table(rw, table, true);
	rw->mapped = true;
	return image_new(rw, scope, table,
			 var->alias ? NULL : table->old->schema,
			 var->alias ? var->alias->aliasname : var->relname);
}

/* All old columns of the rows: what is given, and the old defaults. */
static void fill_image(struct insert *insert, struct image *image)
{
	struct rewrite *rw = insert->rw;
	const struct lens_table *table = insert->table;
	PgQuery__Node *source = insert_source(insert);

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
			: insert_value(insert, i, 0, false);
		if (!(source && insert->given[i] >= 0) || !insert->rows)
			value = coerce_old(rw, column, value);
		image->values[i] = value;
	}
}

/* ---- into another's rows ---- */

/* The row of the other table, by the key. */
static PgQuery__Node *is_host(struct image *image, const char *alias)
{
	struct rewrite *rw = image->rw;
	const struct lens_place *place = &image->table->places[0];
	PgQuery__Node *condition = NULL;

	for (size_t j = 0; j < place->join_count; j++)
		condition = and_both(
		    rw, condition,
		    sql_operator(
			rw->arena, "=",
			sql_column(rw->arena, alias,
				   place->joins[j].target->name),
			image_expression(image, place->joins[j].expression)));
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

	if (!image_update(image, place, is_host(image, IMAGE_TARGET)))
		return NULL;
	update = rw->hoisted[rw->hoisted_count - 1]
		     ->common_table_expr->ctequery->update_stmt;
	name = rw->hoisted[rw->hoisted_count - 1]->common_table_expr->ctename;
	for (size_t j = 0; j < place->join_count; j++)
		SQL_APPEND(
		    rw->arena, update, returning_list,
		    sql_target(rw->arena, NULL,
			       sql_column(rw->arena, IMAGE_TARGET,
					  place->joins[j].target->name)));
	SQL_APPEND(rw->arena, select, from_clause, image_range(rw, name));
	select->where_clause = is_host(image, name);
	return sql_sublink(rw->arena, PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK,
			   sql_wrap(rw->arena, select));
}

/* ---- ---- */

void spread_insert(struct insert *insert, struct image *image,
		   PgQuery__Node *query)
{
	struct rewrite *rw = insert->rw;
	const struct lens_table *table = insert->table;
	PgQuery__InsertStmt *statement = insert->statement;
	PgQuery__Node *where = NULL;

	if (statement->on_conflict_clause)
		rewrite_fail(rw, statement->on_conflict_clause->location,
			     "ON CONFLICT of \"%s\", whose rows are in several "
			     "tables",
			     table->old->name);
	insert_check_writable(insert);
	fill_image(insert, image);
	image_start(image);
	if (table->absorbed)
		where = write_host(image);
	for (size_t i = 0; !table->absorbed && i < table->place_count; i++) {
		const struct lens_place *place = &table->places[i];

		image_hoist(rw, "write",
			    image_insert(image, place,
					 i < table->anchor_count
					     ? image_is_in(image, i, false)
					     : image_condition(
						   image, place->when, false)));
	}
	image_complete(image);
	image_answer(image, query, statement->with_clause,
		     statement->n_returning_list, statement->returning_list,
		     where);
}
