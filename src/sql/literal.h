/* Literals of a statement, as another dialect writes them. */
#ifndef PARALLAX_SQL_LITERAL_H
#define PARALLAX_SQL_LITERAL_H

#include "base/bytes.h"
#include "sql/parser.h"

/*
 * Writes each literal of a shape in another dialect: 'a\b' becomes E'a\\b'.
 * text: the statement that the shape is of; parser: that of its dialect. All
 * literals are parsed at once, as the list of a SELECT. Returns an array in the
 * arena, as long as the shape's, or NULL: they are no constants, or too long.
 * Decimal numbers are the same in all dialects, and point into the text.
 */
const struct bytes *sql_literals_translate(
    const struct parser *parser, const struct sql_dialect *to, const char *text,
    const struct sql_shape *shape, struct arena *arena, struct error *error);

#endif
