#include "adapters/mysql/lex.h"

#include <strings.h>

#include "adapters/mysql/lex_comment.h"

static unsigned char byte_at(const struct mysql_lexer *lexer, size_t at)
{
	return at < lexer->length ? (unsigned char)lexer->text[at] : 0;
}

static bool is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static bool is_hex(unsigned char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

static bool is_name_byte(unsigned char c)
{
	return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
	       c == '_' || c == '$' || c >= 0x80;
}

static bool between(unsigned char c, unsigned low, unsigned high)
{
	return c >= low && c <= high;
}

/* The bytes of a character, by its first ones (the encodings' own tables). */
static size_t wide(enum mysql_charset charset, const unsigned char *c,
		   size_t left)
{
	if (left < 2)
		return 1;
	switch (charset) {
	case MYSQL_CHARSET_SJIS:
		return (between(c[0], 0x81, 0x9F) ||
			between(c[0], 0xE0, 0xFC)) &&
			       (between(c[1], 0x40, 0x7E) ||
				between(c[1], 0x80, 0xFC))
			   ? 2
			   : 1;
	case MYSQL_CHARSET_GBK:
		return between(c[0], 0x81, 0xFE) &&
			       (between(c[1], 0x40, 0x7E) ||
				between(c[1], 0x80, 0xFE))
			   ? 2
			   : 1;
	case MYSQL_CHARSET_BIG5:
		return between(c[0], 0xA1, 0xF9) &&
			       (between(c[1], 0x40, 0x7E) ||
				between(c[1], 0xA1, 0xFE))
			   ? 2
			   : 1;
	case MYSQL_CHARSET_GB18030:
		if (!between(c[0], 0x81, 0xFE))
			return 1;
		if (between(c[1], 0x40, 0x7E) || between(c[1], 0x80, 0xFE))
			return 2;
		return left >= 4 && between(c[1], 0x30, 0x39) &&
			       between(c[2], 0x81, 0xFE) &&
			       between(c[3], 0x30, 0x39)
			   ? 4
			   : 1;
	default:
		return 1;
	}
}

size_t mysql_lex_character(const struct mysql_mode *mode, const char *text,
			   const char *end)
{
	return wide(mode->charset, (const unsigned char *)text,
		    (size_t)(end - text));
}

static size_t character(const struct mysql_lexer *lexer, size_t at)
{
	return mysql_lex_character(lexer->mode, lexer->text + at,
				   lexer->text + lexer->length);
}

static size_t name_end(const struct mysql_lexer *lexer, size_t at)
{
	while (is_name_byte(byte_at(lexer, at)) && at < lexer->length)
		at += character(lexer, at);
	return at;
}

static size_t digits_end(const struct mysql_lexer *lexer, size_t at)
{
	while (is_digit(byte_at(lexer, at)))
		at++;
	return at;
}

/* The place after the closing quote; 0: there is none. */
static size_t quoted_end(const struct mysql_lexer *lexer, size_t at,
			 bool escapes)
{
	char quote = lexer->text[at++];

	while (at < lexer->length) {
		size_t size = character(lexer, at);

		if (size > 1) {
			at += size;
		} else if (escapes && lexer->text[at] == '\\') {
			at += 2;
		} else if (lexer->text[at] != quote) {
			at++;
		} else if (byte_at(lexer, at + 1) != (unsigned char)quote ||
			   at + 1 >= lexer->length) {
			return at + 1;
		} else {
			at += 2;
		}
	}
	return 0;
}

static void set(struct mysql_token *token, enum mysql_token_kind kind,
		size_t end)
{
	token->kind = kind;
	token->end = end;
}

static void take_quoted(const struct mysql_lexer *lexer,
			struct mysql_token *token, size_t quote_at,
			enum mysql_token_kind kind)
{
	bool escapes = kind != MYSQL_TOKEN_QUOTED &&
		       !(lexer->mode->flags & MYSQL_NO_BACKSLASH_ESCAPES);
	size_t end = quoted_end(lexer, quote_at, escapes);

	set(token, end ? kind : MYSQL_TOKEN_BAD, end ? end : lexer->length);
}

/* x'4D', b'01': the digits between quotes. An odd number of hexadecimal ones is
 * refused. */
static void take_bits(const struct mysql_lexer *lexer,
		      struct mysql_token *token)
{
	bool hex = (byte_at(lexer, token->start) | 0x20) == 'x';
	size_t first = token->start + 2;
	size_t at = first;

	while (hex ? is_hex(byte_at(lexer, at))
		   : byte_at(lexer, at) == '0' || byte_at(lexer, at) == '1')
		at++;
	if (byte_at(lexer, at) != '\'' || (hex && (at - first) % 2))
		set(token, MYSQL_TOKEN_BAD, lexer->length);
	else
		set(token,
		    hex ? MYSQL_TOKEN_HEX_STRING : MYSQL_TOKEN_BIT_STRING,
		    at + 1);
}

static void take_word(const struct mysql_lexer *lexer,
		      struct mysql_token *token)
{
	set(token, MYSQL_TOKEN_WORD, name_end(lexer, token->start));
	/* A character of which only the first byte is here. */
	if (token->end > lexer->length)
		token->end = lexer->length;
}

/* 0x4D, 0b01; false: not one of them (0xyz and 0x are names). */
static bool take_prefixed(const struct mysql_lexer *lexer,
			  struct mysql_token *token)
{
	bool hex = byte_at(lexer, token->start + 1) == 'x';
	size_t at = token->start + 2;

	if (byte_at(lexer, token->start) != '0' ||
	    (!hex && byte_at(lexer, token->start + 1) != 'b'))
		return false;
	while (hex ? is_hex(byte_at(lexer, at))
		   : byte_at(lexer, at) == '0' || byte_at(lexer, at) == '1')
		at++;
	if (at == token->start + 2 || is_name_byte(byte_at(lexer, at)))
		return false;
	set(token, hex ? MYSQL_TOKEN_HEX : MYSQL_TOKEN_BITS, at);
	return true;
}

/* The place after an exponent, or the same if there is none. */
static size_t exponent_end(const struct mysql_lexer *lexer, size_t at)
{
	size_t digits = at + 1;

	if ((byte_at(lexer, at) | 0x20) != 'e')
		return at;
	if (byte_at(lexer, digits) == '+' || byte_at(lexer, digits) == '-')
		digits++;
	return is_digit(byte_at(lexer, digits)) ? digits_end(lexer, digits)
						: at;
}

/* Begins with a digit, or with a point before a digit: 1, 1.5, .5e3; 1st is a
 * name. */
static void take_number(const struct mysql_lexer *lexer,
			struct mysql_token *token)
{
	size_t at = digits_end(lexer, token->start);
	bool point = byte_at(lexer, at) == '.';
	size_t end;

	if (take_prefixed(lexer, token))
		return;
	if (point)
		at = digits_end(lexer, at + 1);
	end = exponent_end(lexer, at);
	if (end > at)
		set(token, MYSQL_TOKEN_FLOAT, end);
	else if (point)
		set(token, MYSQL_TOKEN_DECIMAL, at);
	else if (is_name_byte(byte_at(lexer, at)))
		take_word(lexer, token);
	else
		set(token, MYSQL_TOKEN_INTEGER, at);
}

static bool is_quote(unsigned char c)
{
	return c == '\'' || c == '"' || c == '`';
}

/* @name, @'name', @@; @ alone is the name of an account's host before it. */
static void take_at(const struct mysql_lexer *lexer, struct mysql_token *token)
{
	size_t at = token->start + 1;
	unsigned char c = byte_at(lexer, at);

	if (c == '@') {
		set(token, MYSQL_TOKEN_MARK, at + 1);
	} else if (is_quote(c)) {
		take_quoted(lexer, token, at,
			    c == '`' ? MYSQL_TOKEN_QUOTED : MYSQL_TOKEN_STRING);
		if (token->kind != MYSQL_TOKEN_BAD)
			token->kind = MYSQL_TOKEN_VARIABLE;
	} else {
		while (is_name_byte(byte_at(lexer, at)) ||
		       byte_at(lexer, at) == '.')
			at += byte_at(lexer, at) == '.' ? 1
							: character(lexer, at);
		set(token,
		    at > token->start + 1 ? MYSQL_TOKEN_VARIABLE
					  : MYSQL_TOKEN_MARK,
		    at);
	}
}

static void take_mark(const struct mysql_lexer *lexer,
		      struct mysql_token *token)
{
	static const char *const marks[] = {"<=>", "->>", "<<", ">>",
					    "<=",  ">=",  "<>", "!=",
					    "||",  "&&",  ":=", "->"};
	size_t left = lexer->length - token->start;

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		size_t size = strlen(marks[i]);

		if (size <= left &&
		    !memcmp(lexer->text + token->start, marks[i], size)) {
			set(token, MYSQL_TOKEN_MARK, token->start + size);
			return;
		}
	}
	if (byte_at(lexer, token->start) &&
	    strchr("+-*/%^&|~!=<>(),.;:{}[]", byte_at(lexer, token->start)))
		set(token, MYSQL_TOKEN_MARK, token->start + 1);
	else
		set(token, MYSQL_TOKEN_BAD, lexer->length);
}

