/*
 * Packets of MySQL's and MariaDB's protocol, and the values in them. Sans-IO,
 * without a socket: bytes come in runs of any size.
 *
 * A packet is one or more frames: a length (3 bytes, little-endian), a sequence
 * number (1 byte), the body. A frame of the longest length (0xffffff) is
 * continued by the next one, which may be empty:
 *
 *	03 00 00 00  01 02 03			a packet of three bytes
 *	ff ff ff 00  ...  00 00 00 01		a packet of 16,777,215 bytes
 *
 * Sources: MariaDB's knowledge base, "0 - Packet" and "Protocol data types";
 * MySQL's source documentation, "MySQL Packets" and "Basic Types".
 */
#ifndef PARALLAX_ADAPTERS_MYSQL_PACKET_H
#define PARALLAX_ADAPTERS_MYSQL_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/bytes.h"

enum packet_result { PACKET_OK, PACKET_MORE, PACKET_BAD };

enum {
	PACKET_HEAD = 4,
	PACKET_FRAME_MAX = 0xffffff,
	PACKET_INTEGER_MAX = 9, /* bytes of a length-encoded integer */
	/* First bytes of a length-encoded integer that are no length. */
	PACKET_NULL = 0xfb,
	PACKET_ERROR = 0xff,
};

/* --- framing --- */

struct packet_framer {
	uint8_t head[PACKET_HEAD];
	uint8_t head_size;
	bool inside;	/* a packet is under way */
	bool continued; /* its frame under way is not its last */
	uint32_t left;	/* bytes of that frame that are still to come */
	uint64_t total; /* bytes of the packet that have come */
	uint32_t frame; /* size of its first frame */
	uint8_t sequence;
};

/* A run of a packet's body, in the caller's bytes. */
struct packet_piece {
	const uint8_t *data;
	size_t size;
	uint64_t before; /* bytes of the packet in front of it */
	uint32_t frame;	 /* size of the packet's first frame; at the longest,
			    the packet is that long or longer */
	uint8_t sequence;
	bool first;
	bool last;
};

/*
 * Takes the next piece from a run; *used: how much of the run is taken.
 * PACKET_MORE: the run is used up, without a piece. A piece that is not the
 * last of its packet has one byte at least.
 */
enum packet_result packet_next(struct packet_framer *framer,
			       const uint8_t *data, size_t size, size_t *used,
			       struct packet_piece *piece);
bool packet_at_border(const struct packet_framer *framer);

/* Writes a head; size <= PACKET_FRAME_MAX. */
void packet_put_head(uint8_t *out, size_t size, uint8_t sequence);

/* --- values in a body: ok, or bad where it ends too early --- */

struct packet_cursor {
	const uint8_t *at;
	const uint8_t *end;
};

struct packet_cursor packet_cursor_of(const void *data, size_t size);
size_t packet_left(const struct packet_cursor *cursor);

/* Little-endian, of 1 to 8 bytes. */
enum packet_result packet_take_integer(struct packet_cursor *cursor,
				       size_t width, uint64_t *value);
/* Length-encoded; 0xfb (NULL) and 0xff (an error's mark) are bad. */
enum packet_result packet_take_length(struct packet_cursor *cursor,
				      uint64_t *value);
enum packet_result packet_take_bytes(struct packet_cursor *cursor, size_t size,
				     struct bytes *out);
/* A length-encoded string. */
enum packet_result packet_take_string(struct packet_cursor *cursor,
				      struct bytes *out);
/* Up to a NUL, which is taken, too. */
enum packet_result packet_take_name(struct packet_cursor *cursor,
				    struct bytes *out);

/* How many bytes a length-encoded integer has, by its first one; 0: none. */
size_t packet_length_width(uint8_t first);
uint64_t packet_get_integer(const uint8_t *in, size_t width);

/* A name's bytes as a string of at most size - 1. */
void packet_copy(char *out, size_t size, struct bytes name);

#endif
