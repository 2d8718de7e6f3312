/*
 * Statements through a mapping: "OLD ---- NEW ---- MAPPING ---- STATEMENTS",
 * the schemas as CREATE TABLE scripts. What a plan gives back must parse.
 */
#include "fuzz/rewrite_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Filled twice: with what an answer may show, and with none. */
static void take(struct rewrite_case *it, const struct sql_statement *place)
{
	const char *text =
	    arena_copy(&it->arena, it->parts[3] + place->offset, place->length);
	const struct plan *plan =
	    lens_plan(it->lens, &it->session, text, place->length, NULL, 0);
	struct plan_input input = {.text = text, .text_size = place->length};
	struct plan_steps steps;
	struct error error;

	for (int i = 0; i < 2 && rewrite_case_runs(plan); i++) {
		if (!plan_fill(plan, &input, &it->arena, &steps, &error))
			rewrite_case_check(it, text, &steps);
		input.answer = &it->answer;
	}
	lens_release(it->lens, plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sql_statement places[8];
	struct rewrite_case it;

	if (!rewrite_case_open(&it, data, size))
		for (size_t i = 0; i < rewrite_case_split(&it, places, 8); i++)
			take(&it, &places[i]);
	rewrite_case_close(&it);
	return 0;
}
