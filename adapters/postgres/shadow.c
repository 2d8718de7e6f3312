/*
 * The shadow driver: libpq in non-blocking pipeline mode. A batch is one flush
 * and one wait. A COPY cannot be part of a pipeline: the pipeline is left for
 * it and entered again behind it.
 */
#include "adapters/shadow.h"

#include <ctype.h>
#include <libpq-fe.h>

#include "adapters/postgres/decode.h"
#include "adapters/postgres/postgres.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/memory.h"

enum { WARNINGS_HELD = 16, COPY_CHUNK = 64 * 1024, COLUMNS_DIGESTED = 256 };

/* The login's own steps, before the caller's first batch. */
enum login_step {
	LOGIN_CONNECT,
	LOGIN_AUTHORIZATION, /* SET SESSION AUTHORIZATION */
	LOGIN_ROLE,	     /* SET ROLE, where that was refused */
	LOGIN_DONE,
};

/* One answer under way, with what has to grow in the heap. */
struct slot {
	struct answer answer;
	struct value *rows;
	size_t row_capacity; /* of values */
	size_t value_count;
	size_t bytes;
	struct rows_digest digest;
	struct digest columns[COLUMNS_DIGESTED];
	struct answer_problem warnings[WARNINGS_HELD];
	bool described;
};

struct shadow {
	PGconn *connection;
	enum shadow_state state;
	enum login_step step;
	PostgresPollingStatusType polling;
	unsigned wants;
	char *role;
	char *role_text;
	char role_problem[256];
	char problem[512];
	char sqlstate[6];

	const struct shadow_command *commands;
	size_t count;
	size_t sent;	 /* commands sent */
	size_t answered; /* commands whose answer is whole */
	size_t segment;	 /* end of what was sent as one pipeline */
	/* Of each query of the segment whether it is our own (a role put down
	 * or taken on again), to be dropped. */
	bool *ours;
	size_t ours_capacity;
	size_t queries;	 /* sent */
	size_t received; /* of them, whole */
	bool copying_in;
	bool copying_out;
	bool copy_ended;
	uint64_t copied;
	char *chunk; /* COPY_CHUNK, once needed */
	size_t chunk_size;
	bool chunk_held;

	struct slot *slots;
	size_t slot_capacity;
	struct answer *answers;
	struct arena arena;
	int64_t started_at;
};

static enum shadow_state lose(struct shadow *shadow, const char *why)
{
	shadow->state = SHADOW_LOST;
	shadow->wants = 0;
	snprintf(shadow->problem, sizeof(shadow->problem), "%.*s",
		 (int)strcspn(why, "\n"), why);
	return SHADOW_LOST;
}

static enum shadow_state lose_connection(struct shadow *shadow)
{
	const char *why = PQerrorMessage(shadow->connection);

	return lose(shadow, *why ? why : "the connection was closed");
}

/* --- answers --- */

static const char *field(struct shadow *shadow, const PGresult *result,
			 int code)
{
	const char *text = PQresultErrorField(result, code);

	return arena_string(&shadow->arena, text ? text : "");
}

static void keep_problem(struct shadow *shadow, const PGresult *result,
			 struct answer_problem *problem)
{
	problem->severity =
	    field(shadow, result, PG_DIAG_SEVERITY_NONLOCALIZED);
	problem->sqlstate = field(shadow, result, PG_DIAG_SQLSTATE);
	problem->message = field(shadow, result, PG_DIAG_MESSAGE_PRIMARY);
	problem->constraint = field(shadow, result, PG_DIAG_CONSTRAINT_NAME);
}

static void notice(void *context, const PGresult *result)
{
	struct shadow *shadow = context;
	const char *severity =
	    PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
	struct slot *slot;

	if (shadow->state != SHADOW_BUSY || shadow->answered >= shadow->count ||
	    !severity || strcmp(severity, "WARNING") != 0)
		return;
	slot = &shadow->slots[shadow->answered];
	if (slot->answer.warning_held < WARNINGS_HELD)
		keep_problem(shadow, result,
			     &slot->warnings[slot->answer.warning_held++]);
	slot->answer.warning_count++;
}

