/*
 * JSON_TABLE (document, path COLUMNS (...)), as the tree has XMLTABLE. A NESTED
 * PATH is a table in place of a column; ON EMPTY and ON ERROR are clauses of
 * coldefexpr; EXISTS is the clause "exists" there.
 */
#include "adapters/mysql/reader.h"
#include "sql/build.h"

static PgQuery__Node *column(struct mysql_reader *reader);

static void columns(struct mysql_reader *reader, PgQuery__RangeTableFunc *table)
{
	struct mysql_list list = {NULL, 0, 0};

	mysql_expect(reader, "columns");
	mysql_expect(reader, "(");
	do
		mysql_add(reader, &list, column(reader));
	while (mysql_accept(reader, ","));
	mysql_expect(reader, ")");
	MYSQL_PUT(table, columns, list);
}

static PgQuery__RangeTableFunc *new_table(struct mysql_reader *reader)
{
	PgQuery__RangeTableFunc *table =
	    sql_new(reader->arena, &pg_query__range_table_func__descriptor);

	table->location = -1;
	return table;
}

static PgQuery__Node *nested(struct mysql_reader *reader)
{
	PgQuery__RangeTableFunc *table = new_table(reader);

	if (!mysql_enter(reader))
		return NULL;
	mysql_take(reader);
	mysql_accept(reader, "path");
	table->rowexpr = mysql_string(reader);
	columns(reader, table);
	mysql_leave(reader);
	return sql_wrap(reader->arena, table);
}

/* NULL | ERROR | DEFAULT 'v' ON EMPTY | ERROR */
static bool on_clause(struct mysql_reader *reader, struct mysql_list *list)
{
	PgQuery__Node *value;

	if (mysql_is(reader, "null") && mysql_is_at(reader, 1, "on")) {
		mysql_take(reader);
		value = sql_const_null(reader->arena);
	} else if (mysql_is(reader, "error") && mysql_is_at(reader, 1, "on")) {
		mysql_take(reader);
		value = sql_default(reader->arena);
	} else if (mysql_accept(reader, "default")) {
		value = mysql_constant(reader);
		if (!value)
			mysql_unexpected(reader, "a constant");
	} else {
		return false;
	}
	mysql_expect(reader, "on");
	if (!mysql_is(reader, "empty") && !mysql_is(reader, "error"))
		mysql_unexpected(reader, "EMPTY or ERROR");
	mysql_add(reader, list,
		  mysql_named(reader, mysql_lower(reader, mysql_take(reader)),
			      value));
	return true;
}

static PgQuery__Node *column(struct mysql_reader *reader)
{
	PgQuery__RangeTableFuncCol *item =
	    sql_new(reader->arena, &pg_query__range_table_func_col__descriptor);
	struct mysql_list clauses = {NULL, 0, 0};
	PgQuery__FuncCall *call;

	if (mysql_is(reader, "nested"))
		return nested(reader);
	item->location = -1;
	item->colname = mysql_name(reader);
	if (mysql_accept_two(reader, "for", "ordinality")) {
		item->for_ordinality = true;
		return sql_wrap(reader->arena, item);
	}
	item->type_name = mysql_cast_type(reader);
	if (mysql_accept(reader, "exists"))
		mysql_option(reader, &clauses, "exists", "exists");
	mysql_expect(reader, "path");
	item->colexpr = mysql_string(reader);
	while (!reader->failed && on_clause(reader, &clauses))
		continue;
	call = mysql_clauses(reader, &clauses);
	if (call)
		item->coldefexpr = sql_wrap(reader->arena, call);
	return sql_wrap(reader->arena, item);
}

PgQuery__Node *mysql_json_table(struct mysql_reader *reader)
{
	PgQuery__RangeTableFunc *table = new_table(reader);

	mysql_take(reader);
	mysql_expect(reader, "(");
	table->docexpr = mysql_expression(reader);
	mysql_expect(reader, ",");
	table->rowexpr = mysql_string(reader);
	columns(reader, table);
	mysql_expect(reader, ")");
	table->alias = mysql_table_alias(reader);
	return sql_wrap(reader->arena, table);
}
