/* INSERT: the old row's values become the new row's. */
#include "lens/compile.h"
#include "lens/image.h"
#include "lens/insert.h"

#include <string.h>

/* ---- what the statement says ---- */

static void read_columns(struct insert *insert)
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
				     "column \"%s\" is there twice",
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

/* The primary takes nothing but DEFAULT for it. */
static void refuse_generated(struct insert *insert, size_t index)
{
	const struct catalog_column *old = insert->table->columns[index].old;

	if (old->generated == GENERATED_STORED)
		rewrite_fail(insert->rw, -1,
			     "a value for the generated column \"%s\"",
			     old->name);
}

static void read_values(struct insert *insert, PgQuery__SelectStmt *select)
{
	struct rewrite *rw = insert->rw;

	insert->row_count = select->n_values_lists;
	insert->rows = arena_array(rw->arena, insert->row_count + 1,
				   sizeof(*insert->rows));
	insert->generated = arena_array(rw->arena, insert->row_count + 1,
					sizeof(*insert->generated));
	for (size_t r = 0; r < insert->row_count; r++) {
		PgQuery__List *row = select->values_lists[r]->list;

		if (row->n_items != insert->width)
			rewrite_fail(rw, -1,
				     "INSERT has another number of "
				     "values than of columns");
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
				infer_parameter(
				    rw, row->items[n],
				    insert->table->columns[i].old->type, true);
			rewrite_expression(rw, insert->scope, &row->items[n],
					   &facts);
			insert->generated[r][n] =
			    facts.unpinned || facts.volatile_value;
			note_stored(rw, insert->table,
				    &insert->table->columns[i], &facts);
			if (insert->returned[i] >= 0)
				continue; /* the answer shows it */
			rw->volatile_effect |= facts.volatile_value;
			rw->pins_missing |= facts.unpinned;
		}
	}
}

static size_t query_width(struct insert *insert, const struct outputs *outputs)
{
	if (!outputs->open && outputs->count < insert->width)
		return outputs->count;
	if (outputs->open && !insert->statement->n_cols)
		rewrite_fail(insert->rw, -1,
			     "INSERT without a column list, from a query whose "
			     "columns are not known");
	return insert->width;
}

static void read_source(struct insert *insert, const struct scope *outer)
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
		rw->volatile_effect |= outputs.items[i].facts.volatile_value;
		rw->pins_missing |= outputs.items[i].facts.unpinned &&
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
			note_stored(rw, insert->table,
				    &insert->table->columns[insert->list[n]],
				    &outputs.items[n].facts);
	}
}

/* ---- values ---- */

static bool is_pinnable(const struct catalog_column *column)
{
	return column->generated == GENERATED_SERIAL ||
	       column->generated == GENERATED_IDENTITY_ALWAYS ||
	       column->generated == GENERATED_IDENTITY_DEFAULT ||
	       column->default_kind == DEFAULT_SEQUENCE ||
	       column->default_kind == DEFAULT_VOLATILE;
}

