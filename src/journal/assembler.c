#include "journal/assembler.h"

#include <inttypes.h>

#include "base/list.h"
#include "base/map.h"
#include "base/memory.h"
#include "journal/border.h"
#include "journal/convert.h"

enum {
	INPUT_MEMORY = 8 * 1024 * 1024,
	BIND_MAX = 256 * 1024 * 1024,
	ROWS_MAX = 64 * 1024 * 1024,
	TOTAL_MAX = 512 * 1024 * 1024,
	/* The overhead of an unfinished message, in addition to its bytes. */
	MESSAGE_COST = 1024,
};

/* A message whose exchanges are not all complete. */
struct assembled_message {
	struct link in_session; /* by number */
	struct link in_all;	/* by the position of the first part */
	uint64_t number;
	struct exchange_statement_own *statement;
	struct exchange_own *open; /* the current exchange, or NULL */
	uint32_t ended;		   /* exchanges of it that are complete */
	bool suspect;		   /* a gap may have lost parts of it */
};

struct assembled_session {
	struct link in_all;
	struct exchange_session_id id;
	struct link messages;
	bool listed;  /* at the head of the segment being read */
	bool suspect; /* a gap has made its state uncertain */
	bool told;    /* SESSION_OPENED was given */
};

struct journal_assembler {
	struct journal_assembler_options options;
	char *spill_directory;
	struct map sessions; /* by id_key */
	struct link all_sessions;
	struct link all_messages; /* oldest first */
	size_t held;
	uint32_t to_list; /* remaining SessionOpens of the segment's head */
	bool listing;
	uint32_t listing_writer;
	struct journal_border border;
	struct journal_position at;
	struct journal_event *events;
	size_t event_first;
	size_t event_count; /* after event_first */
	size_t event_capacity;
};

struct id_key {
	uint64_t relay; /* writer, epoch */
	uint64_t session;
};

static struct id_key id_key(const struct exchange_session_id *id)
{
	struct id_key key = {(uint64_t)id->writer << 32 | id->epoch,
			     id->session};

	return key;
}

struct journal_assembler *journal_assembler_new(
    const struct journal_assembler_options *options)
{
	struct journal_assembler *assembler = memory_alloc(sizeof(*assembler));
	struct journal_assembler_options *ours = &assembler->options;
	const char *directory = NULL;

	if (options)
		*ours = *options;
	if (!ours->input_memory)
		ours->input_memory = INPUT_MEMORY;
	if (!ours->bind_max)
		ours->bind_max = BIND_MAX;
	if (!ours->rows_max)
		ours->rows_max = ROWS_MAX;
	if (!ours->total_max)
		ours->total_max = TOTAL_MAX;
	directory = ours->spill_directory;
	if (!directory)
		directory = getenv("TMPDIR");
	if (!directory || !directory[0])
		directory = "/tmp";
	assembler->spill_directory = memory_string(directory);
	map_init(&assembler->sessions);
	list_init(&assembler->all_sessions);
	list_init(&assembler->all_messages);
	return assembler;
}

/* --- events --- */

static struct journal_event *event_add(struct journal_assembler *assembler,
				       enum journal_event_kind kind)
{
	size_t at = assembler->event_first + assembler->event_count;
	struct journal_event *event;

	if (at == assembler->event_capacity) {
		assembler->event_capacity = assembler->event_capacity
						? assembler->event_capacity * 2
						: 16;
		assembler->events = memory_resize(
		    assembler->events,
		    assembler->event_capacity * sizeof(*assembler->events));
	}
	event = &assembler->events[at];
	memset(event, 0, sizeof(*event));
	event->kind = kind;
	event->position = assembler->at;
	assembler->event_count++;
	return event;
}

bool journal_assembler_pop(struct journal_assembler *assembler,
			   struct journal_event *event)
{
	if (!assembler->event_count)
		return false;
	*event = assembler->events[assembler->event_first++];
	if (--assembler->event_count == 0)
		assembler->event_first = 0;
	return true;
}

void journal_event_release(struct journal_event *event)
{
	exchange_session_free(&event->session);
	exchange_free(&event->exchange);
	exchange_transaction_end_free(&event->transaction_end);
	exchange_gap_free(&event->gap);
	free(event->reason);
	event->reason = NULL;
}

