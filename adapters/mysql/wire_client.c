/*
 * What a client may send behind the login: the table of commands and their
 * handlers. MySQL's source documentation, "Command Phase"; MariaDB's knowledge
 * base, "2 - Text Protocol" and "3 - Binary Protocol (Prepared Statements)". A
 * body that the server will find malformed passes all the same: the server
 * answers it with an error of its own, and the session lives on.
 *
 *	QUERY "select 1"		statement 1
 *	PREPARE "select ?"		(no statement: nothing runs)
 *	LONG_DATA 7, 0, "..."		(kept, for the next EXECUTE)
 *	EXECUTE 7, ...			statement 2, "select ?", parameters
 *	FETCH 7, 100 rows		statement 3, which resumes 2
 */
#include "adapters/mysql/wire_state.h"

/* One command. `whole` gets its body behind the first byte; total: all of the
 * body's bytes, of which `held` at most were kept. */
struct command_row {
	const char *name;
	enum wire_expect expect;
	uint32_t held; /* UINT32_MAX: limits.max_statement + 1024 */
	int (*whole)(struct wire *wire, struct bytes body, uint64_t total);
	bool unfollowed; /* from here on the session is not captured */
};

static const struct command_row commands[256];

/* --- statements --- */

static void statement_tell(struct wire *wire, struct wire_statement *statement,
			   struct wire_command *command)
{
	statement->message = command->message = ++wire->messages;
	statement->portal = "";
	statement->implicit = wire->statements_queued > 0;
	statement->behind = (uint32_t)wire->statements_queued;
	statement->after = statement->parsed_after = wire->moment.seq;
	if (!statement->parse_after)
		statement->parse_after = statement->after;
	if (!statement->bind_after)
		statement->bind_after = statement->after;
	if (!statement->statement_name)
		statement->statement_name = "";
	wire->statements_queued++;
	wire->events->statement(wire->context, statement);
}

/* A text within the limit; true: that is not all of it. */
static bool text_cut(const struct wire *wire, struct bytes *text)
{
	if (text->size <= wire->limits->max_statement)
		return false;
	text->size = wire->limits->max_statement;
	return true;
}

/*
 * Query attributes stand in front of the text: how many, in how many sets (one),
 * a bitmap of NULLs, 1, then each one's type (2) and name, then their values.
 * What is not well formed is taken for a text, of which the server complains.
 */
static struct bytes take_attributes(struct packet_cursor *cursor)
{
	const uint8_t *start = cursor->at;
	struct packet_cursor at = *cursor;
	struct bytes attributes = {start, 0};
	struct bytes run;
	uint64_t count;
	uint64_t sets;
	uint64_t bound;
	struct packet_cursor types;

	if (packet_take_length(&at, &count) || packet_take_length(&at, &sets))
		return attributes;
	if (count > WIRE_COLUMNS_MAX ||
	    (count && (packet_take_bytes(&at, ((size_t)count + 7) / 8, &run) ||
		       packet_take_integer(&at, 1, &bound) || bound != 1)))
		return attributes;
	types = at;
	for (uint64_t i = 0; i < count; i++) {
		struct bytes name;

		if (packet_take_bytes(&at, 2, &name) ||
		    packet_take_string(&at, &name))
			return attributes;
	}
	for (uint64_t i = 0; i < count; i++) {
		struct bytes name;
		uint64_t type;
		bool null = run.data[i / 8] & 1 << (i % 8);

		if (packet_take_integer(&types, 2, &type) ||
		    packet_take_string(&types, &name))
			return attributes;
		if (!null && mysql_value_skip(&at, (uint8_t)type))
			return attributes;
	}
	attributes.size = (size_t)(at.at - start);
	cursor->at = at.at;
	return attributes;
}

static int on_query(struct wire *wire, struct bytes body, uint64_t total)
{
	struct packet_cursor cursor = packet_cursor_of(body.data, body.size);
	struct wire_statement statement = {.kind = WIRE_QUERY};
	struct wire_command *command =
	    mysql_command_push(wire, COMMAND_QUERY, EXPECT_RESULT);

	if (!command)
		return -1;
	if (wire->capabilities & HANDSHAKE_QUERY_ATTRIBUTES)
		statement.bind = take_attributes(&cursor);
	statement.text.data = cursor.at;
	statement.text.size = packet_left(&cursor);
	statement.truncated =
	    text_cut(wire, &statement.text) || total > body.size;
	command->verb_count = mysql_verbs(
	    statement.text, wire->capabilities & HANDSHAKE_MULTI_STATEMENTS,
	    !(wire->status & STATUS_NO_BACKSLASH), command->verbs);
	statement_tell(wire, &statement, command);
	return 0;
}

