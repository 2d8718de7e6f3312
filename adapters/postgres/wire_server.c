/*
 * What a server may send: the table of messages and their handlers.
 * PostgreSQL's documentation, chapters 55.2 (flow) and 55.7 (formats).
 */
#include "adapters/postgres/wire_state.h"

#define UNUSED(size, total) ((void)(size), (void)(total))

static int out_of_place(struct wire *wire, const char *what)
{
	return wire_bad(wire, "message %s from the server out of place", what);
}

static void transaction_end(struct wire *wire, enum wire_transaction outcome,
			    uint64_t answered, uint64_t after, uint64_t first)
{
	wire->moment.seq++;
	wire->events->transaction_end(wire->context, outcome, answered, after,
				      first, wire->undone_by);
	free(wire->undone_by);
	wire->undone_by = NULL;
	wire->failed = false;
	wire->transaction_answers = 0;
}

void wire_block_over(struct wire *wire, uint64_t answered)
{
	if (!wire->block_ended)
		return;
	wire->block_ended = false;
	transaction_end(wire, wire->block_outcome, answered, wire->block_after,
			wire->block_first);
}

/* The statement that is being answered; NULL: another kind of message is. */
static struct pending *reply_head(struct wire *wire)
{
	struct pending *head = queue_answered(wire);

	if (!head || !head->message || head->done)
		return NULL;
	if (!wire->reply.started) {
		wire_block_over(wire, head->message - 1);
		wire->reply.started = true;
		wire->reply.first_byte_at = wire->moment.at;
		wire->reply.first = wire->moment.seq;
	}
	return head;
}

static bool head_is(struct wire *wire, enum pending_kind kind)
{
	struct pending *head = queue_answered(wire);

	return head && head->kind == kind;
}

void reply_reset(struct reply *reply)
{
	struct digest *columns = reply->columns;
	size_t capacity = reply->column_capacity;
	XXH3_state_t *hash = reply->hash;
	uint32_t index = reply->index;

	if (reply->row.capacity)
		buffer_release(&reply->row);
	if (reply->warnings)
		free(reply->warnings);
	memset(reply, 0, sizeof(*reply));
	reply->columns = columns;
	reply->column_capacity = capacity;
	reply->hash = hash;
	reply->index = index;
}

/* Ends a message that has no answer of its own. */
void wire_end_message(struct wire *wire, uint64_t message, uint32_t index,
		      enum wire_outcome outcome,
		      const struct wire_problem *problem)
{
	struct wire_end end = {.message = message,
			       .index = index,
			       .outcome = outcome,
			       .tag = "",
			       .problem = problem,
			       .last = true};

	wire->transaction_answers++;
	wire->moment.seq++;
	wire->events->end(wire->context, &end);
}

/*
 * Ends the answer under way. An Execute or function call is then done and goes
 * from the queue; a Query may have more answers until ReadyForQuery.
 */
void reply_end(struct wire *wire, enum wire_outcome outcome, const char *tag,
	       const struct wire_problem *problem, bool last)
{
	struct reply *reply = &wire->reply;
	struct pending *head = queue_head(wire);
	struct wire_end end = {
	    .message = head->message,
	    .index = reply->index,
	    .outcome = outcome,
	    .tag = tag,
	    .problem = problem,
	    .warnings = reply->warnings,
	    .warning_count = reply->warning_count,
	    .rows_capped = reply->capped,
	    .first_byte_at = reply->first_byte_at,
	    .first = reply->first,
	    .copy_in = reply->copy_in,
	    .copy_out = reply->copy_out,
	    .last = last || head->kind == PENDING_EXECUTE,
	};

	if (head->prepared)
		end.columns = head->prepared->columns;
	if (end.columns.size && !reply->counted && outcome != WIRE_FAILED &&
	    reply_count(wire, bytes_get_u16(end.columns.data)))
		end.columns.size = 0; /* no memory: no digests of no rows */
	if (reply->has_rows && reply->counted)
		end.rows = &reply->rows;
	wire->answered = head->message;
	wire->transaction_answers++;
	wire->moment.seq++;
	wire->events->end(wire->context, &end);
	reply_reset(reply);
	head->done = last;
	if (head->kind == PENDING_EXECUTE)
		queue_pop(wire);
	else
		reply->index++;
}

