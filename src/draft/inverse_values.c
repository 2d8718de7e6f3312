/* CASE expressions that give a new value for each old one. */
#include "draft/inverse.h"

enum { VALUES_MAX = 64, VALUE_LENGTH_MAX = 200 };

struct recoding {
	struct inverting base;
	const char *old_values[VALUES_MAX];
	const char *new_values[VALUES_MAX];
	size_t count;
	bool failed;
};

static bool is_column(const struct recoding *recoding,
		      const PgQuery__Node *node)
{
	const char *bare = expression_bare(node);

	return bare && !strcmp(bare, recoding->base.column->name);
}

static bool has_old(const struct recoding *recoding, const char *value)
{
	for (size_t i = 0; i < recoding->count; i++) {
		const char *old = recoding->old_values[i];

		if (old == value || (old && value && !strcmp(old, value)))
			return true;
	}
	return false;
}

static void add(struct recoding *recoding, const char *old_value,
		const char *new_value)
{
	if (has_old(recoding, old_value))
		return; /* the first WHEN counts */
	for (size_t i = 0; i < recoding->count; i++) {
		const char *other = recoding->new_values[i];

		if (other == new_value ||
		    (other && new_value && !strcmp(other, new_value))) {
			recoding->base.reason =
			    "two old values become the same new one";
			recoding->failed = true;
			return;
		}
	}
	if (recoding->count == VALUES_MAX ||
	    (old_value && strlen(old_value) > VALUE_LENGTH_MAX) ||
	    (new_value && strlen(new_value) > VALUE_LENGTH_MAX)) {
		recoding->failed = true;
		return;
	}
	recoding->old_values[recoding->count] = old_value;
	recoding->new_values[recoding->count++] = new_value;
}

/* The old value that a condition asks for: column = 'x', column, NOT column,
 * column IS NULL, column IS TRUE. */
static bool condition_value(const struct recoding *recoding,
			    const PgQuery__Node *node, const char **value)
{
	const struct draft *draft = recoding->base.draft;
	bool boolean = recoding->base.class == TYPE_BOOLEAN;

	if (boolean && is_column(recoding, node)) {
		*value = "true";
		return true;
	}
	if (boolean && SQL_IS(node, BOOL_EXPR) &&
	    node->bool_expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR &&
	    is_column(recoding, node->bool_expr->args[0])) {
		*value = "false";
		return true;
	}
	if (SQL_IS(node, BOOLEAN_TEST) &&
	    is_column(recoding, node->boolean_test->arg)) {
		*value = node->boolean_test->booltesttype ==
				 PG_QUERY__BOOL_TEST_TYPE__IS_TRUE
			     ? "true"
			     : "false";
		return node->boolean_test->booltesttype ==
			   PG_QUERY__BOOL_TEST_TYPE__IS_TRUE ||
		       node->boolean_test->booltesttype ==
			   PG_QUERY__BOOL_TEST_TYPE__IS_FALSE;
	}
	if (SQL_IS(node, NULL_TEST) &&
	    is_column(recoding, node->null_test->arg)) {
		*value = NULL;
		return node->null_test->nulltesttype ==
		       PG_QUERY__NULL_TEST_TYPE__IS_NULL;
	}
	if (!expression_is_operator(node, "="))
		return false;
	if (is_column(recoding, node->a_expr->lexpr))
		return expression_constant(draft, node->a_expr->rexpr, value) &&
		       *value;
	return is_column(recoding, node->a_expr->rexpr) &&
	       expression_constant(draft, node->a_expr->lexpr, value) && *value;
}

static void take_else(struct recoding *recoding, const PgQuery__Node *node)
{
	const struct catalog_column *column = recoding->base.column;
	const char *value;

	if (!expression_constant(recoding->base.draft, node, &value)) {
		recoding->failed = true;
		return;
	}
	if (recoding->base.class == TYPE_BOOLEAN) {
		if (!has_old(recoding, "false"))
			add(recoding, "false", value);
		else if (!has_old(recoding, "true"))
			add(recoding, "true", value);
		else if (!column->not_null && value)
			add(recoding, NULL, value);
		return;
	}
	if (!value)
		return; /* unlisted values become null */
	recoding->base.reason =
	    "all other values become one: list each of them under `values`";
	recoding->failed = true;
}

