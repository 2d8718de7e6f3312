/* The primary's rows: a sample with the rows at the edges, or all of them. */
#include <stdio.h>
#include <string.h>

#include "adapters/proof.h"
#include "laws/internal.h"
#include "sql/print.h"

enum {
	VALUES_LOOKED_FOR = 50, /* of a recoded column */
	VALUE_ROWS = 2,		/* rows with each of them */
};

void rows_add(struct arena *arena, struct rows *rows, const struct value *cells)
{
	size_t width = rows->width;

	if (rows->count == rows->capacity) {
		size_t capacity = rows->capacity ? 2 * rows->capacity : 16;
		struct value *grown =
		    arena_array(arena, capacity * width, sizeof(*grown));

		if (rows->count)
			memcpy(grown, rows->cells,
			       rows->count * width * sizeof(*grown));
		rows->cells = grown;
		rows->capacity = capacity;
	}
	for (size_t i = 0; i < width; i++) {
		struct value *cell = &rows->cells[rows->count * width + i];

		*cell = cells[i];
		if (cells[i].data)
			cell->data =
			    arena_copy(arena, cells[i].data, cells[i].size);
	}
	rows->count++;
}

/* A row may refer to any other of its table, which the proof has not: here it
 * refers to itself. */
static void close_rows(const struct proof *proof, struct rows *rows)
{
	const struct catalog_table *old = proof->about.old;

	for (size_t i = 0; i < rows->width; i++) {
		const struct catalog_column *own =
		    proof->about.columns[i].own_value;

		for (size_t r = 0; own && r < rows->count; r++) {
			struct value *row = &rows->cells[r * rows->width];

			if (row[i].data)
				row[i] = row[own - old->columns];
		}
	}
}

struct sampling {
	struct proof *proof;
	struct map seen; /* rows that are there already */
	struct buffer identity;
	bool full;
};

/* By its key, or by all its values. */
static bool is_new(struct sampling *sampling, const struct value *cells)
{
	const struct proof *proof = sampling->proof;
	const struct catalog_table *old = proof->about.old;
	struct buffer *identity = &sampling->identity;

	buffer_clear(identity);
	for (size_t i = 0; i < old->column_count; i++) {
		bool part = !proof->key;

		for (size_t k = 0; proof->key && k < proof->key->column_count;
		     k++)
			part |=
			    proof->key->columns[k] == old->columns[i].number;
		if (!part)
			continue;
		buffer_append_u32(identity,
				  cells[i].data ? cells[i].size : UINT32_MAX);
		if (cells[i].data)
			buffer_append(identity, cells[i].data, cells[i].size);
	}
	return !map_set(&sampling->seen, identity->data, identity->size,
			sampling);
}

static void take_row(struct sampling *sampling, const struct value *cells)
{
	struct proof *proof = sampling->proof;

	if (proof->arena.used > LAWS_MEMORY) {
		sampling->full = true;
		return;
	}
	if (is_new(sampling, cells))
		rows_add(&proof->arena, &proof->sample, cells);
}

enum { SAMPLE_PORTAL = 1 }; /* one at a time */

/* A query whose answer may be large, a piece at a time. stop (may be NULL)
 * ends it early. */
static enum outcome fetch(struct proof *proof, const char *query,
			  enum outcome (*use)(void *context,
					      const struct database_result *),
			  void *context, const bool *stop, struct error *error)
{
	const struct adapter *adapter = proof->laws->primary_adapter;
	const struct session_ops *session = adapter->session;
	struct shadow_command open = {.text = query}, next = {0}, end = {0};
	struct database_result result;
	struct arena arena;
	enum outcome outcome;
	size_t count;

	arena_init(&arena, 0);
	session->portal_open(SAMPLE_PORTAL, &arena, &open);
	session->portal_fetch(SAMPLE_PORTAL, LAWS_BATCH, &arena, &next);
	session->portal_close(SAMPLE_PORTAL, &arena, &end);
	outcome = run_primary(proof, open.text, NULL, NULL, error);
	if (outcome)
		goto out;
	do {
		outcome = run_primary(proof, next.text, NULL, &result, error);
		if (outcome)
			goto out; /* took the cursor with it */
		count = result.row_count;
		outcome = use(context, &result);
		adapter->database->release(&result);
	} while (!outcome && count == LAWS_BATCH && !(stop && *stop));
	if (outcome != OUTCOME_LOST &&
	    run_primary(proof, end.text, NULL, NULL, error) == OUTCOME_LOST)
		outcome = OUTCOME_LOST;
out:
	arena_release(&arena);
	return outcome;
}

static enum outcome take_rows(void *context,
			      const struct database_result *result)
{
	struct sampling *sampling = context;

	for (size_t r = 0; r < result->row_count; r++)
		take_row(sampling, &result->rows[r * result->column_count]);
	return OUTCOME_OK;
}

static enum outcome read_spread(struct sampling *sampling)
{
	struct proof *proof = sampling->proof;
	struct laws *laws = proof->laws;
	struct buffer query;
	struct error error;
	enum outcome outcome = OUTCOME_OK;

	error_init(&error);
	buffer_init(&query, 0);
	if (laws->primary_adapter->proof->sample(
		proof->primary, proof->about.old, proof->columns, laws->sample,
		&query, &error))
		outcome =
		    error.kind == ERROR_IO ? OUTCOME_LOST : OUTCOME_FAILED;
	else
		outcome = fetch(proof, buffer_string(&query), take_rows,
				sampling, &sampling->full, &error);
	if (outcome == OUTCOME_FAILED)
		diagnostics_add(laws->diagnostics, SEVERITY_ERROR,
				proof->about.place, "--no-laws skips them",
				"the laws of \"%s\" cannot be proved: its rows "
				"cannot be read: %s",
				proof->name, shown_message(proof, &error));
	if (outcome == OUTCOME_LOST && error.kind)
		proof->lost = error;
	buffer_release(&query);
	return outcome;
}