/* The value that the answer shows for the column in that row. */
static PgQuery__Node *pin(struct insert *insert, size_t index, size_t row,
			  bool leave, const PgQuery__Node *value)
{
	struct rewrite *rw = insert->rw;
	const char *name, *sequence;
	const struct lens_column *column = &insert->table->columns[index];
	struct special special = {.kind = SPECIAL_PIN, .row = row};
	const struct catalog_type *type =
	    catalog_type(rw->lens->old_catalog, column->old->type);
	PgQuery__Node *shown[2];

	if (!insert->top || insert->returned[index] < 0 || rw->deferred)
		return NULL;
	special.column = (size_t)insert->returned[index];
	if (type)
		special.type = catalog_type_named(rw->lens->new_catalog,
						  type->schema, type->name);
	special.sequence = sequence_of(rw, column->stored);
	special.fallback = "DEFAULT";
	if (value && sequence_call(value, &name, &sequence) && sequence &&
	    same_name(name, "nextval")) {
		/* perhaps not that of the column's own */
		PgQuery__Node *argument = value->func_call->args[0];

		if (SQL_IS(argument, TYPE_CAST))
			argument = argument->type_cast->arg;
		rewrite_fix(rw, argument->a_const);
		special.sequence = sequence_text(rw, sequence);
		leave = false;
	} else if (value) {
		/* Any other is computed again where none is shown: of a
		 * statement that failed, of a row that was left out. */
		special.sequence = NULL;
		special.fallback = "NULL";
		rw->pin_rows = insert->row_count;
		shown[0] = special_node(rw, special);
		shown[1] = coerce_old(rw, column, sql_copy(rw->arena, value));
		return sql_coalesce(rw->arena, shown, 2);
	}
	if ((insert->wrapped || !leave) && !special.sequence)
		return NULL;
	if (insert->wrapped || !leave)
		special.fallback = arena_printf(
		    rw->arena, "pg_catalog.nextval('%s')", special.sequence);
	/* From a query: only the value of a single row can be carried. */
	rw->pin_rows = insert->rows ? insert->row_count : 1;
	if (column->stored &&
	    column->stored->generated == GENERATED_IDENTITY_ALWAYS)
		insert->overrides = true;
	return special_node(rw, special);
}

static PgQuery__Node *cell(struct insert *insert, size_t index, size_t row)
{
	int place = insert->given[index];

	if (place < 0 || !insert->rows)
		return NULL;
	return insert->rows[row][place];
}

PgQuery__Node *insert_value(struct insert *insert, size_t index, size_t row,
			    bool leave)
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
	if (is_pinnable(column->old)) {
		pinned = pin(insert, index, row, leave, NULL);
		if (pinned)
			return pinned;
	}
	return default_node(rw, insert->table, column, leave);
}

static PgQuery__Node *row_column(struct insert *insert, size_t index)
{
	return sql_column(insert->rw->arena, INSERT_ROW,
			  insert->table->columns[index].old->name);
}

/* The new column's value for a row, or NULL: leave it to the new table. */
static PgQuery__Node *write_value(struct insert *insert,
				  const struct lens_write *write, size_t row)
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
		value = derived ? row_column(insert, write->source)
				: insert_value(insert, write->source, row,
					       !column->values);
		if (!value)
			return NULL;
		if (column->values)
			return recode_write(rw, column, value, false);
		return column->recast || (derived && !insert->rows)
			   ? coerce_old(rw, column, value)
			   : value;
	}
	inputs =
	    arena_array(rw->arena, table->column_count + 1, sizeof(*inputs));
	for (size_t i = 0; i < table->column_count; i++) {
		if (!write->inputs[i])
			continue;
		inputs[i] = insert->wrapped && insert->given[i] >= 0
				? row_column(insert, i)
				: insert_value(insert, i, row, false);
		inputs[i] = coerce_old(rw, &table->columns[i], inputs[i]);
	}
	return expand_write(rw, table, write->expression, inputs);
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
	return write_value(insert, &write, row);
}

/* ---- the new statement ---- */

struct new_columns {
	const struct catalog_column **targets;
	PgQuery__Node ***cells; /* [target][row]; NULL: DEFAULT */
	size_t count;
};

/* keep: even if it is DEFAULT in all rows */
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

static struct new_columns make_columns(struct insert *insert, size_t rows)
{
	struct rewrite *rw = insert->rw;
	const struct lens_table *table = insert->table;
	size_t room = table->write_count + table->extra_count + 1;
	struct new_columns columns = {0};

