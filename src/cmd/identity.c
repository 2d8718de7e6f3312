#include "cmd/identity.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Their memory is the C library's until the next such call. */
static const struct passwd *find_user(const char *name, struct error *error)
{
	const struct passwd *found;

	errno = 0;
	found = getpwnam(name);
	if (found)
		return found;
	error_set(error, ERROR_CONFIG, "user: there is no user '%s'%s%s", name,
		  errno ? ": " : "", errno ? strerror(errno) : "");
	return NULL;
}

static int find_group(const char *name, gid_t *id, struct error *error)
{
	const struct group *found;

	errno = 0;
	found = getgrnam(name);
	if (!found)
		return error_set(
		    error, ERROR_CONFIG, "group: there is no group '%s'%s%s",
		    name, errno ? ": " : "", errno ? strerror(errno) : "");
	*id = found->gr_gid;
	return 0;
}

/* As an ordinary user: nothing can be changed, so nothing else may be asked. */
static int check_same(const struct passwd *user, gid_t group, bool has_group,
		      struct error *error)
{
	if (user->pw_uid == geteuid() && (!has_group || group == getegid()))
		return 0;
	error_set(error, ERROR_CONFIG,
		  "only root can become user '%s'; this is user %u, group %u",
		  user->pw_name, (unsigned)geteuid(), (unsigned)getegid());
	error_hint(error, "start it as root or as that user, or leave user and "
			  "group out");
	return -1;
}

static int become(const struct passwd *user, gid_t group, struct error *error)
{
	uid_t id = user->pw_uid;

	if (initgroups(user->pw_name, group) ||
	    setresgid(group, group, group) || setresuid(id, id, id))
		return error_set_errno(error, ERROR_CONFIG,
				       "cannot become user '%s'",
				       user->pw_name);
	if (id && (!setuid(0) || !seteuid(0)))
		return error_set(error, ERROR_INTERNAL,
				 "the rights of root were not given up");
	/* Drivers look for the user's own files there. */
	if (setenv("HOME", user->pw_dir, 1))
		return error_set_errno(error, ERROR_MEMORY, "cannot set HOME");
	return 0;
}

static int take(const struct config *config, struct error *error)
{
	bool root = !geteuid();
	const struct passwd *user;
	gid_t group;

	if (root && !config->user) {
		error_set(error, ERROR_CONFIG,
			  "started as root, and the config names no user to "
			  "become");
		error_hint(error, "start it as an ordinary user, or set "
				  "`user:`, to a user that owns the journal's "
				  "and the stores' folders");
		return -1;
	}
	if (!config->user)
		return 0;
	user = find_user(config->user, error);
	if (!user)
		return -1;
	group = user->pw_gid;
	if (config->group && find_group(config->group, &group, error))
		return -1;
	if (!root)
		return check_same(user, group, config->group != NULL, error);
	if (!user->pw_uid)
		LOG_WARN("running as root",
			 "hint=\"the config asks for it; an ordinary user is "
			 "enough\"");
	return become(user, group, error);
}

int identity_take(const struct config *config, struct error *error)
{
	if (take(config, error))
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return error_set_errno(error, ERROR_INTERNAL,
				       "cannot give up new privileges");
	return 0;
}
