#include "adapters/postgres/parse_text.h"

#include <xxhash.h>

#include "adapters/postgres/parse_hide.h"
#include "adapters/postgres/parse_lex.h"

void parse_trim(const char *text, size_t *offset, size_t *length)
{
	struct lexer lexer = {.text = text + *offset, .length = *length};
	struct lex_token token;
	size_t end = *length;

	lex_next(&lexer, &token);
	while (end > token.start && strchr(" \t\n\r\f", lexer.text[end - 1]))
		end--;
	*offset += token.start;
	*length = end - token.start;
}

/*
 * psql's rule for the body of a function in SQL: within CREATE [OR REPLACE]
 * FUNCTION or PROCEDURE, BEGIN (and CASE within it) ... END hides semicolons.
 */
struct body {
	char first[5]; /* first letters of the statement's first keywords */
	size_t count;
	size_t depth;
};

static void body_take(struct body *body, const struct lexer *lexer,
		      const struct lex_token *token)
{
	bool create = !strncmp(body->first, "cf", 2) ||
		      !strncmp(body->first, "cp", 2) ||
		      !strncmp(body->first, "corf", 4) ||
		      !strncmp(body->first, "corp", 4);

	if (body->count < 4) {
		if (lex_is_word(lexer, token, "create") ||
		    lex_is_word(lexer, token, "function") ||
		    lex_is_word(lexer, token, "procedure") ||
		    lex_is_word(lexer, token, "or") ||
		    lex_is_word(lexer, token, "replace"))
			body->first[body->count] =
			    (char)(lexer->text[token->start] | 0x20);
		body->count++;
	}
	if (!create)
		return;
	if (lex_is_word(lexer, token, "begin") ||
	    (body->depth && lex_is_word(lexer, token, "case")))
		body->depth++;
	else if (body->depth && lex_is_word(lexer, token, "end"))
		body->depth--;
}

size_t parse_split(const char *text, size_t length,
		   struct sql_statement *places, size_t capacity)
{
	struct lexer lexer = {.text = text, .length = length};
	struct lex_token token;
	struct body body = {.count = 0};
	size_t count = 0;
	size_t brackets = 0;
	size_t start = 0;
	size_t end = 0;
	bool open = false;

	do {
		bool ends;

		lex_next(&lexer, &token);
		ends = token.kind == LEX_END || token.kind == LEX_BAD ||
		       (lex_is_mark(&lexer, &token, ';') && !brackets &&
			!body.depth);
		if (token.kind == LEX_BAD) { /* the rest is one piece */
			start = open ? start : token.start;
			open = true;
			end = length;
		}
		if (ends && open) {
			if (count < capacity)
				places[count] = (struct sql_statement){
				    .offset = (uint32_t)start,
				    .length = (uint32_t)(end - start)};
			count++;
		}
		if (ends) {
			open = false;
			body = (struct body){.count = 0};
			continue;
		}
		if (!open)
			start = token.start;
		open = true;
		end = token.end;
		if (lex_is_mark(&lexer, &token, '('))
			brackets++;
		else if (lex_is_mark(&lexer, &token, ')') && brackets)
			brackets--;
		else if (token.kind == LEX_WORD && !brackets)
			body_take(&body, &lexer, &token);
	} while (token.kind != LEX_END && token.kind != LEX_BAD);
	return count;
}

/* Digits without leading zeros, compared with a limit of the same kind. */
static int compare_digits(const char *digits, size_t size, const char *limit)
{
	size_t limit_size = strlen(limit);

	while (size && *digits == '0') {
		digits++;
		size--;
	}
	if (size != limit_size)
		return size < limit_size ? -1 : 1;
	return memcmp(digits, limit, size);
}

/* False: it must stay in the text, since a minus before it changes its type. */
static bool integer_kind(const char *digits, size_t size,
			 enum sql_literal_kind *kind)
{
	int small = compare_digits(digits, size, "2147483648");
	int big = compare_digits(digits, size, "9223372036854775808");

	*kind = small < 0 ? SQL_LITERAL_INTEGER
		: big < 0 ? SQL_LITERAL_BIG
			  : SQL_LITERAL_NUMBER;
	return small != 0 && big != 0;
}

/* Whether it may be read as the clock's time ('now', 'today 10:00'). */
static bool may_be_clock(const char *text, size_t size)
{
	static const char *const words[] = {"now", "today", "tomorrow",
					    "yesterday"};

	if (size > 64)
		return false;
	for (size_t i = 0; i < size; i++)
		for (size_t j = 0; j < sizeof(words) / sizeof(*words); j++)
			if ((text[i] | 0x20) == *words[j] &&
			    strlen(words[j]) <= size - i &&
			    !strncasecmp(text + i, words[j], strlen(words[j])))
				return true;
	return false;
}

