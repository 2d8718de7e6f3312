/*
 * Expressions: each column reference becomes the expression that reads it on
 * the new side. The facts about a value (clock, volatile, recoded labels) pass
 * on to the whole.
 *
 *	lower(u.email) || u.name
 *	lower(u.mail) || (u.first || ' ' || u.last)
 */
#include "lens/rewrite/expression.h"

#include <stdlib.h>
#include <string.h>

#include "lens/compile/name.h"
#include "lens/compile/refit.h"
#include "lens/compile/table.h"
#include "lens/compile/type.h"
#include "lens/rewrite/field.h"
#include "lens/rewrite/generated.h"
#include "lens/rewrite/labels.h"
#include "lens/rewrite/object_name.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/query.h"
#include "lens/rewrite/recode.h"
#include "lens/rewrite/refuse.h"
#include "lens/rewrite/replaced.h"

struct expression {
	struct rewrite *rw;
	struct scope *scope;
	struct facts *facts;
	struct labels labels;
};

void rewrite_facts_join(struct facts *into, const struct facts *from)
{
	into->clock |= from->clock;
	into->unpinned |= from->unpinned;
	into->sequenced |= from->sequenced;
	into->drawn |= from->drawn;
	into->volatile_value |= from->volatile_value;
	into->retyped |= from->retyped;
	into->ignore |= from->ignore;
	into->row |= from->row;
	if (from->tolerance > into->tolerance)
		into->tolerance = from->tolerance;
}

static enum sql_step expand_row(struct sql_place *place, void *context,
				struct error *error)
{
	enum { ROW_SIZE = sizeof(LENS_ROW) - 1 };
	struct relation *relation = context;
	PgQuery__ColumnRef *ref;
	const char *first;

	(void)error;
	if (!SQL_AT(place, column_ref))
		return SQL_STEP_INTO;
	ref = (PgQuery__ColumnRef *)place->message;
	first = sql_string_value(ref->fields[0]);
	if (first && !strncmp(first, LENS_ROW, ROW_SIZE))
		ref->fields[0]->string->sval =
		    (char *)(uintptr_t)rewrite_relation_alias(
			relation, strtoul(first + ROW_SIZE, NULL, 10));
	return SQL_STEP_OVER;
}

PgQuery__Node *rewrite_expand_read(struct rewrite *rw,
				   const PgQuery__Node *read,
				   struct relation *relation)
{
	struct sql_visitor visitor = {expand_row, NULL, relation};
	PgQuery__Node *copy = sql_copy(rw->arena, read);
	struct error error;

	error_init(&error);
	if (!copy || sql_walk(&copy, &visitor, &error) < 0)
		rewrite_fail(rw, -1, "a read expression is too deep");
	return copy;
}

struct writing {
	struct rewrite *rw;
	const struct lens_table *table;
	PgQuery__Node *const *values;
};

static enum sql_step expand_value(struct sql_place *place, void *context,
				  struct error *error)
{
	struct writing *writing = context;
	PgQuery__ColumnRef *ref;

	(void)error;
	if (!SQL_AT(place, column_ref))
		return SQL_STEP_INTO;
	ref = (PgQuery__ColumnRef *)place->message;
	if (!same_name(sql_string_value(ref->fields[0]), LENS_ROW))
		return SQL_STEP_OVER;
	for (size_t i = 0; i < writing->table->column_count; i++)
		if (same_name(writing->table->columns[i].old->name,
			      sql_string_value(ref->fields[1])))
			*place->slot =
			    sql_copy(writing->rw->arena, writing->values[i]);
	return SQL_STEP_OVER;
}

PgQuery__Node *rewrite_expand_write(struct rewrite *rw,
				    const struct lens_table *table,
				    const PgQuery__Node *write,
				    PgQuery__Node *const *values)
{
	struct writing writing = {rw, table, values};
	struct sql_visitor visitor = {expand_value, NULL, &writing};
	PgQuery__Node *copy = sql_copy(rw->arena, write);
	struct error error;

	error_init(&error);
	if (!copy || sql_walk(&copy, &visitor, &error) < 0)
		rewrite_fail(rw, -1, "a write expression is too deep");
	return copy;
}

/* The row as one value. It is NULL, not a row of NULLs, where an outer join
 * found none. */
