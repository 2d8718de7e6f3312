/* Listening sockets; running out of descriptors. */
#include "relay/session.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"

enum {
	ACCEPT_BATCH = 64, /* before other events get their turn */
	ACCEPT_PAUSE_US = 100000,
	KEEPALIVE_PROBES = 6,
};

/* The kernel's limit: at most 32,767 s of silence. */
static int64_t clamp(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

static int tcp_set(int fd, int option, int64_t value)
{
	int number = (int)value;

	return setsockopt(fd, IPPROTO_TCP, option, &number, sizeof(number));
}

/* After `keepalive` of silence a probe, then one more each sixth of it; after
 * six unanswered ones the connection ends. */
static int keepalive_set(int fd, int64_t keepalive_us)
{
	int64_t idle = clamp(keepalive_us / 1000000, 1, 32767);
	int one = 1;

	if (setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)) ||
	    tcp_set(fd, TCP_KEEPIDLE, idle) ||
	    tcp_set(fd, TCP_KEEPINTVL,
		    clamp(idle / KEEPALIVE_PROBES, 1, idle)) ||
	    tcp_set(fd, TCP_KEEPCNT, KEEPALIVE_PROBES))
		return -1;
	return 0;
}

int socket_prepare(int fd, const struct relay_tcp *tcp)
{
	if (!tcp)
		return 0;
	if (tcp_set(fd, TCP_NODELAY, 1) ||
	    (tcp->keepalive_us && keepalive_set(fd, tcp->keepalive_us)) ||
	    (tcp->user_timeout_us &&
	     tcp_set(fd, TCP_USER_TIMEOUT,
		     clamp(tcp->user_timeout_us / 1000, 1, INT_MAX))))
		return -1;
	return 0;
}

static void peer_name(char *out, size_t size, const struct sockaddr *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address->sa_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)address;

		inet_ntop(AF_INET, &in->sin_addr, text, sizeof(text));
		snprintf(out, size, "%s:%d", text, ntohs(in->sin_port));
	} else if (address->sa_family == AF_INET6) {
		const struct sockaddr_in6 *in = (const void *)address;

		inet_ntop(AF_INET6, &in->sin6_addr, text, sizeof(text));
		snprintf(out, size, "[%s]:%d", text, ntohs(in->sin6_port));
	} else {
		snprintf(out, size, "unix");
	}
}

/* A client that cannot be served is told so. */
static void say_exhausted(struct relay *relay, int fd)
{
	uint8_t out[256];
	size_t size = relay->options->wire->complain(
	    NULL, WIRE_EXHAUSTED, "the proxy is out of resources", out,
	    sizeof(out));

	if (send(fd, out, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		LOG_DEBUG("a refused client disconnected", "fd=%d", fd);
	close(fd);
	relay->counters.refused++;
}

/* The spare descriptor accepts one client, to refuse it; then we wait a bit. */
static void listener_exhausted(struct listener *listener)
{
	struct relay *relay = listener->relay;
	int fd;

	LOG_WARN("out of descriptors", "sessions=%zu", relay->session_count);
	if (relay->spare_fd >= 0) {
		close(relay->spare_fd);
		fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd >= 0)
			say_exhausted(relay, fd);
		relay->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	relay->accept_again = clock_monotonic_us() + ACCEPT_PAUSE_US;
	listeners_pause(relay, true);
}

static void on_listener(uv_poll_t *poll, int status, int events)
{
	struct listener *listener = poll->data;
	struct relay *relay = listener->relay;

	(void)events;
	if (status < 0) { /* libuv has stopped the handle */
		listener->paused = true;
		relay->accept_again = clock_monotonic_us() + ACCEPT_PAUSE_US;
		return;
	}
	for (int i = 0;
	     i < ACCEPT_BATCH && (!relay->draining || listener->look); i++) {
		struct sockaddr_storage address = {0};
		socklen_t size = sizeof(address);
		struct relay_session *session;
		char peer[64];
		int fd = accept4(listener->fd, (struct sockaddr *)&address,
				 &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE ||
			    errno == ENOBUFS || errno == ENOMEM)
				listener_exhausted(listener);
			return; /* EAGAIN, or the client has disconnected */
		}
		peer_name(peer, sizeof(peer), (struct sockaddr *)&address);
		if (socket_prepare(fd, listener->path[0]
					   ? NULL
					   : &relay->options->client_tcp))
			LOG_DEBUG("a client disconnected at once", "peer=%s",
				  peer);
		relay->counters.accepted++;
		session = session_new(relay, fd, listener, peer);
		if (!session) {
			say_exhausted(relay, fd);
			continue;
		}
		session->address = address_of((struct sockaddr *)&address);
		session_begin(session);
	}
}

void listeners_pause(struct relay *relay, bool pause)
{
	for (size_t i = 0; i < relay->listener_count; i++) {
		struct listener *listener = &relay->listeners[i];

		if (listener->fd < 0 || listener->paused == pause)
			continue;
		listener->paused = pause;
		if (pause)
			uv_poll_stop(&listener->poll);
		else
			uv_poll_start(&listener->poll, UV_READABLE,
				      on_listener);
	}
}

static int listener_start(struct relay *relay, int fd, const char *path,
			  const char *name, bool look, struct error *error)
{
	struct listener *listeners = realloc(
	    relay->listeners, (relay->listener_count + 1) * sizeof(*listeners));
	struct listener *listener;

	if (!listeners) {
		close(fd);
		return error_set(error, ERROR_MEMORY, "out of memory");
	}
	relay->listeners = listeners;
	listener = &listeners[relay->listener_count];
	memset(listener, 0, sizeof(*listener));
	listener->relay = relay;
	listener->fd = fd;
	listener->look = look;
	snprintf(listener->path, sizeof(listener->path), "%s", path);
	snprintf(listener->name, sizeof(listener->name), "%s", name);
	relay->listener_count++;
	if (listen(fd, relay->options->backlog))
		return error_set_errno(error, ERROR_IO, "cannot listen on %s",
				       name);
	if (!look)
		LOG_INFO("listening", "address=%s", name);
	return 0;
}

/* Removes a socket file that nobody listens on any more. */
static void remove_stale(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat status;

	if (fd < 0)
		return;
	if (!lstat(address->sun_path, &status) && S_ISSOCK(status.st_mode) &&
	    connect(fd, (const struct sockaddr *)address, sizeof(*address)) &&
	    errno == ECONNREFUSED)
		unlink(address->sun_path);
	close(fd);
}

static int listen_unix(struct relay *relay, const struct relay_address *at,
		       bool look, struct error *error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (relay->options->wire->socket_path(
		at->host, at->port, address.sun_path, sizeof(address.sun_path)))
		return error_set(error, ERROR_CONFIG,
				 "the socket's path in %s is too long",
				 at->host);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set_errno(error, ERROR_IO, "no unix socket");
	remove_stale(&address);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) ||
	    chmod(address.sun_path, look ? 0600 : 0777)) {
		error_set_errno(error, ERROR_IO, "cannot listen on %s",
				address.sun_path);
		close(fd);
		return -1;
	}
	return listener_start(relay, fd, address.sun_path, address.sun_path,
			      look, error);
}

