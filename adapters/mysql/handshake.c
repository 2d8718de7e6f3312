#include "adapters/mysql/handshake.h"

#include <string.h>

enum {
	PROTOCOL_VERSION = 10,
	SCRAMBLE_HEAD = 8,
	GREETING_RESERVED = 6, /* in front of MariaDB's word */
	RESPONSE_HEAD = 32,
	RESPONSE_WORD = 28, /* where MariaDB's word stands in it */
	SHORT_HEAD = 4,	    /* the low capabilities, in a response */
};

const uint64_t handshake_followed =
    HANDSHAKE_NOT_MARIADB | HANDSHAKE_FOUND_ROWS | HANDSHAKE_BIT(2) |
    HANDSHAKE_CONNECT_WITH_DB | HANDSHAKE_BIT(4) | HANDSHAKE_BIT(6) |
    HANDSHAKE_LOCAL_FILES | HANDSHAKE_BIT(8) | HANDSHAKE_PROTOCOL_41 |
    HANDSHAKE_BIT(10) | HANDSHAKE_BIT(12) | HANDSHAKE_BIT(13) |
    HANDSHAKE_BIT(14) | HANDSHAKE_SECURE_CONNECTION |
    HANDSHAKE_MULTI_STATEMENTS | HANDSHAKE_BIT(17) | HANDSHAKE_BIT(18) |
    HANDSHAKE_PLUGIN_AUTH | HANDSHAKE_CONNECT_ATTRS | HANDSHAKE_AUTH_LENENC |
    HANDSHAKE_BIT(22) | HANDSHAKE_SESSION_TRACK | HANDSHAKE_DEPRECATE_EOF |
    HANDSHAKE_OPTIONAL_METADATA | HANDSHAKE_QUERY_ATTRIBUTES |
    HANDSHAKE_BIT(28) | HANDSHAKE_PROGRESS | HANDSHAKE_BULK |
    HANDSHAKE_EXTENDED_METADATA | HANDSHAKE_CACHE_METADATA |
    HANDSHAKE_BULK_RESULTS;

static void put_integer(uint8_t *out, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		out[i] = (uint8_t)(value >> (8 * i));
}

/* The part behind the low capabilities, which old servers do not have. */
static enum packet_result greeting_rest(uint8_t *body,
					struct packet_cursor *cursor,
					uint64_t allowed,
					struct handshake_greeting *out)
{
	uint64_t value;
	size_t at;

	if (!packet_left(cursor))
		return PACKET_OK;
	if (packet_take_integer(cursor, 1, &value))
		return PACKET_BAD;
	out->collation = (uint8_t)value;
	if (packet_take_integer(cursor, 2, &value))
		return PACKET_BAD;
	out->status = (uint16_t)value;
	at = (size_t)(cursor->at - body);
	if (packet_take_integer(cursor, 2, &value))
		return PACKET_BAD;
	out->capabilities |= value << 16 & allowed;
	put_integer(body + at, 2, out->capabilities >> 16);
	if (packet_left(cursor) < 1 + GREETING_RESERVED)
		return PACKET_BAD;
	cursor->at += 1 + GREETING_RESERVED;
	at = (size_t)(cursor->at - body);
	if (packet_take_integer(cursor, 4, &value))
		return PACKET_BAD;
	if (out->capabilities & HANDSHAKE_NOT_MARIADB)
		return PACKET_OK; /* MySQL's: reserved */
	out->capabilities |= value << 32 & allowed;
	put_integer(body + at, 4, out->capabilities >> 32);
	return PACKET_OK;
}

enum packet_result handshake_greeting_mask(uint8_t *body, size_t size,
					   uint64_t allowed,
					   struct handshake_greeting *out)
{
	struct packet_cursor cursor = packet_cursor_of(body, size);
	uint64_t value;
	size_t at;

	memset(out, 0, sizeof(*out));
	if (packet_take_integer(&cursor, 1, &value) ||
	    value != PROTOCOL_VERSION ||
	    packet_take_name(&cursor, &out->version))
		return PACKET_BAD;
	if (packet_take_integer(&cursor, 4, &value))
		return PACKET_BAD;
	out->connection = (uint32_t)value;
	if (packet_left(&cursor) < SCRAMBLE_HEAD + 1)
		return PACKET_BAD;
	cursor.at += SCRAMBLE_HEAD + 1;
	at = (size_t)(cursor.at - body);
	if (packet_take_integer(&cursor, 2, &value))
		return PACKET_BAD;
	out->capabilities = value & allowed;
	put_integer(body + at, 2, out->capabilities);
	return greeting_rest(body, &cursor, allowed, out);
}

static enum packet_result take_authentication(struct packet_cursor *cursor,
					      struct handshake_response *out)
{
	uint64_t size;

	if (out->capabilities & HANDSHAKE_AUTH_LENENC)
		return packet_take_string(cursor, &out->authentication);
	if (!(out->capabilities & HANDSHAKE_SECURE_CONNECTION))
		return packet_take_name(cursor, &out->authentication);
	if (packet_take_integer(cursor, 1, &size))
		return PACKET_BAD;
	return packet_take_bytes(cursor, (size_t)size, &out->authentication);
}

/* A string that ends with the packet may lack its NUL. */
static enum packet_result take_last_name(struct packet_cursor *cursor,
					 struct bytes *out)
{
	if (!packet_take_name(cursor, out))
		return PACKET_OK;
	return packet_take_bytes(cursor, packet_left(cursor), out);
}

/* What follows the head, as far as it is well formed. */
static void response_names(struct packet_cursor *cursor,
			   struct handshake_response *out)
{
	if (packet_take_name(cursor, &out->user) ||
	    take_authentication(cursor, out))
		return;
	if (out->capabilities & HANDSHAKE_CONNECT_WITH_DB &&
	    take_last_name(cursor, &out->database))
		return;
	if (out->capabilities & HANDSHAKE_PLUGIN_AUTH &&
	    take_last_name(cursor, &out->plugin))
		return;
	if (out->capabilities & HANDSHAKE_CONNECT_ATTRS &&
	    packet_take_string(cursor, &out->attributes))
		out->attributes.size = 0;
}

enum packet_result handshake_response_mask(uint8_t *body, size_t size,
					   uint64_t offered,
					   struct handshake_response *out)
{
	struct packet_cursor cursor = packet_cursor_of(body, size);
	uint64_t value;

	memset(out, 0, sizeof(*out));
	if (packet_take_integer(&cursor, SHORT_HEAD, &value) ||
	    !(value & HANDSHAKE_PROTOCOL_41) || size < RESPONSE_HEAD)
		return PACKET_BAD;
	out->asks_tls = (value & HANDSHAKE_SSL) && size == RESPONSE_HEAD;
	out->capabilities = value & offered;
	put_integer(body, SHORT_HEAD, out->capabilities);
	out->max_packet = (uint32_t)packet_get_integer(body + SHORT_HEAD, 4);
	out->collation = body[8];
	if (!(value & HANDSHAKE_NOT_MARIADB)) {
		value = packet_get_integer(body + RESPONSE_WORD, 4) << 32;
		out->capabilities |= value & offered;
		put_integer(body + RESPONSE_WORD, 4, out->capabilities >> 32);
	}
	cursor.at = body + RESPONSE_HEAD;
	if (!out->asks_tls)
		response_names(&cursor, out);
	return PACKET_OK;
}
