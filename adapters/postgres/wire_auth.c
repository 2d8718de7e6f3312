/*
 * Where the relay keeps a SCRAM secret of the user, the client proves its
 * password to the relay, and the relay with what that proof gives to the
 * server:
 *
 *	client: startup packet
 *	relay:	AuthenticationSASL "SCRAM-SHA-256"
 *	client: SASLInitialResponse	relay: AuthenticationSASLContinue
 *	client: SASLResponse		relay: AuthenticationSASLFinal
 *	relay connects:	startup packet
 *	server: AuthenticationSASL	relay: SASLInitialResponse
 *	server: ...Continue		relay: SASLResponse
 *	server: ...Final, AuthenticationOk	client: AuthenticationOk
 *
 * So each of the two connections has a login of its own, and a client on TLS
 * may say that it could bind. A server that asks for nothing is content with
 * the relay's word; one that asks for a password in another way cannot be
 * answered.
 *
 * PostgreSQL's documentation, chapters 55.2.1 and 55.3.
 */
#include "adapters/postgres/wire_auth.h"

#include "adapters/postgres/scram.h"

enum {
	HEAD_SIZE = 5,
	REQUEST_OK = 0,
	REQUEST_SASL = 10,
	REQUEST_CONTINUE = 11,
	REQUEST_FINAL = 12,
	ANSWER_MAX = 2048, /* of a client's message */
};

static const char mechanism[] = "SCRAM-SHA-256";

enum auth_state {
	AUTH_FIRST, /* of the client */
	AUTH_PROOF,
	AUTH_REQUEST, /* of the server */
	AUTH_CONTINUE,
	AUTH_FINAL,
	AUTH_OVER,
};

struct wire_auth {
	enum auth_state state;
	struct scram scram;
	struct buffer answer; /* the client's message under way */
};

static void put_head(struct buffer *out, char type, size_t size)
{
	buffer_append_byte(out, (uint8_t)type);
	buffer_append_u32(out, (uint32_t)size + 4);
}

static void put_request(struct buffer *out, uint32_t code, const char *text,
			size_t size)
{
	put_head(out, 'R', 4 + size);
	buffer_append_u32(out, code);
	buffer_append(out, text, size);
}

static void reply(struct wire *wire, struct wire_step *step)
{
	step->reply.data = wire->auth_out.data;
	step->reply.size = wire->auth_out.size;
}

bool auth_begin(struct wire *wire, struct wire_step *step)
{
	struct scram_secret secret;
	const char *user = wire_startup_get(wire, "user");
	const char *text = wire->find_secret && user
			       ? wire->find_secret(wire->secret_context, user)
			       : NULL;

	if (!text || scram_secret_parse(text, &secret))
		return false;
	wire->auth = calloc(1, sizeof(*wire->auth));
	if (!wire->auth)
		return false;
	wire->auth->scram.secret = secret;
	buffer_init(&wire->auth->answer, ANSWER_MAX + HEAD_SIZE);
	put_request(&wire->auth_out, REQUEST_SASL, "SCRAM-SHA-256\0",
		    sizeof(mechanism) + 1);
	wire->client_state = CLIENT_AUTH;
	step->verb = WIRE_ASK;
	reply(wire, step);
	return true;
}

static void wrong(struct wire *wire, struct wire_step *step)
{
	char message[256];
	const char *user = wire_startup_get(wire, "user");

	wire->wrong_password = true;
	snprintf(message, sizeof(message),
		 "password authentication failed for user \"%.128s\"",
		 user ? user : "");
	wire_refuse(wire, step, "28P01", message);
	step->reason = "wrong password";
	step->denied = true;
}

/* The mechanism, a length, the first message. */
static void client_first(struct wire *wire, const uint8_t *body, size_t size,
			 struct wire_step *step)
{
	char out[SCRAM_MESSAGE_MAX];
	size_t before = sizeof(mechanism) + 4;

	if (size <= before || memcmp(body, mechanism, sizeof(mechanism)) ||
	    bytes_get_u32(body + sizeof(mechanism)) != size - before ||
	    scram_server_first(&wire->auth->scram, (const char *)body + before,
			       size - before, out) != SCRAM_OK) {
		wire_refuse(wire, step, "08P01", "malformed SCRAM message");
		return;
	}
	put_request(&wire->auth_out, REQUEST_CONTINUE, out, strlen(out));
	wire->auth->state = AUTH_PROOF;
	reply(wire, step);
}

static void client_proof(struct wire *wire, const uint8_t *body, size_t size,
			 struct wire_step *step)
{
	char out[SCRAM_MESSAGE_MAX];

	switch (scram_server_final(&wire->auth->scram, (const char *)body, size,
				   out)) {
	case SCRAM_OK:
		break;
	case SCRAM_WRONG:
		wrong(wire, step);
		return;
	case SCRAM_MALFORMED:
	case SCRAM_OTHER:
		wire_refuse(wire, step, "08P01", "malformed SCRAM message");
		return;
	}
	put_request(&wire->auth_out, REQUEST_FINAL, out, strlen(out));
	reply(wire, step);
	wire->auth->state = AUTH_REQUEST;
	wire->client_state = CLIENT_LOGIN;
	step->verb = WIRE_OPEN;
	step->hold = true;
	step->forward.data = wire->startup.data;
	step->forward.size = wire->startup.size;
}