/* A letter before a quote: x'4D', b'01', n'text'. */
static bool take_lettered(const struct mysql_lexer *lexer,
			  struct mysql_token *token)
{
	unsigned char letter = byte_at(lexer, token->start) | 0x20;

	if (byte_at(lexer, token->start + 1) != '\'' || lexer->after_dot)
		return false;
	if (letter == 'x' || letter == 'b')
		take_bits(lexer, token);
	else if (letter == 'n')
		take_quoted(lexer, token, token->start + 1,
			    MYSQL_TOKEN_NATIONAL);
	else
		return false;
	return true;
}

static void take(const struct mysql_lexer *lexer, struct mysql_token *token)
{
	unsigned char c = byte_at(lexer, token->start);
	bool ansi = lexer->mode->flags & MYSQL_ANSI_QUOTES;
	bool point = c == '.' && !lexer->after_name &&
		     is_digit(byte_at(lexer, token->start + 1));

	if (c == '`' || (c == '"' && ansi))
		take_quoted(lexer, token, token->start, MYSQL_TOKEN_QUOTED);
	else if (c == '\'' || c == '"')
		take_quoted(lexer, token, token->start, MYSQL_TOKEN_STRING);
	else if (take_lettered(lexer, token))
		return;
	else if (point || (is_digit(c) && !lexer->after_dot))
		take_number(lexer, token);
	else if (is_name_byte(c))
		take_word(lexer, token);
	else if (c == '@')
		take_at(lexer, token);
	else if (c == '?')
		set(token, MYSQL_TOKEN_PARAMETER, token->start + 1);
	else
		take_mark(lexer, token);
}