static int on_authentication(struct wire *wire, const uint8_t *body,
			     uint32_t size, uint32_t total)
{
	UNUSED(size, total);
	if (bytes_get_u32(body) == 0)
		wire->server_state = SERVER_STARTING;
	return 0;
}

static int on_parameter_status(struct wire *wire, const uint8_t *body,
			       uint32_t size, uint32_t total)
{
	const uint8_t *nul = memchr(body, 0, size);
	size_t name_size = nul ? (size_t)(nul + 1 - body) : 0;
	struct buffer *reported = &wire->reported;
	size_t at = 0;

	UNUSED(size, total);
	if (!nul || name_size >= size || body[size - 1])
		return wire_bad(wire, "malformed ParameterStatus");
	/* An older value of the same name goes. */
	while (at < reported->size) {
		const char *name = (const char *)reported->data + at;
		size_t length = strlen(name) + 1;
		size_t both = length + strlen(name + length) + 1;

		if (length == name_size && !memcmp(name, body, length)) {
			memmove(reported->data + at, reported->data + at + both,
				reported->size - at - both);
			reported->size -= both;
			break;
		}
		at += both;
	}
	nul = memchr(nul + 1, 0, size - name_size);
	buffer_append(reported, body, (size_t)(nul + 1 - body));
	if (reported->failed) {
		buffer_clear(reported);
		return wire_bad(wire, "too many ParameterStatus messages");
	}
	return 0;
}

static int on_parse_complete(struct wire *wire, const uint8_t *body,
			     uint32_t size, uint32_t total)
{
	(void)body;
	UNUSED(size, total);
	if (!head_is(wire, PENDING_PARSE))
		return out_of_place(wire, "ParseComplete");
	queue_pop(wire);
	return 0;
}

static int on_bind_complete(struct wire *wire, const uint8_t *body,
			    uint32_t size, uint32_t total)
{
	(void)body;
	UNUSED(size, total);
	if (!head_is(wire, PENDING_BIND))
		return out_of_place(wire, "BindComplete");
	queue_pop(wire);
	return 0;
}

static int on_close_complete(struct wire *wire, const uint8_t *body,
			     uint32_t size, uint32_t total)
{
	(void)body;
	UNUSED(size, total);
	if (!head_is(wire, PENDING_CLOSE))
		return out_of_place(wire, "CloseComplete");
	queue_pop(wire);
	return 0;
}

static int on_parameter_description(struct wire *wire, const uint8_t *body,
				    uint32_t size, uint32_t total)
{
	size_t count = bytes_get_u16(body);
	struct pending *head;

	UNUSED(size, total);
	if (!head_is(wire, PENDING_DESCRIBE))
		return out_of_place(wire, "ParameterDescription");
	head = queue_head(wire);
	if (size - 2 != count * 4)
		return wire_bad(wire, "malformed ParameterDescription");
	if (head->prepared &&
	    prepared_set_types(wire, head->prepared, body + 2, count))
		return wire_bad(wire, "out of memory");
	return 0;
}

static int on_no_data(struct wire *wire, const uint8_t *body, uint32_t size,
		      uint32_t total)
{
	struct bytes none = {NULL, 0};
	struct pending *head;

	(void)body;
	UNUSED(size, total);
	if (!head_is(wire, PENDING_DESCRIBE))
		return out_of_place(wire, "NoData");
	head = queue_head(wire);
	if (head->prepared)
		prepared_set_columns(wire, head->prepared, none);
	queue_pop(wire);
	return 0;
}

