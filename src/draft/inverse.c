/*
 * Reads for writes: from the expressions that feed new columns with an old one,
 * the expression over the new row that gives it back. Only what surely can be
 * undone, given what the caution says.
 */
#include "draft/inverse.h"

enum { INVERSE_DEPTH = 64 };

static PgQuery__Node *undo(struct inverting *inverting,
			   const PgQuery__Node *node, PgQuery__Node *x);

PgQuery__Node *inverse_fail(struct inverting *inverting, const char *reason)
{
	if (!inverting->reason)
		inverting->reason = reason;
	return NULL;
}

static bool uses(const struct inverting *inverting, const PgQuery__Node *node)
{
	return expression_uses(node, inverting->column->name);
}

/* ---- how many digits stand behind the point; -1: not known ---- */

static int scale_of_number(const char *text)
{
	const char *point = strchr(text, '.');
	size_t digits;

	if (strpbrk(text, "eE"))
		return -1;
	if (!point)
		return 0;
	digits = strlen(point + 1);
	while (digits && point[digits] == '0')
		digits--;
	return (int)digits;
}

static int scale_of_column(const struct inverting *inverting)
{
	const char *type = inverting->column->type_sql;
	const char *comma = type ? strchr(type, ',') : NULL;

	if (inverting->class == TYPE_INTEGER)
		return 0;
	if (inverting->class != TYPE_NUMERIC || !type || !strchr(type, '('))
		return -1;
	return comma ? (int)strtol(comma + 1, NULL, 10) : 0;
}

static int zeros_of(const char *text)
{
	size_t size = strlen(text);
	int zeros = 0;

	if (strchr(text, '.'))
		return 0;
	while (size > 1 && text[--size] == '0')
		zeros++;
	return zeros;
}

static int scale_of(const struct inverting *inverting,
		    const PgQuery__Node *node, int depth)
{
	const PgQuery__Node *argument;
	const PgQuery__AExpr *expr;
	const char *text;
	int left, right;

	if (depth > INVERSE_DEPTH)
		return -1;
	if (expression_constant(inverting->draft, node, &text))
		return text ? scale_of_number(text) : -1;
	if (SQL_IS(node, COLUMN_REF) && expression_bare(node) &&
	    !strcmp(expression_bare(node), inverting->column->name))
		return scale_of_column(inverting);
	/* Whether that loses digits is checked when it is inverted. */
	if (expression_meaning(inverting->draft, node, &argument) ==
	    SQL_CALL_ROUND)
		return node->func_call->n_args == 1 ? 0 : -1;
	expr = SQL_AS(node, A_EXPR, a_expr);
	if (!expr || !expr->lexpr || !expr->rexpr)
		return -1;
	left = scale_of(inverting, expr->lexpr, depth + 1);
	right = scale_of(inverting, expr->rexpr, depth + 1);
	if (left < 0 || right < 0)
		return -1;
	if (expression_is_operator(node, "+") ||
	    expression_is_operator(node, "-"))
		return left > right ? left : right;
	if (!expression_is_operator(node, "*"))
		return -1;
	/* A factor with trailing zeros moves the point. */
	if (expression_constant(inverting->draft, expr->rexpr, &text) && text)
		left -= zeros_of(text);
	else if (expression_constant(inverting->draft, expr->lexpr, &text) &&
		 text)
		right -= zeros_of(text);
	return left + right > 0 ? left + right : 0;
}

/* ---- one step back ---- */

static PgQuery__Node *operation(struct inverting *inverting, const char *sign,
				PgQuery__Node *left, PgQuery__Node *right)
{
	inverting->computed = true;
	return sql_operator(inverting->draft->arena, sign, left, right);
}

/* A whole number as a divisor: with a point, so that no fraction is lost. */
static PgQuery__Node *divisor(struct inverting *inverting,
			      const PgQuery__Node *node, const char *text)
{
	struct arena *arena = inverting->draft->arena;

	if (strpbrk(text, ".eE"))
		return sql_copy(arena, node);
	return sql_const_number(arena, arena_printf(arena, "%s.0", text));
}

static bool is_zero(const char *text)
{
	return strtod(text, NULL) == 0;
}

