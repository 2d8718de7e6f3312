/* Reading fields of protobuf-c messages by their descriptors. Private. */
#ifndef PARALLAX_SQL_FIELD_H
#define PARALLAX_SQL_FIELD_H

#include <string.h>

#include "sql/tree.h"

static inline void *sql_field_memory(const ProtobufCMessage *message,
				     const ProtobufCFieldDescriptor *field)
{
	return (char *)(uintptr_t)message + field->offset;
}

/* Of a repeated field. */
static inline size_t sql_field_count(const ProtobufCMessage *message,
				     const ProtobufCFieldDescriptor *field)
{
	return *(const size_t *)((const char *)message +
				 field->quantifier_offset);
}

/* Whether this is the member that a oneof holds. True for fields outside of
 * one. */
static inline bool sql_field_present(const ProtobufCMessage *message,
				     const ProtobufCFieldDescriptor *field)
{
	if (!(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF))
		return true;
	return *(const uint32_t *)((const char *)message +
				   field->quantifier_offset) == field->id;
}

/* Whether it is only a place in the text. */
static inline bool sql_field_is_place(const ProtobufCFieldDescriptor *field)
{
	return field->type == PROTOBUF_C_TYPE_INT32 &&
	       field->label != PROTOBUF_C_LABEL_REPEATED &&
	       (!strcmp(field->name, "location") ||
		!strcmp(field->name, "stmt_location") ||
		!strcmp(field->name, "stmt_len"));
}

static inline size_t sql_field_size(const ProtobufCFieldDescriptor *field)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return 8;
	case PROTOBUF_C_TYPE_BOOL:
		return sizeof(protobuf_c_boolean);
	case PROTOBUF_C_TYPE_STRING:
	case PROTOBUF_C_TYPE_MESSAGE:
		return sizeof(void *);
	case PROTOBUF_C_TYPE_BYTES:
		return sizeof(ProtobufCBinaryData);
	default:
		return 4;
	}
}

#endif
