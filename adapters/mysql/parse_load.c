/*
 * LOAD DATA: a COPY from a file, with everything else in its options:
 *
 *	LOAD DATA LOCAL INFILE 'f' IGNORE INTO TABLE t FIELDS ENCLOSED BY '"'
 *	IGNORE 1 LINES (a, @b) SET c = @b
 *
 * t from 'f', columns a and @b, options local, ignore, fields enclosed by '"',
 * ignore lines 1, set (c = @b)
 */
#include "adapters/mysql/parse_statement.h"
#include "adapters/mysql/parse_write.h"
#include "sql/build.h"

static void define_string(struct mysql_reader *reader, struct mysql_list *list,
			  const char *name)
{
	mysql_expect(reader, "by");
	mysql_define(reader, list, name, mysql_one_string(reader));
}

static bool field_clause(struct mysql_reader *reader, struct mysql_list *list)
{
	if (mysql_accept(reader, "terminated"))
		define_string(reader, list, "fields terminated by");
	else if (mysql_accept_two(reader, "optionally", "enclosed"))
		define_string(reader, list, "fields optionally enclosed by");
	else if (mysql_accept(reader, "enclosed"))
		define_string(reader, list, "fields enclosed by");
	else if (mysql_accept(reader, "escaped"))
		define_string(reader, list, "fields escaped by");
	else
		return false;
	return true;
}

static bool line_clause(struct mysql_reader *reader, struct mysql_list *list)
{
	if (mysql_accept(reader, "terminated"))
		define_string(reader, list, "lines terminated by");
	else if (mysql_accept(reader, "starting"))
		define_string(reader, list, "lines starting by");
	else
		return false;
	return true;
}

static void format(struct mysql_reader *reader, struct mysql_list *list)
{
	if (mysql_accept(reader, "fields") || mysql_accept(reader, "columns")) {
		if (!field_clause(reader, list))
			mysql_unexpected(reader, "TERMINATED or the like");
		while (field_clause(reader, list))
			continue;
	}
	if (mysql_accept(reader, "lines")) {
		if (!line_clause(reader, list))
			mysql_unexpected(reader, "TERMINATED or STARTING");
		while (line_clause(reader, list))
			continue;
	}
}

static void ignored_lines(struct mysql_reader *reader, struct mysql_list *list)
{
	if (!mysql_accept(reader, "ignore"))
		return;
	if (!mysql_is_kind(reader, 0, MYSQL_TOKEN_INTEGER)) {
		mysql_unexpected(reader, "a number of lines");
		return;
	}
	mysql_define(reader, list, "ignore lines", mysql_constant(reader));
	if (!mysql_accept(reader, "lines"))
		mysql_expect(reader, "rows");
}

/* (a, @b) */
static void columns(struct mysql_reader *reader, struct mysql_list *list)
{
	if (!mysql_accept(reader, "("))
		return;
	while (!reader->failed && !mysql_is(reader, ")")) {
		if (mysql_is_kind(reader, 0, MYSQL_TOKEN_VARIABLE))
			mysql_add(reader, list, mysql_variable(reader));
		else
			mysql_add(
			    reader, list,
			    sql_string(reader->arena, mysql_name(reader)));
		if (!mysql_accept(reader, ","))
			break;
	}
	mysql_expect(reader, ")");
}

static void set_clause(struct mysql_reader *reader, struct mysql_list *list)
{
	struct mysql_list assigned = {NULL, 0, 0};

	if (!mysql_accept(reader, "set"))
		return;
	mysql_assignments(reader, &assigned, false);
	mysql_define(
	    reader, list, "set",
	    sql_list(reader->arena, assigned.items, assigned.item_count));
}

static char *file_name(struct mysql_reader *reader)
{
	const PgQuery__Node *node =
	    mysql_is_kind(reader, 0, MYSQL_TOKEN_STRING)
		? mysql_one_string(reader)
		: mysql_unexpected(reader, "a file's name");

	if (reader->failed)
		return NULL;
	return SQL_IS(node, A_CONST)
		   ? node->a_const->sval->sval
		   : mysql_fail(reader, "a file's name holds NUL");
}

static void charset(struct mysql_reader *reader, struct mysql_list *list)
{
	const char *name;

	if (!mysql_accept(reader, "charset") &&
	    !mysql_accept_two(reader, "character", "set") &&
	    !mysql_accept_two(reader, "char", "set"))
		return;
	name = mysql_charset_name(reader);
	mysql_define(reader, list, "character set",
		     sql_const_string(reader->arena, name ? name : ""));
}

static void partition(struct mysql_reader *reader, struct mysql_list *list)
{
	struct mysql_list names = {NULL, 0, 0};

	if (!mysql_accept(reader, "partition"))
		return;
	mysql_bracketed(reader, &names);
	mysql_define(reader, list, "partition",
		     sql_list(reader->arena, names.items, names.item_count));
}

PgQuery__Node *mysql_load(struct mysql_reader *reader)
{
	PgQuery__CopyStmt *copy;
	struct mysql_list options = {NULL, 0, 0};
	struct mysql_list attlist = {NULL, 0, 0};

	if (!mysql_accept(reader, "load"))
		return NULL;
	mysql_expect(reader, "data");
	copy = sql_new(reader->arena, &pg_query__copy_stmt__descriptor);
	copy->is_from = true;
	if (!mysql_define_word(reader, &options, "low_priority"))
		mysql_define_word(reader, &options, "concurrent");
	mysql_define_word(reader, &options, "local");
	mysql_expect(reader, "infile");
	copy->filename = file_name(reader);
	if (!mysql_define_word(reader, &options, "replace"))
		mysql_define_word(reader, &options, "ignore");
	mysql_expect(reader, "into");
	mysql_expect(reader, "table");
	copy->relation = mysql_relation(reader);
	partition(reader, &options);
	charset(reader, &options);
	format(reader, &options);
	ignored_lines(reader, &options);
	columns(reader, &attlist);
	set_clause(reader, &options);
	MYSQL_PUT(copy, options, options);
	MYSQL_PUT(copy, attlist, attlist);
	return sql_wrap(reader->arena, copy);
}