PgQuery__Node *rewrite_row(struct rewrite *rw, const struct item *item,
			   bool named, int location)
{
	PgQuery__Node **items =
	    arena_array(rw->arena, item->count + 1, sizeof(*items));
	PgQuery__Node *row;

	if (item->open)
		rewrite_fail(rw, location,
			     "the columns of the row \"%s\" are not all known",
			     item->name);
	for (size_t i = 0; i < item->count; i++) {
		const struct source *source = item->columns[i].source;
		const char *name = item->columns[i].name;

		/* The fields of a table's row have the table's names, not its
		 * alias's. */
		if (item->relation && item->relation->table &&
		    source->kind != SOURCE_MERGED && source->column)
			name = source->column->old->name;
		items[i] = rewrite_source(rw, source);
		if (named)
			items[i] = sql_target(rw->arena, name, items[i]);
	}
	if (named) {
		PgQuery__SelectStmt *fields = sql_select(rw->arena);
		PgQuery__SelectStmt *select = sql_select(rw->arena);

		fields->n_target_list = item->count;
		fields->target_list = items;
		SQL_APPEND(rw->arena, select, target_list,
			   sql_target(rw->arena, NULL,
				      sql_column(rw->arena, NULL, "old_row")));
		SQL_APPEND(rw->arena, select, from_clause,
			   sql_range_subselect(rw->arena,
					       sql_wrap(rw->arena, fields),
					       "old_row", NULL, 0));
		row = sql_sublink(rw->arena,
				  PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK,
				  sql_wrap(rw->arena, select));
	} else {
		/* Operators and IN would take ROW(...) for a list and compare
		 * it column by column, where a NULL decides nothing. */
		row =
		    sql_cast(rw->arena, sql_row(rw->arena, items, item->count),
			     sql_type(rw->arena, NULL, "record"));
	}
	if (item->relation && item->relation->nullable) {
		PgQuery__Node *when = sql_distinct(
		    rw->arena, sql_star(rw->arena, item->relation->alias),
		    sql_const_null(rw->arena), false);

		row = sql_case(rw->arena, NULL, &when, &row, 1, NULL);
	}
	return row;
}

static void note_column(struct expression *expression,
			const struct source *source)
{
	struct rewrite *rw = expression->rw;

	rewrite_facts_join(expression->facts, &source->facts);
	if (expression->facts == &rw->touched.predicate &&
	    source->facts.table) {
		struct plan_base *base;

		for (size_t i = 0; i < rw->touched.base_count; i++)
			if (rw->touched.bases[i].column ==
			    source->facts.column->old)
				return;
		base = ARENA_PUSH(rw->arena, &rw->touched, base);
		base->table = source->facts.table->old;
		base->column = source->facts.column->old;
	}
}

/* Whether the application defined the function. The database's own functions
 * take any row; the application's take the row's type, which the new schema
 * lacks. */
static bool is_users_function(struct rewrite *rw, PgQuery__FuncCall *call)
{
	return lens_has_function(
	    rw->lens, sql_string_value(call->funcname[call->n_funcname - 1]));
}

static PgQuery__FuncCall *call_around(struct sql_place *place)
{
	if (place->parent && SQL_AT(place->parent, func_call) &&
	    !strcmp(place->field, "args"))
		return (PgQuery__FuncCall *)place->parent->message;
	return NULL;
}

static void whole_row(struct expression *expression, struct sql_place *place,
		      struct item *item, const PgQuery__ColumnRef *ref)
{
	int location = ref->location;
	struct rewrite *rw = expression->rw;
	PgQuery__FuncCall *call = call_around(place);
	/* A row that keeps its type stays as it is. */
	bool mapped = !item->relation ||
		      (item->relation->table && item->relation->table->mapped &&
		       !lens_keeps_row(item->relation->table));

	for (size_t i = 0; i < item->count; i++)
		note_column(expression, item->columns[i].source);
	if (!rw->qualify)
		return;
	if (place->parent && SQL_AT(place->parent, type_cast) && mapped) {
		PgQuery__TypeCast *cast =
		    (PgQuery__TypeCast *)place->parent->message;
		const char *type = sql_string_value(
		    cast->type_name->names[cast->type_name->n_names - 1]);

		if (!same_name(type, "text") && !same_name(type, "varchar"))
			rewrite_fail(rw, location,
				     "the row of \"%s\" is cast "
				     "to a type",
				     item->name);
	}
	if (call && mapped && is_users_function(rw, call))
		rewrite_fail(
		    rw, location,
		    "the row of \"%s\" is passed to a function of its row type",
		    item->name);
	if (mapped) {
		*place->slot = rewrite_row(rw, item, call != NULL, location);
		for (size_t i = 0; i < item->count; i++)
			if (item->columns[i].source->facts.labels)
				rewrite_labels_note(
				    rw, &expression->labels,
				    (struct label){
					.node = *place->slot,
					.type = item->columns[i]
						    .source->facts.labels,
					.many = true});
		expression->facts->retyped = expression->facts->row = true;
	} else if (SQL_IS(ref->fields[ref->n_fields - 1], A_STAR)) {
		*place->slot = sql_star(rw->arena, item->relation->alias);
	} else {
		*place->slot =
		    sql_column(rw->arena, NULL, item->relation->alias);
	}
}

