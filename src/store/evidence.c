/*
 * {"columns": ["id", ...],
 *  "rows": [{"class": "rows.value", "row": 0, "primary": [...] | null,
 *            "shadow": [...] | null, "differs": [false, ...] | null}],
 *  "row_total": 3,
 *  "primary": {"outcome": "ok", "tag": "SELECT 1", "rows": 1, "affected": 1,
 *              "sqlstate": ..., "message": ..., "constraint": ...,
 *              "warnings": 0, "columns": [...]},
 *  "shadow": {...}}
 *
 * Absent members are absent, not null. Values are redacted texts.
 */
#include "store/evidence.h"

#include <jansson.h>

#include "base/memory.h"
#include "base/utf8.h"

enum {
	COLUMN_LIMIT = 100,	/* columns of evidence */
	NAME_LIMIT = 128,	/* bytes of a name */
	SIZE_LIMIT = 64 * 1024, /* bytes of values in one evidence,
				   approximately */
};

static const char *const outcomes[] = {
    [ANSWER_OK] = "ok",
    [ANSWER_FAILED] = "failed",
    [ANSWER_SUSPENDED] = "suspended",
    [ANSWER_EMPTY] = "empty",
    [ANSWER_ABANDONED] = "abandoned",
    [ANSWER_SKIPPED] = "skipped",
};

/* Takes text. */
static json_t *string_take(char *text)
{
	json_t *string = text ? json_string(text) : json_null();

	free(text);
	return string;
}

static void set_text(json_t *object, const char *key, char *text)
{
	if (text && *text)
		json_object_set_new(object, key, string_take(text));
	else
		free(text);
}

static json_t *names(const char *const *list, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count && i < COLUMN_LIMIT; i++)
		json_array_append_new(
		    array, string_take(utf8_clean(list[i] ? list[i] : "?",
						  NAME_LIMIT)));
	return array;
}

static json_t *answer_json(const struct redactor *redactor,
			   const struct answer *answer)
{
	const struct answer_problem *problem = &answer->problem;
	json_t *object = json_object();

	json_object_set_new(object, "outcome",
			    json_string(outcomes[answer->outcome]));
	set_text(object, "tag", utf8_clean(answer->tag, NAME_LIMIT));
	json_object_set_new(object, "rows",
			    json_integer((json_int_t)answer->row_count));
	json_object_set_new(object, "affected",
			    json_integer((json_int_t)answer->affected));
	json_object_set_new(object, "warnings",
			    json_integer((json_int_t)answer->warning_count));
	if (answer->outcome == ANSWER_FAILED) {
		set_text(object, "sqlstate",
			 utf8_clean(problem->code, NAME_LIMIT));
		set_text(object, "message",
			 redact_message(redactor, &problem->values,
					problem->message));
		set_text(object, "constraint",
			 utf8_clean(problem->constraint, NAME_LIMIT));
	}
	if (answer->has_columns && answer->columns) { /* else not told */
		json_t *array = json_array();

		for (size_t i = 0; i < answer->column_count && i < COLUMN_LIMIT;
		     i++) {
			const char *name = answer->columns[i].name;

			json_array_append_new(
			    array, string_take(utf8_clean(name ? name : "?",
							  NAME_LIMIT)));
		}
		json_object_set_new(object, "columns", array);
	}
	return object;
}

/* One side of a row, or null; adds to *size what it takes. */
static json_t *side_json(const struct redactor *redactor,
			 const struct comparison *comparison,
			 const char *const *values, size_t *size)
{
	json_t *array;

	if (!values)
		return json_null();
	array = json_array();
	for (size_t i = 0; i < comparison->column_count && i < COLUMN_LIMIT;
	     i++) {
		char *shown =
		    comparison->column_shown && comparison->column_shown[i]
			? redact_public(values[i])
			: redact_value(redactor, values[i]);

		*size += strlen(shown) + 4;
		json_array_append_new(array, string_take(shown));
	}
	return array;
}

static json_t *row_json(const struct redactor *redactor,
			const struct comparison *comparison,
			const struct difference *difference, size_t *size)
{
	json_t *object = json_object();

	json_object_set_new(object, "class",
			    json_string(divergence_name(difference->class)));
	json_object_set_new(object, "row",
			    json_integer((json_int_t)difference->row));
	json_object_set_new(object, "primary",
			    side_json(redactor, comparison,
				      (const char *const *)difference->primary,
				      size));
	json_object_set_new(object, "shadow",
			    side_json(redactor, comparison,
				      (const char *const *)difference->shadow,
				      size));
	if (difference->differs) {
		json_t *array = json_array();

		for (size_t i = 0;
		     i < comparison->column_count && i < COLUMN_LIMIT; i++)
			json_array_append_new(
			    array, json_boolean(difference->differs[i]));
		json_object_set_new(object, "differs", array);
	}
	return object;
}

