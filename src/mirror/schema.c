/*
 * Schemas that change while they are mirrored. A transaction of the primary's
 * that changes its schema is a line: what comes behind it in the journal is
 * read when both catalogs were read anew, and is rewritten by them; what came
 * before it goes on by the old ones. At intervals both are looked at, too, for
 * changes that no exchange shows.
 *
 * Catalogs are read by a thread of their own, which knows nothing of the
 * mirror, so that no server, hung or slow, stops the event loop.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/memory.h"
#include "mirror/internal.h"

enum {
	LOOK_US = 5 * 1000 * 1000,
	RETRY_US = 1000 * 1000,
	PATIENCE = 10, /* attempts that reading waits for */
	NOTES_MAX = 100,
	END_S = 3, /* for which the mirror's end waits for a reading */
};

/* One reading of the catalogs. Owned by the thread until done, or if it was
 * abandoned. */
struct schema_job {
	pthread_t thread;
	pthread_mutex_t lock;
	bool done;
	bool abandoned;
	uv_async_t *wake;
	const struct adapter *primary_adapter;
	const struct adapter *shadow_adapter;
	struct endpoint primary, shadow; /* with strings of their own */
	bool whole;			 /* the catalogs, not only the marks */
	/* Between two full readings: changes often come together. */
	struct catalog_reader *old_reader, *new_reader;
	int result;
	struct error error;
	uint64_t old_mark, new_mark; /* full: at first the last known ones */
	struct catalog *old_catalog, *new_catalog; /* NULL: unchanged */
};

struct schema_watch {
	struct schema_job *job; /* the current one, or NULL */
	bool due;		/* the catalogs must be read */
	bool holds;		/* and reading waits for it */
	bool strayed; /* the primary's mark differed at the last check */
	size_t open;  /* changing transactions not yet applied */
	unsigned failures;
	unsigned notes;
	int64_t retry_at, look_at;
	const char *cause;
};

/* --- the thread --- */

static char *copy_of(const char *text)
{
	return text ? memory_string(text) : NULL;
}

static struct endpoint endpoint_copy(const struct endpoint *from)
{
	return (struct endpoint){
	    .host = copy_of(from->host),
	    .port = from->port,
	    .database = copy_of(from->database),
	    .user = copy_of(from->user),
	    .password = copy_of(from->password),
	    .options = copy_of(from->options),
	};
}

static void endpoint_free(struct endpoint *endpoint)
{
	free((char *)endpoint->host);
	free((char *)endpoint->database);
	free((char *)endpoint->user);
	free((char *)endpoint->password);
	free((char *)endpoint->options);
}

static void job_free(struct schema_job *job)
{
	if (job->old_catalog)
		catalog_free(&job->old_catalog);
	if (job->new_catalog)
		catalog_free(&job->new_catalog);
	job->primary_adapter->catalog_reader_free(&job->old_reader);
	job->shadow_adapter->catalog_reader_free(&job->new_reader);
	endpoint_free(&job->primary);
	endpoint_free(&job->shadow);
	pthread_mutex_destroy(&job->lock);
	free(job);
}

static int job_read(struct schema_job *job)
{
	const struct adapter *primary = job->primary_adapter;
	const struct adapter *shadow = job->shadow_adapter;
	struct error *error = &job->error;

	if (job->whole)
		return primary->catalog_reread(&job->old_reader, &job->primary,
					       &job->old_mark,
					       &job->old_catalog, error) ||
			       shadow->catalog_reread(
				   &job->new_reader, &job->shadow,
				   &job->new_mark, &job->new_catalog, error)
			   ? -1
			   : 0;
	return primary->catalog_mark(&job->old_reader, &job->primary,
				     &job->old_mark, error) ||
		       shadow->catalog_mark(&job->new_reader, &job->shadow,
					    &job->new_mark, error)
		   ? -1
		   : 0;
}

static void *job_run(void *context)
{
	struct schema_job *job = context;
	bool abandoned;

	job->result = job_read(job);
	pthread_mutex_lock(&job->lock);
	job->done = true;
	abandoned = job->abandoned;
	if (!abandoned)
		uv_async_send(job->wake);
	pthread_mutex_unlock(&job->lock);
	if (abandoned)
		job_free(job);
	return NULL;
}

