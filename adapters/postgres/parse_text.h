/* What the lexer alone shows about a text. Private: see sql/parser.h. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_PARSE_TEXT_H
#define PARALLAX_ADAPTERS_POSTGRES_PARSE_TEXT_H

#include "sql/parser.h"

size_t parse_split(const char *text, size_t length,
		   struct sql_statement *places, size_t capacity);
uint64_t parse_fingerprint(const char *text, size_t length,
			   const struct sql_known *known, struct buffer *out);
bool parse_normalise(const char *text, size_t length, struct arena *arena,
		     struct sql_normal *normal);
void parse_shape(const char *text, size_t length, struct sql_shape *shape);

/* Cuts white space and comments before a statement, and white space after it.
 */
void parse_trim(const char *text, size_t *offset, size_t *length);

extern const struct sql_dialect postgres_dialect;
extern const struct sql_dialect postgres_dialect_printed;
extern const struct sql_dialect postgres_dialect_steps;
extern const struct sql_dialect postgres_dialect_reduced;

#endif