static int on_row_description(struct wire *wire, const uint8_t *body,
			      uint32_t size, uint32_t total)
{
	struct bytes columns = {body, size};
	struct pending *head;

	if (total > size)
		return wire_bad(wire, "RowDescription of %u bytes", total);
	if (head_is(wire, PENDING_DESCRIBE)) {
		head = queue_head(wire);
		if (head->prepared &&
		    prepared_set_columns(wire, head->prepared, columns))
			return wire_bad(wire, "out of memory");
		queue_pop(wire);
		return 0;
	}
	head = reply_head(wire);
	if (!head || head->kind != PENDING_QUERY || wire->reply.has_rows)
		return out_of_place(wire, "RowDescription");
	if (reply_count(wire, bytes_get_u16(body)))
		return -1;
	wire->events->columns(wire->context, head->message, wire->reply.index,
			      columns);
	return 0;
}

static int on_data_row(struct wire *wire, const uint8_t *body, uint32_t size,
		       uint32_t total)
{
	struct pending *head = reply_head(wire);

	UNUSED(size, total);
	if (!head || head->kind == PENDING_FUNCTION)
		return out_of_place(wire, "DataRow");
	return reply_row(wire, body, size);
}

static int on_data_row_piece(struct wire *wire, const uint8_t *data,
			     uint32_t size, uint32_t rest, bool first)
{
	struct pending *head = reply_head(wire);

	if (!head || head->kind == PENDING_FUNCTION)
		return out_of_place(wire, "DataRow");
	return reply_row_piece(wire, data, size, rest, first);
}

/* What a command's tag says of its transaction. */
static void on_tag(struct wire *wire, const char *tag, uint64_t after,
		   uint64_t first, bool partial, bool query)
{
	/* Nearly all tags are known by their first letter to be others. */
	if (tag[0] != 'C' && tag[0] != 'P' && tag[0] != 'R')
		return;
	if (!strcmp(tag, "COMMIT") || !strcmp(tag, "PREPARE TRANSACTION")) {
		wire->block_outcome = WIRE_COMMIT;
	} else if (strcmp(tag, "ROLLBACK") != 0) {
		return;
	} else if (partial) {
		wire->failed = false;
		return;
	} else {
		wire->block_outcome = WIRE_ROLLBACK;
	}
	wire->block_ended = true;
	wire->block_after = after;
	wire->block_first = first;
	if (!query)
		wire_block_over(wire, wire->answered);
}

static bool rollback_is_partial(const struct pending *head, uint32_t index)
{
	if (head->kind == PENDING_EXECUTE)
		return head->prepared &&
		       postgres_is_partial_rollback(head->prepared->text);
	return wire_indexes_have(&head->partial_rollbacks, index);
}

static int on_command_complete(struct wire *wire, const uint8_t *body,
			       uint32_t size, uint32_t total)
{
	struct pending *head = reply_head(wire);
	bool partial = false, query;
	uint64_t after, first;

	UNUSED(size, total);
	if (!head || head->kind == PENDING_FUNCTION)
		return out_of_place(wire, "CommandComplete");
	if (body[size - 1])
		return wire_bad(wire, "malformed CommandComplete");
	after = head->after;
	first = wire->reply.first;
	query = head->kind == PENDING_QUERY;
	if (body[0] == 'R')
		partial = rollback_is_partial(head, wire->reply.index);
	if (wire->client_state == CLIENT_COPY)
		wire->client_state = CLIENT_READY;
	if (wire->reply.copy_in)
		queue_copy_end(wire, false);
	reply_end(wire, WIRE_OK, (const char *)body, NULL, false);
	on_tag(wire, (const char *)body, after, first, partial, query);
	return 0;
}

static int on_suspended(struct wire *wire, const uint8_t *body, uint32_t size,
			uint32_t total)
{
	struct pending *head = reply_head(wire);

	(void)body;
	UNUSED(size, total);
	if (!head || head->kind != PENDING_EXECUTE)
		return out_of_place(wire, "PortalSuspended");
	reply_end(wire, WIRE_SUSPENDED, "", NULL, true);
	return 0;
}

