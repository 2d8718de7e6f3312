/* The codec's record: start-up, the two directions, what the relay asks. */
#include "adapters/postgres/scram.h"
#include "adapters/postgres/wire_auth.h"

enum {
	REQUEST_CANCEL = 80877102,
	REQUEST_TLS = 80877103,
	REQUEST_GSS = 80877104,
};

/* Chapter 55.2.10: SSLRequest, and the byte that answers it. */
static const uint8_t tls_request[] = {0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f};

/* As registered for ALPN. */
static const char *postgres_protocol(void)
{
	return "postgresql";
}

static enum wire_tls_answer postgres_tls_answer(uint8_t byte)
{
	return byte == 'S'   ? WIRE_TLS_YES
	       : byte == 'N' ? WIRE_TLS_NO
			     : WIRE_TLS_BAD;
}

static int postgres_socket_path(const char *directory, int port, char *out,
				size_t size)
{
	int length = snprintf(out, size, "%s/.s.PGSQL.%d", directory, port);

	return length > 0 && (size_t)length < size ? 0 : -1;
}

static struct wire *postgres_open(const struct wire_limits *limits,
				  const struct wire_events *events,
				  void *context, bool tls)
{
	struct wire *wire = calloc(1, sizeof(*wire));

	if (!wire)
		return NULL;
	wire->magic = WIRE_MAGIC;
	wire->limits = limits;
	wire->events = events;
	wire->context = context;
	wire->offers_tls = tls;
	wire->client_state = CLIENT_STARTUP;
	wire->server_state = SERVER_LOGIN;
	wire->status = 'I';
	buffer_init(&wire->startup, 0);
	buffer_init(&wire->early, 0);
	buffer_init(&wire->login_held, 0);
	buffer_init(&wire->login_out, 0);
	buffer_init(&wire->auth_out, 0);
	buffer_init(&wire->reported, WIRE_SHORT_HELD);
	return wire;
}

/* Tells what will never be answered, and the end of the open transaction. */
static void postgres_abandon(struct wire *wire)
{
	enum wire_transaction outcome = WIRE_ROLLBACK;
	uint64_t newest = wire->answered;

	if (wire->block_ended) {
		wire_block_over(wire, newest);
		wire->status = 'I';
	}
	for (size_t i = 0; i < wire->queue_count; i++) {
		struct pending *pending = queue_at(wire, i);

		if (pending->kind != PENDING_PARSE &&
		    pending->kind != PENDING_BIND &&
		    pending->kind != PENDING_DESCRIBE &&
		    pending->kind != PENDING_CLOSE && !pending->done)
			outcome = WIRE_UNKNOWN;
		if (!pending->message || pending->done)
			continue;
		if (i == 0 && wire->reply.index && !wire->reply.started)
			continue; /* all answers that were begun are told */
		wire_end_message(wire, pending->message,
				 i == 0 ? wire->reply.index : 0, WIRE_ABANDONED,
				 NULL);
		newest = pending->message;
	}
	if (wire->fatal)
		outcome = WIRE_ROLLBACK;
	wire->answered = newest;
	if (wire->status != 'I' || wire->transaction_answers)
		wire->events->transaction_end(
		    wire->context, outcome, newest, wire->moment.seq,
		    wire->moment.seq, wire->undone_by);
	wire->transaction_answers = 0;
}

static void postgres_close(struct wire **pointer, struct wire_moment moment)
{
	struct wire *wire = *pointer;

	if (!wire)
		return;
	*pointer = NULL;
	wire->moment = moment;
	if (wire->binding)
		named_unref(wire, &wire->binding->named);
	wire->binding = NULL;
	if (wire->opened && !wire->raw)
		postgres_abandon(wire);
	while (wire->queue_count)
		queue_pop(wire);
	names_release(wire, &wire->portals);
	names_release(wire, &wire->prepared);
	reply_reset(&wire->reply);
	free(wire->reply.columns);
	XXH3_freeState(wire->reply.hash);
	buffer_release(&wire->client.held);
	buffer_release(&wire->server.held);
	buffer_release(&wire->startup);
	buffer_release(&wire->early);
	buffer_release(&wire->login_held);
	buffer_release(&wire->login_out);
	auth_free(wire);
	buffer_release(&wire->auth_out);
	buffer_release(&wire->reported);
	free(wire->queue);
	free(wire->undone_by);
	free(wire);
}

