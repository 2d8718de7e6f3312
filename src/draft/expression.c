/* Expressions over one row: trees whose columns are bare names. */
#include "draft/internal.h"

PgQuery__Node *expression_parse(const struct draft *draft, const char *text)
{
	PgQuery__Node *node = NULL;
	struct error error;

	if (parser_expression(draft->parser, text, draft->arena, &node, &error))
		return NULL;
	return node;
}

static bool has_lookup(const PgQuery__Node *node);

/* Printed as the only column of a SELECT, an expression has no brackets. */
const char *expression_text(const struct draft *draft,
			    const PgQuery__Node *node)
{
	static const char select_word[] = "SELECT ";
	PgQuery__SelectStmt *select = sql_select(draft->arena);
	const char *text = NULL;
	PgQuery__Node *checked;
	struct buffer out;
	struct error error;

	if (!node || has_lookup(node))
		return NULL;
	SQL_APPEND(
	    draft->arena, select, target_list,
	    sql_target(draft->arena, NULL, (PgQuery__Node *)(uintptr_t)node));
	buffer_init(&out, PARSER_LENGTH_LIMIT);
	error_init(&error);
	if (!sql_print(sql_wrap(draft->arena, select), draft->parser->dialect,
		       &out, NULL, &error) &&
	    !out.failed && out.size >= sizeof(select_word))
		text = arena_string(draft->arena, buffer_string(&out) +
						      sizeof(select_word) - 1);
	buffer_release(&out);
	if (!text)
		return NULL;
	/* Its text must stand alone in the mapping with the same meaning. */
	checked = expression_parse(draft, text);
	return checked && sql_equal(checked, node) ? text : NULL;
}

static const PgQuery__Node *without_casts(const PgQuery__Node *node)
{
	while (SQL_IS(node, TYPE_CAST))
		node = node->type_cast->arg;
	return node;
}

static const char *column_name(const PgQuery__ColumnRef *reference)
{
	return reference->n_fields == 1 ? sql_string_value(reference->fields[0])
					: NULL;
}

const char *expression_bare(const PgQuery__Node *node)
{
	const PgQuery__ColumnRef *reference =
	    SQL_AS(without_casts(node), COLUMN_REF, column_ref);

	return reference ? column_name(reference) : NULL;
}

struct collecting {
	const struct draft *draft;
	struct vector *names;
	const char *wanted;
	bool found;
	size_t nodes;
	bool impure;
};

static enum sql_step collect(struct sql_place *place, void *context,
			     struct error *error)
{
	struct collecting *collecting = context;
	const char *name;

	(void)error;
	if (!SQL_AT(place, column_ref))
		return SQL_STEP_INTO;
	name = column_name((const PgQuery__ColumnRef *)place->message);
	if (!name)
		return SQL_STEP_OVER;
	if (collecting->wanted) {
		collecting->found |= !strcmp(name, collecting->wanted);
		return SQL_STEP_OVER;
	}
	for (size_t i = 0; i < collecting->names->count; i++)
		if (!strcmp(collecting->names->items[i], name))
			return SQL_STEP_OVER;
	vector_add(collecting->draft->arena, collecting->names,
		   (char *)(uintptr_t)name);
	return SQL_STEP_OVER;
}

static void walk(const PgQuery__Node *node, struct collecting *collecting,
		 enum sql_step (*pre)(struct sql_place *, void *,
				      struct error *))
{
	struct sql_visitor visitor = {pre, NULL, collecting};
	PgQuery__Node *root = (PgQuery__Node *)(uintptr_t)node;
	struct error error;

	if (root)
		sql_walk(&root, &visitor, &error);
}

bool expression_uses(const PgQuery__Node *node, const char *column)
{
	struct collecting collecting = {.wanted = column};

	walk(node, &collecting, collect);
	return collecting.found;
}

size_t expression_width(struct draft *draft, const PgQuery__Node *node,
			struct vector *names)
{
	struct collecting collecting = {.draft = draft, .names = names};

	walk(node, &collecting, collect);
	return names->count;
}

static enum sql_step count(struct sql_place *place, void *context,
			   struct error *error)
{
	struct collecting *collecting = context;

	(void)place;
	(void)error;
	return ++collecting->nodes > EXPRESSION_LIMIT ? SQL_STEP_STOP
						      : SQL_STEP_INTO;
}

size_t expression_size(const PgQuery__Node *node)
{
	struct collecting collecting = {0};

	walk(node, &collecting, count);
	return collecting.nodes;
}

