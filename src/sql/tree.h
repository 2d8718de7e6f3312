/*
 * The syntax tree: libpg_query's protobuf-c structs (PgQuery__*), for every
 * engine. A tree lives whole in an arena, nodes that were built or copied as
 * well as parsed ones, so they mix freely and NO protobuf-c *_free function is
 * ever called on any of them.
 *
 * In the structs: a repeated field is n_x and x; an absent string is "" (never
 * NULL in a parsed tree; ours treats NULL as ""); an absent Node is NULL or, in
 * a list, a Node whose node_case is NOT_SET; enums start at 1 (0 is undefined).
 */
#ifndef PARALLAX_SQL_TREE_H
#define PARALLAX_SQL_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pg_query/pg_query.pb-c.h>

#include "base/arena.h"
#include "base/error.h"

/*
 * The node's struct if the node is of that kind, otherwise NULL (also for
 * NULL): PgQuery__ColumnRef *ref = SQL_AS(node, COLUMN_REF, column_ref);
 */
#define SQL_IS(node, CASE) sql_node_is((node), PG_QUERY__NODE__NODE_##CASE)
#define SQL_AS(node, CASE, field)                                              \
	(sql_node_as((node), PG_QUERY__NODE__NODE_##CASE)->field)

static inline bool sql_node_is(const PgQuery__Node *node,
			       PgQuery__Node__NodeCase node_case)
{
	return node && node->node_case == node_case;
}

/* The node, or one whose struct is NULL. */
static inline const PgQuery__Node *sql_node_as(
    const PgQuery__Node *node, PgQuery__Node__NodeCase node_case)
{
	static const PgQuery__Node none;

	return sql_node_is(node, node_case) ? node : &none;
}

/* Whether the string of a node field is set. */
#define SQL_SET(string) ((string) && *(string))

/* One statement of a text. Views into the tree; offset and length are bytes of
 * the text that was parsed, without the white space around and the ';'. */
struct sql_statement {
	PgQuery__Node *node;
	uint32_t offset;
	uint32_t length;
};

struct sql_tree {
	struct sql_statement *statements;
	size_t count; /* 0: an empty text */
};

/* The struct within a Node (its first member is the descriptor), or NULL. */
ProtobufCMessage *sql_unwrap(const PgQuery__Node *node);
/* The struct's name ("SelectStmt"), for messages; "nothing" for NULL. */
const char *sql_node_name(const PgQuery__Node *node);
/* The value of a String node; NULL for other nodes. */
const char *sql_string_value(const PgQuery__Node *node);

#endif
