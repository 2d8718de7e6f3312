#include "relay/capture.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "relay/held.h"

enum {
	CAPTURE_HELD_KEPT = 4096,	     /* of an idle session's buffer */
	CAPTURE_HELD_MAX = 16 * 1024 * 1024, /* of a pipeline; its heads fit */
	CAPTURE_SCRATCH_KEPT = 512 * 1024,
};

static char *status_text(char status)
{
	static char idle[] = "I";
	static char block[] = "T";
	static char failed[] = "E";

	return status == 'T' ? block : status == 'E' ? failed : idle;
}

static void held_fill(const struct capture_session *session,
		      struct held_statement *held,
		      Parallax__Journal__Statement *out)
{
	uint8_t *at = (uint8_t *)(held + 1);

	parallax__journal__statement__init(out);
	out->kind = (Parallax__Journal__StatementKind)held->kind;
	out->truncated = held->truncated;
	out->resumed = held->resumed;
	out->implicit = held->implicit;
	out->row_limit = held->row_limit;
	out->portal_message = held->portal_message;
	out->forwarded_at = held->forwarded_at;
	out->after = held->after;
	out->parse_after = held->parse_after;
	out->bind_after = held->bind_after;
	out->parsed_after = held->parsed_after;
	out->transaction = session->transaction;
	/* It was reported before its turn: those before it are transactions of
	 * their own, unless a block is open. */
	if (session->status == 'I' && held->ready_at > session->readies)
		out->transaction += held->ready_at - session->readies;
	out->status_before = status_text(session->status);
	out->n_parameter_types = held->type_count;
	out->parameter_types = (uint32_t *)(void *)at;
	at += held->type_count * sizeof(uint32_t);
	out->text.data = at;
	out->text.len = held->text_size;
	at += held->text_size;
	out->bind.data = at;
	out->bind.len = held->bind_size;
	at += held->bind_size;
	out->call.data = at;
	out->call.len = held->call_size;
	at += held->call_size;
	out->statement_name = (char *)at;
	out->portal = (char *)at + held->name_size;
}

/* --- records --- */

struct parts {
	Parallax__Journal__Record record;
	Parallax__Journal__Statement statement;
	Parallax__Journal__Answer answer;
};

static void append(struct capture_session *session,
		   Parallax__Journal__Record *record)
{
	if (session->capture->writer)
		journal_writer_append(session->capture->writer,
				      &session->stream, record);
}

/* A record of a message, together with its statement if that was not written
 * yet. */
static struct held_statement *parts_init(struct capture_session *session,
					 struct parts *parts, uint64_t message)
{
	struct held_statement *held = held_statement_find(session, message);

	parallax__journal__record__init(&parts->record);
	parts->record.message = message;
	if (held && !held->written) {
		held_fill(session, held, &parts->statement);
		parts->record.statement = &parts->statement;
		held->written = true;
	}
	return held;
}

static void parts_answer(struct capture *capture, struct parts *parts)
{
	if (!capture->columns.size && !capture->rows.size)
		return;
	parallax__journal__answer__init(&parts->answer);
	parts->answer.index = capture->index;
	parts->answer.columns.data = capture->columns.data;
	parts->answer.columns.len = capture->columns.size;
	parts->answer.rows.data = capture->rows.data;
	parts->answer.rows.len = capture->rows.size;
	parts->record.answer = &parts->answer;
}

static void scratch_clear(struct buffer *buffer)
{
	if (buffer->capacity > CAPTURE_SCRATCH_KEPT)
		buffer_release(buffer);
	else
		buffer_clear(buffer);
}

static void answer_append(struct capture_session *session)
{
	struct capture *capture = session->capture;
	struct parts parts;

	parts_init(session, &parts, capture->message);
	parts_answer(capture, &parts);
	append(session, &parts.record);
	scratch_clear(&capture->columns);
	scratch_clear(&capture->rows);
}

static void input_append(struct capture_session *session)
{
	struct capture *capture = session->capture;
	Parallax__Journal__Input input = PARALLAX__JOURNAL__INPUT__INIT;
	struct parts parts;

	parts_init(session, &parts, capture->message);
	input.kind = (Parallax__Journal__InputKind)capture->input_kind;
	input.index = capture->index;
	input.data.data = capture->input.data;
	input.data.len = capture->input.size;
	parts.record.input = &input;
	append(session, &parts.record);
	scratch_clear(&capture->input);
}

