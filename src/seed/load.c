/* One group of tables, from the primary's snapshot into one transaction of the
 * shadow. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "seed/internal.h"

enum {
	PIECE_BYTES = 64 * 1024, /* written at once */
	/* A COPY or an INSERT ends after so much, and the next begins: so that
	 * an error is heard of, and a staging table stays small. */
	CHUNK_ROWS = 100 * 1000,
	/* Of an engine that writes in steps, which are given rows as values. */
	STEP_ROWS = 1000,
	CHUNK_BYTES = 64 * 1024 * 1024,
};

struct load {
	struct seed_worker *worker;
	struct seed_table *table;
	char *into; /* the COPY of the shadow */
	bool chunked;
	uint64_t chunk_rows;
	bool open;     /* it runs */
	uint64_t rows; /* given to it */
	uint64_t bytes;
	uint64_t before; /* rows of earlier chunks */
	bool over;	 /* the primary has given all */
	bool converts;	 /* the shadow's engine reads rows in another form */
	struct arena row;
	uint32_t *types; /* of the primary's rows */
	size_t type_count;
};

static int stopped(struct error *error)
{
	return error_set(error, ERROR_IO, "interrupted");
}

/* Its place in the table, as far as it is known. */
static void add_context(const struct load *load, struct error *error)
{
	char context[256];

	memcpy(context, error->hint, sizeof(context));
	if (load->table->whole || (!load->before && !load->rows))
		return;
	error_hint(error, "%s%samong the rows %" PRIu64 " to %" PRIu64 " read",
		   context, *context ? "; " : "", load->before + 1,
		   load->before + load->rows);
}

static int flush_piece(struct load *load, struct error *error)
{
	struct seed_worker *worker = load->worker;
	int result = worker->seed->ops->copy_write(
	    worker->shadow, (const char *)worker->piece.data,
	    worker->piece.size, error);

	buffer_clear(&worker->piece);
	return result;
}

/* The columns of the primary's rows, in order (column_list of plan.c). */
static void find_types(struct load *load)
{
	const struct catalog_table *old = load->table->old;
	struct lens *lens = load->worker->lens;

	load->types =
	    memory_alloc((old->column_count + 1) * sizeof(*load->types));
	for (size_t i = 0; i < old->column_count; i++)
		if (old->columns[i].generated != GENERATED_STORED &&
		    lens_keeps_column(lens, old, &old->columns[i]))
			load->types[load->type_count++] = old->columns[i].type;
}

static int cross(const struct load *load, size_t column, struct value *value,
		 struct arena *arena, struct error *error)
{
	const struct seed_options *options = load->worker->seed->options;
	uint32_t type = column < load->type_count ? load->types[column] : 0;
	const struct value_side side = {options->primary_adapter->values,
					options->old_catalog, type, 0, *value};
	const struct value_target target = {
	    options->shadow_adapter->values, options->new_catalog,
	    lens_new_type(load->worker->lens, type)};

	if (!value_cross(&side, &target, arena, value))
		return 0;
	return error_set(error, ERROR_LIMIT,
			 "the shadow's engine has no text for value %zu of a "
			 "row",
			 column + 1);
}

/* One row, as the shadow's engine reads it. */
static int add_row(struct load *load, const char *data, size_t size,
		   struct error *error)
{
	struct seed_worker *worker = load->worker;
	const struct seed_options *options = worker->seed->options;
	struct value *values;
	size_t count;

	if (!load->converts) {
		buffer_append(&worker->piece, data, size);
		return 0;
	}
	arena_clear(&load->row);
	if (options->primary_adapter->seed->read_row(data, size, &load->row,
						     &values, &count, error))
		return -1;
	for (size_t i = 0; i < count; i++)
		if (cross(load, i, &values[i], &load->row, error))
			return -1;
	options->shadow_adapter->seed->write_row(&worker->piece, values, count);
	return 0;
}

/* Copies rows of the primary into the open COPY, until it must end. */
static int stream(struct load *load, struct error *error)
{
	struct seed_worker *worker = load->worker;
	const struct database_ops *ops = worker->seed->primary_ops;

	while (!load->chunked ||
	       (load->rows < load->chunk_rows && load->bytes < CHUNK_BYTES)) {
		const char *data;
		size_t size;
		int more = ops->copy_read(worker->primary, &data, &size, error);

		if (more < 0)
			return -1;
		if (!more) {
			load->over = true;
			break;
		}
		load->rows++;
		load->bytes += size;
		if (add_row(load, data, size, error))
			return -1;
		if (worker->piece.size < PIECE_BYTES)
			continue;
		if (worker->seed->stop)
			return stopped(error);
		if (flush_piece(load, error))
			return -1;
		atomic_store(&load->table->rows, load->before + load->rows);
	}
	return flush_piece(load, error);
}

