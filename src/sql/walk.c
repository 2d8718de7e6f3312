#include "sql/walk.h"

#include "sql/field.h"

enum sql_step_result { WALK_ON = 0, WALK_STOPPED = 1, WALK_FAILED = -1 };

static int walk_message(struct sql_place *place,
			const struct sql_visitor *visitor, struct error *error);

static int walk_child(const struct sql_place *parent,
		      const ProtobufCFieldDescriptor *field, int index,
		      void *child, const struct sql_visitor *visitor,
		      struct error *error)
{
	struct sql_place place = {.parent = parent,
				  .field = field->name,
				  .index = index,
				  .depth = parent->depth + 1};

	if (field->descriptor == &pg_query__node__descriptor) {
		place.slot = child;
		place.message = sql_unwrap(*place.slot);
	} else {
		place.message = *(ProtobufCMessage **)child;
	}
	if (!place.message)
		return WALK_ON;
	return walk_message(&place, visitor, error);
}

static int walk_children(const struct sql_place *place,
			 const struct sql_visitor *visitor, struct error *error)
{
	ProtobufCMessage *message = place->message;
	const ProtobufCMessageDescriptor *type = message->descriptor;

	for (unsigned i = 0; i < type->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &type->fields[i];
		int result = WALK_ON;

		if (field->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		if (field->label != PROTOBUF_C_LABEL_REPEATED) {
			if (sql_field_present(message, field))
				result =
				    walk_child(place, field, -1,
					       sql_field_memory(message, field),
					       visitor, error);
			if (result != WALK_ON)
				return result;
			continue;
		}
		/* The count is read again, since a visitor may append to the
		 * list. */
		for (size_t j = 0; j < sql_field_count(message, field); j++) {
			void **items =
			    *(void ***)sql_field_memory(message, field);

			result = walk_child(place, field, (int)j, &items[j],
					    visitor, error);
			if (result != WALK_ON)
				return result;
		}
	}
	return WALK_ON;
}

static int walk_result(enum sql_step step)
{
	return step == SQL_STEP_FAIL   ? WALK_FAILED
	       : step == SQL_STEP_STOP ? WALK_STOPPED
				       : WALK_ON;
}

static int walk_message(struct sql_place *place,
			const struct sql_visitor *visitor, struct error *error)
{
	enum sql_step step = SQL_STEP_INTO;
	int result;

	if (place->depth > SQL_DEPTH_LIMIT)
		return error_set(error, ERROR_LIMIT,
				 "statement is nested too deeply");
	if (visitor->pre)
		step = visitor->pre(place, visitor->context, error);
	if (step != SQL_STEP_INTO)
		return walk_result(step);
	result = walk_children(place, visitor, error);
	if (result != WALK_ON || !visitor->post)
		return result;
	return walk_result(visitor->post(place, visitor->context, error));
}

int sql_walk(PgQuery__Node **root, const struct sql_visitor *visitor,
	     struct error *error)
{
	struct sql_place place = {.slot = root, .index = -1};

	place.message = sql_unwrap(*root);
	return place.message ? walk_message(&place, visitor, error) : WALK_ON;
}

int sql_walk_message(ProtobufCMessage *root, const struct sql_visitor *visitor,
		     struct error *error)
{
	struct sql_place place = {.message = root, .index = -1};

	return root ? walk_message(&place, visitor, error) : WALK_ON;
}

static enum sql_step forget_place(struct sql_place *place, void *context,
				  struct error *error)
{
	ProtobufCMessage *message = place->message;

	(void)context;
	(void)error;
	for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field =
		    &message->descriptor->fields[i];

		if (sql_field_is_place(field))
			*(int32_t *)sql_field_memory(message, field) = -1;
	}
	return SQL_STEP_INTO;
}

void sql_forget_places(ProtobufCMessage *root)
{
	struct sql_visitor visitor = {.pre = forget_place};
	struct error ignored; /* beyond the limit nothing else can be done */

	sql_walk_message(root, &visitor, &ignored);
}
