#include "journal/recover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/log.h"
#include "journal/position.h"
#include "journal/reader.h"

enum { EPOCH_SIZE = 160, BOOT_SIZE = 40 };

/* Segments and small files that were never renamed into place. */
static void remove_unfinished(int directory)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return; /* they do no harm */
	}
	while ((entry = readdir(dir)) != NULL) {
		size_t length = strlen(entry->d_name);

		if (strncmp(entry->d_name, "segment-", 8) == 0 && length > 4 &&
		    strcmp(entry->d_name + length - 4, ".new") == 0)
			unlinkat(directory, entry->d_name, 0);
	}
	closedir(dir);
}

/* Which boot of the machine this is; "-": unknown. */
static void boot_name(char *out, size_t size)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, out, size - 1);

	if (fd >= 0)
		close(fd);
	out[got > 0 ? got : 0] = 0;
	out[strcspn(out, "\n")] = 0;
	if (!*out)
		snprintf(out, size, "-");
}

static int read_epoch(int directory, struct journal_past *past,
		      struct error *error)
{
	char content[EPOCH_SIZE];
	char boot[BOOT_SIZE] = "-", now[BOOT_SIZE];
	char state[8];
	ssize_t got;
	int fd = openat(directory, "epoch", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return error_set_errno(error, ERROR_IO,
				       "cannot open the journal's epoch file");
	got = read(fd, content, sizeof(content) - 1);
	close(fd);
	if (got < 0)
		return error_set_errno(error, ERROR_IO,
				       "cannot read the journal's epoch file");
	content[got] = 0;
	/* If it is damaged, the newest segment's values are used. */
	if (sscanf(content, "epoch %" SCNu32 " %7s seq %" SCNu64 " boot %39s",
		   &past->epoch, state, &past->last_seq, boot) < 3)
		LOG_WARN("journal's epoch file is damaged", "size=%zd", got);
	else
		past->clean = strcmp(state, "clean") == 0;
	boot_name(now, sizeof(now));
	past->same_boot = strcmp(boot, "-") != 0 && !strcmp(boot, now);
	return 0;
}

int journal_epoch_save(int directory, uint32_t epoch, bool clean,
		       uint64_t last_seq, struct error *error)
{
	char content[EPOCH_SIZE];
	char boot[BOOT_SIZE];

	boot_name(boot, sizeof(boot));
	snprintf(content, sizeof(content),
		 "epoch %" PRIu32 " %s seq %" PRIu64 " boot %s\n", epoch,
		 clean ? "clean" : "open", last_seq, boot);
	return journal_file_replace(directory, "epoch", content, error);
}

static void note_record(struct journal_past *past,
			const Parallax__Journal__Record *record)
{
	uint64_t seq = 0;

	past->seen = true;
	if (record->head &&
	    record->head->journal.len == sizeof(past->identity.bytes))
		memcpy(past->identity.bytes, record->head->journal.data,
		       sizeof(past->identity.bytes));
	if (record->epoch > past->epoch) {
		past->epoch = record->epoch;
		past->clean = false;
	}
	if (record->head)
		seq = record->head->last_seq;
	if (record->gap && record->gap->last_seq > seq)
		seq = record->gap->last_seq;
	if (record->end && record->end->seq > seq)
		seq = record->end->seq;
	if (record->transaction_end && record->transaction_end->seq > seq)
		seq = record->transaction_end->seq;
	if (seq > past->last_seq)
		past->last_seq = seq;
}

/* Whether there are only zeros from offset on: the trace of a power failure. */
static bool only_zeros(int fd, uint64_t offset)
{
	uint8_t data[4096];
	ssize_t got;

	while ((got = pread(fd, data, sizeof(data), (off_t)offset)) > 0) {
		for (ssize_t i = 0; i < got; i++)
			if (data[i])
				return false;
		offset += (uint64_t)got;
	}
	return got == 0;
}

static int cut(int directory, struct journal_segment *newest, uint64_t border,
	       bool torn, struct error *error)
{
	char name[64];
	int result = 0;
	int fd;

	journal_segment_name(name, sizeof(name), newest->number);
	fd = openat(directory, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return error_set_errno(error, ERROR_IO, "cannot open %s", name);
	if (!torn && !only_zeros(fd, border)) {
		/* Damage in the middle: kept, for the reader to report. */
		LOG_ERROR("journal segment is damaged",
			  "segment=%" PRIu64 " offset=%" PRIu64, newest->number,
			  border);
	} else if (ftruncate(fd, (off_t)border) != 0) {
		result = error_set_errno(error, ERROR_IO,
					 "cannot cut %s back to its last whole "
					 "record",
					 name);
	} else {
		LOG_WARN("journal's unfinished record cut off",
			 "segment=%" PRIu64 " offset=%" PRIu64
			 " bytes=%" PRIu64,
			 newest->number, border, newest->size - border);
		newest->size = border;
	}
	close(fd);
	return result;
}

static int read_from(const char *path, int directory, uint64_t segment,
		     struct journal_past *past, struct error *error)
{
	struct journal_segment *newest =
	    &past->segments[past->segment_count - 1];
	struct journal_position border = {segment, 0};
	struct journal_reader *reader;
	struct journal_record record;
	struct error damage;
	int result = 0;

	if (journal_reader_open(&reader, path, border, error))
		return -1;
	journal_reader_use_keys(reader, past->keys);
	error_init(&damage);
	for (;;) {
		enum journal_read read =
		    journal_reader_next(reader, &record, &damage);

		if (read == JOURNAL_MORE)
			break;
		if (read == JOURNAL_OK)
			note_record(past, record.record);
		else
			past->clean = false;
		if (journal_reader_locked(reader)) {
			*error = damage;
			journal_reader_free(&reader);
			return -1;
		}
		if (journal_reader_foreign(reader)) {
			*error = damage;
			error_hint(error,
				   "keep the files of one journal together: "
				   "give this one a directory of its own");
			journal_reader_free(&reader);
			return -1;
		}
	}
	border = journal_reader_position(reader);
	if (border.segment == newest->number && border.offset < newest->size) {
		past->clean = false;
		result = cut(directory, newest, border.offset,
			     journal_reader_torn(reader) > 0, error);
	}
	journal_reader_free(&reader);
	return result;
}

/*
 * From the newest segment on that holds a whole record. A power failure may
 * leave later ones whose names exist and whose bytes do not, and seq must not
 * begin again.
 */
static int read_newest(const char *path, int directory,
		       struct journal_past *past, struct error *error)
{
	size_t at = past->segment_count;

	past->seen = false;
	while (at-- > 0 && !past->seen)
		if (read_from(path, directory, past->segments[at].number, past,
			      error))
			return -1;
	return 0;
}

/* From the file, if there is one; else from the segments; else a new one. */
static int find_identity(const char *path, int directory,
			 struct journal_past *past, struct error *error)
{
	static const struct journal_identity none;
	struct journal_identity kept;
	bool known;

	if (journal_identity_load(directory, &kept, &known, error))
		return -1;
	if (!known && !past->segment_count)
		return journal_identity_make(directory, &past->identity, error);
	if (!known)
		return journal_identity_keep(directory, &past->identity, error);
	if (memcmp(&past->identity, &none, sizeof(none)) != 0 &&
	    memcmp(&past->identity, &kept, sizeof(kept)) != 0) {
		error_set(error, ERROR_CORRUPT,
			  "the segments in %s do not belong to the journal "
			  "that its file `identity` names",
			  path);
		error_hint(error,
			   "keep the files of one journal together; give "
			   "this one a directory of its own");
		return -1;
	}
	past->identity = kept;
	return 0;
}

int journal_recover(const char *path, int directory, struct journal_keys *keys,
		    struct journal_past *past, struct error *error)
{
	memset(past, 0, sizeof(*past));
	past->keys = keys;
	remove_unfinished(directory);
	if (read_epoch(directory, past, error) ||
	    journal_segments(path, &past->segments, &past->segment_count,
			     error))
		return -1;
	if (past->segment_count)
		past->last_segment =
		    past->segments[past->segment_count - 1].number;
	if ((past->segment_count &&
	     read_newest(path, directory, past, error)) ||
	    find_identity(path, directory, past, error)) {
		free(past->segments);
		past->segments = NULL;
		return -1;
	}
	return 0;
}
