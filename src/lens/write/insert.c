/*
 * INSERT: the old row's values become the new row's.
 *
 *	INSERT INTO users (id, email, active) VALUES (1, 'a', true)
 *	INSERT INTO app.accounts (id, mail, state, tenant) VALUES (1, 'a', 'on', 1)
 */
#include "lens/write/insert.h"

#include <string.h>

#include "lens/rewrite/expression.h"
#include "lens/rewrite/from.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/refuse.h"
#include "lens/rewrite/touched.h"
#include "lens/write/conflict.h"
#include "lens/write/insert_row.h"
#include "lens/write/insert_verbatim.h"
#include "lens/write/lookup.h"
#include "lens/write/own_rows.h"
#include "lens/write/spread_insert.h"
#include "lens/write/stored.h"

/* ---- what the statement says ---- */

void write_insert_read_columns(struct insert *insert)
{
	struct rewrite *rw = insert->rw;
	const struct lens_table *table = insert->table;
	PgQuery__InsertStmt *statement = insert->statement;
	PgQuery__SelectStmt *select =
	    SQL_AS(statement->select_stmt, SELECT_STMT, select_stmt);
	bool *whole =
	    arena_array(rw->arena, table->column_count + 1, sizeof(*whole));
	struct facts facts = {0};

	insert->given = arena_array(rw->arena, table->column_count + 1,
				    sizeof(*insert->given));
	insert->returned = arena_array(rw->arena, table->column_count + 1,
				       sizeof(*insert->returned));
	insert->list =
	    arena_array(rw->arena, table->column_count + statement->n_cols + 1,
			sizeof(*insert->list));
	for (size_t i = 0; i < table->column_count; i++)
		insert->given[i] = insert->returned[i] = -1;
	if (!select)
		return;
	for (size_t n = 0; n < statement->n_cols; n++) {
		PgQuery__ResTarget *target = statement->cols[n]->res_target;
		size_t i = 0;

		while (i < table->column_count &&
		       !same_name(table->columns[i].old->name, target->name))
			i++;
		if (i == table->column_count)
			rewrite_fail(rw, target->location,
				     "table \"%s\" has no column \"%s\"",
				     table->old->name, target->name);
		if (insert->given[i] >= 0 &&
		    (!target->n_indirection || whole[i]))
			rewrite_fail(rw, target->location,
				     "column \"%s\" is named twice",
				     target->name);
		whole[i] = !target->n_indirection;
		insert->parts |= !whole[i];
		for (size_t p = 0; p < target->n_indirection; p++)
			rewrite_expression(rw, insert->scope,
					   &target->indirection[p], &facts);
		insert->given[i] = (int)n;
		insert->list[insert->width++] = i;
	}
	if (statement->n_cols)
		return;
	insert->width = table->column_count;
	if (select->n_values_lists &&
	    select->values_lists[0]->list->n_items < insert->width)
		insert->width = select->values_lists[0]->list->n_items;
	for (size_t i = 0; i < insert->width; i++) {
		insert->list[i] = i;
		insert->given[i] = (int)i;
	}
}

/* The primary accepts only DEFAULT for a generated column. */
static void refuse_generated(struct insert *insert, size_t index)
{
	const struct catalog_column *old = insert->table->columns[index].old;

	if (old->generated == GENERATED_STORED)
		rewrite_fail(insert->rw, -1,
			     "the statement gives a value for the generated "
			     "column \"%s\"",
			     old->name);
}

static void check_widths(const struct insert *insert,
			 const PgQuery__SelectStmt *select)
{
	for (size_t r = 0; r < select->n_values_lists; r++)
		if (select->values_lists[r]->list->n_items != insert->width)
			rewrite_fail(insert->rw, -1,
				     "INSERT has different numbers of columns "
				     "and values");
}

/* Drops the DEFAULT of generated columns. The new schema may have such a column
 * in another form, or not at all. */
static void leave_generated(struct insert *insert, PgQuery__SelectStmt *select)
{
	PgQuery__InsertStmt *statement = insert->statement;
	size_t kept = 0;

	for (size_t n = 0; n < insert->width; n++) {
		size_t i = insert->list[n];
		bool leave = insert->table->columns[i].old->generated ==
			     GENERATED_STORED;

		insert->given[i] = leave ? -1 : (int)kept;
		insert->list[kept] = i;
		if (statement->n_cols)
			statement->cols[kept] = statement->cols[n];
		for (size_t r = 0; r < select->n_values_lists; r++) {
			PgQuery__Node **items =
			    select->values_lists[r]->list->items;

			if (leave && !SQL_IS(items[n], SET_TO_DEFAULT))
				refuse_generated(insert, i);
			items[kept] = items[n];
		}
		kept += !leave;
	}
	insert->width = kept;
	if (statement->n_cols)
		statement->n_cols = kept;
	for (size_t r = 0; r < select->n_values_lists; r++)
		select->values_lists[r]->list->n_items = kept;
}

