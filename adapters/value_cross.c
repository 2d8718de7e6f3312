/*
 * A value on its way to another engine. Engines share the texts of texts, of
 * finite numbers and of JSON; what else there is goes by the canonical form:
 *
 *	1.50	numeric		1.50
 *	t	boolean		yes	as the target's engine writes it
 *	{1,2}	array		{1,2}	if that engine reads the same form in it
 *	(1,2)	point		refused, where the engine has no such type
 */
#include <string.h>

#include "adapters/form.h"
#include "adapters/value.h"

static bool is_shared(const struct form *form)
{
	switch (form->data[0]) {
	case FORM_TEXT:
	case FORM_JSON:
		return true;
	case FORM_NUMBER:
		return form->data[1] >= NUMBER_NEGATIVE &&
		       form->data[1] <= NUMBER_POSITIVE;
	default:
		return false;
	}
}

/* Is it a type of one name on both sides? */
static bool is_same_type(const struct value_side *from,
			 const struct value_target *target)
{
	const struct catalog_type *old, *new;

	if (!from->catalog || !target->catalog)
		return false;
	old = catalog_type(from->catalog, from->type);
	new = catalog_type(target->catalog, target->type);
	return old && new && old->class == new->class &&
	       !strcmp(old->name, new->name);
}

static int write_form(const struct value_target *target,
		      const struct form *form, struct arena *arena,
		      struct value *out)
{
	struct form text;
	int result;

	form_init(&text, target->catalog);
	result = target->ops->write(&text, target, form->data, form->size);
	if (!result)
		*out = (struct value){arena_copy(arena, text.data, text.size),
				      (uint32_t)text.size};
	form_release(&text);
	return result;
}

static bool reads_as(const struct value_target *by, const struct value *text,
		     const struct form *form)
{
	struct form read;
	bool same;

	form_init(&read, by->catalog);
	same = !by->ops->form(&read, by->type, 0, text->data, text->size) &&
	       read.size == form->size &&
	       !memcmp(read.data, form->data, form->size);
	form_release(&read);
	return same;
}

/* The text that was made of a binary value may lack what no text can hold. */
static bool is_whole(const struct value_side *from, const struct form *form,
		     const struct value *text)
{
	const struct value_target itself = {from->ops, from->catalog,
					    from->type};

	return !from->format || reads_as(&itself, text, form);
}

static int cross(const struct value_side *from,
		 const struct value_target *target, const struct form *form,
		 const struct value *text, struct arena *arena,
		 struct value *out)
{
	*out = *text;
	if (is_shared(form))
		return is_whole(from, form, text) ? 0 : -1;
	if (!write_form(target, form, arena, out))
		return 0;
	*out = *text;
	if ((form->opaque || form->unsure) && !is_same_type(from, target))
		return -1;
	return reads_as(target, text, form) ? 0 : -1;
}

static struct value text_of(const struct value_side *from, struct arena *arena)
{
	const char *text;

	if (!from->format)
		return from->value;
	text = value_text(from, arena);
	return (struct value){(const uint8_t *)text, (uint32_t)strlen(text)};
}

int value_cross(const struct value_side *from,
		const struct value_target *target, struct arena *arena,
		struct value *out)
{
	bool known = from->catalog && catalog_type(from->catalog, from->type);
	struct value text;
	struct form form;
	int result = -1;

	*out = from->value;
	if (!from->value.data)
		return 0;
	if (from->format && !value_is_readable(from))
		return -1;
	text = text_of(from, arena);
	*out = text;
	if (from->ops->form == target->ops->form || (!known && !from->format))
		return 0;
	form_init(&form, from->catalog);
	if (!from->ops->form(&form, from->type, from->format, from->value.data,
			     from->value.size))
		result = cross(from, target, &form, &text, arena, out);
	form_release(&form);
	return result;
}
