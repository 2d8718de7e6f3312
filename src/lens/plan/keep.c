/* What a plan keeps of its rewrite. */
#include "lens/plan/making.h"

#include <string.h>

void keep_traits(struct cached_plan *plan, const struct sql_traits *traits)
{
	struct arena *arena = &plan->arena;
	struct sql_traits *kept = &plan->plan.traits;

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
	kept->isolation = arena_string(arena, traits->isolation);
	kept->name = arena_string(arena, traits->name);
}

static bool tuning_applies(const struct making *making,
			   const struct lens_tuning *tuning)
{
	const struct rewrite *rw = making->rw;

	if (!tuning->table)
		return tuning->fingerprint == making->plan->plan.fingerprint;
	for (size_t i = 0; i < rw->read_count; i++)
		if (rw->read[i] == tuning->table)
			return true;
	return false;
}

void keep_columns(struct making *making)
{
	struct rewrite *rw = making->rw;
	struct plan *plan = &making->plan->plan;
	struct plan_column *columns;

	if (!rw->outputs_known || rw->outputs.open || !rw->outputs.count)
		return;
	columns = arena_array(&making->plan->arena, rw->outputs.count,
			      sizeof(*columns));
	for (size_t i = 0; i < rw->outputs.count; i++) {
		const struct output *output = &rw->outputs.items[i];
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
	plan->columns = columns;
	plan->column_count = rw->outputs.count;
}

void keep_tunings(struct making *making)
{
	struct plan *plan = &making->plan->plan;

	for (size_t t = 0; t < making->lens->tuning_count; t++) {
		const struct lens_tuning *tuning = &making->lens->tunings[t];

		if (!tuning_applies(making, tuning))
			continue;
		plan->ignore |= tuning->ignore;
		if (tuning->tolerance > plan->tolerance)
			plan->tolerance = tuning->tolerance;
		if (tuning->unordered)
			plan->order = ORDER_NONE;
	}
}

void keep_order(struct making *making)
{
	struct rewrite *rw = making->rw;
	struct plan *plan = &making->plan->plan;
	int *columns;

	plan->order = rw->order;
	plan->limited = rw->limited || rw->open_choice;
	if (plan->traits.kind == SQL_KIND_SELECT && plan->traits.single_row)
		plan->order = ORDER_TOTAL;
	/* Which rows there are is open, however they are sorted. */
	if (rw->open_choice && plan->order == ORDER_TOTAL)
		plan->order =
		    rw->order_column_count ? ORDER_PARTIAL : ORDER_NONE;
	if (plan->order != ORDER_PARTIAL)
		return;
	columns = arena_array(&making->plan->arena, rw->order_column_count + 1,
			      sizeof(*columns));
	if (rw->order_column_count)
		memcpy(columns, rw->order_columns,
		       rw->order_column_count * sizeof(*columns));
	plan->order_columns = columns;
	plan->order_column_count = rw->order_column_count;
}

void keep_facts(struct making *making)
{
	struct rewrite *rw = making->rw;
	struct plan *plan = &making->plan->plan;
	struct arena *arena = &making->plan->arena;

	plan->mapped = rw->mapped;
	plan->reads_only = !plan->traits.writes && !rw->written_count;
	plan->clock_predicate = rw->predicate.clock;
	plan->unpinned_predicate = rw->predicate.unpinned;
	plan->unpinned_sort = rw->unpinned_sort;
	plan->open_choice = rw->open_choice;
	plan->volatile_effect =
	    rw->volatile_effect || rw->predicate.volatile_value;
	plan->pins_missing = rw->pins_missing;
	plan->predicate_columns =
	    arena_copy(arena, rw->bases, rw->base_count * sizeof(*rw->bases));
	plan->predicate_column_count = rw->base_count;
	plan->tables_read = arena_copy(arena, (const void *)rw->read,
				       rw->read_count * sizeof(*rw->read));
	plan->tables_read_count = rw->read_count;
	plan->tables_written =
	    arena_copy(arena, (const void *)rw->written,
		       rw->written_count * sizeof(*rw->written));
	plan->tables_written_count = rw->written_count;
}

void keep_specials(struct making *making)
{
	struct rewrite *rw = making->rw;
	struct plan_recipe *recipe = &making->plan->recipe;
	struct arena *arena = &making->plan->arena;

	recipe->special_count = rw->special_count;
	recipe->specials = arena_copy(
	    arena, rw->specials, rw->special_count * sizeof(*rw->specials));
	for (size_t i = 0; i < rw->special_count; i++) {
		recipe->specials[i].fallback =
		    arena_string(arena, rw->specials[i].fallback);
		recipe->specials[i].sequence =
		    arena_string(arena, rw->specials[i].sequence);
	}
	recipe->pin_rows = rw->pin_rows;
}

void keep_types(struct making *making)
{
	struct rewrite *rw = making->rw;
	struct plan_recipe *recipe = &making->plan->recipe;

	recipe->type_count = rw->type_count > rw->inferred_count
				 ? rw->type_count
				 : rw->inferred_count;
	recipe->types =
	    arena_array(&making->plan->arena, recipe->type_count + 1,
			sizeof(*recipe->types));
	for (size_t i = 0; i < recipe->type_count; i++) {
		uint32_t type = i < rw->type_count ? rw->types[i] : 0;

		if (!type && i < rw->inferred_count)
			type = rw->inferred[i];
		recipe->types[i] = type ? lens_new_type(making->lens, type) : 0;
	}
}