void wire_lose(struct wire *wire, const char *reason)
{
	if (wire->raw)
		return;
	if (wire->opened)
		postgres_abandon(wire);
	wire->raw = true;
	buffer_release(&wire->early);
	wire->events->uncaptured(wire->context, reason);
}

void wire_refuse(struct wire *wire, struct wire_step *step,
		 const char *sqlstate, const char *message)
{
	step->verb = WIRE_REFUSE;
	step->reason = message;
	step->reply.data = wire->out;
	step->reply.size = postgres_error_print(wire->out, sizeof(wire->out),
						sqlstate, message);
}

const char *wire_startup_get(const struct wire *wire, const char *name)
{
	const char *at = (const char *)wire->startup.data + 8;
	const char *end = (const char *)wire->startup.data + wire->startup.size;
	const char *found = NULL;

	while (at < end && *at) {
		const char *value = at + strlen(at) + 1;

		if (value >= end)
			break;
		if (!strcmp(at, name))
			found = value;
		at = value + strlen(value) + 1;
	}
	return found;
}

/*
 * The server's reading of it (ProcessStartupPacket): "database", or a boolean,
 * of which any case and any beginning will do that is no other's ("o" is). What
 * is none of these the server refuses.
 */
static bool startup_replicates(const struct wire *wire)
{
	static const char *const no[] = {"false", "no", "off"};
	const char *value = wire_startup_get(wire, "replication");
	size_t size = value ? strlen(value) : 0;

	if (!size || !strcmp(value, "0"))
		return false;
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		if (!strncasecmp(value, no[i], size) &&
		    (size > 1 || no[i][0] != 'o'))
			return false;
	return true;
}

int wire_begin(struct wire *wire)
{
	struct wire_moment now = wire->moment;
	enum framing framing;
	size_t good;

	wire->client_state = CLIENT_READY;
	if (startup_replicates(wire))
		return wire_bad(wire, "replication");
	wire->opened = true;
	wire->events->opened(wire->context);
	if (!wire->early.size)
		return 0;
	wire->moment = wire->early_moment;
	framing = framer_run(wire, &wire->client, postgres_client_messages,
			     &wire->client_state, wire->early.data,
			     wire->early.size, &good);
	now.seq += wire->moment.seq - wire->early_moment.seq;
	wire->moment = now;
	buffer_release(&wire->early);
	if (framing == FRAMING_REFUSED && wire->client_state != CLIENT_GONE)
		wire->client_state = CLIENT_BROKEN;
	return framing == FRAMING_FAILED ? -1 : 0;
}

/*
 * The client asks for encryption. What it, or an intruder, has sent behind the
 * question in the clear must not be taken for what comes inside.
 */
static void startup_asked(struct wire *wire, uint32_t code, bool more,
			  struct wire_step *step)
{
	bool secure = code == REQUEST_TLS && wire->offers_tls;

	if (more) {
		wire_refuse(wire, step, "08P01",
			    code == REQUEST_TLS
				? "received unencrypted data after SSL request"
				: "received unencrypted data after GSSAPI "
				  "encryption request");
		return;
	}
	/* Not twice in a row; inside TLS there is nothing more to ask for. */
	wire->asked_tls = secure || code == REQUEST_TLS;
	wire->asked_gss = secure || code == REQUEST_GSS;
	buffer_clear(&wire->startup);
	step->reply.data = (const uint8_t *)(secure ? "S" : "N");
	step->reply.size = 1;
	step->declined = code == REQUEST_TLS && !secure;
	if (secure)
		step->verb = WIRE_SECURE;
}