static void describe(struct shadow *shadow, struct slot *slot,
		     const PGresult *result)
{
	size_t count = (size_t)PQnfields(result);
	struct answer_column *columns =
	    arena_array(&shadow->arena, count, sizeof(*columns));

	for (size_t i = 0; i < count; i++) {
		int at = (int)i;

		columns[i].name =
		    arena_string(&shadow->arena, PQfname(result, at));
		columns[i].type = PQftype(result, at);
		columns[i].modifier = PQfmod(result, at);
		columns[i].format = (uint8_t)PQfformat(result, at);
		columns[i].table = PQftable(result, at);
		columns[i].attribute = (uint16_t)PQftablecol(result, at);
	}
	slot->described = true;
	slot->answer.has_columns = true;
	slot->answer.columns = columns;
	slot->answer.column_count = count;
	rows_digest_start(&slot->digest, slot->columns, COLUMNS_DIGESTED,
			  count);
}

static struct value *more_values(struct slot *slot, size_t count)
{
	struct value *values;

	if (slot->value_count + count > slot->row_capacity) {
		slot->row_capacity = (slot->value_count + count) * 2;
		slot->rows = memory_resize(slot->rows, slot->row_capacity *
							   sizeof(*slot->rows));
	}
	values = &slot->rows[slot->value_count];
	slot->value_count += count;
	return values;
}

static bool may_keep(const struct slot *slot, size_t size, size_t max)
{
	return slot->answer.row_held == slot->digest.row_count && size <= max &&
	       slot->bytes <= max - size;
}

static void keep_rows(struct shadow *shadow, struct slot *slot,
		      const PGresult *result)
{
	size_t columns = slot->answer.column_count;
	size_t max = shadow->commands[shadow->answered].rows_max;

	for (int row = 0; row < PQntuples(result); row++) {
		size_t size = 0;
		struct value *values = NULL;

		for (size_t i = 0; i < columns; i++)
			size += (size_t)PQgetlength(result, row, (int)i) + 16;
		if (may_keep(slot, size, max)) {
			values = more_values(slot, columns);
			slot->bytes += size;
			slot->answer.row_held++;
		}
		for (size_t i = 0; i < columns; i++) {
			const char *data = PQgetvalue(result, row, (int)i);
			size_t length =
			    (size_t)PQgetlength(result, row, (int)i);

			if (PQgetisnull(result, row, (int)i)) {
				rows_digest_null(&slot->digest);
				if (values)
					values[i] = (struct value){NULL, 0};
				continue;
			}
			rows_digest_cell(&slot->digest, data, length);
			if (values)
				values[i] = (struct value){
				    arena_copy(&shadow->arena, data, length),
				    (uint32_t)length};
		}
		rows_digest_row_end(&slot->digest);
	}
}

static void keep_line(struct shadow *shadow, struct slot *slot,
		      const char *data, size_t size)
{
	size_t max = shadow->commands[shadow->answered].rows_max;

	if (may_keep(slot, size + 16, max)) {
		*more_values(slot, 1) = (struct value){
		    arena_copy(&shadow->arena, data, size), (uint32_t)size};
		slot->bytes += size + 16;
		slot->answer.row_held++;
	}
	rows_digest_cell(&slot->digest, data, size);
	rows_digest_row_end(&slot->digest);
}

static void finish(struct shadow *shadow)
{
	struct slot *slot = &shadow->slots[shadow->answered];
	struct answer *answer = &slot->answer;

	answer->tag = answer->tag ? answer->tag : "";
	answer->affected = postgres_decode.affected(answer->tag);
	answer->warnings = slot->warnings;
	if (slot->described) {
		answer->rows = slot->rows;
		answer->row_count = slot->digest.row_count;
		answer->capped = answer->row_held < answer->row_count;
		answer->ordered = slot->digest.ordered;
		answer->unordered = slot->digest.unordered;
		answer->column_digests = slot->columns;
		answer->column_digest_count =
		    answer->column_count < COLUMNS_DIGESTED
			? answer->column_count
			: COLUMNS_DIGESTED;
	}
	/* From the batch's sending, as an application waits: the answers of a
	 * pipeline arrive together, so what lies between two tells nothing. */
	answer->duration_us = clock_monotonic_us() - shadow->started_at;
	shadow->answers[shadow->answered++] = *answer;
}

/* --- sending --- */

