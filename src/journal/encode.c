#include "journal/encode.h"

#include <endian.h>

#include "journal/segment.h"

enum {
	WIRE_VARINT = 0,
	WIRE_FIXED64 = 1,
	WIRE_LENGTH = 2,
	VARINT_MAX = 10,
	/* Room for all scalar fields of a part, with tags; the largest is End.
	 */
	SCALARS = 256,
	RECORD_SCALARS = 64,
};

/*
 * A record has some thirty fields, and the client path encodes two of them a
 * transaction. The number of a field is a constant wherever one is put: inlined,
 * its tag costs a store, and most fields are left out by one comparison.
 */
#define INLINED static inline __attribute__((always_inline))

INLINED uint8_t *put_varint(uint8_t *out, uint64_t value)
{
	while (value >= 0x80) {
		*out++ = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	*out++ = (uint8_t)value;
	return out;
}

/* Fields have numbers below 256 here: a tag is one or two bytes. */
INLINED uint8_t *put_tag(uint8_t *out, unsigned field, unsigned wire)
{
	unsigned tag = field << 3 | wire;

	if (tag < 0x80) {
		*out++ = (uint8_t)tag;
	} else {
		*out++ = (uint8_t)(tag | 0x80);
		*out++ = (uint8_t)(tag >> 7);
	}
	return out;
}

static uint8_t *put_fixed64(uint8_t *out, uint64_t value)
{
	value = htole64(value);
	memcpy(out, &value, sizeof(value));
	return out + sizeof(value);
}

/* Proto3: a field at its default is left out. */
INLINED uint8_t *put_number(uint8_t *out, unsigned field, uint64_t value)
{
	if (!value)
		return out;
	return put_varint(put_tag(out, field, WIRE_VARINT), value);
}

/*
 * Times in microseconds are the longest numbers: eight bytes from 1987 to 4253,
 * made at once. Each step halves the groups and moves the upper halves up, until
 * a group has the seven bits of a byte: 56 bits, 2 x 28, 4 x 14, 8 x 7.
 */
INLINED uint8_t *put_time(uint8_t *out, unsigned field, int64_t time)
{
	uint64_t bits = (uint64_t)time;

	if (bits >> 49 == 0 || bits >> 56 != 0)
		return put_number(out, field, bits);
	bits = (bits & 0x000000000fffffff) | (bits & 0x00fffffff0000000) << 4;
	bits = (bits & 0x00003fff00003fff) | (bits & 0x0fffc0000fffc000) << 2;
	bits = (bits & 0x007f007f007f007f) | (bits & 0x3f803f803f803f80) << 1;
	bits |= 0x0080808080808080; /* more bytes follow, but for the last */
	return put_fixed64(put_tag(out, field, WIRE_VARINT), bits);
}

INLINED uint8_t *put_run(uint8_t *out, unsigned field, const void *data,
			 size_t size)
{
	if (!size)
		return out;
	out = put_varint(put_tag(out, field, WIRE_LENGTH), size);
	memcpy(out, data, size);
	return out + size;
}

INLINED uint8_t *put_bytes(uint8_t *out, unsigned field,
			   ProtobufCBinaryData run)
{
	return put_run(out, field, run.data, run.len);
}

/* Most names are empty. */
INLINED size_t string_size(const char *text)
{
	return text && *text ? strlen(text) : 0;
}

INLINED uint8_t *put_string(uint8_t *out, unsigned field, const char *text)
{
	return put_run(out, field, text, string_size(text));
}

/* A rare part: packed by protobuf-c. */
static size_t message_bound(const ProtobufCMessage *message)
{
	return message ? protobuf_c_message_get_packed_size(message) + 16 : 0;
}

static uint8_t *put_message(uint8_t *out, unsigned field,
			    const ProtobufCMessage *message)
{
	if (!message)
		return out;
	out = put_tag(out, field, WIRE_LENGTH);
	out = put_varint(out, protobuf_c_message_get_packed_size(message));
	return out + protobuf_c_message_pack(message, out);
}

/*
 * The length of a part is known only after it: room is left for it, and filled in
 * as a varint padded to that many bytes. How many do for any part of a record
 * follows from the bound of all of it.
 */
struct encoded_part {
	uint8_t *length;
	unsigned width;
};

enum {
	PART_NARROW = 2,
	PART_WIDE = 4,
};

_Static_assert(JOURNAL_RECORD_MAX < 1 << 7 * PART_WIDE, "a part's length fits");

INLINED uint8_t *part_start(struct encoded_part *part, uint8_t *out,
			    unsigned field, size_t bound)
{
	out = put_tag(out, field, WIRE_LENGTH);
	part->length = out;
	part->width = bound >> 7 * PART_NARROW ? PART_WIDE : PART_NARROW;
	return out + part->width;
}

INLINED void part_end(const struct encoded_part *part, const uint8_t *out)
{
	uint8_t *at = part->length;
	size_t length = (size_t)(out - at) - part->width;

	for (unsigned i = 1; i < part->width; i++) {
		*at++ = (uint8_t)(length | 0x80);
		length >>= 7;
	}
	*at = (uint8_t)length;
}

static size_t statement_bound(const Parallax__Journal__Statement *in)
{
	return SCALARS + in->text.len + in->bind.len + in->call.len +
	       in->n_parameter_types * 5 + string_size(in->statement_name) +
	       string_size(in->portal) + string_size(in->status_before);
}

static uint8_t *put_statement(uint8_t *out,
			      const Parallax__Journal__Statement *in,
			      size_t bound)
{
	struct encoded_part part;

	out = part_start(&part, out, 7, bound);
	out = put_number(out, 1, (uint64_t)in->kind);
	out = put_bytes(out, 2, in->text);
	out = put_number(out, 3, (uint64_t)in->truncated);
	out = put_bytes(out, 4, in->bind);
	if (in->n_parameter_types) {
		struct encoded_part types;

		out = part_start(&types, out, 5, bound);
		for (size_t i = 0; i < in->n_parameter_types; i++)
			out = put_varint(out, in->parameter_types[i]);
		part_end(&types, out);
	}
	out = put_bytes(out, 6, in->call);
	out = put_string(out, 7, in->statement_name);
	out = put_string(out, 8, in->portal);
	out = put_number(out, 9, in->row_limit);
	out = put_number(out, 10, (uint64_t)in->resumed);
	out = put_number(out, 11, in->portal_message);
	out = put_time(out, 12, in->forwarded_at);
	out = put_number(out, 13, in->after);
	out = put_number(out, 14, in->transaction);
	out = put_string(out, 15, in->status_before);
	out = put_number(out, 16, (uint64_t)in->implicit);
	out = put_number(out, 17, in->parse_after);
	out = put_number(out, 18, in->bind_after);
	out = put_number(out, 19, in->parsed_after);
	part_end(&part, out);
	return out;
}

static size_t input_bound(const Parallax__Journal__Input *in)
{
	return SCALARS + in->data.len;
}

static uint8_t *put_input(uint8_t *out, const Parallax__Journal__Input *in,
			  size_t bound)
{
	struct encoded_part part;

	out = part_start(&part, out, 8, bound);
	out = put_number(out, 1, (uint64_t)in->kind);
	out = put_bytes(out, 2, in->data);
	out = put_number(out, 3, in->index);
	part_end(&part, out);
	return out;
}

static size_t answer_bound(const Parallax__Journal__Answer *in)
{
	return SCALARS + in->columns.len + in->rows.len;
}

static uint8_t *put_answer(uint8_t *out, const Parallax__Journal__Answer *in,
			   size_t bound)
{
	struct encoded_part part;

	out = part_start(&part, out, 9, bound);
	out = put_number(out, 1, in->index);
	out = put_bytes(out, 2, in->columns);
	out = put_bytes(out, 3, in->rows);
	part_end(&part, out);
	return out;
}

static uint8_t *put_digest(uint8_t *out, unsigned field,
			   const Parallax__Journal__Digest *in)
{
	uint8_t *length;

	if (!in)
		return out;
	out = put_tag(out, field, WIRE_LENGTH);
	length = out++;
	if (in->low)
		out = put_fixed64(put_tag(out, 1, WIRE_FIXED64), in->low);
	if (in->high)
		out = put_fixed64(put_tag(out, 2, WIRE_FIXED64), in->high);
	*length = (uint8_t)(out - length - 1); /* at most 18: one byte */
	return out;
}

static size_t end_bound(const Parallax__Journal__End *in)
{
	size_t bound = SCALARS + string_size(in->tag) + in->columns.len +
		       in->result_formats.len + in->n_column_digests * 8;

	if (in->problem)
		bound += message_bound(&in->problem->base);
	for (size_t i = 0; i < in->n_warnings; i++)
		bound += message_bound(&in->warnings[i]->base);
	return bound;
}

static uint8_t *put_end(uint8_t *out, const Parallax__Journal__End *in,
			size_t bound)
{
	struct encoded_part part;

	out = part_start(&part, out, 10, bound);
	out = put_number(out, 1, in->index);
	out = put_number(out, 2, in->seq);
	out = put_number(out, 3, (uint64_t)in->outcome);
	out = put_string(out, 4, in->tag);
	if (in->problem)
		out = put_message(out, 5, &in->problem->base);
	for (size_t i = 0; i < in->n_warnings; i++)
		out = put_message(out, 6, &in->warnings[i]->base);
	out = put_number(out, 7, in->warning_count);
	out = put_number(out, 8, in->row_count);
	out = put_number(out, 9, (uint64_t)in->rows_capped);
	out = put_digest(out, 10, in->ordered);
	out = put_digest(out, 11, in->unordered);
	if (in->n_column_digests) {
		out = put_tag(out, 12, WIRE_LENGTH);
		out = put_varint(out, in->n_column_digests * 8);
		for (size_t i = 0; i < in->n_column_digests; i++)
			out = put_fixed64(out, in->column_digests[i]);
	}
	out = put_bytes(out, 13, in->columns);
	out = put_bytes(out, 14, in->result_formats);
	out = put_time(out, 15, in->first_byte_at);
	out = put_time(out, 16, in->completed_at);
	out = put_number(out, 17, in->in_flight);
	out = put_number(out, 18, (uint64_t)in->copy_in);
	out = put_number(out, 19, (uint64_t)in->copy_out);
	out = put_number(out, 20, in->first);
	out = put_number(out, 21, in->insert_id);
	out = put_number(out, 22, in->matched_rows);
	out = put_number(out, 23, in->changed_rows);
	part_end(&part, out);
	return out;
}

static size_t transaction_end_bound(const Parallax__Journal__TransactionEnd *in)
{
	return SCALARS + (in->problem ? message_bound(&in->problem->base) : 0);
}

static uint8_t *put_transaction_end(uint8_t *out,
				    const Parallax__Journal__TransactionEnd *in,
				    size_t bound)
{
	struct encoded_part part;

	out = part_start(&part, out, 11, bound);
	out = put_number(out, 1, in->transaction);
	out = put_number(out, 2, in->seq);
	out = put_number(out, 3, in->after);
	out = put_number(out, 4, (uint64_t)in->outcome);
	if (in->problem)
		out = put_message(out, 5, &in->problem->base);
	out = put_time(out, 6, in->at);
	out = put_number(out, 7, in->statements);
	out = put_number(out, 8, in->in_flight);
	out = put_number(out, 9, in->first);
	part_end(&part, out);
	return out;
}

size_t journal_encode_bound(const Parallax__Journal__Record *in)
{
	size_t bound = RECORD_SCALARS;

	if (in->statement)
		bound += VARINT_MAX + statement_bound(in->statement);
	if (in->input)
		bound += VARINT_MAX + input_bound(in->input);
	if (in->answer)
		bound += VARINT_MAX + answer_bound(in->answer);
	if (in->end)
		bound += VARINT_MAX + end_bound(in->end);
	if (in->transaction_end)
		bound +=
		    VARINT_MAX + transaction_end_bound(in->transaction_end);
	if (in->head)
		bound += message_bound(&in->head->base);
	if (in->opened)
		bound += message_bound(&in->opened->base);
	if (in->closed)
		bound += message_bound(&in->closed->base);
	if (in->gap)
		bound += message_bound(&in->gap->base);
	if (in->changed)
		bound += message_bound(&in->changed->base);
	return bound;
}

size_t journal_encode(const Parallax__Journal__Record *in, size_t bound,
		      uint8_t *start)
{
	uint8_t *out = start;

	out = put_number(out, 1, in->writer);
	out = put_number(out, 2, in->epoch);
	out = put_number(out, 3, in->session);
	out = put_number(out, 4, in->message);
	if (in->statement)
		out = put_statement(out, in->statement, bound);
	if (in->input)
		out = put_input(out, in->input, bound);
	if (in->answer)
		out = put_answer(out, in->answer, bound);
	if (in->end)
		out = put_end(out, in->end, bound);
	if (in->transaction_end)
		out = put_transaction_end(out, in->transaction_end, bound);
	if (in->head)
		out = put_message(out, 5, &in->head->base);
	if (in->opened)
		out = put_message(out, 6, &in->opened->base);
	if (in->closed)
		out = put_message(out, 12, &in->closed->base);
	if (in->gap)
		out = put_message(out, 13, &in->gap->base);
	if (in->changed)
		out = put_message(out, 14, &in->changed->base);
	return (size_t)(out - start);
}
