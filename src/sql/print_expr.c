/* Expressions. */
#include "sql/print_internal.h"

/* Precedence of binary operators, as in PostgreSQL's grammar. */
enum {
	PREC_NONE,    /* not a binary operator with a plain name: brackets */
	PREC_COMPARE, /* does not chain */
	PREC_OTHER,
	PREC_SUM,
	PREC_PRODUCT,
	PREC_POWER,
};

static int operator_precedence(const char *name)
{
	static const char *const compare[] = {"<", ">", "=", "<=", ">=", "<>"};

	for (size_t i = 0; i < sizeof(compare) / sizeof(*compare); i++)
		if (!strcmp(name, compare[i]))
			return PREC_COMPARE;
	if (!name[0] || name[1])
		return PREC_OTHER;
	return strchr("+-", *name)    ? PREC_SUM
	       : strchr("*/%", *name) ? PREC_PRODUCT
	       : *name == '^'	      ? PREC_POWER
				      : PREC_OTHER;
}

static int binary_precedence(const PgQuery__Node *node)
{
	const PgQuery__AExpr *expr = SQL_AS(node, A_EXPR, a_expr);
	const char *name;

	if (!expr || expr->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP ||
	    expr->n_name != 1 || !expr->lexpr || !expr->rexpr)
		return PREC_NONE;
	name = sql_string_value(expr->name[0]);
	return name ? operator_precedence(name) : PREC_NONE;
}

static bool is_negative(const PgQuery__AConst *constant)
{
	if (constant->isnull)
		return false;
	if (constant->val_case == PG_QUERY__A__CONST__VAL_IVAL)
		return constant->ival->ival < 0;
	return constant->val_case == PG_QUERY__A__CONST__VAL_FVAL &&
	       *constant->fval->fval == '-';
}

/* Whether it is printed as one token or within its own brackets. */
static bool is_primary(const struct printer *printer, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_COLUMN_REF:
	case PG_QUERY__NODE__NODE_PARAM_REF:
	case PG_QUERY__NODE__NODE_CASE_EXPR:
	case PG_QUERY__NODE__NODE_COALESCE_EXPR:
	case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
	case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
	case PG_QUERY__NODE__NODE_XML_SERIALIZE:
	case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
	case PG_QUERY__NODE__NODE_ROW_EXPR:
	case PG_QUERY__NODE__NODE_GROUPING_FUNC:
	case PG_QUERY__NODE__NODE_A_INDIRECTION:
	case PG_QUERY__NODE__NODE_SET_TO_DEFAULT:
		return true;
	case PG_QUERY__NODE__NODE_A_CONST:
		return !is_negative(node->a_const);
	case PG_QUERY__NODE__NODE_XML_EXPR:
		return node->xml_expr->op != PG_QUERY__XML_EXPR_OP__IS_DOCUMENT;
	case PG_QUERY__NODE__NODE_FUNC_CALL:
		return !print_call_is_operator(printer, node->func_call);
	case PG_QUERY__NODE__NODE_A_EXPR:
		return node->a_expr->kind ==
		       PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF;
	case PG_QUERY__NODE__NODE_SUB_LINK:
		switch (node->sub_link->sub_link_type) {
		case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
		case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
		case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
			return true;
		default:
			return false;
		}
	default:
		return false;
	}
}

static void print_bracketed(struct printer *printer, const PgQuery__Node *node)
{
	print_text(printer, "(");
	print_expr(printer, node);
	print_text(printer, ")");
}

void print_primary(struct printer *printer, const PgQuery__Node *node)
{
	if (node && is_primary(printer, node))
		print_expr(printer, node);
	else
		print_bracketed(printer, node);
}

void print_operand(struct printer *printer, const PgQuery__Node *node)
{
	if (SQL_IS(node, TYPE_CAST))
		print_expr(printer, node);
	else
		print_primary(printer, node);
}

static void add_slot(struct printer *printer, const PgQuery__AConst *constant,
		     size_t offset)
{
	struct sql_slots *slots = printer->slots;

	if (!slots)
		return;
	if (slots->count == slots->capacity) {
		size_t capacity = slots->capacity ? slots->capacity * 2 : 16;
		struct sql_slot *items =
		    arena_array(slots->arena, capacity, sizeof(*items));

		if (slots->count)
			memcpy(items, slots->items,
			       slots->count * sizeof(*items));
		slots->items = items;
		slots->capacity = capacity;
	}
	slots->items[slots->count++] =
	    (struct sql_slot){.offset = offset,
			      .length = printer->out->size - offset,
			      .constant = constant};
}

