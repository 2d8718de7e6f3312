/*
 * Columns recoded by `values`: reads, writes and comparisons. A comparison with
 * a constant uses the new value, so that the new column's index serves it.
 *
 *	SELECT active FROM users WHERE active IN (true, false)
 *
 *	SELECT CASE users.state WHEN 'on' THEN TRUE WHEN 'off' THEN FALSE END AS active
 *	FROM app.accounts AS users WHERE users.state IN ('on', 'off')
 */
#include "lens/rewrite/recode.h"

#include <stdlib.h>
#include <string.h>

#include "lens/compile/lookup.h"
#include "lens/compile/type.h"
#include "lens/compile/value.h"
#include "lens/rewrite/expression.h"
#include "lens/rewrite/labels.h"
#include "lens/rewrite/places.h"
#include "lens/rewrite/refuse.h"

static enum type_class old_class(const struct rewrite *rw,
				 const struct lens_column *column)
{
	const struct catalog_type *type =
	    catalog_type(rw->lens->old_catalog, column->old->type);

	return type ? type->class : TYPE_OTHER;
}

static const struct mapping_value *find_value(struct rewrite *rw,
					      const struct lens_column *column,
					      const char *text)
{
	enum type_class class = old_class(rw, column);

	for (size_t i = 0; i < column->value_count; i++)
		if (lens_same_value(class, column->values[i].old_value.text,
				    text))
			return &column->values[i];
	return NULL;
}

static const PgQuery__AConst *constant_of(const PgQuery__Node *node)
{
	if (SQL_IS(node, TYPE_CAST))
		node = node->type_cast->arg;
	return SQL_AS(node, A_CONST, a_const);
}

bool rewrite_is_constant(const PgQuery__Node *node)
{
	while (SQL_IS(node, TYPE_CAST))
		node = node->type_cast->arg;
	return SQL_IS(node, A_CONST) || SQL_IS(node, PARAM_REF);
}

bool rewrite_is_pin(const struct rewrite *rw, const PgQuery__Node *node)
{
	const PgQuery__AConst *constant = SQL_AS(node, A_CONST, a_const);

	if (!constant || constant->location > -1000)
		return false;
	return rw->filled.specials[-1000 - constant->location].kind ==
	       SPECIAL_PIN;
}

/* The text of a constant; *text is NULL for SQL's null. False: it is no
 * constant. */
static bool constant_text(struct rewrite *rw, const PgQuery__Node *node,
			  const char **text)
{
	const PgQuery__AConst *constant = constant_of(node);

	if (!constant)
		return false;
	*text = NULL;
	if (constant->isnull)
		return true;
	switch (constant->val_case) {
	case PG_QUERY__A__CONST__VAL_SVAL:
		*text = constant->sval->sval;
		return true;
	case PG_QUERY__A__CONST__VAL_IVAL:
		*text = arena_printf(rw->arena, "%d", constant->ival->ival);
		return true;
	case PG_QUERY__A__CONST__VAL_FVAL:
		*text = constant->fval->fval;
		return true;
	case PG_QUERY__A__CONST__VAL_BOOLVAL:
		*text = constant->boolval->boolval ? "true" : "false";
		return true;
	default:
		return false;
	}
}

static PgQuery__Node *old_constant(struct rewrite *rw,
				   const struct lens_column *column,
				   const char *text)
{
	PgQuery__Node *constant;

	if (!text)
		return sql_const_null(rw->arena);
	if (old_class(rw, column) == TYPE_BOOLEAN)
		return sql_const_bool(rw->arena, lens_boolean(text) == 1);
	constant = sql_const_string(rw->arena, text);
	if (old_class(rw, column) == TYPE_TEXT || column->labels)
		return constant;
	return sql_cast(rw->arena, constant,
			lens_type(rw->lens, rw->arena, rw->lens->old_catalog,
				  column->old, true));
}

static PgQuery__Node *new_constant(struct rewrite *rw,
				   const struct lens_column *column,
				   const char *text, bool cast)
{
	const struct catalog_type *type =
	    catalog_type(rw->lens->new_catalog, column->stored->type);
	PgQuery__Node *constant;

	if (!text)
		return sql_const_null(rw->arena);
	constant = sql_const_string(rw->arena, text);
	if (!cast || (type && type->class == TYPE_TEXT))
		return constant;
	return sql_cast(rw->arena, constant,
			lens_type(rw->lens, rw->arena, rw->lens->new_catalog,
				  column->stored, true));
}

