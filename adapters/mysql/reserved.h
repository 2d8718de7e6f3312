/*
 * What the tree has no slot for. Two forms, both calls that are written with
 * keywords (COERCE_SQL_SYNTAX), which no call of a client's function is:
 *
 * 1. Expressions: the schema is "mysql", the name is one of these.
 *
 *	text(t)			a string constant with NULs: \0 for NUL, \\ for \
 *	introduced(cs, c)	_cs 'text', _cs X'4D', N'text' (cs is "N")
 *	literal(kind, t)	DATE '...', TIME '...', TIMESTAMP '...'
 *	variable(n)		@n
 *	assign(n, v)		@n := v
 *	setting(n)		@@n, @@global.n
 *	interval(v, unit)	INTERVAL v unit
 *	xor, div, regexp	a XOR b, a DIV b, a REGEXP b
 *	member(v, d)		v MEMBER OF (d)
 *	like_escape(p, e)	as PostgreSQL's: right of LIKE
 *	null_safe(a, b)		a <=> b
 *	null_safe's right side is an operand: there is no list of it
 *	convert(v, cs)		CONVERT(v USING cs)
 *	match(row, v, mode)	MATCH (row) AGAINST (v mode)
 *	next(s), previous(s)	NEXT VALUE FOR s, PREVIOUS VALUE FOR s
 *	default(c)		DEFAULT(c)
 *	binary(v)		BINARY v
 *
 * 2. Clauses: the name is "clauses", every argument a NamedArgExpr. Its name is
 * the clause; its value the operand, or a string for a word.
 *
 *	SelectStmt.window_clause, last: option ("sql_calc_found_rows"), hint,
 *	    into (variable or text), wait, examined, outfile, dumpfile
 *	UpdateStmt, DeleteStmt .where_clause: where, limit, option, target (a
 *	    table of DELETE); ORDER BY is the call's agg_order. A write without
 *	    such clauses has a plain condition. A write of several tables has
 *	    no relation, and all its tables in from_clause or using_clause.
 *	RangeTableSample.args, method "mysql"."clauses": partition, and index
 *	    hints by their words ("use index for join"), each with its names
 *
 * INSERT: options ("ignore", "replace", ...) are Strings in
 * OnConflictClause.infer.index_elems; VALUES(c) is the column excluded.c.
 * STRAIGHT_JOIN: JoinExpr.rtindex is MYSQL_STRAIGHT_JOIN. Attributes of a type
 * are Strings in its typmods ("unsigned", "charset utf8mb4").
 *
 * Statements that are neither query nor write: what stands in which node is
 * said with examples at the top of parse_transaction.c, parse_xa.c,
 * parse_set.c, parse_session.c, parse_load.c, parse_show.c, and those of the
 * definitions: parse_table.c, parse_definition.c, parse_key.c, parse_alter.c,
 * parse_ddl.c.
 */
#ifndef PARALLAX_ADAPTERS_MYSQL_RESERVED_H
#define PARALLAX_ADAPTERS_MYSQL_RESERVED_H

#include "sql/tree.h"

#define MYSQL_RESERVED "mysql"
#define MYSQL_CLAUSES  "clauses"

enum { MYSQL_STRAIGHT_JOIN = 1 };

/* The reserved name of an expression; NULL for any other node. */
const char *mysql_reserved_name(const PgQuery__FuncCall *call);
/* The same of a node, only for that name. */
const PgQuery__FuncCall *mysql_reserved(const PgQuery__Node *node,
					const char *name);
/* The next clause of that name at or after *at, which moves behind it. NULL:
 * there is none. */
const PgQuery__Node *mysql_clause(PgQuery__Node *const *args, size_t count,
				  const char *name, size_t *at);

#endif
