/* The shadow's answers, command by command: rows, digests, problems. */
#include "adapters/postgres/shadow_state.h"

#include "adapters/postgres/decode.h"
#include "adapters/postgres/postgres.h"
#include "base/clock.h"
#include "base/memory.h"

static const char *field(struct shadow *shadow, const PGresult *result,
			 int code)
{
	const char *text = PQresultErrorField(result, code);

	return arena_string(&shadow->arena, text ? text : "");
}

void shadow_keep_problem(struct shadow *shadow, const PGresult *result,
			 struct answer_problem *problem)
{
	const char *routine =
	    PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);

	problem->severity =
	    field(shadow, result, PG_DIAG_SEVERITY_NONLOCALIZED);
	problem->code = field(shadow, result, PG_DIAG_SQLSTATE);
	problem->message = field(shadow, result, PG_DIAG_MESSAGE_PRIMARY);
	problem->class = postgres_errors.class(problem->code, problem->message);
	problem->constraint = field(shadow, result, PG_DIAG_CONSTRAINT_NAME);
	problem->values = (struct redact_parts){.known = false};
	if (!routine || !postgres_is_raise(routine, strlen(routine)))
		postgres_message_values(problem->message, &problem->values);
	/* a function can make one up */
	if (!redact_shows(&problem->values, problem->message,
			  problem->constraint))
		problem->constraint = "";
}

void shadow_notice(void *context, const PGresult *result)
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
		shadow_keep_problem(
		    shadow, result,
		    &slot->warnings[slot->answer.warning_held++]);
	slot->answer.warning_count++;
}

void shadow_describe(struct shadow *shadow, struct slot *slot,
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

void shadow_keep_rows(struct shadow *shadow, struct slot *slot,
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

void shadow_keep_line(struct shadow *shadow, struct slot *slot,
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

void shadow_finish(struct shadow *shadow)
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
	/* Since the batch was sent, as an application would wait. The answers
	 * of a pipeline arrive together, so the time between two means nothing.
	 */
	answer->duration_us = clock_monotonic_us() - shadow->started_at;
	shadow->answers[shadow->answered++] = *answer;
}
