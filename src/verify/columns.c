/* Which columns of a table are compared, by which key and rules. */
#include "base/buffer.h"
#include "base/memory.h"
#include "verify/internal.h"

static const struct mapping_table *mapping_of(const struct mapping *mapping,
					      const struct catalog_table *table)
{
	for (size_t i = 0; mapping && i < mapping->table_count; i++) {
		const struct mapping_table *mapped = &mapping->tables[i];

		if (mapped->name.text &&
		    !strcmp(mapped->name.text, table->name) &&
		    (!mapped->schema.text ||
		     !strcmp(mapped->schema.text, table->schema)))
			return mapped;
	}
	return NULL;
}

static bool column_is_dropped(const struct mapping_table *mapped,
			      const char *name)
{
	for (size_t i = 0; mapped && i < mapped->column_count; i++)
		if (!strcmp(mapped->columns[i].name.text, name))
			return mapped->columns[i].dropped;
	return false;
}

static bool is_kept(const struct work *work,
		    const struct catalog_column *column)
{
	return lens_keeps_column(work->pair->lens, work->result->table, column);
}

/* ---- the key ---- */

static bool key_fits(const struct work *work, const struct catalog_key *key,
		     const struct mapping_table *mapped)
{
	const struct catalog_table *table = work->result->table;

	if (key->kind == KEY_FOREIGN || key->partial || !key->column_count)
		return false;
	for (size_t i = 0; i < key->column_count; i++) {
		const struct catalog_column *column =
		    catalog_column_number(table, key->columns[i]);

		if (!column || !column->not_null ||
		    column_is_dropped(mapped, column->name) ||
		    !is_kept(work, column))
			return false;
	}
	return true;
}

/* Whether it is the same on both sides. */
static bool is_ordered(const struct work *work,
		       const struct catalog_column *column)
{
	const struct catalog *catalog = work->verify->options->old_catalog;

	return pair_checksum(work->pair, PRIMARY)->ordered(catalog, column) &&
	       pair_checksum(work->pair, SHADOW)->ordered(catalog, column);
}

static size_t ordered_columns(const struct work *work,
			      const struct catalog_key *key)
{
	size_t count = 0;

	while (count < key->column_count &&
	       is_ordered(work, catalog_column_number(work->result->table,
						      key->columns[count])))
		count++;
	return count;
}

/* The primary key; else a unique one, better one that can be cut in ranges. */
static const struct catalog_key *choose_key(const struct work *work,
					    const struct mapping_table *mapped)
{
	const struct catalog_table *table = work->result->table;
	const struct catalog_key *best = NULL;

	for (size_t i = 0; i < table->key_count; i++) {
		const struct catalog_key *key = &table->keys[i];

		if (!key_fits(work, key, mapped))
			continue;
		if (key->kind == KEY_PRIMARY)
			return key;
		if (!best || (ordered_columns(work, key) &&
			      !ordered_columns(work, best)))
			best = key;
	}
	return best;
}

/* ---- the columns ---- */

static const struct plan *plan_columns(struct work *work, struct error *error)
{
	static const char *const no_path[] = {NULL};
	struct lens_session session = {.search_path = no_path};
	const struct catalog_table *table = work->result->table;
	const struct checksum_column *all;
	struct checksum_column *columns;
	struct checksum_table whole = {
	    .catalog = work->verify->options->old_catalog, .table = table};
	const struct plan *plan;
	char *text;

	/* All columns, as they are: the plan says what becomes of each. */
	columns = arena_array(&work->scratch, table->column_count + 1,
			      sizeof(*columns));
	for (size_t i = 0; i < table->column_count; i++)
		columns[i] = (struct checksum_column){&table->columns[i], true};
	all = columns;
	whole.columns = whole.key = all;
	whole.column_count = whole.strict_count = table->column_count;
	whole.range_count = table->column_count;
	text = pair_checksum(work->pair, SHADOW)
		   ->boundary(&work->scratch, &whole, NULL, 1);
	plan =
	    lens_plan(work->pair->lens, &session, text, strlen(text), NULL, 0);
	if (plan->action == PLAN_RUN)
		return plan;
	error_set(error, ERROR_INTERNAL, "shadow: %s",
		  plan->detail ? plan->detail : "it cannot be rewritten");
	lens_release(work->pair->lens, plan);
	return NULL;
}

