/*
 * SET lists of UPDATE, ON CONFLICT and MERGE. A value that feeds several new
 * columns is computed once:
 *
 *	UPDATE users SET name = lower(email)
 *
 *	UPDATE app.accounts AS users SET (first, last) = (
 *		SELECT f(old_value.name::text), g(old_value.name::text)
 *		FROM (SELECT lower(users.mail)::text AS name) AS old_value)
 */
#include "lens/write/assign.h"

#include <string.h>

#include "lens/rewrite/expression.h"
#include "lens/rewrite/generated.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/recode.h"
#include "lens/rewrite/refuse.h"
#include "lens/rewrite/touched.h"
#include "lens/write/default.h"
#include "lens/write/lookup.h"
#include "lens/write/own_rows.h"
#include "lens/write/set_query.h"

struct assignments {
	struct rewrite *rw;
	struct scope *scope;
	struct item *target;
	const struct lens_table *table;
	PgQuery__Node **values; /* by old column, the value that it is set to */
	bool *set;
	bool *complex;	       /* must not be written twice */
	bool *drawn;	       /* differs at each evaluation */
	bool *looked;	       /* is looked up in the table itself */
	PgQuery__Node **parts; /* by old column, targets that set a part of
				  it */
	size_t part_count;
	bool *in_parts;
	size_t *uses;
	/* of SET (a, b) = (SELECT ...) */
	PgQuery__SelectStmt *query;
	const char **query_columns;
	size_t query_column_count;
	bool query_is_volatile;
};

static void note_value(struct rewrite *rw, const struct facts *facts)
{
	rw->touched.volatile_effect |= facts->volatile_value;
	rw->touched.pins_missing |= facts->unpinned && !facts->table;
}

static const struct lens_column *column_of(struct assignments *set,
					   const PgQuery__ResTarget *target)
{
	const struct lens_table *table = set->table;

	for (size_t i = 0; table && i < table->column_count; i++)
		if (same_name(table->columns[i].old->name, target->name))
			return &table->columns[i];
	if (table && table->mapped)
		rewrite_fail(set->rw, target->location,
			     "table \"%s\" has no column \"%s\"",
			     table->old->name, target->name);
	return NULL;
}

/* Rewrites the values in place. The columns keep their names. */
static void assign_plain(struct assignments *set, PgQuery__ResTarget *target)
{
	struct rewrite *rw = set->rw;
	const struct lens_column *column = column_of(set, target);
	PgQuery__MultiAssignRef *multi =
	    SQL_AS(target->val, MULTI_ASSIGN_REF, multi_assign_ref);
	struct facts facts = {0};

	if (SQL_IS(target->val, SET_TO_DEFAULT)) {
		PgQuery__Node *made =
		    column ? write_default_node(rw, set->table, column, true)
			   : NULL;

		if (made)
			target->val = made;
		return;
	}
	if (column && !target->n_indirection)
		rewrite_infer_parameter(rw, target->val, column->old->type,
					true);
	if (!multi)
		rewrite_expression(rw, set->scope, &target->val, &facts);
	note_value(rw, &facts);
	if (column)
		rewrite_note_stored(rw, set->table, column, &facts);
	for (size_t i = 0; i < target->n_indirection; i++)
		rewrite_expression(rw, set->scope, &target->indirection[i],
				   &facts);
}

static void share_source(struct rewrite *rw,
			 const PgQuery__MultiAssignRef *first,
			 PgQuery__MultiAssignRef *other)
{
	struct shared *shared = ARENA_PUSH(rw->arena, &rw->finish, shared);

	shared->first = first;
	shared->other = other;
	other->source = first->source;
}

void write_share_sources(struct rewrite *rw)
{
	for (size_t i = 0; i < rw->finish.shared_count; i++)
		rw->finish.shareds[i].other->source =
		    sql_copy(rw->arena, rw->finish.shareds[i].first->source);
}

