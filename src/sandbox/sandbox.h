/*
 * What a process may do from now on, so that a fault in it is of little use to
 * an attacker. An example, for a process that serves clients of one port and
 * keeps its files in one folder:
 *
 *	struct sandbox sandbox;
 *
 *	sandbox_init(&sandbox, SANDBOX_SERVES);
 *	sandbox_allow_system(&sandbox);
 *	sandbox_allow(&sandbox, "/var/lib/parallax/journal", SANDBOX_WRITE);
 *	sandbox_allow_listen(&sandbox, 6432);
 *	sandbox_enter(&sandbox, &outcome, &error);
 *
 * It cannot execute a program from then on, nor open a file elsewhere, nor
 * listen on another TCP port. Threads that it starts inherit that, and so would
 * processes.
 */
#ifndef PARALLAX_SANDBOX_SANDBOX_H
#define PARALLAX_SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Which rows of calls.def apply in addition to those of everyone. */
enum sandbox_role {
	SANDBOX_SERVES = 1, /* accepts connections */
	SANDBOX_STORES = 2, /* keeps a database file */
};

enum sandbox_access {
	SANDBOX_READ = 1,  /* the file, or all in the folder and below */
	SANDBOX_WRITE = 2, /* likewise; create, rename and remove files, too */
	SANDBOX_SOCKET = 4 /* make and remove sockets in the folder */
};

enum { SANDBOX_RULES_MAX = 256, SANDBOX_PORTS_MAX = 128 };

struct sandbox {
	unsigned roles;
	bool files;	   /* true: confine files and ports */
	bool system_calls; /* true: confine system calls */
	struct sandbox_rule {
		int folder; /* O_PATH */
		unsigned access;
	} rules[SANDBOX_RULES_MAX];
	size_t rule_count;
	struct sandbox_port {
		uint16_t number;
		bool listens;
	} ports[SANDBOX_PORTS_MAX];
	size_t port_count;
	bool overflow; /* more than fits */
};

struct sandbox_outcome {
	int landlock; /* the version of Landlock in force; 0: none */
	bool ports;   /* TCP ports are confined */
	bool system_calls;
};

/* With everything confined. */
void sandbox_init(struct sandbox *sandbox, unsigned roles);
/* access: a set of enum sandbox_access. A path that does not exist is left
 * out. NULL: nothing. */
void sandbox_allow(struct sandbox *sandbox, const char *path, unsigned access);
/* The folder that holds the file, so that the file may be replaced; and the one
 * that it is a link into. */
void sandbox_allow_beside(struct sandbox *sandbox, const char *path,
			  unsigned access);
/* What the C library and TLS read: name resolution, time zones, libraries. */
void sandbox_allow_system(struct sandbox *sandbox);
void sandbox_allow_listen(struct sandbox *sandbox, int port);
void sandbox_allow_connect(struct sandbox *sandbox, int port);

/*
 * From here on. Call it while the process has one thread. A kernel that lacks
 * something gives an outcome without it. -1: what the kernel has did not work,
 * and the process should end. Closes the rules' folders either way.
 */
int sandbox_enter(struct sandbox *sandbox, struct sandbox_outcome *outcome,
		  struct error *error);

#endif
