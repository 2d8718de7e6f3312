#include "journal/purge.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal/position.h"
#include "journal/segment.h"

/* Up to which segment (not included) none is needed. */
static int find_needed(int directory, const char *const *mirrors, bool all,
		       uint64_t *needed, struct error *error)
{
	*needed = UINT64_MAX;
	if (all)
		return 0;
	return journal_positions_oldest(directory, mirrors, needed, error) < 0
		   ? -1
		   : 0;
}

static int remove_segment(int directory, const struct journal_segment *segment,
			  struct journal_purged *purged, struct error *error)
{
	char name[64];

	journal_segment_name(name, sizeof(name), segment->number);
	if (unlinkat(directory, name, 0) && errno != ENOENT)
		return error_set_errno(error, ERROR_IO, "cannot remove %s",
				       name);
	purged->segments++;
	purged->bytes += segment->size;
	return 0;
}

static int remove_segments(int directory, const struct journal_segment *list,
			   size_t count, int64_t before, uint64_t needed,
			   struct journal_purged *purged, struct error *error)
{
	/* the newest may be the one being written */
	for (size_t i = 0; i + 1 < count; i++) {
		if (list[i].written >= before)
			break; /* no hole is left */
		if (list[i].number >= needed)
			purged->kept++;
		else if (remove_segment(directory, &list[i], purged, error))
			return -1;
	}
	return 0;
}

/* See put_aside in drain.c. */
static int remove_strays(int directory, int64_t before, struct error *error)
{
	static const char prefix[] = "stray-";
	int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	int result = 0;

	if (!dir)
		return error_set_errno(error, ERROR_IO,
				       "cannot list the journal");
	while (!result && (entry = readdir(dir)) != NULL) {
		struct stat status;

		if (strncmp(entry->d_name, prefix, sizeof(prefix) - 1) != 0 ||
		    fstatat(directory, entry->d_name, &status,
			    AT_SYMLINK_NOFOLLOW) ||
		    S_ISDIR(status.st_mode) ||
		    (int64_t)status.st_mtim.tv_sec * 1000000 >= before)
			continue;
		if (unlinkat(directory, entry->d_name, 0) && errno != ENOENT)
			result = error_set_errno(
			    error, ERROR_IO, "cannot remove %s", entry->d_name);
	}
	closedir(dir);
	return result;
}

int journal_purge(const char *path, const char *const *mirrors, int64_t before,
		  bool all, struct journal_purged *purged, struct error *error)
{
	struct journal_segment *list = NULL;
	uint64_t needed = 0;
	size_t count = 0;
	int result = -1;
	int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	*purged = (struct journal_purged){0};
	if (directory < 0)
		return error_set_errno(
		    error, ERROR_IO, "cannot open journal directory %s", path);
	if (!journal_segments(path, &list, &count, error) &&
	    !find_needed(directory, mirrors, all, &needed, error) &&
	    !remove_segments(directory, list, count, before, needed, purged,
			     error))
		result = remove_strays(directory, before, error);
	free(list);
	close(directory);
	return result;
}
