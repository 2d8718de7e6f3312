/*
 * The part of a dialect for syntax that differs between engines. Its operations
 * print with those of sql/printer.h. In the examples PostgreSQL is before the
 * ';', MySQL after it.
 */
#ifndef PARALLAX_SQL_DIALECT_SYNTAX_H
#define PARALLAX_SQL_DIALECT_SYNTAX_H

#include "base/buffer.h"
#include "sql/tree.h"

struct printer; /* sql/printer.h */

/* The form of a call that has words around its arguments. */
struct sql_call_syntax {
	void (*print)(struct printer *printer, const PgQuery__FuncCall *call);
	/* Whether it needs brackets as an operand: d AT TIME ZONE 'UTC'. */
	bool is_operator;
};

struct sql_syntax_ops {
	/* Appends a parameter. $2; ?. Without a number, values go in the order
	 * of the text. */
	void (*parameter)(struct buffer *out, int number);
	/* Appends the grammar's own words for a type, without modifiers and
	 * bounds. False: it has none; the type's name is used. timestamp with
	 * time zone; signed. */
	bool (*type_words)(struct buffer *out, const PgQuery__TypeName *type);
	/* As an operand. value::type; CAST(value AS type). */
	void (*cast)(struct printer *printer, const PgQuery__TypeCast *cast);
	/* Of a call that the parser read from words (COERCE_SQL_SYNTAX). NULL:
	 * there is no rule. EXTRACT(year FROM d); the same. */
	const struct sql_call_syntax *(*call)(const PgQuery__FuncCall *call);
	/* Appends, before what an INSERT takes its rows from, whether a given
	 * value or a generated one counts, with the blank before it.
	 * OVERRIDING SYSTEM VALUE; nothing. */
	void (*overriding)(struct buffer *out, PgQuery__OverridingKind kind);
	/* An INSERT's action on a duplicate key, with the blank before it. ON
	 * CONFLICT (a) DO UPDATE SET ...; ON DUPLICATE KEY UPDATE .... */
	void (*conflict)(struct printer *printer,
			 const PgQuery__OnConflictClause *conflict);
};

#endif
