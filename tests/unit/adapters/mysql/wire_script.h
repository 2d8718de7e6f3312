/* Scripts for the wire codec: packets are built and given to it. */
#ifndef PARALLAX_TESTS_MYSQL_WIRE_SCRIPT_H
#define PARALLAX_TESTS_MYSQL_WIRE_SCRIPT_H

#include "adapters/mysql/wire.h"
#include "unit/adapters/mysql/handshake_script.h"
#include "unit/adapters/wire_tell.h"

/* What a client of these plays can do, beside what each play asks for. */
#define SCRIPT_PLAIN                                                           \
	(HANDSHAKE_PROTOCOL_41 | HANDSHAKE_SECURE_CONNECTION |                 \
	 HANDSHAKE_PLUGIN_AUTH | HANDSHAKE_CONNECT_WITH_DB |                   \
	 HANDSHAKE_MULTI_STATEMENTS | HANDSHAKE_LOCAL_FILES)

/* The capabilities of the session that the next play is in. */
static uint64_t script_wants = SCRIPT_PLAIN;
static uint8_t script_sequence;

enum { IN_TRANS = 1, AUTO = 2, MORE = 8, CURSOR = 0x40, LAST_ROW = 0x80 };

static inline void put_packet(struct buffer *out, const void *body, size_t size)
{
	uint8_t head[PACKET_HEAD];

	packet_put_head(head, size, script_sequence++);
	buffer_append(out, head, sizeof(head));
	buffer_append(out, body, size);
}

#define PUT(out, literal) put_packet(out, literal, sizeof(literal) - 1)

/* A command: its code, then a text. */
static inline void put_command(struct buffer *out, uint8_t code,
			       const void *data, size_t size)
{
	struct buffer body;

	buffer_init(&body, 0);
	buffer_append_byte(&body, code);
	buffer_append(&body, data, size);
	script_sequence = 0;
	put_packet(out, body.data, body.size);
	buffer_release(&body);
}

static inline void put_query(struct buffer *out, const char *text)
{
	put_command(out, 0x03, text, strlen(text));
}

/* OK; mark 0xfe: in an EOF's place. Numbers are below 251. */
static inline void put_ok(struct buffer *out, uint8_t mark, unsigned affected,
			  unsigned id, unsigned status, unsigned warnings,
			  const char *info)
{
	struct buffer body;

	buffer_init(&body, 0);
	buffer_append_byte(&body, mark);
	buffer_append_byte(&body, (uint8_t)affected);
	buffer_append_byte(&body, (uint8_t)id);
	put_little(&body, 2, status);
	put_little(&body, 2, warnings);
	buffer_append_string(&body, info);
	put_packet(out, body.data, body.size);
	buffer_release(&body);
}

/* EOF as the session has it. */
static inline void put_eof(struct buffer *out, unsigned status)
{
	uint8_t body[] = {0xfe, 0, 0, (uint8_t)status, (uint8_t)(status >> 8)};

	if (script_wants & HANDSHAKE_DEPRECATE_EOF)
		put_ok(out, 0xfe, 0, 0, status, 0, "");
	else
		put_packet(out, body, sizeof(body));
}

/* EOF behind definitions, which the newer form has not. */
static inline void put_middle(struct buffer *out, unsigned status)
{
	if (!(script_wants & HANDSHAKE_DEPRECATE_EOF))
		put_eof(out, status);
}

static inline void put_failure(struct buffer *out, unsigned code,
			       const char *state, const char *message)
{
	struct buffer body;

	buffer_init(&body, 0);
	buffer_append_byte(&body, 0xff);
	put_little(&body, 2, code);
	buffer_printf(&body, "#%s%s", state, message);
	put_packet(out, body.data, body.size);
	buffer_release(&body);
}

/* A column's definition, of a type. */
static inline void put_column(struct buffer *out, uint8_t type)
{
	struct buffer body;

	buffer_init(&body, 0);
	buffer_append_string(&body, "\3def\4shop\1t\1t\1c\1c");
	if (script_wants & HANDSHAKE_EXTENDED_METADATA)
		buffer_append(&body, "\0", 1);
	buffer_append(&body, "\x0c\x2d\0\0\1\0\0", 7);
	buffer_append_byte(&body, type);
	buffer_append(&body, "\0\0\0\0\0", 5);
	put_packet(out, body.data, body.size);
	buffer_release(&body);
}

/* A result's head: the count, and whether definitions follow. */
static inline void put_count(struct buffer *out, uint8_t count, bool defined)
{
	uint8_t body[] = {count, defined};
	bool tells = script_wants &
		     (HANDSHAKE_CACHE_METADATA | HANDSHAKE_OPTIONAL_METADATA);

	put_packet(out, body, tells ? 2 : 1);
}

/* A login that asks for script_wants. */
static inline void script_login(struct script *script)
{
	struct buffer body;
	struct buffer built;

	buffer_init(&body, 0);
	buffer_init(&built, 0);
	script_sequence = 0;
	put_greeting(&body, UINT64_MAX & ~HANDSHAKE_NOT_MARIADB);
	put_packet(&built, body.data, body.size);
	script_give(script, false, &built);
	buffer_clear(&body);
	put_response(&body, script_wants);
	put_packet(&built, body.data, body.size);
	script_give(script, true, &built);
	put_ok(&built, 0, 0, 0, AUTO, 0, "");
	script_give(script, false, &built);
	buffer_release(&body);
	buffer_release(&built);
}

static inline void script_init(struct script *script)
{
	script_open(script, &mysql_wire);
}

#endif
