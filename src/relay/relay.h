/*
 * The relay: the process on the client path. Clients connect to it as to the
 * primary. Each gets a connection of its own to the primary, and bytes pass
 * both ways untouched. Executed statements go to the journal.
 */
#ifndef PARALLAX_RELAY_RELAY_H
#define PARALLAX_RELAY_RELAY_H

#include <stddef.h>
#include <stdint.h>

#include "adapters/wire.h"
#include "base/error.h"
#include "journal/writer.h"
#include "tls/tls.h"

/* A host name, an address or, beginning with '/', the directory of a unix
 * socket. */
struct relay_address {
	const char *host;
	int port;
};

/* How a vanished peer is noticed; 0: not by this. */
struct relay_tcp {
	int64_t keepalive_us;	 /* of silence; in whole seconds, at least 1 */
	int64_t user_timeout_us; /* of data that is not acknowledged, or not
				    read */
};

struct relay_tls {
	enum tls_offer offer; /* to clients by TCP */
	struct tls_server_files files;
	struct endpoint_tls primary; /* of clients' connections to it */
};

struct relay_list {
	const char *const *items;
	size_t count;
};

/* Who may log in; empty lists: all. docs/security.md. */
struct relay_access {
	struct relay_list networks;
	struct relay_list users;
	struct relay_list databases;
	struct relay_list certificates; /* "name=user" */
	uint64_t failures; /* wrong passwords of a user from an address within
			      a minute; 0: any number */
};

struct relay_auth {
	const char *file; /* of secrets; NULL: the primary asks all clients */
};

/* Zeros take the defaults named here. Everything is borrowed until relay_run
 * ends. */
struct relay_options {
	const struct wire_ops *wire;
	const struct relay_address *listen;
	size_t listen_count;
	/*
	 * Where the mirrors' second looks come in: a unix socket in a folder of
	 * the supervisor's, which only its user can enter. host NULL: nowhere.
	 * Its sessions are marked in the journal. They are no clients, so the
	 * lists of access do not concern them, and they may stay while the
	 * relay drains.
	 */
	struct relay_address look;
	size_t look_count; /* how many mirrors come in there */
	struct relay_address primary;
	struct relay_tcp client_tcp;
	struct relay_tcp primary_tcp;
	struct relay_tls tls;
	struct relay_access access;
	struct relay_auth auth;
	struct wire_limits limits;	       /* 1 MiB, 1 MiB, 16 MiB */
	const struct journal_options *journal; /* resume and context are set
						  by the relay; NULL: nothing
						  is captured */
	int backlog;			       /* 1024 */
	int64_t connect_timeout_us;	       /* to the primary: 10 s */
	int64_t login_timeout_us;	       /* of a client: 60 s */
	int64_t grace_us; /* for statements in flight at the end: 10 s */
	/* A descriptor that becomes readable when the relay should drain and
	 * end, -1 or 0: none. (The supervisor's end of a socket pair.) */
	int control;
};

/*
 * Runs until SIGTERM or the control descriptor ends it in order, or SIGINT at
 * once. In order means: no new sessions; statements in flight may finish within
 * grace_us, and mirrors' sessions may stay as long; the journal is flushed and synced. SIGUSR1 logs the counters as one
 * JSON object; SIGHUP reads TLS's files and the secrets again. 0: it ended in
 * order. -1: it could not start (an address in use, no journal), or the journal
 * could not be closed in order.
 */
int relay_run(const struct relay_options *options, struct error *error);

#endif