/* A CASE over all values. If NULL is one of them, each WHEN is a condition (IS
 * NULL or an equality). to_new: from old to new values. */
static PgQuery__Node *recode(struct rewrite *rw,
			     const struct lens_column *column,
			     PgQuery__Node *operand, bool to_new)
{
	size_t count = column->value_count;
	PgQuery__Node **when = arena_array(rw->arena, count + 1, sizeof(*when));
	PgQuery__Node **then = arena_array(rw->arena, count + 1, sizeof(*then));
	bool nulls = false;

	for (size_t i = 0; i < count; i++)
		nulls |= to_new ? !column->values[i].old_value.text
				: !column->values[i].new_value.text;
	for (size_t i = 0; i < count; i++) {
		const char *old_text = column->values[i].old_value.text;
		const char *new_text = column->values[i].new_value.text;
		const char *from = to_new ? old_text : new_text;

		when[i] = to_new ? old_constant(rw, column, old_text)
				 : new_constant(rw, column, new_text, false);
		then[i] = to_new ? new_constant(rw, column, new_text, true)
				 : old_constant(rw, column, old_text);
		if (!nulls)
			continue;
		PgQuery__Node *value = sql_copy(rw->arena, operand);

		when[i] = from ? sql_operator(rw->arena, "=", value, when[i])
			       : sql_is_null(rw->arena, value, false);
	}
	return sql_case(rw->arena, nulls ? NULL : operand, when, then, count,
			NULL);
}

PgQuery__Node *rewrite_recode_read(struct rewrite *rw,
				   const struct lens_column *column,
				   PgQuery__Node *stored)
{
	return recode(rw, column, stored, false);
}

PgQuery__Node *rewrite_coerce(struct rewrite *rw,
			      const struct lens_column *column,
			      PgQuery__Node *value)
{
	PgQuery__TypeName *type;

	if (rewrite_is_pin(rw, value))
		return value; /* it has the new type already */
	if (column->labels && SQL_IS(value, TYPE_CAST) &&
	    rewrite_is_constant(value))
		value = value->type_cast->arg; /* the new side lacks the old
						  type */
	type = column->labels
		   ? lens_type_for(rw->lens, rw->arena, SQL_TYPE_TEXT)
		   : lens_type(rw->lens, rw->arena, rw->lens->old_catalog,
			       column->old, true);
	if (!type)
		rewrite_fail(rw, -1, "the type of column \"%s\" is not known",
			     column->old->name);
	return sql_cast(rw->arena, value, type);
}

/* Whether the constant is not a label of the old enum. The primary refuses it,
 * so the shadow must, too, with the same error (22P02). */
static bool is_no_label(const struct rewrite *rw,
			const struct lens_column *column, const char *text)
{
	const struct catalog_type *type =
	    catalog_type(rw->lens->old_catalog, column->old->type);

	return type && type->class == TYPE_ENUM &&
	       catalog_label(type, text) < 0;
}

static PgQuery__Node *refused_constant(struct rewrite *rw)
{
	return sql_cast(rw->arena, sql_const_string(rw->arena, "no label"),
			lens_type_for(rw->lens, rw->arena, SQL_TYPE_POSITION));
}

/* Whether `values` lists all labels. */
static bool lists_labels(struct rewrite *rw, const struct lens_column *column)
{
	const struct catalog_type *type =
	    catalog_type(rw->lens->old_catalog, column->old->type);

	for (size_t i = 0; type && i < type->label_count; i++)
		if (!find_value(rw, column, type->labels[i]))
			return false;
	return type != NULL;
}

/* The same for a text that is known only when the statement runs: the CASE ends
 * in an error. */
static PgQuery__Node *refuse_no_label(struct rewrite *rw,
				      const struct lens_column *column,
				      PgQuery__Node *cases,
				      const PgQuery__Node *text)
{
	struct arena *arena = rw->arena;

	if (column->labels && lists_labels(rw, column))
		cases->case_expr->defresult = sql_cast(
		    arena,
		    sql_cast(arena, rewrite_labels_refused(rw, text),
			     lens_type_for(rw->lens, arena, SQL_TYPE_TEXT)),
		    lens_type(rw->lens, arena, rw->lens->new_catalog,
			      column->stored, true));
	return cases;
}

