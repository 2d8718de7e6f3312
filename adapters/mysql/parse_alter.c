/*
 * ALTER TABLE:
 *
 *	ADD a INT FIRST, ADD KEY (a)	add column, add index (or constraint)
 *	CHANGE a b INT, MODIFY b INT	alter type of a (b): a ColumnDef
 *	DROP a, DROP KEY k		drop column; drop constraint k, with the
 *					word "index" as a String
 *	ALTER a SET DEFAULT 1		column default
 *	ENGINE = InnoDB, FORCE		set options: a List of DefElems
 *	RENAME TO u			alone: a RenameStmt
 *	RENAME COLUMN a TO b		alone: a RenameStmt
 */
#include "adapters/mysql/parse_ddl.h"
#include "adapters/mysql/parse_statement.h"
#include "sql/build.h"

static PgQuery__AlterTableCmd *command(struct mysql_reader *reader,
				       PgQuery__AlterTableStmt *alter,
				       PgQuery__AlterTableType type)
{
	PgQuery__AlterTableCmd *cmd =
	    sql_new(reader->arena, &pg_query__alter_table_cmd__descriptor);

	cmd->subtype = type;
	cmd->behavior = PG_QUERY__DROP_BEHAVIOR__DROP_RESTRICT;
	SQL_APPEND(reader->arena, alter, cmds, sql_wrap(reader->arena, cmd));
	return cmd;
}

static bool if_exists(struct mysql_reader *reader)
{
	return mysql_accept_two(reader, "if", "exists");
}

/* ---- columns ---- */

/* A definition, with FIRST or AFTER c. */
static PgQuery__Node *placed_column(struct mysql_reader *reader)
{
	PgQuery__ColumnDef *column = mysql_column_definition(reader);
	struct mysql_list place = {NULL, 0, 0};

	if (mysql_accept(reader, "first"))
		mysql_define(reader, &place, "first", NULL);
	else if (mysql_accept(reader, "after"))
		mysql_define(reader, &place, "after",
			     sql_string(reader->arena, mysql_name(reader)));
	if (reader->failed)
		return NULL;
	if (place.item_count)
		SQL_APPEND(reader->arena, column, fdwoptions, place.items[0]);
	return sql_wrap(reader->arena, column);
}

static void add_column(struct mysql_reader *reader,
		       PgQuery__AlterTableStmt *alter)
{
	PgQuery__AlterTableCmd *cmd =
	    command(reader, alter, PG_QUERY__ALTER_TABLE_TYPE__AT_AddColumn);

	if (mysql_accept(reader, "if")) {
		mysql_expect(reader, "not");
		mysql_expect(reader, "exists");
		cmd->missing_ok = true;
	}
	cmd->def = placed_column(reader);
}

static void add_key(struct mysql_reader *reader, PgQuery__AlterTableStmt *alter)
{
	PgQuery__Node *key = mysql_key(reader);

	command(reader, alter,
		SQL_IS(key, INDEX_STMT)
		    ? PG_QUERY__ALTER_TABLE_TYPE__AT_AddIndex
		    : PG_QUERY__ALTER_TABLE_TYPE__AT_AddConstraint)
	    ->def = key;
}

static void add(struct mysql_reader *reader, PgQuery__AlterTableStmt *alter)
{
	bool bracket;

	if (mysql_is_key(reader)) {
		add_key(reader, alter);
		return;
	}
	if (mysql_is(reader, "partition") || mysql_is(reader, "period") ||
	    mysql_is(reader, "system")) {
		mysql_unexpected(reader, "a column or key");
		return;
	}
	mysql_accept(reader, "column");
	bracket = mysql_accept(reader, "(");
	do
		if (bracket && mysql_is_key(reader))
			add_key(reader, alter);
		else
			add_column(reader, alter);
	while (bracket && mysql_accept(reader, ","));
	if (bracket)
		mysql_expect(reader, ")");
}

static void change(struct mysql_reader *reader, PgQuery__AlterTableStmt *alter,
		   bool renames)
{
	PgQuery__AlterTableCmd *cmd = command(
	    reader, alter, PG_QUERY__ALTER_TABLE_TYPE__AT_AlterColumnType);

	mysql_accept(reader, "column");
	cmd->missing_ok = if_exists(reader);
	if (renames)
		cmd->name = mysql_name(reader);
	cmd->def = placed_column(reader);
	if (!renames && !reader->failed)
		cmd->name = cmd->def->column_def->colname;
}

