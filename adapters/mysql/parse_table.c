/*
 * CREATE TABLE:
 *
 *	CREATE TEMPORARY TABLE IF NOT EXISTS t (a INT, KEY (a)) ENGINE=MEMORY
 *	CREATE TABLE t LIKE u
 *	CREATE TABLE t AS SELECT ...	a CreateTableAsStmt; columns beside a
 *					query are refused
 *
 * Options of the table are DefElems: engine 'MEMORY', auto_increment 10.
 */
#include "adapters/mysql/parse_ddl.h"
#include "adapters/mysql/parse_statement.h"
#include "sql/build.h"

/* ---- options ---- */

enum table_value {
	NAME,	/* a word or a string; printed as a string */
	NUMBER, /* or DEFAULT */
	WORD,
	TEXT,
};

struct table_option {
	const char *words[2];
	enum table_value kind;
	const char *name; /* NULL: the first word */
};

static const struct table_option options[] = {
    {{"engine", NULL}, NAME, NULL},
    {{"charset", NULL}, NAME, NULL},
    {{"character", "set"}, NAME, "charset"},
    {{"char", "set"}, NAME, "charset"},
    {{"collate", NULL}, NAME, NULL},
    {{"comment", NULL}, TEXT, NULL},
    {{"connection", NULL}, TEXT, NULL},
    {{"compression", NULL}, TEXT, NULL},
    {{"encryption", NULL}, TEXT, NULL},
    {{"data", "directory"}, TEXT, "data directory"},
    {{"index", "directory"}, TEXT, "index directory"},
    {{"auto_increment", NULL}, NUMBER, NULL},
    {{"avg_row_length", NULL}, NUMBER, NULL},
    {{"max_rows", NULL}, NUMBER, NULL},
    {{"min_rows", NULL}, NUMBER, NULL},
    {{"key_block_size", NULL}, NUMBER, NULL},
    {{"pack_keys", NULL}, NUMBER, NULL},
    {{"checksum", NULL}, NUMBER, NULL},
    {{"page_checksum", NULL}, NUMBER, NULL},
    {{"delay_key_write", NULL}, NUMBER, NULL},
    {{"stats_persistent", NULL}, NUMBER, NULL},
    {{"stats_auto_recalc", NULL}, NUMBER, NULL},
    {{"stats_sample_pages", NULL}, NUMBER, NULL},
    {{"transactional", NULL}, NUMBER, NULL},
    {{"row_format", NULL}, WORD, NULL},
    {{"insert_method", NULL}, WORD, NULL},
    {{"algorithm", NULL}, WORD, NULL}, /* of ALTER TABLE */
    {{"lock", NULL}, WORD, NULL},
};

static PgQuery__Node *text_of(struct mysql_reader *reader, const char *text)
{
	return sql_const_string(reader->arena, text ? text : "");
}

static PgQuery__Node *option_value(struct mysql_reader *reader,
				   enum table_value kind)
{
	bool word = mysql_is_kind(reader, 0, MYSQL_TOKEN_WORD);

	if (kind == NAME)
		return text_of(reader, mysql_charset_name(reader));
	if (kind == TEXT)
		return mysql_one_string(reader);
	if (kind == WORD && word)
		return text_of(reader, mysql_lower(reader, mysql_take(reader)));
	if (kind == NUMBER && mysql_accept(reader, "default"))
		return text_of(reader, "default");
	if (kind == NUMBER && mysql_is_kind(reader, 0, MYSQL_TOKEN_INTEGER))
		return mysql_constant(reader);
	return mysql_unexpected(reader, kind == WORD ? "a word" : "a number");
}

static bool is_option(const struct mysql_reader *reader,
		      const struct table_option *option, size_t ahead)
{
	return mysql_is_at(reader, ahead, option->words[0]) &&
	       (!option->words[1] ||
		mysql_is_at(reader, ahead + 1, option->words[1]));
}

