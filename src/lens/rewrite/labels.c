/*
 * Enums whose labels are recoded: their values and their order (worked example
 * in labels.h).
 */
#include "lens/rewrite/labels.h"

#include <string.h>

#include "lens/compile/type.h"
#include "lens/rewrite/recode.h"
#include "lens/rewrite/refuse.h"

/* ---- values ---- */

static PgQuery__Node *position(struct rewrite *rw,
			       const struct catalog_type *type,
			       PgQuery__Node *value)
{
	return lens_new_dialect(rw->lens)->names->position(
	    rw->arena, type->labels, type->label_count, value);
}

PgQuery__Node *rewrite_labels_refused(struct rewrite *rw,
				      const PgQuery__Node *text)
{
	return sql_cast(
	    rw->arena,
	    sql_operator(rw->arena, "||", sql_copy(rw->arena, text),
			 sql_const_string(rw->arena, " is no label")),
	    lens_type_for(rw->lens, rw->arena, SQL_TYPE_POSITION));
}

/* The position of a text that may not be a label. Then it is an error, as on
 * the old side (22P02). */
static PgQuery__Node *checked_position(struct rewrite *rw,
				       const struct catalog_type *type,
				       PgQuery__Node *value)
{
	PgQuery__Node *text =
	    sql_cast(rw->arena, value,
		     lens_type_for(rw->lens, rw->arena, SQL_TYPE_TEXT));
	PgQuery__Node *either[2] = {position(rw, type, text),
				    rewrite_labels_refused(rw, text)};

	return sql_coalesce(rw->arena, either, 2);
}

/* The label at a position. */
static PgQuery__Node *label_at(struct rewrite *rw,
			       const struct catalog_type *type,
			       PgQuery__Node *at)
{
	return lens_new_dialect(rw->lens)->names->text_at(
	    rw->arena, type->labels, type->label_count, at);
}

static const PgQuery__AConst *constant_of(const PgQuery__Node *node)
{
	while (SQL_IS(node, TYPE_CAST))
		node = node->type_cast->arg;
	return SQL_AS(node, A_CONST, a_const);
}

/* The label that a constant names, or NULL for SQL's null. Fails for any
 * other. */
static const char *constant_label(struct rewrite *rw,
				  const struct catalog_type *type,
				  const PgQuery__AConst *constant)
{
	const char *text = constant->val_case == PG_QUERY__A__CONST__VAL_SVAL
			       ? constant->sval->sval
			       : "";

	if (constant->isnull)
		return NULL;
	rewrite_fix(rw, constant);
	if (catalog_label(type, text) < 0)
		rewrite_fail(
		    rw, constant->location,
		    "a constant is not a label of type \"%s\", which the "
		    "mapping recodes",
		    type->name);
	return text;
}

void rewrite_labels_refuse(struct rewrite *rw, const struct catalog_type *type)
{
	rewrite_fail(rw, -1,
		     "the order of \"%s\", whose labels the mapping recodes, "
		     "is used in an unsupported way",
		     type->name);
}

/* ---- what is known of an expression ---- */

void rewrite_labels_note(struct rewrite *rw, struct labels *labels,
			 struct label label)
{
	*ARENA_PUSH(rw->arena, labels, label) = label;
}

const struct label *rewrite_labels_find(const struct labels *labels,
					const PgQuery__Node *node)
{
	for (size_t i = 0; i < labels->label_count; i++)
		if (labels->labels[i].node == node)
			return &labels->labels[i];
	return NULL;
}

/* If one of the values is a label, or an array of them, so is this place. */
static void pass(struct rewrite *rw, struct labels *labels,
		 const struct sql_place *place, PgQuery__Node *const *values,
		 size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct label *found =
		    rewrite_labels_find(labels, values[i]);

		if (!found)
			continue;
		rewrite_labels_note(rw, labels,
				    (struct label){.node = *place->slot,
						   .type = found->type,
						   .many = found->many});
		return;
	}
}

/* An array or a row of labels. */
static void gather(struct rewrite *rw, struct labels *labels,
		   const struct sql_place *place, PgQuery__Node *const *values,
		   size_t count)
{
	pass(rw, labels, place, values, count);
	if (rewrite_labels_find(labels, *place->slot))
		labels->labels[labels->label_count - 1].many = true;
}

