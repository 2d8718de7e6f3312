/* What to load, and how: from the catalogs and the lens. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "lens/lens.h"
#include "seed/internal.h"
#include "sql/print.h"
#include "sql/walk.h"

enum {
	ROW_BYTES = 100, /* of a row, if unknown */
	NAMES_SHOWN = 5,
};

struct size_row {
	bool part;
	bool inherited;
	int64_t bytes;
	double rows;
};

/* ---- what the mapping says ---- */

static bool in_path(const char *path, const char *schema)
{
	size_t length = strlen(schema);

	for (const char *at = strstr(path, schema); at;
	     at = strstr(at + 1, schema))
		if ((at == path || strchr(", \"", at[-1])) &&
		    strchr(", \"", at[length]))
			return true;
	return false;
}

/* In the same way as the lens finds an entry's table. */
static const struct catalog_table *entry_table(
    const struct catalog *catalog, const struct mapping_table *entry)
{
	const struct catalog_table *found = NULL;

	for (size_t i = 0; i < catalog->table_count; i++) {
		const struct catalog_table *table = &catalog->tables[i];

		if (strcmp(table->name, entry->name.text))
			continue;
		if (entry->schema.text) {
			if (!strcmp(table->schema, entry->schema.text))
				return table;
		} else if (!found ||
			   in_path(catalog->search_path, table->schema)) {
			found = table;
		}
	}
	return found;
}

static const struct mapping_table *entry_of(const struct seed_options *options,
					    const struct catalog_table *table)
{
	const struct mapping *mapping = options->mapping;

	for (size_t i = 0; mapping && i < mapping->table_count; i++) {
		const struct mapping_table *entry = &mapping->tables[i];

		if (!strcmp(entry->name.text, table->name) &&
		    entry_table(options->old_catalog, entry) == table)
			return entry;
	}
	return NULL;
}

/* ---- tables ---- */

static void size_key(struct buffer *key, const char *schema, const char *name)
{
	buffer_clear(key);
	buffer_append(key, schema, strlen(schema) + 1);
	buffer_append_string(key, name);
}

static const char *cell(const struct database_result *result, size_t row,
			size_t column)
{
	const struct value *value =
	    &result->rows[row * result->column_count + column];

	return value->data ? (const char *)value->data : "";
}

static int read_sizes(struct seed *seed, struct seed_worker *worker,
		      struct map *sizes, struct error *error)
{
	struct seed_size *list;
	struct buffer key;
	struct arena arena;
	size_t count = 0;
	int result;

	arena_init(&arena, 0);
	buffer_init(&key, 0);
	result = seed->options->primary_adapter->seed->sizes(
	    worker->primary, &arena, &list, &count, error);
	for (size_t i = 0; i < count; i++) {
		struct size_row *row = memory_alloc(sizeof(*row));

		row->part = list[i].part;
		row->inherited = list[i].inherited;
		row->bytes = list[i].bytes;
		row->rows = list[i].rows;
		size_key(&key, list[i].schema, list[i].table);
		free(map_set(sizes, key.data, key.size, row));
	}
	buffer_release(&key);
	arena_release(&arena);
	return result ? seed_blame(seed, "the primary", error) : 0;
}

static bool is_named(const char *const *names, const struct catalog_table *old)
{
	for (; *names; names++) {
		size_t schema = strlen(old->schema);

		if (!strcmp(*names, old->name) ||
		    (!strncmp(*names, old->schema, schema) &&
		     (*names)[schema] == '.' &&
		     !strcmp(*names + schema + 1, old->name)))
			return true;
	}
	return false;
}

static char *table_name(const struct sql_dialect *dialect,
			const struct catalog_table *table)
{
	struct buffer out;
	char *name;

	buffer_init(&out, 0);
	sql_print_name(dialect, &out, table->schema);
	buffer_append_byte(&out, '.');
	sql_print_name(dialect, &out, table->name);
	name = memory_string(buffer_string(&out));
	buffer_release(&out);
	return name;
}