static int on_empty(struct wire *wire, const uint8_t *body, uint32_t size,
		    uint32_t total)
{
	struct pending *head = reply_head(wire);

	(void)body;
	UNUSED(size, total);
	if (!head || head->kind == PENDING_FUNCTION)
		return out_of_place(wire, "EmptyQueryResponse");
	reply_end(wire, WIRE_EMPTY, "", NULL, false);
	return 0;
}

static int on_function_result(struct wire *wire, const uint8_t *body,
			      uint32_t size, uint32_t total)
{
	struct pending *head = reply_head(wire);
	struct buffer row;
	int result;

	if (!head || head->kind != PENDING_FUNCTION)
		return out_of_place(wire, "FunctionCallResponse");
	/* As a row of one cell: a count before its length and value. */
	buffer_init(&row, 0);
	buffer_append_u16(&row, 1);
	buffer_append(&row, body, size);
	if (total > size)
		wire->reply.capped = wire->reply.has_rows = true;
	if (row.failed)
		result = wire_bad(wire, "out of memory");
	else if (wire->reply.capped)
		result = 0;
	else
		result = reply_row(wire, row.data, (uint32_t)row.size);
	buffer_release(&row);
	if (!result)
		reply_end(wire, WIRE_OK, "", NULL, true);
	return result;
}

static void keep_problem(struct wire *wire, const struct wire_problem *problem)
{
	if (!wire->undone_by)
		wire->undone_by = malloc(sizeof(*wire->undone_by));
	if (wire->undone_by)
		*wire->undone_by = *problem;
}

/*
 * An error before Execute (of Parse, Bind, Describe) is the answer to the next
 * Execute of the same prepared statement in this pipeline; without one it is
 * what undid the transaction.
 */
static void blame(struct wire *wire, size_t sync,
		  const struct wire_problem *problem)
{
	struct pending *head = queue_head(wire);

	for (size_t i = 1; head->prepared && i < sync; i++) {
		struct pending *pending = queue_at(wire, i);

		if (pending->kind != PENDING_EXECUTE ||
		    pending->prepared != head->prepared)
			continue;
		wire_end_message(wire, pending->message, 0, WIRE_FAILED,
				 problem);
		wire->answered = pending->message;
		pending->message = 0;
		return;
	}
	keep_problem(wire, problem);
}

/* The server ignores everything up to the next Sync. */
static void skip_to_sync(struct wire *wire, const struct wire_problem *problem)
{
	size_t sync = 0;

	while (sync < wire->queue_count &&
	       queue_at(wire, sync)->kind != PENDING_SYNC)
		sync++;
	wire->skipping = sync == wire->queue_count;
	if (problem)
		blame(wire, sync, problem);
	queue_skip(wire, 0, sync);
}

/* As skip_to_sync, where Syncs in the COPY's input may have been ignored. */
static int skip_in_doubt(struct wire *wire)
{
	for (size_t i = 0; i < wire->queue_count; i++)
		if (queue_at(wire, i)->kind != PENDING_SYNC &&
		    queue_at(wire, i)->kind != PENDING_COPY_END)
			return wire_bad(wire, "statements behind a failed COPY "
					      "with Sync in its input");
	wire->perhaps_skipping = true;
	return 0;
}

