/*
 * TLS on a session's connections.
 *
 *	client: "TLS?"		relay: "yes"	handshake, then start-up
 *	client: ClientHello (direct TLS)	handshake, then start-up
 *	relay: "TLS?"		primary: "yes"	handshake, then what the client
 *						had sent so far
 *
 * How one asks and answers is the codec's; a codec whose protocol changes to
 * TLS later says so by the same verb. A peer's bytes in the clear that follow
 * the question are never taken for bytes inside TLS: the codec refuses a
 * client's, and of a primary's answer no more than the answer is read.
 */
#include "relay/secure.h"

#include <errno.h>

#include "base/log.h"
#include "journal/keys.h"
#include "relay/secrets.h"

enum {
	TLS_RECORD_HANDSHAKE = 0x16, /* RFC 8446, 5.1 */
	WHY_SIZE = 256,
};

static int open_server(const struct relay *relay, struct tls **tls,
		       struct error *error)
{
	const struct relay_options *options = relay->options;
	struct tls_server_files files = options->tls.files;

	if (options->tls.offer != TLS_MUTUAL)
		files.ca = NULL;
	return tls_server_new(&files, options->wire->protocol(), tls, error);
}

static int open_client(const struct relay *relay, struct tls **tls,
		       struct error *error)
{
	return tls_client_new(&relay->options->tls.primary,
			      relay->options->wire->protocol(), tls, error);
}

static bool primary_wants_tls(const struct relay *relay)
{
	return relay->options->tls.primary.mode != TLS_DISABLE &&
	       relay->options->primary.host[0] != '/';
}

int secure_open(struct relay *relay, struct error *error)
{
	if (relay->options->tls.offer != TLS_OFF &&
	    open_server(relay, &relay->client_tls, error))
		return -1;
	if (primary_wants_tls(relay) &&
	    open_client(relay, &relay->primary_tls, error))
		return -1;
	if (relay->options->auth.file)
		return secrets_load(relay->options->auth.file,
				    relay->options->wire, &relay->secrets,
				    error);
	return 0;
}

static void reload_one(struct relay *relay, struct tls **in_force,
		       int (*open)(const struct relay *, struct tls **,
				   struct error *))
{
	struct tls *fresh = NULL;
	struct error error;
	char text[1200];

	if (!*in_force)
		return;
	error_init(&error);
	if (open(relay, &fresh, &error)) {
		error_print(&error, text, sizeof(text));
		LOG_ERROR("TLS reload refused",
			  "reason=\"%s\" hint=\"the certificates in force "
			  "stay\"",
			  text);
		return;
	}
	tls_free(in_force);
	*in_force = fresh;
	LOG_INFO("TLS reloaded", "side=%s",
		 in_force == &relay->client_tls ? "clients" : "primary");
}

/* Sessions that log in just now look them up anew. */
static void reload_secrets(struct relay *relay)
{
	struct secrets *fresh = NULL;
	struct error error;
	char text[1200];

	if (!relay->secrets)
		return;
	error_init(&error);
	if (secrets_load(relay->options->auth.file, relay->options->wire,
			 &fresh, &error)) {
		error_print(&error, text, sizeof(text));
		LOG_ERROR("secrets not reloaded",
			  "reason=\"%s\" hint=\"those in force stay\"", text);
		return;
	}
	secrets_free(&relay->secrets);
	relay->secrets = fresh;
	LOG_INFO("secrets reloaded", "file=%s", relay->options->auth.file);
}

/* The next segments are encrypted with what is then the first key. */
static void reload_keys(const struct relay *relay)
{
	struct journal_keys *keys =
	    relay->options->journal ? relay->options->journal->keys : NULL;
	struct error error;
	char text[1200];

	error_init(&error);
	if (!keys)
		return;
	if (!journal_keys_reload(keys, &error)) {
		LOG_INFO("keys of the journal reloaded", "directory=%s",
			 relay->options->journal->directory);
		return;
	}
	error_print(&error, text, sizeof(text));
	LOG_ERROR("keys of the journal not reloaded",
		  "reason=\"%s\" hint=\"those in force stay\"", text);
}

/* The codec's look-up, which holds across a reload. */
static const char *find_secret(void *context, const char *user)
{
	const struct relay *relay = context;

	return secrets_find(relay->secrets, user);
}

void secure_login(struct relay_session *session)
{
	struct relay *relay = session->relay;

	/* a mirror proves its password to the primary */
	if (relay->secrets && !session->look)
		relay->options->wire->authenticate(session->wire, find_secret,
						   relay);
}

void secure_reload(struct relay *relay)
{
	reload_one(relay, &relay->client_tls, open_server);
	reload_one(relay, &relay->primary_tls, open_client);
	reload_secrets(relay);
	reload_keys(relay);
}

void secure_close(struct relay *relay)
{
	tls_free(&relay->client_tls);
	tls_free(&relay->primary_tls);
	secrets_free(&relay->secrets);
}

bool secure_offered(const struct relay_session *session)
{
	return session->relay->client_tls && !session->local;
}

