#include "adapters/postgres/parse_lex.h"

#include <string.h>

enum {
	CLASS_SPACE = 1,
	CLASS_START = 2, /* of an identifier */
	CLASS_DIGIT = 4,
	CLASS_OPERATOR = 8,
	CLASS_SELF = 16, /* marks that are no operator characters */
	CLASS_DOLLAR = 32,
};

static unsigned class_of(char c)
{
	unsigned char byte = (unsigned char)c;

	if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z')
		return CLASS_START;
	if (byte >= 0x80 || byte == '_')
		return CLASS_START;
	if (byte >= '0' && byte <= '9')
		return CLASS_DIGIT;
	switch (byte) {
	case ' ':
	case '\t':
	case '\n':
	case '\r':
	case '\f':
		return CLASS_SPACE;
	case '~':
	case '!':
	case '@':
	case '#':
	case '^':
	case '&':
	case '|':
	case '`':
	case '?':
	case '+':
	case '-':
	case '*':
	case '/':
	case '%':
	case '<':
	case '>':
	case '=':
		return CLASS_OPERATOR;
	case ',':
	case '(':
	case ')':
	case '[':
	case ']':
	case '.':
	case ';':
	case ':':
		return CLASS_SELF;
	case '$':
		return CLASS_DOLLAR;
	default:
		return 0;
	}
}

/* 0 after the end: it belongs to no class, nor does a NUL in a text. */
static char peek(const struct lexer *lexer, size_t at)
{
	return at < lexer->length ? lexer->text[at] : 0;
}

static bool is_class(const struct lexer *lexer, size_t at, unsigned classes)
{
	return at < lexer->length && class_of(lexer->text[at]) & classes;
}

/* The place after a comment's line end, or after the text. */
static size_t skip_line(const struct lexer *lexer, size_t at)
{
	while (at < lexer->length && lexer->text[at] != '\n' &&
	       lexer->text[at] != '\r')
		at++;
	return at;
}

/* The place after a nested comment that opens at `at`; 0 if it is not closed.
 */
static size_t skip_comment(const struct lexer *lexer, size_t at)
{
	size_t depth = 0;

	while (at < lexer->length) {
		if (peek(lexer, at) == '/' && peek(lexer, at + 1) == '*') {
			depth++;
			at += 2;
		} else if (peek(lexer, at) == '*' &&
			   peek(lexer, at + 1) == '/') {
			at += 2;
			if (!--depth)
				return at;
		} else {
			at++;
		}
	}
	return 0;
}

/* Skips white space and comments; false if a comment is not closed. */
static bool skip_space(struct lexer *lexer)
{
	for (;;) {
		while (is_class(lexer, lexer->at, CLASS_SPACE))
			lexer->at++;
		if (peek(lexer, lexer->at) == '-' &&
		    peek(lexer, lexer->at + 1) == '-') {
			lexer->at = skip_line(lexer, lexer->at);
		} else if (peek(lexer, lexer->at) == '/' &&
			   peek(lexer, lexer->at + 1) == '*') {
			size_t end = skip_comment(lexer, lexer->at);

			if (!end)
				return false;
			lexer->at = end;
		} else {
			return true;
		}
	}
}

/*
 * Where a string continues after its closing quote: white space (and line
 * comments) with a line end in it, then a quote. 0: nowhere.
 */
static size_t continuation(const struct lexer *lexer, size_t at)
{
	bool line = false;

	for (;;) {
		char c = peek(lexer, at);

		if (c == '-' && peek(lexer, at + 1) == '-') {
			at = skip_line(lexer, at);
		} else if (is_class(lexer, at, CLASS_SPACE)) {
			line = line || c == '\n' || c == '\r';
			at++;
		} else {
			return line && c == '\'' ? at + 1 : 0;
		}
	}
}

