/*
 * The statements of a text:
 *
 *	SELECT ';'; -- x
 *	SET a = 1;			two
 *	SET a = 1 in a comment with a version: one, with that comment's marks
 *	CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END; SELECT 3
 *					two
 */
#include <string.h>

#include "adapters/mysql/lex.h"
#include "adapters/mysql/parse_text.h"

/* What of a statement decides whether a semicolon ends it. */
struct statement_body {
	bool begun;
	bool defines; /* CREATE, and its object is not known yet */
	bool routine; /* so BEGIN opens a body */
	bool flow;    /* IF, LOOP and the like outside a body: no end is sure */
	bool ended;   /* the token before was END */
	bool assigns; /* the token before was '=': a name follows */
	size_t depth; /* of BEGIN and CASE */
};

struct splitter {
	struct mysql_lexer lexer;
	struct mysql_token token;
	bool in_version; /* the token stands in a comment */
	struct statement_body body;
};

static bool is_word(const struct splitter *splitter, const char *word)
{
	return mysql_lex_is_word(splitter->lexer.text, &splitter->token, word);
}

static bool is_among(const struct splitter *splitter, const char *const *words)
{
	for (; *words; words++)
		if (is_word(splitter, *words))
			return true;
	return false;
}

static bool before_bracket(const struct splitter *splitter)
{
	struct mysql_lexer ahead = splitter->lexer;
	struct mysql_token next;

	mysql_lex_next(&ahead, &next);
	return mysql_lex_is_mark(ahead.text, &next, "(");
}

/* BEGIN NOT ATOMIC */
static bool is_compound(const struct splitter *splitter)
{
	struct mysql_lexer ahead = splitter->lexer;
	struct mysql_token next;

	mysql_lex_next(&ahead, &next);
	return is_word(splitter, "begin") &&
	       mysql_lex_is_word(ahead.text, &next, "not");
}

static void first_word(struct splitter *splitter)
{
	static const char *const flow[] = {"if",    "case", "loop",    "repeat",
					   "while", "for",  "declare", NULL};
	struct statement_body *body = &splitter->body;

	body->begun = true;
	body->defines = is_word(splitter, "create");
	body->routine = is_compound(splitter);
	body->flow = is_among(splitter, flow);
	body->depth = body->routine;
}

/* The object of CREATE. */
static void object(struct splitter *splitter)
{
	static const char *const routines[] = {
	    "procedure", "function", "trigger", "event", "package", NULL};
	static const char *const others[] = {
	    "table", "view",   "index",	   "database",	 "schema", "user",
	    "role",  "server", "sequence", "tablespace", NULL};
	struct statement_body *body = &splitter->body;

	if (body->assigns)
		return; /* DEFINER = event@host */
	body->routine = is_among(splitter, routines);
	if (body->routine || is_among(splitter, others))
		body->defines = false;
}

/* END IF and its like end nothing that was counted. */
static void in_routine(struct splitter *splitter)
{
	static const char *const flow[] = {"then", "loop", "repeat", "while",
					   NULL};
	struct statement_body *body = &splitter->body;
	bool ended = body->ended;

	body->ended = false;
	if (ended && is_word(splitter, "case"))
		return;
	if (ended && (is_word(splitter, "if") || is_among(splitter, flow) ||
		      is_word(splitter, "for"))) {
		body->depth++; /* its END was taken for one of a body */
		return;
	}
	if (is_word(splitter, "begin") || is_word(splitter, "case")) {
		body->depth++;
	} else if (is_word(splitter, "end")) {
		body->ended = true;
		body->depth -= body->depth > 0;
	} else if (!body->depth && is_among(splitter, flow) &&
		   !before_bracket(splitter)) {
		body->flow = true;
	}
}

static void take(struct splitter *splitter)
{
	struct statement_body *body = &splitter->body;

	if (splitter->token.kind == MYSQL_TOKEN_WORD && !body->begun)
		first_word(splitter);
	else if (splitter->token.kind == MYSQL_TOKEN_WORD && body->defines)
		object(splitter);
	else if (splitter->token.kind == MYSQL_TOKEN_WORD && body->routine)
		in_routine(splitter);
	else if (splitter->token.kind != MYSQL_TOKEN_WORD)
		body->ended = false;
	body->begun = true;
	body->assigns =
	    mysql_lex_is_mark(splitter->lexer.text, &splitter->token, "=");
}

static bool next(struct splitter *splitter)
{
	mysql_lex_next(&splitter->lexer, &splitter->token);
	splitter->in_version = splitter->lexer.in_version;
	return splitter->token.kind != MYSQL_TOKEN_END &&
	       splitter->token.kind != MYSQL_TOKEN_BAD;
}

static bool ends_statement(const struct splitter *splitter)
{
	return !splitter->in_version && !splitter->body.depth &&
	       !splitter->body.flow &&
	       mysql_lex_is_mark(splitter->lexer.text, &splitter->token, ";");
}

/* Where a piece begins whose first token is next: at the comment around it. */
static size_t piece_start(const struct splitter *splitter, size_t before)
{
	const char *text = splitter->lexer.text;
	size_t at = splitter->token.start;

	if (!splitter->in_version)
		return at;
	while (at > before && !(text[at - 1] == '/' && text[at] == '*'))
		at--;
	return at > before ? at - 1 : before;
}

/* Where it ends: behind that comment. */
static size_t piece_end(const struct splitter *splitter)
{
	const char *text = splitter->lexer.text;
	size_t at = splitter->token.end;

	if (!splitter->in_version)
		return at;
	while (splitter->lexer.length - at > 1 &&
	       (text[at] != '*' || text[at + 1] != '/'))
		at++;
	return splitter->lexer.length - at > 1 ? at + 2
					       : splitter->lexer.length;
}

static void put(struct sql_statement *places, size_t capacity, size_t *count,
		size_t start, size_t end)
{
	if (*count < capacity)
		places[*count] =
		    (struct sql_statement){.offset = (uint32_t)start,
					   .length = (uint32_t)(end - start)};
	++*count;
}

size_t mysql_split(const struct mysql_mode *mode, const char *text,
		   size_t length, struct sql_statement *places, size_t capacity)
{
	struct splitter splitter = {
	    .lexer = {.mode = mode, .text = text, .length = length}};
	size_t count = 0;
	size_t before = 0; /* the end of the semicolon before */
	size_t start = 0;
	size_t end = 0;
	bool open = false;

	while (next(&splitter)) {
		if (ends_statement(&splitter)) {
			if (open)
				put(places, capacity, &count, start, end);
			open = false;
			before = splitter.token.end;
			splitter.body = (struct statement_body){.depth = 0};
			continue;
		}
		if (!open)
			start = piece_start(&splitter, before);
		open = true;
		end = piece_end(&splitter);
		take(&splitter);
	}
	if (splitter.token.kind == MYSQL_TOKEN_BAD) { /* the rest is one */
		start = open ? start : piece_start(&splitter, before);
		end = length;
		open = end > start;
	}
	if (open)
		put(places, capacity, &count, start, end);
	return count;
}
