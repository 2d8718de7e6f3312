/* Deep copies and structural equality. */
#include "sql/field.h"
#include "sql/walk.h"

static void *copy_message(struct arena *arena, const ProtobufCMessage *message,
			  int depth, bool *too_deep);

static char *copy_string(struct arena *arena, char *text)
{
	if (!text || !*text)
		return (char *)(uintptr_t)protobuf_c_empty_string;
	return arena_string(arena, text);
}

static void copy_field(struct arena *arena, ProtobufCMessage *copy,
		       const ProtobufCFieldDescriptor *field, int depth,
		       bool *too_deep)
{
	void *memory = sql_field_memory(copy, field);
	bool message = field->type == PROTOBUF_C_TYPE_MESSAGE;
	bool string = field->type == PROTOBUF_C_TYPE_STRING;

	if (field->label == PROTOBUF_C_LABEL_REPEATED) {
		size_t count = sql_field_count(copy, field);
		size_t size = sql_field_size(field);
		void *old = *(void **)memory;
		void **items = NULL;

		if (count) {
			items = arena_array(arena, count, size);
			memcpy(items, old, count * size);
		}
		*(void **)memory = items;
		for (size_t i = 0; i < count && (message || string); i++)
			items[i] = message ? copy_message(arena, items[i],
							  depth, too_deep)
					   : copy_string(arena, items[i]);
	} else if (message) {
		*(void **)memory =
		    copy_message(arena, *(void **)memory, depth, too_deep);
	} else if (string) {
		*(char **)memory = copy_string(arena, *(char **)memory);
	}
}

static void *copy_message(struct arena *arena, const ProtobufCMessage *message,
			  int depth, bool *too_deep)
{
	const ProtobufCMessageDescriptor *type;
	ProtobufCMessage *copy;

	if (!message)
		return NULL;
	if (depth > 2 * SQL_DEPTH_LIMIT) /* a Node and its struct count each */
		*too_deep = true;
	if (*too_deep)
		return NULL;
	type = message->descriptor;
	copy = arena_copy(arena, message, type->sizeof_message);
	copy->n_unknown_fields = 0;
	copy->unknown_fields = NULL;
	if (type == &pg_query__node__descriptor) {
		PgQuery__Node *node = (PgQuery__Node *)copy;

		node->alias =
		    copy_message(arena, sql_unwrap(node), depth + 1, too_deep);
		return copy;
	}
	for (unsigned i = 0; i < type->n_fields; i++)
		if (sql_field_present(copy, &type->fields[i]))
			copy_field(arena, copy, &type->fields[i], depth + 1,
				   too_deep);
	return copy;
}

PgQuery__Node *sql_copy(struct arena *arena, const PgQuery__Node *node)
{
	return (PgQuery__Node *)sql_copy_message(arena,
						 node ? &node->base : NULL);
}

ProtobufCMessage *sql_copy_message(struct arena *arena,
				   const ProtobufCMessage *message)
{
	bool too_deep = false;
	ProtobufCMessage *copy = copy_message(arena, message, 0, &too_deep);

	return too_deep ? NULL : copy;
}

static bool equal_message(const ProtobufCMessage *a, const ProtobufCMessage *b,
			  int depth);

static bool equal_string(const char *a, const char *b)
{
	return !strcmp(a ? a : "", b ? b : "");
}

static bool equal_item(const ProtobufCFieldDescriptor *field, const void *a,
		       const void *b, int depth)
{
	switch (field->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
		return equal_message(*(ProtobufCMessage *const *)a,
				     *(ProtobufCMessage *const *)b, depth);
	case PROTOBUF_C_TYPE_STRING:
		return equal_string(*(char *const *)a, *(char *const *)b);
	default:
		return !memcmp(a, b, sql_field_size(field));
	}
}

static bool equal_field(const ProtobufCMessage *a, const ProtobufCMessage *b,
			const ProtobufCFieldDescriptor *field, int depth)
{
	const char *in_a = sql_field_memory(a, field);
	const char *in_b = sql_field_memory(b, field);
	size_t size = sql_field_size(field);
	size_t count;

	if (field->label != PROTOBUF_C_LABEL_REPEATED) {
		bool present = sql_field_present(a, field);

		if (present != sql_field_present(b, field))
			return false;
		return !present || equal_item(field, in_a, in_b, depth);
	}
	count = sql_field_count(a, field);
	if (count != sql_field_count(b, field))
		return false;
	in_a = *(const char *const *)in_a;
	in_b = *(const char *const *)in_b;
	for (size_t i = 0; i < count; i++)
		if (!equal_item(field, in_a + i * size, in_b + i * size, depth))
			return false;
	return true;
}

