/*
 * Arrays, composites and ranges: forms of what they hold, each behind its
 * length, NULL as a length of its own. Forms: array.c, rowtypes.c and
 * rangetypes.c of the server say how they read and travel.
 */
#include "adapters/postgres/value_form.h"

enum { DIMENSIONS_MAX = 6, ITEM_NULL = 0, ITEM_VALUE = 1 };

static int form_item(struct form *form, uint32_t type, uint8_t format,
		     const uint8_t *data, size_t size)
{
	size_t begun;

	form_byte(form, ITEM_VALUE);
	begun = form_begin(form);
	if (form_value(form, type, format, data, size))
		return -1;
	form_end(form, begun);
	return 0;
}

/* A length (-1: NULL) and as many bytes. */
static int form_binary_item(struct form *form, uint32_t type,
			    struct reading *in)
{
	uint32_t size;

	if (reading_u32(in, &size))
		return -1;
	if (size == UINT32_MAX) {
		form_byte(form, ITEM_NULL);
		return 0;
	}
	if (size > in->left || form_item(form, type, 1, in->at, size))
		return -1;
	in->at += size;
	in->left -= size;
	return 0;
}

/* The end of an item: a byte of `stops` outside quotes. */
static size_t item_extent(const struct reading *in, const char *stops)
{
	bool within = false;
	size_t i;

	for (i = 0; i < in->left; i++) {
		uint8_t byte = in->at[i];

		if (!within && byte && strchr(stops, byte))
			break;
		if (byte == '\\')
			i++;
		else if (byte == '"')
			within = !within; /* twice for a doubled one */
	}
	return i;
}

/*
 * Reads one item of a text up to a byte of `stops`, which stays. Quotes may
 * stand anywhere in it; a quote within quotes is doubled or behind a backslash.
 */
static int read_item(struct reading *in, struct arena *arena, const char *stops,
		     struct bytes *item, bool *quoted)
{
	size_t extent = item_extent(in, stops);
	bool within = false;
	size_t used = 0;
	uint8_t *out;

	*quoted = false;
	if (extent >= in->left)
		return -1;
	out = arena_alloc(arena, extent + 1);
	for (size_t i = 0; i < extent; i++) {
		uint8_t byte = in->at[i];

		if (byte == '\\') {
			out[used++] = in->at[++i];
		} else if (byte != '"') {
			out[used++] = byte;
		} else if (within && i + 1 < extent && in->at[i + 1] == '"') {
			out[used++] = '"';
			i++;
		} else {
			within = !within;
			*quoted = true;
		}
	}
	in->at += extent;
	in->left -= extent;
	item->data = out;
	item->size = used;
	return 0;
}

struct dimension {
	uint32_t size;
	int32_t lower;
};

static void form_array_head(struct form *form, const struct type_view *element,
			    const struct dimension *dimensions, size_t count)
{
	form_byte(form, FORM_ARRAY);
	form_byte(form, (uint8_t)type_view_tag(element));
	form_byte(form, (uint8_t)count);
	for (size_t i = 0; i < count; i++) {
		form_u32(form, dimensions[i].size);
		form_u32(form, (uint32_t)dimensions[i].lower);
	}
}

static int form_array_binary(struct form *form, const struct type_view *view,
			     const uint8_t *data, size_t size)
{
	struct reading in = {data, size};
	struct dimension dimensions[DIMENSIONS_MAX] = {{0, 0}};
	struct type_view element;
	uint32_t count, flags, type;
	uint64_t total = 1;

	if (reading_u32(&in, &count) || reading_u32(&in, &flags) ||
	    reading_u32(&in, &type) || count > DIMENSIONS_MAX)
		return -1;
	if (view->element)
		type = view->element;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t lower;

		if (reading_u32(&in, &dimensions[i].size) ||
		    reading_u32(&in, &lower))
			return -1;
		dimensions[i].lower = (int32_t)lower;
		total *= dimensions[i].size;
		if (total > in.left) /* an element has four bytes at least */
			return -1;
	}
	if (!count)
		total = 0;
	element = type_view_of(form->catalog, type);
	form_array_head(form, &element, dimensions, count);
	for (uint64_t i = 0; i < total; i++)
		if (form_binary_item(form, type, &in))
			return -1;
	return in.left ? -1 : 0;
}

static int read_integer(struct reading *in, int64_t *value)
{
	bool negative = reading_skip(in, '-');
	int digits = 0;

	*value = 0;
	while (in->left && *in->at >= '0' && *in->at <= '9') {
		if (++digits > 10)
			return -1;
		*value = *value * 10 + (*in->at - '0');
		in->at++;
		in->left--;
	}
	if (negative)
		*value = -*value;
	return digits ? 0 : -1;
}

