#include "adapters/postgres/value.h"

#include "adapters/postgres/value_write.h"

static void kind(const struct catalog *catalog, uint32_t type,
		 struct value_kind *out)
{
	struct type_view view = type_view_of(catalog, type);

	out->class = view.class;
	out->single = view.single;
}

static const char *text(const struct catalog *catalog, uint32_t type,
			uint8_t format, struct value in, struct arena *arena)
{
	const char *result;
	struct form form;

	if (!in.data)
		return NULL;
	if (!format)
		return arena_copy(arena, in.data, in.size);
	form_init(&form, catalog);
	if (text_of_binary(&form, type, in.data, in.size)) {
		form.size = 0;
		form_string(&form, "\\x");
		for (uint32_t i = 0; i < in.size; i++)
			form_printf(&form, "%02x", in.data[i]);
	}
	result = arena_copy(arena, form.data, form.size);
	form_release(&form);
	return result;
}

/* The same reader, as of another engine. */
static int form_reduced(struct form *form, uint32_t type, uint8_t format,
			const uint8_t *data, size_t size)
{
	return form_value(form, type, format, data, size);
}

const struct value_ops postgres_values = {
    .form = form_value,
    .kind = kind,
    .text = text,
    .write = write_value,
};

const struct value_ops postgres_values_reduced = {
    .form = form_reduced,
    .kind = kind,
    .text = text,
    .write = write_value_reduced,
};
