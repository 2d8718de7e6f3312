/*
 * Definitions but for CREATE TABLE and ALTER TABLE:
 *
 *	CREATE UNIQUE INDEX i ON t (a)	an IndexStmt
 *	DROP INDEX i ON d.t		drop index; the names d, t, i
 *	DROP TEMPORARY TABLE t		drop table; behind the tables the String
 *					"temporary"
 *	RENAME TABLE t TO d.u		table t, newname u, object the String d
 *	RENAME TABLE t TO u, v TO t	no table; object a List of such
 *	CREATE DATABASE d CHARSET x	create schema; DefElems as its elements
 *	CREATE VIEW v (a) AS SELECT 1	options algorithm, definer (a List of
 *					user and host), sql security
 */
#include "adapters/mysql/parse_ddl.h"
#include "adapters/mysql/parse_statement.h"
#include "adapters/mysql/reserved.h"
#include "sql/build.h"

static bool if_not_exists(struct mysql_reader *reader)
{
	if (!mysql_accept(reader, "if"))
		return false;
	mysql_expect(reader, "not");
	mysql_expect(reader, "exists");
	return true;
}

/* ---- RENAME ---- */

static PgQuery__RenameStmt *new_rename(struct mysql_reader *reader,
				       PgQuery__ObjectType type)
{
	PgQuery__RenameStmt *rename =
	    sql_new(reader->arena, &pg_query__rename_stmt__descriptor);

	rename->rename_type = type;
	rename->relation_type = PG_QUERY__OBJECT_TYPE__OBJECT_TABLE;
	rename->behavior = PG_QUERY__DROP_BEHAVIOR__DROP_RESTRICT;
	return rename;
}

static PgQuery__Node *rename_table(struct mysql_reader *reader,
				   PgQuery__RangeVar *relation)
{
	PgQuery__RenameStmt *rename =
	    new_rename(reader, PG_QUERY__OBJECT_TYPE__OBJECT_TABLE);
	const PgQuery__RangeVar *to = mysql_relation(reader);

	rename->relation = relation;
	rename->newname = to->relname;
	if (SQL_SET(to->schemaname))
		rename->object = sql_string(reader->arena, to->schemaname);
	return sql_wrap(reader->arena, rename);
}

/* Behind ALTER TABLE t RENAME. */
PgQuery__Node *mysql_rename(struct mysql_reader *reader,
			    PgQuery__RangeVar *relation)
{
	bool column = mysql_accept(reader, "column");
	PgQuery__RenameStmt *rename;

	if (!column && !mysql_is(reader, "index") && !mysql_is(reader, "key")) {
		if (!mysql_accept(reader, "to") && !mysql_accept(reader, "as"))
			mysql_accept(reader, "=");
		return rename_table(reader, relation);
	}
	if (!column)
		mysql_take(reader);
	rename =
	    new_rename(reader, column ? PG_QUERY__OBJECT_TYPE__OBJECT_COLUMN
				      : PG_QUERY__OBJECT_TYPE__OBJECT_INDEX);
	rename->relation = relation;
	rename->subname = mysql_name(reader);
	mysql_expect(reader, "to");
	rename->newname = mysql_name(reader);
	return sql_wrap(reader->arena, rename);
}

static PgQuery__Node *rename_tables(struct mysql_reader *reader)
{
	struct mysql_list list = {NULL, 0, 0};
	PgQuery__RenameStmt *all;

	do {
		PgQuery__RangeVar *from = mysql_relation(reader);

		mysql_expect(reader, "to");
		mysql_add(reader, &list, rename_table(reader, from));
	} while (mysql_accept(reader, ","));
	if (list.item_count == 1)
		return list.items[0];
	all = new_rename(reader, PG_QUERY__OBJECT_TYPE__OBJECT_TABLE);
	all->object = sql_list(reader->arena, list.items, list.item_count);
	return sql_wrap(reader->arena, all);
}

/* ---- DROP and TRUNCATE ---- */

static PgQuery__DropStmt *new_drop(struct mysql_reader *reader,
				   PgQuery__ObjectType type)
{
	PgQuery__DropStmt *drop =
	    sql_new(reader->arena, &pg_query__drop_stmt__descriptor);

	drop->remove_type = type;
	drop->behavior = PG_QUERY__DROP_BEHAVIOR__DROP_RESTRICT;
	drop->missing_ok = mysql_accept_two(reader, "if", "exists");
	return drop;
}

static void qualified(struct mysql_reader *reader, struct mysql_list *list)
{
	const PgQuery__RangeVar *range = mysql_relation(reader);

	if (reader->failed)
		return;
	if (SQL_SET(range->schemaname))
		mysql_add(reader, list,
			  sql_string(reader->arena, range->schemaname));
	mysql_add(reader, list, sql_string(reader->arena, range->relname));
}

