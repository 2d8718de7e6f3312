/* Which tables, and the jobs that compare them. */
#include "verify/verify.h"

#include <pthread.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "store/store.h"
#include "verify/internal.h"

struct verify_run {
	pthread_t *threads;
	struct verify_pair *pairs; /* by job */
	size_t count;
	_Atomic size_t next;   /* table */
	pthread_mutex_t mutex; /* of open */
	bool *open;	       /* by job: its pair may be cancelled */
	bool joined;
};

struct verify_job {
	struct verify *verify;
	size_t index;
};

uint64_t verify_drift(const struct verify_table *table)
{
	return table->missing + table->extra + table->value;
}

/* ---- the tables ---- */

static bool is_asked(const struct verify_options *options,
		     const struct catalog_table *table, bool *used)
{
	bool asked = !options->tables;

	for (size_t i = 0; options->tables && i < options->table_count; i++) {
		const char *name = options->tables[i];
		size_t length = strlen(table->schema);

		if (strcmp(name, table->name) &&
		    (strncmp(name, table->schema, length) ||
		     name[length] != '.' ||
		     strcmp(name + length + 1, table->name)))
			continue;
		used[i] = asked = true;
	}
	return asked;
}

/* Larger ones first, so that the jobs end at much the same time. */
static int by_size(const void *left, const void *right)
{
	const struct verify_table *a = left;
	const struct verify_table *b = right;
	double x = a->table->row_estimate, y = b->table->row_estimate;

	return x < y ? 1 : x > y ? -1 : 0;
}

static int list_tables(struct verify *verify, struct error *error)
{
	const struct verify_options *options = verify->options;
	const struct catalog *catalog = options->old_catalog;
	bool *used = memory_alloc(options->table_count + 1);
	int result = 0;

	verify->tables =
	    memory_alloc((catalog->table_count + 1) * sizeof(*verify->tables));
	verify->others =
	    memory_alloc((catalog->table_count + 1) * sizeof(*verify->others));
	for (size_t i = 0; i < catalog->table_count; i++) {
		const struct catalog_table *table = &catalog->tables[i];

		if ((table->kind != RELATION_TABLE &&
		     table->kind != RELATION_PARTITIONED) ||
		    table->is_partition)
			continue;
		if (!is_asked(options, table, used)) {
			verify->others[verify->other_count++] = table;
			continue;
		}
		verify->tables[verify->table_count].table = table;
		arena_init(&verify->tables[verify->table_count].arena, 0);
		verify->table_count++;
	}
	for (size_t i = 0; options->tables && i < options->table_count; i++)
		if (!used[i])
			result = error_set(error, ERROR_USAGE,
					   "the primary has no table '%s'",
					   options->tables[i]);
	free(used);
	if (verify->table_count)
		qsort(verify->tables, verify->table_count,
		      sizeof(*verify->tables), by_size);
	return result;
}

int verify_open(const struct verify_options *options, struct verify **out,
		struct error *error)
{
	struct verify *verify = memory_alloc(sizeof(*verify));
	int result;

	verify->options = options;
	verify->run = memory_alloc(sizeof(*verify->run));
	pthread_mutex_init(&verify->run->mutex, NULL);
	result = list_tables(verify, error);
	if (result)
		verify_close(&verify);
	*out = verify;
	return result;
}

/* ---- a table ---- */

void verify_table_problem(struct verify_table *table,
			  const struct verify_options *options,
			  const struct error *error)
{
	const char *said = pair_said(error->message);
	uint32_t before = (uint32_t)(said - error->message);

	table->problem = memory_string(error->message);
	table->server_said = error->native[0] != '\0';
	error_values(options->primary_adapter->errors,
		     options->shadow_adapter->errors, said, &table->values);
	for (uint32_t i = 0; i < table->values.count; i++) {
		table->values.parts[i].from += before;
		table->values.parts[i].to += before;
	}
}

static void failed(const struct verify *verify, struct verify_table *table,
		   const struct error *error)
{
	verify_table_problem(table, verify->options, error);
	table->state = VERIFY_FAILED;
}

static void finish(struct work *work)
{
	struct verify_table *result = work->result;
	struct verify_drift *drift = arena_alloc(work->arena, sizeof(*drift));

	drift->work = *work;
	drift->work.suspects =
	    arena_copy(work->arena, work->suspects,
		       work->suspect_count * sizeof(*work->suspects));
	result->drift = drift;
	result->state = verify_drift(result) ? VERIFY_DRIFT
			: result->undecided  ? VERIFY_UNDECIDED
					     : VERIFY_EQUAL;
}

/* How both sides hash a row: as fast as these servers can, as any server of
 * such engines does, or not at all. */
static int probe(struct verify_pair *pair, struct checksum_table *table,
		 struct error *error)
{
	enum checksum_form form = pair_checksum(pair, SHADOW)->portable;
	char *marks[SIDES] = {NULL, NULL};
	int result = 0;

	for (int side = 0; !result && side < SIDES; side++)
		result = pair_checksum(pair, side)
			     ->probe(pair->sides[side], &marks[side], error);
	table->portable = !marks[PRIMARY] || !marks[SHADOW] ||
			  strcmp(marks[PRIMARY], marks[SHADOW]) != 0;
	table->by_value =
	    table->portable && (form == CHECKSUM_FORM_NONE ||
				form != pair_checksum(pair, PRIMARY)->portable);
	for (int side = 0; side < SIDES; side++)
		free(marks[side]);
	return result;
}