static int on_prepare(struct wire *wire, struct bytes body, uint64_t total)
{
	struct wire_command *command =
	    mysql_command_push(wire, COMMAND_PREPARE, EXPECT_PREPARED);
	bool truncated = total > body.size;
	uint8_t verbs[WIRE_VERBS];

	if (!command)
		return -1;
	truncated |= text_cut(wire, &body);
	command->prepared = mysql_prepared_new(wire, body, truncated);
	if (!command->prepared)
		return mysql_bad(wire, "out of memory");
	mysql_verbs(body, false, true, verbs);
	command->prepared->verb = verbs[0];
	mysql_prepared_unref(wire, wire->last_prepared);
	wire->last_prepared = mysql_prepared_ref(command->prepared);
	return 0;
}

/* The statement that a body begins with; what is behind its number. */
static struct wire_prepared *take_prepared(const struct wire *wire,
					   struct bytes *body)
{
	uint32_t id;

	if (body->size < 4) {
		body->size = 0;
		return NULL;
	}
	id = (uint32_t)packet_get_integer(body->data, 4);
	body->data += 4;
	body->size -= 4;
	return mysql_prepared_get(wire, id);
}

/* What is known of a prepared statement, for one that runs it. */
static void statement_fill(const struct wire *wire,
			   struct wire_statement *statement,
			   const struct wire_prepared *prepared, char name[16])
{
	statement->kind = WIRE_EXECUTE;
	statement->statement_name = name;
	name[0] = 0;
	if (!prepared) {
		statement->truncated = wire->forgot;
		return;
	}
	if (prepared->known)
		snprintf(name, 16, "%u", prepared->id);
	statement->text = prepared->text;
	statement->truncated = prepared->truncated || prepared->long_data_lost;
	statement->parameter_types = prepared->types;
	statement->parameter_type_count =
	    prepared->types ? prepared->parameter_count : 0;
	statement->parse_after = prepared->after;
}

static int execute(struct wire *wire, struct bytes body, uint8_t code)
{
	struct wire_prepared *prepared = take_prepared(wire, &body);
	struct wire_statement statement = {.bind = body};
	struct wire_command *command =
	    mysql_command_push(wire, code, EXPECT_RESULT);
	char name[16];

	if (!command)
		return -1;
	if (prepared) {
		command->prepared = mysql_prepared_ref(prepared);
		prepared->opened = 0;
		mysql_prepared_bind(wire, prepared, body,
				    code == COMMAND_BULK_EXECUTE);
		statement.call.data = prepared->long_data.data;
		statement.call.size = prepared->long_data.size;
	}
	statement_fill(wire, &statement, prepared, name);
	statement_tell(wire, &statement, command);
	if (prepared) {
		mysql_prepared_drop(wire, prepared, &prepared->long_data);
		prepared->long_data_lost = false;
	}
	return 0;
}

/* No table that is longer than what is held: the rest goes out as it comes. */
static int on_execute(struct wire *wire, struct bytes body, uint64_t total)
{
	(void)total;
	return execute(wire, body, COMMAND_EXECUTE);
}

static int on_bulk_execute(struct wire *wire, struct bytes body, uint64_t total)
{
	(void)total;
	return execute(wire, body, COMMAND_BULK_EXECUTE);
}

static int on_fetch(struct wire *wire, struct bytes body, uint64_t total)
{
	struct wire_prepared *prepared = take_prepared(wire, &body);
	struct wire_statement statement = {.resumed = true};
	struct wire_command *command =
	    mysql_command_push(wire, COMMAND_FETCH, EXPECT_FETCHED);
	char name[16];

	(void)total;
	if (!command)
		return -1;
	command->prepared = mysql_prepared_ref(prepared);
	statement_fill(wire, &statement, prepared, name);
	if (prepared) {
		statement.portal_message = prepared->opened;
		statement.bind_after = prepared->opened_after;
	}
	if (body.size >= 4)
		statement.row_limit =
		    (uint32_t)packet_get_integer(body.data, 4);
	statement_tell(wire, &statement, command);
	return 0;
}

/* The statement's number (4), the parameter's (2), a piece of its value. */
static int on_long_data(struct wire *wire, struct bytes body, uint64_t total)
{
	struct wire_prepared *prepared = take_prepared(wire, &body);
	uint8_t head[6];

	if (!prepared || body.size < 2)
		return 0;
	memcpy(head, body.data, 2);
	bytes_put_u32(head + 2, (uint32_t)(body.size - 2));
	if (total > body.size + 4 || prepared->long_data_lost ||
	    !mysql_prepared_keep(wire, prepared, &prepared->long_data, head,
				 sizeof(head)) ||
	    !mysql_prepared_keep(wire, prepared, &prepared->long_data,
				 body.data + 2, body.size - 2))
		prepared->long_data_lost = true;
	return 0;
}