/* array[1] */
static void leave_element(struct rewrite *rw, struct labels *labels,
			  const struct sql_place *place)
{
	PgQuery__AIndirection *at = (PgQuery__AIndirection *)place->message;
	const PgQuery__AIndices *index =
	    SQL_AS(at->indirection[0], A_INDICES, a_indices);

	if (!index)
		return;
	pass(rw, labels, place, &at->arg, 1);
	if (rewrite_labels_find(labels, *place->slot))
		labels->labels[labels->label_count - 1].many = index->is_slice;
}

/* ---- casts ---- */

/* Whether all columns of the type are texts on the new side. */
static bool is_text(const struct lens *lens, const struct catalog_type *old)
{
	for (size_t t = 0; t < lens->table_count; t++)
		for (size_t i = 0; i < lens->tables[t].column_count; i++) {
			const struct lens_column *column =
			    &lens->tables[t].columns[i];
			const struct catalog_type *new =
			    column->stored ? catalog_type(lens->new_catalog,
							  column->stored->type)
					   : NULL;

			if (column->old->type == old->id && !column->labels &&
			    new &&new->class != TYPE_TEXT)
				return false;
		}
	return true;
}

static const struct catalog_type *recoded_type(const struct rewrite *rw,
					       const PgQuery__TypeName *name)
{
	const struct catalog_type *type = lens_named_type(rw->lens, name);

	return type && lens_recodes_type(rw->lens, type->id) &&
		       is_text(rw->lens, type)
		   ? type
		   : NULL;
}

bool rewrite_labels_type(struct rewrite *rw, PgQuery__TypeName *name,
			 const struct catalog_type **type)
{
	PgQuery__TypeName *text;

	*type = recoded_type(rw, name);
	if (!*type)
		return false;
	text = lens_type_for(rw->lens, rw->arena, SQL_TYPE_TEXT);
	name->n_names = text->n_names;
	name->names = text->names;
	rw->changed = rw->mapped = true;
	return true;
}

void rewrite_labels_cast(struct rewrite *rw, struct labels *labels,
			 struct sql_place *place)
{
	PgQuery__TypeCast *cast = (PgQuery__TypeCast *)place->message;
	const struct catalog_type *type;

	if (rewrite_labels_type(rw, cast->type_name, &type))
		rewrite_labels_note(
		    rw, labels,
		    (struct label){.node = *place->slot,
				   .type = type,
				   .many = cast->type_name->n_array_bounds});
}

static enum sql_step find_volatile(struct sql_place *place, void *context,
				   struct error *error)
{
	const struct sql_dialect *dialect = context;
	PgQuery__FuncCall *call;
	const char *name;

	(void)error;
	if (!SQL_AT(place, func_call))
		return SQL_STEP_INTO;
	call = (PgQuery__FuncCall *)place->message;
	name = sql_string_value(call->funcname[call->n_funcname - 1]);
	return dialect->function(name).volatility == SQL_FUNCTION_PLAIN
		   ? SQL_STEP_INTO
		   : SQL_STEP_STOP;
}

bool rewrite_labels_can_repeat(const struct rewrite *rw, PgQuery__Node *node)
{
	struct sql_visitor visitor = {
	    find_volatile, NULL, (void *)(uintptr_t)lens_old_dialect(rw->lens)};
	struct error error;

	return sql_walk(&node, &visitor, &error) == 0;
}

/* After a cast's operand is rewritten: a text that is not a label must be
 * refused. */
static void leave_cast(struct rewrite *rw, struct labels *labels,
		       struct sql_place *place)
{
	PgQuery__TypeCast *cast = (PgQuery__TypeCast *)place->message;
	const struct label *made = rewrite_labels_find(labels, *place->slot);
	const PgQuery__AConst *constant = constant_of(cast->arg);

	if (!made || made->many || rewrite_labels_find(labels, cast->arg))
		return;
	if (constant) {
		constant_label(rw, made->type, constant);
		return;
	}
	if (!rewrite_labels_can_repeat(rw, cast->arg))
		rewrite_fail(rw, cast->location,
			     "a volatile value is cast to type \"%s\", whose "
			     "labels the mapping recodes",
			     made->type->name);
	*place->slot = label_at(rw, made->type,
				checked_position(rw, made->type, cast->arg));
	rewrite_labels_note(
	    rw, labels,
	    (struct label){.node = *place->slot, .type = made->type});
}

/* ---- where the order matters ---- */

