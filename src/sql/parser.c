/* Fragments of SQL: embedded in whole statements, parsed, and taken out again.
 */
#include "sql/parser.h"

/*
 * Parses prefix text suffix as one SELECT without anything but a target list of
 * one unnamed item. Line breaks keep comments in text from hiding the suffix.
 */
static PgQuery__Node *only_target(const struct parser *parser,
				  const char *prefix, const char *text,
				  const char *suffix, struct arena *arena,
				  struct error *error)
{
	const char *whole =
	    arena_printf(arena, "%s%s\n%s", prefix, text, suffix);
	const PgQuery__SelectStmt *select;
	struct sql_tree tree;

	if (parser->parse(whole, strlen(whole), arena, &tree, error)) {
		if (error->line == 1 && error->column > (int)strlen(prefix))
			error->column -= (int)strlen(prefix);
		return NULL;
	}
	select = tree.count == 1
		     ? SQL_AS(tree.statements[0].node, SELECT_STMT, select_stmt)
		     : NULL;
	if (!select || select->n_target_list != 1 || select->n_from_clause ||
	    select->where_clause ||
	    select->op != PG_QUERY__SET_OPERATION__SETOP_NONE ||
	    select->n_sort_clause || select->limit_count ||
	    select->limit_offset || select->n_group_clause ||
	    select->having_clause || select->n_window_clause ||
	    select->n_locking_clause || select->into_clause ||
	    !SQL_IS(select->target_list[0], RES_TARGET) ||
	    SQL_SET(select->target_list[0]->res_target->name)) {
		error_set(error, ERROR_DATABASE, "not one expression");
		return NULL;
	}
	return select->target_list[0]->res_target->val;
}

int parser_expression(const struct parser *parser, const char *text,
		      struct arena *arena, PgQuery__Node **node,
		      struct error *error)
{
	/* ROW takes any list, and no alias; the result must be one item. */
	PgQuery__Node *row =
	    only_target(parser, "SELECT ROW(", text, ")", arena, error);

	if (!row)
		return -1;
	if (!SQL_IS(row, ROW_EXPR) || row->row_expr->n_args != 1)
		return error_set(error, ERROR_DATABASE, "not one expression");
	*node = row->row_expr->args[0];
	return 0;
}

int parser_type(const struct parser *parser, const char *text,
		struct arena *arena, PgQuery__TypeName **type,
		struct error *error)
{
	PgQuery__Node *cast = only_target(parser, "SELECT CAST(NULL AS ", text,
					  ")", arena, error);

	if (!cast)
		return -1;
	if (!SQL_IS(cast, TYPE_CAST) || !SQL_IS(cast->type_cast->arg, A_CONST))
		return error_set(error, ERROR_DATABASE, "not one type");
	*type = cast->type_cast->type_name;
	return 0;
}
