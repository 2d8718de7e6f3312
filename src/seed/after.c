/* After loading: checks the foreign keys, and sets the sequences. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "seed/internal.h"
#include "sql/print.h"
#include "sql/walk.h"

enum { KEYS_SHOWN = 20 };

/* ---- keys ---- */

static int check_key(struct seed_worker *worker, const struct seed_key *key,
		     size_t *broken, struct error *error)
{
	struct seed *seed = worker->seed;
	bool is_broken = false;

	if (seed->engine->key_broken(worker->shadow, key, &is_broken, error))
		return seed_blame(seed, key->table, error);
	seed->keys_checked++;
	if (is_broken && (*broken)++ < KEYS_SHOWN)
		seed_say(seed,
			 "%s: the foreign key %s is violated: some rows refer "
			 "to rows that do not exist",
			 key->table, key->name);
	return 0;
}

/*
 * They were not checked while loading. Each is checked by one query, so that a
 * mapping that violates one is found here and not after cutover.
 */
int seed_keys(struct seed_worker *worker, struct error *error)
{
	struct seed *seed = worker->seed;
	struct seed_key *keys;
	struct arena arena;
	size_t count = 0, broken = 0;
	int result = 0;

	if (!seed->unguarded)
		return 0;
	if (seed->partial) {
		seed_say(seed, "foreign keys were not checked, since only some "
			       "tables were loaded");
		return 0;
	}
	arena_init(&arena, 0);
	if (seed->engine->foreign_keys(worker->shadow, &arena, &keys, &count,
				       error))
		result = seed_blame(seed, "the shadow", error);
	for (size_t i = 0; !result && i < count; i++) {
		if (seed->stop)
			result = error_set(error, ERROR_IO, "interrupted");
		else
			result = check_key(worker, &keys[i], &broken, error);
	}
	arena_release(&arena);
	if (!result && broken) {
		result = error_set(error, ERROR_DATABASE,
				   "%zu foreign key%s of the new schema %s "
				   "violated by the loaded rows",
				   broken, broken == 1 ? "" : "s",
				   broken == 1 ? "is" : "are");
		error_hint(error,
			   "the mapping writes different values into the key "
			   "and into the columns that it refers to");
	}
	return result;
}

/* ---- sequences ---- */

static int set_stand(struct seed_worker *worker, const struct seed_stand *stand,
		     const struct catalog_table *sequence, bool mapped,
		     struct error *error)
{
	struct seed *seed = worker->seed;
	struct buffer text;
	int result;

	buffer_init(&text, 0);
	seed->engine->sequence_set(&text, sequence, stand->value, stand->given);
	result = mapped ? runner_query(&worker->runner, buffer_string(&text),
				       NULL, NULL, error)
			: seed->ops->query(worker->shadow, buffer_string(&text),
					   NULL, NULL, error);
	buffer_release(&text);
	seed->sequences_set += !result;
	return result;
}

struct after_found {
	const char *column, *schema, *table;
	size_t tables;
};

static enum sql_step find_names(struct sql_place *place, void *context,
				struct error *error)
{
	struct after_found *found = context;

	(void)error;
	if (SQL_AT(place, range_var)) {
		const PgQuery__RangeVar *var =
		    (const PgQuery__RangeVar *)place->message;

		found->schema = var->schemaname;
		found->table = var->relname;
		found->tables++;
	}
	return SQL_STEP_INTO;
}

/* The rewritten form of SELECT column FROM table, if it is still one column of
 * one table. */
static const struct catalog_column *read_answer(
    const struct seed *seed, PgQuery__Node *node,
    const struct catalog_table **table)
{
	struct after_found found = {0};
	struct sql_visitor visitor = {find_names, NULL, &found};
	const PgQuery__SelectStmt *select =
	    SQL_AS(node, SELECT_STMT, select_stmt);
	const PgQuery__ColumnRef *ref;
	struct error ignored;

	if (!select || select->n_target_list != 1 ||
	    !SQL_IS(select->target_list[0], RES_TARGET) ||
	    sql_walk(&node, &visitor, &ignored) < 0 || found.tables != 1)
		return NULL;
	ref = SQL_AS(select->target_list[0]->res_target->val, COLUMN_REF,
		     column_ref);
	if (ref && ref->n_fields)
		found.column = sql_string_value(ref->fields[ref->n_fields - 1]);
	*table = SQL_SET(found.schema)
		     ? catalog_table(seed->options->new_catalog, found.schema,
				     found.table)
		     : NULL;
	return *table && found.column ? catalog_column(*table, found.column)
				      : NULL;
}

/* The new column that holds an old one's values, or NULL. */
static const struct catalog_column *new_column(
    struct seed_worker *worker, const struct seed_table *table,
    const struct catalog_column *column, const struct catalog_table **in)
{
	const struct parser *parser =
	    worker->seed->options->shadow_adapter->parser;
	const struct catalog_column *found = NULL;
	struct plan_steps steps;
	struct sql_tree tree;
	struct error ignored;
	struct buffer text;
	struct arena arena;

	arena_init(&arena, 0);
	buffer_init(&text, 0);
	buffer_append_string(&text, "SELECT ");
	sql_print_name(parser->dialect, &text, column->name);
	buffer_printf(&text, " FROM %s", table->name);
	if (!runner_steps(&worker->runner, buffer_string(&text), NULL, &arena,
			  &steps, &ignored) &&
	    steps.count == 1 &&
	    !parser->parse(steps.steps[0].text, strlen(steps.steps[0].text),
			   &arena, &tree, &ignored) &&
	    tree.count == 1)
		found = read_answer(worker->seed, tree.statements[0].node, in);
	buffer_release(&text);
	arena_release(&arena);
	return found;
}

