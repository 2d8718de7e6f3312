/* Who may log in through the relay. Private to src/relay. */
#ifndef PARALLAX_RELAY_ACCESS_H
#define PARALLAX_RELAY_ACCESS_H

#include "relay/session.h"

/* Reads the options; -1: one of them is malformed, or no memory. */
int access_open(struct relay *relay, struct error *error);
void access_close(struct relay *relay);

/* Whether the client may go on to the primary: else it has been refused. For a
 * cancel request (session->raw is to come) only the network counts. */
bool access_admits(struct relay_session *session, bool cancel);
/* The primary has let it in, or has refused its password. */
void access_succeeded(struct relay_session *session);
void access_failed(struct relay_session *session);

#endif
