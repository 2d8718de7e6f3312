/*
 * Walking, copying and comparing trees of any node type, driven by protobuf-c's
 * descriptors. Depth is bounded (SQL_DEPTH_LIMIT messages): every function here
 * fails with ERROR_LIMIT past it, none runs out of stack.
 */
#ifndef PARALLAX_SQL_WALK_H
#define PARALLAX_SQL_WALK_H

#include "sql/tree.h"

enum { SQL_DEPTH_LIMIT = 6000 };

/*
 * The place of a walk. message is never a Node itself but the struct within;
 * slot says whether it is wrapped.
 */
struct sql_place {
	ProtobufCMessage *message;
	PgQuery__Node **slot; /* the parent's pointer to it, if it is a Node:
				 assign to replace; NULL: a typed pointer, or
				 the root message */
	const struct sql_place *parent; /* NULL at the root */
	const char *field; /* of the parent that contains it; NULL at the
			      root */
	int index;	   /* in that list; -1: no list */
	int depth;
};

/* Whether the place's message is of that type. type as in the C name:
 * range_var. */
#define SQL_AT(place, type)                                                    \
	((place)->message->descriptor == &pg_query__##type##__descriptor)

enum sql_step {
	SQL_STEP_INTO, /* continue, into its children */
	SQL_STEP_OVER, /* continue after it (from pre: post is not called for
		          it) */
	SQL_STEP_STOP, /* end the walk: sql_walk returns 1 */
	SQL_STEP_FAIL, /* end the walk: sql_walk returns -1; error is set by you
			*/
};

/*
 * pre is called before a message's children, post behind them; either may be
 * NULL. Both may assign *place->slot: from pre, the walk does NOT enter what
 * was put there (return OVER; INTO enters the message that stood there before).
 * Children are visited in the order of the fields in the struct.
 */
struct sql_visitor {
	enum sql_step (*pre)(struct sql_place *place, void *context,
			     struct error *error);
	enum sql_step (*post)(struct sql_place *place, void *context,
			      struct error *error);
	void *context;
};

/* Walks a Node (the slot of the root is root itself). 0: done; 1: stopped. */
int sql_walk(PgQuery__Node **root, const struct sql_visitor *visitor,
	     struct error *error);
/* Walks from a struct, which has no slot. */
int sql_walk_message(ProtobufCMessage *root, const struct sql_visitor *visitor,
		     struct error *error);

/* A deep copy in the arena; strings are copied too. NULL for NULL, and for a
 * tree deeper than the limit. */
PgQuery__Node *sql_copy(struct arena *arena, const PgQuery__Node *node);
ProtobufCMessage *sql_copy_message(struct arena *arena,
				   const ProtobufCMessage *message);

/* Whether they are equal except for places in the text (location,
 * stmt_location, stmt_len). */
bool sql_equal(const PgQuery__Node *a, const PgQuery__Node *b);

/* Sets every location in the tree to -1 (unknown). */
void sql_forget_places(ProtobufCMessage *root);

#endif
