/*
 * The part of a dialect that writes what engines write differently. Its
 * operations print with those of sql/printer.h. In the examples PostgreSQL
 * stands before the ';', MySQL behind it.
 */
#ifndef PARALLAX_SQL_DIALECT_SYNTAX_H
#define PARALLAX_SQL_DIALECT_SYNTAX_H

#include "base/buffer.h"
#include "sql/tree.h"

struct printer; /* sql/printer.h */

/* How a call is written that has words around its arguments. */
struct sql_call_syntax {
	void (*print)(struct printer *printer, const PgQuery__FuncCall *call);
	/* Does it need brackets as an operand: d AT TIME ZONE 'UTC'? */
	bool is_operator;
};

struct sql_syntax_ops {
	/* Appends a parameter. $2; ?. Where its number is not written, the
	 * values go in the order of the text. */
	void (*parameter)(struct buffer *out, int number);
	/* Appends the grammar's own words for a type, without modifiers and
	 * bounds. False: it has none, and the type's name stands there.
	 * timestamp with time zone; signed. */
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
	/* What an INSERT does where a key is taken, with the blank before it.
	 * ON CONFLICT (a) DO UPDATE SET ...; ON DUPLICATE KEY UPDATE .... */
	void (*conflict)(struct printer *printer,
			 const PgQuery__OnConflictClause *conflict);
};

#endif