/* All except those that the database computes, and those that have no place in
 * the new schema. */
static char *column_list(const struct sql_dialect *dialect,
			 const struct lens *lens,
			 const struct catalog_table *table)
{
	struct buffer out;
	char *list = NULL;

	buffer_init(&out, 0);
	for (size_t i = 0; i < table->column_count; i++) {
		if (table->columns[i].generated == GENERATED_STORED ||
		    !lens_keeps_column(lens, table, &table->columns[i]))
			continue;
		if (out.size)
			buffer_append_string(&out, ", ");
		sql_print_name(dialect, &out, table->columns[i].name);
	}
	if (out.size)
		list = memory_string(buffer_string(&out));
	buffer_release(&out);
	return list;
}

static void add_table(struct seed *seed, const struct lens *lens,
		      const struct catalog_table *old,
		      const struct mapping_table *entry,
		      const struct size_row *size)
{
	const struct seed_options *options = seed->options;
	const struct sql_dialect *ours =
	    options->shadow_adapter->parser->dialect;
	const struct sql_dialect *theirs =
	    options->primary_adapter->parser->dialect;
	struct seed_table *table = &seed->tables[seed->table_count++];

	table->old = old;
	table->name = table_name(ours, old);
	table->columns = column_list(ours, lens, old);
	table->old_name = table_name(theirs, old);
	table->old_columns = column_list(theirs, lens, old);
	table->nested = old->kind == RELATION_PARTITIONED;
	table->inherited = size && size->inherited && !table->nested;
	/* What is absorbed goes into rows that must be there. */
	table->wave = entry && entry->absorbed;
	table->bytes = size ? size->bytes : 0;
	table->expected = size ? size->rows : -1;
	if (table->expected < 0)
		table->expected = (double)table->bytes / ROW_BYTES;
	map_init(&table->targets);
	map_init(&table->reads);
}

static int check_names(const struct seed *seed, struct error *error)
{
	const char *const *names = seed->options->tables;

	for (; names && *names; names++) {
		const char *const one[] = {*names, NULL};
		bool found = false;

		for (size_t i = 0; i < seed->table_count; i++)
			found |= is_named(one, seed->tables[i].old);
		if (!found)
			return error_set(
			    error, ERROR_USAGE,
			    "there is no table %s to load: it is missing on "
			    "the primary, part of another table, or dropped by "
			    "the mapping",
			    *names);
	}
	return 0;
}

static int find_tables(struct seed *seed, struct seed_worker *worker,
		       struct error *error)
{
	const struct seed_options *options = seed->options;
	const struct catalog *catalog = options->old_catalog;
	struct buffer key;
	struct map sizes;
	int result;

	map_init(&sizes);
	buffer_init(&key, 0);
	result = read_sizes(seed, worker, &sizes, error);
	seed->tables =
	    memory_alloc((catalog->table_count + 1) * sizeof(*seed->tables));
	for (size_t i = 0; !result && i < catalog->table_count; i++) {
		const struct catalog_table *old = &catalog->tables[i];
		const struct mapping_table *entry = entry_of(options, old);
		const struct size_row *size;

		size_key(&key, old->schema, old->name);
		size = map_get(&sizes, key.data, key.size);
		if ((old->kind != RELATION_TABLE &&
		     old->kind != RELATION_PARTITIONED) ||
		    (size && size->part) || (entry && entry->dropped) ||
		    (options->tables && !is_named(options->tables, old)))
			continue;
		add_table(seed, worker->lens, old, entry, size);
	}
	for (size_t i = 0; i < sizes.count; i++)
		free(sizes.entries[i].value);
	map_release(&sizes);
	buffer_release(&key);
	return result ? result : check_names(seed, error);
}

/* ---- how each is loaded ---- */