static bool writes_in_steps(const struct seed *seed)
{
	const struct adapter *shadow = seed->options->shadow_adapter;

	return !shadow->parser->dialect->writes_in_with;
}

static int copy_chunk(struct load *load, struct error *error)
{
	struct seed_worker *worker = load->worker;
	const struct database_ops *ops = worker->seed->ops;
	int64_t copied = -1;
	struct error ignored;

	load->rows = load->bytes = 0;
	if (ops->copy_in(worker->shadow, load->into, error))
		return -1;
	if (stream(load, error)) {
		ops->copy_end(worker->shadow, "given up", NULL, &ignored);
		return -1;
	}
	if (ops->copy_end(worker->shadow, NULL, &copied, error))
		return -1;
	if (copied >= 0 && (uint64_t)copied != load->rows)
		return error_set(error, ERROR_DATABASE,
				 "%" PRIu64 " rows were read and %" PRId64
				 " written",
				 load->rows, copied);
	return 0;
}

/* Turns the rows of the staging table into rows of the new schema. */
static int insert_chunk(struct load *load, struct buffer *text,
			struct error *error)
{
	struct seed_worker *worker = load->worker;
	struct seed *seed = worker->seed;
	struct database_result result;
	int64_t inserted;

	buffer_clear(text);
	seed_insert_text(seed, load->table, text);
	if (runner_query(&worker->runner, buffer_string(text), NULL, &result,
			 error))
		return -1;
	inserted = result.affected;
	seed->ops->release(&result);
	if (inserted >= 0 && (uint64_t)inserted != load->rows) {
		error_set(error, ERROR_DATABASE,
			  "%" PRIu64 " rows were read and %" PRId64 " written",
			  load->rows, inserted);
		error_hint(error, "the mapping has no place for some rows");
		return -1;
	}
	return load->over ? 0
			  : seed->engine->empty_staging(worker->shadow,
							SEED_STAGING, error);
}

static int make_staging(struct load *load, struct buffer *text,
			struct error *error)
{
	struct seed_worker *worker = load->worker;

	buffer_clear(text);
	worker->seed->engine->make_staging(text, SEED_STAGING,
					   load->table->staging);
	return runner_query(&worker->runner, buffer_string(text), NULL, NULL,
			    error);
}

/* The COPY that the shadow is to run; through the lens, which renames. */
static int find_into(struct load *load, struct buffer *text,
		     struct error *error)
{
	struct seed_worker *worker = load->worker;
	const struct seed_table *table = load->table;
	struct plan_steps steps;
	struct arena arena;
	int result;

	buffer_clear(text);
	if (table->staged) {
		worker->seed->engine->copy_staging(text, SEED_STAGING,
						   table->columns);
		load->into = memory_string(buffer_string(text));
		return 0;
	}
	worker->seed->engine->copy_in(text, table->name, table->columns);
	arena_init(&arena, 0);
	result = runner_steps(&worker->runner, buffer_string(text), NULL,
			      &arena, &steps, error);
	if (!result)
		load->into = memory_string(steps.steps[steps.count - 1].text);
	arena_release(&arena);
	return result;
}

static int load_table(struct seed_worker *worker, struct seed_table *table,
		      struct error *error)
{
	struct seed *seed = worker->seed;
	struct load load = {
	    .worker = worker,
	    .table = table,
	    .chunked = !table->whole,
	    .chunk_rows =
		writes_in_steps(worker->seed) ? STEP_ROWS : CHUNK_ROWS,
	    .converts = seed->options->primary_adapter->seed->write_row !=
			seed->engine->write_row,
	};
	struct buffer text;
	int result = -1;