static bool literal_kind(const struct lexer *lexer,
			 const struct lex_token *token,
			 enum sql_literal_kind *kind)
{
	switch (token->kind) {
	case LEX_INTEGER:
		return integer_kind(lexer->text + token->start,
				    token->end - token->start, kind);
	case LEX_NUMBER:
		*kind = SQL_LITERAL_NUMBER;
		return true;
	case LEX_STRING:
		*kind = SQL_LITERAL_STRING;
		return !may_be_clock(lexer->text + token->start,
				     token->end - token->start);
	case LEX_BITS:
		*kind = SQL_LITERAL_BITS;
		return true;
	default:
		return false;
	}
}

static void shape_unsure(struct sql_shape *shape, const char *text,
			 size_t length)
{
	buffer_clear(&shape->key);
	buffer_append_byte(&shape->key, 'T');
	buffer_append(&shape->key, text, length);
	shape->count = 0;
	shape->unsure = true;
}

/*
 * The key is the text itself, with white space and comments cut to one blank
 * and a control byte (which stands nowhere in a text outside quotes) for each
 * literal. So whatever tells two texts apart for PostgreSQL's lexer is kept.
 */
void parse_shape(const char *text, size_t length, struct sql_shape *shape)
{
	struct lexer lexer = {.text = text, .length = length};
	struct lex_token token;

	buffer_clear(&shape->key);
	buffer_append_byte(&shape->key, 'S');
	shape->count = 0;
	shape->unsure = false;
	for (;;) {
		enum sql_literal_kind kind;

		lex_next(&lexer, &token);
		if (token.kind == LEX_END)
			return;
		if (token.kind == LEX_BAD || length > UINT32_MAX) {
			shape_unsure(shape, text, length);
			return;
		}
		if (token.spaced)
			buffer_append_byte(&shape->key, ' ');
		if (!literal_kind(&lexer, &token, &kind)) {
			buffer_append(&shape->key, text + token.start,
				      token.end - token.start);
		} else if (sql_shape_lift(shape, token.start, token.end,
					  kind)) {
			shape_unsure(shape, text, length);
			return;
		} else {
			buffer_append_byte(&shape->key, (uint8_t)(1 + kind));
		}
	}
}

/* The normalised text so far. */
struct normal {
	struct buffer *out;
	const struct lexer *lexer;
	/* where a list of values began in out, or SIZE_MAX */
	size_t list;
	size_t list_text; /* behind it */
	bool in;	  /* the list belongs to IN */
	bool tuple;	  /* ... or is a row of VALUES */
	bool plain;	  /* only placeholders and commas in it so far */
	size_t row;	  /* the row of VALUES before this one, or SIZE_MAX */
	size_t row_size;
	bool elided;		   /* "..." already follows that row */
	struct sql_normal *places; /* literals are reported there, and lists
				      kept; or NULL */
	struct arena *arena;
	size_t places_capacity;
	enum lex_kind last;
	char last_mark;
	bool last_in;
	bool last_values;
	const struct session_words *words; /* of the statement; or NULL */
	struct hide hide;
	size_t unsure; /* from here on out may be part of a value */
	bool begun;    /* its first word was seen */
	bool named;    /* its name was, or none comes */
};

/*
 * Statements of a session's own things, by their first word: what follows, but
 * for words of the grammar's own, is a name of the client's making.
 *
 *	savepoint s_139_x7		savepoint ?
 *	rollback to savepoint s_139	rollback to savepoint ?
 *	fetch 10 from "c_1"		fetch ? from ?
 */
struct session_words {
	const char *first;
	const char *others; /* " word word " */
	const char *not_of; /* after which it is another statement; or NULL */
};

static const struct session_words session_words[] = {
    {"savepoint", " ", NULL},
    {"release", " savepoint ", NULL},
    {"rollback", " work transaction to savepoint and no chain prepared ", NULL},
    {"declare", " ", NULL},
    {"fetch",
     " next prior first last absolute relative all forward backward from in ",
     NULL},
    {"move",
     " next prior first last absolute relative all forward backward from in ",
     NULL},
    {"close", " all ", NULL},
    {"prepare", " ", "transaction"},
    {"execute", " ", NULL},
    {"deallocate", " prepare all ", NULL},
};

