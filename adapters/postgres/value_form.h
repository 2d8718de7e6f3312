/*
 * Inside value*.c only: what makes the forms (adapters/form.h) of this engine's
 * values.
 *
 * Every maker gives 0, or -1 for bytes that are no value of the type; nothing
 * is read out of bounds, recursion is bounded. What was written before -1 is
 * void.
 */
#ifndef PARALLAX_ADAPTERS_POSTGRES_VALUE_FORM_H
#define PARALLAX_ADAPTERS_POSTGRES_VALUE_FORM_H

#include "adapters/form.h"

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

/* The rest of a value's bytes. */
struct reading {
	const uint8_t *at;
	size_t left;
};

/* Whether this byte comes next; if so, skips it. */
static inline bool reading_skip(struct reading *in, char byte)
{
	if (!in->left || *in->at != (uint8_t)byte)
		return false;
	in->at++;
	in->left--;
	return true;
}

/* -1: there are not that many. */
static inline int reading_u32(struct reading *in, uint32_t *value)
{
	if (in->left < 4)
		return -1;
	*value = bytes_get_u32(in->at);
	in->at += 4;
	in->left -= 4;
	return 0;
}

/* Any type. format: 0 text, 1 binary. */
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
/* Shortest text that reads back as the number; out has 32 bytes. */
void number_print_float(double number, bool single, char *out);

/* value_time.c */
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
void form_print_date(int64_t days, struct form *out);
void form_print_time(int64_t us, struct form *out);
bool form_is_before_christ(int64_t days);

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