static PgQuery__Node *drop_relations(struct mysql_reader *reader,
				     PgQuery__ObjectType type, bool temporary)
{
	PgQuery__DropStmt *drop = new_drop(reader, type);

	do {
		struct mysql_list names = {NULL, 0, 0};

		qualified(reader, &names);
		SQL_APPEND(
		    reader->arena, drop, objects,
		    sql_list(reader->arena, names.items, names.item_count));
	} while (mysql_accept(reader, ","));
	if (temporary)
		SQL_APPEND(reader->arena, drop, objects,
			   sql_string(reader->arena, "temporary"));
	if (!mysql_accept(reader, "restrict"))
		mysql_accept(reader, "cascade"); /* both mean nothing */
	return sql_wrap(reader->arena, drop);
}

static PgQuery__Node *drop_index(struct mysql_reader *reader)
{
	PgQuery__DropStmt *drop =
	    new_drop(reader, PG_QUERY__OBJECT_TYPE__OBJECT_INDEX);
	struct mysql_list names = {NULL, 0, 0};
	const char *name = mysql_name(reader);

	mysql_expect(reader, "on");
	qualified(reader, &names);
	mysql_add(reader, &names, sql_string(reader->arena, name ? name : ""));
	SQL_APPEND(reader->arena, drop, objects,
		   sql_list(reader->arena, names.items, names.item_count));
	return sql_wrap(reader->arena, drop);
}

static PgQuery__Node *drop(struct mysql_reader *reader)
{
	bool temporary;

	mysql_take(reader);
	temporary = mysql_accept(reader, "temporary");
	if (mysql_accept(reader, "table") || mysql_accept(reader, "tables"))
		return drop_relations(
		    reader, PG_QUERY__OBJECT_TYPE__OBJECT_TABLE, temporary);
	if (temporary)
		return mysql_unexpected(reader, "TABLE");
	if (mysql_accept(reader, "view"))
		return drop_relations(
		    reader, PG_QUERY__OBJECT_TYPE__OBJECT_VIEW, false);
	if (mysql_accept(reader, "index"))
		return drop_index(reader);
	if (mysql_accept(reader, "database") ||
	    mysql_accept(reader, "schema")) {
		PgQuery__DropStmt *stmt =
		    new_drop(reader, PG_QUERY__OBJECT_TYPE__OBJECT_SCHEMA);

		SQL_APPEND(reader->arena, stmt, objects,
			   sql_string(reader->arena, mysql_name(reader)));
		return sql_wrap(reader->arena, stmt);
	}
	return mysql_unexpected(reader, "an object with a rule");
}

static PgQuery__Node *truncate_table(struct mysql_reader *reader)
{
	PgQuery__TruncateStmt *stmt =
	    sql_new(reader->arena, &pg_query__truncate_stmt__descriptor);

	mysql_take(reader);
	mysql_accept(reader, "table");
	stmt->restart_seqs = true;
	stmt->behavior = PG_QUERY__DROP_BEHAVIOR__DROP_RESTRICT;
	SQL_APPEND(reader->arena, stmt, relations,
		   sql_wrap(reader->arena, mysql_relation(reader)));
	return sql_wrap(reader->arena, stmt);
}

/* ---- CREATE ---- */

static PgQuery__Node *create_database(struct mysql_reader *reader)
{
	PgQuery__CreateSchemaStmt *stmt =
	    sql_new(reader->arena, &pg_query__create_schema_stmt__descriptor);
	struct mysql_list options = {NULL, 0, 0};

	mysql_take(reader);
	stmt->if_not_exists = if_not_exists(reader);
	stmt->schemaname = mysql_name(reader);
	while (!reader->failed && mysql_table_option(reader, &options))
		continue;
	MYSQL_PUT(stmt, schema_elts, options);
	return sql_wrap(reader->arena, stmt);
}

static bool is_index(const struct mysql_reader *reader)
{
	bool kind = mysql_is(reader, "unique") ||
		    mysql_is(reader, "fulltext") || mysql_is(reader, "spatial");

	return mysql_is_at(reader, kind, "index");
}

static PgQuery__Node *create_index(struct mysql_reader *reader)
{
	PgQuery__IndexStmt *index =
	    sql_new(reader->arena, &pg_query__index_stmt__descriptor);

	if (mysql_accept(reader, "unique"))
		index->unique = true;
	else if (!mysql_is(reader, "index"))
		index->access_method = mysql_lower(reader, mysql_take(reader));
	mysql_expect(reader, "index");
	index->if_not_exists = if_not_exists(reader);
	index->idxname = mysql_name(reader);
	mysql_index_method(reader, index);
	mysql_expect(reader, "on");
	index->relation = mysql_relation(reader);
	mysql_index_rest(reader, index);
	return sql_wrap(reader->arena, index);
}

