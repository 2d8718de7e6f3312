/*
 * The lexical rules of MySQL and MariaDB (manual, chapter "Language Structure";
 * "Comment Syntax" of both). Text is bytes: a literal may hold NUL and
 * anything else. Comments with a version are expanded: their content is
 * tokens where it is code for the mode's server, and nothing elsewhere.
 */
#ifndef PARALLAX_ADAPTERS_MYSQL_LEX_H
#define PARALLAX_ADAPTERS_MYSQL_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "adapters/mysql/mode.h"
#include "base/arena.h"

enum mysql_token_kind {
	MYSQL_TOKEN_END,
	MYSQL_TOKEN_WORD,	/* a keyword or a plain identifier */
	MYSQL_TOKEN_QUOTED,	/* `...`, and "..." under ANSI_QUOTES */
	MYSQL_TOKEN_STRING,	/* '...' and "..." */
	MYSQL_TOKEN_NATIONAL,	/* N'...' */
	MYSQL_TOKEN_INTEGER,	/* digits only */
	MYSQL_TOKEN_DECIMAL,	/* with a point */
	MYSQL_TOKEN_FLOAT,	/* with an exponent */
	MYSQL_TOKEN_HEX,	/* 0x4D */
	MYSQL_TOKEN_BITS,	/* 0b01 */
	MYSQL_TOKEN_HEX_STRING, /* X'4D' */
	MYSQL_TOKEN_BIT_STRING, /* B'01' */
	MYSQL_TOKEN_PARAMETER,	/* ? */
	MYSQL_TOKEN_VARIABLE,	/* @name, @'name' */
	MYSQL_TOKEN_MARK,	/* one of the operators and brackets */
	MYSQL_TOKEN_HINT,	/* an optimizer hint, with its comment marks */
	MYSQL_TOKEN_BAD, /* refused by the server's lexer, or not closed */
};

struct mysql_token {
	enum mysql_token_kind kind;
	size_t start;
	size_t end;  /* after it */
	bool spaced; /* preceded by white space or comments */
};

struct mysql_lexer {
	const struct mysql_mode *mode;
	const char *text;
	size_t length;
	size_t at;
	/* Private. */
	bool in_version; /* within a comment whose content is code */
	bool after_dot;	 /* so what follows is a name, whatever it looks like */
	bool after_name; /* so a point that follows is no number's */
	bool hint_place; /* after SELECT and the like */
};

/* Reads the next token. At the end, and after MYSQL_TOKEN_BAD, it returns the
 * same one forever. */
void mysql_lex_next(struct mysql_lexer *lexer, struct mysql_token *token);

/* Bytes of the character at text (from 1); end is after the text. */
size_t mysql_lex_character(const struct mysql_mode *mode, const char *text,
			   const char *end);

/* Whether the token is this word, in any case. True for a WORD only. */
bool mysql_lex_is_word(const char *text, const struct mysql_token *token,
		       const char *word);
bool mysql_lex_is_mark(const char *text, const struct mysql_token *token,
		       const char *mark);

/*
 * The bytes that a STRING, NATIONAL, QUOTED or quoted VARIABLE token stands
 * for, without quotes and escapes; size may be NULL. A NUL stands after them.
 */
char *mysql_lex_value(const struct mysql_mode *mode, const char *text,
		      const struct mysql_token *token, struct arena *arena,
		      size_t *size);

#endif
