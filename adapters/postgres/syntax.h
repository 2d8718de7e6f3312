/* How PostgreSQL's SQL is written where engines differ. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_SYNTAX_H
#define PARALLAX_ADAPTERS_POSTGRES_SYNTAX_H

#include "sql/dialect_syntax.h"

extern const struct sql_syntax_ops postgres_syntax;
/* Of the tests' engines (reduced.h): casts are the standard's. */
extern const struct sql_syntax_ops postgres_syntax_reduced;

/* See sql_syntax_ops.call. */
const struct sql_call_syntax *postgres_call_syntax(
    const PgQuery__FuncCall *call);

/* See sql_syntax_ops.output_name. */
const char *postgres_output_name(const PgQuery__Node *node);

/* syntax_utility.c: see sql_syntax_ops.statement. */
bool postgres_print_statement(struct printer *printer,
			      const PgQuery__Node *node);
/* syntax_session.c: the part of it for transactions, settings, cursors, ... */
bool postgres_print_session(struct printer *printer, const PgQuery__Node *node);

/* syntax_utility.c: name [= value], of WITH (...) and the like. */
void postgres_print_option(struct printer *printer, const PgQuery__Node *node);
void postgres_print_on_commit(struct printer *printer,
			      PgQuery__OnCommitAction action);

/* syntax_table.c */
void postgres_print_create(struct printer *printer,
			   const PgQuery__CreateStmt *create);
/* (expression), or the name of a column, of an index or partition key. */
void postgres_print_keyed(struct printer *printer, const PgQuery__Node *expr,
			  const char *name);
/* COLLATE and operator class after it. */
void postgres_print_class(struct printer *printer,
			  PgQuery__Node *const *collation,
			  size_t collation_count, PgQuery__Node *const *opclass,
			  size_t opclass_count);

#endif