static PgQuery__Node *undo_arithmetic(struct inverting *inverting,
				      const PgQuery__AExpr *expr, char sign,
				      PgQuery__Node *x)
{
	struct arena *arena = inverting->draft->arena;
	bool left = uses(inverting, expr->lexpr);
	const PgQuery__Node *inner = left ? expr->lexpr : expr->rexpr;
	const PgQuery__Node *other = left ? expr->rexpr : expr->lexpr;
	PgQuery__Node *constant = sql_copy(arena, other);
	const char *text;

	if (!expression_constant(inverting->draft, other, &text) || !text)
		return inverse_fail(inverting,
				    "it is computed with something that is no "
				    "constant");
	/* jsonb - 'member', ranges and arrays: removed parts cannot be
	 * restored. */
	if (inverting->class == TYPE_JSON || inverting->class == TYPE_JSONB ||
	    inverting->class == TYPE_ARRAY || inverting->class == TYPE_RANGE)
		return inverse_fail(inverting, "a part of it may be lost");
	switch (sign) {
	case '+':
		return undo(inverting, inner,
			    operation(inverting, "-", x, constant));
	case '-':
		return undo(inverting, inner,
			    left ? operation(inverting, "+", x, constant)
				 : operation(inverting, "-", constant, x));
	case '*':
		if (is_zero(text))
			return inverse_fail(inverting, "it is multiplied by 0");
		return undo(inverting, inner,
			    operation(inverting, "/", x,
				      divisor(inverting, other, text)));
	default:
		break;
	}
	if (!left || is_zero(text))
		return inverse_fail(inverting,
				    "it is a divisor, or divided by 0");
	if (inverting->class == TYPE_INTEGER && !strpbrk(text, ".eE"))
		return inverse_fail(inverting,
				    "a division of whole numbers loses the "
				    "rest");
	return undo(inverting, inner, operation(inverting, "*", x, constant));
}

/* 'text' || column, column || 'text' */
static PgQuery__Node *undo_affix(struct inverting *inverting,
				 const PgQuery__AExpr *expr, PgQuery__Node *x)
{
	const struct sql_inverse_ops *ops =
	    expression_inverse(inverting->draft);
	struct arena *arena = inverting->draft->arena;
	bool left = uses(inverting, expr->lexpr);
	const PgQuery__Node *other = left ? expr->rexpr : expr->lexpr;
	const char *text;
	int64_t size = 0;

	if (!expression_constant(inverting->draft, other, &text) || !text)
		return inverse_fail(inverting,
				    "it is joined with something that is no "
				    "constant");
	for (const char *at = text; *at; at++)
		size += (*at & 0xC0) != 0x80;
	return undo(inverting, left ? expr->lexpr : expr->rexpr,
		    left ? ops->without_last(arena, x, size)
			 : ops->without_first(arena, x, size));
}

static PgQuery__Node *undo_operator(struct inverting *inverting,
				    const PgQuery__Node *node, PgQuery__Node *x)
{
	static const char *const signs[] = {"+", "-", "*", "/"};
	const PgQuery__AExpr *expr = node->a_expr;

	if (expr->kind == PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF) {
		inverting->caution = "no value is null";
		return undo(inverting, expr->lexpr, x);
	}
	if (!expr->lexpr || !expr->rexpr ||
	    (uses(inverting, expr->lexpr) && uses(inverting, expr->rexpr)))
		return inverse_fail(inverting, "it is used twice");
	for (size_t i = 0; i < 4; i++)
		if (expression_is_operator(node, signs[i]))
			return undo_arithmetic(inverting, expr, *signs[i], x);
	if (expression_is_operator(node, "||"))
		return undo_affix(inverting, expr, x);
	return inverse_fail(inverting, "several values may become one");
}

static PgQuery__Node *undo_round(struct inverting *inverting,
				 const PgQuery__FuncCall *call,
				 PgQuery__Node *x)
{
	const char *text = "0";
	int scale = scale_of(inverting, call->args[0], 0);

	if (call->n_args > 1 &&
	    (!expression_constant(inverting->draft, call->args[1], &text) ||
	     !text))
		return inverse_fail(inverting, "it is rounded");
	if (scale < 0 || scale > strtol(text, NULL, 10))
		return inverse_fail(inverting,
				    "digits are lost where it is rounded");
	return undo(inverting, call->args[0], x);
}

