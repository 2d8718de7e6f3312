/*
 * Batches of commands, in libpq's non-blocking pipeline mode: one flush and one
 * wait. A COPY cannot be part of a pipeline: the driver leaves the pipeline for
 * it and enters it again afterwards.
 */
#include "adapters/postgres/shadow_state.h"

#include "base/clock.h"
#include "base/memory.h"

/* --- sending --- */

/* Its Parse is a query of its own, with an answer of its own before the
 * command's. */
static bool prepare(struct shadow *shadow, const struct shadow_command *command,
		    struct shadow_prepared *place, const Oid *types)
{
	char name[32];

	place->number = ++shadow->prepared_count;
	shadow_prepared_name(place, name, sizeof(name));
	shadow->slots[shadow->sent].preparing = place;
	shadow->queries++;
	return PQsendPrepare(shadow->connection, name, command->text,
			     (int)command->parameter_count, types) == 1;
}

static bool send_command(struct shadow *shadow,
			 const struct shadow_command *command)
{
	size_t count = command->parameter_count;
	const char **values =
	    arena_array(&shadow->arena, count, sizeof(*values));
	int *lengths = arena_array(&shadow->arena, count, sizeof(*lengths));
	int *formats = arena_array(&shadow->arena, count, sizeof(*formats));
	Oid *types = arena_array(&shadow->arena, count, sizeof(*types));
	struct shadow_prepared *place = shadow_prepared(shadow, command);
	char name[32];

	shadow->queries++;
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
	if (!place)
		return PQsendQueryParams(shadow->connection, command->text,
					 (int)count, types, values, lengths,
					 formats, command->result_format) == 1;
	if (!place->number && !prepare(shadow, command, place, types))
		return false;
	shadow->slots[shadow->sent].prepared = true;
	shadow_prepared_name(place, name, sizeof(name));
	return PQsendQueryPrepared(shadow->connection, name, (int)count, values,
				   lengths, formats,
				   command->result_format) == 1;
}

bool shadow_send_segment(struct shadow *shadow)
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
		command = &shadow->commands[shadow->sent];
		if (command->copy)
			break;
		if (command->regardless && !first &&
		    !PQpipelineSync(connection))
			return false;
		if (!send_command(shadow, command))
			return false;
		shadow->sent++;
		if (shadow->guarded)
			break;
	}
	shadow->segment = shadow->sent;
	return PQpipelineSync(connection) == 1;
}

bool shadow_send_aside(struct shadow *shadow, const char *const *texts,
		       size_t count)
{
	PGconn *connection = shadow->connection;

	shadow->queries = shadow->received = 0;
	shadow->segment = shadow->sent;
	if (PQpipelineStatus(connection) == PQ_PIPELINE_OFF &&
	    !PQenterPipelineMode(connection))
		return false;
	for (size_t i = 0; i < count; i++, shadow->queries++)
		if (!PQsendQueryParams(connection, texts[i], 0, NULL, NULL,
				       NULL, NULL, 0))
			return false;
	return PQpipelineSync(connection) == 1;
}

bool shadow_flush(struct shadow *shadow)
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
					return shadow_flush(shadow);
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
			return shadow_flush(shadow);
		shadow->chunk_held = false;
	}
	shadow->copying_in = false;
	return shadow_flush(shadow);
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
		shadow_keep_line(shadow, slot, line, (size_t)size);
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
			shadow_describe(shadow, slot, result);
		shadow_keep_rows(shadow, slot, result);
		if (PQresultStatus(result) == PGRES_SINGLE_TUPLE)
			break;
		/* fallthrough */
	case PGRES_COMMAND_OK:
		if (slot->preparing)
			break;
		answer->outcome = ANSWER_OK;
		answer->tag = arena_string(&shadow->arena,
					   PQcmdStatus((PGresult *)result));
		shadow_prepared_followed(shadow, answer->tag);
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
		if (slot->preparing)
			slot->preparing->number = 0;
		/* else what is skipped stands behind its own failed Parse */
		if (answer->outcome != ANSWER_FAILED)
			answer->outcome = ANSWER_SKIPPED;
		break;
	default:
		answer->outcome = ANSWER_FAILED;
		shadow_keep_problem(shadow, result, &answer->problem);
		if (slot->preparing)
			slot->preparing->number = 0;
		else if (slot->prepared)
			answer->stale = shadow_prepared_failed(
			    shadow, answer->problem.code);
		break;
	}
}

/* The next query's rows one by one, so that none is held longer than needed. */
static void stream_next(struct shadow *shadow)
{
	if (shadow->received < shadow->queries)
		PQsetSingleRowMode(shadow->connection);
}

/* Whether results of a pipeline's segment are still pending. */
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
					shadow_finish(shadow);
				return false;
			}
			/* follows each query of a pipeline */
			if (shadow->received == shadow->queries)
				return false;
			shadow->received++;
			if (slot && slot->preparing)
				slot->preparing = NULL;
			else if (slot)
				shadow_finish(shadow);
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
		if (slot)
			take(shadow, slot, result);
		PQclear(result);
	}
	return true;
}

/* Commands after a failed COPY, in a segment of their own, do not run either.
 */
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
		shadow_finish(shadow);
		shadow->segment = ++shadow->sent;
	}
}

/* more: some answers are still pending. */
static bool send_next(struct shadow *shadow, bool *more)
{
	if (shadow->guarded)
		return shadow_guard_next(shadow, more) &&
		       (!*more || shadow_flush(shadow));
	*more = shadow->sent < shadow->count;
	return !*more || (shadow_send_segment(shadow) && shadow_flush(shadow));
}

enum shadow_state shadow_advance_batch(struct shadow *shadow)
{
	bool lost;

	if (!PQconsumeInput(shadow->connection) || !shadow_flush(shadow))
		return shadow_lose_connection(shadow);
	while (!receive(shadow, &lost)) {
		bool more = true;

		if (shadow->guard == GUARD_NONE)
			skip_failed(shadow);
		if (!send_next(shadow, &more))
			return shadow_lose_connection(shadow);
		if (!more) {
			shadow->wants = SHADOW_READ;
			return shadow->state = SHADOW_IDLE;
		}
		stream_next(shadow);
	}
	return lost ? shadow_lose_connection(shadow) : SHADOW_BUSY;
}

int shadow_submit(struct shadow *shadow, const struct shadow_command *commands,
		  size_t count)
{
	bool more;

	shadow->guard = GUARD_NONE;
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
					       .affected = -1,
					       .matched = -1,
					       .changed = -1};
		slot->value_count = slot->bytes = 0;
		slot->described = slot->prepared = false;
		slot->preparing = NULL;
		slot->digest = (struct rows_digest){0};
	}
	shadow->state = SHADOW_BUSY;
	shadow->started_at = clock_monotonic_us();
	if (!count) {
		shadow->state = SHADOW_IDLE;
		return 0;
	}
	if (!send_next(shadow, &more)) {
		shadow_lose_connection(shadow);
		return -1;
	}
	stream_next(shadow);
	return 0;
}
