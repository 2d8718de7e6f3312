/*
 * What the relay's files share. Private to src/relay.
 *
 * A session is a client's connection and its own connection to the primary.
 * Bytes are read into the process's one buffer, seen by the codec, and written
 * on at once; only what the other side's socket did not take is kept (in
 * `pending`), and as long as something is, the side that it came from is not
 * read. So a session holds at most one buffer's worth in each direction.
 */
#ifndef PARALLAX_RELAY_SESSION_H
#define PARALLAX_RELAY_SESSION_H

#include <sys/socket.h>
#include <uv.h>

#include "base/buffer.h"
#include "base/list.h"
#include "base/network.h"
#include "relay/capture.h"
#include "relay/relay.h"
#include "tls/stream.h"

enum {
	RELAY_MAGIC = 0x72656c61,
	SESSION_MAGIC = 0x73657373,
	RELAY_READ_SIZE = 64 * 1024,
	RELAY_SIGNALS = 4,
	/* How much is still read from the server after the client has
	 * disconnected, to learn how its last statement ended. */
	SESSION_DRAIN_MAX = 1024 * 1024,
	SESSION_LINGER_US = 2000000,
	RELAY_LOOKS_US = 5000000,
	RELAY_TICK_MS = 25, /* what a killed relay has not written yet */
	RELAY_FLUSH_MS = RELAY_TICK_MS,
	RELAY_FLUSH_SIZE = 128 * 1024,
	RELAY_STATEMENT_MAX = 8 * 1024 * 1024,
};

struct listener {
	struct relay *relay;
	uv_poll_t poll;
	int fd;
	bool paused;
	bool look;	/* for the mirrors: see relay_options.look */
	char path[108]; /* of a unix socket, to be removed; else empty */
	char name[160]; /* for the log */
};

struct relay_counters {
	uint64_t accepted;
	uint64_t refused; /* no descriptors, no memory */
	uint64_t unreachable;
	uint64_t protocol_errors;
	uint64_t cancels;
	uint64_t denied; /* clients that may not in */
	uint64_t tls_failures;
	uint64_t login_failures; /* wrong passwords, as the primary says */
	uint64_t limited;	 /* refused for too many of those */
	uint64_t client_bytes;	 /* read from clients */
	uint64_t server_bytes;
};

struct relay {
	unsigned magic;
	const struct relay_options *options;
	uv_loop_t loop;
	uv_timer_t tick;
	uint64_t flushed_at; /* loop's ms */
	uv_check_t check;
	uv_signal_t signals[RELAY_SIGNALS];
	uv_poll_t control;
	struct listener *listeners;
	size_t listener_count;
	int spare_fd;	      /* given up to refuse a client when descriptors
			         run out */
	int64_t accept_again; /* monotonic us; 0: listening */
	struct link sessions;
	struct link timed; /* those with a deadline */
	size_t session_count;
	size_t look_count; /* of these, the mirrors' own */
	size_t looks_seen; /* the mirrors' sessions so far */
	uint64_t last_session;
	bool draining;
	bool ending;
	bool told_plain; /* a client that asked for TLS continues without it */
	bool told_primary; /* likewise, the primary */
	struct access *access;
	struct secrets *secrets; /* NULL: none are kept */
	struct tls *client_tls;	 /* NULL: none is offered */
	struct tls *primary_tls; /* NULL: none is asked for */
	bool blocked;		 /* the journal is full, and clients wait */
	int64_t drain_until;
	int64_t looks_until; /* draining: mirrors that start may still come */
	struct capture capture;
	struct relay_counters counters;
	struct wire_limits limits;
	uint8_t buffer[RELAY_READ_SIZE];
};

/* One connection. */
struct relay_side {
	uv_poll_t poll;
	struct stream stream;
	int events;	       /* polled for */
	int wants;	       /* by a handshake under way */
	bool open;	       /* poll is initialised */
	bool eof;	       /* no more comes from it */
	bool dead;	       /* nothing can be written to it */
	bool shut;	       /* our end of it is shut down */
	bool end;	       /* shut it down once pending is written */
	struct buffer pending; /* for it */
	size_t sent;	       /* of pending */
};

enum session_state {
	SESSION_STARTING,   /* nothing for the primary has come yet */
	SESSION_CONNECTING, /* to the primary */
	SESSION_SECURING,   /* that connection */
	SESSION_PASSING,
	SESSION_LINGERING, /* the client is to read our last message */
};

struct resolve;

struct relay_session {
	unsigned magic;
	enum session_state state;
	struct link link;
	struct link timed;
	struct relay *relay;
	uint64_t number;
	struct relay_side client;
	struct relay_side server;
	struct wire *wire;
	struct address address; /* of the client */
	bool local;		/* on a unix socket */
	bool look;		/* a mirror's own */
	bool greeted;		/* its first bytes have come */
	bool direct;		/* TLS from the first byte on */
	bool asking;		/* the primary, for TLS */
	bool raw;
	bool held;	 /* by the codec */
	bool refused;	 /* by the server, its password */
	bool opened;	 /* authenticated */
	bool retry;	 /* connect again at the next tick */
	uint8_t closing; /* handles still to be closed */
	bool closed;
	int64_t deadline; /* monotonic us; 0: none */
	size_t drained;
	struct addrinfo *addresses; /* of the primary, to be tried */
	struct addrinfo *next_address;
	struct resolve *resolve;
	struct capture_session capture;
	char peer[64];
};

/* session.c */
/* Of a connection that the listener has accepted. */
struct relay_session *session_new(struct relay *relay, int fd,
				  const struct listener *listener,
				  const char *peer);
/* Its address is known. Where the server speaks first, it is connected to. */
void session_begin(struct relay_session *session);
/* Ends it now; it is freed when the loop releases its handles. */
void session_close(struct relay_session *session, const char *why);
/* Drops one reference; false: it is closed, perhaps freed. */
bool session_unhold(struct relay_session *session);
/* Sends an error of ours, then ends it. */
void session_refuse(struct relay_session *session, enum wire_complaint what,
		    const char *message);
/* Its last words are out or on their way: nothing more passes. */
void session_linger(struct relay_session *session, const char *why);
/* Polls for what the state asks for. */
void session_poll(struct relay_session *session);
void session_deadline(struct relay_session *session, int64_t in_us);
/* The connection to the primary stands, and is TLS where it should be. */
void session_connected(struct relay_session *session);
void session_on_server(uv_poll_t *poll, int status, int events);

/* primary.c */
void primary_connect(struct relay_session *session);
/* At a tick, where `retry` is set. */
void primary_retry(struct relay_session *session);
void primary_writable(struct relay_session *session);
/* Tells the client, and ends the session. */
void primary_failed(struct relay_session *session, const char *why);
void primary_forget(struct relay_session *session);

/* listener.c */
int listeners_open(struct relay *relay, struct error *error);
void listeners_pause(struct relay *relay, bool pause);
void listeners_close(struct relay *relay);
/* All but the one for the mirrors' looks. */
void listeners_close_clients(struct relay *relay);
/* tcp: NULL for a unix socket. -1 with errno. */
int socket_prepare(int fd, const struct relay_tcp *tcp);

#endif
