/*
 * Brackets (and CASE ... END) make levels. Within a level, items stand side by
 * side between commas, AND and OR (which the parser joins into flat lists), so
 * only the deepest counts; each operator of an item can be above all others and
 * above the deepest bracket in it. Joins and set operations lean to the left
 * over a whole level.
 *
 * AND is no separator where it belongs to a BETWEEN: there a prefix operator
 * lets it nest (NOT a BETWEEN 1 AND NOT b BETWEEN 2 AND ...).
 */
#include "adapters/postgres/parse_depth.h"

#include <stdint.h>
#include <stdlib.h>

#include "adapters/postgres/parse_lex.h"

enum {
	WEIGHT_STATEMENT = 24,
	WEIGHT_LEVEL = 8,
	WEIGHT_QUERY = 10, /* once for a level with SELECT */
	WEIGHT_JOIN = 2,
	WEIGHT_OPERATOR = 2,
	WEIGHT_PREDICATE = 4,
	LEVELS = 512, /* deeper is too deep at any rate */
};

struct level {
	size_t item;	   /* of the item under way: its operators */
	size_t inner;	   /* the deepest bracket in it */
	size_t deepest;	   /* of the items before it */
	size_t whole;	   /* of joins and set operations */
	unsigned betweens; /* BETWEENs that wait for their AND */
	bool is_case;
	bool query;
};

enum word {
	WORD_OTHER,
	WORD_AND,
	WORD_OR,
	WORD_BETWEEN,
	WORD_CASE,
	WORD_END,
	WORD_WHEN,
	WORD_QUERY,
	WORD_JOIN,
	WORD_OPERATOR,
	WORD_PREDICATE
};

static const struct {
	const char *text;
	enum word word;
} words[] = {
    {"and", WORD_AND},
    {"or", WORD_OR},
    {"between", WORD_BETWEEN},
    {"case", WORD_CASE},
    {"end", WORD_END},
    {"when", WORD_WHEN},
    {"then", WORD_WHEN},
    {"else", WORD_WHEN},
    {"select", WORD_QUERY},
    {"values", WORD_QUERY},
    {"table", WORD_QUERY},
    {"join", WORD_JOIN},
    {"union", WORD_JOIN},
    {"intersect", WORD_JOIN},
    {"except", WORD_JOIN},
    {"not", WORD_OPERATOR},
    {"is", WORD_PREDICATE},
    {"isnull", WORD_OPERATOR},
    {"notnull", WORD_OPERATOR},
    {"collate", WORD_OPERATOR},
    {"at", WORD_OPERATOR},
    {"operator", WORD_OPERATOR},
    {"like", WORD_PREDICATE},
    {"ilike", WORD_PREDICATE},
    {"similar", WORD_PREDICATE},
    {"in", WORD_PREDICATE},
    {"overlaps", WORD_PREDICATE},
};

