/*
 * The new table's row for the row that an INSERT gives. A value that feeds
 * several new columns, or is computed from several old ones, comes from a
 * derived table of the old row:
 *
 *	INSERT INTO users (name) SELECT label FROM tags
 *
 *	INSERT INTO app.accounts (first, last)
 *	SELECT f(old_row.name), g(old_row.name)
 *	FROM (SELECT tags.label FROM tags) AS old_row (name)
 */
#include "lens/write/insert_row.h"

#include <string.h>

#include "lens/compile/parse.h"
#include "lens/rewrite/expression.h"
#include "lens/rewrite/generated.h"
#include "lens/rewrite/recode.h"
#include "lens/rewrite/refuse.h"
#include "lens/write/default.h"
#include "lens/write/own_rows.h"

/* ---- values ---- */

/* ---- values that feed several columns ---- */

static enum sql_step count_reference(struct sql_place *place, void *context,
				     struct error *error)
{
	size_t *uses = context;

	(void)error;
	if (SQL_AT(place, column_ref))
		(*uses)++;
	return SQL_STEP_INTO;
}

/* How often the new row uses the column's value, at most. */
static size_t uses_of(const struct insert *insert, size_t index)
{
	const struct lens_table *table = insert->table;
	size_t uses = 0;
	struct sql_visitor visitor = {count_reference, NULL, &uses};
	struct error error;

	for (size_t w = 0; w < table->write_count; w++) {
		struct lens_write *write = &table->writes[w];

		if (!write->inputs[index] ||
		    write->target->generated == GENERATED_STORED)
			continue;
		if (write->expression)
			sql_walk(&write->expression, &visitor, &error);
		else
			uses += rewrite_recode_uses(&table->columns[index]);
	}
	return uses;
}

bool write_insert_computes_twice(struct insert *insert, size_t place)
{
	bool complex = false;

	for (size_t r = 0; r < insert->row_count; r++)
		complex |= !rewrite_is_constant(insert->rows[r][place]) &&
			   !SQL_IS(insert->rows[r][place], SET_TO_DEFAULT);
	return complex && uses_of(insert, insert->list[place]) > 1;
}

/* Whether a row leaves the column to its default. */
static bool is_left_out(const struct insert *insert, size_t index)
{
	if (insert->given[index] < 0)
		return true;
	for (size_t r = 0; insert->rows && r < insert->row_count; r++)
		if (SQL_IS(insert->rows[r][insert->given[index]],
			   SET_TO_DEFAULT))
			return true;
	return false;
}

/* Whether the column has a default that is volatile, and whose value is used
 * twice. */
static bool draws_twice(const struct insert *insert, size_t index)
{
	return rewrite_draws(insert->table->columns[index].old) &&
	       is_left_out(insert, index) && uses_of(insert, index) > 1;
}

bool write_insert_draws_twice(const struct insert *insert)
{
	for (size_t i = 0; i < insert->table->column_count; i++)
		if (draws_twice(insert, i))
			return true;
	return false;
}

bool write_insert_computes_any_twice(struct insert *insert)
{
	for (size_t n = 0; n < insert->width; n++)
		if (write_insert_computes_twice(insert, n))
			return true;
	return write_insert_draws_twice(insert);
}

/* Whether the default's value is carried over if the answer shows it. For a row
 * that was already there, the answer shows no default. A serial's is then
 * unused, but a clock's may be used (SET updated = EXCLUDED.created). */
static bool is_carried(const struct insert *insert, size_t index)
{
	const struct catalog_column *old = insert->table->columns[index].old;

	return rewrite_draws(old) || (old->default_kind == DEFAULT_CLOCK &&
				      !insert->statement->on_conflict_clause);
}

/* If the answer shows no value (the statement failed, or left the row out), the
 * default is computed again. */