/* Rows that a sample spread over the table rarely contains. Queries that take
 * too long are skipped. */
static enum outcome read_edges(struct sampling *sampling,
			       const struct lens_about_column *column)
{
	struct proof *proof = sampling->proof;
	struct buffer query;
	struct error error;
	enum outcome outcome;

	error_init(&error);
	buffer_init(&query, 0);
	proof->laws->primary_adapter->proof->edges(
	    proof->laws->primary_catalog, proof->about.old, proof->columns,
	    column->old, &query);
	outcome = fetch(proof, buffer_string(&query), take_rows, sampling,
			&sampling->full, &error);
	if (outcome == OUTCOME_FAILED) {
		laws_warn(proof, column->place,
			  "rows at the edges of \"%s.%s\" are not looked at: "
			  "%s",
			  proof->name, column->old->name,
			  shown_message(proof, &error));
		outcome = OUTCOME_OK;
	}
	buffer_release(&query);
	return outcome;
}

/* All of the old table's rows, to put a WHERE behind. */
static void begin_select(const struct proof *proof, struct buffer *query)
{
	const struct sql_dialect *dialect =
	    proof->laws->primary_adapter->parser->dialect;

	buffer_printf(query, "SELECT %s FROM ", proof->columns);
	sql_print_name(dialect, query, proof->about.old->schema);
	buffer_append_byte(query, '.');
	sql_print_name(dialect, query, proof->about.old->name);
}

static enum outcome read_value(struct sampling *sampling,
			       const struct lens_about_column *column,
			       const char *value)
{
	struct proof *proof = sampling->proof;
	const struct sql_dialect *dialect =
	    proof->laws->primary_adapter->parser->dialect;
	struct buffer query;
	struct error error;
	enum outcome outcome;

	error_init(&error);
	buffer_init(&query, 0);
	begin_select(proof, &query);
	buffer_append_string(&query, " WHERE ");
	sql_print_name(dialect, &query, column->old->name);
	buffer_append_string(&query, " = ");
	dialect->string(&query, value);
	buffer_printf(&query, " LIMIT %d", VALUE_ROWS);
	outcome = fetch(proof, buffer_string(&query), take_rows, sampling,
			&sampling->full, &error);
	buffer_release(&query);
	/* Values that are not of the type are found in no row. */
	return outcome == OUTCOME_LOST ? OUTCOME_LOST : OUTCOME_OK;
}

static enum outcome read_rare(struct sampling *sampling,
			      const struct lens_about_column *column)
{
	enum outcome outcome = OUTCOME_OK;

	if (!column->plain && !column->dropped)
		outcome = read_edges(sampling, column);
	for (size_t i = 0;
	     !outcome && i < column->value_count && i < VALUES_LOOKED_FOR; i++)
		if (column->values[i].old_value.text)
			outcome = read_value(sampling, column,
					     column->values[i].old_value.text);
	return outcome;
}

static void find_nulls(struct proof *proof)
{
	const struct rows *rows = &proof->sample;

	for (size_t r = 0; r < rows->count; r++)
		for (size_t i = 0; i < rows->width; i++)
			if (!rows->cells[r * rows->width + i].data)
				proof->null_seen[i] = true;
}

enum outcome sample_read(struct proof *proof)
{
	struct sampling sampling = {.proof = proof};
	enum outcome outcome;

	map_init(&sampling.seen);
	buffer_init(&sampling.identity, 0);
	memset(&proof->sample, 0, sizeof(proof->sample));
	proof->sample.width = proof->about.old->column_count;
	outcome = read_spread(&sampling);
	for (size_t i = 0;
	     !outcome && proof->sample.count && i < proof->sample.width; i++)
		outcome = read_rare(&sampling, &proof->about.columns[i]);
	if (sampling.full)
		laws_warn(proof, proof->about.place,
			  "rows of \"%s\" are large: %zu are looked at",
			  proof->name, proof->sample.count);
	find_nulls(proof);
	close_rows(proof, &proof->sample);
	map_release(&sampling.seen);
	buffer_release(&sampling.identity);
	return outcome;
}

struct streaming {
	struct proof *proof;
	enum outcome (*use)(struct proof *proof, const struct rows *rows);
	bool stop;
};

static enum outcome use_rows(void *context,
			     const struct database_result *result)
{
	struct streaming *streaming = context;
	struct rows rows = {.cells = result->rows,
			    .count = result->row_count,
			    .width = result->column_count};
	enum outcome outcome;

	close_rows(streaming->proof, &rows);
	outcome =
	    rows.count ? streaming->use(streaming->proof, &rows) : OUTCOME_OK;

	streaming->stop = streaming->proof->enough;
	return outcome;
}

enum outcome sample_all(struct proof *proof,
			enum outcome (*use)(struct proof *proof,
					    const struct rows *rows))
{
	struct streaming streaming = {.proof = proof, .use = use};
	struct buffer query;
	struct error error;
	enum outcome outcome;

	error_init(&error);
	buffer_init(&query, 0);
	begin_select(proof, &query);
	outcome = fetch(proof, buffer_string(&query), use_rows, &streaming,
			&streaming.stop, &error);
	if (outcome == OUTCOME_FAILED && error.kind)
		diagnostics_add(proof->laws->diagnostics, SEVERITY_ERROR,
				proof->about.place, NULL,
				"not all rows of \"%s\" can be read: %s",
				proof->name, shown_message(proof, &error));
	buffer_release(&query);
	return outcome;
}