/* What was gathered of an answer and of input. Most often it is nothing. */
static void write_answer(struct capture_session *session)
{
	if (session->capture->columns.size || session->capture->rows.size)
		answer_append(session);
}

static void write_input(struct capture_session *session)
{
	if (session->capture->input.size)
		input_append(session);
}

static void problem_fill(Parallax__Journal__Problem *out,
			 const struct wire_problem *problem)
{
	parallax__journal__problem__init(out);
	out->severity = (char *)(uintptr_t)problem->severity;
	out->sqlstate = (char *)(uintptr_t)problem->sqlstate;
	out->message = (char *)(uintptr_t)problem->message;
	out->constraint = (char *)(uintptr_t)problem->constraint;
	out->position = problem->position;
	out->code = problem->code;
	out->authored = problem->authored;
}

/*
 * A long pipeline is not held in memory: unwritten statements are written, and
 * only their heads stay.
 */
static void held_spill(struct capture_session *session)
{
	struct held_statement *held;
	size_t to = 0;

	for (size_t at = session->held_at;
	     (held = held_statement_at(session, at)); at += held->size) {
		struct parts parts;

		if (held->written)
			continue;
		parts_init(session, &parts, held->message);
		append(session, &parts.record);
	}
	for (size_t at = session->held_at;
	     (held = held_statement_at(session, at));) {
		struct held_statement head = *held;

		at += head.size;
		head.size = sizeof(head);
		memcpy(session->held.data + to, &head, sizeof(head));
		to += sizeof(head);
	}
	session->held.size = to;
	session->held_at = 0;
}

static uint32_t in_flight(const struct capture_session *session)
{
	return session->capture->busy - session->busy;
}

/* --- events --- */

static size_t settings_fill(Parallax__Journal__Setting ***out,
			    const struct wire_setting *settings, size_t count)
{
	Parallax__Journal__Setting *items;
	Parallax__Journal__Setting **list =
	    malloc(count * (sizeof(*items) + sizeof(*list)) + 1);

	*out = list;
	if (!list)
		return 0;
	items = (Parallax__Journal__Setting *)(void *)(list + count);
	for (size_t i = 0; i < count; i++) {
		parallax__journal__setting__init(&items[i]);
		items[i].name = (char *)(uintptr_t)settings[i].name;
		items[i].value = (char *)(uintptr_t)settings[i].value;
		list[i] = &items[i];
	}
	return count;
}

/* uncaptured: why, or NULL. */
static void opened_tell(struct capture_session *session, bool resumed,
			const char *uncaptured)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__SessionOpen opened =
	    PARALLAX__JOURNAL__SESSION_OPEN__INIT;
	struct wire_session state;

	if (!session->capture->writer ||
	    !session->capture->wire->describe(*session->codec, &state))
		return;
	opened.at = session->capture->now;
	if (uncaptured)
		opened.uncaptured = (char *)(uintptr_t)uncaptured;
	opened.role = (char *)(uintptr_t)state.role;
	opened.database = (char *)(uintptr_t)state.database;
	opened.client = (char *)(uintptr_t)session->peer;
	opened.look = session->look;
	opened.n_startup =
	    settings_fill(&opened.startup, state.startup, state.startup_count);
	opened.n_reported = settings_fill(&opened.reported, state.reported,
					  state.reported_count);
	if (resumed) {
		opened.transaction_status = status_text(session->status);
		opened.transaction = session->transaction;
		journal_writer_resume(session->capture->writer,
				      &session->stream, &opened);
	} else {
		record.opened = &opened;
		append(session, &record);
	}
	free(opened.startup);
	free(opened.reported);
}

static void on_opened(void *context)
{
	struct capture_session *session = context;

	session->opened = true;
	list_append(&session->capture->sessions, &session->link);
	opened_tell(session, false, NULL);
}

static void closed_tell(struct capture_session *session, bool clean,
			const char *uncaptured)
{
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__SessionClose closed =
	    PARALLAX__JOURNAL__SESSION_CLOSE__INIT;

	if (session->busy)
		session->capture->busy--;
	session->busy = false;
	if (session->opened) {
		closed.at = clock_unix_us();
		closed.clean = clean;
		if (uncaptured)
			closed.uncaptured = (char *)(uintptr_t)uncaptured;
		record.closed = &closed;
		append(session, &record);
	}
	session->opened = false;
	list_remove(&session->link);
	buffer_release(&session->held);
	session->held_at = 0;
}

