#include "cmd/stores.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/losses.h"
#include "config/text.h"

int stores_part(const char *text, uint64_t *part)
{
	*part = 0;
	if (!text || !strcmp(text, "last"))
		return 0;
	*part = STORE_ALL_PARTS;
	if (!strcmp(text, "all"))
		return 0;
	return text_number(text, 1, INT32_MAX, part);
}

static int check_part(const struct store_content *content, uint64_t part,
		      struct error *error)
{
	if (!part || part == STORE_ALL_PARTS)
		return 0;
	for (size_t i = 0; i < content->part_count; i++)
		if (content->parts[i].number == part)
			return 0;
	error_set(error, ERROR_USAGE,
		  "%s: there is no part %" PRIu64 " of the evidence",
		  content->path, part);
	error_hint(error, "it has %zu: see parallax report --part all",
		   content->part_count);
	return -1;
}

int stores_load(const char *const *paths, size_t count, size_t evidence_limit,
		uint64_t part, struct arena *arena,
		struct store_content **contents, struct error *error)
{
	for (size_t i = 0; i < count; i++) {
		struct store *store;
		int result;

		if (store_open_read(paths[i], &store, error))
			return -1;
		store_read_part(store, part);
		result = store_load(store, evidence_limit, arena, &contents[i],
				    error);
		store_close(&store);
		if (result || check_part(contents[i], part, error))
			return -1;
		losses_look(contents[i], arena);
	}
	return 0;
}

static int write_all(int file, const struct buffer *out)
{
	size_t at = 0;

	while (at < out->size) {
		ssize_t written = write(file, out->data + at, out->size - at);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		at += (size_t)written;
	}
	return 0;
}

int stores_write_output(const char *path, struct buffer *out,
			struct error *error)
{
	int file = STDOUT_FILENO;
	struct stat status;

	if (out->failed)
		return error_set(error, ERROR_MEMORY, "out of memory");
	if (path) {
		file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (file < 0)
			return error_set_errno(error, ERROR_IO,
					       "%s: cannot write", path);
		/* Made private before anything is in it, even if it existed. */
		if (!fstat(file, &status) && S_ISREG(status.st_mode) &&
		    (fchmod(file, 0600) || ftruncate(file, 0))) {
			error_set_errno(error, ERROR_IO,
					"%s: cannot make private", path);
			close(file);
			return -1;
		}
	}
	if (write_all(file, out)) {
		error_set_errno(error, ERROR_IO, "%s: cannot write",
				path ? path : "stdout");
		if (path)
			close(file);
		return -1;
	}
	if (path && close(file))
		return error_set_errno(error, ERROR_IO, "%s: cannot write",
				       path);
	return 0;
}

bool stores_output_coloured(const char *path)
{
	const char *off = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	return !path && isatty(STDOUT_FILENO) && !(off && *off) &&
	       !(terminal && !strcmp(terminal, "dumb"));
}
