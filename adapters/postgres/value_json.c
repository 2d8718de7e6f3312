/*
 * JSON by structure, for json and jsonb alike: numbers by value, strings
 * without their escapes, members sorted by key, the last of two equal keys.
 * What the json type keeps beyond that (blanks, order, duplicates) does not
 * count.
 */
#include "adapters/postgres/value_form.h"

enum { JSON_DEPTH_LIMIT = 2000 };

enum json_kind {
	JSON_NULL = 'n',
	JSON_TRUE = 't',
	JSON_FALSE = 'f',
	JSON_NUMBER = '0',
	JSON_STRING = '"',
	JSON_ARRAY = '[',
	JSON_OBJECT = '{',
};

struct json {
	struct json *next; /* among its parent's, newest first */
	enum json_kind kind;
	struct bytes key;  /* a member's */
	struct bytes text; /* STRING: without escapes; NUMBER: unchanged */
	struct json *children;
	size_t count; /* of children */
	size_t place; /* among them, from 0 */
};

struct parsing {
	const uint8_t *at;
	const uint8_t *end;
	struct arena *arena;
	unsigned depth;
};

static struct json *parse_any(struct parsing *in);

static void skip_blanks(struct parsing *in)
{
	while (in->at < in->end && (*in->at == ' ' || *in->at == '\t' ||
				    *in->at == '\n' || *in->at == '\r'))
		in->at++;
}

static bool skip_byte(struct parsing *in, char byte)
{
	skip_blanks(in);
	if (in->at == in->end || *in->at != (uint8_t)byte)
		return false;
	in->at++;
	return true;
}

static int read_hex(struct parsing *in, uint32_t *code)
{
	if (in->end - in->at < 4)
		return -1;
	*code = 0;
	for (int i = 0; i < 4; i++) {
		uint8_t byte = *in->at++;
		uint8_t low = byte | 0x20;

		*code <<= 4;
		if (byte >= '0' && byte <= '9')
			*code |= byte - '0';
		else if (low >= 'a' && low <= 'f')
			*code |= low - 'a' + 10u;
		else
			return -1;
	}
	return 0;
}

static size_t put_utf8(uint8_t *out, uint32_t code)
{
	if (code < 0x80) {
		out[0] = (uint8_t)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (uint8_t)(0xc0 | code >> 6);
		out[1] = 0x80 | (code & 0x3f);
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (uint8_t)(0xe0 | code >> 12);
		out[1] = 0x80 | (code >> 6 & 0x3f);
		out[2] = 0x80 | (code & 0x3f);
		return 3;
	}
	out[0] = (uint8_t)(0xf0 | code >> 18);
	out[1] = 0x80 | (code >> 12 & 0x3f);
	out[2] = 0x80 | (code >> 6 & 0x3f);
	out[3] = 0x80 | (code & 0x3f);
	return 4;
}

/* After the backslash. A lone surrogate is kept (three bytes). */
static int read_escape(struct parsing *in, uint8_t *out, size_t *used)
{
	static const char names[] = "\"\\/bfnrt";
	static const char bytes[] = "\"\\/\b\f\n\r\t";
	const char *name;
	uint32_t code;

	if (in->at == in->end)
		return -1;
	if (*in->at != 'u') {
		name = *in->at ? strchr(names, *in->at) : NULL;
		in->at++;
		if (!name)
			return -1;
		out[(*used)++] = (uint8_t)bytes[name - names];
		return 0;
	}
	in->at++;
	if (read_hex(in, &code))
		return -1;
	if (code >= 0xd800 && code < 0xdc00 && in->end - in->at >= 6 &&
	    in->at[0] == '\\' && in->at[1] == 'u') {
		struct parsing ahead = *in;
		uint32_t low;

		ahead.at += 2;
		if (!read_hex(&ahead, &low) && low >= 0xdc00 && low < 0xe000) {
			code = 0x10000 + ((code - 0xd800) << 10) + low - 0xdc00;
			in->at = ahead.at;
		}
	}
	*used += put_utf8(out + *used, code);
	return 0;
}

/* After the opening quote. */
static int parse_string(struct parsing *in, struct bytes *string)
{
	const uint8_t *close = in->at;
	uint8_t *out;
	size_t used = 0;

	while (close < in->end && *close != '"')
		close += *close == '\\' && in->end - close > 1 ? 2 : 1;
	if (close >= in->end)
		return -1;
	/* An escape is never shorter than what it stands for. */
	out = arena_alloc(in->arena, (size_t)(close - in->at) + 1);
	while (in->at < close) {
		if (*in->at != '\\')
			out[used++] = *in->at++;
		else if (in->at++, read_escape(in, out, &used))
			return -1;
	}
	if (in->at != close)
		return -1;
	in->at++;
	string->data = out;
	string->size = used;
	return 0;
}

