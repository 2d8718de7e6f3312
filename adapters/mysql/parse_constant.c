/*
 * Constants and variables:
 *
 *	'it''s' 'too'	a string: it'stoo
 *	0x4D		a number as written; X'4D' a bit string
 *	_latin1'x'	introduced('latin1', 'x')
 *	DATE'2020-01-01' literal('date', '2020-01-01')
 */
#include "adapters/mysql/reader.h"

#include <errno.h>

#include "adapters/mysql/words.h"
#include "sql/build.h"

static PgQuery__Node *placed(PgQuery__Node *node,
			     const struct mysql_token *token)
{
	if (SQL_IS(node, A_CONST))
		node->a_const->location = (int32_t)token->start;
	return node;
}

/* The text of a string with NULs, which the tree's strings cannot hold. */
static PgQuery__Node *text_with_nuls(struct mysql_reader *reader,
				     const char *value, size_t size)
{
	char *text = arena_alloc(reader->arena, 2 * size + 1);
	size_t used = 0;

	for (size_t i = 0; i < size; i++) {
		if (!value[i] || value[i] == '\\')
			text[used++] = '\\';
		text[used++] = value[i] ? value[i] : '0';
	}
	text[used] = 0;
	return mysql_special(reader, "text",
			     sql_const_string(reader->arena, text), NULL, NULL);
}

/* With the strings that follow and continue it. */
PgQuery__Node *mysql_string(struct mysql_reader *reader)
{
	const struct mysql_token *first = mysql_token(reader);
	char *value = NULL;
	size_t size = 0;

	if (first->kind != MYSQL_TOKEN_STRING &&
	    first->kind != MYSQL_TOKEN_NATIONAL)
		return mysql_unexpected(reader, "a string");
	do {
		size_t more;
		char *next =
		    mysql_lex_value(reader->mode, reader->text,
				    mysql_take(reader), reader->arena, &more);

		if (value) {
			char *both =
			    arena_alloc(reader->arena, size + more + 1);

			memcpy(both, value, size);
			memcpy(both + size, next, more + 1);
			next = both;
		}
		value = next;
		size += more;
	} while (mysql_is_kind(reader, 0, MYSQL_TOKEN_STRING));
	if (mysql_has_trail(reader, value, size, '\\'))
		return mysql_fail(
		    reader,
		    "a character with a backslash's byte in it, or cut");
	if (memchr(value, 0, size))
		return text_with_nuls(reader, value, size);
	return placed(sql_const_string(reader->arena, value), first);
}

static PgQuery__Node *integer(struct mysql_reader *reader)
{
	const struct mysql_token *token = mysql_take(reader);
	char *digits = arena_copy(reader->arena, reader->text + token->start,
				  token->end - token->start);
	long long value;

	errno = 0;
	value = strtoll(digits, NULL, 10);
	if (!errno && value <= INT32_MAX)
		return placed(sql_const_integer(reader->arena, value), token);
	while (*digits == '0' && digits[1])
		digits++;
	return placed(sql_const_number(reader->arena, digits), token);
}

static PgQuery__Node *number(struct mysql_reader *reader)
{
	const struct mysql_token *token = mysql_take(reader);

	return placed(sql_const_number(reader->arena,
				       arena_copy(reader->arena,
						  reader->text + token->start,
						  token->end - token->start)),
		      token);
}

/* X'4D' as "x4D", B'01' as "b01". */
static PgQuery__Node *bits(struct mysql_reader *reader)
{
	const struct mysql_token *token = mysql_take(reader);
	PgQuery__AConst *constant =
	    sql_new(reader->arena, &pg_query__a__const__descriptor);

	constant->location = (int32_t)token->start;
	constant->val_case = PG_QUERY__A__CONST__VAL_BSVAL;
	constant->bsval =
	    sql_new(reader->arena, &pg_query__bit_string__descriptor);
	constant->bsval->bsval =
	    arena_printf(reader->arena, "%c%.*s",
			 token->kind == MYSQL_TOKEN_HEX_STRING ? 'x' : 'b',
			 (int)(token->end - token->start - 3),
			 reader->text + token->start + 2);
	return sql_wrap(reader->arena, constant);
}

/* _utf8mb4 before a literal. */
static bool is_introducer(const struct mysql_reader *reader)
{
	const struct mysql_token *token = mysql_token(reader);
	const char *word = reader->text + token->start;
	enum mysql_token_kind next = token[1].kind;

	return token->kind == MYSQL_TOKEN_WORD && *word == '_' &&
	       mysql_word_is_charset(word + 1, token->end - token->start - 1) &&
	       (next == MYSQL_TOKEN_STRING || next == MYSQL_TOKEN_HEX ||
		next == MYSQL_TOKEN_BITS || next == MYSQL_TOKEN_HEX_STRING ||
		next == MYSQL_TOKEN_BIT_STRING);
}

