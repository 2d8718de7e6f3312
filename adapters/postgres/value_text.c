/*
 * Binary values as the text that the server would send: ISO dates (UTC for
 * instants), IntervalStyle postgres, hex bytes. For people: evidence.
 */
#include "adapters/postgres/value_form.h"

static void put_hex(struct form *out, const uint8_t *data, size_t size)
{
	static const char digits[] = "0123456789abcdef";

	form_string(out, "\\x");
	for (size_t i = 0; i < size; i++) {
		form_byte(out, (uint8_t)digits[data[i] >> 4]);
		form_byte(out, (uint8_t)digits[data[i] & 0xf]);
	}
}

static int put_integer(struct form *out, bool is_unsigned, const uint8_t *data,
		       size_t size)
{
	if (size == 2)
		form_printf(out, "%d", (int16_t)bytes_get_u16(data));
	else if (size == 4 && is_unsigned)
		form_printf(out, "%u", bytes_get_u32(data));
	else if (size == 4)
		form_printf(out, "%d", (int32_t)bytes_get_u32(data));
	else if (size == 8 && is_unsigned)
		form_printf(out, "%llu",
			    (unsigned long long)bytes_get_u64(data));
	else if (size == 8)
		form_printf(out, "%lld", (long long)bytes_get_u64(data));
	else
		return -1;
	return 0;
}

/* Digits before and after the point, according to the display scale. */
static void put_numeric_digits(struct form *out, const uint8_t *digits,
			       size_t count, int weight, unsigned scale)
{
	if (weight < 0)
		form_byte(out, '0');
	for (int place = 0; place <= weight; place++) {
		unsigned digit = (size_t)place < count
				     ? bytes_get_u16(digits + place * 2)
				     : 0;

		form_printf(out, place ? "%04u" : "%u", digit);
	}
	if (scale)
		form_byte(out, '.');
	for (unsigned i = 0; i < scale; i += 4) {
		int place = weight + 1 + (int)(i / 4);
		char text[8];
		unsigned digit = place >= 0 && (size_t)place < count
				     ? bytes_get_u16(digits + place * 2)
				     : 0;

		snprintf(text, sizeof(text), "%04u", digit % 10000);
		form_append(out, text, scale - i < 4 ? scale - i : 4);
	}
}

static int put_numeric(struct form *out, const uint8_t *data, size_t size)
{
	struct form check;
	int valid;

	form_init(&check, NULL);
	valid = form_numeric_binary(&check, data, size);
	form_release(&check);
	if (valid)
		return -1;
	switch (bytes_get_u16(data + 4)) {
	case 0xc000:
		form_string(out, "NaN");
		return 0;
	case 0xd000:
		form_string(out, "Infinity");
		return 0;
	case 0xf000:
		form_string(out, "-Infinity");
		return 0;
	case 0x4000:
		form_byte(out, '-');
		break;
	default:
		break;
	}
	put_numeric_digits(out, data + 8, bytes_get_u16(data),
			   (int16_t)bytes_get_u16(data + 2),
			   bytes_get_u16(data + 6));
	return 0;
}

static int put_float(struct form *out, const uint8_t *data, size_t size)
{
	char text[32];

	if (size == 4) {
		uint32_t bits = bytes_get_u32(data);
		float number;

		memcpy(&number, &bits, sizeof(number));
		number_print_float(number, true, text);
	} else if (size == 8) {
		uint64_t bits = bytes_get_u64(data);
		double number;

		memcpy(&number, &bits, sizeof(number));
		number_print_float(number, false, text);
	} else {
		return -1;
	}
	form_string(out, text);
	return 0;
}

static void put_moment(struct form *out, const struct type_view *view,
		       struct moment moment)
{
	if (moment.days == INT64_MAX || moment.days == INT64_MIN) {
		form_string(out, moment.days > 0 ? "infinity" : "-infinity");
		return;
	}
	form_print_date(moment.days, out);
	if (view->class != TYPE_DATE) {
		form_byte(out, ' ');
		form_print_time(moment.us, out);
	}
	if (view->class == TYPE_TIMESTAMPTZ)
		form_string(out, "+00");
	if (form_is_before_christ(moment.days))
		form_string(out, " BC");
}

