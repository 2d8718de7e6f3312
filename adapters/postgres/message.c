/*
 * Where the server's messages hold values, by the templates in messages.def.
 *
 *	invalid input syntax for type integer: "ann"
 *	template: invalid input syntax for type %t: "%v"
 *	value:                                  ann
 *
 * A value may contain anything, also text that looks like the rest of the
 * template. So a value is as long as it can be, and all else as short as it can
 * be: what is in doubt is taken for a value.
 */
#include <ctype.h>
#include <stddef.h>
#include <string.h>

#include "adapters/postgres/postgres.h"

enum {
	MESSAGE_MAX = 2048,   /* bytes of a message that is looked at */
	NAME_MAX_BYTES = 130, /* with a schema */
	WORDS_MAX = 60,
	TYPE_MAX = 140,
	SIGNATURE_MAX = 600,
	STEPS_MAX = 20000, /* of one message and template */
};

static const char *const templates[] = {
#define MESSAGE(text) text,
#include "adapters/postgres/messages.def"
#undef MESSAGE
};

struct matching {
	const char *message;
	const char *end;
	struct redact_parts *out;
	unsigned steps;
};

/* --- what a placeholder stands for --- */

static bool all_of(const char *at, const char *end, const char *others)
{
	for (; at < end; at++)
		if (!isalnum((unsigned char)*at) && !(*at & 0x80) &&
		    !strchr(others, *at))
			return false;
	return true;
}

static bool is_name(const char *at, const char *end)
{
	if (at == end || end - at > NAME_MAX_BYTES)
		return false;
	for (; at < end; at++)
		if ((unsigned char)*at < ' ')
			return false;
	return true;
}

static bool is_number(const char *at, const char *end)
{
	at += at < end && *at == '-';
	if (at == end || end - at > 20)
		return false;
	while (at < end && isdigit((unsigned char)*at))
		at++;
	return at == end;
}

static bool quotes_closed(const char *at, const char *end)
{
	size_t count = 0;

	for (; at < end; at++)
		count += *at == '"';
	return count % 2 == 0;
}

static bool is_type(const char *at, const char *end)
{
	return at < end && end - at <= TYPE_MAX &&
	       all_of(at, end, "_ .,()[]\"$") && quotes_closed(at, end);
}

static bool is_signature(const char *at, const char *end)
{
	return at < end && end - at <= SIGNATURE_MAX &&
	       all_of(at, end, "_ .,()[]\"$+-*/<>=~!@#%^&|`?:") &&
	       quotes_closed(at, end);
}

static bool is_words(const char *at, const char *end)
{
	return at < end && end - at <= WORDS_MAX &&
	       (isalpha((unsigned char)*at) || *at == '/') &&
	       all_of(at, end, " -_/.*");
}

static bool fits(char kind, const char *at, const char *end)
{
	switch (kind) {
	case 'v':
		return true;
	case 'n':
	case 'u':
	case 'k':
		return is_name(at, end);
	case 'd':
		return is_number(at, end);
	case 't':
		return is_type(at, end);
	case 's':
	case 'U':
		return is_signature(at, end);
	case 'w':
		return is_words(at, end);
	default:
		return false;
	}
}

/* --- matching --- */

static bool match(struct matching *m, const char *template, const char *at);

static bool note(struct matching *m, const char *from, const char *to,
		 bool name)
{
	struct redact_part *part;

	if (m->out->count == REDACT_PARTS)
		return false;
	part = &m->out->parts[m->out->count++];
	part->from = (uint32_t)(from - m->message);
	part->to = (uint32_t)(to - m->message);
	part->name = name;
	return true;
}

/* The name of a signature is what may have been made up. */
static const char *end_of_name(char kind, const char *at, const char *end)
{
	const char *open =
	    kind == 'U' ? memchr(at, '(', (size_t)(end - at)) : NULL;

	return open ? open : end;
}

/* The placeholder stands for [at, end): does the rest match? */
static bool match_with(struct matching *m, const char *template, const char *at,
		       const char *end)
{
	char kind = template[1];
	uint32_t count = m->out->count;

	if (!fits(kind, at, end))
		return false;
	if (kind == 'v' && !note(m, at, end, false))
		return false;
	if ((kind == 'u' || kind == 'U') &&
	    !note(m, at, end_of_name(kind, at, end), true))
		return false;
	if (match(m, template + 2, end))
		return true;
	m->out->count = count;
	return false;
}

static bool match_placeholder(struct matching *m, const char *template,
			      const char *at)
{
	char next = template[2];

	if (template[1] == 'v') {
		for (const char *end = m->end; end >= at; end--)
			if ((next == '%' || *end == next) &&
			    match_with(m, template, at, end))
				return true;
		return false;
	}
	for (const char *end = at + 1; end <= m->end; end++)
		if ((next == '%' || *end == next) &&
		    match_with(m, template, at, end))
			return true;
	return false;
}

static bool match(struct matching *m, const char *template, const char *at)
{
	if (m->steps++ > STEPS_MAX)
		return false;
	for (; *template != '%'; template ++, at++) {
		if (*template != *at)
			return false;
		if (!*template)
			return true;
	}
	return match_placeholder(m, template, at);
}

/* The bytes of the template that are the server's own. */
static size_t own_size(const char *template)
{
	size_t size = 0;

	for (; *template; template ++, size++)
		if (*template == '%')
			template ++;
	return size;
}

/* Of several that match, the one that says most. */
void postgres_message_values(const char *message, struct redact_parts *out)
{
	size_t size = message ? strlen(message) : 0;
	size_t best = 0;

	*out = (struct redact_parts){.known = false};
	if (!size || size > MESSAGE_MAX)
		return;
	for (size_t i = 0; i < sizeof(templates) / sizeof(*templates); i++) {
		struct redact_parts found = {.known = true};
		struct matching matching = {
		    .message = message, .end = message + size, .out = &found};

		if (own_size(templates[i]) > best &&
		    match(&matching, templates[i], message)) {
			best = own_size(templates[i]);
			*out = found;
		}
	}
}