char *evidence_encode(const struct redactor *redactor,
		      const struct store_divergence *divergence)
{
	const struct comparison *comparison = divergence->comparison;
	json_t *root = json_object();
	char *text;

	if (comparison) {
		json_t *rows = json_array();
		size_t size = 0;

		for (size_t i = 0;
		     i < comparison->difference_count && size < SIZE_LIMIT; i++)
			json_array_append_new(
			    rows, row_json(redactor, comparison,
					   &comparison->differences[i], &size));
		json_object_set_new(root, "columns",
				    names(comparison->column_names,
					  comparison->column_names
					      ? comparison->column_count
					      : 0));
		json_object_set_new(root, "rows", rows);
		json_object_set_new(
		    root, "row_total",
		    json_integer((json_int_t)comparison->difference_total));
	}
	if (divergence->primary)
		json_object_set_new(root, "primary",
				    answer_json(redactor, divergence->primary));
	if (divergence->shadow)
		json_object_set_new(root, "shadow",
				    answer_json(redactor, divergence->shadow));
	text = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	if (!text)
		memory_exhausted(SIZE_LIMIT);
	return text;
}

static const char *get_text(struct arena *arena, const json_t *object,
			    const char *key)
{
	return arena_string(arena,
			    json_string_value(json_object_get(object, key)));
}

static const char *const *get_texts(struct arena *arena, const json_t *array,
				    size_t count)
{
	const char **out;

	if (!json_is_array(array))
		return NULL;
	out = arena_array(arena, count ? count : 1, sizeof(*out));
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(array, i));

		out[i] = arena_string(arena, text ? text : "");
	}
	return out;
}

static void get_outcome(struct arena *arena, const json_t *object,
			struct store_outcome *out)
{
	const json_t *columns = json_object_get(object, "columns");

	out->outcome = get_text(arena, object, "outcome");
	if (!out->outcome)
		out->outcome = "";
	out->tag = get_text(arena, object, "tag");
	out->sqlstate = get_text(arena, object, "sqlstate");
	out->message = get_text(arena, object, "message");
	out->constraint = get_text(arena, object, "constraint");
	out->row_count =
	    (uint64_t)json_integer_value(json_object_get(object, "rows"));
	out->affected = -1;
	if (json_is_integer(json_object_get(object, "affected")))
		out->affected =
		    json_integer_value(json_object_get(object, "affected"));
	out->warnings =
	    (uint64_t)json_integer_value(json_object_get(object, "warnings"));
	out->column_count = json_array_size(columns);
	out->columns = get_texts(arena, columns, out->column_count);
}

static void get_row(struct arena *arena, const json_t *object, size_t columns,
		    struct store_row *out)
{
	const char *class = json_string_value(json_object_get(object, "class"));
	const json_t *differs = json_object_get(object, "differs");

	for (int i = 0; class && i < DIVERGENCE_COUNT; i++)
		if (!strcmp(class, divergence_name((enum divergence_class)i)))
			out->class = (enum divergence_class)i;
	out->row = (uint64_t)json_integer_value(json_object_get(object, "row"));
	out->primary =
	    get_texts(arena, json_object_get(object, "primary"), columns);
	out->shadow =
	    get_texts(arena, json_object_get(object, "shadow"), columns);
	if (json_is_array(differs)) {
		bool *flags =
		    arena_array(arena, columns ? columns : 1, sizeof(*flags));

		for (size_t i = 0; i < columns; i++)
			flags[i] = json_is_true(json_array_get(differs, i));
		out->differs = flags;
	}
}

int evidence_decode(const char *json, struct arena *arena,
		    struct store_evidence *out)
{
	json_t *root = json ? json_loads(json, 0, NULL) : NULL;
	const json_t *rows;
	const json_t *columns;
	struct store_row *list;

	if (!json_is_object(root)) {
		json_decref(root);
		return -1;
	}
	columns = json_object_get(root, "columns");
	rows = json_object_get(root, "rows");
	out->column_count = json_array_size(columns);
	out->columns = get_texts(arena, columns, out->column_count);
	out->row_count = json_array_size(rows);
	out->row_total =
	    (uint64_t)json_integer_value(json_object_get(root, "row_total"));
	list = arena_array(arena, out->row_count ? out->row_count : 1,
			   sizeof(*list));
	for (size_t i = 0; i < out->row_count; i++)
		get_row(arena, json_array_get(rows, i), out->column_count,
			&list[i]);
	out->rows = list;
	get_outcome(arena, json_object_get(root, "primary"), &out->primary);
	get_outcome(arena, json_object_get(root, "shadow"), &out->shadow);
	json_decref(root);
	return 0;
}
