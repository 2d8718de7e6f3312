/*
 * The shape of a text: its tokens as they stand, white space cut to one blank,
 * and a control byte for each literal.
 *
 *	SELECT a+1 FROM t WHERE b = 2	SELECT a+1 FROM t WHERE b = <1>
 *
 * A literal stays where the parser looks at its text: in the items of SELECT
 * and RETURNING, which are named by their text; next to another string, which
 * continues it; behind an introducer or DATE. So does a string with a NUL,
 * which the tree has as no constant, and a number of bits, which is no decimal.
 */
#include <string.h>

#include "adapters/mysql/lex.h"
#include "adapters/mysql/parse_text.h"

enum { DEPTH_LIMIT = 256 }; /* of brackets; within more nothing is lifted */

struct shaper {
	struct mysql_lexer lexer;
	struct mysql_token token;
	struct mysql_token last;
	struct sql_shape *shape;
	size_t depth;
	bool items[DEPTH_LIMIT]; /* at each depth: in a list of items */
};

/* ---- lists of items ---- */

static bool is_word(const struct shaper *shaper, const char *word)
{
	return mysql_lex_is_word(shaper->lexer.text, &shaper->token, word);
}

static bool is_mark(const struct shaper *shaper, const char *mark)
{
	return mysql_lex_is_mark(shaper->lexer.text, &shaper->token, mark);
}

/* Brackets within an item are part of it, whatever they hold. */
static bool in_items(const struct shaper *shaper)
{
	if (shaper->depth >= DEPTH_LIMIT)
		return true;
	for (size_t i = 0; i <= shaper->depth; i++)
		if (shaper->items[i])
			return true;
	return false;
}

static void follow_items(struct shaper *shaper)
{
	static const char *const ends[] = {
	    "from",  "into",  "where",	"union", "except", "intersect",
	    "limit", "order", "having", "group", "for",	   "procedure"};

	if (is_mark(shaper, "("))
		shaper->depth++;
	else if (is_mark(shaper, ")") && shaper->depth)
		shaper->depth--;
	if (shaper->depth >= DEPTH_LIMIT)
		return;
	if (is_mark(shaper, "(") || is_mark(shaper, ";"))
		shaper->items[shaper->depth] = false;
	if (is_word(shaper, "select") || is_word(shaper, "returning"))
		shaper->items[shaper->depth] = true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (is_word(shaper, ends[i]))
			shaper->items[shaper->depth] = false;
}

/* ---- literals ---- */

static bool is_string(const struct mysql_token *token)
{
	return token->kind == MYSQL_TOKEN_STRING ||
	       token->kind == MYSQL_TOKEN_NATIONAL;
}

/* Whether the word before it says what the literal is. */
static bool is_told(const struct shaper *shaper)
{
	static const char *const words[] = {"date",   "time",	   "timestamp",
					    "d",      "t",	   "ts",
					    "escape", "separator", "infile"};
	const char *text = shaper->lexer.text;

	if (shaper->last.kind != MYSQL_TOKEN_WORD)
		return false;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (mysql_lex_is_word(text, &shaper->last, words[i]))
			return true;
	return text[shaper->last.start] == '_';
}

static bool continues(const struct shaper *shaper)
{
	struct mysql_lexer ahead = shaper->lexer;
	struct mysql_token next;

	mysql_lex_next(&ahead, &next);
	return is_string(&shaper->last) || is_string(&next);
}

static bool holds_nul(const struct shaper *shaper)
{
	const char *text = shaper->lexer.text + shaper->token.start;
	size_t size = shaper->token.end - shaper->token.start;

	for (size_t i = 0; i < size; i++)
		if (!text[i] ||
		    (text[i] == '\\' && i + 1 < size && text[i + 1] == '0'))
			return true;
	return false;
}

static enum sql_literal_kind integer_kind(const char *digits, size_t size)
{
	static const char limit[] = "2147483647";

	while (size > 1 && *digits == '0') {
		digits++;
		size--;
	}
	if (size < sizeof(limit) - 1 ||
	    (size == sizeof(limit) - 1 && memcmp(digits, limit, size) <= 0))
		return SQL_LITERAL_INTEGER;
	return size < 19 ? SQL_LITERAL_BIG : SQL_LITERAL_NUMBER;
}

static bool literal_kind(const struct shaper *shaper,
			 enum sql_literal_kind *kind)
{
	const struct mysql_token *token = &shaper->token;

	if (in_items(shaper) || is_told(shaper))
		return false;
	switch (token->kind) {
	case MYSQL_TOKEN_INTEGER:
		*kind = integer_kind(shaper->lexer.text + token->start,
				     token->end - token->start);
		return true;
	case MYSQL_TOKEN_DECIMAL:
	case MYSQL_TOKEN_FLOAT:
		*kind = SQL_LITERAL_NUMBER;
		return true;
	case MYSQL_TOKEN_STRING:
		*kind = SQL_LITERAL_STRING;
		return !continues(shaper) && !holds_nul(shaper);
	case MYSQL_TOKEN_HEX_STRING:
	case MYSQL_TOKEN_BIT_STRING:
		*kind = SQL_LITERAL_BITS;
		return true;
	default:
		return false;
	}
}

/* ---- the key ---- */

static void begin_key(const struct mysql_mode *mode, struct sql_shape *shape)
{
	buffer_clear(&shape->key);
	buffer_append_byte(&shape->key, 'S');
	buffer_append_byte(&shape->key, (uint8_t)mode->flags);
	buffer_append_byte(&shape->key, (uint8_t)mode->charset);
	buffer_append_byte(&shape->key, (uint8_t)mode->server);
	buffer_append(&shape->key, &mode->version, sizeof(mode->version));
	shape->count = 0;
	shape->unsure = false;
}

static void unsure(const struct mysql_mode *mode, const char *text,
		   size_t length, struct sql_shape *shape)
{
	begin_key(mode, shape);
	*shape->key.data = 'T';
	buffer_append(&shape->key, text, length);
	shape->unsure = true;
}

/* -1: memory ran out. */
static int take(struct shaper *shaper)
{
	const struct mysql_token *token = &shaper->token;
	enum sql_literal_kind kind;

	if (token->spaced)
		buffer_append_byte(&shaper->shape->key, ' ');
	follow_items(shaper);
	if (literal_kind(shaper, &kind)) {
		buffer_append_byte(&shaper->shape->key, (uint8_t)(1 + kind));
		return sql_shape_lift(shaper->shape, token->start, token->end,
				      kind);
	}
	buffer_append(&shaper->shape->key, shaper->lexer.text + token->start,
		      token->end - token->start);
	return 0;
}

void mysql_shape(const struct mysql_mode *mode, const char *text, size_t length,
		 struct sql_shape *shape)
{
	struct shaper shaper = {
	    .lexer = {.mode = mode, .text = text, .length = length},
	    .shape = shape};

	begin_key(mode, shape);
	for (;;) {
		mysql_lex_next(&shaper.lexer, &shaper.token);
		if (shaper.token.kind == MYSQL_TOKEN_END)
			return;
		if (shaper.token.kind == MYSQL_TOKEN_BAD ||
		    length > UINT32_MAX || take(&shaper)) {
			unsure(mode, text, length, shape);
			return;
		}
		shaper.last = shaper.token;
	}
}