static void print_integer(struct printer *printer, int32_t value)
{
	/* As unsigned: the sign is printed already. */
	buffer_printf(printer->out, "%u",
		      value < 0 ? 0u - (uint32_t)value : (uint32_t)value);
}

void print_const(struct printer *printer, const PgQuery__AConst *constant)
{
	size_t offset;
	const char *text;

	if (is_negative(constant))
		print_text(printer, "-");
	offset = printer->out->size;
	if (constant->isnull) {
		print_text(printer, "NULL");
		return;
	}
	switch (constant->val_case) {
	case PG_QUERY__A__CONST__VAL_BOOLVAL:
		print_text(printer,
			   constant->boolval->boolval ? "TRUE" : "FALSE");
		return;
	case PG_QUERY__A__CONST__VAL_IVAL:
		print_integer(printer, constant->ival->ival);
		break;
	case PG_QUERY__A__CONST__VAL_FVAL:
		text = constant->fval->fval;
		print_text(printer, *text == '-' ? text + 1 : text);
		break;
	case PG_QUERY__A__CONST__VAL_SVAL:
		print_string(printer, constant->sval->sval);
		break;
	case PG_QUERY__A__CONST__VAL_BSVAL:
		text = constant->bsval->bsval;
		if (*text != 'b' && *text != 'x') {
			print_fail(printer, "a bit string without its base");
			return;
		}
		buffer_printf(printer->out, "%c'%s'", *text == 'b' ? 'B' : 'X',
			      text + 1);
		break;
	default:
		print_fail(printer, "a constant without a value");
		return;
	}
	add_slot(printer, constant, offset);
}

void print_constant(struct printer *printer, const PgQuery__Node *node)
{
	if (SQL_IS(node, A_CONST))
		print_const(printer, node->a_const);
	else
		print_unknown(printer, node);
}

static bool is_plain_operator(const char *name)
{
	return SQL_SET(name) && !name[strspn(name, "~!@#^&|`?+-*/%<>=")];
}

/* An operator by its name, perhaps with a schema. */
static void print_operator(struct printer *printer, PgQuery__Node *const *names,
			   size_t count)
{
	const char *name = count ? sql_string_value(names[count - 1]) : NULL;

	if (!is_plain_operator(name)) {
		print_fail(printer, "an operator has no name");
	} else if (count == 1) {
		print_text(printer, name);
	} else {
		print_text(printer, "OPERATOR(");
		for (size_t i = 0; i + 1 < count; i++) {
			print_name_node(printer, names[i]);
			print_text(printer, ".");
		}
		print_text(printer, name);
		print_text(printer, ")");
	}
}

static void print_binary(struct printer *printer, const PgQuery__AExpr *expr,
			 int precedence)
{
	int left = binary_precedence(expr->lexpr);
	int right = binary_precedence(expr->rexpr);

	if (left > precedence || (left == precedence && left > PREC_COMPARE))
		print_expr(printer, expr->lexpr);
	else
		print_operand(printer, expr->lexpr);
	print_text(printer, " ");
	print_operator(printer, expr->name, expr->n_name);
	print_text(printer, " ");
	if (precedence && right > precedence)
		print_expr(printer, expr->rexpr);
	else
		print_operand(printer, expr->rexpr);
}

static void print_plain_operator(struct printer *printer,
				 const PgQuery__Node *node)
{
	const PgQuery__AExpr *expr = node->a_expr;

	if (!expr->rexpr) {
		print_unknown(printer, node);
	} else if (expr->lexpr) {
		int precedence = binary_precedence(node);

		print_binary(printer, expr,
			     precedence ? precedence : PREC_POWER + 1);
	} else {
		print_operator(printer, expr->name, expr->n_name);
		print_text(printer, " ");
		print_operand(printer, expr->rexpr);
	}
}

static const char *operator_name(const PgQuery__AExpr *expr)
{
	const char *name =
	    expr->n_name == 1 ? sql_string_value(expr->name[0]) : NULL;

	return name ? name : "";
}