static int on_error(struct wire *wire, const uint8_t *body, uint32_t size,
		    uint32_t total)
{
	struct wire_problem problem;
	struct pending *head;
	bool malformed;

	UNUSED(size, total);
	postgres_problem_parse(&problem, body, size);
	if (!strcmp(problem.severity, "FATAL") ||
	    !strcmp(problem.severity, "PANIC"))
		wire->fatal = true;
	if (wire->server_state & (SERVER_LOGIN | SERVER_STARTING)) {
		wire->wrong_password = !strcmp(problem.sqlstate, "28P01");
		return 0;
	}
	if (wire->client_state == CLIENT_COPY)
		wire->client_state = CLIENT_READY;
	wire->server_state = SERVER_READY;
	head = queue_idle(wire) ? NULL : queue_answered(wire);
	if (!head) {
		/* Asynchronous: the session ends, or this is all. */
		wire->stray_error = !wire->fatal;
		if (wire->fatal)
			keep_problem(wire, &problem);
		return 0;
	}
	malformed =
	    wire->reply.copy_in && wire->malformed_inside && !wire->fatal;
	if (wire->reply.copy_in)
		queue_copy_end(wire, true);
	if (head->message && !head->done)
		wire_block_over(wire, head->message - 1);
	wire->failed = true;
	switch (head->kind) {
	case PENDING_QUERY:
	case PENDING_FUNCTION:
		if (!reply_head(wire))
			break; /* its error is said: this one is fatal */
		reply_end(wire, WIRE_FAILED, "", &problem, true);
		break;
	case PENDING_EXECUTE:
		reply_head(wire);
		reply_end(wire, WIRE_FAILED, "", &problem, true);
		if (queue_head(wire) && queue_head(wire)->doubtful &&
		    !wire->fatal)
			return skip_in_doubt(wire);
		skip_to_sync(wire, NULL);
		break;
	case PENDING_SYNC:
		keep_problem(wire, &problem); /* at the implicit commit */
		break;
	default:
		skip_to_sync(wire, &problem);
	}
	/* Whether COPY ignored it or it is an error to come, nobody knows. */
	return malformed ? wire_bad(wire, "a malformed Flush or Sync in a "
					  "failed COPY")
			 : 0;
}

static int on_notice(struct wire *wire, const uint8_t *body, uint32_t size,
		     uint32_t total)
{
	struct reply *reply = &wire->reply;
	struct wire_problem problem;
	struct pending *head = queue_head(wire);

	UNUSED(size, total);
	if (!head || !head->message || head->done)
		return 0;
	postgres_problem_parse(&problem, body, size);
	if (strcmp(problem.severity, "WARNING"))
		return 0;
	if (!reply->warnings)
		reply->warnings = malloc(WIRE_WARNINGS * sizeof(problem));
	if (!reply->warnings)
		return wire_bad(wire, "out of memory");
	if (reply->warning_count < WIRE_WARNINGS)
		reply->warnings[reply->warning_count] = problem;
	reply->warning_count++;
	return 0;
}

static int on_copy_in(struct wire *wire, const uint8_t *body, uint32_t size,
		      uint32_t total)
{
	struct pending *head = reply_head(wire);

	(void)body;
	UNUSED(size, total);
	if (!head || head->kind == PENDING_FUNCTION)
		return out_of_place(wire, "CopyInResponse");
	wire->reply.copy_in = true;
	if (!queue_copy_begin(wire) && wire->client_state == CLIENT_READY)
		wire->client_state = CLIENT_COPY;
	return 0;
}

static int on_copy_out(struct wire *wire, const uint8_t *body, uint32_t size,
		       uint32_t total)
{
	struct pending *head = reply_head(wire);
	struct bytes columns = {body, size};

	UNUSED(size, total);
	if (!head || head->kind == PENDING_FUNCTION)
		return out_of_place(wire, "CopyOutResponse");
	wire->reply.copy_out = true;
	wire->server_state = SERVER_READY | SERVER_COPY;
	if (reply_count(wire, 1))
		return -1;
	wire->events->columns(wire->context, head->message, wire->reply.index,
			      columns);
	return 0;
}

static int on_copy_both(struct wire *wire, const uint8_t *body, uint32_t size,
			uint32_t total)
{
	if (on_copy_out(wire, body, size, total))
		return -1;
	wire->reply.copy_in = true;
	return 0;
}

