/*
 * The codec's record: the login, the two directions, what the relay asks.
 *
 *	server:	greeting		-> without what is not followed
 *	client:	response		-> likewise; now it is known who it is
 *	both:	what plugins say	-> as it is, until OK or ERR
 *	client:	commands, server: answers (wire_client.c, wire_server.c)
 */
#include "adapters/mysql/wire_state.h"

#include <stdarg.h>

int mysql_bad(struct wire *wire, const char *format, ...)
{
	va_list arguments;

	/* The innermost reason is the most exact one. */
	if (wire->reason)
		return -1;
	va_start(arguments, format);
	vsnprintf(wire->reason_text, sizeof(wire->reason_text), format,
		  arguments);
	va_end(arguments);
	wire->reason = wire->reason_text;
	return -1;
}

static enum wire_tls_answer mysql_tls_answer(uint8_t byte)
{
	(void)byte;
	return WIRE_TLS_BAD;
}

static const char *mysql_protocol(void)
{
	return NULL;
}

/* The name that Debian's servers give it; of another port, with the port. */
static int mysql_socket_path(const char *directory, int port, char *out,
			     size_t size)
{
	int length =
	    port == 3306
		? snprintf(out, size, "%s/mysqld.sock", directory)
		: snprintf(out, size, "%s/mysqld.%d.sock", directory, port);

	return length > 0 && (size_t)length < size ? 0 : -1;
}

static struct wire *mysql_open(const struct wire_limits *limits,
			       const struct wire_events *events, void *context,
			       bool tls)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	(void)tls; /* it is not offered: see handshake_followed */
	if (!wire)
		return NULL;
	wire->magic = WIRE_MAGIC;
	wire->limits = limits;
	wire->events = events;
	wire->context = context;
	buffer_init(&wire->greeting, WIRE_LOGIN_MAX);
	buffer_init(&wire->startup, WIRE_SETTINGS_MAX);
	buffer_init(&wire->reported, WIRE_SETTINGS_MAX);
	return wire;
}

static void mysql_close_wire(struct wire **pointer, struct wire_moment moment)
{
	struct wire *wire = *pointer;

	if (!wire)
		return;
	*pointer = NULL;
	wire->moment = moment;
	if (wire->opened && !wire->raw)
		mysql_abandon(wire);
	while (wire->queue_count)
		mysql_command_pop(wire);
	mysql_prepared_clear(wire);
	mysql_answer_release(&wire->answer);
	buffer_release(&wire->client_held);
	buffer_release(&wire->server_held);
	buffer_release(&wire->startup);
	buffer_release(&wire->reported);
	buffer_release(&wire->greeting);
	buffer_release(&wire->out);
	free(wire->queue);
	free(wire);
}

void mysql_lose(struct wire *wire, const char *reason)
{
	if (wire->raw)
		return;
	if (wire->opened)
		mysql_abandon(wire);
	wire->raw = true;
	wire->events->uncaptured(wire->context, reason);
}

void mysql_setting(struct buffer *list, const char *name, struct bytes value)
{
	size_t at = 0;

	while (at < list->size) {
		const char *old = (const char *)list->data + at;
		size_t length = strlen(old) + 1;
		size_t both = length + strlen(old + length) + 1;

		if (!strcmp(old, name)) {
			memmove(list->data + at, list->data + at + both,
				list->size - at - both);
			list->size -= both;
			break;
		}
		at += both;
	}
	/* A pair is appended whole, or not at all. */
	if (memchr(value.data ? (const char *)value.data : "", 0, value.size) ||
	    buffer_reserve(list, strlen(name) + value.size + 2)) {
		list->failed = false;
		return;
	}
	buffer_append(list, name, strlen(name) + 1);
	buffer_append(list, value.data, value.size);
	buffer_append_byte(list, 0);
}

static void set_text(struct buffer *list, const char *name, const char *value)
{
	mysql_setting(list, name,
		      (struct bytes){(const uint8_t *)value, strlen(value)});
}

static void set_number(struct buffer *list, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	set_text(list, name, text);
}

/* --- the login --- */

/* Gathers the packet that begins a side's login; gives what it took of the
 * run. *whole: it is complete, in wire->greeting. */