static bool send_one(struct shadow *shadow, const char *text,
		     const struct shadow_command *command)
{
	size_t count = command ? command->parameter_count : 0;
	const char **values = NULL;
	int *lengths = NULL, *formats = NULL;
	Oid *types = NULL;

	if (shadow->queries == shadow->ours_capacity) {
		shadow->ours_capacity = shadow->ours_capacity * 2 + 16;
		shadow->ours =
		    memory_resize(shadow->ours, shadow->ours_capacity);
	}
	shadow->ours[shadow->queries++] = !command;
	if (count) {
		values = arena_array(&shadow->arena, count, sizeof(*values));
		lengths = arena_array(&shadow->arena, count, sizeof(*lengths));
		formats = arena_array(&shadow->arena, count, sizeof(*formats));
		types = arena_array(&shadow->arena, count, sizeof(*types));
	}
	for (size_t i = 0; i < count; i++) {
		const struct value *value = &command->parameters[i];

		formats[i] = command->parameter_formats
				 ? command->parameter_formats[i]
				 : 0;
		types[i] =
		    command->parameter_types ? command->parameter_types[i] : 0;
		lengths[i] = (int)value->size;
		/* libpq takes text up to its NUL */
		if (value->data)
			values[i] = arena_copy(&shadow->arena, value->data,
					       value->size);
	}
	return PQsendQueryParams(shadow->connection, text, (int)count, types,
				 values, lengths, formats,
				 command ? command->result_format : 0) == 1;
}

/* Sends from `sent` on, up to the next COPY, or just that one. */
static bool send_segment(struct shadow *shadow)
{
	const struct shadow_command *command = &shadow->commands[shadow->sent];
	PGconn *connection = shadow->connection;

	shadow->queries = shadow->received = 0;
	if (command->copy) {
		if (PQpipelineStatus(connection) != PQ_PIPELINE_OFF &&
		    !PQexitPipelineMode(connection))
			return false;
		shadow->copying_in = shadow->copying_out = false;
		shadow->copy_ended = shadow->chunk_held = false;
		shadow->copied = 0;
		shadow->segment = ++shadow->sent;
		return PQsendQuery(connection, command->text) == 1;
	}
	if (PQpipelineStatus(connection) == PQ_PIPELINE_OFF &&
	    !PQenterPipelineMode(connection))
		return false;
	for (bool first = true; shadow->sent < shadow->count; first = false) {
		bool wrap;

		command = &shadow->commands[shadow->sent];
		if (command->copy)
			break;
		if (command->regardless && !first &&
		    !PQpipelineSync(connection))
			return false;
		wrap = command->own_account && shadow->role_text;
		if (wrap && !send_one(shadow,
				      strstr(shadow->role_text, "ROLE")
					  ? "RESET ROLE"
					  : "RESET SESSION AUTHORIZATION",
				      NULL))
			return false;
		if (!send_one(shadow, command->text, command))
			return false;
		if (wrap && !send_one(shadow, shadow->role_text, NULL))
			return false;
		shadow->sent++;
	}
	shadow->segment = shadow->sent;
	return PQpipelineSync(connection) == 1;
}

static bool flush(struct shadow *shadow)
{
	int left = PQflush(shadow->connection);

	shadow->wants = SHADOW_READ | (left > 0 ? SHADOW_WRITE : 0);
	/* libpq hides a failed write until it has read why, and may have closed
	 * the descriptor by then: no event would come any more */
	return left >= 0 && PQsocket(shadow->connection) >= 0 &&
	       PQstatus(shadow->connection) != CONNECTION_BAD;
}

/* --- receiving --- */

static bool copy_in(struct shadow *shadow, struct slot *slot)
{
	const struct shadow_command *command =
	    &shadow->commands[shadow->answered];
	int sent;

	(void)slot;
	if (!shadow->chunk)
		shadow->chunk = memory_alloc(COPY_CHUNK);
	while (!shadow->copy_ended) {
		if (!shadow->chunk_held) {
			int64_t got =
			    command->input
				? command->input(command->context,
						 shadow->copied, shadow->chunk,
						 COPY_CHUNK)
				: 0;
			const char *failure = got < 0 ? "the input is lost"
						      : command->input_failure;

			if (got <= 0) {
				sent =
				    PQputCopyEnd(shadow->connection, failure);
				if (sent < 0)
					return false;
				if (!sent)
					return flush(shadow);
				shadow->copy_ended = true;
				break;
			}
			shadow->copied += (uint64_t)got;
			shadow->chunk_size = (size_t)got;
			shadow->chunk_held = true;
		}
		sent = PQputCopyData(shadow->connection, shadow->chunk,
				     (int)shadow->chunk_size);
		if (sent < 0)
			return false;
		if (!sent)
			return flush(shadow);
		shadow->chunk_held = false;
	}
	shadow->copying_in = false;
	return flush(shadow);
}

