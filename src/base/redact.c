#include "base/redact.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/utf8.h"

enum { VALUE_LIMIT = 200, MESSAGE_LIMIT = 1000 };

/* Whether text has the shape of the pattern: 9 is a digit, x a hex digit. */
static bool shaped(const char *text, const char *pattern)
{
	for (; *pattern; pattern++, text++) {
		unsigned char c = (unsigned char)*text;

		if (*pattern == '9'   ? !isdigit(c)
		    : *pattern == 'x' ? !isxdigit(c)
				      : c != (unsigned char)*pattern)
			return false;
	}
	return true;
}

/* int, number, or NULL. */
static const char *number_shape(const char *text)
{
	const char *at = text + (*text == '-' || *text == '+');
	bool digits = false;
	bool whole = true;

	for (; *at; at++) {
		if (isdigit((unsigned char)*at)) {
			digits = true;
			continue;
		}
		whole = false;
		if (*at == '.')
			continue;
		if (digits && (*at == 'e' || *at == 'E')) {
			if (at[1] == '-' || at[1] == '+')
				at++;
			if (!at[1])
				return NULL;
			continue;
		}
		return NULL;
	}
	if (!digits)
		return NULL;
	return whole ? "int" : "number";
}

/* A word for the shape of the text; NULL: plain text, shown with its length. */
static const char *shape_of(const char *text)
{
	const char *number = number_shape(text);

	if (number)
		return number;
	if (!strcmp(text, "t") || !strcmp(text, "f") || !strcmp(text, "true") ||
	    !strcmp(text, "false"))
		return "bool";
	if (shaped(text, "9999-99-99"))
		return text[10] == ' ' || text[10] == 'T' ? "timestamp"
		       : text[10]			  ? NULL
							  : "date";
	if (shaped(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") && !text[36])
		return "uuid";
	return NULL;
}

static void hash_of(const struct redactor *redactor, const void *data,
		    size_t size, char out[7])
{
	unsigned char digest[EVP_MAX_MD_SIZE] = {0};
	unsigned length = 0;

	if (!HMAC(EVP_sha256(), redactor->key, sizeof(redactor->key), data,
		  size, digest, &length))
		memory_exhausted(size);
	snprintf(out, 7, "%02x%02x%02x", digest[0], digest[1], digest[2]);
}

static char *redacted(const struct redactor *redactor, const char *text)
{
	char hash[7];
	char out[64];
	const char *shape = shape_of(text);

	hash_of(redactor, text, strlen(text), hash);
	if (shape)
		snprintf(out, sizeof(out), "%s#%s", shape, hash);
	else
		snprintf(out, sizeof(out), "text(%zu)#%s", utf8_length(text),
			 hash);
	return memory_string(out);
}

char *redact_public(const char *text)
{
	return text ? utf8_clean(text, VALUE_LIMIT) : memory_string("NULL");
}

char *redact_value(const struct redactor *redactor, const char *text)
{
	if (!text || redactor->show_values)
		return redact_public(text);
	return redacted(redactor, text);
}

static bool is_value(const struct redact_part *part)
{
	return !part->name;
}

static void append_redacted(const struct redactor *redactor, struct buffer *out,
			    const char *from, size_t size)
{
	char *part = memory_copy(from, size);
	char *shown = redacted(redactor, part);

	buffer_append_string(out, shown);
	free(shown);
	free(part);
}

char *redact_message(const struct redactor *redactor,
		     const struct redact_parts *parts, const char *message)
{
	struct buffer out;
	size_t at = 0;
	char *copy;

	if (!message)
		return NULL;
	if (redactor->show_values)
		return utf8_clean(message, MESSAGE_LIMIT);
	if (!parts->known)
		return redacted(redactor, message);
	buffer_init(&out, 0);
	for (size_t i = 0; i < parts->count; i++) {
		const struct redact_part *part = &parts->parts[i];

		if (!is_value(part))
			continue;
		buffer_append(&out, message + at, part->from - at);
		append_redacted(redactor, &out, message + part->from,
				part->to - part->from);
		at = part->to;
	}
	buffer_append_string(&out, message + at);
	copy = utf8_clean(buffer_string(&out), MESSAGE_LIMIT);
	buffer_release(&out);
	return copy;
}

static bool word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

static bool is_shown(const struct redact_parts *parts, size_t from, size_t to)
{
	for (size_t i = 0; i < parts->count; i++)
		if (is_value(&parts->parts[i]) && from < parts->parts[i].to &&
		    parts->parts[i].from < to)
			return false;
	return true;
}

bool redact_shows(const struct redact_parts *parts, const char *message,
		  const char *name)
{
	size_t size = strlen(name);

	if (!parts->known || !size)
		return false;
	for (const char *at = strstr(message, name); at;
	     at = strstr(at + 1, name))
		if ((at == message || !word_byte(at[-1])) &&
		    !word_byte(at[size]) &&
		    is_shown(parts, (size_t)(at - message),
			     (size_t)(at - message) + size))
			return true;
	return false;
}