/* An exchange that cannot be given whole is reported as a gap. */
static void lost_exchange(struct journal_assembler *assembler,
			  const struct exchange_session_id *id,
			  enum exchange_gap_kind kind, const char *reason,
			  uint64_t seq)
{
	struct journal_event *event = event_add(assembler, JOURNAL_GAP);
	struct exchange_pool *pool;
	struct exchange_gap *gap = exchange_gap_new(&pool);

	event->gap = gap;
	event->id = *id;
	event->id.session = 0;
	gap->kind = kind;
	gap->writer = id->writer;
	gap->epoch = id->epoch;
	gap->reason = exchange_pool_string(pool, reason);
	gap->exchanges = 1;
	gap->first_seq = gap->last_seq = seq;
	gap->sessions = exchange_pool_alloc(pool, sizeof(*gap->sessions));
	gap->sessions[0] = id->session;
	gap->session_count = 1;
}

/* --- messages --- */

static void exchange_forget(struct journal_assembler *assembler,
			    struct exchange_own **own)
{
	struct exchange *seen;

	if (!*own)
		return;
	assembler->held -= (*own)->held;
	seen = &(*own)->seen;
	exchange_free(&seen);
	*own = NULL;
}

/*
 * Ends a message. Its unfinished exchanges are a gap, unless the relay has
 * already reported one.
 */
static void message_drop(struct journal_assembler *assembler,
			 struct assembled_session *session,
			 struct assembled_message *message)
{
	if ((message->open || !message->ended) && !message->suspect)
		lost_exchange(assembler, &session->id, EXCHANGE_GAP_UNENDED,
			      "an exchange has no end", 0);
	exchange_forget(assembler, &message->open);
	assembler->held -= message->statement->held;
	list_remove(&message->in_session);
	list_remove(&message->in_all);
	exchange_statement_unreference(&message->statement);
	free(message);
}

/* Answers come in order, so all earlier messages are over. */
static void messages_drop_before(struct journal_assembler *assembler,
				 struct assembled_session *session,
				 uint64_t number)
{
	LIST_EACH(&session->messages, it)
	{
		struct assembled_message *message =
		    LIST_ITEM(it, struct assembled_message, in_session);

		if (message->number >= number)
			break;
		message_drop(assembler, session, message);
	}
}

static struct assembled_message *message_find(struct assembled_session *session,
					      uint64_t number)
{
	if (list_empty(&session->messages) ||
	    LIST_ITEM(session->messages.previous, struct assembled_message,
		      in_session)
		    ->number < number)
		return NULL;
	/* From the oldest on: that is the one being answered. */
	LIST_EACH(&session->messages, it)
	{
		struct assembled_message *message =
		    LIST_ITEM(it, struct assembled_message, in_session);

		if (message->number == number)
			return message;
	}
	return NULL;
}

/* --- sessions --- */

static struct assembled_session *session_find(
    struct journal_assembler *assembler, const struct exchange_session_id *id)
{
	struct id_key key = id_key(id);

	return map_get(&assembler->sessions, &key, sizeof(key));
}

static struct assembled_session *session_add(
    struct journal_assembler *assembler, const struct exchange_session_id *id)
{
	struct id_key key = id_key(id);
	struct assembled_session *session = memory_alloc(sizeof(*session));

	session->id = *id;
	list_init(&session->messages);
	list_append(&assembler->all_sessions, &session->in_all);
	map_set(&assembler->sessions, &key, sizeof(key), session);
	return session;
}

static void session_forget(struct journal_assembler *assembler,
			   struct assembled_session *session)
{
	struct id_key key = id_key(&session->id);

	messages_drop_before(assembler, session, UINT64_MAX);
	list_remove(&session->in_all);
	map_remove(&assembler->sessions, &key, sizeof(key));
	free(session);
}

static void session_close(struct journal_assembler *assembler,
			  struct assembled_session *session, bool clean,
			  int64_t at)
{
	struct exchange_session_id id = session->id;
	struct journal_event *event;

	session_forget(assembler, session); /* may report gaps first */
	event = event_add(assembler, JOURNAL_SESSION_CLOSED);
	event->id = id;
	event->clean = clean;
	event->at = at;
}

