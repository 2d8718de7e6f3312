#include "adapters/mysql/lex_comment.h"

static unsigned char byte_at(const struct mysql_lexer *lexer, size_t at)
{
	return at < lexer->length ? (unsigned char)lexer->text[at] : 0;
}

static bool pair_at(const struct mysql_lexer *lexer, size_t at, const char *two)
{
	return byte_at(lexer, at) == (unsigned char)two[0] &&
	       byte_at(lexer, at + 1) == (unsigned char)two[1];
}

static bool is_space(unsigned char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void skip_line(struct mysql_lexer *lexer)
{
	const char *end =
	    memchr(lexer->text + lexer->at, '\n', lexer->length - lexer->at);

	lexer->at = end ? (size_t)(end - lexer->text) + 1 : lexer->length;
}

/* The place after the comment's end; 0: it has none. A comment that is left out
 * for its version may hold plain ones. */
static size_t comment_end(const struct mysql_lexer *lexer, size_t at,
			  bool nested)
{
	size_t depth = 0;

	while (at + 1 < lexer->length) {
		if (nested && !depth && pair_at(lexer, at, "/*")) {
			depth++;
			at += 2;
		} else if (!pair_at(lexer, at, "*/")) {
			at++;
		} else if (depth) {
			depth--;
			at += 2;
		} else {
			return at + 2;
		}
	}
	return 0;
}

/*
 * The number after the mark of a version: five digits, or six where the server
 * knows such versions. Fewer digits are content.
 */
static size_t version_digits(const struct mysql_lexer *lexer, size_t at,
			     unsigned *version)
{
	bool six = lexer->mode->server == MYSQL_SERVER_MARIADB ||
		   lexer->mode->version >= 80000;
	size_t most = six ? 6 : 5;
	size_t count = 0;

	*version = 0;
	while (count < most && byte_at(lexer, at + count) >= '0' &&
	       byte_at(lexer, at + count) <= '9') {
		*version = *version * 10 + byte_at(lexer, at + count) - '0';
		count++;
	}
	if (count >= 5)
		return count;
	*version = 0;
	return 0;
}

/*
 * Whether the server runs what such a comment holds. MariaDB leaves out the
 * versions in which MySQL had gone its own way: 5.7.0 to 5.9.99.
 */
static bool is_code(const struct mysql_mode *mode, bool own, unsigned version)
{
	if (version > mode->version)
		return false;
	return own || mode->server == MYSQL_SERVER_MYSQL || version < 50700 ||
	       version > 50999;
}

/* At the beginning of a comment. False: it does not end. */
static bool skip_comment(struct mysql_lexer *lexer)
{
	bool own = lexer->mode->server == MYSQL_SERVER_MARIADB &&
		   pair_at(lexer, lexer->at + 2, "M!");
	size_t mark = own ? 4 : 3;
	bool versioned = own || byte_at(lexer, lexer->at + 2) == '!';
	unsigned version = 0;
	size_t digits;
	size_t end;

	if (versioned && !lexer->in_version) {
		digits = version_digits(lexer, lexer->at + mark, &version);
		if (is_code(lexer->mode, own, version)) {
			lexer->at += mark + digits;
			lexer->in_version = true;
			return true;
		}
	}
	end = comment_end(lexer, lexer->at + 2, versioned);
	if (end)
		lexer->at = end;
	return end;
}

static bool is_hint(const struct mysql_lexer *lexer)
{
	return lexer->hint_place && lexer->mode->server == MYSQL_SERVER_MYSQL &&
	       byte_at(lexer, lexer->at + 2) == '+' &&
	       mysql_lex_hint_end(lexer);
}

size_t mysql_lex_hint_end(const struct mysql_lexer *lexer)
{
	return comment_end(lexer, lexer->at + 3, false);
}

enum mysql_blank mysql_lex_blank(struct mysql_lexer *lexer)
{
	while (lexer->at < lexer->length) {
		unsigned char c = byte_at(lexer, lexer->at);
		unsigned char third = byte_at(lexer, lexer->at + 2);

		if (is_space(c)) {
			lexer->at++;
		} else if (c == '#') {
			skip_line(lexer);
		} else if (pair_at(lexer, lexer->at, "--") &&
			   (third <= ' ' || third == 0x7F)) {
			skip_line(lexer);
		} else if (pair_at(lexer, lexer->at, "/*")) {
			if (is_hint(lexer))
				return MYSQL_BLANK_HINT;
			if (!skip_comment(lexer))
				return MYSQL_BLANK_OPEN;
		} else if (lexer->in_version &&
			   pair_at(lexer, lexer->at, "*/")) {
			lexer->at += 2;
			lexer->in_version = false;
		} else {
			return MYSQL_BLANK_DONE;
		}
	}
	return MYSQL_BLANK_DONE;
}
