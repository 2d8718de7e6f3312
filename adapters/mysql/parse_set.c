/*
 * SET and USE:
 *
 *	SET sql_mode = ANSI		sql_mode, 'ANSI' (also @@sql_mode, and
 *					with SESSION or LOCAL)
 *	SET GLOBAL a = 1, b = DEFAULT	a list: global.a, 1; global.b, default
 *	SET @v := c + 1			@v, c + 1
 *	SET NAMES utf8 COLLATE x	names, 'utf8', 'x'
 *	SET CHARSET DEFAULT		character set, default
 *	SET TRANSACTION READ ONLY	transaction; with SESSION, session
 *					characteristics
 *	SET GLOBAL TRANSACTION ...	global.transaction, its DefElems
 *	SET STATEMENT a = 1 FOR s	statement; a, 1; s
 *	SET ROLE r			role, 'r' (NONE: null)
 *	USE db				database, 'db'
 *
 * A word GLOBAL or SESSION holds for the variables that follow without one.
 * @@transaction_isolation and its like, without a scope, mean the next
 * transaction only: these are local.
 */
#include "adapters/mysql/parse_statement.h"

#include <strings.h>

#include "sql/build.h"

static PgQuery__VariableSetStmt *new_set(struct mysql_reader *reader,
					 const char *name)
{
	PgQuery__VariableSetStmt *set =
	    sql_new(reader->arena, &pg_query__variable_set_stmt__descriptor);

	set->kind = PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE;
	set->name = arena_string(reader->arena, name);
	return set;
}

/* The value, or the default if there is none. */
static void put_value(struct mysql_reader *reader,
		      PgQuery__VariableSetStmt *set, PgQuery__Node *value)
{
	if (value)
		SQL_APPEND(reader->arena, set, args, value);
	else
		set->kind = PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT;
}

/* ---- system variables ---- */

/* "" for the session's; NULL: no scope is next. */
static const char *scope(struct mysql_reader *reader)
{
	static const struct {
		const char *word;
		const char *prefix;
	} scopes[] = {{"global", "global."},
		      {"session", ""},
		      {"local", ""},
		      {"persist", "persist."},
		      {"persist_only", "persist_only."}};

	for (size_t i = 0; i < sizeof(scopes) / sizeof(*scopes); i++)
		if (mysql_is(reader, scopes[i].word) &&
		    !mysql_is_at(reader, 1, "=") &&
		    !mysql_is_at(reader, 1, ":=")) {
			mysql_take(reader);
			return scopes[i].prefix;
		}
	return NULL;
}

/* ON, and other bare words, mean their text. */
static PgQuery__Node *word_value(struct mysql_reader *reader)
{
	static const char *const words[] = {"on", "all", "binary", "row",
					    "system"};
	bool last = mysql_is_at(reader, 1, ",") ||
		    mysql_is_at(reader, 1, ";") ||
		    mysql_is_at(reader, 1, "for") ||
		    mysql_is_kind(reader, 1, MYSQL_TOKEN_END);
	bool known = mysql_is_name(reader, 0);

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		known = known || mysql_is(reader, words[i]);
	return last && known
		   ? sql_const_string(reader->arena, mysql_name_part(reader))
		   : NULL;
}

static PgQuery__Node *setting_value(struct mysql_reader *reader)
{
	PgQuery__Node *value;

	if (!mysql_accept(reader, "="))
		mysql_expect(reader, ":=");
	if (mysql_is(reader, "default") && !mysql_is_at(reader, 1, "(")) {
		mysql_take(reader);
		return NULL;
	}
	value = word_value(reader);
	return value ? value : mysql_expression(reader);
}

/* key_buffer_size, or hot.key_buffer_size of a named cache. */
static const char *setting_name(struct mysql_reader *reader)
{
	const char *cache = NULL;
	const char *name;

	if (mysql_is_at(reader, 1, "."))
		cache = mysql_name_part(reader);
	if (cache)
		mysql_take(reader);
	name = mysql_name_part(reader);
	if (!name || (cache && strpbrk(cache, ".@")) || strpbrk(name, ".@ "))
		return mysql_fail(reader, "no name of a variable");
	return cache ? arena_printf(reader->arena, "%s.%s", cache, name) : name;
}