static void tell_uncaptured(struct journal_assembler *assembler,
			    const struct exchange_session_id *id,
			    const char *reason, bool begun)
{
	struct journal_event *event =
	    event_add(assembler, JOURNAL_SESSION_UNCAPTURED);

	event->id = *id;
	event->reason = memory_copy(reason, strlen(reason));
	event->begun = begun;
}

static void suspect(struct assembled_session *session)
{
	session->suspect = true;
	LIST_EACH(&session->messages, it)
	LIST_ITEM(it, struct assembled_message, in_session)->suspect = true;
}

/* --- records --- */

static void take_opened(struct journal_assembler *assembler,
			const struct exchange_session_id *id,
			const Parallax__Journal__SessionOpen *in)
{
	struct assembled_session *session = session_find(assembler, id);
	bool known = session && session->told;
	struct journal_event *event;

	if (!session)
		session = session_add(assembler, id);
	session->listed = session->told = true;
	if (known && in->resumed && !session->suspect)
		return; /* nothing new */
	session->suspect = false;
	event = event_add(assembler, JOURNAL_SESSION_OPENED);
	event->id = *id;
	event->session = convert_session(id, in, known);
}

static void tell_missing(struct journal_assembler *assembler, uint64_t first,
			 uint64_t last)
{
	struct journal_event *event = event_add(assembler, JOURNAL_GAP);
	struct exchange_pool *pool;

	event->gap = exchange_gap_new(&pool);
	event->gap->kind = EXCHANGE_GAP_CORRUPT;
	event->gap->reason =
	    exchange_pool_string(pool, "the end of a segment is missing");
	event->gap->first_seq = first;
	event->gap->last_seq = last;
	LIST_EACH(&assembler->all_sessions, it)
	suspect(LIST_ITEM(it, struct assembled_session, in_all));
}

/* The head's list is complete: a session that is not on it has ended. */
static void close_unlisted(struct journal_assembler *assembler)
{
	LIST_EACH(&assembler->all_sessions, it)
	{
		struct assembled_session *session =
		    LIST_ITEM(it, struct assembled_session, in_all);

		if (session->id.writer == assembler->listing_writer &&
		    !session->listed)
			session_close(assembler, session, false, 0);
	}
	assembler->listing = false;
}

static void take_head(struct journal_assembler *assembler,
		      const Parallax__Journal__Record *record)
{
	assembler->listing = true;
	assembler->listing_writer = record->writer;
	assembler->to_list = record->head->live_sessions;
	LIST_EACH(&assembler->all_sessions, it)
	{
		struct assembled_session *session =
		    LIST_ITEM(it, struct assembled_session, in_all);

		if (session->id.writer != record->writer)
			continue;
		session->listed = false;
		/* A new epoch: its Gap reports what the old one lost. */
		if (session->id.epoch != record->epoch)
			suspect(session);
	}
}

static void take_gap(struct journal_assembler *assembler,
		     const Parallax__Journal__Record *record)
{
	const Parallax__Journal__Gap *in = record->gap;
	struct journal_event *event = event_add(assembler, JOURNAL_GAP);

	event->gap = convert_gap(record);
	event->id.writer = record->writer;
	event->id.epoch = record->epoch;
	for (size_t i = 0; i < in->n_sessions; i++) {
		struct exchange_session_id id = {record->writer, record->epoch,
						 in->sessions[i]};
		struct assembled_session *session =
		    session_find(assembler, &id);

		if (session)
			suspect(session);
	}
	if (in->n_sessions)
		return;
	LIST_EACH(&assembler->all_sessions, it)
	{
		struct assembled_session *session =
		    LIST_ITEM(it, struct assembled_session, in_all);

		if (session->id.writer == record->writer)
			suspect(session);
	}
}

void journal_assembler_lost(struct journal_assembler *assembler,
			    const struct error *why)
{
	struct journal_event *event = event_add(assembler, JOURNAL_GAP);
	struct exchange_pool *pool;

	event->gap = exchange_gap_new(&pool);
	event->gap->kind = EXCHANGE_GAP_CORRUPT;
	event->gap->reason = exchange_pool_string(pool, why->message);
	journal_border_forget(&assembler->border); /* the SESSION_OPENED
						      event says it */
	LIST_EACH(&assembler->all_sessions, it)
	suspect(LIST_ITEM(it, struct assembled_session, in_all));
}

