/*
 * The normalised text, and its hash:
 *
 *	SELECT a FROM `T` WHERE b IN (1, 'x')	select a from `T` where b in (...)
 *	INSERT INTO t VALUES (1), (2)		insert into t values (?), ...
 *	SET sql_mode = ANSI			set sql_mode = ?
 *	SAVEPOINT s_17				savepoint ?
 */
#include <string.h>
#include <xxhash.h>

#include "adapters/mysql/lex.h"
#include "adapters/mysql/parse_text.h"

enum { NAME_SIZE = 256 };

struct normaliser {
	struct mysql_lexer lexer;
	struct mysql_token token;
	struct mysql_token last;
	struct buffer *out;
	const struct sql_known *known; /* or NULL: all names are shown */
	struct sql_normal *places;     /* or NULL; then lists are cut */
	struct arena *arena;
	size_t places_capacity;
	size_t words;	 /* of the statement, so far */
	bool sets;	 /* it is SET */
	bool leads;	 /* a word may come that a name follows */
	bool names_next; /* a name of the client's making follows */
	size_t list;	 /* where a list began in out, or SIZE_MAX */
	size_t depth;	 /* of brackets in it */
	bool in;	 /* it belongs to IN, else it is a row of VALUES */
	bool plain;	 /* only values and commas in it so far */
	size_t row;	 /* the row before this one, or SIZE_MAX */
	size_t row_size;
};

static bool is_word(const struct normaliser *n, const struct mysql_token *token,
		    const char *word)
{
	return mysql_lex_is_word(n->lexer.text, token, word);
}

static bool is_mark(const struct normaliser *n, const struct mysql_token *token,
		    const char *mark)
{
	return mysql_lex_is_mark(n->lexer.text, token, mark);
}

static bool is_value(const struct mysql_token *token)
{
	switch (token->kind) {
	case MYSQL_TOKEN_STRING:
	case MYSQL_TOKEN_NATIONAL:
	case MYSQL_TOKEN_INTEGER:
	case MYSQL_TOKEN_DECIMAL:
	case MYSQL_TOKEN_FLOAT:
	case MYSQL_TOKEN_HEX:
	case MYSQL_TOKEN_BITS:
	case MYSQL_TOKEN_HEX_STRING:
	case MYSQL_TOKEN_BIT_STRING:
	case MYSQL_TOKEN_PARAMETER:
		return true;
	default:
		return false;
	}
}

/* ---- names ---- */

static bool is_among(const struct normaliser *n, const char *const *words)
{
	for (; *words; words++)
		if (is_word(n, &n->token, *words))
			return true;
	return false;
}

/*
 * Whether a name of the client's making follows the word:
 *
 *	SAVEPOINT s, PREPARE s FROM, EXECUTE s
 *	ROLLBACK TO [SAVEPOINT] s, RELEASE SAVEPOINT s, DROP PREPARE s
 */
static bool names_something(struct normaliser *n)
{
	static const char *const at_once[] = {"savepoint", "prepare", "execute",
					      NULL};
	static const char *const later[] = {"rollback", "release", "deallocate",
					    "drop", NULL};
	static const char *const leading[] = {"to", "savepoint", "prepare",
					      NULL};

	if (n->words > 1)
		return n->leads && is_among(n, leading);
	n->leads = is_among(n, later);
	return is_among(n, at_once);
}

/* Whether the token is such a name. */
static bool is_own_name(const struct normaliser *n)
{
	return n->names_next && !is_word(n, &n->token, "savepoint") &&
	       !is_word(n, &n->token, "immediate");
}

/* Whether a word or name is the value of a setting. */
static bool is_set_value(const struct normaliser *n)
{
	const struct mysql_token *last = &n->last;

	return n->sets && !is_word(n, &n->token, "default") &&
	       (is_mark(n, last, "=") || is_mark(n, last, ":=") ||
		is_word(n, last, "names") || is_word(n, last, "charset") ||
		is_word(n, last, "collate") || is_word(n, last, "role"));
}

static bool is_unknown(const struct normaliser *n)
{
	const char *text = n->lexer.text + n->token.start + 1;
	size_t size = n->token.end - n->token.start - 2;
	char name[NAME_SIZE];

	if (!n->known)
		return false;
	if (size >= sizeof(name) || memchr(text, '`', size))
		return true;
	memcpy(name, text, size);
	name[size] = 0;
	return !n->known->knows(n->known->context, name);
}

