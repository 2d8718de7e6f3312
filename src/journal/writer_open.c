/* The writer's opening and closing. */
#include "journal/writer_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "journal/position.h"
#include "journal/recover.h"
#include "journal/syncer.h"

#define RESERVE "reserve"

enum { RESERVE_SIZE = 1024 * 1024 };

static void mirrors_free(struct journal_options *options)
{
	char **names = (char **)(uintptr_t)options->mirrors;

	for (char **name = names; name && *name; name++)
		free(*name);
	free(names);
}

static void writer_free(struct journal_writer *writer)
{
	journal_syncer_stop(&writer->syncer);
	if (writer->file >= 0)
		close(writer->file);
	if (writer->directory >= 0)
		close(writer->directory);
	if (writer->lock >= 0)
		close(writer->lock);
	mirrors_free(&writer->options);
	free((char *)(uintptr_t)writer->options.directory);
	free((char *)(uintptr_t)writer->options.engine);
	free(writer->loss.sessions);
	free(writer->sealed);
	buffer_release(&writer->buffer);
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
	writer->segment_size = options->segment_size;
	if (options->max_size && writer->segment_size > options->max_size / 4)
		writer->segment_size = options->max_size / 4;
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
			      O_RDWR | O_CREAT | O_CLOEXEC, 0600);
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

/* Room that is given back at the end, so that a journal whose disk is full
 * can still tell what it lost. Without it all else works. */
static void keep_reserve(const struct journal_writer *writer)
{
	int file = openat(writer->directory, RESERVE,
			  O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int code = file < 0 ? errno : posix_fallocate(file, 0, RESERVE_SIZE);

	if (code)
		LOG_WARN("the journal's reserve cannot be kept",
			 "directory=%s problem=\"%s\"",
			 writer->options.directory, strerror(code));
	if (file >= 0)
		close(file);
}

static int save_epoch(struct journal_writer *writer, bool clean,
		      struct error *error)
{
	char content[96];

	snprintf(content, sizeof(content),
		 "epoch %" PRIu32 " %s seq %" PRIu64 "\n", writer->epoch,
		 clean ? "clean" : "open", writer->last_seq);
	return journal_file_replace(writer->directory, "epoch", content, error);
}

static int start_epoch(struct journal_writer *writer, struct error *error)
{
	Parallax__Journal__Gap gap = PARALLAX__JOURNAL__GAP__INIT;
	struct journal_past past;

	if (journal_recover(writer->options.directory, writer->directory, &past,
			    error))
		return -1;
	writer->sealed = past.segments;
	writer->sealed_count = writer->sealed_capacity = past.segment_count;
	for (size_t i = 0; i < past.segment_count; i++)
		writer->sealed_size += past.segments[i].size;
	writer->epoch = past.epoch + 1;
	writer->last_seq = past.last_seq;
	writer->segment = past.last_segment;
	if (save_epoch(writer, false, error))
		return -1;
	if (past.segment_count) {
		gap.reason = (char *)(uintptr_t) "relay restarted";
		gap.clean = past.clean;
	}
	if (journal_rotate(writer, &gap))
		return error_set(error, ERROR_IO, "journal %s: %s",
				 writer->options.directory, writer->problem);
	if (fsync(writer->directory) != 0)
		return error_set_errno(error, ERROR_IO, "cannot sync %s",
				       writer->options.directory);
	return 0;
}

int journal_writer_open(struct journal_writer **out,
			const struct journal_options *options,
			struct error *error)
{
	struct journal_writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return error_set(error, ERROR_MEMORY, "out of memory");
	writer->file = writer->directory = writer->lock = -1;
	if (copy_options(writer, options)) {
		error_set(error, ERROR_MEMORY, "out of memory");
		goto fail;
	}
	if (open_files(writer, error) ||
	    journal_syncer_start(&writer->syncer, writer->directory, error) ||
	    start_epoch(writer, error))
		goto fail;
	keep_reserve(writer);
	*out = writer;
	return 0;
fail:
	writer_free(writer);
	return -1;
}

int journal_writer_close(struct journal_writer **pointer, bool drained,
			 struct error *error)
{
	struct journal_writer *writer = *pointer;
	int result = 0;

	if (!writer)
		return 0;
	*pointer = NULL;
	writer->retry_at = 0;
	unlinkat(writer->directory, RESERVE, 0);
	journal_try_again(writer);
	journal_writer_flush(writer);
	if (writer->loss.noted && writer->state != JOURNAL_FAILING &&
	    !journal_pack_loss(writer) && !journal_write_buffer(writer))
		journal_loss_clear(&writer->loss);
	if (writer->buffer.size || writer->loss.noted)
		result = error_set(error, ERROR_IO,
				   "journal %s ends with %" PRIu64
				   " records lost untold: %s",
				   writer->options.directory,
				   writer->loss.records, writer->problem);
	journal_syncer_stop(&writer->syncer);
	if (fdatasync(writer->file) != 0 && !result)
		result =
		    error_set_errno(error, ERROR_IO, "cannot sync journal %s",
				    writer->options.directory);
	if (!result)
		result = save_epoch(
		    writer, drained && !journal_collect_sessions(writer),
		    error);
	writer_free(writer);
	return result;
}
