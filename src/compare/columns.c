/* Result columns: their names and types, and the rules that hold for each. */
#include "compare/internal.h"

enum { DOMAIN_NESTING_MAX = 32 };

static const struct catalog_type *base_type(const struct catalog *catalog,
					    uint32_t id)
{
	const struct catalog_type *type = NULL;

	for (int i = 0; catalog && i < DOMAIN_NESTING_MAX; i++) {
		type = catalog_type(catalog, id);
		if (!type || type->class != TYPE_DOMAIN)
			break;
		id = type->element;
	}
	return type;
}

/* Classes with the same number have values that can be equal. 0: by bytes only.
 */
static int family(enum type_class class)
{
	switch (class) {
	case TYPE_INTEGER:
	case TYPE_NUMERIC:
	case TYPE_FLOAT:
		return 1;
	case TYPE_TEXT:
	case TYPE_CHAR:
	case TYPE_ENUM:
	case TYPE_UUID:
		return 2;
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
		return 3;
	case TYPE_JSON:
	case TYPE_JSONB:
		return 4;
	case TYPE_OTHER:
		return 0;
	default:
		return 16 + (int)class;
	}
}

/* Types are the same if their names are, since ids differ from server to
 * server. If a catalog does not know a type, only the ids can be compared. */
static bool same_type(const struct catalog_type *primary, uint32_t primary_id,
		      const struct catalog_type *shadow, uint32_t shadow_id)
{
	if (!primary || !shadow)
		return !primary == !shadow || primary_id == shadow_id;
	return !strcmp(primary->name, shadow->name);
}

/* Two engines name their types as they like: what their values are tells. */
static bool same_family(const struct catalog_type *primary,
			const struct catalog_type *shadow)
{
	return !primary || !shadow ||
	       family(primary->class) == family(shadow->class);
}

static bool renamed_type(const struct promise *promise, uint32_t primary,
			 uint32_t shadow)
{
	for (size_t i = 0; i < promise->type_count; i++)
		if (promise->types[i].old_type == primary &&
		    promise->types[i].new_type == shadow)
			return true;
	return false;
}

static const char *type_name(struct compare_state *state,
			     const struct catalog_type *type, uint32_t id)
{
	return type ? type->name
		    : arena_printf(state->arena, "number %u", (unsigned)id);
}

static bool set_types(struct compare_state *state,
		      struct compare_column *column, size_t number)
{
	uint32_t old_id = column->primary->type;
	uint32_t new_id = column->shadow->type;
	const struct catalog_type *old_type =
	    state->old_catalog ? catalog_type(state->old_catalog, old_id)
			       : NULL;
	const struct catalog_type *new_type =
	    state->new_catalog ? catalog_type(state->new_catalog, new_id)
			       : NULL;
	const struct catalog_type *old_base =
	    base_type(state->old_catalog, old_id);
	const struct catalog_type *new_base =
	    base_type(state->new_catalog, new_id);
	bool same = state->one_engine
			? same_type(old_type, old_id, new_type, new_id) ||
			      renamed_type(state->promise, old_id, new_id)
			: same_family(old_base, new_base);

	if (!same && !column->ignore &&
	    !(column->promise && column->promise->retyped)) {
		compare_found(
		    state, DIFFERENCE_SHAPE, DIVERGENCE_COLUMNS, 0,
		    arena_printf(state->arena,
				 "column %zu (%s) is of type %s on the "
				 "primary, %s on the shadow",
				 number + 1, column->name,
				 type_name(state, old_type, old_id),
				 type_name(state, new_type, new_id)));
		return false;
	}
	column->retyped = !same;
	column->same_form = same && state->one_engine && old_type && new_type &&
			    old_type->one_form && new_type->one_form &&
			    column->primary->format == column->shadow->format;
	if (old_base && new_base) {
		int kin = family(old_base->class);

		column->by_text =
		    !same && (kin != family(new_base->class) || kin == 0);
		if (old_base->class == TYPE_FLOAT ||
		    new_base->class == TYPE_FLOAT)
			column->relaxed |= column->rules.float_ulps > 0;
	} else {
		column->by_text = !same;
	}
	return true;
}

/* Whether it may show a generated value that the shadow lacks. */
static bool is_uncarried(const struct promise *promise,
			 const struct promise_column *column)
{
	return column->unpinned && (column->sequenced || !promise->pinned);
}

static void set_rules(const struct compare_state *state,
		      struct compare_column *column)
{
	const struct promise_column *promise = column->promise;

