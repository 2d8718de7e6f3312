/*
 * Shared by the files of the printer. Every print_* appends to printer->out;
 * the first failure is kept in printer->failed and all later work is idle, so
 * that only sql_print looks.
 */
#ifndef PARALLAX_SQL_PRINT_INTERNAL_H
#define PARALLAX_SQL_PRINT_INTERNAL_H

#include "sql/print.h"

struct printer {
	const struct sql_dialect *dialect;
	struct buffer *out;
	struct sql_slots *slots; /* or NULL */
	struct error *error;
	bool failed;
	int depth;
};

typedef void print_fn(struct printer *printer, const PgQuery__Node *node);

/* print.c: words, names, lists. */
void print_fail(struct printer *printer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* For a node of a kind without a rule in this place. */
void print_unknown(struct printer *printer, const PgQuery__Node *node);
void print_text(struct printer *printer, const char *text);
void print_name(struct printer *printer, const char *name);
void print_string(struct printer *printer, const char *text);
/* ", " between items. */
void print_items(struct printer *printer, PgQuery__Node *const *items,
		 size_t count, print_fn *print);
/* As print_items, in brackets; nothing at all when empty. */
void print_list(struct printer *printer, const char *before,
		PgQuery__Node *const *items, size_t count, print_fn *print);
void print_name_node(struct printer *printer, const PgQuery__Node *node);
/* Names with points between them: a.b.c, a.* */
void print_dotted(struct printer *printer, PgQuery__Node *const *names,
		  size_t count);
/* Enters a nested construct; false (and failed) past the bound on depth. */
bool print_enter(struct printer *printer);
void print_leave(struct printer *printer);

/* print_expr.c */
/* An expression as an item: between commas, behind WHERE, and the like. */
print_fn print_expr;
/* As an operand: in brackets unless it is one token or brackets itself. */
print_fn print_operand;
/* As the grammar's c_expr and func_expr: no cast with ::, either. */
print_fn print_primary;
print_fn print_sort;
print_fn print_constant;
void print_const(struct printer *printer, const PgQuery__AConst *constant);
void print_type(struct printer *printer, const PgQuery__TypeName *type);
print_fn print_type_node;
void print_indirection(struct printer *printer, PgQuery__Node *const *items,
		       size_t count);
void print_window(struct printer *printer, const PgQuery__WindowDef *window);

/* print_func.c */
void print_call(struct printer *printer, const PgQuery__FuncCall *call);
/* Is it written with words around its arguments, as an operator is? */
bool print_call_is_operator(const PgQuery__FuncCall *call);
void print_xml(struct printer *printer, const PgQuery__XmlExpr *xml);

/* print_query.c */
void print_select(struct printer *printer, const PgQuery__SelectStmt *select);
/* SELECT, INSERT, UPDATE, DELETE, MERGE, without brackets around. */
print_fn print_query;
/* value AS name: of a SELECT or RETURNING list, an XML attribute or element. */
print_fn print_target;
print_fn print_from;
void print_with(struct printer *printer, const PgQuery__WithClause *with);
void print_range(struct printer *printer, const PgQuery__RangeVar *range);
print_fn print_range_node;
void print_alias(struct printer *printer, const PgQuery__Alias *alias);
/* What stands behind INTO or CREATE TABLE: the name, without persistence. */
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
/* (expression), or the name of a column. */
void print_keyed(struct printer *printer, const PgQuery__Node *expr,
		 const char *name);
/* COLLATE and operator class of an index or partition key. */
void print_class(struct printer *printer, PgQuery__Node *const *collation,
		 size_t collation_count, PgQuery__Node *const *opclass,
		 size_t opclass_count);
void print_create(struct printer *printer, const PgQuery__CreateStmt *create);
void print_column_def(struct printer *printer,
		      const PgQuery__ColumnDef *column);

#endif
