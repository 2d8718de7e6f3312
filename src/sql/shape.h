/*
 * The shape of a text: its tokens with the literals lifted out. Found by a
 * lexer alone, so that a repeated statement needs no parser: plans are cached
 * by shape, and the literals of the new text go into the plan's pieces.
 *
 * Two texts with equal keys have the same tokens but for the lifted literals,
 * which agree in number, place and kind. So their trees agree but for these
 * constants, unless the parser or the planner looks at a constant's value
 * (typmods, LIMIT, ORDER BY 1, nextval('...')): sql_bind_literals finds those
 * and marks them fixed; what is fixed must agree in bytes too.
 */
#ifndef PARALLAX_SQL_SHAPE_H
#define PARALLAX_SQL_SHAPE_H

#include "base/buffer.h"
#include "sql/dialect.h"
#include "sql/tree.h"

enum sql_literal_kind {
	SQL_LITERAL_INTEGER, /* fits int32: an A_Const of ival */
	SQL_LITERAL_BIG,     /* digits that fit int64 only */
	SQL_LITERAL_NUMBER,  /* any other number */
	SQL_LITERAL_STRING,  /* '...', E'...', $$...$$ */
	SQL_LITERAL_BITS,    /* B'...' or X'...' */
};

/* One literal: a run of the text, which is a token that can stand anywhere a
 * constant can. A sign before a number is not part of it. */
struct sql_literal {
	uint32_t offset;
	uint32_t length;
	enum sql_literal_kind kind;
};

/* Reusable: parser->shape clears and fills it. */
struct sql_shape {
	struct buffer key;	      /* compare it as a whole */
	struct sql_literal *literals; /* in text order */
	size_t count;
	size_t capacity;
	bool unsure; /* does not lex as it should: nothing was lifted and the
			key is the text itself */
};

void sql_shape_init(struct sql_shape *shape);
void sql_shape_release(struct sql_shape *shape);
/* Lifts the literal text[start, end). -1: memory ran out. */
int sql_shape_lift(struct sql_shape *shape, size_t start, size_t end,
		   enum sql_literal_kind kind);

/* A literal's place in the tree. */
struct sql_binding {
	PgQuery__AConst
	    *constant; /* it is this one, or NULL: none or several */
	bool negative; /* the constant's value is minus the literal */
	bool fixed;    /* the tree or its meaning depends on the literal's
		          value, or constant is NULL */
};

/*
 * Finds each literal of the shape in a statement's tree. text and shape are
 * those of the whole text that was parsed; literals of its other statements are
 * left fixed. bindings has shape->count entries. Literals that are fixed: no
 * constant of their own in the tree (also those of a multiple assignment, which
 * the tree holds several times); in ORDER BY, GROUP BY and DISTINCT ON lists,
 * and in the output columns of a query that sorts by an expression with a
 * constant; in LIMIT and OFFSET; in type modifiers; arguments of functions that
 * take names of things; operands of casts to types that name objects, and to
 * interval with fields; whatever stands
 * outside SELECT, INSERT, UPDATE, DELETE, MERGE.
 *
 * Strings that may mean the clock's time ('now', 'today 10:00') are not lifted
 * by the shape at all.
 */
void sql_bind_literals(const struct sql_statement *statement, const char *text,
		       const struct sql_dialect *dialect,
		       const struct sql_shape *shape,
		       struct sql_binding *bindings);

#endif
