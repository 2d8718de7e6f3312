/* A session's two connections become TLS. Private to src/relay. */
#ifndef PARALLAX_RELAY_SECURE_H
#define PARALLAX_RELAY_SECURE_H

#include "relay/session.h"

/* Makes what the options ask for; -1: nothing is there. */
int secure_open(struct relay *relay, struct error *error);
/* Reads certificates and keys again; what is wrong with them is logged, and
 * those in force stay. */
void secure_reload(struct relay *relay);
void secure_close(struct relay *relay);

/* A new session: whether the relay logs it in by itself. */
void secure_login(struct relay_session *session);

/* What this client is offered: TCP only, unix sockets stay on the host. */
bool secure_offered(const struct relay_session *session);
/* Whether it may go on as it is connected; else it has been refused. */
bool secure_admits(struct relay_session *session);

/* The first bytes of a client are there: whether they are TLS, without being
 * asked for. It is begun then. */
bool secure_is_direct(struct relay_session *session);
/* The client's connection is TLS from here on. */
void secure_client(struct relay_session *session, bool direct);
/* Goes on with its handshake. */
void secure_client_go(struct relay_session *session);

/* The connection to the primary stands: asks it for TLS where that is wanted,
 * then session_connected. */
void secure_server(struct relay_session *session);
void secure_server_go(struct relay_session *session);

#endif