/* -1: lost, 0: more to come, 1: at its end. */
static int copy_out(struct shadow *shadow, struct slot *slot)
{
	for (;;) {
		char *line = NULL;
		int size = PQgetCopyData(shadow->connection, &line, 1);

		if (size == 0)
			return 0;
		if (size < 0) {
			shadow->copying_out = false;
			return size == -1 ? 1 : -1;
		}
		keep_line(shadow, slot, line, (size_t)size);
		PQfreemem(line);
	}
}

static void take(struct shadow *shadow, struct slot *slot,
		 const PGresult *result)
{
	struct answer *answer = &slot->answer;

	switch (PQresultStatus(result)) {
	case PGRES_SINGLE_TUPLE:
	case PGRES_TUPLES_OK:
		if (!slot->described)
			describe(shadow, slot, result);
		keep_rows(shadow, slot, result);
		if (PQresultStatus(result) == PGRES_SINGLE_TUPLE)
			break;
		/* fallthrough */
	case PGRES_COMMAND_OK:
		answer->outcome = ANSWER_OK;
		answer->tag = arena_string(&shadow->arena,
					   PQcmdStatus((PGresult *)result));
		break;
	case PGRES_EMPTY_QUERY:
		answer->outcome = ANSWER_EMPTY;
		break;
	case PGRES_COPY_IN:
		answer->copy = true;
		shadow->copying_in = true;
		break;
	case PGRES_COPY_OUT:
		answer->copy = true;
		shadow->copying_out = true;
		slot->described = true;
		answer->has_columns = true;
		answer->column_count = 1;
		rows_digest_start(&slot->digest, slot->columns,
				  COLUMNS_DIGESTED, 1);
		break;
	case PGRES_PIPELINE_ABORTED:
		answer->outcome = ANSWER_SKIPPED;
		break;
	default:
		answer->outcome = ANSWER_FAILED;
		keep_problem(shadow, result, &answer->problem);
		break;
	}
}

/* The next query's rows one by one, so that none is held longer than needed. */
static void stream_next(struct shadow *shadow)
{
	if (shadow->received < shadow->queries &&
	    !shadow->ours[shadow->received])
		PQsetSingleRowMode(shadow->connection);
}

/* Whether results of a pipeline's segment are still due. */
static bool receive(struct shadow *shadow, bool *lost)
{
	PGconn *connection = shadow->connection;

	*lost = false;
	while (!PQisBusy(connection)) {
		bool piped = PQpipelineStatus(connection) != PQ_PIPELINE_OFF;
		struct slot *slot = shadow->answered < shadow->segment
					? &shadow->slots[shadow->answered]
					: NULL;
		PGresult *result;
		ExecStatusType status;

		if (slot && shadow->copying_in) {
			*lost = !copy_in(shadow, slot);
			if (*lost || shadow->copying_in)
				return true;
			continue;
		}
		if (slot && shadow->copying_out) {
			int end = copy_out(shadow, slot);

			*lost = end < 0;
			if (end <= 0)
				return true;
			continue;
		}
		result = PQgetResult(connection);
		if (!result) {
			if (!piped) {
				if (slot)
					finish(shadow);
				return false;
			}
			/* stands behind each query of a pipeline */
			if (shadow->received == shadow->queries)
				return false;
			if (!shadow->ours[shadow->received++])
				finish(shadow);
			stream_next(shadow);
			continue;
		}
		status = PQresultStatus(result);
		if (status == PGRES_PIPELINE_SYNC) {
			PQclear(result);
			if (shadow->received == shadow->queries)
				return false;
			stream_next(shadow);
			continue;
		}
		if (PQstatus(connection) == CONNECTION_BAD) {
			const char *state =
			    PQresultErrorField(result, PG_DIAG_SQLSTATE);

			snprintf(shadow->sqlstate, sizeof(shadow->sqlstate),
				 "%s", state ? state : "");
			PQclear(result);
			*lost = true;
			return true;
		}
		if (slot && !(piped && shadow->ours[shadow->received]))
			take(shadow, slot, result);
		PQclear(result);
	}
	return true;
}

