#include "adapters/mysql/reader.h"

#include <stdarg.h>

#include "adapters/mysql/reserved.h"
#include "adapters/mysql/words.h"
#include "sql/build.h"

/* Each level of nesting takes several messages of the tree. */
enum { NESTING_LIMIT = 250 };

const struct mysql_token *mysql_token(const struct mysql_reader *reader)
{
	return &reader->tokens[reader->at];
}

static const struct mysql_token *token_at(const struct mysql_reader *reader,
					  size_t ahead)
{
	size_t left = reader->token_count - 1 - reader->at;

	return &reader->tokens[reader->at + (ahead < left ? ahead : left)];
}

bool mysql_is_at(const struct mysql_reader *reader, size_t ahead,
		 const char *what)
{
	const struct mysql_token *token = token_at(reader, ahead);
	bool word = (*what | 0x20) >= 'a' && (*what | 0x20) <= 'z';

	return word ? mysql_lex_is_word(reader->text, token, what)
		    : mysql_lex_is_mark(reader->text, token, what);
}

bool mysql_is(const struct mysql_reader *reader, const char *what)
{
	return mysql_is_at(reader, 0, what);
}

bool mysql_is_kind(const struct mysql_reader *reader, size_t ahead,
		   enum mysql_token_kind kind)
{
	return token_at(reader, ahead)->kind == kind;
}

size_t mysql_after_bracket(const struct mysql_reader *reader, size_t ahead)
{
	size_t at = reader->at + ahead;

	if (at >= reader->token_count)
		return ahead;
	return reader->partners[at] + 1 - reader->at;
}

const struct mysql_token *mysql_take(struct mysql_reader *reader)
{
	const struct mysql_token *token = mysql_token(reader);

	if (reader->at + 1 < reader->token_count)
		reader->at++;
	return token;
}

bool mysql_accept(struct mysql_reader *reader, const char *what)
{
	if (!mysql_is(reader, what))
		return false;
	mysql_take(reader);
	return true;
}

bool mysql_accept_two(struct mysql_reader *reader, const char *first,
		      const char *second)
{
	if (!mysql_is(reader, first) || !mysql_is_at(reader, 1, second))
		return false;
	mysql_take(reader);
	mysql_take(reader);
	return true;
}

void mysql_expect(struct mysql_reader *reader, const char *what)
{
	if (!mysql_accept(reader, what))
		mysql_unexpected(reader, what);
}

/* Line and column (from 1, in bytes). */
static void locate(const struct mysql_reader *reader, size_t place)
{
	int line = 1;
	size_t start = 0;

	for (size_t i = 0; i < place; i++)
		if (reader->text[i] == '\n') {
			line++;
			start = i + 1;
		}
	error_at(reader->error, "", line, (int)(place - start) + 1);
}

void *mysql_fail(struct mysql_reader *reader, const char *format, ...)
{
	char message[256];
	va_list arguments;

	if (reader->failed)
		return NULL;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	error_set(reader->error, ERROR_DATABASE, "%s", message);
	snprintf(reader->error->native, sizeof(reader->error->native), "1064");
	locate(reader, mysql_token(reader)->start);
	reader->failed = true;
	reader->at = reader->token_count - 1;
	return NULL;
}

void *mysql_unexpected(struct mysql_reader *reader, const char *wanted)
{
	const struct mysql_token *token = mysql_token(reader);
	int size = (int)(token->end - token->start);

	if (token->kind == MYSQL_TOKEN_STRING ||
	    token->kind == MYSQL_TOKEN_NATIONAL)
		return mysql_fail(reader, "%s expected, not a string", wanted);
	if (size > 64)
		size = 64;
	if (!size)
		return mysql_fail(reader, "%s expected at the end", wanted);
	return mysql_fail(reader, "%s expected near \"%.*s\"", wanted, size,
			  reader->text + token->start);
}

bool mysql_enter(struct mysql_reader *reader)
{
	if (++reader->depth <= NESTING_LIMIT)
		return !reader->failed;
	if (!reader->failed) {
		mysql_fail(reader, "statement is nested too deeply");
		reader->error->kind = ERROR_LIMIT;
		snprintf(reader->error->native, sizeof(reader->error->native),
			 "54001");
	}
	return false;
}

void mysql_leave(struct mysql_reader *reader)
{
	reader->depth--;
}

/* ---- names ---- */

/* Whether a byte alone would take the next one in. */
static bool is_lead(const struct mysql_reader *reader, char byte)
{
	const char probe[] = {byte, '@'};

	return mysql_lex_character(reader->mode, probe, probe + 2) > 1;
}

bool mysql_has_trail(const struct mysql_reader *reader, const char *text,
		     size_t size, char byte)
{
	const char *end = text + size;

	while (text < end) {
		size_t width = mysql_lex_character(reader->mode, text, end);

		if (width > 1 ? memchr(text + 1, byte, width - 1) != NULL
			      : is_lead(reader, *text))
			return true;
		text += width;
	}
	return false;
}

