/*
 * Canonical forms as texts that the server reads (manual, 8.5 and 8.4). Of an
 * instant, for a timestamptz:
 *
 *	Z, day 8,766, 11,045,500,000 us		2024-01-01 03:04:05.5+00
 */
#include "adapters/postgres/value_write.h"

#include <ctype.h>

static const char *number_word(uint8_t kind)
{
	switch (kind) {
	case NUMBER_NAN:
		return "NaN";
	case NUMBER_INFINITY:
		return "Infinity";
	case NUMBER_MINUS_INFINITY:
		return "-Infinity";
	default:
		return NULL;
	}
}

static int put_number(struct form *out, const uint8_t *form, size_t size)
{
	const char *word = size > 1 ? number_word(form[1]) : NULL;

	if (!word)
		return -1;
	form_string(out, word);
	return 0;
}

static int put_bytes(struct form *out, const uint8_t *data, size_t size)
{
	form_string(out, "\\x");
	for (size_t i = 0; i < size; i++)
		form_printf(out, "%02x", data[i]);
	return 0;
}

/* A text without a zone is another instant in each zone, and a zone is lost
 * where a type has none: so the type must be of the form's kind. */
static bool can_hold(const struct type_view *view, bool zoned)
{
	switch (view->class) {
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
		return !zoned;
	case TYPE_TIMESTAMPTZ:
		return zoned;
	case TYPE_OTHER: /* it is not known */
		return !view->type;
	case TYPE_TEXT:
	case TYPE_CHAR:
		return true;
	default:
		return false;
	}
}

static int put_moment(struct form *out, const struct type_view *view,
		      const uint8_t *form, size_t size)
{
	struct moment moment = form_moment(form, size);
	bool zoned = form[0] == FORM_INSTANT;

	if (!can_hold(view, zoned))
		return -1;
	if (moment.days == INT64_MAX || moment.days == INT64_MIN) {
		form_string(out, moment.days > 0 ? "infinity" : "-infinity");
		return 0;
	}
	form_print_date(moment.days, out);
	if (zoned || moment.us || view->class == TYPE_TIMESTAMP) {
		form_byte(out, ' ');
		form_print_time(moment.us, out);
	}
	if (zoned)
		form_string(out, "+00");
	if (form_is_before_christ(moment.days))
		form_string(out, " BC");
	return 0;
}

static int put_time(struct form *out, const uint8_t *form, size_t size)
{
	struct moment moment = form_moment(form, size);
	int64_t east = 0;

	if (form[0] == FORM_TIME_ZONED)
		east = -(int64_t)(bytes_get_u64(form + 9) ^ 1ULL << 63);
	form_print_time(moment.us + east * 1000000, out);
	if (form[0] == FORM_TIME_ZONED)
		form_printf(out, "%c%02d:%02d:%02d", east < 0 ? '-' : '+',
			    (int)(east < 0 ? -east : east) / 3600,
			    (int)(east < 0 ? -east : east) / 60 % 60,
			    (int)(east < 0 ? -east : east) % 60);
	return 0;
}

int write_value(struct form *out, const struct value_target *target,
		const uint8_t *form, size_t size)
{
	struct type_view view = type_view_of(target->catalog, target->type);

	switch (form[0]) {
	case FORM_BOOLEAN:
		form_byte(out, form[1] ? 't' : 'f');
		return 0;
	case FORM_NUMBER:
		return put_number(out, form, size);
	case FORM_BYTES:
		return put_bytes(out, form + 1, size - 1);
	case FORM_DATE:
	case FORM_INSTANT:
		return put_moment(out, &view, form, size);
	case FORM_TIME:
	case FORM_TIME_ZONED:
		return put_time(out, form, size);
	default:
		return -1;
	}
}

/* ---- the reduced engine's ---- */

/* 2024-01-01 03:04:05.5 BC: 20240101 030405.5 BC */
static void put_dense(struct form *out, const struct form *text)
{
	for (size_t i = 0; i < text->size; i++) {
		uint8_t byte = text->data[i];
		bool zone = i && memchr(text->data, ' ', i) && byte == '-';

		if ((byte != '-' || zone) && byte != ':')
			form_byte(out, byte);
	}
}

/* Years of four digits; the server takes a longer date for a number. */
static bool is_dense(const struct form *text)
{
	return text->size >= 10 && text->data[4] == '-';
}

static void put_upper(struct form *out, const struct form *text)
{
	for (size_t i = 0; i < text->size; i++)
		form_byte(out, (uint8_t)toupper(text->data[i]));
}

static void put_octal(struct form *out, const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		form_printf(out, "\\%03o", data[i]);
}

static void put_otherwise(struct form *out, const struct form *text,
			  const uint8_t *form, size_t size)
{
	switch (form[0]) {
	case FORM_BOOLEAN:
		form_string(out, form[1] ? "yes" : "no");
		break;
	case FORM_BYTES:
		put_octal(out, form + 1, size - 1);
		break;
	case FORM_DATE:
	case FORM_INSTANT:
		if (is_dense(text))
			put_dense(out, text);
		else
			put_upper(out, text);
		break;
	default:
		put_upper(out, text);
	}
}

int write_value_reduced(struct form *out, const struct value_target *target,
			const uint8_t *form, size_t size)
{
	struct form text;
	int result;

	form_init(&text, target->catalog);
	result = write_value(&text, target, form, size);
	if (!result)
		put_otherwise(out, &text, form, size);
	form_release(&text);
	return result;
}