/* A value that is compared with a label, as a position. */
static PgQuery__Node *operand(struct rewrite *rw, const struct labels *labels,
			      const struct catalog_type *type,
			      PgQuery__Node *node)
{
	const struct label *found = rewrite_labels_find(labels, node);
	const PgQuery__AConst *constant = constant_of(node);
	const char *text;

	if (found && found->many)
		rewrite_labels_refuse(rw, type);
	if (constant) {
		text = constant_label(rw, type, constant);
		return text ? sql_const_integer(rw->arena,
						catalog_label(type, text) + 1)
			    : sql_const_null(rw->arena);
	}
	if (found)
		return position(rw, type, node);
	if (!rewrite_is_constant(node))
		rewrite_labels_refuse(rw, type);
	return checked_position(rw, type, node);
}

/* If one of the values is a label, all become positions. Returns the label's
 * type, or NULL. */
static const struct catalog_type *lower(struct rewrite *rw,
					const struct labels *labels,
					PgQuery__Node **values[], size_t count)
{
	const struct label *found = NULL;

	for (size_t i = 0; i < count && !found; i++)
		found = rewrite_labels_find(labels, *values[i]);
	for (size_t i = 0; found && i < count; i++)
		*values[i] = operand(rw, labels, found->type, *values[i]);
	return found ? found->type : NULL;
}

static PgQuery__Node ***places_of(struct rewrite *rw, PgQuery__Node **items,
				  size_t count)
{
	PgQuery__Node ***places =
	    arena_array(rw->arena, count + 1, sizeof(*places));

	for (size_t i = 0; i < count; i++)
		places[i] = &items[i];
	return places;
}

static bool is_order(const PgQuery__Node *name)
{
	static const char *const operators[] = {"<", ">", "<=", ">="};

	for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
		if (same_name(sql_string_value(name), operators[i]))
			return true;
	return false;
}

bool rewrite_labels_orders(const PgQuery__AExpr *operation)
{
	return operation->kind == PG_QUERY__A__EXPR__KIND__AEXPR_OP &&
	       operation->n_name && operation->lexpr &&
	       is_order(operation->name[operation->n_name - 1]);
}

static void lower_pair(struct rewrite *rw, const struct labels *labels,
		       PgQuery__Node **left, PgQuery__Node **right)
{
	PgQuery__RowExpr *a = SQL_AS(*left, ROW_EXPR, row_expr);
	PgQuery__RowExpr *b = SQL_AS(*right, ROW_EXPR, row_expr);
	PgQuery__Node **both[2] = {left, right};

	if (!a || !b || a->n_args != b->n_args) {
		lower(rw, labels, both, 2);
		return;
	}
	for (size_t i = 0; i < a->n_args; i++)
		lower_pair(rw, labels, &a->args[i], &b->args[i]);
}

static void leave_operation(struct rewrite *rw, struct labels *labels,
			    struct sql_place *place)
{
	PgQuery__AExpr *operation = (PgQuery__AExpr *)place->message;
	PgQuery__List *list = SQL_AS(operation->rexpr, LIST, list);
	PgQuery__Node **three[3] = {&operation->lexpr};
	const struct label *found =
	    rewrite_labels_find(labels, operation->lexpr);

	switch (operation->kind) {
	case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
		if (rewrite_labels_orders(operation))
			lower_pair(rw, labels, &operation->lexpr,
				   &operation->rexpr);
		break;
	case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
	case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
		if (found && is_order(operation->name[0]))
			rewrite_labels_refuse(rw, found->type);
		break;
	case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
	case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
	case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
	case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
		three[1] = &list->items[0];
		three[2] = &list->items[1];
		lower(rw, labels, three, 3);
		break;
	case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF:
		pass(rw, labels, place, &operation->lexpr, 1);
		break;
	default:
		break;
	}
}

/* GREATEST and LEAST. */
static void leave_extreme(struct rewrite *rw, struct labels *labels,
			  struct sql_place *place)
{
	PgQuery__MinMaxExpr *extreme = (PgQuery__MinMaxExpr *)place->message;
	const struct catalog_type *type =
	    lower(rw, labels, places_of(rw, extreme->args, extreme->n_args),
		  extreme->n_args);

	if (!type)
		return;
	*place->slot = label_at(rw, type, *place->slot);
	rewrite_labels_note(rw, labels,
			    (struct label){.node = *place->slot, .type = type});
}

/* min(value) and max(value). */
static void leave_aggregate(struct rewrite *rw, struct labels *labels,
			    struct sql_place *place, const struct label *found)
{
	PgQuery__FuncCall *call = (PgQuery__FuncCall *)place->message;
	PgQuery__Node *key = rewrite_recode_sort_key(rw, found->source);
	const struct catalog_type *type = found->type;

