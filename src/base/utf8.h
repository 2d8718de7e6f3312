/* Text for a store: valid UTF-8, bounded, without control bytes. */
#ifndef PARALLAX_BASE_UTF8_H
#define PARALLAX_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * A copy (the caller's; NULL gives NULL) of at most `limit` bytes and an
 * ellipsis where something was cut. What is not UTF-8, and control characters
 * other than newline and tab, become U+FFFD.
 */
char *utf8_clean(const char *text, size_t limit);

/*
 * The length of the well-formed UTF-8 sequence at `in` (1 to 4), 0 if there is
 * none; *code receives the character. in[0] must be before the end.
 */
size_t utf8_sequence(const uint8_t *in, size_t size, uint32_t *code);

/* Whether it may be shown: no control character (newline and tab count). */
int utf8_is_control(uint32_t code);

/* Characters (not bytes) of a text; a stray byte counts as one. */
size_t utf8_length(const char *text);

#endif
