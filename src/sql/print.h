/*
 * The printer: a tree as text of a dialect. The printed text parses back to the
 * same tree (sql_equal); brackets are set when in doubt. It knows SELECT,
 * VALUES, INSERT, UPDATE, DELETE, MERGE with everything they can contain. The
 * dialect prints all other statements (sql_syntax_ops.statement). A node
 * without a rule is ERROR_INTERNAL with the node's name; it never guesses.
 */
#ifndef PARALLAX_SQL_PRINT_H
#define PARALLAX_SQL_PRINT_H

#include "base/buffer.h"
#include "sql/dialect.h"
#include "sql/parser.h"
#include "sql/tree.h"

/* The place of a literal of the parsed text in the print: out[offset, length)
 * is that constant, without its sign. In order of offset. */
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
 * Appends one node to out: a statement, or an expression in the form of an
 * operand, in brackets unless it is plain. slots may be NULL; otherwise it
 * receives every printed constant (number, string, bits). Each is one token, so
 * that its bytes can be replaced by another literal's. On -1 out holds a part.
 */
int sql_print(const PgQuery__Node *node, const struct sql_dialect *dialect,
	      struct buffer *out, struct sql_slots *slots, struct error *error);

/*
 * Like sql_print of a statement, then parses the text again and compares it
 * with the node: -1 with ERROR_INTERNAL if they differ. Uses the arena for the
 * second tree, and releases that memory.
 */
int sql_print_checked(const PgQuery__Node *node, const struct parser *parser,
		      struct arena *arena, struct buffer *out,
		      struct sql_slots *slots, struct error *error);

/* Appends one identifier, quoted if it must be. */
void sql_print_name(const struct sql_dialect *dialect, struct buffer *out,
		    const char *name);

#endif