static void read_values(struct insert *insert, PgQuery__SelectStmt *select)
{
	struct rewrite *rw = insert->rw;

	check_widths(insert, select);
	if (insert->table->mapped)
		leave_generated(insert, select);
	insert->row_count = select->n_values_lists;
	insert->rows = arena_array(rw->arena, insert->row_count + 1,
				   sizeof(*insert->rows));
	insert->drawn =
	    arena_array(rw->arena, insert->width + 1, sizeof(*insert->drawn));
	insert->generated = arena_array(rw->arena, insert->row_count + 1,
					sizeof(*insert->generated));
	for (size_t r = 0; r < insert->row_count; r++) {
		PgQuery__List *row = select->values_lists[r]->list;

		insert->rows[r] = row->items;
		insert->generated[r] = arena_array(
		    rw->arena, insert->width + insert->table->column_count + 1,
		    sizeof(bool));
		for (size_t n = 0; n < insert->width; n++) {
			size_t i = insert->list[n];
			struct facts facts = {0};

			if (SQL_IS(row->items[n], SET_TO_DEFAULT))
				continue;
			refuse_generated(insert, i);
			if (!insert->parts)
				rewrite_infer_parameter(
				    rw, row->items[n],
				    insert->table->columns[i].old->type, true);
			rewrite_expression(rw, insert->scope, &row->items[n],
					   &facts);
			insert->generated[r][n] =
			    facts.unpinned || facts.volatile_value;
			insert->drawn[n] |= facts.drawn;
			rewrite_note_stored(rw, insert->table,
					    &insert->table->columns[i], &facts);
			if (insert->returned[i] >= 0)
				continue; /* the answer shows it */
			rw->touched.volatile_effect |= facts.volatile_value;
			rw->touched.pins_missing |= facts.unpinned;
		}
	}
}

static size_t query_width(struct insert *insert, const struct outputs *outputs)
{
	if (!outputs->open &&
	    (outputs->count > insert->width ||
	     (outputs->count < insert->width && insert->statement->n_cols)))
		rewrite_fail(
		    insert->rw, -1,
		    "INSERT has different numbers of columns and values");
	if (!outputs->open && outputs->count < insert->width)
		return outputs->count;
	if (outputs->open && !insert->statement->n_cols)
		rewrite_fail(insert->rw, -1,
			     "INSERT without a column list, from a query whose "
			     "columns are not known");
	return insert->width;
}

void write_insert_read_source(struct insert *insert, const struct scope *outer)
{
	struct rewrite *rw = insert->rw;
	PgQuery__InsertStmt *statement = insert->statement;
	PgQuery__SelectStmt *select =
	    SQL_AS(statement->select_stmt, SELECT_STMT, select_stmt);
	struct outputs outputs = {0};
	size_t width;

	if (!select) {
		insert->row_count = 1;
		insert->rows = arena_array(rw->arena, 1, sizeof(void *));
		return;
	}
	if (select->n_values_lists && !select->n_sort_clause &&
	    !select->limit_count && !select->limit_offset) {
		insert->scope->ctes = rewrite_with(
		    rw, outer, insert->scope->ctes, select->with_clause);
		read_values(insert, select);
		return;
	}
	rewrite_query(rw, insert->scope, statement->select_stmt, &outputs,
		      false);
	for (size_t i = 0; i < outputs.count; i++) {
		rw->touched.volatile_effect |=
		    outputs.items[i].facts.volatile_value;
		rw->touched.pins_missing |= outputs.items[i].facts.unpinned &&
					    !outputs.items[i].facts.table;
	}
	if (insert->table) {
		width = query_width(insert, &outputs);
		for (size_t n = width; n < insert->width; n++)
			insert->given[insert->list[n]] = -1;
		insert->width = width;
		for (size_t n = 0; n < width; n++)
			refuse_generated(insert, insert->list[n]);
		for (size_t n = 0; n < width && !outputs.open; n++)
			rewrite_note_stored(
			    rw, insert->table,
			    &insert->table->columns[insert->list[n]],
			    &outputs.items[n].facts);
	}
}

void write_insert_check_writable(struct insert *insert)
{
	for (size_t n = 0; n < insert->width; n++) {
		const struct lens_column *column =
		    &insert->table->columns[insert->list[n]];

		if (!column->writable)
			rewrite_refuse_unwritable(insert->rw, column, -1);
		if (column->stored &&
		    column->old->generated != GENERATED_IDENTITY_ALWAYS &&
		    column->stored->generated == GENERATED_IDENTITY_ALWAYS)
			insert->overrides = true;
	}
}