/* "[1:2][0:1]=": bounds, where they are not 1. */
static int read_bounds(struct reading *in, struct dimension *dimensions,
		       size_t *count)
{
	*count = 0;
	while (reading_skip(in, '[')) {
		int64_t lower, upper;

		if (*count == DIMENSIONS_MAX || read_integer(in, &lower) ||
		    !reading_skip(in, ':') || read_integer(in, &upper) ||
		    !reading_skip(in, ']'))
			return -1;
		dimensions[*count].lower = (int32_t)lower;
		dimensions[*count].size = (uint32_t)(upper - lower + 1);
		++*count;
	}
	return *count && !reading_skip(in, '=') ? -1 : 0;
}

/* The contents of a text's braces, found while reading. */
struct array_text {
	struct form *items; /* the form so far */
	uint32_t element;
	char stops[4]; /* delimiter and closing brace */
	struct dimension dimensions[DIMENSIONS_MAX];
	size_t depth; /* of the innermost braces; 0: not seen yet */
};

static int read_braces(struct array_text *array, struct reading *in,
		       size_t level)
{
	uint32_t size = 0;

	if (level == DIMENSIONS_MAX || !reading_skip(in, '{'))
		return -1;
	if (level == 0 && reading_skip(in, '}'))
		return 0;
	do {
		struct bytes item;
		bool quoted;

		size++;
		if (in->left && *in->at == '{') {
			if (array->depth && level + 1 >= array->depth)
				return -1;
			if (read_braces(array, in, level + 1))
				return -1;
			continue;
		}
		if (array->depth && array->depth != level + 1)
			return -1;
		array->depth = level + 1;
		if (read_item(in, &array->items->arena, array->stops, &item,
			      &quoted))
			return -1;
		if (!quoted && item.size == 4 && !memcmp(item.data, "NULL", 4))
			form_byte(array->items, ITEM_NULL);
		else if (form_item(array->items, array->element, 0, item.data,
				   item.size))
			return -1;
	} while (reading_skip(in, array->stops[0]));
	if (!reading_skip(in, '}'))
		return -1;
	if (array->dimensions[level].size &&
	    array->dimensions[level].size != size)
		return -1;
	array->dimensions[level].size = size;
	return 0;
}

static int form_array_text(struct form *form, const struct type_view *view,
			   const uint8_t *data, size_t size)
{
	struct reading in = {data, size};
	struct type_view element = type_view_of(form->catalog, view->element);
	struct dimension bounds[DIMENSIONS_MAX];
	struct array_text array = {.element = view->element, .stops = ",}"};
	struct form items;
	size_t bound_count;
	int result = -1;

	if (element.type && !strcmp(element.type->name, "box"))
		array.stops[0] = ';';
	form_init(&items, form->catalog);
	items.depth = form->depth;
	array.items = &items;
	if (read_bounds(&in, bounds, &bound_count) ||
	    read_braces(&array, &in, 0) || in.left)
		goto out;
	if (bound_count && bound_count != array.depth)
		goto out;
	for (size_t i = 0; i < array.depth; i++)
		array.dimensions[i].lower = bound_count ? bounds[i].lower : 1;
	form_array_head(form, &element, array.dimensions, array.depth);
	form_append(form, items.data, items.size);
	form->opaque |= items.opaque;
	form->unsure |= items.unsure;
	result = 0;
out:
	form_release(&items);
	return result;
}

int form_array(struct form *form, const struct type_view *view, uint8_t format,
	       const uint8_t *data, size_t size)
{
	return format ? form_array_binary(form, view, data, size)
		      : form_array_text(form, view, data, size);
}

/* The table whose rows are of that type, or NULL: then a text does not say of
 * what types its fields are. */
static const struct catalog_table *fields_of(const struct form *form,
					     const struct type_view *view)
{
	if (!form->catalog || !view->type)
		return NULL;
	return catalog_table(form->catalog, view->type->schema,
			     view->type->name);
}

static int form_composite_binary(struct form *form, const uint8_t *data,
				 size_t size)
{
	struct reading in = {data, size};
	uint32_t count;

	if (reading_u32(&in, &count) || count > in.left / 8)
		return -1;
	form_byte(form, FORM_COMPOSITE);
	form_u32(form, count);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t type;

		if (reading_u32(&in, &type) ||
		    form_binary_item(form, type, &in))
			return -1;
	}
	return in.left ? -1 : 0;
}

static int form_field_text(struct form *form, const struct catalog_table *table,
			   size_t number, const struct bytes *field)
{
	size_t begun;

	if (table)
		return form_item(form, table->columns[number].type, 0,
				 field->data, field->size);
	form->unsure = true;
	form_byte(form, ITEM_VALUE);
	begun = form_begin(form);
	form_byte(form, FORM_OTHER);
	form_append(form, field->data, field->size);
	form_end(form, begun);
	return 0;
}

