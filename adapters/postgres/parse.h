/* PostgreSQL's SQL front end: libpg_query behind the parser contract. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_PARSE_H
#define PARALLAX_ADAPTERS_POSTGRES_PARSE_H

#include "sql/parser.h"

extern const struct parser postgres_parser;
/* The same of an engine whose statements cannot write within WITH: the tests'
 * (tests/README.md, "Lowerings"). */
extern const struct parser postgres_parser_in_steps;

#endif