static bool in_key(const struct work *work, const struct catalog_column *column)
{
	for (size_t i = 0; i < work->table.key_count; i++)
		if (work->table.key[i].column == column)
			return true;
	return false;
}

/* Whether the mirror knows a statement that feeds it from a clock. */
static bool is_clock(const struct work *work,
		     const struct catalog_column *column)
{
	const struct catalog_table *table = work->result->table;
	const char *clocks = work->clocks;
	struct buffer line;
	const char *found;

	if (!clocks)
		return false;
	buffer_init(&line, 0);
	buffer_printf(&line, "%s\t%s\t%s\n", table->schema, table->name,
		      column->name);
	found = strstr(clocks, buffer_string(&line));
	while (found && found != clocks && found[-1] != '\n')
		found = strstr(found + 1, buffer_string(&line));
	buffer_release(&line);
	return found != NULL;
}

static bool is_float(const struct work *work,
		     const struct catalog_column *column)
{
	const struct catalog *catalog = work->verify->options->old_catalog;
	const struct catalog_type *type = catalog_type(catalog, column->type);

	return type && type->class == TYPE_FLOAT &&
	       work->verify->options->rules.float_ulps > 0;
}

static void note(struct work *work, const char *why, struct buffer *names)
{
	struct verify_table *result = work->result;
	struct buffer out;

	if (!names->size)
		return;
	buffer_init(&out, 0);
	buffer_printf(&out, "%s%s%s: %s", result->note ? result->note : "",
		      result->note ? "; " : "", why, buffer_string(names));
	free(result->note);
	result->note = memory_string(buffer_string(&out));
	buffer_release(&out);
}

static void add_name(struct buffer *names, const char *name)
{
	buffer_printf(names, "%s%s", names->size ? ", " : "", name);
}

static bool is_compared(const struct work *work,
			const struct catalog_column *column)
{
	for (size_t i = 0; i < work->table.column_count; i++)
		if (work->table.columns[i].column == column)
			return true;
	return false;
}

/* Behind those compared: what else a row is made of, for repair. */
static void choose_whole(struct work *work, struct checksum_column *columns,
			 const struct mapping_table *mapped)
{
	const struct catalog_table *table = work->result->table;
	size_t count = work->table.column_count;

	for (size_t i = 0; i < table->column_count; i++) {
		const struct catalog_column *column = &table->columns[i];

		if (!is_compared(work, column) && is_kept(work, column) &&
		    !column_is_dropped(mapped, column->name))
			columns[count++] =
			    (struct checksum_column){column, true};
	}
	work->whole_count = count;
}

/* Fills columns, strict ones first, and the rules of each. */
static void choose_columns(struct work *work, const struct plan *plan,
			   const struct mapping_table *mapped)
{
	const struct catalog_table *table = work->result->table;
	struct checksum_table *out = &work->table;
	struct checksum_column *columns =
	    arena_array(work->arena, table->column_count + 1, sizeof(*columns));
	struct buffer dropped, lost, ignored, unpaired;

	work->rules = arena_array(work->arena, table->column_count + 1,
				  sizeof(*work->rules));
	buffer_init(&dropped, 0);
	buffer_init(&lost, 0);
	buffer_init(&ignored, 0);
	buffer_init(&unpaired, 0);
	for (int strict = 1; strict >= 0; strict--) {
		for (size_t i = 0; i < table->column_count; i++) {
			const struct catalog_column *column =
			    &table->columns[i];
			const struct promise_column *planned =
			    &plan->promise.columns[i];
			bool key = in_key(work, column);
			bool clock = planned->clock || is_clock(work, column);
			/* A float's last bits count where there is no other
			 * way to find its row. */
			bool relaxed =
			    !key &&
			    (clock || planned->tolerance > 0 ||
			     (out->key_count && is_float(work, column)));

			if (relaxed == (strict == 1))
				continue;
			if (!is_kept(work, column)) {
				add_name(&lost, column->name);
				continue;
			}
			if (column_is_dropped(mapped, column->name)) {
				add_name(&dropped, column->name);
				continue;
			}
			if (planned->ignore && !key) {
				add_name(&ignored, column->name);
				continue;
			}
			if (relaxed && !out->key_count) {
				add_name(&unpaired, column->name);
				continue;
			}
			work->rules[out->column_count] =
			    work->verify->options->rules;
			work->rules[out->column_count].clock = clock;
			work->rules[out->column_count].tolerance =
			    planned->tolerance;
			columns[out->column_count++] =
			    (struct checksum_column){column, !planned->retyped};
			out->strict_count += strict == 1;
		}
	}
	out->columns = columns;
	choose_whole(work, columns, mapped);
	note(work, "not compared, dropped by the mapping", &dropped);
	note(work, "not compared, not in the new schema and not in the mapping",
	     &lost);
	note(work, "not compared, by the mapping (compare)", &ignored);
	note(work,
	     "not compared, since the table has no key to pair rows within a "
	     "tolerance",
	     &unpaired);
	buffer_release(&dropped);
	buffer_release(&lost);
	buffer_release(&ignored);
	buffer_release(&unpaired);
}

