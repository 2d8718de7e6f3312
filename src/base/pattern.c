#include "base/pattern.h"

#include <stdlib.h>
#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "base/memory.h"

/*
 * A step takes about ten nanoseconds. Nested state lives on the heap and cannot
 * exceed its limit. The depth is bounded as well, since nesting counts even
 * where it needs no heap.
 */
enum {
	MATCH_LIMIT = 1000 * 1000,
	DEPTH_LIMIT = 50 * 1000,
	HEAP_LIMIT_KIB = 16 * 1024,
};

struct pattern {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *context;
	size_t groups;
};

static int refuse(struct error *error, int number, size_t offset)
{
	PCRE2_UCHAR message[256];

	if (pcre2_get_error_message(number, message, sizeof(message)) < 0)
		message[0] = '\0';
	return error_set(error, ERROR_CONFIG, "%s (at character %zu)",
			 (const char *)message, offset + 1);
}

static pcre2_code *compile(const char *text, struct error *error)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	pcre2_code *code;
	PCRE2_SIZE offset = 0;
	int number = 0;

	if (!context) {
		error_set(error, ERROR_MEMORY, "out of memory");
		return NULL;
	}
	pcre2_set_max_pattern_length(context, PATTERN_LENGTH_LIMIT);
	pcre2_set_parens_nest_limit(context, 100);
	code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
			     PCRE2_UTF | PCRE2_MATCH_INVALID_UTF |
				 PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C,
			     &number, &offset, context);
	pcre2_compile_context_free(context);
	if (!code)
		refuse(error, number, offset);
	return code;
}

int pattern_new(const char *text, struct pattern **out, struct error *error)
{
	struct pattern *pattern;
	uint32_t groups = 0;
	pcre2_code *code = compile(text, error);

	if (!code)
		return -1;
	pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &groups);
	if (groups > PATTERN_GROUP_LIMIT) {
		pcre2_code_free(code);
		return error_set(error, ERROR_CONFIG, "more than %d groups",
				 PATTERN_GROUP_LIMIT);
	}
	pattern = memory_alloc(sizeof(*pattern));
	pattern->code = code;
	pattern->groups = groups;
	pattern->data = pcre2_match_data_create_from_pattern(code, NULL);
	pattern->context = pcre2_match_context_create(NULL);
	if (!pattern->data || !pattern->context) {
		pattern_free(&pattern);
		return error_set(error, ERROR_MEMORY, "out of memory");
	}
	pcre2_set_match_limit(pattern->context, MATCH_LIMIT);
	pcre2_set_depth_limit(pattern->context, DEPTH_LIMIT);
	pcre2_set_heap_limit(pattern->context, HEAP_LIMIT_KIB);
	*out = pattern;
	return 0;
}

void pattern_free(struct pattern **pointer)
{
	struct pattern *pattern = *pointer;

	if (!pattern)
		return;
	*pointer = NULL;
	pcre2_match_context_free(pattern->context);
	pcre2_match_data_free(pattern->data);
	pcre2_code_free(pattern->code);
	free(pattern);
}

size_t pattern_group_count(const struct pattern *pattern)
{
	return pattern->groups;
}

enum pattern_result pattern_find(const struct pattern *pattern,
				 const char *text, size_t size,
				 struct pattern_span *spans)
{
	const PCRE2_SIZE *ends;
	int found = pcre2_match(pattern->code, (PCRE2_SPTR)text, size, 0, 0,
				pattern->data, pattern->context);

	if (found == PCRE2_ERROR_NOMATCH)
		return PATTERN_NONE;
	if (found < 0)
		return PATTERN_LIMIT;
	ends = pcre2_get_ovector_pointer(pattern->data);
	for (size_t i = 0; i <= pattern->groups; i++) {
		spans[i] = (struct pattern_span){0};
		/* \K in a lookahead can end a match before its start. */
		if (i >= (size_t)found || ends[2 * i] == PCRE2_UNSET ||
		    ends[2 * i + 1] < ends[2 * i])
			continue;
		spans[i].start = ends[2 * i];
		spans[i].end = ends[2 * i + 1];
	}
	return PATTERN_FOUND;
}

/* --- templates --- */

struct pattern_reading {
	const struct pattern *pattern;
	const char *text;
	size_t at;
	struct arena *arena;
	struct pattern_template *made;
	struct error *error;
};

static int bad(struct pattern_reading *reading, const char *what)
{
	return error_set(reading->error, ERROR_CONFIG, "%s (at character %zu)",
			 what, reading->at + 1);
}

static void add_text(struct pattern_reading *reading, const char *text,
		     size_t size)
{
	struct pattern_template *made = reading->made;
	struct pattern_piece *piece = &made->pieces[made->count];

	if (!size)
		return;
	piece->text = arena_copy(reading->arena, text, size);
	piece->size = size;
	made->count++;
}

static int add_group(struct pattern_reading *reading, size_t group)
{
	struct pattern_template *made = reading->made;

	if (group > reading->pattern->groups)
		return bad(reading, "the pattern has no such group");
	made->pieces[made->count++] = (struct pattern_piece){.group = group};
	made->plain = false;
	return 0;
}

static int take_number(struct pattern_reading *reading)
{
	const char *text = reading->text + reading->at + 1;
	size_t digits = strspn(text, "0123456789");
	size_t group = 0;

	if (*text == '\\') {
		add_text(reading, text, 1);
		reading->at += 2;
		return 0;
	}
	if (!digits)
		return bad(reading,
			   "a backslash is followed by the number of a group, "
			   "or by another one");
	if (digits > 2)
		digits = 2;
	for (size_t i = 0; i < digits; i++)
		group = group * 10 + (size_t)(text[i] - '0');
	if (add_group(reading, group))
		return -1;
	reading->at += digits + 1;
	return 0;
}

static int take_name(struct pattern_reading *reading)
{
	const char *name = reading->text + reading->at + 2;
	const char *end = strchr(name, '}');
	char kept[64];
	int group;

	if (!end || end == name || (size_t)(end - name) >= sizeof(kept))
		return bad(reading, "${ is followed by a group's name and }");
	memcpy(kept, name, (size_t)(end - name));
	kept[end - name] = '\0';
	group = pcre2_substring_number_from_name(reading->pattern->code,
						 (PCRE2_SPTR)kept);
	if (group < 0)
		return bad(reading, "the pattern has no group of that name");
	if (add_group(reading, (size_t)group))
		return -1;
	reading->at = (size_t)(end - reading->text) + 1;
	return 0;
}

int pattern_template(const struct pattern *pattern, const char *text,
		     struct arena *arena, struct pattern_template *made,
		     struct error *error)
{
	struct pattern_reading reading = {
	    .pattern = pattern,
	    .text = text,
	    .arena = arena,
	    .made = made,
	    .error = error,
	};

	*made = (struct pattern_template){.plain = true};
	made->pieces =
	    arena_array(arena, strlen(text) + 1, sizeof(*made->pieces));
	while (text[reading.at]) {
		size_t start = reading.at;

		while (text[reading.at] && text[reading.at] != '\\' &&
		       strncmp(text + reading.at, "${", 2) != 0)
			reading.at++;
		add_text(&reading, text + start, reading.at - start);
		if (!text[reading.at])
			break;
		if (text[reading.at] == '\\' ? take_number(&reading)
					     : take_name(&reading))
			return -1;
	}
	return 0;
}