static void start_job(struct mirror *mirror, bool whole)
{
	struct schema_watch *watch = mirror->watch;
	struct schema_job *job = memory_alloc(sizeof(*job));

	pthread_mutex_init(&job->lock, NULL);
	error_init(&job->error);
	job->wake = &mirror->schema_wake;
	job->primary_adapter = mirror->options->primary_adapter;
	job->shadow_adapter = mirror->options->shadow_adapter;
	job->primary = endpoint_copy(&mirror->options->primary);
	job->shadow = endpoint_copy(&mirror->options->shadow);
	job->whole = whole;
	job->old_mark = mirror->old_mark;
	job->new_mark = mirror->new_mark;
	job->old_reader = mirror->old_reader;
	job->new_reader = mirror->new_reader;
	mirror->old_reader = mirror->new_reader = NULL;
	if (pthread_create(&job->thread, NULL, job_run, job)) {
		LOG_WARN("no thread to read the catalogs with", "shadow=%s",
			 mirror->options->name);
		job_free(job);
		watch->retry_at = clock_monotonic_us() + RETRY_US;
		return;
	}
	watch->job = job;
	if (whole)
		watch->due = false;
}

/* --- what is told of it --- */

static int set_number(struct mirror *mirror, const char *key, uint64_t number,
		      struct error *error)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, number);
	return store_set(mirror->store, key, text, error);
}

int schema_note_versions(struct mirror *mirror, const struct catalogs *catalogs,
			 struct error *error)
{
	const struct lens_version *version = mirror->version;
	size_t ahead = lens_pending(version->lens);
	char text[640], more[160];

	snprintf(text, sizeof(text),
		 "the mapping no longer fits the schemas: %zu mistake(s), the "
		 "first: %s",
		 version->misfits, version->misfit);
	snprintf(
	    more, sizeof(more),
	    "the primary has %zu table(s) or column(s) that the shadow and the "
	    "mapping lack: statements that depend on them are inconclusive",
	    ahead);
	if (set_number(mirror, STORE_FACT_CATALOG_OLD,
		       catalogs->old_catalog->version, error) ||
	    set_number(mirror, STORE_FACT_CATALOG_NEW,
		       catalogs->new_catalog->version, error) ||
	    store_set(mirror->store, STORE_FACT_WARNING_PREFIX "schema",
		      version->misfits ? text : NULL, error) ||
	    store_set(mirror->store, STORE_FACT_WARNING_PREFIX "ahead",
		      ahead ? more : NULL, error))
		return -1;
	return 0;
}

static bool same_columns(const struct catalog_table *a,
			 const struct catalog_table *b)
{
	if (a->column_count != b->column_count || a->kind != b->kind ||
	    a->key_count != b->key_count)
		return false;
	for (size_t i = 0; i < a->column_count; i++) {
		const struct catalog_column *x = &a->columns[i];
		const struct catalog_column *y = &b->columns[i];

		if (strcmp(x->name, y->name) != 0 ||
		    strcmp(x->type_sql, y->type_sql) != 0 ||
		    x->not_null != y->not_null ||
		    strcmp(x->default_sql ? x->default_sql : "",
			   y->default_sql ? y->default_sql : "") != 0)
			return false;
	}
	return true;
}

/* "the primary's: 1 table new, 0 gone, 2 altered", if anything changed. */
static void describe_change(struct buffer *out, const char *whose,
			    const struct catalog *before,
			    const struct catalog *after)
{
	size_t made = 0, gone = 0, altered = 0;

	if (before->version == after->version)
		return;
	for (size_t i = 0; i < after->table_count; i++) {
		const struct catalog_table *table = &after->tables[i];
		const struct catalog_table *was =
		    catalog_table(before, table->schema, table->name);

		made += !was;
		altered += was && !same_columns(was, table);
	}
	for (size_t i = 0; i < before->table_count; i++)
		gone += !catalog_table(after, before->tables[i].schema,
				       before->tables[i].name);
	buffer_printf(out, "; the %s: %zu table(s) new, %zu gone, %zu altered",
		      whose, made, gone, altered);
}