	column->rules.float_ulps = state->rules->float_ulps;
	column->rules.clock_tolerance_us = state->rules->clock_tolerance_us;
	column->rules.tolerance = state->promise->tolerance;
	column->ignore = state->promise->ignore;
	column->relaxed = column->rules.tolerance > 0;
	if (!promise)
		return;
	column->rules.clock = promise->clock;
	if (promise->tolerance > column->rules.tolerance)
		column->rules.tolerance = promise->tolerance;
	column->ignore |= promise->ignore;
	column->open = promise->volatile_value		       ? REASON_VOLATILE
		       : is_uncarried(state->promise, promise) ? REASON_UNPINNED
							       : REASON_NONE;
	column->relaxed |=
	    promise->clock || promise->tolerance > 0 || column->open;
}

/* Lines of a COPY: one value, whose columns are not parsed. */
static bool copy_columns(struct compare_state *state)
{
	static const struct answer_column line = {
	    .name = "line", .modifier = -1, .format = 0};
	struct compare_column *column =
	    arena_alloc(state->arena, sizeof(*column));
	const struct promise *promise = state->promise;

	column->name = line.name;
	column->primary = column->shadow = &line;
	column->same_form = true;
	for (size_t i = 0; promise->columns && i < promise->column_count; i++) {
		const struct promise_column *of = &promise->columns[i];

		if (of->volatile_value || of->clock || of->ignore)
			column->open = REASON_VOLATILE;
		else if (is_uncarried(promise, of) && !column->open)
			column->open = REASON_UNPINNED;
	}
	column->relaxed = column->open != REASON_NONE;
	state->columns = column;
	state->column_count = 1;
	return true;
}

static bool shape_differs(struct compare_state *state, const char *detail)
{
	compare_found(state, DIFFERENCE_SHAPE, DIVERGENCE_COLUMNS, 0, detail);
	return false;
}

static void publish_names(struct compare_state *state)
{
	const char **names =
	    arena_array(state->arena, state->column_count + 1, sizeof(*names));

	bool *shown =
	    arena_array(state->arena, state->column_count + 1, sizeof(*shown));

	for (size_t i = 0; i < state->column_count; i++) {
		names[i] = state->columns[i].name;
		shown[i] = state->columns[i].promise &&
			   state->columns[i].promise->shown;
	}
	state->out->column_names = names;
	state->out->column_shown = shown;
	state->out->column_count = state->column_count;
}

static bool each_column(struct compare_state *state)
{
	const struct answer *primary = state->primary;
	const struct promise *promise = state->promise;
	bool planned =
	    promise->columns && promise->column_count == primary->column_count;

	state->column_count = primary->column_count;
	state->columns = arena_array(state->arena, state->column_count + 1,
				     sizeof(*state->columns));
	for (size_t i = 0; i < state->column_count; i++) {
		struct compare_column *column = &state->columns[i];

		column->primary = &primary->columns[i];
		column->shadow = &state->shadow->columns[i];
		column->promise = planned ? &promise->columns[i] : NULL;
		column->name = column->primary->name;
		set_rules(state, column);
	}
	publish_names(state);
	for (size_t i = 0; i < state->column_count; i++) {
		struct compare_column *column = &state->columns[i];
		const char *other = column->shadow->name;

		if (strcmp(column->name, other) && !column->ignore)
			return shape_differs(
			    state, arena_printf(state->arena,
						"column %zu is named %s on the "
						"primary, %s on the shadow",
						i + 1, column->name, other));
		if (!set_types(state, column, i))
			return false;
	}
	return true;
}

bool compare_columns(struct compare_state *state)
{
	const struct answer *primary = state->primary;
	const struct answer *shadow = state->shadow;

	if (primary->copy != shadow->copy)
		return shape_differs(
		    state, primary->copy ? "only the primary sent COPY data"
					 : "only the shadow sent COPY data");
	if (primary->copy) {
		copy_columns(state);
		publish_names(state);
		return true;
	}
	if (primary->has_columns != shadow->has_columns)
		return shape_differs(state, primary->has_columns
						? "only the primary answered "
						  "with rows"
						: "only the shadow answered "
						  "with rows");
	if (primary->column_count != shadow->column_count)
		return shape_differs(
		    state,
		    arena_printf(state->arena,
				 "%zu columns on the primary, %zu on "
				 "the shadow",
				 primary->column_count, shadow->column_count));
	return each_column(state);
}