/* For the journal an opened session ends here. One that was not opened has only
 * this record. */
static void on_uncaptured(void *context, const char *reason)
{
	struct capture_session *session = context;

	LOG_WARN("a session is not captured", "session=%llu reason=\"%s\"",
		 (unsigned long long)session->stream.session, reason);
	session->uncaptured = true;
	session->capture->uncaptured++;
	capture_turn(session);
	if (session->opened)
		closed_tell(session, false, reason);
	else
		opened_tell(session, false, reason);
}

static void on_resume(struct journal_writer *writer, void *context)
{
	struct capture *capture = context;

	(void)writer;
	capture->now = clock_unix_us();
	LIST_EACH(&capture->sessions, link)
	opened_tell(LIST_ITEM(link, struct capture_session, link), true, NULL);
}

static void on_statement(void *context, const struct wire_statement *it)
{
	struct capture_session *session = context;

	write_input(session);
	if (session->held.size - session->held_at > CAPTURE_HELD_MAX)
		held_spill(session);
	if (!session->busy) {
		session->busy = true;
		session->capture->busy++;
	}
	if (!held_statement_push(session, it)) {
		/* A text that cannot be held is recorded as truncated. */
		struct wire_statement bare = *it;

		bare.truncated = true;
		bare.text.size = bare.bind.size = bare.call.size = 0;
		bare.parameter_type_count = 0;
		held_statement_push(session, &bare);
	}
}

static void on_input(void *context, uint64_t message, uint32_t index,
		     enum wire_input_kind kind, struct bytes data)
{
	struct capture_session *session = context;
	struct capture *capture = session->capture;

	if (capture->input.size &&
	    (capture->message != message || capture->index != index ||
	     capture->input_kind != kind ||
	     capture->input.size + data.size > CAPTURE_RECORD))
		write_input(session);
	capture->message = message;
	capture->index = index;
	capture->input_kind = kind;
	while (data.size) {
		size_t take =
		    data.size < CAPTURE_RECORD ? data.size : CAPTURE_RECORD;

		buffer_append(&capture->input, data.data, take);
		data.data += take;
		data.size -= take;
		if (data.size)
			write_input(session);
	}
}

static void on_columns(void *context, uint64_t message, uint32_t index,
		       struct bytes columns)
{
	struct capture_session *session = context;
	struct capture *capture = session->capture;

	write_answer(session);
	capture->message = message;
	capture->index = index;
	buffer_append(&capture->columns, columns.data, columns.size);
}

static void on_row(void *context, uint64_t message, uint32_t index,
		   struct bytes row)
{
	struct capture_session *session = context;
	struct capture *capture = session->capture;

	if (capture->rows.size + row.size > CAPTURE_RECORD)
		write_answer(session);
	capture->message = message;
	capture->index = index;
	if (buffer_reserve(&capture->rows, row.size + 4))
		return;
	bytes_put_u32(capture->rows.data + capture->rows.size,
		      (uint32_t)row.size);
	memcpy(capture->rows.data + capture->rows.size + 4, row.data, row.size);
	capture->rows.size += row.size + 4;
}

struct end_parts {
	Parallax__Journal__End end;
	Parallax__Journal__Digest ordered;
	Parallax__Journal__Digest unordered;
	Parallax__Journal__Problem problem;
	Parallax__Journal__Problem warnings[WIRE_WARNINGS];
	Parallax__Journal__Problem *warning_list[WIRE_WARNINGS];
};

static void end_fill_rows(struct end_parts *parts,
			  const struct rows_digest *rows)
{
	Parallax__Journal__End *end = &parts->end;

	end->row_count = rows->row_count;
	parallax__journal__digest__init(&parts->ordered);
	parallax__journal__digest__init(&parts->unordered);
	parts->ordered.low = rows->ordered.low;
	parts->ordered.high = rows->ordered.high;
	parts->unordered.low = rows->unordered.low;
	parts->unordered.high = rows->unordered.high;
	end->ordered = &parts->ordered;
	end->unordered = &parts->unordered;
	/* low, high, low, high ... as the record stores them */
	end->n_column_digests = rows->column_count * 2;
	end->column_digests = (uint64_t *)(void *)rows->columns;
}

