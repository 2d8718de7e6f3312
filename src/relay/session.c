/* A session: two connections, and the bytes that pass between them. */
#include <errno.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "relay/access.h"
#include "relay/secure.h"

static void on_client(uv_poll_t *poll, int status, int events);

static struct relay_session *session_of(void *pointer)
{
	struct relay_session *session = pointer;

	if (!session || session->magic != SESSION_MAGIC)
		abort(); /* a handle that outlived its session: our own bug */
	return session;
}

static void side_init(struct relay_side *side)
{
	stream_init(&side->stream, -1);
	buffer_init(&side->pending, 0);
}

static bool side_waits(const struct relay_side *side)
{
	return side->pending.size > side->sent;
}

static void side_shutdown(struct relay_side *side)
{
	if (!side->shut && side->stream.fd >= 0)
		stream_shutdown(&side->stream);
	side->shut = true;
}

/* Writes pending bytes; -1: the peer has disconnected. */
static int side_flush(struct relay_side *side)
{
	while (side_waits(side)) {
		ssize_t written =
		    stream_write(&side->stream, side->pending.data + side->sent,
				 side->pending.size - side->sent);

		if (written < 0) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN)
				return 0;
			side->dead = true;
			buffer_release(&side->pending);
			side->sent = 0;
			return -1;
		}
		side->sent += (size_t)written;
	}
	if (side->pending.capacity)
		buffer_release(&side->pending);
	side->sent = 0;
	if (side->end)
		side_shutdown(side);
	return 0;
}

/* Writes what the socket takes now and keeps the rest; -1: the peer has
 * disconnected. */
static int side_send(struct relay_side *side, bool connected,
		     const uint8_t *data, size_t size)
{
	if (side->dead)
		return -1;
	while (connected && size && !side_waits(side)) {
		ssize_t written = stream_write(&side->stream, data, size);

		if (written < 0) {
			if (errno == EINTR)
				continue;
			if (errno == EAGAIN)
				break;
			side->dead = true;
			return -1;
		}
		data += written;
		size -= (size_t)written;
		if (size)
			break; /* a short write: the socket is full */
	}
	buffer_append(&side->pending, data, size);
	if (side->pending.failed) {
		side->dead = true;
		return -1;
	}
	return 0;
}

/*
 * The connection is reset (libuv has stopped the handle). Nothing can be
 * written. What had arrived before can still be read, and then its end.
 */
static int side_broken(struct relay_side *side)
{
	side->events = 0;
	side->dead = true;
	buffer_release(&side->pending);
	side->sent = 0;
	return UV_READABLE;
}

static void side_poll(struct relay_side *side, int events, uv_poll_cb callback)
{
	if (!side->open || side->events == events)
		return;
	side->events = events;
	if (events)
		uv_poll_start(&side->poll, events, callback);
	else
		uv_poll_stop(&side->poll);
}

/* What a connection waits for while it becomes TLS. */
static int side_handshake(const struct relay_side *side)
{
	return side_waits(side) ? UV_WRITABLE : side->wants;
}

/* Whether the client's connection is on its way to TLS. */
static bool side_shakes(const struct relay_session *session)
{
	return session->client.stream.shaking &&
	       session->state == SESSION_STARTING;
}

/* To be read, TLS may first have to say something. */
static int side_events(const struct relay_side *side, int events)
{
	return events & UV_READABLE && side->stream.read_wants_write
		   ? events | UV_WRITABLE
		   : events;
}

/* What has become possible, of what was polled for. */
static int side_happened(const struct relay_side *side, int events)
{
	return side->events & UV_READABLE && side->stream.read_wants_write
		   ? events | UV_READABLE
		   : events;
}

/* Polled for input alone, with nothing to be written. */
static bool side_is_steady(const struct relay_side *side)
{
	return side->events == UV_READABLE && !side->eof &&
	       !side->pending.size && !side->stream.read_wants_write;
}

