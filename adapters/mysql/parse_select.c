/* One SELECT or VALUES, without the clauses that can follow a set operation. */
#include "adapters/mysql/parse_select.h"

#include "adapters/mysql/reserved.h"
#include "sql/build.h"

/* ---- SELECT's own words ---- */

/* Options that are no reserved words are options unless they are an item. */
static bool is_item(const struct mysql_reader *reader)
{
	return mysql_is_at(reader, 1, ",") || mysql_is_at(reader, 1, ".") ||
	       mysql_is_at(reader, 1, "from") ||
	       mysql_is_kind(reader, 1, MYSQL_TOKEN_END);
}

static bool option(struct mysql_reader *reader, struct mysql_list *clauses)
{
	static const char *const words[] = {
	    "high_priority",	   "straight_join",
	    "sql_small_result",	   "sql_big_result",
	    "sql_calc_found_rows", "sql_buffer_result",
	    "sql_no_cache",	   "sql_cache"};
	size_t count = sizeof(words) / sizeof(*words);

	for (size_t i = 0; i < count; i++) {
		if (!mysql_is(reader, words[i]) || (i > 4 && is_item(reader)))
			continue;
		mysql_take(reader);
		mysql_option(reader, clauses, "option", words[i]);
		return true;
	}
	return false;
}

static void distinct(struct mysql_reader *reader, PgQuery__SelectStmt *select)
{
	/* As PostgreSQL's parser: a list with one empty node. */
	if (!select->n_distinct_clause)
		SQL_APPEND(reader->arena, select, distinct_clause,
			   sql_new(reader->arena, &pg_query__node__descriptor));
}

static void options(struct mysql_reader *reader, PgQuery__SelectStmt *select,
		    struct mysql_list *clauses)
{
	if (mysql_is_kind(reader, 0, MYSQL_TOKEN_HINT)) {
		const struct mysql_token *token = mysql_take(reader);

		mysql_option(reader, clauses, "hint",
			     arena_copy(reader->arena,
					reader->text + token->start,
					token->end - token->start));
	}
	while (!reader->failed) {
		if (mysql_accept(reader, "distinct") ||
		    mysql_accept(reader, "distinctrow"))
			distinct(reader, select);
		else if (!mysql_accept(reader, "all") &&
			 !option(reader, clauses))
			return;
	}
}

/* ---- GROUP BY ---- */

static PgQuery__Node *rollup(struct mysql_reader *reader,
			     const struct mysql_list *list)
{
	PgQuery__GroupingSet *set =
	    sql_new(reader->arena, &pg_query__grouping_set__descriptor);

	set->kind = PG_QUERY__GROUPING_SET_KIND__GROUPING_SET_ROLLUP;
	set->location = -1;
	MYSQL_PUT(set, content, *list);
	return sql_wrap(reader->arena, set);
}

/* a ASC: as MariaDB still has it. */
static PgQuery__Node *group_item(struct mysql_reader *reader)
{
	PgQuery__Node *node = mysql_expression(reader);

	if (mysql_is(reader, "desc"))
		return mysql_fail(reader, "GROUP BY with DESC");
	mysql_accept(reader, "asc");
	return node;
}

static void group_by(struct mysql_reader *reader, PgQuery__SelectStmt *select)
{
	struct mysql_list list = {NULL, 0, 0};

	if (!mysql_accept(reader, "group"))
		return;
	mysql_expect(reader, "by");
	do
		mysql_add(reader, &list, group_item(reader));
	while (mysql_accept(reader, ","));
	MYSQL_PUT(select, group_clause, list);
	if (mysql_accept_two(reader, "with", "rollup")) {
		PgQuery__Node *set = rollup(reader, &list);

		select->n_group_clause = 0;
		select->group_clause = NULL;
		SQL_APPEND(reader->arena, select, group_clause, set);
	} else if (mysql_is(reader, "with")) {
		mysql_unexpected(reader, "WITH ROLLUP");
	}
}

static void clauses_of(struct mysql_reader *reader, PgQuery__SelectStmt *select)
{
	struct mysql_list windows = {NULL, 0, 0};
	struct mysql_list from = {NULL, 0, 0};

	if (mysql_accept(reader, "from") && !mysql_accept(reader, "dual")) {
		mysql_table_references(reader, &from);
		MYSQL_PUT(select, from_clause, from);
	}
	if (mysql_accept(reader, "where"))
		select->where_clause = mysql_expression(reader);
	group_by(reader, select);
	if (mysql_accept(reader, "having"))
		select->having_clause = mysql_expression(reader);
	mysql_windows(reader, &windows);
	MYSQL_PUT(select, window_clause, windows);
}

PgQuery__SelectStmt *mysql_simple_select(struct mysql_reader *reader,
					 struct mysql_list *clauses)
{
	PgQuery__SelectStmt *select = sql_select(reader->arena);
	struct mysql_list targets = {NULL, 0, 0};

	mysql_expect(reader, "select");
	options(reader, select, clauses);
	mysql_targets(reader, &targets);
	MYSQL_PUT(select, target_list, targets);
	mysql_into(reader, clauses);
	clauses_of(reader, select);
	return select;
}

/* ---- VALUES ---- */

PgQuery__Node *mysql_row_values(struct mysql_reader *reader)
{
	struct mysql_list list = {NULL, 0, 0};

	mysql_accept(reader, "row");
	mysql_expect(reader, "(");
	if (!mysql_is(reader, ")"))
		mysql_expressions(reader, &list);
	mysql_expect(reader, ")");
	return sql_list(reader->arena, list.items, list.item_count);
}

PgQuery__SelectStmt *mysql_values(struct mysql_reader *reader)
{
	PgQuery__SelectStmt *select = sql_select(reader->arena);
	struct mysql_list rows = {NULL, 0, 0};

	mysql_take(reader); /* VALUES or VALUE */
	do
		mysql_add(reader, &rows, mysql_row_values(reader));
	while (mysql_accept(reader, ","));
	MYSQL_PUT(select, values_lists, rows);
	return select;
}
