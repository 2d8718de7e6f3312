/*
 * The answer under way: its columns, its end. A command may have several
 * answers (several statements, a procedure); each has an index.
 */
#include "adapters/mysql/wire_state.h"

enum {
	COLUMN_FIXED =
	    13,		 /* a column's definition ends with these: 0x0c, ... */
	COLUMN_TYPE = 6, /* the type stands so far from its end */
	TAG_SIZE = 256,
};

void mysql_answer_reset(struct wire_answer *answer)
{
	struct wire_answer old = *answer;

	buffer_release(&answer->row);
	memset(answer, 0, sizeof(*answer));
	answer->index = old.index;
	answer->types = old.types;
	answer->type_capacity = old.type_capacity;
	answer->digests = old.digests;
	answer->digest_capacity = old.digest_capacity;
	answer->hash = old.hash;
	answer->head = old.head;
	answer->columns = old.columns;
	buffer_clear(&answer->head);
	if (answer->columns.capacity > WIRE_SHORT_HELD)
		buffer_release(&answer->columns);
	buffer_clear(&answer->columns);
}

void mysql_answer_release(struct wire_answer *answer)
{
	mysql_answer_reset(answer);
	free(answer->types);
	free(answer->digests);
	XXH3_freeState(answer->hash);
	buffer_release(&answer->head);
	buffer_release(&answer->columns);
}

uint8_t mysql_answer_verb(const struct wire *wire)
{
	const struct wire_command *head = mysql_command_head(wire);

	if (head->prepared)
		return head->prepared->verb;
	if (wire->answer.index < head->verb_count)
		return head->verbs[wire->answer.index];
	return head->verb_count ? VERB_OPAQUE : VERB_OTHER;
}

/* Room for what is kept of each column. */
static int answer_reserve(struct wire *wire, size_t count)
{
	struct wire_answer *answer = &wire->answer;
	size_t digests =
	    count < WIRE_COLUMN_DIGESTS ? count : WIRE_COLUMN_DIGESTS;

	if (count > answer->type_capacity) {
		free(answer->types);
		answer->types = malloc(count);
		answer->type_capacity = answer->types ? count : 0;
		if (!answer->types)
			return mysql_bad(wire, "out of memory");
	}
	if (digests > answer->digest_capacity) {
		free(answer->digests);
		answer->digests = malloc(digests * sizeof(*answer->digests));
		answer->digest_capacity = answer->digests ? digests : 0;
		if (!answer->digests)
			return mysql_bad(wire, "out of memory");
	}
	return 0;
}

int mysql_answer_count(struct wire *wire, uint64_t count)
{
	struct wire_answer *answer = &wire->answer;

	if (!count || count > WIRE_COLUMNS_MAX)
		return mysql_bad(wire, "a result of %llu columns",
				 (unsigned long long)count);
	if (answer_reserve(wire, (size_t)count))
		return -1;
	answer->has_rows = true;
	answer->column_count = answer->columns_left = (size_t)count;
	rows_digest_start(&answer->rows, answer->digests,
			  answer->digest_capacity, (size_t)count);
	return 0;
}

/* All are there: told, and kept for later answers without them. */
static int columns_complete(struct wire *wire)
{
	struct wire_answer *answer = &wire->answer;
	const struct wire_command *head = mysql_command_head(wire);
	struct wire_prepared *prepared = head->prepared;
	struct bytes columns = {answer->columns.data, answer->columns.size};

	answer->typed = true;
	if (head->message)
		wire->events->columns(wire->context, head->message,
				      answer->index, columns);
	if (!prepared)
		return 0;
	mysql_prepared_drop(wire, prepared, &prepared->columns);
	mysql_prepared_keep(wire, prepared, &prepared->columns, columns.data,
			    columns.size);
	return prepared->columns.failed ? mysql_bad(wire, "out of memory") : 0;
}

/*
 * A definition ends with a length (0x0c), then character set (2), length (4),
 * type (1), flags (2), decimals (1) and 2 bytes of nothing; in front of that
 * MariaDB may have a name more.
 */
int mysql_answer_column(struct wire *wire, const uint8_t *body, size_t size)
{
	struct wire_answer *answer = &wire->answer;
	size_t index = answer->column_count - answer->columns_left;

	if (size < COLUMN_FIXED || body[size - COLUMN_FIXED] != 0x0c)
		return mysql_bad(wire, "malformed column definition");
	if (answer->columns.size > WIRE_COLUMNS_HELD)
		return mysql_bad(wire, "too long column definitions");
	answer->types[index] = body[size - COLUMN_TYPE];
	buffer_append_u32(&answer->columns, (uint32_t)size);
	buffer_append(&answer->columns, body, size);
	if (answer->columns.failed)
		return mysql_bad(wire, "out of memory");
	answer->columns_left--;
	return answer->columns_left ? 0 : columns_complete(wire);
}

/* An answer without definitions, whose columns are known. */
int mysql_answer_columns(struct wire *wire, struct bytes columns)
{
	struct wire_answer *answer = &wire->answer;
	const uint8_t *at = columns.data;
	size_t left = columns.size;
	size_t count = 0;

	/* Written by mysql_answer_column alone, so well formed. */
	for (; left; count++) {
		size_t size = 4 + (size_t)bytes_get_u32(at);

		if (answer->column_count == count)
			break;
		answer->types[count] = at[size - COLUMN_TYPE];
		at += size;
		left -= size;
	}
	answer->typed = count == answer->column_count && !left;
	answer->columns_left = 0;
	return 0;
}

static void end_fill_ok(struct wire_end *end, const struct wire_ok *ok)
{
	end->warning_count = ok->warnings;
	end->insert_id = ok->insert_id;
	if (!mysql_info_parse(ok->info, &end->matched_rows, &end->changed_rows))
		end->matched_rows = end->changed_rows = ok->affected;
}

void mysql_answer_end(struct wire *wire, enum wire_outcome outcome,
		      const struct wire_ok *ok,
		      const struct wire_problem *problem, bool last)
{
	struct wire_answer *answer = &wire->answer;
	const struct wire_command *head = mysql_command_head(wire);
	char tag[TAG_SIZE];
	struct wire_end end = {
	    .message = head->message,
	    .index = answer->index,
	    .outcome = outcome,
	    .tag = tag,
	    .problem = problem,
	    .rows_capped = answer->capped,
	    .first_byte_at = answer->first_byte_at,
	    .first = answer->first,
	    .copy_in = answer->copy_in,
	    .last = last,
	};

	packet_copy(tag, sizeof(tag), ok ? ok->info : (struct bytes){NULL, 0});
	if (ok)
		end_fill_ok(&end, ok);
	if (answer->has_rows)
		end.rows = &answer->rows;
	if (answer->has_rows && !answer->columns.size && head->prepared) {
		end.columns.data = head->prepared->columns.data;
		end.columns.size = head->prepared->columns.size;
	}
	wire->answered = head->message;
	wire->moment.seq++;
	wire->events->end(wire->context, &end);
}
