/* What follows a query: ORDER BY, LIMIT, INTO, locking. */
#include "adapters/mysql/parse_select.h"
#include "sql/build.h"

static PgQuery__Node *sort_item(struct mysql_reader *reader)
{
	PgQuery__SortBy *sort =
	    sql_new(reader->arena, &pg_query__sort_by__descriptor);

	sort->node = mysql_expression(reader);
	sort->sortby_dir = mysql_accept(reader, "desc")
			       ? PG_QUERY__SORT_BY_DIR__SORTBY_DESC
			   : mysql_accept(reader, "asc")
			       ? PG_QUERY__SORT_BY_DIR__SORTBY_ASC
			       : PG_QUERY__SORT_BY_DIR__SORTBY_DEFAULT;
	sort->sortby_nulls = PG_QUERY__SORT_BY_NULLS__SORTBY_NULLS_DEFAULT;
	sort->location = -1;
	return sql_wrap(reader->arena, sort);
}

void mysql_order_by(struct mysql_reader *reader, struct mysql_list *list)
{
	if (!mysql_accept(reader, "order"))
		return;
	mysql_expect(reader, "by");
	do
		mysql_add(reader, list, sort_item(reader));
	while (mysql_accept(reader, ","));
}

/* A number or a parameter: the server takes nothing else. */
static PgQuery__Node *operand(struct mysql_reader *reader)
{
	if (mysql_is_kind(reader, 0, MYSQL_TOKEN_INTEGER) ||
	    mysql_is_kind(reader, 0, MYSQL_TOKEN_PARAMETER))
		return mysql_simple_expression(reader);
	return mysql_unexpected(reader, "a number");
}

void mysql_limit(struct mysql_reader *reader, PgQuery__Node **count,
		 PgQuery__Node **offset)
{
	if (!mysql_is(reader, "limit") || mysql_is_at(reader, 1, "rows"))
		return;
	mysql_take(reader);
	*count = operand(reader);
	if (mysql_accept(reader, ",")) {
		*offset = *count;
		*count = operand(reader);
	} else if (mysql_accept(reader, "offset")) {
		*offset = operand(reader);
	}
}

/* MariaDB's OFFSET a ROWS FETCH FIRST n ROWS ONLY. */
static void fetch(struct mysql_reader *reader, PgQuery__SelectStmt *select)
{
	if (mysql_accept(reader, "offset")) {
		select->limit_offset = operand(reader);
		if (!mysql_accept(reader, "rows"))
			mysql_expect(reader, "row");
	}
	if (!mysql_accept(reader, "fetch"))
		return;
	if (!mysql_accept(reader, "first"))
		mysql_expect(reader, "next");
	select->limit_count =
	    mysql_is(reader, "row") || mysql_is(reader, "rows")
		? sql_const_integer(reader->arena, 1)
		: operand(reader);
	if (!mysql_accept(reader, "rows"))
		mysql_expect(reader, "row");
	select->limit_option = PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_COUNT;
	if (mysql_accept(reader, "only"))
		return;
	mysql_expect(reader, "with");
	mysql_expect(reader, "ties");
	select->limit_option = PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_WITH_TIES;
}

static void limit(struct mysql_reader *reader, PgQuery__SelectStmt *select,
		  struct mysql_list *clauses)
{
	mysql_limit(reader, &select->limit_count, &select->limit_offset);
	if (select->limit_count)
		select->limit_option =
		    PG_QUERY__LIMIT_OPTION__LIMIT_OPTION_COUNT;
	else
		fetch(reader, select);
	if (mysql_accept_two(reader, "limit", "rows") ||
	    mysql_accept(reader, "rows")) {
		mysql_expect(reader, "examined");
		mysql_add(reader, clauses,
			  mysql_named(reader, "examined", operand(reader)));
	}
}

static void outfile(struct mysql_reader *reader, struct mysql_list *clauses,
		    const char *kind)
{
	mysql_take(reader);
	mysql_add(reader, clauses,
		  mysql_named(reader, kind, mysql_string(reader)));
	if (mysql_is(reader, "character") || mysql_is(reader, "fields") ||
	    mysql_is(reader, "columns") || mysql_is(reader, "lines"))
		mysql_fail(reader, "INTO OUTFILE with a format");
}

void mysql_into(struct mysql_reader *reader, struct mysql_list *clauses)
{
	if (!mysql_accept(reader, "into"))
		return;
	if (mysql_is(reader, "outfile")) {
		outfile(reader, clauses, "outfile");
		return;
	}
	if (mysql_is(reader, "dumpfile")) {
		outfile(reader, clauses, "dumpfile");
		return;
	}
	do
		mysql_add(reader, clauses,
			  mysql_named(reader, "into", mysql_variable(reader)));
	while (mysql_accept(reader, ","));
}

/* ---- locking ---- */

static void locked_tables(struct mysql_reader *reader,
			  PgQuery__LockingClause *locking)
{
	struct mysql_list list = {NULL, 0, 0};

	if (!mysql_accept(reader, "of"))
		return;
	do
		mysql_add(reader, &list,
			  sql_wrap(reader->arena, mysql_relation(reader)));
	while (mysql_accept(reader, ","));
	MYSQL_PUT(locking, locked_rels, list);
}

static void wait_policy(struct mysql_reader *reader,
			PgQuery__LockingClause *locking,
			struct mysql_list *clauses)
{
	locking->wait_policy = PG_QUERY__LOCK_WAIT_POLICY__LockWaitBlock;
	if (mysql_accept(reader, "nowait"))
		locking->wait_policy =
		    PG_QUERY__LOCK_WAIT_POLICY__LockWaitError;
	else if (mysql_accept_two(reader, "skip", "locked"))
		locking->wait_policy = PG_QUERY__LOCK_WAIT_POLICY__LockWaitSkip;
	else if (mysql_accept(reader, "wait"))
		mysql_add(reader, clauses,
			  mysql_named(reader, "wait", operand(reader)));
}

static bool lock(struct mysql_reader *reader, PgQuery__SelectStmt *select,
		 struct mysql_list *clauses)
{
	PgQuery__LockClauseStrength strength;
	PgQuery__LockingClause *locking;

	if (mysql_accept_two(reader, "for", "update")) {
		strength = PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORUPDATE;
	} else if (mysql_accept_two(reader, "for", "share")) {
		strength = PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE;
	} else if (mysql_accept_two(reader, "lock", "in")) {
		mysql_expect(reader, "share");
		mysql_expect(reader, "mode");
		strength = PG_QUERY__LOCK_CLAUSE_STRENGTH__LCS_FORSHARE;
	} else {
		return false;
	}
	locking = sql_new(reader->arena, &pg_query__locking_clause__descriptor);
	locking->strength = strength;
	locked_tables(reader, locking);
	wait_policy(reader, locking, clauses);
	SQL_APPEND(reader->arena, select, locking_clause,
		   sql_wrap(reader->arena, locking));
	return true;
}

void mysql_tail(struct mysql_reader *reader, PgQuery__SelectStmt *select,
		struct mysql_list *clauses)
{
	struct mysql_list order = {NULL, 0, 0};

	mysql_order_by(reader, &order);
	if (order.item_count)
		MYSQL_PUT(select, sort_clause, order);
	limit(reader, select, clauses);
	mysql_into(reader, clauses);
	while (lock(reader, select, clauses))
		continue;
	mysql_into(reader, clauses);
}
