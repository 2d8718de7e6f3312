/*
 * Two values mean the same when their forms (value_form.h) are the same bytes,
 * or within the column's tolerance of each other.
 */
#include "adapters/postgres/value.h"

#include <math.h>

#include "adapters/postgres/value_form.h"

/* One side of a comparison. */
struct value_side {
	const struct catalog *catalog;
	uint32_t type;
	uint8_t format;
	struct value value;
};

static bool same_bytes(struct value a, struct value b)
{
	return a.size == b.size && (!a.size || !memcmp(a.data, b.data, a.size));
}

/* Do equal bytes mean the same? Types of servers agree by name. */
static bool same_type(const struct value_side *a, const struct value_side *b)
{
	const struct catalog_type *left, *right;

	if (a->format != b->format)
		return false;
	if (a->catalog == b->catalog || !a->catalog || !b->catalog)
		return a->type == b->type;
	left = catalog_type(a->catalog, a->type);
	right = catalog_type(b->catalog, b->type);
	if (!left || !right)
		return a->type == b->type;
	return left->class == right->class && !strcmp(left->name, right->name);
}

/* Distance in representable numbers; UINT64_MAX: no number has been reached. */
static uint64_t ulps_double(double a, double b)
{
	int64_t left, right;

	memcpy(&left, &a, sizeof(left));
	memcpy(&right, &b, sizeof(right));
	if (left < 0)
		left = INT64_MIN - left;
	if (right < 0)
		right = INT64_MIN - right;
	return left > right ? (uint64_t)left - (uint64_t)right
			    : (uint64_t)right - (uint64_t)left;
}

static uint64_t ulps_single(float a, float b)
{
	int32_t left, right;
	int64_t distance;

	memcpy(&left, &a, sizeof(left));
	memcpy(&right, &b, sizeof(right));
	distance = (left < 0 ? (int64_t)INT32_MIN - left : left) -
		   (right < 0 ? (int64_t)INT32_MIN - right : (int64_t)right);
	return (uint64_t)(distance < 0 ? -distance : distance);
}

static bool numbers_close(double a, double b, const struct type_view *left,
			  const struct type_view *right,
			  const struct value_rules *rules)
{
	bool floats = left->class == TYPE_FLOAT || right->class == TYPE_FLOAT;

	if (!isfinite(a) || !isfinite(b))
		return false;
	/* The bound itself is within it, however it rounds. */
	if (rules->tolerance > 0 &&
	    fabs(a - b) <= rules->tolerance * (1 + 1e-9) + 1e-300)
		return true;
	if (!floats || !rules->float_ulps)
		return false;
	if (left->single || right->single)
		return ulps_single((float)a, (float)b) <= rules->float_ulps;
	return ulps_double(a, b) <= rules->float_ulps;
}

static bool is_infinite(struct moment moment)
{
	return moment.days == INT64_MAX || moment.days == INT64_MIN;
}

/* Are two clock readings within the tolerance? A date is a reading of no time:
 * two days that follow each other may be a moment apart, or not. */
static enum value_result clocks(struct moment a, struct moment b,
				const struct type_view *left,
				const struct type_view *right,
				int64_t tolerance_us)
{
	const __int128 day = 86400000000;
	__int128 distance;

	if (is_infinite(a) || is_infinite(b))
		return VALUE_DIFFERENT;
	distance = ((__int128)a.days - b.days) * day + a.us - b.us;
	if (distance < 0)
		distance = -distance;
	if (left->class == TYPE_TIME && distance > day / 2)
		distance = day > distance ? day - distance : distance - day;
	if (distance <= tolerance_us)
		return VALUE_EQUAL;
	if ((left->class == TYPE_DATE || right->class == TYPE_DATE) &&
	    distance <= day)
		return VALUE_UNDECIDED;
	return VALUE_DIFFERENT;
}

/* The forms are of one kind and differ: is the difference allowed? */
static enum value_result within_rules(const struct form *a,
				      const struct type_view *left,
				      const struct form *b,
				      const struct type_view *right,
				      const struct value_rules *rules)
{
	switch (a->data[0]) {
	case FORM_NUMBER:
		if (numbers_close(form_number(a->data, a->size),
				  form_number(b->data, b->size), left, right,
				  rules))
			return VALUE_EQUAL;
		/* An age or an epoch: of what unit, nobody says. */
		return rules->clock ? VALUE_UNDECIDED : VALUE_DIFFERENT;
	case FORM_DATE:
	case FORM_INSTANT:
	case FORM_TIME:
	case FORM_TIME_ZONED:
		if (!rules->clock)
			return VALUE_DIFFERENT;
		return clocks(form_moment(a->data, a->size),
			      form_moment(b->data, b->size), left, right,
			      rules->clock_tolerance_us);
	default:
		return rules->clock ? VALUE_UNDECIDED : VALUE_DIFFERENT;
	}
}