static PgQuery__Node *pin_computed(struct insert *insert,
				   const struct lens_column *column,
				   struct special special,
				   const PgQuery__Node *value)
{
	struct rewrite *rw = insert->rw;
	PgQuery__Node *either[2];

	special.sequence = NULL;
	special.fallback = "NULL";
	rw->answer.pin_rows = insert->rows ? insert->row_count : 1;
	either[0] = rewrite_special(rw, special);
	either[1] = rewrite_coerce(rw, column, sql_copy(rw->arena, value));
	return sql_coalesce(rw->arena, either, 2);
}

/* The placeholder for the value that the answer shows for the column in that
 * row. */
static PgQuery__Node *pin(struct insert *insert, size_t index, size_t row,
			  bool leave, const PgQuery__Node *value)
{
	struct rewrite *rw = insert->rw;
	struct sql_generated_call call;
	const struct lens_column *column = &insert->table->columns[index];
	struct special special = {.kind = SPECIAL_PIN, .row = row};
	bool on_insert = rewrite_numbers_on_insert(rw, column->old);
	const struct catalog_type *type =
	    catalog_type(rw->lens->old_catalog, column->old->type);
	bool missing;

	if (!insert->top || insert->returned[index] < 0 || rw->deferred)
		return NULL;
	special.column = (size_t)insert->returned[index];
	if (type)
		special.type = catalog_type_named(rw->lens->new_catalog,
						  type->schema, type->name);
	special.sequence = write_column_sequence(rw, insert->table, column);
	special.fallback = "DEFAULT";
	special.identity = on_insert;
	if (value && rewrite_reads_generated(rw, value, &call) &&
	    call.kind == SQL_GENERATED_NEXT) {
		/* perhaps not the column's own sequence */
		special.sequence = rewrite_call_sequence(rw, &call);
		leave = false;
	} else if (value) {
		return pin_computed(insert, column, special, value);
	} else if (column->old->default_kind == DEFAULT_CLOCK ||
		   ((insert->wrapped || !leave) && !special.sequence &&
		    !on_insert)) {
		missing = rw->touched.pins_missing;
		value = write_default_node(rw, insert->table, column, false);
		rw->touched.pins_missing = missing;
		return pin_computed(insert, column, special, value);
	}
	if (insert->wrapped || !leave) { /* cast to the type that a pin has */
		special.needed = on_insert && insert->wrapped;
		special.fallback = rewrite_generated_text(
		    rw, SQL_GENERATED_NEXT, special.sequence, special.type);
	}
	/* Of a query's rows, the value of only one can be carried over. */
	rw->answer.pin_rows = insert->rows ? insert->row_count : 1;
	if (column->stored &&
	    column->stored->generated == GENERATED_IDENTITY_ALWAYS)
		insert->overrides = true;
	return rewrite_special(rw, special);
}

static PgQuery__Node *cell(struct insert *insert, size_t index, size_t row)
{
	int place = insert->given[index];

	if (place < 0 || !insert->rows)
		return NULL;
	return insert->rows[row][place];
}

PgQuery__Node *write_insert_value(struct insert *insert, size_t index,
				  size_t row, bool leave)
{
	struct rewrite *rw = insert->rw;
	const struct lens_column *column = &insert->table->columns[index];
	PgQuery__Node *value = cell(insert, index, row);
	PgQuery__Node *pinned;
	bool always = insert->statement->override ==
			  PG_QUERY__OVERRIDING_KIND__OVERRIDING_USER_VALUE &&
		      column->old->generated >= GENERATED_IDENTITY_ALWAYS &&
		      column->old->generated <= GENERATED_IDENTITY_DEFAULT;

	if (value && !always && !SQL_IS(value, SET_TO_DEFAULT)) {
		if (insert->generated[row][insert->given[index]]) {
			pinned = pin(insert, index, row, leave, value);
			if (pinned)
				return pinned;
		}
		return value;
	}
	if (is_carried(insert, index)) {
		pinned = pin(insert, index, row, leave, NULL);
		if (pinned)
			return pinned;
	}
	return write_default_node(rw, insert->table, column, leave);
}