void seed_insert_text(const struct seed *seed, const struct seed_table *table,
		      struct buffer *out)
{
	seed->engine->insert_staged(out, table->name, table->columns,
				    SEED_STAGING);
}

/* Whether the lens can say it; steps are in the arena. */
static bool can_say(struct seed_worker *worker, struct buffer *text,
		    struct arena *arena, struct plan_steps *steps,
		    struct error *error)
{
	return !runner_steps(&worker->runner, buffer_string(text), NULL, arena,
			     steps, error);
}

/*
 * The staging table's columns have the old ones' types, so that the values mean
 * the same. A type that the new schema has not, or whose labels are recoded,
 * cannot be named there: its values stay texts until the lens casts them.
 */
static void find_staging(struct seed *seed, struct seed_worker *worker,
			 struct seed_table *table, struct arena *arena)
{
	const struct catalog_table *old = table->old;
	struct buffer out, probe, text;
	struct plan_steps steps;
	struct error ignored;

	buffer_init(&out, 0);
	buffer_init(&probe, 0);
	buffer_init(&text, 0);
	for (size_t i = 0; i < old->column_count; i++) {
		const struct catalog_column *column = &old->columns[i];
		bool known;

		if (column->generated == GENERATED_STORED)
			continue;
		buffer_clear(&probe);
		buffer_printf(&probe, "c %s", column->type_sql);
		buffer_clear(&text);
		seed->engine->make_staging(&text, SEED_STAGING,
					   buffer_string(&probe));
		known = can_say(worker, &text, arena, &steps, &ignored);
		if (out.size)
			buffer_append_string(&out, ", ");
		sql_print_name(seed->options->shadow_adapter->parser->dialect,
			       &out, column->name);
		buffer_printf(&out, " %s", known ? column->type_sql : "text");
	}
	table->staging = memory_string(buffer_string(&out));
	buffer_release(&out);
	buffer_release(&probe);
	buffer_release(&text);
}

struct seed_naming {
	struct seed *seed;
	struct seed_table *table;
};

static enum sql_step note_target(struct sql_place *place, void *context,
				 struct error *error)
{
	struct seed_naming *naming = context;
	const struct catalog_table *target;
	const PgQuery__RangeVar *var;

	(void)error;
	if (!SQL_AT(place, range_var))
		return SQL_STEP_INTO;
	var = (const PgQuery__RangeVar *)place->message;
	target = SQL_SET(var->schemaname)
		     ? catalog_table(naming->seed->options->new_catalog,
				     var->schemaname, var->relname)
		     : NULL;
	if (target)
		map_set(&naming->table->targets, &target, sizeof(target),
			(void *)(uintptr_t)target);
	return SQL_STEP_INTO;
}

/* The new tables that the statement names, whatever the mapping is. */
static int find_targets(struct seed *seed, struct seed_table *table,
			const struct plan_steps *steps, struct arena *arena,
			struct error *error)
{
	struct seed_naming naming = {seed, table};
	struct sql_visitor visitor = {note_target, NULL, &naming};

	for (size_t i = 0; i < steps->count; i++) {
		const char *text = steps->steps[i].text;
		struct sql_tree tree;

		if (seed->options->shadow_adapter->parser->parse(
			text, strlen(text), arena, &tree, error))
			return -1;
		for (size_t k = 0; k < tree.count; k++)
			if (sql_walk(&tree.statements[k].node, &visitor,
				     error) < 0)
				return -1;
	}
	return 0;
}

/* Tables whose rows must be there before, and whether its own must. */
static void find_reads(struct seed_worker *worker, struct seed_table *table,
		       struct arena *arena)
{
	struct lens_about about;

	lens_about(worker->lens, table->old, arena, &about);
	table->whole = about.looks_in_itself;
	for (size_t i = 0; i < about.place_count; i++) {
		const struct catalog_table *place = about.places[i].table;

		if (about.places[i].use == LENS_READ &&
		    map_get(&table->targets, &place, sizeof(place)))
			map_set(&table->reads, &place, sizeof(place),
				(void *)(uintptr_t)place);
	}
}

