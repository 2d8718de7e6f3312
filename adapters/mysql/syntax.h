/* How MySQL's SQL is written: the rules of its dialects. */
#ifndef PARALLAX_ADAPTERS_MYSQL_SYNTAX_H
#define PARALLAX_ADAPTERS_MYSQL_SYNTAX_H

#include "sql/printer.h"

extern const struct sql_syntax_ops mysql_syntax;

/* syntax_call.c: see sql_syntax_ops.call. */
const struct sql_call_syntax *mysql_call_syntax(const PgQuery__FuncCall *call);

/* The parts of sql_syntax_ops.own. */
/* syntax_expr.c */
bool mysql_print_expression(struct printer *printer, const PgQuery__Node *node);
/* syntax_from.c */
bool mysql_print_from(struct printer *printer, const PgQuery__Node *node);
/* syntax_query.c */
bool mysql_print_query(struct printer *printer, const PgQuery__Node *node);
/* syntax_write.c */
bool mysql_print_write(struct printer *printer, const PgQuery__Node *node);

/* The parts of sql_syntax_ops.statement. */
/* syntax_transaction.c */
bool mysql_print_transaction(struct printer *printer,
			     const PgQuery__Node *node);
/* syntax_session.c */
bool mysql_print_session(struct printer *printer, const PgQuery__Node *node);
/* syntax_utility.c */
bool mysql_print_utility(struct printer *printer, const PgQuery__Node *node);

/* syntax_ddl.c */
bool mysql_print_definition(struct printer *printer, const PgQuery__Node *node);

/* syntax_table.c: a column, key or constraint of a table. */
print_fn mysql_print_element;
void mysql_print_column(struct printer *printer,
			const PgQuery__ColumnDef *column);
/* The value of DEFAULT. */
print_fn mysql_print_default;
/* UNIQUE, FULLTEXT, with a blank behind; the columns and all that follows. */
void mysql_print_index_kind(struct printer *printer,
			    const PgQuery__IndexStmt *index);
void mysql_print_index_rest(struct printer *printer,
			    const PgQuery__IndexStmt *index);
/* A DefElem: its name in capitals and its value. */
void mysql_print_option(struct printer *printer, const PgQuery__Node *node,
			const char *equals);
/* The same of several, each with a blank before. */
void mysql_print_options(struct printer *printer, PgQuery__Node *const *items,
			 size_t count, const char *equals);

/* Any statement, within another one. */
print_fn mysql_print_any;
/* Keywords that the tree has in lower case. Fails for anything else. */
void mysql_print_words(struct printer *printer, const char *words);
/* ISOLATION LEVEL SERIALIZABLE, READ ONLY, with a blank before. */
void mysql_print_modes(struct printer *printer, PgQuery__Node *const *items,
		       size_t count);
/* The id of an XA transaction. */
void mysql_print_xid(struct printer *printer, const char *id);

/* VALUES (1, 2), (); with ROW before each where the server wants it. */
void mysql_print_rows(struct printer *printer, PgQuery__Node *const *rows,
		      size_t count, const char *word);
void mysql_print_with(struct printer *printer, const PgQuery__WithClause *with);
void mysql_print_order(struct printer *printer, PgQuery__Node *const *items,
		       size_t count);
/* syntax_type.c */
void mysql_print_type(struct printer *printer, const PgQuery__TypeName *type);
/* A word that came from the text and is printed as it is: a charset, a unit.
 * Fails for anything else. */
void mysql_print_word(struct printer *printer, const PgQuery__Node *constant);
/* The text of a string constant; NULL for other nodes. */
const char *mysql_text_of(const PgQuery__Node *node);

#endif