static void take_case(struct recoding *recoding, const PgQuery__Node *node,
		      int depth)
{
	const PgQuery__CaseExpr *expr = node->case_expr;

	if (depth > VALUES_MAX ||
	    (expr->arg && !is_column(recoding, expr->arg))) {
		recoding->failed = true;
		return;
	}
	for (size_t i = 0; i < expr->n_args && !recoding->failed; i++) {
		const PgQuery__CaseWhen *when =
		    SQL_AS(expr->args[i], CASE_WHEN, case_when);
		const char *old_value, *new_value;

		if (!when ||
		    !expression_constant(recoding->base.draft, when->result,
					 &new_value) ||
		    (expr->arg ? !expression_constant(recoding->base.draft,
						      when->expr, &old_value)
			       : !condition_value(recoding, when->expr,
						  &old_value))) {
			recoding->failed = true;
			return;
		}
		add(recoding, old_value, new_value);
	}
	if (!expr->defresult || recoding->failed)
		return;
	if (SQL_IS(expr->defresult, CASE_EXPR))
		take_case(recoding, expr->defresult, depth + 1);
	else
		take_else(recoding, expr->defresult);
}

/* ---- label by label ---- */

static bool evaluate(const struct recoding *recoding, const PgQuery__Node *node,
		     const char *label, const char **value, int depth);

static bool evaluate_case(const struct recoding *recoding,
			  const PgQuery__CaseExpr *expr, const char *label,
			  const char **value, int depth)
{
	const char *asked = NULL;

	if (expr->arg &&
	    !evaluate(recoding, expr->arg, label, &asked, depth + 1))
		return false;
	for (size_t i = 0; i < expr->n_args; i++) {
		const PgQuery__CaseWhen *when =
		    SQL_AS(expr->args[i], CASE_WHEN, case_when);
		const char *wanted;

		if (!when)
			return false;
		if (!expr->arg) {
			asked = label;
			if (!condition_value(recoding, when->expr, &wanted))
				return false;
		} else if (!evaluate(recoding, when->expr, label, &wanted,
				     depth + 1)) {
			return false;
		}
		if (asked && wanted && !strcmp(asked, wanted))
			return evaluate(recoding, when->result, label, value,
					depth + 1);
	}
	*value = NULL;
	return !expr->defresult ||
	       evaluate(recoding, expr->defresult, label, value, depth + 1);
}

/* The expression's value where the column's is the label. */
static bool evaluate(const struct recoding *recoding, const PgQuery__Node *node,
		     const char *label, const char **value, int depth)
{
	while (SQL_IS(node, TYPE_CAST))
		node = node->type_cast->arg;
	if (depth > VALUES_MAX)
		return false;
	if (is_column(recoding, node)) {
		*value = label;
		return true;
	}
	if (SQL_IS(node, CASE_EXPR))
		return evaluate_case(recoding, node->case_expr, label, value,
				     depth);
	return expression_constant(recoding->base.draft, node, value);
}

/* Every label of an enum must become something; otherwise the mapping is
 * unknown. */
static bool take_labels(struct recoding *recoding, const PgQuery__Node *node)
{
	struct draft *draft = recoding->base.draft;
	size_t count;
	const char *const *labels = sample_labels(
	    draft, catalog_type(draft->primary, recoding->base.column->type),
	    true, &count);

	if (!count)
		return false;
	for (size_t i = 0; i < count && !recoding->failed; i++) {
		const char *value;

		if (!evaluate(recoding, node, labels[i], &value, 0))
			return false;
		if (value)
			add(recoding, labels[i], value);
	}
	return true;
}

bool inverse_values(struct draft *draft, const struct catalog_column *column,
		    const struct written *written, struct inverse *inverse)
{
	const PgQuery__Node *node = written->expression;
	struct recoding *recoding;

	while (SQL_IS(node, TYPE_CAST))
		node = node->type_cast->arg;
	if (!SQL_IS(node, CASE_EXPR))
		return false;
	recoding = arena_alloc(draft->arena, sizeof(*recoding));
	inverse_start(draft, column, &recoding->base);
	if (recoding->base.class == TYPE_ENUM && !take_labels(recoding, node))
		recoding->count = 0;
	if (!recoding->count && !recoding->failed)
		take_case(recoding, node, 0);
	if (recoding->failed || !recoding->count) {
		inverse->reason = recoding->base.reason;
		return false;
	}
	if (recoding->base.class == TYPE_BOOLEAN && recoding->count == 1)
		return false;
	inverse->value_count = recoding->count;
	inverse->old_values = recoding->old_values;
	inverse->new_values = recoding->new_values;
	return true;
}
