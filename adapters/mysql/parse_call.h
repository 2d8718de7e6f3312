/* The parts of a call. Private to parse*.c. */
#ifndef PARALLAX_ADAPTERS_MYSQL_PARSE_CALL_H
#define PARALLAX_ADAPTERS_MYSQL_PARSE_CALL_H

#include "adapters/mysql/reader.h"

/* '(' ... ')' and what follows it: WITHIN GROUP, OVER. */
void mysql_call_arguments(struct mysql_reader *reader, PgQuery__FuncCall *call);
/* MATCH (a, b) AGAINST (v ...), whose first '(' is next. */
PgQuery__Node *mysql_match(struct mysql_reader *reader);

#endif
