#include "journal/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/log.h"

enum {
	BLOCK = 512,
	DIGITS = 16, /* of the checksum, before the text */
	TRIES = 20,  /* a block that is being overwritten */
};

static uint64_t checksum(const char *text)
{
	return XXH3_64bits(text, strlen(text));
}

static void print(const struct journal_state_note *note, char *block)
{
	char text[BLOCK - DIGITS - 2];
	int size;

	snprintf(text, sizeof(text),
		 "journal %s epoch %" PRIu32 " lost %" PRIu64 " %" PRIu64
		 " shedding %d at %" PRId64 " problem %s",
		 note->journal, note->epoch, note->lost_records,
		 note->lost_exchanges, note->shedding, note->at, note->problem);
	memset(block, ' ', BLOCK);
	size =
	    snprintf(block, BLOCK, "%016" PRIx64 " %s", checksum(text), text);
	block[size] = ' ';
	block[BLOCK - 1] = '\n';
}

static bool parse(char *block, struct journal_state_note *note)
{
	char *text = block + DIGITS + 1;
	size_t size = BLOCK;
	uint64_t sum;
	int shedding, at = 0;

	*note = (struct journal_state_note){0};
	while (size && (block[size - 1] == ' ' || block[size - 1] == '\n'))
		size--;
	block[size] = 0;
	if (size < DIGITS + 1 || block[DIGITS] != ' ' ||
	    sscanf(block, "%16" SCNx64, &sum) != 1)
		return false;
	/* "problem " ends in a space, which was cut where there is none */
	if (sum != checksum(text)) {
		block[size] = ' ';
		block[size + 1] = 0;
		if (sum != checksum(text))
			return false;
	}
	if (sscanf(text,
		   "journal %36s epoch %" SCNu32 " lost %" SCNu64 " %" SCNu64
		   " shedding %d at %" SCNd64 " problem%n",
		   note->journal, &note->epoch, &note->lost_records,
		   &note->lost_exchanges, &shedding, &note->at, &at) != 6 ||
	    !at)
		return false;
	note->shedding = shedding != 0;
	if (text[at] == ' ')
		snprintf(note->problem, sizeof(note->problem), "%s",
			 text + at + 1);
	return true;
}

/* 1: read, 0: it is empty, -1: not written by a writer. */
static int read_block(int file, struct journal_state_note *note)
{
	char block[BLOCK + 2];
	ssize_t got = 0;

	for (int try = 0; try < TRIES; try++) {
		got = pread(file, block, BLOCK, 0);
		if (got == 0)
			return 0;
		if (got == BLOCK && parse(block, note))
			return 1;
		usleep(500);
	}
	return -1;
}

int journal_state_write(int file, const struct journal_state_note *note)
{
	char block[BLOCK];
	ssize_t got;

	print(note, block);
	got = pwrite(file, block, BLOCK, 0);
	return got == BLOCK ? 0 : got < 0 ? errno : ENOSPC;
}

int journal_state_open(int directory, struct journal_state_note *found)
{
	int file = openat(directory, JOURNAL_STATE,
			  O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	int code = file < 0 ? errno : posix_fallocate(file, 0, BLOCK);

	*found = (struct journal_state_note){0};
	if (code) {
		LOG_WARN("the journal's file `state` cannot be created; the "
			 "gate will not see losses that a full disk causes",
			 "problem=\"%s\"", strerror(code));
		if (file >= 0)
			close(file);
		return -1;
	}
	if (read_block(file, found) < 0)
		*found = (struct journal_state_note){0};
	return file;
}

int journal_state_read(const char *directory, struct journal_state_note *note,
		       struct error *error)
{
	char path[4096];
	int result;
	int file;

	snprintf(path, sizeof(path), "%s/" JOURNAL_STATE, directory);
	file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	*note = (struct journal_state_note){0};
	if (file < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (file < 0)
		return error_set_errno(error, ERROR_IO, "cannot open %s", path);
	result = read_block(file, note);
	close(file);
	if (result < 0)
		return error_set(error, ERROR_CORRUPT,
				 "%s is not a journal's state", path);
	return result;
}
