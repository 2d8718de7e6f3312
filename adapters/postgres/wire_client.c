/*
 * What a client may send after its startup packet: the table of messages and
 * their handlers. PostgreSQL's documentation, chapters 55.2 (flow) and 55.7
 * (formats); limits as in its SocketBackend. A body that the server will find
 * malformed is passed on all the same: the server answers it with an error of
 * its own, and the session lives on. Nothing here is too short, therefore.
 */
#include "adapters/postgres/wire_state.h"

static const struct bytes nothing;

/* A string at the start of a run; NULL if its end is not there. */
static const char *take_string(struct bytes *run)
{
	const uint8_t *start = run->data;
	const uint8_t *nul = run->size ? memchr(start, 0, run->size) : NULL;

	if (!nul)
		return NULL;
	run->data = nul + 1;
	run->size -= (size_t)(nul + 1 - start);
	return (const char *)start;
}

static bool take_u16(struct bytes *run, uint16_t *value)
{
	if (run->size < 2)
		return false;
	*value = bytes_get_u16(run->data);
	run->data += 2;
	run->size -= 2;
	return true;
}

static uint64_t message_next(struct wire *wire)
{
	return ++wire->messages;
}

static void statement_tell(struct wire *wire, struct wire_statement *statement)
{
	statement->implicit = wire->statements > 0;
	statement->behind = wire->owed;
	statement->after = wire->moment.seq;
	statement->parsed_after =
	    wire->parsed ? wire->parsed_after : statement->after;
	if (statement->kind != WIRE_EXECUTE)
		statement->parse_after = statement->bind_after =
		    statement->after;
	if (statement->kind != WIRE_EXECUTE && !wire->skipping)
		statement->behind--; /* its own */
	wire->statements++;
	wire->events->statement(wire->context, statement);
}

/* While the server skips to the next Sync: told, and ended at once. */
static void statement_skip(struct wire *wire, struct wire_statement *statement)
{
	statement_tell(wire, statement);
	wire_end_message(wire, statement->message, 0, WIRE_SKIPPED, NULL);
}

static int on_query(struct wire *wire, const uint8_t *body, uint32_t size,
		    uint32_t total)
{
	struct wire_statement statement = {
	    .kind = WIRE_QUERY, .statement_name = "", .portal = ""};
	const uint8_t *nul = size ? memchr(body, 0, size) : NULL;
	struct pending *pending;

	statement.text.data = body;
	statement.text.size = nul ? (size_t)(nul - body) : size;
	if (statement.text.size > wire->limits->max_statement) {
		statement.text.size = wire->limits->max_statement;
		statement.truncated = true;
	}
	if (total > size)
		statement.truncated = true;
	statement.message = message_next(wire);
	if (wire->skipping) {
		statement_skip(wire, &statement);
		return 0;
	}
	pending = queue_push(wire, PENDING_QUERY);
	if (!pending)
		return -1;
	pending->message = statement.message;
	if (postgres_partial_rollbacks(statement.text,
				       &pending->partial_rollbacks))
		return wire_bad(wire, "out of memory");
	statement_tell(wire, &statement);
	return 0;
}

static int on_parse(struct wire *wire, const uint8_t *body, uint32_t size,
		    uint32_t total)
{
	struct bytes run = {body, size};
	bool truncated = total > size;
	struct pending *pending;
	struct named *displaced;
	const char *name;
	const uint8_t *start;
	struct bytes text;
	uint16_t count = 0;

	if (wire->skipping)
		return 0;
	pending = queue_push(wire, PENDING_PARSE);
	if (!pending)
		return -1;
	wire->parses++;
	if (!wire->parsed)
		wire->parsed_after = wire->moment.seq;
	wire->parsed = true;
	name = take_string(&run);
	if (!name)
		return 0;
	start = run.data;
	if (take_string(&run)) {
		text.size = (size_t)(run.data - start) - 1;
	} else if (truncated) {
		text.size = run.size;
		run.size = 0;
	} else {
		return 0;
	}
	text.data = start;
	if (!take_u16(&run, &count) || run.size / 4 < count)
		count = 0;
	if (text.size > wire->limits->max_statement) {
		text.size = wire->limits->max_statement;
		truncated = true;
	}
	if (wire->memory + text.size + 4 * (size_t)count >
	    wire->limits->max_session) {
		truncated |=
		    text.size > WIRE_TRUNCATED || count > WIRE_TRUNCATED / 4;
		if (text.size > WIRE_TRUNCATED)
			text.size = WIRE_TRUNCATED;
		if (count > WIRE_TRUNCATED / 4)
			count = 0;
	}
	if (names_full(wire)) {
		/* What is known under this name is not it. */
		wire->forgot = true;
		pending->displaced = names_remove(&wire->prepared, name);
		return 0;
	}
	pending->prepared =
	    prepared_new(wire, name, text, truncated, run.data, count);
	if (!pending->prepared ||
	    names_put(&wire->prepared, &pending->prepared->named, &displaced))
		return wire_bad(wire, "out of memory");
	pending->displaced = displaced;
	return 0;
}

