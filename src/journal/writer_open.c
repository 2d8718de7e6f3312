/* The writer's opening and closing. */
#include "journal/writer_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "journal/recover.h"

enum {
	RESERVE_SIZE = 1024 * 1024,
	BUFFER_SIZE = 32 * 1024 * 1024,
	OPEN_US = 30 * 1000000, /* for the first segment */
	TELL_US = 2 * 1000000,	/* at the end, for room to tell losses */
	CLOSE_US = 5 * 1000000, /* and for the rest */
	/* More than can be assigned between two syncs. */
	SEQ_LEAP = 1 << 24,
};

static void mirrors_free(struct journal_options *options)
{
	char **names = (char **)(uintptr_t)options->mirrors;

	for (char **name = names; name && *name; name++)
		free(*name);
	free(names);
}

static void writer_free(struct journal_writer *writer)
{
	journal_drain_release(&writer->drain);
	journal_ring_release(&writer->ring);
	if (writer->directory >= 0)
		close(writer->directory);
	if (writer->lock >= 0)
		close(writer->lock);
	mirrors_free(&writer->options);
	free((char *)(uintptr_t)writer->options.directory);
	free((char *)(uintptr_t)writer->options.engine);
	free(writer->loss.sessions);
	buffer_release(&writer->head);
	buffer_release(&writer->heads);
	free(writer);
}

static int copy_options(struct journal_writer *writer,
			const struct journal_options *options)
{
	size_t count = 0;
	char **names = NULL;

	writer->options = *options;
	writer->options.directory = strdup(options->directory);
	writer->options.engine = strdup(options->engine);
	writer->options.mirrors = NULL;
	if (!writer->options.write)
		writer->options.write = pwrite;
	while (options->mirrors && options->mirrors[count])
		count++;
	if (count) {
		names = calloc(count + 1, sizeof(*names));
		if (!names)
			return -1;
		writer->options.mirrors = (const char *const *)(uintptr_t)names;
	}
	for (size_t i = 0; i < count; i++)
		if (!(names[i] = strdup(options->mirrors[i])))
			return -1;
	if (options->max_size && options->segment_size > options->max_size / 4)
		writer->options.segment_size = options->max_size / 4;
	if (!options->buffer)
		writer->options.buffer = BUFFER_SIZE;
	return writer->options.directory && writer->options.engine ? 0 : -1;
}