static PgQuery__Node *undo_json(struct inverting *inverting,
				const PgQuery__FuncCall *call, PgQuery__Node *x)
{
	struct arena *arena = inverting->draft->arena;

	for (size_t i = 1; i < call->n_args; i += 2) {
		const char *key;

		if (!uses(inverting, call->args[i]) ||
		    !expression_constant(inverting->draft, call->args[i - 1],
					 &key) ||
		    !key)
			continue;
		inverting->computed = true;
		return undo(inverting, call->args[i],
			    expression_inverse(inverting->draft)
				->member(arena, x, key));
	}
	return inverse_fail(inverting, "it is in no member of its own");
}

/* timestamp AT TIME ZONE 'z' gives a timestamptz, and that AT TIME ZONE 'z' the
 * timestamp again, and the other way round. */
static PgQuery__Node *undo_zone(struct inverting *inverting,
				const PgQuery__Node *node, PgQuery__Node *x)
{
	PgQuery__Node *undone = sql_copy(inverting->draft->arena, node);
	const char *zone;

	if (!expression_constant(inverting->draft, node->func_call->args[0],
				 &zone) ||
	    !zone)
		return inverse_fail(inverting, "the time zone is no constant");
	if (strcasecmp(zone, "UTC") && strcasecmp(zone, "GMT"))
		inverting->caution = "no value lies in an hour that a change "
				     "of clocks repeats or leaves out";
	inverting->computed = true;
	undone->func_call->args[1] = x;
	return undo(inverting, node->func_call->args[1], undone);
}

static PgQuery__Node *undo_call(struct inverting *inverting,
				const PgQuery__Node *node, PgQuery__Node *x)
{
	const struct sql_inverse_ops *ops =
	    expression_inverse(inverting->draft);
	const PgQuery__FuncCall *call = node->func_call;
	struct arena *arena = inverting->draft->arena;
	const PgQuery__Node *argument;
	const char *name;

	switch (expression_meaning(inverting->draft, node, &argument)) {
	case SQL_CALL_ROUND:
		return undo_round(inverting, call, x);
	case SQL_CALL_OBJECT:
		return undo_json(inverting, call, x);
	case SQL_CALL_ZONE:
		if (inverting->class != TYPE_TIMESTAMP &&
		    inverting->class != TYPE_TIMESTAMPTZ)
			break;
		return undo_zone(inverting, node, x);
	case SQL_CALL_SECONDS:
		inverting->computed = true;
		inverting->caution = "parts of a second are of no matter, or "
				     "the new column holds them";
		return undo(inverting, argument, ops->instant(arena, x));
	case SQL_CALL_INSTANT:
		inverting->computed = true;
		return undo(inverting, argument, ops->seconds(arena, x));
	case SQL_CALL_JOIN:
	case SQL_CALL_OTHER:
		break;
	}
	name = call->n_funcname
		   ? sql_string_value(call->funcname[call->n_funcname - 1])
		   : NULL;
	return inverse_fail(inverting,
			    arena_printf(arena, "%s() cannot be undone",
					 name ? name : "a function"));
}

static PgQuery__Node *undo_coalesce(struct inverting *inverting,
				    const PgQuery__CoalesceExpr *expr,
				    PgQuery__Node *x)
{
	const char *text = NULL;

	if (!expr->n_args || !uses(inverting, expr->args[0]))
		return inverse_fail(inverting, "it stands in for another");
	if (!inverting->column->not_null && expr->n_args > 1 &&
	    expression_constant(inverting->draft, expr->args[1], &text) &&
	    text) {
		PgQuery__AExpr *nullif =
		    sql_operator(
			inverting->draft->arena, "=", x,
			sql_copy(inverting->draft->arena, expr->args[1]))
			->a_expr;
		PgQuery__Node *node = sql_wrap(inverting->draft->arena, nullif);

		nullif->kind = PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF;
		inverting->caution =
		    arena_printf(inverting->draft->arena,
				 "what stands for null is no value of its own");
		return undo(inverting, expr->args[0], node);
	}
	if (!inverting->column->not_null && expr->n_args > 1)
		inverting->caution = "none is null";
	return undo(inverting, expr->args[0], x);
}