bool expression_is_constant(const PgQuery__Node *node)
{
	return SQL_IS(without_casts(node), A_CONST);
}

bool expression_constant(const struct draft *draft, const PgQuery__Node *node,
			 const char **text)
{
	const PgQuery__AConst *constant;
	bool negative = false;

	node = without_casts(node);
	if (SQL_IS(node, A_EXPR) && !node->a_expr->lexpr &&
	    expression_is_operator(node, "-")) {
		negative = true;
		node = node->a_expr->rexpr;
	}
	constant = SQL_AS(node, A_CONST, a_const);
	if (!constant)
		return false;
	*text = NULL;
	if (constant->isnull)
		return !negative;
	switch (constant->val_case) {
	case PG_QUERY__A__CONST__VAL_SVAL:
		*text = constant->sval->sval;
		return !negative;
	case PG_QUERY__A__CONST__VAL_IVAL:
		*text = arena_printf(draft->arena, "%s%d", negative ? "-" : "",
				     constant->ival->ival);
		return true;
	case PG_QUERY__A__CONST__VAL_FVAL:
		*text = arena_printf(draft->arena, "%s%s", negative ? "-" : "",
				     constant->fval->fval);
		return true;
	case PG_QUERY__A__CONST__VAL_BOOLVAL:
		*text = constant->boolval->boolval ? "true" : "false";
		return !negative;
	default:
		return false;
	}
}

const struct sql_inverse_ops *expression_inverse(const struct draft *draft)
{
	return draft->parser->dialect->inverse;
}

enum sql_call_meaning expression_meaning(const struct draft *draft,
					 const PgQuery__Node *node,
					 const PgQuery__Node **argument)
{
	const PgQuery__FuncCall *call = SQL_AS(node, FUNC_CALL, func_call);

	*argument = NULL;
	return call ? expression_inverse(draft)->meaning(call, argument)
		    : SQL_CALL_OTHER;
}

bool expression_is_operator(const PgQuery__Node *node, const char *name)
{
	const PgQuery__AExpr *expr = SQL_AS(node, A_EXPR, a_expr);
	const char *last;

	if (!expr || expr->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP ||
	    expr->n_name != 1)
		return false;
	last = sql_string_value(expr->name[0]);
	return last && !strcmp(last, name);
}

/* Functions that may be run on the primary to try an expression. */
static enum sql_step look_for_impure(struct sql_place *place, void *context,
				     struct error *error)
{
	struct collecting *collecting = context;

	(void)error;
	if (SQL_AT(place, sub_link) || SQL_AT(place, sqlvalue_function))
		collecting->impure = true;
	if (SQL_AT(place, func_call))
		collecting->impure |=
		    !expression_inverse(collecting->draft)
			 ->is_pure((const PgQuery__FuncCall *)place->message);
	return collecting->impure ? SQL_STEP_STOP : SQL_STEP_INTO;
}

bool expression_is_pure(const struct draft *draft, const PgQuery__Node *node)
{
	struct collecting collecting = {.draft = draft};

	walk(node, &collecting, look_for_impure);
	return !collecting.impure;
}

/* ---- look-ups: a call of a reserved name, which no text can say ---- */

static const char lookup_name[] = "parallax lookup";

PgQuery__Node *expression_lookup(struct draft *draft,
				 const struct lookup *lookup)
{
	PgQuery__Node *arguments[5] = {
	    sql_const_string(draft->arena, lookup->schema),
	    sql_const_string(draft->arena, lookup->table),
	    sql_const_string(draft->arena, lookup->key),
	    sql_const_string(draft->arena, lookup->value), lookup->expression};

	return sql_call(draft->arena, NULL, lookup_name, arguments, 5);
}

bool expression_as_lookup(const PgQuery__Node *node, struct lookup *lookup)
{
	const PgQuery__FuncCall *call = SQL_AS(node, FUNC_CALL, func_call);
	const char *texts[4];

	if (!call || call->n_funcname != 1 || call->n_args != 5 ||
	    !sql_string_value(call->funcname[0]) ||
	    strcmp(sql_string_value(call->funcname[0]), lookup_name) != 0)
		return false;
	for (size_t i = 0; i < 4; i++) {
		const PgQuery__AConst *text =
		    SQL_AS(call->args[i], A_CONST, a_const);

		if (!text || text->val_case != PG_QUERY__A__CONST__VAL_SVAL)
			return false;
		texts[i] = text->sval->sval;
	}
	*lookup = (struct lookup){texts[0], texts[1], texts[2], texts[3],
				  call->args[4]};
	return true;
}