/* What stands behind a COPY that failed, in a segment of its own, is not run
 * either. */
static void skip_failed(struct shadow *shadow)
{
	while (shadow->sent < shadow->count && shadow->answered &&
	       shadow->answered == shadow->sent &&
	       !shadow->commands[shadow->sent].regardless) {
		enum answer_outcome before =
		    shadow->answers[shadow->answered - 1].outcome;

		if (before != ANSWER_FAILED && before != ANSWER_SKIPPED)
			return;
		shadow->slots[shadow->answered].answer.outcome = ANSWER_SKIPPED;
		finish(shadow);
		shadow->segment = ++shadow->sent;
	}
}

static enum shadow_state advance_batch(struct shadow *shadow)
{
	bool lost;

	if (!PQconsumeInput(shadow->connection) || !flush(shadow))
		return lose_connection(shadow);
	while (!receive(shadow, &lost)) {
		skip_failed(shadow);
		if (shadow->sent == shadow->count) {
			shadow->wants = SHADOW_READ;
			return shadow->state = SHADOW_IDLE;
		}
		if (!send_segment(shadow) || !flush(shadow))
			return lose_connection(shadow);
		stream_next(shadow);
	}
	return lost ? lose_connection(shadow) : SHADOW_BUSY;
}

static int submit(struct shadow *shadow, const struct shadow_command *commands,
		  size_t count)
{
	shadow->commands = commands;
	shadow->count = count;
	shadow->sent = shadow->answered = shadow->segment = 0;
	arena_clear(&shadow->arena);
	if (count > shadow->slot_capacity) {
		shadow->slots = memory_resize(shadow->slots,
					      count * sizeof(*shadow->slots));
		shadow->answers = memory_resize(
		    shadow->answers, count * sizeof(*shadow->answers));
		for (size_t i = shadow->slot_capacity; i < count; i++)
			shadow->slots[i] = (struct slot){0};
		shadow->slot_capacity = count;
	}
	for (size_t i = 0; i < count; i++) {
		struct slot *slot = &shadow->slots[i];

		slot->answer = (struct answer){.outcome = ANSWER_ABANDONED,
					       .affected = -1};
		slot->value_count = slot->bytes = 0;
		slot->described = false;
		slot->digest = (struct rows_digest){0};
	}
	shadow->state = SHADOW_BUSY;
	shadow->started_at = clock_monotonic_us();
	if (!count) {
		shadow->state = SHADOW_IDLE;
		return 0;
	}
	if (!send_segment(shadow) || !flush(shadow)) {
		lose_connection(shadow);
		return -1;
	}
	stream_next(shadow);
	return 0;
}

/* --- connecting --- */

static void append_option(struct buffer *options, const char *name,
			  const char *value)
{
	buffer_printf(options, " -c %s=", name);
	for (; *value; value++) {
		if (isspace((unsigned char)*value) || *value == '\\')
			buffer_append_byte(options, '\\');
		buffer_append_byte(options, (uint8_t)*value);
	}
}

/* A name that may stand in the options, and is not the mirror's business. */
static bool passes(const char *name)
{
	static const char *const ours[] = {
	    "user",
	    "database",
	    "options",
	    "replication",
	    "client_encoding",
	    "application_name",
	    "is_superuser",
	    "session_authorization",
	    "server_version",
	    "server_encoding",
	    "integer_datetimes",
	    "in_hot_standby",
	    "default_transaction_read_only",
	    "statement_timeout",
	    "lock_timeout",
	    "transaction_timeout",
	    "idle_in_transaction_session_timeout",
	    "idle_session_timeout",
	};

	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		if (!strcasecmp(name, ours[i]))
			return false;
	if (!strncmp(name, "_pq_.", 5))
		return false;
	for (const char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '_' && *at != '.')
			return false;
	return *name;
}

