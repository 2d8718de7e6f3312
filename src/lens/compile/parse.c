/*
 * Parses the mapping's expressions. A column's name becomes a reference to its
 * row, with a qualifier that no statement can spell:
 *
 *	first_name || ' ' || last_name
 *	"\001row".first_name || ' ' || "\001row".last_name
 */
#include "lens/compile/parse.h"

#include <stdio.h>
#include <string.h>

#include "lens/compile/find.h"
#include "lens/compile/type.h"

struct marking {
	struct compile *compile;
	const struct mapping_text *text;
	const struct compile_row *rows;
	size_t row_count;
	const char *which;
	bool failed;
	/* an unknown name is not reported: it may be a system column
	 * (tableoid) */
	bool quiet;
};

/* Whether a FROM item of a query within the expression has that column. */
static bool has_column(struct compile *compile, const PgQuery__Node *item,
		       const char *first, const char *name)
{
	PgQuery__JoinExpr *join = SQL_AS(item, JOIN_EXPR, join_expr);
	PgQuery__RangeVar *var = SQL_AS(item, RANGE_VAR, range_var);
	PgQuery__RangeSubselect *query =
	    SQL_AS(item, RANGE_SUBSELECT, range_subselect);
	PgQuery__RangeFunction *function =
	    SQL_AS(item, RANGE_FUNCTION, range_function);
	const struct catalog_table *table;
	const char *alias = NULL;

	if (join)
		return has_column(compile, join->larg, first, name) ||
		       has_column(compile, join->rarg, first, name);
	if (var)
		alias = var->alias ? var->alias->aliasname : var->relname;
	else if (query && query->alias)
		alias = query->alias->aliasname;
	else if (function && function->alias)
		alias = function->alias->aliasname;
	if (first)
		return same_name(alias, first);
	if (function)
		return same_name(alias, name);
	if (query) {
		PgQuery__SelectStmt *select =
		    SQL_AS(query->subquery, SELECT_STMT, select_stmt);

		for (size_t i = 0; select && i < select->n_target_list; i++) {
			PgQuery__ResTarget *target =
			    select->target_list[i]->res_target;

			if (same_name(
				SQL_SET(target->name)
				    ? target->name
				    : compile->lens->parser->dialect->syntax
					  ->output_name(target->val),
				name))
				return true;
		}
		return false;
	}
	if (!var)
		return false;
	table = compile_find_table(
	    compile->lens->new_catalog,
	    SQL_SET(var->schemaname) ? var->schemaname : NULL, var->relname);
	return table && catalog_column(table, name);
}

/* Whether the name belongs to a query within the expression, not to the row. */
static bool is_query_column(struct compile *compile,
			    const struct sql_place *place, const char *first,
			    const char *name)
{
	for (; place; place = place->parent) {
		PgQuery__SelectStmt *select;

		if (!SQL_AT(place, select_stmt))
			continue;
		select = (PgQuery__SelectStmt *)place->message;
		for (size_t i = 0; i < select->n_from_clause; i++)
			if (has_column(compile, select->from_clause[i], first,
				       name))
				return true;
	}
	return false;
}

static bool inside_query(const struct sql_place *place)
{
	for (; place; place = place->parent)
		if (SQL_AT(place, select_stmt))
			return true;
	return false;
}

static const struct compile_row *row_of(const struct marking *marking,
					const char *first, const char *name)
{
	for (size_t i = 0; i < marking->row_count; i++) {
		const struct compile_row *row = &marking->rows[i];

		if (first && !same_name(first, row->names[0]) &&
		    !same_name(first, row->names[1]))
			continue;
		if (catalog_column(row->table, name))
			return row;
	}
	return NULL;
}

static enum sql_step mark_column(struct sql_place *place, void *context,
				 struct error *error);

/* A generated column of the old row is replaced by its expression. The
 * expression's inputs are known before a row is written; its value is not. */
static PgQuery__Node *generated_value(struct compile *compile,
				      const struct catalog_table *table,
				      const struct catalog_column *column)
{
	struct lens *lens = compile->lens;
	struct compile_row row = {.table = table, .row = LENS_ROW};
	struct marking marking = {.compile = compile,
				  .text = &(struct mapping_text){0},
				  .rows = &row,
				  .row_count = 1,
				  .which = "the old table",
				  .quiet = true};
	struct sql_visitor visitor = {mark_column, NULL, &marking};
	PgQuery__TypeName *type;
	PgQuery__Node *node = NULL;
	struct error error;

	error_init(&error);
	if (!column->default_sql ||
	    parser_expression(lens->old_parser, column->default_sql,
			      &lens->arena, &node, &error) < 0)
		return NULL;
	sql_forget_places(sql_unwrap(node));
	if (sql_walk(&node, &visitor, &error) < 0 || marking.failed)
		return NULL;
	type = lens_type(lens, &lens->arena, lens->old_catalog, column, false);
	return type ? sql_cast(&lens->arena, node, type) : node;
}