static PgQuery__Node *introduced(struct mysql_reader *reader)
{
	const char *charset = mysql_lower(reader, mysql_take(reader)) + 1;

	return mysql_special(reader, "introduced",
			     sql_const_string(reader->arena, charset),
			     mysql_constant(reader), NULL);
}

static bool is_dated(const struct mysql_reader *reader)
{
	return (mysql_is(reader, "date") || mysql_is(reader, "time") ||
		mysql_is(reader, "timestamp")) &&
	       mysql_is_kind(reader, 1, MYSQL_TOKEN_STRING);
}

static PgQuery__Node *dated(struct mysql_reader *reader, const char *kind)
{
	return mysql_special(reader, "literal",
			     sql_const_string(reader->arena, kind),
			     mysql_string(reader), NULL);
}

/* ODBC's {d '...'}; any other {name expression} is the expression. */
static PgQuery__Node *braced(struct mysql_reader *reader)
{
	PgQuery__Node *node;
	char *kind;

	mysql_take(reader);
	kind = mysql_lower(reader, mysql_take(reader));
	if (mysql_is_kind(reader, 0, MYSQL_TOKEN_STRING) &&
	    (!strcmp(kind, "d") || !strcmp(kind, "t") || !strcmp(kind, "ts")))
		node = dated(reader, !strcmp(kind, "d")	  ? "date"
				     : !strcmp(kind, "t") ? "time"
							  : "timestamp");
	else
		node = mysql_expression(reader);
	mysql_expect(reader, "}");
	return node;
}

static PgQuery__Node *national(struct mysql_reader *reader)
{
	return mysql_special(reader, "introduced",
			     sql_const_string(reader->arena, "N"),
			     mysql_string(reader), NULL);
}

PgQuery__Node *mysql_constant(struct mysql_reader *reader)
{
	switch (mysql_token(reader)->kind) {
	case MYSQL_TOKEN_STRING:
		return mysql_string(reader);
	case MYSQL_TOKEN_NATIONAL:
		return national(reader);
	case MYSQL_TOKEN_INTEGER:
		return integer(reader);
	case MYSQL_TOKEN_DECIMAL:
	case MYSQL_TOKEN_FLOAT:
	case MYSQL_TOKEN_HEX:
	case MYSQL_TOKEN_BITS:
		return number(reader);
	case MYSQL_TOKEN_HEX_STRING:
	case MYSQL_TOKEN_BIT_STRING:
		return bits(reader);
	case MYSQL_TOKEN_MARK:
		return mysql_is(reader, "{") ? braced(reader) : NULL;
	case MYSQL_TOKEN_WORD:
		break;
	default:
		return NULL;
	}
	if (mysql_accept(reader, "null"))
		return sql_const_null(reader->arena);
	if (mysql_accept(reader, "true"))
		return sql_const_bool(reader->arena, true);
	if (mysql_accept(reader, "false"))
		return sql_const_bool(reader->arena, false);
	if (is_introducer(reader))
		return introduced(reader);
	if (is_dated(reader))
		return dated(reader, mysql_lower(reader, mysql_take(reader)));
	return NULL;
}

/* @@name, @@global.name */
static PgQuery__Node *setting(struct mysql_reader *reader)
{
	char *name;

	mysql_take(reader);
	name = mysql_name_part(reader);
	while (mysql_accept(reader, "."))
		name = arena_printf(reader->arena, "%s.%s", name ? name : "",
				    mysql_name_part(reader));
	return mysql_special(reader, "setting",
			     sql_const_string(reader->arena, name ? name : ""),
			     NULL, NULL);
}

PgQuery__Node *mysql_variable(struct mysql_reader *reader)
{
	const struct mysql_token *token = mysql_token(reader);
	const char *name = reader->text + token->start + 1;
	size_t size = token->end - token->start - 1;

	if (mysql_is(reader, "@@"))
		return setting(reader);
	if (token->kind != MYSQL_TOKEN_VARIABLE)
		return mysql_unexpected(reader, "a variable");
	if (strchr("'\"`", *name))
		name = mysql_lex_value(reader->mode, reader->text, token,
				       reader->arena, &size);
	if (memchr(name, 0, size))
		return mysql_fail(reader, "a variable's name holds NUL");
	mysql_take(reader);
	return mysql_special(
	    reader, "variable",
	    sql_const_string(reader->arena,
			     arena_copy(reader->arena, name, size)),
	    NULL, NULL);
}