static int on_close(struct wire *wire, struct bytes body, uint64_t total)
{
	const struct wire_prepared *prepared = take_prepared(wire, &body);

	(void)total;
	if (prepared && prepared->installed)
		mysql_prepared_remove(wire, prepared->id);
	return 0;
}

/* Drops long data and closes the cursor. */
static int on_reset_statement(struct wire *wire, struct bytes body,
			      uint64_t total)
{
	struct wire_prepared *prepared = take_prepared(wire, &body);

	(void)total;
	if (prepared) {
		mysql_prepared_drop(wire, prepared, &prepared->long_data);
		prepared->long_data_lost = false;
		prepared->opened = 0;
	}
	return mysql_command_push(wire, COMMAND_RESET_STATEMENT, EXPECT_OK)
		   ? 0
		   : -1;
}

/* --- the session --- */

static int keep_name(struct wire *wire, struct bytes *out, struct bytes name)
{
	size_t size =
	    name.size < WIRE_NAME_SIZE - 1 ? name.size : WIRE_NAME_SIZE - 1;
	uint8_t *copy = malloc(size + 1);

	if (!copy)
		return mysql_bad(wire, "out of memory");
	if (size)
		memcpy(copy, name.data, size);
	out->data = copy;
	out->size = size;
	return 0;
}

static int on_init_db(struct wire *wire, struct bytes body, uint64_t total)
{
	struct wire_command *command =
	    mysql_command_push(wire, COMMAND_INIT_DB, EXPECT_OK);

	(void)total;
	return command ? keep_name(wire, &command->database, body) : -1;
}

/* User, proof (its length in front), database, ... */
static int on_change_user(struct wire *wire, struct bytes body, uint64_t total)
{
	struct packet_cursor cursor = packet_cursor_of(body.data, body.size);
	struct wire_command *command =
	    mysql_command_push(wire, COMMAND_CHANGE_USER, EXPECT_PROOF);
	struct bytes user = {NULL, 0};
	struct bytes database = {NULL, 0};
	struct bytes proof;
	uint64_t size;

	(void)total;
	if (!command)
		return -1;
	if (!packet_take_name(&cursor, &user) &&
	    !packet_take_integer(&cursor, 1, &size) &&
	    !packet_take_bytes(&cursor, (size_t)size, &proof) &&
	    packet_take_name(&cursor, &database))
		database.size = 0;
	return keep_name(wire, &command->user, user) ||
		       keep_name(wire, &command->database, database)
		   ? -1
		   : 0;
}

static int on_quit(struct wire *wire, struct bytes body, uint64_t total)
{
	(void)body;
	(void)total;
	wire->gone = true;
	return 0;
}

/* --- the table --- */

static const struct command_row commands[256] = {
    [0x00] = {"SLEEP", EXPECT_OK, 0, NULL, false},
    [COMMAND_QUIT] = {"QUIT", EXPECT_NOTHING, 0, on_quit, false},
    [COMMAND_INIT_DB] = {"INIT_DB", EXPECT_OK, 1024, on_init_db, false},
    [COMMAND_QUERY] = {"QUERY", EXPECT_RESULT, UINT32_MAX, on_query, false},
    [0x04] = {"FIELD_LIST", EXPECT_FIELDS, 0, NULL, false},
    [0x09] = {"STATISTICS", EXPECT_STRING, 0, NULL, false},
    [0x0a] = {"PROCESS_INFO", EXPECT_RESULT, 0, NULL, false},
    [COMMAND_CHANGE_USER] = {"CHANGE_USER", EXPECT_PROOF, 4096, on_change_user,
			     false},
    [0x12] = {"BINLOG_DUMP", EXPECT_NOTHING, 0, NULL, true},
    [0x13] = {"TABLE_DUMP", EXPECT_NOTHING, 0, NULL, true},
    [0x14] = {"CONNECT_OUT", EXPECT_NOTHING, 0, NULL, true},
    [COMMAND_PREPARE] = {"PREPARE", EXPECT_PREPARED, UINT32_MAX, on_prepare,
			 false},
    [COMMAND_EXECUTE] = {"EXECUTE", EXPECT_RESULT, WIRE_BIND_HELD, on_execute,
			 false},
    [COMMAND_LONG_DATA] = {"SEND_LONG_DATA", EXPECT_NOTHING, 0, on_long_data,
			   false},
    [COMMAND_CLOSE] = {"CLOSE", EXPECT_NOTHING, 4, on_close, false},
    [COMMAND_RESET_STATEMENT] = {"RESET", EXPECT_OK, 4, on_reset_statement,
				 false},
    [COMMAND_FETCH] = {"FETCH", EXPECT_FETCHED, 8, on_fetch, false},
    [0x1e] = {"BINLOG_DUMP_GTID", EXPECT_NOTHING, 0, NULL, true},
    [0x20] = {"CLONE", EXPECT_NOTHING, 0, NULL, true},
    [0x21] = {"SUBSCRIBE_GROUP_REPLICATION_STREAM", EXPECT_NOTHING, 0, NULL,
	      true},
    [COMMAND_BULK_EXECUTE] = {"BULK_EXECUTE", EXPECT_RESULT, WIRE_BIND_HELD,
			      on_bulk_execute, false},
    [0xfe] = {"MULTI", EXPECT_NOTHING, 0, NULL, true},
};

