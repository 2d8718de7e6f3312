/*
 * Puts the rows of one step into the text of a later one, as typed parameters:
 *
 *	UPDATE accounts AS target SET name = parallax_row_1.name
 *	FROM (SELECT ...) AS parallax_row_1 WHERE ...
 *
 * becomes, if the rows of the earlier step were (7, 'Ada') and (9, NULL),
 *
 *	... FROM (SELECT * FROM (VALUES ($1, $2), ($3, $4)) AS parallax_rows
 *		(id, name) LIMIT 2) AS parallax_row_1 WHERE ...
 *
 * The values are sent in the format in which they came.
 */
#include "lens/plan.h"

#include <string.h>

enum { PARAMETERS_MAX = 65535 };

struct binding {
	const struct plan_step *step;
	const struct answer *const *answers;
	const struct sql_dialect *dialect;
	struct arena *arena;
	struct plan_step *bound;
	struct value *values;
	uint8_t *formats;
	uint32_t *types;
	size_t count;
};

static size_t row_count(const struct answer *answer)
{
	return answer->row_held ? answer->row_held : 1;
}

/* A text may take the same rows twice; their values are sent once. */
static bool is_first(const struct plan_step *step, size_t hole)
{
	for (size_t i = 0; i < hole; i++)
		if (step->holes[i].source == step->holes[hole].source)
			return false;
	return true;
}

static size_t count_values(const struct binding *binding)
{
	const struct plan_step *step = binding->step;
	size_t count = step->parameter_count;

	for (size_t i = 0; i < step->hole_count; i++) {
		const struct answer *answer =
		    binding->answers[step->holes[i].source];

		if (is_first(step, i))
			count += row_count(answer) * answer->column_count;
	}
	return count;
}

static bool are_all_here(const struct binding *binding)
{
	for (size_t i = 0; i < binding->step->hole_count; i++)
		if (binding->answers[binding->step->holes[i].source]->capped)
			return false;
	return true;
}

static void add_value(struct binding *binding, const struct value *value,
		      uint8_t format, uint32_t type)
{
	binding->values[binding->count] = *value;
	binding->formats[binding->count] = format;
	binding->types[binding->count++] = type;
}

static void add_rows(struct binding *binding, const struct answer *answer)
{
	static const struct value null;

	for (size_t r = 0; r < row_count(answer); r++)
		for (size_t c = 0; c < answer->column_count; c++)
			add_value(
			    binding,
			    answer->row_held
				? &answer->rows[r * answer->column_count + c]
				: &null,
			    answer->columns[c].format, answer->columns[c].type);
}

/* Returns the number of the first parameter of the source's rows. */
static size_t place_rows(struct binding *binding, size_t hole, size_t *first)
{
	const struct plan_step *step = binding->step;

	for (size_t i = 0; i < hole; i++)
		if (step->holes[i].source == step->holes[hole].source)
			return first[i];
	first[hole] = binding->count + 1;
	add_rows(binding, binding->answers[step->holes[hole].source]);
	return first[hole];
}

static const char *const *names_of(struct binding *binding,
				   const struct plan_hole *hole,
				   const struct answer *answer)
{
	const char **names = arena_array(
	    binding->arena, answer->column_count + 1, sizeof(*names));

	for (size_t c = 0; c < answer->column_count; c++)
		names[c] = c < hole->name_count ? hole->names[c]
						: answer->columns[c].name;
	return names;
}

static void write_text(struct binding *binding, struct buffer *out)
{
	const struct plan_step *step = binding->step;
	size_t *first =
	    arena_array(binding->arena, step->hole_count + 1, sizeof(*first));
	size_t from = 0;

	for (size_t i = 0; i < step->hole_count; i++) {
		const struct plan_hole *hole = &step->holes[i];
		const struct answer *answer = binding->answers[hole->source];

		buffer_append(out, step->text + from, hole->at - from);
		from = hole->at;
		first[i] = place_rows(binding, i, first);
		binding->dialect->rows(out, names_of(binding, hole, answer),
				       answer->column_count, answer->row_held,
				       first[i]);
	}
	buffer_append_string(out, step->text + from);
}

int plan_bind(const struct plan_steps *steps, size_t index,
	      const struct answer *const *answers, struct arena *arena,
	      struct plan_step *bound, struct error *error)
{
	const struct plan_step *step = &steps->steps[index];
	struct binding binding = {.step = step,
				  .answers = answers,
				  .dialect = steps->dialect,
				  .arena = arena,
				  .bound = bound};
	struct buffer text;
	size_t count;

	*bound = *step;
	if (!step->hole_count)
		return 0;
	count = count_values(&binding);
	if (count > PARAMETERS_MAX || !are_all_here(&binding))
		return error_set(error, ERROR_LIMIT,
				 "a step has more rows than can be put into "
				 "another as values");
	binding.values = arena_array(arena, count + 1, sizeof(struct value));
	binding.formats = arena_alloc(arena, count + 1);
	binding.types = arena_array(arena, count + 1, sizeof(uint32_t));
	for (size_t i = 0; i < step->parameter_count; i++)
		add_value(&binding, &step->parameters[i],
			  step->parameter_formats[i], step->parameter_types[i]);
	buffer_init(&text, 0);
	write_text(&binding, &text);
	bound->text = arena_string(arena, buffer_string(&text));
	buffer_release(&text);
	bound->parameters = binding.values;
	bound->parameter_formats = binding.formats;
	bound->parameter_types = binding.types;
	bound->parameter_count = binding.count;
	bound->holes = NULL;
	bound->hole_count = 0;
	return 0;
}
