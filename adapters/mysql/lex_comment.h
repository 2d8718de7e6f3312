/* White space and comments between tokens. Private to the lexer. */
#ifndef PARALLAX_ADAPTERS_MYSQL_LEX_COMMENT_H
#define PARALLAX_ADAPTERS_MYSQL_LEX_COMMENT_H

#include "adapters/mysql/lex.h"

enum mysql_blank {
	MYSQL_BLANK_DONE, /* a token or the end follows */
	MYSQL_BLANK_HINT, /* an optimizer hint follows */
	MYSQL_BLANK_OPEN, /* a comment that does not end follows */
};

/* Moves over them; enters and leaves a comment whose content is code. */
enum mysql_blank mysql_lex_blank(struct mysql_lexer *lexer);

/* The place after the hint at the lexer's place. */
size_t mysql_lex_hint_end(const struct mysql_lexer *lexer);

#endif