/* A whole first packet stands in wire->startup; more: bytes follow it. */
static void startup_packet(struct wire *wire, bool more, struct wire_step *step)
{
	uint32_t code = bytes_get_u32(wire->startup.data + 4);
	bool asked = code == REQUEST_TLS ? wire->asked_tls : wire->asked_gss;

	/* A string that does not end in the packet ends behind it. This may
	 * move the packet, so it comes before anything points there. */
	buffer_append(&wire->startup, "", 1);
	if (wire->startup.failed) {
		wire_refuse(wire, step, "53200", "out of memory");
		return;
	}
	wire->startup.size--;
	step->forward.data = wire->startup.data;
	step->forward.size = wire->startup.size;
	if ((code == REQUEST_TLS || code == REQUEST_GSS) && !asked) {
		step->forward.size = 0;
		startup_asked(wire, code, more, step);
	} else if (code == REQUEST_TLS || code == REQUEST_GSS) {
		step->forward.size = 0;
		wire_refuse(wire, step, "0A000",
			    "unsupported frontend protocol");
	} else if (code == REQUEST_CANCEL) {
		wire->raw = true;
		step->verb = WIRE_RAW;
	} else {
		/* what is wrong with it the server says best */
		wire->foreign = wire->login_over = code >> 16 != 3;
		if (!wire->foreign && auth_begin(wire, step)) {
			step->forward.size = 0;
			return;
		}
		wire->client_state = CLIENT_LOGIN;
		step->verb = WIRE_OPEN;
	}
}

/* Chapter 55.2.1: the packets before any message have no type. */
static void startup_run(struct wire *wire, const uint8_t *data, size_t size,
			struct wire_step *step)
{
	struct buffer *held = &wire->startup;

	while (step->consumed < size) {
		uint32_t length =
		    held->size >= 4 ? bytes_get_u32(held->data) : 4;
		size_t take = length - held->size;

		if (take > size - step->consumed)
			take = size - step->consumed;
		buffer_append(held, data + step->consumed, take);
		step->consumed += take;
		if (held->failed) {
			wire_refuse(wire, step, "53200", "out of memory");
			return;
		}
		if (held->size < 4)
			return;
		length = bytes_get_u32(held->data);
		if (length < 8 || length > WIRE_STARTUP_MAX) {
			/* The server closes without a word. */
			step->verb = WIRE_REFUSE;
			step->reason = "invalid length of startup packet";
			return;
		}
		if (held->size == length) {
			startup_packet(wire, step->consumed < size, step);
			return;
		}
	}
}

static void client_early(struct wire *wire, const uint8_t *data, size_t size)
{
	buffer_append(&wire->early, data, size);
	if (wire->early.failed)
		wire_lose(wire, "out of memory");
}

/* *passes: how much of it is for the server. */
static void client_follow(struct wire *wire, const uint8_t *data, size_t size,
			  size_t *passes)
{
	size_t good;

	switch (framer_run(wire, &wire->client, postgres_client_messages,
			   &wire->client_state, data, size, &good)) {
	case FRAMING_DONE:
		break;
	case FRAMING_FAILED:
		wire_lose(wire, wire->reason);
		break;
	case FRAMING_REFUSED:
		if (wire->client_state == CLIENT_GONE) {
			*passes = good; /* nobody reads on */
		} else if (wire->client_state == CLIENT_LOGIN) {
			wire->early_moment = wire->moment;
			client_early(wire, data + good, size - good);
		} else {
			wire->client_state = CLIENT_BROKEN;
		}
	}
}

static void login_refused(struct wire *wire, struct wire_step *step)
{
	wire_refuse(wire, step, "28000", wire->refusal);
	step->denied = true;
}

