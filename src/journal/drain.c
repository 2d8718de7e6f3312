#include "journal/drain.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "journal/keys.h"
#include "journal/position.h"
#include "journal/recover.h"
#include "journal/writer_internal.h"

enum {
	WRITE_MOST = 1024 * 1024, /* in one call, but for a longer record */
	RETRY_US = 500 * 1000,
	RETAIN_US = 1000 * 1000,
};

static void fail(struct journal_drain *drain, enum journal_trouble trouble,
		 int code)
{
	atomic_fetch_add(&drain->write_errors, 1);
	atomic_store(&drain->trouble, (int)trouble);
	atomic_store(&drain->failing, code);
	drain->retry_at = clock_monotonic_us() + RETRY_US;
}

/* --- files --- */

/* A file with a segment's name that is not this writer's. */
static void put_aside(int directory, const char *name)
{
	char aside[160];

	snprintf(aside, sizeof(aside), "stray-%s-%" PRId64, name,
		 clock_unix_us());
	if (renameat(directory, name, directory, aside) == 0)
		LOG_WARN("a foreign file had a segment's name; it was renamed",
			 "name=%s aside=%s", name, aside);
}

static int put(const struct journal_drain *drain, int file, const void *data,
	       size_t size, uint64_t offset, size_t *done)
{
	const uint8_t *bytes = data;

	for (*done = 0; *done < size;) {
		ssize_t got = drain->options->write(
		    file, bytes + *done, size - *done, (off_t)(offset + *done));

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? errno : ENOSPC;
		*done += (size_t)got;
	}
	return 0;
}

static void fresh_name(char *name, size_t size, uint64_t segment)
{
	char place[64];

	journal_segment_name(place, sizeof(place), segment);
	snprintf(name, size, "%s.new", place);
}

/*
 * The next segment's file is opened ahead, as soon as a descriptor is free. So
 * a segment can begin even when clients have taken all descriptors.
 */
