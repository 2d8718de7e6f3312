/* Words with a meaning of their own. Private to the parser and the printer. */
#ifndef PARALLAX_ADAPTERS_MYSQL_WORDS_H
#define PARALLAX_ADAPTERS_MYSQL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* In any case; size in bytes. */

/* Reserved by every server that we speak to. */
bool mysql_word_is_reserved(const char *word, size_t size);
/* Reserved by some release of one of them: quoted when printed. */
bool mysql_word_is_reserved_somewhere(const char *word, size_t size);
/* Reserved, yet the name of a function before '('. */
bool mysql_word_is_callable(const char *word, size_t size);
/* Functions that the lexer knows only with '(' right behind the name, unless
 * IGNORE_SPACE is set. */
bool mysql_word_wants_bracket(const char *word, size_t size);
bool mysql_word_is_charset(const char *word, size_t size);
/* Of INTERVAL and EXTRACT: day, year_month. */
bool mysql_word_is_unit(const char *word, size_t size);

#endif