static int form_composite_text(struct form *form, const struct type_view *view,
			       const uint8_t *data, size_t size)
{
	const struct catalog_table *table = fields_of(form, view);
	struct reading in = {data, size};
	uint32_t count = 0;
	size_t place;

	form_byte(form, FORM_COMPOSITE);
	place = form->size;
	form_u32(form, 0);
	if (!reading_skip(&in, '('))
		return -1;
	if (in.left == 1 && *in.at == ')' && (!table || !table->column_count))
		return 0; /* no field (one NULL looks the same) */
	do {
		struct bytes field;
		bool quoted;

		if (table && count >= table->column_count)
			return -1;
		if (read_item(&in, &form->arena, ",)", &field, &quoted))
			return -1;
		if (!quoted && !field.size)
			form_byte(form, ITEM_NULL);
		else if (form_field_text(form, table, count, &field))
			return -1;
		count++;
	} while (reading_skip(&in, ','));
	if (!reading_skip(&in, ')') || in.left)
		return -1;
	bytes_put_u32(form->data + place, count);
	return 0;
}

int form_composite(struct form *form, const struct type_view *view,
		   uint8_t format, const uint8_t *data, size_t size)
{
	return format ? form_composite_binary(form, data, size)
		      : form_composite_text(form, view, data, size);
}

enum range_flags { /* as range_send has them */
		   RANGE_EMPTY = 1,
		   RANGE_LOWER_INCLUSIVE = 2,
		   RANGE_UPPER_INCLUSIVE = 4,
		   RANGE_LOWER_INFINITE = 8,
		   RANGE_UPPER_INFINITE = 16,
};

static int form_range_binary(struct form *form, uint32_t element,
			     struct reading *in)
{
	uint8_t flags;

	if (!in->left)
		return -1;
	flags = *in->at++ & 0x1f;
	in->left--;
	form_byte(form, flags);
	if (flags & RANGE_EMPTY)
		return 0;
	if (!(flags & RANGE_LOWER_INFINITE) &&
	    form_binary_item(form, element, in))
		return -1;
	if (!(flags & RANGE_UPPER_INFINITE) &&
	    form_binary_item(form, element, in))
		return -1;
	return 0;
}

static int form_range_text(struct form *form, uint32_t element,
			   struct reading *in)
{
	struct bytes lower, upper;
	bool lower_quoted, upper_quoted;
	uint8_t flags = 0;

	if (in->left >= 5 && !memcmp(in->at, "empty", 5)) {
		in->at += 5;
		in->left -= 5;
		form_byte(form, RANGE_EMPTY);
		return 0;
	}
	if (reading_skip(in, '['))
		flags |= RANGE_LOWER_INCLUSIVE;
	else if (!reading_skip(in, '('))
		return -1;
	if (read_item(in, &form->arena, ",", &lower, &lower_quoted) ||
	    !reading_skip(in, ',') ||
	    read_item(in, &form->arena, ")]", &upper, &upper_quoted))
		return -1;
	if (reading_skip(in, ']'))
		flags |= RANGE_UPPER_INCLUSIVE;
	else if (!reading_skip(in, ')'))
		return -1;
	if (!lower.size && !lower_quoted)
		flags |= RANGE_LOWER_INFINITE;
	if (!upper.size && !upper_quoted)
		flags |= RANGE_UPPER_INFINITE;
	form_byte(form, flags);
	if (!(flags & RANGE_LOWER_INFINITE) &&
	    form_item(form, element, 0, lower.data, lower.size))
		return -1;
	if (!(flags & RANGE_UPPER_INFINITE) &&
	    form_item(form, element, 0, upper.data, upper.size))
		return -1;
	return 0;
}

static int form_multirange_text(struct form *form, uint32_t element,
				struct reading *in)
{
	if (!reading_skip(in, '{'))
		return -1;
	if (reading_skip(in, '}'))
		return 0;
	do {
		if (form_range_text(form, element, in))
			return -1;
	} while (reading_skip(in, ','));
	return reading_skip(in, '}') ? 0 : -1;
}

static int form_multirange_binary(struct form *form, uint32_t element,
				  struct reading *in)
{
	uint32_t count;

	if (reading_u32(in, &count))
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		struct reading range;
		uint32_t size;

		if (reading_u32(in, &size) || size > in->left)
			return -1;
		range.at = in->at;
		range.left = size;
		if (form_range_binary(form, element, &range) || range.left)
			return -1;
		in->at += size;
		in->left -= size;
	}
	return 0;
}

int form_range(struct form *form, const struct type_view *view, uint8_t format,
	       const uint8_t *data, size_t size)
{
	struct type_view element = type_view_of(form->catalog, view->element);
	struct reading in = {data, size};
	int result;

	form_byte(form, view->multirange ? FORM_MULTIRANGE : FORM_RANGE);
	form_byte(form, (uint8_t)type_view_tag(&element));
	if (view->multirange)
		result = format
			     ? form_multirange_binary(form, view->element, &in)
			     : form_multirange_text(form, view->element, &in);
	else
		result = format ? form_range_binary(form, view->element, &in)
				: form_range_text(form, view->element, &in);
	return result || in.left ? -1 : 0;
}
