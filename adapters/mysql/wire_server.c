/*
 * What a server may send behind the login: the answer to the command at the
 * head of the queue, in phases. MariaDB's knowledge base, "4 - Server Response
 * Packets"; MySQL's source documentation, "Command Phase".
 *
 *	QUERY	OK | ERR | 0xfb file | count, definitions, [EOF], rows, EOF or OK
 *	PREPARE	ERR | OK, definitions of parameters, [EOF], of columns, [EOF]
 *	FETCH	rows, EOF or OK
 *
 * Behind an OK or EOF with MORE_RESULTS another answer to the command begins.
 */
#include "adapters/mysql/wire_state.h"

enum {
	MARK_OK = 0x00,
	MARK_MORE_DATA = 0x01,
	MARK_FILE = PACKET_NULL,
	MARK_END =
	    0xfe, /* EOF; OK where EOF is deprecated; a switch of plugin */
	EOF_SIZE = 5,
	PROGRESS_CODE = 0xffff, /* MariaDB's reports, in the form of ERR */
};

static int out_of_place(struct wire *wire, const char *what)
{
	return mysql_bad(wire, "%s from the server out of place", what);
}

static bool eof_is_deprecated(const struct wire *wire)
{
	return wire->capabilities & HANDSHAKE_DEPRECATE_EOF;
}

/* --- a command ends --- */

/* All answers to the head have come. */
static int command_over(struct wire *wire)
{
	struct wire_command *head = mysql_command_head(wire);
	uint64_t message = head->message;

	mysql_answer_reset(&wire->answer);
	wire->answer.index = 0;
	mysql_command_pop(wire);
	if (message)
		wire->events->ready(wire->context,
				    wire->in_transaction ? 'T' : 'I', message,
				    wire->statements_queued > 0);
	return 0;
}

/* Type and value, of the kinds that are followed: a variable, the database. */
static void on_change(struct wire *wire, uint64_t type,
		      struct packet_cursor cursor)
{
	char name[WIRE_NAME_SIZE];
	struct bytes run;
	struct bytes value;

	while (type == 0 && packet_left(&cursor)) {
		if (packet_take_string(&cursor, &run) ||
		    packet_take_string(&cursor, &value))
			return;
		packet_copy(name, sizeof(name), run);
		mysql_setting(&wire->reported, name, value);
	}
	if (type == 1 && !packet_take_string(&cursor, &run))
		packet_copy(wire->database, sizeof(wire->database), run);
}

/* MySQL's source documentation, "Session State Information". */
static void on_changes(struct wire *wire, struct bytes changes)
{
	struct packet_cursor cursor =
	    packet_cursor_of(changes.data, changes.size);
	struct bytes change;
	uint64_t type;

	while (packet_left(&cursor)) {
		if (packet_take_integer(&cursor, 1, &type) ||
		    packet_take_string(&cursor, &change))
			return;
		on_change(wire, type,
			  packet_cursor_of(change.data, change.size));
	}
}

/* The session is as if newly connected: what was open is undone. */
static void session_is_new(struct wire *wire)
{
	const struct wire_command *head = mysql_command_head(wire);

	if (wire->in_transaction)
		mysql_transaction_end(wire, WIRE_ROLLBACK, wire->answered,
				      head->after, wire->moment.seq);
	wire->in_transaction = false;
	mysql_prepared_clear(wire);
}

/* A command that makes the session another one has succeeded. */
static void session_changed(struct wire *wire)
{
	const struct wire_command *head = mysql_command_head(wire);
	bool user = head->expect == EXPECT_PROOF;
	bool reset = user || head->code == COMMAND_RESET_CONNECTION;
	struct wire_change change = {
	    .after = head->after,
	    .first = wire->answer.first,
	    .reset = reset,
	    .role = user ? wire->user : "",
	    .database = reset && !user ? "" : wire->database,
	};

	if (!reset && head->code != COMMAND_INIT_DB)
		return;
	if (reset)
		session_is_new(wire);
	if (user)
		packet_copy(wire->user, sizeof(wire->user), head->user);
	if (user || !reset)
		packet_copy(wire->database, sizeof(wire->database),
			    head->database);
	wire->events->changed(wire->context, &change);
}

/* OK or EOF has answered a command that is no statement. */
static void on_simple_ok(struct wire *wire, const struct wire_ok *ok)
{
	session_changed(wire);
	mysql_transaction_status(wire, ok->status, VERB_OTHER, false,
				 wire->moment.seq);
}