void auth_client(struct wire *wire, const uint8_t *data, size_t size,
		 struct wire_step *step)
{
	struct buffer *answer = &wire->auth->answer;
	size_t wanted = HEAD_SIZE;
	size_t take;

	if (answer->size >= HEAD_SIZE)
		wanted = 1 + (size_t)bytes_get_u32(answer->data + 1);
	take = wanted - answer->size;
	if (take > size)
		take = size;
	buffer_append(answer, data, take);
	step->consumed = take;
	buffer_clear(&wire->auth_out);
	if (answer->failed || answer->data[0] != 'p' ||
	    (answer->size == HEAD_SIZE &&
	     (bytes_get_u32(answer->data + 1) <= 4 ||
	      bytes_get_u32(answer->data + 1) > ANSWER_MAX))) {
		wire_refuse(wire, step, "08P01", "expected a SASL response");
		return;
	}
	if (answer->size == HEAD_SIZE || answer->size < wanted)
		return;
	if (wire->auth->state == AUTH_FIRST)
		client_first(wire, answer->data + HEAD_SIZE,
			     answer->size - HEAD_SIZE, step);
	else
		client_proof(wire, answer->data + HEAD_SIZE,
			     answer->size - HEAD_SIZE, step);
	buffer_clear(answer);
}

/* Whether the list of mechanisms has ours. */
static bool offers_ours(const uint8_t *at, const uint8_t *end)
{
	while (at < end && *at) {
		const uint8_t *nul = memchr(at, 0, (size_t)(end - at));

		if (!nul)
			return false;
		if (!memcmp(at, mechanism,
			    (size_t)(nul - at) < sizeof(mechanism)
				? (size_t)(nul - at) + 1
				: sizeof(mechanism)))
			return true;
		at = nul + 1;
	}
	return false;
}

static void give_up(struct wire *wire, const char *why)
{
	wire->refusal = why;
	wire->login_over = true;
	wire->auth->state = AUTH_OVER;
}

static void server_asks(struct wire *wire, const uint8_t *body, size_t size)
{
	char out[SCRAM_MESSAGE_MAX];
	size_t length;

	if (wire->auth->state != AUTH_REQUEST ||
	    !offers_ours(body, body + size) ||
	    scram_client_first(&wire->auth->scram, out) != SCRAM_OK) {
		give_up(wire, "the primary does not ask for SCRAM-SHA-256, "
			      "which is all that auth.file can answer");
		return;
	}
	length = strlen(out);
	put_head(&wire->auth_out, 'p', sizeof(mechanism) + 4 + length);
	buffer_append(&wire->auth_out, mechanism, sizeof(mechanism));
	buffer_append_u32(&wire->auth_out, (uint32_t)length);
	buffer_append(&wire->auth_out, out, length);
	wire->auth->state = AUTH_CONTINUE;
}

static void server_continues(struct wire *wire, const uint8_t *body,
			     size_t size)
{
	char out[SCRAM_MESSAGE_MAX];

	if (wire->auth->state != AUTH_CONTINUE ||
	    scram_client_final(&wire->auth->scram, (const char *)body, size,
			       out) != SCRAM_OK) {
		give_up(wire, "the primary has another secret of this user "
			      "than auth.file");
		return;
	}
	put_head(&wire->auth_out, 'p', strlen(out));
	buffer_append(&wire->auth_out, out, strlen(out));
	wire->auth->state = AUTH_FINAL;
}

static void server_ends(struct wire *wire, const uint8_t *body, size_t size)
{
	if (wire->auth->state != AUTH_FINAL ||
	    scram_client_check(&wire->auth->scram, (const char *)body, size) !=
		SCRAM_OK) {
		give_up(wire, "the primary does not know this user's password "
			      "itself");
		return;
	}
	scram_wipe(&wire->auth->scram);
	wire->auth->state = AUTH_OVER;
}

/* In order, but for a server that lets anybody in. */
static void server_lets_in(struct wire *wire, const uint8_t *message,
			   size_t size)
{
	if (wire->auth->state != AUTH_REQUEST &&
	    wire->auth->state != AUTH_OVER) {
		give_up(wire, "the primary breaks off its own login");
		return;
	}
	buffer_append(&wire->login_out, message, size);
	wire->login_over = true;
	wire->auth->state = AUTH_OVER;
}

void auth_server(struct wire *wire, const uint8_t *message, size_t size)
{
	const uint8_t *body = message + HEAD_SIZE + 4;
	size_t rest = size - HEAD_SIZE - 4;

	switch (bytes_get_u32(message + HEAD_SIZE)) {
	case REQUEST_OK:
		server_lets_in(wire, message, size);
		break;
	case REQUEST_SASL:
		server_asks(wire, body, rest);
		break;
	case REQUEST_CONTINUE:
		server_continues(wire, body, rest);
		break;
	case REQUEST_FINAL:
		server_ends(wire, body, rest);
		break;
	default:
		give_up(wire, "the primary asks for the password in a way that "
			      "auth.file cannot answer: SCRAM-SHA-256 it has "
			      "to be");
	}
}

void auth_malformed(struct wire *wire)
{
	give_up(wire, "a malformed message from the primary");
}

void auth_free(struct wire *wire)
{
	if (!wire->auth)
		return;
	scram_wipe(&wire->auth->scram);
	buffer_release(&wire->auth->answer);
	free(wire->auth);
	wire->auth = NULL;
}