static bool is_of_transaction(const char *name)
{
	static const char *const names[] = {
	    "transaction_isolation", "tx_isolation", "transaction_read_only",
	    "tx_read_only"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcasecmp(name, names[i]))
			return true;
	return false;
}

static PgQuery__VariableSetStmt *setting(struct mysql_reader *reader,
					 const char *prefix, bool marked)
{
	const char *name = setting_name(reader);
	PgQuery__VariableSetStmt *set;

	if (!name)
		return NULL;
	set =
	    new_set(reader, arena_printf(reader->arena, "%s%s", prefix, name));
	set->is_local = marked && is_of_transaction(name);
	put_value(reader, set, setting_value(reader));
	return set;
}

/* @@a, @@global.a */
static PgQuery__VariableSetStmt *marked_setting(struct mysql_reader *reader)
{
	const char *prefix;

	mysql_take(reader);
	prefix = mysql_is_at(reader, 1, ".") ? scope(reader) : NULL;
	if (prefix)
		mysql_expect(reader, ".");
	return setting(reader, prefix ? prefix : "", !prefix);
}

/* ---- user variables ---- */

static PgQuery__VariableSetStmt *user_variable(struct mysql_reader *reader)
{
	const PgQuery__Node *variable = mysql_variable(reader);
	PgQuery__VariableSetStmt *set;

	if (reader->failed)
		return NULL;
	set = new_set(
	    reader,
	    arena_printf(reader->arena, "@%s",
			 variable->func_call->args[0]->a_const->sval->sval));
	if (!mysql_accept(reader, "="))
		mysql_expect(reader, ":=");
	if (mysql_is(reader, "default") && !mysql_is_at(reader, 1, "("))
		return mysql_unexpected(reader, "an expression");
	put_value(reader, set, mysql_expression(reader));
	return set;
}

/* ---- character sets ---- */

char *mysql_charset_name(struct mysql_reader *reader)
{
	const PgQuery__Node *text;

	if (mysql_is(reader, "binary"))
		return mysql_lower(reader, mysql_take(reader));
	if (!mysql_is_kind(reader, 0, MYSQL_TOKEN_STRING))
		return mysql_name(reader);
	text = mysql_one_string(reader);
	if (reader->failed)
		return NULL;
	return SQL_IS(text, A_CONST)
		   ? text->a_const->sval->sval
		   : mysql_fail(reader, "a name is empty or holds NUL");
}

static PgQuery__Node *charset_or_default(struct mysql_reader *reader)
{
	const char *name;

	if (mysql_accept(reader, "default"))
		return NULL;
	name = mysql_charset_name(reader);
	return sql_const_string(reader->arena, name ? name : "");
}

static PgQuery__VariableSetStmt *names(struct mysql_reader *reader)
{
	PgQuery__VariableSetStmt *set = new_set(reader, "names");
	PgQuery__Node *charset = charset_or_default(reader);

	put_value(reader, set, charset);
	if (charset && mysql_accept(reader, "collate") &&
	    !mysql_accept(reader, "default"))
		put_value(reader, set, charset_or_default(reader));
	return set;
}

static bool is_charset(struct mysql_reader *reader)
{
	return mysql_accept(reader, "charset") ||
	       mysql_accept_two(reader, "character", "set") ||
	       mysql_accept_two(reader, "char", "set");
}

/* ---- lists ---- */

/* Whether `word` is no variable's name here. */
static bool is_clause(const struct mysql_reader *reader, const char *word)
{
	return mysql_is(reader, word) && !mysql_is_at(reader, 1, "=") &&
	       !mysql_is_at(reader, 1, ":=") && !mysql_is_at(reader, 1, ".");
}

/* One assignment; prefix is the scope that holds so far. */
static PgQuery__VariableSetStmt *assignment(struct mysql_reader *reader,
					    const char **prefix)
{
	const char *given;

	if (mysql_is(reader, "@@"))
		return marked_setting(reader);
	if (mysql_is_kind(reader, 0, MYSQL_TOKEN_VARIABLE))
		return user_variable(reader);
	if (is_clause(reader, "names") && mysql_accept(reader, "names"))
		return names(reader);
	if (is_charset(reader)) {
		PgQuery__VariableSetStmt *set =
		    new_set(reader, "character set");

		put_value(reader, set, charset_or_default(reader));
		return set;
	}
	if (is_clause(reader, "password"))
		return mysql_unexpected(reader, "a variable");
	given = scope(reader);
	if (given)
		*prefix = given;
	if (!mysql_is_name(reader, 0) && !mysql_is(reader, "default"))
		return mysql_unexpected(reader, "a variable");
	return setting(reader, *prefix, false);
}