	if (found->many)
		rewrite_labels_refuse(rw, type);
	if (key) {
		call->args[0] = key;
		*place->slot = rewrite_recode_read(rw, found->source->column,
						   *place->slot);
	} else {
		call->args[0] = position(rw, type, call->args[0]);
		*place->slot = label_at(rw, type, *place->slot);
	}
	rewrite_labels_note(rw, labels,
			    (struct label){.node = *place->slot, .type = type});
}

static bool is_named(const char *name, const char *const *names)
{
	for (; *names; names++)
		if (same_name(name, *names))
			return true;
	return false;
}

/* What a function returns whatever its argument is: enum_first(mood). NULL: it
 * depends on the argument, or on the type. */
static PgQuery__Node *labels_given(struct rewrite *rw,
				   const struct catalog_type *type,
				   enum sql_function_labels labels)
{
	if (!type->label_count)
		return NULL;
	switch (labels) {
	case SQL_FUNCTION_LABELS_FIRST:
		return sql_const_string(rw->arena, type->labels[0]);
	case SQL_FUNCTION_LABELS_LAST:
		return sql_const_string(rw->arena,
					type->labels[type->label_count - 1]);
	case SQL_FUNCTION_LABELS_ALL:
		return lens_new_dialect(rw->lens)->names->texts(
		    rw->arena, type->labels, type->label_count);
	case SQL_FUNCTION_LABELS_NONE:
		break;
	}
	return NULL;
}

static void leave_call(struct rewrite *rw, struct labels *labels,
		       struct sql_place *place)
{
	static const char *const extremes[] = {"min", "max", NULL};
	static const char *const passing[] = {
	    "lag",	 "lead",      "first_value", "last_value",
	    "nth_value", "any_value", NULL};
	PgQuery__FuncCall *call = (PgQuery__FuncCall *)place->message;
	const char *name =
	    sql_string_value(call->funcname[call->n_funcname - 1]);
	const struct label *found =
	    call->n_args ? rewrite_labels_find(labels, call->args[0]) : NULL;
	struct label made = {.node = *place->slot};
	struct sql_function_traits traits;

	if (!found)
		return;
	traits = lens_old_dialect(rw->lens)->function(name);
	made.type = found->type;
	/* DISTINCT sorts them, too. */
	if (call->agg_distinct && !is_named(name, extremes) &&
	    !same_name(name, "count"))
		rewrite_labels_refuse(rw, made.type);
	if (is_named(name, extremes)) {
		leave_aggregate(rw, labels, place, found);
	} else if (is_named(name, passing)) {
		pass(rw, labels, place, call->args, call->n_args);
	} else if (same_name(name, "unnest") && found->many) {
		rewrite_labels_note(rw, labels, made);
	} else if (same_name(name, "array_agg") && !found->many) {
		made.many = true;
		rewrite_labels_note(rw, labels, made);
	} else if (traits.takes_enum) {
		made.many = traits.labels == SQL_FUNCTION_LABELS_ALL;
		made.node = call->n_args == 1
				? labels_given(rw, made.type, traits.labels)
				: NULL;
		if (!made.node)
			rewrite_labels_refuse(rw, made.type);
		*place->slot = (PgQuery__Node *)(uintptr_t)made.node;
		rewrite_labels_note(rw, labels, made);
	}
}

/* ORDER BY within an aggregate or a window. */
static void leave_sort(struct rewrite *rw, struct labels *labels,
		       struct sql_place *place)
{
	PgQuery__SortBy *sort = (PgQuery__SortBy *)place->message;
	const struct label *found = rewrite_labels_find(labels, sort->node);
	const struct sql_place *around = place->parent;
	PgQuery__RowExpr *row = SQL_AS(sort->node, ROW_EXPR, row_expr);
	PgQuery__Node *key;

	for (size_t i = 0; row && i < row->n_args; i++) {
		found = rewrite_labels_find(labels, row->args[i]);
		if (found)
			row->args[i] =
			    operand(rw, labels, found->type, row->args[i]);
	}
	if (row || !found)
		return;
	if (around && SQL_AT(around, func_call)) {
		const PgQuery__FuncCall *call =
		    (const PgQuery__FuncCall *)around->message;

		/* The keys are then values of the aggregate. */
		if (call->agg_within_group || call->agg_distinct)
			rewrite_labels_refuse(rw, found->type);
	}
	if (found->many)
		rewrite_labels_refuse(rw, found->type);
	key = rewrite_recode_sort_key(rw, found->source);
	sort->node = key ? key : position(rw, found->type, sort->node);
}

