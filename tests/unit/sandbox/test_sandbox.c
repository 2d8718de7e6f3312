/* A process in a sandbox tries what it may and what it may not. Each attempt is
 * made by a child of its own, which nothing leads out of the sandbox. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "sandbox/sandbox.h"

enum { PORT_LISTENS = 38101, PORT_CONNECTS = 38102, PORT_OTHER = 38103 };
/* A child's exit codes are the errno of the attempt; 0: it succeeded. */
enum { EXIT_NOT_ENTERED = 255 };

static char inside[] = "/tmp/parallax-sandbox-XXXXXX";
/* A file there is given by a link to it. */
static char linked[] = "/tmp/parallax-linked-XXXXXX";
static char outside[] = "/tmp/parallax-outside-XXXXXX";
static bool files_off, calls_off;

static char *file_in(const char *folder, const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static long landlock_version(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
}

static int enter(unsigned role)
{
	struct sandbox_outcome outcome;
	struct sandbox sandbox;
	struct error error;

	sandbox_init(&sandbox, role);
	sandbox.files = !files_off;
	sandbox.system_calls = !calls_off;
	sandbox_allow_system(&sandbox);
	sandbox_allow(&sandbox, inside, SANDBOX_WRITE | SANDBOX_SOCKET);
	sandbox_allow(&sandbox, "/no/such/folder", SANDBOX_READ);
	sandbox_allow_beside(&sandbox, NULL, SANDBOX_READ);
	sandbox_allow_beside(&sandbox, file_in(inside, "to-linked"),
			     SANDBOX_READ);
	sandbox_allow_listen(&sandbox, PORT_LISTENS);
	sandbox_allow_connect(&sandbox, PORT_CONNECTS);
	return sandbox_enter(&sandbox, &outcome, &error);
}

/* The attempt's exit code, or minus the signal that ended it. */
static int attempt_as(unsigned role, int (*attempt)(void))
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (!pid)
		_exit(enter(role) ? EXIT_NOT_ENTERED : attempt());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static int attempt_in(int (*attempt)(void))
{
	return attempt_as(SANDBOX_SERVES, attempt);
}

static int result_of(int result)
{
	return result < 0 ? errno : 0;
}

static int open_at(const char *path, int flags)
{
	return result_of(open(path, flags | O_CLOEXEC, 0600));
}

/* --- files --- */

static int write_inside(void)
{
	return open_at(file_in(inside, "new"), O_RDWR | O_CREAT);
}

static int rename_inside(void)
{
	char from[256];

	snprintf(from, sizeof(from), "%s", file_in(inside, "new"));
	return result_of(rename(from, file_in(inside, "renamed")));
}

static int remove_inside(void)
{
	return result_of(unlink(file_in(inside, "renamed")));
}

static int socket_inside(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket",
		 inside);
	return result_of(
	    bind(fd, (struct sockaddr *)&address, sizeof(address)));
}

static int read_system(void)
{
	return open_at("/etc/passwd", O_RDONLY);
}

static int read_outside(void)
{
	return open_at(file_in(outside, "secret"), O_RDONLY);
}

static int read_linked(void)
{
	return open_at(file_in(inside, "to-linked"), O_RDONLY);
}

static int write_linked(void)
{
	return open_at(file_in(inside, "to-linked"), O_WRONLY);
}

static int list_outside(void)
{
	return open_at(outside, O_RDONLY | O_DIRECTORY);
}

static int write_outside(void)
{
	return open_at(file_in(outside, "new"), O_RDWR | O_CREAT);
}

static int remove_outside(void)
{
	return result_of(unlink(file_in(outside, "secret")));
}

static int write_system(void)
{
	return open_at("/etc/passwd", O_WRONLY);
}

static int truncate_outside(void)
{
	return result_of(truncate(file_in(outside, "secret"), 0));
}

static int link_inside(void)
{
	return result_of(symlink("/etc", file_in(inside, "link")));
}