/* Whether so many more bytes may be held; counts them if so. */
static bool hold(struct journal_assembler *assembler, size_t *held, size_t size)
{
	if (size > assembler->options.total_max ||
	    assembler->held > assembler->options.total_max - size)
		return false;
	assembler->held += size;
	*held += size;
	return true;
}

static void statement_grow(struct journal_assembler *assembler,
			   struct exchange_statement_own *statement,
			   struct buffer *buffer, const void *data, size_t size)
{
	if (statement->seen.oversized || !size)
		return;
	if (size > assembler->options.bind_max - buffer->size ||
	    !hold(assembler, &statement->held, size) ||
	    buffer_reserve(buffer, size + 1)) {
		buffer->failed = false;
		statement->seen.oversized = true;
		return;
	}
	buffer_append(buffer, data, size);
}

/* The public views of grown buffers; a NUL follows the text. */
static void statement_view(struct exchange_statement_own *statement)
{
	statement->seen.text.data =
	    (const uint8_t *)buffer_string(&statement->text);
	statement->seen.text.size = statement->text.size;
	statement->seen.bind.data = statement->bind.data;
	statement->seen.bind.size = statement->bind.size;
}

static void take_statement(struct journal_assembler *assembler,
			   struct assembled_session *session, uint64_t number,
			   const Parallax__Journal__Statement *in)
{
	struct assembled_message *message = message_find(session, number);
	struct exchange_statement_own *statement;
	struct exchange_statement *out;
	size_t held = 0;
	size_t extra = in->call.len + in->n_parameter_types * sizeof(uint32_t);

	if (message) /* a number is never used twice by a sound relay */
		message_drop(assembler, session, message);
	if (!hold(assembler, &held, MESSAGE_COST + extra))
		return; /* its end will be an orphan, and reported as one */
	message = memory_alloc(sizeof(*message));
	statement = memory_alloc(sizeof(*statement));
	message->number = number;
	message->statement = statement;
	list_append(&session->messages, &message->in_session);
	list_append(&assembler->all_messages, &message->in_all);
	out = &statement->seen;
	out->references = 1;
	out->kind = (enum exchange_kind)in->kind;
	out->truncated = in->truncated;
	statement->held = held;
	statement_grow(assembler, statement, &statement->text, in->text.data,
		       in->text.len);
	statement_grow(assembler, statement, &statement->bind, in->bind.data,
		       in->bind.len);
	if (in->n_parameter_types) {
		out->parameter_types =
		    (const uint32_t *)(void *)exchange_pool_copy(
			&statement->pool, in->parameter_types,
			in->n_parameter_types * sizeof(uint32_t));
		out->parameter_type_count = in->n_parameter_types;
	}
	if (in->call.len) {
		out->call.data = (const uint8_t *)exchange_pool_copy(
		    &statement->pool, in->call.data, in->call.len);
		out->call.size = in->call.len;
	}
	out->statement_name =
	    exchange_pool_string(&statement->pool, in->statement_name);
	out->portal = exchange_pool_string(&statement->pool, in->portal);
	out->row_limit = in->row_limit;
	out->resumed = in->resumed;
	out->portal_message = in->portal_message;
	out->forwarded_at = in->forwarded_at;
	out->after = in->after;
	out->parse_after = in->parse_after;
	out->bind_after = in->bind_after;
	out->parsed_after = in->parsed_after;
	out->transaction = in->transaction;
	out->status_before = in->status_before[0];
	out->implicit = in->implicit;
	out->position = assembler->at;
}

/* The exchange of a part that follows the statement. */
static struct exchange_own *exchange_at(struct journal_assembler *assembler,
					struct assembled_session *session,
					struct assembled_message *message,
					uint32_t index)
{
	struct exchange_own *own = message->open;

	if (own && own->seen.index == index)
		return own;
	if (own) {
		if (!message->suspect)
			lost_exchange(assembler, &session->id,
				      EXCHANGE_GAP_UNENDED,
				      "an exchange has no end", 0);
		exchange_forget(assembler, &message->open);
	}
	own = memory_alloc(sizeof(*own));
	own->seen.id = session->id;
	own->seen.message = message->number;
	own->seen.index = index;
	own->seen.statement = &message->statement->seen;
	own->seen.tag = "";
	message->statement->seen.references++;
	message->open = own;
	return own;
}