/* left WORDS right, negated if the operator's name says so. */
static void print_words(struct printer *printer, const PgQuery__AExpr *expr,
			const char *plain, const char *negated,
			const char *words)
{
	const char *name = operator_name(expr);

	print_operand(printer, expr->lexpr);
	if (!strcmp(name, plain))
		buffer_printf(printer->out, " %s ", words);
	else if (!strcmp(name, negated))
		buffer_printf(printer->out, " NOT %s ", words);
	else
		print_fail(printer, "%s has an operator of its own", words);
}

static void print_like(struct printer *printer, const PgQuery__AExpr *expr,
		       const char *plain, const char *negated,
		       const char *words)
{
	const PgQuery__FuncCall *call =
	    SQL_AS(expr->rexpr, FUNC_CALL, func_call);
	const char *name = call && call->n_funcname == 2
			       ? sql_string_value(call->funcname[1])
			       : NULL;

	print_words(printer, expr, plain, negated, words);
	if (call && name && call->n_args == 2 &&
	    (!strcmp(name, "like_escape") ||
	     !strcmp(name, "similar_to_escape"))) {
		print_operand(printer, call->args[0]);
		print_text(printer, " ESCAPE ");
		print_operand(printer, call->args[1]);
	} else if (expr->kind != PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR) {
		print_operand(printer, expr->rexpr);
	} else if (call && name && call->n_args == 1 &&
		   !strcmp(name, "similar_to_escape")) {
		print_operand(printer, call->args[0]);
	} else {
		print_fail(printer, "SIMILAR TO without its pattern");
	}
}

static void print_between(struct printer *printer, const PgQuery__AExpr *expr,
			  const char *words)
{
	const PgQuery__List *bounds = SQL_AS(expr->rexpr, LIST, list);

	if (!bounds || bounds->n_items != 2) {
		print_fail(printer, "BETWEEN without two bounds");
		return;
	}
	print_operand(printer, expr->lexpr);
	buffer_printf(printer->out, " %s ", words);
	print_operand(printer, bounds->items[0]);
	print_text(printer, " AND ");
	print_operand(printer, bounds->items[1]);
}

static void print_in(struct printer *printer, const PgQuery__AExpr *expr)
{
	const PgQuery__List *list = SQL_AS(expr->rexpr, LIST, list);

	if (!list || !list->n_items) {
		print_fail(printer, "IN without a list");
		return;
	}
	print_words(printer, expr, "=", "<>", "IN");
	print_list(printer, "", list->items, list->n_items, print_expr);
}

static void print_quantified(struct printer *printer,
			     const PgQuery__AExpr *expr, const char *word)
{
	print_operand(printer, expr->lexpr);
	print_text(printer, " ");
	print_operator(printer, expr->name, expr->n_name);
	buffer_printf(printer->out, " %s ", word);
	print_bracketed(printer, expr->rexpr);
}

static void print_a_expr(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__AExpr *expr = node->a_expr;

	switch (expr->kind) {
	case PG_QUERY__A__EXPR__KIND__AEXPR_OP:
		print_plain_operator(printer, node);
		return;
	case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ANY:
		print_quantified(printer, expr, "ANY");
		return;
	case PG_QUERY__A__EXPR__KIND__AEXPR_OP_ALL:
		print_quantified(printer, expr, "ALL");
		return;
	case PG_QUERY__A__EXPR__KIND__AEXPR_DISTINCT:
		print_words(printer, expr, "=", "", "IS DISTINCT FROM");
		print_operand(printer, expr->rexpr);
		return;
	case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_DISTINCT:
		print_words(printer, expr, "=", "", "IS NOT DISTINCT FROM");
		print_operand(printer, expr->rexpr);
		return;
	case PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF:
		print_text(printer, "NULLIF(");
		print_expr(printer, expr->lexpr);
		print_text(printer, ", ");
		print_expr(printer, expr->rexpr);
		print_text(printer, ")");
		return;
	case PG_QUERY__A__EXPR__KIND__AEXPR_IN:
		print_in(printer, expr);
		return;
	case PG_QUERY__A__EXPR__KIND__AEXPR_LIKE:
		print_like(printer, expr, "~~", "!~~", "LIKE");
		return;
	case PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE:
		print_like(printer, expr, "~~*", "!~~*", "ILIKE");
		return;
	case PG_QUERY__A__EXPR__KIND__AEXPR_SIMILAR:
		print_like(printer, expr, "~", "!~", "SIMILAR TO");
		return;
	case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
		print_between(printer, expr, "BETWEEN");
		return;
	case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
		print_between(printer, expr, "NOT BETWEEN");
		return;
	case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
		print_between(printer, expr, "BETWEEN SYMMETRIC");
		return;
	case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
		print_between(printer, expr, "NOT BETWEEN SYMMETRIC");
		return;
	default:
		print_unknown(printer, node);
		return;
	}
}

