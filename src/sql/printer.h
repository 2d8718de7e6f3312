/*
 * The printer's building blocks, for its own files and for an engine's rules
 * (sql/dialect_syntax.h). Every print_* appends to printer->out. The first
 * failure sets printer->failed and makes all later calls no-ops, so only
 * sql_print checks it.
 */
#ifndef PARALLAX_SQL_PRINTER_H
#define PARALLAX_SQL_PRINTER_H

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
/* The same, always quoted. */
void print_quoted(struct printer *printer, const char *name);
void print_string(struct printer *printer, const char *text);
/* ", " between items. */
void print_items(struct printer *printer, PgQuery__Node *const *items,
		 size_t count, print_fn *print);
/* As print_items, in brackets; nothing if empty. */
void print_list(struct printer *printer, const char *before,
		PgQuery__Node *const *items, size_t count, print_fn *print);
void print_name_node(struct printer *printer, const PgQuery__Node *node);
/* Names with points between them: a.b.c, a.* */
void print_dotted(struct printer *printer, PgQuery__Node *const *names,
		  size_t count);
/* Whether the engine's own rule printed the node (sql_syntax_ops.own). */
bool print_own(struct printer *printer, const PgQuery__Node *node);
/* Enters a nested construct; false (and failed) past the bound on depth. */
bool print_enter(struct printer *printer);
void print_leave(struct printer *printer);

/* print_expr.c */
/* An expression as an item: between commas, after WHERE, and the like. */
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

/* SELECT, INSERT, UPDATE, DELETE, MERGE, without brackets around. */
print_fn print_query;
/* The word (" WHERE ") and the condition; nothing if there is none. */
void print_condition(struct printer *printer, const char *word,
		     const PgQuery__Node *node);
/* a = 1, (b, c) = (SELECT ...) */
void print_assignments(struct printer *printer, PgQuery__Node *const *items,
		       size_t count);
/* A table's name, as after INTO, without persistence ("TEMPORARY "). */
void print_relation(struct printer *printer, const PgQuery__RangeVar *range);
const char *print_persistence(const PgQuery__RangeVar *range);
/* The same with ONLY and its alias. */
print_fn print_range_node;
void print_call(struct printer *printer, const PgQuery__FuncCall *call);
/* What follows the name of a plain call: arguments, WITHIN GROUP, OVER. */
void print_call_rest(struct printer *printer, const PgQuery__FuncCall *call);
/* value AS name: of a SELECT or RETURNING list, an XML attribute or element. */
print_fn print_target;
/* An item of FROM. */
print_fn print_from;
void print_alias(struct printer *printer, const PgQuery__Alias *alias);
/* name AS (...), of WINDOW. */
print_fn print_named_window;

#endif