/* Puts a column's value in its place of the expression. */
static void column_value(struct expression *expression, struct sql_place *place,
			 struct source *source)
{
	struct rewrite *rw = expression->rw;

	note_column(expression, source);
	if (!place->parent) {
		expression->facts->table = source->facts.table;
		expression->facts->column = source->facts.column;
		expression->facts->type = source->facts.type;
	}
	if (rw->qualify)
		*place->slot = rewrite_source(rw, source);
	if (source->facts.labels)
		rewrite_labels_note(
		    rw, &expression->labels,
		    (struct label){.node = *place->slot,
				   .type = source->facts.labels,
				   .many = source->facts.many_labels,
				   .source = source});
}

static enum sql_step column_reference(struct expression *expression,
				      struct sql_place *place,
				      const PgQuery__ColumnRef *ref)
{
	struct rewrite *rw = expression->rw;
	struct resolved resolved =
	    rewrite_scope_resolve(rw, expression->scope, ref);

	switch (resolved.as) {
	case RESOLVED_COLUMN:
		column_value(expression, place, resolved.source);
		break;
	case RESOLVED_ROW:
		whole_row(expression, place, resolved.item, ref);
		break;
	case RESOLVED_STAR:
		if (resolved.item)
			whole_row(expression, place, resolved.item, ref);
		else if (rw->qualify)
			rewrite_fail(rw, ref->location,
				     "an asterisk within an expression");
		break;
	case RESOLVED_UNKNOWN:
		break;
	}
	return SQL_STEP_OVER;
}

/* (t).column and (t).*: fields of a whole row. */
static bool field_of_row(struct expression *expression, struct sql_place *place)
{
	struct rewrite *rw = expression->rw;
	PgQuery__AIndirection *at = (PgQuery__AIndirection *)place->message;
	PgQuery__ColumnRef *ref = SQL_AS(at->arg, COLUMN_REF, column_ref);
	struct resolved resolved;
	const char *field;

	if (!ref || !rw->qualify || !at->n_indirection)
		return false;
	resolved = rewrite_scope_resolve(rw, expression->scope, ref);
	if (resolved.as == RESOLVED_COLUMN && resolved.source->facts.row)
		rewrite_fail(rw, ref->location,
			     "a field of a row from a sub-query");
	if (resolved.as != RESOLVED_ROW && resolved.as != RESOLVED_STAR)
		return false;
	field = sql_string_value(at->indirection[0]);
	for (size_t i = 0; field && resolved.item && i < resolved.item->count;
	     i++) {
		if (!same_name(resolved.item->columns[i].name, field))
			continue;
		if (at->n_indirection == 1) {
			column_value(expression, place,
				     resolved.item->columns[i].source);
		} else {
			note_column(expression,
				    resolved.item->columns[i].source);
			at->arg = rewrite_source(
			    rw, resolved.item->columns[i].source);
			at->n_indirection--;
			at->indirection++;
		}
		return true;
	}
	rewrite_fail(rw, ref->location, "a field of the row is unknown");
}

/* In row IN (SELECT ...), the server ignores a cast to record and takes the row
 * for a list of columns. */
static void test_expression(struct expression *expression,
			    PgQuery__SubLink *link)
{
	struct rewrite *rw = expression->rw;
	bool reference = SQL_IS(link->testexpr, COLUMN_REF);

	rewrite_expression(rw, expression->scope, &link->testexpr,
			   expression->facts);
	if (reference && SQL_IS(link->testexpr, TYPE_CAST) &&
	    SQL_IS(link->testexpr->type_cast->arg, ROW_EXPR))
		link->testexpr = sql_coalesce(rw->arena, &link->testexpr, 1);
}