bool mysql_is_name(const struct mysql_reader *reader, size_t ahead)
{
	const struct mysql_token *token = token_at(reader, ahead);

	return token->kind == MYSQL_TOKEN_QUOTED ||
	       (token->kind == MYSQL_TOKEN_WORD &&
		!mysql_word_is_reserved(reader->text + token->start,
					token->end - token->start));
}

char *mysql_name_part(struct mysql_reader *reader)
{
	const struct mysql_token *token = mysql_token(reader);
	size_t size = token->end - token->start;
	char *name;

	if (token->kind == MYSQL_TOKEN_WORD)
		name = arena_copy(reader->arena, reader->text + token->start,
				  size);
	else if (token->kind == MYSQL_TOKEN_QUOTED)
		name = mysql_lex_value(reader->mode, reader->text, token,
				       reader->arena, &size);
	else
		return mysql_unexpected(reader, "a name");
	if (!size || memchr(name, 0, size))
		return mysql_fail(reader, "a name is empty or holds NUL");
	if (mysql_has_trail(reader, name, size, '`'))
		return mysql_fail(
		    reader, "a character with a quote's byte in it, or cut");
	mysql_take(reader);
	return name;
}

char *mysql_name(struct mysql_reader *reader)
{
	return mysql_is_name(reader, 0) ? mysql_name_part(reader)
					: mysql_unexpected(reader, "a name");
}

char *mysql_lower(struct mysql_reader *reader, const struct mysql_token *token)
{
	char *word = arena_copy(reader->arena, reader->text + token->start,
				token->end - token->start);

	for (char *c = word; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c |= 0x20;
	return word;
}

void mysql_names(struct mysql_reader *reader, struct mysql_list *list)
{
	do
		mysql_add(reader, list,
			  sql_string(reader->arena, mysql_name(reader)));
	while (mysql_accept(reader, ","));
}

void mysql_bracketed_names(struct mysql_reader *reader, struct mysql_list *list)
{
	if (!mysql_accept(reader, "("))
		return;
	mysql_names(reader, list);
	mysql_expect(reader, ")");
}

void mysql_bracketed(struct mysql_reader *reader, struct mysql_list *list)
{
	mysql_expect(reader, "(");
	mysql_names(reader, list);
	mysql_expect(reader, ")");
}

/* ---- nodes ---- */

void mysql_add(struct mysql_reader *reader, struct mysql_list *list,
	       PgQuery__Node *node)
{
	*ARENA_PUSH(reader->arena, list, item) = node;
}

PgQuery__FuncCall *mysql_worded(struct mysql_reader *reader, const char *name)
{
	PgQuery__Node *call = sql_call(reader->arena, NULL, name, NULL, 0);

	call->func_call->funcformat =
	    PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX;
	return call->func_call;
}

void mysql_argument(struct mysql_reader *reader, PgQuery__FuncCall *call,
		    struct mysql_list *list, PgQuery__Node *node)
{
	mysql_add(reader, list, node);
	call->args = list->items;
	call->n_args = list->item_count;
}

PgQuery__Node *mysql_special(struct mysql_reader *reader, const char *name,
			     PgQuery__Node *first, PgQuery__Node *second,
			     PgQuery__Node *third)
{
	PgQuery__Node *args[] = {first, second, third};
	size_t count = third ? 3 : second ? 2 : first ? 1 : 0;
	PgQuery__Node *call =
	    sql_call(reader->arena, MYSQL_RESERVED, name, args, count);

	call->func_call->funcformat =
	    PG_QUERY__COERCION_FORM__COERCE_SQL_SYNTAX;
	return call;
}

PgQuery__Node *mysql_named(struct mysql_reader *reader, const char *name,
			   PgQuery__Node *value)
{
	PgQuery__NamedArgExpr *named =
	    sql_new(reader->arena, &pg_query__named_arg_expr__descriptor);

	named->name = arena_string(reader->arena, name);
	named->arg = value;
	named->argnumber = -1;
	return sql_wrap(reader->arena, named);
}

void mysql_option(struct mysql_reader *reader, struct mysql_list *list,
		  const char *name, const char *word)
{
	mysql_add(
	    reader, list,
	    mysql_named(reader, name, sql_const_string(reader->arena, word)));
}

PgQuery__FuncCall *mysql_clauses(struct mysql_reader *reader,
				 const struct mysql_list *list)
{
	PgQuery__FuncCall *call;

	if (!list->item_count)
		return NULL;
	call =
	    mysql_special(reader, MYSQL_CLAUSES, NULL, NULL, NULL)->func_call;
	call->args = list->items;
	call->n_args = list->item_count;
	return call;
}
