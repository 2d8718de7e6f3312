/*
 * The canonical form of a value: what every engine's adapter makes of its own
 * bytes, so that values of two engines can be held against each other. For
 * example, the integer 120 of one engine and the decimal 120.00 of another:
 *
 *	N, positive, the exponent 3, the digits 1 2, an end
 *
 * A form is a run of bytes that begins with a tag (what kind of value it is,
 * below). Two values of one kind are equal exactly when their forms are equal
 * bytes. Forms of numbers and times sort by memcmp as the values do. Text and
 * binary wire formats of a value give the same form. Types of different names,
 * and of different engines, may share a tag: these are the ones that can be
 * compared.
 */
#ifndef PARALLAX_ADAPTERS_FORM_H
#define PARALLAX_ADAPTERS_FORM_H

#include "adapters/catalog.h"
#include "base/arena.h"
#include "base/bytes.h"

enum form_tag {
	FORM_OTHER = 'O', /* format and bytes, as they came */
	FORM_BOOLEAN = 'B',
	FORM_NUMBER = 'N', /* integers, numeric, floats */
	FORM_TEXT = 'T',   /* text, char, enums, uuid */
	FORM_BYTES = 'X',
	FORM_DATE = 'D', /* dates and timestamps without zone */
	FORM_INSTANT = 'Z',
	FORM_TIME = 'H',
	FORM_TIME_ZONED = 'h',
	FORM_INTERVAL = 'I',
	FORM_JSON = 'J',
	FORM_ARRAY = 'A',
	FORM_COMPOSITE = 'C',
	FORM_RANGE = 'R',
	FORM_MULTIRANGE = 'M',
};

enum { FORM_DEPTH_LIMIT = 64 }; /* of arrays in composites in ranges ... */

/* A form under way. Not to be moved once begun: data may point into it. */
struct form {
	const struct catalog *catalog;
	uint8_t *data;
	size_t size;
	size_t capacity;
	struct arena arena; /* scratch; a data that has grown is in it too */
	unsigned depth;
	bool opaque; /* holds a FORM_OTHER: comparable within one format */
	bool unsure; /* holds text of a type that the catalog does not tell */
	uint8_t first[256];
};

void form_init(struct form *form, const struct catalog *catalog);
void form_release(struct form *form);
void form_append(struct form *form, const void *data, size_t size);
void form_byte(struct form *form, uint8_t byte);
void form_u32(struct form *form, uint32_t value);
void form_u64(struct form *form, uint64_t value);
void form_string(struct form *form, const char *text);
void form_printf(struct form *form, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Room for a length that form_end fills in, with what came behind it. */
size_t form_begin(struct form *form);
void form_end(struct form *form, size_t begun);

/* How a FORM_NUMBER goes on: one of these, in the order in which they sort; then, of a number that is neither
 * zero nor without a value, the exponent (8 bytes, its sign bit turned) and the
 * digits, each plus one, up to a zero byte; all inverted where negative. */
enum form_number_kind {
	NUMBER_MINUS_INFINITY = 1,
	NUMBER_NEGATIVE,
	NUMBER_ZERO,
	NUMBER_POSITIVE,
	NUMBER_INFINITY,
	NUMBER_NAN,
};
/* The number of a FORM_NUMBER, to a double's precision (NaN, infinities). */
double form_number(const uint8_t *form, size_t size);

/* Dates are days since 2000-01-01, times microseconds. */
struct moment {
	int64_t days; /* INT64_MIN, INT64_MAX: infinities */
	int64_t us;   /* of the day */
};
/* The moment of a FORM_DATE or FORM_INSTANT; the time of day (as UTC, if zoned)
 * of a FORM_TIME or FORM_TIME_ZONED. */
struct moment form_moment(const uint8_t *form, size_t size);

#endif
