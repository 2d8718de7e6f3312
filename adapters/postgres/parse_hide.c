/*
 * Values that are no literals to the lexer:
 *
 *	SET app.token = geheim, "geheim"	set app.token = ?, ?
 *	ALTER ROLE r SET a.b TO geheim		alter role r set a.b to ?
 *	... WHERE name = "geheim"		... where name = "?"
 *	... WHERE CURRENT OF c_17		... where current of ?
 *
 * A quoted name is a value if nobody knows it: no catalog, and not the text
 * itself, as an alias or as what qualifies another name.
 */
#include "adapters/postgres/parse_hide.h"

#include <string.h>

enum { NAME_SIZE = 256 };

static bool is_one_of(const struct lexer *lexer, const struct lex_token *token,
		      const char *const *words)
{
	for (; *words; words++)
		if (lex_is_word(lexer, token, *words))
			return true;
	return false;
}

/* --- settings --- */

static bool is_quoted(const struct lexer *lexer, const struct lex_token *token)
{
	return token->kind == LEX_QUOTED ||
	       (token->kind == LEX_UNICODE &&
		lexer->text[token->start + 2] == '"');
}

static bool is_assign(const struct lexer *lexer, const struct lex_token *token)
{
	return lex_is_word(lexer, token, "to") ||
	       (token->kind == LEX_OPERATOR && token->end - token->start == 1 &&
		lexer->text[token->start] == '=');
}

static void take_name(struct hide *hide, const struct lex_token *token)
{
	static const char *const plain[] = {"transaction", "characteristics",
					    "constraints", NULL};
	static const char *const special[] = {
	    "zone",   "role",	  "authorization", "names",
	    "schema", "document", "content",	   NULL};
	const struct lexer *lexer = hide->lexer;

	if (is_assign(lexer, token) ||
	    (hide->sets && is_one_of(lexer, token, special))) {
		hide->place = HIDE_VALUES;
		hide->expected = true;
	} else if ((hide->sets && is_one_of(lexer, token, plain)) ||
		   (token->kind != LEX_WORD && !is_quoted(lexer, token) &&
		    !lex_is_mark(lexer, token, '.'))) {
		hide->place = HIDE_NOWHERE;
	}
}

/* A value is hidden. In SET that is all to its end, elsewhere a list. */
static bool take_value(struct hide *hide, const struct lex_token *token)
{
	const struct lexer *lexer = hide->lexer;
	bool word = token->kind == LEX_WORD || is_quoted(lexer, token);

	if (!word) {
		hide->expected = lex_is_mark(lexer, token, ',') ||
				 token->kind == LEX_OPERATOR;
		return false;
	}
	if (!hide->expected && !hide->sets) {
		hide->place = HIDE_NOWHERE;
		return false;
	}
	hide->expected = false;
	return !lex_is_word(lexer, token, "default");
}

static void begin(struct hide *hide, const struct lex_token *token)
{
	static const char *const defining[] = {
	    "create",	"alter",   "drop",   "comment", "grant",
	    "revoke",	"analyze", "vacuum", "cluster", "reindex",
	    "truncate", "lock",	   "listen", "notify",	"import",
	    "security", "refresh", "call",   NULL};

	hide->begun = true;
	hide->sets = lex_is_word(hide->lexer, token, "set");
	hide->defines = is_one_of(hide->lexer, token, defining);
	hide->place = hide->sets ? HIDE_NAME : HIDE_NOWHERE;
}

/* --- names --- */

/* The token that follows a place of the text. */
static struct lex_token token_after(const struct lexer *lexer, size_t at)
{
	struct lexer rest = *lexer;
	struct lex_token token;

	rest.at = at;
	lex_next(&rest, &token);
	return token;
}

/* Whether the text itself says that this is a name: AS "n", "n" AS, "n". */
static bool is_named(const struct lexer *lexer, const struct lex_token *name)
{
	struct lexer at = {.text = lexer->text, .length = lexer->length};
	size_t size = name->end - name->start;
	struct lex_token token = {.kind = LEX_END};
	bool after_as = false;

	for (;;) {
		struct lex_token next;

		lex_next(&at, &token);
		if (token.kind == LEX_END || token.kind == LEX_BAD)
			return false;
		if (is_quoted(&at, &token) && token.end - token.start == size &&
		    !memcmp(at.text + token.start, at.text + name->start,
			    size)) {
			next = token_after(&at, token.end);
			if (after_as || lex_is_word(&at, &next, "as") ||
			    lex_is_mark(&at, &next, '.'))
				return true;
		}
		after_as = lex_is_word(&at, &token, "as");
	}
}

/* "a""b" without its quotes. Names with escapes are not looked up. */
static bool is_known(const struct hide *hide, const struct lex_token *token)
{
	const char *at = hide->lexer->text + token->start + 1;
	const char *end = hide->lexer->text + token->end - 1;
	char name[NAME_SIZE];
	size_t size = 0;

	if (token->kind == LEX_UNICODE || end - at >= NAME_SIZE)
		return false;
	for (; at < end; at++) {
		name[size++] = *at;
		at += *at == '"';
	}
	name[size] = '\0';
	return hide->known->knows(hide->known->context, name);
}

static bool hide_name(const struct hide *hide, const struct lex_token *token)
{
	return hide->known && !hide->defines && is_quoted(hide->lexer, token) &&
	       !is_known(hide, token) && !is_named(hide->lexer, token);
}

/* The name of a cursor is of the client's making. */
static bool take_cursor(struct hide *hide, const struct lex_token *token,
			bool *before)
{
	bool name = hide->of && *before;

	*before = lex_is_word(hide->lexer, token, "of");
	hide->of =
	    lex_is_word(hide->lexer, token, "current") || (hide->of && *before);
	return name &&
	       (token->kind == LEX_WORD || is_quoted(hide->lexer, token));
}

const char *hide_token(struct hide *hide, const struct lex_token *token)
{
	bool cursor;

	if (lex_is_mark(hide->lexer, token, ';')) {
		hide->begun = hide->after_of = hide->of = false;
		hide->place = HIDE_NOWHERE;
		return NULL;
	}
	if (!hide->begun) {
		begin(hide, token);
		return NULL;
	}
	cursor = take_cursor(hide, token, &hide->after_of);
	if (hide->place == HIDE_VALUES && take_value(hide, token))
		return "?";
	if (hide->place == HIDE_NAME)
		take_name(hide, token);
	else if (hide->defines && hide->place == HIDE_NOWHERE &&
		 lex_is_word(hide->lexer, token, "set"))
		hide->place = HIDE_NAME;
	if (cursor)
		return "?";
	return hide_name(hide, token) ? "\"?\"" : NULL;
}

bool hide_unsure(const struct lexer *lexer, const struct lex_token *token)
{
	return token->kind == LEX_STRING && lexer->text[token->start] == '\'' &&
	       token->end - token->start > 2 &&
	       lexer->text[token->end - 2] == '\\';
}