/* Notes the values that the rows give to columns whose look-up adds values. */
static void add_row_lookups(struct insert *insert)
{
	struct rewrite *rw = insert->rw;
	PgQuery__Node *source = NULL;

	for (size_t i = 0; i < insert->table->column_count; i++) {
		const struct lens_column *column = &insert->table->columns[i];

		if (!column->lookup || !column->lookup->create)
			continue;
		if (insert->given[i] >= 0 && !insert->rows) {
			const char **names = arena_array(
			    rw->arena, insert->width + 1, sizeof(*names));

			for (size_t n = 0; n < insert->width; n++)
				names[n] =
				    insert->table->columns[insert->list[n]]
					.old->name;
			source = sql_range_subselect(
			    rw->arena, insert->statement->select_stmt,
			    INSERT_ROW, names, insert->width);
			write_note_added(rw, column,
					 write_insert_row_column(insert, i));
			continue;
		}
		for (size_t r = 0; r < insert->row_count || !r; r++) {
			write_note_added(
			    rw, column,
			    write_insert_value(insert, i, r, false));
			if (!insert->rows || insert->given[i] < 0)
				break; /* it is the default, the same for all
					  rows */
		}
	}
	if (source)
		write_add_lookups(rw, insert->scope, &source, 1, NULL, false);
	/* A value that depends on no row. */
	write_add_lookups(rw, insert->scope, NULL, 0, NULL, false);
}

static void write_row(struct insert *insert)
{
	bool own_rows = write_reads_own_rows(insert);

	if (insert->table->verbatim) {
		write_insert_verbatim(insert);
		return;
	}
	if (!write_insert_needs_values(insert) && !own_rows)
		return;
	write_insert_check_writable(insert);
	add_row_lookups(insert);
	insert->rw->changed = true;
	if (insert->parts && (own_rows || !write_insert_rename_only(insert)))
		rewrite_fail(insert->rw, -1,
			     "a part of a column is written, and the mapping "
			     "does more than rename");
	else if (insert->parts)
		return;
	if (own_rows ||
	    (insert->rows && write_insert_computes_any_twice(insert)))
		write_insert_query(insert);
	else if (insert->rows)
		write_insert_values(insert);
	else if (!write_insert_rename_only(insert))
		write_insert_query(insert);
	if (insert->overrides)
		insert->statement->override =
		    PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE;
}

static bool returns_what_is_stored(struct insert *insert, struct image *image)
{
	const PgQuery__InsertStmt *statement = insert->statement;

	return write_stored_is_needed(image, insert->target->name,
				      statement->n_returning_list,
				      statement->returning_list);
}

static void open_stored(struct insert *insert, struct image *image,
			struct stored *stored, const struct scope *values)
{
	insert->stored = stored;
	write_stored_open(stored, image, values, values->ctes,
			  insert->statement->relation);
}

void write_insert(struct rewrite *rw, const struct scope *outer,
		  PgQuery__Node *query, struct outputs *outputs, bool top)
{
	PgQuery__InsertStmt *statement = query->insert_stmt;
	struct image *image = NULL;
	struct stored stored;
	struct insert insert = {.rw = rw, .statement = statement, .top = top};
	struct scope *values = rewrite_scope_new(rw, outer, true);

	values->ctes =
	    rewrite_with(rw, outer, values->ctes, statement->with_clause);
	insert.scope = rewrite_scope_new(rw, values, true);
	if (rw->qualify && write_spread_takes_insert(rw, statement)) {
		image = write_spread_insert_image(&insert, insert.scope);
		insert.target = image->item;
	} else {
		insert.target =
		    rewrite_target(rw, insert.scope, statement->relation);
	}
	insert.table = insert.target->relation->table;
	rewrite_items_add(rw, &insert.scope->items, insert.target);
	if (insert.table)
		write_insert_read_columns(&insert);
	insert.returning_count = statement->n_returning_list;
	insert.returning = arena_array(
	    rw->arena, statement->n_returning_list + 1, sizeof(void *));
	for (size_t n = 0; image && n < statement->n_returning_list; n++)
		insert.returning[n] =
		    sql_copy(rw->arena, statement->returning_list[n]);
	if (image && returns_what_is_stored(&insert, image))
		open_stored(&insert, image, &stored, values);
	rewrite_targets(rw, insert.stored ? insert.stored->scope : insert.scope,
			&statement->n_returning_list,
			&statement->returning_list, outputs);
	for (size_t n = 0; insert.table && !outputs->open && n < outputs->count;
	     n++)
		if (outputs->items[n].source &&
		    outputs->items[n].source->column)
			insert
			    .returned[outputs->items[n].source->column->index] =
			    (int)n;
	/* The values see neither the target nor one another. */
	struct scope *target_scope = insert.scope;

	insert.scope = values;
	if (image) {
		write_insert_read_source(&insert, outer);
		write_own_rows_refuse(&insert);
		add_row_lookups(&insert);
		insert.scope = target_scope;
		write_spread_insert(&insert, image, query);
		if (top)
			rw->answer.order = ORDER_NONE;
		return;
	}
	if (insert.table) {
		write_insert_read_source(&insert, outer);
		write_row(&insert);
	} else if (statement->select_stmt) {
		struct outputs ignored = {0};

		rewrite_query(rw, values, statement->select_stmt, &ignored,
			      false);
	}
	insert.scope = target_scope;
	if (statement->on_conflict_clause)
		write_conflict(rw, insert.scope, insert.target,
			       statement->on_conflict_clause);
	write_add_constant_lookups(rw, insert.scope);
	if (top)
		rw->answer.order = ORDER_NONE;
}
