/* `sequences:`, `types:` and `functions:` of a mapping. */
#ifndef PARALLAX_LENS_COMPILE_NAME_H
#define PARALLAX_LENS_COMPILE_NAME_H

#include "lens/compile/compile.h"

/* The new name of a sequence, type or function. NULL: it is not renamed. */
const struct lens_name *lens_renamed(const struct map *names,
				     const char *schema, const char *name);
/* `sequences:`, `types:`, `functions:` */
void compile_names(struct compile *compile, const struct mapping *mapping);
/* Whether the application has a function of that name. */
bool lens_has_function(const struct lens *lens, const char *name);

#endif