/* 0: done; 1: nothing to compare. */
static int compare_once(struct work *work, struct error *error)
{
	const struct verify_options *options = work->verify->options;
	int result = probe(work->pair, &work->table, error);

	if (!result)
		result = store_read_fact(options->store, STORE_FACT_CLOCKS,
					 &work->clocks, error);
	if (!result && options->journal && !work->lag)
		result =
		    replay_lag_open(options->journal, options->journal_keys,
				    options->store, &work->lag, error);
	if (!result)
		result = work_prepare(work, error);
	if (!result)
		result = work_chunks(work, error);
	if (!result)
		result = work_looks(work, error);
	return result;
}

/* Has the mirror learned of a clock since? */
static bool has_learned(const struct work *work)
{
	struct error ignored;
	char *clocks = NULL;
	bool learned;

	if (store_read_fact(work->verify->options->store, STORE_FACT_CLOCKS,
			    &clocks, &ignored))
		return false;
	learned = clocks && (!work->clocks || strcmp(clocks, work->clocks));
	free(clocks);
	return learned;
}

static void start_again(struct work *work)
{
	struct verify_table *result = work->result;

	free(work->clocks);
	free(work->suspects);
	free(result->note);
	free(result->problem);
	arena_clear(work->arena);
	arena_clear(&work->scratch);
	*work = (struct work){.verify = work->verify,
			      .result = result,
			      .pair = work->pair,
			      .lag = work->lag,
			      .arena = work->arena,
			      .scratch = work->scratch};
	result->note = result->problem = NULL;
	result->rows = result->shadow_rows = 0;
	result->missing = result->extra = result->value = 0;
	result->undecided = 0;
	result->capped = false;
	result->kept = NULL;
	result->kept_count = 0;
}

static void compare_table(struct verify *verify, struct verify_pair *pair,
			  struct verify_table *table)
{
	struct work work = {.verify = verify,
			    .result = table,
			    .pair = pair,
			    .arena = &table->arena};
	struct error error;
	int result;

	error_init(&error);
	arena_init(&work.scratch, 0);
	table->state = VERIFY_RUNS;
	result = compare_once(&work, &error);
	if (!result && verify_drift(table) && has_learned(&work)) {
		start_again(&work);
		result = compare_once(&work, &error);
	}
	if (result < 0)
		failed(verify, table, &error);
	else if (!result)
		finish(&work);
	table->at = clock_unix_us();
	replay_lag_close(&work.lag);
	free(work.clocks);
	free(work.suspects);
	arena_release(&work.scratch);
}

/* ---- the jobs ---- */

static void set_open(struct verify_run *run, size_t index, bool open)
{
	pthread_mutex_lock(&run->mutex);
	run->open[index] = open;
	pthread_mutex_unlock(&run->mutex);
}

static void *run_job(void *context)
{
	struct verify_job *job = context;
	struct verify *verify = job->verify;
	struct verify_run *run = verify->run;
	struct verify_pair *pair = &run->pairs[job->index];
	struct error error;
	int broken;
	size_t next;

	error_init(&error);
	broken = pair_open(pair, verify->options, &error);
	set_open(run, job->index, !broken);
	while ((next = run->next++) < verify->table_count) {
		struct verify_table *table = &verify->tables[next];

		/* After a lost connection the others are tried anew. */
		if (!broken && !pair_alive(pair)) {
			set_open(run, job->index, false);
			pair_close(pair);
			broken = pair_open(pair, verify->options, &error);
			set_open(run, job->index, !broken);
		}
		if (verify->stop && !broken)
			broken = error_set(&error, ERROR_IO, "interrupted");
		if (broken)
			failed(verify, table, &error);
		else
			compare_table(verify, pair, table);
	}
	set_open(run, job->index, false);
	pair_close(pair);
	free(job);
	verify->running--;
	return NULL;
}

int verify_start(struct verify *verify, struct error *error)
{
	struct verify_run *run = verify->run;
	size_t jobs = verify->options->jobs;

	if (jobs > verify->table_count)
		jobs = verify->table_count;
	run->threads = memory_alloc((jobs + 1) * sizeof(*run->threads));
	run->pairs = memory_alloc((jobs + 1) * sizeof(*run->pairs));
	run->open = memory_alloc((jobs + 1) * sizeof(*run->open));
	for (size_t i = 0; i < jobs; i++) {
		struct verify_job *job = memory_alloc(sizeof(*job));

		*job = (struct verify_job){verify, i};
		verify->running++;
		if (pthread_create(&run->threads[i], NULL, run_job, job)) {
			verify->running--;
			free(job);
			verify->stop = true;
			return error_set_errno(error, ERROR_MEMORY,
					       "no thread");
		}
		run->count++;
	}
	return 0;
}

void verify_cancel(struct verify *verify)
{
	struct verify_run *run = verify->run;

	verify->stop = true;
	pthread_mutex_lock(&run->mutex);
	for (size_t i = 0; i < run->count; i++)
		for (int side = 0; run->open[i] && side < SIDES; side++)
			run->pairs[i].adapters[side]->database->cancel(
			    run->pairs[i].sides[side]);
	pthread_mutex_unlock(&run->mutex);
}

void verify_join(struct verify *verify)
{
	struct verify_run *run = verify->run;

	for (size_t i = 0; i < run->count && !run->joined; i++)
		pthread_join(run->threads[i], NULL);
	run->joined = true;
}

void verify_close(struct verify **pointer)
{
	struct verify *verify = *pointer;

	*pointer = NULL;
	if (!verify)
		return;
	verify_join(verify);
	for (size_t i = 0; i < verify->table_count; i++) {
		arena_release(&verify->tables[i].arena);
		free(verify->tables[i].problem);
		free(verify->tables[i].note);
	}
	pthread_mutex_destroy(&verify->run->mutex);
	free(verify->run->threads);
	free(verify->run->pairs);
	free(verify->run->open);
	free(verify->run);
	free(verify->tables);
	free(verify->others);
	free(verify);
}