static bool word_among(const char *words, const char *text, size_t size)
{
	for (const char *at = words; *at;) {
		size_t length = strcspn(at, " ");

		if (length == size && size && !strncasecmp(at, text, size))
			return true;
		at += length + (at[length] == ' ');
	}
	return false;
}

/* Whether the token is such a name, which is then replaced. */
static bool is_session_name(struct normal *n, const struct lex_token *token)
{
	const char *text = n->lexer->text + token->start;
	size_t size = token->end - token->start;
	bool word = token->kind == LEX_WORD;
	bool quoted = size && *text == '"';

	if (!n->begun) {
		n->begun = true;
		n->words = NULL;
		for (size_t i = 0;
		     word && i < sizeof(session_words) / sizeof(*session_words);
		     i++)
			if (strlen(session_words[i].first) == size &&
			    !strncasecmp(session_words[i].first, text, size))
				n->words = &session_words[i];
		n->named = !n->words || n->places;
		return false;
	}
	if (n->named || (!word && !quoted))
		return false;
	if (word && n->words->not_of &&
	    word_among(n->words->not_of, text, size)) {
		n->named = true;
		return false;
	}
	if (word && word_among(n->words->others, text, size))
		return false;
	n->named = true;
	return true;
}

static bool wants_blank(const struct normal *n, const struct lexer *lexer,
			const struct lex_token *token)
{
	const char *text = lexer->text + token->start;

	if (!n->out->size)
		return false;
	if (token->kind == LEX_MARK && strchr(",;).]:", *text))
		return false;
	if (n->last == LEX_MARK && strchr("(.[:", n->last_mark))
		return false;
	if (token->kind == LEX_MARK && (*text == '(' || *text == '['))
		return token->spaced || n->last != LEX_WORD;
	return true;
}

/* A '?' stands for the token. */
static void normal_value(struct normal *n, const struct lex_token *token)
{
	struct sql_normal *places = n->places;
	struct sql_value_place *place;

	if (places && places->count == n->places_capacity) {
		size_t capacity = places->count * 2 + 16;
		struct sql_value_place *more =
		    arena_array(n->arena, capacity, sizeof(*more));

		if (places->count)
			memcpy(more, places->places,
			       places->count * sizeof(*more));
		places->places = more;
		n->places_capacity = capacity;
	}
	if (places) {
		place = &places->places[places->count++];
		place->at = n->out->size;
		place->offset = (uint32_t)token->start;
		place->length = (uint32_t)(token->end - token->start);
		place->parameter = 0;
		if (token->kind == LEX_PARAM)
			place->parameter = (uint32_t)strtoul(
			    n->lexer->text + token->start + 1, NULL, 10);
	}
	buffer_append_byte(n->out, '?');
}

static void normal_append(struct normal *n, const struct lex_token *token)
{
	const char *text = n->lexer->text + token->start;
	size_t size = token->end - token->start;

	switch (token->kind) {
	case LEX_UNICODE:
		if (text[2] == '"')
			buffer_append(n->out, text, size);
		else
			normal_value(n, token);
		break;
	case LEX_INTEGER:
	case LEX_NUMBER:
	case LEX_STRING:
	case LEX_NATIONAL:
	case LEX_BITS:
	case LEX_PARAM:
		normal_value(n, token);
		break;
	case LEX_WORD:
		for (size_t i = 0; i < size; i++)
			buffer_append_byte(
			    n->out, (uint8_t)(text[i] >= 'A' && text[i] <= 'Z'
						  ? text[i] | 0x20
						  : text[i]));
		break;
	default:
		buffer_append(n->out, text, size);
		break;
	}
}

/* "(?, ?, ?)" behind IN becomes "(...)"; a row of VALUES like the one before
 * it becomes "...", once. */
static void normal_close(struct normal *n)
{
	struct buffer *out = n->out;
	size_t size = out->size - n->list;

	if (n->list == SIZE_MAX || out->failed)
		return;
	if (n->in && n->plain) {
		out->size = n->list;
		buffer_append_string(out, "(...)");
	} else if (n->tuple && n->row != SIZE_MAX && n->row_size == size &&
		   !memcmp(out->data + n->row, out->data + n->list, size)) {
		out->size = n->row + n->row_size;
		buffer_append_string(out, ", ...");
		n->elided = true;
	} else if (n->tuple) {
		n->row = n->list;
		n->row_size = size;
	}
	n->list = SIZE_MAX;
}