/* ---- values ---- */

static void add_place(struct normaliser *n)
{
	struct sql_normal *places = n->places;

	if (places->count == n->places_capacity) {
		size_t capacity = places->count * 2 + 16;
		struct sql_value_place *more =
		    arena_array(n->arena, capacity, sizeof(*more));

		if (places->count)
			memcpy(more, places->places,
			       places->count * sizeof(*more));
		places->places = more;
		n->places_capacity = capacity;
	}
	places->places[places->count++] = (struct sql_value_place){
	    .at = n->out->size,
	    .offset = (uint32_t)n->token.start,
	    .length = (uint32_t)(n->token.end - n->token.start)};
}

/* A string that continues the one before. */
static bool continues(struct normaliser *n)
{
	struct sql_normal *places = n->places;
	struct sql_value_place *place;

	if (n->token.kind != MYSQL_TOKEN_STRING ||
	    (n->last.kind != MYSQL_TOKEN_STRING &&
	     n->last.kind != MYSQL_TOKEN_NATIONAL))
		return false;
	if (places && places->count) {
		place = &places->places[places->count - 1];
		place->length = (uint32_t)(n->token.end - place->offset);
	}
	return true;
}

static void append_value(struct normaliser *n, uint32_t *parameters)
{
	if (n->places) {
		add_place(n);
		if (n->token.kind == MYSQL_TOKEN_PARAMETER)
			n->places->places[n->places->count - 1].parameter =
			    ++*parameters;
	}
	buffer_append_byte(n->out, '?');
}

static void append_lower(struct normaliser *n)
{
	const char *text = n->lexer.text;

	for (size_t i = n->token.start; i < n->token.end; i++)
		buffer_append_byte(n->out,
				   (uint8_t)(text[i] >= 'A' && text[i] <= 'Z'
						 ? text[i] | 0x20
						 : text[i]));
}

static void append(struct normaliser *n, uint32_t *parameters)
{
	const struct mysql_token *token = &n->token;
	bool name = token->kind == MYSQL_TOKEN_WORD ||
		    token->kind == MYSQL_TOKEN_QUOTED;

	if (is_value(token))
		append_value(n, parameters);
	else if (!n->places && name && (is_own_name(n) || is_set_value(n)))
		buffer_append_byte(n->out, '?');
	else if (!n->places && token->kind == MYSQL_TOKEN_HINT)
		buffer_append_string(n->out, "/*+ ? */");
	else if (!n->places && token->kind == MYSQL_TOKEN_QUOTED &&
		 is_unknown(n))
		buffer_append_string(n->out, "`?`");
	else if (token->kind == MYSQL_TOKEN_WORD)
		append_lower(n);
	else
		buffer_append(n->out, n->lexer.text + token->start,
			      token->end - token->start);
}

/* ---- lists ---- */

static void open_list(struct normaliser *n)
{
	bool in = is_word(n, &n->last, "in");
	bool row = is_word(n, &n->last, "values") ||
		   is_word(n, &n->last, "value") ||
		   (n->row != SIZE_MAX && is_mark(n, &n->last, ","));

	if (n->places || n->list != SIZE_MAX || (!in && !row))
		return;
	n->list = n->out->size;
	n->depth = 0;
	n->in = in;
	n->plain = true;
}

static void close_list(struct normaliser *n)
{
	struct buffer *out = n->out;
	size_t size = out->size - n->list;

	if (n->in && n->plain) {
		out->size = n->list;
		buffer_append_string(out, "(...)");
	} else if (!n->in && n->row != SIZE_MAX && n->row_size == size &&
		   !memcmp(out->data + n->row, out->data + n->list, size)) {
		out->size = n->row + n->row_size;
		buffer_append_string(out, ", ...");
	} else if (!n->in) {
		n->row = n->list;
		n->row_size = size;
	}
	n->list = SIZE_MAX;
}

static void follow_list(struct normaliser *n)
{
	bool comma = is_mark(n, &n->token, ",");

	if (is_mark(n, &n->token, "("))
		n->depth++;
	if (n->list == SIZE_MAX) {
		if (!comma)
			n->row = SIZE_MAX; /* the rows are over */
	} else if (is_mark(n, &n->token, ")")) {
		if (!--n->depth && !n->out->failed)
			close_list(n);
	} else if (!comma && !is_value(&n->token) &&
		   !(is_mark(n, &n->token, "(") && n->depth == 1)) {
		n->plain = false;
	}
}

