/*
 * A codec given runs of any size, and what it tells as text, a line an event.
 * An engine's wire_script.h builds its messages and opens a session.
 */
#ifndef PARALLAX_TESTS_WIRE_TELL_H
#define PARALLAX_TESTS_WIRE_TELL_H

#include <inttypes.h>

#include "adapters/wire.h"
#include "base/buffer.h"

struct script {
	const struct wire_ops *ops;
	struct wire *wire;
	struct wire_limits limits;
	struct buffer told;
	struct buffer digests;
	struct buffer to_server;
	struct buffer to_client;
	enum wire_verb verb; /* the newest that is not PASS */
	uint64_t seq;
	size_t piece;	   /* runs are cut into these; 0: whole */
	size_t first;	   /* or: the first run is this long, the rest one */
	size_t bind_total; /* bytes of all, early or not */
	/* A COPY's pieces are told as one. */
	uint64_t input_message;
	int input_kind;
	struct buffer input;
};

static inline void script_input_end(struct script *script)
{
	static const char *const names[] = {"", "copy", "fail", "text"};

	if (!script->input_message)
		return;
	buffer_printf(&script->told,
		      "input %" PRIu64 " %s %zu:", script->input_message,
		      names[script->input_kind], script->input.size);
	for (size_t i = 0; i < script->input.size && i < 40; i++)
		buffer_append_byte(&script->told, script->input.data[i] >= ' '
						      ? script->input.data[i]
						      : '.');
	buffer_append_string(&script->told, "\n");
	script->input_message = 0;
	buffer_clear(&script->input);
}

static inline void script_opened(void *context)
{
	struct script *script = context;
	struct wire_session session;

	script->ops->describe(script->wire, &session);
	buffer_printf(&script->told, "opened %s %s", session.role,
		      session.database);
	for (size_t i = 0; i < session.startup_count; i++)
		buffer_printf(&script->told, " %s=%s", session.startup[i].name,
			      session.startup[i].value);
	for (size_t i = 0; i < session.reported_count; i++)
		buffer_printf(&script->told, " %s:%s", session.reported[i].name,
			      session.reported[i].value);
	buffer_append_string(&script->told, "\n");
}

static inline void script_uncaptured(void *context, const char *reason)
{
	struct script *script = context;

	script_input_end(script);
	buffer_printf(&script->told, "uncaptured %s\n", reason);
}

static inline void script_statement(void *context,
				    const struct wire_statement *it)
{
	static const char *const kinds[] = {"query", "execute", "call"};
	struct script *script = context;

	script_input_end(script);
	buffer_printf(&script->told, "statement %" PRIu64 " %s '%.*s'%s",
		      it->message, kinds[it->kind],
		      it->text.size > 40 ? 40 : (int)it->text.size,
		      it->text.data ? (const char *)it->text.data : "",
		      it->truncated ? " truncated" : "");
	script->bind_total += it->bind.size;
	if (it->bind.size > 60000)
		buffer_append_string(&script->told, " long");
	else if (it->bind.size)
		buffer_printf(&script->told, " bind=%zu", it->bind.size);
	if (it->call.size)
		buffer_printf(&script->told, " call=%zu", it->call.size);
	for (size_t i = 0; i < it->parameter_type_count; i++)
		buffer_printf(&script->told, " $%u", it->parameter_types[i]);
	if (it->statement_name[0] || it->portal[0])
		buffer_printf(&script->told, " names=%s/%s", it->statement_name,
			      it->portal);
	if (it->row_limit)
		buffer_printf(&script->told, " limit=%u", it->row_limit);
	if (it->resumed)
		buffer_printf(&script->told, " resumed=%" PRIu64,
			      it->portal_message);
	buffer_append_string(&script->told,
			     it->implicit ? " implicit\n" : "\n");
}

static inline void script_input(void *context, uint64_t message, uint32_t index,
				enum wire_input_kind kind, struct bytes data)
{
	struct script *script = context;

	(void)index;
	if (kind == WIRE_INPUT_BIND) {
		script->bind_total += data.size;
		return;
	}
	if (script->input_message != message || script->input_kind != (int)kind)
		script_input_end(script);
	script->input_message = message;
	script->input_kind = (int)kind;
	buffer_append(&script->input, data.data, data.size);
}

static inline void script_columns(void *context, uint64_t message,
				  uint32_t index, struct bytes columns)
{
	struct script *script = context;

	buffer_printf(&script->told, "columns %" PRIu64 ".%u %zu\n", message,
		      index, columns.size);
}

static inline void script_row(void *context, uint64_t message, uint32_t index,
			      struct bytes row)
{
	struct script *script = context;

	buffer_printf(&script->told, "row %" PRIu64 ".%u %zu\n", message, index,
		      row.size);
}

