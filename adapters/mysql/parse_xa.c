/*
 * XA. A transaction's id is written one way only, whatever the text has:
 *
 *	XA PREPARE 'a'			prepare transaction, gid X'61',X'',1
 *	XA COMMIT 0x61,'b',7		commit prepared, gid X'61',X'62',7
 *	XA COMMIT 'a' ONE PHASE		commit (nothing was prepared)
 *	XA ROLLBACK 'a'			rollback prepared (or of one that ended)
 *	XA END 'a'			SET of "xa end": the session's state
 *	XA RECOVER			SHOW of "xa recover"
 */
#include "adapters/mysql/parse_statement.h"
#include "sql/build.h"

enum { PART_LIMIT = 64 }; /* bytes of each part of an id */

/* The digits of a part: those of X'61', 0x61 and 0x061, or of a string's
 * bytes. NULL: the reader failed. */
static const char *digits_of(struct mysql_reader *reader)
{
	const struct mysql_token *token = mysql_token(reader);
	const char *text = reader->text + token->start;
	int size = (int)(token->end - token->start);
	size_t length;
	const char *bytes;
	char *digits;

	if (token->kind == MYSQL_TOKEN_HEX_STRING) {
		mysql_take(reader);
		return arena_printf(reader->arena, "%.*s", size - 3, text + 2);
	}
	if (token->kind == MYSQL_TOKEN_HEX) {
		mysql_take(reader);
		return arena_printf(reader->arena, "%s%.*s",
				    size % 2 ? "0" : "", size - 2, text + 2);
	}
	if (token->kind != MYSQL_TOKEN_STRING)
		return mysql_unexpected(reader, "a string");
	bytes = mysql_lex_value(reader->mode, reader->text, token,
				reader->arena, &length);
	mysql_take(reader);
	digits = arena_alloc(reader->arena, 2 * length + 1);
	for (size_t i = 0; i < length; i++)
		snprintf(digits + 2 * i, 3, "%02X", (unsigned char)bytes[i]);
	digits[2 * length] = 0;
	return digits;
}

static const char *part(struct mysql_reader *reader)
{
	const char *digits = digits_of(reader);
	char *upper;

	if (!digits)
		return NULL;
	if (strlen(digits) > 2 * (size_t)PART_LIMIT)
		return mysql_fail(reader, "a transaction's id is too long");
	upper = arena_string(reader->arena, digits);
	for (char *c = upper; *c; c++)
		if (*c >= 'a')
			*c &= ~0x20;
	return upper;
}

static char *transaction_id(struct mysql_reader *reader)
{
	const char *global = part(reader);
	bool branched = mysql_accept(reader, ",");
	const char *branch = branched ? part(reader) : "";
	const char *format = "1";

	if (branched && mysql_accept(reader, ",")) {
		const struct mysql_token *token = mysql_token(reader);

		if (token->kind != MYSQL_TOKEN_INTEGER ||
		    token->end - token->start > 9)
			return mysql_unexpected(reader, "a format's number");
		format = mysql_lower(reader, mysql_take(reader));
		while (*format == '0' && format[1])
			format++;
	}
	if (reader->failed)
		return NULL;
	return arena_printf(reader->arena, "X'%s',X'%s',%s", global, branch,
			    format);
}

static PgQuery__Node *stands(struct mysql_reader *reader,
			     PgQuery__TransactionStmtKind kind)
{
	PgQuery__TransactionStmt *stmt =
	    sql_new(reader->arena, &pg_query__transaction_stmt__descriptor);
	struct mysql_list options = {NULL, 0, 0};

	stmt->kind = kind;
	stmt->gid = transaction_id(reader);
	if (kind == PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START &&
	    !mysql_define_word(reader, &options, "join"))
		mysql_define_word(reader, &options, "resume");
	if (kind ==
		PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT_PREPARED &&
	    mysql_accept_two(reader, "one", "phase"))
		stmt->kind = PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT;
	MYSQL_PUT(stmt, options, options);
	return sql_wrap(reader->arena, stmt);
}

static PgQuery__Node *ends(struct mysql_reader *reader)
{
	PgQuery__VariableSetStmt *set =
	    sql_new(reader->arena, &pg_query__variable_set_stmt__descriptor);
	const char *id = transaction_id(reader);
	const char *suspend = NULL;

	if (mysql_accept(reader, "suspend"))
		suspend = mysql_accept_two(reader, "for", "migrate")
			      ? "suspend for migrate"
			      : "suspend";
	if (reader->failed)
		return NULL;
	set->kind = PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE;
	set->name = arena_string(reader->arena, "xa end");
	SQL_APPEND(reader->arena, set, args,
		   sql_const_string(reader->arena, id));
	if (suspend)
		SQL_APPEND(reader->arena, set, args,
			   sql_const_string(reader->arena, suspend));
	return sql_wrap(reader->arena, set);
}

static PgQuery__Node *recover(struct mysql_reader *reader)
{
	PgQuery__VariableShowStmt *show =
	    sql_new(reader->arena, &pg_query__variable_show_stmt__descriptor);
	const char *name = "xa recover";

	if (mysql_accept_two(reader, "convert", "xid")) {
		name = "xa recover convert xid";
	} else if (mysql_accept_two(reader, "format", "=")) {
		const char *value =
		    mysql_is_kind(reader, 0, MYSQL_TOKEN_STRING)
			? mysql_lower(reader, mysql_take(reader))
			: "";

		if (!strcmp(value, "'sql'"))
			name = "xa recover format='sql'";
		else if (strcmp(value, "'raw'") != 0)
			return mysql_unexpected(reader, "'raw' or 'sql'");
	}
	show->name = arena_string(reader->arena, name);
	return sql_wrap(reader->arena, show);
}

PgQuery__Node *mysql_xa(struct mysql_reader *reader)
{
	static const struct {
		const char *word;
		PgQuery__TransactionStmtKind kind;
	} kinds[] = {
	    {"start", PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START},
	    {"begin", PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_START},
	    {"prepare", PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_PREPARE},
	    {"commit",
	     PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_COMMIT_PREPARED},
	    {"rollback",
	     PG_QUERY__TRANSACTION_STMT_KIND__TRANS_STMT_ROLLBACK_PREPARED},
	};

	if (!mysql_accept(reader, "xa"))
		return NULL;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (mysql_accept(reader, kinds[i].word))
			return stands(reader, kinds[i].kind);
	if (mysql_accept(reader, "end"))
		return ends(reader);
	if (mysql_accept(reader, "recover"))
		return recover(reader);
	return mysql_unexpected(reader, "a verb of XA");
}
