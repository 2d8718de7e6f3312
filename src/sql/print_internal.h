/* Shared by the files of the printer. Private. */
#ifndef PARALLAX_SQL_PRINT_INTERNAL_H
#define PARALLAX_SQL_PRINT_INTERNAL_H

#include "sql/printer.h"

/* print_func.c */
void print_call(struct printer *printer, const PgQuery__FuncCall *call);
/* Whether it is written with words around its arguments, like an operator. */
bool print_call_is_operator(const struct printer *printer,
			    const PgQuery__FuncCall *call);
void print_xml(struct printer *printer, const PgQuery__XmlExpr *xml);

/* print_query.c */
void print_select(struct printer *printer, const PgQuery__SelectStmt *select);
/* value AS name: of a SELECT or RETURNING list, an XML attribute or element. */
print_fn print_target;
print_fn print_from;
void print_with(struct printer *printer, const PgQuery__WithClause *with);
void print_range(struct printer *printer, const PgQuery__RangeVar *range);
print_fn print_range_node;
void print_alias(struct printer *printer, const PgQuery__Alias *alias);
/* The name after INTO or CREATE TABLE, without persistence. */
void print_relation(struct printer *printer, const PgQuery__RangeVar *range);
const char *print_persistence(const PgQuery__RangeVar *range);
print_fn print_column_def_node;

/* print_write.c: INSERT, UPDATE, DELETE, MERGE */
void print_insert(struct printer *printer, const PgQuery__InsertStmt *insert);
void print_update(struct printer *printer, const PgQuery__UpdateStmt *update);
void print_delete(struct printer *printer, const PgQuery__DeleteStmt *stmt);
void print_merge(struct printer *printer, const PgQuery__MergeStmt *merge);

/* print_session.c: true if it knows the statement. */
bool print_session(struct printer *printer, const PgQuery__Node *node);
/* print_utility.c: likewise */
bool print_utility(struct printer *printer, const PgQuery__Node *node);
/* name [=] value, of WITH (...) and the like */
print_fn print_option;
void print_on_commit(struct printer *printer, PgQuery__OnCommitAction action);

/* print_table.c */
void print_create(struct printer *printer, const PgQuery__CreateStmt *create);
void print_column_def(struct printer *printer,
		      const PgQuery__ColumnDef *column);

#endif
