/*
 * Reads of the catalog and of plans:
 *
 *	SHOW TABLES LIKE 'a\_%'		show, name "tables like 'a\\_%'"
 *	DESCRIBE t a			show, name "columns from `t` like 'a'"
 *	EXPLAIN FORMAT=JSON SELECT 1	explain, option format 'json'
 *	ANALYZE DELETE FROM t		explain, option analyze: it runs
 *
 * The name of a SHOW is the text of its tokens, with the words that are
 * reserved, and the first, in lower case, names that are quoted in backticks,
 * and strings with each quote and backslash doubled: what the printer writes
 * depends on no sql_mode of the text.
 */
#include "adapters/mysql/parse_statement.h"
#include "adapters/mysql/words.h"
#include "base/buffer.h"
#include "sql/build.h"

/* ---- the name of a SHOW ---- */

static void add_doubled(struct buffer *out, char quote, const char *text,
			bool escapes)
{
	buffer_append_byte(out, (uint8_t)quote);
	for (; *text; text++) {
		if (*text == quote || (escapes && *text == '\\'))
			buffer_append_byte(out, (uint8_t)*text);
		buffer_append_byte(out, (uint8_t)*text);
	}
	buffer_append_byte(out, (uint8_t)quote);
}

static void add_string(struct mysql_reader *reader, struct buffer *out)
{
	const PgQuery__Node *node = mysql_one_string(reader);

	if (SQL_IS(node, A_CONST) &&
	    node->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL)
		add_doubled(out, '\'', node->a_const->sval->sval, true);
	else
		mysql_fail(reader, "a string that holds NUL");
}

static void add_word(struct mysql_reader *reader, struct buffer *out,
		     bool keyword)
{
	const struct mysql_token *token = mysql_token(reader);
	const char *text = reader->text + token->start;
	size_t size = token->end - token->start;

	if (keyword || mysql_word_is_reserved(text, size))
		text = mysql_lower(reader, token);
	buffer_append(out, text, size);
	mysql_take(reader);
}

/* One token, as it stands in the name. */
static void add_token(struct mysql_reader *reader, struct buffer *out)
{
	const struct mysql_token *token = mysql_token(reader);
	const char *text = reader->text + token->start;
	size_t size = token->end - token->start;
	const char *name;

	switch (token->kind) {
	case MYSQL_TOKEN_WORD:
		add_word(reader, out, !out->size);
		return;
	case MYSQL_TOKEN_STRING:
		add_string(reader, out);
		return;
	case MYSQL_TOKEN_QUOTED:
		name = mysql_name_part(reader);
		if (name)
			add_doubled(out, '`', name, false);
		return;
	case MYSQL_TOKEN_INTEGER:
	case MYSQL_TOKEN_DECIMAL:
	case MYSQL_TOKEN_FLOAT:
	case MYSQL_TOKEN_MARK:
		buffer_append(out, text, size);
		mysql_take(reader);
		return;
	default:
		mysql_unexpected(reader, "a word, a number or a string");
		return;
	}
}

static PgQuery__Node *show_of(struct mysql_reader *reader, const char *name)
{
	PgQuery__VariableShowStmt *show =
	    sql_new(reader->arena, &pg_query__variable_show_stmt__descriptor);

	show->name = arena_string(reader->arena, name);
	return sql_wrap(reader->arena, show);
}

static bool is_end(const struct mysql_reader *reader)
{
	return mysql_is(reader, ";") ||
	       mysql_is_kind(reader, 0, MYSQL_TOKEN_END);
}

static bool is_shown(const struct mysql_reader *reader)
{
	static const char *const words[] = {
	    "all",
	    "analyze",
	    "binary",
	    "binlog",
	    "character",
	    "charset",
	    "client_statistics",
	    "collation",
	    "columns",
	    "contributors",
	    "count",
	    "create",
	    "authors",
	    "databases",
	    "engine",
	    "engines",
	    "errors",
	    "events",
	    "explain",
	    "extended",
	    "fields",
	    "full",
	    "function",
	    "global",
	    "grants",
	    "index",
	    "index_statistics",
	    "indexes",
	    "keys",
	    "local",
	    "locales",
	    "master",
	    "open",
	    "package",
	    "plugins",
	    "privileges",
	    "procedure",
	    "processlist",
	    "profile",
	    "profiles",
	    "relaylog",
	    "replica",
	    "replicas",
	    "schemas",
	    "session",
	    "slave",
	    "status",
	    "storage",
	    "table",
	    "table_statistics",
	    "tables",
	    "triggers",
	    "user_statistics",
	    "variables",
	    "warnings",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mysql_is(reader, words[i]))
			return true;
	return false;
}

