/*
 * The tables of FROM, UPDATE and DELETE.
 *
 *	t1 JOIN t2 LEFT JOIN t3 ON x ON y	t1 JOIN (t2 LEFT JOIN t3 ON x) ON y
 *	t1 JOIN t2 LEFT JOIN t3 ON x		(t1 JOIN t2) LEFT JOIN t3 ON x
 *	t1 JOIN t2 ON x JOIN t3 ON y		(t1 JOIN t2 ON x) JOIN t3 ON y
 *	(t1, t2)				t1 CROSS JOIN t2
 */
#include "adapters/mysql/reader.h"
#include "adapters/mysql/reserved.h"
#include "sql/build.h"

PgQuery__RangeVar *mysql_relation(struct mysql_reader *reader)
{
	PgQuery__RangeVar *range =
	    sql_new(reader->arena, &pg_query__range_var__descriptor);

	range->location = (int32_t)mysql_token(reader)->start;
	range->inh = true;
	range->relpersistence = arena_string(reader->arena, "p");
	range->relname = mysql_name(reader);
	if (mysql_accept(reader, ".")) {
		range->schemaname = range->relname;
		range->relname = mysql_name_part(reader);
	}
	return range;
}

/* Words that may be names, but not of a table without AS. */
static bool ends_table(const struct mysql_reader *reader)
{
	static const char *const words[] = {
	    "except", "intersect", "minus", "offset", "limit",
	    "window", "returning", "for",   "value",  "cycle"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mysql_is(reader, words[i]))
			return true;
	return false;
}

PgQuery__Alias *mysql_table_alias(struct mysql_reader *reader)
{
	bool as = mysql_accept(reader, "as");

	if (!as && (!mysql_is_name(reader, 0) || ends_table(reader)))
		return NULL;
	return sql_alias(reader->arena, mysql_name(reader), NULL, 0);
}

/* ---- PARTITION (p), FOR SYSTEM_TIME, USE INDEX (i) ---- */

static PgQuery__Node *name_list(struct mysql_reader *reader)
{
	struct mysql_list list = {NULL, 0, 0};

	mysql_expect(reader, "(");
	while (!reader->failed && !mysql_is(reader, ")")) {
		mysql_add(
		    reader, &list,
		    sql_string(reader->arena,
			       mysql_is(reader, "primary")
				   ? mysql_lower(reader, mysql_take(reader))
				   : mysql_name(reader)));
		if (!mysql_accept(reader, ","))
			break;
	}
	mysql_expect(reader, ")");
	return sql_list(reader->arena, list.items, list.item_count);
}

/* USE INDEX FOR ORDER BY (a, b): "use index for order by" and the names. */
static bool index_hint(struct mysql_reader *reader, struct mysql_list *list)
{
	const char *kind = mysql_is(reader, "use")	? "use index"
			   : mysql_is(reader, "force")	? "force index"
			   : mysql_is(reader, "ignore") ? "ignore index"
							: NULL;
	const char *use = "";

	if (!kind || (!mysql_is_at(reader, 1, "index") &&
		      !mysql_is_at(reader, 1, "key")))
		return false;
	mysql_take(reader);
	mysql_take(reader);
	if (mysql_accept(reader, "for")) {
		if (mysql_accept(reader, "join"))
			use = " for join";
		else if (mysql_accept_two(reader, "order", "by"))
			use = " for order by";
		else if (mysql_accept_two(reader, "group", "by"))
			use = " for group by";
		else
			mysql_unexpected(reader, "JOIN, ORDER BY or GROUP BY");
	}
	mysql_add(reader, list,
		  mysql_named(reader,
			      arena_printf(reader->arena, "%s%s", kind, use),
			      name_list(reader)));
	mysql_accept(reader, ",");
	return true;
}

static PgQuery__Node *with_clauses(struct mysql_reader *reader,
				   PgQuery__Node *table,
				   const struct mysql_list *list)
{
	PgQuery__RangeTableSample *sample;

	if (!list->item_count)
		return table;
	sample =
	    sql_new(reader->arena, &pg_query__range_table_sample__descriptor);
	sample->location = -1;
	sample->relation = table;
	SQL_APPEND(reader->arena, sample, method,
		   sql_string(reader->arena, MYSQL_RESERVED));
	SQL_APPEND(reader->arena, sample, method,
		   sql_string(reader->arena, MYSQL_CLAUSES));
	MYSQL_PUT(sample, args, *list);
	return sql_wrap(reader->arena, sample);
}

static PgQuery__Node *plain_table(struct mysql_reader *reader)
{
	PgQuery__RangeVar *range = mysql_relation(reader);
	struct mysql_list clauses = {NULL, 0, 0};

	if (mysql_accept(reader, "partition"))
		mysql_add(reader, &clauses,
			  mysql_named(reader, "partition", name_list(reader)));
	if (mysql_is(reader, "for") && mysql_is_at(reader, 1, "system_time"))
		mysql_fail(reader, "FOR SYSTEM_TIME");
	range->alias = mysql_table_alias(reader);
	while (index_hint(reader, &clauses))
		continue;
	return with_clauses(reader, sql_wrap(reader->arena, range), &clauses);
}

/* ---- derived tables ---- */

static PgQuery__Node *derived(struct mysql_reader *reader, bool lateral)
{
	PgQuery__RangeSubselect *range =
	    sql_new(reader->arena, &pg_query__range_subselect__descriptor);
	struct mysql_list names = {NULL, 0, 0};

	range->lateral = lateral;
	range->subquery = mysql_subquery(reader);
	range->alias = mysql_table_alias(reader);
	if (range->alias)
		mysql_bracketed_names(reader, &names);
	if (names.item_count)
		MYSQL_PUT(range->alias, colnames, names);
	return sql_wrap(reader->arena, range);
}

