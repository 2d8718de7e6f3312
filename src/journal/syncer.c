#include "journal/syncer.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "journal/segment.h"

enum job_kind { JOB_SYNC, JOB_FINISH, JOB_REMOVE };

struct job {
	struct job *next;
	enum job_kind kind;
	int fd;
	uint64_t segment;
};

struct journal_syncer {
	pthread_t thread;
	pthread_mutex_t mutex; /* held for a moment only, never during a job */
	pthread_cond_t wake;
	struct job *first; /* guarded by mutex, as are the next three */
	struct job **last;
	bool sync_queued;
	bool stopping;
	int directory;
	atomic_int_least64_t synced_at;
	atomic_uint_least64_t errors;
	atomic_int code;
};

static void failed(struct journal_syncer *syncer)
{
	atomic_store(&syncer->code, errno);
	atomic_fetch_add(&syncer->errors, 1);
}

static void sync_file(struct journal_syncer *syncer, int fd)
{
	if (fdatasync(fd) != 0)
		failed(syncer);
	else
		atomic_store(&syncer->synced_at, clock_unix_us());
}

static void do_job(struct journal_syncer *syncer, const struct job *job)
{
	char name[64];

	switch (job->kind) {
	case JOB_SYNC:
		sync_file(syncer, job->fd);
		break;
	case JOB_FINISH:
		sync_file(syncer, job->fd);
		close(job->fd);
		if (fsync(syncer->directory) != 0)
			failed(syncer);
		break;
	case JOB_REMOVE:
		journal_segment_name(name, sizeof(name), job->segment);
		if (unlinkat(syncer->directory, name, 0) != 0 &&
		    errno != ENOENT)
			failed(syncer);
		break;
	}
}

static void *run(void *argument)
{
	struct journal_syncer *syncer = argument;

	pthread_mutex_lock(&syncer->mutex);
	for (;;) {
		struct job *job = syncer->first;

		if (!job && syncer->stopping)
			break;
		if (!job) {
			pthread_cond_wait(&syncer->wake, &syncer->mutex);
			continue;
		}
		syncer->first = job->next;
		if (!syncer->first)
			syncer->last = &syncer->first;
		if (job->kind == JOB_SYNC)
			syncer->sync_queued = false;
		pthread_mutex_unlock(&syncer->mutex);
		do_job(syncer, job);
		free(job);
		pthread_mutex_lock(&syncer->mutex);
	}
	pthread_mutex_unlock(&syncer->mutex);
	return NULL;
}

int journal_syncer_start(struct journal_syncer **out, int directory,
			 struct error *error)
{
	struct journal_syncer *syncer = calloc(1, sizeof(*syncer));
	sigset_t all;
	sigset_t before;
	int code;

	if (!syncer)
		return error_set(error, ERROR_MEMORY, "out of memory");
	pthread_mutex_init(&syncer->mutex, NULL);
	pthread_cond_init(&syncer->wake, NULL);
	syncer->last = &syncer->first;
	syncer->directory = directory;
	/* Signals belong to the event loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&syncer->thread, NULL, run, syncer);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (code) {
		free(syncer);
		errno = code;
		return error_set_errno(error, ERROR_INTERNAL,
				       "cannot start the journal's thread");
	}
	*out = syncer;
	return 0;
}

void journal_syncer_stop(struct journal_syncer **pointer)
{
	struct journal_syncer *syncer = *pointer;

	if (!syncer)
		return;
	pthread_mutex_lock(&syncer->mutex);
	syncer->stopping = true;
	pthread_cond_signal(&syncer->wake);
	pthread_mutex_unlock(&syncer->mutex);
	pthread_join(syncer->thread, NULL);
	pthread_cond_destroy(&syncer->wake);
	pthread_mutex_destroy(&syncer->mutex);
	free(syncer);
	*pointer = NULL;
}

static void queue(struct journal_syncer *syncer, const struct job *wanted)
{
	struct job *job = malloc(sizeof(*job));
	bool skip = false;

	if (!job) {
		/* The next sync makes up for a missed one. The other jobs must
		 * be done, here if need be. */
		if (wanted->kind != JOB_SYNC)
			do_job(syncer, wanted);
		return;
	}
	*job = *wanted;
	job->next = NULL;
	pthread_mutex_lock(&syncer->mutex);
	if (job->kind == JOB_SYNC) {
		skip = syncer->sync_queued;
		syncer->sync_queued = true;
	}
	if (!skip) {
		*syncer->last = job;
		syncer->last = &job->next;
		pthread_cond_signal(&syncer->wake);
	}
	pthread_mutex_unlock(&syncer->mutex);
	if (skip)
		free(job);
}

void journal_syncer_sync(struct journal_syncer *syncer, int fd)
{
	queue(syncer, &(struct job){.kind = JOB_SYNC, .fd = fd});
}

void journal_syncer_finish(struct journal_syncer *syncer, int fd)
{
	queue(syncer, &(struct job){.kind = JOB_FINISH, .fd = fd});
}

void journal_syncer_remove(struct journal_syncer *syncer, uint64_t segment)
{
	queue(syncer, &(struct job){.kind = JOB_REMOVE, .segment = segment});
}

int64_t journal_syncer_synced_at(struct journal_syncer *syncer)
{
	return atomic_load(&syncer->synced_at);
}

uint64_t journal_syncer_errors(struct journal_syncer *syncer, int *code)
{
	*code = atomic_load(&syncer->code);
	return atomic_load(&syncer->errors);
}