static int find_form(struct seed *seed, struct seed_worker *worker,
		     struct seed_table *table, struct error *error)
{
	struct plan_steps steps;
	struct buffer text;
	struct arena arena;
	int result = 0;

	arena_init(&arena, 0);
	buffer_init(&text, 0);
	seed->engine->copy_in(&text, table->name, table->columns);
	/* A COPY in steps has a staging table of its own: ours is chunked. */
	if (!can_say(worker, &text, &arena, &steps, error) || steps.staged) {
		table->staged = true;
		buffer_clear(&text);
		seed_insert_text(seed, table, &text);
		if (!table->columns ||
		    !can_say(worker, &text, &arena, &steps, error))
			result = -1;
		else
			find_staging(seed, worker, table, &arena);
	}
	if (!result)
		result = find_targets(seed, table, &steps, &arena, error);
	find_reads(worker, table, &arena);
	buffer_release(&text);
	arena_release(&arena);
	return result;
}

static int find_forms(struct seed *seed, struct seed_worker *worker,
		      struct error *error)
{
	size_t failed = 0;

	for (size_t i = 0; i < seed->table_count; i++) {
		struct error why;

		error_init(&why);
		if (!find_form(seed, worker, &seed->tables[i], &why))
			continue;
		failed++;
		seed_say(seed, "%s cannot be loaded: %s", seed->tables[i].name,
			 why.message);
	}
	return failed ? error_set(error, ERROR_CONFIG,
				  "%zu table%s cannot be loaded through this "
				  "mapping",
				  failed, failed == 1 ? "" : "s")
		      : 0;
}

/* ---- what is there already ---- */

/* 1: it has rows. */
static int has_rows(struct seed *seed, struct seed_worker *worker,
		    const struct seed_table *table, struct error *error)
{
	struct database_result result;
	struct buffer text;
	int failed;

	buffer_init(&text, 0);
	seed->engine->has_rows(&text, table->name, table->inherited);
	failed = runner_query(&worker->runner, buffer_string(&text), NULL,
			      &result, error);
	buffer_release(&text);
	if (failed)
		return seed_blame(seed, table->name, error);
	failed = result.row_count && *cell(&result, 0, 0) == 't';
	seed->ops->release(&result);
	return failed;
}

static int delete_all(struct seed *seed, struct seed_worker *worker,
		      struct error *error)
{
	struct buffer text;
	int result;

	buffer_init(&text, 0);
	result = seed_control(worker, SESSION_BEGIN, error);
	if (!result && !seed->unguarded)
		result = seed_control(worker, SESSION_DEFER, error);
	/* Those that refer to others come last in the groups. */
	for (size_t g = seed->group_count; !result && g-- > 0;)
		for (size_t i = seed->groups[g].table_count;
		     !result && i-- > 0;) {
			const struct seed_table *table =
			    seed->groups[g].tables[i];

			buffer_clear(&text);
			seed->engine->delete_rows(&text, table->name);
			if (runner_query(&worker->runner, buffer_string(&text),
					 NULL, NULL, error))
				result = seed_blame(seed, table->name, error);
		}
	buffer_release(&text);
	if (!result)
		return seed_control(worker, SESSION_COMMIT, error);
	if (seed->ops->alive(worker->shadow)) {
		struct error ignored;

		seed_control(worker, SESSION_ROLLBACK, &ignored);
	}
	return result;
}

/*
 * TRUNCATE is quick, but it cannot leave the rows that other old tables have in
 * the same new one: only if all are loaded anew. And it is refused where a
 * table refers to these that is none of them: then it is the DELETEs' turn.
 */
static int empty_all(struct seed *seed, struct seed_worker *worker,
		     struct error *error)
{
	struct buffer names, text;
	struct error ignored;
	int result = -1;

