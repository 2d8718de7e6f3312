/*
 * The printer: a tree as text of a dialect. What it prints parses back to the
 * same tree (sql_equal); brackets are set when in doubt. It knows SELECT,
 * VALUES, INSERT, UPDATE, DELETE, MERGE with all they can hold, and the
 * statements of a session (transactions, cursors, prepared statements, SET,
 * COPY, LOCK, TRUNCATE, CALL, EXPLAIN, CREATE TABLE and CREATE TABLE AS, ...).
 * A node it has no rule for is ERROR_INTERNAL with the node's name: no guess.
 */
#ifndef PARALLAX_SQL_PRINT_H
#define PARALLAX_SQL_PRINT_H

#include "base/buffer.h"
#include "sql/dialect.h"
#include "sql/parser.h"
#include "sql/tree.h"

/* Where a literal of the parsed text went in the print: out[offset, length) is
 * that constant, without its sign. In order of offset. */
struct sql_slot {
	size_t offset;
	size_t length;
	const PgQuery__AConst *constant;
};

struct sql_slots {
	struct sql_slot *items; /* in the arena */
	size_t count;
	size_t capacity;
	struct arena *arena;
};

/*
 * Appends one node (a statement, or an expression: then as an operand is, in
 * brackets unless it is plain) to out. slots may be NULL; else every constant
 * (number, string, bits) that was printed is told there: each is one token, so
 * that its bytes can be replaced by another literal's. On -1 out holds a part.
 */
int sql_print(const PgQuery__Node *node, const struct sql_dialect *dialect,
	      struct buffer *out, struct sql_slots *slots, struct error *error);

/*
 * As sql_print of a statement, then parses the text again and holds it against
 * the node: -1 with ERROR_INTERNAL if it reads otherwise. Uses the arena for
 * the second tree, and gives its room back.
 */
int sql_print_checked(const PgQuery__Node *node, const struct parser *parser,
		      struct arena *arena, struct buffer *out,
		      struct sql_slots *slots, struct error *error);

/* Appends one identifier, quoted if it must be. */
void sql_print_name(const struct sql_dialect *dialect, struct buffer *out,
		    const char *name);

#endif