static void set_key(struct work *work, const struct catalog_key *key,
		    const struct plan *plan)
{
	const struct catalog_table *table = work->result->table;
	struct checksum_column *columns;

	if (!key)
		return;
	columns = arena_array(work->arena, key->column_count, sizeof(*columns));
	for (size_t i = 0; i < key->column_count; i++) {
		const struct catalog_column *column =
		    catalog_column_number(table, key->columns[i]);

		columns[i] = (struct checksum_column){
		    column,
		    !plan->promise.columns[column - table->columns].retyped};
	}
	work->table.key = columns;
	work->table.key_count = key->column_count;
	work->table.range_count = ordered_columns(work, key);
}

static const char *const *names_of(struct arena *arena,
				   const struct checksum_column *columns,
				   size_t count)
{
	const char **names = arena_array(arena, count + 1, sizeof(*names));

	for (size_t i = 0; i < count; i++)
		names[i] = columns[i].column->name;
	return names;
}

/* Which of them `private:` declares public. */
static const bool *shown_of(const struct work *work, const struct plan *plan,
			    const struct checksum_column *columns, size_t count)
{
	const struct catalog_table *table = work->result->table;
	bool *shown = arena_array(work->arena, count + 1, sizeof(*shown));

	for (size_t i = 0; i < count; i++)
		shown[i] =
		    plan->promise.columns[columns[i].column - table->columns]
			.shown;
	return shown;
}

static void publish(struct work *work, const struct plan *plan)
{
	struct verify_table *result = work->result;
	const struct checksum_table *table = &work->table;

	result->key = names_of(work->arena, table->key, table->key_count);
	result->key_shown = shown_of(work, plan, table->key, table->key_count);
	result->key_count = table->key_count;
	result->columns =
	    names_of(work->arena, table->columns, table->column_count);
	result->column_shown =
	    shown_of(work, plan, table->columns, table->column_count);
	result->column_count = table->column_count;
	result->differs = arena_array(work->arena, table->column_count + 1,
				      sizeof(*result->differs));
}

/* Rows are found by their keys then, and all columns are values. */
static int pair_by_value(struct work *work, struct error *error)
{
	if (!work->table.key_count)
		return error_set(error, ERROR_INTERNAL,
				 "the engines share no checksum, and the table "
				 "has no key to pair its rows by");
	work->table.strict_count = 0;
	return 0;
}

int work_prepare(struct work *work, struct error *error)
{
	const struct verify_options *options = work->verify->options;
	const struct catalog_table *table = work->result->table;
	const struct mapping_table *mapped =
	    mapping_of(options->mapping, table);
	const struct plan *plan;

	work->table.catalog = options->old_catalog;
	work->table.table = table;
	if (mapped && mapped->dropped) {
		work->result->state = VERIFY_DROPPED;
		return 1;
	}
	if (!table->column_count)
		return error_set(error, ERROR_INTERNAL,
				 "it has no column to compare");
	plan = plan_columns(work, error);
	if (!plan)
		return -1;
	if (!plan->promise.columns ||
	    plan->promise.column_count != table->column_count) {
		lens_release(work->pair->lens, plan);
		return error_set(error, ERROR_INTERNAL,
				 "its columns are not known to the lens");
	}
	set_key(work, choose_key(work, mapped), plan);
	choose_columns(work, plan, mapped);
	publish(work, plan);
	lens_release(work->pair->lens, plan);
	if (!work->table.strict_count)
		return error_set(error, ERROR_INTERNAL,
				 "none of its columns can be compared");
	return work->table.by_value ? pair_by_value(work, error) : 0;
}