/* Whether it can be without brackets between AND and OR. */
static bool is_condition(const PgQuery__Node *node)
{
	if (SQL_IS(node, A_EXPR))
		return binary_precedence(node) ||
		       node->a_expr->kind ==
			   PG_QUERY__A__EXPR__KIND__AEXPR_IN ||
		       node->a_expr->kind ==
			   PG_QUERY__A__EXPR__KIND__AEXPR_LIKE ||
		       node->a_expr->kind ==
			   PG_QUERY__A__EXPR__KIND__AEXPR_ILIKE;
	if (SQL_IS(node, BOOL_EXPR))
		return node->bool_expr->boolop ==
		       PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR;
	return SQL_IS(node, NULL_TEST) || SQL_IS(node, SUB_LINK);
}

static void print_bool(struct printer *printer, const PgQuery__BoolExpr *expr)
{
	bool and_expr = expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__AND_EXPR;

	if (expr->boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR) {
		print_text(printer, "NOT ");
		print_operand(printer, expr->n_args ? expr->args[0] : NULL);
		return;
	}
	if (expr->n_args < 2)
		print_fail(printer, "AND, OR of one operand");
	for (size_t i = 0; i < expr->n_args && !printer->failed; i++) {
		if (i)
			print_text(printer, and_expr ? " AND " : " OR ");
		if (is_condition(expr->args[i]))
			print_expr(printer, expr->args[i]);
		else
			print_operand(printer, expr->args[i]);
	}
}

static void print_sublink(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__SubLink *link = node->sub_link;

	switch (link->sub_link_type) {
	case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
		print_text(printer, "EXISTS ");
		break;
	case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
		print_text(printer, "ARRAY");
		break;
	case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
		break;
	case PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK:
	case PG_QUERY__SUB_LINK_TYPE__ALL_SUBLINK:
		print_operand(printer, link->testexpr);
		print_text(printer, " ");
		if (!link->n_oper_name &&
		    link->sub_link_type ==
			PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK) {
			print_text(printer, "IN ");
			break;
		}
		print_operator(printer, link->oper_name, link->n_oper_name);
		print_text(printer, link->sub_link_type ==
					    PG_QUERY__SUB_LINK_TYPE__ANY_SUBLINK
					? " ANY "
					: " ALL ");
		break;
	default:
		print_unknown(printer, node);
		return;
	}
	print_text(printer, "(");
	print_query(printer, link->subselect);
	print_text(printer, ")");
}

static void print_case(struct printer *printer, const PgQuery__CaseExpr *expr)
{
	print_text(printer, "CASE");
	if (sql_unwrap(expr->arg)) {
		print_text(printer, " ");
		print_expr(printer, expr->arg);
	}
	for (size_t i = 0; i < expr->n_args; i++) {
		const PgQuery__CaseWhen *when =
		    SQL_AS(expr->args[i], CASE_WHEN, case_when);

		if (!when) {
			print_unknown(printer, expr->args[i]);
			return;
		}
		print_text(printer, " WHEN ");
		print_expr(printer, when->expr);
		print_text(printer, " THEN ");
		print_expr(printer, when->result);
	}
	if (sql_unwrap(expr->defresult)) {
		print_text(printer, " ELSE ");
		print_expr(printer, expr->defresult);
	}
	print_text(printer, " END");
}

