#include "config/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct unit {
	const char *name;
	uint64_t factor;
	bool prints; /* is used to print */
};

/* Largest first. */
static const struct unit size_units[] = {
    {"TiB", UINT64_C(1) << 40, true},
    {"TB", 1000000000000, false},
    {"GiB", UINT64_C(1) << 30, true},
    {"GB", 1000000000, false},
    {"MiB", UINT64_C(1) << 20, true},
    {"MB", 1000000, false},
    {"KiB", UINT64_C(1) << 10, true},
    {"kB", 1000, false},
    {"B", 1, true},
    {NULL, 0, false},
};

static const struct unit duration_units[] = {
    {"d", 86400000000, true}, {"h", 3600000000, true}, {"min", 60000000, true},
    {"s", 1000000, true},     {"ms", 1000, true},      {"us", 1, true},
    {NULL, 0, false},
};

/* digits [. digits] [blanks] [unit]; the result in the unit of factor 1. */
static int parse_quantity(const char *text, const struct unit *units,
			  bool unit_required, uint64_t *result)
{
	uint64_t whole = 0;
	uint64_t part = 0;
	uint64_t part_scale = 1;
	uint64_t factor = 1;
	uint64_t below;

	if (!isdigit((unsigned char)*text))
		return -1;
	for (; isdigit((unsigned char)*text); text++) {
		unsigned digit = (unsigned)(*text - '0');

		if (whole > (UINT64_MAX - digit) / 10)
			return -1;
		whole = whole * 10 + digit;
	}
	if (*text == '.') {
		if (!isdigit((unsigned char)*++text))
			return -1;
		for (; isdigit((unsigned char)*text); text++) {
			if (part_scale >= 1000000)
				return -1;
			part = part * 10 + (unsigned)(*text - '0');
			part_scale *= 10;
		}
	}
	while (*text == ' ')
		text++;
	if (*text) {
		while (units->name && strcasecmp(units->name, text))
			units++;
		if (!units->name)
			return -1;
		factor = units->factor;
	} else if (unit_required && (whole || part)) {
		return -1;
	}
	if (whole > INT64_MAX / factor)
		return -1;
	below = (uint64_t)((double)part / (double)part_scale * (double)factor);
	*result = whole * factor + below;
	return *result > INT64_MAX ? -1 : 0;
}

int text_size(const char *text, uint64_t *bytes)
{
	return parse_quantity(text, size_units, false, bytes);
}

int text_duration(const char *text, int64_t *us)
{
	uint64_t value;

	if (parse_quantity(text, duration_units, true, &value))
		return -1;
	*us = (int64_t)value;
	return 0;
}

int text_bool(const char *text, bool *value)
{
	static const char *const yes[] = {"true", "yes", "on", NULL};
	static const char *const no[] = {"false", "no", "off", NULL};

	for (size_t i = 0; yes[i]; i++) {
		if (!strcasecmp(text, yes[i])) {
			*value = true;
			return 0;
		}
		if (!strcasecmp(text, no[i])) {
			*value = false;
			return 0;
		}
	}
	return -1;
}

int text_number(const char *text, uint64_t low, uint64_t high, uint64_t *value)
{
	uint64_t number;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -1;
	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno || *end || number < low || number > high)
		return -1;
	*value = number;
	return 0;
}

static char *print_quantity(struct arena *arena, uint64_t value,
			    const struct unit *units)
{
	for (; value && units->name; units++)
		if (units->prints && value % units->factor == 0)
			return arena_printf(arena, "%" PRIu64 " %s",
					    value / units->factor, units->name);
	return arena_string(arena, "0");
}

char *text_size_print(struct arena *arena, uint64_t bytes)
{
	return print_quantity(arena, bytes, size_units);
}

char *text_duration_print(struct arena *arena, int64_t us)
{
	return print_quantity(arena, (uint64_t)us, duration_units);
}

enum { NAME_COMPARED = 64 };

/* Letters to insert, remove, change or swap with their neighbour. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t rows[3][NAME_COMPARED + 1];
	size_t *before = rows[0];
	size_t *above = rows[1];
	size_t *current = rows[2];
	size_t a_size = strlen(a);
	size_t b_size = strlen(b);

	if (a_size > NAME_COMPARED || b_size > NAME_COMPARED)
		return NAME_COMPARED;
	for (size_t j = 0; j <= b_size; j++)
		above[j] = before[j] = j;
	for (size_t i = 1; i <= a_size; i++) {
		size_t *spare = before;

		current[0] = i;
		for (size_t j = 1; j <= b_size; j++) {
			int same = tolower((unsigned char)a[i - 1]) ==
				   tolower((unsigned char)b[j - 1]);
			size_t best = above[j - 1] + (same ? 0 : 1);

			if (above[j] + 1 < best)
				best = above[j] + 1;
			if (current[j - 1] + 1 < best)
				best = current[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1] && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			current[j] = best;
		}
		before = above;
		above = current;
		current = spare;
	}
	return above[b_size];
}

const char *text_nearest(const char *text, const char *const *candidates)
{
	const char *nearest = NULL;
	size_t least = strlen(text) / 3 + 1;

	for (; *candidates; candidates++) {
		size_t distance = edit_distance(text, *candidates);

		if (distance < least) {
			least = distance;
			nearest = *candidates;
		}
	}
	return nearest;
}

size_t text_name_split(struct arena *arena, const char *text, char **parts,
		       size_t capacity)
{
	size_t count = 0;

	for (;;) {
		char *part = arena_alloc(arena, strlen(text) + 1);
		size_t size = 0;

		if (count == capacity)
			return 0;
		if (*text == '"') {
			for (text++; *text; text++) {
				if (*text == '"' && *++text != '"')
					break;
				part[size++] = *text;
			}
			if (text[-1] != '"')
				return 0;
		} else {
			while (*text && *text != '.' && *text != '"')
				part[size++] = *text++;
		}
		if (!size || (*text && *text != '.'))
			return 0;
		parts[count++] = part;
		if (!*text++)
			return count;
	}
}

char *text_expand(struct arena *arena, const char *text, char **problem)
{
	char *result = arena_string(arena, "");
	const char *start;

	while ((start = strstr(text, "${"))) {
		const char *end = strchr(start, '}');
		const char *name;
		const char *value;

		if (start > text && start[-1] == '$') {
			result = arena_printf(arena, "%s%.*s{", result,
					      (int)(start - text), text);
			text = start + 2;
			continue;
		}
		if (!end) {
			*problem = arena_string(arena, "'${' without a '}'");
			return NULL;
		}
		name = arena_copy(arena, start + 2, (size_t)(end - start) - 2);
		value = getenv(name);
		if (!value) {
			*problem = arena_printf(
			    arena, "environment variable %s is not set", name);
			return NULL;
		}
		result = arena_printf(arena, "%s%.*s%s", result,
				      (int)(start - text), text, value);
		text = end + 1;
	}
	return arena_printf(arena, "%s%s", result, text);
}