	columns.targets =
	    arena_array(rw->arena, room, sizeof(*columns.targets));
	columns.cells = arena_array(rw->arena, room, sizeof(*columns.cells));
	for (size_t w = 0; w < table->write_count; w++) {
		PgQuery__Node **cells =
		    arena_array(rw->arena, rows + 1, sizeof(*cells));

		for (size_t r = 0; r < rows; r++)
			cells[r] = write_value(insert, &table->writes[w], r);
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
			cells[r] = extra_value(insert, &table->extras[e], r);
		add_column(&columns, table->extras[e].target, cells, rows,
			   false);
	}
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

static void write_values(struct insert *insert)
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

/* Each cell with the old column's type, so that the derived table has it. */
static void type_rows(struct insert *insert)
{
	struct rewrite *rw = insert->rw;

	for (size_t r = 0; r < insert->row_count; r++)
		for (size_t n = 0; n < insert->width; n++) {
			size_t i = insert->list[n];
			PgQuery__Node *value =
			    insert_value(insert, i, r, false);

			insert->rows[r][n] =
			    coerce_old(rw, &insert->table->columns[i], value);
		}
}

/* What the answer shows of each row goes into the derived table too. */
static void pin_rows(struct insert *insert)
{
	struct rewrite *rw = insert->rw;
	PgQuery__SelectStmt *select =
	    SQL_AS(insert->statement->select_stmt, SELECT_STMT, select_stmt);

	for (size_t i = 0; i < insert->table->column_count; i++) {
		if (insert->given[i] >= 0 || insert->returned[i] < 0 ||
		    !is_pinnable(insert->table->columns[i].old))
			continue;
		insert->given[i] = (int)insert->width;
		insert->list[insert->width++] = i;
		for (size_t r = 0; r < insert->row_count; r++) {
			PgQuery__List *row = select->values_lists[r]->list;

			sql_append(rw->arena, &row->n_items, &row->items,
				   sql_default(rw->arena));
			insert->rows[r] = row->items;
		}
	}
}

PgQuery__Node *insert_source(struct insert *insert)
{
	struct rewrite *rw = insert->rw;
	const char **names;

	insert->wrapped = true;
	if (!insert->statement->select_stmt)
		return NULL;
	if (insert->rows) {
		pin_rows(insert);
		type_rows(insert);
	}
	names = arena_array(rw->arena, insert->width + 1, sizeof(*names));
	for (size_t n = 0; n < insert->width; n++)
		names[n] = insert->table->columns[insert->list[n]].old->name;
	return sql_range_subselect(rw->arena, insert->statement->select_stmt,
				   INSERT_ROW, names, insert->width);
}

/* INSERT INTO new (...) SELECT expressions FROM (what it was) AS old_row */
static void write_query(struct insert *insert)
{
	struct rewrite *rw = insert->rw;
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	PgQuery__Node *source = insert_source(insert);
	struct new_columns columns = make_columns(insert, 1);

	SQL_APPEND(rw->arena, select, from_clause, source);
	for (size_t c = 0; c < columns.count; c++)
		SQL_APPEND(rw->arena, select, target_list,
			   sql_target(rw->arena, NULL, columns.cells[c][0]));
	set_columns(insert, &columns);
	insert->statement->select_stmt = sql_wrap(rw->arena, select);
}

/* With names changed and nothing computed. */
static bool rename_only(struct insert *insert)
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
			    is_pinnable(column->old))
				return false;
			if (column->read || !column->stored ||
			    default_node(rw, table, column, true))
				return false;
		} else if (column->read || column->values || column->recast ||
			   !column->stored) {
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

static enum sql_step count_reference(struct sql_place *place, void *context,
				     struct error *error)
{
	size_t *uses = context;

	(void)error;
	if (SQL_AT(place, column_ref))
		(*uses)++;
	return SQL_STEP_INTO;
}

/* Would a value that is no constant be computed more than once? */
static bool computes_twice(struct insert *insert)
{
	const struct lens_table *table = insert->table;
	struct error error;

	for (size_t n = 0; n < insert->width; n++) {
		size_t i = insert->list[n];
		size_t uses = 0;
		bool complex = false;

		for (size_t r = 0; r < insert->row_count; r++)
			complex |= !is_constant(insert->rows[r][n]) &&
				   !SQL_IS(insert->rows[r][n], SET_TO_DEFAULT);
		for (size_t w = 0; complex && w < table->write_count; w++) {
			struct sql_visitor visitor = {count_reference, NULL,
						      &uses};

			if (!table->writes[w].inputs[i])
				continue;
			if (table->writes[w].expression)
				sql_walk(&table->writes[w].expression, &visitor,
					 &error);
			else
				uses += recode_uses(&table->columns[i]);
		}
		if (complex && uses > 1)
			return true;
	}
	return false;
}

/* Is there a value to be put in that the new table would not? */
static bool needs_values(struct insert *insert)
{
	struct rewrite *rw = insert->rw;
	const struct lens_table *table = insert->table;
	bool missing = rw->pins_missing;
	bool needs = table->mapped;
	size_t specials = rw->special_count;

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
				 is_pinnable(old));
			needs |= value && insert->top &&
				 !SQL_IS(value, SET_TO_DEFAULT) &&
				 insert->returned[i] >= 0;
			if (!needs && is_pinnable(old) &&
			    (!value || SQL_IS(value, SET_TO_DEFAULT)))
				missing = true;
		}
	}
	rw->special_count = specials;
	if (!needs)
		rw->pins_missing = missing;
	return needs;
}