/* OK or EOF ends an answer. */
static int on_ok(struct wire *wire, const uint8_t *body, size_t size)
{
	struct wire_answer *answer = &wire->answer;
	struct wire_command *head = mysql_command_head(wire);
	enum wire_outcome outcome = WIRE_OK;
	uint64_t first = answer->first;
	uint8_t verb = mysql_answer_verb(wire);
	struct wire_ok ok;
	bool more;

	if (mysql_ok_parse(wire, body, size, &ok))
		return mysql_bad(wire, "malformed OK");
	on_changes(wire, ok.changes);
	wire->proving = false;
	if (!head->message) {
		on_simple_ok(wire, &ok);
		return command_over(wire);
	}
	more = ok.status & STATUS_MORE_RESULTS;
	if (ok.status & STATUS_CURSOR && head->prepared &&
	    !(ok.status & STATUS_LAST_ROW))
		outcome = WIRE_SUSPENDED;
	if (outcome == WIRE_SUSPENDED && head->expect == EXPECT_RESULT) {
		head->prepared->opened = head->message;
		head->prepared->opened_after = head->after;
	}
	mysql_answer_end(wire, outcome, &ok, NULL, !more);
	mysql_transaction_status(wire, ok.status, verb, true, first);
	if (!more)
		return command_over(wire);
	mysql_answer_reset(answer);
	answer->index++;
	return 0;
}

static int on_error(struct wire *wire, const uint8_t *body, size_t size)
{
	const struct wire_command *head = mysql_command_head(wire);
	uint64_t first = wire->answer.first;
	struct wire_problem problem;

	mysql_problem_parse(&problem, body, size);
	if (problem.code == PROGRESS_CODE &&
	    wire->capabilities & HANDSHAKE_PROGRESS)
		return 0;
	if (!head) { /* it ends the session: a time limit, a KILL, a shutdown */
		wire->fatal = true;
		return 0;
	}
	if (wire->proving || head->expect == EXPECT_PROOF)
		wire->fatal = true; /* a login that failed ends the session */
	wire->proving = false;
	if (head->message)
		mysql_answer_end(wire, WIRE_FAILED, NULL, &problem, true);
	mysql_transaction_error(wire, &problem, head->message > 0, first);
	return command_over(wire);
}

/* --- phases --- */

static void rows_begin(struct wire *wire)
{
	wire->answer.phase = PHASE_ROWS;
}

/* Of rows in the binary form nothing can be said without their types. */
static int rows_admit(struct wire *wire)
{
	if (wire->answer.binary && !wire->answer.typed)
		return mysql_bad(wire, "a result without its columns' types");
	return 0;
}

/* The count of columns, and perhaps whether definitions follow. */
static int on_count(struct wire *wire, const uint8_t *body, size_t size)
{
	static const uint64_t tells =
	    HANDSHAKE_CACHE_METADATA | HANDSHAKE_OPTIONAL_METADATA;
	struct packet_cursor cursor = packet_cursor_of(body, size);
	const struct wire_command *head = mysql_command_head(wire);
	struct wire_answer *answer = &wire->answer;
	uint64_t count;
	uint64_t defined = 1;
	struct bytes columns = {NULL, 0};

	if (packet_take_length(&cursor, &count) ||
	    mysql_answer_count(wire, count))
		return mysql_bad(wire, "malformed result");
	if (wire->capabilities & tells && packet_left(&cursor) &&
	    packet_take_integer(&cursor, 1, &defined))
		return mysql_bad(wire, "malformed result");
	answer->binary =
	    head->code == COMMAND_EXECUTE || head->code == COMMAND_BULK_EXECUTE;
	answer->phase = PHASE_COLUMNS;
	if (defined)
		return 0;
	if (head->prepared) {
		columns.data = head->prepared->columns.data;
		columns.size = head->prepared->columns.size;
	}
	mysql_answer_columns(wire, columns);
	answer->phase =
	    eof_is_deprecated(wire) ? PHASE_ROWS : PHASE_COLUMNS_END;
	return 0;
}

static int on_column(struct wire *wire, const uint8_t *body, size_t size)
{
	struct wire_answer *answer = &wire->answer;

	if (mysql_answer_column(wire, body, size))
		return -1;
	if (answer->columns_left)
		return 0;
	if (eof_is_deprecated(wire))
		rows_begin(wire);
	else
		answer->phase = PHASE_COLUMNS_END;
	return 0;
}

/* EOF behind the definitions; with a cursor it is the answer's end. */
static int on_columns_end(struct wire *wire, const uint8_t *body, size_t size)
{
	struct wire_ok ok;

	if (body[0] != MARK_END || mysql_ok_parse(wire, body, size, &ok))
		return out_of_place(wire, "a packet behind the definitions");
	if (ok.status & STATUS_CURSOR)
		return on_ok(wire, body, size);
	rows_begin(wire);
	return 0;
}

