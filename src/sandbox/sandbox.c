#include "sandbox/sandbox.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sandbox/internal.h"

enum { PORT_OF_NAMES = 53 };

void sandbox_init(struct sandbox *sandbox, unsigned roles)
{
	memset(sandbox, 0, sizeof(*sandbox));
	sandbox->roles = roles;
	sandbox->files = sandbox->system_calls = true;
}

void sandbox_allow(struct sandbox *sandbox, const char *path, unsigned access)
{
	int folder = path ? open(path, O_PATH | O_CLOEXEC) : -1;

	if (folder < 0)
		return;
	if (sandbox->rule_count == SANDBOX_RULES_MAX) {
		sandbox->overflow = true;
		close(folder);
		return;
	}
	sandbox->rules[sandbox->rule_count++] =
	    (struct sandbox_rule){folder, access};
}

static void allow_folder_of(struct sandbox *sandbox, const char *path,
			    unsigned access)
{
	const char *slash = strrchr(path, '/');
	char folder[4096];

	if (slash && (size_t)(slash - path) >= sizeof(folder) - 1)
		return;
	snprintf(folder, sizeof(folder), "%.*s",
		 slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
	sandbox_allow(sandbox, folder, access);
}

void sandbox_allow_beside(struct sandbox *sandbox, const char *path,
			  unsigned access)
{
	char *target = path ? realpath(path, NULL) : NULL;

	if (path)
		allow_folder_of(sandbox, path, access);
	/* A link is followed, and the rules look at where it leads. */
	if (target)
		allow_folder_of(sandbox, target, access);
	free(target);
}

void sandbox_allow_system(struct sandbox *sandbox)
{
	static const char *const readable[] = {
	    /* libraries that are loaded late: name services, TLS's modules */
	    "/usr", "/lib", "/lib64", "/nix/store",
	    /* resolv.conf, hosts, nsswitch.conf, certificates, the time zone */
	    "/etc", "/run/systemd/resolve", "/run/resolvconf", "/run/nscd",
	    "/var/run/nscd", "/var/lib/sss",
	    /* what the C library and libuv ask of the system */
	    "/proc/self", "/proc/meminfo", "/proc/sys",
	    "/sys/devices/system/cpu", "/sys/fs/cgroup", "/dev/urandom",
	    "/dev/random"};

	for (size_t i = 0; i < sizeof(readable) / sizeof(*readable); i++)
		sandbox_allow(sandbox, readable[i], SANDBOX_READ);
	sandbox_allow(sandbox, "/dev/null", SANDBOX_READ | SANDBOX_WRITE);
	sandbox_allow_connect(sandbox, PORT_OF_NAMES);
}

static void allow_port(struct sandbox *sandbox, int port, bool listens)
{
	if (sandbox->port_count == SANDBOX_PORTS_MAX)
		sandbox->overflow = true;
	else
		sandbox->ports[sandbox->port_count++] =
		    (struct sandbox_port){(uint16_t)port, listens};
}

void sandbox_allow_listen(struct sandbox *sandbox, int port)
{
	allow_port(sandbox, port, true);
}

void sandbox_allow_connect(struct sandbox *sandbox, int port)
{
	allow_port(sandbox, port, false);
}

static int enter(const struct sandbox *sandbox, struct sandbox_outcome *outcome,
		 struct error *error)
{
	if (sandbox->overflow)
		return error_set(error, ERROR_INTERNAL,
				 "the sandbox has too many rules");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return error_set_errno(error, ERROR_INTERNAL,
				       "cannot give up new privileges");
	if (sandbox->files && landlock_enter(sandbox, outcome, error))
		return -1;
	if (sandbox->system_calls &&
	    system_calls_enter(sandbox, outcome, error))
		return -1;
	return 0;
}

int sandbox_enter(struct sandbox *sandbox, struct sandbox_outcome *outcome,
		  struct error *error)
{
	int result;

	memset(outcome, 0, sizeof(*outcome));
	result = enter(sandbox, outcome, error);
	for (size_t i = 0; i < sandbox->rule_count; i++)
		close(sandbox->rules[i].folder);
	sandbox->rule_count = 0;
	return result;
}