/* The usual case: both sides are read, and that is what is polled for. */
static bool session_is_steady(const struct relay_session *session)
{
	return session->state == SESSION_PASSING && !session->held &&
	       !session->relay->blocked && side_is_steady(&session->client) &&
	       side_is_steady(&session->server);
}

void session_poll(struct relay_session *session)
{
	struct relay_side *client = &session->client;
	struct relay_side *server = &session->server;
	int client_events = 0;
	int server_events = 0;

	if (session->closed || session_is_steady(session))
		return;
	if (side_waits(client))
		client_events |= UV_WRITABLE;
	if (side_shakes(session))
		client_events = side_handshake(client);
	else if (!client->eof &&
		 (session->state == SESSION_STARTING ||
		  session->state == SESSION_LINGERING ||
		  (session->state == SESSION_PASSING && !session->held &&
		   !side_waits(server) &&
		   !(session->relay->blocked && session->opened))))
		client_events |= UV_READABLE;
	client_events = side_events(client, client_events);
	if (session->state == SESSION_CONNECTING) {
		server_events = session->retry ? 0 : UV_WRITABLE;
	} else if (session->state == SESSION_SECURING) {
		server_events = server->wants;
	} else if (session->state == SESSION_PASSING) {
		if (side_waits(server))
			server_events |= UV_WRITABLE;
		if (!server->eof && !side_waits(client))
			server_events |= UV_READABLE;
		server_events = side_events(server, server_events);
	}
	side_poll(client, client_events, on_client);
	side_poll(server, server_events, session_on_server);
}

void session_deadline(struct relay_session *session, int64_t in_us)
{
	list_remove(&session->timed);
	session->deadline = 0;
	if (!in_us)
		return;
	session->deadline = clock_monotonic_us() + in_us;
	list_append(&session->relay->timed, &session->timed);
}

static void session_free(struct relay_session *session)
{
	buffer_release(&session->client.pending);
	buffer_release(&session->server.pending);
	session->magic = 0;
	free(session);
}

bool session_unhold(struct relay_session *session)
{
	session->closing--;
	if (!session->closed)
		return true;
	if (!session->closing)
		session_free(session);
	return false;
}

static void on_closed(uv_handle_t *handle)
{
	session_unhold(session_of(handle->data));
}

static void side_close(struct relay_session *session, struct relay_side *side)
{
	if (side->open) {
		session->closing++;
		uv_close((uv_handle_t *)&side->poll, on_closed);
		side->open = false;
	}
	if (side->stream.fd >= 0) {
		if (stream_is_secure(&side->stream))
			side_shutdown(side);
		stream_release(&side->stream);
		close(side->stream.fd);
	}
	side->stream.fd = -1;
}

void session_close(struct relay_session *session, const char *why)
{
	bool clean;

	if (session->closed)
		return;
	session->closed = true;
	LOG_DEBUG("session closed", "session=%llu reason=\"%s\"",
		  (unsigned long long)session->number, why);
	clean = session->relay->options->wire->clean(session->wire);
	session->relay->options->wire->close(
	    &session->wire, capture_moment(&session->relay->capture));
	capture_session_close(&session->capture, clean);
	session->closing++; /* this function's own reference */
	primary_forget(session);
	list_remove(&session->link);
	list_remove(&session->timed);
	session->relay->session_count--;
	session->relay->look_count -= session->look;
	side_close(session, &session->client);
	side_close(session, &session->server);
	session_unhold(session);
}

void session_linger(struct relay_session *session, const char *why)
{
	if (session->client.dead || session->client.eof ||
	    side_flush(&session->client)) {
		session_close(session, why);
		return;
	}
	session->state = SESSION_LINGERING;
	primary_forget(session);
	side_close(session, &session->server);
	session->client.end = true;
	if (!side_waits(&session->client))
		side_shutdown(&session->client);
	session_deadline(session, SESSION_LINGER_US);
	session_poll(session);
}

