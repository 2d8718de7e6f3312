/* Figures, times and untrusted text in readable form. */
#ifndef PARALLAX_REPORT_FORMAT_H
#define PARALLAX_REPORT_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

enum { FORMAT_SIZE = 40 };

/* All write into out (FORMAT_SIZE bytes) and return it. */
const char *format_count(char *out, uint64_t count); /* 1,234,567 */
const char *format_share(char *out, uint64_t part, uint64_t whole); /* 0.16 % */
const char *format_us(char *out, uint64_t us); /* 870 us, 1.2 ms, 3.4 s */
const char *format_time(char *out,
			int64_t unix_us); /* 2026-01-02 03:04:05 UTC */
const char *format_iso(char *out, int64_t unix_us); /* ...T03:04:05.678901Z */
const char *format_fingerprint(char *out, uint64_t fingerprint); /* 16 hex */

/*
 * Untrusted text for a terminal: no control bytes, at most `columns` characters
 * (an ellipsis stands for the rest; 0: no limit). White space, newlines
 * included, folds to one blank. Returns the characters written.
 */
size_t format_line(struct buffer *out, const char *text, size_t columns);

/* Untrusted text for HTML, in an element or a quoted attribute. */
void format_html(struct buffer *out, const char *text);

#endif