static int pass_column(struct seed_worker *worker,
		       const struct catalog_table *table,
		       const struct catalog_column *column, struct error *error)
{
	struct seed *seed = worker->seed;
	bool moved = false;

	if (seed->engine->sequence_pass(worker->shadow, table, column, &moved,
					error))
		return seed_blame(seed, column->sequence, error);
	seed->sequences_set += moved;
	return 0;
}

static void sequence_key(struct buffer *key,
			 const struct catalog_column *column)
{
	buffer_clear(key);
	buffer_append(key, column->sequence_schema,
		      strlen(column->sequence_schema) + 1);
	buffer_append_string(key, column->sequence);
}

/* Several old sequences may have become one. Then only the column's values show
 * its right value. */
static int set_by_column(struct seed_worker *worker,
			 const struct seed_stand *stand,
			 const struct catalog_table *table,
			 const struct catalog_column *now, struct map *set,
			 struct error *error)
{
	const struct catalog_table sequence = {.schema = now->sequence_schema,
					       .name = now->sequence};
	struct buffer key;
	bool again;

	buffer_init(&key, 0);
	sequence_key(&key, now);
	again =
	    map_set(set, key.data, key.size, (void *)(uintptr_t)now) != NULL;
	buffer_release(&key);
	return again ? pass_column(worker, table, now, error)
		     : set_stand(worker, stand, &sequence, false, error);
}

/* It has no counterpart by name in the new schema, but its columns may have a
 * sequence of their own there. */
static int set_by_columns(struct seed_worker *worker,
			  const struct seed_stand *stand, const char *why,
			  struct map *set, struct error *error)
{
	struct seed *seed = worker->seed;
	size_t known = 0;
	int result = 0;

	for (size_t i = 0; !result && i < seed->table_count; i++) {
		const struct catalog_table *old = seed->tables[i].old;

		for (size_t k = 0; !result && k < old->column_count; k++) {
			const struct catalog_column *column = &old->columns[k];
			const struct catalog_column *now;
			const struct catalog_table *table;

			if (!column->sequence ||
			    strcmp(column->sequence, stand->sequence->name) ||
			    strcmp(column->sequence_schema,
				   stand->sequence->schema))
				continue;
			now = new_column(worker, &seed->tables[i], column,
					 &table);
			if (!now || !now->sequence)
				continue;
			known++;
			result = set_by_column(worker, stand, table, now, set,
					       error);
		}
	}
	if (!result && !known && !seed->partial)
		seed_say(seed, "sequence %s.%s is not set: %s",
			 stand->sequence->schema, stand->sequence->name, why);
	return result;
}

static int move_sequence(struct seed_worker *worker,
			 const struct seed_stand *stand, struct map *set,
			 struct error *error)
{
	const struct adapter *adapter = worker->seed->options->shadow_adapter;
	struct error why;
	int result;

	if (!stand->value ||
	    !set_stand(worker, stand, stand->sequence, true, &why))
		return 0;
	if (why.kind == ERROR_INTERNAL ||
	    adapter->errors->class(why.native, why.message) ==
		ERROR_CLASS_UNDEFINED) {
		result = set_by_columns(worker, stand, why.message, set, error);
	} else {
		*error = why;
		result = -1;
	}
	return result ? seed_blame(worker->seed, stand->sequence->name, error)
		      : 0;
}

/* New columns that a sequence feeds, in the tables that were filled. */
static int pass_columns(struct seed_worker *worker, struct error *error)
{
	struct seed *seed = worker->seed;
	struct map seen;
	int result = 0;

	map_init(&seen);
	for (size_t i = 0; !result && i < seed->table_count; i++)
		for (size_t k = 0; !result && k < seed->tables[i].targets.count;
		     k++) {
			const struct map_entry *it =
			    &seed->tables[i].targets.entries[k];
			const struct catalog_table *table = it->value;

			if (map_set(&seen, it->key, it->key_size, it->value))
				continue;
			for (size_t c = 0; !result && c < table->column_count;
			     c++)
				if (table->columns[c].sequence)
					result = pass_column(worker, table,
							     &table->columns[c],
							     error);
		}
	map_release(&seen);
	return result;
}

/*
 * First past what stands in the columns that they feed. Then those that the
 * primary has too, as they stood there: even where that is behind the values,
 * or what the primary gives next would be another value here.
 */
int seed_sequences(struct seed_worker *worker, struct error *error)
{
	const struct seed_snapshot *snapshot = worker->seed->options->snapshot;
	struct map set;
	int result;

	map_init(&set);
	result = pass_columns(worker, error);
	for (size_t i = 0; !result && i < snapshot->stand_count; i++)
		result =
		    move_sequence(worker, &snapshot->stands[i], &set, error);
	map_release(&set);
	return result;
}
