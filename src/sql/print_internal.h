/* Shared by the files of the printer. Private. */
#ifndef PARALLAX_SQL_PRINT_INTERNAL_H
#define PARALLAX_SQL_PRINT_INTERNAL_H

#include "sql/printer.h"

/* print_func.c */
/* Whether it is written with words around its arguments, like an operator. */
bool print_call_is_operator(const struct printer *printer,
			    const PgQuery__FuncCall *call);
void print_xml(struct printer *printer, const PgQuery__XmlExpr *xml);

/* print_query.c */
void print_select(struct printer *printer, const PgQuery__SelectStmt *select);
void print_with(struct printer *printer, const PgQuery__WithClause *with);
void print_range(struct printer *printer, const PgQuery__RangeVar *range);

/* print_write.c: INSERT, UPDATE, DELETE, MERGE */
void print_insert(struct printer *printer, const PgQuery__InsertStmt *insert);
void print_update(struct printer *printer, const PgQuery__UpdateStmt *update);
void print_delete(struct printer *printer, const PgQuery__DeleteStmt *stmt);
void print_merge(struct printer *printer, const PgQuery__MergeStmt *merge);

#endif