void session_refuse(struct relay_session *session, enum wire_complaint what,
		    const char *message)
{
	uint8_t out[1024];
	size_t size;

	if (session->closed)
		return;
	if (session->state == SESSION_LINGERING ||
	    session->client.stream.shaking) {
		session_close(session, message);
		return;
	}
	size = session->relay->options->wire->complain(
	    session->wire, what, message, out, sizeof(out));
	if (size) {
		LOG_DEBUG("session refused", "session=%llu reason=\"%s\"",
			  (unsigned long long)session->number, message);
		side_send(&session->client, true, out, size);
	}
	session_linger(session, message);
}

static void session_protocol_error(struct relay_session *session,
				   const struct wire_step *step)
{
	if (step->denied)
		session->relay->counters.denied++;
	else
		session->relay->counters.protocol_errors++;
	LOG_WARN(step->denied ? "client refused" : "protocol error",
		 "session=%llu peer=%s reason=\"%s\"",
		 (unsigned long long)session->number, session->peer,
		 step->reason ? step->reason : "");
	if (step->reply.size)
		side_send(&session->client, true, step->reply.data,
			  step->reply.size);
	session_linger(session, step->reason ? step->reason : "");
}

/*
 * The client sends no more. What it has sent is still executed, and answers are
 * still passed on as long as it reads, exactly as without the relay.
 */
static void session_client_gone(struct relay_session *session)
{
	struct bytes goodbye;

	session->client.eof = true;
	if (session->state != SESSION_PASSING || session->server.eof) {
		session_close(session, "client gone");
		return;
	}
	if (session->wire) {
		goodbye = session->relay->options->wire->goodbye(session->wire);
		if (goodbye.size)
			side_send(&session->server, true, goodbye.data,
				  goodbye.size);
	}
	if (session->server.dead) {
		session_close(session, "both gone");
		return;
	}
	session->server.end = true;
	if (!side_waits(&session->server))
		side_shutdown(&session->server);
}

static void session_client_dead(struct relay_session *session)
{
	if (!session->client.eof)
		session_client_gone(session);
	if (!session->closed)
		session_poll(session);
}

/* Bytes for the client. If it has disconnected, they are dropped, within a
 * bound. */
static void session_to_client(struct relay_session *session, struct bytes bytes)
{
	struct relay_side *client = &session->client;

	if (!client->dead && !side_send(client, true, bytes.data, bytes.size))
		return;
	session->drained += bytes.size;
	if (session->drained > SESSION_DRAIN_MAX) {
		session_close(session,
			      "the client disconnected during an answer");
		return;
	}
	session_client_dead(session);
}

/* A client that asked for TLS continues without it, which is logged once. */
static void session_tell_plain(struct relay_session *session)
{
	if (!session->local && !session->relay->told_plain) {
		LOG_WARN("client without TLS",
			 "session=%llu peer=%s hint=\"it asked for TLS, but "
			 "listen_tls is off; said once\"",
			 (unsigned long long)session->number, session->peer);
		session->relay->told_plain = true;
	}
}

/* Counts a refused password, once for each session. */
static void session_note_password(struct relay_session *session)
{
	if (session->opened || session->refused ||
	    !session->relay->options->wire->wrong_password(session->wire))
		return;
	session->refused = true;
	access_failed(session);
}