/* ---- the text ---- */

static bool wants_blank(const struct normaliser *n)
{
	static const char *const before[] = {",", ";", ")", "."};
	static const char *const behind[] = {"(", ".", "@@"};

	if (!n->out->size)
		return false;
	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++)
		if (is_mark(n, &n->token, before[i]))
			return false;
	for (size_t i = 0; i < sizeof(behind) / sizeof(*behind); i++)
		if (is_mark(n, &n->last, behind[i]))
			return false;
	if (is_mark(n, &n->token, "("))
		return n->token.spaced || n->last.kind != MYSQL_TOKEN_WORD;
	return true;
}

static void follow_statement(struct normaliser *n)
{
	if (is_mark(n, &n->token, ";")) {
		n->words = 0;
		n->sets = n->names_next = false;
		return;
	}
	if (n->token.kind != MYSQL_TOKEN_WORD &&
	    n->token.kind != MYSQL_TOKEN_QUOTED) {
		n->names_next = false;
		return;
	}
	n->words++;
	if (n->words == 1)
		n->sets = is_word(n, &n->token, "set");
	n->names_next = names_something(n);
}

static void take(struct normaliser *n, uint32_t *parameters)
{
	if (!continues(n)) {
		if (wants_blank(n))
			buffer_append_byte(n->out, ' ');
		if (is_mark(n, &n->token, "("))
			open_list(n);
		append(n, parameters);
		follow_list(n);
		follow_statement(n);
	}
	n->last = n->token;
}

static bool is_last(const struct normaliser *n)
{
	struct mysql_lexer ahead = n->lexer;
	struct mysql_token next;

	mysql_lex_next(&ahead, &next);
	return next.kind == MYSQL_TOKEN_END;
}

/* False: the text cannot be lexed to its end. */
static bool run(struct normaliser *n)
{
	uint32_t parameters = 0;

	n->list = n->row = SIZE_MAX;
	for (;;) {
		mysql_lex_next(&n->lexer, &n->token);
		if (n->token.kind == MYSQL_TOKEN_END)
			return true;
		if (n->token.kind == MYSQL_TOKEN_BAD)
			return false;
		if (is_mark(n, &n->token, ";") && is_last(n))
			return true;
		take(n, &parameters);
	}
}

static void write_text(const struct mysql_mode *mode, const char *text,
		       size_t length, const struct sql_known *known,
		       struct buffer *out)
{
	struct normaliser n = {
	    .lexer = {.mode = mode, .text = text, .length = length},
	    .out = out,
	    .known = known};

	/* What is not read may be the rest of a value: it is not shown. */
	if (!run(&n))
		buffer_append_string(out, " <unreadable>");
}

uint64_t mysql_fingerprint(const struct mysql_mode *mode, const char *text,
			   size_t length, const struct sql_known *known,
			   struct buffer *out)
{
	struct buffer own;
	uint64_t hash;

	buffer_init(&own, 0);
	write_text(mode, text, length, NULL, &own);
	hash = XXH3_64bits(own.data ? own.data : (uint8_t *)"", own.size);
	buffer_clear(&own);
	if (out) {
		write_text(mode, text, length, known, &own);
		buffer_append(out, own.data, own.size);
	}
	buffer_release(&own);
	return hash;
}

bool mysql_normalise(const struct mysql_mode *mode, const char *text,
		     size_t length, struct arena *arena,
		     struct sql_normal *normal)
{
	struct buffer own;
	struct normaliser n = {
	    .lexer = {.mode = mode, .text = text, .length = length},
	    .out = &own,
	    .places = normal,
	    .arena = arena};
	bool lexes;

	*normal = (struct sql_normal){.text = ""};
	if (length > PARSER_LENGTH_LIMIT)
		return false;
	buffer_init(&own, 4 * PARSER_LENGTH_LIMIT);
	lexes = run(&n) && !own.failed;
	if (lexes) {
		normal->text = arena_copy(arena, buffer_string(&own), own.size);
		normal->size = own.size;
	}
	buffer_release(&own);
	return lexes;
}
