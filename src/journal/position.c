/* The position files of mirrors; see segment.h. */
#include "journal/position.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "journal/segment.h"

static const char prefix[] = "mirror-";
static const char suffix[] = ".position";

static int file_name(const char *mirror, char *name, size_t size,
		     struct error *error)
{
	size_t length = strlen(mirror);

	for (const char *at = mirror; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("_-.", *at))
			length = 0;
	if (length == 0 || length > JOURNAL_MIRROR_NAME_MAX)
		return error_set(error, ERROR_CONFIG,
				 "mirror name '%.80s' is not made of 1 to %d "
				 "letters, digits, '_', '-' and '.'",
				 mirror, JOURNAL_MIRROR_NAME_MAX);
	snprintf(name, size, "%s%s%s", prefix, mirror, suffix);
	return 0;
}

static int write_file(int directory, const char *name, const char *content,
		      struct error *error)
{
	char fresh[160];
	size_t size = strlen(content);
	int fd;

	snprintf(fresh, sizeof(fresh), "%s.new", name);
	fd =
	    openat(directory, fresh,
		   O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set_errno(error, ERROR_IO, "cannot create %s",
				       fresh);
	errno = 0;
	if (write(fd, content, size) != (ssize_t)size || fdatasync(fd) != 0) {
		if (!errno)
			errno = ENOSPC;
		error_set_errno(error, ERROR_IO, "cannot write %s", fresh);
		close(fd);
		unlinkat(directory, fresh, 0);
		return -1;
	}
	close(fd);
	if (renameat(directory, fresh, directory, name) != 0) {
		error_set_errno(error, ERROR_IO, "cannot replace %s", name);
		unlinkat(directory, fresh, 0);
		return -1;
	}
	return 0;
}

int journal_file_replace(int directory, const char *name, const char *content,
			 struct error *error)
{
	if (write_file(directory, name, content, error))
		return -1;
	if (fsync(directory) != 0)
		return error_set_errno(error, ERROR_IO,
				       "cannot sync the folder of %s", name);
	return 0;
}

static int open_directory(const char *path, struct error *error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_set_errno(
		    error, ERROR_IO, "cannot open journal directory %s", path);
	return fd;
}

int journal_position_save(const char *directory, const char *mirror,
			  struct journal_position position, struct error *error)
{
	char name[128];
	char content[96];
	int result;
	int fd;

	if (file_name(mirror, name, sizeof(name), error))
		return -1;
	fd = open_directory(directory, error);
	if (fd < 0)
		return -1;
	snprintf(content, sizeof(content),
		 "segment %" PRIu64 " offset %" PRIu64 "\n", position.segment,
		 position.offset);
	result = write_file(fd, name, content, error);
	close(fd);
	return result;
}

/* 1 loaded, 0 no such file, -1 error. */
static int load(int directory, const char *name,
		struct journal_position *position, struct error *error)
{
	char content[96];
	char end = 0;
	ssize_t got;
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return error_set_errno(error, ERROR_IO, "cannot open %s", name);
	got = read(fd, content, sizeof(content) - 1);
	close(fd);
	if (got < 0)
		return error_set_errno(error, ERROR_IO, "cannot read %s", name);
	content[got] = 0;
	if (sscanf(content, "segment %" SCNu64 " offset %" SCNu64 "%c",
		   &position->segment, &position->offset, &end) != 3 ||
	    end != '\n')
		return error_set(error, ERROR_CORRUPT,
				 "%s is not a position file", name);
	return 1;
}

int journal_position_load(const char *directory, const char *mirror,
			  struct journal_position *position,
			  struct error *error)
{
	char name[128];
	int result;
	int fd;

	if (file_name(mirror, name, sizeof(name), error))
		return -1;
	fd = open_directory(directory, error);
	if (fd < 0)
		return -1;
	result = load(fd, name, position, error);
	close(fd);
	return result;
}

int journal_position_remove(const char *directory, const char *mirror,
			    struct error *error)
{
	char name[128];
	int result = 0;
	int fd;

	if (file_name(mirror, name, sizeof(name), error))
		return -1;
	fd = open_directory(directory, error);
	if (fd < 0)
		return -1;
	if (unlinkat(fd, name, 0) != 0 && errno != ENOENT)
		result =
		    error_set_errno(error, ERROR_IO, "cannot remove %s", name);
	close(fd);
	return result;
}

int journal_positions_oldest(int directory, const char *const *required,
			     uint64_t *segment, struct error *error)
{
	uint64_t oldest = UINT64_MAX;
	size_t registered = 0;
	struct dirent *entry;
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int result = 0;

	if (!dir) {
		error_set_errno(error, ERROR_IO, "cannot list the journal");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	for (; required && *required; required++) {
		struct journal_position position;
		char name[128];

		result = file_name(*required, name, sizeof(name), error);
		if (!result)
			result = load(directory, name, &position, error);
		if (result < 0)
			goto out;
		registered++;
		if (result == 0)
			oldest = 0; /* it may need everything */
	}
	result = 0;
	while ((entry = readdir(dir)) != NULL) {
		struct journal_position position;
		size_t length = strlen(entry->d_name);

		if (strncmp(entry->d_name, prefix, sizeof(prefix) - 1) != 0 ||
		    length < sizeof(suffix) ||
		    strcmp(entry->d_name + length - (sizeof(suffix) - 1),
			   suffix) != 0)
			continue;
		result = load(directory, entry->d_name, &position, error);
		if (result < 0)
			goto out;
		if (result == 0)
			continue; /* removed since */
		registered++;
		if (position.segment < oldest)
			oldest = position.segment;
	}
	*segment = oldest;
	result = registered > 0;
out:
	closedir(dir);
	return result;
}
