/*
 * Two values mean the same when their forms (adapters/form.h) are the same
 * bytes, or within the column's tolerance of each other. Each engine makes the
 * form of its own value. For example, within a tolerance of 0.01:
 *
 *	primary		shadow
 *	1.50 (text)	00 00 c0 3f (little-endian float)	equal forms
 *	1.50		1.505					equal by rule
 *	1.50		2					different
 */
#include "adapters/value.h"

#include <math.h>
#include <string.h>

#include "adapters/form.h"

static bool same_bytes(struct value a, struct value b)
{
	return a.size == b.size && (!a.size || !memcmp(a.data, b.data, a.size));
}

/* Whether equal bytes mean equal values. Types of two servers agree by name. */
static bool same_type(const struct value_side *a, const struct value_side *b)
{
	const struct catalog_type *left, *right;

	if (a->format != b->format || a->ops != b->ops)
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

static bool numbers_close(double a, double b, const struct value_kind *left,
			  const struct value_kind *right,
			  const struct value_rules *rules)
{
	bool floats = left->class == TYPE_FLOAT || right->class == TYPE_FLOAT;

	if (!isfinite(a) || !isfinite(b))
		return false;
	/* The bound itself is within the tolerance, however it rounds. */
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
				const struct value_kind *left,
				const struct value_kind *right,
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

/* The forms are of one kind and differ: whether the difference is allowed. */
static enum value_result within_rules(const struct form *a,
				      const struct value_kind *left,
				      const struct form *b,
				      const struct value_kind *right,
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
	text = side->ops->text(side->catalog, side->type, side->format,
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
	struct value_kind left_kind, right_kind;

	if (!comparable(left, right))
		return compare_texts(a, left, b, right);
	if (left->size == right->size &&
	    !memcmp(left->data, right->data, left->size))
		return VALUE_EQUAL;
	if (left->unsure || right->unsure)
		return VALUE_UNDECIDED;
	if ((left->opaque || right->opaque) && !same_type(a, b))
		return compare_texts(a, left, b, right);
	a->ops->kind(a->catalog, a->type, &left_kind);
	b->ops->kind(b->catalog, b->type, &right_kind);
	return within_rules(left, &left_kind, right, &right_kind, rules);
}

/* -1: it is not a value of its type. */
static int make_form(const struct value_side *side, struct form *form)
{
	return side->ops->form(form, side->type, side->format, side->value.data,
			       side->value.size);
}

enum value_result value_compare(const struct value_side *a,
				const struct value_side *b,
				const struct value_rules *rules)
{
	enum value_result result = VALUE_UNDECIDED;
	struct form left, right;

	if (!a->value.data || !b->value.data)
		return !a->value.data && !b->value.data ? VALUE_EQUAL
							: VALUE_DIFFERENT;
	/* The same text is the same to the application, of whatever type. */
	if (same_bytes(a->value, b->value) &&
	    (same_type(a, b) || (!a->format && !b->format)))
		return VALUE_EQUAL;
	form_init(&left, a->catalog);
	form_init(&right, b->catalog);
	if (!make_form(a, &left) && !make_form(b, &right))
		result = compare_forms(a, b, &left, &right, rules);
	form_release(&left);
	form_release(&right);
	return result;
}

enum value_result value_canonical(const struct value_side *side,
				  struct arena *arena, struct value *out)
{
	enum value_result result = VALUE_UNDECIDED;
	struct form form;

	*out = side->value;
	if (!out->data)
		return VALUE_EQUAL;
	form_init(&form, side->catalog);
	if (!make_form(side, &form)) {
		out->data = arena_copy(arena, form.data, form.size);
		out->size = (uint32_t)form.size;
		result = VALUE_EQUAL;
	}
	form_release(&form);
	return result;
}

bool value_is_readable(const struct value_side *side)
{
	struct form form;
	bool readable;

	if (!side->value.data)
		return true;
	form_init(&form, side->catalog);
	readable = !make_form(side, &form) && !(side->format && form.opaque);
	form_release(&form);
	return readable;
}

const char *value_text(const struct value_side *side, struct arena *arena)
{
	return side->ops->text(side->catalog, side->type, side->format,
			       side->value, arena);
}
