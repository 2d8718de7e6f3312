/*
 * What a normalised text hides beside its literals: values that look like words
 * and names. Private to adapters/postgres/parse*.
 */
#ifndef PARALLAX_ADAPTERS_POSTGRES_PARSE_HIDE_H
#define PARALLAX_ADAPTERS_POSTGRES_PARSE_HIDE_H

#include "adapters/postgres/parse_lex.h"
#include "sql/parser.h"

enum hide_place { HIDE_NOWHERE, HIDE_NAME, HIDE_VALUES };

struct hide {
	const struct lexer *lexer;
	const struct sql_known *known; /* NULL: quoted names are shown */
	enum hide_place place;
	bool begun;    /* the statement's first word was seen */
	bool sets;     /* it is SET */
	bool defines;  /* it is CREATE, ALTER and the like */
	bool expected; /* a value comes next */
	bool of;       /* the words CURRENT OF, so far */
	bool after_of;
};

/* What takes the token's place, "?" or "\"?\""; NULL: it is shown. Takes each
 * token of a text in turn. */
const char *hide_token(struct hide *hide, const struct lex_token *token);
/* Whether the token is a string whose end depends on what a backslash means in
 * its session ('O\' ...): what follows may be the rest of its value. */
bool hide_unsure(const struct lexer *lexer, const struct lex_token *token);

#endif
