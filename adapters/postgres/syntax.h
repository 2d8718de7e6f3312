/* How PostgreSQL's SQL is written where engines differ. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_SYNTAX_H
#define PARALLAX_ADAPTERS_POSTGRES_SYNTAX_H

#include "sql/dialect_syntax.h"

extern const struct sql_syntax_ops postgres_syntax;

/* See sql_syntax_ops.call. */
const struct sql_call_syntax *postgres_call_syntax(
    const PgQuery__FuncCall *call);

/* See sql_syntax_ops.output_name. */
const char *postgres_output_name(const PgQuery__Node *node);

#endif