static int on_copy_data(struct wire *wire, const uint8_t *body, uint32_t size,
			uint32_t total)
{
	(void)total;
	if (!reply_head(wire))
		return out_of_place(wire, "CopyData");
	return reply_copy(wire, body, size);
}

static int on_copy_piece(struct wire *wire, const uint8_t *data, uint32_t size,
			 uint32_t rest, bool first)
{
	if (!reply_head(wire))
		return out_of_place(wire, "CopyData");
	return reply_copy_piece(wire, data, size, rest, first);
}

static int on_copy_done(struct wire *wire, const uint8_t *body, uint32_t size,
			uint32_t total)
{
	(void)body;
	UNUSED(size, total);
	wire->server_state = SERVER_READY;
	return 0;
}

/* Whose ReadyForQuery it is: the first that asks for one. */
static bool ready_pop(struct wire *wire, uint64_t *after)
{
	struct pending *head = queue_head(wire);

	if (wire->stray_error)
		return true;
	if (!head || (head->message && !head->done && !wire->reply.index))
		return false;
	if (head->kind != PENDING_QUERY && head->kind != PENDING_FUNCTION &&
	    head->kind != PENDING_SYNC)
		return false;
	*after = head->after;
	if (head->message)
		wire->answered = head->message;
	if (head->kind == PENDING_SYNC)
		queue_pop_sync(wire);
	else
		queue_pop(wire);
	return true;
}

/*
 * Parse takes a snapshot, which may be that of all its transaction. Where more
 * is on its way already, an older one stands in for it: too early is no error.
 * That of a BEGIN alone takes none.
 */
static void follow_parses(struct wire *wire, char before)
{
	bool begin = before == 'I' && wire->status == 'T' &&
		     wire->parses == 1 && wire->transaction_answers == 1;

	if (queue_idle(wire) && (wire->status == 'I' || begin))
		wire->parsed = false;
	wire->parses = 0;
}

static int on_ready(struct wire *wire, const uint8_t *body, uint32_t size,
		    uint32_t total)
{
	uint64_t after = wire->moment.seq;
	const uint64_t first = after;
	char status = (char)body[0];
	char before = wire->status;

	UNUSED(size, total);
	if (status != 'I' && status != 'T' && status != 'E')
		return wire_bad(wire, "malformed ReadyForQuery");
	if (wire->client_state == CLIENT_STARTUP) /* none has been asked for */
		return out_of_place(wire, "ReadyForQuery");
	wire->status = status;
	if (wire->server_state == SERVER_STARTING) {
		wire->server_state = SERVER_READY;
		return wire_begin(wire);
	}
	if (wire->reply.started || !ready_pop(wire, &after))
		return out_of_place(wire, "ReadyForQuery");
	wire->perhaps_skipping = wire->stray_error = false;
	wire->reply.index = 0;
	wire->server_state = SERVER_READY;
	wire_block_over(wire, wire->answered);
	if (status == 'I' && wire->transaction_answers)
		transaction_end(wire,
				wire->failed ? WIRE_ROLLBACK : WIRE_COMMIT,
				wire->answered, after, first);
	follow_parses(wire, before);
	if (status != 'E') {
		wire->failed = false;
		free(wire->undone_by);
		wire->undone_by = NULL;
	}
	wire->statements = 0;
	for (size_t i = 0; i < wire->queue_count; i++)
		wire->statements += queue_at(wire, i)->message != 0;
	if (queue_idle(wire)) {
		if (status == 'I')
			names_clear(wire, &wire->portals);
		queue_trim(wire);
	}
	wire->events->ready(wire->context, status, wire->answered,
			    wire->statements > 0);
	return 0;
}

static int on_ignored(struct wire *wire, const uint8_t *body, uint32_t size,
		      uint32_t total)
{
	(void)wire;
	(void)body;
	UNUSED(size, total);
	return 0;
}