void rewrite_labels_leave(struct rewrite *rw, struct labels *labels,
			  struct sql_place *place)
{
	if (!labels->label_count)
		return;
	if (SQL_AT(place, sort_by))
		leave_sort(rw, labels, place);
	if (!place->slot)
		return;
	if (SQL_AT(place, type_cast)) {
		leave_cast(rw, labels, place);
	} else if (SQL_AT(place, a__expr)) {
		leave_operation(rw, labels, place);
	} else if (SQL_AT(place, min_max_expr)) {
		leave_extreme(rw, labels, place);
	} else if (SQL_AT(place, func_call)) {
		leave_call(rw, labels, place);
	} else if (SQL_AT(place, coalesce_expr)) {
		PgQuery__CoalesceExpr *either =
		    (PgQuery__CoalesceExpr *)place->message;

		pass(rw, labels, place, either->args, either->n_args);
	} else if (SQL_AT(place, list) && !place->parent) {
		PgQuery__List *pair = (PgQuery__List *)place->message;

		/* A function in FROM, with its columns. */
		pass(rw, labels, place, pair->items, pair->n_items);
	} else if (SQL_AT(place, case_when)) {
		pass(rw, labels, place,
		     &((PgQuery__CaseWhen *)place->message)->result, 1);
	} else if (SQL_AT(place, case_expr)) {
		PgQuery__CaseExpr *cases = (PgQuery__CaseExpr *)place->message;

		pass(rw, labels, place, cases->args, cases->n_args);
		if (!rewrite_labels_find(labels, *place->slot))
			pass(rw, labels, place, &cases->defresult, 1);
	} else if (SQL_AT(place, a__array_expr)) {
		PgQuery__AArrayExpr *array =
		    (PgQuery__AArrayExpr *)place->message;

		gather(rw, labels, place, array->elements, array->n_elements);
	} else if (SQL_AT(place, row_expr)) {
		PgQuery__RowExpr *row = (PgQuery__RowExpr *)place->message;

		gather(rw, labels, place, row->args, row->n_args);
	} else if (SQL_AT(place, a__indirection)) {
		leave_element(rw, labels, place);
	}
}

/* SELECT position FROM (query) AS parallax_labels (label) */
static PgQuery__Node *positions_of(struct rewrite *rw,
				   const struct catalog_type *type,
				   PgQuery__Node *query)
{
	static const char *const columns[] = {"label"};
	PgQuery__SelectStmt *select = sql_select(rw->arena);

	SQL_APPEND(rw->arena, select, target_list,
		   sql_target(rw->arena, NULL,
			      position(rw, type,
				       sql_column(rw->arena, "parallax_labels",
						  columns[0]))));
	SQL_APPEND(rw->arena, select, from_clause,
		   sql_range_subselect(rw->arena, query, "parallax_labels",
				       columns, 1));
	return sql_wrap(rw->arena, select);
}

void rewrite_labels_of_sub_query(struct rewrite *rw, PgQuery__SubLink *link,
				 const struct facts *left,
				 const struct outputs *right)
{
	const struct catalog_type *type = left->labels;
	struct labels labels = {0};

	for (size_t i = 0; i < right->count && !type; i++)
		type = right->items[i].facts.labels;
	if (!type || !link->testexpr || !link->n_oper_name ||
	    !is_order(link->oper_name[link->n_oper_name - 1]))
		return;
	if (right->count != 1 || right->open || !right->items[0].facts.labels ||
	    right->items[0].facts.many_labels ||
	    link->sub_link_type == PG_QUERY__SUB_LINK_TYPE__ROWCOMPARE_SUBLINK)
		rewrite_labels_refuse(rw, type);
	if (left->labels)
		rewrite_labels_note(rw, &labels,
				    (struct label){.node = link->testexpr,
						   .type = type,
						   .many = left->many_labels});
	link->testexpr = operand(rw, &labels, type, link->testexpr);
	link->subselect = positions_of(rw, type, link->subselect);
}

PgQuery__Node *rewrite_labels_sort_key(struct rewrite *rw,
				       const struct facts *facts,
				       const struct source *source,
				       PgQuery__Node *value)
{
	PgQuery__Node *key = rewrite_recode_sort_key(rw, source);

	if (facts->many_labels)
		rewrite_labels_refuse(rw, facts->labels);
	return key ? key : position(rw, facts->labels, value);
}