static size_t login_gather(struct wire *wire, const uint8_t *data, size_t size,
			   bool *whole)
{
	struct buffer *held = &wire->greeting;
	size_t wanted = PACKET_HEAD;
	size_t used = 0;

	*whole = false;
	while (!*whole) {
		size_t take;

		if (held->size >= PACKET_HEAD)
			wanted = PACKET_HEAD +
				 (size_t)packet_get_integer(held->data, 3);
		take = wanted - held->size;
		if (take > size - used)
			take = size - used;
		buffer_append(held, data + used, take);
		used += take;
		if (held->failed || held->size < wanted)
			return used;
		*whole =
		    wanted > PACKET_HEAD || !packet_get_integer(held->data, 3);
	}
	return used;
}

static void greeting_learn(struct wire *wire,
			   const struct handshake_greeting *greeting)
{
	wire->offered = greeting->capabilities;
	wire->status = greeting->status;
	mysql_setting(&wire->reported, "version", greeting->version);
	set_number(&wire->reported, "connection_id", greeting->connection);
	set_number(&wire->reported, "collation", greeting->collation);
}

/* An error in the greeting's place ends the session. */
static void on_greeting(struct wire *wire)
{
	struct handshake_greeting greeting;
	uint8_t *body = wire->greeting.data + PACKET_HEAD;
	size_t size = wire->greeting.size - PACKET_HEAD;

	if (size && body[0] == PACKET_ERROR) {
		wire->fatal = true;
		wire->login = LOGIN_RESPONSE;
	} else if (handshake_greeting_mask(body, size, handshake_followed,
					   &greeting)) {
		mysql_lose(wire, "a greeting other than version 10");
	} else {
		greeting_learn(wire, &greeting);
		wire->login = LOGIN_RESPONSE;
	}
}

/* The greeting goes to the client as it is masked, once it is whole. */
static void server_greeting(struct wire *wire, struct wire_step *step)
{
	struct bytes run = step->forward;
	bool whole;
	size_t used = login_gather(wire, run.data, run.size, &whole);

	step->forward.size = 0;
	if (wire->greeting.failed) {
		step->verb = WIRE_REFUSE;
		step->reason = "the primary's greeting is too long";
		return;
	}
	if (!whole)
		return;
	on_greeting(wire);
	buffer_clear(&wire->out);
	buffer_append(&wire->out, wire->greeting.data, wire->greeting.size);
	/* A server says nothing more before it is answered. */
	buffer_append(&wire->out, run.data + used, run.size - used);
	buffer_release(&wire->greeting);
	if (wire->out.failed) {
		step->verb = WIRE_REFUSE;
		step->reason = "out of memory";
		return;
	}
	step->forward = (struct bytes){wire->out.data, wire->out.size};
}

/* The attributes of a connection, as settings of their own. */
static void learn_attributes(struct wire *wire, struct bytes attributes)
{
	struct packet_cursor cursor =
	    packet_cursor_of(attributes.data, attributes.size);
	struct bytes name;
	struct bytes value;
	char text[256];
	char key[280];

	while (packet_left(&cursor)) {
		if (packet_take_string(&cursor, &name) ||
		    packet_take_string(&cursor, &value))
			return;
		packet_copy(text, sizeof(text), name);
		snprintf(key, sizeof(key), "attribute.%s", text);
		mysql_setting(&wire->startup, key, value);
	}
}

static void response_learn(struct wire *wire,
			   const struct handshake_response *response)
{
	wire->capabilities = response->capabilities;
	packet_copy(wire->user, sizeof(wire->user), response->user);
	packet_copy(wire->database, sizeof(wire->database), response->database);
	set_number(&wire->startup, "capabilities", response->capabilities);
	set_number(&wire->startup, "collation", response->collation);
	set_number(&wire->startup, "max_packet", response->max_packet);
	learn_attributes(wire, response->attributes);
}

static void refuse(struct wire *wire, struct wire_step *step,
		   const char *message)
{
	step->verb = WIRE_REFUSE;
	step->reason = message;
	step->forward.size = 0;
	step->reply.size = mysql_error_print(
	    wire->complaint, sizeof(wire->complaint),
	    (uint8_t)(wire->server.sequence + 2), 1043, "08S01", message);
	step->reply.data = wire->complaint;
}