static void end_fill(struct end_parts *parts, const struct wire_end *it)
{
	Parallax__Journal__End *end = &parts->end;
	uint32_t kept = it->warning_count < WIRE_WARNINGS ? it->warning_count
							  : WIRE_WARNINGS;

	if (!it->warnings)
		kept = 0;

	parallax__journal__end__init(end);
	end->index = it->index;
	end->outcome = (Parallax__Journal__Outcome)it->outcome;
	end->tag = (char *)(uintptr_t)it->tag;
	end->first_byte_at = it->first_byte_at;
	end->first = it->first;
	end->insert_id = it->insert_id;
	end->matched_rows = it->matched_rows;
	end->changed_rows = it->changed_rows;
	end->copy_in = it->copy_in;
	end->copy_out = it->copy_out;
	end->rows_capped = it->rows_capped;
	end->columns.data = (uint8_t *)(uintptr_t)it->columns.data;
	end->columns.len = it->columns.size;
	if (it->rows)
		end_fill_rows(parts, it->rows);
	if (it->problem) {
		problem_fill(&parts->problem, it->problem);
		end->problem = &parts->problem;
	}
	end->warning_count = it->warning_count;
	end->n_warnings = kept;
	end->warnings = parts->warning_list;
	for (uint32_t i = 0; i < kept; i++) {
		problem_fill(&parts->warnings[i], &it->warnings[i]);
		parts->warning_list[i] = &parts->warnings[i];
	}
}

static void on_end(void *context, const struct wire_end *it)
{
	struct capture_session *session = context;
	struct capture *capture = session->capture;
	struct held_statement *held;
	struct end_parts end;
	struct parts parts;

	write_input(session);
	if (capture->message != it->message || capture->index != it->index ||
	    capture->rows.failed)
		write_answer(session);
	session->statements++;
	capture->exchanges++;
	held = parts_init(session, &parts, it->message);
	parts_answer(capture, &parts);
	end_fill(&end, it);
	end.end.seq = ++capture->seq;
	end.end.completed_at = capture->now;
	end.end.in_flight = in_flight(session);
	if (capture->rows.failed)
		end.end.rows_capped = true;
	parts.record.end = &end.end;
	append(session, &parts.record);
	scratch_clear(&capture->columns);
	scratch_clear(&capture->rows);
	if (held && it->last) {
		held->done = true;
		held_statements_advance(session);
	}
}

static void on_transaction_end(void *context, enum wire_transaction outcome,
			       uint64_t message, uint64_t after, uint64_t first,
			       const struct wire_problem *problem)
{
	struct capture_session *session = context;
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__TransactionEnd end =
	    PARALLAX__JOURNAL__TRANSACTION_END__INIT;
	Parallax__Journal__Problem undone_by;

	end.transaction = session->transaction++;
	end.seq = ++session->capture->seq;
	end.after = after;
	end.first = first;
	end.outcome = (Parallax__Journal__TransactionOutcome)outcome;
	end.at = session->capture->now;
	end.statements = session->statements;
	end.in_flight = in_flight(session);
	if (problem) {
		problem_fill(&undone_by, problem);
		end.problem = &undone_by;
	}
	record.message = message;
	record.transaction_end = &end;
	session->capture->transactions++;
	session->statements = 0;
	append(session, &record);
}

static void on_changed(void *context, const struct wire_change *it)
{
	struct capture_session *session = context;
	Parallax__Journal__Record record = PARALLAX__JOURNAL__RECORD__INIT;
	Parallax__Journal__SessionChange changed =
	    PARALLAX__JOURNAL__SESSION_CHANGE__INIT;

	changed.at = session->capture->now;
	changed.after = it->after;
	changed.first = it->first;
	changed.reset = it->reset;
	changed.role = (char *)(uintptr_t)it->role;
	changed.database = (char *)(uintptr_t)it->database;
	record.changed = &changed;
	append(session, &record);
}

