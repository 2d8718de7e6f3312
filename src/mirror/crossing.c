/*
 * Values on their way from the primary to a shadow of another engine. Binary
 * forms are an engine's own, so they go as texts:
 *
 *	Bind ($1 = 00 00 00 07, binary int4), answers in binary
 *	$1 = '7', as text; answers as text, too
 */
#include <string.h>

#include "mirror/internal.h"

bool crossing_engines(const struct task *task)
{
	const struct mirror_options *options = task->mirror->options;

	return options->primary_adapter->values !=
	       options->shadow_adapter->values;
}

/* -1: it is in a form that cannot be read. */
static int make_text(struct task *task, uint32_t type, uint8_t format,
		     struct value *value)
{
	const struct value_side side = {
	    task->mirror->options->primary_adapter->values,
	    task->version->catalogs->old_catalog, type, format, *value};

	if (!format || !value->data)
		return 0;
	if (!value_is_readable(&side))
		return -1;
	value->data = (const uint8_t *)value_text(&side, &task->arena);
	value->size = (uint32_t)strlen((const char *)value->data);
	return 0;
}

int crossing_parameters(struct task *task, struct decoded_bind *bind,
			const uint32_t *types, struct error *error)
{
	size_t count = bind->value_count;
	struct value *values;

	if (!crossing_engines(task))
		return 0;
	values = arena_array(&task->arena, count + 1, sizeof(*values));
	for (size_t i = 0; i < count; i++) {
		values[i] = bind->values[i];
		if (make_text(task, types[i], bind->formats[i], &values[i]))
			return error_set(
			    error, ERROR_LIMIT,
			    "parameter %zu is in a binary form "
			    "that cannot be turned into a text for "
			    "the shadow's engine",
			    i + 1);
	}
	bind->values = values;
	bind->formats = arena_array(&task->arena, count + 1, 1);
	bind->result_format_count = 0;
	return 0;
}

/* What cannot be read is no value to be carried. */
const struct answer *crossing_answer(struct task *task)
{
	const struct answer *own = &task->primary;
	size_t cells = own->row_held * own->column_count;
	struct answer_column *columns;
	struct answer *answer;
	struct value *rows;

	if (!crossing_engines(task) || !own->columns || own->copy)
		return own;
	answer = arena_copy(&task->arena, own, sizeof(*own));
	columns = arena_copy(&task->arena, own->columns,
			     own->column_count * sizeof(*columns));
	rows = arena_copy(&task->arena, own->rows, cells * sizeof(*rows));
	for (size_t i = 0; i < cells; i++) {
		const struct answer_column *column =
		    &own->columns[i % own->column_count];

		if (make_text(task, column->type, column->format, &rows[i]))
			rows[i] = (struct value){0};
	}
	for (size_t c = 0; c < own->column_count; c++)
		columns[c].format = 0;
	answer->columns = columns;
	answer->rows = rows;
	return answer;
}
