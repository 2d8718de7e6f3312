/*
 * A growable run of bytes with a cap and a sticky failure.
 *
 * Invariant: size <= capacity <= limit. When an append would pass the limit, or
 * the heap fails, `failed` is set, that append and all later ones do nothing,
 * and the builder checks once, at the end. buffer_clear lifts the failure.
 */
#ifndef PARALLAX_BASE_BUFFER_H
#define PARALLAX_BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buffer {
	uint8_t *data;
	size_t size;
	size_t capacity;
	size_t limit; /* 0: none */
	bool failed;
};

void buffer_init(struct buffer *buffer, size_t limit);
void buffer_release(struct buffer *buffer);
void buffer_clear(struct buffer *buffer); /* keeps the memory */

/* Makes room for `more` bytes after size; 0, or -1 with failed set. */
int buffer_reserve(struct buffer *buffer, size_t more);

void buffer_append(struct buffer *buffer, const void *data, size_t size);
void buffer_append_string(struct buffer *buffer, const char *text);
void buffer_append_byte(struct buffer *buffer, uint8_t byte);
void buffer_append_u16(struct buffer *buffer, uint16_t value); /* big-endian */
void buffer_append_u32(struct buffer *buffer, uint32_t value);
void buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The bytes as a string; "" when failed or empty. Valid until the next append.
 */
const char *buffer_string(struct buffer *buffer);

#endif