PgQuery__Node *rewrite_recode_write(struct rewrite *rw,
				    const struct lens_column *column,
				    PgQuery__Node *value, bool cast)
{
	const char *text;

	if (constant_text(rw, value, &text)) {
		const struct mapping_value *found =
		    find_value(rw, column, text);

		rewrite_fix(rw, constant_of(value));
		if (found)
			return new_constant(rw, column, found->new_value.text,
					    cast);
		if (!text) /* its cast may name the old type */
			return sql_const_null(rw->arena);
		if (is_no_label(rw, column, text))
			return refused_constant(rw);
		rewrite_fail(rw, constant_of(value)->location,
			     "`values` of column \"%s\" does not list the "
			     "value that is written",
			     column->old->name);
	}
	value = rewrite_coerce(rw, column, value);
	return refuse_no_label(rw, column, recode(rw, column, value, true),
			       value);
}

static const struct lens_column *recoded_column(struct rewrite *rw,
						struct scope *scope,
						const PgQuery__Node *node,
						struct source **source)
{
	*source = rewrite_scope_peek(rw, scope, node);
	if (!*source || (*source)->kind != SOURCE_BASE)
		return NULL;
	if (!(*source)->column->values || (*source)->column->read)
		return NULL;
	return (*source)->column;
}

static void note_source(struct rewrite *rw, const struct source *source,
			struct facts *facts)
{
	struct plan_base *base;

	rewrite_facts_join(facts, &source->facts);
	if (facts != &rw->touched.predicate)
		return;
	base = ARENA_PUSH(rw->arena, &rw->touched, base);
	base->table = source->facts.table->old;
	base->column = source->facts.column->old;
}

static bool has_null(const struct lens_column *column)
{
	for (size_t i = 0; i < column->value_count; i++)
		if (!column->values[i].old_value.text ||
		    !column->values[i].new_value.text)
			return true;
	return false;
}

size_t rewrite_recode_uses(const struct lens_column *column)
{
	return column->values && (has_null(column) || column->labels) ? 2 : 1;
}

static PgQuery__Node *stored_node(struct rewrite *rw,
				  const struct source *source)
{
	return sql_column(
	    rw->arena,
	    rewrite_relation_alias(source->relation, source->column->place),
	    source->column->stored->name);
}

PgQuery__Node *rewrite_recode_sort_key(struct rewrite *rw,
				       const struct source *source)
{
	/* After GROUP BY, the value that is read is grouped, not the one that
	 * is stored. */
	if (!source || source->kind != SOURCE_BASE || rw->grouped ||
	    !source->column->ordered || source->column->read)
		return NULL;
	return stored_node(rw, source);
}

bool rewrite_recode_order(struct rewrite *rw, struct scope *scope,
			  PgQuery__AExpr *operation, struct facts *facts)
{
	PgQuery__Node **sides[2] = {&operation->lexpr, &operation->rexpr};

	for (int i = 0; i < 2; i++) {
		struct source *source;
		const struct lens_column *column =
		    recoded_column(rw, scope, *sides[i], &source);
		const struct mapping_value *found;
		PgQuery__Node *key, *other = *sides[!i];
		const char *text;

		if (!column || !constant_text(rw, other, &text) || !text)
			continue;
		key = rewrite_recode_sort_key(rw, source);
		found = find_value(rw, column, text);
		if (!key || !found)
			continue;
		rewrite_fix(rw, constant_of(other));
		*sides[!i] =
		    new_constant(rw, column, found->new_value.text, false);
		*sides[i] = key;
		note_source(rw, source, facts);
		return true;
	}
	return false;
}

/* A constant's own cast may name a type that has another name on the new
 * side. */
static PgQuery__Node *cast_rewritten(struct rewrite *rw, struct scope *scope,
				     PgQuery__Node *node)
{
	struct facts facts = {0};

	if (SQL_IS(node, TYPE_CAST))
		rewrite_expression(rw, scope, &node, &facts);
	return node;
}

/* A string or NULL takes the column's type. Any other constant keeps its own:
 * cast to the column's type, a number could be rounded to a listed value, or be
 * out of range. */
static PgQuery__Node *compared_constant(struct rewrite *rw,
					const struct lens_column *column,
					PgQuery__Node *node)
{
	const PgQuery__AConst *constant = SQL_AS(node, A_CONST, a_const);

	if (column->labels ||
	    (constant && (constant->isnull ||
			  constant->val_case == PG_QUERY__A__CONST__VAL_SVAL)))
		return rewrite_coerce(rw, column, node);
	return node;
}