static PgQuery__Node *undo_array(struct inverting *inverting,
				 const PgQuery__AArrayExpr *array,
				 PgQuery__Node *x)
{
	struct arena *arena = inverting->draft->arena;

	for (size_t i = 0; i < array->n_elements; i++) {
		PgQuery__AIndirection *at;
		PgQuery__AIndices *index;

		if (!uses(inverting, array->elements[i]))
			continue;
		at = sql_new(arena, &pg_query__a__indirection__descriptor);
		index = sql_new(arena, &pg_query__a__indices__descriptor);
		index->uidx = sql_const_integer(arena, (int64_t)i + 1);
		at->arg = x;
		SQL_APPEND(arena, at, indirection, sql_wrap(arena, index));
		return undo(inverting, array->elements[i], sql_wrap(arena, at));
	}
	return inverse_fail(inverting, "it is in no element");
}

/* CASE column WHEN 'a' THEN 'b' ELSE column END, casts apart. */
static PgQuery__Node *undo_case(struct inverting *inverting,
				const PgQuery__CaseExpr *expr, PgQuery__Node *x)
{
	struct arena *arena = inverting->draft->arena;
	const char *otherwise = expression_bare(expr->defresult);
	PgQuery__Node **when, **then;

	if (!expr->arg || !expression_bare(expr->arg) || !otherwise ||
	    strcmp(expression_bare(expr->arg), inverting->column->name) ||
	    strcmp(otherwise, inverting->column->name))
		return inverse_fail(inverting,
				    "the CASE is no list of values, each with "
				    "one of its own");
	if (inverting->class == TYPE_ENUM)
		return inverse_fail(inverting,
				    "list all labels under `values:` instead, "
				    "also those that are unchanged");
	when = arena_array(arena, expr->n_args + 1, sizeof(*when));
	then = arena_array(arena, expr->n_args + 1, sizeof(*then));
	for (size_t i = 0; i < expr->n_args; i++) {
		const PgQuery__CaseWhen *item =
		    SQL_AS(expr->args[i], CASE_WHEN, case_when);

		if (!item || !expression_is_constant(item->expr) ||
		    !expression_is_constant(item->result))
			return inverse_fail(inverting,
					    "the CASE is no list of values");
		when[i] = sql_copy(arena, item->result);
		then[i] = sql_copy(arena, item->expr);
	}
	inverting->computed = true;
	return sql_case(arena, x, when, then, expr->n_args, sql_copy(arena, x));
}

/* Whether a cast to whole numbers loses something. */
static bool cuts_off(const struct inverting *inverting,
		     const PgQuery__TypeCast *cast)
{
	const PgQuery__TypeName *type = cast->type_name;
	const char *name =
	    type && type->n_names
		? sql_string_value(type->names[type->n_names - 1])
		: NULL;

	if (!name || !inverting->draft->parser->dialect->names->least(name) ||
	    (inverting->class != TYPE_NUMERIC &&
	     inverting->class != TYPE_FLOAT))
		return false;
	return scale_of(inverting, cast->arg, 0) != 0;
}

static PgQuery__Node *undo(struct inverting *inverting,
			   const PgQuery__Node *node, PgQuery__Node *x)
{
	if (++inverting->depth > INVERSE_DEPTH)
		return inverse_fail(inverting, "it is nested too deeply");
	switch (node ? node->node_case : 0) {
	case PG_QUERY__NODE__NODE_COLUMN_REF:
		return x;
	case PG_QUERY__NODE__NODE_TYPE_CAST:
		inverting->cast = true;
		if (cuts_off(inverting, node->type_cast))
			return inverse_fail(inverting,
					    "digits are lost in the cast");
		return undo(inverting, node->type_cast->arg, x);
	case PG_QUERY__NODE__NODE_A_EXPR:
		return undo_operator(inverting, node, x);
	case PG_QUERY__NODE__NODE_FUNC_CALL:
		return undo_call(inverting, node, x);
	case PG_QUERY__NODE__NODE_COALESCE_EXPR:
		return undo_coalesce(inverting, node->coalesce_expr, x);
	case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
		return undo_array(inverting, node->a_array_expr, x);
	case PG_QUERY__NODE__NODE_CASE_EXPR:
		return undo_case(inverting, node->case_expr, x);
	case PG_QUERY__NODE__NODE_BOOL_EXPR:
		if (node->bool_expr->boolop ==
		    PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR)
			return undo(inverting, node->bool_expr->args[0],
				    expression_not(inverting->draft, x));
		break;
	default:
		break;
	}
	return inverse_fail(inverting, "several values may become one");
}

