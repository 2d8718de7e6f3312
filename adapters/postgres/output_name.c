/* The name of an output column without an alias, as PostgreSQL chooses it
 * (FigureColname in parse_target.c there). */
#include "adapters/postgres/syntax.h"

#include <string.h>

/* How sure the name is: 0 none, 1 weak (of a type), 2 strong. */
static int figure(const PgQuery__Node *node, const char **name);

static int last_string(PgQuery__Node *const *items, size_t count,
		       const char **name)
{
	while (count--) {
		const char *text = sql_string_value(items[count]);

		if (text) {
			*name = text;
			return 2;
		}
	}
	return 0;
}

static int figure_sublink(const PgQuery__SubLink *link, const char **name)
{
	PgQuery__SelectStmt *select;
	PgQuery__ResTarget *target;

	switch (link->sub_link_type) {
	case PG_QUERY__SUB_LINK_TYPE__EXISTS_SUBLINK:
		*name = "exists";
		return 2;
	case PG_QUERY__SUB_LINK_TYPE__ARRAY_SUBLINK:
		*name = "array";
		return 2;
	case PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK:
		break;
	default:
		return 0;
	}
	select = SQL_AS(link->subselect, SELECT_STMT, select_stmt);
	while (select && select->larg)
		select = select->larg;
	if (!select)
		return 0;
	if (select->n_values_lists) {
		*name = "column1";
		return 2;
	}
	if (!select->n_target_list)
		return 0;
	target = SQL_AS(select->target_list[0], RES_TARGET, res_target);
	if (!target)
		return 0;
	*name = SQL_SET(target->name) ? target->name
				      : postgres_output_name(target->val);
	return 2;
}

static const char *value_function_name(PgQuery__SQLValueFunctionOp op)
{
	static const char *const names[] = {NULL,
					    "current_date",
					    "current_time",
					    "current_time",
					    "current_timestamp",
					    "current_timestamp",
					    "localtime",
					    "localtime",
					    "localtimestamp",
					    "localtimestamp",
					    "current_role",
					    "current_user",
					    "user",
					    "session_user",
					    "current_catalog",
					    "current_schema"};

	return (size_t)op < sizeof(names) / sizeof(*names) ? names[op] : NULL;
}

static int figure_cast(const PgQuery__TypeCast *cast, const char **name)
{
	int strength = figure(cast->arg, name);

	if (strength > 1)
		return strength;
	return last_string(cast->type_name->names, cast->type_name->n_names,
			   name)
		   ? 1
		   : 0;
}

static const char *xml_name(PgQuery__XmlExprOp op)
{
	switch (op) {
	case PG_QUERY__XML_EXPR_OP__IS_XMLCONCAT:
		return "xmlconcat";
	case PG_QUERY__XML_EXPR_OP__IS_XMLELEMENT:
		return "xmlelement";
	case PG_QUERY__XML_EXPR_OP__IS_XMLFOREST:
		return "xmlforest";
	case PG_QUERY__XML_EXPR_OP__IS_XMLPARSE:
		return "xmlparse";
	case PG_QUERY__XML_EXPR_OP__IS_XMLPI:
		return "xmlpi";
	case PG_QUERY__XML_EXPR_OP__IS_XMLROOT:
		return "xmlroot";
	default:
		return "xmlserialize";
	}
}

static int figure(const PgQuery__Node *node, const char **name)
{
	if (!node)
		return 0;
	switch (node->node_case) {
	case PG_QUERY__NODE__NODE_COLUMN_REF:
		return last_string(node->column_ref->fields,
				   node->column_ref->n_fields, name);
	case PG_QUERY__NODE__NODE_A_INDIRECTION:
		if (last_string(node->a_indirection->indirection,
				node->a_indirection->n_indirection, name))
			return 2;
		return figure(node->a_indirection->arg, name);
	case PG_QUERY__NODE__NODE_FUNC_CALL:
		return last_string(node->func_call->funcname,
				   node->func_call->n_funcname, name);
	case PG_QUERY__NODE__NODE_A_EXPR:
		if (node->a_expr->kind != PG_QUERY__A__EXPR__KIND__AEXPR_NULLIF)
			return 0;
		*name = "nullif";
		return 2;
	case PG_QUERY__NODE__NODE_TYPE_CAST:
		return figure_cast(node->type_cast, name);
	case PG_QUERY__NODE__NODE_COLLATE_CLAUSE:
		return figure(node->collate_clause->arg, name);
	case PG_QUERY__NODE__NODE_GROUPING_FUNC:
		*name = "grouping";
		return 2;
	case PG_QUERY__NODE__NODE_SUB_LINK:
		return figure_sublink(node->sub_link, name);
	case PG_QUERY__NODE__NODE_CASE_EXPR:
		if (figure(node->case_expr->defresult, name) > 1)
			return 2;
		*name = "case";
		return 1;
	case PG_QUERY__NODE__NODE_A_ARRAY_EXPR:
		*name = "array";
		return 2;
	case PG_QUERY__NODE__NODE_ROW_EXPR:
		*name = "row";
		return 2;
	case PG_QUERY__NODE__NODE_COALESCE_EXPR:
		*name = "coalesce";
		return 2;
	case PG_QUERY__NODE__NODE_MIN_MAX_EXPR:
		*name =
		    node->min_max_expr->op == PG_QUERY__MIN_MAX_OP__IS_GREATEST
			? "greatest"
			: "least";
		return 2;
	case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
		*name = value_function_name(node->sqlvalue_function->op);
		return 2;
	case PG_QUERY__NODE__NODE_XML_EXPR:
		if (node->xml_expr->op == PG_QUERY__XML_EXPR_OP__IS_DOCUMENT)
			return 0; /* a boolean, as IS NULL */
		*name = xml_name(node->xml_expr->op);
		return 2;
	case PG_QUERY__NODE__NODE_XML_SERIALIZE:
		*name = "xmlserialize";
		return 2;
	default:
		return 0;
	}
}

const char *postgres_output_name(const PgQuery__Node *node)
{
	const char *name = NULL;

	return figure(node, &name) && name ? name : "?column?";
}