static enum sql_step mark_column(struct sql_place *place, void *context,
				 struct error *error)
{
	struct marking *marking = context;
	const struct compile_row *row = NULL;
	PgQuery__ColumnRef *ref;
	const char *name;
	const char *first = NULL;

	(void)error;
	if (!SQL_AT(place, column_ref))
		return SQL_STEP_INTO;
	ref = (PgQuery__ColumnRef *)place->message;
	name = sql_string_value(ref->fields[ref->n_fields - 1]);
	if (ref->n_fields == 2)
		first = sql_string_value(ref->fields[0]);
	if (name && is_query_column(marking->compile, place, first, name))
		return SQL_STEP_OVER;
	if (name && ref->n_fields <= 2)
		row = row_of(marking, first, name);
	if (row) {
		struct arena *arena = &marking->compile->lens->arena;
		const struct catalog_column *column =
		    catalog_column(row->table, name);
		const char *parts[] = {row->row, name};
		PgQuery__Node *value = NULL;

		if (row->old && column->generated == GENERATED_STORED)
			value = generated_value(marking->compile, row->table,
						column);
		*place->slot =
		    value ? value : sql_column_parts(arena, parts, 2);
		return SQL_STEP_OVER;
	}
	if (inside_query(place))
		return SQL_STEP_OVER; /* a column of a table that is unknown
					 here */
	marking->failed = true;
	if (marking->quiet)
		return SQL_STEP_OVER;
	row = &marking->rows[0];
	for (size_t i = 0; first && i < marking->row_count; i++)
		if (same_name(first, marking->rows[i].names[0]))
			row = &marking->rows[i];
	compile_report(
	    marking->compile, SEVERITY_ERROR, marking->text->place,
	    name ? compile_nearest_column(marking->compile, row->table, name)
		 : NULL,
	    "\"%s\" is not a column of %s \"%s.%s\"", name ? name : "*",
	    marking->which, row->table->schema, row->table->name);
	return SQL_STEP_OVER;
}

void compile_inner_name(struct compile *compile, const char *name)
{
	struct lens *lens = compile->lens;

	lens->inner_names = arena_push(
	    &lens->arena, (void *)lens->inner_names, &lens->inner_name_count,
	    &lens->inner_name_capacity, sizeof(*lens->inner_names));
	lens->inner_names[lens->inner_name_count - 1] = name;
}

static bool has_with(const PgQuery__Node *node)
{
	return SQL_IS(node, SELECT_STMT) && node->select_stmt->with_clause;
}

/* Qualifies the tables of queries within an expression by their schema, so that
 * they mean the same in any session and beside any statement's WITH. Notes what
 * each of them is called. */
static enum sql_step note_table_name(struct sql_place *place, void *context,
				     struct error *error)
{
	struct compile *compile = context;
	const PgQuery__Alias *alias = NULL;
	const char *name = NULL;

	(void)error;
	if (SQL_AT(place, range_var)) {
		PgQuery__RangeVar *var = (PgQuery__RangeVar *)place->message;
		const struct catalog_table *table = compile_find_table(
		    compile->lens->new_catalog,
		    SQL_SET(var->schemaname) ? var->schemaname : NULL,
		    var->relname);
		bool own = false; /* it is the name of an enclosing WITH */

		for (const struct sql_place *at = place; at; at = at->parent)
			own |= at->slot && has_with(*at->slot);
		if (table && !own)
			var->schemaname =
			    arena_string(&compile->lens->arena, table->schema);
		name = var->relname;
		alias = var->alias;
	} else if (SQL_AT(place, range_subselect)) {
		alias = ((PgQuery__RangeSubselect *)place->message)->alias;
	} else if (SQL_AT(place, range_function)) {
		alias = ((PgQuery__RangeFunction *)place->message)->alias;
	}
	if (alias)
		name = alias->aliasname;
	if (name)
		compile_inner_name(compile, name);
	return SQL_STEP_INTO;
}

static enum sql_step find_parameter(struct sql_place *place, void *context,
				    struct error *error)
{
	int *number = context;

	(void)error;
	if (!SQL_AT(place, param_ref))
		return SQL_STEP_INTO;
	*number = ((const PgQuery__ParamRef *)place->message)->number;
	return SQL_STEP_STOP;
}