static bool begins_hint(const char *text, const struct mysql_token *token)
{
	static const char *const words[] = {"select", "insert", "replace",
					    "update", "delete"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mysql_lex_is_word(text, token, words[i]))
			return true;
	return false;
}

void mysql_lex_next(struct mysql_lexer *lexer, struct mysql_token *token)
{
	size_t before = lexer->at;
	enum mysql_blank blank = mysql_lex_blank(lexer);

	token->start = lexer->at;
	token->spaced = lexer->at > before;
	if (token->spaced)
		lexer->after_dot = lexer->after_name = false;
	if (blank == MYSQL_BLANK_OPEN)
		set(token, MYSQL_TOKEN_BAD, lexer->length);
	else if (blank == MYSQL_BLANK_HINT)
		set(token, MYSQL_TOKEN_HINT, mysql_lex_hint_end(lexer));
	else if (lexer->at >= lexer->length)
		set(token,
		    lexer->in_version ? MYSQL_TOKEN_BAD : MYSQL_TOKEN_END,
		    lexer->length);
	else
		take(lexer, token);
	if (token->kind == MYSQL_TOKEN_BAD) {
		token->end = lexer->length;
		return; /* from here again, forever */
	}
	lexer->at = token->end;
	lexer->after_dot = mysql_lex_is_mark(lexer->text, token, ".");
	lexer->after_name = token->kind == MYSQL_TOKEN_WORD ||
			    token->kind == MYSQL_TOKEN_QUOTED;
	lexer->hint_place = begins_hint(lexer->text, token);
}

bool mysql_lex_is_word(const char *text, const struct mysql_token *token,
		       const char *word)
{
	size_t size = token->end - token->start;

	return token->kind == MYSQL_TOKEN_WORD && strlen(word) == size &&
	       !strncasecmp(text + token->start, word, size);
}

bool mysql_lex_is_mark(const char *text, const struct mysql_token *token,
		       const char *mark)
{
	size_t size = token->end - token->start;

	return token->kind == MYSQL_TOKEN_MARK && strlen(mark) == size &&
	       !memcmp(text + token->start, mark, size);
}