static void sub_query(struct expression *expression, struct sql_place *place)
{
	struct rewrite *rw = expression->rw;
	PgQuery__SubLink *link = (PgQuery__SubLink *)place->message;
	struct outputs outputs = {0};
	struct facts *facts = expression->facts;
	struct facts test = {0};
	struct label label = {.node = *place->slot};

	if (link->testexpr) {
		test_expression(expression, link);
		test.labels = facts->labels;
		test.many_labels = facts->many_labels;
	}
	rewrite_query(rw, expression->scope, link->subselect, &outputs, false);
	if (link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK)
		return;
	for (size_t i = 0; i < outputs.count; i++)
		rewrite_facts_join(facts, &outputs.items[i].facts);
	rewrite_labels_of_sub_query(rw, link, &test, &outputs);
	label.type = outputs.count ? outputs.items[0].facts.labels : NULL;
	label.many =
	    link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK ||
	    (label.type && outputs.items[0].facts.many_labels);
	if (label.type &&
	    (label.many ||
	     link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK))
		rewrite_labels_note(rw, &expression->labels, label);
}

/* In ROW(t.*, x) and VALUES (t.*), the asterisk stands for the row's
 * columns. */
void rewrite_expand_stars(struct rewrite *rw, const struct scope *scope,
			  size_t *n, PgQuery__Node ***items)
{
	PgQuery__Node **made = NULL;
	size_t count = 0;

	if (!rw->qualify)
		return;
	for (size_t i = 0; i < *n; i++) {
		PgQuery__ColumnRef *ref =
		    SQL_AS((*items)[i], COLUMN_REF, column_ref);
		struct resolved resolved = {.as = RESOLVED_UNKNOWN};

		if (ref && ref->n_fields > 1 &&
		    SQL_IS(ref->fields[ref->n_fields - 1], A_STAR))
			resolved = rewrite_scope_resolve(rw, scope, ref);
		if (resolved.as != RESOLVED_STAR || resolved.item->open) {
			sql_append(rw->arena, &count, &made, (*items)[i]);
			continue;
		}
		for (size_t c = 0; c < resolved.item->count; c++) {
			const char *parts[] = {resolved.item->name,
					       resolved.item->columns[c].name};

			sql_append(rw->arena, &count, &made,
				   sql_column_parts(rw->arena, parts, 2));
		}
	}
	*n = count;
	*items = made;
}

void rewrite_infer_parameter(struct rewrite *rw, const PgQuery__Node *node,
			     uint32_t type, bool assigned)
{
	PgQuery__ParamRef *param = SQL_AS(node, PARAM_REF, param_ref);
	const struct catalog_type *known;
	size_t at;

	if (!param || param->number < 1 || param->number > 65535 || !type)
		return;
	at = (size_t)param->number - 1;
	if (at >= rw->parameters.inferred_count) {
		uint32_t *bigger =
		    arena_array(rw->arena, at + 8, sizeof(*bigger));

		if (rw->parameters.inferred_count)
			memcpy(bigger, rw->parameters.inferred,
			       rw->parameters.inferred_count * sizeof(*bigger));
		rw->parameters.inferred = bigger;
		rw->parameters.inferred_count = at + 8;
	}
	if (rw->parameters.inferred[at])
		return;
	known = catalog_type(rw->lens->old_catalog, type);
	if (known && !assigned && known->class == TYPE_TEXT) {
		/* varchar has no operators of its own; it uses those of
		 * text. */
		const struct catalog_type *text =
		    lens_old_type_for(rw->lens, SQL_TYPE_TEXT);

		if (text)
			type = text->id;
	}
	rw->parameters.inferred[at] = type;
}

static void infer_from_operands(struct expression *expression,
				PgQuery__AExpr *operation)
{
	struct rewrite *rw = expression->rw;
	PgQuery__Node *sides[2] = {operation->lexpr, operation->rexpr};

	for (int i = 0; i < 2; i++) {
		struct source *source =
		    rewrite_scope_peek(rw, expression->scope, sides[i]);
		PgQuery__List *list = SQL_AS(sides[!i], LIST, list);

		if (!source ||
		    operation->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY ||
		    operation->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL)
			continue;
		rewrite_infer_parameter(rw, sides[!i], source->facts.type,
					false);
		for (size_t n = 0; list && n < list->n_items; n++)
			rewrite_infer_parameter(rw, list->items[n],
						source->facts.type, false);
	}
}

