/*
 * The logins that stand on the shadows for clients' roles: a file that only its
 * owner may read, written by `parallax rights` and read by the mirrors.
 *
 *	parallax rights 1
 *	password parallax%3Aapp 3f6c...
 *	client next app parallax%3Aapp
 *
 * A login has one password, on all shadows of a config.
 */
#ifndef PARALLAX_CONFIG_RIGHTS_H
#define PARALLAX_CONFIG_RIGHTS_H

#include "base/arena.h"
#include "base/error.h"

struct rights;

struct rights *rights_new(void);
void rights_free(struct rights **rights);

/* -1: ERROR_IO (errno ENOENT: there is none) or ERROR_CORRUPT; a file that
 * others may read or write, or a link, is refused. */
int rights_read(const char *path, struct rights **rights, struct error *error);
/* Atomic: the file is either the old one or the new one. */
int rights_write(const struct rights *rights, const char *path,
		 struct error *error);

/* NULL if there is none. */
const char *rights_login(const struct rights *rights, const char *shadow,
			 const char *role);
const char *rights_password(const struct rights *rights, const char *login);

/* Copies its arguments. */
void rights_set_login(struct rights *rights, const char *shadow,
		      const char *role, const char *login);
void rights_set_password(struct rights *rights, const char *login,
			 const char *password);
/* The login's password, generated now if it has none. -1: no random numbers. */
int rights_make_password(struct rights *rights, const char *login,
			 struct error *error);

#endif