/* Does what the codec decided about a run of the client's bytes. */
static void session_client_step(struct relay_session *session,
				const struct wire_step *step)
{
	if (step->declined)
		session_tell_plain(session);
	if ((step->verb == WIRE_OPEN || step->verb == WIRE_ASK) &&
	    (!secure_admits(session) || !access_admits(session, false)))
		return;
	if (step->verb == WIRE_RAW && !access_admits(session, true))
		return;
	if (step->reply.size && step->verb != WIRE_REFUSE)
		side_send(&session->client, true, step->reply.data,
			  step->reply.size);
	if (step->forward.size &&
	    side_send(&session->server, session->state == SESSION_PASSING,
		      step->forward.data, step->forward.size)) {
		/* The server has disconnected; what it sent before can still be
		 * read. */
		buffer_release(&session->server.pending);
		session->server.sent = 0;
	}
	if (step->hold)
		session->held = true;
	switch (step->verb) {
	case WIRE_PASS:
	case WIRE_ASK:
		break;
	case WIRE_SECURE:
		secure_client(session, false);
		break;
	case WIRE_RAW:
		session->raw = true;
		primary_connect(session);
		break;
	case WIRE_OPEN:
		primary_connect(session);
		break;
	case WIRE_REFUSE:
		session_note_password(session);
		session_protocol_error(session, step);
		break;
	}
}

static void session_client_bytes(struct relay_session *session,
				 const uint8_t *data, size_t size)
{
	struct wire_step step;

	while (size && !session->closed &&
	       session->state != SESSION_LINGERING) {
		if (session->raw) {
			if (side_send(&session->server,
				      session->state == SESSION_PASSING, data,
				      size))
				session->server.sent = 0;
			return;
		}
		session->relay->options->wire->client(
		    session->wire, capture_moment(&session->relay->capture),
		    data, size, &step);
		data += step.consumed;
		size -= step.consumed;
		session_client_step(session, &step);
	}
	capture_turn(&session->capture);
}

static void session_read_client(struct relay_session *session)
{
	struct relay *relay = session->relay;
	ssize_t size;

	if (!session->greeted && secure_is_direct(session)) {
		secure_client(session, true);
		return;
	}
	/* Nobody listens to what comes while it lingers, TLS or not. */
	size = session->state == SESSION_LINGERING
		   ? recv(session->client.stream.fd, relay->buffer,
			  sizeof(relay->buffer), 0)
		   : stream_read(&session->client.stream, relay->buffer,
				 sizeof(relay->buffer));
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (session->state == SESSION_LINGERING) {
		if (size <= 0)
			session_close(session, "refused");
		return;
	}
	if (size <= 0) {
		if (size < 0)
			session->client.dead = true;
		session_client_gone(session);
		return;
	}
	relay->counters.client_bytes += (uint64_t)size;
	session_client_bytes(session, relay->buffer, (size_t)size);
}

static void on_client(uv_poll_t *poll, int status, int events)
{
	struct relay_session *session = session_of(poll->data);

	if (session->closed)
		return;
	events = status < 0 ? side_broken(&session->client)
			    : side_happened(&session->client, events);
	if (side_shakes(session) && !side_waits(&session->client)) {
		secure_client_go(session);
		if (!session->closed)
			session_poll(session);
		return;
	}
	if (events & UV_WRITABLE) {
		if (side_flush(&session->client))
			session_client_dead(session);
		else if (session->state == SESSION_PASSING &&
			 session->server.eof && !side_waits(&session->client))
			session_linger(session, "server gone");
	}
	if (!session->closed && (events & UV_READABLE) && !session->client.eof)
		session_read_client(session);
	if (!session->closed)
		session_poll(session);
}

/* The server sends no more: the rest of its data goes out, then everything
 * ends. */
static void session_server_gone(struct relay_session *session)
{
	session->server.eof = true;
	if (session->client.eof || session->client.dead ||
	    session->relay->options->wire->clean(session->wire)) {
		if (side_waits(&session->client) && !session->client.dead)
			session_linger(session, "done");
		else
			session_close(session, "done");
		return;
	}
	session_refuse(session, WIRE_LOST,
		       "the primary closed the connection unexpectedly");
}

