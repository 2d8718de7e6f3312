/*
 * Literals for another dialect. For 'a\b', 12 and X'1F' of one engine:
 *
 *	SELECT 'a\b', X'1F'		parsed by its own parser
 *	E'a\\b', 12, B'00011111'	each constant printed by the other one
 */
#include "sql/literal.h"

#include "sql/print.h"

struct translation {
	const char *text;
	const struct sql_shape *shape;
	struct arena *arena;
	struct bytes *out;
};

static bool is_decimal(const char *text, const struct sql_literal *literal)
{
	if (literal->kind == SQL_LITERAL_STRING ||
	    literal->kind == SQL_LITERAL_BITS)
		return false;
	return strspn(text + literal->offset, "0123456789.eE+-") >=
	       literal->length;
}

/* SELECT literal, literal, ... Returns the number of literals in it. */
static size_t write_list(struct translation *translation, struct buffer *list)
{
	const struct sql_shape *shape = translation->shape;
	size_t count = 0;

	buffer_append_string(list, "SELECT ");
	for (size_t i = 0; i < shape->count; i++) {
		const struct sql_literal *literal = &shape->literals[i];
		const char *bytes = translation->text + literal->offset;

		translation->out[i] =
		    (struct bytes){(const uint8_t *)bytes, literal->length};
		if (is_decimal(translation->text, literal))
			continue;
		buffer_append_string(list, count++ ? ", " : "");
		buffer_append(list, bytes, literal->length);
	}
	return count;
}

static int write_constant(struct translation *translation, size_t at,
			  const PgQuery__Node *target,
			  const struct sql_dialect *to, struct error *error)
{
	const PgQuery__Node *constant =
	    SQL_IS(target, RES_TARGET) ? target->res_target->val : NULL;
	struct buffer text;
	int result;

	if (!SQL_IS(constant, A_CONST))
		return error_set(error, ERROR_INTERNAL,
				 "a literal is no constant");
	buffer_init(&text, 0);
	result = sql_print(constant, to, &text, NULL, error);
	if (!result && text.failed)
		result = error_set(error, ERROR_LIMIT, "a literal is too long");
	if (!result)
		translation->out[at] = (struct bytes){
		    arena_copy(translation->arena, text.data, text.size),
		    text.size};
	buffer_release(&text);
	return result;
}

static int write_constants(struct translation *translation,
			   const struct sql_tree *tree, size_t count,
			   const struct sql_dialect *to, struct error *error)
{
	const PgQuery__SelectStmt *select =
	    tree->count == 1
		? SQL_AS(tree->statements[0].node, SELECT_STMT, select_stmt)
		: NULL;
	size_t next = 0;

	if (!select || select->n_target_list != count)
		return error_set(error, ERROR_INTERNAL,
				 "the literals are no list of constants");
	for (size_t i = 0; i < translation->shape->count; i++)
		if (!is_decimal(translation->text,
				&translation->shape->literals[i]) &&
		    write_constant(translation, i, select->target_list[next++],
				   to, error))
			return -1;
	return 0;
}

const struct bytes *sql_literals_translate(
    const struct parser *parser, const struct sql_dialect *to, const char *text,
    const struct sql_shape *shape, struct arena *arena, struct error *error)
{
	struct translation translation = {
	    .text = text,
	    .shape = shape,
	    .arena = arena,
	    .out = arena_array(arena, shape->count + 1, sizeof(struct bytes))};
	struct buffer list;
	struct sql_tree tree;
	size_t count;
	int result = 0;

	buffer_init(&list, PARSER_LENGTH_LIMIT);
	count = write_list(&translation, &list);
	if (list.failed)
		result = error_set(error, ERROR_LIMIT,
				   "the statement's literals are too long");
	else if (count)
		result = parser->parse((const char *)list.data, list.size,
				       arena, &tree, error) ||
			 write_constants(&translation, &tree, count, to, error);
	buffer_release(&list);
	return result ? NULL : translation.out;
}
