#include "adapters/postgres/value_form.h"

#include <strings.h>

static bool name_is(const struct catalog_type *type, const char *name)
{
	return !strcmp(type->name, name) && !strcmp(type->schema, "pg_catalog");
}

/* The range that a multirange is made of: catalogs do not link the two, but
 * their names do. */
static const struct catalog_type *range_of_multirange(
    const struct catalog *catalog, const struct catalog_type *type)
{
	const char *cut = strstr(type->name, "multirange");
	const struct catalog_type *range;
	char name[128];
	int length;

	if (!cut || strcmp(cut, "multirange"))
		return NULL;
	length = snprintf(name, sizeof(name), "%.*srange",
			  (int)(cut - type->name), type->name);
	if (length < 0 || (size_t)length >= sizeof(name))
		return NULL;
	range = catalog_type_named(catalog, type->schema, name);
	return range && range->class == TYPE_RANGE ? range : NULL;
}

/* Types that the catalog calls comparable by bytes only, and that are not. */
static void view_other(const struct catalog *catalog, struct type_view *view)
{
	static const char *const unsigned_types[] = {"oid", "xid", "cid",
						     "xid8"};
	const struct catalog_type *range;

	for (size_t i = 0; i < sizeof(unsigned_types) / sizeof(*unsigned_types);
	     i++)
		if (name_is(view->type, unsigned_types[i])) {
			view->class = TYPE_INTEGER;
			view->is_unsigned = true;
			return;
		}
	if (name_is(view->type, "timetz")) {
		view->class = TYPE_TIME;
		view->zoned = true;
		return;
	}
	range = range_of_multirange(catalog, view->type);
	if (range) {
		view->class = TYPE_RANGE;
		view->multirange = true;
		view->element = range->element;
	}
}

struct type_view type_view_of(const struct catalog *catalog, uint32_t id)
{
	enum {
		RECORD_ID = 2249,
		NESTING_MAX = 32
	}; /* ids below 10,000 are fixed */
	struct type_view view = {.class = TYPE_OTHER};

	for (int i = 0; catalog && i < NESTING_MAX; i++) {
		view.type = catalog_type(catalog, id);
		if (!view.type || view.type->class != TYPE_DOMAIN)
			break;
		id = view.type->element;
	}
	if (!view.type) {
		if (id == RECORD_ID)
			view.class = TYPE_COMPOSITE;
		return view;
	}
	view.class = view.type->class;
	view.element = view.type->element;
	switch (view.class) {
	case TYPE_OTHER:
		if (id == RECORD_ID)
			view.class = TYPE_COMPOSITE;
		else
			view_other(catalog, &view);
		break;
	case TYPE_INTEGER:
		view.is_unsigned = name_is(view.type, "oid");
		break;
	case TYPE_FLOAT:
		view.single = name_is(view.type, "float4");
		break;
	case TYPE_TIME:
		view.zoned = name_is(view.type, "timetz");
		break;
	case TYPE_ARRAY: /* these two have forms of their own */
		if (name_is(view.type, "int2vector") ||
		    name_is(view.type, "oidvector"))
			view.class = TYPE_OTHER;
		break;
	case TYPE_DOMAIN: /* of itself: no server's catalog has it */
		view.class = TYPE_OTHER;
		break;
	default:
		break;
	}
	return view;
}

enum form_tag type_view_tag(const struct type_view *view)
{
	switch (view->class) {
	case TYPE_BOOLEAN:
		return FORM_BOOLEAN;
	case TYPE_INTEGER:
	case TYPE_NUMERIC:
	case TYPE_FLOAT:
		return FORM_NUMBER;
	case TYPE_TEXT:
	case TYPE_CHAR:
	case TYPE_ENUM:
	case TYPE_UUID:
		return FORM_TEXT;
	case TYPE_BYTES:
		return FORM_BYTES;
	case TYPE_DATE:
	case TYPE_TIMESTAMP:
		return FORM_DATE;
	case TYPE_TIME:
		return view->zoned ? FORM_TIME_ZONED : FORM_TIME;
	case TYPE_TIMESTAMPTZ:
		return FORM_INSTANT;
	case TYPE_INTERVAL:
		return FORM_INTERVAL;
	case TYPE_JSON:
	case TYPE_JSONB:
		return FORM_JSON;
	case TYPE_ARRAY:
		return FORM_ARRAY;
	case TYPE_COMPOSITE:
		return FORM_COMPOSITE;
	case TYPE_RANGE:
		return view->multirange ? FORM_MULTIRANGE : FORM_RANGE;
	case TYPE_OTHER:
	case TYPE_DOMAIN:
		break;
	}
	return FORM_OTHER;
}

