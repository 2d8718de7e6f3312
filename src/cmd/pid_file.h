/* The file that holds a running supervisor's process id. */
#ifndef PARALLAX_CMD_PID_FILE_H
#define PARALLAX_CMD_PID_FILE_H

#include "base/error.h"

struct pid_file {
	const char *path; /* borrowed */
	int fd;		  /* locked; -1: there is none */
};

/* path NULL: no file. -1: it cannot be written, or another process that runs
 * has written it. */
int pid_file_write(struct pid_file *file, const char *path,
		   struct error *error);
/* Removes it, unless it is not ours any more. */
void pid_file_remove(struct pid_file *file);

#endif
