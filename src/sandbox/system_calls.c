/*
 * The seccomp filter: of each system call, whether it is allowed (calls.def).
 *
 * One that is not gives ENOSYS, as on a kernel that lacks it: so a newer C
 * library that tries a newer call falls back to an older one, and goes on. But
 * calls that only an attacker would make here (KILLS) end the process: the
 * supervisor logs signal=31 and starts it again.
 *
 * Memory cannot become code: none is writable and executable at once, none is
 * made executable later, and anonymous memory never is. (Libraries that are
 * loaded late are mapped from files.)
 */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "sandbox/internal.h"

/* libseccomp's SCMP_A macros leave out a field, of which clang complains. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

enum { EVERYONE = 0, SERVES = SANDBOX_SERVES, STORES = SANDBOX_STORES };

enum treatment { ALLOWED, KILLED };

static const struct call {
	const char *name;
	enum treatment treatment;
	unsigned role; /* EVERYONE, or the role that it needs */
} calls[] = {
#define ALLOW(role, name) {#name, ALLOWED, role},
#define KILL(name)	  {#name, KILLED, EVERYONE},
#include "sandbox/calls.def"
#undef ALLOW
#undef KILL
};

/* -1: the filter could not take it. */
static int add(scmp_filter_ctx filter, const char *name, uint32_t action)
{
	int number = seccomp_syscall_resolve_name(name);

	/* Not all architectures have all calls. */
	if (number == __NR_SCMP_ERROR)
		return 0;
	return seccomp_rule_add(filter, action, number, 0);
}

/* Allowed where one argument, or two, are so. */
#define ADD_IF(filter, call, ...)                                              \
	seccomp_rule_add(                                                      \
	    (filter), SCMP_ACT_ALLOW, SCMP_SYS(call),                          \
	    (unsigned)(sizeof((struct scmp_arg_cmp[]){__VA_ARGS__}) /          \
		       sizeof(struct scmp_arg_cmp)),                           \
	    __VA_ARGS__)

static int add_calls(scmp_filter_ctx filter, const struct sandbox *sandbox)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		const struct call *call = &calls[i];

		if (call->role && !(call->role & sandbox->roles))
			continue;
		if (call->treatment == KILLED && SANITIZED)
			continue;
		if (add(filter, call->name,
			call->treatment == ALLOWED ? SCMP_ACT_ALLOW
						   : SCMP_ACT_KILL_PROCESS))
			return -1;
	}
	return 0;
}

static int add_memory(scmp_filter_ctx filter)
{
	if (SANITIZED)
		return add(filter, "mmap", SCMP_ACT_ALLOW) ||
		       add(filter, "mprotect", SCMP_ACT_ALLOW);
	return ADD_IF(filter, mmap,
		      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) ||
	       ADD_IF(filter, mmap,
		      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE,
			      PROT_EXEC),
		      SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, 0)) ||
	       ADD_IF(filter, mprotect,
		      SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
}

static int add_sockets(scmp_filter_ctx filter)
{
	/* The C library asks by netlink which addresses it may resolve to. */
	static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
	static const unsigned long requests[] = {FIONREAD, FIONBIO, FIOCLEX,
						 TCGETS};

	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		if (ADD_IF(filter, socket,
			   SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)families[i])))
			return -1;
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		if (ADD_IF(filter, ioctl, SCMP_A1(SCMP_CMP_EQ, requests[i])))
			return -1;
	return 0;
}

/* Threads are started, processes are not. */
static int add_threads(scmp_filter_ctx filter)
{
	static const int options[] = {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE,
				      PR_SET_DUMPABLE};

	if (SANITIZED)
		return add(filter, "clone", SCMP_ACT_ALLOW) ||
		       add(filter, "prctl", SCMP_ACT_ALLOW);
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (ADD_IF(filter, prctl,
			   SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)options[i])))
			return -1;
	return ADD_IF(filter, clone,
		      SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, CLONE_THREAD));
}

static int add_sanitizers(scmp_filter_ctx filter)
{
	static const char *const names[] = {
	    "ptrace",	       "wait4", "execve", "fork",	"vfork",
	    "personality",     "kill",	"tkill",  "arch_prctl", "pipe",
	    "process_vm_readv"};

	for (size_t i = 0; SANITIZED && i < sizeof(names) / sizeof(*names); i++)
		if (add(filter, names[i], SCMP_ACT_ALLOW))
			return -1;
	return 0;
}

int system_calls_enter(const struct sandbox *sandbox,
		       struct sandbox_outcome *outcome, struct error *error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int code = -1;

	if (filter) {
		/* A tree instead of a list, for calls whose arguments matter;
		 * the kernel remembers the others by a bitmap. */
		seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
		/* A filter for another architecture's calls would not fit. */
		seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
				 SCMP_ACT_KILL_PROCESS);
		if (!add_calls(filter, sandbox) && !add_memory(filter) &&
		    !add_sockets(filter) && !add_threads(filter) &&
		    !add_sanitizers(filter))
			code = seccomp_load(filter);
		seccomp_release(filter);
	}
	if (code == -EINVAL || code == -ENOSYS)
		return 0; /* the kernel has no filters */
	if (code) {
		error_set(error, ERROR_INTERNAL,
			  "cannot confine system calls (seccomp): %s",
			  strerror(-code));
		error_hint(error, "sandbox.system_calls: false goes without "
				  "it");
		return -1;
	}
	outcome->system_calls = true;
	return 0;
}