static void make_options(const struct shadow_login *login,
			 struct buffer *options, const char **encoding)
{
	/* the client's own come first, so that ours win */
	for (size_t i = 0; i < login->setting_count; i++)
		if (!strcmp(login->settings[i].name, "options"))
			buffer_append_string(options, login->settings[i].value);
	for (size_t i = 0; i < login->setting_count; i++) {
		const struct shadow_setting *setting = &login->settings[i];

		if (!strcasecmp(setting->name, "client_encoding"))
			*encoding = setting->value;
		else if (passes(setting->name))
			append_option(options, setting->name, setting->value);
	}
	buffer_printf(options, " -c statement_timeout=%lld",
		      (long long)(login->statement_timeout_us / 1000));
	buffer_append_string(options,
			     " -c lock_timeout=0"
			     " -c idle_in_transaction_session_timeout=0");
}

static int open_shadow(const struct shadow_login *login, struct shadow **out,
		       struct error *error)
{
	const char *keywords[POSTGRES_PARAMETERS + 4];
	const char *values[POSTGRES_PARAMETERS + 4];
	struct postgres_parameters parameters;
	const char *encoding = "UTF8";
	struct shadow *shadow;
	struct buffer options;
	size_t count = 0;

	buffer_init(&options, 0);
	make_options(login, &options, &encoding);
	postgres_parameters(login->endpoint, &parameters);
	for (size_t i = 0; parameters.keywords[i]; i++) {
		if (!strcmp(parameters.keywords[i], "client_encoding") ||
		    !strcmp(parameters.keywords[i], "application_name"))
			continue;
		keywords[count] = parameters.keywords[i];
		values[count++] = parameters.values[i];
	}
	keywords[count] = "client_encoding";
	values[count++] = encoding;
	keywords[count] = "application_name";
	values[count++] = login->label;
	keywords[count] = "options";
	values[count++] = buffer_string(&options);
	keywords[count] = values[count] = NULL;

	shadow = memory_alloc(sizeof(*shadow));
	arena_init(&shadow->arena, 0);
	shadow->connection = PQconnectStartParams(keywords, values, 1);
	buffer_release(&options);
	if (!shadow->connection) {
		free(shadow);
		return error_set(error, ERROR_MEMORY, "libpq: out of memory");
	}
	shadow->role =
	    login->role && strcmp(login->role, login->endpoint->user
						   ? login->endpoint->user
						   : "") != 0
		? memory_string(login->role)
		: NULL;
	if (PQstatus(shadow->connection) == CONNECTION_BAD) {
		lose_connection(shadow);
	} else {
		PQsetNoticeReceiver(shadow->connection, notice, shadow);
		shadow->polling = PGRES_POLLING_WRITING;
		shadow->wants = SHADOW_WRITE;
	}
	*out = shadow;
	return 0;
}

static void close_shadow(struct shadow **shadow)
{
	struct shadow *s = *shadow;

	if (!s)
		return;
	PQfinish(s->connection);
	for (size_t i = 0; i < s->slot_capacity; i++)
		free(s->slots[i].rows);
	free(s->slots);
	free(s->answers);
	free(s->chunk);
	free(s->ours);
	free(s->role);
	free(s->role_text);
	arena_release(&s->arena);
	free(s);
	*shadow = NULL;
}

static bool send_role(struct shadow *shadow)
{
	char *name = PQescapeIdentifier(shadow->connection, shadow->role,
					strlen(shadow->role));
	struct buffer text;
	bool sent;

	if (!name)
		return false;
	buffer_init(&text, 0);
	buffer_printf(&text, "%s %s",
		      shadow->step == LOGIN_AUTHORIZATION
			  ? "SET SESSION AUTHORIZATION"
			  : "SET ROLE",
		      name);
	PQfreemem(name);
	free(shadow->role_text);
	shadow->role_text = memory_string(buffer_string(&text));
	buffer_release(&text);
	sent = PQsendQuery(shadow->connection, shadow->role_text) == 1;
	return sent && flush(shadow);
}

static enum shadow_state logged_in(struct shadow *shadow)
{
	shadow->step = LOGIN_DONE;
	shadow->wants = SHADOW_READ;
	if (!PQenterPipelineMode(shadow->connection))
		return lose_connection(shadow);
	return shadow->state = SHADOW_IDLE;
}

static enum shadow_state advance_login(struct shadow *shadow)
{
	PGconn *connection = shadow->connection;
	PGresult *result;
	bool ok = true;