void insert_check_writable(struct insert *insert)
{
	for (size_t n = 0; n < insert->width; n++) {
		const struct lens_column *column =
		    &insert->table->columns[insert->list[n]];

		if (!column->writable)
			refuse_unwritable(insert->rw, column, -1);
		if (column->stored &&
		    column->old->generated != GENERATED_IDENTITY_ALWAYS &&
		    column->stored->generated == GENERATED_IDENTITY_ALWAYS)
			insert->overrides = true;
	}
}

/* What the rows give to columns whose look-up is created. */
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
			note_added(rw, column, row_column(insert, i));
			continue;
		}
		for (size_t r = 0; r < insert->row_count || !r; r++) {
			note_added(rw, column,
				   insert_value(insert, i, r, false));
			if (!insert->rows || insert->given[i] < 0)
				break; /* the default, the same for all */
		}
	}
	if (source)
		add_lookups(rw, insert->scope, &source, 1, NULL, false);
	/* A value that is an expression of none. */
	add_lookups(rw, insert->scope, NULL, 0, NULL, false);
}

static void write_row(struct insert *insert)
{
	if (!needs_values(insert))
		return;
	insert_check_writable(insert);
	add_row_lookups(insert);
	insert->rw->changed = true;
	if (insert->parts && !rename_only(insert))
		rewrite_fail(insert->rw, -1,
			     "a part of a column is written, and the mapping "
			     "does more than rename");
	else if (insert->parts)
		return;
	if (insert->rows && computes_twice(insert))
		write_query(insert);
	else if (insert->rows)
		write_values(insert);
	else if (!rename_only(insert))
		write_query(insert);
	if (insert->overrides)
		insert->statement->override =
		    PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE;
}