/* In (a, b) = ..., the parser gives each target the same source. */
static void read_sources(struct assignments *set, size_t count,
			 PgQuery__Node **list)
{
	struct rewrite *rw = set->rw;
	struct facts facts = {0};

	for (size_t i = 0; i < count; i++) {
		PgQuery__MultiAssignRef *multi =
		    SQL_AS(list[i]->res_target->val, MULTI_ASSIGN_REF,
			   multi_assign_ref);
		size_t width;

		if (!multi || multi->colno != 1)
			continue;
		width = (size_t)multi->ncolumns;
		rewrite_expression(rw, set->scope, &multi->source, &facts);
		note_value(rw, &facts);
		for (size_t n = 0; n < width && i + n < count; n++) {
			const struct lens_column *column =
			    column_of(set, list[i + n]->res_target);

			if (column)
				rewrite_note_stored(rw, set->table, column,
						    &facts);
		}
		for (size_t n = 1; n < width && i + n < count; n++)
			share_source(
			    rw, multi,
			    list[i + n]->res_target->val->multi_assign_ref);
	}
}

static void mark_set(struct assignments *set, const struct lens_column *column,
		     const PgQuery__ResTarget *target)
{
	if (set->set[column->index] || set->in_parts[column->index])
		rewrite_fail(set->rw, target->location,
			     "column \"%s\" is set twice", target->name);
	set->set[column->index] = true;
}

/* Whether the new schema has the column unchanged, perhaps under another
 * name. */
static bool is_plain(const struct lens_table *table,
		     const struct lens_column *column)
{
	size_t writes = 0;

	if (!column->stored || column->read || column->values ||
	    column->dropped || column->retyped || column->computed)
		return false;
	for (size_t w = 0; w < table->write_count; w++) {
		if (!table->writes[w].inputs[column->index])
			continue;
		if (table->writes[w].expression)
			return false;
		writes++;
	}
	return writes == 1;
}

/* SET a[1] = ..., a.b = ...: the rest of the column keeps its value. */
static void set_part(struct assignments *set, const struct lens_column *column,
		     const PgQuery__ResTarget *target, PgQuery__Node *value)
{
	struct rewrite *rw = set->rw;
	struct facts facts = {0};
	PgQuery__Node *made;

	if (!is_plain(set->table, column))
		rewrite_fail(rw, target->location,
			     "the statement sets a part of column \"%s\", "
			     "which the new schema stores in another form",
			     target->name);
	if (set->set[column->index])
		rewrite_fail(rw, target->location, "column \"%s\" is set twice",
			     target->name);
	if (!SQL_IS(value, SET_TO_DEFAULT))
		rewrite_expression(rw, set->scope, &value, &facts);
	for (size_t i = 0; i < target->n_indirection; i++)
		rewrite_expression(rw, set->scope, &target->indirection[i],
				   &facts);
	note_value(rw, &facts);
	rewrite_note_stored(rw, set->table, column, &facts);
	made = sql_target(rw->arena, column->stored->name, value);
	made->res_target->n_indirection = target->n_indirection;
	made->res_target->indirection = target->indirection;
	sql_append(rw->arena, &set->part_count, &set->parts, made);
	set->in_parts[column->index] = true;
}

static bool same_lookup(const struct lens_column *a,
			const struct lens_column *b)
{
	return a->lookup && b->lookup && a->lookup->table == b->lookup->table &&
	       a->lookup->value == b->lookup->value;
}

/* Checks a generated column, which accepts only DEFAULT. */
static void set_generated(struct assignments *set,
			  const struct lens_column *column,
			  const PgQuery__ResTarget *target,
			  PgQuery__Node *value)
{
	if (!SQL_IS(value, SET_TO_DEFAULT))
		rewrite_fail(set->rw, target->location,
			     "the statement gives a value for the generated "
			     "column \"%s\"",
			     target->name);
	mark_set(set, column, target);
	set->values[column->index] = value;
}

static void set_value(struct assignments *set, const struct lens_column *column,
		      const PgQuery__ResTarget *target, PgQuery__Node *value)
{
	struct rewrite *rw = set->rw;
	struct facts facts = {0};

	if (target->n_indirection) {
		set_part(set, column, target, value);
		return;
	}
	if (column->old->generated == GENERATED_STORED) {
		set_generated(set, column, target, value);
		return;
	}
	if (!column->writable)
		rewrite_refuse_unwritable(rw, column, target->location);
	rewrite_infer_parameter(rw, value, column->old->type, true);
	if (!SQL_IS(value, SET_TO_DEFAULT))
		rewrite_expression(rw, set->scope, &value, &facts);
	note_value(rw, &facts);
	rewrite_note_stored(rw, set->table, column, &facts);
	if (SQL_IS(value, SET_TO_DEFAULT) && column->lookup)
		value = write_default_node(rw, set->table, column, false);
	/* A value read from a column with this look-up is in the look-up
	 * table. */
	if (!facts.column || !same_lookup(facts.column, column))
		write_note_added(rw, column, value);
	mark_set(set, column, target);
	set->values[column->index] = value;
	set->drawn[column->index] =
	    facts.drawn ||
	    (SQL_IS(value, SET_TO_DEFAULT) && rewrite_draws(column->old));
	set->complex[column->index] =
	    set->drawn[column->index] ||
	    (!SQL_IS(value, SET_TO_DEFAULT) && !rewrite_is_constant(value));
	set->looked[column->index] =
	    write_lookup_is_own(set->table, column) &&
	    !(SQL_IS(value, A_CONST) && value->a_const->isnull) &&
	    !(facts.column && same_lookup(facts.column, column));
}