	if (shadow->step == LOGIN_CONNECT) {
		shadow->polling = PQconnectPoll(connection);
		switch (shadow->polling) {
		case PGRES_POLLING_READING:
			shadow->wants = SHADOW_READ;
			return SHADOW_CONNECTING;
		case PGRES_POLLING_WRITING:
			shadow->wants = SHADOW_WRITE;
			return SHADOW_CONNECTING;
		case PGRES_POLLING_OK:
			break;
		default:
			return lose_connection(shadow);
		}
		if (PQsetnonblocking(connection, 1))
			return lose_connection(shadow);
		if (!shadow->role)
			return logged_in(shadow);
		shadow->step = LOGIN_AUTHORIZATION;
		if (!send_role(shadow))
			return lose_connection(shadow);
		return SHADOW_CONNECTING;
	}
	if (!PQconsumeInput(connection) || !flush(shadow))
		return lose_connection(shadow);
	if (PQisBusy(connection))
		return SHADOW_CONNECTING;
	while ((result = PQgetResult(connection))) {
		if (PQresultStatus(result) != PGRES_COMMAND_OK) {
			const char *why =
			    PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

			ok = false;
			snprintf(shadow->role_problem,
				 sizeof(shadow->role_problem), "%s",
				 why ? why : "refused");
		}
		PQclear(result);
	}
	if (PQstatus(connection) == CONNECTION_BAD)
		return lose_connection(shadow);
	if (ok) {
		shadow->role_problem[0] = '\0';
		return logged_in(shadow);
	}
	if (shadow->step == LOGIN_AUTHORIZATION) {
		shadow->step = LOGIN_ROLE;
		if (!send_role(shadow))
			return lose_connection(shadow);
		return SHADOW_CONNECTING;
	}
	free(shadow->role_text);
	shadow->role_text = NULL;
	return logged_in(shadow);
}

static enum shadow_state advance(struct shadow *shadow)
{
	switch (shadow->state) {
	case SHADOW_CONNECTING:
		return advance_login(shadow);
	case SHADOW_BUSY:
		return advance_batch(shadow);
	case SHADOW_IDLE: /* a server that goes away says so */
		if (!PQconsumeInput(shadow->connection))
			return lose_connection(shadow);
		return SHADOW_IDLE;
	case SHADOW_LOST:
		break;
	}
	return SHADOW_LOST;
}

/* --- what is known of it --- */

static enum shadow_state state(const struct shadow *shadow)
{
	return shadow->state;
}

static int descriptor(const struct shadow *shadow)
{
	return PQsocket(shadow->connection);
}

static unsigned wants(const struct shadow *shadow)
{
	return shadow->wants;
}

static const struct answer *answers(const struct shadow *shadow, size_t *count)
{
	*count = shadow->answered;
	return shadow->answers;
}

static const char *problem(const struct shadow *shadow)
{
	return shadow->problem;
}

static const char *sqlstate(const struct shadow *shadow)
{
	return shadow->sqlstate;
}

static const char *role_problem(const struct shadow *shadow)
{
	return *shadow->role_problem ? shadow->role_problem : NULL;
}

static const char *role_text(const struct shadow *shadow)
{
	return shadow->role_text;
}

static uint32_t backend(const struct shadow *shadow)
{
	return (uint32_t)PQbackendPID(shadow->connection);
}

const struct shadow_ops postgres_shadow = {
    .open = open_shadow,
    .close = close_shadow,
    .state = state,
    .descriptor = descriptor,
    .wants = wants,
    .advance = advance,
    .submit = submit,
    .answers = answers,
    .problem = problem,
    .sqlstate = sqlstate,
    .role_problem = role_problem,
    .role_text = role_text,
    .backend = backend,
    .transaction_id = "SELECT txid_current_if_assigned()",
    .transaction_status = "SELECT txid_status($1)",
    .blocked = "SELECT a.pid, b.pid FROM pg_stat_activity a, "
	       "LATERAL unnest(pg_blocking_pids(a.pid)) AS b (pid) "
	       "WHERE a.wait_event_type = 'Lock' "
	       "AND a.application_name LIKE 'parallax:%'",
    .cancel = "SELECT pg_cancel_backend($1)",
};
