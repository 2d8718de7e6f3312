/* When all is loaded: do the foreign keys hold, and where do sequences stand?
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "rest/seed_internal.h"
#include "sql/print.h"
#include "sql/walk.h"

enum { KEYS_SHOWN = 20 };

static const char *cell(const struct database_result *result, size_t row,
			size_t column)
{
	const struct value *value =
	    &result->rows[row * result->column_count + column];

	return value->data ? (const char *)value->data : "";
}

/* ---- keys ---- */

static int check_key(struct seed_worker *worker, const char *table,
		     const char *name, const char *query, size_t *broken,
		     struct error *error)
{
	struct seed *seed = worker->seed;
	char *answer = NULL;

	if (seed_value(seed, worker->shadow, query, &answer, error))
		return seed_blame(seed, table, error);
	seed->keys_checked++;
	if (answer && *answer == 't' && (*broken)++ < KEYS_SHOWN)
		seed_say(seed,
			 "%s: the foreign key %s is broken: some rows refer to "
			 "rows that are not there",
			 table, name);
	free(answer);
	return 0;
}

/*
 * They were not looked at while loading: each is, by one query, so that a
 * mapping that breaks one is found here and not after cutover.
 */
int seed_keys(struct seed_worker *worker, struct error *error)
{
	struct seed *seed = worker->seed;
	struct database_result keys;
	size_t broken = 0;
	int result = 0;

	if (!seed->unguarded)
		return 0;
	if (seed->partial) {
		seed_say(seed, "foreign keys were not looked at, since only "
			       "some tables were loaded");
		return 0;
	}
	if (seed->ops->query(worker->shadow, seed->sql->foreign_keys, NULL,
			     &keys, error))
		return seed_blame(seed, "the shadow", error);
	for (size_t i = 0; !result && i < keys.row_count; i++) {
		if (seed->stop)
			result = error_set(error, ERROR_IO, "interrupted");
		else
			result = check_key(worker, cell(&keys, i, 0),
					   cell(&keys, i, 1), cell(&keys, i, 2),
					   &broken, error);
	}
	seed->ops->release(&keys);
	if (!result && broken) {
		result = error_set(error, ERROR_DATABASE,
				   "%zu foreign key%s of the new schema %s "
				   "not hold for the rows that were loaded",
				   broken, broken == 1 ? "" : "s",
				   broken == 1 ? "does" : "do");
		error_hint(error, "the mapping writes other values into the "
				  "key than into what it refers to");
	}
	return result;
}

/* ---- sequences ---- */

struct stand { /* of a sequence of the primary */
	const struct catalog_table *sequence;
	struct database_result at;
};

static int set_stand(struct seed_worker *worker, const struct stand *stand,
		     const struct catalog_table *sequence, bool mapped,
		     struct error *error)
{
	struct seed *seed = worker->seed;
	struct buffer text;
	int result;

	buffer_init(&text, 0);
	seed->sql->sequence_set(&text, sequence, cell(&stand->at, 0, 0),
				*cell(&stand->at, 0, 1) == 't');
	result = mapped ? through_query(&worker->through, buffer_string(&text),
					NULL, NULL, error)
			: seed_run_text(seed, worker->shadow,
					buffer_string(&text), error);
	buffer_release(&text);
	seed->sequences_set += !result;
	return result;
}

struct found {
	const char *column, *schema, *table;
	size_t tables;
};