static void alter_column(struct mysql_reader *reader,
			 PgQuery__AlterTableStmt *alter)
{
	PgQuery__AlterTableCmd *cmd = command(
	    reader, alter, PG_QUERY__ALTER_TABLE_TYPE__AT_ColumnDefault);

	mysql_accept(reader, "column");
	cmd->name = mysql_name(reader);
	if (mysql_accept_two(reader, "set", "default"))
		cmd->def = mysql_default_value(reader);
	else if (!mysql_accept_two(reader, "drop", "default"))
		mysql_unexpected(reader, "SET DEFAULT or DROP DEFAULT");
}

/* ---- DROP ---- */

static const char *dropped(struct mysql_reader *reader)
{
	if (mysql_accept(reader, "index") || mysql_accept(reader, "key"))
		return "index";
	if (mysql_accept_two(reader, "foreign", "key"))
		return "foreign key";
	if (mysql_accept(reader, "constraint") || mysql_accept(reader, "check"))
		return "constraint";
	return NULL;
}

static void drop(struct mysql_reader *reader, PgQuery__AlterTableStmt *alter)
{
	PgQuery__AlterTableCmd *cmd = command(
	    reader, alter, PG_QUERY__ALTER_TABLE_TYPE__AT_DropConstraint);
	const char *what;

	if (mysql_accept_two(reader, "primary", "key")) {
		cmd->def = sql_string(reader->arena, "primary key");
		return;
	}
	what = dropped(reader);
	if (what) {
		cmd->def = sql_string(reader->arena, what);
	} else {
		cmd->subtype = PG_QUERY__ALTER_TABLE_TYPE__AT_DropColumn;
		mysql_accept(reader, "column");
	}
	cmd->missing_ok = if_exists(reader);
	cmd->name = mysql_name(reader);
	if (!what && !mysql_accept(reader, "restrict"))
		mysql_accept(reader, "cascade"); /* both mean nothing */
}

/* ---- the rest ---- */

static void convert(struct mysql_reader *reader, struct mysql_list *list)
{
	const char *name;

	mysql_expect(reader, "to");
	if (!mysql_accept(reader, "charset") &&
	    !mysql_accept_two(reader, "character", "set") &&
	    !mysql_accept_two(reader, "char", "set"))
		mysql_unexpected(reader, "CHARACTER SET");
	name = mysql_charset_name(reader);
	mysql_define(reader, list, "convert to charset",
		     sql_const_string(reader->arena, name ? name : ""));
	if (mysql_is(reader, "collate"))
		mysql_table_option(reader, list);
}

/* Options without commas are one change. */
static void options(struct mysql_reader *reader, PgQuery__AlterTableStmt *alter)
{
	struct mysql_list list = {NULL, 0, 0};

	if (mysql_accept(reader, "convert"))
		convert(reader, &list);
	else if (mysql_accept_two(reader, "enable", "keys"))
		mysql_define(reader, &list, "enable keys", NULL);
	else if (mysql_accept_two(reader, "disable", "keys"))
		mysql_define(reader, &list, "disable keys", NULL);
	else if (!mysql_define_word(reader, &list, "force"))
		while (!reader->failed && mysql_table_option(reader, &list))
			continue;
	if (!list.item_count) {
		mysql_unexpected(reader, "a change with a rule");
		return;
	}
	command(reader, alter, PG_QUERY__ALTER_TABLE_TYPE__AT_SetRelOptions)
	    ->def = sql_list(reader->arena, list.items, list.item_count);
}

static void change_of(struct mysql_reader *reader,
		      PgQuery__AlterTableStmt *alter)
{
	if (mysql_accept(reader, "add"))
		add(reader, alter);
	else if (mysql_accept(reader, "modify"))
		change(reader, alter, false);
	else if (mysql_accept(reader, "change"))
		change(reader, alter, true);
	else if (mysql_accept(reader, "drop"))
		drop(reader, alter);
	else if (mysql_accept(reader, "alter"))
		alter_column(reader, alter);
	else
		options(reader, alter);
}

PgQuery__Node *mysql_alter_table(struct mysql_reader *reader)
{
	PgQuery__AlterTableStmt *alter =
	    sql_new(reader->arena, &pg_query__alter_table_stmt__descriptor);

	mysql_take(reader);
	mysql_expect(reader, "table");
	alter->objtype = PG_QUERY__OBJECT_TYPE__OBJECT_TABLE;
	alter->missing_ok = if_exists(reader);
	alter->relation = mysql_relation(reader);
	if (mysql_accept(reader, "rename"))
		return mysql_rename(reader, alter->relation);
	do
		change_of(reader, alter);
	while (mysql_accept(reader, ","));
	return sql_wrap(reader->arena, alter);
}