static struct value text_value(const struct value_side *side,
			       struct arena *arena)
{
	const char *text;
	struct value out = side->value;

	if (!side->format)
		return out;
	text = postgres_values.text(side->catalog, side->type, side->format,
				    side->value, arena);
	out.data = (const uint8_t *)text;
	out.size = (uint32_t)strlen(text);
	return out;
}

/* Values of kinds that do not compare (an int and a text): the same text is the
 * same to the application; else who knows. */
static enum value_result compare_texts(const struct value_side *a,
				       const struct form *a_form,
				       const struct value_side *b,
				       const struct form *b_form)
{
	enum value_result result = VALUE_UNDECIDED;
	struct arena arena;

	/* Of a binary form without a decoder the text is not known. */
	if ((a->format && a_form->opaque) || (b->format && b_form->opaque))
		return VALUE_UNDECIDED;
	arena_init(&arena, 0);
	if (same_bytes(text_value(a, &arena), text_value(b, &arena)))
		result = VALUE_EQUAL;
	arena_release(&arena);
	return result;
}

/* Does the first byte, and of what holds others the second, agree? */
static bool comparable(const struct form *a, const struct form *b)
{
	if (a->data[0] != b->data[0])
		return false;
	switch (a->data[0]) {
	case FORM_ARRAY:
	case FORM_RANGE:
	case FORM_MULTIRANGE:
		return a->data[1] == b->data[1];
	default:
		return true;
	}
}

static enum value_result compare_forms(const struct value_side *a,
				       const struct value_side *b,
				       const struct form *left,
				       const struct form *right,
				       const struct value_rules *rules)
{
	struct type_view left_view, right_view;

	if (!comparable(left, right))
		return compare_texts(a, left, b, right);
	if (left->size == right->size &&
	    !memcmp(left->data, right->data, left->size))
		return VALUE_EQUAL;
	if (left->unsure || right->unsure)
		return VALUE_UNDECIDED;
	if ((left->opaque || right->opaque) && !same_type(a, b))
		return compare_texts(a, left, b, right);
	left_view = type_view_of(a->catalog, a->type);
	right_view = type_view_of(b->catalog, b->type);
	return within_rules(left, &left_view, right, &right_view, rules);
}

static enum value_result compare(
    const struct catalog *a_catalog, uint32_t a_type, uint8_t a_format,
    struct value a, const struct catalog *b_catalog, uint32_t b_type,
    uint8_t b_format, struct value b, const struct value_rules *rules)
{
	struct value_side left = {a_catalog, a_type, a_format, a};
	struct value_side right = {b_catalog, b_type, b_format, b};
	enum value_result result = VALUE_UNDECIDED;
	struct form left_form, right_form;

	if (!a.data || !b.data)
		return !a.data && !b.data ? VALUE_EQUAL : VALUE_DIFFERENT;
	/* The same text is the same to the application, of whatever type. */
	if (same_bytes(a, b) &&
	    (same_type(&left, &right) || (!a_format && !b_format)))
		return VALUE_EQUAL;
	form_init(&left_form, a_catalog);
	form_init(&right_form, b_catalog);
	if (!form_value(&left_form, a_type, a_format, a.data, a.size) &&
	    !form_value(&right_form, b_type, b_format, b.data, b.size))
		result = compare_forms(&left, &right, &left_form, &right_form,
				       rules);
	form_release(&left_form);
	form_release(&right_form);
	return result;
}

static enum value_result canonical(const struct catalog *catalog, uint32_t type,
				   uint8_t format, struct value in,
				   struct arena *arena, struct value *out)
{
	enum value_result result = VALUE_UNDECIDED;
	struct form form;

	*out = in;
	if (!in.data)
		return VALUE_EQUAL;
	form_init(&form, catalog);
	if (!form_value(&form, type, format, in.data, in.size)) {
		out->data = arena_copy(arena, form.data, form.size);
		out->size = (uint32_t)form.size;
		result = VALUE_EQUAL;
	}
	form_release(&form);
	return result;
}

static const char *text(const struct catalog *catalog, uint32_t type,
			uint8_t format, struct value in, struct arena *arena)
{
	const char *result;
	struct form form;

	if (!in.data)
		return NULL;
	if (!format)
		return arena_copy(arena, in.data, in.size);
	form_init(&form, catalog);
	if (text_of_binary(&form, type, in.data, in.size)) {
		form.size = 0;
		form_string(&form, "\\x");
		for (uint32_t i = 0; i < in.size; i++)
			form_printf(&form, "%02x", in.data[i]);
	}
	result = arena_copy(arena, form.data, form.size);
	form_release(&form);
	return result;
}

const struct value_ops postgres_values = {
    .compare = compare,
    .canonical = canonical,
    .text = text,
};