static struct set_values values_of(const struct assignments *set)
{
	return (struct set_values){
	    .values = set->values,
	    .query = set->query,
	    .query_columns = set->query_columns,
	    .query_column_count = set->query_column_count,
	    .query_is_volatile = set->query_is_volatile,
	};
}

static void set_from_query(struct assignments *set, size_t count,
			   PgQuery__Node **list, PgQuery__SubLink *link)
{
	struct rewrite *rw = set->rw;
	struct outputs outputs = {0};
	struct set_values whole;

	if (set->query)
		rewrite_fail(rw, link->location,
			     "a SET list with several row sub-queries");
	rewrite_query(rw, set->scope, link->subselect, &outputs, false);
	for (size_t i = 0; i < outputs.count; i++)
		set->query_is_volatile |= outputs.items[i].facts.volatile_value;
	set->query = link->subselect->select_stmt;
	set->query_columns =
	    arena_array(rw->arena, count + 2, sizeof(*set->query_columns));
	for (size_t i = 0; i < count; i++) {
		const PgQuery__ResTarget *target = list[i]->res_target;
		const struct lens_column *column = column_of(set, target);

		if (column->misfit)
			rewrite_refuse_unwritable(rw, column, target->location);
		if (target->n_indirection || !column->writable ||
		    column->old->generated == GENERATED_STORED)
			rewrite_fail(
			    rw, target->location,
			    "column \"%s\" cannot be written on its own",
			    target->name);
		if (i < outputs.count && !outputs.open)
			rewrite_note_stored(rw, set->table, column,
					    &outputs.items[i].facts);
		mark_set(set, column, target);
		set->values[column->index] =
		    sql_column(rw->arena, "old_query", column->old->name);
		set->looked[column->index] =
		    write_lookup_is_own(set->table, column);
		set->query_columns[set->query_column_count++] =
		    column->old->name;
	}
	whole = values_of(set);
	for (size_t i = 0; i < count; i++) {
		const struct lens_column *column =
		    column_of(set, list[i]->res_target);

		if (column->lookup && column->lookup->create)
			write_note_added(
			    rw, column,
			    write_set_column(rw, &whole, column->old->name));
	}
}

static bool in_query(const struct assignments *set, const char *name)
{
	for (size_t i = 0; i < set->query_column_count; i++)
		if (same_name(set->query_columns[i], name))
			return true;
	return false;
}

/* Whether one of the columns that are set feeds the new column. */
static bool is_fed(const struct assignments *set,
		   const struct catalog_column *target)
{
	for (size_t p = 0; p < set->table->place_count; p++) {
		const struct lens_place *place = &set->table->places[p];

		for (size_t w = 0; w < place->write_count; w++)
			for (size_t i = 0; place->writes[w].target == target &&
					   i < set->table->column_count;
			     i++)
				if (place->writes[w].inputs[i] && set->set[i])
					return true;
	}
	return false;
}

/* A look-up finds the rows as they were before the statement. */
static void refuse_moved(const struct assignments *set)
{
	for (size_t i = 0; i < set->table->column_count; i++) {
		const struct lens_column *column = &set->table->columns[i];

		if (set->looked[i] && (is_fed(set, column->lookup->value) ||
				       is_fed(set, column->lookup->key)))
			rewrite_fail(set->rw, -1,
				     "column \"%s\" is set by a look-up whose "
				     "rows the same statement changes",
				     column->old->name);
	}
}