static int listen_address(struct relay *relay, const struct addrinfo *it,
			  struct error *error)
{
	char name[64];
	int one = 1;
	int fd = socket(it->ai_family,
			SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	peer_name(name, sizeof(name), it->ai_addr);
	if (fd < 0)
		return error_set_errno(error, ERROR_IO, "cannot listen on %s",
				       name);
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    (it->ai_family == AF_INET6 &&
	     setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one))) ||
	    bind(fd, it->ai_addr, it->ai_addrlen)) {
		error_set_errno(error, ERROR_IO, "cannot listen on %s", name);
		close(fd);
		return -1;
	}
	return listener_start(relay, fd, "", name, false, error);
}

static int listen_tcp(struct relay *relay, const struct relay_address *at,
		      struct error *error)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
				 .ai_flags = AI_PASSIVE};
	struct addrinfo *addresses = NULL;
	char port[16];
	int result;

	snprintf(port, sizeof(port), "%d", at->port);
	result = getaddrinfo(strcmp(at->host, "*") ? at->host : NULL, port,
			     &hints, &addresses);
	if (result)
		return error_set(error, ERROR_CONFIG, "cannot listen on %s: %s",
				 at->host, gai_strerror(result));
	for (struct addrinfo *it = addresses; it && !result; it = it->ai_next)
		result = listen_address(relay, it, error);
	freeaddrinfo(addresses);
	return result;
}

int listeners_open(struct relay *relay, struct error *error)
{
	for (size_t i = 0; i < relay->options->listen_count; i++) {
		const struct relay_address *at = &relay->options->listen[i];

		if (at->host[0] == '/' ? listen_unix(relay, at, false, error)
				       : listen_tcp(relay, at, error))
			return -1;
	}
	if (relay->options->look.host &&
	    listen_unix(relay, &relay->options->look, true, error))
		return -1;
	/* From here on the array does not move. */
	for (size_t i = 0; i < relay->listener_count; i++) {
		struct listener *listener = &relay->listeners[i];
		int result =
		    uv_poll_init(&relay->loop, &listener->poll, listener->fd);

		if (result)
			return error_set(error, ERROR_IO, "no poll handle: %s",
					 uv_strerror(result));
		listener->poll.data = listener;
		listener->paused = true;
	}
	listeners_pause(relay, false);
	return 0;
}

static void listener_close(struct listener *listener)
{
	if (listener->fd < 0)
		return;
	if (listener->poll.data)
		uv_close((uv_handle_t *)&listener->poll, NULL);
	close(listener->fd);
	listener->fd = -1;
	if (listener->path[0])
		unlink(listener->path);
}

void listeners_close_clients(struct relay *relay)
{
	for (size_t i = 0; i < relay->listener_count; i++)
		if (!relay->listeners[i].look)
			listener_close(&relay->listeners[i]);
}

void listeners_close(struct relay *relay)
{
	for (size_t i = 0; i < relay->listener_count; i++)
		listener_close(&relay->listeners[i]);
}
