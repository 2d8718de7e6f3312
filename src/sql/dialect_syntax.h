/*
 * The part of a dialect that prints what differs between engines. Its
 * operations use the functions of sql/printer.h. In the examples, PostgreSQL's
 * text comes before the ';' and MySQL's after it.
 */
#ifndef PARALLAX_SQL_DIALECT_SYNTAX_H
#define PARALLAX_SQL_DIALECT_SYNTAX_H

#include "base/buffer.h"
#include "sql/tree.h"

struct printer; /* sql/printer.h */

/* How to print a call that has keywords among its arguments. */
struct sql_call_syntax {
	void (*print)(struct printer *printer, const PgQuery__FuncCall *call);
	/* Whether it needs brackets as an operand (d AT TIME ZONE 'UTC'). */
	bool is_operator;
};

struct sql_syntax_ops {
	/* Prints a query, a write, an item of FROM or an expression that the
	 * engine writes in a way of its own. Returns false, and prints nothing,
	 * for a node that the printer knows. NULL: all are such. An expression
	 * is printed without brackets around; a node that is no operand without
	 * them is none here either.
	 * (none); a <=> b, SELECT ... LOCK IN SHARE MODE. */
	bool (*own)(struct printer *printer, const PgQuery__Node *node);
	/* The name that the server gives to an output column without an alias:
	 * "?column?" for a + 1. An engine that takes it from the statement's
	 * text sets it as the alias when it parses, and has no use for this. */
	const char *(*output_name)(const PgQuery__Node *node);
	/* Appends a parameter: $2; ?. If the text does not show the number, the
	 * values are sent in the order of the text. */
	void (*parameter)(struct buffer *out, int number);
	/* Appends the keywords for a type, without modifiers and array bounds:
	 * timestamp with time zone; signed. Returns false if there are none;
	 * the type's name is printed then. */
	bool (*type_words)(struct buffer *out, const PgQuery__TypeName *type);
	/* Prints a cast as an operand: value::type; CAST(value AS type). */
	void (*cast)(struct printer *printer, const PgQuery__TypeCast *cast);
	/* For a call that was written with keywords (COERCE_SQL_SYNTAX):
	 * EXTRACT(year FROM d); the same. NULL if there is no rule. */
	const struct sql_call_syntax *(*call)(const PgQuery__FuncCall *call);
	/* Appends the clause of an INSERT that chooses between given and
	 * generated values, with a blank before it: OVERRIDING SYSTEM VALUE;
	 * nothing. */
	void (*overriding)(struct buffer *out, PgQuery__OverridingKind kind);
	/* Prints what an INSERT does if the key exists, with a blank before it:
	 * ON CONFLICT (a) DO UPDATE SET b = 1; ON DUPLICATE KEY UPDATE b = 1. */
	void (*conflict)(struct printer *printer,
			 const PgQuery__OnConflictClause *conflict);
	/*
	 * Prints a statement that is neither a query nor a write: of a session
	 * (transactions, settings, cursors, prepared statements) or a
	 * definition. Returns false, and prints nothing, if there is no rule.
	 * START TRANSACTION READ ONLY; the same.
	 * SET client_encoding TO 'UTF8'; SET SESSION names ...
	 */
	bool (*statement)(struct printer *printer, const PgQuery__Node *node);
};

#endif