static enum sql_step find_names(struct sql_place *place, void *context,
				struct error *error)
{
	struct found *found = context;

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

/* What SELECT column FROM table has become, if it still is one column of one
 * table. */
static const struct catalog_column *read_answer(const struct seed *seed,
						PgQuery__Node *node)
{
	struct found found = {0};
	struct sql_visitor visitor = {find_names, NULL, &found};
	const PgQuery__SelectStmt *select =
	    SQL_AS(node, SELECT_STMT, select_stmt);
	const struct catalog_table *table;
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
	table = SQL_SET(found.schema)
		    ? catalog_table(seed->options->new_catalog, found.schema,
				    found.table)
		    : NULL;
	return table && found.column ? catalog_column(table, found.column)
				     : NULL;
}

/* The new column that holds an old one's values, or NULL. */
static const struct catalog_column *new_column(
    struct seed_worker *worker, const struct seed_table *table,
    const struct catalog_column *column)
{
	const struct parser *parser = worker->seed->options->adapter->parser;
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
	if (!through_steps(&worker->through, buffer_string(&text), NULL, &arena,
			   &steps, &ignored) &&
	    steps.count == 1 &&
	    !parser->parse(steps.steps[0].text, strlen(steps.steps[0].text),
			   &arena, &tree, &ignored) &&
	    tree.count == 1)
		found = read_answer(worker->seed, tree.statements[0].node);
	buffer_release(&text);
	arena_release(&arena);
	return found;
}

/* It has no name in the new schema, but the columns that it feeds may have a
 * sequence of their own there. */
static int set_by_columns(struct seed_worker *worker, const struct stand *stand,
			  const char *why, struct error *error)
{
	struct seed *seed = worker->seed;
	size_t set = seed->sequences_set;
	int result = 0;

	for (size_t i = 0; !result && i < seed->table_count; i++) {
		const struct catalog_table *old = seed->tables[i].old;

		for (size_t k = 0; !result && k < old->column_count; k++) {
			const struct catalog_column *column = &old->columns[k];
			const struct catalog_column *now;

			if (!column->sequence ||
			    strcmp(column->sequence, stand->sequence->name) ||
			    strcmp(column->sequence_schema,
				   stand->sequence->schema))
				continue;
			now = new_column(worker, &seed->tables[i], column);
			if (now && now->sequence)
				result = set_stand(
				    worker, stand,
				    &(struct catalog_table){
					.schema = now->sequence_schema,
					.name = now->sequence},
				    false, error);
		}
	}
	if (!result && set == seed->sequences_set && !seed->partial)
		seed_say(seed, "sequence %s.%s is not set: %s",
			 stand->sequence->schema, stand->sequence->name, why);
	return result;
}

static int move_sequence(struct seed_worker *worker,
			 const struct catalog_table *sequence,
			 struct error *error)
{
	struct seed *seed = worker->seed;
	struct stand stand = {.sequence = sequence};
	struct buffer text;
	struct error why;
	int result;

	buffer_init(&text, 0);
	seed->sql->sequence_read(&text, sequence);
	result = seed->ops->query(worker->primary, buffer_string(&text), NULL,
				  &stand.at, error);
	buffer_release(&text);
	if (result)
		return seed_blame(seed, sequence->name, error);
	if (stand.at.row_count &&
	    set_stand(worker, &stand, sequence, true, &why)) {
		if (why.kind == ERROR_INTERNAL ||
		    !strcmp(why.sqlstate, "42P01")) {
			result =
			    set_by_columns(worker, &stand, why.message, error);
		} else {
			*error = why;
			result = -1;
		}
		if (result)
			seed_blame(seed, sequence->name, error);
	}
	seed->ops->release(&stand.at);
	return result;
}

static int pass_column(struct seed_worker *worker,
		       const struct catalog_table *table,
		       const struct catalog_column *column, struct error *error)
{
	struct seed *seed = worker->seed;
	struct database_result moved;
	struct buffer text;
	int result;

	buffer_init(&text, 0);
	seed->sql->sequence_pass(&text, table, column);
	result = seed->ops->query(worker->shadow, buffer_string(&text), NULL,
				  &moved, error);
	buffer_release(&text);
	if (result)
		return seed_blame(seed, column->sequence, error);
	seed->sequences_set += moved.row_count;
	seed->ops->release(&moved);
	return 0;
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
 * A sequence is outside of all snapshots: what it gave since is passed too.
 * First as the primary's stand, under their new names; then past what stands
 * in the columns that they feed.
 */
int seed_sequences(struct seed_worker *worker, struct error *error)
{
	const struct catalog *catalog = worker->seed->options->old_catalog;

	for (size_t i = 0; i < catalog->table_count; i++)
		if (catalog->tables[i].kind == RELATION_SEQUENCE &&
		    move_sequence(worker, &catalog->tables[i], error))
			return -1;
	return pass_columns(worker, error);
}
