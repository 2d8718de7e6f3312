/*
 * INSERT into a table that the mapping does not mention. It runs as it is
 * written; only generated values are carried over:
 *
 *	INSERT INTO users VALUES (DEFAULT, 'ann') RETURNING id
 *	INSERT INTO users VALUES (42, 'ann') RETURNING id
 *
 *	INSERT INTO users (name) SELECT name FROM guests
 *	INSERT INTO users (name, created_at) SELECT guests.name, <clock> FROM guests
 *
 * A value is carried over only if the new schema would generate one in the same
 * way, and never if that would hide what the text means there. So a statement
 * without a column list gets one only if the columns have the same places on
 * both sides.
 */
#include "lens/write/insert_verbatim.h"

#include <string.h>

#include "lens/compile/table.h"
#include "lens/rewrite/generated.h"
#include "lens/write/default.h"
#include "lens/write/insert_row.h"

static bool is_identity(const struct catalog_column *column)
{
	return column->generated == GENERATED_IDENTITY_ALWAYS ||
	       column->generated == GENERATED_IDENTITY_DEFAULT;
}

/* Whether the new table begins with the old one's columns. */
static bool keeps_places(const struct lens_table *table, size_t width)
{
	if (!table->table || table->table->column_count < width)
		return false;
	for (size_t i = 0; i < width; i++)
		if (strcmp(table->columns[i].old->name,
			   table->table->columns[i].name) != 0)
			return false;
	return true;
}

/* Whether each table that the statement reads has the same columns on both
 * sides, so that an asterisk returns as many values. */
static bool reads_alike(const struct rewrite *rw)
{
	for (size_t i = 0; i < rw->touched.read_count; i++) {
		const struct lens_table *table =
		    lens_table_of(rw->lens, rw->touched.read[i]);

		if (table && table->verbatim &&
		    (!keeps_places(table, table->column_count) ||
		     table->table->column_count != table->column_count))
			return false;
	}
	return true;
}

/* Whether the override that a carried value needs would allow what the new
 * table refuses as it is written. */
static bool gives_refused(const struct insert *insert)
{
	for (size_t n = 0; n < insert->width; n++) {
		const struct lens_column *column =
		    &insert->table->columns[insert->list[n]];

		if (column->stored &&
		    column->stored->generated == GENERATED_IDENTITY_ALWAYS &&
		    column->old->generated != GENERATED_IDENTITY_ALWAYS)
			return true;
	}
	return false;
}

static bool may_carry(const struct insert *insert)
{
	if (gives_refused(insert))
		return false;
	if (insert->statement->n_cols || !insert->statement->select_stmt)
		return true;
	return keeps_places(insert->table, insert->width) &&
	       (insert->rows || reads_alike(insert->rw));
}

/* OVERRIDING USER VALUE: the value that is given for the column is ignored. */
static bool is_overridden(const struct insert *insert,
			  const struct lens_column *column)
{
	return insert->statement->override ==
		   PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE &&
	       is_identity(column->old) && column->stored &&
	       is_identity(column->stored);
}

static bool is_shown(const struct insert *insert, size_t index)
{
	return insert->top && insert->returned[index] >= 0 &&
	       !insert->rw->deferred;
}

/* The value to carry into the column of that row; NULL: none. value: what the
 * statement gives, or NULL. */
static PgQuery__Node *carried(struct insert *insert, size_t index, size_t row,
			      const PgQuery__Node *value)
{
	struct rewrite *rw = insert->rw;
	const struct lens_column *column = &insert->table->columns[index];
	bool left = !value || SQL_IS(value, SET_TO_DEFAULT) ||
		    is_overridden(insert, column);
	bool drawn = rewrite_draws(column->old);

	if (!left) {
		/* An expression that draws a value, such as nextval('s'). */
		if (insert->parts ||
		    !insert->generated[row][insert->given[index]] ||
		    !is_shown(insert, index))
			return NULL;
		return write_insert_value(insert, index, row, true);
	}
	if (!drawn && column->old->default_kind != DEFAULT_CLOCK)
		return NULL;
	if (!write_default_is_kept(column) ||
	    (drawn && !is_shown(insert, index))) {
		rw->touched.pins_missing |= drawn;
		return NULL;
	}
	return write_insert_value(insert, index, row, insert->rows != NULL);
}

static void note_missing(struct insert *insert)
{
	for (size_t i = 0; i < insert->table->column_count; i++)
		if (rewrite_draws(insert->table->columns[i].old) &&
		    (insert->given[i] < 0 || insert->rows))
			insert->rw->touched.pins_missing = true;
}

/* ---- the list ---- */

/* Columns that the statement does not name and that a value is carried into. */
struct additions {
	size_t *columns;
	PgQuery__Node ***cells; /* [addition][row] */
	size_t count;
};