static void note_change(struct mirror *mirror, const struct catalogs *before,
			const struct catalogs *after)
{
	struct schema_watch *watch = mirror->watch;
	time_t now = time(NULL);
	struct buffer text;
	struct error error;
	struct tm tm;
	char at[32], key[64];

	gmtime_r(&now, &tm);
	strftime(at, sizeof(at), "%Y-%m-%dT%H:%M:%SZ", &tm);
	snprintf(key, sizeof(key), STORE_FACT_SCHEMA_PREFIX "%s.%u", at,
		 watch->notes);
	buffer_init(&text, 0);
	buffer_printf(&text, "schema changed at %s, %s", at, watch->cause);
	describe_change(&text, "primary's", before->old_catalog,
			after->old_catalog);
	describe_change(&text, "shadow's", before->new_catalog,
			after->new_catalog);
	if (mirror->version->misfits)
		buffer_printf(&text,
			      "; the mapping does not fit it: %zu mistake(s), "
			      "the first: %s",
			      mirror->version->misfits,
			      mirror->version->misfit);
	LOG_INFO("schemas changed", "shadow=%s change=\"%s\"",
		 mirror->options->name, buffer_string(&text));
	if ((watch->notes++ < NOTES_MAX &&
	     store_set(mirror->store, key, buffer_string(&text), &error)) ||
	    schema_note_versions(mirror, after, &error))
		mirror_fail(mirror, &error);
	mirror->changed = true;
	buffer_release(&text);
}

/* --- what comes of it --- */

/* The catalog that was read, or the one in use if it has not changed. */
static struct catalog *taken(struct catalog **read, struct catalog *before)
{
	struct catalog *catalog = *read ? *read : catalog_share(before);

	*read = NULL;
	return catalog;
}

static bool is_new(const struct catalog *read, const struct catalog *before)
{
	return read && read->version != before->version;
}

static void take_catalogs(struct mirror *mirror, struct schema_job *job)
{
	struct catalogs *before = mirror->version->catalogs;
	struct catalogs *after;
	struct lens_version *version;

	if (!is_new(job->old_catalog, before->old_catalog) &&
	    !is_new(job->new_catalog, before->new_catalog))
		return;
	after =
	    catalogs_new(mirror, taken(&job->old_catalog, before->old_catalog),
			 taken(&job->new_catalog, before->new_catalog));
	version = lens_version_refit(mirror, after);
	if (version) {
		before->users++;
		lens_version_use(mirror, version);
		note_change(mirror, before, after);
		catalogs_drop(before);
	} else {
		LOG_ERROR("the schemas have changed, and the mapping's file "
			  "has mistakes; the old one stays",
			  "shadow=%s", mirror->options->name);
	}
	catalogs_drop(after);
}

static void set_marks(struct mirror *mirror, const struct schema_job *job)
{
	mirror->old_mark = job->old_mark;
	mirror->new_mark = job->new_mark;
	mirror->watch->strayed = false;
}

/* Whether everything in the journal has been read. */
static bool is_level(const struct mirror *mirror)
{
	return mirror->at_end && !mirror->schedule.count &&
	       list_empty(&mirror->busy);
}

/*
 * A change of the shadow counts at once. A change of the primary may still be
 * in the journal. It came past the relay if the mirror has read everything and
 * the change is still there at the next check.
 */
static void take_marks(struct mirror *mirror, const struct schema_job *job)
{
	struct schema_watch *watch = mirror->watch;
	bool strayed = job->old_mark != mirror->old_mark && is_level(mirror);

	if (job->new_mark != mirror->new_mark) {
		watch->due = true;
		watch->cause = "under the mirror";
	} else if (strayed && watch->strayed) {
		watch->due = true;
		watch->cause = "past the relay";
	}
	watch->strayed = strayed;
}