static int open_spare(struct journal_drain *drain)
{
	char name[96];

	if (drain->spare >= 0)
		return 0;
	fresh_name(name, sizeof(name), drain->segment + 1);
	for (int try = 0; try < 2; try++) {
		drain->spare = openat(
		    drain->directory, name,
		    O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (drain->spare >= 0)
			return 0;
		if (errno != EISDIR && errno != ELOOP && errno != EACCES)
			break;
		/* A foreign file has the name: it is renamed. */
		put_aside(drain->directory, name);
	}
	return errno;
}

static int rename_spare(struct journal_drain *drain, uint64_t segment)
{
	char from[96];
	char name[64];

	fresh_name(from, sizeof(from), segment);
	journal_segment_name(name, sizeof(name), segment);
	for (int try = 0; try < 2; try++) {
		if (renameat2(drain->directory, from, drain->directory, name,
			      RENAME_NOREPLACE) == 0)
			return 0;
		/* Some file systems know no RENAME_NOREPLACE. */
		if (errno == EINVAL && faccessat(drain->directory, name, F_OK,
						 AT_SYMLINK_NOFOLLOW) != 0)
			return renameat(drain->directory, from,
					drain->directory, name)
				   ? errno
				   : 0;
		if (errno != EEXIST && errno != EINVAL)
			break;
		put_aside(drain->directory, name);
	}
	return errno;
}

static void note_sealed(struct journal_drain *drain)
{
	struct journal_segment *sealed;

	if (drain->sealed_count == drain->sealed_capacity) {
		size_t more =
		    drain->sealed_capacity ? drain->sealed_capacity * 2 : 64;
		void *grown =
		    realloc(drain->sealed, more * sizeof(*drain->sealed));

		if (!grown)
			return; /* it stays until the next start */
		drain->sealed = grown;
		drain->sealed_capacity = more;
	}
	sealed = &drain->sealed[drain->sealed_count++];
	sealed->number = drain->segment;
	sealed->size = drain->offset;
	sealed->written = clock_unix_us();
	drain->sealed_size += drain->offset;
}

static void tell_place(struct journal_drain *drain)
{
	atomic_store(&drain->segment_seen, drain->segment);
	atomic_store(&drain->offset_seen, drain->offset);
	atomic_store(&drain->segments, drain->sealed_count + 1);
}

/*
 * Encrypts the whole frames within size, in place, from where that was left:
 * what could not be written is tried again as it is. offset: of the run in its
 * file.
 */
static void close_frames(struct journal_drain *drain, struct seal *seal,
			 const struct journal_ring_run *run, size_t size,
			 uint64_t offset)
{
	while (seal && drain->closed < size) {
		uint8_t *frame = run->data + drain->closed;
		uint8_t *body = frame + JOURNAL_FRAME_HEAD;
		size_t length = journal_frame_length(frame);
		uint8_t nonce[SEAL_NONCE];

		journal_frame_nonce(offset + drain->closed, nonce);
		seal_close(seal, nonce, NULL, 0, body, length - SEAL_TAG,
			   body + length - SEAL_TAG);
		journal_frame_seal(frame, length);
		drain->closed += JOURNAL_FRAME_HEAD + length;
	}
}

/* So many bytes of the ring are in a file. */
static void done_with(struct journal_drain *drain, size_t size)
{
	drain->closed -= size < drain->closed ? size : drain->closed;
	journal_ring_advance(drain->ring, size);
}

/* The segment's head, but for its first frame, which has the key. */
static void close_head(struct journal_drain *drain,
		       const struct journal_ring_run *head)
{
	if (!head->key)
		return;
	if (!drain->next_seal)
		drain->next_seal = seal_new(head->key);
	if (!drain->closed)
		drain->closed =
		    JOURNAL_FRAME_HEAD + journal_frame_length(head->data);
	close_frames(drain, drain->next_seal, head, head->size, 0);
}

/* Starts a segment: written under another name and then renamed, so that a
 * reader never sees one without its head. On failure nothing has changed. */
static int start_segment(struct journal_drain *drain,
			 const struct journal_ring_run *head)
{
	size_t done = 0;
	int code = open_spare(drain);

	close_head(drain, head);
	if (!code)
		code =
		    put(drain, drain->spare, head->data, head->size, 0, &done);
	/* Synced before it gets its name: after a power failure no segment
	 * exists without its head. */
	if (!code && fdatasync(drain->spare) != 0)
		code = errno;
	if (!code)
		code = rename_spare(drain, head->segment);
	if (code) {
		fail(drain, JOURNAL_TROUBLE_SEGMENT, code);
		return -1;
	}
	if (drain->file >= 0) {
		note_sealed(drain);
		journal_syncer_finish(drain->syncer, drain->file);
	}
	/* Records go in either way; a failed sync of the name is logged. */
	if (fsync(drain->directory) != 0)
		fail(drain, JOURNAL_TROUBLE_SEGMENT, errno);
	drain->file = drain->spare;
	drain->spare = -1;
	drain->segment = head->segment;
	drain->offset = head->size;
	drain->dirty = true;
	seal_free(&drain->seal);
	drain->seal = drain->next_seal;
	drain->next_seal = NULL;
	atomic_fetch_add(&drain->bytes, head->size);
	done_with(drain, head->size);
	tell_place(drain);
	return 0;
}

/* The bytes of the whole frames that end within `size`. */
static size_t whole_frames(const uint8_t *data, size_t size)
{
	size_t border = 0;

	while (size - border >= JOURNAL_FRAME_HEAD) {
		size_t frame =
		    JOURNAL_FRAME_HEAD + journal_frame_length(data + border);

		if (frame > size - border)
			break;
		border += frame;
	}
	return border;
}

static int write_frames(struct journal_drain *drain,
			const struct journal_ring_run *run)
{
	size_t size = run->size;
	size_t done;
	int code;

	if (size > WRITE_MOST) {
		size_t first =
		    JOURNAL_FRAME_HEAD + journal_frame_length(run->data);

		size = whole_frames(run->data, WRITE_MOST);
		if (!size)
			size = first;
	}
	close_frames(drain, drain->seal, run, size, drain->offset);
	code = put(drain, drain->file, run->data, size, drain->offset, &done);
	if (done)
		drain->dirty = true;
	if (code)
		done = whole_frames(run->data, done);
	drain->offset += done;
	atomic_fetch_add(&drain->bytes, done);
	if (done) {
		tell_place(drain);
		done_with(drain, done);
	}
	if (!code)
		return 0;
	/* Cuts off half a record at the end. If that fails too, nothing is
	 * lost: the same bytes will be written there again. */
	if (ftruncate(drain->file, (off_t)drain->offset) != 0)
		LOG_WARN("journal's unfinished record not cut off",
			 "segment=%" PRIu64 " problem=\"%s\"", drain->segment,
			 strerror(errno));
	fail(drain, JOURNAL_TROUBLE_WRITE, code);
	return -1;
}

/* Writes the available bytes; -1: it cannot. */
static int empty_ring(struct journal_drain *drain)
{
	struct journal_ring_run run;

	while (journal_ring_peek(drain->ring, &run)) {
		if (run.segment ? start_segment(drain, &run)
				: write_frames(drain, &run))
			return -1;
		if (atomic_load(&drain->failing))
			atomic_store(&drain->failing, 0);
	}
	return 0;
}

/* --- the state --- */

static const char *const troubles[] = {
    [JOURNAL_TROUBLE_WRITE] = "write failed",
    [JOURNAL_TROUBLE_SEGMENT] = "cannot start a segment",
};

void journal_drain_problem(const struct journal_drain *drain, int code,
			   char *out, size_t size)
{
	snprintf(out, size, "%s: %s", troubles[atomic_load(&drain->trouble)],
		 strerror(code));
}

/* What readers of stores must know even if nothing else can be written. */
static void state_it(struct journal_drain *drain)
{
	struct journal_state_note note = drain->stated;
	int code = atomic_load(&drain->failing);

	if (drain->state < 0)
		return;
	note.lost_records = atomic_load(&drain->lost_records);
	note.lost_exchanges = atomic_load(&drain->lost_exchanges);
	note.shedding = atomic_load(&drain->shedding);
	memset(note.problem, 0, sizeof(note.problem));
	if (code)
		journal_drain_problem(drain, code, note.problem,
				      sizeof(note.problem));
	if (note.lost_records == drain->stated.lost_records &&
	    note.lost_exchanges == drain->stated.lost_exchanges &&
	    note.shedding == drain->stated.shedding &&
	    !strcmp(note.problem, drain->stated.problem) && drain->stated.at)
		return;
	note.at = clock_unix_us();
	code = journal_state_write(drain->state, &note);
	if (!code)
		drain->stated = note;
	else if (!drain->state_bad)
		LOG_ERROR("the journal's file `state` cannot be written",
			  "problem=\"%s\"", strerror(code));
	drain->state_bad = code != 0;
}

/* --- retention --- */

static void forget_first(struct journal_drain *drain, size_t count)
{
	uint64_t size = 0;

	for (size_t i = 0; i < count; i++)
		size += drain->sealed[i].size;
	drain->sealed_size -= size;
	drain->sealed_count -= count;
	memmove(drain->sealed, drain->sealed + count,
		drain->sealed_count * sizeof(*drain->sealed));
	atomic_store(&drain->segments, drain->sealed_count + 1);
	atomic_fetch_add(&drain->removed, size);
}

static void retain(struct journal_drain *drain)
{
	const struct journal_options *options = drain->options;
	bool short_of_room = atomic_load(&drain->short_of_room);
	int64_t now = clock_unix_us();
	uint64_t needed = 0;
	uint64_t size = drain->sealed_size + drain->offset;
	struct error error;
	size_t gone = 0;
	int mirrors;

	if (!drain->sealed_count)
		return;
	error_init(&error);
	mirrors = journal_positions_oldest(drain->directory, options->mirrors,
					   &needed, &error);
	if (mirrors < 0) {
		if (!drain->positions_bad)
			LOG_ERROR("journal keeps all segments",
				  "problem=\"%s\"", error.message);
		drain->positions_bad = true;
		return;
	}
	drain->positions_bad = false;
	for (; gone < drain->sealed_count; gone++) {
		const struct journal_segment *oldest = &drain->sealed[gone];
		bool aged = now - oldest->written >= options->keep_us;

		if (mirrors ? oldest->number >= needed : !options->keep_us)
			break;
		/* When room is short, segments that all mirrors have passed go
		 * early. */
		if (!aged && (!mirrors || !short_of_room ||
			      journal_size_has_room(options, size)))
			break;
		size -= oldest->size;
		journal_syncer_remove(drain->syncer, oldest->number);
	}
	if (gone)
		forget_first(drain, gone);
}

/* --- the thread --- */

static void tell_sync_errors(struct journal_drain *drain)
{
	int code;
	uint64_t errors = journal_syncer_errors(drain->syncer, &code);

	if (errors && !drain->sync_errors_told)
		LOG_ERROR("journal's sync or removal failed", "problem=\"%s\"",
			  strerror(code));
	drain->sync_errors_told = errors;
}

/* The directory is gone: no mirror will find what is written. */
static void look_for_directory(struct journal_drain *drain)
{
	struct stat status;

	if (drain->gone || fstat(drain->directory, &status) != 0 ||
	    status.st_nlink)
		return;
	drain->gone = true;
	LOG_ERROR("the journal's directory was removed; what is written there "
		  "is lost",
		  "directory=%s hint=\"restart, with the shadow seeded again "
		  "and a new store\"",
		  drain->options->directory);
}

/* Does what is due by the clock; returns how long to sleep at most. */
static int64_t look_after(struct journal_drain *drain, bool stuck)
{
	int64_t now = clock_monotonic_us();
	int64_t until;

	if (atomic_exchange(&drain->retain, false) || now >= drain->retain_at) {
		retain(drain);
		open_spare(drain);
		tell_sync_errors(drain);
		look_for_directory(drain);
		drain->retain_at = now + RETAIN_US;
	}
	if (drain->dirty && now >= drain->sync_at) {
		journal_syncer_sync(drain->syncer, drain->file);
		drain->dirty = false;
		drain->sync_at = now + drain->options->sync_us;
	}
	until = drain->retain_at;
	if (drain->dirty && drain->sync_at < until)
		until = drain->sync_at;
	if (stuck && drain->retry_at < until)
		until = drain->retry_at;
	return until > now ? until - now : 0;
}

/* The end: the rest is written, with the reserve freed if needed. */
static void finish(struct journal_drain *drain)
{
	struct error *error = &drain->error;
	bool stuck = empty_ring(drain) != 0;

	unlinkat(drain->directory, JOURNAL_RESERVE, 0);
	if (stuck)
		stuck = empty_ring(drain) != 0;
	if (drain->spare >= 0) {
		char name[96];

		fresh_name(name, sizeof(name), drain->segment + 1);
		unlinkat(drain->directory, name, 0);
		close(drain->spare);
		drain->spare = -1;
	}
	journal_syncer_stop(&drain->syncer);
	state_it(drain);
	if (stuck)
		drain->result =
		    error_set(error, ERROR_IO,
			      "the end of journal %s could not be written: %s",
			      drain->options->directory,
			      strerror(atomic_load(&drain->failing)));
	else if (drain->file >= 0 && fdatasync(drain->file) != 0)
		drain->result =
		    error_set_errno(error, ERROR_IO, "cannot sync journal %s",
				    drain->options->directory);
	else if (drain->file >= 0)
		drain->result =
		    journal_epoch_save(drain->directory, drain->epoch,
				       drain->clean, drain->last_seq, error);
}

static void *drain_main(void *argument)
{
	struct journal_drain *drain = argument;

	drain->retain_at = clock_monotonic_us() + RETAIN_US;
	for (;;) {
		/* Checked first, so that nothing published before it is left.
		 */
		bool stopping = atomic_load(&drain->stopping);
		bool stuck = atomic_load(&drain->failing) != 0;
		int64_t pause;

		if (stopping)
			break;
		if (atomic_exchange(&drain->hurry, false)) {
			unlinkat(drain->directory, JOURNAL_RESERVE, 0);
			drain->retry_at = 0;
		}
		if (!stuck || clock_monotonic_us() >= drain->retry_at)
			stuck = empty_ring(drain) != 0;
		state_it(drain);
		pause = look_after(drain, stuck);
		journal_ring_wait(drain->ring, stuck, pause);
	}
	finish(drain);
	sem_post(&drain->stopped);
	return NULL;
}

int journal_drain_start(struct journal_drain *drain, struct error *error)
{
	sigset_t all;
	sigset_t before;
	int code;

	drain->file = drain->spare = -1;
	error_init(&drain->error);
	sem_init(&drain->stopped, 0, 0);
	if (journal_syncer_start(&drain->syncer, drain->directory, error))
		return -1;
	tell_place(drain);
	/* Signals belong to the event loop. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	code = pthread_create(&drain->thread, NULL, drain_main, drain);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!code)
		return 0;
	journal_syncer_stop(&drain->syncer);
	errno = code;
	return error_set_errno(error, ERROR_INTERNAL,
			       "cannot start the journal's thread");
}

int journal_drain_stop(struct journal_drain *drain, bool clean,
		       uint64_t last_seq, int64_t microseconds,
		       struct error *error)
{
	struct timespec until;
	int got;

	drain->clean = clean;
	drain->last_seq = last_seq;
	atomic_store(&drain->stopping, true);
	journal_ring_wake(drain->ring);
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += microseconds / 1000000;
	while ((got = sem_timedwait(&drain->stopped, &until)) != 0 &&
	       errno == EINTR)
		continue;
	if (got) {
		pthread_detach(drain->thread);
		error_set(error, ERROR_IO,
			  "the disk of journal %s does not answer; what is in "
			  "its buffer is not written",
			  drain->options->directory);
		return 1;
	}
	pthread_join(drain->thread, NULL);
	if (drain->result)
		*error = drain->error;
	return drain->result;
}

void journal_drain_hurry(struct journal_drain *drain)
{
	atomic_store(&drain->hurry, true);
	journal_ring_wake(drain->ring);
}

void journal_drain_release(struct journal_drain *drain)
{
	if (drain->file >= 0)
		close(drain->file);
	if (drain->state >= 0)
		close(drain->state);
	free(drain->sealed);
	seal_free(&drain->seal);
	seal_free(&drain->next_seal);
	sem_destroy(&drain->stopped);
}