static const struct attempt {
	const char *what;
	int (*make)(void);
	int expected;
} file_attempts[] = {
    {"create a file", write_inside, 0},
    {"rename it", rename_inside, 0},
    {"remove it", remove_inside, 0},
    {"make a socket", socket_inside, 0},
    {"read the system's files", read_system, 0},
    {"read what is linked", read_linked, 0},
    {"write what is linked", write_linked, EACCES},
    {"read elsewhere", read_outside, EACCES},
    {"list elsewhere", list_outside, EACCES},
    {"create elsewhere", write_outside, EACCES},
    {"remove elsewhere", remove_outside, EACCES},
    {"write the system's files", write_system, EACCES},
    /* calls that we never make */
    {"truncate by name", truncate_outside, ENOSYS},
    {"make a link", link_inside, ENOSYS},
};

static void check(const struct attempt *attempts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int result = attempt_in(attempts[i].make);

		if (result != attempts[i].expected)
			fail_msg("%s: %d, expected %d", attempts[i].what,
				 result, attempts[i].expected);
	}
}
#define CHECK(attempts) check(attempts, sizeof(attempts) / sizeof(*(attempts)))

static void test_files(void **state)
{
	(void)state;
	if (landlock_version() < 1)
		skip();
	CHECK(file_attempts);
}

/* Without Landlock the same succeeds: so it was Landlock that refused it. */
static void test_files_off(void **state)
{
	(void)state;
	files_off = true;
	assert_int_equal(attempt_in(read_outside), 0);
	assert_int_equal(attempt_in(write_outside), 0);
	files_off = false;
}

/* --- ports --- */

static int use_port(int port, bool listens)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons((uint16_t)port),
				      .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return result_of((listens ? bind : connect)(
	    fd, (struct sockaddr *)&address, sizeof(address)));
}

static int listen_given(void)
{
	return use_port(PORT_LISTENS, true);
}

static int listen_other(void)
{
	return use_port(PORT_OTHER, true);
}

static int connect_given(void)
{
	return use_port(PORT_CONNECTS, false);
}

static int connect_other(void)
{
	return use_port(PORT_OTHER, false);
}

static void test_ports(void **state)
{
	static const struct attempt attempts[] = {
	    {"listen", listen_given, 0},
	    {"connect", connect_given, ECONNREFUSED}, /* nobody listens */
	    {"listen elsewhere", listen_other, EACCES},
	    {"connect elsewhere", connect_other, EACCES},
	};

	(void)state;
	if (landlock_version() < 4)
		skip();
	CHECK(attempts);
}

/* --- system calls --- */

static void *in_thread(void *out)
{
	*(int *)out = 7;
	return NULL;
}

static int start_thread(void)
{
	pthread_t thread;
	int found = 0;

	if (pthread_create(&thread, NULL, in_thread, &found))
		return EAGAIN;
	pthread_join(thread, NULL);
	return found == 7 ? 0 : EIO;
}

static int resolve_name(void)
{
	struct addrinfo *found = NULL;

	if (getaddrinfo("localhost", "1", NULL, &found))
		return EIO;
	freeaddrinfo(found);
	return 0;
}

static int use_memory(void)
{
	char *block = malloc(64 << 20);

	if (!block)
		return ENOMEM;
	memset(block, 1, 64 << 20);
	free(block);
	return 0;
}

static int make_process(void)
{
	pid_t pid = (pid_t)syscall(SYS_fork);

	if (!pid)
		_exit(0);
	return result_of(pid);
}

static int map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
		   ? errno
		   : 0;
}

static int turn_into_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return result_of(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int open_raw_socket(void)
{
	return result_of(socket(AF_PACKET, SOCK_RAW, 0));
}

static int gain_priority(void)
{
	return result_of(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0));
}

static int run_program(void)
{
	char *arguments[] = {"true", NULL};

	execv("/bin/true", arguments);
	return errno;
}

