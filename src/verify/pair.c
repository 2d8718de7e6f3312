/* One job's two connections, and statements on both at once. */
#include <inttypes.h>
#include <pthread.h>
#include <string.h>

#include "base/memory.h"
#include "verify/internal.h"

static const char *const names[SIDES] = {"primary", "shadow"};

/* Says where it was. */
static int at_side(int side, struct error *error)
{
	struct error copy = *error;

	error_set(error, copy.kind, "%s: %s", names[side], copy.message);
	snprintf(error->native, sizeof(error->native), "%s", copy.native);
	snprintf(error->hint, sizeof(error->hint), "%s", copy.hint);
	return -1;
}

const char *pair_said(const char *message)
{
	for (int side = 0; side < SIDES; side++) {
		size_t size = strlen(names[side]);

		if (!strncmp(message, names[side], size) &&
		    !strncmp(message + size, ": ", 2))
			return message + size + 2;
	}
	return message;
}

int pair_control(struct verify_pair *pair, int side, enum session_control what,
		 struct error *error)
{
	return pair->adapters[side]->database->control(pair->sides[side], what,
						       NULL, error)
		   ? at_side(side, error)
		   : 0;
}

static int open_side(struct verify_pair *pair, int side, struct error *error)
{
	const struct verify_options *options = pair->options;
	bool reads = side == PRIMARY || !options->repair;

	return pair->adapters[side]->database->open(
		   side == PRIMARY ? options->primary : options->shadow,
		   "parallax verify", &pair->sides[side], error) ||
		       pair_checksum(pair, side)
			   ->prepare(pair->sides[side], reads,
				     options->timeout_us / 1000, error)
		   ? at_side(side, error)
		   : 0;
}

int pair_open(struct verify_pair *pair, const struct verify_options *options,
	      struct error *error)
{
	struct diagnostics diagnostics;
	int result;

	memset(pair, 0, sizeof(*pair));
	pair->options = options;
	pair->adapters[PRIMARY] = options->primary_adapter;
	pair->adapters[SHADOW] = options->shadow_adapter;
	for (int side = 0; side < SIDES; side++)
		if (open_side(pair, side, error))
			return -1;
	diagnostics_init(&diagnostics);
	result = lens_new(options->shadow_adapter->parser,
			  options->shadow_adapter->parser, options->mapping,
			  options->old_catalog, options->new_catalog,
			  &diagnostics, &pair->lens);
	diagnostics_release(&diagnostics);
	if (result)
		return error_set(error, ERROR_CONFIG,
				 "the mapping does not fit the databases");
	lens_at_rest(pair->lens);
	pair->runner = (struct runner){.adapter = options->shadow_adapter,
				       .lens = pair->lens,
				       .shadow = pair->sides[SHADOW]};
	return 0;
}

bool pair_alive(const struct verify_pair *pair)
{
	for (int side = 0; side < SIDES; side++)
		if (!pair->adapters[side]->database->alive(pair->sides[side]))
			return false;
	return true;
}

void pair_close(struct verify_pair *pair)
{
	if (pair->lens)
		lens_free(&pair->lens);
	for (int side = 0; side < SIDES; side++)
		if (pair->sides[side])
			pair->adapters[side]->database->close(
			    &pair->sides[side]);
}

void pair_release(struct verify_pair *pair,
		  struct database_result results[SIDES])
{
	for (int side = 0; side < SIDES; side++)
		pair->adapters[side]->database->release(&results[side]);
}

int pair_query_one(struct verify_pair *pair, int side, const char *text,
		   struct database_result *result, struct error *error)
{
	int failed =
	    side == PRIMARY
		? pair->adapters[PRIMARY]->database->query(
		      pair->sides[side], text, NULL, result, error)
		: runner_query(&pair->runner, text, NULL, result, error);

	return failed ? at_side(side, error) : 0;
}

/* The shadow's steps, run beside the primary's statement. */
struct beside {
	struct verify_pair *pair;
	const struct plan_steps *steps;
	struct database_result *result;
	struct error error;
	int failed;
};

static void *run_beside(void *context)
{
	struct beside *beside = context;
	struct verify_pair *pair = beside->pair;

	for (size_t i = 0; !beside->failed && i < beside->steps->count; i++) {
		const struct plan_step *step = &beside->steps->steps[i];
		struct database_parameters parameters = {
		    step->parameters, step->parameter_formats,
		    step->parameter_types, step->parameter_count};

		beside->failed = pair->adapters[SHADOW]->database->query(
		    pair->sides[SHADOW], step->text, &parameters,
		    step->role == STEP_ANSWER ? beside->result : NULL,
		    &beside->error);
	}
	return NULL;
}

int pair_query(struct verify_pair *pair, const char *const texts[SIDES],
	       struct database_result results[SIDES], struct error *error)
{
	struct beside beside = {.pair = pair, .result = &results[SHADOW]};
	struct plan_steps steps;
	struct arena arena;
	pthread_t thread;
	int result = -1;

	memset(results, 0, SIDES * sizeof(*results));
	arena_init(&arena, 0);
	/* The lens stays in this thread. */
	if (runner_steps(&pair->runner, texts[SHADOW], NULL, &arena, &steps,
			 error)) {
		at_side(SHADOW, error);
		goto out;
	}
	beside.steps = &steps;
	error_init(&beside.error);
	if (pthread_create(&thread, NULL, run_beside, &beside)) {
		error_set_errno(error, ERROR_MEMORY, "no thread");
		goto out;
	}
	result = pair->adapters[PRIMARY]->database->query(
	    pair->sides[PRIMARY], texts[PRIMARY], NULL, &results[PRIMARY],
	    error);
	if (result) {
		at_side(PRIMARY, error);
		pair->adapters[SHADOW]->database->cancel(pair->sides[SHADOW]);
	}
	pthread_join(thread, NULL);
	if (beside.failed && !result) {
		*error = beside.error;
		result = at_side(SHADOW, error);
	}
out:
	if (result)
		pair_release(pair, results);
	arena_release(&arena);
	return result;
}
