#include "store/wait.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

static int open_beside(const char *path, int flags)
{
	size_t size = strlen(path) + sizeof("-wait");
	char *name = memory_alloc(size);
	int file;

	snprintf(name, size, "%s-wait", path);
	file = open(name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
	free(name);
	return file;
}

/* The whole block, so that nothing of an older text remains. */
static void overwrite(const char *path, const char *text)
{
	char block[STORE_WAIT_SIZE];
	size_t size = strlen(text);
	int file = open_beside(path, O_WRONLY);

	if (file < 0)
		return;
	memset(block, ' ', sizeof(block));
	memcpy(block, text, size < sizeof(block) ? size : sizeof(block) - 1);
	block[sizeof(block) - 1] = '\n';
	/* It is only a note: if it cannot be written, the log says the same. */
	if (pwrite(file, block, sizeof(block), 0) == (ssize_t)sizeof(block))
		fdatasync(file);
	close(file);
}

void store_wait_prepare(const char *path)
{
	int file = open_beside(path, O_WRONLY | O_CREAT);
	struct stat status;
	bool empty;

	if (file < 0)
		return;
	empty = !fstat(file, &status) && status.st_size < STORE_WAIT_SIZE;
	close(file);
	if (empty)
		overwrite(path, "");
}

void store_wait_read(const char *path, struct store_wait *wait)
{
	char block[STORE_WAIT_SIZE + 1];
	int file = open_beside(path, O_RDONLY);
	ssize_t got = -1;
	char *end;

	*wait = (struct store_wait){0};
	if (file < 0)
		return;
	got = pread(file, block, STORE_WAIT_SIZE, 0);
	close(file);
	if (got <= 0)
		return;
	block[got] = '\0';
	while (got && (block[got - 1] == ' ' || block[got - 1] == '\n'))
		block[--got] = '\0';
	wait->since = strtoll(block, &end, 10);
	if (wait->since <= 0 || *end != ' ')
		wait->since = 0;
	else
		snprintf(wait->why, sizeof(wait->why), "%s", end + 1);
}

void store_wait_begin(const char *path, const char *why)
{
	char text[STORE_WAIT_SIZE];
	struct store_wait wait;

	store_wait_read(path, &wait);
	if (wait.since)
		return;
	snprintf(text, sizeof(text), "%" PRId64 " %s", clock_unix_us(), why);
	overwrite(path, text);
}

void store_wait_end(const char *path)
{
	overwrite(path, "");
}
