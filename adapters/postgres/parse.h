/* PostgreSQL's SQL front end: libpg_query behind the parser contract. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_PARSE_H
#define PARALLAX_ADAPTERS_POSTGRES_PARSE_H

#include "sql/parser.h"

extern const struct parser postgres_parser;
/* The same of the engines in reduced.h. */
extern const struct parser postgres_parser_printed;
extern const struct parser postgres_parser_steps;
extern const struct parser postgres_parser_reduced;

#endif