static int open_files(struct journal_writer *writer, struct error *error)
{
	const char *path = writer->options.directory;
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	struct stat status;

	if (mkdir(path, 0700) != 0 && errno != EEXIST)
		return error_set_errno(
		    error, ERROR_IO, "cannot make journal directory %s", path);
	writer->directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (writer->directory < 0)
		return error_set_errno(
		    error, ERROR_IO, "cannot open journal directory %s", path);
	if (fstat(writer->directory, &status) == 0 && status.st_mode & 077)
		LOG_WARN("journal directory is open to others",
			 "directory=%s mode=%03o", path,
			 (unsigned)status.st_mode & 0777);
	writer->lock = openat(writer->directory, "lock",
			      O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (writer->lock < 0)
		return error_set_errno(error, ERROR_IO, "cannot create %s/lock",
				       path);
	if (fcntl(writer->lock, F_OFD_SETLK, &lock) != 0) {
		if (errno != EAGAIN && errno != EACCES)
			return error_set_errno(error, ERROR_IO,
					       "cannot lock %s/lock", path);
		error_set(error, ERROR_IO,
			  "journal %s is being written by another relay", path);
		error_hint(error, "give each relay a journal.directory of its "
				  "own, or stop the other one");
		return -1;
	}
	return 0;
}

/* Room that is freed at the end, so that a journal on a full disk can still
 * record its losses. Everything else works without it. */
static void keep_reserve(const struct journal_writer *writer)
{
	int file = openat(writer->directory, JOURNAL_RESERVE,
			  O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	int code = file < 0 ? errno : posix_fallocate(file, 0, RESERVE_SIZE);

	if (code)
		LOG_WARN("the journal's reserve cannot be created",
			 "directory=%s problem=\"%s\"",
			 writer->options.directory, strerror(code));
	if (file >= 0)
		close(file);
}

/* Until the epoch's first segment exists. */
static int await_segment(struct journal_writer *writer, struct error *error)
{
	const struct journal_drain *drain = &writer->drain;
	int64_t until = clock_monotonic_us() + OPEN_US;

	while (atomic_load(&drain->segment_seen) != writer->segment) {
		int code = atomic_load(&drain->failing);

		if (code)
			return error_set(error, ERROR_IO,
					 "journal %s: cannot start a segment: "
					 "%s",
					 writer->options.directory,
					 strerror(code));
		if (clock_monotonic_us() > until)
			return error_set(error, ERROR_IO,
					 "journal %s: its disk does not answer",
					 writer->options.directory);
		usleep(500);
	}
	return 0;
}

/* Losses are counted over all epochs of the journal. */
static void open_state(struct journal_writer *writer)
{
	struct journal_drain *drain = &writer->drain;
	struct journal_state_note found;

	journal_identity_print(&writer->identity, drain->stated.journal);
	drain->stated.epoch = writer->epoch;
	drain->state = journal_state_open(writer->directory, &found);
	if (strcmp(found.journal, drain->stated.journal) != 0)
		return;
	writer->lost = found.lost_records;
	atomic_store(&drain->lost_records, found.lost_records);
	atomic_store(&drain->lost_exchanges, found.lost_exchanges);
}

static int start_epoch(struct journal_writer *writer, struct error *error)
{
	Parallax__Journal__Gap gap = PARALLAX__JOURNAL__GAP__INIT;
	struct journal_drain *drain = &writer->drain;
	struct journal_past past;

	if (journal_recover(writer->options.directory, writer->directory,
			    writer->options.keys, &past, error))
		return -1;
	drain->sealed = past.segments;
	drain->sealed_count = drain->sealed_capacity = past.segment_count;
	for (size_t i = 0; i < past.segment_count; i++)
		drain->sealed_size += past.segments[i].size;
	writer->size = drain->sealed_size;
	writer->epoch = drain->epoch = past.epoch + 1;
	writer->last_seq = past.last_seq;
	/* After a power failure: records that were read and judged may be
	 * missing from the disk, and their numbers must not be assigned again.
	 */
	if (past.segment_count && !past.clean && !past.same_boot)
		writer->last_seq += SEQ_LEAP;
	writer->identity = past.identity;
	writer->segment = drain->segment = past.last_segment;
	open_state(writer);
	gap.lost = writer->lost;
	if (journal_epoch_save(writer->directory, writer->epoch, false,
			       writer->last_seq, error) ||
	    journal_drain_start(drain, error))
		return -1;
	writer->running = true;
	if (past.segment_count) {
		gap.reason = (char *)(uintptr_t) "relay restarted";
		gap.clean = past.clean;
	}
	if (journal_rotate(writer, &gap))
		return error_set(error, ERROR_MEMORY,
				 "journal %s: no room for a segment's head",
				 writer->options.directory);
	if (await_segment(writer, error))
		return -1;
	if (fsync(writer->directory) != 0)
		return error_set_errno(error, ERROR_IO, "cannot sync %s",
				       writer->options.directory);
	return 0;
}

int journal_writer_open(struct journal_writer **out,
			const struct journal_options *options,
			struct error *error)
{
	/* For the ring's own cache lines. */
	struct journal_writer *writer =
	    aligned_alloc(_Alignof(struct journal_writer), sizeof(*writer));
	struct error ignored;

	if (!writer)
		return error_set(error, ERROR_MEMORY, "out of memory");
	memset(writer, 0, sizeof(*writer));
	error_init(&ignored);
	writer->directory = writer->lock = -1;
	writer->drain.file = writer->drain.spare = writer->drain.state = -1;
	writer->drain.ring = &writer->ring;
	writer->drain.options = &writer->options;
	if (copy_options(writer, options)) {
		error_set(error, ERROR_MEMORY, "out of memory");
		goto fail;
	}
	if (open_files(writer, error) ||
	    journal_ring_init(&writer->ring, writer->options.buffer, error))
		goto fail;
	writer->drain.directory = writer->directory;
	if (start_epoch(writer, error))
		goto fail;
	keep_reserve(writer);
	*out = writer;
	return 0;
fail:
	if (!writer->running ||
	    journal_drain_stop(&writer->drain, false, writer->last_seq,
			       CLOSE_US, &ignored) <= 0)
		writer_free(writer);
	return -1;
}

/* Unreported losses need room in the ring. */
static void tell_losses(struct journal_writer *writer)
{
	int64_t until = clock_monotonic_us() + TELL_US;

	if (!writer->loss.noted)
		return;
	journal_drain_hurry(&writer->drain);
	for (;;) {
		writer->rotate_at = 0;
		journal_try_again(writer);
		if (!writer->loss.noted || journal_tell_loss(writer) == 0 ||
		    clock_monotonic_us() >= until)
			return;
		usleep(2000);
	}
}

/* A writer whose thread hangs in the disk until the process ends: not a leak.
 */
static struct journal_writer *volatile left_behind;

int journal_writer_close(struct journal_writer **pointer, bool drained,
			 struct error *error)
{
	struct journal_writer *writer = *pointer;
	uint64_t lost;
	bool clean;
	int result;

	if (!writer)
		return 0;
	*pointer = NULL;
	writer->rotate_at = 0;
	journal_writer_flush(writer);
	tell_losses(writer);
	journal_ring_publish(&writer->ring);
	lost = writer->loss.records;
	clean = drained && !lost && !journal_collect_sessions(writer);
	result = journal_drain_stop(&writer->drain, clean, writer->last_seq,
				    CLOSE_US, error);
	if (!result && lost)
		result = error_set(
		    error, ERROR_IO,
		    "journal %s ends with %" PRIu64 " records lost untold: %s",
		    writer->options.directory, lost, writer->problem);
	/* Its thread may still wake, and use all of it. */
	if (result <= 0)
		writer_free(writer);
	else
		left_behind = writer;
	return result ? -1 : 0;
}
