/* A seed from its start to its end: connections, threads, signals. */
#include "seed/seed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "seed/internal.h"

enum {
	TICK_NS = 50 * 1000 * 1000,
	CANCEL_US = 250 * 1000, /* asked again so often */
	WORKER_ROWS = 10 * 1000,
};

static const char *const temporary[] = {SEED_STAGING, NULL};

/* ---- helpers of all its files ---- */

int seed_control(struct seed_worker *worker, enum session_control what,
		 struct error *error)
{
	return worker->seed->ops->control(worker->shadow, what, NULL, error);
}

int seed_blame(const struct seed *seed, const char *table, struct error *error)
{
	bool servers = error->kind == ERROR_DATABASE && error->native[0];
	struct redact_parts values;
	char *message;

	error_values(seed->options->primary_adapter->errors,
		     seed->options->shadow_adapter->errors, error->message,
		     &values);
	message = servers
		      ? redact_message(&seed->redactor, &values, error->message)
		      : memory_string(error->message);
	if (servers && !values.known)
		error->hint[0] = '\0';
	snprintf(error->message, sizeof(error->message), "%.200s: %s", table,
		 message);
	free(message);
	return -1;
}

/* ---- workers ---- */

static int open_lens(struct seed_worker *worker, struct error *error)
{
	const struct seed_options *options = worker->seed->options;
	struct diagnostics diagnostics;
	int result;

	diagnostics_init(&diagnostics);
	result = lens_new(options->shadow_adapter->parser,
			  options->shadow_adapter->parser, options->mapping,
			  options->old_catalog, options->new_catalog,
			  &diagnostics, &worker->lens);
	if (result) {
		diagnostics_print(&diagnostics, stderr);
		error_set(error, ERROR_CONFIG, "the mapping has mistakes");
	} else {
		lens_at_rest(worker->lens);
	}
	diagnostics_release(&diagnostics);
	return result;
}

/* Settles for all workers, at the first, whether the account may. */
static int set_unguarded(struct seed_worker *worker, bool first,
			 struct error *error)
{
	struct seed *seed = worker->seed;
	bool allowed;

	if (!first && !seed->unguarded)
		return 0;
	if (seed->engine->unguard(worker->shadow, &allowed, error))
		return -1;
	if (!first && !allowed)
		return error_set(error, ERROR_DATABASE,
				 "the account lost the right to turn foreign "
				 "keys and triggers off");
	seed->unguarded = allowed;
	if (!allowed)
		seed_say(seed, "the account may not turn foreign keys and "
			       "triggers off: tables are loaded in the order "
			       "of their keys");
	return 0;
}

static int open_worker(struct seed_worker *worker, bool first,
		       struct error *error)
{
	struct seed *seed = worker->seed;
	const struct seed_options *options = seed->options;

	if (worker->open)
		return 0;
	if (seed_open_reader(options->primary_adapter, &options->primary,
			     &worker->primary, error) ||
	    options->primary_adapter->seed->join_state(
		worker->primary, options->snapshot->name, error))
		return seed_blame(seed, "the primary", error);
	if (seed->ops->open(&options->shadow, SEED_LABEL, &worker->shadow,
			    error))
		return seed_blame(seed, options->shadow_name, error);
	if (seed->engine->prepare_writer(worker->shadow, error) ||
	    set_unguarded(worker, first, error))
		return seed_blame(seed, options->shadow_name, error);
	worker->open = true;
	if (open_lens(worker, error))
		return -1;
	worker->runner = (struct runner){
	    .adapter = options->shadow_adapter,
	    .lens = worker->lens,
	    .shadow = worker->shadow,
	    .temporary_tables = temporary,
	    .key = 1,
	};
	return 0;
}

static void close_worker(struct seed_worker *worker)
{
	if (worker->primary)
		worker->seed->primary_ops->close(&worker->primary);
	if (worker->shadow)
		worker->seed->ops->close(&worker->shadow);
	if (worker->lens)
		lens_free(&worker->lens);
	buffer_release(&worker->piece);
}

static void fail(struct seed *seed, const struct error *error)
{
	pthread_mutex_lock(&seed->mutex);
	if (!seed->failed)
		seed->error = *error;
	seed->failed = true;
	seed->stop = true;
	pthread_cond_broadcast(&seed->changed);
	pthread_mutex_unlock(&seed->mutex);
}

/* ---- groups ---- */

/* Two that fill the same new table would wait for each other's locks. */
static bool share_target(const struct seed_group *a, const struct seed_group *b)
{
	for (size_t i = 0; i < a->table_count; i++)
		for (size_t k = 0; k < a->tables[i]->targets.count; k++) {
			const struct map_entry *it =
			    &a->tables[i]->targets.entries[k];

			for (size_t n = 0; n < b->table_count; n++)
				if (map_get(&b->tables[n]->targets, it->key,
					    it->key_size))
					return true;
		}
	return false;
}