/* column = constant, column <> constant. With a parameter only in a filter:
 * `values` may not list the parameter's value, and only there the NULL that
 * results is as good as false. */
static bool recode_equality(struct rewrite *rw, struct scope *scope,
			    PgQuery__AExpr *operation, struct facts *facts,
			    bool filter)
{
	const char *name = sql_string_value(operation->name[0]);
	PgQuery__Node **sides[2] = {&operation->lexpr, &operation->rexpr};

	if (operation->n_name != 1 ||
	    (!same_name(name, "=") && !same_name(name, "<>")))
		return false;
	for (int i = 0; i < 2; i++) {
		struct source *source;
		const struct lens_column *column =
		    recoded_column(rw, scope, *sides[i], &source);
		const struct mapping_value *found;
		PgQuery__Node *other = *sides[!i];
		const char *text;

		if (!column || has_null(column))
			continue;
		if (constant_text(rw, other, &text)) {
			rewrite_fix(rw, constant_of(other));
			found = text ? find_value(rw, column, text) : NULL;
			if (found)
				*sides[!i] = new_constant(
				    rw, column, found->new_value.text, false);
			else if (text && is_no_label(rw, column, text))
				*sides[!i] = refused_constant(rw);
			else
				return false;
		} else if (filter && same_name(name, "=") &&
			   rewrite_is_constant(other)) {
			other = cast_rewritten(rw, scope, other);
			rewrite_infer_parameter(rw, other, column->old->type,
						false);
			*sides[!i] =
			    recode(rw, column,
				   compared_constant(rw, column, other), true);
		} else {
			return false;
		}
		*sides[i] = stored_node(rw, source);
		note_source(rw, source, facts);
		return true;
	}
	return false;
}

static bool recode_list(struct rewrite *rw, struct scope *scope,
			PgQuery__AExpr *operation, struct facts *facts)
{
	struct source *source;
	const struct lens_column *column =
	    recoded_column(rw, scope, operation->lexpr, &source);
	PgQuery__List *list = SQL_AS(operation->rexpr, LIST, list);
	const char *name = sql_string_value(operation->name[0]);
	PgQuery__Node **made;
	bool whole = true;

	if (!column || !list || has_null(column))
		return false;
	made = arena_array(rw->arena, list->n_items + 1, sizeof(*made));
	for (size_t i = 0; i < list->n_items; i++) {
		const struct mapping_value *found;
		const char *text;

		if (!constant_text(rw, list->items[i], &text))
			return false;
		rewrite_fix(rw, constant_of(list->items[i]));
		found = text ? find_value(rw, column, text) : NULL;
		if (found)
			made[i] = new_constant(rw, column,
					       found->new_value.text, false);
		else if (text && is_no_label(rw, column, text))
			made[i] = refused_constant(rw);
		whole = whole && made[i];
	}
	if (!whole)
		return false;
	operation->lexpr = stored_node(rw, source);
	operation->rexpr = sql_in(rw->arena, sql_const_null(rw->arena), made,
				  list->n_items, same_name(name, "<>"))
			       ->a_expr->rexpr;
	note_source(rw, source, facts);
	return true;
}

/* Whether it is a cast, or a parameter whose type the client or the primary
 * gave. */
static bool has_own_type(const struct rewrite *rw, const PgQuery__Node *node)
{
	const PgQuery__ParamRef *param = SQL_AS(node, PARAM_REF, param_ref);

	return param ? param->number >= 1 &&
			   (size_t)param->number <= rw->parameters.count &&
			   rw->parameters.types[param->number - 1]
		     : SQL_IS(node, TYPE_CAST);
}