static int put_time(struct form *out, const struct type_view *view,
		    const uint8_t *data, size_t size)
{
	struct form form;
	int result;

	form_init(&form, NULL);
	result = view->class == TYPE_DATE ? form_date_binary(&form, data, size)
		 : view->class == TYPE_TIME
		     ? form_time_binary(&form, view->zoned, data, size)
		     : form_timestamp_binary(
			   &form, view->class == TYPE_TIMESTAMPTZ, data, size);
	if (!result && view->class != TYPE_TIME) {
		put_moment(out, view, form_moment(form.data, form.size));
	} else if (!result) {
		form_print_time((int64_t)bytes_get_u64(data), out);
		if (view->zoned) {
			int64_t zone =
			    -(int64_t)(int32_t)bytes_get_u32(data + 8);
			int64_t east = zone < 0 ? -zone : zone;

			form_printf(out, "%c%02d", zone < 0 ? '-' : '+',
				    (int)(east / 3600));
			if (east % 3600)
				form_printf(out, ":%02d",
					    (int)(east / 60 % 60));
			if (east % 60)
				form_printf(out, ":%02d", (int)(east % 60));
		}
	}
	form_release(&form);
	return result;
}

static void put_amount(struct form *out, size_t start, int amount,
		       const char *unit)
{
	if (!amount)
		return;
	if (out->size > start)
		form_byte(out, ' ');
	form_printf(out, "%d %s%s", amount, unit, amount == 1 ? "" : "s");
}

static int put_interval(struct form *out, const uint8_t *data, size_t size)
{
	size_t start = out->size;
	int64_t us;
	int months;

	if (size != 16)
		return -1;
	us = (int64_t)bytes_get_u64(data);
	months = (int32_t)bytes_get_u32(data + 12);
	put_amount(out, start, months / 12, "year");
	put_amount(out, start, months % 12, "mon");
	put_amount(out, start, (int32_t)bytes_get_u32(data + 8), "day");
	if (!us && out->size > start)
		return 0;
	if (out->size > start)
		form_byte(out, ' ');
	if (us < 0) {
		form_byte(out, '-');
		us = us == INT64_MIN ? INT64_MAX : -us;
	}
	form_print_time(us, out);
	return 0;
}

static int put_uuid(struct form *out, const uint8_t *data, size_t size)
{
	if (size != 16)
		return -1;
	for (size_t i = 0; i < size; i++)
		form_printf(out,
			    i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x"
								  : "%02x",
			    data[i]);
	return 0;
}

/* Appends the text of a nested value, in quotes where needed. */
static int put_item(struct form *out, uint32_t type, struct reading *in,
		    const char *special, const char *null)
{
	struct form item;
	uint32_t size;
	bool quote;
	int result = -1;

	if (reading_u32(in, &size))
		return -1;
	if (size == UINT32_MAX) {
		form_string(out, null);
		return 0;
	}
	if (size > in->left)
		return -1;
	form_init(&item, out->catalog);
	item.depth = out->depth;
	if (text_of_binary(&item, type, in->at, size))
		goto done;
	in->at += size;
	in->left -= size;
	quote = !item.size ||
		(*null && item.size == 4 && !memcmp(item.data, null, 4));
	for (size_t i = 0; i < item.size && !quote; i++)
		quote = item.data[i] && strchr(special, item.data[i]);
	if (quote)
		form_byte(out, '"');
	for (size_t i = 0; i < item.size; i++) {
		/* Arrays escape, records and ranges double. */
		if (item.data[i] == '"' || item.data[i] == '\\')
			form_byte(out, *null ? '\\' : item.data[i]);
		form_byte(out, item.data[i]);
	}
	if (quote)
		form_byte(out, '"');
	result = 0;
done:
	form_release(&item);
	return result;
}

static int put_braces(struct form *out, uint32_t type, struct reading *in,
		      const uint8_t *sizes, uint32_t levels)
{
	uint32_t count = bytes_get_u32(sizes);

	form_byte(out, '{');
	for (uint32_t i = 0; i < count; i++) {
		if (i)
			form_byte(out, ',');
		if (levels > 1
			? put_braces(out, type, in, sizes + 8, levels - 1)
			: put_item(out, type, in, "{},\"\\ \t\n", "NULL"))
			return -1;
	}
	form_byte(out, '}');
	return 0;
}

