/* Connecting a session to the primary. */

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "relay/secure.h"

/* A name look-up; it may outlive the session that asked. */
struct resolve {
	uv_getaddrinfo_t request;
	struct relay_session *session; /* NULL: it has ended */
};

void primary_failed(struct relay_session *session, const char *why)
{
	const struct relay_address *primary = &session->relay->options->primary;
	char message[400];

	session->relay->counters.unreachable++;
	snprintf(message, sizeof(message),
		 "could not connect to the primary at %s port %d: %s",
		 primary->host, primary->port, why);
	LOG_WARN("primary unreachable", "session=%llu reason=\"%s\"",
		 (unsigned long long)session->number, message);
	session_refuse(session, WIRE_UNREACHABLE, message);
}

/* The connection is established. */
static void primary_stands(struct relay_session *session)
{
	const struct relay_options *options = session->relay->options;

	if (socket_prepare(
		session->server.stream.fd,
		options->primary.host[0] == '/' ? NULL : &options->primary_tcp))
		LOG_DEBUG("the primary closed the connection at once",
			  "session=%llu", (unsigned long long)session->number);
	primary_forget(session);
	secure_server(session);
}

/* Begins one attempt. 0: connected or under way; -1 with errno. */
static int primary_attempt(struct relay_session *session, int family,
			   const struct sockaddr *address, socklen_t size)
{
	struct relay_side *server = &session->server;
	bool stands;

	server->stream.fd =
	    socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (server->stream.fd < 0)
		return -1;
	stands = !connect(server->stream.fd, address, size);
	if (!stands && errno != EINPROGRESS)
		return -1;
	if (uv_poll_init(&session->relay->loop, &server->poll,
			 server->stream.fd)) {
		errno = ENOMEM;
		return -1;
	}
	server->open = true;
	server->events = 0;
	server->poll.data = session;
	if (stands)
		primary_stands(session);
	else
		session_poll(session);
	return 0;
}

static void attempt_close(struct relay_session *session)
{
	if (session->server.stream.fd >= 0)
		close(session->server.stream.fd);
	session->server.stream.fd = -1;
}

static void primary_unix(struct relay_session *session)
{
	const struct relay_address *primary = &session->relay->options->primary;
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (session->relay->options->wire->socket_path(
		primary->host, primary->port, address.sun_path,
		sizeof(address.sun_path))) {
		primary_failed(session, "path too long");
		return;
	}
	if (!primary_attempt(session, AF_UNIX, (struct sockaddr *)&address,
			     sizeof(address)))
		return;
	attempt_close(session);
	if (errno == EAGAIN) {
		session->retry = true; /* its backlog is full at the moment */
		session_poll(session);
		return;
	}
	primary_failed(session, strerror(errno));
}

/* Tries the remaining addresses. */
static void primary_next(struct relay_session *session, int last_errno)
{
	while (session->next_address) {
		struct addrinfo *it = session->next_address;

		session->next_address = it->ai_next;
		if (!primary_attempt(session, it->ai_family, it->ai_addr,
				     it->ai_addrlen))
			return;
		last_errno = errno;
		attempt_close(session);
	}
	primary_failed(session, strerror(last_errno));
}

static void on_resolved(uv_getaddrinfo_t *request, int status,
			struct addrinfo *addresses)
{
	struct resolve *resolve = request->data;
	struct relay_session *session = resolve->session;

	free(resolve);
	if (!session) {
		uv_freeaddrinfo(addresses);
		return;
	}
	session->resolve = NULL;
	if (status) {
		primary_failed(session, uv_strerror(status));
		return;
	}
	session->addresses = session->next_address = addresses;
	primary_next(session, EHOSTUNREACH);
}

static void primary_resolve(struct relay_session *session)
{
	const struct relay_address *primary = &session->relay->options->primary;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct resolve *resolve = calloc(1, sizeof(*resolve));
	char port[16];

	if (!resolve) {
		primary_failed(session, "out of memory");
		return;
	}
	snprintf(port, sizeof(port), "%d", primary->port);
	resolve->session = session;
	resolve->request.data = resolve;
	if (uv_getaddrinfo(&session->relay->loop, &resolve->request,
			   on_resolved, primary->host, port, &hints)) {
		free(resolve);
		primary_failed(session, "out of memory");
		return;
	}
	session->resolve = resolve;
	session_poll(session);
}

static void primary_start(struct relay_session *session)
{
	const struct relay_address *primary = &session->relay->options->primary;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	int result;

	if (primary->host[0] == '/') {
		primary_unix(session);
		return;
	}
	if (!uv_ip4_addr(primary->host, primary->port, &address.v4)) {
		result = primary_attempt(session, AF_INET, &address.any,
					 sizeof(address.v4));
	} else if (!uv_ip6_addr(primary->host, primary->port, &address.v6)) {
		result = primary_attempt(session, AF_INET6, &address.any,
					 sizeof(address.v6));
	} else {
		primary_resolve(session);
		return;
	}
	if (result) {
		attempt_close(session);
		primary_failed(session, strerror(errno));
	}
}

void primary_connect(struct relay_session *session)
{
	session->state = SESSION_CONNECTING;
	session_deadline(session, session->relay->options->connect_timeout_us);
	primary_start(session);
}

void primary_retry(struct relay_session *session)
{
	session->retry = false;
	primary_start(session);
}

static void on_attempt_closed(uv_handle_t *handle)
{
	struct relay_session *session = handle->data;

	if (session_unhold(session))
		primary_next(session, EHOSTUNREACH);
}

void primary_writable(struct relay_session *session)
{
	struct relay_side *server = &session->server;
	socklen_t size = sizeof(int);
	int failure = 0;

	if (getsockopt(server->stream.fd, SOL_SOCKET, SO_ERROR, &failure,
		       &size))
		failure = errno;
	if (!failure) {
		primary_stands(session);
		return;
	}
	if (!session->next_address) {
		primary_failed(session, strerror(failure));
		return;
	}
	session->closing++;
	server->open = false;
	uv_close((uv_handle_t *)&server->poll, on_attempt_closed);
	attempt_close(session);
}

void primary_forget(struct relay_session *session)
{
	if (session->resolve) {
		session->resolve->session = NULL;
		uv_cancel((uv_req_t *)&session->resolve->request);
		session->resolve = NULL;
	}
	uv_freeaddrinfo(session->addresses);
	session->addresses = session->next_address = NULL;
}
