/* What a plan keeps of its rewrite: the promise, what is touched, what is
 * filled in. */
#include "lens/plan/keep.h"

#include <string.h>

#include "lens/compile/type.h"

void plan_keep_traits(struct cached_plan *plan, const struct sql_traits *traits)
{
	struct arena *arena = &plan->arena;
	struct sql_traits *kept = &plan->plan.traits;
	struct promise *promise = &plan->plan.promise;

	*kept = *traits;
	kept->inner = NULL;
	kept->tables = arena_copy(arena, traits->tables,
				  traits->table_count * sizeof(*kept->tables));
	for (size_t i = 0; i < kept->table_count; i++) {
		kept->tables[i].schema =
		    arena_string(arena, traits->tables[i].schema);
		kept->tables[i].name =
		    arena_string(arena, traits->tables[i].name);
	}
	kept->functions =
	    arena_copy(arena, traits->functions,
		       traits->function_count * sizeof(*kept->functions));
	for (size_t i = 0; i < kept->function_count; i++) {
		kept->functions[i].schema =
		    arena_string(arena, traits->functions[i].schema);
		kept->functions[i].name =
		    arena_string(arena, traits->functions[i].name);
	}
	kept->sort_keys =
	    arena_copy(arena, traits->sort_keys,
		       traits->sort_key_count * sizeof(*kept->sort_keys));
	for (size_t i = 0; i < kept->sort_key_count; i++)
		kept->sort_keys[i].expression = NULL;
	kept->outputs =
	    arena_copy(arena, traits->outputs,
		       traits->output_count * sizeof(*kept->outputs));
	for (size_t i = 0; i < kept->output_count; i++) {
		kept->outputs[i].name =
		    arena_string(arena, traits->outputs[i].name);
		kept->outputs[i].expression = NULL;
	}
	kept->name = arena_string(arena, traits->name);
	promise->nested_limit = traits->nested_limit;
	promise->distinct_on = traits->distinct_on;
	/* The values depend on an order of rows that the statement leaves open,
	 * so a right answer may have other values. */
	promise->order_shows = traits->windowed || traits->shows_order;
	promise->writes = traits->writes;
	promise->tablesample = traits->tablesample;
	promise->skips_locked = traits->skips_locked;
}

static bool tuning_applies(const struct making *making,
			   const struct lens_tuning *tuning)
{
	const struct rewrite *rw = making->rw;

	if (!tuning->table)
		return tuning->fingerprint == making->plan->plan.fingerprint;
	for (size_t i = 0; i < rw->touched.read_count; i++)
		if (rw->touched.read[i] == tuning->table)
			return true;
	return false;
}

void plan_keep_columns(struct making *making)
{
	struct rewrite *rw = making->rw;
	struct plan *plan = &making->plan->plan;
	struct promise_column *columns;

	if (!rw->answer.outputs_known || rw->answer.outputs.open ||
	    !rw->answer.outputs.count)
		return;
	columns = arena_array(&making->plan->arena, rw->answer.outputs.count,
			      sizeof(*columns));
	for (size_t i = 0; i < rw->answer.outputs.count; i++) {
		const struct output *output = &rw->answer.outputs.items[i];
		const struct facts *facts = &output->facts;

		columns[i].name =
		    arena_string(&making->plan->arena, output->name);
		if (facts->table && facts->column) {
			columns[i].table = facts->table->old;
			columns[i].column = facts->column->old;
			columns[i].shown = facts->column->shown;
		}
		columns[i].clock = facts->clock;
		columns[i].unpinned = facts->unpinned;
		columns[i].sequenced = facts->sequenced;
		columns[i].volatile_value = facts->volatile_value;
		columns[i].retyped = facts->retyped;
		columns[i].ignore = facts->ignore;
		columns[i].tolerance = facts->tolerance;
	}
	plan->promise.columns = columns;
	plan->promise.column_count = rw->answer.outputs.count;
}

void plan_keep_tunings(struct making *making)
{
	struct plan *plan = &making->plan->plan;

	for (size_t t = 0; t < making->lens->tuning_count; t++) {
		const struct lens_tuning *tuning = &making->lens->tunings[t];

		if (!tuning_applies(making, tuning))
			continue;
		plan->promise.ignore |= tuning->ignore;
		if (tuning->tolerance > plan->promise.tolerance)
			plan->promise.tolerance = tuning->tolerance;
		if (tuning->unordered)
			plan->promise.order = ORDER_NONE;
	}
}