/* A whole response stands in wire->greeting. */
static void on_response(struct wire *wire, struct wire_step *step)
{
	struct handshake_response response;
	uint8_t *body = wire->greeting.data + PACKET_HEAD;
	size_t size = wire->greeting.size - PACKET_HEAD;

	wire->login = LOGIN_PROOF;
	wire->client.sequence = wire->greeting.data[3];
	if (handshake_response_mask(body, size, wire->offered, &response)) {
		/* What the server says of it passes. */
		mysql_lose(wire, "a client's protocol before 4.1");
	} else if (response.asks_tls) {
		refuse(wire, step, "the proxy does not offer TLS here");
		return;
	} else {
		response_learn(wire, &response);
	}
	buffer_clear(&wire->out);
	buffer_append(&wire->out, wire->greeting.data, wire->greeting.size);
	buffer_release(&wire->greeting);
	if (wire->out.failed) {
		refuse(wire, step, "out of memory");
		return;
	}
	step->verb = WIRE_ASK;
	step->forward = (struct bytes){wire->out.data, wire->out.size};
}

static void client_response(struct wire *wire, const uint8_t *data, size_t size,
			    struct wire_step *step)
{
	bool whole;

	step->consumed = login_gather(wire, data, size, &whole);
	step->forward.size = 0;
	if (wire->greeting.failed)
		refuse(wire, step, "too long an answer to the greeting");
	else if (whole)
		on_response(wire, step);
}

/* What the server says in the login; the first OK opens the session. */
static int login_piece(struct wire *wire, const struct packet_piece *piece)
{
	struct wire_problem problem;
	struct buffer *held = &wire->server_held;

	if (held->size < WIRE_SHORT_HELD)
		buffer_append(held, piece->data, piece->size);
	if (held->failed)
		return mysql_bad(wire, "out of memory");
	if (!piece->last)
		return 0;
	if (held->size && held->data[0] == PACKET_ERROR) {
		mysql_problem_parse(&problem, held->data, held->size);
		wire->wrong_password = problem.code == 1045;
		wire->fatal = true;
	} else if (held->size && !held->data[0]) {
		struct wire_ok ok;

		if (mysql_ok_parse(wire, held->data, held->size, &ok))
			return mysql_bad(wire, "malformed OK");
		wire->status = ok.status;
		wire->in_transaction = ok.status & STATUS_IN_TRANSACTION;
		wire->login = LOGIN_OVER;
		wire->opened = true;
		wire->events->opened(wire->context);
	}
	buffer_release(held);
	return 0;
}

/* --- the two directions --- */

/* Goes through a run, packet by packet; 0, or -1 with wire->reason. */
static int run(struct wire *wire, bool client, const uint8_t *data, size_t size)
{
	struct packet_framer *framer = client ? &wire->client : &wire->server;
	struct packet_piece piece;
	size_t used;
	int result = 0;

	while (!result && !wire->raw &&
	       packet_next(framer, data, size, &used, &piece) == PACKET_OK) {
		data += used;
		size -= used;
		if (client)
			result = mysql_client_piece(wire, &piece);
		else if (wire->login != LOGIN_OVER)
			result = login_piece(wire, &piece);
		else
			result = mysql_server_piece(wire, &piece);
	}
	return result;
}

static void mysql_client(struct wire *wire, struct wire_moment moment,
			 const uint8_t *data, size_t size,
			 struct wire_step *step)
{
	wire->moment = moment;
	memset(step, 0, sizeof(*step));
	step->forward.data = data;
	step->forward.size = step->consumed = size;
	if (wire->raw)
		return;
	if (wire->login == LOGIN_GREETING) {
		refuse(wire, step, "the client speaks before it is greeted");
		return;
	}
	if (wire->login == LOGIN_RESPONSE) {
		client_response(wire, data, size, step);
		return;
	}
	if (run(wire, true, data, size))
		mysql_lose(wire, wire->reason);
	step->hold = wire->queue_count > WIRE_QUEUE_MAX;
}

static void mysql_server(struct wire *wire, struct wire_moment moment,
			 const uint8_t *data, size_t size,
			 struct wire_step *step)
{
	wire->moment = moment;
	wire->passed = true;
	memset(step, 0, sizeof(*step));
	step->forward.data = data;
	step->forward.size = step->consumed = size;
	if (wire->raw)
		return;
	if (wire->login == LOGIN_GREETING) {
		server_greeting(wire, step);
		return;
	}
	if (run(wire, false, data, size))
		mysql_lose(wire, wire->reason);
}

/* --- what the relay asks --- */

/* The relay logs nobody in by itself: a secret would have no use. */
static void mysql_authenticate(struct wire *wire,
			       const char *(*find)(void *context,
						   const char *user),
			       void *context)
{
	(void)wire;
	(void)find;
	(void)context;
}

static bool mysql_secret_is_valid(const char *secret)
{
	(void)secret;
	return false;
}