static int put_array(struct form *out, const struct type_view *view,
		     const uint8_t *data, size_t size)
{
	struct reading in = {data, size};
	const uint8_t *sizes;
	uint32_t levels, flags, type;
	uint64_t total = 1;
	bool plain = true;

	if (reading_u32(&in, &levels) || reading_u32(&in, &flags) ||
	    reading_u32(&in, &type) || levels > 6 || in.left / 8 < levels)
		return -1;
	if (!levels) {
		form_string(out, "{}");
		return 0;
	}
	sizes = in.at;
	for (uint32_t i = 0; i < levels; i++) {
		uint32_t count = bytes_get_u32(in.at);

		plain &= bytes_get_u32(in.at + 4) == 1;
		total *= count;
		if (!count || total > size)
			return -1;
		in.at += 8;
		in.left -= 8;
	}
	for (uint32_t i = 0; i < levels && !plain; i++) {
		int64_t lower = (int32_t)bytes_get_u32(sizes + i * 8 + 4);

		form_printf(out, "[%lld:%lld]", (long long)lower,
			    (long long)(lower + bytes_get_u32(sizes + i * 8)) -
				1);
	}
	if (!plain)
		form_byte(out, '=');
	return put_braces(out, view->element ? view->element : type, &in, sizes,
			  levels);
}

static int put_composite(struct form *out, const uint8_t *data, size_t size)
{
	struct reading in = {data, size};
	uint32_t count;

	if (reading_u32(&in, &count) || count > in.left / 8)
		return -1;
	form_byte(out, '(');
	for (uint32_t i = 0; i < count; i++) {
		uint32_t type;

		if (i)
			form_byte(out, ',');
		if (reading_u32(&in, &type) ||
		    put_item(out, type, &in, "(),\"\\ \t\n", ""))
			return -1;
	}
	form_byte(out, ')');
	return 0;
}

static int put_range(struct form *out, uint32_t element, struct reading *in)
{
	static const char special[] = "()[],\"\\ \t\n";
	uint8_t flags;

	if (!in->left)
		return -1;
	flags = *in->at++;
	in->left--;
	if (flags & 1) {
		form_string(out, "empty");
		return 0;
	}
	form_byte(out, flags & 2 ? '[' : '(');
	if (!(flags & 8) && put_item(out, element, in, special, ""))
		return -1;
	form_byte(out, ',');
	if (!(flags & 16) && put_item(out, element, in, special, ""))
		return -1;
	form_byte(out, flags & 4 ? ']' : ')');
	return 0;
}

static int put_ranges(struct form *out, const struct type_view *view,
		      const uint8_t *data, size_t size)
{
	struct reading in = {data, size};
	uint32_t count;

	if (!view->multirange)
		return put_range(out, view->element, &in);
	if (reading_u32(&in, &count) || count > in.left / 5)
		return -1;
	form_byte(out, '{');
	for (uint32_t i = 0; i < count; i++) {
		uint32_t part;

		if (i)
			form_byte(out, ',');
		if (reading_u32(&in, &part) || part > in.left ||
		    put_range(out, view->element, &in))
			return -1;
	}
	form_byte(out, '}');
	return 0;
}

static int put_viewed(struct form *out, const struct type_view *view,
		      const uint8_t *data, size_t size)
{
	switch (view->class) {
	case TYPE_BOOLEAN:
		if (size != 1)
			return -1;
		form_byte(out, *data ? 't' : 'f');
		return 0;
	case TYPE_INTEGER:
		return put_integer(out, view->is_unsigned, data, size);
	case TYPE_NUMERIC:
		return put_numeric(out, data, size);
	case TYPE_FLOAT:
		return put_float(out, data, size);
	case TYPE_TEXT:
	case TYPE_CHAR:
	case TYPE_ENUM:
	case TYPE_JSON:
		form_append(out, data, size);
		return 0;
	case TYPE_JSONB:
		if (!size)
			return -1;
		form_append(out, data + 1, size - 1);
		return 0;
	case TYPE_UUID:
		return put_uuid(out, data, size);
	case TYPE_DATE:
	case TYPE_TIME:
	case TYPE_TIMESTAMP:
	case TYPE_TIMESTAMPTZ:
		return put_time(out, view, data, size);
	case TYPE_INTERVAL:
		return put_interval(out, data, size);
	case TYPE_ARRAY:
		return put_array(out, view, data, size);
	case TYPE_COMPOSITE:
		return put_composite(out, data, size);
	case TYPE_RANGE:
		return put_ranges(out, view, data, size);
	case TYPE_BYTES:
	case TYPE_OTHER:
	case TYPE_DOMAIN:
		break;
	}
	put_hex(out, data, size);
	return 0;
}

int text_of_binary(struct form *out, uint32_t type, const uint8_t *data,
		   size_t size)
{
	struct type_view view = type_view_of(out->catalog, type);
	int result;

	if (out->depth >= FORM_DEPTH_LIMIT)
		return -1;
	out->depth++;
	result = put_viewed(out, &view, data, size);
	out->depth--;
	return result;
}