static void take_copy(struct journal_assembler *assembler,
		      struct exchange_own *own,
		      const Parallax__Journal__Input *in)
{
	size_t limit = assembler->options.input_memory;

	/* Where memory is short, it goes to a file at once. */
	if (own->seen.input_size + in->data.len > limit ||
	    !hold(assembler, &own->held, in->data.len))
		limit = 0;
	exchange_input_append(own, in->data.data, in->data.len, limit,
			      assembler->spill_directory);
	if (exchange_input_spilled(&own->seen)) {
		assembler->held -= own->held; /* rows come after the input */
		own->held = 0;
	}
}

static void take_input(struct journal_assembler *assembler,
		       struct assembled_session *session,
		       struct assembled_message *message,
		       const Parallax__Journal__Input *in)
{
	struct exchange_statement_own *statement = message->statement;
	struct exchange_own *own;

	switch (in->kind) {
	case PARALLAX__JOURNAL__INPUT_KIND__BIND:
	case PARALLAX__JOURNAL__INPUT_KIND__TEXT:
		if (message->open || message->ended) {
			/* Others already see it, so it must not grow. */
			statement->seen.oversized = true;
			return;
		}
		statement_grow(assembler, statement,
			       in->kind == PARALLAX__JOURNAL__INPUT_KIND__BIND
				   ? &statement->bind
				   : &statement->text,
			       in->data.data, in->data.len);
		return;
	case PARALLAX__JOURNAL__INPUT_KIND__COPY_DATA:
		messages_drop_before(assembler, session, message->number);
		own = exchange_at(assembler, session, message, in->index);
		take_copy(assembler, own, in);
		return;
	case PARALLAX__JOURNAL__INPUT_KIND__COPY_FAIL:
		own = exchange_at(assembler, session, message, in->index);
		own->seen.input_failure =
		    exchange_pool_copy(&own->pool, in->data.data, in->data.len);
		return;
	default:
		/* Written by a newer version; its meaning is unknown. */
		statement->seen.oversized = true;
		return;
	}
}

static void take_answer(struct journal_assembler *assembler,
			struct assembled_session *session,
			struct assembled_message *message,
			const Parallax__Journal__Answer *in)
{
	struct exchange_own *own =
	    exchange_at(assembler, session, message, in->index);

	if (in->columns.len) {
		own->seen.columns.data = (const uint8_t *)exchange_pool_copy(
		    &own->pool, in->columns.data, in->columns.len);
		own->seen.columns.size = in->columns.len;
		assembler->held += in->columns.len;
		own->held += in->columns.len;
	}
	if (!in->rows.len || own->seen.rows_capped)
		return;
	if (in->rows.len > assembler->options.rows_max - own->rows.size ||
	    !hold(assembler, &own->held, in->rows.len) ||
	    buffer_reserve(&own->rows, in->rows.len)) {
		own->rows.failed = false;
		own->seen.rows_capped = true;
		return;
	}
	buffer_append(&own->rows, in->rows.data, in->rows.len);
}

static void take_end(struct journal_assembler *assembler,
		     struct assembled_session *session,
		     struct assembled_message *message,
		     const Parallax__Journal__End *in)
{
	struct exchange_own *own =
	    exchange_at(assembler, session, message, in->index);
	struct journal_event *event;

	if (!message->ended)
		statement_view(message->statement);
	convert_end(own, in);
	own->seen.position = assembler->at;
	assembler->held -= own->held;
	own->held = 0;
	message->open = NULL;
	message->ended++;
	event = event_add(assembler, JOURNAL_EXCHANGE);
	event->id = session->id;
	event->exchange = &own->seen;
	if (message->statement->seen.kind != EXCHANGE_QUERY)
		message_drop(assembler, session, message);
}

