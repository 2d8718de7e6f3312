/* Scripts for the wire codec: messages are built and given to it. */
#ifndef PARALLAX_TESTS_WIRE_SCRIPT_H
#define PARALLAX_TESTS_WIRE_SCRIPT_H

#include "adapters/postgres/wire.h"
#include "base/buffer.h"
#include "base/bytes.h"
#include "unit/adapters/wire_tell.h"

/* --- messages --- */

static inline void put(struct buffer *out, char type, const void *body,
		       size_t size)
{
	buffer_append_byte(out, (uint8_t)type);
	buffer_append_u32(out, (uint32_t)size + 4);
	buffer_append(out, body, size);
}

static inline void put_text(struct buffer *out, char type, const char *text)
{
	put(out, type, text, strlen(text) + 1);
}

static inline void put_startup(struct buffer *out, uint32_t code,
			       const char *pairs, size_t size)
{
	buffer_append_u32(out, (uint32_t)size + 8);
	buffer_append_u32(out, code);
	buffer_append(out, pairs, size);
}

static inline void put_parse(struct buffer *out, const char *name,
			     const char *text, unsigned types)
{
	struct buffer body;

	buffer_init(&body, 0);
	buffer_append(&body, name, strlen(name) + 1);
	buffer_append(&body, text, strlen(text) + 1);
	buffer_append_u16(&body, (uint16_t)types);
	for (unsigned i = 0; i < types; i++)
		buffer_append_u32(&body, 23 + i);
	put(out, 'P', body.data, body.size);
	buffer_release(&body);
}

/* One text parameter of `size` bytes of 'v'. */
static inline void put_bind(struct buffer *out, const char *portal,
			    const char *statement, size_t size)
{
	struct buffer body;

	buffer_init(&body, 0);
	buffer_append(&body, portal, strlen(portal) + 1);
	buffer_append(&body, statement, strlen(statement) + 1);
	buffer_append_u16(&body, 0);
	buffer_append_u16(&body, 1);
	buffer_append_u32(&body, (uint32_t)size);
	for (size_t i = 0; i < size; i++)
		buffer_append_byte(&body, 'v');
	buffer_append_u16(&body, 0);
	put(out, 'B', body.data, body.size);
	buffer_release(&body);
}

static inline void put_named(struct buffer *out, char type, char what,
			     const char *name)
{
	struct buffer body;

	buffer_init(&body, 0);
	buffer_append_byte(&body, (uint8_t)what);
	buffer_append(&body, name, strlen(name) + 1);
	put(out, type, body.data, body.size);
	buffer_release(&body);
}

static inline void put_execute(struct buffer *out, const char *portal,
			       uint32_t limit)
{
	struct buffer body;

	buffer_init(&body, 0);
	buffer_append(&body, portal, strlen(portal) + 1);
	buffer_append_u32(&body, limit);
	put(out, 'E', body.data, body.size);
	buffer_release(&body);
}

static inline void put_columns(struct buffer *out, unsigned count)
{
	struct buffer body;

	buffer_init(&body, 0);
	buffer_append_u16(&body, (uint16_t)count);
	for (unsigned i = 0; i < count; i++) {
		buffer_printf(&body, "c%u", i);
		buffer_append_byte(&body, 0);
		buffer_append_u32(&body, 0);
		buffer_append_u16(&body, 0);
		buffer_append_u32(&body, 25);
		buffer_append_u16(&body, 0xffff);
		buffer_append_u32(&body, UINT32_MAX);
		buffer_append_u16(&body, 0);
	}
	put(out, 'T', body.data, body.size);
	buffer_release(&body);
}

/* Cells, NULL-ended; "\N" is SQL NULL. */
static inline void put_row(struct buffer *out, const char *const *cells)
{
	struct buffer body;
	uint16_t count = 0;

	while (cells[count])
		count++;
	buffer_init(&body, 0);
	buffer_append_u16(&body, count);
	for (; *cells; cells++) {
		if (!strcmp(*cells, "\\N")) {
			buffer_append_u32(&body, UINT32_MAX);
			continue;
		}
		buffer_append_u32(&body, (uint32_t)strlen(*cells));
		buffer_append_string(&body, *cells);
	}
	put(out, 'D', body.data, body.size);
	buffer_release(&body);
}

#define PUT_ROW(out, ...) put_row(out, (const char *const[]){__VA_ARGS__, NULL})

static inline void put_problem(struct buffer *out, char type,
			       const char *severity, const char *state,
			       const char *message)
{
	struct buffer body;

	buffer_init(&body, 0);
	buffer_printf(&body, "S%s", severity);
	buffer_append_byte(&body, 0);
	buffer_printf(&body, "V%s", severity);
	buffer_append_byte(&body, 0);
	buffer_printf(&body, "C%s", state);
	buffer_append_byte(&body, 0);
	buffer_printf(&body, "M%s", message);
	buffer_append_byte(&body, 0);
	buffer_append_byte(&body, 0);
	put(out, type, body.data, body.size);
	buffer_release(&body);
}

static inline void put_error(struct buffer *out, const char *state)
{
	put_problem(out, 'E', "ERROR", state, "no");
}

static inline void put_ready(struct buffer *out, char status)
{
	put(out, 'Z', &status, 1);
}

static inline void put_done(struct buffer *out, const char *tag)
{
	put_text(out, 'C', tag);
}

static inline void put_empty(struct buffer *out, const char *types)
{
	for (; *types; types++)
		put(out, *types, NULL, 0);
}

/* --- a session --- */

static inline void script_init(struct script *script)
{
	script_open(script, &postgres_wire);
}

/* A session that is authenticated and ready. */
static inline void script_login(struct script *script)
{
	static const char pairs[] = "user\0ann\0database\0shop\0"
				    "application_name\0test\0";
	struct buffer built;
	uint8_t zeros[8] = {0};

	buffer_init(&built, 0);
	put_startup(&built, 196608, pairs, sizeof(pairs));
	script_give(script, true, &built);
	put(&built, 'R', zeros, 4);
	put(&built, 'S', "TimeZone\0UTC", 13);
	put(&built, 'S', "TimeZone\0GMT", 13);
	put(&built, 'K', zeros, 8);
	put_ready(&built, 'I');
	script_give(script, false, &built);
	buffer_release(&built);
}

#endif