PgQuery__Node *write_insert_row_column(struct insert *insert, size_t index)
{
	return sql_column(insert->rw->arena, INSERT_ROW,
			  insert->table->columns[index].old->name);
}

/* The value for a new column in a row. NULL: it may be left to the new table's
 * default (`leave`). */
static PgQuery__Node *write_value(struct insert *insert,
				  const struct lens_write *write, size_t row,
				  bool leave)
{
	struct rewrite *rw = insert->rw;
	const struct lens_table *table = insert->table;
	const struct lens_column *column = &table->columns[write->source];
	bool derived = insert->wrapped && insert->given[write->source] >= 0;
	PgQuery__Node **inputs;
	PgQuery__Node *value;

	if (write->target->generated == GENERATED_STORED)
		return NULL;
	if (!write->expression) {
		value = derived ? write_insert_row_column(insert, write->source)
				: write_insert_value(insert, write->source, row,
						     leave && !column->values);
		if (!value)
			return NULL;
		if (column->values)
			return rewrite_recode_write(rw, column, value, false);
		return column->recast || (derived && !insert->rows)
			   ? rewrite_coerce(rw, column, value)
			   : value;
	}
	inputs =
	    arena_array(rw->arena, table->column_count + 1, sizeof(*inputs));
	for (size_t i = 0; i < table->column_count; i++) {
		if (!write->inputs[i])
			continue;
		inputs[i] = insert->wrapped && insert->given[i] >= 0
				? write_insert_row_column(insert, i)
				: write_insert_value(insert, i, row, false);
		inputs[i] = rewrite_coerce(rw, &table->columns[i], inputs[i]);
	}
	return rewrite_expand_write(rw, table, write->expression, inputs);
}

static PgQuery__Node *extra_value(struct insert *insert,
				  const struct lens_extra *extra, size_t row)
{
	struct lens_write write = {
	    .target = extra->target,
	    .expression = extra->expression,
	    .inputs =
		arena_array(insert->rw->arena, insert->table->column_count + 1,
			    sizeof(bool)),
	};

	compile_inputs(insert->table, extra->expression, write.inputs);
	return write_value(insert, &write, row, true);
}

PgQuery__Node *write_insert_new_value(struct insert *insert,
				      const struct catalog_column *target)
{
	const struct lens_table *table = insert->table;

	for (size_t w = 0; w < table->write_count; w++)
		if (table->writes[w].target == target)
			return write_value(insert, &table->writes[w], 0, false);
	for (size_t e = 0; e < table->extra_count; e++)
		if (table->extras[e].target == target)
			return extra_value(insert, &table->extras[e], 0);
	return NULL;
}

/* ---- the new statement ---- */

struct new_columns {
	const struct catalog_column **targets;
	PgQuery__Node ***cells; /* [target][row]; NULL: DEFAULT */
	size_t count;
};

/* keep: even if all rows hold DEFAULT */
static void add_column(struct new_columns *columns,
		       const struct catalog_column *target,
		       PgQuery__Node **cells, size_t rows, bool keep)
{
	bool any = keep;

	for (size_t r = 0; r < rows; r++)
		any |= cells[r] != NULL;
	if (!any)
		return;
	columns->targets[columns->count] = target;
	columns->cells[columns->count++] = cells;
}

static PgQuery__Node *write_cell(struct insert *insert,
				 const struct lens_write *write, size_t row)
{
	const struct lens_column *column =
	    &insert->table->columns[write->source];
	PgQuery__Node *cell =
	    insert->own ? write_own_rows_cell(insert, write->target, column)
			: NULL;

	return cell ? cell : write_value(insert, write, row, true);
}

static PgQuery__Node *extra_cell(struct insert *insert,
				 const struct lens_extra *extra, size_t row)
{
	PgQuery__Node *cell =
	    insert->own ? write_own_rows_cell(insert, extra->target, NULL)
			: NULL;

	return cell ? cell : extra_value(insert, extra, row);
}

