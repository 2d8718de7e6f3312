/*
 * Queries: set operations, brackets, WITH.
 *
 *	(SELECT 1) UNION ALL SELECT 2 ORDER BY 1
 *
 * is a UNION of two, and ORDER BY is the UNION's. INTERSECT binds tighter.
 */
#include "adapters/mysql/parse_select.h"
#include "adapters/mysql/reserved.h"
#include "sql/build.h"

/* ---- where a query begins ---- */

/* VALUES (c) with a name alone is a function of a column. */
static bool is_values(const struct mysql_reader *reader, size_t ahead)
{
	if (!mysql_is_at(reader, ahead, "values"))
		return false;
	if (mysql_is_at(reader, ahead + 1, "row"))
		return true;
	return mysql_is_at(reader, ahead + 1, "(") &&
	       !(mysql_is_name(reader, ahead + 2) &&
		 (mysql_is_at(reader, ahead + 3, ")") ||
		  mysql_is_at(reader, ahead + 3, ".")));
}

/* Whether a query in brackets goes on, or ends with them. */
static bool goes_on(const struct mysql_reader *reader, size_t ahead)
{
	static const char *const words[] = {
	    ")",     "union", "except", "intersect", "minus",  "order",
	    "limit", "into",  "for",	"lock",	     "offset", "fetch"};

	if (mysql_is_kind(reader, ahead, MYSQL_TOKEN_END))
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mysql_is_at(reader, ahead, words[i]))
			return true;
	return false;
}

bool mysql_is_query(const struct mysql_reader *reader)
{
	size_t brackets = 0;

	/* More are nested too deeply for the parser, anyway. */
	while (brackets < 1000 && mysql_is_at(reader, brackets, "("))
		brackets++;
	if (!mysql_is_at(reader, brackets, "select") &&
	    !mysql_is_at(reader, brackets, "with") &&
	    !is_values(reader, brackets))
		return false;
	/* All but the outermost bracket must hold the whole query. */
	for (size_t i = 1; i < brackets; i++)
		if (!goes_on(reader, mysql_after_bracket(reader, i)))
			return false;
	return true;
}

/* ---- WITH ---- */

/* MariaDB's CYCLE a, b RESTRICT. */
static void cycle(struct mysql_reader *reader, PgQuery__CommonTableExpr *cte)
{
	PgQuery__CTECycleClause *clause;
	struct mysql_list names = {NULL, 0, 0};

	if (!mysql_accept(reader, "cycle"))
		return;
	clause = sql_new(reader->arena, &pg_query__ctecycle_clause__descriptor);
	clause->location = -1;
	mysql_names(reader, &names);
	MYSQL_PUT(clause, cycle_col_list, names);
	mysql_expect(reader, "restrict");
	cte->cycle_clause = clause;
}

static PgQuery__Node *common_table(struct mysql_reader *reader)
{
	PgQuery__CommonTableExpr *cte =
	    sql_new(reader->arena, &pg_query__common_table_expr__descriptor);
	struct mysql_list names = {NULL, 0, 0};

	cte->location = -1;
	cte->ctematerialized = PG_QUERY__CTEMATERIALIZE__CTEMaterializeDefault;
	cte->ctename = mysql_name(reader);
	mysql_bracketed_names(reader, &names);
	MYSQL_PUT(cte, aliascolnames, names);
	mysql_expect(reader, "as");
	cte->ctequery = mysql_subquery(reader);
	cycle(reader, cte);
	return sql_wrap(reader->arena, cte);
}

PgQuery__WithClause *mysql_with(struct mysql_reader *reader)
{
	PgQuery__WithClause *with;
	struct mysql_list list = {NULL, 0, 0};

	if (!mysql_accept(reader, "with"))
		return NULL;
	with = sql_new(reader->arena, &pg_query__with_clause__descriptor);
	with->location = -1;
	with->recursive = mysql_accept(reader, "recursive");
	do
		mysql_add(reader, &list, common_table(reader));
	while (mysql_accept(reader, ","));
	MYSQL_PUT(with, ctes, list);
	return with;
}

/* ---- set operations ---- */

static PgQuery__SelectStmt *whole(struct mysql_reader *reader);

static bool has_tail(const PgQuery__SelectStmt *select)
{
	return select->n_sort_clause || select->limit_count ||
	       select->limit_offset || select->n_locking_clause;
}

