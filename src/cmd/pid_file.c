/*
 * The file is locked as long as its writer lives, and the lock ends with it in
 * any case. So a file that is left by a killed process is taken over, and one
 * of a process that runs is neither overwritten nor removed. The lock belongs
 * to the process and not to the descriptor (F_SETLK): the processes that it
 * forks do not hold it.
 */
#include "cmd/pid_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(struct pid_file *file, struct error *error)
{
	error_set_errno(error, ERROR_IO, "cannot write pid_file %s",
			file->path);
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
	return -1;
}

static int taken(struct pid_file *file, struct error *error)
{
	char holder[16] = "";
	ssize_t got = pread(file->fd, holder, sizeof(holder) - 1, 0);

	holder[strspn(holder, "0123456789")] = 0;
	error_set(error, ERROR_IO,
		  "pid_file %s belongs to a process that runs%s%s", file->path,
		  got > 0 && *holder ? ": " : "", holder);
	error_hint(error, "give each `run` a pid_file of its own, or stop the "
			  "other one");
	close(file->fd);
	file->fd = -1;
	return -1;
}

/* Whether the path still leads to the file that we have open. */
static int is_ours(const struct pid_file *file)
{
	struct stat open_one;
	struct stat named;

	return !fstat(file->fd, &open_one) && !lstat(file->path, &named) &&
	       open_one.st_dev == named.st_dev &&
	       open_one.st_ino == named.st_ino;
}

int pid_file_write(struct pid_file *file, const char *path, struct error *error)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char text[16];
	int size;

	file->path = path;
	file->fd = -1;
	if (!path)
		return 0;
	/* Others read it, such as a script that stops us. */
	file->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (file->fd < 0)
		return failed(file, error);
	if (fcntl(file->fd, F_SETLK, &lock))
		return errno == EACCES || errno == EAGAIN ? taken(file, error)
							  : failed(file, error);
	size = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (ftruncate(file->fd, 0) ||
	    pwrite(file->fd, text, (size_t)size, 0) != size)
		return failed(file, error);
	return 0;
}

void pid_file_remove(struct pid_file *file)
{
	if (file->fd < 0)
		return;
	if (is_ours(file))
		unlink(file->path);
	close(file->fd);
	file->fd = -1;
}