static enum word word_of(const struct lexer *lexer,
			 const struct lex_token *token)
{
	/* The first letters of the words above. */
	switch (lexer->text[token->start] | 0x20) {
	case 'a':
	case 'b':
	case 'c':
	case 'e':
	case 'i':
	case 'j':
	case 'l':
	case 'n':
	case 'o':
	case 's':
	case 't':
	case 'u':
	case 'v':
	case 'w':
		break;
	default:
		return WORD_OTHER;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (lex_is_word(lexer, token, words[i].text))
			return words[i].word;
	return WORD_OTHER;
}

static void end_item(struct level *level)
{
	size_t depth = level->item + level->inner;

	if (depth > level->deepest)
		level->deepest = depth;
	level->item = level->inner = 0;
}

static size_t level_depth(struct level *level)
{
	end_item(level);
	return level->deepest + level->whole + WEIGHT_LEVEL;
}

struct depth {
	struct level levels[LEVELS];
	size_t top;
	size_t deepest; /* of the statements before */
};

static void open_level(struct depth *depth, bool is_case)
{
	if (depth->top + 1 < LEVELS)
		depth->levels[++depth->top] =
		    (struct level){.is_case = is_case};
	else /* never closed again: as if everything after it were one chain */
		depth->deepest = SIZE_MAX / 2;
}

static void close_level(struct depth *depth)
{
	size_t inner;

	if (!depth->top)
		return;
	inner = level_depth(&depth->levels[depth->top--]);
	if (inner > depth->levels[depth->top].inner)
		depth->levels[depth->top].inner = inner;
}

static void close_all(struct depth *depth)
{
	size_t whole;

	while (depth->top)
		close_level(depth);
	whole = level_depth(&depth->levels[0]) + WEIGHT_STATEMENT;
	if (whole > depth->deepest)
		depth->deepest = whole;
	depth->levels[0] = (struct level){0};
}

static void take_word(struct depth *depth, enum word word)
{
	struct level *level = &depth->levels[depth->top];

	switch (word) {
	case WORD_OTHER:
		break;
	case WORD_AND:
		if (level->betweens) {
			level->betweens--;
			level->item += WEIGHT_PREDICATE;
		} else {
			end_item(level);
		}
		break;
	case WORD_OR:
		level->betweens = 0;
		end_item(level);
		break;
	case WORD_BETWEEN:
		level->betweens++;
		level->item += WEIGHT_PREDICATE;
		break;
	case WORD_CASE:
		open_level(depth, true);
		break;
	case WORD_END:
		if (level->is_case)
			close_level(depth);
		break;
	case WORD_WHEN:
		if (level->is_case)
			end_item(level);
		break;
	case WORD_QUERY:
		if (!level->query)
			level->whole += WEIGHT_QUERY;
		level->query = true;
		break;
	case WORD_JOIN:
		level->whole += WEIGHT_JOIN;
		break;
	case WORD_OPERATOR:
		level->item += WEIGHT_OPERATOR;
		break;
	case WORD_PREDICATE:
		level->item += WEIGHT_PREDICATE;
		break;
	}
}

static void take_mark(struct depth *depth, char mark, size_t size)
{
	struct level *level = &depth->levels[depth->top];

	switch (mark) {
	case '(':
	case '[':
		open_level(depth, false);
		break;
	case ')':
	case ']':
		/* A text with unclosed levels is invalid, but may be parsed. */
		while (depth->top && depth->levels[depth->top].is_case)
			close_level(depth);
		close_level(depth);
		break;
	case ',':
		level->betweens = 0;
		end_item(level);
		break;
	case ';':
		if (!depth->top)
			close_all(depth);
		else
			end_item(level);
		break;
	case ':':
		level->item += size == 2 ? WEIGHT_OPERATOR : 0;
		break;
	default:
		break;
	}
}

size_t parse_depth(const char *text, size_t length)
{
	struct lexer lexer = {.text = text, .length = length};
	struct lex_token token;
	struct depth *depth;
	bool after_point = false;
	size_t deepest;

	/* Short texts cannot be deep: their tokens are too few. */
	if (length < 128)
		return WEIGHT_STATEMENT + length * WEIGHT_LEVEL;
	depth = malloc(sizeof(*depth));
	if (!depth)
		return SIZE_MAX;
	depth->levels[0] = (struct level){0};
	depth->top = depth->deepest = 0;
	for (;;) {
		lex_next(&lexer, &token);
		if (token.kind == LEX_END)
			break;
		if (token.kind == LEX_BAD) {
			/* The parser should stop here as well. If it continues,
			 * each byte is at most one operator. */
			depth->levels[depth->top].item +=
			    (length - token.start) * WEIGHT_OPERATOR;
			break;
		}
		if (token.kind == LEX_OPERATOR)
			depth->levels[depth->top].item += WEIGHT_OPERATOR;
		else if (token.kind == LEX_MARK)
			take_mark(depth, text[token.start],
				  token.end - token.start);
		else if (token.kind == LEX_WORD && !after_point)
			take_word(depth, word_of(&lexer, &token));
		after_point = lex_is_mark(&lexer, &token, '.');
	}
	close_all(depth);
	deepest = depth->deepest;
	free(depth);
	return deepest;
}