/* column = ANY ($1): recodes each element of the array. */
static bool recode_any(struct rewrite *rw, struct scope *scope,
		       PgQuery__AExpr *operation, struct facts *facts)
{
	struct source *source;
	const struct lens_column *column =
	    recoded_column(rw, scope, operation->lexpr, &source);
	PgQuery__SelectStmt *select;
	PgQuery__RangeFunction *from;
	PgQuery__Node *unnest;
	PgQuery__Node *parts[2];
	PgQuery__TypeName *type;

	if (!column || has_null(column) ||
	    !rewrite_is_constant(operation->rexpr) ||
	    !same_name(sql_string_value(operation->name[0]), "="))
		return false;
	if (constant_of(operation->rexpr))
		rewrite_fix(rw, constant_of(operation->rexpr));
	type = column->labels
		   ? lens_type_for(rw->lens, rw->arena, SQL_TYPE_TEXT)
		   : lens_type(rw->lens, rw->arena, rw->lens->old_catalog,
			       column->old, true);
	if (!type || type->n_array_bounds)
		return false;
	if (column->labels && SQL_IS(operation->rexpr, TYPE_CAST))
		operation->rexpr = operation->rexpr->type_cast->arg;
	operation->rexpr = cast_rewritten(rw, scope, operation->rexpr);
	SQL_APPEND(rw->arena, type, array_bounds, sql_integer(rw->arena, -1));
	if (column->labels || !has_own_type(rw, operation->rexpr))
		operation->rexpr = sql_cast(rw->arena, operation->rexpr, type);
	unnest = sql_call(rw->arena, NULL, "unnest", &operation->rexpr, 1);
	parts[0] = unnest;
	parts[1] = NULL;
	from = sql_new(rw->arena, &pg_query__range_function__descriptor);
	SQL_APPEND(rw->arena, from, functions, sql_list(rw->arena, parts, 2));
	from->alias = sql_alias(rw->arena, "old_value", NULL, 0);
	select = sql_select(rw->arena);
	SQL_APPEND(
	    rw->arena, select, target_list,
	    sql_target(rw->arena, NULL,
		       recode(rw, column,
			      sql_column(rw->arena, NULL, "old_value"), true)));
	SQL_APPEND(rw->arena, select, from_clause, sql_wrap(rw->arena, from));
	operation->lexpr = stored_node(rw, source);
	operation->rexpr =
	    sql_sublink(rw->arena, PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK,
			sql_wrap(rw->arena, select));
	note_source(rw, source, facts);
	return true;
}

/* WHERE active: a recoded boolean as a condition. */
static bool recode_bare(struct rewrite *rw, struct scope *scope,
			PgQuery__Node **slot, struct facts *facts)
{
	struct source *source;
	const struct lens_column *column =
	    recoded_column(rw, scope, *slot, &source);
	const struct mapping_value *found;

	if (!column || old_class(rw, column) != TYPE_BOOLEAN ||
	    has_null(column))
		return false;
	found = find_value(rw, column, "true");
	if (!found)
		return false;
	*slot = sql_operator(
	    rw->arena, "=", stored_node(rw, source),
	    new_constant(rw, column, found->new_value.text, false));
	note_source(rw, source, facts);
	return true;
}

/* column = constant, for a look-up: finds the key first, so that the index of
 * the stored column serves. Only in a filter, since an unknown value gives
 * NULL. */
static bool look_up_constant(struct rewrite *rw, struct scope *scope,
			     PgQuery__AExpr *operation, struct facts *facts)
{
	PgQuery__Node **sides[2] = {&operation->lexpr, &operation->rexpr};

	if (operation->n_name != 1 ||
	    !same_name(sql_string_value(operation->name[0]), "="))
		return false;
	for (int i = 0; i < 2; i++) {
		struct source *source =
		    rewrite_scope_peek(rw, scope, *sides[i]);
		const struct lens_column *column =
		    source && source->kind == SOURCE_BASE ? source->column
							  : NULL;

		if (!column || !column->lookup ||
		    !rewrite_is_constant(*sides[!i]))
			continue;
		*sides[!i] = cast_rewritten(rw, scope, *sides[!i]);
		rewrite_infer_parameter(rw, *sides[!i], column->old->type,
					false);
		*sides[!i] =
		    lens_lookup_key(rw->arena, column->lookup,
				    compared_constant(rw, column, *sides[!i]));
		*sides[i] = stored_node(rw, source);
		note_source(rw, source, facts);
		return true;
	}
	return false;
}

bool rewrite_recode_comparison(struct rewrite *rw, struct scope *scope,
			       PgQuery__Node **slot, struct facts *facts,
			       bool filter)
{
	PgQuery__AExpr *operation = SQL_AS(*slot, A_EXPR, a_expr);

	if (!rw->qualify || rw->grouped)
		return false;
	if (!operation)
		return filter && recode_bare(rw, scope, slot, facts);
	switch (operation->kind) {
	case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
		if (filter && look_up_constant(rw, scope, operation, facts))
			return true;
		return recode_equality(rw, scope, operation, facts, filter);
	case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
		return recode_list(rw, scope, operation, facts);
	case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
		return filter && recode_any(rw, scope, operation, facts);
	default:
		return false;
	}
}