void rewrite_type(struct rewrite *rw, PgQuery__TypeName *type)
{
	const char *schema =
	    type->n_names > 1 ? sql_string_value(type->names[0]) : NULL;
	const struct sql_dialect *dialect = lens_old_dialect(rw->lens);
	const char *name;
	const struct lens_name *renamed;

	if (!type->n_names)
		return;
	name = sql_string_value(type->names[type->n_names - 1]);
	if (dialect->is_builtin(schema) ||
	    (!schema &&
	     lens_builtin_type(dialect, rw->lens->old_catalog, name)))
		return;
	renamed = lens_renamed(&rw->lens->names.types, schema, name);
	const struct catalog_type *old =
	    catalog_type_named(rw->lens->old_catalog, schema, name);

	if (old && lens_recodes_type(rw->lens, old->id)) {
		rw->mapped = true;
		rewrite_fail(rw, type->location,
			     "the statement names type \"%s\", whose labels "
			     "the mapping recodes",
			     name);
	}
	if (old && (old->class == TYPE_ENUM || old->class == TYPE_DOMAIN) &&
	    !lens_same_type(rw->lens, old) &&
	    !lens_type_is_pending(rw->lens, old)) {
		rw->mapped = true;
		rewrite_fail(rw, type->location,
			     "the statement names type \"%s\", which the new "
			     "schema lacks: give its new type under `types`",
			     name);
	}
	if (renamed) {
		const struct catalog_type *same =
		    old ? lens_same_type(rw->lens, old) : NULL;
		PgQuery__TypeName *made =
		    sql_type(rw->arena,
			     renamed->schema ? renamed->schema
			     : same && lens_new_dialect(rw->lens)->is_builtin(
					   same->schema)
				 ? NULL
				 : schema,
			     renamed->name);

		type->n_names = made->n_names;
		type->names = made->names;
		rw->changed = rw->mapped = true;
		return;
	}
	const struct cte *cte;
	bool known;
	PgQuery__RangeVar var = PG_QUERY__RANGE_VAR__INIT;
	const struct lens_table *table;

	var.schemaname = (char *)(uintptr_t)schema;
	var.relname = (char *)(uintptr_t)name;
	table = rewrite_scope_table(rw, NULL, &var, &cte, &known);
	if (table && table->mapped && !lens_keeps_row(table)) {
		rw->mapped = true;
		rewrite_fail(rw, type->location,
			     "the statement names the row type of \"%s\"",
			     name);
	}
}

static void call(struct expression *expression, PgQuery__FuncCall *function)
{
	struct rewrite *rw = expression->rw;
	const char *schema = function->n_funcname > 1
				 ? sql_string_value(function->funcname[0])
				 : NULL;
	const char *name =
	    sql_string_value(function->funcname[function->n_funcname - 1]);
	const struct lens_name *renamed =
	    lens_renamed(&rw->lens->names.functions, schema, name);
	const struct sql_dialect *dialect = lens_old_dialect(rw->lens);
	const struct sql_function_traits traits = dialect->function(name);
	const struct catalog *catalog = rw->lens->old_catalog;

	if (traits.volatility == SQL_FUNCTION_CLOCK)
		expression->facts->clock = true;
	else if (traits.volatility == SQL_FUNCTION_RANDOM ||
		 traits.volatility == SQL_FUNCTION_SERVER ||
		 (traits.volatility == SQL_FUNCTION_EFFECT &&
		  traits.gives_number))
		expression->facts->volatile_value = true;
	else if (traits.volatility == SQL_FUNCTION_SEQUENCE)
		expression->facts->unpinned = expression->facts->sequenced =
		    true;
	else if (traits.volatility == SQL_FUNCTION_PLAIN)
		for (size_t i = 0; i < catalog->function_count; i++)
			if (!strcmp(catalog->functions[i].name, name) &&
			    catalog->functions[i].volatility == 'v' &&
			    dialect->is_builtin(catalog->functions[i].schema))
				expression->facts->volatile_value = true;
	expression->facts->drawn |= expression->facts->volatile_value ||
				    traits.volatility == SQL_FUNCTION_SEQUENCE;
	if (renamed) {
		function->n_funcname = 0;
		function->funcname = NULL;
		if (renamed->schema || schema)
			SQL_APPEND(rw->arena, function, funcname,
				   sql_string(rw->arena, renamed->schema
							     ? renamed->schema
							     : schema));
		SQL_APPEND(rw->arena, function, funcname,
			   sql_string(rw->arena, renamed->name));
		rw->changed = rw->mapped = true;
	}
	rewrite_name_call(rw, function);
}

