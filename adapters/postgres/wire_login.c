/*
 * The login, as far as TLS ends at the relay. SCRAM can bind a login to the TLS
 * connection that it is made on. With the relay between, there are two of them,
 * or one: such a login cannot succeed, so it is not offered.
 *
 *	server: AuthenticationSASL "SCRAM-SHA-256-PLUS" "SCRAM-SHA-256"
 *	client sees: AuthenticationSASL "SCRAM-SHA-256"
 *
 * A client on TLS that can bind then says that it thinks the server cannot
 * ("y"), which a server on TLS takes for an attack. What it says stands in its
 * proof, so the relay cannot mend it: it says what the client can do instead.
 *
 * PostgreSQL's documentation, chapter 55.3 (SASL); RFC 5802, 6 and 7.
 */
#include "adapters/postgres/wire_auth.h"

enum {
	HEAD_SIZE = 5,
	AUTHENTICATION_SASL = 10,
	/* A longer list of mechanisms passes as it is. */
	MECHANISMS_MAX = 1024,
};

static const char plus[] = "SCRAM-SHA-256-PLUS";

/* Appends a whole Authentication message; of SASL without the mechanism that
 * binds, unless there is no other. */
static void put_authentication(struct wire *wire, const uint8_t *message,
			       size_t size)
{
	struct buffer *out = &wire->login_out;
	size_t start = out->size;
	const uint8_t *at = message + HEAD_SIZE + 4;
	const uint8_t *end = message + size;
	bool others = false;

	if (size < HEAD_SIZE + 4 ||
	    bytes_get_u32(message + HEAD_SIZE) != AUTHENTICATION_SASL)
		goto as_it_is;
	buffer_append(out, message, HEAD_SIZE + 4);
	while (at < end && *at) {
		const uint8_t *nul = memchr(at, 0, (size_t)(end - at));
		size_t width;

		if (!nul)
			goto as_it_is;
		width = (size_t)(nul - at) + 1;
		if (width == sizeof(plus) && !memcmp(at, plus, width)) {
			wire->unbound = true;
		} else {
			buffer_append(out, at, width);
			others = true;
		}
		at += width;
	}
	if (!wire->unbound || !others || out->failed)
		goto as_it_is;
	buffer_append(out, at, (size_t)(end - at));
	if (!out->failed)
		bytes_put_u32(out->data + start + 1,
			      (uint32_t)(out->size - start - 1));
	return;
as_it_is:
	wire->unbound = wire->unbound && others;
	out->size = start;
	buffer_append(out, message, size);
}

/* A message's head is whole: what becomes of the rest. */
static void head_known(struct wire *wire)
{
	struct buffer *held = &wire->login_held;
	uint32_t length = bytes_get_u32(held->data + 1);

	if (held->data[0] == 'R' && length >= 8 && length <= MECHANISMS_MAX)
		return;
	if (wire->auth && (held->data[0] == 'R' || length < 4)) {
		auth_malformed(wire);
		return;
	}
	/* Not that one; or one that the client finds wrong by itself. */
	wire->login_over = held->data[0] == 'R' || length < 4;
	wire->login_skip = wire->login_over ? 0 : length - 4;
	buffer_append(&wire->login_out, held->data, held->size);
	buffer_release(held);
}

/* Gathers a message's head and, of an Authentication message, the rest; gives
 * what it took of the run. */
static size_t gather(struct wire *wire, const uint8_t *data, size_t size)
{
	struct buffer *held = &wire->login_held;
	bool in_head = held->size < HEAD_SIZE;
	size_t wanted = HEAD_SIZE;
	size_t take;

	if (!in_head)
		wanted = 1 + (size_t)bytes_get_u32(held->data + 1);
	take = wanted - held->size;
	if (take > size)
		take = size;
	buffer_append(held, data, take);
	if (held->failed || held->size < wanted)
		return take;
	if (in_head) {
		head_known(wire);
		return take;
	}
	if (wire->auth) {
		auth_server(wire, held->data, held->size);
	} else {
		put_authentication(wire, held->data, held->size);
		wire->login_over = true;
	}
	buffer_release(held);
	return take;
}

struct bytes wire_login_filter(struct wire *wire, struct bytes run)
{
	struct buffer *out = &wire->login_out;
	size_t used = 0;

	buffer_clear(out);
	while (used < run.size && !wire->login_over) {
		size_t skip = wire->login_skip;

		if (skip > run.size - used)
			skip = run.size - used;
		if (skip) {
			buffer_append(out, run.data + used, skip);
			wire->login_skip -= (uint32_t)skip;
			used += skip;
		} else {
			used += gather(wire, run.data + used, run.size - used);
		}
	}
	if (wire->refusal)
		return (struct bytes){out->data, out->size};
	buffer_append(out, run.data + used, run.size - used);
	/* Without memory this login comes to no end: its time limit ends it. */
	if (out->failed || wire->login_held.failed)
		return (struct bytes){NULL, 0};
	return (struct bytes){out->data, out->size};
}

/* SASLInitialResponse: the mechanism, a length, then the client's first message
 * of SCRAM, which begins with whether it can bind. */
int wire_login_password(struct wire *wire, const uint8_t *body, uint32_t size,
			uint32_t total)
{
	static const char scram[] = "SCRAM-SHA-256";

	(void)total;
	if (wire->unbound && size > sizeof(scram) + 4 &&
	    !memcmp(body, scram, sizeof(scram)) &&
	    body[sizeof(scram) + 4] == 'y')
		wire->refusal =
		    "SCRAM cannot be bound to TLS through the proxy where the "
		    "primary is reached by TLS, too: connect with "
		    "channel_binding=disable";
	return 0;
}
