#include "sandbox/memory.h"

#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sandbox/internal.h"

void sandbox_limit_memory(uint64_t bytes)
{
	struct rlimit limit = {bytes, bytes};

	/* A sanitizer's own tables are far larger. */
	if (!SANITIZED && bytes)
		setrlimit(RLIMIT_DATA, &limit);
}

int sandbox_go_first(void)
{
	static const char score[] = "500";
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	int result;
	int fd;

	/* The file of a process without dumps is root's. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	result = fd >= 0 && write(fd, score, strlen(score)) > 0 ? 0 : -1;
	if (fd >= 0)
		close(fd);
	if (dumpable != 1)
		prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0);
	return result;
}
