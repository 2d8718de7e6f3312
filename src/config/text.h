/* The meaning of a text in a config or mapping: quantities, names, guesses. */
#ifndef PARALLAX_CONFIG_TEXT_H
#define PARALLAX_CONFIG_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/* "64 MiB", "1GiB", "1.5 MB", "4096" in bytes. -1: not a size. */
int text_size(const char *text, uint64_t *bytes);
/* "2 s", "500ms", "1.5 h", "0" in microseconds; the unit is required except for
 * 0. */
int text_duration(const char *text, int64_t *us);
/* true, yes, on; false, no, off. */
int text_bool(const char *text, bool *value);
/* A decimal number from low to high, and nothing else. */
int text_number(const char *text, uint64_t low, uint64_t high, uint64_t *value);

/* As text_size and text_duration read them, in the largest exact unit. */
char *text_size_print(struct arena *arena, uint64_t bytes);
char *text_duration_print(struct arena *arena, int64_t us);

/*
 * The candidate (NULL-ended list) that the text was most likely meant to be, or
 * NULL: at most a third of its letters are wrong.
 */
const char *text_nearest(const char *text, const char *const *candidates);

/*
 * Splits a dotted name into at most `capacity` parts: a, a.b, a.b.c. A part in
 * double quotes may hold dots, a doubled quote in it is one. Letters keep their
 * case. Returns the count; 0 if it is malformed (an empty part, too many).
 */
size_t text_name_split(struct arena *arena, const char *text, char **parts,
		       size_t capacity);

/*
 * Expands environment variables in ${NAME}; "$${" stands for "${". NULL: one is
 * not set, or a brace is missing; *problem then says which, in the arena.
 */
char *text_expand(struct arena *arena, const char *text, char **problem);

#endif