static enum sql_step enter(struct sql_place *place, void *context,
			   struct error *error)
{
	struct expression *expression = context;
	struct rewrite *rw = expression->rw;

	(void)error;
	if (SQL_AT(place, column_ref))
		return column_reference(expression, place,
					(PgQuery__ColumnRef *)place->message);
	if (SQL_AT(place, sub_link)) {
		sub_query(expression, place);
		return SQL_STEP_OVER;
	}
	if (SQL_AT(place, select_stmt))
		rewrite_fail(rw, -1, "a query in an unknown place");
	if (SQL_AT(place, a__expr)) {
		PgQuery__AExpr *operation = (PgQuery__AExpr *)place->message;

		if (rw->qualify && rewrite_labels_orders(operation) &&
		    rewrite_recode_order(rw, expression->scope, operation,
					 expression->facts))
			return SQL_STEP_OVER;
		if (rewrite_recode_comparison(rw, expression->scope,
					      place->slot, expression->facts,
					      false))
			return SQL_STEP_OVER;
		infer_from_operands(expression, operation);
	} else if (SQL_AT(place, func_call)) {
		PgQuery__FuncCall *function =
		    (PgQuery__FuncCall *)place->message;
		const PgQuery__ColumnRef *field =
		    rewrite_field_call(rw, expression->scope, function);

		if (field)
			return column_reference(expression, place, field);
		rewrite_refuse_replaced(rw, expression->scope, function);
		call(expression, function);
		if (rewrite_clock(rw, place->slot, expression->facts) ||
		    rewrite_carried_call(rw, place->slot))
			return SQL_STEP_OVER;
	} else if (SQL_AT(place, sqlvalue_function)) {
		if (rewrite_clock(rw, place->slot, expression->facts))
			return SQL_STEP_OVER;
	} else if (SQL_AT(place, type_cast)) {
		if (!place->parent &&
		    expression->facts != &rw->touched.predicate &&
		    rewrite_shows_number(rw,
					 (PgQuery__TypeCast *)place->message))
			expression->facts->volatile_value = true;
		rewrite_name_cast(rw, (PgQuery__TypeCast *)place->message);
		rewrite_labels_cast(rw, &expression->labels, place);
	} else if (SQL_AT(place, type_name)) {
		rewrite_type(rw, (PgQuery__TypeName *)place->message);
	} else if (SQL_AT(place, row_expr)) {
		PgQuery__RowExpr *row = (PgQuery__RowExpr *)place->message;

		rewrite_expand_stars(rw, expression->scope, &row->n_args,
				     &row->args);
	} else if (SQL_AT(place, a__indirection)) {
		if (field_of_row(expression, place))
			return SQL_STEP_OVER;
	}
	return SQL_STEP_INTO;
}

static enum sql_step leave(struct sql_place *place, void *context,
			   struct error *error)
{
	struct expression *expression = context;

	(void)error;
	rewrite_labels_leave(expression->rw, &expression->labels, place);
	return SQL_STEP_INTO;
}

void rewrite_expression(struct rewrite *rw, struct scope *scope,
			PgQuery__Node **slot, struct facts *facts)
{
	struct expression expression = {rw, scope, facts, {0}};
	struct sql_visitor visitor = {enter, leave, &expression};
	const struct label *whole;
	struct error error;

	if (!*slot)
		return;
	error_init(&error);
	if (sql_walk(slot, &visitor, &error) < 0)
		rewrite_fail(rw, -1, "%s", error.message);
	whole = rewrite_labels_find(&expression.labels, *slot);
	facts->labels = whole ? whole->type : NULL;
	facts->many_labels = whole && whole->many;
	facts->retyped |= whole != NULL; /* it is a text on the new side */
}

void rewrite_predicate(struct rewrite *rw, struct scope *scope,
		       PgQuery__Node **slot, bool filter)
{
	PgQuery__BoolExpr *both = SQL_AS(*slot, BOOL_EXPR, bool_expr);

	if (!*slot)
		return;
	if (filter && both &&
	    both->boolop != PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR) {
		for (size_t i = 0; i < both->n_args; i++)
			rewrite_predicate(rw, scope, &both->args[i], true);
		return;
	}
	if (filter && rewrite_recode_comparison(rw, scope, slot,
						&rw->touched.predicate, true))
		return;
	rewrite_expression(rw, scope, slot, &rw->touched.predicate);
}