static void read_list(struct assignments *set, size_t count,
		      PgQuery__Node **list)
{
	for (size_t i = 0; i < count; i++) {
		PgQuery__ResTarget *target = list[i]->res_target;
		PgQuery__MultiAssignRef *multi =
		    SQL_AS(target->val, MULTI_ASSIGN_REF, multi_assign_ref);
		PgQuery__RowExpr *row;
		size_t width;

		if (!multi) {
			set_value(set, column_of(set, target), target,
				  target->val);
			continue;
		}
		width = (size_t)multi->ncolumns;
		row = SQL_AS(multi->source, ROW_EXPR, row_expr);
		if (row && row->n_args == width && width <= count - i) {
			for (size_t n = 0; n < width; n++)
				set_value(
				    set,
				    column_of(set, list[i + n]->res_target),
				    list[i + n]->res_target, row->args[n]);
		} else if (SQL_IS(multi->source, SUB_LINK) &&
			   width <= count - i) {
			set_from_query(set, width, &list[i],
				       multi->source->sub_link);
		} else {
			rewrite_fail(
			    set->rw, target->location,
			    "a SET list sets a row from an expression");
		}
		i += width - 1;
	}
	refuse_moved(set);
}

static enum sql_step count_uses(struct sql_place *place, void *context,
				struct error *error)
{
	struct assignments *set = context;
	PgQuery__ColumnRef *ref;

	(void)error;
	if (!SQL_AT(place, column_ref))
		return SQL_STEP_INTO;
	ref = (PgQuery__ColumnRef *)place->message;
	for (size_t i = 0; ref->n_fields == 2 && i < set->table->column_count;
	     i++)
		if (same_name(sql_string_value(ref->fields[0]), LENS_ROW) &&
		    same_name(sql_string_value(ref->fields[1]),
			      set->table->columns[i].old->name))
			set->uses[i]++;
	return SQL_STEP_OVER;
}

static bool write_is_due(const struct assignments *set,
			 const struct lens_write *write)
{
	for (size_t i = 0; i < set->table->column_count; i++)
		if (write->inputs[i] && set->set[i])
			return true;
	return false;
}

static void find_uses(struct assignments *set)
{
	struct sql_visitor visitor = {count_uses, NULL, set};
	struct error error;

	for (size_t w = 0; w < set->table->write_count; w++) {
		struct lens_write *write = &set->table->writes[w];
		const struct lens_column *column =
		    &set->table->columns[write->source];

		if (!write_is_due(set, write) ||
		    write->target->generated == GENERATED_STORED)
			continue;
		if (write->expression)
			sql_walk(&write->expression, &visitor, &error);
		else
			set->uses[write->source] += rewrite_recode_uses(column);
	}
}

static PgQuery__Node *input_value(struct assignments *set, size_t index)
{
	struct rewrite *rw = set->rw;
	const struct lens_column *column = &set->table->columns[index];
	PgQuery__Node *value = set->values[index];

	if (!set->set[index])
		return rewrite_source(rw, set->target->columns[index].source);
	if (SQL_IS(value, SET_TO_DEFAULT))
		value = write_default_node(rw, set->table, column, false);
	return rewrite_coerce(rw, column, value);
}

static PgQuery__Node *written(struct assignments *set,
			      const struct lens_write *write)
{
	struct rewrite *rw = set->rw;
	const struct lens_column *column = &set->table->columns[write->source];
	PgQuery__Node *value = set->values[write->source];
	PgQuery__Node **inputs;

	if (write->target->generated == GENERATED_STORED)
		return sql_default(rw->arena);
	if (write->expression) {
		inputs = arena_array(rw->arena, set->table->column_count + 1,
				     sizeof(*inputs));
		for (size_t i = 0; i < set->table->column_count; i++)
			if (write->inputs[i])
				inputs[i] = input_value(set, i);
		return rewrite_expand_write(rw, set->table, write->expression,
					    inputs);
	}
	if (SQL_IS(value, SET_TO_DEFAULT)) {
		value =
		    write_default_node(rw, set->table, column, !column->values);
		if (!value)
			return sql_default(rw->arena);
	}
	if (column->values)
		return rewrite_recode_write(rw, column, value, false);
	return column->recast ? rewrite_coerce(rw, column, value) : value;
}

/* Whether the write must get its value from a sub-query, which evaluates it
 * once. */
