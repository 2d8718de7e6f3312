/*
 * What a quoted token stands for:
 *
 *	'it''s \n \_'	it's <line feed> \_
 *	`a``b`		a`b
 */
#include "adapters/mysql/lex.h"

/* The manual's table "Special Character Escape Sequences". Appends one or two
 * bytes: \% and \_ keep their backslash. */
static size_t unescape(char c, char *out)
{
	static const char from[] = "0bnrtZ";
	static const char to[] = "\0\b\n\r\t\032";
	const char *found = c ? strchr(from, c) : NULL;

	if (c == '%' || c == '_') {
		out[0] = '\\';
		out[1] = c;
		return 2;
	}
	out[0] = found ? to[found - from] : c;
	return 1;
}

char *mysql_lex_value(const struct mysql_mode *mode, const char *text,
		      const struct mysql_token *token, struct arena *arena,
		      size_t *size)
{
	const char *at = text + token->start;
	const char *end = text + token->end - 1; /* the closing quote */
	char *value = arena_alloc(arena, token->end - token->start + 1);
	bool escapes;
	size_t used = 0;
	char quote;

	while (*at != '\'' && *at != '"' && *at != '`')
		at++;
	quote = *at++;
	escapes = token->kind != MYSQL_TOKEN_QUOTED && quote != '`' &&
		  !(mode->flags & MYSQL_NO_BACKSLASH_ESCAPES);
	while (at < end) {
		size_t width = mysql_lex_character(mode, at, end);

		if (width == 1 && escapes && *at == '\\' && at + 1 < end) {
			used += unescape(at[1], value + used);
			at += 2;
			continue;
		}
		if (width == 1 && *at == quote)
			at++; /* the first of two */
		memcpy(value + used, at, width);
		used += width;
		at += width;
	}
	value[used] = 0;
	if (size)
		*size = used;
	return value;
}
