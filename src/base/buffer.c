#include "base/buffer.h"

#include <stdarg.h>

#include "base/bytes.h"

void buffer_init(struct buffer *buffer, size_t limit)
{
	memset(buffer, 0, sizeof(*buffer));
	buffer->limit = limit;
}

void buffer_release(struct buffer *buffer)
{
	free(buffer->data);
	buffer_init(buffer, buffer->limit);
}

void buffer_clear(struct buffer *buffer)
{
	buffer->size = 0;
	buffer->failed = false;
}

int buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t limit = buffer->limit ? buffer->limit : SIZE_MAX / 4;
	size_t capacity = buffer->capacity;
	uint8_t *data;

	if (buffer->failed)
		return -1;
	if (more <= buffer->capacity - buffer->size)
		return 0;
	if (more > limit - buffer->size) {
		buffer->failed = true;
		return -1;
	}
	if (!capacity)
		capacity = 64;
	while (capacity - buffer->size < more)
		capacity *= 2;
	if (capacity > limit)
		capacity = limit;
	data = realloc(buffer->data, capacity);
	if (!data) {
		buffer->failed = true;
		return -1;
	}
	buffer->data = data;
	buffer->capacity = capacity;
	return 0;
}

void buffer_append(struct buffer *buffer, const void *data, size_t size)
{
	if (!size || buffer_reserve(buffer, size))
		return;
	memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
}

void buffer_append_string(struct buffer *buffer, const char *text)
{
	buffer_append(buffer, text, strlen(text));
}

void buffer_append_byte(struct buffer *buffer, uint8_t byte)
{
	buffer_append(buffer, &byte, 1);
}

void buffer_append_u16(struct buffer *buffer, uint16_t value)
{
	uint8_t bytes[2];

	bytes_put_u16(bytes, value);
	buffer_append(buffer, bytes, sizeof(bytes));
}

void buffer_append_u32(struct buffer *buffer, uint32_t value)
{
	uint8_t bytes[4];

	bytes_put_u32(bytes, value);
	buffer_append(buffer, bytes, sizeof(bytes));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list arguments;
	va_list again;
	int length;

	va_start(arguments, format);
	va_copy(again, arguments);
	length = vsnprintf(NULL, 0, format, arguments);
	if (!buffer_reserve(buffer, (size_t)length + 1)) {
		vsnprintf((char *)buffer->data + buffer->size,
			  (size_t)length + 1, format, again);
		buffer->size += (size_t)length;
	}
	va_end(again);
	va_end(arguments);
}

const char *buffer_string(struct buffer *buffer)
{
	if (buffer_reserve(buffer, 1))
		return "";
	buffer->data[buffer->size] = 0;
	return (const char *)buffer->data;
}
