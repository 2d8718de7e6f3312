/* The relay logs a client in by itself. Private to adapters/postgres/wire*.c. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_WIRE_AUTH_H
#define PARALLAX_ADAPTERS_POSTGRES_WIRE_AUTH_H

#include "adapters/postgres/wire_state.h"

/* The startup packet is whole: asks the client for its proof, if the relay keeps
 * a secret of its user. False: the server will ask. */
bool auth_begin(struct wire *wire, struct wire_step *step);
/* A run of the client's while it logs in: at most one message is consumed. */
void auth_client(struct wire *wire, const uint8_t *data, size_t size,
		 struct wire_step *step);
/* A whole Authentication message of the server's. What the client gets of it is
 * appended to login_out, the answer to the server to auth->to_server. Sets
 * login_over, or wire->refusal. */
void auth_server(struct wire *wire, const uint8_t *message, size_t size);
/* One that cannot be taken. */
void auth_malformed(struct wire *wire);
void auth_free(struct wire *wire);

#endif
