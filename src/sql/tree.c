#include "sql/tree.h"

ProtobufCMessage *sql_unwrap(const PgQuery__Node *node)
{
	/* All members of the union are pointers to messages. */
	if (!node || node->node_case == PG_QUERY__NODE__NODE__NOT_SET)
		return NULL;
	return (ProtobufCMessage *)(void *)node->alias;
}

const char *sql_node_name(const PgQuery__Node *node)
{
	const ProtobufCMessage *message = sql_unwrap(node);

	return message ? message->descriptor->short_name : "nothing";
}

const char *sql_string_value(const PgQuery__Node *node)
{
	return SQL_IS(node, STRING) ? node->string->sval : NULL;
}
