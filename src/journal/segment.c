#include "journal/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include <xxhash.h>

static const char segment_prefix[] = "segment-";

int journal_position_compare(struct journal_position a,
			     struct journal_position b)
{
	if (a.segment != b.segment)
		return a.segment < b.segment ? -1 : 1;
	if (a.offset != b.offset)
		return a.offset < b.offset ? -1 : 1;
	return 0;
}

static uint32_t get_little(const uint8_t *in)
{
	return (uint32_t)in[3] << 24 | (uint32_t)in[2] << 16 |
	       (uint32_t)in[1] << 8 | in[0];
}

static void put_little(uint8_t *out, uint32_t value)
{
	out[0] = (uint8_t)value;
	out[1] = (uint8_t)(value >> 8);
	out[2] = (uint8_t)(value >> 16);
	out[3] = (uint8_t)(value >> 24);
}

enum journal_frame journal_frame_view(const uint8_t *data, size_t size,
				      size_t *body_size)
{
	size_t length;

	*body_size = 0;
	if (size < JOURNAL_FRAME_HEAD)
		return JOURNAL_FRAME_MORE;
	length = get_little(data);
	/* No record is empty: a power failure leaves a run of zeros. */
	if (length == 0 || length > JOURNAL_RECORD_MAX)
		return JOURNAL_FRAME_BAD;
	*body_size = length;
	if (size - JOURNAL_FRAME_HEAD < length)
		return JOURNAL_FRAME_MORE;
	if ((uint32_t)XXH3_64bits(data + JOURNAL_FRAME_HEAD, length) !=
	    get_little(data + 4))
		return JOURNAL_FRAME_BAD;
	return JOURNAL_FRAME_OK;
}

uint32_t journal_frame_length(const uint8_t *frame)
{
	return get_little(frame);
}

void journal_frame_size(uint8_t *frame, size_t body_size)
{
	put_little(frame, (uint32_t)body_size);
}

void journal_frame_seal(uint8_t *frame, size_t body_size)
{
	put_little(frame, (uint32_t)body_size);
	put_little(frame + 4, (uint32_t)XXH3_64bits(frame + JOURNAL_FRAME_HEAD,
						    body_size));
}

void journal_segment_name(char *name, size_t size, uint64_t segment)
{
	snprintf(name, size, "%s%012" PRIu64, segment_prefix, segment);
}

uint64_t journal_segment_number(const char *name)
{
	uint64_t number = 0;
	size_t digits = 0;

	if (strncmp(name, segment_prefix, sizeof(segment_prefix) - 1) != 0)
		return 0;
	for (name += sizeof(segment_prefix) - 1; *name; name++, digits++) {
		if (*name < '0' || *name > '9' || digits == 19)
			return 0;
		number = number * 10 + (uint64_t)(*name - '0');
	}
	return digits < 12 ? 0 : number;
}

static int by_number(const void *a, const void *b)
{
	const struct journal_segment *left = a;
	const struct journal_segment *right = b;

	return left->number < right->number ? -1 : left->number > right->number;
}

int journal_segments(const char *directory, struct journal_segment **segments,
		     size_t *count, struct error *error)
{
	struct journal_segment *list = NULL;
	size_t used = 0;
	size_t capacity = 0;
	struct dirent *entry;
	DIR *dir = opendir(directory);

	if (!dir)
		return error_set_errno(error, ERROR_IO,
				       "cannot open journal directory %s",
				       directory);
	while ((entry = readdir(dir)) != NULL) {
		uint64_t number = journal_segment_number(entry->d_name);
		struct stat status;

		if (!number ||
		    fstatat(dirfd(dir), entry->d_name, &status, 0) != 0)
			continue; /* not ours, or removed since */
		if (used == capacity) {
			size_t more = capacity ? capacity * 2 : 16;
			void *grown = realloc(list, more * sizeof(*list));

			if (!grown) {
				free(list);
				closedir(dir);
				return error_set(error, ERROR_MEMORY,
						 "out of memory");
			}
			list = grown;
			capacity = more;
		}
		list[used].number = number;
		list[used].size = (uint64_t)status.st_size;
		list[used].written = (int64_t)status.st_mtim.tv_sec * 1000000 +
				     status.st_mtim.tv_nsec / 1000;
		used++;
	}
	closedir(dir);
	if (used)
		qsort(list, used, sizeof(*list), by_number);
	*segments = list;
	*count = used;
	return 0;
}

bool journal_is_written(const char *directory)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char path[4096];
	bool held;
	int fd;

	snprintf(path, sizeof(path), "%s/lock", directory);
	fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	/* Only asks: taking the lock, even for a moment, could make a starting
	 * writer fail. */
	held = fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
	close(fd);
	return held;
}
