/*
 * Landlock, by its system calls: the C library has no functions for them. The
 * kernel's documentation is userspace-api/landlock.rst.
 *
 * A rule set handles kinds of access: what it handles is denied but for the
 * rules. So only what the running kernel knows may be handled, and a newer
 * kind is not denied by an older program. For a kernel of version 3:
 *
 *	handled   read, write, truncate, make, remove, execute
 *	rules     /etc: read; the journal's folder: read, write, make, remove
 *	denied    executing anything; writing outside of the journal; ...
 */
#include <errno.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox/internal.h"

/* What the headers of an older kernel lack. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
enum {
	VERSION_REFER = 2,
	VERSION_TRUNCATE = 3,
	VERSION_NET = 4,
	VERSION_IOCTL = 5,
	VERSION_SCOPE = 6
};

/* struct landlock_ruleset_attr and landlock_net_port_attr as of version 6. */
struct ruleset {
	uint64_t files;
	uint64_t net;
	uint64_t scoped;
};

struct net_port {
	uint64_t access;
	uint64_t port;
};

enum { RULE_NET_PORT = 2, NET_BIND = 1, NET_CONNECT = 2 };
/* Abstract unix sockets and signals: those of other programs. */
enum { SCOPE_SOCKETS = 1, SCOPE_SIGNALS = 2 };

static const uint64_t file_reads = LANDLOCK_ACCESS_FS_READ_FILE;
static const uint64_t folder_reads = LANDLOCK_ACCESS_FS_READ_DIR;
static const uint64_t file_writes = LANDLOCK_ACCESS_FS_WRITE_FILE |
				    LANDLOCK_ACCESS_FS_TRUNCATE |
				    LANDLOCK_ACCESS_FS_IOCTL_DEV;
static const uint64_t folder_writes =
    LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE;
static const uint64_t folder_sockets =
    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE;

static uint64_t handled_by(int version)
{
	uint64_t files =
	    LANDLOCK_ACCESS_FS_EXECUTE | file_reads | folder_reads |
	    LANDLOCK_ACCESS_FS_WRITE_FILE | folder_writes | folder_sockets |
	    LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_CHAR |
	    LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_FIFO |
	    LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;

	if (version >= VERSION_REFER)
		files |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= VERSION_TRUNCATE)
		files |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (version >= VERSION_IOCTL)
		files |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	return files;
}

static uint64_t rights_of(const struct sandbox_rule *rule, uint64_t handled)
{
	bool reads = rule->access & (SANDBOX_READ | SANDBOX_WRITE);
	bool writes = rule->access & SANDBOX_WRITE;
	struct stat status;
	uint64_t rights = 0;

	if (reads)
		rights |= file_reads;
	if (writes)
		rights |= file_writes;
	/* The kernel refuses a folder's rights for a file. */
	if (!fstat(rule->folder, &status) && S_ISDIR(status.st_mode)) {
		if (reads)
			rights |= folder_reads;
		if (writes)
			rights |= folder_writes;
		if (rule->access & SANDBOX_SOCKET)
			rights |= folder_sockets;
	}
	return rights & handled;
}

static int add_rules(int set, const struct sandbox *sandbox, uint64_t handled)
{
	for (size_t i = 0; i < sandbox->rule_count; i++) {
		struct landlock_path_beneath_attr rule = {
		    .allowed_access = rights_of(&sandbox->rules[i], handled),
		    .parent_fd = sandbox->rules[i].folder};

		if (rule.allowed_access &&
		    syscall(SYS_landlock_add_rule, set,
			    LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
			return -1;
	}
	return 0;
}

static int add_ports(int set, const struct sandbox *sandbox)
{
	for (size_t i = 0; i < sandbox->port_count; i++) {
		struct net_port rule = {.access = sandbox->ports[i].listens
						      ? NET_BIND
						      : NET_CONNECT,
					.port = sandbox->ports[i].number};

		if (syscall(SYS_landlock_add_rule, set, RULE_NET_PORT, &rule,
			    0))
			return -1;
	}
	return 0;
}

int landlock_enter(const struct sandbox *sandbox,
		   struct sandbox_outcome *outcome, struct error *error)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset wanted = {0};
	size_t size = sizeof(wanted.files);
	long set;
	int result = -1;

	if (version <= 0)
		return 0; /* not built in, or turned off at boot */
	wanted.files = handled_by((int)version);
	if (version >= VERSION_NET) {
		wanted.net = NET_BIND | NET_CONNECT;
		size += sizeof(wanted.net);
	}
	if (version >= VERSION_SCOPE) {
		wanted.scoped = SCOPE_SOCKETS | SCOPE_SIGNALS;
		size += sizeof(wanted.scoped);
	}
	set = syscall(SYS_landlock_create_ruleset, &wanted, size, 0);
	if (set < 0 || add_rules((int)set, sandbox, wanted.files) ||
	    (wanted.net && add_ports((int)set, sandbox)) ||
	    syscall(SYS_landlock_restrict_self, (int)set, 0)) {
		error_set_errno(error, ERROR_INTERNAL,
				"cannot confine files (Landlock)");
		error_hint(error, "sandbox.files: false goes without it");
	} else {
		outcome->landlock = (int)version;
		outcome->ports = wanted.net != 0;
		result = 0;
	}
	if (set >= 0)
		close((int)set);
	return result;
}
