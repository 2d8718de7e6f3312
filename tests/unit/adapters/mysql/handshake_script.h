/* Greetings and responses, built field by field. */
#ifndef PARALLAX_TESTS_HANDSHAKE_SCRIPT_H
#define PARALLAX_TESTS_HANDSHAKE_SCRIPT_H

#include "adapters/mysql/handshake.h"

static inline void put_little(struct buffer *out, size_t width, uint64_t value)
{
	for (size_t i = 0; i < width; i++)
		buffer_append_byte(out, (uint8_t)(value >> (8 * i)));
}

static inline void put_name(struct buffer *out, const char *name)
{
	buffer_append(out, name, strlen(name) + 1);
}

/* A greeting's body, of MariaDB where bit 0 is clear. */
static inline void put_greeting(struct buffer *out, uint64_t capabilities)
{
	buffer_append_byte(out, 10);
	put_name(out, "10.11.6-MariaDB");
	put_little(out, 4, 77);
	buffer_append(out, "abcdefgh", 9);
	put_little(out, 2, capabilities & 0xffff);
	buffer_append_byte(out, 45);
	put_little(out, 2, 2);
	put_little(out, 2, capabilities >> 16 & 0xffff);
	buffer_append_byte(out, 21);
	put_little(out, 6, 0);
	put_little(out, 4,
		   capabilities & HANDSHAKE_NOT_MARIADB ? 0
							: capabilities >> 32);
	buffer_append(out, "ijklmnopqrst", 13);
	put_name(out, "mysql_native_password");
}

static inline void put_response(struct buffer *out, uint64_t capabilities)
{
	put_little(out, 4, capabilities & UINT32_MAX);
	put_little(out, 4, 1 << 24);
	buffer_append_byte(out, 45);
	put_little(out, 8, 0);
	put_little(out, 8, 0);
	put_little(out, 3, 0);
	put_little(out, 4, capabilities >> 32);
	put_name(out, "ann");
	if (capabilities &
	    (HANDSHAKE_AUTH_LENENC | HANDSHAKE_SECURE_CONNECTION))
		buffer_append(out, "\4\1\2\3\4", 5);
	else
		put_name(out, "old");
	if (capabilities & HANDSHAKE_CONNECT_WITH_DB)
		put_name(out, "shop");
	if (capabilities & HANDSHAKE_PLUGIN_AUTH)
		put_name(out, "mysql_native_password");
	if (capabilities & HANDSHAKE_CONNECT_ATTRS)
		buffer_append(out, "\x0c\7program\3app", 13);
}

#endif
