#include "base/utf8.h"

#include "base/buffer.h"
#include "base/memory.h"

#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS    "\xe2\x80\xa6"

size_t utf8_sequence(const uint8_t *in, size_t size, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t length;

	if (in[0] < 0x80) {
		*code = in[0];
		return 1;
	}
	if (in[0] >= 0xc2 && in[0] <= 0xdf)
		length = 2;
	else if ((in[0] & 0xf0) == 0xe0)
		length = 3;
	else if (in[0] >= 0xf0 && in[0] <= 0xf4)
		length = 4;
	else
		return 0;
	if (length > size)
		return 0;
	*code = in[0] & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if ((in[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (in[i] & 0x3f);
	}
	if (*code < least[length] || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return length;
}

/* Also those that reverse the direction of text: they can hide what follows. */
int utf8_is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) ||
	       (code >= 0x202a && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

char *utf8_clean(const char *text, size_t limit)
{
	const uint8_t *in = (const uint8_t *)text;
	size_t size;
	struct buffer out;
	size_t at = 0;
	char *copy;

	if (!text)
		return NULL;
	size = strlen(text);
	buffer_init(&out, 0);
	while (at < size) {
		uint32_t code = 0;
		size_t length = utf8_sequence(in + at, size - at, &code);
		size_t wanted = length ? length : 1;

		if (wanted > limit - at || at >= limit) {
			buffer_append_string(&out, ELLIPSIS);
			break;
		}
		if (!length ||
		    (utf8_is_control(code) && code != '\n' && code != '\t'))
			buffer_append_string(&out, REPLACEMENT);
		else
			buffer_append(&out, in + at, length);
		at += wanted;
	}
	copy = memory_string(buffer_string(&out));
	if (out.failed)
		memory_exhausted(size);
	buffer_release(&out);
	return copy;
}

size_t utf8_length(const char *text)
{
	const uint8_t *in = (const uint8_t *)text;
	size_t size = strlen(text);
	size_t count = 0;

	for (size_t at = 0; at < size; count++) {
		uint32_t code;
		size_t length = utf8_sequence(in + at, size - at, &code);

		at += length ? length : 1;
	}
	return count;
}