void print_indirection(struct printer *printer, PgQuery__Node *const *items,
		       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const PgQuery__AIndices *indices =
		    SQL_AS(items[i], A_INDICES, a_indices);

		if (!indices) {
			print_text(printer, ".");
			print_name_node(printer, items[i]);
			continue;
		}
		print_text(printer, "[");
		if (sql_unwrap(indices->lidx))
			print_operand(printer, indices->lidx);
		if (indices->is_slice)
			print_text(printer, " : ");
		if (sql_unwrap(indices->uidx))
			print_operand(printer, indices->uidx);
		print_text(printer, "]");
	}
}

static void print_value_function(struct printer *printer,
				 const PgQuery__Node *node)
{
	static const char *const words[] = {
	    NULL,
	    "CURRENT_DATE",
	    "CURRENT_TIME",
	    "CURRENT_TIME",
	    "CURRENT_TIMESTAMP",
	    "CURRENT_TIMESTAMP",
	    "LOCALTIME",
	    "LOCALTIME",
	    "LOCALTIMESTAMP",
	    "LOCALTIMESTAMP",
	    "CURRENT_ROLE",
	    "CURRENT_USER",
	    "USER",
	    "SESSION_USER",
	    "CURRENT_CATALOG",
	    "CURRENT_SCHEMA",
	};
	const PgQuery__SQLValueFunction *function = node->sqlvalue_function;
	unsigned op = (unsigned)function->op;

	if (!op || op >= sizeof(words) / sizeof(*words)) {
		print_unknown(printer, node);
		return;
	}
	print_text(printer, words[op]);
	switch (function->op) {
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIME_N:
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_CURRENT_TIMESTAMP_N:
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIME_N:
	case PG_QUERY__SQLVALUE_FUNCTION_OP__SVFOP_LOCALTIMESTAMP_N:
		buffer_printf(printer->out, "(%d)", function->typmod);
		return;
	default:
		return;
	}
}

static void print_boolean_test(struct printer *printer,
			       const PgQuery__Node *node)
{
	static const char *const words[] = {NULL,
					    " IS TRUE",
					    " IS NOT TRUE",
					    " IS FALSE",
					    " IS NOT FALSE",
					    " IS UNKNOWN",
					    " IS NOT UNKNOWN"};
	unsigned kind = (unsigned)node->boolean_test->booltesttype;

	if (!kind || kind >= sizeof(words) / sizeof(*words)) {
		print_unknown(printer, node);
		return;
	}
	print_operand(printer, node->boolean_test->arg);
	print_text(printer, words[kind]);
}

static void print_row(struct printer *printer, const PgQuery__RowExpr *row)
{
	bool implicit =
	    row->row_format == PG_QUERY__COERCION_FORM__COERCE_IMPLICIT_CAST;

	print_text(printer, implicit ? "(" : "ROW(");
	print_items(printer, row->args, row->n_args, print_expr);
	print_text(printer, ")");
}

static void print_current_of(struct printer *printer,
			     const PgQuery__CurrentOfExpr *expr)
{
	print_text(printer, "CURRENT OF ");
	print_name(printer, expr->cursor_name);
}