bool mysql_table_option(struct mysql_reader *reader, struct mysql_list *list)
{
	size_t ahead = mysql_is(reader, "default");

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		const struct table_option *option = &options[i];

		if (!is_option(reader, option, ahead))
			continue;
		for (size_t n = 0; n < ahead + 1 + !!option->words[1]; n++)
			mysql_take(reader);
		mysql_accept(reader, "=");
		mysql_define(reader, list,
			     option->name ? option->name : option->words[0],
			     option_value(reader, option->kind));
		return true;
	}
	return false;
}

/* ---- the table ---- */

static void elements(struct mysql_reader *reader, PgQuery__CreateStmt *create)
{
	mysql_expect(reader, "(");
	do {
		PgQuery__Node *element =
		    mysql_is_key(reader)
			? mysql_key(reader)
			: sql_wrap(reader->arena,
				   mysql_column_definition(reader));

		if (reader->failed)
			return;
		SQL_APPEND(reader->arena, create, table_elts, element);
	} while (mysql_accept(reader, ","));
	mysql_expect(reader, ")");
}

static void like(struct mysql_reader *reader, PgQuery__CreateStmt *create)
{
	PgQuery__TableLikeClause *clause =
	    sql_new(reader->arena, &pg_query__table_like_clause__descriptor);

	clause->relation = mysql_relation(reader);
	SQL_APPEND(reader->arena, create, table_elts,
		   sql_wrap(reader->arena, clause));
}

static PgQuery__Node *from_query(struct mysql_reader *reader,
				 const PgQuery__CreateStmt *create)
{
	PgQuery__CreateTableAsStmt *stmt =
	    sql_new(reader->arena, &pg_query__create_table_as_stmt__descriptor);

	mysql_accept(reader, "as");
	if (create->n_table_elts)
		return mysql_unexpected(reader, "no query beside columns");
	stmt->into = sql_new(reader->arena, &pg_query__into_clause__descriptor);
	stmt->into->rel = create->relation;
	stmt->into->options = create->options;
	stmt->into->n_options = create->n_options;
	stmt->into->on_commit = PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_NOOP;
	stmt->objtype = PG_QUERY__OBJECT_TYPE__OBJECT_TABLE;
	stmt->if_not_exists = create->if_not_exists;
	stmt->query = mysql_query(reader);
	return sql_wrap(reader->arena, stmt);
}

static void table_options(struct mysql_reader *reader,
			  PgQuery__CreateStmt *create, bool replace)
{
	struct mysql_list list = {NULL, 0, 0};

	if (replace)
		mysql_define(reader, &list, "or replace", NULL);
	while (!reader->failed && mysql_table_option(reader, &list))
		mysql_accept(reader, ",");
	MYSQL_PUT(create, options, list);
}

static bool is_like(const struct mysql_reader *reader)
{
	return mysql_is(reader, "(") && mysql_is_at(reader, 1, "like");
}

PgQuery__Node *mysql_create_table(struct mysql_reader *reader, bool replace)
{
	PgQuery__CreateStmt *create =
	    sql_new(reader->arena, &pg_query__create_stmt__descriptor);
	bool temporary = mysql_accept(reader, "temporary");
	bool bracket;

	mysql_expect(reader, "table");
	if (mysql_accept(reader, "if")) {
		mysql_expect(reader, "not");
		mysql_expect(reader, "exists");
		create->if_not_exists = true;
	}
	create->oncommit = PG_QUERY__ON_COMMIT_ACTION__ONCOMMIT_NOOP;
	create->relation = mysql_relation(reader);
	if (temporary)
		create->relation->relpersistence =
		    arena_string(reader->arena, "t");
	bracket = is_like(reader) && mysql_accept(reader, "(");
	if (mysql_accept(reader, "like")) {
		like(reader, create);
		if (bracket)
			mysql_expect(reader, ")");
	} else if (mysql_is(reader, "(") && !mysql_is_query(reader)) {
		elements(reader, create);
	}
	table_options(reader, create, replace);
	if (mysql_is(reader, "as") || mysql_is(reader, "with") ||
	    mysql_is_query(reader))
		return from_query(reader, create);
	if (!create->n_table_elts)
		return mysql_unexpected(reader, "columns");
	return sql_wrap(reader->arena, create);
}
