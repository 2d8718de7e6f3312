/* The log: values cannot forge fields, and nobody waits for who reads. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"

/* Standard error goes into a pipe from here on; gives its reading end. */
static int capture(int *kept)
{
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	*kept = dup(STDERR_FILENO);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	return ends[0];
}

#define assert_fields(wanted, ...)                                             \
	do {                                                                   \
		char seen[8192] = "";                                          \
		int kept;                                                      \
		int end = capture(&kept);                                      \
		log_line(LOG_WARN_LEVEL, "it", __VA_ARGS__);                   \
		dup2(kept, STDERR_FILENO);                                     \
		close(kept);                                                   \
		assert_true(read(end, seen, sizeof(seen) - 1) > 0);            \
		close(end);                                                    \
		assert_non_null(strstr(seen, " event=\"it\""));                \
		assert_string_equal(strstr(seen, " event=\"it\"") + 11,        \
				    wanted "\n");                              \
	} while (0)

static void values_cannot_forge_fields(void **unused)
{
	(void)unused;
	assert_fields(" role=app", "role=%s", "app");
	assert_fields(" role=\"eve level=error\" n=7", "role=%s n=%d",
		      "eve level=error", 7);
	assert_fields(" role=\"a=b\"", "role=%s", "a=b");
	assert_fields(" role=\"\" x=1", "role=%s x=%u", "", 1U);
	assert_fields(" role=\"a\\\" b=\\\"c\"", "role=\"%s\"", "a\" b=\"c");
	assert_fields(" role=\"a\\\\\"", "role=\"%s\"", "a\\");
	assert_fields(" role=\"a\\\\\\\" x=\\\"\"", "role=%s", "a\\\" x=\"");
	assert_fields(" role=\"a\\x0atime=\\x1b[2J\\x7f\"", "role=%s",
		      "a\ntime=\x1b[2J\x7f");
	/* A terminal's CSI as UTF-8, and a letter. */
	assert_fields(" role=\"\\xc2\\x9b[2J\"", "role=%s", "\xc2\x9b[2J");
	assert_fields(" role=\"a\\x9b2J\"", "role=%s",
		      "a\x9b"
		      "2J");
	assert_fields(" role=\xc3\xa4", "role=%s", "\xc3\xa4");
}

static void values_of_all_kinds(void **unused)
{
	char text[3000];

	(void)unused;
	assert_fields(" a=-1 b=2 c=18446744073709551615 d=7 e=0x1f f=007 g=%",
		      "a=%d b=%lu c=%llu d=%zu e=0x%x f=%03o g=%%", -1, 2UL,
		      UINT64_MAX + 0ULL, (size_t)7, 31U, 7U);
	assert_fields(" at=\"/a b\":5432 x=abc", "at=\"%s\":%d x=%.3s", "/a b",
		      5432, "abcdef");
	assert_fields(" at=h:1 x=ab code=3", "at=%s:%d x=%.*s %s=%d", "h", 1, 2,
		      "abc", "code", 3);
	assert_fields(" {\"n\":1,\"m\":2}", "{\"n\":%d%s}", 1, ",\"m\":2");
	/* One that is too long is cut, and what stands behind it stays. */
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = 0;
	{
		char seen[8192] = "";
		int kept;
		int end = capture(&kept);

		log_line(LOG_WARN_LEVEL, "it", "a=%s b=%s c=%s d=%d", text,
			 text, "y", 4);
		dup2(kept, STDERR_FILENO);
		close(kept);
		assert_true(read(end, seen, sizeof(seen) - 1) < 4096);
		close(end);
		assert_non_null(strstr(seen, "xxx c=y d=4\n"));
	}
}

enum { LINES = 20000 };

/* Nobody reads: the child logs far more than pipe and queue hold, goes on,
 * and ends in time. */
static void nobody_reads(void **unused)
{
	static char seen[4 * 1024 * 1024];
	unsigned long long dropped = 0;
	unsigned lines = 0;
	size_t used = 0;
	int64_t began = clock_monotonic_us();
	int go[2];
	int kept;
	int status;
	int end = capture(&kept);
	char byte;
	ssize_t got;
	pid_t child;

	(void)unused;
	assert_int_equal(pipe(go), 0);
	child = fork();
	if (!child) {
		log_init(LOG_INFO_LEVEL, "child");
		for (int i = 0; i < LINES; i++)
			LOG_INFO("line", "number=%d", i);
		/* All is logged: now it is read, and the count is told. */
		if (write(go[1], "x", 1) != 1)
			_exit(1);
		exit(0);
	}
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(go[1]);
	assert_int_equal(read(go[0], &byte, 1), 1);
	close(go[0]);
	assert_true(clock_monotonic_us() - began < 5 * 1000000);
	while ((got = read(end, seen + used, sizeof(seen) - 1 - used)) > 0)
		used += (size_t)got;
	close(end);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	for (char *at = seen; (at = strchr(at, '\n')); at++)
		lines++;
	assert_non_null(strstr(seen, "log lines dropped"));
	for (char *at = seen; (at = strstr(at, "dropped\" count=")); at++) {
		dropped += strtoull(at + 15, NULL, 10);
		lines--;
	}
	assert_int_equal(lines + dropped, LINES);
}

/* Nobody reads, ever: the process ends all the same. */
static void ends_though_nobody_reads(void **unused)
{
	int64_t began = clock_monotonic_us();
	int kept;
	int status;
	int end = capture(&kept);
	pid_t child = fork();

	(void)unused;
	if (!child) {
		log_init(LOG_INFO_LEVEL, "child");
		for (int i = 0; i < LINES; i++)
			LOG_INFO("line", "number=%d", i);
		exit(3);
	}
	dup2(kept, STDERR_FILENO);
	close(kept);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 3);
	assert_true(clock_monotonic_us() - began < 10 * 1000000);
	close(end);
}

/* A child of one that logs by a thread logs by a thread of its own. */
static void forks(void **unused)
{
	char seen[4096] = "";
	size_t used = 0;
	int kept;
	int end = capture(&kept);
	ssize_t got;
	pid_t child = fork();
	int status;

	(void)unused;
	if (!child) {
		log_init(LOG_INFO_LEVEL, "parent");
		LOG_INFO("one", "n=%d", 1);
		child = fork();
		if (!child) {
			log_init(LOG_INFO_LEVEL, "mirror a");
			LOG_INFO("two", "n=%d", 2);
			exit(0);
		}
		waitpid(child, &status, 0);
		exit(status != 0);
	}
	dup2(kept, STDERR_FILENO);
	close(kept);
	while ((got = read(end, seen + used, sizeof(seen) - 1 - used)) > 0)
		used += (size_t)got;
	close(end);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_non_null(strstr(seen, "process=parent event=\"one\" n=1\n"));
	assert_non_null(
	    strstr(seen, "process=\"mirror a\" event=\"two\" n=2\n"));
	assert_ptr_equal(strstr(strstr(seen, "n=1") + 1, "n=1"), NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(values_cannot_forge_fields),
	    cmocka_unit_test(values_of_all_kinds),
	    cmocka_unit_test(nobody_reads),
	    cmocka_unit_test(ends_though_nobody_reads),
	    cmocka_unit_test(forks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
