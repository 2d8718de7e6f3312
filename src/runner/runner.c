#include "runner/runner.h"

#include <string.h>

#include "adapters/adapter.h"

static const char *const no_path[] = {NULL};

int runner_steps(struct runner *runner, const char *text,
		 const struct database_parameters *parameters,
		 struct arena *arena, struct plan_steps *steps,
		 struct error *error)
{
	static const struct database_parameters none;
	struct lens_session session = {
	    .search_path = no_path,
	    .temporary_tables = runner->temporary_tables,
	    .key = runner->key,
	};
	size_t size = strlen(text);
	const struct plan *plan;
	int result = 0;

	if (!parameters)
		parameters = &none;
	plan = lens_plan(runner->lens, &session, text, size, parameters->types,
			 parameters->types ? parameters->count : 0);
	if (plan->action != PLAN_RUN && plan->action != PLAN_SESSION) {
		result = error_set(error, ERROR_INTERNAL, "%s",
				   plan->detail ? plan->detail
						: "it cannot be rewritten");
	} else {
		struct plan_input input = {
		    .text = text,
		    .text_size = size,
		    .parameters = parameters->values,
		    .parameter_formats = parameters->formats,
		    .parameter_types = parameters->types,
		    .parameter_count = parameters->count,
		    .old_values = runner->values ? runner->values
						 : runner->adapter->values,
		    .new_values = runner->adapter->values,
		};

		result = plan_fill(plan, &input, arena, steps, error);
		/* Texts may borrow from the plan. */
		for (size_t i = 0; !result && i < steps->count; i++) {
			struct plan_step *step =
			    (struct plan_step *)(uintptr_t)&steps->steps[i];

			step->text = arena_string(arena, step->text);
		}
	}
	lens_release(runner->lens, plan);
	return result;
}

/* In the arena; values borrow from the result. */
static const struct answer *answer_of(const struct database_result *result,
				      struct arena *arena)
{
	struct answer *answer = arena_alloc(arena, sizeof(*answer));
	struct answer_column *columns =
	    arena_array(arena, result->column_count + 1, sizeof(*columns));

	for (size_t c = 0; c < result->column_count; c++)
		columns[c] = (struct answer_column){.name = result->columns[c],
						    .type = result->types[c],
						    .modifier = -1};
	answer->outcome = ANSWER_OK;
	answer->has_columns = true;
	answer->columns = columns;
	answer->column_count = result->column_count;
	answer->rows = result->rows;
	answer->row_held = result->row_count;
	answer->row_count = result->row_count;
	return answer;
}

struct running {
	const struct database_ops *ops;
	struct database *database;
	struct arena *arena;
	const struct plan_steps *steps;
	const struct answer **answers;	 /* by step */
	struct database_result *results; /* of those that are kept */
};

static int run_step(struct running *running, size_t index,
		    struct database_result *result, struct error *error)
{
	struct plan_step step;
	struct database_parameters given;
	int failed;

	if (plan_bind(running->steps, index, running->answers, running->arena,
		      &step, error))
		return -1;
	given = (struct database_parameters){
	    step.parameters, step.parameter_formats, step.parameter_types,
	    step.parameter_count};
	failed = running->ops->query(running->database, step.text, &given,
				     step.kept ? &running->results[index]
				     : step.role == STEP_ANSWER ? result
								: NULL,
				     error);
	if (!failed && step.kept)
		running->answers[index] =
		    answer_of(&running->results[index], running->arena);
	return failed;
}

static int run_steps(struct runner *runner, const struct plan_steps *steps,
		     struct arena *arena, struct database_result *result,
		     struct error *error)
{
	struct running running = {
	    .ops = runner->adapter->database,
	    .database = runner->shadow,
	    .arena = arena,
	    .steps = steps,
	    .answers =
		arena_array(arena, steps->count + 1, sizeof(*running.answers)),
	    .results =
		arena_array(arena, steps->count + 1, sizeof(*running.results)),
	};
	int failed = 0;

	for (size_t i = 0; !failed && i < steps->count; i++)
		failed = run_step(&running, i, result, error);
	for (size_t i = 0; i < steps->count; i++)
		if (running.answers[i])
			running.ops->release(&running.results[i]);
	return failed;
}

int runner_query(struct runner *runner, const char *text,
		 const struct database_parameters *parameters,
		 struct database_result *result, struct error *error)
{
	struct plan_steps steps;
	struct arena arena;
	int failed;

	if (result)
		memset(result, 0, sizeof(*result));
	arena_init(&arena, 0);
	failed = runner_steps(runner, text, parameters, &arena, &steps, error);
	if (!failed)
		failed = run_steps(runner, &steps, &arena, result, error);
	arena_release(&arena);
	return failed;
}