static bool mysql_ready_for_client(const struct wire *wire)
{
	return wire->raw || wire->queue_count < WIRE_QUEUE_MAX / 2;
}

static bool mysql_quiet(const struct wire *wire)
{
	return wire->opened && !wire->raw && !wire->queue_count &&
	       !wire->in_transaction && packet_at_border(&wire->client) &&
	       packet_at_border(&wire->server);
}

static bool mysql_clean(const struct wire *wire)
{
	return wire->gone;
}

static void mysql_claims(const struct wire *wire, const char **user,
			 const char **database)
{
	*user = wire->user;
	*database = wire->database;
}

static bool mysql_wrong_password(const struct wire *wire)
{
	return wire->wrong_password;
}

static size_t settings_list(const struct buffer *list, struct wire_setting *out,
			    size_t capacity)
{
	const char *at = (const char *)list->data;
	const char *end = at + list->size;
	size_t count = 0;

	while (at < end && count < capacity) {
		const char *value = at + strlen(at) + 1;

		out[count].name = at;
		out[count++].value = value;
		at = value + strlen(value) + 1;
	}
	return count;
}

static bool mysql_describe(const struct wire *wire, struct wire_session *out)
{
	/* One loop, one thread: the lists are valid until the next call. */
	static struct wire_setting startup[512];
	static struct wire_setting reported[512];

	if (!wire->opened && !wire->raw)
		return false;
	out->role = wire->user;
	out->database = wire->database;
	out->startup = startup;
	out->startup_count = settings_list(&wire->startup, startup,
					   sizeof(startup) / sizeof(*startup));
	out->reported = reported;
	out->reported_count = settings_list(
	    &wire->reported, reported, sizeof(reported) / sizeof(*reported));
	out->status = wire->in_transaction ? 'T' : 'I';
	return true;
}

/* The number of the packet that the client waits for. To one that waits for
 * none, it is the answer to its next command. */
static uint8_t next_sequence(const struct wire *wire)
{
	if (wire->login == LOGIN_GREETING)
		return 0;
	if (wire->login != LOGIN_OVER || wire->proving)
		return (uint8_t)(wire->client.sequence + 1);
	if (wire->answer.started)
		return (uint8_t)(wire->server.sequence + 1);
	return 1;
}

static size_t mysql_complain(const struct wire *wire, enum wire_complaint what,
			     const char *message, uint8_t *out, size_t size)
{
	static const struct {
		uint16_t code;
		const char *sqlstate;
	} kinds[] = {
	    [WIRE_UNREACHABLE] = {1429, "HY000"},
	    [WIRE_LOST] = {1158, "08S01"},
	    [WIRE_SHUTDOWN] = {1053, "08S01"},
	    [WIRE_EXHAUSTED] = {1040, "08004"},
	    [WIRE_SLOW_LOGIN] = {1159, "08S01"},
	    [WIRE_DENIED] = {1045, "28000"},
	};

	if (wire && (wire->fatal || !packet_at_border(&wire->server) ||
		     (wire->raw && wire->passed)))
		return 0;
	/* Before the greeting, too, an error has its SQLSTATE: drivers expect
	 * it there. */
	return mysql_error_print(out, size, wire ? next_sequence(wire) : 0,
				 kinds[what].code, kinds[what].sqlstate,
				 message);
}

static struct bytes mysql_goodbye(const struct wire *wire)
{
	static const uint8_t quit[] = {1, 0, 0, 0, COMMAND_QUIT};
	struct bytes bytes = {quit, sizeof(quit)};

	/* Only where the server would take it for one, and as politeness. */
	if (!mysql_quiet(wire))
		bytes.size = 0;
	return bytes;
}

const struct wire_ops mysql_wire = {
    .engine = "mysql",
    .server_first = true,
    .protocol = mysql_protocol,
    .tls_answer = mysql_tls_answer,
    .socket_path = mysql_socket_path,
    .open = mysql_open,
    .close = mysql_close_wire,
    .client = mysql_client,
    .server = mysql_server,
    .ready_for_client = mysql_ready_for_client,
    .quiet = mysql_quiet,
    .clean = mysql_clean,
    .authenticate = mysql_authenticate,
    .secret_is_valid = mysql_secret_is_valid,
    .claims = mysql_claims,
    .wrong_password = mysql_wrong_password,
    .describe = mysql_describe,
    .complain = mysql_complain,
    .goodbye = mysql_goodbye,
};
