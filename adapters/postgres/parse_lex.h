/*
 * PostgreSQL's lexical rules (src/backend/parser/scan.l of release 15), with
 * standard_conforming_strings on (as libpg_query reads, too: a session that
 * turned it off and writes backslashes in plain strings is read wrongly by
 * both). Private to adapters/postgres/parse*.
 */
#ifndef PARALLAX_ADAPTERS_POSTGRES_PARSE_LEX_H
#define PARALLAX_ADAPTERS_POSTGRES_PARSE_LEX_H

#include <stdbool.h>
#include <stddef.h>

enum lex_kind {
	LEX_END,
	LEX_WORD,     /* a keyword or a plain identifier */
	LEX_QUOTED,   /* "..." */
	LEX_UNICODE,  /* U&"..." or U&'...' */
	LEX_STRING,   /* '...' with its continuations, E'...', $$...$$ */
	LEX_NATIONAL, /* N'...' */
	LEX_BITS,     /* B'...' or X'...' */
	LEX_INTEGER,  /* digits only */
	LEX_NUMBER,   /* with a point or an exponent */
	LEX_PARAM,    /* $1 */
	LEX_OPERATOR, /* of operator characters */
	LEX_MARK,     /* one of , ( ) [ ] . ; : or :: .. := => */
	LEX_BAD,      /* refused by PostgreSQL's lexer, or not closed */
};

struct lex_token {
	enum lex_kind kind;
	size_t start;
	size_t end;  /* after it */
	bool spaced; /* preceded by white space or comments */
};

struct lexer {
	const char *text;
	size_t length;
	size_t at;
};

/* Reads the next token. At the end, and after LEX_BAD, it returns the same one
 * forever. */
void lex_next(struct lexer *lexer, struct lex_token *token);

/* Whether the token is this word (lower case). True for LEX_WORD only. */
bool lex_is_word(const struct lexer *lexer, const struct lex_token *token,
		 const char *word);
/* Whether the token is this one-character mark. */
static inline bool lex_is_mark(const struct lexer *lexer,
			       const struct lex_token *token, char mark)
{
	return token->kind == LEX_MARK && token->end - token->start == 1 &&
	       lexer->text[token->start] == mark;
}

#endif