	buffer_init(&text, 0);
	arena_init(&load.row, 0);
	find_types(&load);
	atomic_store(&table->rows, 0);
	atomic_store(&table->began, clock_monotonic_us());
	if (find_into(&load, &text, error) ||
	    (table->staged && make_staging(&load, &text, error)))
		goto out;
	buffer_clear(&text);
	seed->options->primary_adapter->seed->copy_out(
	    &text, table->old_name, table->old_columns, table->nested);
	if (seed->primary_ops->copy_out(worker->primary, buffer_string(&text),
					error))
		goto out;
	while (!load.over) {
		if (copy_chunk(&load, error) ||
		    (table->staged && insert_chunk(&load, &text, error))) {
			add_context(&load, error);
			goto out;
		}
		load.before += load.rows;
		atomic_store(&table->rows, load.before);
		load.rows = 0;
		if (seed->stop) {
			stopped(error);
			goto out;
		}
	}
	result = 0;
	if (table->staged)
		result = seed->engine->drop_staging(worker->shadow,
						    SEED_STAGING, error);
out:
	buffer_clear(&worker->piece);
	buffer_release(&text);
	arena_release(&load.row);
	free(load.types);
	free(load.into);
	return result ? seed_blame(seed, table->name, error) : 0;
}

/* ---- circles ---- */

/* Constraints between the group's tables that may not wait. */
static int make_deferrable(struct seed_worker *worker,
			   const struct seed_group *group, bool deferrable,
			   struct error *error)
{
	struct seed *seed = worker->seed;
	struct map inner;
	int result = 0;

	map_init(&inner);
	for (size_t i = 0; i < group->table_count; i++)
		for (size_t k = 0; k < group->tables[i]->targets.count; k++) {
			struct map_entry *it =
			    &group->tables[i]->targets.entries[k];

			map_set(&inner, it->key, it->key_size, it->value);
		}
	for (size_t i = 0; !result && i < inner.count; i++) {
		const struct catalog_table *table = inner.entries[i].value;

		for (size_t k = 0; !result && k < table->key_count; k++) {
			const struct catalog_key *key = &table->keys[k];

			if (key->kind != KEY_FOREIGN || key->deferrable ||
			    !map_get(&inner, &key->target, sizeof(key->target)))
				continue;
			result = seed->engine->make_deferrable(
			    worker->shadow, table, key->name, deferrable,
			    error);
			if (!result)
				continue;
			seed_blame(seed, key->name, error);
			error_hint(error,
				   "tables refer to each other in a circle; "
				   "let the account set "
				   "session_replication_role, own the tables, "
				   "or make the constraint DEFERRABLE");
		}
	}
	map_release(&inner);
	return result;
}

static int begin_circle(struct seed_worker *worker,
			const struct seed_group *group, struct error *error)
{
	if (worker->seed->unguarded || !group->circular)
		return 0;
	return make_deferrable(worker, group, true, error) ||
		       seed_control(worker, SESSION_DEFER, error)
		   ? -1
		   : 0;
}

static int end_circle(struct seed_worker *worker,
		      const struct seed_group *group, struct error *error)
{
	if (worker->seed->unguarded || !group->circular)
		return 0;
	if (seed_control(worker, SESSION_CHECK_DEFERRED, error))
		return seed_blame(worker->seed, group->tables[0]->name, error);
	return make_deferrable(worker, group, false, error);
}

/* ---- groups ---- */

static int commit(struct seed_worker *worker, struct seed_group *group,
		  struct error *error)
{
	struct seed *seed = worker->seed;
	char *id = NULL;
	int result = -1;

	if (seed->stop)
		return stopped(error);
	if (seed->options->state &&
	    (seed->engine->token(worker->shadow, &id, error) ||
	     seed_state_note(seed, group, id, error)))
		goto out;
	if (seed_control(worker, SESSION_COMMIT, error) ||
	    seed_state_note(seed, group, NULL, error))
		goto out;
	result = 0;
out:
	free(id);
	return result;
}

int seed_load_group(struct seed_worker *worker, struct seed_group *group,
		    struct error *error)
{
	struct seed *seed = worker->seed;
	struct error ignored;
	int result;

	result = seed_control(worker, SESSION_BEGIN, error);
	if (!result)
		result = begin_circle(worker, group, error);
	for (size_t i = 0; !result && i < group->table_count; i++)
		if (!group->tables[i]->loaded)
			result = load_table(worker, group->tables[i], error);
	if (!result)
		result = end_circle(worker, group, error);
	if (!result)
		result = commit(worker, group, error);
	if (result && seed->ops->alive(worker->shadow))
		seed_control(worker, SESSION_ROLLBACK, &ignored);
	return result;
}