static void on_ready(void *context, char status, uint64_t message, bool busy)
{
	struct capture_session *session = context;
	struct held_statement *held;

	session->status = status;
	session->readies++;
	for (size_t at = session->held_at;
	     (held = held_statement_at(session, at)) &&
	     held->message <= message;
	     at += held->size)
		held->done = true;
	held_statements_advance(session);
	if (session->busy && !busy) {
		session->busy = false;
		session->capture->busy--;
		if (!session->held.size &&
		    session->held.capacity > CAPTURE_HELD_KEPT)
			buffer_release(&session->held);
	}
}

const struct wire_events capture_events = {
    .opened = on_opened,
    .uncaptured = on_uncaptured,
    .statement = on_statement,
    .input = on_input,
    .columns = on_columns,
    .row = on_row,
    .end = on_end,
    .transaction_end = on_transaction_end,
    .changed = on_changed,
    .ready = on_ready,
};

/* --- sessions --- */

void capture_session_init(struct capture_session *session,
			  struct capture *capture, uint64_t number,
			  struct wire *const *codec, const char *peer)
{
	memset(session, 0, sizeof(*session));
	session->capture = capture;
	session->codec = codec;
	session->peer = peer;
	session->status = 'I';
	session->transaction = 1;
	journal_stream_init(&session->stream, number);
	list_init(&session->link);
	buffer_init(&session->held, 0);
}

void capture_session_close(struct capture_session *session, bool clean)
{
	capture_turn(session);
	closed_tell(session, clean, NULL);
}

struct wire_moment capture_moment(struct capture *capture)
{
	struct wire_moment moment;

	capture->now = clock_unix_us();
	moment.at = capture->now;
	moment.seq = capture->seq;
	return moment;
}

void capture_turn(struct capture_session *session)
{
	write_input(session);
	write_answer(session);
}

/* --- the process --- */

int capture_open(struct capture *capture, const struct wire_ops *wire,
		 const struct journal_options *journal, struct error *error)
{
	struct journal_options options;

	memset(capture, 0, sizeof(*capture));
	capture->wire = wire;
	list_init(&capture->sessions);
	buffer_init(&capture->columns, 0);
	buffer_init(&capture->rows, 0);
	buffer_init(&capture->input, 0);
	if (!journal)
		return 0;
	options = *journal;
	options.resume = on_resume;
	options.context = capture;
	if (journal_writer_open(&capture->writer, &options, error))
		return -1;
	capture->seq = journal_writer_last_seq(capture->writer);
	return 0;
}

int capture_close(struct capture *capture, struct error *error)
{
	struct error ignored;

	buffer_release(&capture->columns);
	buffer_release(&capture->rows);
	buffer_release(&capture->input);
	if (!capture->writer)
		return 0;
	error_init(&ignored);
	return journal_writer_close(&capture->writer, true,
				    error ? error : &ignored);
}

bool capture_full(const struct capture *capture)
{
	return capture->writer && journal_writer_full(capture->writer);
}

size_t capture_pending(const struct capture *capture)
{
	return capture->writer ? journal_writer_pending(capture->writer) : 0;
}

bool capture_flush(struct capture *capture)
{
	if (!capture_pending(capture))
		return false;
	journal_writer_flush(capture->writer);
	return true;
}

void capture_tick(struct capture *capture)
{
	if (capture->writer)
		journal_writer_tick(capture->writer);
}

void capture_status(const struct capture *capture, char *out, size_t size)
{
	struct journal_stats stats = {0};

	if (capture->writer)
		journal_writer_stats(capture->writer, &stats);
	snprintf(out, size,
		 ",\"seq\":%llu,\"exchanges\":%llu,\"transactions\":%llu,"
		 "\"uncaptured_sessions\":%llu,"
		 "\"journal_records\":%llu,\"journal_bytes\":%llu,"
		 "\"journal_size\":%llu,\"lost_records\":%llu,"
		 "\"lost_exchanges\":%llu,\"gaps\":%llu,\"write_errors\":%llu",
		 (unsigned long long)capture->seq,
		 (unsigned long long)capture->exchanges,
		 (unsigned long long)capture->transactions,
		 (unsigned long long)capture->uncaptured,
		 (unsigned long long)stats.records,
		 (unsigned long long)stats.bytes,
		 (unsigned long long)stats.size,
		 (unsigned long long)stats.lost_records,
		 (unsigned long long)stats.lost_exchanges,
		 (unsigned long long)stats.gaps,
		 (unsigned long long)stats.write_errors);
}