/* ---- joins ---- */

static PgQuery__Node *join_of(struct mysql_reader *reader,
			      PgQuery__JoinType type, PgQuery__Node *left,
			      PgQuery__Node *right)
{
	PgQuery__JoinExpr *join =
	    sql_new(reader->arena, &pg_query__join_expr__descriptor);

	join->jointype = type;
	join->larg = left;
	join->rarg = right;
	return sql_wrap(reader->arena, join);
}

static PgQuery__Node *bracketed(struct mysql_reader *reader)
{
	PgQuery__Node *left;

	mysql_expect(reader, "(");
	left = mysql_table_reference(reader);
	while (mysql_accept(reader, ","))
		left = join_of(reader, PG_QUERY__JOIN_TYPE__JOIN_INNER, left,
			       mysql_table_reference(reader));
	mysql_expect(reader, ")");
	return left;
}

/* ODBC's { OJ ... } */
static PgQuery__Node *braced(struct mysql_reader *reader)
{
	PgQuery__Node *node;

	mysql_take(reader);
	mysql_name(reader);
	node = mysql_table_reference(reader);
	mysql_expect(reader, "}");
	return node;
}

static PgQuery__Node *factor(struct mysql_reader *reader)
{
	if (mysql_is(reader, "(") && mysql_is_query(reader))
		return derived(reader, false);
	if (mysql_is(reader, "("))
		return bracketed(reader);
	if (mysql_is(reader, "{"))
		return braced(reader);
	if (mysql_is(reader, "lateral") && mysql_is_at(reader, 1, "(")) {
		mysql_take(reader);
		return derived(reader, true);
	}
	if (mysql_is(reader, "json_table") && mysql_is_at(reader, 1, "("))
		return mysql_json_table(reader);
	return plain_table(reader);
}

struct join_words {
	PgQuery__JoinType type;
	bool natural;
	bool straight;
};

/* LEFT is a function, too, but never where a join can be. */
static bool join_words(struct mysql_reader *reader, struct join_words *words)
{
	*words = (struct join_words){.type = PG_QUERY__JOIN_TYPE__JOIN_INNER};
	words->natural = mysql_accept(reader, "natural");
	if (!words->natural && mysql_accept(reader, "straight_join")) {
		words->straight = true;
		return true;
	}
	if (mysql_is(reader, "left") || mysql_is(reader, "right")) {
		words->type = mysql_is(reader, "left")
				  ? PG_QUERY__JOIN_TYPE__JOIN_LEFT
				  : PG_QUERY__JOIN_TYPE__JOIN_RIGHT;
		mysql_take(reader);
		mysql_accept(reader, "outer");
		mysql_expect(reader, "join");
		return true;
	}
	if (mysql_accept(reader, "inner") ||
	    (!words->natural && mysql_accept(reader, "cross"))) {
		mysql_expect(reader, "join");
		return true;
	}
	if (mysql_accept(reader, "join"))
		return true;
	if (words->natural)
		mysql_unexpected(reader, "JOIN");
	return false;
}

/*
 * A join without a condition binds its left side to the first table of what
 * follows: "a JOIN b JOIN c ON x" is "(a JOIN b) JOIN c ON x", so that x sees a.
 * MySQL's add_cross_join does the same.
 */
static PgQuery__Node *sink(PgQuery__Node *node, PgQuery__Node *right,
			   const PgQuery__Node *first)
{
	PgQuery__JoinExpr *above = NULL;
	PgQuery__Node *at = right;

	while (at != first && SQL_IS(at, JOIN_EXPR)) {
		above = at->join_expr;
		at = above->larg;
	}
	if (!above || at != first)
		return node;
	node->join_expr->rarg = at;
	above->larg = node;
	return right;
}

static PgQuery__Node *joined(struct mysql_reader *reader, PgQuery__Node *left,
			     const struct join_words *words)
{
	PgQuery__Node *first = factor(reader);
	PgQuery__Node *right = first;
	PgQuery__JoinExpr *join;
	PgQuery__Node *node;
	struct join_words next;
	struct mysql_list names = {NULL, 0, 0};

	if (!mysql_enter(reader))
		return NULL;
	/* A join that follows is the right side's, before ON. */
	while (!words->natural && join_words(reader, &next))
		right = joined(reader, right, &next);
	node = join_of(reader, words->type, left, right);
	join = node->join_expr;
	join->is_natural = words->natural;
	join->rtindex = words->straight ? MYSQL_STRAIGHT_JOIN : 0;
	if (!words->natural && mysql_accept(reader, "on")) {
		join->quals = mysql_expression(reader);
	} else if (!words->natural && mysql_accept(reader, "using")) {
		mysql_bracketed(reader, &names);
		MYSQL_PUT(join, using_clause, names);
	} else if (!words->natural &&
		   words->type != PG_QUERY__JOIN_TYPE__JOIN_INNER) {
		mysql_unexpected(reader, "ON or USING");
	} else if (!words->natural) {
		node = sink(node, right, first);
	}
	mysql_leave(reader);
	return node;
}

PgQuery__Node *mysql_table_reference(struct mysql_reader *reader)
{
	struct join_words words;
	PgQuery__Node *left;

	if (!mysql_enter(reader))
		return NULL;
	left = factor(reader);
	while (!reader->failed && join_words(reader, &words))
		left = joined(reader, left, &words);
	mysql_leave(reader);
	return left;
}

void mysql_table_references(struct mysql_reader *reader,
			    struct mysql_list *list)
{
	do
		mysql_add(reader, list, mysql_table_reference(reader));
	while (mysql_accept(reader, ","));
}