static void job_failed(struct mirror *mirror, const struct schema_job *job)
{
	struct schema_watch *watch = mirror->watch;

	if (!job->whole)
		return; /* a server that is down is reported elsewhere */
	watch->due = true;
	watch->retry_at = clock_monotonic_us() + RETRY_US;
	if (!watch->failures++)
		LOG_WARN("the catalogs cannot be read; trying again",
			 "shadow=%s problem=\"%s\"", mirror->options->name,
			 job->error.message);
	if (watch->failures == PATIENCE)
		watch->holds = false;
}

static void on_wake(uv_async_t *wake)
{
	struct mirror *mirror = wake->data;
	struct schema_watch *watch = mirror->watch;
	struct schema_job *job = watch ? watch->job : NULL;
	bool done;

	if (!job || mirror->failed)
		return;
	pthread_mutex_lock(&job->lock);
	done = job->done;
	pthread_mutex_unlock(&job->lock);
	if (!done)
		return;
	pthread_join(job->thread, NULL);
	watch->job = NULL;
	watch->look_at = clock_monotonic_us() + LOOK_US;
	if (job->result) {
		job_failed(mirror, job);
	} else if (!job->whole) {
		take_marks(mirror, job);
	} else {
		watch->failures = 0;
		mirror->old_reader = job->old_reader;
		mirror->new_reader = job->new_reader;
		job->old_reader = job->new_reader = NULL;
		take_catalogs(mirror, job);
		set_marks(mirror, job);
		if (!watch->due)
			watch->holds = false;
	}
	job_free(job);
	schema_look(mirror);
	mirror_turn(mirror);
}

/* --- for the others --- */

struct schema_watch *schema_watch_new(struct mirror *mirror)
{
	struct schema_watch *watch = memory_alloc(sizeof(*watch));

	uv_async_init(&mirror->loop, &mirror->schema_wake, on_wake);
	mirror->schema_wake.data = mirror;
	watch->cause = "";
	watch->look_at = clock_monotonic_us() + LOOK_US;
	return watch;
}

/* A process must not end while a thread of it is inside the driver: the libraries'
 * own ends would take away what it uses. Only a thread that a server keeps waiting
 * is left behind. */
static void job_end(struct schema_job *job)
{
	struct timespec until;
	bool done;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += END_S;
	if (!pthread_timedjoin_np(job->thread, NULL, &until)) {
		job_free(job);
		return;
	}
	pthread_detach(job->thread);
	pthread_mutex_lock(&job->lock);
	done = job->done;
	job->abandoned = true;
	pthread_mutex_unlock(&job->lock);
	if (done)
		job_free(job);
}

void schema_watch_close(struct mirror *mirror)
{
	struct schema_watch *watch = mirror->watch;

	if (watch && watch->job)
		job_end(watch->job);
	free(watch);
	mirror->watch = NULL;
	mirror->options->primary_adapter->catalog_reader_free(
	    &mirror->old_reader);
	mirror->options->shadow_adapter->catalog_reader_free(
	    &mirror->new_reader);
}

void schema_changed(struct mirror *mirror, struct transaction *transaction)
{
	struct schema_watch *watch = mirror->watch;

	transaction->schema_awaited = true;
	watch->open++;
	watch->due = watch->holds = true;
	watch->failures = 0;
	watch->retry_at = 0;
	watch->cause = "by a statement";
}

void schema_applied(struct mirror *mirror)
{
	mirror->watch->open--;
}

bool schema_holds(const struct mirror *mirror)
{
	return mirror->watch && mirror->watch->holds;
}

void schema_look(struct mirror *mirror)
{
	struct schema_watch *watch = mirror->watch;
	int64_t now = clock_monotonic_us();

	/* Running statements wait for exchanges after the change: the catalogs
	 * are read as soon as the shadow has it. */
	if (watch->open && mirror->read_on)
		watch->holds = false;
	if (watch->job || now < watch->retry_at)
		return;
	if (watch->due) {
		if (!watch->open)
			start_job(mirror, true);
		return;
	}
	if (mirror->options->follow && now >= watch->look_at)
		start_job(mirror, false);
}