/* The place after a string whose first byte is at; 0 if it is not closed. */
static size_t skip_string(const struct lexer *lexer, size_t at, bool escapes)
{
	while (at < lexer->length) {
		if (lexer->text[at] == '\\' && escapes) {
			at += 2;
		} else if (lexer->text[at] != '\'') {
			at++;
		} else if (peek(lexer, at + 1) == '\'') {
			at += 2;
		} else {
			size_t next = continuation(lexer, at + 1);

			if (!next)
				return at + 1;
			at = next;
		}
	}
	return 0;
}

static size_t skip_quoted(const struct lexer *lexer, size_t at)
{
	size_t start = at;

	while (at < lexer->length) {
		if (lexer->text[at] != '"')
			at++;
		else if (peek(lexer, at + 1) == '"')
			at += 2;
		else
			return at > start ? at + 1 : 0; /* "" is no name */
	}
	return 0;
}

static size_t skip_dollar_string(const struct lexer *lexer, size_t start)
{
	size_t at = start + 1;
	size_t tag;

	if (is_class(lexer, at, CLASS_START))
		while (is_class(lexer, at, CLASS_START | CLASS_DIGIT))
			at++;
	if (peek(lexer, at) != '$')
		return 0;
	tag = ++at - start;
	while (tag <= lexer->length - at) {
		const char *found =
		    memchr(lexer->text + at, '$', lexer->length - at - tag + 1);

		if (!found)
			return 0;
		at = (size_t)(found - lexer->text);
		if (!memcmp(found, lexer->text + start, tag))
			return at + tag;
		at++;
	}
	return 0;
}

static size_t skip_digits(const struct lexer *lexer, size_t at)
{
	while (is_class(lexer, at, CLASS_DIGIT))
		at++;
	return at;
}

static void read_number(const struct lexer *lexer, struct lex_token *token)
{
	size_t at = skip_digits(lexer, token->start);

	token->kind = LEX_INTEGER;
	if (peek(lexer, at) == '.' && peek(lexer, at + 1) != '.') {
		token->kind = LEX_NUMBER;
		at = skip_digits(lexer, at + 1);
	}
	if ((peek(lexer, at) | 0x20) == 'e') {
		size_t exponent = at + 1;

		if (peek(lexer, exponent) == '+' ||
		    peek(lexer, exponent) == '-')
			exponent++;
		if (is_class(lexer, exponent, CLASS_DIGIT)) {
			token->kind = LEX_NUMBER;
			at = skip_digits(lexer, exponent);
		}
	}
	token->end = at;
	if (is_class(lexer, at, CLASS_START)) /* "trailing junk" */
		token->kind = LEX_BAD;
}

static void read_operator(const struct lexer *lexer, struct lex_token *token)
{
	const char *text = lexer->text + token->start;
	size_t size = 0;
	bool special = false;

	while (is_class(lexer, token->start + size, CLASS_OPERATOR)) {
		char c = text[size];
		char next = peek(lexer, token->start + size + 1);

		if ((c == '/' && next == '*') || (c == '-' && next == '-'))
			break;
		special = special || strchr("~!@#^&|`?%", c);
		size++;
	}
	/* + and - end an operator only if it has a character that no operator
	 * of the SQL standard has. */
	while (size > 1 && !special &&
	       (text[size - 1] == '+' || text[size - 1] == '-'))
		size--;
	token->kind = LEX_OPERATOR;
	token->end = token->start + size;
	if (size == 2 && text[0] == '=' && text[1] == '>')
		token->kind = LEX_MARK;
}

static void read_mark(const struct lexer *lexer, struct lex_token *token)
{
	char c = lexer->text[token->start];
	char next = peek(lexer, token->start + 1);

	token->kind = LEX_MARK;
	token->end = token->start + 1;
	if ((c == ':' && (next == ':' || next == '=')) ||
	    (c == '.' && next == '.'))
		token->end++;
}