static int trace(void)
{
	return result_of((int)ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

static int become_root(void)
{
	return result_of(setuid(0));
}

static int other_view(void)
{
	return result_of((int)syscall(SYS_unshare, 0x10000000));
}

static int serve(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	return listen(fd, 1) && errno == ENOSYS ? ENOSYS : 0;
}

#if defined(__SANITIZE_ADDRESS__)
static const bool sanitized = true;
#else
static const bool sanitized;
#endif

static void test_system_calls(void **state)
{
	static const struct attempt may[] = {
	    {"start a thread", start_thread, 0},
	    {"resolve a name", resolve_name, 0},
	    {"use memory", use_memory, 0},
	    {"serve", serve, 0},
	    {"open a raw socket", open_raw_socket, ENOSYS},
	};
	static const struct attempt may_not[] = {
	    {"start a process", make_process, ENOSYS},
	    {"map memory as code", map_code, ENOSYS},
	    {"turn memory into code", turn_into_code, ENOSYS},
	    {"keep capabilities", gain_priority, ENOSYS},
	    {"run a program", run_program, -SIGSYS},
	    {"trace", trace, -SIGSYS},
	    {"become root", become_root, -SIGSYS},
	    {"have another view of users", other_view, -SIGSYS},
	};

	(void)state;
	CHECK(may);
	/* A process that only stores does not serve. */
	assert_int_equal(attempt_as(SANDBOX_STORES, serve), ENOSYS);
	if (!sanitized)
		CHECK(may_not);
}

static void test_system_calls_off(void **state)
{
	(void)state;
	calls_off = true;
	assert_int_equal(attempt_in(make_process), 0);
	assert_int_equal(attempt_in(map_code), 0);
	assert_int_equal(attempt_as(SANDBOX_STORES, serve), 0);
	calls_off = false;
}

/* A program that it would run could not gain rights, whatever is off. */
static int new_privileges(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : EPERM;
}

static void test_no_new_privileges(void **state)
{
	(void)state;
	files_off = calls_off = true;
	assert_int_equal(attempt_in(new_privileges), 0);
	files_off = calls_off = false;
}

static void test_too_many_rules(void **state)
{
	struct sandbox_outcome outcome;
	struct sandbox sandbox;
	struct error error;

	(void)state;
	sandbox_init(&sandbox, 0);
	for (int i = 0; i <= SANDBOX_RULES_MAX; i++)
		sandbox_allow(&sandbox, "/", SANDBOX_READ);
	error_init(&error);
	assert_int_equal(sandbox_enter(&sandbox, &outcome, &error), -1);
	assert_int_equal(prctl(PR_GET_SECCOMP, 0, 0, 0, 0), 0);
}

static int make_folders(void **state)
{
	char target[256];
	int fd;

	(void)state;
	if (!mkdtemp(inside) || !mkdtemp(outside) || !mkdtemp(linked))
		return -1;
	fd = open(file_in(linked, "file"), O_RDWR | O_CREAT, 0600);
	if (fd < 0 || close(fd))
		return -1;
	snprintf(target, sizeof(target), "%s", file_in(linked, "file"));
	if (symlink(target, file_in(inside, "to-linked")))
		return -1;
	fd = open(file_in(outside, "secret"), O_RDWR | O_CREAT, 0600);
	return fd < 0 ? -1 : close(fd);
}

static int remove_folders(void **state)
{
	(void)state;
	unlink(file_in(inside, "socket"));
	unlink(file_in(inside, "to-linked"));
	unlink(file_in(linked, "file"));
	unlink(file_in(outside, "secret"));
	unlink(file_in(outside, "new"));
	return rmdir(inside) || rmdir(outside) || rmdir(linked) ? -1 : 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_files),
	    cmocka_unit_test(test_files_off),
	    cmocka_unit_test(test_ports),
	    cmocka_unit_test(test_system_calls),
	    cmocka_unit_test(test_system_calls_off),
	    cmocka_unit_test(test_no_new_privileges),
	    cmocka_unit_test(test_too_many_rules),
	};

	return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
