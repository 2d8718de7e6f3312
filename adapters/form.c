#include "adapters/form.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void form_init(struct form *form, const struct catalog *catalog)
{
	form->catalog = catalog;
	form->data = form->first;
	form->size = 0;
	form->capacity = sizeof(form->first);
	arena_init(&form->arena, 0);
	form->depth = 0;
	form->opaque = false;
	form->unsure = false;
}

void form_release(struct form *form)
{
	arena_release(&form->arena);
}

void form_append(struct form *form, const void *data, size_t size)
{
	if (size > form->capacity - form->size) {
		size_t capacity = (form->size + size) * 2;
		uint8_t *grown = arena_alloc(&form->arena, capacity);

		memcpy(grown, form->data, form->size);
		form->data = grown;
		form->capacity = capacity;
	}
	if (size)
		memcpy(form->data + form->size, data, size);
	form->size += size;
}

void form_byte(struct form *form, uint8_t byte)
{
	form_append(form, &byte, 1);
}

void form_u32(struct form *form, uint32_t value)
{
	uint8_t bytes[4];

	bytes_put_u32(bytes, value);
	form_append(form, bytes, sizeof(bytes));
}

void form_u64(struct form *form, uint64_t value)
{
	uint8_t bytes[8];

	bytes_put_u64(bytes, value);
	form_append(form, bytes, sizeof(bytes));
}

void form_string(struct form *form, const char *text)
{
	form_append(form, text, strlen(text));
}

void form_printf(struct form *form, const char *format, ...)
{
	va_list arguments;
	char text[128];
	int length;

	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length > 0)
		form_append(form, text,
			    (size_t)length < sizeof(text) ? (size_t)length
							  : sizeof(text) - 1);
}

size_t form_begin(struct form *form)
{
	form_u32(form, 0);
	return form->size;
}

void form_end(struct form *form, size_t begun)
{
	bytes_put_u32(form->data + begun - 4, (uint32_t)(form->size - begun));
}

double form_number(const uint8_t *form, size_t size)
{
	enum { HEAD = 10, DIGITS = 40 };
	char text[DIGITS + 40];
	uint8_t mask = form[1] == NUMBER_NEGATIVE ? 0xff : 0;
	uint64_t biased;
	size_t used = 0;

	switch (form[1]) {
	case NUMBER_MINUS_INFINITY:
		return -INFINITY;
	case NUMBER_INFINITY:
		return INFINITY;
	case NUMBER_NAN:
		return NAN;
	case NUMBER_ZERO:
		return 0;
	default:
		break;
	}
	biased = bytes_get_u64(form + 2);
	if (mask)
		biased = ~biased;
	text[used++] = mask ? '-' : '+';
	text[used++] = '.';
	for (size_t i = HEAD; i + 1 < size && i < HEAD + DIGITS; i++)
		text[used++] = (char)((form[i] ^ mask) - 1 + '0');
	snprintf(text + used, sizeof(text) - used, "e%lld",
		 (long long)(biased ^ 1ULL << 63));
	return strtod(text, NULL);
}

struct moment form_moment(const uint8_t *form, size_t size)
{
	struct moment moment = {0, 0};

	if (form[0] == FORM_TIME || form[0] == FORM_TIME_ZONED) {
		moment.us = (int64_t)(bytes_get_u64(form + 1) ^ 1ULL << 63);
	} else if (size >= 17) {
		moment.days = (int64_t)(bytes_get_u64(form + 1) ^ 1ULL << 63);
		moment.us = (int64_t)bytes_get_u64(form + 9);
	}
	return moment;
}