/* Adds columns that are otherwise left to the new table, but whose values a
 * look-up needs. */
static void add_seen(struct insert *insert, struct new_columns *columns)
{
	const struct catalog_table *table = insert->table->table;

	for (size_t i = 0; i < table->column_count; i++) {
		const struct catalog_column *target = &table->columns[i];
		PgQuery__Node **cell =
		    arena_array(insert->rw->arena, 1, sizeof(PgQuery__Node *));
		bool there = false;

		for (size_t c = 0; c < columns->count; c++)
			there |= columns->targets[c] == target;
		if (there)
			continue;
		*cell = write_own_rows_cell(insert, target, NULL);
		add_column(columns, target, cell, 1, false);
	}
}

static struct new_columns make_columns(struct insert *insert, size_t rows)
{
	struct rewrite *rw = insert->rw;
	const struct lens_table *table = insert->table;
	/* ... and two that only look-ups need */
	size_t room = table->write_count + table->extra_count + 3;
	struct new_columns columns = {0};

	columns.targets =
	    arena_array(rw->arena, room, sizeof(*columns.targets));
	columns.cells = arena_array(rw->arena, room, sizeof(*columns.cells));
	for (size_t w = 0; w < table->write_count; w++) {
		PgQuery__Node **cells =
		    arena_array(rw->arena, rows + 1, sizeof(*cells));

		for (size_t r = 0; r < rows; r++)
			cells[r] = write_cell(insert, &table->writes[w], r);
		/* A view may have columns that must not be named. */
		add_column(&columns, table->writes[w].target, cells, rows,
			   table->table->kind == RELATION_VIEW &&
			       !insert->wrapped &&
			       !table->writes[w].expression &&
			       insert->given[table->writes[w].source] >= 0);
	}
	for (size_t e = 0; e < table->extra_count; e++) {
		PgQuery__Node **cells =
		    arena_array(rw->arena, rows + 1, sizeof(*cells));

		for (size_t r = 0; r < rows; r++)
			cells[r] = extra_cell(insert, &table->extras[e], r);
		add_column(&columns, table->extras[e].target, cells, rows,
			   false);
	}
	if (insert->own)
		add_seen(insert, &columns);
	return columns;
}

static void set_columns(struct insert *insert,
			const struct new_columns *columns)
{
	PgQuery__InsertStmt *statement = insert->statement;

	statement->n_cols = 0;
	statement->cols = NULL;
	for (size_t i = 0; i < columns->count; i++)
		SQL_APPEND(insert->rw->arena, statement, cols,
			   sql_target(insert->rw->arena,
				      columns->targets[i]->name, NULL));
}

void write_insert_values(struct insert *insert)
{
	struct rewrite *rw = insert->rw;
	struct new_columns columns = make_columns(insert, insert->row_count);
	PgQuery__SelectStmt *select =
	    SQL_AS(insert->statement->select_stmt, SELECT_STMT, select_stmt);
	PgQuery__Node **rows =
	    arena_array(rw->arena, insert->row_count + 1, sizeof(*rows));

	if (!columns.count && insert->row_count == 1) {
		insert->statement->select_stmt = NULL; /* DEFAULT VALUES */
		set_columns(insert, &columns);
		return;
	}
	if (!columns.count) {
		columns.targets[0] = &insert->table->table->columns[0];
		columns.cells[0] = arena_array(rw->arena, insert->row_count + 1,
					       sizeof(PgQuery__Node *));
		columns.count = 1;
	}
	for (size_t r = 0; r < insert->row_count; r++) {
		PgQuery__Node **items =
		    arena_array(rw->arena, columns.count + 1, sizeof(*items));

		for (size_t c = 0; c < columns.count; c++)
			items[c] = columns.cells[c][r] ? columns.cells[c][r]
						       : sql_default(rw->arena);
		rows[r] = sql_list(rw->arena, items, columns.count);
	}
	if (select) {
		select->n_values_lists = insert->row_count;
		select->values_lists = rows;
	} else {
		insert->statement->select_stmt = sql_wrap(
		    rw->arena, sql_values(rw->arena, rows, insert->row_count));
	}
	set_columns(insert, &columns);
}

