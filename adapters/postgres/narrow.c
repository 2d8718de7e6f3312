/* Which types truncate or refuse values of another: by PostgreSQL's types and
 * their modifiers (chapter 8 of its manual). */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "adapters/postgres/postgres.h"

enum {
	ANY = INT_MAX,	     /* as many as may be */
	FRACTION_DIGITS = 6, /* of a second */
	VARIABLE_HEADER = 4, /* counted in the modifier of texts and numerics */
};

/* A type and its modifier, without the domain around it. */
struct narrow_shape {
	const struct catalog_type *type;
	int32_t modifier;
};

struct narrow_verdict {
	char *text;
	size_t size;
};

static bool say(struct narrow_verdict *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool say(struct narrow_verdict *why, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(why->text, why->size, format, arguments);
	va_end(arguments);
	return true;
}

static struct narrow_shape shape_of(const struct catalog *catalog, uint32_t id,
				    int32_t modifier)
{
	struct narrow_shape shape = {catalog_type(catalog, id), modifier};

	for (int depth = 0;
	     shape.type && shape.type->class == TYPE_DOMAIN && depth < 16;
	     depth++)
		shape.type = catalog_type(catalog, shape.type->element);
	return shape;
}

static bool is(const struct narrow_shape *shape, const char *name)
{
	return !strcmp(shape->type->name, name);
}

/* ---- numbers ---- */

static int integer_bytes(const struct narrow_shape *shape)
{
	return is(shape, "int2") ? 2 : is(shape, "int4") ? 4 : 8;
}

/* Digits after the point. */
static int scale_of(const struct narrow_shape *shape)
{
	if (shape->type->class == TYPE_INTEGER)
		return 0;
	if (shape->type->class == TYPE_FLOAT || shape->modifier < 0)
		return ANY;
	/* 11 bits, with a sign since PostgreSQL 15 */
	return (((shape->modifier - VARIABLE_HEADER) & 0x7ff) ^ 1024) - 1024;
}

/* Digits before the point. */
static int whole_of(const struct narrow_shape *shape)
{
	if (shape->type->class == TYPE_INTEGER)
		return integer_bytes(shape) == 2   ? 5
		       : integer_bytes(shape) == 4 ? 10
						   : 19;
	if (shape->type->class == TYPE_FLOAT || shape->modifier < 0)
		return ANY;
	return (int)(((uint32_t)(shape->modifier - VARIABLE_HEADER) >> 16) &
		     0xffff) -
	       scale_of(shape);
}

/* Digits that a float keeps of every number. */
static int float_digits(const struct narrow_shape *shape)
{
	return is(shape, "float4") ? 6 : 15;
}

static bool digits_exceed(const struct narrow_shape *shape, int digits)
{
	int scale = scale_of(shape);
	int whole = whole_of(shape);

	return scale == ANY || whole == ANY || scale + whole > digits;
}

static bool numbers_narrow(const struct narrow_shape *old,
			   const struct narrow_shape *new,
			   struct narrow_verdict *why)
{
	int whole = whole_of(old);

	switch (new->type->class) {
	case TYPE_INTEGER:
		if (scale_of(old) > 0)
			return say(why, "fractions are rounded away");
		if (old->type->class == TYPE_INTEGER
			? integer_bytes(old) > integer_bytes(new)
			: whole >= whole_of(new))
			return say(why, "numbers past %d bytes are refused",
				   integer_bytes(new));
		return false;
	case TYPE_FLOAT:
		if (old->type->class == TYPE_FLOAT)
			return is(old, "float8") && is(new, "float4") &&
			       say(why, "6 digits are kept of 15");
		return digits_exceed(old, float_digits(new)) &&
		       say(why, "%d digits are kept", float_digits(new));
	default:
		break;
	}
	if (new->modifier < 0)
		return old->type->class == TYPE_FLOAT &&
		       say(why, "%d digits are kept", float_digits(old));
	if (scale_of(old) > scale_of(new))
		return say(why, "fractions are rounded to %d digits",
			   scale_of(new));
	return whole > whole_of(new) &&
	       say(why,
		   "numbers of more than %d digits before the point are "
		   "refused",
		   whole_of(new));
}

/* ---- texts ---- */

static int length_of(const struct narrow_shape *shape)
{
	if (is(shape, "name"))
		return 63;
	return shape->modifier < 0 ? ANY : shape->modifier - VARIABLE_HEADER;
}

static bool texts_narrow(const struct narrow_shape *old,
			 const struct narrow_shape *new,
			 struct narrow_verdict *why)
{
	if (length_of(old) > length_of(new))
		return say(why, "texts of more than %d characters are %s",
			   length_of(new), is(new, "name") ? "cut" : "refused");
	return old->type->class == TYPE_TEXT &&
	       new->type->class ==
		   TYPE_CHAR &&say(why, "blanks at the end are not kept");
}

/* ---- times ---- */

static bool has_zone(const struct narrow_shape *shape)
{
	return shape->type->class == TYPE_TIMESTAMPTZ || is(shape, "timetz");
}

static bool is_moment(const struct narrow_shape *shape)
{
	return shape->type->class == TYPE_TIMESTAMP ||
	       shape->type->class == TYPE_TIMESTAMPTZ;
}

static int fraction_of(const struct narrow_shape *shape)
{
	return shape->modifier < 0 ? FRACTION_DIGITS : shape->modifier;
}

static bool times_narrow(const struct narrow_shape *old,
			 const struct narrow_shape *new,
			 struct narrow_verdict *why)
{
	if (is_moment(old) && new->type->class == TYPE_DATE)
		return say(why, "the time of day is lost");
	if (is_moment(old) && new->type->class == TYPE_TIME)
		return say(why, "the day is lost");
	if (is(old, "timetz") && !has_zone(new))
		return say(why, "the zone is lost");
	if (has_zone(old) != has_zone(new) && is_moment(new))
		return say(why,
			   "the value depends on the session's time zone, and "
			   "hours that a change of clocks repeats or leaves "
			   "out are moved");
	if (old->type->class == TYPE_INTERVAL)
		return new->modifier >= 0 &&
		       old->modifier != new->modifier &&say(
					    why, "fields or fractions are cut");
	return old->type->class != TYPE_DATE &&
	       new->type->class !=
		   TYPE_DATE &&fraction_of(old) > fraction_of(new) &&
	       say(why, "seconds are rounded to %d digits", fraction_of(new));
}

/* ---- all ---- */

static bool is_number(const struct narrow_shape *shape)
{
	return shape->type->class == TYPE_INTEGER ||
	       shape->type->class == TYPE_NUMERIC ||
	       shape->type->class == TYPE_FLOAT;
}

static bool is_text(const struct narrow_shape *shape)
{
	return shape->type->class == TYPE_TEXT ||
	       shape->type->class == TYPE_CHAR;
}

static bool is_time(const struct narrow_shape *shape)
{
	return shape->type->class >= TYPE_DATE &&
	       shape->type->class <= TYPE_INTERVAL;
}

static bool shapes_narrow(const struct narrow_shape *old,
			  const struct narrow_shape *new, const char *name,
			  struct narrow_verdict *why)
{
	if (!old->type || !new->type)
		return false;
	if (is_number(old) && is_number(new))
		return numbers_narrow(old, new, why);
	if (is_text(old) && is_text(new))
		return texts_narrow(old, new, why);
	if (is_time(old) && is_time(new))
		return times_narrow(old, new, why);
	if (is_text(old))
		return say(why, "texts that are no %s are refused", name);
	if (is_text(new) && length_of(new) != ANY)
		return say(why, "values of more than %d characters are refused",
			   length_of(new));
	return old->type->class == TYPE_JSON &&
	       new->type->class ==
		   TYPE_JSONB &&say(
		       why,
		       "of keys that are there twice the last one is kept");
}

bool postgres_narrows(const struct catalog *old_catalog,
		      const struct catalog_column *old_column,
		      const struct catalog *new_catalog,
		      const struct catalog_column *new_column, char *why,
		      size_t size)
{
	struct narrow_shape old =
	    shape_of(old_catalog, old_column->type, old_column->modifier);
	struct narrow_shape new =
	    shape_of(new_catalog, new_column->type, new_column->modifier);
	struct narrow_verdict verdict = {why, size};

	while (old.type && new.type &&
	       old.type->class == TYPE_ARRAY &&new.type->class == TYPE_ARRAY) {
		old = shape_of(old_catalog, old.type->element, old.modifier);
		new = shape_of(new_catalog, new.type->element, new.modifier);
	}
	return shapes_narrow(&old, &new, new_column->type_sql, &verdict);
}
