/* Private to parse*.c. */
#ifndef PARALLAX_ADAPTERS_MYSQL_PARSE_PREDICATE_H
#define PARALLAX_ADAPTERS_MYSQL_PARSE_PREDICATE_H

#include "adapters/mysql/reader.h"

/* BETWEEN, IN, LIKE, REGEXP, and what binds tighter. */
PgQuery__Node *mysql_predicate(struct mysql_reader *reader);
PgQuery__Node *mysql_not(struct mysql_reader *reader, PgQuery__Node *node);

#endif