/* Casts each cell to the old column's type, which the derived table's columns
 * then have. */
static void type_rows(struct insert *insert)
{
	struct rewrite *rw = insert->rw;

	for (size_t r = 0; r < insert->row_count; r++)
		for (size_t n = 0; n < insert->width; n++) {
			size_t i = insert->list[n];
			PgQuery__Node *value =
			    write_insert_value(insert, i, r, false);

			insert->rows[r][n] = rewrite_coerce(
			    rw, &insert->table->columns[i], value);
		}
}

/* Adds a column to the derived table. */
static void list_column(struct insert *insert, size_t index)
{
	insert->given[index] = (int)insert->width;
	insert->list[insert->width++] = index;
}

/* For DEFAULT VALUES, VALUES without columns. */
static PgQuery__SelectStmt *rows_of(struct insert *insert)
{
	struct rewrite *rw = insert->rw;
	PgQuery__InsertStmt *statement = insert->statement;
	PgQuery__Node *row;

	if (!statement->select_stmt) {
		row = sql_list(rw->arena, NULL, 0);
		statement->select_stmt =
		    sql_wrap(rw->arena, sql_values(rw->arena, &row, 1));
	}
	return SQL_AS(statement->select_stmt, SELECT_STMT, select_stmt);
}

/* Adds to the derived table what the answer shows of each row, and values that
 * are drawn once for several columns. */
static void pin_rows(struct insert *insert)
{
	struct rewrite *rw = insert->rw;

	for (size_t i = 0; i < insert->table->column_count; i++) {
		PgQuery__SelectStmt *select;

		if (insert->given[i] >= 0 || !is_carried(insert, i) ||
		    (insert->returned[i] < 0 && !draws_twice(insert, i)))
			continue;
		select = rows_of(insert);
		list_column(insert, i);
		for (size_t r = 0; r < insert->row_count; r++) {
			PgQuery__List *row = select->values_lists[r]->list;

			sql_append(rw->arena, &row->n_items, &row->items,
				   sql_default(rw->arena));
			insert->rows[r] = row->items;
		}
	}
}

/* The same for a query: (SELECT old_row.*, default FROM (query)) */
static PgQuery__Node *draw_beside(struct insert *insert, PgQuery__Node *source)
{
	struct rewrite *rw = insert->rw;
	const struct lens_table *table = insert->table;
	PgQuery__SelectStmt *select = sql_select(rw->arena);

	if (insert->rows || !write_insert_draws_twice(insert))
		return source;
	SQL_APPEND(
	    rw->arena, select, target_list,
	    sql_target(rw->arena, NULL, sql_star(rw->arena, INSERT_ROW)));
	SQL_APPEND(rw->arena, select, from_clause, source);
	for (size_t i = 0; i < table->column_count; i++) {
		const struct lens_column *column = &table->columns[i];

		if (!draws_twice(insert, i))
			continue;
		SQL_APPEND(
		    rw->arena, select, target_list,
		    sql_target(rw->arena, column->old->name,
			       rewrite_coerce(
				   rw, column,
				   write_insert_value(insert, i, 0, false))));
		list_column(insert, i);
	}
	return sql_range_subselect(rw->arena, sql_wrap(rw->arena, select),
				   INSERT_ROW, NULL, 0);
}

PgQuery__Node *write_insert_source(struct insert *insert)
{
	struct rewrite *rw = insert->rw;
	const char **names;

	insert->wrapped = true;
	if (insert->rows)
		pin_rows(insert);
	if (!insert->statement->select_stmt)
		return NULL;
	if (insert->rows)
		type_rows(insert);
	names = arena_array(rw->arena, insert->width + 1, sizeof(*names));
	for (size_t n = 0; n < insert->width; n++)
		names[n] = insert->table->columns[insert->list[n]].old->name;
	return draw_beside(
	    insert,
	    sql_range_subselect(rw->arena, insert->statement->select_stmt,
				INSERT_ROW, names, insert->width));
}