void plan_keep_order(struct making *making)
{
	struct rewrite *rw = making->rw;
	struct plan *plan = &making->plan->plan;
	int *columns;

	plan->promise.order = rw->answer.order;
	plan->promise.limited = rw->answer.limited || rw->open_choice;
	if (plan->traits.kind == SQL_KIND_SELECT && plan->traits.single_row)
		plan->promise.order = ORDER_TOTAL;
	/* It is open which rows there are, however they are sorted. */
	if (rw->open_choice && plan->promise.order == ORDER_TOTAL)
		plan->promise.order =
		    rw->answer.order_column_count ? ORDER_PARTIAL : ORDER_NONE;
	if (plan->promise.order != ORDER_PARTIAL)
		return;
	columns =
	    arena_array(&making->plan->arena, rw->answer.order_column_count + 1,
			sizeof(*columns));
	if (rw->answer.order_column_count)
		memcpy(columns, rw->answer.order_columns,
		       rw->answer.order_column_count * sizeof(*columns));
	plan->promise.order_columns = columns;
	plan->promise.order_column_count = rw->answer.order_column_count;
}

/* A number that it draws may be the session's last before it asks for that: which
 * of the two is carried, no answer shows. */
static bool draws_and_carries(const struct rewrite_filled *filled)
{
	bool draws = false, carries = false;

	for (size_t i = 0; i < filled->special_count; i++) {
		draws |= filled->specials[i].kind == SPECIAL_PIN;
		carries |= filled->specials[i].kind == SPECIAL_CARRIED;
	}
	return draws && carries;
}

void plan_keep_facts(struct making *making)
{
	struct rewrite *rw = making->rw;
	struct plan *plan = &making->plan->plan;
	struct arena *arena = &making->plan->arena;

	plan->mapped = rw->mapped;
	plan->reads_only = !plan->traits.writes && !rw->touched.written_count;
	plan->promise.clock_predicate = rw->touched.predicate.clock;
	plan->unpinned_predicate = rw->touched.predicate.unpinned;
	plan->promise.unpinned_sort = rw->touched.unpinned_sort;
	plan->open_choice = rw->open_choice;
	plan->promise.volatile_effect =
	    rw->touched.volatile_effect || rw->touched.predicate.volatile_value;
	plan->pins_missing =
	    rw->touched.pins_missing || draws_and_carries(&rw->filled);
	plan->looks_first = rw->touched.looks_first;
	plan->predicate_columns =
	    arena_copy(arena, rw->touched.bases,
		       rw->touched.base_count * sizeof(*rw->touched.bases));
	plan->predicate_column_count = rw->touched.base_count;
	plan->tables_read =
	    arena_copy(arena, (const void *)rw->touched.read,
		       rw->touched.read_count * sizeof(*rw->touched.read));
	plan->tables_read_count = rw->touched.read_count;
	plan->tables_written = arena_copy(
	    arena, (const void *)rw->touched.written,
	    rw->touched.written_count * sizeof(*rw->touched.written));
	plan->tables_written_count = rw->touched.written_count;
}

void plan_keep_specials(struct making *making)
{
	struct rewrite *rw = making->rw;
	struct plan_recipe *recipe = &making->plan->recipe;
	struct arena *arena = &making->plan->arena;

	recipe->special_count = rw->filled.special_count;
	recipe->specials =
	    arena_copy(arena, rw->filled.specials,
		       rw->filled.special_count * sizeof(*rw->filled.specials));
	for (size_t i = 0; i < rw->filled.special_count; i++) {
		recipe->specials[i].fallback =
		    arena_string(arena, rw->filled.specials[i].fallback);
		recipe->specials[i].sequence =
		    arena_string(arena, rw->filled.specials[i].sequence);
		recipe->specials[i].names =
		    arena_array(arena, rw->filled.specials[i].name_count + 1,
				sizeof(*recipe->specials[i].names));
		for (size_t n = 0; n < rw->filled.specials[i].name_count; n++)
			recipe->specials[i].names[n] = arena_string(
			    arena, rw->filled.specials[i].names[n]);
	}
	recipe->pin_rows = rw->answer.pin_rows;
}

void plan_keep_types(struct making *making)
{
	struct rewrite *rw = making->rw;
	struct plan_recipe *recipe = &making->plan->recipe;

	recipe->type_count =
	    rw->parameters.count > rw->parameters.inferred_count
		? rw->parameters.count
		: rw->parameters.inferred_count;
	recipe->types =
	    arena_array(&making->plan->arena, recipe->type_count + 1,
			sizeof(*recipe->types));
	recipe->old_types =
	    arena_array(&making->plan->arena, recipe->type_count + 1,
			sizeof(*recipe->old_types));
	for (size_t i = 0; i < recipe->type_count; i++) {
		uint32_t type =
		    i < rw->parameters.count ? rw->parameters.types[i] : 0;

		if (!type && i < rw->parameters.inferred_count)
			type = rw->parameters.inferred[i];
		recipe->old_types[i] = type;
		recipe->types[i] = type ? lens_new_type(making->lens, type) : 0;
	}
}
