#include "runner/runner.h"

#include <string.h>

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

int runner_query(struct runner *runner, const char *text,
		 const struct database_parameters *parameters,
		 struct database_result *result, struct error *error)
{
	const struct database_ops *ops = runner->adapter->database;
	struct plan_steps steps;
	struct arena arena;
	int failed;

	if (result)
		memset(result, 0, sizeof(*result));
	arena_init(&arena, 0);
	failed = runner_steps(runner, text, parameters, &arena, &steps, error);
	for (size_t i = 0; !failed && i < steps.count; i++) {
		const struct plan_step *step = &steps.steps[i];
		struct database_parameters given = {
		    step->parameters, step->parameter_formats,
		    step->parameter_types, step->parameter_count};

		failed = ops->query(runner->shadow, step->text, &given,
				    step->role == STEP_ANSWER ? result : NULL,
				    error);
	}
	arena_release(&arena);
	return failed;
}
