/*
 * UPDATE and DELETE, of one table and of several (reserved.h says where their
 * own clauses go):
 *
 *	DELETE FROM t WHERE a = 1 ORDER BY b LIMIT 2
 *		WHERE clauses(where => a = 1, limit => 2 ORDER BY b)
 *	DELETE t1 FROM t1 JOIN t2 USING (a)
 *		USING t1 JOIN t2 USING (a) WHERE clauses(target => t1)
 */
#include "adapters/mysql/parse_write.h"
#include "sql/build.h"

static PgQuery__Node *assignment(struct mysql_reader *reader, bool qualified)
{
	PgQuery__ResTarget *target =
	    sql_target(reader->arena, NULL, NULL)->res_target;

	target->name = mysql_name(reader);
	while (mysql_accept(reader, ".")) {
		char *part = mysql_name_part(reader);

		if (qualified)
			SQL_APPEND(reader->arena, target, indirection,
				   sql_string(reader->arena, part));
		else
			target->name = part;
	}
	if (!mysql_accept(reader, ":="))
		mysql_expect(reader, "=");
	target->val = mysql_expression(reader);
	return sql_wrap(reader->arena, target);
}

void mysql_assignments(struct mysql_reader *reader, struct mysql_list *list,
		       bool qualified)
{
	do
		mysql_add(reader, list, assignment(reader, qualified));
	while (mysql_accept(reader, ","));
}

static void options_of(struct mysql_reader *reader, struct mysql_list *clauses)
{
	static const char *const words[] = {"low_priority", "quick", "ignore"};

	if (mysql_is_kind(reader, 0, MYSQL_TOKEN_HINT))
		mysql_fail(reader, "optimizer hints of a write");
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mysql_accept(reader, words[i]))
			mysql_option(reader, clauses, "option", words[i]);
}

/* WHERE, ORDER BY, LIMIT, with what was collected before. */
static PgQuery__Node *conditions(struct mysql_reader *reader,
				 struct mysql_list *clauses)
{
	PgQuery__Node *where = NULL;
	PgQuery__Node *count = NULL;
	PgQuery__Node *offset = NULL;
	struct mysql_list order = {NULL, 0, 0};
	PgQuery__FuncCall *call;

	if (mysql_accept(reader, "where"))
		where = mysql_expression(reader);
	mysql_order_by(reader, &order);
	mysql_limit(reader, &count, &offset);
	if (!clauses->item_count && !order.item_count && !count)
		return where;
	if (where)
		mysql_add(reader, clauses, mysql_named(reader, "where", where));
	if (offset)
		mysql_add(reader, clauses,
			  mysql_named(reader, "offset", offset));
	if (count)
		mysql_add(reader, clauses, mysql_named(reader, "limit", count));
	call = mysql_clauses(reader, clauses);
	if (!call) /* ORDER BY alone */
		call = mysql_special(reader, "clauses", NULL, NULL, NULL)
			   ->func_call;
	MYSQL_PUT(call, agg_order, order);
	return sql_wrap(reader->arena, call);
}

/* The only table of a write; NULL: there are several, or it has clauses of its
 * own. */
static PgQuery__RangeVar *only_table(const struct mysql_list *tables)
{
	return tables->item_count == 1
		   ? SQL_AS(tables->items[0], RANGE_VAR, range_var)
		   : NULL;
}

PgQuery__Node *mysql_update(struct mysql_reader *reader,
			    PgQuery__WithClause *with)
{
	PgQuery__UpdateStmt *update =
	    sql_new(reader->arena, &pg_query__update_stmt__descriptor);
	struct mysql_list clauses = {NULL, 0, 0};
	struct mysql_list tables = {NULL, 0, 0};
	struct mysql_list targets = {NULL, 0, 0};

	mysql_expect(reader, "update");
	options_of(reader, &clauses);
	mysql_table_references(reader, &tables);
	update->relation = only_table(&tables);
	if (!update->relation)
		MYSQL_PUT(update, from_clause, tables);
	mysql_expect(reader, "set");
	mysql_assignments(reader, &targets, !update->relation);
	MYSQL_PUT(update, target_list, targets);
	update->where_clause = conditions(reader, &clauses);
	update->with_clause = with;
	return sql_wrap(reader->arena, update);
}

/* t, d.t, t.*: a table to delete from. */
static void delete_target(struct mysql_reader *reader, struct mysql_list *list)
{
	const char *parts[2] = {mysql_name(reader), NULL};
	size_t count = 1;

	while (mysql_accept(reader, ".") && !mysql_accept(reader, "*")) {
		if (count == 2)
			mysql_unexpected(reader, "*");
		else
			parts[count++] = mysql_name_part(reader);
	}
	if (reader->failed)
		return;
	mysql_add(reader, list,
		  mysql_named(reader, "target",
			      sql_column_parts(reader->arena, parts, count)));
}

static void delete_targets(struct mysql_reader *reader, struct mysql_list *list)
{
	do
		delete_target(reader, list);
	while (mysql_accept(reader, ","));
}

/* Whether FROM names targets, and USING the tables. */
static bool has_using(const struct mysql_reader *reader)
{
	size_t ahead = 0;

	while (
	    mysql_is_name(reader, ahead) || mysql_is_at(reader, ahead, ".") ||
	    mysql_is_at(reader, ahead, ",") || mysql_is_at(reader, ahead, "*"))
		ahead++;
	return mysql_is_at(reader, ahead, "using");
}

/* The tables of a DELETE of several, whose targets go to clauses. */
static bool several(struct mysql_reader *reader, struct mysql_list *clauses,
		    struct mysql_list *tables)
{
	bool from = mysql_accept(reader, "from");

	if (from && !has_using(reader))
		return false;
	if (!from && mysql_is(reader, "history") &&
	    mysql_is_at(reader, 1, "from"))
		mysql_fail(reader, "DELETE HISTORY");
	delete_targets(reader, clauses);
	mysql_expect(reader, from ? "using" : "from");
	mysql_table_references(reader, tables);
	return true;
}

PgQuery__Node *mysql_delete(struct mysql_reader *reader,
			    PgQuery__WithClause *with)
{
	PgQuery__DeleteStmt *stmt =
	    sql_new(reader->arena, &pg_query__delete_stmt__descriptor);
	struct mysql_list clauses = {NULL, 0, 0};
	struct mysql_list tables = {NULL, 0, 0};
	struct mysql_list returning = {NULL, 0, 0};

	mysql_expect(reader, "delete");
	options_of(reader, &clauses);
	if (!several(reader, &clauses, &tables)) {
		mysql_add(reader, &tables, mysql_table_reference(reader));
		stmt->relation = only_table(&tables);
		if (!stmt->relation && !reader->failed &&
		    !SQL_IS(tables.items[0], RANGE_TABLE_SAMPLE))
			mysql_unexpected(reader, "one table");
	}
	if (!stmt->relation)
		MYSQL_PUT(stmt, using_clause, tables);
	stmt->where_clause = conditions(reader, &clauses);
	if (mysql_accept(reader, "returning"))
		mysql_targets(reader, &returning);
	MYSQL_PUT(stmt, returning_list, returning);
	stmt->with_clause = with;
	return sql_wrap(reader->arena, stmt);
}
