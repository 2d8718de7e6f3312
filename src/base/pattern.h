/*
 * Regular expressions (PCRE2) behind a wall: no other file includes its header.
 * A match is bounded in steps, in nesting and in memory, so that no pattern and
 * no text, however hostile, takes more than a fraction of a second.
 *
 * Patterns are UTF-8 and ignore case ("(?-i)" takes that back); bytes of a text
 * that are no UTF-8 match nothing.
 */
#ifndef PARALLAX_BASE_PATTERN_H
#define PARALLAX_BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

enum {
	PATTERN_LENGTH_LIMIT = 16 * 1024, /* bytes of a pattern */
	PATTERN_GROUP_LIMIT = 99,
};

struct pattern;

/* ERROR_CONFIG with PCRE2's message and the character (from 1) it is about. */
int pattern_new(const char *text, struct pattern **pattern,
		struct error *error);
void pattern_free(struct pattern **pattern);
size_t pattern_group_count(const struct pattern *pattern); /* without 0 */

enum pattern_result {
	PATTERN_FOUND,
	PATTERN_NONE,
	PATTERN_LIMIT, /* given up: it is unknown whether it matches */
};

struct pattern_span { /* of the text; start == end: nothing, or not set */
	size_t start;
	size_t end;
};

/* The first match anywhere in the text. spans: group 0 (the whole match) and
 * the pattern's groups. */
enum pattern_result pattern_find(const struct pattern *pattern,
				 const char *text, size_t size,
				 struct pattern_span *spans);

/*
 * A replacement, taken apart: \1 to \99 and ${name} are groups, \0 the whole
 * match, \\ a backslash. All else, $1 too, is text.
 */
struct pattern_piece {
	const char *text; /* NULL: the group */
	size_t size;
	size_t group;
};

struct pattern_template {
	struct pattern_piece *pieces;
	size_t count;
	bool plain; /* names no group */
};

/* Into the arena, with its texts. ERROR_CONFIG, with the character it is about.
 */
int pattern_template(const struct pattern *pattern, const char *text,
		     struct arena *arena, struct pattern_template *made,
		     struct error *error);

#endif