/* A single assignment stands for itself, several in a SET without a name. */
static PgQuery__Node *assignments(struct mysql_reader *reader)
{
	PgQuery__VariableSetStmt *list = new_set(reader, "");
	const char *prefix = "";

	do {
		PgQuery__VariableSetStmt *set = assignment(reader, &prefix);

		if (!set || reader->failed)
			return NULL;
		SQL_APPEND(reader->arena, list, args,
			   sql_wrap(reader->arena, set));
	} while (mysql_accept(reader, ","));
	return list->n_args == 1 ? list->args[0]
				 : sql_wrap(reader->arena, list);
}

/* ---- SET's other forms ---- */

static bool is_transaction(const struct mysql_reader *reader, size_t ahead)
{
	return mysql_is_at(reader, ahead, "transaction") &&
	       (mysql_is_at(reader, ahead + 1, "read") ||
		mysql_is_at(reader, ahead + 1, "isolation"));
}

static PgQuery__Node *set_transaction(struct mysql_reader *reader)
{
	bool scoped = !mysql_is(reader, "transaction");
	bool global = mysql_is(reader, "global");
	PgQuery__VariableSetStmt *set =
	    new_set(reader, global   ? "global.transaction"
			    : scoped ? "SESSION CHARACTERISTICS"
				     : "TRANSACTION");
	struct mysql_list modes = {NULL, 0, 0};

	if (scoped)
		mysql_take(reader);
	mysql_take(reader);
	mysql_characteristics(reader, &modes);
	MYSQL_PUT(set, args, modes);
	if (!global)
		set->kind = PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI;
	return sql_wrap(reader->arena, set);
}

/* SET STATEMENT a = 1, b = 2 FOR SELECT ... */
static PgQuery__Node *set_statement(struct mysql_reader *reader)
{
	PgQuery__VariableSetStmt *set = new_set(reader, "statement");

	if (reader->mode->server != MYSQL_SERVER_MARIADB)
		return mysql_fail(reader, "MySQL has no SET STATEMENT");
	if (!mysql_enter(reader))
		return NULL;
	do {
		PgQuery__VariableSetStmt *one = setting(reader, "", false);

		if (!one || reader->failed)
			return NULL;
		SQL_APPEND(reader->arena, set, args,
			   sql_wrap(reader->arena, one));
	} while (mysql_accept(reader, ","));
	mysql_expect(reader, "for");
	SQL_APPEND(reader->arena, set, args, mysql_statement(reader));
	mysql_leave(reader);
	return sql_wrap(reader->arena, set);
}

static PgQuery__Node *set_role(struct mysql_reader *reader)
{
	PgQuery__VariableSetStmt *set = new_set(reader, "role");
	const char *name;

	mysql_take(reader);
	if (mysql_accept(reader, "none")) {
		put_value(reader, set, sql_const_null(reader->arena));
		return sql_wrap(reader->arena, set);
	}
	if (mysql_is(reader, "default") || mysql_is(reader, "all"))
		return mysql_unexpected(reader, "a role");
	name = mysql_charset_name(reader); /* the same form */
	put_value(reader, set,
		  sql_const_string(reader->arena, name ? name : ""));
	return sql_wrap(reader->arena, set);
}

static PgQuery__Node *use(struct mysql_reader *reader)
{
	PgQuery__VariableSetStmt *set = new_set(reader, "database");
	const char *name = mysql_name(reader);

	put_value(reader, set,
		  sql_const_string(reader->arena, name ? name : ""));
	return sql_wrap(reader->arena, set);
}

PgQuery__Node *mysql_set(struct mysql_reader *reader)
{
	bool scoped;

	if (mysql_accept(reader, "use"))
		return use(reader);
	if (!mysql_accept(reader, "set"))
		return NULL;
	if (is_clause(reader, "statement") && mysql_accept(reader, "statement"))
		return set_statement(reader);
	if (is_clause(reader, "role"))
		return set_role(reader);
	scoped = mysql_is(reader, "global") || mysql_is(reader, "session") ||
		 mysql_is(reader, "local");
	if (is_transaction(reader, scoped))
		return set_transaction(reader);
	return assignments(reader);
}