static bool may_begin(const struct seed *seed, const struct seed_group *group)
{
	if (group->taken || group->waits)
		return false;
	for (size_t i = 0; i < seed->jobs; i++) {
		const struct seed_group *other = seed->workers[i].group;

		if (other && share_target(group, other))
			return false;
	}
	return true;
}

/* The largest that may begin; NULL: none may now. The mutex is held. */
static struct seed_group *choose(const struct seed *seed)
{
	struct seed_group *best = NULL;

	for (size_t i = 0; i < seed->group_count; i++) {
		struct seed_group *group = &seed->groups[i];

		if ((!best || group->expected > best->expected) &&
		    may_begin(seed, group))
			best = group;
	}
	return best;
}

/* NULL: there is nothing more to do. */
static struct seed_group *take_group(struct seed_worker *worker)
{
	struct seed *seed = worker->seed;
	struct seed_group *group = NULL;

	pthread_mutex_lock(&seed->mutex);
	while (!seed->stop && seed->groups_left && !(group = choose(seed)))
		pthread_cond_wait(&seed->changed, &seed->mutex);
	if (seed->stop)
		group = NULL;
	if (group) {
		group->taken = true;
		worker->group = group;
		seed->groups_left--;
	}
	pthread_mutex_unlock(&seed->mutex);
	return group;
}

static void end_group(struct seed_worker *worker)
{
	struct seed *seed = worker->seed;
	struct seed_group *group = worker->group;

	for (size_t i = 0; i < group->table_count; i++) {
		if (!group->tables[i]->loaded)
			seed_show_table(seed, group->tables[i]);
		group->tables[i]->done = true;
	}
	pthread_mutex_lock(&seed->mutex);
	for (size_t i = 0; i < group->then_count; i++)
		seed->groups[group->then[i]].waits--;
	worker->group = NULL;
	pthread_cond_broadcast(&seed->changed);
	pthread_mutex_unlock(&seed->mutex);
}

static bool is_loaded(const struct seed_group *group)
{
	for (size_t i = 0; i < group->table_count; i++)
		if (!group->tables[i]->loaded)
			return false;
	return true;
}

static int load_groups(struct seed_worker *worker, struct error *error)
{
	while (take_group(worker)) {
		if (!is_loaded(worker->group) &&
		    seed_load_group(worker, worker->group, error))
			return -1;
		end_group(worker);
	}
	return 0;
}

/* ---- phases ---- */

static int prepare(struct seed_worker *worker, struct error *error)
{
	return seed_plan(worker->seed, worker, error);
}

static int finish(struct seed_worker *worker, struct error *error)
{
	return seed_keys(worker, error) || seed_sequences(worker, error) ? -1
									 : 0;
}

static void *worker_main(void *context)
{
	struct seed_worker *worker = context;
	struct seed *seed = worker->seed;
	struct error error;

	error_init(&error);
	if (open_worker(worker, seed->work == prepare, &error) ||
	    seed->work(worker, &error))
		fail(seed, &error);
	pthread_mutex_lock(&seed->mutex);
	seed->running--;
	pthread_mutex_unlock(&seed->mutex);
	return NULL;
}

static bool is_running(struct seed *seed)
{
	bool running;

	pthread_mutex_lock(&seed->mutex);
	running = seed->running > 0;
	pthread_mutex_unlock(&seed->mutex);
	return running;
}

/* A SIGINT behind another signal ends the process: its transactions end with
 * its connections. */
static void interrupt(struct seed *seed, int number)
{
	if (seed->interrupted && number != SIGINT)
		return;
	if (seed->interrupted) {
		sigset_t one;

		sigemptyset(&one);
		sigaddset(&one, number);
		signal(number, SIG_DFL);
		raise(number);
		pthread_sigmask(SIG_UNBLOCK, &one, NULL);
	}
	seed->interrupted = true;
	pthread_mutex_lock(&seed->mutex);
	seed->stop = true;
	pthread_cond_broadcast(&seed->changed);
	pthread_mutex_unlock(&seed->mutex);
	seed_say(seed, "stopping");
}

/* Connections stand still while their workers run. What is asked between two
 * statements is lost: hence again. */
static void cancel(struct seed *seed, unsigned count, int64_t *next)
{
	int64_t now = clock_monotonic_us();

	if (now < *next)
		return;
	*next = now + CANCEL_US;
	for (unsigned i = 0; i < count; i++) {
		if (!atomic_load(&seed->workers[i].open))
			continue;
		seed->primary_ops->cancel(seed->workers[i].primary);
		seed->ops->cancel(seed->workers[i].shadow);
	}
}

