/*
 * Numbers. A form is the tag, a byte for sign and kind, the exponent and the
 * digits, so that integers, numeric and floats of one value have one form and
 * memcmp sorts them.
 */
#include "adapters/postgres/value_form.h"

#include <math.h>

static void form_special(struct form *form, enum form_number_kind kind)
{
	form_byte(form, FORM_NUMBER);
	form_byte(form, (uint8_t)kind);
}

/* The value 0.DIGITS * 10^exponent; digits are 0..9 (or '0'..'9'). */
static void form_digits(struct form *form, bool negative, const uint8_t *digits,
			size_t count, int64_t exponent)
{
	uint8_t mask = negative ? 0xff : 0;
	uint64_t biased;

	while (count && (digits[0] & 0xf) == 0) {
		digits++;
		count--;
		exponent--;
	}
	while (count && (digits[count - 1] & 0xf) == 0)
		count--;
	if (!count) {
		form_special(form, NUMBER_ZERO);
		return;
	}
	form_special(form, negative ? NUMBER_NEGATIVE : NUMBER_POSITIVE);
	biased = (uint64_t)exponent ^ 1ULL << 63;
	form_u64(form, negative ? ~biased : biased);
	for (size_t i = 0; i < count; i++)
		form_byte(form, (uint8_t)(((digits[i] & 0xf) + 1) ^ mask));
	form_byte(form, mask);
}

static bool word_is(const uint8_t *data, size_t size, const char *word)
{
	return size == strlen(word) && !memcmp(data, word, size);
}

static size_t count_digits(const uint8_t *data, size_t size)
{
	size_t count = 0;

	while (count < size && data[count] >= '0' && data[count] <= '9')
		count++;
	return count;
}

/* "e+12" or nothing; -1: anything else. */
static int read_exponent(const uint8_t *data, size_t size, int64_t *exponent)
{
	bool negative = false;
	int64_t value = 0;

	*exponent = 0;
	if (!size)
		return 0;
	if ((*data | 0x20) != 'e')
		return -1;
	data++;
	size--;
	if (size && (*data == '+' || *data == '-')) {
		negative = *data == '-';
		data++;
		size--;
	}
	if (!size || count_digits(data, size) != size)
		return -1;
	for (size_t i = 0; i < size; i++) {
		value = value * 10 + (data[i] - '0');
		if (value > INT32_MAX)
			return -1;
	}
	*exponent = negative ? -value : value;
	return 0;
}

int form_number_text(struct form *form, const uint8_t *data, size_t size)
{
	const uint8_t *digits;
	bool negative = false;
	size_t whole;
	size_t fraction = 0;
	int64_t exponent;
	size_t used;

	if (size && (*data == '-' || *data == '+')) {
		negative = *data == '-';
		data++;
		size--;
	}
	if (word_is(data, size, "NaN")) {
		form_special(form, NUMBER_NAN);
		return 0;
	}
	if (word_is(data, size, "Infinity")) {
		form_special(form, negative ? NUMBER_MINUS_INFINITY
					    : NUMBER_INFINITY);
		return 0;
	}
	whole = count_digits(data, size);
	used = whole;
	if (used < size && data[used] == '.') {
		fraction = count_digits(data + used + 1, size - used - 1);
		used += 1 + fraction;
	}
	if (whole + fraction == 0 ||
	    read_exponent(data + used, size - used, &exponent))
		return -1;
	digits = data;
	if (fraction) { /* close the gap that the point makes */
		uint8_t *joined = arena_alloc(&form->arena, whole + fraction);

		memcpy(joined, data, whole);
		memcpy(joined + whole, data + whole + 1, fraction);
		digits = joined;
	}
	form_digits(form, negative, digits, whole + fraction,
		    (int64_t)whole + exponent);
	return 0;
}

static void form_integer(struct form *form, bool negative, uint64_t magnitude)
{
	uint8_t digits[20];
	size_t count = sizeof(digits);

	while (magnitude) {
		digits[--count] = magnitude % 10;
		magnitude /= 10;
	}
	form_digits(form, negative, digits + count, sizeof(digits) - count,
		    (int64_t)(sizeof(digits) - count));
}