/*
 * The parser joins `(a AND b) AND c` into one list of three, and `- 5` into one
 * constant. Trees made by substitution may hold what it would have joined; both
 * mean the same, so they are equal.
 */
static const PgQuery__BoolExpr *leading_bool(const PgQuery__BoolExpr *item)
{
	const PgQuery__BoolExpr *first;

	if (!item->n_args || item->boolop == PG_QUERY__BOOL_EXPR_TYPE__NOT_EXPR)
		return NULL;
	first = SQL_AS(item->args[0], BOOL_EXPR, bool_expr);
	return first && first->boolop == item->boolop ? first : NULL;
}

static size_t count_bool(const PgQuery__BoolExpr *item)
{
	size_t count = item->n_args;

	while ((item = leading_bool(item)))
		count += item->n_args - 1;
	return count;
}

/* The i-th operand from the end, with the leading lists joined. */
static const PgQuery__Node *bool_from_end(const PgQuery__BoolExpr *item,
					  size_t i)
{
	const PgQuery__BoolExpr *first;

	while ((first = leading_bool(item)) && i >= item->n_args - 1) {
		i -= item->n_args - 1;
		item = first;
	}
	return item->args[item->n_args - 1 - i];
}

static bool equal_bool(const PgQuery__BoolExpr *a, const PgQuery__BoolExpr *b,
		       int depth)
{
	size_t count = count_bool(a);

	if (a->boolop != b->boolop || count != count_bool(b))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!equal_message(&bool_from_end(a, i)->base,
				   &bool_from_end(b, i)->base, depth))
			return false;
	return true;
}

/* The operand of a minus before a number, otherwise NULL. */
static const PgQuery__AConst *negated(const PgQuery__Node *node)
{
	const PgQuery__AExpr *expr = SQL_AS(node, A_EXPR, a_expr);
	const PgQuery__AConst *constant;

	if (!expr || expr->kind != PG_QUERY__A__EXPR__KIND__AEXPR_OP ||
	    expr->lexpr || expr->n_name != 1 ||
	    !equal_string(sql_string_value(expr->name[0]), "-"))
		return NULL;
	constant = SQL_AS(expr->rexpr, A_CONST, a_const);
	if (!constant || constant->isnull ||
	    (constant->val_case != PG_QUERY__A__CONST__VAL_IVAL &&
	     constant->val_case != PG_QUERY__A__CONST__VAL_FVAL))
		return NULL;
	return constant;
}

static bool equal_negated(const PgQuery__AConst *operand,
			  const PgQuery__AConst *constant)
{
	if (constant->isnull || operand->val_case != constant->val_case)
		return false;
	if (operand->val_case == PG_QUERY__A__CONST__VAL_IVAL)
		return (int64_t)operand->ival->ival ==
		       -(int64_t)constant->ival->ival;
	if (*operand->fval->fval == '-')
		return equal_string(operand->fval->fval + 1,
				    constant->fval->fval);
	return *constant->fval->fval == '-' &&
	       equal_string(operand->fval->fval, constant->fval->fval + 1);
}

static bool equal_node(const PgQuery__Node *a, const PgQuery__Node *b,
		       int depth)
{
	if (a->node_case == b->node_case) {
		if (SQL_IS(a, BOOL_EXPR))
			return equal_bool(a->bool_expr, b->bool_expr, depth);
		return equal_message(sql_unwrap(a), sql_unwrap(b), depth);
	}
	if (SQL_IS(a, A_CONST) && negated(b))
		return equal_negated(negated(b), a->a_const);
	if (SQL_IS(b, A_CONST) && negated(a))
		return equal_negated(negated(a), b->a_const);
	return false;
}

/* An absent node is NULL or an empty Node. */
static bool absent(const ProtobufCMessage *message)
{
	return !message ||
	       (message->descriptor == &pg_query__node__descriptor &&
		!sql_unwrap((const PgQuery__Node *)message));
}

static bool equal_message(const ProtobufCMessage *a, const ProtobufCMessage *b,
			  int depth)
{
	const ProtobufCMessageDescriptor *type;

	if (depth > 2 * SQL_DEPTH_LIMIT)
		return false;
	if (absent(a) || absent(b))
		return absent(a) && absent(b);
	type = a->descriptor;
	if (type != b->descriptor)
		return false;
	if (type == &pg_query__node__descriptor)
		return equal_node((const PgQuery__Node *)a,
				  (const PgQuery__Node *)b, depth + 1);
	for (unsigned i = 0; i < type->n_fields; i++)
		if (!sql_field_is_place(&type->fields[i]) &&
		    !equal_field(a, b, &type->fields[i], depth + 1))
			return false;
	return true;
}

bool sql_equal(const PgQuery__Node *a, const PgQuery__Node *b)
{
	return equal_message(a ? &a->base : NULL, b ? &b->base : NULL, 0);
}