/* Runs work in so many threads; this one looks after signals and progress. */
static int run_phase(struct seed *seed, unsigned count,
		     int (*work)(struct seed_worker *, struct error *),
		     const sigset_t *signals)
{
	const struct timespec tick = {0, TICK_NS};
	int64_t cancel_at = 0;
	unsigned started = 0;
	struct error error;

	seed->work = work;
	seed->running = count;
	for (; started < count; started++)
		if (pthread_create(&seed->workers[started].thread, NULL,
				   worker_main, &seed->workers[started]))
			break;
	if (started < count) {
		pthread_mutex_lock(&seed->mutex);
		seed->running -= count - started;
		pthread_mutex_unlock(&seed->mutex);
		error_set(&error, ERROR_MEMORY, "cannot start a thread");
		fail(seed, &error);
	}
	while (is_running(seed)) {
		int number = sigtimedwait(signals, NULL, &tick);

		if (number > 0)
			interrupt(seed, number);
		if (seed->stop)
			cancel(seed, started, &cancel_at);
		else if (work == load_groups)
			seed_show_progress(seed);
	}
	for (unsigned i = 0; i < started; i++)
		pthread_join(seed->workers[i].thread, NULL);
	return seed->failed || seed->interrupted ? -1 : 0;
}

/* Each has a connection to both sides. Unless asked for, there are no more than
 * the rows are worth. */
static unsigned count_workers(const struct seed *seed)
{
	unsigned jobs = seed->jobs;
	double expected = 0;

	for (size_t i = 0; i < seed->group_count; i++)
		expected += seed->groups[i].expected;
	if (!seed->options->jobs && expected < jobs * (double)WORKER_ROWS)
		jobs = 1 + (unsigned)(expected / WORKER_ROWS);
	if (jobs > seed->group_count)
		jobs = seed->group_count ? (unsigned)seed->group_count : 1;
	return jobs;
}

static int run_phases(struct seed *seed, const sigset_t *signals)
{
	if (run_phase(seed, 1, prepare, signals))
		return -1;
	if (seed->options->rehearse)
		return 0;
	seed->groups_left = seed->group_count;
	seed->began = seed->shown_at = clock_monotonic_us();
	if (run_phase(seed, count_workers(seed), load_groups, signals) ||
	    run_phase(seed, 1, finish, signals))
		return -1;
	seed_show_end(seed);
	return 0;
}

static void init(struct seed *seed, const struct seed_options *options)
{
	memset(seed, 0, sizeof(*seed));
	seed->options = options;
	seed->primary_ops = options->primary_adapter->database;
	seed->ops = options->shadow_adapter->database;
	seed->engine = options->shadow_adapter->seed;
	seed->partial = options->tables != NULL;
	seed->jobs = options->jobs ? options->jobs : SEED_JOBS;
	if (seed->jobs > SEED_JOBS_MAX)
		seed->jobs = SEED_JOBS_MAX;
	seed->state_file = -1;
	seed->redactor.show_values = options->show_values;
	pthread_mutex_init(&seed->mutex, NULL);
	pthread_cond_init(&seed->changed, NULL);
	seed->workers = memory_alloc(seed->jobs * sizeof(*seed->workers));
	for (unsigned i = 0; i < seed->jobs; i++) {
		seed->workers[i].seed = seed;
		buffer_init(&seed->workers[i].piece, 0);
	}
}

static void release(struct seed *seed)
{
	for (unsigned i = 0; i < seed->jobs; i++)
		close_worker(&seed->workers[i]);
	free(seed->workers);
	seed_plan_release(seed);
	pthread_mutex_destroy(&seed->mutex);
	pthread_cond_destroy(&seed->changed);
}

enum seed_end seed_run(const struct seed_options *options,
		       const sigset_t *signals, struct error *error)
{
	enum seed_end end = SEED_FAILED;
	struct seed seed;

	init(&seed, options);
	if (getrandom(seed.redactor.key, sizeof(seed.redactor.key), 0) !=
	    (ssize_t)sizeof(seed.redactor.key))
		error_set_errno(error, ERROR_IO, "getrandom");
	else if (options->shadow_adapter->prepare_shadow &&
		 options->shadow_adapter->prepare_shadow(&options->shadow,
							 error))
		end = SEED_FAILED;
	else if (!run_phases(&seed, signals))
		end = SEED_DONE;
	else if (seed.interrupted)
		end = SEED_INTERRUPTED;
	else
		*error = seed.error;
	seed_state_close(&seed, end == SEED_DONE);
	release(&seed);
	return end;
}
