/* What the lexer alone shows about a text, which is read as the mode's server
 * read it. See sql/parser.h. */
#ifndef PARALLAX_ADAPTERS_MYSQL_PARSE_TEXT_H
#define PARALLAX_ADAPTERS_MYSQL_PARSE_TEXT_H

#include "adapters/mysql/mode.h"
#include "sql/parser.h"

/*
 * parser.split. A piece that begins or ends within a comment whose content is
 * code has that comment's marks, too; a semicolon within one separates nothing.
 * The body of a routine is one piece with its head. After a statement of flow
 * outside BEGIN ... END the rest of the text is one piece.
 */
size_t mysql_split(const struct mysql_mode *mode, const char *text,
		   size_t length, struct sql_statement *places,
		   size_t capacity);

/* parser.shape. The mode is part of the key. */
void mysql_shape(const struct mysql_mode *mode, const char *text, size_t length,
		 struct sql_shape *shape);

/* parser.fingerprint and parser.normalise. Strings that continue one another
 * are one value. The hash does not depend on the mode. */
uint64_t mysql_fingerprint(const struct mysql_mode *mode, const char *text,
			   size_t length, const struct sql_known *known,
			   struct buffer *out);
bool mysql_normalise(const struct mysql_mode *mode, const char *text,
		     size_t length, struct arena *arena,
		     struct sql_normal *normal);

#endif