static bool is_grouped(const struct assignments *set,
		       const struct lens_write *write)
{
	if (write->target->generated == GENERATED_STORED)
		return false;
	for (size_t i = 0; i < set->table->column_count; i++) {
		if (!write->inputs[i] || !set->set[i])
			continue;
		if (in_query(set, set->table->columns[i].old->name))
			return true;
		if (set->complex[i] && set->uses[i] > 1)
			return true;
	}
	return false;
}

static bool draws(const struct assignments *set)
{
	for (size_t i = 0; i < set->table->column_count; i++)
		if (set->set[i] && set->drawn[i] && set->uses[i] > 1)
			return true;
	return false;
}

/* A condition that is always true and names the row. Without it, a sub-query
 * with a volatile function would be evaluated once, not for each row. */
static PgQuery__Node *for_each_row(const struct assignments *set)
{
	struct arena *arena = set->rw->arena;
	PgQuery__Node *column = sql_column(arena, set->target->relation->alias,
					   set->table->table->columns[0].name);

	return lens_new_dialect(set->rw->lens)->names->always(arena, column);
}

/* (SELECT expressions FROM the query's row, (SELECT v AS c) AS old_value) */
static PgQuery__SelectStmt *value_query(struct assignments *set)
{
	struct rewrite *rw = set->rw;
	PgQuery__SelectStmt *select = sql_select(rw->arena);
	PgQuery__SelectStmt *values = sql_select(rw->arena);
	struct set_values whole = values_of(set);

	if (whole.query)
		SQL_APPEND(rw->arena, select, from_clause,
			   write_set_range(rw, &whole));
	for (size_t i = 0; i < set->table->column_count; i++) {
		const struct lens_column *column = &set->table->columns[i];

		if (!set->set[i] || !set->complex[i] || set->uses[i] < 2)
			continue;
		SQL_APPEND(rw->arena, values, target_list,
			   sql_target(rw->arena, column->old->name,
				      input_value(set, i)));
		set->values[i] =
		    sql_column(rw->arena, "old_value", column->old->name);
	}
	if (draws(set))
		values->where_clause = for_each_row(set);
	if (values->n_target_list)
		SQL_APPEND(rw->arena, select, from_clause,
			   sql_range_subselect(rw->arena,
					       sql_wrap(rw->arena, values),
					       "old_value", NULL, 0));
	return select;
}

/* The writes that must get their values from a sub-query, which evaluates them
 * once. */
static const struct lens_write **grouped_writes(struct assignments *set,
						size_t *count)
{
	const struct lens_table *table = set->table;
	const struct lens_write **writes = arena_array(
	    set->rw->arena, table->write_count + 1, sizeof(*writes));

	*count = 0;
	for (size_t w = 0; w < table->write_count; w++)
		if (write_is_due(set, &table->writes[w]) &&
		    is_grouped(set, &table->writes[w]))
			writes[(*count)++] = &table->writes[w];
	return writes;
}

/* SET (a, b) = (SELECT ...) */
static void assign_group(struct assignments *set, size_t *count,
			 PgQuery__Node ***made)
{
	struct rewrite *rw = set->rw;
	size_t width;
	const struct lens_write **writes = grouped_writes(set, &width);
	PgQuery__MultiAssignRef *first = NULL;
	PgQuery__SelectStmt *select;

	if (!width)
		return;
	select = value_query(set);
	for (size_t w = 0; w < width; w++)
		SQL_APPEND(
		    rw->arena, select, target_list,
		    sql_target(rw->arena, NULL, written(set, writes[w])));
	for (size_t w = 0; w < width; w++) {
		PgQuery__MultiAssignRef *multi =
		    sql_new(rw->arena, &pg_query__multi_assign_ref__descriptor);

		if (first) {
			share_source(rw, first, multi);
		} else {
			first = multi;
			first->source = sql_sublink(
			    rw->arena, PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK,
			    sql_wrap(rw->arena, select));
		}
		multi->colno = (int)w + 1;
		multi->ncolumns = (int)width;
		sql_append(rw->arena, count, made,
			   sql_target(rw->arena, writes[w]->target->name,
				      sql_wrap(rw->arena, multi)));
	}
}