/* A parameter would be taken for one of the statement's. */
static bool refuse_parameter(struct compile *compile,
			     const struct mapping_text *text,
			     PgQuery__Node *node)
{
	int number = -1;
	struct sql_visitor visitor = {find_parameter, NULL, &number};
	struct error error;

	sql_walk(&node, &visitor, &error);
	if (number < 0)
		return false;
	compile_report(compile, SEVERITY_ERROR, text->place, NULL,
		       "$%d is not possible here: an expression of the "
		       "mapping can use columns and constants, but no "
		       "parameters",
		       number);
	return true;
}

PgQuery__Node *compile_expression(struct compile *compile,
				  const struct mapping_text *text,
				  const struct compile_row *rows, size_t count,
				  const char *which)
{
	struct marking marking = {compile, text, rows, count, which, 0, false};
	struct sql_visitor visitor = {mark_column, NULL, &marking};
	PgQuery__Node *node = NULL;
	struct error error;

	if (!text->text)
		return sql_const_null(&compile->lens->arena);
	error_init(&error);
	if (parser_expression(compile->lens->parser, text->text,
			      &compile->lens->arena, &node, &error) < 0) {
		struct place place = text->place;

		/* Locations inside the text; its end counts as the last
		 * line. */
		if (error.line == 1 && error.column > 0)
			place.column += error.column - 1;
		compile_report(compile, SEVERITY_ERROR, place, NULL,
			       "the expression cannot be read: %s",
			       error.message);
		return NULL;
	}
	sql_forget_places(sql_unwrap(node));
	if (sql_walk(&node, &visitor, &error) < 0) {
		compile_report(compile, SEVERITY_ERROR, text->place, NULL,
			       "the expression is too deep");
		return NULL;
	}
	if (marking.failed || refuse_parameter(compile, text, node))
		return NULL;
	visitor = (struct sql_visitor){note_table_name, NULL, compile};
	sql_walk(&node, &visitor, &error);
	return node;
}

PgQuery__Node *compile_over_old(struct compile *compile,
				const struct lens_table *table,
				const struct mapping_text *text)
{
	struct compile_row row = {
	    table->old,
	    LENS_ROW,
	    {table->old->name, table->table ? table->table->name : NULL},
	    true};

	return compile_expression(compile, text, &row, 1, "the old table");
}

PgQuery__Node *compile_over_new(struct compile *compile,
				const struct lens_table *table,
				const struct mapping_text *text)
{
	struct compile_row *rows = arena_array(
	    &compile->lens->scratch, table->place_count + 1, sizeof(*rows));
	size_t count = 0;

	/* The tables of any_of have the same columns, so the first stands for
	 * all. */
	for (size_t i = 0; i < table->place_count; i++) {
		const struct lens_place *place = &table->places[i];

		if (i && i < table->anchor_count)
			continue;
		rows[count++] = (struct compile_row){
		    place->table,
		    place->row,
		    {place->name, i ? place->table->name : table->old->name},
		    false};
	}
	return compile_expression(compile, text, rows, count, "the new table");
}

struct inputs {
	const struct lens_table *table;
	bool *inputs;
};

static enum sql_step mark_input(struct sql_place *place, void *context,
				struct error *error)
{
	struct inputs *inputs = context;
	PgQuery__ColumnRef *ref;

	(void)error;
	if (!SQL_AT(place, column_ref))
		return SQL_STEP_INTO;
	ref = (PgQuery__ColumnRef *)place->message;
	if (ref->n_fields != 2 ||
	    !same_name(sql_string_value(ref->fields[0]), LENS_ROW))
		return SQL_STEP_OVER;
	for (size_t i = 0; i < inputs->table->column_count; i++)
		if (same_name(inputs->table->columns[i].old->name,
			      sql_string_value(ref->fields[1])))
			inputs->inputs[i] = true;
	return SQL_STEP_OVER;
}

void compile_inputs(const struct lens_table *table, PgQuery__Node *expression,
		    bool *inputs)
{
	struct inputs context = {table, inputs};
	struct sql_visitor visitor = {mark_input, NULL, &context};
	struct error error;

	sql_walk(&expression, &visitor, &error);
}

void compile_generation(struct compile *compile, const struct lens_table *table,
			struct lens_column *column)
{
	column->inputs = arena_array(&compile->lens->arena,
				     table->column_count + 1, sizeof(bool));
	column->generation = generated_value(compile, table->old, column->old);
	if (column->generation)
		compile_inputs(table, column->generation, column->inputs);
	for (size_t i = 0; !column->generation && i < table->column_count; i++)
		column->inputs[i] = true;
}