static void session_server_bytes(struct relay_session *session,
				 const uint8_t *data, size_t size)
{
	struct wire_step step;
	struct bytes raw = {data, size};

	if (session->raw) {
		session_to_client(session, raw);
		return;
	}
	session->relay->options->wire->server(
	    session->wire, capture_moment(&session->relay->capture), data, size,
	    &step);
	if (step.forward.size)
		session_to_client(session, step.forward);
	capture_turn(&session->capture);
	if (session->closed)
		return;
	if (step.verb == WIRE_REFUSE) {
		session_protocol_error(session, &step);
		return;
	}
	if (step.reply.size)
		side_send(&session->server, true, step.reply.data,
			  step.reply.size);
	if (!session->opened &&
	    (session->capture.opened || session->capture.uncaptured)) {
		session->opened = true;
		session_deadline(session, 0);
		access_succeeded(session);
	}
	session_note_password(session);
	if (session->held &&
	    session->relay->options->wire->ready_for_client(session->wire))
		session->held = false;
	if (session->relay->draining && !session->look &&
	    session->relay->options->wire->quiet(session->wire))
		session_refuse(session, WIRE_SHUTDOWN,
			       "terminating connection: the proxy shuts down");
}

static void session_read_server(struct relay_session *session)
{
	struct relay *relay = session->relay;
	ssize_t size = stream_read(&session->server.stream, relay->buffer,
				   sizeof(relay->buffer));

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size <= 0) {
		session_server_gone(session);
		return;
	}
	relay->counters.server_bytes += (uint64_t)size;
	session_server_bytes(session, relay->buffer, (size_t)size);
}

void session_connected(struct relay_session *session)
{
	session->state = SESSION_PASSING;
	session_deadline(session, session->relay->options->login_timeout_us);
	if (side_flush(&session->server))
		session->server.eof = false; /* its last message can be read */
	session_poll(session);
}

void session_on_server(uv_poll_t *poll, int status, int events)
{
	struct relay_session *session = session_of(poll->data);

	if (session->closed)
		return;
	if (session->state == SESSION_CONNECTING) {
		primary_writable(session);
		return;
	}
	if (session->state == SESSION_SECURING) {
		if (status < 0) /* libuv has stopped the handle */
			session->server.events = 0;
		secure_server_go(session);
		if (!session->closed)
			session_poll(session);
		return;
	}
	events = status < 0 ? side_broken(&session->server)
			    : side_happened(&session->server, events);
	if (events & UV_WRITABLE)
		side_flush(&session->server);
	if ((events & UV_READABLE) && !session->server.eof)
		session_read_server(session);
	if (!session->closed)
		session_poll(session);
}

struct relay_session *session_new(struct relay *relay, int fd,
				  const struct listener *listener,
				  const char *peer)
{
	struct relay_session *session = calloc(1, sizeof(*session));

	if (!session)
		return NULL;
	session->relay = relay;
	session->local = listener->path[0] != 0;
	session->look = listener->look;
	session->wire = relay->options->wire->open(
	    &relay->limits, &capture_events, &session->capture,
	    secure_offered(session));
	if (!session->wire) {
		free(session);
		return NULL;
	}
	session->magic = SESSION_MAGIC;
	session->number = ++relay->last_session;
	side_init(&session->client);
	side_init(&session->server);
	list_init(&session->timed);
	list_append(&relay->sessions, &session->link);
	relay->session_count++;
	relay->look_count += session->look;
	relay->looks_seen += session->look;
	snprintf(session->peer, sizeof(session->peer), "%s", peer);
	capture_session_init(&session->capture, &relay->capture,
			     session->number, &session->wire, session->peer);
	session->capture.look = session->look;
	secure_login(session);
	session->client.stream.fd = fd;
	if (uv_poll_init(&relay->loop, &session->client.poll, fd)) {
		session->client.stream.fd =
		    -1; /* the caller's, as the failure says */
		session_close(session, "no poll handle");
		return NULL;
	}
	session->client.open = true;
	session->client.poll.data = session;
	session_deadline(session, relay->options->login_timeout_us);
	session_poll(session);
	return session;
}

void session_begin(struct relay_session *session)
{
	if (!session->relay->options->wire->server_first ||
	    !access_admits(session, true))
		return;
	primary_connect(session);
	if (!session->closed)
		session_poll(session);
}