int form_integer_binary(struct form *form, bool is_unsigned,
			const uint8_t *data, size_t size)
{
	uint64_t raw;
	int64_t value;

	if (size == 2)
		raw = bytes_get_u16(data);
	else if (size == 4)
		raw = bytes_get_u32(data);
	else if (size == 8)
		raw = bytes_get_u64(data);
	else
		return -1;
	if (is_unsigned) {
		form_integer(form, false, raw);
		return 0;
	}
	value = size == 2   ? (int16_t)raw
		: size == 4 ? (int32_t)raw
			    : (int64_t)raw;
	form_integer(form, value < 0,
		     value < 0 ? ~(uint64_t)value + 1 : (uint64_t)value);
	return 0;
}

/* numeric_send: counts and weight in digits of base 10,000. */
int form_numeric_binary(struct form *form, const uint8_t *data, size_t size)
{
	enum {
		POSITIVE = 0,
		NEGATIVE = 0x4000,
		NOT_A_NUMBER = 0xc000,
		PLUS_INFINITY = 0xd000,
		MINUS_INFINITY = 0xf000,
		HEAD = 8,
	};
	uint8_t *digits;
	size_t count;
	int16_t weight;
	uint16_t sign;

	if (size < HEAD)
		return -1;
	count = bytes_get_u16(data);
	weight = (int16_t)bytes_get_u16(data + 2);
	sign = bytes_get_u16(data + 4);
	if (count != (size - HEAD) / 2 || size % 2)
		return -1;
	switch (sign) {
	case NOT_A_NUMBER:
		form_special(form, NUMBER_NAN);
		return 0;
	case PLUS_INFINITY:
		form_special(form, NUMBER_INFINITY);
		return 0;
	case MINUS_INFINITY:
		form_special(form, NUMBER_MINUS_INFINITY);
		return 0;
	case POSITIVE:
	case NEGATIVE:
		break;
	default:
		return -1;
	}
	digits = arena_alloc(&form->arena, count * 4 + 1);
	for (size_t i = 0; i < count; i++) {
		unsigned digit = bytes_get_u16(data + HEAD + i * 2);

		if (digit > 9999)
			return -1;
		digits[i * 4] = (uint8_t)(digit / 1000);
		digits[i * 4 + 1] = digit / 100 % 10;
		digits[i * 4 + 2] = digit / 10 % 10;
		digits[i * 4 + 3] = digit % 10;
	}
	form_digits(form, sign == NEGATIVE, digits, count * 4,
		    ((int64_t)weight + 1) * 4);
	return 0;
}

void number_print_float(double number, bool single, char *out)
{
	enum { ROOM = 32 };

	if (isnan(number)) {
		snprintf(out, ROOM, "NaN");
		return;
	}
	if (isinf(number)) {
		snprintf(out, ROOM, number < 0 ? "-Infinity" : "Infinity");
		return;
	}
	for (int digits = single ? 6 : 15; digits <= 17; digits++) {
		snprintf(out, ROOM, "%.*g", digits, number);
		if (single ? strtof(out, NULL) == (float)number
			   : strtod(out, NULL) == number)
			return;
	}
}

static int form_float(struct form *form, double number, bool single)
{
	char text[32];

	number_print_float(number, single, text);
	return form_number_text(form, (const uint8_t *)text, strlen(text));
}

int form_float_text(struct form *form, bool single, const uint8_t *data,
		    size_t size)
{
	size_t before = form->size;
	const char *text;

	/* Refuses text that is not a number; strtod accepts more. */
	if (form_number_text(form, data, size))
		return -1;
	form->size = before;
	text = arena_copy(&form->arena, data, size);
	return form_float(
	    form, single ? strtof(text, NULL) : strtod(text, NULL), single);
}

int form_float_binary(struct form *form, const uint8_t *data, size_t size)
{
	if (size == 4) {
		uint32_t bits = bytes_get_u32(data);
		float number;

		memcpy(&number, &bits, sizeof(number));
		return form_float(form, number, true);
	}
	if (size == 8) {
		uint64_t bits = bytes_get_u64(data);
		double number;

		memcpy(&number, &bits, sizeof(number));
		return form_float(form, number, false);
	}
	return -1;
}