static void postgres_client(struct wire *wire, struct wire_moment moment,
			    const uint8_t *data, size_t size,
			    struct wire_step *step)
{
	wire->moment = moment;
	memset(step, 0, sizeof(*step));
	if (wire->client_state == CLIENT_STARTUP) {
		startup_run(wire, data, size, step);
		return;
	}
	if (wire->client_state == CLIENT_AUTH) {
		auth_client(wire, data, size, step);
		return;
	}
	step->forward.data = data;
	step->forward.size = step->consumed = size;
	if (wire->raw || wire->client_state == CLIENT_BROKEN)
		return;
	if (wire->early.size)
		client_early(wire, data, size);
	else
		client_follow(wire, data, size, &step->forward.size);
	if (wire->refusal) {
		login_refused(wire, step);
		return;
	}
	step->hold = wire->early.size || wire->queue_count > WIRE_QUEUE_MAX;
}

/* Before the client is told how to log in. */
static void server_login(struct wire *wire, struct wire_step *step)
{
	buffer_clear(&wire->auth_out);
	step->forward = wire_login_filter(wire, step->forward);
	if (wire->refusal) {
		login_refused(wire, step);
		return;
	}
	step->reply.data = wire->auth_out.data;
	step->reply.size = wire->auth_out.size;
}

static void login_end(struct wire *wire)
{
	buffer_release(&wire->login_out);
	buffer_release(&wire->auth_out);
	auth_free(wire);
}

static void postgres_authenticate(struct wire *wire,
				  const char *(*find)(void *context,
						      const char *user),
				  void *context)
{
	wire->find_secret = find;
	wire->secret_context = context;
}

static bool postgres_secret_is_valid(const char *text)
{
	struct scram_secret secret;

	return !scram_secret_parse(text, &secret);
}

static void postgres_server(struct wire *wire, struct wire_moment moment,
			    const uint8_t *data, size_t size,
			    struct wire_step *step)
{
	size_t good;

	wire->moment = moment;
	wire->passed = true;
	memset(step, 0, sizeof(*step));
	step->forward.data = data;
	step->forward.size = step->consumed = size;
	if (wire->foreign && !wire->raw && size) {
		if (data[0] == 'R')
			wire_lose(wire, "a protocol other than version 3");
		wire->raw = true; /* else it was refused, as is usual */
	}
	if (!wire->raw &&
	    framer_run(wire, &wire->server, postgres_server_messages,
		       &wire->server_state, data, size, &good))
		wire_lose(wire, wire->reason);
	if (!wire->login_over)
		server_login(wire, step);
	else if (wire->login_out.capacity)
		login_end(wire);
}

static bool postgres_ready_for_client(const struct wire *wire)
{
	return wire->raw ||
	       ((!wire->auth || wire->login_over) && !wire->early.size &&
		wire->queue_count < WIRE_QUEUE_MAX / 2);
}

static bool postgres_quiet(const struct wire *wire)
{
	return queue_idle(wire) && wire->status == 'I' && !wire->raw &&
	       framer_at_border(&wire->client) &&
	       framer_at_border(&wire->server);
}

static bool postgres_clean(const struct wire *wire)
{
	return wire->client_state == CLIENT_GONE;
}

/* What a startup packet has that is no setting: whom to be, where, and (_pq_.)
 * extensions of the protocol that the client asks for. */
static bool is_setting(const char *name)
{
	return strcmp(name, "user") && strcmp(name, "database") &&
	       strncmp(name, "_pq_.", 5);
}

/* Pairs of strings in a run as settings; gives how many there are. */
static size_t settings_list(const uint8_t *data, size_t size, bool startup,
			    struct wire_setting *out, size_t capacity)
{
	const char *at = (const char *)data;
	const char *end = at + size;
	size_t count = 0;

	while (at < end && *at) {
		const char *value = at + strlen(at) + 1;

		if (value >= end)
			break;
		if (!startup || is_setting(at)) {
			if (count < capacity) {
				out[count].name = at;
				out[count].value = value;
			}
			count++;
		}
		at = value + strlen(value) + 1;
	}
	return count;
}