void rewrite_insert(struct rewrite *rw, const struct scope *outer,
		    PgQuery__Node *query, struct outputs *outputs, bool top)
{
	PgQuery__InsertStmt *statement = query->insert_stmt;
	struct image *image = NULL;
	struct insert insert = {.rw = rw, .statement = statement, .top = top};
	struct scope *values = scope_new(rw, outer, true);

	values->ctes =
	    rewrite_with(rw, outer, values->ctes, statement->with_clause);
	insert.scope = scope_new(rw, values, true);
	if (rw->qualify && spread_takes_insert(rw, statement)) {
		image = spread_insert_image(&insert, insert.scope);
		insert.target = image->item;
	} else {
		insert.target =
		    target_item(rw, insert.scope, statement->relation);
	}
	insert.table = insert.target->relation->table;
	items_add(rw, &insert.scope->items, insert.target);
	if (insert.table)
		read_columns(&insert);
	insert.returning_count = statement->n_returning_list;
	insert.returning = arena_array(
	    rw->arena, statement->n_returning_list + 1, sizeof(void *));
	for (size_t n = 0; image && n < statement->n_returning_list; n++)
		insert.returning[n] =
		    sql_copy(rw->arena, statement->returning_list[n]);
	rewrite_targets(rw, insert.scope, &statement->n_returning_list,
			&statement->returning_list, outputs);
	for (size_t n = 0; insert.table && !outputs->open && n < outputs->count;
	     n++)
		if (outputs->items[n].source &&
		    outputs->items[n].source->column)
			insert
			    .returned[outputs->items[n].source->column->index] =
			    (int)n;
	/* The values see neither the target nor each other. */
	struct scope *target_scope = insert.scope;

	insert.scope = values;
	if (image) {
		read_source(&insert, outer);
		add_row_lookups(&insert);
		insert.scope = target_scope;
		spread_insert(&insert, image, query);
		if (top)
			rw->order = ORDER_NONE;
		return;
	}
	if (insert.table) {
		read_source(&insert, outer);
		write_row(&insert);
	} else if (statement->select_stmt) {
		struct outputs ignored = {0};

		rewrite_query(rw, values, statement->select_stmt, &ignored,
			      false);
	}
	insert.scope = target_scope;
	if (statement->on_conflict_clause)
		rewrite_conflict(rw, insert.scope, insert.target,
				 statement->on_conflict_clause);
	add_constant_lookups(rw, insert.scope);
	if (top)
		rw->order = ORDER_NONE;
}

/* ---- MERGE ---- */

/* A value that may be computed as often as it is used: a sub-query around it,
 * as INSERT has it, there is no room for. */
static void refuse_drawn_twice(struct insert *insert)
{
	for (size_t n = 0; insert->rows && n < insert->width; n++)
		if (insert->generated && insert->generated[0][n] &&
		    computes_twice(insert))
			rewrite_fail(insert->rw, -1,
				     "a value of MERGE that differs each time "
				     "feeds several columns");
}

void rewrite_merge_insert(struct rewrite *rw, struct scope *scope,
			  struct item *target, PgQuery__MergeWhenClause *when)
{
	PgQuery__InsertStmt *statement =
	    sql_new(rw->arena, &pg_query__insert_stmt__descriptor);
	struct insert insert = {.rw = rw,
				.scope = scope,
				.statement = statement,
				.target = target,
				.table = target->relation->table};
	struct facts facts = {0};
	PgQuery__Node *row;
	PgQuery__SelectStmt *select;

	if (!insert.table) {
		for (size_t i = 0; i < when->n_values; i++)
			if (!SQL_IS(when->values[i], SET_TO_DEFAULT))
				rewrite_expression(rw, scope, &when->values[i],
						   &facts);
		return;
	}
	row = sql_list(rw->arena, when->values, when->n_values);
	statement->n_cols = when->n_target_list;
	statement->cols = when->target_list;
	statement->override = when->override;
	if (when->n_values)
		statement->select_stmt =
		    sql_wrap(rw->arena, sql_values(rw->arena, &row, 1));
	read_columns(&insert);
	read_source(&insert, NULL);
	if (insert.parts && insert.table->mapped)
		rewrite_fail(rw, -1, "a part of a column is written by MERGE");
	if (needs_values(&insert)) {
		insert_check_writable(&insert);
		refuse_drawn_twice(&insert);
		for (size_t n = 0; insert.rows && n < insert.width; n++)
			note_added(rw, &insert.table->columns[insert.list[n]],
				   insert.rows[0][n]);
		rw->changed = true;
		write_values(&insert);
	}
	if (insert.overrides)
		statement->override =
		    PG_QUERY__OVERRIDING_KIND__OVERRIDING_SYSTEM_VALUE;
	select = SQL_AS(statement->select_stmt, SELECT_STMT, select_stmt);
	when->n_target_list = statement->n_cols;
	when->target_list = statement->cols;
	when->override = statement->override;
	when->n_values = select ? select->values_lists[0]->list->n_items : 0;
	when->values = select ? select->values_lists[0]->list->items : NULL;
}
