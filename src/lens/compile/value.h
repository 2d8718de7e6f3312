/* `values:` of a mapping, and whether two texts are one value. */
#ifndef PARALLAX_LENS_COMPILE_VALUE_H
#define PARALLAX_LENS_COMPILE_VALUE_H

#include "lens/compile/compile.h"

/* Whether two texts are the same value of a type of that class. */
bool lens_same_value(enum type_class class, const char *a, const char *b);
void compile_values(struct compile *compile, const struct lens_column *column,
		    const struct mapping_column *entry);
/* 1 or 0 for a text that a boolean accepts, otherwise -1. */
int lens_boolean(const char *text);

#endif