/* The clauses without a slot of one SELECT or of a whole query. */
static void put_clauses(struct mysql_reader *reader,
			PgQuery__SelectStmt *select,
			const struct mysql_list *clauses)
{
	PgQuery__FuncCall *call = mysql_clauses(reader, clauses);
	size_t last = select->n_window_clause - 1;
	const PgQuery__FuncCall *old =
	    select->n_window_clause
		? mysql_reserved(select->window_clause[last], MYSQL_CLAUSES)
		: NULL;

	if (!call)
		return;
	if (!old) {
		SQL_APPEND(reader->arena, select, window_clause,
			   sql_wrap(reader->arena, call));
		return;
	}
	for (size_t i = 0; i < clauses->item_count; i++)
		SQL_APPEND(reader->arena,
			   select->window_clause[last]->func_call, args,
			   clauses->items[i]);
}

static PgQuery__SelectStmt *term(struct mysql_reader *reader)
{
	struct mysql_list clauses = {NULL, 0, 0};
	PgQuery__SelectStmt *select;

	if (mysql_accept(reader, "(")) {
		select = whole(reader);
		mysql_expect(reader, ")");
		return select;
	}
	if (mysql_is(reader, "values"))
		return mysql_values(reader);
	select = mysql_simple_select(reader, &clauses);
	put_clauses(reader, select, &clauses);
	return select;
}

static PgQuery__SelectStmt *combine(struct mysql_reader *reader,
				    PgQuery__SetOperation op,
				    PgQuery__SelectStmt *left)
{
	PgQuery__SelectStmt *select = sql_select(reader->arena);

	select->op = op;
	select->all = mysql_accept(reader, "all");
	if (!select->all)
		mysql_accept(reader, "distinct");
	select->larg = left;
	return select;
}

static PgQuery__SelectStmt *intersection(struct mysql_reader *reader)
{
	PgQuery__SelectStmt *left = term(reader);

	while (mysql_accept(reader, "intersect")) {
		left = combine(reader, PG_QUERY__SET_OPERATION__SETOP_INTERSECT,
			       left);
		left->rarg = term(reader);
	}
	return left;
}

static PgQuery__SelectStmt *united(struct mysql_reader *reader)
{
	PgQuery__SelectStmt *left = intersection(reader);

	while (!reader->failed) {
		if (mysql_accept(reader, "union"))
			left = combine(
			    reader, PG_QUERY__SET_OPERATION__SETOP_UNION, left);
		else if (mysql_accept(reader, "except"))
			left = combine(reader,
				       PG_QUERY__SET_OPERATION__SETOP_EXCEPT,
				       left);
		else
			break;
		left->rarg = intersection(reader);
	}
	return left;
}

static bool tail_begins(const struct mysql_reader *reader)
{
	return mysql_is(reader, "order") || mysql_is(reader, "limit") ||
	       mysql_is(reader, "offset") || mysql_is(reader, "fetch") ||
	       mysql_is(reader, "for") || mysql_is(reader, "lock");
}

static PgQuery__SelectStmt *whole(struct mysql_reader *reader)
{
	struct mysql_list clauses = {NULL, 0, 0};
	PgQuery__WithClause *with;
	PgQuery__SelectStmt *select;

	if (!mysql_enter(reader))
		return sql_select(reader->arena);
	with = mysql_with(reader);
	select = united(reader);
	if (with && select->with_clause)
		mysql_fail(reader, "WITH before brackets that hold one");
	else if (with)
		select->with_clause = with;
	if (tail_begins(reader) && has_tail(select))
		mysql_fail(reader,
			   "ORDER BY or LIMIT after brackets that hold one");
	mysql_tail(reader, select, &clauses);
	put_clauses(reader, select, &clauses);
	mysql_leave(reader);
	return select;
}

PgQuery__Node *mysql_query(struct mysql_reader *reader)
{
	return sql_wrap(reader->arena, whole(reader));
}

static PgQuery__Node *in_brackets(struct mysql_reader *reader, bool unnamed)
{
	bool before = reader->unnamed;
	PgQuery__Node *query;

	reader->unnamed = unnamed;
	mysql_expect(reader, "(");
	query = mysql_query(reader);
	mysql_expect(reader, ")");
	reader->unnamed = before;
	return query;
}

PgQuery__Node *mysql_subquery(struct mysql_reader *reader)
{
	return in_brackets(reader, false);
}

PgQuery__Node *mysql_query_operand(struct mysql_reader *reader)
{
	return in_brackets(reader, true);
}