/* What a command's answer is like that the table does not have: SHUTDOWN,
 * PROCESS_KILL, PING, SET_OPTION, REGISTER_SLAVE, what a server does not know:
 * OK, EOF or an error. */
static int on_plain(struct wire *wire, uint8_t code)
{
	const struct command_row *row = &commands[code];

	if (row->unfollowed)
		return mysql_bad(wire, "%s", row->name);
	return mysql_command_push(wire, code,
				  row->name ? row->expect : EXPECT_OK)
		   ? 0
		   : -1;
}

static int command_run(struct wire *wire, const uint8_t *body, size_t size,
		       uint64_t total)
{
	uint8_t code = wire->client_code;
	struct bytes rest = {size ? body + 1 : body, size ? size - 1 : 0};

	return commands[code].whole
		   ? commands[code].whole(wire, rest, total ? total - 1 : 0)
		   : on_plain(wire, code);
}

/* --- packets --- */

static size_t held_limit(const struct wire *wire, uint8_t code)
{
	uint32_t held = commands[code].held;

	if (code == COMMAND_LONG_DATA)
		return wire->limits->max_session;
	return held == UINT32_MAX ? wire->limits->max_statement + 1024
				  : (size_t)held + 1;
}

/* Long parameters: the statement is told when enough of them are there, and the
 * rest goes out as it comes. */
static int client_stream(struct wire *wire, const struct packet_piece *piece)
{
	struct bytes data = {piece->data, piece->size};

	if (wire->streamed) {
		wire->events->input(wire->context, wire->streamed, 0,
				    WIRE_INPUT_BIND, data);
	} else {
		buffer_append(&wire->client_held, data.data, data.size);
		if (wire->client_held.failed)
			return mysql_bad(wire, "out of memory");
		if (command_run(wire, wire->client_held.data,
				wire->client_held.size, wire->client_held.size))
			return -1;
		wire->streamed = wire->messages;
		buffer_release(&wire->client_held);
	}
	if (piece->last)
		wire->streamed = 0;
	return 0;
}

static int client_gather(struct wire *wire, const struct packet_piece *piece)
{
	struct buffer *held = &wire->client_held;
	size_t limit = held_limit(wire, wire->client_code);
	size_t room = limit > held->size ? limit - held->size : 0;
	size_t take = piece->size < room ? piece->size : room;
	int result;

	if (piece->first && piece->last)
		return command_run(wire, piece->data, piece->size, piece->size);
	if (wire->streamed ||
	    (piece->size > room && (wire->client_code == COMMAND_EXECUTE ||
				    wire->client_code == COMMAND_BULK_EXECUTE)))
		return client_stream(wire, piece);
	buffer_append(held, piece->data, take);
	if (held->failed)
		return mysql_bad(wire, "out of memory");
	if (!piece->last)
		return 0;
	result = command_run(wire, held->data, held->size,
			     piece->before + piece->size);
	buffer_clear(held);
	if (held->capacity > 4096)
		buffer_release(held);
	return result;
}

/* A file's content, for LOAD DATA LOCAL; an empty packet is its end. */
static void on_file(struct wire *wire, const struct packet_piece *piece)
{
	const struct wire_command *head = mysql_command_head(wire);
	struct bytes data = {piece->data, piece->size};

	if (data.size && head)
		wire->events->input(wire->context, head->message,
				    wire->answer.index, WIRE_INPUT_COPY_DATA,
				    data);
	if (piece->first && piece->last && !piece->size)
		wire->file_open = false;
}

int mysql_client_piece(struct wire *wire, const struct packet_piece *piece)
{
	if (wire->file_open) {
		on_file(wire, piece);
		return 0;
	}
	if (piece->first) {
		/* What plugins say is not looked at. */
		wire->in_proof = wire->login != LOGIN_OVER || wire->proving;
		wire->client_code = piece->size ? piece->data[0] : 0;
	}
	if (wire->in_proof) {
		if (!wire->proving && wire->login != LOGIN_OVER &&
		    piece->first && !piece->sequence)
			return mysql_bad(wire, "a command within the login");
		return 0;
	}
	return client_gather(wire, piece);
}