static PgQuery__Node *show(struct mysql_reader *reader)
{
	struct buffer out;
	PgQuery__Node *node = NULL;

	mysql_take(reader);
	if (!is_shown(reader))
		return mysql_unexpected(reader, "what SHOW knows");
	buffer_init(&out, 0);
	while (!reader->failed && !is_end(reader)) {
		if (out.size && mysql_token(reader)->spaced)
			buffer_append_byte(&out, ' ');
		add_token(reader, &out);
	}
	if (!reader->failed)
		node = show_of(reader, buffer_string(&out));
	buffer_release(&out);
	return node;
}

/* DESCRIBE t [column or pattern], which is SHOW COLUMNS. */
static PgQuery__Node *describe(struct mysql_reader *reader)
{
	const PgQuery__RangeVar *range = mysql_relation(reader);
	struct buffer out;
	PgQuery__Node *node;

	if (reader->failed)
		return NULL;
	buffer_init(&out, 0);
	buffer_append_string(&out, "columns from ");
	if (SQL_SET(range->schemaname)) {
		add_doubled(&out, '`', range->schemaname, false);
		buffer_append_byte(&out, '.');
	}
	add_doubled(&out, '`', range->relname, false);
	if (!is_end(reader)) {
		buffer_append_string(&out, " like ");
		if (mysql_is_kind(reader, 0, MYSQL_TOKEN_STRING)) {
			add_string(reader, &out);
		} else {
			const char *name = mysql_name(reader);

			add_doubled(&out, '\'', name ? name : "", true);
		}
	}
	node = show_of(reader, buffer_string(&out));
	buffer_release(&out);
	return node;
}

/* ---- EXPLAIN ---- */

static bool is_explained(const struct mysql_reader *reader)
{
	static const char *const words[] = {"insert", "replace", "update",
					    "delete", "with"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mysql_is(reader, words[i]))
			return true;
	return mysql_is_query(reader);
}

static void explain_format(struct mysql_reader *reader, struct mysql_list *list)
{
	const char *name;

	if (!mysql_accept_two(reader, "format", "="))
		return;
	name = mysql_charset_name(reader); /* the same form */
	mysql_define(reader, list, "format",
		     sql_const_string(reader->arena, name ? name : ""));
}

static PgQuery__Node *explained(struct mysql_reader *reader,
				struct mysql_list *options)
{
	PgQuery__ExplainStmt *stmt =
	    sql_new(reader->arena, &pg_query__explain_stmt__descriptor);

	explain_format(reader, options);
	if (!is_explained(reader))
		return mysql_unexpected(reader, "a query or a write");
	stmt->query = mysql_statement(reader);
	MYSQL_PUT(stmt, options, *options);
	return sql_wrap(reader->arena, stmt);
}

static PgQuery__Node *explain(struct mysql_reader *reader)
{
	struct mysql_list options = {NULL, 0, 0};
	bool mysql = reader->mode->server == MYSQL_SERVER_MYSQL;

	mysql_take(reader);
	if (mysql && mysql_is(reader, "analyze"))
		mysql_define_word(reader, &options, "analyze");
	else if (!mysql_define_word(reader, &options, "extended"))
		mysql_define_word(reader, &options, "partitions");
	if (!options.item_count && mysql_is_name(reader, 0) &&
	    !mysql_is_at(reader, 1, "=") && !is_explained(reader))
		return describe(reader);
	return explained(reader, &options);
}

PgQuery__Node *mysql_show(struct mysql_reader *reader)
{
	struct mysql_list options = {NULL, 0, 0};

	if (mysql_is(reader, "show"))
		return show(reader);
	if (mysql_is(reader, "explain") || mysql_is(reader, "describe") ||
	    mysql_is(reader, "desc"))
		return explain(reader);
	if (!mysql_is(reader, "analyze") ||
	    reader->mode->server != MYSQL_SERVER_MARIADB ||
	    mysql_is_at(reader, 1, "table") ||
	    mysql_is_at(reader, 1, "no_write_to_binlog") ||
	    mysql_is_at(reader, 1, "local"))
		return NULL;
	mysql_define_word(reader, &options, "analyze");
	return explained(reader, &options);
}
