/* Scalars and comments of YAML, as src/config/document.c reads them back. */
#include "draft/internal.h"

#include <ctype.h>

enum { COMMENT_MAX = 400 };

static bool is_plain(const char *text)
{
	/* Also quotes what other YAML readers take for more than a text. */
	static const char *const words[] = {
	    "null", "true", "false", "yes", "no", "on", "off", "dropped", NULL};

	if (!isalpha((unsigned char)*text) && *text != '_')
		return false;
	for (const char *at = text; *at; at++)
		if (!isalnum((unsigned char)*at) && *at != '_' && *at != '.')
			return false;
	for (size_t i = 0; words[i]; i++)
		if (!strcasecmp(text, words[i]))
			return false;
	return true;
}

/* Bytes of the UTF-8 character at text; 0 if it is none. */
static size_t character(const char *text)
{
	unsigned char first = (unsigned char)*text;
	size_t size = first < 0x80		      ? 1
		      : first >= 0xC2 && first < 0xE0 ? 2
		      : first >= 0xE0 && first < 0xF0 ? 3
		      : first >= 0xF0 && first < 0xF5 ? 4
						      : 0;
	unsigned char second = size > 1 ? (unsigned char)text[1] : 0;

	for (size_t i = 1; i < size; i++)
		if (((unsigned char)text[i] & 0xC0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, and what lies past the last plane. */
	if ((first == 0xE0 && second < 0xA0) ||
	    (first == 0xED && second > 0x9F) ||
	    (first == 0xF0 && second < 0x90) ||
	    (first == 0xF4 && second > 0x8F))
		return 0;
	return size;
}

/* C1 controls, the byte order mark and non-characters: YAML wants an escape. */
static bool is_printable(const char *text, size_t size)
{
	const unsigned char *at = (const unsigned char *)text;

	if (size == 1)
		return *at >= 0x20 && *at != 0x7F;
	if (size == 2)
		return at[0] != 0xC2 || at[1] >= 0xA0;
	if (size == 3)
		return !(at[0] == 0xEF && at[1] >= 0xBB) &&
		       !(at[0] == 0xE2 && at[1] == 0x80 && at[2] >= 0xA8);
	return true;
}

static unsigned code_of(const char *text, size_t size)
{
	static const unsigned char masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
	unsigned code = (unsigned char)*text & masks[size];

	for (size_t i = 1; i < size; i++)
		code = code << 6 | ((unsigned char)text[i] & 0x3F);
	return code;
}

void yaml_text(struct buffer *out, const char *text)
{
	buffer_append_byte(out, '"');
	while (*text) {
		size_t size = character(text);

		if (!size) {
			buffer_append_string(out, "\\uFFFD");
			size = 1;
		} else if (*text == '"' || *text == '\\') {
			buffer_printf(out, "\\%c", *text);
		} else if (*text == '\n') {
			buffer_append_string(out, "\\n");
		} else if (*text == '\t') {
			buffer_append_string(out, "\\t");
		} else if (!is_printable(text, size)) {
			buffer_printf(out, "\\u%04X", code_of(text, size));
		} else {
			buffer_append(out, text, size);
		}
		text += size;
	}
	buffer_append_byte(out, '"');
}

void yaml_scalar(struct buffer *out, const char *text)
{
	if (is_plain(text))
		buffer_append_string(out, text);
	else
		yaml_text(out, text);
}

/* A part of a name that has a dot or a quote is put in double quotes. */
static const char *name_part(struct arena *arena, const char *name)
{
	char *quoted, *at;

	if (*name && !strpbrk(name, ".\""))
		return name;
	at = quoted = arena_alloc(arena, 2 * strlen(name) + 3);
	*at++ = '"';
	for (; *name; name++) {
		if (*name == '"')
			*at++ = '"';
		*at++ = *name;
	}
	*at = '"';
	return quoted;
}

const char *yaml_name(struct arena *arena, const char *schema, const char *name)
{
	if (!schema)
		return name_part(arena, name);
	return arena_printf(arena, "%s.%s", name_part(arena, schema),
			    name_part(arena, name));
}

void yaml_comment(struct buffer *out, const char *text)
{
	buffer_append_string(out, "# ");
	yaml_comment_text(out, text);
}

void yaml_comment_text(struct buffer *out, const char *text)
{
	size_t written = 0;

	while (*text && written < COMMENT_MAX) {
		size_t size = character(text);

		if (size && is_printable(text, size))
			buffer_append(out, text, size);
		else
			buffer_append_byte(out, ' ');
		text += size ? size : 1;
		written++;
	}
	if (*text)
		buffer_append_string(out, "...");
}