static void execute_fill(const struct wire *wire,
			 struct wire_statement *statement,
			 const struct portal *portal)
{
	const struct wire_prepared *prepared = portal ? portal->prepared : NULL;

	statement->kind = WIRE_EXECUTE;
	statement->bind_after = portal ? portal->after : wire->moment.seq;
	statement->parse_after =
	    prepared ? prepared->after : statement->bind_after;
	statement->statement_name = "";
	statement->portal = portal ? portal->named.name : "";
	if (!prepared) {
		statement->truncated = wire->forgot;
		return;
	}
	statement->statement_name = prepared->named.name;
	statement->text = prepared->text;
	statement->truncated = prepared->truncated;
	statement->parameter_types = prepared->types;
	statement->parameter_type_count = prepared->type_count;
}

/* The two names before what is kept of a Bind, and its prepared statement. */
static int bind_begin(struct wire *wire, struct bytes *run,
		      struct pending **pending, struct portal **portal,
		      bool keep)
{
	struct named *displaced;
	const char *name;
	const char *statement;

	*portal = NULL;
	*pending = queue_push(wire, PENDING_BIND);
	if (!*pending)
		return -1;
	name = take_string(run);
	statement = name ? take_string(run) : NULL;
	if (!statement)
		return 0;
	if (names_full(wire)) {
		wire->forgot = true;
		(*pending)->displaced = names_remove(&wire->portals, name);
		return 0;
	}
	*portal = portal_new(wire, name,
			     (struct wire_prepared *)(void *)names_get(
				 &wire->prepared, statement),
			     keep ? *run : nothing);
	if (!*portal)
		return wire_bad(wire, "out of memory");
	(*pending)->portal = *portal;
	(*pending)->prepared = prepared_ref((*portal)->prepared);
	if (names_put(&wire->portals, &(*portal)->named, &displaced))
		return wire_bad(wire, "out of memory");
	(*pending)->displaced = displaced;
	return 0;
}

/* A Bind that is not kept: its statement is told before its Execute comes. */
static void bind_early(struct wire *wire, struct portal *portal,
		       struct bytes bind)
{
	struct wire_statement statement = {0};

	portal->message = message_next(wire);
	portal->early = true;
	execute_fill(wire, &statement, portal);
	statement.message = portal->message;
	statement.bind = bind;
	statement_tell(wire, &statement);
}

static int on_bind(struct wire *wire, const uint8_t *body, uint32_t size,
		   uint32_t total)
{
	struct bytes run = {body, size};
	bool keep = size <= WIRE_BIND_HELD &&
		    wire->memory + size <= wire->limits->max_session;
	struct pending *pending;
	struct portal *portal;

	(void)total;
	if (wire->skipping)
		return 0;
	if (bind_begin(wire, &run, &pending, &portal, keep))
		return -1;
	if (portal && !keep)
		bind_early(wire, portal, run);
	return 0;
}

static int on_bind_piece(struct wire *wire, const uint8_t *data, uint32_t size,
			 uint32_t rest, bool first)
{
	struct bytes run = {data, size};
	struct pending *pending;

	if (first) {
		wire->binding = NULL;
		if (wire->skipping)
			return 0;
		if (bind_begin(wire, &run, &pending, &wire->binding, false))
			return -1;
		if (!wire->binding)
			return 0;
		portal_ref(wire->binding);
		bind_early(wire, wire->binding, run);
		return 0;
	}
	if (!wire->binding)
		return 0;
	wire->events->input(wire->context, wire->binding->message, 0,
			    WIRE_INPUT_BIND, run);
	if (!rest) {
		named_unref(wire, &wire->binding->named);
		wire->binding = NULL;
	}
	return 0;
}