static enum sql_step look_for_lookup(struct sql_place *place, void *context,
				     struct error *error)
{
	struct collecting *collecting = context;
	const PgQuery__FuncCall *call;

	(void)error;
	if (!SQL_AT(place, func_call))
		return SQL_STEP_INTO;
	call = (const PgQuery__FuncCall *)place->message;
	collecting->found |=
	    call->n_funcname == 1 && sql_string_value(call->funcname[0]) &&
	    !strcmp(sql_string_value(call->funcname[0]), lookup_name);
	return collecting->found ? SQL_STEP_STOP : SQL_STEP_INTO;
}

static bool has_lookup(const PgQuery__Node *node)
{
	struct collecting collecting = {0};

	walk(node, &collecting, look_for_lookup);
	return collecting.found;
}

/* ---- conditions ---- */

/* The parser makes one list of a AND b AND c; so must we. */
static void add_terms(struct draft *draft, PgQuery__BoolExpr *all,
		      PgQuery__Node *node)
{
	const PgQuery__BoolExpr *expr = SQL_AS(node, BOOL_EXPR, bool_expr);

	if (!node)
		return;
	if (!expr || expr->boolop != PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR) {
		SQL_APPEND(draft->arena, all, args, node);
		return;
	}
	for (size_t i = 0; i < expr->n_args; i++)
		SQL_APPEND(draft->arena, all, args, expr->args[i]);
}

PgQuery__Node *expression_and(struct draft *draft, PgQuery__Node *left,
			      PgQuery__Node *right)
{
	PgQuery__BoolExpr *all;

	if (!left || !right)
		return left ? left : right;
	all = sql_new(draft->arena, &pg_query__bool_expr__descriptor);
	all->boolop = PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;
	add_terms(draft, all, left);
	add_terms(draft, all, right);
	return sql_wrap(draft->arena, all);
}

static PgQuery__Node *not_of(struct draft *draft, PgQuery__Node *node)
{
	PgQuery__BoolExpr *expr =
	    sql_new(draft->arena, &pg_query__bool_expr__descriptor);

	expr->boolop = PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR;
	SQL_APPEND(draft->arena, expr, args, node);
	return sql_wrap(draft->arena, expr);
}

static PgQuery__Node *inner_of_not(const PgQuery__Node *node)
{
	const PgQuery__BoolExpr *expr = SQL_AS(node, BOOL_EXPR, bool_expr);

	return expr && expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR
		   ? expr->args[0]
		   : NULL;
}

/* The negated operator, apart from NULLs. */
static const char *opposite(const PgQuery__Node *node)
{
	static const char *const pairs[][2] = {
	    {"=", "<>"}, {"<", ">="}, {">", "<="}};

	for (size_t i = 0; i < 3; i++)
		for (size_t k = 0; k < 2; k++)
			if (expression_is_operator(node, pairs[i][k]))
				return pairs[i][1 - k];
	return NULL;
}

PgQuery__Node *expression_not(struct draft *draft, PgQuery__Node *node)
{
	PgQuery__Node *inner = inner_of_not(node);
	PgQuery__Node *copy = sql_copy(draft->arena, node);
	const char *other = opposite(node);

	if (inner)
		return inner;
	if (!copy)
		return node;
	if (SQL_IS(node, NULL_TEST)) {
		copy->null_test->nulltesttype =
		    node->null_test->nulltesttype ==
			    PG_QUERY__NULL_TEST_TYPE__IS_NULL
			? PG_QUERY__NULL_TEST_TYPE__IS_NOT_NULL
			: PG_QUERY__NULL_TEST_TYPE__IS_NULL;
		return copy;
	}
	if (other) {
		copy->a_expr->name[0] = sql_string(draft->arena, other);
		return copy;
	}
	return not_of(draft, copy);
}

bool expression_opposed(struct draft *draft, const PgQuery__Node *a,
			const PgQuery__Node *b)
{
	PgQuery__Node *not_b;

	if (!a || !b)
		return false;
	not_b = expression_not(draft, (PgQuery__Node *)(uintptr_t)b);
	if (sql_equal(a, not_b))
		return true;
	return sql_equal(expression_not(draft, (PgQuery__Node *)(uintptr_t)a),
			 b);
}