static void take_transaction_end(struct journal_assembler *assembler,
				 const Parallax__Journal__Record *record,
				 const struct exchange_session_id *id,
				 struct assembled_session *session)
{
	struct journal_event *event;

	if (session)
		LIST_EACH(&session->messages, it)
		{
			struct assembled_message *message =
			    LIST_ITEM(it, struct assembled_message, in_session);

			/* a message that continues after it has a higher number
			 */
			if (message->ended && !message->open &&
			    message->number <= record->message)
				message_drop(assembler, session, message);
		}
	event = event_add(assembler, JOURNAL_TRANSACTION_END);
	event->id = *id;
	event->transaction_end = convert_transaction_end(id, record);
}

/* Parts of an exchange; those without their statement are orphans. */
static void take_parts(struct journal_assembler *assembler,
		       struct assembled_session *session,
		       const Parallax__Journal__Record *record)
{
	uint64_t number = record->message;
	struct assembled_message *message;

	if (record->answer || record->end)
		messages_drop_before(assembler, session, number);
	if (record->statement)
		take_statement(assembler, session, number, record->statement);
	message = message_find(session, number);
	if (!message) {
		if (record->end)
			lost_exchange(assembler, &session->id,
				      EXCHANGE_GAP_ORPHAN,
				      "the beginning of an exchange is missing",
				      record->end->seq);
		return;
	}
	if (record->input)
		take_input(assembler, session, message, record->input);
	if (record->answer)
		take_answer(assembler, session, message, record->answer);
	if (record->end)
		take_end(assembler, session, message, record->end);
}

void journal_assembler_push(struct journal_assembler *assembler,
			    const struct journal_record *in)
{
	const Parallax__Journal__Record *record = in->record;
	struct exchange_session_id id = {record->writer, record->epoch,
					 record->session};
	struct assembled_session *session;
	uint64_t first, last;

	assembler->at = in->position;
	if (journal_border_follow(&assembler->border, record, &first, &last))
		tell_missing(assembler, first, last);
	if (record->head)
		take_head(assembler, record);
	if (record->gap)
		take_gap(assembler, record);
	if (record->opened && record->opened->uncaptured[0]) {
		tell_uncaptured(assembler, &id, record->opened->uncaptured,
				false);
	} else if (record->opened) {
		take_opened(assembler, &id, record->opened);
		if (assembler->listing && record->opened->resumed &&
		    assembler->to_list)
			assembler->to_list--;
	}
	if (assembler->listing && !assembler->to_list && !record->head)
		close_unlisted(assembler);
	if (record->changed)
		event_add(assembler, JOURNAL_SESSION_CHANGED)->id = id;
	session = session_find(assembler, &id);
	if (record->statement || record->input || record->answer ||
	    record->end) {
		/* Its opening was not read; it is known by its statements. */
		if (!session)
			session = session_add(assembler, &id);
		session->listed = true;
		take_parts(assembler, session, record);
	}
	if (record->transaction_end)
		take_transaction_end(assembler, record, &id, session);
	if (record->closed && session)
		session_close(assembler, session, record->closed->clean,
			      record->closed->at);
	if (record->closed && record->closed->uncaptured[0])
		tell_uncaptured(assembler, &id, record->closed->uncaptured,
				true);
}

bool journal_assembler_oldest(const struct journal_assembler *assembler,
			      struct journal_position *position)
{
	const struct assembled_message *oldest;

	if (list_empty(&assembler->all_messages))
		return false;
	oldest = LIST_ITEM(assembler->all_messages.next,
			   struct assembled_message, in_all);
	*position = oldest->statement->seen.position;
	return true;
}

size_t journal_assembler_held(const struct journal_assembler *assembler)
{
	return assembler->held;
}

void journal_assembler_free(struct journal_assembler **pointer)
{
	struct journal_assembler *assembler = *pointer;
	struct journal_event event;

	if (!assembler)
		return;
	*pointer = NULL;
	LIST_EACH(&assembler->all_sessions, it)
	session_forget(assembler,
		       LIST_ITEM(it, struct assembled_session, in_all));
	while (journal_assembler_pop(assembler, &event))
		journal_event_release(&event);
	map_release(&assembler->sessions);
	free(assembler->events);
	free(assembler->spill_directory);
	free(assembler);
}