static int on_file_request(struct wire *wire)
{
	if (wire->queue_count > 1)
		return mysql_bad(wire, "a command behind LOAD DATA LOCAL");
	wire->answer.copy_in = true;
	wire->file_open = true;
	return 0;
}

static int on_result(struct wire *wire, const uint8_t *body, size_t size)
{
	switch (body[0]) {
	case MARK_OK:
		return on_ok(wire, body, size);
	case MARK_FILE:
		return on_file_request(wire);
	case MARK_END:
		/* Of RESET and its like, whose answer is an EOF. */
		return size < 9 ? on_ok(wire, body, size)
				: on_count(wire, body, size);
	default:
		return on_count(wire, body, size);
	}
}

/* Where PREPARE's answer goes on. */
static int prepared_next(struct wire *wire, enum answer_phase from)
{
	struct wire_answer *answer = &wire->answer;

	if (from == PHASE_START && answer->columns_left) {
		answer->phase = PHASE_PARAMETERS;
		return 0;
	}
	if (from <= PHASE_PARAMETERS_END && answer->prepared_columns_left) {
		answer->phase = PHASE_PREPARED_COLUMNS;
		if (mysql_answer_count(wire, answer->prepared_columns_left))
			return -1;
		return 0;
	}
	return command_over(wire);
}

/* Status (0), statement (4), columns (2), parameters (2), filler (1), warnings
 * (2), whether definitions follow (1, if optional). */
static int on_prepared(struct wire *wire, const uint8_t *body, size_t size)
{
	struct packet_cursor cursor = packet_cursor_of(body, size);
	struct wire_command *head = mysql_command_head(wire);
	struct wire_answer *answer = &wire->answer;
	uint64_t mark;
	uint64_t id;
	uint64_t columns;
	uint64_t parameters;

	if (packet_take_integer(&cursor, 1, &mark) || mark != MARK_OK ||
	    packet_take_integer(&cursor, 4, &id) ||
	    packet_take_integer(&cursor, 2, &columns) ||
	    packet_take_integer(&cursor, 2, &parameters))
		return mysql_bad(wire, "malformed answer to PREPARE");
	if (head->prepared &&
	    mysql_prepared_install(wire, head->prepared, (uint32_t)id,
				   (uint16_t)parameters))
		return mysql_bad(wire, "out of memory");
	if (wire->capabilities & HANDSHAKE_OPTIONAL_METADATA && size > 12 &&
	    !body[12])
		columns = parameters = 0;
	answer->columns_left = (size_t)parameters;
	answer->prepared_columns_left = (size_t)columns;
	return prepared_next(wire, PHASE_START);
}

static int on_parameter(struct wire *wire)
{
	struct wire_answer *answer = &wire->answer;

	if (--answer->columns_left)
		return 0;
	if (eof_is_deprecated(wire))
		return prepared_next(wire, PHASE_PARAMETERS_END);
	answer->phase = PHASE_PARAMETERS_END;
	return 0;
}

static int on_prepared_column(struct wire *wire, const uint8_t *body,
			      size_t size)
{
	struct wire_answer *answer = &wire->answer;

	if (mysql_answer_column(wire, body, size))
		return -1;
	if (answer->columns_left)
		return 0;
	if (eof_is_deprecated(wire))
		return command_over(wire);
	answer->phase = PHASE_PREPARED_COLUMNS_END;
	return 0;
}

/* A login within the session: what plugins say passes. */
static int on_proof(struct wire *wire, const uint8_t *body, size_t size)
{
	if (body[0] == MARK_OK)
		return on_ok(wire, body, size);
	if (body[0] != MARK_END && body[0] != MARK_MORE_DATA)
		return out_of_place(wire, "a packet within a login");
	if (wire->queue_count > 1)
		return mysql_bad(wire, "a command behind COM_CHANGE_USER");
	wire->proving = true;
	return 0;
}

static int on_start(struct wire *wire, const uint8_t *body, size_t size)
{
	switch (mysql_command_head(wire)->expect) {
	case EXPECT_RESULT:
		return on_result(wire, body, size);
	case EXPECT_PREPARED:
		return on_prepared(wire, body, size);
	case EXPECT_STRING:
		return command_over(wire);
	case EXPECT_PROOF:
		return on_proof(wire, body, size);
	case EXPECT_FETCHED:
		return body[0] == MARK_END
			   ? on_ok(wire, body, size)
			   : mysql_bad(wire, "rows of an unknown cursor");
	case EXPECT_FIELDS:
		return body[0] == MARK_END ? on_ok(wire, body, size) : 0;
	default:
		if (body[0] != MARK_OK && body[0] != MARK_END)
			return out_of_place(wire, "a result");
		return on_ok(wire, body, size);
	}
}