#define STARTED (SERVER_STARTING | SERVER_READY | SERVER_COPY)
#define ANY	(SERVER_LOGIN | STARTED)
#define READY	(SERVER_READY | SERVER_COPY)

const struct message postgres_server_messages[256] = {
    /* 55.2.1 Start-up */
    ['R'] = {"Authentication", SERVER_LOGIN, 4, WIRE_LARGE_MAX, 64,
	     on_authentication, NULL},
    ['v'] = {"NegotiateProtocolVersion", SERVER_LOGIN, 8, WIRE_LARGE_MAX, 0,
	     on_ignored, NULL},
    ['K'] = {"BackendKeyData", SERVER_STARTING, 8, 4 + WIRE_KEY_MAX, 0,
	     on_ignored, NULL},
    ['Z'] = {"ReadyForQuery", STARTED, 1, 1, 1, on_ready, NULL},
    /* 55.2.7 Asynchronous operations; errors and notices at any time */
    ['E'] = {"ErrorResponse", ANY, 1, WIRE_LARGE_MAX, WIRE_SHORT_HELD, on_error,
	     NULL},
    ['N'] = {"NoticeResponse", ANY, 1, WIRE_LARGE_MAX, WIRE_SHORT_HELD,
	     on_notice, NULL},
    ['S'] = {"ParameterStatus", STARTED, 2, WIRE_SHORT_HELD, WIRE_SHORT_HELD,
	     on_parameter_status, NULL},
    ['A'] = {"NotificationResponse", READY, 6, WIRE_LARGE_MAX, 0, on_ignored,
	     NULL},
    /* 55.2.2 Simple Query */
    ['T'] = {"RowDescription", READY, 2, WIRE_LARGE_MAX, WIRE_COLUMNS_HELD,
	     on_row_description, NULL},
    ['D'] = {"DataRow", READY, 2, WIRE_LARGE_MAX, 0, on_data_row,
	     on_data_row_piece},
    ['C'] = {"CommandComplete", READY, 1, WIRE_SMALL_MAX, WIRE_SMALL_MAX,
	     on_command_complete, NULL},
    ['I'] = {"EmptyQueryResponse", READY, 0, 0, 0, on_empty, NULL},
    /* 55.2.3 Extended Query */
    ['1'] = {"ParseComplete", READY, 0, 0, 0, on_parse_complete, NULL},
    ['2'] = {"BindComplete", READY, 0, 0, 0, on_bind_complete, NULL},
    ['3'] = {"CloseComplete", READY, 0, 0, 0, on_close_complete, NULL},
    ['t'] = {"ParameterDescription", READY, 2, WIRE_COLUMNS_HELD,
	     WIRE_COLUMNS_HELD, on_parameter_description, NULL},
    ['n'] = {"NoData", READY, 0, 0, 0, on_no_data, NULL},
    ['s'] = {"PortalSuspended", READY, 0, 0, 0, on_suspended, NULL},
    /* 55.2.5 Function Call */
    ['V'] = {"FunctionCallResponse", READY, 4, WIRE_LARGE_MAX, UINT32_MAX,
	     on_function_result, NULL},
    /* 55.2.6 COPY */
    ['G'] = {"CopyInResponse", READY, 3, WIRE_COLUMNS_HELD, 0, on_copy_in,
	     NULL},
    ['H'] = {"CopyOutResponse", READY, 3, WIRE_COLUMNS_HELD, WIRE_COLUMNS_HELD,
	     on_copy_out, NULL},
    ['W'] = {"CopyBothResponse", READY, 3, WIRE_COLUMNS_HELD, WIRE_COLUMNS_HELD,
	     on_copy_both, NULL},
    ['d'] = {"CopyData", SERVER_COPY, 0, WIRE_LARGE_MAX, 0, on_copy_data,
	     on_copy_piece},
    ['c'] = {"CopyDone", SERVER_COPY, 0, WIRE_SMALL_MAX, 0, on_copy_done, NULL},
};