bool secure_admits(struct relay_session *session)
{
	if (session->local || session->raw ||
	    session->relay->options->tls.offer < TLS_DEMAND ||
	    stream_is_secure(&session->client.stream))
		return true;
	session->relay->counters.denied++;
	LOG_WARN("client refused",
		 "session=%llu peer=%s reason=\"it did not ask for TLS\"",
		 (unsigned long long)session->number, session->peer);
	session_refuse(session, WIRE_DENIED,
		       "the proxy takes connections with TLS only");
	return false;
}

bool secure_is_direct(struct relay_session *session)
{
	uint8_t first;

	session->greeted = true;
	if (!secure_offered(session) ||
	    !session->relay->options->wire->protocol())
		return false;
	return recv(session->client.stream.fd, &first, 1, MSG_PEEK) == 1 &&
	       first == TLS_RECORD_HANDSHAKE;
}

static void client_failed(struct relay_session *session, const char *why)
{
	session->relay->counters.tls_failures++;
	LOG_WARN("TLS handshake failed", "session=%llu peer=%s reason=\"%s\"",
		 (unsigned long long)session->number, session->peer, why);
	/* The library's alert is on its way: the client is to read it. */
	session_linger(session, why);
}

void secure_client(struct relay_session *session, bool direct)
{
	session->direct = direct;
	if (stream_is_secure(&session->client.stream)) {
		client_failed(session, "TLS inside of TLS");
		return;
	}
	if (stream_secure(&session->client.stream, session->relay->client_tls,
			  NULL)) {
		client_failed(session, "out of memory");
		return;
	}
	session->client.wants = UV_READABLE;
	session_poll(session);
}

static void client_secured(struct relay_session *session)
{
	if (session->direct && !stream_has_protocol(&session->client.stream)) {
		session_refuse(session, WIRE_DENIED,
			       "TLS that is not asked for first has to name "
			       "the protocol (ALPN)");
		return;
	}
	session_poll(session);
}

void secure_client_go(struct relay_session *session)
{
	char why[WHY_SIZE];

	switch (stream_handshake(&session->client.stream, why, sizeof(why))) {
	case STREAM_READY:
		client_secured(session);
		break;
	case STREAM_WANTS_READ:
		session->client.wants = UV_READABLE;
		break;
	case STREAM_WANTS_WRITE:
		session->client.wants = UV_WRITABLE;
		break;
	case STREAM_FAILED:
		client_failed(session, why);
		break;
	}
}

static void server_shake(struct relay_session *session)
{
	if (stream_secure(&session->server.stream, session->relay->primary_tls,
			  session->relay->options->primary.host)) {
		primary_failed(session, "TLS: out of memory");
		return;
	}
	session->server.wants = UV_WRITABLE;
}

/* It offers none. */
static void server_plain(struct relay_session *session)
{
	struct relay *relay = session->relay;

	if (relay->options->tls.primary.mode > TLS_PREFER) {
		primary_failed(session, "it does not offer TLS, which "
					"primary.tls asks for");
		return;
	}
	if (!relay->told_primary)
		LOG_WARN("primary without TLS",
			 "hint=\"primary.tls is prefer: clients' statements "
			 "and logins pass unencrypted; said once\"");
	relay->told_primary = true;
	session_connected(session);
}

/* No byte more than the answer is read: what is behind it belongs to TLS, or is
 * an intruder's. */
static void server_answer(struct relay_session *session)
{
	uint8_t byte;
	ssize_t size = stream_read(&session->server.stream, &byte, 1);

	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size <= 0) {
		primary_failed(session,
			       "it closed the connection when asked for TLS");
		return;
	}
	session->asking = false;
	switch (session->relay->options->wire->tls_answer(byte)) {
	case WIRE_TLS_YES:
		server_shake(session);
		break;
	case WIRE_TLS_NO:
		server_plain(session);
		break;
	case WIRE_TLS_BAD:
		primary_failed(session,
			       "it did not understand the request for TLS");
		break;
	}
}

void secure_server(struct relay_session *session)
{
	struct bytes request = session->relay->options->wire->tls_request;

	if (!session->relay->primary_tls) {
		session_connected(session);
		return;
	}
	if (!request.size) { /* the engine has no such request */
		server_plain(session);
		return;
	}
	/* A fresh socket takes these few bytes. */
	if (stream_write(&session->server.stream, request.data, request.size) !=
	    (ssize_t)request.size) {
		primary_failed(session, "it cannot be asked for TLS");
		return;
	}
	session->state = SESSION_SECURING;
	session->asking = true;
	session->server.wants = UV_READABLE;
	session_poll(session);
}

void secure_server_go(struct relay_session *session)
{
	char why[WHY_SIZE];
	char message[WHY_SIZE + 8];

	if (session->asking) {
		server_answer(session);
		return;
	}
	switch (stream_handshake(&session->server.stream, why, sizeof(why))) {
	case STREAM_READY:
		session_connected(session);
		break;
	case STREAM_WANTS_READ:
		session->server.wants = UV_READABLE;
		break;
	case STREAM_WANTS_WRITE:
		session->server.wants = UV_WRITABLE;
		break;
	case STREAM_FAILED:
		session->relay->counters.tls_failures++;
		snprintf(message, sizeof(message), "TLS: %s", why);
		primary_failed(session, message);
		break;
	}
}