/* A packet that is no row. */
static int on_packet(struct wire *wire, const uint8_t *body, size_t size,
		     uint64_t total)
{
	if (!size)
		return out_of_place(wire, "an empty packet");
	if (body[0] == PACKET_ERROR)
		return on_error(wire, body, size);
	if (!wire->queue_count)
		return out_of_place(wire, "an answer to nothing");
	if (total > size && body[0] != MARK_OK)
		return mysql_bad(wire, "a packet of %llu bytes",
				 (unsigned long long)total);
	switch (wire->answer.phase) {
	case PHASE_START:
		return on_start(wire, body, size);
	case PHASE_COLUMNS:
		return on_column(wire, body, size);
	case PHASE_COLUMNS_END:
		return on_columns_end(wire, body, size);
	case PHASE_PARAMETERS:
		return on_parameter(wire);
	case PHASE_PARAMETERS_END:
		return prepared_next(wire, PHASE_PARAMETERS_END);
	case PHASE_PREPARED_COLUMNS:
		return on_prepared_column(wire, body, size);
	case PHASE_PREPARED_COLUMNS_END:
		return command_over(wire);
	case PHASE_ROWS:
		return on_ok(wire, body, size);
	}
	return out_of_place(wire, "a packet");
}

/* Whether the packet that begins here is a row. A row may begin with 0xfe, too,
 * if its first value has 16 MiB or more: such a packet is longer than any end.
 */
static bool is_row(const struct wire *wire, const struct packet_piece *piece)
{
	uint32_t end = eof_is_deprecated(wire) ? PACKET_FRAME_MAX - 1 : 8;

	if (wire->answer.phase != PHASE_ROWS || !piece->size ||
	    piece->data[0] == PACKET_ERROR)
		return false;
	return piece->data[0] != MARK_END || piece->frame > end;
}

/* The columns of rows that a cursor gives are those of its statement. */
static int fetch_begin(struct wire *wire)
{
	const struct wire_command *head = mysql_command_head(wire);
	struct wire_answer *answer = &wire->answer;
	struct bytes columns = {NULL, 0};
	size_t count = 0;

	if (head->prepared) {
		columns.data = head->prepared->columns.data;
		columns.size = head->prepared->columns.size;
	}
	for (size_t at = 0; at < columns.size; count++)
		at += 4 + (size_t)bytes_get_u32(columns.data + at);
	answer->binary = true;
	if (!count)
		return 0;
	answer->phase = PHASE_ROWS;
	if (mysql_answer_count(wire, count))
		return -1;
	return mysql_answer_columns(wire, columns);
}

/* The first byte of an answer. */
static int answer_begin(struct wire *wire)
{
	struct wire_answer *answer = &wire->answer;
	const struct wire_command *head = mysql_command_head(wire);

	answer->started = true;
	answer->first_byte_at = wire->moment.at;
	answer->first = wire->moment.seq;
	return head->expect == EXPECT_FETCHED ? fetch_begin(wire) : 0;
}

/* Gathers a packet that is no row. */
static int server_gather(struct wire *wire, const struct packet_piece *piece)
{
	struct buffer *held = &wire->server_held;
	size_t room = WIRE_SHORT_HELD - held->size;
	int result;

	if (piece->first && piece->last)
		return on_packet(wire, piece->data, piece->size, piece->size);
	buffer_append(held, piece->data,
		      piece->size < room ? piece->size : room);
	if (held->failed)
		return mysql_bad(wire, "out of memory");
	if (!piece->last)
		return 0;
	result = on_packet(wire, held->data, held->size,
			   piece->before + piece->size);
	buffer_clear(held);
	if (held->capacity > 4096)
		buffer_release(held);
	return result;
}

int mysql_server_piece(struct wire *wire, const struct packet_piece *piece)
{
	if (piece->first) {
		if (wire->queue_count && !wire->answer.started &&
		    answer_begin(wire))
			return -1;
		wire->in_row = is_row(wire, piece);
		if (wire->in_row && rows_admit(wire))
			return -1;
	}
	return wire->in_row ? mysql_row_piece(wire, piece)
			    : server_gather(wire, piece);
}

void mysql_abandon(struct wire *wire)
{
	uint64_t newest = wire->messages;
	bool open = wire->in_transaction || wire->statements_queued;

	while (wire->queue_count) {
		if (mysql_command_head(wire)->message)
			mysql_answer_end(wire, WIRE_ABANDONED, NULL, NULL,
					 true);
		mysql_answer_reset(&wire->answer);
		wire->answer.index = 0;
		mysql_command_pop(wire);
	}
	if (open)
		mysql_transaction_end(wire, WIRE_UNKNOWN, newest,
				      wire->moment.seq, wire->moment.seq);
	wire->in_transaction = false;
}
