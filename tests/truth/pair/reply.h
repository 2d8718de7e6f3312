/* Answers in JSON. */
#ifndef TESTS_TRUTH_PAIR_REPLY_H
#define TESTS_TRUTH_PAIR_REPLY_H

#include <jansson.h>

#include "truth/pair/server.h"

/* NULL is JSON's; bytes that are no text are told as such. */
static json_t *text_value(const void *data, size_t size)
{
	json_t *text = data ? json_stringn(data, size) : json_null();

	return text ? text : json_sprintf("(%zu bytes)", size);
}

static void say(json_t *reply, const char *key, const char *text)
{
	json_object_set_new(
	    reply, key, text_value(text ? text : "", text ? strlen(text) : 0));
}

static void say_rows(json_t *reply, const char *key, const struct answer *rows,
		     size_t most)
{
	json_t *list = json_array();
	size_t width = rows->copy ? 1 : rows->column_count;

	for (size_t r = 0; r < rows->row_held && r < most; r++) {
		json_t *row = json_array();

		for (size_t c = 0; c < width; c++) {
			const struct value *value = &rows->rows[r * width + c];

			json_array_append_new(
			    row, text_value(value->data, value->size));
		}
		json_array_append_new(list, row);
	}
	json_object_set_new(reply, key, list);
}

static void say_columns(json_t *reply, const struct answer *answer)
{
	json_t *list = json_array();

	for (size_t i = 0; i < answer->column_count; i++)
		json_array_append_new(list,
				      json_string(answer->columns[i].name));
	json_object_set_new(reply, "columns", list);
}

#endif