/* ---- views ---- */

/* root@localhost, 'root'@'%'; the lexer has @localhost as a variable. */
static PgQuery__Node *account(struct mysql_reader *reader)
{
	const char *user = mysql_charset_name(reader); /* the same form */
	const PgQuery__Node *host = mysql_variable(reader);
	PgQuery__Node *parts[2];

	if (reader->failed || !mysql_reserved(host, "variable"))
		return NULL;
	parts[0] = sql_string(reader->arena, user);
	parts[1] = sql_string(reader->arena,
			      host->func_call->args[0]->a_const->sval->sval);
	return sql_list(reader->arena, parts, 2);
}

static void word_option(struct mysql_reader *reader, struct mysql_list *list,
			const char *name, const char *const *words,
			size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (mysql_accept(reader, words[i])) {
			mysql_define(reader, list, name,
				     sql_string(reader->arena, words[i]));
			return;
		}
	mysql_unexpected(reader, words[0]);
}

static void view_options(struct mysql_reader *reader, struct mysql_list *list)
{
	static const char *const algorithms[] = {"undefined", "merge",
						 "temptable"};
	static const char *const securities[] = {"definer", "invoker"};

	if (mysql_accept_two(reader, "algorithm", "="))
		word_option(reader, list, "algorithm", algorithms, 3);
	if (mysql_accept_two(reader, "definer", "=")) {
		if (!mysql_accept(reader, "current_user"))
			mysql_define(reader, list, "definer", account(reader));
		else if (mysql_accept(reader, "("))
			mysql_expect(reader, ")");
	}
	if (mysql_accept_two(reader, "sql", "security"))
		word_option(reader, list, "sql security", securities, 2);
}

static bool is_view(const struct mysql_reader *reader)
{
	return mysql_is(reader, "view") || mysql_is(reader, "algorithm") ||
	       mysql_is(reader, "definer") || mysql_is(reader, "sql");
}

static PgQuery__ViewCheckOption check_option(struct mysql_reader *reader)
{
	PgQuery__ViewCheckOption check =
	    PG_QUERY__VIEW_CHECK_OPTION__CASCADED_CHECK_OPTION;

	if (!mysql_accept(reader, "with"))
		return PG_QUERY__VIEW_CHECK_OPTION__NO_CHECK_OPTION;
	if (mysql_accept(reader, "local"))
		check = PG_QUERY__VIEW_CHECK_OPTION__LOCAL_CHECK_OPTION;
	else
		mysql_accept(reader, "cascaded");
	mysql_expect(reader, "check");
	mysql_expect(reader, "option");
	return check;
}

static PgQuery__Node *create_view(struct mysql_reader *reader, bool replace)
{
	PgQuery__ViewStmt *stmt =
	    sql_new(reader->arena, &pg_query__view_stmt__descriptor);
	struct mysql_list options = {NULL, 0, 0};
	struct mysql_list names = {NULL, 0, 0};

	view_options(reader, &options);
	mysql_expect(reader, "view");
	if (if_not_exists(reader))
		mysql_define(reader, &options, "if not exists", NULL);
	stmt->replace = replace;
	stmt->view = mysql_relation(reader);
	mysql_bracketed_names(reader, &names);
	MYSQL_PUT(stmt, aliases, names);
	MYSQL_PUT(stmt, options, options);
	mysql_expect(reader, "as");
	stmt->query = mysql_query(reader);
	stmt->with_check_option = check_option(reader);
	return sql_wrap(reader->arena, stmt);
}

static PgQuery__Node *create(struct mysql_reader *reader)
{
	bool replace;

	mysql_take(reader);
	replace = mysql_accept_two(reader, "or", "replace");
	if (mysql_is(reader, "table") ||
	    (mysql_is(reader, "temporary") && mysql_is_at(reader, 1, "table")))
		return mysql_create_table(reader, replace);
	if (is_view(reader))
		return create_view(reader, replace);
	if (!replace && is_index(reader))
		return create_index(reader);
	if (!replace &&
	    (mysql_is(reader, "database") || mysql_is(reader, "schema")))
		return create_database(reader);
	return mysql_unexpected(reader, "an object with a rule");
}

PgQuery__Node *mysql_definition(struct mysql_reader *reader)
{
	if (mysql_is(reader, "create"))
		return create(reader);
	if (mysql_is(reader, "alter") && mysql_is_at(reader, 1, "table"))
		return mysql_alter_table(reader);
	if (mysql_is(reader, "drop"))
		return drop(reader);
	if (mysql_is(reader, "truncate"))
		return truncate_table(reader);
	if (mysql_accept_two(reader, "rename", "table"))
		return rename_tables(reader);
	return NULL;
}