/* SET a = (SELECT ...), b = (SELECT ...) */
static void assign_apart(struct assignments *set, size_t *count,
			 PgQuery__Node ***made)
{
	struct rewrite *rw = set->rw;
	size_t width;
	const struct lens_write **writes = grouped_writes(set, &width);
	PgQuery__Node *values;

	if (!width)
		return;
	if (width > 1 && (draws(set) || (set->query && set->query_is_volatile)))
		rewrite_fail(rw, -1,
			     "a volatile value of MERGE feeds several columns");
	values = sql_wrap(rw->arena, value_query(set));
	for (size_t w = 0; w < width; w++) {
		PgQuery__Node *query = sql_copy(rw->arena, values);

		SQL_APPEND(
		    rw->arena, query->select_stmt, target_list,
		    sql_target(rw->arena, NULL, written(set, writes[w])));
		sql_append(rw->arena, count, made,
			   sql_target(rw->arena, writes[w]->target->name,
				      sql_sublink(
					  rw->arena,
					  PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK,
					  query)));
	}
}

/* Sets a column to its own value. */
static PgQuery__Node *touch(struct assignments *set)
{
	struct rewrite *rw = set->rw;
	const struct catalog_table *table = set->table->table;
	const struct catalog_column *column = table->columns;
	size_t i = 1;

	while (column->generated == GENERATED_IDENTITY_ALWAYS &&
	       i < table->column_count)
		column = &table->columns[i++];
	if (column->generated == GENERATED_IDENTITY_ALWAYS)
		rewrite_fail(
		    rw, -1,
		    "an UPDATE that changes nothing in the new schema, "
		    "whose table \"%s\" has no column that takes a "
		    "value",
		    table->name);
	return sql_target(rw->arena, column->name,
			  column->generated == GENERATED_STORED
			      ? sql_default(rw->arena)
			      : sql_column(rw->arena,
					   set->target->relation->alias,
					   column->name));
}

static void assign_mapped(struct assignments *set, size_t *count,
			  PgQuery__Node ***list, bool apart)
{
	struct rewrite *rw = set->rw;
	const struct lens_table *table = set->table;
	PgQuery__Node **made = NULL;
	size_t made_count = 0;

	read_list(set, *count, *list);
	find_uses(set);
	for (size_t w = 0; w < table->write_count; w++) {
		const struct lens_write *write = &table->writes[w];

		if (write_is_due(set, write) && !is_grouped(set, write))
			sql_append(rw->arena, &made_count, &made,
				   sql_target(rw->arena, write->target->name,
					      written(set, write)));
	}
	if (apart)
		assign_apart(set, &made_count, &made);
	else
		assign_group(set, &made_count, &made);
	for (size_t i = 0; i < set->part_count; i++)
		sql_append(rw->arena, &made_count, &made, set->parts[i]);
	if (!made_count) /* only dropped columns are set: the rows are still
			    updated */
		sql_append(rw->arena, &made_count, &made, touch(set));
	*count = made_count;
	*list = made;
}

static struct assignments new_assignments(struct rewrite *rw,
					  struct scope *scope,
					  struct item *target)
{
	const struct lens_table *table = target->relation->table;
	size_t room = table ? table->column_count + 1 : 1;

	return (struct assignments){
	    .rw = rw,
	    .scope = scope,
	    .target = target,
	    .table = table,
	    .values = arena_array(rw->arena, room, sizeof(PgQuery__Node *)),
	    .set = arena_array(rw->arena, room, sizeof(bool)),
	    .complex = arena_array(rw->arena, room, sizeof(bool)),
	    .drawn = arena_array(rw->arena, room, sizeof(bool)),
	    .looked = arena_array(rw->arena, room, sizeof(bool)),
	    .in_parts = arena_array(rw->arena, room, sizeof(bool)),
	    .uses = arena_array(rw->arena, room, sizeof(size_t)),
	};
}

void write_assignments(struct rewrite *rw, struct scope *scope,
		       struct item *target, size_t *count,
		       PgQuery__Node ***list, bool apart)
{
	struct assignments set = new_assignments(rw, scope, target);

	if (set.table && set.table->mapped) {
		assign_mapped(&set, count, list, apart);
		return;
	}
	for (size_t i = 0; i < *count; i++)
		assign_plain(&set, (*list)[i]->res_target);
	read_sources(&set, *count, *list);
}

void write_read_set(struct rewrite *rw, struct scope *scope,
		    struct item *target, size_t count, PgQuery__Node **list,
		    struct set_values *out)
{
	struct assignments set = new_assignments(rw, scope, target);

	read_list(&set, count, list);
	*out = values_of(&set);
}