static void print_expr_node(struct printer *printer, const PgQuery__Node *node)
{
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_COLUMN_REF:
		print_dotted(printer, node->column_ref->fields,
			     node->column_ref->n_fields);
		return;
	case PG_QUERY__NODE__NODE_PARAM_REF:
		if (node->param_ref->number < 1)
			print_unknown(printer, node);
		printer->dialect->syntax->parameter(printer->out,
						    node->param_ref->number);
		return;
	case PG_QUERY__NODE__NODE_A_CONST:
		print_const(printer, node->a_const);
		return;
	case PG_QUERY__NODE__NODE_FUNC_CALL:
		print_call(printer, node->func_call);
		return;
	case PG_QUERY__NODE__NODE_A_EXPR:
		print_a_expr(printer, node);
		return;
	case PG_QUERY__NODE__NODE_BOOL_EXPR:
		print_bool(printer, node->bool_expr);
		return;
	case PG_QUERY__NODE__NODE_NULL_TEST:
		print_operand(printer, node->null_test->arg);
		print_text(printer, node->null_test->nulltesttype ==
					    PG_QUERY__NULL_TEST_TYPE__IS_NULL
					? " IS NULL"
					: " IS NOT NULL");
		return;
	case PG_QUERY__NODE__NODE_BOOLEAN_TEST:
		print_boolean_test(printer, node);
		return;
	case PG_QUERY__NODE__NODE_CASE_EXPR:
		print_case(printer, node->case_expr);
		return;
	case PG_QUERY__NODE__NODE_COALESCE_EXPR:
		print_text(printer, "COALESCE");
		print_list(printer, "", node->coalesce_expr->args,
			   node->coalesce_expr->n_args, print_expr);
		return;
	case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
		print_list(printer,
			   node->min_max_expr->op ==
				   PG_QUERY__MIN_MAX_OP__IS_LEAST
			       ? "LEAST"
			       : "GREATEST",
			   node->min_max_expr->args, node->min_max_expr->n_args,
			   print_expr);
		return;
	case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
		print_value_function(printer, node);
		return;
	case PG_QUERY__NODE__NODE_XML_EXPR:
		print_xml(printer, node->xml_expr);
		return;
	case PG_QUERY__NODE__NODE_XML_SERIALIZE:
		print_text(printer,
			   node->xml_serialize->xmloption ==
				   PG_QUERY__XML_OPTION_TYPE__XMLOPTION_DOCUMENT
			       ? "XMLSERIALIZE(DOCUMENT "
			       : "XMLSERIALIZE(CONTENT ");
		print_expr(printer, node->xml_serialize->expr);
		print_text(printer, " AS ");
		print_type(printer, node->xml_serialize->type_name);
		print_text(printer, ")");
		return;
	case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
		print_text(printer, "ARRAY[");
		print_items(printer, node->a_array_expr->elements,
			    node->a_array_expr->n_elements, print_expr);
		print_text(printer, "]");
		return;
	case PG_QUERY__NODE__NODE_ROW_EXPR:
		print_row(printer, node->row_expr);
		return;
	case PG_QUERY__NODE__NODE_SUB_LINK:
		print_sublink(printer, node);
		return;
	case PG_QUERY__NODE__NODE_TYPE_CAST:
		printer->dialect->syntax->cast(printer, node->type_cast);
		return;
	case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
		print_operand(printer, node->collate_clause->arg);
		print_text(printer, " COLLATE ");
		print_dotted(printer, node->collate_clause->collname,
			     node->collate_clause->n_collname);
		return;
	case PG_QUERY__NODE__NODE_A_INDIRECTION:
		print_bracketed(printer, node->a_indirection->arg);
		print_indirection(printer, node->a_indirection->indirection,
				  node->a_indirection->n_indirection);
		return;
	case PG_QUERY__NODE__NODE_GROUPING_FUNC:
		print_list(printer, "GROUPING", node->grouping_func->args,
			   node->grouping_func->n_args, print_expr);
		return;
	case PG_QUERY__NODE__NODE_SET_TO_DEFAULT:
		print_text(printer, "DEFAULT");
		return;
	case PG_QUERY__NODE__NODE_CURRENT_OF_EXPR:
		print_current_of(printer, node->current_of_expr);
		return;
	default:
		print_unknown(printer, node);
		return;
	}
}

void print_expr(struct printer *printer, const PgQuery__Node *node)
{
	if (!print_enter(printer))
		return;
	if (!sql_unwrap(node))
		print_fail(printer, "an expression is missing");
	else if (!print_own(printer, node))
		print_expr_node(printer, node);
	print_leave(printer);
}

void print_sort(struct printer *printer, const PgQuery__Node *node)
{
	const PgQuery__SortBy *sort = SQL_AS(node, SORT_BY, sort_by);

	if (!sort) {
		print_unknown(printer, node);
		return;
	}
	print_expr(printer, sort->node);
	switch (sort->sortby_dir) {
	case PG_QUERY__SORT_BY_DIR__SORTBY_ASC:
		print_text(printer, " ASC");
		break;
	case PG_QUERY__SORT_BY_DIR__SORTBY_DESC:
		print_text(printer, " DESC");
		break;
	case PG_QUERY__SORT_BY_DIR__SORTBY_USING:
		print_text(printer, " USING ");
		print_operator(printer, sort->use_op, sort->n_use_op);
		break;
	default:
		break;
	}
	if (sort->sortby_nulls == PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_FIRST)
		print_text(printer, " NULLS FIRST");
	else if (sort->sortby_nulls ==
		 PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_LAST)
		print_text(printer, " NULLS LAST");
}
