/*
 * `values:` of a mapping, and whether two texts are one value: of a boolean,
 * 't' and 'on' are. A recoding must be reversible:
 *
 *	state: {column: status, values: {open: 1, new: 1}}
 *
 * is an error, since a 1 that is read back could be either.
 */
#include "lens/compile/value.h"

#include <stdlib.h>
#include <string.h>

#include "lens/compile/find.h"

int lens_boolean(const char *text)
{
	static const char *const words[2][6] = {
	    {"false", "f", "no", "n", "off", "0"},
	    {"true", "t", "yes", "y", "on", "1"}};

	for (int value = 0; value < 2; value++)
		for (int i = 0; i < 6; i++)
			if (!strcasecmp(text, words[value][i]))
				return value;
	return -1;
}

bool lens_same_value(enum type_class class, const char *a, const char *b)
{
	char *a_end, *b_end;
	double a_number, b_number;

	if (!a || !b)
		return !a && !b;
	if (!strcmp(a, b))
		return true;
	switch (class) {
	case TYPE_BOOLEAN:
		return lens_boolean(a) >= 0 &&
		       lens_boolean(a) == lens_boolean(b);
	case TYPE_INTEGER:
	case TYPE_NUMERIC:
	case TYPE_FLOAT:
		a_number = strtod(a, &a_end);
		b_number = strtod(b, &b_end);
		return a_end != a && b_end != b && !*a_end && !*b_end &&
		       a_number == b_number;
	default:
		return false;
	}
}

static enum type_class class_of(const struct catalog *catalog,
				const struct catalog_column *column)
{
	const struct catalog_type *type =
	    column ? catalog_type(catalog, column->type) : NULL;

	return type ? type->class : TYPE_OTHER;
}

void compile_values(struct compile *compile, const struct lens_column *column,
		    const struct mapping_column *entry)
{
	const struct lens *lens = compile->lens;
	enum type_class old = class_of(lens->old_catalog, column->old);
	enum type_class new = class_of(lens->new_catalog, column->stored);

	for (size_t i = 0; i < entry->value_count; i++)
		for (size_t j = 0; j < i; j++) {
			const struct mapping_value *a = &entry->values[i];
			const struct mapping_value *b = &entry->values[j];

			if (lens_same_value(old, a->old_value.text,
					    b->old_value.text))
				compile_report(
				    compile, SEVERITY_ERROR, a->old_value.place,
				    NULL,
				    "value \"%s\" of \"%s\" is given twice",
				    a->old_value.text ? a->old_value.text
						      : "null",
				    column->old->name);
			else if (lens_same_value(new, a->new_value.text,
						 b->new_value.text))
				compile_report(
				    compile, SEVERITY_ERROR, a->new_value.place,
				    NULL,
				    "two values of \"%s\" become \"%s\": what "
				    "is read back could be either",
				    column->old->name,
				    a->new_value.text ? a->new_value.text
						      : "null");
		}
}