static void normal_take(struct normal *n, const struct lex_token *token,
			size_t *brackets)
{
	const struct lexer *lexer = n->lexer;
	bool opens = lex_is_mark(lexer, token, '(');
	bool closes = lex_is_mark(lexer, token, ')');
	bool literal = token->kind == LEX_INTEGER ||
		       token->kind == LEX_NUMBER || token->kind == LEX_STRING ||
		       token->kind == LEX_PARAM;
	const char *instead = NULL;

	if (wants_blank(n, lexer, token))
		buffer_append_byte(n->out, ' ');
	if (opens && n->list == SIZE_MAX && !n->places &&
	    (n->last_in || n->last_values ||
	     (n->row != SIZE_MAX && n->last_mark == ','))) {
		n->list = n->out->size;
		n->in = n->last_in;
		n->tuple = !n->last_in;
		n->plain = true;
		*brackets = 0;
	} else if (n->list != SIZE_MAX && !literal && !closes &&
		   !lex_is_mark(lexer, token, ',')) {
		n->plain = false;
	}
	if (lex_is_mark(lexer, token, ';'))
		n->begun = false;
	else if (is_session_name(n, token))
		instead = "?";
	if (!n->places && !instead)
		instead = hide_token(&n->hide, token);
	if (instead)
		buffer_append_string(n->out, instead);
	else
		normal_append(n, token);
	if (hide_unsure(lexer, token) && n->out->size < n->unsure)
		n->unsure = n->out->size;
	if (opens)
		++*brackets;
	if (closes && n->list != SIZE_MAX && !--*brackets)
		normal_close(n);
	else if (n->list == SIZE_MAX && !lex_is_mark(lexer, token, ','))
		n->row = SIZE_MAX; /* the rows of VALUES are over */
	n->last = token->kind;
	n->last_mark = token->kind == LEX_MARK ? lexer->text[token->start] : 0;
	n->last_in = lex_is_word(lexer, token, "in");
	n->last_values = lex_is_word(lexer, token, "values");
}

/* False: the text cannot be lexed to its end. */
static bool normal_run(struct normal *n, struct lexer *lexer)
{
	struct lex_token token;
	size_t brackets = 0;

	for (;;) {
		lex_next(lexer, &token);
		if (token.kind == LEX_END)
			return true;
		if (token.kind == LEX_BAD)
			return false;
		if (lex_is_mark(lexer, &token, ';')) {
			struct lexer rest = *lexer;
			struct lex_token next;

			lex_next(&rest, &next);
			if (next.kind == LEX_END)
				return true;
		}
		normal_take(n, &token, &brackets);
	}
}

/* The normalised text. Names of which known (or NULL) knows nothing are hidden.
 */
static void normal_text(const char *text, size_t length,
			const struct sql_known *known, bool shown,
			struct buffer *out)
{
	struct lexer lexer = {.text = text, .length = length};
	struct normal n = {.lexer = &lexer,
			   .out = out,
			   .list = SIZE_MAX,
			   .row = SIZE_MAX,
			   .unsure = SIZE_MAX,
			   .hide = {.lexer = &lexer, .known = known}};
	bool lexes = normal_run(&n, &lexer);

	/* An unreadable text may contain values, so it is not shown. */
	if (shown && n.unsure < out->size)
		out->size = n.unsure;
	else if (lexes)
		return;
	buffer_append_string(out, " <unreadable>");
}

uint64_t parse_fingerprint(const char *text, size_t length,
			   const struct sql_known *known, struct buffer *out)
{
	struct buffer own;
	uint64_t hash;

	buffer_init(&own, 0);
	normal_text(text, length, NULL, false, &own);
	hash = XXH3_64bits(own.data ? own.data : (uint8_t *)"", own.size);
	buffer_clear(&own);
	if (out) {
		normal_text(text, length, known, true, &own);
		buffer_append(out, own.data, own.size);
	}
	buffer_release(&own);
	return hash;
}

bool parse_normalise(const char *text, size_t length, struct arena *arena,
		     struct sql_normal *normal)
{
	struct lexer lexer = {.text = text, .length = length};
	struct buffer own;
	struct normal n = {.lexer = &lexer,
			   .out = &own,
			   .list = SIZE_MAX,
			   .row = SIZE_MAX,
			   .unsure = SIZE_MAX,
			   .places = normal,
			   .arena = arena};
	bool lexes;

	*normal = (struct sql_normal){.text = ""};
	if (length > PARSER_LENGTH_LIMIT)
		return false;
	buffer_init(&own, 4 * PARSER_LENGTH_LIMIT);
	lexes = normal_run(&n, &lexer) && !own.failed;
	if (lexes) {
		normal->text = arena_copy(arena, buffer_string(&own), own.size);
		normal->size = own.size;
	}
	buffer_release(&own);
	return lexes;
}
