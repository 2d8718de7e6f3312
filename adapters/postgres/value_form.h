/*
 * Inside value*.c only: the canonical form of a value, and what makes it.
 *
 * A form is a run of bytes that begins with a tag (what kind of value it is,
 * below). Two values of one kind are equal to the engine exactly when their
 * forms are equal bytes. Forms of numbers and times sort by memcmp as the
 * values do. Text and binary wire formats of a value give the same form. Types
 * of different names may share a tag: these are the ones that can be compared.
 *
 * Every maker gives 0, or -1 for bytes that are no value of the type; nothing
 * is read out of bounds, recursion is bounded. What was written before -1 is
 * void.
 */
#ifndef PARALLAX_ADAPTERS_POSTGRES_VALUE_FORM_H
#define PARALLAX_ADAPTERS_POSTGRES_VALUE_FORM_H

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

/* A type seen through its domains, with what the catalog's class leaves open.
 */
struct type_view {
	enum type_class class;
	const struct catalog_type *type; /* NULL: not in the catalog */
	uint32_t element; /* ARRAY, RANGE, multirange (of its range) */
	bool is_unsigned; /* INTEGER */
	bool single;	  /* FLOAT: float4 */
	bool zoned;	  /* TIME: timetz */
	bool multirange;
};
struct type_view type_view_of(const struct catalog *catalog, uint32_t id);
enum form_tag type_view_tag(const struct type_view *view);

/* What is left of a value's bytes. */
struct reading {
	const uint8_t *at;
	size_t left;
};

/* Whether this byte comes next, which is then passed. */
static inline bool reading_skip(struct reading *in, char byte)
{
	if (!in->left || *in->at != (uint8_t)byte)
		return false;
	in->at++;
	in->left--;
	return true;
}

/* -1: there are not so many. */
static inline int reading_u32(struct reading *in, uint32_t *value)
{
	if (in->left < 4)
		return -1;
	*value = bytes_get_u32(in->at);
	in->at += 4;
	in->left -= 4;
	return 0;
}

/* The whole: any type. format: 0 text, 1 binary. */
int form_value(struct form *form, uint32_t type, uint8_t format,
	       const uint8_t *data, size_t size);

/* value_number.c */
int form_number_text(struct form *form, const uint8_t *data, size_t size);
int form_integer_binary(struct form *form, bool is_unsigned,
			const uint8_t *data, size_t size);
int form_numeric_binary(struct form *form, const uint8_t *data, size_t size);
int form_float_text(struct form *form, bool single, const uint8_t *data,
		    size_t size);
int form_float_binary(struct form *form, const uint8_t *data, size_t size);
/* The number of a FORM_NUMBER, to a double's precision (NaN, infinities). */
double form_number(const uint8_t *form, size_t size);
/* Shortest text that reads back as the number; out has 32 bytes. */
void number_print_float(double number, bool single, char *out);

/* value_time.c: dates are days since 2000-01-01, times microseconds. */
struct moment {
	int64_t days; /* INT64_MIN, INT64_MAX: infinities */
	int64_t us;   /* of the day */
};
int form_date_text(struct form *form, const uint8_t *data, size_t size);
int form_date_binary(struct form *form, const uint8_t *data, size_t size);
int form_timestamp_text(struct form *form, bool zoned, const uint8_t *data,
			size_t size);
int form_timestamp_binary(struct form *form, bool zoned, const uint8_t *data,
			  size_t size);
int form_time_text(struct form *form, bool zoned, const uint8_t *data,
		   size_t size);
int form_time_binary(struct form *form, bool zoned, const uint8_t *data,
		     size_t size);
/* The moment of a FORM_DATE or FORM_INSTANT; the time of day (as UTC, if zoned)
 * of a FORM_TIME or FORM_TIME_ZONED. */
struct moment form_moment(const uint8_t *form, size_t size);
void moment_print_date(int64_t days, struct form *out);
void moment_print_time(int64_t us, struct form *out);
bool moment_before_christ(int64_t days);

/* value_interval.c */
int form_interval_text(struct form *form, const uint8_t *data, size_t size);
int form_interval_binary(struct form *form, const uint8_t *data, size_t size);

/* value_json.c */
int form_json(struct form *form, const uint8_t *data, size_t size);

/* value_container.c */
int form_array(struct form *form, const struct type_view *view, uint8_t format,
	       const uint8_t *data, size_t size);
int form_composite(struct form *form, const struct type_view *view,
		   uint8_t format, const uint8_t *data, size_t size);
int form_range(struct form *form, const struct type_view *view, uint8_t format,
	       const uint8_t *data, size_t size);

/* value_text.c: appends the text of a binary value. */
int text_of_binary(struct form *out, uint32_t type, const uint8_t *data,
		   size_t size);

#endif