static void postgres_claims(const struct wire *wire, const char **user,
			    const char **database)
{
	bool whole = wire->startup.size > 8;

	*user = whole ? wire_startup_get(wire, "user") : NULL;
	*database = whole ? wire_startup_get(wire, "database") : NULL;
	if (!*user)
		*user = "";
	if (!*database || !**database)
		*database = *user;
}

static bool postgres_wrong_password(const struct wire *wire)
{
	return wire->wrong_password;
}

static bool postgres_describe(const struct wire *wire, struct wire_session *out)
{
	/* One loop, one thread: the lists are valid until the next call. A
	 * startup packet is at most 10,000 bytes, a pair at least three. */
	static struct wire_setting startup[WIRE_STARTUP_MAX / 3];
	static struct wire_setting reported[256];
	const char *user;

	if (!wire->opened && !(wire->raw && wire->startup.size > 8))
		return false;
	user = wire_startup_get(wire, "user");
	out->role = user ? user : "";
	out->database = wire_startup_get(wire, "database");
	if (!out->database || !out->database[0])
		out->database = out->role;
	out->startup = startup;
	out->startup_count =
	    settings_list(wire->startup.data + 8, wire->startup.size - 8, true,
			  startup, sizeof(startup) / sizeof(*startup));
	out->reported = reported;
	out->reported_count =
	    settings_list(wire->reported.data, wire->reported.size, false,
			  reported, sizeof(reported) / sizeof(*reported));
	if (out->reported_count > sizeof(reported) / sizeof(*reported))
		out->reported_count = sizeof(reported) / sizeof(*reported);
	out->status = wire->status;
	return true;
}

static size_t postgres_complain(const struct wire *wire,
				enum wire_complaint what, const char *message,
				uint8_t *out, size_t size)
{
	static const char *const states[] = {
	    [WIRE_UNREACHABLE] = "08001", [WIRE_LOST] = "08006",
	    [WIRE_SHUTDOWN] = "57P01",	  [WIRE_EXHAUSTED] = "53300",
	    [WIRE_SLOW_LOGIN] = "08006",  [WIRE_DENIED] = "28000",
	};

	if (wire && (wire->fatal || !framer_at_border(&wire->server) ||
		     (wire->raw &&
		      (wire->passed || wire->client_state == CLIENT_STARTUP))))
		return 0;
	/* The server closes without a word, then. */
	if (wire && what == WIRE_LOST &&
	    (wire->client_state == CLIENT_BROKEN || wire->early.size))
		return 0;
	return postgres_error_print(out, size, states[what], message);
}

static struct bytes postgres_goodbye(const struct wire *wire)
{
	static const uint8_t terminate[] = {'X', 0, 0, 0, 4};
	struct bytes bytes = {terminate, sizeof(terminate)};

	/* Only where the server would take it for one, and as politeness. */
	if (wire->raw || wire->client_state != CLIENT_READY ||
	    wire->queue_count || wire->status != 'I' ||
	    !framer_at_border(&wire->client))
		bytes.size = 0;
	return bytes;
}

const struct wire_ops postgres_wire = {
    .engine = "postgres",
    .protocol = postgres_protocol,
    .tls_request = {tls_request, sizeof(tls_request)},
    .tls_answer = postgres_tls_answer,
    .socket_path = postgres_socket_path,
    .open = postgres_open,
    .close = postgres_close,
    .client = postgres_client,
    .server = postgres_server,
    .ready_for_client = postgres_ready_for_client,
    .quiet = postgres_quiet,
    .clean = postgres_clean,
    .authenticate = postgres_authenticate,
    .secret_is_valid = postgres_secret_is_valid,
    .claims = postgres_claims,
    .wrong_password = postgres_wrong_password,
    .describe = postgres_describe,
    .complain = postgres_complain,
    .goodbye = postgres_goodbye,
};