/* INSERT INTO new (...) SELECT expressions FROM (the old statement's rows) AS
 * old_row */
void write_insert_query(struct insert *insert)
{
	struct rewrite *rw = insert->rw;
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	PgQuery__Node *source = write_insert_source(insert);
	struct new_columns columns;

	if (insert->own)
		write_own_rows_start(insert, source);
	columns = make_columns(insert, 1);
	if (insert->own)
		source = write_own_rows_from(insert);
	SQL_APPEND(rw->arena, select, from_clause, source);
	for (size_t c = 0; c < columns.count; c++)
		SQL_APPEND(rw->arena, select, target_list,
			   sql_target(rw->arena, NULL, columns.cells[c][0]));
	set_columns(insert, &columns);
	insert->statement->select_stmt = sql_wrap(rw->arena, select);
}

bool write_insert_rename_only(struct insert *insert)
{
	struct rewrite *rw = insert->rw;
	const struct lens_table *table = insert->table;
	struct new_columns columns = {0};
	PgQuery__Node **cols = insert->statement->cols;

	if (table->extra_count)
		return false;
	columns.targets =
	    arena_array(rw->arena, insert->width + 1, sizeof(*columns.targets));
	for (size_t i = 0; i < table->column_count; i++) {
		const struct lens_column *column = &table->columns[i];

		if (insert->given[i] < 0) {
			if (insert->top && insert->returned[i] >= 0 &&
			    rewrite_draws(column->old))
				return false;
			if (column->read || !column->stored ||
			    write_default_node(rw, table, column, true))
				return false;
		} else if (column->read || column->values || column->recast ||
			   !column->stored || column->computed) {
			return false;
		}
	}
	for (size_t w = 0; w < table->write_count; w++)
		if (table->writes[w].expression)
			return false;
	for (size_t n = 0; n < insert->width; n++)
		columns.targets[columns.count++] =
		    table->columns[insert->list[n]].stored;
	set_columns(insert, &columns);
	for (size_t n = 0; insert->parts && n < insert->width; n++) {
		PgQuery__ResTarget *made =
		    insert->statement->cols[n]->res_target;

		made->n_indirection = cols[n]->res_target->n_indirection;
		made->indirection = cols[n]->res_target->indirection;
	}
	return true;
}

bool write_insert_needs_values(struct insert *insert)
{
	struct rewrite *rw = insert->rw;
	const struct lens_table *table = insert->table;
	bool missing = rw->touched.pins_missing;
	bool needs = table->mapped;
	size_t specials = rw->filled.special_count;

	for (size_t i = 0; i < table->column_count && !needs; i++) {
		size_t rows = insert->rows ? insert->row_count : 1;

		for (size_t r = 0; r < rows && !needs; r++) {
			PgQuery__Node *value = cell(insert, i, r);
			const struct catalog_column *old =
			    table->columns[i].old;

			if (insert->given[i] >= 0 && !insert->rows)
				continue;
			if (value && !SQL_IS(value, SET_TO_DEFAULT) &&
			    !insert->generated[r][insert->given[i]])
				continue;
			needs = old->default_kind == DEFAULT_CLOCK ||
				(insert->top && insert->returned[i] >= 0 &&
				 rewrite_draws(old));
			needs |= value && insert->top &&
				 !SQL_IS(value, SET_TO_DEFAULT) &&
				 insert->returned[i] >= 0;
			if (!needs && rewrite_draws(old) &&
			    (!value || SQL_IS(value, SET_TO_DEFAULT)))
				missing = true;
		}
	}
	rw->filled.special_count = specials;
	if (!needs)
		rw->touched.pins_missing = missing;
	return needs;
}