static int parse_members(struct parsing *in, struct json *parent)
{
	bool object = parent->kind == JSON_OBJECT;
	char close = object ? '}' : ']';

	if (skip_byte(in, close))
		return 0;
	do {
		struct bytes key = {NULL, 0};
		struct json *child;

		if (object && (!skip_byte(in, '"') || parse_string(in, &key) ||
			       !skip_byte(in, ':')))
			return -1;
		child = parse_any(in);
		if (!child)
			return -1;
		child->key = key;
		child->place = parent->count++;
		child->next = parent->children;
		parent->children = child;
	} while (skip_byte(in, ','));
	return skip_byte(in, close) ? 0 : -1;
}

static bool skip_word(struct parsing *in, const char *word)
{
	size_t size = strlen(word);

	if ((size_t)(in->end - in->at) < size || memcmp(in->at, word, size))
		return false;
	in->at += size;
	return true;
}

static bool number_byte(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || byte == '-' || byte == '+' ||
	       byte == '.' || (byte | 0x20) == 'e';
}

static int parse_into(struct parsing *in, struct json *json)
{
	skip_blanks(in);
	if (in->at == in->end)
		return -1;
	if (skip_byte(in, '"')) {
		json->kind = JSON_STRING;
		return parse_string(in, &json->text);
	}
	if (*in->at == '{' || *in->at == '[') {
		json->kind = *in->at++ == '{' ? JSON_OBJECT : JSON_ARRAY;
		return parse_members(in, json);
	}
	json->kind = skip_word(in, "null")    ? JSON_NULL
		     : skip_word(in, "true")  ? JSON_TRUE
		     : skip_word(in, "false") ? JSON_FALSE
					      : JSON_NUMBER;
	if (json->kind != JSON_NUMBER)
		return 0;
	json->text.data = in->at;
	while (in->at < in->end && number_byte(*in->at))
		in->at++;
	json->text.size = (size_t)(in->at - json->text.data);
	return json->text.size ? 0 : -1;
}

static struct json *parse_any(struct parsing *in)
{
	struct json *json;

	if (in->depth >= JSON_DEPTH_LIMIT)
		return NULL;
	in->depth++;
	json = arena_alloc(in->arena, sizeof(*json));
	if (parse_into(in, json))
		json = NULL;
	in->depth--;
	return json;
}

/* By key; of equal keys the last comes first. */
static int order_members(const void *left, const void *right)
{
	const struct json *a = *(const struct json *const *)left;
	const struct json *b = *(const struct json *const *)right;
	size_t shorter = a->key.size < b->key.size ? a->key.size : b->key.size;
	int order = shorter ? memcmp(a->key.data, b->key.data, shorter) : 0;

	if (order)
		return order;
	if (a->key.size != b->key.size)
		return a->key.size < b->key.size ? -1 : 1;
	return a->place > b->place ? -1 : a->place < b->place;
}

static bool same_key(const struct json *a, const struct json *b)
{
	return a->key.size == b->key.size &&
	       (!a->key.size || !memcmp(a->key.data, b->key.data, a->key.size));
}

static int put(struct form *form, const struct json *json)
{
	const struct json **members;
	size_t begun;

	form_byte(form, (uint8_t)json->kind);
	begun = form_begin(form);
	if (json->kind == JSON_STRING)
		form_append(form, json->text.data, json->text.size);
	if (json->kind == JSON_NUMBER &&
	    form_number_text(form, json->text.data, json->text.size))
		return -1;
	members = arena_array(&form->arena, json->count, sizeof(*members));
	for (const struct json *it = json->children; it; it = it->next)
		members[it->place] = it;
	if (json->kind == JSON_OBJECT && json->count)
		qsort(members, json->count, sizeof(*members), order_members);
	for (size_t i = 0; i < json->count; i++) {
		if (json->kind == JSON_OBJECT) {
			if (i && same_key(members[i - 1], members[i]))
				continue;
			form_u32(form, (uint32_t)members[i]->key.size);
			form_append(form, members[i]->key.data,
				    members[i]->key.size);
		}
		if (put(form, members[i]))
			return -1;
	}
	form_end(form, begun);
	return 0;
}

int form_json(struct form *form, const uint8_t *data, size_t size)
{
	struct parsing in = {data, data + size, &form->arena, 0};
	const struct json *json = parse_any(&in);

	skip_blanks(&in);
	if (!json || in.at != in.end)
		return -1;
	form_byte(form, FORM_JSON);
	return put(form, json);
}
