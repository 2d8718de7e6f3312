/*
 * The row sub-query of a SET list: as a row of FROM, or as a sub-query for each
 * column.
 *
 *	UPDATE users SET (email, name) = (SELECT a, b FROM t)
 *
 *	... FROM (SELECT 1) AS parallax_one LEFT JOIN LATERAL
 *		(SELECT a, b FROM t) AS old_query (email, name) ON TRUE
 *
 *	SET mail = (SELECT a FROM t), ...
 */
#include "lens/write/set_query.h"

#include "lens/rewrite/refuse.h"

/* One column of the row sub-query, with the target's row in scope. */
PgQuery__Node *write_set_column(struct rewrite *rw,
				const struct set_values *set, const char *name)
{
	PgQuery__SelectStmt *select = sql_select(rw->arena);

	SQL_APPEND(rw->arena, select, target_list,
		   sql_target(rw->arena, NULL,
			      sql_column(rw->arena, "old_query", name)));
	SQL_APPEND(
	    rw->arena, select, from_clause,
	    sql_range_subselect(
		rw->arena, sql_copy(rw->arena, sql_wrap(rw->arena, set->query)),
		"old_query", set->query_columns, set->query_column_count));
	return sql_sublink(rw->arena, PG_QUERY__SUB_LINK_TYPE__EXPR_SUBLINK,
			   sql_wrap(rw->arena, select));
}

void write_set_apart(struct rewrite *rw, const struct lens_table *table,
		     struct set_values *set)
{
	if (set->query && set->query_is_volatile)
		rewrite_fail(
		    rw, -1,
		    "a volatile row sub-query sets several columns of \"%s\"",
		    table->old->name);
	for (size_t n = 0; n < set->query_column_count; n++)
		for (size_t i = 0; i < table->column_count; i++)
			if (same_name(table->columns[i].old->name,
				      set->query_columns[n]))
				set->values[i] = write_set_column(
				    rw, set, set->query_columns[n]);
	set->query = NULL;
	set->query_column_count = 0;
}

/* (SELECT 1) AS parallax_one LEFT JOIN LATERAL (query) AS old_query ON true: a
 * sub-query without rows gives a row of nulls. */
PgQuery__Node *write_set_range(struct rewrite *rw, const struct set_values *set)
{
	PgQuery__JoinExpr *join =
	    sql_new(rw->arena, &pg_query__join_expr__descriptor);
	PgQuery__SelectStmt *one = sql_select(rw->arena);
	PgQuery__Node *query = sql_range_subselect(
	    rw->arena, sql_wrap(rw->arena, set->query), "old_query",
	    set->query_columns, set->query_column_count);

	SQL_APPEND(
	    rw->arena, one, target_list,
	    sql_target(rw->arena, NULL, sql_const_integer(rw->arena, 1)));
	query->range_subselect->lateral = true;
	join->jointype = PG_QUERY__JOIN_TYPE__JOIN_LEFT;
	join->larg = sql_range_subselect(rw->arena, sql_wrap(rw->arena, one),
					 "parallax_one", NULL, 0);
	join->rarg = query;
	join->quals = sql_const_bool(rw->arena, true);
	return sql_wrap(rw->arena, join);
}