static void add_names(struct insert *insert, const struct additions *additions)
{
	struct rewrite *rw = insert->rw;
	PgQuery__InsertStmt *statement = insert->statement;

	if (!statement->n_cols && statement->select_stmt)
		for (size_t n = 0; n < insert->width; n++)
			SQL_APPEND(
			    rw->arena, statement, cols,
			    sql_target(rw->arena,
				       insert->table->columns[insert->list[n]]
					   .old->name,
				       NULL));
	for (size_t a = 0; a < additions->count; a++)
		SQL_APPEND(
		    rw->arena, statement, cols,
		    sql_target(
			rw->arena,
			insert->table->columns[additions->columns[a]].old->name,
			NULL));
}

/* ---- VALUES ---- */

static bool carry_in_place(struct insert *insert)
{
	bool any = false;

	for (size_t n = 0; n < insert->width; n++)
		for (size_t r = 0; r < insert->row_count; r++) {
			PgQuery__Node **slot = &insert->rows[r][n];
			PgQuery__Node *value =
			    carried(insert, insert->list[n], r, *slot);

			if (!value)
				continue;
			*slot = value;
			any = true;
		}
	return any;
}

static struct additions find_additions(struct insert *insert)
{
	struct arena *arena = insert->rw->arena;
	size_t rows = insert->rows ? insert->row_count : 1;
	size_t room = insert->table->column_count + 1;
	struct additions additions = {
	    .columns = arena_array(arena, room, sizeof(size_t)),
	    .cells = arena_array(arena, room, sizeof(PgQuery__Node **))};

	for (size_t i = 0; i < insert->table->column_count; i++) {
		PgQuery__Node **cells =
		    arena_array(arena, rows + 1, sizeof(*cells));
		bool any = false;

		if (insert->given[i] >= 0)
			continue;
		for (size_t r = 0; r < rows; r++) {
			cells[r] = carried(insert, i, r, NULL);
			any |= cells[r] != NULL;
		}
		if (!any)
			continue;
		additions.columns[additions.count] = i;
		additions.cells[additions.count++] = cells;
	}
	return additions;
}

static void append_cells(struct insert *insert,
			 const struct additions *additions)
{
	struct arena *arena = insert->rw->arena;
	PgQuery__SelectStmt *select;
	PgQuery__Node *row;

	if (!insert->statement->select_stmt) { /* DEFAULT VALUES */
		row = sql_list(arena, NULL, 0);
		insert->statement->select_stmt =
		    sql_wrap(arena, sql_values(arena, &row, 1));
	}
	select = insert->statement->select_stmt->select_stmt;
	for (size_t r = 0; r < select->n_values_lists; r++) {
		PgQuery__List *list = select->values_lists[r]->list;

		for (size_t a = 0; a < additions->count; a++) {
			PgQuery__Node *cell = additions->cells[a][r];

			sql_append(arena, &list->n_items, &list->items,
				   cell ? cell : sql_default(arena));
		}
	}
}

/* ---- a query ---- */

/* Adds a value to each row: in the query's own list, or around the query if its
 * whole list decides which rows are equal. */
static void append_targets(struct insert *insert,
			   const struct additions *additions)
{
	struct arena *arena = insert->rw->arena;
	PgQuery__SelectStmt *select =
	    insert->statement->select_stmt->select_stmt;

	if (select->n_values_lists || select->n_distinct_clause ||
	    select->op != PG_QUERY__SET_OPERATION__SETOP_NONE) {
		PgQuery__SelectStmt *around = sql_select(arena);

		SQL_APPEND(
		    arena, around, target_list,
		    sql_target(arena, NULL, sql_star(arena, INSERT_ROW)));
		SQL_APPEND(arena, around, from_clause,
			   sql_range_subselect(arena,
					       insert->statement->select_stmt,
					       INSERT_ROW, NULL, 0));
		insert->statement->select_stmt = sql_wrap(arena, around);
		select = around;
	}
	for (size_t a = 0; a < additions->count; a++)
		SQL_APPEND(arena, select, target_list,
			   sql_target(arena, NULL, additions->cells[a][0]));
}

void write_insert_verbatim(struct insert *insert)
{
	struct additions additions;
	bool any = false;

	if (!may_carry(insert)) {
		note_missing(insert);
		return;
	}
	if (insert->rows && insert->statement->select_stmt)
		any = carry_in_place(insert);
	additions = find_additions(insert);
	if (additions.count) {
		add_names(insert, &additions);
		if (insert->rows)
			append_cells(insert, &additions);
		else
			append_targets(insert, &additions);
	}
	insert->rw->changed |= any || additions.count;
	if (insert->overrides ||
	    (any && insert->statement->override ==
			PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE))
		insert->statement->override =
		    PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE;
}