static inline void script_end(void *context, const struct wire_end *end)
{
	static const char *const outcomes[] = {
	    "ok", "failed", "suspended", "empty", "abandoned", "skipped"};
	struct script *script = context;

	script_input_end(script);
	script->seq++;
	buffer_printf(&script->told, "end %" PRIu64 ".%u %s", end->message,
		      end->index, outcomes[end->outcome]);
	if (end->tag[0])
		buffer_printf(&script->told, " '%s'", end->tag);
	if (end->problem)
		buffer_printf(&script->told, " %s:%s", end->problem->sqlstate,
			      end->problem->message);
	if (end->warning_count)
		buffer_printf(&script->told, " warnings=%u",
			      end->warning_count);
	if (end->rows) {
		buffer_printf(&script->told, " rows=%" PRIu64 " columns=%zu",
			      end->rows->row_count, end->rows->column_count);
		buffer_append(&script->digests, &end->rows->ordered, 16);
		buffer_append(&script->digests, &end->rows->unordered, 16);
		buffer_append(&script->digests, end->rows->columns,
			      16 * end->rows->column_count);
	}
	if (end->insert_id)
		buffer_printf(&script->told, " id=%" PRIu64, end->insert_id);
	if (end->matched_rows || end->changed_rows)
		buffer_printf(&script->told, " matched=%" PRIu64 "/%" PRIu64,
			      end->matched_rows, end->changed_rows);
	if (end->columns.size)
		buffer_printf(&script->told, " described=%zu",
			      end->columns.size);
	buffer_printf(&script->told, "%s%s%s\n",
		      end->rows_capped ? " capped" : "",
		      end->copy_in ? " in" : "", end->copy_out ? " out" : "");
}

static inline void script_transaction(void *context,
				      enum wire_transaction outcome,
				      uint64_t message, uint64_t after,
				      uint64_t first,
				      const struct wire_problem *problem)
{
	static const char *const outcomes[] = {"commit", "rollback", "unknown"};
	struct script *script = context;

	(void)first;
	script->seq++;
	buffer_printf(&script->told, "%s %" PRIu64 " after=%" PRIu64 "%s%s\n",
		      outcomes[outcome], message, after, problem ? " " : "",
		      problem ? problem->sqlstate : "");
}

static inline void script_changed(void *context, const struct wire_change *it)
{
	struct script *script = context;

	buffer_printf(&script->told, "changed%s '%s' '%s' after=%" PRIu64 "\n",
		      it->reset ? " reset" : "", it->role, it->database,
		      it->after);
}

static inline void script_ready(void *context, char status, uint64_t message,
				bool busy)
{
	struct script *script = context;

	(void)message;
	buffer_printf(&script->told, "ready %c%s\n", status,
		      busy ? " busy" : "");
}

static const struct wire_events script_events = {
    .opened = script_opened,
    .uncaptured = script_uncaptured,
    .statement = script_statement,
    .input = script_input,
    .columns = script_columns,
    .row = script_row,
    .end = script_end,
    .transaction_end = script_transaction,
    .changed = script_changed,
    .ready = script_ready,
};

/* limits may be changed before the first byte. */
static inline void script_open(struct script *script,
			       const struct wire_ops *ops)
{
	memset(script, 0, sizeof(*script));
	script->ops = ops;
	script->limits.max_statement = 1024 * 1024;
	script->limits.max_result = 1024 * 1024;
	script->limits.max_session = 16 * 1024 * 1024;
	script->wire =
	    ops->open(&script->limits, &script_events, script, false);
	buffer_init(&script->told, 0);
	buffer_init(&script->digests, 0);
	buffer_init(&script->to_server, 0);
	buffer_init(&script->to_client, 0);
	buffer_init(&script->input, 0);
}

static inline void script_close(struct script *script)
{
	struct wire_moment moment = {1, script->seq};

	script->ops->close(&script->wire, moment);
	script_input_end(script);
}

static inline void script_release(struct script *script)
{
	script_close(script);
	buffer_release(&script->told);
	buffer_release(&script->digests);
	buffer_release(&script->to_server);
	buffer_release(&script->to_client);
	buffer_release(&script->input);
}

/* Gives one run; false: the session has ended. */
static inline bool script_run(struct script *script, bool client,
			      const uint8_t *data, size_t size)
{
	while (size) {
		struct wire_moment moment = {1, script->seq};
		struct wire_step step;

		if (client)
			script->ops->client(script->wire, moment, data, size,
					    &step);
		else
			script->ops->server(script->wire, moment, data, size,
					    &step);
		buffer_append(client ? &script->to_server : &script->to_client,
			      step.forward.data, step.forward.size);
		buffer_append(&script->to_client, step.reply.data,
			      step.reply.size);
		if (step.verb != WIRE_PASS)
			script->verb = step.verb;
		if (step.verb == WIRE_REFUSE || step.verb == WIRE_RAW)
			return false;
		data += step.consumed;
		size -= step.consumed;
	}
	return true;
}

/* Gives all that was built, cut as the script says; clears it. */
static inline bool script_give(struct script *script, bool client,
			       struct buffer *built)
{
	size_t at = 0;
	bool alive = true;

	while (at < built->size && alive) {
		size_t size = built->size - at;
		uint8_t *copy;

		if (script->piece && size > script->piece)
			size = script->piece;
		if (!at && script->first && size > script->first)
			size = script->first;
		copy = malloc(size); /* exact, so that ASan sees an overrun */
		memcpy(copy, built->data + at, size);
		alive = script_run(script, client, copy, size);
		free(copy);
		at += size;
	}
	buffer_clear(built);
	return alive;
}

#endif