static int on_execute(struct wire *wire, const uint8_t *body, uint32_t size,
		      uint32_t total)
{
	struct bytes run = {body, size};
	struct wire_statement statement = {0};
	const char *name = take_string(&run);
	struct portal *portal;
	struct pending *pending;
	char cut[WIRE_NAME_MAX + 1];
	bool told = false;

	(void)total;
	portal = name && !wire->skipping
		     ? (struct portal *)(void *)names_get(&wire->portals, name)
		     : NULL;
	execute_fill(wire, &statement, portal);
	if (name && !portal) {
		snprintf(cut, sizeof(cut), "%s", name);
		statement.portal = cut;
	}
	if (run.size >= 4)
		statement.row_limit = bytes_get_u32(run.data);
	if (statement.row_limit > INT32_MAX)
		statement.row_limit = 0;
	if (portal && portal->early && !portal->executed) {
		told = true;
		statement.message = portal->message;
	} else {
		statement.message = message_next(wire);
	}
	if (wire->skipping) {
		statement_skip(wire, &statement);
		return 0;
	}
	pending = queue_push(wire, PENDING_EXECUTE);
	if (!pending)
		return -1;
	pending->message = statement.message;
	if (!portal) {
		/* A cursor that SQL has declared has a portal's name. */
		statement.resumed = true;
	} else {
		pending->prepared = prepared_ref(portal->prepared);
		if (portal->executed) {
			statement.resumed = true;
			statement.portal_message = portal->message;
		} else {
			statement.bind = portal->bind;
			portal->message = statement.message;
			portal->executed = true;
		}
	}
	if (!told)
		statement_tell(wire, &statement);
	return 0;
}

static int on_describe(struct wire *wire, const uint8_t *body, uint32_t size,
		       uint32_t total)
{
	struct bytes run = {size ? body + 1 : body, size ? size - 1 : 0};
	struct pending *pending;
	struct portal *portal;
	const char *name;

	(void)total;
	if (wire->skipping)
		return 0;
	pending = queue_push(wire, PENDING_DESCRIBE);
	if (!pending)
		return -1;
	if (!size)
		return 0;
	name = take_string(&run);
	if (!name)
		return 0;
	if (body[0] == 'S') {
		pending->prepared =
		    prepared_ref((struct wire_prepared *)(void *)names_get(
			&wire->prepared, name));
	} else if (body[0] == 'P') {
		portal =
		    (struct portal *)(void *)names_get(&wire->portals, name);
		pending->prepared =
		    prepared_ref(portal ? portal->prepared : NULL);
	}
	return 0;
}

static int on_close(struct wire *wire, const uint8_t *body, uint32_t size,
		    uint32_t total)
{
	struct bytes run = {size ? body + 1 : body, size ? size - 1 : 0};
	struct pending *pending;
	const char *name;

	(void)total;
	if (wire->skipping)
		return 0;
	pending = queue_push(wire, PENDING_CLOSE);
	if (!pending)
		return -1;
	if (!size)
		return 0;
	name = take_string(&run);
	if (name && body[0] == 'S')
		pending->displaced = names_remove(&wire->prepared, name);
	else if (name && body[0] == 'P')
		pending->displaced = names_remove(&wire->portals, name);
	return 0;
}

static int on_sync(struct wire *wire, const uint8_t *body, uint32_t size,
		   uint32_t total)
{
	(void)body;
	(void)size;
	wire->skipping = false;
	return queue_push_sync(wire, total > 0);
}

static int on_flush(struct wire *wire, const uint8_t *body, uint32_t size,
		    uint32_t total)
{
	(void)body;
	(void)size;
	if (!total || wire->skipping)
		return 0;
	if (wire->client_state == CLIENT_COPY) {
		wire->malformed_inside = true;
		return 0;
	}
	return queue_push(wire, PENDING_MALFORMED) ? 0 : -1;
}

static int on_function(struct wire *wire, const uint8_t *body, uint32_t size,
		       uint32_t total)
{
	struct wire_statement statement = {
	    .kind = WIRE_FUNCTION_CALL, .statement_name = "", .portal = ""};
	struct pending *pending;

	statement.call.data = body;
	statement.call.size = size;
	statement.truncated = total > size;
	statement.message = message_next(wire);
	if (wire->skipping) {
		statement_skip(wire, &statement);
		return 0;
	}
	pending = queue_push(wire, PENDING_FUNCTION);
	if (!pending)
		return -1;
	pending->message = statement.message;
	statement_tell(wire, &statement);
	return 0;
}

/*
 * The statement that COPY data is for: the one that is being answered or, where
 * the client did not wait for the CopyInResponse, the newest one sent. The
 * server ignores data that comes when there is none (a COPY that has failed).
 */
static struct pending *copy_target(struct wire *wire)
{
	if (wire->reply.copy_in)
		return queue_head(wire);
	if (wire->skipping)
		return NULL;
	for (size_t i = wire->queue_count; i > 0; i--) {
		struct pending *pending = queue_at(wire, i - 1);

		if (pending->message)
			return pending->done ? NULL : pending;
	}
	return NULL;
}