/* What the server sends is t or f; what a client sends may be any of these. */
static int read_boolean(const uint8_t *data, size_t size)
{
	static const char *const words[] = {"f",   "t",	  "false", "true", "no",
					    "yes", "off", "on",	   "0",	   "1"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (size == strlen(words[i]) &&
		    !strncasecmp((const char *)data, words[i], size))
			return (int)(i % 2);
	return -1;
}

static int form_boolean(struct form *form, uint8_t format, const uint8_t *data,
			size_t size)
{
	int value = !format ? read_boolean(data, size) : size == 1 ? *data : -1;

	if (value < 0)
		return -1;
	form_byte(form, FORM_BOOLEAN);
	form_byte(form, value != 0);
	return 0;
}

static int form_characters(struct form *form, const uint8_t *data, size_t size)
{
	form_byte(form, FORM_TEXT);
	form_append(form, data, size);
	return 0;
}

static int form_padded(struct form *form, const uint8_t *data, size_t size)
{
	while (size && data[size - 1] == ' ')
		size--;
	return form_characters(form, data, size);
}

static int hex_digit(uint8_t byte)
{
	uint8_t low = byte | 0x20;

	if (byte >= '0' && byte <= '9')
		return byte - '0';
	return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* bytea_output hex: \x..; or escape: \\ and \ooo. */
static int form_bytes_text(struct form *form, const uint8_t *data, size_t size)
{
	form_byte(form, FORM_BYTES);
	if (size >= 2 && data[0] == '\\' && data[1] == 'x') {
		if (size % 2)
			return -1;
		for (size_t i = 2; i < size; i += 2) {
			int high = hex_digit(data[i]);
			int low = hex_digit(data[i + 1]);

			if (high < 0 || low < 0)
				return -1;
			form_byte(form, (uint8_t)(high << 4 | low));
		}
		return 0;
	}
	for (size_t i = 0; i < size; i++) {
		if (data[i] != '\\') {
			form_byte(form, data[i]);
		} else if (size - i >= 2 && data[i + 1] == '\\') {
			form_byte(form, '\\');
			i++;
		} else if (size - i >= 4) {
			unsigned byte = 0;

			for (int k = 1; k <= 3; k++) {
				if (data[i + k] < '0' || data[i + k] > '7')
					return -1;
				byte = byte << 3 | (data[i + k] - '0');
			}
			if (byte > 0xff)
				return -1;
			form_byte(form, (uint8_t)byte);
			i += 3;
		} else {
			return -1;
		}
	}
	return 0;
}

static int form_uuid(struct form *form, uint8_t format, const uint8_t *data,
		     size_t size)
{
	static const char digits[] = "0123456789abcdef";

	if (!format)
		return form_characters(form, data, size);
	if (size != 16)
		return -1;
	form_byte(form, FORM_TEXT);
	for (size_t i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			form_byte(form, '-');
		form_byte(form, (uint8_t)digits[data[i] >> 4]);
		form_byte(form, (uint8_t)digits[data[i] & 0xf]);
	}
	return 0;
}

static int form_other(struct form *form, uint8_t format, const uint8_t *data,
		      size_t size)
{
	form->opaque = true;
	form_byte(form, FORM_OTHER);
	form_byte(form, format);
	form_append(form, data, size);
	return 0;
}

static int form_viewed(struct form *form, const struct type_view *view,
		       uint8_t format, const uint8_t *data, size_t size)
{
	switch (view->class) {
	case TYPE_BOOLEAN:
		return form_boolean(form, format, data, size);
	case TYPE_INTEGER:
		return format ? form_integer_binary(form, view->is_unsigned,
						    data, size)
			      : form_number_text(form, data, size);
	case TYPE_NUMERIC:
		return format ? form_numeric_binary(form, data, size)
			      : form_number_text(form, data, size);
	case TYPE_FLOAT:
		return format ? form_float_binary(form, data, size)
			      : form_float_text(form, view->single, data, size);
	case TYPE_TEXT:
	case TYPE_ENUM:
		return form_characters(form, data, size);
	case TYPE_CHAR:
		return form_padded(form, data, size);
	case TYPE_UUID:
		return form_uuid(form, format, data, size);
	case TYPE_BYTES:
		if (!format)
			return form_bytes_text(form, data, size);
		form_byte(form, FORM_BYTES);
		form_append(form, data, size);
		return 0;
	case TYPE_DATE:
		return format ? form_date_binary(form, data, size)
			      : form_date_text(form, data, size);
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
		return (format ? form_timestamp_binary : form_timestamp_text)(
		    form, view->class == TYPE_TIMESTAMPTZ, data, size);
	case TYPE_TIME:
		return (format ? form_time_binary
			       : form_time_text)(form, view->zoned, data, size);
	case TYPE_INTERVAL:
		return format ? form_interval_binary(form, data, size)
			      : form_interval_text(form, data, size);
	case TYPE_JSONB:
		if (format) { /* a version before the text */
			if (!size || *data != 1)
				return -1;
			return form_json(form, data + 1, size - 1);
		}
		return form_json(form, data, size);
	case TYPE_JSON:
		return form_json(form, data, size);
	case TYPE_ARRAY:
		return form_array(form, view, format, data, size);
	case TYPE_COMPOSITE:
		return form_composite(form, view, format, data, size);
	case TYPE_RANGE:
		return form_range(form, view, format, data, size);
	case TYPE_OTHER:
	case TYPE_DOMAIN:
		break;
	}
	return form_other(form, format, data, size);
}

int form_value(struct form *form, uint32_t type, uint8_t format,
	       const uint8_t *data, size_t size)
{
	struct type_view view = type_view_of(form->catalog, type);
	int result;

	if (form->depth >= FORM_DEPTH_LIMIT)
		return -1;
	form->depth++;
	result = form_viewed(form, &view, format, data, size);
	form->depth--;
	return result;
}