	buffer_init(&names, 0);
	buffer_init(&text, 0);
	for (size_t i = 0; i < seed->table_count; i++)
		buffer_printf(&names, "%s%s", i ? ", " : "",
			      seed->tables[i].name);
	seed->engine->empty(&text, buffer_string(&names));
	if (!seed->partial)
		result = runner_query(&worker->runner, buffer_string(&text),
				      NULL, NULL, &ignored);
	if (result)
		result = delete_all(seed, worker, error);
	buffer_release(&names);
	buffer_release(&text);
	return result;
}

static int look_for_rows(struct seed *seed, struct seed_worker *worker,
			 struct error *error)
{
	struct buffer names;
	size_t count = 0;
	int result = 0;

	buffer_init(&names, 0);
	for (size_t i = 0; !result && i < seed->table_count; i++) {
		struct seed_table *table = &seed->tables[i];
		int rows = has_rows(seed, worker, table, error);

		if (rows < 0)
			result = -1;
		else if (!rows) /* whatever the notes say */
			table->loaded = false;
		else if (!table->loaded && count++ < NAMES_SHOWN)
			buffer_printf(&names, "%s%s", names.size ? ", " : "",
				      table->name);
	}
	if (!result && count && seed->options->truncate) {
		seed_say(seed, "emptying %zu tables", seed->table_count);
		result = empty_all(seed, worker, error);
	} else if (!result && count) {
		if (count > NAMES_SHOWN)
			buffer_printf(&names, " and %zu more",
				      count - NAMES_SHOWN);
		result = error_set(error, ERROR_DATABASE,
				   "the shadow already has rows in %s",
				   buffer_string(&names));
		error_hint(error, "--truncate empties the tables to be loaded");
	}
	buffer_release(&names);
	return result;
}

/* ---- all of it ---- */

static void warn_of_triggers(struct seed *seed)
{
	struct map seen;
	size_t count = 0;
	struct buffer names;

	if (seed->unguarded)
		return;
	map_init(&seen);
	buffer_init(&names, 0);
	for (size_t i = 0; i < seed->table_count; i++)
		for (size_t k = 0; k < seed->tables[i].targets.count; k++) {
			const struct catalog_table *target =
			    seed->tables[i].targets.entries[k].value;

			if ((!target->has_triggers && !target->has_rules) ||
			    map_set(&seen, &target, sizeof(target),
				    (void *)(uintptr_t)target) ||
			    count++ >= NAMES_SHOWN)
				continue;
			buffer_printf(&names, "%s%s.%s", names.size ? ", " : "",
				      target->schema, target->name);
		}
	if (count)
		seed_say(seed,
			 "warning: triggers or rules fire while %s%s are "
			 "loaded, since the account may not turn them off",
			 buffer_string(&names),
			 count > NAMES_SHOWN ? " and others" : "");
	map_release(&seen);
	buffer_release(&names);
}

int seed_plan(struct seed *seed, struct seed_worker *worker,
	      struct error *error)
{
	if (find_tables(seed, worker, error) || find_forms(seed, worker, error))
		return -1;
	if (seed_order(seed, error) || seed_state_open(seed, worker, error) ||
	    look_for_rows(seed, worker, error))
		return -1;
	warn_of_triggers(seed);
	return 0;
}

void seed_plan_release(struct seed *seed)
{
	for (size_t i = 0; i < seed->table_count; i++) {
		struct seed_table *table = &seed->tables[i];

		free(table->name);
		free(table->columns);
		free(table->old_name);
		free(table->old_columns);
		free(table->staging);
		map_release(&table->targets);
		map_release(&table->reads);
	}
	for (size_t i = 0; i < seed->group_count; i++) {
		free(seed->groups[i].tables);
		free(seed->groups[i].then);
	}
	free(seed->tables);
	free(seed->groups);
}