static void copy_tell(struct wire *wire, enum wire_input_kind kind,
		      const uint8_t *data, uint32_t size)
{
	struct pending *target = copy_target(wire);
	struct bytes bytes = {data, size};

	if (target)
		wire->events->input(
		    wire->context, target->message,
		    target == queue_head(wire) ? wire->reply.index : 0, kind,
		    bytes);
}

static int on_copy_data(struct wire *wire, const uint8_t *body, uint32_t size,
			uint32_t total)
{
	(void)total;
	copy_tell(wire, WIRE_INPUT_COPY_DATA, body, size);
	return 0;
}

static int on_copy_piece(struct wire *wire, const uint8_t *data, uint32_t size,
			 uint32_t rest, bool first)
{
	(void)rest;
	(void)first;
	if (size)
		copy_tell(wire, WIRE_INPUT_COPY_DATA, data, size);
	return 0;
}

static int on_copy_done(struct wire *wire, const uint8_t *body, uint32_t size,
			uint32_t total)
{
	(void)body;
	(void)size;
	(void)total;
	if (wire->client_state == CLIENT_COPY)
		wire->client_state = CLIENT_READY;
	else if (!copy_target(wire))
		return 0;
	return queue_push(wire, PENDING_COPY_END) ? 0 : -1;
}

static int on_copy_fail(struct wire *wire, const uint8_t *body, uint32_t size,
			uint32_t total)
{
	const uint8_t *nul = size ? memchr(body, 0, size) : NULL;

	copy_tell(wire, WIRE_INPUT_COPY_FAIL, body,
		  nul ? (uint32_t)(nul - body) : size);
	return on_copy_done(wire, body, size, total);
}

static int on_terminate(struct wire *wire, const uint8_t *body, uint32_t size,
			uint32_t total)
{
	(void)body;
	(void)size;
	(void)total;
	wire->client_state = CLIENT_GONE;
	return 0;
}

/* Also where the server is in COPY: it has left it, or ends the session. */
#define BEGUN (CLIENT_READY | CLIENT_COPY)

const struct message postgres_client_messages[256] = {
    /* 55.2.1 Start-up */
    ['p'] = {"PasswordMessage", CLIENT_LOGIN, 0, WIRE_AUTH_MAX, 64,
	     wire_login_password, NULL},
    /* 55.2.2 Simple Query */
    ['Q'] = {"Query", BEGUN, 0, WIRE_LARGE_MAX, UINT32_MAX, on_query, NULL},
    /* 55.2.3 Extended Query */
    ['P'] = {"Parse", BEGUN, 0, WIRE_LARGE_MAX, UINT32_MAX, on_parse, NULL},
    ['B'] = {"Bind", BEGUN, 0, WIRE_LARGE_MAX, WIRE_BIND_HELD, on_bind,
	     on_bind_piece},
    ['D'] = {"Describe", BEGUN, 0, WIRE_SMALL_MAX, WIRE_SMALL_MAX, on_describe,
	     NULL},
    ['E'] = {"Execute", BEGUN, 0, WIRE_SMALL_MAX, WIRE_SMALL_MAX, on_execute,
	     NULL},
    ['C'] = {"Close", BEGUN, 0, WIRE_SMALL_MAX, WIRE_SMALL_MAX, on_close, NULL},
    ['H'] = {"Flush", BEGUN, 0, WIRE_SMALL_MAX, 0, on_flush, NULL},
    ['S'] = {"Sync", BEGUN, 0, WIRE_SMALL_MAX, 0, on_sync, NULL},
    /* 55.2.5 Function Call */
    ['F'] = {"FunctionCall", BEGUN, 0, WIRE_LARGE_MAX, UINT32_MAX, on_function,
	     NULL},
    /* 55.2.6 COPY; outside of it the server ignores these */
    ['d'] = {"CopyData", BEGUN, 0, WIRE_LARGE_MAX, 0, on_copy_data,
	     on_copy_piece},
    ['c'] = {"CopyDone", BEGUN, 0, WIRE_SMALL_MAX, 0, on_copy_done, NULL},
    ['f'] = {"CopyFail", BEGUN, 0, WIRE_SMALL_MAX, WIRE_SMALL_MAX, on_copy_fail,
	     NULL},
    /* 55.2.9 Termination */
    ['X'] = {"Terminate", BEGUN, 0, WIRE_SMALL_MAX, 0, on_terminate, NULL},
};
