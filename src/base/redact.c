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

/* The last `close` after `from`, or the end: a value may contain one itself. */
static const char *last_of(const char *from, char close)
{
	const char *last = strrchr(from, close);

	return last ? last : from + strlen(from);
}

static bool word_byte(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (c & 0x80);
}

static void append_redacted(const struct redactor *redactor, struct buffer *out,
			    const char *from, const char *to)
{
	char *part = memory_copy(from, (size_t)(to - from));
	char *shown = redacted(redactor, part);

	buffer_append_string(out, shown);
	free(shown);
	free(part);
}

static char *redact_parts(const struct redactor *redactor, const char *message)
{
	struct buffer out;
	const char *at = message;
	char *copy;

	buffer_init(&out, 0);
	while (*at) {
		bool inside = at > message && word_byte(at[-1]);
		char close = *at == '"'			? '"'
			     : *at == '`'		? '`'
			     : *at == '('		? ')'
			     : *at == '[' || *at == '{' ? *at + 2
			     : *at == '\'' && !inside	? '\''
							: 0;

		if (close) {
			const char *end = last_of(at + 1, close);

			buffer_append_byte(&out, (uint8_t)*at);
			append_redacted(redactor, &out, at + 1, end);
			if (!*end)
				break;
			buffer_append_byte(&out, (uint8_t)close);
			at = end + 1;
		} else if (isdigit((unsigned char)*at) && !inside) {
			const char *end = at;

			while (*end && !isspace((unsigned char)*end))
				end++;
			append_redacted(redactor, &out, at, end);
			at = end;
		} else {
			buffer_append_byte(&out, (uint8_t)*at++);
		}
	}
	copy = utf8_clean(buffer_string(&out), MESSAGE_LIMIT);
	buffer_release(&out);
	return copy;
}

char *redact_message(const struct redactor *redactor,
		     enum redact_content content, const char *message)
{
	if (!message)
		return NULL;
	if (redactor->show_values || content == REDACT_NOTHING)
		return utf8_clean(message, MESSAGE_LIMIT);
	if (content == REDACT_ALL)
		return redacted(redactor, message);
	return redact_parts(redactor, message);
}