/* ---- the whole ---- */

PgQuery__Node *inverse_new_column(struct draft *draft,
				  const struct written *written)
{
	return sql_column(draft->arena, written->part, written->name);
}

/* Reads are the shadow's SQL: its name of a type that was renamed. */
static const char *renamed_type(const struct inverting *inverting)
{
	struct draft *draft = inverting->draft;
	const struct catalog_type *type =
	    catalog_type(draft->primary, inverting->column->type);

	VECTOR_EACH (const struct renaming, item, &draft->types) {
		PgQuery__TypeName *name;

		if (!type || strcmp(item->name, type->name) ||
		    strcmp(item->schema, type->schema))
			continue;
		name = sql_type(draft->arena, item->new_schema, item->new_name);
		return model_type_text(draft, name);
	}
	return NULL;
}

static PgQuery__Node *as_old_type(struct inverting *inverting,
				  PgQuery__Node *read)
{
	struct arena *arena = inverting->draft->arena;
	PgQuery__TypeName *type = NULL;
	const char *name;
	struct error error;

	if (!inverting->computed && !inverting->cast)
		return read;
	if (!inverting->column->type_sql)
		return read;
	name = renamed_type(inverting);
	if (!name)
		name = inverting->column->type_sql;
	if (parser_type(inverting->draft->parser, name, arena, &type, &error))
		return read;
	return sql_cast(arena, read, type);
}

void inverse_start(struct draft *draft, const struct catalog_column *column,
		   struct inverting *inverting)
{
	const struct catalog_type *type =
	    catalog_type(draft->primary, column->type);

	memset(inverting, 0, sizeof(*inverting));
	inverting->draft = draft;
	inverting->column = column;
	inverting->class = type ? type->class : TYPE_OTHER;
}

/* From one new column alone. */
static const char *read_one(struct draft *draft,
			    const struct catalog_column *column,
			    const struct written *written,
			    struct inverse *inverse)
{
	struct inverting inverting;
	PgQuery__Node *read;
	const char *text;

	inverse_start(draft, column, &inverting);
	read = inverse_term(&inverting, written);
	if (!read && !inverting.reason)
		read = undo(&inverting, written->expression,
			    inverse_new_column(draft, written));
	if (!read) {
		if (!inverse->reason)
			inverse->reason = inverting.reason;
		return NULL;
	}
	text = expression_text(draft, as_old_type(&inverting, read));
	if (text)
		inverse->caution = inverting.caution;
	else if (!inverse->reason)
		inverse->reason = "the way back has no print";
	return text;
}

void inverse_find(struct draft *draft, const struct catalog_column *column,
		  const struct written *written, size_t count,
		  struct inverse *inverse)
{
	struct inverse cautious = {0};

	memset(inverse, 0, sizeof(*inverse));
	if (count == 1 && inverse_values(draft, column, written, inverse))
		return;
	/* The simplest inverse is the best one. */
	for (size_t i = 0; i < count; i++) {
		struct inverse one = {0};
		const char *read = read_one(draft, column, &written[i], &one);

		if (read && !one.caution) {
			inverse->read = read;
			inverse->reason = NULL;
			return;
		}
		if (read && !cautious.read) {
			cautious.read = read;
			cautious.caution = one.caution;
		}
		if (!read && !inverse->reason)
			inverse->reason = one.reason;
	}
	if (count > 1 &&
	    inverse_patterns(draft, column, written, count, inverse))
		return;
	if (cautious.read)
		*inverse = cautious;
}