static void read_string(const struct lexer *lexer, struct lex_token *token,
			enum lex_kind kind, size_t prefix, bool escapes)
{
	token->end = skip_string(lexer, token->start + prefix + 1, escapes);
	token->kind = token->end ? kind : LEX_BAD;
}

static void read_word(const struct lexer *lexer, struct lex_token *token)
{
	size_t at = token->start;
	char next = peek(lexer, at + 1);

	switch (lexer->text[at] | 0x20) {
	case 'e':
		if (next == '\'') {
			read_string(lexer, token, LEX_STRING, 1, true);
			return;
		}
		break;
	case 'b':
	case 'x':
		if (next == '\'') {
			read_string(lexer, token, LEX_BITS, 1, false);
			return;
		}
		break;
	case 'n':
		if (next == '\'') {
			read_string(lexer, token, LEX_NATIONAL, 1, false);
			return;
		}
		break;
	case 'u':
		if (next == '&' && peek(lexer, at + 2) == '\'') {
			read_string(lexer, token, LEX_UNICODE, 2, false);
			return;
		}
		if (next == '&' && peek(lexer, at + 2) == '"') {
			token->end = skip_quoted(lexer, at + 3);
			token->kind = token->end ? LEX_UNICODE : LEX_BAD;
			return;
		}
		break;
	default:
		break;
	}
	while (is_class(lexer, at, CLASS_START | CLASS_DIGIT | CLASS_DOLLAR))
		at++;
	token->kind = LEX_WORD;
	token->end = at;
}

static void read_dollar(const struct lexer *lexer, struct lex_token *token)
{
	if (is_class(lexer, token->start + 1, CLASS_DIGIT)) {
		token->end = skip_digits(lexer, token->start + 1);
		token->kind = is_class(lexer, token->end, CLASS_START)
				  ? LEX_BAD
				  : LEX_PARAM;
		return;
	}
	token->end = skip_dollar_string(lexer, token->start);
	token->kind = token->end ? LEX_STRING : LEX_BAD;
}

static void read_token(const struct lexer *lexer, struct lex_token *token)
{
	char c = lexer->text[token->start];
	unsigned class = class_of(c);

	if (class == CLASS_START) {
		read_word(lexer, token);
	} else if (class == CLASS_DIGIT ||
		   (c == '.' &&
		    is_class(lexer, token->start + 1, CLASS_DIGIT))) {
		read_number(lexer, token);
	} else if (class == CLASS_OPERATOR) {
		read_operator(lexer, token);
	} else if (class == CLASS_SELF) {
		read_mark(lexer, token);
	} else if (c == '\'') {
		read_string(lexer, token, LEX_STRING, 0, false);
	} else if (c == '"') {
		token->end = skip_quoted(lexer, token->start + 1);
		token->kind = token->end ? LEX_QUOTED : LEX_BAD;
	} else if (class == CLASS_DOLLAR) {
		read_dollar(lexer, token);
	} else {
		token->kind = LEX_BAD;
	}
}

void lex_next(struct lexer *lexer, struct lex_token *token)
{
	size_t before = lexer->at;
	bool closed = skip_space(lexer);

	token->start = token->end = lexer->at;
	token->spaced = lexer->at > before;
	if (!closed) {
		token->kind = LEX_BAD;
	} else if (lexer->at == lexer->length) {
		token->kind = LEX_END;
	} else {
		read_token(lexer, token);
	}
	if (token->kind == LEX_BAD)
		token->end = token->start;
	lexer->at = token->end;
}

bool lex_is_word(const struct lexer *lexer, const struct lex_token *token,
		 const char *word)
{
	size_t size = token->end - token->start;
	const char *text = lexer->text + token->start;

	if (token->kind != LEX_WORD || strlen(word) != size)
		return false;
	for (size_t i = 0; i < size; i++)
		if ((text[i] >= 'A' && text[i] <= 'Z' ? text[i] | 0x20
						      : text[i]) != word[i])
			return false;
	return true;
}
